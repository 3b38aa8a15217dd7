//! What `--setup` does where no package has what is missing.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::harness::{CommandOutput, TestEnvironment};

/// A program that answers as the plugin does.
const MAIN: &str = r#"package main

import "os"

func main() {
	if len(os.Args) > 1 && os.Args[1] == "docker-cli-plugin-metadata" {
		println(`{"SchemaVersion":"0.1.0","Vendor":"a test"}`)
		return
	}
	os.Stdout.WriteString("github.com/docker/buildx v0.25.0 0\n")
}
"#;

/// A module proxy that has this as buildx, in a folder.
fn proxy(environment: &TestEnvironment, main: &str) {
    let folder = "proxy/github.com/docker/buildx/@v";
    let module = "module github.com/docker/buildx\n\ngo 1.19\n";
    environment.write(&format!("{folder}/list"), "v0.25.0\n");
    environment.write(
        &format!("{folder}/v0.25.0.info"),
        r#"{"Version":"v0.25.0","Time":"2025-06-18T00:00:00Z"}"#,
    );
    environment.write(&format!("{folder}/v0.25.0.mod"), module);
    let root = "github.com/docker/buildx@v0.25.0";
    let files = [
        (format!("{root}/go.mod"), module),
        (format!("{root}/cmd/buildx/main.go"), main),
    ];
    zip(&environment.path(folder).join("v0.25.0.zip"), &files);
}

/// Writes an archive whose files are stored as they are.
fn zip(path: &Path, files: &[(String, &str)]) {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut sum = flate2::Crc::new();
        sum.update(text.as_bytes());
        let size = u32::try_from(text.len()).unwrap();
        let mut entry = Vec::new();
        // Version, flags, method, time, date; the sum, both sizes; the name's length and that of what is extra.
        entry.extend([20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
        for word in [sum.sum(), size, size, u32::try_from(name.len()).unwrap()] {
            entry.extend(word.to_le_bytes());
        }
        let place = u32::try_from(bytes.len()).unwrap();
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&entry);
        bytes.extend(name.as_bytes());
        bytes.extend(text.as_bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&entry);
        directory.extend([0; 10]);
        directory.extend(place.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    let (size, place) = (directory.len() as u32, bytes.len() as u32);
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].concat());
    bytes.extend([size.to_le_bytes(), place.to_le_bytes()].concat());
    bytes.extend([0, 0]);
    fs::File::create(path).unwrap().write_all(&bytes).unwrap();
}

/// A machine without a package manager, with a docker command that has no plugin yet.
fn environment(main: &str) -> TestEnvironment {
    let mut environment = TestEnvironment::new();
    for manager in ["apt-get", "dnf", "apk", "brew"] {
        if environment
            .path("bin")
            .join(manager)
            .symlink_metadata()
            .is_ok()
        {
            environment.remove_tool(manager);
        }
    }
    environment.fake_tool(
        "docker",
        "#!/bin/sh\n[ \"$1\" = buildx ] && exec \"$HOME/.docker/cli-plugins/docker-buildx\" \"$@\"\necho Docker version 28.2.2, build e6534b4\n",
    );
    proxy(&environment, main);
    let address = format!("file://{}", environment.path("proxy").display());
    environment.set("GOPROXY", address);
    environment.set("GOSUMDB", "off");
    environment
}

fn doctor(environment: &TestEnvironment, more: &str) -> CommandOutput {
    environment.kubewright(&format!("doctor --for quick-release --repo demo {more}"))
}

#[test]
fn buildx_is_built_from_its_module_where_no_package_has_it() {
    let environment = environment(MAIN);
    let plugin = environment.path("user/.docker/cli-plugins/docker-buildx");
    let lacking = doctor(&environment, "").code(3);
    assert!(
        lacking.stdout.contains("there is no `docker buildx`"),
        "{lacking}"
    );
    lacking.says("`--setup` builds `docker buildx` from its Go module");
    // It is asked for, and there is no terminal to ask at.
    doctor(&environment, "--setup")
        .code(3)
        .says("nothing was installed: there is no terminal to ask at");
    assert!(!plugin.exists());
    let mended = doctor(&environment, "--setup --yes")
        .says("github.com/docker/buildx/cmd/buildx@v0.25.0 into ");
    assert!(
        !mended.stdout.contains("there is no `docker buildx`"),
        "{mended}"
    );
    assert!(plugin.exists());
}

#[test]
fn a_module_that_does_not_compile_leaves_nothing() {
    let environment = environment("package main\n");
    let failed = doctor(&environment, "--setup --yes").code(3);
    failed.says("`go build -ldflags");
    assert!(!environment.path("user/.docker").exists());
}

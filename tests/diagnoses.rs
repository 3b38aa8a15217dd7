//! Failures that are provoked for real, and what is said of them: through kubewright, or by raw make where kubewright itself
//! prevents them.

use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;

use crate::harness::{TestEnvironment, can_mount, fill_cache, host_platform, real_tool};

/// A clone of the embedded repository on which make is called without kubewright.
struct Raw {
    environment: TestEnvironment,
    tree: PathBuf,
}

impl Raw {
    fn new(reference: &str) -> Raw {
        let environment = TestEnvironment::new();
        let tree = environment.clone_demo("work/kubernetes", reference);
        Raw { environment, tree }
    }

    fn warm(reference: &str) -> Raw {
        let raw = Raw::new(reference);
        fill_cache(&raw.tree);
        raw
    }

    /// Runs a command of a shell, which ends with this code, and diagnoses what it printed.
    #[track_caller]
    fn diagnosed(&self, command: &str, code: i32) -> String {
        let log = self.environment.bash(
            &self.tree,
            &format!("export TERM=dumb; {{ {command}; }} 2>&1"),
        );
        self.environment.write("work/build.log", &log.stdout);
        assert_eq!(log.code, Some(code), "{}", log.stdout);
        let found = self.environment.kubewright("diagnose build.log").success();
        // The line of the log has paths and versions in it, and stands at another place on another machine.
        let lines: Vec<String> = found
            .to_string()
            .lines()
            .map(|line| match line.split_once(": ") {
                Some((number, _)) if number.starts_with("  line ") => "  [LINE]".to_owned(),
                _ => line.to_owned(),
            })
            .collect();
        assert!(lines.len() > 1, "{}", log.stdout);
        lines.join("\n")
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.tree.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replace(from, to)).unwrap();
    }
}

const HOST_GO: &str = "export FORCE_HOST_GO=y GOTOOLCHAIN=local";

#[test]
fn code_that_does_not_compile() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let failed =
        environment.kubewright("build component kubectl --repo demo -- GOFLAGS=-tags=broken");
    // The host's Go may be the one that the tree names.
    let go = environment.manifest().plan.unwrap().toolchain.version;
    let failed = failed.to_string().replace(&format!(" --go {go}"), "");
    assert_snapshot!(failed, @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
     Building  kubectl [PLATFORM]
    error: kubectl [PLATFORM] did not build: the code does not compile: the first error is in `pkg/printers/broken.go`
      caused by: step `make kubectl GOFLAGS=-tags=broken` exited with 2
      log: [ROOT]/home/runs/[RUN]/make-kubectl.log, line 5: pkg/printers/broken.go:10:9: cannot use columns (variable of type []string) as string value in return statement

    hint: Mend the code; `-e` makes the compiler show every error instead of the first ten: `kubewright build component kubectl --repo demo --ref v0.2.0 --platform [PLATFORM] -- GOFLAGS=-tags=broken GOGCFLAGS=-e`
    [exit code 1]
    ");
    let run = environment.manifest();
    let log = environment.path(&format!("home/runs/{}/make-kubectl.log", run.run));
    let found = environment
        .run(&["diagnose", log.to_str().unwrap()])
        .success();
    assert!(found.stdout.contains("pkg/printers/broken.go"), "{found}");
    let json = environment
        .run(&["diagnose", log.to_str().unwrap(), "--format", "json"])
        .success()
        .json();
    assert!(json["diagnosis"]["line_number"].as_u64().unwrap() > 1);
}

#[test]
fn a_log_without_a_known_failure() {
    let environment = TestEnvironment::new();
    environment.write(
        "work/build.log",
        "+++ [0101 00:00:00] Building go targets\nall is well\n",
    );
    assert_snapshot!(environment.kubewright("diagnose build.log"), @r"no known failure is in this log");
}

/// Row 1 of the facts: the kernel kills the compiler in a cgroup that is too small for it. Where no cgroup can be made, the
/// compiler is killed by hand: the text is the same.
#[test]
fn a_compiler_that_was_killed() {
    let raw = Raw::new("v0.2.0");
    let command = match Cgroup::with_limit(40 << 20) {
        Some(cgroup) => {
            let join = format!("echo $BASHPID > {}/cgroup.procs", cgroup.0.display());
            let found = raw.diagnosed(&format!("{HOST_GO}; ({join}; exec make kubectl GOFLAGS=-p=1)"), 2);
            drop(cgroup);
            assert_snapshot!(found, @r"
            cause: the compiler or linker was killed because the memory ran out
              [LINE]
            fix: Compile fewer packages at once; one job takes the least memory.
              kubewright build component kubectl --source . --jobs 1
            see: https://github.com/kubernetes/kubernetes/issues/11852
            ");
            return;
        }
        None => raw.environment.write(
            "wrapper/compile",
            "#!/bin/bash\n[[ \"$1\" == */compile && \"$2\" != -V=full ]] && kill -KILL $$\nexec \"$@\"\n",
        ),
    };
    fs::set_permissions(
        &command,
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    let found = raw.diagnosed(
        &format!(
            "{HOST_GO}; make kubectl GOFLAGS=-toolexec={}",
            command.display()
        ),
        2,
    );
    assert!(
        found.contains("was killed because the memory ran out"),
        "{found}"
    );
}

/// A memory cgroup, of version 1 or 2, that is gone with this value.
struct Cgroup(PathBuf);

impl Cgroup {
    fn with_limit(bytes: u64) -> Option<Cgroup> {
        let name = format!("kubewright-test-{}", std::process::id());
        for (root, file) in [
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            ("/sys/fs/cgroup", "memory.max"),
        ] {
            let folder = Path::new(root).join(&name);
            if fs::create_dir(&folder).is_err() {
                continue;
            }
            let cgroup = Cgroup(folder);
            if fs::write(cgroup.0.join(file), bytes.to_string()).is_ok() {
                // Swap would only make it slow; where there is none, the file may be absent.
                let _ = fs::write(cgroup.0.join("memory.swap.max"), "0");
                let _ = fs::write(
                    cgroup.0.join("memory.memsw.limit_in_bytes"),
                    bytes.to_string(),
                );
                return Some(cgroup);
            }
        }
        None
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

/// Row 5.
#[test]
fn a_disk_that_is_full() {
    let raw = Raw::warm("v0.2.0");
    let make = "make kubectl";
    let command = if can_mount() {
        let flags = if rustix::process::geteuid().is_root() {
            "--mount"
        } else {
            "--user --map-root-user --mount"
        };
        format!(
            "{HOST_GO}; unshare {flags} sh -c 'mount -t tmpfs -o size=1m tmpfs $TMPDIR && {make}'"
        )
    } else {
        format!("{HOST_GO}; {make} > /dev/full")
    };
    assert_snapshot!(raw.diagnosed(&command, 2), @r"
    cause: a file system is full: `_output`, the folder for temporary files, or the layers of the container engine
      [LINE]
    fix: Make room; TMPDIR moves Go's temporary files, and `source gc` and `runs gc` remove what is not needed any more.
      kubewright source gc
    see: https://github.com/kubernetes/kubernetes/issues/39162
    ");
}

/// Row 6: the build ends well and there is no binary.
#[test]
fn a_build_without_rsync() {
    let raw = Raw::new("v0.1.0");
    raw.environment.remove_tool("rsync");
    assert_snapshot!(raw.diagnosed("make kubectl", 0), @r"
    cause: rsync is not installed: trees up to 1.34 place binaries with it, and make ends with 0 without them
      [LINE]
    fix: Install rsync; what was compiled lies in `_output/local/go/bin`.
      kubewright build component kubectl --source . --setup
    see: https://github.com/kubernetes/kubernetes/issues/78847
    ");
    let binary = format!("_output/local/bin/{}/kubectl", host_platform());
    assert!(!raw.tree.join(binary).exists());
}

/// Row 8.
#[test]
fn a_go_that_is_too_old() {
    let raw = Raw::new("v0.2.0");
    let go = real_tool("go").display().to_string();
    raw.environment.fake_tool(
        "go",
        &format!("#!/bin/sh\n[ \"$1\" = version ] && exec echo go version go1.18.10 linux/amd64\nexec {go} \"$@\"\n"),
    );
    assert_snapshot!(raw.diagnosed(&format!("{HOST_GO}; make kubectl"), 2), @r"
    cause: the Go on PATH is not what the tree asks for: too old or, for trees up to 1.10 that compare texts, too new
      [LINE]
    fix: kubewright gets the exact Go that the tree asks for.
      kubewright build component kubectl --source .
    see: https://github.com/kubernetes/kubernetes/issues/65905
    ");
}

/// Row 9: the tree's scripts want to download a Go.
#[test]
fn a_go_that_cannot_be_downloaded() {
    let raw = Raw::new("v0.2.0");
    raw.environment.remove_tool("go");
    assert_snapshot!(raw.diagnosed("GOPROXY=off make kubectl", 2), @r"
    cause: gimme, the tree's own downloader, could not get Go 1.24.6: its errors are hidden, mostly there is no way to the download site
      [LINE]
    fix: Get that Go by another way; kubewright then builds with it and without gimme.
      kubewright toolchain install 1.24.6
    see: https://github.com/kubernetes/kubernetes/issues/132204
    ");
}

/// Row 10, in the two forms that a newer and an older Go on PATH give it.
#[test]
fn a_toolchain_that_is_not_there() {
    let raw = Raw::new("v0.2.0");
    fs::write(raw.tree.join(".go-version"), "1.99.9\n").unwrap();
    assert_snapshot!(raw.diagnosed("GOPROXY=off GOTOOLCHAIN=go1.99.9 make kubectl", 2), @r"
    cause: the tree asks for Go 1.99.9, and the Go on PATH cannot download it: the build sets GOPROXY=off, or the proxy is out of reach
      [LINE]
    fix: Get that Go by another way; kubewright then builds with it and without a download.
      kubewright toolchain install 1.99.9
    see: https://github.com/kubernetes/kubernetes/issues/120279
    ");
    raw.replace("go.mod", "\ngo 1.", "\ngo 1.99.0 // 1.");
    raw.replace("go.work", "go 1.", "go 1.99.0 // 1.");
    assert_snapshot!(raw.diagnosed(&format!("{HOST_GO}; make kubectl"), 2), @r"
    cause: the Go on PATH is older than go.mod allows, and GOTOOLCHAIN=local or its age forbids another
      [LINE]
    fix: kubewright gets the exact Go that the tree asks for.
      kubewright build component kubectl --source .
    see: https://github.com/kubernetes/kubernetes/issues/120279
    ");
}

/// Row 20.
#[test]
fn images_of_a_tree_without_a_version() {
    let raw = Raw::warm("v0.2.0");
    fs::remove_dir_all(raw.tree.join(".git")).unwrap();
    raw.environment.fake_tool("docker", "#!/bin/sh\nexit 0\n");
    assert_snapshot!(raw.diagnosed(&format!("{HOST_GO}; make release-images"), 2), @r"
    cause: the version is unknown: the clone has no tag, or there is no `.git`
      [LINE]
    fix: Get the tag; or build by ref, and kubewright gets exactly that tag.
      git fetch --tags origin
    see: https://github.com/kubernetes/kubernetes/issues/131629
    ");
}

/// The exit code is that of the failure, not of the step: nobody has to read the log to know what to try again.
#[test]
fn a_step_that_ends_as_the_table_of_exit_codes_says() {
    let environment = TestEnvironment::new();
    for (said, code) in [
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.",
            7,
        ),
        ("write /tmp/x: no space left on device", 6),
        ("k8s.io/api: compile: signal: killed", 5),
        (
            "fatal: unable to access 'https://example.org/': Could not resolve host: example.org",
            4,
        ),
        ("something else", 1),
    ] {
        environment.fake_tool(
            "make",
            &format!("#!/bin/sh\n[ \"$1\" = --version ] && exec echo GNU Make 4.3\necho \"{said}\"\nexit 2\n"),
        );
        environment
            .kubewright("build target clean --repo demo")
            .code(code);
        assert_eq!(
            environment.manifest().exit_code,
            Some(u8::try_from(code).unwrap())
        );
    }
}

/// Row 22.
#[test]
fn no_compiler_for_another_platform() {
    let raw = Raw::new("v0.2.0");
    let (platform, compiler) = if host_platform() == "linux/arm64" {
        ("linux/amd64", "x86_64-linux-gnu-gcc")
    } else {
        ("linux/arm64", "aarch64-linux-gnu-gcc")
    };
    let package = if host_platform() == "linux/arm64" {
        "gcc-x86-64-linux-gnu"
    } else {
        "gcc-aarch64-linux-gnu"
    };
    let _ = fs::remove_file(raw.environment.path("bin").join(compiler));
    let found = raw.diagnosed(
        &format!("{HOST_GO}; make kubelet KUBE_BUILD_PLATFORMS={platform}"),
        2,
    );
    assert_snapshot!(found.replace(package, "[PACKAGE]"), @r"
    cause: a component with C code (kubelet is one) is built for another architecture, and that C compiler is not installed
      [LINE]
    fix: Install the cross compiler, or leave out the component.
      sudo apt-get install --yes [PACKAGE]
    see: https://github.com/kubernetes/kubernetes/issues/116989
    ");
}

/// Row 23.
#[test]
fn no_compiler_for_c() {
    let raw = Raw::warm("v0.2.0");
    for tool in ["gcc", "cc", "clang"] {
        let _ = fs::remove_file(raw.environment.path("bin").join(tool));
    }
    assert_snapshot!(raw.diagnosed(&format!("{HOST_GO}; make kubelet CGO_ENABLED=1"), 2), @r"
    cause: no C compiler is installed, and a component with C code (kubelet is one) needs it
      [LINE]
    fix: Install gcc.
      kubewright build component kubelet --source . --setup
    see: https://github.com/kubernetes/kubernetes/issues/88764
    ");
}

/// Row 28.
#[test]
fn scripts_that_lost_their_modes() {
    let raw = Raw::new("v0.2.0");
    let script = raw.tree.join("hack/make-rules/build.sh");
    fs::set_permissions(script, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    assert_snapshot!(raw.diagnosed("make kubectl", 2), @r"
    cause: the tree's scripts may not be executed: the tree came from a zip or lost its modes, or its file system is mounted noexec
      [LINE]
    fix: Make them executable; on a file system that forbids it, move the tree.
      find hack build cluster third_party -name '*.sh' -o -name gimme | xargs chmod +x
    see: https://github.com/kubernetes/kubernetes/issues/107926
    ");
    // kubewright sees it before it starts.
    let refused = raw
        .environment
        .kubewright("build component kubectl --source kubernetes")
        .code(3);
    refused.says("not executable");
}

/// Row 30.
#[test]
fn a_makefile_that_is_the_text_of_a_link() {
    let raw = Raw::new("v0.2.0");
    fs::remove_file(raw.tree.join("Makefile")).unwrap();
    fs::write(raw.tree.join("Makefile"), "build/root/Makefile").unwrap();
    assert_snapshot!(raw.diagnosed("make kubectl", 2), @r"
    cause: `Makefile` is a text file instead of a symbolic link: the tree was checked out with core.symlinks=false, or copied by a tool that drops links
      [LINE]
    fix: Take a tree with its links; kubewright makes a checkout of its own.
      kubewright build component COMPONENT --ref REF
    see: https://github.com/kubernetes/community/blob/main/contributors/devel/development.md
    ");
    let refused = raw
        .environment
        .kubewright("build component kubectl --source kubernetes")
        .code(3);
    refused.says("Makefile");
}

//! Container engines for tests: the one that runs on this machine, and small images for it.
//!
//! Without an engine, the tests that need one are left out, and say so; with `KUBEWRIGHT_TEST_ENGINE=1` that is a failure.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use kubewright::cancel::Cancel;
use kubewright::engine::{Engine, ImageReference, Import, Labels, Purpose, endpoints};
use kubewright::settings::Environment;

use super::{TestEnvironment, real_tool};

/// An engine that answers, and an image on it in which make is a program of the tests' own.
pub(crate) struct TestEngine {
    /// Where it listens, as DOCKER_HOST takes it.
    pub(crate) host: String,
    /// The name of the image.
    pub(crate) image: String,
}

/// The name of the image whose only program stands in for make.
const IMAGE: &str = "kubewright/test-make";

/// Tests run side by side, and one of them makes the image.
static MAKING: Mutex<()> = Mutex::new(());

impl TestEngine {
    /// The engine of this machine; `None` where there is none, and the test is left out.
    #[track_caller]
    pub(crate) fn find() -> Option<TestEngine> {
        let host = std::env::var("KUBEWRIGHT_TEST_ENGINE_HOST")
            .unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
        let Some(engine) = connect(&host) else {
            leave_out();
            return None;
        };
        Some(TestEngine {
            image: image(&engine),
            host,
        })
    }

    /// An environment whose builds go to this engine, in the small image.
    pub(crate) fn environment(&self) -> TestEnvironment {
        let mut environment = TestEnvironment::new();
        environment.set("DOCKER_HOST", &self.host);
        environment
    }

    /// The same with the docker command's plugin for images, and the small image as what upstream's scripts compile in.
    pub(crate) fn release_environment(&self) -> TestEnvironment {
        let mut environment = self.environment();
        environment.set("DOCKER_CONFIG", buildx());
        environment
    }

    /// A command line that makes a release of the embedded repository with the small image.
    pub(crate) fn release(&self, target: &str, more: &str) -> String {
        format!(
            "build target {target} --repo demo --image {} {more}",
            self.image
        )
    }

    /// A command line that builds kubectl of the embedded repository with the small image.
    pub(crate) fn build(&self, more: &str) -> String {
        format!(
            "build component kubectl --repo demo --executor docker --image {} {more}",
            self.image
        )
    }

    /// What the engine has of a run, by the docker command's own words: container ids, volumes.
    pub(crate) fn of_run(&self, run: &str) -> Vec<String> {
        let label = format!("label=kubewright.run={run}");
        let mut found = self.docker(&["ps", "-aq", "--filter", &label]);
        found.extend(self.docker(&["volume", "ls", "-q", "--filter", &label]));
        found
    }

    /// Asks the engine by the docker command; the lines of its answer.
    pub(crate) fn docker(&self, arguments: &[&str]) -> Vec<String> {
        let output = Command::new(real_tool("docker"))
            .args(["--host", &self.host])
            .args(arguments)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        text.lines().map(str::to_owned).collect()
    }
}

/// A folder of configuration of the docker command, with the plugin that `cargo xtask test` builds.
fn buildx() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_kubewright"))
        .ancestors()
        .nth(2)
        .unwrap();
    let folder = target.join("buildx");
    assert!(
        folder.join("cli-plugins/docker-buildx").exists(),
        "buildx for tests is not built: `cargo xtask buildx` builds it"
    );
    folder
}

pub(super) fn connect(host: &str) -> Option<Engine> {
    let environment = Environment::default();
    let endpoints = endpoints(Some(host), &environment).ok()?;
    Engine::connect(&endpoints, &environment).ok()
}

/// An engine that is known to answer.
pub(crate) fn connect_engine(host: &str) -> Engine {
    connect(host).unwrap()
}

/// Makes the small image under another name, with the mark of another Go.
pub(crate) fn import_image(engine: &Engine, reference: &ImageReference, go: &str) {
    import(engine, reference, &PROGRAM.0, go);
}

/// The image, made where the engine does not have it.
pub(super) fn image(engine: &Engine) -> String {
    let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let (program, go) = (&PROGRAM.0, &PROGRAM.1);
    let stamp = kubewright::hexadecimal::sha256(&std::fs::read(program).unwrap());
    let reference = ImageReference::new(IMAGE, &stamp[..12]);
    if engine.image(&reference).unwrap().is_none() {
        import(engine, &reference, program, go);
    }
    reference.to_string()
}

/// Makes an image of the program, with the VERSION file of a Go.
fn import(engine: &Engine, reference: &ImageReference, program: &Path, go: &str) {
    let import = Import {
        reference,
        platform: &engine.profile.platform,
        scratch: Path::new(env!("CARGO_TARGET_TMPDIR")),
        environment: &[("PATH", "/bin")],
        entrypoint: &[],
        labels: &Labels::new(Purpose::StandIn, ""),
    };
    let write = |writer: &mut dyn Write| write_image(writer, program, go);
    engine.import(&import, &Cancel::default(), write).unwrap();
}

/// The small image's files, as a layer of an image.
pub(super) fn layer() -> Vec<u8> {
    let mut layer = Vec::new();
    write_image(&mut layer, &PROGRAM.0, &PROGRAM.1).unwrap();
    layer
}

/// The files of an image as an archive: the program by two names, the VERSION file of a Go, a folder for temporary files.
fn write_image(writer: &mut dyn Write, program: &Path, go: &str) -> std::io::Result<()> {
    let mut archive = tar::Builder::new(writer);
    archive.append_path_with_name(program, "bin/make")?;
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Link);
    header.set_size(0);
    header.set_mode(0o755);
    archive.append_link(&mut header, "bin/true", "bin/make")?;
    let version = format!("go{go}\n");
    let mut header = tar::Header::new_gnu();
    header.set_size(version.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, "usr/local/go/VERSION", version.as_bytes())?;
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Directory);
    header.set_size(0);
    header.set_mode(0o1777);
    archive.append_data(&mut header, "tmp", std::io::empty())?;
    archive.finish()
}

/// The program that stands in for make in containers, and the version of the Go that built it.
static PROGRAM: LazyLock<(PathBuf, String)> = LazyLock::new(|| {
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/engine/make");
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let program = place.join(format!("engine-make-{}", std::process::id()));
    let built = Command::new(real_tool("go"))
        .args(["build", "-trimpath", "-ldflags=-s -w -buildid=", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(source)
        .env("CGO_ENABLED", "0")
        .env("GOFLAGS", "-buildvcs=false")
        .status()
        .unwrap();
    assert!(built.success());
    // Processes of several test runs make the same bytes; the last one's stay.
    let stable = place.join("engine-make");
    std::fs::rename(&program, &stable).unwrap();
    let version = Command::new(real_tool("go"))
        .args(["env", "GOVERSION"])
        .output()
        .unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let version = version.split_whitespace().next().unwrap();
    (stable, version.trim_start_matches("go").to_owned())
});

/// Says, past the capturing of test output, that one more test was left out.
#[track_caller]
pub(super) fn leave_out() {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::SeqCst) + 1;
    let wanted = std::env::var_os("KUBEWRIGHT_TEST_ENGINE").is_some_and(|value| value == "1");
    assert!(
        !wanted,
        "no container engine answers, and KUBEWRIGHT_TEST_ENGINE=1 asks for one"
    );
    let _ = writeln!(
        std::io::stderr(),
        "left out for want of a container engine: {count} so far"
    );
}

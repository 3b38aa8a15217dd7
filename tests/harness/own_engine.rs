//! An engine of a test's own, which can be stopped, killed and filled.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::Signal;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::engine::{connect, image, layer, leave_out};
use super::{
    Registry, TestEngine, TestEnvironment, Trouble, can_mount, processes, real_tool, wait_until,
};

/// The name of the folder of a disk beside the engine's own.
const SMALL_DISK: &str = "small-disk";

/// A Docker engine in namespaces of its own: it sees no other's network, and its disk is small.
pub(crate) struct OwnEngine {
    folder: tempfile::TempDir,
    daemon: Child,
    more: Vec<String>,
}

impl OwnEngine {
    /// Starts one; `None` where that is not possible, and the test is left out.
    #[track_caller]
    pub(crate) fn start(more: &[&str]) -> Option<OwnEngine> {
        let root = rustix::process::geteuid().is_root();
        if !root || !can_mount() || Command::new("dockerd").arg("--version").output().is_err() {
            leave_out();
            return None;
        }
        let folder = tempfile::Builder::new()
            .prefix("kubewright-engine")
            .tempdir()
            .unwrap();
        for name in ["data", "exec"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let more: Vec<String> = more.iter().map(ToString::to_string).collect();
        let daemon = daemon(folder.path(), &more, true);
        let engine = OwnEngine {
            folder,
            daemon,
            more,
        };
        engine.wait();
        Some(engine)
    }

    fn wait(&self) {
        wait_until("the engine answers", || connect(&self.host()).is_some());
    }

    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.path("docker.sock").display())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A registry that this engine reaches, with the small image for an architecture. Nobody else reaches it.
    pub(crate) fn registry(&self, architecture: &str, trouble: Trouble) -> Registry {
        let network = File::open(format!("/proc/{}/ns/net", self.daemon.id())).unwrap();
        // A socket stays in the network that its thread was in when it was made.
        let listening = std::thread::spawn(move || {
            let kind = Some(LinkNameSpaceType::Network);
            move_into_link_name_space(network.as_fd(), kind).unwrap();
            TcpListener::bind("127.0.0.1:0").unwrap()
        });
        Registry::serve(listening.join().unwrap(), layer(), architecture, trouble)
    }

    /// Mounts a small disk where the engine sees it, too.
    pub(crate) fn small_disk(&self, size: &str) -> PathBuf {
        let folder = self.path(SMALL_DISK);
        fs::create_dir(&folder).unwrap();
        mount(&folder, size);
        folder
    }

    /// The same as an engine that is not the test's own.
    pub(crate) fn engine(&self) -> TestEngine {
        TestEngine {
            image: image(&connect(&self.host()).unwrap()),
            host: self.host(),
        }
    }

    /// A program in the engine's own network.
    pub(crate) fn beside(&self, environment: &TestEnvironment, line: &str) -> Command {
        let mut command = environment.program("nsenter");
        command
            .args(["--net", "--target", &self.daemon.id().to_string()])
            .arg(env!("CARGO_BIN_EXE_kubewright"))
            .args(line.split_whitespace());
        command
    }

    /// Ends the daemon by a signal. A daemon that is killed leaves its containers, of which the next one takes care.
    pub(crate) fn end(&mut self, signal: Signal) {
        processes::send(self.daemon.id(), signal);
        self.daemon.wait().unwrap();
    }

    /// Starts the daemon again, on what it had stored.
    pub(crate) fn restart(&mut self) {
        // What ran below a daemon that was killed ends with it, but not at once, and the next one takes it for its own.
        wait_until("containerd is gone", || {
            let running = processes::running_below(self.folder.path());
            !running.iter().any(|it| it.contains("containerd --config"))
        });
        for name in ["pid", "exec/containerd/containerd.pid"] {
            let _ = fs::remove_file(self.path(name));
        }
        self.daemon = daemon(self.folder.path(), &self.more, false);
        self.wait();
    }
}

impl Drop for OwnEngine {
    fn drop(&mut self) {
        if matches!(self.daemon.try_wait(), Ok(None)) {
            self.end(Signal::TERM);
        }
        for disk in ["data", SMALL_DISK] {
            let _ = Command::new("umount").arg(self.path(disk)).output();
        }
    }
}

fn mount(folder: &Path, size: &str) {
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
        .arg(folder)
        .status()
        .unwrap();
    assert!(mounted.success());
}

fn daemon(folder: &Path, more: &[String], is_new: bool) -> Child {
    let at = |name: &str| folder.join(name).display().to_string();
    // Mounted where all see it, since the next daemon must find it there.
    if is_new {
        mount(&folder.join("data"), "96m");
    }
    let log = File::create(folder.join("log")).unwrap();
    Command::new("unshare")
        .args(["--net", "sh", "-c", "ip link set lo up; exec \"$0\" \"$@\""])
        .arg(real_tool("dockerd"))
        .args(["--data-root", &at("data"), "--exec-root", &at("exec")])
        .args([
            "--pidfile",
            &at("pid"),
            "--host",
            &format!("unix://{}", at("docker.sock")),
        ])
        .args(["--bridge=none", "--iptables=false", "--storage-driver=vfs"])
        .args(more)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}

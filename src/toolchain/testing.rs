//! What the tests of this folder need: fake `go` programs and a small HTTP server.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::Surroundings;

/// A machine of its own: PATH, home and store lie in a temporary folder.
pub(super) struct Fixture {
    folder: PathBuf,
    pub(super) surroundings: Surroundings,
    _temporary: tempfile::TempDir,
}

impl Fixture {
    pub(super) fn new() -> Fixture {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().canonicalize().unwrap();
        let mut fixture = Fixture {
            surroundings: Surroundings {
                path: OsString::new(),
                home: folder.join("home"),
                environment: BTreeMap::new(),
                store: folder.join("store"),
                download_base: "http://127.0.0.1:1".to_owned(),
                offline: false,
            },
            folder,
            _temporary: temporary,
        };
        fixture.set_path(&[]);
        fixture
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Sets PATH to folders of the fixture, and the system's for what scripts call.
    pub(super) fn set_path(&mut self, folders: &[&str]) {
        let own = folders.iter().map(|folder| self.path(folder));
        // A machine's own Go must not be found: only a folder without one can follow.
        let system = ["/bin", "/usr/bin"]
            .map(PathBuf::from)
            .into_iter()
            .filter(|folder| !folder.join("go").exists());
        self.surroundings.path = std::env::join_paths(own.chain(system)).unwrap();
    }

    /// Writes an executable shell script.
    pub(super) fn script(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path(path);
        write_script(&path, text);
        path
    }

    /// Makes a Go that knows its version and root; returns the root.
    pub(super) fn fake_go(&self, root: &str, version: &str) -> PathBuf {
        let root = self.path(root);
        fs::create_dir_all(root.join("bin")).unwrap();
        fs::write(root.join("VERSION"), format!("go{version}")).unwrap();
        write_script(&root.join("bin/go"), &fake_go_script(version));
        root
    }

    /// Makes a Go whose downloads work as `download` says: a script that finds what it is to
    /// download in `$GOTOOLCHAIN`.
    pub(super) fn fake_downloader(&mut self, version: &str, download: &str) {
        let root = self.fake_go("downloader", version);
        let script = format!(
            "case \"$1 $2\" in 'env -json') echo '{{\"GOPROXY\":\"https://proxy.example\",\"GOAUTH\":\"\"}}'; exit;; esac\n\
             if [ \"$GOTOOLCHAIN\" != local ]; then\n{download}\nexit\nfi\n{}",
            fake_go_script(version)
        );
        write_script(&root.join("bin/go"), &script);
        self.set_path(&["downloader/bin"]);
    }
}

fn write_script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    // By rename from a child: a program that another thread's child still holds open for writing
    // cannot be run.
    let status = std::process::Command::new("/bin/sh")
        .args([
            "-c",
            "printf '%s' \"$1\" > \"$2\" && chmod 755 \"$2\"",
            "sh",
        ])
        .arg(format!("#!/bin/sh\n{text}\n"))
        .arg(path)
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o111, 0o111);
}

/// A script that answers `go version` and `go env GOROOT` from where it lies, through links too.
pub(super) fn fake_go_script(version: &str) -> String {
    format!(
        "case $1 in\n\
         version) echo go version go{version} linux/amd64;;\n\
         *) self=$(readlink -f \"$0\"); dirname \"$(dirname \"$self\")\";;\n\
         esac"
    )
}

/// A gzipped tar archive of a fake Go, laid out as Go's own.
pub(super) fn fake_archive(version: &str) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let script = format!("#!/bin/sh\n{}\n", fake_go_script(version));
    for (path, content, mode) in [
        ("go/VERSION", format!("go{version}"), 0o644),
        ("go/bin/go", script, 0o755),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(mode);
        archive
            .append_data(&mut header, path, content.as_bytes())
            .unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

/// What the server sends for a path.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) body: Vec<u8>,
    /// How much of the body is really sent before the connection is closed.
    pub(super) sent: usize,
}

impl Answer {
    pub(super) fn whole(body: impl Into<Vec<u8>>) -> Answer {
        let body = body.into();
        Answer {
            sent: body.len(),
            body,
        }
    }
}

/// A server on loopback that answers from a table, and 404 otherwise. Its thread ends with the test
/// process.
pub(super) struct Server {
    pub(super) base: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(super) fn start(answers: HashMap<String, Answer>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let path = serve(stream.unwrap(), &answers);
                seen.lock().unwrap().push(path);
            }
        });
        Server { base, requests }
    }

    /// The paths that were asked for so far.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, answers: &HashMap<String, Answer>) -> String {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let request = lines.next().unwrap().unwrap();
    while !lines.next().unwrap().unwrap().is_empty() {}
    let path = request.split(' ').nth(1).unwrap().to_owned();
    let (status, answer) = match answers.get(&path) {
        Some(answer) => ("200 OK", answer.clone()),
        None => ("404 Not Found", Answer::whole("no such file")),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.body.len()
    );
    // A client that has gone away is none of the server's business.
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&answer.body[..answer.sent]);
    path
}

//! An engine behind ssh, as the `docker` command reaches it: every connection is one `ssh … docker system dial-stdio`, whose
//! standard input and output are the API's socket.
//!
//! The client library speaks to sockets, so there is one in between, in a folder that only this user can enter.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::settings::Environment;

/// The same patience as the `docker` command's (`cli/connhelper`).
const CONNECT_TIMEOUT: &str = "ConnectTimeout=30";

/// A socket whose connections go through ssh, for as long as this value lives.
#[derive(Debug)]
pub(super) struct Dialer {
    folder: tempfile::TempDir,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    over: AtomicBool,
    children: Mutex<Vec<Child>>,
    /// The last line that ssh said: why a connection does not come about.
    last_words: Mutex<String>,
}

impl Dialer {
    pub(super) fn start(
        destination: &str,
        port: Option<u16>,
        environment: &Environment,
    ) -> io::Result<Dialer> {
        let folder = tempfile::Builder::new()
            .prefix("kubewright-ssh")
            .tempdir()?;
        let listener = UnixListener::bind(folder.path().join("socket"))?;
        let shared = Arc::new(Shared::default());
        let dialer = Dialer {
            folder,
            shared: Arc::clone(&shared),
        };
        let mut arguments = vec!["-T".to_owned(), "-o".to_owned(), CONNECT_TIMEOUT.to_owned()];
        arguments.extend(port.map(|port| format!("-p{port}")));
        arguments.extend(["--", destination, "docker", "system", "dial-stdio"].map(str::to_owned));
        let environment = environment.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.over.load(Ordering::SeqCst) {
                    return;
                }
                if let Err(error) = dial(&arguments, &environment, stream, &shared) {
                    shared.note(&error.to_string());
                }
            }
        });
        Ok(dialer)
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// Why no connection comes about, in ssh's own words.
    pub(super) fn last_words(&self) -> Option<String> {
        let words = self.shared.last_words.lock();
        let words = words.unwrap_or_else(PoisonError::into_inner).clone();
        Some(words).filter(|words| !words.is_empty())
    }
}

impl Drop for Dialer {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        // Wakes the thread that listens.
        let _ = UnixStream::connect(self.socket());
        let children = self.shared.children.lock();
        for child in children.unwrap_or_else(PoisonError::into_inner).iter_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Shared {
    fn note(&self, words: &str) {
        let last = words.lines().rfind(|line| !line.trim().is_empty());
        if let Some(line) = last {
            let mut words = self
                .last_words
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            line.trim().clone_into(&mut words);
        }
    }

    fn keep(&self, child: Child) {
        let mut children = self.children.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that have ended are reaped here: one connection follows the other.
        children.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
        children.push(child);
    }
}

fn dial(
    arguments: &[String],
    environment: &Environment,
    stream: UnixStream,
    shared: &Arc<Shared>,
) -> io::Result<()> {
    let mut child = Command::new("ssh")
        .args(arguments)
        .env_clear()
        .envs(environment.iter())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Ctrl-C is for kubewright, which has yet to stop the container by way of this connection.
        .process_group(0)
        .spawn()?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (up, down) = (stream.try_clone()?, stream);
    thread::spawn(move || {
        if let Some(stdin) = stdin {
            let _ = pass(up, stdin);
        }
    });
    thread::spawn(move || {
        if let Some(stdout) = stdout {
            let _ = pass(stdout, &down);
        }
        let _ = down.shutdown(Shutdown::Write);
    });
    let noted = Arc::clone(shared);
    thread::spawn(move || {
        let mut text = Vec::new();
        let read = stderr.map(|stderr| stderr.take(64 * 1024).read_to_end(&mut text));
        if let Some(Ok(_)) = read {
            noted.note(&String::from_utf8_lossy(&text));
        }
    });
    shared.keep(child);
    Ok(())
}

/// Copies what comes at once: the API waits for answers.
fn pass(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        to.write_all(&buffer[..count])?;
        to.flush()?;
    }
}

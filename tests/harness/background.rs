//! The binary while it runs.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rustix::process::Signal;

use super::{CommandOutput, processes, wait_until};

/// A process whose output is collected while the test goes on.
pub(crate) struct Background {
    child: Child,
    stdout: Collector,
    stderr: Collector,
    root: PathBuf,
}

struct Collector {
    text: Arc<Mutex<String>>,
    thread: JoinHandle<()>,
}

impl Background {
    pub(crate) fn start(mut command: Command, root: &Path) -> Background {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Background {
            stdout: Collector::new(child.stdout.take().unwrap()),
            stderr: Collector::new(child.stderr.take().unwrap()),
            root: root.to_owned(),
            child,
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        processes::send(self.id(), signal);
    }

    /// Waits until standard error has a text; fails the test when the process ends without having said it.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) {
        wait_until(&format!("`{text}` is said"), || {
            let is_over = self.stderr.thread.is_finished();
            let said = self.stderr.text.lock().unwrap();
            let has_said = said.contains(text);
            assert!(has_said || !is_over, "it ended without `{text}`:\n{said}");
            has_said
        });
    }

    /// Whether it has ended.
    pub(crate) fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> CommandOutput {
        let status = self.child.wait().unwrap();
        let output = Output {
            status,
            stdout: self.stdout.join().into_bytes(),
            stderr: self.stderr.join().into_bytes(),
        };
        CommandOutput::new(&output, &self.root)
    }
}

impl Collector {
    fn new(pipe: impl Read + Send + 'static) -> Collector {
        let text = Arc::new(Mutex::new(String::new()));
        let collected = Arc::clone(&text);
        let thread = std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                let mut text = collected.lock().unwrap();
                text.push_str(&line);
                text.push('\n');
            }
        });
        Collector { text, thread }
    }

    fn join(self) -> String {
        self.thread.join().unwrap();
        self.text.lock().unwrap().clone()
    }
}

//! The real API server of tests/apiserver: one for all tests of a run, started by the first that asks.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use super::CommandOutput;

/// A kube-apiserver with its store, behind a plain HTTP address on loopback whose calls are an administrator's.
pub(crate) struct ApiServer {
    address: String,
    agent: ureq::Agent,
    /// It ends with its standard input, which ends with this process, and removes its folder then.
    _process: Child,
}

/// What the API server answers.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status of HTTP.
    pub(crate) code: u16,
    /// The body; null where it is no JSON.
    pub(crate) body: Value,
    /// Its warnings, without their code and agent.
    pub(crate) warnings: Vec<String>,
}

impl ApiServer {
    /// The server of this run. Names in it are shared: a test takes an API group of its own.
    pub(crate) fn shared() -> &'static ApiServer {
        static SHARED: OnceLock<ApiServer> = OnceLock::new();
        SHARED.get_or_init(ApiServer::start)
    }

    fn start() -> ApiServer {
        let folder = tempfile::Builder::new()
            .prefix("kubewright-apiserver")
            .tempdir()
            .unwrap()
            .keep();
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let mut process = Command::new(program())
            .arg("serve")
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut address = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut address).unwrap();
        assert!(
            address.starts_with("http://"),
            "the API server did not start; see {}",
            folder.join("log").display()
        );
        // The server may close a connection just when it is used again.
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_idle_connections(0);
        ApiServer {
            address: address.trim_end().to_owned(),
            agent: config.build().into(),
            _process: process,
        }
    }

    /// The program, which `cargo xtask test` builds.
    pub(crate) fn program() -> PathBuf {
        program()
    }

    /// Its address, such as `http://127.0.0.1:40123`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Asks for a path.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "application/json", "")
    }

    /// Creates what a manifest in YAML or JSON says.
    pub(crate) fn create(&self, path: &str, manifest: &str) -> Answer {
        self.send("POST", path, "application/yaml", manifest)
    }

    /// The table of resources that kubectl shows.
    pub(crate) fn table(&self, path: &str) -> Value {
        let accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
        let request = ureq::http::Request::builder()
            .uri(format!("{}{path}", self.address))
            .header("Accept", accept)
            .body(String::new())
            .unwrap();
        let answer = self.answer(request.clone());
        answer.or_else(|_| self.answer(request)).unwrap().body
    }

    /// Sends a request with a body, or without one where it is empty.
    pub(crate) fn send(&self, method: &str, path: &str, media_type: &str, body: &str) -> Answer {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address))
            .header("Content-Type", media_type)
            .header("Accept", "application/json")
            .body(body.to_owned())
            .unwrap();
        let answer = self.answer(request.clone());
        // The server may break off in the middle of an answer; what has changed something is not asked for twice.
        let is_safe = method == "GET" || path.contains("dryRun=All");
        match answer {
            Err(_) if is_safe => self.answer(request).unwrap(),
            answer => answer.unwrap(),
        }
    }

    fn answer(&self, request: ureq::http::Request<String>) -> Result<Answer, ureq::Error> {
        let mut answer = self.agent.run(request)?;
        let warnings = answer
            .headers()
            .get_all("Warning")
            .iter()
            .map(|header| warning(header.to_str().unwrap_or_default()))
            .collect();
        let text = answer.body_mut().read_to_string()?;
        Ok(Answer {
            code: answer.status().as_u16(),
            body: serde_json::from_str(&text).unwrap_or_default(),
            warnings,
        })
    }

    /// What kubectl reads of files.
    pub(crate) fn documents(files: &[String]) -> Vec<Value> {
        let mut process = Command::new(program())
            .arg("documents")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = process.stdin.take().unwrap();
        let lines = files
            .iter()
            .map(|file| format!("{}\n", Value::from(file.as_str())));
        let lines = lines.collect::<Vec<_>>().concat();
        // Both sides would wait for each other where the pipes are full.
        let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
        let output = process.wait_with_output().unwrap();
        writer.join().unwrap();
        assert!(output.status.success());
        let lines = output.stdout.split(|byte| *byte == b'\n');
        lines
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    /// Runs kubectl against it, in a folder.
    pub(crate) fn kubectl(&self, folder: &Path, arguments: &[&str]) -> CommandOutput {
        let output = Command::new(program())
            .args(["kubectl", "--server", &self.address])
            .args(arguments)
            .env("HOME", folder)
            .env_remove("KUBECONFIG")
            .current_dir(folder)
            .output()
            .unwrap();
        CommandOutput::new(&output, folder)
    }
}

impl Answer {
    /// Fails the test where the server refused.
    #[track_caller]
    pub(crate) fn accepted(self) -> Answer {
        assert!(self.code < 300, "{}: {:#}", self.code, self.body);
        self
    }

    /// What the server finds wrong: field and message of each cause, else its one message.
    pub(crate) fn causes(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let causes = self.body["details"]["causes"].as_array();
        match causes {
            Some(causes) => causes
                .iter()
                .map(|cause| (text(&cause["field"]), text(&cause["message"])))
                .collect(),
            None if self.code >= 300 => vec![(String::new(), text(&self.body["message"]))],
            None => Vec::new(),
        }
    }
}

/// The text of a warning: `299 - "unrecognized format \"x\""`.
fn warning(header: &str) -> String {
    let text = header.splitn(3, ' ').nth(2).unwrap_or(header);
    serde_json::from_str(text).unwrap_or_else(|_| text.to_owned())
}

/// The program, which `cargo xtask test` builds.
fn program() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_kubewright"))
        .ancestors()
        .nth(2)
        .unwrap();
    let program = target.join("apiserver/apiserver");
    assert!(
        program.exists(),
        "the API server for tests is not built: `cargo xtask apiserver` builds it"
    );
    program
}

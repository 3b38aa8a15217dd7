//! Engines that are not there, or not as they should be. These need none.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;

use insta::assert_snapshot;

use crate::harness::TestEnvironment;

/// An engine that answers every request with the same text.
fn fake(socket: &Path, answer: &'static str) {
    let listener = UnixListener::bind(socket).unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let reader = BufReader::new(stream.try_clone().unwrap());
            // The request is over at its empty line: none of these has a body.
            let _ = reader.lines().map_while(Result::ok).find(String::is_empty);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
}

fn status_of(answer: &'static str) -> crate::harness::CommandOutput {
    let mut environment = TestEnvironment::new();
    let socket = environment.path("engine.sock");
    fake(&socket, answer);
    environment.set("DOCKER_HOST", format!("unix://{}", socket.display()));
    environment.kubewright("engine status")
}

#[test]
fn no_engine_at_all() {
    let mut environment = TestEnvironment::new();
    environment.set("DOCKER_HOST", "unix:///nowhere/docker.sock");
    let run = environment.kubewright("build component kubectl --repo demo --executor docker");
    assert_snapshot!(run.code(7), @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    error: no container engine answers at unix:///nowhere/docker.sock
      caused by: there is no such socket

    hint: start it: `sudo systemctl start docker`, or without systemd `sudo dockerd`; `kubewright engine status` looks again
    [exit code 7]
    ");
}

#[test]
fn an_engine_that_does_not_let_this_user_in() {
    let mut environment = TestEnvironment::new();
    let socket = environment.path("engine.sock");
    let _listener = UnixListener::bind(&socket).unwrap();
    fs::set_permissions(&socket, Permissions::from_mode(0o000)).unwrap();
    environment.set("DOCKER_HOST", format!("unix://{}", socket.display()));
    let mut command = if rustix::process::geteuid().is_root() {
        // Root without the right to pass over modes.
        let mut command = environment.program("setpriv");
        command.args(["--bounding-set=-dac_override,-dac_read_search", "--"]);
        command.arg(env!("CARGO_BIN_EXE_kubewright"));
        command
    } else {
        environment.command(&[])
    };
    let run = environment.finish(command.args(["engine", "status"]));
    assert_snapshot!(run.code(7), @r#"
    ------- stderr -------
    error: the container engine at unix://[ROOT]/engine.sock does not let this user in
      caused by: Permission denied (os error 13)

    hint: join the group that may, then log in again: `sudo usermod -aG docker "$USER"`
    [exit code 7]
    "#);
}

#[test]
fn an_address_that_is_none() {
    let mut environment = TestEnvironment::new();
    environment.set("KUBEWRIGHT_ENGINE_HOST", "npipe:////./pipe/docker_engine");
    assert_snapshot!(environment.kubewright("engine status").code(2), @r"
    ------- stderr -------
    error: `npipe:////./pipe/docker_engine` (from the setting engine.host) is no address of a container engine
      caused by: `npipe:////./pipe/docker_engine` is none of unix://, tcp:// and ssh://
    [exit code 2]
    ");
}

#[test]
fn an_engine_that_is_too_old() {
    let run = status_of(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 45\r\nConnection: close\r\n\r\n{\"Version\":\"19.03.8\",\"ApiVersion\":\"1.40\"}    \n",
    );
    assert_snapshot!(run.code(7), @r"
    ------- stderr -------
    error: the container engine at unix://[ROOT]/engine.sock speaks API 1.40, and kubewright needs 1.41

    hint: Docker 20.10 and Podman 4 are new enough
    [exit code 7]
    ");
}

#[test]
fn something_else_than_an_engine() {
    let run = status_of("220 mail.example.org ESMTP\r\n");
    assert_snapshot!(run.code(7), @r"
    ------- stderr -------
    error: no container engine answers at unix://[ROOT]/engine.sock
      caused by: invalid HTTP version parsed

    hint: start it: `sudo systemctl start docker`, or without systemd `sudo dockerd`; `kubewright engine status` looks again
    [exit code 7]
    ");
}

#[test]
fn an_engine_that_hangs_up() {
    assert_snapshot!(status_of("").code(7), @r"
    ------- stderr -------
    error: no container engine answers at unix://[ROOT]/engine.sock
      caused by: connection closed before message completed

    hint: start it: `sudo systemctl start docker`, or without systemd `sudo dockerd`; `kubewright engine status` looks again
    [exit code 7]
    ");
}

#[test]
fn where_this_machine_will_do_auto_asks_for_no_engine() {
    let mut environment = TestEnvironment::warm(&["v0.2.0"]);
    environment.set("DOCKER_HOST", "unix:///nowhere/docker.sock");
    let built = environment
        .kubewright("build component kubectl --repo demo --executor auto")
        .success();
    assert!(!built.stderr.contains("Image"), "{built}");
}

#[test]
fn where_neither_will_do_this_machine_s_reason_is_given() {
    let mut environment = TestEnvironment::new();
    environment.set("DOCKER_HOST", "unix:///nowhere/docker.sock");
    environment.remove_tool("make");
    let run = environment
        .kubewright("build component kubectl --repo demo --executor auto")
        .code(3);
    assert!(run.stderr.contains("there is no `make` on PATH"), "{run}");
}

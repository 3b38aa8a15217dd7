//! Engines that are reached by TLS and by ssh.

use std::fs;
use std::process::Command;

use crate::harness::{OwnEngine, TestEngine, TestEnvironment, wait_until};

/// A certificate authority with certificates for an engine and for whoever calls it.
const CERTIFICATES: &str = r"
set -e
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout ca-key.pem -out ca.pem -subj /CN=ca
openssl req -newkey rsa:2048 -nodes -keyout server-key.pem -out server.csr -subj /CN=localhost
printf 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' > server.ext
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 -out server-cert.pem -extfile server.ext
openssl req -newkey rsa:2048 -nodes -keyout key.pem -out client.csr -subj /CN=client
printf 'extendedKeyUsage=clientAuth\n' > client.ext
openssl x509 -req -in client.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 -out cert.pem -extfile client.ext
";

#[test]
fn by_tls_the_tree_is_sent() {
    let certificates = TestEnvironment::new();
    let folder = certificates.path("work");
    certificates.bash(&folder, CERTIFICATES).success();
    let at = |name: &str| folder.join(name).display().to_string();
    let options = [
        "--host=tcp://127.0.0.1:2376".to_owned(),
        "--tlsverify".to_owned(),
        format!("--tlscacert={}", at("ca.pem")),
        format!("--tlscert={}", at("server-cert.pem")),
        format!("--tlskey={}", at("server-key.pem")),
    ];
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let Some(own) = OwnEngine::start(&options) else {
        return;
    };
    let engine = own.engine();
    let mut environment = engine.environment();
    environment.set("DOCKER_HOST", "tcp://127.0.0.1:2376");
    let bare = environment.finish(&mut own.beside(&environment, "engine status"));
    assert!(bare.code(7).stderr.contains("HTTPS"));
    environment.set("DOCKER_TLS_VERIFY", "1");
    environment.set("DOCKER_CERT_PATH", folder);
    let built = environment.finish(&mut own.beside(&environment, &engine.build("")));
    let built = built.success();
    assert!(fs::metadata(built.lines()[0]).unwrap().len() > 0);
    assert_eq!(engine.docker(&["ps", "-aq"]), Vec::<String>::new());
    let volumes = engine.docker(&["volume", "ls", "-q"]);
    assert!(
        volumes
            .iter()
            .all(|name| name.starts_with("kubewright-cache-")),
        "{volumes:?}"
    );
}

/// A server of ssh on a port of its own, for this user with a key of the test's own.
struct Server {
    daemon: std::process::Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// `None` where there is none to start.
fn server(environment: &TestEnvironment) -> Option<Server> {
    let program = std::path::Path::new("/usr/sbin/sshd");
    if !program.exists() || !rustix::process::geteuid().is_root() {
        return None;
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = port.local_addr().unwrap().port();
    let folder = environment.path("tmp");
    let keys = "ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f key \
                && cp key.pub authorized && chmod 600 authorized && mkdir -p /run/sshd";
    environment.bash(&folder, keys).success();
    let at = |name: &str| folder.join(name).display().to_string();
    environment.write(
        "tmp/server",
        &format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\n\
             PasswordAuthentication no\nPermitRootLogin yes\nPidFile none\nUsePAM no\n",
            at("host"),
            at("authorized")
        ),
    );
    environment.write(
        "tmp/client",
        &format!(
            "Host builder\nHostName 127.0.0.1\nPort {port}\nUser root\nIdentityFile {}\n\
             UserKnownHostsFile {}\nStrictHostKeyChecking accept-new\nLogLevel ERROR\n",
            at("key"),
            at("known")
        ),
    );
    environment.fake_tool(
        "ssh",
        &format!("#!/bin/sh\nexec /usr/bin/ssh -F {} \"$@\"\n", at("client")),
    );
    let daemon = Command::new(program)
        .args(["-D", "-f", &at("server")])
        .spawn()
        .unwrap();
    wait_until("the server listens", || {
        std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    Some(Server { daemon })
}

#[test]
fn by_ssh_as_the_docker_command_does() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let mut environment = engine.environment();
    environment.set("DOCKER_HOST", "ssh://builder");
    let Some(_server) = server(&environment) else {
        return;
    };
    let built = environment.kubewright(&engine.build("")).success();
    assert!(fs::metadata(built.lines()[0]).unwrap().len() > 0);
    let manifest = environment.manifest();
    assert_eq!(manifest.engine.unwrap().address, "ssh://builder");
    assert_eq!(engine.of_run(&manifest.run), Vec::<String>::new());
}

#[test]
fn what_ssh_says_is_passed_on() {
    let mut environment = TestEnvironment::new();
    environment.set("DOCKER_HOST", "ssh://builder");
    environment.fake_tool(
        "ssh",
        "#!/bin/sh\necho 'Permission denied (publickey).' >&2\nexit 255\n",
    );
    let failed = environment.kubewright("engine status").code(7);
    assert!(
        failed
            .stderr
            .contains("caused by: Permission denied (publickey)."),
        "{failed}"
    );
}

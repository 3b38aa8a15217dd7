//! A registry that serves the small image of the tests, as far as engines ask: the pull part of the OCI distribution
//! specification, without authentication.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kubewright::hexadecimal::sha256;
use serde_json::json;

/// What is to go wrong.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Trouble {
    #[default]
    None,
    /// The connection breaks in the middle of the layer.
    BreaksOff,
}

/// A registry on this machine, served until the tests are over.
pub(crate) struct Registry {
    address: SocketAddr,
    served: Arc<Served>,
}

/// The parts of the image, and how often its layer was asked for.
struct Served {
    manifest: Vec<u8>,
    configuration: Vec<u8>,
    layer: Vec<u8>,
    trouble: Trouble,
    layers_asked_for: AtomicUsize,
}

impl Registry {
    /// Serves an image for an architecture to whoever reaches this listener.
    pub(super) fn serve(
        listener: TcpListener,
        layer: Vec<u8>,
        architecture: &str,
        trouble: Trouble,
    ) -> Registry {
        let address = listener.local_addr().unwrap();
        let served = Arc::new(Served::new(layer, architecture, trouble));
        let registry = Registry {
            address,
            served: Arc::clone(&served),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = Arc::clone(&served);
                // Whoever asks may hang up at any time.
                std::thread::spawn(move || served.answer(stream));
            }
        });
        registry
    }

    /// The image's name.
    pub(crate) fn image(&self) -> String {
        format!("{}/test/make:v1", self.address)
    }

    /// How often an engine has begun to get the layer.
    pub(crate) fn pulls(&self) -> usize {
        self.served.layers_asked_for.load(Ordering::SeqCst)
    }
}

impl Served {
    fn new(layer: Vec<u8>, architecture: &str, trouble: Trouble) -> Served {
        let digest = |bytes: &[u8]| format!("sha256:{}", sha256(bytes));
        // The layer is not compressed, so its digest is also that of its content.
        let configuration = json!({
            "architecture": architecture,
            "os": "linux",
            "config": { "Env": ["PATH=/bin"] },
            "rootfs": { "type": "layers", "diff_ids": [digest(&layer)] },
        });
        let configuration = configuration.to_string().into_bytes();
        let part = |kind: &str, bytes: &[u8]| {
            json!({
                "mediaType": format!("application/vnd.docker.{kind}"),
                "size": bytes.len(),
                "digest": digest(bytes),
            })
        };
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": part("container.image.v1+json", &configuration),
            "layers": [part("image.rootfs.diff.tar.gzip", &layer)],
        });
        Served {
            manifest: manifest.to_string().into_bytes(),
            configuration,
            layer,
            trouble,
            layers_asked_for: AtomicUsize::new(0),
        }
    }

    fn answer(&self, mut stream: TcpStream) -> Option<()> {
        let mut first = [0];
        if stream.peek(&mut first).ok()? == 1 && first[0] == TLS_HANDSHAKE {
            // Engines try TLS first, and go on without it when they are answered in plain text.
            let _ = stream.read(&mut [0; 4096]);
            return stream.write_all(b"HTTP/1.0 400 Bad Request\r\n\r\n").ok();
        }
        let reader = BufReader::new(stream.try_clone().ok()?);
        let mut lines = reader.lines().map_while(Result::ok);
        let request = lines.next()?;
        let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        // An engine whose connection broke asks for the rest.
        if head
            .iter()
            .any(|line| line.to_lowercase().starts_with("range:"))
        {
            return None;
        }
        let mut words = request.split_whitespace();
        let (method, path) = (words.next()?, words.next()?);
        let (kind, body, sent) = self.part(method, path)?;
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nDocker-Content-Digest: sha256:{}\r\n\
             Docker-Distribution-Api-Version: registry/2.0\r\nConnection: close\r\n\r\n",
            body.len(),
            sha256(body)
        );
        stream.write_all(head.as_bytes()).ok()?;
        if method == "GET" {
            stream.write_all(&body[..sent]).ok()?;
        }
        Some(())
    }

    /// What is at a path: its type, its bytes, and how many of them are sent.
    fn part(&self, method: &str, path: &str) -> Option<(&'static str, &[u8], usize)> {
        if path == "/v2/" {
            return Some(("application/json", b"{}", 2));
        }
        if path.contains("/manifests/") {
            return Some((MANIFEST, &self.manifest, self.manifest.len()));
        }
        let (_, wanted) = path.split_once("/blobs/sha256:")?;
        if wanted == sha256(&self.configuration) {
            return Some((BYTES, &self.configuration, self.configuration.len()));
        }
        if method == "GET" {
            self.layers_asked_for.fetch_add(1, Ordering::SeqCst);
        }
        let sent = match self.trouble {
            Trouble::None => self.layer.len(),
            Trouble::BreaksOff => self.layer.len() / 2,
        };
        Some((BYTES, &self.layer, sent))
    }
}

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const BYTES: &str = "application/octet-stream";

/// The first byte of a TLS client's first message.
const TLS_HANDSHAKE: u8 = 0x16;

//! One HTTP download that can be cancelled at any moment.

use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use ureq::tls::{PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};
use ureq::{Agent, Proxy};

use super::Surroundings;
use super::error::WayError;
use crate::cancel::Cancel;

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(20);
/// How long a server may say nothing.
const SILENCE: Duration = Duration::from_mins(1);
/// How often a wish to stop is looked for.
const POLL: Duration = Duration::from_millis(50);
/// How much is handed on at once.
const PIECE: usize = 64 << 10;

/// What takes the data as it comes, with the length that the server announced.
pub(super) type OnData<'a> = dyn FnMut(&[u8], Option<u64>) -> Result<(), WayError> + 'a;

/// A download at work. The network is read by a thread of its own, because a read that waits cannot
/// be interrupted.
#[derive(Debug)]
pub(super) struct Transfer {
    url: String,
    pieces: Receiver<Result<Piece, String>>,
}

#[derive(Debug)]
enum Piece {
    Begin(Option<u64>),
    Data(Vec<u8>),
    End,
}

impl Transfer {
    /// Starts to fetch `url`.
    pub(super) fn start(url: &str, surroundings: &Surroundings) -> Result<Transfer, WayError> {
        let agent = agent(url, surroundings).map_err(|reason| refused(url, &reason))?;
        // Bounded: a slow disk slows the network down instead of filling the memory.
        let (sender, pieces) = sync_channel(4);
        let wanted = url.to_owned();
        thread::spawn(move || {
            // A receiver that is gone wants nothing any more.
            if let Err(reason) = fetch(&agent, &wanted, &sender) {
                let _ = sender.send(Err(reason));
            }
        });
        Ok(Transfer {
            url: url.to_owned(),
            pieces,
        })
    }

    /// Hands the whole content to `on_data`.
    pub(super) fn read(&self, cancel: &Cancel, on_data: &mut OnData<'_>) -> Result<(), WayError> {
        let mut length = None;
        loop {
            match self.next(cancel)? {
                Piece::Begin(announced) => length = announced,
                Piece::Data(data) => on_data(&data, length)?,
                Piece::End => return Ok(()),
            }
        }
    }

    fn next(&self, cancel: &Cancel) -> Result<Piece, WayError> {
        let since = Instant::now();
        while since.elapsed() < SILENCE {
            if cancel.is_requested() {
                return Err(WayError::Interrupted);
            }
            match self.pieces.recv_timeout(POLL) {
                Ok(piece) => return piece.map_err(|reason| refused(&self.url, &reason)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(refused(&self.url, "the download broke off"));
                }
            }
        }
        let silence = format!("nothing came for {} s", SILENCE.as_secs());
        Err(refused(&self.url, &silence))
    }
}

fn refused(url: &str, reason: &str) -> WayError {
    let url = without_credentials(url);
    WayError::Refused(format!("cannot download `{url}`: {reason}"))
}

/// A URL as it may be shown: a mirror may need a name and a password.
pub(super) fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let authority = rest.find('/').unwrap_or(rest.len());
    match rest[..authority].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

fn fetch(
    agent: &Agent,
    url: &str,
    pieces: &SyncSender<Result<Piece, String>>,
) -> Result<(), String> {
    let gone = |_| "nobody waits for it any more".to_owned();
    let response = agent.get(url).call().map_err(|error| error.to_string())?;
    let mut body = response.into_body();
    pieces
        .send(Ok(Piece::Begin(body.content_length())))
        .map_err(gone)?;
    let mut reader = body.as_reader();
    loop {
        let mut data = vec![0; PIECE];
        let count = reader.read(&mut data).map_err(|error| error.to_string())?;
        if count == 0 {
            return pieces.send(Ok(Piece::End)).map_err(gone);
        }
        data.truncate(count);
        pieces.send(Ok(Piece::Data(data))).map_err(gone)?;
    }
}

fn agent(url: &str, surroundings: &Surroundings) -> Result<Agent, String> {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::NativeTls)
        .root_certs(root_certificates(surroundings)?)
        .build();
    Ok(Agent::config_builder()
        .proxy(proxy(url, surroundings)?)
        .tls_config(tls)
        .timeout_connect(Some(CONNECT))
        .timeout_per_read(Some(SILENCE))
        .user_agent(concat!("kubewright/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent())
}

/// The certificates that the user trusts: those of SSL_CERT_FILE where it is set, else the
/// system's.
fn root_certificates(surroundings: &Surroundings) -> Result<RootCerts, String> {
    let Some(path) = surroundings.environment.get("SSL_CERT_FILE") else {
        return Ok(RootCerts::PlatformVerifier);
    };
    let shown = path.to_string_lossy();
    let pem = std::fs::read(path)
        .map_err(|error| format!("SSL_CERT_FILE `{shown}` cannot be read: {error}"))?;
    let certificates = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    Ok(RootCerts::from(certificates))
}

/// The proxy that the user's environment names for this URL.
fn proxy(url: &str, surroundings: &Surroundings) -> Result<Option<Proxy>, String> {
    let variable = match url.split_once("://") {
        Some(("http", _)) => "http_proxy",
        _ => "https_proxy",
    };
    let Some(named) = surroundings
        .either_case(variable)
        .or_else(|| surroundings.either_case("all_proxy"))
    else {
        return Ok(None);
    };
    // The value itself may hold a password.
    let unclear = |_| format!("{variable} names no proxy");
    let plain = Proxy::new(named).map_err(unclear)?;
    let mut builder = Proxy::builder(plain.protocol())
        .host(plain.host())
        .port(plain.port());
    if let Some(name) = plain.username() {
        builder = builder.username(name);
    }
    if let Some(password) = plain.password() {
        builder = builder.password(password);
    }
    for exception in surroundings
        .either_case("no_proxy")
        .unwrap_or_default()
        .split(',')
    {
        if !exception.trim().is_empty() {
            builder = builder.no_proxy(exception.trim());
        }
    }
    builder.build().map(Some).map_err(unclear)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Fixture;
    use super::*;

    #[test]
    fn credentials_are_not_shown() {
        for (url, shown) in [
            (
                "https://me:p@ss@mirror.example/go",
                "https://mirror.example/go",
            ),
            ("https://mirror.example/go@1", "https://mirror.example/go@1"),
            ("https://mirror.example", "https://mirror.example"),
        ] {
            assert_eq!(without_credentials(url), shown);
        }
    }

    #[test]
    fn the_proxy_is_the_one_that_the_users_environment_names() {
        let mut fixture = Fixture::new();
        let environment = &mut fixture.surroundings.environment;
        environment.insert(
            "https_proxy".to_owned(),
            "http://me:secret@proxy.example:3128".into(),
        );
        environment.insert("NO_PROXY".to_owned(), "mirror.example".into());
        let of = |url| proxy(url, &fixture.surroundings).unwrap();
        let named = of("https://go.example/x").unwrap();
        assert_eq!((named.host(), named.port()), ("proxy.example", 3128));
        assert_eq!(
            (named.username(), named.password()),
            (Some("me"), Some("secret"))
        );
        assert!(named.is_no_proxy(&"https://mirror.example/x".parse().unwrap()));
        assert!(!named.is_no_proxy(&"https://go.example/x".parse().unwrap()));
        assert!(of("http://go.example/x").is_none());
    }
}

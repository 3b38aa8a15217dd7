//! Where an engine listens.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where an engine listens, and who says so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    /// Where it listens.
    pub address: Address,
    /// The folder with `ca.pem`, `cert.pem` and `key.pem`, where the connection is by TLS.
    pub certificates: Option<PathBuf>,
    /// Who says so.
    pub origin: Origin,
}

/// Where an engine listens.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Address {
    /// A socket on this machine.
    Unix(PathBuf),
    /// A port: `host:port`.
    Tcp(String),
    /// Whatever the `docker` command on the far side of ssh reaches.
    Ssh {
        /// `host` or `user@host`, as the user's ssh knows it.
        destination: String,
        /// The port, where it is not ssh's own choice.
        port: Option<u16>,
    },
}

/// Who says where the engine is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Origin {
    /// The setting `engine.host`.
    Setting,
    /// A variable of the environment.
    Variable(&'static str),
    /// A context of the `docker` command.
    Context(String),
    /// Nobody: a socket in a usual place.
    UsualPlace,
}

/// A text that is no address of an engine.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidAddress {
    /// A scheme that kubewright does not speak.
    #[error("`{0}` is none of unix://, tcp:// and ssh://")]
    Scheme(String),
    /// Nothing behind the scheme.
    #[error("it names no host or socket")]
    Empty,
    /// A port that is no number.
    #[error("its port is no number")]
    Port,
    /// A part that no address of an engine has.
    #[error("it has a path, and the API has none")]
    Path,
    /// An ssh destination that ssh would take for an option.
    #[error("a host does not begin with `-`")]
    Option,
}

impl Address {
    /// Whether the engine shares this machine's files, as far as the address tells: a socket may lead into a virtual
    /// machine, but then it is one that makes the user's files known to it.
    pub fn is_here(&self) -> bool {
        matches!(self, Address::Unix(_))
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Address, InvalidAddress> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        match scheme {
            _ if rest.is_empty() => Err(InvalidAddress::Empty),
            "unix" => Ok(Address::Unix(PathBuf::from(rest))),
            "" if rest.starts_with('/') => Ok(Address::Unix(PathBuf::from(rest))),
            "tcp" | "http" | "https" => tcp(rest),
            "ssh" => ssh(rest),
            _ => Err(InvalidAddress::Scheme(text.to_owned())),
        }
    }
}

fn tcp(rest: &str) -> Result<Address, InvalidAddress> {
    let host = rest.trim_end_matches('/');
    if host.contains('/') {
        return Err(InvalidAddress::Path);
    }
    let port = host
        .rsplit_once(':')
        .filter(|(_, port)| !port.contains(']'));
    match port {
        Some((_, port)) if port.parse::<u16>().is_err() => Err(InvalidAddress::Port),
        Some(_) => Ok(Address::Tcp(host.to_owned())),
        // The port that dockerd documents for the unprotected API.
        None => Ok(Address::Tcp(format!("{host}:2375"))),
    }
}

fn ssh(rest: &str) -> Result<Address, InvalidAddress> {
    let authority = rest.trim_end_matches('/');
    if authority.contains('/') {
        return Err(InvalidAddress::Path);
    }
    // A password in an address would show up in every message.
    let (user, authority) = match authority.rsplit_once('@') {
        Some((user, rest)) => (format!("{}@", user.split(':').next().unwrap_or(user)), rest),
        None => (String::new(), authority),
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => {
            (host, Some(port.parse().map_err(|_| InvalidAddress::Port)?))
        }
        _ => (authority, None),
    };
    let destination = format!("{user}{host}");
    if destination.starts_with('-') || destination.contains("@-") {
        return Err(InvalidAddress::Option);
    }
    Ok(Address::Ssh { destination, port })
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Unix(path) => write!(f, "unix://{}", path.display()),
            Address::Tcp(host) => write!(f, "tcp://{host}"),
            Address::Ssh { destination, port } => {
                write!(f, "ssh://{destination}")?;
                port.map_or(Ok(()), |port| write!(f, ":{port}"))
            }
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Setting => f.write_str("the setting engine.host"),
            Origin::Variable(name) => f.write_str(name),
            Origin::Context(name) => write!(f, "the Docker context {name}"),
            Origin::UsualPlace => f.write_str("its usual place"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match text.parse::<Address>() {
            Ok(address) => address.to_string(),
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn addresses_are_read_as_docker_reads_them() {
        for (text, expected) in [
            ("unix:///run/docker.sock", "unix:///run/docker.sock"),
            ("/run/docker.sock", "unix:///run/docker.sock"),
            ("tcp://10.0.0.1:2376", "tcp://10.0.0.1:2376"),
            ("tcp://[::1]:2376/", "tcp://[::1]:2376"),
            ("tcp://[::1]", "tcp://[::1]:2375"),
            ("https://builder", "tcp://builder:2375"),
            ("ssh://me@builder:2222", "ssh://me@builder:2222"),
            ("ssh://builder", "ssh://builder"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for (text, part) in [
            ("npipe:////./pipe/docker_engine", "none of unix://"),
            ("unix://", "names no host"),
            ("tcp://host:port", "port is no number"),
            ("tcp://host:1/path", "path"),
            ("ssh://-oProxyCommand=x", "begin with `-`"),
            ("ssh://me@-oProxyCommand=x", "begin with `-`"),
        ] {
            assert!(shown(text).contains(part), "{text}: {}", shown(text));
        }
    }

    #[test]
    fn a_password_is_dropped() {
        assert_eq!(shown("ssh://me:secret@builder:22"), "ssh://me@builder:22");
    }
}

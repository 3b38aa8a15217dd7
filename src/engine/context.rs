//! Which engine is meant: the setting, the environment, the `docker` command's context, then the usual places.
//!
//! The order is the `docker` command's (`cli/command/cli.go`, `resolveContextName`): `DOCKER_HOST` beats `DOCKER_CONTEXT`,
//! which beats what `docker context use` chose.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::EngineError;
use super::address::{Address, Endpoint, Origin};
use crate::hexadecimal::sha256;
use crate::settings::Environment;

/// The engines that may be meant, the first first. One that is named stands alone; only sockets in usual places are several.
///
/// # Errors
/// A text that is no address, a context that is not there.
pub fn endpoints(
    setting: Option<&str>,
    environment: &Environment,
) -> Result<Vec<Endpoint>, EngineError> {
    let variable = |name| environment.text(name).filter(|text| !text.is_empty());
    let certificates = certificates(environment);
    let named = |text: &str, origin: Origin| {
        let address = text.parse().map_err(|source| EngineError::Address {
            text: text.to_owned(),
            origin: origin.clone(),
            source,
        })?;
        let certificates = certificates
            .clone()
            .filter(|_| matches!(address, Address::Tcp(_)));
        Ok(vec![Endpoint {
            address,
            certificates,
            origin,
        }])
    };
    if let Some(text) = setting {
        return named(text, Origin::Setting);
    }
    if let Some(text) = variable("DOCKER_HOST") {
        return named(text, Origin::Variable("DOCKER_HOST"));
    }
    if let Some(name) = chosen_context(environment)? {
        return of_context(&name, environment).map(|endpoint| vec![endpoint]);
    }
    if let Some(text) = variable("CONTAINER_HOST") {
        return named(text, Origin::Variable("CONTAINER_HOST"));
    }
    Ok(usual_places(environment))
}

/// Where TLS takes its certificates from, where the environment asks for TLS.
fn certificates(environment: &Environment) -> Option<PathBuf> {
    let set = |name| environment.text(name).filter(|text| !text.is_empty());
    set("DOCKER_TLS_VERIFY")?;
    let folder = set("DOCKER_CERT_PATH").map(PathBuf::from);
    folder.or_else(|| configuration(environment))
}

/// The folder of the `docker` command's own settings.
fn configuration(environment: &Environment) -> Option<PathBuf> {
    if let Some(folder) = environment.get("DOCKER_CONFIG") {
        return Some(PathBuf::from(folder));
    }
    Some(Path::new(environment.get("HOME")?).join(".docker"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Configuration {
    current_context: Option<String>,
}

/// The context that the user chose, if it is another than the default one, which means the usual place.
fn chosen_context(environment: &Environment) -> Result<Option<String>, EngineError> {
    let other = |name: &String| !name.is_empty() && name != "default";
    if let Some(name) = environment.text("DOCKER_CONTEXT") {
        return Ok(Some(name.to_owned()).filter(other));
    }
    let Some(folder) = configuration(environment) else {
        return Ok(None);
    };
    let path = folder.join("config.json");
    let Ok(text) = std::fs::read(&path) else {
        return Ok(None);
    };
    let configuration: Configuration =
        serde_json::from_slice(&text).map_err(|source| EngineError::Configuration {
            path,
            source: source.into(),
        })?;
    Ok(configuration.current_context.filter(other))
}

/// The part of a context's `meta.json` that matters here.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    endpoints: Endpoints,
}

#[derive(Deserialize)]
struct Endpoints {
    docker: Option<DockerEndpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerEndpoint {
    host: String,
}

/// A context lies in a folder that is named by the SHA-256 of its name (`cli/context/store`).
fn of_context(name: &str, environment: &Environment) -> Result<Endpoint, EngineError> {
    let unknown = || EngineError::Context(name.to_owned());
    let contexts = configuration(environment)
        .ok_or_else(unknown)?
        .join("contexts");
    let id = sha256(name.as_bytes());
    let path = contexts.join("meta").join(&id).join("meta.json");
    let text = std::fs::read(&path).map_err(|_| unknown())?;
    let metadata: Metadata =
        serde_json::from_slice(&text).map_err(|source| EngineError::Configuration {
            path,
            source: source.into(),
        })?;
    let origin = Origin::Context(name.to_owned());
    let host = metadata.endpoints.docker.ok_or_else(unknown)?.host;
    let address = host.parse().map_err(|source| EngineError::Address {
        text: host.clone(),
        origin: origin.clone(),
        source,
    })?;
    let certificates = contexts.join("tls").join(&id).join("docker");
    Ok(Endpoint {
        address,
        certificates: certificates.join("ca.pem").exists().then_some(certificates),
        origin,
    })
}

/// Docker's socket, then Docker's and Podman's of this user, then Podman's of the system.
fn usual_places(environment: &Environment) -> Vec<Endpoint> {
    let mut places = vec![PathBuf::from("/var/run/docker.sock")];
    if let Some(run) = environment.get("XDG_RUNTIME_DIR").map(PathBuf::from) {
        places.push(run.join("docker.sock"));
        places.push(run.join("podman/podman.sock"));
    }
    if let Some(home) = environment.get("HOME").map(PathBuf::from) {
        places.push(home.join(".docker/run/docker.sock"));
    }
    places.push(PathBuf::from("/run/podman/podman.sock"));
    let there = places.into_iter().filter(|place| place.exists());
    there
        .map(|place| Endpoint {
            address: Address::Unix(place),
            certificates: None,
            origin: Origin::UsualPlace,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(setting: Option<&str>, variables: &[(&str, &str)]) -> Result<Endpoint, EngineError> {
        let found = endpoints(setting, &Environment::of(variables))?;
        Ok(found.into_iter().next().unwrap())
    }

    /// A folder of the docker command's settings with one context.
    fn configured(name: &str, host: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let id = sha256(name.as_bytes());
        let meta = folder.path().join("contexts/meta").join(&id);
        let tls = folder.path().join("contexts/tls").join(&id).join("docker");
        std::fs::create_dir_all(&meta).unwrap();
        std::fs::create_dir_all(&tls).unwrap();
        std::fs::write(tls.join("ca.pem"), "").unwrap();
        std::fs::write(
            meta.join("meta.json"),
            format!(r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{{"docker":{{"Host":"{host}","SkipTLSVerify":false}}}}}}"#),
        )
        .unwrap();
        std::fs::write(
            folder.path().join("config.json"),
            format!(r#"{{"auths":{{}},"currentContext":"{name}"}}"#),
        )
        .unwrap();
        folder
    }

    #[test]
    fn what_is_said_most_closely_holds() {
        let folder = configured("lab", "tcp://lab:2376");
        let configuration = ("DOCKER_CONFIG", folder.path().to_str().unwrap());
        let host = ("DOCKER_HOST", "unix:///elsewhere");
        let found = first(Some("ssh://far"), &[configuration, host]).unwrap();
        assert_eq!(found.origin, Origin::Setting);
        let found = first(None, &[configuration, host]).unwrap();
        assert_eq!(found.address, Address::Unix("/elsewhere".into()));
        let found = first(None, &[configuration]).unwrap();
        assert_eq!(found.origin, Origin::Context("lab".to_owned()));
        assert_eq!(found.address, Address::Tcp("lab:2376".to_owned()));
        assert!(found.certificates.unwrap().ends_with("docker"));
        let error = first(None, &[configuration, ("DOCKER_CONTEXT", "gone")]).unwrap_err();
        assert!(error.to_string().contains("`gone`"), "{error}");
    }

    #[test]
    fn tls_is_for_ports_only() {
        let tls = [("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CERT_PATH", "/certs")];
        let found = first(Some("tcp://lab:2376"), &tls).unwrap();
        assert_eq!(found.certificates, Some(PathBuf::from("/certs")));
        let found = first(Some("unix:///x"), &tls).unwrap();
        assert_eq!(found.certificates, None);
    }
}

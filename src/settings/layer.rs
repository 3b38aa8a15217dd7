//! The layers of settings: files, the environment, flags; each a table of texts.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::{KEYS, Origin, SettingsError};

/// The process's environment, read once at the start, so that nothing else in the program asks for it.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Environment {
        Environment {
            variables: std::env::vars_os().collect(),
        }
    }

    /// An environment of just these variables.
    pub fn of(variables: &[(&str, &str)]) -> Environment {
        let variables = variables
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        Environment {
            variables: variables.collect(),
        }
    }

    /// A variable's value; `None` also where it is empty, which users mean as "not set".
    pub fn get(&self, name: &str) -> Option<&OsString> {
        self.variables
            .get(std::ffi::OsStr::new(name))
            .filter(|value| !value.is_empty())
    }

    /// A variable's value where it is Unicode.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|value| value.to_str())
    }

    /// Every variable.
    pub fn iter(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.variables.iter()
    }

    /// The user's cache directory, by the XDG base directory specification.
    pub fn cache_directory(&self) -> Option<PathBuf> {
        self.directory("XDG_CACHE_HOME", ".cache")
    }

    fn config_directory(&self) -> Option<PathBuf> {
        self.directory("XDG_CONFIG_HOME", ".config")
    }

    fn directory(&self, variable: &str, below_home: &str) -> Option<PathBuf> {
        // The specification: a path that is not absolute is to be ignored.
        let named = self
            .get(variable)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute());
        named.or_else(|| {
            self.get("HOME")
                .map(|home| Path::new(home).join(below_home))
        })
    }
}

/// The values that one origin sets, as texts.
#[derive(Debug, Default)]
pub struct Layer {
    values: BTreeMap<&'static str, (String, Origin)>,
}

impl Layer {
    /// A layer that sets nothing.
    pub fn none() -> Layer {
        Layer::default()
    }

    /// The layer of the command line: key, flag, and the value where the flag was given.
    pub fn flags<const N: usize>(flags: [(&'static str, &str, Option<String>); N]) -> Layer {
        let given = flags.into_iter().filter_map(|(key, flag, value)| {
            value.map(|value| (key, (value, Origin::Flag(flag.to_owned()))))
        });
        Layer {
            values: given.collect(),
        }
    }

    /// The layer of a recipe: key and value where the recipe has one.
    pub fn recipe<const N: usize>(
        name: &str,
        values: [(&'static str, Option<String>); N],
    ) -> Layer {
        let given = values.into_iter().filter_map(|(key, value)| {
            value.map(|value| (key, (value, Origin::Recipe(name.to_owned()))))
        });
        Layer {
            values: given.collect(),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<(String, Origin)> {
        self.values.get(key).cloned()
    }
}

/// The layers of the files that exist, the lowest first.
pub(super) fn files(
    environment: &Environment,
    directory: &Path,
) -> Result<Vec<Layer>, SettingsError> {
    let mut layers = Vec::new();
    let system = PathBuf::from("/etc/kubewright/config.toml");
    layers.extend(file(&system, Origin::System)?);
    if let Some(config) = environment.config_directory() {
        layers.extend(file(&config.join("kubewright/config.toml"), Origin::User)?);
    }
    for folder in directory.ancestors() {
        if let Some(layer) = file(&folder.join("kubewright.toml"), Origin::Project)? {
            layers.push(layer);
            break;
        }
    }
    Ok(layers)
}

/// The layer of the environment.
pub(super) fn environment(environment: &Environment) -> Layer {
    let set = KEYS.iter().filter_map(|key| {
        let value = environment.text(key.variable)?.to_owned();
        Some((
            key.name,
            (value, Origin::Environment(key.variable.to_owned())),
        ))
    });
    Layer {
        values: set.collect(),
    }
}

fn file(path: &Path, origin: fn(PathBuf) -> Origin) -> Result<Option<Layer>, SettingsError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => return Ok(None),
        Err(source) => {
            return Err(SettingsError::Read {
                path: path.to_owned(),
                source,
            });
        }
    };
    let table = DeTable::parse(&text).map_err(|error| SettingsError::Syntax {
        path: path.to_owned(),
        message: error.to_string(),
    })?;
    let mut layer = Layer::none();
    let mut pending = vec![(String::new(), table.into_inner())];
    while let Some((prefix, table)) = pending.pop() {
        for (name, value) in table {
            let line = text[..name.span().start].lines().count().max(1)
                + usize::from(text[..name.span().start].ends_with('\n'));
            let key = format!("{prefix}{}", name.into_inner());
            match value.into_inner() {
                DeValue::Table(inner) if is_table(&key) => pending.push((format!("{key}."), inner)),
                value => {
                    let known = known_key(path, line, &key)?;
                    layer
                        .values
                        .insert(known, (as_text(&value), origin(path.to_owned())));
                }
            }
        }
    }
    Ok(Some(layer))
}

fn is_table(name: &str) -> bool {
    KEYS.iter().any(|key| {
        key.name
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

fn known_key(path: &Path, line: usize, name: &str) -> Result<&'static str, SettingsError> {
    let known = KEYS.iter().map(|key| key.name);
    known
        .clone()
        .find(|key| *key == name)
        .ok_or_else(|| SettingsError::UnknownKey {
            path: path.to_owned(),
            line,
            key: name.to_owned(),
            near: known
                .map(|key| (strsim::jaro_winkler(key, name), key))
                .filter(|(likeness, _)| *likeness > 0.8)
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, key)| key),
        })
}

/// A value as the text that its key reads; what is neither text, number nor boolean is refused by every key's reader.
fn as_text(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(_) => "an array".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

//! Settings in layers: default < system < user < project < recipe < environment < flags; every value knows its origin.
//!
//! A layer is a table of texts; [`Settings::resolve`] takes for every key the text of the highest layer that has one and
//! reads it. What can be set stands in [`KEYS`], once, for files, environment, `config show` and the documentation.

mod layer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::error::{Explain, Kind};
use crate::toolchain::GoVersion;

pub use layer::{Environment, Layer};

/// One thing that can be set.
#[derive(Debug)]
pub struct Key {
    /// The name in a file; a dot stands for a table.
    pub name: &'static str,
    /// The variable of the environment.
    pub variable: &'static str,
    /// The text that holds where no layer says otherwise; empty for "not set".
    pub default: &'static str,
    /// What it means.
    pub help: &'static str,
}

/// All that can be set, in the order in which it is shown.
pub const KEYS: &[Key] = &[
    Key {
        name: "home",
        variable: "KUBEWRIGHT_HOME",
        default: "",
        help: "where mirrors, checkouts, toolchains and runs are kept; the user's cache directory where it is not set",
    },
    Key {
        name: "repo",
        variable: "KUBEWRIGHT_REPO",
        default: "https://github.com/kubernetes/kubernetes",
        help: "the repository that is built where no other is named",
    },
    Key {
        name: "offline",
        variable: "KUBEWRIGHT_OFFLINE",
        default: "false",
        help: "use no network: only what is already here",
    },
    Key {
        name: "build.jobs",
        variable: "KUBEWRIGHT_JOBS",
        default: "",
        help: "how many packages are compiled at once at the most; chosen from memory and CPUs where it is not set",
    },
    Key {
        name: "build.memory",
        variable: "KUBEWRIGHT_MEMORY",
        default: "",
        help: "the memory that a build may plan with; what is available where it is not set",
    },
    Key {
        name: "build.grace_period",
        variable: "KUBEWRIGHT_GRACE_PERIOD",
        default: "5",
        help: "seconds that a step has to end after the first interrupt",
    },
    Key {
        name: "build.executor",
        variable: "KUBEWRIGHT_EXECUTOR",
        default: "native",
        help: "`native` builds on this machine, `docker` in a container, `auto` natively where this machine can, else in a container",
    },
    Key {
        name: "build.cpus",
        variable: "KUBEWRIGHT_CPUS",
        default: "",
        help: "how many CPUs a build may use, such as 1.5: the limit of a container; all where it is not set",
    },
    Key {
        name: "build.retry_on_oom",
        variable: "KUBEWRIGHT_RETRY_ON_OOM",
        default: "true",
        help: "go on with fewer jobs when a step runs out of memory",
    },
    Key {
        name: "engine.host",
        variable: "KUBEWRIGHT_ENGINE_HOST",
        default: "",
        help: "where the container engine listens: unix://, tcp:// or ssh://; as the docker command finds it where it is not set",
    },
    Key {
        name: "engine.mirrors",
        variable: "KUBEWRIGHT_ENGINE_MIRRORS",
        default: "",
        help: "what to pull kube-cross from before registry.k8s.io/build-image: names without `/kube-cross`, with commas between",
    },
    Key {
        name: "engine.sync",
        variable: "KUBEWRIGHT_ENGINE_SYNC",
        default: "auto",
        help: "how the tree gets to the engine: `bind` mounts it, `upload` sends it, `auto` mounts where the engine is on this machine",
    },
    Key {
        name: "toolchain.go",
        variable: "KUBEWRIGHT_GO",
        default: "tree",
        help: "`tree` for the Go that the tree asks for, `host` for the Go on PATH, or a version such as 1.24.6",
    },
    Key {
        name: "toolchain.download",
        variable: "KUBEWRIGHT_GO_DOWNLOAD",
        default: "https://dl.google.com/go",
        help: "where archives of Go and their checksums are downloaded from",
    },
];

/// Where a value comes from, in rising order of precedence.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Built in.
    Default,
    /// A file for all users of this machine.
    System(PathBuf),
    /// The user's file.
    User(PathBuf),
    /// A file in the current directory or above it.
    Project(PathBuf),
    /// The recipe that is built.
    Recipe(String),
    /// A variable of the environment.
    Environment(String),
    /// The command line.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => write!(f, "default"),
            Origin::System(path) | Origin::User(path) | Origin::Project(path) => {
                write!(f, "{}", path.display())
            }
            Origin::Recipe(name) => write!(f, "recipe {name}"),
            Origin::Environment(name) => write!(f, "environment {name}"),
            Origin::Flag(name) => write!(f, "{name}"),
        }
    }
}

/// Which Go builds a tree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum GoChoice {
    /// The one that the tree asks for.
    Tree,
    /// The one on PATH.
    Host,
    /// This one, whatever the tree asks for.
    Version(GoVersion),
}

/// What carries builds out.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExecutorChoice {
    /// make, on this machine.
    Native,
    /// make, in a container.
    Docker,
    /// On this machine where it can, else in a container.
    Auto,
}

impl ExecutorChoice {
    /// Every choice.
    pub const ALL: [ExecutorChoice; 3] = [
        ExecutorChoice::Native,
        ExecutorChoice::Docker,
        ExecutorChoice::Auto,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            ExecutorChoice::Native => "native",
            ExecutorChoice::Docker => "docker",
            ExecutorChoice::Auto => "auto",
        }
    }
}

/// How a tree gets to a container engine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sync {
    /// It is mounted.
    Bind,
    /// It is sent, and artifacts come back.
    Upload,
    /// Mounted where the engine sees this machine's files, else sent.
    Auto,
}

/// The settings of one call, resolved.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where kubewright keeps what it makes.
    pub home: PathBuf,
    /// The repository that is built where no other is named.
    pub repository: String,
    /// Whether the network may not be used.
    pub offline: bool,
    /// How many packages may be compiled at once.
    pub jobs: Option<u32>,
    /// The memory that a build may plan with.
    pub memory: Option<Bytes>,
    /// What carries a build out.
    pub executor: ExecutorChoice,
    /// How many CPUs a build may use, in thousandths of one.
    pub cpu_millis: Option<u64>,
    /// Whether a step that ran out of memory goes on with fewer jobs.
    pub retry_on_oom: bool,
    /// Where the container engine listens.
    pub engine_host: Option<String>,
    /// What kube-cross is pulled from before upstream's registry.
    pub engine_mirrors: Vec<String>,
    /// How the tree gets to the engine.
    pub sync: Sync,
    /// How long a step has to end after the first interrupt.
    pub grace_period: Duration,
    /// Which Go builds a tree.
    pub go: GoChoice,
    /// Where archives of Go are downloaded from.
    pub go_download: String,
    shown: Vec<Shown>,
}

/// One setting as `config show` prints it.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// The key's name.
    pub key: &'static str,
    /// The text that holds.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A file that exists cannot be read.
    #[error("cannot read the settings in `{path}`")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file is no TOML; the message of the parser shows line and caret.
    #[error("the settings in `{path}` are not valid TOML\n{message}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The parser's message.
        message: String,
    },
    /// A key that does not exist.
    #[error("unknown setting `{key}` in `{path}`, line {line}")]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What stands there.
        key: String,
        /// The nearest key that exists.
        near: Option<&'static str>,
    },
    /// A value that its key cannot take.
    #[error("`{value}` is no value for the setting `{key}` (from {origin}): {reason}")]
    Invalid {
        /// The key.
        key: &'static str,
        /// The value.
        value: String,
        /// Where it stands.
        origin: Origin,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no home directory to keep anything in.
    #[error(
        "there is no place to keep mirrors, toolchains and runs: neither KUBEWRIGHT_HOME, XDG_CACHE_HOME nor HOME is set"
    )]
    NoHome,
}

impl Explain for SettingsError {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hints(&self) -> Vec<String> {
        match self {
            SettingsError::UnknownKey {
                near: Some(near), ..
            } => {
                vec![format!("did you mean `{near}`?")]
            }
            SettingsError::UnknownKey { .. } | SettingsError::Invalid { .. } => {
                vec!["`kubewright config show --origin` lists all settings".to_owned()]
            }
            SettingsError::NoHome => vec!["set KUBEWRIGHT_HOME to a folder".to_owned()],
            SettingsError::Read { .. } | SettingsError::Syntax { .. } => Vec::new(),
        }
    }
}

impl Settings {
    /// Reads the files of system, user and project, then the recipe, the environment, and the flags.
    ///
    /// # Errors
    /// A file that cannot be read, an unknown key, a value that its key cannot take.
    pub fn resolve(
        environment: &Environment,
        directory: &Path,
        recipe: Layer,
        flags: Layer,
    ) -> Result<Settings, SettingsError> {
        let mut layers = layer::files(environment, directory)?;
        layers.push(recipe);
        layers.push(layer::environment(environment));
        layers.push(flags);
        let shown = KEYS.iter().map(|key| highest(key, &layers)).collect();
        Settings::read(shown, environment)
    }

    /// Every setting with its value and origin.
    pub fn shown(&self) -> &[Shown] {
        &self.shown
    }

    fn read(mut shown: Vec<Shown>, environment: &Environment) -> Result<Settings, SettingsError> {
        let home = &mut shown[0];
        if home.value.is_empty() {
            let cache = environment.cache_directory().ok_or(SettingsError::NoHome)?;
            home.value = cache.join("kubewright").display().to_string();
        }
        let text = |name| shown.iter().find(|shown| shown.key == name);
        Ok(Settings {
            home: read(text("home"), |text| folder(text, environment))?,
            repository: read(text("repo"), |text| Ok(text.to_owned()))?,
            offline: read(text("offline"), boolean)?,
            jobs: read(text("build.jobs"), |text| optional(text, jobs))?,
            memory: read(text("build.memory"), |text| {
                optional(text, |text| {
                    text.parse()
                        .map_err(|e: crate::bytes::InvalidBytes| e.to_string())
                })
            })?,
            grace_period: read(text("build.grace_period"), seconds)?,
            executor: read(text("build.executor"), executor)?,
            cpu_millis: read(text("build.cpus"), |text| optional(text, cpu_millis))?,
            retry_on_oom: read(text("build.retry_on_oom"), boolean)?,
            engine_host: read(text("engine.host"), |text| {
                optional(text, |text| Ok(text.to_owned()))
            })?,
            engine_mirrors: read(text("engine.mirrors"), |text| Ok(list(text)))?,
            sync: read(text("engine.sync"), sync)?,
            go: read(text("toolchain.go"), go_choice)?,
            go_download: read(text("toolchain.download"), |text| Ok(text.to_owned()))?,
            shown: shown.clone(),
        })
    }
}

fn highest(key: &Key, layers: &[Layer]) -> Shown {
    let set = layers.iter().rev().find_map(|layer| layer.get(key.name));
    let (value, origin) = set.unwrap_or((key.default.to_owned(), Origin::Default));
    Shown {
        key: key.name,
        value,
        origin,
    }
}

fn read<T>(
    shown: Option<&Shown>,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<T, SettingsError> {
    // Every key of `Settings` stands in KEYS, so that `None` cannot come from a user; an empty text answers it as well.
    let (key, value, origin) = match shown {
        Some(shown) => (shown.key, shown.value.as_str(), shown.origin.clone()),
        None => ("", "", Origin::Default),
    };
    parse(value).map_err(|reason| SettingsError::Invalid {
        key,
        value: value.to_owned(),
        origin,
        reason,
    })
}

fn optional<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    if text.is_empty() {
        Ok(None)
    } else {
        parse(text).map(Some)
    }
}

/// A folder. Shells expand a tilde, files of settings and of CI services do not: what is meant is clear all the same.
fn folder(text: &str, environment: &Environment) -> Result<PathBuf, String> {
    let path = match text.strip_prefix('~') {
        None => PathBuf::from(text),
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            let home = environment
                .get("HOME")
                .ok_or("`~` stands for HOME, which is not set")?;
            Path::new(home).join(rest.trim_start_matches('/'))
        }
        Some(_) => {
            return Err("only a shell knows whose home that is: write the whole path".into());
        }
    };
    std::path::absolute(path).map_err(|error| error.to_string())
}

fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" | "" => Ok(false),
        _ => Err("it is `true` or `false`".to_owned()),
    }
}

fn jobs(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("it is a whole number from 1 on".to_owned()),
        Ok(count) => Ok(count),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: u64 = text
        .parse()
        .map_err(|_| "it is a whole number of seconds".to_owned())?;
    Ok(Duration::from_secs(seconds))
}

fn executor(text: &str) -> Result<ExecutorChoice, String> {
    ExecutorChoice::ALL
        .into_iter()
        .find(|choice| choice.name() == text)
        .ok_or_else(|| "it is `native`, `docker` or `auto`".to_owned())
}

fn sync(text: &str) -> Result<Sync, String> {
    match text {
        "bind" => Ok(Sync::Bind),
        "upload" => Ok(Sync::Upload),
        "auto" => Ok(Sync::Auto),
        _ => Err("it is `bind`, `upload` or `auto`".to_owned()),
    }
}

/// `1.5` as 1500; engines count in thousandths at the finest that makes sense.
fn cpu_millis(text: &str) -> Result<u64, String> {
    let cpus: f64 = text.parse().unwrap_or(0.0);
    if (0.01..=100_000.0).contains(&cpus) {
        Ok((cpus * 1000.0).round() as u64)
    } else {
        Err("it is a number of CPUs, such as 2 or 1.5".to_owned())
    }
}

fn list(text: &str) -> Vec<String> {
    let names = text
        .split(',')
        .map(|name| name.trim().trim_end_matches('/'));
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

fn go_choice(text: &str) -> Result<GoChoice, String> {
    match text {
        "tree" => Ok(GoChoice::Tree),
        "host" => Ok(GoChoice::Host),
        _ => text
            .parse()
            .map(GoChoice::Version)
            .map_err(|_| "it is `tree`, `host` or a version of Go, such as 1.24.6".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(
        variables: &[(&str, &str)],
        directory: &Path,
        flags: Layer,
    ) -> Result<Settings, SettingsError> {
        Settings::resolve(&Environment::of(variables), directory, Layer::none(), flags)
    }

    fn origin<'a>(settings: &'a Settings, key: &str) -> &'a Origin {
        &settings
            .shown()
            .iter()
            .find(|shown| shown.key == key)
            .unwrap()
            .origin
    }

    #[test]
    fn every_layer_beats_the_one_below() {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("config");
        let project = dir.path().join("project");
        std::fs::create_dir_all(config.join("kubewright")).unwrap();
        std::fs::create_dir_all(project.join("deep")).unwrap();
        std::fs::write(
            config.join("kubewright/config.toml"),
            "repo = \"user\"\noffline = true\n[build]\njobs = 1\nmemory = \"1GiB\"\n",
        )
        .unwrap();
        std::fs::write(
            project.join("kubewright.toml"),
            "[build]\njobs = 2\nmemory = \"2GiB\"\n",
        )
        .unwrap();
        let flags = Layer::flags([("build.memory", "--memory", Some("4GiB".to_owned()))]);
        let settings = resolve(
            &[
                ("HOME", "/nowhere"),
                ("XDG_CONFIG_HOME", config.to_str().unwrap()),
                ("KUBEWRIGHT_JOBS", "3"),
                ("KUBEWRIGHT_MEMORY", "3GiB"),
            ],
            &project.join("deep"),
            flags,
        )
        .unwrap();
        assert_eq!(settings.repository, "user");
        assert!(settings.offline);
        assert_eq!(settings.jobs, Some(3));
        assert_eq!(settings.memory, Some(Bytes::gib(4)));
        assert_eq!(
            origin(&settings, "build.memory"),
            &Origin::Flag("--memory".to_owned())
        );
        assert_eq!(
            origin(&settings, "build.jobs"),
            &Origin::Environment("KUBEWRIGHT_JOBS".to_owned())
        );
        assert_eq!(origin(&settings, "toolchain.go"), &Origin::Default);
        assert_eq!(settings.home, Path::new("/nowhere/.cache/kubewright"));
    }

    #[test]
    fn an_unknown_key_names_its_line_and_its_neighbour() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(
            dir.path().join("kubewright.toml"),
            "offline = true\n\n[build]\njob = 2\n",
        )
        .unwrap();
        let error = resolve(&[("HOME", "/nowhere")], dir.path(), Layer::none()).unwrap_err();
        assert!(
            error.to_string().contains("unknown setting `build.job`"),
            "{error}"
        );
        assert!(error.to_string().ends_with("line 4"), "{error}");
        assert_eq!(error.hints(), ["did you mean `build.jobs`?"]);
    }

    #[test]
    fn a_bad_value_names_its_origin() {
        let error = resolve(
            &[("HOME", "/h"), ("KUBEWRIGHT_JOBS", "many")],
            Path::new("/"),
            Layer::none(),
        );
        assert_eq!(
            error.unwrap_err().to_string(),
            "`many` is no value for the setting `build.jobs` (from environment KUBEWRIGHT_JOBS): it is a whole number from 1 on"
        );
    }

    #[test]
    fn a_tilde_that_no_shell_has_expanded_is_the_users_home() {
        let home = |value, variables: &[(&str, &str)]| {
            let mut variables = variables.to_vec();
            variables.push(("KUBEWRIGHT_HOME", value));
            resolve(&variables, Path::new("/"), Layer::none()).map(|settings| settings.home)
        };
        let user = [("HOME", "/user")];
        assert_eq!(home("~/x", &user).unwrap(), Path::new("/user/x"));
        assert_eq!(home("~", &user).unwrap(), Path::new("/user"));
        for (value, variables, reason) in [
            ("~other/x", &user[..], "write the whole path"),
            (
                "~/x",
                &[("XDG_CACHE_HOME", "/cache")],
                "HOME, which is not set",
            ),
        ] {
            let error = home(value, variables).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn without_a_home_there_is_an_error() {
        let error = resolve(&[], Path::new("/"), Layer::none()).unwrap_err();
        assert!(matches!(error, SettingsError::NoHome));
    }
}

//! What a CRD is made of: names, scope, and versions with their fields.

use std::fmt::Write;

use super::field::Node;

/// A custom resource definition, complete and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// The API group, such as `stable.example.com`.
    pub group: String,
    /// What it is called.
    pub names: Names,
    /// Whether its objects lie in namespaces.
    pub scope: Scope,
    /// The value of `api-approved.kubernetes.io`, which groups of the community need.
    pub approval: Option<String>,
    /// Its versions; exactly one is stored.
    pub versions: Vec<Version>,
}

/// What a resource is called.
#[derive(Clone, Debug, PartialEq)]
pub struct Names {
    /// `CronTab`
    pub kind: String,
    /// `CronTabList`
    pub list_kind: String,
    /// `crontabs`
    pub plural: String,
    /// Whether the plural was made from the kind, by English rules that are sometimes wrong.
    pub plural_is_guessed: bool,
    /// `crontab`
    pub singular: String,
    /// `ct`
    pub short: Vec<String>,
    /// Groups of resources that `kubectl get` knows, such as `all`.
    pub categories: Vec<String>,
}

/// Where objects lie.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scope {
    /// In namespaces.
    Namespaced,
    /// Beside them.
    Cluster,
}

/// One version of a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// `v1`
    pub name: String,
    /// Whether the server answers to it.
    pub served: bool,
    /// Whether objects are stored in it.
    pub storage: bool,
    /// Whether and how users are warned of it.
    pub deprecation: Option<Deprecation>,
    /// The whole object below `apiVersion`, `kind` and `metadata`: mostly `spec` and `status`.
    pub root: Node,
    /// Whether the status has an endpoint of its own.
    pub status: bool,
    /// What `kubectl scale` and autoscalers work on.
    pub scale: Option<Scale>,
    /// What `kubectl get` shows.
    pub columns: Vec<Column>,
    /// JSON paths that `--field-selector` takes.
    pub selectable: Vec<String>,
}

/// A version that users should leave.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Deprecation {
    /// What they are told; absent: what the server says by itself.
    pub warning: Option<String>,
}

/// JSON paths of the scale subresource.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Scale {
    /// The wanted number, below `.spec`.
    pub spec: String,
    /// The observed number, below `.status`.
    pub status: String,
    /// The label selector as text; autoscalers need it.
    pub selector: Option<String>,
}

/// A column of `kubectl get`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// `integer`, `number`, `string`, `boolean` or `date`.
    pub kind: String,
    /// What it shows.
    pub json_path: String,
    /// Columns above 0 are shown with `-o wide` alone.
    pub priority: i64,
    /// How programs read it.
    pub format: Option<String>,
    /// What it means.
    pub description: Option<String>,
}

impl Description {
    /// The CRD's name: `crontabs.stable.example.com`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.names.plural, self.group)
    }

    /// The version in which objects are stored.
    pub fn storage(&self) -> Option<&Version> {
        self.versions.iter().find(|version| version.storage)
    }

    /// The versions that the server answers to.
    pub fn served(&self) -> impl Iterator<Item = &Version> {
        self.versions.iter().filter(|version| version.served)
    }
}

impl Scope {
    /// As it stands in the CRD.
    pub const fn name(self) -> &'static str {
        match self {
            Scope::Namespaced => "Namespaced",
            Scope::Cluster => "Cluster",
        }
    }
}

impl Column {
    /// `Name:type:jsonPath[:priority]`.
    pub fn text(&self) -> String {
        let mut text = format!("{}:{}:{}", self.name, self.kind, self.json_path);
        if self.priority != 0 {
            let _ = write!(text, ":{}", self.priority);
        }
        text
    }
}

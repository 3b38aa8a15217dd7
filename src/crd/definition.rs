//! A custom resource definition as the API server holds it after decoding, defaulting and conversion.
//!
//! Source: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1/{defaults,conversion}.go. What all versions have alike
//! is moved out of them there, and told once; here it stays with the first of them, where its user wrote it.

use std::cell::OnceCell;

use super::document::{Node, Value};
use super::era::Era;
use super::go::{json_text, json_value, member, object};
use super::schema::{Schema, dump, parse};

/// A definition.
pub(crate) struct Definition<'d> {
    pub(crate) root: &'d Node,
    pub(crate) versions: Vec<Version<'d>>,
    /// What is demanded of it.
    pub(crate) demands: Demands,
    alike: OnceCell<Alike>,
}

/// What the API server of an era demands of a definition: less where it comes as v1beta1.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Demands {
    pub(crate) era: Era,
    /// Where it comes as v1beta1 to an API server that takes that.
    pub(crate) beta: Option<Beta>,
}

/// What is demanded of a definition of v1beta1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beta {
    /// Whether unknown fields are pruned: then versions that are served have schemas, and these are structural.
    pub(crate) pruned: bool,
    /// Whether schemas are structural for another reason.
    structural: bool,
}

impl Demands {
    /// What is demanded of a definition of v1.
    pub(crate) fn of_v1(era: Era) -> Demands {
        Demands { era, beta: None }
    }

    /// What is demanded of a definition of v1beta1.
    pub(crate) fn of_beta(root: &Node, era: Era) -> Demands {
        let preserve = root.dig(&["spec", "preserveUnknownFields"]);
        let beta = Beta {
            pruned: preserve.and_then(Node::bool) == Some(false),
            structural: root.get("spec").is_some_and(has_extensions),
        };
        Demands {
            era,
            beta: Some(beta),
        }
    }

    /// Whether schemas are structural.
    pub(crate) fn structural(self) -> bool {
        self.beta.is_none_or(|beta| beta.pruned || beta.structural)
    }
}

/// Whether a schema says what only structural ones may say.
///
/// Source: `schemaHasKubernetesExtensions` of pkg/apis/apiextensions/validation/validation.go.
fn has_extensions(node: &Node) -> bool {
    let says = |key: &str, node: &Node| match key {
        "x-kubernetes-embedded-resource" | "x-kubernetes-int-or-string" => {
            node.bool() == Some(true)
        }
        "x-kubernetes-preserve-unknown-fields" | "x-kubernetes-list-type" => !node.is_null(),
        "x-kubernetes-list-map-keys" => node.list().is_some_and(|keys| !keys.is_empty()),
        _ => false,
    };
    match &node.value {
        Value::List(list) => list.iter().any(has_extensions),
        Value::Map(map) => map.entries().iter().any(|entry| {
            // What these hold is data.
            let data = ["default", "example", "enum"].contains(&entry.key.as_str());
            says(&entry.key, &entry.node) || (!data && has_extensions(&entry.node))
        }),
        _ => false,
    }
}

/// Which parts are alike in all versions.
#[derive(Clone, Copy, Default)]
pub(crate) struct Alike {
    pub(crate) schema: bool,
    pub(crate) subresources: bool,
    pub(crate) columns: bool,
    pub(crate) selectable: bool,
}

/// A version of the custom resource.
pub(crate) struct Version<'d> {
    pub(crate) node: &'d Node,
    pub(crate) name: &'d str,
    pub(crate) served: bool,
    pub(crate) storage: bool,
    pub(crate) deprecated: bool,
    pub(crate) deprecation_warning: Option<&'d str>,
    /// The schema, where `schema.openAPIV3Schema` is there.
    pub(crate) schema: Option<Schema<'d>>,
    /// Whether `schema` is there.
    pub(crate) has_schema: bool,
}

impl<'d> Definition<'d> {
    /// Reads a definition that Go's decoder takes.
    pub(crate) fn read(root: &'d Node) -> Definition<'d> {
        Definition::read_under(root, Demands::default())
    }

    /// Reads a definition of which other things are demanded than of one of v1 now.
    pub(crate) fn read_under(root: &'d Node, demands: Demands) -> Definition<'d> {
        let list = root
            .dig(&["spec", "versions"])
            .and_then(Node::list)
            .unwrap_or_default();
        let versions: Vec<Version<'_>> = list.iter().map(Version::read).collect();
        Definition {
            root,
            versions,
            demands,
            alike: OnceCell::new(),
        }
    }

    /// What is alike in all versions, and told once.
    pub(crate) fn alike(&self) -> Alike {
        *self.alike.get_or_init(|| {
            let versions = &self.versions;
            Alike {
                schema: same_nodes(versions) || same(versions, Version::schema_text),
                subresources: same(versions, |version| version.part("subresources")),
                columns: same(versions, |version| version.part("additionalPrinterColumns")),
                selectable: same(versions, |version| version.part("selectableFields")),
            }
        })
    }

    /// A text below the root; empty where there is none.
    pub(crate) fn text(&self, path: &[&str]) -> &'d str {
        self.root.dig(path).and_then(Node::text).unwrap_or_default()
    }

    /// Texts below the root.
    pub(crate) fn texts(&self, path: &[&str]) -> Vec<&'d str> {
        let list = self.root.dig(path).and_then(Node::list).unwrap_or_default();
        list.iter()
            .map(|node| node.text().unwrap_or_default())
            .collect()
    }

    /// The group.
    pub(crate) fn group(&self) -> &'d str {
        self.text(&["spec", "group"])
    }

    /// The kind.
    pub(crate) fn kind(&self) -> &'d str {
        self.text(&["spec", "names", "kind"])
    }

    /// The singular name, or its default.
    pub(crate) fn singular(&self) -> String {
        match self.text(&["spec", "names", "singular"]) {
            "" => self.kind().to_lowercase(),
            singular => singular.to_owned(),
        }
    }

    /// The kind of lists, or its default.
    pub(crate) fn list_kind(&self) -> String {
        match self.text(&["spec", "names", "listKind"]) {
            "" if !self.kind().is_empty() => format!("{}List", self.kind()),
            kind => kind.to_owned(),
        }
    }

    /// The versions as the API server quotes them in messages.
    pub(crate) fn versions_text(&self) -> String {
        let Some(list) = self.root.dig(&["spec", "versions"]).and_then(Node::list) else {
            return "null".to_owned();
        };
        if list.is_empty() {
            return "[]".to_owned();
        }
        let versions: Vec<String> = self
            .versions
            .iter()
            .map(|version| version.text(self.alike()))
            .collect();
        format!("[{}]", versions.join(","))
    }
}

/// Whether the schemas of all versions are written alike, which tells without writing them as the server does.
fn same_nodes(versions: &[Version<'_>]) -> bool {
    let node = |version: &Version<'_>| {
        version
            .node
            .dig(&["schema", "openAPIV3Schema"])
            .map(json_value)
    };
    let Some((first, rest)) = versions.split_first() else {
        return false;
    };
    let first = node(first);
    first.is_some() && rest.iter().all(|version| node(version) == first)
}

/// Whether a part of all versions is alike; nothing is alike where there is nothing.
fn same<'d>(versions: &[Version<'d>], part: impl Fn(&Version<'d>) -> String) -> bool {
    let Some((first, rest)) = versions.split_first() else {
        return false;
    };
    if rest.is_empty() {
        return true;
    }
    let first = part(first);
    rest.iter().all(|version| part(version) == first)
}

impl<'d> Version<'d> {
    fn read(node: &'d Node) -> Version<'d> {
        let is = |key| node.get(key).and_then(Node::bool).unwrap_or_default();
        let present = |node: &&Node| !node.is_null();
        Version {
            node,
            name: node.get("name").and_then(Node::text).unwrap_or_default(),
            served: is("served"),
            storage: is("storage"),
            deprecated: is("deprecated"),
            deprecation_warning: node.get("deprecationWarning").and_then(Node::text),
            schema: node
                .dig(&["schema", "openAPIV3Schema"])
                .filter(present)
                .map(parse),
            has_schema: node.get("schema").as_ref().is_some_and(present),
        }
    }

    /// A part that the version may have: None where it is absent or `null`.
    pub(crate) fn get(&self, part: &str) -> Option<&'d Node> {
        self.node.get(part).filter(|node| !node.is_null())
    }

    /// Whether the status subresource is on.
    pub(crate) fn has_status(&self) -> bool {
        let status = self.get("subresources").and_then(|node| node.get("status"));
        status.is_some_and(|node| !node.is_null())
    }

    fn part(&self, name: &str) -> String {
        match self.get(name) {
            // Nothing and an empty list are alike to the server.
            Some(node) if node.list().is_some_and(<[Node]>::is_empty) => String::new(),
            Some(node) => json_value(node),
            None => String::new(),
        }
    }

    fn schema_text(&self) -> String {
        match &self.schema {
            Some(schema) => dump(schema),
            None => self.has_schema.to_string(),
        }
    }

    fn text(&self, alike: Alike) -> String {
        let null = || "null".to_owned();
        let schema = match &self.schema {
            _ if alike.schema || !self.has_schema => null(),
            schema => {
                let schema = schema.as_ref().map_or_else(null, dump);
                object([member("OpenAPIV3Schema", &schema)])
            }
        };
        let subresources = match self.get("subresources") {
            Some(node) if !alike.subresources => subresources(node),
            _ => null(),
        };
        let list = |name: &str, alike: bool, write: fn(&Node) -> String| match self.get(name) {
            Some(node) if !alike => {
                let items: Vec<String> =
                    node.list().unwrap_or_default().iter().map(write).collect();
                format!("[{}]", items.join(","))
            }
            _ => null(),
        };
        let warning = self.deprecation_warning.map_or_else(null, json_text);
        object([
            member("Name", &json_text(self.name)),
            member("Served", &self.served.to_string()),
            member("Storage", &self.storage.to_string()),
            member("Deprecated", &self.deprecated.to_string()),
            member("DeprecationWarning", &warning),
            member("Schema", &schema),
            member("Subresources", &subresources),
            member(
                "AdditionalPrinterColumns",
                &list("additionalPrinterColumns", alike.columns, column),
            ),
            member(
                "SelectableFields",
                &list("selectableFields", alike.selectable, selectable),
            ),
        ])
    }
}

fn text(node: &Node, key: &str) -> String {
    json_text(node.get(key).and_then(Node::text).unwrap_or_default())
}

fn subresources(node: &Node) -> String {
    let scale = |node: &Node| {
        let selector = node.get("labelSelectorPath").and_then(Node::text);
        object([
            member("SpecReplicasPath", &text(node, "specReplicasPath")),
            member("StatusReplicasPath", &text(node, "statusReplicasPath")),
            member(
                "LabelSelectorPath",
                &selector.map_or_else(|| "null".to_owned(), json_text),
            ),
        ])
    };
    let part = |name| node.get(name).filter(|node| !node.is_null());
    object([
        member(
            "Status",
            if part("status").is_some() {
                "{}"
            } else {
                "null"
            },
        ),
        member(
            "Scale",
            &part("scale").map_or_else(|| "null".to_owned(), scale),
        ),
    ])
}

fn column(node: &Node) -> String {
    let path = if node.get("jsonPath").is_some() {
        "jsonPath"
    } else {
        "JSONPath"
    };
    let priority = node.get("priority").and_then(Node::number);
    object([
        member("Name", &text(node, "name")),
        member("Type", &text(node, "type")),
        member("Format", &text(node, "format")),
        member("Description", &text(node, "description")),
        member("Priority", priority.map_or("0", |number| number.text())),
        member("JSONPath", &text(node, path)),
    ])
}

fn selectable(node: &Node) -> String {
    object([member("JSONPath", &text(node, "jsonPath"))])
}

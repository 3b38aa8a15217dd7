//! What somebody said of a resource, each word with its place, and the [`Description`] that it amounts to.

use super::description::{Column, Deprecation, Description, Names, Scale, Scope, Version};
use super::field::{self, Field, Node, Placed, Rule, Shape};
use super::told::{Complaint, Place, Told};
use super::{check, names};

/// What was said, by the command line or by a file.
#[derive(Clone, Debug)]
pub struct Answers {
    /// The kind.
    pub kind: Told<String>,
    /// The group.
    pub group: Told<String>,
    /// The plural; absent: it is guessed.
    pub plural: Option<Told<String>>,
    /// The singular; absent: the kind in lower case.
    pub singular: Option<Told<String>>,
    /// The kind of lists; absent: the kind with `List`.
    pub list_kind: Option<Told<String>>,
    /// Short names.
    pub short: Vec<Told<String>>,
    /// Categories.
    pub categories: Vec<Told<String>>,
    /// The scope; absent: namespaced.
    pub scope: Scope,
    /// The approval of a community group.
    pub approval: Option<String>,
    /// The versions, each with what it holds.
    pub versions: Vec<VersionAnswer>,
}

/// What was said of a version.
#[derive(Clone, Debug)]
pub struct VersionAnswer {
    /// Its name.
    pub name: Told<String>,
    /// Whether it is served.
    pub served: bool,
    /// Whether it was marked as the stored one.
    pub storage: bool,
    /// Whether it is deprecated.
    pub deprecation: Option<Deprecation>,
    /// What it holds.
    pub body: Body,
}

/// What a version holds.
#[derive(Clone, Debug)]
pub struct Body {
    /// All of it, as far as it was said; [`Body::standard_status`] adds what is usual.
    pub root: Node,
    /// Whether the status has an endpoint of its own.
    pub status: bool,
    /// Scaling: the place where it was asked for, and the paths.
    pub scale: Option<Told<Scale>>,
    /// Columns.
    pub columns: Vec<Told<Column>>,
    /// JSON paths.
    pub selectable: Vec<Told<String>>,
    /// Fields that were told one by one, for checks that show them.
    pub fields: Vec<Told<Placed>>,
}

impl Body {
    /// A body with an empty spec.
    pub fn new() -> Body {
        let spec = Field {
            name: "spec".to_owned(),
            optional: false,
            node: Node::new(Shape::Object(Vec::new())),
        };
        Body {
            root: Node::new(Shape::Object(vec![spec])),
            status: true,
            scale: None,
            columns: Vec::new(),
            selectable: Vec::new(),
            fields: Vec::new(),
        }
    }

    /// Puts a field into `spec` or `status`, with the objects that its dotted name asks for.
    pub fn insert(&mut self, below: &str, told: &Told<Placed>) -> Result<(), Complaint> {
        let mut path = vec![below.to_owned()];
        path.extend(told.value.path.iter().cloned());
        let complain = |message: String| told.place.complain(message, "");
        insert(&mut self.root, &path, &told.value.field).map_err(complain)?;
        self.fields.push(told.clone());
        Ok(())
    }

    /// Adds a rule to the place of that path: `spec`, `spec.limits`, or `.` for the whole object.
    pub fn add_rule(&mut self, path: &str, rule: Rule, place: &Place) -> Result<(), Complaint> {
        let mut node = &mut self.root;
        for name in path.split('.').filter(|name| !name.is_empty()) {
            node = match &mut node.shape {
                Shape::Object(fields) => match fields.iter().position(|field| field.name == name) {
                    Some(index) => &mut fields[index].node,
                    None => return Err(no_field(fields, name, path, place)),
                },
                _ => {
                    return Err(
                        place.complain(format!("`{path}` leads through what is no object"), "")
                    );
                }
            };
        }
        node.rules.push(rule);
        Ok(())
    }

    /// Adds the usual status: conditions, the generation that was observed, and what scaling reads and writes.
    pub fn standard_status(&mut self) {
        let status = Node::new(Shape::Object(Vec::new()));
        if let Shape::Object(fields) = &mut self.root.shape
            && !fields.iter().any(|field| field.name == "status")
        {
            fields.push(Field {
                name: "status".to_owned(),
                optional: true,
                node: status,
            });
        }
        let standard = include_str!("../../templates/crd/status.fields");
        for line in standard.lines() {
            if let Ok(placed) = field::parse(line) {
                // What is there already was said on purpose.
                let _ = insert(&mut self.root, &["status".to_owned()], &placed.field);
            }
        }
        self.scaled_status();
    }

    fn scaled_status(&mut self) {
        let Some(scale) = &self.scale else { return };
        let paths = [
            (Some(&scale.value.status), "int32?{min=0}"),
            (scale.value.selector.as_ref(), "string?{maxLength=4096}"),
        ];
        let mut missing = Vec::new();
        for (path, typed) in paths {
            if let Some(name) = path.and_then(|path| path.strip_prefix(".status."))
                && let Ok(placed) = field::parse(&format!("{name}:{typed}"))
            {
                missing.push(placed);
            }
        }
        for placed in missing {
            let mut path = vec!["status".to_owned()];
            path.extend(placed.path);
            let _ = insert(&mut self.root, &path, &placed.field);
        }
    }

    /// The usual columns where none were asked for: whether it is ready, and its age.
    fn columns(&self) -> Vec<Column> {
        if !self.columns.is_empty() {
            return self
                .columns
                .iter()
                .map(|column| column.value.clone())
                .collect();
        }
        let column = |name: &str, kind: &str, path: &str| Column {
            name: name.to_owned(),
            kind: kind.to_owned(),
            json_path: path.to_owned(),
            priority: 0,
            format: None,
            description: None,
        };
        let has_conditions = self.root.has_conditions();
        let ready = column(
            "Ready",
            "string",
            ".status.conditions[?(@.type==\"Ready\")].status",
        );
        let age = column("Age", "date", ".metadata.creationTimestamp");
        has_conditions
            .then_some(ready)
            .into_iter()
            .chain([age])
            .collect()
    }
}

/// A rule stands at a field that is not there.
fn no_field(fields: &[Field], name: &str, path: &str, place: &Place) -> Complaint {
    let within = match path.split_once(name) {
        Some((before, _)) if before.len() > 1 => format!(" in `{}`", before.trim_end_matches('.')),
        _ => String::new(),
    };
    let names = || fields.iter().map(|field| field.name.as_str());
    let near = crate::recipe::nearest(name, names());
    let label = near.map_or_else(
        || {
            let known: Vec<String> = names().map(|name| format!("`{name}`")).collect();
            format!("there are {}", crate::plural::listed(&known))
        },
        |near| format!("did you mean `{near}`?"),
    );
    place.complain(format!("there is no field `{name}`{within}"), label)
}

impl Default for Body {
    fn default() -> Body {
        Body::new()
    }
}

fn insert(node: &mut Node, path: &[String], field: &Field) -> Result<(), String> {
    let Shape::Object(fields) = &mut node.shape else {
        return Err("a field stands in what is no object".to_owned());
    };
    let Some((first, rest)) = path.split_first() else {
        if fields.iter().any(|other| other.name == field.name) {
            return Err(format!("the field `{}` is told twice", field.name));
        }
        fields.push(field.clone());
        return Ok(());
    };
    let is_needed = !field.optional && field.node.default.is_none();
    if !fields.iter().any(|other| other.name == *first) {
        fields.push(Field {
            name: first.clone(),
            optional: true,
            node: Node::new(Shape::Object(Vec::new())),
        });
    }
    let outer = fields.iter_mut().find(|other| other.name == *first);
    match outer {
        Some(outer) => {
            if is_needed && first != "status" {
                outer.optional = false;
            }
            insert(&mut outer.node, rest, field)
        }
        None => Ok(()),
    }
}

impl Answers {
    /// What is wrong with names and versions, whatever the versions hold.
    pub fn wrong_names(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        self.check_names(&mut complaints);
        self.check_versions(&mut complaints);
        complaints
    }

    /// The description, or all that is wrong with what was said.
    pub fn describe(&self) -> Result<Description, Vec<Complaint>> {
        let mut complaints = self.wrong_names();
        for version in &self.versions {
            check::body(&version.body, &mut complaints);
        }
        if complaints.is_empty() {
            Ok(self.description())
        } else {
            Err(complaints)
        }
    }

    fn description(&self) -> Description {
        let kind = &self.kind.value;
        let told = |told: &Option<Told<String>>| told.as_ref().map(|told| told.value.clone());
        Description {
            group: self.group.value.clone(),
            names: Names {
                kind: kind.clone(),
                list_kind: told(&self.list_kind).unwrap_or_else(|| format!("{kind}List")),
                plural: told(&self.plural).unwrap_or_else(|| names::plural(kind)),
                plural_is_guessed: self.plural.is_none(),
                singular: told(&self.singular).unwrap_or_else(|| kind.to_ascii_lowercase()),
                short: self.short.iter().map(|name| name.value.clone()).collect(),
                categories: self
                    .categories
                    .iter()
                    .map(|name| name.value.clone())
                    .collect(),
            },
            scope: self.scope,
            approval: self.approval.clone(),
            versions: self
                .versions
                .iter()
                .map(|version| version.version(self.versions.len()))
                .collect(),
        }
    }

    fn check_names(&self, complaints: &mut Vec<Complaint>) {
        let mut bad = |what: &str, told: &Told<String>, checked: Result<(), names::BadName>| {
            if let Err(bad) = checked {
                complaints.push(complaint_of_name(what, told, &bad));
            }
        };
        bad("kind", &self.kind, names::kind(&self.kind.value));
        bad("group", &self.group, names::group(&self.group.value));
        if let Some(list_kind) = &self.list_kind {
            bad("list kind", list_kind, names::kind(&list_kind.value));
        }
        for (what, told) in [("plural", &self.plural), ("singular", &self.singular)] {
            if let Some(told) = told {
                bad(what, told, names::label(&told.value));
            }
        }
        for (what, all) in [("short name", &self.short), ("category", &self.categories)] {
            for told in all {
                bad(what, told, names::label(&told.value));
            }
        }
        for version in &self.versions {
            bad(
                "version",
                &version.name,
                names::version(&version.name.value),
            );
        }
        self.check_names_together(complaints);
    }

    fn check_names_together(&self, complaints: &mut Vec<Complaint>) {
        if let Some(list_kind) = &self.list_kind
            && list_kind.value == self.kind.value
        {
            complaints.push(
                list_kind
                    .place
                    .complain("kind and listKind may not be the same", ""),
            );
        }
        if names::is_protected(&self.group.value) && self.approval.is_none() {
            complaints.push(self.group.place.complain(
                format!("the group `{}` belongs to the Kubernetes community", self.group.value),
                "take a domain of your own: the server refuses it without the annotation `api-approved.kubernetes.io`",
            ));
        }
        let full = format!(
            "{}.{}",
            self.plural.as_ref().map_or_else(
                || names::plural(&self.kind.value),
                |told| told.value.clone()
            ),
            self.group.value
        );
        if full.len() > 253 {
            complaints.push(self.group.place.complain(
                format!("the name `{full}` is longer than 253 characters"),
                "",
            ));
        }
    }

    fn check_versions(&self, complaints: &mut Vec<Complaint>) {
        for (index, version) in self.versions.iter().enumerate() {
            if self.versions[..index]
                .iter()
                .any(|other| other.name.value == version.name.value)
            {
                complaints.push(
                    version
                        .name
                        .place
                        .complain("must contain unique version names", "the second one"),
                );
            }
            let warning = version
                .deprecation
                .as_ref()
                .and_then(|deprecation| deprecation.warning.as_ref());
            if warning.is_some_and(|warning| {
                warning.is_empty() || warning.len() > 256 || warning.chars().any(char::is_control)
            }) {
                complaints.push(version.name.place.complain(
                    "the warning of a deprecated version has 1 to 256 printable characters",
                    "",
                ));
            }
        }
        let Some(last) = self.versions.last() else {
            return;
        };
        let stored: Vec<&VersionAnswer> = self
            .versions
            .iter()
            .filter(|version| version.storage)
            .collect();
        match stored[..] {
            [first, .., second] => complaints.push(second.name.place.complain(
                format!(
                    "`{}` and `{}` are both marked as the version that is stored",
                    first.name.value, second.name.value
                ),
                format!(
                    "objects are stored in one version alone: take the mark of `{}` or of `{}` away",
                    first.name.value, second.name.value
                ),
            )),
            [] if self.versions.len() > 1 => complaints.push(last.name.place.complain(
                "must have exactly one version marked as storage version",
                "mark it: `v1!` on the command line, `storage = true` in a file",
            )),
            _ => {}
        }
        if !self.versions.iter().any(|version| version.served) {
            complaints.push(
                last.name
                    .place
                    .complain("no version is served", "nobody could use the resource"),
            );
        }
    }
}

fn complaint_of_name(what: &str, told: &Told<String>, bad: &names::BadName) -> Complaint {
    let message = format!("the {what} `{}` is not valid: {}", told.value, bad.rule);
    let label = bad
        .suggestion
        .as_ref()
        .map(|name| format!("did you mean `{name}`?"));
    told.place.complain(message, label.unwrap_or_default())
}

impl VersionAnswer {
    fn version(&self, versions: usize) -> Version {
        Version {
            name: self.name.value.clone(),
            served: self.served,
            storage: self.storage || versions == 1,
            deprecation: self.deprecation.clone(),
            root: self.body.root.clone(),
            status: self.body.status,
            scale: self.body.scale.as_ref().map(|scale| scale.value.clone()),
            columns: self.body.columns(),
            selectable: self
                .body
                .selectable
                .iter()
                .map(|path| path.value.clone())
                .collect(),
        }
    }
}

/// Reads `Name:type:jsonPath[:priority]`.
pub fn column(text: &str) -> Result<Column, String> {
    const SHAPE: &str = "a column is `Name:type:jsonPath`, or `Name:type:jsonPath:priority`";
    let mut parts = text.splitn(3, ':');
    let (Some(name), Some(kind), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(SHAPE.to_owned());
    };
    let priority = rest
        .rsplit_once(':')
        .and_then(|(path, number)| Some((path, number.parse().ok()?)));
    let (json_path, priority) = priority.unwrap_or((rest, 0));
    Ok(Column {
        name: name.to_owned(),
        kind: kind.to_owned(),
        json_path: json_path.to_owned(),
        priority,
        format: None,
        description: None,
    })
}

/// Reads `spec.replicas,status.replicas,status.selector`; the empty text means these very paths.
pub fn scale(text: &str) -> Result<Scale, String> {
    let text = if text.is_empty() {
        "spec.replicas,status.replicas,status.selector"
    } else {
        text
    };
    let paths: Vec<String> = text.split(',').map(|path| json_path(path.trim())).collect();
    let (spec, status, selector) =
        match &paths[..] {
            [spec, status] => (spec, status, None),
            [spec, status, selector] => (spec, status, Some(selector.clone())),
            _ => return Err(
                "scaling takes two or three paths: `spec.replicas,status.replicas,status.selector`"
                    .to_owned(),
            ),
        };
    Ok(Scale {
        spec: spec.clone(),
        status: status.clone(),
        selector,
    })
}

/// A path with the dot that JSON paths begin with.
pub fn json_path(path: &str) -> String {
    if path.starts_with('.') {
        path.to_owned()
    } else {
        format!(".{path}")
    }
}

/// Reads `path: rule => message`.
pub fn rule_at(text: &str) -> Result<(String, Rule), String> {
    let shape = || {
        "a rule is `path: rule => message`, such as `spec: self.min <= self.max => min must not exceed max`".to_owned()
    };
    let (path, rule) = text.split_once(':').ok_or_else(shape)?;
    let is_path = path
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c));
    let rule = Rule::of_short_form(rule);
    if !is_path || rule.rule.is_empty() {
        return Err(shape());
    }
    Ok((path.trim().to_owned(), rule))
}

/// What the server takes for a column's type.
pub const COLUMN_TYPES: [&str; 5] = ["integer", "number", "string", "boolean", "date"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_may_have_colons_in_their_paths() {
        let read = column("First:string:.spec.list[0:1]").unwrap();
        assert_eq!(
            (read.json_path.as_str(), read.priority),
            (".spec.list[0:1]", 0)
        );
        let read = column("Age:date:.metadata.creationTimestamp:1").unwrap();
        assert_eq!(
            (read.json_path.as_str(), read.priority),
            (".metadata.creationTimestamp", 1)
        );
        assert!(column("Age").is_err());
        assert_eq!(read.text(), "Age:date:.metadata.creationTimestamp:1");
    }

    #[test]
    fn dotted_names_make_objects() {
        let mut body = Body::new();
        for text in [
            "limits.cpu:quantity?",
            "limits.memory:quantity",
            "other.x:int?",
        ] {
            let told = Told::argument("--field", text, field::parse(text).unwrap());
            body.insert("spec", &told).unwrap();
        }
        let spec = &body.root.field("spec").unwrap().node;
        assert_eq!(
            spec.field("limits")
                .map(|field| (field.optional, field.node.fields().len())),
            Some((false, 2))
        );
        assert_eq!(spec.field("other").map(|field| field.optional), Some(true));
    }
}

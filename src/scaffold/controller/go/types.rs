//! The types of a version in Go.
//!
//! Whatever the API server takes must be read: one object that cannot be would stop a controller for all. Of moments, spans of time,
//! quantities, and whole numbers that may be names, the server takes more than the types of Kubernetes' libraries read: they stand
//! here as they were written, and templates of Pods, which are full of them, as JSON.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::identifier::{exported, unique};
use crate::scaffold::description::Version;
use crate::scaffold::field::{Field, Node, Shape};

/// A struct of Go.
#[derive(Debug)]
pub(super) struct Struct {
    /// Its name.
    pub(super) name: String,
    /// Its comment, without the name.
    doc: String,
    /// Its fields.
    pub(super) fields: Vec<Member>,
    /// Whether it is the object itself, which has a kind and metadata.
    pub(super) is_root: bool,
}

/// A field of a struct.
#[derive(Debug)]
pub(super) struct Member {
    /// Its name in Go.
    pub(super) name: String,
    json: String,
    /// What it holds.
    pub(super) of: Type,
    doc: String,
    /// What its tag says beside the name.
    omit: &'static str,
}

/// A type of Go.
#[derive(Clone, Debug)]
pub(super) enum Type {
    /// A type of Go itself.
    Plain(&'static str),
    /// `Scalar`, which the project has for texts that may be numbers.
    Scalar,
    /// A type of a library that has `DeepCopyInto`.
    Library(&'static str),
    /// A struct of this package.
    Struct(String),
    /// Something that may be absent.
    Pointer(Box<Type>),
    /// A list.
    Slice(Box<Type>),
    /// A map from texts.
    Map(Box<Type>),
}

/// The structs of a version, that of the object first, each before those that it holds.
pub(super) fn structs(version: &Version, kind: &str) -> Vec<Struct> {
    let mut maker = Maker {
        structs: Vec::new(),
        // These are in the package too.
        taken: ["AddToScheme", "GroupVersion", "Scalar"]
            .map(str::to_owned)
            .into(),
    };
    let name = unique(&exported(kind), &mut maker.taken);
    maker.taken.insert(format!("{name}List"));
    maker.root(&name, version.root.fields());
    maker.structs
}

struct Maker {
    structs: Vec<Struct>,
    taken: BTreeSet<String>,
}

impl Maker {
    fn root(&mut self, name: &str, fields: &[Field]) {
        self.make(name, "is an object of the API.".to_owned(), fields, true);
    }

    fn make(&mut self, name: &str, doc: String, fields: &[Field], is_root: bool) {
        let place = self.structs.len();
        self.structs.push(Struct {
            name: name.to_owned(),
            doc,
            fields: Vec::new(),
            is_root,
        });
        // A field called as a method is would hide it.
        let mut taken: BTreeSet<String> = ["DeepCopy", "DeepCopyInto"].map(str::to_owned).into();
        if is_root {
            let embedded = ["TypeMeta", "ObjectMeta", "DeepCopyObject", "GetObjectKind"];
            taken.extend(embedded.map(str::to_owned));
        }
        let members = fields
            .iter()
            .map(|field| self.member(name, field, is_root, &mut taken))
            .collect();
        if let Some(made) = self.structs.get_mut(place) {
            made.fields = members;
        }
    }

    fn member(
        &mut self,
        owner: &str,
        field: &Field,
        of_root: bool,
        taken: &mut BTreeSet<String>,
    ) -> Member {
        let name = unique(&exported(&field.name), taken);
        let inner = self.type_of(&format!("{owner}{name}"), &field.node);
        let is_nullable = field.node.setting("nullable").is_some();
        let (of, omit) = match inner {
            // An object without a status has an empty one.
            Type::Struct(_) if of_root && field.optional => (inner, ",omitzero"),
            Type::Slice(_) | Type::Map(_) if field.optional => (inner, ",omitempty"),
            _ if field.optional => (Type::Pointer(Box::new(inner)), ",omitempty"),
            Type::Slice(_) | Type::Map(_) => (inner, ""),
            _ if is_nullable => (Type::Pointer(Box::new(inner)), ""),
            _ => (inner, ""),
        };
        Member {
            name,
            json: field.name.clone(),
            of,
            doc: doc_of(&field.node),
            omit,
        }
    }

    fn type_of(&mut self, name: &str, node: &Node) -> Type {
        if node.setting("schema").is_some() || node.setting("embedded").is_some() {
            return Type::Library("apiextensionsv1.JSON");
        }
        match &node.shape {
            Shape::String | Shape::Enum(_) | Shape::Duration | Shape::DateTime => {
                Type::Plain("string")
            }
            Shape::Int | Shape::Int64 => Type::Plain("int64"),
            Shape::Int32 => Type::Plain("int32"),
            Shape::Float => Type::Plain("float64"),
            Shape::Bool => Type::Plain("bool"),
            Shape::Quantity | Shape::IntOrString => Type::Scalar,
            Shape::List(node) if is_condition(node) => {
                Type::Slice(Box::new(Type::Library("metav1.Condition")))
            }
            Shape::List(node) => Type::Slice(Box::new(self.item(name, node))),
            Shape::Map(node) => Type::Map(Box::new(self.item(name, node))),
            Shape::Object(fields) if fields.is_empty() && node.setting("preserve").is_some() => {
                Type::Library("apiextensionsv1.JSON")
            }
            Shape::Object(fields) => {
                let name = unique(name, &mut self.taken);
                self.make(&name, struct_doc(node), fields, false);
                Type::Struct(name)
            }
            Shape::AnyObject | Shape::Any | Shape::PodTemplate => {
                Type::Library("apiextensionsv1.JSON")
            }
        }
    }

    /// What a list or a map holds.
    fn item(&mut self, name: &str, node: &Node) -> Type {
        let of = self.type_of(name, node);
        if node.setting("nullable").is_some() && !matches!(of, Type::Slice(_) | Type::Map(_)) {
            return Type::Pointer(Box::new(of));
        }
        of
    }
}

/// Whether it is a condition as Kubernetes has them.
fn is_condition(node: &Node) -> bool {
    let mut names: Vec<&str> = node
        .fields()
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    names.sort_unstable();
    let usual = [
        "lastTransitionTime",
        "message",
        "observedGeneration",
        "reason",
        "status",
        "type",
    ];
    names == usual
}

fn doc_of(node: &Node) -> String {
    let mut doc = node
        .setting("doc")
        .and_then(|doc| doc.as_str())
        .unwrap_or_default()
        .trim()
        .to_owned();
    let more = match &node.shape {
        Shape::Enum(words) => format!("One of {}.", words.join(", ")),
        Shape::Duration => "A span of time, such as 1h30m.".to_owned(),
        Shape::DateTime => "A moment, as RFC 3339 writes it.".to_owned(),
        Shape::Quantity => "An amount, such as 100Mi.".to_owned(),
        Shape::PodTemplate => "A corev1.PodTemplateSpec, as JSON.".to_owned(),
        _ => return doc,
    };
    if !doc.is_empty() {
        doc.push('\n');
    }
    doc + &more
}

fn struct_doc(node: &Node) -> String {
    match doc_of(node) {
        doc if doc.is_empty() => "is a part of it.".to_owned(),
        doc => format!("holds: {doc}"),
    }
}

/// All structs of a version, and the list.
pub(super) fn text(structs: &[Struct]) -> String {
    let mut text = String::new();
    for made in structs {
        comment(&mut text, "", &format!("{} {}", made.name, made.doc));
        let _ = writeln!(text, "type {} struct {{", made.name);
        if made.is_root {
            text.push_str(
                "\tmetav1.TypeMeta   `json:\",inline\"`\n\tmetav1.ObjectMeta `json:\"metadata,omitzero\"`\n\n",
            );
        }
        for block in blocks(&made.fields) {
            members(&mut text, block);
        }
        text.push_str("}\n\n");
        if made.is_root {
            list(&mut text, &made.name);
        }
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

fn list(text: &mut String, name: &str) {
    let _ = write!(
        text,
        "// {name}List is what a list of them comes as.\ntype {name}List struct {{\n\tmetav1.TypeMeta `json:\",inline\"`\n\t\
         metav1.ListMeta `json:\"metadata,omitzero\"`\n\n\tItems []{name} `json:\"items\"`\n}}\n\n"
    );
}

/// gofmt lines up fields that stand together; a comment of its own ends such a block.
fn blocks(members: &[Member]) -> Vec<&[Member]> {
    let mut blocks = Vec::new();
    let mut rest = members;
    while !rest.is_empty() {
        let end = rest
            .iter()
            .skip(1)
            .position(|member| !member.doc.is_empty())
            .map_or(rest.len(), |place| place + 1);
        let (block, others) = rest.split_at(end);
        blocks.push(block);
        rest = others;
    }
    blocks
}

fn members(text: &mut String, block: &[Member]) {
    let types: Vec<String> = block.iter().map(|member| member.of.text()).collect();
    let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let names = width(&mut block.iter().map(|member| member.name.len()));
    let widest = width(&mut types.iter().map(String::len));
    for (member, of) in block.iter().zip(&types) {
        comment(text, "\t", &member.doc);
        let tag = format!("`json:\"{}{}\"`", member.json, member.omit);
        let _ = writeln!(text, "\t{:names$} {of:widest$} {tag}", member.name);
    }
}

/// A comment of Go, with a mark before each line.
fn comment(text: &mut String, indent: &str, comment: &str) {
    for line in comment.lines() {
        let line = format!("{indent}// {line}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

impl Type {
    /// As Go writes it.
    pub(super) fn text(&self) -> String {
        match self {
            Type::Plain(name) | Type::Library(name) => (*name).to_owned(),
            Type::Scalar => "Scalar".to_owned(),
            Type::Struct(name) => name.clone(),
            Type::Pointer(of) => format!("*{}", of.text()),
            Type::Slice(of) => format!("[]{}", of.text()),
            Type::Map(of) => format!("map[string]{}", of.text()),
        }
    }
}

//! The schemas that a value must hold against, all at once: a schema, and those of its alternatives that are taken.

use crate::crd::document::Node;
use crate::crd::resource::{default, value};
use crate::crd::schema::Schema;

/// The most alternatives that are tried at one place.
const ALTERNATIVES: usize = 16;

/// Schemas that must hold at once.
#[derive(Clone)]
pub(super) struct Terms<'s> {
    all: Vec<&'s Schema<'s>>,
}

impl<'s> Terms<'s> {
    /// A schema alone.
    pub(super) fn new(schema: &'s Schema<'s>) -> Terms<'s> {
        Terms { all: vec![schema] }
    }

    /// The same with one alternative of each `anyOf` and `oneOf`, and all of each `allOf`.
    pub(super) fn alternatives(&self) -> Vec<Terms<'s>> {
        let mut found = vec![Vec::new()];
        for schema in &self.all {
            found = product(&found, &expanded(schema));
        }
        found.into_iter().map(|all| Terms { all }).collect()
    }

    /// Whether a value holds, with defaults filled in.
    pub(super) fn hold(&self, node: &Node) -> bool {
        let mut complete = node.clone();
        for schema in &self.all {
            default::apply(&mut complete, schema);
        }
        self.all
            .iter()
            .all(|schema| value::judge(schema, &complete, "").is_empty())
    }

    /// The type; empty where there is none.
    pub(super) fn kind(&self) -> &'s str {
        let mut kinds = self.all.iter().map(|schema| schema.kind);
        kinds.find(|kind| !kind.is_empty()).unwrap_or_default()
    }

    /// Whether one of them is so.
    pub(super) fn any(&self, is: impl Fn(&Schema<'s>) -> bool) -> bool {
        self.all.iter().any(|schema| is(schema))
    }

    /// What they say of something, each.
    pub(super) fn each<T>(
        &self,
        says: impl Fn(&'s Schema<'s>) -> Option<T>,
    ) -> impl Iterator<Item = T> {
        self.all.iter().filter_map(move |schema| says(schema))
    }

    /// The names of properties, as they stand in the file's order where that is known, and those that must be there.
    pub(super) fn names(&self) -> Vec<&'s str> {
        let mut names: Vec<&str> = Vec::new();
        let properties = self.all.iter().flat_map(|schema| schema.properties());
        let required = self
            .all
            .iter()
            .flat_map(|schema| schema.required.iter().flatten());
        let all = properties.map(|(name, _)| *name).chain(required.copied());
        for name in all {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// What a property must hold against; None where nothing is said of it.
    pub(super) fn property(&self, name: &str) -> Option<Terms<'s>> {
        let of = |schema: &'s Schema<'s>| schema.property(name).or_else(|| schema.additional());
        self.within(of)
    }

    /// What items must hold against.
    pub(super) fn item(&self) -> Option<Terms<'s>> {
        self.within(Schema::item)
    }

    /// What the values of a map must hold against.
    pub(super) fn additional(&self) -> Option<Terms<'s>> {
        self.within(Schema::additional)
    }

    fn within(&self, of: impl Fn(&'s Schema<'s>) -> Option<&'s Schema<'s>>) -> Option<Terms<'s>> {
        let all: Vec<&Schema<'_>> = self.each(of).collect();
        (!all.is_empty()).then_some(Terms { all })
    }

    /// Whether a property must be given: it is required, and nothing fills it in.
    pub(super) fn needs(&self, name: &str) -> bool {
        let is_required = self.any(|schema| {
            let required = schema.required.as_ref();
            required.is_some_and(|required| required.contains(&name))
        });
        let has_default = self.any(|schema| {
            schema
                .property(name)
                .is_some_and(|property| property.default.is_some())
        });
        is_required && !has_default
    }
}

fn product<'s>(
    left: &[Vec<&'s Schema<'s>>],
    right: &[Vec<&'s Schema<'s>>],
) -> Vec<Vec<&'s Schema<'s>>> {
    let pairs = left.iter().flat_map(|left| {
        right
            .iter()
            .map(move |right| [&left[..], &right[..]].concat())
    });
    pairs.take(ALTERNATIVES).collect()
}

/// The combinations of a schema with its alternatives.
fn expanded<'s>(schema: &'s Schema<'s>) -> Vec<Vec<&'s Schema<'s>>> {
    let mut found = vec![vec![schema]];
    for inner in schema.all_of.iter().flatten() {
        found = product(&found, &expanded(inner));
    }
    for list in [&schema.any_of, &schema.one_of] {
        let alternatives: Vec<Vec<&Schema<'_>>> =
            list.iter().flatten().flat_map(expanded).collect();
        if !alternatives.is_empty() {
            found = product(&found, &alternatives);
        }
    }
    found
}

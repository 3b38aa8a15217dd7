//! Whether objects pass from version to version without loss when nobody converts them.
//!
//! With `conversion: None` the server changes `apiVersion` alone, and drops the fields that the other version does not name. So
//! nothing is lost if and only if all versions name the same fields with the same types.

use super::description::Description;
use super::field::{Node, Shape};

/// Each place at which something would be lost, in words.
pub fn losses(description: &Description) -> Vec<String> {
    let Some(stored) = description.storage() else {
        return Vec::new();
    };
    let mut losses = Vec::new();
    for other in description
        .versions
        .iter()
        .filter(|version| version.name != stored.name)
    {
        let pair = Pair {
            one: &stored.name,
            other: &other.name,
        };
        pair.compare(&stored.root, &other.root, "", &mut losses);
    }
    losses
}

struct Pair<'n> {
    one: &'n str,
    other: &'n str,
}

impl Pair<'_> {
    fn compare(&self, one: &Node, other: &Node, path: &str, losses: &mut Vec<String>) {
        let differ = |what: &str| format!("`{path}` {what} in {} and {}", self.one, self.other);
        for (keyword, what) in [
            ("nullable", "is not nullable alike"),
            ("preserve", "does not keep unknown fields alike"),
            ("embedded", "is not an embedded object alike"),
            // What stands there is not understood, so nothing can be proven of it.
            ("schema", "has parts of the schema that differ"),
        ] {
            if one.setting(keyword) != other.setting(keyword) {
                losses.push(differ(what));
            }
        }
        match (&one.shape, &other.shape) {
            (Shape::Object(_), Shape::Object(_)) => self.fields(one, other, path, losses),
            (Shape::List(one), Shape::List(other)) | (Shape::Map(one), Shape::Map(other)) => {
                self.compare(one, other, &format!("{path}[]"), losses);
            }
            (one, other) if same_type(one, other) => {}
            _ => losses.push(differ("has different types")),
        }
    }

    fn fields(&self, one: &Node, other: &Node, path: &str, losses: &mut Vec<String>) {
        let below = |name: &str| {
            if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}.{name}")
            }
        };
        for field in one.fields() {
            match other.field(&field.name) {
                Some(same) => self.compare(&field.node, &same.node, &below(&field.name), losses),
                None => losses.push(format!(
                    "`{}` is in {} but not in {}",
                    below(&field.name),
                    self.one,
                    self.other
                )),
            }
        }
        for field in other
            .fields()
            .iter()
            .filter(|field| one.field(&field.name).is_none())
        {
            losses.push(format!(
                "`{}` is in {} but not in {}",
                below(&field.name),
                self.other,
                self.one
            ));
        }
    }
}

/// Whether values of one type are values of the other; limits aside, since they lose nothing.
fn same_type(one: &Shape, other: &Shape) -> bool {
    let whole = |shape: &Shape| matches!(shape, Shape::Int | Shape::Int32 | Shape::Int64);
    let mixed = |shape: &Shape| matches!(shape, Shape::Quantity | Shape::IntOrString);
    (one.is_text() && other.is_text())
        || (whole(one) && whole(other))
        || (mixed(one) && mixed(other))
        || one == other
}

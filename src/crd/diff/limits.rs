//! Limits of values: those that became tighter refuse what was right.

use super::super::document::{Node, Number};
use super::super::edit::same;
use super::super::go::{json_value, quote};
use super::super::resource::format;
use super::super::schema::Schema;
use super::change::{Changes, Spot, Verdict};

/// Adds what changed of the limits of a value.
pub(super) fn compare(old: &Schema<'_>, new: &Schema<'_>, spot: &Spot, changes: &mut Changes) {
    numbers(old, new, spot, changes);
    multiple(old, new, spot, changes);
    enumeration(old, new, spot, changes);
    pattern(old, new, spot, changes);
    formats(old, new, spot, changes);
}

/// A limit, and whether the value itself is outside of it.
type Limit = Option<(f64, bool)>;

fn numbers(old: &Schema<'_>, new: &Schema<'_>, spot: &Spot, changes: &mut Changes) {
    let float = |value: Option<f64>, exclusive| value.map(|value| (value, exclusive));
    // Go counts in 64 bits and these are small: nothing is lost.
    #[expect(
        clippy::cast_precision_loss,
        reason = "limits of sizes are far below 2^52"
    )]
    let size = |value: Option<i64>| value.map(|value| (value as f64, false));
    let least = |value: Option<i64>| size(value.filter(|value| *value > 0));
    let lower = [
        (
            "minimum",
            float(old.minimum, old.exclusive_minimum),
            float(new.minimum, new.exclusive_minimum),
        ),
        ("minLength", least(old.min_length), least(new.min_length)),
        ("minItems", least(old.min_items), least(new.min_items)),
        (
            "minProperties",
            least(old.min_properties),
            least(new.min_properties),
        ),
    ];
    let upper = [
        (
            "maximum",
            float(old.maximum, old.exclusive_maximum),
            float(new.maximum, new.exclusive_maximum),
        ),
        ("maxLength", size(old.max_length), size(new.max_length)),
        ("maxItems", size(old.max_items), size(new.max_items)),
        (
            "maxProperties",
            size(old.max_properties),
            size(new.max_properties),
        ),
    ];
    for (name, old, new) in lower {
        limit(name, old, new, |old, new| new > old, spot, changes);
    }
    for (name, old, new) in upper {
        limit(name, old, new, |old, new| new < old, spot, changes);
    }
}

fn limit(
    name: &str,
    old: Limit,
    new: Limit,
    is_tighter: impl Fn(f64, f64) -> bool,
    spot: &Spot,
    changes: &mut Changes,
) {
    let shown = |(value, exclusive): (f64, bool)| {
        format!("{value}{}", if exclusive { " (exclusive)" } else { "" })
    };
    match (old, new) {
        (None, Some(new)) => changes.breaking(
            "limit-added",
            spot,
            format!("{name} is {}, and there was none", shown(new)),
        ),
        (Some(old), None) => changes.compatible(
            "limit-removed",
            spot,
            format!("{name} was {}, and there is none", shown(old)),
        ),
        (Some(old), Some(new)) if old != new => {
            #[expect(clippy::float_cmp, reason = "the same text gives the same number")]
            let tighter = is_tighter(old.0, new.0) || (old.0 == new.0 && new.1);
            let (verdict, kind) = if tighter {
                (Verdict::Breaking, "limit-tightened")
            } else {
                (Verdict::Compatible, "limit-loosened")
            };
            let message = format!("{name} was {}, and is {}", shown(old), shown(new));
            changes.add(verdict, kind, spot, message);
        }
        _ => {}
    }
}

fn multiple(old: &Schema<'_>, new: &Schema<'_>, spot: &Spot, changes: &mut Changes) {
    match (old.multiple_of, new.multiple_of) {
        (Some(old), None) => {
            let message = format!("multipleOf was {old}, and there is none");
            changes.compatible("limit-removed", spot, message);
        }
        (None, Some(new)) => {
            let message = format!("multipleOf is {new}, and there was none");
            changes.breaking("limit-added", spot, message);
        }
        (Some(old), Some(new)) if (old - new).abs() > f64::EPSILON => {
            // Nothing is a multiple of a negative number to the API server.
            let looser = new > 0.0 && (old / new).fract() == 0.0;
            let (verdict, kind) = if looser {
                (Verdict::Compatible, "limit-loosened")
            } else {
                (Verdict::Breaking, "limit-tightened")
            };
            changes.add(
                verdict,
                kind,
                spot,
                format!("multipleOf was {old}, and is {new}"),
            );
        }
        _ => {}
    }
}

fn enumeration(old: &Schema<'_>, new: &Schema<'_>, spot: &Spot, changes: &mut Changes) {
    let missing = |of: &[Node], from: &[Node]| -> Vec<String> {
        let missing = of
            .iter()
            .filter(|value| !from.iter().any(|other| same(value, other)));
        missing.map(json_value).collect()
    };
    // An empty list limits nothing.
    let some = |list: &&[Node]| !list.is_empty();
    match (old.enumeration.filter(some), new.enumeration.filter(some)) {
        (None, Some(new)) => {
            let values: Vec<String> = new.iter().map(json_value).collect();
            let message = format!("only {} are left, and all were right", values.join(", "));
            changes.breaking("enum-added", spot, message);
        }
        (Some(_), None) => {
            changes.compatible("enum-removed", spot, "values are free now".to_owned());
        }
        (Some(old), Some(new)) => {
            let gone = missing(old, new);
            if !gone.is_empty() {
                let message = format!("{} may not be written any more", gone.join(", "));
                changes.breaking("enum-value-removed", spot, message);
            }
            let come = missing(new, old);
            if !come.is_empty() {
                let message = format!("{} may be written", come.join(", "));
                changes.compatible("enum-value-added", spot, message);
            }
        }
        (None, None) => {}
    }
}

fn pattern(old: &Schema<'_>, new: &Schema<'_>, spot: &Spot, changes: &mut Changes) {
    let (old, new) = (old.pattern, new.pattern);
    match (old, new) {
        (old, new) if old == new => {}
        (_, "") => changes.compatible("pattern-removed", spot, "there is no pattern".to_owned()),
        ("", new) => changes.breaking("pattern-added", spot, format!("must match {}", quote(new))),
        (old, new) => {
            let message = format!(
                "must match {} instead of {}, which is taken for tighter",
                quote(new),
                quote(old)
            );
            changes.breaking("pattern-changed", spot, message);
        }
    }
}

fn formats(old: &Schema<'_>, new: &Schema<'_>, spot: &Spot, changes: &mut Changes) {
    // The API server checks formats of texts that it knows; those of numbers it does not check.
    let checked = |schema: &Schema<'_>| {
        schema.kind == "string" && !schema.format.is_empty() && format::is_supported(schema.format)
    };
    if old.format == new.format {
        return;
    }
    let message = match (old.format, new.format) {
        (old, "") => format!("{} is no longer the format", quote(old)),
        ("", new) => format!("the format is {}, and there was none", quote(new)),
        (old, new) => format!("the format is {} instead of {}", quote(new), quote(old)),
    };
    if checked(new) {
        changes.breaking("format-changed", spot, message);
    } else {
        changes.compatible("format-changed", spot, message);
    }
}

/// Whether a default says the same; numbers are compared as they are written.
pub(super) fn default(old: &Schema<'_>, new: &Schema<'_>, spot: &Spot, changes: &mut Changes) {
    match (old.default, new.default) {
        (None, Some(new)) => {
            let message = format!("{} where there is none", json_value(new));
            changes.compatible("default-added", spot, message);
        }
        (Some(old), None) => {
            let message = format!("was {}, and nothing is filled in now", json_value(old));
            changes.breaking("default-removed", spot, message);
        }
        (Some(old), Some(new)) if !equal(old, new) => {
            let message = format!("was {}, and is {}", json_value(old), json_value(new));
            changes.breaking("default-changed", spot, message);
        }
        _ => {}
    }
}

fn equal(old: &Node, new: &Node) -> bool {
    let float = |node: &Node| node.number().and_then(Number::float);
    same(old, new) || float(old).is_some() && float(old) == float(new)
}

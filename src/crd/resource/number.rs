//! The limits of numbers.
//!
//! Source: numberValidator of k8s.io/kube-openapi/pkg/validation/validate/validator.go, and values.go beside it.

use super::fault::{Fault, Kind, Outcome};
use crate::crd::document::{Node, float_verb};
use crate::crd::schema::Schema;

/// Checks the limits of a number.
pub(super) fn check(schema: &Schema<'_>, node: &Node, path: &str) -> Outcome {
    let mut outcome = Outcome {
        matched: 1,
        ..Outcome::default()
    };
    let Some(number) = node.number() else {
        return outcome;
    };
    let integer = number.integer();
    let float = number.float().unwrap_or_default();
    // Integers are compared with the whole part of a limit.
    let written = |limit: f64| match integer {
        Some(_) => whole(limit).to_string(),
        None => float_verb(limit),
    };
    let compare = |limit: f64| match integer {
        Some(integer) => integer.cmp(&whole(limit)),
        None => float.total_cmp(&limit),
    };
    if let Some(factor) = schema.multiple_of {
        let positive = integer.map_or(factor > 0.0, |_| whole(factor) > 0);
        let shown = written(factor);
        if !positive {
            outcome.add(Fault {
                keyword: "multipleOf",
                name: Some(path.to_owned()),
                value: shown.clone(),
                kind: Kind::Other,
                message: format!("factor MultipleOf declared for {path} must be positive: {shown}"),
            });
        } else if !is_multiple(integer, float, factor) {
            let message = format!("{path} in body should be a multiple of {shown}");
            outcome.fault("multipleOf", path, node, Kind::Other, message);
        }
    }
    if let Some(least) = schema.minimum {
        let order = compare(least);
        if order.is_lt() || (schema.exclusive_minimum && order.is_eq()) {
            let than = if schema.exclusive_minimum {
                "than"
            } else {
                "than or equal to"
            };
            let message = format!("{path} in body should be greater {than} {}", written(least));
            outcome.fault("minimum", path, node, Kind::Other, message);
        }
    }
    if let Some(most) = schema.maximum {
        let order = compare(most);
        if order.is_gt() || (schema.exclusive_maximum && order.is_eq()) {
            let than = if schema.exclusive_maximum {
                "than"
            } else {
                "than or equal to"
            };
            let message = format!("{path} in body should be less {than} {}", written(most));
            outcome.fault("maximum", path, node, Kind::Other, message);
        }
    }
    outcome
}

/// The whole part of a limit, as Go converts it on common processors: what does not fit becomes the least integer.
fn whole(limit: f64) -> i64 {
    const EDGE: f64 = 9_223_372_036_854_775_808.0;
    if (-EDGE..EDGE).contains(&limit) {
        limit as i64
    } else {
        i64::MIN
    }
}

fn is_multiple(integer: Option<i64>, float: f64, factor: f64) -> bool {
    if let Some(integer) = integer {
        return integer.checked_rem(whole(factor)) == Some(0);
    }
    is_whole(if factor < 1.0 {
        1.0 / factor * float
    } else {
        float / factor
    })
}

/// Whether a number is an integer that JSON keeps, or so near to one that Go takes it for one.
///
/// Source: `IsFloat64AJSONInteger` of github.com/go-openapi/swag.
pub(super) fn is_whole(float: f64) -> bool {
    const LARGEST: f64 = 9_007_199_254_740_991.0;
    const NEAR: f64 = 1e-9;
    if !(-LARGEST..=LARGEST).contains(&float) {
        return false;
    }
    // Go converts negative numbers by way of signed ones.
    let whole = if float < 0.0 {
        (float as i64) as u64 as f64
    } else {
        float as u64 as f64
    };
    let is = |other: f64| float.total_cmp(&other).is_eq() || (float == 0.0 && other == 0.0);
    if is(whole) || is(float as i64 as f64) {
        return true;
    }
    // What lies between 0 and 1 is never near.
    whole != 0.0 && (float - whole).abs() / (float.abs() + whole.abs()) < NEAR
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_those_of_go() {
        for (float, is) in [
            (0.0, true),
            (-3.0, true),
            (3.000_000_000_1, true),
            (2.999_999_999_9, false),
            (0.5, false),
            (1e15, true),
            (1e30, false),
        ] {
            assert_eq!(is_whole(float), is, "{float}");
        }
        assert!(is_multiple(None, 1.5, 0.5));
        assert!(!is_multiple(None, 1e30, 0.5));
    }
}

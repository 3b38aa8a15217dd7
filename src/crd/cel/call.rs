//! What calls cost at most.
//!
//! Source: `functionCost` of github.com/google/cel-go/checker/cost.go and `EstimateCallCost` of
//! k8s.io/apiserver/pkg/cel/library/cost.go.

use super::Unchecked;
use super::cost::{Coster, Entry};
use super::expression::{Expr, Kind, Literal};
use super::kind::Type;
use super::range::{ONE, PATTERN, Range, TRAVERSAL, UNKNOWN, ZERO};

/// An operand, as estimates of calls see it.
pub(super) struct Operand<'e> {
    pub(super) expr: &'e Expr,
    pub(super) path: Vec<String>,
    pub(super) size: Option<Range>,
}

impl Coster<'_> {
    /// What a call costs with its arguments, and the size of what it returns.
    #[expect(clippy::too_many_lines, reason = "one arm a form, as upstream has it")]
    pub(super) fn function(
        &mut self,
        expr: &Expr,
        function: &str,
        overload: &str,
        target: Option<&Operand<'_>>,
        operands: &[Operand<'_>],
        costs: &[Range],
    ) -> Result<(Range, Option<Range>), Unchecked> {
        if is_beyond(function) {
            return Err(Unchecked);
        }
        let arguments = costs.iter().fold(ZERO, |sum, cost| sum.add(*cost));
        let estimate = lists(overload, target, operands)
            .or_else(|| self.library(function, target, operands))
            .or_else(|| network(function, overload, operands));
        if let Some((cost, size)) = estimate {
            return Ok((cost.add(arguments), size));
        }
        let size = |operand: &Operand<'_>| operand.size.unwrap_or(UNKNOWN);
        let text = |operand: &Operand<'_>| size(operand).factor(TRAVERSAL);
        let plain = (ONE.add(arguments), None);
        Ok(match (overload, target, operands) {
            ("string_format", Some(target), _) => (text(target).add(arguments), None),
            ("strings_quote", _, [one]) => {
                let of = size(one);
                let result = Range {
                    min: of.min.wrapping_add(2),
                    max: of.max.wrapping_mul(2).wrapping_add(2),
                };
                (text(one).add(arguments), Some(result))
            }
            ("string_to_bytes", _, [one]) => {
                let of = size(one);
                let result = Range {
                    min: of.min,
                    max: of.max.wrapping_mul(4),
                };
                (text(one).add(arguments), Some(result))
            }
            ("bytes_to_string", _, [one]) => {
                let of = size(one);
                let result = Range {
                    min: of.min / 4,
                    max: of.max,
                };
                (text(one).add(arguments), Some(result))
            }
            ("starts_with_string" | "ends_with_string", _, [one]) => {
                (text(one).add(arguments), None)
            }
            ("in_list", _, [_, list]) => (size(list).factor(1.0).add(arguments), None),
            ("matches_string", Some(target), [pattern]) => {
                let text = size(target).add(ONE).factor(TRAVERSAL);
                let pattern = size(pattern).factor(PATTERN);
                (text.multiply(pattern).add(arguments), None)
            }
            ("contains_string", Some(target), [part]) => {
                (text(target).multiply(text(part)).add(arguments), None)
            }
            ("logical_or" | "logical_and", _, _) => {
                let [left, right] = costs else {
                    return Err(Unchecked);
                };
                let cost = Range {
                    min: left.min,
                    max: left.max.saturating_add(right.max),
                };
                (cost, None)
            }
            ("conditional", _, [_, one, other]) => {
                let [condition, first, second] = costs else {
                    return Err(Unchecked);
                };
                let entry = Entry::union(self.entry(one.expr), self.entry(other.expr));
                if entry.is_some() {
                    self.entries[expr.id] = entry;
                }
                let result = size(one).union(size(other));
                (condition.add(first.union(*second)), Some(result))
            }
            ("add_string" | "add_bytes" | "add_list", _, [one, other]) => {
                let result = size(one).add(size(other));
                let entry = Entry::union(self.entry(one.expr), self.entry(other.expr));
                if entry.is_some() {
                    self.entries[expr.id] = entry;
                }
                let cost = if overload == "add_list" {
                    ONE
                } else {
                    result.factor(TRAVERSAL)
                };
                (cost.add(arguments), Some(result))
            }
            (
                "less_string"
                | "greater_string"
                | "less_equals_string"
                | "greater_equals_string"
                | "less_bytes"
                | "greater_bytes"
                | "less_equals_bytes"
                | "greater_equals_bytes"
                | "equals"
                | "not_equals",
                _,
                [one, other],
            ) => {
                let max = size(one).max.min(size(other).max);
                let cost = Range {
                    min: u64::from(max > 0),
                    max,
                };
                (cost.factor(TRAVERSAL).add(arguments), None)
            }
            _ => plain,
        })
    }

    /// What the API server's own libraries say.
    fn library(
        &self,
        function: &str,
        target: Option<&Operand<'_>>,
        operands: &[Operand<'_>],
    ) -> Option<(Range, Option<Range>)> {
        let size = |operand: &Operand<'_>| operand.size.unwrap_or(UNKNOWN);
        let only = |cost| Some((cost, None));
        match (function, target, operands) {
            ("isSorted" | "sum" | "max" | "min" | "indexOf" | "lastIndexOf", Some(target), _) => {
                let of = self.of(target.expr);
                let Some(item) = of.parameters().first().copied().cloned() else {
                    return only(size(target).factor(TRAVERSAL));
                };
                let mut each = ONE;
                if matches!(item, Type::String | Type::Bytes) {
                    each = each.add(self.item_size(target).factor(TRAVERSAL));
                }
                only(size(target).multiply(each))
            }
            ("lowerAscii" | "upperAscii" | "substring" | "trim", Some(target), _) => {
                let of = size(target);
                Some((of.factor(TRAVERSAL), Some(of)))
            }
            ("replace", Some(target), [from, to, ..]) => {
                Some(replaced(size(target), size(from), size(to)))
            }
            ("split", Some(target), _) => {
                let of = size(target);
                let mut max = of.max;
                if let Some(Operand { expr, .. }) = operands.get(1)
                    && let Kind::Literal(Literal::Int(count)) = expr.kind
                {
                    max = count as u64;
                }
                Some((of.factor(2.0 * TRAVERSAL), Some(Range { min: 0, max })))
            }
            ("join", Some(target), _) => {
                let count = size(target);
                let mut of = count.multiply(self.item_size(target));
                if let Some(between) = operands.first() {
                    let times = Range {
                        min: count.min.saturating_sub(1),
                        max: count.max.saturating_sub(1),
                    };
                    of = of.add(size(between).multiply(times));
                }
                Some((of.factor(TRAVERSAL), Some(of)))
            }
            ("find" | "findAll", Some(target), [pattern, ..]) => {
                let text = size(target).add(ONE).factor(TRAVERSAL);
                let cost = text.multiply(size(pattern).factor(PATTERN));
                let result = Range {
                    min: 0,
                    max: size(target).max,
                };
                Some((cost, Some(result)))
            }
            ("url", _, [one]) => Some((size(one).factor(TRAVERSAL), Some(size(one)))),
            (
                "quantity" | "isQuantity" | "semver" | "isSemver" | "cidr" | "isIP" | "isCIDR",
                _,
                [one, ..],
            ) => only(size(one).factor(TRAVERSAL)),
            (
                "sign" | "asInteger" | "isInteger" | "asApproximateFloat" | "isGreaterThan"
                | "isLessThan" | "compareTo" | "add" | "sub" | "major" | "minor" | "patch"
                | "getScheme" | "getHostname" | "getHost" | "getPort" | "getEscapedPath"
                | "getQuery" | "format.named",
                _,
                _,
            ) => only(ONE),
            ("validate", _, [one, ..]) => {
                only(size(one).factor(TRAVERSAL).factor(LONGEST_FORMAT * PATTERN))
            }
            ("_==_", _, [one, other]) => {
                let (of, is) = (self.of(one.expr), self.of(other.expr));
                let Type::Struct(name) = &of else {
                    return None;
                };
                let up_to = |max| only(Range { min: 1, max }.factor(TRAVERSAL));
                match name.as_str() {
                    _ if of != is => None,
                    "net.IP" | "net.CIDR" | "kubernetes.Quantity" | "kubernetes.Semver" => {
                        only(ONE)
                    }
                    "kubernetes.NamedFormat" => up_to(LONGEST_NAME),
                    "kubernetes.URL" => up_to(other.size.map_or(1, |size| size.max)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The size of a list's items, as far as the schema tells.
    fn item_size(&self, list: &Operand<'_>) -> Range {
        let mut path = list.path.clone();
        if path.is_empty() {
            return UNKNOWN;
        }
        path.push("@items".to_owned());
        self.declared(&path).unwrap_or(UNKNOWN)
    }
}

fn replaced(of: Range, from: Range, to: Range) -> (Range, Option<Range>) {
    let mut count = ZERO;
    let mut kept = ZERO;
    if from.min == 0 {
        count.max = of.max.saturating_add(1);
        kept.max = of.max;
    } else if to.max <= from.min {
        kept.max = of.max;
    } else {
        count.max = (of.max as f64 / from.min as f64).ceil() as u64;
    }
    if from.max == 0 {
        count.min = of.min.saturating_add(1);
        kept.min = of.min;
    } else if from.max <= to.min {
        kept.min = of.min;
    } else {
        count.min = (of.min as f64 / from.max as f64).ceil() as u64;
    }
    (
        of.factor(2.0 * TRAVERSAL),
        Some(count.multiply(to).add(kept)),
    )
}

/// How many characters the longest pattern of a format has, and the longest name of one.
const LONGEST_FORMAT: f64 = 128.0;
const LONGEST_NAME: u64 = 64;

/// Functions of addresses and their ranges.
fn network(
    function: &str,
    overload: &str,
    operands: &[Operand<'_>],
) -> Option<(Range, Option<Range>)> {
    let text = |factor: f64| {
        let size = operands.first().and_then(|one| one.size);
        size.unwrap_or(UNKNOWN).factor(factor)
    };
    // An address has 4 bytes, or 16.
    let bytes = Range { min: 4, max: 16 };
    let twice = bytes.add(bytes).factor(TRAVERSAL);
    let cost = match (function, overload) {
        ("ip", "cidr_ip") => ONE,
        ("ip", _) => text(TRAVERSAL),
        ("ip.isCanonical", _) => text(2.0 * TRAVERSAL),
        ("containsIP", "cidr_contains_ip_string") => twice.add(text(TRAVERSAL)),
        ("containsIP", _) => twice,
        ("containsCIDR", _) => {
            let cost = twice.add(bytes.factor(TRAVERSAL)).add(ONE);
            if overload == "cidr_contains_cidr_string" {
                cost.add(text(TRAVERSAL))
            } else {
                cost
            }
        }
        _ => return None,
    };
    Some((cost, None))
}

/// Functions of lists that make lists, and those on sets.
///
/// Source: ext/lists.go and ext/sets.go of github.com/google/cel-go.
fn lists(
    overload: &str,
    target: Option<&Operand<'_>>,
    operands: &[Operand<'_>],
) -> Option<(Range, Option<Range>)> {
    let size = |operand: &Operand<'_>| operand.size.unwrap_or(UNKNOWN);
    let written = |operand: Option<&Operand<'_>>, default: u64| match operand?.expr.kind {
        Kind::Literal(Literal::Int(int)) => Some(u64::try_from(int).unwrap_or(0)),
        _ => Some(default),
    };
    // A call, and the list that it makes.
    let made = |factor: f64, of: Range| {
        let cost = of.factor(factor).add(ONE).add(Range::exactly(10));
        Some((cost, Some(of)))
    };
    let square = |of: Range| of.multiply(of);
    let compared = if overload.starts_with("list_string_") || overload.starts_with("list_bytes_") {
        2.0 + TRAVERSAL
    } else {
        2.0
    };
    match (overload, target, operands) {
        ("list_slice", Some(target), [from, to]) => {
            let from = written(Some(from), 0)?;
            let to = written(Some(to), size(target).max)?;
            made(1.0, Range::exactly(to.wrapping_sub(from)))
        }
        ("lists_range", _, [end]) => made(1.0, Range::exactly(written(Some(end), u64::MAX)?)),
        ("list_reverse" | "list_flatten", Some(target), []) => made(1.0, size(target)),
        ("list_flatten_int", Some(target), [depth]) => {
            made(written(Some(depth), u64::MAX)? as f64, size(target))
        }
        ("list_distinct", Some(target), []) => made(2.0, square(size(target))),
        (_, Some(target), []) if overload.ends_with("_sort") => {
            made(compared, square(size(target)))
        }
        (_, Some(_), [keys]) if overload.ends_with("_sortByAssociatedKeys") => {
            made(compared, square(size(keys)))
        }
        (
            "list_sets_contains_list" | "list_sets_intersects_list" | "list_sets_equivalent_list",
            _,
            [one, other],
        ) => {
            let factor = if overload == "list_sets_equivalent_list" {
                2.0
            } else {
                1.0
            };
            let cost = size(one).multiply(size(other)).factor(factor).add(ONE);
            Some((cost, None))
        }
        _ => None,
    }
}

/// Functions of the authorizer, which no rule of a definition has.
fn is_beyond(function: &str) -> bool {
    const FUNCTIONS: [&str; 14] = [
        "check",
        "serviceAccount",
        "path",
        "group",
        "resource",
        "subresource",
        "namespace",
        "name",
        "allowed",
        "reason",
        "error",
        "errored",
        "fieldSelector",
        "labelSelector",
    ];
    FUNCTIONS.contains(&function)
}

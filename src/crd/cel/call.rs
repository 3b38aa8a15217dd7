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
    pub(super) fn function(
        &mut self,
        expr: &Expr,
        function: &str,
        overload: &str,
        target: Option<&Operand<'_>>,
        operands: &[Operand<'_>],
        costs: &[Range],
    ) -> Result<(Range, Option<Range>), Unchecked> {
        if is_beyond(function, overload) {
            return Err(Unchecked);
        }
        let arguments = costs.iter().fold(ZERO, |sum, cost| sum.add(*cost));
        if let Some((cost, size)) = self.library(function, target, operands)? {
            return Ok((cost.add(arguments), size));
        }
        let size = |operand: &Operand<'_>| operand.size.unwrap_or(UNKNOWN);
        let text = |operand: &Operand<'_>| size(operand).factor(TRAVERSAL);
        let plain = (ONE.add(arguments), None);
        Ok(match (overload, target, operands) {
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
    ) -> Result<Option<(Range, Option<Range>)>, Unchecked> {
        let size = |operand: &Operand<'_>| operand.size.unwrap_or(UNKNOWN);
        let only = |cost| Ok(Some((cost, None)));
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
                Ok(Some((of.factor(TRAVERSAL), Some(of))))
            }
            ("replace", Some(target), [from, to, ..]) => {
                Ok(Some(replaced(size(target), size(from), size(to))))
            }
            ("split", Some(target), _) => {
                let of = size(target);
                let mut max = of.max;
                if let Some(Operand { expr, .. }) = operands.get(1)
                    && let Kind::Literal(Literal::Int(count)) = expr.kind
                {
                    max = count as u64;
                }
                Ok(Some((
                    of.factor(2.0 * TRAVERSAL),
                    Some(Range { min: 0, max }),
                )))
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
                Ok(Some((of.factor(TRAVERSAL), Some(of))))
            }
            ("find" | "findAll", Some(target), [pattern, ..]) => {
                let text = size(target).add(ONE).factor(TRAVERSAL);
                let cost = text.multiply(size(pattern).factor(PATTERN));
                let result = Range {
                    min: 0,
                    max: size(target).max,
                };
                Ok(Some((cost, Some(result))))
            }
            ("url", _, [one]) => Ok(Some((size(one).factor(TRAVERSAL), Some(size(one))))),
            (
                "quantity" | "isQuantity" | "semver" | "isSemver" | "cidr" | "isIP" | "isCIDR",
                _,
                [one, ..],
            ) => only(size(one).factor(TRAVERSAL)),
            (
                "sign" | "asInteger" | "isInteger" | "asApproximateFloat" | "isGreaterThan"
                | "isLessThan" | "compareTo" | "add" | "sub" | "major" | "minor" | "patch"
                | "getScheme" | "getHostname" | "getHost" | "getPort" | "getEscapedPath"
                | "getQuery",
                _,
                _,
            ) => only(ONE),
            ("_==_", _, [one, other]) => {
                let (one, other) = (self.of(one.expr), self.of(other.expr));
                let is_library = |of: &Type| {
                    matches!(of, Type::Opaque(..)) && of.held().is_none()
                        || matches!(of, Type::Struct(name) if name.contains("kubernetes.") || name.contains("net."))
                };
                match one {
                    Type::Struct(ref name) if one == other && name == "kubernetes.Quantity" => {
                        only(ONE)
                    }
                    one if is_library(&one) || is_library(&other) => Err(Unchecked),
                    _ => Ok(None),
                }
            }
            _ => Ok(None),
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

/// Functions whose estimates are not ported.
fn is_beyond(function: &str, overload: &str) -> bool {
    const FUNCTIONS: [&str; 22] = [
        "format",
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
        "ip",
        "ip.isCanonical",
        "validate",
        "format.named",
        "containsIP",
        "containsCIDR",
        "jsonpatch.escapeKey",
    ];
    const OVERLOADS: [&str; 5] = [
        "list_slice",
        "list_flatten",
        "lists_range",
        "list_reverse",
        "list_distinct",
    ];
    FUNCTIONS.contains(&function)
        || function.starts_with("sets.")
        || function.contains('@') && function != "@in" && function != "@not_strictly_false"
        || OVERLOADS.iter().any(|known| overload.starts_with(known))
        || overload.ends_with("_sort")
        || [
            "masked",
            "prefixLength",
            "family",
            "quote",
            "strings.quote",
            "reverse",
        ]
        .contains(&function)
}

//! Functions on lists, and on lists as sets.
//!
//! Source: k8s.io/apiserver/pkg/cel/library/lists.go, and ext/lists.go, ext/sets.go and ext/strings.go of
//! github.com/google/cel-go.

use std::cmp::Ordering;

use super::operator;
use super::value::{Evaluated, Stop, Value, fail};

/// A call on lists.
pub(super) fn call<'v>(function: &str, operands: &[Value<'v>]) -> Option<Evaluated<Value<'v>>> {
    if let ("lists.range", [Value::Int(end)]) = (function, operands) {
        return Some(Ok(Value::list((0..*end).map(Value::Int).collect())));
    }
    let (list @ (Value::List(_) | Value::Node(..)), arguments) = operands.split_first()? else {
        return None;
    };
    let items = match list.items() {
        Ok(items) => items,
        Err(stop) => return Some(Err(stop)),
    };
    Some(match (function, arguments) {
        ("isSorted", []) => is_sorted(&items),
        ("sum", []) => sum(&items)?,
        ("max", []) => extreme("max", &items, Ordering::Less),
        ("min", []) => extreme("min", &items, Ordering::Greater),
        ("indexOf", [item]) => place(items.iter().enumerate(), item),
        ("lastIndexOf", [item]) => place(items.iter().enumerate().rev(), item),
        ("join", []) => joined(&items, ""),
        ("join", [Value::String(between)]) => joined(&items, between),
        ("first", []) => Ok(Value::Optional(items.first().cloned().map(Into::into))),
        ("last", []) => Ok(Value::Optional(items.last().cloned().map(Into::into))),
        ("reverse", []) => Ok(Value::list(items.into_iter().rev().collect())),
        ("distinct", []) => distinct(items),
        ("slice", [Value::Int(from), Value::Int(to)]) => slice(&items, *from, *to),
        ("flatten", []) => flat(items, 1).map(Value::list),
        ("flatten", [Value::Int(depth)]) => flat(items, *depth).map(Value::list),
        ("sort", []) => sorted(items.clone(), items),
        ("@sortByAssociatedKeys", [keys]) => keys.items().and_then(|keys| sorted(items, keys)),
        ("optional.unwrap" | "unwrapOpt", []) => unwrapped(items),
        ("sets.contains", [other]) => sets(other, |other| contains(&items, other)),
        ("sets.equivalent", [other]) => sets(other, |other| {
            Ok(contains(&items, other)? && contains(other, &items)?)
        }),
        ("sets.intersects", [other]) => sets(other, |other| {
            for item in &items {
                if has(other, item)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }),
        _ => return None,
    })
}

/// The sum of nothing, by the form of the function.
pub(super) fn zero<'v>(overload: &str) -> Option<Value<'v>> {
    Some(match overload {
        "list_int_sum_int" => Value::Int(0),
        "list_uint_sum_uint" => Value::Uint(0),
        "list_double_sum_double" => Value::Double(0.0),
        "list_duration_sum_duration" => Value::Duration(0),
        _ => return None,
    })
}

/// What fails within a list is not what is told.
fn certainly<T>(result: Evaluated<T>) -> Evaluated<T> {
    result.map_err(|_| Stop::Unchecked)
}

fn has<'v>(list: &[Value<'v>], item: &Value<'v>) -> Evaluated<bool> {
    for other in list {
        if certainly(item.equals(other))? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn contains<'v>(list: &[Value<'v>], part: &[Value<'v>]) -> Evaluated<bool> {
    for item in part {
        if !has(list, item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn sets<'v>(
    other: &Value<'v>,
    is: impl FnOnce(&[Value<'v>]) -> Evaluated<bool>,
) -> Evaluated<Value<'v>> {
    is(&other.items()?).map(Value::Bool)
}

fn is_sorted<'v>(items: &[Value<'v>]) -> Evaluated<Value<'v>> {
    for pair in items.windows(2) {
        if certainly(pair[0].compare(&pair[1]))? == Ordering::Greater {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

fn sum<'v>(items: &[Value<'v>]) -> Option<Evaluated<Value<'v>>> {
    let mut sum = match items.first()? {
        Value::Int(_) => Value::Int(0),
        Value::Uint(_) => Value::Uint(0),
        Value::Double(_) => Value::Double(0.0),
        Value::Duration(_) => Value::Duration(0),
        _ => return None,
    };
    for item in items {
        sum = match operator::binary("_+_", &sum, item)? {
            Ok(sum) => sum,
            Err(stop) => return Some(Err(stop)),
        };
    }
    Some(Ok(sum))
}

fn extreme<'v>(name: &str, items: &[Value<'v>], unlike: Ordering) -> Evaluated<Value<'v>> {
    let Some((first, rest)) = items.split_first() else {
        return fail(format!("{name} called on empty list"));
    };
    let mut found = first;
    for item in rest {
        if certainly(found.compare(item))? == unlike {
            found = item;
        }
    }
    Ok(found.clone())
}

fn place<'i, 'v: 'i>(
    items: impl Iterator<Item = (usize, &'i Value<'v>)>,
    wanted: &Value<'v>,
) -> Evaluated<Value<'v>> {
    for (index, item) in items {
        if certainly(item.equals(wanted))? {
            return Value::count(index);
        }
    }
    Ok(Value::Int(-1))
}

fn joined<'v>(items: &[Value<'v>], between: &str) -> Evaluated<Value<'v>> {
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        let Value::String(text) = item else {
            return Err(Stop::Unchecked);
        };
        texts.push(&**text);
    }
    Ok(Value::text(texts.join(between)))
}

fn distinct(items: Vec<Value<'_>>) -> Evaluated<Value<'_>> {
    let mut kept = Vec::new();
    for item in items {
        if !has(&kept, &item)? {
            kept.push(item);
        }
    }
    Ok(Value::list(kept))
}

fn slice<'v>(items: &[Value<'v>], from: i64, to: i64) -> Evaluated<Value<'v>> {
    let cannot = |why: &str| fail(format!("cannot slice({from}, {to}), {why}"));
    let (Ok(start), Ok(end)) = (usize::try_from(from), usize::try_from(to)) else {
        return cannot("negative indexes not supported");
    };
    if start > end {
        return cannot("start index must be less than or equal to end index");
    }
    match items.get(start..end) {
        Some(part) => Ok(Value::list(part.to_vec())),
        None => cannot(&format!("list is length {}", items.len())),
    }
}

fn flat(items: Vec<Value<'_>>, depth: i64) -> Evaluated<Vec<Value<'_>>> {
    if depth < 0 {
        return fail("level must be non-negative");
    }
    let mut found = Vec::new();
    for item in items {
        if depth > 0 && item.is_list() {
            found.extend(flat(item.items()?, depth - 1)?);
        } else {
            found.push(item);
        }
    }
    Ok(found)
}

fn sorted<'v>(items: Vec<Value<'v>>, keys: Vec<Value<'v>>) -> Evaluated<Value<'v>> {
    let mut pairs: Vec<(Value<'v>, Value<'v>)> = keys.into_iter().zip(items).collect();
    for pair in pairs.windows(2) {
        certainly(pair[0].0.compare(&pair[1].0))?;
    }
    let order = |one: &Value<'v>, other: &Value<'v>| one.compare(other).unwrap_or(Ordering::Equal);
    pairs.sort_by(|one, other| order(&one.0, &other.0));
    for pair in pairs.windows(2) {
        // In which order Go leaves what is alike is not followed.
        let alike = order(&pair[0].0, &pair[1].0) == Ordering::Equal;
        if alike && !certainly(pair[0].1.equals(&pair[1].1))? {
            return Err(Stop::Unchecked);
        }
    }
    Ok(Value::list(
        pairs.into_iter().map(|(_, item)| item).collect(),
    ))
}

fn unwrapped(items: Vec<Value<'_>>) -> Evaluated<Value<'_>> {
    let mut kept = Vec::new();
    for item in items {
        match item {
            Value::Optional(held) => kept.extend(held.map(|held| (*held).clone())),
            _ => return Err(Stop::Unchecked),
        }
    }
    Ok(Value::list(kept))
}

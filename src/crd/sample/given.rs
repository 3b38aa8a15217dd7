//! Candidates for simple values: what the schema gives, what fits its limits.

use serde_json::{Value as Json, json};

use super::pattern;
use super::terms::Terms;
use crate::crd::schema::Schema;

/// What nobody wants to read is not made.
const LONGEST: i64 = 1 << 16;

/// The values of an enum, beginning with the one of that number.
pub(super) fn enumerated(terms: &Terms<'_>, index: usize) -> Vec<Json> {
    let mut lists = terms.each(|schema| schema.enumeration.filter(|list| !list.is_empty()));
    let Some(list) = lists.next() else {
        return Vec::new();
    };
    let mut values: Vec<Json> = list.iter().map(Json::from).collect();
    values.rotate_left(index % list.len());
    values
}

/// Texts for a field of that name.
pub(super) fn texts(terms: &Terms<'_>, name: &str, index: usize) -> Vec<Json> {
    let least = terms.each(|schema| schema.min_length).max().unwrap_or(0);
    let most = terms
        .each(|schema| schema.max_length)
        .min()
        .unwrap_or(i64::MAX);
    if least > most.min(LONGEST) {
        return Vec::new();
    }
    let most = usize::try_from(most).unwrap_or_default();
    let least = usize::try_from(least).unwrap_or_default();
    // Of texts that match a pattern, those that must differ do so by their lengths.
    let longer = least.max(if index == 0 { 0 } else { index + 1 });
    let patterns = terms.each(|schema| Some(schema.pattern).filter(|pattern| !pattern.is_empty()));
    let mut texts: Vec<String> = patterns
        .filter_map(|pattern| pattern::matching(pattern, longer..=most))
        .collect();
    let formats = terms.each(|schema| pattern::of_format(schema.format));
    texts.extend(formats.map(str::to_owned));
    let word = word(name, index);
    let length = least.max(word.chars().count()).min(most);
    let padded: String = word
        .chars()
        .chain(std::iter::repeat('a'))
        .take(length)
        .collect();
    texts.push(padded);
    texts.into_iter().map(Json::String).collect()
}

fn word(name: &str, index: usize) -> String {
    let word = match name {
        "image" => "registry.k8s.io/pause:3.10",
        "" | "key" => "example",
        name => name,
    };
    if index == 0 {
        word.to_owned()
    } else {
        format!("{index}-{word}")
    }
}

/// Whole numbers.
pub(super) fn integers(terms: &Terms<'_>, index: usize) -> Vec<Json> {
    let index = i64::try_from(index).unwrap_or(i64::MAX);
    let (least, most) = limits(terms);
    let step = terms
        .each(|schema| schema.multiple_of)
        // Of whole numbers, the server looks at the whole part of the factor.
        .map(|factor| (factor as i64).max(1))
        .fold(1, least_common_multiple);
    let first = match (least, most) {
        (Some(least), _) => least,
        (None, Some(most)) if most < 1 => most
            .saturating_sub(most.rem_euclid(step))
            .saturating_sub(step.saturating_mul(4)),
        _ => 1,
    };
    let first = first.saturating_add((step - first.rem_euclid(step)) % step);
    let value = first.saturating_add(step.saturating_mul(index));
    // What else the schema says may be against the first.
    let upwards = (0..WALK).map(|nth| value.saturating_add(step.saturating_mul(nth)));
    let end = most.map(|most| most.saturating_sub(most.rem_euclid(step)));
    let downwards = end
        .into_iter()
        .flat_map(|end| (0..WALK).map(move |nth| end.saturating_sub(step.saturating_mul(nth))));
    let mut all: Vec<i64> = upwards.chain([index]).chain(downwards).collect();
    all.extend([0, -step, step]);
    all.into_iter().map(|number| json!(number)).collect()
}

/// How many numbers are tried from either limit.
const WALK: i64 = 16;

/// Whether limits leave no whole number.
pub(super) fn has_no_integer(terms: &Terms<'_>) -> bool {
    let (least, most) = limits(terms);
    least.zip(most).is_some_and(|(least, most)| least > most)
}

/// The least and the largest whole number that all terms leave.
fn limits(terms: &Terms<'_>) -> (Option<i64>, Option<i64>) {
    let least = terms.each(|schema| schema.minimum.map(|limit| above(schema, limit)));
    let most = terms.each(|schema| schema.maximum.map(|limit| below(schema, limit)));
    (least.max(), most.min())
}

fn least_common_multiple(one: i64, other: i64) -> i64 {
    let (mut a, mut b) = (one, other);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    (one / a.max(1)).saturating_mul(other)
}

/// The least whole number that a minimum allows.
fn above(schema: &Schema<'_>, limit: f64) -> i64 {
    let exclusive = schema.exclusive_minimum && limit.fract() == 0.0;
    (limit.ceil() as i64).saturating_add(i64::from(exclusive))
}

/// The largest whole number that a maximum allows.
fn below(schema: &Schema<'_>, limit: f64) -> i64 {
    let exclusive = schema.exclusive_maximum && limit.fract() == 0.0;
    (limit.floor() as i64).saturating_sub(i64::from(exclusive))
}

/// Numbers.
pub(super) fn numbers(terms: &Terms<'_>, index: usize) -> Vec<Json> {
    let nth = index as f64;
    let least = terms.each(|schema| schema.minimum).reduce(f64::max);
    let most = terms.each(|schema| schema.maximum).reduce(f64::min);
    let multiple = terms
        .each(|schema| schema.multiple_of)
        .next()
        .map(|factor| {
            let first = least.map_or(1.0, |least| (least / factor).floor() + 1.0);
            factor * (first + nth)
        });
    let within = match (least, most) {
        (Some(least), Some(most)) => least + (most - least) / (nth + 2.0),
        (Some(least), None) => least + 0.5 + nth,
        (None, Some(most)) => most - 0.5 - nth,
        (None, None) => 0.5 + nth,
    };
    let mut numbers: Vec<f64> = multiple.into_iter().collect();
    numbers.extend([within, nth]);
    numbers.extend(least.into_iter().chain(most));
    numbers.into_iter().map(|number| json!(number)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Extent, sample};
    use crate::crd::document::{Limits, read};
    use crate::crd::schema::parse;

    fn made(schema: &str) -> String {
        let documents = read(schema.as_bytes(), Limits::default()).unwrap();
        let schema = parse(&documents[0].root);
        match sample(&schema, "it", Extent::Least) {
            Ok(value) => value.to_string(),
            Err(no) => no.why,
        }
    }

    #[test]
    fn a_whole_number_is_found_where_there_is_one() {
        for (schema, value) in [
            ("{type: integer}", "1"),
            ("{type: integer, minimum: 2, not: {enum: [2, 3]}}", "4"),
            ("{type: integer, multipleOf: 2.5}", "2"),
            (
                "{type: integer, allOf: [{multipleOf: 4}, {multipleOf: 6}], minimum: 1, maximum: 12}",
                "12",
            ),
            ("{type: integer, maximum: 10, not: {maximum: 8}}", "9"),
            (
                "{type: integer, maximum: 10, not: {anyOf: [{maximum: 8}, {minimum: 10}]}}",
                "9",
            ),
            ("{type: integer, minimum: 0.5, maximum: 1.5}", "1"),
            ("{type: integer, maximum: -5}", "-9"),
            (
                "{type: integer, minimum: 5, maximum: 4}",
                "no whole number lies within its limits",
            ),
            (
                "{type: integer, minimum: 1, maximum: 2, exclusiveMinimum: true, exclusiveMaximum: true}",
                "no whole number lies within its limits",
            ),
            (
                "{type: integer, minimum: 1, maximum: 9, not: {minimum: 1}}",
                "no whole number was found that holds against all of its schema",
            ),
        ] {
            assert_eq!(made(schema), value, "{schema}");
        }
    }
}

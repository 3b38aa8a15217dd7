//! Values that a schema takes.

use std::cell::Cell;

use serde_json::{Map, Value as Json, json};

use super::terms::Terms;
use super::{Extent, NoSample, given};
use crate::crd::document::Node;
use crate::crd::schema::Schema;

/// How many places are tried for one sample: alternatives within alternatives would never end.
const TRIES: u32 = 20_000;

/// The most items or entries that are made.
const LARGEST: i64 = 1000;

/// A value of a schema, which is checked: the server takes it, unless a rule is against it.
pub(crate) fn sample(schema: &Schema<'_>, path: &str, extent: Extent) -> Result<Json, NoSample> {
    let maker = Maker {
        extent,
        tries: Cell::new(TRIES),
    };
    maker.make(&Terms::new(schema), path, 0)
}

struct Maker {
    extent: Extent,
    tries: Cell<u32>,
}

impl Maker {
    /// Makes the sample number `index` of those that must differ from each other.
    fn make(&self, terms: &Terms<'_>, path: &str, index: usize) -> Result<Json, NoSample> {
        let Some(tries) = self.tries.get().checked_sub(1) else {
            return Err(NoSample::new(
                path,
                "its alternatives are too many to be tried",
            ));
        };
        self.tries.set(tries);
        let holds = |json: &Json| terms.hold(&Node::from(json));
        let given = if index == 0 {
            self.given(terms)
        } else {
            Vec::new()
        };
        if let Some(given) = given.into_iter().find(holds) {
            return Ok(given);
        }
        let mut why = None;
        for alternative in terms.alternatives() {
            match self.candidates(&alternative, path, index) {
                Ok(candidates) => {
                    if let Some(found) = candidates.into_iter().find(holds) {
                        return Ok(found);
                    }
                }
                Err(no) => why = Some(no),
            }
        }
        Err(why.unwrap_or_else(|| NoSample::new(path, nothing_holds(terms))))
    }

    /// What the schema itself gives.
    fn given(&self, terms: &Terms<'_>) -> Vec<Json> {
        let examples = terms.each(|schema| schema.example);
        let defaults = terms.each(|schema| schema.default);
        // All fields say more than a default does.
        let wants_fields = self.extent == Extent::Most && !terms.names().is_empty();
        let defaults = defaults.filter(|_| !wants_fields);
        examples.chain(defaults).map(Json::from).collect()
    }

    fn candidates(
        &self,
        terms: &Terms<'_>,
        path: &str,
        index: usize,
    ) -> Result<Vec<Json>, NoSample> {
        let enumerated = given::enumerated(terms, index);
        if !enumerated.is_empty() {
            return Ok(enumerated);
        }
        let name = path.rsplit('.').next().unwrap_or_default();
        let name = name.split('[').next().unwrap_or_default();
        let is_embedded = terms.any(|schema| schema.embedded_resource);
        if terms.any(|schema| schema.int_or_string) {
            let mut all = given::texts(terms, name, index);
            let has_pattern = terms.any(|schema| !schema.pattern.is_empty());
            let place = if has_pattern { all.len() } else { 0 };
            all.insert(place, json!(8080 + index));
            return Ok(all);
        }
        Ok(match terms.kind() {
            "string" => given::texts(terms, name, index),
            "integer" => given::integers(terms, index),
            "number" => given::numbers(terms, index),
            "boolean" => vec![json!(index == 0), json!(index != 0)],
            "array" => vec![self.list(terms, path)?],
            "object" => self.objects(terms, path, index)?,
            _ if is_embedded || !terms.names().is_empty() => self.objects(terms, path, index)?,
            _ => vec![json!("anything"), json!(1), json!({}), json!([])],
        })
    }

    fn list(&self, terms: &Terms<'_>, path: &str) -> Result<Json, NoSample> {
        let least = terms.each(|schema| schema.min_items).max().unwrap_or(0);
        let most = terms
            .each(|schema| schema.max_items)
            .min()
            .unwrap_or(LARGEST);
        let length = self.length(least, most, path)?;
        let Some(item) = terms.item() else {
            return Ok(vec!["anything"; length].into());
        };
        let must_differ = terms.any(|schema| matches!(schema.list_type, Some("set" | "map")));
        let items = (0..length).map(|index| {
            let place = format!("{path}[{index}]");
            self.make(&item, &place, if must_differ { index } else { 0 })
        });
        items.collect::<Result<Vec<_>, _>>().map(Json::Array)
    }

    /// How many items or entries there should be.
    fn length(&self, least: i64, most: i64, path: &str) -> Result<usize, NoSample> {
        if least > most.min(LARGEST) {
            return Err(NoSample::new(path, "it would have to be too long"));
        }
        let wanted = match self.extent {
            Extent::Least => least,
            Extent::Most => least.max(1).min(most),
        };
        Ok(usize::try_from(wanted).unwrap_or_default())
    }

    /// An object with all its fields, then others with fewer or more of them: alternatives may demand some and forbid others.
    fn objects(&self, terms: &Terms<'_>, path: &str, index: usize) -> Result<Vec<Json>, NoSample> {
        let mut needed = Map::new();
        let mut more = Map::new();
        for name in terms.names() {
            let is_needed = terms.needs(name);
            let property = terms.property(name);
            let made = match &property {
                Some(property) => self.make(property, &child(path, name), index),
                None => Ok(json!("value")),
            };
            match made {
                Ok(value) if is_needed => needed.insert(name.to_owned(), value),
                Ok(value) => more.insert(name.to_owned(), value),
                Err(no) if is_needed => return Err(no),
                // What need not be there may be impossible.
                Err(_) => None,
            };
        }
        self.entries(terms, path, &mut needed)?;
        if terms.any(|schema| schema.embedded_resource) {
            embed(&mut needed);
            needed.keys().for_each(|name| drop(more.shift_remove(name)));
        }
        Ok(self.combinations(terms, &needed, &more))
    }

    fn combinations(
        &self,
        terms: &Terms<'_>,
        needed: &Map<String, Json>,
        more: &Map<String, Json>,
    ) -> Vec<Json> {
        let with = |names: &dyn Fn(&str, usize) -> bool| {
            let chosen = more.iter().enumerate();
            let chosen = chosen.filter(|(place, (name, _))| names(name, *place));
            let mut object = needed.clone();
            object.extend(chosen.map(|(_, (name, value))| (name.clone(), value.clone())));
            Json::Object(object)
        };
        let least = terms
            .each(|schema| schema.min_properties)
            .max()
            .unwrap_or(0);
        let lacking = usize::try_from(least)
            .unwrap_or_default()
            .saturating_sub(needed.len());
        let all = with(&|_, _| true);
        let fewest = with(&|_, place| place < lacking);
        let but_one = || more.keys().map(|left| with(&|name, _| name != left));
        let and_one = || more.keys().map(|added| with(&|name, _| name == added));
        match self.extent {
            Extent::Most => [all]
                .into_iter()
                .chain(but_one())
                .chain([fewest])
                .chain(and_one())
                .collect(),
            Extent::Least => [fewest]
                .into_iter()
                .chain(and_one())
                .chain([all])
                .chain(but_one())
                .collect(),
        }
    }

    /// Entries with names of the user's choice.
    fn entries(
        &self,
        terms: &Terms<'_>,
        path: &str,
        object: &mut Map<String, Json>,
    ) -> Result<(), NoSample> {
        let value = terms.additional();
        let names_none = terms.names().is_empty() && !terms.any(|schema| schema.embedded_resource);
        let keeps = terms.any(|schema| {
            let additional = schema.additional_properties.as_ref();
            schema.preserves() || additional.is_some_and(|additional| additional.allows)
        });
        if value.is_none() && !(names_none && keeps) {
            return Ok(());
        }
        let least = terms
            .each(|schema| schema.min_properties)
            .max()
            .unwrap_or(0);
        let most = terms
            .each(|schema| schema.max_properties)
            .min()
            .unwrap_or(LARGEST);
        for index in object.len()..self.length(least, most, path)? {
            let name = if index == 0 {
                "key".to_owned()
            } else {
                format!("key-{}", index + 1)
            };
            let made = match &value {
                Some(value) => self.make(value, &child(path, &name), 0)?,
                None => json!("value"),
            };
            object.insert(name, made);
        }
        Ok(())
    }
}

fn nothing_holds(terms: &Terms<'_>) -> &'static str {
    match terms.kind() {
        "string" if terms.any(|schema| !schema.pattern.is_empty()) => {
            "no text was found that matches its pattern"
        }
        "integer" if given::has_no_integer(terms) => "no whole number lies within its limits",
        "integer" => "no whole number was found that holds against all of its schema",
        "number" => "no number was found that holds against all of its schema",
        _ => "no value was found that holds against all of its schema",
    }
}

/// Makes a whole resource of an object.
fn embed(object: &mut Map<String, Json>) {
    for (key, value) in [("apiVersion", json!("v1")), ("kind", json!("ConfigMap"))] {
        object.entry(key).or_insert(value);
    }
    let metadata = object.entry("metadata").or_insert_with(|| json!({}));
    if let Json::Object(metadata) = metadata {
        metadata.entry("name").or_insert(json!("example"));
    }
}

/// The path of a field.
pub(crate) fn child(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

//! What to do about a CEL rule that does not compile.

use super::super::lint::nearest;
use super::super::schema::Schema;

/// Where it is not known whether a rule is right.
pub(super) const ASK: &str = "`--validator tree` asks the API server's own code";
/// Where a rule asks for what an item was before, which nobody knows.
pub(super) const OLD_SELF: &str = "items have an old value only in lists with keys (`x-kubernetes-list-type: map`) and in \
    maps: give the list keys, or write the rule at the list itself";
/// Where a rule costs too much.
pub(super) const LIMIT: &str = "give the lists, maps and texts that the rule reads `maxItems`, `maxProperties` and `maxLength`";

/// What to do about a rule of a schema, by what the API server says of it.
pub(super) fn of(message: &str, schema: &Schema<'_>) -> Option<String> {
    let quoted = |what: &str| {
        let (_, rest) = message.split_once(what)?;
        rest.split_once('\'').map(|(name, _)| name)
    };
    let mut names = Vec::new();
    within(schema, &mut names);
    if let Some(name) = quoted("undefined field '") {
        let near = nearest(name, names.iter().copied());
        return Some(near.map_or_else(
            || format!("name a field of the schema, or add `{name}` to it"),
            |near| format!("did you mean `{near}`?"),
        ));
    }
    if let Some(name) = quoted("undeclared reference to '") {
        let near = nearest(name, names.iter().copied().chain(["self", "oldSelf"]));
        return Some(match near {
            Some(near @ ("self" | "oldSelf")) => format!("did you mean `{near}`?"),
            Some(near) => format!("fields belong to `self`: did you mean `self.{near}`?"),
            None => "`self` is the value at which the rule stands; CEL has no such name".to_owned(),
        });
    }
    let advice = if message.contains("must evaluate to a bool") {
        "compare: a rule is true or false, as `self.replicas > 0` is"
    } else if message.contains("must evaluate to a string") {
        "make it a text: `'at most ' + string(self.max)`"
    } else if message.contains("found no matching overload") {
        "use values of one type: `int(…)`, `double(…)` and `string(…)` convert"
    } else if message.contains("cost") {
        LIMIT
    } else if message.contains("Syntax error") {
        "mend the expression at the caret; texts stand in quotes"
    } else {
        return None;
    };
    Some(advice.to_owned())
}

/// The names of all fields of a schema and of what is within.
fn within<'s>(schema: &'s Schema<'_>, names: &mut Vec<&'s str>) {
    for (name, property) in schema.properties() {
        names.push(name);
        within(property, names);
    }
    for inner in schema.item().into_iter().chain(schema.additional()) {
        within(inner, names);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crd::document::{Limits, read};
    use crate::crd::schema::parse;

    #[test]
    fn fields_are_named_that_were_meant() {
        let text = "type: object\nproperties: {max: {type: integer}, inner: {type: object, properties: \
                    {replicas: {type: integer}}}}\n";
        let documents = read(text.as_bytes(), Limits::default()).unwrap();
        let schema = parse(&documents[0].root);
        for (message, advice) in [
            ("undefined field 'mox'\n | self.mox", "did you mean `max`?"),
            ("undefined field 'replica'", "did you mean `replicas`?"),
            (
                "undefined field 'elsewhere'",
                "name a field of the schema, or add `elsewhere` to it",
            ),
            (
                "undeclared reference to 'max' (in container '')",
                "fields belong to `self`: did you mean `self.max`?",
            ),
            ("undeclared reference to 'slef'", "did you mean `self`?"),
        ] {
            assert_eq!(of(message, &schema).as_deref(), Some(advice), "{message}");
        }
    }
}

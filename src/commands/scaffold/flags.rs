//! The flags of `scaffold crd` as answers.

use crate::cli::{BodyOptions, CrdArgs, NameOptions};
use crate::scaffold::answers::{self, Answers, Body, VersionAnswer};
use crate::scaffold::description::{Deprecation, Scope};
use crate::scaffold::field;
use crate::scaffold::told::{Complaint, Place, Told};

/// What the flags say, or all that is wrong with them.
pub(super) fn answers(arguments: &CrdArgs) -> Result<Answers, Vec<Complaint>> {
    let mut complaints = Vec::new();
    let names = &arguments.names;
    let body = body(&arguments.body, &mut complaints);
    let versions = versions(names, &body, &mut complaints);
    let told = |flag: &str, text: &Option<String>| {
        text.as_ref()
            .map(|text| Told::argument(flag, text, text.clone()))
    };
    let all = |flag: &str, texts: &[String]| {
        texts
            .iter()
            .map(|text| Told::argument(flag, text, text.clone()))
            .collect()
    };
    // clap asks for these two where no file says them.
    let needed = |flag: &str, text: &Option<String>| {
        told(flag, text).unwrap_or_else(|| Told::argument(flag, "", String::new()))
    };
    let answers = Answers {
        kind: needed("--kind", &names.kind),
        group: needed("--group", &names.group),
        plural: told("--plural", &names.plural),
        singular: told("--singular", &names.singular),
        list_kind: None,
        short: all("--short", &names.short),
        categories: all("--category", &names.category),
        scope: if names.cluster {
            Scope::Cluster
        } else {
            Scope::Namespaced
        },
        approval: names.api_approved.clone(),
        versions,
    };
    if complaints.is_empty() {
        return Ok(answers);
    }
    let mut all = answers.wrong_names();
    all.append(&mut complaints);
    Err(all)
}

fn body(options: &BodyOptions, complaints: &mut Vec<Complaint>) -> Body {
    let mut body = Body::new();
    let mut keep = |result: Result<(), Complaint>| complaints.extend(result.err());
    for (flag, below, fields) in [
        ("--field", "spec", &options.field),
        ("--status-field", "status", &options.status_field),
    ] {
        for text in fields {
            keep(field_told(flag, text).and_then(|told| body.insert(below, &told)));
        }
    }
    if let Some(text) = &options.scale {
        let place = Place::whole("--scale", text);
        let scale = answers::scale(text).map_err(|message| place.complain(message, ""));
        keep(scale.map(|scale| body.scale = Some(Told::argument("--scale", text, scale))));
    }
    for text in &options.column {
        let column = answers::column(text)
            .map_err(|message| Place::whole("--column", text).complain(message, ""));
        keep(column.map(|column| body.columns.push(Told::argument("--column", text, column))));
    }
    for text in &options.selectable {
        let path = answers::json_path(text);
        body.selectable
            .push(Told::argument("--selectable", text, path));
    }
    body.standard_status();
    for text in &options.cel {
        let place = Place::whole("--cel", text);
        let rule = answers::rule_at(text).map_err(|message| place.complain(message, ""));
        keep(rule.and_then(|(path, rule)| body.add_rule(&path, rule, &place)));
    }
    body
}

fn field_told(flag: &str, text: &str) -> Result<Told<field::Placed>, Complaint> {
    let place = Place::whole(flag, text);
    match field::parse(text) {
        Ok(value) => Ok(Told { value, place }),
        Err(problem) => Err(Complaint {
            source: place.source,
            problem,
        }),
    }
}

fn versions(
    names: &NameOptions,
    body: &Body,
    complaints: &mut Vec<Complaint>,
) -> Vec<VersionAnswer> {
    let mut versions: Vec<VersionAnswer> = names
        .version
        .iter()
        .map(|text| {
            let name = text.strip_suffix('!').unwrap_or(text);
            VersionAnswer {
                name: Told::argument("--version", text, name.to_owned()),
                served: true,
                storage: text.ends_with('!'),
                deprecation: None,
                body: body.clone(),
            }
        })
        .collect();
    for text in &names.deprecated {
        let (name, warning) = match text.split_once('=') {
            Some((name, warning)) => (name, Some(warning.to_owned())),
            None => (text.as_str(), None),
        };
        match versions
            .iter_mut()
            .find(|version| version.name.value == name)
        {
            Some(version) => version.deprecation = Some(Deprecation { warning }),
            None => complaints.push(unknown_version("--deprecated", text, name)),
        }
    }
    for name in &names.unserved {
        match versions
            .iter_mut()
            .find(|version| version.name.value == *name)
        {
            Some(version) => version.served = false,
            None => complaints.push(unknown_version("--unserved", name, name)),
        }
    }
    versions
}

fn unknown_version(flag: &str, text: &str, name: &str) -> Complaint {
    Place::whole(flag, text).complain(
        format!("there is no version `{name}`"),
        "name it with `--version` too",
    )
}

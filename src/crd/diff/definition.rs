//! Everything of a definition but the schemas of its versions.

use super::super::definition::{Definition, Version};
use super::super::document::{Node, Position};
use super::super::go::quote;
use super::super::path::{Step, locate};
use super::change::{Changes, Spot, Verdict};
use super::schema;

/// Adds the changes between two forms of a definition.
pub(super) fn compare(old: &Node, new: &Node, spot: &Spot, changes: &mut Changes) {
    let pair = Pair {
        old: Definition::read(old),
        new: Definition::read(new),
        spot,
    };
    pair.names(changes);
    pair.conversion(changes);
    pair.versions(changes);
}

struct Pair<'d> {
    old: Definition<'d>,
    new: Definition<'d>,
    spot: &'d Spot,
}

impl Pair<'_> {
    fn spot(&self, path: &[&str]) -> Spot {
        let steps: Vec<Step> = path
            .iter()
            .map(|name| Step::Field((*name).to_owned()))
            .collect();
        let old = Some(locate(self.old.root, &steps));
        let new = Some(locate(self.new.root, &steps));
        self.spot.below(&path.join("."), old, new)
    }

    fn names(&self, changes: &mut Changes) {
        let texts = |path: &[&str]| (self.old.text(path), self.new.text(path));
        let fixed = "the API server takes no such change; objects have to move to a new definition";
        for path in [
            &["spec", "group"][..],
            &["spec", "scope"],
            &["spec", "names", "plural"],
            &["spec", "names", "kind"],
        ] {
            let (old, new) = texts(path);
            if old != new {
                let kind = if path.ends_with(&["scope"]) {
                    "scope-changed"
                } else {
                    "name-changed"
                };
                let message = format!("{} became {}: {fixed}", quote(old), quote(new));
                changes.breaking(kind, &self.spot(path), message);
            }
        }
        for (field, old, new) in [
            ("singular", self.old.singular(), self.new.singular()),
            ("listKind", self.old.list_kind(), self.new.list_kind()),
        ] {
            if old != new {
                let message = format!(
                    "{} became {}: who asks for the old name does not find it",
                    quote(&old),
                    quote(&new)
                );
                changes.breaking(
                    "name-changed",
                    &self.spot(&["spec", "names", field]),
                    message,
                );
            }
        }
        for field in ["shortNames", "categories"] {
            let path = ["spec", "names", field];
            let (old, new) = (self.old.texts(&path), self.new.texts(&path));
            let spot = self.spot(&path);
            for name in old.iter().filter(|name| !new.contains(name)) {
                let message = format!("{} is gone: `kubectl get {name}` misses it", quote(name));
                changes.breaking("name-removed", &spot, message);
            }
            for name in new.iter().filter(|name| !old.contains(name)) {
                changes.compatible("name-added", &spot, format!("{} is new", quote(name)));
            }
        }
    }

    fn conversion(&self, changes: &mut Changes) {
        let path = ["spec", "conversion", "strategy"];
        let strategy = |definition: &Definition<'_>| match definition.text(&path) {
            "" => "None".to_owned(),
            strategy => strategy.to_owned(),
        };
        let (old, new) = (strategy(&self.old), strategy(&self.new));
        if old == new {
            return;
        }
        let spot = self.spot(&path);
        let message = format!("{} became {}", quote(&old), quote(&new));
        if new == "None" {
            let message =
                format!("{message}: fields that versions have under other names are lost");
            changes.breaking("conversion-changed", &spot, message);
        } else {
            changes.compatible("conversion-changed", &spot, message);
        }
    }

    fn versions(&self, changes: &mut Changes) {
        for (index, old) in self.old.versions.iter().enumerate() {
            let found = self.new.versions.iter().enumerate();
            let new = found.into_iter().find(|(_, new)| new.name == old.name);
            let mut spot = self.version_spot(old.name, Some(index), new.map(|(index, _)| index));
            if let Some((_, new)) = new {
                version(old, new, &spot, changes);
            } else {
                spot.new = None;
                removed(old, &spot, changes);
            }
        }
        for (index, new) in self.new.versions.iter().enumerate() {
            if !self.old.versions.iter().any(|old| old.name == new.name) {
                let mut spot = self.version_spot(new.name, None, Some(index));
                spot.old = None;
                changes.compatible("version-added", &spot, "the version is new".to_owned());
            }
        }
        self.storage(changes);
    }

    fn version_spot(&self, name: &str, old: Option<usize>, new: Option<usize>) -> Spot {
        let place = |root: &Node, index: Option<usize>| {
            let steps = ["spec", "versions"].map(|name| Step::Field(name.to_owned()));
            let mut steps = steps.to_vec();
            steps.push(Step::Index(index?));
            Some(locate(root, &steps))
        };
        Spot {
            version: Some(name.to_owned()),
            old: place(self.old.root, old),
            new: place(self.new.root, new),
            ..self.spot.clone()
        }
    }

    fn storage(&self, changes: &mut Changes) {
        let stored = |definition: &Definition<'_>| {
            let stored = definition
                .versions
                .iter()
                .position(|version| version.storage);
            stored.map(|index| (index, definition.versions[index].name.to_owned()))
        };
        let (Some((old, old_name)), Some((new, new_name))) = (stored(&self.old), stored(&self.new))
        else {
            return;
        };
        if old_name != new_name {
            let spot = self.version_spot(&new_name, Some(old), Some(new));
            let message = format!(
                "{} is stored instead of {}: objects stay as they are stored until each is \
                 written again, and {} must stay in spec.versions till then",
                quote(&new_name),
                quote(&old_name),
                quote(&old_name)
            );
            changes.breaking("storage-changed", &spot, message);
        }
    }
}

fn removed(old: &Version<'_>, spot: &Spot, changes: &mut Changes) {
    if old.served || old.storage {
        let message = if old.storage {
            "the version is gone, and objects are stored in it"
        } else {
            "the version is gone: who uses it is not answered"
        };
        changes.breaking("version-removed", spot, message.to_owned());
    } else {
        let message = "the version is gone; it was neither served nor stored".to_owned();
        changes.compatible("version-removed", spot, message);
    }
}

fn version(old: &Version<'_>, new: &Version<'_>, spot: &Spot, changes: &mut Changes) {
    if old.served && !new.served {
        let message = "the version is not served any more".to_owned();
        changes.breaking("version-unserved", spot, message);
    } else if new.served && !old.served {
        changes.compatible("version-served", spot, "the version is served".to_owned());
    }
    if new.deprecated != old.deprecated {
        let is = if new.deprecated { "now" } else { "no longer" };
        changes.compatible(
            "deprecation",
            spot,
            format!("the version is {is} deprecated"),
        );
    }
    status(old, new, spot, changes);
    scale(old, new, spot, changes);
    selectable(old, new, spot, changes);
    columns(old, new, spot, changes);
    schema::version(old, new, spot, changes);
}

fn status(old: &Version<'_>, new: &Version<'_>, spot: &Spot, changes: &mut Changes) {
    let spot = part(old, new, spot, &["subresources", "status"]);
    if old.has_status() && !new.has_status() {
        let message = "the status subresource is gone: writes to it fail".to_owned();
        changes.breaking("status-removed", &spot, message);
    } else if new.has_status() && !old.has_status() {
        let message = "the status became a subresource: other writes no longer change it";
        changes.breaking("status-added", &spot, message.to_owned());
    }
}

fn scale(old: &Version<'_>, new: &Version<'_>, spot: &Spot, changes: &mut Changes) {
    let present = |node: &&Node| !node.is_null();
    let scale = |version: &Version<'_>| {
        let subresources = version.get("subresources")?;
        subresources.get("scale").filter(present).cloned()
    };
    let spot = part(old, new, spot, &["subresources", "scale"]);
    match (scale(old), scale(new)) {
        (Some(_), None) => {
            let message = "the scale subresource is gone: autoscalers and `kubectl scale` fail";
            changes.breaking("scale-removed", &spot, message.to_owned());
        }
        (None, Some(_)) => {
            changes.compatible(
                "scale-added",
                &spot,
                "there is a scale subresource".to_owned(),
            );
        }
        (Some(old), Some(new)) => {
            for key in [
                "specReplicasPath",
                "statusReplicasPath",
                "labelSelectorPath",
            ] {
                let text = |node: &Node| node.get(key).and_then(Node::text).map(str::to_owned);
                let (old, new) = (text(&old), text(&new));
                let verdict = match (&old, &new) {
                    (old, new) if old == new => continue,
                    (None, Some(_)) => Verdict::Compatible,
                    _ => Verdict::Breaking,
                };
                let shown =
                    |path: Option<String>| path.map_or("nothing".to_owned(), |path| quote(&path));
                let message = format!("{key}: {} became {}", shown(old), shown(new));
                changes.add(verdict, "scale-changed", &spot, message);
            }
        }
        (None, None) => {}
    }
}

fn selectable(old: &Version<'_>, new: &Version<'_>, spot: &Spot, changes: &mut Changes) {
    let paths = |version: &Version<'_>| texts(version, "selectableFields", "jsonPath");
    let spot = part(old, new, spot, &["selectableFields"]);
    let (old, new) = (paths(old), paths(new));
    for path in old.iter().filter(|path| !new.contains(path)) {
        let message = format!("`{path}` cannot be selected any more");
        changes.breaking("selectable-removed", &spot, message);
    }
    for path in new.iter().filter(|path| !old.contains(path)) {
        changes.compatible(
            "selectable-added",
            &spot,
            format!("`{path}` can be selected"),
        );
    }
}

fn columns(old: &Version<'_>, new: &Version<'_>, spot: &Spot, changes: &mut Changes) {
    let names = |version: &Version<'_>| texts(version, "additionalPrinterColumns", "name");
    let paths = |version: &Version<'_>| texts(version, "additionalPrinterColumns", "jsonPath");
    let spot = part(old, new, spot, &["additionalPrinterColumns"]);
    if names(old) != names(new) || paths(old) != paths(new) {
        let message = "`kubectl get` shows other columns".to_owned();
        changes.compatible("columns-changed", &spot, message);
    }
}

fn texts(version: &Version<'_>, list: &str, key: &str) -> Vec<String> {
    let list = version.get(list).and_then(Node::list).unwrap_or_default();
    let text = |node: &Node| node.get(key).and_then(Node::text).map(str::to_owned);
    list.iter().filter_map(text).collect()
}

/// The spot of a part of a version.
fn part(old: &Version<'_>, new: &Version<'_>, spot: &Spot, path: &[&str]) -> Spot {
    let steps: Vec<Step> = path
        .iter()
        .map(|name| Step::Field((*name).to_owned()))
        .collect();
    let place = |version: &Version<'_>| -> Option<Position> {
        version.get(path.first()?)?;
        Some(locate(version.node, &steps))
    };
    spot.below(&path.join("."), place(old), place(new))
}

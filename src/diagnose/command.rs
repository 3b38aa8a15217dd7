//! Filling in what a row leaves open.

use regex::bytes::Captures;

use super::Evidence;

/// The names that need no group in the pattern: those that [`Filling::value`] knows.
#[cfg(test)]
pub(super) const CONTEXT: [&str; 4] = ["build", "component", "ref", "go"];

/// What is known about a failure: the groups of the pattern before the evidence before what the log says in passing.
pub(super) struct Filling<'a> {
    pub(super) groups: Vec<(String, String)>,
    pub(super) evidence: &'a Evidence<'a>,
    /// The components that the log says were being built.
    pub(super) components: &'a [String],
}

impl Filling<'_> {
    /// The groups of a match by name.
    pub(super) fn groups_of<'n>(
        names: impl Iterator<Item = Option<&'n str>>,
        captures: &Captures<'_>,
    ) -> Vec<(String, String)> {
        names
            .flatten()
            .filter_map(|name| {
                let text = String::from_utf8_lossy(captures.name(name)?.as_bytes());
                Some((name.to_owned(), text.into_owned()))
            })
            .collect()
    }

    /// A sentence with its open places filled.
    pub(super) fn sentence(&self, template: &str) -> String {
        replace(template, |name| self.value(name))
    }

    /// A command with its open places filled so that a shell takes each for one word.
    pub(super) fn command(&self, template: &str, without: &[String]) -> String {
        match template.strip_prefix("{build}") {
            Some(added) => add_to_command(&self.build(), added, without),
            None => replace(template, |name| match name {
                "build" => self.build(),
                _ => quote(&self.value(name)),
            }),
        }
    }

    fn value(&self, name: &str) -> String {
        if let Some((_, text)) = self.groups.iter().find(|(group, _)| group == name) {
            return text.clone();
        }
        let known = match name {
            "build" => Some(self.build()),
            "component" => self.component(),
            "ref" => self.evidence.git_ref.map(str::to_owned),
            "go" => self.evidence.go.map(str::to_owned),
            _ => None,
        };
        known.unwrap_or_else(|| name.to_ascii_uppercase())
    }

    fn component(&self) -> Option<String> {
        let read = || match self.components {
            [component] => Some(component.clone()),
            _ => None,
        };
        self.evidence.component.map(str::to_owned).or_else(read)
    }

    /// The command line that failed; else, one that builds in the tree around the current directory what the log speaks of.
    fn build(&self) -> String {
        if let Some(build) = self.evidence.build {
            return build.to_owned();
        }
        match (self.component(), self.components) {
            (None, [_, _, ..]) => "kubewright build all --source .".to_owned(),
            (component, _) => format!(
                "kubewright build component {} --source .",
                component.map_or_else(|| "COMPONENT".to_owned(), |component| quote(&component))
            ),
        }
    }
}

/// Fills each `{name}`; other braces stay, as in a template for docker.
pub(super) fn replace(template: &str, mut value: impl FnMut(&str) -> String) -> String {
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}') {
            Some((name, tail)) if is_name(name) => {
                filled.push_str(&value(name));
                rest = tail;
            }
            _ => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

/// A word as a shell reads it. Captured text comes from a log, which anybody may have written.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/+:@,=-".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// `build` with flags before its ` -- ` and variables behind it. A flag that it has already gets the new value; the flags and
/// variables in `without` go.
fn add_to_command(build: &str, added: &str, without: &[String]) -> String {
    let (added_flags, added_variables) = split(added);
    let (flags, variables) = split(build);
    let mut words: Vec<&str> = Vec::new();
    let mut old = flags.split(' ').peekable();
    while let Some(word) = old.next() {
        let flag = word.split('=').next().unwrap_or(word);
        let replaced = added_flags.split_whitespace().any(|added| added == flag)
            || without.iter().any(|without| without == flag);
        if !(flag.starts_with("--") && replaced) {
            words.push(word);
        } else if !word.contains('=') {
            // Its value, if it has one.
            old.next_if(|next| !next.starts_with('-'));
        }
    }
    words.extend(added_flags.split_whitespace());
    let variables = without_variables(variables, without);
    if !(variables.is_empty() && added_variables.is_empty()) {
        words.push("--");
        words.extend(
            [variables.as_str(), added_variables]
                .into_iter()
                .filter(|it| !it.is_empty()),
        );
    }
    words.join(" ")
}

/// Assignments without those to the variables in `without`, quoted or not.
fn without_variables(assignments: &str, without: &[String]) -> String {
    let mut kept = Vec::new();
    let mut rest = assignments;
    while !rest.is_empty() {
        let end = match rest.strip_prefix('\'') {
            Some(quoted) => quoted.find("' ").map(|end| end + 2),
            None => rest.find(' '),
        };
        let (word, next) = rest.split_at(end.unwrap_or(rest.len()));
        let name = word.trim_start_matches('\'').split('=').next();
        if !without.iter().any(|without| Some(without.as_str()) == name) {
            kept.push(word);
        }
        rest = next.trim_start();
    }
    kept.join(" ")
}

/// What stands before and behind a lonely `--`.
fn split(command: &str) -> (&str, &str) {
    let (flags, variables) = command.split_once(" -- ").unwrap_or((command, ""));
    (flags, variables.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filling<'a>(evidence: &'a Evidence<'a>, components: &'a [String]) -> Filling<'a> {
        Filling {
            groups: vec![("file".to_owned(), "a b'; rm -rf ~ #".to_owned())],
            evidence,
            components,
        }
    }

    #[test]
    fn a_variable_that_caused_it_goes() {
        let without = ["GOFLAGS".to_owned()];
        for (build, expected) in [
            (
                "kubewright build all -- GOFLAGS=-mod=mod",
                "kubewright build all",
            ),
            (
                "kubewright build all -- DBG=1 'GOFLAGS=-v -mod=mod' 'X=it'\\''s' Y=2",
                "kubewright build all -- DBG=1 'X=it'\\''s' Y=2",
            ),
        ] {
            assert_eq!(add_to_command(build, "", &without), expected);
        }
    }

    #[test]
    fn flags_and_variables_find_their_place() {
        for (build, added, expected) in [
            (
                "kubewright build all",
                " --jobs 1",
                "kubewright build all --jobs 1",
            ),
            (
                "kubewright build all --jobs 8 --ref v1.34.1 -- DBG=1",
                " --jobs 1",
                "kubewright build all --ref v1.34.1 --jobs 1 -- DBG=1",
            ),
            (
                "kubewright build all --jobs=8 -- DBG=1",
                " -- GOGCFLAGS=-e",
                "kubewright build all --jobs=8 -- DBG=1 GOGCFLAGS=-e",
            ),
            (
                "kubewright build all --offline",
                " --offline",
                "kubewright build all --offline",
            ),
            (
                "kubewright build all --go host --yes",
                "",
                "kubewright build all --yes",
            ),
        ] {
            let without = ["--go".to_owned()];
            assert_eq!(add_to_command(build, added, &without), expected);
        }
    }

    #[test]
    fn text_from_a_log_is_one_word_of_a_command() {
        let evidence = Evidence::default();
        let filling = filling(&evidence, &[]);
        assert_eq!(
            filling.command("chmod +x {file}", &[]),
            r"chmod +x 'a b'\''; rm -rf ~ #'"
        );
        assert_eq!(filling.sentence("in `{file}`"), "in `a b'; rm -rf ~ #`");
        assert_eq!(quote("-rf"), "'-rf'");
        assert_eq!(quote(""), "''");
    }

    #[test]
    fn what_nothing_tells_stands_in_capitals() {
        let evidence = Evidence::default();
        let two = ["kubectl".to_owned(), "kubelet".to_owned()];
        let jobs = |components| filling(&evidence, components).command("{build} --jobs 1", &[]);
        assert_eq!(
            jobs(&[]),
            "kubewright build component COMPONENT --source . --jobs 1"
        );
        assert_eq!(
            jobs(&two[..1]),
            "kubewright build component kubectl --source . --jobs 1"
        );
        assert_eq!(jobs(&two), "kubewright build all --source . --jobs 1");
        assert_eq!(
            filling(&evidence, &[]).command("kubewright source path {ref}", &[]),
            "kubewright source path REF"
        );
    }
}

//! The Makefile: its targets with their help, and which of them build a folder of commands.
//!
//! Both branches of each condition are read: the branch that prints a target's help names the same
//! targets as the one that builds. Only the functions that name the commands' folders are carried
//! out (`wildcard`, `notdir`, `abspath`, `filter-out`, `sort`).

use std::collections::BTreeMap;
use std::io;

use super::files::{EntryKind, Files};

/// How deep variables and functions may lie in each other.
const MAX_NESTING: usize = 20;

/// A target of the Makefile.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct MakeTarget {
    pub(super) is_phony: bool,
    /// The package that its recipe gives to `build.sh`, with `$@` filled in.
    pub(super) package: Option<String>,
    /// Whether the recipe builds whatever the target is called (`cmd/$@`).
    pub(super) is_command: bool,
    /// The help text's lines.
    pub(super) help: Vec<String>,
}

/// What a Makefile says.
#[derive(Debug, Default)]
pub(super) struct Makefile {
    pub(super) targets: BTreeMap<String, MakeTarget>,
    /// The scripts that recipes run, in the order of the text.
    pub(super) scripts: Vec<String>,
}

impl Makefile {
    pub(super) fn parse(text: &str, files: &dyn Files) -> io::Result<Makefile> {
        let mut reader = Reader {
            files,
            made: Makefile::default(),
            variables: BTreeMap::new(),
            defines: BTreeMap::new(),
            comment: Vec::new(),
            rule: Vec::new(),
        };
        let text = text.replace("\\\r\n", " ").replace("\\\n", " ");
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(name) = line.trim_start().strip_prefix("define ") {
                let body = lines.by_ref().take_while(|line| line.trim() != "endef");
                let body = body.map(str::to_owned).collect();
                let name = name.trim_end_matches([' ', '=', ':']).trim();
                reader.defines.insert(name.to_owned(), body);
                continue;
            }
            reader.line(line)?;
        }
        reader.fill_in_help()?;
        Ok(reader.made)
    }
}

struct Reader<'f> {
    files: &'f dyn Files,
    made: Makefile,
    variables: BTreeMap<String, String>,
    defines: BTreeMap<String, Vec<String>>,
    /// The comment that ends on the line before.
    comment: Vec<String>,
    /// The targets of the rule under way.
    rule: Vec<String>,
}

impl Reader<'_> {
    fn line(&mut self, line: &str) -> io::Result<()> {
        if let Some(recipe) = line.strip_prefix('\t') {
            self.recipe(recipe);
            return Ok(());
        }
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            self.comment.push(without_space(comment).to_owned());
            return Ok(());
        }
        if !line.is_empty() && !is_directive(line) {
            if let Some((name, value)) = assignment(line) {
                self.variables.insert(name.to_owned(), value.to_owned());
            } else if let Some(colon) = rule_colon(line) {
                self.rule(line[..colon].trim(), &line[colon + 1..])?;
                // What stands above `.PHONY: x` explains `x`, and so does the rule that follows.
                return Ok(());
            }
        }
        self.comment.clear();
        Ok(())
    }

    fn rule(&mut self, left: &str, right: &str) -> io::Result<()> {
        let is_phony = left == ".PHONY";
        let names = self.expand(if is_phony { right } else { left }, 0)?;
        let names: Vec<String> = names
            .split_whitespace()
            .filter(|name| !name.starts_with('.') && !name.contains(['%', '/', '$', '=']))
            .map(str::to_owned)
            .collect();
        let comment = std::mem::take(&mut self.comment);
        for name in &names {
            let target = self.made.targets.entry(name.clone()).or_default();
            target.is_phony |= is_phony;
            if target.help.is_empty() {
                target.help.clone_from(&comment);
            }
        }
        self.rule = if is_phony { Vec::new() } else { names };
        Ok(())
    }

    fn recipe(&mut self, recipe: &str) {
        let words = || recipe.split(|c: char| c.is_whitespace() || c == '"');
        for word in words() {
            let is_script = word.strip_suffix(".sh").is_some()
                && ["hack/", "build/", "build-tools/"]
                    .iter()
                    .any(|folder| word.starts_with(folder));
            if is_script && !self.made.scripts.iter().any(|script| script == word) {
                self.made.scripts.push(word.to_owned());
            }
        }
        let help = words()
            .filter_map(|word| word.strip_prefix("$$"))
            .find(|name| name.ends_with("HELP_INFO"));
        let package = recipe
            .split_once("build.sh ")
            .and_then(|(_, rest)| rest.split_whitespace().next());
        for name in &self.rule {
            let Some(target) = self.made.targets.get_mut(name) else {
                continue;
            };
            if let Some(help) = help {
                target.help = vec![help.to_owned()];
            }
            if let Some(package) = package.filter(|package| *package != "$(WHAT)") {
                target.is_command = package.ends_with("/$@");
                target.package = Some(package.replace("$@", name));
            }
        }
    }

    /// Puts the text of `define X_HELP_INFO` where a recipe named it.
    fn fill_in_help(&mut self) -> io::Result<()> {
        let mut targets = std::mem::take(&mut self.made.targets);
        for target in targets.values_mut() {
            let [name] = &target.help[..] else {
                continue;
            };
            let Some(body) = self.defines.get(name) else {
                continue;
            };
            let mut help = Vec::new();
            for line in body {
                let line = self.expand(line, 0)?.replace("$$", "$");
                help.push(without_space(line.strip_prefix('#').unwrap_or(&line)).to_owned());
            }
            target.help = help;
        }
        self.made.targets = targets;
        Ok(())
    }

    fn expand(&self, text: &str, nesting: usize) -> io::Result<String> {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            expanded.push_str(&rest[..at]);
            rest = &rest[at..];
            let inside = rest.strip_prefix("$(").or(rest.strip_prefix("${"));
            let Some(inside) = inside.filter(|_| nesting < MAX_NESTING) else {
                let length = if rest.starts_with("$$") { 2 } else { 1 };
                expanded.push_str(&rest[..length]);
                rest = &rest[length..];
                continue;
            };
            let Some(end) = closing(inside) else {
                // Make refuses such a line.
                break;
            };
            expanded.push_str(&self.expression(&inside[..end], nesting + 1)?);
            rest = &inside[end + 1..];
        }
        expanded.push_str(rest);
        Ok(expanded)
    }

    fn expression(&self, inside: &str, nesting: usize) -> io::Result<String> {
        let Some((function, arguments)) = inside.split_once(char::is_whitespace) else {
            return match self.variables.get(inside) {
                Some(value) => self.expand(value, nesting),
                None => Ok(String::new()),
            };
        };
        let arguments = self.expand(arguments, nesting)?;
        Ok(match function {
            "wildcard" => self.wildcard(&arguments)?,
            "abspath" => each(&arguments, |word| word.trim_end_matches('/')),
            "notdir" => each(&arguments, |word| word.rsplit('/').next().unwrap_or(word)),
            "filter-out" => filter_out(&arguments),
            "sort" | "strip" => each(&arguments, |word| word),
            _ => String::new(),
        })
    }

    /// The folders in a folder: `wildcard cmd/*/`.
    fn wildcard(&self, patterns: &str) -> io::Result<String> {
        let mut found = Vec::new();
        for pattern in patterns.split_whitespace() {
            let Some(folder) = pattern.strip_suffix("/*/").or(pattern.strip_suffix("/*")) else {
                continue;
            };
            for entry in self.files.list(folder)? {
                if entry.kind == EntryKind::Folder && !entry.name.starts_with('.') {
                    found.push(format!("{folder}/{}/", entry.name));
                }
            }
        }
        Ok(found.join(" "))
    }
}

/// Where the bracket closes that was open before the text.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'{' => open += 1,
            b')' | b'}' if open == 1 => return Some(at),
            b')' | b'}' => open -= 1,
            _ => {}
        }
    }
    None
}

/// Where a rule's targets end: a colon in a function's arguments is no such thing.
fn rule_colon(line: &str) -> Option<usize> {
    let mut open = 0_usize;
    line.bytes().position(|byte| {
        match byte {
            b'(' | b'{' => open += 1,
            b')' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        byte == b':' && open == 0
    })
}

fn each<'a>(words: &'a str, change: impl Fn(&'a str) -> &'a str) -> String {
    words
        .split_whitespace()
        .map(change)
        .collect::<Vec<_>>()
        .join(" ")
}

fn filter_out(arguments: &str) -> String {
    let (patterns, words) = arguments.split_once(',').unwrap_or(("", arguments));
    let matches = |pattern: &str, word: &str| match pattern.split_once('%') {
        Some((before, after)) => {
            word.len() >= before.len() + after.len()
                && word.starts_with(before)
                && word.ends_with(after)
        }
        None => pattern == word,
    };
    let kept = words.split_whitespace().filter(|word| {
        !patterns
            .split_whitespace()
            .any(|pattern| matches(pattern, word))
    });
    kept.collect::<Vec<_>>().join(" ")
}

fn is_directive(line: &str) -> bool {
    let word = line.split([' ', '\t', '(']).next().unwrap_or_default();
    matches!(
        word,
        "ifeq"
            | "ifneq"
            | "ifdef"
            | "ifndef"
            | "else"
            | "endif"
            | "include"
            | "-include"
            | "export"
            | "unexport"
            | "override"
            | "vpath"
    )
}

/// `NAME = value`, also with `:=`, `?=` or `+=`; not a target's own variable.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (left, value) = line.split_once('=')?;
    let name = left.trim_end_matches([':', '?', '+', '!']).trim();
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    is_name.then_some((name, value.trim()))
}

/// Without the one space that separates a comment's text from its `#`.
fn without_space(text: &str) -> &str {
    text.strip_prefix(' ').unwrap_or(text).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::files::Entry;

    /// A tree whose `cmd` holds two commands and a file.
    struct Commands;

    impl Files for Commands {
        fn read(&self, _path: &str) -> io::Result<Option<String>> {
            Ok(None)
        }

        fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
            let entry = |name: &str, kind| Entry {
                name: name.to_owned(),
                kind,
                executable: true,
            };
            Ok(match folder {
                "cmd" => vec![
                    entry("OWNERS", EntryKind::File),
                    entry("kubectl", EntryKind::Folder),
                    entry("myBUILD", EntryKind::Folder),
                ],
                _ => Vec::new(),
            })
        }
    }

    fn parse(text: &str) -> Makefile {
        Makefile::parse(text, &Commands).unwrap()
    }

    fn names(makefile: &Makefile) -> Vec<&str> {
        makefile.targets.keys().map(String::as_str).collect()
    }

    #[test]
    fn phony_targets_may_go_on_in_the_next_line() {
        let makefile = parse(".PHONY: a \\\n  b\nc: a\n\techo\n");
        assert_eq!(names(&makefile), ["a", "b", "c"]);
        assert!(makefile.targets["b"].is_phony);
        assert!(!makefile.targets["c"].is_phony);
    }

    #[test]
    fn what_is_no_target_is_left_out() {
        let makefile = parse(
            "A := b\nSHELL := /bin/bash -o x\n$(info it is: so)\n.SUFFIXES:\nall: X = y\n%.o: %.c\n\
             $(OUT)/f: g\nifeq ($(A),:)\nendif\nexport Z = a:b\n",
        );
        assert_eq!(names(&makefile), ["all"]);
    }

    #[test]
    fn folders_of_commands_become_targets() {
        for text in [
            ".PHONY: $(notdir $(abspath $(wildcard cmd/*/)))\n",
            "EXCLUDE_TARGET=BUILD OWNERS\n$(filter-out %$(EXCLUDE_TARGET),$(notdir $(abspath $(wildcard cmd/*/)))): x\n",
            "EXCLUDE = BUILD\nCMD = $(filter-out %$(EXCLUDE),$(notdir $(abspath $(wildcard cmd/*/))))\n$(CMD):\n",
        ] {
            let makefile = parse(&format!(
                "{text}kubectl:\n\thack/make-rules/build.sh cmd/$@\n"
            ));
            let expected: &[&str] = if text.contains("BUILD") {
                &["kubectl"]
            } else {
                &["kubectl", "myBUILD"]
            };
            assert_eq!(names(&makefile), expected, "{text}");
            let kubectl = &makefile.targets["kubectl"];
            assert_eq!(kubectl.package.as_deref(), Some("cmd/kubectl"));
            assert!(kubectl.is_command);
            assert_eq!(makefile.scripts, ["hack/make-rules/build.sh"]);
        }
    }

    #[test]
    fn help_comes_from_a_definition_or_the_comment_above() {
        let makefile = parse(
            "OUT_DIR ?= _output\ndefine ALL_HELP_INFO\n# Build code.\n#\n#   X: below $(OUT_DIR), not $$Y\nendef\n\
             .PHONY: all\nifeq ($(PRINT_HELP),y)\nall:\n\techo \"$$ALL_HELP_INFO\"\nelse\nall:\n\tx\nendif\n\
             \n# Another matter.\n\n# Vets.\n# More.\nvet:\n\tgo vet\n.PHONY: vet\n",
        );
        assert_eq!(
            makefile.targets["all"].help,
            ["Build code.", "", "  X: below _output, not $Y"]
        );
        assert_eq!(makefile.targets["vet"].help, ["Vets.", "More."]);
    }

    #[test]
    fn damaged_text_ends() {
        for text in [
            "$(",
            "define X",
            "a: $(A\n",
            ":",
            "=",
            "A = $(A)\n$(A):\n",
            "\t\t$$",
        ] {
            let _ = parse(text);
        }
        let _ = parse(&format!("{}: x", "$(sort ".repeat(5_000)));
    }
}

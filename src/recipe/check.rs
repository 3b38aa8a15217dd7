//! From [`RecipeFile`] to [`Recipe`]: what is missing, what cannot be, what contradicts itself.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::ops::Range;
use std::path::PathBuf;

use super::file::{BuildTable, LimitsTable, Located, RecipeFile, SourceTable};
use super::nearest::nearest;
use super::{Build, Limits, PlatformChoice, Problem, Recipe, Source, What};
use crate::bytes::Bytes;
use crate::plan::{InvalidMakeVariable, OwnArguments, check_make_variable};
use crate::settings::ExecutorChoice;

/// The recipe, where enough of it stands in the file; valid only when no problem was found. `end` is the text's length.
pub(super) fn check(
    name: &str,
    file: RecipeFile,
    end: usize,
    problems: &mut Vec<Problem>,
) -> Option<Recipe> {
    let structure_is_sound = problems.is_empty();
    let mut check = Check { problems };
    let summary = check.summary(file.summary, structure_is_sound);
    let source = check.source(file.source);
    let what = check.what(&file.build, end, structure_is_sound);
    let platforms = check.platforms(file.build.platforms);
    let executor = check.executor(file.build.executor);
    let limits = check.limits(&file.limits);
    let own = OwnArguments {
        what: matches!(what, Some(What::Components(_) | What::All)),
        platforms: !platforms.is_empty() || !matches!(what, Some(What::Target(_))),
    };
    let make = check.make(file.make, own);
    Some(Recipe {
        name: name.to_owned(),
        summary: summary?,
        source,
        build: Build {
            what: what?,
            platforms,
            executor,
        },
        limits,
        make,
    })
}

struct Check<'p> {
    problems: &'p mut Vec<Problem>,
}

impl Check<'_> {
    fn problem(
        &mut self,
        table: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) {
        self.problems.push(Problem {
            message: message.into(),
            table,
            span,
            label: label.into(),
        });
    }

    /// `structure_is_sound`: without it, the key may be there and be unreadable, which was said already.
    fn summary(
        &mut self,
        summary: Option<Located<String>>,
        structure_is_sound: bool,
    ) -> Option<String> {
        let Some(summary) = summary else {
            if structure_is_sound {
                self.problem(
                    "",
                    0..0,
                    "no `summary`",
                    "say in one line what it builds: summary = \"…\"",
                );
            }
            return None;
        };
        let text = summary.get_ref().trim();
        if text.is_empty() || text.contains('\n') {
            self.problem(
                "",
                summary.span(),
                "unusable `summary`",
                "one line that says what it builds",
            );
        }
        Some(text.to_owned())
    }

    fn source(&mut self, source: SourceTable) -> Source {
        let texts = [
            ("repo", &source.repo),
            ("ref", &source.git_ref),
            ("directory", &source.directory),
        ];
        for (key, text) in texts {
            self.word("source", key, text.as_ref());
        }
        if let (Some(directory), Some(other)) = (
            &source.directory,
            source.repo.as_ref().or(source.git_ref.as_ref()),
        ) {
            let key = if source.repo.is_some() { "repo" } else { "ref" };
            self.problem(
                "source",
                later(directory.span(), other.span()),
                format!("`directory` together with `{key}`"),
                "a directory is built as it is: keep one of them",
            );
        }
        Source {
            repo: source.repo.map(Located::into_inner),
            git_ref: source.git_ref.map(Located::into_inner),
            directory: source
                .directory
                .map(|directory| PathBuf::from(directory.into_inner())),
        }
    }

    /// A text that git or make will get as an argument.
    fn word(&mut self, table: &'static str, key: &str, text: Option<&Located<String>>) {
        let Some(text) = text else { return };
        let label = match text.get_ref().as_str() {
            word if word.trim().is_empty() => "it is empty",
            word if word.starts_with('-') => "it looks like an option",
            word if word.contains(char::is_control) => "it holds a control character",
            _ => return,
        };
        self.problem(table, text.span(), format!("unusable `{key}`"), label);
    }

    fn what(&mut self, build: &BuildTable, end: usize, structure_is_sound: bool) -> Option<What> {
        self.at_most_one_of(build);
        if let Some(components) = &build.components {
            return Some(What::Components(self.components(components)));
        }
        if let Some(target) = &build.target {
            self.make_word("target", target);
            return Some(What::Target(target.get_ref().clone()));
        }
        if let Some(all) = &build.all {
            if !all.get_ref() {
                let label = "leave it out, and name `components` or a `target`";
                self.problem("build", all.span(), "`all` is false", label);
            }
            return Some(What::All);
        }
        if structure_is_sound {
            let label =
                "add one of: components = [\"kubectl\"], target = \"quick-release\", all = true";
            match &build.place {
                Some(place) => self.problem("build", place.clone(), "nothing to build", label),
                None => self.problem("", end..end, "no table [build]", label),
            }
        }
        None
    }

    fn at_most_one_of(&mut self, build: &BuildTable) {
        let mut given = [
            build
                .components
                .as_ref()
                .map(|it| (it.span(), "components")),
            build.target.as_ref().map(|it| (it.span(), "target")),
            build.all.as_ref().map(|it| (it.span(), "all")),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>();
        given.sort_by_key(|(span, _)| span.start);
        if let [(_, first), (span, second), ..] = &given[..] {
            self.problem(
                "build",
                span.clone(),
                format!("`{first}` together with `{second}`"),
                "keep one of them",
            );
        }
    }

    fn components(&mut self, components: &Located<Vec<Located<String>>>) -> Vec<String> {
        if components.get_ref().is_empty() {
            let label = "name at least one, such as \"kubectl\"";
            self.problem("build", components.span(), "empty `components`", label);
        }
        let mut names: Vec<String> = Vec::new();
        for component in components.get_ref() {
            self.make_word("components", component);
            if names.contains(component.get_ref()) {
                let message = format!("component `{}` twice", component.get_ref());
                self.problem("build", component.span(), message, "named before");
                continue;
            }
            names.push(component.get_ref().clone());
        }
        names
    }

    /// A word that make takes for a target's name.
    fn make_word(&mut self, key: &str, text: &Located<String>) {
        let odd = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_' | '-' | '/');
        let word = text.get_ref();
        let label = match word.as_str() {
            "" => "it is empty",
            word if word.starts_with('-') => "it looks like an option",
            word if word.contains('=') => "variables of make stand in the table [make]",
            word if word.contains(odd) => "a name has letters, digits and any of . _ - /",
            _ => return,
        };
        self.problem("build", text.span(), format!("unusable `{key}`"), label);
    }

    fn platforms(
        &mut self,
        platforms: Option<Located<Vec<Located<String>>>>,
    ) -> Vec<PlatformChoice> {
        let Some(platforms) = platforms else {
            return Vec::new();
        };
        if platforms.get_ref().is_empty() {
            let label = "name at least one, or leave it out";
            self.problem("build", platforms.span(), "empty `platforms`", label);
        }
        let mut choices = Vec::new();
        for platform in platforms.get_ref() {
            match platform.get_ref().parse::<PlatformChoice>() {
                Ok(choice) if choices.contains(&choice) => {
                    let message = format!("platform `{choice}` twice");
                    self.problem("build", platform.span(), message, "named before");
                }
                Ok(choice) => choices.push(choice),
                Err(error) => {
                    let message = format!("unknown platform `{}`", platform.get_ref());
                    self.problem("build", platform.span(), message, error.to_string());
                }
            }
        }
        choices
    }

    fn executor(&mut self, executor: Option<Located<String>>) -> Option<ExecutorChoice> {
        let executor = executor?;
        let name = executor.get_ref().as_str();
        let mut known = ExecutorChoice::ALL.into_iter();
        if let Some(choice) = known.find(|choice| choice.name() == name) {
            return Some(choice);
        }
        let message = format!("unknown executor `{name}`");
        let label = nearest(name, ExecutorChoice::ALL.map(ExecutorChoice::name)).map_or_else(
            || "expected \"native\", \"docker\" or \"auto\"".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        self.problem("build", executor.span(), message, label);
        None
    }

    fn limits(&mut self, limits: &LimitsTable) -> Limits {
        Limits {
            memory: limits.memory.as_ref().and_then(|text| self.memory(text)),
            jobs: limits.jobs.as_ref().and_then(|jobs| self.jobs(jobs)),
        }
    }

    fn memory(&mut self, text: &Located<String>) -> Option<Bytes> {
        let label = match text.get_ref().parse::<Bytes>() {
            Ok(Bytes(0)) => "it is nothing; leave it out to use what is free".to_owned(),
            Ok(memory) => return Some(memory),
            Err(error) => error.to_string(),
        };
        self.problem("limits", text.span(), "unusable `memory`", label);
        None
    }

    fn jobs(&mut self, jobs: &Located<i64>) -> Option<NonZeroU32> {
        let count = u32::try_from(*jobs.get_ref())
            .ok()
            .and_then(NonZeroU32::new);
        if count.is_none() {
            self.problem(
                "limits",
                jobs.span(),
                "unusable `jobs`",
                "expected 1 or more",
            );
        }
        count
    }

    fn make(
        &mut self,
        variables: BTreeMap<Located<String>, Located<String>>,
        own: OwnArguments,
    ) -> BTreeMap<String, String> {
        for (name, value) in &variables {
            if let Err(error) = check_make_variable(name.get_ref(), value.get_ref(), own) {
                let (span, label) = match &error {
                    InvalidMakeVariable::Reserved { instead, .. } => {
                        (name.span(), format!("{error}: {instead}"))
                    }
                    InvalidMakeVariable::Name => (name.span(), error.to_string()),
                    _ => (value.span(), error.to_string()),
                };
                let message = format!("unusable variable `{}`", name.get_ref());
                self.problem("make", span, message, label);
            }
        }
        variables
            .into_iter()
            .map(|(name, value)| (name.into_inner(), value.into_inner()))
            .collect()
    }
}

/// Of two places that contradict each other, the one that came second.
fn later(one: Range<usize>, other: Range<usize>) -> Range<usize> {
    if one.start > other.start { one } else { other }
}

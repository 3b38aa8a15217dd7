//! Findings for people: what is wrong, the line with a caret below the place, and what to do.

use std::fmt::Write as _;

use super::excerpt::{Excerpt, harmless};
use super::lint::Linted;
use crate::crd::document::Position;
use crate::crd::{Finding, Severity, rule, written};
use crate::plural;
use crate::report::Style;
use crate::report::width::fitted;

/// How findings are shown.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    pub(super) style: Style,
    /// The width of the terminal; None where it is none, and lines are as long as they are.
    pub(super) width: Option<usize>,
}

/// How much of a line is shown where no terminal says.
const USUAL: usize = 160;
/// How far rows behind the first stand to the right.
const INDENT: usize = 2;

/// How many findings of a file are shown: nobody reads more, and the first often explain the others.
const MOST_SHOWN: usize = 100;

/// The findings of a file, and how many more there are.
pub(super) fn show(linted: &Linted, manner: Manner) -> Vec<String> {
    let (findings, more) = chosen(&linted.findings);
    let lines: Vec<&str> = linted.text.lines().collect();
    let place = |at| place(&linted.name, &lines, at, manner);
    let unreadable = linted
        .unreadable
        .iter()
        .map(|error| manner.titled("error:", Severity::Error, &error.message) + &place(error.at));
    let findings = findings.into_iter().map(|finding| {
        let mut shown = title(finding, manner) + &place(finding.at);
        if let Some(fix) = fix(finding) {
            let fix = manner.fitted(&format!("  fix: {}", harmless(&fix)));
            let fix = fix.replacen("fix:", &manner.style.accent("fix:"), 1);
            let _ = write!(shown, "\n{fix}");
        }
        shown
    });
    let more = more.map(|more| {
        let more = format!("{}: {more}; `--format json` tells all", linted.name);
        manner.style.faint(&harmless(&more))
    });
    unreadable.chain(findings).chain(more).collect()
}

/// The findings that are shown, errors before others, and what is left in words.
fn chosen(findings: &[Finding]) -> (Vec<&Finding>, Option<String>) {
    if findings.len() <= MOST_SHOWN {
        return (findings.iter().collect(), None);
    }
    let mut places: Vec<usize> = (0..findings.len()).collect();
    places.sort_by_key(|place| findings[*place].severity);
    let left = places.split_off(MOST_SHOWN);
    places.sort_unstable();
    let of = |severity, noun| {
        let count = left
            .iter()
            .filter(|place| findings[**place].severity == severity)
            .count();
        (count > 0).then(|| plural::count(count as u64, noun))
    };
    let words = [
        of(Severity::Error, "more error"),
        of(Severity::Warning, "more warning"),
        of(Severity::Unchecked, "more unchecked finding"),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    let shown = places.into_iter().map(|place| &findings[place]);
    (shown.collect(), Some(plural::listed(&words)))
}

/// What to do about a finding.
pub(super) fn fix(finding: &Finding) -> Option<String> {
    let rule = rule(finding.rule).map(|rule| rule.fix.clone());
    finding
        .suggestion
        .clone()
        .or(rule)
        .filter(|fix| !fix.is_empty())
}

fn title(finding: &Finding, manner: Manner) -> String {
    let label = format!("{}[{}]:", finding.severity.name(), finding.rule);
    let path = written(&finding.path);
    let names_path = path.is_empty() || finding.message.contains(&format!("\"{path}\""));
    let message = shortened(&finding.message);
    let text = if names_path {
        message
    } else {
        format!("{path}: {message}")
    };
    manner.titled(&label, finding.severity, &text)
}

impl Manner {
    /// A title behind its label. Only its first line is broken: what stands below it has its own layout.
    fn titled(self, label: &str, severity: Severity, text: &str) -> String {
        let text = harmless(text);
        let (first, rest) = match text.find('\n') {
            Some(at) => text.split_at(at),
            None => (text.as_str(), ""),
        };
        let styled = match severity {
            Severity::Error => self.style.bad(label),
            Severity::Warning => self.style.caution(label),
            Severity::Unchecked => self.style.faint(label),
        };
        let first = self.fitted(&format!("{label} {first}"));
        first.replacen(label, &styled, 1) + rest
    }

    fn fitted(self, line: &str) -> String {
        fitted(line, self.width, INDENT)
    }
}

/// The server quotes whole schemas in some messages; a person has them before the eyes.
fn shortened(message: &str) -> String {
    const MOST: usize = 400;
    if message.chars().count() <= MOST {
        return message.to_owned();
    }
    let start: String = message.chars().take(MOST / 2).collect();
    let count = message.chars().count();
    let end: String = message.chars().skip(count - MOST / 2).collect();
    format!("{start} … {end}")
}

fn place(name: &str, lines: &[&str], at: Position, manner: Manner) -> String {
    let number = at.line.to_string();
    let gutter = " ".repeat(number.len() + 1);
    let line = lines
        .get(at.line.saturating_sub(1))
        .copied()
        .unwrap_or_default();
    let room = manner.width.unwrap_or(USUAL);
    let room = room.saturating_sub(number.len() + 4).max(INDENT);
    let Excerpt { text, before } = Excerpt::new(line, at.column, room);
    let line = format!(" {number} | {text}");
    let pad = " ".repeat(before);
    format!(
        "\n{gutter}--> {name}:{at}\n{gutter} |\n{}\n{gutter} | {pad}^",
        line.trim_end()
    )
}

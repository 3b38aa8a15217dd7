//! Findings for people: what is wrong, the line with a caret below the place, and what to do.

use std::fmt::Write as _;

use super::lint::Linted;
use crate::crd::document::Position;
use crate::crd::{Finding, Severity, rule, written};
use crate::report::Style;

/// All findings of a file.
pub(super) fn show(linted: &Linted, style: Style) -> Vec<String> {
    let lines: Vec<&str> = linted.text.lines().collect();
    let unreadable = linted.unreadable.iter().map(|error| {
        let title = format!("{} {}", style.bad("error:"), error.message);
        title + &place(&linted.name, &lines, error.at)
    });
    let findings = linted.findings.iter().map(|finding| {
        let mut shown = title(finding, style) + &place(&linted.name, &lines, finding.at);
        if let Some(fix) = fix(finding) {
            let _ = write!(shown, "\n  {} {fix}", style.accent("fix:"));
        }
        shown
    });
    unreadable.chain(findings).collect()
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

fn title(finding: &Finding, style: Style) -> String {
    let severity = format!("{}[{}]:", finding.severity.name(), finding.rule);
    let severity = match finding.severity {
        Severity::Error => style.bad(&severity),
        Severity::Warning => style.caution(&severity),
        Severity::Unchecked => style.faint(&severity),
    };
    let path = written(&finding.path);
    let names_path = path.is_empty() || finding.message.contains(&format!("\"{path}\""));
    if names_path {
        format!("{severity} {}", shortened(&finding.message))
    } else {
        format!("{severity} {path}: {}", shortened(&finding.message))
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

fn place(name: &str, lines: &[&str], at: Position) -> String {
    let number = at.line.to_string();
    let gutter = " ".repeat(number.len() + 1);
    let line = lines
        .get(at.line.saturating_sub(1))
        .copied()
        .unwrap_or_default();
    let before = line.chars().take(at.column.saturating_sub(1));
    let pad: String = before
        .map(|letter| if letter == '\t' { '\t' } else { ' ' })
        .collect();
    format!("\n{gutter}--> {name}:{at}\n{gutter} |\n {number} | {line}\n{gutter} | {pad}^")
}

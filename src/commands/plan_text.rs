//! A plan for people: what `--dry-run` prints.

use crate::plan::{BaseImage, ImageIdentity, Plan, Step};
use crate::report::Style;
use crate::run::quoted;
use crate::toolchain::Choice;

/// Each step with its command, environment, what it must leave behind, and why.
pub(super) fn text(plan: &Plan, choice: Option<&Choice>, style: Style) -> String {
    let mut lines = vec![
        row("source", &source(plan)),
        row(
            "version",
            plan.source.stamp.version.as_deref().unwrap_or("none"),
        ),
        row(
            "toolchain",
            &match choice {
                Some(choice) => format!("go{} {}", choice.version, choice.origin),
                None => format!("go{} in the image", plan.toolchain.version),
            },
        ),
    ];
    lines.extend(
        plan.image
            .iter()
            .map(|image| row("image", &self::image(image))),
    );
    lines.extend(listed(
        "base images",
        plan.base_images.iter().map(base_image),
    ));
    let warning = choice.and_then(|choice| choice.warning.as_ref());
    lines.extend(warning.iter().map(|warning| row("warning", warning)));
    lines.extend(plan.remarks.iter().map(|remark| row("note", remark)));
    for step in &plan.steps {
        lines.push(String::new());
        lines.extend(self::step(step, style));
    }
    lines.join("\n")
}

fn image(image: &ImageIdentity) -> String {
    match &image.digest {
        Some(digest) => format!("{} ({digest})", image.reference),
        None => format!("{} (yet to be pulled)", image.reference),
    }
}

fn base_image(base: &BaseImage) -> String {
    format!("{} = {}", base.variable, image(&base.image))
}

fn source(plan: &Plan) -> String {
    let source = &plan.source;
    let commit = source.commit.as_deref().unwrap_or("no commit");
    format!("{} {} ({commit})", source.repository, source.reference)
}

fn step(step: &Step, style: Style) -> Vec<String> {
    let mut lines = vec![
        format!("{} {}", style.good("step"), step.id),
        row("why", &step.why),
    ];
    let command: Vec<_> = step.argv.iter().map(|word| quoted(word)).collect();
    lines.push(row("command", &style.accent(&command.join(" "))));
    lines.push(row("folder", &step.folder));
    let environment = step
        .environment
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    lines.extend(listed("environment", environment));
    lines.extend(listed("passes on", step.passes.iter().cloned()));
    lines.extend(listed(
        "tools",
        step.tools
            .iter()
            .map(|need| format!("{}: {}", need.tool, need.why)),
    ));
    let artifacts = step.artifacts.iter().map(|artifact| {
        let key = artifact
            .key
            .as_deref()
            .map(|key| format!(" · key {}", &key[..12]))
            .unwrap_or_default();
        format!("{}{key}", artifact.path)
    });
    lines.extend(listed("leaves", artifacts));
    lines.extend(listed("leaves in", step.collects.iter().cloned()));
    lines.extend(listed("hands on", step.hands_on.iter().cloned()));
    lines.extend(listed("needs", step.needs.iter().cloned()));
    lines
}

fn row(label: &str, text: &str) -> String {
    format!("{label:>12}  {text}")
}

/// Rows of which only the first has the label.
fn listed(label: &str, texts: impl Iterator<Item = String>) -> Vec<String> {
    texts
        .enumerate()
        .map(|(at, text)| row(if at == 0 { label } else { "" }, &text))
        .collect()
}

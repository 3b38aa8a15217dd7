//! Asking a validator.

use std::path::Path;

use serde::Deserialize;

use super::ValidatorError;
use crate::crd::document::Node;

/// What a validator is asked: documents as they are written, with what stands there twice.
#[derive(Debug, Default)]
pub struct Question<'d> {
    /// Definitions of v1.
    pub definitions: Vec<&'d Node>,
    /// Resources of these.
    pub resources: Vec<Resource<'d>>,
}

/// A resource to be judged.
#[derive(Debug)]
pub struct Resource<'d> {
    /// The place of its definition among those of the question.
    pub definition: usize,
    /// The resource.
    pub object: &'d Node,
}

/// Verdicts, in the order of what was asked.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// On the definitions.
    pub definitions: Vec<Verdict>,
    /// On the resources.
    pub resources: Vec<Verdict>,
}

/// What the API server says of a document.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Verdict {
    /// Why it cannot be decoded at all; empty where it can.
    pub decoding: String,
    /// The fields that are unknown, or stand there twice: `unknown field "spec.replica"`.
    pub strict: Vec<String>,
    /// The rules that it breaks.
    pub errors: Vec<Fault>,
    /// What the API server says of what it takes.
    pub warnings: Vec<String>,
    /// Why nobody looked; empty where somebody did.
    pub unchecked: String,
}

/// A broken rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Where, as the API server spells it.
    pub field: String,
    /// What it says.
    pub message: String,
}

impl Question<'_> {
    fn write(&self) -> String {
        let mut text = String::from("{\"definitions\":[");
        for (index, definition) in self.definitions.iter().enumerate() {
            text.push_str(if index > 0 { "," } else { "" });
            definition.write_json(&mut text);
        }
        text.push_str("],\"resources\":[");
        for (index, resource) in self.resources.iter().enumerate() {
            text.push_str(if index > 0 { "," } else { "" });
            text.push_str("{\"definition\":");
            text.push_str(&resource.definition.to_string());
            text.push_str(",\"object\":");
            resource.object.write_json(&mut text);
            text.push('}');
        }
        text.push_str("]}");
        text
    }
}

/// Asks a validator.
pub fn ask(program: &Path, question: &Question<'_>) -> Result<Answer, ValidatorError> {
    let output = duct::cmd(program, [] as [&str; 0])
        .stdin_bytes(question.write())
        .stdout_capture()
        .stderr_capture()
        .unchecked()
        .run()
        .map_err(ValidatorError::io("run", program))?;
    let failed = |said: String| ValidatorError::NoAnswer { said };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().find(|line| !line.trim().is_empty());
        return Err(failed(
            first.map_or_else(|| output.status.to_string(), str::to_owned),
        ));
    }
    let answer: Answer =
        serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))?;
    let is_whole = answer.definitions.len() == question.definitions.len()
        && answer.resources.len() == question.resources.len();
    if !is_whole {
        return Err(failed("it did not judge all that it was asked".to_owned()));
    }
    Ok(answer)
}

//! `kubewright crd lint --fix`

use super::inputs::Input;
use super::rewrite;
use crate::commands::Ended;
use crate::crd::document::{Document, Limits, read};
use crate::crd::fix::fix;
use crate::crd::lint::Known;
use crate::plural;
use crate::report::{Output, Style};

/// Mends all files, and lets the inputs hold what they hold now.
pub(super) fn run(inputs: &mut [Input]) -> Result<(), Ended> {
    rewrite::check(inputs)?;
    let texts = mended(inputs);
    rewrite::rewrite(inputs, &texts)?;
    for (input, text) in inputs.iter_mut().zip(texts) {
        input.bytes = text.into_bytes();
    }
    Ok(())
}

fn mended(inputs: &[Input]) -> Vec<String> {
    let documents: Vec<Vec<Document>> = inputs
        .iter()
        .map(|input| read(&input.bytes, Limits::default()).unwrap_or_default())
        .collect();
    let known = Known::among(documents.iter().flatten());
    let style = Style::of_stderr();
    let mut count = 0;
    let texts = inputs.iter().map(|input| {
        let text = String::from_utf8_lossy(&input.bytes).into_owned();
        // What is wrong on purpose stays so.
        if input.expected.is_some() {
            return text;
        }
        // What cannot be read is told by the linter.
        let Ok(fixed) = fix(text.clone(), &known) else {
            return text;
        };
        count += fixed.mended.len();
        for mended in fixed.mended {
            let rule = style.good(&format!("fixed[{}]:", mended.rule));
            let place = format!("{}: {}", input.name, mended.path);
            Output.talk(&format!("{rule} {place}: {}", mended.message));
        }
        fixed.text
    });
    let texts = texts.collect();
    Output.talk(&format!("{} fixed", plural::count(count as u64, "finding")));
    texts
}

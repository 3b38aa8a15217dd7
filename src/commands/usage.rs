//! What to type instead of a command line that clap refuses.

use clap::error::{ContextKind, ErrorKind};

use crate::run::quoted;

/// Takes clap's tip away where it leads astray, and says what was meant; `words` are those behind the program's name.
pub(super) fn hint(error: &mut clap::Error, words: &[String]) -> Option<String> {
    match error.kind() {
        ErrorKind::InvalidSubcommand => component(words),
        ErrorKind::UnknownArgument => {
            let jobs = jobs(words)?;
            error.remove(ContextKind::Suggested);
            Some(format!(
                "`--jobs {jobs}` compiles that many packages at once"
            ))
        }
        _ => None,
    }
}

/// `build kubectl`: people leave the kind out.
fn component(words: &[String]) -> Option<String> {
    let (verb, rest) = words.split_first()?;
    if verb != "build" || rest.first()?.starts_with('-') {
        return None;
    }
    let rest: Vec<String> = rest.iter().map(|word| quoted(word)).collect();
    Some(format!(
        "did you mean `kubewright build component {}`?",
        rest.join(" ")
    ))
}

/// The number of `-j4` or `-j 4`, as make takes it.
fn jobs(words: &[String]) -> Option<&str> {
    let at = words.iter().position(|word| word.starts_with("-j"))?;
    let number = match words[at].strip_prefix("-j")? {
        "" => words.get(at + 1)?.as_str(),
        number => number,
    };
    number.parse::<u32>().is_ok().then_some(number)
}

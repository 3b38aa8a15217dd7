//! `kubewright diagnose LOG`

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use super::Ended;
use crate::cli::{DiagnoseArgs, Format};
use crate::diagnose::{Diagnoses, Diagnosis, Evidence};
use crate::error::{Explain, Kind};
use crate::report::{Output, Style};

#[derive(Debug, thiserror::Error)]
#[error("cannot read the log `{}`", .path.display())]
struct NoLog {
    path: PathBuf,
    source: io::Error,
}

impl Explain for NoLog {
    fn kind(&self) -> Kind {
        Kind::Usage
    }
}

pub(super) fn run(arguments: &DiagnoseArgs) -> Result<(), Ended> {
    let unreadable = |source| NoLog {
        path: arguments.log.clone(),
        source,
    };
    let reader: Box<dyn BufRead> = if arguments.log.as_os_str() == "-" {
        Box::new(BufReader::new(io::stdin()))
    } else {
        Box::new(BufReader::new(
            File::open(&arguments.log).map_err(unreadable)?,
        ))
    };
    let found = Diagnoses::embedded()?.scan(reader, &Evidence::default())?;
    match arguments.format {
        Format::Json => Output.json(&serde_json::json!({ "schema": 1, "diagnosis": found })),
        Format::Table => Output.data(&found.map_or_else(unknown, |found| text(&found))),
    }
    Ok(())
}

fn unknown() -> String {
    "no known failure is in this log".to_owned()
}

fn text(found: &Diagnosis) -> String {
    let style = Style::of_stdout();
    let mut lines = vec![format!("{} {}", style.bad("cause:"), found.cause)];
    if let Some(number) = found.line_number {
        lines.push(format!("  line {number}: {}", found.line.trim()));
    }
    lines.push(format!("{} {}", style.good("fix:"), found.fix));
    lines.push(format!("  {}", style.accent(&found.command)));
    lines.push(format!("{} {}", style.faint("see:"), found.link));
    lines.join("\n")
}

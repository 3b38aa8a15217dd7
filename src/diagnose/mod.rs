//! The table of known failures: pattern, cause, fix.
//!
//! The table is data (`diagnoses.toml`, embedded). [`Diagnoses::scan`] reads a log line by line and gives at most one
//! diagnosis, the most specific; whatever a process tells beside its log comes in as [`Evidence`].

mod command;
mod diagnoses;
mod diagnosis;
mod error;
mod evidence;
mod line;
mod row;
#[cfg(test)]
mod tests;

pub use diagnoses::Diagnoses;
pub use diagnosis::Diagnosis;
pub use error::DiagnoseError;
pub use evidence::Evidence;
pub use row::{Applies, Failure, Needs, Phase, Row};

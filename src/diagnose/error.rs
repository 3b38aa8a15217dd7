//! Why there is no diagnosis, though somebody asked for one.

use std::io;

use crate::error::{Explain, Kind};

/// Why a log was not diagnosed.
#[derive(Debug, thiserror::Error)]
pub enum DiagnoseError {
    /// The log cannot be read.
    #[error("cannot read the log")]
    Read(#[from] io::Error),
    /// The embedded table is broken; the tests do not let that happen.
    #[error("the table of diagnoses is broken: {0}")]
    Table(String),
}

impl Explain for DiagnoseError {
    fn kind(&self) -> Kind {
        match self {
            DiagnoseError::Read(_) => Kind::Usage,
            DiagnoseError::Table(_) => Kind::Bug,
        }
    }
}

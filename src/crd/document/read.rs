//! Reading a file's documents, in bounded time, memory and depth.

use super::tree::Tree;
use super::{Document, Position};
use crate::crd::yaml::{Fault, Form, Piece, pieces};

/// What is the most that a file may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Its size in bytes.
    pub bytes: usize,
    /// How deep lists and maps may nest.
    pub depth: usize,
    /// How many values it may hold, with what aliases repeat.
    pub nodes: usize,
}

impl Default for Limits {
    /// Far above what the API server takes (a request has at most 3 MiB), far below what hurts.
    fn default() -> Limits {
        Limits {
            bytes: 64 << 20,
            depth: 200,
            nodes: 2_000_000,
        }
    }
}

/// A file cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct ReadError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub at: Position,
}

impl From<Fault> for ReadError {
    fn from(fault: Fault) -> ReadError {
        ReadError {
            message: fault.message,
            at: fault.at.into(),
        }
    }
}

/// Reads all documents of a file; empty ones are left out.
pub fn read(bytes: &[u8], limits: Limits) -> Result<Vec<Document>, ReadError> {
    let mut reading = reading(bytes, limits, 1);
    if reading.errors.is_empty() {
        return Ok(reading.documents);
    }
    Err(reading.errors.remove(0))
}

/// What can be read of a file in which documents are broken.
#[derive(Debug, Default)]
pub struct Reading {
    /// The documents that can be read.
    pub documents: Vec<Document>,
    /// What is wrong with the others.
    pub errors: Vec<ReadError>,
}

/// The most documents that may be broken before the rest of a file is left alone.
const MOST_BROKEN: usize = 20;

/// Reads the documents of a file that can be read: behind one that is broken, the next starts at the next `---`.
pub fn read_each(bytes: &[u8], limits: Limits) -> Reading {
    reading(bytes, limits, MOST_BROKEN)
}

fn reading(bytes: &[u8], limits: Limits, most_broken: usize) -> Reading {
    let mut reading = Reading::default();
    let text = match text(bytes, limits) {
        Ok(text) => text,
        Err(error) => {
            reading.errors.push(error);
            return reading;
        }
    };
    let mut left = limits.nodes;
    for piece in pieces(text) {
        let read = piece.map_err(ReadError::from);
        match read.and_then(|piece| document(&piece, limits, &mut left)) {
            Ok(document) => reading.documents.extend(document),
            Err(error) => reading.errors.push(error),
        }
        if reading.errors.len() >= most_broken {
            break;
        }
    }
    reading
}

/// Reads a document, unless it is empty; `left` is how many values the file may still hold.
fn document(
    piece: &Piece<'_>,
    limits: Limits,
    left: &mut usize,
) -> Result<Option<Document>, ReadError> {
    let mut tree = Tree::new(limits);
    let mut outcome = Ok(());
    piece.events(&mut |event| {
        outcome = tree.take(event);
        outcome.is_ok()
    })?;
    outcome?;
    let root = tree.decoded(piece.form == Form::Json, left)?;
    Ok(root
        .filter(|root| !root.is_null())
        .map(|root| Document { root }))
}

fn text(bytes: &[u8], limits: Limits) -> Result<&str, ReadError> {
    if bytes.len() > limits.bytes {
        return Err(ReadError {
            message: format!("the file has more than {} bytes", limits.bytes),
            at: Position { line: 1, column: 1 },
        });
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let line = before.matches('\n').count() + 1;
        let last = before.rsplit('\n').next().unwrap_or_default();
        ReadError {
            message: "this is no UTF-8 text".to_owned(),
            at: Position {
                line,
                column: last.chars().count() + 1,
            },
        }
    })
}

#[cfg(test)]
mod tests;

//! YAML as kubectl's parser reads it, and JSON as Go's does: events with their places.
//!
//! Source: go.yaml.in/yaml/v2 (scannerc.go, parserc.go, readerc.go), which sigs.k8s.io/yaml calls; what it takes and refuses
//! differs from YAML's specification and from other parsers, so that it is ported and not replaced.
//!
//! ```text
//! text ──► streams (documents, as kubectl parts them) ──► scanner (tokens) ──► parser (events)
//!                                                    └──► json ──────────────────────┘
//! ```

mod block;
mod cursor;
mod directive;
mod flow;
mod json;
mod parser;
mod plain;
mod quoted;
mod scanner;
mod space;
mod stream;
mod tag;
mod token;

pub(crate) use cursor::Mark;
pub(crate) use parser::Parser;
pub(crate) use stream::{Form, Piece, pieces};
pub(crate) use token::Style;

/// What is wrong with a text.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// In the parser's words.
    pub(crate) message: String,
    /// Where it was seen.
    pub(crate) at: Mark,
}

/// A part of a document.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) kind: EventKind,
    /// Where it starts; what is empty has no extent.
    pub(crate) start: Mark,
    /// Behind its last character.
    pub(crate) end: Mark,
}

/// What an event is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum EventKind {
    DocumentStart,
    DocumentEnd,
    StreamEnd,
    /// `*name`
    Alias(String),
    Scalar(Scalar),
    SequenceStart {
        anchor: Option<String>,
        flow: bool,
    },
    SequenceEnd,
    MappingStart {
        anchor: Option<String>,
        flow: bool,
    },
    MappingEnd,
}

/// A value that holds no others.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Scalar {
    pub(crate) value: String,
    pub(crate) style: Style,
    pub(crate) anchor: Option<String>,
    /// Its tag in full; empty where none is written.
    pub(crate) tag: String,
    /// Whether the parser takes it for a plain one, whose text tells its type.
    pub(crate) implicit: bool,
}

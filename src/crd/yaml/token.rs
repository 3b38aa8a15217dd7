//! What the scanner makes of a text.

use super::cursor::Mark;

/// A token and its extent.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: Mark,
    pub(super) end: Mark,
}

impl Token {
    /// A scalar that began at a place and ends at another.
    pub(super) fn scalar(value: String, style: Style, start: Mark, end: Mark) -> Token {
        Token {
            kind: TokenKind::Scalar { value, style },
            start,
            end,
        }
    }
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum TokenKind {
    StreamEnd,
    /// `%YAML` and `%TAG`: a document that begins with one has no `---` where kubectl hands it to the parser.
    Directive,
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    Tag {
        handle: String,
        suffix: String,
    },
    Scalar {
        value: String,
        style: Style,
    },
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
}

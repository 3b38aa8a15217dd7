//! From tokens to events.
//!
//! Source: parserc.go of go.yaml.in/yaml/v2.

use super::cursor::Mark;
use super::scanner::Scanner;
use super::token::{Style, TokenKind};
use super::{Event, EventKind, Fault, Scalar};

/// What is expected next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    ImplicitDocumentStart,
    DocumentStart,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceFirstEntry,
    BlockSequenceEntry,
    IndentlessSequenceEntry,
    BlockMappingFirstKey,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirstEntry,
    FlowSequenceEntry,
    FlowSequenceEntryMappingKey,
    FlowSequenceEntryMappingValue,
    FlowSequenceEntryMappingEnd,
    FlowMappingFirstKey,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingEmptyValue,
    End,
}

/// Which nodes may stand at a place.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Takes {
    Flow,
    Block,
    BlockOrIndentless,
}

/// The events of one document's text.
pub(crate) struct Parser<'t> {
    pub(super) scanner: Scanner<'t>,
    pub(super) state: State,
    pub(super) states: Vec<State>,
}

pub(super) type Parsed = Result<Event, Fault>;

/// What stands before a node.
#[derive(Default)]
struct Properties {
    anchor: Option<String>,
    tag: String,
    extent: Option<(Mark, Mark)>,
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "every step of the parser ends with it"
)]
pub(super) fn event(kind: EventKind, start: Mark, end: Mark) -> Parsed {
    Ok(Event { kind, start, end })
}

pub(super) fn fail<T>(message: &str, at: Mark) -> Result<T, Fault> {
    let message = message.to_owned();
    Err(Fault { message, at })
}

/// Where nothing stands, the value is null.
pub(super) fn empty(at: Mark) -> Parsed {
    let scalar = Scalar {
        value: String::new(),
        style: Style::Plain,
        anchor: None,
        tag: String::new(),
        implicit: true,
    };
    event(EventKind::Scalar(scalar), at, at)
}

impl<'t> Parser<'t> {
    /// Of a text that stands at a place of its file.
    pub(crate) fn new(text: &'t str, start: Mark) -> Parser<'t> {
        Parser {
            scanner: Scanner::new(text, start),
            state: State::ImplicitDocumentStart,
            states: Vec::new(),
        }
    }

    /// The next event. Behind the first document kubectl looks at nothing, so that whoever calls stops there.
    pub(crate) fn next(&mut self) -> Parsed {
        match self.state {
            State::ImplicitDocumentStart => self.document_start(true),
            State::DocumentStart => self.document_start(false),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(Takes::Block),
            State::BlockSequenceFirstEntry => self.block_sequence_entry(true),
            State::BlockSequenceEntry => self.block_sequence_entry(false),
            State::IndentlessSequenceEntry => self.indentless_sequence_entry(),
            State::BlockMappingFirstKey => self.block_mapping_key(true),
            State::BlockMappingKey => self.block_mapping_key(false),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceFirstEntry => self.flow_sequence_entry(true),
            State::FlowSequenceEntry => self.flow_sequence_entry(false),
            State::FlowSequenceEntryMappingKey => self.flow_sequence_entry_mapping_key(),
            State::FlowSequenceEntryMappingValue => self.flow_sequence_entry_mapping_value(),
            State::FlowSequenceEntryMappingEnd => self.flow_sequence_entry_mapping_end(),
            State::FlowMappingFirstKey => self.flow_mapping_key(true),
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_mapping_value(false),
            State::FlowMappingEmptyValue => self.flow_mapping_value(true),
            State::End => {
                let at = self.scanner.cursor.mark;
                event(EventKind::StreamEnd, at, at)
            }
        }
    }

    /// The extent and the kind of the next token.
    pub(super) fn peek(&mut self) -> Result<(TokenKind, Mark, Mark), Fault> {
        let token = self.scanner.peek()?;
        // What scalars say is taken with them.
        let kind = match &token.kind {
            TokenKind::Scalar { style, .. } => TokenKind::Scalar {
                value: String::new(),
                style: *style,
            },
            kind => kind.clone(),
        };
        Ok((kind, token.start, token.end))
    }

    pub(super) fn back(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    fn document_start(&mut self, implicit: bool) -> Parsed {
        let (mut kind, mut start, mut end) = self.peek()?;
        while !implicit && kind == TokenKind::DocumentEnd {
            self.scanner.skip();
            (kind, start, end) = self.peek()?;
        }
        match kind {
            TokenKind::StreamEnd => {
                self.state = State::End;
                event(EventKind::StreamEnd, start, end)
            }
            TokenKind::DocumentStart => {
                self.states.push(State::DocumentEnd);
                self.state = State::DocumentContent;
                self.scanner.skip();
                event(EventKind::DocumentStart, start, end)
            }
            // The line with `---` that should follow is not part of what kubectl hands over.
            TokenKind::Directive => {
                while self.peek()?.0 == TokenKind::Directive {
                    self.scanner.skip();
                }
                fail("did not find expected <document start>", start)
            }
            _ if implicit => {
                self.states.push(State::DocumentEnd);
                self.state = State::BlockNode;
                event(EventKind::DocumentStart, start, end)
            }
            _ => fail("did not find expected <document start>", start),
        }
    }

    fn document_content(&mut self) -> Parsed {
        let (kind, start, _) = self.peek()?;
        if matches!(
            kind,
            TokenKind::Directive
                | TokenKind::DocumentStart
                | TokenKind::DocumentEnd
                | TokenKind::StreamEnd
        ) {
            self.back();
            return empty(start);
        }
        self.node(Takes::Block)
    }

    fn document_end(&mut self) -> Parsed {
        let (kind, start, end) = self.peek()?;
        self.state = State::DocumentStart;
        if kind == TokenKind::DocumentEnd {
            self.scanner.skip();
            return event(EventKind::DocumentEnd, start, end);
        }
        event(EventKind::DocumentEnd, start, start)
    }

    pub(super) fn node(&mut self, takes: Takes) -> Parsed {
        let (kind, start, end) = self.peek()?;
        if let TokenKind::Alias(name) = kind {
            self.back();
            self.scanner.skip();
            return event(EventKind::Alias(name), start, end);
        }
        let Properties {
            anchor,
            tag,
            extent,
        } = self.properties()?;
        let (kind, token_start, token_end) = self.peek()?;
        let start = extent.map_or(token_start, |(start, _)| start);
        let is_block = takes != Takes::Flow;
        let collection = |state, flow, is_map| {
            let kind = if is_map {
                EventKind::MappingStart {
                    anchor: anchor.clone(),
                    flow,
                }
            } else {
                EventKind::SequenceStart {
                    anchor: anchor.clone(),
                    flow,
                }
            };
            (state, event(kind, start, token_end))
        };
        let (state, event) = match kind {
            TokenKind::BlockEntry if takes == Takes::BlockOrIndentless => {
                collection(State::IndentlessSequenceEntry, false, false)
            }
            TokenKind::Scalar { .. } => return self.scalar(anchor, tag, start),
            TokenKind::FlowSequenceStart => collection(State::FlowSequenceFirstEntry, true, false),
            TokenKind::FlowMappingStart => collection(State::FlowMappingFirstKey, true, true),
            TokenKind::BlockSequenceStart if is_block => {
                collection(State::BlockSequenceFirstEntry, false, false)
            }
            TokenKind::BlockMappingStart if is_block => {
                collection(State::BlockMappingFirstKey, false, true)
            }
            _ => {
                let Some((start, end)) = extent else {
                    return fail("did not find expected node content", token_start);
                };
                self.back();
                let scalar = Scalar {
                    implicit: tag.is_empty(),
                    value: String::new(),
                    style: Style::Plain,
                    anchor,
                    tag,
                };
                return event(EventKind::Scalar(scalar), start, end);
            }
        };
        self.state = state;
        event
    }

    fn scalar(&mut self, anchor: Option<String>, tag: String, start: Mark) -> Parsed {
        let token = self.scanner.take()?;
        self.back();
        let TokenKind::Scalar { value, style } = token.kind else {
            return fail("did not find expected node content", token.start);
        };
        let scalar = Scalar {
            implicit: tag.is_empty() && style == Style::Plain || tag == "!",
            value,
            style,
            anchor,
            tag,
        };
        event(EventKind::Scalar(scalar), start, token.end)
    }

    /// Reads an anchor and a tag, in any order.
    fn properties(&mut self) -> Result<Properties, Fault> {
        let mut properties = Properties::default();
        let mut has_tag = false;
        loop {
            let (kind, start, end) = self.peek()?;
            match kind {
                TokenKind::Anchor(name) if properties.anchor.is_none() => {
                    properties.anchor = Some(name);
                }
                TokenKind::Tag { handle, suffix } if !has_tag => {
                    has_tag = true;
                    properties.tag = match handle.as_str() {
                        "" => suffix,
                        "!" => format!("!{suffix}"),
                        "!!" => format!("tag:yaml.org,2002:{suffix}"),
                        _ => return fail("found undefined tag handle", start),
                    };
                }
                _ => return Ok(properties),
            }
            self.scanner.skip();
            let first = properties.extent.map_or(start, |(first, _)| first);
            properties.extent = Some((first, end));
        }
    }

    /// A node, unless one of these tokens comes first.
    pub(super) fn node_unless(
        &mut self,
        ends: &[TokenKind],
        then: State,
        takes: Takes,
        at: Option<Mark>,
    ) -> Parsed {
        let (kind, start, _) = self.peek()?;
        if ends.contains(&kind) {
            self.state = then;
            return empty(at.unwrap_or(start));
        }
        self.states.push(then);
        self.node(takes)
    }

    fn block_sequence_entry(&mut self, is_first: bool) -> Parsed {
        if is_first {
            self.scanner.skip();
        }
        let (kind, start, end) = self.peek()?;
        match kind {
            TokenKind::BlockEntry => {
                self.scanner.skip();
                let ends = [TokenKind::BlockEntry, TokenKind::BlockEnd];
                self.node_unless(&ends, State::BlockSequenceEntry, Takes::Block, Some(end))
            }
            TokenKind::BlockEnd => {
                self.back();
                self.scanner.skip();
                event(EventKind::SequenceEnd, start, end)
            }
            _ => fail("did not find expected '-' indicator", start),
        }
    }

    fn indentless_sequence_entry(&mut self) -> Parsed {
        let (kind, start, end) = self.peek()?;
        if kind != TokenKind::BlockEntry {
            self.back();
            return event(EventKind::SequenceEnd, start, start);
        }
        self.scanner.skip();
        let ends = [
            TokenKind::BlockEntry,
            TokenKind::Key,
            TokenKind::Value,
            TokenKind::BlockEnd,
        ];
        self.node_unless(
            &ends,
            State::IndentlessSequenceEntry,
            Takes::Block,
            Some(end),
        )
    }

    fn block_mapping_key(&mut self, is_first: bool) -> Parsed {
        if is_first {
            self.scanner.skip();
        }
        let (kind, start, end) = self.peek()?;
        match kind {
            TokenKind::Key => {
                self.scanner.skip();
                let ends = [TokenKind::Key, TokenKind::Value, TokenKind::BlockEnd];
                let takes = Takes::BlockOrIndentless;
                self.node_unless(&ends, State::BlockMappingValue, takes, Some(end))
            }
            TokenKind::BlockEnd => {
                self.back();
                self.scanner.skip();
                event(EventKind::MappingEnd, start, end)
            }
            _ => fail("did not find expected key", start),
        }
    }

    fn block_mapping_value(&mut self) -> Parsed {
        let (kind, start, end) = self.peek()?;
        if kind != TokenKind::Value {
            self.state = State::BlockMappingKey;
            return empty(start);
        }
        self.scanner.skip();
        let ends = [TokenKind::Key, TokenKind::Value, TokenKind::BlockEnd];
        let takes = Takes::BlockOrIndentless;
        self.node_unless(&ends, State::BlockMappingKey, takes, Some(end))
    }
}

//! Lists and maps in brackets.

use super::EventKind;
use super::parser::{Parsed, Parser, State, Takes, empty, event, fail};
use super::token::TokenKind;

impl Parser<'_> {
    pub(super) fn flow_sequence_entry(&mut self, is_first: bool) -> Parsed {
        if is_first {
            self.scanner.skip();
        }
        let (mut kind, mut start, mut end) = self.peek()?;
        if kind != TokenKind::FlowSequenceEnd {
            if !is_first {
                if kind != TokenKind::FlowEntry {
                    return fail("did not find expected ',' or ']'", start);
                }
                self.scanner.skip();
                (kind, start, end) = self.peek()?;
            }
            if kind == TokenKind::Key {
                self.state = State::FlowSequenceEntryMappingKey;
                self.scanner.skip();
                let map = EventKind::MappingStart {
                    anchor: None,
                    flow: true,
                };
                return event(map, start, end);
            }
            if kind != TokenKind::FlowSequenceEnd {
                self.states.push(State::FlowSequenceEntry);
                return self.node(Takes::Flow);
            }
        }
        self.back();
        self.scanner.skip();
        event(EventKind::SequenceEnd, start, end)
    }

    pub(super) fn flow_sequence_entry_mapping_key(&mut self) -> Parsed {
        let (kind, _, end) = self.peek()?;
        let then = State::FlowSequenceEntryMappingValue;
        if matches!(
            kind,
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd
        ) {
            // The parser takes that token away, whatever it is.
            self.scanner.skip();
            self.state = then;
            return empty(end);
        }
        self.states.push(then);
        self.node(Takes::Flow)
    }

    pub(super) fn flow_sequence_entry_mapping_value(&mut self) -> Parsed {
        let (kind, start, _) = self.peek()?;
        let then = State::FlowSequenceEntryMappingEnd;
        if kind == TokenKind::Value {
            self.scanner.skip();
            let ends = [TokenKind::FlowEntry, TokenKind::FlowSequenceEnd];
            return self.node_unless(&ends, then, Takes::Flow, None);
        }
        self.state = then;
        empty(start)
    }

    pub(super) fn flow_sequence_entry_mapping_end(&mut self) -> Parsed {
        let (_, start, _) = self.peek()?;
        self.state = State::FlowSequenceEntry;
        event(EventKind::MappingEnd, start, start)
    }

    pub(super) fn flow_mapping_key(&mut self, is_first: bool) -> Parsed {
        if is_first {
            self.scanner.skip();
        }
        let (mut kind, mut start, mut end) = self.peek()?;
        if kind != TokenKind::FlowMappingEnd {
            if !is_first {
                if kind != TokenKind::FlowEntry {
                    return fail("did not find expected ',' or '}'", start);
                }
                self.scanner.skip();
                (kind, start, end) = self.peek()?;
            }
            if kind == TokenKind::Key {
                self.scanner.skip();
                let ends = [
                    TokenKind::Value,
                    TokenKind::FlowEntry,
                    TokenKind::FlowMappingEnd,
                ];
                return self.node_unless(&ends, State::FlowMappingValue, Takes::Flow, None);
            }
            if kind != TokenKind::FlowMappingEnd {
                self.states.push(State::FlowMappingEmptyValue);
                return self.node(Takes::Flow);
            }
        }
        self.back();
        self.scanner.skip();
        event(EventKind::MappingEnd, start, end)
    }

    pub(super) fn flow_mapping_value(&mut self, is_empty: bool) -> Parsed {
        let (kind, start, _) = self.peek()?;
        let then = State::FlowMappingKey;
        if !is_empty && kind == TokenKind::Value {
            self.scanner.skip();
            let ends = [TokenKind::FlowEntry, TokenKind::FlowMappingEnd];
            return self.node_unless(&ends, then, Takes::Flow, None);
        }
        self.state = then;
        empty(start)
    }
}

//! Where the parts of a document stand in its text, in bytes.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::super::document::{Node, Position};
use super::super::path::Step;

/// A value in the text.
#[derive(Debug)]
pub(super) struct Part {
    /// Where it starts; of a block text, where its first line does.
    pub(super) start: usize,
    /// Where it ends, if it says so itself: block lists and maps end with what they hold.
    pub(super) end: usize,
    /// Where the located document has it.
    at: Position,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// A scalar on its line, or on several.
    Scalar,
    /// `|` or `>` and the lines below.
    Block,
    /// `*name`
    Alias,
    List {
        flow: bool,
        items: Vec<Part>,
    },
    Map {
        flow: bool,
        members: Vec<Member>,
    },
}

/// A key and its value in the text.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) key: Part,
    pub(super) value: Part,
}

impl Part {
    /// Whether it is a list or map in brackets.
    pub(super) fn is_flow(&self) -> bool {
        matches!(
            self.kind,
            Kind::List { flow: true, .. } | Kind::Map { flow: true, .. }
        )
    }

    /// The members, where it is a map.
    pub(super) fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Map { members, .. } => members,
            _ => &[],
        }
    }

    /// Whether a test holds for it or what is within.
    pub(super) fn any(&self, is: &dyn Fn(&Part) -> bool) -> bool {
        is(self)
            || match &self.kind {
                Kind::List { items, .. } => items.iter().any(|item| item.any(is)),
                Kind::Map { members, .. } => members.iter().any(|member| member.value.any(is)),
                _ => false,
            }
    }
}

/// The place of a path.
#[derive(Clone, Copy)]
pub(super) struct Place<'l> {
    /// What holds it, and as which member or item; nothing holds the root.
    pub(super) holder: Option<(&'l Part, usize)>,
    /// The value.
    pub(super) part: &'l Part,
}

impl<'l> Place<'l> {
    /// The key and value, where a map holds it.
    pub(super) fn member(&self) -> Option<&'l Member> {
        let (holder, index) = self.holder?;
        holder.members().get(index)
    }
}

/// Finds a path; None where it leads through an alias or a merge, whose text stands elsewhere.
pub(super) fn place<'l>(root: &Node, part: &'l Part, path: &[Step]) -> Option<Place<'l>> {
    let mut node = root;
    let mut place = Place { holder: None, part };
    for step in path {
        let holder = place.part;
        let (next, index, part) = match (step, &holder.kind) {
            (Step::Field(name) | Step::Key(name), Kind::Map { members, .. }) => {
                let entry = node.map()?.entry(name)?;
                let index = members
                    .iter()
                    .position(|member| member.key.at == entry.at)?;
                (&entry.node, index, &members[index].value)
            }
            (Step::Index(index), Kind::List { items, .. }) => {
                (node.list()?.get(*index)?, *index, items.get(*index)?)
            }
            _ => return None,
        };
        node = next;
        place = Place {
            holder: Some((holder, index)),
            part,
        };
    }
    Some(place)
}

/// The layouts of a file's documents, without empty ones. None where the file cannot be read.
pub(super) fn layouts(text: &str) -> Option<Vec<Part>> {
    let bytes: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    let mut builder = Builder {
        text,
        bytes,
        open: Vec::new(),
        roots: Vec::new(),
    };
    for next in Parser::new_from_str(text) {
        let (event, span) = next.ok()?;
        builder.take(&event, span)?;
    }
    Some(builder.roots)
}

struct Builder<'t> {
    text: &'t str,
    /// The byte at which each character starts: the parser counts characters.
    bytes: Vec<usize>,
    /// Containers that are open, each with the key that waits for its value.
    open: Vec<(Part, Option<Part>)>,
    roots: Vec<Part>,
}

impl Builder<'_> {
    fn take(&mut self, event: &Event<'_>, span: Span) -> Option<()> {
        let start = *self.bytes.get(span.start.index())?;
        let end = *self.bytes.get(span.end.index())?;
        let at = Position {
            line: span.start.line(),
            column: span.start.col() + 1,
        };
        let part = |kind| Part {
            start,
            end,
            at,
            kind,
        };
        let flow = self.text.get(start..end)?.ends_with(['{', '[']);
        match event {
            Event::Scalar(text, style, ..) => {
                let is_null = text.is_empty() && *style == ScalarStyle::Plain;
                let mut scalar = part(match style {
                    ScalarStyle::Literal | ScalarStyle::Folded => Kind::Block,
                    _ => Kind::Scalar,
                });
                let quote = match style {
                    ScalarStyle::SingleQuoted => Some('\''),
                    ScalarStyle::DoubleQuoted => Some('"'),
                    _ => None,
                };
                if let Some(quote) = quote {
                    // The parser counts what follows on the line to it, comments too.
                    scalar.end = start + quoted(self.text.get(start..end)?, quote)?;
                }
                if is_null && !self.text.get(start..end)?.starts_with(['!', '&']) {
                    // Nothing is written; the parser points at what comes next.
                    scalar.end = start;
                }
                self.complete(scalar, text);
            }
            Event::Alias(_) => self.complete(part(Kind::Alias), "*"),
            Event::SequenceStart(..) => {
                let items = Vec::new();
                self.open.push((part(Kind::List { flow, items }), None));
            }
            Event::MappingStart(..) => {
                let members = Vec::new();
                self.open.push((part(Kind::Map { flow, members }), None));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (mut part, _) = self.open.pop()?;
                // The parser may count what follows a bracket to it.
                part.end = if part.is_flow() { start + 1 } else { end };
                self.complete(part, "-");
            }
            _ => {}
        }
        Some(())
    }

    fn complete(&mut self, part: Part, text: &str) {
        let Some((holder, key)) = self.open.last_mut() else {
            let empty = matches!(part.kind, Kind::Scalar)
                && matches!(text, "" | "~" | "null" | "Null" | "NULL");
            if !empty {
                self.roots.push(part);
            }
            return;
        };
        match &mut holder.kind {
            Kind::List { items, .. } => items.push(part),
            Kind::Map { members, .. } => match key.take() {
                Some(key) => members.push(Member { key, value: part }),
                None => *key = Some(part),
            },
            _ => {}
        }
    }
}

/// The length of a quoted text, with what stands before it.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut letters = text
        .char_indices()
        .skip_while(|(_, letter)| *letter != quote);
    letters.next()?;
    let mut letters = letters.peekable();
    while let Some((at, letter)) = letters.next() {
        let is_next = letters.peek().is_some_and(|(_, next)| *next == quote);
        match letter {
            '\\' if quote == '"' => drop(letters.next()),
            // A quote that is written twice is one of the text.
            '\'' if quote == '\'' && is_next => drop(letters.next()),
            _ if letter == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

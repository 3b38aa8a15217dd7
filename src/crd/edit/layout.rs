//! Where the parts of a document stand in its text, in bytes.

use super::super::document::{Node, Position};
use super::super::path::Step;
use super::super::yaml::{Event, EventKind, Style, pieces};

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
    let mut roots = Vec::new();
    for piece in pieces(text) {
        let mut builder = Builder {
            text,
            open: Vec::new(),
            root: None,
        };
        let mut is_whole = true;
        let take = &mut |event| {
            is_whole = builder.take(&event).is_some();
            is_whole
        };
        piece.ok()?.events(take).ok()?;
        if !is_whole {
            return None;
        }
        roots.extend(builder.root);
    }
    Some(roots)
}

struct Builder<'t> {
    text: &'t str,
    /// Containers that are open, each with the key that waits for its value.
    open: Vec<(Part, Option<Part>)>,
    root: Option<Part>,
}

impl Builder<'_> {
    fn take(&mut self, event: &Event) -> Option<()> {
        // The last line may have been ended for the parser.
        let end = event.end.offset.min(self.text.len());
        let start = event.start.offset.min(end);
        let part = |kind| Part {
            start,
            end,
            at: event.start.into(),
            kind,
        };
        match &event.kind {
            EventKind::Scalar(scalar) => {
                let kind = match scalar.style {
                    Style::Literal | Style::Folded => Kind::Block,
                    _ => Kind::Scalar,
                };
                self.complete(part(kind), &scalar.value);
            }
            EventKind::Alias(_) => self.complete(part(Kind::Alias), "*"),
            EventKind::SequenceStart { flow, .. } => {
                let items = Vec::new();
                let flow = *flow;
                self.open.push((part(Kind::List { flow, items }), None));
            }
            EventKind::MappingStart { flow, .. } => {
                let members = Vec::new();
                let flow = *flow;
                self.open.push((part(Kind::Map { flow, members }), None));
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => {
                let (mut part, _) = self.open.pop()?;
                part.end = end;
                self.complete(part, "-");
            }
            EventKind::DocumentStart | EventKind::DocumentEnd | EventKind::StreamEnd => {}
        }
        Some(())
    }

    fn complete(&mut self, part: Part, text: &str) {
        let Some((holder, key)) = self.open.last_mut() else {
            let empty = matches!(part.kind, Kind::Scalar)
                && matches!(text, "" | "~" | "null" | "Null" | "NULL");
            if !empty {
                self.root = Some(part);
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

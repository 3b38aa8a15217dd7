//! The bytes that change for an operation.

use std::ops::Range;

use super::super::document::Node;
use super::super::path::Step;
use super::layout::{Kind, Member, Part, Place, place};
use super::operation::Operation;
use super::write::Manner;

/// Bytes, and what stands there instead.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Edit {
    fn new(range: Range<usize>, text: impl Into<String>) -> Edit {
        Edit {
            range,
            text: text.into(),
        }
    }
}

/// A document in its file.
#[derive(Clone, Copy)]
pub(super) struct Source<'s> {
    pub(super) text: &'s str,
    pub(super) root: &'s Node,
    pub(super) part: &'s Part,
    pub(super) manner: Manner,
}

impl<'s> Source<'s> {
    /// The edits of an operation. None where the layout is none of those that are understood.
    pub(super) fn edits(self, operation: &Operation) -> Option<Vec<Edit>> {
        match operation {
            Operation::Rename { path, key } => {
                let key = self.manner.text(key);
                let member = self.member(path)?;
                Some(vec![Edit::new(member.key.start..member.key.end, key)])
            }
            Operation::Set { path, value } => {
                let place = self.place(path)?;
                let end = self.end(place.part)?;
                let range = self.value_start(place)?..end;
                Some(vec![Edit::new(range, self.manner.flow(value))])
            }
            Operation::Exchange { path, key, value } => self.exchange(path, key, value),
            Operation::Remove { path } => Some(vec![self.remove(self.first(path)?, false)?]),
            Operation::Insert {
                map,
                key,
                value,
                before,
            } => {
                let map = self.place(map)?.part;
                let before = before.as_deref();
                Some(vec![self.insert(map, key, value, before)?])
            }
            Operation::Move { path, to, key } => self.relocate(path, to, key),
            Operation::Wrap { path, outer, inner } => self.wrap(path, outer, inner),
            Operation::Unfold { path } => self.unfold(path),
        }
    }

    fn place(self, path: &[Step]) -> Option<Place<'s>> {
        place(self.root, self.part, path)
    }

    fn member(self, path: &[Step]) -> Option<&'s Member> {
        self.place(path)?.member()
    }

    /// The place of a path; where its key is written twice, of the first.
    fn first(self, path: &[Step]) -> Option<Place<'s>> {
        let place = self.place(path)?;
        let (holder, last) = place.holder?;
        let members = holder.members();
        let written = |member: &Member| self.text.get(member.key.start..member.key.end);
        let name = written(members.get(last)?);
        let index = members.iter().position(|member| written(member) == name)?;
        Some(Place {
            holder: Some((holder, index)),
            part: &members[index].value,
        })
    }

    fn exchange(self, path: &[Step], key: &str, value: &Node) -> Option<Vec<Edit>> {
        let place = self.place(path)?;
        let (holder, _) = place.holder?;
        let member = place.member()?;
        let range = member.key.start..self.end_of_member(member)?;
        let text = if holder.is_flow() {
            let key = self.manner.text(key);
            format!("{key}: {}", self.manner.flow(value))
        } else {
            let indent = self.column(member.key.start);
            self.manner.member(key, value, indent)
        };
        Some(vec![Edit::new(range, text)])
    }

    /// Takes a member out, with the comments above it or without.
    fn remove(self, place: Place<'s>, comments: bool) -> Option<Edit> {
        let (holder, index) = place.holder?;
        let members = holder.members();
        let member = members.get(index)?;
        if members.len() == 1 {
            let start = if comments { self.lead(member) } else { None };
            let range = start.unwrap_or(holder.start)..self.end(holder)?;
            let text = match start {
                Some(start) => self.text.get(start..holder.start)?.len(),
                None => 0,
            };
            // What is left of the comments is the indentation.
            let indent = if text > 0 {
                self.column(member.key.start)
            } else {
                0
            };
            return Some(Edit::new(range, " ".repeat(indent) + "{}"));
        }
        let next = members.get(index + 1);
        if holder.is_flow() {
            let range = match (next, index.checked_sub(1)) {
                (Some(next), _) => member.key.start..next.key.start,
                (None, Some(before)) => {
                    self.end_of_member(&members[before])?..self.end_of_member(member)?
                }
                (None, None) => return None,
            };
            return Some(Edit::new(range, ""));
        }
        if !self.starts_line(member.key.start) {
            // The next one follows the dash.
            return Some(Edit::new(member.key.start..next?.key.start, ""));
        }
        let start = if comments { self.lead(member) } else { None };
        let start = start.unwrap_or_else(|| self.line_start(member.key.start));
        let end = self.next_line(self.last(member)?);
        Some(Edit::new(start..end, ""))
    }

    fn insert(self, map: &Part, key: &str, value: &Node, before: Option<&str>) -> Option<Edit> {
        let flow = format!("{}: {}", self.manner.text(key), self.manner.flow(value));
        if map.members().is_empty() {
            return into_empty(map, &flow);
        }
        let indent = self.column(map.members().first()?.key.start);
        let block = self.manner.member(key, value, indent);
        self.put(map, &block, &flow, before)
    }

    /// Puts a member into a map that has others: on lines of its own, or in brackets.
    fn put(self, map: &Part, block: &str, flow: &str, before: Option<&str>) -> Option<Edit> {
        let members = map.members();
        let (first, last) = (members.first()?, members.last()?);
        let named = |member: &&Member| {
            let key = self.text.get(member.key.start..member.key.end);
            key.map(|key| key.trim_matches(['"', '\''])) == before
        };
        let next = before.and_then(|_| members.iter().find(named));
        if map.is_flow() {
            let own_line = self.line_start(first.key.start) > map.start;
            let gap = if own_line {
                self.manner.line(self.column(first.key.start))
            } else {
                " ".to_owned()
            };
            if let Some(next) = next {
                let at = next.key.start;
                return Some(Edit::new(at..at, format!("{flow},{gap}")));
            }
            let end = self.end_of_member(last)?;
            return Some(Edit::new(end..end, format!(",{gap}{flow}")));
        }
        let indent = self.column(first.key.start);
        if let Some(next) = next {
            let line = self.manner.line(indent);
            return Some(match self.lead(next) {
                Some(lead) => {
                    let text = format!("{}{block}{}", " ".repeat(indent), self.manner.newline);
                    Edit::new(lead..lead, text)
                }
                None => Edit::new(next.key.start..next.key.start, format!("{block}{line}")),
            });
        }
        let end = self.line_end(self.last(last)?);
        let text = format!("{}{block}", self.manner.line(indent));
        Some(Edit::new(end..end, text))
    }

    fn relocate(self, path: &[Step], to: &[Vec<Step>], key: &str) -> Option<Vec<Edit>> {
        let place = self.place(path)?;
        let (holder, _) = place.holder?;
        let member = place.member()?;
        let key = self.manner.text(key);
        let mut edits = Vec::new();
        for target in to {
            let map = self.place(target)?.part;
            let flow = || {
                let shown = if self.can_stand_in_brackets(place.part) {
                    let from = self.indentation(member.key.start);
                    let to = self.indentation(self.end(map)?);
                    let to = map
                        .members()
                        .first()
                        .map_or(to, |first| self.indentation(first.key.start));
                    self.shifted(place.part.start..self.end(place.part)?, from, to)?
                } else {
                    self.manner.flow(node(self.root, path)?)
                };
                Some(format!("{key}: {shown}"))
            };
            let Some(first) = map.members().first() else {
                edits.push(into_empty(map, &flow()?)?);
                continue;
            };
            let (block, flow) = if map.is_flow() {
                (String::new(), flow()?)
            } else {
                let to = self.column(first.key.start);
                (self.moved(holder, member, &key, to)?, String::new())
            };
            edits.push(self.put(map, &block, &flow, None)?);
        }
        let mut gone = self.remove(place, true)?;
        // What is last in a map that the value leaves upwards comes to stand where it stood.
        let within = |edit: &Edit| {
            let range = &gone.range;
            gone.text.is_empty() && range.start < edit.range.start && edit.range.end <= range.end
        };
        if let Some(index) = edits.iter().position(within) {
            let come = edits.remove(index).text;
            gone.text = come.trim_start_matches(['\r', '\n']).to_owned() + self.manner.newline;
        }
        edits.push(gone);
        Some(edits)
    }

    /// A member on its lines, with the comments above it, at another indentation; the first line without its own.
    fn moved(self, holder: &Part, member: &Member, key: &str, to: usize) -> Option<String> {
        if holder.is_flow() {
            let (start, end) = (member.value.start, self.end(&member.value)?);
            let from = self.indentation(member.key.start);
            let text = self.shifted(start..end, from, to)?;
            return Some(format!("{key}: {text}"));
        }
        let from = self.column(member.key.start);
        let end = self.line_end(self.last(member)?);
        let below = self.shifted(member.key.end..end, from, to)?;
        let comments = match self.lead(member) {
            Some(lead) => {
                let comments = self.shifted(lead..member.key.start, from, to)?;
                comments.trim_start_matches(' ').to_owned()
            }
            None => String::new(),
        };
        Some(format!("{comments}{key}{below}"))
    }

    /// Text whose lines after the first are moved to the right or left.
    fn shifted(self, range: Range<usize>, from: usize, to: usize) -> Option<String> {
        let text = self.text.get(range)?;
        let mut lines = text.split('\n');
        let mut shifted = lines.next()?.to_owned();
        for line in lines {
            shifted.push('\n');
            let bare = line.trim_start_matches(' ');
            if bare.is_empty() && line.is_empty() || bare == "\r" {
                shifted.push_str(bare);
                continue;
            }
            let indent = (line.len() - bare.len() + to).saturating_sub(from);
            shifted.push_str(&" ".repeat(indent));
            shifted.push_str(bare);
        }
        Some(shifted)
    }

    fn can_stand_in_brackets(self, part: &Part) -> bool {
        let of_lines = |part: &Part| match &part.kind {
            Kind::Scalar | Kind::Alias => false,
            Kind::Block => true,
            Kind::List { flow, .. } | Kind::Map { flow, .. } => !flow,
        };
        // A bare text may hold commas on a line, and not in brackets.
        let quoted = self.text[part.start..].starts_with(['"', '\'', '{', '[']);
        !part.any(&of_lines) && quoted
    }

    fn wrap(self, path: &[Step], outer: &str, inner: &str) -> Option<Vec<Edit>> {
        let place = self.place(path)?;
        let (holder, _) = place.holder?;
        let member = place.member()?;
        let (outer, inner) = (self.manner.text(outer), self.manner.text(inner));
        if holder.is_flow() {
            let end = self.end(&member.value)?;
            let key = member.key.start..member.key.end;
            return Some(vec![
                Edit::new(key, format!("{outer}: {{{inner}")),
                Edit::new(end..end, "}"),
            ]);
        }
        let indent = self.column(member.key.start);
        let end = self.line_end(self.last(member)?);
        let below = self.shifted(member.key.end..end, indent, indent + 2)?;
        let text = format!("{outer}:{}{inner}{below}", self.manner.line(indent + 2));
        Some(vec![Edit::new(member.key.start..end, text)])
    }

    fn unfold(self, path: &[Step]) -> Option<Vec<Edit>> {
        let place = self.place(path)?;
        if !place.part.is_flow() || self.manner.json {
            return Some(Vec::new());
        }
        let value = node(self.root, path)?;
        let range = place.part.start..place.part.end;
        if let Some(member) = place.member() {
            let colon = self.colon(member)?;
            let indent = self.column(member.key.start);
            let text = self.manner.below(value, indent);
            return Some(vec![Edit::new(colon..range.end, text)]);
        }
        let text = self.manner.lines(value, self.column(range.start));
        Some(vec![Edit::new(range, text)])
    }

    /// Where a member's colon ends.
    fn colon(self, member: &Member) -> Option<usize> {
        let rest = self.text.get(member.key.end..)?;
        let spaces = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        rest[spaces..]
            .starts_with(':')
            .then_some(member.key.end + spaces + 1)
    }

    /// Where a value starts: of block texts, where their sign stands.
    fn value_start(self, place: Place<'s>) -> Option<usize> {
        match (&place.part.kind, place.member()) {
            (Kind::Block, Some(member)) => {
                let colon = self.colon(member)?;
                let rest = &self.text[colon..];
                Some(colon + rest.len() - rest.trim_start_matches(' ').len())
            }
            (Kind::Block, None) => None,
            _ => Some(place.part.start),
        }
    }

    /// Where a value ends.
    fn end(self, part: &Part) -> Option<usize> {
        match &part.kind {
            Kind::Block => {
                let written = self.text.get(part.start..part.end)?;
                Some(part.start + written.trim_end().len())
            }
            Kind::List { flow: false, items } => self.end(items.last()?),
            Kind::Map {
                flow: false,
                members,
            } => self.end_of_member(members.last()?),
            _ => Some(part.end),
        }
    }

    fn end_of_member(self, member: &Member) -> Option<usize> {
        Some(self.end(&member.value)?.max(self.colon(member)?))
    }

    /// The last byte of a member's lines, with comments below that are indented deeper than its key.
    fn last(self, member: &Member) -> Option<usize> {
        let indent = self.column(member.key.start);
        let mut end = self.end_of_member(member)?;
        loop {
            let next = self.next_line(end);
            let line = self.text.get(next..self.line_end(next))?;
            let bare = line.trim_start_matches(' ');
            if next <= end || !bare.starts_with('#') || line.len() - bare.len() <= indent {
                return Some(end);
            }
            end = next;
        }
    }

    /// Where the comments above a member start, or its line; None where its key does not start its line.
    fn lead(self, member: &Member) -> Option<usize> {
        if !self.starts_line(member.key.start) {
            return None;
        }
        let indent = self.column(member.key.start);
        let mut start = self.line_start(member.key.start);
        while start > 0 {
            let above = self.line_start(start - 1);
            let line = self.text.get(above..start)?;
            let bare = line.trim_start_matches(' ');
            if !bare.starts_with('#') || line.len() - bare.len() != indent {
                break;
            }
            start = above;
        }
        Some(start)
    }

    fn starts_line(self, at: usize) -> bool {
        self.text[self.line_start(at)..at].chars().all(|c| c == ' ')
    }

    fn line_start(self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |end| end + 1)
    }

    /// The end of a line, before what ends it.
    fn line_end(self, at: usize) -> usize {
        let end = self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |end| at + end);
        if self.text[at..end].ends_with('\r') {
            end - 1
        } else {
            end
        }
    }

    fn next_line(self, at: usize) -> usize {
        self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |end| at + end + 1)
    }

    fn column(self, at: usize) -> usize {
        self.text[self.line_start(at)..at].chars().count()
    }

    fn indentation(self, at: usize) -> usize {
        let line = &self.text[self.line_start(at)..];
        line.len() - line.trim_start_matches(' ').len()
    }
}

/// The value of a path.
fn node<'n>(root: &'n Node, path: &[Step]) -> Option<&'n Node> {
    path.iter().try_fold(root, |node, step| match step {
        Step::Field(name) | Step::Key(name) => node.get(name),
        Step::Index(index) => node.list()?.get(*index),
    })
}

/// Puts a member into a map that has none.
fn into_empty(map: &Part, flow: &str) -> Option<Edit> {
    let is_map = matches!(map.kind, Kind::Map { flow: true, .. });
    is_map.then(|| Edit::new(map.start..map.end, format!("{{{flow}}}")))
}

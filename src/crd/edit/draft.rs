//! A document that is being changed.

use super::super::document::{Limits, Node, ReadError, read};
use super::layout::{Part, layouts};
use super::operation::{Operation, same};
use super::text::{Edit, Source};
use super::write::Manner;

/// The layout of a document is too odd for a change to keep it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Unkept;

/// A file of which one document is being changed.
#[derive(Clone)]
pub(crate) struct Draft {
    text: String,
    /// Which document of the file it is.
    index: usize,
    root: Node,
}

impl Draft {
    /// A document of a file.
    pub(crate) fn new(text: String, index: usize) -> Result<Draft, ReadError> {
        let mut documents = read(text.as_bytes(), Limits::default())?;
        if index >= documents.len() {
            let message = "there is no such document".to_owned();
            let at = super::super::document::Position { line: 1, column: 1 };
            return Err(ReadError { message, at });
        }
        let root = documents.swap_remove(index).root;
        Ok(Draft { text, index, root })
    }

    /// The document as it is now.
    pub(crate) fn root(&self) -> &Node {
        &self.root
    }

    /// The file as it is now.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// Carries out operations that do not depend on each other. Nothing changes where that cannot keep the layout.
    pub(crate) fn apply(&mut self, operations: &[Operation]) -> Result<(), Unkept> {
        let wanted = self.wanted(operations).ok_or(Unkept)?;
        let (mut text, mut root) = (self.text.clone(), self.root.clone());
        let mut left: Vec<&Operation> = operations.iter().collect();
        while !left.is_empty() {
            let (changed, later) = self.round(&text, &root, &left).ok_or(Unkept)?;
            if later.len() == left.len() {
                return Err(Unkept);
            }
            left = later;
            text = changed;
            root = self.read_again(&text).ok_or(Unkept)?;
        }
        if !same(&root, &wanted) {
            return Err(Unkept);
        }
        self.text = text;
        self.root = root;
        Ok(())
    }

    /// Carries out operations on the values, and writes the whole document anew: its comments are lost.
    pub(crate) fn rewrite(&mut self, operations: &[Operation]) -> Result<(), Unkept> {
        let wanted = self.wanted(operations).ok_or(Unkept)?;
        let text = body(&self.text);
        let parts = layouts(text).ok_or(Unkept)?;
        let part = parts.get(self.index).ok_or(Unkept)?;
        let manner = manner(text, part);
        let (start, end) = (part.start, part.end);
        let written = if manner.json {
            manner.flow(&wanted)
        } else {
            manner.lines(&wanted, 0)
        };
        let mark = self.text.len() - text.len();
        let newline = if end > start && text[..end].ends_with('\n') {
            "\n"
        } else {
            ""
        };
        let changed = format!(
            "{}{written}{newline}{}",
            &self.text[..start + mark],
            &self.text[end + mark..]
        );
        let root = self.read_again(&changed).ok_or(Unkept)?;
        if !same(&root, &wanted) {
            return Err(Unkept);
        }
        self.text = changed;
        self.root = root;
        Ok(())
    }

    fn wanted(&self, operations: &[Operation]) -> Option<Node> {
        let mut wanted = self.root.clone();
        for operation in operations {
            operation.effect(&mut wanted)?;
        }
        Some(wanted)
    }

    fn read_again(&self, text: &str) -> Option<Node> {
        let mut documents = read(text.as_bytes(), Limits::default()).ok()?;
        (self.index < documents.len()).then(|| documents.swap_remove(self.index).root)
    }

    /// Carries out those operations whose bytes do not meet; the others come later.
    fn round<'o>(
        &self,
        text: &str,
        root: &Node,
        operations: &[&'o Operation],
    ) -> Option<(String, Vec<&'o Operation>)> {
        let body = body(text);
        let parts = layouts(body)?;
        let part = parts.get(self.index)?;
        let source = Source {
            text: body,
            root,
            part,
            manner: manner(body, part),
        };
        let (mut now, mut later): (Vec<Edit>, Vec<&Operation>) = (Vec::new(), Vec::new());
        for operation in operations {
            let edits = source.edits(operation)?;
            let meets = edits
                .iter()
                .any(|edit| now.iter().any(|other| meet(edit, other)));
            if meets {
                later.push(operation);
            } else {
                now.extend(edits);
            }
        }
        let mark = &text[..text.len() - body.len()];
        Some((format!("{mark}{}", edited(body, now)?), later))
    }
}

/// The text without a byte order mark, which the parser does not see.
fn body(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn meet(a: &Edit, b: &Edit) -> bool {
    a.range.start <= b.range.end && b.range.start <= a.range.end
}

/// The text with edits; None where they overlap.
fn edited(text: &str, mut edits: Vec<Edit>) -> Option<String> {
    edits.sort_by_key(|edit| edit.range.start);
    let mut changed = String::with_capacity(text.len() + 256);
    let mut at = 0;
    for edit in edits {
        changed.push_str(text.get(at..edit.range.start)?);
        changed.push_str(&edit.text);
        at = edit.range.end;
    }
    Some(changed + text.get(at..)?)
}

fn manner(text: &str, root: &Part) -> Manner {
    Manner {
        json: root.is_flow(),
        dash: dash(text, root).unwrap_or(0),
        newline: if text.contains("\r\n") { "\r\n" } else { "\n" },
    }
}

/// How far the first list of lines stands to the right of its key.
fn dash(text: &str, part: &Part) -> Option<usize> {
    let column = |at: usize| {
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        at - start
    };
    part.members().iter().find_map(|member| {
        if let super::layout::Kind::List { flow: false, items } = &member.value.kind {
            let item = items.first()?;
            // The dash and a space stand before the item, wherever the item has no key of its own on another line.
            let dash = text[..item.start].rfind('-')?;
            return column(dash).checked_sub(column(member.key.start));
        }
        dash(text, &member.value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crd::document::Position;
    use crate::crd::path::Step;

    fn path(text: &str) -> Vec<Step> {
        text.split('.')
            .filter(|step| !step.is_empty())
            .map(|step| match step.parse() {
                Ok(index) => Step::Index(index),
                Err(_) => Step::Field(step.to_owned()),
            })
            .collect()
    }

    fn value(text: &str) -> Node {
        read(text.as_bytes(), Limits::default())
            .unwrap()
            .remove(0)
            .root
    }

    fn changed(text: &str, operations: &[Operation]) -> String {
        let mut draft = Draft::new(text.to_owned(), 0).unwrap();
        draft.apply(operations).expect(text);
        draft.into_text()
    }

    fn remove(at: &str) -> Operation {
        Operation::Remove { path: path(at) }
    }

    fn insert(map: &str, key: &str, text: &str, before: Option<&str>) -> Operation {
        Operation::Insert {
            map: path(map),
            key: key.to_owned(),
            value: value(text),
            before: before.map(str::to_owned),
        }
    }

    fn relocate(from: &str, to: &[&str], key: &str) -> Operation {
        Operation::Move {
            path: path(from),
            to: to.iter().map(|to| path(to)).collect(),
            key: key.to_owned(),
        }
    }

    #[test]
    fn comments_and_lines_stay_around_a_change() {
        let text = "# top\na:  # of a\n  # of b\n  b: x # why\n\n  c: {d: 1, e: 2}\nf: |\n  text\n\n# end\n";
        let rename = Operation::Rename {
            path: path("a.b"),
            key: "z".to_owned(),
        };
        let set = Operation::Set {
            path: path("a.c.e"),
            value: value("3"),
        };
        assert_eq!(
            changed(text, &[rename, set]),
            "# top\na:  # of a\n  # of b\n  z: x # why\n\n  c: {d: 1, e: 3}\nf: |\n  text\n\n# end\n"
        );
        assert_eq!(
            changed(text, &[remove("a.c.d"), remove("f")]),
            "# top\na:  # of a\n  # of b\n  b: x # why\n\n  c: {e: 2}\n\n# end\n"
        );
        assert_eq!(
            changed(
                text,
                &[
                    insert("a", "type", "object", Some("b")),
                    insert("", "g", "[1]", None)
                ]
            ),
            "# top\na:  # of a\n  type: object\n  # of b\n  b: x # why\n\n  c: {d: 1, e: 2}\nf: |\n  text\ng:\n- 1\n\n# end\n"
        );
    }

    #[test]
    fn comments_behind_quotes_stay() {
        let set = |at: &str| Operation::Set {
            path: path(at),
            value: value("z"),
        };
        let text = "a: \"x \\\" # no\" # c\nb: 'it''s # no' # d\n";
        assert_eq!(changed(text, &[set("a"), set("b")]), "a: z # c\nb: z # d\n");
        assert_eq!(changed("\"a\": \"\" # c\n", &[set("a")]), "\"a\": z # c\n");
    }

    #[test]
    fn members_behind_a_dash_come_and_go() {
        let text = "a:\n- b: 1\n  c: 2\n- d: 3\n";
        assert_eq!(changed(text, &[remove("a.0.b")]), "a:\n- c: 2\n- d: 3\n");
        assert_eq!(
            changed(text, &[remove("a.1.d")]),
            "a:\n- b: 1\n  c: 2\n- {}\n"
        );
        assert_eq!(
            changed(text, &[insert("a.0", "x", "{k: 1}", Some("b"))]),
            "a:\n- x:\n    k: 1\n  b: 1\n  c: 2\n- d: 3\n"
        );
    }

    #[test]
    fn values_move_with_their_comments() {
        let text = "s:\n  # about\n  v: # here\n    o:\n      # deep\n      p: 1\n  w:\n    - n: a\n    - n: b\n";
        assert_eq!(
            changed(text, &[relocate("s.v", &["s.w.0", "s.w.1"], "x")]),
            "s:\n  w:\n    - n: a\n      # about\n      x: # here\n        o:\n          # deep\n          p: 1\n    - n: b\n      # about\n      x: # here\n        o:\n          # deep\n          p: 1\n"
        );
        // Out of the last of the lines.
        for text in [
            "s:\n  a: 1\n  m:\n    b: 2\n    # of c\n    c: 3 # t\n",
            "s:\n  a: 1\n  m:\n    b: 2\n    # of c\n    c: 3 # t",
        ] {
            assert_eq!(
                changed(text, &[relocate("s.m.c", &["s"], "c")]).trim_end(),
                "s:\n  a: 1\n  m:\n    b: 2\n  # of c\n  c: 3 # t"
            );
        }
        let wrap = Operation::Wrap {
            path: path("s.v"),
            outer: "out".to_owned(),
            inner: "in".to_owned(),
        };
        assert_eq!(
            changed("s:\n  v: # here\n    o: 1\n", &[wrap]),
            "s:\n  out:\n    in: # here\n      o: 1\n"
        );
    }

    #[test]
    fn json_stays_json() {
        let text = "{\n  \"s\": {\n    \"v\": {\n      \"o\": 1\n    },\n    \"w\": [{\"n\": \"a\"}]\n  }\n}\n";
        assert_eq!(
            changed(text, &[relocate("s.v", &["s.w.0"], "x")]),
            "{\n  \"s\": {\n    \"w\": [{\"n\": \"a\", \"x\": {\n      \"o\": 1\n    }}]\n  }\n}\n"
        );
        let text = changed(
            text,
            &[
                insert("s", "t", "yes it's", None),
                insert("s.v", "a", "{b: 1}", Some("o")),
            ],
        );
        assert_eq!(
            text,
            "{\n  \"s\": {\n    \"v\": {\n      \"a\": {\"b\": 1},\n      \"o\": 1\n    },\n    \"w\": [{\"n\": \"a\"}],\n    \"t\": \"yes it's\"\n  }\n}\n"
        );
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }

    #[test]
    fn neighbours_in_brackets_go_one_after_the_other() {
        let text = "a: {b: 1, c: 2, d: 3}\n";
        let all = [remove("a.b"), remove("a.c"), remove("a.d")];
        assert_eq!(changed(text, &all[1..]), "a: {b: 1}\n");
        assert_eq!(changed(text, &all), "a: {}\n");
    }

    #[test]
    fn brackets_become_lines() {
        let unfold = Operation::Unfold { path: path("a") };
        assert_eq!(
            changed("a: [{b: 1, c: {d: x}}, 2] # t\n", &[unfold]),
            "a:\n- b: 1\n  c:\n    d: x\n- 2 # t\n"
        );
    }

    #[test]
    fn what_cannot_be_edited_is_written_anew() {
        let text = "# c\nx: &x {a: 1}\nw: *x\nz:\n  <<: *x\n  b: 2\n";
        let mut draft = Draft::new(text.to_owned(), 0).unwrap();
        assert_eq!(draft.apply(&[remove("w.a")]), Err(Unkept));
        // An anchor's value cannot change without its aliases'.
        assert_eq!(draft.apply(&[remove("x.a")]), Err(Unkept));
        draft.rewrite(&[remove("w.a")]).unwrap();
        assert_eq!(
            draft.into_text(),
            "# c\nx:\n  a: 1\nw: {}\nz:\n  a: 1\n  b: 2\n"
        );
    }

    #[test]
    fn other_documents_and_marks_stay() {
        let text = "\u{feff}a: é\r\n---\r\n# c\r\nb: 1\r\n";
        let mut draft = Draft::new(text.to_owned(), 1).unwrap();
        draft.apply(&[insert("", "c", "{d: 1}", None)]).unwrap();
        assert_eq!(
            draft.into_text(),
            "\u{feff}a: é\r\n---\r\n# c\r\nb: 1\r\nc:\r\n  d: 1\r\n"
        );
        assert!(Draft::new(String::new(), 0).is_err());
        let place = Position { line: 1, column: 1 };
        assert_eq!(Draft::new("a".to_owned(), 0).unwrap().root().at, place);
    }
}

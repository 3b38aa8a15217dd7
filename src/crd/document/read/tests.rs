//! What is read of files, and what is told of those that are broken.

use super::super::Node;
use super::*;

fn one(text: &str) -> Node {
    read(text.as_bytes(), Limits::default())
        .unwrap()
        .remove(0)
        .root
}

fn error(text: &str) -> ReadError {
    read(text.as_bytes(), Limits::default()).unwrap_err()
}

#[test]
fn values_know_their_places() {
    let root = one("a:\n  b: [1, x]\n");
    let list = root.dig(&["a", "b"]).unwrap();
    assert_eq!(list.at, Position { line: 2, column: 6 });
    assert_eq!(
        list.list().unwrap()[1].at,
        Position {
            line: 2,
            column: 10
        }
    );
    assert_eq!(
        root.map().unwrap().entry("a").unwrap().at,
        Position { line: 1, column: 1 }
    );
}

#[test]
fn a_file_may_hold_several_documents_and_empty_ones() {
    let documents = read(b"---\na: 1\n---\n---\nb: 2\n", Limits::default()).unwrap();
    assert_eq!(documents.len(), 2);
}

#[test]
fn json_keeps_its_numbers() {
    let root = one("{\"a\": 1.0, \"b\": \"\\u00e9\"}");
    assert_eq!(root.get("a").unwrap().number().unwrap().text(), "1.0");
    assert_eq!(root.get("b").unwrap().text().unwrap(), "é");
    assert_eq!(
        one("a: 1.0").get("a").unwrap().number().unwrap().text(),
        "1"
    );
}

#[test]
fn aliases_and_merges_are_followed() {
    let root = one("base: &base {w: 1, x: 2}\nhere:\n  <<: *base\n  x: 3\nthere: *base\n");
    let here = root.get("here").unwrap();
    assert_eq!(here.get("w").unwrap().number().unwrap().text(), "1");
    assert_eq!(here.get("x").unwrap().number().unwrap().text(), "3");
    assert_eq!(
        root.dig(&["there", "x"]).unwrap().number().unwrap().text(),
        "2"
    );
}

#[test]
fn aliases_cannot_grow_without_bound() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let below = format!("*a{}", level - 1);
        let list = vec![below; 10].join(", ");
        text = format!("{text}a{level}: &a{level} [{list}]\n");
    }
    assert_eq!(error(&text).message, "document contains excessive aliasing");
}

#[test]
fn nesting_and_size_are_bounded() {
    let deep = format!("{}{}", "[".repeat(250), "]".repeat(250));
    assert!(error(&deep).message.contains("too deep"));
    // The parser has a limit of its own, which is met first.
    assert_eq!(error(&"[".repeat(100_000)).at.line, 1);
    let limits = Limits {
        bytes: 3,
        ..Limits::default()
    };
    assert!(read(b"a: 1", limits).is_err());
}

#[test]
fn what_is_no_text_is_told_with_its_place() {
    let error = read(b"a: 1\nb: \xff\n", Limits::default()).unwrap_err();
    assert_eq!(error.at, Position { line: 2, column: 4 });
}

#[test]
fn a_tab_is_told_where_it_stands() {
    for (text, line, column) in [
        ("a: 1\nspec:\n\tb: 2\n", 3, 1),
        ("spec:\n  x: 1\n\tb: 2\nc: 3\n", 3, 1),
        ("- a\n\t- b\n", 2, 1),
        ("a: |\n\ttext\n", 2, 1),
    ] {
        assert_eq!(error(text).at, Position { line, column }, "{text}");
        let behind = format!("b: 1\n---\na: [1\n---\n{text}");
        let errors = read_each(behind.as_bytes(), Limits::default()).errors;
        assert_eq!(errors.len(), 2, "{errors:?}");
        let line = line + 4;
        assert_eq!(errors[1].at, Position { line, column }, "{text}");
    }
}

#[test]
fn what_is_broken_hides_nothing() {
    let text = "a: 1\n---\nb: [\n---\nc: 3\n--- # four\nd: {\n---\n";
    let reading = read_each(text.as_bytes(), Limits::default());
    let places = |at: Position| (at.line, at.column);
    let read = reading
        .documents
        .iter()
        .map(|document| places(document.root.at));
    assert_eq!(read.collect::<Vec<_>>(), [(1, 1), (5, 1)]);
    let broken = reading.errors.iter().map(|error| error.at.line);
    assert_eq!(broken.collect::<Vec<_>>(), [4, 8]);
    let many = "a: [\n---\n".repeat(1000);
    let reading = read_each(many.as_bytes(), Limits::default());
    assert_eq!(reading.errors.len(), MOST_BROKEN);
}

#[test]
fn keys_are_texts() {
    assert_eq!(one("on: 1").map().unwrap().entries()[0].key, "true");
    assert_eq!(
        error("? [a]\n: b").message,
        "invalid map key: a key must be a text"
    );
}

#[test]
fn files_are_read_as_kubectl_reads_them() {
    for text in [
        "a:\tb\n",
        "a: [b,\nc]\n",
        "a: \"b\nc\"\n",
        "a: {\n\tb: c,\n\t}\n",
        "a: !!binary aGVsbG8=\n",
        "{\"a\":1,}",
        "a: .inf\na: 1\n",
        "a: 1\n...\n: [\n",
    ] {
        assert!(read(text.as_bytes(), Limits::default()).is_ok(), "{text}");
    }
    for text in [
        "\t\na: 1\n",
        "-\ta: b\n",
        "a: \x07\n",
        "--- a\n",
        "a: &x 1\n---\nb: *x\n",
        "a: !!int abc\n",
        "%YAML 1.2\n---\na: 1\n",
        "a: .inf\n",
        "a: &x [*x]\n",
    ] {
        assert!(read(text.as_bytes(), Limits::default()).is_err(), "{text}");
    }
    let objects = read(b"{\"a\":1}{\"b\":2}\n[1]", Limits::default()).unwrap();
    assert_eq!(objects.len(), 3);
    assert_eq!(
        one("a: !!binary aGVsbG8=").get("a").unwrap().text(),
        Some("hello")
    );
}

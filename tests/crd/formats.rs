//! The formats of texts: the linter and a real API server are asked about texts that nearly hold.

use kubewright::crd::document::{Limits, Node, read};
use kubewright::crd::lint;
use serde_json::{Map, Value, json};

use super::agreement::{CREATE, Tally, count, linter, said, server};
use super::mutation::Dice;

/// A format, and texts that hold or nearly do.
const FORMATS: &[(&str, &[&str])] = &[
    ("bsonobjectid", &["507f1f77bcf86cd799439011"]),
    ("byte", &["ZXhhbXBsZQ==", "YWI=", "", "a+/b"]),
    (
        "cidr",
        &[
            "10.0.0.0/24",
            "2001:db8::/32",
            "010.0.0.1/08",
            "::1.2.3.4/128",
            "fe80::%25/1",
        ],
    ),
    (
        "creditcard",
        &[
            "4111111111111111",
            "5500-0000-0000-0004",
            "3400 0000 0000 009",
            "6011000000000004",
            "30000000000004",
            "213112345678901",
        ],
    ),
    (
        "date",
        &["2026-01-31", "2024-02-29", "1900-02-28", "0000-12-01"],
    ),
    (
        "date-time",
        &[
            "2026-01-31T12:00:00Z",
            "2026-12-01t23:59:59.123+01:00",
            "2026-01-01T00:00:00x5ztz",
        ],
    ),
    (
        "duration",
        &[
            "1h30m",
            "22 ns",
            "in 3 days",
            "-1.5h",
            "2weeks",
            "1 µs",
            "1\u{3bc}s",
            "9223372036854775808 s",
            "2562047h47m16.854775807s",
        ],
    ),
    (
        "email",
        &[
            "someone@example.com",
            "A B <a.b@example.com>",
            "\"a b\"@example.com",
            "a@[127.0.0.1]",
            "<a@[::1]>",
            "a@b (comment (nested))",
            "Group: a@b;",
            "=?utf-8?q?=C3=A9?= <a@b>",
            "=?koi8-r?q?a?= <a@b>",
            "é@é.example",
            "X =?iso-8859-1?b?YQ==?= (c) <a@b>",
            "a@b (=?x?q?a?=)",
        ],
    ),
    ("hexcolor", &["#00ff00", "ABC"]),
    (
        "hostname",
        &[
            "www.example.com",
            "a",
            "a-b.example",
            "a-",
            "xn--1.example",
            "é.example",
            "☃.net",
            "123.45",
        ],
    ),
    (
        "ipv4",
        &["192.0.2.1", "010.0.0.1", "::1.2.3.4", "1.2.3.256"],
    ),
    (
        "ipv6",
        &[
            "2001:db8::1",
            "::",
            "::ffff:1.2.3.4",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7::",
            "fe80::1%eth0",
        ],
    ),
    ("isbn", &["978-0321751041", "0321751043", "0 8044 2957 X"]),
    ("isbn10", &["0321751043", "0-8044-2957-X"]),
    ("isbn13", &["978-0321751041", "978 0 306 40615 7"]),
    ("k8s-long-name", &["my.name", "a-b.c"]),
    ("k8s-short-name", &["my-name", "0a"]),
    (
        "mac",
        &[
            "01:23:45:67:89:ab",
            "01-23-45-67-89-AB-cd-ef",
            "0123.4567.89ab",
            "0123456789ab",
        ],
    ),
    ("password", &["any"]),
    ("rgbcolor", &["rgb(0,255,0)", "rgb( 1 , 20, 249 )"]),
    ("ssn", &["111-11-1111", "111 11 1111"]),
    (
        "uri",
        &[
            "https://example.com/path?q=%20#f",
            "/path",
            "mailto:a@b",
            "http://user:pass@[::1]:80/",
            "http://a:b:80/",
            "x://%C3%A9/",
            "http://[fe80::1%25en0]/",
            "*",
            "http://a b/",
            "a%zz:",
            "HTTP://%41/",
            "x:",
            "http://a[b]/",
        ],
    ),
    (
        "uuid",
        &[
            "01234567-89ab-cdef-0123-456789abcdef",
            "0123456789ABCDEF0123456789abcdef",
        ],
    ),
    ("uuid3", &["bcd02e22-68f0-3046-a512-327cca9def8f"]),
    ("uuid4", &["025b0d74-00a2-4048-bf57-227c5111bb34"]),
    ("uuid5", &["886313e1-3b8a-5372-9b90-0c9aee199e5d"]),
];

/// What is put into texts.
const PARTS: &[&str] = &[
    "", "a", "A", "f", "g", "X", "t", "z", "0", "1", "3", "5", "9", "00", "255", "256", " ", "\t",
    "\n", ".", "..", ":", "::", "-", "--", "_", "/", "%", "%25", "%20", "%e9", "@", "(", ")", "<",
    ">", "[", "]", ",", ";", "\"", "\\", "=", "?", "#", "+", "é", "\u{7f}", "\u{130}", "\u{212a}",
    "s", "ms", "µ", "days", "☃",
];

/// A text that is of a format, or nearly is.
fn text(own: &[&str], dice: &mut Dice) -> String {
    let mut text = match dice.roll(12) {
        0 => {
            let (_, other) = dice.pick(FORMATS);
            (*dice.pick(other)).to_owned()
        }
        _ => (*dice.pick(own)).to_owned(),
    };
    for _ in 0..dice.roll(3) {
        let places: Vec<usize> = text
            .char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .collect();
        let (a, b) = (*dice.pick(&places), *dice.pick(&places));
        let part = *dice.pick(PARTS);
        match dice.roll(4) {
            0 => text.insert_str(a, part),
            1 if a < text.len() => drop(text.remove(a)),
            2 if a < text.len() => {
                text.remove(a);
                text.insert_str(a, part);
            }
            _ => {
                let piece = text[a.min(b)..a.max(b)].to_owned();
                text.insert_str(
                    a,
                    &piece[..piece
                        .char_indices()
                        .nth(4)
                        .map_or(piece.len(), |(at, _)| at)],
                );
            }
        }
    }
    text
}

fn definition(group: &str, schema: impl Fn(&str, &[&str]) -> Value) -> Value {
    let fields = FORMATS
        .iter()
        .map(|(format, own)| (format.replace('-', ""), schema(format, own)));
    let fields: Map<String, Value> = fields.collect();
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("texts.{group}")},
        "spec": {
            "group": group, "scope": "Namespaced", "names": {"plural": "texts", "kind": "Text"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "properties": {"spec": {"type": "object", "properties": fields}},
            }}}],
        },
    })
}

#[test]
fn agreement_on_texts_that_nearly_are_of_their_formats() {
    let group = "formats.example.com";
    let definition = definition(
        group,
        |format, _| json!({"type": "string", "format": format}),
    );
    let resources = format!("/apis/{group}/v1/namespaces/default/texts");
    super::create(&definition.to_string(), &resources);
    let mut tally = Tally::default();
    for seed in 0..count() {
        let mut dice = Dice::new(seed);
        let fields = FORMATS
            .iter()
            .map(|(format, own)| (format.replace('-', ""), json!(text(own, &mut dice))));
        let spec: Map<String, Value> = fields.collect();
        let object = json!({
            "apiVersion": format!("{group}/v1"), "kind": "Text", "metadata": {"name": "a"}, "spec": spec,
        });
        let server = server(
            &format!("{resources}?dryRun=All&fieldValidation=Strict"),
            &object.to_string(),
        );
        let findings = lint::resource(&Node::from(&definition), &Node::from(&object));
        tally.add_verdicts(seed, &server, (said(&findings), false), &object);
    }
    tally.print("texts of formats");
    assert_eq!((tally.verdicts_differ, tally.messages_differ), (0, 0));
}

#[test]
fn agreement_on_defaults_of_formats() {
    let mut tally = Tally::default();
    for seed in 0..count() / 4 {
        let mut dice = Dice::new(seed);
        let seeds: Vec<String> = FORMATS
            .iter()
            .map(|(_, own)| text(own, &mut dice))
            .collect();
        let definition = definition("formatdefaults.example.com", |format, _| {
            let place = FORMATS
                .iter()
                .position(|(known, _)| *known == format)
                .unwrap();
            json!({"type": "string", "format": format, "default": seeds[place]})
        });
        let text = definition.to_string();
        assert!(read(text.as_bytes(), Limits::default()).is_ok());
        tally.add_verdicts(seed, &server(CREATE, &text), linter(&text), &text);
    }
    tally.print("defaults of formats");
    assert_eq!((tally.verdicts_differ, tally.messages_differ), (0, 0));
}

#[test]
fn rules_see_durations_in_words_as_the_server_does() {
    let group = "durations.example.com";
    let definition = definition(
        group,
        |format, _| json!({"type": "string", "format": format}),
    );
    let mut definition = definition;
    let spec =
        &mut definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
    spec["x-kubernetes-validations"] = json!([{"rule": "self.duration > duration('25h')"}]);
    let resources = format!("/apis/{group}/v1/namespaces/default/texts");
    super::create(&definition.to_string(), &resources);
    for duration in [
        "1d",
        "2 days",
        "in 1 week",
        "26h",
        "1 day 2 hours",
        "99999999999 days",
        "-1 week",
    ] {
        let object = json!({
            "apiVersion": format!("{group}/v1"), "kind": "Text", "metadata": {"name": "a"}, "spec": {"duration": duration},
        });
        let path = format!("{resources}?dryRun=All&fieldValidation=Strict");
        let findings = lint::resource(&Node::from(&definition), &Node::from(&object));
        assert_eq!(
            said(&findings),
            server(&path, &object.to_string()),
            "{duration}"
        );
    }
}

//! The field language: what it means, what its errors look like, and that it reads back what it prints.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn render(text: &str) -> String {
    match parse(text) {
        Ok(placed) => format!("no problem: {placed}"),
        Err(problem) => problem.render("--field", text),
    }
}

#[test]
fn a_pattern_with_braces_commas_and_brackets_needs_no_quotes() {
    for pattern in [
        r"^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$",
        r"^[a-z]{1,3}$",
        r"^[^}]+\}$",
        r"^\{[,{(]*$",
        r"[[:alpha:]]=",
    ] {
        let field = parse(&format!("cronSpec:string{{pattern={pattern},minLength=1}}"))
            .unwrap()
            .field;
        assert_eq!(field.node.setting("pattern"), Some(&json!(pattern)));
        assert_eq!(field.node.setting("minLength"), Some(&json!(1)));
    }
}

#[test]
fn every_type_default_and_option_is_read() {
    let field = |text: &str| {
        parse(text)
            .unwrap_or_else(|problem| panic!("{}", problem.render("--field", text)))
            .field
    };
    let replicas = field("replicas:int32?=1{min=1,max=10}");
    assert!(replicas.optional);
    assert_eq!(replicas.node.shape, Shape::Int32);
    assert_eq!(replicas.node.default, Some(json!(1)));
    assert_eq!(replicas.node.setting("max"), Some(&json!(10)));

    for (text, default) in [
        ("a:string=x y", json!("x y")),
        ("a:string=\"a,b{\"", json!("a,b{")),
        ("a:string='it''s'", json!("it's")),
        ("a:[]string=[\"a\",\"b\"]", json!(["a", "b"])),
        ("a:map[string]int={\"a\":1}", json!({"a": 1})),
        ("a:quantity=100Mi", json!("100Mi")),
        ("a:quantity=1", json!(1)),
        ("a:quantity=0.5", json!("0.5")),
        ("a:quantity=\"1\"", json!("1")),
        ("a:bool=true", json!(true)),
        ("a:float=0.5", json!(0.5)),
        ("a:any=null", Value::Null),
        ("a:enum(x|y z|\"|\")=y z", json!("y z")),
    ] {
        assert_eq!(field(text).node.default, Some(default), "{text}");
    }
    let ports = field(
        "ports:[](object(name:string, port:int-or-string?=http{maxLength=15}))?{listType=map,keys=name}",
    );
    let Shape::List(item) = &ports.node.shape else {
        panic!("{ports:?}")
    };
    assert_eq!(item.fields().len(), 2);
    assert_eq!(ports.node.setting("keys"), Some(&json!(["name"])));
    let rule = &field("a:object(x:int, y:int){cel=self.x <= self.y => x must not exceed y}")
        .node
        .rules[0];
    assert_eq!(
        (rule.rule.as_str(), rule.message.as_deref()),
        ("self.x <= self.y", Some("x must not exceed y"))
    );
    assert_eq!(parse("limits.cpu:quantity").unwrap().path, ["limits"]);
}

#[test]
fn errors_stand_below_the_character_that_is_wrong() {
    let errors = [
        "",
        "replicas",
        "replicas:",
        "replicas:int33",
        "replicas:integer",
        "replicas:int32{mni=1}",
        "replicas:int32{maxLength=1}",
        "replicas:int32{min=one}",
        "replicas:int32{min=1,min=2}",
        "replicas:int32=one",
        "replicas:int32{min=1}?",
        "replicas:int32{min=1",
        "name:string{pattern=^(a$}",
        "name:string{doc=one, two}",
        "mode:enum(a|a)",
        "mode:enum()",
        "list:[]strin",
        "list:[](string?)",
        "map:map[int]string",
        "limits:object(cpu:string, cpu:string)",
        "name:string='open",
        "mode:enum(x,y)",
        "size:int32{max=1,min=5}",
        "name:string{minLength=2,maxLength=1}",
        "name:string{maxlen=5}",
        "tags:[]string{minitems=5}",
        "name:string{pattern=^(ab}",
        "name:string{pattern=^[ab}",
    ];
    let shown: Vec<String> = errors.iter().map(|text| render(text)).collect();
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn nesting_without_end_is_an_error_and_no_crash() {
    let text = format!("a:{}string", "[]".repeat(100_000));
    assert!(render(&text).contains("nested more than"));
    let text = format!("a:{}", "object(a:".repeat(100_000));
    assert!(render(&text).contains("nested more than"));
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}",
        r"[ -~]{0,12}",
        r#"[\[\](){}|,\\'"=?:a ]{0,8}"#,
        any::<String>(),
    ]
}

fn leaf() -> impl Strategy<Value = Node> {
    let texts = (
        prop_oneof![Just(Shape::String), Just(Shape::Duration)],
        proptest::option::of(text()),
    )
        .prop_map(|(shape, default)| Node {
            default: default.map(Value::String),
            ..Node::new(shape)
        });
    let mixed = (
        prop_oneof![Just(Shape::Quantity), Just(Shape::IntOrString)],
        prop_oneof![
            Just(None),
            text().prop_map(|text| Some(Value::String(text))),
            any::<i64>().prop_map(|n| Some(json!(n)))
        ],
    )
        .prop_map(|(shape, default)| Node {
            default,
            ..Node::new(shape)
        });
    let numbers = (
        prop_oneof![Just(Shape::Int), Just(Shape::Int32), Just(Shape::Int64)],
        proptest::option::of(any::<i64>()),
    )
        .prop_map(|(shape, default)| Node {
            default: default.map(Value::from),
            ..Node::new(shape)
        });
    let enums = proptest::collection::hash_set(text(), 1..4)
        .prop_map(|words| Node::new(Shape::Enum(words.into_iter().collect())));
    let plain = prop_oneof![
        Just(Shape::Float),
        Just(Shape::Bool),
        Just(Shape::DateTime),
        Just(Shape::AnyObject),
        Just(Shape::Any),
        Just(Shape::PodTemplate)
    ]
    .prop_map(Node::new);
    prop_oneof![texts, mixed, numbers, enums, plain]
}

fn rule() -> impl Strategy<Value = Rule> {
    (
        text(),
        proptest::option::of(text()),
        proptest::option::of(text()),
        proptest::option::of(any::<bool>()),
    )
        .prop_filter_map(
            "a rule is not empty",
            |(rule, message, reason, optional_old_self)| {
                (!rule.is_empty()).then_some(Rule {
                    rule,
                    message,
                    reason,
                    optional_old_self,
                    counterexample: optional_old_self.map(|flag| json!({ "x": flag })),
                    ..Rule::default()
                })
            },
        )
}

fn with_options(node: impl Strategy<Value = Node>) -> impl Strategy<Value = Node> {
    (
        node,
        text(),
        any::<u32>(),
        any::<i32>(),
        any::<u32>(),
        proptest::collection::vec(rule(), 0..2),
    )
        .prop_map(|(mut node, text, count, number, chosen, rules)| {
            for (index, keyword) in KEYWORDS.iter().enumerate() {
                if chosen & (1 << index) == 0 || !keyword.applies_to(&node.shape) {
                    continue;
                }
                let value = match keyword.takes {
                    Takes::Number => json!(number),
                    Takes::Count => json!(count),
                    Takes::Text => json!(text),
                    Takes::Word(words) => json!(words[0]),
                    Takes::Names => json!([text, "b"]),
                    Takes::Value if node.shape.is_text() => json!(text),
                    Takes::Value | Takes::Schema => json!({ "x": text }),
                    Takes::Flag => json!(true),
                };
                node.settings.push(Setting { keyword, value });
            }
            node.rules = rules;
            if node.shape.is_text() {
                // A value of a text is a text.
                node.rules
                    .iter_mut()
                    .for_each(|rule| rule.counterexample = Some(json!(text)));
            }
            node
        })
}

fn node() -> impl Strategy<Value = Node> {
    with_options(leaf()).prop_recursive(4, 24, 4, |inner| {
        let fields = proptest::collection::btree_map(text(), (inner.clone(), any::<bool>()), 0..4)
            .prop_map(|fields| {
                let fields = fields.into_iter().map(|(name, (node, optional))| Field {
                    name,
                    optional,
                    node,
                });
                Node::new(Shape::Object(fields.collect()))
            });
        let list = inner
            .clone()
            .prop_map(|node| Node::new(Shape::List(Box::new(node))));
        let map = inner.prop_map(|node| Node::new(Shape::Map(Box::new(node))));
        with_options(prop_oneof![fields, list, map])
    })
}

#[test]
fn numbers_of_many_digits_stay_what_they_are() {
    let digits = "92233720368547758089".repeat(7);
    let text = format!("a:float?{{max={digits},example={digits}.5}}");
    let printed = parse(&text).unwrap().to_string();
    assert_eq!(parse(&printed).unwrap(), parse(&text).unwrap(), "{printed}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_reads_back_as_the_same(path in proptest::collection::vec(text(), 0..3), name in text(), optional: bool, node in node()) {
        let placed = Placed { path, field: Field { name, optional, node } };
        let printed = placed.to_string();
        let read = parse(&printed).map_err(|problem| TestCaseError::fail(problem.render("--field", &printed)))?;
        prop_assert_eq!(read, placed, "{}", printed);
    }

    #[test]
    fn any_text_is_read_or_refused_with_a_place(text in "[a-z:?={}()\\[\\]|,'\"\\\\. ]{0,40}") {
        render(&text);
    }
}

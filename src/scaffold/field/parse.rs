//! The one parser of the field language. Its grammar is `docs/field-language.md`; a function here has the name of its rule.

use serde_json::{Number, Value};

use super::cursor::{Cursor, Until, Word};
use super::keyword::Keyword;
use super::{Field, KEYWORDS, Node, Rule, Setting, Shape, Takes};
use crate::recipe::{Problem, nearest};

/// Deeper than anybody nests on purpose; it keeps hostile texts from exhausting the stack.
const DEEPEST: usize = 32;

/// What the words of the language name, in the order of the book.
const TYPES: &[&str] = &[
    "string",
    "int",
    "int32",
    "int64",
    "float",
    "bool",
    "quantity",
    "duration",
    "date-time",
    "int-or-string",
    "enum",
    "object",
    "any",
    "podTemplate",
    "map",
];

/// A field, and the objects that it stands in.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The names of the objects around it, the outermost first.
    pub path: Vec<String>,
    /// The field.
    pub field: Field,
}

/// Reads `path.name:type?=default{options}`.
pub fn parse(text: &str) -> Result<Placed, Problem> {
    let mut parser = Parser::new(text);
    let mut path = vec![parser.name()?];
    while parser.cursor.take(".") {
        path.push(parser.name()?);
    }
    let name = path.pop().unwrap_or_default();
    let field = parser.rest_of_field(name)?;
    parser.end()?;
    Ok(Placed { path, field })
}

/// Reads `type?=default{options}`, as it stands behind a name in TOML. The flag says whether the field may be left out.
pub fn parse_node(text: &str) -> Result<(Node, bool), Problem> {
    let mut parser = Parser::new(text);
    let node = parser.typed()?;
    parser.end()?;
    Ok(node)
}

struct Parser<'t> {
    cursor: Cursor<'t>,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Parser<'t> {
        let cursor = Cursor::new(text);
        Parser { cursor, depth: 0 }
    }

    fn end(&mut self) -> Result<(), Problem> {
        self.cursor.skip_spaces();
        let Some(found) = self.cursor.peek() else {
            return Ok(());
        };
        let label = "expected `?`, `=default`, `{options}` or the end; options stand last";
        Err(self.cursor.problem(
            format!("unexpected `{found}`"),
            self.cursor.next_character(),
            label,
        ))
    }

    fn name(&mut self) -> Result<String, Problem> {
        if let Some(word) = self.cursor.quoted()? {
            return Ok(word.text);
        }
        let (name, span) = self.cursor.take_while(is_of_name);
        if name.is_empty() {
            return Err(self.cursor.problem(
                "a field begins with its name",
                self.cursor.next_character(),
                "letters, digits, `_`, `-`, `$`; other names in double quotes",
            ));
        }
        debug_assert_eq!(span.len(), name.len());
        Ok(name.to_owned())
    }

    fn rest_of_field(&mut self, name: String) -> Result<Field, Problem> {
        let label = "a field is `name:type`, such as `replicas:int32`";
        self.cursor.expect(":", label)?;
        let (node, optional) = self.typed()?;
        Ok(Field {
            name,
            optional,
            node,
        })
    }

    fn typed(&mut self) -> Result<(Node, bool), Problem> {
        let shape = self.shape()?;
        let optional = self.cursor.take("?");
        let mut node = Node::new(shape);
        if self.cursor.take("=") {
            node.default = Some(self.shaped_value(&node.shape, Until::Default)?);
        }
        if self.cursor.take("{") {
            self.options(&mut node)?;
        }
        Ok((node, optional))
    }

    fn shape(&mut self) -> Result<Shape, Problem> {
        self.cursor.skip_spaces();
        if self.cursor.take("[]") {
            return Ok(Shape::List(Box::new(self.element()?)));
        }
        let start = self.cursor.at;
        let (word, span) = self
            .cursor
            .take_while(|c| c.is_ascii_alphanumeric() || c == '-');
        let shape = match word {
            "string" => Shape::String,
            "int" => Shape::Int,
            "int32" => Shape::Int32,
            "int64" => Shape::Int64,
            "float" => Shape::Float,
            "bool" => Shape::Bool,
            "quantity" => Shape::Quantity,
            "duration" => Shape::Duration,
            "date-time" => Shape::DateTime,
            "int-or-string" => Shape::IntOrString,
            "any" => Shape::Any,
            "podTemplate" => Shape::PodTemplate,
            "enum" => return self.enumeration(),
            "map" => {
                let label = "a map is `map[string]TYPE`; its keys are always texts";
                self.cursor.expect("[string]", label)?;
                return Ok(Shape::Map(Box::new(self.element()?)));
            }
            "object" if self.cursor.take("(") => {
                return self.nested(start, Parser::fields).map(Shape::Object);
            }
            "object" => Shape::AnyObject,
            unknown => return Err(self.unknown_type(unknown, span)),
        };
        Ok(shape)
    }

    fn unknown_type(&self, word: &str, span: std::ops::Range<usize>) -> Problem {
        let message = if word.is_empty() {
            "a type is missing".to_owned()
        } else {
            format!("unknown type `{word}`")
        };
        let alias = match word {
            "str" | "text" => Some("string"),
            "integer" | "number" | "long" => Some("int64"),
            "double" | "float64" | "float32" => Some("float"),
            "boolean" => Some("bool"),
            "datetime" | "time" | "timestamp" => Some("date-time"),
            "json" => Some("any"),
            _ => nearest(word, TYPES.iter().copied()),
        };
        let label = match alias {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("one of {}, []TYPE, map[string]TYPE", TYPES[..14].join(", ")),
        };
        self.cursor.problem(message, span, label)
    }

    /// What a list or a map holds: a type, or in parentheses a type with default and options of its own.
    fn element(&mut self) -> Result<Node, Problem> {
        let start = self.cursor.at;
        self.nested(start, |parser| {
            if !parser.cursor.take("(") {
                return parser.shape().map(Node::new);
            }
            let (node, optional) = parser.typed()?;
            if optional {
                let span = start..parser.cursor.at;
                return Err(parser.cursor.problem(
                    "what a list or a map holds cannot be optional",
                    span,
                    "leave the `?` out, or say `{nullable}`",
                ));
            }
            parser.cursor.expect(")", "the parenthesis is not closed")?;
            Ok(node)
        })
    }

    /// Reads something that may hold its like.
    fn nested<T>(
        &mut self,
        start: usize,
        read: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        if self.depth == DEEPEST {
            let message = format!("types are nested more than {DEEPEST} deep");
            let span = start..start + 1;
            return Err(self.cursor.problem(message, span, "this one is too deep"));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn fields(&mut self) -> Result<Vec<Field>, Problem> {
        let mut fields: Vec<Field> = Vec::new();
        while !self.cursor.take(")") {
            if !fields.is_empty() {
                self.cursor.expect(",", "fields have commas between them")?;
            }
            self.cursor.skip_spaces();
            let start = self.cursor.at;
            let name = self.name()?;
            let span = start..self.cursor.at;
            if fields.iter().any(|field| field.name == name) {
                let message = format!("the field `{name}` stands here twice");
                return Err(self.cursor.problem(message, span, "the second one"));
            }
            fields.push(self.rest_of_field(name)?);
        }
        Ok(fields)
    }

    fn enumeration(&mut self) -> Result<Shape, Problem> {
        let label = "an enum is `enum(a|b|c)`";
        self.cursor.expect("(", label)?;
        let mut words: Vec<String> = Vec::new();
        loop {
            let word = self.word(&['|', ')'], label)?;
            if words.contains(&word.text) {
                let message = format!("`{}` stands in the enum twice", word.text);
                return Err(self.cursor.problem(message, word.span, "the second one"));
            }
            words.push(word.text);
            if !self.cursor.take("|") {
                break;
            }
        }
        self.cursor.expect(")", label)?;
        Ok(Shape::Enum(words))
    }

    /// A word, in quotes or up to one of these characters; bare it may not be empty.
    fn word(&mut self, ends: &[char], label: &str) -> Result<Word, Problem> {
        if let Some(word) = self.cursor.quoted()? {
            return Ok(word);
        }
        let (text, span) = self.cursor.take_while(|c| !ends.contains(&c));
        if text.trim().is_empty() {
            let span = span.start..span.start + 1;
            return Err(self.cursor.problem("a word is missing", span, label));
        }
        Ok(Word {
            text: text.trim().to_owned(),
            span,
            quoted: false,
        })
    }

    fn options(&mut self, node: &mut Node) -> Result<(), Problem> {
        let mut first = true;
        while !self.cursor.take("}") {
            if !first {
                self.cursor
                    .expect(",", "options have commas between them")?;
            }
            first = false;
            self.option(node)?;
        }
        Ok(())
    }

    fn option(&mut self, node: &mut Node) -> Result<(), Problem> {
        self.cursor.skip_spaces();
        let (name, span) = self.cursor.take_while(|c| c.is_ascii_alphanumeric());
        if name == "cel" {
            let rule = self.rule(&node.shape)?;
            node.rules.push(rule);
            return Ok(());
        }
        let Some(keyword) = Keyword::named(name) else {
            return Err(self.unknown_option(name, span, node));
        };
        if !keyword.applies_to(&node.shape) {
            let message = format!("the option `{name}` does not belong to this type");
            return Err(self.cursor.problem(message, span, options_of(&node.shape)));
        }
        if node
            .settings
            .iter()
            .any(|setting| setting.keyword == keyword)
        {
            let message = format!("the option `{name}` stands here twice");
            return Err(self.cursor.problem(message, span, "the second one"));
        }
        let value = self.option_value(keyword, &node.shape)?;
        node.settings.push(Setting { keyword, value });
        Ok(())
    }

    fn unknown_option(&self, name: &str, span: std::ops::Range<usize>, node: &Node) -> Problem {
        if name.is_empty() {
            let span = self.cursor.next_character();
            return self.cursor.problem(
                "the name of an option is missing",
                span,
                options_of(&node.shape),
            );
        }
        // One slip of the finger in a short name makes it look like nothing else.
        let slip = KEYWORDS
            .iter()
            .find(|keyword| strsim::osa_distance(name, keyword.name) == 1);
        let near = nearest(name, KEYWORDS.iter().map(|keyword| keyword.name));
        let label = match slip.map(|keyword| keyword.name).or(near) {
            Some(near) => format!("did you mean `{near}`?"),
            // Mostly it is the rest of a value in which a comma stands.
            None => format!(
                "{}; a value with a comma stands in quotes",
                options_of(&node.shape)
            ),
        };
        self.cursor
            .problem(format!("unknown option `{name}`"), span, label)
    }

    fn option_value(&mut self, keyword: &Keyword, shape: &Shape) -> Result<Value, Problem> {
        if keyword.takes == Takes::Flag {
            return Ok(Value::Bool(true));
        }
        let label = format!("`{}` needs a value: `{}=…`", keyword.name, keyword.name);
        self.cursor.expect("=", &label)?;
        match keyword.takes {
            Takes::Value => self.shaped_value(shape, Until::Option),
            Takes::Names => self.names(),
            takes => {
                let word = self.cursor.value(Until::Option)?;
                self.converted(takes, word)
            }
        }
    }

    fn converted(&self, takes: Takes, word: Word) -> Result<Value, Problem> {
        let expected = match takes {
            Takes::Number => match number(&word.text) {
                Some(number) => return Ok(Value::Number(number)),
                None => "a number".to_owned(),
            },
            Takes::Count => match word.text.parse::<u32>() {
                Ok(count) => return Ok(Value::from(count)),
                Err(_) => "a whole number that is not negative".to_owned(),
            },
            Takes::Word(words) if !words.contains(&word.text.as_str()) => {
                format!("one of {}", words.join(", "))
            }
            Takes::Schema => match serde_json::from_str(&word.text) {
                Ok(Value::Object(object)) => return Ok(Value::Object(object)),
                _ => "a JSON object in single quotes".to_owned(),
            },
            _ if word.text.is_empty() && !word.quoted => "a value".to_owned(),
            _ => return Ok(Value::String(word.text)),
        };
        let message = format!("expected {expected}, found `{}`", word.text);
        Err(self.cursor.problem(message, word.span, ""))
    }

    fn names(&mut self) -> Result<Value, Problem> {
        let mut names = Vec::new();
        loop {
            let label = "names of fields, with bars between them";
            names.push(Value::String(self.word(&['|', ',', '}'], label)?.text));
            if !self.cursor.take("|") {
                return Ok(Value::Array(names));
            }
        }
    }

    /// A value as a field of this type takes it: texts bare or in quotes, all else JSON.
    fn shaped_value(&mut self, shape: &Shape, until: Until) -> Result<Value, Problem> {
        self.cursor.skip_spaces();
        if shape.is_text() {
            let word = self.cursor.value(until)?;
            if word.text.is_empty() && !word.quoted {
                let span = self.cursor.next_character();
                return Err(self.cursor.problem(
                    "a value is missing",
                    span,
                    "an empty text is `\"\"`",
                ));
            }
            return Ok(Value::String(word.text));
        }
        if let Some('{' | '[') = self.cursor.peek() {
            return self.json();
        }
        let word = self.cursor.value(until)?;
        if word.quoted {
            return Ok(Value::String(word.text));
        }
        match serde_json::from_str(&word.text) {
            Ok(value) if shape.is_text_or_number() && !is_integer(&value) => {
                Ok(Value::String(word.text))
            }
            Ok(value) => Ok(value),
            Err(_) if shape.is_text_or_number() && !word.text.is_empty() => {
                Ok(Value::String(word.text))
            }
            Err(_) => {
                let message = format!("`{}` is no value of this type", word.text);
                Err(self.cursor.problem(
                    message,
                    word.span,
                    "it is read as JSON; texts stand in quotes",
                ))
            }
        }
    }

    fn json(&mut self) -> Result<Value, Problem> {
        let start = self.cursor.at;
        let mut stream = serde_json::Deserializer::from_str(self.cursor.rest()).into_iter();
        match stream.next() {
            Some(Ok(value)) => {
                self.cursor.at += stream.byte_offset();
                Ok(value)
            }
            _ => Err(self
                .cursor
                .problem("broken JSON", start..start + 1, "it begins here")),
        }
    }

    /// `=RULE => MESSAGE`, or `{rule=…,message=…}` with the parts that have no short form.
    fn rule(&mut self, shape: &Shape) -> Result<Rule, Problem> {
        if self.cursor.take("{") {
            return self.rule_of_parts(shape);
        }
        self.cursor.expect(
            "=",
            "a rule is `cel=RULE => MESSAGE` or `cel{rule=…,message=…}`",
        )?;
        let word = self.cursor.value(Until::Option)?;
        let rule = Rule::of_short_form(&word.text);
        if rule.rule.is_empty() {
            return Err(self.cursor.problem(
                "the rule is empty",
                word.span,
                "expected an expression",
            ));
        }
        Ok(rule)
    }

    fn rule_of_parts(&mut self, shape: &Shape) -> Result<Rule, Problem> {
        const PARTS: [&str; 7] = [
            "rule",
            "message",
            "messageExpression",
            "reason",
            "fieldPath",
            "optionalOldSelf",
            "counterexample",
        ];
        let start = self.cursor.at;
        let mut rule = Rule::default();
        let mut first = true;
        while !self.cursor.take("}") {
            if !first {
                self.cursor
                    .expect(",", "the parts of a rule have commas between them")?;
            }
            first = false;
            self.cursor.skip_spaces();
            let (name, span) = self.cursor.take_while(|c| c.is_ascii_alphanumeric());
            if !PARTS.contains(&name) {
                let label = match nearest(name, PARTS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("one of {}", PARTS.join(", ")),
                };
                return Err(self.cursor.problem(
                    format!("unknown part `{name}` of a rule"),
                    span,
                    label,
                ));
            }
            self.cursor
                .expect("=", "a part of a rule is `name=value`")?;
            self.part(name, shape, &mut rule)?;
        }
        if rule.rule.is_empty() {
            let span = start..self.cursor.at;
            return Err(self.cursor.problem(
                "the rule is missing",
                span,
                "expected `rule=EXPRESSION`",
            ));
        }
        Ok(rule)
    }

    fn part(&mut self, name: &str, shape: &Shape, rule: &mut Rule) -> Result<(), Problem> {
        if name == "counterexample" {
            rule.counterexample = Some(self.shaped_value(shape, Until::Option)?);
            return Ok(());
        }
        let word = self.cursor.value(Until::Option)?;
        match name {
            "rule" => rule.rule = word.text,
            "message" => rule.message = Some(word.text),
            "messageExpression" => rule.message_expression = Some(word.text),
            "reason" => rule.reason = Some(word.text),
            "fieldPath" => rule.field_path = Some(word.text),
            _ => match word.text.parse() {
                Ok(flag) => rule.optional_old_self = Some(flag),
                Err(_) => {
                    return Err(self.cursor.problem("expected true or false", word.span, ""));
                }
            },
        }
        Ok(())
    }
}

impl Rule {
    /// `RULE => MESSAGE`; what stands behind the last arrow is the message.
    pub fn of_short_form(text: &str) -> Rule {
        let (rule, message) = match text.rsplit_once("=>") {
            Some((rule, message)) => (rule, Some(message.trim().to_owned())),
            None => (text, None),
        };
        Rule {
            rule: rule.trim().to_owned(),
            message: message.filter(|message| !message.is_empty()),
            ..Rule::default()
        }
    }
}

/// Whether a character stands in a name without quotes.
pub(super) fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '$')
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64()
}

fn number(text: &str) -> Option<Number> {
    serde_json::from_str(text).ok()
}

fn options_of(shape: &Shape) -> String {
    let names = KEYWORDS
        .iter()
        .filter(|keyword| keyword.applies_to(shape))
        .map(|keyword| keyword.name);
    format!(
        "options here: {}, cel",
        names.collect::<Vec<_>>().join(", ")
    )
}

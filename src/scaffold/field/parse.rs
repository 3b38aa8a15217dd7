//! The one parser of the field language. Its grammar is `docs/field-language.md`; a function here has the name of its rule.

use std::collections::HashSet;

use super::cursor::{Cursor, Until, Word};
use super::{Field, Node, Shape};
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

/// A text that is being read.
pub(super) struct Parser<'t> {
    pub(super) cursor: Cursor<'t>,
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
        let mut seen = HashSet::new();
        while !self.cursor.take(")") {
            if !fields.is_empty() {
                self.cursor.expect(",", "fields have commas between them")?;
            }
            self.cursor.skip_spaces();
            let start = self.cursor.at;
            let name = self.name()?;
            let span = start..self.cursor.at;
            if !seen.insert(name.clone()) {
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
        let mut seen = HashSet::new();
        loop {
            let word = self.word(&['|', ',', ')'], label)?;
            if self.cursor.peek() == Some(',') {
                let span = self.cursor.next_character();
                return Err(self.cursor.problem(
                    "the values of an enum have bars between them",
                    span,
                    "write `|`; a value with a comma stands in quotes",
                ));
            }
            if !seen.insert(word.text.clone()) {
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
    pub(super) fn word(&mut self, ends: &[char], label: &str) -> Result<Word, Problem> {
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
}

/// Whether a character stands in a name without quotes.
pub(super) fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '$')
}

//! Random CEL expressions over a schema, right ones and such that are broken at one place.

use serde_json::Value;

use super::mutation::Dice;
use super::phrases::{BEYOND, PATTERNS, TOKENS, WORDS};

/// What an expression may come to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Bool,
    Int,
    Double,
    String,
    List(Box<Kind>),
    Map(Box<Kind>),
    Object(Vec<(String, Kind)>),
    Duration,
    Time,
    /// A whole number or a text.
    Either,
    /// Seen by the server, and by no part of the grammar.
    Other,
}

/// The kind of what a schema describes.
pub(super) fn kind(schema: &Value) -> Kind {
    if schema["x-kubernetes-int-or-string"] == true {
        return Kind::Either;
    }
    match schema["type"].as_str().unwrap_or_default() {
        "boolean" => Kind::Bool,
        "integer" => Kind::Int,
        "number" => Kind::Double,
        "string" => match schema["format"].as_str() {
            None => Kind::String,
            Some("duration") => Kind::Duration,
            Some("date-time") => Kind::Time,
            Some(_) => Kind::Other,
        },
        "array" => Kind::List(Box::new(kind(&schema["items"]))),
        "object" if schema.get("additionalProperties").is_some() => {
            Kind::Map(Box::new(kind(&schema["additionalProperties"])))
        }
        "object" => {
            let properties = schema["properties"].as_object();
            let fields = properties.into_iter().flatten();
            Kind::Object(
                fields
                    .map(|(name, schema)| (escaped(name), kind(schema)))
                    .collect(),
            )
        }
        _ => Kind::Other,
    }
}

fn escaped(name: &str) -> String {
    name.replace('-', "__dash__")
}

/// What can be named, and its kind.
type Scope = Vec<(String, Kind)>;

/// Makes expressions.
pub(super) struct Grammar<'d> {
    pub(super) dice: &'d mut Dice,
    scope: Scope,
    variables: usize,
}

impl<'d> Grammar<'d> {
    /// One that knows `self`.
    pub(super) fn new(dice: &'d mut Dice, itself: &Kind) -> Grammar<'d> {
        Grammar {
            dice,
            scope: vec![("self".to_owned(), itself.clone())],
            variables: 0,
        }
    }

    /// A rule that is right, or nearly.
    pub(super) fn rule(&mut self) -> String {
        match self.dice.roll(16) {
            0 => (*self.dice.pick(BEYOND)).to_owned(),
            1 => format!("{} && {}", self.dice.pick(BEYOND), self.bool(2)),
            2 => self.any(3),
            _ => self.bool(3),
        }
    }

    /// An expression that is a text, or nearly.
    pub(super) fn text(&mut self) -> String {
        match self.dice.roll(6) {
            0 => self.any(1),
            _ => self.string(2),
        }
    }

    /// A rule that is broken at one place.
    pub(super) fn broken(&mut self) -> String {
        let rule = self.rule();
        let mut tokens = tokens(&rule);
        let at = self.dice.roll(tokens.len());
        let token = (*self.dice.pick(TOKENS)).to_owned();
        match self.dice.roll(5) {
            0 => {
                tokens.remove(at);
            }
            1 => tokens.insert(at, token),
            2 => {
                let other = self.dice.roll(tokens.len());
                tokens.swap(at, other);
            }
            _ => tokens[at] = token,
        }
        let between = if self.dice.roll(8) == 0 { "\n" } else { "" };
        tokens.join(between)
    }

    /// All that can be named of a kind.
    fn named(&self, wanted: &Kind) -> Vec<String> {
        let mut found = Vec::new();
        for (name, kind) in &self.scope {
            reach(name, kind, wanted, 4, &mut found);
        }
        found
    }

    fn name(&mut self, wanted: &Kind) -> Option<String> {
        let found = self.named(wanted);
        (!found.is_empty()).then(|| self.dice.pick(&found).clone())
    }

    fn list(&mut self) -> Option<(String, Kind)> {
        let mut found = Vec::new();
        for (name, kind) in &self.scope {
            lists(name, kind, 4, &mut found);
        }
        (!found.is_empty()).then(|| self.dice.pick(&found).clone())
    }

    fn any(&mut self, depth: usize) -> String {
        match self.dice.roll(4) {
            0 => self.int(depth),
            1 => self.string(depth),
            2 => self.double(depth),
            _ => self
                .list()
                .map_or_else(|| "[]".to_owned(), |(name, _)| name),
        }
    }

    fn bool(&mut self, depth: usize) -> String {
        if depth == 0 {
            let name = self.name(&Kind::Bool);
            let literal = if self.dice.roll(2) == 0 {
                "true"
            } else {
                "false"
            };
            return name
                .filter(|_| self.dice.roll(4) > 0)
                .unwrap_or_else(|| literal.to_owned());
        }
        let below = depth - 1;
        match self.dice.roll(19) {
            0 | 1 => {
                let sign = *self.dice.pick(&["<", "<=", ">", ">=", "==", "!="]);
                format!("{} {sign} {}", self.int(below), self.int(below))
            }
            2 | 3 => {
                let sign = *self.dice.pick(&["<", ">=", "==", "!="]);
                format!("{} {sign} {}", self.string(below), self.string(below))
            }
            4 => {
                let sign = *self.dice.pick(&["<", ">", "==", "!="]);
                format!("{} {sign} {}", self.double(below), self.double(below))
            }
            5 | 6 => {
                let sign = *self.dice.pick(&["&&", "||"]);
                format!("{} {sign} {}", self.bool(below), self.bool(below))
            }
            7 => format!("!({})", self.bool(below)),
            8 | 9 => self.has(),
            10 => {
                let function = *self.dice.pick(&["startsWith", "endsWith", "contains"]);
                format!("{}.{function}({})", self.string(below), self.string(0))
            }
            11 => {
                let pattern = *self.dice.pick(PATTERNS);
                format!("{}.matches('{pattern}')", self.string(below))
            }
            12 | 13 => self.quantified(below),
            16 => self.library(below),
            17 => self.listed(below),
            18 => self.timed(below),
            14 => format!(
                "({} ? {} : {})",
                self.bool(below),
                self.bool(below),
                self.bool(below)
            ),
            _ => self.within(below),
        }
    }

    /// What the API server's libraries say of a text.
    fn library(&mut self, depth: usize) -> String {
        let (one, other) = (self.string(depth), self.string(0));
        match self.dice.roll(10) {
            0 => format!("isQuantity({one})"),
            1 => format!("quantity({one}).isLessThan(quantity({other}))"),
            2 => format!("isIP({one}) && ip({one}).isLoopback()"),
            3 => format!("isSemver({one}) || semver({other}).major() > 0"),
            4 => format!("isURL({one}) && url({one}).getHost() == {other}"),
            5 => format!("format.dns1123Label().validate({one}).hasValue()"),
            6 => format!("'%s'.format([{one}]) == {other}"),
            7 => format!("{one}.find('[a-z]+') == {other}"),
            8 => format!("cidr('10.0.0.0/8').containsIP({one})"),
            _ => format!("{one}.split({other}).size() > 1"),
        }
    }

    /// What libraries say of a list.
    fn listed(&mut self, depth: usize) -> String {
        let function = *self
            .dice
            .pick(&["all", "exists", "existsOne", "exists_one"]);
        match self.list() {
            Some((list, Kind::Int | Kind::String)) if self.dice.roll(2) == 0 => {
                let call = *self.dice.pick(&[
                    "isSorted()",
                    "distinct().size() > 1",
                    "reverse().first().hasValue()",
                    "last() == optional.none()",
                    "transformList(i, v, i).size() == 1",
                    "sort().isSorted()",
                ]);
                // Keys of maps come in any order.
                if call == "isSorted()" || list.contains("labels") || list.contains("words") {
                    format!("{list}.size() > 0")
                } else {
                    format!("{list}.{call}")
                }
            }
            Some((list, Kind::Int)) => {
                format!(
                    "sets.contains({list}, [{}]) || {list}.sum() > {}",
                    self.int(0),
                    self.int(depth)
                )
            }
            Some((list, Kind::String)) => {
                format!("{list}.{function}(i, v, {} == 1)", self.int(depth))
            }
            Some((list, _)) => format!("{list}.{function}(i, v, {})", self.bool(depth)),
            None => self.bool(depth),
        }
    }

    /// What is asked of times, durations, and what is a number or a text.
    fn timed(&mut self, depth: usize) -> String {
        let sign = *self.dice.pick(&["<", ">=", "==", "!="]);
        for kind in [Kind::Duration, Kind::Time, Kind::Either] {
            let Some(name) = self.name(&kind).filter(|_| self.dice.roll(2) == 0) else {
                continue;
            };
            return match kind {
                Kind::Duration => {
                    let other = *self.dice.pick(&[
                        "duration('1h')",
                        "duration('90s') + duration('1ms')",
                        "duration('0')",
                    ]);
                    format!("{name} {sign} {other}")
                }
                Kind::Time => {
                    let part =
                        *self
                            .dice
                            .pick(&["getFullYear()", "getHours('UTC')", "getDayOfYear()"]);
                    format!("{name}.{part} {sign} {}", self.int(depth))
                }
                _ => match self.dice.roll(3) {
                    0 => format!("{name} {sign} {}", self.int(depth)),
                    1 => format!("{name} {sign} {}", self.string(depth)),
                    _ => format!("string({name}) {sign} {}", self.string(depth)),
                },
            };
        }
        self.bool(depth)
    }

    fn has(&mut self) -> String {
        let mut found = Vec::new();
        for kind in [Kind::Int, Kind::String, Kind::Bool, Kind::Double] {
            found.extend(
                self.named(&kind)
                    .into_iter()
                    .filter(|name| name.contains('.')),
            );
        }
        if found.is_empty() {
            return "true".to_owned();
        }
        format!("has({})", self.dice.pick(&found))
    }

    fn quantified(&mut self, depth: usize) -> String {
        let Some((list, item)) = self.list() else {
            return self.bool(depth);
        };
        let macros = ["all", "exists", "exists_one", "filter", "map"];
        let function = *self.dice.pick(&macros);
        let variable = format!("v{}", self.variables);
        self.variables += 1;
        self.scope.push((variable.clone(), item));
        let inner = if function == "map" {
            self.int(depth)
        } else {
            self.bool(depth)
        };
        self.scope.pop();
        let call = format!("{list}.{function}({variable}, {inner})");
        match function {
            "filter" => format!("{call}.size() > {}", self.dice.roll(3)),
            "map" => format!("{} in {call}", self.dice.roll(3)),
            _ => call,
        }
    }

    fn within(&mut self, depth: usize) -> String {
        match self.list() {
            Some((list, Kind::String)) => format!("{} in {list}", self.string(depth)),
            Some((list, Kind::Int)) if self.dice.roll(2) == 0 => {
                format!("{list} == [{}, {}]", self.int(0), self.int(0))
            }
            Some((list, Kind::Int)) => format!("{} in {list}", self.int(depth)),
            Some((list, _)) => format!("size({list}) < {}", self.dice.roll(4)),
            None => format!("{} in [{}, {}]", self.int(depth), self.int(0), self.int(0)),
        }
    }

    fn int(&mut self, depth: usize) -> String {
        let literal = *self
            .dice
            .pick(&["0", "1", "2", "3", "10", "-1", "9223372036854775807"]);
        if depth == 0 || self.dice.roll(3) == 0 {
            let name = self.name(&Kind::Int).filter(|_| self.dice.roll(4) > 0);
            return name.unwrap_or_else(|| literal.to_owned());
        }
        let below = depth - 1;
        match self.dice.roll(8) {
            6 => format!("{}.indexOf({})", self.string(below), self.string(0)),
            7 => match self.list() {
                Some((list, Kind::Int)) => {
                    let function = *self.dice.pick(&["sum", "max", "min"]);
                    format!("{list}.{function}()")
                }
                _ => format!("int({})", self.string(below)),
            },
            0 | 1 => {
                let sign = *self.dice.pick(&["+", "-", "*", "/", "%"]);
                format!("({} {sign} {})", self.int(below), self.int(below))
            }
            2 => match self.list() {
                Some((list, Kind::Int)) => format!("{list}[{}]", self.int(0)),
                Some((list, _)) => format!("{list}.size()"),
                None => literal.to_owned(),
            },
            3 => format!("size({})", self.string(below)),
            4 => format!(
                "({} ? {} : {})",
                self.bool(below),
                self.int(below),
                self.int(below)
            ),
            _ => format!("-({})", self.int(below)),
        }
    }

    fn double(&mut self, depth: usize) -> String {
        if depth == 0 || self.dice.roll(2) == 0 {
            let literal = *self.dice.pick(&["0.0", "1.5", "-2.25", "1e3"]);
            let name = self.name(&Kind::Double).filter(|_| self.dice.roll(4) > 0);
            return name.unwrap_or_else(|| literal.to_owned());
        }
        let below = depth - 1;
        let sign = *self.dice.pick(&["+", "-", "*", "/"]);
        match self.dice.roll(3) {
            0 => format!("double({})", self.int(below)),
            _ => format!("({} {sign} {})", self.double(below), self.double(below)),
        }
    }

    fn string(&mut self, depth: usize) -> String {
        if depth == 0 || self.dice.roll(2) == 0 {
            let literal = *self.dice.pick(WORDS);
            let name = self.name(&Kind::String).filter(|_| self.dice.roll(4) > 0);
            return name.unwrap_or_else(|| literal.to_owned());
        }
        let below = depth - 1;
        match self.dice.roll(9) {
            4 => format!("{}.substring({})", self.string(below), self.int(0)),
            5 => format!("{}.charAt({})", self.string(below), self.int(0)),
            6 => format!("{}.split('a').join({})", self.string(below), self.string(0)),
            7 => format!("{}.trim().upperAscii()", self.string(below)),
            0 => format!("({} + {})", self.string(below), self.string(below)),
            1 => format!("{}.lowerAscii()", self.string(below)),
            2 => format!("string({})", self.int(below)),
            3 => format!(
                "({} ? {} : {})",
                self.bool(below),
                self.string(below),
                self.string(below)
            ),
            _ => format!(
                "{}.replace({}, {})",
                self.string(below),
                "'a'",
                self.string(0)
            ),
        }
    }
}

fn reach(name: &str, kind: &Kind, wanted: &Kind, depth: usize, found: &mut Vec<String>) {
    if kind == wanted {
        found.push(name.to_owned());
    }
    if let Kind::Object(fields) = kind
        && depth > 0
    {
        for (field, kind) in fields {
            reach(&format!("{name}.{field}"), kind, wanted, depth - 1, found);
        }
    }
    if let Kind::Map(inner) = kind
        && **inner == *wanted
    {
        found.push(format!("{name}['a']"));
        found.push(format!("{name}.a"));
    }
}

fn lists(name: &str, kind: &Kind, depth: usize, found: &mut Vec<(String, Kind)>) {
    match kind {
        Kind::List(item) => {
            found.push((name.to_owned(), (**item).clone()));
        }
        Kind::Map(_) => found.push((name.to_owned(), Kind::String)),
        Kind::Object(fields) if depth > 0 => {
            for (field, kind) in fields {
                lists(&format!("{name}.{field}"), kind, depth - 1, found);
            }
        }
        _ => {}
    }
}

/// Words, texts in quotes, signs, and what is between them.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut quote = None;
    let mut word = false;
    for character in text.chars() {
        let is_word = character.is_alphanumeric() || character == '_';
        match quote {
            Some(open) => {
                if let Some(last) = tokens.last_mut() {
                    last.push(character);
                }
                if character == open {
                    quote = None;
                }
            }
            None if is_word && word => {
                if let Some(last) = tokens.last_mut() {
                    last.push(character);
                }
            }
            None => {
                tokens.push(character.to_string());
                if character == '\'' || character == '"' {
                    quote = Some(character);
                }
            }
        }
        word = is_word && quote.is_none();
    }
    tokens
}

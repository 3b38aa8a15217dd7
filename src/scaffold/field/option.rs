//! The options in braces, and values, as the parser reads them.

use std::ops::Range;

use serde_json::{Number, Value};

use super::cursor::{Until, Word};
use super::keyword::Keyword;
use super::parse::Parser;
use super::{KEYWORDS, Node, Rule, Setting, Shape, Takes};
use crate::recipe::{Problem, nearest};

impl Parser<'_> {
    pub(super) fn options(&mut self, node: &mut Node) -> Result<(), Problem> {
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
        let start = span.start;
        let value = self.option_value(keyword, &node.shape)?;
        node.settings.push(Setting { keyword, value });
        self.limits(keyword, start..self.cursor.at, node)
    }

    /// No value is at least what is above the most.
    fn limits(&self, keyword: &Keyword, span: Range<usize>, node: &Node) -> Result<(), Problem> {
        const PAIRS: [(&str, &str); 4] = [
            ("min", "max"),
            ("minLength", "maxLength"),
            ("minItems", "maxItems"),
            ("minProperties", "maxProperties"),
        ];
        let mut pairs = PAIRS.into_iter();
        let Some((least, most)) = pairs.find(|(a, b)| [*a, *b].contains(&keyword.name)) else {
            return Ok(());
        };
        let number = |name| node.setting(name).and_then(Value::as_f64);
        match (number(least), number(most)) {
            (Some(low), Some(high)) if low > high => {
                let message = format!("`{least}` is above `{most}`: no value is both");
                let label = format!("{least} is {low}, {most} is {high}");
                Err(self.cursor.problem(message, span, label))
            }
            _ => Ok(()),
        }
    }

    fn unknown_option(&self, name: &str, span: Range<usize>, node: &Node) -> Problem {
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
    pub(super) fn shaped_value(&mut self, shape: &Shape, until: Until) -> Result<Value, Problem> {
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

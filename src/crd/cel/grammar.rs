//! Expressions that are right, read by hand: what is wrong, or beyond this, is left to the crate's parser ([`super::syntax`]).
//!
//! Source: the rules of github.com/google/cel-go/parser/gen/CEL.g4, and parser.go beside it.

use super::expression::{Expr, Kind, Literal};
use super::fault::Place;
use super::macros::{global, member};
use super::text;
use super::token::{Token, tokens};
use super::unescape::is_reserved;

/// Reads an expression; None where it is wrong, or has what is not read here.
pub(super) fn parse(source: &str) -> Option<Expr> {
    let mut parser = Parser {
        tokens: tokens(source)?,
        next: 0,
    };
    let expr = parser.expr()?;
    (parser.peek() == Token::End).then_some(expr)
}

struct Parser<'s> {
    tokens: Vec<(Place, Token<'s>)>,
    next: usize,
}

/// A part of an expression; it gets its number when all are there.
pub(super) fn part(at: Place, kind: Kind) -> Expr {
    Expr { id: 0, at, kind }
}

/// A call of what has no target.
pub(super) fn call(at: Place, function: &str, arguments: Vec<Expr>) -> Expr {
    let function = function.to_owned();
    part(
        at,
        Kind::Call {
            function,
            target: None,
            arguments,
        },
    )
}

impl<'s> Parser<'s> {
    fn peek(&self) -> Token<'s> {
        self.tokens
            .get(self.next)
            .map_or(Token::End, |(_, token)| *token)
    }

    fn behind(&self) -> Token<'s> {
        self.tokens
            .get(self.next + 1)
            .map_or(Token::End, |(_, token)| *token)
    }

    fn place(&self) -> Place {
        self.tokens
            .get(self.next)
            .map_or_else(Place::default, |(place, _)| *place)
    }

    /// The place of a sign, where it comes next.
    fn sign(&mut self, sign: &str) -> Option<Place> {
        let place = self.place();
        let Token::Sign(next) = self.peek() else {
            return None;
        };
        (next == sign).then(|| {
            self.next += 1;
            place
        })
    }

    /// The place of one of these signs, and the function that it stands for.
    fn operator(
        &mut self,
        signs: &[(&'static str, &'static str)],
    ) -> Option<(Place, &'static str)> {
        let Token::Sign(next) = self.peek() else {
            return None;
        };
        let (_, function) = signs.iter().find(|(sign, _)| *sign == next)?;
        let place = self.place();
        self.next += 1;
        Some((place, function))
    }

    fn identifier(&mut self) -> Option<(Place, &'s str)> {
        let Token::Identifier(name) = self.peek() else {
            return None;
        };
        let place = self.place();
        self.next += 1;
        Some((place, name))
    }

    fn expr(&mut self) -> Option<Expr> {
        let condition = self.either()?;
        let Some(at) = self.sign("?") else {
            return Some(condition);
        };
        let one = self.either()?;
        self.sign(":")?;
        let other = self.expr()?;
        Some(call(at, "_?_:_", vec![condition, one, other]))
    }

    fn either(&mut self) -> Option<Expr> {
        let mut terms = vec![self.both()?];
        let mut places = Vec::new();
        while let Some(at) = self.sign("||") {
            places.push(at);
            terms.push(self.both()?);
        }
        balanced("_||_", &mut terms.into_iter(), &places)
    }

    fn both(&mut self) -> Option<Expr> {
        let mut terms = vec![self.relation()?];
        let mut places = Vec::new();
        while let Some(at) = self.sign("&&") {
            places.push(at);
            terms.push(self.relation()?);
        }
        balanced("_&&_", &mut terms.into_iter(), &places)
    }

    fn relation(&mut self) -> Option<Expr> {
        const SIGNS: [(&str, &str); 7] = [
            ("<", "_<_"),
            ("<=", "_<=_"),
            (">=", "_>=_"),
            (">", "_>_"),
            ("==", "_==_"),
            ("!=", "_!=_"),
            ("in", "@in"),
        ];
        self.chain(&SIGNS, Parser::sum)
    }

    fn sum(&mut self) -> Option<Expr> {
        self.chain(&[("+", "_+_"), ("-", "_-_")], Parser::product)
    }

    fn product(&mut self) -> Option<Expr> {
        const SIGNS: [(&str, &str); 3] = [("*", "_*_"), ("/", "_/_"), ("%", "_%_")];
        self.chain(&SIGNS, Parser::unary)
    }

    fn chain(
        &mut self,
        signs: &[(&'static str, &'static str)],
        below: fn(&mut Parser<'s>) -> Option<Expr>,
    ) -> Option<Expr> {
        let mut left = below(self)?;
        while let Some((at, function)) = self.operator(signs) {
            let right = below(self)?;
            left = call(at, function, vec![left, right]);
        }
        Some(left)
    }

    fn unary(&mut self) -> Option<Expr> {
        for (sign, function) in [("!", "!_"), ("-", "-_")] {
            let is_number = matches!(self.behind(), Token::Int(_) | Token::Double(_));
            if sign == "-" && is_number {
                break;
            }
            let Some(at) = self.sign(sign) else {
                continue;
            };
            let mut count = 1;
            while self.sign(sign).is_some() {
                count += 1;
            }
            let operand = self.member()?;
            return Some(if count % 2 == 0 {
                operand
            } else {
                call(at, function, vec![operand])
            });
        }
        self.member()
    }

    fn member(&mut self) -> Option<Expr> {
        let mut on = self.primary()?;
        loop {
            if let Some(at) = self.sign(".") {
                let is_optional = self.sign("?").is_some();
                let (_, name) = self.identifier()?;
                on = if is_optional {
                    let name = Kind::Literal(Literal::String(name.to_owned()));
                    call(at, "_?._", vec![on, part(at, name)])
                } else if let Some(open) = self.sign("(") {
                    let arguments = self.list_to(")", false)?;
                    member(open, name, on, arguments)?
                } else {
                    let select = Kind::Select {
                        operand: Box::new(on),
                        field: name.to_owned(),
                        test: false,
                    };
                    part(at, select)
                };
            } else if let Some(at) = self.sign("[") {
                let function = self.sign("?").map_or("_[_]", |_| "_[?_]");
                let index = self.expr()?;
                self.sign("]")?;
                on = call(at, function, vec![on, index]);
            } else {
                return Some(on);
            }
        }
    }

    fn primary(&mut self) -> Option<Expr> {
        let at = self.place();
        if let Token::Identifier(_) | Token::Sign(".") = self.peek() {
            return self.named();
        }
        if self.sign("(").is_some() {
            let inner = self.expr()?;
            self.sign(")")?;
            return Some(inner);
        }
        if self.sign("[").is_some() {
            return Some(part(at, Kind::List(self.list_to("]", true)?)));
        }
        if self.sign("{").is_some() {
            return Some(part(at, Kind::Map(self.entries()?)));
        }
        self.literal()
    }

    fn named(&mut self) -> Option<Expr> {
        let dot = self.sign(".").map_or("", |_| ".");
        let (at, name) = self.identifier()?;
        if is_reserved(name) {
            return None;
        }
        let name = format!("{dot}{name}");
        match self.sign("(") {
            Some(open) => {
                let arguments = self.list_to(")", false)?;
                global(open, &name, arguments)
            }
            None => Some(part(at, Kind::Ident(name))),
        }
    }

    /// Expressions with commas between them, up to a sign.
    fn list_to(&mut self, end: &str, may_end_in_comma: bool) -> Option<Vec<Expr>> {
        let mut list = Vec::new();
        loop {
            if self.sign(end).is_some() {
                return (may_end_in_comma || list.is_empty()).then_some(list);
            }
            if may_end_in_comma && list.is_empty() && self.sign(",").is_some() {
                self.sign(end)?;
                return Some(list);
            }
            list.push(self.expr()?);
            if self.sign(end).is_some() {
                return Some(list);
            }
            self.sign(",")?;
        }
    }

    fn entries(&mut self) -> Option<Vec<(Expr, Expr)>> {
        let mut entries = Vec::new();
        loop {
            if self.sign("}").is_some() {
                return Some(entries);
            }
            if entries.is_empty() && self.sign(",").is_some() {
                self.sign("}")?;
                return Some(entries);
            }
            let key = self.expr()?;
            self.sign(":")?;
            entries.push((key, self.expr()?));
            if self.sign("}").is_some() {
                return Some(entries);
            }
            self.sign(",")?;
        }
    }

    fn literal(&mut self) -> Option<Expr> {
        let minus = self.sign("-").map_or("", |_| "-");
        let at = self.place();
        let literal = match self.peek() {
            Token::Int(digits) => {
                let (digits, radix) = radix(digits);
                Literal::Int(i64::from_str_radix(&format!("{minus}{digits}"), radix).ok()?)
            }
            Token::Double(digits) => {
                let double: f64 = format!("{minus}{digits}").parse().ok()?;
                Literal::Double(Some(double).filter(|double| double.is_finite())?)
            }
            _ if !minus.is_empty() => return None,
            Token::Uint(digits) => {
                let (digits, radix) = radix(digits);
                Literal::Uint(u64::from_str_radix(digits, radix).ok()?)
            }
            Token::String(quoted) => Literal::String(text::string(quoted)?),
            Token::Bytes(quoted) => Literal::Bytes(text::bytes(quoted)?),
            Token::Sign("true") => Literal::Bool(true),
            Token::Sign("false") => Literal::Bool(false),
            Token::Sign("null") => Literal::Null,
            Token::Sign(_) | Token::Identifier(_) | Token::End => return None,
        };
        self.next += 1;
        Some(part(at, Kind::Literal(literal)))
    }
}

fn radix(digits: &str) -> (&str, u32) {
    digits
        .strip_prefix("0x")
        .map_or((digits, 10), |digits| (digits, 16))
}

/// Terms of one operator, as a tree that is no deeper than it must be.
fn balanced(
    function: &str,
    terms: &mut impl Iterator<Item = Expr>,
    places: &[Place],
) -> Option<Expr> {
    if places.is_empty() {
        return terms.next();
    }
    let middle = places.len() / 2;
    let left = balanced(function, terms, &places[..middle])?;
    let right = balanced(function, terms, &places[middle + 1..])?;
    Some(call(places[middle], function, vec![left, right]))
}

#[cfg(test)]
mod tests {
    use super::super::expression::Expression;
    use super::super::syntax;
    use super::*;

    /// A die that rolls the same each time.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: usize) -> usize {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (self.0 >> 33) as usize % sides
        }

        fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
            of[self.roll(of.len())]
        }
    }

    const WORDS: &[&str] = &[
        "a",
        "self",
        "in",
        "true",
        "false",
        "null",
        "for",
        "namespace",
        "has",
        "all",
        "map",
        "filter",
        "exists",
        "exists_one",
        "size",
        "1",
        "-1",
        "0x1F",
        "07",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "1u",
        "0xfu",
        "18446744073709551616u",
        "1.5",
        ".5",
        "1e3",
        "1.5E-2",
        "1e400",
        "'a'",
        "\"b\"",
        "r'\\d'",
        "R\"x\"",
        "b'a\\xff'",
        "'\\n\\u00e9\\x41\\101'",
        "'\\q'",
        "'é'",
        "'''a'b'''",
        "\"\"\"x\ny\"\"\"",
        "br'\\'",
        "''",
        "'",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ".",
        ",",
        "?",
        ":",
        "+",
        "-",
        "*",
        "/",
        "%",
        "!",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "&&",
        "||",
        ".?",
        "[?",
        "//c\n",
        " ",
        "\t",
        "\n",
        "`a`",
        "é",
        "&",
        "=",
        "a.b",
        "a[0]",
        "a.b(c)",
        "{'a': 1}",
        "[1, 2]",
        "(a)",
        "--",
        "!!",
        "a.all(x, x)",
        "has(a.b)",
    ];

    /// Words in any order: mostly wrong.
    fn heap(dice: &mut Dice) -> String {
        let count = 1 + dice.roll(8);
        (0..count)
            .map(|_| [dice.pick(WORDS), dice.pick(&["", " "])].concat())
            .collect()
    }

    /// An expression that is right, mostly.
    fn expression(dice: &mut Dice, depth: usize) -> String {
        if depth == 0 {
            return dice.pick(&WORDS[..38]).to_owned();
        }
        let below = depth - 1;
        match dice.roll(12) {
            0..=3 => {
                let signs = [
                    "+", "-", "*", "/", "%", "==", "<", ">=", " in ", "&&", "||", "!=",
                ];
                let sign = dice.pick(&signs);
                format!(
                    "{}{sign}{}",
                    expression(dice, below),
                    expression(dice, below)
                )
            }
            4 => format!("({})", expression(dice, below)),
            5 => {
                let sign = dice.pick(&["!", "-", "!!", "--", "---"]);
                format!("{sign}{}", expression(dice, below))
            }
            6 => {
                let [one, two, three] = [0; 3].map(|_| expression(dice, below));
                format!("{one} ? {two} : {three}")
            }
            7 => format!(
                "{}.{}",
                expression(dice, below),
                dice.pick(&["a", "?b", "namespace", "in"])
            ),
            8 => {
                let open = dice.pick(&["[", "[?"]);
                format!(
                    "{}{open}{}]",
                    expression(dice, below),
                    expression(dice, below)
                )
            }
            9 => {
                let function = dice.pick(&["f", "all", "exists", "exists_one", "map", "filter"]);
                let on = expression(dice, below);
                match dice.roll(3) {
                    0 => format!("{on}.{function}({})", expression(dice, below)),
                    _ => format!("{on}.{function}(x, {})", expression(dice, below)),
                }
            }
            10 => {
                let end = dice.pick(&["", ","]);
                format!(
                    "[{}, {}{end}]",
                    expression(dice, below),
                    expression(dice, below)
                )
            }
            _ => match dice.roll(3) {
                0 => format!(
                    "{{{}: {}}}",
                    expression(dice, below),
                    expression(dice, below)
                ),
                1 => format!("has({}.b)", expression(dice, below)),
                _ => format!(".f({})", expression(dice, below)),
            },
        }
    }

    /// `KUBEWRIGHT_EXPRESSIONS=1000000 cargo test --release --lib both_readers` reads more.
    #[test]
    fn both_readers_make_the_same_tree() {
        let count = std::env::var("KUBEWRIGHT_EXPRESSIONS").ok();
        let count: u64 = count.and_then(|count| count.parse().ok()).unwrap_or(300);
        let mut right = 0;
        for seed in 0..count {
            let mut dice = Dice(seed);
            dice.roll(2);
            let depth = dice.roll(4);
            let text = match dice.roll(2) {
                0 => heap(&mut dice),
                _ => expression(&mut dice, depth),
            };
            let Ok(other) = syntax::read(&text) else {
                continue;
            };
            let tree = |expression: &Expression| format!("{expression:?}");
            let own = parse(&text).map(|root| tree(&Expression::of(root)));
            let other = other.ok().map(|expression| tree(&expression));
            assert_eq!(own, other, "{seed}: {text}");
            right += usize::from(own.is_some());
        }
        assert!(right > 0);
    }

    #[test]
    fn macros_that_the_crate_does_not_have_are_read() {
        for text in [
            "a.all(i, x, x)",
            "a.existsOne(i, x, x)",
            "a.transformList(i, x, i > 0, x)",
            "a.transformMap(k, v, v)",
            "a.transformMapEntry(k, v, {v: k})",
            "a.?b.optMap(x, x + 1)",
            "a.?b.optFlatMap(x, x.?c)",
            "a.sortBy(x, -x)",
        ] {
            let root = parse(text).map(|root| Expression::of(root).count);
            assert!(root > Some(8), "{text}");
        }
        assert!(parse("a.all(x, x, x)").is_none());
        assert!(parse("a.all(1, x)").is_none());
    }
}

//! Tokens become commands: simple ones, `if`, functions and groups; loops and `case` count as
//! opaque.

use std::iter::Peekable;
use std::rc::Rc;
use std::vec::IntoIter;

use super::lexer::{Array, Token, tokens};

/// How deep groups and conditions may lie in each other.
const MAX_NESTING: usize = 60;

/// Commands in the order of the text.
pub(super) type List = Vec<Item>;

/// A command and how it hangs on the one before.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) join: Join,
    /// Whether a `!` stands before it.
    pub(super) negated: bool,
    pub(super) command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Join {
    Then,
    And,
    Or,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Command {
    Simple(Simple),
    Test(String),
    If {
        branches: Vec<(List, List)>,
        otherwise: List,
    },
    Function {
        name: String,
        body: Rc<List>,
    },
    Group(List),
    Subshell(List),
    /// What is not looked into: loops, `case`, pipes, arithmetic.
    Opaque,
}

/// A command's words, assignments included.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Simple {
    pub(super) parts: Vec<Part>,
    /// What `<<<` or `< <(…)` gives it to read, as written.
    pub(super) input: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Word(String),
    Array(Array),
}

pub(super) fn parse(text: &str) -> List {
    let mut parser = Parser {
        tokens: tokens(text).into_iter().peekable(),
        nesting: 0,
    };
    let mut all = Vec::new();
    while parser.tokens.peek().is_some() {
        all.append(&mut parser.list(&[]));
        // What ends no construct that was open is passed over.
        parser.tokens.next();
    }
    all
}

struct Parser {
    tokens: Peekable<IntoIter<Token>>,
    nesting: usize,
}

impl Parser {
    /// Commands up to one of the words that end the construct, which is left.
    fn list(&mut self, stops: &[&str]) -> List {
        let mut items = Vec::new();
        let mut join = Join::Then;
        self.nesting += 1;
        while self.nesting <= MAX_NESTING {
            self.skip_ends();
            match self.tokens.peek() {
                None | Some(Token::Close | Token::CaseEnd) => break,
                Some(Token::Word(word)) if stops.contains(&word.as_str()) => break,
                Some(_) => items.push(self.item(join)),
            }
            join = match self.tokens.peek() {
                Some(Token::And) => Join::And,
                Some(Token::Or) => Join::Or,
                _ => Join::Then,
            };
            if join != Join::Then {
                self.tokens.next();
            }
        }
        self.nesting -= 1;
        items
    }

    fn skip_ends(&mut self) {
        while self.tokens.next_if_eq(&Token::End).is_some() {}
    }

    fn item(&mut self, join: Join) -> Item {
        let mut negated = false;
        while self.next_is_word("!") {
            negated = !negated;
        }
        let mut command = self.command();
        while self.tokens.next_if_eq(&Token::Pipe).is_some() {
            self.skip_ends();
            self.command();
            command = Command::Opaque;
        }
        Item {
            join,
            negated,
            command,
        }
    }

    /// Takes the next token if it is this word.
    fn next_is_word(&mut self, wanted: &str) -> bool {
        self.tokens
            .next_if(|token| matches!(token, Token::Word(word) if word == wanted))
            .is_some()
    }

    fn command(&mut self) -> Command {
        let command = match self.tokens.next() {
            Some(Token::Test(inside)) => Command::Test(inside),
            Some(Token::Open) => {
                let body = self.list(&[]);
                self.tokens.next_if_eq(&Token::Close);
                Command::Subshell(body)
            }
            Some(Token::Word(word)) => return self.command_of_word(word),
            Some(Token::Array(array)) => return self.simple(Part::Array(array)),
            Some(Token::Redirect(_)) => {
                // The target; the command itself may follow it.
                self.tokens.next();
                return self.simple(Part::Word(":".to_owned()));
            }
            _ => Command::Opaque,
        };
        self.skip_redirects();
        command
    }

    fn command_of_word(&mut self, word: String) -> Command {
        let command = match word.as_str() {
            "{" => {
                let body = self.list(&["}"]);
                self.next_is_word("}");
                Command::Group(body)
            }
            "if" => self.condition(),
            "for" | "while" | "until" | "select" => {
                self.list(&["do"]);
                self.next_is_word("do");
                self.list(&["done"]);
                self.next_is_word("done");
                Command::Opaque
            }
            "case" => {
                self.skip_case();
                Command::Opaque
            }
            "function" => match self.tokens.next() {
                Some(Token::Word(name)) => {
                    if self.tokens.next_if_eq(&Token::Open).is_some() {
                        self.tokens.next_if_eq(&Token::Close);
                    }
                    self.function(name)
                }
                _ => Command::Opaque,
            },
            _ if self.tokens.next_if_eq(&Token::Open).is_some() => {
                self.tokens.next_if_eq(&Token::Close);
                self.function(word)
            }
            _ => return self.simple(Part::Word(word)),
        };
        self.skip_redirects();
        command
    }

    fn condition(&mut self) -> Command {
        let mut branches = Vec::new();
        let mut otherwise = Vec::new();
        loop {
            let test = self.list(&["then", "fi"]);
            self.next_is_word("then");
            branches.push((test, self.list(&["elif", "else", "fi"])));
            if !self.next_is_word("elif") {
                break;
            }
        }
        if self.next_is_word("else") {
            otherwise = self.list(&["fi"]);
        }
        self.next_is_word("fi");
        Command::If {
            branches,
            otherwise,
        }
    }

    fn skip_case(&mut self) {
        let mut open = 1;
        while open > 0 {
            match self.tokens.next() {
                Some(Token::Word(word)) if word == "case" => open += 1,
                Some(Token::Word(word)) if word == "esac" => open -= 1,
                Some(_) => {}
                None => return,
            }
        }
    }

    fn function(&mut self, name: String) -> Command {
        self.skip_ends();
        self.nesting += 1;
        let body = if self.nesting > MAX_NESTING {
            Command::Opaque
        } else {
            self.command()
        };
        self.nesting -= 1;
        let body = match body {
            Command::Group(list) => list,
            other => vec![Item {
                join: Join::Then,
                negated: false,
                command: other,
            }],
        };
        Command::Function {
            name,
            body: Rc::new(body),
        }
    }

    fn simple(&mut self, first: Part) -> Command {
        let mut simple = Simple {
            parts: vec![first],
            input: None,
        };
        loop {
            match self.tokens.peek() {
                Some(Token::Word(_) | Token::Array(_) | Token::Redirect(_)) => {}
                _ => return Command::Simple(simple),
            }
            match self.tokens.next() {
                Some(Token::Word(word)) => simple.parts.push(Part::Word(word)),
                Some(Token::Array(array)) => simple.parts.push(Part::Array(array)),
                Some(Token::Redirect(operator)) => {
                    let target = self.tokens.next_if(|token| matches!(token, Token::Word(_)));
                    if let (Some(Token::Word(word)), "<<<" | "<") = (target, operator) {
                        simple.input = Some(word);
                    }
                }
                _ => {}
            }
        }
    }

    fn skip_redirects(&mut self) {
        while self
            .tokens
            .next_if(|token| matches!(token, Token::Redirect(_)))
            .is_some()
        {
            self.tokens.next_if(|token| matches!(token, Token::Word(_)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function<'a>(list: &'a List, wanted: &str) -> &'a List {
        list.iter()
            .find_map(|item| match &item.command {
                Command::Function { name, body } if name == wanted => Some(body.as_ref()),
                _ => None,
            })
            .unwrap()
    }

    #[test]
    fn a_function_ends_at_its_own_brace() {
        let list = parse(
            "a() {\n  cat <<EOF\n}\nEOF\n  case $x in\n    y) echo } ;;\n  esac\n  last\n}\nfunction b {\n  if [[ -n x ]]; then c; fi >&2\n}\nd() ( e )\n",
        );
        assert_eq!(list.len(), 3);
        assert_eq!(function(&list, "a").len(), 3);
        assert!(matches!(
            function(&list, "b")[..],
            [Item {
                command: Command::If { .. },
                ..
            }]
        ));
        assert!(matches!(
            function(&list, "d")[..],
            [Item {
                command: Command::Subshell(_),
                ..
            }]
        ));
    }

    #[test]
    fn elif_and_else_are_branches() {
        let list = parse("if a; then b; elif c; then d; e; else f; fi; g");
        let Command::If {
            branches,
            otherwise,
        } = &list[0].command
        else {
            panic!("no condition: {list:?}");
        };
        assert_eq!(
            (branches.len(), branches[1].1.len(), otherwise.len()),
            (2, 2, 1)
        );
        assert_eq!(list.len(), 2);
    }

    #[test]
    fn a_pipe_is_opaque_and_loops_are_passed_over() {
        let list = parse("a | b |\n c\nfor x in 1 2; do\n  y\ndone\nz");
        assert!(matches!(list[0].command, Command::Opaque));
        assert!(matches!(list[1].command, Command::Opaque));
        assert_eq!(list.len(), 3);
    }

    #[test]
    fn damaged_text_ends() {
        for text in [
            "if",
            "a() {",
            "}",
            ")",
            "case x in",
            "fi done }",
            "! !",
            "a |",
            "function",
            "{ { {",
        ] {
            let _ = parse(text);
        }
        let _ = parse(&"( ".repeat(5_000));
        let _ = parse(&"a() ".repeat(5_000));
        let _ = parse(&"if ".repeat(5_000));
    }
}

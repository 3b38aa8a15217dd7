//! Reading the shapes of bash in which Kubernetes writes its settings, without running anything.
//!
//! A [`Shell`] follows assignments, arrays, functions that print arrays, and conditions, for a
//! build of everything on Linux with an empty environment: `KUBE_FASTBUILD` is not set, `OSTYPE` is
//! `linux-gnu`. The only command that it carries out is `cat` of a file of the tree. What cannot be
//! known from the text (a program's output, say) leaves a variable as it was, and a condition on it
//! counts as not met.

mod expand;
mod lexer;
mod parser;
mod test;

use std::collections::HashMap;
use std::rc::Rc;

use super::files::Files;
use parser::{Command, Item, Join, List, Part, Simple};

/// Where the tree's root appears to lie for the scripts: [`Shell::relative`] takes it off again.
const ROOT: &str = "/kubernetes";

/// Bounds for texts that are not what they seem: calls in each other, commands in all, elements of
/// an array, and bytes of one value.
const MAX_DEPTH: usize = 24;
const MAX_COMMANDS: usize = 50_000;
const MAX_ELEMENTS: usize = 5_000;
const MAX_BYTES: usize = 64 * 1024;

/// How a command ended, as far as the text tells.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Status {
    Success,
    Failure,
    Unknown,
}

impl From<bool> for Status {
    fn from(success: bool) -> Status {
        if success {
            Status::Success
        } else {
            Status::Failure
        }
    }
}

/// Variables and functions as the scripts that were read leave them.
pub(super) struct Shell<'f> {
    files: &'f dyn Files,
    variables: HashMap<String, Vec<String>>,
    functions: HashMap<String, Rc<List>>,
    /// What the commands so far printed.
    output: String,
    depth: usize,
    commands_left: usize,
    /// Whether `return` or `exit` ended the list under way.
    returning: bool,
}

impl<'f> Shell<'f> {
    /// A shell at the root of a tree.
    pub(super) fn new(files: &'f dyn Files) -> Shell<'f> {
        let mut shell = Shell {
            files,
            variables: HashMap::new(),
            functions: HashMap::new(),
            output: String::new(),
            depth: 0,
            commands_left: MAX_COMMANDS,
            returning: false,
        };
        shell.set("OSTYPE", "linux-gnu");
        shell
            .variables
            .insert("KUBE_ROOT".to_owned(), vec![ROOT.to_owned()]);
        shell
    }

    /// Reads a script's text as if it were sourced.
    pub(super) fn source(&mut self, text: &str) {
        self.returning = false;
        self.run(&parser::parse(text));
    }

    /// Calls a function that was read; its variables stay afterwards.
    pub(super) fn call(&mut self, function: &str) {
        if let Some(body) = self.functions.get(function).cloned() {
            self.run_nested(&body);
        }
    }

    /// Gives a variable a value, as the environment would.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.assign(name, vec![value.to_owned()]);
    }

    /// An array's elements; `None` when no such variable was read.
    pub(super) fn array(&self, name: &str) -> Option<&[String]> {
        self.variables.get(name).map(Vec::as_slice)
    }

    /// The names of the variables that were read.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// Whether a function of this name was read.
    pub(super) fn has_function(&self, name: &str) -> bool {
        self.functions.contains_key(name)
    }

    /// A variable's value.
    pub(super) fn first(&self, name: &str) -> Option<String> {
        self.array(name)?.first().cloned()
    }

    /// A variable's value as a path below the tree's root.
    pub(super) fn relative(&self, name: &str) -> Option<String> {
        below_root(&self.first(name)?).map(str::to_owned)
    }

    /// Whether a function assigns to `variable` a text that holds `wanted`, other than under a
    /// condition that names `condition`.
    pub(super) fn assigns_unless(
        &self,
        function: &str,
        variable: &str,
        wanted: &str,
        condition: &str,
    ) -> bool {
        let assigns = |part: &Part| {
            matches!(part, Part::Word(word)
                if word.starts_with(&format!("{variable}=")) && word.contains(wanted))
        };
        self.functions
            .get(function)
            .is_some_and(|body| any_unless(body, &assigns, condition))
    }

    fn assign(&mut self, name: &str, values: Vec<String>) {
        // The scripts find out where they lie by running `pwd`.
        let bytes: usize = values.iter().map(String::len).sum();
        if name != "KUBE_ROOT" && values.len() <= MAX_ELEMENTS && bytes <= MAX_BYTES {
            self.variables.insert(name.to_owned(), values);
        }
    }

    /// What a command in `$(…)` prints, without the line ends at its end.
    fn output_of(&mut self, command: &str) -> Option<String> {
        if let Some(path) = command.strip_prefix('<') {
            return self.file(&[path.trim().to_owned()]);
        }
        let variables = self.variables.clone();
        let output = std::mem::take(&mut self.output);
        let status = self.run_nested(&parser::parse(command));
        self.variables = variables;
        let printed = std::mem::replace(&mut self.output, output);
        (status != Status::Unknown).then(|| printed.trim_end_matches('\n').to_owned())
    }

    /// The text of the one file that the words name.
    fn file(&mut self, words: &[String]) -> Option<String> {
        let [word] = words else {
            return None;
        };
        let path = expand::text(self, word)?;
        let text = self.files.read(below_root(&path)?).ok()??;
        Some(text.trim_end_matches('\n').to_owned())
    }

    fn run_nested(&mut self, list: &List) -> Status {
        if self.depth >= MAX_DEPTH {
            return Status::Unknown;
        }
        self.depth += 1;
        let status = self.run(list);
        self.depth -= 1;
        self.returning = false;
        status
    }

    fn run(&mut self, list: &List) -> Status {
        let mut status = Status::Success;
        for item in list {
            let skipped = match item.join {
                Join::Then => false,
                Join::And => status != Status::Success,
                Join::Or => status != Status::Failure,
            };
            if skipped {
                continue;
            }
            if self.returning || self.commands_left == 0 {
                return status;
            }
            self.commands_left -= 1;
            status = self.item(item);
        }
        status
    }

    fn item(&mut self, item: &Item) -> Status {
        let status = match &item.command {
            Command::Simple(simple) => self.simple(simple),
            Command::Test(inside) => test::holds(self, &lexer::split_at_spaces(inside)),
            Command::If {
                branches,
                otherwise,
            } => self.condition(branches, otherwise),
            Command::Function { name, body } => {
                self.functions.insert(name.clone(), Rc::clone(body));
                Status::Success
            }
            Command::Group(list) => self.run(list),
            Command::Subshell(list) => {
                let variables = self.variables.clone();
                let status = self.run_nested(list);
                self.variables = variables;
                status
            }
            Command::Opaque => Status::Unknown,
        };
        match (item.negated, status) {
            (true, Status::Success) => Status::Failure,
            (true, Status::Failure) => Status::Success,
            (_, status) => status,
        }
    }

    fn condition(&mut self, branches: &[(List, List)], otherwise: &List) -> Status {
        for (test, body) in branches {
            if self.run(test) == Status::Success {
                return self.run(body);
            }
        }
        self.run(otherwise)
    }

    fn simple(&mut self, simple: &Simple) -> Status {
        let is_assignment = |part: &Part| match part {
            Part::Array(_) => true,
            Part::Word(word) => scalar(word).is_some(),
        };
        let first = simple.parts.iter().position(|part| !is_assignment(part));
        let Some(first) = first else {
            return self.assignments(&simple.parts);
        };
        let Part::Word(name) = &simple.parts[first] else {
            return Status::Unknown;
        };
        let arguments = &simple.parts[first + 1..];
        match name.as_str() {
            "readonly" | "local" | "declare" | "export" | "typeset" => self.assignments(arguments),
            "return" | "exit" => {
                self.returning = true;
                Status::Success
            }
            ":" | "true" => Status::Success,
            "false" => Status::Failure,
            name => self.command(name, &words(arguments), simple.input.as_deref()),
        }
    }

    fn command(&mut self, name: &str, arguments: &[String], input: Option<&str>) -> Status {
        match name {
            "[" | "test" => {
                let end = arguments.iter().take_while(|word| *word != "]").count();
                test::holds(self, &arguments[..end])
            }
            "echo" => self.print(arguments, " "),
            "printf" => match arguments {
                [format, rest @ ..] if format.contains("%s\\n") => self.print(rest, "\n"),
                _ => Status::Unknown,
            },
            "cat" => match self.file(arguments) {
                Some(text) => {
                    self.output.push_str(&text);
                    Status::Success
                }
                None => Status::Unknown,
            },
            "read" | "mapfile" | "readarray" | "kube::util::read-array" => {
                self.read_array(arguments, input)
            }
            name => match self.functions.get(name).cloned() {
                Some(body) => self.run_nested(&body),
                None => Status::Unknown,
            },
        }
    }

    fn print(&mut self, arguments: &[String], separator: &str) -> Status {
        let mut printed = Vec::new();
        for argument in arguments {
            match expand::fields(self, argument) {
                Some(fields) => printed.extend(fields),
                None => return Status::Unknown,
            }
        }
        printed.retain(|word| !matches!(word.as_str(), "-n" | "-e"));
        if self.output.len() <= MAX_BYTES {
            self.output.push_str(&printed.join(separator));
            self.output.push('\n');
        }
        Status::Success
    }

    /// `read -ra NAME <<< …` and its kin.
    fn read_array(&mut self, arguments: &[String], input: Option<&str>) -> Status {
        let name = arguments.iter().rfind(|word| lexer::is_name(word));
        let (Some(name), Some(input)) = (name, input) else {
            return Status::Unknown;
        };
        let text = match input
            .strip_prefix("<(")
            .and_then(|rest| rest.strip_suffix(')'))
        {
            Some(command) => self.output_of(command),
            None => expand::text(self, input),
        };
        let Some(text) = text else {
            return Status::Unknown;
        };
        let values = text.split_whitespace().map(str::to_owned).collect();
        self.assign(name, values);
        Status::Success
    }

    fn assignments(&mut self, parts: &[Part]) -> Status {
        for part in parts {
            match part {
                Part::Array(array) => {
                    let mut values = Vec::new();
                    if array.append {
                        values.extend_from_slice(self.array(&array.name).unwrap_or_default());
                    }
                    for word in &array.words {
                        values.extend(expand::fields(self, word).unwrap_or_default());
                    }
                    self.assign(&array.name, values);
                }
                Part::Word(word) => self.assign_scalar(word),
            }
        }
        Status::Success
    }

    fn assign_scalar(&mut self, word: &str) {
        let Some((name, append, value)) = scalar(word) else {
            return;
        };
        let Some(value) = expand::text(self, value) else {
            return;
        };
        let before = if append { self.first(name) } else { None };
        self.assign(name, vec![before.unwrap_or_default() + &value]);
    }
}

/// `NAME=value` or `NAME+=value`.
fn scalar(word: &str) -> Option<(&str, bool, &str)> {
    let (name, value) = word.split_once('=')?;
    let (name, append) = match name.strip_suffix('+') {
        Some(name) => (name, true),
        None => (name, false),
    };
    lexer::is_name(name).then_some((name, append, value))
}

fn words(parts: &[Part]) -> Vec<String> {
    parts
        .iter()
        .filter_map(|part| match part {
            Part::Word(word) => Some(word.clone()),
            Part::Array(_) => None,
        })
        .collect()
}

fn below_root(path: &str) -> Option<&str> {
    path.strip_prefix(ROOT)?
        .strip_prefix('/')
        .map(|path| path.trim_end_matches('/'))
}

fn any_unless(list: &List, wanted: &dyn Fn(&Part) -> bool, condition: &str) -> bool {
    list.iter().any(|item| match &item.command {
        Command::Simple(simple) => simple.parts.iter().any(wanted),
        Command::If {
            branches,
            otherwise,
        } => {
            any_unless(otherwise, wanted, condition)
                || branches.iter().any(|(test, body)| {
                    !mentions(test, condition) && any_unless(body, wanted, condition)
                })
        }
        Command::Group(list) | Command::Subshell(list) => any_unless(list, wanted, condition),
        Command::Test(_) | Command::Function { .. } | Command::Opaque => false,
    })
}

fn mentions(list: &List, word: &str) -> bool {
    list.iter().any(|item| match &item.command {
        Command::Test(inside) => inside.contains(word),
        Command::Simple(simple) => simple
            .parts
            .iter()
            .any(|part| matches!(part, Part::Word(text) if text.contains(word))),
        _ => false,
    })
}

#[cfg(test)]
mod tests;

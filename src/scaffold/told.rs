//! Values that know where somebody told them, so that what is wrong with them can be shown there.

use std::ops::Range;
use std::rc::Rc;

use crate::recipe::Problem;

/// A text that was read: an argument of the command line, or a file.
#[derive(Debug)]
pub struct Source {
    /// `--field`, or a path.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Told<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// A place in a source.
#[derive(Clone, Debug)]
pub struct Place {
    /// The source.
    pub source: Rc<Source>,
    /// The bytes.
    pub span: Range<usize>,
}

/// Something wrong, and where.
#[derive(Clone, Debug)]
pub struct Complaint {
    /// Where.
    pub source: Rc<Source>,
    /// What.
    pub problem: Problem,
}

impl Place {
    /// The whole of a text.
    pub fn whole(name: &str, text: &str) -> Place {
        Place {
            source: Rc::new(Source {
                name: name.to_owned(),
                text: text.to_owned(),
            }),
            span: 0..text.len(),
        }
    }

    /// A complaint about what stands here.
    pub fn complain(&self, message: impl Into<String>, label: impl Into<String>) -> Complaint {
        Complaint {
            source: Rc::clone(&self.source),
            problem: Problem {
                message: message.into(),
                table: "",
                span: self.span.clone(),
                label: label.into(),
            },
        }
    }
}

impl<T> Told<T> {
    /// A value that is a whole argument.
    pub fn argument(name: &str, text: &str, value: T) -> Told<T> {
        let place = Place::whole(name, text);
        Told { value, place }
    }
}

impl Complaint {
    /// The complaint with the line that it is about.
    pub fn render(&self) -> String {
        self.problem.render(&self.source.name, &self.source.text)
    }
}

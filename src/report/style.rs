//! Colour, where the stream shows it. Everything is understandable without.

use std::io;

use owo_colors::OwoColorize;

/// Whether a stream shows colour, by `NO_COLOR`, `CLICOLOR`, `TERM` and whether it is a terminal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Style {
    colour: bool,
}

impl Style {
    /// No colour at all.
    pub const PLAIN: Style = Style { colour: false };

    /// What standard error shows.
    pub fn of_stderr() -> Style {
        let choice = anstream::AutoStream::choice(&io::stderr());
        Style {
            colour: choice != anstream::ColorChoice::Never,
        }
    }

    /// What standard output shows.
    pub fn of_stdout() -> Style {
        let choice = anstream::AutoStream::choice(&io::stdout());
        Style {
            colour: choice != anstream::ColorChoice::Never,
        }
    }

    /// Something done or going on.
    pub fn good(self, text: &str) -> String {
        if self.colour {
            text.green().bold().to_string()
        } else {
            text.to_owned()
        }
    }

    /// Something that went wrong.
    pub fn bad(self, text: &str) -> String {
        if self.colour {
            text.red().bold().to_string()
        } else {
            text.to_owned()
        }
    }

    /// Something to look at.
    pub fn caution(self, text: &str) -> String {
        if self.colour {
            text.yellow().bold().to_string()
        } else {
            text.to_owned()
        }
    }

    /// Something to type, or a heading.
    pub fn accent(self, text: &str) -> String {
        if self.colour {
            text.cyan().to_string()
        } else {
            text.to_owned()
        }
    }

    /// Something that matters less.
    pub fn faint(self, text: &str) -> String {
        if self.colour {
            text.dimmed().to_string()
        } else {
            text.to_owned()
        }
    }
}

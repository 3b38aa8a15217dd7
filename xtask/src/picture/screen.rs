//! From bytes to what stands on the screen, row by row, and from when to when.

use std::num::NonZeroU16;

use vt100::{Color, Parser, Screen};

use super::recording::Recording;

/// More rows than a recording has, so that nothing scrolls away.
const ROWS: NonZeroU16 = NonZeroU16::new(100).unwrap();

/// The least time between two pictures: a progress bar need not move more often.
const STILL: f64 = 0.3;

/// A piece of a row in one style.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span {
    /// Its first column.
    pub column: u16,
    /// Its text.
    pub text: String,
    /// Its colour, as one of the sixteen of a terminal.
    pub colour: Option<u8>,
    /// Whether it is bold.
    pub bold: bool,
    /// Whether it is faint.
    pub faint: bool,
}

/// What stands in a row for some time.
pub(super) struct Shot {
    /// The row.
    pub row: u16,
    /// What stands there.
    pub spans: Vec<Span>,
    /// From when, in seconds.
    pub from: f64,
    /// Until when; `None` for the end.
    pub until: Option<f64>,
}

/// All shots.
pub(super) struct Film {
    /// In no order.
    pub shots: Vec<Shot>,
    /// How long it is.
    pub seconds: f64,
    /// How many rows are used.
    pub rows: u16,
}

/// Watches a recording.
pub(super) fn film(recording: &Recording, columns: NonZeroU16) -> Film {
    let mut parser = Parser::new(ROWS, columns, 0);
    let mut film = Film {
        shots: Vec::new(),
        seconds: recording.seconds,
        rows: 0,
    };
    let mut showing: Vec<Shot> = Vec::new();
    let mut last = f64::NEG_INFINITY;
    for (number, (time, bytes)) in recording.cues.iter().enumerate() {
        parser.process(bytes);
        let next = recording.cues.get(number + 1).map(|(time, _)| *time);
        let changes_at_once = next.is_some_and(|next| next < *time + STILL / 10.0);
        let is_typed = bytes.len() == 1;
        if next.is_some() && (changes_at_once || (!is_typed && *time < last + STILL)) {
            continue;
        }
        last = *time;
        film.cut(&mut showing, parser.screen(), *time);
    }
    film.shots.extend(showing);
    film
}

impl Film {
    /// Ends the shots of the rows that have changed, and starts new ones.
    fn cut(&mut self, showing: &mut Vec<Shot>, screen: &Screen, time: f64) {
        for row in 0..ROWS.get() {
            let spans = spans(screen, row);
            let at = showing.iter().position(|shot| shot.row == row);
            if at.is_some_and(|at| showing[at].spans == spans) {
                continue;
            }
            if let Some(at) = at {
                let mut shot = showing.swap_remove(at);
                shot.until = Some(time);
                self.shots.push(shot);
            }
            if !spans.is_empty() {
                self.rows = self.rows.max(row + 1);
                showing.push(Shot {
                    row,
                    spans,
                    from: time,
                    until: None,
                });
            }
        }
    }
}

fn spans(screen: &Screen, row: u16) -> Vec<Span> {
    let (_, columns) = screen.size();
    let mut spans: Vec<Span> = Vec::new();
    for column in 0..columns.get() {
        let Some(cell) = screen.cell(row, column).filter(|cell| cell.has_contents()) else {
            continue;
        };
        let span = Span {
            column,
            text: cell.contents().to_owned(),
            colour: match cell.fgcolor() {
                Color::Idx(index) => Some(index),
                Color::Default | Color::Rgb(..) => None,
            },
            bold: cell.bold(),
            faint: cell.dim(),
        };
        match spans.last_mut().filter(|last| continues(last, &span)) {
            Some(last) => last.text.push_str(&span.text),
            None => spans.push(span),
        }
    }
    spans.retain(|span| !span.text.trim().is_empty());
    spans.iter_mut().for_each(trim);
    spans
}

/// Drops the blanks around a text: what draws an SVG may drop them on its own, and shift the rest.
fn trim(span: &mut Span) {
    let text = span.text.trim_start();
    span.column += (span.text.len() - text.len()) as u16;
    span.text = text.trim_end().to_owned();
}

fn continues(last: &Span, next: &Span) -> bool {
    let end = usize::from(last.column) + last.text.chars().count();
    end == usize::from(next.column)
        && (last.colour, last.bold, last.faint) == (next.colour, next.bold, next.faint)
}

//! A film as an SVG: a grid of letters, and a style sheet that shows and hides them.
//!
//! Where nothing moves, or nothing should, it shows the last picture.

use std::fmt::Write as _;

use super::screen::{Film, Shot, Span};

/// The size of a cell and of the margin, in the units of the picture.
const WIDTH: f64 = 8.4;
const HEIGHT: f64 = 18.0;
const MARGIN: f64 = 16.0;

/// The sixteen colours, on a dark ground.
const COLOURS: [&str; 16] = [
    "#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4",
    "#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#ffffff",
];
const GROUND: &str = "#0d1117";
const TEXT: &str = "#e6edf3";

/// The whole picture.
pub(super) fn draw(film: &Film, columns: u16) -> String {
    let width = f64::from(columns) * WIDTH + 2.0 * MARGIN;
    let height = f64::from(film.rows) * HEIGHT + 2.0 * MARGIN;
    let mut scenes: Vec<(f64, Option<f64>)> = Vec::new();
    let mut body = String::new();
    for shot in &film.shots {
        let scene = (shot.from, shot.until);
        let number = scenes.iter().position(|known| *known == scene);
        let number = number.unwrap_or_else(|| {
            scenes.push(scene);
            scenes.len() - 1
        });
        body += &row(shot, number);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-label=\"kubewright builds components, then finds that there is nothing to do\">\n\
         <style>\n\
         text {{ font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: {TEXT}; white-space: pre; }}\n\
         {}\
         </style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{GROUND}\"/>\n\
         {body}</svg>\n",
        style(&scenes, film.seconds)
    )
}

/// One animation for each pair of times.
fn style(scenes: &[(f64, Option<f64>)], seconds: f64) -> String {
    let mut rules = String::new();
    let mut moving = String::new();
    for (number, (from, until)) in scenes.iter().enumerate() {
        if until.is_some() {
            let _ = writeln!(rules, ".s{number} {{ visibility: hidden; }}");
        }
        let percent = |time: f64| 100.0 * time / seconds;
        let end = until.map_or_else(String::new, |until| {
            format!(" {:.3}% {{ visibility: hidden; }}", percent(until))
        });
        let _ = writeln!(
            moving,
            "@keyframes k{number} {{ 0% {{ visibility: hidden; }} {:.3}% {{ visibility: visible; }}{end} }} .s{number} {{ animation: k{number} {seconds:.2}s step-end infinite; }}",
            percent(*from)
        );
    }
    format!("{rules}@media (prefers-reduced-motion: no-preference) {{\n{moving}}}\n")
}

fn row(shot: &Shot, scene: usize) -> String {
    let spans: Vec<String> = shot.spans.iter().map(|it| span(it, shot.row)).collect();
    format!("<g class=\"s{scene}\">{}</g>\n", spans.concat())
}

fn span(span: &Span, row: u16) -> String {
    let x = MARGIN + f64::from(span.column) * WIDTH;
    let y = MARGIN + f64::from(row) * HEIGHT + HEIGHT * 0.75;
    let length = span.text.chars().count() as f64 * WIDTH;
    let mut look = String::new();
    if let Some(colour) = span
        .colour
        .and_then(|index| COLOURS.get(usize::from(index)))
    {
        let _ = write!(look, " style=\"fill: {colour}\"");
    }
    if span.bold {
        look += " font-weight=\"bold\"";
    }
    if span.faint {
        look += " opacity=\"0.6\"";
    }
    format!(
        "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{length:.1}\"{look}>{}</text>",
        escaped(&span.text)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

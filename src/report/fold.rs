//! Long lines on a narrow terminal, broken between their parts and not within a word.

/// What stands between the parts of a line.
const BETWEEN: &str = " · ";

/// The parts of a line on as many lines as they need at this width, none of them empty. A part that is wider than a line
/// stays whole.
pub(super) fn fold(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in text.split(BETWEEN) {
        let fits = |line: &&mut String| {
            let taken = [line.as_str(), BETWEEN, part].map(|text| text.chars().count());
            taken.iter().sum::<usize>() <= width
        };
        match lines.last_mut().filter(fits) {
            Some(line) => {
                line.push_str(BETWEEN);
                line.push_str(part);
            }
            None => lines.push(part.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_between_parts_only() {
        let text = "memory 22 GiB free · disk 50 GiB free · go1.24.6 · 2 cpus";
        assert_eq!(fold(text, 200), [text]);
        assert_eq!(
            fold(text, 40),
            ["memory 22 GiB free · disk 50 GiB free", "go1.24.6 · 2 cpus"]
        );
        assert_eq!(fold(text, 1).len(), 4);
        assert_eq!(fold("", 10), [""]);
    }
}

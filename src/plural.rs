//! One thing or several, as messages speak of them.

/// `1 job`, `2 jobs`.
pub fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// The form of a verb or pronoun that fits: `is` or `are`.
pub fn form<'a>(number: usize, one: &'a str, several: &'a str) -> &'a str {
    if number == 1 { one } else { several }
}

/// `a`; `a and b`; `a, b and c`.
pub fn listed(words: &[String]) -> String {
    match words {
        [words @ .., last] if !words.is_empty() => format!("{} and {last}", words.join(", ")),
        words => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_several() {
        assert_eq!(
            [0, 1, 2].map(|number| count(number, "job")),
            ["0 jobs", "1 job", "2 jobs"]
        );
        assert_eq!(
            [0, 1, 2].map(|number| form(number, "is", "are")),
            ["are", "is", "are"]
        );
    }

    #[test]
    fn the_last_word_has_an_and_before_it() {
        let words = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(
            [0, 1, 2, 3].map(|number| listed(&words[..number])),
            ["", "a", "a and b", "a, b and c"]
        );
    }
}

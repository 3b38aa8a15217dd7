//! Which patterns are refused, in the words of Go 1.26.

use super::*;

#[test]
fn patterns_are_refused_in_the_words_of_go() {
    for (pattern, message) in [
        ("(a", "missing closing ): `(a`"),
        ("a)", "unexpected ): `a)`"),
        ("*", "missing argument to repetition operator: `*`"),
        ("(+)", "missing argument to repetition operator: `+`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("a{3,2}", "invalid repeat count: `{3,2}`"),
        ("(a{1000}){1000}", "invalid repeat count: `{1000}`"),
        ("(?:(ab){2}c){501}x", "invalid repeat count: `{501}`"),
        ("((a{10}){10,}b|c){11}", "invalid repeat count: `{11}`"),
        (
            "(a{1000}b)*?(a{500}|(c{2,})*){3}",
            "invalid repeat count: `{3}`",
        ),
        ("[z-a]", "invalid character class range: `z-a`"),
        ("[a", "missing closing ]: `[a`"),
        ("x[]", "missing closing ]: `[]`"),
        ("\\y", "invalid escape sequence: `\\y`"),
        ("a\\", "trailing backslash at end of expression: ``"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?<!a)", "invalid named capture: `(?<!a)`"),
        ("\\pX", "invalid character class range: `\\pX`"),
        ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
    ] {
        let message = format!("error parsing regexp: {message}");
        assert_eq!(syntax_error(pattern), Some(message), "{pattern}");
    }
}

#[test]
fn repetitions_within_each_other_multiply() {
    for pattern in [
        "(a{1000}){1}",
        "(a{10}){100}",
        "((a{1000})*)+",
        "(a{1000}){0}",
        "((a{0}b){500}){2}",
        "(a{0,}){1000}",
        "(a{1000}|b{1000})?",
    ] {
        assert_eq!(syntax_error(pattern), None, "{pattern}");
    }
}

#[test]
fn what_is_too_large_or_too_deep_is_refused() {
    let large = format!("({}){{1000}}", "[ab]c".repeat(2000));
    let deep = "(".repeat(1001) + &")".repeat(1001);
    for (pattern, what) in [
        (&large, "expression too large"),
        (&deep, "expression nests too deeply"),
    ] {
        let message = format!("error parsing regexp: {what}: `{pattern}`");
        assert_eq!(syntax_error(pattern), Some(message));
    }
    assert_eq!(
        syntax_error(&("(".repeat(900) + "a" + &")".repeat(900))),
        None
    );
}

//! Numbers with check digits.
//!
//! Source: k8s.io/kube-openapi/pkg/internal/third_party/govalidator/validator.go.

use super::matches;

const CREDIT_CARD: &str = r"^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$";

/// Whether the digits among other characters are those of a credit card.
pub(super) fn is_credit_card(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| match u32::from(digit - b'0') {
            digit if place % 2 == 0 => digit,
            digit if digit >= 5 => digit * 2 - 9,
            digit => digit * 2,
        })
        .sum();
    matches(CREDIT_CARD, &digits) && sum.is_multiple_of(10)
}

/// A text without what may stand between the parts of a book's number.
fn parts(text: &str) -> String {
    let between = ['\t', '\n', '\x0c', '\r', ' ', '-'];
    text.chars().filter(|c| !between.contains(c)).collect()
}

pub(super) fn is_isbn10(text: &str) -> bool {
    let number = parts(text);
    let weighed = number.bytes().zip(1_u32..).map(|(digit, weight)| {
        let value = if digit == b'X' {
            10
        } else {
            u32::from(digit.wrapping_sub(b'0'))
        };
        weight * value
    });
    matches("^(?:[0-9]{9}X|[0-9]{10})$", &number) && weighed.sum::<u32>().is_multiple_of(11)
}

pub(super) fn is_isbn13(text: &str) -> bool {
    let number = parts(text);
    let weights = [1, 3].into_iter().cycle();
    let weighed = number
        .bytes()
        .zip(weights)
        .map(|(digit, weight)| weight * u32::from(digit.wrapping_sub(b'0')));
    matches("^(?:[0-9]{13})$", &number) && weighed.sum::<u32>().is_multiple_of(10)
}

//! Inputs from whole ones: bytes, words, lines and halves are changed, moved, repeated and taken away.

use super::corpus::Food;
use crate::dice::Dice;

/// The longest input: beyond it nothing new is found, and everything is slow.
const LONGEST: usize = 1 << 16;

fn one<'a>(dice: &mut Dice, of: &'a [Vec<u8>]) -> &'a [u8] {
    let place = dice.below(of.len());
    of.get(place).map_or(&[], Vec::as_slice)
}

/// A part of a text, rather short.
fn part(dice: &mut Dice, length: usize) -> std::ops::Range<usize> {
    let start = dice.below(length + 1);
    let most = [4, 16, 64, 1024][dice.below(4)];
    let size = dice.below((length - start).min(most) + 1);
    start..start + size
}

/// An input.
pub(super) fn mutate(food: &Food, dice: &mut Dice) -> Vec<u8> {
    let mut input = one(dice, &food.whole).to_vec();
    // Every hundredth is made of nothing but words.
    if dice.below(100) == 0 {
        input.clear();
        for _ in 0..dice.below(200) {
            input.extend(one(dice, &food.words));
        }
    }
    // Mostly one change, since what is broken all over is refused at its first line.
    let changes = [1, 1, 1, 1, 2, 2, 3, 6][dice.below(8)];
    for _ in 0..changes {
        change(&mut input, food, dice);
    }
    input.truncate(LONGEST);
    input
}

fn change(input: &mut Vec<u8>, food: &Food, dice: &mut Dice) {
    let at = dice.below(input.len() + 1);
    match dice.below(10) {
        0 => {
            if let Some(byte) = input.get_mut(at) {
                *byte = dice.next() as u8;
            }
        }
        1 => drop(input.drain(part(dice, input.len()))),
        2 | 3 => drop(input.splice(at..at, one(dice, &food.words).iter().copied())),
        4 => {
            let part = part(dice, input.len());
            drop(input.splice(part, one(dice, &food.words).iter().copied()));
        }
        5 => {
            let copy = input[part(dice, input.len())].to_vec();
            drop(input.splice(at..at, copy));
        }
        6 => repeat(input, at, food, dice),
        7 => {
            let other = one(dice, &food.whole);
            let from = dice.below(other.len() + 1);
            input.truncate(at);
            input.extend(&other[from..]);
        }
        8 => swap_lines(input, dice),
        _ => replace_value(input, food, dice),
    }
}

/// Nests or repeats something very often.
fn repeat(input: &mut Vec<u8>, at: usize, food: &Food, dice: &mut Dice) {
    let word = if dice.below(2) == 0 {
        one(dice, &food.words).to_vec()
    } else {
        input[part(dice, input.len())].to_vec()
    };
    let times = [2, 8, 300, 5000][dice.below(4)];
    let many = word.repeat(times.min(LONGEST / word.len().max(1)));
    drop(input.splice(at..at, many));
}

fn swap_lines(input: &mut Vec<u8>, dice: &mut Dice) {
    let mut lines: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
    let (a, b) = (dice.below(lines.len()), dice.below(lines.len()));
    lines.swap(a, b);
    *input = lines.join(&b'\n');
}

/// Puts a word in place of one that stands behind a colon or an equals sign.
fn replace_value(input: &mut Vec<u8>, food: &Food, dice: &mut Dice) {
    let is_sign = |byte: &u8| matches!(byte, b':' | b'=');
    let signs: Vec<usize> = (0..input.len()).filter(|at| is_sign(&input[*at])).collect();
    let Some(sign) = signs.get(dice.below(signs.len())) else {
        return;
    };
    let start = sign + 1 + usize::from(input.get(sign + 1) == Some(&b' '));
    let rest = input.get(start..).unwrap_or_default();
    let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b'\n');
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    if start <= input.len() {
        drop(input.splice(
            start..start + length,
            one(dice, &food.words).iter().copied(),
        ));
    }
}

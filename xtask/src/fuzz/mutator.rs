//! Inputs from whole ones: bytes, words, lines and halves are changed, moved, repeated and taken away.

use super::corpus::Food;

/// The longest input: beyond it nothing new is found, and everything is slow.
const LONGEST: usize = 1 << 16;

/// Numbers by chance that are the same for the same seed (SplitMix64).
pub(super) struct Dice {
    state: u64,
}

impl Dice {
    /// Dice of one input.
    pub(super) fn new(seed: u64, number: u64) -> Dice {
        let mut dice = Dice {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number,
        };
        dice.state = dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound; 0 where there is none.
    fn below(&mut self, bound: usize) -> usize {
        match bound as u64 {
            0 => 0,
            bound => (self.next() % bound) as usize,
        }
    }

    fn one<'a>(&mut self, of: &'a [Vec<u8>]) -> &'a [u8] {
        let place = self.below(of.len());
        of.get(place).map_or(&[], Vec::as_slice)
    }

    /// A part of a text, rather short.
    fn part(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let most = [4, 16, 64, 1024][self.below(4)];
        let size = self.below((length - start).min(most) + 1);
        start..start + size
    }
}

/// An input.
pub(super) fn mutate(food: &Food, dice: &mut Dice) -> Vec<u8> {
    let mut input = dice.one(&food.whole).to_vec();
    // Every hundredth is made of nothing but words.
    if dice.below(100) == 0 {
        input.clear();
        for _ in 0..dice.below(200) {
            input.extend(dice.one(&food.words));
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
        1 => drop(input.drain(dice.part(input.len()))),
        2 | 3 => drop(input.splice(at..at, dice.one(&food.words).iter().copied())),
        4 => {
            let part = dice.part(input.len());
            drop(input.splice(part, dice.one(&food.words).iter().copied()));
        }
        5 => {
            let copy = input[dice.part(input.len())].to_vec();
            drop(input.splice(at..at, copy));
        }
        6 => repeat(input, at, food, dice),
        7 => {
            let other = dice.one(&food.whole);
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
        dice.one(&food.words).to_vec()
    } else {
        input[dice.part(input.len())].to_vec()
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
        drop(input.splice(start..start + length, dice.one(&food.words).iter().copied()));
    }
}

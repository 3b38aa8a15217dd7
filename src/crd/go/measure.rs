//! How large a pattern is: Go refuses what its machine would need too much memory or stack for.
//!
//! Source: `repeatIsValid` and `checkLimits` of Go's regexp/syntax (parse.go).

/// How many copies of the innermost thing repetitions within each other may make.
const MOST_COPIES: u64 = 1000;
/// The most instructions.
const MOST_INSTRUCTIONS: u64 = (128 << 20) / 40;
/// The deepest tree.
const DEEPEST: u64 = 1000;

/// What there is too much of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Excess {
    Large,
    Deep,
}

/// A part of a pattern.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    /// How many copies of what is innermost its repetitions make; 0 where nothing is repeated.
    copies: u64,
    instructions: u64,
    height: u64,
    /// Whether it is a text, which is one with a text before it.
    is_literal: bool,
}

/// Parts of which one follows the other.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    whole: Part,
    count: u64,
}

/// What stands in a group so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Level {
    captures: bool,
    /// The alternatives that are complete.
    alternatives: Row,
    /// The present one, but for its last part.
    row: Row,
    /// What a repetition would be about.
    last: Option<Part>,
}

impl Level {
    /// A group that was opened.
    pub(super) fn group(captures: bool) -> Level {
        Level {
            captures,
            ..Level::default()
        }
    }

    /// Whether something stands there that can be repeated.
    pub(super) fn is_repeatable(&self) -> bool {
        self.last.is_some()
    }

    /// Takes a character.
    pub(super) fn literal(&mut self) {
        self.push(Part {
            is_literal: true,
            ..Part::LEAF
        });
    }

    /// Takes a class, or what stands between characters.
    pub(super) fn operator(&mut self) {
        self.push(Part::LEAF);
    }

    /// Takes a group that was closed.
    pub(super) fn take(&mut self, mut group: Level) {
        group.bar();
        let mut part = group.alternatives.whole;
        part.is_literal = false;
        part.instructions = part.instructions.max(1);
        part.height = part.height.max(1);
        if group.captures {
            part.instructions += 2;
            part.height += 1;
        }
        self.push(part);
    }

    fn push(&mut self, part: Part) {
        self.fold();
        self.last = Some(part);
    }

    /// Puts the last part into its row.
    fn fold(&mut self) {
        let Some(last) = self.last.take() else {
            return;
        };
        let row = &mut self.row;
        if row.whole.is_literal && last.is_literal {
            // They are one text.
            row.whole.instructions += 1;
            return;
        }
        row.count += 1;
        row.whole.add(last);
        row.whole.is_literal = last.is_literal;
    }

    /// Ends an alternative.
    pub(super) fn bar(&mut self) {
        self.fold();
        let mut row = std::mem::take(&mut self.row);
        if row.count > 1 {
            row.whole.height += 1;
        }
        let alternatives = &mut self.alternatives;
        alternatives.count += 1;
        let is_second = alternatives.count == 2;
        alternatives.whole.add(row.whole);
        if alternatives.count > 1 {
            alternatives.whole.instructions += 1;
        }
        if is_second {
            alternatives.whole.height += 1;
        }
    }

    /// Repeats the last part at least and at most so often, and tells whether Go takes it.
    pub(super) fn repeat(&mut self, least: u64, most: Option<u64>, is_counted: bool) -> bool {
        let Some(part) = &mut self.last else {
            return true;
        };
        part.is_literal = false;
        part.height += 1;
        let size = part.instructions;
        part.instructions = match most {
            _ if !is_counted => size + 1 + u64::from(least == 0 && most.is_none()),
            None if least == 0 => size + 2,
            None => least.saturating_mul(size).saturating_add(1),
            Some(most) => most
                .saturating_mul(size)
                .saturating_add(most.saturating_sub(least)),
        };
        if !is_counted {
            return true;
        }
        let copies = most.unwrap_or(least);
        part.copies = match most {
            // What is repeated not once is not looked into.
            Some(0) => 0,
            _ if copies == 0 => part.copies,
            _ => part.copies.max(1).saturating_mul(copies),
        };
        let is_looked_at = least >= 2 || most.is_some_and(|most| most >= 2);
        !is_looked_at || part.copies <= MOST_COPIES
    }

    /// Makes one part of all that there is.
    pub(super) fn close(&mut self) {
        let whole = std::mem::take(self);
        self.take(whole);
    }

    /// What there is too much of in the last part.
    pub(super) fn excess(&self) -> Option<Excess> {
        let part = self.last?;
        if part.instructions > MOST_INSTRUCTIONS {
            Some(Excess::Large)
        } else if part.height > DEEPEST {
            Some(Excess::Deep)
        } else {
            None
        }
    }
}

impl Part {
    const LEAF: Part = Part {
        copies: 0,
        instructions: 1,
        height: 1,
        is_literal: false,
    };

    fn add(&mut self, other: Part) {
        self.copies = self.copies.max(other.copies);
        self.instructions = self.instructions.saturating_add(other.instructions);
        self.height = self.height.max(other.height);
    }
}

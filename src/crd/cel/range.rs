//! Sizes and costs, of which the least and the most are known.
//!
//! Source: github.com/google/cel-go/checker/cost.go.

/// From how much to how much: a size, or a cost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Range {
    pub(super) min: u64,
    pub(super) max: u64,
}

/// Nothing.
pub(super) const ZERO: Range = Range { min: 0, max: 0 };
/// One.
pub(super) const ONE: Range = Range { min: 1, max: 1 };
/// Anything.
pub(super) const UNKNOWN: Range = Range {
    min: 0,
    max: u64::MAX,
};
/// What going through a text costs, a character.
pub(super) const TRAVERSAL: f64 = 0.1;
/// What a pattern costs, a character of it.
pub(super) const PATTERN: f64 = 0.25;

impl Range {
    pub(super) fn exactly(size: u64) -> Range {
        Range {
            min: size,
            max: size,
        }
    }

    pub(super) fn add(self, other: Range) -> Range {
        Range {
            min: self.min.saturating_add(other.min),
            max: self.max.saturating_add(other.max),
        }
    }

    pub(super) fn multiply(self, other: Range) -> Range {
        Range {
            min: self.min.saturating_mul(other.min),
            max: self.max.saturating_mul(other.max),
        }
    }

    pub(super) fn factor(self, factor: f64) -> Range {
        Range {
            min: by_factor(self.min, factor),
            max: by_factor(self.max, factor),
        }
    }

    pub(super) fn union(self, other: Range) -> Range {
        Range {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }
}

/// Casts of floats saturate, as the API server's guards do.
fn by_factor(size: u64, factor: f64) -> u64 {
    (size as f64 * factor).ceil() as u64
}

//! Numbers by chance that are the same for the same seed.

/// SplitMix64.
pub(super) struct Dice {
    state: u64,
}

impl Dice {
    /// Dice of one of many draws.
    pub(super) fn new(seed: u64, number: u64) -> Dice {
        let mut dice = Dice {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number,
        };
        dice.state = dice.next();
        dice
    }

    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound; 0 where there is none.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        match bound as u64 {
            0 => 0,
            bound => (self.next() % bound) as usize,
        }
    }
}

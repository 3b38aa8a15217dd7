//! A container that waits for memory and does nothing else, told from one that works long and says nothing.

use std::time::{Duration, Instant};

use crate::bytes::Bytes;

/// What the processes of a container hold and did, at one moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Held {
    /// What cannot be taken back without swap.
    pub(super) memory: Bytes,
    /// How often one of them has waited for the disk to read memory again, since the start; `None` where nobody tells.
    pub(super) major_faults: Option<u64>,
}

/// Recognises a container that comes no further for want of memory. Three things must hold at once and for long: it holds
/// nearly all that it may, it says nothing, and it reads its own programs from the disk again and again. A long link on a
/// slow machine lacks the last one.
#[derive(Debug)]
pub(super) struct Hunger {
    limit: Option<Bytes>,
    silence: Option<Silence>,
}

/// Since when a container with hardly any memory left has said nothing.
#[derive(Clone, Copy, Debug)]
struct Silence {
    since: Instant,
    /// How many pieces it had said by then.
    said: u64,
    major_faults: u64,
}

impl Hunger {
    /// So much of the limit, in percent, is taken by what cannot be taken back.
    const NEARLY_ALL: u64 = 93;

    /// For so long.
    const PATIENCE: Duration = Duration::from_mins(2);

    /// So many major faults a second, all the time. A link of kubectl in 400 MB, which took many times as long as it should,
    /// had 254; one with enough memory has some thousands in all, when it reads its packages for the first time.
    const THRASHING: f64 = 100.0;

    /// For a container with this limit; without one, nothing starves.
    pub(super) fn new(limit: Option<Bytes>) -> Hunger {
        Hunger {
            limit,
            silence: None,
        }
    }

    /// Whether the container starves, which holds so much and has said so many pieces by now.
    pub(super) fn is_starving(&mut self, held: Held, said: u64, now: Instant) -> bool {
        let (Some(limit), Some(major_faults)) = (self.limit, held.major_faults) else {
            return false;
        };
        let is_full = held.memory.0 * 100 >= limit.0 * Hunger::NEARLY_ALL;
        let Some(silence) = self.silence.filter(|it| is_full && it.said == said) else {
            self.silence = is_full.then_some(Silence {
                since: now,
                said,
                major_faults,
            });
            return false;
        };
        let waited = now.saturating_duration_since(silence.since);
        let faults = major_faults.saturating_sub(silence.major_faults);
        waited >= Hunger::PATIENCE && faults as f64 >= Hunger::THRASHING * waited.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Bytes = Bytes::mib(300);

    /// Looks at a container once a second for so long; whether it was ever found to starve.
    fn watched(
        limit: Option<Bytes>,
        seconds: u64,
        look: impl Fn(u64) -> (Bytes, Option<u64>, u64),
    ) -> bool {
        let start = Instant::now();
        let mut hunger = Hunger::new(limit);
        (0..=seconds).any(|second| {
            let (memory, major_faults, said) = look(second);
            let held = Held {
                memory,
                major_faults,
            };
            hunger.is_starving(held, said, start + Duration::from_secs(second))
        })
    }

    #[test]
    fn who_is_full_silent_and_thrashes_starves() {
        let look = |second| (Bytes::mib(290), Some(second * 1000), 7);
        assert!(watched(Some(LIMIT), 120, look));
        assert!(!watched(Some(LIMIT), 119, look));
        assert!(!watched(None, 600, look));
    }

    #[test]
    fn a_long_link_does_not_starve() {
        // It reads its packages in the beginning, and then works.
        let link = |second: u64| (Bytes::mib(290), Some(5000 + second.min(10) * 800), 7);
        assert!(!watched(Some(LIMIT), 3600, link));
    }

    #[test]
    fn without_a_count_of_faults_nothing_starves() {
        assert!(!watched(Some(LIMIT), 3600, |_| (Bytes::mib(290), None, 7)));
    }

    #[test]
    fn who_says_something_or_has_room_does_not_starve() {
        let said = |second| (Bytes::mib(290), Some(second * 1000), second / 60);
        assert!(!watched(Some(LIMIT), 600, said));
        let roomy = |second| (Bytes::mib(270), Some(second * 1000), 7);
        assert!(!watched(Some(LIMIT), 600, roomy));
    }

    #[test]
    fn the_silence_begins_when_the_memory_is_short() {
        let late = |second| {
            let memory = if second < 100 { 200 } else { 290 };
            (Bytes::mib(memory), Some(second * 1000), 7)
        };
        assert!(!watched(Some(LIMIT), 219, late));
        assert!(watched(Some(LIMIT), 220, late));
    }
}

//! The wish to stop: set by the thread that listens to signals, polled by whatever works.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// How urgently a run is to stop.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Urgency {
    /// Nobody asked.
    None,
    /// Politely: ask children to end, then wait for the grace period.
    Polite,
    /// At once.
    Firm,
}

/// A token that all threads of a run share. The first signal asks politely, the second firmly.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    requests: Arc<AtomicUsize>,
    signal: Arc<AtomicU8>,
}

impl Cancel {
    /// Records one more request, with the signal that made it.
    pub fn request(&self, signal: u8) {
        self.signal.store(signal, Ordering::SeqCst);
        self.requests.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether anybody asked.
    pub fn is_requested(&self) -> bool {
        self.urgency() > Urgency::None
    }

    /// How urgent it is by now.
    pub fn urgency(&self) -> Urgency {
        match self.requests.load(Ordering::SeqCst) {
            0 => Urgency::None,
            1 => Urgency::Polite,
            _ => Urgency::Firm,
        }
    }

    /// The signal that was received last; 0 where there was none.
    pub fn signal(&self) -> u8 {
        self.signal.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_request_is_firm() {
        let cancel = Cancel::default();
        assert_eq!(cancel.urgency(), Urgency::None);
        cancel.request(2);
        assert_eq!((cancel.urgency(), cancel.signal()), (Urgency::Polite, 2));
        cancel.clone().request(15);
        assert_eq!((cancel.urgency(), cancel.signal()), (Urgency::Firm, 15));
    }
}

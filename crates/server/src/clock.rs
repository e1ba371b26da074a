//! Time and randomness: the only two places of the server that ask the operating system for either.
//!
//! Everything else takes them as arguments, so a test moves time with [`Clock::fake`] and nothing sleeps.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use ceremony::UnixTime;
use policy::model::Timestamp;

/// The wall clock, or a hand-driven one in tests.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The operating system's clock.
    System,
    /// Microseconds since the Unix epoch, moved by [`FakeClock`].
    Fake(FakeClock),
}

impl Clock {
    /// A clock that stands at `micros` since the epoch until it is moved.
    pub fn fake(micros: i64) -> (Self, FakeClock) {
        let hand = FakeClock(Arc::new(AtomicI64::new(micros)));
        (Self::Fake(hand.clone()), hand)
    }

    /// Now, in microseconds since the Unix epoch.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::from_micros(system_micros()),
            Self::Fake(hand) => Timestamp::from_micros(hand.0.load(Ordering::SeqCst)),
        }
    }

    /// Now, in whole seconds, as the ceremonies take it.
    pub fn unix(&self) -> UnixTime {
        UnixTime::from_seconds(self.now().as_micros().div_euclid(1_000_000))
    }
}

/// The hand of a fake [`Clock`].
#[derive(Clone, Debug)]
pub struct FakeClock(Arc<AtomicI64>);

impl FakeClock {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

/// A source of unpredictable bytes.
#[derive(Clone)]
pub struct Random(SystemRandom);

impl Random {
    /// The operating system's generator, through aws-lc.
    #[expect(clippy::disallowed_methods, reason = "the one source of randomness")]
    pub fn system() -> Self {
        Self(SystemRandom::new())
    }

    /// `N` fresh random bytes.
    ///
    /// A generator that cannot answer leaves nothing safe to do, so the process ends: no request may be served
    /// with a guessable token.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0u8; N];
        if self.0.fill(&mut out).is_err() {
            tracing::error!("the random generator of the operating system failed");
            std::process::abort();
        }
        out
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one reading of the wall clock"
)]
fn system_micros() -> i64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_micros()).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fake_clock_moves_only_by_hand() {
        let (clock, hand) = Clock::fake(1_000_000);
        let before = clock.now();
        hand.advance(Duration::from_secs(2));
        assert_eq!(clock.now().as_micros() - before.as_micros(), 2_000_000);
    }

    #[test]
    fn two_draws_differ() {
        let random = Random::system();
        assert_ne!(random.bytes::<32>(), random.bytes::<32>());
    }
}

//! How long an event for another system is tried, and what its receiver may ask.

use crate::model::{Span, Timestamp};

/// The first pause after a delivery that failed; each further one is twice as long.
const FIRST_PAUSE: Span = Span::seconds(1);
/// The longest pause.
const LONGEST_PAUSE: Span = Span::minutes(5);
/// A stream whose receiver takes nothing for this long is disabled.
pub const TRIED_FOR: Span = Span::days(7);
/// How long an acknowledged event stays, for the receipt of a revocation.
pub const ACKNOWLEDGED_KEPT: Span = Span::days(7);
/// Between two tests of a stream.
pub const BETWEEN_VERIFICATIONS: Span = Span::seconds(5);
/// Streams of one receiver.
pub const STREAMS: i64 = 8;
/// Events in one answer to a poll.
pub const MOST_EVENTS: u32 = 100;

/// What follows from a delivery that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// It is tried again then.
    Again(Timestamp),
    /// The receiver has been away for too long.
    Disable,
}

/// What follows when the oldest event of a stream could not be delivered at `now`, after `attempts` failures before, the
/// first of them at `since`. The pause is lengthened by up to a quarter by `jitter`, so that what failed together is not
/// tried together.
#[must_use]
pub fn after_failure(
    since: Option<Timestamp>,
    attempts: i64,
    now: Timestamp,
    jitter: u8,
) -> Failed {
    if since.is_some_and(|since| now >= since.plus(TRIED_FOR)) {
        return Failed::Disable;
    }
    let doublings = u32::try_from(attempts.clamp(0, 20)).unwrap_or(0);
    let pause = FIRST_PAUSE
        .as_micros()
        .saturating_mul(1_i64 << doublings)
        .min(LONGEST_PAUSE.as_micros());
    let pause = pause + pause / 4 * i64::from(jitter) / 255;
    Failed::Again(now.plus(Span::from_micros(pause)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let pause = |attempts| match after_failure(Some(NOW), attempts, NOW, 0) {
            Failed::Again(at) => at.since(NOW).as_seconds(),
            Failed::Disable => -1,
        };
        assert_eq!(pause(0), 1);
        assert_eq!(pause(3), 8);
        assert_eq!(pause(20), 300);
        assert_eq!(pause(i64::MAX), 300);
    }

    #[test]
    fn a_receiver_that_is_gone_for_a_week_is_given_up() {
        let since = Some(NOW.minus(TRIED_FOR));
        assert_eq!(after_failure(since, 9, NOW, 0), Failed::Disable);
        let since = Some(NOW.minus(TRIED_FOR).plus(Span::seconds(1)));
        assert_ne!(after_failure(since, 9, NOW, 0), Failed::Disable);
    }
}

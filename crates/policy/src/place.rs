//! Whether a passkey is used in a new place.

use crate::lifetimes::SIGHTING_TOUCH;
use crate::model::{Seen, Timestamp};

/// What is new about the place of a use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Novelty {
    /// There is nothing to compare with: no use of this passkey is known.
    First,
    /// The device and the network are known, though perhaps not together.
    Known,
    /// A known device in a network in which this passkey was never used.
    NewNetwork,
    /// A device with which this passkey was never used.
    NewDevice,
}

/// What is new about the place of a use, from what was seen before it.
///
/// A known device in a known network is a known place even if the two were never seen together: the
/// laptop comes home some day, and a warning that is usually wrong is not read when it is right.
#[must_use]
pub const fn novelty(seen: &Seen) -> Novelty {
    match (seen.ever, seen.device, seen.network) {
        (None, _, _) => Novelty::First,
        (_, None, _) => Novelty::NewDevice,
        (_, _, None) => Novelty::NewNetwork,
        _ => Novelty::Known,
    }
}

/// Whether a use has to be written down: places that are new, and the others at most once a day.
#[must_use]
pub fn is_worth_writing(seen: &Seen, now: Timestamp) -> bool {
    seen.here
        .is_none_or(|last| now.since(last) >= SIGHTING_TOUCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Span;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    #[test]
    fn a_place_is_new_by_its_device_or_its_network() {
        let (yes, no) = (Some(NOW), None);
        for (here, device, network, ever, expected) in [
            (no, no, no, no, Novelty::First),
            (yes, yes, yes, yes, Novelty::Known),
            (no, yes, yes, yes, Novelty::Known),
            (no, yes, no, yes, Novelty::NewNetwork),
            (no, no, yes, yes, Novelty::NewDevice),
            (no, no, no, yes, Novelty::NewDevice),
        ] {
            let seen = Seen {
                here,
                device,
                network,
                ever,
            };
            assert_eq!(novelty(&seen), expected, "{seen:?}");
        }
    }

    #[test]
    fn a_known_place_is_written_once_a_day() {
        let at = |here| Seen {
            here,
            ..Seen::default()
        };
        let day_ago = NOW.minus(Span::days(1));
        assert!(is_worth_writing(&at(None), NOW));
        assert!(is_worth_writing(&at(Some(day_ago)), NOW));
        assert!(!is_worth_writing(
            &at(Some(day_ago.plus(Span::seconds(1)))),
            NOW
        ));
    }
}

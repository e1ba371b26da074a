//! How long a notice is tried, and which new places are worth one.

use crate::model::{Span, Timestamp};
use crate::place::Novelty;
use serde::{Deserialize, Serialize};

/// The first pause after a delivery that failed; each further one is twice as long.
const FIRST_PAUSE: Span = Span::seconds(30);
/// The longest pause.
const LONGEST_PAUSE: Span = Span::hours(4);
/// A notice that could not be delivered for this long is given up.
pub const TRIED_FOR: Span = Span::days(3);
/// A notice is tried at most this often.
pub const ATTEMPTS: i64 = 40;
/// How long a notice that was given up stays visible.
pub const GIVEN_UP_KEPT: Span = Span::days(7);
/// How long "this wasn't me" can be said of a notice.
pub const DISOWNED_WITHIN: Span = Span::days(7);
/// How long after that a link is still recognised, so that its page can say that it is too old.
pub const LINK_REMEMBERED: Span = Span::days(30);

/// When to try again after `attempts` attempts, the last one now; `None` is never. The pause is
/// lengthened by up to a quarter by `jitter`, so that what failed together is not tried together.
#[must_use]
pub fn next_attempt(
    created: Timestamp,
    attempts: i64,
    now: Timestamp,
    jitter: u8,
) -> Option<Timestamp> {
    let doublings = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or(0);
    let pause = FIRST_PAUSE
        .as_micros()
        .saturating_mul(1_i64 << doublings)
        .min(LONGEST_PAUSE.as_micros());
    let pause = pause + pause / 4 * i64::from(jitter) / 255;
    let next = now.plus(Span::from_micros(pause));
    (attempts < ATTEMPTS && next < created.plus(TRIED_FOR)).then_some(next)
}

/// What a tenant wants to be told, as the settings document `notices`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NoticeSettings {
    /// Which new places of a passkey are worth a notice.
    pub new_place: NewPlaces,
}

/// Which new places of a passkey are worth a notice. Changes of methods always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NewPlaces {
    /// New devices and new networks.
    #[default]
    Any,
    /// New devices only: for people who are on the road.
    Device,
    /// None.
    Off,
}

impl NewPlaces {
    /// Whether such a place is worth a notice.
    #[must_use]
    pub const fn wants(self, novelty: Novelty) -> bool {
        match novelty {
            Novelty::First | Novelty::Known => false,
            Novelty::NewDevice => !matches!(self, Self::Off),
            Novelty::NewNetwork => matches!(self, Self::Any),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    const CREATED: Timestamp = Timestamp::from_seconds(1_000_000);

    #[test]
    fn pauses_double_up_to_four_hours() {
        let pause = |attempts| {
            let next = next_attempt(CREATED, attempts, CREATED, 0).unwrap();
            next.since(CREATED).as_seconds()
        };
        assert_eq!(pause(1), 30);
        assert_eq!(pause(2), 60);
        assert_eq!(pause(5), 480);
        assert_eq!(pause(20), 4 * 3_600);
        assert_eq!(pause(39), 4 * 3_600);
    }

    #[test]
    fn what_failed_together_is_not_tried_together() {
        let early = next_attempt(CREATED, 3, CREATED, 0).unwrap();
        let late = next_attempt(CREATED, 3, CREATED, 255).unwrap();
        assert_eq!(late.since(early), Span::seconds(30));
    }

    #[test]
    fn a_notice_is_given_up_after_three_days_or_forty_attempts() {
        assert_eq!(next_attempt(CREATED, ATTEMPTS, CREATED, 0), None);
        assert_eq!(next_attempt(CREATED, 20, CREATED.plus(TRIED_FOR), 0), None);
        let mut now = CREATED;
        let mut attempts = 0;
        while let Some(next) = next_attempt(CREATED, attempts + 1, now, 0) {
            (now, attempts) = (next, attempts + 1);
        }
        assert!(attempts < ATTEMPTS, "{attempts}");
        assert!(now.since(CREATED) <= TRIED_FOR);
    }

    #[test]
    fn a_tenant_chooses_which_new_places_are_worth_a_notice() {
        use Novelty::{First, Known, NewDevice, NewNetwork};
        for (wish, wanted) in [
            (NewPlaces::Any, &[NewNetwork, NewDevice][..]),
            (NewPlaces::Device, &[NewDevice]),
            (NewPlaces::Off, &[]),
        ] {
            for novelty in [First, Known, NewNetwork, NewDevice] {
                assert_eq!(
                    wish.wants(novelty),
                    wanted.contains(&novelty),
                    "{wish:?} {novelty:?}"
                );
            }
        }
    }

    #[test]
    fn settings_are_closed() {
        let read = serde_json::from_str::<NoticeSettings>;
        assert_eq!(read("{}").unwrap(), NoticeSettings::default());
        assert_eq!(
            read(r#"{"newPlace":"device"}"#).unwrap().new_place,
            NewPlaces::Device
        );
        assert!(read(r#"{"newPlaces":"off"}"#).is_err());
    }
}

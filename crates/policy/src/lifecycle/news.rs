//! What the owner of a passkey is told of what happened to it by itself.

use super::{Step, is_over, satisfied};
use crate::model::{Measure, Passkey, Timestamp};
use crate::profiles::Key;
use crate::snapshot::{Snapshot, Subject};

/// News for the owner of a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum News {
    /// It is refused, because of its model.
    Quarantined,
    /// It counts as one factor.
    StepUp,
    /// It counts as one factor until there is a pass or another way in, and is refused then.
    PassFirst,
    /// No profile takes it any more, because of what its attestation is worth now.
    Refused,
    /// It is what it was before.
    Released,
}

/// How a passkey stands, as far as its owner notices. Age is told apart ([`super::warning`], [`super::ended`]).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Good,
    StepUp,
    PassFirst,
    Refused,
    Quarantined,
}

/// What these steps change for the owner; nothing if they change records only. Whoever is told twice of one thing stops
/// reading, so the same standing under another reason is no news.
#[must_use]
pub fn news(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    passkey: &Passkey,
    steps: &[Step],
    now: Timestamp,
) -> Option<News> {
    let mut after = passkey.clone();
    steps.iter().for_each(|step| step.apply(&mut after));
    let was = Standing::of(snapshot, subject, passkey, now);
    let is = Standing::of(snapshot, subject, &after, now);
    match (was, is) {
        (was, is) if was == is => None,
        (_, Standing::Quarantined) => Some(News::Quarantined),
        (_, Standing::StepUp) => Some(News::StepUp),
        (_, Standing::PassFirst) => Some(News::PassFirst),
        // It was refused before, and is.
        (Standing::Quarantined, Standing::Refused) => None,
        (_, Standing::Refused) => Some(News::Refused),
        (_, Standing::Good) => Some(News::Released),
    }
}

impl Standing {
    fn of(snapshot: &Snapshot, subject: &Subject<'_>, passkey: &Passkey, now: Timestamp) -> Self {
        let key = Key::from(passkey);
        let open = || {
            !satisfied(snapshot, subject, &key, now).is_empty()
                || is_over(snapshot, subject, passkey, now)
        };
        match passkey.measure() {
            Some(Measure::Quarantine) => Self::Quarantined,
            _ if !passkey.is_usable() || !open() => Self::Refused,
            Some(Measure::StepUp) => Self::StepUp,
            Some(Measure::PassFirst) => Self::PassFirst,
            Some(Measure::Report | Measure::Released) | None => Self::Good,
        }
    }
}

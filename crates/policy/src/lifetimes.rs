//! How long everything lives, in one place.
//!
//! | what | lives |
//! |---|---|
//! | session | 24 hours, and 8 hours without use |
//! | session with "stay signed in" | 90 days |
//! | attempt between two factors | 10 minutes |
//! | sealed challenge | 5 minutes |
//! | authorization code | 60 seconds |
//! | pushed authorization request | 5 minutes |
//! | device code | 15 minutes; asked for every 5 seconds, 5 more for each impatient question |
//! | a client's assertion about itself | 1 hour at most, once |
//! | proof that a client holds a key (DPoP) | 1 minute from its making, once |
//! | access token, ID token | 10 minutes |
//! | refresh token | 90 days without use; of a single-page application 24 hours in all |
//! | refresh token after its exchange | 30 seconds more, for the same successor |
//! | Temporary Access Pass | 60 minutes (10 minutes to 30 days) |
//! | fresh sign-in for registering a passkey | 5 minutes; 10 after a one-time pass |
//! | memory of where a passkey was used | 400 days after the last use there; written at most once a day |
//! | counters of registration campaigns | 400 days |
//! | signing key | signs 90 days, announced 24 hours before, published 24 hours longer than it signs |
//! | evidence key | signs 90 days; then its private half is destroyed |
//! | checkpoint of a log | every 5 minutes while the log grows |

use crate::model::{RedirectKind, Span, Timestamp};

/// A session is dead after this long without use.
pub const SESSION_IDLE: Span = Span::hours(8);
/// A session is dead after this long.
pub const SESSION: Span = Span::hours(24);
/// A session with "stay signed in" is dead after this long; it has no idle limit.
pub const SESSION_KEPT: Span = Span::days(90);
/// A session's last use is written at most this often.
pub const SESSION_TOUCH: Span = Span::minutes(1);
/// How long a sign-in may take between its factors.
pub const ATTEMPT: Span = Span::minutes(10);
/// How long a sealed challenge can be answered.
pub const CHALLENGE: Span = Span::minutes(5);
/// How long a code can be redeemed.
pub const CODE: Span = Span::seconds(60);
/// How long a pushed authorization request can be referred to.
pub const PUSHED_REQUEST: Span = Span::minutes(5);
/// How long a device waits for a person.
pub const DEVICE_CODE: Span = Span::minutes(15);
/// How long a device waits between two questions, and how much longer after it was too impatient.
pub const DEVICE_PAUSE: Span = Span::seconds(5);
/// How long the assertion of a client may be good.
pub const ASSERTION: Span = Span::hours(1);
/// How long after its making a proof of possession is good (RFC 9449 section 11.1).
pub const PROOF: Span = Span::minutes(1);
/// How far the clocks of others may be from ours.
pub const CLOCK_SKEW: Span = Span::minutes(1);
/// How long an access token is accepted by those who check it themselves.
pub const ACCESS_TOKEN: Span = Span::minutes(10);
/// How long an ID token is good.
pub const ID_TOKEN: Span = Span::minutes(10);
/// A logout token; it is used at once.
pub const LOGOUT_TOKEN: Span = Span::minutes(2);
/// How long it is remembered that an application was signed in to: longer than any chain of sessions of one browser that take
/// each other's place is likely to be told apart.
pub const SESSION_CLIENT_KEPT: Span = Span::days(365);
/// How long a refresh token lives unused.
pub const REFRESH_TOKEN: Span = Span::days(90);
/// How long the refresh tokens of a single-page application live, however often they are exchanged.
pub const REFRESH_TOKEN_SPA: Span = Span::hours(24);
/// How long an exchanged refresh token still gives the same successor.
pub const REFRESH_GRACE: Span = Span::seconds(30);
/// The longest a grant can live.
pub const GRANT: Span = Span::days(365);
/// A Temporary Access Pass, unless somebody says otherwise.
pub const PASS: Span = Span::minutes(60);
/// The shortest pass.
pub const PASS_MIN: Span = Span::minutes(10);
/// The longest pass.
pub const PASS_MAX: Span = Span::minutes(43_200);
/// How old the proof of two factors may be when a passkey is registered.
pub const FRESH_MFA: Span = Span::minutes(5);
/// The same after a sign-in with a one-time pass.
pub const FRESH_PASS: Span = Span::minutes(10);
/// A known place of a passkey is written at most this often.
pub const SIGHTING_TOUCH: Span = Span::hours(24);
/// A place in which a passkey was not used for this long is forgotten, and new again.
pub const SIGHTING_KEPT: Span = Span::days(400);
/// How long it is known what became of the prompts of a day.
pub const FUNNEL_KEPT: Span = Span::days(400);
/// How long a signing key signs.
pub const SIGNING_KEY: Span = Span::days(90);
/// How long before its use a signing key is published, and how long after.
pub const SIGNING_KEY_OVERLAP: Span = Span::hours(24);
/// How long a key signs the heads of the evidence log.
pub const EVIDENCE_KEY: Span = Span::days(90);
/// How often the head of a growing log is given to the outside.
pub const CHECKPOINT: Span = Span::minutes(5);
/// How old a security event of another system may be when it is taken.
pub const RECEIVED_SIGNAL: Span = Span::days(14);
/// How long a request for a second person is kept after its end.
pub const APPROVAL_KEPT: Span = Span::days(90);
/// How long what an authenticator says went wrong is kept.
pub const FEEDBACK_KEPT: Span = Span::days(30);
/// How long wrong answers are counted together.
pub const FAILURE_WINDOW: Span = Span::minutes(10);
/// Wrong answers of one source in that window before it has to wait.
pub const FAILURES_ALLOWED: i64 = 10;

/// When the grant that begins now can no longer be refreshed. What a pass gave ends with the pass.
#[must_use]
pub fn grant_end(kind: RedirectKind, now: Timestamp, pass_ends: Option<Timestamp>) -> Timestamp {
    let span = if kind == RedirectKind::Spa {
        REFRESH_TOKEN_SPA
    } else {
        GRANT
    };
    let end = now.plus(span);
    pass_ends.map_or(end, |pass| end.min(pass))
}

/// When the refresh token given out now is too old, within the life of its grant.
#[must_use]
pub fn refresh_end(now: Timestamp, grant_end: Timestamp) -> Timestamp {
    now.plus(REFRESH_TOKEN).min(grant_end)
}

/// When a session that begins now is dead. What a pass gave ends with the pass.
#[must_use]
pub fn session_end(kept: bool, now: Timestamp, pass_ends: Option<Timestamp>) -> Timestamp {
    let end = now.plus(if kept { SESSION_KEPT } else { SESSION });
    pass_ends.map_or(end, |pass| end.min(pass))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    #[test]
    fn what_a_pass_gave_ends_with_the_pass() {
        let pass = NOW.plus(Span::minutes(20));
        assert_eq!(session_end(true, NOW, Some(pass)), pass);
        assert_eq!(grant_end(RedirectKind::Web, NOW, Some(pass)), pass);
        assert_eq!(refresh_end(NOW, pass), pass);
    }

    #[test]
    fn refreshing_in_a_page_ends_after_a_day() {
        assert_eq!(
            grant_end(RedirectKind::Spa, NOW, None),
            NOW.plus(Span::hours(24))
        );
    }
}

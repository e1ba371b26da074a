//! Challenges without server state: the challenge *is* the sealed record of what it may be used for.
//!
//! Nothing is stored when a ceremony starts. What comes back in `clientDataJSON` opens only with our key, for the tenant it
//! was made in, and names ceremony, user, browser, context and expiry; its nonce is spent by the transaction that writes
//! the result, so it works once, on whichever node.

use aws_lc_rs::digest::{Context, SHA256};
use ceremony::Challenge;
use policy::model::{Span, TenantId, Timestamp, UserId};

use crate::app::AppState;
use crate::seal::{OVERHEAD, Purpose};

/// How long a person has between the options and the answer.
pub const LIFETIME: Span = Span::minutes(5);

const NONCE: usize = 16;
const PLAIN: usize = 1 + NONCE + 16 + 32 + 32 + 8;
/// Sealed length rounded up to a multiple of three, so that base64url never needs padding.
const LENGTH: usize = (PLAIN + OVERHEAD).next_multiple_of(3);
const FILL: usize = LENGTH - PLAIN - OVERHEAD;

/// What is spent of a token that works once and that somebody else made: `by` is who, `id` its `jti`. Tokens of different
/// `purpose` never meet.
pub fn token_nonce(purpose: &str, by: &[u8; 16], id: &str) -> [u8; NONCE] {
    let mut hash = Context::new(&SHA256);
    for part in [purpose.as_bytes(), &[0], by, id.as_bytes()] {
        hash.update(part);
    }
    let mut nonce = [0; NONCE];
    let digest = hash.finish();
    for (to, from) in nonce.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    nonce
}

/// The ceremony a challenge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceremony {
    /// `navigator.credentials.create`.
    Registration,
    /// `navigator.credentials.get`.
    Assertion,
    /// `navigator.credentials.create` with conditional mediation: what it was made for may lack presence and
    /// verification, so it is never taken for the other.
    SilentRegistration,
    /// A registration by a program on behalf of somebody: no browser of theirs stands behind it, so it is never taken for
    /// one that they do themselves.
    Provisioning,
    /// `navigator.credentials.get` with a passkey that waits for its owner: it activates that, and signs nobody in.
    Activation,
}

/// What a challenge may be used for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// Which ceremony.
    pub ceremony: Ceremony,
    /// Unique; spent with the result.
    pub nonce: [u8; NONCE],
    /// For this user only; `None` where the answer will say who it is.
    pub user: Option<UserId>,
    /// SHA-256 of the cookie of the browser it was made for.
    pub browser: [u8; 32],
    /// SHA-256 of the context (authorization request, page or session) it was made in.
    pub context: [u8; 32],
    /// From then on it is too old.
    pub expires: Timestamp,
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Ticket({:?}, expires {})",
            self.ceremony,
            self.expires.as_micros()
        )
    }
}

/// Why a challenge cannot be used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeRefusal {
    /// Not made by us, changed, or made in another tenant.
    Invalid,
    /// Made for the other ceremony.
    OtherCeremony,
    /// Too old.
    Expired,
    /// Made for another browser.
    OtherBrowser,
    /// Made for another authorization request, page or session.
    OtherContext,
    /// Made for another user.
    OtherUser,
}

impl Ticket {
    /// A fresh ticket that ends [`LIFETIME`] from now.
    pub fn new(
        app: &AppState,
        ceremony: Ceremony,
        user: Option<UserId>,
        browser: [u8; 32],
        context: [u8; 32],
    ) -> Self {
        let expires = app.clock.now().plus(LIFETIME);
        Self {
            ceremony,
            nonce: app.random.bytes(),
            user,
            browser,
            context,
            expires,
        }
    }

    /// The same with another lifetime: programs that prepare keys for others may need days.
    #[must_use]
    pub fn lasting(mut self, app: &AppState, lifetime: Span) -> Self {
        self.expires = app.clock.now().plus(lifetime);
        self
    }

    /// The challenge that carries this ticket in `tenant`.
    pub fn seal(&self, app: &AppState, tenant: TenantId) -> Result<Challenge, ChallengeRefusal> {
        let sealed = app
            .seal
            .seal(Purpose::Challenge, tenant, &self.encode(), &app.random)
            .map_err(|_| ChallengeRefusal::Invalid)?;
        Challenge::issue(&sealed).ok_or(ChallengeRefusal::Invalid)
    }

    /// The ticket in a challenge that came back, if it is for this ceremony, browser and context and not too old.
    ///
    /// The order tells nothing to an outsider: only a value that opens gets past the first check.
    pub fn open(
        app: &AppState,
        tenant: TenantId,
        sealed: &[u8],
        expected: &Expected,
    ) -> Result<Self, ChallengeRefusal> {
        let plain = app
            .seal
            .open(Purpose::Challenge, tenant, sealed)
            .map_err(|_| ChallengeRefusal::Invalid)?;
        let ticket = Self::decode(&plain).ok_or(ChallengeRefusal::Invalid)?;
        if ticket.ceremony != expected.ceremony {
            return Err(ChallengeRefusal::OtherCeremony);
        }
        if ticket.browser != expected.browser {
            return Err(ChallengeRefusal::OtherBrowser);
        }
        if ticket.context != expected.context {
            return Err(ChallengeRefusal::OtherContext);
        }
        if app.clock.now() >= ticket.expires {
            return Err(ChallengeRefusal::Expired);
        }
        Ok(ticket)
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(PLAIN + FILL);
        out.push(match self.ceremony {
            Ceremony::Registration => 1,
            Ceremony::Assertion => 2,
            Ceremony::SilentRegistration => 3,
            Ceremony::Provisioning => 4,
            Ceremony::Activation => 5,
        });
        out.extend_from_slice(&self.nonce);
        out.extend_from_slice(self.user.as_ref().map_or(&[0; 16], |user| user.as_bytes()));
        out.extend_from_slice(&self.browser);
        out.extend_from_slice(&self.context);
        out.extend_from_slice(&self.expires.as_micros().to_be_bytes());
        out.resize(PLAIN + FILL, 0);
        out
    }

    fn decode(plain: &[u8]) -> Option<Self> {
        let (kind, rest) = plain.split_first()?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (user, rest) = rest.split_first_chunk::<16>()?;
        let (browser, rest) = rest.split_first_chunk()?;
        let (context, rest) = rest.split_first_chunk()?;
        let (expires, _) = rest.split_first_chunk()?;
        let ceremony = match kind {
            1 => Ceremony::Registration,
            2 => Ceremony::Assertion,
            3 => Ceremony::SilentRegistration,
            4 => Ceremony::Provisioning,
            5 => Ceremony::Activation,
            _ => return None,
        };
        Some(Self {
            ceremony,
            nonce: *nonce,
            user: (*user != [0; 16]).then(|| UserId::from_bytes(*user)),
            browser: *browser,
            context: *context,
            expires: Timestamp::from_micros(i64::from_be_bytes(*expires)),
        })
    }
}

/// What a challenge has to have been made for.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// This ceremony.
    pub ceremony: Ceremony,
    /// This browser.
    pub browser: [u8; 32],
    /// This context.
    pub context: [u8; 32],
}

impl ChallengeRefusal {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invalid => "challenge_invalid",
            Self::OtherCeremony => "challenge_other_ceremony",
            Self::Expired => "challenge_expired",
            Self::OtherBrowser => "challenge_other_browser",
            Self::OtherContext => "challenge_other_context",
            Self::OtherUser => "challenge_other_user",
        }
    }
}

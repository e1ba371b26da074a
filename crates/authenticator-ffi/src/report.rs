//! What the app tells the person: passkeys with their condition, refusals and incidents by their stable codes.

use authenticator::User;
use authenticator::device::{Condition, Listed};
use authenticator::rules::Refusal;
use authenticator::rules::incidents::{self, Incident};
use authenticator::rules::invalidation::Why;
use authenticator::rules::signals::Signal;

/// Every code of a refusal that there is. A shell has a sentence for each, and one for codes that are newer than itself.
#[must_use]
#[uniffi::export]
pub fn refusal_codes() -> Vec<String> {
    Refusal::ALL.map(|refusal| refusal.code().to_owned()).into()
}

/// A passkey as a person sees it in the app.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ListedPasskey {
    /// Its identifier.
    pub id: Vec<u8>,
    /// The relying party.
    pub rp_id: String,
    /// The account's name.
    pub account: Option<String>,
    /// Whether it can be used.
    pub condition: PasskeyCondition,
}

/// Whether a passkey can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum PasskeyCondition {
    /// Yes.
    Usable,
    /// Never again here: sign in another way and make a new one.
    NoLongerValid {
        /// The reason.
        because: EndedBecause,
    },
    /// It belongs to the device that these files were copied from.
    OfAnotherDevice,
}

/// Why a passkey is no longer valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum EndedBecause {
    /// The screen lock was removed.
    LockRemoved,
    /// The PIN is another one.
    PinChanged,
    /// A finger has become a face, or the other way round.
    BiometricKindChanged,
    /// The key store gave the key up.
    KeyGone,
}

/// What was under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Operation {
    /// A registration.
    Register,
    /// A sign-in.
    SignIn,
}

/// Something that a person was refused (R13). By its type it holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct IncidentReport {
    /// When, on the clock of the surroundings.
    pub at_ms: u64,
    /// What was under way.
    pub operation: Operation,
    /// At which relying party; empty if the two devices did not come so far.
    pub rp_id: String,
    /// The stable name of what came in between.
    pub code: String,
}

/// What a relying party tells of its credentials (R22), with the identifier that its origin may speak for: the shell has checked that.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum PartySignal {
    /// It knows no credential of this identifier.
    UnknownCredential {
        /// The relying party.
        rp_id: String,
        /// The credential.
        id: Vec<u8>,
    },
    /// These are all credentials of an account.
    AllAccepted {
        /// The relying party.
        rp_id: String,
        /// The account.
        user_id: Vec<u8>,
        /// What it accepts.
        ids: Vec<Vec<u8>>,
    },
    /// These are the account's names now.
    CurrentUserDetails {
        /// The relying party.
        rp_id: String,
        /// The account.
        user_id: Vec<u8>,
        /// Its name: what is longer than 64 bytes is cut off at a character.
        name: Option<String>,
        /// Its name for display, likewise.
        display_name: Option<String>,
    },
}

impl From<Listed> for ListedPasskey {
    fn from(listed: Listed) -> Self {
        Self {
            id: listed.id.0,
            rp_id: listed.rp_id,
            account: listed.account,
            condition: match listed.condition {
                Condition::Usable => PasskeyCondition::Usable,
                Condition::OfAnotherDevice => PasskeyCondition::OfAnotherDevice,
                Condition::NoLongerValid(why) => PasskeyCondition::NoLongerValid {
                    because: why.into(),
                },
            },
        }
    }
}

impl From<Why> for EndedBecause {
    fn from(why: Why) -> Self {
        match why {
            Why::LockRemoved => Self::LockRemoved,
            Why::PinChanged => Self::PinChanged,
            Why::BiometricKindChanged => Self::BiometricKindChanged,
            Why::KeyGone => Self::KeyGone,
        }
    }
}

impl From<Operation> for incidents::Operation {
    fn from(operation: Operation) -> Self {
        match operation {
            Operation::Register => Self::Register,
            Operation::SignIn => Self::SignIn,
        }
    }
}

impl From<&Incident> for IncidentReport {
    fn from(incident: &Incident) -> Self {
        Self {
            at_ms: incident.at.0,
            operation: match incident.operation {
                incidents::Operation::Register => Operation::Register,
                incidents::Operation::SignIn => Operation::SignIn,
            },
            rp_id: incident.rp_id.clone(),
            code: incident.cause.code().to_owned(),
        }
    }
}

impl PartySignal {
    pub(crate) fn read(self) -> Signal {
        match self {
            Self::UnknownCredential { rp_id, id } => Signal::UnknownCredential { rp_id, id },
            Self::AllAccepted {
                rp_id,
                user_id,
                ids,
            } => Signal::AllAccepted {
                rp_id,
                user_id,
                ids,
            },
            Self::CurrentUserDetails {
                rp_id,
                user_id,
                name,
                display_name,
            } => Signal::CurrentUserDetails {
                rp_id,
                user: User {
                    id: user_id,
                    name: name.map(short),
                    display_name: display_name.map(short),
                },
            },
        }
    }
}

/// As registrations cut names off (CTAP 2.2, section 6.1.2).
fn short(mut name: String) -> String {
    const LONGEST: usize = 64;
    name.truncate(name.floor_char_boundary(LONGEST));
    name
}

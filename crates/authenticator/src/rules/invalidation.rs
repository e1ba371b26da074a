//! R19, R20, R21: who may change the screen lock could become somebody else, so a passkey ends with the lock it was made under.

use std::collections::BTreeSet;

/// A kind of biometrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A finger.
    Finger,
    /// A face.
    Face,
}

/// How a person can prove to be the one whose device it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enrolment {
    /// The screen lock, or none: a number that is another after every change, also after removal and return.
    pub lock: Option<u64>,
    /// The enrolled kinds of biometrics. How many fingers is not asked.
    pub biometrics: BTreeSet<Kind>,
}

/// Why a passkey is no longer valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The screen lock was removed, or removed and set again.
    LockRemoved,
    /// The PIN is another one.
    PinChanged,
    /// A finger has become a face, or the other way round.
    BiometricKindChanged,
    /// The key store gave the key up.
    KeyGone,
}

impl Why {
    /// A stable number for records.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::LockRemoved => 1,
            Self::PinChanged => 2,
            Self::BiometricKindChanged => 3,
            Self::KeyGone => 4,
        }
    }

    /// The reason with this number.
    #[must_use]
    pub const fn of_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::LockRemoved),
            2 => Some(Self::PinChanged),
            3 => Some(Self::BiometricKindChanged),
            4 => Some(Self::KeyGone),
            _ => None,
        }
    }
}

/// Whether a passkey made under `then` is valid `now`.
///
/// Another finger of the same person is no reason, nor is a face beside the finger; but once no kind of then is left and another
/// is there, somebody else may look into the camera.
///
/// # Errors
/// [`Why`] not.
pub fn still_valid(then: &Enrolment, now: &Enrolment) -> Result<(), Why> {
    match (then.lock, now.lock) {
        (_, None) => return Err(Why::LockRemoved),
        (then, now) if then != now => return Err(Why::PinChanged),
        _ => {}
    }
    let switched = !then.biometrics.is_empty()
        && !now.biometrics.is_empty()
        && then.biometrics.is_disjoint(&now.biometrics);
    if switched {
        return Err(Why::BiometricKindChanged);
    }
    Ok(())
}

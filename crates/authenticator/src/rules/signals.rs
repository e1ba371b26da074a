//! R22: a passkey that the relying party no longer knows is cleaned up, on that relying party's word only.

use crate::env::{Credential, CredentialId, User};

/// What a relying party tells (WebAuthn Level 3, section 5.1.10), with the identifier its origin may speak for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
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
        /// The account and its names.
        user: User,
    },
}

/// The credentials that the signal ends.
#[must_use]
pub fn orphans(signal: &Signal, existing: &[Credential]) -> Vec<CredentialId> {
    let ended = |credential: &&Credential| match signal {
        Signal::UnknownCredential { rp_id, id } => {
            credential.rp_id == *rp_id && credential.id.0 == *id
        }
        Signal::AllAccepted {
            rp_id,
            user_id,
            ids,
        } => {
            credential.rp_id == *rp_id
                && credential.user.id == *user_id
                && !ids.contains(&credential.id.0)
        }
        Signal::CurrentUserDetails { .. } => false,
    };
    existing
        .iter()
        .filter(ended)
        .map(|credential| credential.id.clone())
        .collect()
}

/// The credentials that the signal gives other names.
#[must_use]
pub fn renamed<'a>(signal: &'a Signal, existing: &[Credential]) -> Vec<(CredentialId, &'a User)> {
    let Signal::CurrentUserDetails { rp_id, user } = signal else {
        return Vec::new();
    };
    existing
        .iter()
        .filter(|credential| credential.rp_id == *rp_id && credential.user.id == user.id)
        .map(|credential| (credential.id.clone(), user))
        .collect()
}

//! R13: what went wrong is remembered, so that somebody can be helped. By its type an incident holds no secret: codes, a time, a
//! relying party.

use super::Refusal;
use super::connection::Missing;
use crate::env::Milliseconds;
use std::collections::VecDeque;

/// How many are kept; the oldest goes first.
const KEPT: usize = 32;

/// Something that a person was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// When.
    pub at: Milliseconds,
    /// What was under way.
    pub operation: Operation,
    /// At which relying party; empty if the two devices did not come so far.
    pub rp_id: String,
    /// What came in between.
    pub cause: Cause,
}

/// What was under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A registration.
    Register,
    /// A sign-in.
    SignIn,
}

impl Operation {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::SignIn => "sign_in",
        }
    }

    /// The operation of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let both = [Self::Register, Self::SignIn];
        both.into_iter().find(|operation| operation.name() == name)
    }
}

/// What came in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A rule.
    Refused(Refusal),
    /// The person said no, or was not verified.
    NotApproved,
    /// The key store failed.
    KeyStore,
    /// The two devices did not come together.
    NotConnected(Missing),
}

impl Cause {
    /// A stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::NotApproved => "not_approved",
            Self::KeyStore => "key_store",
            Self::NotConnected(missing) => missing.code(),
        }
    }
}

/// The last incidents.
#[derive(Clone, Debug, Default)]
pub struct Incidents(VecDeque<Incident>);

impl Incidents {
    /// Remembers one.
    pub fn remember(&mut self, incident: Incident) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(incident);
    }

    /// Oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Incident> {
        self.0.iter()
    }
}

//! R13: what went wrong is remembered, so that somebody can be helped. By its type an incident holds no secret: codes, a time, a
//! relying party.

use super::Refusal;
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
    /// At which relying party.
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

/// What came in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A rule.
    Refused(Refusal),
    /// The person said no, or was not verified.
    NotApproved,
    /// The key store failed.
    KeyStore,
}

impl Cause {
    /// A stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::NotApproved => "not_approved",
            Self::KeyStore => "key_store",
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

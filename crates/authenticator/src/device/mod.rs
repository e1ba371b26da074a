//! A passkey app on one device: [`Device`] is a world for the authenticator, made of a platform, a policy and the rules.
//!
//! ```text
//!   Authenticator ── Env ── Device ── rules (may it be?)
//!                             │
//!                          Platform: key store · verifier · surroundings · shelf
//! ```
//!
//! It refuses to make a key outside secure hardware, to sign without verification, and to use a passkey whose screen lock is
//! another one than it was made under.

mod entry;
mod feedback;
mod habit;
pub mod platform;
pub mod policy;
mod world;

use crate::env::{Credential, CredentialId, EnvError};
use crate::rules::incidents::{Cause, Incident, Incidents, Operation};
use crate::rules::invalidation::{self, Why};
use crate::rules::signals::{self, Signal};
use crate::rules::{Refusal, binding, cross_device, profiles};
pub use feedback::{FeedbackError, FeedbackState};

use entry::Entry;
use platform::{Grant, KeyStatus, Platform};
use policy::{Front, Policy};

/// A passkey app on one device.
#[derive(Debug)]
pub struct Device<P> {
    platform: P,
    policy: Policy,
    front: Front,
    grant: Option<Grant>,
    incidents: Incidents,
    last: Option<Refusal>,
    under_way: (Operation, String),
}

/// A passkey as a person sees it in the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its identifier.
    pub id: CredentialId,
    /// The relying party.
    pub rp_id: String,
    /// The account's name.
    pub account: Option<String>,
    /// Whether it can be used.
    pub condition: Condition,
}

/// Whether a passkey can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Yes.
    Usable,
    /// Never again here: sign in another way and make a new one.
    NoLongerValid(Why),
    /// It belongs to the device that these files were copied from.
    OfAnotherDevice,
}

impl<P: Platform> Device<P> {
    /// An app on a platform, under a policy.
    pub fn new(platform: P, policy: Policy) -> Self {
        Self {
            platform,
            policy,
            front: Front::Local,
            grant: None,
            incidents: Incidents::default(),
            last: None,
            under_way: (Operation::SignIn, String::new()),
        }
    }

    /// The platform.
    pub const fn platform(&self) -> &P {
        &self.platform
    }

    /// The platform, to change it.
    pub const fn platform_mut(&mut self) -> &mut P {
        &mut self.platform
    }

    /// Gives the platform back.
    pub fn into_platform(self) -> P {
        self.platform
    }

    /// The policy, to change it.
    pub const fn policy_mut(&mut self) -> &mut Policy {
        &mut self.policy
    }

    /// Says which way the next requests come.
    pub const fn set_front(&mut self, front: Front) {
        self.front = front;
    }

    /// Whether the way to another device is open, before a tunnel is (R5).
    ///
    /// # Errors
    /// What has to be switched on.
    pub fn may_start_cross_device(&self) -> Result<(), Refusal> {
        cross_device::reachable(self.platform.radio(), self.platform.online())
    }

    /// Why the last request was refused, if a rule did: for the person, who is told more than the relying party.
    pub const fn last_refusal(&self) -> Option<Refusal> {
        self.last
    }

    /// What went wrong lately (R13).
    pub const fn incidents(&self) -> &Incidents {
        &self.incidents
    }

    /// Every passkey of this profile with its condition, also those that can no longer be used.
    pub fn list(&mut self) -> Vec<Listed> {
        let entries = self.reviewed().unwrap_or_default();
        let here = self.platform.device_id();
        let listed = entries.into_iter().map(|entry| Listed {
            condition: condition(&entry, &here),
            id: entry.credential.id,
            rp_id: entry.credential.rp_id,
            account: entry.credential.user.name,
        });
        listed.collect()
    }

    /// Removes a passkey because its owner wants it gone; true if it was there.
    pub fn forget(&mut self, id: &CredentialId) -> bool {
        let found = self
            .entries()
            .unwrap_or_default()
            .into_iter()
            .find(|entry| entry.credential.id == *id);
        found.is_some_and(|entry| self.remove(&entry))
    }

    /// Does what a relying party tells of its credentials (R22). Returns how many passkeys went.
    pub fn receive(&mut self, signal: &Signal) -> usize {
        let entries = self.entries().unwrap_or_default();
        let credentials: Vec<Credential> = credentials_of(&entries);
        for (id, user) in signals::renamed(signal, &credentials) {
            for mut entry in entries
                .iter()
                .filter(|one| one.credential.id == id)
                .cloned()
            {
                entry.credential.user = user.clone();
                self.write(&entry, &[]);
            }
        }
        let orphans = signals::orphans(signal, &credentials);
        let gone = entries
            .iter()
            .filter(|entry| orphans.contains(&entry.credential.id));
        gone.filter(|entry| self.remove(entry)).count()
    }

    /// The entries of this profile, newest first. A shelf that cannot be read is a failure: taken for an empty one, it would let a
    /// second passkey of an account be made.
    fn entries(&mut self) -> Result<Vec<Entry>, EnvError> {
        let stored = self.platform.entries().ok_or(EnvError::Failed)?;
        let mut entries: Vec<Entry> = stored
            .iter()
            .filter_map(|(_, bytes)| Entry::decode(bytes))
            .filter(|entry| profiles::is_of(&entry.profile, &self.policy.profile))
            .collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.made));
        Ok(entries)
    }

    /// The entries after the rules of invalidation. What has ended loses its key, and stays on the shelf to be shown.
    fn reviewed(&mut self) -> Result<Vec<Entry>, EnvError> {
        let now = self.platform.enrolment();
        let here = self.platform.device_id();
        let mut entries = self.entries()?;
        for entry in &mut entries {
            if entry.ended.is_some() || !binding::is_from_here(&entry.device, &here) {
                continue;
            }
            let by_lock = invalidation::still_valid(&entry.enrolment, &now).err();
            let key = entry.credential.key.clone();
            let by_store = (self.platform.status(&key) != KeyStatus::Valid).then_some(Why::KeyGone);
            if let Some(why) = by_lock.or(by_store) {
                entry.ended = Some(why);
                // Written before destroyed: a crash in between must not leave an entry that looks usable.
                self.write(entry, &[]);
                self.platform.destroy(&key);
            }
        }
        Ok(entries)
    }

    fn usable(&mut self) -> Result<Vec<Entry>, EnvError> {
        let here = self.platform.device_id();
        let mut entries = self.reviewed()?;
        entries.retain(|entry| condition(entry, &here) == Condition::Usable);
        Ok(entries)
    }

    fn write(&mut self, entry: &Entry, remove: &[Vec<u8>]) -> bool {
        let name = entry.credential.id.0.clone();
        self.platform.write(&name, &entry.encode(), remove)
    }

    /// Off the shelf first: a key without an entry is waste, an entry without a key is a lie.
    fn remove(&mut self, entry: &Entry) -> bool {
        let removed = self.platform.remove(&entry.credential.id.0);
        if removed {
            self.destroy_key_of(entry);
        }
        removed
    }

    /// Only of an entry from here: the name of another device's key may be that of a living one on this device.
    fn destroy_key_of(&mut self, entry: &Entry) {
        if binding::is_from_here(&entry.device, &self.platform.device_id()) {
            self.platform.destroy(&entry.credential.key);
        }
    }

    fn remember(&mut self, cause: Cause) {
        if let Cause::Refused(refusal) = cause {
            self.last = Some(refusal);
        }
        let (operation, rp_id) = self.under_way.clone();
        self.incidents.remember(Incident {
            at: self.platform.now(),
            operation,
            rp_id,
            cause,
        });
    }
}

fn condition(entry: &Entry, here: &binding::DeviceId) -> Condition {
    if !binding::is_from_here(&entry.device, here) {
        return Condition::OfAnotherDevice;
    }
    match entry.ended {
        Some(why) => Condition::NoLongerValid(why),
        None => Condition::Usable,
    }
}

fn credentials_of(entries: &[Entry]) -> Vec<Credential> {
    entries
        .iter()
        .map(|entry| entry.credential.clone())
        .collect()
}

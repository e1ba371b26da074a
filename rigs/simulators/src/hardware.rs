//! The place where keys are: chips that are there, not there, or only promised.

use authenticator::device::platform::{Grant, KeyStatus, KeyStoreError};
use authenticator::rules::key_store::Level;
use authenticator::{KeyHandle, Milliseconds};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, SigningKey as _};
use std::collections::BTreeMap;

/// How long one verification lets keys be used, in milliseconds.
const GRANT: u64 = 30_000;

/// A piece of secure hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chip {
    /// Not there.
    Absent,
    /// There.
    Present,
    /// Advertised, and throws when a key is to be made.
    ThrowsLate,
    /// Advertised, and quietly makes the key in software.
    MakesSoftwareKeys,
}

/// Keys and the chips they are in.
#[derive(Debug)]
pub struct Hardware {
    /// What is there, strongest first.
    pub chips: Vec<(Level, Chip)>,
    keys: BTreeMap<Vec<u8>, Slot>,
    grants: BTreeMap<Vec<u8>, Milliseconds>,
    made: u64,
    /// How many signatures were made.
    pub signatures: u32,
    /// The next key is lost as after a fault of the chip.
    pub broken: bool,
}

#[derive(Debug)]
struct Slot {
    key: KeyPair,
    level: Level,
    invalidated: bool,
    evidence: Vec<Vec<u8>>,
}

impl Hardware {
    pub(crate) const fn new(chips: Vec<(Level, Chip)>) -> Self {
        Self {
            chips,
            keys: BTreeMap::new(),
            grants: BTreeMap::new(),
            made: 0,
            signatures: 0,
            broken: false,
        }
    }

    /// How many keys there are, usable or not.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.keys.len()
    }

    /// Where the keys are.
    #[must_use]
    pub fn levels(&self) -> Vec<Level> {
        self.keys.values().map(|slot| slot.level).collect()
    }

    /// The private keys as they lie in memory: what no file and no message may contain.
    #[must_use]
    pub fn private_bytes(&self) -> Vec<Vec<u8>> {
        let keys = self.keys.values();
        keys.map(|slot| slot.key.serialize_der()).collect()
    }

    pub(crate) fn advertised(&self) -> Vec<Level> {
        let there = self.chips.iter().filter(|(_, chip)| *chip != Chip::Absent);
        let mut levels: Vec<Level> = there.map(|(level, _)| *level).collect();
        levels.push(Level::Software);
        levels
    }

    pub(crate) fn create(
        &mut self,
        level: Level,
        evidence: impl FnOnce(&KeyPair, Level) -> Result<Vec<Vec<u8>>, rcgen::Error>,
    ) -> Result<(KeyHandle, Vec<u8>, Level), KeyStoreError> {
        let chip = self.chips.iter().find(|(own, _)| *own == level);
        let level = match chip {
            Some((_, Chip::Present)) => level,
            Some((_, Chip::MakesSoftwareKeys)) => Level::Software,
            _ => return Err(KeyStoreError::Unavailable),
        };
        let made = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256);
        let key = made.map_err(|_| KeyStoreError::Failed)?;
        let evidence = evidence(&key, level).map_err(|_| KeyStoreError::Failed)?;
        let public = key.public_key_raw().to_vec();
        self.made += 1;
        let handle = self.made.to_be_bytes().to_vec();
        let slot = Slot {
            key,
            level,
            invalidated: false,
            evidence,
        };
        self.keys.insert(handle.clone(), slot);
        Ok((KeyHandle(handle), public, level))
    }

    pub(crate) fn evidence(&self, handle: &KeyHandle) -> Option<Vec<Vec<u8>>> {
        self.keys.get(&handle.0).map(|slot| slot.evidence.clone())
    }

    pub(crate) fn grant(&mut self, now: Milliseconds) -> Grant {
        self.made += 1;
        let grant = self.made.to_be_bytes().to_vec();
        self.grants.insert(grant.clone(), now);
        Grant(grant)
    }

    pub(crate) fn sign(
        &mut self,
        handle: &KeyHandle,
        grant: Option<&Grant>,
        now: Milliseconds,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyStoreError> {
        let slot = self.keys.get(&handle.0).ok_or(KeyStoreError::Failed)?;
        if slot.invalidated {
            return Err(KeyStoreError::PermanentlyInvalidated);
        }
        let granted = grant.and_then(|grant| self.grants.get(&grant.0));
        if granted.is_none_or(|begun| now.since(*begun) > GRANT) {
            return Err(KeyStoreError::VerificationRequired);
        }
        if self.broken {
            return Err(KeyStoreError::Failed);
        }
        self.signatures += 1;
        slot.key.sign(message).map_err(|_| KeyStoreError::Failed)
    }

    pub(crate) fn status(&self, handle: &KeyHandle) -> KeyStatus {
        match self.keys.get(&handle.0) {
            None => KeyStatus::Missing,
            Some(slot) if slot.invalidated => KeyStatus::Invalidated,
            Some(_) => KeyStatus::Valid,
        }
    }

    pub(crate) fn destroy(&mut self, handle: &KeyHandle) {
        self.keys.remove(&handle.0);
    }

    /// The lock is gone: keys that needed it are given up for ever.
    pub(crate) fn invalidate_all(&mut self) {
        self.keys
            .values_mut()
            .for_each(|slot| slot.invalidated = true);
    }
}

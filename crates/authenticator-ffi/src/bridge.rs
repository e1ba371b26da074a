//! The shell as the platform of the core: measures what it says, and turns what it throws into the answer that opens nothing.

use crate::diagnosis::radio_of;
use crate::measures::{CERTIFICATE, CHAIN, ENTRIES, ENTRY, LIST, NAME, SIGNATURE};
use crate::randomness;
use crate::shell::{
    AttestationKind, DeviceDescription, KeyAlgorithm, KeyEvidence, KeyFault, KeyLevel, KeyOrder,
    KeyState, MadeKey, Prompt, PromptAccount, PromptPurpose, ScreenLock, ShelfEntry, ShellKeyStore,
    ShellShelf, ShellSurroundings, ShellVerifier, SystemBelow, Verification, VerificationMethod,
};
use authenticator::device::platform::{
    self, Grant, KeyStatus, KeyStore, KeyStoreError, Shelf, Surroundings, Verified, Verifier,
};
use authenticator::rules::binding::DeviceId;
use authenticator::rules::cross_device::Radio;
use authenticator::rules::invalidation::{Enrolment, Kind};
use authenticator::rules::key_store::Level;
use authenticator::rules::os_support::Os;
use authenticator::rules::verification::Method;
use authenticator::{
    Algorithm, AttestationStyle, CertifiedSignature, CreatedKey, Evidence, KeyHandle, KeySpec,
    Milliseconds, Profile, PublicKey, Purpose, Question, User, UserVerification,
};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many failed calls are remembered; the oldest goes first.
const KEPT: usize = 32;

/// What the description says, once it has the right form.
#[derive(Clone, Copy, Debug)]
pub struct Described {
    device: DeviceId,
    aaguid: [u8; 16],
    os: Os,
    attestation: AttestationStyle,
}

impl Described {
    /// Reads a description; nothing if an identifier has another length than 16 bytes.
    pub fn read(description: &DeviceDescription) -> Option<Self> {
        Some(Self {
            device: description.device_id.as_slice().try_into().ok()?,
            aaguid: description.aaguid.as_slice().try_into().ok()?,
            os: match description.system {
                SystemBelow::Android {
                    version,
                    has_provider_interface,
                } => Os::Android {
                    version,
                    has_provider_interface,
                },
                SystemBelow::Ios { version } => Os::Ios { version },
            },
            attestation: match description.attestation {
                AttestationKind::None => AttestationStyle::None,
                AttestationKind::Certified => AttestationStyle::Certified,
                AttestationKind::AndroidKey => AttestationStyle::AndroidKey,
            },
        })
    }

    pub const fn os(&self) -> Os {
        self.os
    }
}

/// The four traits of a shell.
pub struct Shell {
    pub key_store: Arc<dyn ShellKeyStore>,
    pub verifier: Arc<dyn ShellVerifier>,
    pub surroundings: Arc<dyn ShellSurroundings>,
    pub shelf: Arc<dyn ShellShelf>,
}

/// A shell with its description.
pub struct Bridge {
    shell: Shell,
    described: Described,
    latest: Cell<u64>,
    picked: Option<usize>,
    /// Something failed that decides over the life of passkeys: nothing is read or written until the request is over.
    unsure: Cell<bool>,
    failed_calls: RefCell<VecDeque<&'static str>>,
}

impl Bridge {
    pub fn new(shell: Shell, described: Described) -> Self {
        Self {
            shell,
            described,
            latest: Cell::new(0),
            picked: None,
            unsure: Cell::new(false),
            failed_calls: RefCell::default(),
        }
    }

    /// Another request begins.
    pub fn begin(&self) {
        self.unsure.set(false);
    }

    /// Whether the shell could not say what decides over the life of passkeys.
    pub const fn is_unsure(&self) -> bool {
        self.unsure.get()
    }

    /// The calls that failed lately, oldest first.
    pub fn failed_calls(&self) -> Vec<String> {
        let calls = self.failed_calls.borrow();
        calls.iter().map(|call| (*call).to_owned()).collect()
    }

    fn note(&self, call: &'static str) {
        let mut calls = self.failed_calls.borrow_mut();
        if calls.len() == KEPT {
            calls.pop_front();
        }
        calls.push_back(call);
    }

    /// What a call brought, if it did not throw and has a possible form.
    fn heard<T, E>(
        &self,
        call: &'static str,
        said: Result<T, E>,
        is_possible: impl FnOnce(&T) -> bool,
    ) -> Option<T> {
        let answer = said.ok().filter(is_possible);
        if answer.is_none() {
            self.note(call);
        }
        answer
    }

    fn key_fault(&self, call: &'static str) -> impl Fn(KeyFault) -> KeyStoreError {
        move |fault| {
            if fault == KeyFault::Failed {
                self.note(call);
            }
            match fault {
                KeyFault::Unavailable => KeyStoreError::Unavailable,
                KeyFault::SecureLockRequired => KeyStoreError::SecureLockRequired,
                KeyFault::PermanentlyInvalidated => KeyStoreError::PermanentlyInvalidated,
                KeyFault::VerificationRequired => KeyStoreError::VerificationRequired,
                KeyFault::Full => KeyStoreError::Full,
                KeyFault::Failed => KeyStoreError::Failed,
            }
        }
    }
}

impl std::fmt::Debug for Bridge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bridge")
            .field("described", &self.described)
            .finish_non_exhaustive()
    }
}

impl KeyStore for Bridge {
    fn hardware(&self) -> Vec<Level> {
        let said = self.shell.key_store.hardware();
        let levels = self.heard("hardware", said, |levels| levels.len() <= LIST);
        levels
            .unwrap_or_default()
            .into_iter()
            .map(level_of)
            .collect()
    }

    fn algorithms(&self) -> Vec<Algorithm> {
        let said = self.shell.key_store.algorithms();
        let listed = self.heard("algorithms", said, |listed| listed.len() <= LIST);
        listed
            .unwrap_or_default()
            .into_iter()
            .map(algorithm_of)
            .collect()
    }

    fn device_id(&self) -> DeviceId {
        self.described.device
    }

    fn create(
        &mut self,
        spec: &KeySpec<'_>,
        level: Level,
    ) -> Result<platform::MadeKey, KeyStoreError> {
        let order = KeyOrder {
            algorithm: shell_algorithm(spec.algorithm),
            level: shell_level(level),
            rp_id: spec.rp_id.to_owned(),
            user_id: spec.user.id.clone(),
            attestation_challenge: spec.client_data_hash.to_vec(),
        };
        let made = self.shell.key_store.create(order);
        let made = made.map_err(self.key_fault("create"))?;
        match read_key(&made, spec.algorithm) {
            Some(public) => Ok(platform::MadeKey {
                handle: KeyHandle(made.handle),
                public,
                level: level_of(made.level),
            }),
            // It was made: what nobody can use is not left behind.
            None => {
                self.note("create");
                self.destroy(&KeyHandle(made.handle));
                Err(KeyStoreError::Failed)
            }
        }
    }

    fn sign(
        &mut self,
        key: &KeyHandle,
        grant: Option<&Grant>,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyStoreError> {
        let grant = grant.map(|grant| grant.0.clone());
        let store = &self.shell.key_store;
        let signed = store.sign(key.0.clone(), grant, message.to_vec());
        let signature = signed.map_err(self.key_fault("sign"))?;
        if (1..=SIGNATURE).contains(&signature.len()) {
            Ok(signature)
        } else {
            self.note("sign");
            Err(KeyStoreError::Failed)
        }
    }

    fn status(&mut self, key: &KeyHandle) -> KeyStatus {
        let said = self.shell.key_store.state(key.0.clone());
        match self.heard("state", said, |_| true) {
            Some(KeyState::Invalidated) => KeyStatus::Invalidated,
            Some(KeyState::Missing) => KeyStatus::Missing,
            // A passkey does not end because nobody could look; without its key it signs nothing.
            Some(KeyState::Valid) | None => KeyStatus::Valid,
        }
    }

    fn destroy(&mut self, key: &KeyHandle) {
        let said = self.shell.key_store.destroy(key.0.clone());
        self.heard("destroy", said, |()| true);
    }

    fn evidence(
        &mut self,
        key: &CreatedKey,
        grant: Option<&Grant>,
        attested: &[u8],
    ) -> Result<Evidence, KeyStoreError> {
        // Nothing is asked where nothing was promised.
        if self.described.attestation == AttestationStyle::None {
            return Ok(Evidence::None);
        }
        let grant = grant.map(|grant| grant.0.clone());
        let store = &self.shell.key_store;
        let said = store.evidence(key.handle.0.clone(), grant, attested.to_vec());
        let evidence = said.map_err(self.key_fault("evidence"))?;
        read_evidence(evidence, self.described.attestation).ok_or_else(|| {
            self.note("evidence");
            KeyStoreError::Failed
        })
    }
}

impl Verifier for Bridge {
    fn enrolment(&mut self) -> Enrolment {
        let said = self.shell.verifier.screen_lock();
        let Some(lock) = self.heard("screen_lock", said, |_| true) else {
            // Taken for "no lock", this would end every passkey. So nothing is done at all until the request is over.
            self.unsure.set(true);
            return Enrolment::default();
        };
        enrolment_of(&lock)
    }

    fn verify(&mut self, method: Method, question: &Question<'_>) -> Verified {
        self.picked = None;
        let method = match method {
            Method::Biometric => VerificationMethod::Biometric,
            Method::Pin => VerificationMethod::Pin,
        };
        let said = self.shell.verifier.verify(method, prompt(question));
        let is_possible = |said: &Verification| match said {
            Verification::Granted { grant, .. } => grant.len() <= NAME,
            _ => true,
        };
        match self.heard("verify", said, is_possible) {
            Some(Verification::Granted { grant, picked }) => {
                self.picked = picked.and_then(|picked| usize::try_from(picked).ok());
                Verified::Granted(Grant(grant))
            }
            Some(Verification::LockedOut) => Verified::LockedOut,
            Some(Verification::Cancelled) => Verified::Cancelled,
            Some(Verification::TimedOut) => Verified::TimedOut,
            Some(Verification::Failed) | None => Verified::Failed,
        }
    }

    fn confirm(&mut self, question: &Question<'_>) -> bool {
        let said = self.shell.verifier.confirm(prompt(question));
        self.heard("confirm", said, |_| true).unwrap_or(false)
    }

    fn picked(&mut self) -> Option<usize> {
        self.picked
    }
}

impl Surroundings for Bridge {
    fn profile(&self) -> Profile {
        Profile {
            aaguid: self.described.aaguid,
            algorithms: Vec::new(),
            user_verification: UserVerification::Always,
            platform: true,
            transports: vec!["internal", "hybrid"],
            attestation: self.described.attestation,
        }
    }

    fn now(&self) -> Milliseconds {
        let said = self.shell.surroundings.now_ms();
        let now = self.heard("now_ms", said, |now| *now >= self.latest.get());
        if let Some(now) = now {
            self.latest.set(now);
        }
        Milliseconds(self.latest.get())
    }

    fn random(&mut self, out: &mut [u8]) -> bool {
        randomness::fill(out)
    }

    fn os(&self) -> Os {
        self.described.os
    }

    fn online(&self) -> bool {
        let said = self.shell.surroundings.online();
        self.heard("online", said, |_| true).unwrap_or(false)
    }

    fn radio(&self) -> Radio {
        let said = self.shell.surroundings.radio();
        self.heard("radio", said, |_| true)
            .map_or(Radio::Denied, radio_of)
    }
}

impl Shelf for Bridge {
    fn entries(&mut self) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
        if self.is_unsure() {
            return None;
        }
        let said = self.shell.shelf.entries();
        let is_possible = |entries: &Vec<ShelfEntry>| {
            let fits = |entry: &ShelfEntry| entry.name.len() <= NAME && entry.bytes.len() <= ENTRY;
            entries.len() <= ENTRIES && entries.iter().all(fits)
        };
        let entries = self.heard("entries", said, is_possible);
        if entries.is_none() {
            self.unsure.set(true);
        }
        let pairs = |entries: Vec<ShelfEntry>| {
            let entries = entries.into_iter();
            entries.map(|entry| (entry.name, entry.bytes)).collect()
        };
        entries.map(pairs)
    }

    fn write(&mut self, name: &[u8], bytes: &[u8], remove: &[Vec<u8>]) -> bool {
        if self.is_unsure() {
            return false;
        }
        let entry = ShelfEntry {
            name: name.to_vec(),
            bytes: bytes.to_vec(),
        };
        let said = self.shell.shelf.write(entry, remove.to_vec());
        self.heard("write", said, |()| true).is_some()
    }

    fn remove(&mut self, name: &[u8]) -> bool {
        if self.is_unsure() {
            return false;
        }
        let said = self.shell.shelf.remove(name.to_vec());
        self.heard("remove", said, |_| true).unwrap_or(false)
    }
}

const fn level_of(level: KeyLevel) -> Level {
    match level {
        KeyLevel::StrongBox => Level::StrongBox,
        KeyLevel::TrustedEnvironment => Level::TrustedEnvironment,
        KeyLevel::SecureEnclave => Level::SecureEnclave,
        KeyLevel::Software => Level::Software,
    }
}

const fn shell_level(level: Level) -> KeyLevel {
    match level {
        Level::StrongBox => KeyLevel::StrongBox,
        Level::TrustedEnvironment => KeyLevel::TrustedEnvironment,
        Level::SecureEnclave => KeyLevel::SecureEnclave,
        // A shell offers no TPM, so none is asked of it.
        Level::Tpm | Level::Software => KeyLevel::Software,
    }
}

const fn algorithm_of(algorithm: KeyAlgorithm) -> Algorithm {
    match algorithm {
        KeyAlgorithm::Es256 => Algorithm::Es256,
        KeyAlgorithm::EdDsa => Algorithm::EdDsa,
        KeyAlgorithm::MlDsa44 => Algorithm::MlDsa44,
        KeyAlgorithm::MlDsa65 => Algorithm::MlDsa65,
        KeyAlgorithm::MlDsa87 => Algorithm::MlDsa87,
    }
}

const fn shell_algorithm(algorithm: Algorithm) -> KeyAlgorithm {
    match algorithm {
        Algorithm::Es256 => KeyAlgorithm::Es256,
        Algorithm::EdDsa => KeyAlgorithm::EdDsa,
        Algorithm::MlDsa44 => KeyAlgorithm::MlDsa44,
        Algorithm::MlDsa65 => KeyAlgorithm::MlDsa65,
        Algorithm::MlDsa87 => KeyAlgorithm::MlDsa87,
    }
}

/// The public half of a key of the algorithm that was asked for, under a possible name.
fn read_key(made: &MadeKey, wanted: Algorithm) -> Option<PublicKey> {
    let is_named = (1..=NAME).contains(&made.handle.len());
    if !is_named || algorithm_of(made.algorithm) != wanted {
        return None;
    }
    read_public(wanted, &made.public_key)
}

fn read_public(algorithm: Algorithm, bytes: &[u8]) -> Option<PublicKey> {
    let of_length = |length: usize| (bytes.len() == length).then(|| bytes.to_vec());
    Some(match algorithm {
        Algorithm::Es256 => {
            let coordinates = bytes.strip_prefix(&[0x04])?;
            let (x, y) = coordinates.split_at_checked(32)?;
            PublicKey::Es256 {
                x: x.try_into().ok()?,
                y: y.try_into().ok()?,
            }
        }
        Algorithm::EdDsa => PublicKey::EdDsa(bytes.try_into().ok()?),
        Algorithm::MlDsa44 => PublicKey::MlDsa44(of_length(1312)?),
        Algorithm::MlDsa65 => PublicKey::MlDsa65(of_length(1952)?),
        Algorithm::MlDsa87 => PublicKey::MlDsa87(of_length(2592)?),
    })
}

/// Evidence of the promised kind, with a chain of a possible length.
fn read_evidence(evidence: KeyEvidence, promised: AttestationStyle) -> Option<Evidence> {
    let is_chain = |x5c: &[Vec<u8>]| {
        let fits = |certificate: &Vec<u8>| (1..=CERTIFICATE).contains(&certificate.len());
        (1..=CHAIN).contains(&x5c.len()) && x5c.iter().all(fits)
    };
    match (evidence, promised) {
        (KeyEvidence::AndroidKey { x5c }, AttestationStyle::AndroidKey) if is_chain(&x5c) => {
            Some(Evidence::AndroidKey { x5c })
        }
        (
            KeyEvidence::Certified {
                algorithm,
                signature,
                x5c,
            },
            AttestationStyle::Certified,
        ) if is_chain(&x5c) && (1..=SIGNATURE).contains(&signature.len()) => {
            Some(Evidence::Certified(CertifiedSignature {
                algorithm: algorithm_of(algorithm),
                signature,
                x5c,
            }))
        }
        _ => None,
    }
}

fn enrolment_of(lock: &ScreenLock) -> Enrolment {
    let kinds = [(lock.finger, Kind::Finger), (lock.face, Kind::Face)];
    Enrolment {
        lock: lock.lock,
        biometrics: kinds
            .into_iter()
            .filter_map(|(is_enrolled, kind)| is_enrolled.then_some(kind))
            .collect(),
    }
}

fn prompt(question: &Question<'_>) -> Prompt {
    let shown = |user: &User| PromptAccount {
        name: user.name.clone(),
        display_name: user.display_name.clone(),
    };
    let (purpose, accounts) = match question.purpose {
        Purpose::Register(user) => (PromptPurpose::Register, vec![shown(user)]),
        Purpose::AlreadyRegistered => (PromptPurpose::AlreadyRegistered, Vec::new()),
        Purpose::SignIn(credentials) => {
            let users = credentials.iter().map(|credential| &credential.user);
            (PromptPurpose::SignIn, users.map(shown).collect())
        }
        Purpose::Select => (PromptPurpose::Select, Vec::new()),
        Purpose::Reset | Purpose::IssueToken(_) => (PromptPurpose::Other, Vec::new()),
    };
    Prompt {
        purpose,
        rp_id: question.rp_id.to_owned(),
        accounts,
    }
}

//! A phone as a platform of the app.

use crate::authority::Authority;
use crate::files::Files;
use crate::hardware::{Chip, Hardware};
use crate::person::{Outcome, Person};
use crate::tpm;
use authenticator::device::platform::{
    Grant, KeyStatus, KeyStore, KeyStoreError, MadeKey, Shelf, Surroundings, Verified, Verifier,
};
use authenticator::rules::cross_device::Radio;
use authenticator::rules::invalidation::{Enrolment, Kind};
use authenticator::rules::key_store::Level;
use authenticator::rules::os_support::Os;
use authenticator::rules::verification::Method;
use authenticator::{
    Algorithm, AttestationStyle, CreatedKey, Evidence, KeyHandle, KeySpec, Milliseconds, Profile,
    PublicKey, Question, UserVerification,
};
use aws_lc_rs::digest::{SHA256, digest};
use std::sync::Arc;

/// Which phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// An Android device.
    Android,
    /// An iPhone.
    Ios,
    /// A desktop with a TPM, whose screen lock is the app's own PIN.
    Desktop,
}

/// A phone.
#[derive(Debug)]
pub struct Phone {
    model: Model,
    /// Chips and keys.
    pub hardware: Hardware,
    /// Who holds it.
    pub person: Person,
    /// The app's files.
    pub files: Files,
    /// The system.
    pub os: Os,
    /// Whether the internet can be reached.
    pub online: bool,
    /// The radio.
    pub radio: Radio,
    /// How the app attests; the relying party may still want none.
    pub attests: bool,
    /// The security patch that the key store states, as year and month.
    pub patch_level: u32,
    authority: Arc<Authority>,
    device: [u8; 16],
    now: u64,
    randomness: u64,
}

impl Phone {
    /// An Android 15 device with a StrongBox and a trusted environment.
    #[must_use]
    pub fn android(serial: u8, authority: &Arc<Authority>) -> Self {
        let chips = vec![
            (Level::StrongBox, Chip::Present),
            (Level::TrustedEnvironment, Chip::Present),
        ];
        let os = Os::Android {
            version: 15,
            has_provider_interface: true,
        };
        Self::new(Model::Android, serial, chips, os, authority)
    }

    /// An iPhone with a Secure Enclave.
    #[must_use]
    pub fn iphone(serial: u8, authority: &Arc<Authority>) -> Self {
        let chips = vec![(Level::SecureEnclave, Chip::Present)];
        let os = Os::Ios { version: 18 };
        Self::new(Model::Ios, serial, chips, os, authority)
    }

    /// A Linux desktop with a TPM 2.0.
    #[must_use]
    pub fn desktop(serial: u8, authority: &Arc<Authority>) -> Self {
        let chips = vec![(Level::Tpm, Chip::Present)];
        Self::new(Model::Desktop, serial, chips, Os::Linux, authority)
    }

    fn new(
        model: Model,
        serial: u8,
        chips: Vec<(Level, Chip)>,
        os: Os,
        authority: &Arc<Authority>,
    ) -> Self {
        Self {
            model,
            hardware: Hardware::new(chips),
            person: Person::default(),
            files: Files::default(),
            os,
            online: true,
            radio: Radio::On,
            attests: true,
            patch_level: 202_610,
            authority: Arc::clone(authority),
            device: [serial; 16],
            now: 0,
            randomness: u64::from(serial) << 32,
        }
    }

    /// Which phone it is.
    #[must_use]
    pub const fn model(&self) -> Model {
        self.model
    }

    /// Lets time pass.
    pub const fn pass(&mut self, milliseconds: u64) {
        self.now += milliseconds;
    }

    /// The owner sets another PIN. The key store does not mind; the system tells the app.
    pub fn change_pin(&mut self, pin: &str) {
        self.person.set_pin(Some(pin));
    }

    /// The owner, or an administrator by force, removes the screen lock.
    pub fn remove_lock(&mut self) {
        self.person.set_pin(None);
        self.hardware.invalidate_all();
    }

    /// The owner enrols these kinds of biometrics and no others.
    pub fn enrol(&mut self, kinds: &[Kind]) {
        self.person.set_biometrics(kinds);
    }

    /// A second finger: another template, the same kind.
    pub fn add_finger(&mut self) {
        let kinds: Vec<Kind> = self.person.biometrics().iter().copied().collect();
        self.enrol(&kinds);
    }

    /// The files of a backup arrive. Keys do not.
    pub fn restore(&mut self, files: Files) {
        self.files = files;
    }
}

impl KeyStore for Phone {
    fn hardware(&self) -> Vec<Level> {
        self.hardware.advertised()
    }

    fn algorithms(&self) -> Vec<Algorithm> {
        vec![Algorithm::Es256]
    }

    fn device_id(&self) -> [u8; 16] {
        self.device
    }

    fn create(&mut self, spec: &KeySpec<'_>, level: Level) -> Result<MadeKey, KeyStoreError> {
        if self.person.lock().is_none() {
            return Err(KeyStoreError::SecureLockRequired);
        }
        let (model, patch_level) = (self.model, self.patch_level);
        let authority = Arc::clone(&self.authority);
        let challenge = *spec.client_data_hash;
        let made = self.hardware.create(level, |key, level| match model {
            Model::Android => authority.describe(key, level, &challenge, patch_level),
            Model::Ios | Model::Desktop => Ok(Vec::new()),
        });
        let (handle, point, level) = made?;
        let (x, y) = point
            .strip_prefix(&[0x04])
            .and_then(|point| point.split_at_checked(32))
            .ok_or(KeyStoreError::Failed)?;
        let public = PublicKey::Es256 {
            x: x.try_into().map_err(|_| KeyStoreError::Failed)?,
            y: y.try_into().map_err(|_| KeyStoreError::Failed)?,
        };
        Ok(MadeKey {
            handle,
            public,
            level,
        })
    }

    fn sign(
        &mut self,
        key: &KeyHandle,
        grant: Option<&Grant>,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyStoreError> {
        self.hardware
            .sign(key, grant, Milliseconds(self.now), message)
    }

    fn status(&mut self, key: &KeyHandle) -> KeyStatus {
        self.hardware.status(key)
    }

    fn destroy(&mut self, key: &KeyHandle) {
        self.hardware.destroy(key);
    }

    fn evidence(
        &mut self,
        key: &CreatedKey,
        _grant: Option<&Grant>,
        attested: &[u8],
    ) -> Result<Evidence, KeyStoreError> {
        match self.model {
            Model::Android => {
                let x5c = self.hardware.evidence(&key.handle);
                let x5c = x5c.ok_or(KeyStoreError::Failed)?;
                Ok(Evidence::AndroidKey { x5c })
            }
            Model::Ios => {
                let certified = self.authority.certify(self.profile().aaguid, attested);
                let certified = certified.map_err(|_| KeyStoreError::Failed)?;
                Ok(Evidence::Certified(certified))
            }
            Model::Desktop => {
                let authority = Arc::clone(&self.authority);
                let evidence = tpm::certified(&key.public, attested, |cert_info| {
                    authority.sign_as_identity_key(cert_info).ok()
                });
                evidence.map(Evidence::Tpm).ok_or(KeyStoreError::Failed)
            }
        }
    }
}

impl Verifier for Phone {
    fn enrolment(&mut self) -> Enrolment {
        Enrolment {
            lock: self.person.lock(),
            biometrics: self.person.biometrics().clone(),
        }
    }

    fn verify(&mut self, method: Method, _question: &Question<'_>) -> Verified {
        match self.person.prompt(method) {
            Outcome::Right => Verified::Granted(self.hardware.grant(Milliseconds(self.now))),
            Outcome::Wrong => Verified::Failed,
            Outcome::LockedOut => Verified::LockedOut,
            Outcome::Cancelled => Verified::Cancelled,
            Outcome::TimedOut => Verified::TimedOut,
        }
    }

    fn confirm(&mut self, _question: &Question<'_>) -> bool {
        self.person.confirmations += 1;
        self.person.agrees
    }

    fn picked(&mut self) -> Option<usize> {
        Some(self.person.picks)
    }
}

impl Surroundings for Phone {
    fn profile(&self) -> Profile {
        let (aaguid, style) = match self.model {
            Model::Android => (*b"keyward-sim-andr", AttestationStyle::AndroidKey),
            Model::Ios => (*b"keyward-sim-ios-", AttestationStyle::Certified),
            Model::Desktop => (*b"keyward-sim-desk", AttestationStyle::Tpm),
        };
        Profile {
            aaguid,
            algorithms: Vec::new(),
            user_verification: UserVerification::Always,
            platform: true,
            transports: vec!["internal", "hybrid"],
            attestation: if self.attests {
                style
            } else {
                AttestationStyle::None
            },
        }
    }

    fn now(&self) -> Milliseconds {
        Milliseconds(self.now)
    }

    fn random(&mut self, out: &mut [u8]) -> bool {
        // A test must be able to run again as it ran.
        for chunk in out.chunks_mut(32) {
            self.randomness += 1;
            let block = digest(&SHA256, &self.randomness.to_be_bytes());
            chunk
                .iter_mut()
                .zip(block.as_ref())
                .for_each(|(to, from)| *to = *from);
        }
        true
    }

    fn os(&self) -> Os {
        self.os
    }

    fn online(&self) -> bool {
        self.online
    }

    fn radio(&self) -> Radio {
        self.radio
    }
}

impl Shelf for Phone {
    fn entries(&mut self) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
        self.files.all()
    }

    fn write(&mut self, name: &[u8], bytes: &[u8], remove: &[Vec<u8>]) -> bool {
        self.files.write(name, bytes, remove)
    }

    fn remove(&mut self, name: &[u8]) -> bool {
        self.files.remove(name)
    }
}

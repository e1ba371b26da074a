//! The device as the authenticator's world.

use super::entry::Entry;
use super::platform::{KeyStoreError, Platform, Verified};
use super::policy::Front;
use super::{Device, credentials_of, habit};
use crate::env::{
    Answer, Approval, Backup, Capabilities, CertifiedSignature, CreatedKey, Credential,
    CredentialId, Env, EnvError, Evidence, EvidenceRequest, Intent, KeyHandle, KeySpec,
    Milliseconds, Profile, Question, Secret, UserVerification,
};
use crate::public_key::Algorithm;
use crate::rules::incidents::{Cause, Operation};
use crate::rules::key_store::{self, NotMade};
use crate::rules::verification::{Habit, Method};
use crate::rules::{
    Refusal, cloud, connectivity, cross_device, one_passkey, os_support, relying_parties,
};

impl<P: Platform> Env for Device<P> {
    fn profile(&self) -> Profile {
        Profile {
            algorithms: self.platform.algorithms(),
            // Keys sign for a verified person only, so there is nothing that could be done without.
            user_verification: UserVerification::Always,
            ..self.platform.profile()
        }
    }

    fn now(&self) -> Milliseconds {
        self.platform.now()
    }

    fn random(&mut self, out: &mut [u8]) -> Result<(), EnvError> {
        if self.platform.random(out) {
            Ok(())
        } else {
            Err(EnvError::Failed)
        }
    }

    fn admit(&mut self, intent: Intent<'_>) -> Result<(), EnvError> {
        self.last = None;
        self.grant = None;
        self.under_way = (operation(intent), intent.rp_id().to_owned());
        self.judge(intent).map_err(|refusal| {
            self.remember(Cause::Refused(refusal));
            EnvError::Forbidden
        })
    }

    fn ask_user(&mut self, question: &Question<'_>) -> Answer {
        let answer = if question.verify {
            self.verify(question)
        } else if self.platform.confirm(question) {
            Answer::Approved(Approval {
                present: true,
                verified: false,
                chosen: None,
            })
        } else {
            Answer::Denied
        };
        if !matches!(answer, Answer::Approved(_)) {
            self.remember(Cause::NotApproved);
        }
        answer
    }

    // Every key here is made for a registration, with all that it needs to know.
    fn create_key(&mut self, _algorithm: Algorithm, _rp_id: &str) -> Result<CreatedKey, EnvError> {
        Err(EnvError::Failed)
    }

    fn create_key_for(&mut self, spec: &KeySpec<'_>) -> Result<CreatedKey, EnvError> {
        match key_store::make(&mut self.platform, spec) {
            Ok(made) => Ok(CreatedKey {
                handle: made.handle,
                public: made.public,
                backup: Backup::DeviceBound,
            }),
            Err(NotMade::Refused(refusal)) => {
                self.remember(Cause::Refused(refusal));
                Err(EnvError::Forbidden)
            }
            Err(NotMade::Failed(error)) => {
                self.remember(Cause::KeyStore);
                Err(failure(error))
            }
        }
    }

    fn discard_key(&mut self, key: &KeyHandle) {
        self.platform.destroy(key);
    }

    fn sign(
        &mut self,
        key: &KeyHandle,
        _approval: &Approval,
        message: &[u8],
    ) -> Result<Vec<u8>, EnvError> {
        let signed = self.platform.sign(key, self.grant.as_ref(), message);
        self.noted(signed)
    }

    // The platform's evidence says more than one signature could.
    fn attest(&mut self, _message: &[u8]) -> Result<CertifiedSignature, EnvError> {
        Err(EnvError::Failed)
    }

    fn evidence(&mut self, request: &EvidenceRequest<'_>) -> Result<Evidence, EnvError> {
        let grant = self.grant.as_ref();
        let evidence = self.platform.evidence(request.key, grant, request.attested);
        self.noted(evidence)
    }

    fn store(
        &mut self,
        credential: Credential,
        replaces: Option<&CredentialId>,
    ) -> Result<(), EnvError> {
        let existing = self.entries()?;
        let one = self.policy.one_passkey_per_account;
        let mut gone = one_passkey::replaced(&credential, &credentials_of(&existing), one);
        gone.extend(replaces.cloned());
        let enrolment = self.platform.enrolment();
        let entry = Entry {
            credential,
            counter: 0,
            made: existing.first().map_or(0, |newest| newest.made + 1),
            device: self.platform.device_id(),
            profile: self.policy.profile.clone(),
            enrolment,
            ended: None,
        };
        let names: Vec<Vec<u8>> = gone.iter().map(|id| id.0.clone()).collect();
        if !self.write(&entry, &names) {
            self.remember(Cause::KeyStore);
            return Err(EnvError::Failed);
        }
        // Now that the new one is safe.
        for old in existing {
            if gone.contains(&old.credential.id) {
                self.destroy_key_of(&old);
            }
        }
        Ok(())
    }

    fn credentials(&mut self, rp_id: &str) -> Result<Vec<Credential>, EnvError> {
        let usable = self.usable()?;
        let mut found = credentials_of(&usable);
        found.retain(|credential| credential.rp_id == rp_id);
        if found.is_empty() && self.has_ended(rp_id) {
            // The relying party hears of no credential; the person hears why.
            self.last = Some(Refusal::NoLongerValid);
        }
        Ok(found)
    }

    fn next_counter(&mut self, credential: &CredentialId) -> Result<u32, EnvError> {
        let entries = self.entries()?;
        let found = entries
            .into_iter()
            .find(|entry| entry.credential.id == *credential);
        let mut entry = found.ok_or(EnvError::Gone)?;
        entry.counter = entry.counter.checked_add(1).ok_or(EnvError::Failed)?;
        if self.write(&entry, &[]) {
            Ok(entry.counter)
        } else {
            Err(EnvError::Failed)
        }
    }

    fn capabilities(&self) -> Capabilities {
        // The app's window lists and deletes; a program gets no token for keys that verify every signature themselves.
        Capabilities::default()
    }

    fn derive(
        &mut self,
        key: &KeyHandle,
        secret: Secret,
        input: &[u8],
    ) -> Result<[u8; 32], EnvError> {
        self.platform.derive(key, secret, input).map_err(failure)
    }
}

impl<P: Platform> Device<P> {
    /// The rules in their order: what is true of the device, then of the relying party, then of the moment.
    fn judge(&mut self, intent: Intent<'_>) -> Result<(), Refusal> {
        os_support::supported(self.platform.os())?;
        self.judge_relying_party(intent)?;
        self.judge_moment(intent.rp_id())?;
        if matches!(intent, Intent::Register { .. }) {
            key_store::secure(&self.platform.hardware())?;
            if self.platform.enrolment().lock.is_none() {
                return Err(Refusal::ScreenLockRequired);
            }
        }
        Ok(())
    }

    fn judge_relying_party(&self, intent: Intent<'_>) -> Result<(), Refusal> {
        let policy = &self.policy;
        let enrolled: Vec<&str> = policy
            .enrolled
            .iter()
            .map(|enrolled| enrolled.rp_id.as_str())
            .collect();
        relying_parties::welcome(intent.rp_id(), &enrolled, policy.relying_parties)?;
        let Some(enrolled) = policy.enrolled(intent.rp_id()) else {
            return Ok(());
        };
        cloud::available(&enrolled.availability)?;
        if self.front == Front::CrossDevice {
            let switch = match intent {
                Intent::Register { .. } => enrolled.cross_device_registration,
                Intent::SignIn { .. } => enrolled.cross_device_sign_in,
            };
            cross_device::accepted(switch, enrolled.attestation_enforced)?;
        }
        Ok(())
    }

    fn judge_moment(&self, rp_id: &str) -> Result<(), Refusal> {
        if self.front == Front::CrossDevice {
            cross_device::reachable(self.platform.radio(), self.platform.online())?;
        }
        connectivity::connected(connectivity::Facts {
            online: self.platform.online(),
            front: self.front,
            enrolled: self.policy.enrolled(rp_id).is_some(),
            offline_elsewhere: self.policy.offline_elsewhere,
        })
    }

    /// Remembers what the store could not do.
    fn noted<T>(&mut self, done: Result<T, KeyStoreError>) -> Result<T, EnvError> {
        done.map_err(|error| {
            self.remember(Cause::KeyStore);
            failure(error)
        })
    }

    fn has_ended(&mut self, rp_id: &str) -> bool {
        let mut all = self.entries().unwrap_or_default().into_iter();
        all.any(|entry| entry.credential.rp_id == rp_id && entry.ended.is_some())
    }

    /// Verifies by the methods that the person's habit plans, in one request.
    fn verify(&mut self, question: &Question<'_>) -> Answer {
        let enrolment = self.platform.enrolment();
        if enrolment.lock.is_none() {
            self.last = Some(Refusal::ScreenLockRequired);
            return Answer::Denied;
        }
        let has_biometrics = !enrolment.biometrics.is_empty();
        let mut used_to = habit::load(&mut self.platform);
        let plan = used_to.plan(has_biometrics, self.policy.retry, self.platform.now());
        for method in plan {
            match (self.platform.verify(*method, question), method) {
                (Verified::Granted(grant), method) => {
                    return self.granted(grant, *method, used_to);
                }
                (Verified::Failed | Verified::LockedOut, Method::Biometric) => {
                    used_to = used_to.biometric_failed(self.platform.now());
                    habit::save(&mut self.platform, used_to);
                }
                (Verified::Failed, Method::Pin) => return Answer::Denied,
                (Verified::LockedOut, Method::Pin) => return Answer::Blocked,
                // Whoever closes the prompt means no, and is not asked by another prompt.
                (Verified::Cancelled, _) => return Answer::Denied,
                (Verified::TimedOut, _) => return Answer::TimedOut,
            }
        }
        Answer::Denied
    }

    fn granted(&mut self, grant: super::Grant, method: Method, used_to: Habit) -> Answer {
        let now = match method {
            Method::Biometric => used_to.biometric_worked(),
            Method::Pin => used_to.pin_worked(),
        };
        if now != used_to {
            habit::save(&mut self.platform, now);
        }
        self.grant = Some(grant);
        Answer::Approved(Approval {
            present: true,
            verified: true,
            chosen: self.platform.picked(),
        })
    }
}

const fn operation(intent: Intent<'_>) -> Operation {
    match intent {
        Intent::Register { .. } => Operation::Register,
        Intent::SignIn { .. } => Operation::SignIn,
    }
}

const fn failure(error: KeyStoreError) -> EnvError {
    match error {
        KeyStoreError::Full => EnvError::Full,
        KeyStoreError::SecureLockRequired | KeyStoreError::VerificationRequired => {
            EnvError::Forbidden
        }
        KeyStoreError::PermanentlyInvalidated => EnvError::Gone,
        KeyStoreError::Unavailable | KeyStoreError::Failed => EnvError::Failed,
    }
}

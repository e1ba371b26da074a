//! A security key with everything that the core can offer, for clients that are not ours: PIN, tokens, large blobs, secrets.

use authenticator::{
    Algorithm, Answer, Approval, AttestationStyle, Backup, Capabilities, CertifiedSignature,
    CreatedKey, Credential, CredentialId, Enterprise, Env, EnvError, KeyHandle, Milliseconds,
    PinDigest, Profile, PublicKey, Question, Record, Secret, User, UserVerification,
};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, ML_DSA_44_SIGNING, PqdsaKeyPair};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, SigningKey as _};
use std::collections::BTreeMap;

/// Discoverable credentials that fit.
const ROOM: usize = 32;

/// A security key and the finger on it.
#[derive(Debug)]
pub struct SecurityKey {
    /// Built-in verification, or none.
    pub verification: UserVerification,
    /// The clock.
    pub now: u64,
    /// Whether somebody touches it when it asks.
    pub touched: bool,
    keys: BTreeMap<Vec<u8>, PrivateKey>,
    credentials: Vec<(Credential, u32)>,
    records: BTreeMap<Record, Vec<u8>>,
    pin: Option<[u8; 16]>,
    randomness: u64,
}

#[derive(Debug)]
enum PrivateKey {
    Es256(KeyPair),
    EdDsa(Ed25519KeyPair),
    MlDsa(PqdsaKeyPair),
}

impl Default for SecurityKey {
    fn default() -> Self {
        Self {
            verification: UserVerification::None,
            now: 0,
            touched: true,
            keys: BTreeMap::new(),
            credentials: Vec::new(),
            records: BTreeMap::new(),
            pin: None,
            randomness: 0,
        }
    }
}

impl Env for SecurityKey {
    fn profile(&self) -> Profile {
        Profile {
            aaguid: *b"keyward-sim-key-",
            algorithms: vec![Algorithm::Es256, Algorithm::EdDsa, Algorithm::MlDsa44],
            user_verification: self.verification,
            platform: false,
            transports: vec!["usb"],
            attestation: AttestationStyle::SelfSigned,
        }
    }

    fn now(&self) -> Milliseconds {
        Milliseconds(self.now)
    }

    fn random(&mut self, out: &mut [u8]) -> Result<(), EnvError> {
        for chunk in out.chunks_mut(32) {
            self.randomness += 1;
            let block = digest(&SHA256, &self.randomness.to_be_bytes());
            chunk
                .iter_mut()
                .zip(block.as_ref())
                .for_each(|(to, from)| *to = *from);
        }
        Ok(())
    }

    fn ask_user(&mut self, question: &Question<'_>) -> Answer {
        if !self.touched {
            return Answer::TimedOut;
        }
        Answer::Approved(Approval {
            present: true,
            verified: question.verify,
            chosen: None,
        })
    }

    fn create_key(&mut self, algorithm: Algorithm, _rp_id: &str) -> Result<CreatedKey, EnvError> {
        let (key, public) = made(algorithm).ok_or(EnvError::Failed)?;
        let mut name = [0; 16];
        self.random(&mut name)?;
        self.keys.insert(name.to_vec(), key);
        Ok(CreatedKey {
            handle: KeyHandle(name.to_vec()),
            public,
            backup: Backup::DeviceBound,
        })
    }

    fn discard_key(&mut self, key: &KeyHandle) {
        self.keys.remove(&key.0);
    }

    fn sign(
        &mut self,
        key: &KeyHandle,
        _approval: &Approval,
        message: &[u8],
    ) -> Result<Vec<u8>, EnvError> {
        match self.keys.get(&key.0).ok_or(EnvError::Failed)? {
            PrivateKey::Es256(pair) => pair.sign(message).map_err(|_| EnvError::Failed),
            PrivateKey::EdDsa(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            PrivateKey::MlDsa(pair) => {
                let mut signature = vec![0; pair.algorithm().signature_len()];
                let signed = pair.sign(message, &mut signature);
                signature.truncate(signed.map_err(|_| EnvError::Failed)?);
                Ok(signature)
            }
        }
    }

    fn attest(&mut self, _message: &[u8]) -> Result<CertifiedSignature, EnvError> {
        Err(EnvError::Failed)
    }

    fn store(
        &mut self,
        credential: Credential,
        replaces: Option<&CredentialId>,
    ) -> Result<(), EnvError> {
        if let Some(old) = replaces {
            self.delete(old)?;
        }
        if self.credentials.len() >= ROOM {
            return Err(EnvError::Full);
        }
        self.credentials.insert(0, (credential, 0));
        Ok(())
    }

    fn credentials(&mut self, rp_id: &str) -> Result<Vec<Credential>, EnvError> {
        let mut all = self.every_credential()?;
        all.retain(|credential| credential.rp_id == rp_id);
        Ok(all)
    }

    fn next_counter(&mut self, credential: &CredentialId) -> Result<u32, EnvError> {
        let mut all = self.credentials.iter_mut();
        let found = all.find(|(own, _)| own.id == *credential);
        let (_, counter) = found.ok_or(EnvError::Gone)?;
        *counter += 1;
        Ok(*counter)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            pin: true,
            tokens: true,
            management: true,
            secrets: true,
            large_blobs: 4096,
            credential_blob: 64,
            enterprise: Some(Enterprise::default()),
        }
    }

    fn load(&mut self, record: Record) -> Result<Option<Vec<u8>>, EnvError> {
        Ok(self.records.get(&record).cloned())
    }

    fn save(&mut self, record: Record, bytes: &[u8]) -> Result<(), EnvError> {
        self.records.insert(record, bytes.to_vec());
        Ok(())
    }

    fn set_pin(&mut self, pin: &PinDigest, record: &[u8]) -> Result<(), EnvError> {
        self.pin = Some(*pin.expose());
        self.save(Record::Pin, record)
    }

    fn match_pin(&mut self, pin: &PinDigest) -> Result<bool, EnvError> {
        Ok(self.pin.is_some_and(|own| pin.equals(&own)))
    }

    fn derive(
        &mut self,
        key: &KeyHandle,
        secret: Secret,
        input: &[u8],
    ) -> Result<[u8; 32], EnvError> {
        if !self.keys.contains_key(&key.0) {
            return Err(EnvError::Failed);
        }
        let own = [key.0.as_slice(), format!("{secret:?}").as_bytes()].concat();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &own);
        let tag = hmac::sign(&key, input);
        tag.as_ref().try_into().map_err(|_| EnvError::Failed)
    }

    fn every_credential(&mut self) -> Result<Vec<Credential>, EnvError> {
        let all = self.credentials.iter();
        Ok(all.map(|(credential, _)| credential.clone()).collect())
    }

    fn room(&mut self) -> usize {
        ROOM - self.credentials.len()
    }

    fn delete(&mut self, id: &CredentialId) -> Result<(), EnvError> {
        let at = self.credentials.iter().position(|(own, _)| own.id == *id);
        let (gone, _) = self.credentials.remove(at.ok_or(EnvError::Gone)?);
        self.discard_key(&gone.key);
        Ok(())
    }

    fn update_user(&mut self, id: &CredentialId, user: &User) -> Result<(), EnvError> {
        let mut all = self.credentials.iter_mut();
        let found = all.find(|(own, _)| own.id == *id);
        found.ok_or(EnvError::Gone)?.0.user = user.clone();
        Ok(())
    }

    fn erase(&mut self) -> Result<(), EnvError> {
        self.credentials.clear();
        self.keys.clear();
        self.records.clear();
        self.pin = None;
        Ok(())
    }
}

fn made(algorithm: Algorithm) -> Option<(PrivateKey, PublicKey)> {
    match algorithm {
        Algorithm::Es256 => {
            let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).ok()?;
            let (x, y) = pair.public_key_raw().get(1..)?.split_at_checked(32)?;
            let public = PublicKey::Es256 {
                x: x.try_into().ok()?,
                y: y.try_into().ok()?,
            };
            Some((PrivateKey::Es256(pair), public))
        }
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::generate().ok()?;
            let public = PublicKey::EdDsa(pair.public_key().as_ref().try_into().ok()?);
            Some((PrivateKey::EdDsa(pair), public))
        }
        _ => {
            let pair = PqdsaKeyPair::generate(&ML_DSA_44_SIGNING).ok()?;
            let public = PublicKey::MlDsa44(pair.public_key().as_ref().to_vec());
            Some((PrivateKey::MlDsa(pair), public))
        }
    }
}

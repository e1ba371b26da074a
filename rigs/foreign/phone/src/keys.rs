//! A key store in memory, and a person who agrees to everything and is verified.

use authenticator::{
    Algorithm, Answer, Approval, AttestationStyle, Backup, CertifiedSignature, CreatedKey,
    Credential, CredentialId, Env, EnvError, KeyHandle, Milliseconds, Profile, PublicKey, Question,
    UserVerification,
};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

use crate::Watch;

/// Everything the authenticator's core needs from outside.
#[derive(Debug)]
pub struct Memory {
    keys: Vec<Option<EcdsaKeyPair>>,
    credentials: Vec<Credential>,
    counter: u32,
    watch: Watch,
}

impl Memory {
    /// Without any passkey.
    pub fn new() -> Self {
        Self {
            keys: Vec::new(),
            credentials: Vec::new(),
            counter: 0,
            watch: Watch::start(),
        }
    }

    /// How many passkeys there are.
    pub fn count(&self) -> usize {
        self.credentials.len()
    }

    fn key(&self, handle: &KeyHandle) -> Option<&EcdsaKeyPair> {
        let number = handle.0.first().copied()?;
        self.keys.get(usize::from(number))?.as_ref()
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Env for Memory {
    fn profile(&self) -> Profile {
        Profile {
            aaguid: [0; 16],
            algorithms: vec![Algorithm::Es256],
            user_verification: UserVerification::Always,
            platform: false,
            transports: vec!["hybrid", "internal"],
            attestation: AttestationStyle::None,
        }
    }

    fn now(&self) -> Milliseconds {
        Milliseconds(u64::try_from(self.watch.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    fn random(&mut self, out: &mut [u8]) -> Result<(), EnvError> {
        for chunk in out.chunks_mut(32) {
            let fresh: [u8; 32] = crate::random().map_err(|_| EnvError::Failed)?;
            for (to, from) in chunk.iter_mut().zip(fresh) {
                *to = from;
            }
        }
        Ok(())
    }

    fn ask_user(&mut self, _question: &Question<'_>) -> Answer {
        Answer::Approved(Approval {
            present: true,
            verified: true,
            chosen: None,
        })
    }

    fn create_key(&mut self, _algorithm: Algorithm, _rp_id: &str) -> Result<CreatedKey, EnvError> {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)
            .map_err(|_| EnvError::Failed)?;
        let point = key.public_key().as_ref();
        let coordinate = |from: usize| {
            let bytes = point.get(from..from + 32).ok_or(EnvError::Failed)?;
            <[u8; 32]>::try_from(bytes).map_err(|_| EnvError::Failed)
        };
        let public = PublicKey::Es256 {
            x: coordinate(1)?,
            y: coordinate(33)?,
        };
        let number = u8::try_from(self.keys.len()).map_err(|_| EnvError::Full)?;
        self.keys.push(Some(key));
        Ok(CreatedKey {
            handle: KeyHandle(vec![number]),
            public,
            backup: Backup::DeviceBound,
        })
    }

    fn discard_key(&mut self, key: &KeyHandle) {
        let number = key.0.first().copied().map(usize::from);
        if let Some(place) = number.and_then(|number| self.keys.get_mut(number)) {
            *place = None;
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a rig with foreign programs lives in real randomness"
    )]
    fn sign(
        &mut self,
        key: &KeyHandle,
        _approval: &Approval,
        message: &[u8],
    ) -> Result<Vec<u8>, EnvError> {
        let key = self.key(key).ok_or(EnvError::Failed)?;
        let signature = key
            .sign(&SystemRandom::new(), message)
            .map_err(|_| EnvError::Failed)?;
        Ok(signature.as_ref().to_vec())
    }

    fn attest(&mut self, _message: &[u8]) -> Result<CertifiedSignature, EnvError> {
        Err(EnvError::Failed)
    }

    fn store(
        &mut self,
        credential: Credential,
        replaces: Option<&CredentialId>,
    ) -> Result<(), EnvError> {
        self.credentials
            .retain(|existing| Some(&existing.id) != replaces);
        self.credentials.insert(0, credential);
        Ok(())
    }

    fn credentials(&mut self, rp_id: &str) -> Result<Vec<Credential>, EnvError> {
        let its = |credential: &&Credential| credential.rp_id == rp_id;
        Ok(self.credentials.iter().filter(its).cloned().collect())
    }

    fn next_counter(&mut self, _credential: &CredentialId) -> Result<u32, EnvError> {
        self.counter += 1;
        Ok(self.counter)
    }
}

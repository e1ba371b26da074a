//! A whole fake world for the authenticator: a clock that a test moves, a person who answers as told, keys that fail on demand.

use std::collections::BTreeMap;

use authenticator::cbor::{Map, Value};
use authenticator::{
    Algorithm, Answer, Approval, AttestationStyle, Authenticator, Backup, Capabilities,
    CertifiedSignature, CreatedKey, Credential, CredentialId, Enterprise, Env, EnvError, Evidence,
    EvidenceRequest, Intent, KeyHandle, Milliseconds, PinDigest, Profile, PublicKey, Question,
    Record, Secret, Status, User, UserVerification,
};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

pub const HASH: [u8; 32] = [0x5a; 32];
pub const APPROVED: Answer = Answer::Approved(Approval {
    present: true,
    verified: false,
    chosen: None,
});
pub const VERIFIED: Answer = Answer::Approved(Approval {
    present: true,
    verified: true,
    chosen: None,
});

#[derive(Debug)]
pub struct World {
    pub profile: Profile,
    pub answer: Answer,
    pub now: u64,
    pub backup: Backup,
    pub full: bool,
    pub broken_signer: bool,
    pub credentials: Vec<Credential>,
    pub keys: Vec<Option<Ed25519KeyPair>>,
    pub questions: Vec<(String, bool)>,
    pub counter: u32,
    pub next_random: u8,
    pub capabilities: Capabilities,
    pub records: BTreeMap<Record, Vec<u8>>,
    pub pin: Option<[u8; 16]>,
    pub uv_retries: u8,
    pub forbidden: bool,
    pub evidence: Option<Evidence>,
    pub enterprise_asked: bool,
    /// What was written and compared, in order.
    pub journal: Vec<String>,
}

pub fn world() -> World {
    World {
        profile: Profile {
            aaguid: [7; 16],
            algorithms: vec![Algorithm::EdDsa],
            user_verification: UserVerification::OnRequest,
            platform: true,
            transports: vec!["internal", "hybrid"],
            attestation: AttestationStyle::None,
        },
        answer: VERIFIED,
        now: 0,
        backup: Backup::DeviceBound,
        full: false,
        broken_signer: false,
        credentials: Vec::new(),
        keys: Vec::new(),
        questions: Vec::new(),
        counter: 0,
        next_random: 0,
        capabilities: Capabilities::default(),
        records: BTreeMap::new(),
        pin: None,
        uv_retries: 3,
        forbidden: false,
        evidence: None,
        enterprise_asked: false,
        journal: Vec::new(),
    }
}

/// A world that offers everything, without built-in verification: a security key with a PIN.
pub fn full_world() -> World {
    let mut world = world();
    world.profile.user_verification = UserVerification::None;
    world.answer = APPROVED;
    world.capabilities = Capabilities {
        pin: true,
        tokens: true,
        management: true,
        secrets: true,
        large_blobs: 1024,
        credential_blob: 32,
        enterprise: Some(Enterprise {
            relying_parties: vec!["maker.example".into()],
        }),
    };
    world
}

impl World {
    pub fn living_keys(&self) -> usize {
        self.keys.iter().flatten().count()
    }

    pub fn public_key(&self, at: usize) -> Vec<u8> {
        self.keys[at]
            .as_ref()
            .unwrap()
            .public_key()
            .as_ref()
            .to_vec()
    }
}

impl Env for World {
    fn profile(&self) -> Profile {
        self.profile.clone()
    }

    fn now(&self) -> Milliseconds {
        Milliseconds(self.now)
    }

    fn random(&mut self, out: &mut [u8]) -> Result<(), EnvError> {
        self.next_random += 1;
        out.fill(self.next_random);
        Ok(())
    }

    fn ask_user(&mut self, question: &Question<'_>) -> Answer {
        self.questions
            .push((format!("{:?}", question.purpose), question.verify));
        self.answer
    }

    fn create_key(&mut self, algorithm: Algorithm, _rp_id: &str) -> Result<CreatedKey, EnvError> {
        assert_eq!(
            algorithm,
            Algorithm::EdDsa,
            "this world has one kind of key"
        );
        let key = Ed25519KeyPair::generate().unwrap();
        let public = PublicKey::EdDsa(key.public_key().as_ref().try_into().unwrap());
        self.keys.push(Some(key));
        Ok(CreatedKey {
            handle: KeyHandle(vec![self.keys.len() as u8 - 1]),
            public,
            backup: self.backup,
        })
    }

    fn discard_key(&mut self, key: &KeyHandle) {
        self.keys[usize::from(key.0[0])] = None;
    }

    fn sign(
        &mut self,
        key: &KeyHandle,
        _approval: &Approval,
        message: &[u8],
    ) -> Result<Vec<u8>, EnvError> {
        if self.broken_signer {
            return Err(EnvError::Failed);
        }
        let key = self.keys[usize::from(key.0[0])]
            .as_ref()
            .ok_or(EnvError::Failed)?;
        Ok(key.sign(message).as_ref().to_vec())
    }

    fn attest(&mut self, _message: &[u8]) -> Result<CertifiedSignature, EnvError> {
        Ok(CertifiedSignature {
            algorithm: Algorithm::Es256,
            signature: vec![1],
            x5c: vec![vec![2], vec![3]],
        })
    }

    fn store(
        &mut self,
        credential: Credential,
        replaces: Option<&CredentialId>,
    ) -> Result<(), EnvError> {
        if self.full {
            return Err(EnvError::Full);
        }
        self.credentials
            .retain(|existing| Some(&existing.id) != replaces);
        self.credentials.insert(0, credential);
        Ok(())
    }

    fn credentials(&mut self, rp_id: &str) -> Result<Vec<Credential>, EnvError> {
        Ok(self
            .credentials
            .iter()
            .filter(|credential| credential.rp_id == rp_id)
            .cloned()
            .collect())
    }

    fn next_counter(&mut self, _credential: &CredentialId) -> Result<u32, EnvError> {
        self.counter += 1;
        Ok(self.counter)
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities.clone()
    }

    fn admit(&mut self, _intent: Intent<'_>) -> Result<(), EnvError> {
        if self.forbidden {
            return Err(EnvError::Forbidden);
        }
        Ok(())
    }

    fn evidence(&mut self, request: &EvidenceRequest<'_>) -> Result<Evidence, EnvError> {
        self.enterprise_asked |= request.enterprise;
        if let Some(evidence) = &self.evidence {
            return Ok(evidence.clone());
        }
        match self.profile.attestation {
            AttestationStyle::SelfSigned => Ok(Evidence::SelfSigned),
            _ => self.attest(request.attested).map(Evidence::Certified),
        }
    }

    fn load(&mut self, record: Record) -> Result<Option<Vec<u8>>, EnvError> {
        Ok(self.records.get(&record).cloned())
    }

    fn save(&mut self, record: Record, bytes: &[u8]) -> Result<(), EnvError> {
        self.journal.push(format!("save {record:?}"));
        self.records.insert(record, bytes.to_vec());
        Ok(())
    }

    fn set_pin(&mut self, pin: &PinDigest, record: &[u8]) -> Result<(), EnvError> {
        self.pin = Some(*pin.expose());
        self.save(Record::Pin, record)
    }

    fn match_pin(&mut self, pin: &PinDigest) -> Result<bool, EnvError> {
        self.journal.push("compare".into());
        Ok(self.pin.is_some_and(|own| pin.equals(&own)))
    }

    fn uv_retries(&mut self) -> u8 {
        self.uv_retries
    }

    fn derive(
        &mut self,
        key: &KeyHandle,
        secret: Secret,
        input: &[u8],
    ) -> Result<[u8; 32], EnvError> {
        let own = [key.0.as_slice(), format!("{secret:?}").as_bytes()].concat();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &own);
        Ok(hmac::sign(&key, input).as_ref().try_into().unwrap())
    }

    fn every_credential(&mut self) -> Result<Vec<Credential>, EnvError> {
        Ok(self.credentials.clone())
    }

    fn room(&mut self) -> usize {
        50 - self.credentials.len()
    }

    fn delete(&mut self, id: &CredentialId) -> Result<(), EnvError> {
        let at = self.credentials.iter().position(|one| one.id == *id);
        let gone = self.credentials.remove(at.ok_or(EnvError::Gone)?);
        self.discard_key(&gone.key);
        Ok(())
    }

    fn update_user(&mut self, id: &CredentialId, user: &User) -> Result<(), EnvError> {
        let found = self.credentials.iter_mut().find(|one| one.id == *id);
        found.ok_or(EnvError::Gone)?.user = user.clone();
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

/// Sends one command and returns the answer's map or the status.
pub fn send(
    authenticator: &mut Authenticator<World>,
    command: u8,
    parameters: Option<Map>,
) -> Result<Map, Status> {
    let mut message = vec![command];
    message.extend(
        parameters
            .map(|map| Value::Map(map).encode())
            .unwrap_or_default(),
    );
    let response = authenticator.handle(&message);
    match Status::from_byte(response[0]).unwrap() {
        Status::Ok if response.len() == 1 => Ok(Map::new()),
        Status::Ok => match Value::decode(&response[1..]).unwrap() {
            Value::Map(map) => Ok(map),
            other => panic!("the answer is not a map: {other:?}"),
        },
        status => {
            assert_eq!(response.len(), 1, "an error carries nothing but its status");
            Err(status)
        }
    }
}

pub fn descriptor(id: &[u8]) -> Value {
    Value::map([
        ("id", Value::from(id.to_vec())),
        ("type", "public-key".into()),
    ])
}

pub fn user(id: &str) -> Value {
    Value::map([
        ("id", Value::from(id.as_bytes().to_vec())),
        ("name", Value::from(format!("{id}@example.com").as_str())),
        ("displayName", id.into()),
    ])
}

/// Parameters of a discoverable registration at `localhost`.
pub fn make_credential() -> Map {
    Map::from([
        (0x01.into(), HASH.to_vec().into()),
        (
            0x02.into(),
            Value::map([("id", Value::from("localhost")), ("name", "Keyward".into())]),
        ),
        (0x03.into(), user("ada")),
        (
            0x04.into(),
            Value::Array(vec![Value::map([
                ("alg", Value::from(-8)),
                ("type", "public-key".into()),
            ])]),
        ),
        (
            0x07.into(),
            Value::map([("rk", Value::from(true)), ("uv", true.into())]),
        ),
    ])
}

/// Parameters of a sign-in without a user name at `localhost`.
pub fn get_assertion() -> Map {
    Map::from([
        (0x01.into(), "localhost".into()),
        (0x02.into(), HASH.to_vec().into()),
        (0x05.into(), Value::map([("uv", Value::from(true))])),
    ])
}

pub fn with(mut map: Map, key: i64, value: impl Into<Value>) -> Map {
    map.insert(key.into(), value.into());
    map
}

pub fn without(mut map: Map, key: i64) -> Map {
    map.remove(&key.into());
    map
}

pub fn bytes(map: &Map, key: i64) -> Vec<u8> {
    match map.get(&key.into()) {
        Some(Value::Bytes(bytes)) => bytes.clone(),
        other => panic!("no bytes at {key}: {other:?}"),
    }
}

/// The authenticator after one registration.
pub fn registered() -> Authenticator<World> {
    let mut authenticator = Authenticator::new(world());
    send(&mut authenticator, 0x01, Some(make_credential())).unwrap();
    authenticator
}

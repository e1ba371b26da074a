//! A client and an authenticator in which everything can be set. What is signed is what was set.

#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use crate::attestation::chain::forge::{self, Forge, Key, extension, sequence, tlv};
use crate::identifiers::sha256;
use crate::*;
use serde_json::{Value, json};

pub const NOW: UnixTime = UnixTime::from_seconds(1_735_689_600);
pub const ORIGIN: &str = "https://login.example";
pub const AAGUID: [u8; 16] = [0xa1; 16];

pub fn relying_party() -> RelyingParty {
    RelyingParty::new(RpId::new("login.example"), "Login", Origin::new(ORIGIN))
}

pub fn challenge() -> Challenge {
    Challenge::expect(&[7; 33])
}

/// CBOR pieces, already encoded.
pub fn text(text: &str) -> Vec<u8> {
    cbor::encode(&cbor::Value::Text(text))
}

pub fn bytes(bytes: &[u8]) -> Vec<u8> {
    cbor::encode(&cbor::Value::Bytes(bytes))
}

pub fn int(number: i64) -> Vec<u8> {
    match cbor::Key::from(number) {
        cbor::Key::Negative(number) => cbor::encode(&cbor::Value::Negative(number)),
        _ => cbor::encode(&cbor::Value::Unsigned(number.unsigned_abs())),
    }
}

pub fn array(items: &[Vec<u8>]) -> Vec<u8> {
    [
        vec![0x80 | u8::try_from(items.len()).unwrap()],
        items.concat(),
    ]
    .concat()
}

pub type Members = Vec<(&'static str, Vec<u8>)>;

pub fn map(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let entries: Vec<u8> = members
        .iter()
        .flat_map(|(name, value)| [text(name), value.clone()].concat())
        .collect();
    [vec![0xa0 | u8::try_from(members.len()).unwrap()], entries].concat()
}

/// The last `length` bytes of a subjectPublicKeyInfo.
fn spki_tail(key: &Key, length: usize) -> Vec<u8> {
    let spki = key.spki();
    spki.get(spki.len() - length..).unwrap().to_vec()
}

pub fn coordinates(key: &Key) -> (Vec<u8>, Vec<u8>) {
    let point = spki_tail(key, 64);
    let (x, y) = point.split_at(32);
    (x.to_vec(), y.to_vec())
}

/// The COSE_Key of a test key.
pub fn cose(key: &Key) -> Vec<u8> {
    let entries = match key {
        Key::P256(_) => {
            let (x, y) = coordinates(key);
            vec![
                (1, int(2)),
                (3, int(-7)),
                (-1, int(1)),
                (-2, bytes(&x)),
                (-3, bytes(&y)),
            ]
        }
        Key::Ed25519(_) => vec![
            (1, int(1)),
            (3, int(-8)),
            (-1, int(6)),
            (-2, bytes(&spki_tail(key, 32))),
        ],
        Key::MlDsa44(_) => vec![
            (1, int(7)),
            (3, int(-48)),
            (-1, bytes(&spki_tail(key, 1312))),
        ],
    };
    cose_map(&entries)
}

pub fn cose_map(entries: &[(i64, Vec<u8>)]) -> Vec<u8> {
    let body: Vec<u8> = entries
        .iter()
        .flat_map(|(label, value)| [int(*label), value.clone()].concat())
        .collect();
    [vec![0xa0 | u8::try_from(entries.len()).unwrap()], body].concat()
}

/// Client data of a ceremony; `replaced` stands for all of it.
pub struct ClientData {
    pub members: Value,
    pub replaced: Option<Vec<u8>>,
}

impl ClientData {
    fn new(ceremony: &str) -> Self {
        let members = json!({ "type": ceremony, "challenge": challenge().as_str(), "origin": ORIGIN, "crossOrigin": false });
        Self {
            members,
            replaced: None,
        }
    }

    pub fn set(&mut self, member: &str, value: Value) {
        self.members
            .as_object_mut()
            .unwrap()
            .insert(member.to_owned(), value);
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.replaced
            .clone()
            .unwrap_or_else(|| self.members.to_string().into_bytes())
    }
}

/// Authenticator data, put together from its parts.
pub struct Data {
    pub rp_id: String,
    pub flags: u8,
    pub count: u32,
    pub attested: Option<(Vec<u8>, Vec<u8>)>,
    pub aaguid: [u8; 16],
    pub tail: Vec<u8>,
}

impl Data {
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = sha256(self.rp_id.as_bytes()).to_vec();
        out.push(self.flags);
        out.extend(self.count.to_be_bytes());
        if let Some((id, key)) = &self.attested {
            out.extend(self.aaguid);
            out.extend(u16::try_from(id.len()).unwrap().to_be_bytes());
            out.extend(id);
            out.extend(key);
        }
        out.extend(&self.tail);
        out
    }
}

/// What a statement builder gets to see.
pub struct Seen {
    pub data: Vec<u8>,
    pub hash: [u8; 32],
}

impl Seen {
    pub fn signed(&self) -> Vec<u8> {
        [self.data.as_slice(), &self.hash].concat()
    }
}

/// Makes the statement of a registration, encoded.
pub type Statement = Box<dyn Fn(&Registration, &Seen) -> Vec<u8>>;

/// A registration, good until something in it is changed.
pub struct Registration {
    pub client_data: ClientData,
    pub data: Data,
    pub credential: Key,
    /// `fmt`, encoded.
    pub format: Vec<u8>,
    /// Makes `attStmt`, encoded.
    pub statement: Statement,
    /// Bytes behind the attestation object.
    pub behind: Vec<u8>,
    /// The whole attestation object, if it is to be something else.
    pub object: Option<Vec<u8>>,
    /// Members of the outer JSON that differ.
    pub outer: Value,
    pub algorithms: Vec<Algorithm>,
    pub user_verification_required: bool,
    pub user_presence: UserPresence,
    pub framing: Framing,
    pub policy: AttestationPolicy,
    pub anchors: Box<dyn TrustAnchors>,
    pub now: UnixTime,
    /// What the builders of certified statements use.
    pub certified: Certified,
}

/// The attestation key and certificate of a statement.
pub struct Certified {
    pub key: Key,
    pub root: Key,
    pub leaf: Forge,
    pub alg: i64,
    /// Edits the members of the statement.
    pub edit: Box<dyn Fn(&mut Members)>,
}

impl Registration {
    /// Format `none`, ES256.
    pub fn new() -> Self {
        Self::with_key(Key::p256())
    }

    pub fn with_key(credential: Key) -> Self {
        let data = Data {
            rp_id: "login.example".to_owned(),
            flags: 0x5d,
            count: 3,
            attested: Some((vec![9; 20], cose(&credential))),
            aaguid: AAGUID,
            tail: Vec::new(),
        };
        let (key, root) = (Key::p256(), Key::p256());
        let leaf = Forge::leaf("Leaf", "Root", &key);
        Self {
            client_data: ClientData::new("webauthn.create"),
            data,
            credential,
            format: text("none"),
            statement: Box::new(|_, _| map(&[])),
            behind: Vec::new(),
            object: None,
            outer: json!({}),
            algorithms: Algorithm::ALL.to_vec(),
            user_verification_required: true,
            user_presence: UserPresence::Required,
            framing: Framing::Forbidden,
            policy: AttestationPolicy::default(),
            anchors: Box::new(NoAnchors),
            now: NOW,
            certified: Certified {
                key,
                root,
                leaf,
                alg: -7,
                edit: Box::new(|_| {}),
            },
        }
    }

    pub fn format(
        mut self,
        name: &str,
        statement: impl Fn(&Self, &Seen) -> Vec<u8> + 'static,
    ) -> Self {
        self.format = text(name);
        self.statement = Box::new(statement);
        self
    }

    /// The root that issued the leaf is trusted, and a path to it required.
    pub fn trusting_root(mut self) -> Self {
        let root =
            Forge::authority("Root", "Root", &self.certified.root).sign(&self.certified.root);
        self.anchors = Box::new(FixedAnchors(vec![Anchor::from_der(&root).unwrap()]));
        self.policy.trust = TrustRequirement::Require;
        self
    }

    pub fn attestation_object(&self) -> Vec<u8> {
        let seen = Seen {
            data: self.data.bytes(),
            hash: sha256(&self.client_data.bytes()),
        };
        let statement = (self.statement)(self, &seen);
        let object = map(&[
            ("fmt", self.format.clone()),
            ("attStmt", statement),
            ("authData", bytes(&seen.data)),
        ]);
        [self.object.clone().unwrap_or(object), self.behind.clone()].concat()
    }

    pub fn json(&self) -> Value {
        let id = self
            .data
            .attested
            .as_ref()
            .map_or_else(|| "AAAA".to_owned(), |(id, _)| base64url::encode(id));
        let mut json = json!({
            "id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": base64url::encode(self.client_data.bytes()),
                "attestationObject": base64url::encode(self.attestation_object()),
                "transports": ["internal", "hybrid", "internal", "future"],
            },
            "clientExtensionResults": { "credProps": { "rk": true } },
        });
        json.as_object_mut()
            .unwrap()
            .extend(self.outer.as_object().unwrap().clone());
        json
    }

    pub fn verify(&self) -> Result<Registered, Refusal> {
        let response = RegistrationResponse::from_json(self.json().to_string().as_bytes())?;
        let expectations = RegistrationExpectations {
            relying_party: &relying_party(),
            challenge: &challenge(),
            algorithms: &self.algorithms,
            user_verification_required: self.user_verification_required,
            user_presence: self.user_presence,
            framing: &self.framing,
            attestation: &self.policy,
        };
        verify_registration(&response, &expectations, &*self.anchors, self.now)
    }

    /// The members of a certified statement, edited and encoded.
    pub fn members(&self, mut members: Members) -> Vec<u8> {
        (self.certified.edit)(&mut members);
        map(&members)
    }

    pub fn x5c(&self) -> Vec<u8> {
        array(&[bytes(&self.certified.leaf.sign(&self.certified.root))])
    }
}

/// A name of several attributes: last byte of the attribute type under 2.5.4, string tag, value.
pub fn name_of(attributes: &[(u8, &str)]) -> Vec<u8> {
    let sets = attributes.iter().map(|(kind, value)| {
        let attribute = sequence(&[tlv(6, &[0x55, 4, *kind]), tlv(12, value.as_bytes())].concat());
        tlv(0x31, &attribute)
    });
    sequence(&sets.collect::<Vec<_>>().concat())
}

pub const FIDO_AAGUID: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0xe5, 0x1c, 1, 1, 4];

pub fn aaguid_extension(aaguid: [u8; 16], critical: bool) -> Vec<u8> {
    extension(FIDO_AAGUID, critical, &tlv(4, &aaguid))
}

pub fn not_authority() -> Vec<u8> {
    extension(forge::BASIC_CONSTRAINTS, true, &sequence(&[]))
}

/// An assertion, good until something in it is changed.
pub struct Assertion {
    pub client_data: ClientData,
    pub data: Data,
    pub credential: Key,
    pub signature: Option<Vec<u8>>,
    pub outer: Value,
    pub user_handle: Value,
    pub outputs: Value,
    pub stored_id: Vec<u8>,
    pub stored_handle: Vec<u8>,
    pub stored_count: u32,
    pub stored_eligible: Option<bool>,
    pub allowed: Vec<CredentialId>,
    pub known_user: Option<Vec<u8>>,
    pub user_verification_required: bool,
    pub user_presence: UserPresence,
    pub framing: Framing,
    pub appid: Option<&'static str>,
    pub counter: CounterPolicy,
}

impl Assertion {
    pub fn new() -> Self {
        Self::with_key(Key::p256())
    }

    pub fn with_key(credential: Key) -> Self {
        let data = Data {
            rp_id: "login.example".to_owned(),
            flags: 0x1d,
            count: 4,
            attested: None,
            aaguid: AAGUID,
            tail: Vec::new(),
        };
        Self {
            client_data: ClientData::new("webauthn.get"),
            data,
            credential,
            signature: None,
            outer: json!({}),
            user_handle: json!(base64url::encode([5; 33])),
            outputs: json!({}),
            stored_id: vec![9; 20],
            stored_handle: vec![5; 33],
            stored_count: 3,
            stored_eligible: Some(true),
            allowed: Vec::new(),
            known_user: None,
            user_verification_required: true,
            user_presence: UserPresence::Required,
            framing: Framing::Forbidden,
            appid: None,
            counter: CounterPolicy::Refuse,
        }
    }

    pub fn json(&self) -> Value {
        let signed = [
            self.data.bytes(),
            sha256(&self.client_data.bytes()).to_vec(),
        ]
        .concat();
        let signature = self
            .signature
            .clone()
            .unwrap_or_else(|| self.credential.sign(&signed));
        let id = base64url::encode([9; 20]);
        let mut json = json!({
            "id": id, "rawId": id, "type": "public-key",
            "response": {
                "clientDataJSON": base64url::encode(self.client_data.bytes()),
                "authenticatorData": base64url::encode(self.data.bytes()),
                "signature": base64url::encode(signature),
                "userHandle": self.user_handle,
            },
            "clientExtensionResults": self.outputs,
        });
        json.as_object_mut()
            .unwrap()
            .extend(self.outer.as_object().unwrap().clone());
        json
    }

    pub fn verify(&self) -> Result<SignedIn, Refusal> {
        let response = AuthenticationResponse::from_json(self.json().to_string().as_bytes())?;
        let (id, handle) = (
            CredentialId::new(self.stored_id.clone())?,
            UserHandle::new(self.stored_handle.clone())?,
        );
        let key = crate::cose::read(&cose(&self.credential))?.stored;
        let stored = StoredPasskey {
            credential_id: &id,
            user_handle: &handle,
            key: &StoredKey::from_bytes(&key.to_bytes())?,
            sign_count: self.stored_count,
            backup_eligible: self.stored_eligible,
        };
        let known = self.known_user.clone().map(UserHandle::new).transpose()?;
        let expectations = AssertionExpectations {
            relying_party: &relying_party(),
            challenge: &challenge(),
            allow_credentials: &self.allowed,
            user: known
                .as_ref()
                .map_or(ExpectedUser::Discoverable, ExpectedUser::Known),
            user_verification_required: self.user_verification_required,
            user_presence: self.user_presence,
            framing: &self.framing,
            appid: self.appid,
            counter: self.counter,
        };
        verify_assertion(&response, &stored, &expectations)
    }
}

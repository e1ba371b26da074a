//! The app on a phone, and a relying party that believes nothing it did not verify.

use authenticator::cbor::{Map, Value};
use authenticator::device::policy::{Enrolled, Front, Policy};
use authenticator::device::{Condition, Device, Listed};
use authenticator::rules::Refusal;
use authenticator::{Authenticator, Status};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ceremony::{
    Anchor, AssertionExpectations, AttestationPolicy, AuthenticationResponse, Challenge,
    CounterPolicy, CredentialId, ExpectedUser, FixedAnchors, Framing, Origin, Registered,
    RegistrationExpectations, RegistrationResponse, RelyingParty, RpId, SignedIn, StoredPasskey,
    TrustRequirement, UnixTime, UserHandle, UserPresence, verify_assertion, verify_registration,
};
use rig_simulators::{Authority, Phone};
use serde_json::json;
use std::sync::{Arc, LazyLock};

pub const RP: &str = "login.contoso.com";
pub const OTHER: &str = "shop.example";
const CHALLENGE: &[u8] = b"thirty bytes of a fresh nonce!";
const NOW: UnixTime = UnixTime::from_seconds(1_800_000_000);

pub static AUTHORITY: LazyLock<Arc<Authority>> =
    LazyLock::new(|| Arc::new(Authority::new().unwrap()));

/// Every kind of device.
pub fn phones() -> [Phone; 3] {
    [
        Phone::android(1, &AUTHORITY),
        Phone::iphone(2, &AUTHORITY),
        Phone::desktop(3, &AUTHORITY),
    ]
}

/// A policy with one enrolled relying party.
pub fn policy() -> Policy {
    Policy {
        enrolled: vec![Enrolled {
            rp_id: RP.to_owned(),
            ..Enrolled::default()
        }],
        ..Policy::default()
    }
}

/// What the relying party keeps of a registration.
pub struct Kept {
    pub registered: Registered,
    user: String,
    rp_id: String,
    counter: u32,
}

impl Kept {
    pub fn id(&self) -> Vec<u8> {
        self.registered.facts().credential_id.as_bytes().to_vec()
    }
}

pub struct App {
    pub authenticator: Authenticator<Device<Phone>>,
}

pub fn app(phone: Phone) -> App {
    App {
        authenticator: Authenticator::new(Device::new(phone, policy())),
    }
}

impl App {
    /// The same phone after the system has ended the app and started it again.
    pub fn restarted(self) -> Self {
        app(self.authenticator.into_env().into_platform())
    }

    pub const fn device(&mut self) -> &mut Device<Phone> {
        self.authenticator.env_mut()
    }

    pub const fn phone(&mut self) -> &mut Phone {
        self.device().platform_mut()
    }

    pub fn policy(&mut self) -> &mut Policy {
        self.device().policy_mut()
    }

    pub fn front(&mut self, front: Front) {
        self.device().set_front(front);
    }

    pub fn refusal(&mut self) -> Option<Refusal> {
        self.device().last_refusal()
    }

    pub fn conditions(&mut self) -> Vec<Condition> {
        let list: Vec<Listed> = self.device().list();
        list.into_iter().map(|listed| listed.condition).collect()
    }

    fn send(&mut self, command: u8, map: Map) -> Result<Map, Status> {
        let message = [vec![command], Value::Map(map).encode()].concat();
        let answer = self.authenticator.handle(&message);
        match Status::from_byte(answer[0]).unwrap() {
            Status::Ok => match Value::decode(&answer[1..]) {
                Ok(Value::Map(map)) => Ok(map),
                other => panic!("no map: {other:?}"),
            },
            status => Err(status),
        }
    }

    /// A registration that the relying party has verified, attestation and all if the phone attests.
    pub fn register(&mut self, rp_id: &str, user: &str) -> Result<Kept, Status> {
        self.register_excluding(rp_id, user, &[])
    }

    pub fn register_excluding(
        &mut self,
        rp_id: &str,
        user: &str,
        exclude: &[Vec<u8>],
    ) -> Result<Kept, Status> {
        self.register_as(rp_id, user, exclude, true)
    }

    /// A registration that may leave nothing discoverable, which CTAP alone would let pile up.
    pub fn register_bound(&mut self, rp_id: &str, user: &str, discoverable: bool) -> Kept {
        self.register_as(rp_id, user, &[], discoverable).unwrap()
    }

    fn register_as(
        &mut self,
        rp_id: &str,
        user: &str,
        exclude: &[Vec<u8>],
        discoverable: bool,
    ) -> Result<Kept, Status> {
        let client_data = client_data("webauthn.create", rp_id);
        let parameters = Value::map([("alg", Value::from(-7)), ("type", "public-key".into())]);
        let mut map = Map::from([
            (1.into(), hash(&client_data).into()),
            (2.into(), Value::map([("id", Value::from(rp_id))])),
            (
                3.into(),
                Value::map([
                    ("id", Value::from(user.as_bytes().to_vec())),
                    ("name", user.into()),
                ]),
            ),
            (4.into(), Value::Array(vec![parameters])),
            (
                7.into(),
                Value::map([("rk", Value::from(discoverable)), ("uv", true.into())]),
            ),
        ]);
        if !exclude.is_empty() {
            let list = exclude.iter().map(|id| descriptor(id)).collect();
            map.insert(5.into(), Value::Array(list));
        }
        let made = self.send(0x01, map)?;
        let attests = self.phone().attests;
        Ok(Kept {
            registered: verified_registration(rp_id, &client_data, &made, attests),
            user: user.to_owned(),
            rp_id: rp_id.to_owned(),
            counter: 0,
        })
    }

    /// A sign-in that the relying party has verified.
    pub fn sign_in(&mut self, kept: &mut Kept) -> Result<SignedIn, Status> {
        let client_data = client_data("webauthn.get", &kept.rp_id);
        let asserted = self.send(
            0x02,
            Map::from([
                (1.into(), kept.rp_id.as_str().into()),
                (2.into(), hash(&client_data).into()),
                (3.into(), Value::Array(vec![descriptor(&kept.id())])),
                (5.into(), Value::map([("uv", Value::from(true))])),
            ]),
        )?;
        let signed_in = verified_assertion(kept, &client_data, &asserted);
        kept.counter = signed_in.facts().sign_count;
        Ok(signed_in)
    }

    /// What a relying party would get without naming a credential.
    pub fn discover(&mut self, rp_id: &str) -> Result<Map, Status> {
        self.send(
            0x02,
            Map::from([
                (1.into(), rp_id.into()),
                (2.into(), vec![7; 32].into()),
                (5.into(), Value::map([("uv", Value::from(true))])),
            ]),
        )
    }
}

fn descriptor(id: &[u8]) -> Value {
    Value::map([
        ("id", Value::from(id.to_vec())),
        ("type", "public-key".into()),
    ])
}

fn client_data(kind: &str, rp_id: &str) -> Vec<u8> {
    let challenge = Challenge::expect(CHALLENGE);
    let data = json!({"type": kind, "challenge": challenge.as_str(),
        "origin": format!("https://{rp_id}"), "crossOrigin": false});
    data.to_string().into_bytes()
}

fn hash(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

fn bytes(map: &Map, key: i64) -> Vec<u8> {
    match &map[&key.into()] {
        Value::Bytes(bytes) => bytes.clone(),
        other => panic!("no bytes: {other:?}"),
    }
}

fn relying_party(rp_id: &str) -> RelyingParty {
    let origin = Origin::new(format!("https://{rp_id}"));
    RelyingParty::new(RpId::new(rp_id), "Contoso", origin)
}

fn verified_registration(rp_id: &str, client_data: &[u8], made: &Map, attests: bool) -> Registered {
    let object = Value::map([
        ("fmt", made[&1.into()].clone()),
        ("authData", made[&2.into()].clone()),
        ("attStmt", made[&3.into()].clone()),
    ]);
    let data = bytes(made, 2);
    let id = BASE64.encode(&data[55..87]);
    let response = json!({"id": id, "rawId": id, "type": "public-key", "response": {
        "clientDataJSON": BASE64.encode(client_data),
        "attestationObject": BASE64.encode(object.encode()),
        "transports": ["internal", "hybrid"]}, "clientExtensionResults": {}});
    let response = RegistrationResponse::from_json(response.to_string().as_bytes()).unwrap();
    let policy = AttestationPolicy {
        trust: if attests {
            TrustRequirement::Require
        } else {
            TrustRequirement::Ignore
        },
        android_key_hardware_only: true,
        ..AttestationPolicy::default()
    };
    let anchors = FixedAnchors(vec![Anchor::from_der(AUTHORITY.root()).unwrap()]);
    let expectations = RegistrationExpectations {
        relying_party: &relying_party(rp_id),
        challenge: &Challenge::expect(CHALLENGE),
        algorithms: &[ceremony::Algorithm::Es256],
        user_verification_required: true,
        user_presence: UserPresence::Required,
        framing: &Framing::Forbidden,
        attestation: &policy,
    };
    verify_registration(&response, &expectations, &anchors, NOW).unwrap()
}

fn verified_assertion(kept: &Kept, client_data: &[u8], asserted: &Map) -> SignedIn {
    let id = BASE64.encode(kept.id());
    let response = json!({"id": id, "rawId": id, "type": "public-key", "response": {
        "clientDataJSON": BASE64.encode(client_data),
        "authenticatorData": BASE64.encode(bytes(asserted, 2)),
        "signature": BASE64.encode(bytes(asserted, 3)),
        "userHandle": BASE64.encode(&kept.user)}, "clientExtensionResults": {}});
    let response = AuthenticationResponse::from_json(response.to_string().as_bytes()).unwrap();
    let user = UserHandle::new(kept.user.as_bytes()).unwrap();
    let facts = kept.registered.facts();
    let stored = StoredPasskey {
        credential_id: &facts.credential_id,
        user_handle: &user,
        key: &facts.key,
        sign_count: kept.counter,
        backup_eligible: Some(false),
    };
    let expectations = AssertionExpectations {
        relying_party: &relying_party(&kept.rp_id),
        challenge: &Challenge::expect(CHALLENGE),
        allow_credentials: &[CredentialId::new(kept.id()).unwrap()],
        user: ExpectedUser::Known(&user),
        user_verification_required: true,
        user_presence: UserPresence::Required,
        framing: &Framing::Forbidden,
        appid: None,
        counter: CounterPolicy::Refuse,
    };
    verify_assertion(&response, &stored, &expectations).unwrap()
}

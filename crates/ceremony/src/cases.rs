//! Test cases in JSON: one ceremony with everything a relying party knew, and the verdict.
//!
//! The form is that of the collected vectors in `tests/vectors` (its README lists the members); `keyward verify` reads the same. A
//! case goes through the same doors as a browser's answer: its parts are put together to the JSON of `toJSON()`, parsed, and verified.

use crate::attestation::AttestationObject;
use crate::authenticator_data::AuthenticatorData;
use crate::base64url;
use crate::client_data::ClientData;
use crate::identifiers::sha256;
use crate::{
    Aaguid, Algorithm, Anchor, AssertionExpectations, AttestationPolicy, AuthenticationResponse,
    Challenge, CounterPolicy, CredentialId, ExpectedUser, FixedAnchors, Framing, Origin, Refusal,
    RegistrationExpectations, RegistrationResponse, RelyingParty, RpId, Safetynet, StoredPasskey,
    TrustRequirement, UnixTime, UserHandle, UserPresence, cbor, cose, verify_assertion,
    verify_attestation, verify_registration,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

/// One case. All byte strings are base64url. Members that are not listed are ignored.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// What the case is called.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    ceremony: String,
    #[serde(default, deserialize_with = "or_default")]
    level: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    class: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    rp_id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    origin: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    allowed_origins: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    challenge: Option<String>,
    #[serde(default, deserialize_with = "or_default", rename = "clientDataJSON")]
    client_data_json: Option<String>,
    #[serde(default, deserialize_with = "or_default", rename = "clientDataHash")]
    client_data_hash: Option<String>,
    #[serde(default, deserialize_with = "or_default", rename = "attestationObject")]
    attestation_object: Option<String>,
    #[serde(default, deserialize_with = "or_default", rename = "authenticatorData")]
    authenticator_data: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    signature: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    credential_id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    credential_public_key: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    user_handle: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    stored: Stored,
    #[serde(default, deserialize_with = "or_default")]
    trust_anchors: Option<Vec<String>>,
    #[serde(default, deserialize_with = "or_default")]
    policy: Policy,
    #[serde(default, deserialize_with = "or_default")]
    time: Time,
    #[serde(default, deserialize_with = "or_default")]
    response_json: Option<Map<String, Value>>,
}

/// The record before the ceremony.
#[derive(Debug, Default, Deserialize)]
struct Stored {
    #[serde(default, deserialize_with = "or_default")]
    sign_count: Value,
    #[serde(default, deserialize_with = "or_default")]
    backup_eligible: Option<bool>,
    #[serde(default, deserialize_with = "or_default")]
    user_handle: Option<String>,
}

impl Stored {
    /// A number, or a number written as text.
    fn sign_count(&self) -> u32 {
        let number = match &self.sign_count {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64(),
        };
        number
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(0)
    }
}

/// What the relying party of the case had decided. Absent members are the strict default of Level 3.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Policy {
    #[serde(deserialize_with = "or_default")]
    require_user_verification: bool,
    #[serde(deserialize_with = "or_default")]
    require_user_presence: Option<bool>,
    #[serde(deserialize_with = "or_default")]
    algs: Option<Vec<i64>>,
    #[serde(deserialize_with = "or_default")]
    allow_cross_origin: bool,
    #[serde(deserialize_with = "or_default")]
    allowed_top_origins: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    native_app_origins: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    appid: Option<String>,
    #[serde(deserialize_with = "or_default")]
    appid_extension_output: Option<bool>,
    #[serde(deserialize_with = "or_default")]
    allow_subdomain_origins: bool,
    #[serde(deserialize_with = "or_default")]
    configured_origins: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    response_id: Option<String>,
    #[serde(deserialize_with = "or_default")]
    response_raw_id: Option<String>,
    #[serde(deserialize_with = "or_default")]
    reject_insecure_crypto: bool,
    #[serde(deserialize_with = "or_default")]
    aaguid_allow_list_excludes_this: bool,
}

#[derive(Debug, Default, Deserialize)]
struct Time {
    #[serde(default, deserialize_with = "or_default")]
    verify_at: Option<String>,
}

/// The verdict on a case, in the form that `keyward verify` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// The name of the case.
    pub name: String,
    /// True if the ceremony was accepted.
    pub ok: bool,
    /// The refusal code, if it was not.
    pub reason: Option<&'static str>,
    /// The attestation statement format, if there is one.
    pub format: Option<String>,
    /// `synced` if the passkey is backup eligible, `deviceBound` if not.
    pub passkey_type: Option<&'static str>,
    /// The authenticator model of a registration.
    pub aaguid: Option<String>,
}

/// The time of a case that names none: 2026-11-22 00:00 UTC.
const DEFAULT_TIME: UnixTime = UnixTime::from_seconds(1_795_305_600);

/// Manufacturer ids of the specification's own example and of FIDO's conformance tests.
const TEST_TPM_MANUFACTURERS: [&str; 2] = ["id:00000000", "id:FFFFF1D0"];

impl Case {
    /// Runs the case.
    #[must_use]
    pub fn run(&self) -> Verdict {
        let result = match (self.ceremony.as_str(), self.level.as_deref()) {
            ("registration", Some("attestation-statement")) => self.run_statement(),
            ("registration", _) => self.run_registration(),
            ("authentication", _) => self.run_authentication(),
            _ => Err(Refusal::MalformedResponse),
        };
        self.verdict(result.err())
    }

    fn verdict(&self, refusal: Option<Refusal>) -> Verdict {
        let object_bytes = bytes(&self.attestation_object);
        let object = AttestationObject::parse(&object_bytes).ok();
        let data_bytes = bytes(&self.authenticator_data);
        let data = match &object {
            Some(object) => AuthenticatorData::parse(object.authenticator_data).ok(),
            None => AuthenticatorData::parse(&data_bytes).ok(),
        };
        let eligible = data.as_ref().map(|data| data.flags.backup_eligible());
        Verdict {
            name: self.name.clone(),
            ok: refusal.is_none(),
            reason: refusal.map(Refusal::code),
            format: object
                .as_ref()
                .map(|object| object.format_name.unwrap_or_default().to_owned()),
            passkey_type: eligible.map(|eligible| if eligible { "synced" } else { "deviceBound" }),
            aaguid: data
                .and_then(|data| data.attested)
                .map(|attested| attested.aaguid.to_string()),
        }
    }

    fn run_statement(&self) -> Result<(), Refusal> {
        let object = bytes(&self.attestation_object);
        let hash = bytes(&self.client_data_hash);
        let anchors = self.anchors()?;
        // Without a relying party that decided otherwise, FIDO's practice holds.
        let policy = AttestationPolicy {
            u2f_aaguid_must_be_zero: true,
            ..self.attestation_policy()
        };
        verify_attestation(&object, &hash, &policy, &anchors, self.now()).map(|_| ())
    }

    fn run_registration(&self) -> Result<(), Refusal> {
        let json = self.outer(json!({
            "clientDataJSON": self.client_data_json,
            "attestationObject": self.attestation_object,
        }));
        let response = RegistrationResponse::from_json(json.to_string().as_bytes())?;
        let expectations = RegistrationExpectations {
            relying_party: &self.relying_party(),
            challenge: &self.challenge(),
            algorithms: &self.algorithms(),
            user_verification_required: self.policy.require_user_verification,
            user_presence: self.user_presence(),
            framing: &self.framing(),
            attestation: &self.attestation_policy(),
        };
        verify_registration(&response, &expectations, &self.anchors()?, self.now()).map(|_| ())
    }

    fn run_authentication(&self) -> Result<(), Refusal> {
        let json = self.outer(json!({
            "clientDataJSON": self.client_data_json,
            "authenticatorData": self.authenticator_data,
            "signature": self.signature,
            "userHandle": self.user_handle,
        }));
        let response = AuthenticationResponse::from_json(json.to_string().as_bytes())?;
        let owner = self
            .stored
            .user_handle
            .as_ref()
            .or(self.user_handle.as_ref());
        let owner = owner
            .and_then(|text| base64url::decode(text))
            .unwrap_or_else(|| vec![1]);
        let user_handle = UserHandle::new(owner)?;
        let stored = StoredPasskey {
            credential_id: &CredentialId::parse(self.credential_id.as_deref().unwrap_or_default())?,
            user_handle: &user_handle,
            key: &cose::read(&bytes(&self.credential_public_key))?.stored,
            sign_count: self.stored.sign_count(),
            backup_eligible: self.stored.backup_eligible,
        };
        let expectations = AssertionExpectations {
            relying_party: &self.relying_party(),
            challenge: &self.challenge(),
            allow_credentials: &[],
            user: ExpectedUser::Known(&user_handle),
            user_verification_required: self.policy.require_user_verification,
            user_presence: self.user_presence(),
            framing: &self.framing(),
            appid: self.policy.appid.as_deref(),
            counter: self.counter_policy(&response),
        };
        verify_assertion(&response, &stored, &expectations).map(|_| ())
    }

    /// The JSON around a response. `response_json` replaces members where the fault of the case is there; the ids of `policy` stand
    /// for both members.
    fn outer(&self, response: Value) -> Value {
        let other_id = |id: &&String| Some(*id) != self.credential_id.as_ref();
        let ids = [&self.policy.response_id, &self.policy.response_raw_id];
        let attested = self.attested_id();
        let id = ids
            .into_iter()
            .flatten()
            .find(other_id)
            .or(self.credential_id.as_ref())
            .or(attested.as_ref());
        let mut outer = json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": { "appid": self.policy.appid_extension_output },
        });
        if let (Some(replaced), Some(members)) = (&self.response_json, outer.as_object_mut()) {
            replace(members, replaced);
        }
        outer
    }

    /// The id inside the attestation object, for cases that name none; some id if there is none either.
    fn attested_id(&self) -> Option<String> {
        let object = bytes(&self.attestation_object);
        let object = AttestationObject::parse(&object).ok();
        let data =
            object.and_then(|object| AuthenticatorData::parse(object.authenticator_data).ok());
        let id = data
            .and_then(|data| data.attested)
            .map(|attested| base64url::encode(attested.credential_id));
        id.or_else(|| Some("AA".to_owned()))
    }

    fn relying_party(&self) -> RelyingParty {
        let mut origins = self.allowed_origins.clone();
        origins.extend(self.origin.clone());
        origins.extend(self.policy.native_app_origins.clone());
        origins.extend(self.subdomain_origin());
        RelyingParty {
            rp_id: RpId::new(self.rp_id.clone().unwrap_or_default()),
            name: String::new(),
            origins: origins.into_iter().map(Origin::new).collect(),
        }
    }

    /// For a relying party that accepts every subdomain: the origin the client names, if it is one. This crate compares whole origins
    /// only, so the caller of such a deployment has to put the origin on the list, as this does.
    fn subdomain_origin(&self) -> Option<String> {
        let client_data = bytes(&self.client_data_json);
        let origin = ClientData::parse(&client_data).ok()?.origin.into_owned();
        let configured = self
            .policy
            .configured_origins
            .iter()
            .chain(&self.origin)
            .chain(&self.allowed_origins);
        let accepted = self.policy.allow_subdomain_origins
            && configured
                .into_iter()
                .any(|parent| is_subdomain(&origin, parent));
        accepted.then_some(origin)
    }

    fn challenge(&self) -> Challenge {
        Challenge::expect(&bytes(&self.challenge))
    }

    fn algorithms(&self) -> Vec<Algorithm> {
        match &self.policy.algs {
            Some(ids) => ids
                .iter()
                .filter_map(|id| Algorithm::from_cose_id(*id))
                .collect(),
            None => Algorithm::ALL.to_vec(),
        }
    }

    fn user_presence(&self) -> UserPresence {
        match self.policy.require_user_presence {
            Some(false) => UserPresence::Optional,
            _ => UserPresence::Required,
        }
    }

    /// Whether to refuse a counter that does not grow is a policy choice. A case of that class makes it; another one may repeat the
    /// counter of its own registration (several test suites do), but never go back.
    fn counter_policy(&self, response: &AuthenticationResponse) -> CounterPolicy {
        let received =
            AuthenticatorData::parse(&response.authenticator_data).map(|data| data.sign_count);
        let repeated = received == Ok(self.stored.sign_count());
        if repeated && self.class.as_deref() != Some("rp-policy") {
            CounterPolicy::Report
        } else {
            CounterPolicy::Refuse
        }
    }

    fn framing(&self) -> Framing {
        if !self.policy.allow_cross_origin {
            return Framing::Forbidden;
        }
        Framing::Within(
            self.policy
                .allowed_top_origins
                .iter()
                .map(Origin::new)
                .collect(),
        )
    }

    fn attestation_policy(&self) -> AttestationPolicy {
        AttestationPolicy {
            trust: self.trust_requirement(),
            accept_legacy: !self.policy.reject_insecure_crypto,
            safetynet: Safetynet::StoredOnly,
            allowed_aaguids: self
                .policy
                .aaguid_allow_list_excludes_this
                .then(Vec::<Aaguid>::new),
            extra_tpm_manufacturers: TEST_TPM_MANUFACTURERS.map(str::to_owned).to_vec(),
            ..AttestationPolicy::default()
        }
    }

    /// Anchors in a case are a question about its certificates. Whether `none` or a self attestation is good enough is another
    /// question (L3 section 7.1 step 24), which no case asks.
    fn trust_requirement(&self) -> TrustRequirement {
        let object = bytes(&self.attestation_object);
        let certified =
            AttestationObject::parse(&object).is_ok_and(|object| is_certified(&object.statement));
        if self.trust_anchors.is_some() && certified {
            TrustRequirement::Require
        } else {
            TrustRequirement::Ignore
        }
    }

    fn anchors(&self) -> Result<FixedAnchors, Refusal> {
        let anchors = self.trust_anchors.iter().flatten();
        let anchors: Result<Vec<_>, _> = anchors
            .map(|text| Anchor::from_der(&base64url::decode(text).unwrap_or_default()))
            .collect();
        Ok(FixedAnchors(anchors?))
    }

    fn now(&self) -> UnixTime {
        self.time
            .verify_at
            .as_deref()
            .and_then(parse_time)
            .unwrap_or(DEFAULT_TIME)
    }

    /// SHA-256 of the client data of the case.
    #[must_use]
    pub fn client_data_sha256(&self) -> [u8; 32] {
        sha256(&bytes(&self.client_data_json))
    }
}

/// The statement, or each one of a compound, brings certificates.
fn is_certified(statement: &cbor::Value<'_>) -> bool {
    let has = |map: &cbor::Map<'_>| map.get("x5c").or(map.get("response")).is_some();
    match statement {
        cbor::Value::Map(map) => has(map),
        cbor::Value::Array(parts) => parts.iter().all(|part| {
            part.as_map()
                .and_then(|part| part.get("attStmt")?.as_map())
                .is_some_and(has)
        }),
        _ => false,
    }
}

/// Same scheme, same port, and a host below that of `parent`.
fn is_subdomain(origin: &str, parent: &str) -> bool {
    let (Some((scheme, host)), Some((parent_scheme, parent_host))) =
        (origin.split_once("://"), parent.split_once("://"))
    else {
        return false;
    };
    scheme == parent_scheme
        && host
            .strip_suffix(parent_host)
            .is_some_and(|below| below.ends_with('.'))
}

/// Absent and null are the same.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// The members of the outer JSON that a case replaces. One that it leaves out is left out, unless the fault is in another one.
fn replace(members: &mut Map<String, Value>, replaced: &Map<String, Value>) {
    let names_id = replaced.contains_key("id") || replaced.contains_key("rawId");
    let same_ids = ["id", "rawId"]
        .iter()
        .all(|name| replaced.get(*name) == members.get(*name));
    for name in ["id", "rawId", "type"] {
        let leave_out = if name == "type" { same_ids } else { names_id };
        match replaced.get(name) {
            Some(value) => drop(members.insert(name.to_owned(), value.clone())),
            None if leave_out => drop(members.remove(name)),
            None => {}
        }
    }
}

fn bytes(text: &Option<String>) -> Vec<u8> {
    text.as_deref()
        .and_then(base64url::decode)
        .unwrap_or_default()
}

/// `YYYY-MM-DDTHH:MM:SSZ`.
fn parse_time(text: &str) -> Option<UnixTime> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let seconds = number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?;
    Some(UnixTime::from_seconds(
        days(year, month, day) * 86_400 + seconds,
    ))
}

/// Days since 1970-01-01 in the Gregorian calendar, counting years from March so that the leap day is the last one.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (month * 306 + 5) / 10
        + day
        - 1
        - 719_468
}

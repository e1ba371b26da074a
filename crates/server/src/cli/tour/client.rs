//! The WebAuthn client half: options in JSON become CTAP2 requests, answers become response JSON.
//!
//! It stands where a browser would, but it does not protect anybody: it writes into the client data whatever origin it
//! is told and asks no questions about relying party identifiers. The server under test must find the lie.

use authenticator::cbor::{Key, Map, Value as Cbor};
use authenticator::{Authenticator, Status};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::key_store::{KeyStore, Kind};

const MAKE_CREDENTIAL: u8 = 0x01;
const GET_ASSERTION: u8 = 0x02;

/// An authenticator in software with a client in front of it.
#[derive(Debug)]
pub struct SoftwareAuthenticator {
    authenticator: Authenticator<KeyStore>,
}

/// Why a ceremony ended at the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The options lack a member or have it in another form; the member is named.
    #[error("the options have no usable member {0:?}")]
    Options(&'static str),
    /// The authenticator answered with an error.
    #[error("the authenticator answered {}", .0.code())]
    Authenticator(Status),
    /// The authenticator's answer cannot be read.
    #[error("the authenticator's answer has no usable member {0:#04x}")]
    Answer(i64),
}

impl SoftwareAuthenticator {
    /// A fresh authenticator without credentials.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            authenticator: Authenticator::new(KeyStore::new(kind)),
        }
    }

    /// The same keys in a second device, with counters of its own from here on.
    #[must_use]
    pub fn cloned(&self) -> Self {
        Self {
            authenticator: Authenticator::new(self.authenticator.env().clone()),
        }
    }

    /// The keys, to look at.
    #[must_use]
    pub const fn key_store(&self) -> &KeyStore {
        self.authenticator.env()
    }

    /// The keys, to tamper with.
    pub const fn key_store_mut(&mut self) -> &mut KeyStore {
        self.authenticator.env_mut()
    }

    /// Answers `PublicKeyCredentialCreationOptionsJSON` (bare or inside `publicKey`) with a `RegistrationResponseJSON`.
    ///
    /// # Errors
    /// [`ClientError`], never anything about the origin.
    pub fn register(&mut self, options: &Value, origin: &str) -> Result<Value, ClientError> {
        let options = options.get("publicKey").unwrap_or(options);
        let client_data = client_data("webauthn.create", options, origin)?;
        let request = make_credential(
            options,
            origin,
            &client_data,
            self.key_store().kind().verifies_user,
        )?;
        let mut answer = self.command(MAKE_CREDENTIAL, &request)?;
        let auth_data = taken_bytes(&mut answer, 0x02)?;
        let (format, statement) = conveyed(options, &mut answer)?;
        let credential_id = self.newest_credential_id()?;
        let object = Cbor::map([
            ("fmt", format),
            ("attStmt", statement),
            ("authData", auth_data.clone().into()),
        ]);
        Ok(json!({
            "id": URL_SAFE_NO_PAD.encode(&credential_id),
            "rawId": URL_SAFE_NO_PAD.encode(&credential_id),
            "type": "public-key",
            "authenticatorAttachment": self.attachment(),
            "clientExtensionResults": extension_results(options),
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(&client_data),
                "attestationObject": URL_SAFE_NO_PAD.encode(object.encode()),
                "authenticatorData": URL_SAFE_NO_PAD.encode(&auth_data),
                "publicKeyAlgorithm": self.key_store().kind().algorithm.cose(),
                "transports": ["internal"],
            },
        }))
    }

    /// Answers `PublicKeyCredentialRequestOptionsJSON` (bare or inside `publicKey`) with an
    /// `AuthenticationResponseJSON`. Of several accounts the newest signs in.
    ///
    /// # Errors
    /// [`ClientError`], never anything about the origin.
    pub fn sign_in(&mut self, options: &Value, origin: &str) -> Result<Value, ClientError> {
        let options = options.get("publicKey").unwrap_or(options);
        let client_data = client_data("webauthn.get", options, origin)?;
        let request = get_assertion(
            options,
            origin,
            &client_data,
            self.key_store().kind().verifies_user,
        )?;
        let mut answer = self.command(GET_ASSERTION, &request)?;
        let credential_id =
            member_bytes(&mut answer, 0x01, "id")?.ok_or(ClientError::Answer(0x01))?;
        let user_handle = member_bytes(&mut answer, 0x04, "id")?;
        Ok(json!({
            "id": URL_SAFE_NO_PAD.encode(&credential_id),
            "rawId": URL_SAFE_NO_PAD.encode(&credential_id),
            "type": "public-key",
            "authenticatorAttachment": self.attachment(),
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(&client_data),
                "authenticatorData": URL_SAFE_NO_PAD.encode(taken_bytes(&mut answer, 0x02)?),
                "signature": URL_SAFE_NO_PAD.encode(taken_bytes(&mut answer, 0x03)?),
                "userHandle": user_handle.map(|handle| URL_SAFE_NO_PAD.encode(handle)),
            },
        }))
    }

    fn command(&mut self, command: u8, request: &Cbor) -> Result<Map, ClientError> {
        let message = [vec![command], request.encode()].concat();
        let response = self.authenticator.handle(&message);
        let (status, body) = response.split_first().ok_or(ClientError::Answer(0))?;
        match Status::from_byte(*status).unwrap_or(Status::Other) {
            Status::Ok => match Cbor::decode(body) {
                Ok(Cbor::Map(map)) => Ok(map),
                _ => Err(ClientError::Answer(0)),
            },
            status => Err(ClientError::Authenticator(status)),
        }
    }

    fn newest_credential_id(&self) -> Result<Vec<u8>, ClientError> {
        let newest = self
            .key_store()
            .all()
            .first()
            .ok_or(ClientError::Answer(0x02))?;
        Ok(newest.id.0.clone())
    }

    fn attachment(&self) -> &'static str {
        if self.key_store().kind().backup == authenticator::Backup::DeviceBound {
            "cross-platform"
        } else {
            "platform"
        }
    }
}

/// The serialization of WebAuthn Level 3, section 5.8.1.1.
fn client_data(kind: &str, options: &Value, origin: &str) -> Result<Vec<u8>, ClientError> {
    let challenge = text(options, "challenge")?;
    let quoted = |text: &str| Value::from(text).to_string();
    let json = format!(
        "{{\"type\":{},\"challenge\":{},\"origin\":{},\"crossOrigin\":false}}",
        quoted(kind),
        quoted(challenge.trim_end_matches('=')),
        quoted(origin),
    );
    Ok(json.into_bytes())
}

fn make_credential(
    options: &Value,
    origin: &str,
    client_data: &[u8],
    verifies_user: bool,
) -> Result<Cbor, ClientError> {
    let rp = options.get("rp").ok_or(ClientError::Options("rp"))?;
    let selection = options
        .get("authenticatorSelection")
        .unwrap_or(&Value::Null);
    let discoverable = selection
        .get("residentKey")
        .and_then(Value::as_str)
        .is_some_and(|wish| wish != "discouraged")
        || selection.get("requireResidentKey").and_then(Value::as_bool) == Some(true);
    let mut map = Map::from([
        (0x01.into(), hash(client_data)),
        (0x02.into(), rp_entity(rp, origin)?),
        (
            0x03.into(),
            user_entity(options.get("user").ok_or(ClientError::Options("user"))?)?,
        ),
        (0x04.into(), offered(options)?),
        (
            0x07.into(),
            ctap_options(
                discoverable.then_some(true),
                verifies_user && wants_verification(selection),
            ),
        ),
    ]);
    insert_list(&mut map, 0x05, options.get("excludeCredentials"))?;
    Ok(Cbor::Map(map))
}

fn get_assertion(
    options: &Value,
    origin: &str,
    client_data: &[u8],
    verifies_user: bool,
) -> Result<Cbor, ClientError> {
    let rp_id = options
        .get("rpId")
        .and_then(Value::as_str)
        .unwrap_or(host(origin));
    let mut map = Map::from([
        (0x01.into(), rp_id.into()),
        (0x02.into(), hash(client_data)),
        (
            0x05.into(),
            ctap_options(None, verifies_user && wants_verification(options)),
        ),
    ]);
    insert_list(&mut map, 0x03, options.get("allowCredentials"))?;
    Ok(Cbor::Map(map))
}

/// The default of `userVerification` is `preferred`.
fn wants_verification(from: &Value) -> bool {
    from.get("userVerification").and_then(Value::as_str) != Some("discouraged")
}

fn ctap_options(rk: Option<bool>, uv: bool) -> Cbor {
    let mut options = Map::from([("uv".into(), uv.into())]);
    // Where verification is not wanted the member is left out: an authenticator without it knows no such option.
    options.retain(|_, value| *value == Cbor::Bool(true));
    if let Some(rk) = rk {
        options.insert("rk".into(), rk.into());
    }
    Cbor::Map(options)
}

fn rp_entity(rp: &Value, origin: &str) -> Result<Cbor, ClientError> {
    let id = rp.get("id").and_then(Value::as_str).unwrap_or(host(origin));
    Ok(Cbor::map([
        ("id", Cbor::from(id)),
        ("name", text(rp, "name")?.into()),
    ]))
}

fn user_entity(user: &Value) -> Result<Cbor, ClientError> {
    Ok(Cbor::map([
        ("id", bytes(user, "id")?.into()),
        ("name", text(user, "name")?.into()),
        ("displayName", text(user, "displayName")?.into()),
    ]))
}

fn offered(options: &Value) -> Result<Cbor, ClientError> {
    let list = options.get("pubKeyCredParams").and_then(Value::as_array);
    let list = list.ok_or(ClientError::Options("pubKeyCredParams"))?;
    let parameters = |item: &Value| {
        let alg = item
            .get("alg")
            .and_then(Value::as_i64)
            .ok_or(ClientError::Options("alg"))?;
        Ok(Cbor::map([
            ("alg", Cbor::from(alg)),
            ("type", text(item, "type")?.into()),
        ]))
    };
    list.iter()
        .map(parameters)
        .collect::<Result<_, _>>()
        .map(Cbor::Array)
}

/// A credential list is left out when it is empty, as CTAP2 asks.
fn insert_list(map: &mut Map, key: i64, list: Option<&Value>) -> Result<(), ClientError> {
    let Some(list) = list
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty())
    else {
        return Ok(());
    };
    let descriptor = |item: &Value| {
        Ok(Cbor::map([
            ("id", Cbor::from(bytes(item, "id")?)),
            ("type", text(item, "type")?.into()),
        ]))
    };
    let descriptors: Vec<Cbor> = list
        .iter()
        .map(descriptor)
        .collect::<Result<_, ClientError>>()?;
    map.insert(key.into(), descriptors.into());
    Ok(())
}

/// The attestation as the conveyance preference lets it through: `none` unless the relying party asked.
fn conveyed(options: &Value, answer: &mut Map) -> Result<(Cbor, Cbor), ClientError> {
    let format = answer
        .remove(&Key::Integer(0x01))
        .ok_or(ClientError::Answer(0x01))?;
    let statement = answer
        .remove(&Key::Integer(0x03))
        .ok_or(ClientError::Answer(0x03))?;
    match options.get("attestation").and_then(Value::as_str) {
        None | Some("none") => Ok(("none".into(), Cbor::Map(Map::new()))),
        Some(_) => Ok((format, statement)),
    }
}

fn extension_results(options: &Value) -> Value {
    match options.pointer("/extensions/credProps") {
        Some(Value::Bool(true)) => json!({ "credProps": { "rk": true } }),
        _ => json!({}),
    }
}

fn hash(client_data: &[u8]) -> Cbor {
    digest(&SHA256, client_data).as_ref().to_vec().into()
}

fn host(origin: &str) -> &str {
    let authority = origin
        .split_once("://")
        .map_or(origin, |(_, authority)| authority);
    authority
        .split_once(':')
        .map_or(authority, |(host, _)| host)
}

fn text<'a>(from: &'a Value, member: &'static str) -> Result<&'a str, ClientError> {
    from.get(member)
        .and_then(Value::as_str)
        .ok_or(ClientError::Options(member))
}

fn bytes(from: &Value, member: &'static str) -> Result<Vec<u8>, ClientError> {
    let text = text(from, member)?.trim_end_matches('=');
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| ClientError::Options(member))
}

fn taken_bytes(answer: &mut Map, key: i64) -> Result<Vec<u8>, ClientError> {
    match answer.remove(&Key::Integer(key)) {
        Some(Cbor::Bytes(bytes)) => Ok(bytes),
        _ => Err(ClientError::Answer(key)),
    }
}

fn member_bytes(answer: &mut Map, key: i64, member: &str) -> Result<Option<Vec<u8>>, ClientError> {
    match answer.remove(&Key::Integer(key)) {
        None => Ok(None),
        Some(Cbor::Map(mut map)) => match map.remove(&Key::from(member)) {
            Some(Cbor::Bytes(bytes)) => Ok(Some(bytes)),
            _ => Err(ClientError::Answer(key)),
        },
        Some(_) => Err(ClientError::Answer(key)),
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a failed setup is a failed test"
    )]

    use super::super::attestation_authority::AttestationAuthority;
    use super::super::key_store::{AAGUID, Attestation};
    use super::*;
    use authenticator::{Algorithm, Backup};

    const ORIGIN: &str = "https://localhost:8443";

    fn creation(algorithm: Algorithm, attestation: &str) -> Value {
        json!({
            "rp": {"id": "localhost", "name": "Keyward"},
            "user": {"id": "YWRh", "name": "ada@example.com", "displayName": "Ada"},
            "challenge": "Y2hhbGxlbmdl",
            "pubKeyCredParams": [{"type": "public-key", "alg": algorithm.cose()}],
            "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
            "attestation": attestation,
        })
    }

    fn request() -> Value {
        json!({"rpId": "localhost", "challenge": "Y2hhbGxlbmdl", "userVerification": "required"})
    }

    fn decoded(response: &Value, pointer: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD
            .decode(response.pointer(pointer).unwrap().as_str().unwrap())
            .unwrap()
    }

    fn attestation_object(response: &Value) -> Map {
        match Cbor::decode(&decoded(response, "/response/attestationObject")).unwrap() {
            Cbor::Map(map) => map,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_algorithm_registers_and_signs_in_without_a_user_name() {
        for algorithm in [
            Algorithm::Es256,
            Algorithm::EdDsa,
            Algorithm::MlDsa44,
            Algorithm::MlDsa65,
            Algorithm::MlDsa87,
        ] {
            let mut key =
                SoftwareAuthenticator::new(Kind::device_bound().with_algorithm(algorithm));
            let made = key.register(&creation(algorithm, "none"), ORIGIN).unwrap();
            let signed = key.sign_in(&request(), ORIGIN).unwrap();
            assert_eq!(signed["id"], made["id"]);
            assert_eq!(decoded(&signed, "/response/userHandle"), b"ada");
            let auth_data = decoded(&signed, "/response/authenticatorData");
            assert_eq!(auth_data.get(32..), Some([0x05, 0, 0, 0, 1].as_slice()));
        }
    }

    #[test]
    fn the_client_data_is_serialized_as_the_specification_says() {
        let mut key = SoftwareAuthenticator::new(Kind::device_bound());
        let made = key
            .register(&creation(Algorithm::Es256, "none"), ORIGIN)
            .unwrap();
        let json = decoded(&made, "/response/clientDataJSON");
        assert_eq!(
            String::from_utf8(json).unwrap(),
            r#"{"type":"webauthn.create","challenge":"Y2hhbGxlbmdl","origin":"https://localhost:8443","crossOrigin":false}"#
        );
    }

    #[test]
    fn attestation_is_conveyed_only_when_asked_for() {
        let kind = Kind::device_bound().with_attestation(Attestation::SelfSigned);
        for (asked, format) in [("none", "none"), ("direct", "packed")] {
            let mut key = SoftwareAuthenticator::new(kind.clone());
            let made = key
                .register(&creation(Algorithm::Es256, asked), ORIGIN)
                .unwrap();
            assert_eq!(
                attestation_object(&made).get(&"fmt".into()),
                Some(&format.into())
            );
        }
    }

    #[test]
    fn certified_attestation_carries_three_certificates_and_not_the_root() {
        let authority = AttestationAuthority::new(AAGUID).unwrap();
        let kind = Kind::device_bound().with_attestation(Attestation::Certified(authority.clone()));
        let made = SoftwareAuthenticator::new(kind)
            .register(&creation(Algorithm::Es256, "direct"), ORIGIN)
            .unwrap();
        let mut object = attestation_object(&made);
        let Some(Cbor::Map(statement)) = object.remove(&"attStmt".into()) else {
            panic!("no statement")
        };
        let Some(Cbor::Array(chain)) = statement.get(&"x5c".into()) else {
            panic!("no chain")
        };
        assert_eq!(chain.len(), 3);
        assert!(!chain.contains(&Cbor::Bytes(authority.root().to_vec())));
    }

    #[test]
    fn backup_flags_and_counters_play_the_kind() {
        let mut key = SoftwareAuthenticator::new(Kind::synced());
        key.register(&creation(Algorithm::Es256, "none"), ORIGIN)
            .unwrap();
        let signed = key.sign_in(&request(), ORIGIN).unwrap();
        let auth_data = decoded(&signed, "/response/authenticatorData");
        assert_eq!(auth_data.get(32..), Some([0x1d, 0, 0, 0, 0].as_slice()));
        key.key_store_mut().set_backup(Backup::Eligible);
        let signed = key.sign_in(&request(), ORIGIN).unwrap();
        assert_eq!(
            decoded(&signed, "/response/authenticatorData").get(32),
            Some(&0x0d)
        );
    }

    #[test]
    fn a_cloned_key_counts_on_its_own() {
        let mut key = SoftwareAuthenticator::new(Kind::device_bound());
        key.register(&creation(Algorithm::Es256, "none"), ORIGIN)
            .unwrap();
        let mut copy = key.cloned();
        key.sign_in(&request(), ORIGIN).unwrap();
        key.sign_in(&request(), ORIGIN).unwrap();
        let signed = copy.sign_in(&request(), ORIGIN).unwrap();
        assert_eq!(
            decoded(&signed, "/response/authenticatorData").get(33..),
            Some([0, 0, 0, 1].as_slice())
        );
    }

    #[test]
    fn an_authenticator_without_user_verification_answers_without_the_flag() {
        let mut key = SoftwareAuthenticator::new(Kind::device_bound().without_user_verification());
        key.register(&creation(Algorithm::Es256, "none"), ORIGIN)
            .unwrap();
        let signed = key.sign_in(&request(), ORIGIN).unwrap();
        assert_eq!(
            decoded(&signed, "/response/authenticatorData").get(32),
            Some(&0x01)
        );
    }

    #[test]
    fn an_excluded_credential_is_not_made_twice() {
        let mut key = SoftwareAuthenticator::new(Kind::device_bound());
        let made = key
            .register(&creation(Algorithm::Es256, "none"), ORIGIN)
            .unwrap();
        let mut again = creation(Algorithm::Es256, "none");
        again["excludeCredentials"] = json!([{"type": "public-key", "id": made["id"]}]);
        let refused = key.register(&again, ORIGIN).unwrap_err();
        assert_eq!(
            refused,
            ClientError::Authenticator(Status::CredentialExcluded)
        );
    }

    #[test]
    fn options_without_a_needed_member_are_named() {
        let mut key = SoftwareAuthenticator::new(Kind::device_bound());
        let refused = key
            .register(&json!({"challenge": "AAAA"}), ORIGIN)
            .unwrap_err();
        assert_eq!(refused, ClientError::Options("rp"));
        let refused = key
            .sign_in(&json!({"rpId": "localhost"}), ORIGIN)
            .unwrap_err();
        assert_eq!(refused, ClientError::Options("challenge"));
    }
}

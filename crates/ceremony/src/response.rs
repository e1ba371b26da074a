//! What the browser sends back: the JSON of `PublicKeyCredential.toJSON()` (L3 section 5.1.8), decoded and bounded.

use crate::extensions::ClientOutputs;
use crate::{CredentialId, Refusal, UserHandle, base64url, client_data};
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;

/// The longest response that is read, in bytes of JSON. A registration with an ML-DSA-87 self attestation is about 40 KiB.
pub const MAX_RESPONSE: usize = 128 * 1024;

/// How an authenticator can be reached, as the client saw it (L3 section 5.8.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// `usb`.
    Usb,
    /// `nfc`.
    Nfc,
    /// `ble`.
    Ble,
    /// `smart-card`.
    SmartCard,
    /// `hybrid`.
    Hybrid,
    /// `internal`.
    Internal,
    /// A string of the future, kept as it came (32 bytes at most).
    Other(String),
}

impl Transport {
    const KNOWN: [(&'static str, Self); 6] = [
        ("usb", Self::Usb),
        ("nfc", Self::Nfc),
        ("ble", Self::Ble),
        ("smart-card", Self::SmartCard),
        ("hybrid", Self::Hybrid),
        ("internal", Self::Internal),
    ];

    /// The transport with this name. `None` if the name is empty or too long to be one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let known = Self::KNOWN.iter().find(|(text, _)| *text == name);
        match known {
            Some((_, transport)) => Some(transport.clone()),
            None if name.is_empty() || name.len() > 32 => None,
            None => Some(Self::Other(name.to_owned())),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Usb => "usb",
            Self::Nfc => "nfc",
            Self::Ble => "ble",
            Self::SmartCard => "smart-card",
            Self::Hybrid => "hybrid",
            Self::Internal => "internal",
            Self::Other(name) => name,
        }
    }
}

impl serde::Serialize for Transport {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Where the authenticator sits (L3 section 5.4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attachment {
    /// In the client device.
    Platform,
    /// It can roam.
    CrossPlatform,
}

/// The answer to `navigator.credentials.create()`, decoded but not judged.
#[derive(Clone, Debug)]
pub struct RegistrationResponse {
    /// The id the response carries (`rawId`).
    pub credential_id: CredentialId,
    /// `response.clientDataJSON`, byte-exact.
    pub client_data_json: Vec<u8>,
    /// `response.attestationObject`, byte-exact.
    pub attestation_object: Vec<u8>,
    /// `response.transports`, sorted, each once.
    pub transports: Vec<Transport>,
    /// `authenticatorAttachment`; `None` if absent or unknown.
    pub attachment: Option<Attachment>,
    /// `clientExtensionResults`.
    pub client_outputs: ClientOutputs,
}

/// The answer to `navigator.credentials.get()`, decoded but not judged.
#[derive(Clone, Debug)]
pub struct AuthenticationResponse {
    /// The id of the passkey that answered (`rawId`).
    pub credential_id: CredentialId,
    /// `response.clientDataJSON`, byte-exact.
    pub client_data_json: Vec<u8>,
    /// `response.authenticatorData`, byte-exact.
    pub authenticator_data: Vec<u8>,
    /// `response.signature`.
    pub signature: Vec<u8>,
    /// `response.userHandle`; `None` if absent, null or empty.
    pub user_handle: Option<UserHandle>,
    /// `authenticatorAttachment`; `None` if absent or unknown.
    pub attachment: Option<Attachment>,
    /// `clientExtensionResults`.
    pub client_outputs: ClientOutputs,
}

impl RegistrationResponse {
    /// Reads RegistrationResponseJSON. Base64 may be URL-safe or standard, padded or not; unknown members are ignored, and so are the
    /// convenience members `authenticatorData`, `publicKey`, `publicKeyAlgorithm`, which nobody signed.
    ///
    /// # Errors
    /// [`Refusal::MalformedResponse`], [`Refusal::ResponseIdInvalid`], [`Refusal::CredentialTypeInvalid`],
    /// [`Refusal::CredentialIdLength`], [`Refusal::MalformedClientData`], [`Refusal::MalformedAttestationObject`].
    pub fn from_json(json: &[u8]) -> Result<Self, Refusal> {
        let outer: Outer<'_, Attestation<'_>> = parse(json)?;
        Ok(Self {
            credential_id: outer.credential_id()?,
            client_data_json: decode(
                &outer.response.client_data_json,
                Refusal::MalformedClientData,
            )?,
            attestation_object: decode(
                &outer.response.attestation_object,
                Refusal::MalformedAttestationObject,
            )?,
            transports: transports(&outer.response.transports),
            attachment: attachment(&outer.authenticator_attachment),
            client_outputs: outer.client_extension_results,
        })
    }

    /// The challenge the client says it answered, not verified in any way. For callers that seal their state into the challenge
    /// and must open it before they know what to expect.
    ///
    /// # Errors
    /// [`Refusal::MalformedClientData`].
    pub fn claimed_challenge(&self) -> Result<Vec<u8>, Refusal> {
        client_data::claimed_challenge(&self.client_data_json)
    }
}

impl AuthenticationResponse {
    /// Reads AuthenticationResponseJSON, as tolerantly as [`RegistrationResponse::from_json`].
    ///
    /// # Errors
    /// [`Refusal::MalformedResponse`], [`Refusal::ResponseIdInvalid`], [`Refusal::CredentialTypeInvalid`],
    /// [`Refusal::CredentialIdLength`], [`Refusal::MalformedClientData`], [`Refusal::MalformedAuthenticatorData`],
    /// [`Refusal::BadSignature`] if the signature is not base64, [`Refusal::UserHandleMismatch`] if the user handle is no such.
    pub fn from_json(json: &[u8]) -> Result<Self, Refusal> {
        let outer: Outer<'_, Assertion<'_>> = parse(json)?;
        Ok(Self {
            credential_id: outer.credential_id()?,
            client_data_json: decode(
                &outer.response.client_data_json,
                Refusal::MalformedClientData,
            )?,
            authenticator_data: decode(
                &outer.response.authenticator_data,
                Refusal::MalformedAuthenticatorData,
            )?,
            signature: decode(&outer.response.signature, Refusal::BadSignature)?,
            user_handle: user_handle(&outer.response.user_handle)?,
            attachment: attachment(&outer.authenticator_attachment),
            client_outputs: outer.client_extension_results,
        })
    }

    /// The challenge the client says it answered, not verified in any way; see [`RegistrationResponse::claimed_challenge`].
    ///
    /// # Errors
    /// [`Refusal::MalformedClientData`].
    pub fn claimed_challenge(&self) -> Result<Vec<u8>, Refusal> {
        client_data::claimed_challenge(&self.client_data_json)
    }
}

/// Text that borrows from the input unless it was written with escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A member that may be of any type without failing the rest; only text is kept.
#[derive(Default)]
struct Loose<'a>(Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Loose<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Loose(Some(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Loose(Some(Cow::Owned(text.to_owned()))))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Loose(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Loose(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Loose(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Loose(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Loose(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose(None))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outer<'a, R> {
    #[serde(borrow, default)]
    id: Loose<'a>,
    #[serde(borrow, default)]
    raw_id: Loose<'a>,
    #[serde(borrow, default)]
    r#type: Loose<'a>,
    response: R,
    #[serde(borrow, default)]
    authenticator_attachment: Loose<'a>,
    #[serde(default)]
    client_extension_results: ClientOutputs,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attestation<'a> {
    #[serde(borrow, rename = "clientDataJSON")]
    client_data_json: Text<'a>,
    #[serde(borrow)]
    attestation_object: Text<'a>,
    #[serde(default)]
    transports: serde_json::Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assertion<'a> {
    #[serde(borrow, rename = "clientDataJSON")]
    client_data_json: Text<'a>,
    #[serde(borrow)]
    authenticator_data: Text<'a>,
    #[serde(borrow)]
    signature: Text<'a>,
    #[serde(borrow, default)]
    user_handle: Option<Text<'a>>,
}

impl<R> Outer<'_, R> {
    /// `id` and `rawId` must name the same bytes, and `type` must be the only one there is.
    fn credential_id(&self) -> Result<CredentialId, Refusal> {
        let id = text(&self.id).ok_or(Refusal::ResponseIdInvalid)?;
        let raw_id = text(&self.raw_id).ok_or(Refusal::ResponseIdInvalid)?;
        let bytes = base64url::decode(raw_id)
            .filter(|bytes| !bytes.is_empty())
            .ok_or(Refusal::ResponseIdInvalid)?;
        if id != raw_id && base64url::decode(id).as_deref() != Some(bytes.as_slice()) {
            return Err(Refusal::ResponseIdInvalid);
        }
        if text(&self.r#type) != Some("public-key") {
            return Err(Refusal::CredentialTypeInvalid);
        }
        CredentialId::new(bytes)
    }
}

fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, Refusal> {
    if json.len() > MAX_RESPONSE {
        return Err(Refusal::MalformedResponse);
    }
    serde_json::from_slice(json).map_err(|_| Refusal::MalformedResponse)
}

fn text<'a>(member: &'a Loose<'_>) -> Option<&'a str> {
    member.0.as_deref()
}

fn decode(text: &Text<'_>, refusal: Refusal) -> Result<Vec<u8>, Refusal> {
    base64url::decode(&text.0).ok_or(refusal)
}

fn user_handle(text: &Option<Text<'_>>) -> Result<Option<UserHandle>, Refusal> {
    let Some(text) = text.as_ref().filter(|text| !text.0.is_empty()) else {
        return Ok(None);
    };
    UserHandle::new(decode(text, Refusal::UserHandleMismatch)?).map(Some)
}

fn attachment(member: &Loose<'_>) -> Option<Attachment> {
    match text(member) {
        Some("platform") => Some(Attachment::Platform),
        Some("cross-platform") => Some(Attachment::CrossPlatform),
        _ => None,
    }
}

/// At most sixteen transports: a client that names more is not describing a device.
fn transports(value: &serde_json::Value) -> Vec<Transport> {
    let names = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut out: Vec<_> = names
        .iter()
        .take(16)
        .filter_map(|name| Transport::parse(name.as_str()?))
        .collect();
    out.sort();
    out.dedup();
    out
}

//! Options for the browser: PublicKeyCredentialCreationOptionsJSON and PublicKeyCredentialRequestOptionsJSON (L3 sections 5.1.9, 5.1.10).

use crate::response::{Attachment, Transport};
use crate::{
    Algorithm, AttestationFormat, Challenge, CredentialId, RelyingParty, UserHandle, base64url,
};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use std::collections::BTreeMap;

/// The time a person gets for a ceremony, in milliseconds (L3 section 15.1 recommends five to ten minutes).
pub const DEFAULT_TIMEOUT_MS: u32 = 300_000;

/// How much a relying party wants a user to be verified (L3 section 5.8.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UserVerification {
    /// The ceremony fails without it.
    Required,
    /// Wanted if the authenticator can.
    Preferred,
    /// Not wanted.
    Discouraged,
}

/// Whether a passkey must be discoverable (L3 section 5.4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResidentKey {
    /// The ceremony fails otherwise.
    Required,
    /// Wanted.
    Preferred,
    /// Not wanted.
    Discouraged,
}

/// How an attestation is conveyed (L3 section 5.4.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conveyance {
    /// Not wanted.
    None,
    /// The client may anonymize it.
    Indirect,
    /// As the authenticator makes it.
    Direct,
    /// Uniquely identifying, for authenticators that the organization manages.
    Enterprise,
}

/// Which kind of authenticator the page should lead to (L3 section 5.8.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hint {
    /// A security key.
    SecurityKey,
    /// The device itself.
    ClientDevice,
    /// A phone, over the hybrid transport.
    Hybrid,
}

impl Hint {
    /// What the hint means to a client that only knows attachments.
    #[must_use]
    pub const fn attachment(self) -> Attachment {
        match self {
            Self::ClientDevice => Attachment::Platform,
            Self::SecurityKey | Self::Hybrid => Attachment::CrossPlatform,
        }
    }
}

/// A passkey that the options name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialDescriptor {
    /// Its id.
    pub id: CredentialId,
    /// How it was reached when it was registered.
    pub transports: Vec<Transport>,
}

impl Serialize for CredentialDescriptor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", "public-key")?;
        map.serialize_entry("id", &self.id)?;
        if !self.transports.is_empty() {
            map.serialize_entry("transports", &self.transports)?;
        }
        map.end()
    }
}

/// Inputs of the `prf` extension: one or two values to evaluate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrfValues {
    /// The first value.
    pub first: Vec<u8>,
    /// The second value.
    pub second: Option<Vec<u8>>,
}

impl Serialize for PrfValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("first", &base64url::encode(&self.first))?;
        if let Some(second) = &self.second {
            map.serialize_entry("second", &base64url::encode(second))?;
        }
        map.end()
    }
}

/// Input of the `prf` extension (L3 section 10.1.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrfInput {
    /// Values for whichever passkey answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eval: Option<PrfValues>,
    /// Values by base64url credential id (authentication only).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub eval_by_credential: BTreeMap<String, PrfValues>,
}

/// Whether large blob storage is needed (L3 section 10.1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LargeBlobSupport {
    /// The ceremony fails otherwise.
    Required,
    /// Wanted.
    Preferred,
}

/// Input of the `largeBlob` extension at registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LargeBlobCreation {
    /// Whether storage is needed.
    pub support: LargeBlobSupport,
}

/// Input of the `largeBlob` extension at authentication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LargeBlobRequest {
    /// Read the blob.
    Read,
    /// Write this blob.
    Write(Vec<u8>),
}

impl Serialize for LargeBlobRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Read => map.serialize_entry("read", &true)?,
            Self::Write(blob) => map.serialize_entry("write", &base64url::encode(blob))?,
        }
        map.end()
    }
}

/// The protection a relying party asks for with `credProtect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CredentialProtectionPolicy {
    /// No protection.
    UserVerificationOptional,
    /// Without user verification only for those who know the credential id.
    UserVerificationOptionalWithCredentialIDList,
    /// Never without user verification.
    UserVerificationRequired,
}

/// Extension inputs at registration. Absent members are not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreationExtensions {
    /// Ask whether the passkey is discoverable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cred_props: Option<bool>,
    /// Ask for secrets derived from the passkey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prf: Option<PrfInput>,
    /// Ask for large blob storage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub large_blob: Option<LargeBlobCreation>,
    /// Ask for the smallest PIN length (only relying parties on the authenticator's list are told).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_pin_length: Option<bool>,
    /// Ask for a protection level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_protection_policy: Option<CredentialProtectionPolicy>,
    /// Fail rather than make a passkey without that protection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforce_credential_protection_policy: Option<bool>,
    /// Ask for `hmac-secret` under its CTAP name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hmac_create_secret: Option<bool>,
    /// Exclude U2F keys registered under this AppID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appid_exclude: Option<String>,
}

/// Extension inputs at authentication. Absent members are not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestExtensions {
    /// Also accept U2F keys registered under this AppID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appid: Option<String>,
    /// Ask for secrets derived from the passkey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prf: Option<PrfInput>,
    /// Read or write a large blob.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub large_blob: Option<LargeBlobRequest>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct RpEntity {
    id: String,
    name: String,
}

/// The account a passkey is made for (L3 section 5.4.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserEntity {
    /// The user handle: opaque, the same for all passkeys of the account.
    pub id: UserHandle,
    /// What tells accounts apart, such as a user principal name.
    pub name: String,
    /// What the person likes to be called.
    pub display_name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parameter(Algorithm);

impl Serialize for Parameter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("type", "public-key")?;
        map.serialize_entry("alg", &self.0)?;
        map.end()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthenticatorSelection {
    #[serde(skip_serializing_if = "Option::is_none")]
    authenticator_attachment: Option<Attachment>,
    resident_key: ResidentKey,
    require_resident_key: bool,
    user_verification: UserVerification,
}

/// What `PublicKeyCredential.parseCreationOptionsFromJSON()` takes.
///
/// Starts as the options for a passkey: discoverable, user verification required, no attestation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions {
    rp: RpEntity,
    user: UserEntity,
    challenge: Challenge,
    pub_key_cred_params: Vec<Parameter>,
    timeout: u32,
    exclude_credentials: Vec<CredentialDescriptor>,
    authenticator_selection: AuthenticatorSelection,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hints: Vec<Hint>,
    attestation: Conveyance,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attestation_formats: Vec<AttestationFormat>,
    extensions: CreationExtensions,
}

impl CreationOptions {
    /// Options for making a passkey. `algorithms` in order of preference: pass the same list to
    /// [`crate::RegistrationExpectations`].
    #[must_use]
    pub fn new(
        relying_party: &RelyingParty,
        user: UserEntity,
        challenge: Challenge,
        algorithms: &[Algorithm],
    ) -> Self {
        Self {
            rp: RpEntity {
                id: relying_party.rp_id.as_str().to_owned(),
                name: relying_party.name.clone(),
            },
            user,
            challenge,
            pub_key_cred_params: algorithms.iter().copied().map(Parameter).collect(),
            timeout: DEFAULT_TIMEOUT_MS,
            exclude_credentials: Vec::new(),
            authenticator_selection: AuthenticatorSelection {
                authenticator_attachment: None,
                resident_key: ResidentKey::Required,
                require_resident_key: true,
                user_verification: UserVerification::Required,
            },
            hints: Vec::new(),
            attestation: Conveyance::None,
            attestation_formats: Vec::new(),
            extensions: CreationExtensions {
                cred_props: Some(true),
                ..CreationExtensions::default()
            },
        }
    }

    /// Gives the person this many milliseconds.
    #[must_use]
    pub fn timeout_ms(mut self, timeout: u32) -> Self {
        self.timeout = timeout;
        self
    }

    /// Names the passkeys the account has already, so that no authenticator gets a second one.
    #[must_use]
    pub fn exclude(mut self, credentials: Vec<CredentialDescriptor>) -> Self {
        self.exclude_credentials = credentials;
        self
    }

    /// Limits the ceremony to one attachment.
    #[must_use]
    pub fn attachment(mut self, attachment: Attachment) -> Self {
        self.authenticator_selection.authenticator_attachment = Some(attachment);
        self
    }

    /// Says how much discoverability is wanted.
    #[must_use]
    pub fn resident_key(mut self, resident_key: ResidentKey) -> Self {
        self.authenticator_selection.resident_key = resident_key;
        self.authenticator_selection.require_resident_key = resident_key == ResidentKey::Required;
        self
    }

    /// Says how much user verification is wanted.
    #[must_use]
    pub fn user_verification(mut self, user_verification: UserVerification) -> Self {
        self.authenticator_selection.user_verification = user_verification;
        self
    }

    /// Sets hints in order of preference. If all of them mean one attachment, it is set too, for clients that do not know hints.
    #[must_use]
    pub fn hints(mut self, hints: Vec<Hint>) -> Self {
        let first = hints.first().map(|hint| hint.attachment());
        if hints.iter().all(|hint| Some(hint.attachment()) == first) {
            self.authenticator_selection.authenticator_attachment =
                first.or(self.authenticator_selection.authenticator_attachment);
        }
        self.hints = hints;
        self
    }

    /// Asks for attestation, in these formats by preference (an empty list leaves it to the authenticator).
    #[must_use]
    pub fn attestation(mut self, conveyance: Conveyance, formats: Vec<AttestationFormat>) -> Self {
        self.attestation = conveyance;
        self.attestation_formats = formats;
        self
    }

    /// Sets extension inputs (the start value asks for `credProps`).
    #[must_use]
    pub fn extensions(mut self, extensions: CreationExtensions) -> Self {
        self.extensions = extensions;
        self
    }
}

/// What `PublicKeyCredential.parseRequestOptionsFromJSON()` takes.
///
/// Starts as the options for signing in with any discoverable passkey, user verification required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    challenge: Challenge,
    timeout: u32,
    rp_id: String,
    allow_credentials: Vec<CredentialDescriptor>,
    user_verification: UserVerification,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hints: Vec<Hint>,
    extensions: RequestExtensions,
}

impl RequestOptions {
    /// Options for an assertion.
    #[must_use]
    pub fn new(relying_party: &RelyingParty, challenge: Challenge) -> Self {
        Self {
            challenge,
            timeout: DEFAULT_TIMEOUT_MS,
            rp_id: relying_party.rp_id.as_str().to_owned(),
            allow_credentials: Vec::new(),
            user_verification: UserVerification::Required,
            hints: Vec::new(),
            extensions: RequestExtensions::default(),
        }
    }

    /// Gives the person this many milliseconds.
    #[must_use]
    pub fn timeout_ms(mut self, timeout: u32) -> Self {
        self.timeout = timeout;
        self
    }

    /// Limits the ceremony to these passkeys. An empty list means any discoverable one.
    #[must_use]
    pub fn allow(mut self, credentials: Vec<CredentialDescriptor>) -> Self {
        self.allow_credentials = credentials;
        self
    }

    /// Says how much user verification is wanted.
    #[must_use]
    pub fn user_verification(mut self, user_verification: UserVerification) -> Self {
        self.user_verification = user_verification;
        self
    }

    /// Sets hints in order of preference.
    #[must_use]
    pub fn hints(mut self, hints: Vec<Hint>) -> Self {
        self.hints = hints;
        self
    }

    /// Sets extension inputs.
    #[must_use]
    pub fn extensions(mut self, extensions: RequestExtensions) -> Self {
        self.extensions = extensions;
        self
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

    use super::*;
    use crate::{Origin, RpId};

    fn relying_party() -> RelyingParty {
        RelyingParty::new(
            RpId::new("login.example"),
            "Login",
            Origin::new("https://login.example"),
        )
    }

    fn creation() -> CreationOptions {
        let user = UserEntity {
            id: UserHandle::new([5; 33]).unwrap(),
            name: "ada@login.example".to_owned(),
            display_name: "Ada".to_owned(),
        };
        let challenge = Challenge::issue(&[7; 33]).unwrap();
        CreationOptions::new(
            &relying_party(),
            user,
            challenge,
            &[Algorithm::MlDsa44, Algorithm::Es256],
        )
    }

    fn descriptor() -> CredentialDescriptor {
        CredentialDescriptor {
            id: CredentialId::new([9; 16]).unwrap(),
            transports: vec![Transport::Internal, Transport::Hybrid],
        }
    }

    #[test]
    fn a_passkey_is_asked_for_by_default() {
        insta::assert_json_snapshot!(creation(), @r#"
        {
          "rp": {
            "id": "login.example",
            "name": "Login"
          },
          "user": {
            "id": "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUF",
            "name": "ada@login.example",
            "displayName": "Ada"
          },
          "challenge": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH",
          "pubKeyCredParams": [
            {
              "type": "public-key",
              "alg": -48
            },
            {
              "type": "public-key",
              "alg": -7
            }
          ],
          "timeout": 300000,
          "excludeCredentials": [],
          "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": true,
            "userVerification": "required"
          },
          "attestation": "none",
          "extensions": {
            "credProps": true
          }
        }
        "#);
    }

    #[test]
    fn everything_that_can_be_asked_for_is_written_as_level_3_names_it() {
        let extensions = CreationExtensions {
            cred_props: Some(true),
            prf: Some(PrfInput {
                eval: Some(PrfValues {
                    first: vec![1],
                    second: Some(vec![2]),
                }),
                ..PrfInput::default()
            }),
            large_blob: Some(LargeBlobCreation {
                support: LargeBlobSupport::Preferred,
            }),
            min_pin_length: Some(true),
            credential_protection_policy: Some(
                CredentialProtectionPolicy::UserVerificationOptionalWithCredentialIDList,
            ),
            enforce_credential_protection_policy: Some(false),
            hmac_create_secret: Some(true),
            appid_exclude: Some("https://login.example/appid.json".to_owned()),
        };
        let options = creation()
            .timeout_ms(600_000)
            .exclude(vec![descriptor()])
            .resident_key(ResidentKey::Preferred)
            .user_verification(UserVerification::Preferred)
            .hints(vec![Hint::SecurityKey, Hint::Hybrid])
            .attestation(
                Conveyance::Enterprise,
                vec![AttestationFormat::Packed, AttestationFormat::FidoU2f],
            )
            .extensions(extensions);
        insta::assert_json_snapshot!(options, @r#"
        {
          "rp": {
            "id": "login.example",
            "name": "Login"
          },
          "user": {
            "id": "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUF",
            "name": "ada@login.example",
            "displayName": "Ada"
          },
          "challenge": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH",
          "pubKeyCredParams": [
            {
              "type": "public-key",
              "alg": -48
            },
            {
              "type": "public-key",
              "alg": -7
            }
          ],
          "timeout": 600000,
          "excludeCredentials": [
            {
              "type": "public-key",
              "id": "CQkJCQkJCQkJCQkJCQkJCQ",
              "transports": [
                "internal",
                "hybrid"
              ]
            }
          ],
          "authenticatorSelection": {
            "authenticatorAttachment": "cross-platform",
            "residentKey": "preferred",
            "requireResidentKey": false,
            "userVerification": "preferred"
          },
          "hints": [
            "security-key",
            "hybrid"
          ],
          "attestation": "enterprise",
          "attestationFormats": [
            "packed",
            "fido-u2f"
          ],
          "extensions": {
            "credProps": true,
            "prf": {
              "eval": {
                "first": "AQ",
                "second": "Ag"
              }
            },
            "largeBlob": {
              "support": "preferred"
            },
            "minPinLength": true,
            "credentialProtectionPolicy": "userVerificationOptionalWithCredentialIDList",
            "enforceCredentialProtectionPolicy": false,
            "hmacCreateSecret": true,
            "appidExclude": "https://login.example/appid.json"
          }
        }
        "#);
    }

    #[test]
    fn hints_set_the_attachment_only_if_they_agree() {
        let attachment = |hints| {
            creation()
                .hints(hints)
                .authenticator_selection
                .authenticator_attachment
        };
        assert_eq!(
            attachment(vec![Hint::ClientDevice]),
            Some(Attachment::Platform)
        );
        assert_eq!(
            attachment(vec![Hint::SecurityKey, Hint::Hybrid]),
            Some(Attachment::CrossPlatform)
        );
        assert_eq!(attachment(vec![Hint::ClientDevice, Hint::Hybrid]), None);
        assert_eq!(attachment(Vec::new()), None);
    }

    #[test]
    fn requests_are_written_as_level_3_names_them() {
        let challenge = Challenge::issue(&[7; 33]).unwrap();
        insta::assert_json_snapshot!(RequestOptions::new(&relying_party(), challenge.clone()), @r#"
        {
          "challenge": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH",
          "timeout": 300000,
          "rpId": "login.example",
          "allowCredentials": [],
          "userVerification": "required",
          "extensions": {}
        }
        "#);
        let by_credential = PrfValues {
            first: vec![3],
            second: None,
        };
        let prf = PrfInput {
            eval: None,
            eval_by_credential: [("CQkJ".to_owned(), by_credential)].into(),
        };
        let extensions = RequestExtensions {
            appid: Some("https://login.example/appid.json".to_owned()),
            prf: Some(prf),
            large_blob: Some(LargeBlobRequest::Write(vec![1, 2, 3])),
        };
        let options = RequestOptions::new(&relying_party(), challenge)
            .timeout_ms(60_000)
            .allow(vec![descriptor()])
            .user_verification(UserVerification::Discouraged)
            .hints(vec![Hint::Hybrid])
            .extensions(extensions);
        insta::assert_json_snapshot!(options, @r#"
        {
          "challenge": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH",
          "timeout": 60000,
          "rpId": "login.example",
          "allowCredentials": [
            {
              "type": "public-key",
              "id": "CQkJCQkJCQkJCQkJCQkJCQ",
              "transports": [
                "internal",
                "hybrid"
              ]
            }
          ],
          "userVerification": "discouraged",
          "hints": [
            "hybrid"
          ],
          "extensions": {
            "appid": "https://login.example/appid.json",
            "prf": {
              "evalByCredential": {
                "CQkJ": {
                  "first": "Aw"
                }
              }
            },
            "largeBlob": {
              "write": "AQID"
            }
          }
        }
        "#);
    }
}

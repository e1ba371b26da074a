//! Client data: what the browser says it did (L3 section 5.8.1).

use crate::{Challenge, Framing, Refusal, RelyingParty, base64url};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

/// The longest client data that is read, in bytes.
pub const MAX_CLIENT_DATA: usize = 16 * 1024;

/// The ceremony that client data belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CeremonyType {
    /// `webauthn.create`.
    Create,
    /// `webauthn.get`.
    Get,
}

impl CeremonyType {
    /// The value of `type`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// Parsed client data, borrowed from its bytes. Members that Level 3 does not define are ignored.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientData<'a> {
    /// `type`.
    #[serde(borrow)]
    pub r#type: Cow<'a, str>,
    /// `challenge`, base64url as the client wrote it.
    #[serde(borrow)]
    pub challenge: Cow<'a, str>,
    /// `origin`.
    #[serde(borrow)]
    pub origin: Cow<'a, str>,
    /// `crossOrigin`; absent means false (Level 1 clients).
    #[serde(default)]
    pub cross_origin: Option<bool>,
    /// `topOrigin`.
    #[serde(borrow, default)]
    pub top_origin: Option<Cow<'a, str>>,
    /// `tokenBinding`, reserved since Level 3.
    #[serde(default)]
    token_binding: Option<Value>,
}

impl<'a> ClientData<'a> {
    /// L3 section 7.1 steps 5-6, 7.2 steps 8-9: UTF-8 decode (dropping a byte order mark) and parse.
    ///
    /// # Errors
    /// [`Refusal::MalformedClientData`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        if bytes.len() > MAX_CLIENT_DATA {
            return Err(Refusal::MalformedClientData);
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        serde_json::from_slice(bytes).map_err(|_| Refusal::MalformedClientData)
    }

    /// L3 section 7.1 steps 7-11, 7.2 steps 10-14, in the order of the specification.
    pub(crate) fn verify(
        &self,
        ceremony: CeremonyType,
        challenge: &Challenge,
        relying_party: &RelyingParty,
        framing: &Framing,
    ) -> Result<(), Refusal> {
        if self.r#type != ceremony.name() {
            return Err(Refusal::TypeMismatch);
        }
        if !challenge.matches(&self.challenge) {
            return Err(Refusal::ChallengeMismatch);
        }
        if !relying_party.expects(&self.origin) {
            return Err(Refusal::OriginMismatch);
        }
        self.verify_framing(framing)?;
        self.verify_token_binding()
    }

    fn verify_framing(&self, framing: &Framing) -> Result<(), Refusal> {
        let cross_origin = self.cross_origin == Some(true);
        match (&self.top_origin, framing) {
            (Some(_), _) if !cross_origin => Err(Refusal::TopOriginWithoutCrossOrigin),
            (_, Framing::Forbidden) if cross_origin => Err(Refusal::CrossOriginNotAllowed),
            (Some(top), Framing::Within(origins))
                if !origins.iter().any(|origin| origin.as_str() == top) =>
            {
                Err(Refusal::TopOriginNotAllowed)
            }
            _ => Ok(()),
        }
    }

    /// Level 3 reserves the member and asks for no check. What Level 1 and 2 defined, and the `unused` that an early client wrote,
    /// is ignored; anything else was written by no client that ever existed, and is refused as Level 2 did.
    fn verify_token_binding(&self) -> Result<(), Refusal> {
        let binding = match &self.token_binding {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::String(text)) if text == "unused" => return Ok(()),
            Some(binding) => binding,
        };
        let status = binding
            .get("status")
            .and_then(Value::as_str)
            .ok_or(Refusal::TokenBindingFormatInvalid)?;
        match status {
            "supported" | "not-supported" => Ok(()),
            "present" if binding.get("id").is_some_and(Value::is_string) => Ok(()),
            "present" => Err(Refusal::TokenBindingIdMissing),
            _ => Err(Refusal::TokenBindingStatusInvalid),
        }
    }
}

pub(crate) fn claimed_challenge(client_data_json: &[u8]) -> Result<Vec<u8>, Refusal> {
    let client_data = ClientData::parse(client_data_json)?;
    base64url::decode(&client_data.challenge).ok_or(Refusal::MalformedClientData)
}

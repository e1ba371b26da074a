//! The credential as programs write it, as the registration reads it.

use ceremony::attestation::AttestationObject;
use ceremony::authenticator_data::AuthenticatorData;
use ceremony::base64url;
use serde_json::{Map, Value};

use crate::graph::GraphRefusal;
use crate::graph::values::object;

/// RegistrationResponseJSON for a `publicKeyCredential`. Graph knows neither `rawId` nor `type`, and one library leaves out the id,
/// which stands in what was attested. Whether all of it is true is for the ceremony.
pub fn registration_response(credential: &Value) -> Result<String, GraphRefusal> {
    let mut members = object(credential)?;
    if let Some(response) = members.get("response").filter(|one| one.is_object()) {
        let response = object(response)?;
        members.insert("response".to_owned(), Value::Object(response));
    }
    if !members.contains_key("id")
        && let Some(id) = attested_id(&members)
    {
        members.insert("id".to_owned(), id.into());
    }
    if let Some(id) = members.get("id").cloned() {
        members.entry("rawId").or_insert(id);
    }
    members.entry("type").or_insert_with(|| "public-key".into());
    Ok(Value::Object(members).to_string())
}

fn attested_id(members: &Map<String, Value>) -> Option<String> {
    let text = members
        .get("response")?
        .get("attestationObject")?
        .as_str()?;
    let bytes = base64url::decode(text)?;
    let object = AttestationObject::parse(&bytes).ok()?;
    let data = AuthenticatorData::parse_attested(object.authenticator_data).ok()?;
    Some(base64url::encode(data.attested?.credential_id))
}

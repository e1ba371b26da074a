//! Methods as Graph writes them.

use policy::key_place::key_place;
use policy::model::{
    AttestationLevel, PassUse, Passkey, Password, Registrar, TemporaryAccessPass, Timestamp,
};
use policy::passes::Usability;
use serde_json::{Map, Value, json};

use crate::graph::values::{date, date_or_null, members};
use crate::graph::{GraphRefusal, Request, Version};

/// The id of everybody's password, the same in Entra for all.
pub const PASSWORD: &str = "28c10230-6103-485e-b985-444c60001490";
/// The id of everybody's one-time code generator: nobody has two.
pub const TOTP: &str = "b0a1b5b6-6d0b-4d4c-9a2c-6b3f1f1c9f10";

/// `users('…')/authentication/fido2Methods`, for the description of an answer.
pub fn context(request: &Request, collection: &str) -> Result<String, GraphRefusal> {
    let id = request.user()?.id;
    Ok(format!("users('{id}')/authentication/{collection}"))
}

/// A passkey. Its id is the credential id in base64url, as everywhere here.
pub fn passkey(request: &Request, passkey: &Passkey) -> Map<String, Value> {
    let models = request.app.models.facts();
    let model = models.get(passkey.aaguid).map(|known| known.name.as_str());
    let level = passkey.attestation_level;
    let certificates: Vec<_> = passkey.attestation_certificate.iter().collect();
    let mut view = members(json!({
        "id": ceremony::base64url::encode(&passkey.credential_id),
        "displayName": passkey.display_name,
        "createdDateTime": date(passkey.created),
        "aaGuid": passkey.aaguid.to_string(),
        "model": model.unwrap_or_default(),
        "attestationCertificates": certificates,
        "attestationLevel": match level {
            AttestationLevel::Attested => "attested",
            AttestationLevel::NotAttested => "notAttested",
        },
        "passkeyType": passkey.passkey_type.as_str(),
    }));
    used(request, &mut view, passkey.last_used);
    view.insert(
        "keyward@provenance".to_owned(),
        passkey.provenance.as_str().into(),
    );
    let place = key_place(passkey, models.get(passkey.aaguid));
    let place =
        place.map(|one| json!({"keeper": one.keeper.as_str(), "source": one.source.as_str()}));
    view.insert("keyward@keyStore".to_owned(), place.into());
    view.insert(
        "keyward@registeredBy".to_owned(),
        registered_by(request, passkey),
    );
    view.insert(
        "keyward@isWaitingForOwner".to_owned(),
        passkey.waiting.into(),
    );
    view
}

/// Whose hand added it. An owner need not know which administrator it was.
fn registered_by(request: &Request, passkey: &Passkey) -> Value {
    let kind = passkey.registrar.as_str();
    match &passkey.registrar {
        Registrar::Owner => json!({"kind": kind, "id": passkey.user}),
        Registrar::Administrator { id } => {
            let shown = request.oneself().is_none().then_some(id);
            json!({"kind": kind, "id": shown})
        }
        Registrar::Application { id, display_name } => {
            json!({"kind": kind, "id": id, "displayName": display_name})
        }
        Registrar::Unknown => json!({"kind": kind, "id": null}),
    }
}

/// A pass, with its code where it was issued a moment ago.
pub fn pass(
    pass: &TemporaryAccessPass,
    usability: Usability,
    code: Option<&str>,
) -> Map<String, Value> {
    members(json!({
        "id": pass.id.to_string(),
        "createdDateTime": date(pass.created),
        "startDateTime": date(pass.starts),
        "lifetimeInMinutes": pass.lifetime.as_seconds() / 60,
        "isUsableOnce": pass.usable == PassUse::Once,
        "isUsable": usability == Usability::EnabledByPolicy,
        "methodUsabilityReason": match usability {
            Usability::EnabledByPolicy => "EnabledByPolicy",
            Usability::DisabledByPolicy => "DisabledByPolicy",
            Usability::Expired => "Expired",
            Usability::NotYetValid => "NotYetValid",
            Usability::OneTimeUsed => "OneTimeUsed",
        },
        "temporaryAccessPass": code,
    }))
}

/// A password, of which nothing is said but that it is there.
pub fn password(password: &Password) -> Map<String, Value> {
    members(json!({
        "id": PASSWORD,
        "password": null,
        "createdDateTime": date(password.changed),
    }))
}

/// A one-time code generator, without its secret.
pub fn totp(enrolled: Timestamp) -> Map<String, Value> {
    members(json!({
        "id": TOTP,
        "secretKey": null,
        "createdDateTime": date(enrolled),
    }))
}

/// The same as one of many kinds.
pub fn typed(kind: &str, view: Map<String, Value>) -> Map<String, Value> {
    let mut typed = Map::new();
    let kind = format!("#microsoft.graph.{kind}");
    typed.insert("@odata.type".to_owned(), kind.into());
    typed.extend(view);
    typed
}

fn used(request: &Request, view: &mut Map<String, Value>, at: Option<Timestamp>) {
    if request.version == Version::Beta {
        view.insert("lastUsedDateTime".to_owned(), date_or_null(at));
    }
}

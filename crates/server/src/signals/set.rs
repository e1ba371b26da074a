//! Stored events as security event tokens (RFC 8417, SSF section 4).

use policy::model::{
    EndReason, Initiator, QueuedSignal, Signal, SignalCredential, Stream, StreamId, SubjectFormat,
    UserId,
};
use serde_json::{Map, Value, json};

use crate::app::AppState;
use crate::jose::TokenType;
use crate::oidc::claims::pairwise;
use crate::oidc::keyring::KeyringFault;
use crate::oidc::metadata::issuer;

/// The `jti` of an event: the same however often it is sent, and sorted like the events of its stream.
pub fn token_id(stream: StreamId, number: i64) -> String {
    format!("{}.{number:016x}", stream.uuid().simple())
}

/// The number in a `jti` of this stream.
pub(super) fn number_of(stream: StreamId, token: &str) -> Option<i64> {
    let (_, number) = token.split_once('.')?;
    let number = i64::from_str_radix(number, 16).ok()?;
    (token_id(stream, number) == token).then_some(number)
}

/// The signed token of an event.
pub(super) async fn signed(
    app: &AppState,
    stream: &Stream,
    event: &QueuedSignal,
) -> Result<String, KeyringFault> {
    let keys = app.keyring.of(app, stream.tenant).await?;
    let claims = claims(app.config.origin(), stream, event);
    Ok(keys.active().sign(TokenType::SecurityEvent, &claims)?)
}

fn claims(origin: &str, stream: &Stream, event: &QueuedSignal) -> Value {
    let issuer = issuer(origin, stream.tenant);
    let mut claims = json!({
        "iss": issuer,
        "jti": token_id(stream.id, event.number),
        "iat": event.at.as_seconds(),
        "aud": stream.application.to_string(),
        "sub_id": subject(&issuer, stream, event),
        "events": {event.signal.kind().uri(): payload(event)},
    });
    if let (Some(correlation), Some(members)) = (event.correlation, claims.as_object_mut()) {
        members.insert("txn".to_owned(), correlation.to_string().into());
    }
    claims
}

/// Whom it is about: a person, one of their sessions, or the stream.
fn subject(issuer: &str, stream: &Stream, event: &QueuedSignal) -> Value {
    let Some(user) = event.user else {
        return json!({"format": "opaque", "id": stream.id.to_string()});
    };
    let person = person(issuer, stream, user, event.address.as_deref());
    match &event.signal {
        Signal::SessionRevoked {
            session: Some(session),
            ..
        } => json!({
            "format": "complex",
            "user": person,
            "session": {"format": "opaque", "id": session.to_string()},
            "tenant": {"format": "opaque", "id": stream.tenant.to_string()},
        }),
        _ => person,
    }
}

fn person(issuer: &str, stream: &Stream, user: UserId, address: Option<&str>) -> Value {
    match (stream.format, address) {
        (SubjectFormat::Email, Some(address)) => json!({"format": "email", "email": address}),
        (SubjectFormat::IssSub, _) => json!({
            "format": "iss_sub",
            "iss": issuer,
            "sub": pairwise(stream.tenant, stream.application, user),
        }),
        _ => json!({"format": "opaque", "id": user.to_string()}),
    }
}

fn payload(event: &QueuedSignal) -> Value {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    match &event.signal {
        Signal::Verification { state } => {
            if let Some(state) = state {
                put("state", state.as_str().into());
            }
            return Value::Object(members);
        }
        Signal::StreamUpdated { status, reason } => {
            put("status", status.as_str().into());
            if let Some(reason) = reason {
                put("reason", reason.as_str().into());
            }
            return Value::Object(members);
        }
        Signal::SessionRevoked { reason, .. } => {
            put("reason_admin", json!({"en": sentence(*reason)}));
            if let Some(by) = initiator(*reason) {
                put("initiating_entity", json!(by));
            }
        }
        Signal::CredentialChange {
            change,
            credential,
            by,
        } => {
            describe(&mut put, credential);
            put("change_type", json!(change));
            put("initiating_entity", json!(by));
        }
        Signal::AssuranceLevelChange { from, to, by } => {
            put("namespace", "NIST-AAL".into());
            put("previous_level", format!("nist-aal{from}").into());
            put("current_level", format!("nist-aal{to}").into());
            let direction = if to < from { "decrease" } else { "increase" };
            put("change_direction", direction.into());
            put("initiating_entity", json!(by));
        }
        Signal::CredentialCompromise { credential, reason } => {
            describe(&mut put, credential);
            if let Some(reason) = reason {
                put("reason_admin", json!({"en": reason.as_str()}));
            }
        }
        // RISC has no members for these but a reason that we do not know (section 2.3: hijacking, bulk-account).
        Signal::AccountDisabled | Signal::AccountEnabled | Signal::AccountPurged => {
            return Value::Object(members);
        }
    }
    put("event_timestamp", event.at.as_seconds().into());
    Value::Object(members)
}

fn describe(put: &mut impl FnMut(&str, Value), credential: &SignalCredential) {
    put("credential_type", json!(credential.kind));
    if let Some(aaguid) = credential.aaguid {
        put("fido2_aaguid", aaguid.to_string().into());
    }
    if let Some(name) = &credential.name {
        put("friendly_name", name.as_str().into());
    }
}

const fn sentence(reason: EndReason) -> &'static str {
    match reason {
        EndReason::SignedOut => "The user signed out.",
        EndReason::SessionsRevoked => "All sessions were revoked.",
        EndReason::PasskeyRevoked => "The passkey behind the session was removed.",
        EndReason::PasskeyQuarantined => {
            "The passkey behind the session is no longer trusted as it was."
        }
        EndReason::PassEnded => "The Temporary Access Pass behind the session ended.",
        EndReason::UserDisabled => "The account was disabled.",
        EndReason::PasswordChanged => "The password was changed.",
        EndReason::Replaced => "A later sign-in took its place.",
    }
}

/// Where the reason says it; the others happen by a person and by an administrator.
const fn initiator(reason: EndReason) -> Option<Initiator> {
    match reason {
        EndReason::SignedOut | EndReason::Replaced => Some(Initiator::User),
        EndReason::UserDisabled => Some(Initiator::Admin),
        EndReason::PasskeyQuarantined => Some(Initiator::Policy),
        EndReason::SessionsRevoked
        | EndReason::PasskeyRevoked
        | EndReason::PassEnded
        | EndReason::PasswordChanged => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_id_names_one_event_of_one_stream() {
        let (one, other) = (StreamId::from_bytes([1; 16]), StreamId::from_bytes([2; 16]));
        let id = token_id(one, 2748);
        assert_eq!(number_of(one, &id), Some(2748));
        assert_eq!(number_of(other, &id), None);
        assert_eq!(number_of(one, &id.to_uppercase()), None);
        assert_eq!(number_of(one, &format!("{id}0")), None);
        assert_eq!(number_of(one, "2748"), None);
        assert!(token_id(one, 9) < token_id(one, 16));
    }
}

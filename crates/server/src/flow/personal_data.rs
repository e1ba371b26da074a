//! Everything that is kept about one person, as one JSON document: what data protection law calls access and portability.
//!
//! Secrets are not in it: a password's hash, a one-time code's secret, a pass's code and a cookie are ways in, not knowledge
//! about somebody. The public key of a passkey is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use policy::Denial;
use policy::model::{
    Actor, Approval, AuditRecord, BackupChange, Grant, Group, Passkey, PasskeyId, RecordId, Role,
    Session, Sighting, SignInRecord, TemporaryAccessPass, TenantId, Timestamp, User, UserId,
};
use policy::roles::{Task, may_do};
use serde_json::{Value, json};
use store::audit::Filter;
use store::consents::Named;
use store::provisioned::{Described, Person};
use store::{Page, StoreError, Tx};

use super::administer::AdministerRefusal;
use super::{Caller, consent, records};
use crate::app::AppState;
use crate::web::{AdminSession, CurrentSession};

/// Records of each log in one document; somebody with more gets the newest and is told so.
const RECORDS: u32 = 5_000;
/// Requests for a second person in one document.
const REQUESTS: u32 = 500;
/// Living sessions in one document.
const SESSIONS: u32 = 500;
const ACTIVITY: &str = "Export personal data";

/// The document about the signed-in person.
///
/// # Errors
/// If the store fails.
pub async fn own(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
) -> Result<Value, AdministerRefusal> {
    let actor = records::by_user(&session.user, caller);
    write(app, caller, actor, session.tenant(), session.user.id).await
}

/// Whether somebody with these roles may have the document about another: it holds what three other pages show, so it takes what
/// they take.
///
/// # Errors
/// [`Denial::RoleMissing`].
pub fn may_export(roles: &[Role]) -> Result<(), Denial> {
    for task in [Task::ReadMethods, Task::ReadAudit, Task::ReadSignIns] {
        may_do(roles, task)?;
    }
    Ok(())
}

/// The document about somebody else.
///
/// # Errors
/// [`AdministerRefusal::Denied`], [`AdministerRefusal::NotFound`], or if the store fails.
pub async fn of_user(
    app: &AppState,
    caller: &Caller,
    admin: &AdminSession,
    user: UserId,
) -> Result<Value, AdministerRefusal> {
    may_export(&admin.current.roles).map_err(AdministerRefusal::Denied)?;
    let actor = records::by_user(&admin.current.user, caller);
    write(app, caller, actor, admin.current.tenant(), user).await
}

/// Reads in one snapshot, after it is written down that somebody did: nobody takes the data without leaving a record.
async fn write(
    app: &AppState,
    caller: &Caller,
    actor: Actor,
    tenant: TenantId,
    user: UserId,
) -> Result<Value, AdministerRefusal> {
    let (now, random, caller) = (app.clock.now(), app.random.clone(), caller.clone());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let found = store::users::find(tx, tenant, user).await?;
                let found = found.ok_or(AdministerRefusal::NotFound)?;
                let record = records::audit(now, &random, &caller, ACTIVITY, actor, &found);
                store::audit::record(tx, &record).await?;
                Ok::<_, AdministerRefusal>(())
            })
        })
        .await?;
    let kept = app
        .store
        .snapshot(move |tx| Box::pin(async move { Kept::read(tx, tenant, user, now).await }))
        .await?
        .ok_or(AdministerRefusal::NotFound)?;
    Ok(kept.document(now))
}

/// What the store has.
struct Kept {
    user: User,
    described: Described,
    roles: Vec<Role>,
    groups: Vec<Group>,
    password_changed: Option<Timestamp>,
    totp_enrolled: Option<Timestamp>,
    pass: Option<TemporaryAccessPass>,
    passkeys: Vec<Passkey>,
    sightings: Vec<(PasskeyId, Sighting)>,
    backups: Vec<BackupChange>,
    sessions: Vec<Session>,
    grants: Vec<Grant>,
    consents: Vec<Named>,
    requests: Vec<Approval>,
    sign_ins: Vec<SignInRecord>,
    audit: Vec<AuditRecord>,
}

impl Kept {
    async fn read(
        tx: &mut Tx,
        tenant: TenantId,
        id: UserId,
        now: Timestamp,
    ) -> Result<Option<Self>, StoreError> {
        let Some(Person { user, described }) = store::provisioned::person(tx, tenant, id).await?
        else {
            return Ok(None);
        };
        let password = store::passwords::find(tx, tenant, id).await?;
        let totp = store::totp::find(tx, tenant, id).await?;
        let (filter, page) = (Filter::User(id), Page::<RecordId>::first(RECORDS));
        Ok(Some(Self {
            user,
            described,
            roles: store::roles::of_user(tx, tenant, id).await?,
            groups: store::groups::of_user(tx, tenant, id).await?,
            password_changed: password.map(|password| password.changed),
            totp_enrolled: totp.map(|totp| totp.enrolled),
            pass: store::passes::find(tx, tenant, id).await?,
            passkeys: store::passkeys::of_user(tx, tenant, id).await?,
            sightings: store::sightings::of_user(tx, tenant, id).await?,
            backups: store::sightings::backups_of_user(tx, tenant, id).await?,
            sessions: store::sessions::of_user(tx, tenant, id, now, Page::first(SESSIONS)).await?,
            grants: store::grants::of_user(tx, tenant, id, now).await?,
            consents: store::consents::of_user(tx, tenant, id, consent::LISTED).await?,
            requests: store::approvals::of_user(tx, tenant, id, REQUESTS).await?,
            sign_ins: store::sign_ins::list(tx, tenant, filter, page).await?,
            audit: store::audit::list(tx, tenant, filter, page).await?,
        }))
    }

    fn document(&self, now: Timestamp) -> Value {
        let user = &self.user;
        let full = |count: usize| u32::try_from(count).is_ok_and(|count| count >= RECORDS);
        json!({
            "exportedDateTime": time(now),
            "user": {
                "id": user.id,
                "userPrincipalName": user.user_principal_name,
                "displayName": user.display_name,
                "mail": user.mail,
                "givenName": self.described.given_name,
                "surname": self.described.family_name,
                "externalId": self.described.external_id,
                "userType": user.user_type.as_str(),
                "accountEnabled": user.enabled,
                "perUserMfaState": user.mfa.as_str(),
                "userHandle": URL_SAFE_NO_PAD.encode(user.handle.as_bytes()),
                "createdDateTime": time(user.created),
                "roles": self.roles.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "groups": self.groups.iter().map(|group| json!({"id": group.id, "displayName": group.display_name})).collect::<Vec<_>>(),
            },
            "password": self.password_changed.map(|at| json!({"changedDateTime": time(at)})),
            "oneTimeCodes": self.totp_enrolled.map(|at| json!({"enrolledDateTime": time(at)})),
            "temporaryAccessPass": self.pass.as_ref().map(|pass| json!({
                "startDateTime": time(pass.starts),
                "endDateTime": time(pass.ends()),
                "createdDateTime": time(pass.created),
                "usedDateTime": pass.used.map(time),
            })),
            "passkeys": self.passkeys.iter().map(|one| self.passkey(one)).collect::<Vec<_>>(),
            "sessions": self.sessions.iter().map(session).collect::<Vec<_>>(),
            "applications": self.grants.iter().map(grant).collect::<Vec<_>>(),
            "consents": self.consents.iter().map(consented).collect::<Vec<_>>(),
            "changeRequests": self.requests.iter().map(|one| request(one, now)).collect::<Vec<_>>(),
            "signIns": self.sign_ins.iter().map(sign_in).collect::<Vec<_>>(),
            "signInsTruncated": full(self.sign_ins.len()),
            "auditRecords": self.audit.iter().map(audit).collect::<Vec<_>>(),
            "auditRecordsTruncated": full(self.audit.len()),
        })
    }

    fn passkey(&self, passkey: &Passkey) -> Value {
        let places = self.sightings.iter().filter(|(id, _)| *id == passkey.id);
        let backups = self.backups.iter().filter(|one| one.passkey == passkey.id);
        json!({
            "id": passkey.id,
            "credentialId": URL_SAFE_NO_PAD.encode(&passkey.credential_id),
            "displayName": passkey.display_name,
            "aaGuid": passkey.aaguid,
            "algorithm": passkey.algorithm,
            "passkeyType": passkey.passkey_type.as_str(),
            "backedUp": passkey.backed_up,
            "transports": passkey.transports,
            "attestationFormat": passkey.attestation_format,
            "attestationLevel": passkey.attestation_level.as_str(),
            "attestationObject": URL_SAFE_NO_PAD.encode(&passkey.attestation_object),
            "provenance": passkey.provenance.as_str(),
            "registeredBy": passkey.registrar.as_str(),
            "enabled": passkey.enabled,
            "waitingForOwner": passkey.waiting,
            "createdDateTime": time(passkey.created),
            "lastUsedDateTime": passkey.last_used.map(time),
            "places": places.map(|(_, place)| sighting(place)).collect::<Vec<_>>(),
            "backupHistory": backups.map(|one| json!({"dateTime": time(one.at), "backedUp": one.backed_up})).collect::<Vec<_>>(),
        })
    }
}

fn sighting(seen: &Sighting) -> Value {
    json!({
        "system": seen.place.system.as_str(),
        "browser": seen.place.browser.as_str(),
        "network": seen.place.network.to_string(),
        "transport": seen.transport,
        "firstSeenDateTime": time(seen.first_seen),
        "lastSeenDateTime": time(seen.last_seen),
    })
}

fn session(session: &Session) -> Value {
    json!({
        "id": session.id,
        "openedDateTime": time(session.created),
        "lastSeenDateTime": time(session.last_seen),
        "expiresDateTime": time(session.expires),
        "ipAddress": session.ip_address,
        "userAgent": session.user_agent,
        "keptSignedIn": session.keep_signed_in,
    })
}

fn grant(grant: &Grant) -> Value {
    json!({
        "appId": grant.application,
        "scopes": grant.scopes,
        "createdDateTime": time(grant.created),
        "expiresDateTime": time(grant.expires),
    })
}

fn consented(named: &Named) -> Value {
    json!({
        "appId": named.consent.application,
        "displayName": named.application,
        "scopes": named.consent.scopes,
        "givenDateTime": time(named.consent.given),
    })
}

/// What they wanted changed; what it would have said is the tenant's.
fn request(request: &Approval, now: Timestamp) -> Value {
    json!({
        "id": request.id,
        "operation": request.proposal.operation(),
        "status": request.status(now),
        "createdDateTime": time(request.created),
        "expiresDateTime": time(request.expires),
    })
}

fn sign_in(record: &SignInRecord) -> Value {
    let steps = record.steps.iter().map(|step| {
        json!({
            "dateTime": time(step.at),
            "method": step.method,
            "detail": step.detail,
            "succeeded": step.succeeded,
        })
    });
    json!({
        "id": record.id,
        "dateTime": time(record.at),
        "application": record.application_name,
        "errorCode": record.error_code,
        "failureCode": record.failure_code,
        "steps": steps.collect::<Vec<_>>(),
        "ipAddress": record.ip_address,
        "userAgent": record.user_agent,
        "correlationId": record.correlation,
    })
}

/// Who did it is told only as far as it is about the person: another person's address is not theirs to have.
fn audit(record: &AuditRecord) -> Value {
    let by = match &record.initiated_by {
        Actor::User { id, .. } if Some(*id) == record.user => "themselves",
        Actor::User { .. } => "an administrator",
        _ => "the service",
    };
    json!({
        "id": record.id,
        "dateTime": time(record.at),
        "activity": record.activity,
        "result": record.result.as_str(),
        "reason": record.reason,
        "by": by,
        "correlationId": record.correlation,
    })
}

/// RFC 3339; a moment that cannot be written so is left out.
fn time(at: Timestamp) -> Option<String> {
    jiff::Timestamp::from_microsecond(at.as_micros())
        .ok()
        .map(|at| at.to_string())
}

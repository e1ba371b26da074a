//! Applications: registering, changing and deleting them, their secrets and keys, and what they may do.
//!
//! An application that holds permissions of its own is as powerful as they are, and whoever can give it a secret or an address is
//! that application. So it is changed only by those who may give such permissions.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use axum::http::StatusCode;
use policy::Denial;
use policy::clients::{self, ClientFault};
use policy::model::{
    Application, ApplicationId, AuditRecord, Category, ClientKind, ClientSecret, ClientSettings,
    Consent, Span, Target, Timestamp, TokenHash,
};
use policy::roles::Task;
use policy::scopes::{Granted, Scope};
use serde_json::{Map, Value, json};
use store::consents::Position;
use store::{Page, StoreError};
use uuid::Uuid;
use x509_parser::pem::parse_x509_pem;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;

use super::govern::{Governor, bare, modified};
use super::issue_tokens::bearer_hash;
use super::refusal::Refused;
use super::{Caller, SecretText, authority};
use crate::app::AppState;
use crate::jose::{self, VerifyingKey};
use crate::oidc::redirect;
use crate::snapshots::ROUNDS;

/// How long a secret counts unless its end is said.
const SECRET: Span = Span::days(2 * 365);
/// The furthest end of a secret.
const LONGEST_SECRET: Span = Span::days(100 * 365);
/// Characters of a secret that stay visible, to tell it from others.
const HINT: usize = 3;
/// Characters of the name of a secret.
const LONGEST_NAME: usize = 120;
/// Bytes of a public key. ML-DSA-87 has 2.6 KB, in base64 3.5.
const LONGEST_KEY: usize = 8 * 1024;

/// Why a wish about an application was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplicationRefusal {
    /// No such application, secret, key or permission.
    NotFound,
    /// Policy says no.
    Denied(Denial),
    /// A member is not valid; names it.
    FieldInvalid(&'static str),
    /// A public client cannot keep a secret, so nothing is both.
    PublicAndConfidential,
    /// The application has this consent or permission already.
    GivenAlready,
    /// It was changed since the version that was named.
    Stale,
    /// Something else was changed in the same moment, again and again.
    Contended,
    /// Our own fault.
    Internal(String),
}

impl Refused for ApplicationRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Denied(denial) => denial.code(),
            Self::FieldInvalid(_) => "field_invalid",
            Self::PublicAndConfidential => "public_and_confidential",
            Self::GivenAlready => "given_already",
            Self::Stale => "application_stale",
            Self::Contended => "contended",
            Self::Internal(_) => "internal",
        }
    }

    fn user_sentence(&self) -> String {
        match self {
            Self::NotFound => "There is no such application, or it does not have this.".to_owned(),
            Self::Denied(denial) => denial.user_sentence().to_owned(),
            Self::FieldInvalid(field) => format!("Please check the field “{field}”."),
            Self::PublicAndConfidential => {
                "A public client (spa, publicClient) has neither secrets nor keys nor addresses of the web. Register two \
                 applications."
                    .to_owned()
            }
            Self::GivenAlready => "The application has this already.".to_owned(),
            Self::Stale => {
                "Somebody changed the application meanwhile. Look at it again and make your change there."
                    .to_owned()
            }
            Self::Contended => {
                "Something else was changed in the same moment. Please try again.".to_owned()
            }
            Self::Internal(_) => "Something went wrong on our side. Please try again.".to_owned(),
        }
    }

    fn admin_sentence(&self) -> String {
        match self {
            Self::Denied(denial) => denial.admin_sentence().to_owned(),
            Self::Internal(why) => why.clone(),
            other => other.user_sentence(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Denied(_) => StatusCode::FORBIDDEN,
            Self::FieldInvalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::PublicAndConfidential | Self::GivenAlready | Self::Contended => {
                StatusCode::CONFLICT
            }
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<Denial> for ApplicationRefusal {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<ClientFault> for ApplicationRefusal {
    fn from(fault: ClientFault) -> Self {
        match fault {
            ClientFault::Invalid(field) => Self::FieldInvalid(field),
            ClientFault::PublicAndConfidential => Self::PublicAndConfidential,
        }
    }
}

impl From<StoreError> for ApplicationRefusal {
    fn from(error: StoreError) -> Self {
        match error {
            // Two changes waited for each other and the database gave up this one: nothing is wrong, and trying again helps.
            StoreError::Overtaken => Self::Contended,
            error => Self::Internal(format!("store: {error}")),
        }
    }
}

/// Who changes an application, and by which right.
#[derive(Clone, Copy, Debug)]
pub enum Hands<'a> {
    /// Whoever manages applications. Where the token may give permissions besides, here is the proof.
    Manager(&'a Governor, Option<Granted>),
    /// Whoever may do this one thing.
    Doer(&'a Governor, Task),
}

impl<'a> Hands<'a> {
    const fn by(self) -> &'a Governor {
        match self {
            Self::Manager(by, _) | Self::Doer(by, _) => by,
        }
    }

    fn may(self, application: &Application) -> Result<(), Denial> {
        match self {
            Self::Manager(by, giving) => {
                by.may_manage_application(!application.app_permissions.is_empty(), giving)
            }
            Self::Doer(by, task) => by.may(task),
        }
    }
}

/// Applications by id, or the one with this id.
pub async fn list(
    app: &AppState,
    by: &Governor,
    only: Option<ApplicationId>,
    page: Page<ApplicationId>,
) -> Result<Vec<Application>, ApplicationRefusal> {
    by.may(Task::ReadApplications)?;
    let tenant = by.tenant();
    let read = app.store.read_point(move |tx| {
        Box::pin(async move {
            match only {
                None => store::applications::list(tx, tenant, page).await,
                Some(id) if page.after.is_some_and(|after| after >= id) => Ok(Vec::new()),
                Some(id) => {
                    let found = store::applications::find(tx, tenant, id).await?;
                    Ok(found.into_iter().collect())
                }
            }
        })
    });
    read.await
        .map_err(|error: StoreError| ApplicationRefusal::from(error))
}

/// One application.
pub async fn find(
    app: &AppState,
    by: &Governor,
    id: ApplicationId,
) -> Result<Application, ApplicationRefusal> {
    let page = Page::first(1);
    let mut found = list(app, by, Some(id), page).await?.into_iter();
    found.next().ok_or(ApplicationRefusal::NotFound)
}

/// Registers an application as `draft` fills it in.
pub async fn create(
    app: &AppState,
    caller: &Caller,
    hands: Hands<'_>,
    draft: impl FnOnce(&mut Application) -> Result<(), ApplicationRefusal>,
) -> Result<Application, ApplicationRefusal> {
    let now = app.clock.now();
    let mut made = Application {
        tenant: hands.by().tenant(),
        id: ApplicationId::new(now, app.random.bytes()),
        display_name: String::new(),
        kind: ClientKind::Confidential,
        secrets: Vec::new(),
        redirect_uris: Vec::new(),
        logout_uris: Vec::new(),
        app_permissions: Vec::new(),
        id_token_algorithm: None,
        settings: ClientSettings::default(),
        enabled: true,
        created: now,
    };
    draft(&mut made)?;
    let record = about(app, caller, hands.by(), "Add application", &made);
    permit(app, caller, hands, &made, &record).await?;
    let made = checked(app, None, made)?;
    let record = changed(record, &Map::new(), &facts(&made));
    let row = made.clone();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                store::applications::put(tx, &row).await?;
                store::audit::record(tx, &record).await?;
                Ok::<_, ApplicationRefusal>(())
            })
        })
        .await?;
    Ok(made)
}

/// Changes an application. `edit` may run more than once, on what the application is then; it answers what it made.
pub async fn change<T>(
    app: &AppState,
    caller: &Caller,
    hands: Hands<'_>,
    (id, activity): (ApplicationId, &str),
    edit: impl Fn(&mut Application) -> Result<T, ApplicationRefusal>,
) -> Result<(Application, T), ApplicationRefusal> {
    for _ in 0..ROUNDS {
        let (held, before) = read(app, hands.by(), id).await?;
        let record = about(app, caller, hands.by(), activity, &before);
        permit(app, caller, hands, &before, &record).await?;
        let mut after = before.clone();
        let made = edit(&mut after)?;
        let after = checked(app, Some(&before), after)?;
        if after == before {
            return Ok((after, made));
        }
        let record = changed(record, &facts(&before), &facts(&after));
        let row = after.clone();
        let written = app.store.write(move |tx| {
            Box::pin(async move {
                // Each change of an application raises this number, so that of two changes one is made upon the other.
                if !store::policies::hold(tx, row.tenant, held).await? {
                    return Err(ApplicationRefusal::Contended);
                }
                store::applications::put(tx, &row).await?;
                Ok(store::audit::record(tx, &record).await?)
            })
        });
        match written.await {
            Err(ApplicationRefusal::Contended) => {}
            Err(refusal) => return Err(refusal),
            Ok(()) => return Ok((after, made)),
        }
    }
    Err(ApplicationRefusal::Contended)
}

/// Deletes an application with everything that was given to it.
pub async fn delete(
    app: &AppState,
    caller: &Caller,
    hands: Hands<'_>,
    id: ApplicationId,
    still: impl Fn(&Application) -> Result<(), ApplicationRefusal>,
) -> Result<(), ApplicationRefusal> {
    for _ in 0..ROUNDS {
        let (held, before) = read(app, hands.by(), id).await?;
        let record = about(app, caller, hands.by(), "Delete application", &before);
        permit(app, caller, hands, &before, &record).await?;
        still(&before)?;
        let tenant = before.tenant;
        let written = app.store.write(move |tx| {
            Box::pin(async move {
                if !store::policies::hold(tx, tenant, held).await? {
                    return Err(ApplicationRefusal::Contended);
                }
                if !store::applications::delete(tx, tenant, id).await? {
                    return Err(ApplicationRefusal::NotFound);
                }
                Ok(store::audit::record(tx, &record).await?)
            })
        });
        match written.await {
            Err(ApplicationRefusal::Contended) => {}
            other => return other,
        }
    }
    Err(ApplicationRefusal::Contended)
}

/// What is wished of a secret.
#[derive(Clone, Debug, Default)]
pub struct SecretWish {
    /// What it is for.
    pub name: Option<String>,
    /// From when it counts.
    pub starts: Option<Timestamp>,
    /// Until when.
    pub ends: Option<Timestamp>,
}

/// Gives an application a secret; the text is shown now and never again.
pub async fn add_secret(
    app: &AppState,
    caller: &Caller,
    hands: Hands<'_>,
    id: ApplicationId,
    wish: SecretWish,
) -> Result<(ClientSecret, SecretText), ApplicationRefusal> {
    let now = app.clock.now();
    let starts = wish.starts.unwrap_or(now);
    let ends = wish.ends.unwrap_or_else(|| starts.plus(SECRET));
    if ends <= starts || ends <= now || ends.since(now) > LONGEST_SECRET {
        return Err(ApplicationRefusal::FieldInvalid("endDateTime"));
    }
    let is_name =
        |name: &String| name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    if !wish.name.as_ref().is_none_or(is_name) {
        return Err(ApplicationRefusal::FieldInvalid("displayName"));
    }
    let text = jose::encode(app.random.bytes::<32>());
    let secret = ClientSecret {
        id: Uuid::from_bytes(app.random.bytes()),
        hash: bearer_hash(&text),
        name: wish.name,
        hint: text.chars().take(HINT).collect(),
        starts,
        ends,
    };
    let edit = |application: &mut Application| {
        application.settings.secrets.push(secret.clone());
        Ok(())
    };
    change(app, caller, hands, (id, CREDENTIALS), edit).await?;
    Ok((secret, SecretText::new(text)))
}

/// Takes a secret away.
pub async fn remove_secret(
    app: &AppState,
    caller: &Caller,
    hands: Hands<'_>,
    id: ApplicationId,
    secret: Uuid,
) -> Result<(), ApplicationRefusal> {
    let edit = |application: &mut Application| {
        let before = application.secrets.len() + application.settings.secrets.len();
        application.secrets.retain(|one| id_of_old(*one) != secret);
        application.settings.secrets.retain(|one| one.id != secret);
        match application.secrets.len() + application.settings.secrets.len() < before {
            true => Ok(()),
            false => Err(ApplicationRefusal::NotFound),
        }
    };
    let done = change(app, caller, hands, (id, CREDENTIALS), edit).await;
    done.map(drop)
}

/// The id of a secret that was written down without one.
pub fn id_of_old(secret: TokenHash) -> Uuid {
    made_id(b"secret", secret.as_bytes())
}

/// The id of a key, which is known by its `kid`.
pub fn id_of_key(key: &Value) -> Uuid {
    let name = key.get("kid").and_then(Value::as_str).unwrap_or_default();
    made_id(b"key", name.as_bytes())
}

/// Of a hash of a hash, so that it says nothing of the first.
fn made_id(kind: &[u8], of: &[u8]) -> Uuid {
    let text = [b"keyward id of ", kind, b"\0", of].concat();
    let digest = digest(&SHA256, &text);
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    Uuid::from_bytes(id)
}

/// Adds a key with which the application may sign assertions (RFC 7523): of [`public_key`] or [`key_of_certificate`].
pub async fn add_key(
    app: &AppState,
    caller: &Caller,
    hands: Hands<'_>,
    id: ApplicationId,
    key: Value,
) -> Result<Value, ApplicationRefusal> {
    let edit = |application: &mut Application| {
        let keys = &mut application.settings.assertion_keys;
        // A token picks its key by name, so a name is one key.
        if keys.iter().any(|one| id_of_key(one) == id_of_key(&key)) {
            return Err(ApplicationRefusal::GivenAlready);
        }
        keys.push(key.clone());
        Ok(())
    };
    change(app, caller, hands, (id, CREDENTIALS), edit).await?;
    Ok(key)
}

/// Takes a key away.
pub async fn remove_key(
    app: &AppState,
    caller: &Caller,
    hands: Hands<'_>,
    id: ApplicationId,
    key: Uuid,
) -> Result<(), ApplicationRefusal> {
    let edit = |application: &mut Application| {
        let keys = &mut application.settings.assertion_keys;
        let before = keys.len();
        keys.retain(|one| id_of_key(one) != key);
        match keys.len() < before {
            true => Ok(()),
            false => Err(ApplicationRefusal::NotFound),
        }
    };
    let done = change(app, caller, hands, (id, CREDENTIALS), edit).await;
    done.map(drop)
}

/// The public members of a JWK that can be verified with; none if it is anything else, or has a private half: that would lie in
/// our database then.
pub fn public_key(key: &Value) -> Option<Value> {
    const PUBLIC: [&str; 9] = ["kty", "kid", "alg", "use", "crv", "x", "y", "n", "e"];
    const MORE: [&str; 3] = ["pub", "key_ops", "x5t#S256"];
    let members = key.as_object()?;
    let known = |name: &String| PUBLIC.contains(&name.as_str()) || MORE.contains(&name.as_str());
    let small = key.to_string().len() <= LONGEST_KEY;
    if !small || !members.keys().all(known) || VerifyingKey::from_jwk(key).is_none() {
        return None;
    }
    let name = members.get("kid")?.as_str()?;
    let is_name = (1..=LONGEST_NAME).contains(&name.len()) && !name.chars().any(char::is_control);
    is_name.then(|| key.clone())
}

/// What is kept of a certificate: its RSA key, its days, and the names by which tokens call it. None if it is no certificate, or of a
/// key that nobody signs assertions with.
pub fn key_of_certificate(certificate: &[u8]) -> Option<Value> {
    if certificate.len() > LONGEST_KEY {
        return None;
    }
    let der = match certificate.starts_with(b"-----BEGIN CERTIFICATE-----") {
        true => parse_x509_pem(certificate).ok()?.1.contents,
        false => certificate.to_vec(),
    };
    let (rest, read) = X509Certificate::from_der(&der).ok()?;
    let PublicKey::RSA(key) = read.public_key().parsed().ok()? else {
        return None;
    };
    if !rest.is_empty() {
        return None;
    }
    let number = |bytes: &[u8]| {
        let from = bytes.iter().position(|byte| *byte != 0).unwrap_or_default();
        jose::encode(bytes.get(from..).unwrap_or_default())
    };
    let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, &der);
    let name: String = read
        .subject()
        .to_string()
        .chars()
        .take(LONGEST_NAME)
        .collect();
    let key = json!({
        "kty": "RSA",
        "use": "sig",
        "n": number(key.modulus),
        "e": number(key.exponent),
        "kid": hex(sha1.as_ref()),
        "x5t": jose::encode(sha1.as_ref()),
        "x5t#S256": jose::encode(digest(&SHA256, &der).as_ref()),
        "name": name,
        "nbf": read.validity().not_before.timestamp(),
        "exp": read.validity().not_after.timestamp(),
    });
    // A key that is too small or otherwise odd is found out here, and not when the application first needs it.
    let mut probe = key.clone();
    probe
        .as_object_mut()?
        .insert("alg".to_owned(), "PS256".into());
    VerifyingKey::from_jwk(&probe).map(|_| key)
}

/// Upper case, as thumbprints are shown everywhere.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Consent for everybody in the tenant. With `new`, there must be none yet.
pub async fn consent(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    id: ApplicationId,
    scopes: Vec<Scope>,
    new: bool,
) -> Result<Application, ApplicationRefusal> {
    let names: Vec<String> = scopes.iter().map(ToString::to_string).collect();
    let activity = match names.is_empty() {
        true => "Remove delegated permission grant",
        false => "Add delegated permission grant",
    };
    let edit = |application: &mut Application| {
        let held = &mut application.settings.consented;
        if new && !held.is_empty() {
            return Err(ApplicationRefusal::GivenAlready);
        }
        if !new && held.is_empty() {
            return Err(ApplicationRefusal::NotFound);
        }
        held.clone_from(&names);
        Ok(())
    };
    let hands = Hands::Doer(by, Task::ManageConsent);
    let done = change(app, caller, hands, (id, activity), edit).await;
    done.map(|(application, ())| application)
}

/// What people agreed to for themselves, by application and person.
pub async fn consents(
    app: &AppState,
    by: &Governor,
    only: Option<ApplicationId>,
    after: Option<Position>,
    limit: u32,
) -> Result<Vec<Consent>, ApplicationRefusal> {
    by.may(Task::ReadApplications)?;
    let tenant = by.tenant();
    let read = app.store.read_point(move |tx| {
        Box::pin(async move { store::consents::list(tx, tenant, only, after, limit).await })
    });
    read.await
        .map_err(|error: StoreError| ApplicationRefusal::from(error))
}

/// What one person agreed to for themselves.
pub async fn consent_of(
    app: &AppState,
    by: &Governor,
    which: Position,
) -> Result<Consent, ApplicationRefusal> {
    by.may(Task::ReadApplications)?;
    agreement(app, by, which).await
}

async fn agreement(
    app: &AppState,
    by: &Governor,
    (id, user): Position,
) -> Result<Consent, ApplicationRefusal> {
    let tenant = by.tenant();
    let read = app.store.read_point(move |tx| {
        Box::pin(async move { store::consents::find(tx, tenant, user, id).await })
    });
    let found: Option<Consent> = read
        .await
        .map_err(|error: StoreError| ApplicationRefusal::from(error))?;
    found.ok_or(ApplicationRefusal::NotFound)
}

/// Takes back what one person agreed to. The application's tokens for them end with it.
pub async fn withdraw(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    (id, user): Position,
) -> Result<(), ApplicationRefusal> {
    let hands = Hands::Doer(by, Task::ManageConsent);
    let (_, application) = read(app, by, id).await?;
    let activity = "Remove delegated permission grant";
    let record = about(app, caller, by, activity, &application);
    permit(app, caller, hands, &application, &record).await?;
    // Whoever may take it away need not be one who may read applications.
    let held = agreement(app, by, (id, user)).await?;
    let before = json!({"ConsentedScopes": held.scopes, "Principal": user});
    let before = before.as_object().cloned().unwrap_or_default();
    let record = changed(record, &before, &Map::new());
    let (tenant, now) = (by.tenant(), app.clock.now());
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            if !store::consents::take(tx, tenant, user, id, now).await? {
                return Err(ApplicationRefusal::NotFound);
            }
            Ok(store::audit::record(tx, &record).await?)
        })
    });
    written.await
}

/// Gives an application a permission of its own, or takes it.
pub async fn permission(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    id: ApplicationId,
    name: &str,
    give: bool,
) -> Result<Application, ApplicationRefusal> {
    let activity = match give {
        true => "Add app role assignment to service principal",
        false => "Remove app role assignment from service principal",
    };
    let edit = |application: &mut Application| {
        let held = &mut application.app_permissions;
        let has = held.iter().any(|one| one == name);
        match (has, give) {
            (true, true) => return Err(ApplicationRefusal::GivenAlready),
            (false, false) => return Err(ApplicationRefusal::NotFound),
            (false, true) => held.push(name.to_owned()),
            (true, false) => held.retain(|one| one != name),
        }
        Ok(())
    };
    let hands = Hands::Doer(by, Task::GivePermissions);
    let done = change(app, caller, hands, (id, activity), edit).await;
    done.map(|(application, ())| application)
}

/// The application with the number under which it was read.
async fn read(
    app: &AppState,
    by: &Governor,
    id: ApplicationId,
) -> Result<(i64, Application), ApplicationRefusal> {
    let tenant = by.tenant();
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            let versions = store::versions::of(tx, tenant).await?.unwrap_or_default();
            let found = store::applications::find(tx, tenant, id).await?;
            let found = found.ok_or(ApplicationRefusal::NotFound)?;
            Ok((versions.policy, found))
        })
    });
    read.await
}

/// Whether the application may be changed; a denial is written down.
async fn permit(
    app: &AppState,
    caller: &Caller,
    hands: Hands<'_>,
    application: &Application,
    record: &AuditRecord,
) -> Result<(), ApplicationRefusal> {
    match hands.may(application) {
        Ok(()) => Ok(()),
        Err(denial) => {
            let refusal = ApplicationRefusal::Denied(denial);
            Err(authority::note(app, caller, record.clone(), refusal).await)
        }
    }
}

/// The application as it will be stored. An address where codes may be sent is one where people may be sent after signing out,
/// as in Entra; addresses that are there for signing out alone stay.
pub(super) fn checked(
    app: &AppState,
    before: Option<&Application>,
    mut after: Application,
) -> Result<Application, ApplicationRefusal> {
    let addresses = &after.redirect_uris;
    if !addresses
        .iter()
        .all(|uri| redirect::may_be_registered(&uri.uri))
    {
        return Err(ApplicationRefusal::FieldInvalid("redirectUris"));
    }
    // We go there ourselves, so it is checked as a receiver of signals is.
    let told_at = after.settings.back_channel_logout.as_deref();
    if told_at.is_some_and(|address| app.signals.check(address).is_err()) {
        return Err(ApplicationRefusal::FieldInvalid("logoutUrl"));
    }
    // A browser goes there in a frame, so it has to be the application's own (Front-Channel Logout section 2).
    let opened = after.settings.front_channel_logout.as_deref();
    if opened.is_some_and(|page| !redirect::is_beside(addresses, page)) {
        return Err(ApplicationRefusal::FieldInvalid(clients::FRONT_CHANNEL));
    }
    let before = before.map_or(&[][..], |before| &before.redirect_uris);
    if before != addresses.as_slice() {
        after
            .logout_uris
            .retain(|uri| !before.iter().any(|held| held.uri == *uri));
        for uri in addresses {
            if !after.logout_uris.contains(&uri.uri) {
                after.logout_uris.push(uri.uri.clone());
            }
        }
    }
    Ok(clients::checked(after)?)
}

const CREDENTIALS: &str = "Update application – Certificates and secrets management";

/// What the record says of an application: all of it, without what secrets are checked by.
pub fn facts(one: &Application) -> Map<String, Value> {
    let settings = &one.settings;
    let old = one.secrets.iter().map(|secret| id_of_old(*secret));
    let secrets = old.chain(settings.secrets.iter().map(|secret| secret.id));
    let keys = settings.assertion_keys.iter().map(id_of_key);
    let facts = json!({
        "DisplayName": one.display_name,
        "Description": settings.description,
        "PublicClient": one.kind == ClientKind::Public,
        "AllowDeviceCode": settings.device_code,
        "AppAddress": one.redirect_uris,
        "LogoutAddress": one.logout_uris,
        "BackChannelLogoutAddress": settings.back_channel_logout,
        "FrontChannelLogoutAddress": settings.front_channel_logout,
        "DpopBoundAccessTokens": settings.bound_tokens,
        "AppIdentifierUri": settings.identifier_uris,
        "RequiredResourceAccess": settings.required,
        "PasswordCredentials": secrets.collect::<Vec<_>>(),
        "KeyCredentials": keys.collect::<Vec<_>>(),
        "ConsentedScopes": settings.consented,
        "AppRoles": one.app_permissions,
        "AccountEnabled": one.enabled,
    });
    match facts {
        Value::Object(facts) => facts,
        _ => Map::new(),
    }
}

/// The record with what was changed.
pub(super) fn changed(
    mut record: AuditRecord,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> AuditRecord {
    if let Some(target) = record.targets.first_mut() {
        target.modified_properties = modified(before, after);
    }
    record
}

fn about(
    app: &AppState,
    caller: &Caller,
    by: &Governor,
    activity: &str,
    application: &Application,
) -> AuditRecord {
    let target = Target {
        id: application.id.to_string(),
        kind: "Application".to_owned(),
        display_name: Some(application.display_name.clone()),
        user_principal_name: None,
        modified_properties: Vec::new(),
    };
    AuditRecord {
        category: Category::ApplicationManagement,
        service: "Core Directory".to_owned(),
        ..bare(app, caller, by, activity, target)
    }
}

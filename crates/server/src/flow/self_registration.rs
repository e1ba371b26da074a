//! Applications that register themselves (RFC 7591): for whoever develops one on this very machine, and for nobody else. Codes
//! of such an application go only to loopback, and it gets what signing in gives.

use policy::model::{
    Actor, Application, ApplicationId, AuditRecord, AuditResult, AuditSalts, Category, ClientKind,
    ClientSettings, RecordId, RedirectKind, RedirectUri, Target, TenantId,
};
use serde_json::Map;
use store::{Page, StoreError};

use super::applications::{ApplicationRefusal, changed, checked, facts};
use super::issue_tokens::bearer_hash;
use super::{Caller, SecretText};
use crate::app::AppState;
use crate::jose;
use crate::oidc::redirect;

/// Most applications of a tenant that registered themselves. Whoever needs more deletes old ones.
const MOST: usize = 100;
/// Applications that are looked through for them.
const LOOKED_THROUGH: u32 = 1_000;

/// What an application says of itself.
#[derive(Debug)]
pub struct Wish {
    /// Its name, shown to people.
    pub name: String,
    /// Where codes are sent.
    pub addresses: Vec<String>,
    /// What waits there.
    pub kind: RedirectKind,
    /// Where people go after signing out, beside those.
    pub logout_addresses: Vec<String>,
    /// Its page for signing out in the browser.
    pub front_channel_logout: Option<String>,
    /// It wants tokens only for a key that it proves.
    pub bound_tokens: bool,
}

/// Why an application may not register itself. One variant per rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrationRefusal {
    /// An address is not on loopback.
    NotLoopback,
    /// Something it said of itself is not valid; names it.
    Invalid(&'static str),
    /// There are too many of them.
    TooMany,
    /// Our own fault.
    Internal(String),
}

impl From<StoreError> for RegistrationRefusal {
    fn from(error: StoreError) -> Self {
        Self::Internal(format!("store: {error}"))
    }
}

/// The application, and its secret if it can keep one. The secret is not to be had again.
pub async fn register(
    app: &AppState,
    caller: &Caller,
    tenant: TenantId,
    wish: Wish,
) -> Result<(Application, Option<SecretText>), RegistrationRefusal> {
    let every = wish.addresses.iter().chain(&wish.logout_addresses);
    if !every
        .chain(&wish.front_channel_logout)
        .all(|address| redirect::is_on_loopback(address))
    {
        return Err(RegistrationRefusal::NotLoopback);
    }
    let now = app.clock.now();
    let secret = (wish.kind == RedirectKind::Web)
        .then(|| SecretText::new(jose::encode(app.random.bytes::<32>())));
    let kind = wish.kind;
    let draft = Application {
        tenant,
        id: ApplicationId::new(now, app.random.bytes()),
        display_name: wish.name,
        kind: ClientKind::Public,
        secrets: secret
            .iter()
            .map(|text| bearer_hash(text.expose()))
            .collect(),
        redirect_uris: wish
            .addresses
            .into_iter()
            .map(|uri| RedirectUri { uri, kind })
            .collect(),
        logout_uris: wish.logout_addresses,
        app_permissions: Vec::new(),
        id_token_algorithm: None,
        settings: ClientSettings {
            self_registered: true,
            front_channel_logout: wish.front_channel_logout,
            bound_tokens: wish.bound_tokens,
            ..ClientSettings::default()
        },
        enabled: true,
        created: now,
    };
    let made = checked(app, None, draft).map_err(|refusal| match refusal {
        ApplicationRefusal::FieldInvalid(field) => RegistrationRefusal::Invalid(field),
        other => RegistrationRefusal::Internal(format!("{other:?}")),
    })?;
    let (row, record) = (made.clone(), record(app, caller, &made));
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            let page = Page::first(LOOKED_THROUGH);
            let all = store::applications::list(tx, tenant, page).await?;
            let own = all.iter().filter(|one| one.settings.self_registered);
            if own.count() >= MOST || all.len() >= LOOKED_THROUGH as usize {
                return Err(RegistrationRefusal::TooMany);
            }
            store::applications::put(tx, &row).await?;
            Ok(store::audit::record(tx, &record).await?)
        })
    });
    written.await?;
    Ok((made, secret))
}

fn record(app: &AppState, caller: &Caller, made: &Application) -> AuditRecord {
    let now = app.clock.now();
    let record = AuditRecord {
        tenant: made.tenant,
        id: RecordId::new(now, app.random.bytes()),
        at: now,
        activity: "Add application".to_owned(),
        category: Category::ApplicationManagement,
        service: "Core Directory".to_owned(),
        result: AuditResult::Success,
        reason: String::new(),
        initiated_by: Actor::Service {
            name: "dynamic client registration".to_owned(),
        },
        targets: vec![Target {
            id: made.id.to_string(),
            kind: "Application".to_owned(),
            display_name: Some(made.display_name.clone()),
            user_principal_name: None,
            modified_properties: Vec::new(),
        }],
        details: vec![
            ("userAgent".to_owned(), caller.user_agent.clone()),
            ("ipAddress".to_owned(), caller.ip.to_string()),
        ],
        user: None,
        credential_id: None,
        aaguid: None,
        passkey_type: None,
        correlation: caller.correlation,
        salts: Some(AuditSalts::new(app.random.bytes(), app.random.bytes())),
    };
    changed(record, &Map::new(), &facts(made))
}

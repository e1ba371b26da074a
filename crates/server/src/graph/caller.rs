//! Who stands behind a token, as they are now.

use axum::http::{HeaderMap, header};
use policy::Denial;
use policy::model::{
    Application, ApplicationId, Grant, GrantId, Role, Session, TenantId, Timestamp, User, UserId,
};
use policy::scopes::{Granted, Kind, Operation, Scope, grant};
use store::StoreError;

use super::refusal::GraphRefusal;
use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::Governor;
use crate::oidc::bearer::{self, BearerRefusal, Presented};
use crate::oidc::claims::AccessClaims;
use crate::oidc::possession::Asking;

/// Who asks.
#[derive(Clone, Debug)]
pub struct GraphCaller {
    application: Application,
    person: Option<Person>,
    scopes: Vec<Scope>,
}

/// The person behind a delegated token.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account.
    pub user: User,
    /// Their roles.
    pub roles: Vec<Role>,
    /// The session that the token came from, while it is open.
    pub session: Option<Session>,
}

impl GraphCaller {
    /// Checks the token of a request: signature, issuer, audience, time, key; then application, grant, session and account as they
    /// are now, so that what was revoked is over at once and not when the token expires.
    ///
    /// # Errors
    /// A 401.
    pub async fn of(app: &AppState, asking: &Asking<'_>) -> Result<Self, GraphRefusal> {
        let token = token(asking.headers);
        let (tenant, claims) = bearer::presented(app, asking, token).await?;
        match claims.idtyp.as_str() {
            "user" => delegated(app, tenant, &claims).await,
            "app" => app_only(app, tenant, &claims).await,
            _ => Err(BearerRefusal::NotDelegated.into()),
        }
    }

    /// The tenant.
    pub const fn tenant(&self) -> TenantId {
        self.application.tenant
    }

    /// The person, if there is one.
    pub const fn person(&self) -> Option<&Person> {
        self.person.as_ref()
    }

    /// The application.
    pub const fn application(&self) -> &Application {
        &self.application
    }

    /// Whether the token's scopes permit `operation`.
    ///
    /// # Errors
    /// [`Denial::ScopeMissing`].
    pub fn grant(&self, operation: Operation) -> Result<Granted, Denial> {
        let kind = match self.person {
            Some(_) => Kind::Delegated,
            None => Kind::AppOnly,
        };
        grant(&self.scopes, kind, operation)
    }

    /// Who acts in a flow, in the operation that was granted.
    pub fn governor(&self, caller: &Caller, granted: Granted) -> Governor {
        match &self.person {
            Some(person) => Governor::delegated(&person.user, &person.roles, caller, granted),
            None => Governor::application(&self.application, granted),
        }
    }
}

/// The token of `Authorization: Bearer …`; one admin tool leaves the word out. A token in the query is never looked at.
fn token(headers: &HeaderMap) -> Option<Presented<'_>> {
    if let Some(token) = bearer::in_header(headers) {
        return Some(token);
    }
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    (!value.is_empty() && !value.contains(' ')).then(|| Presented::bare(value))
}

async fn delegated(
    app: &AppState,
    tenant: TenantId,
    claims: &AccessClaims,
) -> Result<GraphCaller, GraphRefusal> {
    let user = claims.oid.parse::<UserId>().ok();
    let grant = claims.rh.as_deref().and_then(|id| id.parse().ok());
    let client = claims.azp.parse::<ApplicationId>().ok();
    let Some(((user, grant), client)) = user.zip(grant).zip(client) else {
        return Err(BearerRefusal::NotDelegated.into());
    };
    let behind = read(app, tenant, user, grant, client).await?;
    let user = behind
        .user
        .filter(|user| user.enabled)
        .ok_or(BearerRefusal::AccountDisabled)?;
    let application = behind
        .application
        .filter(|application| application.enabled)
        .ok_or(GraphRefusal::ApplicationDisabled)?;
    let grant = behind.grant.ok_or(BearerRefusal::GrantEnded)?;
    if let Some(since) = revoked(&grant, &user) {
        return Err(GraphRefusal::Revoked(since));
    }
    let session = behind.session.filter(|session| session.ended.is_none());
    let names = claims.scp.as_deref().unwrap_or_default().split(' ');
    Ok(GraphCaller {
        application,
        scopes: names.filter_map(Scope::parse).collect(),
        person: Some(Person {
            user,
            roles: behind.roles,
            session,
        }),
    })
}

/// Since when a grant is over.
fn revoked(grant: &Grant, user: &User) -> Option<Timestamp> {
    match grant.ended {
        Some((at, _)) => Some(at),
        None => {
            let since = user.grants_valid_from();
            (grant.authenticated < since).then_some(since)
        }
    }
}

async fn app_only(
    app: &AppState,
    tenant: TenantId,
    claims: &AccessClaims,
) -> Result<GraphCaller, GraphRefusal> {
    let id = claims.azp.parse::<ApplicationId>();
    let id = id.map_err(|_| GraphRefusal::ApplicationDisabled)?;
    let found = app
        .store
        .read_point(move |tx| {
            Box::pin(async move { store::applications::find(tx, tenant, id).await })
        })
        .await;
    let found: Option<Application> =
        found.map_err(|error: StoreError| GraphRefusal::from(error))?;
    let application = found
        .filter(|application| application.enabled)
        .ok_or(GraphRefusal::ApplicationDisabled)?;
    // What was taken from the application since is gone at once; what it was given since needs a new token.
    let held = claims
        .roles
        .iter()
        .filter(|role| application.app_permissions.contains(role));
    Ok(GraphCaller {
        scopes: held.filter_map(|name| Scope::parse(name)).collect(),
        person: None,
        application,
    })
}

struct Behind {
    user: Option<User>,
    roles: Vec<Role>,
    grant: Option<Grant>,
    session: Option<Session>,
    application: Option<Application>,
}

async fn read(
    app: &AppState,
    tenant: TenantId,
    user: UserId,
    grant: GrantId,
    client: ApplicationId,
) -> Result<Behind, GraphRefusal> {
    let read = app.store.read(move |tx| {
        Box::pin(async move {
            let grant = store::grants::find(tx, tenant, grant).await?;
            // A token names user and grant; they were always one.
            let grant = grant.filter(|grant| grant.user == user && grant.application == client);
            let session = match &grant {
                Some(grant) => store::sessions::find(tx, tenant, user, grant.session).await?,
                None => None,
            };
            Ok::<_, StoreError>(Behind {
                user: store::users::find(tx, tenant, user).await?,
                roles: store::roles::of_user(tx, tenant, user).await?,
                application: store::applications::find(tx, tenant, client).await?,
                grant,
                session,
            })
        })
    });
    Ok(read.await?)
}

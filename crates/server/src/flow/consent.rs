//! What a person agrees to give an application: asked once, after the sign-in and before the code.
//!
//! What an administrator agreed to for everybody is given without a question, and what only an administrator may agree to is
//! not given by anybody else ([`policy::consent`]).

use policy::Denial;
use policy::consent::{may_agree, may_be_given};
use policy::model::{
    Application, ApplicationId, AuditRecord, Category, Consent, ModifiedProperty, Target, User,
    UserId,
};
use policy::scopes::Scope;
use store::StoreError;
use store::consents::Named;

use super::administer::AdministerRefusal;
use super::context::OpenContext;
use super::sign_in::SignInRefusal;
use super::{Caller, Next, issue_tokens, records};
use crate::app::AppState;
use crate::oidc::answer;
use crate::oidc::metadata::issuer;
use crate::oidc::refusal::AuthorizeRefusal;
use crate::oidc::request::AuthorizeRequest;
use crate::web::CurrentSession;

/// What the code gives, and the consent that is written with it.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// The scopes.
    pub scopes: Vec<String>,
    /// What was agreed to just now.
    pub new: Option<Consent>,
}

impl Agreed {
    /// Nothing had to be asked.
    pub const fn before(scopes: Vec<String>) -> Self {
        Self { scopes, new: None }
    }
}

/// What the page asks.
#[derive(Clone, Debug)]
pub struct Question {
    /// Who asks, as it is registered now.
    pub application: Application,
    /// All that would be given.
    pub scopes: Vec<String>,
    /// What of it nobody agreed to yet.
    pub open: Vec<Scope>,
    /// Whether this person may.
    pub may_agree: bool,
}

/// Where the question is.
pub fn page(context: &OpenContext) -> Next {
    Next::Page(format!("/signin/consent?ctx={}", context.text()))
}

/// The scopes with which `request` is answered, or none as long as `user` has to be asked. Most requests want nothing that
/// has to be asked for, and cost no read.
pub async fn settled(
    app: &AppState,
    request: &AuthorizeRequest,
    user: UserId,
) -> Result<Option<Vec<String>>, SignInRefusal> {
    if request.ask_again {
        return Ok(None);
    }
    if request.wanted.is_empty() {
        return Ok(Some(request.scopes.clone()));
    }
    let (_, open) = standing(app, request, user).await?;
    Ok(open.is_empty().then(|| all(request)))
}

/// What the person in this session is asked.
pub async fn question(
    app: &AppState,
    context: &OpenContext,
    session: &CurrentSession,
) -> Result<Question, SignInRefusal> {
    let request = context.request().ok_or(SignInRefusal::ContextInvalid)?;
    let (application, open) = standing(app, request, session.user.id).await?;
    // A role counts where two factors were shown, as on every page of administration.
    let roles = match session.session.mfa {
        Some(_) => session.roles.as_slice(),
        None => &[],
    };
    Ok(Question {
        may_agree: may_agree(roles, &open),
        scopes: all(request),
        application,
        open,
    })
}

/// The person says yes.
pub async fn agreed(
    app: &AppState,
    context: &OpenContext,
    session: &CurrentSession,
) -> Result<Agreed, SignInRefusal> {
    let question = question(app, context, session).await?;
    if !question.may_agree {
        return Err(Denial::ConsentOfAdministrator.into());
    }
    let new = (!question.open.is_empty()).then(|| Consent {
        tenant: session.tenant(),
        user: session.user.id,
        application: question.application.id,
        scopes: question.open.iter().map(ToString::to_string).collect(),
        given: app.clock.now(),
    });
    Ok(Agreed {
        scopes: question.scopes,
        new,
    })
}

/// The person says no: where the application is told so, and how the log calls it.
pub async fn declined(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    session: &CurrentSession,
) -> Result<(Next, Denial), SignInRefusal> {
    let request = context.request().ok_or(SignInRefusal::ContextInvalid)?;
    let question = question(app, context, session).await?;
    let (refusal, denial) = match question.may_agree {
        true => (AuthorizeRefusal::ConsentDeclined, Denial::ConsentDeclined),
        false => (
            AuthorizeRefusal::ConsentOfAdministrator,
            Denial::ConsentOfAdministrator,
        ),
    };
    let (tenant, correlation) = (request.tenant, caller.correlation.to_string());
    let issuer = issuer(app.config.origin(), tenant);
    let fields = answer::refusal(&request.to, refusal, &issuer, &correlation);
    let next = issue_tokens::deliver(app, tenant, &request.to, fields)
        .map_err(|_| SignInRefusal::Internal("an answer could not be sealed".to_owned()))?;
    Ok((next, denial))
}

/// The audit record of a consent.
pub fn record(
    app: &AppState,
    caller: &Caller,
    user: &User,
    consent: &Consent,
    context: &OpenContext,
) -> AuditRecord {
    let name = context.application_name().unwrap_or_default();
    about(app, caller, user, "Consent to application", consent, name)
}

/// All that a person agreed to is on one page.
pub const LISTED: u32 = 200;

/// The person takes back what they agreed to. The application's tokens end with it.
pub async fn take_back(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
    application: ApplicationId,
) -> Result<(), AdministerRefusal> {
    let (tenant, user, now) = (session.tenant(), session.user.clone(), app.clock.now());
    let id = user.id;
    let held = app.store.read(move |tx| {
        Box::pin(async move { store::consents::of_user(tx, tenant, id, LISTED).await })
    });
    let held: Vec<Named> = held.await?;
    let found = held
        .iter()
        .find(|named| named.consent.application == application)
        .ok_or(AdministerRefusal::NotFound)?;
    let activity = "Remove delegated permission grant";
    let (consent, name) = (&found.consent, &found.application);
    let record = about(app, caller, &user, activity, consent, name);
    let taken = app.store.write(move |tx| {
        Box::pin(async move {
            if !store::consents::take(tx, tenant, id, application, now).await? {
                return Err(AdministerRefusal::NotFound);
            }
            store::audit::record(tx, &record).await?;
            Ok(())
        })
    });
    taken.await
}

/// Who asks as it is registered now, and what of the request nobody agreed to.
async fn standing(
    app: &AppState,
    request: &AuthorizeRequest,
    user: UserId,
) -> Result<(Application, Vec<Scope>), SignInRefusal> {
    let (tenant, id) = (request.tenant, request.application);
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let application = store::applications::find(tx, tenant, id).await?;
            let own = store::consents::find(tx, tenant, user, id).await?;
            Ok::<_, StoreError>((application, own))
        })
    });
    let (application, own) = found.await?;
    let application = application
        .filter(|application| application.enabled)
        .ok_or(SignInRefusal::ContextInvalid)?;
    let own = own.map(|consent| consent.scopes).unwrap_or_default();
    let wanted = request.wanted.iter().filter_map(|name| Scope::parse(name));
    let open = wanted.filter(|scope| !may_be_given(*scope, &application.settings, &own));
    Ok((application.clone(), open.collect()))
}

fn all(request: &AuthorizeRequest) -> Vec<String> {
    let scopes = request.scopes.iter().chain(&request.wanted);
    scopes.cloned().collect()
}

fn about(
    app: &AppState,
    caller: &Caller,
    user: &User,
    activity: &str,
    consent: &Consent,
    name: &str,
) -> AuditRecord {
    let actor = records::by_user(user, caller);
    let base = records::audit(app.clock.now(), &app.random, caller, activity, actor, user);
    let target = Target {
        id: consent.application.to_string(),
        kind: "Application".to_owned(),
        display_name: Some(name.to_owned()),
        user_principal_name: None,
        modified_properties: vec![ModifiedProperty {
            display_name: "ConsentedScopes".to_owned(),
            old_value: None,
            new_value: Some(consent.scopes.join(" ")),
        }],
    };
    let mut record = AuditRecord {
        category: Category::ApplicationManagement,
        service: "Core Directory".to_owned(),
        ..base
    };
    record.targets.insert(0, target);
    record
}

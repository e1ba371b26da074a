//! Conditional access as flows ask it: the request, put in the words of policy.

use std::sync::Arc;

use policy::access::{Decision, Request, Wish, decide, may_begin};
use policy::model::{
    Acr, ApplicationId, ClientType, GroupId, Mode, PassUse, Passkey, Platform, Proof,
    ProvedPasskey, Provenance, RedirectKind, Role, TemporaryAccessPass, TenantId, User, UserId,
};
use policy::profiles::{self, Key, Occasion};
use policy::register::{self, Situation, Standing};
use policy::sign_in::multi_factor_since;
use policy::snapshot::Snapshot;
use policy::step_up::Holdings;
use store::{StoreError, Tx};

use super::Caller;
use super::context::{Destination, OpenContext};
use crate::app::AppState;

/// What somebody wants, as far as policies ask.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What for.
    pub wish: Wish,
    /// Authentication contexts that are asked for as well.
    pub contexts: Vec<String>,
    /// The authentication context class that the application asks for.
    pub acr: Option<Acr>,
    /// What kind of program asks.
    pub client: ClientType,
    /// Begun by the device code flow.
    pub device_code: bool,
    /// What a sign-in that begins now has shown first.
    pub began: Option<Mode>,
}

impl Asked {
    /// What a sign-in is for.
    pub fn by(context: &OpenContext) -> Self {
        match &context.value().destination {
            Destination::Application { request, .. } => Self {
                wish: Wish::Application(request.application),
                contexts: request.contexts.clone(),
                acr: request.acr,
                client: client(request.redirect_kind),
                device_code: request.device.is_some(),
                began: None,
            },
            Destination::Page(page) if page.as_str().starts_with("/admin") => {
                Self::page(Wish::Administration)
            }
            Destination::Page(page) if registers(page.as_str()) => {
                Self::page(Wish::RegisterSecurityInfo)
            }
            Destination::Page(_) => Self::page(Wish::OwnPages),
        }
    }

    /// One of our own pages, in a browser.
    pub const fn page(wish: Wish) -> Self {
        Self {
            wish,
            contexts: Vec::new(),
            acr: None,
            client: ClientType::Browser,
            device_code: false,
            began: None,
        }
    }

    /// The application, if one asks.
    pub const fn application(&self) -> Option<ApplicationId> {
        match self.wish {
            Wish::Application(id) => Some(id),
            _ => None,
        }
    }
}

/// The pages on which sign-in methods are made.
fn registers(page: &str) -> bool {
    page.starts_with("/security-info/passkeys/add") || page.starts_with("/security-info/totp")
}

/// A program that is installed on a device gets its answer on that device; all others are web pages.
const fn client(kind: RedirectKind) -> ClientType {
    match kind {
        RedirectKind::Native => ClientType::MobileAppsAndDesktopClients,
        RedirectKind::Web | RedirectKind::Spa => ClientType::Browser,
    }
}

/// What a person belongs to, as policies ask for it.
#[derive(Clone, Debug, Default)]
pub struct Membership {
    /// Directory roles.
    pub roles: Vec<Role>,
    /// Groups.
    pub groups: Vec<GroupId>,
}

/// A decision and what it was made with.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The policies.
    pub snapshot: Arc<Snapshot>,
    /// What the policies say.
    pub decision: Decision,
}

/// What the policies at `version` say to `user`, who has shown `proofs`.
pub async fn judge(
    app: &AppState,
    caller: &Caller,
    asked: &Asked,
    (user, member): (&User, Option<&Membership>),
    version: i64,
    proofs: &[Proof],
) -> Result<Judged, StoreError> {
    let snapshot = app.snapshots.of(app, user.tenant, version).await?;
    let read = match member {
        // Without policies nobody has to be looked up.
        None if !snapshot.policies().access.is_empty() => {
            Some(memberships(app, user.tenant, user.id).await?)
        }
        _ => None,
    };
    let nobody = Membership::default();
    let member = member.or(read.as_ref()).unwrap_or(&nobody);
    let subject = snapshot.subject(user, &member.roles, &member.groups);
    let request = request(asked, caller);
    let decision = decide(&snapshot, &subject, &request, proofs, app.clock.now());
    Ok(Judged { snapshot, decision })
}

fn request<'a>(asked: &'a Asked, caller: &Caller) -> Request<'a> {
    Request {
        wish: asked.wish,
        contexts: &asked.contexts,
        acr: asked.acr,
        platform: Platform::claimed(&caller.user_agent),
        client: asked.client,
        address: caller.ip,
        device_code: asked.device_code,
        began: asked.began,
    }
}

/// Methods that the pages of a sign-in offer as its first step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Openings {
    /// A passkey.
    pub passkey: bool,
    /// A password.
    pub password: bool,
    /// A Temporary Access Pass.
    pub pass: bool,
}

impl Openings {
    const ALL: Self = Self {
        passkey: true,
        password: true,
        pass: true,
    };
}

/// What a sign-in of whoever is called `name` may begin with. A name that nobody has is answered like a member in no
/// group, by the same reads.
pub async fn openings(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    name: &str,
) -> Result<Openings, StoreError> {
    let (tenant, name) = (context.tenant(), name.to_owned());
    let found = app.store.read_point(move |tx| {
        Box::pin(async move {
            let versions = store::versions::of(tx, tenant).await?.unwrap_or_default();
            let candidate = store::sign_ins::candidate(tx, tenant, &name).await?;
            Ok::<_, StoreError>((versions, candidate))
        })
    });
    let (versions, found) = found.await?;
    let snapshot = app.snapshots.of(app, tenant, versions.policy).await?;
    if !snapshot.binds_first_factor() {
        return Ok(Openings::ALL);
    }
    let now = app.clock.now();
    let (user, roles, groups) = match found {
        Some(found) => (found.user, found.roles, found.groups),
        None => (User::nobody(tenant, now), Vec::new(), Vec::new()),
    };
    let subject = snapshot.subject(&user, &roles, &groups);
    let asked = Asked::by(context);
    let request = request(&asked, caller);
    let may = |mode| may_begin(&snapshot, &subject, &request, mode, now).is_ok();
    Ok(Openings {
        passkey: may(Mode::Fido2),
        password: may(Mode::Password),
        pass: may(Mode::TemporaryAccessPassOneTime) || may(Mode::TemporaryAccessPassMultiUse),
    })
}

async fn memberships(
    app: &AppState,
    tenant: TenantId,
    user: UserId,
) -> Result<Membership, StoreError> {
    app.store
        .read_point(move |tx| {
            Box::pin(async move {
                Ok(Membership {
                    roles: store::roles::of_user(tx, tenant, user).await?,
                    groups: store::groups::ids_of_user(tx, tenant, user).await?,
                })
            })
        })
        .await
}

/// What `user` could still show, and whether they may register a passkey now. Asked only when something is missing.
pub async fn holdings(
    app: &AppState,
    caller: &Caller,
    user: &User,
    version: i64,
    proofs: &[Proof],
) -> Result<Holdings, StoreError> {
    let (tenant, id) = (user.tenant, user.id);
    let held = app
        .store
        .read(move |tx| Box::pin(async move { held(tx, tenant, id).await }))
        .await?;
    let standing = standing(
        proofs,
        held.modes.contains(&Mode::SoftwareOath),
        held.pass.as_ref(),
    );
    let (snapshot, now) = (
        app.snapshots.of(app, tenant, version).await?,
        app.clock.now(),
    );
    let subject = snapshot.subject(user, &held.roles, &held.groups);
    let situation = Situation {
        subject: &subject,
        existing: &held.passkeys,
        standing,
        provenance: Provenance::SignInInterrupt,
    };
    // One that nobody has used yet is perhaps out of their reach: asking for it could be a dead end.
    let usable = |passkey: &&Passkey| {
        let key = Key::from(*passkey);
        passkey.counts()
            && profiles::judge(&snapshot, &subject, &key, Occasion::SignIn, now).is_ok()
    };
    let registering = Asked::page(Wish::RegisterSecurityInfo);
    let member = Membership {
        roles: held.roles,
        groups: held.groups,
    };
    let by = (user, Some(&member));
    let judged = judge(app, caller, &registering, by, version, proofs).await?;
    let permitted = *judged.decision.verdict() == policy::access::Verdict::Granted;
    let begins = register::may_begin(&snapshot, situation, now).is_ok();
    let usable = held.passkeys.iter().filter(usable).map(ProvedPasskey::of);
    Ok(Holdings {
        passkeys: usable.collect(),
        modes: held.modes,
        may_register: permitted && begins,
    })
}

struct Held {
    modes: Vec<Mode>,
    passkeys: Vec<Passkey>,
    pass: Option<policy::model::TemporaryAccessPass>,
    roles: Vec<Role>,
    groups: Vec<GroupId>,
}

async fn held(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Held, StoreError> {
    let password = store::passwords::find(tx, tenant, user).await?.is_some();
    let code = store::totp::exists(tx, tenant, user).await?;
    let pass = store::passes::find(tx, tenant, user).await?;
    let passkeys = store::passkeys::of_user(tx, tenant, user).await?;
    let of_pass = pass.as_ref().map(|pass| match pass.usable {
        PassUse::Once => Mode::TemporaryAccessPassOneTime,
        PassUse::Many => Mode::TemporaryAccessPassMultiUse,
    });
    let modes = [
        password.then_some(Mode::Password),
        code.then_some(Mode::SoftwareOath),
        of_pass,
    ];
    Ok(Held {
        modes: modes.into_iter().flatten().collect(),
        passkeys,
        pass,
        roles: store::roles::of_user(tx, tenant, user).await?,
        groups: store::groups::ids_of_user(tx, tenant, user).await?,
    })
}

/// What the proofs of an attempt are worth for registering a passkey in it. Their own moments count, not that of the
/// attempt: it may go on from a session that is a day old.
pub fn standing(
    proofs: &[Proof],
    second_factor: bool,
    pass: Option<&TemporaryAccessPass>,
) -> Standing {
    let of_pass = proofs.iter().rev().find(|proof| {
        matches!(
            proof.mode,
            Mode::TemporaryAccessPassOneTime | Mode::TemporaryAccessPassMultiUse
        )
    });
    let last = proofs.iter().map(|proof| proof.at).max();
    match (of_pass, pass, last) {
        (Some(shown), Some(pass), _) => Standing::Pass {
            at: shown.at,
            usable: pass.usable,
            ends: pass.ends(),
        },
        (_, _, Some(at)) => match multi_factor_since(proofs.iter()) {
            Some(both) => Standing::Mfa(both),
            None if second_factor => Standing::OneOfTwo,
            None => Standing::OnlyFactor(at),
        },
        (_, _, None) => Standing::OneOfTwo,
    }
}

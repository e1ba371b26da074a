//! Registering a passkey: on the security info page, in the interrupt of a sign-in, or silently after it. One flow for all.

mod activate;
mod name;
mod refusal;
mod write;

use ceremony::{
    Algorithm, AttestationPolicy, Beside, Challenge, Conveyance, CreationOptions,
    CredentialDescriptor, CredentialId, Framing, FurtherAnchor, Hint, NoAnchors, Origin, Refusal,
    Registered, RegistrationExpectations, RegistrationResponse, RelyingParty, Transport,
    TrustAnchors, TrustOutcome, TrustRequirement, UserEntity, UserHandle, UserPresence,
    UserVerification, base64url, verify_registration,
};
use policy::Denial;
use policy::access::{Verdict, Wish};
use policy::model::{
    Actor, GroupId, PassId, Passkey, PasskeyId, PasskeyProfile, Proof, Provenance, Role, Session,
    Span, TemporaryAccessPass, TenantId, User,
};
use policy::profiles::{self, Holder};
use policy::register::{PasskeyParts, Situation, Standing, admit, decide, may_begin};
use policy::roles::Action;
use policy::snapshot::Snapshot;
use std::sync::Arc;
use store::StoreError;

use super::access::{self, Asked, Membership};
use super::challenge::{Ceremony, ChallengeRefusal, Expected, LIFETIME, Ticket};
use super::context::OpenContext;
use super::govern::Governor;
use super::refusal::Refused as _;
use super::sign_in::nudge;
use super::{Caller, Step, approvals, authority, places, records};
use crate::app::AppState;
use crate::pages::Text;
use crate::web::cookies::sha256;
use crate::web::problem::Signal;
use crate::web::{CurrentAttempt, CurrentSession};
pub use activate::{begin_activation, finish_activation};
use name::{checked_name, name_of_kind};
pub use name::{rename, rename_of};
pub use refusal::{NotRegistered, RegisterRefusal};
use write::write;

/// What is offered, best known first: every browser and key has one of the first two, and Chromium warns where ES256 or
/// RS256 is missing.
const ALGORITHMS: &[Algorithm] = &[
    Algorithm::Es256,
    Algorithm::EdDsa,
    Algorithm::MlDsa44,
    Algorithm::MlDsa65,
    Algorithm::MlDsa87,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::Ps256,
    Algorithm::Rs256,
];

/// On whose authority a passkey is registered.
#[derive(Clone, Copy, Debug)]
pub enum Registrant<'a> {
    /// A signed-in user, on the security info page.
    Session(&'a CurrentSession),
    /// A user between the factors of a sign-in.
    Attempt(&'a CurrentAttempt, &'a OpenContext),
    /// A signed-in user through a program of theirs, in the session that its token came from.
    Program(&'a User, &'a Session),
    /// An administrator or a program, for a user; whether they may was asked of [`authority`].
    Provisioner(&'a User, &'a Governor),
}

impl<'a> Registrant<'a> {
    /// Whose passkey it will be.
    pub fn user(self) -> &'a User {
        match self {
            Self::Session(session) => &session.user,
            Self::Attempt(attempt, _) => &attempt.user,
            Self::Program(user, _) | Self::Provisioner(user, _) => user,
        }
    }

    /// Who does it, as the log names them.
    fn actor(self, caller: &Caller) -> Actor {
        match self {
            Self::Provisioner(_, by) => by.actor().clone(),
            other => records::by_user(other.user(), caller),
        }
    }

    /// Whether somebody else may do it for the user at all. Everybody may do it for themselves.
    async fn permit(self, app: &AppState) -> Result<(), RegisterRefusal> {
        match self {
            Self::Provisioner(user, by) => {
                let target = may_provision(app, by, user).await?;
                Ok(approvals::pass_instead(app, by, &target).await??)
            }
            _ => Ok(()),
        }
    }

    /// What the log calls it.
    const fn activity(self) -> &'static str {
        match self {
            Self::Provisioner(..) => "Admin registered security info",
            _ => "User registered security info",
        }
    }

    /// The ceremony that its challenge is for.
    const fn ceremony(self, manner: Manner) -> Ceremony {
        match self {
            Self::Provisioner(..) => Ceremony::Provisioning,
            _ => manner.ceremony(),
        }
    }

    /// What stands for the browser in its challenge. Programs have none; nothing that is a cookie's hash equals this.
    fn browser(self, caller: &Caller) -> Result<[u8; 32], RegisterRefusal> {
        match self {
            Self::Session(_) | Self::Attempt(..) => caller.browser.ok_or_else(no_browser),
            Self::Program(..) | Self::Provisioner(..) => Ok(sha256(b"a program, not a browser")),
        }
    }

    /// Whether a program makes the client data by itself.
    const fn is_program(self) -> bool {
        matches!(self, Self::Program(..) | Self::Provisioner(..))
    }

    /// The attempt, if it is one.
    const fn attempt(self) -> Option<&'a CurrentAttempt> {
        match self {
            Self::Attempt(attempt, _) => Some(attempt),
            Self::Session(_) | Self::Program(..) | Self::Provisioner(..) => None,
        }
    }
}

/// How a passkey comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// A person asked for it and confirms it with PIN, face or finger.
    Asked,
    /// The browser makes it by itself (`mediation: "conditional"`, WebAuthn Level 3 section 5.1.3). Presence and
    /// verification may be clear; it counts from its first use on.
    Silent,
}

impl Manner {
    const fn ceremony(self) -> Ceremony {
        match self {
            Self::Asked => Ceremony::Registration,
            Self::Silent => Ceremony::SilentRegistration,
        }
    }

    const fn user_presence(self) -> UserPresence {
        match self {
            Self::Asked => UserPresence::Required,
            Self::Silent => UserPresence::Optional,
        }
    }

    /// Where it is required, a browser may give a silent request up at once.
    const fn user_verification(self) -> UserVerification {
        match self {
            Self::Asked => UserVerification::Required,
            Self::Silent => UserVerification::Preferred,
        }
    }
}

/// What the browser answered.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The JSON of `PublicKeyCredential.toJSON()`.
    pub response: &'a [u8],
    /// What the passkey is called.
    pub name: Name<'a>,
}

/// What a new passkey is called.
#[derive(Clone, Copy, Debug)]
pub enum Name<'a> {
    /// What the person typed.
    Typed(&'a str),
    /// A word for its kind, until the person says another.
    OfItsKind(Text),
}

/// A registered passkey and, in an interrupt, how the sign-in goes on.
#[derive(Clone, Debug)]
pub struct RegisteredPasskey {
    /// As stored.
    pub passkey: Passkey,
    /// The rest of the sign-in; `None` on the security info page.
    pub step: Option<Step>,
}

/// What can be said before the user touches a key.
#[derive(Clone, Debug)]
pub struct Preflight {
    /// Whether they may register.
    pub asked: Result<(), RegisterRefusal>,
    /// Whether the browser may do so by itself.
    pub silently: bool,
    /// A passkey that the browser made by itself waits for its first use.
    pub unused: bool,
}

impl Preflight {
    const fn denied(denial: Denial) -> Self {
        Self {
            asked: Err(RegisterRefusal::Denied(denial)),
            silently: false,
            unused: false,
        }
    }
}

/// What will be refused, said before the user touches the key.
pub async fn preflight(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
) -> Result<Preflight, RegisterRefusal> {
    let ground = match Ground::read(app, caller, registrant.basis()).await {
        Ok(ground) => ground,
        Err(RegisterRefusal::Denied(denial)) => return Ok(Preflight::denied(denial)),
        Err(refusal) => return Err(refusal),
    };
    let now = app.clock.now();
    let judge = |manner| {
        let by = registrant.provenance(manner);
        ground.ask(registrant.user(), by, |snapshot, situation| {
            may_begin(snapshot, situation, now).map(drop)
        })
    };
    let is_unused = |passkey: &Passkey| passkey.enabled && !passkey.counts();
    Ok(Preflight {
        asked: judge(Manner::Asked).map_err(|denial| ground.refusal(denial)),
        silently: judge(Manner::Silent).is_ok(),
        unused: ground.passkeys.iter().any(is_unused),
    })
}

/// Whether the browser may be asked to make a passkey silently for a user who has just shown this. Where that cannot be
/// found out it may not: the sign-in that asks goes on without.
pub async fn is_offered_silently(
    app: &AppState,
    caller: &Caller,
    user: &User,
    proofs: &[Proof],
) -> bool {
    let basis = Basis {
        user,
        proofs,
        pass: None,
        on_behalf: false,
    };
    let now = app.clock.now();
    let by = Provenance::ConditionalCreate;
    let offered = Ground::read(app, caller, basis).await.map(|ground| {
        ground.ask(user, by, |snapshot, situation| {
            may_begin(snapshot, situation, now).is_ok()
        })
    });
    offered.unwrap_or_else(|refusal| {
        if let RegisterRefusal::Internal(why) = &refusal {
            tracing::warn!(correlation = %caller.correlation, %why, "whether to offer a passkey silently is not known");
        }
        false
    })
}

/// Options for `navigator.credentials.create`.
pub async fn begin(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
    manner: Manner,
) -> Result<CreationOptions, RegisterRefusal> {
    begin_for(app, caller, registrant, manner, LIFETIME).await
}

/// Options for a program, good for as long as it asks for, and the record that it had them.
pub async fn begin_by_program(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
    lifetime: Span,
) -> Result<CreationOptions, RegisterRefusal> {
    let activity = "Get passkey creation options";
    let actor = registrant.actor(caller);
    let (now, user) = (app.clock.now(), registrant.user());
    let mut record = records::audit(now, &app.random, caller, activity, actor, user);
    let minutes = lifetime.as_seconds() / 60;
    let details = [("challengeTimeoutInMinutes", minutes.to_string())];
    let details = details.map(|(name, value)| (name.to_owned(), value));
    record.details.extend(details);
    let begun = match registrant.permit(app).await {
        Ok(()) => begin_for(app, caller, registrant, Manner::Asked, lifetime).await,
        Err(refusal) => Err(refusal),
    };
    let record = match &begun {
        Ok(_) => record,
        Err(refusal) => records::failed(record, refusal),
    };
    let written = app
        .store
        .write(move |tx| Box::pin(async move { store::audit::record(tx, &record).await }));
    written
        .await
        .map_err(|error: StoreError| RegisterRefusal::from(error))?;
    begun
}

async fn begin_for(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
    manner: Manner,
    lifetime: Span,
) -> Result<CreationOptions, RegisterRefusal> {
    let ground = Ground::read(app, caller, registrant.basis()).await?;
    let (user, now) = (registrant.user(), app.clock.now());
    let by = registrant.provenance(manner);
    let wanted = ground.ask(user, by, |snapshot, situation| {
        may_begin(snapshot, situation, now).map(|open| Wanted::of(snapshot, &open))
    });
    let wanted = wanted.map_err(|denial| ground.refusal(denial))?;
    let ticket = Ticket::new(
        app,
        registrant.ceremony(manner),
        Some(user.id),
        registrant.browser(caller)?,
        registrant.binding(),
    )
    .lasting(app, lifetime);
    let entity = UserEntity {
        id: UserHandle::new(user.handle.as_bytes().to_vec()).map_err(RegisterRefusal::Ceremony)?,
        name: user.user_principal_name.clone(),
        display_name: user.display_name.clone(),
    };
    let challenge = ticket.seal(app, user.tenant)?;
    Ok(CreationOptions::new(
        &app.config.relying_party,
        entity,
        challenge,
        &wanted.algorithms,
    )
    .exclude(ground.passkeys.iter().filter_map(descriptor).collect())
    .hints(wanted.hints)
    .user_verification(manner.user_verification())
    // Always asked for, so that the model is real even where nothing is enforced.
    .attestation(Conveyance::Direct, Vec::new()))
}

/// Finishes a registration that [`begin`] began in the same manner.
pub async fn finish(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
    manner: Manner,
    answer: Answer<'_>,
) -> Result<RegisteredPasskey, NotRegistered> {
    let user = registrant.user();
    match verify_and_write(app, caller, registrant, manner, answer).await {
        Ok(registered) => Ok(registered),
        Err(refusal) => {
            note_refusal(app, caller, registrant, &refusal).await;
            let orphan = orphan(app, user.tenant, answer.response).await;
            Err(NotRegistered { refusal, orphan })
        }
    }
}

/// The provider keeps a passkey that was refused, and offers it for ever. It is told to forget it, but only where this server
/// certainly does not know it: the same answer sent twice is refused too.
async fn orphan(app: &AppState, tenant: TenantId, response: &[u8]) -> Option<Signal> {
    let id = RegistrationResponse::from_json(response)
        .ok()?
        .credential_id;
    let (rp_id, bytes) = (&app.config.relying_party.rp_id, id.as_bytes().to_vec());
    let found = app.store.read_point(move |tx| {
        Box::pin(async move { store::passkeys::find_by_credential(tx, tenant, &bytes).await })
    });
    match found.await {
        Ok(None) => Some(Signal::UnknownCredential {
            rp_id: rp_id.as_str().to_owned(),
            credential_id: base64url::encode(id.as_bytes()),
        }),
        Ok(Some(_)) | Err(_) => None,
    }
}

/// Whether `by` may do something to the passkeys of `user`, as roles, groups and account are now.
async fn may_provision(
    app: &AppState,
    by: &Governor,
    user: &User,
) -> Result<authority::Target, RegisterRefusal> {
    let target = authority::target(app, by, user.id).await?;
    let target = target.ok_or(RegisterRefusal::NotFound)?;
    authority::may(by, Action::ManagePasskeys, &target)?;
    Ok(target)
}

async fn verify_and_write(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
    manner: Manner,
    answer: Answer<'_>,
) -> Result<RegisteredPasskey, RegisterRefusal> {
    let user = registrant.user();
    registrant.permit(app).await?;
    let response =
        RegistrationResponse::from_json(answer.response).map_err(RegisterRefusal::Ceremony)?;
    let sealed = response
        .claimed_challenge()
        .map_err(RegisterRefusal::Ceremony)?;
    let expected = Expected {
        ceremony: registrant.ceremony(manner),
        browser: registrant.browser(caller)?,
        context: registrant.binding(),
    };
    let ticket = Ticket::open(app, user.tenant, &sealed, &expected)?;
    if ticket.user != Some(user.id) {
        return Err(ChallengeRefusal::OtherUser.into());
    }
    let ground = Ground::read(app, caller, registrant.basis()).await?;
    let own = ground.own_roots(user);
    let party = registrant.relying_party(app);
    let registered = verify(app, &party, manner, &own, &response, &sealed)?;
    let attachment = registered.facts().attachment;
    let now = app.clock.now();
    let by = registrant.provenance(manner);
    let allowed = ground.ask(user, by, |snapshot, situation| {
        decide(snapshot, situation, registered.facts(), now)
    });
    let allowed = allowed.map_err(|denial| ground.refusal(denial))?;
    let name = match answer.name {
        Name::Typed(name) => checked_name(name)?,
        Name::OfItsKind(text) => name_of_kind(app, &registered, text),
    };
    let parts = PasskeyParts {
        id: PasskeyId::new(now, app.random.bytes()),
        display_name: name,
        actor: registrant.actor(caller),
    };
    let new = admit(registered, allowed, parts, now).ok_or_else(mismatched)?;
    let observed = places::of_registration(caller, new.passkey(), attachment);
    write(app, caller, registrant, new, observed, &ticket).await
}

fn verify(
    app: &AppState,
    party: &RelyingParty,
    manner: Manner,
    own: &[FurtherAnchor],
    response: &RegistrationResponse,
    sealed: &[u8],
) -> Result<Registered, RegisterRefusal> {
    let policy = AttestationPolicy {
        trust: TrustRequirement::Report,
        ..AttestationPolicy::default()
    };
    let expectations = RegistrationExpectations {
        relying_party: party,
        challenge: &Challenge::expect(sealed),
        algorithms: ALGORITHMS,
        user_verification_required: manner == Manner::Asked,
        user_presence: manner.user_presence(),
        framing: &Framing::Forbidden,
        attestation: &policy,
    };
    let (models, now) = (app.models.current(), app.clock.unix());
    let catalogue = models.as_ref().map(|blob| blob.catalogue().at(now));
    let source: &dyn TrustAnchors = match &catalogue {
        Some(catalogue) => catalogue,
        None => &NoAnchors,
    };
    let anchors = Beside {
        source,
        further: own,
    };
    let verified = verify_registration(response, &expectations, &anchors, now);
    let registered = verified.map_err(RegisterRefusal::Ceremony)?;
    // Who vouches for a model is a fact for policy; that a model is broken, or cannot have attested as it did, is no matter of taste.
    match registered.facts().attestation.trust {
        TrustOutcome::Untrusted(
            refusal @ (Refusal::AuthenticatorCompromised | Refusal::SelfAttestationSuspect),
        ) => Err(RegisterRefusal::Ceremony(refusal)),
        _ => Ok(registered),
    }
}

async fn note_refusal(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
    refusal: &RegisterRefusal,
) {
    let user = registrant.user();
    let failed = registrant
        .attempt()
        .and_then(|attempt| nudge::failed(caller, attempt, refusal.code()));
    let actor = registrant.actor(caller);
    let record = records::audit(
        app.clock.now(),
        &app.random,
        caller,
        registrant.activity(),
        actor,
        user,
    );
    let record = records::failed(record, refusal);
    let written = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                if let Some(failed) = failed {
                    store::campaigns::count(tx, record.tenant, &failed, record.at).await?;
                }
                store::audit::record(tx, &record).await
            })
        })
        .await;
    if let Err(error) = written {
        tracing::error!(correlation = %caller.correlation, code = error.code(), "a refused registration could not be recorded");
    }
}

/// What the options may already say of the passkeys that could pass, so that nobody touches a key in vain.
struct Wanted {
    algorithms: Vec<Algorithm>,
    hints: Vec<Hint>,
}

impl Wanted {
    fn of(snapshot: &Snapshot, profiles: &[&PasskeyProfile]) -> Self {
        let holders = profiles::holders(snapshot, profiles);
        Self {
            algorithms: profiles::algorithms(profiles, ALGORITHMS),
            hints: holders.into_iter().map(hint).collect(),
        }
    }
}

const fn hint(holder: Holder) -> Hint {
    match holder {
        Holder::SecurityKey => Hint::SecurityKey,
        Holder::ThisDevice => Hint::ClientDevice,
        Holder::AnotherDevice => Hint::Hybrid,
    }
}

/// Who registers, and what they have shown.
#[derive(Clone, Copy)]
struct Basis<'a> {
    user: &'a User,
    proofs: &'a [Proof],
    /// The pass that was shown.
    pass: Option<PassId>,
    /// Somebody else does it, who showed what they had to elsewhere.
    on_behalf: bool,
}

impl<'a> Basis<'a> {
    fn of_session(user: &'a User, session: &'a Session) -> Self {
        Self {
            user,
            proofs: &session.proofs,
            pass: session.pass,
            on_behalf: false,
        }
    }
}

/// What a decision about a registration rests on.
struct Ground {
    snapshot: Arc<Snapshot>,
    roles: Vec<Role>,
    groups: Vec<GroupId>,
    passkeys: Vec<Passkey>,
    standing: Standing,
}

impl Ground {
    async fn read(
        app: &AppState,
        caller: &Caller,
        basis: Basis<'_>,
    ) -> Result<Self, RegisterRefusal> {
        let (tenant, user) = (basis.user.tenant, basis.user.id);
        let (passkeys, versions, pass, totp, (roles, groups)) = app
            .store
            .read(move |tx| {
                Box::pin(async move {
                    let passkeys = store::passkeys::of_user(tx, tenant, user).await?;
                    let versions = store::versions::of(tx, tenant).await?.unwrap_or_default();
                    let pass = store::passes::find(tx, tenant, user).await?;
                    let totp = store::totp::exists(tx, tenant, user).await?;
                    let roles = store::roles::of_user(tx, tenant, user).await?;
                    let groups = store::groups::ids_of_user(tx, tenant, user).await?;
                    Ok::<_, StoreError>((passkeys, versions, pass, totp, (roles, groups)))
                })
            })
            .await?;
        let snapshot = app.snapshots.of(app, tenant, versions.policy).await?;
        let member = Membership { roles, groups };
        let standing = match basis.on_behalf {
            true => Standing::OnBehalf,
            false => {
                permitted(app, caller, basis, versions.policy, &member).await?;
                let pass = pass.filter(|pass| Some(pass.id) == basis.pass);
                access::standing(basis.proofs, totp, pass.as_ref())
            }
        };
        let Membership { roles, groups } = member;
        Ok(Self {
            snapshot,
            roles,
            groups,
            passkeys,
            standing,
        })
    }

    /// The roots of the administrators' own that vouch for this person's passkeys.
    fn own_roots(&self, user: &User) -> Vec<FurtherAnchor> {
        let subject = self.snapshot.subject(user, &self.roles, &self.groups);
        self.snapshot.own_roots(&subject)
    }

    /// A denial, with what the organisation has to say about it.
    fn refusal(&self, denial: Denial) -> RegisterRefusal {
        match denial {
            Denial::PasskeysUnavailable => {
                RegisterRefusal::Unavailable(self.snapshot.policies().availability.reason.clone())
            }
            other => other.into(),
        }
    }

    fn ask<T>(
        &self,
        user: &User,
        provenance: Provenance,
        question: impl FnOnce(&Snapshot, Situation<'_>) -> T,
    ) -> T {
        let subject = self.snapshot.subject(user, &self.roles, &self.groups);
        let situation = Situation {
            subject: &subject,
            existing: &self.passkeys,
            standing: self.standing,
            provenance,
        };
        question(&self.snapshot, situation)
    }
}

/// What a session has shown, for rules about changing what one signs in with.
pub(super) fn session_standing(
    current: &CurrentSession,
    pass: Option<&TemporaryAccessPass>,
    second_factor: bool,
) -> Standing {
    access::standing(&current.session.proofs, second_factor, pass)
}

/// Whether conditional access on registering sign-in methods is satisfied: a scope of its own, with its own demands.
async fn permitted(
    app: &AppState,
    caller: &Caller,
    basis: Basis<'_>,
    version: i64,
    member: &Membership,
) -> Result<(), RegisterRefusal> {
    let asked = Asked::page(Wish::RegisterSecurityInfo);
    let by = (basis.user, Some(member));
    let judged = access::judge(app, caller, &asked, by, version, basis.proofs).await?;
    match judged.decision.verdict() {
        Verdict::Granted => Ok(()),
        Verdict::Blocked(_) => Err(Denial::AccessBlocked.into()),
        Verdict::FirstFactor(_) => Err(Denial::FirstFactorNotAllowed.into()),
        Verdict::Needs(_) => Err(Denial::StepUpRequired.into()),
    }
}

impl<'a> Registrant<'a> {
    fn basis(self) -> Basis<'a> {
        match self {
            Self::Session(current) => Basis::of_session(&current.user, &current.session),
            Self::Program(user, session) => Basis::of_session(user, session),
            Self::Attempt(attempt, _) => Basis {
                user: &attempt.user,
                proofs: &attempt.attempt.proofs,
                pass: attempt.attempt.pass,
                on_behalf: false,
            },
            Self::Provisioner(user, _) => Basis {
                user,
                proofs: &[],
                pass: None,
                on_behalf: true,
            },
        }
    }

    const fn provenance(self, manner: Manner) -> Provenance {
        match (manner, self) {
            (_, Self::Provisioner(..)) => Provenance::Provisioned,
            (Manner::Silent, _) => Provenance::ConditionalCreate,
            (Manner::Asked, Self::Session(_) | Self::Program(..)) => Provenance::SelfService,
            (Manner::Asked, Self::Attempt(..)) => Provenance::SignInInterrupt,
        }
    }

    /// The session that a registration on the security info page rests on, with the version of its user.
    fn session(&self) -> Option<(Session, i64)> {
        match self {
            Self::Session(current) => Some((current.session.clone(), current.user.version)),
            Self::Program(user, session) => Some((Session::clone(session), user.version)),
            Self::Attempt(..) | Self::Provisioner(..) => None,
        }
    }

    /// What the challenge is bound to besides browser and user: this very session, or this very attempt and its context.
    fn binding(&self) -> [u8; 32] {
        match self {
            Self::Session(current) => of_session(&current.session),
            Self::Program(_, session) => of_session(session),
            // For the user alone: whoever may provision for them may finish what another one began.
            Self::Provisioner(user, _) => {
                sha256(&[b"provision".as_slice(), user.id.as_bytes()].concat())
            }
            Self::Attempt(attempt, context) => {
                let parts: [&[u8]; 3] = [
                    b"attempt",
                    attempt.attempt.token.as_bytes(),
                    &context.hash(),
                ];
                sha256(&parts.concat())
            }
        }
    }
}

fn of_session(session: &Session) -> [u8; 32] {
    sha256(&[b"session".as_slice(), session.id.as_bytes()].concat())
}

impl Registrant<'_> {
    /// Which origins its client data may name. Programs that make it by themselves know the relying party's id only, and write
    /// `https://` before it; where we are served from a port, that is another origin than ours, and no page could have it.
    fn relying_party(self, app: &AppState) -> RelyingParty {
        let mut party = app.config.relying_party.clone();
        if self.is_program() {
            let origin = format!("https://{}", party.rp_id.as_str());
            party.origins.push(Origin::new(origin));
        }
        party
    }
}

fn descriptor(passkey: &Passkey) -> Option<CredentialDescriptor> {
    let id = CredentialId::new(passkey.credential_id.clone()).ok()?;
    let transports = passkey
        .transports
        .iter()
        .filter_map(|name| Transport::parse(name))
        .collect();
    Some(CredentialDescriptor { id, transports })
}

fn mismatched() -> RegisterRefusal {
    RegisterRefusal::Internal("proof and permission belong to different passkeys".to_owned())
}

fn no_browser() -> RegisterRefusal {
    RegisterRefusal::Internal("no browser layer in front of a registration".to_owned())
}

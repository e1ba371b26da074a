//! Registering a passkey: on the security info page, or in the interrupt of a sign-in. One flow for both.

use axum::http::StatusCode;
use ceremony::{
    Algorithm, AttestationPolicy, Challenge, Conveyance, CreationOptions, CredentialDescriptor,
    CredentialId, Framing, Hint, NoAnchors, Refusal, Registered, RegistrationExpectations,
    RegistrationResponse, Transport, TrustOutcome, TrustRequirement, UserEntity, UserHandle,
    UserPresence, verify_registration,
};
use policy::Denial;
use policy::access::{Verdict, Wish};
use policy::model::{
    GroupId, Passkey, PasskeyId, PasskeyProfile, PasskeyType, Provenance, Role, Session, TenantId,
    User, UserId,
};
use policy::profiles::{self, Holder};
use policy::register::{NewPasskey, Situation, Standing, admit, decide, may_begin};
use policy::snapshot::Snapshot;
use std::sync::Arc;
use store::StoreError;
use store::passkeys::Inserted;
use store::sightings::Observed;
use uuid::Uuid;

use super::access::{self, Asked, Membership};
use super::challenge::{Ceremony, ChallengeRefusal, Expected, Ticket};
use super::context::OpenContext;
use super::refusal::Refused;
use super::sign_in::{AfterWrite, Over};
use super::{Caller, Step, places, records, sign_in};
use crate::app::AppState;
use crate::web::cookies::sha256;
use crate::web::{CurrentAttempt, CurrentSession, Problem};

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
const LONGEST_NAME: usize = 64;

/// On whose authority a passkey is registered.
#[derive(Clone, Copy, Debug)]
pub enum Registrant<'a> {
    /// A signed-in user, on the security info page.
    Session(&'a CurrentSession),
    /// A user between the factors of a sign-in.
    Attempt(&'a CurrentAttempt, &'a OpenContext),
}

impl<'a> Registrant<'a> {
    /// Whose passkey it will be.
    pub fn user(self) -> &'a User {
        match self {
            Self::Session(session) => &session.user,
            Self::Attempt(attempt, _) => &attempt.user,
        }
    }
}

/// Why a registration was refused.
#[derive(Clone, Debug)]
pub enum RegisterRefusal {
    /// The challenge is not one that may be used here.
    Challenge(ChallengeRefusal),
    /// The challenge was used before.
    ChallengeSpent,
    /// The attestation was refused.
    Ceremony(ceremony::Refusal),
    /// Policy says no.
    Denied(Denial),
    /// The passkey is registered already, for this or another account.
    AlreadyRegistered,
    /// The name is empty or longer than 64 characters.
    NameInvalid,
    /// No such passkey of this user.
    NotFound,
    /// Something else changed the account at the same moment, twice.
    Contended,
    /// Our own fault.
    Internal(String),
}

impl Refused for RegisterRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Challenge(refusal) => refusal.code(),
            Self::ChallengeSpent => "challenge_spent",
            Self::Ceremony(refusal) => refusal.code(),
            Self::Denied(denial) => denial.code(),
            Self::AlreadyRegistered => "already_registered",
            Self::NameInvalid => "name_invalid",
            Self::NotFound => "not_found",
            Self::Contended => "contended",
            Self::Internal(_) => "internal",
        }
    }

    fn user_sentence(&self) -> String {
        match self {
            Self::Challenge(_) | Self::ChallengeSpent => "This request was already used or is too old. Please try again.".to_owned(),
            Self::Ceremony(_) => "Your passkey could not be verified, so it was not added. Please try again or use another device.".to_owned(),
            Self::Denied(denial) => denial.user_sentence().to_owned(),
            Self::AlreadyRegistered => "This passkey is registered already.".to_owned(),
            Self::NameInvalid => "A name has 1 to 64 characters.".to_owned(),
            Self::NotFound => "There is no such passkey.".to_owned(),
            Self::Contended => "Your account was being changed at the same moment. Please try again.".to_owned(),
            Self::Internal(_) => "Something went wrong on our side. Please try again.".to_owned(),
        }
    }

    fn admin_sentence(&self) -> String {
        match self {
            Self::Challenge(refusal) => format!("The challenge was refused: {}.", refusal.code()),
            Self::Ceremony(refusal) => format!("The registration was refused: {}.", refusal.code()),
            Self::Denied(denial) => denial.admin_sentence().to_owned(),
            Self::Internal(why) => why.clone(),
            other => other.user_sentence(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Denied(_) => StatusCode::FORBIDDEN,
            Self::AlreadyRegistered | Self::Contended => StatusCode::CONFLICT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Challenge(_) | Self::ChallengeSpent | Self::Ceremony(_) | Self::NameInvalid => {
                StatusCode::BAD_REQUEST
            }
        }
    }
}

impl From<RegisterRefusal> for Problem {
    fn from(refusal: RegisterRefusal) -> Self {
        refusal.problem()
    }
}

impl From<Denial> for RegisterRefusal {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<StoreError> for RegisterRefusal {
    fn from(error: StoreError) -> Self {
        Self::Internal(format!("store: {error}"))
    }
}

impl From<ChallengeRefusal> for RegisterRefusal {
    fn from(refusal: ChallengeRefusal) -> Self {
        Self::Challenge(refusal)
    }
}

/// A registered passkey and, in an interrupt, how the sign-in goes on.
#[derive(Clone, Debug)]
pub struct RegisteredPasskey {
    /// As stored.
    pub passkey: Passkey,
    /// The rest of the sign-in; `None` on the security info page.
    pub step: Option<Step>,
}

/// What will be refused, said before the user touches the key.
pub async fn preflight(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
) -> Result<(), RegisterRefusal> {
    let ground = Ground::read(app, caller, registrant).await?;
    let now = app.clock.now();
    ground.ask(registrant, |snapshot, situation| {
        may_begin(snapshot, situation, now).map(drop)
    })?;
    Ok(())
}

/// Options for `navigator.credentials.create`.
pub async fn begin(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
) -> Result<CreationOptions, RegisterRefusal> {
    let ground = Ground::read(app, caller, registrant).await?;
    let now = app.clock.now();
    let wanted = ground.ask(registrant, |snapshot, situation| {
        may_begin(snapshot, situation, now).map(|open| Wanted::of(snapshot, &open))
    })?;
    let user = registrant.user();
    let ticket = Ticket::new(
        app,
        Ceremony::Registration,
        Some(user.id),
        caller.browser.ok_or_else(no_browser)?,
        registrant.binding(),
    );
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
    // Always asked for, so that the model is real even where nothing is enforced.
    .attestation(Conveyance::Direct, Vec::new()))
}

/// Finishes a registration: `response` is the JSON of `PublicKeyCredential.toJSON()`. Without a name the passkey is named
/// after its kind.
pub async fn finish(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
    response: &[u8],
    name: Option<&str>,
) -> Result<RegisteredPasskey, RegisterRefusal> {
    let finished = verify_and_write(app, caller, registrant, response, name).await;
    if let Err(refusal) = &finished {
        note_refusal(app, caller, registrant.user(), refusal).await;
    }
    finished
}

/// Renames a passkey of the signed-in user.
pub async fn rename(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
    passkey: PasskeyId,
    name: &str,
) -> Result<(), RegisterRefusal> {
    let name = checked_name(name)?;
    let user = &session.user;
    let actor = records::by_user(user, caller);
    let record = records::audit(
        app.clock.now(),
        &app.random,
        caller,
        "User updated security info",
        actor,
        user,
    );
    let (tenant, id) = (user.tenant, user.id);
    app.store
        .write(move |tx| {
            Box::pin(async move {
                if !store::passkeys::rename(tx, tenant, id, passkey, &name).await? {
                    return Err(RegisterRefusal::NotFound);
                }
                let renamed = store::passkeys::find(tx, tenant, id, passkey)
                    .await?
                    .ok_or(RegisterRefusal::NotFound)?;
                store::audit::record(tx, &records::about_passkey(record, &renamed)).await?;
                Ok(())
            })
        })
        .await
}

async fn verify_and_write(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
    response: &[u8],
    name: Option<&str>,
) -> Result<RegisteredPasskey, RegisterRefusal> {
    let name = name.map(checked_name).transpose()?;
    let user = registrant.user();
    let response = RegistrationResponse::from_json(response).map_err(RegisterRefusal::Ceremony)?;
    let sealed = response
        .claimed_challenge()
        .map_err(RegisterRefusal::Ceremony)?;
    let expected = Expected {
        ceremony: Ceremony::Registration,
        browser: caller.browser.ok_or_else(no_browser)?,
        context: registrant.binding(),
    };
    let ticket = Ticket::open(app, user.tenant, &sealed, &expected)?;
    if ticket.user != Some(user.id) {
        return Err(ChallengeRefusal::OtherUser.into());
    }
    let ground = Ground::read(app, caller, registrant).await?;
    let registered = verify(app, &response, &sealed)?;
    let attachment = registered.facts().attachment;
    let now = app.clock.now();
    let allowed = ground.ask(registrant, |snapshot, situation| {
        decide(snapshot, situation, registered.facts(), now)
    })?;
    let name = name.unwrap_or_else(|| default_name(app, &registered));
    let id = PasskeyId::new(now, app.random.bytes());
    let new = admit(registered, allowed, id, name, now).ok_or_else(mismatched)?;
    let observed = places::of_registration(caller, new.passkey(), attachment);
    write(app, caller, registrant, new, observed, &ticket).await
}

fn verify(
    app: &AppState,
    response: &RegistrationResponse,
    sealed: &[u8],
) -> Result<Registered, RegisterRefusal> {
    let policy = AttestationPolicy {
        trust: TrustRequirement::Report,
        ..AttestationPolicy::default()
    };
    let expectations = RegistrationExpectations {
        relying_party: &app.config.relying_party,
        challenge: &Challenge::expect(sealed),
        algorithms: ALGORITHMS,
        user_verification_required: true,
        user_presence: UserPresence::Required,
        framing: &Framing::Forbidden,
        attestation: &policy,
    };
    let (models, now) = (app.models.current(), app.clock.unix());
    let verified = match &models {
        Some(blob) => verify_registration(response, &expectations, &blob.catalogue().at(now), now),
        None => verify_registration(response, &expectations, &NoAnchors, now),
    };
    let registered = verified.map_err(RegisterRefusal::Ceremony)?;
    // Who vouches for a model is a fact for policy; that a model is broken, or cannot have attested as it did, is no matter of taste.
    match registered.facts().attestation.trust {
        TrustOutcome::Untrusted(
            refusal @ (Refusal::AuthenticatorCompromised | Refusal::SelfAttestationSuspect),
        ) => Err(RegisterRefusal::Ceremony(refusal)),
        _ => Ok(registered),
    }
}

/// One write: the challenge is spent, the passkey and its two audit records are there, a bootstrap pass is gone, and in an
/// interrupt the session is open.
async fn write(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
    new: NewPasskey,
    observed: Observed,
    ticket: &Ticket,
) -> Result<RegisteredPasskey, RegisterRefusal> {
    let (after, step) = match registrant {
        Registrant::Session(_) => (None, None),
        Registrant::Attempt(attempt, context) => {
            let over = Over::with_registered(attempt, new.passkey());
            let after = sign_in::after_interrupt(app, caller, context, over)
                .await
                .map_err(from_sign_in)?;
            let (write, step) = after.split();
            (Some(write), Some(step))
        }
    };
    let passkey = new.passkey().clone();
    let user = registrant.user().clone();
    let batch = Batch {
        records: add_records(app, caller, &user, &passkey),
        nonce: ticket.nonce,
        expires: ticket.expires,
        session: registrant.session(),
        new,
        observed,
        after,
    };
    app.store
        .write(move |tx| Box::pin(async move { batch.write(tx, user.tenant, user.id).await }))
        .await?;
    metrics::counter!("keyward_registrations_total", "type" => passkey.passkey_type.as_str())
        .increment(1);
    Ok(RegisteredPasskey {
        passkey,
        step: step.map(|step| step.taken(caller)),
    })
}

struct Batch {
    records: [policy::model::AuditRecord; 2],
    nonce: [u8; 16],
    expires: policy::model::Timestamp,
    /// The session it rests on, with the version of its user.
    session: Option<(Session, i64)>,
    new: NewPasskey,
    observed: Observed,
    /// The rest of the sign-in whose interrupt this is.
    after: Option<AfterWrite>,
}

impl Batch {
    /// Any `Err` rolls everything back.
    async fn write(
        &self,
        tx: &mut store::Tx,
        tenant: TenantId,
        user: UserId,
    ) -> Result<(), RegisterRefusal> {
        if let Some((session, version)) = &self.session
            && !store::sessions::hold(tx, session, *version).await?
        {
            return Err(RegisterRefusal::Contended);
        }
        if !store::challenges::spend(tx, tenant, &self.nonce, self.expires).await? {
            return Err(RegisterRefusal::ChallengeSpent);
        }
        match store::passkeys::insert(tx, &self.new).await? {
            Inserted::Done => {}
            Inserted::CredentialIdTaken => return Err(RegisterRefusal::AlreadyRegistered),
            Inserted::Stale => return Err(RegisterRefusal::Contended),
        }
        store::sightings::record(tx, &self.observed).await?;
        for record in &self.records {
            store::audit::record(tx, record).await?;
        }
        if let Some(after) = &self.after {
            after.write(tx).await.map_err(overtaken)?;
        }
        store::passes::end_with_registration(tx, tenant, user).await?;
        Ok(())
    }
}

/// Entra writes two records for one registration; scripts look for either.
fn add_records(
    app: &AppState,
    caller: &Caller,
    user: &User,
    passkey: &Passkey,
) -> [policy::model::AuditRecord; 2] {
    let record = |activity: &str| {
        let actor = records::by_user(user, caller);
        let record = records::audit(app.clock.now(), &app.random, caller, activity, actor, user);
        records::about_passkey(record, passkey)
    };
    let mut added = record(records::add_passkey(passkey.passkey_type));
    "Device Registration Service".clone_into(&mut added.service);
    let mut registered = record("User registered security info");
    registered
        .details
        .push(("AuthenticationMethod".to_owned(), "Passkey".to_owned()));
    [added, registered]
}

async fn note_refusal(app: &AppState, caller: &Caller, user: &User, refusal: &RegisterRefusal) {
    let actor = records::by_user(user, caller);
    let record = records::audit(
        app.clock.now(),
        &app.random,
        caller,
        "User registered security info",
        actor,
        user,
    );
    let record = records::failed(record, refusal);
    let written = app
        .store
        .write(move |tx| Box::pin(async move { store::audit::record(tx, &record).await }))
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
        registrant: Registrant<'_>,
    ) -> Result<Self, RegisterRefusal> {
        let (tenant, user) = (registrant.user().tenant, registrant.user().id);
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
        permitted(app, caller, registrant, versions.policy, &member).await?;
        let Membership { roles, groups } = member;
        let standing = match registrant {
            Registrant::Attempt(attempt, _) => attempt_standing(attempt),
            Registrant::Session(current) => {
                let pass = pass.filter(|pass| Some(pass.id) == current.session.pass);
                session_standing(current, pass.as_ref(), totp)
            }
        };
        Ok(Self {
            snapshot,
            roles,
            groups,
            passkeys,
            standing,
        })
    }

    fn ask<T>(
        &self,
        registrant: Registrant<'_>,
        question: impl FnOnce(&Snapshot, Situation<'_>) -> T,
    ) -> T {
        let user = registrant.user();
        let subject = self.snapshot.subject(user, &self.roles, &self.groups);
        let situation = Situation {
            subject: &subject,
            existing: &self.passkeys,
            standing: self.standing,
            provenance: match registrant {
                Registrant::Session(_) => Provenance::SelfService,
                Registrant::Attempt(..) => Provenance::SignInInterrupt,
            },
        };
        question(&self.snapshot, situation)
    }
}

fn attempt_standing(attempt: &CurrentAttempt) -> Standing {
    access::standing(
        &attempt.attempt.proofs,
        attempt.second_factor,
        attempt.pass.as_ref(),
    )
}

/// What a session has shown, for rules about changing what one signs in with.
pub(super) fn session_standing(
    current: &CurrentSession,
    pass: Option<&policy::model::TemporaryAccessPass>,
    second_factor: bool,
) -> Standing {
    let session = &current.session;
    match (pass, session.mfa) {
        (Some(pass), _) => Standing::Pass {
            at: session.authenticated,
            usable: pass.usable,
            ends: pass.ends(),
        },
        (None, Some(at)) => Standing::Mfa(at),
        (None, None) if second_factor => Standing::OneOfTwo,
        (None, None) => Standing::OnlyFactor(session.authenticated),
    }
}

/// Whether conditional access on registering sign-in methods is satisfied: a scope of its own, with its own demands.
async fn permitted(
    app: &AppState,
    caller: &Caller,
    registrant: Registrant<'_>,
    version: i64,
    member: &Membership,
) -> Result<(), RegisterRefusal> {
    let proofs = match registrant {
        Registrant::Session(current) => &current.session.proofs,
        Registrant::Attempt(attempt, _) => &attempt.attempt.proofs,
    };
    let asked = Asked::page(Wish::RegisterSecurityInfo);
    let user = registrant.user();
    let judged = access::judge(app, caller, &asked, (user, Some(member)), version, proofs).await?;
    match judged.decision.verdict() {
        Verdict::Granted => Ok(()),
        Verdict::Blocked(_) => Err(Denial::AccessBlocked.into()),
        Verdict::Needs(_) => Err(Denial::StepUpRequired.into()),
    }
}

impl Registrant<'_> {
    /// The session that a registration on the security info page rests on, with the version of its user.
    fn session(&self) -> Option<(Session, i64)> {
        match self {
            Self::Session(current) => Some((current.session.clone(), current.user.version)),
            Self::Attempt(..) => None,
        }
    }

    /// What the challenge is bound to besides browser and user: this very session, or this very attempt and its context.
    fn binding(&self) -> [u8; 32] {
        match self {
            Self::Session(current) => {
                sha256(&[b"session".as_slice(), current.session.id.as_bytes()].concat())
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

fn descriptor(passkey: &Passkey) -> Option<CredentialDescriptor> {
    let id = CredentialId::new(passkey.credential_id.clone()).ok()?;
    let transports = passkey
        .transports
        .iter()
        .filter_map(|name| Transport::parse(name))
        .collect();
    Some(CredentialDescriptor { id, transports })
}

fn checked_name(name: &str) -> Result<String, RegisterRefusal> {
    let name = name.trim();
    let plain = !name.is_empty() && !name.chars().any(char::is_control);
    if plain && name.chars().count() <= LONGEST_NAME {
        Ok(name.to_owned())
    } else {
        Err(RegisterRefusal::NameInvalid)
    }
}

/// After the model where it is known: people know their passkeys by who keeps them.
fn default_name(app: &AppState, registered: &Registered) -> String {
    let facts = registered.facts();
    let model = Uuid::from_bytes(*facts.aaguid.as_bytes());
    if let Some(known) = app.models.facts().get(model)
        && let Ok(name) = checked_name(&known.name)
    {
        return name;
    }
    let kind = if facts.backup_eligible {
        PasskeyType::Synced
    } else {
        PasskeyType::DeviceBound
    };
    let inside = facts.transports.contains(&Transport::Internal);
    match (kind, inside) {
        (PasskeyType::Synced, _) => "Synced passkey",
        (PasskeyType::DeviceBound, true) => "This device",
        (PasskeyType::DeviceBound, false) => "Security key",
    }
    .to_owned()
}

fn from_sign_in(refusal: sign_in::SignInRefusal) -> RegisterRefusal {
    match refusal {
        sign_in::SignInRefusal::Denied(denial) | sign_in::SignInRefusal::NotGranted(denial, _) => {
            RegisterRefusal::Denied(denial)
        }
        sign_in::SignInRefusal::AttemptExpired => RegisterRefusal::Denied(Denial::AttemptOver),
        other => {
            RegisterRefusal::Internal(format!("the sign-in could not go on: {}", other.code()))
        }
    }
}

/// The attempt was finished or changed by another request at the same moment.
fn overtaken(refusal: sign_in::SignInRefusal) -> RegisterRefusal {
    match refusal {
        sign_in::SignInRefusal::AttemptExpired => RegisterRefusal::Contended,
        other => from_sign_in(other),
    }
}

fn mismatched() -> RegisterRefusal {
    RegisterRefusal::Internal("proof and permission belong to different passkeys".to_owned())
}

fn no_browser() -> RegisterRefusal {
    RegisterRefusal::Internal("no browser layer in front of a registration".to_owned())
}

//! Where every way of signing in ends: interrupts, then a session, a code and a record in one durable write.

use policy::Denial;
use policy::access::Verdict;
use policy::model::{
    CampaignId, Mode, PassId, Passkey, SessionId, SignInRecord, SignInStep, TenantId, TokenHash,
    User,
};
use policy::sign_in::{Allowed, Circumstances, Conclusion, Evidence, Proved, SessionParts};
use policy::step_up::{Holdings, StepUp, way};
use store::StoreError;
use store::grants::Issued;
use store::outbox::Announcement;
use store::sightings::Observed;
use store::sign_ins::{Committed, SignIn, Spend};

use super::interrupt::{Stop, from_session, interrupt};
use super::nudge::{self, Moment};
use super::{Known, SignInRefusal, Wishes, internal, note_refusal, same_tenant};
use crate::app::AppState;
use crate::flow::access::{self, Asked, Membership};
use crate::flow::consent::{self, Agreed};
use crate::flow::context::{Destination, LocalPath, OpenContext};
use crate::flow::issue_tokens::{self, PreparedCode};
use crate::flow::records::Trace;
use crate::flow::{Caller, Next, SignedInAnswer, Step, notices, records};
use crate::oidc::refusal::AuthorizeRefusal;
use crate::oidc::request::{AuthorizeRequest, Prompt};
use crate::web::CurrentSession;
use crate::web::cookies::{self, Keep, Token};

/// What belongs to a proof besides the proof itself.
pub struct With {
    /// What the write uses up.
    pub spend: Spend,
    /// The attempt this request goes on with; it ends.
    pub attempt: Option<TokenHash>,
    /// The pass of that attempt.
    pub pass: Option<PassId>,
    /// The passkey used.
    pub passkey: Option<UsedPasskey>,
    /// For the record.
    pub steps: Vec<SignInStep>,
    /// The method that the sign-in began with, where this request shows it.
    pub began: Option<Mode>,
    /// What the person wishes of the session.
    pub wishes: Wishes,
    /// Roles and groups, if they were read already.
    pub member: Option<Membership>,
    /// What the policies said; filled when they are asked.
    pub trace: Trace,
}

/// A passkey as it was used, for the record, and what of the use is worth keeping.
pub struct UsedPasskey {
    /// The passkey, with the backup state of this use.
    pub passkey: Passkey,
    /// It was used on the device with the browser.
    pub without_another_device: bool,
    /// Where it was used, and the like.
    pub observed: Observed,
    /// What its owner is told of this use.
    pub told: Option<Announcement>,
}

/// How it went on.
pub enum Opened {
    /// Written and durable. A campaign may have a passkey made silently on the way.
    Done(Step, Option<CampaignId>),
    /// The proof had been used before.
    Spent,
    /// Something changed since it was read: load and decide again.
    Stale,
}

/// A sign-in that only has to be committed.
pub struct Prepared {
    /// For the store.
    pub sign_in: SignIn,
    answer: SignedInAnswer,
}

/// Asks the policies, and opens the session or begins the interrupt that stands before it.
pub async fn conclude(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    proved: Proved,
    circumstances: Circumstances,
    with: With,
) -> Result<Opened, SignInRefusal> {
    let by = (with.member.as_ref(), with.began);
    let (conclusion, trace) = ask(app, caller, context, proved, circumstances, by).await?;
    let with = With { trace, ..with };
    let (proved, stop) = match conclusion {
        Conclusion::Done(allowed) => {
            let moment = Moment::of_sign_in(context, &allowed, &with);
            if nudge::might_be_asked(app, caller, moment) {
                return Box::pin(open_or_ask(app, caller, context, allowed, with)).await;
            }
            return open(app, caller, context, allowed, with, None).await;
        }
        Conclusion::ChangePassword(proved) => (proved, Stop::new(Step::ChangePassword)),
        Conclusion::StepUp(proved, _) => (proved, Stop::new(Step::StepUp)),
        Conclusion::MustRegister(proved) => (proved, Stop::new(Step::Register)),
    };
    // Boxed: few sign-ins are interrupted, and all would carry the space for it.
    Box::pin(interrupt(app, caller, context, &proved, &with, stop)).await
}

/// Opens the session of somebody whom a campaign might want to ask first.
async fn open_or_ask(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    allowed: Allowed,
    with: With,
) -> Result<Opened, SignInRefusal> {
    let moment = Moment::of_sign_in(context, &allowed, &with);
    let nudge = nudge::ask(app, caller, moment).await.map_err(internal)?;
    if let Some(prompt) = nudge.and_then(|nudge| nudge.prompt()) {
        let proved = allowed.wait();
        return interrupt(app, caller, context, &proved, &with, Stop::at(prompt)).await;
    }
    let silent = nudge.and_then(|nudge| nudge.campaign());
    open(app, caller, context, allowed, with, silent).await
}

/// What a proof leads to under the policies as they are now, and the trace of the decision for the record.
pub async fn ask(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    proved: Proved,
    circumstances: Circumstances,
    (member, began): (Option<&Membership>, Option<Mode>),
) -> Result<(Conclusion, Trace), SignInRefusal> {
    let (user, version) = (proved.user(), proved.policy_version());
    let asked = Asked {
        began,
        ..Asked::by(context)
    };
    let judged = access::judge(
        app,
        caller,
        &asked,
        (user, member),
        version,
        proved.proofs(),
    )
    .await
    .map_err(internal)?;
    let holdings = match judged.decision.verdict() {
        Verdict::Needs(_) => access::holdings(app, caller, user, version, proved.proofs())
            .await
            .map_err(internal)?,
        Verdict::Granted | Verdict::Blocked(_) | Verdict::FirstFactor(_) => Holdings::default(),
    };
    let trace = Trace::of(&judged.decision, &judged.snapshot, user, &asked.contexts);
    match proved.conclude(circumstances, &holdings, &judged.snapshot, judged.decision) {
        Ok(conclusion) => Ok((conclusion, trace)),
        Err(denial) => Err(SignInRefusal::NotGranted(denial, Box::new(trace))),
    }
}

async fn open(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    allowed: Allowed,
    with: With,
    silent: Option<CampaignId>,
) -> Result<Opened, SignInRefusal> {
    let prepared = prepare(app, caller, context, allowed, with).await?;
    let Prepared { sign_in, answer } = prepared;
    match store::sign_ins::commit(&app.store, sign_in)
        .await
        .map_err(internal)?
    {
        Committed::Done => {
            app.notifier.wake();
            Ok(Opened::Done(opened(caller, answer), silent))
        }
        Committed::Spent => Ok(Opened::Spent),
        Committed::Stale => Ok(Opened::Stale),
    }
}

/// Makes session, code and record without writing them.
pub async fn prepare(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    allowed: Allowed,
    with: With,
) -> Result<Prepared, SignInRefusal> {
    let now = app.clock.now();
    let token = Token::random(&app.random);
    let user = allowed.user().clone();
    let parts = SessionParts {
        id: SessionId::new(now, app.random.bytes()),
        token: token.hash(),
        keep_signed_in: with.wishes.keep_signed_in,
        user_agent: caller.user_agent.clone(),
        ip_address: caller.ip.to_string(),
    };
    let new = allowed.open(parts, with.pass, now);
    let session = new.session();
    let (code, next) = match code(app, context, session, &with.trace).await? {
        Code::Given(code) => (Some(code.row), code.next),
        Code::MustAsk => (None, consent::page(context)),
        Code::NotAsked(path) => (None, Next::Page(path.as_str().to_owned())),
    };
    let cookies = vec![
        cookies::set(
            &cookies::session_name(session.tenant),
            &token,
            keep(session),
        ),
        cookies::remove(cookies::ATTEMPT),
    ];
    let base = records::of_user(
        records::sign_in(app, caller, context.tenant(), Some(context)),
        &user,
    );
    let announcements = told(app, caller, &user, new.evidence(), with.passkey.as_ref());
    let (mut record, observed) = match with.passkey {
        Some(used) => (records::with_passkey(base, &used.passkey), used.observed),
        None => (with_earlier(base, session), Observed::default()),
    };
    record.steps = with.steps;
    record.multi_factor = session.mfa.is_some();
    record.session = Some(session.id);
    record.policy_version = new.policy_version();
    record.decision = with.trace.to_json();
    if user.break_glass {
        note_break_glass(caller, &record);
    }
    let replaces = replaced(app, caller, session.tenant, session.user).await?;
    let sign_in = SignIn {
        session: new,
        spend: with.spend,
        replaces,
        code,
        record,
        observed,
        announcements,
    };
    Ok(Prepared {
        sign_in,
        answer: SignedInAnswer { cookies, next },
    })
}

/// What the owner is told of a use of a pass, or of a passkey in a new place.
pub fn told(
    app: &AppState,
    caller: &Caller,
    user: &User,
    evidence: &Evidence,
    used: Option<&UsedPasskey>,
) -> Vec<Announcement> {
    let of_passkey = used.and_then(|used| used.told.clone());
    let of_pass = match evidence {
        Evidence::Pass { pass } => Some(notices::of_pass_use(app, caller, user, *pass)),
        _ => None,
    };
    of_passkey.into_iter().chain(of_pass).collect()
}

/// A passkey that was shown in an earlier request of the attempt.
fn with_earlier(mut record: SignInRecord, session: &policy::model::Session) -> SignInRecord {
    let shown = session.proofs.iter().rev().find_map(|proof| proof.passkey);
    if let Some(passkey) = shown {
        record.passkey = Some(passkey.id);
        record.aaguid = Some(passkey.aaguid);
        record.passkey_type = Some(passkey.kind);
    }
    record
}

/// The cookie of a kept session outlives the window, but never the session.
fn keep(session: &policy::model::Session) -> Keep {
    if session.keep_signed_in {
        Keep::Seconds(session.expires.as_seconds() - session.created.as_seconds())
    } else {
        Keep::Session
    }
}

impl Prepared {
    /// Takes the parts: what the store gets, and the rest for [`answered`].
    pub fn split(self) -> (SignIn, SignedInAnswer) {
        (self.sign_in, self.answer)
    }
}

/// What the browser is told once the other half of [`Prepared::split`] is committed.
pub fn opened(caller: &Caller, answer: SignedInAnswer) -> Step {
    metrics::counter!("keyward_sign_ins_total", "result" => "success").increment(1);
    tracing::debug!(correlation = %caller.correlation, "signed in");
    Step::Done(answer)
}

/// Loud on purpose: such an account is for emergencies, and each use has to be explained.
fn note_break_glass(caller: &Caller, record: &SignInRecord) {
    tracing::warn!(correlation = %caller.correlation, user = %record.user_principal_name, "a break-glass account signed in");
    metrics::counter!("keyward_break_glass_sign_ins_total").increment(1);
}

/// What a session gives the one who asked.
enum Code<'c> {
    /// A code.
    Given(Box<PreparedCode>),
    /// Nothing before the person has agreed.
    MustAsk,
    /// Nobody asked: it leads to a page of ours.
    NotAsked(&'c LocalPath),
}

async fn code<'c>(
    app: &AppState,
    context: &'c OpenContext,
    session: &policy::model::Session,
    trace: &Trace,
) -> Result<Code<'c>, SignInRefusal> {
    let request = match &context.value().destination {
        Destination::Page(path) => return Ok(Code::NotAsked(path)),
        Destination::Application { request, .. } => request,
    };
    match consent::settled(app, request, session.user).await? {
        Some(scopes) => {
            let code = give(app, request, scopes, session, trace)?;
            Ok(Code::Given(Box::new(code)))
        }
        None => Ok(Code::MustAsk),
    }
}

/// The code that gives these scopes.
fn give(
    app: &AppState,
    request: &AuthorizeRequest,
    scopes: Vec<String>,
    session: &policy::model::Session,
    trace: &Trace,
) -> Result<PreparedCode, SignInRefusal> {
    let contexts = &trace.authentication_contexts;
    issue_tokens::prepare_code(app, request, scopes, session, contexts)
        .map_err(|_| SignInRefusal::Internal("a code could not be prepared".to_owned()))
}

/// The session this browser had before: a later sign-in of the same user takes its place.
async fn replaced(
    app: &AppState,
    caller: &Caller,
    tenant: TenantId,
    user: policy::model::UserId,
) -> Result<Option<SessionId>, SignInRefusal> {
    let held = caller
        .previous
        .iter()
        .find(|(of, _)| *of == tenant)
        .map(|(_, token)| *token);
    let Some(old) = held else { return Ok(None) };
    let loaded = app
        .store
        .read_point(move |tx| {
            Box::pin(async move { store::sessions::load(tx, tenant, &old).await })
        })
        .await
        .map_err(internal)?;
    Ok(loaded
        .filter(|old| old.session.user == user)
        .map(|old| old.session.id))
}

/// Where a session that is there already leads.
#[derive(Clone, Debug)]
pub enum SingleSignOn {
    /// To the application, with a code, or to the page.
    Done(Next),
    /// A policy asks for more than the session has; an attempt that knows what it has begins.
    More(Step),
    /// Somebody has to be asked, for more proof or for consent, and this request forbids to ask.
    MustNotAsk(Box<AuthorizeRequest>, AuthorizeRefusal),
}

/// Issues a code (or just leads on) in a session that is there already: single sign-on. The policies are asked every time.
pub async fn single_sign_on(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    session: &CurrentSession,
) -> Result<SingleSignOn, SignInRefusal> {
    noted(app, caller, context, session, None).await
}

/// The same, for a person who agrees to what the application asks for: consent and code are one write.
pub async fn agree(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    session: &CurrentSession,
) -> Result<SingleSignOn, SignInRefusal> {
    let agreed = match consent::agreed(app, context, session).await {
        Ok(agreed) => agreed,
        Err(refusal) => return Err(refuse(app, caller, context, session, refusal).await),
    };
    noted(app, caller, context, session, Some(agreed)).await
}

/// The person does not agree; answers where the application is told.
pub async fn decline(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    session: &CurrentSession,
) -> Result<Next, SignInRefusal> {
    let (next, denial) = consent::declined(app, caller, context, session).await?;
    let refusal = SignInRefusal::Denied(denial);
    refuse(app, caller, context, session, refusal).await;
    Ok(next)
}

/// Writes down that a session was not led on.
async fn refuse(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    session: &CurrentSession,
    refusal: SignInRefusal,
) -> SignInRefusal {
    let known = Known {
        user: Some(session.user.clone()),
        ..Known::default()
    };
    note_refusal(app, caller, context, &known, &refusal).await;
    refusal
}

async fn noted(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    session: &CurrentSession,
    agreed: Option<Agreed>,
) -> Result<SingleSignOn, SignInRefusal> {
    match lead_on(app, caller, context, session, agreed).await {
        Ok(led) => Ok(led),
        Err(refusal) => Err(refuse(app, caller, context, session, refusal).await),
    }
}

async fn lead_on(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    session: &CurrentSession,
    agreed: Option<Agreed>,
) -> Result<SingleSignOn, SignInRefusal> {
    same_tenant(&session.user, context.tenant())?;
    let (user, version) = (&session.user, session.policy_version);
    let proofs = &session.session.proofs;
    let asked = Asked::by(context);
    let judged = access::judge(app, caller, &asked, (user, None), version, proofs)
        .await
        .map_err(internal)?;
    let trace = Trace::of(&judged.decision, &judged.snapshot, user, &asked.contexts);
    let refused = |denial, trace| SignInRefusal::NotGranted(denial, Box::new(trace));
    match judged.decision.verdict() {
        Verdict::Blocked(_) => Err(refused(Denial::AccessBlocked, trace)),
        Verdict::FirstFactor(_) => Err(refused(Denial::FirstFactorNotAllowed, trace)),
        Verdict::Granted => {
            if let Some(agreed) = agreed {
                let issued = issue(app, caller, context, session, &trace, agreed).await;
                return issued.map(SingleSignOn::Done);
            }
            if let Some(prompt) = nudge::in_session(app, caller, context, session)
                .await
                .map_err(internal)?
            {
                let stop = Stop::at(prompt);
                let step = from_session(app, caller, context, session, stop).await?;
                return Ok(SingleSignOn::More(step));
            }
            go_on(app, caller, context, session, &trace).await
        }
        Verdict::Needs(needs) => {
            if let Some(request) = context.request().filter(|one| one.prompt == Prompt::Never) {
                let refusal = AuthorizeRefusal::InteractionRequired;
                return Ok(SingleSignOn::MustNotAsk(Box::new(request.clone()), refusal));
            }
            let holdings = access::holdings(app, caller, user, version, proofs)
                .await
                .map_err(internal)?;
            let step = match way(&judged.snapshot, needs, &holdings, proofs) {
                Ok(StepUp::Show { .. }) => Stop::new(Step::StepUp),
                Ok(StepUp::Register(_)) => Stop::new(Step::Register),
                Err(denial) => return Err(refused(denial, trace)),
            };
            let step = from_session(app, caller, context, session, step).await?;
            Ok(SingleSignOn::More(step))
        }
    }
}

/// To the page, to the application with a code, or to the question whether it may have what it asks for.
async fn go_on(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    session: &CurrentSession,
    trace: &Trace,
) -> Result<SingleSignOn, SignInRefusal> {
    let request = match &context.value().destination {
        Destination::Page(path) => {
            return Ok(SingleSignOn::Done(Next::Page(path.as_str().to_owned())));
        }
        Destination::Application { request, .. } => request,
    };
    let Some(scopes) = consent::settled(app, request, session.user.id).await? else {
        return Ok(match request.prompt {
            Prompt::Never => {
                SingleSignOn::MustNotAsk(request.clone(), AuthorizeRefusal::ConsentRequired)
            }
            _ => SingleSignOn::Done(consent::page(context)),
        });
    };
    let agreed = Agreed::before(scopes);
    let issued = issue(app, caller, context, session, trace, agreed).await;
    issued.map(SingleSignOn::Done)
}

async fn issue(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    session: &CurrentSession,
    trace: &Trace,
    agreed: Agreed,
) -> Result<Next, SignInRefusal> {
    let request = context.request().ok_or(SignInRefusal::ContextInvalid)?;
    let Agreed { scopes, new } = agreed;
    let PreparedCode { row, next } = give(app, request, scopes, &session.session, trace)?;
    let new = new.map(|consent| {
        let record = consent::record(app, caller, &session.user, &consent, context);
        (consent, record)
    });
    let mut record = reuse_record(app, caller, context, session);
    record.decision = trace.to_json();
    record.policy_version = trace.policy_version;
    let issued = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                let issued = store::grants::issue_code(tx, &row).await?;
                if issued == Issued::Done {
                    if let Some((consent, given)) = &new {
                        store::consents::give(tx, consent).await?;
                        store::audit::record(tx, given).await?;
                    }
                    store::sign_ins::record(tx, &record).await?;
                }
                Ok::<_, StoreError>(issued)
            })
        })
        .await
        .map_err(internal)?;
    match issued {
        Issued::Done => Ok(next),
        Issued::SessionEnded => Err(SignInRefusal::AttemptExpired),
    }
}

fn reuse_record(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    session: &CurrentSession,
) -> SignInRecord {
    let base = records::sign_in(app, caller, context.tenant(), Some(context));
    let mut record = records::of_user(base, &session.user);
    record.session = Some(session.session.id);
    record.passkey = session.session.passkey;
    record.multi_factor = session.session.mfa.is_some();
    let reused = |method: &policy::model::Method| SignInStep {
        method: "Previously satisfied".to_owned(),
        ..records::step(app, *method, method.display_name(), Ok(()))
    };
    record.steps = session.session.methods().iter().map(reused).collect();
    record
}

//! Where every way of signing in ends: interrupts, then a session, a code and a record in one durable write.

use policy::model::{
    AuditRecord, PassId, Passkey, Password, SessionId, SignInAttempt, SignInRecord, SignInStep,
    TenantId, TokenHash,
};
use policy::sign_in::{
    Allowed, AttemptParts, Circumstances, Conclusion, Evidence, Proved, SessionParts,
};
use store::StoreError;
use store::attempts::Begun;
use store::grants::Issued;
use store::sightings::Observed;
use store::sign_ins::{Committed, SignIn, Spend};

use super::{Known, SignInRefusal, Wishes, internal, note_refusal, same_tenant};
use crate::app::AppState;
use crate::flow::answer::Started;
use crate::flow::context::{Destination, OpenContext};
use crate::flow::issue_tokens::{self, PreparedCode};
use crate::flow::{Caller, Next, SignedInAnswer, Step, records};
use crate::web::cookies::{self, Keep, Token};
use crate::web::{CurrentAttempt, CurrentSession};

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
    /// What the person wishes of the session.
    pub wishes: Wishes,
}

/// A passkey as it was used, for the record, and what of the use is worth keeping.
pub struct UsedPasskey {
    /// The passkey, with the backup state of this use.
    pub passkey: Passkey,
    /// Where it was used, and the like.
    pub observed: Observed,
}

/// How it went on.
pub enum Opened {
    /// Written and durable.
    Done(Step),
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

/// Opens the session, or begins the interrupt that stands before it.
pub async fn conclude(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    proved: Proved,
    circumstances: Circumstances,
    with: With,
) -> Result<Opened, SignInRefusal> {
    match proved.conclude(circumstances) {
        Conclusion::Done(allowed) => open(app, caller, context, allowed, with).await,
        Conclusion::ChangePassword(proved) => {
            interrupt(app, caller, context, &proved, &with, Step::ChangePassword).await
        }
        Conclusion::MustRegister(proved) => {
            interrupt(app, caller, context, &proved, &with, Step::Register).await
        }
    }
}

async fn open(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    allowed: Allowed,
    with: With,
) -> Result<Opened, SignInRefusal> {
    let prepared = prepare(app, caller, context, allowed, with).await?;
    let Prepared { sign_in, answer } = prepared;
    match store::sign_ins::commit(&app.store, sign_in)
        .await
        .map_err(internal)?
    {
        Committed::Done => Ok(Opened::Done(opened(caller, answer))),
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
    let code = code(app, context, session)?;
    let next = match (&code, &context.value().destination) {
        (Some(code), _) => code.next.clone(),
        (None, Destination::Page(path)) => Next::Page(path.as_str().to_owned()),
        (None, Destination::Application { .. }) => return Err(SignInRefusal::ContextInvalid),
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
    let (mut record, observed) = match with.passkey {
        Some(used) => (records::with_passkey(base, &used.passkey), used.observed),
        None => (base, Observed::default()),
    };
    record.steps = with.steps;
    record.multi_factor = session.mfa.is_some();
    record.session = Some(session.id);
    record.policy_version = new.policy_version();
    if user.break_glass {
        note_break_glass(caller, &mut record);
    }
    let replaces = replaced(app, caller, session.tenant, session.user).await?;
    let sign_in = SignIn {
        session: new,
        spend: with.spend,
        replaces,
        code: code.map(|code| code.row),
        record,
        observed,
    };
    Ok(Prepared {
        sign_in,
        answer: SignedInAnswer { cookies, next },
    })
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
fn note_break_glass(caller: &Caller, record: &mut SignInRecord) {
    tracing::warn!(correlation = %caller.correlation, user = %record.user_principal_name, "a break-glass account signed in");
    metrics::counter!("keyward_break_glass_sign_ins_total").increment(1);
    record.decision = r#"{"breakGlass":true}"#.to_owned();
}

fn code(
    app: &AppState,
    context: &OpenContext,
    session: &policy::model::Session,
) -> Result<Option<PreparedCode>, SignInRefusal> {
    context
        .request()
        .map(|request| issue_tokens::prepare_code(app, request, session))
        .transpose()
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

/// Remembers what was proved in a row of its own, using up what can be used once.
async fn interrupt(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    proved: &Proved,
    with: &With,
    step: fn(Started) -> Step,
) -> Result<Opened, SignInRefusal> {
    let token = Token::random(&app.random);
    let now = app.clock.now();
    let row = proved.attempt(AttemptParts {
        token: token.hash(),
        correlation: caller.correlation,
        keep_signed_in: with.wishes.keep_signed_in,
        now,
    });
    let (evidence, old) = (*proved.evidence(), with.attempt);
    let began = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                if let Some(old) = old
                    && !store::attempts::finish(tx, row.tenant, &old).await?
                {
                    return Ok(Begun::Spent);
                }
                store::attempts::begin(tx, &row, &evidence).await
            })
        })
        .await
        .map_err(internal)?;
    if began == Begun::Spent {
        return Ok(Opened::Spent);
    }
    let cookie = cookies::set(cookies::ATTEMPT, &token, Keep::Session);
    Ok(Opened::Done(step(Started::new(vec![cookie], context))))
}

/// Goes on without registering, where that is allowed: two factors were shown, and neither is a pass, whose purpose is
/// to register.
pub async fn skip_registration(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    attempt: &CurrentAttempt,
) -> Result<Step, SignInRefusal> {
    let skipped = skip(app, caller, context, attempt).await;
    if let Err(refusal) = &skipped {
        let known = Known {
            user: Some(attempt.user.clone()),
            ..Known::default()
        };
        note_refusal(app, caller, context, &known, refusal).await;
    }
    skipped
}

async fn skip(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    attempt: &CurrentAttempt,
) -> Result<Step, SignInRefusal> {
    if !attempt.may_skip_registration() {
        return Err(SignInRefusal::SkipNotAllowed);
    }
    let prepared = after_interrupt(app, caller, context, attempt, 0).await?;
    let (sign_in, answer) = prepared.split();
    match store::sign_ins::commit(&app.store, sign_in)
        .await
        .map_err(internal)?
    {
        Committed::Done => Ok(opened(caller, answer)),
        Committed::Spent | Committed::Stale => Err(SignInRefusal::AttemptExpired),
    }
}

/// The rest of a sign-in whose interrupt is over; to be committed together with what the interrupt wrote.
/// `user_versions_later` is by how much that write raises the user's version.
pub async fn after_interrupt(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    attempt: &CurrentAttempt,
    user_versions_later: i64,
) -> Result<Prepared, SignInRefusal> {
    same_tenant(&attempt.user, context.tenant())?;
    let row = &attempt.attempt;
    let proved = attempt.resume(app.clock.now(), user_versions_later)?;
    let steps = proved
        .methods()
        .iter()
        .map(|method| records::step(app, *method, "", Ok(())))
        .collect();
    // The interrupt is over, so nothing stands between the proof and the session any more.
    let Conclusion::Done(allowed) = proved.conclude(Circumstances::default()) else {
        return Err(SignInRefusal::AttemptExpired);
    };
    let with = With {
        spend: Spend::Attempt(row.token),
        attempt: Some(row.token),
        pass: row.pass,
        passkey: None,
        steps,
        wishes: wishes(row),
    };
    prepare(app, caller, context, allowed, with).await
}

const fn wishes(attempt: &SignInAttempt) -> Wishes {
    Wishes {
        keep_signed_in: attempt.keep_signed_in,
    }
}

/// How a sign-in goes on once its password was replaced: to the session, or to the next interrupt.
pub enum AfterPassword {
    /// The session opens with the same write.
    Open(Box<Prepared>),
    /// A passkey has to be registered next; the new attempt begins with the same write.
    Register(Box<SignInAttempt>, TokenHash, Started),
}

/// What replacing the password of `attempt` leads to. The write raises the user's version by one.
pub async fn after_new_password(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    attempt: &CurrentAttempt,
    circumstances: Circumstances,
) -> Result<AfterPassword, SignInRefusal> {
    same_tenant(&attempt.user, context.tenant())?;
    let now = app.clock.now();
    let row = &attempt.attempt;
    match attempt.resume(now, 1)?.conclude(circumstances) {
        Conclusion::Done(allowed) => {
            let steps = row
                .proved
                .iter()
                .map(|method| records::step(app, *method, "", Ok(())))
                .collect();
            let with = With {
                spend: Spend::Attempt(row.token),
                attempt: Some(row.token),
                pass: row.pass,
                passkey: None,
                steps,
                wishes: wishes(row),
            };
            let prepared = prepare(app, caller, context, allowed, with).await?;
            Ok(AfterPassword::Open(Box::new(prepared)))
        }
        Conclusion::MustRegister(proved) | Conclusion::ChangePassword(proved) => {
            let token = Token::random(&app.random);
            let parts = AttemptParts {
                token: token.hash(),
                correlation: caller.correlation,
                keep_signed_in: row.keep_signed_in,
                now,
            };
            let cookie = cookies::set(cookies::ATTEMPT, &token, Keep::Session);
            let started = Started::new(vec![cookie], context);
            Ok(AfterPassword::Register(
                Box::new(proved.attempt(parts)),
                row.token,
                started,
            ))
        }
    }
}

impl AfterPassword {
    /// One write: the new password, its record, and what follows.
    pub async fn commit(
        self,
        app: &AppState,
        caller: &Caller,
        password: Password,
        record: AuditRecord,
    ) -> Result<Step, SignInRefusal> {
        let tenant = record.tenant;
        let step = match self {
            Self::Open(prepared) => {
                let (sign_in, answer) = prepared.split();
                let written = app.store.write(move |tx| {
                    Box::pin(async move {
                        store::passwords::set(tx, tenant, &password).await?;
                        store::audit::record(tx, &record).await?;
                        match store::sign_ins::commit_in(tx, &sign_in).await? {
                            Committed::Done => Ok(()),
                            Committed::Spent | Committed::Stale => {
                                Err(SignInRefusal::AttemptExpired)
                            }
                        }
                    })
                });
                written.await?;
                opened(caller, answer)
            }
            Self::Register(row, old, started) => {
                let written = app.store.write(move |tx| {
                    Box::pin(async move {
                        if !store::attempts::finish(tx, tenant, &old).await? {
                            return Err(SignInRefusal::AttemptExpired);
                        }
                        store::passwords::set(tx, tenant, &password).await?;
                        store::audit::record(tx, &record).await?;
                        store::attempts::begin(tx, &row, &Evidence::Earlier).await?;
                        Ok(())
                    })
                });
                written.await?;
                Step::Register(started)
            }
        };
        Ok(step)
    }
}

/// Issues a code (or just leads on) in a session that is there already: single sign-on.
pub async fn single_sign_on(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    session: &CurrentSession,
) -> Result<Next, SignInRefusal> {
    same_tenant(&session.user, context.tenant())?;
    let code = match &context.value().destination {
        Destination::Page(path) => return Ok(Next::Page(path.as_str().to_owned())),
        Destination::Application { .. } => code(app, context, &session.session)?,
    };
    let PreparedCode { row, next } = code.ok_or(SignInRefusal::ContextInvalid)?;
    let record = reuse_record(app, caller, context, session);
    let issued = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                let issued = store::grants::issue_code(tx, &row).await?;
                if issued == Issued::Done {
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
    record.steps = session.session.methods.iter().map(reused).collect();
    record
}

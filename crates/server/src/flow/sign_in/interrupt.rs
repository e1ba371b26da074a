//! Interrupts of a sign-in: a new password, a further proof, a first passkey, the prompt of a campaign. What was shown waits
//! in a row until they are over; then the policies are asked again, and the answer is written together with what the interrupt changed.

use policy::client::Client;
use policy::model::{Mode, Passkey, Prompt, SignInAttempt, TenantId, TokenHash};
use policy::sign_in::{AttemptParts, Circumstances, Conclusion, Evidence, Proved};
use policy::step_up::StepUp;
use store::attempts::Begun;
use store::sightings::Observed;
use store::sign_ins::{Committed, SignIn, Spend};
use store::{StoreError, Tx};

use super::nudge::{self, Moment};
use super::opening::{Opened, Prepared, UsedPasskey, With, ask, opened, prepare, told};
use super::{Known, SignInRefusal, Wishes, internal, note_refusal, same_tenant};
use crate::app::AppState;
use crate::flow::access::Membership;
use crate::flow::answer::Started;
use crate::flow::context::OpenContext;
use crate::flow::{Caller, SignedInAnswer, Step, records};
use crate::web::cookies::{self, Keep, Token};
use crate::web::{CurrentAttempt, CurrentSession};

/// Nobody's groups were read, and what the sign-in began with was judged when it was shown.
const GOES_ON: (Option<&Membership>, Option<Mode>) = (None, None);

/// Where a sign-in stops before its session.
#[derive(Clone, Copy)]
pub struct Stop {
    step: fn(Started) -> Step,
    prompt: Option<Prompt>,
}

impl Stop {
    /// At an interrupt.
    pub const fn new(step: fn(Started) -> Step) -> Self {
        Self { step, prompt: None }
    }

    /// At the prompt of a campaign.
    pub const fn at(prompt: Prompt) -> Self {
        Self {
            step: Step::Nudge,
            prompt: Some(prompt),
        }
    }
}

/// Remembers what was proved in a row of its own, using up what can be used once.
pub async fn interrupt(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    proved: &Proved,
    with: &With,
    stop: Stop,
) -> Result<Opened, SignInRefusal> {
    let waiting = Waiting::new(app, caller, context, proved, with.wishes, stop);
    let client = Client::of(&caller.user_agent);
    let Waiting { row, step } = waiting;
    let (evidence, old, spend) = (*proved.evidence(), with.attempt, with.spend.clone());
    let used = with.passkey.as_ref();
    let observed = used.map(|used| used.observed.clone()).unwrap_or_default();
    let told = told(app, caller, proved.user(), &evidence, used);
    let began = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                let spent = spend_all(tx, &row, old, &spend).await?;
                match store::attempts::begin(tx, &row, &evidence).await? {
                    Begun::Done if spent => {
                        nudge::show(tx, &row, client).await?;
                        store::sightings::record(tx, &observed).await?;
                        for told in &told {
                            store::outbox::announce(tx, told).await?;
                        }
                        Ok(())
                    }
                    // Rolled back: the half of it must not be spent by an attempt that does not exist.
                    _ => Err(SignInRefusal::ChallengeSpent),
                }
            })
        })
        .await;
    match began {
        Ok(()) => {
            app.notifier.wake();
            Ok(Opened::Done(step, None))
        }
        Err(SignInRefusal::ChallengeSpent) => Ok(Opened::Spent),
        Err(refusal) => Err(refusal),
    }
}

/// Uses up the attempt this one follows and the challenge it answers; `false` if either had been used before.
async fn spend_all(
    tx: &mut Tx,
    row: &SignInAttempt,
    old: Option<TokenHash>,
    spend: &Spend,
) -> Result<bool, StoreError> {
    if let Some(old) = old
        && !store::attempts::finish(tx, row.tenant, &old).await?
    {
        return Ok(false);
    }
    match spend {
        Spend::Challenge { nonce, expires } => {
            store::challenges::spend(tx, row.tenant, nonce, *expires).await
        }
        // The attempt is the one above; a pass is used up by the evidence.
        Spend::Attempt(_) | Spend::Pass => Ok(true),
    }
}

/// An attempt that is about to wait, and where the browser goes meanwhile.
struct Waiting {
    row: SignInAttempt,
    step: Step,
}

impl Waiting {
    fn new(
        app: &AppState,
        caller: &Caller,
        context: &OpenContext,
        proved: &Proved,
        wishes: Wishes,
        stop: Stop,
    ) -> Self {
        let token = Token::random(&app.random);
        let cookie = cookies::set(cookies::ATTEMPT, &token, Keep::Session);
        Self {
            row: proved.attempt(AttemptParts {
                token: token.hash(),
                correlation: caller.correlation,
                keep_signed_in: wishes.keep_signed_in,
                prompt: stop.prompt,
                now: app.clock.now(),
            }),
            step: (stop.step)(Started::new(vec![cookie], context)),
        }
    }
}

/// Begins an attempt with what a live session has shown: the person goes on from there, and need not begin again.
pub async fn from_session(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    session: &CurrentSession,
    stop: Stop,
) -> Result<Step, SignInRefusal> {
    let client = Client::of(&caller.user_agent);
    let token = Token::random(&app.random);
    let row = AttemptParts {
        token: token.hash(),
        correlation: caller.correlation,
        keep_signed_in: session.session.keep_signed_in,
        prompt: stop.prompt,
        now: app.clock.now(),
    }
    .of_session(&session.session, &session.user);
    let held = session.session.clone();
    let begun = app.store.write(move |tx| {
        Box::pin(async move {
            if !store::sessions::hold(tx, &held, row.user_version).await? {
                return Err(SignInRefusal::AttemptExpired);
            }
            store::attempts::begin(tx, &row, &Evidence::Earlier).await?;
            nudge::show(tx, &row, client).await?;
            Ok(())
        })
    });
    begun.await?;
    let cookie = cookies::set(cookies::ATTEMPT, &token, Keep::Session);
    Ok((stop.step)(Started::new(vec![cookie], context)))
}

/// What the step-up page offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// These methods, one of which has to be shown next.
    Show {
        /// In Graph's order.
        modes: Vec<Mode>,
        /// The strength that is asked for, if it is one.
        strength: Option<String>,
    },
    /// Something else comes next by now: a passkey to register (true), or everything is there.
    GoOn {
        /// A passkey has to be registered.
        register: bool,
    },
}

/// What an attempt that waits for a further proof can be given, under the policies as they are now.
pub async fn step_up_offer(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    attempt: &CurrentAttempt,
) -> Result<Offer, SignInRefusal> {
    same_tenant(&attempt.user, context.tenant())?;
    let proved = attempt.resume(app.clock.now(), 0)?;
    let asked = ask(
        app,
        caller,
        context,
        proved,
        Circumstances::default(),
        GOES_ON,
    )
    .await;
    if let Err(refusal) = &asked {
        let known = Known {
            user: Some(attempt.user.clone()),
            ..Known::default()
        };
        note_refusal(app, caller, context, &known, refusal).await;
    }
    let (conclusion, trace) = asked?;
    Ok(match conclusion {
        Conclusion::StepUp(_, StepUp::Show { modes, need }) => Offer::Show {
            modes,
            strength: need.policy.and_then(|policy| trace.control_of(policy)),
        },
        Conclusion::MustRegister(_) | Conclusion::StepUp(_, StepUp::Register(_)) => {
            Offer::GoOn { register: true }
        }
        Conclusion::Done(_) | Conclusion::ChangePassword(_) => Offer::GoOn { register: false },
    })
}

/// An interrupt that is over.
#[derive(Clone, Copy)]
pub struct Over<'a> {
    attempt: &'a CurrentAttempt,
    /// By how much the write that ends it raises the user's version.
    user_versions_later: i64,
    /// The passkey that was made in it.
    registered: Option<&'a Passkey>,
    circumstances: Circumstances,
    /// A campaign may ask next: what is over was about something else.
    nudge: bool,
}

impl<'a> Over<'a> {
    /// Nothing was changed, and nothing else stands between the proof and the session.
    pub fn of(attempt: &'a CurrentAttempt) -> Self {
        Self {
            attempt,
            user_versions_later: 0,
            registered: None,
            circumstances: Circumstances::default(),
            nudge: false,
        }
    }

    /// A passkey was made.
    pub fn with_registered(attempt: &'a CurrentAttempt, passkey: &'a Passkey) -> Self {
        Self {
            registered: Some(passkey),
            ..Self::of(attempt)
        }
    }

    /// The password was replaced, which raises the user's version by one.
    pub fn with_new_password(attempt: &'a CurrentAttempt, circumstances: Circumstances) -> Self {
        Self {
            user_versions_later: 1,
            circumstances,
            nudge: true,
            ..Self::of(attempt)
        }
    }
}

/// The rest of a sign-in whose interrupt is over: the session, or the next interrupt.
pub struct After {
    write: AfterWrite,
    step: AfterStep,
}

/// What is written in the transaction of the interrupt.
#[derive(Debug)]
pub enum AfterWrite {
    /// The session opens.
    Open(Box<SignIn>),
    /// The next interrupt begins.
    Again {
        /// The attempt that waits from now on.
        row: Box<SignInAttempt>,
        /// The attempt that ends.
        old: TokenHash,
        /// What shows its page.
        client: Client,
    },
    /// The attempt ends, and the session that was there already goes on as it was.
    End {
        /// Its tenant.
        tenant: TenantId,
        /// The attempt.
        old: TokenHash,
    },
}

/// Where the browser goes once [`AfterWrite`] is durable.
pub enum AfterStep {
    /// Into the session.
    Open(SignedInAnswer),
    /// On to the next interrupt.
    Again(Step),
}

impl After {
    /// The write, and what follows it.
    pub fn split(self) -> (AfterWrite, AfterStep) {
        (self.write, self.step)
    }
}

impl AfterWrite {
    /// Writes, as a part of the interrupt's own job. An error has to roll all of it back.
    pub async fn write(&self, tx: &mut Tx) -> Result<(), SignInRefusal> {
        match self {
            Self::Open(sign_in) => match store::sign_ins::commit_in(tx, sign_in).await? {
                Committed::Done => Ok(()),
                Committed::Spent | Committed::Stale => Err(SignInRefusal::AttemptExpired),
            },
            Self::Again { row, old, client } => {
                end(tx, row.tenant, old).await?;
                store::attempts::begin(tx, row, &Evidence::Earlier).await?;
                nudge::show(tx, row, *client).await?;
                Ok(())
            }
            Self::End { tenant, old } => end(tx, *tenant, old).await,
        }
    }
}

/// Ends an attempt, if nobody else has.
pub async fn end(tx: &mut Tx, tenant: TenantId, attempt: &TokenHash) -> Result<(), SignInRefusal> {
    if store::attempts::finish(tx, tenant, attempt).await? {
        Ok(())
    } else {
        Err(SignInRefusal::AttemptExpired)
    }
}

impl AfterStep {
    /// Only when the write is durable.
    pub fn taken(self, caller: &Caller) -> Step {
        match self {
            Self::Open(answer) => opened(caller, answer),
            Self::Again(step) => step,
        }
    }
}

/// Asks the policies again once an interrupt is over, and prepares what follows.
pub async fn after_interrupt(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    over: Over<'_>,
) -> Result<After, SignInRefusal> {
    let attempt = over.attempt;
    same_tenant(&attempt.user, context.tenant())?;
    let (row, now) = (&attempt.attempt, app.clock.now());
    let mut proved = attempt.resume(now, over.user_versions_later)?;
    if row.prompt.is_some_and(|prompt| prompt.session.is_some()) {
        return Ok(back_to_session(attempt, context));
    }
    // What the browser made by itself was shown to nobody yet.
    let registered = over.registered.filter(|passkey| passkey.user_verified);
    if let Some(passkey) = registered {
        proved = proved.with_registered(passkey, now);
    }
    let steps = proved.methods();
    let (conclusion, trace) =
        ask(app, caller, context, proved, over.circumstances, GOES_ON).await?;
    let wishes = Wishes {
        keep_signed_in: row.keep_signed_in,
        makes_passkeys: false,
    };
    let again = |proved: &Proved, stop| {
        let waiting = Waiting::new(app, caller, context, proved, wishes, stop);
        After {
            write: AfterWrite::Again {
                row: Box::new(waiting.row),
                old: row.token,
                client: Client::of(&caller.user_agent),
            },
            step: AfterStep::Again(waiting.step),
        }
    };
    match conclusion {
        Conclusion::Done(allowed) => {
            let with = With {
                spend: Spend::Attempt(row.token),
                attempt: Some(row.token),
                pass: row.pass,
                passkey: registered.map(|passkey| UsedPasskey {
                    passkey: passkey.clone(),
                    without_another_device: false,
                    // The registration writes down where it happened, and tells its owner.
                    observed: Observed::default(),
                    told: None,
                }),
                steps: steps
                    .iter()
                    .map(|method| records::step(app, *method, "", Ok(())))
                    .collect(),
                began: None,
                wishes,
                member: None,
                trace,
            };
            if over.nudge {
                let moment = Moment::of_sign_in(context, &allowed, &with);
                let nudge = nudge::ask(app, caller, moment).await.map_err(internal)?;
                if let Some(prompt) = nudge.and_then(|nudge| nudge.prompt()) {
                    return Ok(again(&allowed.wait(), Stop::at(prompt)));
                }
            }
            let prepared = prepare(app, caller, context, allowed, with).await?;
            Ok(open_next(prepared))
        }
        Conclusion::ChangePassword(proved) => Ok(again(&proved, Stop::new(Step::ChangePassword))),
        Conclusion::StepUp(proved, _) => Ok(again(&proved, Stop::new(Step::StepUp))),
        Conclusion::MustRegister(proved) => Ok(again(&proved, Stop::new(Step::Register))),
    }
}

/// The prompt was shown in a session. That goes on with what it has shown, and when: opening another for a prompt that was
/// put off would make old proofs look new.
fn back_to_session(attempt: &CurrentAttempt, context: &OpenContext) -> After {
    let cookies = vec![cookies::remove(cookies::ATTEMPT)];
    After {
        write: AfterWrite::End {
            tenant: attempt.user.tenant,
            old: attempt.attempt.token,
        },
        step: AfterStep::Again(Step::GoOn(Started::new(cookies, context))),
    }
}

fn open_next(prepared: Prepared) -> After {
    let (sign_in, answer) = prepared.split();
    After {
        write: AfterWrite::Open(Box::new(sign_in)),
        step: AfterStep::Open(answer),
    }
}

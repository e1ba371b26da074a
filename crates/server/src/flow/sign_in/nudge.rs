//! The prompt of a registration campaign (the "nudge"), between a granted sign-in and its session.
//!
//! ```text
//!   granted ──▶ might anybody be asked? ──▶ read ──▶ policy::campaign::decide ──▶ nothing, or silently: the session opens
//!                     (nothing is read)                         │
//!                                                               ▼
//!   a passkey (flow::register) │ put off │ left after an error ◀── the prompt waits in an attempt
//! ```
//! A campaign insists; it does not guard. What keeps somebody out is decided before ([`crate::flow::access`]).

use policy::campaign::{
    self, Arrival, Event, Glimpse, Nudge, Outcome, Provider, Snoozes, Trouble, is_running,
    might_ask,
};
use policy::client::Client;
use policy::model::{
    AuditRecord, CampaignId, PassId, Passkey, PasskeyId, Place, Prompt, Proof, Provenance,
    SignInAttempt, TemporaryAccessPass, TenantId, Timestamp, TokenHash, User, UserId,
};
use policy::register::{Situation, Standing};
use policy::sign_in::{Allowed, Evidence, is_multi_factor};
use store::campaigns::Answer;
use store::{StoreError, Tx};

use super::interrupt::{Over, after_interrupt};
use super::opening::{UsedPasskey, With};
use super::{Known, SignInRefusal, note_refusal, upgrade};
use crate::app::AppState;
use crate::flow::access::{self, Asked, Membership};
use crate::flow::context::OpenContext;
use crate::flow::{Caller, Step, records};
use crate::web::{CurrentAttempt, CurrentSession};

/// The moment at which somebody might be asked.
#[derive(Clone, Copy)]
pub(super) struct Moment<'a> {
    user: &'a User,
    proofs: &'a [Proof],
    policy_version: i64,
    pass: Option<PassId>,
    member: Option<&'a Membership>,
    used: Option<&'a UsedPasskey>,
    arrival: Arrival,
    makes_passkeys: bool,
}

impl<'a> Moment<'a> {
    /// After a sign-in that is granted.
    pub(super) fn of_sign_in(context: &OpenContext, allowed: &'a Allowed, with: &'a With) -> Self {
        let pass = match allowed.evidence() {
            Evidence::Pass { pass } => Some(*pass),
            _ => with.pass,
        };
        let silently = upgrade::may_stand_before(context, allowed.proofs());
        Self {
            user: allowed.user(),
            proofs: allowed.proofs(),
            policy_version: allowed.policy_version(),
            pass,
            member: with.member.as_ref(),
            used: with.passkey.as_ref(),
            arrival: Arrival::SignIn,
            makes_passkeys: with.wishes.makes_passkeys && silently,
        }
    }

    /// In a session that was there already.
    fn of_session(current: &'a CurrentSession) -> Self {
        Self {
            user: &current.user,
            proofs: &current.session.proofs,
            policy_version: current.policy_version,
            pass: current.session.pass,
            member: None,
            used: None,
            arrival: Arrival::SingleSignOn {
                since: current.session.authenticated,
            },
            makes_passkeys: false,
        }
    }

    /// Two factors of a session that are too old to register with are shown again first, so that they count as new.
    fn standing(
        &self,
        second_factor: bool,
        pass: Option<&TemporaryAccessPass>,
        now: Timestamp,
    ) -> Standing {
        match access::standing(self.proofs, second_factor, pass) {
            Standing::Mfa(_) if self.arrival != Arrival::SignIn => Standing::Mfa(now),
            as_shown => as_shown,
        }
    }

    fn used_here(&self) -> Option<PasskeyId> {
        let used = self.used?;
        used.without_another_device.then_some(used.passkey.id)
    }
}

/// Whether this person is asked at this moment, and how.
pub(super) async fn ask(
    app: &AppState,
    caller: &Caller,
    moment: Moment<'_>,
) -> Result<Option<Nudge>, StoreError> {
    if !might_be_asked(app, caller, moment) {
        return Ok(None);
    }
    // Boxed: few come this far, and all would carry the space for it.
    Box::pin(read_and_decide(app, caller, moment)).await
}

/// A first glance, for which nothing is read: whoever cannot be asked goes on at once.
pub(super) fn might_be_asked(app: &AppState, caller: &Caller, moment: Moment<'_>) -> bool {
    let (tenant, version) = (moment.user.tenant, moment.policy_version);
    // Conditional access was asked under it just now.
    let Some(snapshot) = app.snapshots.at_hand(app, tenant, version) else {
        return true;
    };
    if !is_running(&snapshot, moment.arrival) {
        return false;
    }
    let Some(member) = moment.member else {
        return true;
    };
    let subject = snapshot.subject(moment.user, &member.roles, &member.groups);
    let used_here = moment.used_here();
    let glimpse = Glimpse {
        subject: &subject,
        passkeys: moment
            .used
            .map_or(&[], |used| std::slice::from_ref(&used.passkey)),
        used_here: used_here.as_slice(),
        multi_factor: is_multi_factor(moment.proofs.iter()),
        client: Client::of(&caller.user_agent),
        arrival: moment.arrival,
    };
    might_ask(&snapshot, &glimpse, app.clock.now())
}

async fn read_and_decide(
    app: &AppState,
    caller: &Caller,
    moment: Moment<'_>,
) -> Result<Option<Nudge>, StoreError> {
    let (tenant, user, version) = (moment.user.tenant, moment.user.id, moment.policy_version);
    let place = Place::of(&caller.user_agent, caller.ip, None);
    let history = app
        .store
        .read(move |tx| Box::pin(async move { History::read(tx, tenant, user, &place).await }))
        .await?;
    let member = moment.member.unwrap_or(&history.member);
    let registering = Asked::page(policy::access::Wish::RegisterSecurityInfo);
    let by = (moment.user, Some(member));
    let judged = access::judge(app, caller, &registering, by, version, moment.proofs).await?;
    let pass = history.pass.filter(|pass| Some(pass.id) == moment.pass);
    let snapshot = judged.snapshot;
    let subject = snapshot.subject(moment.user, &member.roles, &member.groups);
    let now = app.clock.now();
    let mut passkeys = history.passkeys;
    if let Some(used) = moment.used {
        let stored = passkeys.iter_mut().find(|one| one.id == used.passkey.id);
        stored
            .into_iter()
            .for_each(|one| one.user_verified = used.passkey.user_verified);
    }
    let mut used_here = history.used_here;
    used_here.extend(moment.used_here());
    let situation = campaign::Situation {
        registering: Situation {
            subject: &subject,
            existing: &passkeys,
            standing: moment.standing(history.totp, pass.as_ref(), now),
            provenance: Provenance::SignInInterrupt,
        },
        registration_granted: *judged.decision.verdict() == policy::access::Verdict::Granted,
        multi_factor: is_multi_factor(moment.proofs.iter()),
        makes_passkeys: moment.makes_passkeys,
        client: Client::of(&caller.user_agent),
        arrival: moment.arrival,
        just_registered: match moment.arrival {
            Arrival::SignIn => false,
            Arrival::SingleSignOn { since } => passkeys.iter().any(|one| one.created >= since),
        },
        used_here: &used_here,
        snoozes: history.snoozes,
    };
    let nudge = campaign::decide(&snapshot, &situation, now);
    Ok(nudge.campaign().is_some().then_some(nudge))
}

/// What a decision rests on besides the moment.
struct History {
    passkeys: Vec<Passkey>,
    totp: bool,
    pass: Option<TemporaryAccessPass>,
    member: Membership,
    snoozes: Snoozes,
    used_here: Vec<PasskeyId>,
}

impl History {
    async fn read(
        tx: &mut Tx,
        tenant: TenantId,
        user: UserId,
        place: &Place,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            passkeys: store::passkeys::of_user(tx, tenant, user).await?,
            totp: store::totp::exists(tx, tenant, user).await?,
            pass: store::passes::find(tx, tenant, user).await?,
            member: Membership {
                roles: store::roles::of_user(tx, tenant, user).await?,
                groups: store::groups::ids_of_user(tx, tenant, user).await?,
            },
            snoozes: store::campaigns::snoozes(tx, tenant, user).await?,
            used_here: store::sightings::used_on(tx, tenant, user, place).await?,
        })
    }
}

/// The prompt for somebody whose session was there already, where a campaign asks in sessions too and an application was
/// on the way: pages of ours offer passkeys by themselves.
pub(super) async fn in_session(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    current: &CurrentSession,
) -> Result<Option<Prompt>, StoreError> {
    let Some(request) = context.request() else {
        return Ok(None);
    };
    if request.prompt == crate::oidc::request::Prompt::Never {
        return Ok(None);
    }
    let nudge = ask(app, caller, Moment::of_session(current)).await?;
    Ok(nudge.and_then(|nudge| nudge.prompt()).map(|prompt| Prompt {
        session: Some(current.session.id),
        ..prompt
    }))
}

/// Remembers that the prompt of this attempt is before its owner, and counts it; nothing where it has none.
pub(super) async fn show(
    tx: &mut Tx,
    attempt: &SignInAttempt,
    client: Client,
) -> Result<(), StoreError> {
    let Some(prompt) = attempt.prompt else {
        return Ok(());
    };
    let (tenant, at) = (attempt.tenant, attempt.created);
    store::campaigns::show(tx, tenant, attempt.user, &attempt.token, at).await?;
    let event = Event::new(prompt.campaign, client, Outcome::Shown);
    store::campaigns::count(tx, tenant, &event, at).await
}

/// Takes the prompt of a session away again, because its owner agreed and shows two factors anew first: it is shown to them
/// after that.
pub async fn sign_in_again(app: &AppState, attempt: &CurrentAttempt) -> Result<(), SignInRefusal> {
    let prompt = attempt.attempt.prompt;
    if prompt.is_none_or(|prompt| prompt.session.is_none()) {
        return Err(SignInRefusal::NotPrompted);
    }
    let (tenant, user, token) = (attempt.user.tenant, attempt.user.id, attempt.attempt.token);
    let now = app.clock.now();
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            let answer = Answer::Accepted;
            store::campaigns::answer(tx, tenant, user, &token, answer, now).await?;
            super::interrupt::end(tx, tenant, &token).await
        })
    });
    written.await
}

/// How somebody leaves a prompt without a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// "Skip for now": it counts.
    PutOff,
    /// After an error, which never holds anybody up: it does not count.
    After(Trouble),
}

/// Leaves the prompt at which this attempt waits, and goes on with the sign-in: one write for the count, the record and
/// the session.
pub async fn leave(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    attempt: &CurrentAttempt,
    leaving: Leaving,
) -> Result<Step, SignInRefusal> {
    let left = left(app, caller, context, attempt, leaving).await;
    if let Err(refusal) = &left {
        let known = Known {
            user: Some(attempt.user.clone()),
            ..Known::default()
        };
        note_refusal(app, caller, context, &known, refusal).await;
    }
    left
}

async fn left(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    attempt: &CurrentAttempt,
    leaving: Leaving,
) -> Result<Step, SignInRefusal> {
    let prompt = attempt.attempt.prompt.ok_or(SignInRefusal::NotPrompted)?;
    if leaving == Leaving::PutOff && !prompt.can_be_put_off() {
        return Err(SignInRefusal::SkipNotAllowed);
    }
    let after = after_interrupt(app, caller, context, Over::of(attempt)).await?;
    let (after, step) = after.split();
    // Not before the session begins: what was put off in it is not asked again in it.
    let now = app.clock.now();
    let (tenant, user, token) = (attempt.user.tenant, attempt.user.id, attempt.attempt.token);
    let record = record(app, caller, &attempt.user, prompt, leaving);
    let (answer, outcome, why) = match leaving {
        Leaving::PutOff => (Answer::Snoozed, Outcome::Snoozed, ""),
        Leaving::After(trouble) => {
            let (answer, outcome) = (Answer::ErrorSkipped, Outcome::ErrorSkipped);
            (answer, outcome, trouble.as_str())
        }
    };
    let event = Event {
        why,
        ..Event::new(prompt.campaign, Client::of(&caller.user_agent), outcome)
    };
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            store::campaigns::answer(tx, tenant, user, &token, answer, now).await?;
            store::campaigns::count(tx, tenant, &event, now).await?;
            store::audit::record(tx, &record).await?;
            after.write(tx).await
        })
    });
    written.await?;
    app.notifier.wake();
    Ok(step.taken(caller))
}

fn record(
    app: &AppState,
    caller: &Caller,
    user: &User,
    prompt: Prompt,
    leaving: Leaving,
) -> AuditRecord {
    let actor = records::by_user(user, caller);
    let now = app.clock.now();
    let mut record = records::audit(now, &app.random, caller, CANCELED, actor, user);
    let mut detail = |name: &str, value: String| record.details.push((name.to_owned(), value));
    detail("Campaign", prompt.campaign.to_string());
    match leaving {
        Leaving::PutOff => {
            detail("Answer", Outcome::Snoozed.as_str().to_owned());
            if let Some(left) = prompt.snoozes_left {
                detail("SnoozesLeft", left.saturating_sub(1).to_string());
            }
        }
        Leaving::After(trouble) => {
            detail("Answer", Outcome::ErrorSkipped.as_str().to_owned());
            detail("Reason", trouble.as_str().to_owned());
        }
    }
    record
}

/// Entra's name for a registration that somebody was led to and did not finish.
const CANCELED: &str = "User canceled security info registration";

/// What a registered passkey means for campaigns; written together with it.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    tenant: TenantId,
    user: UserId,
    client: Client,
    provider: Provider,
    /// The prompt that it answers, and the attempt that waits there.
    prompt: Option<(CampaignId, TokenHash)>,
    silently: bool,
}

impl Made {
    /// Of a registration in `attempt`, if it happened in one, or on a page of its own.
    pub fn new(
        app: &AppState,
        caller: &Caller,
        passkey: &Passkey,
        attempt: Option<&CurrentAttempt>,
    ) -> Self {
        Self {
            tenant: passkey.tenant,
            user: passkey.user,
            client: Client::of(&caller.user_agent),
            provider: Provider::of(passkey, &app.models.facts()),
            prompt: attempt.and_then(|held| {
                let prompt = held.attempt.prompt?;
                Some((prompt.campaign, held.attempt.token))
            }),
            silently: passkey.provenance == Provenance::ConditionalCreate,
        }
    }

    /// Takes the prompt as answered, or the silent stage as successful, and counts it.
    pub async fn write(&self, tx: &mut Tx, passkey: &Passkey) -> Result<(), StoreError> {
        let (tenant, user, now) = (self.tenant, self.user, passkey.created);
        let (campaign, outcome) = match self.prompt {
            Some((campaign, token)) => {
                store::campaigns::answer(tx, tenant, user, &token, Answer::Accepted, now).await?;
                (Some(campaign), Outcome::Accepted)
            }
            None if self.silently => (
                store::campaigns::made_silently(tx, tenant, user).await?,
                Outcome::SilentMade,
            ),
            None => (None, Outcome::Accepted),
        };
        let Some(campaign) = campaign else {
            return Ok(());
        };
        let event = Event {
            provider: Some(self.provider),
            ..Event::new(campaign, self.client, outcome)
        };
        store::campaigns::count(tx, tenant, &event, now).await
    }
}

/// A registration that was refused at the prompt of a campaign, to be counted together with its record.
pub fn failed(caller: &Caller, attempt: &CurrentAttempt, why: &'static str) -> Option<Event> {
    let prompt = attempt.attempt.prompt?;
    Some(Event {
        why,
        ..Event::new(
            prompt.campaign,
            Client::of(&caller.user_agent),
            Outcome::Failed,
        )
    })
}

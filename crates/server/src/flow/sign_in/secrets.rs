//! Signing in with what a person types: password, one-time code, Temporary Access Pass.
//!
//! Unknown names take the same way as known ones: the same hash is computed, the same waiting is counted, the same
//! refusal is given. That an account is disabled is said only to somebody who knew its password or pass.

use policy::Denial;
use policy::access::Verdict;
use policy::model::{Method, Mode, Password, TemporaryAccessPass, TenantId};
use policy::sign_in::{
    AttemptParts, Checked, Circumstances, Evidence, FirstFactor, Identified, Proved,
};
use store::sign_ins::{Candidate, Spend};

use super::opening::{Opened, With, conclude};
use super::{Beside, Known, SignInRefusal, Wishes, internal, note_refusal, same_tenant, upgrade};
use crate::app::AppState;
use crate::flow::access::{self, Membership};
use crate::flow::answer::Started;
use crate::flow::context::OpenContext;
use crate::flow::records::Trace;
use crate::flow::throttle::{self, Whom};
use crate::flow::totp::{self as codes, CodeOutcome};
use crate::flow::{Caller, SecretText, Step, challenge, pass_code, passwords, records};
use crate::web::CurrentAttempt;
use crate::web::cookies::{self, Keep, Token};

/// Longest name worth looking up, in bytes.
const LONGEST_NAME: usize = 320;

/// Checks a password. Costs the same for unknown names.
pub async fn password(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    name: &str,
    password: SecretText,
    beside: Beside,
) -> Result<Step, SignInRefusal> {
    let mut asked = Asked {
        app,
        caller,
        context,
        name,
        method: Method::Password,
        known: typed(name, Method::Password),
        wishes: beside.wishes,
        beside,
    };
    let step = asked.password(password).await;
    asked.noted(step).await
}

/// Checks a Temporary Access Pass.
pub async fn pass(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    name: &str,
    pass: SecretText,
) -> Result<Step, SignInRefusal> {
    let method = Method::TemporaryAccessPass;
    let mut asked = Asked {
        app,
        caller,
        context,
        name,
        method,
        known: typed(name, method),
        wishes: Wishes::default(),
        beside: Beside::default(),
    };
    let step = asked.pass(pass).await;
    asked.noted(step).await
}

/// Checks the one-time code of an attempt whose password was right.
pub async fn totp(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    attempt: &CurrentAttempt,
    code: SecretText,
    makes_passkeys: bool,
) -> Result<Step, SignInRefusal> {
    let name = attempt.user.user_principal_name.as_str();
    let mut asked = Asked {
        app,
        caller,
        context,
        name,
        method: Method::Totp,
        known: typed(name, Method::Totp),
        wishes: Wishes {
            keep_signed_in: attempt.attempt.keep_signed_in,
            makes_passkeys,
        },
        beside: Beside::default(),
    };
    let step = asked.totp(attempt, &code).await;
    asked.noted(step).await
}

fn typed(name: &str, method: Method) -> Known {
    Known {
        typed_name: Some(name.to_owned()),
        method: Some(method),
        ..Known::default()
    }
}

/// One answer that somebody typed.
struct Asked<'a> {
    app: &'a AppState,
    caller: &'a Caller,
    context: &'a OpenContext,
    name: &'a str,
    method: Method,
    known: Known,
    wishes: Wishes,
    /// What may have been shown before, in a step of this sign-in.
    beside: Beside,
}

impl Asked<'_> {
    async fn password(&mut self, typed: SecretText) -> Result<Step, SignInRefusal> {
        let found = self.candidate().await?;
        self.throttled(found.as_ref()).await?;
        let stored = self.stored_password(found.as_ref()).await?;
        let hash = stored.as_ref().map(|stored| stored.hash.clone());
        let right = passwords::verify(self.app, hash, typed)
            .await
            .map_err(|_| SignInRefusal::Busy)?;
        let (Some(found), Some(stored), true) = (found.as_ref(), stored, right) else {
            return Err(self.wrong());
        };
        let now = self.app.clock.now();
        let user = match self.in_doubt(found) {
            Some(attempt) => attempt.step_up(now)?,
            None => Identified::new(found.user.clone(), found.versions)?,
        };
        let first = user.password(Checked::Right, now)?;
        self.after_password(first, found, &stored).await
    }

    /// The attempt of this person in which a passkey was shown that counts as one factor: a password is shown beside it.
    /// Every other password begins anew.
    fn in_doubt(&self, found: &Candidate) -> Option<&CurrentAttempt> {
        let attempt = self.beside.attempt_of(&found.user)?;
        let mut passkeys = attempt.attempt.proofs.iter().filter_map(|one| one.passkey);
        passkeys.any(|one| one.doubt.is_some()).then_some(attempt)
    }

    /// What follows a right password: the second factor, an interrupt, or (where it is enough) the session.
    async fn after_password(
        &self,
        first: FirstFactor,
        found: &Candidate,
        stored: &Password,
    ) -> Result<Step, SignInRefusal> {
        if found.totp {
            self.may_begin_with(found, Mode::Password).await?;
            return self.ask_for_totp(&first).await;
        }
        let earlier = self.in_doubt(found).map(|attempt| attempt.attempt.token);
        if earlier.is_none() && (found.passkeys > 0 || found.user.break_glass) {
            self.single_factor_allowed(found).await?;
        }
        let circumstances = Circumstances {
            password_must_change: stored.must_change,
            ..circumstances(found)
        };
        // A password can be typed as often as one likes, so what the write uses up is a nonce of its own.
        let expires = self.app.clock.now().plus(challenge::LIFETIME);
        let spend = earlier.map_or(
            Spend::Challenge {
                nonce: self.app.random.bytes(),
                expires,
            },
            Spend::Attempt,
        );
        let with = With {
            spend,
            attempt: earlier,
            pass: None,
            passkey: None,
            steps: self.steps(&[Method::Password]),
            began: earlier.is_none().then_some(Mode::Password),
            wishes: self.wishes,
            member: Some(member(found)),
            trace: Trace::default(),
        };
        self.finish(first.alone(found.totp)?, circumstances, with)
            .await
    }

    /// Where the first factor is bound, nobody is asked for a second one that would lead nowhere. Said only to whoever
    /// showed the first.
    async fn may_begin_with(&self, found: &Candidate, mode: Mode) -> Result<(), SignInRefusal> {
        let asked = access::Asked {
            began: Some(mode),
            ..access::Asked::by(self.context)
        };
        let member = member(found);
        let (by, version) = ((&found.user, Some(&member)), found.versions.policy);
        let judged = access::judge(self.app, self.caller, &asked, by, version, &[]).await;
        let judged = judged.map_err(internal)?;
        let Verdict::FirstFactor(_) = judged.decision.verdict() else {
            return Ok(());
        };
        let trace = Trace::of(&judged.decision, &judged.snapshot, &found.user, &[]);
        let denial = Denial::FirstFactorNotAllowed;
        Err(SignInRefusal::NotGranted(denial, Box::new(trace)))
    }

    async fn ask_for_totp(&self, first: &FirstFactor) -> Result<Step, SignInRefusal> {
        let token = Token::random(&self.app.random);
        let now = self.app.clock.now();
        let parts = AttemptParts {
            token: token.hash(),
            correlation: self.caller.correlation,
            keep_signed_in: self.wishes.keep_signed_in,
            prompt: None,
            now,
        };
        let row = first.attempt(parts);
        self.app
            .store
            .write(move |tx| {
                Box::pin(async move { store::attempts::begin(tx, &row, &Evidence::Earlier).await })
            })
            .await
            .map_err(internal)?;
        let cookie = cookies::set(cookies::ATTEMPT, &token, Keep::Session);
        Ok(Step::NeedTotp(Started::new(vec![cookie], self.context)))
    }

    /// A password alone is never enough for whoever holds a directory role and could use a passkey, nor where the
    /// application asked for more.
    async fn single_factor_allowed(&self, found: &Candidate) -> Result<(), SignInRefusal> {
        let (tenant, user) = (found.user.tenant, found.user.id);
        let roles = self
            .app
            .store
            .read_point(move |tx| {
                Box::pin(async move { store::roles::of_user(tx, tenant, user).await })
            })
            .await
            .map_err(internal)?;
        let enough =
            found.user.break_glass || (roles.is_empty() && !self.context.value().require_mfa);
        if enough {
            Ok(())
        } else {
            Err(SignInRefusal::MfaRequired)
        }
    }

    async fn totp(
        &mut self,
        attempt: &CurrentAttempt,
        typed: &SecretText,
    ) -> Result<Step, SignInRefusal> {
        same_tenant(&attempt.user, self.context.tenant())?;
        let now = self.app.clock.now();
        let first = attempt
            .identified()?
            .resume(&attempt.attempt, now)?
            .first_factor()?;
        let found = self
            .candidate()
            .await?
            .ok_or(SignInRefusal::AttemptExpired)?;
        self.throttled(Some(&found)).await?;
        let (tenant, id) = (found.user.tenant, found.user.id);
        let (stored, password) = self
            .app
            .store
            .read_point(move |tx| {
                Box::pin(async move {
                    let code = store::totp::find(tx, tenant, id).await?;
                    let password = store::passwords::find(tx, tenant, id).await?;
                    Ok((code, password))
                })
            })
            .await
            .map_err(internal)?;
        let stored = stored.ok_or(SignInRefusal::AttemptExpired)?;
        let step = match codes::check(
            stored.secret.expose(),
            typed.expose(),
            now,
            stored.last_step,
        ) {
            CodeOutcome::Step(step) => step,
            CodeOutcome::Replayed => return Err(SignInRefusal::CodeReplayed),
            CodeOutcome::Wrong => return Err(self.wrong()),
        };
        let proved = first.totp(Some(step), stored.last_step, now)?;
        let with = With {
            spend: Spend::Attempt(attempt.attempt.token),
            attempt: Some(attempt.attempt.token),
            pass: None,
            passkey: None,
            steps: self.steps(&proved.methods()),
            began: proved.proofs().first().map(|proof| proof.mode),
            wishes: self.wishes,
            member: Some(member(&found)),
            trace: Trace::default(),
        };
        let circumstances = Circumstances {
            password_must_change: password.is_some_and(|password| password.must_change),
            ..circumstances(&found)
        };
        self.finish(proved, circumstances, with).await
    }

    async fn pass(&mut self, typed: SecretText) -> Result<Step, SignInRefusal> {
        let found = self.candidate().await?;
        self.throttled(found.as_ref()).await?;
        let Some(found) = found else {
            return Err(self.wrong());
        };
        let (tenant, id) = (found.user.tenant, found.user.id);
        let typed = pass_code::normalized(&typed);
        let checked = self
            .app
            .store
            .read_point(move |tx| {
                Box::pin(async move { store::passes::check(tx, tenant, id, typed.expose()).await })
            })
            .await
            .map_err(internal)?;
        let Some(checked) = checked.filter(|checked| checked.matches) else {
            return Err(self.wrong());
        };
        let user = Identified::new(found.user.clone(), found.versions)?;
        self.pass_allowed(&found, &checked.pass).await?;
        let proved = user.pass(&checked.pass, Checked::Right, self.app.clock.now())?;
        let with = With {
            spend: Spend::Pass,
            attempt: None,
            pass: None,
            passkey: None,
            steps: self.steps(&proved.methods()),
            began: proved.proofs().first().map(|proof| proof.mode),
            wishes: self.wishes,
            member: Some(member(&found)),
            trace: Trace::default(),
        };
        self.finish(proved, circumstances(&found), with).await
    }

    async fn pass_allowed(
        &self,
        found: &Candidate,
        pass: &TemporaryAccessPass,
    ) -> Result<(), SignInRefusal> {
        let (tenant, version) = (found.user.tenant, found.versions.policy);
        let snapshot = self.app.snapshots.of(self.app, tenant, version).await;
        let snapshot = snapshot.map_err(internal)?;
        let subject = snapshot.subject(&found.user, &found.roles, &found.groups);
        Ok(policy::passes::may_use(&snapshot, &subject, pass)?)
    }

    async fn finish(
        &self,
        proved: Proved,
        circumstances: Circumstances,
        with: With,
    ) -> Result<Step, SignInRefusal> {
        let (user, proofs) = (proved.user().clone(), proved.proofs().to_vec());
        // Boxed: beside a password hash an allocation is nothing, and the whole would be too large for a stack.
        let (app, caller, context) = (self.app, self.caller, self.context);
        let concluded = Box::pin(conclude(app, caller, context, proved, circumstances, with));
        match concluded.await? {
            Opened::Done(step, campaign) => {
                // A right password alone is not forgiven where a second factor is due: whoever knows it could
                // otherwise guess one-time codes for ever.
                throttle::forgive(self.app, &user, self.caller.ip)
                    .await
                    .map_err(internal)?;
                let shown = (&user, proofs.as_slice());
                let way = upgrade::way_round(app, caller, shown, self.wishes, campaign, step);
                Ok(way.await)
            }
            Opened::Spent => Err(SignInRefusal::AttemptExpired),
            Opened::Stale => Err(SignInRefusal::Contended),
        }
    }

    fn steps(&self, methods: &[Method]) -> Vec<policy::model::SignInStep> {
        methods
            .iter()
            .map(|method| records::step(self.app, *method, "", Ok(())))
            .collect()
    }

    async fn candidate(&mut self) -> Result<Option<Candidate>, SignInRefusal> {
        if self.name.len() > LONGEST_NAME {
            return Ok(None);
        }
        let (tenant, name) = (self.context.tenant(), self.name.to_owned());
        let found = self
            .app
            .store
            .read_point(move |tx| {
                Box::pin(async move { store::sign_ins::candidate(tx, tenant, &name).await })
            })
            .await
            .map_err(internal)?;
        self.known.user = found.as_ref().map(|found| found.user.clone());
        Ok(found)
    }

    async fn stored_password(
        &self,
        found: Option<&Candidate>,
    ) -> Result<Option<Password>, SignInRefusal> {
        let Some(found) = found else { return Ok(None) };
        let (tenant, user) = (found.user.tenant, found.user.id);
        self.app
            .store
            .read_point(move |tx| {
                Box::pin(async move { store::passwords::find(tx, tenant, user).await })
            })
            .await
            .map_err(internal)
    }

    fn whom<'w>(&'w self, found: Option<&'w Candidate>) -> Whom<'w> {
        found.map_or(Whom::Unknown(self.tenant(), self.name), |found| {
            Whom::Known(&found.user)
        })
    }

    fn tenant(&self) -> TenantId {
        self.context.tenant()
    }

    async fn throttled(&self, found: Option<&Candidate>) -> Result<(), SignInRefusal> {
        let waiting = throttle::admit(self.app, self.whom(found), self.method, self.caller.ip)
            .await
            .map_err(internal)?;
        waiting.map_or(Ok(()), |retry_after| {
            Err(SignInRefusal::TooManyFailures { retry_after })
        })
    }

    /// It was counted when it was admitted.
    const fn wrong(&self) -> SignInRefusal {
        SignInRefusal::WrongCredentials(self.method)
    }

    async fn noted(&self, step: Result<Step, SignInRefusal>) -> Result<Step, SignInRefusal> {
        if let Err(refusal) = &step {
            note_refusal(self.app, self.caller, self.context, &self.known, refusal).await;
        }
        step
    }
}

fn member(found: &Candidate) -> Membership {
    Membership {
        roles: found.roles.clone(),
        groups: found.groups.clone(),
    }
}

/// Whoever has no passkey registers one before going on; break-glass accounts are not stopped.
fn circumstances(found: &Candidate) -> Circumstances {
    Circumstances {
        passkeys: usize::try_from(found.passkeys).unwrap_or(0),
        passkey_required: !found.user.break_glass,
        passkey_waiting: found.waiting,
        ..Circumstances::default()
    }
}

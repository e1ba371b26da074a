//! Signing in, from the name to the session.
//!
//! ```text
//!   Identified ──password──▶ FirstFactor ──totp──▶ Proved ──conclude──▶ ChangePassword(Proved)
//!       │                        └──alone────────▶   ▲                   StepUp(Proved, …)
//!       ├──passkey (SignedIn)────────────────────────┤                   MustRegister(Proved)
//!       └──pass──────────────────────────────────────┘                   Done(Allowed)
//!                                                                             │
//!                                                                             ▼
//!                                                       NewSession: what the store may write
//! ```
//! Conditional access ([`crate::access`]) is asked after the proof: what is missing is stepped up to, and the attempt
//! carries what was shown so far into the next request.
//!
//! Each step consumes the state before it; no step can be skipped or repeated, and only [`conclude`]
//! makes the [`Allowed`] from which a [`NewSession`] comes.
//!
//! [`conclude`]: Proved::conclude

mod factors;
mod passkey;

use crate::Denial;
use crate::access::{Decision, Verdict};
use crate::lifetimes::{SESSION_IDLE, session_end};
use crate::model::{
    CorrelationId, Method, Mode, PassId, Passkey, PasskeyId, PersistentBrowser, Prompt, Proof,
    Session, SessionId, SignInAttempt, TemporaryAccessPass, Timestamp, TokenHash, User, Versions,
};
use crate::snapshot::Snapshot;
use crate::step_up::{Holdings, StepUp, way};
use ceremony::SignedIn;

/// What to do when a passkey's counter does not grow.
pub use ceremony::CounterPolicy;
pub use factors::{check_lockout, check_pass, is_multi_factor, multi_factor_since};
pub(crate) use passkey::judge_shown;
pub use passkey::{PasskeyRules, judge_passkey};

/// What a check of a shared secret said. Comparing is the caller's (it costs time and memory); the
/// type makes sure that its outcome is not forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// It was the right one.
    Right,
    /// It was wrong, or there was nothing to compare with.
    Wrong,
}

impl From<bool> for Checked {
    fn from(right: bool) -> Self {
        if right { Self::Right } else { Self::Wrong }
    }
}

/// Somebody who said who they are, and may try to prove it.
#[derive(Debug, Clone)]
pub struct Identified {
    user: User,
    versions: Versions,
    /// Shown in earlier requests of the same attempt.
    earlier: Vec<Proof>,
    pass_ends: Option<Timestamp>,
}

/// Somebody who showed their password.
#[derive(Debug, Clone)]
pub struct FirstFactor {
    user: User,
    versions: Versions,
    proofs: Vec<Proof>,
    pass_ends: Option<Timestamp>,
}

/// Somebody who showed everything that is needed.
#[derive(Debug, Clone)]
pub struct Proved {
    user: User,
    versions: Versions,
    proofs: Vec<Proof>,
    evidence: Evidence,
    /// End of the pass that was used: nothing it gives lives longer.
    pass_ends: Option<Timestamp>,
}

/// What the write of the session rests on and changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// An assertion.
    Passkey(PasskeyUse),
    /// A one-time code of this time step.
    Totp {
        /// The step; has to be newer than the last one used.
        step: i64,
    },
    /// A Temporary Access Pass.
    Pass {
        /// Which one.
        pass: PassId,
    },
    /// Nothing that changes by being used: a password, or what an earlier step has used up.
    Earlier,
}

/// What an assertion changes in a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasskeyUse {
    /// Which one.
    pub passkey: PasskeyId,
    /// The counter that the assertion was compared with.
    pub count_before: u32,
    /// The counter of the assertion.
    pub count: u32,
    /// The BS flag of the assertion.
    pub backed_up: bool,
    /// The UV flag of the assertion.
    pub user_verified: bool,
    /// The counter stepped back, and the rule is to report.
    pub suspected_clone: bool,
}

/// What stands between a proof and a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// The password was set by somebody else.
    pub password_must_change: bool,
    /// Enabled passkeys of the user.
    pub passkeys: usize,
    /// Whoever has no passkey and came by a pass or by one factor makes one first. Two other factors are enough: for them
    /// there are campaigns ([`crate::campaign`]).
    pub passkey_required: bool,
    /// A passkey waits for its owner to activate it, which a pass is good for as well.
    pub passkey_waiting: bool,
    /// The passkey that was shown is past its end and can be replaced now.
    pub replacement_due: bool,
}

/// Who decides whether a session outlives the browser's window ("stay signed in", in conditional
/// access the persistent browser session).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Persistence {
    /// The person.
    #[default]
    Ask,
    /// It does, whatever the person chose.
    Always,
    /// It does not, whatever the person chose.
    Never,
}

impl From<Option<PersistentBrowser>> for Persistence {
    fn from(said: Option<PersistentBrowser>) -> Self {
        match said {
            None => Self::Ask,
            Some(PersistentBrowser::Always) => Self::Always,
            Some(PersistentBrowser::Never) => Self::Never,
        }
    }
}

impl Persistence {
    /// Whether a session is kept whose owner wished for it, or did not.
    #[must_use]
    pub const fn keeps(self, wished: bool) -> bool {
        match self {
            Self::Ask => wished,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Where a proof leads.
#[derive(Debug, Clone)]
pub enum Conclusion {
    /// The password has to be changed first.
    ChangePassword(Proved),
    /// Something more has to be shown first.
    StepUp(Proved, StepUp),
    /// A passkey has to be registered first.
    MustRegister(Proved),
    /// The session may be opened.
    Done(Allowed),
}

/// Proof that a sign-in is allowed. Only [`Proved::conclude`] makes it.
#[derive(Debug, Clone)]
pub struct Allowed {
    proved: Proved,
    decision: Decision,
}

/// What is new about a session beside what was proved.
#[derive(Debug, Clone)]
pub struct SessionParts {
    /// Its public name.
    pub id: SessionId,
    /// Hash of its cookie value.
    pub token: TokenHash,
    /// The person wishes to stay signed in.
    pub keep_signed_in: bool,
    /// As sent.
    pub user_agent: String,
    /// Where from.
    pub ip_address: String,
}

/// A session that may be written: proved and allowed. Only [`Allowed::open`] makes it.
///
/// ```compile_fail
/// # fn forge(session: policy::model::Session) -> policy::sign_in::NewSession {
/// policy::sign_in::NewSession {
///     session,
///     evidence: policy::sign_in::Evidence::Earlier,
///     user_version: 1,
///     policy_version: 1,
/// }
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct NewSession {
    session: Session,
    evidence: Evidence,
    user_version: i64,
    policy_version: i64,
}

impl NewSession {
    /// What is to be written.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// What the write rests on.
    #[must_use]
    pub const fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The version of the user that the decision saw.
    #[must_use]
    pub const fn user_version(&self) -> i64 {
        self.user_version
    }

    /// The version of the policy that decided.
    #[must_use]
    pub const fn policy_version(&self) -> i64 {
        self.policy_version
    }

    /// A session without proof and decision, for tests of the store.
    #[cfg(feature = "made-up-proofs")]
    #[must_use]
    pub const fn made_up(
        session: Session,
        evidence: Evidence,
        user_version: i64,
        policy_version: i64,
    ) -> Self {
        Self {
            session,
            evidence,
            user_version,
            policy_version,
        }
    }
}

impl Identified {
    /// Begins with a user as just read.
    ///
    /// # Errors
    /// [`Denial::UserDisabled`].
    pub fn new(user: User, versions: Versions) -> Result<Self, Denial> {
        if !user.enabled {
            return Err(Denial::UserDisabled);
        }
        Ok(Self {
            user,
            versions,
            earlier: Vec::new(),
            pass_ends: None,
        })
    }

    /// Takes a password.
    ///
    /// # Errors
    /// [`Denial::CredentialsWrong`].
    pub fn password(self, checked: Checked, now: Timestamp) -> Result<FirstFactor, Denial> {
        match checked {
            Checked::Right => Ok(FirstFactor {
                user: self.user,
                versions: self.versions,
                proofs: with(self.earlier, Proof::password(now)),
                pass_ends: self.pass_ends,
            }),
            Checked::Wrong => Err(Denial::CredentialsWrong),
        }
    }

    /// Takes a Temporary Access Pass, which counts as two factors.
    ///
    /// # Errors
    /// [`Denial::PassWrong`], [`Denial::PassNotYetValid`], [`Denial::PassExpired`] or
    /// [`Denial::PassUsed`].
    pub fn pass(
        self,
        pass: &TemporaryAccessPass,
        checked: Checked,
        now: Timestamp,
    ) -> Result<Proved, Denial> {
        // The code first: somebody who does not know it learns nothing about the pass.
        if checked == Checked::Wrong || pass.user != self.user.id {
            return Err(Denial::PassWrong);
        }
        check_pass(pass, now)?;
        Ok(Proved {
            user: self.user,
            versions: self.versions,
            proofs: with(self.earlier, Proof::pass(pass.usable, now)),
            evidence: Evidence::Pass { pass: pass.id },
            pass_ends: Some(pass.ends()),
        })
    }

    /// Takes a verified assertion.
    ///
    /// # Errors
    /// Those of [`judge_passkey`].
    pub fn passkey(
        self,
        signed_in: &SignedIn,
        passkey: &Passkey,
        rules: PasskeyRules<'_>,
        now: Timestamp,
    ) -> Result<Proved, Denial> {
        let used = judge_passkey(&self.user, signed_in.facts(), passkey, rules, now)?;
        Ok(Proved {
            user: self.user,
            versions: self.versions,
            proofs: with(self.earlier, Proof::passkey(passkey, now)),
            evidence: Evidence::Passkey(used),
            pass_ends: self.pass_ends,
        })
    }

    /// Goes on with an attempt that was begun before, in another request.
    ///
    /// # Errors
    /// [`Denial::AttemptOver`] if it is too old or the account was changed since.
    pub fn resume(self, attempt: &SignInAttempt, now: Timestamp) -> Result<Resumed, Denial> {
        if attempt.user != self.user.id
            || attempt.expires <= now
            || attempt.user_version != self.user.version
        {
            return Err(Denial::AttemptOver);
        }
        Ok(Resumed {
            identified: self,
            proofs: attempt.proofs.clone(),
            pass: attempt.pass,
        })
    }
}

/// An attempt that goes on.
#[derive(Debug, Clone)]
pub struct Resumed {
    identified: Identified,
    proofs: Vec<Proof>,
    pass: Option<PassId>,
}

impl Resumed {
    /// Goes on to show something more, which counts together with what was shown. `pass` is the pass as stored now.
    ///
    /// # Errors
    /// [`Denial::PassExpired`] if the pass of the attempt ended meanwhile.
    pub fn step_up(
        self,
        pass: Option<&TemporaryAccessPass>,
        now: Timestamp,
    ) -> Result<Identified, Denial> {
        let pass_ends = self.pass_ends(pass, now)?;
        Ok(Identified {
            earlier: self.proofs,
            pass_ends,
            ..self.identified
        })
    }

    fn pass_ends(
        &self,
        pass: Option<&TemporaryAccessPass>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Denial> {
        match (self.pass, pass) {
            (None, _) => Ok(None),
            (Some(used), Some(pass)) if used == pass.id && now < pass.ends() => {
                Ok(Some(pass.ends()))
            }
            (Some(_), _) => Err(Denial::PassExpired),
        }
    }

    /// The password had been shown, and a one-time code comes now.
    ///
    /// # Errors
    /// [`Denial::AttemptOver`] if it had not.
    pub fn first_factor(self) -> Result<FirstFactor, Denial> {
        if !self.proofs.iter().any(|proof| proof.mode == Mode::Password) {
            return Err(Denial::AttemptOver);
        }
        let Identified { user, versions, .. } = self.identified;
        Ok(FirstFactor {
            user,
            versions,
            proofs: self.proofs,
            pass_ends: None,
        })
    }

    /// Everything needed had been shown, and an interrupt (a new password, a first passkey) is over.
    /// `second_factor` says whether one is enrolled, `pass` is the pass as stored now.
    ///
    /// # Errors
    /// [`Denial::SecondFactorRequired`] if it had not; those of a pass that ended meanwhile.
    pub fn proved(
        self,
        second_factor: bool,
        pass: Option<&TemporaryAccessPass>,
        now: Timestamp,
    ) -> Result<Proved, Denial> {
        let pass_ends = self.pass_ends(pass, now)?;
        if second_factor && Method::of_proofs(&self.proofs) == [Method::Password] {
            return Err(Denial::SecondFactorRequired);
        }
        if self.proofs.is_empty() {
            return Err(Denial::AttemptOver);
        }
        let Identified { user, versions, .. } = self.identified;
        Ok(Proved {
            user,
            versions,
            proofs: self.proofs,
            evidence: Evidence::Earlier,
            pass_ends,
        })
    }
}

impl FirstFactor {
    /// Takes a one-time code: `step` is the time step it belongs to, `None` if to none that is
    /// accepted; `last_step` is the newest one used.
    ///
    /// # Errors
    /// [`Denial::TotpWrong`] or [`Denial::TotpReplayed`].
    pub fn totp(self, step: Option<i64>, last_step: i64, now: Timestamp) -> Result<Proved, Denial> {
        let step = step.ok_or(Denial::TotpWrong)?;
        if step <= last_step {
            return Err(Denial::TotpReplayed);
        }
        let shown = Some(Proof::one_time_code(now));
        Ok(self.proved(shown, Evidence::Totp { step }))
    }

    /// Goes on with the password alone, where no second factor is enrolled.
    ///
    /// # Errors
    /// [`Denial::SecondFactorRequired`].
    pub fn alone(self, second_factor: bool) -> Result<Proved, Denial> {
        if second_factor {
            return Err(Denial::SecondFactorRequired);
        }
        Ok(self.proved(None, Evidence::Earlier))
    }

    fn proved(mut self, shown: Option<Proof>, evidence: Evidence) -> Proved {
        self.proofs.extend(shown);
        let Self {
            user,
            versions,
            proofs,
            pass_ends,
        } = self;
        Proved {
            user,
            versions,
            proofs,
            evidence,
            pass_ends,
        }
    }
}

impl Proved {
    /// Who.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// What was shown, in order.
    #[must_use]
    pub fn proofs(&self) -> &[Proof] {
        &self.proofs
    }

    /// The methods of what was shown, in order.
    #[must_use]
    pub fn methods(&self) -> Vec<Method> {
        Method::of_proofs(&self.proofs)
    }

    /// The version of the policy that the decision has to be made under.
    #[must_use]
    pub const fn policy_version(&self) -> i64 {
        self.versions.policy
    }

    /// Whether two factors were shown: a passkey, a pass, or a password and a one-time code.
    #[must_use]
    pub fn is_multi_factor(&self) -> bool {
        is_multi_factor(self.proofs.iter())
    }

    /// Counts a passkey that was registered in this very attempt, with user verification: making it showed the same as
    /// using it. One that was made without is a passkey only after its first use.
    #[must_use]
    pub fn with_registered(mut self, passkey: &Passkey, now: Timestamp) -> Self {
        if passkey.user_verified {
            self.proofs.push(Proof::passkey(passkey, now));
        }
        self
    }

    /// What comes next, in the fixed order of interrupts: a block, a password that has to change, what conditional access
    /// asks for, a passkey that has to be registered. `decision` is that of [`crate::access::decide`] over these proofs.
    ///
    /// # Errors
    /// [`Denial::AccessBlocked`] if a policy blocks; [`Denial::FirstFactorNotAllowed`] if a policy binds the first factor
    /// and the sign-in began with another; [`Denial::StrengthUnreachable`] if a policy asks for what this person
    /// neither has nor may register.
    pub fn conclude(
        self,
        circumstances: Circumstances,
        holdings: &Holdings,
        snapshot: &Snapshot,
        decision: Decision,
    ) -> Result<Conclusion, Denial> {
        if let Some(denial) = refused(decision.verdict()) {
            return Err(denial);
        }
        let typed = self.proofs.iter().any(|proof| proof.mode == Mode::Password);
        if circumstances.password_must_change && typed {
            return Ok(Conclusion::ChangePassword(self));
        }
        if let Verdict::Needs(needs) = decision.verdict() {
            return match way(snapshot, needs, holdings, &self.proofs)? {
                StepUp::Register(_) => Ok(Conclusion::MustRegister(self)),
                more @ StepUp::Show { .. } => Ok(Conclusion::StepUp(self, more)),
            };
        }
        if must_register(&circumstances, &self.proofs) {
            return Ok(Conclusion::MustRegister(self));
        }
        Ok(Conclusion::Done(Allowed {
            proved: self,
            decision,
        }))
    }

    /// The attempt as a row, for an interrupt that takes another request. Evidence that can be used
    /// once (a pass, a one-time code) has to be used up in the same write.
    #[must_use]
    pub fn attempt(&self, parts: AttemptParts) -> SignInAttempt {
        let pass = match self.evidence {
            Evidence::Pass { pass } => Some(pass),
            _ => None,
        };
        parts.row(&self.user, self.proofs.clone(), pass)
    }

    /// What has to be used up with it.
    #[must_use]
    pub const fn evidence(&self) -> &Evidence {
        &self.evidence
    }
}

impl FirstFactor {
    /// Who.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// The attempt as a row, between password and one-time code.
    #[must_use]
    pub fn attempt(&self, parts: AttemptParts) -> SignInAttempt {
        parts.row(&self.user, self.proofs.clone(), None)
    }
}

/// What is new about an attempt.
#[derive(Debug, Clone, Copy)]
pub struct AttemptParts {
    /// Hash of its cookie value.
    pub token: TokenHash,
    /// As the log knows it.
    pub correlation: CorrelationId,
    /// The person wishes to stay signed in.
    pub keep_signed_in: bool,
    /// The prompt of a campaign at which it will wait.
    pub prompt: Option<Prompt>,
    /// Now.
    pub now: Timestamp,
}

impl AttemptParts {
    /// An attempt that goes on from a live session.
    #[must_use]
    pub fn of_session(self, session: &Session, user: &User) -> SignInAttempt {
        self.row(user, session.proofs.clone(), session.pass)
    }

    fn row(self, user: &User, proofs: Vec<Proof>, pass: Option<PassId>) -> SignInAttempt {
        SignInAttempt {
            tenant: user.tenant,
            token: self.token,
            user: user.id,
            proofs,
            pass,
            user_version: user.version,
            keep_signed_in: self.keep_signed_in,
            prompt: self.prompt,
            correlation: self.correlation,
            created: self.now,
            expires: self.now.plus(crate::lifetimes::ATTEMPT),
        }
    }
}

impl Allowed {
    /// Who.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.proved.user
    }

    /// What conditional access said.
    #[must_use]
    pub const fn decision(&self) -> &Decision {
        &self.decision
    }

    /// What was shown, in order.
    #[must_use]
    pub fn proofs(&self) -> &[Proof] {
        self.proved.proofs()
    }

    /// What the session will rest on.
    #[must_use]
    pub const fn evidence(&self) -> &Evidence {
        self.proved.evidence()
    }

    /// The version of the policy that decided.
    #[must_use]
    pub const fn policy_version(&self) -> i64 {
        self.proved.policy_version()
    }

    /// Back to what was proved: something that no policy asks for stands before the session, and when it is over
    /// everything is decided again.
    #[must_use]
    pub fn wait(self) -> Proved {
        self.proved
    }

    /// The session to write. `pass` names the pass of a resumed attempt.
    #[must_use]
    pub fn open(self, parts: SessionParts, pass: Option<PassId>, now: Timestamp) -> NewSession {
        let Proved {
            user,
            versions,
            proofs,
            evidence,
            pass_ends,
        } = self.proved;
        let passkey = proofs.iter().rev().find_map(|proof| proof.passkey.as_ref());
        let used_pass = match evidence {
            Evidence::Pass { pass } => Some(pass),
            _ => pass,
        };
        // What a pass gave ends with the pass; a cookie that outlives it would only mislead.
        let persistence = Persistence::from(self.decision.persistence());
        let kept = pass_ends.is_none() && persistence.keeps(parts.keep_signed_in);
        let session = Session {
            tenant: user.tenant,
            id: parts.id,
            token: parts.token,
            user: user.id,
            passkey: passkey.map(|passkey| passkey.id),
            pass: used_pass,
            authenticated: now,
            mfa: multi_factor_since(proofs.iter()),
            proofs,
            created: now,
            last_seen: now,
            expires: session_end(kept, now, pass_ends),
            keep_signed_in: kept,
            user_agent: parts.user_agent,
            ip_address: parts.ip_address,
            ended: None,
        };
        NewSession {
            session,
            evidence,
            user_version: user.version,
            policy_version: versions.policy,
        }
    }
}

/// Whether a session still counts, as of `now` and of its user as just read.
///
/// # Errors
/// [`Denial::SessionEnded`], [`Denial::SessionExpired`] or [`Denial::UserDisabled`].
pub fn check_session(session: &Session, user: &User, now: Timestamp) -> Result<(), Denial> {
    if !user.enabled {
        return Err(Denial::UserDisabled);
    }
    if session.ended.is_some() || session.authenticated < user.sessions_valid_from {
        return Err(Denial::SessionEnded);
    }
    let idle = !session.keep_signed_in && now.since(session.last_seen) > SESSION_IDLE;
    if session.expires <= now || idle {
        return Err(Denial::SessionExpired);
    }
    Ok(())
}

fn with(mut proofs: Vec<Proof>, shown: Proof) -> Vec<Proof> {
    proofs.push(shown);
    proofs
}

/// What no further proof would change.
const fn refused(verdict: &Verdict) -> Option<Denial> {
    match verdict {
        Verdict::Blocked(_) => Some(Denial::AccessBlocked),
        Verdict::FirstFactor(_) => Some(Denial::FirstFactorNotAllowed),
        Verdict::Granted | Verdict::Needs(_) => None,
    }
}

fn must_register(circumstances: &Circumstances, proofs: &[Proof]) -> bool {
    let first = circumstances.passkey_required && circumstances.passkeys == 0;
    let activates = circumstances.passkey_waiting && shows_pass(proofs);
    circumstances.replacement_due || (first && !activates && !may_come_without(proofs))
}

/// A pass is given out so that its owner registers, and one factor should not stay alone.
fn may_come_without(proofs: &[Proof]) -> bool {
    is_multi_factor(proofs.iter()) && !shows_pass(proofs)
}

fn shows_pass(proofs: &[Proof]) -> bool {
    Method::of_proofs(proofs).contains(&Method::TemporaryAccessPass)
}

#[cfg(test)]
mod tests;

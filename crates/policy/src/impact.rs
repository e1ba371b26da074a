//! What a change of policy would do, asked before it is made.
//!
//! ```text
//!   everybody in the directory ──▶ under the old policies ──┐
//!                              └─▶ under the new policies ──┴──▶ what is different for them, and the rule that bites
//! ```
//! Nothing here judges by itself: passkeys go to [`profiles::judge`], access to [`access::decide`], registering to
//! [`register::may_begin`], exactly as in a real sign-in. What a preview cannot know is from where people will come;
//! it asks for a browser at an address in no named location, and the replay of stored sign-ins asks for the real ones.

use crate::Denial;
use crate::access::{self, Request, Verdict, Wish};
use crate::model::{
    AccessPolicyId, AccessTarget, ApplicationId, ClientType, GroupId, Measure, Mode, PassUse,
    Passkey, PasskeyId, Policies, Proof, ProvedPasskey, Provenance, Role, Timestamp, User, UserId,
};
use crate::profiles::{self, Key, Occasion};
use crate::register::{self, Situation, Standing};
use crate::sign_in::is_multi_factor;
use crate::snapshot::{Snapshot, Subject};
use crate::step_up::{Holdings, StepUp, way};
use core::net::{IpAddr, Ipv4Addr};

/// People named in a preview. All are counted.
pub const LISTED: usize = 500;

/// Somebody in the directory, with everything that decides how they come in.
#[derive(Debug, Clone)]
pub struct Resident {
    /// Who.
    pub user: User,
    /// Directory roles.
    pub roles: Vec<Role>,
    /// Groups.
    pub groups: Vec<GroupId>,
    /// Their passkeys; attestation and client data may be left empty.
    pub passkeys: Vec<Passkey>,
    /// Password, one-time codes, a pass that has begun and is neither over nor used up.
    pub modes: Vec<Mode>,
}

/// One thing that would be different for one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A passkey that works would be refused.
    PasskeyStops {
        /// Which one.
        passkey: PasskeyId,
        /// By which rule.
        rule: Denial,
    },
    /// A passkey that is refused would work.
    PasskeyWorks {
        /// Which one.
        passkey: PasskeyId,
    },
    /// They could register a passkey, and could not any more.
    RegistrationStops {
        /// By which rule.
        rule: Denial,
    },
    /// They could not register a passkey, and could.
    RegistrationOpens,
    /// With nothing they have they would get here.
    LockedOut {
        /// Where.
        wish: Wish,
        /// By which rule.
        rule: Denial,
        /// Of which policy, if one.
        policy: Option<AccessPolicyId>,
    },
    /// They would get here, and did not.
    LetIn {
        /// Where.
        wish: Wish,
    },
    /// They would have to show or register something more.
    Prompted {
        /// Where.
        wish: Wish,
        /// Which policy asks.
        policy: Option<AccessPolicyId>,
        /// A passkey would have to be registered.
        register: bool,
    },
}

/// One person and what would be different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Who.
    pub user: UserId,
    /// Their name, for the list.
    pub user_principal_name: String,
    /// What.
    pub effects: Vec<Effect>,
}

/// The sum over everybody so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// People looked at.
    pub people: u64,
    /// Passkeys looked at.
    pub passkeys: u64,
    /// People for whom something is different.
    pub affected: u64,
    /// Passkeys that would stop.
    pub passkeys_stopping: u64,
    /// Passkeys that would work again.
    pub passkeys_working: u64,
    /// People who could not register any more.
    pub registrations_stopping: u64,
    /// People who would get nowhere, or not everywhere, any more.
    pub locked_out: u64,
    /// People who would be asked for more.
    pub prompted: u64,
    /// Global Administrators who get to the administration pages now.
    pub administrators_before: u64,
    /// And who would.
    pub administrators_after: u64,
    /// The first [`LISTED`] of them, by name.
    pub findings: Vec<Finding>,
}

/// An old and a new state of the policies, to be asked about everybody.
#[derive(Debug)]
pub struct Comparison<'s> {
    old: &'s Snapshot,
    new: &'s Snapshot,
    wishes: Vec<Wish>,
    /// Whether who may come in can differ even for people whose passkeys are judged alike.
    access_differs: bool,
    now: Timestamp,
}

impl<'s> Comparison<'s> {
    /// Prepares the question.
    #[must_use]
    pub fn new(old: &'s Snapshot, new: &'s Snapshot, now: Timestamp) -> Self {
        Self {
            old,
            new,
            wishes: wishes(old.policies(), new.policies()),
            access_differs: access_differs(old.policies(), new.policies()),
            now,
        }
    }

    /// What would be different for one person.
    #[must_use]
    pub fn effects(&self, resident: &Resident) -> Vec<Effect> {
        let before = State::of(self.old, resident, self.now);
        let after = State::of(self.new, resident, self.now);
        let mut effects = passkey_effects(resident, &before, &after);
        effects.extend(registration_effect(&before, &after));
        if self.access_differs || !effects.is_empty() {
            let wishes = self.wishes.iter();
            effects.extend(wishes.filter_map(|wish| {
                let was = before.reach(self.old, resident, *wish, self.now);
                let will = after.reach(self.new, resident, *wish, self.now);
                access_effect(*wish, was, will)
            }));
        }
        effects
    }

    /// Adds one person to the sum.
    pub fn add(&self, tally: &mut Tally, resident: &Resident) {
        let effects = self.effects(resident);
        tally.people += 1;
        tally.passkeys += resident.passkeys.len() as u64;
        let administers =
            |snapshot: &Snapshot| u64::from(administers(snapshot, resident, self.now));
        if resident.roles.contains(&Role::GlobalAdministrator) {
            tally.administrators_before += administers(self.old);
            tally.administrators_after += administers(self.new);
        }
        tally.count(resident, effects);
    }
}

impl Tally {
    /// Whether a change would leave nobody to undo it.
    #[must_use]
    pub const fn locks_everybody_out(&self) -> bool {
        self.administrators_before > 0 && self.administrators_after == 0
    }

    fn count(&mut self, resident: &Resident, effects: Vec<Effect>) {
        if effects.is_empty() {
            return;
        }
        let any = |is: fn(&Effect) -> bool| u64::from(effects.iter().any(is));
        self.affected += 1;
        self.locked_out += any(|effect| matches!(effect, Effect::LockedOut { .. }));
        self.prompted += any(|effect| matches!(effect, Effect::Prompted { .. }));
        self.registrations_stopping +=
            any(|effect| matches!(effect, Effect::RegistrationStops { .. }));
        for effect in &effects {
            match effect {
                Effect::PasskeyStops { .. } => self.passkeys_stopping += 1,
                Effect::PasskeyWorks { .. } => self.passkeys_working += 1,
                _ => {}
            }
        }
        if self.findings.len() < LISTED {
            self.findings.push(Finding {
                user: resident.user.id,
                user_principal_name: resident.user.user_principal_name.clone(),
                effects,
            });
        }
    }
}

/// How somebody stands under one state of the policies.
struct State<'r> {
    subject: Subject<'r>,
    /// In the order of the resident's passkeys.
    verdicts: Vec<Result<(), Denial>>,
    registering: Result<(), Denial>,
    /// Their other ways that the policies let them use.
    modes: Vec<Mode>,
}

/// How far somebody gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    In,
    Prompt {
        policy: Option<AccessPolicyId>,
        register: bool,
    },
    Out {
        rule: Denial,
        policy: Option<AccessPolicyId>,
    },
}

impl<'r> State<'r> {
    fn of(snapshot: &Snapshot, resident: &'r Resident, now: Timestamp) -> Self {
        let subject = snapshot.subject(&resident.user, &resident.roles, &resident.groups);
        let judge = |passkey: &Passkey| {
            in_good_standing(passkey)?;
            let key = Key::from(passkey);
            profiles::judge(snapshot, &subject, &key, Occasion::SignIn, now).map(drop)
        };
        let verdicts = resident.passkeys.iter().map(judge).collect();
        let situation = Situation {
            subject: &subject,
            existing: &resident.passkeys,
            standing: Standing::Mfa(now),
            provenance: Provenance::SelfService,
        };
        let registering = register::may_begin(snapshot, situation, now).map(drop);
        Self {
            verdicts,
            registering,
            modes: usable_modes(snapshot, &subject, resident).collect(),
            subject,
        }
    }

    fn reach(&self, snapshot: &Snapshot, resident: &Resident, wish: Wish, now: Timestamp) -> Reach {
        if !resident.user.enabled {
            return out(Denial::UserDisabled);
        }
        let all = self.proofs(resident, now);
        if usual(&all).is_empty() {
            return out(self.last_word());
        }
        let (all, usual) = match self.beginning(snapshot, &all, wish, now) {
            Ok(beginning) => beginning,
            Err(policy) => {
                return Reach::Out {
                    rule: Denial::FirstFactorNotAllowed,
                    policy: Some(policy),
                };
            }
        };
        let usual = usual.as_slice();
        let lone = !is_multi_factor(all.iter());
        if lone && !resident.roles.is_empty() && !resident.user.break_glass {
            return out(Denial::SecondFactorRequired);
        }
        let ask =
            |proofs: &[Proof]| access::decide(snapshot, &self.subject, &request(wish), proofs, now);
        match ask(usual).verdict() {
            Verdict::Granted => Reach::In,
            Verdict::Blocked(policy) => Reach::Out {
                rule: Denial::AccessBlocked,
                policy: Some(*policy),
            },
            Verdict::FirstFactor(policy) => Reach::Out {
                rule: Denial::FirstFactorNotAllowed,
                policy: Some(*policy),
            },
            Verdict::Needs(first) => {
                let asking = first.first().and_then(|need| need.policy);
                match ask(&all).verdict() {
                    Verdict::Needs(needs) => self.beyond(snapshot, needs, &all, now),
                    _ => Reach::Prompt {
                        policy: asking,
                        register: false,
                    },
                }
            }
        }
    }

    /// Everything they could show with what they may begin with in front, and what they would usually show of it.
    fn beginning(
        &self,
        snapshot: &Snapshot,
        all: &[Proof],
        wish: Wish,
        now: Timestamp,
    ) -> Result<(Vec<Proof>, Vec<Proof>), AccessPolicyId> {
        let mut all = all.to_vec();
        if snapshot.binds_first_factor() {
            let request = request(wish);
            let may_begin = |proof: &Proof| {
                access::may_begin(snapshot, &self.subject, &request, proof.mode, now)
            };
            // Nobody begins with a one-time code.
            let can = |proof: &Proof| proof.mode != Mode::SoftwareOath && may_begin(proof).is_ok();
            match all.iter().position(can) {
                Some(first) => {
                    let first = all.remove(first);
                    all.insert(0, first);
                }
                None => all.first().map_or(Ok(()), may_begin)?,
            }
        }
        let usual = usual(&all).to_vec();
        Ok((all, usual))
    }

    /// What they have is not enough: may they register what would be?
    fn beyond(
        &self,
        snapshot: &Snapshot,
        needs: &[access::Need],
        all: &[Proof],
        now: Timestamp,
    ) -> Reach {
        let policy = needs.first().and_then(|need| need.policy);
        let wish = request(Wish::RegisterSecurityInfo);
        let permitted = access::decide(snapshot, &self.subject, &wish, all, now);
        let holdings = Holdings {
            modes: self.modes.clone(),
            passkeys: all.iter().filter_map(|proof| proof.passkey).collect(),
            may_register: *permitted.verdict() == Verdict::Granted && self.registering.is_ok(),
        };
        match way(snapshot, needs, &holdings, all) {
            Ok(StepUp::Register(_)) => Reach::Prompt {
                policy,
                register: true,
            },
            Ok(StepUp::Show { .. }) => Reach::Prompt {
                policy,
                register: false,
            },
            Err(rule) => Reach::Out { rule, policy },
        }
    }

    /// Everything they could show, the one they would use first in front.
    fn proofs(&self, resident: &Resident, now: Timestamp) -> Vec<Proof> {
        let works = resident.passkeys.iter().zip(&self.verdicts);
        let mut passkeys: Vec<&Passkey> = works
            .filter(|(_, verdict)| verdict.is_ok())
            .map(|(passkey, _)| passkey)
            .collect();
        passkeys.sort_by_key(|passkey| std::cmp::Reverse(passkey.last_used));
        let passkeys = passkeys.into_iter().map(|one| Proof {
            mode: Mode::Fido2,
            at: now,
            passkey: Some(ProvedPasskey::of(one)),
        });
        let others = self.modes.iter().filter_map(|mode| match mode {
            Mode::Password => Some(Proof::password(now)),
            Mode::SoftwareOath => Some(Proof::one_time_code(now)),
            Mode::TemporaryAccessPassOneTime => Some(Proof::pass(PassUse::Once, now)),
            Mode::TemporaryAccessPassMultiUse => Some(Proof::pass(PassUse::Many, now)),
            _ => None,
        });
        passkeys.chain(others).collect()
    }

    /// Why somebody without a way in has none.
    fn last_word(&self) -> Denial {
        let mut refused = self.verdicts.iter().filter_map(|verdict| verdict.err());
        refused.next().unwrap_or(Denial::CredentialsWrong)
    }
}

/// Whether a sign-in would look at this passkey at all, before any profile is asked.
///
/// # Errors
/// [`Denial::PasskeyNotActivated`], [`Denial::PasskeyDisabled`], [`Denial::PasskeyQuarantined`],
/// [`Denial::PasskeySuspectedClone`].
pub(crate) fn in_good_standing(passkey: &Passkey) -> Result<(), Denial> {
    if passkey.waiting {
        return Err(Denial::PasskeyNotActivated);
    }
    if !passkey.enabled {
        return Err(Denial::PasskeyDisabled);
    }
    if passkey.measure() == Some(Measure::Quarantine) {
        return Err(Denial::PasskeyQuarantined);
    }
    if passkey.suspected_clone.is_some() {
        return Err(Denial::PasskeySuspectedClone);
    }
    Ok(())
}

/// Everything but passkeys that this person may sign in with. A pass that policy gives them no use of is no way in.
pub(crate) fn usable_modes(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    resident: &Resident,
) -> impl Iterator<Item = Mode> {
    let passes = snapshot.passes_allowed(subject);
    let is_pass = |mode: Mode| {
        let (once, many) = (
            Mode::TemporaryAccessPassOneTime,
            Mode::TemporaryAccessPassMultiUse,
        );
        mode == once || mode == many
    };
    let all = resident.modes.iter().copied();
    all.filter(move |mode| passes || !is_pass(*mode))
}

/// A passkey alone, else everything that is typed.
fn usual(all: &[Proof]) -> &[Proof] {
    let first = all.first().filter(|proof| proof.mode == Mode::Fido2);
    first.map_or(all, std::slice::from_ref)
}

const fn out(rule: Denial) -> Reach {
    Reach::Out { rule, policy: None }
}

/// A browser from nowhere in particular.
const fn request(wish: Wish) -> Request<'static> {
    Request {
        wish,
        contexts: &[],
        acr: None,
        platform: None,
        client: ClientType::Browser,
        address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        device_code: false,
        began: None,
    }
}

/// Whether somebody among `before` could administer and nobody among `after` could: the same people, with what is about to
/// change about them.
#[must_use]
pub fn leaves_nobody(
    snapshot: &Snapshot,
    before: &[Resident],
    after: &[Resident],
    now: Timestamp,
) -> bool {
    let anybody = |people: &[Resident]| people.iter().any(|one| administers(snapshot, one, now));
    anybody(before) && !anybody(after)
}

fn administers(snapshot: &Snapshot, resident: &Resident, now: Timestamp) -> bool {
    let state = State::of(snapshot, resident, now);
    let reach = state.reach(snapshot, resident, Wish::Administration, now);
    !matches!(reach, Reach::Out { .. })
}

fn passkey_effects(resident: &Resident, before: &State<'_>, after: &State<'_>) -> Vec<Effect> {
    let verdicts = before.verdicts.iter().zip(&after.verdicts);
    let passkeys = resident.passkeys.iter().map(|passkey| passkey.id);
    passkeys
        .zip(verdicts)
        .filter_map(|(passkey, (was, will))| match (was, will) {
            (Ok(()), Err(rule)) => Some(Effect::PasskeyStops {
                passkey,
                rule: *rule,
            }),
            (Err(_), Ok(())) => Some(Effect::PasskeyWorks { passkey }),
            _ => None,
        })
        .collect()
}

const fn registration_effect(before: &State<'_>, after: &State<'_>) -> Option<Effect> {
    match (&before.registering, &after.registering) {
        (Ok(()), Err(rule)) => Some(Effect::RegistrationStops { rule: *rule }),
        (Err(_), Ok(())) => Some(Effect::RegistrationOpens),
        _ => None,
    }
}

fn access_effect(wish: Wish, was: Reach, will: Reach) -> Option<Effect> {
    match (was, will) {
        (Reach::Out { .. }, Reach::Out { .. }) => None,
        (_, Reach::Out { rule, policy }) => Some(Effect::LockedOut { wish, rule, policy }),
        (Reach::Out { .. }, _) => Some(Effect::LetIn { wish }),
        (was, Reach::Prompt { policy, register }) if was != will => Some(Effect::Prompted {
            wish,
            policy,
            register,
        }),
        _ => None,
    }
}

/// Where people could want to go, as far as any policy tells places apart. The nil id stands for every application that
/// no policy names.
fn wishes(old: &Policies, new: &Policies) -> Vec<Wish> {
    let mut applications: Vec<ApplicationId> = [old, new]
        .into_iter()
        .flat_map(|policies| &policies.access)
        .flat_map(|policy| match &policy.conditions.target {
            AccessTarget::Applications {
                include, exclude, ..
            } => include.iter().chain(exclude).copied().collect(),
            _ => Vec::new(),
        })
        .chain([ApplicationId::from_bytes([0; 16])])
        .collect();
    applications.sort_unstable();
    applications.dedup();
    let own = [Wish::OwnPages, Wish::Administration];
    own.into_iter()
        .chain(applications.into_iter().map(Wish::Application))
        .collect()
}

fn access_differs(old: &Policies, new: &Policies) -> bool {
    old.access != new.access
        || old.strengths != new.strengths
        || old.locations != new.locations
        || old.passes != new.passes
}

#[cfg(test)]
mod tests;

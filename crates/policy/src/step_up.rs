//! What somebody can still show, when what they showed is not enough.

use crate::Denial;
use crate::access::{Need, What};
use crate::model::{Acr, Mode, Proof, ProvedPasskey, Strength};
use crate::snapshot::Snapshot;
use crate::strength::{self, MULTIFACTOR, PHISHING_RESISTANT};

/// What somebody could sign in with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Password, one-time codes, pass; passkeys are counted apart.
    pub modes: Vec<Mode>,
    /// Their passkeys that may be used.
    pub passkeys: Vec<ProvedPasskey>,
    /// They may register a passkey now: policy for registering permits it and what they showed is enough for it.
    pub may_register: bool,
}

/// How somebody can satisfy what is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepUp {
    /// By showing one of these next.
    Show {
        /// In Graph's order, each once.
        modes: Vec<Mode>,
        /// What it is for.
        need: Need,
    },
    /// By registering a passkey.
    Register(Need),
}

/// The next step towards the first of `needs`. When it is taken, the rest is asked again.
///
/// # Errors
/// [`Denial::StrengthUnreachable`] if this person has nothing that would do and may not register it.
pub fn way(
    snapshot: &Snapshot,
    needs: &[Need],
    holdings: &Holdings,
    proofs: &[Proof],
) -> Result<StepUp, Denial> {
    let need = needs.first().ok_or(Denial::StrengthUnreachable)?;
    let modes = next(snapshot, need, holdings, proofs);
    if !modes.is_empty() {
        let need = need.clone();
        return Ok(StepUp::Show { modes, need });
    }
    let registrable = match strength_of(snapshot, need) {
        Some(strength) => strength::accepts_passkeys(strength),
        None => need.what == What::Fresh,
    };
    if registrable && holdings.may_register {
        return Ok(StepUp::Register(need.clone()));
    }
    Err(Denial::StrengthUnreachable)
}

/// Modes that lead towards `need`: of every combination within reach, what was not shown lately.
fn next(snapshot: &Snapshot, need: &Need, holdings: &Holdings, proofs: &[Proof]) -> Vec<Mode> {
    let shown = |mode: &Mode| {
        let mut young = proofs
            .iter()
            .filter(|proof| need.since.is_none_or(|since| proof.at >= since));
        *mode != Mode::Fido2 && young.any(|proof| proof.mode == *mode)
    };
    let mut modes: Vec<Mode> = match strength_of(snapshot, need) {
        Some(strength) => {
            let (own, passkeys) = (&holdings.modes, &holdings.passkeys);
            strength::reachable(strength, own, passkeys, snapshot.models())
                .flat_map(|combination| combination.modes().iter().copied())
                .filter(|mode| !shown(mode))
                .collect()
        }
        None => {
            let beside = need.what == What::Beside;
            let fits = |passkey: &ProvedPasskey| !beside || passkey.doubt.is_none();
            let passkey = holdings.passkeys.iter().any(fits).then_some(Mode::Fido2);
            let all = passkey.into_iter().chain(holdings.modes.iter().copied());
            let anything = beside || need.what == What::Fresh;
            all.filter(|mode| anything && !(beside && shown(mode)))
                .collect()
        }
    };
    modes.sort_unstable();
    modes.dedup();
    modes
}

/// "Multifactor authentication" stands for the built-in control; any sign-in will do where only age is asked.
fn strength_of<'s>(snapshot: &'s Snapshot, need: &Need) -> Option<&'s Strength> {
    match need.what {
        What::Fresh | What::Beside => None,
        What::Mfa => snapshot.strength(MULTIFACTOR),
        What::Strength(id) => snapshot.strength(id),
        What::Class(Acr::PhishingResistant) => snapshot.strength(PHISHING_RESISTANT),
        What::Class(Acr::HardwareProtected) => Some(snapshot.hardware_protected()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AccessPolicyId, Policies, StrengthId, Timestamp};
    use crate::samples::{NOW, passkey};
    use std::sync::Arc;

    fn snapshot() -> Snapshot {
        Snapshot::compile(1, Policies::of_new_tenant(), Arc::default())
    }

    fn need(what: What, since: Option<Timestamp>) -> [Need; 1] {
        [Need {
            policy: Some(AccessPolicyId::from_bytes([1; 16])),
            what,
            since,
        }]
    }

    fn offered(what: What, holdings: &Holdings, proofs: &[Proof]) -> Result<Vec<Mode>, Denial> {
        way(&snapshot(), &need(what, None), holdings, proofs).map(|step| match step {
            StepUp::Show { modes, .. } => modes,
            StepUp::Register(_) => Vec::new(),
        })
    }

    fn with_passkey() -> Holdings {
        Holdings {
            modes: vec![Mode::Password, Mode::SoftwareOath],
            passkeys: vec![ProvedPasskey::of(&passkey())],
            may_register: false,
        }
    }

    #[test]
    fn a_registered_passkey_is_asked_for_where_only_it_will_do() {
        let proofs = [Proof::password(NOW), Proof::one_time_code(NOW)];
        let what = What::Strength(PHISHING_RESISTANT);
        let found = offered(what, &with_passkey(), &proofs);
        assert_eq!(found, Ok(vec![Mode::Fido2]));
    }

    #[test]
    fn what_was_shown_is_not_asked_again() {
        let found = offered(What::Mfa, &with_passkey(), &[Proof::password(NOW)]);
        assert_eq!(found, Ok(vec![Mode::SoftwareOath, Mode::Fido2]));
    }

    /// Reference 5.4: if none is registered, registration; if nothing may be registered, blocked.
    #[test]
    fn without_a_passkey_one_is_registered_or_the_sign_in_is_denied() {
        let what = What::Strength(PHISHING_RESISTANT);
        let mut holdings = Holdings {
            passkeys: Vec::new(),
            may_register: true,
            ..with_passkey()
        };
        assert_eq!(offered(what, &holdings, &[]), Ok(Vec::new()));
        holdings.may_register = false;
        let denied = offered(what, &holdings, &[]);
        assert_eq!(denied, Err(Denial::StrengthUnreachable));
    }

    #[test]
    fn a_hardware_protected_class_is_not_reached_with_a_synced_passkey() {
        let what = What::Class(Acr::HardwareProtected);
        let mut synced = passkey();
        synced.passkey_type = crate::model::PasskeyType::Synced;
        let holdings = Holdings {
            passkeys: vec![ProvedPasskey::of(&synced)],
            ..with_passkey()
        };
        assert_eq!(offered(what, &with_passkey(), &[]), Ok(vec![Mode::Fido2]));
        let denied = offered(what, &holdings, &[]);
        assert_eq!(denied, Err(Denial::StrengthUnreachable));
        let [need] = need(what, None);
        let met = |key: &crate::model::Passkey| {
            crate::access::is_met(&snapshot(), &need, &[Proof::passkey(key, NOW)], NOW)
        };
        assert!(met(&passkey()));
        assert!(!met(&synced));
    }

    #[test]
    fn an_unknown_strength_is_never_satisfied_by_accident() {
        let what = What::Strength(StrengthId::from_bytes([9; 16]));
        let proofs = [Proof::passkey(&passkey(), NOW)];
        let [need] = need(what, None);
        assert!(!crate::access::is_met(&snapshot(), &need, &proofs, NOW));
    }

    #[test]
    fn beside_a_passkey_in_doubt_anything_else_will_do() {
        let mut doubtful = passkey();
        doubtful.compromise = Some(crate::model::Compromise {
            since: NOW,
            reason: crate::model::CompromiseReason::ModelRevoked,
            measure: crate::model::Measure::StepUp,
        });
        let proofs = [Proof::passkey(&doubtful, NOW)];
        let mut holdings = Holdings {
            modes: vec![Mode::Password],
            passkeys: vec![ProvedPasskey::of(&doubtful)],
            may_register: true,
        };
        let found = offered(What::Beside, &holdings, &proofs);
        assert_eq!(found, Ok(vec![Mode::Password]));
        // Whoever holds nothing but the bad key must not be able to make themselves a good one.
        holdings.modes.clear();
        let denied = offered(What::Beside, &holdings, &proofs);
        assert_eq!(denied, Err(Denial::StrengthUnreachable));
    }

    #[test]
    fn where_only_age_matters_any_method_will_do() {
        let proofs = [Proof::password(NOW)];
        let found = offered(What::Fresh, &with_passkey(), &proofs);
        let all = vec![Mode::Password, Mode::SoftwareOath, Mode::Fido2];
        assert_eq!(found, Ok(all));
    }
}

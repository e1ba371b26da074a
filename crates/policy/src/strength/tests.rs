#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed setup is a failed test"
)]
use super::*;
use crate::model::{
    AaguidConfiguration, AttestationLevel, CertificationLevel, ModelFacts, PassUse, PasskeyId,
    PasskeyType,
};
use crate::samples::{NOW, ago, passkey};
use std::collections::BTreeMap;
use uuid::Uuid;

fn custom(combinations: &[&str]) -> Strength {
    Strength {
        combinations: combinations
            .iter()
            .map(|text| Combination::try_from((*text).to_owned()).unwrap())
            .collect(),
        ..built_in().remove(0)
    }
}

fn fido2() -> Vec<Proof> {
    vec![Proof::passkey(&passkey(), NOW)]
}

fn holds(strength: &Strength, proofs: &[Proof]) -> bool {
    is_satisfied(strength, proofs.iter(), &Models::default(), NOW)
}

/// Product, section 4: a strength can also bind the first factor.
#[test]
fn a_binding_strength_begins_with_what_can_satisfy_it() {
    use Mode::*;
    let once = TemporaryAccessPassOneTime;
    let table: &[(&[&str], &[Mode], &[Mode])] = &[
        (&["fido2"], &[Fido2, once], &[Password, SoftwareOath]),
        (&["password,softwareOath"], &[Password], &[Fido2, once]),
        (
            &["password,fido2"],
            &[Password, Fido2],
            &[once, TemporaryAccessPassMultiUse],
        ),
        // What cannot be shown here in full leads nowhere.
        (&["password,sms", "fido2"], &[Fido2], &[Password]),
        (&["temporaryAccessPassOneTime"], &[once], &[Fido2, Password]),
    ];
    for (combinations, may, may_not) in table {
        let free = custom(combinations);
        let bound = Strength {
            binds_first_factor: true,
            ..free.clone()
        };
        for mode in may.iter().chain(*may_not) {
            assert!(may_begin_with(&free, *mode), "{combinations:?} {mode:?}");
            let expected = may.contains(mode);
            let found = may_begin_with(&bound, *mode);
            assert_eq!(found, expected, "{combinations:?} {mode:?}");
        }
    }
}

/// Reference 5.3: the built-in strengths, their ids and their combinations.
#[test]
fn built_in_strengths_are_those_of_entra() {
    let password = Proof::password(NOW);
    let code = Proof::one_time_code(NOW);
    let once = Proof::pass(PassUse::Once, NOW);
    let many = Proof::pass(PassUse::Many, NOW);
    // proofs, multifactor, passwordless, phishing-resistant
    let table = [
        (fido2(), [true, true, true]),
        (vec![password.clone(), code.clone()], [true, false, false]),
        (vec![once], [true, false, false]),
        (vec![many], [true, false, false]),
        (vec![password], [false, false, false]),
        (vec![code], [false, false, false]),
        (Vec::new(), [false, false, false]),
    ];
    for (proofs, expected) in table {
        let found: Vec<_> = built_in()
            .iter()
            .map(|strength| holds(strength, &proofs))
            .collect();
        assert_eq!(found, expected, "{proofs:?}");
    }
    let counts: Vec<_> = built_in()
        .iter()
        .map(|one| one.combinations.len())
        .collect();
    assert_eq!(counts, [19, 4, 3]);
    assert_eq!(
        PHISHING_RESISTANT.to_string(),
        "00000000-0000-0000-0000-000000000004"
    );
}

#[test]
fn modes_that_this_server_does_not_perform_satisfy_nothing() {
    let strength = custom(&["windowsHelloForBusiness", "password,sms"]);
    assert!(!holds(&strength, &fido2()));
    assert!(!holds(&strength, &[Proof::password(NOW)]));
    assert!(!Mode::Sms.is_offered());
}

#[test]
fn a_combination_needs_all_its_modes() {
    let strength = custom(&["password,softwareOath"]);
    assert!(!holds(&strength, &[Proof::password(NOW)]));
    assert!(!holds(&strength, &[Proof::one_time_code(NOW)]));
    let both = [Proof::password(NOW), Proof::one_time_code(NOW)];
    assert!(holds(&strength, &both));
}

/// Reference 5.3: `fido2CombinationConfiguration`.
#[test]
fn models_that_are_not_listed_do_not_count() {
    let mut strength = custom(&["fido2"]);
    let list = |aaguids| AaguidConfiguration {
        id: Uuid::from_u128(1),
        aaguids,
    };
    strength.allowed_aaguids = vec![list(vec![passkey().aaguid])];
    assert!(holds(&strength, &fido2()));
    strength
        .allowed_aaguids
        .push(list(vec![Uuid::from_u128(7)]));
    assert!(!holds(&strength, &fido2()));
}

#[test]
fn a_strength_can_ask_for_the_type_the_attestation_and_the_algorithm() {
    let demanding = |passkey| Strength {
        passkey,
        ..custom(&["fido2"])
    };
    let synced = demanding(PasskeyDemand {
        passkey_type: Some(PasskeyType::Synced),
        ..PasskeyDemand::default()
    });
    let attested = demanding(PasskeyDemand {
        attested: true,
        ..PasskeyDemand::default()
    });
    let quantum = demanding(PasskeyDemand {
        post_quantum: true,
        ..PasskeyDemand::default()
    });
    let mut key = passkey();
    let verdicts = |key: &crate::model::Passkey| {
        let proofs = [Proof::passkey(key, NOW)];
        [&synced, &attested, &quantum].map(|strength| holds(strength, &proofs))
    };
    assert_eq!(verdicts(&key), [false, true, false]);
    key.passkey_type = PasskeyType::Synced;
    key.attestation_level = AttestationLevel::NotAttested;
    key.algorithm = -49;
    assert_eq!(verdicts(&key), [true, false, true]);
}

#[test]
fn certification_counts_only_when_attested_and_known() {
    let strength = Strength {
        passkey: PasskeyDemand {
            minimum_certification: Some(CertificationLevel::L2),
            ..PasskeyDemand::default()
        },
        ..custom(&["fido2"])
    };
    let models = |level| {
        let facts = ModelFacts {
            certification: level,
            ..ModelFacts::default()
        };
        Models::new(BTreeMap::from([(passkey().aaguid, facts)]))
    };
    let with =
        |level, proofs: &[Proof]| is_satisfied(&strength, proofs.iter(), &models(level), NOW);
    assert!(with(Some(CertificationLevel::L2), &fido2()));
    assert!(with(Some(CertificationLevel::L3Plus), &fido2()));
    assert!(!with(Some(CertificationLevel::L1Plus), &fido2()));
    assert!(!with(None, &fido2()));
    let mut claimed = passkey();
    claimed.attestation_level = AttestationLevel::NotAttested;
    let claimed = [Proof::passkey(&claimed, NOW)];
    assert!(!with(Some(CertificationLevel::L3), &claimed));
}

#[test]
fn a_passkey_can_be_too_long_ago() {
    let strength = Strength {
        passkey: PasskeyDemand {
            maximum_minutes: Some(10),
            ..PasskeyDemand::default()
        },
        ..custom(&["fido2"])
    };
    let at = |minutes| [Proof::passkey(&passkey(), ago(Span::minutes(minutes)))];
    assert!(holds(&strength, &at(10)));
    assert!(!holds(&strength, &at(11)));
}

#[test]
fn two_different_passkeys_are_not_one_twice() {
    let strength = Strength {
        passkey: PasskeyDemand {
            two_different: true,
            ..PasskeyDemand::default()
        },
        ..custom(&["fido2"])
    };
    let mut other = passkey();
    other.id = PasskeyId::from_bytes([0x77; 16]);
    let mut proofs = fido2();
    assert!(!holds(&strength, &proofs));
    proofs.extend(fido2());
    assert!(!holds(&strength, &proofs));
    proofs[1] = Proof::passkey(&other, NOW);
    assert!(holds(&strength, &proofs));
}

/// Reference 5.4: needed = registered ∩ in the strength.
#[test]
fn only_what_somebody_has_is_reachable() {
    let strength = &built_in()[0];
    let own = [Mode::Password, Mode::SoftwareOath];
    let models = Models::default();
    let ways: Vec<_> = reachable(strength, &own, &[], &models)
        .map(ToString::to_string)
        .collect();
    assert_eq!(ways, ["password,softwareOath"]);
    let passkeys = [ProvedPasskey::of(&passkey())];
    assert_eq!(reachable(strength, &own, &passkeys, &models).count(), 2);
    assert!(accepts_passkeys(strength));
    assert!(!accepts_passkeys(&custom(&["password,fido2"])));
}

#[test]
fn a_passkey_in_doubt_is_good_enough_for_nothing() {
    let mut doubtful = passkey();
    doubtful.compromise = Some(crate::model::Compromise {
        since: NOW,
        reason: crate::model::CompromiseReason::ModelRevoked,
        measure: crate::model::Measure::StepUp,
    });
    let proofs = [Proof::passkey(&doubtful, NOW)];
    for strength in built_in() {
        assert!(!holds(&strength, &proofs), "{}", strength.name);
    }
    assert_eq!(crate::model::Acr::of(&proofs), None);
}

use super::{
    Fault, Faults, MAX_COMBINATIONS, MAX_ENTRIES, MAX_MINUTES, MAX_STRENGTHS, Rule, scope,
};
use crate::model::{AccessGrant, Mode, PasskeyDemand, PasskeyType, Policies, Strength};
use crate::strength::built_in;

/// Lists of models of one strength; Entra has one.
const MAX_CONFIGURATIONS: usize = 100;

pub(super) fn check(after: &Policies, one: &Strength, faults: &mut Faults) {
    let built_in = built_in();
    let is_built_in = built_in.iter().any(|other| other.id == one.id);
    faults.add_if(is_built_in, "id", Rule::BuiltIn);
    faults.count(&after.strengths, MAX_STRENGTHS, "");
    let others = after.strengths.iter().chain(&built_in);
    let names = others
        .filter(|other| other.id != one.id)
        .map(|other| other.name.as_str());
    faults.name(&one.name, names, "name");
    faults.description(&one.description);
    faults.count(&one.combinations, MAX_COMBINATIONS, "combinations");
    let none = one.combinations.is_empty();
    faults.add_if(none, "combinations", Rule::CombinationsMissing);
    check_models(one, faults);
    check_demand(one, faults);
}

pub(super) fn check_removal(after: &Policies, id: &str, faults: &mut Faults) {
    let built_in = built_in().iter().any(|one| one.id.to_string() == id);
    faults.add_if(built_in, "", Rule::BuiltIn);
    for policy in &after.access {
        if matches!(policy.grant, AccessGrant::Strength(used) if used.to_string() == id) {
            faults.0.push(Fault {
                field: policy.name.clone(),
                rule: Rule::InUse,
            });
        }
    }
}

fn check_models(one: &Strength, faults: &mut Faults) {
    faults.count(&one.allowed_aaguids, MAX_CONFIGURATIONS, "allowedAaguids");
    for (number, list) in one.allowed_aaguids.iter().enumerate() {
        let at = format!("allowedAaguids[{number}]");
        let earlier = one.allowed_aaguids.iter().take(number);
        let same = earlier.clone().any(|other| other.id == list.id);
        faults.add_if(same, &format!("{at}.id"), Rule::IdTaken);
        let models = format!("{at}.aaguids");
        faults.count(&list.aaguids, MAX_ENTRIES, &models);
        faults.add_if(list.aaguids.is_empty(), &models, Rule::ModelsMissing);
        let mut earlier = earlier.filter(|other| !other.aaguids.is_empty());
        let apart = earlier.any(|other| !scope::share(&other.aaguids, &list.aaguids));
        let apart = apart && !list.aaguids.is_empty();
        faults.add_if(apart, &models, Rule::ModelsDisjoint);
    }
}

fn check_demand(one: &Strength, faults: &mut Faults) {
    let demand = &one.passkey;
    let passkey = one
        .combinations
        .iter()
        .any(|combination| combination.modes().contains(&Mode::Fido2));
    let described = !demand.is_nothing() || !one.allowed_aaguids.is_empty();
    let unused = described && !passkey && !one.combinations.is_empty();
    faults.add_if(unused, "combinations", Rule::PasskeyNotCombined);
    let synced = demand.passkey_type == Some(PasskeyType::Synced);
    let impossible = demand.attested && synced;
    faults.add_if(impossible, "passkey.attested", Rule::AttestedSynced);
    check_certification(demand, faults);
    if let Some(minutes) = demand.maximum_minutes {
        faults.range(minutes, 1, MAX_MINUTES, "passkey.maximumMinutes");
    }
}

fn check_certification(demand: &PasskeyDemand, faults: &mut Faults) {
    let unproved = demand.minimum_certification.is_some() && !demand.attested;
    let field = "passkey.minimumCertification";
    faults.add_if(unproved, field, Rule::CertificationWithoutAttestation);
}

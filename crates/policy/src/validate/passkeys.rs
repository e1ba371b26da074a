use super::{Faults, MAX_DAYS, MAX_ENTRIES, MAX_NAME, MAX_PROFILES, Names, Rule, scope};
use crate::model::{
    AttestationRule, ModelQuery, ModelStatus, PasskeyMethod, PasskeyProfile, PasskeyTarget,
    PasskeyType, RestrictionKind,
};

/// Passkeys of one person under one profile; far beyond what anybody has.
const MAX_PER_USER: u32 = 1_000;
const TRANSPORTS: &[&str] = &["usb", "nfc", "ble", "internal", "hybrid"];
const STATUSES: &[ModelStatus] = &[
    ModelStatus::Good,
    ModelStatus::UpdateAvailable,
    ModelStatus::Revoked,
    ModelStatus::Compromised,
];

pub(super) fn check(method: &PasskeyMethod, known: &Names, faults: &mut Faults) {
    faults.count(&method.include, MAX_PROFILES, "include");
    faults.count(&method.profiles, MAX_PROFILES, "profiles");
    scope::check(&method.exclude, "exclude", known, faults);
    let everybody = method.exclude.everyone;
    faults.add_if(everybody, "exclude", Rule::EverybodyExcluded);
    for (number, target) in method.include.iter().enumerate() {
        check_target(method, target, &format!("include[{number}]"), known, faults);
    }
    for (number, profile) in method.profiles.iter().enumerate() {
        let at = format!("profiles[{number}]");
        let earlier = || method.profiles.iter().take(number);
        let same = earlier().any(|other| other.id == profile.id);
        faults.add_if(same, &format!("{at}.id"), Rule::IdTaken);
        let names = earlier().map(|other| other.name.as_str());
        faults.name(&profile.name, names, &format!("{at}.name"));
        check_profile(profile, &at, faults);
    }
}

fn check_target(
    method: &PasskeyMethod,
    target: &PasskeyTarget,
    at: &str,
    known: &Names,
    faults: &mut Faults,
) {
    let (who, except) = (format!("{at}.who"), format!("{at}.except"));
    faults.add_if(target.who.is_empty(), &who, Rule::NobodyIncluded);
    scope::check_sides(
        (&target.who, &who),
        (&target.except, &except),
        known,
        faults,
    );
    let profiles = format!("{at}.profiles");
    faults.count(&target.profiles, MAX_PROFILES, &profiles);
    faults.add_if(target.profiles.is_empty(), &profiles, Rule::ProfilesMissing);
    for (number, id) in target.profiles.iter().enumerate() {
        if !method.profiles.iter().any(|profile| profile.id == *id) {
            faults.add(format!("{profiles}[{number}]"), Rule::UnknownProfile);
        }
    }
}

fn check_profile(profile: &PasskeyProfile, at: &str, faults: &mut Faults) {
    let field = |name: &str| format!("{at}.{name}");
    let attested = profile.attestation != AttestationRule::Disabled;
    let device_bound = profile.types.contains(&PasskeyType::DeviceBound);
    faults.add_if(
        profile.types.is_empty(),
        &field("types"),
        Rule::TypesMissing,
    );
    let synced_only = !profile.types.is_empty() && !device_bound;
    faults.add_if(
        attested && synced_only,
        &field("attestation"),
        Rule::AttestedSynced,
    );
    faults.count(&profile.roots, MAX_ENTRIES, &field("roots"));
    let unused = !profile.roots.is_empty() && !attested;
    faults.add_if(unused, &field("roots"), Rule::RootsWithoutAttestation);
    check_restrictions(profile, &field("restrictions.aaguids"), faults);
    if let Some(query) = &profile.models {
        let synced = profile.types.contains(&PasskeyType::Synced);
        check_query(query, synced, &field("models"), faults);
    }
    for (days, name) in [
        (profile.maximum_age_days, "maximumAgeDays"),
        (profile.idle_days, "idleDays"),
    ] {
        if let Some(days) = days {
            faults.range(days, 1, MAX_DAYS, &field(name));
        }
    }
    faults.range(profile.warning_days, 0, MAX_DAYS, &field("warningDays"));
    faults.range(profile.grace_days, 0, MAX_DAYS, &field("graceDays"));
    if let Some(number) = profile.maximum_per_user {
        faults.range(number, 1, MAX_PER_USER, &field("maximumPerUser"));
    }
}

fn check_restrictions(profile: &PasskeyProfile, at: &str, faults: &mut Faults) {
    let list = &profile.restrictions;
    faults.count(&list.aaguids, MAX_ENTRIES, at);
    let nothing = list.enforced && list.kind == RestrictionKind::Allow && list.aaguids.is_empty();
    faults.add_if(nothing, at, Rule::AllowListEmpty);
}

fn check_query(query: &ModelQuery, synced: bool, at: &str, faults: &mut Faults) {
    let field = |name: &str| format!("{at}.{name}");
    faults.count(&query.vendors, MAX_ENTRIES, &field("vendors"));
    for (number, vendor) in query.vendors.iter().enumerate() {
        let at = field(&format!("vendors[{number}]"));
        faults.add_if(vendor.trim().is_empty(), &at, Rule::NameMissing);
        faults.text(vendor, MAX_NAME, &at);
    }
    for (number, transport) in query.transports.iter().enumerate() {
        if !TRANSPORTS.contains(&transport.as_str()) {
            faults.add(
                field(&format!("transports[{number}]")),
                Rule::UnknownTransport,
            );
        }
    }
    let all = STATUSES
        .iter()
        .all(|one| query.without_status.contains(one));
    faults.add_if(all, &field("withoutStatus"), Rule::EveryStatusExcluded);
    for (asked, name) in [
        (query.second_factor_set_up, "secondFactorSetUp"),
        (query.device_lock, "deviceLock"),
        (query.end_to_end_encrypted, "endToEndEncrypted"),
    ] {
        faults.add_if(asked && !synced, &field(name), Rule::ProviderOfDeviceBound);
    }
}

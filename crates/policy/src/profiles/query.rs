//! Models by what is known of them.

use crate::model::{ModelFacts, ModelQuery, Protections, UserVerification};

/// The members of a query that this model does not satisfy. What is unknown does not satisfy anything.
pub fn unmet<'q>(
    query: &'q ModelQuery,
    model: Option<&ModelFacts>,
) -> impl Iterator<Item = &'static str> + use<'q> {
    let clauses = clauses(query, model);
    clauses
        .into_iter()
        .filter(|(_, met)| !met)
        .map(|(member, _)| member)
}

/// Each member of a query and whether it holds of this model; a member that asks nothing holds.
fn clauses(query: &ModelQuery, model: Option<&ModelFacts>) -> [(&'static str, bool); 8] {
    let known = |asks: bool, holds: &dyn Fn(&ModelFacts) -> bool| !asks || model.is_some_and(holds);
    let protection = |asks: bool, which: fn(&Protections) -> Option<bool>| {
        known(asks, &|facts| {
            facts.protections.as_ref().and_then(which) == Some(true)
        })
    };
    [
        (
            "vendors",
            known(!query.vendors.is_empty(), &|facts| {
                query
                    .vendors
                    .iter()
                    .any(|vendor| is_same_name(vendor, &facts.vendor))
            }),
        ),
        (
            "minimumCertification",
            known(query.minimum_certification.is_some(), &|facts| {
                facts.certification >= query.minimum_certification
            }),
        ),
        (
            "withoutStatus",
            known(!query.without_status.is_empty(), &|facts| {
                facts
                    .status
                    .is_some_and(|status| !query.without_status.contains(&status))
            }),
        ),
        (
            "transports",
            known(!query.transports.is_empty(), &|facts| {
                meets(&query.transports, &facts.transports)
            }),
        ),
        (
            "userVerification",
            known(!query.user_verification.is_empty(), &|facts| {
                meets::<UserVerification>(&query.user_verification, &facts.user_verification)
            }),
        ),
        (
            "secondFactorSetUp",
            protection(query.second_factor_set_up, |one| one.second_factor_set_up),
        ),
        (
            "deviceLock",
            protection(query.device_lock, |one| one.device_lock),
        ),
        (
            "endToEndEncrypted",
            protection(query.end_to_end_encrypted, |one| one.end_to_end_encrypted),
        ),
    ]
}

fn meets<T: PartialEq>(ours: &[T], theirs: &[T]) -> bool {
    ours.iter().any(|one| theirs.contains(one))
}

fn is_same_name(one: &str, other: &str) -> bool {
    !other.is_empty()
        && (one.eq_ignore_ascii_case(other) || one.to_lowercase() == other.to_lowercase())
}

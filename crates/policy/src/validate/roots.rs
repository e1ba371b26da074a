use super::{Fault, Faults, MAX_ROOTS, Rule};
use crate::model::{AttestationRoot, Policies, moment_of_certificate};
use uuid::Uuid;

const FIELD: &str = "certificate";
/// Models that one root vouches for.
const MAX_MODELS: usize = 100;

pub(super) fn check(after: &Policies, one: &AttestationRoot, faults: &mut Faults) {
    faults.count(&after.roots, MAX_ROOTS, "");
    let id = one.certificate.fingerprint();
    let others = after.roots.iter();
    let others = others.filter(|other| other.certificate.fingerprint() != id);
    faults.name(&one.name, others.map(|other| other.name.as_str()), "name");
    faults.count(&one.models, MAX_MODELS, "models");
    // An authenticator that names no model cannot be told from another.
    faults.add_if(
        one.models.iter().any(Uuid::is_nil),
        "models",
        Rule::ModelNil,
    );
    let Some(anchor) = one.certificate.anchor() else {
        return faults.add(FIELD, Rule::CertificateMalformed);
    };
    let over = moment_of_certificate(anchor.not_after()) <= one.modified;
    faults.add_if(over, FIELD, Rule::CertificateExpired);
    faults.add_if(!anchor.is_authority(), FIELD, Rule::CertificateNotAuthority);
    faults.add_if(!anchor.has_usable_key(), FIELD, Rule::CertificateKey);
}

/// A root that a profile names is not taken away: nobody could satisfy the profile any more.
pub(super) fn check_removal(after: &Policies, id: &str, faults: &mut Faults) {
    let names = |root: &crate::model::Sha256| root.to_string() == id;
    let profiles = after.passkeys.profiles.iter();
    for profile in profiles.filter(|profile| profile.roots.iter().any(names)) {
        faults.0.push(Fault {
            field: profile.name.clone(),
            rule: Rule::InUse,
        });
    }
}

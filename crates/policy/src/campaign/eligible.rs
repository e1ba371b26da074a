//! What a profile means for nudging: whether the server's own choice asks at all, and when it stops.

use super::Provider;
use crate::model::{AttestationRule, Models, PasskeyProfile, PasskeyType, RestrictionKind};
use crate::profiles;
use uuid::Uuid;

/// The four that Entra names, with the type that they make.
pub(super) const NAMED: &[(Provider, PasskeyType)] = &[
    (Provider::ICloudKeychain, PasskeyType::Synced),
    (Provider::GooglePasswordManager, PasskeyType::Synced),
    (Provider::MicrosoftAuthenticator, PasskeyType::DeviceBound),
    (Provider::WindowsHello, PasskeyType::DeviceBound),
];

/// Whether a campaign in the state "Microsoft managed" asks people with this profile: what most of them have at hand
/// would satisfy it.
///
/// As in Entra, except that lists of blocked models count: whoever blocks all four providers is not asked for one.
pub(super) fn is_eligible(profile: &PasskeyProfile, models: &Models) -> bool {
    let makes = |kind| profile.types.contains(&kind);
    // None of the four makes such keys, or is vouched for by roots of one's own.
    if profile.post_quantum_only || !profile.roots.is_empty() {
        return false;
    }
    if profile.attestation != AttestationRule::Disabled {
        // Synced providers give no attestation. Restrictions are not looked at here.
        return makes(PasskeyType::DeviceBound);
    }
    if !profile.restrictions.enforced && profile.models.is_none() {
        return !profile.types.is_empty();
    }
    NAMED
        .iter()
        .filter(|(_, kind)| makes(*kind))
        .flat_map(|(provider, _)| provider.aaguids())
        .any(|aaguid| is_permitted(profile, models, aaguid))
}

fn is_permitted(profile: &PasskeyProfile, models: &Models, aaguid: Uuid) -> bool {
    let list = &profile.restrictions;
    let listed = list.aaguids.contains(&aaguid);
    let by_list = match list.kind {
        _ if !list.enforced => true,
        RestrictionKind::Allow => listed,
        RestrictionKind::Block => !listed,
    };
    let query = profile.models.as_ref();
    by_list && query.is_none_or(|query| profiles::unmet(query, models.get(aaguid)).next().is_none())
}

/// Whether a profile takes certain models only, or attested ones. Then nobody can be expected to have one on each
/// platform, and a single one anywhere ends the nudging.
pub(super) fn is_narrow(profile: &PasskeyProfile) -> bool {
    profile.restrictions.enforced
        || profile.attestation != AttestationRule::Disabled
        || profile.models.is_some()
        || !profile.roots.is_empty()
        || profile.post_quantum_only
}

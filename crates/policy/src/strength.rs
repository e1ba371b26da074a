//! Authentication strengths: which methods are good enough.

use crate::model::Mode::*;
use crate::model::{
    AttestationLevel, Combination, Mode, Models, PasskeyDemand, PasskeyType, Proof, ProvedPasskey,
    Span, Strength, StrengthId, Timestamp,
};

/// Entra's id of "Multifactor authentication".
pub const MULTIFACTOR: StrengthId = built_in_id(2);
/// Entra's id of "Passwordless MFA".
pub const PASSWORDLESS: StrengthId = built_in_id(3);
/// Entra's id of "Phishing-resistant MFA".
pub const PHISHING_RESISTANT: StrengthId = built_in_id(4);

/// Whether these proofs are good enough, as of `now`. Modes that this server does not perform are never among them.
#[must_use]
pub fn is_satisfied<'p>(
    strength: &Strength,
    proofs: impl Iterator<Item = &'p Proof> + Clone,
    models: &Models,
    now: Timestamp,
) -> bool {
    let holds = |mode: &Mode| {
        let mut shown = proofs.clone().filter(|proof| proof.mode == *mode);
        match mode {
            Fido2 => enough_passkeys(strength, shown, models, now),
            _ => shown.next().is_some(),
        }
    };
    strength
        .combinations
        .iter()
        .any(|combination| combination.modes().iter().all(holds))
}

/// Whether a passkey is of a kind that counts; when it was used is another matter.
#[must_use]
pub fn counts(strength: &Strength, passkey: &ProvedPasskey, models: &Models) -> bool {
    let demand = &strength.passkey;
    let listed = strength
        .allowed_aaguids
        .iter()
        .all(|list| list.aaguids.contains(&passkey.aaguid));
    let attested = passkey.level == AttestationLevel::Attested;
    let certified = demand.minimum_certification.is_none_or(|least| {
        let known = models
            .get(passkey.aaguid)
            .and_then(|facts| facts.certification);
        attested && known.is_some_and(|level| level >= least)
    });
    passkey.doubt.is_none()
        && listed
        && certified
        && demand.passkey_type.is_none_or(|kind| kind == passkey.kind)
        && (attested || !demand.attested)
        && (passkey.is_post_quantum() || !demand.post_quantum)
}

/// Ways to satisfy a strength for somebody who has these modes and passkeys: the combinations they could show.
pub fn reachable<'s>(
    strength: &'s Strength,
    modes: &'s [Mode],
    passkeys: &'s [ProvedPasskey],
    models: &'s Models,
) -> impl Iterator<Item = &'s Combination> {
    let fitting = passkeys
        .iter()
        .filter(|passkey| counts(strength, passkey, models))
        .count();
    let has = move |mode: &Mode| match mode {
        Fido2 => fitting >= needed(strength),
        _ => modes.contains(mode),
    };
    strength
        .combinations
        .iter()
        .filter(move |combination| combination.modes().iter().all(has))
}

/// Whether a passkey that somebody could still register may satisfy it.
#[must_use]
pub fn accepts_passkeys(strength: &Strength) -> bool {
    strength
        .combinations
        .iter()
        .any(|combination| combination.modes() == [Fido2])
}

/// Whether a sign-in that has to satisfy this strength may begin with this method: always, unless the strength binds the
/// first factor. Then it has to be a part of a combination that can be shown here in full.
///
/// A pass may come first wherever a passkey would do: it opens nothing but the registration of one, since the strength
/// still has to be met, and whoever has no passkey yet has no other way to make it.
#[must_use]
pub fn may_begin_with(strength: &Strength, mode: Mode) -> bool {
    let is_pass = matches!(
        mode,
        Mode::TemporaryAccessPassOneTime | Mode::TemporaryAccessPassMultiUse
    );
    let part = |combination: &Combination| {
        let modes = combination.modes();
        modes.contains(&mode) && modes.iter().all(|one| one.is_offered())
    };
    !strength.binds_first_factor
        || strength.combinations.iter().any(part)
        || (is_pass && accepts_passkeys(strength))
}

/// Whether every way to satisfy this strength is phishing-resistant.
#[must_use]
pub fn resists_phishing(strength: &Strength) -> bool {
    strength.combinations.iter().all(|combination| {
        combination.modes().iter().all(|mode| {
            matches!(
                mode,
                Fido2 | WindowsHelloForBusiness | X509CertificateMultiFactor
            )
        })
    })
}

const fn needed(strength: &Strength) -> usize {
    if strength.passkey.two_different { 2 } else { 1 }
}

fn enough_passkeys<'p>(
    strength: &Strength,
    shown: impl Iterator<Item = &'p Proof>,
    models: &Models,
    now: Timestamp,
) -> bool {
    let fresh = |proof: &&Proof| {
        let oldest = strength.passkey.maximum_minutes.map(i64::from);
        oldest.is_none_or(|minutes| now.since(proof.at) <= Span::minutes(minutes))
    };
    let mut different: Vec<_> = shown
        .filter(fresh)
        .filter_map(|proof| proof.passkey.as_ref())
        .filter(|passkey| counts(strength, passkey, models))
        .map(|passkey| passkey.id)
        .collect();
    different.sort_unstable();
    different.dedup();
    different.len() >= needed(strength)
}

/// The three strengths that are always there and never change, with Entra's combinations.
#[must_use]
pub fn built_in() -> Vec<Strength> {
    vec![
        named(
            MULTIFACTOR,
            "Multifactor authentication",
            "Combinations of methods that satisfy strong authentication, such as a password and a one-time code.",
            MULTIFACTOR_COMBINATIONS,
        ),
        named(
            PASSWORDLESS,
            "Passwordless MFA",
            "Passwordless methods that satisfy strong authentication.",
            &[
                &[WindowsHelloForBusiness],
                &[Fido2],
                &[X509CertificateMultiFactor],
                &[DeviceBasedPush],
            ],
        ),
        named(
            PHISHING_RESISTANT,
            "Phishing-resistant MFA",
            "Phishing-resistant, passwordless methods for the strongest authentication.",
            &[
                &[WindowsHelloForBusiness],
                &[Fido2],
                &[X509CertificateMultiFactor],
            ],
        ),
    ]
}

/// What the class `phrh` stands for: a passkey that cannot leave its hardware, and whose maker says so.
#[must_use]
pub fn hardware_protected() -> Strength {
    let id = StrengthId::from_bytes(*b"keyward-acr-phrh");
    Strength {
        passkey: PasskeyDemand {
            passkey_type: Some(PasskeyType::DeviceBound),
            attested: true,
            ..PasskeyDemand::default()
        },
        ..named(id, "Hardware-protected passkey", "", &[&[Fido2]])
    }
}

const MULTIFACTOR_COMBINATIONS: &[&[Mode]] = &[
    &[WindowsHelloForBusiness],
    &[Fido2],
    &[X509CertificateMultiFactor],
    &[DeviceBasedPush],
    &[TemporaryAccessPassOneTime],
    &[TemporaryAccessPassMultiUse],
    &[Password, MicrosoftAuthenticatorPush],
    &[Password, SoftwareOath],
    &[Password, HardwareOath],
    &[Password, X509CertificateSingleFactor],
    &[Password, X509CertificateMultiFactor],
    &[Password, Sms],
    &[Password, Voice],
    &[FederatedMultiFactor],
    &[MicrosoftAuthenticatorPush, FederatedSingleFactor],
    &[SoftwareOath, FederatedSingleFactor],
    &[HardwareOath, FederatedSingleFactor],
    &[Sms, FederatedSingleFactor],
    &[Voice, FederatedSingleFactor],
];

fn named(id: StrengthId, name: &str, description: &str, combinations: &[&[Mode]]) -> Strength {
    Strength {
        id,
        name: name.to_owned(),
        description: description.to_owned(),
        created: Timestamp::from_micros(0),
        modified: Timestamp::from_micros(0),
        combinations: combinations
            .iter()
            .filter_map(|modes| Combination::new(modes.to_vec()))
            .collect(),
        allowed_aaguids: Vec::new(),
        passkey: PasskeyDemand::default(),
        binds_first_factor: false,
    }
}

const fn built_in_id(last: u8) -> StrengthId {
    StrengthId::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last])
}

#[cfg(test)]
mod tests;

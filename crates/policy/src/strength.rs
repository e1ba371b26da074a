//! Authentication strengths: which methods are good enough.

use crate::model::{Combination, Mode, Mode::*, PasskeyDemand, Strength, StrengthId, Timestamp};

/// Entra's id of "Multifactor authentication".
pub const MULTIFACTOR: StrengthId = built_in_id(2);
/// Entra's id of "Passwordless MFA".
pub const PASSWORDLESS: StrengthId = built_in_id(3);
/// Entra's id of "Phishing-resistant MFA".
pub const PHISHING_RESISTANT: StrengthId = built_in_id(4);

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

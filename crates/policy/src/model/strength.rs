use crate::model::authenticator::CertificationLevel;
use crate::model::scope::is_false;
use crate::model::{PasskeyType, StrengthId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One way of the Graph enum `authenticationMethodModes`.
///
/// All of them can stand in a strength; this server performs [`Mode::is_offered`] ones only, and the
/// others never satisfy anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are Graph's and say it all")]
pub enum Mode {
    Password,
    Voice,
    HardwareOath,
    SoftwareOath,
    Sms,
    Fido2,
    WindowsHelloForBusiness,
    MicrosoftAuthenticatorPush,
    DeviceBasedPush,
    TemporaryAccessPassOneTime,
    TemporaryAccessPassMultiUse,
    Email,
    X509CertificateSingleFactor,
    X509CertificateMultiFactor,
    FederatedSingleFactor,
    FederatedMultiFactor,
    QrCodePin,
}

impl Mode {
    /// Every mode, in the order of their Graph values.
    pub const ALL: &'static [Self] = &[
        Self::Password,
        Self::Voice,
        Self::HardwareOath,
        Self::SoftwareOath,
        Self::Sms,
        Self::Fido2,
        Self::WindowsHelloForBusiness,
        Self::MicrosoftAuthenticatorPush,
        Self::DeviceBasedPush,
        Self::TemporaryAccessPassOneTime,
        Self::TemporaryAccessPassMultiUse,
        Self::Email,
        Self::X509CertificateSingleFactor,
        Self::X509CertificateMultiFactor,
        Self::FederatedSingleFactor,
        Self::FederatedMultiFactor,
        Self::QrCodePin,
    ];

    /// The Graph name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Voice => "voice",
            Self::HardwareOath => "hardwareOath",
            Self::SoftwareOath => "softwareOath",
            Self::Sms => "sms",
            Self::Fido2 => "fido2",
            Self::WindowsHelloForBusiness => "windowsHelloForBusiness",
            Self::MicrosoftAuthenticatorPush => "microsoftAuthenticatorPush",
            Self::DeviceBasedPush => "deviceBasedPush",
            Self::TemporaryAccessPassOneTime => "temporaryAccessPassOneTime",
            Self::TemporaryAccessPassMultiUse => "temporaryAccessPassMultiUse",
            Self::Email => "email",
            Self::X509CertificateSingleFactor => "x509CertificateSingleFactor",
            Self::X509CertificateMultiFactor => "x509CertificateMultiFactor",
            Self::FederatedSingleFactor => "federatedSingleFactor",
            Self::FederatedMultiFactor => "federatedMultiFactor",
            Self::QrCodePin => "qrCodePin",
        }
    }

    /// The mode with this Graph name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|mode| mode.as_str() == name)
    }

    /// Whether this server can perform it.
    #[must_use]
    pub const fn is_offered(self) -> bool {
        matches!(
            self,
            Self::Password
                | Self::SoftwareOath
                | Self::Fido2
                | Self::TemporaryAccessPassOneTime
                | Self::TemporaryAccessPassMultiUse
        )
    }
}

/// Modes that have to be shown together (`"password,softwareOath"`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Combination(Vec<Mode>);

impl Combination {
    /// The modes, in Graph's order, each once.
    #[must_use]
    pub fn new(mut modes: Vec<Mode>) -> Option<Self> {
        modes.sort_unstable();
        modes.dedup();
        (!modes.is_empty()).then_some(Self(modes))
    }

    /// The modes, in Graph's order.
    #[must_use]
    pub fn modes(&self) -> &[Mode] {
        &self.0
    }
}

impl std::fmt::Display for Combination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, mode) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}{}", mode.as_str())?;
        }
        Ok(())
    }
}

impl From<Combination> for String {
    fn from(combination: Combination) -> Self {
        combination.to_string()
    }
}

impl TryFrom<String> for Combination {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let modes = text
            .split(',')
            .map(|name| Mode::from_name(name.trim()).ok_or_else(|| format!("unknown mode {name}")))
            .collect::<Result<Vec<_>, _>>()?;
        Self::new(modes).ok_or_else(|| "no mode".to_owned())
    }
}

/// Which methods are good enough for something (`authenticationStrengthPolicy`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Strength {
    /// Its id; the built-in ones have Entra's.
    pub id: StrengthId,
    /// Shown to administrators and, when it stops a sign-in, to people.
    pub name: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
    /// When it was made; the epoch for built-in ones.
    pub created: Timestamp,
    /// When it was changed last.
    pub modified: Timestamp,
    /// Combinations, one of which has to be shown.
    pub combinations: Vec<Combination>,
    /// Models of passkeys that count (`fido2CombinationConfiguration`); several lists have to hold together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_aaguids: Vec<AaguidConfiguration>,
    /// Beyond Entra: what passkeys that count have to be like.
    #[serde(default, skip_serializing_if = "PasskeyDemand::is_nothing")]
    pub passkey: PasskeyDemand,
    /// Beyond Entra: a method outside every combination is not even offered as the first step.
    #[serde(default, skip_serializing_if = "is_false")]
    pub binds_first_factor: bool,
}

/// A list of models, with an id of its own as in Graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AaguidConfiguration {
    /// Its id.
    pub id: Uuid,
    /// Models that count.
    pub aaguids: Vec<Uuid>,
}

/// What passkeys have to be like to count for a strength. Everything said has to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PasskeyDemand {
    /// Only this type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passkey_type: Option<PasskeyType>,
    /// The maker vouched for the model at registration.
    #[serde(skip_serializing_if = "is_false")]
    pub attested: bool,
    /// FIDO certification of at least this level; needs attestation to mean anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_certification: Option<CertificationLevel>,
    /// ML-DSA only.
    #[serde(skip_serializing_if = "is_false")]
    pub post_quantum: bool,
    /// Used at most this many minutes ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_minutes: Option<u32>,
    /// Two different passkeys have to be shown.
    #[serde(skip_serializing_if = "is_false")]
    pub two_different: bool,
}

impl PasskeyDemand {
    /// Asks nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

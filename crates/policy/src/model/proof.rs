use crate::model::{
    AttestationLevel, Measure, Mode, PassUse, Passkey, PasskeyId, PasskeyType, Timestamp,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Something a person showed, and when. Sessions keep their proofs, so that a strength can be judged later too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// How.
    pub mode: Mode,
    /// When.
    pub at: Timestamp,
    /// With which passkey, for [`Mode::Fido2`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passkey: Option<ProvedPasskey>,
}

impl Proof {
    /// A password.
    #[must_use]
    pub const fn password(at: Timestamp) -> Self {
        Self::of(Mode::Password, at)
    }

    /// A one-time code.
    #[must_use]
    pub const fn one_time_code(at: Timestamp) -> Self {
        Self::of(Mode::SoftwareOath, at)
    }

    /// A Temporary Access Pass.
    #[must_use]
    pub const fn pass(usable: PassUse, at: Timestamp) -> Self {
        let mode = match usable {
            PassUse::Once => Mode::TemporaryAccessPassOneTime,
            PassUse::Many => Mode::TemporaryAccessPassMultiUse,
        };
        Self::of(mode, at)
    }

    /// A passkey.
    #[must_use]
    pub const fn passkey(passkey: &Passkey, at: Timestamp) -> Self {
        Self {
            mode: Mode::Fido2,
            at,
            passkey: Some(ProvedPasskey::of(passkey)),
        }
    }

    const fn of(mode: Mode, at: Timestamp) -> Self {
        Self {
            mode,
            at,
            passkey: None,
        }
    }
}

/// How well somebody signed in, as tokens say it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Assurance {
    /// The authentication context class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<Acr>,
    /// Authentication contexts that were asked for and satisfied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acrs: Vec<String>,
}

/// Authentication context classes (OpenID Connect Extended Authentication Profile ACR Values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Acr {
    /// Phishing-resistant.
    #[serde(rename = "phr")]
    PhishingResistant,
    /// Phishing-resistant, with a key that hardware protects: device-bound, and the maker vouched for it.
    #[serde(rename = "phrh")]
    HardwareProtected,
}

impl Acr {
    /// What these proofs reach.
    #[must_use]
    pub fn of<'p>(proofs: impl IntoIterator<Item = &'p Proof>) -> Option<Self> {
        let passkeys = proofs.into_iter().filter_map(|proof| proof.passkey);
        passkeys
            .filter(|passkey| passkey.doubt.is_none())
            .map(|passkey| match (passkey.kind, passkey.level) {
                (PasskeyType::DeviceBound, AttestationLevel::Attested) => Self::HardwareProtected,
                _ => Self::PhishingResistant,
            })
            .max()
    }

    /// As tokens and requests spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PhishingResistant => "phr",
            Self::HardwareProtected => "phrh",
        }
    }

    /// The class with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::PhishingResistant, Self::HardwareProtected]
            .into_iter()
            .find(|acr| acr.as_str() == name)
    }
}

/// Why a passkey counts as one factor only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Doubt {
    /// Bad news about it; something else has to be shown beside it.
    SecondMethod,
    /// Bad news about it, and its owner has nothing else to show.
    LastWayIn,
}

impl Doubt {
    const fn about(passkey: &Passkey) -> Option<Self> {
        match passkey.measure() {
            Some(Measure::StepUp) => Some(Self::SecondMethod),
            Some(Measure::PassFirst) => Some(Self::LastWayIn),
            Some(Measure::Quarantine | Measure::Report | Measure::Released) | None => None,
        }
    }
}

/// What rules look at in a passkey, as of its use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvedPasskey {
    /// Which one.
    pub id: PasskeyId,
    /// Its model.
    pub aaguid: Uuid,
    /// Device-bound or synced.
    #[serde(rename = "passkeyType")]
    pub kind: PasskeyType,
    /// Whether its maker vouched for it.
    pub level: AttestationLevel,
    /// COSE algorithm.
    pub algorithm: i64,
    /// Why it counts as one factor only, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
}

impl ProvedPasskey {
    /// Those of a registered passkey.
    #[must_use]
    pub const fn of(passkey: &Passkey) -> Self {
        Self {
            id: passkey.id,
            aaguid: passkey.aaguid,
            kind: passkey.passkey_type,
            level: passkey.attestation_level,
            algorithm: passkey.algorithm,
            doubt: Doubt::about(passkey),
        }
    }

    /// Whether its signatures withstand a quantum computer: ML-DSA-44, -65, -87 (RFC 9964).
    #[must_use]
    pub const fn is_post_quantum(&self) -> bool {
        crate::profiles::is_post_quantum(self.algorithm)
    }
}

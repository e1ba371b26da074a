//! What the organisations that a person belongs to have decided, as the shell hands it over.

use crate::app::AppError;
use crate::measures::{ENROLLED, RP_ID, TEXT};
use authenticator::device::policy::{Enrolled, Policy};
use authenticator::rules::cloud::Availability;
use authenticator::rules::cross_device::CrossDevice;
use authenticator::rules::relying_parties::RelyingParties;
use authenticator::rules::verification::Retry;

/// Which relying parties may have passkeys (R10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RelyingPartyChoice {
    /// Any.
    Any,
    /// Enrolled ones.
    EnrolledOnly,
}

/// Whether a relying party takes passkeys from another device (R6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum CrossDeviceSwitch {
    /// Yes, attestation and all.
    Allowed,
    /// Not where attestation is enforced.
    NotWithAttestation,
    /// No.
    Blocked,
}

/// A relying party whose identity provider the app is enrolled with.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct EnrolledParty {
    /// Its identifier: 1 to 253 bytes.
    pub rp_id: String,
    /// Why its tenant has no passkeys in this app, if it has none (R24): at most 1024 bytes.
    pub unavailable_because: Option<String>,
    /// Whether it takes registrations from another device.
    pub cross_device_registration: CrossDeviceSwitch,
    /// Whether it takes sign-ins from another device.
    pub cross_device_sign_in: CrossDeviceSwitch,
    /// Whether it enforces attestation.
    pub attestation_enforced: bool,
}

/// All decisions.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct AppPolicy {
    /// Who may have passkeys here.
    pub relying_parties: RelyingPartyChoice,
    /// The enrolled relying parties: at most 1024.
    pub enrolled: Vec<EnrolledParty>,
    /// Whether an account has one passkey at most (R9).
    pub one_passkey_per_account: bool,
    /// Biometrics are tried again after so many verifications by PIN (R18).
    pub retry_verifications: u32,
    /// Or after so many milliseconds.
    pub retry_after_ms: u64,
    /// Whether relying parties that are not enrolled may be used offline (R12).
    pub offline_elsewhere: bool,
    /// The profile of the system that this app runs in, such as `personal` or `work` (R15): 1 to 1024 bytes.
    pub profile: String,
}

/// The policy of an app that is enrolled nowhere.
#[must_use]
#[uniffi::export]
pub fn default_policy() -> AppPolicy {
    let policy = Policy::default();
    AppPolicy {
        relying_parties: match policy.relying_parties {
            RelyingParties::Any => RelyingPartyChoice::Any,
            RelyingParties::EnrolledOnly => RelyingPartyChoice::EnrolledOnly,
        },
        enrolled: Vec::new(),
        one_passkey_per_account: policy.one_passkey_per_account,
        retry_verifications: policy.retry.verifications,
        retry_after_ms: policy.retry.after,
        offline_elsewhere: policy.offline_elsewhere,
        profile: policy.profile,
    }
}

impl AppPolicy {
    pub(crate) fn read(self) -> Result<Policy, AppError> {
        let named = (1..=TEXT).contains(&self.profile.len());
        if !named || self.enrolled.len() > ENROLLED {
            return Err(AppError::Policy);
        }
        let enrolled: Result<_, _> = self.enrolled.into_iter().map(EnrolledParty::read).collect();
        Ok(Policy {
            relying_parties: match self.relying_parties {
                RelyingPartyChoice::Any => RelyingParties::Any,
                RelyingPartyChoice::EnrolledOnly => RelyingParties::EnrolledOnly,
            },
            enrolled: enrolled?,
            one_passkey_per_account: self.one_passkey_per_account,
            retry: Retry {
                verifications: self.retry_verifications,
                after: self.retry_after_ms,
            },
            offline_elsewhere: self.offline_elsewhere,
            profile: self.profile,
        })
    }
}

impl EnrolledParty {
    fn read(self) -> Result<Enrolled, AppError> {
        let reason = self.unavailable_because;
        let is_short = reason.as_ref().is_none_or(|reason| reason.len() <= TEXT);
        if !(1..=RP_ID).contains(&self.rp_id.len()) || !is_short {
            return Err(AppError::Policy);
        }
        Ok(Enrolled {
            rp_id: self.rp_id,
            availability: reason.map_or(Availability::Available, Availability::Unavailable),
            cross_device_registration: self.cross_device_registration.read(),
            cross_device_sign_in: self.cross_device_sign_in.read(),
            attestation_enforced: self.attestation_enforced,
        })
    }
}

impl CrossDeviceSwitch {
    const fn read(self) -> CrossDevice {
        match self {
            Self::Allowed => CrossDevice::Allowed,
            Self::NotWithAttestation => CrossDevice::NotWithAttestation,
            Self::Blocked => CrossDevice::Blocked,
        }
    }
}

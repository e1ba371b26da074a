//! What the organisations that a person belongs to have decided.

use crate::rules::cloud::Availability;
use crate::rules::cross_device::CrossDevice;
use crate::rules::relying_parties::RelyingParties;
use crate::rules::verification::Retry;

/// The way a request came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Front {
    /// From a program on this device.
    #[default]
    Local,
    /// From another device, over Bluetooth and a tunnel.
    CrossDevice,
}

/// A relying party whose identity provider the app is enrolled with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enrolled {
    /// Its identifier.
    pub rp_id: String,
    /// Whether its tenant has passkeys in this app.
    pub availability: Availability,
    /// Whether it takes registrations from another device.
    pub cross_device_registration: CrossDevice,
    /// Whether it takes sign-ins from another device.
    pub cross_device_sign_in: CrossDevice,
    /// Whether it enforces attestation.
    pub attestation_enforced: bool,
}

/// All decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Who may have passkeys here.
    pub relying_parties: RelyingParties,
    /// The enrolled relying parties.
    pub enrolled: Vec<Enrolled>,
    /// Whether an account has one passkey at most.
    pub one_passkey_per_account: bool,
    /// When biometrics are tried again.
    pub retry: Retry,
    /// Whether relying parties that are not enrolled may be used offline.
    pub offline_elsewhere: bool,
    /// The profile of the system that this app runs in, such as `personal` or `work`.
    pub profile: String,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            relying_parties: RelyingParties::Any,
            enrolled: Vec::new(),
            one_passkey_per_account: true,
            retry: Retry::default(),
            offline_elsewhere: true,
            profile: "personal".to_owned(),
        }
    }
}

impl Policy {
    /// The enrolled relying party of this identifier.
    #[must_use]
    pub fn enrolled(&self, rp_id: &str) -> Option<&Enrolled> {
        self.enrolled
            .iter()
            .find(|enrolled| enrolled.rp_id == rp_id)
    }
}

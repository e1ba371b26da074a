//! The rules of a passkey app on a phone or a desktop, one module each, over plain facts.
//!
//! CTAP says how an authenticator talks; these say when one refuses. [`crate::device::Device`] asks them in one order, before
//! anybody is asked for anything, and tells the person the refusal while the relying party gets a status only.

pub mod binding;
pub mod cloud;
pub mod connection;
pub mod connectivity;
pub mod cross_device;
pub mod feedback;
pub mod incidents;
pub mod invalidation;
pub mod key_store;
pub mod one_passkey;
pub mod os_support;
pub mod profiles;
pub mod relying_parties;
pub mod signals;
pub mod verification;

/// Why the app refused. Closed; [`Refusal::code`] is stable for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no secure hardware for the key, or it made a key outside of it.
    NoSecureHardware,
    /// There is no screen lock to protect a passkey.
    ScreenLockRequired,
    /// The system is too old for passkey providers.
    OsTooOld,
    /// The system is new enough, but its maker left the provider interface out.
    OsNotSupported,
    /// The tenant's cloud has no passkeys in this app.
    NotAvailable,
    /// The organisation allows enrolled relying parties only.
    NotEnrolled,
    /// The relying party's name imitates an enrolled one.
    LookAlike,
    /// This device has no connection.
    Offline,
    /// Bluetooth is switched off.
    BluetoothOff,
    /// The app may not use Bluetooth.
    BluetoothDenied,
    /// The relying party does not take passkeys of another device.
    CrossDeviceBlocked,
    /// The relying party does not take attested registrations from another device.
    CrossDeviceNotWithAttestation,
    /// The passkeys of this account are no longer valid.
    NoLongerValid,
}

impl Refusal {
    /// Every refusal.
    pub const ALL: [Self; 13] = [
        Self::NoSecureHardware,
        Self::ScreenLockRequired,
        Self::OsTooOld,
        Self::OsNotSupported,
        Self::NotAvailable,
        Self::NotEnrolled,
        Self::LookAlike,
        Self::Offline,
        Self::BluetoothOff,
        Self::BluetoothDenied,
        Self::CrossDeviceBlocked,
        Self::CrossDeviceNotWithAttestation,
        Self::NoLongerValid,
    ];

    /// A stable name for logs, texts and tests.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoSecureHardware => "no_secure_hardware",
            Self::ScreenLockRequired => "screen_lock_required",
            Self::OsTooOld => "os_too_old",
            Self::OsNotSupported => "os_not_supported",
            Self::NotAvailable => "not_available",
            Self::NotEnrolled => "not_enrolled",
            Self::LookAlike => "look_alike",
            Self::Offline => "offline",
            Self::BluetoothOff => "bluetooth_off",
            Self::BluetoothDenied => "bluetooth_denied",
            Self::CrossDeviceBlocked => "cross_device_blocked",
            Self::CrossDeviceNotWithAttestation => "cross_device_not_with_attestation",
            Self::NoLongerValid => "no_longer_valid",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Refusal;
    use std::collections::BTreeSet;

    #[test]
    fn codes_of_refusals_are_distinct() {
        let codes: BTreeSet<&str> = Refusal::ALL.map(Refusal::code).into();
        assert_eq!(codes.len(), Refusal::ALL.len());
    }
}

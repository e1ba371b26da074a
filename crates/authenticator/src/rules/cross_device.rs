//! R5 to R8: what a request over Bluetooth and a tunnel needs, and which relying parties take one.

use super::Refusal;

/// The state of the radio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Radio {
    /// On, and the app may use it.
    On,
    /// Off.
    Off,
    /// On, but the app may not use it.
    Denied,
}

/// Whether a relying party takes passkeys from another device, for registration or for sign-in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CrossDevice {
    /// Yes, attestation and all.
    #[default]
    Allowed,
    /// Not where attestation is enforced.
    NotWithAttestation,
    /// No.
    Blocked,
}

/// Whether an advert and a tunnel can be had. Asked before the tunnel is opened: a tunnel without an advert only waits.
///
/// # Errors
/// What has to be switched on first.
pub const fn reachable(radio: Radio, online: bool) -> Result<(), Refusal> {
    match radio {
        Radio::Off => Err(Refusal::BluetoothOff),
        Radio::Denied => Err(Refusal::BluetoothDenied),
        Radio::On if !online => Err(Refusal::Offline),
        Radio::On => Ok(()),
    }
}

/// Whether the relying party takes this.
///
/// # Errors
/// [`Refusal::CrossDeviceBlocked`], [`Refusal::CrossDeviceNotWithAttestation`].
pub const fn accepted(switch: CrossDevice, attestation_enforced: bool) -> Result<(), Refusal> {
    match switch {
        CrossDevice::Blocked => Err(Refusal::CrossDeviceBlocked),
        CrossDevice::NotWithAttestation if attestation_enforced => {
            Err(Refusal::CrossDeviceNotWithAttestation)
        }
        CrossDevice::NotWithAttestation | CrossDevice::Allowed => Ok(()),
    }
}

/// Where the transport between devices connects to, for a connection check and for firewalls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// Android: the app advertises and opens the tunnel.
    Android,
    /// iOS: the system does both, since an app cannot send the advert.
    Ios,
    /// Linux: like Android.
    Linux,
}

/// The hosts that must be reachable; an own tunnel takes the place of the public one where the app opens it.
#[must_use]
pub fn hosts(shell: Shell, own_tunnel: Option<&str>) -> Vec<String> {
    const GOOGLE: &str = "cable.ua5v.com";
    const APPLE: [&str; 3] = [
        "cable.auth.com",
        "app-site-association.cdn-apple.com",
        "app-site-association.networking.apple",
    ];
    match shell {
        Shell::Android | Shell::Linux => vec![own_tunnel.unwrap_or(GOOGLE).to_owned()],
        Shell::Ios => APPLE.map(str::to_owned).to_vec(),
    }
}

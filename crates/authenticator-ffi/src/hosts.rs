//! Where the transport between devices connects to, for a connection check and for firewalls (R7).

use authenticator::rules::cross_device::{Shell, hosts};
use hybrid::TunnelDomain;

/// Which shell asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ShellKind {
    /// Android: the app advertises and opens the tunnel.
    Android,
    /// iOS: the system does both.
    Ios,
}

/// The hosts that must be reachable; an own tunnel service takes the place of the public one where the app opens the tunnel.
#[must_use]
#[uniffi::export]
pub fn required_hosts(shell: ShellKind, own_tunnel: Option<String>) -> Vec<String> {
    let shell = match shell {
        ShellKind::Android => Shell::Android,
        ShellKind::Ios => Shell::Ios,
    };
    hosts(shell, own_tunnel.as_deref())
}

/// The host of a tunnel service: 0 and 1 are assigned, from 256 on the name is computed; nothing for what lies between.
#[must_use]
#[uniffi::export]
pub fn tunnel_host(domain: u16) -> Option<String> {
    TunnelDomain::new(domain).ok().map(TunnelDomain::host)
}

/// The 16-bit service UUID whose service data the advert is (CTAP 2.2, section 11.5.1).
#[must_use]
#[uniffi::export]
pub fn advert_service_uuid() -> u16 {
    hybrid::advert::SERVICE_UUID
}

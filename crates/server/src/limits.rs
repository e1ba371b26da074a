//! Flood control by network address. State is per process; what guards accounts (wrong answers) is in the database.
//!
//! Loopback is not limited: what comes from there is this machine itself, or a proxy that was not declared with
//! `--trusted-proxies`, which would otherwise share one budget among all its users.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Requests a second from one network, sustained.
const SUSTAINED: NonZeroU32 = NonZeroU32::new(50).unwrap();
/// Requests at once from one network.
const BURST: NonZeroU32 = NonZeroU32::new(300).unwrap();

/// Rate limits of this process.
pub struct Limits {
    requests: DefaultKeyedRateLimiter<IpAddr>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: RateLimiter::keyed(Quota::per_second(SUSTAINED).allow_burst(BURST)),
        }
    }
}

impl Limits {
    /// Counts a request from `ip`; the seconds to wait if it is one too many.
    pub fn admit(&self, ip: IpAddr) -> Result<(), i64> {
        if ip.is_loopback() {
            return Ok(());
        }
        self.requests.check_key(&network(ip)).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            i64::try_from(wait.as_secs()).unwrap_or(60) + 1
        })
    }

    /// Forgets networks that have been quiet.
    pub fn tidy(&self) {
        self.requests.retain_recent();
    }
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Limits")
    }
}

/// The address itself for IPv4; the /64 for IPv6, of which one customer has all.
pub fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}

/// The network that wrong answers are counted for: /24 of IPv4, /56 of IPv6, as text.
pub fn failure_network(ip: IpAddr) -> String {
    let (net, bits) = match ip {
        IpAddr::V4(_) => (ipnet::IpNet::new(ip, 24), 24),
        IpAddr::V6(_) => (ipnet::IpNet::new(ip, 56), 56),
    };
    net.map_or_else(|_| format!("{ip}/{bits}"), |net| net.trunc().to_string())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    #[test]
    fn a_flood_is_turned_away_and_a_neighbour_is_not() {
        let limits = Limits::default();
        let flood: IpAddr = "203.0.113.9".parse().unwrap();
        let refused = (0..1000).filter(|_| limits.admit(flood).is_err()).count();
        assert!(refused > 500, "{refused}");
        assert_eq!(limits.admit("203.0.113.10".parse().unwrap()), Ok(()));
    }

    #[test]
    fn one_ipv6_customer_is_one_network() {
        let one = network("2001:db8::1".parse().unwrap());
        assert_eq!(one, network("2001:db8::ffff:1".parse().unwrap()));
        assert_ne!(one, network("2001:db8:0:1::1".parse().unwrap()));
    }

    #[test]
    fn wrong_answers_are_counted_by_network() {
        assert_eq!(
            failure_network("203.0.113.9".parse().unwrap()),
            "203.0.113.0/24"
        );
        assert_eq!(
            failure_network("2001:db8:1:2ff::1".parse().unwrap()),
            "2001:db8:1:200::/56"
        );
    }
}

//! `[relay]`: the tunnel service of hybrid transport.

use clap::Args;
use hybrid::TunnelDomain;
use hybrid::relay::{RelayLimits, RoutingId};
use serde::Deserialize;

use super::ConfigError;

/// Flags, variables and keys of `[relay]`.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RelaySettings {
    /// Carry the messages between a computer and the phone that signs in for it
    #[arg(
        id = "relay_enabled",
        long = "relay-enabled",
        env = "KEYWARD_RELAY_ENABLED",
        value_name = "YES"
    )]
    pub enabled: Option<bool>,
    /// Number of the tunnel service; browsers compute its host name from it (keyward relay-name)
    #[arg(
        id = "relay_domain",
        long = "relay-domain",
        env = "KEYWARD_RELAY_DOMAIN",
        value_name = "ID"
    )]
    pub domain: Option<u16>,
    /// Which of several servers this one is, six hexadecimal digits [default: 000000]
    #[arg(
        id = "relay_routing_id",
        long = "relay-routing-id",
        env = "KEYWARD_RELAY_ROUTING_ID",
        value_name = "HEX"
    )]
    pub routing_id: Option<String>,
    /// Tunnels at a time [default: 2048]
    #[arg(
        id = "relay_max_tunnels",
        long = "relay-max-tunnels",
        env = "KEYWARD_RELAY_MAX_TUNNELS",
        value_name = "N"
    )]
    pub max_tunnels: Option<usize>,
    /// Ends of tunnels at a time from one network address [default: 64]
    #[arg(
        id = "relay_max_ends_per_address",
        long = "relay-max-ends-per-address",
        env = "KEYWARD_RELAY_MAX_ENDS_PER_ADDRESS",
        value_name = "N"
    )]
    pub max_ends_per_address: Option<usize>,
}

/// The tunnel service that this server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayConfig {
    /// By which authenticators name it in their adverts.
    pub domain: TunnelDomain,
    /// Which of several servers this one is.
    pub routing: RoutingId,
    /// What it bears.
    pub limits: RelayLimits,
}

impl RelaySettings {
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            enabled: self.enabled.or(below.enabled),
            domain: self.domain.or(below.domain),
            routing_id: self.routing_id.or(below.routing_id),
            max_tunnels: self.max_tunnels.or(below.max_tunnels),
            max_ends_per_address: self.max_ends_per_address.or(below.max_ends_per_address),
        }
    }

    pub(super) fn complete(self) -> Result<Option<RelayConfig>, ConfigError> {
        if !self.enabled.unwrap_or(false) {
            return Ok(None);
        }
        let id = self.domain.ok_or(ConfigError::Relay(
            "domain is missing: the number of a host name that is yours (keyward relay-name ID)",
        ))?;
        let domain = TunnelDomain::new(id).map_err(|_| {
            ConfigError::Relay("domain is 0, 1 or at least 256; between them nothing is assigned")
        })?;
        let routing = match &self.routing_id {
            None => RoutingId::default(),
            Some(text) => RoutingId::from_hex(text)
                .ok_or(ConfigError::Relay("routing-id has six hexadecimal digits"))?,
        };
        let usual = RelayLimits::default();
        Ok(Some(RelayConfig {
            domain,
            routing,
            limits: RelayLimits {
                tunnels: self.max_tunnels.unwrap_or(usual.tunnels),
                ends_per_address: self.max_ends_per_address.unwrap_or(usual.ends_per_address),
                ..usual
            },
        }))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    fn enabled(domain: Option<u16>) -> RelaySettings {
        RelaySettings {
            enabled: Some(true),
            domain,
            ..RelaySettings::default()
        }
    }

    #[test]
    fn there_is_no_relay_unless_it_is_asked_for() {
        assert_eq!(RelaySettings::default().complete().unwrap(), None);
        let named = RelaySettings {
            domain: Some(266),
            ..RelaySettings::default()
        };
        assert_eq!(named.complete().unwrap(), None);
    }

    #[test]
    fn a_relay_has_a_number_that_names_a_host() {
        let config = enabled(Some(266)).complete().unwrap().unwrap();
        assert_eq!(config.domain.host(), "cable.wufkweyy3uaxb.com");
        assert_eq!(config.routing, RoutingId([0; 3]));
        for wrong in [None, Some(2), Some(255)] {
            assert!(matches!(
                enabled(wrong).complete(),
                Err(ConfigError::Relay(_))
            ));
        }
    }

    #[test]
    fn a_routing_id_has_six_digits() {
        let with = |text: &str| RelaySettings {
            routing_id: Some(text.to_owned()),
            ..enabled(Some(266))
        };
        let config = with("0a0B0c").complete().unwrap().unwrap();
        assert_eq!(config.routing, RoutingId([10, 11, 12]));
        for wrong in ["", "0a0b", "zzzzzz"] {
            assert!(matches!(with(wrong).complete(), Err(ConfigError::Relay(_))));
        }
    }
}

//! `[signals]`: where security events may be pushed to.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;

use super::ConfigError;
use super::notices::read;

/// Flags, variables and keys of `[signals]`.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct SignalsSettings {
    /// Let receivers of security events be in a private network or on this machine
    #[arg(
        id = "signals_private_networks",
        long = "signals-private-networks",
        env = "KEYWARD_SIGNALS_PRIVATE_NETWORKS",
        value_name = "YES"
    )]
    pub private_networks: Option<bool>,
    /// Certificate authority of receivers to trust besides those of the system, PEM
    #[arg(
        id = "signals_ca_file",
        long = "signals-ca-file",
        env = "KEYWARD_SIGNALS_CA_FILE",
        value_name = "FILE"
    )]
    pub ca_file: Option<PathBuf>,
}

/// Where security events may be pushed to.
#[derive(Clone, Debug, Default)]
pub struct SignalsConfig {
    /// Whether the address may be in a private network, and plain HTTP to this machine is enough.
    pub private_networks: bool,
    /// A certificate authority to trust, PEM.
    pub ca: Option<Vec<u8>>,
}

impl SignalsSettings {
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            private_networks: self.private_networks.or(below.private_networks),
            ca_file: self.ca_file.or(below.ca_file),
        }
    }

    pub(super) fn complete(self) -> Result<SignalsConfig, ConfigError> {
        Ok(SignalsConfig {
            private_networks: self.private_networks.unwrap_or(false),
            ca: self.ca_file.as_deref().map(read).transpose()?,
        })
    }
}

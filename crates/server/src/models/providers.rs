//! The table of passkey providers that ships with the server: dated, each row with the page it rests on. What no page says is
//! unknown, and nothing unknown ever satisfies a policy.

use policy::model::{ModelFacts, Protections};
use serde::Deserialize;
use uuid::Uuid;

/// The table.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Table {
    /// Providers and built-in authenticators of devices.
    pub providers: Vec<Provider>,
    /// Makers of the models in the metadata, which names models only.
    pub makers: Vec<Maker>,
}

/// One provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Provider {
    /// What people call it.
    pub name: String,
    /// Who makes it; empty where no page says so.
    pub vendor: String,
    /// Its models.
    pub aaguids: Vec<Uuid>,
    /// How it can be reached.
    #[serde(default)]
    pub transports: Vec<String>,
    /// How it protects synced passkeys.
    #[serde(default)]
    pub protections: Option<Protections>,
    /// What the protections do not say.
    #[serde(default)]
    pub remark: Option<String>,
    /// Where that is written.
    pub sources: Vec<Source>,
}

/// A page.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Source {
    /// Its address.
    pub url: String,
    /// The day on which it was read.
    pub read: String,
}

/// A maker and the names of its models.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Maker {
    /// Its name.
    pub maker: String,
    /// What the names of its models begin with.
    pub names_begin: Vec<String>,
}

impl Table {
    /// The table of this version of the server.
    pub fn shipped() -> Self {
        // A test reads it, so it can be read.
        serde_json::from_str(include_str!("providers.json")).unwrap_or_default()
    }

    /// The provider with this AAGUID.
    pub fn provider(&self, aaguid: Uuid) -> Option<&Provider> {
        self.providers
            .iter()
            .find(|provider| provider.aaguids.contains(&aaguid))
    }

    /// The maker of a model with this name: one of the list, else the first word.
    pub fn maker(&self, name: &str) -> String {
        let listed = self.makers.iter().find(|maker| {
            maker
                .names_begin
                .iter()
                .any(|begin| name.starts_with(begin))
        });
        match listed {
            Some(maker) => maker.maker.clone(),
            None => name
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

impl Provider {
    /// What policy knows of it without any metadata.
    pub fn facts(&self) -> ModelFacts {
        ModelFacts {
            name: self.name.clone(),
            vendor: self.vendor.clone(),
            transports: self.transports.clone(),
            protections: self.protections,
            ..ModelFacts::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_shipped_table_is_read_and_names_its_sources() {
        let table = Table::shipped();
        assert!(table.providers.len() >= 20);
        let mut models = BTreeSet::new();
        for provider in &table.providers {
            assert!(!provider.sources.is_empty(), "{}", provider.name);
            for source in &provider.sources {
                assert!(source.url.starts_with("https://"), "{}", source.url);
                assert_eq!(source.read.len(), "2026-11-24".len(), "{}", source.read);
            }
            for aaguid in &provider.aaguids {
                assert!(models.insert(*aaguid), "{aaguid} stands twice");
            }
        }
    }

    #[test]
    fn makers_are_found_by_the_beginning_of_a_name() {
        let table = Table::shipped();
        assert_eq!(table.maker("YubiKey 5 Series with NFC"), "Yubico");
        assert_eq!(table.maker("ACS FIDO Authenticator"), "ACS");
        assert_eq!(table.maker(""), "");
    }
}

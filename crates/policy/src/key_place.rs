//! Where the key of a passkey is kept, and who says so: what an inventory shows.

use crate::model::{AttestationLevel, ModelFacts, Passkey, PasskeyType};
use ceremony::attestation::KeyStore;

/// What keeps a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Keeper {
    /// The secure element of an Android device.
    StrongBox,
    /// A trusted execution environment.
    TrustedEnvironment,
    /// The Secure Enclave of an Apple device.
    SecureEnclave,
    /// A Trusted Platform Module.
    Tpm,
    /// A secure element, as in most security keys.
    SecureElement,
    /// Hardware of another kind.
    Hardware,
    /// Software.
    Software,
    /// A provider, which copies it from device to device.
    Provider,
}

impl Keeper {
    /// Every keeper.
    pub const ALL: &'static [Self] = &[
        Self::StrongBox,
        Self::TrustedEnvironment,
        Self::SecureEnclave,
        Self::Tpm,
        Self::SecureElement,
        Self::Hardware,
        Self::Software,
        Self::Provider,
    ];

    /// The stable name, in Graph and in exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StrongBox => "strongBox",
            Self::TrustedEnvironment => "trustedEnvironment",
            Self::SecureEnclave => "secureEnclave",
            Self::Tpm => "tpm",
            Self::SecureElement => "secureElement",
            Self::Hardware => "hardware",
            Self::Software => "software",
            Self::Provider => "provider",
        }
    }
}

/// Who says where a key is, the best word first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The key store itself, in a statement that leads to a trusted anchor.
    Attestation,
    /// The metadata, of a model that its maker vouches for.
    Metadata,
    /// The authenticator alone: it may be so.
    Claim,
}

impl Source {
    /// Every source.
    pub const ALL: &'static [Self] = &[Self::Attestation, Self::Metadata, Self::Claim];

    /// The stable name, in Graph and in exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attestation => "attestation",
            Self::Metadata => "metadata",
            Self::Claim => "claim",
        }
    }
}

/// Where a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPlace {
    /// What keeps it.
    pub keeper: Keeper,
    /// Who says so.
    pub source: Source,
}

/// Where the key of this passkey is. `None` if nobody says.
#[must_use]
pub fn key_place(passkey: &Passkey, model: Option<&ModelFacts>) -> Option<KeyPlace> {
    if passkey.passkey_type == PasskeyType::Synced {
        // The flag is signed by the key itself; no statement could know better.
        return Some(KeyPlace {
            keeper: Keeper::Provider,
            source: Source::Claim,
        });
    }
    let attested = passkey.attestation_level == AttestationLevel::Attested;
    let said_by = |best| if attested { best } else { Source::Claim };
    if let Some(store) = passkey.key_store {
        return Some(KeyPlace {
            keeper: of_statement(store),
            source: said_by(Source::Attestation),
        });
    }
    Some(KeyPlace {
        keeper: of_metadata(&model?.key_protection)?,
        source: said_by(Source::Metadata),
    })
}

const fn of_statement(store: KeyStore) -> Keeper {
    match store {
        KeyStore::Software => Keeper::Software,
        KeyStore::TrustedEnvironment => Keeper::TrustedEnvironment,
        KeyStore::StrongBox => Keeper::StrongBox,
        KeyStore::SecureEnclave => Keeper::SecureEnclave,
        KeyStore::Tpm => Keeper::Tpm,
    }
}

/// FIDO registry of predefined values, section 3.2: flags, of which several can be set. A key that is software, or only wrapped by
/// hardware and kept elsewhere, is so whatever else is said.
fn of_metadata(words: &[String]) -> Option<Keeper> {
    let says = |word: &str| words.iter().any(|one| one == word);
    [
        ("software", Keeper::Software),
        ("secure_element", Keeper::SecureElement),
        ("tee", Keeper::TrustedEnvironment),
        ("hardware", Keeper::Hardware),
    ]
    .into_iter()
    .find(|(word, _)| says(word))
    .map(|(_, keeper)| keeper)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::passkey;
    use std::collections::BTreeSet;

    fn model(words: &[&str]) -> ModelFacts {
        ModelFacts {
            key_protection: words.iter().map(|word| (*word).to_owned()).collect(),
            ..ModelFacts::default()
        }
    }

    fn place(
        level: AttestationLevel,
        key_store: Option<KeyStore>,
        model: Option<&ModelFacts>,
    ) -> Option<KeyPlace> {
        let passkey = Passkey {
            passkey_type: PasskeyType::DeviceBound,
            attestation_level: level,
            key_store,
            ..passkey()
        };
        key_place(&passkey, model)
    }

    #[test]
    fn a_claim_is_not_shown_as_proof() {
        let says = |level, key_store, model: Option<&ModelFacts>| {
            let place = place(level, key_store, model)?;
            Some((place.keeper, place.source))
        };
        let (yes, no) = (AttestationLevel::Attested, AttestationLevel::NotAttested);
        let key = model(&["hardware", "secure_element"]);
        assert_eq!(
            says(yes, Some(KeyStore::Tpm), None),
            Some((Keeper::Tpm, Source::Attestation))
        );
        assert_eq!(
            says(no, Some(KeyStore::Tpm), None),
            Some((Keeper::Tpm, Source::Claim))
        );
        assert_eq!(
            says(yes, None, Some(&key)),
            Some((Keeper::SecureElement, Source::Metadata))
        );
        assert_eq!(
            says(no, None, Some(&key)),
            Some((Keeper::SecureElement, Source::Claim))
        );
        assert_eq!(says(yes, None, None), None);
        assert_eq!(says(yes, None, Some(&model(&["remote_handle"]))), None);
        let soft = model(&["software", "tee"]);
        assert_eq!(
            says(yes, None, Some(&soft)),
            Some((Keeper::Software, Source::Metadata))
        );
    }

    #[test]
    fn a_synced_passkey_is_kept_by_its_provider() {
        let synced = Passkey {
            passkey_type: PasskeyType::Synced,
            key_store: Some(KeyStore::Tpm),
            ..passkey()
        };
        let place = key_place(&synced, None);
        assert_eq!(place.map(|one| one.keeper), Some(Keeper::Provider));
    }

    #[test]
    fn names_are_distinct() {
        let keepers: BTreeSet<_> = Keeper::ALL.iter().map(|one| one.as_str()).collect();
        let sources: BTreeSet<_> = Source::ALL.iter().map(|one| one.as_str()).collect();
        assert_eq!((keepers.len(), sources.len()), (8, 3));
    }
}

//! `android-key` (L3 section 8.4).

use super::chain::Certificate;
use super::statement::{self, Statement};
use super::{AttestationType, Attested, KeyStore, TrustRequirement, Verdict, der};
use crate::Refusal;
use x509_parser::der_parser::asn1_rs::{Oid, oid};

/// The extension with the key description.
const KEY_DESCRIPTION: Oid<'static> = oid!(1.3.6.1.4.1.11129.2.1.17);

const PURPOSE: u32 = der::context(1);
const ALL_APPLICATIONS: u32 = der::context(600);
const ORIGIN: u32 = der::context(702);

/// `KM_PURPOSE_SIGN`.
const SIGN: u64 = 2;
/// `SecurityLevel`: what keeps the key.
const TRUSTED_ENVIRONMENT: u64 = 1;
const STRONG_BOX: u64 = 2;
/// `KM_ORIGIN_GENERATED`.
const GENERATED: u64 = 0;

pub(super) fn verify(
    statement: Statement<'_>,
    attested: &Attested<'_>,
) -> Result<Verdict, Refusal> {
    statement.require(&[statement::ALG, statement::SIG, statement::X5C])?;
    let algorithm = statement.algorithm(attested)?;
    let signature = statement.sig()?;
    let x5c = statement.x5c()?;
    let leaf = statement::leaf(&x5c)?;
    let description = KeyDescription::read(&leaf).ok_or(Refusal::AttstmtMalformedX5c)?;
    statement::verify_signature(&leaf, algorithm, attested, &attested.signed(), signature)?;
    statement::verify_same_key(&leaf, attested)?;
    description.verify(attested)?;
    Ok(Verdict {
        kind: AttestationType::Certified,
        x5c,
    })
}

/// Where the key is: what Keystore says of itself counts no more than what says so is itself protected.
pub(super) fn key_store(leaf: &Certificate<'_>) -> Option<KeyStore> {
    let [Some(attested_by), Some(kept_by)] = KeyDescription::read(leaf)?.levels else {
        return None;
    };
    Some(match attested_by.min(kept_by) {
        TRUSTED_ENVIRONMENT => KeyStore::TrustedEnvironment,
        STRONG_BOX => KeyStore::StrongBox,
        _ => KeyStore::Software,
    })
}

/// The parts of the key description that section 8.4 looks at. The schema grew over its versions (1 to 4, 100, 200, 300, 400), but
/// always at the end of the authorization lists.
struct KeyDescription<'a> {
    levels: [Option<u64>; 2],
    challenge: &'a [u8],
    software: AuthorizationList,
    hardware: AuthorizationList,
}

/// What an authorization list says, as far as it says it.
#[derive(Default)]
struct AuthorizationList {
    purposes: Option<Vec<u64>>,
    all_applications: bool,
    origin: Option<u64>,
}

impl<'a> KeyDescription<'a> {
    /// Version, security level, version, security level, challenge, unique id, software list, hardware list.
    fn read(leaf: &Certificate<'a>) -> Option<Self> {
        let extension = leaf.extension(&KEY_DESCRIPTION)?;
        let fields = der::elements(der::read_all(extension.value, der::SEQUENCE)?)?;
        let [
            _,
            attested_by,
            _,
            kept_by,
            challenge,
            _,
            software,
            hardware,
            ..,
        ] = fields.as_slice()
        else {
            return None;
        };
        if challenge.tag != der::OCTET_STRING
            || software.tag != der::SEQUENCE
            || hardware.tag != der::SEQUENCE
        {
            return None;
        }
        let level = |field: &der::Element<'_>| {
            let enumerated = field.tag == der::ENUMERATED;
            enumerated.then(|| der::small_integer(field.content))?
        };
        Some(Self {
            levels: [level(attested_by), level(kept_by)],
            challenge: challenge.content,
            software: AuthorizationList::read(software.content)?,
            hardware: AuthorizationList::read(hardware.content)?,
        })
    }

    fn verify(&self, attested: &Attested<'_>) -> Result<(), Refusal> {
        if self.challenge != attested.client_data_hash {
            return Err(Refusal::AndroidKeyChallengeMismatch);
        }
        // A key for all applications is not bound to the RP ID, wherever that is said.
        if self.software.all_applications || self.hardware.all_applications {
            return Err(Refusal::AndroidKeyAllApplications);
        }
        let lists = self.lists(attested.policy.android_key_hardware_only);
        // A certificate may be silent about origin and purpose (the example of Level 3 is). Then only the anchor vouches for the key.
        let silence = attested.policy.trust == TrustRequirement::Require;
        let origins: Vec<_> = lists.iter().filter_map(|list| list.origin).collect();
        if origins.iter().any(|origin| *origin != GENERATED) || (origins.is_empty() && !silence) {
            return Err(Refusal::AndroidKeyOrigin);
        }
        let purposes: Vec<_> = lists
            .iter()
            .filter_map(|list| list.purposes.as_deref())
            .collect();
        if purposes.iter().any(|purposes| purposes != &[SIGN]) || (purposes.is_empty() && !silence)
        {
            return Err(Refusal::AndroidKeyPurpose);
        }
        Ok(())
    }

    fn lists(&self, hardware_only: bool) -> Vec<&AuthorizationList> {
        if hardware_only {
            vec![&self.hardware]
        } else {
            vec![&self.software, &self.hardware]
        }
    }
}

impl AuthorizationList {
    fn read(content: &[u8]) -> Option<Self> {
        let mut list = Self::default();
        for element in der::elements(content)? {
            match element.tag {
                PURPOSE => list.purposes = Some(read_purposes(element.content)?),
                ALL_APPLICATIONS => list.all_applications = true,
                ORIGIN => {
                    list.origin = Some(der::small_integer(der::read_all(
                        element.content,
                        der::INTEGER,
                    )?)?)
                }
                _ => {}
            }
        }
        Some(list)
    }
}

fn read_purposes(content: &[u8]) -> Option<Vec<u64>> {
    let members = der::elements(der::read_all(content, der::SET)?)?;
    members
        .iter()
        .map(|member| der::small_integer(member.content).filter(|_| member.tag == der::INTEGER))
        .collect()
}

//! Authenticator data (WebAuthn Level 3, section 6.1), the bytes every signature covers.

use crate::cbor::{Map, Value};
use crate::env::{Approval, Backup, CredentialId};
use crate::public_key::PublicKey;
use aws_lc_rs::digest::{SHA256, digest};

const UP: u8 = 0x01;
const UV: u8 = 0x04;
const BE: u8 = 0x08;
const BS: u8 = 0x10;
const AT: u8 = 0x40;
const ED: u8 = 0x80;

/// Outputs of extensions; none of them, no bytes and no flag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outputs(pub Map);

impl Outputs {
    fn flag(&self) -> u8 {
        if self.0.is_empty() { 0 } else { ED }
    }

    fn bytes(self) -> Vec<u8> {
        if self.0.is_empty() {
            Vec::new()
        } else {
            Value::Map(self.0).encode()
        }
    }
}

/// What an assertion states: relying party, flags, counter.
pub(crate) fn for_assertion(
    rp_id: &str,
    approval: Approval,
    backup: Backup,
    counter: u32,
    outputs: Outputs,
) -> Vec<u8> {
    let flags = flags(approval, backup) | outputs.flag();
    let mut data = header(rp_id, flags, counter);
    data.extend(outputs.bytes());
    data
}

/// What a registration states: the same and the attested credential data.
pub(crate) fn for_registration(
    rp_id: &str,
    approval: Approval,
    backup: Backup,
    counter: u32,
    attested: &AttestedCredential<'_>,
    outputs: Outputs,
) -> Vec<u8> {
    let flags = flags(approval, backup) | AT | outputs.flag();
    let mut data = header(rp_id, flags, counter);
    data.extend_from_slice(&attested.aaguid);
    data.extend_from_slice(&attested.id_length());
    data.extend_from_slice(&attested.id.0);
    data.extend_from_slice(&attested.public_key.to_cose());
    data.extend(outputs.bytes());
    data
}

/// The attested credential data (section 6.5.2).
pub(crate) struct AttestedCredential<'a> {
    pub aaguid: [u8; 16],
    pub id: &'a CredentialId,
    pub public_key: &'a PublicKey,
}

impl AttestedCredential<'_> {
    // Identifiers are made here with a fixed length far below 2^16.
    fn id_length(&self) -> [u8; 2] {
        u16::try_from(self.id.0.len())
            .unwrap_or(u16::MAX)
            .to_be_bytes()
    }
}

fn header(rp_id: &str, flags: u8, counter: u32) -> Vec<u8> {
    let mut data = digest(&SHA256, rp_id.as_bytes()).as_ref().to_vec();
    data.push(flags);
    data.extend_from_slice(&counter.to_be_bytes());
    data
}

fn flags(approval: Approval, backup: Backup) -> u8 {
    let backup = match backup {
        Backup::DeviceBound => 0,
        Backup::Eligible => BE,
        Backup::BackedUp => BE | BS,
    };
    let present = if approval.present { UP } else { 0 };
    let verified = if approval.verified { UV } else { 0 };
    present | verified | backup
}

#[cfg(test)]
mod tests {
    use super::{Approval, Backup, Outputs, for_assertion};

    #[test]
    fn flags_follow_the_approval_and_the_key_store() {
        let cases = [
            (Approval::NOBODY_ASKED, Backup::DeviceBound, 0x00),
            (
                Approval {
                    present: true,
                    ..Approval::NOBODY_ASKED
                },
                Backup::DeviceBound,
                0x01,
            ),
            (
                Approval {
                    present: true,
                    verified: true,
                    chosen: None,
                },
                Backup::DeviceBound,
                0x05,
            ),
            (
                Approval {
                    present: true,
                    verified: true,
                    chosen: None,
                },
                Backup::Eligible,
                0x0d,
            ),
            (
                Approval {
                    present: true,
                    verified: true,
                    chosen: None,
                },
                Backup::BackedUp,
                0x1d,
            ),
        ];
        for (approval, backup, expected) in cases {
            let data = for_assertion("localhost", approval, backup, 7, Outputs::default());
            assert_eq!(data.get(32), Some(&expected));
            assert_eq!(data.get(33..), Some([0, 0, 0, 7].as_slice()));
        }
    }
}

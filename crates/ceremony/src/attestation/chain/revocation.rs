//! Revocation lists (RFC 5280 section 5) that the caller fetched, and serial numbers that the caller
//! distrusts without a list.

use std::collections::BTreeSet;

use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::certificate::without_leading_zeros;
use super::signature::{self, Legacy, Scheme};
use super::{Certificate, PathFault};
use crate::UnixTime;

/// Larger lists are not read.
const MAX_LIST_BYTES: usize = 16 * 1024 * 1024;

/// What to do about a certificate that no valid list covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RevocationMode {
    /// Refuse what is known to be revoked and accept the rest.
    #[default]
    RefuseKnown,
    /// Refuse also what no valid list covers.
    RequireList,
}

/// A parsed revocation list. Its signature is checked when it is used, with the key of the issuer that the
/// path found; a list that merely carries an authority's name revokes nothing.
#[derive(Clone)]
pub struct RevocationList {
    issuer: Vec<u8>,
    this_update: UnixTime,
    next_update: Option<UnixTime>,
    serials: BTreeSet<Vec<u8>>,
    /// False for partial lists: such a list can say "revoked" and never "good".
    complete: bool,
    scheme: Scheme,
    signed: Vec<u8>,
    signature: Vec<u8>,
}

impl RevocationList {
    /// Parses a DER revocation list.
    ///
    /// # Errors
    /// [`PathFault::Malformed`] for anything else, [`PathFault::UnsupportedAlgorithm`] for an unknown
    /// signature algorithm, [`PathFault::AlgorithmMismatch`].
    pub fn from_der(der: &[u8]) -> Result<Self, PathFault> {
        if der.len() > MAX_LIST_BYTES {
            return Err(PathFault::Malformed);
        }
        let (rest, list) =
            CertificateRevocationList::from_der(der).map_err(|_| PathFault::Malformed)?;
        if !rest.is_empty() || list.signature_value.unused_bits != 0 {
            return Err(PathFault::Malformed);
        }
        if list.signature_algorithm != list.tbs_cert_list.signature {
            return Err(PathFault::AlgorithmMismatch);
        }
        Ok(Self {
            issuer: list.issuer().as_raw().to_vec(),
            this_update: UnixTime::from_seconds(list.last_update().timestamp()),
            next_update: list
                .next_update()
                .map(|time| UnixTime::from_seconds(time.timestamp())),
            serials: list
                .iter_revoked_certificates()
                .map(|entry| without_leading_zeros(entry.raw_serial()).to_vec())
                .collect(),
            // Delta lists and lists for some reasons or some kinds of certificates are marked critical.
            complete: !list.extensions().iter().any(|extension| extension.critical),
            scheme: Scheme::of(&list.signature_algorithm)?,
            signed: list.tbs_cert_list.as_ref().to_vec(),
            signature: list.signature_value.data.to_vec(),
        })
    }

    /// How many certificates the list revokes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.serials.len()
    }

    /// Does the list revoke nothing?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.serials.is_empty()
    }

    fn is_signed_by(&self, issuer_spki: &[u8]) -> bool {
        SubjectPublicKeyInfo::from_der(issuer_spki).is_ok_and(|(_, key)| {
            signature::verify(
                &key,
                self.scheme,
                Legacy::Refuse,
                &self.signed,
                &self.signature,
            )
            .is_ok()
        })
    }

    fn covers(&self, at: UnixTime) -> bool {
        self.complete && self.this_update <= at && self.next_update.is_some_and(|next| at <= next)
    }
}

impl std::fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RevocationList")
            .field("this_update", &self.this_update)
            .field("next_update", &self.next_update)
            .field("revoked", &self.serials.len())
            .finish_non_exhaustive()
    }
}

/// Everything the caller knows about revoked certificates.
#[derive(Clone, Debug, Default)]
pub struct Revocations {
    mode: RevocationMode,
    lists: Vec<RevocationList>,
    distrusted: BTreeSet<Vec<u8>>,
}

impl Revocations {
    /// Nothing revoked yet.
    #[must_use]
    pub fn new(mode: RevocationMode) -> Self {
        Self {
            mode,
            ..Self::default()
        }
    }

    /// Adds a list.
    #[must_use]
    pub fn with_list(mut self, list: RevocationList) -> Self {
        self.lists.push(list);
        self
    }

    /// Distrusts every certificate with this serial number (big-endian octets), whoever issued it: for
    /// revocations that were announced without a list.
    #[must_use]
    pub fn with_distrusted_serial(mut self, serial: &[u8]) -> Self {
        self.distrusted
            .insert(without_leading_zeros(serial).to_vec());
        self
    }

    /// Is the certificate one of the distrusted ones?
    pub(super) fn distrusts(&self, certificate: &Certificate<'_>) -> bool {
        self.distrusted.contains(certificate.serial())
    }

    /// Checks one certificate. `issuer_key` is `None` when the issuer may not sign lists.
    pub(super) fn check(
        &self,
        certificate: &Certificate<'_>,
        issuer_key: Option<&[u8]>,
        at: UnixTime,
    ) -> Result<(), PathFault> {
        let serial = certificate.serial();
        if self.distrusts(certificate) {
            return Err(PathFault::Revoked);
        }
        let mut covered = false;
        for list in self
            .lists
            .iter()
            .filter(|list| list.issuer == certificate.issuer_raw())
        {
            let listed = list.serials.contains(serial);
            // The signature is only worth its cost where the answer depends on it.
            if (listed || list.covers(at)) && issuer_key.is_some_and(|key| list.is_signed_by(key)) {
                // Revocation is for good: an outdated list still revokes, it only cannot acquit.
                if listed {
                    return Err(PathFault::Revoked);
                }
                covered = true;
            }
        }
        if covered || self.mode == RevocationMode::RefuseKnown {
            return Ok(());
        }
        Err(PathFault::RevocationUnknown)
    }
}

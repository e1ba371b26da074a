//! One X.509 certificate, read leniently: every form that authenticators have shipped can be looked at, and
//! what is made of it is the business of the path check and of the attestation formats.

use aws_lc_rs::digest;
use x509_parser::certificate::X509Certificate;
use x509_parser::der_parser::asn1_rs::{Oid, oid};
use x509_parser::extensions::{GeneralName, ParsedExtension, X509Extension};
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::PathFault;
use super::signature::{self, KeyKind, Legacy, Scheme};
use crate::UnixTime;

/// Certificates larger than this are not looked at. An ML-DSA-87 key with an ML-DSA-87 signature takes
/// about 7.5 kB.
pub const MAX_CERTIFICATE_BYTES: usize = 16 * 1024;
/// More extensions than any honest certificate has.
const MAX_EXTENSIONS: usize = 64;

const COUNTRY: Oid<'static> = oid!(2.5.4.6);
const ORGANIZATION: Oid<'static> = oid!(2.5.4.10);
const ORGANIZATIONAL_UNIT: Oid<'static> = oid!(2.5.4.11);
const COMMON_NAME: Oid<'static> = oid!(2.5.4.3);
const EXTENDED_KEY_USAGE: Oid<'static> = oid!(2.5.29.37);
const SUBJECT_ALT_NAME: Oid<'static> = oid!(2.5.29.17);
const KEY_USAGE: Oid<'static> = oid!(2.5.29.15);
const BASIC_CONSTRAINTS: Oid<'static> = oid!(2.5.29.19);

/// A parsed certificate that borrows its DER bytes.
#[derive(Clone, Debug)]
pub struct Certificate<'a> {
    parsed: X509Certificate<'a>,
}

/// The basicConstraints extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    /// May the subject issue certificates?
    pub ca: bool,
    /// How many further CA certificates may follow below this one.
    pub path_len: Option<u32>,
}

/// One extension as it stands in the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// The critical flag.
    pub critical: bool,
    /// The content of the extension's OCTET STRING.
    pub value: &'a [u8],
}

/// One attribute of a directory name: its type and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAttribute {
    /// Attribute type, for example `2.5.4.6`.
    pub oid: Oid<'static>,
    /// Attribute value; values that are not text are left out of the list.
    pub value: String,
}

impl<'a> Certificate<'a> {
    /// Parses one DER certificate that fills `der` exactly.
    ///
    /// # Errors
    /// [`PathFault::Malformed`] for anything that is no certificate, is larger than
    /// [`MAX_CERTIFICATE_BYTES`], has bytes behind it, or carries one extension twice.
    pub fn parse(der: &'a [u8]) -> Result<Self, PathFault> {
        if der.len() > MAX_CERTIFICATE_BYTES {
            return Err(PathFault::Malformed);
        }
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|_| PathFault::Malformed)?;
        let certificate = Self { parsed };
        if !rest.is_empty()
            || certificate.has_doubtful_extensions()
            || certificate.has_partial_bytes()
        {
            return Err(PathFault::Malformed);
        }
        Ok(certificate)
    }

    /// The DER bytes this was parsed from.
    #[must_use]
    pub fn der(&self) -> &'a [u8] {
        self.parsed.as_raw()
    }

    /// The version as people say it: 1, 2 or 3.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.parsed.tbs_certificate.version.0.saturating_add(1)
    }

    /// Start of validity, seconds since 1970.
    #[must_use]
    pub fn not_before(&self) -> UnixTime {
        seconds(self.parsed.tbs_certificate.validity.not_before.timestamp())
    }

    /// Last second of validity, seconds since 1970.
    #[must_use]
    pub fn not_after(&self) -> UnixTime {
        seconds(self.parsed.tbs_certificate.validity.not_after.timestamp())
    }

    /// Is the subject an empty name, as WebAuthn section 8.3.1 demands of TPM attestation keys?
    #[must_use]
    pub fn subject_is_empty(&self) -> bool {
        self.parsed
            .tbs_certificate
            .subject
            .iter_rdn()
            .next()
            .is_none()
    }

    /// The subject's country, if there is exactly one.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        self.subject_attribute(&COUNTRY)
    }

    /// The subject's organization, if there is exactly one.
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        self.subject_attribute(&ORGANIZATION)
    }

    /// The subject's organizational unit, if there is exactly one.
    #[must_use]
    pub fn organizational_unit(&self) -> Option<&str> {
        self.subject_attribute(&ORGANIZATIONAL_UNIT)
    }

    /// The subject's common name, if there is exactly one.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        self.subject_attribute(&COMMON_NAME)
    }

    /// The subject's attribute of this type, if there is exactly one and it is text.
    #[must_use]
    pub fn subject_attribute(&self, oid: &Oid<'_>) -> Option<&str> {
        let mut found = self
            .parsed
            .tbs_certificate
            .subject
            .iter_attributes()
            .filter(|attribute| attribute.attr_type() == oid);
        let one = found.next()?;
        if found.next().is_some() {
            return None;
        }
        one.as_str().ok()
    }

    /// The extension of this type, if present.
    #[must_use]
    pub fn extension(&self, oid: &Oid<'_>) -> Option<Extension<'a>> {
        self.raw_extension(oid).map(|extension| Extension {
            critical: extension.critical,
            value: extension.value,
        })
    }

    /// The basicConstraints, if present and well formed.
    #[must_use]
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        match &self.raw_extension(&BASIC_CONSTRAINTS)?.parsed_extension() {
            ParsedExtension::BasicConstraints(constraints) => Some(BasicConstraints {
                ca: constraints.ca,
                path_len: constraints.path_len_constraint,
            }),
            _ => None,
        }
    }

    /// Does extendedKeyUsage name this purpose? `None` when the extension is absent or unreadable.
    #[must_use]
    pub fn has_extended_key_usage(&self, purpose: &Oid<'_>) -> Option<bool> {
        match &self.raw_extension(&EXTENDED_KEY_USAGE)?.parsed_extension() {
            ParsedExtension::ExtendedKeyUsage(usage) => {
                Some(known_purpose(usage, purpose) || usage.other.contains(purpose))
            }
            _ => None,
        }
    }

    /// Every attribute of every directoryName in subjectAltName; `None` when the extension is absent or
    /// unreadable. TPM makers write one set of three attributes or three sets of one: both look the same here.
    #[must_use]
    pub fn alternative_directory_names(&self) -> Option<Vec<NameAttribute>> {
        let names = self.alternative_names()?;
        let attributes = names
            .iter()
            .filter_map(|name| match name {
                GeneralName::DirectoryName(name) => Some(name),
                _ => None,
            })
            .flat_map(|name| name.iter_attributes())
            .filter_map(|attribute| {
                let value = attribute.as_str().ok()?.to_owned();
                Some(NameAttribute {
                    oid: attribute.attr_type().to_owned(),
                    value,
                })
            });
        Some(attributes.collect())
    }

    /// Does a dNSName of subjectAltName equal `host` (letters compared without case, no wildcards)? Without
    /// any subjectAltName the common name is compared instead, as old certificates need it.
    #[must_use]
    pub fn is_for_host(&self, host: &str) -> bool {
        match self.alternative_names() {
            Some(names) => names.iter().any(|name| match name {
                GeneralName::DNSName(dns) => dns.eq_ignore_ascii_case(host),
                _ => false,
            }),
            None => self
                .common_name()
                .is_some_and(|name| name.eq_ignore_ascii_case(host)),
        }
    }

    /// The SubjectPublicKeyInfo as it stands in the certificate (DER).
    #[must_use]
    pub fn spki(&self) -> &'a [u8] {
        self.parsed.tbs_certificate.subject_pki.raw
    }

    /// The key bits inside the SubjectPublicKeyInfo: a point, an RSAPublicKey, or a raw key.
    #[must_use]
    pub fn public_key_bytes(&self) -> &[u8] {
        &self
            .parsed
            .tbs_certificate
            .subject_pki
            .subject_public_key
            .data
    }

    /// What kind of key the subject has.
    ///
    /// # Errors
    /// [`PathFault::UnsupportedAlgorithm`] for a key type that nothing here can use.
    pub fn key_kind(&self) -> Result<KeyKind, PathFault> {
        KeyKind::of(&self.parsed.tbs_certificate.subject_pki)
    }

    /// SHA-1 of the key bits: how the FIDO metadata names U2F attestation keys (RFC 5280 section 4.2.1.2,
    /// method 1).
    #[must_use]
    pub fn key_identifier(&self) -> [u8; 20] {
        let mut identifier = [0; 20];
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, self.public_key_bytes());
        identifier.copy_from_slice(hash.as_ref());
        identifier
    }

    /// Checks a signature that the subject of this certificate made.
    ///
    /// # Errors
    /// [`PathFault::UnsupportedAlgorithm`] when scheme and key do not fit, [`PathFault::BadSignature`].
    pub fn verify(
        &self,
        scheme: Scheme,
        legacy: Legacy,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), PathFault> {
        let key = &self.parsed.tbs_certificate.subject_pki;
        signature::verify(key, scheme, legacy, message, signature)
    }

    /// Checks that the owner of `issuer_key` signed this certificate.
    pub(super) fn verify_signed_by(
        &self,
        issuer_key: &SubjectPublicKeyInfo<'_>,
        legacy: Legacy,
    ) -> Result<(), PathFault> {
        // RFC 5280 section 4.1.1.2: the algorithm outside the signature must be the one inside.
        if self.parsed.signature_algorithm != self.parsed.tbs_certificate.signature {
            return Err(PathFault::AlgorithmMismatch);
        }
        let scheme = Scheme::of(&self.parsed.signature_algorithm)?;
        let message = self.parsed.tbs_certificate.as_ref();
        signature::verify(
            issuer_key,
            scheme,
            legacy,
            message,
            &self.parsed.signature_value.data,
        )
    }

    pub(super) fn subject_raw(&self) -> &'a [u8] {
        self.parsed.tbs_certificate.subject.as_raw()
    }

    pub(super) fn issuer_raw(&self) -> &'a [u8] {
        self.parsed.tbs_certificate.issuer.as_raw()
    }

    pub(super) fn is_self_issued(&self) -> bool {
        self.subject_raw() == self.issuer_raw()
    }

    /// The serial number without leading zero octets.
    pub(super) fn serial(&self) -> &'a [u8] {
        without_leading_zeros(self.parsed.tbs_certificate.raw_serial())
    }

    pub(super) fn extensions(&self) -> &[X509Extension<'a>] {
        self.parsed.tbs_certificate.extensions()
    }

    /// The keyUsage bits (`may sign certificates`, `may sign revocation lists`), `None` without the extension.
    pub(super) fn signing_usage(&self) -> Option<(bool, bool)> {
        match &self.raw_extension(&KEY_USAGE)?.parsed_extension() {
            ParsedExtension::KeyUsage(usage) => Some((usage.key_cert_sign(), usage.crl_sign())),
            // Unreadable bits grant nothing.
            _ => Some((false, false)),
        }
    }

    /// Is a basicConstraints extension there at all, readable or not?
    pub(super) fn mentions_basic_constraints(&self) -> bool {
        self.raw_extension(&BASIC_CONSTRAINTS).is_some()
    }

    fn alternative_names(&self) -> Option<&[GeneralName<'a>]> {
        match &self.raw_extension(&SUBJECT_ALT_NAME)?.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => Some(&names.general_names),
            // A name list that cannot be read names nobody.
            _ => Some(&[]),
        }
    }

    fn raw_extension(&self, oid: &Oid<'_>) -> Option<&X509Extension<'a>> {
        self.extensions()
            .iter()
            .find(|extension| extension.oid == *oid)
    }

    /// Keys and signatures are whole bytes; unused bits would be a second spelling of the same certificate.
    fn has_partial_bytes(&self) -> bool {
        self.parsed.signature_value.unused_bits != 0
            || self
                .parsed
                .tbs_certificate
                .subject_pki
                .subject_public_key
                .unused_bits
                != 0
    }

    fn has_doubtful_extensions(&self) -> bool {
        let extensions = self.extensions();
        if extensions.len() > MAX_EXTENSIONS {
            return true;
        }
        // RFC 5280 section 4.2: never two of one kind, else two readers see two certificates.
        extensions.iter().enumerate().any(|(index, one)| {
            extensions
                .iter()
                .skip(index + 1)
                .any(|other| other.oid == one.oid)
        })
    }
}

/// Serial numbers are compared as numbers: DER puts a zero octet in front of a high bit.
pub(super) fn without_leading_zeros(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|byte| **byte == 0).count();
    serial.get(zeros..).unwrap_or_default()
}

fn known_purpose(usage: &x509_parser::extensions::ExtendedKeyUsage<'_>, purpose: &Oid<'_>) -> bool {
    // x509-parser sorts the well-known purposes into flags and keeps only the others as identifiers.
    [
        (usage.any, oid!(2.5.29.37.0)),
        (usage.server_auth, oid!(1.3.6.1.5.5.7.3.1)),
        (usage.client_auth, oid!(1.3.6.1.5.5.7.3.2)),
        (usage.code_signing, oid!(1.3.6.1.5.5.7.3.3)),
    ]
    .iter()
    .any(|(named, oid)| *named && oid == purpose)
}

fn seconds(timestamp: i64) -> UnixTime {
    UnixTime::from_seconds(timestamp)
}

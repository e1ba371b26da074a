use crate::model::{Sha256, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ceremony::{Anchor, UnixTime, fingerprint};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Bytes of a certificate; real ones have one or two thousand.
const MOST_BYTES: usize = 8_192;
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// A root certificate that an administrator trusts to vouch for authenticators, beside those of the metadata. It counts for
/// the profiles that name it, and for no other. Its id is its fingerprint, so another certificate is another root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttestationRoot {
    /// Shown to administrators.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed last.
    pub modified: Timestamp,
    /// The certificate.
    pub certificate: RootCertificate,
    /// The models that it vouches for, by AAGUID; empty is whatever claims to come from it. Naming them puts them into the
    /// catalogue, which is how authenticators that the organisation enrols get there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<Uuid>,
}

impl AttestationRoot {
    /// Whether its word counts for this model.
    #[must_use]
    pub fn is_for(&self, model: Uuid) -> bool {
        self.models.is_empty() || self.models.contains(&model)
    }
}

/// A certificate as an administrator gave it: DER, in JSON base64 or PEM. Whether it is one says [`RootCertificate::anchor`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RootCertificate {
    der: Vec<u8>,
    fingerprint: Sha256,
}

impl RootCertificate {
    /// Reads PEM with one certificate, or base64 of its DER.
    ///
    /// # Errors
    /// If it is neither, or too long.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "a certificate is one block of PEM, or base64 of its DER";
        if text.len() > 2 * MOST_BYTES {
            return Err(WRONG);
        }
        let inner = match text.split_once(BEGIN) {
            Some((_, rest)) => {
                let (inner, after) = rest.split_once(END).ok_or(WRONG)?;
                // Of several it would not be clear which was meant.
                if after.contains(BEGIN) {
                    return Err(WRONG);
                }
                inner
            }
            None => text,
        };
        let digits: String = inner.split_ascii_whitespace().collect();
        let der = STANDARD.decode(digits).map_err(|_| WRONG)?;
        match der.len() <= MOST_BYTES {
            true => Ok(Self::of(der)),
            false => Err(WRONG),
        }
    }

    fn of(der: Vec<u8>) -> Self {
        let fingerprint = Sha256::from_bytes(fingerprint(&der));
        Self { der, fingerprint }
    }

    /// As a trust anchor; `None` if it is no certificate.
    #[must_use]
    pub fn anchor(&self) -> Option<Anchor> {
        Anchor::from_der(&self.der).ok()
    }

    /// SHA-256 of it, by which profiles name it.
    #[must_use]
    pub const fn fingerprint(&self) -> Sha256 {
        self.fingerprint
    }

    /// Whether there is nothing yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.der.is_empty()
    }

    /// As PEM.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let digits = STANDARD.encode(&self.der);
        let lines = digits.as_bytes().chunks(64);
        let lines: Vec<_> = lines.map(String::from_utf8_lossy).collect();
        format!("{BEGIN}\n{}\n{END}\n", lines.join("\n"))
    }
}

impl Default for RootCertificate {
    fn default() -> Self {
        Self::of(Vec::new())
    }
}

impl std::fmt::Debug for RootCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RootCertificate({} bytes)", self.der.len())
    }
}

impl From<RootCertificate> for String {
    fn from(certificate: RootCertificate) -> Self {
        STANDARD.encode(certificate.der)
    }
}

impl TryFrom<String> for RootCertificate {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

/// A moment of a certificate, as policies count.
#[must_use]
pub const fn moment(time: UnixTime) -> Timestamp {
    Timestamp::from_seconds(time.seconds())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    const ROOT: &str = include_str!("certificates/root.pem");

    #[test]
    fn pem_and_base64_are_the_same_certificate() {
        let pem = RootCertificate::parse(ROOT).unwrap();
        let again = RootCertificate::parse(&pem.to_pem()).unwrap();
        let json = serde_json::to_string(&pem).unwrap();
        let read: RootCertificate = serde_json::from_str(&json).unwrap();
        assert_eq!((&again, &read), (&pem, &pem));
        let anchor = pem.anchor().unwrap();
        assert_eq!(anchor.name(), "Example Authenticator Root, Example House");
        assert!(anchor.is_authority() && anchor.has_usable_key());
    }

    #[test]
    fn what_is_not_one_certificate_is_refused() {
        let two = format!("{ROOT}{ROOT}");
        let long = "A".repeat(2 * MOST_BYTES + 4);
        let too_long = STANDARD.encode(vec![0; MOST_BYTES + 1]);
        for text in [two.as_str(), "no base64!", BEGIN, &long, &too_long] {
            assert!(RootCertificate::parse(text).is_err(), "{text}");
        }
        let nothing = RootCertificate::parse("AAAA").unwrap();
        assert_eq!(nothing.anchor(), None);
        // A private key that somebody pasted is not kept as a certificate.
        let kind = "PRIVATE KEY";
        let key = format!("-----BEGIN {kind}-----\nAAAA\n-----END {kind}-----");
        assert!(RootCertificate::parse(&key).is_err());
    }
}

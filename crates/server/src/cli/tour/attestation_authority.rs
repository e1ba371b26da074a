//! A maker of authenticators, as far as its certificates go: root, two intermediates, attestation certificate.

use std::sync::Arc;

use anyhow::Context as _;
use authenticator::{Algorithm, CertifiedSignature, EnvError};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SigningKey as _,
};

/// id-fido-gen-ce-aaguid (WebAuthn Level 3, section 8.2.1).
const AAGUID_EXTENSION: [u64; 10] = [1, 3, 6, 1, 4, 1, 45724, 1, 1, 4];

/// The attestation key of one authenticator model and the chain above it.
#[derive(Debug)]
pub struct AttestationAuthority {
    key: KeyPair,
    x5c: Vec<Vec<u8>>,
    root: Vec<u8>,
}

impl AttestationAuthority {
    /// Makes four fresh certificates for the model `aaguid`.
    ///
    /// # Errors
    /// If a key or certificate cannot be made.
    pub fn new(aaguid: [u8; 16]) -> anyhow::Result<Arc<Self>> {
        let (root_params, root_key) = authority("Tour Root")?;
        let root = root_params
            .self_signed(&root_key)
            .context("root certificate")?;
        let root_issuer = Issuer::new(root_params, root_key);

        let (upper_params, upper_key) = authority("Tour Upper Intermediate")?;
        let upper = upper_params
            .signed_by(&upper_key, &root_issuer)
            .context("upper certificate")?;
        let upper_issuer = Issuer::new(upper_params, upper_key);

        let (lower_params, lower_key) = authority("Tour Lower Intermediate")?;
        let lower = lower_params
            .signed_by(&lower_key, &upper_issuer)
            .context("lower certificate")?;
        let lower_issuer = Issuer::new(lower_params, lower_key);

        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let leaf = attestation_params(aaguid)?
            .signed_by(&key, &lower_issuer)
            .context("leaf certificate")?;
        let x5c = [&leaf, &lower, &upper]
            .map(|certificate| certificate.der().to_vec())
            .to_vec();
        Ok(Arc::new(Self {
            key,
            x5c,
            root: root.der().to_vec(),
        }))
    }

    /// The root in DER, for whoever decides to trust it.
    #[must_use]
    pub fn root(&self) -> &[u8] {
        &self.root
    }

    pub(super) fn certify(&self, message: &[u8]) -> Result<CertifiedSignature, EnvError> {
        let signature = self.key.sign(message).map_err(|_| EnvError::Failed)?;
        Ok(CertifiedSignature {
            algorithm: Algorithm::Es256,
            signature,
            x5c: self.x5c.clone(),
        })
    }
}

fn authority(name: &str) -> anyhow::Result<(CertificateParams, KeyPair)> {
    let mut params = named(name)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok((params, KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?))
}

fn attestation_params(aaguid: [u8; 16]) -> anyhow::Result<CertificateParams> {
    let mut params = named("Tour Attestation")?;
    params
        .distinguished_name
        .push(DnType::OrganizationalUnitName, "Authenticator Attestation");
    params.is_ca = IsCa::ExplicitNoCa;
    let octets = [[0x04, 0x10].as_slice(), &aaguid].concat();
    params.custom_extensions = vec![CustomExtension::from_oid_content(&AAGUID_EXTENSION, octets)];
    Ok(params)
}

fn named(name: &str) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "AQ");
    params
        .distinguished_name
        .push(DnType::OrganizationName, "Keyward Tour");
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

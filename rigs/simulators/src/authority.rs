//! Who certifies keys: the maker's root above Android's key store, or the identity provider's authority that has checked what
//! Apple's App Attest says.

use crate::der;
use authenticator::rules::key_store::Level;
use authenticator::{Algorithm, CertifiedSignature};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CustomExtension, DnType, Error,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    SigningKey as _,
};

const KEY_DESCRIPTION: [u64; 10] = [1, 3, 6, 1, 4, 1, 11129, 2, 1, 17];
const AAGUID: [u64; 10] = [1, 3, 6, 1, 4, 1, 45724, 1, 1, 4];
/// Version of the key description, and of the key mint that writes it.
const VERSION: u32 = 300;
const PURPOSE: u16 = 1;
const ORIGIN: u16 = 702;
const PATCH_LEVEL: u16 = 706;
const SIGN: u32 = 2;
const GENERATED: u32 = 0;

/// A root and an intermediate below it.
#[derive(Debug)]
pub struct Authority {
    root: Certificate,
    intermediate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Fresh certificates.
    ///
    /// # Errors
    /// If a certificate cannot be made.
    pub fn new() -> Result<Self, Error> {
        let (root_params, root_key) = authority("Simulated Root")?;
        let root = root_params.self_signed(&root_key)?;
        let root_issuer = Issuer::new(root_params, root_key);
        let (params, key) = authority("Simulated Intermediate")?;
        let intermediate = params.signed_by(&key, &root_issuer)?;
        Ok(Self {
            root,
            intermediate,
            issuer: Issuer::new(params, key),
        })
    }

    /// The root in DER, for a relying party that trusts it.
    #[must_use]
    pub fn root(&self) -> &[u8] {
        self.root.der()
    }

    /// What Android's key store says of a key it has just made.
    pub(crate) fn describe(
        &self,
        key: &KeyPair,
        level: Level,
        challenge: &[u8],
        patch_level: u32,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let level = match level {
            Level::StrongBox => 2,
            Level::TrustedEnvironment => 1,
            _ => 0,
        };
        let hardware = [
            der::context(PURPOSE, &der::set(&[der::integer(SIGN)])),
            der::context(ORIGIN, &der::integer(GENERATED)),
            der::context(PATCH_LEVEL, &der::integer(patch_level)),
        ];
        let description = der::sequence(&[
            der::integer(VERSION),
            der::enumerated(level),
            der::integer(VERSION),
            der::enumerated(level),
            der::octets(challenge),
            der::octets(&[]),
            der::sequence(&[]),
            der::sequence(&hardware),
        ]);
        let mut params = named("Simulated Key")?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.custom_extensions = vec![CustomExtension::from_oid_content(
            &KEY_DESCRIPTION,
            description,
        )];
        let leaf = params.signed_by(key, &self.issuer)?;
        Ok(vec![leaf.der().to_vec(), self.intermediate.der().to_vec()])
    }

    /// What the identity provider's authority makes of an App Attest statement that it found right: a certified signature.
    pub(crate) fn certify(
        &self,
        aaguid: [u8; 16],
        attested: &[u8],
    ) -> Result<CertifiedSignature, Error> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = named("Simulated App Attestation")?;
        params
            .distinguished_name
            .push(DnType::OrganizationalUnitName, "Authenticator Attestation");
        params.is_ca = IsCa::ExplicitNoCa;

        params.custom_extensions = vec![CustomExtension::from_oid_content(
            &AAGUID,
            der::octets(&aaguid),
        )];
        let leaf = params.signed_by(&key, &self.issuer)?;
        Ok(CertifiedSignature {
            algorithm: Algorithm::Es256,
            signature: key.sign(attested)?,
            x5c: vec![leaf.der().to_vec(), self.intermediate.der().to_vec()],
        })
    }
}

/// Manufacturer (`SIMU`, which the registry keeps for simulators), model and version of the chip: content bytes of the object
/// identifiers of the Trusted Computing Group, with what they say here.
const CHIP: [(&[u8], &str); 3] = [
    (&[0x67, 0x81, 0x05, 0x02, 0x01], "id:53494D55"),
    (&[0x67, 0x81, 0x05, 0x02, 0x02], "Simulated"),
    (&[0x67, 0x81, 0x05, 0x02, 0x03], "id:00000001"),
];
const ALTERNATIVE_NAME: [u64; 4] = [2, 5, 29, 17];
const IDENTITY_KEY: [u64; 5] = [2, 23, 133, 8, 3];

impl Authority {
    /// What a TPM's attestation identity key signs, with the certificate that the identity provider's authority gave it.
    pub(crate) fn sign_as_identity_key(
        &self,
        cert_info: &[u8],
    ) -> Result<CertifiedSignature, Error> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.is_ca = IsCa::ExplicitNoCa;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(IDENTITY_KEY.to_vec())];
        let mut name =
            CustomExtension::from_oid_content(&ALTERNATIVE_NAME, der::directory_name(&CHIP));
        name.set_criticality(true);
        params.custom_extensions = vec![name];
        let leaf = params.signed_by(&key, &self.issuer)?;
        Ok(CertifiedSignature {
            algorithm: Algorithm::Es256,
            signature: key.sign(cert_info)?,
            x5c: vec![leaf.der().to_vec(), self.intermediate.der().to_vec()],
        })
    }
}

fn authority(name: &str) -> Result<(CertificateParams, KeyPair), Error> {
    let mut params = named(name)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok((params, KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?))
}

fn named(name: &str) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "AQ");
    params
        .distinguished_name
        .push(DnType::OrganizationName, "Keyward Simulators");
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

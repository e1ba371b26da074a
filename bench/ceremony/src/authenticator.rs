//! Makes the answers that are measured: a software authenticator of a few lines, with every signature real.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, ML_DSA_44_SIGNING,
    PqdsaKeyPair,
};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CustomExtension, DistinguishedName, DnType,
    IsCa, Issuer, KeyPair as RcgenKey, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};

pub const ORIGIN: &str = "https://login.example.com";
pub const RP_ID: &str = "login.example.com";
pub const AAGUID: [u8; 16] = *b"keyward-bench-01";
const CREDENTIAL_ID: [u8; 32] = [0x5a; 32];

/// A credential key.
pub enum Key {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    MlDsa44(PqdsaKeyPair),
}

impl Key {
    pub fn es256() -> Self {
        Self::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
    }

    pub fn ed_dsa() -> Self {
        Self::EdDsa(Ed25519KeyPair::generate().unwrap())
    }

    pub fn ml_dsa_44() -> Self {
        Self::MlDsa44(PqdsaKeyPair::generate(&ML_DSA_44_SIGNING).unwrap())
    }

    pub fn raw(&self) -> Vec<u8> {
        match self {
            Self::Es256(key) => key.public_key().as_ref().to_vec(),
            Self::EdDsa(key) => key.public_key().as_ref().to_vec(),
            Self::MlDsa44(key) => key.public_key().as_ref().to_vec(),
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256(key) => key
                .sign(&SystemRandom::new(), message)
                .unwrap()
                .as_ref()
                .to_vec(),
            Self::EdDsa(key) => key.sign(message).as_ref().to_vec(),
            Self::MlDsa44(key) => {
                let mut signature = vec![0; 2420];
                key.sign(message, &mut signature).unwrap();
                signature
            }
        }
    }

    fn cose(&self) -> Vec<u8> {
        let raw = self.raw();
        match self {
            Self::Es256(_) => {
                let mut out = vec![0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21];
                out.extend(bytes(&raw[1..33]));
                out.push(0x22);
                out.extend(bytes(&raw[33..]));
                out
            }
            Self::EdDsa(_) => [vec![0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21], bytes(&raw)].concat(),
            Self::MlDsa44(_) => [vec![0xa3, 1, 7, 3, 0x38, 0x2f, 0x20], bytes(&raw)].concat(),
        }
    }
}

/// Three certificates: root (the anchor), issuing authority and attestation certificate.
pub struct Chain {
    pub root: Vec<u8>,
    issuing: Vec<u8>,
    leaf: Vec<u8>,
    key: EcdsaKeyPair,
}

impl Chain {
    pub fn new() -> Self {
        let (root_key, issuing_key) = (rcgen_key(), rcgen_key());
        let root = authority("Example Root");
        let root_certificate = root.self_signed(&root_key).unwrap();
        let root = Issuer::new(root, root_key);
        let issuing = authority("Example Issuing");
        let issuing_certificate = issuing.signed_by(&issuing_key, &root).unwrap();
        let issuing = Issuer::new(issuing, issuing_key);
        let leaf_key = rcgen_key();
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &leaf_key.serialize_der())
                .unwrap();
        let leaf = attestation_certificate()
            .signed_by(&leaf_key, &issuing)
            .unwrap();
        let der = |certificate: &Certificate| certificate.der().to_vec();
        Self {
            root: der(&root_certificate),
            issuing: der(&issuing_certificate),
            leaf: der(&leaf),
            key,
        }
    }
}

/// The `toJSON()` form of a registration answer with packed attestation over the chain.
pub fn registration(key: &Key, chain: Option<&Chain>, challenge: &str) -> String {
    let client_data = client_data("webauthn.create", challenge);
    let mut data = authenticator_data(0x45);
    data.extend(AAGUID);
    data.extend((CREDENTIAL_ID.len() as u16).to_be_bytes());
    data.extend(CREDENTIAL_ID);
    data.extend(key.cose());
    let object = attestation_object(&data, &client_data, chain);
    let id = BASE64URL.encode(CREDENTIAL_ID);
    serde_json::json!({
        "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {}, "authenticatorAttachment": "cross-platform",
        "response": {
            "clientDataJSON": BASE64URL.encode(client_data), "attestationObject": BASE64URL.encode(object),
            "transports": ["usb"], "authenticatorData": BASE64URL.encode(data), "publicKeyAlgorithm": -7,
        },
    })
    .to_string()
}

/// The `toJSON()` form of an assertion, and what was signed with its signature.
pub fn assertion(key: &Key, challenge: &str, user_handle: &[u8]) -> (String, Vec<u8>, Vec<u8>) {
    let client_data = client_data("webauthn.get", challenge);
    let data = authenticator_data(0x05);
    let message = [&data[..], digest(&SHA256, client_data.as_bytes()).as_ref()].concat();
    let signature = key.sign(&message);
    let id = BASE64URL.encode(CREDENTIAL_ID);
    let json = serde_json::json!({
        "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {}, "authenticatorAttachment": "cross-platform",
        "response": {
            "clientDataJSON": BASE64URL.encode(client_data), "authenticatorData": BASE64URL.encode(data),
            "signature": BASE64URL.encode(&signature), "userHandle": BASE64URL.encode(user_handle),
        },
    });
    (json.to_string(), message, signature)
}

fn client_data(kind: &str, challenge: &str) -> String {
    format!(
        r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{ORIGIN}","crossOrigin":false}}"#
    )
}

fn authenticator_data(flags: u8) -> Vec<u8> {
    let mut data = digest(&SHA256, RP_ID.as_bytes()).as_ref().to_vec();
    data.push(flags);
    data.extend([0, 0, 0, 0]);
    data
}

fn attestation_object(data: &[u8], client_data: &str, chain: Option<&Chain>) -> Vec<u8> {
    let Some(chain) = chain else {
        return [
            vec![0xa3],
            text("fmt"),
            text("none"),
            text("attStmt"),
            vec![0xa0],
            text("authData"),
            bytes(data),
        ]
        .concat();
    };
    let message = [data, digest(&SHA256, client_data.as_bytes()).as_ref()].concat();
    let signature = chain.key.sign(&SystemRandom::new(), &message).unwrap();
    let statement = [
        vec![0xa3],
        text("alg"),
        vec![0x26],
        text("sig"),
        bytes(signature.as_ref()),
        text("x5c"),
        vec![0x82],
        bytes(&chain.leaf),
        bytes(&chain.issuing),
    ]
    .concat();
    [
        vec![0xa3],
        text("fmt"),
        text("packed"),
        text("attStmt"),
        statement,
        text("authData"),
        bytes(data),
    ]
    .concat()
}

fn text(text: &str) -> Vec<u8> {
    [&[0x60 | text.len() as u8], text.as_bytes()].concat()
}

fn bytes(content: &[u8]) -> Vec<u8> {
    let head = match content.len() {
        0..=23 => vec![0x40 | content.len() as u8],
        24..=255 => vec![0x58, content.len() as u8],
        _ => [&[0x59], &(content.len() as u16).to_be_bytes()[..]].concat(),
    };
    [head, content.to_vec()].concat()
}

fn rcgen_key() -> RcgenKey {
    RcgenKey::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn attestation_certificate() -> CertificateParams {
    let mut params = authority("Example Attestation");
    params.distinguished_name.push(DnType::CountryName, "UY");
    params
        .distinguished_name
        .push(DnType::OrganizationName, "Example");
    params
        .distinguished_name
        .push(DnType::OrganizationalUnitName, "Authenticator Attestation");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let aaguid = [&[4, 16], &AAGUID[..]].concat();
    let oid = [1, 3, 6, 1, 4, 1, 45724, 1, 1, 4];
    params
        .custom_extensions
        .push(CustomExtension::from_oid_content(&oid, aaguid));
    params
}

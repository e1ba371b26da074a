use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
    ML_DSA_44_SIGNING, ML_DSA_65_SIGNING, ML_DSA_87_SIGNING, PqdsaKeyPair, PqdsaSigningAlgorithm,
    RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding,
};
use serde::Serialize;
use serde_json::{Value, json};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;
use zeroize::Zeroizing;

use super::{KeySet, SigningAlgorithm, VerifyingKey, encode};

/// What a signed token is, said in its `typ` header so that one kind can never stand in for another (RFC 8725 section 3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// `JWT`: an ID token.
    IdToken,
    /// `at+jwt`: an access token (RFC 9068).
    AccessToken,
    /// `secevent+jwt`: a security event (RFC 8417 section 2.3).
    SecurityEvent,
    /// `logout+jwt`: a logout token (OpenID Connect Back-Channel Logout section 2.4).
    Logout,
}

impl TokenType {
    /// The `typ` header value.
    pub fn name(self) -> &'static str {
        match self {
            Self::IdToken => "JWT",
            Self::AccessToken => "at+jwt",
            Self::SecurityEvent => "secevent+jwt",
            Self::Logout => "logout+jwt",
        }
    }
}

/// A private key that could not be made, read or used. Carries no detail: nothing in it may describe key material.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signing key cannot be used")]
pub struct KeyFault;

/// A private key with the one algorithm it signs with, its public half as JWK and its key id.
pub struct SigningKey {
    algorithm: SigningAlgorithm,
    private: Private,
    jwk: Value,
    key_id: String,
    id_token_header: String,
    access_token_header: String,
    security_event_header: String,
    logout_header: String,
}

enum Private {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
    MlDsa(PqdsaKeyPair),
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    /// A new key that calls itself `key_id` in what it signs. RSA keys have 2048 bits.
    pub fn generate(algorithm: SigningAlgorithm, key_id: &str) -> Result<Self, KeyFault> {
        let private = match kind(algorithm) {
            Kind::Ecdsa(curve) => Private::Ecdsa(EcdsaKeyPair::generate(curve).map_err(fault)?),
            Kind::Ed25519 => Private::Ed25519(Ed25519KeyPair::generate().map_err(fault)?),
            Kind::Rsa => Private::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).map_err(fault)?),
            Kind::MlDsa(set) => Private::MlDsa(PqdsaKeyPair::generate(set).map_err(fault)?),
        };
        Self::assemble(algorithm, key_id, private)
    }

    /// A stored key: PKCS#8, as [`SigningKey::to_pkcs8`] wrote it. A document of another algorithm is refused.
    pub fn from_pkcs8(
        algorithm: SigningAlgorithm,
        key_id: &str,
        document: &[u8],
    ) -> Result<Self, KeyFault> {
        let private = match kind(algorithm) {
            Kind::Ecdsa(curve) => {
                Private::Ecdsa(EcdsaKeyPair::from_pkcs8(curve, document).map_err(fault)?)
            }
            Kind::Ed25519 => Private::Ed25519(
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(document).map_err(fault)?,
            ),
            Kind::Rsa => Private::Rsa(RsaKeyPair::from_pkcs8(document).map_err(fault)?),
            Kind::MlDsa(set) => {
                Private::MlDsa(PqdsaKeyPair::from_pkcs8(set, document).map_err(fault)?)
            }
        };
        Self::assemble(algorithm, key_id, private)
    }

    /// The private key as PKCS#8, to be wrapped before it is written anywhere.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyFault> {
        let bytes = match &self.private {
            Private::Ecdsa(pair) => pair.to_pkcs8v1().map_err(fault)?.as_ref().to_vec(),
            Private::Ed25519(pair) => pair.to_pkcs8v1().map_err(fault)?.as_ref().to_vec(),
            Private::MlDsa(pair) => pair.to_pkcs8v1().map_err(fault)?.as_ref().to_vec(),
            Private::Rsa(pair) => AsDer::<Pkcs8V1Der<'_>>::as_der(pair)
                .map_err(fault)?
                .as_ref()
                .to_vec(),
        };
        Ok(Zeroizing::new(bytes))
    }

    /// The one algorithm this key signs with.
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// The `kid`.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The public half as a JWK with `use`, `alg` and `kid`.
    pub fn jwk(&self) -> &Value {
        &self.jwk
    }

    /// The public half, ready to verify.
    pub fn verifying_key(&self) -> Result<VerifyingKey, KeyFault> {
        VerifyingKey::from_jwk(&self.jwk).ok_or(KeyFault)
    }

    /// A key set of this key alone.
    pub fn key_set(&self) -> Result<KeySet, KeyFault> {
        Ok(KeySet::new(vec![self.verifying_key()?]))
    }

    /// Signs `claims` (written as JSON) and returns the compact form.
    pub fn sign<C: Serialize>(&self, typ: TokenType, claims: &C) -> Result<String, KeyFault> {
        let mut token = match typ {
            TokenType::IdToken => self.id_token_header.clone(),
            TokenType::AccessToken => self.access_token_header.clone(),
            TokenType::SecurityEvent => self.security_event_header.clone(),
            TokenType::Logout => self.logout_header.clone(),
        };
        token.push_str(&encode(serde_json::to_vec(claims).map_err(fault)?));
        let signature = self.private.sign(self.algorithm, token.as_bytes())?;
        token.push('.');
        token.push_str(&encode(signature));
        Ok(token)
    }

    fn assemble(
        algorithm: SigningAlgorithm,
        key_id: &str,
        private: Private,
    ) -> Result<Self, KeyFault> {
        let mut jwk = private.public_members(algorithm)?;
        let members = jwk.as_object_mut().ok_or(KeyFault)?;
        for (name, value) in [("use", "sig"), ("alg", algorithm.name()), ("kid", key_id)] {
            members.insert(name.into(), value.into());
        }
        let header = |typ: TokenType| {
            let header = json!({"typ": typ.name(), "alg": algorithm.name(), "kid": key_id});
            encode(header.to_string()) + "."
        };
        Ok(Self {
            algorithm,
            id_token_header: header(TokenType::IdToken),
            access_token_header: header(TokenType::AccessToken),
            security_event_header: header(TokenType::SecurityEvent),
            logout_header: header(TokenType::Logout),
            private,
            jwk,
            key_id: key_id.to_owned(),
        })
    }
}

impl Private {
    fn sign(&self, algorithm: SigningAlgorithm, message: &[u8]) -> Result<Vec<u8>, KeyFault> {
        match self {
            Self::Ecdsa(pair) => {
                let hash = match algorithm {
                    SigningAlgorithm::Es384 => &SHA384,
                    SigningAlgorithm::Es512 => &SHA512,
                    _ => &SHA256,
                };
                let signature = pair.sign_digest(&digest(hash, message)).map_err(fault)?;
                Ok(signature.as_ref().to_vec())
            }
            Self::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let padding: &'static dyn RsaEncoding = match algorithm {
                    SigningAlgorithm::Ps256 => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                pair.sign_digest(padding, &digest(&SHA256, message), &mut signature)
                    .map_err(fault)?;
                Ok(signature)
            }
            Self::MlDsa(pair) => {
                let mut signature = vec![0; pair.algorithm().signature_len()];
                let length = pair.sign(message, &mut signature).map_err(fault)?;
                signature.truncate(length);
                Ok(signature)
            }
        }
    }

    /// The members that describe the public half for its key type.
    fn public_members(&self, algorithm: SigningAlgorithm) -> Result<Value, KeyFault> {
        match self {
            Self::Ecdsa(pair) => {
                let (curve, length) = algorithm.curve().ok_or(KeyFault)?;
                let point = pair.public_key().as_ref();
                let (x, y) = point
                    .get(1..)
                    .and_then(|both| both.split_at_checked(length))
                    .ok_or(KeyFault)?;
                Ok(json!({"crv": curve, "kty": "EC", "x": encode(x), "y": encode(y)}))
            }
            Self::Ed25519(pair) => {
                Ok(json!({"crv": "Ed25519", "kty": "OKP", "x": encode(pair.public_key())}))
            }
            Self::Rsa(pair) => rsa_members(pair),
            Self::MlDsa(pair) => {
                Ok(json!({"alg": algorithm.name(), "kty": "AKP", "pub": encode(pair.public_key())}))
            }
        }
    }
}

fn rsa_members(pair: &RsaKeyPair) -> Result<Value, KeyFault> {
    let der = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).map_err(fault)?;
    let (_, info) = SubjectPublicKeyInfo::from_der(der.as_ref()).map_err(fault)?;
    let Ok(PublicKey::RSA(key)) = info.parsed() else {
        return Err(KeyFault);
    };
    let unsigned = |bytes: &[u8]| -> Vec<u8> {
        bytes
            .iter()
            .copied()
            .skip_while(|byte| *byte == 0)
            .collect()
    };
    Ok(
        json!({"e": encode(unsigned(key.exponent)), "kty": "RSA", "n": encode(unsigned(key.modulus))}),
    )
}

enum Kind {
    Ecdsa(&'static EcdsaSigningAlgorithm),
    Ed25519,
    Rsa,
    MlDsa(&'static PqdsaSigningAlgorithm),
}

fn kind(algorithm: SigningAlgorithm) -> Kind {
    match algorithm {
        SigningAlgorithm::Es256 => Kind::Ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING),
        SigningAlgorithm::Es384 => Kind::Ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING),
        SigningAlgorithm::Es512 => Kind::Ecdsa(&ECDSA_P521_SHA512_FIXED_SIGNING),
        SigningAlgorithm::EdDsa => Kind::Ed25519,
        SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => Kind::Rsa,
        SigningAlgorithm::MlDsa44 => Kind::MlDsa(&ML_DSA_44_SIGNING),
        SigningAlgorithm::MlDsa65 => Kind::MlDsa(&ML_DSA_65_SIGNING),
        SigningAlgorithm::MlDsa87 => Kind::MlDsa(&ML_DSA_87_SIGNING),
    }
}

fn fault<E>(_hidden: E) -> KeyFault {
    KeyFault
}

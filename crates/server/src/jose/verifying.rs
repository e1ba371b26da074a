use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{SigningAlgorithm, TokenType, decode};

/// Longest token that is looked at, in bytes. ML-DSA-87 signatures alone are 6.2 kB in base64.
const LONGEST: usize = 16 * 1024;

/// Why a token was refused. One variant per rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsRefusal {
    #[error("the token is longer than any of ours")]
    TooLong,
    #[error("the token is not three base64url parts")]
    NotCompact,
    #[error("the token's header is not readable")]
    BadHeader,
    #[error("the token demands an extension nobody here knows")]
    CriticalExtension,
    #[error("the token names no key of this issuer")]
    UnknownKey,
    #[error("the token names another algorithm than its key has")]
    WrongAlgorithm,
    #[error("the token is of another kind than the one asked for")]
    WrongType,
    #[error("the token's signature is not by its key")]
    BadSignature,
    #[error("the token's claims are not readable")]
    BadClaims,
    #[error("the token shows a private key")]
    PrivateKey,
}

impl JwsRefusal {
    /// Stable code for logs and tests.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLong => "jws_too_long",
            Self::NotCompact => "jws_not_compact",
            Self::BadHeader => "jws_bad_header",
            Self::CriticalExtension => "jws_critical_extension",
            Self::UnknownKey => "jws_unknown_key",
            Self::WrongAlgorithm => "jws_wrong_algorithm",
            Self::WrongType => "jws_wrong_type",
            Self::BadSignature => "jws_bad_signature",
            Self::BadClaims => "jws_bad_claims",
            Self::PrivateKey => "jws_private_key",
        }
    }
}

/// A public key with the only algorithm it may be used with.
pub struct VerifyingKey {
    algorithm: SigningAlgorithm,
    key_id: String,
    /// Of the certificate that it comes from: what a token that does not name the key names instead.
    thumbprint: Option<Thumbprint>,
    key: ParsedPublicKey,
}

/// How a token names a certificate (RFC 7515 sections 4.1.7 and 4.1.8). It picks a key and proves nothing, so SHA-1 does no harm.
#[derive(Debug, PartialEq, Eq)]
enum Thumbprint {
    /// `x5t`.
    Sha1(String),
    /// `x5t#S256`.
    Sha256(String),
}

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("VerifyingKey")
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

impl VerifyingKey {
    /// The key of a JWK that names its `alg` and `kid`; nothing if the JWK is for encryption, of an unknown algorithm, or its
    /// material does not fit the algorithm.
    pub fn from_jwk(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| text(name).and_then(decode);
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let algorithm = SigningAlgorithm::from_name(text("alg")?)?;
        let key = match (text("kty")?, algorithm) {
            ("EC", _) => {
                let (curve, length) = algorithm.curve()?;
                let (x, y) = (bytes("x")?, bytes("y")?);
                if text("crv")? != curve || x.len() != length || y.len() != length {
                    return None;
                }
                let point = [&[4], x.as_slice(), y.as_slice()].concat();
                ParsedPublicKey::new(algorithm.verification(), point).ok()?
            }
            ("OKP", SigningAlgorithm::EdDsa) if text("crv")? == "Ed25519" => {
                ParsedPublicKey::new(algorithm.verification(), bytes("x")?).ok()?
            }
            ("RSA", SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256) => {
                let components = RsaPublicKeyComponents {
                    n: bytes("n")?,
                    e: bytes("e")?,
                };
                let padding = match algorithm {
                    SigningAlgorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
                    _ => &RSA_PKCS1_2048_8192_SHA256,
                };
                components.to_parsed_public_key(padding).ok()?
            }
            (
                "AKP",
                SigningAlgorithm::MlDsa44 | SigningAlgorithm::MlDsa65 | SigningAlgorithm::MlDsa87,
            ) => ParsedPublicKey::new(algorithm.verification(), bytes("pub")?).ok()?,
            _ => return None,
        };
        Some(Self {
            algorithm,
            key_id: text("kid")?.to_owned(),
            thumbprint: None,
            key,
        })
    }

    /// The keys of a certificate, which names no algorithm: what names it by SHA-256 is signed with PS256, what still names it
    /// by SHA-1 with RS256. Each remains a key with one algorithm.
    fn of_certificate(entry: &Value) -> Vec<Self> {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
        let with = |algorithm: SigningAlgorithm, thumbprint: Option<Thumbprint>| {
            let mut jwk = entry.clone();
            jwk.as_object_mut()?
                .insert("alg".to_owned(), algorithm.name().into());
            Some(Self {
                thumbprint: Some(thumbprint?),
                ..Self::from_jwk(&jwk)?
            })
        };
        let newer = text("x5t#S256").map(Thumbprint::Sha256);
        let older = text("x5t").map(Thumbprint::Sha1);
        [
            with(SigningAlgorithm::Ps256, newer),
            with(SigningAlgorithm::Rs256, older),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The `kid` of this key.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Checks the signature and returns the claims. Times, issuer and audience are the caller's to check.
    pub fn verify<C: DeserializeOwned>(
        &self,
        typ: TokenType,
        token: &str,
    ) -> Result<C, JwsRefusal> {
        self.verify_parsed(typ, &Parsed::new(token)?)
    }

    fn verify_parsed<C: DeserializeOwned>(
        &self,
        typ: TokenType,
        token: &Parsed<'_>,
    ) -> Result<C, JwsRefusal> {
        if token.header.typ.as_deref() != Some(typ.name()) {
            return Err(JwsRefusal::WrongType);
        }
        self.verify_signed(token)
    }

    pub(super) fn verify_signed<C: DeserializeOwned>(
        &self,
        token: &Parsed<'_>,
    ) -> Result<C, JwsRefusal> {
        if token.header.alg != self.algorithm.name() {
            return Err(JwsRefusal::WrongAlgorithm);
        }
        self.key
            .verify_sig(token.signed.as_bytes(), &token.signature)
            .map_err(|_| JwsRefusal::BadSignature)?;
        serde_json::from_slice(&token.claims).map_err(|_| JwsRefusal::BadClaims)
    }
}

/// The public keys of one issuer; a token picks one by `kid` and nothing else.
#[derive(Debug, Default)]
pub struct KeySet(Vec<VerifyingKey>);

impl KeySet {
    pub fn new(keys: Vec<VerifyingKey>) -> Self {
        Self(keys)
    }

    /// The usable keys of a JWK set document; keys of kinds not known here are skipped, as RFC 7517 section 5 asks.
    pub fn from_jwks(document: &Value) -> Self {
        let keys = document.get("keys").and_then(Value::as_array);
        Self(
            keys.into_iter()
                .flatten()
                .filter_map(VerifyingKey::from_jwk)
                .collect(),
        )
    }

    /// The keys that a client signs assertions with at `now`, in seconds: JWKs, and those of certificates on their days.
    pub fn of_client(entries: &[Value], now: i64) -> Self {
        let keys = entries.iter().flat_map(|entry| {
            if entry.get("alg").is_some() {
                return VerifyingKey::from_jwk(entry).into_iter().collect();
            }
            let time = |name: &str| entry.get(name).and_then(Value::as_i64);
            let begun = time("nbf").is_some_and(|begins| begins <= now);
            let over = time("exp").is_none_or(|ends| ends < now);
            match begun && !over {
                true => VerifyingKey::of_certificate(entry),
                false => Vec::new(),
            }
        });
        Self(keys.collect())
    }

    /// Checks a token against the key its header names.
    pub fn verify<C: DeserializeOwned>(
        &self,
        typ: TokenType,
        token: &str,
    ) -> Result<C, JwsRefusal> {
        let parsed = Parsed::new(token)?;
        let wanted = parsed.header.kid.as_deref();
        let key = self
            .0
            .iter()
            .find(|key| Some(key.key_id()) == wanted)
            .ok_or(JwsRefusal::UnknownKey)?;
        key.verify_parsed(typ, &parsed)
    }

    /// Checks what a client says about itself (RFC 7523). Many libraries name no type and some no key; then the client's only
    /// key is meant. An access token or an ID token that somebody else was given is no assertion.
    pub fn verify_assertion<C: DeserializeOwned>(&self, token: &str) -> Result<C, JwsRefusal> {
        let parsed = Parsed::new(token)?;
        if !matches!(
            parsed.header.typ.as_deref(),
            None | Some("JWT" | "client-authentication+jwt")
        ) {
            return Err(JwsRefusal::WrongType);
        }
        let certificate = parsed.header.thumbprint();
        if let Some(key) = self.0.iter().find(|key| {
            let mine = key.thumbprint.as_ref();
            mine.is_some() && mine == certificate.as_ref()
        }) {
            return key.verify_signed(&parsed);
        }
        let key = match (parsed.header.kid.as_deref(), self.0.as_slice()) {
            (None, [only]) => Some(only),
            (wanted, keys) => keys.iter().find(|key| Some(key.key_id()) == wanted),
        };
        key.ok_or(JwsRefusal::UnknownKey)?.verify_signed(&parsed)
    }
}

/// The claims of a token, unchecked: only good for choosing whom to ask.
pub fn unchecked<C: DeserializeOwned>(token: &str) -> Option<C> {
    serde_json::from_slice(&Parsed::new(token).ok()?.claims).ok()
}

/// The `kid` a token names, unchecked: only good for choosing whom to ask.
pub fn key_id(token: &str) -> Result<Option<String>, JwsRefusal> {
    Ok(Parsed::new(token)?.header.kid)
}

pub(super) struct Parsed<'a> {
    pub(super) header: Header,
    signed: &'a str,
    claims: Vec<u8>,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) typ: Option<String>,
    kid: Option<String>,
    pub(super) jwk: Option<Value>,
    x5t: Option<String>,
    #[serde(rename = "x5t#S256")]
    x5t_s256: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

impl Header {
    /// The certificate that the token names. Microsoft's libraries leave the padding on.
    fn thumbprint(&self) -> Option<Thumbprint> {
        let bare = |text: &String| text.trim_end_matches('=').to_owned();
        let newer = self.x5t_s256.as_ref().map(bare).map(Thumbprint::Sha256);
        newer.or_else(|| self.x5t.as_ref().map(bare).map(Thumbprint::Sha1))
    }
}

impl<'a> Parsed<'a> {
    pub(super) fn new(token: &'a str) -> Result<Self, JwsRefusal> {
        if token.len() > LONGEST {
            return Err(JwsRefusal::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(JwsRefusal::NotCompact)?;
        let (header, claims) = signed.split_once('.').ok_or(JwsRefusal::NotCompact)?;
        let part = |text: &str| decode(text).ok_or(JwsRefusal::NotCompact);
        let header: Header =
            serde_json::from_slice(&part(header)?).map_err(|_| JwsRefusal::BadHeader)?;
        // RFC 7515 section 4.1.11: an extension marked critical and not understood makes the token invalid.
        if header.crit.is_some() {
            return Err(JwsRefusal::CriticalExtension);
        }
        Ok(Self {
            header,
            signed,
            claims: part(claims)?,
            signature: part(signature)?,
        })
    }
}

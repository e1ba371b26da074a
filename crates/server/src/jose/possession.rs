use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use policy::model::Sha256;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::verifying::Parsed;
use super::{JwsRefusal, SigningAlgorithm, VerifyingKey};

/// The `typ` of a proof (RFC 9449 section 4.2).
const TYPE: &str = "dpop+jwt";
/// Members of private and of symmetric keys (RFC 7518 section 6, RFC 9964). A key that shows one is not one to trust any more.
const PRIVATE: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// A token that its sender signed with the key in its header. It proves nothing about who that is, only that they hold the key.
#[derive(Debug)]
pub struct Possession<C> {
    /// What was signed; times, address and whether it is the first time are the caller's to check.
    pub claims: C,
    /// The key's JWK thumbprint (RFC 7638).
    pub key: Sha256,
}

/// Checks a proof with the public key that it carries. The only place where a key in a token counts, and only for this.
///
/// # Errors
/// One for each rule of RFC 9449 section 4.3 that concerns the signature.
pub fn possession<C: DeserializeOwned>(token: &str) -> Result<Possession<C>, JwsRefusal> {
    let parsed = Parsed::new(token)?;
    if parsed.header.typ.as_deref() != Some(TYPE) {
        return Err(JwsRefusal::WrongType);
    }
    let jwk = parsed.header.jwk.as_ref().and_then(Value::as_object);
    let jwk = jwk.ok_or(JwsRefusal::UnknownKey)?;
    if PRIVATE.iter().any(|member| jwk.contains_key(*member)) {
        return Err(JwsRefusal::PrivateKey);
    }
    let named = jwk.get("alg").and_then(Value::as_str);
    let algorithm = SigningAlgorithm::from_name(&parsed.header.alg)
        .filter(|algorithm| named.is_none_or(|named| named == algorithm.name()))
        .ok_or(JwsRefusal::WrongAlgorithm)?;
    let mut entry = jwk.clone();
    entry.insert("alg".to_owned(), algorithm.name().into());
    entry.insert("kid".to_owned(), String::new().into());
    let entry = Value::Object(entry);
    let key = VerifyingKey::from_jwk(&entry).ok_or(JwsRefusal::UnknownKey)?;
    Ok(Possession {
        claims: key.verify_signed(&parsed)?,
        key: thumbprint(&entry).ok_or(JwsRefusal::UnknownKey)?,
    })
}

/// The JWK thumbprint of a public key (RFC 7638): the required members only, in the order of their names.
fn thumbprint(jwk: &Value) -> Option<Sha256> {
    let members: &[&str] = match jwk.get("kty")?.as_str()? {
        "EC" => &["crv", "kty", "x", "y"],
        "OKP" => &["crv", "kty", "x"],
        "RSA" => &["e", "kty", "n"],
        "AKP" => &["alg", "kty", "pub"],
        _ => return None,
    };
    let canonical: Option<BTreeMap<&str, &str>> = members
        .iter()
        .map(|name| Some((*name, jwk.get(name)?.as_str()?)))
        .collect();
    let text = serde_json::to_string(&canonical?).ok()?;
    let hash = digest(&SHA256, text.as_bytes());
    Some(Sha256::from_bytes(hash.as_ref().try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::encode;
    use serde_json::json;

    /// The example of RFC 7638 section 3.1.
    #[test]
    fn the_thumbprint_is_that_of_the_specification() {
        let n = concat!(
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs",
            "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5ha",
            "jrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
        );
        let jwk = json!({"kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"});
        let found = thumbprint(&jwk).map(|hash| encode(hash.as_bytes()));
        assert_eq!(
            found.as_deref(),
            Some("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
        );
    }
}

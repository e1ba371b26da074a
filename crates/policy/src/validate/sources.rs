use super::{Faults, MAX_SOURCES, Rule};
use crate::model::{Policies, SignalSource};
use serde_json::Value;

/// Public keys of one source.
const MAX_KEYS: usize = 20;
/// Characters of an issuer.
const MAX_ISSUER: usize = 2_048;
/// Members of a JSON Web Key that nobody but its owner may have (RFC 7518 section 6), and of a symmetric one, with which we
/// could sign what we check.
const PRIVATE: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

pub(super) fn check(after: &Policies, one: &SignalSource, faults: &mut Faults) {
    faults.count(&after.sources, MAX_SOURCES, "");
    let others = after.sources.iter().filter(|other| other.id != one.id);
    faults.name(&one.name, others.map(|other| other.name.as_str()), "name");
    faults.text(&one.issuer, MAX_ISSUER, "issuer");
    let is_url = one.issuer.starts_with("https://") && !one.issuer.contains(char::is_whitespace);
    faults.add_if(!is_url, "issuer", Rule::IssuerNotHttps);
    faults.count(&one.keys, MAX_KEYS, "keys");
    faults.add_if(one.keys.is_empty(), "keys", Rule::KeysMissing);
    for key in &one.keys {
        let has = |member: &str| key.get(member).is_some();
        faults.add_if(
            PRIVATE.iter().any(|member| has(member)),
            "keys",
            Rule::KeyPrivate,
        );
        let named = |member: &str| key.get(member).and_then(Value::as_str).is_some();
        faults.add_if(!(named("kty") && named("kid")), "keys", Rule::KeyMalformed);
    }
}

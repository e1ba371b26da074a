//! Cookies: all `__Host-`, `Secure`, `HttpOnly`, `SameSite=Lax`, path `/`, host-only.
//!
//! The prefix keeps other hosts and plain-http pages from planting one; a value is 32 random bytes in base64url and
//! anything else is treated as if the cookie were absent.

use aws_lc_rs::digest;
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use policy::model::{TenantId, TokenHash};
use zeroize::ZeroizeOnDrop;

use crate::clock::Random;

/// The pre-session cookie of a browser.
pub const BROWSER: &str = "__Host-keyward-browser";
/// The cookie of a sign-in between its factors.
pub const ATTEMPT: &str = "__Host-keyward-attempt";
const SESSION: &str = "__Host-keyward-session-";
const VALUE: usize = 32;

/// The session cookie's name in `tenant`: sessions of several tenants live side by side in one browser.
pub fn session_name(tenant: TenantId) -> String {
    format!("{SESSION}{}", tenant.uuid().simple())
}

/// A 256-bit bearer value. Never shown, wiped on drop.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Token([u8; VALUE]);

impl Token {
    /// A fresh random value.
    pub fn random(random: &Random) -> Self {
        Self(random.bytes())
    }

    /// The value with this text form, or `None` if the text is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut out = [0u8; VALUE];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut out) {
            Ok(VALUE) => Some(Self(out)),
            _ => None,
        }
    }

    /// The text form: 43 characters of base64url.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the store keeps of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash::from_bytes(sha256(&self.0))
    }

    /// The bytes, for a tag over them.
    pub fn as_bytes(&self) -> &[u8; VALUE] {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// How long a cookie lives in the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Until the browser closes.
    Session,
    /// This many seconds.
    Seconds(i64),
}

/// A `Set-Cookie` line that sets `name` to `value`.
pub fn set(name: &str, value: &Token, keep: Keep) -> HeaderValue {
    let age = match keep {
        Keep::Session => String::new(),
        Keep::Seconds(seconds) => format!("; Max-Age={seconds}"),
    };
    line(format!(
        "{name}={}; Path=/; Secure; HttpOnly; SameSite=Lax{age}",
        value.text()
    ))
}

/// A `Set-Cookie` line that removes `name`.
pub fn remove(name: &str) -> HeaderValue {
    line(format!(
        "{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
    ))
}

/// The value of cookie `name`, if it is there exactly once and well formed.
pub fn read(headers: &HeaderMap, name: &str) -> Option<Token> {
    let mut found = pairs(headers).filter(|(key, _)| *key == name);
    let (_, value) = found.next()?;
    // Two cookies of one name mean that somebody else set one of them; neither can be trusted.
    if found.next().is_some() {
        return None;
    }
    Token::parse(value)
}

/// Every session cookie of the request with the tenant it names.
pub fn sessions(headers: &HeaderMap) -> Vec<(TenantId, Token)> {
    pairs(headers)
        .filter_map(|(name, value)| {
            let tenant = name.strip_prefix(SESSION)?.parse().ok()?;
            Some((tenant, Token::parse(value)?))
        })
        .take(8)
        .collect()
}

/// SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0u8; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

fn line(text: String) -> HeaderValue {
    // The text is made of constants, base64url and digits only.
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    fn headers(cookie: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        headers
    }

    #[test]
    fn a_cookie_comes_back() {
        let token = Token::random(&Random::system());
        let line = set(BROWSER, &token, Keep::Session);
        let text = line.to_str().unwrap();
        assert!(
            text.ends_with("Path=/; Secure; HttpOnly; SameSite=Lax"),
            "{text}"
        );
        let pair = text.split(';').next().unwrap();
        assert_eq!(read(&headers(pair), BROWSER).unwrap().text(), token.text());
    }

    #[test]
    fn a_cookie_given_twice_is_no_cookie() {
        let value = Token::random(&Random::system()).text();
        let twice = format!("{BROWSER}={value}; {BROWSER}={value}");
        assert!(read(&headers(&twice), BROWSER).is_none());
    }

    #[test]
    fn malformed_values_are_no_cookie() {
        for value in ["", "abc", "!!!", &"A".repeat(44), &"A".repeat(4000)] {
            assert!(
                read(&headers(&format!("{BROWSER}={value}")), BROWSER).is_none(),
                "{value}"
            );
        }
    }

    #[test]
    fn sessions_of_two_tenants_are_kept_apart() {
        let tenant = TenantId::from_bytes([1; 16]);
        let other = TenantId::from_bytes([2; 16]);
        let value = Token::random(&Random::system()).text();
        let both = format!(
            "{}={value}; {}={value}",
            session_name(tenant),
            session_name(other)
        );
        let found: Vec<_> = sessions(&headers(&both))
            .into_iter()
            .map(|(tenant, _)| tenant)
            .collect();
        assert_eq!(found, [tenant, other]);
    }

    #[test]
    fn a_token_does_not_show_itself() {
        let token = Token::random(&Random::system());
        assert!(!format!("{token:?}").contains(&token.text()));
    }
}

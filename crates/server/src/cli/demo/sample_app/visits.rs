//! Who is visiting the sample application: in memory, forgotten when the process ends.

use std::collections::HashMap;
use std::sync::Mutex;

use axum::http::{HeaderMap, HeaderValue, header};
use serde_json::Value;

use super::provider::{Fault, Tokens};
use crate::clock::Random;
use crate::jose;

const COOKIE: &str = "keyward-sample-app";
/// More visitors than this and the memory is emptied: a demonstration must not grow without bound.
const MOST: usize = 1_000;

/// What the application knows about one browser.
#[derive(Clone, Debug)]
pub enum Visit {
    /// On the way to the provider.
    Pending(Pending),
    /// Signed in.
    SignedIn(Box<SignedIn>),
}

/// The secrets of one login: each ties the answer to the question in its own way.
#[derive(Clone)]
pub struct Pending {
    pub state: String,
    pub nonce: String,
    pub verifier: String,
}

/// A user who signed in.
#[derive(Clone)]
pub struct SignedIn {
    pub claims: Value,
    pub userinfo: Value,
    pub scope: String,
    pub expires_in: i64,
    pub refreshed: u32,
    pub id_token: String,
    pub refresh_token: String,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pending")
    }
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignedIn")
    }
}

impl SignedIn {
    /// A user whose ID token was checked. Userinfo has to be about the same subject (Core section 5.3.2).
    pub fn new(
        userinfo: Value,
        claims: Value,
        id_token: String,
        tokens: &Tokens,
    ) -> Result<Self, Fault> {
        if userinfo.get("sub") != claims.get("sub") {
            return Err(Fault::IdToken("userinfo is about somebody else"));
        }
        Ok(Self {
            userinfo,
            claims,
            id_token,
            scope: tokens.scope.clone(),
            expires_in: tokens.expires_in,
            refreshed: 0,
            refresh_token: tokens.refresh_token.clone().unwrap_or_default(),
        })
    }
}

/// All visits, by the value of the cookie.
#[derive(Debug, Default)]
pub struct Visits(Mutex<HashMap<String, Visit>>);

impl Visits {
    /// The visit of the browser that sent these headers, with its id.
    pub fn get(&self, headers: &HeaderMap) -> Option<(String, Visit)> {
        let id = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == COOKIE).then_some(value))?;
        let visit = self.0.lock().ok()?.get(id).cloned()?;
        Some((id.to_owned(), visit))
    }

    /// Remembers a visit under a fresh id and returns the cookie for it.
    pub fn put(&self, random: &Random, visit: Visit) -> HeaderValue {
        let id = jose::encode(random.bytes::<32>());
        if let Ok(mut held) = self.0.lock() {
            if held.len() >= MOST {
                held.clear();
            }
            held.insert(id.clone(), visit);
        }
        let line = format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Lax");
        HeaderValue::from_str(&line).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// Changes a visit in place.
    pub fn replace(&self, id: &str, visit: Visit) {
        if let Ok(mut held) = self.0.lock() {
            held.insert(id.to_owned(), visit);
        }
    }

    /// Forgets a visit.
    pub fn remove(&self, id: &str) {
        if let Ok(mut held) = self.0.lock() {
            held.remove(id);
        }
    }
}

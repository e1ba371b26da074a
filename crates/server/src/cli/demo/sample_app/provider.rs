//! The provider as the sample application sees it: what its discovery document says, and nothing else.

use std::sync::RwLock;

use policy::model::Timestamp;
use reqwest::{Certificate, Client, redirect};
use serde::Deserialize;
use serde_json::Value;

use crate::jose::{KeySet, TokenType};

/// Seconds by which the clocks of provider and application may differ.
const SKEW: i64 = 60;

/// Why the application does not accept what came from the provider.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("the provider could not be reached")]
    Unreachable(#[from] reqwest::Error),
    #[error("the provider's documents do not fit together: {0}")]
    Metadata(&'static str),
    #[error("the provider refused: {0}")]
    Refused(String),
    #[error("the ID token is not acceptable: {0}")]
    IdToken(&'static str),
    #[error("the answer does not belong to this browser's sign-in: {0}")]
    Answer(&'static str),
}

/// The discovery document, as far as this application needs it.
#[derive(Clone, Debug, Deserialize)]
pub struct Metadata {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub userinfo_endpoint: String,
    pub end_session_endpoint: String,
    pub jwks_uri: String,
}

/// The answer of the token endpoint.
#[derive(Clone, Deserialize)]
pub struct Tokens {
    pub access_token: String,
    pub id_token: Option<String>,
    pub refresh_token: Option<String>,
    pub expires_in: i64,
    pub scope: String,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tokens({})", self.scope)
    }
}

/// What a login was started with and its answer has to fit.
#[derive(Clone, Debug)]
pub struct Expected<'a> {
    pub nonce: Option<&'a str>,
    pub subject: Option<&'a str>,
    pub now: Timestamp,
}

/// A registered client at one provider.
pub struct Provider {
    issuer: String,
    client_id: String,
    client_secret: String,
    http: Client,
    metadata: RwLock<Option<Metadata>>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Provider({}, {})", self.issuer, self.client_id)
    }
}

impl Provider {
    /// A client of `issuer` that trusts the certificate authority `ca` (PEM) and no other.
    pub fn new(
        issuer: &str,
        client_id: &str,
        client_secret: &str,
        ca: &[u8],
    ) -> Result<Self, Fault> {
        let http = Client::builder()
            .tls_certs_only([Certificate::from_pem(ca)?])
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            http,
            metadata: RwLock::new(None),
        })
    }

    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The discovery document, read once. It has to name the issuer it was asked for (Discovery section 4.3).
    pub async fn metadata(&self) -> Result<Metadata, Fault> {
        if let Some(known) = self.metadata.read().ok().and_then(|held| held.clone()) {
            return Ok(known);
        }
        let url = format!("{}/.well-known/openid-configuration", self.issuer);
        let read: Metadata = self
            .http
            .get(url)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        if read.issuer != self.issuer {
            return Err(Fault::Metadata("the issuer is another one"));
        }
        if let Ok(mut held) = self.metadata.write() {
            *held = Some(read.clone());
        }
        Ok(read)
    }

    /// Redeems a code with its PKCE verifier.
    pub async fn redeem(
        &self,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
    ) -> Result<Tokens, Fault> {
        self.ask_for_tokens(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ])
        .await
    }

    /// Exchanges a refresh token.
    pub async fn refresh(&self, refresh_token: &str) -> Result<Tokens, Fault> {
        self.ask_for_tokens(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ])
        .await
    }

    /// What the provider says about the user now.
    pub async fn userinfo(&self, access_token: &str) -> Result<Value, Fault> {
        let url = self.metadata().await?.userinfo_endpoint;
        let answer = self.http.get(url).bearer_auth(access_token).send().await?;
        if !answer.status().is_success() {
            return Err(Fault::Refused(format!(
                "userinfo answered {}",
                answer.status()
            )));
        }
        Ok(answer.json().await?)
    }

    /// Checks an ID token (Core section 3.1.3.7): signature by a published key, issuer, audience, time, nonce, subject.
    pub async fn check_id_token(
        &self,
        token: &str,
        expected: &Expected<'_>,
    ) -> Result<Value, Fault> {
        let jwks: Value = self
            .http
            .get(self.metadata().await?.jwks_uri)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        let claims: Value = KeySet::from_jwks(&jwks)
            .verify(TokenType::IdToken, token)
            .map_err(|refusal| Fault::IdToken(refusal.code()))?;
        self.check_claims(&claims, expected)?;
        Ok(claims)
    }

    fn check_claims(&self, claims: &Value, expected: &Expected<'_>) -> Result<(), Fault> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let number = |name: &str| claims.get(name).and_then(Value::as_i64);
        let now = expected.now.as_seconds();
        if text("iss") != Some(&self.issuer) {
            return Err(Fault::IdToken("another issuer"));
        }
        if text("aud") != Some(&self.client_id) {
            return Err(Fault::IdToken("made for another application"));
        }
        if number("exp").is_none_or(|end| now - SKEW >= end) {
            return Err(Fault::IdToken("expired"));
        }
        if number("nbf").is_some_and(|start| now + SKEW < start) {
            return Err(Fault::IdToken("not valid yet"));
        }
        if expected
            .nonce
            .is_some_and(|nonce| text("nonce") != Some(nonce))
        {
            return Err(Fault::IdToken("another nonce"));
        }
        if expected
            .subject
            .is_some_and(|subject| text("sub") != Some(subject))
        {
            return Err(Fault::IdToken("another user"));
        }
        Ok(())
    }

    async fn ask_for_tokens(&self, form: &[(&str, &str)]) -> Result<Tokens, Fault> {
        let url = self.metadata().await?.token_endpoint;
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let answer = self
            .http
            .post(url)
            .basic_auth(&self.client_id, Some(&self.client_secret))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await?;
        if !answer.status().is_success() {
            let told: Value = answer.json().await.unwrap_or_default();
            let description = told
                .get("error_description")
                .and_then(Value::as_str)
                .unwrap_or("no reason given");
            return Err(Fault::Refused(description.to_owned()));
        }
        Ok(answer.json().await?)
    }
}

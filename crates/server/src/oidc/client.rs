//! Who asks at the token endpoint (RFC 6749 section 2.3).

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use policy::clients;
use policy::model::{Application, ClientKind, Timestamp};

use super::assertion;
use super::parameters::Parameters;
use super::refusal::TokenRefusal;
use crate::flow::SecretText;
use crate::flow::issue_tokens::bearer_hash;

/// What a client says about itself.
#[derive(Debug)]
pub struct Credentials {
    pub client_id: String,
    pub secret: Option<SecretText>,
    /// What the client signed about itself.
    pub assertion: Option<String>,
    /// The secret came in the `Authorization` header, so a refusal names the scheme.
    pub by_header: bool,
}

impl Credentials {
    /// Reads `client_secret_basic` or `client_secret_post`, or just the id of a public client. Both at once are refused: two
    /// readers could take different ones for the client.
    pub fn read(headers: &HeaderMap, parameters: &Parameters) -> Result<Self, TokenRefusal> {
        let posted_id = parameters.get("client_id");
        let posted_secret = parameters.get("client_secret");
        if let Some(text) = parameters.get("client_assertion") {
            let alone = posted_secret.is_none() && !headers.contains_key(header::AUTHORIZATION);
            return Self::signed(parameters, posted_id, text, alone);
        }
        let Some(value) = headers.get(header::AUTHORIZATION) else {
            return Ok(Self {
                client_id: posted_id.ok_or(TokenRefusal::ClientMissing)?.to_owned(),
                secret: posted_secret.map(SecretText::new),
                assertion: None,
                by_header: false,
            });
        };
        let (client_id, secret) = value
            .to_str()
            .ok()
            .and_then(basic)
            .ok_or(TokenRefusal::SecretWrong)?;
        if posted_secret.is_some() || posted_id.is_some_and(|id| id != client_id) {
            return Err(TokenRefusal::TwoAuthentications);
        }
        Ok(Self {
            client_id,
            secret: Some(SecretText::new(secret)),
            assertion: None,
            by_header: true,
        })
    }

    fn signed(
        parameters: &Parameters,
        posted_id: Option<&str>,
        text: &str,
        alone: bool,
    ) -> Result<Self, TokenRefusal> {
        if parameters.get("client_assertion_type") != Some(assertion::TYPE) {
            return Err(TokenRefusal::AssertionTypeUnknown);
        }
        let claimed = assertion::claimed_client(text).ok_or(TokenRefusal::AssertionInvalid)?;
        if !alone || posted_id.is_some_and(|id| id != claimed) {
            return Err(TokenRefusal::TwoAuthentications);
        }
        Ok(Self {
            client_id: claimed,
            secret: None,
            assertion: Some(text.to_owned()),
            by_header: false,
        })
    }

    /// Checks that these are `application`'s credentials at `now`, where they are a secret or none.
    pub fn authenticate(
        &self,
        application: &Application,
        now: Timestamp,
    ) -> Result<(), TokenRefusal> {
        if !application.enabled {
            return Err(TokenRefusal::ClientDisabled);
        }
        match (application.kind, &self.secret) {
            (ClientKind::Public, None) => Ok(()),
            (ClientKind::Public, Some(_)) => Err(TokenRefusal::SecretForPublicClient),
            (ClientKind::Confidential, None) => Err(TokenRefusal::SecretMissing),
            (ClientKind::Confidential, Some(secret)) => {
                match clients::accepts(application, bearer_hash(secret.expose()), now) {
                    true => Ok(()),
                    false => Err(TokenRefusal::SecretWrong),
                }
            }
        }
    }
}

/// Id and secret of a `Basic` header, each form-encoded inside (RFC 6749 section 2.3.1).
fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    // A name without value is read as a name; `&` and `=` cannot occur in encoded text, so there is exactly one.
    let guarded = text.replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(guarded.as_bytes())
        .map(|(name, _)| name.into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;
    use axum::http::HeaderValue;
    use policy::model::{ApplicationId, ClientSettings, TenantId};

    const NOW: Timestamp = Timestamp::from_seconds(0);

    fn application(kind: ClientKind) -> Application {
        Application {
            tenant: TenantId::from_bytes([1; 16]),
            id: ApplicationId::from_bytes([2; 16]),
            display_name: "App".into(),
            kind,
            secrets: if kind == ClientKind::Confidential {
                vec![bearer_hash("old"), bearer_hash("s3cret")]
            } else {
                Vec::new()
            },
            redirect_uris: Vec::new(),
            logout_uris: Vec::new(),
            app_permissions: Vec::new(),
            id_token_algorithm: None,
            settings: ClientSettings::default(),
            enabled: true,
            created: Timestamp::from_seconds(0),
        }
    }

    fn with_header(value: &str, body: &str) -> Result<Credentials, TokenRefusal> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        Credentials::read(&headers, &Parameters::parse(body.as_bytes()))
    }

    fn posted(body: &str) -> Credentials {
        Credentials::read(&HeaderMap::new(), &Parameters::parse(body.as_bytes())).unwrap()
    }

    #[test]
    fn both_ways_lead_in() {
        let confidential = application(ClientKind::Confidential);
        assert_eq!(
            posted("client_id=a&client_secret=s3cret").authenticate(&confidential, NOW),
            Ok(())
        );
        let encoded = STANDARD.encode("a%3Ab:s3cret");
        let by_header = with_header(&format!("basic {encoded}"), "client_id=a%3Ab").unwrap();
        assert_eq!(by_header.client_id, "a:b");
        assert_eq!(by_header.authenticate(&confidential, NOW), Ok(()));
        let special = with_header(&format!("Basic {}", STANDARD.encode("a:x%2By+z=")), "").unwrap();
        assert_eq!(special.secret.unwrap().expose(), "x+y z=");
    }

    #[test]
    fn a_wrong_or_missing_secret_is_refused() {
        let confidential = application(ClientKind::Confidential);
        assert_eq!(
            posted("client_id=a&client_secret=S3cret").authenticate(&confidential, NOW),
            Err(TokenRefusal::SecretWrong)
        );
        assert_eq!(
            posted("client_id=a").authenticate(&confidential, NOW),
            Err(TokenRefusal::SecretMissing)
        );
    }

    #[test]
    fn a_public_client_has_no_secret() {
        let public = application(ClientKind::Public);
        assert_eq!(posted("client_id=a").authenticate(&public, NOW), Ok(()));
        assert_eq!(
            posted("client_id=a&client_secret=x").authenticate(&public, NOW),
            Err(TokenRefusal::SecretForPublicClient)
        );
    }

    #[test]
    fn a_disabled_application_gets_nothing() {
        let mut off = application(ClientKind::Public);
        off.enabled = false;
        assert_eq!(
            posted("client_id=a").authenticate(&off, NOW),
            Err(TokenRefusal::ClientDisabled)
        );
    }

    #[test]
    fn two_authentications_are_refused() {
        let encoded = STANDARD.encode("a:s3cret");
        for body in ["client_secret=s3cret", "client_id=b"] {
            let refusal = with_header(&format!("Basic {encoded}"), body).unwrap_err();
            assert_eq!(refusal, TokenRefusal::TwoAuthentications, "{body}");
        }
    }

    #[test]
    fn odd_headers_are_refused() {
        for odd in [
            "Basic",
            "Basic !!!",
            "Bearer abc",
            &format!("Basic {}", STANDARD.encode("nocolon")),
        ] {
            assert_eq!(
                with_header(odd, "").unwrap_err(),
                TokenRefusal::SecretWrong,
                "{odd}"
            );
        }
    }
}

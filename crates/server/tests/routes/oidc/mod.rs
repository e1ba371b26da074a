//! `/{tenant}/oauth2/v2.0/…`, discovery and userinfo, in a scene with three applications and one signed-in user.

mod access;
mod assertion;
mod attacks;
mod authorize;
mod backchannel;
mod consent;
mod device;
mod discovery;
mod frontchannel;
mod logout;
mod possession;
mod pushed;
mod refresh;
mod register;
mod revoke;
mod token;
mod userinfo;

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyward::flow::issue_tokens::bearer_hash;
use keyward::jose::{KeySet, TokenType};
use keyward::web::cookies::{self, Token};
use policy::model::{
    Application, ApplicationId, ClientKind, ClientSettings, EndReason, Proof, RedirectKind,
    RedirectUri, Session, SessionId, Span, TenantId, Timestamp, User,
};
use serde_json::Value;

use crate::world::{Answer, Browser, TestApp};

// RFC 7636 appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const NATIVE: &str = "http://localhost:53683/";
pub const WEB: &str = "https://app.example/back";
pub const SECRET: &str = "s3cret";
pub const NONCE: &str = "n-0S6_WzA2Mj";
pub const STATE: &str = "af0ifjsldkj";
pub const SCOPE: &str = "openid profile email offline_access";

/// A server with a public, a confidential and a foreign application.
pub struct Scene {
    pub world: TestApp,
    pub user: User,
    pub tenant: TenantId,
    pub public: ApplicationId,
    pub web: ApplicationId,
    pub other: ApplicationId,
}

impl Scene {
    pub async fn new() -> Self {
        Self::over(TestApp::new().await).await
    }

    pub async fn over(world: TestApp) -> Self {
        let tenant = world.app.tenants.default().id;
        let name = world.first.administrator.clone();
        let user: Option<User> = world
            .app
            .store
            .read(move |tx| {
                Box::pin(async move { store::users::find_by_name(tx, tenant, &name).await })
            })
            .await
            .unwrap();
        let now = world.app.clock.now();
        let make = |kind, uri: &str, redirect| Application {
            tenant,
            id: ApplicationId::new(now, world.app.random.bytes()),
            display_name: "An application".to_owned(),
            kind,
            secrets: match kind {
                ClientKind::Confidential => vec![bearer_hash(SECRET)],
                ClientKind::Public => Vec::new(),
            },
            redirect_uris: vec![RedirectUri {
                uri: uri.to_owned(),
                kind: redirect,
            }],
            logout_uris: vec!["https://app.example/out".to_owned()],
            app_permissions: vec!["User.ReadWrite.All".to_owned()],
            id_token_algorithm: None,
            settings: ClientSettings::default(),
            enabled: true,
            created: now,
        };
        let applications = [
            make(ClientKind::Public, NATIVE, RedirectKind::Native),
            make(ClientKind::Confidential, WEB, RedirectKind::Web),
            make(
                ClientKind::Public,
                "http://localhost:53684/",
                RedirectKind::Native,
            ),
        ];
        let [public, web, other] = [0, 1, 2].map(|at: usize| applications.get(at).unwrap().id);
        world
            .app
            .store
            .write(move |tx| {
                Box::pin(async move {
                    for application in &applications {
                        store::applications::put(tx, application).await?;
                    }
                    Ok::<_, store::StoreError>(())
                })
            })
            .await
            .unwrap();
        Self {
            user: user.unwrap(),
            world,
            tenant,
            public,
            web,
            other,
        }
    }

    /// A browser with a live session of the user, opened with password and one-time code.
    pub async fn signed_in(&self) -> Browser<'_> {
        let now = self.now();
        let proofs = vec![Proof::password(now), Proof::one_time_code(now)];
        self.signed_in_by(proofs, Some(now)).await
    }

    /// The same with a password alone.
    pub async fn signed_in_with_password(&self) -> Browser<'_> {
        let proofs = vec![Proof::password(self.now())];
        self.signed_in_by(proofs, None).await
    }

    async fn signed_in_by(&self, proofs: Vec<Proof>, mfa: Option<Timestamp>) -> Browser<'_> {
        let app = &self.world.app;
        let token = Token::random(&app.random);
        let now = app.clock.now();
        let session = Session {
            tenant: self.tenant,
            id: SessionId::new(now, app.random.bytes()),
            token: token.hash(),
            user: self.user.id,
            passkey: None,
            pass: None,
            proofs,
            authenticated: now,
            mfa,
            created: now,
            last_seen: now,
            expires: now.plus(Span::hours(24)),
            keep_signed_in: false,
            user_agent: "test".to_owned(),
            ip_address: "127.0.0.1".to_owned(),
            ended: None,
        };
        app.store
            .write(move |tx| Box::pin(async move { store::sessions::create(tx, &session).await }))
            .await
            .unwrap();
        let mut browser = self.world.browser();
        browser
            .cookies
            .insert(cookies::session_name(self.tenant), token.text());
        browser
    }

    /// An authorization request of the public client, with `changes` put over it; an empty value takes a parameter out.
    pub fn authorize(&self, changes: &[(&str, &str)]) -> String {
        let client = self.public.to_string();
        let mut all = vec![
            ("client_id", client.as_str()),
            ("response_type", "code"),
            ("redirect_uri", NATIVE),
            ("scope", SCOPE),
            ("state", STATE),
            ("nonce", NONCE),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            all.retain(|(known, _)| known != name);
            if !value.is_empty() {
                all.push((name, value));
            }
        }
        self.path("authorize", &all)
    }

    /// The same of the confidential client.
    pub fn authorize_web(&self, changes: &[(&str, &str)]) -> String {
        let client = self.web.to_string();
        let mut all = vec![("client_id", client.as_str()), ("redirect_uri", WEB)];
        all.extend_from_slice(changes);
        self.authorize(&all)
    }

    pub fn path(&self, end: &str, parameters: &[(&str, &str)]) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        format!("/{}/oauth2/v2.0/{end}?{query}", self.tenant)
    }

    /// A code of a fresh session for the public client.
    pub async fn code(&self) -> String {
        self.code_with(&[]).await
    }

    pub async fn code_with(&self, changes: &[(&str, &str)]) -> String {
        let answer = self.signed_in().await.get(&self.authorize(changes)).await;
        answer
            .location_parameter("code")
            .unwrap_or_else(|| panic!("no code: {} {}", answer.location(), answer.body))
    }

    /// Posts to the token endpoint.
    pub async fn token(&self, fields: &[(&str, &str)]) -> Answer {
        let path = format!("/{}/oauth2/v2.0/token", self.tenant);
        self.world.browser().post_bare(&path, fields).await
    }

    /// Posts to the token endpoint with `client_secret_basic`.
    pub async fn token_basic(&self, id: &str, secret: &str, fields: &[(&str, &str)]) -> Answer {
        let mut browser = self.world.browser();
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = browser
            .request(Method::POST, &format!("/{}/oauth2/v2.0/token", self.tenant))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(
                header::AUTHORIZATION,
                format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))),
            )
            .body(Body::from(body))
            .unwrap();
        browser.send(request).await
    }

    /// Redeems a code of the public client, with `changes` put over the request.
    pub async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> Answer {
        let client = self.public.to_string();
        let mut all = vec![
            ("grant_type", "authorization_code"),
            ("client_id", client.as_str()),
            ("code", code),
            ("redirect_uri", NATIVE),
            ("code_verifier", VERIFIER),
        ];
        for (name, value) in changes {
            all.retain(|(known, _)| known != name);
            if !value.is_empty() {
                all.push((name, value));
            }
        }
        self.token(&all).await
    }

    /// Tokens of the public client.
    pub async fn tokens(&self) -> Value {
        let answer = self.redeem(&self.code().await, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    }

    /// Exchanges a refresh token of the public client.
    pub async fn refresh(&self, token: &str) -> Answer {
        self.refresh_with(token, &[]).await
    }

    pub async fn refresh_with(&self, token: &str, more: &[(&str, &str)]) -> Answer {
        let client = self.public.to_string();
        let mut all = vec![
            ("grant_type", "refresh_token"),
            ("client_id", client.as_str()),
            ("refresh_token", token),
        ];
        all.extend_from_slice(more);
        self.token(&all).await
    }

    /// Asks userinfo with an access token.
    pub async fn userinfo(&self, token: &str) -> Answer {
        let mut browser = self.world.browser();
        let request = browser
            .request(Method::GET, "/oidc/userinfo")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        browser.send(request).await
    }

    /// The claims of a token, its signature checked with the published keys.
    pub async fn claims(&self, typ: TokenType, token: &str) -> Value {
        let jwks = self
            .world
            .browser()
            .get(&format!("/{}/discovery/v2.0/keys", self.tenant))
            .await
            .json();
        KeySet::from_jwks(&jwks).verify(typ, token).unwrap()
    }

    /// Ends everything of the user, as an administrator's revocation does.
    pub async fn revoke_user(&self, why: EndReason) {
        let (tenant, user, now) = (self.tenant, self.user.id, self.world.app.clock.now());
        self.world
            .app
            .store
            .write(move |tx| {
                Box::pin(
                    async move { store::sessions::end_of_user(tx, tenant, user, why, now).await },
                )
            })
            .await
            .unwrap();
    }

    /// Disables or enables the user without ending anything.
    pub async fn set_enabled(&self, enabled: bool) {
        let (tenant, user) = (self.tenant, self.user.id);
        self.world
            .app
            .store
            .write(move |tx| {
                Box::pin(async move { store::users::set_enabled(tx, tenant, user, enabled).await })
            })
            .await
            .unwrap();
    }

    pub fn now(&self) -> Timestamp {
        self.world.app.clock.now()
    }

    pub fn issuer(&self) -> String {
        format!("{}/{}/v2.0", self.world.origin(), self.tenant)
    }
}

/// Asserts a refused token request with all that client libraries look for.
#[track_caller]
pub fn refused(answer: &Answer, status: u16, error: &str, number: u32, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    let body = answer.json();
    let found = (
        text(&body, "error"),
        text(&body, "error_subcode"),
        body["error_codes"][0].as_u64(),
    );
    assert_eq!(
        found,
        (error, code, Some(u64::from(number))),
        "{}",
        answer.body
    );
    assert!(
        text(&body, "error_description").starts_with(&format!("AADSTS{number}: ")),
        "{}",
        answer.body
    );
    for name in ["timestamp", "trace_id", "correlation_id"] {
        assert!(
            !text(&body, name).is_empty(),
            "{name} is missing in {}",
            answer.body
        );
    }
    assert_eq!(
        answer.headers.get(header::CACHE_CONTROL).unwrap(),
        "no-store"
    );
}

pub fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

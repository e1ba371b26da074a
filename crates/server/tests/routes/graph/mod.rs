//! `/v1.0/…` and `/beta/…`, with tokens of applications and of people.

mod applications;
mod batch;
mod beyond;
mod directory;
mod door;
mod etags;
mod logs;
mod matrix;
mod methods;
mod policies;
mod reports;
mod roles;
mod schema;

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use keyward::flow::issue_tokens::bearer_hash;
use keyward::jose::TokenType;
use keyward::oidc::claims::{AccessClaims, Subject};
use keyward::oidc::metadata;
use keyward::web::cookies::Token;
use policy::model::{
    Application, ApplicationId, Assurance, ClientKind, ClientSettings, EndReason, Grant, GrantId,
    Method as Shown, Proof, Session, SessionId, Span, TenantId, User,
};
use policy::scopes::Scope;
use serde_json::Value;

use crate::world::{Answer, TestApp};

/// A server with one confidential application that holds every permission.
pub struct Scene {
    pub world: TestApp,
    pub tenant: TenantId,
    pub application: Application,
}

/// A program with a token.
pub struct Program<'s> {
    scene: &'s Scene,
    /// What stands in `Authorization`.
    pub authorization: String,
}

/// A delegated token in the hands of a program.
pub struct SignedIn<'s> {
    pub program: Program<'s>,
}

impl Scene {
    pub async fn new() -> Self {
        Self::of(TestApp::new().await).await
    }

    /// The same around a server that is there already.
    pub async fn of(world: TestApp) -> Self {
        let tenant = world.app.tenants.default().id;
        let permissions: Vec<_> = Scope::for_applications().collect();
        let application = make(&world, &permissions);
        put(&world, &application).await;
        Self {
            world,
            tenant,
            application,
        }
    }

    /// An application by itself, with every permission.
    pub async fn app(&self) -> Program<'_> {
        self.bearer(self.token_of(&self.application).await)
    }

    /// An application by itself, with these permissions only.
    pub async fn app_with(&self, permissions: &[Scope]) -> Program<'_> {
        let application = make(&self.world, permissions);
        put(&self.world, &application).await;
        self.bearer(self.token_of(&application).await)
    }

    /// Through the token endpoint, as any program gets one.
    async fn token_of(&self, application: &Application) -> String {
        let origin = self.world.origin();
        let id = application.id.to_string();
        let scope = format!("{origin}/.default");
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", id.as_str()),
            ("client_secret", SECRET),
            ("scope", &scope),
        ];
        let path = format!("/{}/oauth2/v2.0/token", self.tenant);
        let answer = self.world.browser().post_bare(&path, &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// `user` through the application, two factors shown a moment ago.
    pub async fn as_user(&self, user: &User, scopes: &[Scope]) -> SignedIn<'_> {
        let now = self.world.app.clock.now();
        let proofs = vec![Proof::password(now), Proof::one_time_code(now)];
        self.as_user_with(user, scopes, proofs, true).await
    }

    /// The same with other proofs.
    pub async fn as_user_with(
        &self,
        user: &User,
        scopes: &[Scope],
        proofs: Vec<Proof>,
        mfa: bool,
    ) -> SignedIn<'_> {
        let app = &self.world.app;
        let now = app.clock.now();
        let names: Vec<String> = scopes.iter().map(ToString::to_string).collect();
        let session = Session {
            tenant: self.tenant,
            id: SessionId::new(now, app.random.bytes()),
            token: Token::random(&app.random).hash(),
            user: user.id,
            passkey: None,
            pass: None,
            proofs,
            authenticated: now,
            mfa: mfa.then_some(now),
            created: now,
            last_seen: now,
            expires: now.plus(Span::hours(24)),
            keep_signed_in: false,
            user_agent: "test".to_owned(),
            ip_address: "127.0.0.1".to_owned(),
            ended: None,
        };
        let methods = vec![Shown::Password, Shown::Totp];
        let assurance = Assurance::default();
        let code = policy::model::AuthorizationCode {
            tenant: self.tenant,
            code: bearer_hash(&session.id.to_string()),
            grant: GrantId::new(now, app.random.bytes()),
            application: self.application.id,
            user: user.id,
            session: session.id,
            passkey: None,
            pass: None,
            redirect_uri: "https://app.example/back".to_owned(),
            code_challenge: None,
            proof_key: None,
            nonce: None,
            scopes: names.clone(),
            methods: methods.clone(),
            assurance: assurance.clone(),
            authenticated: now,
            created: now,
            expires: now.plus(Span::minutes(10)),
        };
        let grant = Grant {
            tenant: self.tenant,
            id: code.grant,
            application: code.application,
            user: user.id,
            session: session.id,
            passkey: None,
            pass: None,
            proof_key: None,
            scopes: names.clone(),
            methods: methods.clone(),
            assurance: assurance.clone(),
            authenticated: now,
            created: now,
            expires: now.plus(Span::hours(24)),
            access_expires: now.plus(Span::hours(1)),
            ended: None,
        };
        let (row, id) = (session.clone(), grant.id);
        self.world
            .write(move |tx| {
                Box::pin(async move {
                    store::sessions::create(tx, &row).await?;
                    store::grants::issue_code(tx, &code).await?;
                    store::grants::redeem(tx, &code.code, &grant, None, now).await
                })
            })
            .await;
        let issuer = metadata::issuer(self.world.origin(), self.tenant);
        let subject = Subject {
            issuer: &issuer,
            origin: self.world.origin(),
            application: self.application.id,
            user,
            grant: id,
            session: session.id,
            methods: &methods,
            assurance: &assurance,
            authenticated: now,
            scopes: &names,
        };
        let claims = AccessClaims::delegated(&subject, now, Span::hours(1), app.random.bytes());
        SignedIn {
            program: self.bearer(self.sign(&claims).await),
        }
    }

    /// A token with any claims, signed by the tenant's key.
    pub async fn sign(&self, claims: &AccessClaims) -> String {
        let app = &self.world.app;
        let keys = app.keyring.of(app, self.tenant).await.unwrap();
        keys.active().sign(TokenType::AccessToken, claims).unwrap()
    }

    /// Whoever holds this token.
    pub fn bearer(&self, token: String) -> Program<'_> {
        Program {
            scene: self,
            authorization: format!("Bearer {token}"),
        }
    }

    /// Ends every session of `user`, as an administrator would.
    pub async fn revoke(&self, user: &User) {
        let (tenant, id, now) = (self.tenant, user.id, self.world.app.clock.now());
        self.world
            .write(move |tx| {
                Box::pin(async move {
                    let reason = EndReason::SessionsRevoked;
                    store::sessions::end_of_user(tx, tenant, id, reason, now).await
                })
            })
            .await;
    }
}

/// Its secret.
pub const SECRET: &str = "s3cret";

fn make(world: &TestApp, permissions: &[Scope]) -> Application {
    let now = world.app.clock.now();
    Application {
        tenant: world.app.tenants.default().id,
        id: ApplicationId::new(now, world.app.random.bytes()),
        display_name: "Provisioning".to_owned(),
        kind: ClientKind::Confidential,
        secrets: vec![bearer_hash(SECRET)],
        redirect_uris: Vec::new(),
        logout_uris: Vec::new(),
        app_permissions: permissions.iter().map(ToString::to_string).collect(),
        id_token_algorithm: None,
        settings: ClientSettings::default(),
        enabled: true,
        created: now,
    }
}

/// Writes an application behind the server's back.
pub async fn put(world: &TestApp, application: &Application) {
    let row = application.clone();
    world
        .write(move |tx| Box::pin(async move { store::applications::put(tx, &row).await }))
        .await;
}

impl Program<'_> {
    /// Any request.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let kind = body.map(|_| "application/json");
        let body = body.map_or_else(String::new, Value::to_string);
        self.send_raw(method, path, kind, body, &[]).await
    }

    /// Any request with any body and headers.
    pub async fn send_raw(
        &self,
        method: Method,
        path: &str,
        kind: Option<&str>,
        body: String,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut browser = self.scene.world.browser();
        let mut request = browser.request(method, path);
        if !self.authorization.is_empty() {
            request = request.header(header::AUTHORIZATION, &self.authorization);
        }
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        browser.send(request.body(Body::from(body)).unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }
}

/// Asserts a Graph error with this status and our code inside.
#[track_caller]
pub fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    let body = answer.json();
    let error = &body["error"];
    assert_eq!(error["innerError"]["code"], code, "{}", answer.body);
    for name in ["date", "request-id", "client-request-id"] {
        assert!(error["innerError"][name].is_string(), "{}", answer.body);
    }
    assert!(error["code"].is_string() && error["message"].is_string());
}

/// Asserts a success and reads it.
#[track_caller]
pub fn ok(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    match answer.body.is_empty() {
        true => Value::Null,
        false => answer.json(),
    }
}

//! `/ssf/…` and `/.well-known/ssf-configuration`: streams of security events, pushed and polled.

mod access;
mod poll;
mod push;
mod receive;
mod streams;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use keyward::flow::issue_tokens::bearer_hash;
use keyward::jose::{KeySet, TokenType};
use policy::model::{
    Application, ApplicationId, ClientKind, ClientSettings, EndReason, SignalKind, User,
};
use serde_json::{Value, json};

use crate::world::{Answer, TestApp};

pub const SECRET: &str = "s3cret";
pub const PUSH: &str = "urn:ietf:rfc:8935";
pub const POLL: &str = "urn:ietf:rfc:8936";
pub const STREAMS: &str = "/ssf/streams";
pub const STRAY: &str = "00000000-0000-7000-8000-000000000000";

/// A server whose receivers may be on this machine, with one that may do everything.
pub struct Scene {
    pub world: TestApp,
    pub receiver: Application,
    pub token: String,
}

impl Scene {
    pub async fn new() -> Self {
        let world = TestApp::with(|settings| {
            settings.signals.private_networks = Some(true);
        })
        .await;
        Self::over(world).await
    }

    /// The same where receivers have to be outside.
    pub async fn guarded() -> Self {
        Self::over(TestApp::new().await).await
    }

    async fn over(world: TestApp) -> Self {
        let receiver = application(&world, &["ssf.manage"]).await;
        let token = token_of(&world, &receiver).await;
        Self {
            world,
            receiver,
            token,
        }
    }

    /// A request of the receiver's.
    pub async fn ask(&self, method: Method, path: &str, body: &Value) -> Answer {
        ask(&self.world, method, path, Some(&self.token), body).await
    }

    /// A new stream for everything.
    pub async fn stream(&self, delivery: Value) -> Value {
        let body =
            json!({"delivery": delivery, "events_requested": everything(), "format": "opaque"});
        let made = self.ask(Method::POST, STREAMS, &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        made.json()
    }

    pub async fn polled(&self) -> Value {
        self.stream(json!({"method": POLL})).await
    }

    pub async fn pushed(&self, address: SocketAddr) -> Value {
        let url = format!("http://{address}/events");
        let delivery =
            json!({"method": PUSH, "endpoint_url": url, "authorization_header": "Bearer mine"});
        self.stream(delivery).await
    }

    /// Polls at once.
    pub async fn poll(&self, stream: &Value, body: Value) -> Value {
        let mut body = body;
        body["returnImmediately"] = true.into();
        let path = format!("/ssf/poll/{}", stream["stream_id"].as_str().unwrap());
        let answer = self.ask(Method::POST, &path, &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    }

    /// The claims of a token that the tenant signed for the receiver.
    pub async fn claims(&self, token: &str) -> Value {
        let keys = self.keys().await;
        let claims: Value = keys.verify(TokenType::SecurityEvent, token).unwrap();
        assert_eq!(claims["aud"], self.receiver.id.to_string());
        assert!(claims.get("sub").is_none() && claims.get("exp").is_none());
        claims
    }

    async fn keys(&self) -> KeySet {
        let tenant = self.world.app.tenants.default().id;
        let path = format!("/{tenant}/discovery/v2.0/keys");
        KeySet::from_jwks(&self.world.browser().get(&path).await.json())
    }

    /// Ends everything of a user, as a flow would.
    pub async fn revoke(&self, user: &User) {
        let (tenant, user, now) = (user.tenant, user.id, self.world.app.clock.now());
        self.world
            .write(move |tx| {
                Box::pin(async move {
                    let reason = EndReason::SessionsRevoked;
                    store::sessions::end_of_user(tx, tenant, user, reason, now).await
                })
            })
            .await;
    }
}

pub fn everything() -> Vec<&'static str> {
    SignalKind::OFFERED.map(SignalKind::uri).to_vec()
}

/// A confidential application with these permissions.
pub async fn application(world: &TestApp, permissions: &[&str]) -> Application {
    let now = world.app.clock.now();
    let application = Application {
        tenant: world.app.tenants.default().id,
        id: ApplicationId::new(now, world.app.random.bytes()),
        display_name: "A receiver".to_owned(),
        kind: ClientKind::Confidential,
        secrets: vec![bearer_hash(SECRET)],
        redirect_uris: Vec::new(),
        logout_uris: Vec::new(),
        app_permissions: permissions.iter().map(|one| (*one).to_owned()).collect(),
        id_token_algorithm: None,
        settings: ClientSettings::default(),
        enabled: true,
        created: now,
    };
    put(world, &application).await;
    application
}

pub async fn put(world: &TestApp, application: &Application) {
    let row = application.clone();
    world
        .write(move |tx| Box::pin(async move { store::applications::put(tx, &row).await }))
        .await;
}

/// An access token of an application, with all it may have.
pub async fn token_of(world: &TestApp, application: &Application) -> String {
    let scope = format!("{}/.default", world.origin());
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", &scope),
        ("client_id", &application.id.to_string()),
        ("client_secret", SECRET),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let path = format!("/{}/oauth2/v2.0/token", application.tenant);
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap();
    let answer = world.browser().send(request).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

pub async fn ask(
    world: &TestApp,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: &Value,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let body = if body.is_null() {
        Body::empty()
    } else {
        request = request.header(header::CONTENT_TYPE, "application/json");
        Body::from(body.to_string())
    };
    world.browser().send(request.body(body).unwrap()).await
}

/// A receiver that answers what it is told to.
#[derive(Clone, Default)]
pub struct Receiver {
    pub posts: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    pub answers: Arc<Mutex<VecDeque<(StatusCode, &'static str)>>>,
}

impl Receiver {
    pub async fn start() -> (Self, SocketAddr) {
        let receiver = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/events", post(take))
            .route("/elsewhere", post(take))
            .with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, address)
    }

    pub fn answer(&self, status: StatusCode, body: &'static str) {
        self.answers.lock().unwrap().push_back((status, body));
    }

    pub fn tokens(&self) -> Vec<String> {
        let posts = self.posts.lock().unwrap();
        posts.iter().map(|(_, body)| body.clone()).collect()
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> Response {
    receiver.posts.lock().unwrap().push((headers, body));
    let answer = receiver.answers.lock().unwrap().pop_front();
    let (status, body) = answer.unwrap_or((StatusCode::ACCEPTED, ""));
    (status, [(header::LOCATION, "/elsewhere")], body).into_response()
}

/// Checks what a request was refused with.
#[track_caller]
pub fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert!(
        answer.body.contains(code),
        "{code} is not in {}",
        answer.body
    );
}

//! The world that route tests live in: a whole server in this process, a clock that is moved by hand, browsers with
//! cookies, and software authenticators. `TestApp::new().await` is all a test needs.
//!
//! The database is SQLite in a folder of its own; [`TestApp::with`] can point the settings at another one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use keyward::app::AppState;
use keyward::cli::tour::{Kind, SoftwareAuthenticator};
use keyward::clock::{Clock, FakeClock, Random};
use keyward::config::{Config, Settings};
use keyward::flow::context::{self, LocalPath};
use keyward::flow::{SecretText, pass_code, passwords, totp};
use keyward::start::{self, FirstStart};
use keyward::web::cookies::{self, Token};
use policy::model::{
    AccessGrant, AccessPolicy, AccessPolicyId, AccessState, AccessTarget, Assignment, AuditRecord,
    Conditions, MetadataBlob, PassId, PassUse, Passkey, PasskeyMethod, Password, PolicyDocument,
    Role, SecretBytes, SessionControls, SignInRecord, Span, TemporaryAccessPass, Timestamp, Totp,
    User, UserHandle, UserId, UserType,
};
use serde_json::Value;
use store::StoreError;
use tower::ServiceExt as _;

/// 2026-12-01T12:00:00Z.
pub const START: i64 = 1_796_126_400_000_000;

static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// A server for one test.
pub struct TestApp {
    /// Its state.
    pub app: AppState,
    /// Its clock.
    pub clock: FakeClock,
    /// What the first start made.
    pub first: FirstStart,
    router: Router,
    _folder: Folder,
}

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl TestApp {
    /// A fresh deployment with its first administrator.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The same with settings of one's own.
    pub async fn with(adjust: impl FnOnce(&mut Settings)) -> Self {
        // What the server logs is shown with the output of a failed test.
        let _ = tracing_subscriber::fmt().with_test_writer().try_init();
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let folder = Folder(
            std::env::temp_dir().join(format!("keyward-test-{}-{number}", std::process::id())),
        );
        let mut settings = Settings {
            data: Some(folder.0.clone()),
            ..Settings::default()
        };
        adjust(&mut settings);
        let config = Config::load(settings).unwrap();
        let (clock, hand) = Clock::fake(START);
        let (app, first) = start::start(config, clock, Random::system()).await.unwrap();
        let router = keyward::routes::router(app.clone());
        Self {
            app,
            clock: hand,
            first: first.unwrap(),
            router,
            _folder: folder,
        }
    }

    /// The same deployment after its process was stopped and started again.
    pub async fn restart(self) -> Self {
        let (config, clock) = (self.app.config.clone(), self.app.clock.clone());
        drop((self.app, self.router));
        let (app, _) = start::start(config, clock, Random::system()).await.unwrap();
        Self {
            router: keyward::routes::router(app.clone()),
            app,
            clock: self.clock,
            first: self.first,
            _folder: self._folder,
        }
    }

    /// Answers on a free port of this machine, without TLS: for what needs a connection.
    pub async fn listen(&self) -> std::net::SocketAddr {
        let tcp = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = tcp.local_addr().unwrap();
        let router = self.router.clone();
        tokio::spawn(async move { axum::serve(tcp, router).await });
        address
    }

    /// Moves the clock.
    pub fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// A browser that has never been here.
    pub fn browser(&self) -> Browser<'_> {
        Browser {
            world: self,
            cookies: BTreeMap::new(),
            script: false,
            address: None,
            program: "test".to_owned(),
            language: None,
        }
    }

    /// The origin of the server.
    pub fn origin(&self) -> &str {
        self.app.config.origin()
    }

    /// A sealed context that leads to the security info page.
    pub fn context(&self) -> String {
        let tenant = self.app.tenants.default().id;
        context::to_page(&self.app, tenant, LocalPath::security_info())
            .unwrap()
            .text()
            .to_owned()
    }

    /// A user without any way to sign in.
    pub async fn user(&self, name: &str) -> User {
        self.user_with(name, |_| {}).await
    }

    /// A guest without any way to sign in.
    pub async fn guest(&self, name: &str) -> User {
        self.user_with(name, |user| user.user_type = UserType::Guest)
            .await
    }

    /// A user with facts of one's own.
    pub async fn user_with(&self, name: &str, adjust: impl FnOnce(&mut User)) -> User {
        let (tenant, now) = (self.app.tenants.default().id, self.app.clock.now());
        let mut user = User {
            tenant,
            id: UserId::new(now, self.app.random.bytes()),
            user_principal_name: name.to_owned(),
            display_name: name.to_owned(),
            mail: None,
            enabled: true,
            handle: UserHandle::new(tenant, self.app.random.bytes()),
            user_type: UserType::Member,
            break_glass: false,
            created: now,
            sessions_valid_from: now,
            proofs_valid_from: None,
            mfa: policy::model::PerUserMfa::Disabled,
            version: 1,
        };
        adjust(&mut user);
        let row = user.clone();
        self.write(move |tx| {
            Box::pin(async move { store::users::create(tx, &row).await.map(drop) })
        })
        .await;
        user
    }

    /// Gives `user` a password.
    pub async fn password(&self, user: &User, text: &str, must_change: bool) {
        let hash = passwords::hash(&self.app, SecretText::new(text))
            .await
            .unwrap();
        let (tenant, changed) = (user.tenant, self.app.clock.now());
        let password = Password {
            user: user.id,
            hash,
            must_change,
            changed,
        };
        self.write(move |tx| {
            Box::pin(async move { store::passwords::set(tx, tenant, &password).await })
        })
        .await;
    }

    /// Gives `user` a one-time code generator; answers its secret.
    pub async fn totp(&self, user: &User) -> [u8; 20] {
        let secret: [u8; 20] = self.app.random.bytes();
        let (tenant, enrolled) = (user.tenant, self.app.clock.now());
        let totp = Totp {
            user: user.id,
            secret: SecretBytes::new(secret.to_vec()),
            last_step: 0,
            enrolled,
        };
        self.write(move |tx| Box::pin(async move { store::totp::enrol(tx, tenant, &totp).await }))
            .await;
        secret
    }

    /// The code a generator shows now.
    pub fn code(&self, secret: &[u8]) -> String {
        totp::code(secret, self.app.clock.now().as_seconds() / totp::STEP)
    }

    /// Gives `user` a pass of one hour; answers its code.
    pub async fn pass(&self, user: &User, usable: PassUse) -> String {
        let now = self.app.clock.now();
        let pass = TemporaryAccessPass {
            tenant: user.tenant,
            id: PassId::new(now, self.app.random.bytes()),
            user: user.id,
            starts: now,
            lifetime: Span::minutes(60),
            usable,
            used: None,
            created: now,
            ends_with_registration: false,
        };
        let code = pass_code::generate(&self.app.random, pass_code::LENGTH);
        let typed = code.clone();
        self.write(move |tx| {
            Box::pin(async move { store::passes::issue(tx, &pass, typed.expose()).await })
        })
        .await;
        code.expose().to_owned()
    }

    /// Enables or disables `user`, as another node would: behind this one's back.
    pub async fn set_enabled(&self, user: &User, enabled: bool) {
        let (tenant, id) = (user.tenant, user.id);
        self.write(move |tx| {
            Box::pin(async move {
                store::users::set_enabled(tx, tenant, id, enabled)
                    .await
                    .map(drop)
            })
        })
        .await;
    }

    /// The user called `name`, as stored.
    pub async fn stored_user(&self, name: &str) -> User {
        let (tenant, name) = (self.app.tenants.default().id, name.to_owned());
        let found = self
            .app
            .store
            .read(move |tx| {
                Box::pin(async move { store::users::find_by_name(tx, tenant, &name).await })
            })
            .await;
        let found: Option<User> = found
            .map_err(|error: StoreError| error.to_string())
            .unwrap();
        found.unwrap()
    }

    /// The passkeys of `user`, as stored.
    pub async fn passkeys(&self, user: &User) -> Vec<Passkey> {
        let (tenant, id) = (user.tenant, user.id);
        let found = self
            .app
            .store
            .read(move |tx| Box::pin(async move { store::passkeys::of_user(tx, tenant, id).await }))
            .await;
        found
            .map_err(|error: StoreError| error.to_string())
            .unwrap()
    }

    /// The pass of `user`, as stored.
    pub async fn stored_pass(&self, user: &User) -> Option<TemporaryAccessPass> {
        let (tenant, id) = (user.tenant, user.id);
        self.write(move |tx| Box::pin(async move { store::passes::find(tx, tenant, id).await }))
            .await
    }

    /// The newest sign-in records, newest first.
    pub async fn sign_ins(&self) -> Vec<SignInRecord> {
        let tenant = self.app.tenants.default().id;
        let found = self
            .app
            .store
            .read(move |tx| {
                Box::pin(async move {
                    store::sign_ins::list(
                        tx,
                        tenant,
                        store::audit::Filter::All,
                        store::Page::first(50),
                    )
                    .await
                })
            })
            .await;
        found
            .map_err(|error: StoreError| error.to_string())
            .unwrap()
    }

    /// Puts a policy in force, as an administrator's edit would.
    pub async fn policy(&self, document: PolicyDocument) {
        let (tenant, now) = (self.app.tenants.default().id, self.app.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let any = store::policies::Expected::Anything;
                store::policies::put(tx, tenant, &document, any, now).await
            })
        })
        .await;
    }

    /// Changes the passkey method, as an administrator would.
    pub async fn change_passkey_method(&self, change: impl FnOnce(&mut PasskeyMethod)) {
        let tenant = self.app.tenants.default().id;
        let policies = self
            .write(move |tx| Box::pin(async move { store::policies::load(tx, tenant).await }))
            .await;
        let mut method = policies.passkeys;
        change(&mut method);
        self.policy(PolicyDocument::Passkeys(method)).await;
    }

    /// A conditional access policy on every application and page, for everybody.
    pub async fn access_policy(&self, number: u8, state: AccessState, grant: AccessGrant) {
        let now = self.app.clock.now();
        let policy = AccessPolicy {
            id: AccessPolicyId::from_bytes([number; 16]),
            name: format!("Policy {number}"),
            description: String::new(),
            state,
            created: now,
            modified: now,
            conditions: Conditions {
                users: Assignment::everyone(),
                target: AccessTarget::Applications {
                    all: true,
                    include: Vec::new(),
                    exclude: Vec::new(),
                    admin_portals: false,
                },
                ..Conditions::default()
            },
            grant,
            session: SessionControls::default(),
        };
        self.policy(PolicyDocument::Access(Box::new(policy))).await;
    }

    /// Stores a BLOB with these entries as `keyward mds update` does after verifying it, and lets the server notice.
    pub async fn publish_metadata(&self, number: i64, entries: Value) {
        let payload =
            serde_json::json!({ "no": number, "nextUpdate": "2030-01-01", "entries": entries });
        let payload = ceremony::base64url::encode(payload.to_string());
        let blob = MetadataBlob {
            number,
            next_update: Timestamp::from_seconds(1_893_456_000),
            fetched: self.app.clock.now(),
            jwt: format!("e30.{payload}.e30").into_bytes(),
        };
        let written = self
            .write(move |tx| Box::pin(async move { store::metadata::replace(tx, &blob).await }))
            .await;
        assert_eq!(written, store::metadata::Replaced::Done);
        let (models, at) = (&self.app.models, self.app.clock.unix());
        models.reload(&self.app.store, at).await.unwrap();
    }

    /// The audit records about `user`, newest first.
    pub async fn audits(&self, user: &User) -> Vec<AuditRecord> {
        let (tenant, id) = (user.tenant, user.id);
        let found = self
            .app
            .store
            .read(move |tx| {
                Box::pin(async move {
                    let filter = store::audit::Filter::User(id);
                    store::audit::list(tx, tenant, filter, store::Page::first(50)).await
                })
            })
            .await;
        found
            .map_err(|error: StoreError| error.to_string())
            .unwrap()
    }

    /// Gives `user` a directory role.
    pub async fn role(&self, user: &User, role: Role) {
        let (tenant, id, now) = (user.tenant, user.id, self.app.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                store::roles::assign(tx, tenant, id, role, now)
                    .await
                    .map(drop)
            })
        })
        .await;
    }

    /// Writes behind the server's back.
    pub async fn write<T, F>(&self, job: F) -> T
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut store::Tx) -> store::JobFuture<'t, T, StoreError>
            + Send
            + 'static,
    {
        self.app.store.write(job).await.unwrap()
    }

    /// A user with a passkey, and the browser in which it was registered.
    pub async fn user_with_passkey(
        &self,
        name: &str,
        key: &mut SoftwareAuthenticator,
    ) -> (User, Browser<'_>) {
        let user = self.user(name).await;
        self.first_passkey(&user, key).await
    }

    /// Lets `user`, who has no way to sign in yet, register `key`.
    pub async fn first_passkey(
        &self,
        user: &User,
        key: &mut SoftwareAuthenticator,
    ) -> (User, Browser<'_>) {
        let browser = self.passkey_of(user, key).await;
        (self.stored_user(&user.user_principal_name).await, browser)
    }

    /// Has `user` register `key`; the browser in which it was done.
    pub async fn passkey_of(&self, user: &User, key: &mut SoftwareAuthenticator) -> Browser<'_> {
        let pass = self.pass(user, PassUse::Many).await;
        let mut browser = self.browser();
        browser
            .sign_in_with_pass(&user.user_principal_name, &pass)
            .await
            .redirects_to("/signin/register");
        browser.register_in_interrupt(key).await;
        browser
    }

    /// Gives `user` a directory role.
    pub async fn give_role(&self, user: &User, role: Role) {
        let (tenant, id, now) = (user.tenant, user.id, self.app.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                store::roles::assign(tx, tenant, id, role, now)
                    .await
                    .map(drop)
            })
        })
        .await;
    }

    /// A browser in which the first administrator has signed in and registered `authenticator`.
    pub async fn administrator(&self, authenticator: &mut SoftwareAuthenticator) -> Browser<'_> {
        let mut browser = self.browser();
        browser
            .sign_in_with_pass(&self.first.administrator, self.first.pass.expose())
            .await
            .redirects_to("/signin/register");
        browser.register_in_interrupt(authenticator).await;
        browser
    }
}

/// A device-bound ES256 authenticator.
pub fn authenticator() -> SoftwareAuthenticator {
    SoftwareAuthenticator::new(Kind::device_bound())
}

/// A browser: keeps cookies, follows nothing.
#[derive(Clone)]
pub struct Browser<'w> {
    world: &'w TestApp,
    /// What it holds.
    pub cookies: BTreeMap<String, String>,
    script: bool,
    /// What it claims in `X-Forwarded-For`.
    pub address: Option<String>,
    /// What it claims to be in `User-Agent`.
    pub program: String,
    /// What it asks for in `Accept-Language`.
    pub language: Option<String>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body as text.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {} {}", self.status, self.body))
    }

    /// The code of a problem, from JSON or page.
    pub fn code(&self) -> String {
        match serde_json::from_str::<Value>(&self.body) {
            Ok(value) => value
                .get("code")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            Err(_) => self.body.clone(),
        }
    }

    /// Where it leads.
    pub fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The value of a query parameter of the target.
    pub fn location_parameter(&self, name: &str) -> Option<String> {
        let (_, query) = self.location().split_once('?')?;
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// Asserts a 303 whose target begins with `path`.
    #[track_caller]
    pub fn redirects_to(&self, path: &str) -> &Self {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        assert!(
            self.location().starts_with(path),
            "{} does not lead to {path}",
            self.location()
        );
        self
    }

    /// Asserts a refusal with this status and code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert!(self.code().contains(code), "{code} is not in {}", self.body);
        self
    }
}

impl Browser<'_> {
    /// The same browser, asking as a script does: problems come as JSON.
    pub fn script(&self) -> Self {
        Self {
            script: true,
            ..self.clone()
        }
    }

    /// `GET path`.
    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self.request(Method::GET, path).body(Body::empty()).unwrap();
        self.send(request).await
    }

    /// Posts a form with origin and CSRF token, as a page of ours would.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf();
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend_from_slice(fields);
        self.post_bare(path, &all).await
    }

    /// Posts a form exactly as given.
    pub async fn post_bare(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self
            .request(Method::POST, path)
            .header(header::ORIGIN, self.world.origin())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    /// Posts JSON with origin and CSRF token, as a script of ours would.
    pub async fn post_json(&mut self, path: &str, value: &Value) -> Answer {
        // Asking for the token gives a fresh browser its cookie, so it comes before the cookies are written down.
        let csrf = self.csrf();
        let request = self
            .request(Method::POST, path)
            .header(header::ORIGIN, self.world.origin())
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-csrf-token", csrf)
            .body(Body::from(value.to_string()))
            .unwrap();
        self.send(request).await
    }

    /// Sends any request with this browser's cookies.
    pub async fn send(&mut self, request: Request<Body>) -> Answer {
        let response = self.world.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(line.to_str().unwrap());
        }
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// A request with this browser's cookies, to be completed.
    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::USER_AGENT, &self.program);
        if !self.cookies.is_empty() {
            let line: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(header::COOKIE, line.join("; "));
        }
        if let Some(address) = &self.address {
            request = request.header("x-forwarded-for", address);
        }
        if let Some(language) = &self.language {
            request = request.header(header::ACCEPT_LANGUAGE, language);
        }
        let accept = if self.script {
            "application/json"
        } else {
            "text/html"
        };
        request.header(header::ACCEPT, accept)
    }

    /// The CSRF token a page would carry for this browser.
    pub fn csrf(&mut self) -> String {
        use base64::Engine as _;
        let random = &self.world.app.random;
        let value = self
            .cookies
            .entry(cookies::BROWSER.to_owned())
            .or_insert_with(|| Token::random(random).text());
        let tag = self
            .world
            .app
            .seal
            .tag(b"csrf", Token::parse(value).unwrap().as_bytes())
            .unwrap();
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(tag)
    }

    /// The session cookie of the default tenant.
    pub fn session_cookie(&self) -> Option<&String> {
        self.cookies
            .get(&cookies::session_name(self.world.app.tenants.default().id))
    }

    /// Signs in with a Temporary Access Pass.
    pub async fn sign_in_with_pass(&mut self, name: &str, pass: &str) -> Answer {
        let context = self.world.context();
        self.post(
            "/signin/pass",
            &[("ctx", &context), ("username", name), ("pass", pass)],
        )
        .await
    }

    /// Signs in with a password.
    pub async fn sign_in_with_password(&mut self, name: &str, password: &str) -> Answer {
        let context = self.world.context();
        self.post(
            "/signin/password",
            &[
                ("ctx", &context),
                ("username", name),
                ("password", password),
            ],
        )
        .await
    }

    /// Signs in with a passkey to the security info page.
    pub async fn sign_in_with(&mut self, authenticator: &mut SoftwareAuthenticator) -> Answer {
        let context = self.world.context();
        let options = self.assertion_options(&context).await;
        let response = authenticator
            .sign_in(&options, self.world.origin())
            .unwrap();
        self.finish_assertion(&context, response).await
    }

    /// Asks for assertion options in `context`.
    pub async fn assertion_options(&mut self, context: &str) -> Value {
        let answer = self
            .post_json(
                "/signin/passkey/options",
                &serde_json::json!({ "ctx": context }),
            )
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    }

    /// Posts an assertion in `context`.
    pub async fn finish_assertion(&mut self, context: &str, response: Value) -> Answer {
        self.post_json(
            "/signin/passkey",
            &serde_json::json!({ "ctx": context, "credential": response }),
        )
        .await
    }

    /// Registers a further passkey on the security info page; answers the page that names it.
    pub async fn add_passkey(&mut self, authenticator: &mut SoftwareAuthenticator) -> String {
        let path = "/security-info/passkeys";
        let options = self
            .post_json(&format!("{path}/options"), &serde_json::json!({}))
            .await;
        let response = authenticator
            .register(&options.json(), self.world.origin())
            .unwrap();
        let body = serde_json::json!({ "credential": response });
        let made = self.post_json(path, &body).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.body);
        let made = made.json();
        let next = made.get("next").and_then(Value::as_str).unwrap_or_default();
        next.split('?').next().unwrap_or_default().to_owned()
    }

    /// Registers in the interrupt of a sign-in that is under way.
    pub async fn register_in_interrupt(
        &mut self,
        authenticator: &mut SoftwareAuthenticator,
    ) -> Answer {
        let context = self.world.context();
        let body = serde_json::json!({ "ctx": context });
        let options = self.post_json("/signin/register/options", &body).await;
        assert_eq!(options.status, StatusCode::OK, "{}", options.body);
        let response = authenticator
            .register(&options.json(), self.world.origin())
            .unwrap();
        let body =
            serde_json::json!({ "ctx": context, "credential": response, "name": "test key" });
        let answer = self.post_json("/signin/register", &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer
    }

    fn keep(&mut self, line: &str) {
        let pair = line.split(';').next().unwrap_or_default();
        let Some((name, value)) = pair.split_once('=') else {
            return;
        };
        if line.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

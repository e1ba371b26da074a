//! A store with one tenant, and short ways to fill it.

use crate::database;
use policy::model::*;
use policy::register::NewPasskey;
use policy::sign_in::{Evidence, NewSession, PasskeyUse};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use store::sightings::Observed;
use store::sign_ins::{SignIn, Spend};
use store::{DatabaseUrl, JobFuture, Kek, Store, StoreError, Tx};
use uuid::Uuid;

/// The moment at which everything happens.
pub const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
/// A moment long after.
pub const LATER: Timestamp = Timestamp::from_seconds(1_900_000_000);

pub struct World {
    pub store: Store,
    pub url: DatabaseUrl,
    pub tenant: TenantId,
    folder: Option<PathBuf>,
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// The next number: everything made up is different from everything else.
pub fn next() -> u64 {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

/// 32 bytes that nothing else has.
pub fn token() -> [u8; 32] {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&next().to_be_bytes());
    bytes
}

pub fn hash() -> TokenHash {
    TokenHash::from_bytes(token())
}

/// Randomness for an id: grows, so that ids of one moment sort in the order they were made.
pub fn seed() -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&next().to_be_bytes());
    bytes
}

pub fn kek() -> Kek {
    Kek::from_bytes([42; 32]).unwrap()
}

impl World {
    pub async fn sqlite() -> Self {
        let folder = database::new_folder();
        let url = DatabaseUrl::sqlite(folder.join("keyward.db"));
        Self::open(url, Some(folder)).await
    }

    pub async fn postgres() -> Self {
        Self::open(database::new_postgres().await.parse().unwrap(), None).await
    }

    async fn open(url: DatabaseUrl, folder: Option<PathBuf>) -> Self {
        let store = Store::open(&url, kek()).await.unwrap();
        let tenant = Tenant {
            id: TenantId::new(NOW, seed()),
            display_name: "Example".to_owned(),
            domains: vec!["example.org".to_owned()],
            created: NOW,
        };
        let id = tenant.id;
        let world = Self {
            store,
            url,
            tenant: id,
            folder,
        };
        let made = world
            .write(move |tx| Box::pin(async move { store::tenants::create(tx, &tenant).await }))
            .await;
        assert_eq!(made, store::tenants::Created::Done);
        world
    }

    /// A write that must not fail.
    pub async fn write<T, F>(&self, job: F) -> T
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, StoreError> + Send + 'static,
    {
        self.store.write(job).await.unwrap()
    }

    /// A read that must not fail.
    pub async fn read<T, F>(&self, job: F) -> T
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> JobFuture<'t, T, StoreError> + Send + 'static,
    {
        self.store.read(job).await.unwrap()
    }

    /// Statements that no topic of the store would run.
    pub async fn raw(&self, sql: &str) {
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let database = rusqlite::Connection::open(path).unwrap();
                database.execute_batch(sql).unwrap();
            }
            DatabaseUrl::Postgres(config) => {
                let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
                let driver = tokio::spawn(connection);
                client.batch_execute(sql).await.unwrap();
                drop(client);
                driver.await.unwrap().unwrap();
            }
        }
    }

    /// Makes every record one of a program that knew no evidence.
    pub async fn forget_numbers(&self) {
        self.raw(
            "UPDATE audit SET shard = NULL, number = NULL, leaf = NULL, actor = '',
                actor_id = NULL, target_ids = '', actor_salt = NULL, subject_salt = NULL;
             UPDATE sign_ins SET shard = NULL, number = NULL, leaf = NULL, salt = NULL;",
        )
        .await;
    }

    /// The same database, opened once more.
    pub async fn another_node(&self) -> Store {
        Store::open(&self.url, kek()).await.unwrap()
    }

    pub fn made_up_user(&self, name: &str) -> User {
        User {
            tenant: self.tenant,
            id: UserId::new(NOW, seed()),
            user_principal_name: format!("{name}@example.org"),
            display_name: name.to_owned(),
            mail: None,
            enabled: true,
            handle: UserHandle::new(self.tenant, *Uuid::from_u128(next().into()).as_bytes()),
            user_type: UserType::Member,
            break_glass: false,
            created: NOW,
            sessions_valid_from: Timestamp::from_micros(0),
            proofs_valid_from: None,
            mfa: policy::model::PerUserMfa::Disabled,
            version: 1,
        }
    }

    pub async fn user(&self, name: &str) -> User {
        let user = self.made_up_user(name);
        let row = user.clone();
        let made =
            self.write(move |tx| Box::pin(async move { store::users::create(tx, &row).await }));
        assert_eq!(made.await, store::users::Named::Done);
        user
    }

    pub async fn reload(&self, user: &User) -> User {
        let (tenant, id) = (user.tenant, user.id);
        let found =
            self.read(move |tx| Box::pin(async move { store::users::find(tx, tenant, id).await }));
        found.await.unwrap()
    }

    pub async fn passkey(&self, user: &User) -> Passkey {
        let passkey = made_up_passkey(user, &token());
        let tenant = self.tenant;
        let versions = self
            .read(move |tx| Box::pin(async move { store::versions::of(tx, tenant).await }))
            .await;
        let policy = versions.unwrap().policy;
        let new = NewPasskey::made_up(passkey.clone(), user.version, policy);
        let made =
            self.write(move |tx| Box::pin(async move { store::passkeys::insert(tx, &new).await }));
        assert_eq!(made.await, store::passkeys::Inserted::Done);
        passkey
    }

    pub async fn application(&self) -> Application {
        let application = Application {
            tenant: self.tenant,
            id: ApplicationId::new(NOW, seed()),
            display_name: "Sample".to_owned(),
            kind: ClientKind::Confidential,
            secrets: vec![hash()],
            redirect_uris: vec![RedirectUri {
                uri: "https://app.example.org/callback".to_owned(),
                kind: RedirectKind::Web,
            }],
            logout_uris: vec!["https://app.example.org/".to_owned()],
            app_permissions: vec!["User.Read.All".to_owned()],
            id_token_algorithm: None,
            settings: ClientSettings::default(),
            enabled: true,
            created: NOW,
        };
        let row = application.clone();
        self.write(move |tx| Box::pin(async move { store::applications::put(tx, &row).await }))
            .await;
        application
    }

    /// A session with a passkey, written without a sign-in.
    pub async fn session(&self, user: &User, passkey: Option<&Passkey>) -> Session {
        let session = made_up_session(user, passkey);
        let row = session.clone();
        self.write(move |tx| Box::pin(async move { store::sessions::create(tx, &row).await }))
            .await;
        session
    }

    /// Commits a sign-in with `passkey`, as the flow would after reading.
    pub async fn sign_in(&self, user: &User, passkey: &Passkey) -> Session {
        let sign_in = passkey_sign_in(user, passkey, nonce());
        let session = sign_in.session.session().clone();
        let done = store::sign_ins::commit(&self.store, sign_in).await.unwrap();
        assert_eq!(done, store::sign_ins::Committed::Done);
        session
    }

    pub async fn code(&self, session: &Session, application: &Application) -> AuthorizationCode {
        let code = made_up_code(session, application);
        let row = code.clone();
        let issued = self
            .write(move |tx| Box::pin(async move { store::grants::issue_code(tx, &row).await }));
        assert_eq!(issued.await, store::grants::Issued::Done);
        code
    }

    /// Redeems a code; answers the grant and the first refresh token.
    pub async fn redeem(&self, code: &AuthorizationCode) -> (Grant, [u8; 32]) {
        let (grant, refresh, secret) = made_up_grant(code);
        let (row, hash) = (grant.clone(), code.code);
        let redeemed = self.write(move |tx| {
            Box::pin(
                async move { store::grants::redeem(tx, &hash, &row, Some(&refresh), NOW).await },
            )
        });
        assert_eq!(redeemed.await, store::grants::Redeemed::Done);
        (grant, secret)
    }
}

pub fn made_up_passkey(user: &User, credential_id: &[u8]) -> Passkey {
    Passkey {
        tenant: user.tenant,
        id: PasskeyId::new(NOW, seed()),
        user: user.id,
        credential_id: credential_id.to_vec(),
        stored_key: vec![1, 2, 3],
        algorithm: -7,
        aaguid: Uuid::from_u128(0xabcd),
        display_name: "Key".to_owned(),
        created: NOW,
        last_used: None,
        sign_count: 5,
        passkey_type: PasskeyType::DeviceBound,
        backed_up: false,
        transports: vec!["usb".to_owned(), "nfc".to_owned()],
        discoverable: Some(true),
        attestation_format: "packed".to_owned(),
        attestation_level: AttestationLevel::Attested,
        attestation_root: Some(policy::model::Sha256::from_bytes([7; 32])),
        key_store: Some(ceremony::attestation::KeyStore::StrongBox),
        attestation_certificate: Some("0a".repeat(20)),
        attestation_object: vec![0xa3],
        client_data: b"{}".to_vec(),
        user_verified: false,
        suspected_clone: None,
        compromise: None,
        warned: None,
        ended: None,
        enabled: true,
        waiting: false,
        provenance: Provenance::SelfService,
        registrar: Registrar::Owner,
    }
}

pub fn made_up_session(user: &User, passkey: Option<&Passkey>) -> Session {
    Session {
        tenant: user.tenant,
        id: SessionId::new(NOW, seed()),
        token: hash(),
        user: user.id,
        passkey: passkey.map(|passkey| passkey.id),
        pass: None,
        proofs: match passkey {
            Some(passkey) => vec![Proof::passkey(passkey, NOW)],
            None => vec![Proof::password(NOW), Proof::one_time_code(NOW)],
        },
        authenticated: NOW,
        mfa: Some(NOW),
        created: NOW,
        last_seen: NOW,
        expires: LATER,
        keep_signed_in: false,
        user_agent: "Browser/1".to_owned(),
        ip_address: "192.0.2.1".to_owned(),
        ended: None,
    }
}

pub fn nonce() -> [u8; 16] {
    *Uuid::from_u128(next().into()).as_bytes()
}

pub fn passkey_sign_in(user: &User, passkey: &Passkey, nonce: [u8; 16]) -> SignIn {
    passkey_sign_in_under(1, user, passkey, nonce)
}

/// A sign-in that this version of the policy allowed.
pub fn passkey_sign_in_under(
    policy: i64,
    user: &User,
    passkey: &Passkey,
    nonce: [u8; 16],
) -> SignIn {
    let session = made_up_session(user, Some(passkey));
    let used = PasskeyUse {
        passkey: passkey.id,
        count_before: passkey.sign_count,
        count: passkey.sign_count + 1,
        backed_up: true,
        user_verified: true,
        suspected_clone: false,
    };
    let record = made_up_record(user, Some(&session));
    SignIn {
        session: NewSession::made_up(session, Evidence::Passkey(used), user.version, policy),
        spend: Spend::Challenge {
            nonce,
            expires: LATER,
        },
        replaces: None,
        code: None,
        record,
        observed: Observed::default(),
        announcements: Vec::new(),
    }
}

/// A place, made from an address and the name of a browser on Linux.
pub fn place(browser: &str, address: &str) -> Place {
    let user_agent = format!("Mozilla/5.0 (X11; Linux x86_64) {browser}/1");
    Place::of(&user_agent, address.parse().unwrap(), None)
}

pub fn made_up_code(session: &Session, application: &Application) -> AuthorizationCode {
    AuthorizationCode {
        tenant: session.tenant,
        code: hash(),
        grant: GrantId::new(NOW, seed()),
        application: application.id,
        user: session.user,
        session: session.id,
        passkey: session.passkey,
        pass: session.pass,
        redirect_uri: "https://app.example.org/callback".to_owned(),
        code_challenge: Some("challenge".to_owned()),
        proof_key: Some(Sha256::from_bytes([7; 32])),
        nonce: Some("n".to_owned()),
        scopes: vec!["openid".to_owned(), "offline_access".to_owned()],
        methods: session.methods(),
        assurance: Assurance {
            acr: Some(Acr::HardwareProtected),
            acrs: vec!["c1".to_owned()],
        },
        authenticated: NOW,
        created: NOW,
        expires: NOW.plus(Span::seconds(60)),
    }
}

pub fn made_up_grant(code: &AuthorizationCode) -> (Grant, RefreshToken, [u8; 32]) {
    let grant = Grant {
        tenant: code.tenant,
        id: code.grant,
        application: code.application,
        user: code.user,
        session: code.session,
        passkey: code.passkey,
        pass: code.pass,
        proof_key: code.proof_key,
        scopes: code.scopes.clone(),
        methods: code.methods.clone(),
        assurance: code.assurance.clone(),
        authenticated: code.authenticated,
        created: NOW,
        expires: LATER,
        access_expires: NOW.plus(Span::minutes(10)),
        ended: None,
    };
    let secret = token();
    let refresh = RefreshToken {
        token: store::hash_token(&secret),
        grant: grant.id,
        generation: 0,
        created: NOW,
        expires: LATER,
        rotated: None,
    };
    (grant, refresh, secret)
}

pub fn made_up_record(user: &User, session: Option<&Session>) -> SignInRecord {
    SignInRecord {
        tenant: user.tenant,
        id: RecordId::new(NOW, seed()),
        at: NOW,
        user: Some(user.id),
        user_principal_name: user.user_principal_name.clone(),
        user_display_name: user.display_name.clone(),
        application: None,
        application_name: "Sample".to_owned(),
        interactive: true,
        error_code: 0,
        failure_code: String::new(),
        failure_reason: String::new(),
        steps: vec![SignInStep {
            at: NOW,
            method: "Passkey (device-bound)".to_owned(),
            detail: "Key".to_owned(),
            succeeded: true,
            result: String::new(),
        }],
        multi_factor: true,
        passkey: session.and_then(|session| session.passkey),
        credential_id: Some(vec![1]),
        aaguid: Some(Uuid::from_u128(1)),
        passkey_type: Some(PasskeyType::Synced),
        backed_up: Some(true),
        session: session.map(|session| session.id),
        ip_address: "192.0.2.1".to_owned(),
        user_agent: "Browser/1".to_owned(),
        decision: "{}".to_owned(),
        policy_version: 1,
        correlation: CorrelationId::new(NOW, seed()),
        salt: Some(salt()),
    }
}

/// A salt that nothing else has.
pub fn salt() -> Salt {
    let mut bytes = [9; Salt::LENGTH];
    bytes[..8].copy_from_slice(&next().to_be_bytes());
    Salt::new(bytes)
}

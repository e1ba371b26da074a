//! The people, groups and applications of a demonstration, with secrets of this run.

use anyhow::{Context as _, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use policy::model::{
    Application, ApplicationId, AuditRecord, ClientKind, ClientSettings, CorrelationId, Group,
    GroupId, Membership, PassId, PassUse, Password, RedirectKind, RedirectUri, Role, SecretBytes,
    Span, TemporaryAccessPass, Tenant, Timestamp, Totp, User, UserHandle, UserId, UserType,
};
use policy::scopes::Scope;
use store::{StoreError, Tx};

use super::sample_app;
use crate::app::AppState;
use crate::flow::issue_tokens::bearer_hash;
use crate::flow::{Caller, SecretText, pass_code, passwords, records, totp};
use crate::jose::{self, SigningAlgorithm, SigningKey};
use crate::start::FirstStart;

/// How long the passes of a demonstration work.
const PASS: Span = Span::hours(8);

/// Everything that was made.
#[derive(Debug)]
pub struct Directory {
    pub people: Vec<Account>,
    pub groups: Vec<Group>,
    pub graph: Client,
    pub public: Client,
    pub web: Client,
    pub sample_app: Client,
    /// A program that takes security events.
    pub receiver: Client,
}

/// A user with the secrets that open the account.
#[derive(Debug)]
pub struct Account {
    pub user: User,
    /// What the person is there to show.
    pub purpose: &'static str,
    pub roles: Vec<Role>,
    pub groups: Vec<GroupId>,
    pub password: Option<SecretText>,
    pub totp: Option<SecretBytes>,
    pub pass: Option<SecretText>,
}

/// An application with its secret; empty for a public one.
#[derive(Debug)]
pub struct Client {
    pub id: ApplicationId,
    pub secret: SecretText,
    /// The private key it can sign with instead, as base64 of PKCS#8, where it has one.
    pub key: Option<SecretText>,
    pub redirect_uris: Vec<String>,
}

/// Who is made. The order is the one they are printed in.
struct Part {
    name: &'static str,
    display_name: &'static str,
    purpose: &'static str,
    roles: &'static [Role],
    groups: &'static [usize],
    password: bool,
    pass: bool,
    user_type: UserType,
    enabled: bool,
}

const EVERYBODY: usize = 0;
const ENGINEERING: usize = 1;
const FRONT_DESK: usize = 2;
const GROUPS: [(&str, &str); 3] = [
    ("Everybody", "All members"),
    ("Engineering", "People who build things"),
    ("Front desk", "People who share one computer"),
];

const MEMBER: Part = Part {
    name: "",
    display_name: "",
    purpose: "",
    roles: &[],
    groups: &[EVERYBODY],
    password: true,
    pass: false,
    user_type: UserType::Member,
    enabled: true,
};

const PARTS: [Part; 8] = [
    Part {
        name: "admin",
        display_name: "Administrator",
        purpose: "administers everything",
        roles: &[Role::GlobalAdministrator],
        ..MEMBER
    },
    Part {
        name: "grace",
        display_name: "Grace",
        purpose: "helps people with their passkeys and passes",
        roles: &[Role::AuthenticationAdministrator],
        ..MEMBER
    },
    Part {
        name: "ada",
        display_name: "Ada",
        purpose: "has a password and one-time codes, and no passkey yet",
        groups: &[EVERYBODY, ENGINEERING],
        ..MEMBER
    },
    Part {
        name: "edsger",
        display_name: "Edsger",
        purpose: "the same as Ada",
        groups: &[EVERYBODY, ENGINEERING],
        ..MEMBER
    },
    Part {
        name: "barbara",
        display_name: "Barbara",
        purpose: "is new: has nothing but a pass",
        groups: &[EVERYBODY, FRONT_DESK],
        password: false,
        pass: true,
        ..MEMBER
    },
    Part {
        name: "margaret",
        display_name: "Margaret",
        purpose: "is a guest",
        groups: &[],
        user_type: UserType::Guest,
        ..MEMBER
    },
    Part {
        name: "alan",
        display_name: "Alan",
        purpose: "is disabled",
        enabled: false,
        ..MEMBER
    },
    Part {
        name: "katherine",
        display_name: "Katherine",
        purpose: "has a past: see the logs",
        password: false,
        pass: true,
        ..MEMBER
    },
];

/// Writes everything, with the audit records of an operator's import.
pub async fn fill(
    app: &AppState,
    first: &FirstStart,
    application: &str,
) -> anyhow::Result<Directory> {
    let tenant = app.tenants.default().clone();
    let groups: Vec<Group> = GROUPS
        .iter()
        .map(|(name, text)| group(app, &tenant, name, text))
        .collect();
    let mut people: Vec<Account> = PARTS
        .iter()
        .map(|part| account(app, &tenant, part, &groups))
        .collect();
    let administrator = administrator(app, &tenant, first).await?;
    for account in &mut people {
        if account.user.user_principal_name == administrator.user_principal_name {
            account.user = administrator.clone();
        }
    }
    let applications = Applications::new(app, &tenant, application);
    let mut rows = Vec::new();
    for account in &people {
        rows.push(Rows::of(app, account, administrator.id).await?);
    }
    let (written, registered) = (groups.clone(), applications.rows);
    app.store
        .write(move |tx| Box::pin(async move { write(tx, &rows, &written, &registered).await }))
        .await?;
    let [graph, public, web, sample_app, receiver] = applications.clients;
    Ok(Directory {
        people,
        groups,
        graph,
        public,
        web,
        sample_app,
        receiver,
    })
}

/// The administrator whom the first start made.
async fn administrator(
    app: &AppState,
    tenant: &Tenant,
    first: &FirstStart,
) -> anyhow::Result<User> {
    let (tenant, name) = (tenant.id, first.administrator.clone());
    let found: Option<User> = app
        .store
        .read(move |tx| {
            Box::pin(async move { store::users::find_by_name(tx, tenant, &name).await })
        })
        .await?;
    found.context("the first administrator is gone")
}

fn account(app: &AppState, tenant: &Tenant, part: &Part, groups: &[Group]) -> Account {
    let now = app.clock.now();
    let domain = tenant
        .domains
        .first()
        .map(String::as_str)
        .unwrap_or_default();
    let name = format!("{}@{domain}", part.name);
    let user = User {
        tenant: tenant.id,
        id: UserId::new(now, app.random.bytes()),
        mail: Some(name.clone()),
        user_principal_name: name,
        display_name: part.display_name.to_owned(),
        enabled: part.enabled,
        handle: UserHandle::new(tenant.id, app.random.bytes()),
        user_type: part.user_type,
        break_glass: false,
        created: now,
        sessions_valid_from: now,
        proofs_valid_from: None,
        mfa: policy::model::PerUserMfa::Disabled,
        version: 1,
    };
    let secret = || SecretText::new(jose::encode(app.random.bytes::<12>()));
    let totp_secret = || SecretBytes::new(app.random.bytes::<{ totp::SECRET }>().to_vec());
    Account {
        user,
        purpose: part.purpose,
        roles: part.roles.to_vec(),
        groups: part
            .groups
            .iter()
            .filter_map(|at| groups.get(*at))
            .map(|group| group.id)
            .collect(),
        password: part.password.then(secret),
        totp: part.password.then(totp_secret),
        pass: part
            .pass
            .then(|| pass_code::generate(&app.random, pass_code::LENGTH)),
    }
}

fn group(app: &AppState, tenant: &Tenant, name: &str, description: &str) -> Group {
    Group {
        tenant: tenant.id,
        id: GroupId::new(app.clock.now(), app.random.bytes()),
        display_name: name.to_owned(),
        description: description.to_owned(),
        role_assignable: false,
        created: app.clock.now(),
    }
}

/// What is written for one account. Passwords are hashed before, since nothing is computed in a write.
struct Rows {
    user: User,
    /// Whether the user is there already.
    known: bool,
    roles: Vec<Role>,
    groups: Vec<GroupId>,
    password: Option<Password>,
    totp: Option<Totp>,
    pass: Option<(TemporaryAccessPass, SecretText)>,
    records: Vec<AuditRecord>,
}

impl Rows {
    async fn of(app: &AppState, account: &Account, administrator: UserId) -> anyhow::Result<Self> {
        let now = app.clock.now();
        let user = account.user.clone();
        let password = match &account.password {
            Some(text) => Some(Password {
                user: user.id,
                hash: passwords::hash(app, text.clone())
                    .await
                    .map_err(|_| anyhow!("the workers are busy"))?,
                must_change: false,
                changed: now,
            }),
            None => None,
        };
        let pass = account
            .pass
            .clone()
            .map(|code| (pass(app, &user, now), code));
        let known = user.id == administrator;
        let mut activities = Vec::new();
        if !known {
            activities.push("Add user");
        }
        if pass.is_some() {
            activities.push("Create Temporary Access Pass");
        }
        let caller = Caller::of_operator(CorrelationId::new(now, app.random.bytes()));
        let record = |activity| {
            records::audit(
                now,
                &app.random,
                &caller,
                activity,
                records::by_service("demo"),
                &user,
            )
        };
        Ok(Self {
            known,
            roles: account.roles.clone(),
            groups: account.groups.clone(),
            password,
            totp: account.totp.clone().map(|secret| Totp {
                user: user.id,
                secret,
                last_step: 0,
                enrolled: now,
            }),
            pass,
            records: activities.into_iter().map(record).collect(),
            user,
        })
    }
}

fn pass(app: &AppState, user: &User, now: Timestamp) -> TemporaryAccessPass {
    TemporaryAccessPass {
        tenant: user.tenant,
        id: PassId::new(now, app.random.bytes()),
        user: user.id,
        starts: now,
        lifetime: PASS,
        usable: PassUse::Many,
        used: None,
        created: now,
        ends_with_registration: false,
    }
}

async fn write(
    tx: &mut Tx,
    rows: &[Rows],
    groups: &[Group],
    applications: &[Application],
) -> Result<(), StoreError> {
    for group in groups {
        store::groups::create(tx, group).await?;
    }
    for row in rows {
        write_account(tx, row).await?;
    }
    for application in applications {
        store::applications::put(tx, application).await?;
    }
    Ok(())
}

async fn write_account(tx: &mut Tx, row: &Rows) -> Result<(), StoreError> {
    let (tenant, user) = (row.user.tenant, row.user.id);
    if !row.known {
        // The store was empty a moment ago and the names are all different.
        let _ = store::users::create(tx, &row.user).await?;
    }
    for role in &row.roles {
        store::roles::assign(tx, tenant, user, *role, row.user.created).await?;
    }
    for group in &row.groups {
        store::groups::add_member(
            tx,
            tenant,
            Membership {
                group: *group,
                user,
            },
        )
        .await?;
    }
    if let Some(password) = &row.password {
        store::passwords::set(tx, tenant, password).await?;
    }
    if let Some(totp) = &row.totp {
        store::totp::enrol(tx, tenant, totp).await?;
    }
    if let Some((pass, code)) = &row.pass {
        store::passes::issue(tx, pass, code.expose()).await?;
    }
    for record in &row.records {
        store::audit::record(tx, record).await?;
    }
    Ok(())
}

/// The applications, as rows and as their own people know them.
struct Applications {
    rows: Vec<Application>,
    /// Graph client, public client, web client, sample application, receiver of signals.
    clients: [Client; 5],
}

impl Applications {
    fn new(app: &AppState, tenant: &Tenant, address: &str) -> Self {
        let mut rows = Vec::new();
        let mut make = |name: &str, kind: ClientKind, uris: &[String], permissions: &[&str]| {
            let (row, client) = register(app, tenant, name, kind, uris);
            let permissions = permissions.iter().map(|name| (*name).to_owned()).collect();
            rows.push(Application {
                app_permissions: permissions,
                ..row
            });
            client
        };
        let text = |uris: &[&str]| uris.iter().map(|uri| (*uri).to_owned()).collect::<Vec<_>>();
        // All that the interface knows.
        let everything: Vec<_> = Scope::for_applications().map(Scope::as_str).collect();
        let mut clients = [
            make("Graph client", ClientKind::Confidential, &[], &everything),
            make(
                "Installed client",
                ClientKind::Public,
                &text(&["http://localhost:53683/", "http://localhost:53684/"]),
                &[],
            ),
            make(
                "Web client",
                ClientKind::Confidential,
                &text(&["http://localhost:53685/callback"]),
                &[],
            ),
            make(
                "Sample application",
                ClientKind::Confidential,
                &[sample_app::redirect_uri(address)],
                &[],
            ),
            make(
                "Signal receiver",
                ClientKind::Confidential,
                &[],
                &["ssf.manage"],
            ),
        ];
        // The one that acts as itself may sign instead of sending its secret.
        if let (Some(row), [graph, ..]) = (rows.first_mut(), &mut clients) {
            graph.key = key_for(row);
        }
        if let Some(installed) = rows.get_mut(1) {
            installed.settings.device_code = true;
        }
        // As if an administrator had agreed to whatever these two ask for; the sample application has what everybody has.
        for client in rows.iter_mut().skip(1).take(2) {
            let everything = Scope::ALL.iter().map(ToString::to_string);
            client.settings.consented = everything.collect();
        }
        // One application of each kind of key, so that both are seen to work.
        if let Some(web) = rows.get_mut(2) {
            web.id_token_algorithm = Some("RS256".to_owned());
        }
        if let Some(sample) = rows.get_mut(3) {
            sample.logout_uris.push(sample_app::logout_uri(address));
        }
        Self { rows, clients }
    }
}

/// Gives an application a key of its own; answers the private half.
fn key_for(application: &mut Application) -> Option<SecretText> {
    let key = SigningKey::generate(SigningAlgorithm::Es256, "demo").ok()?;
    application.settings.assertion_keys.push(key.jwk().clone());
    let private = key.to_pkcs8().ok()?;
    Some(SecretText::new(STANDARD.encode(&*private)))
}

fn register(
    app: &AppState,
    tenant: &Tenant,
    name: &str,
    kind: ClientKind,
    uris: &[String],
) -> (Application, Client) {
    let secret = match kind {
        ClientKind::Confidential => SecretText::new(jose::encode(app.random.bytes::<32>())),
        ClientKind::Public => SecretText::new(""),
    };
    let waits = match kind {
        ClientKind::Confidential => RedirectKind::Web,
        ClientKind::Public => RedirectKind::Native,
    };
    let id = ApplicationId::new(app.clock.now(), app.random.bytes());
    let row = Application {
        tenant: tenant.id,
        id,
        display_name: name.to_owned(),
        kind,
        secrets: match kind {
            ClientKind::Confidential => vec![bearer_hash(secret.expose())],
            ClientKind::Public => Vec::new(),
        },
        redirect_uris: uris
            .iter()
            .map(|uri| RedirectUri {
                uri: uri.clone(),
                kind: waits,
            })
            .collect(),
        logout_uris: uris.to_vec(),
        app_permissions: Vec::new(),
        id_token_algorithm: None,
        settings: ClientSettings::default(),
        enabled: true,
        created: app.clock.now(),
    };
    (
        row,
        Client {
            id,
            secret,
            key: None,
            redirect_uris: uris.to_vec(),
        },
    )
}

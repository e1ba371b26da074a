//! The evidence log: what is read into the tree, and that `log verify` finds whatever is done to it.

mod backdoor;
mod commands;
/// The PostgreSQL of the store's own contract.
#[expect(clippy::expect_used, reason = "a failed setup is a failed test")]
#[path = "../../../../store/tests/contract/database.rs"]
mod database;
mod erasure;
mod independent;
mod log;
mod retention;
mod rollback;
mod tampering;

use std::path::{Path, PathBuf};

use keyward::evidence::sequencer::Sequencer;
use keyward::evidence::streams;
use keyward::evidence::verify::{self, Report, Saved};
use keyward::flow::{Caller, records};
use policy::model::{
    AuditRecord, CorrelationId, RecordId, Salt, SignInRecord, SignInStep, TenantId, User,
};
use rusqlite::Connection;
use store::evidence::Log;
use store::{DatabaseUrl, Kek, Store};

use crate::world::TestApp;
use backdoor::Backdoor;

/// Where a log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Sqlite,
    Postgres,
}

/// A server with a sequencer that works when it is told to.
pub struct Chronicle {
    pub world: TestApp,
    pub sequencer: Sequencer,
    pub user: User,
}

impl Chronicle {
    /// With one user and nothing in the logs but what the first start wrote.
    pub async fn begin() -> Self {
        Self::begin_on(Place::Sqlite).await
    }

    pub async fn begin_on(place: Place) -> Self {
        let database = match place {
            Place::Sqlite => None,
            Place::Postgres => Some(database::new_postgres().await.parse().unwrap()),
        };
        let world = TestApp::with(|settings| settings.database = database).await;
        let sequencer = Sequencer::of(&world.app);
        let user = world.user("ada@localhost").await;
        Self {
            world,
            sequencer,
            user,
        }
    }

    pub fn tenant(&self) -> TenantId {
        self.world.app.tenants.default().id
    }

    /// Writes sign-in records of the user.
    pub async fn sign_ins(&self, count: usize) {
        let rows: Vec<_> = (0..count).map(|_| self.sign_in()).collect();
        self.world
            .write(move |tx| {
                Box::pin(async move {
                    for row in &rows {
                        store::sign_ins::record(tx, row).await?;
                    }
                    Ok(())
                })
            })
            .await;
    }

    /// Writes audit records about the user.
    pub async fn audits(&self, count: usize) {
        let rows = self.audit_rows(count);
        self.world
            .write(move |tx| {
                Box::pin(async move {
                    for row in &rows {
                        store::audit::record(tx, row).await?;
                    }
                    Ok(())
                })
            })
            .await;
    }

    /// Audit records about the user, not written yet.
    pub fn audit_rows(&self, count: usize) -> Vec<AuditRecord> {
        let (app, caller) = (&self.world.app, self.caller());
        let row = || {
            let actor = records::by_user(&self.user, &caller);
            let now = app.clock.now();
            records::audit(now, &app.random, &caller, "Update user", actor, &self.user)
        };
        std::iter::repeat_with(row).take(count).collect()
    }

    fn caller(&self) -> Caller {
        let app = &self.world.app;
        let mut caller =
            Caller::of_operator(CorrelationId::new(app.clock.now(), app.random.bytes()));
        caller.user_agent = "Browser/7 of Ada".to_owned();
        caller
    }

    fn sign_in(&self) -> SignInRecord {
        let (app, user) = (&self.world.app, &self.user);
        let now = app.clock.now();
        SignInRecord {
            tenant: user.tenant,
            id: RecordId::new(now, app.random.bytes()),
            at: now,
            user: Some(user.id),
            user_principal_name: user.user_principal_name.clone(),
            user_display_name: user.display_name.clone(),
            application: None,
            application_name: "Sample".to_owned(),
            interactive: true,
            error_code: 50_126,
            failure_code: "bad_signature".to_owned(),
            failure_reason: "the signature does not fit".to_owned(),
            steps: vec![SignInStep {
                at: now,
                method: "Passkey (device-bound)".to_owned(),
                detail: "Ada's key".to_owned(),
                succeeded: false,
                result: "bad_signature".to_owned(),
            }],
            multi_factor: false,
            passkey: None,
            credential_id: Some(vec![1, 2, 3]),
            aaguid: None,
            passkey_type: None,
            backed_up: Some(true),
            session: None,
            ip_address: "192.0.2.7".to_owned(),
            user_agent: "Browser/7".to_owned(),
            decision: "{\"rules\":[]}".to_owned(),
            policy_version: 1,
            correlation: CorrelationId::new(now, app.random.bytes()),
            salt: Some(Salt::new(app.random.bytes())),
        }
    }

    pub async fn fold(&mut self) {
        self.sequencer.fold().await.unwrap();
    }

    /// Reads everything in and gives the heads out.
    pub async fn publish(&mut self) {
        self.fold().await;
        self.sequencer.publish(true).await.unwrap();
    }

    pub async fn verify(&self) -> Report {
        self.verify_with(Vec::new()).await
    }

    pub async fn verify_with(&self, saved: Vec<Saved>) -> Report {
        verify::verify(&self.world.app.store, saved).await.unwrap()
    }

    /// The checkpoints that the data folder holds.
    pub fn saved(&self) -> Vec<Saved> {
        let file = streams::file(&self.world.app.config.data);
        let text = std::fs::read_to_string(file).unwrap();
        verify::read_saved("checkpoints.jsonl", &text).unwrap()
    }

    pub fn file(&self) -> PathBuf {
        self.world.app.config.data.join("keyward.db")
    }

    /// A copy of the database as it is now, as a backup would be.
    pub fn copy(&self, name: &str) -> PathBuf {
        let copy = self.world.app.config.data.join(name);
        let into = copy.to_str().unwrap();
        self.database().execute("VACUUM INTO ?1", [into]).unwrap();
        copy
    }

    /// A copy of the database as it is now, opened as the server would.
    pub async fn as_it_is_now(&self, name: &str) -> Store {
        let address = self.world.app.config.database.expose();
        if address.starts_with("sqlite:") {
            return self.open(&self.copy(name)).await;
        }
        let (server, schema) = address.rsplit_once("%3D").unwrap();
        let copy = format!("{schema}_{name}");
        self.backdoor().await.copy_schema(schema, &copy).await;
        let url: DatabaseUrl = format!("{server}%3D{copy}").parse().unwrap();
        Store::open(&url, self.kek()).await.unwrap()
    }

    fn kek(&self) -> Kek {
        Kek::load(&self.world.app.config.data.join("key")).unwrap()
    }

    /// The copy, opened as the server would.
    pub async fn open(&self, copy: &Path) -> Store {
        let url = DatabaseUrl::sqlite(copy);
        Store::open(&url, self.kek()).await.unwrap()
    }

    /// A way into the database that no rule of the server stands in, whichever it is.
    pub async fn backdoor(&self) -> Backdoor {
        let address = self.world.app.config.database.expose();
        if address.starts_with("sqlite:") {
            return Backdoor::Sqlite(self.database());
        }
        let connected = tokio_postgres::connect(address, tokio_postgres::NoTls).await;
        let (client, connection) = connected.unwrap();
        tokio::spawn(connection);
        Backdoor::Postgres(client)
    }

    /// The same where it is SQLite.
    pub fn database(&self) -> Connection {
        let database = Connection::open(self.file()).unwrap();
        database.pragma_update(None, "foreign_keys", "OFF").unwrap();
        database
    }
}

/// The codes of what was found, each once, in the order of their first mention.
pub fn codes(report: &Report) -> Vec<&'static str> {
    let mut codes: Vec<_> = Vec::new();
    for finding in report.findings.kept() {
        if !codes.contains(&finding.code()) {
            codes.push(finding.code());
        }
    }
    codes
}

/// Size of a log's tree as the report has it.
pub fn size(report: &Report, log: Log) -> u64 {
    let found = report.logs.iter().find(|one| one.tree.log == log).unwrap();
    found.head.as_ref().map_or(0, |head| head.size)
}

//! Changes that wait for a second person: over Graph, and on the pages of administrators.

mod pages;
mod people;
mod policies;
mod setting;

use policy::model::{AuditRecord, PolicyDocument, Role, SecondPerson, User};
use policy::scopes::Scope;
use serde_json::{Value, json};

use crate::graph::{Program, Scene, ok};
use crate::world::{Answer, TestApp};

const APPROVALS: &str = "/beta/keyward/approvals";
const CAMPAIGNS: &str = "/beta/keyward/campaigns";

/// Everything waits.
const ON: SecondPerson = SecondPerson {
    policies: true,
    roles: true,
    methods: true,
    hours: 24,
};

/// A server on which everything waits, and two Global Administrators beside the first one.
struct Two {
    scene: Scene,
    ada: User,
    bob: User,
}

impl Two {
    async fn new() -> Self {
        let two = Self::of(TestApp::new().await).await;
        two.turn_on().await;
        two
    }

    /// The same where nothing waits yet.
    async fn of(world: TestApp) -> Self {
        let scene = Scene::of(world).await;
        let ada = holder(&scene, "ada@a.example", Role::GlobalAdministrator).await;
        let bob = holder(&scene, "bob@a.example", Role::GlobalAdministrator).await;
        Self { scene, ada, bob }
    }

    async fn turn_on(&self) {
        let setting = PolicyDocument::SecondPerson(ON);
        self.scene.world.policy(setting).await;
    }

    async fn ada(&self) -> Program<'_> {
        self.scene.as_user(&self.ada, Scope::ALL).await.program
    }

    async fn bob(&self) -> Program<'_> {
        self.scene.as_user(&self.bob, Scope::ALL).await.program
    }

    /// Somebody with this role.
    async fn other(&self, name: &str, role: Role) -> Program<'_> {
        let user = holder(&self.scene, name, role).await;
        self.scene.as_user(&user, Scope::ALL).await.program
    }

    /// Records of the log about approvals, the newest first.
    async fn records(&self, activity: &str) -> Vec<AuditRecord> {
        let tenant = self.scene.tenant;
        let all = self.scene.world.write(move |tx| {
            Box::pin(async move {
                let filter = store::audit::Filter::All;
                store::audit::list(tx, tenant, filter, store::Page::first(200)).await
            })
        });
        let all = all.await.into_iter();
        all.filter(|one| one.activity == activity).collect()
    }
}

/// A new user with this role, as stored.
async fn holder(scene: &Scene, name: &str, role: Role) -> User {
    let user = scene.world.user(name).await;
    scene.world.role(&user, role).await;
    scene.world.stored_user(name).await
}

/// What a change that waits is answered with; the address of its request.
#[track_caller]
fn kept(answer: &Answer) -> String {
    let body = ok(answer, 202);
    assert_eq!(body["code"], "approval_pending", "{body}");
    assert_eq!(body["status"], "pending", "{body}");
    let path = format!("{APPROVALS}/{}", body["id"].as_str().unwrap());
    assert_eq!(answer.location(), path);
    path
}

/// Asks for a campaign of this name, which waits.
async fn ask(by: &Program<'_>, name: &str) -> String {
    let asked = by.post(CAMPAIGNS, &json!({"displayName": name})).await;
    kept(&asked)
}

async fn approve(by: &Program<'_>, path: &str) -> Answer {
    by.post(&format!("{path}/approve"), &json!({})).await
}

async fn status(by: &Program<'_>, path: &str) -> Value {
    ok(&by.get(path).await, 200)["status"].clone()
}

/// How many campaigns have this name.
async fn campaigns(by: &Program<'_>, name: &str) -> usize {
    let all = ok(&by.get(CAMPAIGNS).await, 200);
    let all = all["value"].as_array().unwrap();
    all.iter().filter(|one| one["displayName"] == name).count()
}

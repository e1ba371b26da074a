//! `/admin/what-if` and `/admin/users/{user}/explain`.

use keyward::flow::Caller;
use keyward::flow::govern::ask::{self, Question};
use keyward::flow::govern::{GovernRefusal, Governor};
use keyward::web::{AdminSession, CurrentSession};
use policy::Denial;
use policy::access::Wish;
use policy::model::*;
use policy::strength::PHISHING_RESISTANT;
use store::policies::Expected;

use crate::page;
use crate::world::{TestApp, authenticator};

fn application(all: bool) -> AccessTarget {
    AccessTarget::Applications {
        all,
        include: Vec::new(),
        exclude: Vec::new(),
        admin_portals: !all,
    }
}

fn asking(number: u8, name: &str, target: AccessTarget, grant: AccessGrant) -> PolicyDocument {
    PolicyDocument::Access(Box::new(AccessPolicy {
        id: AccessPolicyId::from_bytes([number; 16]),
        name: name.to_owned(),
        description: String::new(),
        state: AccessState::Enabled,
        created: Timestamp::from_seconds(0),
        modified: Timestamp::from_seconds(0),
        conditions: Conditions {
            users: Assignment::everyone(),
            target,
            ..Conditions::default()
        },
        grant,
        session: SessionControls::default(),
    }))
}

async fn decide(world: &TestApp, document: PolicyDocument) {
    let (tenant, now) = (world.app.tenants.default().id, world.app.clock.now());
    world
        .write(move |tx| {
            Box::pin(async move {
                store::policies::put(tx, tenant, &document, Expected::Anything, now).await
            })
        })
        .await;
}

#[tokio::test]
async fn what_if_says_which_policies_apply_and_which_methods_would_do() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let grant = AccessGrant::Strength(PHISHING_RESISTANT);
    decide(
        &world,
        asking(1, "Keys everywhere", application(true), grant),
    )
    .await;
    let bob = world.user("bob@localhost").await;
    world.password(&bob, "correct horse battery", false).await;
    let block = asking(
        2,
        "Nobody administers",
        application(false),
        AccessGrant::Block,
    );
    let PolicyDocument::Access(mut block) = block else {
        unreachable!("it was made as one")
    };
    block.conditions.users.include = Scope {
        users: vec![bob.id],
        ..Scope::default()
    };
    decide(&world, PolicyDocument::Access(block)).await;
    let ada = world.user("ada@localhost").await;
    world.password(&ada, "correct horse battery", false).await;
    let ask = |user: &str, wish: &str| {
        format!(
            "/admin/what-if?user={user}&wish={wish}&platform=linux&client=browser&address=192.0.2.7"
        )
    };
    let empty = admin.get("/admin/what-if").await;
    assert!(!page::check(&empty).contains("id=\"answer\""));
    let answer = admin.get(&ask("ada@localhost", "own")).await;
    let shown = page::check(&answer);
    assert!(shown.contains("They would not get in"), "{shown}");
    assert!(shown.contains("Says no: Keys everywhere"), "{shown}");
    assert!(shown.contains("It is not for this person."), "{shown}");
    let administrator = world.first.administrator.clone();
    let answer = admin.get(&ask(&administrator, "own")).await;
    assert!(
        page::check(&answer).contains("They would get in."),
        "{}",
        answer.body
    );
    let answer = admin.get(&ask("bob@localhost", "administration")).await;
    assert!(
        page::check(&answer).contains("Says no: Nobody administers"),
        "{}",
        answer.body
    );
    let answer = admin
        .get(&ask(&administrator, "registerSecurityInfo"))
        .await;
    assert!(
        page::check(&answer).contains("no policy applies"),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn what_cannot_be_asked_is_said_at_its_field() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let nobody = admin
        .get("/admin/what-if?user=nobody@localhost&address=192.0.2.7")
        .await;
    let shown = page::check(&nobody);
    assert!(shown.contains("href=\"#user\""), "{shown}");
    let nowhere = admin
        .get("/admin/what-if?user=nobody@localhost&address=home")
        .await;
    let shown = page::check(&nowhere);
    assert!(shown.contains("href=\"#address\""), "{shown}");
    assert!(!shown.contains("id=\"answer\""), "{shown}");
}

#[tokio::test]
async fn one_person_is_explained_with_the_rule_that_says_no() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let mut key = authenticator();
    let (ada, _) = world.user_with_passkey("ada@localhost", &mut key).await;
    let path = format!("/admin/users/{}/explain", ada.id);
    assert!(
        admin
            .get(&format!("/admin/users/{}", ada.id))
            .await
            .body
            .contains(&path)
    );
    let fine = admin.get(&path).await;
    let shown = page::check(&fine);
    assert!(
        shown.contains("They may add a passkey by themselves."),
        "{shown}"
    );
    assert!(shown.contains(">Fresh<"), "{shown}");
    assert!(shown.contains(">Works<"), "{shown}");
    assert!(shown.contains("local_passkey"), "{shown}");

    world.wait(301);
    let mut method = Policies::of_new_tenant().passkeys;
    method.self_service = false;
    method.profiles[0].types = vec![PasskeyType::Synced];
    decide(&world, PolicyDocument::Passkeys(method)).await;
    let denied = admin.get(&path).await;
    let shown = page::check(&denied);
    assert!(
        shown.contains("They cannot add a passkey by themselves."),
        "{shown}"
    );
    assert!(shown.contains("self_service_off"), "{shown}");
    assert!(shown.contains("(selfService)"), "{shown}");
    assert!(shown.contains(">Not fresh<"), "{shown}");
    assert!(shown.contains("passkey_type_not_allowed"), "{shown}");
    assert!(!shown.contains("Passkey “test key”"), "{shown}");
}

#[tokio::test]
async fn questions_take_the_roles_that_may_see_the_answers() {
    let world = TestApp::new().await;
    world.administrator(&mut authenticator()).await;
    let ada = world.user("ada@localhost").await;
    let explain = format!("/admin/users/{}/explain", ada.id);
    for (name, role, may_ask, may_explain) in [
        (
            "helper@localhost",
            Role::AuthenticationAdministrator,
            false,
            true,
        ),
        (
            "access@localhost",
            Role::ConditionalAccessAdministrator,
            true,
            false,
        ),
        ("reader@localhost", Role::GlobalReader, true, true),
        ("logs@localhost", Role::ReportsReader, false, false),
    ] {
        let (user, mut browser) = world.user_with_passkey(name, &mut authenticator()).await;
        let now = world.app.clock.now();
        world
            .write(move |tx| {
                Box::pin(
                    async move { store::roles::assign(tx, user.tenant, user.id, role, now).await },
                )
            })
            .await;
        for (path, may) in [("/admin/what-if", may_ask), (explain.as_str(), may_explain)] {
            let answer = browser.get(path).await;
            match may {
                true => assert_eq!(answer.status, 200, "{name} {path}"),
                false => {
                    answer.refused(403, "role_missing");
                }
            }
        }
    }
}

/// The page asks for the same role before it comes to the question; other surfaces reach the question alone.
#[tokio::test]
async fn the_question_itself_takes_a_role() {
    let world = TestApp::new().await;
    let (helper, browser) = world
        .user_with_passkey("helper@localhost", &mut authenticator())
        .await;
    let now = world.app.clock.now();
    let role = Role::AuthenticationAdministrator;
    world
        .write(move |tx| {
            Box::pin(
                async move { store::roles::assign(tx, helper.tenant, helper.id, role, now).await },
            )
        })
        .await;
    let (parts, ()) = browser
        .request(axum::http::Method::GET, "/")
        .body(())
        .unwrap()
        .into_parts();
    let tenant = world.app.tenants.default().id;
    let found = CurrentSession::find(&world.app, &parts, tenant).await;
    let admin = AdminSession {
        current: found.unwrap().unwrap(),
    };
    let caller = Caller::of_operator(CorrelationId::from_bytes([7; 16]));
    let governor = Governor::person(&admin, &caller);
    let question = Question {
        wish: Wish::OwnPages,
        contexts: Vec::new(),
        platform: None,
        client: ClientType::Browser,
        address: [203, 0, 113, 7].into(),
        device_code: false,
    };
    let answer = ask::what_if(&world.app, &governor, helper.id, &question).await;
    let refused = answer.map(|_| ());
    assert!(matches!(
        refused,
        Err(GovernRefusal::Denied(Denial::RoleMissing))
    ));
}

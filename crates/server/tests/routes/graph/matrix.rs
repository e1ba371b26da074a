//! Every operation, by every role, on a member, an administrator and oneself: who is refused is who the rules refuse, and nobody else.

use keyward::graph::table::{Route, Verb, table};
use policy::Denial;
use policy::model::{Group, GroupId, Role, User, UserType};
use policy::roles::{self, Caller, Target};
use policy::scopes::{Need, Scope};
use serde_json::{Value, json};

use super::{Program, Scene};

/// Whom it is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whom {
    Member,
    Administrator,
    Oneself,
}

#[tokio::test]
async fn every_operation_by_every_role_on_everybody() {
    let scene = Scene::new().await;
    let mut seen = 0;
    let callers = std::iter::once(None).chain(Role::ALL.iter().copied().map(Some));
    for (number, role) in callers.enumerate() {
        let caller = scene.world.user(&format!("caller{number}@a.example")).await;
        if let Some(role) = role {
            scene.world.role(&caller, role).await;
        }
        let program = scene.as_user(&caller, Scope::ALL).await.program;
        for whom in [Whom::Member, Whom::Administrator, Whom::Oneself] {
            let target = match whom {
                Whom::Oneself => caller.clone(),
                _ => {
                    scene
                        .world
                        .user(&format!("{whom:?}{number}@a.example"))
                        .await
                }
            };
            if whom == Whom::Administrator {
                scene.world.role(&target, Role::GlobalAdministrator).await;
            }
            let group = group(&scene).await;
            let skipped = |route: &Route| {
                // Nobody ends the sessions they are asking in.
                whom == Whom::Oneself && route.path.ends_with("resetPassword")
            };
            for route in last_deletes().into_iter().filter(|route| !skipped(route)) {
                let expected = expected(&route, role, (&caller, &target), whom);
                let status = ask(&program, &route, &target, group).await;
                let denied = status == 403;
                assert_eq!(
                    denied,
                    expected.is_err(),
                    "{role:?} does {route:?} to {whom:?}: {status}, expected {expected:?}"
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 1000, "{seen}");
}

/// A group to try things on.
async fn group(scene: &Scene) -> GroupId {
    let (tenant, now) = (scene.tenant, scene.world.app.clock.now());
    let group = Group {
        tenant,
        id: GroupId::new(now, scene.world.app.random.bytes()),
        display_name: "Pilots".to_owned(),
        description: String::new(),
        role_assignable: false,
        created: now,
    };
    let id = group.id;
    scene
        .world
        .write(move |tx| Box::pin(async move { store::groups::create(tx, &group).await }))
        .await;
    id
}

/// Accounts and groups are deleted after everything else was tried on them; nobody ends the sessions they are asking in.
fn last_deletes() -> Vec<Route> {
    let deletes = |route: &&Route| {
        route.method == Verb::Delete && matches!(route.path, "users/{user}" | "groups/{group}")
    };
    let ends = |route: &&Route| route.path.ends_with("revokeSignInSessions");
    let others = table()
        .iter()
        .filter(|route| !deletes(route) && !ends(route));
    others
        .chain(table().iter().filter(deletes))
        .copied()
        .collect()
}

fn expected(
    route: &Route,
    role: Option<Role>,
    (caller, target): (&User, &User),
    whom: Whom,
) -> Result<(), Denial> {
    let about_target = route.path.starts_with("users/{user}");
    let oneself = about_target && whom == Whom::Oneself;
    let operation = match route.own {
        Some(own) if oneself => own,
        _ => route.operation,
    };
    let roles: Vec<Role> = role.into_iter().collect();
    let held: Vec<Role> = match whom {
        Whom::Member => Vec::new(),
        Whom::Administrator => vec![Role::GlobalAdministrator],
        Whom::Oneself => roles.clone(),
    };
    match operation.need() {
        Need::Nothing => Ok(()),
        Need::Task(task) => roles::may_do(&roles, task),
        Need::Action(action) => {
            let caller = Caller {
                id: caller.id,
                roles: &roles,
            };
            let target = Target {
                id: target.id,
                roles: &held,
                in_role_assignable_group: false,
                user_type: UserType::Member,
            };
            roles::may_act(caller, action, target).map(drop)
        }
    }
}

/// The status of an attempt. What does not exist is not found, but only by those who may look.
async fn ask(program: &Program<'_>, route: &Route, target: &User, group: GroupId) -> u16 {
    let nobody = "0198f0a0-0000-7000-8000-000000000000";
    let path = route.path.replace("{user}", &target.id.to_string());
    let path = path.replace("{group}", &group.to_string());
    let path = path.replace("{member}", &target.id.to_string());
    let one = match path.contains("softwareOath") {
        true => "b0a1b5b6-6d0b-4d4c-9a2c-6b3f1f1c9f10",
        false => "28c10230-6103-485e-b985-444c60001490",
    };
    let path = path.replace("{method}", one);
    let path: Vec<_> = path
        .split('/')
        .map(|part| if part.starts_with('{') { nobody } else { part })
        .collect();
    let path = format!("/beta/{}", path.join("/"));
    let body = match route.method {
        Verb::Get | Verb::Delete => None,
        _ => Some(body(route, target)),
    };
    let answer = program
        .send(route.method.http(), &path, body.as_ref())
        .await;
    assert!(
        !answer.status.is_server_error(),
        "{route:?}: {}",
        answer.body
    );
    answer.status.as_u16()
}

/// Something that is read as far as the question who may.
fn body(route: &Route, target: &User) -> Value {
    match route.path {
        "users" => json!({"displayName": "x", "userPrincipalName": "x@localhost"}),
        path if path.ends_with("$ref") => json!({"@odata.id": format!("users/{}", target.id)}),
        path if path.ends_with("fido2Methods") => json!({"publicKeyCredential": {}}),
        path if path.ends_with("resetPassword") => json!({}),
        path if path.ends_with("signInPreferences") => json!({}),
        path if path.ends_with("authentication/requirements") => {
            json!({"perUserMfaState": "enabled"})
        }
        path if path.ends_with("temporaryAccessPassMethods") => json!({}),
        _ => json!({"displayName": "x"}),
    }
}

//! Policies that wait, and everything that a request can come to.

use policy::approvals::MAX_OPEN;
use policy::model::{AccessGrant, AccessState, AuditResult, Role};
use policy::scopes::Scope;
use serde_json::json;

use super::{APPROVALS, CAMPAIGNS, Two, approve, ask, campaigns, kept, status};
use crate::graph::{ok, refused};
use crate::world::authenticator;

#[tokio::test]
async fn a_change_waits_and_another_person_carries_it_out() {
    let two = Two::new().await;
    let (ada, bob) = (two.ada().await, two.bob().await);
    let path = ask(&ada, "Pilots").await;
    assert_eq!(
        campaigns(&ada, "Pilots").await,
        0,
        "nothing before approval"
    );
    let asked = ok(&bob.get(&path).await, 200);
    assert_eq!(asked["status"], "pending");
    assert_eq!(asked["operation"], "putPolicy");
    assert_eq!(asked["policyKind"], "campaign");
    assert_eq!(asked["requestor"]["userPrincipalName"], "ada@a.example");
    assert_eq!(asked["basedOnVersion"], 0);
    assert_eq!(asked["after"]["name"], "Pilots");
    assert!(asked["before"].is_null());

    let done = ok(&approve(&bob, &path).await, 200);
    assert_eq!(done["status"], "approved");
    assert_eq!(done["completedBy"]["userPrincipalName"], "bob@a.example");
    assert_eq!(campaigns(&ada, "Pilots").await, 1);
    // Records sort by their moment.
    two.scene.world.wait(1);
    refused(&approve(&bob, &path).await, 409, "approval_settled");
    assert_eq!(campaigns(&ada, "Pilots").await, 1);

    let changed = two.records("Authentication Methods Policy Update").await;
    let detail = |name: &str| {
        let mut details = changed[0].details.iter();
        let found = details.find(|(one, _)| one == name);
        found.map(|(_, value)| value.clone()).unwrap()
    };
    assert!(detail("requestedBy").starts_with("ada@a.example ("));
    assert!(detail("approvedBy").starts_with("bob@a.example ("));
    assert!(path.ends_with(&detail("approvalId")));
    assert_eq!(two.records("Request change approval").await.len(), 1);
    let approvals = two.records("Approve change request").await;
    let results: Vec<_> = approvals.iter().map(|one| one.result).collect();
    assert_eq!(results, [AuditResult::Failure, AuditResult::Success]);
}

#[tokio::test]
async fn nobody_approves_what_they_asked_for() {
    let two = Two::new().await;
    let ada = two.ada().await;
    let path = ask(&ada, "Pilots").await;
    refused(&approve(&ada, &path).await, 403, "approval_own_request");
    let denied = ada
        .post(&format!("{path}/deny"), &json!({"reason": "no"}))
        .await;
    refused(&denied, 403, "approval_own_request");
    assert_eq!(status(&ada, &path).await, "pending");
    assert_eq!(campaigns(&ada, "Pilots").await, 0);
}

#[tokio::test]
async fn a_role_that_could_not_make_the_change_does_not_approve_it() {
    let two = Two::new().await;
    let path = ask(&two.ada().await, "Pilots").await;
    let lesser = two
        .other("sam@a.example", Role::SecurityAdministrator)
        .await;
    assert_eq!(status(&lesser, &path).await, "pending");
    refused(&approve(&lesser, &path).await, 403, "role_missing");
    let denied = lesser
        .post(&format!("{path}/deny"), &json!({"reason": "no"}))
        .await;
    refused(&denied, 403, "role_missing");
    let reader = two.other("rae@a.example", Role::GlobalReader).await;
    assert_eq!(status(&reader, &path).await, "pending");
    refused(&approve(&reader, &path).await, 403, "role_missing");
    // Whoever may see nothing of policies does not learn that there is such a request.
    let helper = two
        .other("hal@a.example", Role::HelpdeskAdministrator)
        .await;
    refused(&helper.get(&path).await, 404, "not_found");
    refused(&approve(&helper, &path).await, 404, "not_found");
    let listed = ok(&helper.get(APPROVALS).await, 200);
    assert_eq!(listed["value"].as_array().unwrap().len(), 0);
    assert_eq!(campaigns(&two.ada().await, "Pilots").await, 0);
    let able = Role::AuthenticationPolicyAdministrator;
    let able = two.other("pat@a.example", able).await;
    ok(&approve(&able, &path).await, 200);
}

#[tokio::test]
async fn a_token_approves_what_its_scopes_could_change() {
    let two = Two::new().await;
    let path = ask(&two.ada().await, "Pilots").await;
    let scopes = [Scope::RoleManagementReadWrite, Scope::PolicyWriteAccess];
    let narrow = two.scene.as_user(&two.bob, &scopes).await.program;
    assert_eq!(status(&narrow, &path).await, "pending");
    refused(&approve(&narrow, &path).await, 403, "scope_missing");
    let fitting = two.scene.as_user(&two.bob, &[Scope::PolicyWriteMethods]);
    ok(&approve(&fitting.await.program, &path).await, 200);
}

#[tokio::test]
async fn an_expired_request_is_over() {
    let two = Two::new().await;
    let path = ask(&two.ada().await, "Pilots").await;
    two.scene.world.wait(24 * 3_600);
    let (ada, bob) = (two.ada().await, two.bob().await);
    assert_eq!(status(&bob, &path).await, "expired");
    refused(&approve(&bob, &path).await, 409, "approval_expired");
    let withdrawn = ada.post(&format!("{path}/withdraw"), &json!({})).await;
    refused(&withdrawn, 409, "approval_expired");
    assert_eq!(campaigns(&ada, "Pilots").await, 0);
}

#[tokio::test]
async fn what_was_asked_on_another_version_is_outdated() {
    let two = Two::new().await;
    let (ada, bob) = (two.ada().await, two.bob().await);
    let all = ok(&ada.get(CAMPAIGNS).await, 200);
    let first = all["value"][0]["id"].as_str().unwrap();
    let one = format!("{CAMPAIGNS}/{first}");
    let days = |days: u32| json!({"snoozeDurationInDays": days});
    let (early, late) = (
        kept(&ada.patch(&one, &days(3)).await),
        kept(&ada.patch(&one, &days(5)).await),
    );
    ok(&approve(&bob, &late).await, 200);
    refused(&approve(&bob, &early).await, 409, "approval_outdated");
    assert_eq!(status(&bob, &early).await, "outdated");
    refused(&approve(&bob, &early).await, 409, "approval_settled");
    let now = ok(&ada.get(&one).await, 200);
    assert_eq!(now["snoozeDurationInDays"], 5);
    let asked = ok(&bob.get(&late).await, 200);
    assert_eq!(asked["after"]["snoozeDays"], 5);
    assert!(asked["before"].is_object());
}

#[tokio::test]
async fn a_request_is_refused_with_a_reason_or_taken_back() {
    let two = Two::new().await;
    let (ada, bob) = (two.ada().await, two.bob().await);
    let path = ask(&ada, "Pilots").await;
    let deny = format!("{path}/deny");
    for reason in [String::new(), "  ".to_owned(), "x".repeat(1_001)] {
        let refusal = bob.post(&deny, &json!({ "reason": reason })).await;
        refused(&refusal, 400, "approval_reason_invalid");
    }
    let not_own = bob.post(&format!("{path}/withdraw"), &json!({})).await;
    refused(&not_own, 403, "approval_not_own_request");
    ok(&bob.post(&deny, &json!({"reason": "Too early"})).await, 204);
    let denied = ok(&ada.get(&path).await, 200);
    assert_eq!(denied["status"], "denied");
    assert_eq!(denied["reason"], "Too early");
    refused(&approve(&bob, &path).await, 409, "approval_settled");

    two.scene.world.wait(1);
    let path = ask(&ada, "Drivers").await;
    ok(
        &ada.post(&format!("{path}/withdraw"), &json!({})).await,
        204,
    );
    assert_eq!(status(&ada, &path).await, "withdrawn");
    refused(&approve(&bob, &path).await, 409, "approval_settled");
    assert_eq!(campaigns(&ada, "Pilots").await, 0);
    assert_eq!(campaigns(&ada, "Drivers").await, 0);
    let listed = ok(&bob.get(APPROVALS).await, 200);
    let states = listed["value"].as_array().unwrap().iter();
    let states: Vec<_> = states.map(|one| one["status"].clone()).collect();
    assert_eq!(states, ["withdrawn", "denied"]);
}

#[tokio::test]
async fn whoever_asked_still_has_to_be_an_administrator() {
    let two = Two::new().await;
    let path = ask(&two.ada().await, "Pilots").await;
    two.scene.world.set_enabled(&two.ada, false).await;
    let bob = two.bob().await;
    refused(&approve(&bob, &path).await, 409, "approval_requester_gone");
    assert_eq!(status(&bob, &path).await, "pending");
    two.scene.world.set_enabled(&two.ada, true).await;
    ok(&approve(&bob, &path).await, 200);
}

#[tokio::test]
async fn the_rules_of_policies_are_asked_again() {
    let two = Two::new().await;
    let (ada, bob) = (two.ada().await, two.bob().await);
    let (one, other) = (ask(&ada, "Pilots").await, ask(&ada, "Pilots").await);
    ok(&approve(&bob, &one).await, 200);
    // The name is taken by now.
    refused(&approve(&bob, &other).await, 400, "policy_invalid");
    assert_eq!(status(&bob, &other).await, "pending");
    assert_eq!(campaigns(&bob, "Pilots").await, 1);
}

#[tokio::test]
async fn whom_a_change_locks_out_is_asked_again() {
    let two = Two::new().await;
    let world = &two.scene.world;
    world.administrator(&mut authenticator()).await;
    world.passkey_of(&two.bob, &mut authenticator()).await;
    let (ada, bob) = (two.ada().await, two.bob().await);
    world
        .access_policy(1, AccessState::Disabled, AccessGrant::Block)
        .await;
    let policy = "/v1.0/identity/conditionalAccess/policies/01010101-0101-0101-0101-010101010101";
    let chief = world.stored_user(&world.first.administrator).await;
    let block = |except: &[String]| {
        json!({"state": "enabled", "conditions": {
            "users": {"includeUsers": ["All"], "excludeUsers": except},
            "applications": {"includeApplications": ["All"]},
        }})
    };
    // It would lock everybody out now, so it is not even kept.
    let everybody = ada.patch(policy, &block(&[])).await;
    refused(&everybody, 409, "locks_everybody_out");
    let path = kept(&ada.patch(policy, &block(&[chief.id.to_string()])).await);
    world.set_enabled(&chief, false).await;
    refused(&approve(&bob, &path).await, 409, "locks_everybody_out");
    assert_eq!(status(&bob, &path).await, "pending");
    assert_eq!(ok(&ada.get(policy).await, 200)["state"], "disabled");
    world.set_enabled(&chief, true).await;
    ok(&approve(&bob, &path).await, 200);
    assert_eq!(ok(&ada.get(policy).await, 200)["state"], "enabled");
}

#[tokio::test]
async fn a_program_by_itself_is_told_that_it_needs_a_person() {
    let two = Two::new().await;
    let app = two.scene.app().await;
    let made = app.post(CAMPAIGNS, &json!({"displayName": "Pilots"})).await;
    refused(&made, 403, "approval_needs_person");
    refused(&app.get(APPROVALS).await, 403, "scope_missing");
    let path = ask(&two.ada().await, "Pilots").await;
    refused(&app.get(&path).await, 403, "scope_missing");
    refused(&approve(&app, &path).await, 403, "scope_missing");
    assert_eq!(campaigns(&app, "Pilots").await, 0);
}

#[tokio::test]
async fn one_person_has_so_many_requests_open() {
    let two = Two::new().await;
    let ada = two.ada().await;
    for number in 0..MAX_OPEN {
        ask(&ada, &format!("Wave {number}")).await;
    }
    let more = ada.post(CAMPAIGNS, &json!({"displayName": "More"})).await;
    refused(&more, 409, "approval_too_many_open");
    ask(&two.bob().await, "More").await;
}

#[tokio::test]
async fn each_part_of_a_batch_and_of_a_change_waits_by_itself() {
    let two = Two::new().await;
    let ada = two.ada().await;
    let part = json!({"id": "1", "method": "POST", "url": "/keyward/campaigns",
        "body": {"displayName": "Pilots"}});
    let batch = ada
        .post("/beta/$batch", &json!({ "requests": [part] }))
        .await;
    let answers = ok(&batch, 200);
    let answer = &answers["responses"][0];
    assert_eq!(answer["status"], 202, "{answer}");
    let id = answer["body"]["id"].as_str().unwrap();
    assert_eq!(answer["headers"]["location"], format!("{APPROVALS}/{id}"));

    let both = json!({
        "systemCredentialPreferences": {"state": "disabled"},
        "registrationEnforcement": {"authenticationMethodsRegistrationCampaign": {"state": "disabled"}},
    });
    let asked = ada.patch("/beta/policies/authenticationMethodsPolicy", &both);
    let asked = ok(&asked.await, 202);
    assert_eq!(asked["ids"].as_array().unwrap().len(), 2, "{asked}");
}

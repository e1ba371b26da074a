//! Sign-ins and audit records.

use policy::access::{AppliedPolicy, OutcomeResult};
use policy::model::{
    AccessPolicyId, ApplicationId, CorrelationId, PasskeyType, RecordId, Role, Salt, SignInRecord,
    SignInStep, Span, User,
};
use policy::scopes::Scope;
use serde_json::{Value, json};
use uuid::Uuid;

use keyward::flow::records::Trace;

use super::schema::{all_valid, valid};
use super::{Scene, ok, refused};

const SIGN_INS: &str = "/v1.0/auditLogs/signIns";
const AUDITS: &str = "/v1.0/auditLogs/directoryAudits";

/// A sign-in of `user`, some seconds ago.
pub fn sign_in(scene: &Scene, user: &User, ago: i64) -> SignInRecord {
    let app = &scene.world.app;
    let at = app.clock.now().minus(Span::seconds(ago));
    let applied = AppliedPolicy {
        id: AccessPolicyId::new(at, app.random.bytes()),
        display_name: "Administrators".to_owned(),
        result: OutcomeResult::Success,
        enforced_grant_controls: vec!["Phishing-resistant MFA".to_owned()],
        enforced_session_controls: vec!["signInFrequency".to_owned()],
    };
    SignInRecord {
        tenant: scene.tenant,
        id: RecordId::new(at, app.random.bytes()),
        at,
        user: Some(user.id),
        user_principal_name: user.user_principal_name.clone(),
        user_display_name: user.display_name.clone(),
        application: Some(ApplicationId::new(at, app.random.bytes())),
        application_name: "Sample".to_owned(),
        interactive: true,
        error_code: 0,
        failure_code: String::new(),
        failure_reason: String::new(),
        steps: vec![SignInStep {
            at,
            method: "Passkey (synced)".to_owned(),
            detail: "Phone".to_owned(),
            succeeded: true,
            result: String::new(),
        }],
        multi_factor: true,
        passkey: None,
        credential_id: Some(vec![1, 2, 3]),
        aaguid: Some(Uuid::from_u128(5)),
        passkey_type: Some(PasskeyType::Synced),
        backed_up: Some(true),
        session: None,
        ip_address: "192.0.2.7".to_owned(),
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0".to_owned(),
        decision: Trace {
            policy_version: 1,
            conditional_access: vec![applied],
            authentication_contexts: vec!["c1".to_owned()],
            break_glass: false,
        }
        .to_json(),
        policy_version: 1,
        correlation: CorrelationId::new(at, app.random.bytes()),
        salt: Some(Salt::new(app.random.bytes())),
    }
}

pub async fn write(scene: &Scene, record: &SignInRecord) {
    let record = record.clone();
    scene
        .world
        .write(move |tx| Box::pin(async move { store::sign_ins::record(tx, &record).await }))
        .await;
}

/// Four sign-ins, the newest first: of two people, at two applications, two that failed.
async fn four(scene: &Scene) -> Vec<SignInRecord> {
    let ada = scene.world.user("ada@a.example").await;
    let bob = scene.world.user("bob@a.example").await;
    let mut all = Vec::new();
    for (number, user) in [&ada, &bob, &ada, &bob].into_iter().enumerate() {
        let mut one = sign_in(scene, user, 60 * i64::try_from(number).unwrap());
        if number > 1 {
            one.application = all
                .first()
                .and_then(|first: &SignInRecord| first.application);
        }
        if number % 2 == 1 {
            one.error_code = [50126, 53003][number / 2];
            one.failure_code = "wrong_credentials".to_owned();
            one.failure_reason = "Wrong name or password.".to_owned();
            one.multi_factor = false;
        }
        write(scene, &one).await;
        all.push(one);
    }
    all
}

fn ids(list: &Value) -> Vec<String> {
    let rows = list["value"].as_array().unwrap().iter();
    rows.map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

fn encoded(filter: &str) -> String {
    url::form_urlencoded::byte_serialize(filter.as_bytes()).collect()
}

#[tokio::test]
async fn a_sign_in_has_the_members_of_its_version() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let all = four(&scene).await;
    let list = ok(&app.get(SIGN_INS).await, 200);
    all_valid("signIn", &list);
    let newest_first: Vec<_> = all.iter().map(|one| one.id.to_string()).collect();
    assert_eq!(ids(&list), newest_first);
    assert!(list.get("@odata.nextLink").is_none(), "{list}");
    let first = &list["value"][0];
    assert_eq!(first["userPrincipalName"], "ada@a.example");
    assert_eq!(first["status"]["errorCode"], 0);
    assert_eq!(first["deviceDetail"]["browser"], "Firefox");
    assert_eq!(first["conditionalAccessStatus"], "success");
    assert_eq!(first["keyward@passkeyType"], "synced");
    assert_eq!(first["keyward@credentialId"], "AQID");
    let applied = &first["appliedConditionalAccessPolicies"][0];
    assert_eq!(applied["displayName"], "Administrators");
    assert_eq!(
        applied["enforcedSessionControls"],
        json!(["SignInFrequency"])
    );
    let failed = &list["value"][1];
    assert_eq!(failed["status"]["errorCode"], 50126);
    assert_eq!(failed["status"]["failureReason"], "Wrong name or password.");
    assert_eq!(failed["status"]["additionalDetails"], "wrong_credentials");

    let one = format!("{SIGN_INS}/{}", all[0].id);
    let one = ok(&app.get(&one).await, 200);
    let mut members = one.clone();
    members.as_object_mut().unwrap().remove("@odata.context");
    assert_eq!(&members, first);
    valid("signIn", &members);

    let beta = ok(
        &app.get(&format!("/beta/auditLogs/signIns('{}')", all[0].id))
            .await,
        200,
    );
    assert_eq!(
        beta["authenticationRequirement"],
        "multiFactorAuthentication"
    );
    assert_eq!(beta["signInEventTypes"], json!(["interactiveUser"]));
    let step = &beta["authenticationDetails"][0];
    assert_eq!(step["authenticationMethod"], "Passkey (synced)");
    assert_eq!(step["succeeded"], true);
    assert_eq!(
        beta["authenticationContextClassReferences"],
        json!([{"id": "c1", "detail": "required"}])
    );
    assert_eq!(
        beta["authenticationRequirementPolicies"][0]["requirementProvider"],
        "authenticationStrengths"
    );
    assert!(first.get("authenticationDetails").is_none());
}

#[tokio::test]
async fn sign_ins_are_found_by_every_field_that_scripts_ask_for() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let all = four(&scene).await;
    let time = |at: usize| {
        let moment = jiff::Timestamp::from_microsecond(all[at].at.as_micros()).unwrap();
        moment.to_string()
    };
    let (ada, bob) = (all[0].user.unwrap(), all[1].user.unwrap());
    let shared = all[0].application.unwrap();
    let cases: Vec<(String, &[usize])> = vec![
        (format!("userId eq '{ada}'"), &[0, 2]),
        (format!("userId eq {ada}"), &[0, 2]),
        (format!("userId in ('{ada}','{bob}')"), &[0, 1, 2, 3]),
        ("userPrincipalName eq 'BOB@a.example'".to_owned(), &[1, 3]),
        ("startswith(userPrincipalName,'bo')".to_owned(), &[1, 3]),
        (format!("correlationId eq '{}'", all[2].correlation), &[2]),
        (format!("id eq '{}'", all[3].id), &[3]),
        (format!("appId eq '{shared}'"), &[0, 2, 3]),
        (format!("appId eq '{shared}' and userId eq '{bob}'"), &[3]),
        ("status/errorCode eq 53003".to_owned(), &[3]),
        ("status/errorCode ne 0".to_owned(), &[1, 3]),
        ("status/errorCode eq 0".to_owned(), &[0, 2]),
        (format!("createdDateTime ge {}", time(1)), &[0, 1]),
        (format!("createdDateTime gt {}", time(1)), &[0]),
        (
            format!(
                "createdDateTime le {} and createdDateTime ge {}",
                time(1),
                time(2)
            ),
            &[1, 2],
        ),
        (
            format!("createdDateTime lt {} and status/errorCode ne 0", time(1)),
            &[3],
        ),
        (
            format!("userId eq '{ada}' or status/errorCode eq 53003"),
            &[0, 2, 3],
        ),
        ("not (status/errorCode eq 0)".to_owned(), &[1, 3]),
        (
            "ipAddress eq '192.0.2.7' and deviceDetail/browser eq 'Firefox'".to_owned(),
            &[0, 1, 2, 3],
        ),
        ("ipAddress eq '192.0.2.8'".to_owned(), &[]),
    ];
    for (filter, expected) in cases {
        let path = format!("{SIGN_INS}?$filter={}", encoded(&filter));
        let list = ok(&app.get(&path).await, 200);
        let expected: Vec<_> = expected.iter().map(|at| all[*at].id.to_string()).collect();
        assert_eq!(ids(&list), expected, "{filter}");
    }
    let filter = encoded("signInEventTypes/any(t: t eq 'interactiveUser')");
    let list = app
        .get(&format!("/beta/auditLogs/signIns?$filter={filter}"))
        .await;
    assert_eq!(ids(&ok(&list, 200)).len(), 4);
}

#[tokio::test]
async fn a_log_goes_on_where_the_page_before_ended() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    let all = four(&scene).await;
    let newest_first: Vec<_> = all.iter().map(|one| one.id.to_string()).collect();
    let oldest_first: Vec<_> = newest_first.iter().rev().cloned().collect();
    let failed = vec![newest_first[1].clone(), newest_first[3].clone()];
    for (query, expected) in [
        ("$top=1", &newest_first),
        ("$top=3", &newest_first),
        ("$top=4", &newest_first),
        ("$top=2&$orderby=createdDateTime%20desc", &newest_first),
        ("$top=2&$orderby=createdDateTime", &oldest_first),
        ("$top=1&$filter=not%20(status/errorCode%20eq%200)", &failed),
    ] {
        let mut path = format!("{SIGN_INS}?{query}&$select=id");
        let mut seen = Vec::new();
        for _ in 0..10 {
            let page = ok(&app.get(&path).await, 200);
            seen.extend(ids(&page));
            match page["@odata.nextLink"].as_str() {
                Some(next) => path = next.strip_prefix(scene.world.origin()).unwrap().to_owned(),
                None => break,
            }
        }
        assert_eq!(&seen, expected, "{query}");
    }
}

#[tokio::test]
async fn what_a_log_cannot_be_asked_is_refused() {
    let scene = Scene::new().await;
    let app = scene.app().await;
    for path in [SIGN_INS, AUDITS] {
        let answer = app.get(&format!("{path}?$filter=shoeSize%20eq%201")).await;
        refused(&answer, 400, "query_unknown_field");
        assert!(answer.body.contains("correlationId"), "{}", answer.body);
        for (query, code) in [
            ("$top=1001", "query_out_of_range"),
            ("$top=0", "query_out_of_range"),
            ("$count=true", "query_option_not_here"),
            ("$skip=1", "query_option_not_here"),
            ("$search=x", "query_option_not_here"),
            ("$skiptoken=elsewhere", "query_bad_token"),
            ("$orderby=id", "query_unknown_field"),
            ("$filter=correlationId%20eq%20'x'", "query_wrong_kind"),
            ("$expand=x", "query_unknown_field"),
        ] {
            refused(&app.get(&format!("{path}?{query}")).await, 400, code);
        }
        for id in ["x", "0198f0a0-0000-7000-8000-000000000000"] {
            refused(&app.get(&format!("{path}/{id}")).await, 404, "not_found");
        }
    }
    let beta_only = "$filter=authenticationRequirement%20eq%20'x'";
    let answer = app.get(&format!("{SIGN_INS}?{beta_only}")).await;
    refused(&answer, 400, "query_unknown_field");
}

#[tokio::test]
async fn a_log_is_read_with_its_permission_and_policies_with_theirs() {
    let scene = Scene::new().await;
    four(&scene).await;
    let blind = scene
        .app_with(&[Scope::UserReadAll, Scope::ReportsReadAll])
        .await;
    for path in [SIGN_INS, AUDITS] {
        refused(&blind.get(path).await, 403, "scope_missing");
    }
    let policies = |list: Value| {
        let all = list["value"].as_array().unwrap().iter();
        all.map(|one| {
            one["appliedConditionalAccessPolicies"]
                .as_array()
                .unwrap()
                .len()
        })
        .sum::<usize>()
    };
    let reader = scene.app_with(&[Scope::AuditLogReadAll]).await;
    assert_eq!(policies(ok(&reader.get(SIGN_INS).await, 200)), 0);
    let both = [Scope::AuditLogReadAll, Scope::PolicyReadAccess];
    let reader = scene.app_with(&both).await;
    assert_eq!(policies(ok(&reader.get(SIGN_INS).await, 200)), 4);
    for (role, logs, seen) in [
        (Role::ReportsReader, true, 0),
        (Role::SecurityReader, true, 4),
        (Role::ApplicationAdministrator, false, 0),
    ] {
        let person = scene.world.user(&format!("{role:?}@a.example")).await;
        scene.world.role(&person, role).await;
        let program = scene.as_user(&person, &both).await.program;
        assert_eq!(
            policies(ok(&program.get(SIGN_INS).await, 200)),
            seen,
            "{role:?}"
        );
        let audits = program.get(AUDITS).await;
        assert_eq!(audits.status == 200, logs, "{role:?}");
    }
    let member = scene.world.user("member@a.example").await;
    let program = scene.as_user(&member, &both).await.program;
    refused(&program.get(SIGN_INS).await, 403, "role_missing");
}

/// An account made, renamed and put into a group, each through the interface.
async fn three_changes(scene: &Scene) -> Value {
    let app = scene.app().await;
    let domain = scene.world.app.tenants.default().domains.first().unwrap();
    let body = json!({"displayName": "Eve", "userPrincipalName": format!("eve@{domain}")});
    scene.world.wait(1);
    let user = ok(&app.post("/v1.0/users", &body).await, 201);
    let path = format!("/v1.0/users/{}", user["id"].as_str().unwrap());
    scene.world.wait(1);
    ok(&app.patch(&path, &json!({"displayName": "Eva"})).await, 204);
    let group = json!({"displayName": "Pilots", "mailNickname": "pilots", "securityEnabled": true, "mailEnabled": false});
    scene.world.wait(1);
    let group = ok(&app.post("/v1.0/groups", &group).await, 201);
    let member = json!({"@odata.id": path});
    let path = format!(
        "/v1.0/groups/{}/members/$ref",
        group["id"].as_str().unwrap()
    );
    scene.world.wait(1);
    ok(&app.post(&path, &member).await, 204);
    json!({"user": user["id"], "group": group["id"]})
}

#[tokio::test]
async fn audit_records_are_found_by_who_what_and_whom() {
    let scene = Scene::new().await;
    let made = three_changes(&scene).await;
    let app = scene.app().await;
    let list = ok(&app.get(AUDITS).await, 200);
    all_valid("directoryAudit", &list);
    let activities = |list: &Value| {
        let rows = list["value"].as_array().unwrap().iter();
        rows.map(|row| row["activityDisplayName"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let expected = [
        "Add member to group",
        "Add group",
        "Update user",
        "Add user",
    ];
    assert_eq!(activities(&list)[..4], expected);
    let newest = &list["value"][0];
    assert_eq!(newest["operationType"], "Add");
    assert_eq!(newest["initiatedBy"]["app"]["displayName"], "Provisioning");
    assert_eq!(newest["targetResources"][1]["groupType"], "azureAD");
    let (user, group) = (
        made["user"].as_str().unwrap(),
        made["group"].as_str().unwrap(),
    );
    let application = scene.application.id;
    for (filter, expected) in [
        (
            format!("targetResources/any(t: t/id eq '{user}')"),
            vec![0, 2, 3],
        ),
        (
            format!("targetResources/any(t:t/id eq '{group}')"),
            vec![0, 1],
        ),
        (
            format!("initiatedBy/app/appId eq '{application}'"),
            vec![0, 1, 2, 3],
        ),
        (format!("initiatedBy/user/id eq '{user}'"), vec![]),
        ("activityDisplayName eq 'add user'".to_owned(), vec![3]),
        (
            format!(
                "startswith(activityDisplayName,'Add') and initiatedBy/app/appId eq '{application}'"
            ),
            vec![0, 1, 3],
        ),
        (
            format!("category eq 'GroupManagement' and targetResources/any(t: t/id eq '{user}')"),
            vec![0],
        ),
        (
            format!(
                "loggedByService eq 'Core Directory' and targetResources/any(t: t/id eq '{group}')"
            ),
            vec![0, 1],
        ),
        (
            format!(
                "correlationId eq '{}'",
                list["value"][1]["correlationId"].as_str().unwrap()
            ),
            vec![1],
        ),
        ("category eq 'Weather'".to_owned(), vec![]),
        (
            "targetResources/any(t: t/displayName eq 'Pilots') and result eq 'success'".to_owned(),
            vec![0, 1],
        ),
    ] {
        let found = ok(
            &app.get(&format!("{AUDITS}?$filter={}", encoded(&filter)))
                .await,
            200,
        );
        let all = ids(&list);
        let expected: Vec<_> = expected.iter().map(|at: &usize| all[*at].clone()).collect();
        assert_eq!(ids(&found), expected, "{filter}");
    }
    let one = ok(&app.get(&format!("{AUDITS}/{}", ids(&list)[0])).await, 200);
    assert_eq!(one["activityDisplayName"], "Add member to group");
    let beta = format!("/beta/auditLogs/directoryAudits/{}", ids(&list)[3]);
    let beta = ok(&app.get(&beta).await, 200);
    assert!(beta.get("userAgent").is_some() && beta.get("performedBy").is_some());
    assert!(one.get("userAgent").is_none());
}

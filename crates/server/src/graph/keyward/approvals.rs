//! `keyward/approvals`: changes that wait for a second person, and the setting that says which do.

use axum::http::{StatusCode, header};
use policy::approvals::operation;
use policy::model::{
    Approval, ApprovalId, PolicyDocument, Proposal, SecondPerson, Timestamp, User,
};
use policy::scopes::Operation;
use serde_json::{Map, Value, json};
use store::policies::Expected;

use crate::flow::approvals::{self, ApprovalRefusal, Done, Setting, Shown};
use crate::flow::govern::{self, Change, Edit, GovernRefusal};
use crate::graph::odata::{Collection, Field, Kind};
use crate::graph::policies::shared::{etag, list as listed, one as single, only, refused, truth};
use crate::graph::table::{Route, Verb};
use crate::graph::values::{date, date_or_null, member, members, required};
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

const LIST: &str = "keyward/approvals";
const SETTING: &str = "keyward/secondPerson";
/// Requests in one answer. What is older is in the audit log.
const MOST: usize = 1_000;

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        LIST,
        Operation::ReadApprovals,
        "List changes that wait for a second person",
        graph_handler!(list),
    )
    .beta(),
    Route::new(
        Verb::Get,
        "keyward/approvals/{approval}",
        Operation::ReadApprovals,
        "Get a change that waits for a second person",
        graph_handler!(get),
    )
    .beta(),
    Route::new(
        Verb::Post,
        "keyward/approvals/{approval}/approve",
        Operation::SettleApprovals,
        "Approve a change and carry it out",
        graph_handler!(approve),
    )
    .beta(),
    Route::new(
        Verb::Post,
        "keyward/approvals/{approval}/deny",
        Operation::SettleApprovals,
        "Refuse a change",
        graph_handler!(deny),
    )
    .gives(StatusCode::NO_CONTENT)
    .beta(),
    Route::new(
        Verb::Post,
        "keyward/approvals/{approval}/withdraw",
        Operation::SettleApprovals,
        "Take a request of one's own back",
        graph_handler!(withdraw),
    )
    .gives(StatusCode::NO_CONTENT)
    .beta(),
    Route::new(
        Verb::Get,
        SETTING,
        Operation::ReadApprovals,
        "Get which changes wait for a second person",
        graph_handler!(get_setting),
    )
    .beta(),
    Route::new(
        Verb::Patch,
        SETTING,
        Operation::AssignRoles,
        "Update which changes wait for a second person",
        graph_handler!(patch_setting),
    )
    .gives(StatusCode::NO_CONTENT)
    .beta(),
];

const COLLECTION: Collection = Collection::small(
    &[
        Field::new("id", Kind::Guid),
        Field::new("status", Kind::Text),
        Field::new("operation", Kind::Text),
        Field::new("policyKind", Kind::Text),
        Field::new("createdDateTime", Kind::Moment),
        Field::new("expirationDateTime", Kind::Moment),
    ],
    &["createdDateTime", "expirationDateTime"],
);

const OF_SETTING: Collection = Collection::small(
    &[
        Field::new("policies", Kind::Boolean),
        Field::new("roleAssignments", Kind::Boolean),
        Field::new("signInMethods", Kind::Boolean),
        Field::new("requestLifetimeInHours", Kind::Number),
    ],
    &[],
);

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let (app, by, now) = (&request.app, request.governor(), request.app.clock.now());
    let mut rows = Vec::new();
    let mut after: Option<ApprovalId> = None;
    while rows.len() < MOST {
        let (some, next) = approvals::list(app, &by, false, after)
            .await
            .map_err(said)?;
        rows.extend(some.iter().map(|one| listed_view(one, now)));
        after = next;
        if after.is_none() {
            break;
        }
    }
    listed(&request, &COLLECTION, LIST, rows)
}

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let shown = found(&request).await?;
    let view = view(&shown, request.app.clock.now());
    single(&request, &COLLECTION, &format!("{LIST}/$entity"), view)
}

/// A token has to have the scope of the change besides: through a program that may not write policies nobody approves one.
async fn approve(request: Request) -> Result<Answer, GraphRefusal> {
    only(&request.members_if_any()?, &[])?;
    let (app, caller) = (&request.app, &request.caller);
    let shown = found(&request).await?;
    let granted = request.by.grant(operation(&shown.approval.proposal))?;
    let by = request.by.governor(caller, granted);
    let id = shown.approval.id;
    let done = approvals::approve(app, caller, &by, id)
        .await
        .map_err(said)?;
    let shown = approvals::one(app, &request.governor(), id).await;
    let mut view = view(&shown.map_err(said)?, app.clock.now());
    view.extend(secret(&done));
    Ok(Answer::object(&request, &format!("{LIST}/$entity"), view))
}

async fn deny(request: Request) -> Result<Answer, GraphRefusal> {
    let body = request.members()?;
    only(&body, &["reason"])?;
    let reason: String = required(&body, "reason")?;
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let denied = approvals::deny(app, caller, &by, request.id("approval")?, &reason).await;
    denied.map_err(said)?;
    Ok(Answer::nothing())
}

async fn withdraw(request: Request) -> Result<Answer, GraphRefusal> {
    only(&request.members_if_any()?, &[])?;
    let (app, caller, by) = (&request.app, &request.caller, request.governor());
    let taken = approvals::withdraw(app, caller, &by, request.id("approval")?).await;
    taken.map_err(said)?;
    Ok(Answer::nothing())
}

async fn get_setting(request: Request) -> Result<Answer, GraphRefusal> {
    let setting = setting(&request).await?;
    let one = &setting.second_person;
    let view = members(json!({
        "policies": one.policies,
        "roleAssignments": one.roles,
        "signInMethods": one.methods,
        "requestLifetimeInHours": one.hours,
    }));
    let answer = single(&request, &OF_SETTING, SETTING, view)?;
    Ok(answer.tagged(&etag(setting.version)))
}

async fn patch_setting(request: Request) -> Result<Answer, GraphRefusal> {
    let body = request.members()?;
    only(
        &body,
        &[
            "policies",
            "roleAssignments",
            "signInMethods",
            "requestLifetimeInHours",
        ],
    )?;
    let held = setting(&request).await?;
    request.if_match(&etag(held.version))?;
    let before = held.second_person;
    let after = SecondPerson {
        policies: truth(&body, "policies")?.unwrap_or(before.policies),
        roles: truth(&body, "roleAssignments")?.unwrap_or(before.roles),
        methods: truth(&body, "signInMethods")?.unwrap_or(before.methods),
        hours: member(&body, "requestLifetimeInHours")?.unwrap_or(before.hours),
    };
    let edit = Edit {
        change: Change::put(PolicyDocument::SecondPerson(after)),
        expected: match held.version {
            0 => Expected::Absent,
            version => Expected::Version(version),
        },
    };
    let (app, caller) = (&request.app, &request.caller);
    let done = govern::change(app, caller, &request.governor(), edit).await;
    done.map_err(|refusal| match refusal {
        GovernRefusal::Stale(_) if request.headers.contains_key(header::IF_MATCH) => {
            GraphRefusal::Precondition
        }
        other => refused(&other),
    })?;
    Ok(Answer::nothing())
}

async fn setting(request: &Request) -> Result<Setting, GraphRefusal> {
    let setting = approvals::setting(&request.app, &request.governor()).await;
    setting.map_err(said)
}

async fn found(request: &Request) -> Result<Shown, GraphRefusal> {
    let id: ApprovalId = request.id("approval")?;
    let found = approvals::one(&request.app, &request.governor(), id).await;
    found.map_err(said)
}

/// All of it.
fn view(shown: &Shown, now: Timestamp) -> Map<String, Value> {
    let mut view = listed_view(shown, now);
    if let Proposal::PutPolicy(document) = &shown.approval.proposal {
        view.extend(members(json!({ "after": document })));
    }
    if shown.approval.proposal.policy().is_some() {
        view.extend(members(json!({ "before": before(&shown.approval) })));
    }
    view
}

/// Without the documents, of which a list could hold a thousand of a megabyte.
fn listed_view(shown: &Shown, now: Timestamp) -> Map<String, Value> {
    let approval = &shown.approval;
    let settled = approval.settled.as_ref();
    let mut view = members(json!({
        "id": approval.id,
        "status": approval.status(now),
        "operation": approval.proposal.operation(),
        "createdDateTime": date(approval.created),
        "expirationDateTime": date(approval.expires),
        "requestor": shown.requester.as_ref().map(person),
        "basedOnVersion": approval.basis,
        "completedDateTime": date_or_null(settled.map(|settled| settled.at)),
        "completedBy": shown.settled_by.as_ref().map(person),
        "reason": settled.map(|settled| &settled.reason).filter(|reason| !reason.is_empty()),
    }));
    view.extend(about(approval, shown.person.as_ref()));
    view
}

/// What would be changed to what.
fn about(approval: &Approval, whom: Option<&User>) -> Map<String, Value> {
    let whom = whom.map(person);
    members(match &approval.proposal {
        Proposal::PutPolicy(document) => json!({
            "policyKind": document.kind().as_str(),
            "policyId": document.id(),
        }),
        Proposal::RemovePolicy(kind, id) => json!({
            "policyKind": kind.as_str(),
            "policyId": id,
        }),
        Proposal::AssignRole(_, role) | Proposal::UnassignRole(_, role) => json!({
            "target": whom,
            "roleDefinitionId": role.template_id(),
            "roleDisplayName": role.display_name(),
        }),
        Proposal::IssuePass(_, wish) => json!({
            "target": whom,
            "lifetimeInMinutes": wish.lifetime.map(|span| span.as_seconds() / 60),
            "isUsableOnce": wish.once,
            "startDateTime": date_or_null(wish.starts),
        }),
        Proposal::ResetPassword(_) | Proposal::RemoveTotp(_) => json!({ "target": whom }),
    })
}

fn before(approval: &Approval) -> Option<Value> {
    let text = approval.before.as_deref()?;
    serde_json::from_str(text).ok()
}

fn person(user: &User) -> Value {
    json!({
        "id": user.id,
        "displayName": user.display_name,
        "userPrincipalName": user.user_principal_name,
    })
}

/// What is shown once to whoever approved, and to nobody else.
fn secret(done: &Done) -> Map<String, Value> {
    members(match done {
        Done::Changed => json!({}),
        Done::Pass(_, issued) => json!({
            "temporaryAccessPass": issued.code.expose(),
            "temporaryAccessPassId": issued.pass.id,
        }),
        Done::Password(_, password) => json!({ "newPassword": password.expose() }),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn said(refusal: ApprovalRefusal) -> GraphRefusal {
    match &refusal {
        ApprovalRefusal::NotFound => GraphRefusal::NotFound,
        ApprovalRefusal::Denied(denial) => GraphRefusal::Denied(*denial),
        ApprovalRefusal::Govern(refusal) => refused(refusal),
        other => GraphRefusal::flow(other),
    }
}

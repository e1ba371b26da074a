//! Requests in words.

use policy::model::Proposal;

use crate::admin::policies::title;
use crate::flow::approvals::Shown;
use crate::pages::{Text, When};

/// A request as lists and its own page show it.
#[derive(Debug)]
pub(super) struct Row {
    pub href: String,
    /// What is to be done.
    pub what: String,
    /// To what or whom.
    pub subject: String,
    pub requester: String,
    pub asked: When,
    pub until: When,
    pub pending: bool,
    pub status: String,
}

impl Row {
    pub fn new(text: Text, shown: &Shown) -> Self {
        let approval = &shown.approval;
        let requester = shown.requester.as_ref();
        Self {
            href: super::path(approval.id),
            what: what(text, &approval.proposal),
            subject: subject(text, shown),
            requester: requester
                .map(|user| user.user_principal_name.clone())
                .unwrap_or_default(),
            asked: approval.created.into(),
            until: approval.expires.into(),
            pending: shown.status == "pending",
            status: status(text, shown.status),
        }
    }
}

fn what(text: Text, proposal: &Proposal) -> String {
    text.say(match proposal {
        Proposal::PutPolicy(_) => "approval-put-policy",
        Proposal::RemovePolicy(..) => "approval-remove-policy",
        Proposal::AssignRole(..) => "approval-assign-role",
        Proposal::UnassignRole(..) => "approval-unassign-role",
        Proposal::IssuePass(..) => "pass-issue",
        Proposal::ResetPassword(_) => "password-reset",
        Proposal::RemoveTotp(_) => "approval-remove-totp",
    })
    .into_owned()
}

fn subject(text: Text, shown: &Shown) -> String {
    let proposal = &shown.approval.proposal;
    let whom = || match &shown.person {
        Some(user) => format!("{} ({})", user.display_name, user.user_principal_name),
        None => proposal
            .person()
            .map_or_else(String::new, |id| id.to_string()),
    };
    match proposal {
        Proposal::PutPolicy(document) => {
            let kind = title(text, document.kind());
            match document.name() {
                "" => kind,
                name => format!("{kind}: {name}"),
            }
        }
        Proposal::RemovePolicy(kind, id) => format!("{}: {}", title(text, *kind), gone(shown, id)),
        Proposal::AssignRole(_, role) | Proposal::UnassignRole(_, role) => {
            format!("{}: {role}", whom())
        }
        Proposal::IssuePass(..) | Proposal::ResetPassword(_) | Proposal::RemoveTotp(_) => whom(),
    }
}

/// The name of what would be taken away, as it was when that was asked.
fn gone(shown: &Shown, id: &str) -> String {
    let before = shown.approval.before.as_deref();
    let before = before.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let name = before.as_ref().and_then(|one| one.get("name")?.as_str());
    name.unwrap_or(id).to_owned()
}

fn status(text: Text, status: &str) -> String {
    text.say(match status {
        "approved" => "approval-approved",
        "denied" => "approval-denied",
        "withdrawn" => "approval-withdrawn",
        "outdated" => "approval-outdated",
        "expired" => "approval-expired",
        _ => "approval-pending",
    })
    .into_owned()
}

//! Changes that wait for a second person, and the setting that says which do.

use crate::model::{
    ApprovalId, PolicyDocument, PolicyKind, Role, Span, TenantId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which privileged changes wait for a second person (dual control). Off in a new tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecondPerson {
    /// Changes of policies of every kind.
    pub policies: bool,
    /// Giving and taking directory roles.
    pub roles: bool,
    /// New ways in for holders of privileged roles.
    pub methods: bool,
    /// Hours for which a request stays open.
    pub hours: u32,
}

impl Default for SecondPerson {
    fn default() -> Self {
        Self {
            policies: false,
            roles: false,
            methods: false,
            hours: 24,
        }
    }
}

impl SecondPerson {
    /// Whether anything waits for a second person.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.policies || self.roles || self.methods
    }
}

/// What a change is about, as far as the setting tells changes apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeClass {
    /// A policy.
    Policies,
    /// Who holds which directory role.
    Roles,
    /// A way in for somebody who holds a privileged role.
    Methods,
    /// The setting itself.
    Setting,
}

impl ChangeClass {
    /// Every class.
    pub const ALL: &'static [Self] = &[Self::Policies, Self::Roles, Self::Methods, Self::Setting];

    /// The class that documents of this kind are of.
    #[must_use]
    pub const fn of_policy(kind: PolicyKind) -> Self {
        match kind {
            PolicyKind::SecondPerson => Self::Setting,
            _ => Self::Policies,
        }
    }
}

/// The whole of a change that somebody wants to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// Make or replace a policy.
    PutPolicy(Box<PolicyDocument>),
    /// Take a policy away; the only one of its kind goes back to what a new tenant has.
    RemovePolicy(PolicyKind, String),
    /// Give a role.
    AssignRole(UserId, Role),
    /// Take a role.
    UnassignRole(UserId, Role),
    /// Issue a Temporary Access Pass.
    IssuePass(UserId, PassWish),
    /// Set another password, which the server chooses.
    ResetPassword(UserId),
    /// Take the one-time code generator away.
    RemoveTotp(UserId),
}

/// What a pass should be like; what is left open is as the policy says when it is issued.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PassWish {
    /// How long it works.
    pub lifetime: Option<Span>,
    /// Whether it works once only.
    pub once: Option<bool>,
    /// From when it works.
    pub starts: Option<Timestamp>,
}

impl Proposal {
    /// The stable name of what is to be done.
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        match self {
            Self::PutPolicy(_) => "putPolicy",
            Self::RemovePolicy(..) => "removePolicy",
            Self::AssignRole(..) => "assignRole",
            Self::UnassignRole(..) => "unassignRole",
            Self::IssuePass(..) => "issuePass",
            Self::ResetPassword(_) => "resetPassword",
            Self::RemoveTotp(_) => "removeTotp",
        }
    }

    /// Its class.
    #[must_use]
    pub const fn class(&self) -> ChangeClass {
        match self {
            Self::PutPolicy(document) => ChangeClass::of_policy(document.kind()),
            Self::RemovePolicy(kind, _) => ChangeClass::of_policy(*kind),
            Self::AssignRole(..) | Self::UnassignRole(..) => ChangeClass::Roles,
            Self::IssuePass(..) | Self::ResetPassword(_) | Self::RemoveTotp(_) => {
                ChangeClass::Methods
            }
        }
    }

    /// The kind and id of the policy, if it is about one.
    #[must_use]
    pub fn policy(&self) -> Option<(PolicyKind, String)> {
        match self {
            Self::PutPolicy(document) => Some((document.kind(), document.id())),
            Self::RemovePolicy(kind, id) => Some((*kind, id.clone())),
            _ => None,
        }
    }

    /// The person, if it is about one.
    #[must_use]
    pub const fn person(&self) -> Option<UserId> {
        match self {
            Self::PutPolicy(_) | Self::RemovePolicy(..) => None,
            Self::AssignRole(user, _)
            | Self::UnassignRole(user, _)
            | Self::IssuePass(user, _)
            | Self::ResetPassword(user)
            | Self::RemoveTotp(user) => Some(*user),
        }
    }

    /// As it is kept.
    #[must_use]
    pub fn to_json(&self) -> String {
        let kept = match self.clone() {
            Self::PutPolicy(document) => Kept::PutPolicy {
                kind: document.kind().as_str().to_owned(),
                document: serde_json::to_value(&document).unwrap_or_default(),
            },
            Self::RemovePolicy(kind, id) => Kept::RemovePolicy {
                kind: kind.as_str().to_owned(),
                id,
            },
            Self::AssignRole(user, role) => Kept::AssignRole { user, role },
            Self::UnassignRole(user, role) => Kept::UnassignRole { user, role },
            Self::IssuePass(user, wish) => Kept::IssuePass { user, wish },
            Self::ResetPassword(user) => Kept::ResetPassword { user },
            Self::RemoveTotp(user) => Kept::RemoveTotp { user },
        };
        // Our own structures have no way to fail.
        serde_json::to_string(&kept).unwrap_or_default()
    }

    /// Reads what [`Self::to_json`] wrote. `None` where it is not understood, for example because a newer program wrote it.
    #[must_use]
    pub fn from_json(text: &str) -> Option<Self> {
        Some(match serde_json::from_str(text).ok()? {
            Kept::PutPolicy { kind, document } => {
                let kind = PolicyKind::from_name(&kind)?;
                let document = PolicyDocument::from_json(kind, &document.to_string()).ok()?;
                Self::PutPolicy(Box::new(document))
            }
            Kept::RemovePolicy { kind, id } => {
                Self::RemovePolicy(PolicyKind::from_name(&kind)?, id)
            }
            Kept::AssignRole { user, role } => Self::AssignRole(user, role),
            Kept::UnassignRole { user, role } => Self::UnassignRole(user, role),
            Kept::IssuePass { user, wish } => Self::IssuePass(user, wish),
            Kept::ResetPassword { user } => Self::ResetPassword(user),
            Kept::RemoveTotp { user } => Self::RemoveTotp(user),
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "operation", deny_unknown_fields)]
enum Kept {
    PutPolicy { kind: String, document: Value },
    RemovePolicy { kind: String, id: String },
    AssignRole { user: UserId, role: Role },
    UnassignRole { user: UserId, role: Role },
    IssuePass { user: UserId, wish: PassWish },
    ResetPassword { user: UserId },
    RemoveTotp { user: UserId },
}

/// A change that waits for a second person, or waited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: ApprovalId,
    /// Who asked.
    pub requester: UserId,
    /// For what.
    pub proposal: Proposal,
    /// The document as it was then, as JSON; absent where there was none, or where it is about a person.
    pub before: Option<String>,
    /// The version of the document or of the account that it was asked on; 0 where there was nothing.
    pub basis: i64,
    /// When it was asked.
    pub created: Timestamp,
    /// Until when it can be approved.
    pub expires: Timestamp,
    /// What became of it; nothing yet while it is open.
    pub settled: Option<Settlement>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// How it ended.
    pub outcome: Outcome,
    /// Who ended it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// In the words of whoever ended it; may be empty.
    pub reason: String,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// A second person allowed it and it was carried out.
    Approved,
    /// A second person refused it.
    Denied,
    /// Whoever asked took it back.
    Withdrawn,
    /// What it was asked on had changed.
    Outdated,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: &'static [Self] = &[
        Self::Approved,
        Self::Denied,
        Self::Withdrawn,
        Self::Outdated,
    ];

    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Withdrawn => "withdrawn",
            Self::Outdated => "outdated",
        }
    }

    /// The outcome with this stored form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == name)
    }
}

impl Approval {
    /// Where it stands at `now`, in one word: `pending`, `expired`, or how it ended.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> &'static str {
        match &self.settled {
            Some(settled) => settled.outcome.as_str(),
            None if now >= self.expires => "expired",
            None => "pending",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Policies;

    const USER: UserId = UserId::from_bytes([2; 16]);

    #[test]
    fn a_proposal_survives_its_way_through_the_database() {
        let policies = Policies::of_new_tenant();
        let wish = PassWish {
            lifetime: Some(Span::minutes(60)),
            once: Some(true),
            starts: Some(Timestamp::from_seconds(9)),
        };
        let proposals = [
            Proposal::PutPolicy(Box::new(PolicyDocument::Passkeys(policies.passkeys))),
            Proposal::RemovePolicy(PolicyKind::Access, "some-id".to_owned()),
            Proposal::AssignRole(USER, Role::GlobalAdministrator),
            Proposal::UnassignRole(USER, Role::SecurityReader),
            Proposal::IssuePass(USER, wish),
            Proposal::ResetPassword(USER),
            Proposal::RemoveTotp(USER),
        ];
        for proposal in proposals {
            let text = proposal.to_json();
            assert!(text.contains(proposal.operation()), "{text}");
            assert_eq!(Proposal::from_json(&text), Some(proposal));
        }
    }

    #[test]
    fn a_proposal_that_is_not_understood_is_none() {
        let text = Proposal::ResetPassword(USER).to_json();
        let newer = text.replacen('{', r#"{"quietly":true,"#, 1);
        assert_eq!(Proposal::from_json(&newer), None);
        let text = Proposal::RemovePolicy(PolicyKind::Access, String::new()).to_json();
        assert_eq!(Proposal::from_json(&text.replace("access", "axes")), None);
        assert_eq!(Proposal::from_json(""), None);
    }

    #[test]
    fn outcomes_have_names() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::from_name(outcome.as_str()), Some(*outcome));
        }
    }
}

//! Records of the two logs, in Entra's shapes plus the typed fields that Entra lacks.

use crate::model::{
    ApplicationId, CorrelationId, PasskeyId, PasskeyType, RecordId, SessionId, TenantId, Timestamp,
    UserId,
};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// What hides the personal part of a record in the evidence log: 16 random bytes of the caller. While they are kept, whoever
/// has the values can prove that they are the recorded ones; once they are destroyed, nobody can even try values out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; Self::LENGTH]);

impl Salt {
    /// Bytes of a salt.
    pub const LENGTH: usize = 16;

    /// A fresh salt.
    #[must_use]
    pub const fn new(random: [u8; Self::LENGTH]) -> Self {
        Self(random)
    }

    /// The bytes as stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}

/// The salts of an audit record: who did it and whom it was done to are erased one without the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditSalts {
    /// Of the one who did it.
    pub actor: Salt,
    /// Of what it was done to.
    pub subject: Salt,
}

impl AuditSalts {
    /// Fresh salts.
    #[must_use]
    pub const fn new(actor: [u8; Salt::LENGTH], subject: [u8; Salt::LENGTH]) -> Self {
        Self {
            actor: Salt::new(actor),
            subject: Salt::new(subject),
        }
    }
}

/// How an audited activity ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AuditResult {
    /// Done.
    Success,
    /// Refused or failed.
    Failure,
}

impl AuditResult {
    /// The stored and Graph form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// Entra's categories of directory audits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Category {
    /// Users and what they own.
    UserManagement,
    /// Groups and members.
    GroupManagement,
    /// Role assignments.
    RoleManagement,
    /// Applications and authentication method policies.
    ApplicationManagement,
    /// The tenant itself.
    DirectoryManagement,
    /// Access policies.
    Policy,
}

impl Category {
    /// Every category.
    pub const ALL: &'static [Self] = &[
        Self::UserManagement,
        Self::GroupManagement,
        Self::RoleManagement,
        Self::ApplicationManagement,
        Self::DirectoryManagement,
        Self::Policy,
    ];

    /// The stored and Graph form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UserManagement => "UserManagement",
            Self::GroupManagement => "GroupManagement",
            Self::RoleManagement => "RoleManagement",
            Self::ApplicationManagement => "ApplicationManagement",
            Self::DirectoryManagement => "DirectoryManagement",
            Self::Policy => "Policy",
        }
    }
}

/// Who did it (`initiatedBy`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Actor {
    /// A person.
    #[serde(rename_all = "camelCase")]
    User {
        /// The account.
        id: UserId,
        /// As it was then.
        display_name: String,
        /// As it was then.
        user_principal_name: String,
        /// Where from.
        ip_address: String,
    },
    /// A program with its own token.
    #[serde(rename_all = "camelCase")]
    App {
        /// The application.
        id: ApplicationId,
        /// As it was then.
        display_name: String,
    },
    /// The server itself, or an operator at its command line.
    #[serde(rename_all = "camelCase")]
    Service {
        /// Which part (`bootstrap`, `recover-admin`, …).
        name: String,
    },
}

impl Actor {
    /// The same without what a person is known by: what stays in the log after their erasure. An application or a part of
    /// the server is nobody's personal data.
    #[must_use]
    pub fn without_person(&self) -> Self {
        match self {
            Self::User { id, .. } => Self::User {
                id: *id,
                display_name: String::new(),
                user_principal_name: String::new(),
                ip_address: String::new(),
            },
            other => other.clone(),
        }
    }

    /// The account, if it was a person.
    #[must_use]
    pub const fn user(&self) -> Option<&UserId> {
        match self {
            Self::User { id, .. } => Some(id),
            Self::App { .. } | Self::Service { .. } => None,
        }
    }
}

/// A property that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModifiedProperty {
    /// Its name.
    pub display_name: String,
    /// Before.
    pub old_value: Option<String>,
    /// After.
    pub new_value: Option<String>,
}

/// What it was done to (`targetResources`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// The object's id.
    pub id: String,
    /// `User`, `Group`, `Application`, `Policy`, `Passkey` ….
    #[serde(rename = "type")]
    pub kind: String,
    /// As it was then.
    pub display_name: Option<String>,
    /// For users.
    pub user_principal_name: Option<String>,
    /// What changed.
    #[serde(default)]
    pub modified_properties: Vec<ModifiedProperty>,
}

impl Target {
    /// The same without names and values: what stays in the log after the erasure of the person it belongs to.
    #[must_use]
    pub fn without_person(&self) -> Self {
        Self {
            id: self.id.clone(),
            kind: self.kind.clone(),
            display_name: None,
            user_principal_name: None,
            modified_properties: Vec::new(),
        }
    }
}

/// One record of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// Its id, sortable by time.
    pub id: RecordId,
    /// When it happened.
    pub at: Timestamp,
    /// Entra's activity name, for example `Add Passkey (device-bound)`.
    pub activity: String,
    /// Entra's category.
    pub category: Category,
    /// `loggedByService`.
    pub service: String,
    /// How it ended.
    pub result: AuditResult,
    /// Why, as a stable code or short sentence; empty on success.
    pub reason: String,
    /// Who did it.
    pub initiated_by: Actor,
    /// What it was done to; the first is the main one.
    pub targets: Vec<Target>,
    /// `additionalDetails`: key and value.
    pub details: Vec<(String, String)>,
    /// The user it is about; the log can be filtered by it.
    pub user: Option<UserId>,
    /// The passkey it is about.
    pub credential_id: Option<Vec<u8>>,
    /// The passkey's model.
    pub aaguid: Option<Uuid>,
    /// The passkey's type.
    pub passkey_type: Option<PasskeyType>,
    /// The attempt it belongs to.
    pub correlation: CorrelationId,
    /// Fresh ones in a record that is about to be written; none in one that was read.
    pub salts: Option<AuditSalts>,
}

/// One step of a sign-in (`authenticationDetails`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignInStep {
    /// `authenticationStepDateTime`.
    pub at: Timestamp,
    /// `authenticationMethod`: `Passkey (device-bound)`, `Password`, `Previously satisfied` ….
    pub method: String,
    /// `authenticationMethodDetail`: the credential's name.
    pub detail: String,
    /// Whether it went well.
    pub succeeded: bool,
    /// Stable code when it did not.
    pub result: String,
}

/// One record of the sign-in log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInRecord {
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// Its id, sortable by time.
    pub id: RecordId,
    /// When it happened.
    pub at: Timestamp,
    /// Who, when that is known.
    pub user: Option<UserId>,
    /// The name as typed or as stored.
    pub user_principal_name: String,
    /// As it was then.
    pub user_display_name: String,
    /// For which application.
    pub application: Option<ApplicationId>,
    /// As it was then.
    pub application_name: String,
    /// `interactiveUser` (true) or `nonInteractiveUser`.
    pub interactive: bool,
    /// Entra's number; 0 is success.
    pub error_code: i64,
    /// Our stable code (refusal or denial); empty on success.
    pub failure_code: String,
    /// The sentence for the administrator; empty on success.
    pub failure_reason: String,
    /// Everything proved or tried, in order.
    pub steps: Vec<SignInStep>,
    /// Whether two factors were shown.
    pub multi_factor: bool,
    /// The passkey used.
    pub passkey: Option<PasskeyId>,
    /// Its credential id.
    pub credential_id: Option<Vec<u8>>,
    /// Its model.
    pub aaguid: Option<Uuid>,
    /// Its type.
    pub passkey_type: Option<PasskeyType>,
    /// Its BS flag in this sign-in.
    pub backed_up: Option<bool>,
    /// The session it opened or used.
    pub session: Option<SessionId>,
    /// Where from.
    pub ip_address: String,
    /// As sent; unverified.
    pub user_agent: String,
    /// Which rules were asked and what they said, as JSON.
    pub decision: String,
    /// The version of the policy that decided.
    pub policy_version: i64,
    /// The attempt it belongs to.
    pub correlation: CorrelationId,
    /// A fresh one in a record that is about to be written; none in one that was read.
    pub salt: Option<Salt>,
}

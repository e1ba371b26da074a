use crate::model::{TenantId, Timestamp, UserHandle, UserId};
use serde::{Deserialize, Serialize};

/// Whether a person belongs to the tenant or visits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UserType {
    /// Belongs to the tenant.
    Member,
    /// Invited into the tenant.
    Guest,
}

impl UserType {
    /// The stored and Graph form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Guest => "guest",
        }
    }
}

/// Whether somebody has to show two factors whatever the policies say (Entra's per-user multifactor authentication).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PerUserMfa {
    /// The policies decide.
    Disabled,
    /// They have to.
    Enabled,
    /// The same here: Entra tells by it who has registered a second factor since.
    Enforced,
}

impl PerUserMfa {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Disabled, Self::Enabled, Self::Enforced];

    /// The stored and Graph form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::Enforced => "enforced",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The tenant the account lives in.
    pub tenant: TenantId,
    /// The account's id (`oid`).
    pub id: UserId,
    /// The name a person types, compared without regard to case, unique in the tenant.
    pub user_principal_name: String,
    /// The name shown to people.
    pub display_name: String,
    /// Where notices go.
    pub mail: Option<String>,
    /// `accountEnabled`: a disabled user gets no session and no token.
    pub enabled: bool,
    /// What authenticators store as `user.id`.
    pub handle: UserHandle,
    /// Member or guest.
    pub user_type: UserType,
    /// An emergency account: excluded from lockout by policy, every use raises an event.
    pub break_glass: bool,
    /// When the account was made.
    pub created: Timestamp,
    /// Sessions and grants whose authentication is older than this are dead.
    pub sessions_valid_from: Timestamp,
    /// Two factors that were shown before this moment are asked for again: another system raised an alarm.
    pub proofs_valid_from: Option<Timestamp>,
    /// Whether they have to show two factors whatever the policies say.
    pub mfa: PerUserMfa,
    /// Grows with every change that a running sign-in must notice (enabled, password, revocation).
    pub version: i64,
}

impl User {
    /// Grants of applications whose authentication is older than this are not refreshed any more.
    #[must_use]
    pub fn grants_valid_from(&self) -> Timestamp {
        let proofs = self.proofs_valid_from.unwrap_or(self.sessions_valid_from);
        self.sessions_valid_from.max(proofs)
    }

    /// A member in the place of somebody who does not exist: whoever asks about an unknown name is answered about them.
    #[must_use]
    pub fn nobody(tenant: TenantId, now: Timestamp) -> Self {
        Self {
            tenant,
            id: UserId::from_bytes([0; 16]),
            user_principal_name: String::new(),
            display_name: String::new(),
            mail: None,
            enabled: true,
            handle: UserHandle::new(tenant, [0; 16]),
            user_type: UserType::Member,
            break_glass: false,
            created: now,
            sessions_valid_from: now,
            proofs_valid_from: None,
            mfa: PerUserMfa::Disabled,
            version: 0,
        }
    }
}

use crate::model::{GroupId, Role, UserId};
use serde::{Deserialize, Serialize};

/// A set of people as a policy names it. Whoever any part names is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Scope {
    /// Everybody (`all_users`, `All`).
    #[serde(skip_serializing_if = "is_false")]
    pub everyone: bool,
    /// Every guest (`GuestsOrExternalUsers`).
    #[serde(skip_serializing_if = "is_false")]
    pub guests: bool,
    /// People by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<UserId>,
    /// Members of these groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupId>,
    /// Holders of these directory roles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
}

impl Scope {
    /// Everybody.
    #[must_use]
    pub fn everyone() -> Self {
        Self {
            everyone: true,
            ..Self::default()
        }
    }

    /// Holders of any directory role.
    #[must_use]
    pub fn role_holders() -> Self {
        Self {
            roles: Role::ALL.to_vec(),
            ..Self::default()
        }
    }

    /// The members of one group.
    #[must_use]
    pub fn group(group: GroupId) -> Self {
        Self {
            groups: vec![group],
            ..Self::default()
        }
    }

    /// Names nobody.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        !self.everyone
            && !self.guests
            && self.users.is_empty()
            && self.groups.is_empty()
            && self.roles.is_empty()
    }
}

/// Whom something is for: in `include` and not in `exclude`. Exclude always wins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Assignment {
    /// Who.
    pub include: Scope,
    /// Except for whom.
    #[serde(skip_serializing_if = "Scope::is_empty")]
    pub exclude: Scope,
}

impl Assignment {
    /// Everybody without exception.
    #[must_use]
    pub fn everyone() -> Self {
        Self {
            include: Scope::everyone(),
            exclude: Scope::default(),
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
pub(super) const fn is_false(flag: &bool) -> bool {
    !*flag
}

use crate::model::{GroupId, TenantId, Timestamp, UserId};

/// A set of users that policies name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The tenant it lives in.
    pub tenant: TenantId,
    /// Its id.
    pub id: GroupId,
    /// Shown to administrators.
    pub display_name: String,
    /// Free text.
    pub description: String,
    /// Whether directory roles may be given to it; such groups are protected like role holders.
    pub role_assignable: bool,
    /// When it was made.
    pub created: Timestamp,
}

/// One user's place in one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// The group.
    pub group: GroupId,
    /// The member.
    pub user: UserId,
}

use policy::model::{TenantId, Timestamp};
use serde_json::{Value, json};

/// What a stream sends: one record, at its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Whose.
    pub tenant: TenantId,
    /// Which kind.
    pub what: What,
    /// When it happened.
    pub at: Timestamp,
    /// Its id, the same however often it is sent.
    pub id: String,
    /// Its leaf in the evidence tree; of a checkpoint the size of the tree.
    pub position: u64,
    /// Whether it tells of something that was refused or failed.
    pub failed: bool,
    /// The record.
    pub record: Value,
}

/// Which kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Of the audit log.
    Audit,
    /// Of the sign-in log.
    SignIn,
    /// A signed head.
    Checkpoint,
}

impl What {
    /// As it is called in what is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::SignIn => "signIn",
            Self::Checkpoint => "checkpoint",
        }
    }
}

impl Entry {
    /// One JSON value with everything.
    pub fn json(&self) -> Value {
        json!({
            "type": self.what.as_str(),
            "tenantId": self.tenant.to_string(),
            "id": self.id,
            "position": self.position,
            "record": self.record,
        })
    }
}

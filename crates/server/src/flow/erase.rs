//! Erasing a person from both logs: names, addresses, devices and salts go, everything else stays and goes on being proved.
//!
//! What stays under the person's id says that something happened, when, and how it ended. `log verify` accepts the gaps only
//! because the audit log says who was erased.

use policy::model::{AuditRecord, CorrelationId, RecordId, Target, TenantId, Timestamp, UserId};
use store::evidence::{self, Log};
use store::{Store, StoreError, Tx};

use super::records;
use crate::clock::Random;
use crate::evidence::ERASURE;

/// Records erased in one transaction, so that nobody's sign-in waits.
const PORTION: u32 = 100;

/// What an erasure did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Records of the audit log that had something to erase.
    pub audit: u64,
    /// Records of the sign-in log that had something to erase.
    pub sign_ins: u64,
    /// Finds the audit record.
    pub correlation: CorrelationId,
}

/// Erases what both logs say about the person with this id. The audit record is written together with the first portion, so
/// that nothing is erased without it; an erasure that was interrupted is finished by another one.
///
/// # Errors
/// If the store cannot be written.
pub async fn erase_person(
    store: &Store,
    now: Timestamp,
    random: &Random,
    (tenant, user): (TenantId, UserId),
) -> Result<Erased, StoreError> {
    let correlation = CorrelationId::new(now, random.bytes());
    let record = record(now, random, tenant, user, correlation);
    let own = record.id;
    let mut audited = Some(record);
    let mut erased = Erased {
        audit: 0,
        sign_ins: 0,
        correlation,
    };
    for log in Log::ALL {
        let mut after = RecordId::from_bytes([0; 16]);
        loop {
            let portion = Portion {
                tenant,
                log,
                user,
                after,
                record: audited.clone(),
                own,
            };
            let done = store
                .write(move |tx| Box::pin(async move { portion.erase(tx).await }))
                .await?;
            match log {
                Log::Audit => erased.audit += done.erased,
                Log::SignIns => erased.sign_ins += done.erased,
            }
            if done.erased > 0 {
                audited = None;
            }
            let Some(last) = done.last else { break };
            after = last;
        }
    }
    Ok(erased)
}

/// A few records, and the record of their erasure while it is not written yet.
struct Portion {
    tenant: TenantId,
    log: Log,
    user: UserId,
    after: RecordId,
    record: Option<AuditRecord>,
    /// The record of this erasure, which speaks of the person too and has nothing to erase.
    own: RecordId,
}

struct Done {
    erased: u64,
    last: Option<RecordId>,
}

impl Portion {
    async fn erase(self, tx: &mut Tx) -> Result<Done, StoreError> {
        let (tenant, log, user) = (self.tenant, self.log, self.user);
        let ids = evidence::records_of(tx, tenant, log, user, self.after, PORTION).await?;
        let mut erased = 0;
        for id in ids.iter().filter(|id| **id != self.own) {
            erased += u64::from(evidence::erase(tx, tenant, log, *id, user).await?);
        }
        if erased > 0
            && let Some(record) = &self.record
        {
            store::audit::record(tx, record).await?;
        }
        Ok(Done {
            erased,
            last: ids.last().copied(),
        })
    }
}

/// It names the person by their id only: it is what is left when everything else is gone.
fn record(
    now: Timestamp,
    random: &Random,
    tenant: TenantId,
    user: UserId,
    correlation: CorrelationId,
) -> AuditRecord {
    let mut record = records::by_server(now, random, tenant, correlation, ERASURE);
    record.initiated_by = records::by_service("log erase");
    record.user = Some(user);
    record.targets.push(Target {
        id: user.to_string(),
        kind: "User".to_owned(),
        display_name: None,
        user_principal_name: None,
        modified_properties: Vec::new(),
    });
    record
}

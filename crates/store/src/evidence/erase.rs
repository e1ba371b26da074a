//! Erasing a person: values and salts go, commitments stay.

use super::record::Part;
use super::{Hidden, Log, find};
use crate::row::{Val, vals};
use crate::{StoreError, Tx};
use policy::model::{RecordId, TenantId, UserId};

/// A statement per part of a record: what is left is what [`super::forms`] says.
const ACTOR: &str = "UPDATE audit SET initiated_by = actor, user_agent = '',
        actor_salt = NULL, actor_commitment = $3
    WHERE tenant_id = $1 AND id = $2";
const SUBJECT: &str = "UPDATE audit SET targets = target_ids, details = '[]',
        subject_salt = NULL, subject_commitment = $3
    WHERE tenant_id = $1 AND id = $2";
const PERSON: &str = "UPDATE sign_ins SET user_principal_name = '', user_display_name = '',
        failure_reason = '', steps = '[]', ip_address = '', user_agent = '', decision = $4,
        salt = NULL, commitment = $3
    WHERE tenant_id = $1 AND id = $2";
/// An empty JSON object cannot stand in a statement: braces are for the dialect's words.
const NO_DECISION: &str = "{}";

/// Records in which the user did something, or something was done to them, by id, after `after`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn records_of(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    user: UserId,
    after: RecordId,
    limit: u32,
) -> Result<Vec<RecordId>, StoreError> {
    let sql = match log {
        Log::Audit => {
            "SELECT id FROM audit WHERE tenant_id = $1 AND user_id = $2 AND id > $3
             UNION SELECT id FROM audit WHERE tenant_id = $1 AND actor_id = $2 AND id > $3
             ORDER BY id LIMIT $4"
        }
        Log::SignIns => {
            "SELECT id FROM sign_ins WHERE tenant_id = $1 AND user_id = $2 AND id > $3
             ORDER BY id LIMIT $4"
        }
    };
    let rows = tx.query(sql, vals![&tenant, &user, &after, limit]).await?;
    rows.into_iter()
        .map(|mut row| row.take("record id"))
        .collect()
}

/// Erases what a record says about the user. True if there was something left to erase.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn erase(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    id: RecordId,
    user: UserId,
) -> Result<bool, StoreError> {
    let Some(record) = find(tx, tenant, log, id).await? else {
        return Ok(false);
    };
    let parts: &[(&str, &'static str)] = match log {
        Log::Audit => &[("actor_id", ACTOR), ("user_id", SUBJECT)],
        Log::SignIns => &[("user_id", PERSON)],
    };
    let mut erased = false;
    for (part, (whose, sql)) in record.parts.iter().zip(parts) {
        if record.user(whose) == Some(user) && is_salted(part) {
            // Made of what is stored now: if somebody has changed it, the leaf goes on telling.
            let commitment = part.commitment();
            tx.exec(sql, &parameters(log, vals![&tenant, &id, &commitment]))
                .await?;
            erased = true;
        }
    }
    Ok(erased)
}

fn parameters<'v>(log: Log, common: &[Val<'v>]) -> Vec<Val<'v>> {
    let decision: &[Val<'_>] = match log {
        Log::Audit => &[],
        Log::SignIns => &[Val::Text(NO_DECISION)],
    };
    [common, decision].concat()
}

const fn is_salted(part: &Part) -> bool {
    matches!(part.hidden, Hidden::Salted(_))
}

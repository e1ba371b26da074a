//! Forgetting what nobody can use any more. Log records go by whole segments: [`crate::evidence`].
//!
//! Every call removes at most `limit` rows of each kind, so that the writer is never held for long;
//! call again while something was removed.

use crate::row::vals;
use crate::{StoreError, Tx};
use policy::campaign::day;
use policy::lifetimes::{
    APPROVAL_KEPT, FEEDBACK_KEPT, FUNNEL_KEPT, SESSION_CLIENT_KEPT, SIGHTING_KEPT,
};
use policy::model::Timestamp;
use policy::notices::LINK_REMEMBERED;
use policy::signals::ACKNOWLEDGED_KEPT;

/// Removes spent challenges, attempts, sessions, codes, device codes, grants, links of notices, notices that were
/// given up, applications of sessions that are over, signals that were acknowledged long ago, requests for a second person that ended long ago, old feedback of authenticators, sealing keys whose time is over at `now`, places in which a passkey was not used for
/// long, old counters of campaigns, and counts of wrong answers older than `failures_before`. Answers
/// how many rows went.
///
/// Sessions and grants stay for as long as they could have lived even if they were ended early, so
/// that a replay is still recognised as one.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn purge(
    tx: &mut Tx,
    now: Timestamp,
    failures_before: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    let mut gone = 0;
    for sql in EXPIRED {
        gone += tx.exec(sql, vals![now, limit]).await?;
    }
    let sql = "DELETE FROM failures WHERE (tenant_id, user_id, method, source) IN
        (SELECT tenant_id, user_id, method, source FROM failures WHERE last < $1 LIMIT $2)";
    gone += tx.exec(sql, vals![failures_before, limit]).await?;
    let sql = "DELETE FROM sightings
        WHERE (tenant_id, user_id, passkey_id, system, browser, attachment, network) IN
            (SELECT tenant_id, user_id, passkey_id, system, browser, attachment, network
             FROM sightings WHERE last_seen < $1 LIMIT $2)";
    gone += tx.exec(sql, vals![now.minus(SIGHTING_KEPT), limit]).await?;
    let sql = "DELETE FROM campaign_funnel WHERE
        (tenant_id, campaign_id, day, system, browser, provider, outcome, why) IN
        (SELECT tenant_id, campaign_id, day, system, browser, provider, outcome, why
         FROM campaign_funnel WHERE day < $1 LIMIT $2)";
    let oldest = day(now.minus(FUNNEL_KEPT));
    gone += tx.exec(sql, vals![oldest, limit]).await?;
    let sql = "DELETE FROM disclaimers WHERE (tenant_id, token) IN
        (SELECT tenant_id, token FROM disclaimers WHERE expires < $1 LIMIT $2)";
    gone += tx
        .exec(sql, vals![now.minus(LINK_REMEMBERED), limit])
        .await?;
    // A session that nobody ended is over by itself, and nobody is told of that.
    let sql = "DELETE FROM session_clients WHERE (tenant_id, sid, application_id) IN
        (SELECT tenant_id, sid, application_id FROM session_clients
         WHERE since < $1 AND due IS NULL LIMIT $2)";
    gone += tx
        .exec(sql, vals![now.minus(SESSION_CLIENT_KEPT), limit])
        .await?;
    let sql = "DELETE FROM signals WHERE (tenant_id, stream_id, number) IN
        (SELECT tenant_id, stream_id, number FROM signals WHERE acknowledged < $1 LIMIT $2)";
    gone += tx
        .exec(sql, vals![now.minus(ACKNOWLEDGED_KEPT), limit])
        .await?;
    let sql = "DELETE FROM approvals WHERE (tenant_id, id) IN
        (SELECT tenant_id, id FROM approvals WHERE expires < $1 LIMIT $2)";
    gone += tx.exec(sql, vals![now.minus(APPROVAL_KEPT), limit]).await?;
    let sql = "DELETE FROM feedback WHERE (tenant_id, id) IN
        (SELECT tenant_id, id FROM feedback WHERE received < $1 LIMIT $2)";
    gone += tx.exec(sql, vals![now.minus(FEEDBACK_KEPT), limit]).await?;
    Ok(gone)
}

const EXPIRED: [&str; 8] = [
    "DELETE FROM spent_challenges WHERE (tenant_id, nonce) IN
        (SELECT tenant_id, nonce FROM spent_challenges WHERE expires < $1 LIMIT $2)",
    "DELETE FROM attempts WHERE (tenant_id, token) IN
        (SELECT tenant_id, token FROM attempts WHERE expires < $1 LIMIT $2)",
    "DELETE FROM sessions WHERE (tenant_id, token) IN
        (SELECT tenant_id, token FROM sessions WHERE expires < $1 LIMIT $2)",
    "DELETE FROM grants WHERE (tenant_id, id) IN
        (SELECT tenant_id, id FROM grants WHERE expires < $1 LIMIT $2)",
    "DELETE FROM codes WHERE (tenant_id, code) IN
        (SELECT c.tenant_id, c.code FROM codes c WHERE c.expires < $1 AND NOT EXISTS
            (SELECT 1 FROM grants g WHERE g.tenant_id = c.tenant_id AND g.id = c.grant_id) LIMIT $2)",
    "DELETE FROM device_codes WHERE (tenant_id, code) IN
        (SELECT tenant_id, code FROM device_codes WHERE expires < $1 LIMIT $2)",
    "DELETE FROM outbox WHERE given_up IS NOT NULL AND (tenant_id, id) IN
        (SELECT tenant_id, id FROM outbox WHERE due < $1 AND given_up IS NOT NULL LIMIT $2)",
    "DELETE FROM seal_keys WHERE id IN (SELECT id FROM seal_keys WHERE expires < $1 LIMIT $2)",
];

//! The rig's own trial: a check that cannot fail proves nothing. Each forgery below is made in a transaction that is rolled back, and
//! the books must not balance while it stands.

use anyhow::{Result, ensure};

use crate::books::Books;
use crate::database::Database;

/// What is done to the database behind the server's back.
const FORGERIES: &[(&str, &str)] = &[
    (
        "a policy's record is taken away",
        "DELETE FROM audit WHERE id = (SELECT id FROM audit
         WHERE details LIKE '%policyVersion%' ORDER BY id DESC LIMIT 1)",
    ),
    (
        "a policy has a second record",
        "INSERT INTO audit (tenant_id, id, happened, activity, category, service, result, reason,
            initiated_by, targets, details, correlation)
         SELECT tenant_id, correlation, happened, activity, category, service, result, reason,
            initiated_by, targets, details, correlation
         FROM audit WHERE details LIKE '%policyVersion%' ORDER BY id DESC LIMIT 1",
    ),
    (
        "the record of a list of models is taken away",
        "DELETE FROM audit WHERE id = (SELECT id FROM audit
         WHERE activity LIKE '%Combination Configuration%' ORDER BY id DESC LIMIT 1)",
    ),
    (
        "a text of the history is taken away",
        "DELETE FROM policy_history
         WHERE policy_version = (SELECT max(policy_version) FROM policy_history)",
    ),
    (
        "a policy is there by half",
        "UPDATE policy_documents SET body = substr(body, 1, 40)",
    ),
    (
        "a policy lost its newest change",
        "DELETE FROM policy_documents WHERE kind = 'passkeys'",
    ),
    (
        "the record of a group is taken away",
        "DELETE FROM audit WHERE activity = 'Add group'",
    ),
    (
        "the record of a member is taken away",
        "DELETE FROM audit WHERE id = (SELECT id FROM audit
         WHERE activity = 'Add member to group' ORDER BY id DESC LIMIT 1)",
    ),
    ("members are taken away", "DELETE FROM group_members"),
    (
        "the record of a new passkey is taken away",
        "DELETE FROM audit WHERE id = (SELECT id FROM audit
         WHERE activity = 'Add Passkey (device-bound)' ORDER BY id DESC LIMIT 1)",
    ),
    (
        "the record of a revoked passkey is taken away",
        "DELETE FROM audit WHERE id = (SELECT id FROM audit
         WHERE activity = 'Delete Passkey (device-bound)' ORDER BY id DESC LIMIT 1)",
    ),
    ("passkeys are taken away", "DELETE FROM credentials"),
    (
        "the record of a sign-in is taken away",
        "DELETE FROM sign_ins WHERE id = (SELECT id FROM sign_ins
         WHERE session_id IS NOT NULL ORDER BY id DESC LIMIT 1)",
    ),
    (
        "a session is taken away",
        "DELETE FROM sessions WHERE token = (SELECT token FROM sessions
         ORDER BY created DESC LIMIT 1)",
    ),
    (
        "the record of a sign-out is taken away",
        "DELETE FROM audit WHERE id = (SELECT id FROM audit
         WHERE activity = 'User signed out' ORDER BY id DESC LIMIT 1)",
    ),
];

/// Tries them all; how many there were.
pub async fn are_noticed(database: &Database) -> Result<usize> {
    for (name, sql) in FORGERIES {
        database.begin().await?;
        database.rows(sql).await?;
        let noticed = Books::read(database).await?.discrepancies();
        database.roll_back().await?;
        ensure!(!noticed.is_empty(), "nobody notices that {name}");
    }
    Ok(FORGERIES.len())
}

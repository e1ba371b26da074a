//! Registration campaigns: what people did with prompts, and how often what happened.

use crate::row::{Row, vals};
use crate::{StoreError, Tx};
use policy::campaign::{Count, Event, Outcome, Provider, Snoozes, day};
use policy::model::{Browser, CampaignId, System, TenantId, Timestamp, TokenHash, UserId};

/// What this person did with prompts so far; nothing if they never saw one.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn snoozes(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Snoozes, StoreError> {
    let sql = "SELECT snoozes, put_off, shown, silent FROM campaign_prompts
        WHERE tenant_id = $1 AND user_id = $2";
    let row = tx.first(sql, vals![&tenant, &user]).await?;
    row.map_or(Ok(Snoozes::default()), |mut row| {
        Ok(Snoozes {
            count: row.take("count of snoozes")?,
            last: row.take("last snooze")?,
            shown: row.take("prompt shown")?,
            silent: row.take("silent prompt")?,
        })
    })
}

/// Remembers that a prompt is before somebody. One that was shown before and has had no answer becomes a snooze: that
/// browser was closed.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn show(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    to: &TokenHash,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO campaign_prompts (tenant_id, user_id, snoozes, shown, shown_to)
        VALUES ($1, $2, 0, $3, $4)
        ON CONFLICT (tenant_id, user_id) DO UPDATE SET
            snoozes = campaign_prompts.snoozes
                + CASE WHEN campaign_prompts.shown IS NULL THEN 0 ELSE 1 END,
            put_off = coalesce(campaign_prompts.shown, campaign_prompts.put_off),
            shown = excluded.shown, shown_to = excluded.shown_to";
    tx.exec(sql, vals![&tenant, &user, now, to]).await?;
    Ok(())
}

/// How a prompt was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// "Skip for now": it counts.
    Snoozed,
    /// Left after an error: it puts off and does not count.
    ErrorSkipped,
    /// A passkey was registered.
    Accepted,
}

/// Takes the answer to the prompt that was shown to `to`; answers how many snoozes there are now. A prompt that became
/// a snooze meanwhile, because another was shown in another window, is not counted again.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn answer(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    to: &TokenHash,
    answer: Answer,
    now: Timestamp,
) -> Result<u32, StoreError> {
    let counts = answer == Answer::Snoozed;
    let put_off = (answer != Answer::Accepted).then_some(now);
    let sql = "UPDATE campaign_prompts SET
            snoozes = snoozes + CASE WHEN shown_to = $3 THEN CAST($4 AS BIGINT) ELSE 0 END,
            put_off = coalesce($5, put_off),
            shown = CASE WHEN shown_to = $3 THEN NULL ELSE shown END,
            shown_to = CASE WHEN shown_to = $3 THEN NULL ELSE shown_to END
        WHERE tenant_id = $1 AND user_id = $2
        RETURNING snoozes";
    let row = tx
        .first(sql, vals![&tenant, &user, to, counts, put_off])
        .await?;
    row.map_or(Ok(0), |mut row| row.take("count of snoozes"))
}

/// Remembers that a browser was asked to make a passkey silently, on behalf of a campaign.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn offer_silently(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    campaign: CampaignId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO campaign_prompts (tenant_id, user_id, snoozes, silent, silent_for)
        VALUES ($1, $2, 0, $3, $4)
        ON CONFLICT (tenant_id, user_id) DO UPDATE SET
            silent = excluded.silent, silent_for = excluded.silent_for";
    tx.exec(sql, vals![&tenant, &user, now, &campaign]).await?;
    Ok(())
}

/// The campaign on whose behalf a browser was asked lately to make a passkey silently: once, when it did.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn made_silently(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<CampaignId>, StoreError> {
    let sql = "SELECT p.silent_for FROM campaign_prompts p
        WHERE p.tenant_id = $1 AND p.user_id = $2 AND p.silent_for IS NOT NULL {LOCK p}";
    let Some(mut row) = tx.first(sql, vals![&tenant, &user]).await? else {
        return Ok(None);
    };
    let sql = "UPDATE campaign_prompts SET silent_for = NULL WHERE tenant_id = $1 AND user_id = $2";
    tx.exec(sql, vals![&tenant, &user]).await?;
    row.take("silent campaign").map(Some)
}

/// Forgets the snoozes of one person, or of everybody; answers of how many.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn reset(tx: &mut Tx, tenant: TenantId, user: Option<UserId>) -> Result<u64, StoreError> {
    match user {
        Some(user) => {
            let sql = "DELETE FROM campaign_prompts WHERE tenant_id = $1 AND user_id = $2";
            tx.exec(sql, vals![&tenant, &user]).await
        }
        None => {
            let sql = "DELETE FROM campaign_prompts WHERE tenant_id = $1";
            tx.exec(sql, vals![&tenant]).await
        }
    }
}

/// How many people have put off how often, the fewest first. Whoever never did is not among them.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn put_off(tx: &mut Tx, tenant: TenantId) -> Result<Vec<(u32, i64)>, StoreError> {
    let sql = "SELECT snoozes, count(*) FROM campaign_prompts
        WHERE tenant_id = $1 AND snoozes > 0 GROUP BY snoozes ORDER BY snoozes";
    let rows = tx.query(sql, vals![&tenant]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.take("snoozes")?, row.take("people")?)))
        .collect()
}

/// Counts something that happened at `now`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count(
    tx: &mut Tx,
    tenant: TenantId,
    event: &Event,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO campaign_funnel (tenant_id, campaign_id, day, system, browser,
            provider, outcome, why, count)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)
        ON CONFLICT (tenant_id, campaign_id, day, system, browser, provider, outcome, why)
        DO UPDATE SET count = campaign_funnel.count + 1";
    let params = vals![
        &tenant,
        &event.campaign,
        day(now),
        event.system.as_str(),
        event.browser.as_str(),
        event.provider.map_or("", Provider::as_str),
        event.outcome.as_str(),
        event.why
    ];
    tx.exec(sql, params).await?;
    Ok(())
}

/// What happened from this day on, in the order of days.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn funnel(
    tx: &mut Tx,
    tenant: TenantId,
    campaign: CampaignId,
    from: i64,
) -> Result<Vec<Count>, StoreError> {
    let sql = "SELECT campaign_id, day, system, browser, provider, outcome, why, count
        FROM campaign_funnel WHERE tenant_id = $1 AND campaign_id = $2 AND day >= $3
        ORDER BY day, system, browser, provider, outcome, why";
    let rows = tx.query(sql, vals![&tenant, &campaign, from]).await?;
    rows.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Count, StoreError> {
    Ok(Count {
        campaign: row.take("funnel campaign")?,
        day: row.take("funnel day")?,
        system: named(&mut row, "funnel system", System::from_name)?,
        browser: named(&mut row, "funnel browser", Browser::from_name)?,
        provider: named(&mut row, "funnel provider", |name| match name {
            "" => Some(None),
            name => Provider::from_name(name).map(Some),
        })?,
        outcome: named(&mut row, "funnel outcome", Outcome::from_name)?,
        why: row.take("funnel why")?,
        count: row.take("funnel count")?,
    })
}

fn named<T>(
    row: &mut Row,
    what: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, StoreError> {
    let name: String = row.take(what)?;
    read(&name).ok_or(StoreError::Damaged(what))
}

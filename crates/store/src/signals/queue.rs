use super::streams::{drop_waiting, key};
use super::{WAITING, columns, read};
use crate::row::{Row, Val, from_json, to_json, vals};
use crate::{StoreError, Tx};
use policy::model::{
    ApplicationId, CorrelationId, QueuedSignal, Signal, Stream, StreamId, SubjectFormat, TenantId,
    Timestamp, UserId,
};

/// Why a stream was disabled by us.
const OVERFLOW: &str = "too many events were not acknowledged";

/// A stream that this process may push to until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The stream.
    pub stream: Stream,
    /// The lease.
    pub epoch: i64,
    /// How often the oldest event failed.
    pub attempts: i64,
    /// Since when.
    pub failing_since: Option<Timestamp>,
}

/// Whether a claim still held when it was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It did.
    Done,
    /// The lease had passed to somebody else, or the stream was changed: nothing was written.
    Lost,
}

/// An event and what its receiver said of it: the line of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// The stream.
    pub stream: StreamId,
    /// Its receiver.
    pub application: ApplicationId,
    /// Its number there.
    pub number: i64,
    /// What it told.
    pub signal: Signal,
    /// When its receiver acknowledged it.
    pub at: Option<Timestamp>,
    /// What its receiver had against it.
    pub refusal: Option<String>,
}

/// Writes an event on every stream of the tenant that carries it. Call it in the job that makes the change.
pub(crate) async fn emit(
    tx: &mut Tx,
    (tenant, user): (TenantId, UserId),
    at: Timestamp,
    signals: &[Signal],
) -> Result<(), StoreError> {
    if signals.is_empty() {
        return Ok(());
    }
    // All streams, always in the same order: two jobs that lock some of them each would wait for each other.
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", s.last, s.waiting, (SELECT count(*) FROM signal_exclusions x
            WHERE x.tenant_id = s.tenant_id AND x.stream_id = s.id AND x.user_id = $2)
         FROM signal_streams s WHERE s.tenant_id = $1 AND s.status <> 'disabled'
         ORDER BY s.id {LOCK s}"
    );
    for mut row in tx.query(sql, vals![&tenant, &user]).await? {
        let stream = read(&mut row)?;
        let line = Line {
            last: row.take("stream last")?,
            waiting: row.take("stream waiting")?,
            stream,
        };
        let excluded: i64 = row.take("exclusions")?;
        if excluded == 0 {
            let wanted = signals.iter().filter(|one| line.stream.carries(one.kind()));
            let wanted: Vec<&Signal> = wanted.collect();
            line.append(tx, Some(user), at, &wanted).await?;
        }
    }
    Ok(())
}

/// Writes an event about the stream itself; `false` where it is disabled and nothing is written.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn enqueue(
    tx: &mut Tx,
    tenant: TenantId,
    id: StreamId,
    at: Timestamp,
    signal: &Signal,
) -> Result<bool, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", s.last, s.waiting FROM signal_streams s
         WHERE s.tenant_id = $1 AND s.id = $2 AND s.status <> 'disabled' {LOCK s}"
    );
    let Some(mut row) = tx.first(sql, &key(&tenant, &id)).await? else {
        return Ok(false);
    };
    let line = Line {
        stream: read(&mut row)?,
        last: row.take("stream last")?,
        waiting: row.take("stream waiting")?,
    };
    line.append(tx, None, at, &[signal]).await?;
    Ok(true)
}

/// A locked stream.
struct Line {
    stream: Stream,
    last: i64,
    waiting: i64,
}

impl Line {
    async fn append(
        self,
        tx: &mut Tx,
        user: Option<UserId>,
        at: Timestamp,
        signals: &[&Signal],
    ) -> Result<(), StoreError> {
        let (tenant, id) = (self.stream.tenant, self.stream.id);
        let count = i64::try_from(signals.len()).unwrap_or(WAITING);
        if count == 0 {
            return Ok(());
        }
        if self.waiting.saturating_add(count) > WAITING {
            let sql = "UPDATE signal_streams SET status = 'disabled', reason = $3
                WHERE tenant_id = $1 AND id = $2";
            tx.exec(sql, vals![&tenant, &id, OVERFLOW]).await?;
            return drop_waiting(tx, tenant, id).await;
        }
        let address = self.address(tx, user).await?;
        let correlation = tx.correlation().filter(|_| user.is_some());
        for (number, signal) in (self.last + 1..).zip(signals) {
            let sql = "INSERT INTO signals
                (tenant_id, stream_id, number, user_id, address, signal, happened, correlation)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
            let text = to_json(signal);
            let params = vals![
                &tenant,
                &id,
                number,
                user.as_ref(),
                address.as_deref(),
                &text,
                at,
                correlation.as_ref()
            ];
            tx.exec(sql, params).await?;
            if user.is_some() {
                tx.note_written(id, number);
            }
        }
        let sql = "UPDATE signal_streams SET last = last + $3, waiting = waiting + $3
            WHERE tenant_id = $1 AND id = $2";
        tx.exec(sql, vals![&tenant, &id, count]).await?;
        tx.ring();
        Ok(())
    }

    /// As it is now: when the event goes out, the account may be gone.
    async fn address(
        &self,
        tx: &mut Tx,
        user: Option<UserId>,
    ) -> Result<Option<String>, StoreError> {
        let Some(user) = user.filter(|_| self.stream.format == SubjectFormat::Email) else {
            return Ok(None);
        };
        let found = crate::users::find(tx, self.stream.tenant, user).await?;
        Ok(found.map(|user| user.mail.unwrap_or(user.user_principal_name)))
    }
}

/// Streams with something to push at `now`, of all tenants.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn due(
    tx: &mut Tx,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<(TenantId, StreamId)>, StoreError> {
    let sql = "SELECT tenant_id, id FROM signal_streams
        WHERE endpoint IS NOT NULL AND status = 'enabled' AND waiting > 0 AND due <= $1
        ORDER BY due LIMIT $2";
    let rows = tx.query(sql, vals![now, limit]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.take("stream tenant")?, row.take("stream id")?)))
        .collect()
}

/// Claims a stream until `lease`: nobody else pushes to it before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn claim(
    tx: &mut Tx,
    (tenant, id): (TenantId, StreamId),
    now: Timestamp,
    lease: Timestamp,
) -> Result<Option<Claimed>, StoreError> {
    let sql = "UPDATE signal_streams SET due = $4, epoch = epoch + 1
        WHERE tenant_id = $1 AND id = $2 AND due <= $3
            AND endpoint IS NOT NULL AND status = 'enabled' AND waiting > 0";
    if !tx.changed(sql, vals![&tenant, &id, now, lease]).await? {
        return Ok(None);
    }
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", s.epoch, s.attempts, s.failing_since
         FROM signal_streams s WHERE s.tenant_id = $1 AND s.id = $2"
    );
    let row = tx.first(sql, &key(&tenant, &id)).await?;
    row.map(|mut row| {
        Ok(Claimed {
            stream: read(&mut row)?,
            epoch: row.take("stream epoch")?,
            attempts: row.take("stream attempts")?,
            failing_since: row.take("stream failing since")?,
        })
    })
    .transpose()
}

/// The oldest events of a stream that were not acknowledged, in order. Those of a stream that does not flow are kept back.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn waiting(
    tx: &mut Tx,
    tenant: TenantId,
    id: StreamId,
    limit: u32,
) -> Result<Vec<QueuedSignal>, StoreError> {
    let sql =
        "SELECT q.stream_id, q.number, q.user_id, q.address, q.happened, q.correlation, q.signal
        FROM signal_streams s JOIN signals q ON q.tenant_id = s.tenant_id AND q.stream_id = s.id
        WHERE s.tenant_id = $1 AND s.id = $2 AND s.status = 'enabled' AND q.acknowledged IS NULL
        ORDER BY q.number LIMIT $3";
    let rows = tx.query(sql, vals![&tenant, &id, limit]).await?;
    rows.into_iter().map(read_queued).collect()
}

/// Says that the receiver of a stream has these events; answers of how many that was news.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn acknowledge(
    tx: &mut Tx,
    (tenant, id): (TenantId, StreamId),
    numbers: &[i64],
    now: Timestamp,
) -> Result<u64, StoreError> {
    settle(tx, (tenant, id), numbers, now, None).await
}

/// Says that a receiver does not want an event: it is not sent again, and what it had against it is kept.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn refuse(
    tx: &mut Tx,
    (tenant, id): (TenantId, StreamId),
    number: i64,
    now: Timestamp,
    refusal: &str,
) -> Result<u64, StoreError> {
    settle(tx, (tenant, id), &[number], now, Some(refusal)).await
}

async fn settle(
    tx: &mut Tx,
    (tenant, id): (TenantId, StreamId),
    numbers: &[i64],
    now: Timestamp,
    refusal: Option<&str>,
) -> Result<u64, StoreError> {
    // The stream first: whoever appends locks in this order too.
    let sql = "SELECT s.id FROM signal_streams s WHERE s.tenant_id = $1 AND s.id = $2 {LOCK s}";
    if tx.first(sql, &key(&tenant, &id)).await?.is_none() {
        return Ok(0);
    }
    let mut settled = 0;
    for number in numbers {
        let sql = "UPDATE signals SET acknowledged = $4, refusal = $5
            WHERE tenant_id = $1 AND stream_id = $2 AND number = $3 AND acknowledged IS NULL";
        settled += tx
            .exec(sql, vals![&tenant, &id, *number, now, refusal])
            .await?;
    }
    if settled > 0 {
        let sql = "UPDATE signal_streams SET waiting = waiting - $3
            WHERE tenant_id = $1 AND id = $2";
        tx.exec(sql, vals![&tenant, &id, settled]).await?;
    }
    Ok(settled)
}

/// Lets go of a claim after a delivery that went well.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn release(
    tx: &mut Tx,
    claimed: &Claimed,
    due: Timestamp,
) -> Result<Settled, StoreError> {
    let sql = "UPDATE signal_streams SET due = $4, attempts = 0, failing_since = NULL, problem = ''
        WHERE tenant_id = $1 AND id = $2 AND epoch = $3";
    let params = [mine(claimed).as_slice(), &[Val::from(due)]].concat();
    settled(tx.changed(sql, &params).await?)
}

/// Lets go of a claim after a delivery that failed at `now`, to be tried again at `due`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn postpone(
    tx: &mut Tx,
    claimed: &Claimed,
    now: Timestamp,
    due: Timestamp,
    problem: &str,
) -> Result<Settled, StoreError> {
    let sql = "UPDATE signal_streams SET due = $4, attempts = attempts + 1,
            failing_since = coalesce(failing_since, $5), problem = $6
        WHERE tenant_id = $1 AND id = $2 AND epoch = $3";
    let rest = [Val::from(due), Val::from(now), Val::from(problem)];
    let params = [mine(claimed).as_slice(), &rest].concat();
    settled(tx.changed(sql, &params).await?)
}

/// What became of the events that came with these records, at most `limit` of them.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn of_correlation(
    tx: &mut Tx,
    tenant: TenantId,
    correlation: CorrelationId,
    limit: u32,
) -> Result<Vec<Acknowledged>, StoreError> {
    let sql = "SELECT q.stream_id, s.application_id, q.number, q.signal, q.acknowledged, q.refusal
        FROM signals q JOIN signal_streams s ON s.tenant_id = q.tenant_id AND s.id = q.stream_id
        WHERE q.tenant_id = $1 AND q.correlation = $2 ORDER BY q.stream_id, q.number LIMIT $3";
    let rows = tx.query(sql, vals![&tenant, &correlation, limit]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Acknowledged {
                stream: row.take("signal stream")?,
                application: row.take("signal receiver")?,
                number: row.take("signal number")?,
                signal: from_json(&row.take::<String>("signal")?, "signal")?,
                at: row.take("signal acknowledged")?,
                refusal: row.take("signal refusal")?,
            })
        })
        .collect()
}

/// Ties the events that this job wrote already to the records that it writes.
pub(crate) async fn stamp(
    tx: &mut Tx,
    tenant: TenantId,
    correlation: CorrelationId,
) -> Result<(), StoreError> {
    for (stream, number) in tx.written(correlation) {
        let sql = "UPDATE signals SET correlation = $4
            WHERE tenant_id = $1 AND stream_id = $2 AND number = $3 AND correlation IS NULL";
        tx.exec(sql, vals![&tenant, &stream, number, &correlation])
            .await?;
    }
    Ok(())
}

fn mine(claimed: &Claimed) -> [Val<'_>; 3] {
    let stream = &claimed.stream;
    [
        Val::from(&stream.tenant),
        Val::from(&stream.id),
        Val::from(claimed.epoch),
    ]
}

#[expect(clippy::unnecessary_wraps, reason = "the last step of its callers")]
const fn settled(done: bool) -> Result<Settled, StoreError> {
    Ok(if done { Settled::Done } else { Settled::Lost })
}

fn read_queued(mut row: Row) -> Result<QueuedSignal, StoreError> {
    Ok(QueuedSignal {
        stream: row.take("signal stream")?,
        number: row.take("signal number")?,
        user: row.take("signal user")?,
        address: row.take("signal address")?,
        at: row.take("signal time")?,
        correlation: row.take("signal correlation")?,
        signal: from_json(&row.take::<String>("signal")?, "signal")?,
    })
}

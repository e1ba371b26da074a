//! One worker for each stream: reads what comes next, hands it over, moves the cursor.

use std::time::Duration;

use policy::model::{NodeId, Span, TenantId};
use store::log_cursors::{self, Cursor, Holder};
use store::{StoreError, leases};
use tokio_util::sync::CancellationToken;

use super::reader::{Batch, Source};
use super::sink::Sink;
use crate::app::AppState;
use crate::config::LogStreamConfig;

/// How often a log is looked at when everything was sent.
const EVERY: Duration = Duration::from_millis(500);
/// The longest pause after failures.
const LONGEST: Duration = Duration::from_secs(60);
/// How long after a crash another node waits. Longer than a batch may take.
const LEASE: Span = Span::seconds(30);

/// Works on one stream.
#[derive(Debug)]
pub struct Worker {
    app: AppState,
    config: LogStreamConfig,
    sink: Sink,
    node: NodeId,
    lease: String,
}

/// Why a round ended early.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The store failed.
    #[error("the records cannot be read: {0}")]
    Store(#[from] StoreError),
    /// The receiver did not take a batch.
    #[error("the receiver did not take a batch: {0}")]
    Receiver(String),
}

/// Runs every stream of the configuration until `stop`.
pub async fn run(app: AppState, stop: CancellationToken) {
    let works = app.config.log_streams.iter().filter_map(|config| {
        match Worker::new(&app, config.clone()) {
            Ok(worker) => Some(worker.run(stop.clone())),
            Err(error) => {
                tracing::error!(stream = config.name, %error, "a log stream cannot be set up");
                None
            }
        }
    });
    let works: Vec<_> = works.collect();
    futures_util::future::join_all(works).await;
}

impl Worker {
    /// The worker of a stream.
    ///
    /// # Errors
    /// As [`Sink::new`].
    pub fn new(app: &AppState, config: LogStreamConfig) -> anyhow::Result<Self> {
        Ok(Self {
            sink: Sink::new(&config)?,
            node: NodeId::new(app.clock.now(), app.random.bytes()),
            lease: format!("log:{}", config.name),
            app: app.clone(),
            config,
        })
    }

    async fn run(mut self, stop: CancellationToken) {
        let mut failures = 0;
        loop {
            let wait = match self.round().await {
                Ok(_) => {
                    failures = 0;
                    EVERY
                }
                Err(fault) => {
                    failures += 1;
                    let stream = self.config.name.clone();
                    tracing::warn!(stream, failures, why = %fault, "a log stream is behind and tries again");
                    metrics::counter!("keyward_log_stream_failures_total", "stream" => stream)
                        .increment(1);
                    let doubled = Duration::from_secs((1 << failures.min(6)) >> 1);
                    doubled.min(LONGEST)
                }
            };
            let slept = stop.run_until_cancelled(tokio::time::sleep(wait)).await;
            if slept.is_none() {
                let (name, node) = (self.lease.clone(), self.node);
                let given = self.app.store.write(move |tx| {
                    Box::pin(async move { leases::give_back(tx, &name, node).await })
                });
                let given: Result<(), StoreError> = given.await;
                if let Err(error) = given {
                    tracing::warn!(code = error.code(), "a lease could not be given back");
                }
                return;
            }
        }
    }

    /// Sends everything there is; answers how many records.
    ///
    /// # Errors
    /// After what came before it was sent and noted.
    pub async fn round(&mut self) -> Result<usize, Fault> {
        if !self.is_ours().await? {
            return Ok(0);
        }
        let tenants: Vec<TenantId> = self.app.tenants.all().map(|tenant| tenant.id).collect();
        let (mut sent, mut lag) = (0, 0);
        for tenant in tenants {
            for source in Source::of(self.config.records.clone().into_iter()) {
                let (count, behind) = self.drain(tenant, source).await?;
                sent += count;
                lag += behind;
            }
        }
        self.measure(lag);
        Ok(sent)
    }

    async fn is_ours(&self) -> Result<bool, StoreError> {
        let (name, node, now) = (self.lease.clone(), self.node, self.app.clock.now());
        let found = self
            .app
            .store
            .read_point(move |tx| Box::pin(async move { leases::find(tx, &name).await }));
        let found: Option<leases::Lease> = found.await?;
        Ok(found.is_none_or(|lease| lease.is_open_to(node, now)))
    }

    async fn drain(&mut self, tenant: TenantId, source: Source) -> Result<(usize, u64), Fault> {
        let mut sent = 0;
        loop {
            let cursor = self.cursor(tenant, source).await?;
            let store = &self.app.store;
            let batch = source
                .next(store, tenant, cursor, self.config.redact)
                .await?;
            let Some(first) = batch.entries.first() else {
                return Ok((sent, batch.lag));
            };
            let count = batch.entries.len();
            let behind = u64::try_from(count).unwrap_or(0) + batch.lag;
            // Named by what is in it, so that a receiver that got it before knows it again.
            let id = format!(
                "{}.{}.{}.{count}",
                self.config.name,
                source.name(),
                first.id
            );
            let now = self.app.clock.now();
            if let Err(why) = self.sink.send(&id, &batch.entries, now).await {
                self.measure(behind);
                return Err(Fault::Receiver(why));
            }
            if !self.advance(tenant, source, &batch).await? {
                return Ok((sent, batch.lag));
            }
            sent += count;
        }
    }

    async fn cursor(&self, tenant: TenantId, source: Source) -> Result<Option<Cursor>, StoreError> {
        let name = self.config.name.clone();
        let found = self.app.store.read_point(move |tx| {
            Box::pin(async move { log_cursors::find(tx, tenant, &name, source.name()).await })
        });
        found.await
    }

    async fn advance(
        &self,
        tenant: TenantId,
        source: Source,
        batch: &Batch,
    ) -> Result<bool, StoreError> {
        let (name, lease, node) = (self.config.name.clone(), self.lease.clone(), self.node);
        let (now, to) = (self.app.clock.now(), batch.after);
        let moved = self.app.store.write(move |tx| {
            Box::pin(async move {
                let holder = Holder {
                    lease: &lease,
                    node,
                    now,
                    until: now.plus(LEASE),
                };
                log_cursors::advance(tx, &holder, tenant, (&name, source.name()), to).await
            })
        });
        moved.await
    }

    fn measure(&self, lag: u64) {
        let stream = self.config.name.clone();
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        metrics::gauge!("keyward_log_stream_lag_records", "stream" => stream).set(lag as f64);
    }
}

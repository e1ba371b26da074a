//! What a running server does by itself: forgets what is over, renews seal keys, keeps metrics small.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::AppState;
use crate::flow::lifecycle::{self, Watch};
use crate::flow::throttle::WINDOW;
use crate::start;

const EVERY: Duration = Duration::from_secs(60);
/// Rows are purged in the first minute and then once an hour.
const PURGE_EVERY: u64 = 60;
const PORTION: u32 = 500;

/// Runs until `stop`.
pub async fn run(app: AppState, stop: CancellationToken) {
    let mut round: u64 = 0;
    // Not before the first answer: a restart should not wait for a catalogue of ten megabytes.
    reload_models(&app).await;
    let mut watch = Watch::default();
    lifecycle::round(&app, &mut watch).await;
    while stop
        .run_until_cancelled(tokio::time::sleep(EVERY))
        .await
        .is_some()
    {
        app.limits.tidy();
        if let Some(relay) = &app.relay {
            relay.tidy();
        }
        if let Some(metrics) = &app.metrics {
            metrics.run_upkeep();
        }
        refresh_seal_keys(&app).await;
        measure_outbox(&app).await;
        if round.is_multiple_of(PURGE_EVERY) {
            purge(&app).await;
        }
        reload_models(&app).await;
        lifecycle::round(&app, &mut watch).await;
        round += 1;
    }
}

async fn reload_models(app: &AppState) {
    if let Err(error) = app.models.reload(&app.store, app.clock.unix()).await {
        tracing::error!(
            code = error.code(),
            "the FIDO metadata could not be read; attestation leads to no anchor"
        );
    }
}

async fn refresh_seal_keys(app: &AppState) {
    match start::seal_keys(&app.store, &app.clock, &app.random).await {
        Ok(keys) => app.seal.replace(keys),
        Err(error) => tracing::error!(code = error.code(), "the seal keys could not be read"),
    }
}

/// What nobody was told yet, for alarms: a notice that waits for hours is a mail server that does not answer.
async fn measure_outbox(app: &AppState) {
    match app
        .store
        .read(|tx| Box::pin(store::outbox::standing(tx)))
        .await
    {
        Ok(standing) => {
            let standing: store::outbox::Standing = standing;
            for (state, count) in [
                ("waiting", standing.waiting),
                ("failing", standing.failing),
                ("given_up", standing.given_up),
            ] {
                #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
                metrics::gauge!("keyward_notices_outbox", "state" => state).set(count as f64);
            }
        }
        Err(error) => {
            let error: store::StoreError = error;
            tracing::error!(code = error.code(), "the outbox could not be counted");
        }
    }
}

/// In small portions, so that nobody's sign-in waits behind a large one.
async fn purge(app: &AppState) {
    loop {
        let now = app.clock.now();
        let purged = app.store.write(move |tx| {
            Box::pin(
                async move { store::retention::purge(tx, now, now.minus(WINDOW), PORTION).await },
            )
        });
        match purged.await {
            Ok(gone) if gone >= u64::from(PORTION) => tokio::task::yield_now().await,
            Ok(_) => return,
            Err(error) => {
                tracing::error!(code = error.code(), "old rows could not be removed");
                return;
            }
        }
    }
}

//! What it takes to find fifty sign-ins among millions, in milliseconds of one reader, on SQLite and on PostgreSQL.
//!
//! ```text
//! cargo run --release --manifest-path bench/Cargo.toml -p bench-logs -- 10000000
//! ```
//!
//! The rows are made from a seed and are the same in both databases. They are written past the store, without indexes, which are
//! made afterwards as the migrations say; what is measured is what the Graph interface calls for `signIns` with `$top=50`. Ten
//! million rows take some 15 GB of the temporary folder for each database, one after the other.

#[path = "../../../crates/store/tests/contract/database.rs"]
mod database;
mod load;
mod rows;

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use policy::model::{Tenant, Timestamp};
use store::log_search::{self, SignInsBy, Stretch};
use store::{DatabaseUrl, Kek, Store};

use rows::{Log, TENANT};

/// Questions of each kind.
const QUESTIONS: u64 = 2_000;
/// Records of a page.
const PAGE: u32 = 50;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let number = arguments.next().map_or(Ok(10_000_000), |text| text.parse());
    let log = Log {
        rows: number.context("usage: bench-logs [ROWS [sqlite|postgres]]")?,
    };
    let only = arguments.next();
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    if wanted("sqlite") {
        let folder = database::new_folder();
        let measured = sqlite(&folder, log).await;
        std::fs::remove_dir_all(&folder)?;
        measured?;
    }
    if wanted("postgres") {
        // Its folder goes with the server, which goes with this process.
        let address = database::new_postgres().await;
        let url: DatabaseUrl = address.parse()?;
        lay(&url).await?;
        let begun = Instant::now();
        load::postgres(&address, log).await?;
        say("PostgreSQL", log, begun);
        measure(&open(&url).await?, log).await?;
    }
    Ok(())
}

async fn sqlite(folder: &Path, log: Log) -> anyhow::Result<()> {
    let path = folder.join("keyward.db");
    let url = DatabaseUrl::sqlite(&path);
    lay(&url).await?;
    let begun = Instant::now();
    load::sqlite(&path, log)?;
    say("SQLite", log, begun);
    let bytes = std::fs::metadata(&path)?.len();
    println!("{:<44}{:>10.1} GB", "  file", bytes as f64 / 1e9);
    measure(&open(&url).await?, log).await
}

fn say(name: &str, log: Log, begun: Instant) {
    let (rows, seconds) = (log.rows, begun.elapsed().as_secs());
    println!("{name}: {rows} sign-ins, loaded in {seconds} s");
}

async fn open(url: &DatabaseUrl) -> anyhow::Result<Store> {
    let kek = Kek::from_bytes([42; 32]).context("a key of 32 bytes")?;
    Ok(Store::open(url, kek).await?)
}

/// The schema, and the tenant that the rows belong to.
async fn lay(url: &DatabaseUrl) -> anyhow::Result<()> {
    let store = open(url).await?;
    let tenant = Tenant {
        id: TENANT,
        display_name: "Bench".to_owned(),
        domains: vec!["bench.example".to_owned()],
        created: Timestamp::from_seconds(0),
    };
    store
        .write(move |tx| Box::pin(async move { store::tenants::create(tx, &tenant).await }))
        .await?;
    Ok(())
}

async fn measure(store: &Store, log: Log) -> anyhow::Result<()> {
    println!(
        "{:<44}{:>10}{:>10}{:>10}",
        "  page of 50 by", "p50 ms", "p99 ms", "rows"
    );
    for (name, question) in questions() {
        let mut times = Vec::new();
        let mut found = 0;
        for number in 0..QUESTIONS {
            let (by, stretch) = question(log, number);
            let begun = Instant::now();
            let read = store.read(move |tx| {
                Box::pin(async move { log_search::sign_ins(tx, TENANT, &by, stretch).await })
            });
            let records = read.await?;
            times.push(begun.elapsed().as_secs_f64() * 1e3);
            found += records.len();
        }
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        let rows = found as f64 / times.len() as f64;
        println!(
            "  {name:<42}{:>10.3}{:>10.3}{rows:>10.1}",
            at(0.5),
            at(0.99)
        );
    }
    Ok(())
}

type Question = fn(Log, u64) -> (SignInsBy, Stretch);

fn questions() -> [(&'static str, Question); 12] {
    const NEWEST: Stretch = Stretch {
        from: None,
        to: None,
        after: None,
        oldest_first: false,
        limit: PAGE,
    };
    [
        ("nothing: the newest", |_, _| (SignInsBy::Any, NEWEST)),
        ("nothing: a page deep in the log", |log, number| {
            let after = Some(log.id(log.some_row(number)));
            (SignInsBy::Any, Stretch { after, ..NEWEST })
        }),
        ("userId", |log, number| {
            (SignInsBy::User(log.some_user(number)), NEWEST)
        }),
        ("userPrincipalName", |log, number| {
            (SignInsBy::Name(log.some_name(number)), NEWEST)
        }),
        ("correlationId", |log, number| {
            (
                SignInsBy::Correlation(log.correlation(log.some_row(number))),
                NEWEST,
            )
        }),
        ("appId", |log, number| {
            (SignInsBy::Application(log.some_application(number)), NEWEST)
        }),
        ("status/errorCode eq 0", |_, _| {
            (SignInsBy::ErrorCode(0), NEWEST)
        }),
        ("status/errorCode eq, some failure", |log, number| {
            (SignInsBy::ErrorCode(log.some_failure(number)), NEWEST)
        }),
        ("status/errorCode ne 0", |_, _| (SignInsBy::Failed, NEWEST)),
        ("createdDateTime, some hour", |log, number| {
            (SignInsBy::Any, log.some_hour(number, NEWEST))
        }),
        ("createdDateTime, the oldest of some hour", |log, number| {
            let oldest_first = Stretch {
                oldest_first: true,
                ..NEWEST
            };
            (SignInsBy::Any, log.some_hour(number, oldest_first))
        }),
        ("appId and createdDateTime, some hour", |log, number| {
            (
                SignInsBy::Application(log.some_application(number)),
                log.some_hour(number, NEWEST),
            )
        }),
    ]
}

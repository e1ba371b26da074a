//! What tunnels cost the server: memory while they are idle, CPU time when they are opened, on a real `keyward` over TLS 1.3.
//!
//! ```text
//! cargo build --release && cargo run --release --manifest-path bench/Cargo.toml -p bench-relay -- target/release/keyward
//! ```
//!
//! A phone opens a tunnel and waits in it; then a computer joins it. All tunnels stay open until the end, so the figures of memory are
//! those of so many at a time; as many are joined as the system lets one process have sockets. Every connection is a new one with a full handshake: nobody who shows or reads a QR code was here before.

mod end;
mod server;

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use end::{Dialer, End};
use server::Server;

/// Connections that are being opened at a time.
const AT_ONCE: usize = 32;
/// Ends from one address of this machine, which has some 28,000 ports for each.
const ENDS_PER_ADDRESS: usize = 10_000;
/// Files that are not tunnels.
const SPARE: usize = 512;
/// Until memory that handshakes needed is given back, and tasks have gone to sleep.
const SETTLED: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let binary: PathBuf = arguments
        .next()
        .context("usage: bench-relay KEYWARD [TUNNELS]")?
        .into();
    let tunnels = arguments.next().map_or(Ok(10_000), |text| text.parse())?;
    let files = raise_limits(2 * tunnels + SPARE)?;
    let joined = tunnels.min(files.saturating_sub(tunnels + SPARE));
    ensure!(
        joined > 0,
        "{tunnels} tunnels need more files than {files} (ulimit -n)"
    );
    let folder = std::env::temp_dir().join(format!("keyward-bench-relay-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = run(&binary, &folder.join("data"), tunnels, joined).await;
    std::fs::remove_dir_all(&folder)?;
    measured
}

/// A socket is a file, and the server inherits the limit: how many each of the two may have.
fn raise_limits(wanted: usize) -> anyhow::Result<usize> {
    let wanted = u64::try_from(wanted)?;
    let limit = getrlimit(Resource::Nofile);
    let raise = |maximum: Option<u64>| {
        let current = maximum.map_or(wanted, |maximum| maximum.min(wanted));
        let limit = Rlimit {
            current: Some(current),
            maximum,
        };
        setrlimit(Resource::Nofile, limit).map(|()| current)
    };
    // Beyond the hard limit only an administrator gets.
    let beyond = limit.maximum.map(|maximum| maximum.max(wanted));
    let files = raise(beyond).or_else(|_| raise(limit.maximum))?;
    Ok(usize::try_from(files)?)
}

async fn run(binary: &Path, data: &Path, tunnels: usize, joined: usize) -> anyhow::Result<()> {
    let server = Server::start(binary, data, tunnels).await?;
    let dialer = Arc::new(Dialer::new(server.address, &data.join("tls/ca.pem"))?);
    // The first connections of a process cost what no later one does.
    drop(open(&dialer, (0..100).map(|number| new(usize::MAX - number))).await?);
    tokio::time::sleep(SETTLED).await;
    let resident = mb(server.resident()?);
    row(
        "resident memory without tunnels",
        format!("{resident:.1} MB"),
    );

    let phones = measure(&server, &dialer, "opened", (0..tunnels).map(new)).await?;
    let waiting = server.gauge(&dialer, "waiting").await?;
    ensure!(waiting == tunnels, "{waiting} tunnels wait");
    let computers = measure(&server, &dialer, "joined", (0..joined).map(join)).await?;
    let both = server.gauge(&dialer, "joined").await?;
    ensure!(both == joined, "{both} tunnels have both ends");
    drop((phones, computers));
    server.stop().await
}

/// Opens one end of each tunnel, and says what these ends cost.
async fn measure(
    server: &Server,
    dialer: &Arc<Dialer>,
    what: &str,
    paths: impl ExactSizeIterator<Item = String>,
) -> anyhow::Result<Vec<End>> {
    let count = paths.len();
    let (cpu, resident) = (server.cpu()?, server.resident()?);
    let ends = open(dialer, paths).await?;
    let spent = server.cpu()?.saturating_sub(cpu).as_secs_f64() / count as f64;
    tokio::time::sleep(SETTLED).await;
    let used = mb(server.resident()?.saturating_sub(resident));
    row(
        &format!("{count} tunnels {what}, CPU"),
        format!(
            "{:.0} µs each, {:.0} per second and core",
            spent * 1e6,
            1.0 / spent
        ),
    );
    row(
        &format!("{count} tunnels {what} and idle, memory more"),
        format!("{used:.1} MB, {:.1} kB each", used * 1000.0 / count as f64),
    );
    Ok(ends)
}

async fn open(
    dialer: &Arc<Dialer>,
    paths: impl Iterator<Item = String>,
) -> anyhow::Result<Vec<End>> {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut dialling = JoinSet::new();
    for (number, path) in paths.enumerate() {
        let turn = Arc::clone(&turns).acquire_owned().await?;
        let dialer = Arc::clone(dialer);
        dialling.spawn(async move {
            let from = Ipv4Addr::new(127, 0, 1, u8::try_from(number / ENDS_PER_ADDRESS)?);
            let end = dialer.upgrade(from, &path).await;
            drop(turn);
            end
        });
    }
    let mut ends = Vec::new();
    while let Some(end) = dialling.join_next().await {
        ends.push(end??);
    }
    Ok(ends)
}

fn new(number: usize) -> String {
    format!("/cable/new/{number:032x}")
}

fn join(number: usize) -> String {
    format!("/cable/connect/000000/{number:032x}")
}

/// Megabytes of a number of KiB.
fn mb(kib: u64) -> f64 {
    kib as f64 * 1.024 / 1000.0
}

fn row(what: &str, value: String) {
    println!("{what:<48} {value}");
}

//! What a passkey sign-in costs the server: load over HTTPS against a release `keyward`, measured in the CPU time of the
//! server process.
//!
//! ```text
//! cargo build --release && cargo run --release --manifest-path bench/Cargo.toml -p bench-sign-in -- target/release/keyward
//! ```
//!
//! A sign-in is what happens between the press of the button and the issued code: options (POST), answer (POST). Each
//! client holds one keep-alive connection. The phases run one after the other over all clients, so that each has its
//! own CPU time; then whole sign-ins run mixed for the throughput. The kernel counts CPU in ticks of 10 ms, hence
//! thousands of sign-ins per figure.

mod people;
mod policies;
mod server;
mod tour;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use people::{Application, User};
use server::Server;

/// Sign-ins of one client per phase: few enough that no challenge expires before its answer.
const ROUND: usize = 100;

/// Conditional access policies that the second measurement adds.
const POLICIES: u16 = 100;

struct Plan {
    binary: PathBuf,
    clients: usize,
    rounds: usize,
}

type Crowd = Vec<Arc<Mutex<User>>>;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let plan = plan()?;
    let folder = std::env::temp_dir().join(format!("keyward-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = run(&plan, &folder).await;
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn plan() -> anyhow::Result<Plan> {
    let mut arguments = std::env::args().skip(1);
    let binary = arguments
        .next()
        .context("usage: bench-sign-in KEYWARD [CLIENTS [ROUNDS]]")?;
    let mut number = |default: usize| arguments.next().map_or(Ok(default), |text| text.parse());
    Ok(Plan {
        binary: binary.into(),
        clients: number(16)?,
        rounds: number(5)?,
    })
}

async fn run(plan: &Plan, folder: &Path) -> anyhow::Result<()> {
    start_times(plan, folder).await?;
    let data = folder.join("data");
    let port = free_port()?;
    let world = fill(plan, folder, &data, port).await?;
    let server = Server::start(&plan.binary, &["serve"], &data, port).await?;
    let application = Application::from_world(&world)?;
    let crowd = gather(plan, &server, &world, &application).await?;
    row(
        "resident memory after preparing",
        format!("{:.1} MB", server.resident()? as f64 / 1024.0),
    );
    phases(plan, &server, &crowd, &application).await?;
    whole(plan, &server, &crowd).await?;
    policies::add(&data, &application.tenant, POLICIES).await?;
    row("conditional access policies added", POLICIES.to_string());
    phases(plan, &server, &crowd, &application).await?;
    whole(plan, &server, &crowd).await?;
    row(
        "resident memory after the load",
        format!("{:.1} MB", server.resident()? as f64 / 1024.0),
    );
    server.stop().await
}

/// First start and restart on an empty folder, and what an idle server holds.
async fn start_times(plan: &Plan, folder: &Path) -> anyhow::Result<()> {
    let data = folder.join("empty");
    let port = free_port()?;
    let first = Server::start(&plan.binary, &["serve"], &data, port).await?;
    row(
        "first start to first 200",
        format!("{:.0} ms", first.first_answer.as_secs_f64() * 1e3),
    );
    first.stop().await?;
    let again = Server::start(&plan.binary, &["serve"], &data, port).await?;
    row(
        "restart to first 200",
        format!("{:.0} ms", again.first_answer.as_secs_f64() * 1e3),
    );
    tokio::time::sleep(Duration::from_secs(3)).await;
    row(
        "resident memory, idle",
        format!("{:.1} MB", again.resident()? as f64 / 1024.0),
    );
    again.stop().await
}

/// A tenant with an application and an administrator comes from `demo`; the load runs against `serve` on the same data.
async fn fill(plan: &Plan, folder: &Path, data: &Path, port: u16) -> anyhow::Result<Value> {
    let file = folder.join("world.json");
    let path = file.to_str().context("the temporary folder is not UTF-8")?;
    let demo = Server::start(&plan.binary, &["demo", "--world", path], data, port).await?;
    let deadline = Instant::now() + Duration::from_secs(60);
    while !file.exists() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    demo.stop().await?;
    Ok(serde_json::from_slice(&std::fs::read(&file)?)?)
}

async fn gather(
    plan: &Plan,
    server: &Server,
    world: &Value,
    application: &Application,
) -> anyhow::Result<Crowd> {
    let mut administrator = people::administrator(server, world).await?;
    let domain = world
        .get("tenantDomain")
        .and_then(Value::as_str)
        .context("the world has no domain")?;
    let mut crowd = Vec::new();
    for number in 0..plan.clients {
        let user =
            people::make_user(server, &mut administrator, application, domain, number).await?;
        crowd.push(Arc::new(Mutex::new(user)));
    }
    Ok(crowd)
}

async fn phases(
    plan: &Plan,
    server: &Server,
    crowd: &Crowd,
    application: &Application,
) -> anyhow::Result<()> {
    let mut spent = [Duration::ZERO; 3];
    for _ in 0..plan.rounds {
        let before = server.cpu()?;
        let options = each(crowd, |user, _| async move {
            let user = user.lock().await;
            let mut all = Vec::with_capacity(ROUND);
            for _ in 0..ROUND {
                all.push(user.options().await?);
            }
            Ok(all)
        })
        .await?;
        let answered_options = server.cpu()?;
        let credentials = sign_all(crowd, options).await?;
        let signed = server.cpu()?;
        let codes = answer_all(crowd, credentials).await?;
        let issued = server.cpu()?;
        redeem_all(server, application, codes).await?;
        spent[0] += answered_options - before;
        spent[1] += issued - signed;
        spent[2] += server.cpu()? - issued;
    }
    let count = plan.rounds * plan.clients * ROUND;
    let each = |time: Duration| time.as_secs_f64() * 1e6 / count as f64;
    let [options, answer, tokens] = spent.map(each);
    row("sign-ins measured by phase", count.to_string());
    row("server CPU: options", format!("{options:.0} µs"));
    row("server CPU: answer", format!("{answer:.0} µs"));
    row(
        "server CPU per sign-in (options + answer)",
        format!("{:.0} µs", options + answer),
    );
    row(
        "server CPU: token redemption (apart)",
        format!("{tokens:.0} µs"),
    );
    Ok(())
}

/// Whole sign-ins, all clients at once: throughput, and CPU once more as a cross-check.
async fn whole(plan: &Plan, server: &Server, crowd: &Crowd) -> anyhow::Result<()> {
    let count = plan.rounds * plan.clients * ROUND;
    let (cpu, started) = (server.cpu()?, Instant::now());
    let rounds = plan.rounds;
    each(crowd, move |user, _| async move {
        let mut user = user.lock().await;
        for _ in 0..rounds * ROUND {
            let options = user.options().await?;
            let credential = user.sign(&options)?;
            user.answer(&credential).await?;
        }
        Ok(())
    })
    .await?;
    let (wall, cpu) = (started.elapsed(), server.cpu()? - cpu);
    row(
        "whole sign-ins, mixed",
        format!(
            "{count} by {} clients in {:.1} s",
            plan.clients,
            wall.as_secs_f64()
        ),
    );
    row(
        "throughput (load generator on the same cores)",
        format!("{:.0} sign-ins/s", count as f64 / wall.as_secs_f64()),
    );
    row(
        "server CPU per sign-in, mixed",
        format!("{:.0} µs", cpu.as_secs_f64() * 1e6 / count as f64),
    );
    Ok(())
}

async fn sign_all(crowd: &Crowd, options: Vec<Vec<Value>>) -> anyhow::Result<Vec<Vec<Value>>> {
    let mut all = Vec::new();
    for (user, options) in crowd.iter().zip(options) {
        let mut user = user.lock().await;
        let credentials: anyhow::Result<Vec<Value>> =
            options.iter().map(|one| user.sign(one)).collect();
        all.push(credentials?);
    }
    Ok(all)
}

async fn answer_all(
    crowd: &Crowd,
    credentials: Vec<Vec<Value>>,
) -> anyhow::Result<Vec<Vec<String>>> {
    let credentials = Arc::new(credentials);
    each(crowd, move |user, number| {
        let credentials = Arc::clone(&credentials);
        async move {
            let user = user.lock().await;
            let mut codes = Vec::with_capacity(ROUND);
            for credential in credentials.get(number).into_iter().flatten() {
                codes.push(user.answer(credential).await?);
            }
            Ok(codes)
        }
    })
    .await
}

async fn redeem_all(
    server: &Server,
    application: &Application,
    codes: Vec<Vec<String>>,
) -> anyhow::Result<()> {
    let url = server
        .origin
        .join(&format!("/{}/oauth2/v2.0/token", application.tenant))?;
    let mut clients = JoinSet::new();
    for codes in codes {
        let (http, url, application) = (server.client()?, url.clone(), application.clone());
        clients.spawn(async move {
            for code in codes {
                let form = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs([
                        ("grant_type", "authorization_code"),
                        ("code", code.as_str()),
                        ("redirect_uri", application.redirect_uri.as_str()),
                        ("code_verifier", people::VERIFIER),
                    ])
                    .finish();
                let request = http
                    .post(url.clone())
                    .basic_auth(&application.client_id, Some(&application.client_secret))
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(form);
                request.send().await?.error_for_status()?.bytes().await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = clients.join_next().await {
        ended??;
    }
    Ok(())
}

/// Runs `work` for every client at the same time; results in the order of the crowd.
async fn each<T, F>(
    crowd: &Crowd,
    work: impl Fn(Arc<Mutex<User>>, usize) -> F,
) -> anyhow::Result<Vec<T>>
where
    T: Send + 'static,
    F: Future<Output = anyhow::Result<T>> + Send + 'static,
{
    let tasks: Vec<_> = crowd
        .iter()
        .cloned()
        .enumerate()
        .map(|(at, user)| tokio::spawn(work(user, at)))
        .collect();
    let mut results = Vec::with_capacity(tasks.len());
    for task in tasks {
        results.push(task.await??);
    }
    Ok(results)
}

fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port())
}

fn row(what: &str, value: String) {
    println!("| {what} | {value} |");
}

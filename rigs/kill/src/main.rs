//! `kill -9` during a sign-in load, again and again: what was acknowledged is there afterwards.
//!
//! Each round, several people sign in and out without pause, one passkey is deleted, and at a random moment the server is killed. After its
//! restart on the same data every acknowledged sign-in must have its session and its record, every acknowledged sign-out must have ended its session, and
//! the deleted passkey must be refused if its deletion was acknowledged. Before the restart the evidence log must verify as death left it.

mod person;
mod postgres;
mod server;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use futures_util::future::try_join_all;
use keyward::cli::tour::{Kind, SoftwareAuthenticator};
use person::Person;
use postgres::Postgres;
use server::{Place, Server, Told};

/// People who sign in at the same time.
const PEOPLE: usize = 6;

#[derive(Parser)]
#[command(about = "Kills the server during sign-ins and looks for what it had acknowledged")]
struct Arguments {
    /// The keyward binary.
    #[arg(long)]
    keyward: PathBuf,
    /// A folder that does not exist, for the server's data.
    #[arg(long)]
    data: PathBuf,
    /// How often the server is killed.
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// Where the moments of death come from; printed, so that a run can be repeated.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// On a PostgreSQL of its own, which crashes in the same moment, instead of SQLite.
    #[arg(long)]
    postgres: bool,
}

/// What the server said it had done, before it died.
enum Acknowledged {
    SignIn(Person, String),
    SignOut(Person),
}

#[derive(Default)]
struct Found {
    sign_ins: usize,
    sign_outs: usize,
    deletions: usize,
}

impl Found {
    /// A load that got no answer of one kind would prove nothing about that kind.
    fn tells_something(&self) -> bool {
        self.sign_ins > 0 && self.sign_outs > 0 && self.deletions > 0
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    ensure!(
        !arguments.data.exists(),
        "{} exists",
        arguments.data.display()
    );
    let place = Place {
        binary: arguments.keyward,
        data: arguments.data,
        postgres: arguments.postgres.then(Postgres::start).transpose()?,
    };
    let mut server = Server::start(&place, 0).await?;
    let port = server.port()?;
    let client = client(&server.told)?;
    let origin = server.told.origin.clone();
    let mut house = House::furnish(&client, &server.told).await?;
    let mut moments = Moments(arguments.seed);
    let mut sum = Found::default();
    println!("seed {}", arguments.seed);
    let mut round = 0;
    // A slow machine may get too little done before it dies; then it dies a few times more.
    while round < arguments.rounds || !sum.tells_something() && round < arguments.rounds * 3 {
        round += 1;
        let doomed = house.make_doomed().await?;
        let (server_after, acknowledged, deleted) = house
            .live(server, &place, port, &doomed, moments.next())
            .await?;
        server = server_after;
        let found = house
            .look(acknowledged, deleted.then_some(doomed), &client, &origin)
            .await
            .with_context(|| format!("round {round}"))?;
        println!(
            "round {round:>2}: {} sign-ins, {} sign-outs, {} deletions acknowledged and found",
            found.sign_ins, found.sign_outs, found.deletions
        );
        sum.sign_ins += found.sign_ins;
        sum.sign_outs += found.sign_outs;
        sum.deletions += found.deletions;
    }
    server.kill().await?;
    ensure!(
        sum.tells_something(),
        "the load was too thin to prove anything"
    );
    println!(
        "{} kills: {} sign-ins, {} sign-outs, {} deletions, none lost",
        round, sum.sign_ins, sum.sign_outs, sum.deletions
    );
    Ok(())
}

fn client(told: &Told) -> Result<reqwest::Client> {
    let ca = reqwest::Certificate::from_pem(&std::fs::read(&told.ca)?)?;
    let client = reqwest::Client::builder()
        .tls_certs_only([ca])
        .redirect(reqwest::redirect::Policy::none());
    Ok(client.timeout(Duration::from_secs(10)).build()?)
}

/// A passkey that will be deleted, and where.
struct Doomed {
    authenticator: SoftwareAuthenticator,
    path: String,
}

/// The administrator, who is also everyone who signs in: each with a passkey of their own.
struct House {
    administrator: Person,
    key: SoftwareAuthenticator,
    people: Vec<SoftwareAuthenticator>,
    client: reqwest::Client,
    origin: String,
}

/// Device-bound, since it is an administrator's, and never counting: what was asked for when the server died may be asked for
/// again.
fn new_authenticator() -> SoftwareAuthenticator {
    SoftwareAuthenticator::new(Kind {
        counts: false,
        ..Kind::device_bound()
    })
}

impl House {
    /// The first sign-in with the pass that the first start left behind, and a passkey for everybody.
    async fn furnish(client: &reqwest::Client, told: &Told) -> Result<Self> {
        let mut administrator = Person::new(client, &told.origin);
        let pass = std::fs::read_to_string(&told.pass_file)?;
        let page = administrator.visit("/security-info").await?;
        let name = ("username", told.administrator.as_str());
        let page = administrator
            .post_form("/signin/identifier", &page, &[name, ("method", "pass")])
            .await?;
        let page = follow(&mut administrator, page).await?;
        let page = administrator
            .post_form("/signin/pass", &page, &[name, ("pass", pass.trim())])
            .await?;
        let page = follow(&mut administrator, page).await?;
        let mut key = new_authenticator();
        administrator
            .register(&page, &mut key)
            .await
            .context("the first passkey")?;
        let mut house = Self {
            administrator,
            key,
            people: Vec::new(),
            client: client.clone(),
            origin: told.origin.clone(),
        };
        for _ in 0..PEOPLE {
            house.sign_in_again().await?;
            let authenticator = house.add_passkey().await?;
            house.people.push(authenticator);
        }
        Ok(house)
    }

    /// A fresh session: passkeys are only added and deleted within five minutes of a sign-in.
    async fn sign_in_again(&mut self) -> Result<()> {
        self.administrator = Person::new(&self.client, &self.origin);
        let answer = self.administrator.sign_in(&mut self.key).await?;
        ensure!(
            answer.status.is_success(),
            "the administrator is refused: {}",
            answer.body
        );
        Ok(())
    }

    async fn add_passkey(&mut self) -> Result<SoftwareAuthenticator> {
        let mut authenticator = new_authenticator();
        let page = self
            .administrator
            .visit("/security-info/passkeys/add")
            .await?;
        self.administrator
            .register(&page, &mut authenticator)
            .await?;
        Ok(authenticator)
    }

    async fn make_doomed(&mut self) -> Result<Doomed> {
        self.sign_in_again().await?;
        let before = self.deletion_paths().await?;
        let authenticator = self.add_passkey().await?;
        let path = self
            .deletion_paths()
            .await?
            .into_iter()
            .find(|path| !before.contains(path));
        Ok(Doomed {
            authenticator,
            path: path.context("the new passkey is not listed")?,
        })
    }

    async fn deletion_paths(&mut self) -> Result<Vec<String>> {
        let page = self.administrator.visit("/security-info").await?;
        let links = page
            .body
            .split(r#"href=""#)
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        Ok(links
            .filter(|link| link.ends_with("/delete"))
            .map(str::to_owned)
            .collect())
    }

    /// One life of the server: load, a deletion half-way, death, restart.
    async fn live(
        &mut self,
        server: Server,
        place: &Place,
        port: u16,
        doomed: &Doomed,
        moment: Duration,
    ) -> Result<(Server, Vec<Acknowledged>, bool)> {
        let dying = AtomicBool::new(false);
        let lives = self.people.iter_mut().map(|authenticator| {
            let person = Person::new(&self.client, &self.origin);
            sign_in_and_out(person, authenticator, &dying)
        });
        let deletion = delete(
            &mut self.administrator,
            &doomed.path,
            moment.mul_f64(0.6),
            &dying,
        );
        let death = async {
            tokio::time::sleep(moment).await;
            dying.store(true, Ordering::SeqCst);
            server.kill().await?;
            place.postgres.as_ref().map_or(Ok(()), Postgres::crash)
        };
        let (acknowledged, deleted, killed) = tokio::join!(try_join_all(lives), deletion, death);
        killed?;
        place.postgres.as_ref().map_or(Ok(()), Postgres::revive)?;
        place.verify_log().await?;
        let server = Server::start(place, port)
            .await
            .context("the restart after a kill")?;
        Ok((
            server,
            acknowledged?.into_iter().flatten().collect(),
            deleted?,
        ))
    }

    /// Looks for everything that had been acknowledged.
    async fn look(
        &mut self,
        acknowledged: Vec<Acknowledged>,
        deleted: Option<Doomed>,
        client: &reqwest::Client,
        origin: &str,
    ) -> Result<Found> {
        let mut found = Found::default();
        self.sign_in_again().await?;
        for one in acknowledged {
            match one {
                Acknowledged::SignIn(mut person, correlation) => {
                    let page = person.get("/security-info").await?;
                    ensure!(
                        page.status.is_success(),
                        "an acknowledged session is gone ({}, {correlation})",
                        page.status
                    );
                    self.expect_record(&correlation).await?;
                    found.sign_ins += 1;
                }
                Acknowledged::SignOut(mut person) => {
                    let page = person.get("/security-info").await?;
                    ensure!(
                        !page.status.is_success(),
                        "a session lives after its acknowledged sign-out"
                    );
                    found.sign_outs += 1;
                }
            }
        }
        if let Some(mut doomed) = deleted {
            let answer = Person::new(client, origin)
                .sign_in(&mut doomed.authenticator)
                .await?;
            ensure!(
                answer.status.is_client_error(),
                "a deleted passkey signs in: {}",
                answer.status
            );
            found.deletions += 1;
        }
        Ok(found)
    }

    async fn expect_record(&mut self, correlation: &str) -> Result<()> {
        let page = self
            .administrator
            .visit(&format!("/admin/sign-ins?correlation={correlation}"))
            .await?;
        // The search field repeats what was asked for; a row links to itself.
        let row =
            format!(r#"<a href="/admin/sign-ins?correlation={correlation}">{correlation}</a>"#);
        ensure!(
            page.body.contains(&row),
            "the record of an acknowledged sign-in is missing: {correlation}"
        );
        Ok(())
    }
}

async fn follow(person: &mut Person, mut answer: person::Answer) -> Result<person::Answer> {
    match answer.location.take() {
        Some(location) => person.visit(&location).await,
        None if answer.status.is_success() => Ok(answer),
        None => bail!("{}: {}", answer.status, answer.body),
    }
}

/// Signs in, now and then out again, until the server is gone. What goes wrong while it still lives is a failure of its own.
async fn sign_in_and_out(
    person: Person,
    authenticator: &mut SoftwareAuthenticator,
    dying: &AtomicBool,
) -> Result<Vec<Acknowledged>> {
    let mut acknowledged = Vec::new();
    for number in 0_u32.. {
        let mut now = person.clone();
        let done = if number % 3 < 2 {
            sign_in(&mut now, authenticator)
                .await
                .map(|correlation| Acknowledged::SignIn(now, correlation))
        } else {
            sign_in_then_out(&mut now, authenticator)
                .await
                .map(Acknowledged::SignOut)
        };
        match done {
            Ok(one) => acknowledged.push(one),
            Err(_) if dying.load(Ordering::SeqCst) => break,
            Err(error) => return Err(error.context("before the server was killed")),
        }
    }
    Ok(acknowledged)
}

async fn sign_in(person: &mut Person, authenticator: &mut SoftwareAuthenticator) -> Result<String> {
    let answer = person.sign_in(authenticator).await?;
    ensure!(
        answer.status.is_success(),
        "{}: {}",
        answer.status,
        answer.body
    );
    Ok(answer.correlation)
}

/// The browser as it was before it signed out: its cookies must be worth nothing.
async fn sign_in_then_out(
    person: &mut Person,
    authenticator: &mut SoftwareAuthenticator,
) -> Result<Person> {
    sign_in(person, authenticator).await?;
    let before = person.clone();
    let page = person.visit("/security-info").await?;
    let answer = person.post_form("/signout", &page, &[]).await?;
    ensure!(
        answer.status.is_redirection(),
        "{}: {}",
        answer.status,
        answer.body
    );
    Ok(before)
}

/// Deletes the passkey shortly before the end; true if the server said it did.
async fn delete(
    person: &mut Person,
    path: &str,
    moment: Duration,
    dying: &AtomicBool,
) -> Result<bool> {
    tokio::time::sleep(moment).await;
    let attempt = async {
        let page = person.visit(path).await?;
        let answer = person.post_form(path, &page, &[]).await?;
        ensure!(
            answer.status.is_redirection(),
            "{}: {}",
            answer.status,
            answer.body
        );
        Ok(())
    };
    match attempt.await {
        Ok(()) => Ok(true),
        Err(_) if dying.load(Ordering::SeqCst) => Ok(false),
        Err(error) => Err(error.context("a deletion before the server was killed")),
    }
}

/// Moments of death: between 0.3 and 2 seconds after the load began.
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> Duration {
        // A step of splitmix64: small, repeatable, and good enough to hit different phases.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        Duration::from_millis(300 + (mixed >> 33) % 1700)
    }
}

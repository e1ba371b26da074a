//! `kill -9` during sign-ins and edits, again and again: what was acknowledged is there afterwards, and every change has its record.
//!
//! Each round, several people sign in and out without pause, one passkey is deleted, administrators change policies of every sort,
//! a membership and the passkeys of somebody, and at a random moment the server is killed. Before the restart the evidence log must
//! verify as death left it. After the restart on the same data
//!
//! * every acknowledged sign-in must have its session and its record, every acknowledged sign-out must have ended its session, and
//!   the deleted passkey must be refused if its deletion was acknowledged;
//! * every acknowledged edit must be in the database, and beside them at most the one edit of each administrator that had no answer;
//! * changes and records must balance, from the first round on ([`books`]).
//!
//! At the end the rig is tried itself: for each forgery in [`forgeries`] the books must not balance.

mod books;
mod database;
mod edits;
mod forgeries;
mod house;
mod load;
mod person;
mod postgres;
mod server;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use books::Books;
use clap::Parser;
use database::Database;
use house::{Found, House};
use postgres::Postgres;
use server::{Place, Server, Told};

#[derive(Parser)]
#[command(
    about = "Kills the server during sign-ins and edits and looks for what it had acknowledged"
)]
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
    let client = client(&server.told)?;
    let mut house = House::furnish(&client, &server.told).await?;
    let mut books = balanced(&place).await?;
    let mut moments = Moments(arguments.seed);
    let mut sum = Found::default();
    println!("seed {}", arguments.seed);
    let mut round = 0;
    // A slow machine may get too little done before it dies; then it dies a few times more.
    while round < arguments.rounds || !sum.tells_something() && round < arguments.rounds * 3 {
        round += 1;
        let (server_after, books_after, found) = kill(
            server,
            &place,
            &mut house,
            &books,
            (round, moments.next(&place)),
        )
        .await
        .with_context(|| format!("round {round}"))?;
        (server, books) = (server_after, books_after);
        println!(
            "round {round:>2}: {} sign-ins, {} sign-outs, {} deletions, {} edits acknowledged and found",
            found.sign_ins,
            found.sign_outs,
            found.deletions,
            found.edits()
        );
        sum.add(&found);
    }
    server.kill().await?;
    ensure!(
        sum.tells_something(),
        "the load was too thin to prove anything"
    );
    let noticed = forgeries::are_noticed(&Database::open(&place).await?).await?;
    println!("{noticed} forgeries, each noticed");
    println!(
        "{} kills: {} sign-ins, {} sign-outs, {} deletions, {} edits, none lost; {} edits without an answer were made, each with its record",
        round,
        sum.sign_ins,
        sum.sign_outs,
        sum.deletions,
        sum.edits(),
        sum.unanswered
    );
    Ok(())
}

/// One round: a life, a death, a look at what is left.
async fn kill(
    server: Server,
    place: &Place,
    house: &mut House,
    before: &Books,
    (round, moment): (u32, Duration),
) -> Result<(Server, Books, Found)> {
    let doomed = house.make_doomed().await?;
    let (server, mut life) = house
        .live(server, place, &doomed, before, (round, moment))
        .await?;
    let after = balanced(place).await?;
    let tallies = std::mem::take(&mut life.tallies);
    let mut found = house.look(life, doomed).await?;
    for tally in tallies {
        found.unanswered += usize::from(tally.compare(before, &after)?);
        found.edits.push(tally.done);
    }
    Ok((server, after, found))
}

/// The books, if they balance.
async fn balanced(place: &Place) -> Result<Books> {
    let database = Database::open(place).await?;
    database.begin().await?;
    let books = Books::read(&database).await?;
    database.roll_back().await?;
    let wrong = books.discrepancies();
    ensure!(
        wrong.is_empty(),
        "changes and records do not balance:\n{}",
        wrong.join("\n")
    );
    Ok(books)
}

fn client(told: &Told) -> Result<reqwest::Client> {
    let ca = reqwest::Certificate::from_pem(&std::fs::read(&told.ca)?)?;
    let client = reqwest::Client::builder()
        .tls_certs_only([ca])
        .redirect(reqwest::redirect::Policy::none());
    Ok(client.timeout(Duration::from_secs(10)).build()?)
}

/// Moments of death: between 0.3 and 2 seconds after the load began.
struct Moments(u64);

/// How much later on PostgreSQL: after a crash its first commits wait for a file system full of what it has to flush.
const SLOW_START: Duration = Duration::from_millis(700);

impl Moments {
    fn next(&mut self, place: &Place) -> Duration {
        // A step of splitmix64: small, repeatable, and good enough to hit different phases.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let slow = place
            .postgres
            .as_ref()
            .map_or(Duration::ZERO, |_| SLOW_START);
        slow + Duration::from_millis(300 + (mixed >> 33) % 1700)
    }
}

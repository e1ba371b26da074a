//! The people of the rig: an administrator who is also everyone who signs in, and Bea, who is administered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::future::try_join_all;
use keyward::cli::tour::{Kind, SoftwareAuthenticator};

use crate::books::Books;
use crate::edits::{self, Stand, Tally};
use crate::load::{self, Acknowledged};
use crate::person::{Answer, Person};
use crate::postgres::Postgres;
use crate::server::{Place, Server, Told};

/// People who sign in at the same time.
const PEOPLE: usize = 6;
/// A page of the administration with a form on it.
const DESK: &str = "/admin/groups/new";

/// The administrator, who is also everyone who signs in: each with a passkey of their own.
pub struct House {
    administrator: Person,
    key: SoftwareAuthenticator,
    people: Vec<SoftwareAuthenticator>,
    bea: SoftwareAuthenticator,
    stand: Stand,
    client: reqwest::Client,
    origin: String,
}

/// A passkey that will be deleted, and where.
pub struct Doomed {
    authenticator: SoftwareAuthenticator,
    path: String,
}

/// What was acknowledged in one life of the server.
pub struct Life {
    pub acknowledged: Vec<Acknowledged>,
    pub deleted: bool,
    pub tallies: Vec<Tally>,
}

/// What was acknowledged and is there.
#[derive(Default)]
pub struct Found {
    pub sign_ins: usize,
    pub sign_outs: usize,
    pub deletions: usize,
    /// By editor.
    pub edits: Vec<usize>,
    /// Edits without an answer that were made nevertheless: whole, or the books would not balance.
    pub unanswered: usize,
}

/// Device-bound, since it is an administrator's, and never counting: what was asked for when the server died may be asked for
/// again.
pub fn new_authenticator() -> SoftwareAuthenticator {
    SoftwareAuthenticator::new(Kind {
        counts: false,
        ..Kind::device_bound()
    })
}

impl House {
    /// The first sign-in with the pass that the first start left behind, a passkey for everybody, and a group.
    pub async fn furnish(client: &reqwest::Client, told: &Told) -> Result<Self> {
        let pass = std::fs::read_to_string(&told.pass_file)?;
        let mut administrator = Person::new(client, &told.origin);
        let page = enter_with_pass(&mut administrator, &told.administrator, pass.trim()).await?;
        let mut key = new_authenticator();
        administrator
            .register(&page, &mut key)
            .await
            .context("the first passkey")?;
        let mut house = Self {
            administrator,
            key,
            people: Vec::new(),
            bea: new_authenticator(),
            stand: Stand::default(),
            client: client.clone(),
            origin: told.origin.clone(),
        };
        for _ in 0..PEOPLE {
            house.sign_in_again().await?;
            let authenticator = house.add_passkey().await?;
            house.people.push(authenticator);
        }
        house.welcome_bea(&told.administrator).await?;
        Ok(house)
    }

    /// Bea and her first passkey, and a group in which the administrator is.
    async fn welcome_bea(&mut self, administrator: &str) -> Result<()> {
        let (_, domain) = administrator.split_once('@').context("a name without @")?;
        let name = format!("bea@{domain}");
        let fields = [("display_name", "Bea"), ("user_principal_name", &name)];
        let user = self.create("/admin/users/new", &fields).await?;
        let desk = self.administrator.visit(DESK).await?;
        let path = format!("/admin/users/{user}/pass");
        let minutes = [("minutes", "60")];
        let shown = self.administrator.post_form(&path, &desk, &minutes).await?;
        let pass = shown.text_of("secret").context("the pass is not shown")?;
        let mut bea = Person::new(&self.client, &self.origin);
        let page = enter_with_pass(&mut bea, &name, pass).await?;
        bea.register(&page, &mut self.bea).await?;
        let group = self.create(DESK, &[("display_name", "Regulars")]).await?;
        let path = format!("/admin/groups/{group}/members");
        let member = [("user", administrator)];
        let added = self.administrator.post_form(&path, &desk, &member).await?;
        ensure!(added.status.is_redirection(), "no member: {}", added.body);
        self.stand = Stand { group, user, name };
        Ok(())
    }

    /// Sends a form that makes something; its id.
    async fn create(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<String> {
        let page = self.administrator.visit(path).await?;
        let answer = self.administrator.post_form(path, &page, fields).await?;
        let location = answer.location.context("nothing was made")?;
        let id = location.rsplit('/').next().unwrap_or_default();
        Ok(id.split('?').next().unwrap_or_default().to_owned())
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

    pub async fn make_doomed(&mut self) -> Result<Doomed> {
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

    /// One life of the server: load, edits, a deletion half-way, death, restart.
    pub async fn live(
        &mut self,
        server: Server,
        place: &Place,
        doomed: &Doomed,
        books: &Books,
        (round, moment): (u32, Duration),
    ) -> Result<(Server, Life)> {
        let port = server.port()?;
        let dying = AtomicBool::new(false);
        let editors = self.editors(books, round).await?;
        let editing = editors.into_iter().map(|editor| editor.edit(&dying));
        let lives = self.people.iter_mut().map(|authenticator| {
            let person = Person::new(&self.client, &self.origin);
            load::sign_in_and_out(person, authenticator, &dying)
        });
        let deletion = load::delete(
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
        let (acknowledged, deleted, tallies, killed) =
            tokio::join!(try_join_all(lives), deletion, try_join_all(editing), death);
        killed?;
        place.postgres.as_ref().map_or(Ok(()), Postgres::revive)?;
        place.verify_log().await?;
        let server = Server::start(place, port)
            .await
            .context("the restart after a kill")?;
        let life = Life {
            acknowledged: acknowledged?.into_iter().flatten().collect(),
            deleted: deleted?,
            tallies: tallies?,
        };
        Ok((server, life))
    }

    async fn editors(&mut self, books: &Books, round: u32) -> Result<Vec<edits::Editor>> {
        let mut bea = Person::new(&self.client, &self.origin);
        let answer = bea.sign_in(&mut self.bea).await?;
        ensure!(answer.status.is_success(), "Bea: {}", answer.body);
        let desk = self.administrator.visit(DESK).await?;
        let (administrator, stand) = (&self.administrator, &self.stand);
        Ok(edits::editors(
            administrator,
            &desk,
            stand,
            bea,
            books,
            round,
        ))
    }

    /// Looks on the pages for everything that had been acknowledged.
    pub async fn look(&mut self, life: Life, doomed: Doomed) -> Result<Found> {
        let mut found = Found::default();
        self.sign_in_again().await?;
        for one in life.acknowledged {
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
        if life.deleted {
            let mut authenticator = doomed.authenticator;
            let answer = Person::new(&self.client, &self.origin)
                .sign_in(&mut authenticator)
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

impl Found {
    /// A load that got no answer of one kind would prove nothing about that kind.
    pub fn tells_something(&self) -> bool {
        let mut counts = vec![self.sign_ins, self.sign_outs, self.deletions];
        counts.extend(&self.edits);
        counts.iter().all(|count| *count > 0)
    }

    /// Of all editors.
    pub fn edits(&self) -> usize {
        self.edits.iter().sum()
    }

    pub fn add(&mut self, other: &Self) {
        self.sign_ins += other.sign_ins;
        self.sign_outs += other.sign_outs;
        self.deletions += other.deletions;
        self.edits.resize(other.edits.len(), 0);
        let edits = self.edits.iter_mut().zip(&other.edits);
        edits.for_each(|(sum, one)| *sum += one);
        self.unanswered += other.unanswered;
    }
}

/// Signs in with a pass, to the page on which a passkey has to be made.
async fn enter_with_pass(person: &mut Person, name: &str, pass: &str) -> Result<Answer> {
    let page = person.visit("/security-info").await?;
    let name = ("username", name);
    let page = person
        .post_form("/signin/identifier", &page, &[name, ("method", "pass")])
        .await?;
    let page = follow(person, page).await?;
    let page = person
        .post_form("/signin/pass", &page, &[name, ("pass", pass)])
        .await?;
    follow(person, page).await
}

async fn follow(person: &mut Person, mut answer: Answer) -> Result<Answer> {
    match answer.location.take() {
        Some(location) => person.visit(&location).await,
        None if answer.status.is_success() => Ok(answer),
        None => bail!("{}: {}", answer.status, answer.body),
    }
}

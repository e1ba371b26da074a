//! The story, act by act. Each step plays over HTTPS what a person would do, and checks what comes back.

use anyhow::{Context as _, bail, ensure};
use authenticator::{Algorithm, Backup};
use reqwest::Client;
use serde_json::Value;
use url::Url;

use super::browser::{Answer, origin};
use super::governance::Newcomer;
use super::person::{Outcome, Person, Refused};
use super::{Attestation, AttestationAuthority, Journal, Kind, SoftwareAuthenticator, key_store};

const ADA: &str = "ada";
/// Minutes that Ada's pass lives.
const PASS_MINUTES: &str = "60";

/// Where the story plays.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Trusts the server's development certificate; follows no redirects by itself.
    pub http: Client,
    /// The server.
    pub server: Url,
    /// The sample application.
    pub application: Url,
    /// Its client id.
    pub application_id: String,
    /// The tenant's domain.
    pub domain: String,
    /// The first administrator's name.
    pub administrator: String,
    /// Their pass.
    pub pass: String,
    /// Somebody who came over from another system.
    pub newcomer: Newcomer,
}

/// Ada and what is hers.
struct Ada {
    name: String,
    /// Her page in the administrator's pages.
    admin_page: Url,
    security_key: SoftwareAuthenticator,
    synced: SoftwareAuthenticator,
    quantum_safe: SoftwareAuthenticator,
    /// The identifier of the security key's passkey in addresses.
    security_key_id: String,
}

impl Scene {
    /// Plays everything.
    ///
    /// # Errors
    /// Those of the first step that came out otherwise.
    pub async fn play(&self, journal: &mut Journal) -> anyhow::Result<()> {
        let mut administrator = self.found(journal).await?;
        let mut ada = self.welcome_ada(journal, &mut administrator).await?;
        let mut at_work = self.sign_in_everywhere(journal, &mut ada).await?;
        self.resist(journal, &mut ada).await?;
        Box::pin(self.govern(journal, &mut administrator)).await?;
        self.revoke(journal, &mut administrator, &mut ada, &mut at_work)
            .await?;
        self.recover(journal, &mut ada).await
    }

    /// Act 1: the first administrator.
    async fn found(&self, journal: &mut Journal) -> anyhow::Result<Person> {
        let mut administrator = self.person();
        let told = "The first administrator signs in with the pass of the first start and has to make a passkey";
        let page = journal
            .step(told, async {
                let start = administrator.open("/admin/users").await?;
                let page = administrator
                    .sign_in_with_pass(&start, &self.administrator, &self.pass)
                    .await?;
                page.panel("data-passkey-register")?;
                Ok(page)
            })
            .await?;
        let authority = AttestationAuthority::new(key_store::AAGUID)?;
        let mut key = SoftwareAuthenticator::new(
            Kind::device_bound().with_attestation(Attestation::Certified(authority)),
        );
        journal
            .step("The administrator registers a security key (ES256, packed with a certificate chain)", async {
                let made = administrator.make_passkey(&page, &mut key).await?;
                expect_page(&administrator.go_on(&made).await?, "/admin")
            })
            .await?;
        journal
            .step(
                "The pass of the first start has ended with that registration",
                async {
                    let mut stranger = self.person();
                    let start = stranger.open("/admin/users").await?;
                    match stranger
                        .sign_in_with_pass(&start, &self.administrator, &self.pass)
                        .await
                    {
                        Ok(page) => bail!("it still works and leads to {}", page.url.path()),
                        Err(_) => Ok(()),
                    }
                },
            )
            .await?;
        journal
            .step(
                "The administrator signs in again with nothing but the security key",
                async {
                    let mut again = self.person();
                    let start = again.open("/admin/users").await?;
                    expect_page(
                        &again.sign_in(&start, &mut key).await?.signed_in()?,
                        "/admin/users",
                    )?;
                    Ok(again)
                },
            )
            .await
    }

    /// Act 2: a user comes in.
    async fn welcome_ada(
        &self,
        journal: &mut Journal,
        administrator: &mut Person,
    ) -> anyhow::Result<Ada> {
        let name = format!("{ADA}@{}", self.domain);
        let created = journal
            .step("The administrator creates the user Ada", async {
                let form = administrator.open("/admin/users/new").await?;
                let fields = [
                    ("display_name", "Ada"),
                    ("user_principal_name", name.as_str()),
                ];
                let page = administrator
                    .fill(&form, "/admin/users/new", &fields)
                    .await?;
                expect_page(&page, "/admin/users/")?;
                Ok(page)
            })
            .await?;
        let pass = journal
            .step(
                "The administrator issues a Temporary Access Pass for Ada",
                async {
                    let form = administrator.follow(&created, "/pass").await?;
                    let shown = administrator
                        .fill(&form, "/pass", &[("minutes", PASS_MINUTES)])
                        .await?;
                    let page = shown.page();
                    Ok(page
                        .text_of("secret")
                        .context("the pass is not shown")?
                        .to_owned())
                },
            )
            .await?;
        let mut ada = Ada::new(name, without_query(&created.url));
        self.register_all(journal, &mut ada, &pass).await?;
        Ok(ada)
    }

    async fn register_all(
        &self,
        journal: &mut Journal,
        ada: &mut Ada,
        pass: &str,
    ) -> anyhow::Result<()> {
        let mut person = self.person();
        journal
            .step("Ada signs in with the pass and registers a security key (ES256, device-bound, packed)", async {
                let start = person.open("/security-info").await?;
                let interrupt = person.sign_in_with_pass(&start, &ada.name, pass).await?;
                let made = person.make_passkey(&interrupt, &mut ada.security_key).await?;
                ada.security_key_id = passkey_id(&made)?;
                expect_page(&person.go_on(&made).await?, "/security-info")
            })
            .await?;
        journal
            .step(
                "Ada adds a synced passkey (EdDSA), and it is shown as synced",
                async {
                    let page = person.open("/security-info/passkeys/add").await?;
                    let made = person.make_passkey(&page, &mut ada.synced).await?;
                    let naming = person.go_on(&made).await?;
                    let name = [("name", "Every device of mine")];
                    let overview = person.fill(&naming, "/name", &name).await?;
                    expect_words(&overview, "Every device of mine")?;
                    expect_words(&overview, "Synced")
                },
            )
            .await?;
        journal
            .step("Ada adds a quantum-safe passkey (ML-DSA-65)", async {
                let page = person.open("/security-info/passkeys/add").await?;
                let made = person.make_passkey(&page, &mut ada.quantum_safe).await?;
                expect_page(&person.go_on(&made).await?, "/security-info")
            })
            .await
    }

    /// Act 3: the main job. Gives back the browser that signed in with the security key.
    async fn sign_in_everywhere(
        &self,
        journal: &mut Journal,
        ada: &mut Ada,
    ) -> anyhow::Result<Person> {
        let mut at_work = self.person();
        let told = "Ada signs in to the application without a user name (ES256; code, PKCE, ID token checked)";
        journal
            .step(
                told,
                self.enter_application(&mut at_work, &mut ada.security_key),
            )
            .await?;
        let told = "Ada signs in to the application with the synced passkey (EdDSA)";
        journal
            .step(
                told,
                self.enter_application(&mut self.person(), &mut ada.synced),
            )
            .await?;
        let told = "Ada signs in to the application with the quantum-safe passkey (ML-DSA-65)";
        journal
            .step(
                told,
                self.enter_application(&mut self.person(), &mut ada.quantum_safe),
            )
            .await?;
        journal
            .step("The application renews its tokens", async {
                let page = self.renew(&mut at_work).await?;
                expect_words(&page, "Tokens renewed 1 times")
            })
            .await?;
        Ok(at_work)
    }

    /// Act 4: what must not work.
    async fn resist(&self, journal: &mut Journal, ada: &mut Ada) -> anyhow::Result<()> {
        journal
            .step(
                "A sign-in from another origin is refused (origin_mismatch)",
                async {
                    let (mut person, page) = self.at_sign_in().await?;
                    let outcome = person
                        .sign_in_from(&page, &mut ada.synced, "https://keyward.example")
                        .await?;
                    outcome.refused_as("origin_mismatch")
                },
            )
            .await?;
        journal
            .step(
                "A response sent a second time is refused (challenge_spent)",
                self.replay(&mut ada.synced),
            )
            .await?;
        journal
            .step(
                "A response without user verification is refused (uv_required_not_set)",
                async {
                    let (mut person, page) = self.at_sign_in().await?;
                    let mut unverified = ada.synced.cloned();
                    unverified.key_store_mut().set_verifies_user(false);
                    person
                        .sign_in(&page, &mut unverified)
                        .await?
                        .refused_as("uv_required_not_set")
                },
            )
            .await?;
        journal
            .step(
                "A passkey that claims to have become device-bound is refused (be_changed)",
                async {
                    let (mut person, page) = self.at_sign_in().await?;
                    let mut changed = ada.synced.cloned();
                    changed.key_store_mut().set_backup(Backup::DeviceBound);
                    person
                        .sign_in(&page, &mut changed)
                        .await?
                        .refused_as("be_changed")
                },
            )
            .await?;
        let told = "A copy of the quantum-safe key, its counter behind, is refused, and from then on the key too \
            (passkey_suspected_clone)";
        journal
            .step(told, async {
                let mut copy = ada.quantum_safe.cloned();
                copy.key_store_mut().set_counters(0);
                for key in [&mut copy, &mut ada.quantum_safe] {
                    let (mut person, page) = self.at_sign_in().await?;
                    person
                        .sign_in(&page, key)
                        .await?
                        .refused_as("passkey_suspected_clone")?;
                }
                anyhow::Ok(())
            })
            .await?;
        Ok(())
    }

    /// Act 8: a passkey is renamed and taken back, and everything it gave ends.
    async fn revoke(
        &self,
        journal: &mut Journal,
        administrator: &mut Person,
        ada: &mut Ada,
        at_work: &mut Person,
    ) -> anyhow::Result<()> {
        let id = ada.security_key_id.clone();
        journal
            .step("Ada renames her security key", async {
                let form = at_work
                    .open(&format!("/security-info/passkeys/{id}/name"))
                    .await?;
                let page = at_work
                    .fill(&form, "/name", &[("name", "Key on the ring")])
                    .await?;
                expect_words(&page, "Key on the ring")
            })
            .await?;
        journal
            .step("The administrator revokes that passkey", async {
                let page = administrator.visit(&ada.admin_page).await?;
                expect_words(&page, "Key on the ring")?;
                let confirm = administrator.follow(&page, &format!("{id}/revoke")).await?;
                let page = administrator.fill(&confirm, "/revoke", &[]).await?;
                ensure!(page.status < 400, "the revocation was refused");
                Ok(())
            })
            .await?;
        journal
            .step(
                "The session that the passkey opened has ended at once",
                async {
                    let page = at_work.open("/security-info").await?;
                    expect_page(&page, "/signin")
                },
            )
            .await?;
        journal
            .step("The application cannot renew its tokens any more", async {
                let page = self.renew(at_work).await?;
                ensure!(
                    page.status >= 400 && page.page().text_of("reason").is_some(),
                    "it still could"
                );
                Ok(())
            })
            .await?;
        self.refused_with_a_record(journal, administrator, ada)
            .await
    }

    async fn refused_with_a_record(
        &self,
        journal: &mut Journal,
        administrator: &mut Person,
        ada: &mut Ada,
    ) -> anyhow::Result<()> {
        let refused = journal
            .step(
                "The next sign-in with the revoked passkey is refused (unknown_credential)",
                async {
                    let (mut person, page) = self.at_sign_in().await?;
                    person
                        .sign_in(&page, &mut ada.security_key)
                        .await?
                        .refused_as("unknown_credential")
                },
            )
            .await?;
        let Refused {
            code, correlation, ..
        } = refused;
        journal
            .step(
                "The administrator finds that attempt in the sign-in log by its correlation id",
                async {
                    let log = administrator
                        .open(&format!("/admin/sign-ins?correlation={correlation}"))
                        .await?;
                    expect_words(&log, &code)?;
                    expect_words(&log, &correlation)
                },
            )
            .await
    }

    /// Act 9: nobody is locked out.
    async fn recover(&self, journal: &mut Journal, ada: &mut Ada) -> anyhow::Result<()> {
        let mut person = self.person();
        journal
            .step(
                "Ada signs in with her other passkey and registers a new security key (ES256)",
                async {
                    let start = person.open("/security-info").await?;
                    expect_page(
                        &person.sign_in(&start, &mut ada.synced).await?.signed_in()?,
                        "/security-info",
                    )?;
                    ada.security_key = SoftwareAuthenticator::new(Kind::device_bound());
                    let page = person.open("/security-info/passkeys/add").await?;
                    let made = person.make_passkey(&page, &mut ada.security_key).await?;
                    expect_page(&person.go_on(&made).await?, "/security-info")
                },
            )
            .await?;
        let told = "Ada signs in to the application with the new security key";
        journal
            .step(
                told,
                self.enter_application(&mut self.person(), &mut ada.security_key),
            )
            .await
    }

    pub(super) fn person(&self) -> Person {
        Person::new(self.http.clone(), self.server.clone())
    }

    pub(super) async fn at_sign_in(&self) -> anyhow::Result<(Person, Answer)> {
        let mut person = self.person();
        let page = person.open("/security-info").await?;
        Ok((person, page))
    }

    async fn enter_application(
        &self,
        person: &mut Person,
        key: &mut SoftwareAuthenticator,
    ) -> anyhow::Result<()> {
        let page = person.visit(&self.application.join("/sign-in")?).await?;
        let entered = person.sign_in(&page, key).await?.signed_in()?;
        ensure!(
            origin(&entered.url) == origin(&self.application),
            "it led to {}",
            entered.url.path()
        );
        expect_words(&entered, "Hello, Ada")
    }

    async fn renew(&self, person: &mut Person) -> anyhow::Result<Answer> {
        let account = person.visit(&self.application).await?;
        person.fill(&account, "/refresh", &[]).await
    }

    async fn replay(&self, key: &mut SoftwareAuthenticator) -> anyhow::Result<Refused> {
        let (mut person, page) = self.at_sign_in().await?;
        let begun = person.begin(&page).await?;
        let response = key.sign_in(&begun.options, &origin(&self.server))?;
        match person.finish(&begun, &response).await? {
            Outcome::SignedIn(_) => person
                .finish(&begun, &response)
                .await?
                .refused_as("challenge_spent"),
            Outcome::Refused(refused) => bail!("already the first was refused: {}", refused.code),
        }
    }
}

impl Ada {
    fn new(name: String, admin_page: Url) -> Self {
        let certified = Kind::device_bound().with_attestation(Attestation::SelfSigned);
        Self {
            name,
            admin_page,
            security_key: SoftwareAuthenticator::new(certified),
            synced: SoftwareAuthenticator::new(Kind::synced().with_algorithm(Algorithm::EdDsa)),
            quantum_safe: SoftwareAuthenticator::new(
                Kind::device_bound().with_algorithm(Algorithm::MlDsa65),
            ),
            security_key_id: String::new(),
        }
    }
}

fn passkey_id(made: &Value) -> anyhow::Result<String> {
    let id = made.pointer("/passkey/id").and_then(Value::as_str);
    Ok(id
        .context("the answer does not name the passkey")?
        .to_owned())
}

pub(super) fn expect_page(answer: &Answer, path: &str) -> anyhow::Result<()> {
    let led = answer.url.path();
    ensure!(
        answer.status == 200 && led.starts_with(path),
        "it led to {led} ({}) and not to {path}",
        answer.status
    );
    Ok(())
}

pub(super) fn expect_words(answer: &Answer, words: &str) -> anyhow::Result<()> {
    let path = answer.url.path();
    ensure!(
        answer.page().says(words),
        "{path} ({}) does not say “{words}”",
        answer.status
    );
    Ok(())
}

pub(super) fn without_query(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_query(None);
    url
}

//! The acts about governance: a campaign that asks, policies that decide, explanations, and evidence of it all.

use anyhow::{Context as _, ensure};
use policy::model::{PasskeyProfile, PasskeyTarget, PasskeyType, Policies, ProfileId, Scope};
use serde_json::json;
use url::Url;

use super::browser::{Answer, origin};
use super::person::{Person, Refused};
use super::story::{Scene, expect_page, expect_words, without_query};
use super::{Journal, Kind, SoftwareAuthenticator};
use crate::clock::Clock;
use crate::flow::totp;

/// The profile of Ben's group.
const PROFILE: &str = "Payroll: device-bound";
const POLICY: &str = "Passkeys for the application";
/// Entra's id of the built-in strength.
const PHISHING_RESISTANT: &str = "00000000-0000-0000-0000-000000000004";

/// Somebody who came over from another system with a password and one-time codes.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// User principal name.
    pub name: String,
    /// The password.
    pub password: String,
    /// What the codes are made from.
    pub totp: Vec<u8>,
}

/// Ben and what is his.
struct Ben {
    newcomer: Newcomer,
    /// The time step of the last code that was typed: each works once.
    last_step: i64,
    synced: SoftwareAuthenticator,
    device_bound: SoftwareAuthenticator,
}

impl Scene {
    /// Plays them. Ada's passkeys are as they were afterwards.
    pub(super) async fn govern(
        &self,
        journal: &mut Journal,
        administrator: &mut Person,
    ) -> anyhow::Result<()> {
        let mut ben = Ben::new(self.newcomer.clone());
        let mut at_work = self.nudge(journal, &mut ben).await?;
        journal
            .step(
                "Ben takes it up by himself: he adds a synced passkey on his security info page",
                async {
                    let page = at_work.open("/security-info/passkeys/add").await?;
                    let made = at_work.make_passkey(&page, &mut ben.synced).await?;
                    expect_page(&at_work.go_on(&made).await?, "/security-info")
                },
            )
            .await?;
        self.restrict(journal, administrator, &mut ben).await?;
        self.strengthen(journal, administrator, &mut ben).await
    }

    /// Act 5: the campaign asks, and can be put off.
    async fn nudge(&self, journal: &mut Journal, ben: &mut Ben) -> anyhow::Result<Person> {
        let mut first = self.person();
        let told = "Ben, who came over with a password and one-time codes, signs in to the application, and a registration \
            campaign asks him for a passkey";
        let prompt = journal
            .step(told, async {
                let page = self.type_in(&mut first, ben).await?;
                expect_page(&page, "/signin/nudge")?;
                page.panel("data-passkey-register")?;
                Ok(page)
            })
            .await?;
        journal
            .step(
                "Ben skips it for now and is in the application all the same",
                async {
                    let page = first.fill(&prompt, "/signin/nudge/skip", &[]).await?;
                    self.expect_inside(&page)
                },
            )
            .await?;
        journal
            .step(
                "Ben signs in again the same day, and nobody asks: the snooze lasts",
                async {
                    let mut again = self.person();
                    let page = self.type_in(&mut again, ben).await?;
                    self.expect_inside(&page)?;
                    Ok(again)
                },
            )
            .await
    }

    /// Act 6: a profile for some, and what becomes of a passkey that does not fit it.
    async fn restrict(
        &self,
        journal: &mut Journal,
        administrator: &mut Person,
        ben: &mut Ben,
    ) -> anyhow::Result<()> {
        let name = ben.newcomer.name.clone();
        let group = journal
            .step("The administrator puts Ben into the group Payroll", async {
                let form = administrator.open("/admin/groups/new").await?;
                let called = [("display_name", "Payroll")];
                let made = administrator
                    .fill(&form, "/admin/groups/new", &called)
                    .await?;
                let member = [("user", name.as_str())];
                let page = administrator.fill(&made, "/members", &member).await?;
                expect_words(&page, &name)?;
                last_part(&made.url)
            })
            .await?;
        let told = "The administrator lets that group use device-bound passkeys only; before anything is saved, the preview names \
            Ben and the passkey that will stop";
        journal
            .step(told, async {
                let address = "/admin/policies/passkeys/method";
                let document = device_bound_for(&group)?;
                let preview = self.look(administrator, address, &document).await?;
                expect_words(&preview, &name)?;
                expect_words(&preview, "A passkey stops working.")?;
                self.save(administrator, &preview).await
            })
            .await?;
        let told = "Ben's synced passkey is refused from the next sign-in on, and the page says why (passkey_type_not_allowed)";
        journal
            .step(told, async {
                let (mut person, page) = self.at_sign_in().await?;
                let outcome = person.sign_in(&page, &mut ben.synced).await?;
                let refused = outcome.refused_as("passkey_type_not_allowed")?;
                expect_reason(&refused, "This kind of passkey is not allowed for you.")
            })
            .await?;
        let told = "The administrator asks why: the rule and the profile are named";
        journal
            .step(told, async {
                let page = administrator
                    .open(&format!("/admin/users?search={name}"))
                    .await?;
                let user = page.page();
                let user = user.links().find(|link| is_user(link));
                let user = user.context("Ben is not in the list")?.to_owned();
                let page = administrator.open(&format!("{user}/explain")).await?;
                expect_words(&page, "passkey_type_not_allowed")?;
                expect_words(&page, PROFILE)
            })
            .await
    }

    /// Act 7: a strength that a password does not reach.
    async fn strengthen(
        &self,
        journal: &mut Journal,
        administrator: &mut Person,
        ben: &mut Ben,
    ) -> anyhow::Result<()> {
        let told = "The administrator asks for phishing-resistant sign-ins at the application; the preview names Ben, who will have \
            to register, and not Ada";
        journal
            .step(told, async {
                let document = phishing_resistant_at(&self.application_id).to_string();
                let preview = self
                    .look(administrator, "/admin/policies/access/new", &document)
                    .await?;
                expect_words(&preview, &ben.newcomer.name)?;
                expect_words(&preview, "asks to register a passkey.")?;
                ensure!(!preview.page().says("ada@"), "it names Ada too");
                self.save(administrator, &preview).await
            })
            .await?;
        let mut person = self.person();
        let told = "Ben's password and code are right and no longer enough: the sign-in is interrupted until he has a passkey";
        let interrupt = journal
            .step(told, async {
                let page = self.type_in(&mut person, ben).await?;
                expect_page(&page, "/signin/register")?;
                page.panel("data-passkey-register")?;
                Ok(page)
            })
            .await?;
        journal
            .step(
                "A synced passkey is refused there too (passkey_type_not_allowed)",
                async {
                    let mut another = SoftwareAuthenticator::new(Kind::synced());
                    let refused = person.make_refused(&interrupt, &mut another).await?;
                    ensure!(
                        refused.code == "passkey_type_not_allowed",
                        "refused as {}",
                        refused.code
                    );
                    Ok(())
                },
            )
            .await?;
        journal
            .step(
                "Ben makes a device-bound passkey and goes on to the application",
                async {
                    let made = person
                        .make_passkey(&interrupt, &mut ben.device_bound)
                        .await?;
                    self.expect_inside(&person.go_on(&made).await?)
                },
            )
            .await?;
        journal
            .step(
                "From then on the passkey alone satisfies the strength",
                async {
                    let mut person = self.person();
                    let page = person.visit(&self.application.join("/sign-in")?).await?;
                    let entered = person.sign_in(&page, &mut ben.device_bound).await?;
                    self.expect_inside(&entered.signed_in()?)
                },
            )
            .await
    }

    /// Signs in to the application with password and code; the page that comes then.
    async fn type_in(&self, person: &mut Person, ben: &mut Ben) -> anyhow::Result<Answer> {
        let page = person.visit(&self.application.join("/sign-in")?).await?;
        let name = [
            ("username", ben.newcomer.name.as_str()),
            ("method", "password"),
        ];
        let page = person.fill(&page, "/signin/identifier", &name).await?;
        let password = [("password", ben.newcomer.password.as_str())];
        let page = person.fill(&page, "/signin/password", &password).await?;
        let code = ben.next_code().await;
        person.fill(&page, "/signin/totp", &[("code", &code)]).await
    }

    fn expect_inside(&self, page: &Answer) -> anyhow::Result<()> {
        ensure!(
            origin(&page.url) == origin(&self.application),
            "it led to {}",
            page.url.path()
        );
        expect_words(page, "Hello, Ben")
    }

    /// Sends a document to its form and answers the page that says what it would do.
    async fn look(
        &self,
        administrator: &mut Person,
        address: &str,
        document: &str,
    ) -> anyhow::Result<Answer> {
        let form = administrator.open(&format!("{address}?view=json")).await?;
        let preview = administrator
            .fill(&form, address, &[("document", document)])
            .await?;
        ensure!(preview.status == 200, "{address}: {}", preview.status);
        Ok(preview)
    }

    async fn save(&self, administrator: &mut Person, preview: &Answer) -> anyhow::Result<()> {
        let saved = administrator
            .fill(preview, "/admin/policies/save", &[])
            .await?;
        expect_words(&saved, "The policy was saved")
    }
}

impl Ben {
    fn new(newcomer: Newcomer) -> Self {
        Self {
            newcomer,
            last_step: 0,
            synced: SoftwareAuthenticator::new(Kind::synced()),
            device_bound: SoftwareAuthenticator::new(Kind::device_bound()),
        }
    }

    /// The oldest code that the server takes and that was not typed yet. Where there is none, the half minute is waited for.
    async fn next_code(&mut self) -> String {
        loop {
            let now = Clock::System.now().as_micros() / 1_000_000 / totp::STEP;
            let step = (now - 1).max(self.last_step + 1);
            if step <= now + 1 {
                self.last_step = step;
                return totp::code(&self.newcomer.totp, step);
            }
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
    }
}

/// What a new tenant has, and for one group a profile of its own.
fn device_bound_for(group: &str) -> anyhow::Result<String> {
    let mut method = Policies::of_new_tenant().passkeys;
    let group = group.parse()?;
    let everybody = method.include.last_mut();
    let everybody = everybody.context("nobody may use passkeys")?;
    everybody.except.groups.push(group);
    let id = ProfileId::from_bytes([0xb0; 16]);
    method.include.push(PasskeyTarget {
        who: Scope::group(group),
        except: Scope::default(),
        registration_required: false,
        profiles: vec![id],
    });
    method.profiles.push(PasskeyProfile {
        types: vec![PasskeyType::DeviceBound],
        ..PasskeyProfile::open(id, PROFILE)
    });
    Ok(serde_json::to_string(&method)?)
}

fn phishing_resistant_at(application: &str) -> serde_json::Value {
    json!({
        "id": "0190a000-0000-7000-8000-0000000000b1",
        "name": POLICY,
        "state": "enabled",
        "created": 0,
        "modified": 0,
        "conditions": {
            "users": {"include": {"everyone": true}},
            "target": {"applications": {"include": [application]}},
        },
        "grant": {"strength": PHISHING_RESISTANT},
    })
}

fn expect_reason(refused: &Refused, words: &str) -> anyhow::Result<()> {
    let said = &refused.message;
    ensure!(said.contains(words), "the page says “{said}”");
    Ok(())
}

/// The last part of an address: what was made there.
fn last_part(url: &Url) -> anyhow::Result<String> {
    let url = without_query(url);
    let last = url.path_segments().and_then(Iterator::last);
    Ok(last.context("an address without a path")?.to_owned())
}

fn is_user(link: &str) -> bool {
    let id = link.strip_prefix("/admin/users/");
    id.is_some_and(|id| id.len() == 36)
}

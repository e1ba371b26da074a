//! Administrators who edit without pause, each at a document, a membership or a person of their own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::books::{Books, Pile};
use crate::house::new_authenticator;
use crate::person::{Answer, Person};

/// Between two edits of one editor. Each change of policies makes every sign-in that is under way ask again.
const PAUSE: Duration = Duration::from_millis(10);
/// Every so many edits a document is taken away instead, if it can be.
const REMOVAL: usize = 4;

/// Somebody at work.
pub struct Editor {
    /// With a live session.
    administrator: Person,
    /// A page of theirs, for its token.
    page: Answer,
    work: Work,
}

enum Work {
    Document {
        kind: &'static str,
        id: String,
        /// In force, 0 if none.
        version: i64,
        /// Texts it had so far, its absences among them.
        texts: usize,
        /// What no other round writes.
        round: u32,
    },
    Membership {
        group: String,
        user: String,
        name: String,
        is_member: bool,
    },
    Passkeys {
        owner: Box<Person>,
        user: String,
        /// A new one that is to be revoked next.
        newest: Option<String>,
    },
}

/// What an editor was told before the server died.
pub struct Tally {
    pub pile: Pile,
    /// Edits that were acknowledged.
    pub done: usize,
    /// Whether one more had no answer.
    pub pending: bool,
    /// What a document said last, as far as acknowledged.
    words: Option<String>,
}

/// How one edit ended.
enum Step {
    Done(Option<String>),
    /// Others changed policies in the same moment: refused, and nothing was written.
    Overtaken,
}

#[derive(Default)]
/// A group and somebody who comes and goes in it, and whose passkeys come and go.
pub struct Stand {
    pub group: String,
    pub user: String,
    pub name: String,
}

/// One editor for each kind of thing.
pub fn editors(
    administrator: &Person,
    page: &Answer,
    stand: &Stand,
    owner: Person,
    books: &Books,
    round: u32,
) -> Vec<Editor> {
    let document = |kind: &'static str| {
        let id = id_of(kind).to_owned();
        Work::Document {
            kind,
            version: books.version(kind, &id),
            texts: books.count(&Pile::Document(kind, id.clone())),
            id,
            round,
        }
    };
    let documents = ["access", "strength", "campaign", "location", "passkeys"].map(document);
    let membership = Work::Membership {
        is_member: books.is_member(&stand.group, &stand.user),
        group: stand.group.clone(),
        user: stand.user.clone(),
        name: stand.name.clone(),
    };
    let passkeys = Work::Passkeys {
        owner: Box::new(owner),
        user: stand.user.clone(),
        newest: None,
    };
    let work = documents.into_iter().chain([membership, passkeys]);
    work.map(|work| Editor {
        administrator: administrator.clone(),
        page: page.clone(),
        work,
    })
    .collect()
}

impl Editor {
    /// Edits until the server is gone. What goes wrong while it still lives is a failure of its own.
    pub async fn edit(mut self, dying: &AtomicBool) -> Result<Tally> {
        let mut tally = Tally {
            pile: self.work.pile(),
            done: 0,
            pending: false,
            words: None,
        };
        loop {
            match self.step().await {
                Ok(Step::Done(words)) => {
                    tally.done += 1;
                    tally.words = words.or(tally.words);
                }
                Ok(Step::Overtaken) => {}
                Err(_) if dying.load(Ordering::SeqCst) => {
                    tally.pending = true;
                    return Ok(tally);
                }
                Err(error) => {
                    let what = format!("{:?} before the server was killed", tally.pile);
                    return Err(error.context(what));
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn step(&mut self) -> Result<Step> {
        let Self {
            administrator,
            page,
            work,
        } = self;
        match work {
            Work::Document {
                kind,
                id,
                version,
                texts,
                round,
            } => {
                let words = format!("edit {round}.{texts}");
                let removes = *version > 0 && *kind != "passkeys" && *texts % REMOVAL == 3;
                let text = match removes {
                    true => String::new(),
                    false => document(kind, &words, *texts).to_string(),
                };
                let fields = [
                    ("kind", *kind),
                    ("id", id.as_str()),
                    ("version", &version.to_string()),
                    ("document", &text),
                ];
                let saved = administrator.post_form("/admin/policies/save", page, &fields);
                if overtaken(&saved.await?)? {
                    return Ok(Step::Overtaken);
                }
                *texts += 1;
                *version = if removes { 0 } else { *texts as i64 };
                Ok(Step::Done((!removes).then_some(words)))
            }
            Work::Membership {
                group,
                user,
                name,
                is_member,
            } => {
                let members = format!("/admin/groups/{group}/members");
                let answer = match is_member {
                    true => {
                        let path = format!("{members}/remove");
                        let leaver = [("user", user.as_str())];
                        administrator.post_form(&path, page, &leaver).await?
                    }
                    false => {
                        let member = [("user", name.as_str())];
                        administrator.post_form(&members, page, &member).await?
                    }
                };
                ensure!(!overtaken(&answer)?, "a membership was overtaken");
                *is_member = !*is_member;
                Ok(Step::Done(None))
            }
            Work::Passkeys {
                owner,
                user,
                newest,
            } => {
                if let Some(passkey) = newest {
                    let path = format!("/admin/users/{user}/passkeys/{passkey}/revoke");
                    let answer = administrator.post_form(&path, page, &[]).await?;
                    ensure!(!overtaken(&answer)?, "a revocation was overtaken");
                    *newest = None;
                    return Ok(Step::Done(None));
                }
                let page = owner.visit("/security-info/passkeys/add").await?;
                let mut key = new_authenticator();
                let made = owner.register_unless_overtaken(&page, &mut key);
                let Some(made) = made.await? else {
                    return Ok(Step::Overtaken);
                };
                *newest = Some(made.passkey()?);
                Ok(Step::Done(None))
            }
        }
    }
}

impl Work {
    fn pile(&self) -> Pile {
        match self {
            Self::Document { kind, id, .. } => Pile::Document(kind, id.clone()),
            Self::Membership { group, user, .. } => Pile::Membership {
                group: group.clone(),
                user: user.clone(),
            },
            Self::Passkeys { user, .. } => Pile::Passkeys { user: user.clone() },
        }
    }
}

impl Tally {
    /// Everything that was acknowledged is there, and nothing beside it but the edit that had no answer. True if that one
    /// was made.
    pub fn compare(&self, before: &Books, after: &Books) -> Result<bool> {
        let pile = &self.pile;
        let made = after.count(pile) - before.count(pile);
        let most = self.done + usize::from(self.pending);
        ensure!(
            (self.done..=most).contains(&made),
            "{pile:?}: {} acknowledged, {made} found",
            self.done
        );
        if let (Pile::Document(kind, id), Some(words)) = (pile, &self.words) {
            ensure!(
                after.says(kind, id, &format!("\"{words}\"")),
                "{pile:?}: {words} was acknowledged and is not there"
            );
        }
        Ok(made > self.done)
    }
}

/// True if the edit was overtaken; anything else but a success is a failure.
fn overtaken(answer: &Answer) -> Result<bool> {
    if answer.is_overtaken() {
        return Ok(true);
    }
    ensure!(
        answer.status == StatusCode::SEE_OTHER,
        "{}: {}",
        answer.status,
        answer.body
    );
    Ok(false)
}

fn id_of(kind: &str) -> &'static str {
    match kind {
        "access" => "0190a000-0000-7000-8000-00000000000a",
        "strength" => "0190a000-0000-7000-8000-00000000000b",
        "campaign" => "0190a000-0000-7000-8000-00000000000c",
        "location" => "0190a000-0000-7000-8000-00000000000d",
        // There is one.
        _ => "",
    }
}

/// A document that says `words` and stops nobody.
fn document(kind: &str, words: &str, number: usize) -> Value {
    let id = id_of(kind);
    match kind {
        "access" => json!({
            "id": id, "name": words, "state": "disabled", "created": 0, "modified": 0,
            "conditions": {
                "users": {"include": {"everyone": true}},
                "target": {"applications": {"all": true}},
            },
            "grant": "mfa",
        }),
        // One list of models stays, the other is another one each time: up to three records for one change.
        "strength" => json!({
            "id": id, "name": words, "created": 0, "modified": 0, "combinations": ["fido2"],
            "allowedAaguids": [
                {"id": id, "aaguids": [id]},
                {"id": format!("0190a000-0000-7000-8000-{number:012x}"), "aaguids": [id]},
            ],
        }),
        "campaign" => json!({
            "id": id, "name": words, "state": "disabled", "snoozeDays": 1, "limitedSnoozes": true,
            "who": {"include": {"everyone": true}},
        }),
        "location" => json!({
            "id": id, "name": words, "trusted": false, "created": 0, "modified": 0,
            "ranges": ["192.0.2.0/24"],
        }),
        _ => {
            let profile = "00000000-0000-0000-0000-000000000001";
            json!({
                "enabled": true, "selfService": true,
                "include": [{"who": {"everyone": true}, "profiles": [profile]}],
                "profiles": [{
                    "id": profile, "name": words, "types": ["deviceBound", "synced"],
                    "attestation": "disabled",
                }],
            })
        }
    }
}

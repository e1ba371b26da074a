//! Changes and their records, laid side by side.
//!
//! One transaction writes a change and its record, so whatever happens to the server, the two must balance:
//!
//! | a change | its record |
//! |---|---|
//! | a text in a policy's history | one audit record that names its version, and one more for each list of models that moved |
//! | a group, a membership | one audit record that adds and not yet one that removes |
//! | a passkey | the same |
//! | a session | one sign-in record; one audit record for each sign-out |
//!
//! The policies in force have to be the newest texts of their history, so that nothing is there by half.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::database::{Database, Row};

/// What an editor changes again and again: everything that is counted under it is the work of that editor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pile {
    /// The texts of one policy document, by kind and id.
    Document(&'static str, String),
    /// A person's comings to a group and goings.
    Membership { group: String, user: String },
    /// Passkeys that were given to a person and taken away.
    Passkeys { user: String },
}

/// Everything, as of one moment.
pub struct Books {
    /// Each document's texts by policy version; `None` where it was taken away.
    history: BTreeMap<(String, String), BTreeMap<i64, Option<String>>>,
    /// What is in force: version and text.
    documents: BTreeMap<(String, String), (i64, String)>,
    /// Successful audit records.
    records: Vec<Record>,
    groups: BTreeSet<String>,
    memberships: BTreeSet<(String, String)>,
    credentials: BTreeSet<String>,
    /// Ids of sessions and why they ended.
    sessions: BTreeMap<String, Option<String>>,
    /// How many successful sign-ins opened a session.
    sign_ins: BTreeMap<String, usize>,
}

struct Record {
    activity: String,
    user: Option<String>,
    credential: Option<String>,
    targets: Vec<String>,
    details: BTreeMap<String, String>,
}

impl Books {
    /// Reads everything inside a transaction that the caller has begun.
    pub async fn read(database: &Database) -> Result<Self> {
        let history = "SELECT kind, id, policy_version, body FROM policy_history";
        let mut texts: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for row in database.rows(history).await? {
            let [kind, id, version, body] = cells(row)?;
            let document = texts.entry((needed(kind)?, needed(id)?)).or_default();
            document.insert(number(version)?, body);
        }
        let documents = database
            .rows("SELECT kind, id, version, body FROM policy_documents")
            .await?;
        let documents = documents.into_iter().map(|row| {
            let [kind, id, version, body] = cells(row)?;
            Ok((
                (needed(kind)?, needed(id)?),
                (number(version)?, needed(body)?),
            ))
        });
        let records = database
            .rows(
                "SELECT activity, user_id, credential_id, targets, details FROM audit
                 WHERE result = 'success'",
            )
            .await?;
        let sessions = database.rows("SELECT id, end_reason FROM sessions").await?;
        let sessions = sessions.into_iter().map(|row| {
            let [id, reason] = cells(row)?;
            Ok((needed(id)?, reason))
        });
        let sign_ins = database
            .rows("SELECT session_id FROM sign_ins WHERE session_id IS NOT NULL")
            .await?;
        let mut opened = BTreeMap::new();
        for row in sign_ins {
            let [session] = cells(row)?;
            *opened.entry(needed(session)?).or_default() += 1;
        }
        let memberships = database
            .rows("SELECT group_id, user_id FROM group_members")
            .await?;
        let memberships = memberships.into_iter().map(|row| {
            let [group, user] = cells(row)?;
            Ok((uuid(&needed(group)?), uuid(&needed(user)?)))
        });
        Ok(Self {
            history: texts,
            documents: documents.collect::<Result<_>>()?,
            records: records
                .into_iter()
                .map(Record::read)
                .collect::<Result<_>>()?,
            groups: column(database, "SELECT id FROM user_groups").await?,
            memberships: memberships.collect::<Result<_>>()?,
            credentials: column(database, "SELECT credential_id FROM credentials").await?,
            sessions: sessions.collect::<Result<_>>()?,
            sign_ins: opened,
        })
    }

    /// Everything that does not balance, one line each.
    pub fn discrepancies(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.policies(&mut found);
        self.in_force(&mut found);
        self.directory(&mut found);
        self.sign_ins_and_outs(&mut found);
        found
    }

    /// How many changes stand under this pile.
    pub fn count(&self, pile: &Pile) -> usize {
        match pile {
            Pile::Document(kind, id) => {
                let key = ((*kind).to_owned(), id.clone());
                self.history.get(&key).map_or(0, BTreeMap::len)
            }
            Pile::Membership { group, user } => {
                let names = |record: &&Record| {
                    record.is_about_membership() && record.names(group) && record.names(user)
                };
                self.records.iter().filter(names).count()
            }
            Pile::Passkeys { user } => {
                let names = |record: &&Record| {
                    let owner = record.user.as_deref().map(uuid);
                    record.is_about_passkey() && owner.as_ref() == Some(user)
                };
                self.records.iter().filter(names).count()
            }
        }
    }

    /// The version of a document that is in force; 0 is none.
    pub fn version(&self, kind: &str, id: &str) -> i64 {
        let key = (kind.to_owned(), id.to_owned());
        self.documents.get(&key).map_or(0, |(version, _)| *version)
    }

    /// Whether a document has ever said this.
    pub fn says(&self, kind: &str, id: &str, words: &str) -> bool {
        let key = (kind.to_owned(), id.to_owned());
        let mut texts = self.history.get(&key).into_iter().flat_map(|t| t.values());
        texts.any(|text| text.as_ref().is_some_and(|text| text.contains(words)))
    }

    /// Whether a person is in a group.
    pub fn is_member(&self, group: &str, user: &str) -> bool {
        let pair = (group.to_owned(), user.to_owned());
        self.memberships.contains(&pair)
    }

    /// Each text in a policy's history has its records, and each record its text.
    fn policies(&self, found: &mut Vec<String>) {
        let mut main: BTreeMap<i64, Vec<&Record>> = BTreeMap::new();
        let mut lists: BTreeMap<i64, usize> = BTreeMap::new();
        for record in &self.records {
            let Some(version) = record.detail("policyVersion") else {
                continue;
            };
            if record.activity.contains("Combination Configuration") {
                *lists.entry(version).or_default() += 1;
            } else {
                main.entry(version).or_default().push(record);
            }
        }
        for ((kind, id), texts) in &self.history {
            let mut before = None;
            for (place, (version, text)) in (1_i64..).zip(texts) {
                let what = format!("{kind} {id} at policy version {version}");
                let own = main.remove(version).unwrap_or_default();
                match own.as_slice() {
                    [record] => {
                        let number = if text.is_some() { place } else { place - 1 };
                        if record.detail("documentVersion") != Some(number) {
                            found.push(format!("{what}: the record names another version"));
                        }
                        if !record.names(&id_in_records(kind, id)) {
                            found.push(format!("{what}: the record names another document"));
                        }
                    }
                    records => found.push(format!("{what}: {} records", records.len())),
                }
                let moved = lists_that_moved(before, text.as_deref());
                let told = lists.remove(version).unwrap_or_default();
                if moved != told {
                    found.push(format!(
                        "{what}: {moved} lists of models moved, {told} records say so"
                    ));
                }
                before = text.as_deref();
            }
        }
        let orphans = main.keys().chain(lists.keys());
        found.extend(orphans.map(|version| format!("a record of policy version {version} alone")));
    }

    /// What is in force is the newest text, whole.
    fn in_force(&self, found: &mut Vec<String>) {
        for (key, texts) in &self.history {
            let newest = texts.values().next_back().cloned().flatten();
            let expected = newest.map(|text| (texts.len() as i64, text));
            if self.documents.get(key) != expected.as_ref() {
                found.push(format!(
                    "{} {}: what is in force is not its newest text",
                    key.0, key.1
                ));
            }
        }
        let unknown = self
            .documents
            .keys()
            .filter(|key| !self.history.contains_key(*key));
        found.extend(unknown.map(|(kind, id)| format!("{kind} {id} has no history")));
    }

    /// Groups, memberships and passkeys: what the records add up to is what is there.
    fn directory(&self, found: &mut Vec<String>) {
        let mut sums: BTreeMap<(&str, String), i64> = BTreeMap::new();
        for record in &self.records {
            let Some((what, key, by)) = record.adds_up() else {
                continue;
            };
            *sums.entry((what, key)).or_default() += by;
        }
        let mut there: BTreeSet<(&str, String)> = BTreeSet::new();
        there.extend(self.groups.iter().map(|id| ("group", uuid(id))));
        there.extend(self.credentials.iter().map(|id| ("passkey", id.clone())));
        let pairs = self.memberships.iter();
        there.extend(pairs.map(|(group, user)| ("membership", format!("{group} {user}"))));
        for one in &there {
            let sum = sums.remove(one).unwrap_or_default();
            if sum != 1 {
                found.push(format!("{} {}: its records add up to {sum}", one.0, one.1));
            }
        }
        for ((what, key), sum) in sums.into_iter().filter(|(_, sum)| *sum != 0) {
            found.push(format!(
                "{what} {key} is not there, and its records add up to {sum}"
            ));
        }
    }

    fn sign_ins_and_outs(&self, found: &mut Vec<String>) {
        for session in self.sessions.keys() {
            match self.sign_ins.get(session).copied().unwrap_or_default() {
                1 => {}
                records => found.push(format!("session {session}: {records} sign-in records")),
            }
        }
        let unknown = self
            .sign_ins
            .keys()
            .filter(|id| !self.sessions.contains_key(*id));
        found.extend(unknown.map(|id| format!("a sign-in record names session {id}: not there")));
        let ended = |why: &str| {
            let reasons = self.sessions.values().flatten();
            reasons.filter(|reason| *reason == why).count() as i64
        };
        let signed_out = self
            .records
            .iter()
            .filter(|one| one.activity == "User signed out");
        let revoking = self.records.iter().filter(|one| one.is_about_passkey());
        let revoked: i64 = revoking.filter_map(|one| one.detail("endedSessions")).sum();
        for (why, told) in [
            ("signedOut", signed_out.count() as i64),
            ("passkeyRevoked", revoked),
        ] {
            if ended(why) != told {
                let ended = ended(why);
                found.push(format!(
                    "{ended} sessions ended as {why}, records tell of {told}"
                ));
            }
        }
    }
}

impl Record {
    fn read(row: Row) -> Result<Self> {
        let [activity, user, credential, targets, details] = cells(row)?;
        let targets: Vec<Value> = serde_json::from_str(&needed(targets)?)?;
        let ids = targets
            .iter()
            .filter_map(|target| target.get("id")?.as_str());
        let details: Vec<(String, String)> = serde_json::from_str(&needed(details)?)?;
        Ok(Self {
            activity: needed(activity)?,
            user,
            credential,
            targets: ids.map(str::to_owned).collect(),
            details: details.into_iter().collect(),
        })
    }

    fn detail(&self, name: &str) -> Option<i64> {
        self.details.get(name)?.parse().ok()
    }

    fn names(&self, id: &str) -> bool {
        self.targets.iter().any(|target| target == id)
    }

    fn is_about_membership(&self) -> bool {
        matches!(
            self.activity.as_str(),
            "Add member to group" | "Remove member from group"
        )
    }

    /// A passkey has two records each time; this is the one that names the type.
    fn is_about_passkey(&self) -> bool {
        self.activity.starts_with("Add Passkey (") || self.activity.starts_with("Delete Passkey (")
    }

    /// What it adds or takes away.
    fn adds_up(&self) -> Option<(&'static str, String, i64)> {
        let by = match self.activity.split_once(' ')?.0 {
            "Add" => 1,
            "Remove" | "Delete" => -1,
            _ => return None,
        };
        if self.is_about_passkey() {
            return Some(("passkey", self.credential.clone()?, by));
        }
        match (self.activity.as_str(), self.targets.as_slice()) {
            ("Add group" | "Delete group", [group]) => Some(("group", group.clone(), by)),
            (_, [user, group]) if self.is_about_membership() => {
                Some(("membership", format!("{group} {user}"), by))
            }
            _ => None,
        }
    }
}

/// How many lists of models a change of a strength touched: each has a record of its own.
fn lists_that_moved(before: Option<&str>, after: Option<&str>) -> usize {
    let lists = |text: Option<&str>| -> BTreeMap<String, Value> {
        let document: Value = text
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let lists = document.get("allowedAaguids").and_then(Value::as_array);
        let lists = lists.into_iter().flatten();
        lists
            .filter_map(|list| Some((list.get("id")?.to_string(), list.get("aaguids")?.clone())))
            .collect()
    };
    let (before, after) = (lists(before), lists(after));
    let ids: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    ids.into_iter()
        .filter(|id| before.get(*id) != after.get(*id))
        .count()
}

/// Records call the one document about passkeys as Graph does.
fn id_in_records(kind: &str, id: &str) -> String {
    match kind {
        "passkeys" => "Fido2".to_owned(),
        _ => id.to_owned(),
    }
}

/// `\x0123…` as a UUID is written.
fn uuid(bytes: &str) -> String {
    let mut text = bytes.trim_start_matches("\\x").to_owned();
    for at in [20, 16, 12, 8] {
        if text.len() == 32 + (20 - at) / 4 && text.is_char_boundary(at) {
            text.insert(at, '-');
        }
    }
    text
}

async fn column(database: &Database, sql: &str) -> Result<BTreeSet<String>> {
    let rows = database.rows(sql).await?.into_iter();
    rows.map(|row| cells(row).and_then(|[value]| needed(value)))
        .collect()
}

fn cells<const N: usize>(row: Row) -> Result<[Option<String>; N]> {
    row.try_into().ok().context("a row of another width")
}

fn needed(value: Option<String>) -> Result<String> {
    value.context("a value that must not be absent")
}

fn number(value: Option<String>) -> Result<i64> {
    Ok(needed(value)?.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_a_uuid() {
        assert_eq!(
            uuid("\\x0190aabbccdd7eee8fff001122334455"),
            "0190aabb-ccdd-7eee-8fff-001122334455"
        );
    }

    #[test]
    fn lists_that_come_go_or_change_have_moved() {
        let text = |lists: &[(&str, &str)]| {
            let lists: Vec<Value> = lists
                .iter()
                .map(|(id, model)| serde_json::json!({"id": id, "aaguids": [model]}))
                .collect();
            serde_json::json!({ "allowedAaguids": lists }).to_string()
        };
        let one = text(&[("a", "m"), ("b", "m")]);
        let two = text(&[("a", "n"), ("c", "m")]);
        assert_eq!(lists_that_moved(None, Some(&one)), 2);
        assert_eq!(lists_that_moved(Some(&one), Some(&one)), 0);
        assert_eq!(lists_that_moved(Some(&one), Some(&two)), 3);
        assert_eq!(lists_that_moved(Some(&two), None), 2);
    }
}

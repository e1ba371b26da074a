//! Each object of the other tenant, and what becomes of it here.

use std::collections::{BTreeMap, BTreeSet};

use policy::impact::Tally;
use policy::model::{
    AccessGrant, AccessPolicy, AccessTarget, Campaign, LocationRef, PolicyDocument, PolicyKind,
};
use serde_json::{Value, json};

use super::super::Desk;
use crate::flow::govern::read::{self, Everything, Lookup};
use crate::flow::govern::{self, Change, GovernRefusal};
use crate::flow::refusal::Refused as _;
use crate::graph::GraphRefusal;
use crate::graph::policies::foreign;
use crate::graph::policies::shared::edit;
use crate::import::entra::{Export, Members};

/// What the campaign of ours is called in reports.
pub const CAMPAIGN: &str = "campaign for new passkeys";

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// What it is.
    pub kind: &'static str,
    /// What it is called there.
    pub name: String,
    /// What becomes of it.
    pub fate: Fate,
    /// What else has to be known.
    pub remarks: Vec<String>,
}

/// What becomes of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is here and the same.
    Same,
    /// It is made.
    New,
    /// These members of it change.
    Changed(Vec<String>),
    /// It cannot be here what it is there.
    Refused {
        /// Stable.
        code: &'static str,
        /// Why.
        sentence: String,
    },
}

impl Carried {
    /// For programs.
    pub fn json(&self) -> Value {
        let (fate, more) = match &self.fate {
            Fate::Same => ("same", Value::Null),
            Fate::New => ("new", Value::Null),
            Fate::Changed(members) => ("changed", json!({ "members": members })),
            Fate::Refused { code, sentence } => {
                ("refused", json!({ "code": code, "message": sentence }))
            }
        };
        let mut shown = json!({
            "kind": self.kind, "name": self.name, "outcome": fate, "remarks": self.remarks,
        });
        if let (Some(shown), Value::Object(more)) = (shown.as_object_mut(), more) {
            shown.extend(more);
        }
        shown
    }
}

/// What an object is read as, with what it lost on the way.
type Wanted = Result<Option<(PolicyDocument, Vec<String>)>, Refusal>;

/// Why it cannot be.
struct Refusal {
    code: &'static str,
    sentence: String,
}

impl From<GraphRefusal> for Refusal {
    fn from(refusal: GraphRefusal) -> Self {
        Self {
            code: refusal.code(),
            sentence: refusal.internal().into_owned(),
        }
    }
}

/// Looks at all objects in the order in which they name one another, and with `apply` writes each.
pub async fn carry(desk: &Desk, export: &Export, apply: bool) -> anyhow::Result<Vec<Carried>> {
    let names = Names::find(desk, export).await?;
    let mut course = Course {
        desk,
        names,
        apply,
        coming: BTreeSet::new(),
        carried: Vec::new(),
    };
    for body in &export.locations {
        course.one("named location", body, location).await?;
    }
    for body in &export.contexts {
        course.one("authentication context", body, context).await?;
    }
    for body in &export.strengths {
        course.one("strength", body, strength).await?;
    }
    if let Some(body) = &export.passkeys {
        course.one("passkey method", body, passkeys).await?;
    }
    if let Some(body) = &export.campaign {
        course.one("registration campaign", body, campaign).await?;
    }
    for body in &export.access {
        course
            .one("conditional access policy", body, access)
            .await?;
    }
    Ok(course.carried)
}

struct Course<'a> {
    desk: &'a Desk,
    names: Names,
    apply: bool,
    /// What is new in this run, by id.
    coming: BTreeSet<String>,
    carried: Vec<Carried>,
}

type Read = fn(&Everything, &Names, &Members, policy::model::Timestamp) -> Wanted;

impl Course<'_> {
    async fn one(
        &mut self,
        kind: &'static str,
        body: &Members,
        read_as: Read,
    ) -> anyhow::Result<()> {
        let everything = everything(self.desk).await?;
        let now = self.desk.app.clock.now();
        let (fate, remarks) = match read_as(&everything, &self.names, body, now) {
            Ok(None) => return Ok(()),
            Ok(Some((document, mut remarks))) => {
                let fate = self.judge(&everything, document, &mut remarks).await?;
                (fate, remarks)
            }
            Err(Refusal { code, sentence }) => (Fate::Refused { code, sentence }, Vec::new()),
        };
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let name = text("displayName").or_else(|| text("id")).unwrap_or(kind);
        self.carried.push(Carried {
            kind,
            name: name.chars().take(256).collect(),
            fate,
            remarks,
        });
        Ok(())
    }

    async fn judge(
        &mut self,
        everything: &Everything,
        document: PolicyDocument,
        remarks: &mut Vec<String>,
    ) -> anyhow::Result<Fate> {
        let (kind, id) = (document.kind(), document.id());
        let is_new = everything.policies.document(kind, &id).is_none();
        if is_new {
            self.coming.insert(id);
        }
        if !self.apply
            && let PolicyDocument::Access(policy) = &document
            && names_one_of(policy, &self.coming)
        {
            remarks.push(
                "names what is new too, so whom it concerns shows when it is there".to_owned(),
            );
            return Ok(Fate::New);
        }
        let (app, caller, by) = (&self.desk.app, &self.desk.caller, &self.desk.by);
        let edit = edit(everything, Change::put(document));
        let preview = match govern::preview(app, by, &edit).await {
            Ok(preview) => preview,
            Err(refusal) => return refused(refusal),
        };
        if preview.differences.is_empty() {
            return Ok(Fate::Same);
        }
        remarks.extend(consequences(&preview.tally));
        if preview.tally.administrators_before > 0 && preview.tally.administrators_after == 0 {
            return refused(GovernRefusal::LocksEverybodyOut);
        }
        if self.apply
            && let Err(refusal) = govern::change(app, caller, by, edit).await
        {
            return refused(refusal);
        }
        Ok(match is_new {
            true => Fate::New,
            false => {
                let members = preview.differences.into_iter();
                Fate::Changed(members.map(|one| one.display_name).collect())
            }
        })
    }
}

/// Everything that is decided here.
pub async fn everything(desk: &Desk) -> anyhow::Result<Everything> {
    let found = read::everything(&desk.app, &desk.by).await;
    found.map_err(|refusal| anyhow::anyhow!(refusal.admin_sentence()))
}

/// What a flow refused; what is our own fault ends everything.
pub fn refused(refusal: GovernRefusal) -> anyhow::Result<Fate> {
    match refusal {
        GovernRefusal::Internal(why) => Err(anyhow::anyhow!(why)),
        other => Ok(Fate::Refused {
            code: other.code(),
            sentence: other.admin_sentence(),
        }),
    }
}

fn consequences(tally: &Tally) -> Vec<String> {
    let counts = [
        (tally.affected, "people would notice it"),
        (tally.passkeys_stopping, "passkeys would stop"),
        (
            tally.locked_out,
            "people would be locked out, or not get everywhere",
        ),
        (tally.prompted, "people would be asked for more"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    counts
        .map(|(count, what)| format!("{count} {what}"))
        .collect()
}

fn names_one_of(policy: &AccessPolicy, coming: &BTreeSet<String>) -> bool {
    let mut named = Vec::new();
    if let AccessGrant::Strength(id) = &policy.grant {
        named.push(id.to_string());
    }
    if let AccessTarget::Contexts(ids) = &policy.conditions.target {
        named.extend(ids.iter().cloned());
    }
    if let Some(sides) = &policy.conditions.locations {
        for one in sides.include.iter().chain(&sides.exclude) {
            if let LocationRef::Named(id) = one {
                named.push(id.to_string());
            }
        }
    }
    named.iter().any(|id| coming.contains(id))
}

fn location(
    everything: &Everything,
    _: &Names,
    body: &Members,
    now: policy::model::Timestamp,
) -> Wanted {
    let read = foreign::location(&everything.policies.locations, body, now)?;
    Ok(Some((PolicyDocument::Location(read), Vec::new())))
}

fn context(_: &Everything, _: &Names, body: &Members, _: policy::model::Timestamp) -> Wanted {
    let read = foreign::context(body)?;
    Ok(Some((PolicyDocument::Context(read), Vec::new())))
}

fn strength(
    everything: &Everything,
    _: &Names,
    body: &Members,
    now: policy::model::Timestamp,
) -> Wanted {
    let mut remarks = Vec::new();
    if !body.contains_key("combinationConfigurations") {
        remarks.push(
            "the export has no combinationConfigurations; add $expand=combinationConfigurations if it lists models".to_owned(),
        );
    }
    let read = foreign::strength(&everything.policies.strengths, body, now)?;
    Ok(read.map(|read| (PolicyDocument::Strength(read), remarks)))
}

/// Profiles are carried over in any case. Targets are only where all of them are here: with one left out, others would be meant.
fn passkeys(
    everything: &Everything,
    names: &Names,
    body: &Members,
    _: policy::model::Timestamp,
) -> Wanted {
    let (mut body, mut remarks) = (body.clone(), Vec::new());
    match names.translated(&body, TARGETS) {
        Ok(translated) => body = translated,
        Err(missing) => {
            for name in ["includeTargets", "excludeTargets"] {
                body.remove(name);
            }
            remarks.push(format!(
                "its targets stay as they are here: they name {}",
                missing.join(", ")
            ));
        }
    }
    let held = &everything.policies.passkeys;
    let mut read = foreign::passkeys(held, &body)?;
    // What targets here may name, and what is only here, is nobody's to take away.
    for profile in &held.profiles {
        if read.profiles.iter().all(|one| one.id != profile.id) {
            read.profiles.push(profile.clone());
        }
    }
    Ok(Some((PolicyDocument::Passkeys(read), remarks)))
}

fn campaign(
    everything: &Everything,
    names: &Names,
    body: &Members,
    _: policy::model::Timestamp,
) -> Wanted {
    let body = names.all_here(body, TARGETS)?;
    let mut campaigns = everything.policies.campaigns.iter();
    let held = campaigns.find(|one| one.id == Campaign::DEFAULT).cloned();
    let read = foreign::campaign(&held.unwrap_or_else(Campaign::of_new_tenant), &body)?;
    Ok(Some((PolicyDocument::Campaign(read), Vec::new())))
}

fn access(
    everything: &Everything,
    names: &Names,
    body: &Members,
    now: policy::model::Timestamp,
) -> Wanted {
    let mut body = body.clone();
    if let Some(Value::Object(conditions)) = body.get("conditions") {
        let mut conditions = conditions.clone();
        if let Some(Value::Object(users)) = conditions.get("users") {
            let users = names.all_here(users, ACCESS)?;
            conditions.insert("users".to_owned(), Value::Object(users));
        }
        body.insert("conditions".to_owned(), Value::Object(conditions));
    }
    let known = &everything.policies.access;
    let read = foreign::access(known, &body, now)?;
    let mut remarks = Vec::new();
    let counts = body.get("state").and_then(Value::as_str) == Some("enabled");
    if counts && known.iter().all(|one| one.id != read.id) {
        remarks.push("it counts there; here it only reports until you turn it on".to_owned());
    }
    Ok(Some((PolicyDocument::Access(Box::new(read)), remarks)))
}

/// Members that name people: lists of ids, or of objects with ids; and whether they are groups. `None`: the object says.
type Named = &'static [(&'static str, Option<bool>)];
const TARGETS: Named = &[("includeTargets", None), ("excludeTargets", None)];
const ACCESS: Named = &[
    ("includeUsers", Some(false)),
    ("excludeUsers", Some(false)),
    ("includeGroups", Some(true)),
    ("excludeGroups", Some(true)),
];

/// Who is meant by the ids of the other tenant: people by their user principal names, groups by their names. An id that is the same here
/// stays.
struct Names {
    users: BTreeMap<String, String>,
    groups: BTreeMap<String, String>,
    /// What they are called there, for who is missing.
    called: BTreeMap<String, String>,
}

impl Names {
    async fn find(desk: &Desk, export: &Export) -> anyhow::Result<Self> {
        let typed = |names: &BTreeMap<String, String>| {
            names
                .iter()
                .flat_map(|(id, name)| [id.clone(), name.clone()])
                .collect::<Vec<_>>()
        };
        let (users, groups) = (typed(&export.users), typed(&export.groups));
        let found = read::lookup(&desk.app, &desk.by, users, groups).await;
        let Lookup { users, groups } =
            found.map_err(|refusal| anyhow::anyhow!(refusal.admin_sentence()))?;
        let called = export.users.iter().chain(&export.groups);
        Ok(Self {
            users: here(&export.users, |typed| {
                users.get(typed).map(ToString::to_string)
            }),
            groups: here(&export.groups, |typed| {
                groups.get(typed).map(ToString::to_string)
            }),
            called: called
                .map(|(id, name)| (id.clone(), name.clone()))
                .collect(),
        })
    }

    /// The same members with the ids that these people have here; or who is not here.
    fn translated(&self, body: &Members, named: Named) -> Result<Members, Vec<String>> {
        let (mut body, mut missing) = (body.clone(), Vec::new());
        for (name, groups) in named {
            let Some(Value::Array(list)) = body.get_mut(*name) else {
                continue;
            };
            for one in list {
                let of_groups = groups.unwrap_or_else(|| {
                    let kind = one.get("targetType").and_then(Value::as_str);
                    kind.is_none_or(|kind| !kind.eq_ignore_ascii_case("user"))
                });
                let place = match groups {
                    Some(_) => Some(one),
                    None => one.get_mut("id"),
                };
                let Some(Value::String(id)) = place else {
                    continue;
                };
                match self.here(id, of_groups) {
                    Some(here) => *id = here,
                    None => missing.push(self.shown(id, of_groups)),
                }
            }
        }
        match missing.is_empty() {
            true => Ok(body),
            false => Err(missing),
        }
    }

    fn all_here(&self, body: &Members, named: Named) -> Result<Members, Refusal> {
        self.translated(body, named).map_err(|missing| Refusal {
            code: "names_missing",
            sentence: format!(
                "it names {}; bring them in first, and export groups and users with it",
                missing.join(", ")
            ),
        })
    }

    /// Words that stand for many (`all_users`, `All`, `None`, `GuestsOrExternalUsers`) are the same here.
    fn here(&self, id: &str, group: bool) -> Option<String> {
        let known = match group {
            true => &self.groups,
            false => &self.users,
        };
        let is_id = id.parse::<uuid::Uuid>().is_ok();
        match known.get(&id.to_lowercase()) {
            Some(here) => Some(here.clone()),
            None => (!is_id).then(|| id.to_owned()),
        }
    }

    fn shown(&self, id: &str, group: bool) -> String {
        let kind = match group {
            true => "the group",
            false => "the person",
        };
        match self.called.get(&id.to_lowercase()) {
            Some(name) => format!("{kind} “{name}”, not here"),
            None => format!("{kind} {id}, whose name the export does not say"),
        }
    }
}

fn here(
    names: &BTreeMap<String, String>,
    find: impl Fn(&str) -> Option<String>,
) -> BTreeMap<String, String> {
    let each = names.iter().filter_map(|(id, name)| {
        let here = find(name).or_else(|| find(id))?;
        Some((id.clone(), here))
    });
    each.collect()
}

/// What a campaign of ours becomes.
pub async fn put(desk: &Desk, campaign: Campaign, apply: bool) -> anyhow::Result<Carried> {
    let everything = everything(desk).await?;
    let name = campaign.name.clone();
    let document = PolicyDocument::Campaign(campaign);
    let is_new = everything
        .policies
        .document(PolicyKind::Campaign, &document.id())
        .is_none();
    let edit = edit(&everything, Change::put(document));
    let fate = match govern::preview(&desk.app, &desk.by, &edit).await {
        Err(refusal) => refused(refusal)?,
        Ok(preview) if preview.differences.is_empty() => Fate::Same,
        Ok(preview) => {
            let done = match apply {
                true => govern::change(&desk.app, &desk.caller, &desk.by, edit)
                    .await
                    .map(drop),
                false => Ok(()),
            };
            match (done, is_new) {
                (Err(refusal), _) => refused(refusal)?,
                (Ok(()), true) => Fate::New,
                (Ok(()), false) => {
                    let members = preview.differences.into_iter();
                    Fate::Changed(members.map(|one| one.display_name).collect())
                }
            }
        }
    };
    Ok(Carried {
        kind: CAMPAIGN,
        name,
        fate,
        remarks: Vec::new(),
    })
}

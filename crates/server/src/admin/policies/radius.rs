//! The blast radius of a change, in words.

use policy::access::Wish;
use policy::impact::{Effect, Finding, Tally};
use policy::model::{AccessPolicy, AccessPolicyId, UserId};

use crate::pages::Text;

/// What a preview says of people.
#[derive(Debug)]
pub(super) struct Radius {
    /// Whether anybody was asked: some documents decide nothing about who comes in.
    pub asked: bool,
    /// People looked at.
    pub people: String,
    /// People for whom something would be different.
    pub affected: u64,
    /// Sums that are not nought, in words.
    pub sums: Vec<String>,
    /// Nobody could undo the change.
    pub locks_everybody_out: bool,
    /// The first people, by name.
    pub rows: Vec<Row>,
}

/// One person.
#[derive(Debug)]
pub(super) struct Row {
    pub id: UserId,
    pub name: String,
    /// What would be different, each with the rule.
    pub effects: Vec<String>,
}

impl Radius {
    pub fn of(text: Text, tally: &Tally, access: &[AccessPolicy]) -> Self {
        let sums = [
            ("radius-passkeys-stopping", tally.passkeys_stopping),
            ("radius-locked-out", tally.locked_out),
            ("radius-prompted", tally.prompted),
            ("radius-registrations", tally.registrations_stopping),
            ("radius-passkeys-working", tally.passkeys_working),
        ];
        let told = sums.into_iter().filter(|(_, count)| *count > 0);
        let row = |finding: &Finding| Row {
            id: finding.user,
            name: finding.user_principal_name.clone(),
            effects: effects(text, finding, access),
        };
        Self {
            asked: tally.people > 0,
            people: text
                .count(
                    "radius-people",
                    usize::try_from(tally.people).unwrap_or(usize::MAX),
                )
                .into_owned(),
            affected: tally.affected,
            sums: told
                .map(|(id, count)| {
                    text.count(id, usize::try_from(count).unwrap_or(usize::MAX))
                        .into_owned()
                })
                .collect(),
            locks_everybody_out: tally.locks_everybody_out(),
            rows: tally.findings.iter().map(row).collect(),
        }
    }
}

/// Each sentence once: somebody with three keys of one model is told once.
fn effects(text: Text, finding: &Finding, access: &[AccessPolicy]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for effect in &finding.effects {
        let sentence = sentence(text, effect, access);
        if !all.contains(&sentence) {
            all.push(sentence);
        }
    }
    all
}

fn sentence(text: Text, effect: &Effect, access: &[AccessPolicy]) -> String {
    let with = |id: &str, value: &str| text.with(id, "rule", value).into_owned();
    match effect {
        Effect::PasskeyStops { rule, .. } => with("radius-passkey-stops", rule.admin_sentence()),
        Effect::PasskeyWorks { .. } => text.say("radius-passkey-works").into_owned(),
        Effect::RegistrationStops { rule } => with("radius-no-registration", rule.admin_sentence()),
        Effect::RegistrationOpens => text.say("radius-registration").into_owned(),
        Effect::LockedOut { wish, rule, policy } => {
            let why = named(*policy, access).unwrap_or_else(|| rule.admin_sentence().to_owned());
            format!("{}: {}", place(text, *wish), with("radius-out", &why))
        }
        Effect::LetIn { wish } => format!("{}: {}", place(text, *wish), text.say("radius-in")),
        Effect::Prompted {
            wish,
            policy,
            register,
        } => {
            let id = if *register {
                "radius-registers"
            } else {
                "radius-asked"
            };
            let why = named(*policy, access).unwrap_or_default();
            format!("{}: {}", place(text, *wish), with(id, &why))
        }
    }
}

fn named(policy: Option<AccessPolicyId>, access: &[AccessPolicy]) -> Option<String> {
    let mut policies = access.iter();
    policies
        .find(|one| Some(one.id) == policy)
        .map(|one| one.name.clone())
}

fn place(text: Text, wish: Wish) -> String {
    let id = match wish {
        Wish::OwnPages | Wish::RegisterSecurityInfo => "radius-own-pages",
        Wish::Administration => "radius-administration",
        Wish::Application(_) => "radius-application",
    };
    text.say(id).into_owned()
}

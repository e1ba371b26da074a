//! The passkeys that stay behind, and whom to ask for new ones.

use std::collections::BTreeMap;

use policy::model::{Assignment, Campaign, CampaignId, CampaignState, Scope, UserId};
use policy::validate::MAX_NAMED;
use serde_json::{Value, json};
use store::StoreError;

use super::super::Desk;
use super::plan::{self, Carried, Fate};
use crate::import::entra::Export;

/// The campaign, the same in each run.
const CAMPAIGN: CampaignId =
    CampaignId::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0e, 0x17]);
/// Names that are listed for a person; a program gets all.
const LISTED: usize = 20;

/// Who has passkeys there, and what these people have here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Passkeys by model, where the export has them one by one.
    models: BTreeMap<String, usize>,
    /// Passkeys whose owner's name is not in the export.
    nameless: usize,
    /// People with passkeys there, an account here and no passkey here.
    behind: Vec<(String, UserId)>,
    /// People who have a passkey here already.
    done: usize,
    /// People without an account here.
    absent: Vec<String>,
}

impl Inventory {
    /// Looks everybody up.
    pub async fn take(desk: &Desk, export: &Export) -> anyhow::Result<Self> {
        let mut inventory = Self::default();
        for passkey in &export.inventory {
            let model = passkey.model.as_deref().or(passkey.aaguid.as_deref());
            let kind = passkey.kind.as_deref().unwrap_or("kind not said");
            let model = format!("{} ({kind})", model.unwrap_or("model not said"));
            *inventory.models.entry(model).or_default() += 1;
        }
        let (owners, nameless) = export.owners();
        inventory.nameless = nameless;
        let tenant = desk.by.tenant();
        for name in owners {
            let asked = name.clone();
            let found = desk.app.store.read(move |tx| {
                Box::pin(async move {
                    let Some(user) = store::users::find_by_name(tx, tenant, &asked).await? else {
                        return Ok(None);
                    };
                    let held = store::passkeys::count_of_user(tx, tenant, user.id).await?;
                    Ok(Some((user, held)))
                })
            });
            let found: Result<_, StoreError> = found.await;
            match found? {
                None => inventory.absent.push(name),
                Some((user, 0)) => inventory.behind.push((user.user_principal_name, user.id)),
                Some(_) => inventory.done += 1,
            }
        }
        Ok(inventory)
    }

    /// The campaign that asks those for a new passkey who have none here. It is made switched off: whoever runs the tenant decides when it
    /// begins. One that is there keeps all but whom it is for.
    pub async fn campaign(&self, desk: &Desk, apply: bool) -> anyhow::Result<Option<Carried>> {
        let everything = plan::everything(desk).await?;
        let mut campaigns = everything.policies.campaigns.iter();
        let held = campaigns.find(|one| one.id == CAMPAIGN).cloned();
        if self.behind.is_empty() && held.is_none() {
            return Ok(None);
        }
        let mut campaign = held.unwrap_or_else(|| Campaign {
            id: CAMPAIGN,
            name: "New passkeys for those that stay in Entra".to_owned(),
            state: CampaignState::Disabled,
            limited_snoozes: false,
            single_sign_on: true,
            ..Campaign::of_new_tenant()
        });
        if self.behind.len() > MAX_NAMED {
            return Ok(Some(Carried {
                kind: plan::CAMPAIGN,
                name: campaign.name,
                fate: Fate::Refused {
                    code: "too_many_people",
                    sentence: format!(
                        "{} people are more than the {MAX_NAMED} that it can name; put them into a group and make a campaign for it",
                        self.behind.len()
                    ),
                },
                remarks: Vec::new(),
            }));
        }
        campaign.who = Assignment {
            include: Scope {
                users: self.behind.iter().map(|(_, id)| *id).collect(),
                ..Scope::default()
            },
            exclude: campaign.who.exclude,
        };
        if self.behind.is_empty() {
            campaign.state = CampaignState::Disabled;
        }
        let mut carried = plan::put(desk, campaign, apply).await?;
        if matches!(carried.fate, Fate::New) {
            carried.remarks.push(
                "it is made switched off; turn it on at Campaigns when the people have a way to sign in"
                    .to_owned(),
            );
        }
        Ok(Some(carried))
    }

    fn people(&self) -> usize {
        self.behind.len() + self.done + self.absent.len()
    }

    /// For a person.
    pub fn lines(&self, rp_id: &str) -> Vec<String> {
        let mut lines = Vec::new();
        if self.people() == 0 && self.models.is_empty() {
            return lines;
        }
        lines.push(format!(
            "passkeys of {} people stay in Entra: each answers to the relying party it was made for (login.microsoft.com) and never to {rp_id}",
            self.people()
        ));
        let models = self.models.iter();
        lines.extend(models.map(|(model, count)| format!("    {count} × {model}")));
        lines.push(format!(
            "    {} have a passkey here already, {} have an account here and no passkey, {} have no account here",
            self.done,
            self.behind.len(),
            self.absent.len()
        ));
        if !self.absent.is_empty() {
            let listed: Vec<_> = self
                .absent
                .iter()
                .take(LISTED)
                .map(String::as_str)
                .collect();
            let more = match self.absent.len().saturating_sub(LISTED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            lines.push(format!(
                "    make their accounts with keyward admin import-csv: {}{more}",
                listed.join(", ")
            ));
        }
        if self.nameless > 0 {
            lines.push(format!(
                "    {} passkeys are of people whose names the export does not say; export users too",
                self.nameless
            ));
        }
        lines
    }

    /// For a program.
    pub fn json(&self, rp_id: &str) -> Value {
        let behind = self
            .behind
            .iter()
            .map(|(name, id)| json!({ "userPrincipalName": name, "id": id.to_string() }));
        json!({
            "movable": 0,
            "reason": "a passkey answers to the relying party id that it was made for, and to no other",
            "relyingPartyThere": "login.microsoft.com",
            "relyingPartyHere": rp_id,
            "models": self.models,
            "ofUnknownPeople": self.nameless,
            "withPasskeyHere": self.done,
            "toRegister": behind.collect::<Vec<_>>(),
            "withoutAccount": self.absent,
        })
    }
}

//! What an Entra tenant's Graph answered, kept in files: each file is one answer (an object, a list under `value`, or a bare list). What
//! is in it is told by its members, so that the files may have any names.
//!
//! Nothing here decides anything: objects stay as they were sent, and are read by the readers of our own Graph interface.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::graph::values::object;

/// Bytes of all files together.
pub const LONGEST: usize = 256 * 1024 * 1024;
/// Objects of all files together: a passkey is one, and so is a person.
pub const MOST: usize = 1_000_000;

/// The members of an object.
pub type Members = Map<String, Value>;

/// Why a file was not read as it should be. The other files count nevertheless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Not JSON.
    NotJson,
    /// The first page of several.
    OnePage,
    /// Objects that are none of those that are read; how many.
    Unknown(usize),
    /// A passkey without a word on whose it is.
    NobodysPasskeys(usize),
    /// More objects than are read.
    TooMany,
}

impl Note {
    /// For programs; stable.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotJson => "export_not_json",
            Self::OnePage => "export_one_page",
            Self::Unknown(_) => "export_unknown",
            Self::NobodysPasskeys(_) => "export_nobodys_passkeys",
            Self::TooMany => "export_too_many",
        }
    }

    /// For people.
    pub fn sentence(&self) -> String {
        match self {
            Self::NotJson => "is not JSON".to_owned(),
            Self::OnePage => {
                "is one page of several (@odata.nextLink); export the others too".to_owned()
            }
            Self::Unknown(count) => format!("has {count} objects that nothing is taken from"),
            Self::NobodysPasskeys(count) => format!(
                "has {count} passkeys and does not say whose; keep @odata.context, or put them under \"fido2Methods\" beside \"userPrincipalName\""
            ),
            Self::TooMany => format!("has more than the {MOST} objects that are read"),
        }
    }
}

/// A passkey of somebody there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// User principal name or id.
    pub owner: String,
    /// As the key says.
    pub model: Option<String>,
    /// As the key says.
    pub aaguid: Option<String>,
    /// `deviceBound` or `synced`.
    pub kind: Option<String>,
}

/// Everything that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Export {
    /// The configuration of passkeys.
    pub passkeys: Option<Members>,
    /// The registration campaign.
    pub campaign: Option<Members>,
    /// Authentication strengths.
    pub strengths: Vec<Members>,
    /// Named locations.
    pub locations: Vec<Members>,
    /// Authentication contexts.
    pub contexts: Vec<Members>,
    /// Conditional access policies.
    pub access: Vec<Members>,
    /// Names of groups by their ids there.
    pub groups: BTreeMap<String, String>,
    /// User principal names by their ids there.
    pub users: BTreeMap<String, String>,
    /// Passkeys, one by one.
    pub inventory: Vec<Passkey>,
    /// Names of people who have some, by the registration report.
    pub holders: BTreeSet<String>,
    /// What was not read, by file.
    pub notes: Vec<(String, Note)>,
    objects: usize,
}

impl Export {
    /// Reads one more file.
    pub fn add(&mut self, file: &str, bytes: &[u8]) {
        // Windows PowerShell writes a byte order mark.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
            return self.note(file, Note::NotJson);
        };
        if value.get("@odata.nextLink").is_some() {
            self.note(file, Note::OnePage);
        }
        let owner = value.get("@odata.context").and_then(Value::as_str);
        let owner = owner.and_then(owner_in);
        let mut found = Found::default();
        let all = match &value {
            Value::Array(list) => list.iter().collect(),
            Value::Object(members) => match members.get("value") {
                Some(Value::Array(list)) => list.iter().collect(),
                _ => vec![&value],
            },
            _ => vec![&value],
        };
        for one in all {
            self.take(one, owner.as_deref(), &mut found);
        }
        for (count, note) in [
            (found.unknown, Note::Unknown(found.unknown)),
            (found.nobodys, Note::NobodysPasskeys(found.nobodys)),
            (found.left, Note::TooMany),
        ] {
            if count > 0 {
                self.note(file, note);
            }
        }
    }

    /// The name of somebody who is named by id or name.
    pub fn name_of<'a>(&'a self, owner: &'a str) -> Option<&'a str> {
        match self.users.get(&owner.to_lowercase()) {
            Some(name) => Some(name),
            None => owner.contains('@').then_some(owner),
        }
    }

    /// Names of people who have passkeys there, in lower case; and how many passkeys are of people whose name is not said.
    pub fn owners(&self) -> (BTreeSet<String>, usize) {
        let mut owners: BTreeSet<_> = self
            .holders
            .iter()
            .map(|name| name.to_lowercase())
            .collect();
        let mut nameless = 0;
        for passkey in &self.inventory {
            match self.name_of(&passkey.owner) {
                Some(name) => {
                    owners.insert(name.to_lowercase());
                }
                None => nameless += 1,
            }
        }
        (owners, nameless)
    }

    fn note(&mut self, file: &str, note: Note) {
        self.notes.push((file.to_owned(), note));
    }

    fn take(&mut self, value: &Value, owner: Option<&str>, found: &mut Found) {
        let Ok(members) = object(value) else {
            found.unknown += 1;
            return;
        };
        if self.objects >= MOST {
            found.left += 1;
            return;
        }
        self.objects += 1;
        let has = |name: &str| members.contains_key(name);
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        if let Some(list) = list(&members, "fido2Methods").or_else(|| list(&members, "methods")) {
            let owner = text("userPrincipalName").or_else(|| text("id"));
            for one in list {
                self.take_method(one, owner.as_deref(), found);
            }
        } else if has("authenticationMethodConfigurations") || has("registrationEnforcement") {
            self.take_policy(&members);
        } else if is_fido2(&members) {
            self.passkeys = Some(members);
        } else if has("allowedCombinations") {
            self.strengths.push(members);
        } else if has("grantControls") || has("conditions") {
            self.access.push(members);
        } else if has("ipRanges") || has("countriesAndRegions") {
            self.locations.push(members);
        } else if has("isAvailable") {
            self.contexts.push(members);
        } else if let (Some(name), Some(methods)) = (
            text("userPrincipalName"),
            list(&members, "methodsRegistered"),
        ) {
            if methods.iter().filter_map(Value::as_str).any(is_passkey) {
                self.holders.insert(name);
            }
        } else if let (Some(id), Some(name)) = (text("id"), text("userPrincipalName")) {
            self.users.insert(id.to_lowercase(), name);
        } else if has("aaGuid") || of_method(value).is_some() {
            self.take_method(value, owner, found);
        } else if let (Some(id), Some(name), true) =
            (text("id"), text("displayName"), has("securityEnabled"))
        {
            self.groups.insert(id.to_lowercase(), name);
        } else {
            found.unknown += 1;
        }
    }

    fn take_policy(&mut self, members: &Members) {
        let configurations = list(members, "authenticationMethodConfigurations");
        for one in configurations.into_iter().flatten() {
            if let Ok(members) = object(one)
                && is_fido2(&members)
            {
                self.passkeys = Some(members);
            }
        }
        let campaign = members
            .get("registrationEnforcement")
            .and_then(|one| one.get("authenticationMethodsRegistrationCampaign"));
        if let Some(Ok(campaign)) = campaign.map(object) {
            self.campaign = Some(campaign);
        }
    }

    /// One method of somebody. Others than passkeys are nobody's loss here.
    fn take_method(&mut self, value: &Value, owner: Option<&str>, found: &mut Found) {
        let kind = of_method(value);
        if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("fido2AuthenticationMethod")) {
            return;
        }
        let Some(owner) = owner else {
            found.nobodys += 1;
            return;
        };
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        self.inventory.push(Passkey {
            owner: owner.to_owned(),
            model: text("model").filter(|model| !model.is_empty()),
            aaguid: text("aaGuid").map(|aaguid| aaguid.to_lowercase()),
            kind: text("passkeyType"),
        });
    }
}

/// What one file had that is not taken.
#[derive(Default)]
struct Found {
    unknown: usize,
    nobodys: usize,
    left: usize,
}

fn list<'a>(members: &'a Members, name: &str) -> Option<&'a Vec<Value>> {
    members.get(name).and_then(Value::as_array)
}

fn is_fido2(members: &Members) -> bool {
    let id = members.get("id").and_then(Value::as_str);
    id.is_some_and(|id| id.eq_ignore_ascii_case("Fido2")) && members.contains_key("state")
}

/// `fido2AuthenticationMethod` of `#microsoft.graph.fido2AuthenticationMethod`.
fn of_method(value: &Value) -> Option<&str> {
    let kind = value.get("@odata.type")?.as_str()?;
    let kind = kind.rsplit('.').next()?;
    kind.ends_with("AuthenticationMethod").then_some(kind)
}

fn is_passkey(method: &str) -> bool {
    let method = method.to_ascii_lowercase();
    method.starts_with("passkey") || method.starts_with("fido2")
}

/// Whose answer it is: `…$metadata#users('ada%40example.com')/authentication/fido2Methods`.
fn owner_in(context: &str) -> Option<String> {
    let (_, rest) = context.split_once("users('")?;
    let (key, _) = rest.split_once("')")?;
    let owner = percent_encoding::percent_decode_str(key)
        .decode_utf8()
        .ok()?;
    Some(owner.into_owned())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "a failed setup is a failed test")]
    use super::*;
    use serde_json::json;

    fn read(files: &[Value]) -> Export {
        let mut export = Export::default();
        for file in files {
            export.add("file", file.to_string().as_bytes());
        }
        export
    }

    #[test]
    fn what_is_in_a_file_is_told_by_its_members() {
        let export = read(&[
            json!({ "@odata.context": "x", "id": "authenticationMethodsPolicy",
                "registrationEnforcement": { "authenticationMethodsRegistrationCampaign": { "state": "enabled" } },
                "authenticationMethodConfigurations": [{ "id": "Sms", "state": "disabled" }, { "id": "Fido2", "state": "enabled" }] }),
            json!({ "value": [{ "id": "1", "allowedCombinations": ["fido2"] }] }),
            json!([{ "id": "2", "grantControls": null, "conditions": {} }]),
            json!({ "value": [{ "id": "3", "ipRanges": [] }, { "id": "4", "countriesAndRegions": ["DE"] }] }),
            json!({ "id": "c1", "displayName": "x", "isAvailable": true }),
            json!({ "value": [{ "id": "G", "displayName": "Staff", "securityEnabled": true }] }),
            json!({ "value": [{ "id": "U", "displayName": "Ada", "userPrincipalName": "Ada@x" }] }),
        ]);
        assert!(export.passkeys.is_some() && export.campaign.is_some());
        assert_eq!((export.strengths.len(), export.access.len()), (1, 1));
        assert_eq!((export.locations.len(), export.contexts.len()), (2, 1));
        assert_eq!(export.groups.get("g").map(String::as_str), Some("Staff"));
        assert_eq!(export.name_of("u"), Some("Ada@x"));
        assert!(export.notes.is_empty(), "{:?}", export.notes);
    }

    #[test]
    fn passkeys_are_somebodys() {
        let key = json!({ "id": "k", "aaGuid": "AA", "model": "", "passkeyType": "synced" });
        let other =
            json!({ "@odata.type": "#microsoft.graph.passwordAuthenticationMethod", "id": "p" });
        let typed = json!({ "@odata.type": "#microsoft.graph.fido2AuthenticationMethod", "id": "k", "aaGuid": "AA" });
        let export = read(&[
            json!({ "@odata.context": "https://g/$metadata#users('ada%40x')/authentication/fido2Methods", "value": [key] }),
            json!({ "@odata.context": "https://g/$metadata#users('B')/authentication/methods", "value": [other, typed] }),
            json!({ "userPrincipalName": "Kim@x", "fido2Methods": [key, key] }),
            json!({ "value": [{ "id": "1", "userPrincipalName": "Eve@x", "methodsRegistered": ["passKeySynced"] },
                { "id": "2", "userPrincipalName": "no@x", "methodsRegistered": ["email"] }] }),
            json!({ "value": [key] }),
        ]);
        let owners: Vec<_> = export
            .inventory
            .iter()
            .map(|one| one.owner.as_str())
            .collect();
        assert_eq!(owners, ["ada@x", "B", "Kim@x", "Kim@x"]);
        assert_eq!(export.inventory[0].aaguid.as_deref(), Some("aa"));
        assert_eq!(export.inventory[0].model, None);
        let (names, nameless) = export.owners();
        assert_eq!(
            names.into_iter().collect::<Vec<_>>(),
            ["ada@x", "eve@x", "kim@x"]
        );
        assert_eq!(nameless, 1);
        assert_eq!(
            export.notes,
            [("file".to_owned(), Note::NobodysPasskeys(1))]
        );
    }

    #[test]
    fn what_is_not_read_is_said() {
        let mut export = read(&[
            json!({ "value": [{ "id": "x" }], "@odata.nextLink": "https://…" }),
            json!(1),
        ]);
        export.add("broken", b"{");
        let codes: Vec<_> = export.notes.iter().map(|(_, note)| note.code()).collect();
        let expected = [
            "export_one_page",
            "export_unknown",
            "export_unknown",
            "export_not_json",
        ];
        assert_eq!(codes, expected);
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        export.add("deep", deep.as_bytes());
        assert_eq!(
            export.notes.last().map(|(_, note)| note),
            Some(&Note::NotJson)
        );
    }
}

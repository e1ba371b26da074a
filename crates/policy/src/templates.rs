//! Ready-made passkey profiles, and models that lists often name together.
//!
//! A template becomes profiles and targets of a [`PasskeyMethod`], which are then edited and saved like any others: nothing is
//! tied to the template afterwards. Profiles travel between tenants as JSON ([`export`], [`import`]), without ids.

use crate::model::{
    AttestationRule, CertificationLevel, KeyRestrictions, ModelQuery, ModelStatus, PasskeyMethod,
    PasskeyProfile, PasskeyTarget, PasskeyType, ProfileId, RestrictionKind, Scope,
};
use serde::{Deserialize, Serialize};
use uuid::{Uuid, uuid};

/// More profiles than anybody has in one file.
const MOST: usize = 100;

/// Models that are offered as one choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// The three containers of Windows Hello.
    WindowsHello,
    /// Microsoft Authenticator on iOS and on Android.
    MicrosoftAuthenticator,
}

impl Preset {
    /// Every preset, in the order in which they are offered.
    pub const ALL: &'static [Self] = &[Self::WindowsHello, Self::MicrosoftAuthenticator];

    /// The stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::WindowsHello => "windowsHello",
            Self::MicrosoftAuthenticator => "microsoftAuthenticator",
        }
    }

    /// Its models.
    #[must_use]
    pub const fn aaguids(self) -> &'static [Uuid] {
        match self {
            Self::WindowsHello => &[
                uuid!("08987058-cadc-4b81-b6e1-30de50dcbe96"),
                uuid!("9ddd1817-af5a-4672-a2b9-3e3dd95000a9"),
                uuid!("6028b017-b1d4-4c02-b4b3-afcdafc96bb2"),
            ],
            Self::MicrosoftAuthenticator => &[
                uuid!("90a3ccdf-635c-4729-a248-9b709135078f"),
                uuid!("de1e552d-db1d-4423-a619-566b625cdc84"),
            ],
        }
    }
}

/// A ready-made answer to a common wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// Device-bound, and the maker vouches for the model: for administrators.
    DeviceBoundAttested,
    /// Device-bound, attested, FIDO certified at level 2 or higher, nothing known against the model.
    CertifiedLevel2,
    /// Every passkey, synced ones too: for everybody else.
    SyncedWelcome,
    /// Synced ones of providers that ask for a second factor at set-up and cannot read the keys, and every device-bound one.
    ProtectedProviders,
    /// The staged rollout of Microsoft Authenticator: everybody uses attested device-bound passkeys of other models, a pilot
    /// group those of the Authenticator too.
    StagedAuthenticator,
}

impl Template {
    /// Every template, in the order in which they are offered.
    pub const ALL: &'static [Self] = &[
        Self::DeviceBoundAttested,
        Self::CertifiedLevel2,
        Self::SyncedWelcome,
        Self::ProtectedProviders,
        Self::StagedAuthenticator,
    ];

    /// The stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DeviceBoundAttested => "deviceBoundAttested",
            Self::CertifiedLevel2 => "certifiedLevel2",
            Self::SyncedWelcome => "syncedWelcome",
            Self::ProtectedProviders => "protectedProviders",
            Self::StagedAuthenticator => "stagedAuthenticator",
        }
    }

    /// The template with this name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.code() == code)
    }

    /// Adds its profiles to `method` and opens them to `who` (the pilot group, for a staged rollout). `new_id` makes an id for
    /// each. What is open already stays open: a profile more never takes an ability away, so narrowing is a second step.
    pub fn adopt(
        self,
        method: &mut PasskeyMethod,
        who: Scope,
        mut new_id: impl FnMut() -> ProfileId,
    ) {
        let profiles = self.profiles(&mut new_id);
        let ids: Vec<_> = profiles.iter().map(|profile| profile.id).collect();
        let open = |who, profiles: &[ProfileId]| PasskeyTarget {
            who,
            except: Scope::default(),
            registration_required: false,
            profiles: profiles.to_vec(),
        };
        match (self, ids.as_slice()) {
            (Self::StagedAuthenticator, [everybody, pilots]) => {
                method.include.push(open(Scope::everyone(), &[*everybody]));
                method.include.push(open(who, &[*pilots]));
            }
            (_, ids) => method.include.push(open(who, ids)),
        }
        method.profiles.extend(profiles);
    }

    /// Its profiles.
    #[must_use]
    pub fn profiles(self, new_id: &mut impl FnMut() -> ProfileId) -> Vec<PasskeyProfile> {
        match self {
            Self::DeviceBoundAttested => vec![attested(new_id(), "Device-bound, attested")],
            Self::CertifiedLevel2 => vec![PasskeyProfile {
                models: Some(ModelQuery {
                    minimum_certification: Some(CertificationLevel::L2),
                    without_status: vec![ModelStatus::Revoked, ModelStatus::Compromised],
                    ..ModelQuery::default()
                }),
                ..attested(new_id(), "FIDO certified, level 2 or higher")
            }],
            Self::SyncedWelcome => vec![PasskeyProfile::open(new_id(), "Every passkey")],
            Self::ProtectedProviders => vec![
                PasskeyProfile {
                    types: vec![PasskeyType::Synced],
                    models: Some(ModelQuery {
                        second_factor_set_up: true,
                        end_to_end_encrypted: true,
                        ..ModelQuery::default()
                    }),
                    ..PasskeyProfile::open(new_id(), "Synced, well protected")
                },
                PasskeyProfile {
                    types: vec![PasskeyType::DeviceBound],
                    ..PasskeyProfile::open(new_id(), "Device-bound")
                },
            ],
            Self::StagedAuthenticator => {
                let list = |kind| KeyRestrictions {
                    enforced: true,
                    kind,
                    aaguids: Preset::MicrosoftAuthenticator.aaguids().to_vec(),
                };
                vec![
                    PasskeyProfile {
                        restrictions: list(RestrictionKind::Block),
                        ..attested(new_id(), "Attested, without Microsoft Authenticator")
                    },
                    PasskeyProfile {
                        restrictions: list(RestrictionKind::Allow),
                        ..attested(new_id(), "Attested, Microsoft Authenticator only")
                    },
                ]
            }
        }
    }
}

fn attested(id: ProfileId, name: &str) -> PasskeyProfile {
    PasskeyProfile {
        types: vec![PasskeyType::DeviceBound],
        attestation: AttestationRule::RegistrationOnly,
        ..PasskeyProfile::open(id, name)
    }
}

/// Profiles on their way between tenants.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    passkey_profiles: Vec<PasskeyProfile>,
}

/// Profiles as a text to give away.
///
/// # Errors
/// Never for profiles that were read from a policy.
pub fn export(profiles: &[PasskeyProfile]) -> Result<String, serde_json::Error> {
    let passkey_profiles = profiles.to_vec();
    serde_json::to_string_pretty(&File { passkey_profiles })
}

/// Why a text is no profiles.
#[derive(Debug, thiserror::Error)]
pub enum ImportRefusal {
    /// It is not what [`export`] makes.
    #[error("not a file of passkey profiles: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It names nothing, or too much.
    #[error("a file holds 1 to {MOST} passkey profiles")]
    Number,
}

/// Profiles from a text of [`export`], each with a new id: what another tenant calls by an id is not ours.
///
/// # Errors
/// [`ImportRefusal`].
pub fn import(
    text: &str,
    mut new_id: impl FnMut() -> ProfileId,
) -> Result<Vec<PasskeyProfile>, ImportRefusal> {
    let file: File = serde_json::from_str(text)?;
    let mut profiles = file.passkey_profiles;
    if profiles.is_empty() || profiles.len() > MOST {
        return Err(ImportRefusal::Number);
    }
    for profile in &mut profiles {
        profile.id = new_id();
    }
    Ok(profiles)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

    use super::*;
    use crate::Denial;
    use crate::model::{AttestationLevel, GroupId, Policies, PolicyDocument};
    use crate::profiles::{Key, Occasion, judge};
    use crate::samples::{NOW, passkey, user};
    use crate::snapshot::Snapshot;
    use crate::validate::{Change, Names, check};

    const PILOTS: GroupId = GroupId::from_bytes([3; 16]);

    fn ids() -> impl FnMut() -> ProfileId {
        let mut last = 0x20;
        move || {
            last += 1;
            ProfileId::from_bytes([last; 16])
        }
    }

    /// Policies with this template alone.
    fn with(template: Template) -> Snapshot {
        let mut policies = Policies::of_new_tenant();
        policies.passkeys.include.clear();
        policies.passkeys.profiles.clear();
        template.adopt(&mut policies.passkeys, Scope::group(PILOTS), ids());
        Snapshot::compile(1, policies, std::sync::Arc::default())
    }

    fn registered(snapshot: &Snapshot, groups: &[GroupId], key: &Key) -> Result<(), Denial> {
        let user = user();
        let subject = snapshot.subject(&user, &[], groups);
        let occasion = Occasion::Registration {
            by: crate::model::Provenance::SelfService,
            existing: &[],
            across: false,
        };
        judge(snapshot, &subject, key, occasion, NOW).map(|_| ())
    }

    fn key(aaguid: Uuid) -> Key {
        Key {
            aaguid,
            ..Key::from(&passkey())
        }
    }

    #[test]
    fn a_staged_rollout_lets_pilots_use_what_the_others_wait_for() {
        let snapshot = with(Template::StagedAuthenticator);
        let security_key = key(Uuid::from_bytes([1; 16]));
        for aaguid in Preset::MicrosoftAuthenticator.aaguids() {
            let authenticator = key(*aaguid);
            assert_eq!(registered(&snapshot, &[PILOTS], &authenticator), Ok(()));
            let waits = registered(&snapshot, &[], &authenticator);
            assert_eq!(waits, Err(Denial::AaguidNotAllowed));
        }
        assert_eq!(registered(&snapshot, &[], &security_key), Ok(()));
        assert_eq!(registered(&snapshot, &[PILOTS], &security_key), Ok(()));
        let plain = Key {
            level: AttestationLevel::NotAttested,
            ..security_key
        };
        let plain = registered(&snapshot, &[PILOTS], &plain);
        assert_eq!(plain, Err(Denial::AttestationRequired));
    }

    #[test]
    fn templates_say_what_their_names_say() {
        let bound = key(Uuid::from_bytes([1; 16]));
        let synced = Key {
            passkey_type: PasskeyType::Synced,
            level: AttestationLevel::NotAttested,
            ..bound
        };
        let of = |template, key: &Key| registered(&with(template), &[PILOTS], key);
        assert_eq!(of(Template::DeviceBoundAttested, &bound), Ok(()));
        let refused = of(Template::DeviceBoundAttested, &synced);
        assert_eq!(refused, Err(Denial::PasskeyTypeNotAllowed));
        assert_eq!(of(Template::SyncedWelcome, &synced), Ok(()));
        // Without metadata nothing is known to be certified, and of an unknown provider nothing is known at all.
        let unknown = of(Template::CertifiedLevel2, &bound);
        assert_eq!(unknown, Err(Denial::ModelNotAllowed));
        assert_eq!(of(Template::ProtectedProviders, &bound), Ok(()));
        assert!(of(Template::ProtectedProviders, &synced).is_err());
    }

    #[test]
    fn every_template_makes_a_policy_that_may_be_saved() {
        for template in Template::ALL {
            let mut after = Policies::of_new_tenant();
            template.adopt(&mut after.passkeys, Scope::group(PILOTS), ids());
            let document = PolicyDocument::Passkeys(after.passkeys.clone());
            let mut known = Names::default();
            known.groups.insert(PILOTS);
            assert_eq!(check(&after, Change::Put(&document), &known), Ok(()));
        }
    }

    #[test]
    fn templates_and_presets_are_found_by_their_names() {
        for template in Template::ALL {
            assert_eq!(Template::from_code(template.code()), Some(*template));
            assert!(!template.profiles(&mut ids()).is_empty());
        }
        assert_eq!(Template::from_code("none"), None);
        let models = Preset::ALL.iter().flat_map(|preset| preset.aaguids());
        assert_eq!(models.count(), 5);
    }

    #[test]
    fn profiles_travel_without_their_ids() {
        let profiles = Template::StagedAuthenticator.profiles(&mut ids());
        let text = export(&profiles).unwrap();
        let mut next = ids();
        next();
        let mut read = import(&text, next).unwrap();
        assert_ne!(read, profiles);
        for (one, other) in read.iter_mut().zip(&profiles) {
            one.id = other.id;
        }
        assert_eq!(read, profiles);
        let newer = text.replacen("\"types\"", "\"onlyOnMondays\": true, \"types\"", 1);
        assert!(matches!(
            import(&newer, ids()),
            Err(ImportRefusal::Malformed(_))
        ));
        let empty = import(r#"{"passkeyProfiles": []}"#, ids());
        assert!(matches!(empty, Err(ImportRefusal::Number)));
    }
}

use crate::model::{
    AccessPolicy, Assignment, AttestationRoot, AuthenticationContext, Campaign, CampaignState,
    NamedLocation, PasskeyMethod, PasskeyProfile, PasskeyTarget, PasskeyType, ProfileId, Scope,
    SecondPerson, SignalSource, Strength, Timestamp,
};
use serde::{Deserialize, Serialize};

/// Everything an administrator has decided for a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policies {
    /// Passkeys.
    pub passkeys: PasskeyMethod,
    /// Temporary Access Passes.
    pub passes: PassPolicy,
    /// Which method is offered first.
    pub system_preferred: SystemPreferred,
    /// Custom strengths; the built-in ones are always there.
    pub strengths: Vec<Strength>,
    /// Conditional access.
    pub access: Vec<AccessPolicy>,
    /// Named locations.
    pub locations: Vec<NamedLocation>,
    /// Attestation roots beside those of the metadata.
    pub roots: Vec<AttestationRoot>,
    /// Authentication contexts.
    pub contexts: Vec<AuthenticationContext>,
    /// Registration campaigns. [`Campaign::order`] is the order in which they are asked.
    pub campaigns: Vec<Campaign>,
    /// Other systems whose security events are taken.
    pub sources: Vec<SignalSource>,
    /// Which changes wait for a second person.
    pub second_person: SecondPerson,
    /// Whether there are passkeys here at all.
    pub availability: PasskeyAvailability,
}

/// Whether passkeys are to be had in this tenant. In some sovereign clouds they are not, whatever its administrators decide about
/// methods; then nobody registers one, signs in with one or is asked for one, and an authenticator makes none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasskeyAvailability {
    /// They are.
    pub available: bool,
    /// Why they are not, in words for everybody who is refused.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl Default for PasskeyAvailability {
    fn default() -> Self {
        Self {
            available: true,
            reason: String::new(),
        }
    }
}

/// `temporaryAccessPassAuthenticationMethodConfiguration`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PassPolicy {
    /// Passes work at all.
    pub enabled: bool,
    /// For whom.
    pub who: Assignment,
    /// Characters of a pass, 8 to 48; 12 unless said otherwise, where Entra has 8.
    pub length: u32,
    /// Shortest life in minutes, 10 to 43,200.
    pub minimum_minutes: u32,
    /// Longest life in minutes, 10 to 43,200.
    pub maximum_minutes: u32,
    /// Life in minutes unless said otherwise.
    pub default_minutes: u32,
    /// All passes work once only.
    pub once_only: bool,
}

impl Default for PassPolicy {
    fn default() -> Self {
        Self {
            enabled: true,
            who: Assignment::everyone(),
            length: 12,
            minimum_minutes: 60,
            maximum_minutes: 480,
            default_minutes: 60,
            once_only: false,
        }
    }
}

/// `systemCredentialPreferences`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SystemPreferred {
    /// The strongest method of a person is offered first.
    pub state: CampaignState,
    /// For whom.
    pub who: Assignment,
}

impl Default for SystemPreferred {
    fn default() -> Self {
        Self {
            state: CampaignState::Default,
            who: Assignment::everyone(),
        }
    }
}

/// What kind of document: each is stored, versioned and changed by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    /// One.
    Passkeys,
    /// One.
    Passes,
    /// One.
    SystemPreferred,
    /// Many.
    Strength,
    /// Many.
    Access,
    /// Many.
    Location,
    /// Many.
    Context,
    /// Many.
    Campaign,
    /// Many.
    Root,
    /// Many.
    Source,
    /// One.
    SecondPerson,
    /// One.
    Availability,
}

impl PolicyKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Passkeys,
        Self::Passes,
        Self::SystemPreferred,
        Self::Strength,
        Self::Access,
        Self::Location,
        Self::Context,
        Self::Campaign,
        Self::Root,
        Self::Source,
        Self::SecondPerson,
        Self::Availability,
    ];

    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passkeys => "passkeys",
            Self::Passes => "passes",
            Self::SystemPreferred => "systemPreferred",
            Self::Strength => "strength",
            Self::Access => "access",
            Self::Location => "location",
            Self::Context => "context",
            Self::Campaign => "campaign",
            Self::Root => "root",
            Self::Source => "source",
            Self::SecondPerson => "secondPerson",
            Self::Availability => "passkeyAvailability",
        }
    }

    /// The kind with this stored form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// Whether there is one of this kind, which is always there.
    #[must_use]
    pub const fn is_only_one(self) -> bool {
        matches!(
            self,
            Self::Passkeys
                | Self::Passes
                | Self::SystemPreferred
                | Self::SecondPerson
                | Self::Availability
        )
    }
}

/// One document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "named like the kinds")]
pub enum PolicyDocument {
    Passkeys(PasskeyMethod),
    Passes(PassPolicy),
    SystemPreferred(SystemPreferred),
    Strength(Strength),
    Access(Box<AccessPolicy>),
    Location(NamedLocation),
    Context(AuthenticationContext),
    Campaign(Campaign),
    Root(AttestationRoot),
    Source(SignalSource),
    SecondPerson(SecondPerson),
    Availability(PasskeyAvailability),
}

impl PolicyDocument {
    /// Reads a document of this kind. What it holds may still contradict itself.
    ///
    /// # Errors
    /// If a member is missing, unknown or of the wrong type: a rule that is not understood must not be left out.
    pub fn from_json(kind: PolicyKind, text: &str) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            PolicyKind::Passkeys => Self::Passkeys(serde_json::from_str(text)?),
            PolicyKind::Passes => Self::Passes(serde_json::from_str(text)?),
            PolicyKind::SystemPreferred => Self::SystemPreferred(serde_json::from_str(text)?),
            PolicyKind::Strength => Self::Strength(serde_json::from_str(text)?),
            PolicyKind::Access => Self::Access(serde_json::from_str(text)?),
            PolicyKind::Location => Self::Location(serde_json::from_str(text)?),
            PolicyKind::Context => Self::Context(serde_json::from_str(text)?),
            PolicyKind::Campaign => Self::Campaign(serde_json::from_str(text)?),
            PolicyKind::Root => Self::Root(serde_json::from_str(text)?),
            PolicyKind::Source => Self::Source(serde_json::from_str(text)?),
            PolicyKind::SecondPerson => Self::SecondPerson(serde_json::from_str(text)?),
            PolicyKind::Availability => Self::Availability(serde_json::from_str(text)?),
        })
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> PolicyKind {
        match self {
            Self::Passkeys(_) => PolicyKind::Passkeys,
            Self::Passes(_) => PolicyKind::Passes,
            Self::SystemPreferred(_) => PolicyKind::SystemPreferred,
            Self::Strength(_) => PolicyKind::Strength,
            Self::Access(_) => PolicyKind::Access,
            Self::Location(_) => PolicyKind::Location,
            Self::Context(_) => PolicyKind::Context,
            Self::Campaign(_) => PolicyKind::Campaign,
            Self::Root(_) => PolicyKind::Root,
            Self::Source(_) => PolicyKind::Source,
            Self::SecondPerson(_) => PolicyKind::SecondPerson,
            Self::Availability(_) => PolicyKind::Availability,
        }
    }

    /// Whether there is one of this kind, which is always there.
    #[must_use]
    pub const fn is_only_one(&self) -> bool {
        self.kind().is_only_one()
    }

    /// What administrators call it; empty where there is one.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Passkeys(_)
            | Self::Passes(_)
            | Self::SystemPreferred(_)
            | Self::SecondPerson(_)
            | Self::Availability(_) => "",
            Self::Strength(one) => &one.name,
            Self::Access(one) => &one.name,
            Self::Location(one) => &one.name,
            Self::Context(one) => &one.name,
            Self::Campaign(one) => &one.name,
            Self::Root(one) => &one.name,
            Self::Source(one) => &one.name,
        }
    }

    /// The same, made at `made` and changed last at `now`, where the document says so.
    #[must_use]
    pub fn stamped(mut self, made: Option<Timestamp>, now: Timestamp) -> Self {
        let stamps = match &mut self {
            Self::Strength(one) => Some((&mut one.created, &mut one.modified)),
            Self::Access(one) => Some((&mut one.created, &mut one.modified)),
            Self::Location(one) => Some((&mut one.created, &mut one.modified)),
            Self::Root(one) => Some((&mut one.created, &mut one.modified)),
            Self::Source(one) => Some((&mut one.created, &mut one.modified)),
            _ => None,
        };
        if let Some((created, modified)) = stamps {
            *created = made.unwrap_or(now);
            *modified = now;
        }
        self
    }

    /// When it was made, where the document says so.
    #[must_use]
    pub const fn created(&self) -> Option<Timestamp> {
        match self {
            Self::Strength(one) => Some(one.created),
            Self::Access(one) => Some(one.created),
            Self::Location(one) => Some(one.created),
            Self::Root(one) => Some(one.created),
            Self::Source(one) => Some(one.created),
            _ => None,
        }
    }

    /// Its id among those of its kind; empty where there is one.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Passkeys(_)
            | Self::Passes(_)
            | Self::SystemPreferred(_)
            | Self::SecondPerson(_)
            | Self::Availability(_) => String::new(),
            Self::Strength(one) => one.id.to_string(),
            Self::Access(one) => one.id.to_string(),
            Self::Location(one) => one.id.to_string(),
            Self::Context(one) => one.id.clone(),
            Self::Campaign(one) => one.id.to_string(),
            Self::Root(one) => one.certificate.fingerprint().to_string(),
            Self::Source(one) => one.id.to_string(),
        }
    }
}

impl Policies {
    /// The profile for holders of directory roles in a new tenant.
    pub const ROLE_HOLDERS: ProfileId =
        ProfileId::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);

    /// What a new tenant starts with: holders of directory roles use device-bound passkeys, all others any passkey.
    #[must_use]
    pub fn of_new_tenant() -> Self {
        let everybody = PasskeyProfile {
            guests: true,
            ..PasskeyProfile::open(PasskeyProfile::DEFAULT, "Default passkey profile")
        };
        let role_holders = PasskeyProfile {
            types: vec![PasskeyType::DeviceBound],
            ..PasskeyProfile::open(Self::ROLE_HOLDERS, "Administrators: device-bound")
        };
        let target = |who, except, profile| PasskeyTarget {
            who,
            except,
            registration_required: false,
            profiles: vec![profile],
        };
        Self {
            passkeys: PasskeyMethod {
                enabled: true,
                self_service: true,
                owner_activates: false,
                include: vec![
                    target(Scope::role_holders(), Scope::default(), Self::ROLE_HOLDERS),
                    target(
                        Scope::everyone(),
                        Scope::role_holders(),
                        PasskeyProfile::DEFAULT,
                    ),
                ],
                exclude: Scope::default(),
                profiles: vec![everybody, role_holders],
            },
            passes: PassPolicy::default(),
            system_preferred: SystemPreferred::default(),
            strengths: Vec::new(),
            access: Vec::new(),
            locations: Vec::new(),
            roots: Vec::new(),
            contexts: Vec::new(),
            campaigns: vec![Campaign::of_new_tenant()],
            sources: Vec::new(),
            second_person: SecondPerson::default(),
            availability: PasskeyAvailability::default(),
        }
    }

    /// The document of this kind with this id; of the kinds of which there is one, whatever the id is.
    #[must_use]
    pub fn document(&self, kind: PolicyKind, id: &str) -> Option<PolicyDocument> {
        let found = self.documents_of(kind);
        found
            .into_iter()
            .find(|one| one.id() == id || one.is_only_one())
    }

    /// Every document of this kind, in the order that counts.
    #[must_use]
    pub fn documents_of(&self, kind: PolicyKind) -> Vec<PolicyDocument> {
        use PolicyDocument as D;
        fn all<T: Clone>(some: &[T], document: impl Fn(T) -> D) -> Vec<D> {
            some.iter().cloned().map(document).collect()
        }
        match kind {
            PolicyKind::Passkeys => vec![D::Passkeys(self.passkeys.clone())],
            PolicyKind::Passes => vec![D::Passes(self.passes.clone())],
            PolicyKind::SystemPreferred => vec![D::SystemPreferred(self.system_preferred.clone())],
            PolicyKind::Strength => all(&self.strengths, D::Strength),
            PolicyKind::Access => all(&self.access, |one| D::Access(Box::new(one))),
            PolicyKind::Location => all(&self.locations, D::Location),
            PolicyKind::Context => all(&self.contexts, D::Context),
            PolicyKind::Campaign => all(&self.campaigns, D::Campaign),
            PolicyKind::Root => all(&self.roots, D::Root),
            PolicyKind::Source => all(&self.sources, D::Source),
            PolicyKind::SecondPerson => vec![D::SecondPerson(self.second_person.clone())],
            PolicyKind::Availability => vec![D::Availability(self.availability.clone())],
        }
    }

    /// Puts `document` in the place of the one with its kind and id, or behind the others of its kind.
    pub fn put(&mut self, document: PolicyDocument) {
        match document {
            PolicyDocument::Passkeys(one) => self.passkeys = one,
            PolicyDocument::Passes(one) => self.passes = one,
            PolicyDocument::SystemPreferred(one) => self.system_preferred = one,
            PolicyDocument::Strength(one) => replace(&mut self.strengths, one, |one| one.id),
            PolicyDocument::Access(one) => replace(&mut self.access, *one, |one| one.id),
            PolicyDocument::Location(one) => replace(&mut self.locations, one, |one| one.id),
            PolicyDocument::Context(one) => {
                replace(&mut self.contexts, one, |one| one.id.clone());
            }
            PolicyDocument::Campaign(one) => replace(&mut self.campaigns, one, |one| one.id),
            PolicyDocument::Source(one) => replace(&mut self.sources, one, |one| one.id),
            PolicyDocument::SecondPerson(one) => self.second_person = one,
            PolicyDocument::Availability(one) => self.availability = one,
            PolicyDocument::Root(one) => {
                replace(&mut self.roots, one, |one| one.certificate.fingerprint());
            }
        }
    }

    /// Takes a document away. What is always there goes back to what a new tenant has.
    pub fn remove(&mut self, kind: PolicyKind, id: &str) {
        match kind {
            PolicyKind::Passkeys => self.passkeys = Self::of_new_tenant().passkeys,
            PolicyKind::Passes => self.passes = PassPolicy::default(),
            PolicyKind::SystemPreferred => self.system_preferred = SystemPreferred::default(),
            PolicyKind::Strength => self.strengths.retain(|one| one.id.to_string() != id),
            PolicyKind::Access => self.access.retain(|one| one.id.to_string() != id),
            PolicyKind::Location => self.locations.retain(|one| one.id.to_string() != id),
            PolicyKind::Context => self.contexts.retain(|one| one.id != id),
            PolicyKind::Campaign if id == Campaign::DEFAULT.to_string() => {
                self.put(PolicyDocument::Campaign(Campaign::of_new_tenant()));
            }
            PolicyKind::Campaign => self.campaigns.retain(|one| one.id.to_string() != id),
            PolicyKind::Source => self.sources.retain(|one| one.id.to_string() != id),
            PolicyKind::SecondPerson => self.second_person = SecondPerson::default(),
            PolicyKind::Availability => self.availability = PasskeyAvailability::default(),
            PolicyKind::Root => {
                let is = |one: &AttestationRoot| one.certificate.fingerprint().to_string() == id;
                self.roots.retain(|one| !is(one));
            }
        }
    }
}

fn replace<T, K: PartialEq>(all: &mut Vec<T>, one: T, key: impl Fn(&T) -> K) {
    let id = key(&one);
    match all.iter_mut().find(|other| key(other) == id) {
        Some(place) => *place = one,
        None => all.push(one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_is_not_understood_is_an_error() {
        let text = serde_json::to_string(&Policies::of_new_tenant().passkeys).unwrap_or_default();
        let read = PolicyDocument::from_json(PolicyKind::Passkeys, &text);
        assert_eq!(
            read.ok(),
            Some(PolicyDocument::Passkeys(Policies::of_new_tenant().passkeys))
        );
        let newer = text.replacen('{', r#"{"onlyOnMondays":true,"#, 1);
        assert!(PolicyDocument::from_json(PolicyKind::Passkeys, &newer).is_err());
    }

    #[test]
    fn each_document_is_found_by_kind_and_id() {
        let mut policies = Policies::of_new_tenant();
        let context = AuthenticationContext {
            id: "c7".to_owned(),
            name: "Payments".to_owned(),
            description: String::new(),
            available: true,
        };
        policies.put(PolicyDocument::Context(context.clone()));
        let found = policies.document(PolicyKind::Context, "c7");
        assert_eq!(found, Some(PolicyDocument::Context(context)));
        assert_eq!(policies.document(PolicyKind::Context, "c8"), None);
        for kind in PolicyKind::ALL {
            let alone = policies.document(*kind, "").is_some();
            assert_eq!(alone, kind.is_only_one(), "{kind:?}");
        }
    }

    #[test]
    fn putting_replaces_by_id_and_removing_goes_back() {
        let mut policies = Policies::of_new_tenant();
        let mut changed = policies.passkeys.clone();
        changed.enabled = false;
        policies.put(PolicyDocument::Passkeys(changed));
        assert!(!policies.passkeys.enabled);
        policies.remove(PolicyKind::Passkeys, "");
        assert_eq!(policies, Policies::of_new_tenant());
    }

    #[test]
    fn the_campaign_of_a_new_tenant_is_always_there() {
        let mut policies = Policies::of_new_tenant();
        let changed = Campaign {
            state: CampaignState::Disabled,
            ..Campaign::of_new_tenant()
        };
        policies.put(PolicyDocument::Campaign(changed));
        assert_eq!(policies.campaigns.len(), 1);
        policies.remove(PolicyKind::Campaign, &Campaign::DEFAULT.to_string());
        assert_eq!(policies, Policies::of_new_tenant());
    }
}

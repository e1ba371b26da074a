//! Policies, compiled: an immutable snapshot with a number, made once for each change and shared.
//!
//! A rule is asked for every sign-in, so nothing here searches lists of people. The groups that any policy names are
//! numbered when the snapshot is made; a person's memberships become a set of those numbers once ([`Snapshot::subject`]),
//! and each scope is answered by comparing sets.

use crate::model::{
    AccessPolicy, Assignment, AttestationRoot, Campaign, GroupId, Models, PasskeyProfile,
    PasskeyTarget, Policies, ProfileId, Role, Scope, Sha256, Strength, StrengthId, User, UserId,
    UserType,
};
use crate::profiles::Key;
use crate::strength;
use ceremony::{Aaguid, FurtherAnchor};
use std::sync::Arc;

/// Policies of one tenant at one version.
#[derive(Debug, Clone)]
pub struct Snapshot {
    version: i64,
    policies: Policies,
    models: Arc<Models>,
    groups: Vec<GroupId>,
    roots: Vec<(Sha256, FurtherAnchor)>,
    strengths: Vec<Strength>,
    hardware_protected: Strength,
    barred: CompiledScope,
    targets: Vec<CompiledTarget>,
    access: Vec<CompiledAssignment>,
    campaigns: Vec<CompiledAssignment>,
    passes: CompiledAssignment,
}

/// A person as policies see them.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// Who.
    pub user: &'a User,
    roles: u64,
    groups: Numbers,
}

/// Numbers of groups or of profiles in one snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Numbers(Vec<u64>);

/// A [`PasskeyTarget`], compiled.
#[derive(Debug, Clone, Default)]
struct CompiledTarget {
    people: CompiledAssignment,
    profiles: Numbers,
}

/// A [`Scope`] with its groups as numbers.
#[derive(Debug, Clone, Default)]
struct CompiledScope {
    everyone: bool,
    guests: bool,
    users: Vec<UserId>,
    roles: u64,
    groups: Numbers,
}

/// An [`Assignment`], compiled.
#[derive(Debug, Clone, Default)]
struct CompiledAssignment {
    include: CompiledScope,
    exclude: CompiledScope,
}

fn further(root: &AttestationRoot) -> Option<FurtherAnchor> {
    let models = root.models.iter();
    Some(FurtherAnchor {
        anchor: root.certificate.anchor()?,
        models: models
            .map(|model| Aaguid::from_bytes(*model.as_bytes()))
            .collect(),
    })
}

impl Snapshot {
    /// Compiles policies of this version, with the catalogue of models as it is now.
    #[must_use]
    pub fn compile(version: i64, mut policies: Policies, models: Arc<Models>) -> Self {
        policies.campaigns.sort_by_key(Campaign::order);
        let groups = named_groups(&policies);
        let scope = |scope: &Scope| CompiledScope::new(scope, &groups);
        let assignment = |one: &Assignment| CompiledAssignment {
            include: scope(&one.include),
            exclude: scope(&one.exclude),
        };
        let mut strengths = strength::built_in();
        strengths.extend(policies.strengths.iter().cloned());
        Self {
            version,
            barred: scope(&policies.passkeys.exclude),
            targets: policies
                .passkeys
                .include
                .iter()
                .map(|target| CompiledTarget {
                    people: CompiledAssignment {
                        include: scope(&target.who),
                        exclude: scope(&target.except),
                    },
                    profiles: profile_numbers(&policies, &target.profiles),
                })
                .collect(),
            access: policies
                .access
                .iter()
                .map(|policy| assignment(&policy.conditions.users))
                .collect(),
            campaigns: policies
                .campaigns
                .iter()
                .map(|campaign| assignment(&campaign.who))
                .collect(),
            passes: assignment(&policies.passes.who),
            roots: policies
                .roots
                .iter()
                .filter_map(|root| Some((root.certificate.fingerprint(), further(root)?)))
                .collect(),
            strengths,
            hardware_protected: strength::hardware_protected(),
            groups,
            policies,
            models,
        }
    }

    /// The version every decision names.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// What was compiled.
    #[must_use]
    pub const fn policies(&self) -> &Policies {
        &self.policies
    }

    /// What is known of authenticator models.
    #[must_use]
    pub fn models(&self) -> &Models {
        &self.models
    }

    /// Whether this very catalogue was compiled in.
    #[must_use]
    pub fn knows(&self, models: &Arc<Models>) -> bool {
        Arc::ptr_eq(&self.models, models)
    }

    /// A person with their roles and groups, in any order.
    #[must_use]
    pub fn subject<'a>(&self, user: &'a User, roles: &[Role], groups: &[GroupId]) -> Subject<'a> {
        Subject {
            user,
            roles: role_bits(roles),
            groups: Numbers::of_groups(groups, &self.groups),
        }
    }

    /// Every strength, the built-in ones first.
    #[must_use]
    pub fn strengths(&self) -> &[Strength] {
        &self.strengths
    }

    /// The strength with this id.
    #[must_use]
    pub fn strength(&self, id: StrengthId) -> Option<&Strength> {
        self.strengths.iter().find(|strength| strength.id == id)
    }

    /// Whether the root of this passkey counts as far as a profile is concerned: one of the administrators' own does only where the
    /// profile names it, and for the models that it is for.
    #[must_use]
    pub fn vouches(&self, profile: &PasskeyProfile, key: &Key) -> bool {
        let own = self.policies.roots.iter();
        let mut own = own.filter(|own| Some(own.certificate.fingerprint()) == key.root);
        own.next().is_none_or(|own| {
            own.is_for(key.aaguid) && profile.roots.contains(&own.certificate.fingerprint())
        })
    }

    /// The roots of the administrators' own that vouch for this person's passkeys: those that a profile of theirs names.
    #[must_use]
    pub fn own_roots(&self, subject: &Subject<'_>) -> Vec<FurtherAnchor> {
        if self.roots.is_empty() {
            return Vec::new();
        }
        let profiles = self.assigned_profiles(subject);
        let named = |root: &Sha256| profiles.iter().any(|one| one.roots.contains(root));
        let roots = self.roots.iter().filter(|(root, _)| named(root));
        roots.map(|(_, anchor)| anchor.clone()).collect()
    }

    /// Whether any strength binds the first factor. Where none does, nobody has to ask.
    #[must_use]
    pub fn binds_first_factor(&self) -> bool {
        self.strengths.iter().any(|one| one.binds_first_factor)
    }

    /// What the authentication context class `phrh` stands for; no administrator's strength.
    #[must_use]
    pub const fn hardware_protected(&self) -> &Strength {
        &self.hardware_protected
    }

    /// Whether passkeys are barred for this person, registration and use. It wins over everything else.
    #[must_use]
    pub fn passkeys_barred(&self, subject: &Subject<'_>) -> bool {
        self.barred.holds(subject)
    }

    /// The targets of the passkey method this person falls under.
    pub fn passkey_targets<'s>(
        &'s self,
        subject: &'s Subject<'_>,
    ) -> impl Iterator<Item = &'s PasskeyTarget> {
        let targets = self.policies.passkeys.include.iter().zip(&self.targets);
        targets
            .filter(|(_, compiled)| compiled.people.holds(subject))
            .map(|(target, _)| target)
    }

    /// The profiles of every target this person falls under, each once, in the order of the method. A guest may not
    /// use all of them.
    #[must_use]
    pub fn assigned_profiles(&self, subject: &Subject<'_>) -> Vec<&PasskeyProfile> {
        let mut assigned = Numbers::default();
        for target in &self.targets {
            if target.people.holds(subject) {
                assigned.add(&target.profiles);
            }
        }
        let all = self.policies.passkeys.profiles.iter().enumerate();
        all.filter(|(number, _)| assigned.contains(*number))
            .map(|(_, profile)| profile)
            .collect()
    }

    /// The profiles that are open to this person, each once. Which one a passkey satisfies does not matter.
    #[must_use]
    pub fn passkey_profiles(&self, subject: &Subject<'_>) -> Vec<&PasskeyProfile> {
        let mut open = self.assigned_profiles(subject);
        open.retain(|profile| profile.guests || !subject.is_guest());
        open
    }

    /// The profile with this id.
    #[must_use]
    pub fn profile(&self, id: ProfileId) -> Option<&PasskeyProfile> {
        self.policies
            .passkeys
            .profiles
            .iter()
            .find(|profile| profile.id == id)
    }

    /// Conditional access policies that are assigned to this person, whatever their state.
    pub fn access_policies<'s>(
        &'s self,
        subject: &'s Subject<'_>,
    ) -> impl Iterator<Item = (&'s AccessPolicy, bool)> {
        self.policies
            .access
            .iter()
            .zip(&self.access)
            .map(|(policy, compiled)| (policy, compiled.holds(subject)))
    }

    /// Campaigns that are assigned to this person, whatever their state, in their order.
    pub fn campaigns<'s>(&'s self, subject: &'s Subject<'_>) -> impl Iterator<Item = &'s Campaign> {
        let campaigns = self.policies.campaigns.iter().zip(&self.campaigns);
        campaigns
            .filter(|(_, compiled)| compiled.holds(subject))
            .map(|(campaign, _)| campaign)
    }

    /// Whether this person may sign in with a Temporary Access Pass.
    #[must_use]
    pub fn passes_allowed(&self, subject: &Subject<'_>) -> bool {
        self.policies.passes.enabled && self.passes.holds(subject)
    }
}

impl Subject<'_> {
    /// Holds a directory role.
    #[must_use]
    pub const fn holds_role(&self) -> bool {
        self.roles != 0
    }

    /// Visits the tenant.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        self.user.user_type == UserType::Guest
    }
}

impl CompiledAssignment {
    fn holds(&self, subject: &Subject<'_>) -> bool {
        self.include.holds(subject) && !self.exclude.holds(subject)
    }
}

impl CompiledScope {
    fn new(scope: &Scope, named: &[GroupId]) -> Self {
        let mut users = scope.users.clone();
        users.sort_unstable();
        Self {
            everyone: scope.everyone,
            guests: scope.guests,
            users,
            roles: role_bits(&scope.roles),
            groups: Numbers::of_groups(&scope.groups, named),
        }
    }

    fn holds(&self, subject: &Subject<'_>) -> bool {
        self.everyone
            || (self.guests && subject.is_guest())
            || self.roles & subject.roles != 0
            || self.groups.meets(&subject.groups)
            || self.users.binary_search(&subject.user.id).is_ok()
    }
}

impl Numbers {
    /// The numbers of those `groups` that any policy names.
    fn of_groups(groups: &[GroupId], named: &[GroupId]) -> Self {
        let mut numbers = Self::default();
        for group in groups {
            if let Ok(number) = named.binary_search(group) {
                numbers.insert(number);
            }
        }
        numbers
    }

    fn insert(&mut self, number: usize) {
        let (word, bit) = (number / 64, number % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    fn add(&mut self, others: &Self) {
        if self.0.len() < others.0.len() {
            self.0.resize(others.0.len(), 0);
        }
        for (ours, theirs) in self.0.iter_mut().zip(&others.0) {
            *ours |= theirs;
        }
    }

    fn contains(&self, number: usize) -> bool {
        let word = self.0.get(number / 64).copied().unwrap_or_default();
        word & (1 << (number % 64)) != 0
    }

    fn meets(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(&other.0)
            .any(|(ours, theirs)| ours & theirs != 0)
    }
}

fn profile_numbers(policies: &Policies, ids: &[ProfileId]) -> Numbers {
    let mut numbers = Numbers::default();
    for (number, profile) in policies.passkeys.profiles.iter().enumerate() {
        if ids.contains(&profile.id) {
            numbers.insert(number);
        }
    }
    numbers
}

fn role_bits(roles: &[Role]) -> u64 {
    roles.iter().fold(0, |bits, role| bits | 1 << (*role as u8))
}

/// Every group that any policy names, sorted; its place is its number.
fn named_groups(policies: &Policies) -> Vec<GroupId> {
    let assignments = policies
        .access
        .iter()
        .map(|policy| &policy.conditions.users)
        .chain(policies.campaigns.iter().map(|campaign| &campaign.who))
        .chain([&policies.passes.who, &policies.system_preferred.who]);
    let sides = assignments.flat_map(|one| [&one.include, &one.exclude]);
    let targets = policies.passkeys.include.iter();
    let scopes = sides
        .chain(targets.flat_map(|target| [&target.who, &target.except]))
        .chain([&policies.passkeys.exclude]);
    let mut groups: Vec<_> = scopes
        .flat_map(|scope| scope.groups.iter().copied())
        .collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "a failed setup is a failed test")]
    use super::*;
    use crate::samples;

    fn group(number: u8) -> GroupId {
        GroupId::from_bytes([number; 16])
    }

    fn compile(policies: Policies) -> Snapshot {
        Snapshot::compile(1, policies, Arc::default())
    }

    fn names(snapshot: &Snapshot, roles: &[Role], groups: &[GroupId]) -> Vec<ProfileId> {
        let user = samples::user();
        let subject = snapshot.subject(&user, roles, groups);
        let profiles = snapshot.passkey_profiles(&subject);
        profiles.iter().map(|profile| profile.id).collect()
    }

    #[test]
    fn a_new_tenant_gives_role_holders_the_device_bound_profile_only() {
        let snapshot = compile(Policies::of_new_tenant());
        assert_eq!(names(&snapshot, &[], &[]), [PasskeyProfile::DEFAULT]);
        let reader = [Role::GlobalReader];
        assert_eq!(names(&snapshot, &reader, &[]), [Policies::ROLE_HOLDERS]);
    }

    #[test]
    fn a_person_collects_the_profiles_of_every_target_once() {
        let mut policies = Policies::of_new_tenant();
        let target = |who| PasskeyTarget {
            who,
            except: Scope::default(),
            registration_required: false,
            profiles: vec![PasskeyProfile::DEFAULT, Policies::ROLE_HOLDERS],
        };
        policies.passkeys.include = vec![
            target(Scope::group(group(3))),
            target(Scope::group(group(200))),
        ];
        let snapshot = compile(policies);
        let both = [PasskeyProfile::DEFAULT, Policies::ROLE_HOLDERS];
        assert_eq!(names(&snapshot, &[], &[group(200), group(3)]), both);
        assert_eq!(names(&snapshot, &[], &[group(4)]), []);
    }

    #[test]
    fn numbers_of_groups_reach_beyond_one_word() {
        let mut policies = Policies::of_new_tenant();
        policies.passkeys.include[0].who.groups = (0..=150).map(group).collect();
        policies.passkeys.include[1].who = Scope::default();
        let snapshot = compile(policies);
        for number in [0, 63, 64, 127, 128, 150] {
            let groups = [group(number)];
            assert_eq!(names(&snapshot, &[], &groups), [Policies::ROLE_HOLDERS]);
        }
        assert_eq!(names(&snapshot, &[], &[group(151)]), []);
    }

    #[test]
    fn exclude_wins_over_every_include() {
        let mut policies = Policies::of_new_tenant();
        let user = samples::user();
        policies.passkeys.exclude.users = vec![user.id];
        let snapshot = compile(policies);
        assert!(snapshot.passkeys_barred(&snapshot.subject(&user, &[], &[])));
    }

    #[test]
    fn guests_see_only_profiles_for_guests() {
        let snapshot = compile(Policies::of_new_tenant());
        let mut guest = samples::user();
        guest.user_type = UserType::Guest;
        let open = |roles: &[Role]| {
            let subject = snapshot.subject(&guest, roles, &[]);
            snapshot.passkey_profiles(&subject).len()
        };
        assert_eq!(open(&[]), 1);
        assert_eq!(open(&[Role::GuestInviter]), 0);
    }
}

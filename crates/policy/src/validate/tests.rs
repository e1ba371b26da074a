#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a failed setup is a failed test"
)]
//! Each rule once: a document that keeps to everything, one change, and the fault that follows.

use super::*;
use crate::model::*;
use serde_json::json;
use uuid::Uuid;

const GROUP: GroupId = GroupId::from_bytes([1; 16]);
const USER: UserId = UserId::from_bytes([2; 16]);
const APPLICATION: ApplicationId = ApplicationId::from_bytes([3; 16]);
const STRENGTH: StrengthId = StrengthId::from_bytes([4; 16]);
const LOCATION: LocationId = LocationId::from_bytes([5; 16]);
const ACCESS: AccessPolicyId = AccessPolicyId::from_bytes([6; 16]);
const NOW: Timestamp = Timestamp::from_seconds(1_000);
const MODEL: Uuid = Uuid::from_bytes([7; 16]);

fn known() -> Names {
    Names {
        users: [USER].into(),
        groups: [GROUP].into(),
        applications: [APPLICATION].into(),
    }
}

fn strength() -> Strength {
    Strength {
        id: STRENGTH,
        name: "Keys".to_owned(),
        description: String::new(),
        created: NOW,
        modified: NOW,
        combinations: vec![Combination::new(vec![Mode::Fido2]).unwrap()],
        allowed_aaguids: vec![AaguidConfiguration {
            id: Uuid::from_bytes([8; 16]),
            aaguids: vec![MODEL],
        }],
        passkey: PasskeyDemand::default(),
        binds_first_factor: false,
    }
}

fn location() -> NamedLocation {
    NamedLocation {
        id: LOCATION,
        name: "Office".to_owned(),
        trusted: true,
        created: NOW,
        modified: NOW,
        ranges: vec!["192.0.2.0/24".to_owned().try_into().unwrap()],
    }
}

fn context() -> AuthenticationContext {
    AuthenticationContext {
        id: "c1".to_owned(),
        name: "Payments".to_owned(),
        description: String::new(),
        available: true,
    }
}

fn access() -> AccessPolicy {
    AccessPolicy {
        id: ACCESS,
        name: "Keys for all".to_owned(),
        description: String::new(),
        state: AccessState::Enabled,
        created: NOW,
        modified: NOW,
        conditions: Conditions {
            users: Assignment {
                include: Scope::everyone(),
                exclude: Scope::group(GROUP),
            },
            target: AccessTarget::Applications {
                all: true,
                include: Vec::new(),
                exclude: Vec::new(),
                admin_portals: false,
            },
            platforms: Some(Sides {
                include: vec![Platform::Linux],
                exclude: Vec::new(),
            }),
            locations: Some(Sides {
                include: Vec::new(),
                exclude: vec![LocationRef::AllTrusted, LocationRef::Named(LOCATION)],
            }),
            ..Conditions::default()
        },
        grant: AccessGrant::Strength(STRENGTH),
        session: SessionControls {
            sign_in_frequency: Some(SignInFrequency::Minutes(60)),
            persistent_browser: Some(PersistentBrowser::Never),
        },
    }
}

fn campaign() -> Campaign {
    Campaign {
        id: Campaign::DEFAULT,
        name: "Passkeys for all".to_owned(),
        state: CampaignState::Enabled,
        snooze_days: 14,
        starts: Some(NOW),
        ends: Some(NOW.plus(Span::days(9))),
        waves: [10, 100]
            .map(|percent| Wave {
                from: NOW.plus(Span::days(percent.into())),
                percent,
            })
            .to_vec(),
        ..Campaign::of_new_tenant()
    }
}

fn policies() -> Policies {
    Policies {
        strengths: vec![strength()],
        access: vec![access()],
        locations: vec![location()],
        contexts: vec![context()],
        campaigns: vec![campaign()],
        ..Policies::of_new_tenant()
    }
}

fn faults(document: &PolicyDocument) -> Vec<(String, Rule)> {
    let mut after = policies();
    after.put(document.clone());
    let found = check(&after, Change::Put(document), &known()).err();
    let pair = |fault: Fault| (fault.field, fault.rule);
    found.unwrap_or_default().into_iter().map(pair).collect()
}

#[track_caller]
fn expect(document: PolicyDocument, field: &str, rule: Rule) {
    let found = faults(&document);
    assert_eq!(found, [(field.to_owned(), rule)]);
}

#[track_caller]
fn passkeys(change: impl FnOnce(&mut PasskeyMethod), field: &str, rule: Rule) {
    let mut method = policies().passkeys;
    change(&mut method);
    expect(PolicyDocument::Passkeys(method), field, rule);
}

#[track_caller]
fn profile(change: impl FnOnce(&mut PasskeyProfile), field: &str, rule: Rule) {
    let field = format!("profiles[0].{field}");
    passkeys(|method| change(&mut method.profiles[0]), &field, rule);
}

#[track_caller]
fn one_strength(change: impl FnOnce(&mut Strength), field: &str, rule: Rule) {
    let mut one = strength();
    change(&mut one);
    expect(PolicyDocument::Strength(one), field, rule);
}

#[track_caller]
fn one_access(change: impl FnOnce(&mut AccessPolicy), field: &str, rule: Rule) {
    let mut one = access();
    change(&mut one);
    expect(PolicyDocument::Access(Box::new(one)), field, rule);
}

#[track_caller]
fn one_campaign(change: impl FnOnce(&mut Campaign), field: &str, rule: Rule) {
    let mut one = campaign();
    change(&mut one);
    expect(PolicyDocument::Campaign(one), field, rule);
}

#[track_caller]
fn passes(change: impl FnOnce(&mut PassPolicy), field: &str, rule: Rule) {
    let mut one = PassPolicy::default();
    change(&mut one);
    expect(PolicyDocument::Passes(one), field, rule);
}

#[test]
fn what_keeps_to_everything_is_kept() {
    let all = policies();
    let documents = [
        PolicyDocument::Passkeys(all.passkeys.clone()),
        PolicyDocument::Passes(all.passes.clone()),
        PolicyDocument::SystemPreferred(all.system_preferred.clone()),
        PolicyDocument::Strength(strength()),
        PolicyDocument::Access(Box::new(access())),
        PolicyDocument::Location(location()),
        PolicyDocument::Context(context()),
        PolicyDocument::Campaign(campaign()),
        PolicyDocument::Root(root(ROOT)),
        PolicyDocument::Source(source()),
        PolicyDocument::SecondPerson(all.second_person.clone()),
        PolicyDocument::SecondPerson(second_person()),
        PolicyDocument::Availability(all.availability.clone()),
        PolicyDocument::Availability(unavailable("The cloud has none.")),
    ];
    for document in documents {
        assert_eq!(faults(&document), [], "{document:?}");
    }
}

const ROOT: &str = include_str!("../model/certificates/root.pem");

fn root(pem: &str) -> AttestationRoot {
    AttestationRoot {
        name: "House".to_owned(),
        created: NOW,
        modified: NOW,
        certificate: RootCertificate::parse(pem).unwrap(),
        models: Vec::new(),
    }
}

fn source() -> SignalSource {
    SignalSource {
        id: SignalSourceId::from_bytes([0x55; 16]),
        name: "Guard".to_owned(),
        created: NOW,
        modified: NOW,
        enabled: true,
        issuer: "https://guard.example".to_owned(),
        keys: vec![json!({"kty": "EC", "kid": "one", "x": "AA"})],
        reactions: Reactions::default(),
    }
}

fn second_person() -> SecondPerson {
    SecondPerson {
        policies: true,
        roles: true,
        methods: true,
        hours: 24,
    }
}

fn unavailable(reason: &str) -> PasskeyAvailability {
    PasskeyAvailability {
        available: false,
        reason: reason.to_owned(),
    }
}

#[test]
fn whoever_is_refused_is_told_why() {
    let expect = |reason: &str, rule| {
        expect(
            PolicyDocument::Availability(unavailable(reason)),
            "reason",
            rule,
        );
    };
    expect("", Rule::ReasonMissing);
    expect(" \n", Rule::ReasonMissing);
    expect(&"x".repeat(301), Rule::TextTooLong(300));
    expect("\u{1b}[2J", Rule::TextNotPlain);
}

#[test]
fn a_root_names_real_models() {
    let with = |models| {
        PolicyDocument::Root(AttestationRoot {
            models,
            ..root(ROOT)
        })
    };
    assert_eq!(faults(&with(vec![uuid::Uuid::from_bytes([7; 16])])), []);
    expect(with(vec![uuid::Uuid::nil()]), "models", Rule::ModelNil);
    let many = vec![uuid::Uuid::from_bytes([7; 16]); 101];
    expect(with(many), "models", Rule::TooMany(100));
}

#[test]
fn nobody_can_make_themselves_the_second_person() {
    for change in [
        (|one: &mut SecondPerson| one.roles = false) as fn(&mut SecondPerson),
        |one| one.methods = false,
    ] {
        let mut one = second_person();
        change(&mut one);
        let rule = Rule::SecondPersonBypassed;
        expect(PolicyDocument::SecondPerson(one), "", rule);
    }
    let off = SecondPerson::default();
    assert_eq!(faults(&PolicyDocument::SecondPerson(off)), []);
}

#[test]
fn a_request_stays_open_from_an_hour_to_a_month() {
    for hours in [0, 721] {
        let one = SecondPerson {
            hours,
            ..second_person()
        };
        let rule = Rule::OutOfRange(1, 720);
        expect(PolicyDocument::SecondPerson(one), "hours", rule);
    }
}

#[test]
fn a_source_of_signals_can_be_believed() {
    let with = |change: &dyn Fn(&mut SignalSource)| {
        let mut one = source();
        change(&mut one);
        PolicyDocument::Source(one)
    };
    let key = |key: serde_json::Value| with(&|one| one.keys = vec![key.clone()]);
    let plain = with(&|one| "http://guard.example".clone_into(&mut one.issuer));
    expect(plain, "issuer", Rule::IssuerNotHttps);
    expect(with(&|one| one.keys.clear()), "keys", Rule::KeysMissing);
    expect(key(json!({"kty": "EC"})), "keys", Rule::KeyMalformed);
    for private in [
        json!({"kty": "EC", "kid": "a", "d": "AA"}),
        json!({"kty": "oct", "kid": "a", "k": "AA"}),
    ] {
        expect(key(private), "keys", Rule::KeyPrivate);
    }
    let many = with(&|one| one.keys = vec![json!({"kty": "EC", "kid": "a"}); 21]);
    expect(many, "keys", Rule::TooMany(20));
}

#[test]
fn a_root_is_an_authority_that_can_be_used() {
    let leaf = include_str!("../model/certificates/leaf.pem");
    let short = include_str!("../model/certificates/short.pem");
    let curve = include_str!("../model/certificates/curve.pem");
    for (pem, rule) in [
        ("AAAA", Rule::CertificateMalformed),
        (leaf, Rule::CertificateNotAuthority),
        (short, Rule::CertificateKey),
        (curve, Rule::CertificateKey),
    ] {
        expect(PolicyDocument::Root(root(pem)), "certificate", rule);
    }
    let mut late = root(ROOT);
    late.modified = Timestamp::from_seconds(5_000_000_000);
    expect(
        PolicyDocument::Root(late),
        "certificate",
        Rule::CertificateExpired,
    );
}

#[test]
fn a_root_that_a_profile_names_stays() {
    let mut all = policies();
    let id = root(ROOT).certificate.fingerprint();
    let removed = |all: &Policies| {
        let id = id.to_string();
        check(all, Change::Remove(PolicyKind::Root, &id), &known())
    };
    assert_eq!(removed(&all), Ok(()));
    all.passkeys.profiles[0].roots = vec![id];
    let fault = Fault {
        field: all.passkeys.profiles[0].name.clone(),
        rule: Rule::InUse,
    };
    assert_eq!(removed(&all), Err(vec![fault]));
}

#[test]
fn a_document_is_bounded() {
    let models = vec![MODEL; MAX_ENTRIES];
    passkeys(
        |method| {
            for number in 3..10 {
                let id = ProfileId::from_bytes([number; 16]);
                let mut one = PasskeyProfile::open(id, &format!("profile {number}"));
                one.restrictions.aaguids.clone_from(&models);
                method.profiles.push(one);
            }
        },
        "",
        Rule::TooLarge(MAX_BYTES),
    );
}

#[test]
fn a_document_may_be_much_larger_than_in_entra() {
    let mut method = policies().passkeys;
    method.profiles[0].restrictions.aaguids = vec![MODEL; MAX_ENTRIES];
    let document = PolicyDocument::Passkeys(method);
    assert!(serde_json::to_string(&document).unwrap().len() > 150_000);
    assert_eq!(faults(&document), []);
}

#[test]
fn lists_are_bounded() {
    let many = MAX_ENTRIES + 1;
    profile(
        |one| one.restrictions.aaguids = vec![MODEL; many],
        "restrictions.aaguids",
        Rule::TooMany(MAX_ENTRIES),
    );
    let users = "conditions.users.include.users";
    one_access(
        |one| one.conditions.users.include.users = vec![USER; MAX_NAMED + 1],
        users,
        Rule::TooMany(MAX_NAMED),
    );
    one_strength(
        |one| one.combinations = vec![one.combinations[0].clone(); MAX_COMBINATIONS + 1],
        "combinations",
        Rule::TooMany(MAX_COMBINATIONS),
    );
    let wave = |number: u32| Wave {
        from: Timestamp::from_seconds(number.into()),
        percent: 1,
    };
    one_campaign(
        |one| one.waves = (0..=100).map(wave).collect(),
        "waves",
        Rule::TooMany(MAX_CAMPAIGNS),
    );
}

#[test]
fn texts_are_bounded_and_plain() {
    one_access(|one| one.name = " ".to_owned(), "name", Rule::NameMissing);
    one_access(
        |one| one.name = "é".repeat(MAX_NAME + 1),
        "name",
        Rule::TextTooLong(MAX_NAME),
    );
    one_access(
        |one| one.description = "a\u{1b}[2J".to_owned(),
        "description",
        Rule::TextNotPlain,
    );
    let fits = AccessPolicy {
        name: "é".repeat(MAX_NAME),
        ..access()
    };
    assert_eq!(faults(&PolicyDocument::Access(Box::new(fits))), []);
}

#[test]
fn names_and_ids_are_unique() {
    let other = |one: &mut AccessPolicy| {
        one.id = AccessPolicyId::from_bytes([9; 16]);
        one.name = " keys FOR all".to_owned();
    };
    one_access(other, "name", Rule::NameTaken);
    let built_in = |one: &mut Strength| one.name = "passwordless mfa".to_owned();
    one_strength(built_in, "name", Rule::NameTaken);
    passkeys(
        |method| method.profiles[1].name = method.profiles[0].name.to_uppercase(),
        "profiles[1].name",
        Rule::NameTaken,
    );
    passkeys(
        |method| {
            let mut twin = method.profiles[0].clone();
            twin.name = "Twin".to_owned();
            method.profiles.push(twin);
        },
        "profiles[2].id",
        Rule::IdTaken,
    );
    one_strength(
        |one| one.allowed_aaguids = vec![one.allowed_aaguids[0].clone(); 2],
        "allowedAaguids[1].id",
        Rule::IdTaken,
    );
}

#[test]
fn what_is_named_exists() {
    let nobody = UserId::from_bytes([99; 16]);
    let no_group = GroupId::from_bytes([99; 16]);
    one_access(
        |one| one.conditions.users.include.users = vec![USER, nobody],
        "conditions.users.include.users[1]",
        Rule::UnknownUser,
    );
    one_campaign(
        |one| one.who.exclude.groups = vec![no_group],
        "who.exclude.groups[0]",
        Rule::UnknownGroup,
    );
    passkeys(
        |method| method.exclude.groups = vec![no_group],
        "exclude.groups[0]",
        Rule::UnknownGroup,
    );
    passkeys(
        |method| method.include[0].except.groups = vec![no_group],
        "include[0].except.groups[0]",
        Rule::UnknownGroup,
    );
    passes(
        |one| one.who.include.groups = vec![no_group],
        "who.include.groups[0]",
        Rule::UnknownGroup,
    );
    passkeys(
        |method| method.include[1].profiles[0] = ProfileId::from_bytes([99; 16]),
        "include[1].profiles[0]",
        Rule::UnknownProfile,
    );
    let preferred = SystemPreferred {
        who: Assignment {
            include: Scope::group(no_group),
            exclude: Scope::default(),
        },
        ..SystemPreferred::default()
    };
    expect(
        PolicyDocument::SystemPreferred(preferred),
        "who.include.groups[0]",
        Rule::UnknownGroup,
    );
}

#[test]
fn what_an_access_policy_names_exists() {
    let no_application = ApplicationId::from_bytes([99; 16]);
    one_access(
        |one| {
            one.session.persistent_browser = None;
            one.conditions.target = AccessTarget::Applications {
                all: false,
                include: vec![APPLICATION, no_application],
                exclude: Vec::new(),
                admin_portals: false,
            };
        },
        "conditions.target.applications.include[1]",
        Rule::UnknownApplication,
    );
    one_access(
        |one| one.grant = AccessGrant::Strength(StrengthId::from_bytes([99; 16])),
        "grant.strength",
        Rule::UnknownStrength,
    );
    let no_location = LocationRef::Named(LocationId::from_bytes([99; 16]));
    one_access(
        |one| {
            one.conditions
                .locations
                .as_mut()
                .unwrap()
                .include
                .push(no_location)
        },
        "conditions.locations.include[0]",
        Rule::UnknownLocation,
    );
    one_access(
        |one| {
            one.session.persistent_browser = None;
            one.conditions.target = AccessTarget::Contexts(vec!["c1".to_owned(), "c2".to_owned()]);
        },
        "conditions.target.contexts[1]",
        Rule::UnknownContext,
    );
}

#[test]
fn a_built_in_strength_may_be_named_but_not_changed() {
    let mut one = access();
    one.grant = AccessGrant::Strength(crate::strength::PHISHING_RESISTANT);
    assert_eq!(faults(&PolicyDocument::Access(Box::new(one))), []);
    one_strength(
        |one| {
            one.id = crate::strength::MULTIFACTOR;
            one.name = "Mine".to_owned();
        },
        "id",
        Rule::BuiltIn,
    );
    let id = crate::strength::MULTIFACTOR.to_string();
    let removed = check(
        &policies(),
        Change::Remove(PolicyKind::Strength, &id),
        &known(),
    );
    assert_eq!(removed.unwrap_err()[0].rule, Rule::BuiltIn);
}

#[test]
fn what_is_in_use_stays() {
    let mut all = policies();
    let used = |all: &Policies, kind, id: &str| {
        check(all, Change::Remove(kind, id), &known())
            .err()
            .map(|faults| faults[0].clone())
    };
    let in_use = Some(Fault {
        field: access().name,
        rule: Rule::InUse,
    });
    assert_eq!(
        used(&all, PolicyKind::Strength, &STRENGTH.to_string()),
        in_use
    );
    assert_eq!(
        used(&all, PolicyKind::Location, &LOCATION.to_string()),
        in_use
    );
    assert_eq!(used(&all, PolicyKind::Context, "c1"), None);
    all.access[0].conditions.target = AccessTarget::Contexts(vec!["c1".to_owned()]);
    assert_eq!(used(&all, PolicyKind::Context, "c1"), in_use);
    all.access.clear();
    assert_eq!(
        used(&all, PolicyKind::Strength, &STRENGTH.to_string()),
        None
    );
    assert_eq!(
        used(&all, PolicyKind::Location, &LOCATION.to_string()),
        None
    );
    passkeys(
        |method| {
            method.profiles.remove(0);
        },
        "include[1].profiles[0]",
        Rule::UnknownProfile,
    );
}

#[test]
fn a_scope_does_not_contradict_itself() {
    one_access(
        |one| one.conditions.users.include = Scope::default(),
        "conditions.users.include",
        Rule::NobodyIncluded,
    );
    one_campaign(
        |one| one.who.include = Scope::default(),
        "who.include",
        Rule::NobodyIncluded,
    );
    passkeys(
        |method| method.include[0].who = Scope::default(),
        "include[0].who",
        Rule::NobodyIncluded,
    );
    one_access(
        |one| one.conditions.users.exclude = Scope::everyone(),
        "conditions.users.exclude",
        Rule::EverybodyExcluded,
    );
    passkeys(
        |method| method.exclude = Scope::everyone(),
        "exclude",
        Rule::EverybodyExcluded,
    );
    one_access(
        |one| one.conditions.users.include.groups = vec![GROUP],
        "conditions.users.exclude",
        Rule::IncludedAndExcluded,
    );
    one_access(
        |one| {
            let reader = vec![Role::GlobalReader];
            one.conditions.users.include = Scope {
                roles: reader.clone(),
                ..Scope::default()
            };
            one.conditions.users.exclude.roles = reader;
        },
        "conditions.users.exclude",
        Rule::IncludedAndExcluded,
    );
}

#[test]
fn a_profile_can_be_satisfied() {
    profile(|one| one.types.clear(), "types", Rule::TypesMissing);
    profile(
        |one| {
            one.types = vec![PasskeyType::Synced];
            one.attestation = AttestationRule::RegistrationOnly;
        },
        "attestation",
        Rule::AttestedSynced,
    );
    profile(
        |one| one.restrictions.enforced = true,
        "restrictions.aaguids",
        Rule::AllowListEmpty,
    );
    profile(
        |one| one.roots = vec![Sha256::from_bytes([1; 32])],
        "roots",
        Rule::RootsWithoutAttestation,
    );
    profile(
        |one| one.maximum_age_days = Some(0),
        "maximumAgeDays",
        Rule::OutOfRange(1, MAX_DAYS),
    );
    profile(
        |one| one.idle_days = Some(0),
        "idleDays",
        Rule::OutOfRange(1, MAX_DAYS),
    );
    profile(
        |one| one.maximum_per_user = Some(0),
        "maximumPerUser",
        Rule::OutOfRange(1, 1_000),
    );
    passkeys(
        |method| method.include[0].profiles.clear(),
        "include[0].profiles",
        Rule::ProfilesMissing,
    );
}

#[test]
fn an_empty_block_list_and_an_unenforced_allow_list_pass() {
    let mut method = policies().passkeys;
    method.profiles[0].restrictions.kind = RestrictionKind::Block;
    method.profiles[0].restrictions.enforced = true;
    method.profiles[1].restrictions.kind = RestrictionKind::Allow;
    assert_eq!(faults(&PolicyDocument::Passkeys(method)), []);
}

#[test]
fn a_model_query_can_be_satisfied() {
    let query = |query: ModelQuery| move |one: &mut PasskeyProfile| one.models = Some(query);
    let transports = vec!["usb".to_owned(), "pigeon".to_owned()];
    profile(
        query(ModelQuery {
            transports,
            ..ModelQuery::default()
        }),
        "models.transports[1]",
        Rule::UnknownTransport,
    );
    let vendors = vec![" ".to_owned()];
    profile(
        query(ModelQuery {
            vendors,
            ..ModelQuery::default()
        }),
        "models.vendors[0]",
        Rule::NameMissing,
    );
    let without_status = vec![
        ModelStatus::Compromised,
        ModelStatus::Revoked,
        ModelStatus::UpdateAvailable,
        ModelStatus::Good,
    ];
    profile(
        query(ModelQuery {
            without_status,
            ..ModelQuery::default()
        }),
        "models.withoutStatus",
        Rule::EveryStatusExcluded,
    );
    profile(
        |one| {
            one.types = vec![PasskeyType::DeviceBound];
            one.models = Some(ModelQuery {
                device_lock: true,
                ..ModelQuery::default()
            });
        },
        "models.deviceLock",
        Rule::ProviderOfDeviceBound,
    );
}

#[test]
fn a_strength_can_be_satisfied() {
    one_strength(
        |one| {
            one.combinations.clear();
            one.allowed_aaguids.clear();
        },
        "combinations",
        Rule::CombinationsMissing,
    );
    one_strength(
        |one| one.allowed_aaguids[0].aaguids.clear(),
        "allowedAaguids[0].aaguids",
        Rule::ModelsMissing,
    );
    one_strength(
        |one| {
            one.allowed_aaguids.push(AaguidConfiguration {
                id: Uuid::from_bytes([10; 16]),
                aaguids: vec![Uuid::from_bytes([11; 16])],
            });
        },
        "allowedAaguids[1].aaguids",
        Rule::ModelsDisjoint,
    );
    one_strength(
        |one| one.combinations = vec![Combination::new(vec![Mode::Password]).unwrap()],
        "combinations",
        Rule::PasskeyNotCombined,
    );
    one_strength(
        |one| {
            one.passkey.attested = true;
            one.passkey.passkey_type = Some(PasskeyType::Synced);
        },
        "passkey.attested",
        Rule::AttestedSynced,
    );
    one_strength(
        |one| one.passkey.minimum_certification = Some(CertificationLevel::L2),
        "passkey.minimumCertification",
        Rule::CertificationWithoutAttestation,
    );
    one_strength(
        |one| one.passkey.maximum_minutes = Some(0),
        "passkey.maximumMinutes",
        Rule::OutOfRange(1, MAX_MINUTES),
    );
}

#[test]
fn an_access_policy_says_for_what_and_what() {
    let target = "conditions.target.applications";
    one_access(
        |one| {
            one.session.persistent_browser = None;
            one.conditions.target = AccessTarget::default();
        },
        target,
        Rule::TargetMissing,
    );
    one_access(
        |one| {
            one.session.persistent_browser = None;
            one.conditions.target = AccessTarget::Contexts(Vec::new());
        },
        "conditions.target.contexts",
        Rule::TargetMissing,
    );
    one_access(
        |one| {
            one.grant = AccessGrant::Nothing;
            one.session = SessionControls::default();
        },
        "grant",
        Rule::AsksNothing,
    );
    one_access(
        |one| one.session.sign_in_frequency = Some(SignInFrequency::Minutes(0)),
        "session.signInFrequency.minutes",
        Rule::OutOfRange(1, MAX_MINUTES),
    );
    one_access(
        |one| {
            one.conditions.target = AccessTarget::RegisterSecurityInfo;
        },
        "session.persistentBrowser",
        Rule::PersistenceOfSomeApplications,
    );
    one_access(
        |one| one.conditions.platforms.as_mut().unwrap().exclude = vec![Platform::Linux],
        "conditions.platforms.exclude",
        Rule::IncludedAndExcluded,
    );
    one_access(
        |one| {
            one.session.persistent_browser = None;
            one.conditions.target = AccessTarget::Applications {
                all: true,
                include: vec![APPLICATION],
                exclude: vec![APPLICATION],
                admin_portals: false,
            };
        },
        "conditions.target.applications.exclude",
        Rule::IncludedAndExcluded,
    );
}

#[test]
fn a_session_control_alone_is_enough() {
    let mut one = access();
    one.grant = AccessGrant::Nothing;
    assert_eq!(faults(&PolicyDocument::Access(Box::new(one))), []);
}

#[test]
fn a_location_has_ranges_and_a_context_its_name() {
    let empty = NamedLocation {
        ranges: Vec::new(),
        ..location()
    };
    expect(
        PolicyDocument::Location(empty),
        "ranges",
        Rule::RangesMissing,
    );
    for id in ["c0", "c100", "c01", "C1", "1", "c", "c-1", "payments"] {
        let one = AuthenticationContext {
            id: id.to_owned(),
            name: "Other".to_owned(),
            ..context()
        };
        expect(PolicyDocument::Context(one), "id", Rule::ContextId);
    }
    let last = AuthenticationContext {
        id: "c99".to_owned(),
        name: "Last".to_owned(),
        ..context()
    };
    assert_eq!(faults(&PolicyDocument::Context(last)), []);
}

#[test]
fn passes_keep_to_their_bounds() {
    for length in [7, 49] {
        passes(|one| one.length = length, "length", Rule::OutOfRange(8, 48));
    }
    passes(
        |one| one.minimum_minutes = 9,
        "minimumMinutes",
        Rule::OutOfRange(10, 43_200),
    );
    passes(
        |one| one.maximum_minutes = 43_201,
        "maximumMinutes",
        Rule::OutOfRange(10, 43_200),
    );
    for minutes in [59, 481] {
        passes(
            |one| one.default_minutes = minutes,
            "defaultMinutes",
            Rule::LifetimesCrossed,
        );
    }
}

#[test]
fn a_campaign_keeps_to_its_bounds() {
    one_campaign(
        |one| one.snooze_days = 15,
        "snoozeDays",
        Rule::OutOfRange(0, 14),
    );
    one_campaign(|one| one.ends = one.starts, "ends", Rule::EndsBeforeStart);
    one_campaign(
        |one| one.waves[1].percent = 101,
        "waves[1].percent",
        Rule::OutOfRange(0, 100),
    );
    one_campaign(
        |one| one.waves[1].from = one.waves[0].from,
        "waves[1].from",
        Rule::WavesUnordered,
    );
}

#[test]
fn every_fault_is_reported_and_not_without_end() {
    let mut one = access();
    one.name.clear();
    one.grant = AccessGrant::Strength(StrengthId::from_bytes([99; 16]));
    assert_eq!(faults(&PolicyDocument::Access(Box::new(one))).len(), 2);
    let mut many = access();
    many.conditions.users.include.users = vec![UserId::from_bytes([99; 16]); 1_000];
    assert_eq!(
        faults(&PolicyDocument::Access(Box::new(many))).len(),
        MAX_FAULTS
    );
}

#[test]
fn what_a_document_names_can_be_looked_up() {
    let mut one = access();
    one.conditions.users.include.users = vec![USER];
    one.session.persistent_browser = None;
    one.conditions.target = AccessTarget::Applications {
        all: false,
        include: vec![APPLICATION],
        exclude: Vec::new(),
        admin_portals: false,
    };
    let document = PolicyDocument::Access(Box::new(one));
    assert_eq!(Names::in_document(&document), known());
    let naming = naming_group(&policies(), GROUP);
    assert_eq!(naming, [PolicyDocument::Access(Box::new(access()))]);
    assert_eq!(naming_group(&policies(), GroupId::from_bytes([99; 16])), []);
}

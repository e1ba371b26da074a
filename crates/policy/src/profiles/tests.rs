#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use super::*;
use crate::model::{
    CertificationLevel, CrossDevice, CrossDeviceRule, GroupId, KeyRestrictions, ModelQuery,
    ModelStatus, Models, PasskeyTarget, Policies, Protections, Role, Scope, User, UserType,
    UserVerification,
};
use crate::samples::*;
use std::collections::BTreeMap;
use std::sync::Arc;

const PILOT: GroupId = GroupId::from_bytes([3; 16]);
const EVERYBODY_ELSE: GroupId = GroupId::from_bytes([4; 16]);
const OTHER_MODEL: Uuid = Uuid::from_bytes([0xbb; 16]);

fn key() -> Key {
    Key::from(&passkey())
}

fn model() -> Uuid {
    Uuid::from_bytes(AAGUID)
}

/// A person, a key, an occasion, and what policies say.
#[derive(Debug)]
struct Case {
    policies: Policies,
    models: Models,
    user: User,
    groups: Vec<GroupId>,
    key: Key,
    existing: Vec<Key>,
    by: Provenance,
    across: bool,
}

impl Case {
    fn of(policies: Policies) -> Self {
        Self {
            policies,
            models: Models::default(),
            user: user(),
            groups: vec![PILOT],
            key: key(),
            existing: Vec::new(),
            by: Provenance::SelfService,
            across: false,
        }
    }

    fn under(profile: PasskeyProfile) -> Self {
        Self::of(policies(profile))
    }

    fn key(mut self, change: impl FnOnce(&mut Key)) -> Self {
        change(&mut self.key);
        self
    }

    fn policy(mut self, change: impl FnOnce(&mut Policies)) -> Self {
        change(&mut self.policies);
        self
    }

    fn guest(mut self) -> Self {
        self.user.user_type = UserType::Guest;
        self
    }

    fn with<T>(&self, question: impl FnOnce(&Snapshot, &Subject<'_>) -> T) -> T {
        let models = Arc::new(self.models.clone());
        let snapshot = Snapshot::compile(1, self.policies.clone(), models);
        let subject = snapshot.subject(&self.user, &[], &self.groups);
        question(&snapshot, &subject)
    }

    fn register(&self) -> Result<(), Denial> {
        self.judge(Occasion::Registration {
            by: self.by,
            existing: &self.existing,
            across: self.across,
        })
    }

    fn sign_in(&self) -> Result<(), Denial> {
        self.judge(Occasion::sign_in(self.across))
    }

    fn judge(&self, occasion: Occasion<'_>) -> Result<(), Denial> {
        self.with(|snapshot, subject| {
            judge(snapshot, subject, &self.key, occasion, NOW).map(|_| ())
        })
    }

    fn before(&self) -> Result<usize, Denial> {
        let occasion = Occasion::Registration {
            by: self.by,
            existing: &self.existing,
            across: self.across,
        };
        self.with(|snapshot, subject| {
            before(snapshot, subject, occasion, NOW).map(|open| open.len())
        })
    }
}

fn restricted(kind: RestrictionKind, aaguids: &[Uuid]) -> KeyRestrictions {
    KeyRestrictions {
        enforced: true,
        kind,
        aaguids: aaguids.to_vec(),
    }
}

fn synced(key: &mut Key) {
    key.passkey_type = PasskeyType::Synced;
}

fn unattested(key: &mut Key) {
    key.level = AttestationLevel::NotAttested;
    key.root = None;
}

/// Two profiles for two groups.
/// A root of one's own vouches for the profiles that name it, and for no other.
#[test]
fn an_own_root_counts_where_it_is_named() {
    let pem = include_str!("../model/certificates/root.pem");
    let certificate = crate::model::RootCertificate::parse(pem).unwrap();
    let own = certificate.fingerprint();
    let with = |roots: Vec<Sha256>| {
        let profile = PasskeyProfile {
            attestation: AttestationRule::Always,
            roots,
            ..profile()
        };
        Policies {
            roots: vec![crate::model::AttestationRoot {
                name: "House".to_owned(),
                created: NOW,
                modified: NOW,
                certificate: certificate.clone(),
                models: Vec::new(),
            }],
            ..policies(profile)
        }
    };
    let asked = |policies: Policies, root: Sha256| {
        let snapshot = Snapshot::compile(1, policies, Arc::default());
        let user = user();
        let subject = snapshot.subject(&user, &[], &[]);
        let mut passkey = passkey();
        passkey.attestation_level = AttestationLevel::Attested;
        passkey.attestation_root = Some(root);
        let key = Key::from(&passkey);
        let judged = judge(&snapshot, &subject, &key, Occasion::SignIn, NOW).map(drop);
        (judged, snapshot.own_roots(&subject).len())
    };
    assert_eq!(asked(with(vec![own]), own), (Ok(()), 1));
    assert_eq!(
        asked(with(Vec::new()), own),
        (Err(Denial::AttestationRequired), 0)
    );
    // Roots of the metadata count as before.
    let other = Sha256::from_bytes(ROOT);
    assert_eq!(asked(with(Vec::new()), other), (Ok(()), 0));
    assert_eq!(
        asked(with(vec![own]), other),
        (Err(Denial::AttestationRootNotAllowed), 1)
    );
}

fn two(first: PasskeyProfile, second: PasskeyProfile) -> Policies {
    let target = |group, profile: &PasskeyProfile| PasskeyTarget {
        who: Scope::group(group),
        except: Scope::default(),
        registration_required: false,
        profiles: vec![profile.id],
    };
    let mut policies = Policies::of_new_tenant();
    policies.passkeys.include = vec![target(PILOT, &first), target(EVERYBODY_ELSE, &second)];
    policies.passkeys.profiles = vec![first, second];
    policies
}

fn second(change: impl FnOnce(&mut PasskeyProfile)) -> PasskeyProfile {
    let mut profile = PasskeyProfile::open(Policies::ROLE_HOLDERS, "Second");
    change(&mut profile);
    profile
}

fn first(change: impl FnOnce(&mut PasskeyProfile)) -> PasskeyProfile {
    let mut profile = profile();
    change(&mut profile);
    profile
}

/// A fact, a case, what comes of registering the key and of signing in with it.
type Row = (&'static str, Case, Result<(), Denial>, Result<(), Denial>);

/// The rules of passkey evaluation (reference 1.2), each row naming the fact; 9 is in [`crate::reference`]. The first result is that of a registration, the second that of
/// a sign-in.
#[test]
fn every_rule_of_the_evaluation() {
    let ok = Ok(());
    let device_bound =
        |profile: &mut PasskeyProfile| profile.types = vec![PasskeyType::DeviceBound];
    let attested = |profile: &mut PasskeyProfile| {
        profile.attestation = AttestationRule::RegistrationOnly;
    };
    let allow_only_another = |profile: &mut PasskeyProfile| {
        profile.restrictions = restricted(RestrictionKind::Allow, &[OTHER_MODEL]);
    };
    let rows: Vec<Row> = vec![
        (
            "1.2.1: the method is enabled and the person is in a target",
            Case::under(profile()),
            ok,
            ok,
        ),
        (
            "1.2.1: the method is disabled",
            Case::under(profile()).policy(|policies| policies.passkeys.enabled = false),
            Err(Denial::PasskeysOff),
            Err(Denial::PasskeysOff),
        ),
        (
            "passkeyAvailability: a cloud without passkeys, before everything else",
            Case::under(profile()).policy(|policies| {
                policies.availability.available = false;
                policies.passkeys.enabled = false;
            }),
            Err(Denial::PasskeysUnavailable),
            Err(Denial::PasskeysUnavailable),
        ),
        (
            "1.2.1: the person is in no target",
            Case::of(two(profile(), second(|_| ())))
                .policy(|policies| policies.passkeys.include.truncate(0)),
            Err(Denial::NoPasskeyProfile),
            Err(Denial::NoPasskeyProfile),
        ),
        (
            "1.2.2: exclude beats include, for registration and sign-in",
            Case::under(profile())
                .policy(|policies| policies.passkeys.exclude = Scope::group(PILOT)),
            Err(Denial::PasskeysBarred),
            Err(Denial::PasskeysBarred),
        ),
        (
            "1.2.2: exclude beats include by name, for registration and sign-in",
            Case::under(profile()).policy(|policies| {
                policies.passkeys.exclude.users = vec![user().id];
            }),
            Err(Denial::PasskeysBarred),
            Err(Denial::PasskeysBarred),
        ),
        (
            "1.2.3: a target can carry several profiles",
            Case::of(two(first(device_bound), second(|_| ())))
                .policy(|policies| {
                    let id = Policies::ROLE_HOLDERS;
                    policies.passkeys.include.truncate(1);
                    for target in &mut policies.passkeys.include {
                        target.profiles.push(id);
                    }
                })
                .key(synced),
            ok,
            ok,
        ),
        (
            "1.2.3: no order or priority: the satisfied profile may come first",
            Case {
                groups: vec![PILOT, EVERYBODY_ELSE],
                ..Case::of(two(profile(), second(device_bound))).key(synced)
            },
            ok,
            ok,
        ),
        (
            "1.2.3: one fully satisfied profile of several is enough",
            Case {
                groups: vec![PILOT, EVERYBODY_ELSE],
                ..Case::of(two(first(device_bound), second(|_| ()))).key(synced)
            },
            ok,
            ok,
        ),
        (
            "1.2.3: only the profiles of one's own targets count",
            Case::of(two(first(device_bound), second(|_| ()))).key(synced),
            Err(Denial::PasskeyTypeNotAllowed),
            Err(Denial::PasskeyTypeNotAllowed),
        ),
        (
            "1.2.3: partial satisfaction of two profiles does not add up",
            Case {
                groups: vec![PILOT, EVERYBODY_ELSE],
                ..Case::of(two(first(device_bound), second(allow_only_another))).key(synced)
            },
            Err(Denial::PasskeyTypeNotAllowed),
            Err(Denial::PasskeyTypeNotAllowed),
        ),
        (
            "1.2.4: a model that left the allow list is refused at once, registered or not",
            Case::under(first(allow_only_another)),
            Err(Denial::AaguidNotAllowed),
            Err(Denial::AaguidNotAllowed),
        ),
        (
            "1.2.4: a model on the block list is refused at once",
            Case::under(first(|profile| {
                profile.restrictions = restricted(RestrictionKind::Block, &[model()]);
            })),
            Err(Denial::AaguidNotAllowed),
            Err(Denial::AaguidNotAllowed),
        ),
        (
            "1.2.4: an allow list takes what it names",
            Case::under(first(|profile| {
                profile.restrictions = restricted(RestrictionKind::Allow, &[model()]);
            })),
            ok,
            ok,
        ),
        (
            "1.2.4: a block list takes what it does not name",
            Case::under(first(|profile| {
                profile.restrictions = restricted(RestrictionKind::Block, &[OTHER_MODEL]);
            })),
            ok,
            ok,
        ),
        (
            "1.2.4: a list that is not enforced says nothing",
            Case::under(first(|profile| {
                profile.restrictions = KeyRestrictions {
                    enforced: false,
                    ..restricted(RestrictionKind::Allow, &[OTHER_MODEL])
                };
            })),
            ok,
            ok,
        ),
        (
            "1.2.5: attestation is asked at registration only",
            Case::under(first(attested)).key(unattested),
            Err(Denial::AttestationRequired),
            ok,
        ),
        (
            "1.2.5, beyond: attestation asked always",
            Case::under(first(|profile| {
                profile.attestation = AttestationRule::Always
            }))
            .key(unattested),
            Err(Denial::AttestationRequired),
            Err(Denial::AttestationRequired),
        ),
        (
            "1.2.5: what is attested passes",
            Case::under(first(|profile| {
                profile.attestation = AttestationRule::Always
            })),
            ok,
            ok,
        ),
        (
            "1.2.6: the type is asked at registration and at sign-in",
            Case::under(first(device_bound)).key(synced),
            Err(Denial::PasskeyTypeNotAllowed),
            Err(Denial::PasskeyTypeNotAllowed),
        ),
        (
            "1.2.7: synced passkeys are not attested, so attestation keeps them out",
            Case::under(first(attested)).key(synced).key(unattested),
            Err(Denial::AttestationRequired),
            ok,
        ),
        (
            "1.2.8: without self-service nobody registers, and passkeys go on working",
            Case::under(profile()).policy(|policies| policies.passkeys.self_service = false),
            Err(Denial::SelfServiceOff),
            ok,
        ),
        (
            "1.2.8, lifted: provisioning goes on without self-service",
            Case {
                by: Provenance::Provisioned,
                ..Case::under(profile()).policy(|policies| policies.passkeys.self_service = false)
            },
            ok,
            ok,
        ),
        (
            "1.2.8, beyond: a profile may allow what the tenant does not",
            Case::under(first(|profile| profile.self_service = Some(true)))
                .policy(|policies| policies.passkeys.self_service = false),
            ok,
            ok,
        ),
        (
            "1.2.8, beyond: and forbid what the tenant allows",
            Case::under(first(|profile| profile.self_service = Some(false))),
            Err(Denial::SelfServiceOff),
            ok,
        ),
        (
            "1.2.10: guests use no passkey unless a profile is open to them",
            Case::under(profile()).guest(),
            Err(Denial::PasskeysNotForGuests),
            Err(Denial::PasskeysNotForGuests),
        ),
        (
            "1.2.10, lifted: a profile for guests",
            Case::under(first(|profile| profile.guests = true)).guest(),
            ok,
            ok,
        ),
        (
            "beyond: roots are asked with the attestation",
            Case::under(first(|profile| {
                profile.roots = vec![Sha256::from_bytes([1; 32])];
            })),
            Err(Denial::AttestationRootNotAllowed),
            ok,
        ),
        (
            "beyond: roots are asked always where attestation is",
            Case::under(first(|profile| {
                profile.attestation = AttestationRule::Always;
                profile.roots = vec![Sha256::from_bytes([1; 32])];
            })),
            Err(Denial::AttestationRootNotAllowed),
            Err(Denial::AttestationRootNotAllowed),
        ),
        (
            "beyond: a root that is listed",
            Case::under(first(|profile| {
                profile.attestation = AttestationRule::Always;
                profile.roots = vec![Sha256::from_bytes(ROOT)];
            })),
            ok,
            ok,
        ),
        (
            "beyond: a root counts only as long as it vouches",
            Case::under(first(|profile| {
                profile.roots = vec![Sha256::from_bytes(ROOT)];
            }))
            .key(|key| key.level = AttestationLevel::NotAttested),
            Err(Denial::AttestationRootNotAllowed),
            ok,
        ),
        (
            "beyond: post-quantum only",
            Case::under(first(|profile| profile.post_quantum_only = true)),
            Err(Denial::PostQuantumRequired),
            Err(Denial::PostQuantumRequired),
        ),
        (
            "beyond: ML-DSA is post-quantum",
            Case::under(first(|profile| profile.post_quantum_only = true))
                .key(|key| key.algorithm = -49),
            ok,
            ok,
        ),
        (
            "beyond: the last moment of the maximum age",
            Case::under(first(|profile| profile.maximum_age_days = Some(10)))
                .key(|key| key.created = ago(Span::days(10)).plus(Span::seconds(1))),
            ok,
            ok,
        ),
        (
            "beyond: past the maximum age, however often it is used",
            Case::under(first(|profile| profile.maximum_age_days = Some(10)))
                .key(|key| key.created = ago(Span::days(10)))
                .key(|key| key.last_used = Some(NOW)),
            Err(Denial::PasskeyTooOld),
            Err(Denial::PasskeyTooOld),
        ),
        (
            "beyond: idle for too long",
            Case::under(first(|profile| profile.idle_days = Some(10)))
                .key(|key| key.created = ago(Span::days(30)))
                .key(|key| key.last_used = Some(ago(Span::days(10)))),
            Err(Denial::PasskeyIdle),
            Err(Denial::PasskeyIdle),
        ),
        (
            "beyond: idle is counted from the last use",
            Case::under(first(|profile| profile.idle_days = Some(10)))
                .key(|key| key.created = ago(Span::days(30)))
                .key(|key| key.last_used = Some(ago(Span::days(9)))),
            ok,
            ok,
        ),
        (
            "beyond: a number per person, asked at registration only",
            Case {
                existing: vec![key()],
                ..Case::under(first(|profile| profile.maximum_per_user = Some(1)))
            },
            Err(Denial::TooManyPasskeys),
            ok,
        ),
        (
            "beyond: only passkeys of the profile count against its number",
            Case {
                existing: vec![Key {
                    passkey_type: PasskeyType::Synced,
                    ..key()
                }],
                ..Case::under(first(|profile| {
                    profile.maximum_per_user = Some(1);
                    profile.types = vec![PasskeyType::DeviceBound];
                }))
            },
            ok,
            ok,
        ),
        (
            "beyond: a passkey that is about to end leaves room for its replacement",
            Case {
                existing: vec![Key {
                    created: ago(Span::days(70)),
                    ..key()
                }],
                ..Case::under(first(|profile| {
                    profile.maximum_per_user = Some(1);
                    profile.maximum_age_days = Some(100);
                    profile.warning_days = 30;
                }))
            },
            ok,
            ok,
        ),
    ];
    for (fact, case, registration, sign_in) in rows {
        assert_eq!(case.register(), registration, "registration: {fact}");
        assert_eq!(case.sign_in(), sign_in, "sign-in: {fact}");
    }
}

#[test]
fn before_the_gesture_is_said_what_no_key_could_change() {
    let told = [
        (Case::under(profile()), Ok(1)),
        (
            Case::under(profile()).policy(|policies| policies.passkeys.enabled = false),
            Err(Denial::PasskeysOff),
        ),
        (
            Case::under(first(|profile| profile.self_service = Some(false))),
            Err(Denial::SelfServiceOff),
        ),
        (
            Case {
                existing: vec![key()],
                ..Case::under(first(|profile| profile.maximum_per_user = Some(1)))
            },
            Err(Denial::TooManyPasskeys),
        ),
        (
            Case::under(profile()).guest(),
            Err(Denial::PasskeysNotForGuests),
        ),
        (
            Case {
                groups: vec![PILOT, EVERYBODY_ELSE],
                ..Case::of(two(
                    first(|profile| profile.self_service = Some(false)),
                    second(|_| ()),
                ))
            },
            Ok(1),
        ),
    ];
    for (case, expected) in told {
        assert_eq!(case.before(), expected);
    }
}

#[test]
fn algorithms_are_narrowed_only_where_nothing_else_could_pass() {
    let offered = [Algorithm::Es256, Algorithm::MlDsa44];
    let quantum = second(|profile| profile.post_quantum_only = true);
    assert_eq!(algorithms(&[&quantum], &offered), [Algorithm::MlDsa44]);
    assert_eq!(algorithms(&[&quantum, &profile()], &offered), offered);
}

#[test]
fn the_nearest_profile_says_why() {
    let far = first(|profile| {
        profile.types = vec![PasskeyType::Synced];
        profile.post_quantum_only = true;
    });
    let near = second(|profile| {
        profile.restrictions = restricted(RestrictionKind::Allow, &[OTHER_MODEL]);
    });
    let case = Case {
        groups: vec![PILOT, EVERYBODY_ELSE],
        ..Case::of(two(far, near))
    };
    assert_eq!(case.register(), Err(Denial::AaguidNotAllowed));
    let verdicts = case.with(|snapshot, subject| {
        let verdicts = assess(snapshot, subject, &case.key, Occasion::SignIn, NOW).unwrap();
        let rules = |verdict: &Verdict<'_>| verdict.shortfalls.iter().collect::<Vec<_>>();
        verdicts.iter().map(rules).collect::<Vec<_>>()
    });
    let expected = [
        vec![Rule::Type, Rule::PostQuantum],
        vec![Rule::Restrictions],
    ];
    assert_eq!(verdicts, expected);
}

#[test]
fn where_no_target_covers_somebody_there_is_nothing_to_explain() {
    let mut case = Case::under(profile());
    case.policies.passkeys.include.clear();
    let assessed = case.with(|snapshot, subject| {
        assess(snapshot, subject, &case.key, Occasion::SignIn, NOW).map(|all| all.len())
    });
    assert_eq!(assessed, Err(Denial::NoPasskeyProfile));
    assert_eq!(case.before(), Err(Denial::NoPasskeyProfile));
}

#[test]
fn codes_and_denials_of_rules_are_different_each() {
    let codes: std::collections::BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    assert_eq!(codes.len(), Rule::ALL.len());
    let denials: std::collections::HashSet<_> =
        Rule::ALL.iter().map(|rule| rule.denial().code()).collect();
    assert_eq!(denials.len(), Rule::ALL.len());
}

fn known() -> ModelFacts {
    ModelFacts {
        name: "Key 5".to_owned(),
        vendor: "Example".to_owned(),
        certification: Some(CertificationLevel::L2),
        status: Some(ModelStatus::Good),
        transports: vec!["usb".to_owned(), "nfc".to_owned()],
        user_verification: vec![UserVerification::Passcode],
        key_protection: Vec::new(),
        protections: Some(Protections {
            second_factor_set_up: Some(true),
            device_lock: Some(false),
            end_to_end_encrypted: None,
        }),
    }
}

#[test]
fn every_member_of_a_query_asks_and_the_unknown_never_answers() {
    let query = |change: fn(&mut ModelQuery)| {
        let mut query = ModelQuery::default();
        change(&mut query);
        query
    };
    let rows: &[(ModelQuery, bool)] = &[
        (ModelQuery::default(), true),
        (query(|one| one.vendors = vec!["EXAMPLE".to_owned()]), true),
        (query(|one| one.vendors = vec!["Other".to_owned()]), false),
        (
            query(|one| one.minimum_certification = Some(CertificationLevel::L2)),
            true,
        ),
        (
            query(|one| one.minimum_certification = Some(CertificationLevel::L2Plus)),
            false,
        ),
        (
            query(|one| one.without_status = vec![ModelStatus::Revoked]),
            true,
        ),
        (
            query(|one| one.without_status = vec![ModelStatus::Good]),
            false,
        ),
        (
            query(|one| one.transports = vec!["ble".to_owned(), "nfc".to_owned()]),
            true,
        ),
        (
            query(|one| one.transports = vec!["internal".to_owned()]),
            false,
        ),
        (
            query(|one| one.user_verification = vec![UserVerification::Passcode]),
            true,
        ),
        (
            query(|one| one.user_verification = vec![UserVerification::Face]),
            false,
        ),
        (query(|one| one.second_factor_set_up = true), true),
        (query(|one| one.device_lock = true), false),
        (query(|one| one.end_to_end_encrypted = true), false),
    ];
    for (query, holds) in rows {
        let mut case = Case::under(first(|profile| profile.models = Some(query.clone())));
        case.models = Models::new(BTreeMap::from([(model(), known())]));
        let expected = if *holds {
            Ok(())
        } else {
            Err(Denial::ModelNotAllowed)
        };
        assert_eq!(case.sign_in(), expected, "{query:?}");
        for silent in [
            Models::default(),
            Models::new(BTreeMap::from([(model(), ModelFacts::default())])),
        ] {
            case.models = silent;
            let asks_nothing = *query == ModelQuery::default();
            assert_eq!(case.sign_in().is_ok(), asks_nothing, "{query:?}");
        }
    }
}

#[test]
fn all_members_of_a_query_hold_together() {
    let query = ModelQuery {
        vendors: vec!["Example".to_owned()],
        transports: vec!["internal".to_owned()],
        device_lock: true,
        ..ModelQuery::default()
    };
    let model = known();
    let missing: Vec<_> = unmet(&query, Some(&model)).collect();
    assert_eq!(missing, ["transports", "deviceLock"]);
    let nameless = ModelQuery {
        vendors: vec![String::new()],
        ..ModelQuery::default()
    };
    let missing: Vec<_> = unmet(&nameless, Some(&ModelFacts::default())).collect();
    assert_eq!(missing, ["vendors"]);
}

mod properties;

/// Registration and sign-in apart; with and without attestation; a passkey of this device is never touched by it.
#[test]
fn cross_device_is_decided_for_registration_and_sign_in_apart() {
    let no = Err(Denial::CrossDeviceNotAllowed);
    let rows = [
        (CrossDevice::Allowed, AttestationRule::Disabled, Ok(())),
        (
            CrossDevice::Allowed,
            AttestationRule::RegistrationOnly,
            Ok(()),
        ),
        (CrossDevice::Allowed, AttestationRule::Always, Ok(())),
        (
            CrossDevice::NotWithAttestation,
            AttestationRule::Disabled,
            Ok(()),
        ),
        (
            CrossDevice::NotWithAttestation,
            AttestationRule::RegistrationOnly,
            no,
        ),
        (CrossDevice::NotWithAttestation, AttestationRule::Always, no),
        (CrossDevice::Blocked, AttestationRule::Disabled, no),
        (CrossDevice::Blocked, AttestationRule::Always, no),
    ];
    for (switch, attestation, across) in rows {
        let open = CrossDeviceRule::default();
        let at_registration = CrossDeviceRule {
            registration: switch,
            ..open
        };
        let at_sign_in = CrossDeviceRule {
            sign_in: switch,
            ..open
        };
        for (cross_device, registered, signed_in) in [
            (at_registration, across, Ok(())),
            (at_sign_in, Ok(()), across),
        ] {
            let case = Case::under(PasskeyProfile {
                cross_device,
                attestation,
                ..profile()
            });
            let row = format!("{cross_device:?} {attestation:?}");
            assert_eq!((case.register(), case.sign_in()), (Ok(()), Ok(())), "{row}");
            let case = Case {
                across: true,
                ..case
            };
            assert_eq!(
                (case.register(), case.sign_in()),
                (registered, signed_in),
                "{row}"
            );
        }
    }
}

/// The root of an authenticator that the organisation enrols vouches for that model, not for whatever another one claims to be.
#[test]
fn a_root_vouches_for_its_models_only() {
    let pem = include_str!("../model/certificates/root.pem");
    let certificate = crate::model::RootCertificate::parse(pem).unwrap();
    let own = certificate.fingerprint();
    let judged = |models: Vec<Uuid>| {
        let profile = PasskeyProfile {
            attestation: AttestationRule::Always,
            roots: vec![own],
            ..profile()
        };
        let case = Case::under(profile).policy(|policies| {
            policies.roots = vec![crate::model::AttestationRoot {
                name: "House".to_owned(),
                created: NOW,
                modified: NOW,
                certificate: certificate.clone(),
                models,
            }];
        });
        let case = case.key(|key| {
            key.level = AttestationLevel::Attested;
            key.root = Some(own);
        });
        (case.register(), case.sign_in())
    };
    assert_eq!(judged(Vec::new()), (Ok(()), Ok(())));
    assert_eq!(judged(vec![OTHER_MODEL, model()]), (Ok(()), Ok(())));
    let no = Err(Denial::AttestationRequired);
    assert_eq!(judged(vec![OTHER_MODEL]), (no, no));
}

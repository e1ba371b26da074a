//! What decisions cost, in CPU time of one thread.
//!
//! - *a decision*: profiles and conditional access for one person in 100 groups, under 200 policies and 50 profiles.
//! - *blast radius*: a changed profile over 100,000 people with 200,000 passkeys, and a changed conditional access policy
//!   over the same people.

use std::sync::Arc;

use policy::access::{Request, Wish, decide};
use policy::impact::{Comparison, Resident, Tally};
use policy::model::*;
use policy::profiles::{Key, Occasion, judge};
use policy::snapshot::Snapshot;
use policy::strength::PHISHING_RESISTANT;
use rustix::time::{ClockId, clock_gettime};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const TENANT: TenantId = TenantId::from_bytes([1; 16]);
const PEOPLE: u32 = 100_000;
const ROUNDS: usize = 51;
const PER_ROUND: usize = 200;

fn main() {
    decision();
    let people: Vec<Resident> = (0..PEOPLE).map(resident).collect();
    let old = policies(200, 50);
    radius(
        "a model taken off an allow list",
        &old,
        &without_model(&old),
        &people,
    );
    radius(
        "a strength on every application",
        &old,
        &with_strength(&old),
        &people,
    );
}

fn decision() {
    let snapshot = Snapshot::compile(1, policies(200, 50), Arc::default());
    let person = resident(7);
    let proofs = [Proof::passkey(&person.passkeys[0], NOW)];
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = cpu();
            for _ in 0..PER_ROUND {
                let subject = snapshot.subject(&person.user, &person.roles, &person.groups);
                let key = Key::from(&person.passkeys[0]);
                let profile = judge(&snapshot, &subject, &key, Occasion::SignIn, NOW);
                let decision = decide(&snapshot, &subject, &request(), &proofs, NOW);
                std::hint::black_box((profile.is_ok(), decision));
            }
            (cpu() - begun) / PER_ROUND as f64
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    println!(
        "a decision (200 policies, 50 profiles, 100 groups): {:.1} µs, median of {ROUNDS} rounds",
        rounds[ROUNDS / 2]
    );
}

fn radius(what: &str, old: &Policies, new: &Policies, people: &[Resident]) {
    let old = Snapshot::compile(1, old.clone(), Arc::default());
    let new = Snapshot::compile(2, new.clone(), Arc::default());
    let begun = cpu();
    let comparison = Comparison::new(&old, &new, NOW);
    let mut tally = Tally::default();
    for person in people {
        comparison.add(&mut tally, person);
    }
    let seconds = (cpu() - begun) / 1e6;
    println!(
        "blast radius, {what}: {seconds:.2} s for {} people with {} passkeys ({} affected, {} passkeys stop)",
        tally.people, tally.passkeys, tally.affected, tally.passkeys_stopping
    );
}

fn request() -> Request<'static> {
    Request {
        wish: Wish::Application(ApplicationId::from_bytes([5; 16])),
        contexts: &[],
        acr: None,
        platform: Some(Platform::Windows),
        client: ClientType::Browser,
        address: std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 9)),
        device_code: false,
        began: None,
    }
}

fn policies(access: u32, profiles: u32) -> Policies {
    let mut policies = Policies::of_new_tenant();
    policies.passkeys.profiles = (0..profiles).map(profile).collect();
    policies.passkeys.include = (0..profiles)
        .map(|number| PasskeyTarget {
            who: Scope::group(group(number)),
            except: Scope::default(),
            registration_required: false,
            profiles: vec![profile(number).id],
        })
        .collect();
    policies.access = (0..access).map(access_policy).collect();
    policies
}

fn without_model(policies: &Policies) -> Policies {
    let mut changed = policies.clone();
    for profile in &mut changed.passkeys.profiles {
        profile
            .restrictions
            .aaguids
            .retain(|model| *model != aaguid(3));
    }
    changed
}

fn with_strength(policies: &Policies) -> Policies {
    let mut changed = policies.clone();
    changed.access.push(AccessPolicy {
        conditions: Conditions {
            users: Assignment::everyone(),
            ..access_policy(0).conditions
        },
        grant: AccessGrant::Strength(PHISHING_RESISTANT),
        ..access_policy(100_000)
    });
    changed
}

fn profile(number: u32) -> PasskeyProfile {
    PasskeyProfile {
        restrictions: KeyRestrictions {
            enforced: true,
            kind: RestrictionKind::Allow,
            aaguids: (0..20).map(aaguid).collect(),
        },
        ..PasskeyProfile::open(ProfileId::from_bytes(id(number + 1, 2)), "Profile")
    }
}

fn access_policy(number: u32) -> AccessPolicy {
    AccessPolicy {
        id: AccessPolicyId::from_bytes(id(number, 3)),
        name: format!("Policy {number}"),
        description: String::new(),
        state: AccessState::Enabled,
        created: NOW,
        modified: NOW,
        conditions: Conditions {
            users: Assignment {
                include: Scope {
                    groups: (0..5).map(|offset| group(number * 7 + offset)).collect(),
                    ..Scope::default()
                },
                exclude: Scope::group(group(number * 11 + 3)),
            },
            target: AccessTarget::Applications {
                all: true,
                include: Vec::new(),
                exclude: Vec::new(),
                admin_portals: false,
            },
            ..Conditions::default()
        },
        grant: AccessGrant::Mfa,
        session: SessionControls::default(),
    }
}

fn resident(number: u32) -> Resident {
    let user = User {
        tenant: TENANT,
        id: UserId::from_bytes(id(number, 4)),
        user_principal_name: format!("user{number}@example.org"),
        display_name: String::new(),
        mail: None,
        enabled: true,
        handle: UserHandle::new(TENANT, [3; 16]),
        user_type: UserType::Member,
        break_glass: false,
        created: NOW,
        sessions_valid_from: Timestamp::from_micros(0),
        proofs_valid_from: None,
        version: 1,
    };
    Resident {
        passkeys: (0..2).map(|at| passkey(&user, number * 2 + at)).collect(),
        roles: Vec::new(),
        groups: (0..100).map(|offset| group(number + offset)).collect(),
        modes: vec![Mode::Password, Mode::SoftwareOath],
        user,
    }
}

fn passkey(user: &User, number: u32) -> Passkey {
    Passkey {
        tenant: TENANT,
        id: PasskeyId::from_bytes(id(number, 5)),
        user: user.id,
        credential_id: Vec::new(),
        stored_key: Vec::new(),
        algorithm: -7,
        aaguid: aaguid(number % 20),
        display_name: String::new(),
        created: NOW,
        last_used: Some(NOW),
        sign_count: 0,
        passkey_type: PasskeyType::DeviceBound,
        backed_up: false,
        transports: Vec::new(),
        discoverable: None,
        attestation_format: String::new(),
        attestation_level: AttestationLevel::Attested,
        attestation_root: None,
        key_store: None,
        attestation_certificate: None,
        attestation_object: Vec::new(),
        client_data: Vec::new(),
        user_verified: true,
        suspected_clone: None,
        compromise: None,
        warned: None,
        ended: None,
        enabled: true,
        waiting: false,
        provenance: Provenance::SelfService,
        registrar: Registrar::Owner,
    }
}

fn group(number: u32) -> GroupId {
    GroupId::from_bytes(id(number % 5_000, 6))
}

fn aaguid(number: u32) -> Uuid {
    Uuid::from_bytes(id(number + 1, 7))
}

fn id(number: u32, kind: u8) -> [u8; 16] {
    let mut bytes = [kind; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// Microseconds of CPU that this thread has used.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

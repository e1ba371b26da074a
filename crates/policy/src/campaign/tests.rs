//! One row for each fact of the reference's sections 4.2 to 4.5, and what holds of every nudge.

#![expect(clippy::expect_used, reason = "a failed setup is a failed test")]
use super::*;
use crate::Denial;
use crate::model::*;
use crate::register::Standing;
use crate::samples::{self, NOW, ago};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

const WINDOWS: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36";
const WINDOWS_EDGE: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0";
const WINDOWS_VIEW: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; WebView/3.0) AppleWebKit/537.36 Chrome/64.0 Edge/17.1";
const MAC_CHROME: &str =
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36";
const MAC_SAFARI: &str =
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605 Version/19 Safari/605";
const MAC_EDGE: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19 Mobile/15E148 Safari/604.1";
const IPHONE_VIEW: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Mobile/15E148";
const ANDROID: &str =
    "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36";
const ANDROID_VIEW: &str = "Mozilla/5.0 (Linux; Android 16; Phone Build/X; wv) AppleWebKit/537.36 Version/4.0 Chrome/156.0 Mobile Safari/537.36";
const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0";
const CHROME_OS: &str =
    "Mozilla/5.0 (X11; CrOS x86_64 16000.0.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36";

const ICLOUD: Uuid = Uuid::from_u128(0xfbfc3007_154e_4ecc_8c0b_6e020557d7bd);
const GOOGLE: Uuid = Uuid::from_u128(0xea9b8d66_4d01_1d21_3ce4_b6b48cb575d4);
const AUTHENTICATOR: Uuid = Uuid::from_u128(0x90a3ccdf_635c_4729_a248_9b709135078f);
const WINDOWS_HELLO: Uuid = Uuid::from_u128(0x08987058_cadc_4b81_b6e1_30de50dcbe96);
const SOME_MODEL: Uuid = Uuid::from_bytes(samples::AAGUID);

/// A directory with one person, and the moment at which they might be asked.
#[derive(Debug)]
struct Case {
    policies: Policies,
    models: Models,
    user: User,
    groups: Vec<GroupId>,
    passkeys: Vec<Passkey>,
    user_agent: &'static str,
    standing: Standing,
    registration_granted: bool,
    multi_factor: bool,
    makes_passkeys: bool,
    arrival: Arrival,
    just_registered: bool,
    used_here: Vec<PasskeyId>,
    snoozes: Snoozes,
}

impl Case {
    /// An enabled campaign for everybody, in front of somebody on Windows with Chrome who has no passkey and has just
    /// shown password and code: they are asked.
    fn new() -> Self {
        let mut policies = Policies::of_new_tenant();
        policies.campaigns = vec![Campaign {
            state: CampaignState::Enabled,
            ..Campaign::of_new_tenant()
        }];
        Self {
            policies,
            models: Models::default(),
            user: samples::user(),
            groups: Vec::new(),
            passkeys: Vec::new(),
            user_agent: WINDOWS,
            standing: Standing::Mfa(NOW),
            registration_granted: true,
            multi_factor: true,
            makes_passkeys: true,
            arrival: Arrival::SignIn,
            just_registered: false,
            used_here: Vec::new(),
            snoozes: Snoozes::default(),
        }
    }

    fn campaign(&mut self) -> &mut Campaign {
        self.policies.campaigns.first_mut().expect("one")
    }

    /// The profile of everybody who holds no role.
    fn profile(&mut self) -> &mut PasskeyProfile {
        let profiles = &mut self.policies.passkeys.profiles;
        let mut all = profiles.iter_mut();
        all.find(|one| one.id == PasskeyProfile::DEFAULT)
            .expect("one")
    }

    fn add(&mut self, aaguid: Uuid, kind: PasskeyType, transports: &[&str]) -> PasskeyId {
        let number = u8::try_from(self.passkeys.len()).expect("few");
        let id = PasskeyId::from_bytes([100 + number; 16]);
        self.passkeys.push(Passkey {
            id,
            aaguid,
            passkey_type: kind,
            attestation_level: AttestationLevel::NotAttested,
            attestation_root: None,
            transports: transports.iter().map(|&one| one.to_owned()).collect(),
            ..samples::passkey()
        });
        id
    }

    fn model(&mut self, aaguid: Uuid, facts: ModelFacts) {
        let mut all: BTreeMap<_, _> = self
            .models
            .iter()
            .map(|(aaguid, facts)| (aaguid, facts.clone()))
            .collect();
        all.insert(aaguid, facts);
        self.models = Models::new(all);
    }

    /// What can be said before anything but `known` is read.
    fn glimpse(&self, known: &[Passkey]) -> bool {
        let snapshot = Snapshot::compile(1, self.policies.clone(), Arc::new(self.models.clone()));
        let subject = snapshot.subject(&self.user, &[], &self.groups);
        let glimpse = Glimpse {
            subject: &subject,
            passkeys: known,
            used_here: &self.used_here,
            multi_factor: self.multi_factor,
            client: Client::of(self.user_agent),
            arrival: self.arrival,
        };
        is_running(&snapshot, self.arrival) && might_ask(&snapshot, &glimpse, NOW)
    }

    fn nudge(&self) -> Nudge {
        let snapshot = Snapshot::compile(1, self.policies.clone(), Arc::new(self.models.clone()));
        let subject = snapshot.subject(&self.user, &[], &self.groups);
        let situation = Situation {
            registering: register::Situation {
                subject: &subject,
                existing: &self.passkeys,
                standing: self.standing,
                provenance: Provenance::SignInInterrupt,
            },
            registration_granted: self.registration_granted,
            multi_factor: self.multi_factor,
            makes_passkeys: self.makes_passkeys,
            client: Client::of(self.user_agent),
            arrival: self.arrival,
            just_registered: self.just_registered,
            used_here: &self.used_here,
            snoozes: self.snoozes,
        };
        decide(&snapshot, &situation, NOW)
    }
}

const ASKED: Nudge = Nudge::Ask {
    campaign: Campaign::DEFAULT,
    snoozes_left: Some(Campaign::SNOOZES),
};
const FOR_EVER: Nudge = Nudge::Ask {
    campaign: Campaign::DEFAULT,
    snoozes_left: None,
};
const REQUIRED: Nudge = Nudge::Required {
    campaign: Campaign::DEFAULT,
};
const FIRST: PasskeyId = PasskeyId::from_bytes([100; 16]);

const fn no(reason: Reason) -> Nudge {
    Nudge::None(reason)
}

type Row = (&'static str, fn(&mut Case), Nudge);

fn check(table: &[Row]) {
    for (fact, change, expected) in table {
        let mut case = Case::new();
        change(&mut case);
        assert_eq!(case.nudge(), *expected, "{fact}");
    }
}

fn managed(case: &mut Case) {
    case.campaign().state = CampaignState::Default;
}

fn restrict(case: &mut Case, kind: RestrictionKind, aaguids: &[Uuid]) {
    case.profile().restrictions = KeyRestrictions {
        enforced: true,
        kind,
        aaguids: aaguids.to_vec(),
    };
}

mod moment;
mod platforms;
mod properties;
mod snoozes;

#[test]
fn whoever_cannot_be_asked_is_told_apart_at_a_glance() {
    let mut case = Case::new();
    assert!(case.glimpse(&[]));
    let passkey = {
        case.add(WINDOWS_HELLO, PasskeyType::DeviceBound, &["internal"]);
        case.passkeys.clone()
    };
    assert!(!case.glimpse(&passkey), "what they have used is at hand");
    case.passkeys.clear();
    case.multi_factor = false;
    assert!(!case.glimpse(&[]), "one factor");
    case.multi_factor = true;
    case.arrival = Arrival::SingleSignOn { since: NOW };
    assert!(!case.glimpse(&[]), "no campaign asks in sessions");
    case.campaign().single_sign_on = true;
    assert!(case.glimpse(&[]));
    case.campaign().state = CampaignState::Disabled;
    assert!(!case.glimpse(&[]), "no campaign runs");
}

#[test]
fn a_passkey_that_waits_for_its_owner_comes_first() {
    let mut case = Case::new();
    // One that is not at hand on this system: alone it would not end the asking.
    let id = case.add(ICLOUD, PasskeyType::Synced, &["internal", "hybrid"]);
    assert!(case.nudge().campaign().is_some());
    for passkey in &mut case.passkeys {
        (passkey.waiting, passkey.enabled) = (true, false);
    }
    assert_eq!(case.nudge(), Nudge::None(Reason::WaitingPasskey(id)));
}

/// Codes are what an explanation and its readers hold on to.
#[test]
fn reasons_have_different_codes() {
    let id = FIRST;
    let all = [
        Reason::NotTargeted,
        Reason::Disabled,
        Reason::NotStarted(NOW),
        Reason::Ended(NOW),
        Reason::LaterWave,
        Reason::BreakGlass,
        Reason::OneFactor,
        Reason::SingleSignOn,
        Reason::AskedInSession,
        Reason::JustRegistered,
        Reason::EmbeddedView,
        Reason::Linux,
        Reason::RegistrationBlocked,
        Reason::Refused(Denial::SelfServiceOff),
        Reason::NotEligible,
        Reason::LocalPasskey(id),
        Reason::UsedHere(id),
        Reason::EligiblePasskey(id),
        Reason::WaitingPasskey(id),
        Reason::Snoozed(NOW),
    ];
    let codes: std::collections::BTreeSet<_> = all.iter().map(|one| one.code()).collect();
    assert_eq!(codes.len(), all.len());
    let refused = Reason::Refused(Denial::SelfServiceOff);
    assert_eq!(
        refused.admin_sentence(),
        Denial::SelfServiceOff.admin_sentence()
    );
}

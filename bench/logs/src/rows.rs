//! Sign-ins made from their number, the same in every run.

use policy::model::{
    ApplicationId, CorrelationId, RecordId, SessionId, Span, TenantId, Timestamp, UserId,
};
use store::log_search::Stretch;

pub const TENANT: TenantId = TenantId::from_bytes([1; 16]);

/// The moment of the first one.
const BEGIN: Timestamp = Timestamp::from_seconds(1_760_000_000);
/// Within so many days.
const DAYS: i64 = 365;
const PEOPLE: u64 = 50_000;
const APPLICATIONS: u64 = 40;
/// One in so many fails.
const FAILS: u64 = 16;
const FAILURES: [i64; 6] = [50126, 50126, 50126, 53003, 50076, 135_010];

/// A log of so many.
#[derive(Clone, Copy)]
pub struct Log {
    pub rows: u64,
}

/// One row, in the order of [`COLUMNS`].
pub struct Row {
    pub id: RecordId,
    pub at: Timestamp,
    pub user: UserId,
    pub name: String,
    pub display_name: String,
    pub application: ApplicationId,
    pub application_name: String,
    pub error_code: i64,
    pub failure: (&'static str, &'static str),
    pub steps: String,
    pub credential_id: [u8; 32],
    pub session: SessionId,
    pub ip_address: String,
    pub correlation: CorrelationId,
    pub noise: [u8; 32],
    pub number: i64,
}

pub const USER_AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
pub const DECISION: &str = r#"{"policyVersion":12,"conditionalAccess":[{"id":"0199f0a0-0000-7000-8000-000000000000","displayName":"Everybody, phishing-resistant","result":"success","enforcedGrantControls":["Phishing-resistant MFA"]}]}"#;

pub const COLUMNS: &str = "tenant_id, id, happened, user_id, user_principal_name, user_display_name, application_id, \
    application_name, interactive, error_code, failure_code, failure_reason, steps, multi_factor, credential_id, aaguid, \
    passkey_type, backed_up, session_id, ip_address, user_agent, decision, policy_version, correlation, salt, leaf, shard, number";

impl Log {
    pub fn row(self, number: u64) -> Row {
        let dice = mixed(number);
        let person = dice % PEOPLE;
        let application = application(mixed(dice));
        let fails = (dice >> 20) % FAILS == 0;
        let at = self.at(number);
        Row {
            id: self.id(number),
            at,
            user: user(person),
            name: name(person),
            display_name: format!("Person Number {person}"),
            application: application_id(application),
            application_name: format!("Application {application}"),
            error_code: if fails { failure(dice >> 30) } else { 0 },
            failure: match fails {
                true => ("wrong_credentials", "Wrong name or password."),
                false => ("", ""),
            },
            steps: format!(
                r#"[{{"at":{},"method":"Passkey (device-bound)","detail":"Security key","succeeded":{},"result":""}}]"#,
                at.as_micros(),
                !fails
            ),
            credential_id: noise(person),
            session: SessionId::new(at, short(dice)),
            ip_address: format!("192.0.2.{}", person % 250),
            correlation: self.correlation(number),
            noise: noise(dice),
            number: i64::try_from(number).unwrap_or(i64::MAX) + 1,
        }
    }

    fn at(self, number: u64) -> Timestamp {
        let all = i128::from(Span::days(DAYS).as_micros());
        let offset = all * i128::from(number) / i128::from(self.rows);
        BEGIN.plus(Span::from_micros(i64::try_from(offset).unwrap_or(0)))
    }

    pub fn id(self, number: u64) -> RecordId {
        RecordId::new(self.at(number), short(mixed(number)))
    }

    pub fn correlation(self, number: u64) -> CorrelationId {
        CorrelationId::new(self.at(number), short(mixed(number ^ 0x5a5a)))
    }

    pub fn some_row(self, number: u64) -> u64 {
        mixed(number ^ 0xabcd) % self.rows
    }

    pub fn some_user(self, number: u64) -> UserId {
        user(mixed(number) % PEOPLE)
    }

    pub fn some_name(self, number: u64) -> String {
        name(mixed(number) % PEOPLE).to_uppercase()
    }

    pub fn some_application(self, number: u64) -> ApplicationId {
        application_id(application(mixed(number)))
    }

    pub fn some_failure(self, number: u64) -> i64 {
        failure(number)
    }

    pub fn some_hour(self, number: u64, stretch: Stretch) -> Stretch {
        let from = self.at(self.some_row(number));
        Stretch {
            from: Some(from),
            to: Some(from.plus(Span::hours(1))),
            ..stretch
        }
    }
}

/// Some applications are used much more than others.
fn application(dice: u64) -> u64 {
    let (one, other) = (dice % APPLICATIONS, (dice >> 32) % APPLICATIONS);
    one.min(other)
}

fn application_id(number: u64) -> ApplicationId {
    ApplicationId::new(BEGIN, short(mixed(number + 1)))
}

fn user(number: u64) -> UserId {
    UserId::new(BEGIN, short(mixed(number + 1_000_000)))
}

fn name(number: u64) -> String {
    format!("Person{number}@bench.example")
}

fn failure(dice: u64) -> i64 {
    FAILURES[usize::try_from(dice % FAILURES.len() as u64).unwrap_or(0)]
}

fn noise(seed: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (at, part) in (0..).zip(bytes.chunks_mut(8)) {
        part.copy_from_slice(&mixed(seed ^ (at << 56)).to_be_bytes());
    }
    bytes
}

fn short(seed: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&mixed(seed).to_be_bytes());
    bytes
}

/// SplitMix64.
const fn mixed(number: u64) -> u64 {
    let a = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let b = (a ^ (a >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let c = (b ^ (b >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    c ^ (c >> 31)
}

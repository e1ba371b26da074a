//! R5, R7: what a shell saw of a connection that did not come about, and what the person reads then.
//!
//! The kinds of outcomes cross as words, so that a list that grows breaks no shell; a word that is not known is a mistake of the shell.

use crate::app::AppError;
use crate::measures::{LIST, RP_ID};
use crate::shell::RadioState;
use authenticator::rules::Refusal;
use authenticator::rules::connection::{
    Broadcast, Clock, Diagnosis, Dial, Facts, Missing, Other, TITLE, missing,
};
use authenticator::rules::cross_device::Radio;
use hybrid::scan::{Hint, NotACode};

/// The code of [`ConnectionDiagnosis::title`].
const TITLE_CODE: &str = "could_not_connect";

/// A code with its English text.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Sentence {
    /// Stable for ever.
    pub code: String,
    /// What the person reads in English; `{hosts}` stands for the hosts that must be reachable.
    pub text: String,
}

/// Every sentence of the connection and of scanned codes, for translations. A shell has one more, for codes that are newer than itself.
#[must_use]
#[uniffi::export]
pub fn sentences() -> Vec<Sentence> {
    let mut all = vec![sentence(TITLE_CODE, TITLE)];
    all.extend(Missing::ALL.map(|piece| sentence(piece.code(), piece.text())));
    all.extend([Hint::Register, Hint::SignIn].map(|hint| sentence(hint.code(), hint.text())));
    // A code of another time is in both lists, in the same words.
    let of_codes = NotACode::ALL.into_iter();
    let only_of_codes = of_codes.filter(|reason| *reason != NotACode::ClocksDiffer);
    all.extend(only_of_codes.map(|reason| sentence(reason.code(), reason.text())));
    all
}

/// The English sentence for the code of a refusal ([`PasskeyApp::last_refusal`](crate::PasskeyApp::last_refusal),
/// [`HybridFault::Refused`](crate::HybridFault::Refused)); nothing where the core has none, which is so for refusals that are not of the
/// connection.
#[must_use]
#[uniffi::export]
pub fn refusal_text(code: &str) -> Option<String> {
    let piece = refusal_of(code).and_then(Missing::of_refusal);
    piece.map(|piece| piece.text().to_owned())
}

/// What a shell saw. What was not tried yet is absent.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ConnectionFacts {
    /// The radio, asked before anything is sent.
    pub radio: RadioState,
    /// Whether the system says that the internet can be reached.
    pub online: bool,
    /// The hosts that must be reachable ([`required_hosts`](crate::required_hosts)): at most 16, of 1 to 253 of `a-z 0-9 . -`.
    pub hosts: Vec<String>,
    /// The time of day on this device, in seconds since 1970.
    #[uniffi(default = None)]
    pub now: Option<u64>,
    /// The time in the code ([`code_made_at`](crate::code_made_at)), likewise.
    #[uniffi(default = None)]
    pub code_made_at: Option<u64>,
    /// What others say that the time is, likewise: the identity provider's last answer, the system's time service. At most 16.
    #[uniffi(default = [])]
    pub other_clocks: Vec<u64>,
    /// How the tunnel was opened: `opened`, `no_network`, `name_not_found`, `refused`, `timed_out`, `not_trusted` (the certificate, or
    /// TLS does not go), `not_valid_now` (the certificate, by this clock), `status`.
    #[uniffi(default = None)]
    pub dial: Option<String>,
    /// The HTTP status that came instead of the upgrade: with `status` and only then.
    #[uniffi(default = None)]
    pub dial_status: Option<u16>,
    /// How the advert went out: `sent`, `off`, `denied`, `not_taken`.
    #[uniffi(default = None)]
    pub broadcast: Option<String>,
    /// What became of the other device: `came`, `silent`, `left`, `tunnel_broke` (this device's own connection to the tunnel service).
    #[uniffi(default = None)]
    pub other_device: Option<String>,
    /// The code of the refusal that the request which came was answered with.
    #[uniffi(default = None)]
    pub refusal: Option<String>,
}

/// What a person reads when two devices did not come together.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ConnectionDiagnosis {
    /// The stable name of the piece that is missing.
    pub code: String,
    /// What stands above every sentence, in English; its code is `could_not_connect`.
    pub title: String,
    /// What is missing and what to do, in English, with the hosts.
    pub sentence: String,
    /// The hosts that the sentence lists, for other languages.
    pub hosts: Vec<String>,
}

/// The first piece that is missing, in the order in which a connection needs them; nothing if none is.
/// [`PasskeyApp::could_not_connect`](crate::PasskeyApp::could_not_connect) also remembers it.
///
/// # Errors
/// [`AppError::Facts`].
#[uniffi::export]
pub fn diagnose(facts: ConnectionFacts) -> Result<Option<ConnectionDiagnosis>, AppError> {
    Ok(facts.read()?.map(|diagnosis| (&diagnosis).into()))
}

impl ConnectionFacts {
    pub(crate) fn read(self) -> Result<Option<Diagnosis>, AppError> {
        if self.hosts.len() > LIST || !self.hosts.iter().all(|host| is_host(host)) {
            return Err(AppError::Facts);
        }
        if self.other_clocks.len() > LIST {
            return Err(AppError::Facts);
        }
        let clock = |now| Clock::of(now, &self.other_clocks);
        let facts = Facts {
            radio: radio_of(self.radio),
            online: self.online,
            code: self.now.zip(self.code_made_at),
            clock: self.now.map_or(Clock::Unknown, clock),
            dial: dial_of(self.dial.as_deref(), self.dial_status)?,
            broadcast: read_word(self.broadcast.as_deref(), broadcast_of)?,
            other: read_word(self.other_device.as_deref(), other_of)?,
            refused: read_word(self.refusal.as_deref(), refusal_of)?,
        };
        Ok(missing(&facts).map(|piece| Diagnosis::new(piece, self.hosts)))
    }
}

impl From<&Diagnosis> for ConnectionDiagnosis {
    fn from(diagnosis: &Diagnosis) -> Self {
        Self {
            code: diagnosis.code().to_owned(),
            title: TITLE.to_owned(),
            sentence: diagnosis.sentence(),
            hosts: diagnosis.hosts().to_vec(),
        }
    }
}

pub fn sentence(code: &str, text: &str) -> Sentence {
    Sentence {
        code: code.to_owned(),
        text: text.to_owned(),
    }
}

pub const fn radio_of(state: RadioState) -> Radio {
    match state {
        RadioState::On => Radio::On,
        RadioState::Off => Radio::Off,
        RadioState::Denied => Radio::Denied,
    }
}

/// What a person is told to have allowed is a name that can be written down, not a text of somebody's.
fn is_host(host: &str) -> bool {
    let plain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-');
    (1..=RP_ID).contains(&host.len()) && host.bytes().all(plain)
}

fn read_word<T>(
    word: Option<&str>,
    meaning: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, AppError> {
    word.map(|word| meaning(word).ok_or(AppError::Facts))
        .transpose()
}

fn dial_of(word: Option<&str>, status: Option<u16>) -> Result<Option<Dial>, AppError> {
    Ok(Some(match (word, status) {
        (None, None) => return Ok(None),
        (Some("opened"), None) => Dial::Opened,
        (Some("no_network"), None) => Dial::NoNetwork,
        (Some("name_not_found"), None) => Dial::NameNotFound,
        (Some("refused"), None) => Dial::Refused,
        (Some("timed_out"), None) => Dial::TimedOut,
        (Some("not_trusted"), None) => Dial::NotTrusted,
        (Some("not_valid_now"), None) => Dial::NotValidNow,
        (Some("status"), Some(status)) => Dial::Status(status),
        _ => return Err(AppError::Facts),
    }))
}

fn broadcast_of(word: &str) -> Option<Broadcast> {
    Some(match word {
        "sent" => Broadcast::Sent,
        "off" => Broadcast::Off,
        "denied" => Broadcast::Denied,
        "not_taken" => Broadcast::NotTaken,
        _ => return None,
    })
}

fn other_of(word: &str) -> Option<Other> {
    Some(match word {
        "came" => Other::Came,
        "silent" => Other::Silent,
        "left" => Other::Left,
        "tunnel_broke" => Other::TunnelBroke,
        _ => return None,
    })
}

fn refusal_of(code: &str) -> Option<Refusal> {
    let mut all = Refusal::ALL.into_iter();
    all.find(|refusal| refusal.code() == code)
}

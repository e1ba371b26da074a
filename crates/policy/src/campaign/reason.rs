use crate::Denial;
use crate::model::{PasskeyId, Timestamp};

/// Why somebody is not asked. One variant per rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// No campaign is for this person.
    NotTargeted,
    /// The campaign is disabled.
    Disabled,
    /// The campaign begins later.
    NotStarted(Timestamp),
    /// The campaign is over.
    Ended(Timestamp),
    /// The person belongs to a later wave.
    LaterWave,
    /// Emergency accounts are never held up.
    BreakGlass,
    /// Two factors were not shown.
    OneFactor,
    /// The session was there already, and the campaign waits for a sign-in.
    SingleSignOn,
    /// They were asked in this session already.
    AskedInSession,
    /// A sign-in method was registered in this session; one thing at a time.
    JustRegistered,
    /// The page is shown by a view inside another program.
    EmbeddedView,
    /// The campaign leaves out Linux.
    Linux,
    /// Conditional access does not let sign-in methods be registered from here.
    RegistrationBlocked,
    /// Registering would be refused.
    Refused(Denial),
    /// The server's own choice does not ask under profiles that few people could satisfy.
    NotEligible,
    /// This passkey is at hand on this system in this browser.
    LocalPasskey(PasskeyId),
    /// This passkey was used from a device like this one, without another beside it.
    UsedHere(PasskeyId),
    /// The profile takes certain passkeys only, and this is one.
    EligiblePasskey(PasskeyId),
    /// Somebody registered this passkey for them, and it waits for them to activate it.
    WaitingPasskey(PasskeyId),
    /// Put off until then.
    Snoozed(Timestamp),
}

impl Reason {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.texts().0
    }

    /// What the administrator is told.
    #[must_use]
    pub const fn admin_sentence(self) -> &'static str {
        self.texts().1
    }

    const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::NotTargeted => (
                "not_targeted",
                "No campaign includes this person, or one that does also excludes them.",
            ),
            Self::Disabled => ("campaign_disabled", "The campaign is disabled."),
            Self::NotStarted(_) => ("campaign_not_started", "The campaign has not begun."),
            Self::Ended(_) => ("campaign_ended", "The campaign is over."),
            Self::LaterWave => (
                "later_wave",
                "The percentage of the campaign's present wave does not reach this person.",
            ),
            Self::BreakGlass => (
                "break_glass",
                "This is an emergency account; it is never held up.",
            ),
            Self::OneFactor => (
                "one_factor",
                "A nudge follows a sign-in with two factors, and only one was shown.",
            ),
            Self::SingleSignOn => (
                "single_sign_on",
                "The session was there already, and the campaign asks after sign-ins only.",
            ),
            Self::AskedInSession => (
                "asked_in_session",
                "The prompt was shown in this session already.",
            ),
            Self::JustRegistered => (
                "just_registered",
                "A sign-in method was registered in this session.",
            ),
            Self::EmbeddedView => (
                "embedded_view",
                "The page is shown inside another program, where a passkey could not be made.",
            ),
            Self::Linux => ("linux", "The campaign leaves out Linux."),
            Self::RegistrationBlocked => (
                "registration_blocked",
                "Conditional access does not let sign-in methods be registered from here.",
            ),
            Self::Refused(denial) => ("would_be_refused", denial.admin_sentence()),
            Self::NotEligible => (
                "profile_not_eligible",
                "No profile of this person takes what most people have at hand. An enabled campaign asks all the same.",
            ),
            Self::LocalPasskey(_) => (
                "local_passkey",
                "A passkey is at hand on this system in this browser.",
            ),
            Self::UsedHere(_) => (
                "used_here",
                "A passkey was used from a device like this one, without another beside it.",
            ),
            Self::EligiblePasskey(_) => (
                "eligible_passkey",
                "The profile takes certain passkeys only, and one of them is registered.",
            ),
            Self::WaitingPasskey(_) => (
                "waiting_passkey",
                "A passkey that was registered for them waits until they activate it, which comes first.",
            ),
            Self::Snoozed(_) => (
                "snoozed",
                "The prompt was put off, and the time for the next has not come.",
            ),
        }
    }
}

//! The passkey app for shells in other languages: Kotlin on Android, Swift on iOS, Python in the tests. UniFFI makes the bindings.
//!
//! It refuses to let a private key, a PIN or a key of the encrypted channel through the boundary, to believe a shell that throws, and to
//! be entered twice at a time. It adds no rule of its own: those are `authenticator::rules`, and this crate only carries questions and
//! answers, measures them, and turns what cannot be carried into the answer that opens nothing.
//!
//! ```text
//!   shell ── CTAP2 bytes ──► PasskeyApp ──► Authenticator ──► Device ──► rules
//!     ▲                          ▲                              │
//!     │                    HybridSession ◄── frames of a tunnel │
//!     │                                                         ▼
//!     └── ShellKeyStore · ShellVerifier · ShellSurroundings · ShellShelf (traits that the shell implements)
//! ```
//!
//! Every call blocks until its answer is there, with prompts to the person inside of it: a shell calls from a thread of its own, never
//! from that of its window. What a shell's method throws is an answer too: see [`ShellFault`] and each trait.

mod app;
mod bridge;
mod code;
mod diagnosis;
mod feedback;
mod hosts;
mod measures;
mod policy;
mod randomness;
mod report;
mod session;
mod shell;

pub use app::{AppError, PasskeyApp};
pub use code::{CodeFault, CodePurpose, ScannedCode, code_made_at};
pub use diagnosis::{
    ConnectionDiagnosis, ConnectionFacts, Sentence, diagnose, refusal_text, sentences,
};
pub use feedback::{FeedbackFault, FeedbackReport, FeedbackToSend};
pub use hosts::{ShellKind, advert_service_uuid, required_hosts, tunnel_host};
pub use policy::{AppPolicy, CrossDeviceSwitch, EnrolledParty, RelyingPartyChoice, default_policy};
pub use report::{
    EndedBecause, IncidentReport, ListedPasskey, Operation, PartySignal, PasskeyCondition,
    refusal_codes,
};
pub use session::{HybridFault, HybridSession, HybridStep};
pub use shell::{
    AttestationKind, DeviceDescription, KeyAlgorithm, KeyEvidence, KeyFault, KeyLevel, KeyOrder,
    KeyState, MadeKey, Prompt, PromptAccount, PromptPurpose, RadioState, RequestFront, ScreenLock,
    ShelfEntry, ShellFault, ShellKeyStore, ShellShelf, ShellSurroundings, ShellVerifier,
    SystemBelow, Verification, VerificationMethod,
};

uniffi::setup_scaffolding!();

//! The app: one authenticator over one shell.

use crate::bridge::{Bridge, Described, Shell};
use crate::code::ScannedCode;
use crate::diagnosis::{ConnectionDiagnosis, ConnectionFacts, refusal_text};
use crate::feedback::{FeedbackFault, FeedbackReport, FeedbackToSend};
use crate::policy::AppPolicy;
use crate::report::{IncidentReport, ListedPasskey, Operation, PartySignal};
use crate::session::{HybridFault, HybridSession};
use crate::shell::{
    DeviceDescription, RequestFront, ShellKeyStore, ShellShelf, ShellSurroundings, ShellVerifier,
};
use authenticator::device::Device;
use authenticator::device::platform::Surroundings as _;
use authenticator::device::policy::Front;
use authenticator::rules::Refusal;
use authenticator::rules::feedback::FeedbackId;
use authenticator::rules::os_support::{Os, recommended};
use authenticator::{Authenticator, CredentialId};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::Duration;

/// Why the app did not do something. What a rule refuses is no error of the app: it is the status in the answer, and
/// [`PasskeyApp::last_refusal`] says more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum AppError {
    /// A request is under way: one at a time, and none from inside a method of the shell.
    #[error("another request is under way")]
    Busy,
    /// The app broke down in an earlier request. Start it again: what it had written holds.
    #[error("the app broke down and has to be started again")]
    Broken,
    /// An identifier in the description has not 16 bytes.
    #[error("the description of the device is malformed")]
    Description,
    /// The policy has a member of an impossible length.
    #[error("the policy is malformed")]
    Policy,
    /// A word in the facts of a connection is not known, or a list or a host has an impossible form.
    #[error("the facts of the connection are malformed")]
    Facts,
    /// The shell could not say how the person is enrolled, or what is on the shelf. Nothing was changed.
    #[error("the shell failed")]
    ShellFailed,
}

type Core = Authenticator<Device<Bridge>>;

/// A passkey app.
#[derive(uniffi::Object)]
pub struct PasskeyApp {
    core: Mutex<Core>,
    os: Os,
}

impl std::fmt::Debug for PasskeyApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasskeyApp")
            .field("os", &self.os)
            .finish_non_exhaustive()
    }
}

#[uniffi::export]
impl PasskeyApp {
    /// An app on a shell, under a policy.
    ///
    /// # Errors
    /// [`AppError::Description`], [`AppError::Policy`].
    #[uniffi::constructor]
    pub fn new(
        key_store: Arc<dyn ShellKeyStore>,
        verifier: Arc<dyn ShellVerifier>,
        surroundings: Arc<dyn ShellSurroundings>,
        shelf: Arc<dyn ShellShelf>,
        description: &DeviceDescription,
        policy: AppPolicy,
    ) -> Result<Arc<Self>, AppError> {
        let described = Described::read(description).ok_or(AppError::Description)?;
        let shell = Shell {
            key_store,
            verifier,
            surroundings,
            shelf,
        };
        let device = Device::new(Bridge::new(shell, described), policy.read()?);
        Ok(Arc::new(Self {
            core: Mutex::new(Authenticator::new(device)),
            os: described.os(),
        }))
    }

    /// Answers one request: command byte and canonical CBOR in, status byte and canonical CBOR (or nothing) out (CTAP 2.2, section 6).
    /// Every input has an answer, at most one prompt to the person included.
    ///
    /// # Errors
    /// [`AppError::Busy`], [`AppError::Broken`].
    pub fn handle(&self, message: Vec<u8>, front: RequestFront) -> Result<Vec<u8>, AppError> {
        let front = match front {
            RequestFront::Local => Front::Local,
            RequestFront::CrossDevice => Front::CrossDevice,
        };
        self.answer(&message, front)
    }

    /// Every passkey of this profile with its condition, also those that can no longer be used.
    ///
    /// # Errors
    /// [`AppError::ShellFailed`] and those of [`PasskeyApp::handle`].
    pub fn list(&self) -> Result<Vec<ListedPasskey>, AppError> {
        self.surely(|device| device.list().into_iter().map(Into::into).collect())
    }

    /// Removes a passkey because its owner wants it gone; true if it was there.
    ///
    /// # Errors
    /// As [`PasskeyApp::list`].
    pub fn forget(&self, id: Vec<u8>) -> Result<bool, AppError> {
        self.surely(|device| device.forget(&CredentialId(id)))
    }

    /// Does what a relying party tells of its credentials (R22). Returns how many passkeys went.
    ///
    /// # Errors
    /// As [`PasskeyApp::list`].
    pub fn receive(&self, signal: PartySignal) -> Result<u32, AppError> {
        let signal = signal.read();
        let gone = self.surely(|device| device.receive(&signal))?;
        Ok(u32::try_from(gone).unwrap_or(u32::MAX))
    }

    /// What went wrong lately, oldest first (R13).
    ///
    /// # Errors
    /// Those of [`PasskeyApp::handle`].
    pub fn incidents(&self) -> Result<Vec<IncidentReport>, AppError> {
        let core = self.enter()?;
        Ok(core.env().incidents().iter().map(Into::into).collect())
    }

    /// The code of the rule that refused the last request, if one did: for the person, who is told more than the relying party.
    ///
    /// # Errors
    /// Those of [`PasskeyApp::handle`].
    pub fn last_refusal(&self) -> Result<Option<String>, AppError> {
        let core = self.enter()?;
        Ok(core.env().last_refusal().map(code))
    }

    /// The English sentence for [`PasskeyApp::last_refusal`], where the core has one ([`refusal_text`]).
    ///
    /// # Errors
    /// Those of [`PasskeyApp::handle`].
    pub fn last_refusal_text(&self) -> Result<Option<String>, AppError> {
        let code = self.last_refusal()?;
        Ok(code.and_then(|code| refusal_text(&code)))
    }

    /// Says which piece of a connection is missing and remembers it (R5, R13); nothing of both if none is.
    ///
    /// # Errors
    /// [`AppError::Facts`], after which nothing is remembered, and those of [`PasskeyApp::handle`].
    pub fn could_not_connect(
        &self,
        operation: Operation,
        facts: ConnectionFacts,
    ) -> Result<Option<ConnectionDiagnosis>, AppError> {
        let Some(diagnosis) = facts.read()? else {
            return Ok(None);
        };
        let mut core = self.enter()?;
        core.env_mut()
            .could_not_connect(operation.into(), diagnosis.missing());
        Ok(Some((&diagnosis).into()))
    }

    /// Makes a feedback of what went wrong lately (R13). Returns its id, which the person can read out at once; the feedback waits on the
    /// shelf until it is sent.
    ///
    /// # Errors
    /// [`FeedbackFault`]; nothing was made.
    pub fn make_feedback(&self) -> Result<String, FeedbackFault> {
        let id = self.enter()?.env_mut().make_feedback()?;
        Ok(id.to_string())
    }

    /// Every feedback that is remembered, oldest first: at most eight.
    ///
    /// # Errors
    /// As [`PasskeyApp::list`].
    pub fn feedbacks(&self) -> Result<Vec<FeedbackReport>, AppError> {
        self.surely(|device| device.feedbacks().into_iter().map(Into::into).collect())
    }

    /// The feedback to be sent next; nothing while there is no connection. It goes to the address that the organisation's
    /// `authenticator-configuration` names as `feedback_endpoint`.
    ///
    /// # Errors
    /// As [`PasskeyApp::list`].
    pub fn feedback_to_send(&self) -> Result<Option<FeedbackToSend>, AppError> {
        self.surely(|device| device.feedback_to_send().map(Into::into))
    }

    /// Somebody has this feedback now: its bytes leave the shelf, its id stays. False if none of this id waited, or the shelf did not take
    /// it; then it is sent again, which does no harm. The id is taken as people write it, in either case.
    ///
    /// # Errors
    /// As [`PasskeyApp::list`].
    pub fn feedback_arrived(&self, id: &str) -> Result<bool, AppError> {
        let Ok(id) = FeedbackId::parse(id) else {
            return Ok(false);
        };
        self.surely(|device| device.feedback_arrived(id))
    }

    /// The methods of the shell that threw lately, or answered something impossible, oldest first. For the app's own log.
    ///
    /// # Errors
    /// Those of [`PasskeyApp::handle`].
    pub fn failed_calls(&self) -> Result<Vec<String>, AppError> {
        Ok(self.enter()?.env().platform().failed_calls())
    }

    /// Puts another policy in the place of the one that was.
    ///
    /// # Errors
    /// [`AppError::Policy`], after which the old one holds, and those of [`PasskeyApp::handle`].
    pub fn set_policy(&self, policy: AppPolicy) -> Result<(), AppError> {
        let policy = policy.read()?;
        *self.enter()?.env_mut().policy_mut() = policy;
        Ok(())
    }

    /// The code of what has to be switched on before a tunnel is opened (R5), or nothing.
    ///
    /// # Errors
    /// Those of [`PasskeyApp::handle`].
    pub fn cross_device_refusal(&self) -> Result<Option<String>, AppError> {
        let core = self.enter()?;
        Ok(core.env().may_start_cross_device().err().map(code))
    }

    /// The version of the system to recommend where the one below is refused (R14).
    pub fn recommended_system(&self) -> Option<u32> {
        recommended(self.os)
    }

    /// Begins to answer a QR code (CTAP 2.2, section 11.5). Nothing is sent by it.
    ///
    /// `tunnel_domain` is the number of the tunnel service: see [`tunnel_host`](crate::tunnel_host).
    ///
    /// # Errors
    /// [`HybridFault::Refused`] before a tunnel could be opened (R5), [`HybridFault::UnknownTunnelService`], [`HybridFault::App`].
    pub fn answer_code(
        self: Arc<Self>,
        code: &ScannedCode,
        tunnel_domain: u16,
    ) -> Result<Arc<HybridSession>, HybridFault> {
        if let Some(code) = self.cross_device_refusal()? {
            return Err(HybridFault::Refused { code });
        }
        HybridSession::begin(self, code.handshake(), tunnel_domain).map(Arc::new)
    }
}

impl PasskeyApp {
    /// Answers one request that came this way.
    pub(crate) fn answer(&self, message: &[u8], front: Front) -> Result<Vec<u8>, AppError> {
        let mut core = self.enter()?;
        core.env_mut().set_front(front);
        Ok(core.handle(message))
    }

    /// Time as a session needs it.
    pub(crate) fn now(&self) -> Result<Duration, AppError> {
        let core = self.enter()?;
        Ok(Duration::from_millis(core.env().platform().now().0))
    }

    /// The app, for one request.
    fn enter(&self) -> Result<MutexGuard<'_, Core>, AppError> {
        let core = self.core.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => AppError::Busy,
            TryLockError::Poisoned(_) => AppError::Broken,
        })?;
        core.env().platform().begin();
        Ok(core)
    }

    /// Does something, and believes the outcome only if the shell could say all that it depends on.
    fn surely<T>(&self, act: impl FnOnce(&mut Device<Bridge>) -> T) -> Result<T, AppError> {
        let mut core = self.enter()?;
        let outcome = act(core.env_mut());
        if core.env().platform().is_unsure() {
            return Err(AppError::ShellFailed);
        }
        Ok(outcome)
    }
}

fn code(refusal: Refusal) -> String {
    refusal.code().to_owned()
}

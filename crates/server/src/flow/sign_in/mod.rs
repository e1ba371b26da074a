//! Signing in: passkey, password and one-time code, Temporary Access Pass.
//!
//! Each way proves something, then all of them meet in `opening`: interrupts, session, code and record, in one write.

mod interrupt;
pub mod nudge;
mod opening;
mod passkey;
mod refusal;
mod secrets;
pub mod upgrade;

pub(super) use interrupt::{AfterWrite, Over, after_interrupt};
pub use interrupt::{Offer, step_up_offer};
pub use opening::{SingleSignOn, agree, decline, single_sign_on};
pub use passkey::{begin_passkey, finish_passkey};
pub use refusal::SignInRefusal;
pub use secrets::{pass, password, totp};

use policy::Denial;
use policy::model::{SignInRecord, TenantId, User};

use super::context::OpenContext;
use super::refusal::Refused as _;
use super::{Caller, records};
use crate::app::AppState;
use crate::web::CurrentAttempt;

/// What a browser sends along with a proof: wishes and abilities, never evidence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    /// To stay signed in when the browser's window is closed.
    pub keep_signed_in: bool,
    /// It can make a passkey by itself (`conditionalCreate` of `getClientCapabilities`).
    pub makes_passkeys: bool,
}

/// What comes with a passkey's answer.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// What the browser wishes.
    pub wishes: Wishes,
    /// The attempt that this may go on with.
    pub attempt: Option<Box<CurrentAttempt>>,
}

impl Beside {
    /// The attempt, if it is of this person: somebody else's proofs count for nothing.
    fn attempt_of(&self, user: &User) -> Option<&CurrentAttempt> {
        self.attempt
            .as_deref()
            .filter(|attempt| attempt.user.id == user.id && attempt.user.tenant == user.tenant)
    }
}

/// What is known of a sign-in when it is refused.
#[derive(Default)]
struct Known {
    user: Option<User>,
    typed_name: Option<String>,
    passkey: Option<policy::model::Passkey>,
    credential_id: Option<Vec<u8>>,
    method: Option<policy::model::Method>,
}

/// Writes the record of a refused sign-in and counts it. A log that cannot be written does not turn a refusal into a
/// success, so a failure here is only logged.
async fn note_refusal(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    known: &Known,
    refusal: &SignInRefusal,
) {
    metrics::counter!("keyward_sign_ins_total", "result" => refusal.code()).increment(1);
    let record = refusal_record(app, caller, context, known, refusal);
    let clone = matches!(
        refusal,
        SignInRefusal::Denied(Denial::PasskeySuspectedClone)
    )
    .then(|| known.passkey.clone());
    let clone = clone.flatten();
    let written = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                if let Some(passkey) = clone {
                    store::passkeys::suspect_clone(
                        tx,
                        passkey.tenant,
                        passkey.user,
                        passkey.id,
                        record.at,
                    )
                    .await?;
                }
                store::sign_ins::record(tx, &record).await
            })
        })
        .await;
    if let Err(error) = written {
        tracing::error!(correlation = %caller.correlation, code = error.code(), "a refused sign-in could not be recorded");
    }
}

fn refusal_record(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    known: &Known,
    refusal: &SignInRefusal,
) -> SignInRecord {
    let base = records::sign_in(app, caller, context.tenant(), Some(context));
    let mut record = records::refused(base, refusal, refusal.error_code());
    if let Some(name) = &known.typed_name {
        record.user_principal_name = name.chars().take(256).collect();
    }
    if let Some(user) = &known.user {
        record = records::of_user(record, user);
    }
    if let Some(passkey) = &known.passkey {
        record = records::with_passkey(record, passkey);
    }
    if let SignInRefusal::NotGranted(_, trace) = refusal {
        record.decision = trace.to_json();
        record.policy_version = trace.policy_version;
    }
    record.credential_id = record.credential_id.or_else(|| known.credential_id.clone());
    if let Some(method) = known.method {
        record
            .steps
            .push(records::step(app, method, "", Err(refusal.code())));
    }
    record
}

/// The store's failures are ours.
fn internal(error: store::StoreError) -> SignInRefusal {
    SignInRefusal::Internal(format!("store: {error}"))
}

/// A passkey, pass or session of another tenant is not looked at.
fn same_tenant(user: &User, tenant: TenantId) -> Result<(), SignInRefusal> {
    if user.tenant == tenant {
        Ok(())
    } else {
        Err(SignInRefusal::AttemptExpired)
    }
}

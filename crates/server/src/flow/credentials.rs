//! A user's own password and one-time codes.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use policy::model::{
    AuditRecord, EndReason, Method, NoticeKind, Password, PasswordHash, SecretBytes, Session,
    SessionId, Span, Timestamp, Totp, User, UserId,
};
use policy::register::{may_enrol_totp, shown_once};
use policy::sign_in::Circumstances;
use serde::{Deserialize, Serialize};
use store::{StoreError, Tx};

use super::context::OpenContext;
use super::refusal::Refused;
use super::register::session_standing;
use super::sign_in::Over;
use super::sign_in::{self, SignInRefusal};
use super::throttle::{self, Whom};
use super::totp::{self as codes, CodeOutcome};
use super::{Caller, SecretText, Step, notices, passwords, records};
use crate::app::AppState;
use crate::seal::Purpose;
use crate::web::{CurrentAttempt, CurrentSession, Problem};

/// How long an offered secret waits for its first code.
const OFFER: Span = Span::minutes(15);

/// Why a change was refused.
#[derive(Clone, Debug)]
pub enum CredentialRefusal {
    /// The current password is not right.
    WrongPassword,
    /// The new password is shorter than 8 or longer than 256 characters, or too easily guessed.
    PasswordTooWeak,
    /// The code does not belong to the secret.
    WrongCode,
    /// The sealed enrolment is too old or not ours.
    EnrolmentExpired,
    /// The sign-in is not fresh enough for this.
    NotFresh,
    /// Too many wrong answers.
    TooManyFailures {
        /// Seconds to wait.
        retry_after: i64,
    },
    /// Something else changed the account at the same moment.
    Contended,
    /// Too many passwords are being hashed.
    Busy,
    /// Our own fault.
    Internal(String),
}

impl Refused for CredentialRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong_credentials",
            Self::PasswordTooWeak => "password_too_weak",
            Self::WrongCode => "wrong_code",
            Self::EnrolmentExpired => "enrolment_expired",
            Self::NotFresh => "mfa_not_fresh",
            Self::TooManyFailures { .. } => "too_many_failures",
            Self::Contended => "contended",
            Self::Busy => "busy",
            Self::Internal(_) => "internal",
        }
    }

    fn said(&self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong_current_password",
            other => other.code(),
        }
    }

    fn user_sentence(&self) -> String {
        match self {
            Self::WrongPassword => "The current password is not right.",
            Self::PasswordTooWeak => {
                "Choose a password of 8 to 256 characters that is not easily guessed."
            }
            Self::WrongCode => {
                "The code is not right. Check the clock of your device and try the next code."
            }
            Self::EnrolmentExpired => "This took too long. Please start again.",
            Self::NotFresh => "Please sign in again to do this.",
            Self::TooManyFailures { .. } => "Too many wrong answers. Please wait a while.",
            Self::Contended => {
                "Your account was being changed at the same moment. Please try again."
            }
            Self::Busy => "The server is busy. Please try again in a moment.",
            Self::Internal(_) => "Something went wrong on our side. Please try again.",
        }
        .to_owned()
    }

    fn admin_sentence(&self) -> String {
        match self {
            Self::Internal(why) => why.clone(),
            other => other.user_sentence(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::WrongPassword | Self::PasswordTooWeak | Self::WrongCode => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::EnrolmentExpired => StatusCode::BAD_REQUEST,
            Self::NotFresh => StatusCode::FORBIDDEN,
            Self::TooManyFailures { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Contended => StatusCode::CONFLICT,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn retry_after(&self) -> Option<i64> {
        match self {
            Self::TooManyFailures { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
}

impl From<StoreError> for CredentialRefusal {
    fn from(error: StoreError) -> Self {
        match error {
            // Two changes waited for each other and the database gave up this one: nothing is wrong, and trying again helps.
            StoreError::Overtaken => Self::Contended,
            error => Self::Internal(format!("store: {error}")),
        }
    }
}

impl From<CredentialRefusal> for Problem {
    fn from(refusal: CredentialRefusal) -> Self {
        refusal.problem()
    }
}

/// A one-time code secret on its way into the user's application.
#[derive(Clone, Debug)]
pub struct TotpOffer {
    /// `otpauth://totp/…`, for the QR code.
    pub uri: SecretText,
    /// The secret in base32, for typing.
    pub secret: SecretText,
    /// The sealed offer, to be posted back with the first code.
    pub sealed: String,
}

/// What travels sealed while a secret is being scanned.
#[derive(Serialize, Deserialize)]
struct SealedOffer {
    user: UserId,
    session: SessionId,
    secret: String,
    expires: Timestamp,
}

/// Changes the signed-in user's password; other sessions end. Whoever has none sets a first one after two factors.
pub async fn change_password(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
    current: SecretText,
    new: SecretText,
) -> Result<(), CredentialRefusal> {
    let changed = check_and_change(app, caller, session, current, new).await;
    if let Err(refusal) = &changed {
        note_refusal(app, caller, &session.user, "Change user password", refusal).await;
    }
    changed
}

async fn check_and_change(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
    current: SecretText,
    new: SecretText,
) -> Result<(), CredentialRefusal> {
    let user = &session.user;
    let (tenant, id) = (user.tenant, user.id);
    let stored = app
        .store
        .read_point(move |tx| Box::pin(async move { store::passwords::find(tx, tenant, id).await }))
        .await?;
    match stored {
        Some(stored) => check_current(app, caller, user, stored.hash, current).await?,
        None if session.is_fresh(app) => {}
        None => return Err(CredentialRefusal::NotFresh),
    }
    let password = new_password(app, user, new).await?;
    let record = own_record(app, caller, user, "Change user password");
    let told = notices::of(app, caller, NoticeKind::PasswordChanged, user, &record);
    let (held, version) = (session.session.clone(), user.version);
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                hold(tx, &held, version).await?;
                store::passwords::set(tx, tenant, &password).await?;
                let reason = EndReason::PasswordChanged;
                store::sessions::end_others(tx, tenant, id, held.id, reason, now).await?;
                notices::write(tx, &record, &told).await?;
                Ok::<_, CredentialRefusal>(())
            })
        })
        .await?;
    app.notifier.wake();
    Ok(())
}

/// Sets the new password that a sign-in demanded, and goes on.
pub async fn replace_password(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    attempt: &CurrentAttempt,
    new: SecretText,
) -> Result<Step, Problem> {
    if !attempt.attempt.methods().contains(&Method::Password) {
        return Err(SignInRefusal::AttemptExpired.into());
    }
    let user = &attempt.user;
    // An attempt may go on from a session of yesterday: only what had to be changed can be, without the old one.
    if !must_change(app, user).await? {
        return Err(SignInRefusal::AttemptExpired.into());
    }
    let password = new_password(app, user, new).await?;
    let record = own_record(app, caller, user, "Change user password (must change)");
    let circumstances = Circumstances {
        passkeys: attempt.passkeys,
        passkey_required: !user.break_glass,
        ..Circumstances::default()
    };
    let over = Over::with_new_password(attempt, circumstances);
    let after = sign_in::after_interrupt(app, caller, context, over).await?;
    let told = notices::of(app, caller, NoticeKind::PasswordChanged, user, &record);
    let ((after, step), tenant) = (after.split(), record.tenant);
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            store::passwords::set(tx, tenant, &password).await?;
            notices::write(tx, &record, &told).await?;
            after.write(tx).await
        })
    });
    written.await.map_err(Problem::from)?;
    app.notifier.wake();
    Ok(step.taken(caller))
}

async fn must_change(app: &AppState, user: &User) -> Result<bool, SignInRefusal> {
    let (tenant, id) = (user.tenant, user.id);
    let found = app.store.read_point(move |tx| {
        Box::pin(async move { store::passwords::find(tx, tenant, id).await })
    });
    Ok(found.await?.is_some_and(|password| password.must_change))
}

/// A fresh secret to scan; nothing is stored until a code proves that it arrived.
pub async fn offer_totp(
    app: &AppState,
    session: &CurrentSession,
) -> Result<TotpOffer, CredentialRefusal> {
    may_enrol(app, session).await?;
    let secret: [u8; codes::SECRET] = app.random.bytes();
    let offer = SealedOffer {
        user: session.user.id,
        session: session.session.id,
        secret: URL_SAFE_NO_PAD.encode(secret),
        expires: app.clock.now().plus(OFFER),
    };
    let sealed = app
        .seal
        .seal_json(Purpose::Enrolment, session.tenant(), &offer, &app.random)
        .map_err(|_| CredentialRefusal::Internal("an offer could not be sealed".to_owned()))?;
    Ok(shown(app, session, &secret, sealed))
}

/// The offer that was sealed for this session, to be shown again after a wrong code.
pub fn reopen_totp(
    app: &AppState,
    session: &CurrentSession,
    sealed: &str,
) -> Result<TotpOffer, CredentialRefusal> {
    let secret = open_offer(app, session, sealed)?;
    Ok(shown(app, session, secret.expose(), sealed.to_owned()))
}

/// Stores an offered secret once its first code is right.
pub async fn enrol_totp(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
    sealed: &str,
    code: SecretText,
) -> Result<(), CredentialRefusal> {
    let secret = open_offer(app, session, sealed)?;
    let user = &session.user;
    let now = app.clock.now();
    // A fresh secret has no used steps; the one that confirms it is used up with the enrolment.
    let CodeOutcome::Step(last_step) = codes::check(secret.expose(), code.expose(), now, 0) else {
        return Err(CredentialRefusal::WrongCode);
    };
    let totp = Totp {
        user: user.id,
        secret,
        last_step,
        enrolled: now,
    };
    let mut record = own_record(app, caller, user, "User registered security info");
    record.details.push((
        "AuthenticationMethod".to_owned(),
        "Software OATH".to_owned(),
    ));
    let told = notices::of(app, caller, NoticeKind::TotpEnrolled, user, &record);
    let tenant = user.tenant;
    let (held, version) = (session.session.clone(), user.version);
    app.store
        .write(move |tx| {
            Box::pin(async move {
                hold(tx, &held, version).await?;
                store::totp::enrol(tx, tenant, &totp).await?;
                notices::write(tx, &record, &told).await?;
                Ok::<_, CredentialRefusal>(())
            })
        })
        .await?;
    app.notifier.wake();
    Ok(())
}

/// Removes the signed-in user's one-time code generator.
pub async fn remove_totp(
    app: &AppState,
    caller: &Caller,
    owner: &User,
    session: &Session,
) -> Result<(), CredentialRefusal> {
    if session.mfa.is_none() {
        return Err(CredentialRefusal::NotFresh);
    }
    let mut record = own_record(app, caller, owner, "User deleted security info");
    record.details.push((
        "AuthenticationMethod".to_owned(),
        "Software OATH".to_owned(),
    ));
    let told = notices::of(app, caller, NoticeKind::TotpRemoved, owner, &record);
    let (tenant, user) = (owner.tenant, owner.id);
    let (held, version) = (session.clone(), owner.version);
    app.store
        .write(move |tx| {
            Box::pin(async move {
                hold(tx, &held, version).await?;
                if store::totp::remove(tx, tenant, user).await? {
                    notices::write(tx, &record, &told).await?;
                }
                Ok::<_, CredentialRefusal>(())
            })
        })
        .await?;
    app.notifier.wake();
    Ok(())
}

/// Two factors lately; or the only factor lately, for somebody who has no other one.
async fn may_enrol(app: &AppState, session: &CurrentSession) -> Result<(), CredentialRefusal> {
    let (tenant, user) = (session.user.tenant, session.user.id);
    let (passkeys, pass, totp) = app
        .store
        .read(move |tx| {
            Box::pin(async move {
                let passkeys = store::passkeys::of_user(tx, tenant, user).await?;
                let pass = store::passes::find(tx, tenant, user).await?;
                let totp = store::totp::exists(tx, tenant, user).await?;
                Ok::<_, StoreError>((passkeys, pass, totp))
            })
        })
        .await?;
    let pass = pass.filter(|pass| Some(pass.id) == session.session.pass);
    let standing = session_standing(session, pass.as_ref(), totp);
    may_enrol_totp(
        &session.user,
        shown_once(&passkeys),
        standing,
        app.clock.now(),
    )
    .map_err(|_| CredentialRefusal::NotFresh)
}

/// Whether the session that asked is still what it was when it was read; a revocation may have come between.
async fn hold(tx: &mut Tx, session: &Session, version: i64) -> Result<(), CredentialRefusal> {
    if store::sessions::hold(tx, session, version).await? {
        Ok(())
    } else {
        Err(CredentialRefusal::Contended)
    }
}

fn open_offer(
    app: &AppState,
    session: &CurrentSession,
    sealed: &str,
) -> Result<SecretBytes, CredentialRefusal> {
    let offer: SealedOffer = app
        .seal
        .open_json(Purpose::Enrolment, session.tenant(), sealed)
        .map_err(|_| CredentialRefusal::EnrolmentExpired)?;
    let fits = offer.user == session.user.id && offer.session == session.session.id;
    if !fits || app.clock.now() >= offer.expires {
        return Err(CredentialRefusal::EnrolmentExpired);
    }
    let secret = URL_SAFE_NO_PAD
        .decode(&offer.secret)
        .map_err(|_| CredentialRefusal::EnrolmentExpired)?;
    Ok(SecretBytes::new(secret))
}

fn shown(app: &AppState, session: &CurrentSession, secret: &[u8], sealed: String) -> TotpOffer {
    let issuer = app
        .tenants
        .by_id(session.tenant())
        .map_or("Keyward", |tenant| tenant.display_name.as_str());
    TotpOffer {
        uri: SecretText::new(codes::uri(
            issuer,
            &session.user.user_principal_name,
            secret,
        )),
        secret: SecretText::new(codes::base32(secret)),
        sealed,
    }
}

async fn check_current(
    app: &AppState,
    caller: &Caller,
    user: &User,
    hash: PasswordHash,
    typed: SecretText,
) -> Result<(), CredentialRefusal> {
    let whom = Whom::Known(user);
    if let Some(retry_after) = throttle::admit(app, whom, Method::Password, caller.ip).await? {
        return Err(CredentialRefusal::TooManyFailures { retry_after });
    }
    if passwords::verify(app, Some(hash), typed)
        .await
        .map_err(|_| CredentialRefusal::Busy)?
    {
        throttle::forgive(app, user, caller.ip).await?;
        return Ok(());
    }
    Err(CredentialRefusal::WrongPassword)
}

async fn new_password(
    app: &AppState,
    user: &User,
    new: SecretText,
) -> Result<Password, CredentialRefusal> {
    if !passwords::is_acceptable(&new, &user.user_principal_name) {
        return Err(CredentialRefusal::PasswordTooWeak);
    }
    let hash = passwords::hash(app, new)
        .await
        .map_err(|_| CredentialRefusal::Busy)?;
    Ok(Password {
        user: user.id,
        hash,
        must_change: false,
        changed: app.clock.now(),
    })
}

async fn note_refusal(
    app: &AppState,
    caller: &Caller,
    user: &User,
    activity: &str,
    refusal: &CredentialRefusal,
) {
    let record = records::failed(own_record(app, caller, user, activity), refusal);
    let written = app
        .store
        .write(move |tx| Box::pin(async move { store::audit::record(tx, &record).await }))
        .await;
    if let Err(error) = written {
        tracing::error!(correlation = %caller.correlation, code = error.code(), "a refused change could not be recorded");
    }
}

fn own_record(app: &AppState, caller: &Caller, user: &User, activity: &str) -> AuditRecord {
    let actor = records::by_user(user, caller);
    records::audit(app.clock.now(), &app.random, caller, activity, actor, user)
}

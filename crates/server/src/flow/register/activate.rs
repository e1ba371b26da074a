//! A passkey that somebody else registered is activated by its owner, who shows it.

use ceremony::{
    AssertionExpectations, AuthenticationResponse, Challenge, CounterPolicy, CredentialId,
    ExpectedUser, Framing, RequestOptions, SignedIn, StoredKey, StoredPasskey, UserHandle,
    UserPresence, verify_assertion,
};
use policy::activation::{activate, may_activate};
use policy::model::{AuditRecord, NoticeKind, Passkey, PasskeyId, PasskeyType, Provenance, User};
use store::passkeys::Activation;

use super::{Basis, Ground, RegisterRefusal, descriptor, no_browser};
use crate::app::AppState;
use crate::flow::challenge::{Ceremony, ChallengeRefusal, Expected, Ticket};
use crate::flow::{Caller, notices, places, records};
use crate::web::CurrentSession;
use crate::web::cookies::sha256;

/// Options for `navigator.credentials.get` with this very passkey. What policy will refuse is said here.
pub async fn begin_activation(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
    passkey: PasskeyId,
) -> Result<RequestOptions, RegisterRefusal> {
    let basis = Basis::of_session(&session.user, &session.session);
    let ground = Ground::read(app, caller, basis).await?;
    let waiting = find(&ground, passkey)?;
    let now = app.clock.now();
    ground.ask(
        &session.user,
        Provenance::Provisioned,
        |snapshot, situation| may_activate(snapshot, situation, waiting, now),
    )?;
    let ticket = Ticket::new(
        app,
        Ceremony::Activation,
        Some(session.user.id),
        caller.browser.ok_or_else(no_browser)?,
        binding(session, passkey),
    );
    let challenge = ticket.seal(app, session.tenant())?;
    let options = RequestOptions::new(&app.config.relying_party, challenge);
    Ok(options.allow(descriptor(waiting).into_iter().collect()))
}

/// Finishes what [`begin_activation`] began: `response` is the JSON of `PublicKeyCredential.toJSON()`.
pub async fn finish_activation(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
    passkey: PasskeyId,
    response: &[u8],
) -> Result<(), RegisterRefusal> {
    let done = verify_and_write(app, caller, session, passkey, response).await;
    if let Err(refusal) = &done {
        let record = record(app, caller, &session.user, "Activate Passkey");
        let record = records::failed(record, refusal);
        let written = app
            .store
            .write(move |tx| Box::pin(async move { store::audit::record(tx, &record).await }));
        if let Err(error) = written.await {
            tracing::error!(correlation = %caller.correlation, code = error.code(), "a refused activation could not be recorded");
        }
    }
    done
}

async fn verify_and_write(
    app: &AppState,
    caller: &Caller,
    session: &CurrentSession,
    passkey: PasskeyId,
    response: &[u8],
) -> Result<(), RegisterRefusal> {
    let response =
        AuthenticationResponse::from_json(response).map_err(RegisterRefusal::Ceremony)?;
    let sealed = response
        .claimed_challenge()
        .map_err(RegisterRefusal::Ceremony)?;
    let expected = Expected {
        ceremony: Ceremony::Activation,
        browser: caller.browser.ok_or_else(no_browser)?,
        context: binding(session, passkey),
    };
    let user = &session.user;
    let ticket = Ticket::open(app, user.tenant, &sealed, &expected)?;
    if ticket.user != Some(user.id) {
        return Err(ChallengeRefusal::OtherUser.into());
    }
    let basis = Basis::of_session(user, &session.session);
    let ground = Ground::read(app, caller, basis).await?;
    let waiting = find(&ground, passkey)?;
    let shown = verify(app, &response, &sealed, user, waiting)?;
    let now = app.clock.now();
    let activated = ground.ask(user, Provenance::Provisioned, |snapshot, situation| {
        activate(snapshot, situation, waiting, &shown, now)
    })?;
    let activity = records::activate_passkey(waiting.passkey_type);
    let record = records::about_passkey(record(app, caller, user, activity), waiting);
    let told = notices::of(app, caller, NoticeKind::PasskeyActivated, user, &record);
    let told = notices::about_passkey(told, waiting);
    let observed = places::of_registration(caller, waiting, response.attachment);
    let (held, version) = (session.session.clone(), user.version);
    let (tenant, owner) = (user.tenant, user.id);
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            if !store::sessions::hold(tx, &held, version).await? {
                return Err(RegisterRefusal::Contended);
            }
            if !store::challenges::spend(tx, tenant, &ticket.nonce, ticket.expires).await? {
                return Err(RegisterRefusal::ChallengeSpent);
            }
            match store::passkeys::activate(tx, tenant, owner, &activated, now).await? {
                Activation::Done => {}
                Activation::Stale => return Err(RegisterRefusal::Contended),
            }
            store::sightings::record(tx, &observed).await?;
            notices::write(tx, &record, &told).await?;
            Ok::<_, RegisterRefusal>(())
        })
    });
    written.await?;
    app.notifier.wake();
    Ok(())
}

fn find(ground: &Ground, passkey: PasskeyId) -> Result<&Passkey, RegisterRefusal> {
    let mut passkeys = ground.passkeys.iter();
    let found = passkeys.find(|one| one.id == passkey);
    found.ok_or(RegisterRefusal::NotFound)
}

fn verify(
    app: &AppState,
    response: &AuthenticationResponse,
    sealed: &[u8],
    user: &User,
    passkey: &Passkey,
) -> Result<SignedIn, RegisterRefusal> {
    let damaged = |refusal: ceremony::Refusal| {
        RegisterRefusal::Internal(format!("stored passkey: {}", refusal.code()))
    };
    let credential_id = CredentialId::new(passkey.credential_id.clone()).map_err(damaged)?;
    let user_handle = UserHandle::new(user.handle.as_bytes().to_vec()).map_err(damaged)?;
    let key = StoredKey::from_bytes(&passkey.stored_key).map_err(damaged)?;
    let stored = StoredPasskey {
        credential_id: &credential_id,
        user_handle: &user_handle,
        key: &key,
        sign_count: passkey.sign_count,
        backup_eligible: Some(passkey.passkey_type == PasskeyType::Synced),
    };
    let expectations = AssertionExpectations {
        relying_party: &app.config.relying_party,
        challenge: &Challenge::expect(sealed),
        // This very passkey, and no other of theirs.
        allow_credentials: std::slice::from_ref(&credential_id),
        user: ExpectedUser::Known(&user_handle),
        user_verification_required: true,
        user_presence: UserPresence::Required,
        framing: &Framing::Forbidden,
        appid: None,
        counter: CounterPolicy::Report,
    };
    verify_assertion(response, &stored, &expectations).map_err(RegisterRefusal::Ceremony)
}

fn record(app: &AppState, caller: &Caller, user: &User, activity: &str) -> AuditRecord {
    let actor = records::by_user(user, caller);
    records::audit(app.clock.now(), &app.random, caller, activity, actor, user)
}

/// What the challenge is bound to besides browser and user: this session, and this passkey.
fn binding(session: &CurrentSession, passkey: PasskeyId) -> [u8; 32] {
    let parts: [&[u8]; 3] = [
        b"activate",
        session.session.id.as_bytes(),
        passkey.as_bytes(),
    ];
    sha256(&parts.concat())
}

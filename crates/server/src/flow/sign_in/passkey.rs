//! Signing in with a passkey.

use ceremony::{
    AssertionExpectations, AuthenticationResponse, Challenge, CounterPolicy, CredentialId,
    ExpectedUser, Framing, RequestOptions, SignedIn, StoredKey, StoredPasskey, UserHandle,
    UserPresence, base64url, verify_assertion,
};
use policy::Denial;
use policy::lifecycle::Grace;
use policy::model::{
    Method, Mode, Passkey, PasskeyType, Place, TenantId, Timestamp, crosses_devices,
};
use policy::sign_in::{Circumstances, Identified, PasskeyRules, Proved};
use policy::snapshot::Snapshot;
use store::outbox::Announcement;
use store::sign_ins::{Loaded, Spend};

use super::opening::{Opened, UsedPasskey, With, conclude};
use super::{Beside, Known, SignInRefusal, Wishes, internal, note_refusal};
use crate::app::AppState;
use crate::flow::access::{self, Membership};
use crate::flow::challenge::{Ceremony, Expected, Ticket};
use crate::flow::context::OpenContext;
use crate::flow::records::Trace;
use crate::flow::{Caller, Step, lifecycle, notices, places, records};

/// The write is conditional on what was read; when something changed in between, all of it is done once more.
const ROUNDS: usize = 2;

/// Options for `navigator.credentials.get`. The same for every name, known or not: passkeys here are discoverable, so
/// nothing has to be listed and nothing is given away.
pub async fn begin_passkey(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
) -> Result<RequestOptions, SignInRefusal> {
    let browser = caller.browser.ok_or_else(no_browser)?;
    let ticket = Ticket::new(app, Ceremony::Assertion, None, browser, context.hash());
    let challenge = ticket.seal(app, context.tenant())?;
    Ok(RequestOptions::new(&app.config.relying_party, challenge))
}

/// Finishes a passkey sign-in: `response` is the JSON of `PublicKeyCredential.toJSON()`.
pub async fn finish_passkey(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    response: &[u8],
    beside: Beside,
) -> Result<Step, SignInRefusal> {
    let mut known = Known {
        method: Some(Method::Passkey),
        ..Known::default()
    };
    let finished = finish(app, caller, context, response, &beside, &mut known).await;
    if let Err(refusal) = &finished {
        note_refusal(app, caller, context, &known, refusal).await;
    }
    finished
}

async fn finish(
    app: &AppState,
    caller: &Caller,
    context: &OpenContext,
    response: &[u8],
    beside: &Beside,
    known: &mut Known,
) -> Result<Step, SignInRefusal> {
    let response = AuthenticationResponse::from_json(response).map_err(SignInRefusal::Ceremony)?;
    known.credential_id = Some(response.credential_id.as_bytes().to_vec());
    let sealed = response
        .claimed_challenge()
        .map_err(SignInRefusal::Ceremony)?;
    let expected = Expected {
        ceremony: Ceremony::Assertion,
        browser: caller.browser.ok_or_else(no_browser)?,
        context: context.hash(),
    };
    let ticket = Ticket::open(app, context.tenant(), &sealed, &expected)?;
    let place = places::place(caller, response.attachment);
    for _ in 0..ROUNDS {
        let loaded = load(app, context.tenant(), &response.credential_id, place).await?;
        known.user = Some(loaded.user.clone());
        known.passkey = Some(loaded.passkey.clone());
        let now = app.clock.now();
        let earlier = beside.attempt_of(&loaded.user);
        let user = match earlier {
            Some(attempt) => attempt.step_up(now)?,
            None => Identified::new(loaded.user.clone(), loaded.versions)?,
        };
        let signed_in = verify(app, &response, &sealed, &loaded)?;
        let snapshot = app
            .snapshots
            .of(app, context.tenant(), loaded.versions.policy)
            .await
            .map_err(internal)?;
        let rules = PasskeyRules {
            snapshot: &snapshot,
            roles: &loaded.roles,
            groups: &loaded.groups,
            counter: CounterPolicy::Refuse,
            grace: None,
            across: is_across(&response, &loaded.passkey),
        };
        let passkey = &loaded.passkey;
        let (proved, over) = match user.clone().passkey(&signed_in, passkey, rules, now) {
            Ok(proved) => (proved, false),
            Err(denial) => {
                let grace = grace(app, &loaded, rules, now).await?;
                let grace = grace.ok_or_else(|| said(&snapshot, denial))?;
                let grace = Some(&grace);
                let rules = PasskeyRules { grace, ..rules };
                (user.passkey(&signed_in, passkey, rules, now)?, true)
            }
        };
        let circumstances = Circumstances {
            passkeys: 1,
            replacement_due: over && may_register(app, caller, &proved).await?,
            ..Circumstances::default()
        };
        let told = notices::of_passkey_use(app, caller, &loaded, &place)
            .await
            .map_err(internal)?;
        let with = With {
            began: earlier.is_none().then_some(Mode::Fido2),
            wishes: beside.wishes,
            attempt: earlier.map(|attempt| attempt.attempt.token),
            pass: earlier.and_then(|attempt| attempt.attempt.pass),
            member: Some(Membership {
                roles: loaded.roles.clone(),
                groups: loaded.groups.clone(),
            }),
            passkey: Some(used(app, caller, &loaded, place, &signed_in, told)),
            ..with(app, &loaded.passkey, &ticket)
        };
        match conclude(app, caller, context, proved, circumstances, with).await? {
            Opened::Done(step, _) => return Ok(step),
            Opened::Spent => return Err(SignInRefusal::ChallengeSpent),
            Opened::Stale => {}
        }
    }
    Err(SignInRefusal::Contended)
}

/// Whether another device holds the passkey than the one whose browser sent the answer.
fn is_across(response: &AuthenticationResponse, passkey: &Passkey) -> bool {
    let transports = passkey.transports.iter().map(String::as_str);
    crosses_devices(response.attachment, transports)
}

/// A denial, with what the organisation has to say about it.
fn said(snapshot: &Snapshot, denial: Denial) -> SignInRefusal {
    match denial {
        Denial::PasskeysUnavailable => {
            SignInRefusal::Unavailable(snapshot.policies().availability.reason.clone())
        }
        other => other.into(),
    }
}

/// Permission to go on with a passkey that is refused for nothing but its age; that costs a second read.
async fn grace(
    app: &AppState,
    loaded: &Loaded,
    rules: PasskeyRules<'_>,
    now: Timestamp,
) -> Result<Option<Grace>, SignInRefusal> {
    let (user, passkey) = (&loaded.user, &loaded.passkey);
    let subject = rules.snapshot.subject(user, rules.roles, rules.groups);
    if !policy::lifecycle::is_over(rules.snapshot, &subject, passkey, now) {
        return Ok(None);
    }
    let owner = (user, rules.roles, rules.groups);
    lifecycle::grace(app, rules.snapshot, owner, passkey)
        .await
        .map_err(internal)
}

/// Whoever may not register goes on: an old passkey is better than none.
async fn may_register(
    app: &AppState,
    caller: &Caller,
    proved: &Proved,
) -> Result<bool, SignInRefusal> {
    let (user, version) = (proved.user(), proved.policy_version());
    let holdings = access::holdings(app, caller, user, version, proved.proofs())
        .await
        .map_err(internal)?;
    Ok(holdings.may_register)
}

async fn load(
    app: &AppState,
    tenant: TenantId,
    id: &CredentialId,
    place: Place,
) -> Result<Loaded, SignInRefusal> {
    let bytes = id.as_bytes().to_vec();
    let found = app
        .store
        .read_point(move |tx| {
            Box::pin(async move { store::sign_ins::load(tx, tenant, &bytes, &place).await })
        })
        .await
        .map_err(internal)?;
    found.ok_or_else(|| SignInRefusal::UnknownCredential {
        rp_id: app.config.relying_party.rp_id.as_str().to_owned(),
        credential_id: base64url::encode(id.as_bytes()),
    })
}

/// Verifies on the calling thread: one hash and one signature check cost about what a change of threads does.
fn verify(
    app: &AppState,
    response: &AuthenticationResponse,
    sealed: &[u8],
    loaded: &Loaded,
) -> Result<SignedIn, SignInRefusal> {
    let passkey = &loaded.passkey;
    let damaged = |refusal: ceremony::Refusal| {
        SignInRefusal::Internal(format!("stored passkey: {}", refusal.code()))
    };
    let credential_id = CredentialId::new(passkey.credential_id.clone()).map_err(damaged)?;
    let user_handle = UserHandle::new(loaded.user.handle.as_bytes().to_vec()).map_err(damaged)?;
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
        allow_credentials: &[],
        user: ExpectedUser::Discoverable,
        user_verification_required: true,
        user_presence: UserPresence::Required,
        framing: &Framing::Forbidden,
        appid: None,
        // Policy decides what a counter that steps back means; here it only has to be told.
        counter: CounterPolicy::Report,
    };
    verify_assertion(response, &stored, &expectations).map_err(SignInRefusal::Ceremony)
}

fn used(
    app: &AppState,
    caller: &Caller,
    loaded: &Loaded,
    place: Place,
    signed_in: &SignedIn,
    told: Option<Announcement>,
) -> UsedPasskey {
    let (backed_up, now) = (signed_in.facts().backed_up, app.clock.now());
    let observed = places::of_use(caller, &loaded.passkey, place, &loaded.seen, backed_up, now);
    let mut passkey = loaded.passkey.clone();
    passkey.backed_up = backed_up;
    // A first use is what makes one count that the browser made by itself.
    passkey.user_verified |= signed_in.facts().user_verified;
    UsedPasskey {
        passkey,
        without_another_device: place.attachment == Some(ceremony::Attachment::Platform),
        observed,
        told,
    }
}

fn with(app: &AppState, passkey: &Passkey, ticket: &Ticket) -> With {
    let mut step = records::step(app, Method::Passkey, &passkey.display_name, Ok(()));
    records::passkey_method(passkey.passkey_type).clone_into(&mut step.method);
    With {
        spend: Spend::Challenge {
            nonce: ticket.nonce,
            expires: ticket.expires,
        },
        attempt: None,
        pass: None,
        passkey: None,
        steps: vec![step],
        began: None,
        wishes: Wishes::default(),
        member: None,
        trace: Trace::default(),
    }
}

fn no_browser() -> SignInRefusal {
    SignInRefusal::Internal("no browser layer in front of a sign-in".to_owned())
}

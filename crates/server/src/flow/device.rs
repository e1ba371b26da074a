//! Device authorization (RFC 8628): a device without a browser waits while a person signs in elsewhere.
//!
//! Whoever can get a person to type a code gets what the person may do, so: it is off unless the application may do it,
//! conditional access knows the flow by its condition, the code is typed and never filled in by a link, the page says what
//! is about to happen, and what comes of it never counts as phishing-resistant.

use policy::lifetimes::{DEVICE_CODE, DEVICE_PAUSE};
use policy::model::{Application, DeviceCode, Method, RedirectKind, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use store::StoreError;

use super::issue_tokens::bearer_hash;
use super::throttle::{self, Whom};
use super::{Caller, SecretText};
use crate::app::AppState;
use crate::clock::Random;
use crate::jose;
use crate::oidc::request::{AuthorizeRequest, ForDevice, Prompt, ResponseMode, ReturnTo};
use crate::seal::Purpose;

/// Letters that make no words and are not confused: 20 of them, eight in a code, 34 bits that live a quarter of an hour.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LETTERS: usize = 8;
/// The longest typed text worth looking at.
const LONGEST: usize = 32;
/// Two devices with one code are next to impossible; three in a row mean that something is broken.
const ATTEMPTS: usize = 3;
/// Under which name wrong codes are counted.
const NOBODY: &str = "device code";

/// The page where codes are typed.
pub const PAGE: &str = "/devicelogin";
/// Where a person ends who agreed.
pub const DONE: &str = "/devicelogin/done";

/// What a device is told. It shows neither code: whoever has one of them can use it.
#[expect(missing_debug_implementations, reason = "a bearer value is in it")]
pub struct Begun {
    /// What it asks with.
    pub device_code: String,
    /// What it shows.
    pub user_code: SecretText,
}

/// Lets a device of `application` wait for `scopes`.
pub async fn begin(
    app: &AppState,
    application: &Application,
    scopes: Vec<String>,
) -> Result<Begun, StoreError> {
    for _ in 0..ATTEMPTS {
        let now = app.clock.now();
        let begun = Begun {
            device_code: jose::encode(app.random.bytes::<32>()),
            user_code: user_code(&app.random),
        };
        let row = DeviceCode {
            tenant: application.tenant,
            code: bearer_hash(&begun.device_code),
            user_code: bearer_hash(begun.user_code.expose()),
            application: application.id,
            scopes: scopes.clone(),
            created: now,
            expires: now.plus(DEVICE_CODE),
            pause: DEVICE_PAUSE,
            polled: None,
            typed: None,
            declined: None,
        };
        let written = app
            .store
            .write(move |tx| Box::pin(async move { store::device_codes::begin(tx, &row).await }));
        if written.await? {
            return Ok(begun);
        }
    }
    Err(StoreError::Damaged("user codes"))
}

/// The code as it is shown: two groups of four.
pub fn shown(code: &SecretText) -> String {
    let (one, two) = code
        .expose()
        .split_at_checked(LETTERS / 2)
        .unwrap_or_default();
    format!("{one}-{two}")
}

/// A device that waits, found by what a person typed; it travels sealed to the question and back.
#[derive(Debug, Serialize, Deserialize)]
pub struct Found {
    device: ForDevice,
    tenant: TenantId,
    /// The browser in which it was typed.
    browser: [u8; 32],
}

/// What a typed code led to.
#[derive(Debug)]
pub enum Typed {
    /// This application's device waits; the sealed text goes through the question.
    Waits(Box<Application>, String),
    /// No device waits with this code, or not any more.
    Nobody,
    /// Too many wrong codes from here: so many seconds to wait.
    TooMany(i64),
}

/// Looks a typed code up. Wrong ones are counted by network, as wrong passwords of names that nobody has.
pub async fn type_code(
    app: &AppState,
    caller: &Caller,
    browser: [u8; 32],
    typed: &SecretText,
) -> Result<Typed, StoreError> {
    let whom = Whom::Unknown(app.tenants.default().id, NOBODY);
    if let Some(seconds) = throttle::admit(app, whom, Method::Totp, caller.ip).await? {
        return Ok(Typed::TooMany(seconds));
    }
    let (code, now) = (bearer_hash(&normalized(typed)), app.clock.now());
    for tenant in app.tenants.all() {
        let tenant = tenant.id;
        let found = app.store.read(move |tx| {
            Box::pin(async move {
                let found = store::device_codes::find_by_user_code(tx, tenant, &code, now).await?;
                let Some(waiting) = found else {
                    return Ok::<_, StoreError>(None);
                };
                let application =
                    store::applications::find(tx, tenant, waiting.application).await?;
                Ok(application.map(|application| (waiting, application)))
            })
        });
        let Some((waiting, application)) = found.await? else {
            continue;
        };
        if !may(&application) {
            continue;
        }
        throttle::forgive_unknown(app, whom, Method::Totp, caller.ip);
        let found = Found {
            device: ForDevice {
                code: *waiting.code.as_bytes(),
                expires: waiting.expires,
            },
            tenant,
            browser,
        };
        let sealed = app
            .seal
            .seal_json(Purpose::DeviceCode, tenant, &found, &app.random)
            .map_err(|_| StoreError::Damaged("seal keys"))?;
        let sealed = format!("{}.{sealed}", tenant.uuid().simple());
        return Ok(Typed::Waits(Box::new(application), sealed));
    }
    Ok(Typed::Nobody)
}

/// True if devices of the application may wait at all.
pub fn may(application: &Application) -> bool {
    application.enabled && application.settings.device_code
}

/// Opens what [`type_code`] sealed, in the same browser.
pub fn open(app: &AppState, browser: [u8; 32], sealed: &str) -> Option<Found> {
    let (tenant, sealed) = sealed.split_once('.')?;
    let tenant = tenant.parse().ok()?;
    let found: Found = app
        .seal
        .open_json(Purpose::DeviceCode, tenant, sealed)
        .ok()?;
    let in_time = app.clock.now() < found.device.expires;
    (found.browser == browser && in_time).then_some(found)
}

/// The person's answer. A yes gives the request to sign in with; nobody can answer twice.
pub async fn answer(
    app: &AppState,
    caller: &Caller,
    found: Found,
    yes: bool,
) -> Result<Option<(Option<AuthorizeRequest>, String)>, StoreError> {
    let (tenant, now) = (found.tenant, app.clock.now());
    let hash = policy::model::TokenHash::from_bytes(found.device.code);
    let answered = app.store.write(move |tx| {
        Box::pin(async move {
            let Some(waiting) = store::device_codes::find(tx, tenant, &hash).await? else {
                return Ok::<_, StoreError>(None);
            };
            let application = store::applications::find(tx, tenant, waiting.application).await?;
            let Some(application) = application.filter(may) else {
                return Ok(None);
            };
            if !store::device_codes::answer(tx, tenant, &hash, yes, now).await? {
                return Ok(None);
            }
            Ok(Some((waiting, application)))
        })
    });
    let Some((waiting, application)) = answered.await? else {
        return Ok(None);
    };
    tracing::info!(correlation = %caller.correlation, application = %application.id, yes, "answered for a device");
    let name = application.display_name.clone();
    let request = yes.then(|| request(app, &application, waiting, found.device, now));
    Ok(Some((request, name)))
}

/// An authorization request whose answer the device fetches by itself.
fn request(
    app: &AppState,
    application: &Application,
    waiting: DeviceCode,
    device: ForDevice,
    now: Timestamp,
) -> AuthorizeRequest {
    AuthorizeRequest {
        tenant: application.tenant,
        application: application.id,
        to: ReturnTo {
            redirect_uri: format!("{}{DONE}", app.config.origin()),
            mode: ResponseMode::Query,
            state: None,
        },
        // Nobody is asked for consent on behalf of a device that they may not even see.
        scopes: waiting.scopes,
        wanted: Vec::new(),
        ask_again: false,
        nonce: None,
        code_challenge: None,
        proof_key: None,
        prompt: Prompt::IfNeeded,
        max_age: None,
        login_hint: None,
        hinted_user: None,
        redirect_kind: RedirectKind::Native,
        contexts: Vec::new(),
        acr: None,
        client_info: false,
        device: Some(device),
        asked: now,
    }
}

fn user_code(random: &Random) -> SecretText {
    // Bytes that would make some letters likelier than others are skipped; of 64 at most a handful are.
    let letters = random.bytes::<64>().into_iter().filter(|byte| *byte < 240);
    let letters = letters.filter_map(|byte| ALPHABET.get(usize::from(byte % 20)).copied());
    SecretText::new(letters.take(LETTERS).map(char::from).collect::<String>())
}

/// What a person typed, as [`user_code`] made it: case, spaces and dashes do not matter.
fn normalized(typed: &SecretText) -> String {
    let letters = typed.expose().chars().take(LONGEST);
    let kept = letters.filter(|letter| !letter.is_whitespace() && *letter != '-');
    kept.map(|letter| letter.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_code_is_the_one_that_was_shown() {
        let code = user_code(&Random::system());
        assert_eq!(code.expose().len(), LETTERS);
        let typed = SecretText::new(format!(" {} ", shown(&code).to_lowercase()));
        assert_eq!(normalized(&typed), code.expose());
        assert_ne!(code.expose(), user_code(&Random::system()).expose());
    }

    #[test]
    fn nobody_makes_the_server_read_a_novel() {
        assert_eq!(
            normalized(&SecretText::new("x".repeat(10_000))).len(),
            LONGEST
        );
    }
}

//! The way round by a silent registration (conditional create, WebAuthn Level 3 section 5.1.3): between a finished sign-in
//! with password and code and the place it leads to stands a page on which the browser may make a passkey by itself.
//!
//! The session is open and the answer is made by then. Whatever the browser does or does not do, the page goes on.

use policy::campaign::{Event, Outcome};
use policy::client::Client;
use policy::model::{CampaignId, Method, Proof, Span, TenantId, Timestamp, User};
use serde::{Deserialize, Serialize};

use super::{SignInRefusal, Wishes};
use crate::app::AppState;
use crate::flow::context::OpenContext;
use crate::flow::{Caller, Next, Step, register};
use crate::seal::Purpose;

/// The answer behind the page may hold a code that lives for a minute.
const LIFETIME: Span = Span::seconds(60);

/// Where a finished sign-in goes on.
#[derive(Clone, Debug)]
pub struct Onward {
    /// The tenant that was signed in to.
    pub tenant: TenantId,
    /// An application's redirect address with the answer, or a page of ours.
    pub next: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    browser: [u8; 32],
    next: String,
    expires: Timestamp,
}

/// Whether a page may stand between a sign-in that showed this and where `context` leads.
pub(super) fn may_stand_before(context: &OpenContext, proofs: &[Proof]) -> bool {
    let on = |to: &str| to.starts_with("https://") || to.starts_with("http://");
    let goes_on = context
        .request()
        .is_none_or(|request| on(&request.to.redirect_uri));
    goes_on && is_password_and_code(proofs)
}

fn is_password_and_code(proofs: &[Proof]) -> bool {
    Method::of_proofs(proofs) == [Method::Password, Method::Totp]
}

/// The same step, or the way round to it where browser and policy allow a silent registration. `campaign` is the one on
/// whose behalf it is made, if one asked for it.
pub(super) async fn way_round(
    app: &AppState,
    caller: &Caller,
    (user, proofs): (&User, &[Proof]),
    wishes: Wishes,
    campaign: Option<CampaignId>,
    step: Step,
) -> Step {
    let Step::Done(mut done) = step else {
        return step;
    };
    if wishes.makes_passkeys
        && is_password_and_code(proofs)
        && !user.break_glass
        && goes_on_by_itself(&done.next)
        && register::is_offered_silently(app, caller, user, proofs).await
        && let Some(to) = seal(app, caller, user.tenant, done.next.url())
    {
        done.next = Next::Page(format!("/signin/upgrade?to={to}"));
        if let Some(campaign) = campaign {
            note_offer(app, caller, user, campaign).await;
        }
    }
    Step::Done(done)
}

/// The silent stage of a campaign comes once. The session is open by then, so a failure here stops nothing.
async fn note_offer(app: &AppState, caller: &Caller, user: &User, campaign: CampaignId) {
    let (tenant, id, now) = (user.tenant, user.id, app.clock.now());
    let client = Client::of(&caller.user_agent);
    let noted = app.store.write(move |tx| {
        Box::pin(async move {
            store::campaigns::offer_silently(tx, tenant, id, campaign, now).await?;
            let event = Event::new(campaign, client, Outcome::SilentOffered);
            store::campaigns::count(tx, tenant, &event, now).await
        })
    });
    if let Err(error) = noted.await {
        tracing::error!(correlation = %caller.correlation, code = error.code(), "the silent stage of a campaign could not be noted");
    }
}

/// Opens what `way_round` sealed for this browser.
///
/// # Errors
/// [`SignInRefusal::ContextInvalid`] and [`SignInRefusal::ContextExpired`].
pub fn onward(app: &AppState, browser: [u8; 32], text: &str) -> Result<Onward, SignInRefusal> {
    let (tenant, sealed) = text.split_once('.').ok_or(SignInRefusal::ContextInvalid)?;
    let tenant = tenant.parse().map_err(|_| SignInRefusal::ContextInvalid)?;
    let opened: Sealed = app
        .seal
        .open_json(Purpose::Onward, tenant, sealed)
        .map_err(|_| SignInRefusal::ContextInvalid)?;
    if opened.browser != browser {
        return Err(SignInRefusal::ContextInvalid);
    }
    if app.clock.now() >= opened.expires {
        return Err(SignInRefusal::ContextExpired);
    }
    Ok(Onward {
        tenant,
        next: opened.next,
    })
}

/// Browsers hand an address to a program on the device only by a person's hand, which a page in between would lose.
fn goes_on_by_itself(next: &Next) -> bool {
    match next {
        Next::Page(_) | Next::Deliver(_) => true,
        Next::Application(url) => url.starts_with("https://") || url.starts_with("http://"),
    }
}

fn seal(app: &AppState, caller: &Caller, tenant: TenantId, next: &str) -> Option<String> {
    let value = Sealed {
        browser: caller.browser?,
        next: next.to_owned(),
        expires: app.clock.now().plus(LIFETIME),
    };
    let sealed = app
        .seal
        .seal_json(Purpose::Onward, tenant, &value, &app.random)
        .ok()?;
    Some(format!("{tenant}.{sealed}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_stands_before_a_program_on_the_device() {
        let to = |url: &str| goes_on_by_itself(&Next::Application(url.to_owned()));
        assert!(to("https://app.example/back?code=1"));
        assert!(to("http://localhost:53683/?code=1"));
        assert!(!to("com.example.app:/back?code=1"));
    }
}

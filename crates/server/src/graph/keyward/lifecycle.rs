//! `keyward/lifecycle`: passkeys that need somebody's attention, and letting one go on in spite of bad news.

use axum::http::StatusCode;
use policy::lifecycle::Outlook;
use policy::model::{Compromise, Passkey};
use policy::roles::Action;
use policy::scopes::Operation;
use serde_json::{Map, Value, json};

use crate::flow::attention::Needy;
use crate::flow::{authority, lifecycle, methods};
use crate::graph::listing::{self, Source};
use crate::graph::methods::fido2::is_called;
use crate::graph::odata::{Collection, Field, Kind};
use crate::graph::table::{Route, Verb};
use crate::graph::values::{date, members};
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

const LIST: &str = "keyward/lifecycle";

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        LIST,
        Operation::ReadPasskeys,
        "List people whose passkeys need attention",
        graph_handler!(list),
    )
    .beta(),
    Route::new(
        Verb::Post,
        "keyward/users/{user}/passkeys/{method}/release",
        Operation::ManagePasskeys,
        "Let a passkey go on in spite of bad news",
        graph_handler!(release),
    )
    .gives(StatusCode::NO_CONTENT)
    .beta(),
];

const COLLECTION: Collection = Collection {
    fields: &[
        Field::new("id", Kind::Guid),
        Field::new("userPrincipalName", Kind::Text),
        Field::new("displayName", Kind::Text),
        Field::new("passkeys[]/standing", Kind::Text),
        Field::new("passkeys[]/aaGuid", Kind::Text),
    ],
    order: &["userPrincipalName", "displayName"],
    ..listing::USERS
};

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    listing::answer(&request, Source::Needy, &COLLECTION, LIST).await
}

/// A person with those passkeys; nothing, where there are none any more.
pub fn view(one: &Needy, names: bool) -> Map<String, Value> {
    if one.passkeys.is_empty() {
        return Map::new();
    }
    let passkeys = one
        .passkeys
        .iter()
        .map(|(one, stands)| passkey(one, *stands));
    members(json!({
        "id": one.user.id,
        "userPrincipalName": Some(&one.user.user_principal_name).filter(|_| names),
        "displayName": Some(&one.user.display_name).filter(|_| names),
        "passkeys": passkeys.collect::<Vec<_>>(),
    }))
}

fn passkey(passkey: &Passkey, stands: Outlook) -> Value {
    let (standing, ends, code) = match stands {
        _ if passkey.waiting => ("waitingForOwner", None, None),
        Outlook::Good => ("good", None, None),
        Outlook::Ends(at) => ("ending", Some(at), None),
        Outlook::InDoubt => ("oneFactorOnly", None, None),
        Outlook::Quarantined => ("quarantined", None, None),
        Outlook::Refused(denial) => ("refused", None, Some(denial.code())),
    };
    json!({
        "id": ceremony::base64url::encode(&passkey.credential_id),
        "displayName": passkey.display_name,
        "aaGuid": passkey.aaguid,
        "standing": standing,
        "endDateTime": ends.map(date),
        "code": code,
        "badNews": passkey.compromise.map(bad_news),
    })
}

fn bad_news(compromise: Compromise) -> Value {
    json!({
        "sinceDateTime": date(compromise.since),
        "reason": compromise.reason.as_str(),
        "measure": compromise.measure.as_str(),
    })
}

async fn release(request: Request) -> Result<Answer, GraphRefusal> {
    let (by, user) = (request.governor(), request.user()?);
    let passkeys = methods::passkeys(&request.app, user).await?;
    let mut passkeys = passkeys.iter();
    let Some(passkey) = passkeys.find(|one| is_called(one, request.key("method"))) else {
        // That there is none is said only to those who might have released it.
        authority::ask(&request.app, &by, Action::ManagePasskeys, user.id).await??;
        return Err(GraphRefusal::NotFound);
    };
    let done = lifecycle::release(&request.app, &request.caller, &by, user.id, passkey.id).await;
    done.map_err(|refusal| GraphRefusal::flow(&refusal))?;
    Ok(Answer::nothing())
}

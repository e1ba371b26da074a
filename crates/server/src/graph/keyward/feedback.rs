//! `keyward/authenticatorFeedback/{id}`: what an authenticator said went wrong.

use policy::model::Timestamp;
use policy::scopes::Operation;
use serde_json::json;

use authenticator::rules::feedback::{Bundle, Item};

use crate::flow::feedback::{self, FeedbackRefusal};
use crate::graph::odata::{Collection, Field, Kind};
use crate::graph::policies::shared::one;
use crate::graph::table::{Route, Verb};
use crate::graph::values::{date, members};
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

const LIST: &str = "keyward/authenticatorFeedback";

pub const ROUTES: &[Route] = &[Route::new(
    Verb::Get,
    "keyward/authenticatorFeedback/{feedback}",
    Operation::ReadAudit,
    "Get what an authenticator said went wrong",
    graph_handler!(get),
)
.beta()];

const COLLECTION: Collection = Collection::small(
    &[
        Field::new("id", Kind::Text),
        Field::new("receivedDateTime", Kind::Moment),
        Field::new("system", Kind::Text),
    ],
    &[],
);

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let id: String = request.id("feedback")?;
    let found = feedback::find(&request.app, &request.governor(), &id).await;
    let (bundle, received) = found.map_err(|refusal| match refusal {
        FeedbackRefusal::NotFound | FeedbackRefusal::NotAnId => GraphRefusal::NotFound,
        FeedbackRefusal::Denied(denial) => GraphRefusal::Denied(denial),
        other => GraphRefusal::flow(&other),
    })?;
    let view = view(&bundle, received);
    one(
        &request,
        &COLLECTION,
        &format!("{LIST}/$entity"),
        members(view),
    )
}

fn view(bundle: &Bundle, received: Timestamp) -> serde_json::Value {
    let incident = |item: &Item| {
        json!({
            "secondsBeforeFeedback": item.seconds_ago,
            "operation": item.operation.name(),
            "relyingParty": Some(&item.rp_id).filter(|id| !id.is_empty()),
            "code": item.code,
        })
    };
    json!({
        "id": bundle.id.to_string(),
        "receivedDateTime": date(received),
        "system": bundle.system,
        "incidents": bundle.items.iter().map(incident).collect::<Vec<_>>(),
    })
}

//! `keyward/authenticators`: models by AAGUID, as the FIDO metadata in use and the table of providers know them.

use policy::model::{ModelFacts, Protections};
use policy::scopes::Operation;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::graph::odata::{Collection, Field, Kind};
use crate::graph::policies::shared::{list as listed, one};
use crate::graph::table::{Route, Verb};
use crate::graph::values::members;
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

const LIST: &str = "keyward/authenticators";

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        LIST,
        Operation::ReadMethodPolicy,
        "List authenticator models",
        graph_handler!(list),
    )
    .beta(),
    Route::new(
        Verb::Get,
        "keyward/authenticators/{model}",
        Operation::ReadMethodPolicy,
        "Get an authenticator model",
        graph_handler!(get),
    )
    .beta(),
];

const COLLECTION: Collection = Collection {
    page: 100,
    ..Collection::small(
        &[
            Field::new("id", Kind::Guid),
            Field::new("displayName", Kind::Text),
            Field::new("vendor", Kind::Text),
            Field::new("certificationLevel", Kind::Text),
            Field::new("status", Kind::Text),
            Field::new("transports[]", Kind::Text),
            Field::new("userVerificationMethods[]", Kind::Text),
            Field::new("isSyncedProvider", Kind::Boolean),
        ],
        &["displayName", "vendor"],
    )
};

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let models = request.app.models.facts();
    let all = models.iter();
    let views = all.map(|(id, facts)| view(&request, id, facts)).collect();
    listed(&request, &COLLECTION, LIST, views)
}

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let id: Uuid = request.id("model")?;
    let models = request.app.models.facts();
    let facts = models.get(id).ok_or(GraphRefusal::NotFound)?;
    let view = view(&request, id, facts);
    one(&request, &COLLECTION, &format!("{LIST}/$entity"), view)
}

/// What is unknown is null: nothing unknown ever satisfies a policy.
fn view(request: &Request, id: Uuid, facts: &ModelFacts) -> Map<String, Value> {
    let provider = request.app.models.table().provider(id);
    let source =
        |source: &crate::models::Source| json!({"url": source.url, "readDate": source.read});
    let sources = provider.map(|provider| provider.sources.iter().map(source).collect::<Vec<_>>());
    members(json!({
        "id": id,
        "displayName": facts.name,
        "vendor": Some(&facts.vendor).filter(|vendor| !vendor.is_empty()),
        "certificationLevel": facts.certification,
        "status": facts.status,
        "transports": facts.transports,
        "userVerificationMethods": facts.user_verification,
        "isSyncedProvider": facts.protections.is_some(),
        "protections": facts.protections.map(protections),
        "remark": provider.and_then(|provider| provider.remark.as_ref()),
        "sources": sources.unwrap_or_default(),
    }))
}

fn protections(one: Protections) -> Value {
    json!({
        "isSecondFactorNeededToSetUp": one.second_factor_set_up,
        "isDeviceLockNeeded": one.device_lock,
        "isEndToEndEncrypted": one.end_to_end_encrypted,
    })
}

//! `authenticationStrengthPolicies`, under both of their addresses.

use axum::http::StatusCode;
use policy::model::{
    AaguidConfiguration, AccessGrant, AccessPolicy, Combination, Mode, PolicyDocument, PolicyKind,
    Strength, StrengthId, Timestamp,
};
use policy::scopes::Operation;
use policy::strength::built_in;
use serde_json::{Value, json};
use uuid::Uuid;

use super::access_view;
use super::shared::{Members, etag, everything, list as listed, one, parsed, put, remove};
use crate::flow::govern::read::Everything;
use crate::graph::odata::{Collection, Field, Kind};
use crate::graph::table::{Route, Verb};
use crate::graph::values::{date, member, members, required};
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

const READ: Operation = Operation::ReadAccessPolicies;
const WRITE: Operation = Operation::WriteAccessPolicies;

macro_rules! routes {
    ($($root:literal),+) => { &[$(
        Route::new(Verb::Get, $root, READ, "List strengths", graph_handler!(list)),
        Route::new(Verb::Post, $root, WRITE, "Make a strength", graph_handler!(create)).gives(StatusCode::CREATED),
        Route::new(Verb::Get, concat!($root, "/findByMethodMode"), READ, "Find strengths by method", graph_handler!(find)),
        Route::new(Verb::Get, concat!($root, "/{strength}"), READ, "Get a strength", graph_handler!(get)),
        Route::new(Verb::Patch, concat!($root, "/{strength}"), WRITE, "Update a strength", graph_handler!(patch)).gives(StatusCode::NO_CONTENT),
        Route::new(Verb::Delete, concat!($root, "/{strength}"), WRITE, "Delete a strength", graph_handler!(delete)),
        Route::new(Verb::Post, concat!($root, "/{strength}/updateAllowedCombinations"), WRITE, "Update the combinations of a strength", graph_handler!(update_combinations)),
        Route::new(Verb::Get, concat!($root, "/{strength}/usage"), READ, "List the policies that ask for a strength", graph_handler!(usage)),
        Route::new(Verb::Get, concat!($root, "/{strength}/combinationConfigurations"), READ, "List combination configurations", graph_handler!(configurations)),
        Route::new(Verb::Post, concat!($root, "/{strength}/combinationConfigurations"), WRITE, "Make a combination configuration", graph_handler!(configuration_create)).gives(StatusCode::CREATED),
        Route::new(Verb::Get, concat!($root, "/{strength}/combinationConfigurations/{configuration}"), READ, "Get a combination configuration", graph_handler!(configuration_get)),
        Route::new(Verb::Patch, concat!($root, "/{strength}/combinationConfigurations/{configuration}"), WRITE, "Update a combination configuration", graph_handler!(configuration_patch)),
        Route::new(Verb::Delete, concat!($root, "/{strength}/combinationConfigurations/{configuration}"), WRITE, "Delete a combination configuration", graph_handler!(configuration_delete)),
    )+] };
}

pub const ROUTES: &[Route] = routes!(
    "policies/authenticationStrengthPolicies",
    "identity/conditionalAccess/authenticationStrength/policies"
);

const CONTEXT: &str = "policies/authenticationStrengthPolicies";

const COLLECTION: Collection = Collection {
    expand: &["combinationConfigurations"],
    ..Collection::small(
        &[
            Field::new("id", Kind::Guid),
            Field::new("displayName", Kind::Text),
            Field::new("description", Kind::Text),
            Field::new("policyType", Kind::Text),
            Field::new("requirementsSatisfied", Kind::Text),
            Field::new("allowedCombinations[]", Kind::Text),
            Field::new("createdDateTime", Kind::Moment),
            Field::new("modifiedDateTime", Kind::Moment),
        ],
        &["displayName", "createdDateTime", "modifiedDateTime"],
    )
};

/// A strength in Graph's shape.
pub fn view(strength: &Strength) -> Members {
    let configurations: Vec<_> = strength
        .allowed_aaguids
        .iter()
        .map(configuration_view)
        .collect();
    members(json!({
        "id": strength.id.to_string(),
        "displayName": strength.name,
        "description": strength.description,
        "createdDateTime": date(strength.created),
        "modifiedDateTime": date(strength.modified),
        "policyType": if is_built_in(strength.id) { "builtIn" } else { "custom" },
        "requirementsSatisfied": requirement(strength),
        "allowedCombinations": words(&strength.combinations),
        "combinationConfigurations": configurations,
    }))
}

fn configuration_view(list: &AaguidConfiguration) -> Members {
    let models: Vec<_> = list.aaguids.iter().map(ToString::to_string).collect();
    members(json!({
        "@odata.type": "#microsoft.graph.fido2CombinationConfiguration",
        "id": list.id.to_string(),
        "appliesToCombinations": ["fido2"],
        "allowedAAGUIDs": models,
    }))
}

fn words(combinations: &[Combination]) -> Vec<String> {
    combinations.iter().map(ToString::to_string).collect()
}

/// `mfa` where each combination is one of those of the built-in strength for two factors.
fn requirement(strength: &Strength) -> &'static str {
    let all = built_in();
    let multifactor = all
        .iter()
        .find(|one| one.id == policy::strength::MULTIFACTOR);
    let enough = |one: &Combination| {
        multifactor.is_some_and(|all| {
            all.combinations
                .iter()
                .any(|known| known.modes().iter().all(|mode| one.modes().contains(mode)))
        })
    };
    match !strength.combinations.is_empty() && strength.combinations.iter().all(enough) {
        true => "mfa",
        false => "none",
    }
}

pub(super) fn is_built_in(id: StrengthId) -> bool {
    built_in().iter().any(|one| one.id == id)
}

/// All strengths, the built-in ones first.
pub fn all(everything: &Everything) -> Vec<Strength> {
    let mut all = built_in();
    all.extend(everything.policies.strengths.iter().cloned());
    all
}

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let views = all(&everything).iter().map(view).collect();
    listed(&request, &COLLECTION, CONTEXT, views)
}

/// `findByMethodMode(authenticationMethodModes=['fido2',…])`: strengths in which one of these modes stands.
async fn find(request: Request) -> Result<Answer, GraphRefusal> {
    let said = request
        .parameter("authenticationMethodModes")
        .unwrap_or_default();
    let said = said.trim_matches(['[', ']', '\'', '"']);
    let mut modes = Vec::new();
    for word in said
        .split(',')
        .map(|word| word.trim_matches(['\'', '"', ' ', '[', ']']))
    {
        let mode = Mode::from_name(word);
        modes.push(mode.ok_or_else(|| {
            GraphRefusal::property("authenticationMethodModes", "names no method mode")
        })?);
    }
    let everything = everything(&request, READ).await?;
    let names = |one: &&Strength| {
        one.combinations
            .iter()
            .any(|combination| combination.modes().iter().any(|mode| modes.contains(mode)))
    };
    let views = all(&everything).iter().filter(names).map(view).collect();
    listed(&request, &COLLECTION, CONTEXT, views)
}

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let strength = found(&request, &everything)?;
    let answer = one(
        &request,
        &COLLECTION,
        &format!("{CONTEXT}/$entity"),
        view(&strength),
    )?;
    Ok(answer.tagged(&tag(&everything, strength.id)))
}

fn tag(everything: &Everything, id: StrengthId) -> String {
    etag(everything.version(PolicyKind::Strength, &id.to_string()))
}

fn found(request: &Request, everything: &Everything) -> Result<Strength, GraphRefusal> {
    let id: StrengthId = request.id("strength")?;
    let mut all = all(everything).into_iter();
    all.find(|one| one.id == id).ok_or(GraphRefusal::NotFound)
}

/// One that can be changed.
fn custom(request: &Request, everything: &Everything) -> Result<Strength, GraphRefusal> {
    let strength = found(request, everything)?;
    match is_built_in(strength.id) {
        true => Err(GraphRefusal::malformed(
            "Built-in authentication strengths cannot be changed.",
        )),
        false => Ok(strength),
    }
}

async fn create(request: Request) -> Result<Answer, GraphRefusal> {
    let body = request.members()?;
    let everything = everything(&request, READ).await?;
    let (app, now) = (&request.app, request.app.clock.now());
    let mut strength = Strength {
        id: StrengthId::new(now, app.random.bytes()),
        name: required(&body, "displayName")?,
        description: member(&body, "description")?.unwrap_or_default(),
        created: now,
        modified: now,
        combinations: combinations(&body)?,
        allowed_aaguids: Vec::new(),
        passkey: policy::model::PasskeyDemand::default(),
        binds_first_factor: false,
    };
    for object in super::shared::objects(&body, "combinationConfigurations")?.unwrap_or_default() {
        strength.allowed_aaguids.push(AaguidConfiguration {
            id: fresh(&request),
            aaguids: models(&object)?,
        });
    }
    let done = put(
        &request,
        &everything,
        PolicyDocument::Strength(strength.clone()),
    )
    .await?;
    let path = format!("{CONTEXT}/{}", strength.id);
    let answer = Answer::created(
        &request,
        &format!("{CONTEXT}/$entity"),
        view(&strength),
        &path,
    );
    Ok(answer.tagged(&etag(done.version)))
}

/// Names only; combinations have an action of their own, as in Entra.
async fn patch(request: Request) -> Result<Answer, GraphRefusal> {
    let body = request.members()?;
    let everything = everything(&request, READ).await?;
    let mut strength = custom(&request, &everything)?;
    if let Some(name) = member(&body, "displayName")? {
        strength.name = name;
    }
    if let Some(description) = member(&body, "description")? {
        strength.description = description;
    }
    if body.contains_key("allowedCombinations") && combinations(&body)? != strength.combinations {
        return Err(GraphRefusal::property(
            "allowedCombinations",
            "is changed by updateAllowedCombinations",
        ));
    }
    put(&request, &everything, PolicyDocument::Strength(strength)).await?;
    Ok(Answer::nothing())
}

async fn delete(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let strength = custom(&request, &everything)?;
    remove(
        &request,
        &everything,
        PolicyKind::Strength,
        &strength.id.to_string(),
    )
    .await?;
    Ok(Answer::nothing())
}

pub(super) fn combinations(body: &Members) -> Result<Vec<Combination>, GraphRefusal> {
    let said: Vec<String> = required(body, "allowedCombinations")?;
    let each = said.into_iter().map(|one| {
        Combination::try_from(one).map_err(|_| {
            GraphRefusal::property(
                "allowedCombinations",
                "names no combination of method modes",
            )
        })
    });
    each.collect()
}

async fn update_combinations(request: Request) -> Result<Answer, GraphRefusal> {
    let body = request.members()?;
    let everything = everything(&request, READ).await?;
    let mut strength = custom(&request, &everything)?;
    let previous = std::mem::replace(&mut strength.combinations, combinations(&body)?);
    let references: Vec<_> = asking(&everything, strength.id)
        .map(|one| one.id.to_string())
        .collect();
    put(
        &request,
        &everything,
        PolicyDocument::Strength(strength.clone()),
    )
    .await?;
    let result = members(json!({
        "currentCombinations": words(&strength.combinations),
        "previousCombinations": words(&previous),
        "conditionalAccessReferences": references,
        "additionalInformation": "",
    }));
    Ok(Answer::object(
        &request,
        "microsoft.graph.updateAllowedCombinationsResult",
        result,
    ))
}

fn asking(everything: &Everything, id: StrengthId) -> impl Iterator<Item = &AccessPolicy> {
    let policies = everything.policies.access.iter();
    policies.filter(move |one| one.grant == AccessGrant::Strength(id))
}

async fn usage(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let strength = found(&request, &everything)?;
    let policies: Vec<_> = asking(&everything, strength.id)
        .map(|one| Value::Object(access_view::view(one, &everything)))
        .collect();
    let (mfa, none) = match requirement(&strength) {
        "mfa" => (policies, Vec::new()),
        _ => (Vec::new(), policies),
    };
    let usage = members(json!({ "mfa": mfa, "none": none }));
    Ok(Answer::object(
        &request,
        "microsoft.graph.authenticationStrengthUsage",
        usage,
    ))
}

const CONFIGURATIONS: Collection = Collection::small(&[Field::new("id", Kind::Guid)], &[]);

fn configuration_context(strength: &Strength, of_one: bool) -> String {
    let entity = if of_one { "/$entity" } else { "" };
    format!(
        "{CONTEXT}('{}')/combinationConfigurations{entity}",
        strength.id
    )
}

async fn configurations(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let strength = found(&request, &everything)?;
    let views = strength
        .allowed_aaguids
        .iter()
        .map(configuration_view)
        .collect();
    listed(
        &request,
        &CONFIGURATIONS,
        &configuration_context(&strength, false),
        views,
    )
}

async fn configuration_get(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let strength = found(&request, &everything)?;
    let id: Uuid = request.id("configuration")?;
    let list = strength
        .allowed_aaguids
        .iter()
        .find(|one| one.id == id)
        .ok_or(GraphRefusal::NotFound)?;
    one(
        &request,
        &CONFIGURATIONS,
        &configuration_context(&strength, true),
        configuration_view(list),
    )
}

async fn configuration_create(request: Request) -> Result<Answer, GraphRefusal> {
    let body = request.members()?;
    let everything = everything(&request, READ).await?;
    let mut strength = custom(&request, &everything)?;
    let list = AaguidConfiguration {
        id: fresh(&request),
        aaguids: models(&body)?,
    };
    strength.allowed_aaguids.push(list.clone());
    put(
        &request,
        &everything,
        PolicyDocument::Strength(strength.clone()),
    )
    .await?;
    let path = format!(
        "{CONTEXT}/{}/combinationConfigurations/{}",
        strength.id, list.id
    );
    let context = configuration_context(&strength, true);
    Ok(Answer::created(
        &request,
        &context,
        configuration_view(&list),
        &path,
    ))
}

async fn configuration_patch(request: Request) -> Result<Answer, GraphRefusal> {
    let body = request.members()?;
    let everything = everything(&request, READ).await?;
    let mut strength = custom(&request, &everything)?;
    let id: Uuid = request.id("configuration")?;
    let mut lists = strength.allowed_aaguids.iter_mut();
    let list = lists
        .find(|one| one.id == id)
        .ok_or(GraphRefusal::NotFound)?;
    if body.contains_key("allowedAAGUIDs") {
        list.aaguids = models(&body)?;
    }
    let view = configuration_view(list);
    put(
        &request,
        &everything,
        PolicyDocument::Strength(strength.clone()),
    )
    .await?;
    Ok(Answer::object(
        &request,
        &configuration_context(&strength, true),
        view,
    ))
}

async fn configuration_delete(request: Request) -> Result<Answer, GraphRefusal> {
    let everything = everything(&request, READ).await?;
    let mut strength = custom(&request, &everything)?;
    let id: Uuid = request.id("configuration")?;
    let before = strength.allowed_aaguids.len();
    strength.allowed_aaguids.retain(|one| one.id != id);
    if strength.allowed_aaguids.len() == before {
        return Err(GraphRefusal::NotFound);
    }
    put(&request, &everything, PolicyDocument::Strength(strength)).await?;
    Ok(Answer::nothing())
}

/// The models of a `fido2CombinationConfiguration`.
pub(super) fn models(body: &Members) -> Result<Vec<Uuid>, GraphRefusal> {
    let applies: Option<Vec<String>> = member(body, "appliesToCombinations")?;
    if applies.is_some_and(|all| all.iter().any(|one| one != "fido2")) {
        return Err(GraphRefusal::property(
            "appliesToCombinations",
            "can be fido2 only",
        ));
    }
    let said: Vec<String> = required(body, "allowedAAGUIDs")?;
    parsed("allowedAAGUIDs", &said)
}

fn fresh(request: &Request) -> Uuid {
    let now: Timestamp = request.app.clock.now();
    StrengthId::new(now, request.app.random.bytes()).uuid()
}

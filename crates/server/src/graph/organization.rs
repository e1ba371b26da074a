//! `organization` and `domains`: the tenant.

use policy::model::Tenant;
use policy::scopes::Operation;
use serde_json::{Map, Value, json};

use super::table::{Route, Verb};
use super::values::{date, members};
use super::{Answer, GraphRefusal, Request};
use crate::graph_handler;

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        "organization",
        Operation::ReadOrganization,
        "List the organization",
        graph_handler!(list),
    ),
    Route::new(
        Verb::Get,
        "organization/{organization}",
        Operation::ReadOrganization,
        "Get the organization",
        graph_handler!(get),
    ),
    Route::new(
        Verb::Get,
        "domains",
        Operation::ReadOrganization,
        "List domains",
        graph_handler!(domains),
    ),
];

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let rows = tenant(&request).map(|tenant| vec![view(tenant)])?;
    Ok(Answer::list(&request, "organization", rows, None, None))
}

async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let tenant = tenant(&request)?;
    if request.id::<policy::model::TenantId>("organization")? != tenant.id {
        return Err(GraphRefusal::NotFound);
    }
    Ok(Answer::object(
        &request,
        "organization/$entity",
        view(tenant),
    ))
}

async fn domains(request: Request) -> Result<Answer, GraphRefusal> {
    let names = tenant(&request)?.domains.iter().enumerate();
    let rows = names.map(|(at, name)| {
        members(json!({
            "id": name,
            "authenticationType": "Managed",
            "isAdminManaged": true,
            "isDefault": at == 0,
            "isInitial": at == 0,
            "isRoot": true,
            "isVerified": true,
            "supportedServices": [],
        }))
    });
    let rows = rows.collect();
    Ok(Answer::list(&request, "domains", rows, None, None))
}

fn tenant(request: &Request) -> Result<&Tenant, GraphRefusal> {
    let tenant = request.app.tenants.by_id(request.by.tenant());
    tenant.map(AsRef::as_ref).ok_or(GraphRefusal::NotFound)
}

fn view(tenant: &Tenant) -> Map<String, Value> {
    let domains = tenant.domains.iter().enumerate();
    let domains: Vec<_> = domains
        .map(|(at, name)| {
            json!({
                "capabilities": "",
                "isDefault": at == 0,
                "isInitial": at == 0,
                "name": name,
                "type": "Managed",
            })
        })
        .collect();
    members(json!({
        "id": tenant.id.to_string(),
        "displayName": tenant.display_name,
        "createdDateTime": date(tenant.created),
        "verifiedDomains": domains,
        "tenantType": "AAD",
    }))
}

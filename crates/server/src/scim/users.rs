//! `/Users`.

use axum::extract::Path;
use policy::model::UserId;
use policy::scopes::Operation;
use serde_json::Value;
use store::Page;
use store::provisioned::Person;

use super::answer::Answer;
use super::filter::Filter;
use super::paging::{PORTION, Window, each_meant};
use super::patch;
use super::person::{read, version, view};
use super::refusal::ScimRefusal;
use super::request::ScimRequest;
use super::schema::USER;
use super::select::Selection;
use crate::flow::directory;
use crate::flow::govern::Governor;
use crate::flow::provision::{self, Account, Rights, Which};

/// `POST /Users`.
pub async fn create(request: ScimRequest) -> Result<Answer, ScimRefusal> {
    let by = request.may(Operation::CreateUsers)?;
    let reader = request.may(Operation::ReadUsers)?;
    let selection = Selection::of(&request, &USER)?;
    let account = read(&request.resource(&USER)?, None)?;
    let (app, caller) = (&request.app, &request.caller);
    let id = provision::create(app, caller, &by, account).await?;
    let made = provision::person(app, &reader, id).await?;
    Ok(shown(&request, &selection, &made).created())
}

/// `GET /Users/{id}`.
pub async fn get(Path(id): Path<String>, request: ScimRequest) -> Result<Answer, ScimRefusal> {
    let selection = Selection::of(&request, &USER)?;
    let found = find(&request, &id).await?;
    let version = version(&found);
    if request.has_already(&version) {
        return Ok(Answer::unchanged(version));
    }
    Ok(shown(&request, &selection, &found))
}

/// `GET /Users`.
pub async fn list(request: ScimRequest) -> Result<Answer, ScimRefusal> {
    let by = request.may(Operation::ReadUsers)?;
    let selection = Selection::of(&request, &USER)?;
    let window = Window::of(&request)?;
    let asked = request.parameter("filter");
    let filter = asked.map(|text| Filter::parse(text, &USER)).transpose()?;
    let (total, found) = match &filter {
        Some(filter) => {
            let all = filtered(&request, &by, filter).await?;
            let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
            (total, window.of_list(all))
        }
        None => {
            let total = provision::count(&request.app, &by).await?;
            let page = Page::first(u32::try_from(window.count).unwrap_or(PORTION));
            let found = provision::people(&request.app, &by, page, window.skipped()).await?;
            (total, found)
        }
    };
    let base = request.base();
    let rows: Vec<_> = found
        .iter()
        .map(|person| selection.of_resource(&Value::Object(view(person, &base))))
        .collect();
    Ok(Answer::plain(window.list(total, &rows)))
}

/// `POST /Users/.search`: for filters that do not fit an address, or should not lie in one.
pub async fn search(request: ScimRequest) -> Result<Answer, ScimRefusal> {
    list(request.searching()?).await
}

/// `PUT /Users/{id}`.
pub async fn replace(Path(id): Path<String>, request: ScimRequest) -> Result<Answer, ScimRefusal> {
    let (rights, before, selection) = begin(&request, &id).await?;
    let account = read(&request.resource(&USER)?, Some(before.user.enabled))?;
    write(&request, &rights, &selection, before, account).await
}

/// `PATCH /Users/{id}`.
pub async fn change(Path(id): Path<String>, request: ScimRequest) -> Result<Answer, ScimRefusal> {
    let (rights, before, selection) = begin(&request, &id).await?;
    let mut resource = view(&before, &request.base());
    for operation in patch::operations(request.json()?, &USER)? {
        operation.apply(&mut resource)?;
    }
    // It is made of the parts, which may have changed.
    if let Some(Value::Object(name)) = resource.get_mut("name") {
        name.remove("formatted");
    }
    let account = read(&resource, Some(before.user.enabled))?;
    write(&request, &rights, &selection, before, account).await
}

/// `DELETE /Users/{id}`.
pub async fn delete(Path(id): Path<String>, request: ScimRequest) -> Result<Answer, ScimRefusal> {
    let by = request.may(Operation::DeleteUser)?;
    let found = find(&request, &id).await?;
    request.if_match(&version(&found))?;
    let read = request.names_a_version().then_some(found.user.version);
    let (app, caller) = (&request.app, &request.caller);
    directory::delete_user(app, caller, &by, (found.user.id, read)).await?;
    Ok(Answer::nothing())
}

/// What a change begins with: the rights to it, and the account in the version that the client means.
async fn begin(
    request: &ScimRequest,
    id: &str,
) -> Result<(Rights, Person, Selection), ScimRefusal> {
    let rights = Rights {
        profile: request.may(Operation::UpdateUser)?,
        switch: request.may(Operation::EnableUser)?,
    };
    let before = find(request, id).await?;
    request.if_match(&version(&before))?;
    Ok((rights, before, Selection::of(request, &USER)?))
}

async fn write(
    request: &ScimRequest,
    rights: &Rights,
    selection: &Selection,
    before: Person,
    account: Account,
) -> Result<Answer, ScimRefusal> {
    let (app, caller) = (&request.app, &request.caller);
    let after = provision::change(app, caller, rights, before, account).await?;
    Ok(shown(request, selection, &after))
}

fn shown(request: &ScimRequest, selection: &Selection, person: &Person) -> Answer {
    let whole = Value::Object(view(person, &request.base()));
    Answer::resource(selection.of_resource(&whole), &whole)
}

async fn find(request: &ScimRequest, id: &str) -> Result<Person, ScimRefusal> {
    let by = request.may(Operation::ReadUsers)?;
    let id: UserId = id.parse().map_err(|_| ScimRefusal::NotFound)?;
    Ok(provision::person(&request.app, &by, id).await?)
}

/// All accounts of which a filter is true. What names one is looked up; anything else is asked of each.
async fn filtered(
    request: &ScimRequest,
    by: &Governor,
    filter: &Filter,
) -> Result<Vec<Person>, ScimRefusal> {
    let (app, base) = (&request.app, request.base());
    let meant = |person: &Person| filter.holds(&Value::Object(view(person, &base)));
    if let Some(which) = named(filter) {
        let Some(which) = which else {
            return Ok(Vec::new());
        };
        let found = provision::which(app, by, which).await?;
        return Ok(found.into_iter().filter(meant).collect());
    }
    let read = |page| provision::people(app, by, page, 0);
    let id = |person: &Person| person.user.id;
    each_meant(read, id, meant, "accounts to look at").await
}

/// What a filter narrows to, if it does; within, nothing if it is no id that could be.
fn named(filter: &Filter) -> Option<Option<Which>> {
    if let Some(id) = filter.demands("id") {
        return Some(id.parse().ok().map(Which::Id));
    }
    if let Some(name) = filter.demands("userName") {
        return Some(Some(Which::Named(name.to_owned())));
    }
    let external = filter.demands("externalId")?;
    Some(Some(Which::Called(external.to_owned())))
}

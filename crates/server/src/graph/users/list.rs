//! `GET users`, and the groups of one.

use policy::roles::Task;
use serde_json::{Map, Value};

use crate::flow::directory;
use crate::graph::listing::{self, Source};
use crate::graph::{Answer, GraphRefusal, Request, groups, values};

pub async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    listing::answer(&request, Source::Users, &listing::USERS, "users").await
}

/// Nobody is in more groups than one page holds, so there is one.
pub async fn member_of(request: Request) -> Result<Answer, GraphRefusal> {
    if !request.own {
        request.governor().may(Task::ReadUsers)?;
    }
    let options = request.options(&listing::GROUPS)?;
    let found = directory::memberships(&request.app, request.tenant(), request.user_id()?).await?;
    let rows = found.iter().map(|group| {
        let mut row = Map::new();
        row.insert("@odata.type".to_owned(), "#microsoft.graph.group".into());
        row.extend(groups::view(group));
        Value::Object(row)
    });
    let page = options.apply(rows.collect(), &listing::GROUPS)?;
    let rows = page.elements.into_iter().map(values::members).collect();
    let count = page.count.and_then(|count| u64::try_from(count).ok());
    let next = page.next.map(|token| request.next_link(&token));
    Ok(Answer::list(
        &request,
        "directoryObjects",
        rows,
        count,
        next,
    ))
}

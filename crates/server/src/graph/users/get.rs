//! `GET users/{user}`.

use policy::roles::Task;
use serde_json::Value;

use super::view::view;
use crate::graph::listing::USERS;
use crate::graph::{Answer, GraphRefusal, Request, values};

pub async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    if !request.own {
        request.governor().may(Task::ReadUsers)?;
    }
    let row = Value::Object(view(request.user()?));
    let row = request.options(&USERS)?.selected(row);
    Ok(Answer::object(
        &request,
        "users/$entity",
        values::members(row),
    ))
}

//! `GET users/{user}`.

use policy::roles::Task;
use serde_json::Value;

use super::view::{etag, view};
use crate::graph::listing::USERS;
use crate::graph::{Answer, GraphRefusal, Request, values};

pub async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    if !request.own {
        request.governor().may(Task::ReadUsers)?;
    }
    let row = Value::Object(view(request.user()?));
    let row = request.options(&USERS)?.selected(row);
    let answer = Answer::object(&request, "users/$entity", values::members(row));
    Ok(answer.tagged(&etag(request.user()?)))
}

//! `GET users/{user}`.

use policy::roles::Task;

use super::view::view;
use crate::graph::{Answer, GraphRefusal, Request};

pub async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    if !request.own {
        request.governor().may(Task::ReadUsers)?;
    }
    let user = request.user()?;
    Ok(Answer::object(&request, "users/$entity", view(user)))
}

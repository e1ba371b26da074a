//! `softwareOathMethods`: the one-time code generator of somebody.

use super::fido2::session;
use super::list::held;
use super::views::{self, TOTP, context};
use crate::flow::{administer, credentials};
use crate::graph::{Answer, GraphRefusal, Request};

pub async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let held = held(&request).await?;
    let rows = held.totp.into_iter().map(views::totp).collect();
    let context = context(&request, "softwareOathMethods")?;
    Ok(Answer::list(&request, &context, rows, None, None))
}

pub async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    is_the_generator(&request)?;
    let enrolled = held(&request).await?.totp.ok_or(GraphRefusal::NotFound)?;
    let context = context(&request, "softwareOathMethods/$entity")?;
    Ok(Answer::object(&request, &context, views::totp(enrolled)))
}

pub async fn delete(request: Request) -> Result<Answer, GraphRefusal> {
    is_the_generator(&request)?;
    let (app, caller) = (&request.app, &request.caller);
    match request.oneself() {
        Some(person) => {
            let removed = credentials::remove_totp(app, caller, &person.user, session(person)?);
            removed
                .await
                .map_err(|refusal| GraphRefusal::flow(&refusal))?;
        }
        None => {
            let by = request.governor();
            let removed = administer::remove_totp(app, caller, &by, request.user_id()?);
            removed
                .await
                .map_err(|refusal| GraphRefusal::flow(&refusal))?;
        }
    }
    Ok(Answer::nothing())
}

fn is_the_generator(request: &Request) -> Result<(), GraphRefusal> {
    match request.key("method").eq_ignore_ascii_case(TOTP) {
        true => Ok(()),
        false => Err(GraphRefusal::NotFound),
    }
}

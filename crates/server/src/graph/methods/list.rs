//! `methods`: everything that somebody has, each with its type.

use policy::roles::Task;
use serde_json::{Map, Value};

use super::fido2::is_called;
use super::views::{self, context, typed};
use crate::flow::methods::{self, Held};
use crate::graph::{Answer, GraphRefusal, Request};

/// Whether the methods of the user may be seen: one's own, or by role.
pub fn may_read(request: &Request) -> Result<(), GraphRefusal> {
    if request.oneself().is_none() {
        request.governor().may(Task::ReadMethods)?;
    }
    Ok(())
}

/// What the user of the path has.
pub async fn held(request: &Request) -> Result<Held, GraphRefusal> {
    may_read(request)?;
    Ok(methods::held(&request.app, request.user()?).await?)
}

pub async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let held = held(&request).await?;
    let context = context(&request, "methods")?;
    let rows = all(&request, &held);
    Ok(Answer::list(&request, &context, rows, None, None))
}

pub async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let held = held(&request).await?;
    let wanted = request.key("method");
    let passkey = held.passkeys.iter().find(|one| is_called(one, wanted));
    let found = match passkey {
        Some(passkey) => Some(typed(
            "fido2AuthenticationMethod",
            views::passkey(&request, passkey),
        )),
        None => all(&request, &held).into_iter().find(|one| {
            let id = one.get("id").and_then(Value::as_str);
            id.is_some_and(|id| id.eq_ignore_ascii_case(wanted))
        }),
    };
    let found = found.ok_or(GraphRefusal::NotFound)?;
    let context = context(&request, "methods/$entity")?;
    Ok(Answer::object(&request, &context, found))
}

fn all(request: &Request, held: &Held) -> Vec<Map<String, Value>> {
    let password = held
        .password
        .iter()
        .map(|password| typed("passwordAuthenticationMethod", views::password(password)));
    let passkeys = held.passkeys.iter().map(|passkey| {
        typed(
            "fido2AuthenticationMethod",
            views::passkey(request, passkey),
        )
    });
    let totp = held
        .totp
        .map(|at| typed("softwareOathAuthenticationMethod", views::totp(at)));
    let pass = held.pass.iter().map(|(pass, usable)| {
        typed(
            "temporaryAccessPassAuthenticationMethod",
            views::pass(pass, *usable, None),
        )
    });
    password.chain(passkeys).chain(totp).chain(pass).collect()
}

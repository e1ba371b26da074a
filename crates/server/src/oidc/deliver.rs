//! `GET /{tenant}/oauth2/v2.0/deliver`: the page that posts an answer to the client (Form Post Response Mode).
//!
//! The answer comes sealed in the address, so that the page can only ever post what this server decided to a registered
//! redirect URI. A script of ours presses the button; without scripts the person does.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::metadata::Door;
use crate::app::AppState;
use crate::flow::answer::form_target;
use crate::flow::issue_tokens::Delivery;
use crate::pages::{Frame, Language, render};
use crate::seal::Purpose;
use crate::web::{Path, Problem, Query};

#[derive(Debug, Deserialize)]
pub struct Request {
    answer: String,
}

#[derive(Template)]
#[template(path = "oidc/deliver.html")]
struct Page {
    frame: Frame,
    delivery: Delivery,
}

pub async fn show(
    State(app): State<AppState>,
    language: Language,
    Path(segment): Path<String>,
    Query(request): Query<Request>,
) -> Result<Response, Problem> {
    let Some(Door::Tenant(tenant)) = Door::open(&app, &segment) else {
        return Err(Problem::not_found());
    };
    let delivery: Delivery = app
        .seal
        .open_json(Purpose::Delivery, tenant, &request.answer)
        .map_err(|_| Problem::malformed("a delivery that this server did not seal"))?;
    if app.clock.now() >= delivery.expires {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "delivery_expired",
            "This answer is too old. Go back to the application and start again.",
        ));
    }
    let target = form_target(&delivery.redirect_uri);
    let mut response = render(&Page {
        frame: Frame::new(&app, tenant, language),
        delivery,
    });
    if let Some(target) = target {
        response.extensions_mut().insert(target);
    }
    Ok(response)
}

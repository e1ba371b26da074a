//! `/cable/connect/{routing}/{tunnel}`: the second end joins. After a QR code that is the client, which computed the tunnel's
//! name from the code and heard the routing id in the advert; over a link it is the authenticator, which was called.

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::response::Response;
use hybrid::relay::{routing_id, tunnel_id};

use super::carry::carry;
use super::desk::End;
use super::refusal::problem;
use super::upgrade::{desk, origin, prepare};
use crate::app::AppState;
use crate::web::Problem;

/// Joins the tunnel.
pub async fn join(
    State(app): State<AppState>,
    Path((routing, tunnel)): Path<(String, String)>,
    parts: Parts,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let desk = desk(&app)?;
    let upgrade = prepare(upgrade)?;
    let routing = routing_id(&routing).map_err(problem)?;
    let tunnel = tunnel_id(&tunnel).map_err(problem)?;
    let from = origin(desk, &app, &parts);
    let (end, line) = End::join(&app, routing, tunnel, from).map_err(problem)?;
    let state = app.clone();
    Ok(upgrade.on_upgrade(move |socket| carry(state, end, line, socket)))
}

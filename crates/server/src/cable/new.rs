//! `/cable/new/{tunnel}`: an authenticator that saw a QR code opens a tunnel. The answer's header `X-caBLE-Routing-ID` goes
//! into its advert.

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use axum::response::Response;
use hybrid::relay::tunnel_id;

use super::carry::{Line, carry};
use super::desk::End;
use super::refusal::problem;
use super::upgrade::{ROUTING_ID, desk, origin, prepare};
use crate::app::AppState;
use crate::web::Problem;

/// Opens the tunnel and waits in it.
pub async fn open(
    State(app): State<AppState>,
    Path(tunnel): Path<String>,
    parts: Parts,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let desk = desk(&app)?;
    let upgrade = prepare(upgrade)?;
    let tunnel = tunnel_id(&tunnel).map_err(problem)?;
    let routing = HeaderValue::from_str(&desk.routing().to_hex())
        .map_err(|_| Problem::internal("the routing id is no header value"))?;
    let (near, far) = Line::pair(false);
    let end = End::open(&app, tunnel, origin(desk, &app, &parts), far).map_err(problem)?;
    let state = app.clone();
    let mut response = upgrade.on_upgrade(move |socket| carry(state, end, near, socket));
    response.headers_mut().insert(ROUTING_ID, routing);
    Ok(response)
}

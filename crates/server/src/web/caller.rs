//! Who calls: address, program, browser, correlation id.

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use ipnet::IpNet;
use policy::model::CorrelationId;

use super::browser::Browser;
use super::cookies;
use super::problem::Problem;
use crate::app::AppState;
use crate::flow::Caller;
use crate::pages::Language;
use crate::tls::Peer;

const USER_AGENT_BYTES: usize = 256;
const FORWARDED: &str = "x-forwarded-for";

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let correlation = correlation(parts)?;
        let browser = Browser::from_request_parts(parts, app)
            .await
            .ok()
            .map(|browser| browser.hash());
        let ip = address(parts, app);
        let sessions = cookies::sessions(&parts.headers);
        let previous = sessions
            .into_iter()
            .map(|(tenant, token)| (tenant, token.hash()))
            .collect();
        Ok(Self {
            correlation,
            ip,
            user_agent: user_agent(&parts.headers),
            language: Language::asked(&parts.headers),
            browser,
            previous,
        })
    }
}

/// The correlation id of a request inside the frame.
pub fn correlation(parts: &Parts) -> Result<CorrelationId, Problem> {
    parts
        .extensions
        .get()
        .copied()
        .ok_or_else(|| Problem::internal("no frame around this route"))
}

/// Where a request came from: the connection's other end, or what a trusted proxy says.
pub fn address(parts: &Parts, app: &AppState) -> IpAddr {
    let peer = parts
        .extensions
        .get::<ConnectInfo<Peer>>()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |info| info.0.0.ip());
    let forwarded = parts
        .headers
        .get(FORWARDED)
        .and_then(|value| value.to_str().ok());
    behind_proxies(peer, forwarded, &app.config.trusted_proxies)
}

/// The last address in the chain that is not one of our proxies. What stands before it was written by the client and
/// could say anything.
fn behind_proxies(peer: IpAddr, forwarded: Option<&str>, trusted: &[IpNet]) -> IpAddr {
    let is_ours = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let mut current = peer.to_canonical();
    for hop in forwarded.unwrap_or_default().rsplit(',') {
        if !is_ours(&current) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(address) => current = address.to_canonical(),
            Err(_) => break,
        }
    }
    current
}

fn user_agent(headers: &HeaderMap) -> String {
    let sent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    // Header text that `to_str` accepts is ASCII, so any byte is a character boundary.
    sent.get(..USER_AGENT_BYTES).unwrap_or(sent).to_owned()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn forwarded_headers_from_strangers_are_ignored() {
        assert_eq!(
            behind_proxies(ip("203.0.113.9"), Some("198.51.100.1"), &[]),
            ip("203.0.113.9")
        );
    }

    #[test]
    fn the_last_untrusted_hop_is_the_client() {
        let ours: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let chain = Some("1.1.1.1, 198.51.100.1, 10.0.0.2");
        assert_eq!(
            behind_proxies(ip("10.0.0.1"), chain, &ours),
            ip("198.51.100.1")
        );
    }

    #[test]
    fn nonsense_in_the_chain_ends_it() {
        let ours: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        assert_eq!(
            behind_proxies(ip("10.0.0.1"), Some("1.1.1.1, what"), &ours),
            ip("10.0.0.1")
        );
    }
}

//! Hybrid transport through the boundary.

use crate::codes::{NOW, client};
use crate::shell::*;
use authenticator_ffi::*;
use hybrid::session::{Calling, Ready, Reply};
use hybrid::{Flow, Limits, SecretKey};
use std::sync::Arc;
use std::time::Duration;

const ROUTING: &str = "0A0b0C";
const START: Duration = Duration::ZERO;

fn scanned() -> Arc<ScannedCode> {
    let text = client().code(Flow::MakeCredential, NOW).to_url();
    ScannedCode::read(&text, NOW).unwrap()
}

fn begun(app: &Arc<PasskeyApp>) -> Arc<HybridSession> {
    app.clone().answer_code(&scanned(), 266).unwrap()
}

/// A client that has heard the advert, and its first message.
fn calling(session: &HybridSession) -> (Calling, Vec<u8>) {
    let advert = client().advert(&session.advert(ROUTING).unwrap()).unwrap();
    assert_eq!((advert.routing_id, advert.domain.id()), ([10, 11, 12], 266));
    let ephemeral = SecretKey::from_random(&[6; 64]).unwrap();
    Calling::by_code(&client(), &advert, &ephemeral, Limits::default(), START).unwrap()
}

fn shaken(session: &HybridSession) -> Ready {
    let (calling, first) = calling(session);
    let step = session.hear(first).unwrap();
    let shaken = calling.hear(&step.frames[0], START).unwrap();
    let (ready, _, _) = shaken.hear(&step.frames[1], START).unwrap();
    ready
}

fn asked(session: &HybridSession, ready: Ready, command: &[u8]) -> (Ready, Vec<u8>) {
    let (asking, request) = ready.request(command, START).unwrap();
    let step = session.hear(request).unwrap();
    match asking.hear(&step.frames[0], START).unwrap() {
        Reply::Answer(ready, answer) => (ready, answer),
        Reply::Update(..) => unreachable!("the answer comes first"),
    }
}

#[test]
fn a_registration_goes_through_and_a_shutdown_ends_it() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    let session = begun(&app);
    assert!(
        session
            .tunnel_url()
            .starts_with("wss://cable.wufkweyy3uaxb.com/cable/new/")
    );
    let ready = shaken(&session);
    let (ready, answer) = asked(&session, ready, &make_credential("ada"));
    assert_eq!(answer[0], OK);
    assert_eq!(shell.state().prompts.len(), 1);
    let (_, shutdown) = ready.shutdown(START).unwrap();
    assert!(session.hear(shutdown).unwrap().ended);
    assert_eq!(session.hear(vec![]), Err(HybridFault::OutOfOrder));
    assert_eq!(session.deadline_ms(), Ok(None));
}

#[test]
fn a_request_from_elsewhere_is_judged_as_one() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    let mut blocked = policy();
    blocked.enrolled[0].cross_device_registration = CrossDeviceSwitch::Blocked;
    app.set_policy(blocked).unwrap();
    let session = begun(&app);
    let ready = shaken(&session);
    let (_, answer) = asked(&session, ready, &make_credential("ada"));
    assert_eq!(answer, [NOT_ALLOWED]);
    let refusal = app.last_refusal().unwrap();
    assert_eq!(refusal.as_deref(), Some("cross_device_blocked"));
    assert!(shell.state().keys.is_empty());
    // The next request of this device is one of this device again.
    assert_eq!(register(&app, "ada"), OK);
}

#[test]
fn a_session_does_not_begin_without_bluetooth_and_the_internet() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    for (radio, online, code) in [
        (RadioState::Off, true, "bluetooth_off"),
        (RadioState::Denied, true, "bluetooth_denied"),
        (RadioState::On, false, "offline"),
    ] {
        (shell.state().radio, shell.state().online) = (radio, online);
        let refused = app.clone().answer_code(&scanned(), 0).unwrap_err();
        let code = code.to_owned();
        assert_eq!(refused, HybridFault::Refused { code });
    }
}

#[test]
fn a_tunnel_service_that_nobody_assigned_is_refused() {
    let (_shell, app) = Shell::with_app(AttestationKind::None);
    let refused = app.answer_code(&scanned(), 2).unwrap_err();
    assert_eq!(refused, HybridFault::UnknownTunnelService);
}

#[test]
fn steps_have_one_order() {
    let (_shell, app) = Shell::with_app(AttestationKind::None);
    let session = begun(&app);
    assert_eq!(session.hear(vec![0; 81]), Err(HybridFault::OutOfOrder));
    for text in ["", "0a0b", "0a0b0c0d", "xyzxyz"] {
        assert_eq!(session.advert(text), Err(HybridFault::RoutingId));
    }
    session.advert(ROUTING).unwrap();
    assert_eq!(session.advert(ROUTING), Err(HybridFault::OutOfOrder));
    session.end().unwrap();
    assert_eq!(session.hear(vec![0; 81]), Err(HybridFault::OutOfOrder));
}

#[test]
fn every_session_has_an_advert_of_its_own() {
    let (_shell, app) = Shell::with_app(AttestationKind::None);
    let adverts = [begun(&app), begun(&app)].map(|session| session.advert(ROUTING).unwrap());
    assert_ne!(adverts[0], adverts[1]);
}

#[test]
fn what_breaks_the_channel_ends_the_session_and_asks_nobody() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    let session = begun(&app);
    let (_, mut first) = calling(&session);
    *first.last_mut().unwrap() ^= 1;
    assert_eq!(session.hear(first.clone()), Err(HybridFault::Channel));
    assert_eq!(session.hear(first), Err(HybridFault::OutOfOrder));
    assert!(shell.state().prompts.is_empty());
}

#[test]
fn silence_has_an_end() {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    let session = begun(&app);
    let (_, first) = calling(&session);
    assert_eq!(session.deadline_ms(), Ok(Some(90_000)));
    shell.state().now = 90_001;
    assert_eq!(session.hear(first), Err(HybridFault::TookTooLong));
}

#[test]
fn a_session_asks_for_few_things() {
    let (_shell, app) = Shell::with_app(AttestationKind::None);
    let session = begun(&app);
    let mut ready = shaken(&session);
    for _ in 0..8 {
        (ready, _) = asked(&session, ready, &[4]);
    }
    let (_, request) = ready.request(&[4], START).unwrap();
    assert_eq!(session.hear(request), Err(HybridFault::TooManyRequests));
}

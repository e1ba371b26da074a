//! What only a broken peer sends: frames that the other role's own code cannot make.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed setup is a failed test"
)]

use super::*;
use crate::advert::Advert;
use crate::cbor::{CborError, Value};
use crate::ec::{KEY_RANDOM, PublicKey, SecretKey};
use crate::keys::{LinkRoot, PreSharedKey};
use crate::link::{MAX_CONTACT, MAX_NAME, Offer, write_link};
use crate::message::{Greeting, Kind, frame};
use crate::noise::{self, Channel, HandshakeHash, Known};
use crate::qr::Flow;
use crate::tunnel::TunnelDomain;

const START: Duration = Duration::from_secs(5);

fn key(seed: u8) -> SecretKey {
    SecretKey::from_random(&[seed; KEY_RANDOM]).unwrap()
}

fn client() -> QrClient {
    QrClient::new(key(1), [2; 16]).unwrap()
}

fn advert() -> Advert {
    Advert {
        nonce: [3; 10],
        routing_id: [0; 3],
        domain: TunnelDomain::new(0).unwrap(),
    }
}

/// A client of ours, and the bare channel of an authenticator that does what it likes.
fn free_authenticator() -> (Shaken, Channel, HandshakeHash) {
    let (calling, first) =
        Calling::by_code(&client(), &advert(), &key(4), Limits::default(), START).unwrap();
    let psk = PreSharedKey::derive(&[2; 16], &advert().to_eid()).unwrap();
    let (channel, hash, answer) =
        noise::answer(Known::ClientKey(key(1).public()), &psk, &key(5), &first).unwrap();
    (calling.hear(&answer, START).unwrap(), channel, hash)
}

/// An authenticator of ours, and the bare channel of a client that does what it likes.
fn free_client() -> (Serving, Channel) {
    let psk = PreSharedKey::derive(&[2; 16], &advert().to_eid()).unwrap();
    let (called, first) = noise::call(Known::ClientSecret(&key(1)), &psk, &key(4)).unwrap();
    let code = client().code(Flow::GetAssertion, 0);
    let (serving, [answer, greeting]) =
        Advertised::by_code(&code, &advert(), Limits::default(), START)
            .unwrap()
            .handshake(&first, &key(5), &[0xa0], START)
            .unwrap();
    let (mut channel, _) = called.hear(&answer).unwrap();
    channel.open(&greeting).unwrap();
    (serving, channel)
}

fn ready() -> (Ready, Channel, HandshakeHash) {
    let (shaken, mut channel, hash) = free_authenticator();
    let greeting = channel.seal(&Greeting::write(&[0xa0])).unwrap();
    let (ready, _, _) = shaken.hear(&greeting, START).unwrap();
    (ready, channel, hash)
}

#[test]
fn an_authenticator_that_shuts_down_is_refused_in_every_state() {
    let shutdown = frame(Kind::Shutdown, &[]);
    let refused = SessionError::ShutdownFromAuthenticator;

    let (ready, mut channel, _) = self::ready();
    let message = channel.seal(&shutdown).unwrap();
    assert_eq!(ready.hear(&message, START).unwrap_err(), refused);

    let (ready, mut channel, _) = self::ready();
    let (asking, _) = ready.request(&[1], START).unwrap();
    let message = channel.seal(&shutdown).unwrap();
    assert_eq!(asking.hear(&message, START).unwrap_err(), refused);

    let (ready, mut channel, _) = self::ready();
    let (leaving, _) = ready.shutdown(START).unwrap();
    let message = channel.seal(&shutdown).unwrap();
    assert_eq!(leaving.hear(&message, START).unwrap_err(), refused);
}

#[test]
fn an_answer_to_nothing_is_refused() {
    let (ready, mut channel, _) = ready();
    let message = channel.seal(&frame(Kind::Ctap, &[0])).unwrap();
    assert_eq!(
        ready.hear(&message, START).unwrap_err(),
        SessionError::Unsolicited
    );
}

#[test]
fn frames_of_the_other_role_are_refused() {
    let (ready, mut channel, _) = ready();
    let message = channel.seal(&frame(Kind::Json, b"{}")).unwrap();
    assert_eq!(
        ready.hear(&message, START).unwrap_err(),
        SessionError::UnexpectedFrame
    );
    for kind in [Kind::Update, Kind::Json] {
        let (serving, mut channel) = free_client();
        let message = channel.seal(&frame(kind, &[0xa0])).unwrap();
        assert_eq!(
            serving.hear(&message, START).unwrap_err(),
            SessionError::UnexpectedFrame
        );
    }
}

#[test]
fn commands_without_a_type_reach_nobody() {
    // As the first version of the protocol sent them. A registration looks like a command that does not go through here.
    let (serving, mut channel) = free_client();
    let message = channel.seal(&[1, 0xa1, 1, 0x40]).unwrap();
    assert!(matches!(
        serving.hear(&message, START).unwrap(),
        Heard::Answered(..)
    ));
    for (plain, error) in [
        (&[2, 0xa0][..], SessionError::UnexpectedFrame),
        (&[4], SessionError::Frame(FrameError::UnknownType(4))),
    ] {
        let (serving, mut channel) = free_client();
        let message = channel.seal(plain).unwrap();
        assert_eq!(serving.hear(&message, START).unwrap_err(), error);
    }
}

#[test]
fn plaintexts_that_are_no_frames_are_refused_by_both() {
    for (plain, error) in [
        (vec![], FrameError::Empty),
        (vec![9, 1], FrameError::UnknownType(9)),
        (vec![1], FrameError::Contents),
        (vec![0, 0], FrameError::Contents),
    ] {
        let (serving, mut channel) = free_client();
        let message = channel.seal(&plain).unwrap();
        assert_eq!(
            serving.hear(&message, START).unwrap_err(),
            SessionError::Frame(error)
        );
        let (ready, mut channel, _) = ready();
        let message = channel.seal(&plain).unwrap();
        assert_eq!(
            ready.hear(&message, START).unwrap_err(),
            SessionError::Frame(error)
        );
    }
}

#[test]
fn a_broken_greeting_is_refused() {
    for (plain, error) in [
        (&b"\xa1"[..], GreetingError::Cbor(CborError::Truncated)),
        (
            b"\xa1\x01\x41\xa0\x00",
            GreetingError::Cbor(CborError::TrailingBytes),
        ),
        (b"\xa0", GreetingError::NoGetInfo),
        (b"\xa2\x01\x41\xa0\x03\x80", GreetingError::NoCtap),
    ] {
        let (shaken, mut channel, _) = free_authenticator();
        let message = channel.seal(plain).unwrap();
        assert_eq!(
            shaken.hear(&message, START).unwrap_err(),
            SessionError::Greeting(error)
        );
    }
}

fn root() -> LinkRoot {
    LinkRoot::new([7; 32])
}

fn offer() -> Offer {
    Offer {
        contact_id: vec![1, 2, 3],
        link_id: [4; 8],
        name: "a phone".to_owned(),
    }
}

/// The update with this link in it, as it arrives.
fn update_with(
    make: impl FnOnce(&HandshakeHash) -> Value,
) -> Result<(Ready, Option<crate::Link>), SessionError> {
    let (ready, mut channel, hash) = ready();
    let update = Value::map([(1, Some(make(&hash)))]).encode();
    let message = channel.seal(&frame(Kind::Update, &update)).unwrap();
    ready.hear(&message, START)
}

fn link(hash: &HandshakeHash) -> Value {
    write_link(&offer(), &root(), key(1).public(), hash).unwrap()
}

/// The link with one member changed; without it if there is nothing to put there.
fn with(hash: &HandshakeHash, key: u64, value: Option<Value>) -> Value {
    let Value::Map(mut entries) = link(hash) else {
        panic!("a link is a map");
    };
    entries.retain(|(known, _)| *known != Value::Unsigned(key));
    entries.extend(value.map(|value| (Value::Unsigned(key), value)));
    Value::Map(entries)
}

#[test]
fn a_link_needs_every_member() {
    assert!(update_with(link).unwrap().1.is_some());
    for member in 1..=6 {
        assert_eq!(
            update_with(|hash| with(hash, member, None)).unwrap_err(),
            SessionError::Link(LinkError::Member(member))
        );
        let wrong = Value::Bool(true);
        assert_eq!(
            update_with(|hash| with(hash, member, Some(wrong))).unwrap_err(),
            SessionError::Link(LinkError::Member(member))
        );
    }
}

#[test]
fn the_members_of_a_link_are_bounded() {
    for (member, value) in [
        (1, Value::Bytes(vec![])),
        (1, Value::Bytes(vec![0; MAX_CONTACT + 1])),
        (2, Value::Bytes(vec![0; 9])),
        (3, Value::Bytes(vec![0; 31])),
        (5, Value::Text("n".repeat(MAX_NAME + 1))),
    ] {
        assert_eq!(
            update_with(|hash| with(hash, member, Some(value))).unwrap_err(),
            SessionError::Link(LinkError::Member(member))
        );
    }
}

#[test]
fn a_link_whose_proof_does_not_fit_is_refused() {
    let refused = SessionError::Link(LinkError::Proof);
    // The proof of another handshake.
    let replayed = update_with(|hash| {
        let mut other = *hash;
        *other.first_mut().unwrap() ^= 1;
        link(&other)
    });
    assert_eq!(replayed.unwrap_err(), refused);
    // Somebody else's public key beside it.
    let stranger = *LinkRoot::new([8; 32])
        .identity()
        .unwrap()
        .public()
        .as_bytes();
    let foreign = update_with(|hash| with(hash, 4, Some(Value::Bytes(stranger.to_vec()))));
    assert_eq!(foreign.unwrap_err(), refused);
    // A changed proof.
    let forged = update_with(|hash| with(hash, 6, Some(Value::Bytes(vec![0; 32]))));
    assert_eq!(forged.unwrap_err(), refused);
}

#[test]
fn a_link_with_a_point_off_the_curve_is_refused() {
    let mut point = *key(9).public().as_bytes();
    *point.last_mut().unwrap() ^= 1;
    assert_eq!(
        update_with(|hash| with(hash, 4, Some(Value::Bytes(point.to_vec())))).unwrap_err(),
        SessionError::Link(LinkError::Member(4))
    );
}

#[test]
fn an_update_that_is_no_map_is_refused() {
    for (update, error) in [
        (&b"\x01"[..], LinkError::NotAMap),
        (b"\xa1\x01\x01", LinkError::NotAMap),
        (b"\xa1", LinkError::Cbor(CborError::Truncated)),
    ] {
        let (ready, mut channel, _) = ready();
        let message = channel.seal(&frame(Kind::Update, update)).unwrap();
        assert_eq!(
            ready.hear(&message, START).unwrap_err(),
            SessionError::Link(error)
        );
    }
}

#[test]
fn a_link_in_the_greeting_is_read_and_checked_too() {
    let greeted = |make: fn(&HandshakeHash) -> Value| {
        let (shaken, mut channel, hash) = free_authenticator();
        let greeting = Value::map([(1, Some(Value::Bytes(vec![0xa0]))), (2, Some(make(&hash)))]);
        let message = channel.seal(&greeting.encode()).unwrap();
        shaken.hear(&message, START).map(|(_, _, link)| link)
    };
    assert!(greeted(link).unwrap().is_some());
    assert_eq!(
        greeted(|_| link(&[0; 32])).unwrap_err(),
        SessionError::Link(LinkError::Proof)
    );
}

#[test]
fn an_ephemeral_key_off_the_curve_is_named() {
    // Made with the right pre-shared key, by somebody who can write a handshake but sends a point of another curve. Noise
    // encrypts an empty payload under the first message's key, so only a peer with the key gets this far.
    let psk = PreSharedKey::derive(&[2; 16], &advert().to_eid()).unwrap();
    let message = crate::noise::tests::first_message_with_point(&psk, key(1).public(), [4; 65]);
    let code = client().code(Flow::GetAssertion, 0);
    assert_eq!(
        Advertised::by_code(&code, &advert(), Limits::default(), START)
            .unwrap()
            .handshake(&message, &key(5), &[0xa0], START)
            .unwrap_err(),
        SessionError::Channel(ChannelError::Key)
    );
}

#[test]
fn a_public_key_prints_and_compares_as_its_bytes() {
    let key: PublicKey = *key(1).public();
    assert!(format!("{key:?}").starts_with("PublicKey(04"));
}

//! The bookkeeping of a tunnel service, by hand-driven time.

#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use hybrid::relay::{
    Call, CallError, ContactSecret, Counts, Relay, RelayLimits, RelayRefusal, RoutingId, Verdict,
    client_payload, contact_id, routing_id, tunnel_id,
};
use hybrid::tunnel::contact_url;
use hybrid::{ContactPayload, Flow, MAX_MESSAGE, TunnelDomain, TunnelId};
use std::time::Duration;

type Desk = Relay<u8, &'static str, char>;

const HERE: RoutingId = RoutingId([1, 2, 3]);
const ONE: TunnelId = TunnelId([1; 16]);
const TWO: TunnelId = TunnelId([2; 16]);

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn limits() -> RelayLimits {
    RelayLimits {
        tunnels: 3,
        ends_per_address: 2,
        listeners: 3,
        listeners_per_address: 2,
        waiting: at(10),
        lifetime: at(100),
        messages: 3,
        bytes: 100_000,
    }
}

fn desk() -> Desk {
    Relay::new(limits(), HERE)
}

#[test]
fn two_ends_meet() {
    let mut desk = desk();
    let first = desk.open(ONE, 1, "line", at(0)).unwrap();
    assert_eq!(desk.counts().waiting, 1);
    let (second, line) = desk.join(HERE, ONE, 2, at(5)).unwrap();
    assert_eq!(line, "line");
    assert_eq!(
        desk.counts(),
        Counts {
            waiting: 0,
            joined: 1,
            listening: 0
        }
    );
    assert_eq!(desk.pass(&first, 1, at(5)), Ok(()));
    assert_eq!(desk.pass(&second, 1, at(5)), Ok(()));
    desk.close(&second);
    assert_eq!(desk.counts(), Counts::default());
    assert_eq!(desk.pass(&first, 1, at(5)), Err(RelayRefusal::NoTunnel));
}

#[test]
fn nobody_joins_a_third_time() {
    let mut desk = desk();
    desk.open(ONE, 1, "line", at(0)).unwrap();
    desk.join(HERE, ONE, 2, at(0)).unwrap();
    assert_eq!(
        desk.join(HERE, ONE, 3, at(0)).err(),
        Some(RelayRefusal::Taken)
    );
    // The two are undisturbed.
    assert_eq!(desk.counts().joined, 1);
}

#[test]
fn a_tunnel_is_opened_once() {
    let mut desk = desk();
    desk.open(ONE, 1, "line", at(0)).unwrap();
    assert_eq!(
        desk.open(ONE, 2, "mine", at(0)).err(),
        Some(RelayRefusal::Taken)
    );
    assert_eq!(desk.join(HERE, ONE, 3, at(0)).unwrap().1, "line");
}

#[test]
fn a_tunnel_that_is_not_there_is_not_joined() {
    let mut desk = desk();
    desk.open(ONE, 1, "line", at(0)).unwrap();
    assert_eq!(
        desk.join(HERE, TWO, 2, at(0)).err(),
        Some(RelayRefusal::NoTunnel)
    );
}

#[test]
fn a_tunnel_of_another_machine_is_not_joined() {
    let mut desk = desk();
    desk.open(ONE, 1, "line", at(0)).unwrap();
    let elsewhere = RoutingId([1, 2, 4]);
    assert_eq!(
        desk.join(elsewhere, ONE, 2, at(0)).err(),
        Some(RelayRefusal::OtherMachine)
    );
}

#[test]
fn an_address_has_so_many_ends_and_no_more() {
    let mut desk = desk();
    desk.open(ONE, 1, "line", at(0)).unwrap();
    desk.join(HERE, ONE, 1, at(0)).unwrap();
    assert_eq!(
        desk.open(TWO, 1, "line", at(0)).err(),
        Some(RelayRefusal::FullForAddress)
    );
    let other = desk.open(TWO, 2, "line", at(0)).unwrap();
    assert_eq!(
        desk.join(HERE, TWO, 1, at(0)).err(),
        Some(RelayRefusal::FullForAddress)
    );
    desk.close(&other);
    assert_eq!(
        desk.join(HERE, TWO, 1, at(0)).err(),
        Some(RelayRefusal::NoTunnel)
    );
}

#[test]
fn ends_that_are_gone_make_room() {
    let mut desk = desk();
    // However a tunnel ends: closed or over, with one end or two.
    for round in 0..8 {
        let now = at(round * 1000);
        let ticket = desk.open(ONE, 1, "line", now).unwrap();
        if round % 2 == 0 {
            desk.join(HERE, ONE, 1, now).unwrap();
        }
        if round % 4 < 2 {
            desk.close(&ticket);
            assert_eq!(desk.counts(), Counts::default());
        }
    }
}

#[test]
fn what_is_over_first_goes_first() {
    let mut desk = desk();
    desk.open(ONE, 1, "line", at(0)).unwrap();
    desk.open(TWO, 2, "line", at(5)).unwrap();
    desk.join(HERE, ONE, 3, at(9)).unwrap();
    assert_eq!(desk.sweep(at(15)), 0);
    assert_eq!(desk.sweep(at(16)), 1);
    let left = desk.counts();
    assert_eq!((left.waiting, left.joined), (0, 1));
    assert_eq!(desk.sweep(at(101)), 1);
}

#[test]
fn a_full_relay_opens_nothing() {
    let mut desk = desk();
    for seed in 0..3 {
        desk.open(TunnelId([seed; 16]), seed, "line", at(0))
            .unwrap();
    }
    assert_eq!(
        desk.open(TunnelId([9; 16]), 9, "line", at(0)).err(),
        Some(RelayRefusal::Full)
    );
    // What is over makes room.
    assert!(desk.open(TunnelId([9; 16]), 9, "line", at(11)).is_ok());
}

#[test]
fn a_tunnel_waits_for_its_second_end_and_no_longer() {
    let mut desk = desk();
    let ticket = desk.open(ONE, 1, "line", at(0)).unwrap();
    assert_eq!(desk.ends(&ticket), Ok(at(10)));
    assert_eq!(
        desk.join(HERE, ONE, 2, at(11)).err(),
        Some(RelayRefusal::NoTunnel)
    );
    assert_eq!(desk.ends(&ticket), Err(RelayRefusal::NoTunnel));
}

#[test]
fn a_tunnel_lives_for_its_time() {
    let mut desk = desk();
    let ticket = desk.open(ONE, 1, "line", at(0)).unwrap();
    desk.join(HERE, ONE, 2, at(10)).unwrap();
    assert_eq!(desk.ends(&ticket), Ok(at(100)));
    assert_eq!(desk.pass(&ticket, 1, at(100)), Ok(()));
    assert_eq!(desk.pass(&ticket, 1, at(101)), Err(RelayRefusal::Late));
    assert_eq!(desk.sweep(at(100)), 0);
    assert_eq!(desk.sweep(at(101)), 1);
}

#[test]
fn messages_are_counted_and_measured() {
    let mut desk = desk();
    let ticket = desk.open(ONE, 1, "line", at(0)).unwrap();
    for length in [0, MAX_MESSAGE + 1] {
        assert_eq!(
            desk.pass(&ticket, length, at(0)),
            Err(RelayRefusal::MessageLength)
        );
    }
    for _ in 0..3 {
        assert_eq!(desk.pass(&ticket, 1, at(0)), Ok(()));
    }
    assert_eq!(desk.pass(&ticket, 1, at(0)), Err(RelayRefusal::Spent));

    let ticket = desk.open(TWO, 2, "line", at(0)).unwrap();
    assert_eq!(desk.pass(&ticket, MAX_MESSAGE, at(0)), Ok(()));
    assert_eq!(
        desk.pass(&ticket, MAX_MESSAGE, at(0)),
        Err(RelayRefusal::Spent)
    );
    assert_eq!(desk.pass(&ticket, 100, at(0)), Ok(()));
}

#[test]
fn an_old_ticket_does_not_touch_a_newer_tunnel_of_the_same_name() {
    let mut desk = desk();
    let old = desk.open(ONE, 1, "line", at(0)).unwrap();
    desk.close(&old);
    let new = desk.open(ONE, 1, "line", at(1)).unwrap();
    desk.close(&old);
    assert_eq!(desk.pass(&old, 1, at(1)), Err(RelayRefusal::NoTunnel));
    assert_eq!(desk.pass(&new, 1, at(1)), Ok(()));
}

fn secret(seed: u8) -> ContactSecret {
    ContactSecret::new([seed; 32])
}

#[test]
fn who_listens_is_called() {
    let mut desk = desk();
    let contact = secret(1).contact_id();
    assert_eq!(desk.listener(&contact), Err(RelayRefusal::NotListening));
    let ticket = desk.listen(&secret(1), 1, 'a').unwrap();
    assert_eq!(desk.listener(&contact), Ok('a'));
    assert_eq!(
        desk.listener(contact.get(..31).unwrap()),
        Err(RelayRefusal::NotListening)
    );
    assert_eq!(
        desk.listener(&secret(2).contact_id()),
        Err(RelayRefusal::NotListening)
    );
    desk.leave(&ticket);
    assert_eq!(desk.listener(&contact), Err(RelayRefusal::NotListening));
}

#[test]
fn a_contact_id_does_not_let_anybody_listen() {
    // Every linked client knows the contact id. Listening with it as the secret is listening for another contact.
    let contact = secret(1).contact_id();
    assert_ne!(ContactSecret::new(contact).contact_id(), contact);
}

#[test]
fn a_newer_connection_of_the_same_authenticator_takes_over() {
    let mut desk = desk();
    let old = desk.listen(&secret(1), 1, 'a').unwrap();
    desk.listen(&secret(1), 1, 'b').unwrap();
    desk.leave(&old);
    assert_eq!(desk.listener(&secret(1).contact_id()), Ok('b'));
    assert_eq!(desk.counts().listening, 1);
}

#[test]
fn listeners_are_counted() {
    let mut desk = desk();
    desk.listen(&secret(1), 1, 'a').unwrap();
    desk.listen(&secret(2), 1, 'b').unwrap();
    assert_eq!(
        desk.listen(&secret(3), 1, 'c').err(),
        Some(RelayRefusal::FullForAddress)
    );
    // Coming back is not coming twice.
    assert!(desk.listen(&secret(2), 1, 'b').is_ok());
    desk.listen(&secret(3), 2, 'c').unwrap();
    assert_eq!(
        desk.listen(&secret(4), 3, 'd').err(),
        Some(RelayRefusal::Full)
    );
    assert!(desk.listen(&secret(3), 2, 'c').is_ok());
}

#[test]
fn identifiers_are_read_in_either_case_and_no_other_form() {
    let text = "00112233445566778899AaBbCcDdEeFf";
    let read = tunnel_id(text).unwrap();
    assert_eq!(read.to_hex(), text.to_uppercase());
    assert_eq!(tunnel_id(&text.to_lowercase()), Ok(read));
    for wrong in [
        "",
        "00",
        "0011223344556677 899AABBCCDDEEFF",
        "+0112233445566778899AABBCCDDEEFF",
        "00112233445566778899AABBCCDDEEFF00",
    ] {
        assert_eq!(tunnel_id(wrong), Err(RelayRefusal::Identifier), "{wrong}");
    }
    assert_eq!(
        tunnel_id(&"0".repeat(100_000)),
        Err(RelayRefusal::Identifier)
    );
    assert_eq!(routing_id("0a0B0c"), Ok(RoutingId([10, 11, 12])));
    assert_eq!(RoutingId([10, 11, 12]).to_hex(), "0A0B0C");
    for wrong in ["", "0a0b", "0a0b0c0d", "0a0b0g"] {
        assert_eq!(routing_id(wrong), Err(RelayRefusal::Identifier), "{wrong}");
    }
}

#[test]
fn contact_ids_are_read_as_they_are_written() {
    let domain = TunnelDomain::new(1).unwrap();
    for length in [1, 2, 3, 4, 5, 31, 32, 200, 1024] {
        let contact: Vec<u8> = (0..length).map(|at| (at * 37 % 256) as u8).collect();
        let url = contact_url(domain, &contact);
        let text = url
            .strip_prefix("wss://cable.auth.com/cable/contact/")
            .unwrap();
        assert_eq!(contact_id(text), Ok(contact));
    }
    assert_eq!(
        contact_url(domain, &[0xfb, 0xff]),
        "wss://cable.auth.com/cable/contact/-_8"
    );
    // Empty, one digit too many, bits that belong to no byte, padding, the other alphabet, too long.
    for wrong in ["", "A", "AAAAA", "AB", "AAB", "AA==", "+/8", "A A"] {
        assert_eq!(contact_id(wrong), Err(RelayRefusal::Identifier), "{wrong}");
    }
    for length in [1367, 100_000] {
        assert_eq!(
            contact_id(&"A".repeat(length)),
            Err(RelayRefusal::Identifier)
        );
    }
}

fn call() -> Call {
    Call {
        tunnel: ONE,
        routing: HERE,
        payload: ContactPayload {
            link_id: [4; 8],
            nonce: [5; 16],
            flow: Flow::GetAssertion,
        },
    }
}

#[test]
fn a_call_says_where_and_who_and_is_answered() {
    assert_eq!(Call::from_bytes(&call().to_bytes()), Ok(call()));
    for verdict in [Verdict::Comes, Verdict::Forgotten] {
        let message = call().verdict(verdict);
        assert_eq!(Verdict::from_bytes(&message), Ok((ONE, verdict)));
    }
}

#[test]
fn broken_calls_and_verdicts_are_named() {
    assert!(matches!(Call::from_bytes(&[]), Err(CallError::Cbor(_))));
    assert_eq!(Call::from_bytes(&[0xa0]), Err(CallError::Member(1)));
    let mut payload = call().to_bytes();
    let last = payload.len() - 1;
    payload.truncate(last);
    assert!(matches!(
        Call::from_bytes(&payload),
        Err(CallError::Cbor(_))
    ));
    let mut verdict = call().verdict(Verdict::Comes).to_vec();
    assert_eq!(
        Verdict::from_bytes(verdict.get(..16).unwrap()),
        Err(CallError::Verdict)
    );
    *verdict.first_mut().unwrap() = 2;
    assert_eq!(Verdict::from_bytes(&verdict), Err(CallError::Verdict));
    assert_eq!(Verdict::from_bytes(&[]), Err(CallError::Verdict));
}

#[test]
fn a_client_payload_is_one() {
    assert_eq!(client_payload(&call().payload.to_hex()), Ok(call().payload));
    for wrong in ["", "a0", "zz"] {
        assert_eq!(client_payload(wrong), Err(RelayRefusal::Payload), "{wrong}");
    }
}

#[test]
fn the_secret_of_a_contact_is_read_in_hexadecimal_and_not_printed() {
    let read = ContactSecret::from_hex(&secret(0xab).to_hex().to_lowercase()).unwrap();
    assert_eq!(read.contact_id(), secret(0xab).contact_id());
    assert!(ContactSecret::from_hex("abcd").is_none());
    assert_eq!(format!("{:?}", secret(1)), "ContactSecret(secret)");
    let mut desk = desk();
    desk.open(ONE, 1, "line", at(0)).unwrap();
    assert!(!format!("{desk:?}").contains("line"));
}

#[test]
fn every_refusal_has_a_code_of_its_own() {
    let all = [
        RelayRefusal::Identifier,
        RelayRefusal::Payload,
        RelayRefusal::Subprotocol,
        RelayRefusal::Taken,
        RelayRefusal::NoTunnel,
        RelayRefusal::OtherMachine,
        RelayRefusal::NotListening,
        RelayRefusal::Forgotten,
        RelayRefusal::Full,
        RelayRefusal::FullForAddress,
        RelayRefusal::MessageLength,
        RelayRefusal::Text,
        RelayRefusal::Spent,
        RelayRefusal::Late,
    ];
    let codes: std::collections::BTreeSet<_> = all.iter().map(|refusal| refusal.code()).collect();
    assert_eq!(codes.len(), all.len());
}

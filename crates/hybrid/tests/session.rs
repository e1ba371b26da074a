//! Whole conversations between our own two roles, and what each of them refuses of the other.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed setup is a failed test"
)]

use hybrid::ec::KEY_RANDOM;
use hybrid::keys::QR_SECRET;
use hybrid::session::{
    Advertised, Asking, Calling, Closed, Heard, Leaving, QrClient, Ready, Reply, Serving, Shaken,
    connect_signal,
};
use hybrid::{
    Advert, AdvertError, ChannelError, ContactPayload, EidKey, Flow, HANDSHAKE_MESSAGE, Handshake,
    Limits, Link, LinkError, LinkRoot, MAX_MESSAGE, MAX_PLAIN, Offer, PayloadError, PublicKey,
    QrError, SecretKey, SessionError, TunnelDomain,
};
use std::time::Duration;

const GET_INFO: &[u8] = b"\xa1\x01\x81\x68FIDO_2_0";
const START: Duration = Duration::from_secs(1000);

fn key(seed: u8) -> SecretKey {
    SecretKey::from_random(&[seed; KEY_RANDOM]).unwrap()
}

fn advert() -> Advert {
    Advert {
        nonce: [3; 10],
        routing_id: [9, 10, 11],
        domain: TunnelDomain::new(266).unwrap(),
    }
}

fn client() -> QrClient {
    QrClient::new(key(1), [2; QR_SECRET]).unwrap()
}

fn code() -> Handshake {
    client().code(Flow::MakeCredential, 1_790_000_000)
}

fn limits() -> Limits {
    Limits::default()
}

fn advertised() -> Advertised {
    Advertised::by_code(&code(), &advert(), limits(), START).unwrap()
}

fn calling() -> (Calling, Vec<u8>) {
    Calling::by_code(&client(), &advert(), &key(4), limits(), START).unwrap()
}

/// Both sides after the greeting.
fn connected() -> (Ready, Serving) {
    let (calling, first) = calling();
    let (serving, [answer, greeting]) = advertised()
        .handshake(&first, &key(5), GET_INFO, START)
        .unwrap();
    let (ready, get_info, link) = calling
        .hear(&answer, START)
        .unwrap()
        .hear(&greeting, START)
        .unwrap();
    assert_eq!(get_info, GET_INFO);
    assert!(link.is_none());
    (ready, serving)
}

/// Both sides after a request that is not answered yet.
fn asked() -> (Asking, hybrid::session::Answering) {
    let (ready, serving) = connected();
    let (asking, request) = ready.request(&[1, 0xa0], START).unwrap();
    let Heard::Request(answering) = serving.hear(&request, START).unwrap() else {
        panic!("a request is one");
    };
    (asking, answering)
}

fn reply(asking: Asking, message: &[u8]) -> (Ready, Vec<u8>) {
    match asking.hear(message, START).unwrap() {
        Reply::Answer(ready, answer) => (ready, answer),
        Reply::Update(..) => panic!("an answer is one"),
    }
}

#[test]
fn a_whole_conversation() {
    // The computer shows a code, the phone reads it and advertises, the computer hears the advert among others.
    let seen = Handshake::from_url(&code().to_url()).unwrap();
    let air = advert()
        .seal(&EidKey::derive(&seen.secret).unwrap())
        .unwrap();
    let heard = client().advert(&air).unwrap();
    let other = QrClient::new(key(1), [9; QR_SECRET]).unwrap();
    assert_eq!(other.advert(&air), Err(AdvertError::Tag));

    let phone = Advertised::by_code(&seen, &advert(), limits(), START).unwrap();
    let (calling, first) = Calling::by_code(&client(), &heard, &key(4), limits(), START).unwrap();
    assert_eq!(first.len(), HANDSHAKE_MESSAGE);
    let (serving, [answer, greeting]) = phone.handshake(&first, &key(5), GET_INFO, START).unwrap();
    let (ready, get_info, _) = calling
        .hear(&answer, START)
        .unwrap()
        .hear(&greeting, START)
        .unwrap();
    assert_eq!(get_info, GET_INFO);

    let (asking, request) = ready.request(&[1, 2, 3], START).unwrap();
    let Heard::Request(answering) = serving.hear(&request, START).unwrap() else {
        panic!("a request is one");
    };
    assert_eq!(answering.request(), [1, 2, 3]);
    let (serving, answer) = answering.answer(&[0, 9, 8], START).unwrap();
    let (ready, answer) = reply(asking, &answer);
    assert_eq!(answer, [0, 9, 8]);

    let (_, shutdown) = ready.shutdown(START).unwrap();
    assert!(matches!(
        serving.hear(&shutdown, START).unwrap(),
        Heard::Shutdown(Closed)
    ));
}

#[test]
fn messages_on_the_tunnel_have_the_lengths_of_padded_frames() {
    let (ready, _) = connected();
    let (_, request) = ready.request(&[1; 30], START).unwrap();
    assert_eq!(request.len(), 32 + 16);
    let (ready, _) = connected();
    let (_, request) = ready.request(&[1; 31], START).unwrap();
    assert_eq!(request.len(), 64 + 16);
}

#[test]
fn the_longest_command_goes_through_and_a_longer_one_is_not_sent() {
    let (ready, serving) = connected();
    let longest = vec![1; MAX_PLAIN - 1];
    let (_, request) = ready.request(&longest, START).unwrap();
    assert!(request.len() <= MAX_MESSAGE);
    let Heard::Request(answering) = serving.hear(&request, START).unwrap() else {
        panic!("a request is one");
    };
    assert_eq!(answering.request(), longest);
    let (ready, _) = connected();
    assert_eq!(
        ready.request(&vec![1; MAX_PLAIN], START).unwrap_err(),
        SessionError::Channel(ChannelError::PlainLength)
    );
}

#[test]
fn who_did_not_see_the_code_fails_the_handshake() {
    let other = QrClient::new(key(1), [3; QR_SECRET]).unwrap();
    let (_, first) = Calling::by_code(&other, &advert(), &key(4), limits(), START).unwrap();
    assert_eq!(
        advertised()
            .handshake(&first, &key(5), GET_INFO, START)
            .unwrap_err(),
        SessionError::Channel(ChannelError::Secret)
    );
}

#[test]
fn who_did_not_hear_the_advert_fails_the_handshake() {
    let mut elsewhere = advert();
    elsewhere.nonce = [4; 10];
    let (_, first) = Calling::by_code(&client(), &elsewhere, &key(4), limits(), START).unwrap();
    assert_eq!(
        advertised()
            .handshake(&first, &key(5), GET_INFO, START)
            .unwrap_err(),
        SessionError::Channel(ChannelError::Secret)
    );
}

#[test]
fn who_has_another_key_than_the_codes_fails_the_handshake() {
    // Knows the secret of the code (a photograph of it), hears the advert, but has no private key for it.
    let thief = QrClient::new(key(7), [2; QR_SECRET]).unwrap();
    let (_, first) = Calling::by_code(&thief, &advert(), &key(4), limits(), START).unwrap();
    assert_eq!(
        advertised()
            .handshake(&first, &key(5), GET_INFO, START)
            .unwrap_err(),
        SessionError::Channel(ChannelError::Secret)
    );
}

#[test]
fn an_authenticator_that_did_not_see_the_code_fails_the_handshake() {
    let (calling, _) = calling();
    // It answers a handshake of its own, because it cannot read ours.
    let other = QrClient::new(key(1), [3; QR_SECRET]).unwrap();
    let (_, first) = Calling::by_code(&other, &advert(), &key(4), limits(), START).unwrap();
    let code = other.code(Flow::GetAssertion, 0);
    let (_, [answer, _]) = Advertised::by_code(&code, &advert(), limits(), START)
        .unwrap()
        .handshake(&first, &key(5), GET_INFO, START)
        .unwrap();
    assert_eq!(
        calling.hear(&answer, START).unwrap_err(),
        SessionError::Channel(ChannelError::Secret)
    );
}

#[test]
fn every_changed_bit_of_a_handshake_is_noticed() {
    let (_, first) = calling();
    for bit in (0..first.len() * 8).step_by(7) {
        let mut changed = first.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let error = advertised()
            .handshake(&changed, &key(5), GET_INFO, START)
            .unwrap_err();
        assert!(
            matches!(
                error,
                SessionError::Channel(ChannelError::Secret | ChannelError::Key)
            ),
            "{error:?}"
        );
    }
}

#[test]
fn a_handshake_of_another_length_is_named() {
    for length in [0, 1, 65, 80, 82, 65_535] {
        assert_eq!(
            advertised()
                .handshake(&vec![4; length], &key(5), GET_INFO, START)
                .unwrap_err(),
            SessionError::Channel(ChannelError::HandshakeLength)
        );
        assert_eq!(
            calling().0.hear(&vec![4; length], START).unwrap_err(),
            SessionError::Channel(ChannelError::HandshakeLength)
        );
    }
}

#[test]
fn changed_messages_are_noticed() {
    let (_, answering) = asked();
    let (_, good) = answering.answer(&[0, 1, 2], START).unwrap();
    for at in 0..good.len() {
        let (asking, answering) = asked();
        let (_, mut message) = answering.answer(&[0, 1, 2], START).unwrap();
        message[at] ^= 1;
        assert_eq!(
            asking.hear(&message, START).unwrap_err(),
            SessionError::Channel(ChannelError::Message)
        );
    }
}

#[test]
fn a_message_counts_once() {
    let (ready, serving) = connected();
    let (_, request) = ready.request(&[4], START).unwrap();
    let Heard::Answered(serving, _) = serving.hear(&request, START).unwrap() else {
        panic!("getInfo is answered");
    };
    assert_eq!(
        serving.hear(&request, START).unwrap_err(),
        SessionError::Channel(ChannelError::Message)
    );
}

#[test]
fn a_message_that_was_left_out_is_noticed() {
    let (ready, serving) = connected();
    let (asking, _lost) = ready.request(&[1], START).unwrap();
    let (_, shutdown) = asking.shutdown(START).unwrap();
    assert_eq!(
        serving.hear(&shutdown, START).unwrap_err(),
        SessionError::Channel(ChannelError::Message)
    );
}

#[test]
fn a_message_is_not_accepted_by_who_sent_it() {
    let (ready, serving) = connected();
    let (asking, request) = ready.request(&[1], START).unwrap();
    assert_eq!(
        asking.hear(&request, START).unwrap_err(),
        SessionError::Channel(ChannelError::Message)
    );
    drop(serving);
}

#[test]
fn a_session_is_not_accepted_in_another() {
    let (_, serving) = connected();
    let (other, first) = Calling::by_code(&client(), &advert(), &key(6), limits(), START).unwrap();
    let (_, [answer, greeting]) = advertised()
        .handshake(&first, &key(5), GET_INFO, START)
        .unwrap();
    let (ready, _, _) = other
        .hear(&answer, START)
        .unwrap()
        .hear(&greeting, START)
        .unwrap();
    let (_, request) = ready.request(&[1], START).unwrap();
    assert_eq!(
        serving.hear(&request, START).unwrap_err(),
        SessionError::Channel(ChannelError::Message)
    );
}

#[test]
fn messages_of_impossible_lengths_are_not_even_decrypted() {
    for length in [0, 1, 16, 47, MAX_MESSAGE + 1, 1_000_000] {
        let (ready, serving) = connected();
        assert_eq!(
            serving.hear(&vec![0; length], START).unwrap_err(),
            SessionError::Channel(ChannelError::MessageLength)
        );
        assert_eq!(
            ready.hear(&vec![0; length], START).unwrap_err(),
            SessionError::Channel(ChannelError::MessageLength)
        );
    }
}

#[test]
fn get_info_is_answered_from_the_greeting() {
    let (ready, serving) = connected();
    let (asking, request) = ready.request(&[4], START).unwrap();
    let Heard::Answered(_, message) = serving.hear(&request, START).unwrap() else {
        panic!("getInfo is answered");
    };
    let (_, answer) = reply(asking, &message);
    assert_eq!(answer, [&[0], GET_INFO].concat());
}

#[test]
fn no_other_command_reaches_the_authenticator() {
    // clientPIN, reset, selection, largeBlobs, config, credential management, and getInfo with contents.
    for command in [
        &[6_u8][..],
        &[7],
        &[0xb],
        &[0xc],
        &[0xd],
        &[0xa],
        &[0x41],
        &[4, 1],
    ] {
        let (ready, serving) = connected();
        let (asking, request) = ready.request(command, START).unwrap();
        let Heard::Answered(_, message) = serving.hear(&request, START).unwrap() else {
            panic!("{command:?} reached the authenticator");
        };
        assert_eq!(reply(asking, &message).1, [1], "{command:?}");
    }
}

#[test]
fn requests_are_counted() {
    let few = Limits {
        requests: 2,
        ..limits()
    };
    let (calling, first) = calling();
    let (mut serving, [answer, greeting]) = Advertised::by_code(&code(), &advert(), few, START)
        .unwrap()
        .handshake(&first, &key(5), GET_INFO, START)
        .unwrap();
    let shaken: Shaken = calling.hear(&answer, START).unwrap();
    let (mut ready, _, _) = shaken.hear(&greeting, START).unwrap();
    for _ in 0..2 {
        let (asking, request) = ready.request(&[4], START).unwrap();
        let Heard::Answered(next, message) = serving.hear(&request, START).unwrap() else {
            panic!("getInfo is answered");
        };
        serving = next;
        ready = reply(asking, &message).0;
    }
    let (_, request) = ready.request(&[4], START).unwrap();
    assert_eq!(
        serving.hear(&request, START).unwrap_err(),
        SessionError::TooManyRequests
    );
}

#[test]
fn what_comes_late_is_refused_in_every_state() {
    let (waiting, first) = calling();
    let late = advertised().deadline() + Duration::from_millis(1);
    assert_eq!(
        advertised()
            .handshake(&first, &key(5), GET_INFO, late)
            .unwrap_err(),
        SessionError::Late
    );
    let (_, [answer, greeting]) = advertised()
        .handshake(&first, &key(5), GET_INFO, START)
        .unwrap();
    let late = waiting.deadline() + Duration::from_millis(1);
    assert_eq!(waiting.hear(&answer, late).unwrap_err(), SessionError::Late);

    let shaken = calling().0.hear(&answer, START).unwrap();
    let late = shaken.deadline() + Duration::from_millis(1);
    assert_eq!(
        shaken.hear(&greeting, late).unwrap_err(),
        SessionError::Late
    );

    let (ready, serving) = connected();
    let late = serving.deadline() + Duration::from_millis(1);
    let (asking, request) = ready.request(&[4], START).unwrap();
    assert_eq!(
        serving.hear(&request, late).unwrap_err(),
        SessionError::Late
    );
    let late = asking.deadline() + Duration::from_millis(1);
    assert_eq!(asking.hear(&request, late).unwrap_err(), SessionError::Late);

    let (ready, _) = connected();
    let late = ready.deadline() + Duration::from_millis(1);
    assert_eq!(ready.hear(&request, late).unwrap_err(), SessionError::Late);
    let (ready, _) = connected();
    let (leaving, _): (Leaving, _) = ready.shutdown(START).unwrap();
    let late = leaving.deadline() + Duration::from_millis(1);
    assert_eq!(
        leaving.hear(&request, late).unwrap_err(),
        SessionError::Late
    );
}

#[test]
fn a_person_may_think_for_longer_than_a_connection_may_be_silent() {
    let (asking, answering) = asked();
    let later = START + Duration::from_secs(3600);
    assert!(answering.answer(&[0], later).is_ok());
    drop(asking);
}

#[test]
fn after_the_answer_the_client_has_a_minute_to_end_it() {
    let (_, answering) = asked();
    let (serving, _) = answering.answer(&[0], START).unwrap();
    assert_eq!(serving.deadline(), START + limits().shutdown);
}

#[test]
fn a_code_with_a_key_off_the_curve_is_no_code() {
    let mut wrong = code();
    wrong.client_key = [0xff; 33];
    wrong.client_key[0] = 2;
    assert_eq!(
        Advertised::by_code(&wrong, &advert(), limits(), START).unwrap_err(),
        SessionError::ClientKey
    );
    assert_eq!(
        Handshake::from_url(&wrong.to_url()),
        Err(QrError::Member(0))
    );
}

#[test]
fn an_old_code_is_outdated() {
    let code = code();
    assert_eq!(code.made_within(600, 1_790_000_600), Ok(()));
    assert_eq!(code.made_within(600, 1_790_000_601), Err(QrError::Outdated));
    assert_eq!(code.made_within(600, 1_789_999_399), Err(QrError::Outdated));
}

#[test]
fn the_connect_signal_is_one_zero_byte() {
    assert_eq!(connect_signal(&[0]), Ok(()));
    for wrong in [&[][..], &[1], &[0, 0]] {
        assert_eq!(connect_signal(wrong), Err(SessionError::ConnectSignal));
    }
}

fn root() -> LinkRoot {
    LinkRoot::new([0x77; 32])
}

fn offer() -> Offer {
    Offer {
        contact_id: vec![5; 180],
        link_id: [6; 8],
        name: "Anna's phone".to_owned(),
    }
}

fn linked() -> Link {
    let (asking, answering) = asked();
    let (serving, answer) = answering.answer(&[0], START).unwrap();
    let (_, update) = serving.update(Some((&offer(), &root()))).unwrap();
    let (ready, _) = reply(asking, &answer);
    ready.hear(&update, START).unwrap().1.unwrap()
}

#[test]
fn a_link_is_carried_over() {
    let link = linked();
    assert_eq!(link.contact_id, [5; 180]);
    assert_eq!(link.link_id, [6; 8]);
    assert_eq!(link.name, "Anna's phone");
    assert_eq!(link.domain, advert().domain);
    assert_eq!(
        link.secret.expose(),
        root().secret(&[5; 180], &[6; 8]).unwrap().expose()
    );
    assert_eq!(&link.authenticator, root().identity().unwrap().public());
}

#[test]
fn whether_an_update_links_cannot_be_seen_from_its_length() {
    let length = |offer: Option<&Offer>| {
        let (_, serving) = connected();
        let root = root();
        let (_, update) = serving.update(offer.map(|offer| (offer, &root))).unwrap();
        update.len()
    };
    let mut longer = offer();
    longer.name = "n".repeat(64);
    let mut shorter = offer();
    shorter.contact_id = vec![1];
    assert_eq!(length(None), 512 + 16);
    for offer in [offer(), longer, shorter] {
        assert_eq!(length(Some(&offer)), 512 + 16);
    }
}

#[test]
fn an_update_without_a_link_is_none() {
    let (ready, serving) = connected();
    let (_, update) = serving.update(None).unwrap();
    assert!(ready.hear(&update, START).unwrap().1.is_none());
}

#[test]
fn an_offer_that_would_show_in_the_length_is_not_sent() {
    let (_, serving) = connected();
    let mut long = offer();
    long.contact_id = vec![1; 400];
    assert_eq!(
        serving.update(Some((&long, &root()))).unwrap_err(),
        SessionError::Link(LinkError::TooLong)
    );
}

#[test]
fn an_update_may_come_before_the_answer_and_after_the_shutdown() {
    let (asking, answering) = asked();
    let (serving, answer) = answering.answer(&[0], START).unwrap();
    let (_, update) = serving.update(Some((&offer(), &root()))).unwrap();
    let (ready, _) = reply(asking, &answer);
    let (leaving, _) = ready.shutdown(START).unwrap();
    assert!(leaving.hear(&update, START).unwrap().1.is_some());

    let (ready, serving) = connected();
    let (asking, request) = ready.request(&[1], START).unwrap();
    let (serving, update) = serving.update(None).unwrap();
    assert!(matches!(
        asking.hear(&update, START).unwrap(),
        Reply::Update(_, None)
    ));
    assert!(matches!(
        serving.hear(&request, START).unwrap(),
        Heard::Request(_)
    ));
}

#[test]
fn an_answer_that_crosses_the_shutdown_is_dropped() {
    let (asking, answering) = asked();
    let (leaving, _) = asking.shutdown(START).unwrap();
    let (_, answer) = answering.answer(&[0], START).unwrap();
    assert!(leaving.hear(&answer, START).unwrap().1.is_none());
}

#[test]
fn a_client_that_does_not_link_is_not_linked() {
    // libwebauthn leaves the member out where others write that they do not.
    for answer in [Some(false), None] {
        let mut unlinked = code();
        unlinked.state_assisted = answer;
        let (_, first) = calling();
        let (serving, _) = Advertised::by_code(&unlinked, &advert(), limits(), START)
            .unwrap()
            .handshake(&first, &key(5), GET_INFO, START)
            .unwrap();
        assert_eq!(
            serving.update(Some((&offer(), &root()))).unwrap_err(),
            SessionError::NotLinkable
        );
    }
}

#[test]
fn a_linked_client_comes_back_without_a_code() {
    let link = linked();
    let payload = ContactPayload {
        link_id: link.link_id,
        nonce: [8; 16],
        flow: Flow::GetAssertion,
    };
    // The authenticator learns of it from the tunnel service.
    let told = ContactPayload::from_hex(&payload.to_hex()).unwrap();
    assert_eq!(told, payload);
    let secret = root().secret(&link.contact_id, &told.link_id).unwrap();
    let air = advert()
        .seal(&EidKey::derive_linked(&secret, &told.nonce).unwrap())
        .unwrap();
    let phone =
        Advertised::by_link(&root(), &link.contact_id, &told, &advert(), limits(), START).unwrap();

    let heard = Advert::open(
        &air,
        &EidKey::derive_linked(&link.secret, &payload.nonce).unwrap(),
    )
    .unwrap();
    let (calling, first) = Calling::by_link(&link, &heard, &key(4), limits(), START).unwrap();
    let (serving, [answer, greeting]) = phone.handshake(&first, &key(5), GET_INFO, START).unwrap();
    let (ready, get_info, _) = calling
        .hear(&answer, START)
        .unwrap()
        .hear(&greeting, START)
        .unwrap();
    assert_eq!(get_info, GET_INFO);
    let (_, request) = ready.request(&[2], START).unwrap();
    assert!(matches!(
        serving.hear(&request, START).unwrap(),
        Heard::Request(_)
    ));
}

#[test]
fn over_a_link_nothing_is_linked_again() {
    let link = linked();
    let payload = ContactPayload {
        link_id: link.link_id,
        nonce: [8; 16],
        flow: Flow::GetAssertion,
    };
    let (_, first) = Calling::by_link(&link, &advert(), &key(4), limits(), START).unwrap();
    let (serving, _) = Advertised::by_link(
        &root(),
        &link.contact_id,
        &payload,
        &advert(),
        limits(),
        START,
    )
    .unwrap()
    .handshake(&first, &key(5), GET_INFO, START)
    .unwrap();
    assert_eq!(
        serving.update(Some((&offer(), &root()))).unwrap_err(),
        SessionError::NotLinkable
    );
}

#[test]
fn another_authenticator_does_not_pass_for_the_linked_one() {
    let link = linked();
    let payload = ContactPayload {
        link_id: link.link_id,
        nonce: [8; 16],
        flow: Flow::GetAssertion,
    };
    let (_, first) = Calling::by_link(&link, &advert(), &key(4), limits(), START).unwrap();
    let impostor = LinkRoot::new([0x78; 32]);
    assert_eq!(
        Advertised::by_link(
            &impostor,
            &link.contact_id,
            &payload,
            &advert(),
            limits(),
            START
        )
        .unwrap()
        .handshake(&first, &key(5), GET_INFO, START)
        .unwrap_err(),
        SessionError::Channel(ChannelError::Secret)
    );
}

#[test]
fn the_secret_of_a_link_belongs_to_contact_and_link() {
    let secret = |contact: &[u8], link: u8| *root().secret(contact, &[link; 8]).unwrap().expose();
    assert_ne!(secret(&[1], 1), secret(&[2], 1));
    assert_ne!(secret(&[1], 1), secret(&[1], 2));
}

#[test]
fn what_a_linked_client_says_is_read_in_either_case_and_no_further() {
    let payload = ContactPayload {
        link_id: [0xab; 8],
        nonce: [0xcd; 16],
        flow: Flow::MakeCredential,
    };
    let text = payload.to_hex();
    assert_eq!(ContactPayload::from_hex(&text.to_lowercase()), Ok(payload));
    assert_eq!(
        ContactPayload::from_hex(&"0".repeat(258)),
        Err(PayloadError::TooLong)
    );
    for wrong in ["zz", "a", "a1 ", "+1"] {
        assert_eq!(
            ContactPayload::from_hex(wrong),
            Err(PayloadError::NotHex),
            "{wrong}"
        );
    }
    assert!(matches!(
        ContactPayload::from_hex("a1"),
        Err(PayloadError::Cbor(_))
    ));
    for (wrong, member) in [
        ("a0", 1),
        ("a101480000000000000000", 2),
        (
            "a201480000000000000000025000000000000000000000000000000000",
            3,
        ),
    ] {
        assert_eq!(
            ContactPayload::from_hex(wrong),
            Err(PayloadError::Member(member)),
            "{wrong}"
        );
    }
}

#[test]
fn no_secret_is_printed() {
    let (ready, serving) = connected();
    let shown = [
        format!("{:?}", client()),
        format!("{:?}", calling().0),
        format!("{:?}", advertised()),
        format!("{ready:?}"),
        format!("{serving:?}"),
        format!("{:?}", linked()),
        format!("{:?}", root()),
        format!("{:?}", linked().secret),
    ]
    .concat();
    // The bytes of the keys and secrets above, as a derived Debug would write them.
    for secret in ["[1, 1,", "[2, 2,", "[119, 119,", "[4, 4,", "[5, 5,"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(shown.contains("secret"));
}

#[test]
fn public_keys_are_one_form_only() {
    let point = *key(1).public().as_bytes();
    let mut hybrid_form = point;
    hybrid_form[0] = 6 + (point[64] & 1);
    assert!(PublicKey::from_uncompressed(&hybrid_form).is_err());
}

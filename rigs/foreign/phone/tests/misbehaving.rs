//! Peers that break the rules of the transport, against the phone, the computer and the relay of the real server. Each is refused by
//! name, leaves no passkey that nobody asked for, and spoils nothing for who comes next.
//!
//! `KEYWARD` names the server's binary; without it this fails. What a broken peer could only send with the keys of the channel in its
//! hands is tested in `crates/hybrid/src/session/tests.rs`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed setup is a failed test"
)]

mod scene;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use airwaves::air::Faults;
use authenticator::cbor::Value;
use authenticator::device::Device;
use authenticator::device::policy::{Enrolled, Front, Policy};
use authenticator::rules::Refusal;
use authenticator::{Env, Status};
use futures_util::{SinkExt as _, StreamExt as _};
use hybrid::relay::routing_id;
use hybrid::session::{Calling, QrClient, Ready, Reply};
use hybrid::tunnel::{connect_url, new_url};
use hybrid::{
    Advert, ChannelError, EidKey, Flow, HANDSHAKE_MESSAGE, Handshake, Limits, MAX_MESSAGE,
    SecretKey, SessionError, TunnelDomain, TunnelId,
};
use rig_phone::computer::Computer;
use rig_phone::faults::{NoRadio, NotDialled, Rules};
use rig_phone::phone::Phone;
use rig_phone::tunnel::Tunnel;
use rig_phone::{Wall, Watch};
use scene::{Air, Folder, Server, register, sign_in};
use tokio_tungstenite::tungstenite::Message;

const PATIENCE: Duration = Duration::from_secs(20);

fn domain() -> TunnelDomain {
    TunnelDomain::new(266).unwrap()
}

/// A server, a bus, and a phone that is asked by whoever comes.
struct Place {
    server: Server,
    air: Air,
    _folder: Folder,
}

impl Place {
    async fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        Self {
            air: Air::new(&folder, 1).await,
            server: Server::new(&folder).await,
            _folder: folder,
        }
    }

    /// The phone answers the intruder's code while the intruder does what it does.
    async fn during<E: Env + Rules, T>(
        &self,
        phone: &mut Phone<E>,
        code: &str,
        doing: impl Future<Output = T>,
    ) -> (anyhow::Result<u32>, T) {
        let near = self.air.radio().await;
        let answering = phone.answer(code, domain(), &self.server.service, &near);
        let both = async { tokio::join!(answering, doing) };
        tokio::time::timeout(3 * PATIENCE, both).await.unwrap()
    }

    /// The phone has so many passkeys, and serves an honest computer as if nothing had been.
    async fn unharmed(&self, phone: &mut Phone, passkeys: usize) {
        assert_eq!(phone.count(), passkeys);
        let (computer, far) = (Computer::new().unwrap(), self.air.radio().await);
        for (flow, command) in [
            (Flow::MakeCredential, register()),
            (Flow::GetAssertion, sign_in()),
        ] {
            let asking = computer.ask(&command, &self.server.service, &far);
            let (served, asked) = self.during(phone, &computer.code(flow), asking).await;
            assert_eq!(served.unwrap(), 1);
            assert_eq!(asked.unwrap().1.first(), Some(&0));
            assert_eq!(phone.count(), 1);
        }
    }
}

fn phone() -> Phone {
    let mut phone = Phone::default();
    phone.patience = PATIENCE;
    phone
}

/// A client that saw the code, and does as it likes.
struct Intruder {
    client: QrClient,
    secret: [u8; 16],
}

impl Intruder {
    fn new() -> Self {
        let secret = rig_phone::random().unwrap();
        let key = SecretKey::from_random(&rig_phone::random().unwrap()).unwrap();
        let client = QrClient::new(key, secret).unwrap();
        Self { client, secret }
    }

    fn code(&self, flow: Flow) -> String {
        self.client.code(flow, Wall::default().now()).to_url()
    }

    async fn advert(&self, place: &Place) -> Advert {
        let radio = place.air.radio().await;
        let open = |heard: &[u8]| self.client.advert(heard).ok();
        radio.listen(PATIENCE, open).await.unwrap()
    }

    fn url(&self, advert: &Advert) -> String {
        let tunnel = TunnelId::derive(&self.secret).unwrap();
        connect_url(advert.domain, advert.routing_id, tunnel)
    }

    /// In the tunnel, before the handshake.
    async fn join(&self, place: &Place) -> (Advert, Tunnel) {
        let advert = self.advert(place).await;
        let dialled = place.server.service.dial(&self.url(&advert)).await;
        (advert, dialled.unwrap())
    }

    fn first_message(&self, advert: &Advert, watch: Watch) -> (Calling, Vec<u8>) {
        let ephemeral = SecretKey::from_random(&rig_phone::random().unwrap()).unwrap();
        let now = watch.elapsed();
        Calling::by_code(&self.client, advert, &ephemeral, Limits::default(), now).unwrap()
    }

    /// After an honest handshake.
    async fn shake(&self, place: &Place, watch: Watch) -> (Tunnel, Ready) {
        let (advert, mut tunnel) = self.join(place).await;
        let ready = self.shake_in(&advert, &mut tunnel, watch).await;
        (tunnel, ready)
    }

    async fn shake_in(&self, advert: &Advert, tunnel: &mut Tunnel, watch: Watch) -> Ready {
        let (calling, first) = self.first_message(advert, watch);
        tunnel.say(first).await.unwrap();
        let answer = tunnel.hear().await.unwrap();
        let shaken = calling.hear(&answer, watch.elapsed()).unwrap();
        let greeting = tunnel.hear().await.unwrap();
        shaken.hear(&greeting, watch.elapsed()).unwrap().0
    }
}

/// Asks for one thing and hears the answer.
async fn ask(tunnel: &mut Tunnel, ready: Ready, command: &[u8], watch: Watch) -> (Ready, Vec<u8>) {
    let (mut asking, request) = ready.request(command, watch.elapsed()).unwrap();
    tunnel.say(request).await.unwrap();
    loop {
        let message = tunnel.hear().await.unwrap();
        match asking.hear(&message, watch.elapsed()).unwrap() {
            Reply::Update(waiting, _) => asking = waiting,
            Reply::Answer(ready, answer) => return (ready, answer),
        }
    }
}

/// The code by which the relay closed this end, if it said one; the other end's last words may come first.
async fn closed(tunnel: &mut Tunnel) -> Option<u16> {
    loop {
        match tunnel.stream.next().await {
            Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
            Some(Err(_)) | None => return None,
            Some(Ok(_)) => {}
        }
    }
}

fn session_error(answered: anyhow::Result<u32>) -> SessionError {
    let error = answered.unwrap_err();
    let known = error.downcast_ref::<SessionError>();
    *known.unwrap_or_else(|| panic!("another error: {error:#}"))
}

#[tokio::test]
async fn a_handshake_that_is_none_ends_the_session() {
    let place = Place::new("garbage").await;
    let mut phone = phone();
    for (garbage, error) in [
        (vec![7; 1], ChannelError::HandshakeLength),
        (
            vec![4; HANDSHAKE_MESSAGE - 1],
            ChannelError::HandshakeLength,
        ),
        (vec![7; MAX_MESSAGE], ChannelError::HandshakeLength),
        (vec![7; HANDSHAKE_MESSAGE], ChannelError::Secret),
    ] {
        let intruder = Intruder::new();
        let doing = async {
            let (_, mut tunnel) = intruder.join(&place).await;
            tunnel.say(garbage).await.unwrap();
            // Nothing comes back but the end.
            assert!(tunnel.hear().await.is_err());
        };
        let code = intruder.code(Flow::MakeCredential);
        let (answered, ()) = place.during(&mut phone, &code, doing).await;
        assert_eq!(session_error(answered), SessionError::Channel(error));
    }
    place.unharmed(&mut phone, 0).await;
}

#[tokio::test]
async fn a_recorded_handshake_opens_nothing() {
    let place = Place::new("recorded").await;
    let mut phone = phone();
    let intruder = Intruder::new();
    let code = intruder.code(Flow::MakeCredential);
    let recording = async {
        let (advert, mut tunnel) = intruder.join(&place).await;
        let (_, first) = intruder.first_message(&advert, Watch::start());
        tunnel.say(first.clone()).await.unwrap();
        tunnel.hear().await.unwrap();
        first
    };
    let (answered, first) = place.during(&mut phone, &code, recording).await;
    assert!(answered.is_err());
    // The same code is answered again, with another advert; only who hears it has the key.
    let replaying = async {
        let (_, mut tunnel) = intruder.join(&place).await;
        tunnel.say(first).await.unwrap();
        assert!(tunnel.hear().await.is_err());
    };
    let (answered, ()) = place.during(&mut phone, &code, replaying).await;
    let secret = SessionError::Channel(ChannelError::Secret);
    assert_eq!(session_error(answered), secret);
    place.unharmed(&mut phone, 0).await;
}

#[tokio::test]
async fn a_request_counts_once() {
    let place = Place::new("twice").await;
    let (mut phone, watch) = (phone(), Watch::start());
    let intruder = Intruder::new();
    let doing = async {
        let (mut tunnel, ready) = intruder.shake(&place, watch).await;
        let (_, request) = ready.request(&register(), watch.elapsed()).unwrap();
        tunnel.say(request.clone()).await.unwrap();
        tunnel.say(request).await.unwrap();
        while tunnel.hear().await.is_ok() {}
    };
    let code = intruder.code(Flow::MakeCredential);
    let (answered, ()) = place.during(&mut phone, &code, doing).await;
    let repeated = SessionError::Channel(ChannelError::Message);
    assert_eq!(session_error(answered), repeated);
    place.unharmed(&mut phone, 1).await;
}

#[tokio::test]
async fn what_the_channel_did_not_encrypt_is_no_request() {
    let place = Place::new("foreign").await;
    let (mut phone, watch) = (phone(), Watch::start());
    for (message, error) in [
        (vec![9; 48], ChannelError::Message),
        (register(), ChannelError::Message),
        (vec![1], ChannelError::MessageLength),
    ] {
        let intruder = Intruder::new();
        let doing = async {
            let (mut tunnel, _) = intruder.shake(&place, watch).await;
            tunnel.say(message).await.unwrap();
            while tunnel.hear().await.is_ok() {}
        };
        let code = intruder.code(Flow::MakeCredential);
        let (answered, ()) = place.during(&mut phone, &code, doing).await;
        assert_eq!(session_error(answered), SessionError::Channel(error));
    }
    place.unharmed(&mut phone, 0).await;
}

#[tokio::test]
async fn frames_that_the_transport_does_not_have_close_the_tunnel() {
    let place = Place::new("frames").await;
    let (mut phone, watch) = (phone(), Watch::start());
    let frames = [
        (Message::text("hello"), Some(1003)),
        (Message::binary(Vec::new()), Some(1009)),
        // Nobody reads so much to say why not.
        (Message::binary(vec![0; 3 * MAX_MESSAGE]), None),
    ];
    for (frame, code) in frames {
        let intruder = Intruder::new();
        let doing = async {
            let (mut tunnel, _) = intruder.shake(&place, watch).await;
            // Who sends too much may see the connection go before all of it is sent.
            let _ = tunnel.stream.send(frame).await;
            assert_eq!(closed(&mut tunnel).await, code);
        };
        let shown = intruder.code(Flow::MakeCredential);
        let (answered, ()) = place.during(&mut phone, &shown, doing).await;
        assert!(answered.is_err());
    }
    place.unharmed(&mut phone, 0).await;
}

#[tokio::test]
async fn strangers_at_the_tunnel_are_turned_away_and_do_not_take_it() {
    let place = Place::new("strangers").await;
    let (mut phone, watch) = (phone(), Watch::start());
    let intruder = Intruder::new();
    let doing = async {
        let advert = intruder.advert(&place).await;
        let url = intruder.url(&advert);
        let service = &place.server.service;
        let refused = |dialled: anyhow::Result<Tunnel>| {
            let error = dialled.unwrap_err();
            *error.downcast_ref::<NotDialled>().unwrap()
        };
        for protocol in ["chat", "FIDO.CABLE", "fido.cable2"] {
            let header = ("sec-websocket-protocol", protocol);
            let dialled = service.dial_with(&url, &[header]).await;
            assert_eq!(refused(dialled), NotDialled::Status(400), "{protocol}");
        }
        let other = intruder.url(&Advert {
            routing_id: [9; 3],
            ..advert
        });
        assert_eq!(refused(service.dial(&other).await), NotDialled::Status(404));
        // None of them took the place of the second end; who comes after it is the third.
        let mut tunnel = service.dial(&url).await.unwrap();
        assert_eq!(refused(service.dial(&url).await), NotDialled::Status(409));
        let ready = intruder.shake_in(&advert, &mut tunnel, watch).await;
        let (ready, answer) = ask(&mut tunnel, ready, &register(), watch).await;
        assert_eq!(answer.first(), Some(&0));
        let (_, shutdown) = ready.shutdown(watch.elapsed()).unwrap();
        tunnel.say(shutdown).await.unwrap();
    };
    let code = intruder.code(Flow::MakeCredential);
    let (answered, ()) = place.during(&mut phone, &code, doing).await;
    assert_eq!(answered.unwrap(), 1);
    place.unharmed(&mut phone, 1).await;
}

#[tokio::test]
async fn a_shutdown_before_any_request_makes_nothing() {
    let place = Place::new("shutdown").await;
    let (mut phone, watch) = (phone(), Watch::start());
    let intruder = Intruder::new();
    let doing = async {
        let (mut tunnel, ready) = intruder.shake(&place, watch).await;
        let (_, shutdown) = ready.shutdown(watch.elapsed()).unwrap();
        tunnel.say(shutdown).await.unwrap();
        // What comes after it is not read.
        let _ = tunnel.say(vec![9; 48]).await;
    };
    let code = intruder.code(Flow::MakeCredential);
    let (answered, ()) = place.during(&mut phone, &code, doing).await;
    assert_eq!(answered.unwrap(), 0);
    place.unharmed(&mut phone, 0).await;
}

#[tokio::test]
async fn a_client_that_goes_without_its_answer_leaves_at_most_one_passkey_that_the_next_replaces() {
    let place = Place::new("gone").await;
    let (mut phone, watch) = (phone(), Watch::start());
    let intruder = Intruder::new();
    let doing = async {
        let (mut tunnel, ready) = intruder.shake(&place, watch).await;
        let (_, request) = ready.request(&register(), watch.elapsed()).unwrap();
        tunnel.say(request).await.unwrap();
    };
    let code = intruder.code(Flow::MakeCredential);
    let (answered, ()) = place.during(&mut phone, &code, doing).await;
    assert!(answered.is_err());
    let left = phone.count();
    assert!(left <= 1);
    place.unharmed(&mut phone, left).await;
}

#[tokio::test]
async fn nobody_manages_an_authenticator_from_afar() {
    let place = Place::new("manage").await;
    let (mut phone, watch) = (phone(), Watch::start());
    place.unharmed(&mut phone, 0).await;
    let intruder = Intruder::new();
    let doing = async {
        let (mut tunnel, mut ready) = intruder.shake(&place, watch).await;
        // clientPIN, reset, credentialManagement, selection, authenticatorConfig; then registrations that are broken.
        let invalid = Status::InvalidCommand.byte();
        for command in [&[6, 0xa0][..], &[7], &[10, 0xa0], &[11], &[13, 0xa0]] {
            let answer;
            (ready, answer) = ask(&mut tunnel, ready, command, watch).await;
            assert_eq!(answer, [invalid]);
        }
        for command in [&[1][..], &[1, 0xa0], &[1, 0xff]] {
            let answer;
            (ready, answer) = ask(&mut tunnel, ready, command, watch).await;
            assert!(answer.len() == 1 && answer != [0], "{command:?}");
        }
        // So many requests are enough for anybody.
        let (_, request) = ready.request(&register(), watch.elapsed()).unwrap();
        tunnel.say(request).await.unwrap();
        while tunnel.hear().await.is_ok() {}
    };
    let code = intruder.code(Flow::MakeCredential);
    let (answered, ()) = place.during(&mut phone, &code, doing).await;
    assert_eq!(session_error(answered), SessionError::TooManyRequests);
    place.unharmed(&mut phone, 1).await;
}

#[tokio::test]
async fn a_relying_party_that_looks_like_another_gets_nothing() {
    let place = Place::new("imitation").await;
    let authority = Arc::new(rig_simulators::Authority::new().unwrap());
    for imitation in ["login.examp1e.com", "login.example.com.evil.example"] {
        let policy = Policy {
            enrolled: vec![Enrolled {
                rp_id: "login.example.com".to_owned(),
                ..Enrolled::default()
            }],
            ..Policy::default()
        };
        let mut device = Device::new(rig_simulators::Phone::android(1, &authority), policy);
        device.set_front(Front::CrossDevice);
        let mut phone = Phone::of(device);
        phone.patience = PATIENCE;
        let (intruder, watch) = (Intruder::new(), Watch::start());
        let doing = async {
            let (mut tunnel, ready) = intruder.shake(&place, watch).await;
            let (ready, answer) = ask(&mut tunnel, ready, &register_at(imitation), watch).await;
            assert_eq!(answer, [Status::NotAllowed.byte()]);
            let (_, shutdown) = ready.shutdown(watch.elapsed()).unwrap();
            tunnel.say(shutdown).await.unwrap();
        };
        let code = intruder.code(Flow::MakeCredential);
        let (answered, ()) = place.during(&mut phone, &code, doing).await;
        assert_eq!(answered.unwrap(), 1);
        // The person reads which rule it was, and was not asked for a finger before.
        assert_eq!(phone.world().last_refusal(), Some(Refusal::LookAlike));
        assert_eq!(phone.world().platform().hardware.keys(), 0);
        assert!(phone.world().platform().person.prompts.is_empty());
    }
}

fn register_at(rp_id: &str) -> Vec<u8> {
    let command = register();
    let (_, parameters) = command.split_first().unwrap();
    let Ok(Value::Map(mut map)) = Value::decode(parameters) else {
        panic!("no registration");
    };
    let relying_party = Value::map([("id", Value::from(rp_id)), ("name", Value::from("It"))]);
    map.insert(2.into(), relying_party);
    [vec![1], Value::Map(map).encode()].concat()
}

#[tokio::test]
async fn an_advert_that_arrives_broken_leads_nobody_anywhere() {
    let place = Place::new("broken-advert").await;
    place.air.world.set_faults(Faults {
        corrupt: u32::MAX,
        ..Faults::default()
    });
    let mut phone = phone();
    phone.patience = Duration::from_secs(2);
    let intruder = Intruder::new();
    let doing = async {
        let radio = place.air.radio().await;
        let open = |heard: &[u8]| intruder.client.advert(heard).ok();
        radio.listen(Duration::from_secs(1), open).await.map(drop)
    };
    let code = intruder.code(Flow::MakeCredential);
    let (answered, heard) = place.during(&mut phone, &code, doing).await;
    assert!(answered.is_err());
    let error = heard.unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&NoRadio::Nothing));
    place.air.world.set_faults(Faults::default());
    phone.patience = PATIENCE;
    place.unharmed(&mut phone, 0).await;
}

/// Opens a tunnel and advertises as an authenticator does that saw the code, then says `words` to whatever the computer says first.
async fn impostor(place: &Place, code: &str, words: Vec<Vec<u8>>) {
    let code = Handshake::from_url(code).unwrap();
    let url = new_url(domain(), TunnelId::derive(&code.secret).unwrap());
    let mut tunnel = place.server.service.dial(&url).await.unwrap();
    let advert = Advert {
        nonce: [3; 10],
        routing_id: routing_id(&tunnel.routing).unwrap().0,
        domain: domain(),
    };
    let sealed = advert.seal(&EidKey::derive(&code.secret).unwrap()).unwrap();
    let radio = place.air.radio().await;
    let on_air = radio.advertise(&sealed).await.unwrap();
    tunnel.hear().await.unwrap();
    on_air.end().await.unwrap();
    for word in words {
        let _ = tunnel.say(word).await;
    }
    while tunnel.hear().await.is_ok() {}
}

#[tokio::test]
async fn an_authenticator_that_does_not_shake_hands_is_not_asked() {
    let place = Place::new("impostor").await;
    for (words, error) in [
        (vec![vec![7; 1]], ChannelError::HandshakeLength),
        (vec![vec![7; HANDSHAKE_MESSAGE]], ChannelError::Key),
        (vec![vec![7; MAX_MESSAGE]; 2], ChannelError::HandshakeLength),
    ] {
        let (computer, far) = (Computer::new().unwrap(), place.air.radio().await);
        let code = computer.code(Flow::GetAssertion);
        let command = sign_in();
        let asking = async {
            let asked = computer.ask(&command, &place.server.service, &far);
            asked.await.unwrap_err()
        };
        let both = async { tokio::join!(asking, impostor(&place, &code, words)) };
        let (refused, ()) = tokio::time::timeout(3 * PATIENCE, both).await.unwrap();
        let error = SessionError::Channel(error);
        assert_eq!(refused.downcast_ref(), Some(&error), "{refused:#}");
    }
    place.unharmed(&mut phone(), 0).await;
}

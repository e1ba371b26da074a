//! "Device couldn't connect" names the missing piece: each fault is caused with real sockets and a real bus, and each test looks for the
//! code, the words and the hosts.
//!
//! `KEYWARD` names the server's binary; without it this fails. Two tests take a network away with `unshare`, as root or not.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed setup is a failed test"
)]

#[path = "faults/bluetooth.rs"]
mod bluetooth;
#[path = "faults/policy.rs"]
mod policy;
mod scene;
#[path = "scene/stand.rs"]
mod stand;

use std::os::unix::fs::MetadataExt as _;
use std::process::Stdio;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use airwaves::air::Faults;
use airwaves::bus::Bus;
use authenticator::device::Device;
use authenticator::device::policy::{Enrolled, Front, Policy};
use authenticator::rules::cloud::Availability;
use authenticator::rules::connection as phone_side;
use authenticator::rules::cross_device::CrossDevice;
use authenticator::rules::feedback::Bundle;
use authenticator::rules::incidents::Operation;
use hybrid::connection as computer_side;
use hybrid::keys::LinkSecret;
use hybrid::relay::routing_id;
use hybrid::session::{Advertised, Calling, QrClient};
use hybrid::tunnel::{connect_url, new_url};
use hybrid::{Advert, EidKey, Flow, Handshake, Limits, Link, SecretKey, TunnelDomain, TunnelId};
use rig_phone::computer::{Computer, call};
use rig_phone::links::Links;
use rig_phone::phone::Phone;
use rig_phone::radio::Radio;
use rig_phone::tunnel::{Service, Tunnel};
use rig_phone::{Wall, Watch};
use scene::{Air, Folder, Server, register, sign_in};
use stand::{Authority, NOW, OVER, Stand, TO_COME, closed};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const HOST: &str = "cable.wufkweyy3uaxb.com";
const SHORT: Duration = Duration::from_millis(1500);
/// A clock that is a hundred years ahead, on a device that can ask for the time.
const WRONG: Wall = Wall {
    off_by: 3_155_760_000,
    asks: true,
};

static REGISTER: LazyLock<Vec<u8>> = LazyLock::new(register);
static SIGN_IN: LazyLock<Vec<u8>> = LazyLock::new(sign_in);

fn domain() -> TunnelDomain {
    TunnelDomain::new(266).unwrap()
}

/// What a person reads.
trait Said {
    fn code(&self) -> &'static str;
    fn sentence(&self) -> String;
    fn hosts(&self) -> Vec<String>;
}

impl Said for phone_side::Diagnosis {
    fn code(&self) -> &'static str {
        self.code()
    }
    fn sentence(&self) -> String {
        self.sentence()
    }
    fn hosts(&self) -> Vec<String> {
        self.hosts().to_vec()
    }
}

impl Said for computer_side::Diagnosis {
    fn code(&self) -> &'static str {
        self.code()
    }
    fn sentence(&self) -> String {
        self.sentence()
    }
    fn hosts(&self) -> Vec<String> {
        self.hosts().to_vec()
    }
}

/// The code, words of the sentence, and the hosts: ours, others, or none.
#[track_caller]
fn said(diagnosis: &impl Said, code: &str, words: &str, hosts: &[&str]) {
    let sentence = diagnosis.sentence();
    assert_eq!(diagnosis.code(), code, "{sentence}");
    assert!(sentence.contains(words), "{words} in: {sentence}");
    assert_eq!(diagnosis.hosts(), hosts, "{code}");
    for host in hosts {
        assert!(sentence.contains(host), "{host} in: {sentence}");
    }
    assert!(!sentence.contains('{'), "{sentence}");
}

#[track_caller]
fn of_phone<T: std::fmt::Debug>(result: anyhow::Result<T>) -> phone_side::Diagnosis {
    let error = result.unwrap_err();
    error
        .downcast()
        .unwrap_or_else(|other| panic!("no diagnosis: {other:?}"))
}

#[track_caller]
fn of_computer<T: std::fmt::Debug>(result: anyhow::Result<T>) -> computer_side::Diagnosis {
    let error = result.unwrap_err();
    error
        .downcast()
        .unwrap_or_else(|other| panic!("no diagnosis: {other:?}"))
}

fn phone() -> Phone {
    let mut phone = Phone::default();
    phone.patience = SHORT;
    phone
}

fn computer() -> Computer {
    let mut computer = Computer::new().unwrap();
    computer.patience = SHORT;
    computer
}

/// What the phone says to a fresh code, with the service where it is said to be.
async fn answer(service: &Service, radio: &Radio) -> phone_side::Diagnosis {
    let code = computer().code(Flow::GetAssertion);
    of_phone(phone().answer(&code, domain(), service, radio).await)
}

/// What the computer says, with the service where it is said to be.
async fn ask(service: &Service, radio: &Radio) -> computer_side::Diagnosis {
    of_computer(computer().ask(&SIGN_IN, service, radio).await)
}

/// What the computer says once it has heard an advert, with the service where it is said to be.
async fn join(service: &Service, air: &Air, wall: Wall) -> computer_side::Diagnosis {
    let mut computer = computer();
    computer.patience = Duration::from_secs(30);
    computer.wall = wall;
    let (near, far) = (air.radio().await, air.radio().await);
    let advert = Advert {
        nonce: [3; 10],
        routing_id: [0; 3],
        domain: domain(),
    };
    let key = EidKey::derive(computer.secret()).unwrap();
    let on_air = near.advertise(&advert.seal(&key).unwrap()).await.unwrap();
    let asked = computer.ask(&SIGN_IN, service, &far).await;
    on_air.end().await.unwrap();
    of_computer(asked)
}

#[tokio::test]
async fn the_tunnel_host_cannot_be_reached() {
    let folder = Folder::new("unreachable");
    let air = Air::new(&folder, 1).await;
    let authority = Authority::new(&folder, "ca");
    let ca = &authority.file;
    let silent = Stand::silent().await;
    let not_found = Service::of_host("cable.invalid", ca).unwrap();
    let refused = Service::new(closed().await, "localhost", ca).unwrap();
    let slow = silent.service(&authority);
    for (mut service, code, words) in [
        (not_found, "tunnel_not_found", "does not find the service"),
        (
            refused,
            "tunnel_blocked",
            "does not let it reach the service",
        ),
        (slow, "tunnel_blocked", "does not let it reach the service"),
    ] {
        // A resolver without a network of its own may take longer to say no.
        service.patience = Duration::from_secs(if code == "tunnel_blocked" { 1 } else { 30 });
        let diagnosis = answer(&service, &air.radio().await).await;
        said(&diagnosis, code, words, &[HOST]);
        let diagnosis = join(&service, &air, Wall::default()).await;
        said(&diagnosis, code, words, &[HOST]);
    }
    assert_eq!(silent.called(), 2);
}

#[tokio::test]
async fn certificates_are_told_from_clocks() {
    let folder = Folder::new("certificate");
    let air = Air::new(&folder, 1).await;
    let (authority, stranger) = (Authority::new(&folder, "ca"), Authority::new(&folder, "no"));
    let right = Wall {
        off_by: 0,
        asks: true,
    };
    for (by, years, wall, code, hosts) in [
        (&authority, OVER, right, "tunnel_not_trusted", &[HOST][..]),
        (&authority, TO_COME, right, "tunnel_not_trusted", &[HOST]),
        (
            &authority,
            OVER,
            Wall::default(),
            "tunnel_not_trusted",
            &[HOST],
        ),
        (&stranger, NOW, right, "tunnel_not_trusted", &[HOST]),
        (&authority, NOW, WRONG, "clock_wrong", &[]),
    ] {
        let stand = Stand::status(by, years, "404 Not Found").await;
        let mut service = stand.service(&authority);
        service.wall = wall;
        let words = if hosts.is_empty() {
            "The clock of this"
        } else {
            "certificate"
        };
        let mut phone = phone();
        phone.wall = wall;
        // A code that says when it was made would have shown the wrong clock before.
        let code_shown = computer().timeless_code(Flow::GetAssertion);
        let radio = air.radio().await;
        let answered = phone.answer(&code_shown, domain(), &service, &radio).await;
        said(&of_phone(answered), code, words, hosts);
        said(&join(&service, &air, wall).await, code, words, hosts);
        assert_eq!(stand.called(), 2);
    }
}

#[tokio::test]
async fn what_answers_is_no_tunnel_service_or_has_no_room() {
    let folder = Folder::new("status");
    let air = Air::new(&folder, 1).await;
    let authority = Authority::new(&folder, "ca");
    let (gone, none): (&[&str], &[&str]) = (&[HOST], &[]);
    for (status, code, words, joined, joined_hosts) in [
        (
            "404 Not Found",
            "tunnel_missing",
            "switched off",
            "other_side_lost",
            none,
        ),
        (
            "429 Too Many Requests",
            "tunnel_busy",
            "no room",
            "tunnel_busy",
            gone,
        ),
        (
            "503 Service Unavailable",
            "tunnel_busy",
            "no room",
            "tunnel_busy",
            gone,
        ),
        (
            "500 Internal Server Error",
            "tunnel_failed",
            "has an error",
            "tunnel_failed",
            gone,
        ),
        (
            "200 OK",
            "tunnel_failed",
            "has an error",
            "tunnel_failed",
            gone,
        ),
    ] {
        let stand = Stand::status(&authority, NOW, status).await;
        let service = stand.service(&authority);
        let diagnosis = answer(&service, &air.radio().await).await;
        said(&diagnosis, code, words, &[HOST]);
        let diagnosis = join(&service, &air, Wall::default()).await;
        let words = if code == joined {
            words
        } else {
            "The other device"
        };
        said(&diagnosis, joined, words, joined_hosts);
    }
}

#[tokio::test]
async fn the_relay_of_the_server_is_switched_off() {
    let folder = Folder::new("relay-off");
    let air = Air::new(&folder, 1).await;
    let server = Server::with(&folder, &[]).await;
    let diagnosis = answer(&server.service, &air.radio().await).await;
    said(&diagnosis, "tunnel_missing", "switched off", &[HOST]);
}

#[tokio::test]
async fn an_advert_that_nobody_hears_is_withdrawn_and_the_other_side_is_named() {
    let folder = Folder::new("unheard");
    let air = Air::new(&folder, 1).await;
    let server = Server::new(&folder).await;
    air.world.set_faults(Faults {
        drop: u32::MAX,
        ..Faults::default()
    });
    let (near, far) = (air.radio().await, air.radio().await);
    let (mut phone, computer) = (phone(), computer());
    let code = computer.code(Flow::GetAssertion);
    let seen = async {
        while air.world.on_air(0) == 0 {
            tokio::time::sleep(SHORT / 30).await;
        }
    };
    let (answered, asked, ()) = tokio::join!(
        phone.answer(&code, domain(), &server.service, &near),
        computer.ask(&SIGN_IN, &server.service, &far),
        seen
    );
    said(
        &of_phone(answered),
        "other_side_silent",
        "The other device did not connect",
        &[HOST],
    );
    let both = ["cable.ua5v.com", "cable.auth.com"];
    said(
        &of_computer(asked),
        "no_advert",
        "No other device was heard",
        &both,
    );
    assert_eq!(air.world.on_air(0), 0);
}

#[tokio::test]
async fn the_host_is_blocked_for_the_other_side_only() {
    let folder = Folder::new("one-side");
    let air = Air::new(&folder, 1).await;
    let server = Server::new(&folder).await;
    let ca = Authority::new(&folder, "ca").file.clone();
    let blocked = Service::new(closed().await, "localhost", &ca).unwrap();
    let (near, far) = (air.radio().await, air.radio().await);
    let (mut phone, computer) = (phone(), computer());
    let code = computer.code(Flow::GetAssertion);
    let (answered, asked) = tokio::join!(
        phone.answer(&code, domain(), &server.service, &near),
        computer.ask(&SIGN_IN, &blocked, &far)
    );
    said(
        &of_phone(answered),
        "other_side_silent",
        "internet connection that reaches",
        &[HOST],
    );
    said(
        &of_computer(asked),
        "tunnel_blocked",
        "does not let it reach",
        &[HOST],
    );
    assert_eq!(air.world.on_air(0), 0);
}

/// One of the rig's programs in a network of its own, which has no way out.
fn without_network(program: &str, arguments: &[&str]) -> Child {
    // Who is not root becomes root of a world of its own first; who is may not be allowed to map users.
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    Command::new("unshare")
        .args([if is_root { "-n" } else { "-rn" }, program])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// What it says at its end, which is no good one.
async fn last_words(child: Child) -> String {
    let output = tokio::time::timeout(Duration::from_secs(20), child.wait_with_output());
    let output = output.await.unwrap().unwrap();
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn this_device_has_no_internet() {
    let folder = Folder::new("phone-offline");
    let air = Air::new(&folder, 1).await;
    let ca = Authority::new(&folder, "ca").file.clone();
    let code = computer().code(Flow::GetAssertion);
    let (bus, ca) = (air.bus.address.as_str(), ca.to_str().unwrap());
    let arguments = [bus, "127.0.0.1:443", "localhost", ca, "266", &code];
    let printed = last_words(without_network(env!("CARGO_BIN_EXE_rig-phone"), &arguments)).await;
    assert!(
        printed.contains("This device has no internet connection."),
        "{printed}"
    );
    assert_eq!(air.world.made(), []);
}

#[tokio::test]
async fn the_other_side_has_no_internet() {
    let folder = Folder::new("computer-offline");
    let air = Air::new(&folder, 1).await;
    let server = Server::new(&folder).await;
    let ca = Authority::new(&folder, "ca").file.clone();
    let (bus, ca) = (air.bus.address.as_str(), ca.to_str().unwrap());
    let arguments = [bus, "127.0.0.1:443", "localhost", ca, "register"];
    let mut child = without_network(env!("CARGO_BIN_EXE_rig-computer"), &arguments);
    // The phone begins once the computer has shown its code.
    let mut shown = BufReader::new(child.stdout.take().unwrap()).lines();
    let code = shown.next_line().await.unwrap().unwrap();
    let code = code.strip_prefix("code ").unwrap();
    let radio = air.radio().await;
    let mut phone = phone();
    // Time for the other program to begin to listen.
    phone.patience = 5 * SHORT;
    let answered = phone.answer(code, domain(), &server.service, &radio).await;
    said(
        &of_phone(answered),
        "other_side_silent",
        "internet connection",
        &[HOST],
    );
    let printed = last_words(child).await;
    assert!(
        printed.contains("This computer has no internet connection."),
        "{printed}"
    );
}

/// A computer that goes when the two have shaken hands.
async fn leave_after_handshake(
    client: &QrClient,
    secret: &[u8; 16],
    service: &Service,
    radio: &Radio,
) {
    let watch = Watch::start();
    let heard = radio.listen(SHORT, |heard| client.advert(heard).ok()).await;
    let advert = heard.unwrap();
    let tunnel = TunnelId::derive(secret).unwrap();
    let url = connect_url(advert.domain, advert.routing_id, tunnel);
    let mut tunnel = service.dial(&url).await.unwrap();
    let ephemeral = SecretKey::from_random(&[4; 64]).unwrap();
    let limits = Limits::default();
    let calling = Calling::by_code(client, &advert, &ephemeral, limits, watch.elapsed());
    let (calling, first) = calling.unwrap();
    tunnel.say(first).await.unwrap();
    let answer = tunnel.hear().await.unwrap();
    calling.hear(&answer, watch.elapsed()).unwrap();
}

#[tokio::test]
async fn the_other_side_loses_its_connection_in_the_middle() {
    let folder = Folder::new("middle");
    let air = Air::new(&folder, 1).await;
    let server = Server::new(&folder).await;
    let (near, far) = (air.radio().await, air.radio().await);

    let secret = [2; 16];
    let client = QrClient::new(SecretKey::from_random(&[1; 64]).unwrap(), secret).unwrap();
    let code = client
        .code(Flow::GetAssertion, Wall::default().now())
        .to_url();
    let mut phone = phone();
    phone.patience = Duration::from_secs(30);
    let (answered, ()) = tokio::join!(
        phone.answer(&code, domain(), &server.service, &near),
        leave_after_handshake(&client, &secret, &server.service, &far)
    );
    said(
        &of_phone(answered),
        "other_side_lost",
        "The other device lost its connection",
        &[],
    );

    let mut computer = computer();
    computer.patience = Duration::from_secs(30);
    let code = computer.code(Flow::GetAssertion);
    let leaving = async { drop(stand_up(&code, true, &server.service, &near).await) };
    let asking = computer.ask(&SIGN_IN, &server.service, &far);
    let (asked, ()) = tokio::join!(asking, leaving);
    said(
        &of_computer(asked),
        "other_side_lost",
        "The other device lost its connection",
        &[],
    );
}

/// A phone that opens a tunnel, advertises and is called; then it says nothing more, or greets.
async fn stand_up(code: &str, greets: bool, service: &Service, radio: &Radio) -> Tunnel {
    let watch = Watch::start();
    let code = Handshake::from_url(code).unwrap();
    let url = new_url(domain(), TunnelId::derive(&code.secret).unwrap());
    let mut tunnel = service.dial(&url).await.unwrap();
    let advert = Advert {
        nonce: [3; 10],
        routing_id: routing_id(&tunnel.routing).unwrap().0,
        domain: domain(),
    };
    let key = EidKey::derive(&code.secret).unwrap();
    let on_air = radio.advertise(&advert.seal(&key).unwrap()).await.unwrap();
    let advertised = Advertised::by_code(&code, &advert, Limits::default(), watch.elapsed());
    let first = tunnel.hear().await.unwrap();
    on_air.end().await.unwrap();
    if !greets {
        return tunnel;
    }
    let ephemeral = SecretKey::from_random(&[5; 64]).unwrap();
    let answered = advertised
        .unwrap()
        .handshake(&first, &ephemeral, &[0xa0], watch.elapsed());
    for message in answered.unwrap().1 {
        tunnel.say(message).await.unwrap();
    }
    tunnel
}

#[tokio::test]
async fn the_other_side_is_there_and_says_nothing() {
    let folder = Folder::new("mute");
    let air = Air::new(&folder, 1).await;
    let server = Server::new(&folder).await;
    let (near, far) = (air.radio().await, air.radio().await);
    let computer = computer();
    let code = computer.code(Flow::GetAssertion);
    let asking = computer.ask(&SIGN_IN, &server.service, &far);
    let mute = stand_up(&code, false, &server.service, &near);
    let (asked, _tunnel) = tokio::join!(asking, mute);
    said(
        &of_computer(asked),
        "other_side_silent",
        "The other device is not connected",
        &[HOST],
    );
}

#[tokio::test]
async fn this_sides_way_to_the_tunnel_service_breaks() {
    let folder = Folder::new("cut");
    let air = Air::new(&folder, 1).await;
    let server = Server::new(&folder).await;
    let way = Stand::way_to(server.service.address().unwrap()).await;
    let near_service = server.service.through(way.address());
    let radio = air.radio().await;
    let code = computer().code(Flow::GetAssertion);
    let mut phone = phone();
    phone.patience = Duration::from_secs(30);
    let cut = async {
        while air.world.on_air(0) == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        drop(way);
    };
    let (answered, ()) = tokio::join!(phone.answer(&code, domain(), &near_service, &radio), cut);
    said(
        &of_phone(answered),
        "tunnel_lost",
        "The connection of this device",
        &[HOST],
    );
    assert_eq!(air.world.on_air(0), 0);

    let way = Stand::way_to(server.service.address().unwrap()).await;
    let far_service = server.service.through(way.address());
    let mut computer = computer();
    computer.patience = Duration::from_secs(30);
    let code = computer.code(Flow::GetAssertion);
    let far = air.radio().await;
    let cut = async {
        let tunnel = stand_up(&code, false, &server.service, &radio).await;
        drop(way);
        tunnel
    };
    let asking = computer.ask(&SIGN_IN, &far_service, &far);
    let (asked, _tunnel) = tokio::join!(asking, cut);
    said(
        &of_computer(asked),
        "tunnel_lost",
        "The connection of this computer",
        &[HOST],
    );
}

#[tokio::test]
async fn an_old_code_or_a_wrong_clock_is_named_before_anything_is_sent() {
    let folder = Folder::new("clock");
    let air = Air::new(&folder, 1).await;
    let authority = Authority::new(&folder, "ca");
    let stand = Stand::status(&authority, NOW, "404 Not Found").await;
    let service = stand.service(&authority);
    let mut kept = computer();
    kept.wall.off_by = -3600;
    for (shown_by, wall, code, words) in [
        (&kept, Wall::default(), "clocks_differ", "Show a new code"),
        (
            &computer(),
            WRONG,
            "clock_wrong",
            "The clock of this device is wrong",
        ),
    ] {
        let shown = shown_by.code(Flow::GetAssertion);
        let mut phone = phone();
        phone.wall = wall;
        let radio = air.radio().await;
        let answered = phone.answer(&shown, domain(), &service, &radio).await;
        said(&of_phone(answered), code, words, &[]);
    }
    assert_eq!((stand.called(), air.world.calls().len()), (0, 0));
}

#[test]
fn both_lists_name_a_piece_alike() {
    let phone = phone_side::Missing::ALL.map(phone_side::Missing::code);
    let computer = computer_side::Missing::ALL.map(computer_side::Missing::code);
    let both = phone.iter().filter(|code| computer.contains(code));
    // Bluetooth three, offline, the tunnel five, the clock, the other side two.
    assert_eq!(both.count(), 13);
    assert_eq!(phone_side::TITLE, computer_side::TITLE);
    let scanned = hybrid::scan::NotACode::ClocksDiffer;
    assert_eq!(scanned.code(), phone_side::Missing::ClocksDiffer.code());
    assert_eq!(scanned.text(), phone_side::Missing::ClocksDiffer.text());
}

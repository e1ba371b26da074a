//! Registration and sign-in, phone and computer both ours, through the real server's relay over TLS and a stand-in for BlueZ.
//!
//! `KEYWARD` names the server's binary; without it this fails, because nothing would have been tested.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed setup is a failed test"
)]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use airwaves::air::Faults;
use airwaves::bus::Bus;
use airwaves::{Options, World};
use authenticator::cbor::Value;
use authenticator::rules::connection::Diagnosis;
use hybrid::{Flow, TunnelDomain};
use rig_phone::computer::Computer;
use rig_phone::phone::Phone;
use rig_phone::radio::Radio;
use rig_phone::tunnel::Service;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const RP: &str = "login.example.com";

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server with a relay, a bus with adapters, a phone and a computer on it.
struct Scene {
    service: Service,
    bus: Bus,
    world: World,
    _server: Child,
    _folder: Folder,
}

impl Scene {
    async fn new(name: &str, adapters: usize) -> Self {
        let folder = std::env::temp_dir().join(format!("rig-phone-{name}-{}", std::process::id()));
        let folder = Folder(folder);
        let bus = Bus::start(&folder.0.join("air")).await.unwrap();
        let options = Options {
            adapters,
            ..Options::default()
        };
        let world = airwaves::start(&bus.address, options).await.unwrap();
        let (server, address) = server(&folder.0.join("data")).await;
        let ca = folder.0.join("data/tls/ca.pem");
        Self {
            service: Service::new(address, "localhost", &ca).unwrap(),
            bus,
            world,
            _server: server,
            _folder: folder,
        }
    }

    async fn radio(&self, adapter: usize) -> Radio {
        Radio::open(&self.bus.address, adapter).await.unwrap()
    }

    /// The computer asks the phone for one thing.
    async fn ask(&self, phone: &mut Phone, flow: Flow, command: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let computer = Computer::new().unwrap();
        let (code, domain) = (computer.code(flow), TunnelDomain::new(266).unwrap());
        let (near, far) = (self.radio(0).await, self.radio(0).await);
        let (served, asked) = tokio::join!(
            phone.answer(&code, domain, &self.service, &near),
            computer.ask(command, &self.service, &far)
        );
        assert_eq!(served.unwrap(), 1);
        asked.unwrap()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how the gate tells a test where the server is"
)]
fn binary() -> String {
    std::env::var("KEYWARD").unwrap_or_else(|_| panic!("KEYWARD names no server"))
}

async fn server(data: &std::path::Path) -> (Child, SocketAddr) {
    let mut server = Command::new(binary())
        .arg("serve")
        .arg("--data")
        .arg(data)
        .args(["--listen", "127.0.0.1:0"])
        .args(["--relay-enabled", "true", "--relay-domain", "266"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let listening = async {
        loop {
            let line = lines.next_line().await.unwrap().unwrap();
            if let Some(address) = line.strip_prefix("listening on ") {
                return address.parse().unwrap();
            }
        }
    };
    let address = tokio::time::timeout(Duration::from_secs(60), listening)
        .await
        .unwrap();
    // Nobody reads on; a full pipe would stop the server.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (server, address)
}

fn register() -> Vec<u8> {
    let parameters = Value::map([
        (1, Value::from(vec![0x5a_u8; 32])),
        (2, Value::map([("id", Value::from(RP))])),
        (
            3,
            Value::map([
                ("id", Value::from(vec![1_u8, 2, 3])),
                ("name", Value::from("anna")),
            ]),
        ),
        (
            4,
            Value::Array(vec![Value::map([
                ("alg", Value::from(-7)),
                ("type", Value::from("public-key")),
            ])]),
        ),
        (
            7,
            Value::map([("rk", Value::from(true)), ("uv", Value::from(true))]),
        ),
    ]);
    [vec![1], parameters.encode()].concat()
}

fn sign_in() -> Vec<u8> {
    let parameters = Value::map([(1, Value::from(RP)), (2, Value::from(vec![0x5b_u8; 32]))]);
    [vec![2], parameters.encode()].concat()
}

#[tokio::test]
async fn a_passkey_is_registered_and_used_across_devices() {
    let scene = Scene::new("exchange", 1).await;
    let mut phone = Phone::default();
    let (info, made) = scene
        .ask(&mut phone, Flow::MakeCredential, &register())
        .await;
    assert!(matches!(Value::decode(&info), Ok(Value::Map(_))));
    assert_eq!(made.first(), Some(&0));
    assert_eq!(phone.count(), 1);
    let (_, signed) = scene.ask(&mut phone, Flow::GetAssertion, &sign_in()).await;
    assert_eq!(signed.first(), Some(&0));
    assert!(signed.len() > 100);
    // One broadcast for each, of one service, twenty bytes of data.
    let made = scene.world.made();
    assert_eq!(made.len(), 2);
    for advert in made {
        assert_eq!((advert.kind.as_str(), advert.uuids.len()), ("broadcast", 1));
        assert!(advert.data.iter().all(|data| data.bytes.len() == 20));
    }
}

#[tokio::test]
async fn a_bad_air_delays_and_does_not_mislead() {
    let scene = Scene::new("bad-air", 2).await;
    scene.world.set_faults(Faults {
        drop: 2,
        duplicate: true,
        corrupt: 3,
        replay: true,
        ..Faults::default()
    });
    let mut phone = Phone::default();
    // The second time, a recording of the first advert is on the air as well.
    for _ in 0..2 {
        let (_, made) = scene
            .ask(&mut phone, Flow::MakeCredential, &register())
            .await;
        assert_eq!(made.first(), Some(&0));
    }
}

#[tokio::test]
async fn without_bluetooth_nothing_is_answered() {
    let scene = Scene::new("off", 1).await;
    scene.world.set_powered(0, false).await.unwrap();
    let computer = Computer::new().unwrap();
    let code = computer.code(Flow::GetAssertion);
    let radio = scene.radio(0).await;
    let domain = TunnelDomain::new(266).unwrap();
    let refused = Phone::default()
        .answer(&code, domain, &scene.service, &radio)
        .await;
    let diagnosis = refused.unwrap_err().downcast::<Diagnosis>().unwrap();
    assert_eq!(diagnosis.code(), "bluetooth_off");
}

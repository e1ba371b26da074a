//! A server with a relay, a bus with adapters, and what is asked for.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use airwaves::bus::Bus;
use airwaves::{Options, World};
use authenticator::cbor::Value;
use rig_phone::radio::Radio;
use rig_phone::tunnel::Service;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const RP: &str = "login.example.com";

/// A folder that goes with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let name = format!("rig-phone-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A bus with adapters.
pub struct Air {
    pub bus: Bus,
    pub world: World,
}

impl Air {
    pub async fn new(folder: &Folder, adapters: usize) -> Self {
        let bus = Bus::start(&folder.0.join("air")).await.unwrap();
        Self::on(bus, adapters).await
    }

    pub async fn on(bus: Bus, adapters: usize) -> Self {
        let options = Options {
            adapters,
            ..Options::default()
        };
        let world = airwaves::start(&bus.address, options).await.unwrap();
        Self { bus, world }
    }

    pub async fn radio(&self) -> Radio {
        Radio::open(&self.bus.address, 0).await.unwrap()
    }
}

/// A server, and how its relay is reached.
pub struct Server {
    pub service: Service,
    _process: Child,
}

impl Server {
    pub async fn new(folder: &Folder) -> Self {
        let relay = ["--relay-enabled", "true", "--relay-domain", "266"];
        Self::with(folder, &relay).await
    }

    pub async fn with(folder: &Folder, options: &[&str]) -> Self {
        let data = folder.0.join("data");
        let (process, address) = start(&data, options).await;
        let ca = data.join("tls/ca.pem");
        Self {
            service: Service::new(address, "localhost", &ca).unwrap(),
            _process: process,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how the gate tells a test where the server is"
)]
fn binary() -> String {
    std::env::var("KEYWARD").unwrap_or_else(|_| panic!("KEYWARD names no server"))
}

async fn start(data: &Path, options: &[&str]) -> (Child, SocketAddr) {
    let mut server = Command::new(binary())
        .arg("serve")
        .arg("--data")
        .arg(data)
        .args(["--listen", "127.0.0.1:0"])
        .args(options)
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

pub fn register() -> Vec<u8> {
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

pub fn sign_in() -> Vec<u8> {
    let parameters = Value::map([(1, Value::from(RP)), (2, Value::from(vec![0x5b_u8; 32]))]);
    [vec![2], parameters.encode()].concat()
}

//! Registration and sign-in, phone and computer both ours, through the real server's relay over TLS and a stand-in for BlueZ.
//!
//! `KEYWARD` names the server's binary; without it this fails, because nothing would have been tested.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed setup is a failed test"
)]

mod scene;

use airwaves::air::Faults;
use authenticator::cbor::Value;
use hybrid::{Flow, TunnelDomain};
use rig_phone::computer::Computer;
use rig_phone::phone::Phone;
use scene::{Air, Folder, Server, register, sign_in};

/// A server with a relay, a bus with adapters, a phone and a computer on it.
struct Scene {
    server: Server,
    air: Air,
    _folder: Folder,
}

impl Scene {
    async fn new(name: &str, adapters: usize) -> Self {
        let folder = Folder::new(name);
        Self {
            air: Air::new(&folder, adapters).await,
            server: Server::new(&folder).await,
            _folder: folder,
        }
    }

    /// The computer asks the phone for one thing.
    async fn ask(&self, phone: &mut Phone, flow: Flow, command: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let computer = Computer::new().unwrap();
        let (code, domain) = (computer.code(flow), TunnelDomain::new(266).unwrap());
        let (near, far) = (self.air.radio().await, self.air.radio().await);
        let service = &self.server.service;
        let (served, asked) = tokio::join!(
            phone.answer(&code, domain, service, &near),
            computer.ask(command, service, &far)
        );
        assert_eq!(served.unwrap(), 1);
        asked.unwrap()
    }
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
    let made = scene.air.world.made();
    assert_eq!(made.len(), 2);
    for advert in made {
        assert_eq!((advert.kind.as_str(), advert.uuids.len()), ("broadcast", 1));
        assert!(advert.data.iter().all(|data| data.bytes.len() == 20));
    }
}

#[tokio::test]
async fn a_bad_air_delays_and_does_not_mislead() {
    let scene = Scene::new("bad-air", 2).await;
    scene.air.world.set_faults(Faults {
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

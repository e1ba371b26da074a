//! Two programs on a private bus: one advertises, the other listens, and what goes wrong between them is what was asked for.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed setup is a failed test"
)]

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use airwaves::air::Faults;
use airwaves::bus::Bus;
use airwaves::{Options, World};
use futures_util::StreamExt as _;
use hybrid::{Advert, AdvertError, EidKey, TunnelDomain};
use zbus::{Connection, MessageStream, OwnedVariant, Variant, interface};

const UUID: &str = "0000fff9-0000-1000-8000-00805f9b34fb";
type Properties = HashMap<String, OwnedVariant>;

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Scene {
    bus: Bus,
    world: World,
    _folder: Folder,
}

async fn scene(name: &str, options: Options) -> Scene {
    let folder = std::env::temp_dir().join(format!("airwaves-{name}-{}", std::process::id()));
    let folder = Folder(folder);
    let bus = Bus::start(&folder.0).await.unwrap();
    let world = airwaves::start(&bus.address, options).await.unwrap();
    Scene {
        bus,
        world,
        _folder: folder,
    }
}

async fn program(scene: &Scene) -> Connection {
    zbus::connection::Builder::address(scene.bus.address.as_str())
        .build()
        .await
        .unwrap()
}

/// What an authenticator puts on the bus to be advertised.
struct Advertisement(Vec<u8>);

#[interface(name = "org.bluez.LEAdvertisement1")]
impl Advertisement {
    #[zbus(property, name = "Type")]
    fn kind(&self) -> &str {
        "broadcast"
    }

    #[zbus(property, name = "ServiceUUIDs")]
    fn service_uuids(&self) -> Vec<String> {
        vec!["fff9".to_owned()]
    }

    #[zbus(property)]
    fn service_data(&self) -> Properties {
        let bytes = OwnedVariant::try_from(Variant::from(self.0.clone())).unwrap();
        HashMap::from([("fff9".to_owned(), bytes)])
    }
}

async fn advertise(phone: &Connection, adapter: &str, bytes: &[u8]) -> zbus::Result<()> {
    let server = phone.object_server();
    server.at("/ad", Advertisement(bytes.to_vec())).await?;
    let path = zbus::ObjectPath::try_from("/ad").unwrap();
    phone
        .call_method(
            Some("org.bluez"),
            adapter,
            Some("org.bluez.LEAdvertisingManager1"),
            "RegisterAdvertisement",
            &(path, Properties::new()),
        )
        .await?;
    Ok(())
}

async fn unregister(phone: &Connection, adapter: &str) -> zbus::Result<()> {
    let path = zbus::ObjectPath::try_from("/ad").unwrap();
    phone
        .call_method(
            Some("org.bluez"),
            adapter,
            Some("org.bluez.LEAdvertisingManager1"),
            "UnregisterAdvertisement",
            &(path,),
        )
        .await?;
    Ok(())
}

async fn discover(computer: &Connection, adapter: &str) -> zbus::Result<()> {
    for (method, wanted) in [("SetDiscoveryFilter", true), ("StartDiscovery", false)] {
        let (bus, interface) = (Some("org.bluez"), Some("org.bluez.Adapter1"));
        if wanted {
            let filter = (Properties::new(),);
            computer
                .call_method(bus, adapter, interface, method, &filter)
                .await?;
        } else {
            computer
                .call_method(bus, adapter, interface, method, &())
                .await?;
        }
    }
    Ok(())
}

/// What a listener hears, one after the other: from which object, and the bytes of hybrid transport.
struct Ears(MessageStream);

impl Ears {
    async fn new(computer: &Connection) -> Self {
        for rule in [
            "type='signal',sender='org.bluez',member='InterfacesAdded'",
            "type='signal',sender='org.bluez',member='PropertiesChanged'",
        ] {
            computer
                .call_method(
                    Some("org.freedesktop.DBus"),
                    "/org/freedesktop/DBus",
                    Some("org.freedesktop.DBus"),
                    "AddMatch",
                    &rule,
                )
                .await
                .unwrap();
        }
        Self(MessageStream::from(computer))
    }

    async fn next(&mut self) -> (String, Vec<u8>) {
        let next = async {
            loop {
                let message = self.0.next().await.unwrap().unwrap();
                let header = message.header();
                let member = header.member().map(|member| member.to_string());
                let heard = match member.as_deref() {
                    Some("InterfacesAdded") => {
                        let body = message.body();
                        let (path, mut added): (
                            zbus::OwnedObjectPath,
                            HashMap<String, Properties>,
                        ) = body.deserialize().unwrap();
                        let device = added.remove("org.bluez.Device1");
                        device.map(|device| (path.to_string(), device))
                    }
                    Some("PropertiesChanged") => {
                        let body = message.body();
                        let (_, changed, _): (String, Properties, Vec<String>) =
                            body.deserialize().unwrap();
                        header.path().map(|path| (path.to_string(), changed))
                    }
                    _ => None,
                };
                if let Some((path, mut device)) = heard
                    && let Some(data) = device.remove("ServiceData")
                {
                    let mut data: Properties = HashMap::try_from(data).unwrap();
                    let bytes = Vec::<u8>::try_from(data.remove(UUID).unwrap()).unwrap();
                    return (path, bytes);
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), next)
            .await
            .unwrap()
    }

    /// Whether nothing is heard for several repetitions.
    async fn silence(&mut self) -> bool {
        let heard = async {
            loop {
                self.next().await;
            }
        };
        // What was on its way is not counted.
        let _: Result<(), _> = tokio::time::timeout(Duration::from_millis(400), heard).await;
        tokio::time::timeout(Duration::from_millis(600), self.next())
            .await
            .is_err()
    }
}

fn key() -> EidKey {
    EidKey::derive(&[1; 16]).unwrap()
}

fn advert() -> Advert {
    Advert {
        nonce: [3; 10],
        routing_id: [9, 10, 11],
        domain: TunnelDomain::new(266).unwrap(),
    }
}

async fn listening(scene: &Scene) -> (Connection, Ears) {
    let computer = program(scene).await;
    let ears = Ears::new(&computer).await;
    discover(&computer, "/org/bluez/hci0").await.unwrap();
    (computer, ears)
}

/// A phone on the air, a computer that listens.
async fn both(scene: &Scene) -> (Connection, Connection, Ears) {
    let (computer, ears) = listening(scene).await;
    let phone = program(scene).await;
    let sealed = advert().seal(&key()).unwrap();
    advertise(&phone, "/org/bluez/hci0", &sealed).await.unwrap();
    (phone, computer, ears)
}

#[tokio::test]
async fn an_advert_is_heard_again_and_again_until_it_ends() {
    let scene = scene("plain", Options::default()).await;
    let (phone, _computer, mut ears) = both(&scene).await;
    for _ in 0..3 {
        let (_, bytes) = ears.next().await;
        assert_eq!(Advert::open(&bytes, &key()), Ok(advert()));
    }
    let made = scene.world.made();
    assert_eq!(made.len(), 1);
    assert_eq!(made.first().unwrap().kind, "broadcast");
    unregister(&phone, "/org/bluez/hci0").await.unwrap();
    assert!(ears.silence().await);
}

#[tokio::test]
async fn who_leaves_the_bus_is_not_heard_any_more() {
    let scene = scene("leaves", Options::default()).await;
    let (phone, _computer, mut ears) = both(&scene).await;
    ears.next().await;
    phone.close().await.unwrap();
    assert!(ears.silence().await);
}

#[tokio::test]
async fn a_dropped_advert_is_never_heard() {
    let faults = Faults {
        drop: u32::MAX,
        ..Faults::default()
    };
    let scene = scene(
        "drop",
        Options {
            faults,
            ..Options::default()
        },
    )
    .await;
    let (_phone, _computer, mut ears) = both(&scene).await;
    assert!(ears.silence().await);
}

#[tokio::test]
async fn a_corrupted_advert_does_not_open_and_the_next_one_does() {
    let faults = Faults {
        corrupt: 2,
        ..Faults::default()
    };
    let scene = scene(
        "corrupt",
        Options {
            faults,
            ..Options::default()
        },
    )
    .await;
    let (_phone, _computer, mut ears) = both(&scene).await;
    for _ in 0..2 {
        let (_, bytes) = ears.next().await;
        assert_eq!(Advert::open(&bytes, &key()), Err(AdvertError::Tag));
    }
    let (_, bytes) = ears.next().await;
    assert_eq!(Advert::open(&bytes, &key()), Ok(advert()));
}

#[tokio::test]
async fn a_longer_advert_is_none() {
    let faults = Faults {
        longer: 2,
        ..Faults::default()
    };
    let scene = scene(
        "longer",
        Options {
            faults,
            ..Options::default()
        },
    )
    .await;
    let (_phone, _computer, mut ears) = both(&scene).await;
    let (_, bytes) = ears.next().await;
    assert_eq!(Advert::open(&bytes, &key()), Err(AdvertError::Length));
}

#[tokio::test]
async fn a_double_comes_from_another_device() {
    let faults = Faults {
        duplicate: true,
        ..Faults::default()
    };
    let scene = scene(
        "double",
        Options {
            faults,
            ..Options::default()
        },
    )
    .await;
    let (_phone, _computer, mut ears) = both(&scene).await;
    let (one, first) = ears.next().await;
    let (two, second) = ears.next().await;
    assert_ne!(one, two);
    assert_eq!(first, second);
}

#[tokio::test]
async fn a_recording_is_heard_on() {
    let faults = Faults {
        replay: true,
        ..Faults::default()
    };
    let scene = scene(
        "replay",
        Options {
            faults,
            ..Options::default()
        },
    )
    .await;
    let (phone, _computer, mut ears) = both(&scene).await;
    unregister(&phone, "/org/bluez/hci0").await.unwrap();
    assert!(!ears.silence().await);
}

#[tokio::test]
async fn an_adapter_that_is_off_does_nothing() {
    let scene = scene(
        "off",
        Options {
            powered: false,
            ..Options::default()
        },
    )
    .await;
    let program = program(&scene).await;
    for refused in [
        discover(&program, "/org/bluez/hci0").await,
        advertise(&program, "/org/bluez/hci0", &[0; 20]).await,
    ] {
        let Err(zbus::Error::MethodError(name, _, _)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(name.as_str(), "org.bluez.Error.NotReady");
    }
    scene.world.set_powered(0, true).await.unwrap();
    discover(&program, "/org/bluez/hci0").await.unwrap();
}

#[tokio::test]
async fn an_adapter_that_is_switched_off_falls_silent() {
    let scene = scene("switched", Options::default()).await;
    let (_phone, _computer, mut ears) = both(&scene).await;
    ears.next().await;
    scene.world.set_powered(0, false).await.unwrap();
    assert!(ears.silence().await);
}

#[tokio::test]
async fn what_the_second_adapter_sends_the_first_hears() {
    let scene = scene(
        "two",
        Options {
            adapters: 2,
            ..Options::default()
        },
    )
    .await;
    let (_computer, mut ears) = listening(&scene).await;
    let phone = program(&scene).await;
    let sealed = advert().seal(&key()).unwrap();
    advertise(&phone, "/org/bluez/hci1", &sealed).await.unwrap();
    let (path, bytes) = ears.next().await;
    assert!(path.starts_with("/org/bluez/hci0/dev_"), "{path}");
    assert_eq!(Advert::open(&bytes, &key()), Ok(advert()));
}

#[tokio::test]
async fn an_advert_that_does_not_fit_is_refused() {
    let scene = scene("fit", Options::default()).await;
    let phone = program(&scene).await;
    let Err(zbus::Error::MethodError(name, _, _)) =
        advertise(&phone, "/org/bluez/hci0", &[0; 21]).await
    else {
        panic!("32 bytes are no legacy advert");
    };
    assert_eq!(name.as_str(), "org.bluez.Error.InvalidLength");
}

fn error_name(refused: zbus::Result<()>) -> String {
    match refused {
        Err(zbus::Error::MethodError(name, _, _)) => name.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_adapter_that_lets_nobody_says_so() {
    let scene = scene("denied", Options::default()).await;
    let program = program(&scene).await;
    scene.world.set_denied(0, true);
    for refused in [
        discover(&program, "/org/bluez/hci0").await,
        advertise(&program, "/org/bluez/hci0", &[0; 20]).await,
    ] {
        assert_eq!(error_name(refused), "org.bluez.Error.NotAuthorized");
    }
    scene.world.set_denied(0, false);
    discover(&program, "/org/bluez/hci0").await.unwrap();
}

#[tokio::test]
async fn a_bus_can_deny_what_its_policy_says() {
    let folder = Folder(std::env::temp_dir().join(format!("airwaves-bus-{}", std::process::id())));
    let manager = "org.bluez.LEAdvertisingManager1";
    let bus = Bus::start_denying(&folder.0, Some(manager)).await.unwrap();
    let world = airwaves::start(&bus.address, Options::default())
        .await
        .unwrap();
    let scene = Scene {
        bus,
        world,
        _folder: folder,
    };
    let program = program(&scene).await;
    discover(&program, "/org/bluez/hci0").await.unwrap();
    let refused = advertise(&program, "/org/bluez/hci0", &[0; 20]).await;
    let Err(zbus::Error::FDO(error)) = refused else {
        panic!("{refused:?}");
    };
    assert!(matches!(*error, zbus::fdo::Error::AccessDenied(_)));
    // What the bus refuses never comes to the service.
    assert!(
        scene
            .world
            .calls()
            .iter()
            .all(|call| call.interface != manager)
    );
}

#[tokio::test]
async fn every_call_is_written_down_whether_there_is_such_a_method_or_not() {
    let scene = scene("calls", Options::default()).await;
    let program = program(&scene).await;
    discover(&program, "/org/bluez/hci0").await.unwrap();
    let pairing = program
        .call_method(
            Some("org.bluez"),
            "/org/bluez/hci0/dev_00",
            Some("org.bluez.Device1"),
            "Pair",
            &(),
        )
        .await;
    assert!(pairing.is_err());
    let made: Vec<(String, String)> = scene
        .world
        .calls()
        .into_iter()
        .map(|call| (call.path, format!("{}.{}", call.interface, call.method)))
        .collect();
    let hci = "/org/bluez/hci0".to_owned();
    let expected = [
        (
            hci.clone(),
            "org.bluez.Adapter1.SetDiscoveryFilter".to_owned(),
        ),
        (hci.clone(), "org.bluez.Adapter1.StartDiscovery".to_owned()),
        (format!("{hci}/dev_00"), "org.bluez.Device1.Pair".to_owned()),
    ];
    assert_eq!(made, expected);
    assert_eq!(scene.world.on_air(0), 0);
    advertise(&program, "/org/bluez/hci0", &[0; 20])
        .await
        .unwrap();
    assert_eq!(scene.world.on_air(0), 1);
}

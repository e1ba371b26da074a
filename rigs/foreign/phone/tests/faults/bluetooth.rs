//! Bluetooth is off, denied or not there; and what is done with it when it is (R8).

use super::*;

#[tokio::test]
async fn bluetooth_is_off_and_no_tunnel_is_opened() {
    let folder = Folder::new("off");
    let air = Air::new(&folder, 1).await;
    let authority = Authority::new(&folder, "ca");
    let stand = Stand::status(&authority, NOW, "404 Not Found").await;
    air.world.set_powered(0, false).await.unwrap();
    let service = stand.service(&authority);
    let diagnosis = answer(&service, &air.radio().await).await;
    said(
        &diagnosis,
        "bluetooth_off",
        "Bluetooth is off on this device",
        &[],
    );
    let diagnosis = ask(&service, &air.radio().await).await;
    said(
        &diagnosis,
        "bluetooth_off",
        "Bluetooth is off on this computer",
        &[],
    );
    assert_eq!(stand.called(), 0);
}

#[tokio::test]
async fn the_system_denies_bluetooth_and_no_tunnel_is_opened() {
    let folder = Folder::new("denied");
    let bus = Bus::start_denying(&folder.0.join("air"), None).await;
    let air = Air::on(bus.unwrap(), 1).await;
    let authority = Authority::new(&folder, "ca");
    let stand = Stand::status(&authority, NOW, "404 Not Found").await;
    let service = stand.service(&authority);
    let diagnosis = answer(&service, &air.radio().await).await;
    said(
        &diagnosis,
        "bluetooth_denied",
        "may not use Bluetooth on this device",
        &[],
    );
    let diagnosis = ask(&service, &air.radio().await).await;
    said(
        &diagnosis,
        "bluetooth_denied",
        "may not use Bluetooth on this computer",
        &[],
    );
    assert_eq!(stand.called(), 0);
}

#[tokio::test]
async fn there_is_no_bluetooth() {
    let folder = Folder::new("no-adapter");
    let air = Air::new(&folder, 0).await;
    let service = Service::new(
        closed().await,
        "localhost",
        &Authority::new(&folder, "ca").file,
    );
    let service = service.unwrap();
    let diagnosis = answer(&service, &air.radio().await).await;
    said(
        &diagnosis,
        "bluetooth_failed",
        "Switch Bluetooth off and on",
        &[],
    );
    let diagnosis = ask(&service, &air.radio().await).await;
    said(
        &diagnosis,
        "bluetooth_failed",
        "Bluetooth of this computer",
        &[],
    );
}

#[tokio::test]
async fn bluetooth_is_taken_away_between_the_question_and_the_advert() {
    let folder = Folder::new("late");
    let air = Air::new(&folder, 1).await;
    let server = Server::new(&folder).await;
    air.world.set_denied(0, true);
    let diagnosis = answer(&server.service, &air.radio().await).await;
    said(
        &diagnosis,
        "bluetooth_denied",
        "may not use Bluetooth on this device",
        &[],
    );
    let diagnosis = ask(&server.service, &air.radio().await).await;
    said(
        &diagnosis,
        "bluetooth_denied",
        "may not use Bluetooth on this computer",
        &[],
    );
    assert_eq!(air.world.made(), []);
}

/// R8: what organisations have to allow, and nothing more.
#[tokio::test]
async fn bluetooth_is_used_for_one_broadcast_and_nothing_else() {
    let folder = Folder::new("closed-list");
    let air = Air::new(&folder, 1).await;
    let server = Server::new(&folder).await;
    let (near, far) = (air.radio().await, air.radio().await);
    let (mut phone, computer) = (Phone::default(), Computer::new().unwrap());
    let code = computer.code(Flow::MakeCredential);
    let (answered, asked) = tokio::join!(
        phone.answer(&code, domain(), &server.service, &near),
        computer.ask(&REGISTER, &server.service, &far)
    );
    assert_eq!((answered.unwrap(), asked.unwrap().1.first()), (1, Some(&0)));

    let made = air.world.made();
    let [advert] = made.as_slice() else {
        panic!("one advert: {made:?}");
    };
    assert_eq!(
        (advert.kind.as_str(), advert.uuids.as_slice()),
        ("broadcast", &["fff9".to_owned()][..])
    );
    let data: Vec<(&str, usize)> = advert
        .data
        .iter()
        .map(|data| (data.uuid.as_str(), data.bytes.len()))
        .collect();
    assert_eq!(data, [("0000fff9-0000-1000-8000-00805f9b34fb", 20)]);

    let calls = air.world.calls();
    let of = |radio: &Radio| {
        let name = radio.name();
        let its = calls.iter().filter(move |call| call.sender == name);
        its.map(|call| format!("{} {}.{}", call.path, call.interface, call.method))
            .collect::<Vec<_>>()
    };
    let manager = "/org/bluez/hci0 org.bluez.LEAdvertisingManager1";
    assert_eq!(
        of(&near),
        [
            "/org/bluez/hci0 org.freedesktop.DBus.Properties.Get".to_owned(),
            format!("{manager}.RegisterAdvertisement"),
            format!("{manager}.UnregisterAdvertisement"),
        ]
    );
    assert_eq!(
        of(&far),
        ["/org/bluez/hci0 org.bluez.Adapter1.StartDiscovery"]
    );
    // And nobody else called for them.
    assert_eq!(calls.len(), of(&near).len() + of(&far).len());
}

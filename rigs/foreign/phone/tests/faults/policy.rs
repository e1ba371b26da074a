//! A rule says no, or a link is no more; and what is sent about it holds no secret (R6, R13, R24).

use super::*;

/// A phone with the rules of the app, whose organisation decides.
fn governed(enrolled: Enrolled) -> Phone<Device<rig_simulators::Phone>> {
    let authority = Arc::new(rig_simulators::Authority::new().unwrap());
    let policy = Policy {
        enrolled: vec![enrolled],
        ..Policy::default()
    };
    let mut device = Device::new(rig_simulators::Phone::android(1, &authority), policy);
    device.set_front(Front::CrossDevice);
    let mut phone = Phone::of(device);
    phone.patience = Duration::from_secs(20);
    phone
}

#[tokio::test]
async fn a_rule_of_the_organisation_is_named_on_both_sides() {
    let folder = Folder::new("policy");
    let air = Air::new(&folder, 1).await;
    let server = Server::new(&folder).await;
    let enrolled = || Enrolled {
        rp_id: "login.example.com".to_owned(),
        ..Enrolled::default()
    };
    let blocked = Enrolled {
        cross_device_registration: CrossDevice::Blocked,
        ..enrolled()
    };
    let attested = Enrolled {
        cross_device_registration: CrossDevice::NotWithAttestation,
        attestation_enforced: true,
        ..enrolled()
    };
    let unavailable = Enrolled {
        availability: Availability::Unavailable("another cloud".to_owned()),
        ..enrolled()
    };
    for (enrolled, code, words) in [
        (blocked, "cross_device_blocked", "does not allow a passkey"),
        (
            attested,
            "cross_device_not_with_attestation",
            "Open the page on this device",
        ),
        (unavailable, "not_available", "has no passkeys in this app"),
    ] {
        let mut phone = governed(enrolled);
        let (near, far) = (air.radio().await, air.radio().await);
        let mut computer = computer();
        computer.patience = Duration::from_secs(30);
        let shown = computer.code(Flow::MakeCredential);
        let (answered, asked) = tokio::join!(
            phone.answer(&shown, domain(), &server.service, &near),
            computer.ask(&REGISTER, &server.service, &far)
        );
        said(&of_phone(answered), code, words, &[]);
        said(
            &of_computer(asked),
            "other_side_policy",
            "A rule of your organisation",
            &[],
        );
        feedback_keeps_secrets(phone.world(), &computer, &shown, code);
        // What was refused before is not what is missing now.
        air.world.set_powered(0, false).await.unwrap();
        let answered = phone.answer(&shown, domain(), &server.service, &near).await;
        said(
            &of_phone(answered),
            "bluetooth_off",
            "Bluetooth is off",
            &[],
        );
        air.world.set_powered(0, true).await.unwrap();
    }
}

/// R13: what is sent about this has the code, and nothing of the secrets that were in play.
fn feedback_keeps_secrets(
    device: &mut Device<rig_simulators::Phone>,
    computer: &Computer,
    shown: &str,
    code: &str,
) {
    device.could_not_connect(Operation::Register, phone_side::Missing::OtherSideSilent);
    let id = device.make_feedback().unwrap();
    let (sent, bytes) = device.feedback_to_send().unwrap();
    assert_eq!(sent, id);
    let bundle = Bundle::decode(&bytes).unwrap();
    let codes: Vec<&str> = bundle.items.iter().map(|item| item.code.as_str()).collect();
    assert_eq!(codes, [code, "other_side_silent"]);
    let secret = computer.secret();
    let tunnel = TunnelId::derive(secret).unwrap().to_hex();
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = String::from_utf8_lossy(&bytes).to_lowercase();
    for canary in [
        &hex,
        &tunnel.to_lowercase(),
        &shown.to_lowercase()[6..30],
        "anna",
        "1111",
    ] {
        assert!(!text.contains(canary), "{canary}");
    }
    let holds = |canary: &[u8]| bytes.windows(canary.len()).any(|part| part == canary);
    assert!(!holds(secret) && !holds(&[0x5a; 32]) && !holds(&[1, 2, 3]));
}

#[tokio::test]
async fn a_link_that_is_forgotten_is_told_from_a_device_that_is_away() {
    let folder = Folder::new("link");
    let air = Air::new(&folder, 1).await;
    let server = Server::new(&folder).await;
    let mut phone = phone();
    phone.links = Some(Links::new().unwrap());
    let link = Link {
        contact_id: phone.links.as_ref().unwrap().contact_id().to_vec(),
        link_id: [7; 8],
        secret: LinkSecret::new([8; 32]),
        authenticator: *SecretKey::from_random(&[9; 64]).unwrap().public(),
        name: "rig phone".to_owned(),
        domain: domain(),
    };
    let away = call(&link, Flow::GetAssertion, &server.service).await;
    said(
        &of_computer(away),
        "other_side_silent",
        "The other device is not connected",
        &[HOST],
    );
    let radio = air.radio().await;
    let mut calls = phone.listen(domain(), &server.service).await.unwrap();
    let (served, called) = tokio::join!(
        phone.answer_call(&mut calls, domain(), &server.service, &radio),
        call(&link, Flow::GetAssertion, &server.service)
    );
    assert_eq!(served.unwrap(), None);
    said(
        &of_computer(called),
        "link_forgotten",
        "does not know this computer any more",
        &[],
    );
    let offline = server.service.through(closed().await);
    let called = call(&link, Flow::GetAssertion, &offline).await;
    said(
        &of_computer(called),
        "tunnel_blocked",
        "does not let it reach",
        &[HOST],
    );
}

//! A request to a simulated device under the rules of the app, which holds a passkey or none, asked from here or from another device.
//! Every request has an answer, and no answer leaves a key without a passkey.
#![no_main]

use std::sync::{Arc, LazyLock};

use authenticator::cbor::Value;
use authenticator::device::Device;
use authenticator::device::policy::{Enrolled, Front, Policy};
use authenticator::rules::cross_device::CrossDevice;
use authenticator::{Authenticator, Status};
use libfuzzer_sys::fuzz_target;
use rig_simulators::{Authority, Phone};

const REGISTER: &[u8] = include_bytes!("../seeds/ctap_request/make_credential");

static AUTHORITY: LazyLock<Arc<Authority>> =
    LazyLock::new(|| Arc::new(Authority::new().expect("certificates can be made")));

fuzz_target!(|data: &[u8]| {
    let Some((how, request)) = data.split_first() else {
        return;
    };
    let policy = Policy {
        enrolled: vec![Enrolled {
            rp_id: "example.org".to_owned(),
            cross_device_sign_in: CrossDevice::Blocked,
            ..Enrolled::default()
        }],
        ..Policy::default()
    };
    let phone = match how & 3 {
        0 => Phone::android(1, &AUTHORITY),
        1 => Phone::iphone(2, &AUTHORITY),
        _ => Phone::desktop(3, &AUTHORITY),
    };
    let mut authenticator = Authenticator::new(Device::new(phone, policy));
    if how & 4 != 0 {
        assert_eq!(authenticator.handle(REGISTER).first(), Some(&0));
    }
    if how & 8 != 0 {
        authenticator.env_mut().set_front(Front::CrossDevice);
    }
    let answer = authenticator.handle(request);
    match answer.split_first() {
        Some((0, [])) => {}
        Some((0, body)) => assert!(Value::decode(body).is_ok()),
        Some((status, body)) => assert!(body.is_empty() && Status::from_byte(*status).is_some()),
        None => panic!("no answer"),
    }
    let device = authenticator.env_mut();
    assert_eq!(device.list().len(), device.platform().hardware.keys());
});

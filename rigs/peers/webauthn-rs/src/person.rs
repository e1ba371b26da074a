//! Whom the library asks and tells.

use webauthn_authenticator_rs::types::{CableRequestType, CableState, EnrollSampleStatus};
use webauthn_authenticator_rs::ui::UiCallback;

/// Shows codes, and has nothing else to say.
#[derive(Debug)]
pub struct Person;

impl UiCallback for Person {
    fn request_pin(&self) -> Option<String> {
        None
    }

    fn request_touch(&self) {}

    fn processing(&self) {}

    fn fingerprint_enrollment_feedback(&self, _left: u32, _feedback: Option<EnrollSampleStatus>) {}

    fn cable_qr_code(&self, _request: CableRequestType, url: String) {
        println!("code {url}");
    }

    fn dismiss_qr_code(&self) {}

    fn cable_status_update(&self, _state: CableState) {}
}

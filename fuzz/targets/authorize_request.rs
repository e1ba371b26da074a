//! The query string of an authorization request, against an application with one address of each kind. Whatever comes in, an answer goes
//! only to a registered address: host and path of where it goes are always one of these.
#![no_main]

use std::sync::LazyLock;

use keyward::oidc::parameters::Parameters;
use keyward::oidc::request::{AuthorizeRequest, Refused};
use libfuzzer_sys::fuzz_target;
use policy::model::{
    Application, ApplicationId, ClientKind, ClientSettings, RedirectKind, RedirectUri, TenantId,
    Timestamp,
};

static APPLICATION: LazyLock<Application> = LazyLock::new(|| {
    let address = |uri: &str, kind| RedirectUri {
        uri: uri.to_owned(),
        kind,
    };
    Application {
        tenant: TenantId::from_bytes([1; 16]),
        id: ApplicationId::from_bytes([2; 16]),
        display_name: "Example".to_owned(),
        kind: ClientKind::Public,
        secrets: Vec::new(),
        redirect_uris: vec![
            address("https://app.example/callback", RedirectKind::Web),
            address("https://app.example/page", RedirectKind::Spa),
            address("http://localhost/back", RedirectKind::Native),
        ],
        logout_uris: Vec::new(),
        app_permissions: Vec::new(),
        id_token_algorithm: None,
        settings: ClientSettings::default(),
        enabled: true,
        created: Timestamp::from_micros(0),
    }
});

fuzz_target!(|data: &[u8]| {
    let parameters = Parameters::parse(data);
    let asked = AuthorizeRequest::check(
        &parameters,
        &APPLICATION,
        "https://localhost:8443",
        Timestamp::from_micros(0),
    );
    let to = match asked {
        Ok(request) => request.to,
        Err(Refused::ToClient(to, _)) => to,
        Err(Refused::OnPage(_)) => return,
    };
    let uri = &to.redirect_uri;
    let registered = ["https://app.example/callback", "https://app.example/page"]
        .contains(&uri.as_str())
        || (uri.starts_with("http://localhost:") || uri.starts_with("http://localhost/"))
            && uri.ends_with("/back");
    assert!(registered, "an answer would go to {uri}");
});

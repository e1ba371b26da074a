//! `userRegistrationDetails`.

use policy::model::UserType;
use policy::registration::Registered;
use serde_json::{Map, Value, json};

use crate::flow::registrations::{self, Registrant};
use crate::graph::listing::{self, Source};
use crate::graph::odata::{Collection, Field, Kind};
use crate::graph::values::{date, members};
use crate::graph::{Answer, GraphRefusal, Request, Version};

const CONTEXT: &str = "reports/authenticationMethods/userRegistrationDetails";

/// What can be asked of it.
const COLLECTION: Collection = Collection {
    fields: &[
        Field::new("id", Kind::Guid),
        Field::new("userPrincipalName", Kind::Text),
        Field::new("userDisplayName", Kind::Text),
        Field::new("userType", Kind::Text),
        Field::new("isAdmin", Kind::Boolean),
        Field::new("isMfaRegistered", Kind::Boolean),
        Field::new("isMfaCapable", Kind::Boolean),
        Field::new("isPasswordlessCapable", Kind::Boolean),
        Field::new("isSsprRegistered", Kind::Boolean),
        Field::new("isSsprEnabled", Kind::Boolean),
        Field::new("isSsprCapable", Kind::Boolean),
        Field::new(
            "isSystemPreferredAuthenticationMethodEnabled",
            Kind::Boolean,
        ),
        Field::new("methodsRegistered[]", Kind::Text),
        Field::new("systemPreferredAuthenticationMethods[]", Kind::Text),
        Field::new("userPreferredMethodForSecondaryAuthentication", Kind::Text),
        Field::new("lastUpdatedDateTime", Kind::Moment),
    ],
    order: &["userPrincipalName", "userDisplayName", "id"],
    expand: &[],
    search: false,
    skip: false,
    page: 999,
    most: 999,
};

pub async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    listing::answer(&request, Source::Registrations, &COLLECTION, CONTEXT).await
}

pub async fn get(request: Request) -> Result<Answer, GraphRefusal> {
    let options = request.options(&COLLECTION)?;
    let user = request.user_id()?;
    let found = registrations::find(&request.app, &request.governor(), user).await;
    let found = found.map_err(|refusal| GraphRefusal::flow(&refusal))?;
    let view = options.selected(Value::Object(view(&request, &found)));
    let context = format!("{CONTEXT}/$entity");
    Ok(Answer::object(&request, &context, members(view)))
}

/// Somebody in the report. It is counted now, so nothing in it is older than the request.
pub fn view(request: &Request, one: &Registrant) -> Map<String, Value> {
    let Registrant {
        user,
        roles,
        registration,
    } = one;
    let methods = registration.methods.iter().map(|method| method.as_str());
    let codes = registration.methods.contains(&Registered::OneTimeCodes);
    let preferred = match (registration.passwordless_capable, codes) {
        (true, _) => vec!["Fido2"],
        (false, true) => vec!["PhoneAppOTP"],
        (false, false) => Vec::new(),
    };
    let mut view = members(json!({
        "id": user.id.to_string(),
        "userPrincipalName": user.user_principal_name,
        "userDisplayName": user.display_name,
        "userType": match user.user_type {
            UserType::Member => "member",
            UserType::Guest => "guest",
        },
        "isAdmin": !roles.is_empty(),
        "isSsprRegistered": false,
        "isSsprEnabled": false,
        "isSsprCapable": false,
        "isMfaRegistered": registration.mfa_registered,
        "isMfaCapable": registration.mfa_capable,
        "isPasswordlessCapable": registration.passwordless_capable,
        "methodsRegistered": methods.collect::<Vec<_>>(),
        "isSystemPreferredAuthenticationMethodEnabled": true,
        "systemPreferredAuthenticationMethods": preferred,
        "userPreferredMethodForSecondaryAuthentication": if codes { "oath" } else { "none" },
        "lastUpdatedDateTime": date(request.app.clock.now()),
    }));
    if request.version == Version::Beta {
        let method = if codes {
            "softwareOneTimePasscode"
        } else {
            "none"
        };
        view.insert("defaultMfaMethod".to_owned(), method.into());
    }
    view
}

//! A user as Graph writes one.

use policy::model::{User, UserType};
use serde_json::{Map, Value, json};

use crate::graph::values::{date, members};

/// The version of `user` as an entity tag.
pub fn etag(user: &User) -> String {
    format!("W/\"{}\"", user.version)
}

/// The members of `user`.
pub fn view(user: &User) -> Map<String, Value> {
    members(json!({
        "id": user.id.to_string(),
        "userPrincipalName": user.user_principal_name,
        "displayName": user.display_name,
        "mail": user.mail,
        "accountEnabled": user.enabled,
        "userType": match user.user_type {
            UserType::Member => "Member",
            UserType::Guest => "Guest",
        },
        "createdDateTime": date(user.created),
        "signInSessionsValidFromDateTime": date(user.sessions_valid_from),
        "givenName": null,
        "surname": null,
        "jobTitle": null,
        "mobilePhone": null,
        "officeLocation": null,
        "preferredLanguage": null,
        "businessPhones": [],
    }))
}

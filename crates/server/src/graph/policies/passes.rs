//! `temporaryAccessPassAuthenticationMethodConfiguration`.

use policy::model::PassPolicy;
use serde_json::json;

use super::shared::{Members, truth, word};
use super::targets;
use crate::graph::GraphRefusal;
use crate::graph::values::{member, members};

pub fn view(passes: &PassPolicy) -> Members {
    members(json!({
        "@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration",
        "id": "TemporaryAccessPass",
        "state": if passes.enabled { "enabled" } else { "disabled" },
        "defaultLifetimeInMinutes": passes.default_minutes,
        "defaultLength": passes.length,
        "minimumLifetimeInMinutes": passes.minimum_minutes,
        "maximumLifetimeInMinutes": passes.maximum_minutes,
        "isUsableOnce": passes.once_only,
        "includeTargets": targets::views(&passes.who.include, &json!({ "isRegistrationRequired": false })),
        "excludeTargets": targets::views(&passes.who.exclude, &json!({})),
    }))
}

pub fn patched(before: &PassPolicy, body: &Members) -> Result<PassPolicy, GraphRefusal> {
    let mut after = before.clone();
    if let Some(enabled) = word(body, "state", &[("enabled", true), ("disabled", false)])? {
        after.enabled = enabled;
    }
    if let Some(once) = truth(body, "isUsableOnce")? {
        after.once_only = once;
    }
    for (name, place) in [
        ("defaultLifetimeInMinutes", &mut after.default_minutes),
        ("defaultLength", &mut after.length),
        ("minimumLifetimeInMinutes", &mut after.minimum_minutes),
        ("maximumLifetimeInMinutes", &mut after.maximum_minutes),
    ] {
        if let Some(number) = member(body, name)? {
            *place = number;
        }
    }
    targets::assign(&mut after.who, body)?;
    Ok(after)
}

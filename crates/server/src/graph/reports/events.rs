//! `userEventsSummary` (beta): registrations of methods, out of the audit log. Nobody resets a password by themselves here, so there
//! are no events of that.

use policy::model::{AuditRecord, AuditResult, PasskeyType};
use policy::registration::Registered;
use serde_json::{Map, Value, json};

use crate::flow::log_search;
use crate::graph::logs::search::{self, Narrow};
use crate::graph::odata::{Collection, Field, Kind};
use crate::graph::values::{date, members};
use crate::graph::{Answer, GraphRefusal, Request};

const MOMENT: &str = "eventDateTime";

const COLLECTION: Collection = Collection {
    fields: &[
        Field::new("id", Kind::Guid),
        Field::new(MOMENT, Kind::Moment),
        Field::new("feature", Kind::Text),
        Field::new("isSuccess", Kind::Boolean),
        Field::new("authMethod", Kind::Text),
        Field::new("failureReason", Kind::Text),
        Field::new("userPrincipalName", Kind::Text),
        Field::new("userDisplayName", Kind::Text),
    ],
    order: &[MOMENT],
    expand: &[],
    search: false,
    skip: false,
    page: 1000,
    most: 1000,
};

pub async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    let options = search::options(&request, &COLLECTION)?;
    let narrow = Narrow::of(options.filter.as_ref());
    let stretch = search::stretch(&options, &narrow, MOMENT)?;
    let governor = request.governor();
    let read = async |stretch| {
        log_search::registrations(&request.app, &governor, stretch)
            .await
            .map_err(|refusal| GraphRefusal::flow(&refusal))
    };
    search::answer(
        &request,
        (&options, &COLLECTION),
        "reports/authenticationMethods/userEventsSummary",
        stretch,
        read,
        |record| (record.id, view(record)),
    )
    .await
}

fn view(record: &AuditRecord) -> Map<String, Value> {
    let mut targets = record.targets.iter();
    let user = targets.find(|target| target.kind == "User");
    let name = user.and_then(|user| user.display_name.as_deref());
    let principal = user.and_then(|user| user.user_principal_name.as_deref());
    members(json!({
        "id": record.id.to_string(),
        "eventDateTime": date(record.at),
        "feature": "registration",
        "isSuccess": record.result == AuditResult::Success,
        "authMethod": method(record),
        "failureReason": record.reason,
        "userDisplayName": name.unwrap_or_default(),
        "userPrincipalName": principal.unwrap_or_default(),
    }))
}

/// By the name it has in the report. A refused registration of a passkey says not of which type it would have been.
fn method(record: &AuditRecord) -> &'static str {
    let mut details = record.details.iter();
    let named = details.find(|(key, _)| key == "AuthenticationMethod");
    match (record.passkey_type, named.map(|(_, value)| value.as_str())) {
        (Some(PasskeyType::DeviceBound), _) => Registered::PasskeyDeviceBound.as_str(),
        (Some(PasskeyType::Synced), _) => Registered::PasskeySynced.as_str(),
        (None, Some("Software OATH")) => Registered::OneTimeCodes.as_str(),
        (None, Some("Temporary Access Pass")) => Registered::Pass.as_str(),
        (None, _) => "fido2SecurityKey",
    }
}

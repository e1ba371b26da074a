//! OData query options of a request. Whatever comes in, what is read can be asked of an element and pushed down or refused, and the link to
//! the next page is read back as the same question.
#![no_main]

use keyward::graph::odata::{Collection, Field, Kind, Options, conjunction, next_link};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

const FIELDS: &[Field] = &[
    Field::new("id", Kind::Guid),
    Field::new("displayName", Kind::Text),
    Field::new("createdDateTime", Kind::Moment),
    Field::new("status/errorCode", Kind::Number),
    Field::new("isEnabled", Kind::Boolean),
    Field::new("tags[]", Kind::Text),
    Field::new("targets[]/id", Kind::Text),
];

const COLLECTION: Collection = Collection {
    expand: &["memberOf"],
    search: true,
    ..Collection::small(FIELDS, &["displayName", "createdDateTime"])
};

fuzz_target!(|query: &str| {
    let Ok(options) = Options::parse(query, &COLLECTION) else {
        return;
    };
    let element = json!({
        "id": "6f9619ff-8b86-d011-b42d-00cf4fc964ff", "displayName": "Jo O'Neil", "createdDateTime": "2026-11-22T10:00:00Z",
        "status": { "errorCode": 50126 }, "isEnabled": true, "tags": ["one", "password, sms"], "targets": [{ "id": "a" }],
    });
    if let Some(filter) = &options.filter {
        let _ = filter.holds(&element);
        let _ = conjunction(filter);
    }
    let _ = options.apply(vec![element.clone(), element], &COLLECTION);
    let link = next_link("https://localhost/v1.0/things", query, "7");
    let again = link
        .split_once('?')
        .map(|(_, query)| Options::parse(query, &COLLECTION));
    // Escapes make a query longer; a link that is too long to be read back is refused, not misread.
    if let Some(Ok(again)) = again {
        assert_eq!(
            (&again.filter, &again.select, &again.order),
            (&options.filter, &options.select, &options.order)
        );
        assert_eq!(again.skip_token.as_deref(), Some("7"));
    }
});

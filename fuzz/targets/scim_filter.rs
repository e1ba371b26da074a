//! SCIM filters, paths and changes in parts. Whatever comes in, what is read can be asked of a resource, and what is changed stays a
//! resource that can be read or is refused.
#![no_main]

use keyward::scim::filter::{Filter, Path};
use keyward::scim::patch::operations;
use keyward::scim::schema::USER;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|text: &str| {
    let resource = json!({
        "id": "1", "userName": "ada@example.org", "active": true, "name": { "givenName": "Ada" },
        "emails": [{ "value": "ada@post.example", "type": "work", "primary": true }],
        "meta": { "created": "2026-11-22T10:00:00Z" },
    });
    if let Ok(filter) = Filter::parse(text, &USER) {
        let holds = filter.holds(&resource);
        assert_ne!(holds, Filter::Not(Box::new(filter)).holds(&resource));
    }
    let _ = Path::parse(text, &USER);
    let sent: Value = match serde_json::from_str(text) {
        Ok(sent) => sent,
        Err(_) => json!({"Operations": [{ "op": "add", "path": text, "value": "x" }]}),
    };
    let (Ok(all), Value::Object(mut resource)) = (operations(sent, &USER), resource) else {
        return;
    };
    for operation in all {
        if operation.apply(&mut resource).is_err() {
            return;
        }
    }
    assert_eq!(resource.get("id"), Some(&json!("1")));
    assert!(resource.contains_key("userName") && resource.contains_key("active"));
});

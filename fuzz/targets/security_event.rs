//! The claims of a security event token of another system. Whatever they hold, few people are named, and only a name that stands
//! in the token is looked for.
#![no_main]

use keyward::flow::received::claims::{Claims, Name};
use libfuzzer_sys::fuzz_target;
use policy::model::ReceivedKind;

fuzz_target!(|data: &[u8]| {
    let Ok(claims) = serde_json::from_slice::<Claims>(data) else {
        return;
    };
    if let Some((uri, payload)) = claims.event() {
        let _kind = ReceivedKind::of(uri, payload);
    }
    let people = claims.people("https://op.example/v2.0");
    assert!(people.len() <= 8, "{people:?}");
    for person in people {
        if let Name::Principal(name) = person
            && name.is_ascii()
            && !name.contains(['"', '\\', '/'])
            && name.chars().all(|one| !one.is_control())
        {
            // What is written without escapes stands there letter by letter; what is not may stand there escaped.
            let plain = data.windows(name.len()).any(|part| part == name.as_bytes());
            assert!(plain || data.contains(&b'\\'), "{name} is not in the token");
        }
    }
});

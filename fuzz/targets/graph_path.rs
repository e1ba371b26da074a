//! An address of the directory interface. Whatever comes in leads to at most one place, with a value for each of its names and no other, and
//! the same address in other spellings of its slashes leads there too.
#![no_main]

use keyward::graph::Version;
use keyward::graph::path::segments;
use keyward::graph::table::find;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|path: &str| {
    let Ok(read) = segments(path) else {
        return;
    };
    let again = segments(&format!("//{}//", path.trim_matches('/')));
    assert!(again.is_ok_and(|again| again == read) || path.len() > 2044);
    for version in [Version::V1, Version::Beta] {
        let Ok(found) = find(version, &read) else {
            continue;
        };
        assert!(!found.routes.is_empty());
        for route in &found.routes {
            let named = route.path.matches('{').count();
            assert_eq!(named, found.keys.len(), "{}", route.path);
        }
    }
});

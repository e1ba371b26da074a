use policy::model::{self, Browser, System};

/// "Firefox, Linux" from a `User-Agent` header: a label for people who look for what they do not recognise. Anyone can
/// send any header, so nothing is decided by it. `None` where neither part is known.
pub fn device_label(user_agent: &str) -> Option<String> {
    model::device_label(Browser::of(user_agent), System::of(user_agent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_programs_have_labels_and_others_have_none() {
        let mac =
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605 Version/19 Safari/605";
        assert_eq!(device_label(mac).as_deref(), Some("Safari, macOS"));
        assert_eq!(device_label(""), None);
        assert_eq!(device_label("<script>alert(1)</script>"), None);
    }
}

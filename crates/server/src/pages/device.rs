/// "Firefox on Linux" from a `User-Agent` header: a label for people who look for what they do not recognise. Anyone can
/// send any header, so nothing is decided by it. `None` where neither part is known.
pub fn device_label(user_agent: &str) -> Option<String> {
    let browser = first(BROWSERS, user_agent);
    let system = first(SYSTEMS, user_agent);
    match (browser, system) {
        (Some(browser), Some(system)) => Some(format!("{browser}, {system}")),
        (Some(only), None) | (None, Some(only)) => Some(only.to_owned()),
        (None, None) => None,
    }
}

// Order matters: most browsers also name the ones they descend from.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

const SYSTEMS: &[(&str, &str)] = &[
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

fn first(table: &[(&str, &'static str)], user_agent: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(mark, _)| user_agent.contains(mark))
        .map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descendants_are_not_taken_for_their_ancestors() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0";
        assert_eq!(device_label(edge).as_deref(), Some("Edge, Windows"));
        let phone =
            "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36";
        assert_eq!(device_label(phone).as_deref(), Some("Chrome, Android"));
        let mac =
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605 Version/19 Safari/605";
        assert_eq!(device_label(mac).as_deref(), Some("Safari, macOS"));
    }

    #[test]
    fn unknown_programs_have_no_label() {
        assert_eq!(device_label(""), None);
        assert_eq!(device_label("<script>alert(1)</script>"), None);
    }
}

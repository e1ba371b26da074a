//! What a `User-Agent` header claims about the program that shows a page.
//!
//! Anybody can send any header. It decides about nudges and labels, and about conditions that say so; never about what
//! a browser is able to do, which the page itself finds out.

use crate::model::{Browser, System};

/// What shows the page, as claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client {
    /// On which system.
    pub system: System,
    /// Which browser.
    pub browser: Browser,
    /// A view inside another program.
    pub embedded: bool,
}

impl Client {
    /// Reads the header.
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        let system = System::of(user_agent);
        Self {
            system,
            browser: Browser::of(user_agent),
            embedded: is_embedded(system, user_agent),
        }
    }
}

/// Android marks its views, those of Windows say what they are, and those of iOS leave out the name that Safari and
/// every other browser there carry.
fn is_embedded(system: System, user_agent: &str) -> bool {
    let names = |mark: &str| user_agent.contains(mark);
    match system {
        System::Android => names("; wv)"),
        System::Windows => names("MSAppHost/") || names("WebView/"),
        System::Iphone | System::Ipad => names("AppleWebKit/") && !names("Safari/"),
        System::MacOs | System::Linux | System::ChromeOs | System::Unknown => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_inside_other_programs_are_told_from_browsers() {
        for (user_agent, embedded) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0",
                false,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; WebView/3.0) AppleWebKit/537.36 Chrome/64.0 Safari/537.36 Edge/17.1",
                true,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; MSAppHost/3.0) AppleWebKit/537.36 Edge/18.1",
                true,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 CriOS/156 Mobile/15E148 Safari/604.1",
                false,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Mobile/15E148",
                true,
            ),
            (
                "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36",
                false,
            ),
            (
                "Mozilla/5.0 (Linux; Android 16; Phone Build/X; wv) AppleWebKit/537.36 Version/4.0 Chrome/156.0 Mobile Safari/537.36",
                true,
            ),
            ("curl/8.9", false),
            ("", false),
        ] {
            assert_eq!(Client::of(user_agent).embedded, embedded, "{user_agent}");
        }
    }
}

//! Security headers of every answer.
//!
//! The content security policy allows our own scripts, styles and images and nothing inline. `form-action` also governs
//! where a submitted form may be *redirected*, so an answer that sends a person on to an application names that
//! application's origin through [`FormTarget`].

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use url::Url;

/// Put into a response's extensions: an origin the forms of this page may lead to besides our own.
#[derive(Clone, Debug)]
pub struct FormTarget(pub String);

/// Put into a response's extensions: the origins of pages that this one shows in frames.
#[derive(Clone, Debug, Default)]
pub struct FrameSources(Vec<String>);

impl FrameSources {
    /// The origins of `pages`; what has none is left out, and the browser will not open it.
    pub fn of(pages: &[String]) -> Self {
        let origins = pages.iter().filter_map(|page| Url::parse(page).ok());
        let mut origins: Vec<String> = origins
            .map(|url| url.origin())
            .filter(url::Origin::is_tuple)
            .map(|origin| origin.ascii_serialization())
            .collect();
        origins.sort_unstable();
        origins.dedup();
        Self(origins)
    }
}

/// Adds what is missing; a handler's own choice stays.
pub fn add(response: &mut Response, hsts: bool) {
    let extensions = response.extensions();
    let csp = content_security_policy(extensions.get::<FormTarget>(), extensions.get());
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    put(header::CONTENT_SECURITY_POLICY, csp);
    put(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    put(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // Not `no-referrer`: under it browsers send `Origin: null` with form posts, and our origin check would fail.
    put(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    put(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    put(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(PERMISSIONS),
    );
    put(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if hsts {
        put(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000; includeSubDomains"),
        );
    }
}

const PERMISSIONS: &str = "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), \
                           microphone=(), geolocation=(), usb=(), payment=()";

const BASE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                    manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

fn content_security_policy(
    target: Option<&FormTarget>,
    frames: Option<&FrameSources>,
) -> HeaderValue {
    let one_word = |text: &&str| !text.contains([';', ',', ' ', '\'']);
    let mut policy = BASE.to_owned();
    if let Some(target) = target.map(|target| target.0.as_str()).filter(one_word) {
        policy.push(' ');
        policy.push_str(target);
    }
    let frames = frames.map_or(&[][..], |frames| &frames.0);
    let frames: Vec<&str> = frames.iter().map(String::as_str).filter(one_word).collect();
    if !frames.is_empty() {
        policy.push_str("; frame-src ");
        policy.push_str(&frames.join(" "));
    }
    HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static(BASE))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    #[test]
    fn nothing_inline_is_allowed() {
        let csp = content_security_policy(None, None);
        let text = csp.to_str().unwrap();
        assert!(
            !text.contains("unsafe") && text.contains("frame-ancestors 'none'"),
            "{text}"
        );
    }

    #[test]
    fn a_form_target_cannot_add_a_directive() {
        let evil = FormTarget("https://a.example; script-src *".to_owned());
        assert_eq!(
            content_security_policy(Some(&evil), None),
            HeaderValue::from_static(BASE)
        );
        let good = FormTarget("https://a.example".to_owned());
        assert!(
            content_security_policy(Some(&good), None)
                .to_str()
                .unwrap()
                .ends_with("form-action 'self' https://a.example")
        );
    }

    #[test]
    fn a_framed_page_adds_its_origin_and_nothing_else() {
        let pages = [
            "https://a.example/out?x=1; script-src *".to_owned(),
            "https://a.example:444/".to_owned(),
            "data:text/html,hello".to_owned(),
            "no address".to_owned(),
        ];
        let csp = content_security_policy(None, Some(&FrameSources::of(&pages)));
        let text = csp.to_str().unwrap();
        assert_eq!(
            text.strip_prefix(BASE),
            Some("; frame-src https://a.example https://a.example:444")
        );
    }
}

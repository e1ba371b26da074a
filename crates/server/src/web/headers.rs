//! Security headers of every answer.
//!
//! The content security policy allows our own scripts, styles and images and nothing inline. `form-action` also governs
//! where a submitted form may be *redirected*, so an answer that sends a person on to an application names that
//! application's origin through [`FormTarget`].

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

/// Put into a response's extensions: an origin the forms of this page may lead to besides our own.
#[derive(Clone, Debug)]
pub struct FormTarget(pub String);

/// Adds what is missing; a handler's own choice stays.
pub fn add(response: &mut Response, hsts: bool) {
    let csp = content_security_policy(response.extensions().get::<FormTarget>());
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

fn content_security_policy(target: Option<&FormTarget>) -> HeaderValue {
    let with_target = target
        .filter(|target| !target.0.contains([';', ',', ' ', '\'']))
        .and_then(|target| HeaderValue::from_str(&format!("{BASE} {}", target.0)).ok());
    with_target.unwrap_or_else(|| HeaderValue::from_static(BASE))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    #[test]
    fn nothing_inline_is_allowed() {
        let csp = content_security_policy(None);
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
            content_security_policy(Some(&evil)),
            HeaderValue::from_static(BASE)
        );
        let good = FormTarget("https://a.example".to_owned());
        assert!(
            content_security_policy(Some(&good))
                .to_str()
                .unwrap()
                .ends_with("form-action 'self' https://a.example")
        );
    }
}

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Lets pages of any origin call an endpoint that knows no cookies (Fetch standard, CORS protocol).
///
/// Credentials are never allowed, so a foreign page can do with it only what any program could do. The preflight names
/// `authorization` because the `*` for headers does not cover it.
pub async fn layer(request: Request, next: Next) -> Response {
    let preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let mut put = |name: HeaderName, value: &'static str| {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    };
    put(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    if preflight {
        put(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            "GET, POST, PATCH, PUT, DELETE, OPTIONS",
        );
        put(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, client-request-id, *",
        );
        put(header::ACCESS_CONTROL_MAX_AGE, "86400");
    } else {
        put(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            "x-correlation-id, request-id, client-request-id, retry-after, www-authenticate",
        );
    }
    response
}

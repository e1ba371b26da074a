//! `GET /static/{version}/{name}`: the style sheet, the scripts and the pictures, all our own and part of the binary.
//!
//! The version is a hash over all files, so that modules find each other by relative names and every address is
//! immutable. An address of another version (a page from before an upgrade, or from another node during one) gets the
//! present file, not to be kept.

use std::sync::LazyLock;

use aws_lc_rs::digest::{Context, SHA256};
use axum::Router;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// The routes of this module.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/static/{version}/{name}", get(serve))
}

/// The address of a static file, immutable for as long as its bytes are.
pub fn address(name: &str) -> String {
    format!("/static/{}/{name}", *VERSION)
}

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Context::new(&SHA256);
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    for name in names {
        hash.update(name.as_bytes());
        hash.update(
            &Files::get(&name)
                .map(|f| f.metadata.sha256_hash())
                .unwrap_or_default(),
        );
    }
    hash.finish()
        .as_ref()
        .iter()
        .take(8)
        .map(|b| format!("{b:02x}"))
        .collect()
});

async fn serve(Path((version, name)): Path<(String, String)>) -> Response {
    let Some(file) = Files::get(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let caching = if version == *VERSION {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = [
        (CONTENT_TYPE, media_type(&name)),
        (CACHE_CONTROL, caching),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, file.data.into_owned()).into_response()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use axum::body::Body;
    use axum::http::Request;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn get_file(path: &str) -> (StatusCode, String, String, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = routes::<()>()
            .with_state(())
            .oneshot(request)
            .await
            .unwrap();
        let head = |name| {
            let value = response.headers().get(name);
            value
                .map(|v| v.to_str().unwrap().to_owned())
                .unwrap_or_default()
        };
        let (kind, caching) = (head(CONTENT_TYPE), head(CACHE_CONTROL));
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (
            status,
            kind,
            caching,
            String::from_utf8(body.to_vec()).unwrap(),
        )
    }

    #[tokio::test]
    async fn files_are_immutable_at_their_address() {
        let (status, kind, caching, body) = get_file(&address("app.css")).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(kind, "text/css; charset=utf-8");
        assert!(caching.contains("immutable"));
        assert!(body.contains("--accent"));
    }

    #[tokio::test]
    async fn another_version_gets_the_present_file_but_may_not_keep_it() {
        let (status, _, caching, _) = get_file("/static/0000000000000000/passkey.js").await;
        assert_eq!((status, caching.as_str()), (StatusCode::OK, "no-cache"));
    }

    #[tokio::test]
    async fn nothing_outside_the_folder_is_served() {
        for path in [
            "/static/x/..%2fCargo.toml",
            "/static/x/%2e%2e",
            "/static/x/none.css",
        ] {
            assert_eq!(get_file(path).await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn scripts_import_only_files_that_exist_and_nothing_runs_text_as_code() {
        for name in Files::iter().filter(|n| n.ends_with(".js")) {
            let source = String::from_utf8(Files::get(&name).unwrap().data.into_owned()).unwrap();
            for imported in source
                .split("from \"./")
                .chain(source.split("import \"./"))
                .skip(1)
            {
                let other = imported.split('"').next().unwrap();
                let is_path = other.ends_with(".js") && !other.contains('\n');
                assert!(
                    !is_path || Files::get(other).is_some(),
                    "{name} imports {other}"
                );
            }
            for banned in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "eval(",
                "new Function",
                "document.write",
            ] {
                assert!(!source.contains(banned), "{name} uses {banned}");
            }
        }
    }
}

//! Where a sign-in leads: sealed, so that no page and no browser can change it.
//!
//! The text form (`ctx`) is `tenant ‖ sealed JSON` in base64url. It is either a validated authorization request or a page
//! of ours: there is no third thing, hence no open redirect.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use policy::model::{Span, TenantId, Timestamp};
use serde::{Deserialize, Serialize};

use super::sign_in::SignInRefusal;
use crate::app::AppState;
use crate::oidc::request::AuthorizeRequest;
use crate::seal::Purpose;

const TENANT: usize = 16;
/// A sign-in page left open longer than this has to be started again.
pub const LIFETIME: Span = Span::minutes(60);

/// A sign-in's destination and its conditions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInContext {
    /// The tenant signed in to.
    pub tenant: TenantId,
    /// Where it leads.
    pub destination: Destination,
    /// A name to fill in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    /// Two factors (or a passkey) are wanted even if policy would be content with less.
    #[serde(default)]
    pub require_mfa: bool,
    /// When the context is too old.
    pub expires: Timestamp,
}

/// Where a sign-in leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Destination {
    /// Back to an application, with a code.
    Application {
        /// Every parameter checked, the redirect URI registered.
        request: Box<AuthorizeRequest>,
        /// The application's name, shown on the sign-in page.
        name: String,
    },
    /// To a page of ours.
    Page(LocalPath),
}

/// A path of ours that a sign-in may lead to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalPath(String);

impl LocalPath {
    /// The security info page.
    pub fn security_info() -> Self {
        Self("/security-info".to_owned())
    }

    /// A path with query under `/security-info` or `/admin`, or `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let under = |root: &str| {
            path.strip_prefix(root)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let climbs = path.contains("//") || path.contains("..");
        (plain && !climbs && text.len() <= 512 && (under("/security-info") || under("/admin")))
            .then(|| Self(text.to_owned()))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for LocalPath {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a page of ours")
    }
}

impl From<LocalPath> for String {
    fn from(path: LocalPath) -> Self {
        path.0
    }
}

/// An opened context with its text form, which challenges are bound to.
#[derive(Clone, Debug)]
pub struct OpenContext {
    value: SignInContext,
    text: String,
}

impl OpenContext {
    /// What was sealed.
    pub fn value(&self) -> &SignInContext {
        &self.value
    }

    /// The tenant signed in to.
    pub fn tenant(&self) -> TenantId {
        self.value.tenant
    }

    /// The text form, for links and hidden fields.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the text form: what a challenge is sealed to.
    pub fn hash(&self) -> [u8; 32] {
        let mut out = [0u8; 32];
        out.copy_from_slice(digest::digest(&digest::SHA256, self.text.as_bytes()).as_ref());
        out
    }

    /// The client asking, if an application does.
    pub fn request(&self) -> Option<&AuthorizeRequest> {
        match &self.value.destination {
            Destination::Application { request, .. } => Some(request),
            Destination::Page(_) => None,
        }
    }

    /// The name of the client asking, if an application does.
    pub fn application_name(&self) -> Option<&str> {
        match &self.value.destination {
            Destination::Application { name, .. } => Some(name),
            Destination::Page(_) => None,
        }
    }
}

/// Seals a context for the way through the browser.
pub fn seal(app: &AppState, value: SignInContext) -> Result<OpenContext, SignInRefusal> {
    let plain = serde_json::to_vec(&value).map_err(|_| SignInRefusal::ContextInvalid)?;
    let sealed = app
        .seal
        .seal(Purpose::SignInContext, value.tenant, &plain, &app.random)
        .map_err(|_| SignInRefusal::ContextInvalid)?;
    let mut bytes = value.tenant.as_bytes().to_vec();
    bytes.extend_from_slice(&sealed);
    Ok(OpenContext {
        value,
        text: URL_SAFE_NO_PAD.encode(bytes),
    })
}

/// A context that leads back to the application called `name`.
pub fn to_application(
    app: &AppState,
    request: AuthorizeRequest,
    name: &str,
) -> Result<OpenContext, SignInRefusal> {
    let value = SignInContext {
        tenant: request.tenant,
        login_hint: request.login_hint.clone(),
        destination: Destination::Application {
            request: Box::new(request),
            name: name.to_owned(),
        },
        require_mfa: false,
        expires: app.clock.now().plus(LIFETIME),
    };
    seal(app, value)
}

/// A context that leads to a page of ours.
pub fn to_page(
    app: &AppState,
    tenant: TenantId,
    page: LocalPath,
) -> Result<OpenContext, SignInRefusal> {
    seal(
        app,
        SignInContext {
            tenant,
            destination: Destination::Page(page),
            login_hint: None,
            require_mfa: false,
            expires: app.clock.now().plus(LIFETIME),
        },
    )
}

/// Opens a context, or makes one that leads to the security info of the default tenant if there is none.
pub fn open_or_default(app: &AppState, text: Option<&str>) -> Result<OpenContext, SignInRefusal> {
    match text {
        Some(text) if !text.is_empty() => open(app, text),
        _ => to_page(app, app.tenants.default().id, LocalPath::security_info()),
    }
}

/// Opens a context that [`seal`] made and that is not too old.
pub fn open(app: &AppState, text: &str) -> Result<OpenContext, SignInRefusal> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| SignInRefusal::ContextInvalid)?;
    let (tenant, sealed) = bytes
        .split_first_chunk::<TENANT>()
        .ok_or(SignInRefusal::ContextInvalid)?;
    let tenant = TenantId::from_bytes(*tenant);
    let plain = app
        .seal
        .open(Purpose::SignInContext, tenant, sealed)
        .map_err(|_| SignInRefusal::ContextInvalid)?;
    let value: SignInContext =
        serde_json::from_slice(&plain).map_err(|_| SignInRefusal::ContextInvalid)?;
    if value.tenant != tenant {
        return Err(SignInRefusal::ContextInvalid);
    }
    if app.clock.now() >= value.expires {
        return Err(SignInRefusal::ContextExpired);
    }
    Ok(OpenContext {
        value,
        text: text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::LocalPath;

    #[test]
    fn only_pages_of_ours_are_destinations() {
        for good in [
            "/security-info",
            "/security-info/passkeys/add?x=1",
            "/admin",
            "/admin/users/1",
        ] {
            assert!(LocalPath::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "/",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/adminx",
            "/security-info//evil.example",
            "/admin/../signin",
            "/signin",
            "/admin\r\nSet-Cookie: x",
            "/admin/é",
        ] {
            assert!(LocalPath::parse(bad).is_none(), "{bad}");
        }
    }
}

use aws_lc_rs::digest::{Context, SHA256};
use policy::model::{
    Acr, Application, ApplicationId, Assurance, GrantId, Method, SessionId, Span, TenantId,
    Timestamp, User, UserId,
};
use serde::{Deserialize, Serialize};

use crate::jose;

/// What tokens of one grant say.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// `https://host/{tenant id}/v2.0`.
    pub issuer: &'a str,
    /// Our own origin: the audience of access tokens.
    pub origin: &'a str,
    pub application: ApplicationId,
    pub user: &'a User,
    pub grant: GrantId,
    pub session: SessionId,
    pub methods: &'a [Method],
    pub assurance: &'a Assurance,
    pub authenticated: Timestamp,
    pub scopes: &'a [String],
}

/// The claims of an ID token (OpenID Connect Core section 2, with Entra's additions).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdClaims {
    pub iss: String,
    pub aud: String,
    pub exp: i64,
    pub iat: i64,
    pub nbf: i64,
    pub sub: String,
    pub tid: String,
    pub oid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    pub auth_time: i64,
    pub amr: Vec<String>,
    /// The authentication context class; absent where nothing phishing-resistant was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<Acr>,
    /// Authentication contexts that were asked for and satisfied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acrs: Vec<String>,
    pub sid: String,
    pub uti: String,
    pub ver: String,
}

/// The claims of an access token for our own APIs (RFC 9068, with Entra's names for scopes and client).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    pub iss: String,
    pub aud: String,
    pub exp: i64,
    pub iat: i64,
    pub nbf: i64,
    pub sub: String,
    pub tid: String,
    pub oid: String,
    pub azp: String,
    /// The same under the name of RFC 9068.
    #[serde(default)]
    pub client_id: String,
    /// Delegated scopes; absent in app-only tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scp: Option<String>,
    /// Application permissions; absent in delegated tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The session behind a delegated token; absent in app-only tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<Acr>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acrs: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// The grant behind a delegated token, by which our own APIs learn that it was revoked. Nothing to others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rh: Option<String>,
    /// The key without which the token opens nothing (RFC 9449 section 6.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    /// `user` or `app`.
    pub idtyp: String,
    /// What the client can do; `cp1` is that it understands a claims challenge.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub xms_cc: Vec<String>,
    pub uti: String,
    /// The same under the name of RFC 9068.
    #[serde(default)]
    pub jti: String,
    pub ver: String,
}

/// The key that a token is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Its JWK thumbprint, in base64url.
    pub jkt: String,
}

impl IdClaims {
    /// The claims for `subject`, alive for `lifetime` from `now`; `token_id` is unique.
    pub fn new(
        subject: &Subject<'_>,
        nonce: Option<String>,
        now: Timestamp,
        lifetime: Span,
        token_id: [u8; 16],
    ) -> Self {
        let user = subject.user;
        let profile = has(subject.scopes, "profile");
        Self {
            iss: subject.issuer.to_owned(),
            aud: subject.application.to_string(),
            exp: now.plus(lifetime).as_seconds(),
            iat: now.as_seconds(),
            nbf: now.as_seconds(),
            sub: pairwise(user.tenant, subject.application, user.id),
            tid: user.tenant.to_string(),
            oid: user.id.to_string(),
            preferred_username: profile.then(|| user.user_principal_name.clone()),
            name: profile.then(|| user.display_name.clone()),
            email: user.mail.clone().filter(|_| has(subject.scopes, "email")),
            nonce,
            auth_time: subject.authenticated.as_seconds(),
            amr: amr(subject.methods),
            acr: subject.assurance.acr,
            acrs: subject.assurance.acrs.clone(),
            sid: subject.session.to_string(),
            uti: jose::encode(token_id),
            ver: "2.0".to_owned(),
        }
    }
}

impl AccessClaims {
    /// A delegated token's claims.
    pub fn delegated(
        subject: &Subject<'_>,
        now: Timestamp,
        lifetime: Span,
        token_id: [u8; 16],
    ) -> Self {
        let user = subject.user;
        Self {
            iss: subject.issuer.to_owned(),
            aud: subject.origin.to_owned(),
            exp: now.plus(lifetime).as_seconds(),
            iat: now.as_seconds(),
            nbf: now.as_seconds(),
            sub: pairwise(user.tenant, subject.application, user.id),
            tid: user.tenant.to_string(),
            oid: user.id.to_string(),
            azp: subject.application.to_string(),
            client_id: subject.application.to_string(),
            scp: Some(subject.scopes.join(" ")),
            roles: Vec::new(),
            sid: Some(subject.session.to_string()),
            amr: amr(subject.methods),
            acr: subject.assurance.acr,
            acrs: subject.assurance.acrs.clone(),
            auth_time: Some(subject.authenticated.as_seconds()),
            rh: Some(subject.grant.to_string()),
            cnf: None,
            idtyp: "user".to_owned(),
            xms_cc: Vec::new(),
            uti: jose::encode(token_id),
            jti: jose::encode(token_id),
            ver: "2.0".to_owned(),
        }
    }

    /// An app-only token's claims: the application is its own subject.
    pub fn app_only(
        issuer: &str,
        origin: &str,
        application: &Application,
        roles: Vec<String>,
        now: Timestamp,
        lifetime: Span,
        token_id: [u8; 16],
    ) -> Self {
        let id = application.id.to_string();
        Self {
            iss: issuer.to_owned(),
            aud: origin.to_owned(),
            exp: now.plus(lifetime).as_seconds(),
            iat: now.as_seconds(),
            nbf: now.as_seconds(),
            sub: id.clone(),
            tid: application.tenant.to_string(),
            oid: id.clone(),
            azp: id.clone(),
            client_id: id,
            scp: None,
            roles,
            sid: None,
            amr: Vec::new(),
            acr: None,
            acrs: Vec::new(),
            auth_time: None,
            rh: None,
            cnf: None,
            idtyp: "app".to_owned(),
            xms_cc: Vec::new(),
            uti: jose::encode(token_id),
            jti: jose::encode(token_id),
            ver: "2.0".to_owned(),
        }
    }

    /// True if the token was given this scope.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scp
            .as_deref()
            .unwrap_or_default()
            .split(' ')
            .any(|each| each == scope)
    }
}

/// True if `scopes` has `scope`.
pub fn has(scopes: &[String], scope: &str) -> bool {
    scopes.iter().any(|each| each == scope)
}

/// The `sub` of a user towards one application: another one for every application, as in Entra, so that two applications
/// cannot join their users by it. (`oid` is the same everywhere, for those that have to.)
pub fn pairwise(tenant: TenantId, application: ApplicationId, user: UserId) -> String {
    let mut hash = Context::new(&SHA256);
    hash.update(b"keyward pairwise subject v1\0");
    for part in [tenant.as_bytes(), application.as_bytes(), user.as_bytes()] {
        hash.update(part);
    }
    jose::encode(hash.finish())
}

/// `client_info`: who the tokens are for, in the form client libraries key their caches by.
pub fn client_info(tenant: TenantId, user: UserId) -> String {
    jose::encode(format!(r#"{{"uid":"{user}","utid":"{tenant}"}}"#))
}

/// Authentication methods references (RFC 8176 where it has a word, Entra's where not).
fn amr(methods: &[Method]) -> Vec<String> {
    let mut names: Vec<&str> = Vec::new();
    for method in methods {
        names.push(match method {
            Method::Passkey => "fido",
            Method::Password => "pwd",
            Method::Totp => "otp",
            Method::TemporaryAccessPass => "tap",
        });
    }
    let strong = methods.iter().any(|method| {
        matches!(
            method,
            Method::Passkey | Method::TemporaryAccessPass | Method::Totp
        )
    });
    if strong {
        names.push("mfa");
    }
    names.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_another_subject_in_every_application() {
        let (tenant, user) = (TenantId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        let one = pairwise(tenant, ApplicationId::from_bytes([3; 16]), user);
        assert_eq!(
            one,
            pairwise(tenant, ApplicationId::from_bytes([3; 16]), user)
        );
        assert_ne!(
            one,
            pairwise(tenant, ApplicationId::from_bytes([4; 16]), user)
        );
        assert_ne!(
            one,
            pairwise(
                TenantId::from_bytes([5; 16]),
                ApplicationId::from_bytes([3; 16]),
                user
            )
        );
    }

    #[test]
    fn a_password_alone_is_not_called_mfa() {
        assert_eq!(amr(&[Method::Password]), ["pwd"]);
        assert_eq!(
            amr(&[Method::Password, Method::Totp]),
            ["pwd", "otp", "mfa"]
        );
        assert_eq!(amr(&[Method::Passkey]), ["fido", "mfa"]);
    }

    #[test]
    fn client_info_is_what_caches_are_keyed_by() {
        let text = client_info(TenantId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        let json: serde_json::Value =
            serde_json::from_slice(&jose::decode(&text).unwrap_or_default()).unwrap_or_default();
        assert_eq!(
            json.get("utid").and_then(|id| id.as_str()),
            Some("01010101-0101-0101-0101-010101010101")
        );
    }
}

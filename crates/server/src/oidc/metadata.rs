use policy::model::TenantId;
use serde_json::{Value, json};

use crate::jose::algorithm_names;

/// Which door of the deployment a document is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// One tenant: the exact issuer, which neutral client libraries compare.
    Tenant(TenantId),
    /// `common`: any tenant. The issuer has the literal `{tenantid}` in it, as Entra's clients expect.
    Common,
    /// `organizations`: the same here, since there are no personal accounts.
    Organizations,
}

impl Door {
    /// The path segment.
    pub fn segment(self) -> String {
        match self {
            Self::Tenant(tenant) => tenant.to_string(),
            Self::Common => "common".to_owned(),
            Self::Organizations => "organizations".to_owned(),
        }
    }
}

/// The issuer of `tenant`'s tokens.
pub fn issuer(origin: &str, tenant: TenantId) -> String {
    format!("{origin}/{tenant}/v2.0")
}

/// Where userinfo is for whoever reads the document without a version: some scripts learn the tenant's id from this address.
pub fn first_userinfo(origin: &str, door: Door) -> String {
    format!("{origin}/{}/openid/userinfo", door.segment())
}

/// The address of userinfo, as the discovery document of version 2.0 has it.
pub fn userinfo(origin: &str) -> String {
    format!("{origin}/oidc/userinfo")
}

/// Where applications register themselves, if they may.
pub fn registration(origin: &str, door: Door) -> String {
    format!("{origin}/{}/oauth2/v2.0/register", door.segment())
}

/// The discovery document (OpenID Connect Discovery section 3, RFC 8414). `algorithms` are those of the published keys.
pub fn document(origin: &str, door: Door, userinfo: &str, algorithms: &[&str]) -> Value {
    let segment = door.segment();
    let oauth = |end: &str| format!("{origin}/{segment}/oauth2/v2.0/{end}");
    let issuer = match door {
        Door::Tenant(tenant) => issuer(origin, tenant),
        Door::Common | Door::Organizations => format!("{origin}/{{tenantid}}/v2.0"),
    };
    json!({
        "issuer": issuer,
        "authorization_endpoint": oauth("authorize"),
        "token_endpoint": oauth("token"),
        "end_session_endpoint": oauth("logout"),
        "jwks_uri": format!("{origin}/{segment}/discovery/v2.0/keys"),
        "userinfo_endpoint": userinfo,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": [
            "authorization_code", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"
        ],
        "pushed_authorization_request_endpoint": oauth("par"),
        "require_pushed_authorization_requests": false,
        "device_authorization_endpoint": oauth("devicecode"),
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": algorithm_names(),
        "revocation_endpoint": oauth("revoke"),
        "revocation_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt", "none"],
        "revocation_endpoint_auth_signing_alg_values_supported": algorithm_names(),
        "introspection_endpoint": oauth("introspect"),
        "introspection_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt"],
        "introspection_endpoint_auth_signing_alg_values_supported": algorithm_names(),
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": algorithm_names(),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "prompt_values_supported": ["none", "login", "select_account"],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nbf", "auth_time", "amr", "nonce", "preferred_username", "name", "email",
            "tid", "oid", "sid", "uti", "ver", "acr", "acrs"
        ],
        "acr_values_supported": ["phr", "phrh"],
        // Of what can be asked for, only `acrs` is heeded.
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
    })
}

/// `/common/discovery/instance`: the deployment is its own cloud, so every authority is answered with our own endpoint.
pub fn instance(origin: &str, host: &str) -> Value {
    json!({
        "tenant_discovery_endpoint": format!("{origin}/common/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://op.example";

    fn text(document: &Value, name: &str) -> String {
        document
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    #[test]
    fn a_tenant_document_names_the_exact_issuer() {
        let tenant = TenantId::from_bytes([1; 16]);
        let document = document(ORIGIN, Door::Tenant(tenant), &userinfo(ORIGIN), &["ES256"]);
        assert_eq!(text(&document, "issuer"), issuer(ORIGIN, tenant));
        assert!(text(&document, "authorization_endpoint").contains(&tenant.to_string()));
    }

    #[test]
    fn a_common_document_has_the_placeholder() {
        let document = document(ORIGIN, Door::Common, &userinfo(ORIGIN), &["ES256"]);
        assert_eq!(
            text(&document, "issuer"),
            "https://op.example/{tenantid}/v2.0"
        );
        assert_eq!(
            text(&document, "token_endpoint"),
            "https://op.example/common/oauth2/v2.0/token"
        );
    }

    #[test]
    fn the_device_endpoint_can_be_computed_from_the_token_endpoint() {
        let document = document(ORIGIN, Door::Common, &userinfo(ORIGIN), &[]);
        assert_eq!(
            text(&document, "token_endpoint").matches("/token").count(),
            1
        );
    }

    #[test]
    fn what_is_refused_is_not_advertised() {
        let text = document(ORIGIN, Door::Common, &userinfo(ORIGIN), &["ES256"]).to_string();
        for absent in ["plain", "id_token token", "implicit", "\"none\"]"] {
            let advertised_only_for_public_clients = absent == "\"none\"]";
            assert_eq!(
                text.contains(absent),
                advertised_only_for_public_clients,
                "{absent}"
            );
        }
    }
}

use crate::model::{
    ApplicationId, Assurance, EndReason, GrantId, Method, PassId, PasskeyId, SessionId, Sha256,
    Span, TenantId, Timestamp, TokenHash, UserId,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whether a client can keep a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ClientKind {
    /// Cannot: browser, phone and desktop applications. PKCE is all it has.
    Public,
    /// Can: a server.
    Confidential,
}

impl ClientKind {
    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Confidential => "confidential",
        }
    }
}

/// What kind of program waits at a redirect URI; decides CORS and refresh token lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RedirectKind {
    /// A server.
    Web,
    /// A page that redeems the code by itself; its refresh tokens live 24 hours.
    Spa,
    /// A desktop or phone program; on loopback the port is not compared (RFC 8252 section 7.3).
    Native,
}

/// A registered redirect URI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedirectUri {
    /// Compared octet by octet, except for the port of a native loopback address.
    pub uri: String,
    /// What waits there.
    pub kind: RedirectKind,
}

/// An application that signs people in through this provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// The tenant it is registered in.
    pub tenant: TenantId,
    /// Its id and `client_id` (`appId`).
    pub id: ApplicationId,
    /// Shown on the sign-in page.
    pub display_name: String,
    /// Public or confidential.
    pub kind: ClientKind,
    /// SHA-256 of each accepted client secret.
    pub secrets: Vec<TokenHash>,
    /// Where codes may be sent.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where people may be sent after signing out.
    pub logout_uris: Vec<String>,
    /// Application permissions (scopes of app-only tokens).
    pub app_permissions: Vec<String>,
    /// JOSE name of the algorithm its ID tokens are signed with; `None` leaves the choice to the provider.
    pub id_token_algorithm: Option<String>,
    /// What it may do besides the code flow.
    pub settings: ClientSettings,
    /// A disabled application gets nothing.
    pub enabled: bool,
    /// When it was registered.
    pub created: Timestamp,
}

/// What an application may do besides the code flow. Everything is off unless somebody turned it on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClientSettings {
    /// Devices without a browser may wait for somebody to sign in elsewhere (RFC 8628).
    pub device_code: bool,
    /// Delegated scopes of the interfaces that an administrator agreed to, for everybody.
    pub consented: Vec<String>,
    /// Public keys, each a JWK with `kid` and `alg`, with which it signs assertions about itself (RFC 7523).
    pub assertion_keys: Vec<serde_json::Value>,
    /// Secrets with their days, beside those of [`Application::secrets`] that have none.
    pub secrets: Vec<ClientSecret>,
    /// What it is for.
    pub description: String,
    /// More names than its id, such as `api://orders`.
    pub identifier_uris: Vec<String>,
    /// What it says it needs. Says nothing about what it gets.
    pub required: Vec<RequiredAccess>,
    /// Where it is told that a session is over (OpenID Connect Back-Channel Logout).
    pub back_channel_logout: Option<String>,
    /// The page of it that a browser opens unseen when somebody signs out (OpenID Connect Front-Channel Logout).
    pub front_channel_logout: Option<String>,
    /// It gets tokens only for a key that it proves (RFC 9449, `dpop_bound_access_tokens`).
    pub bound_tokens: bool,
    /// Nobody registered it but itself (RFC 7591).
    pub self_registered: bool,
}

/// A secret of an application. Only its hash is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientSecret {
    /// By which it is taken away.
    pub id: Uuid,
    /// SHA-256 of the text.
    #[serde(with = "hash_bytes")]
    pub hash: TokenHash,
    /// What it is for.
    pub name: Option<String>,
    /// How its text begins, to tell it from others.
    pub hint: String,
    /// From when it counts.
    pub starts: Timestamp,
    /// Until when.
    pub ends: Timestamp,
}

/// Permissions of an interface that an application says it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequiredAccess {
    /// The interface.
    pub resource: Uuid,
    /// Their ids; `true` is a permission of the application itself, `false` a delegated one.
    pub access: Vec<(Uuid, bool)>,
}

mod hash_bytes {
    use super::TokenHash;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(hash: &TokenHash, serializer: S) -> Result<S::Ok, S::Error> {
        hash.as_bytes().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TokenHash, D::Error> {
        <[u8; 32]>::deserialize(deserializer).map(TokenHash::from_bytes)
    }
}

/// A device that waits until somebody has typed its code. Only hashes of its two codes are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCode {
    /// The tenant it waits in.
    pub tenant: TenantId,
    /// SHA-256 of what the device asks with.
    pub code: TokenHash,
    /// SHA-256 of what the person types.
    pub user_code: TokenHash,
    /// Whose device it is.
    pub application: ApplicationId,
    /// What it asks for.
    pub scopes: Vec<String>,
    /// When it began.
    pub created: Timestamp,
    /// When it is too late.
    pub expires: Timestamp,
    /// How long it has to wait between two questions.
    pub pause: Span,
    /// When it asked last.
    pub polled: Option<Timestamp>,
    /// When somebody used the user code up.
    pub typed: Option<Timestamp>,
    /// When somebody said no.
    pub declined: Option<Timestamp>,
}

/// An authorization code. Only its hash is stored; it is redeemed once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationCode {
    /// The tenant it was issued in.
    pub tenant: TenantId,
    /// SHA-256 of the code.
    pub code: TokenHash,
    /// The grant that begins when it is redeemed.
    pub grant: GrantId,
    /// Who may redeem it.
    pub application: ApplicationId,
    /// For whom.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
    /// The passkey that opened the session.
    pub passkey: Option<PasskeyId>,
    /// The pass that opened the session.
    pub pass: Option<PassId>,
    /// Where it was sent; has to be repeated at redemption.
    pub redirect_uri: String,
    /// The PKCE challenge (S256, base64url). Only a confidential client may go without.
    pub code_challenge: Option<String>,
    /// The key that has to be proved at redemption (RFC 9449 section 10), by its JWK thumbprint (RFC 7638).
    pub proof_key: Option<Sha256>,
    /// The request's `nonce`.
    pub nonce: Option<String>,
    /// What was asked and given.
    pub scopes: Vec<String>,
    /// What was proved in the session.
    pub methods: Vec<Method>,
    /// How well.
    pub assurance: Assurance,
    /// `auth_time`.
    pub authenticated: Timestamp,
    /// When it was issued.
    pub created: Timestamp,
    /// When it is too old.
    pub expires: Timestamp,
}

/// What a person agreed to give an application, beside what an administrator agreed to for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// Who agreed.
    pub user: UserId,
    /// Who may.
    pub application: ApplicationId,
    /// Delegated scopes of the interfaces.
    pub scopes: Vec<String>,
    /// When it was given, or last widened.
    pub given: Timestamp,
}

/// What one authorization code gave. Ending it ends its refresh tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// Its id; the family of its refresh tokens.
    pub id: GrantId,
    /// Who holds it.
    pub application: ApplicationId,
    /// For whom.
    pub user: UserId,
    /// The session it came from.
    pub session: SessionId,
    /// The passkey behind it.
    pub passkey: Option<PasskeyId>,
    /// The pass behind it.
    pub pass: Option<PassId>,
    /// The key that its refresh tokens are bound to, where its client is a public one and proved it.
    pub proof_key: Option<Sha256>,
    /// What was given.
    pub scopes: Vec<String>,
    /// What was proved.
    pub methods: Vec<Method>,
    /// How well.
    pub assurance: Assurance,
    /// `auth_time`.
    pub authenticated: Timestamp,
    /// When the code was redeemed.
    pub created: Timestamp,
    /// When no refresh is possible any more.
    pub expires: Timestamp,
    /// When the newest access token given out under it dies; the receipt of a revocation names it.
    pub access_expires: Timestamp,
    /// When and why it was ended early.
    pub ended: Option<(Timestamp, GrantEnd)>,
}

/// Why a grant was ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantEnd {
    /// Its session, user or passkey ended.
    With(EndReason),
    /// Its authorization code was presented a second time.
    CodeReplayed,
    /// A refresh token was presented after its successor had been used or the grace was over.
    RefreshReplayed,
    /// Its application gave it back (RFC 7009), or the person took back what they had agreed to.
    GivenBack,
}

impl GrantEnd {
    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::With(reason) => reason.as_str(),
            Self::CodeReplayed => "codeReplayed",
            Self::RefreshReplayed => "refreshReplayed",
            Self::GivenBack => "givenBack",
        }
    }

    /// The reason with this stored form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "codeReplayed" => Some(Self::CodeReplayed),
            "refreshReplayed" => Some(Self::RefreshReplayed),
            "givenBack" => Some(Self::GivenBack),
            other => EndReason::from_name(other).map(Self::With),
        }
    }
}

/// A refresh token of a grant. Only its hash is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// SHA-256 of the token.
    pub token: TokenHash,
    /// Its family.
    pub grant: GrantId,
    /// 0 for the first of the family, then one more for each rotation.
    pub generation: i64,
    /// When it was issued.
    pub created: Timestamp,
    /// When it is too old.
    pub expires: Timestamp,
    /// When it was first exchanged for its successor.
    pub rotated: Option<Timestamp>,
}

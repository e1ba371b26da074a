use super::possession::ProofRefusal;

/// What the outside reads of one refused OAuth request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Our stable code.
    pub code: &'static str,
    /// The OAuth error of RFC 6749, OpenID Connect or RFC 8628.
    pub error: &'static str,
    /// Entra's number, for clients that switch on `error_codes`.
    pub number: u32,
    /// One sentence for the developer who reads the answer.
    pub sentence: &'static str,
}

const fn facts(
    code: &'static str,
    error: &'static str,
    number: u32,
    sentence: &'static str,
) -> Facts {
    Facts {
        code,
        error,
        number,
        sentence,
    }
}

/// Why an authorization request is refused. One variant per rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizeRefusal {
    UnknownTenant,
    RepeatedParameter,
    ClientMissing,
    ClientUnknown,
    ClientDisabled,
    RedirectMissing,
    RedirectUnregistered,
    TooLong,
    ResponseTypeMissing,
    ResponseTypeUnsupported,
    ResponseModeUnsupported,
    RequestObject,
    RequestUri,
    PushedInvalid,
    Registration,
    PkceMissing,
    PkcePlain,
    PkceMalformed,
    ProofKeyMalformed,
    ProofByAnotherKey,
    ScopeMissing,
    PromptMalformed,
    MaxAgeMalformed,
    ClaimsMalformed,
    HintMalformed,
    LoginRequired,
    InteractionRequired,
    AccountDisabled,
    Cancelled,
    ConsentRequired,
    ConsentDeclined,
    ConsentOfAdministrator,
}

impl AuthorizeRefusal {
    /// What the outside reads.
    pub fn facts(self) -> Facts {
        match self {
            Self::UnknownTenant => facts(
                "unknown_tenant",
                "invalid_request",
                90002,
                "This tenant does not exist here.",
            ),
            Self::RepeatedParameter => facts(
                "repeated_parameter",
                "invalid_request",
                900_143,
                "A parameter was sent more than once.",
            ),
            Self::ClientMissing => facts(
                "client_missing",
                "invalid_request",
                900_144,
                "The parameter 'client_id' is missing.",
            ),
            Self::ClientUnknown => facts(
                "client_unknown",
                "unauthorized_client",
                700_016,
                "No application with this 'client_id' is registered in this tenant.",
            ),
            Self::ClientDisabled => facts(
                "client_disabled",
                "unauthorized_client",
                7_000_112,
                "The application is disabled.",
            ),
            Self::RedirectMissing => facts(
                "redirect_missing",
                "invalid_request",
                900_144,
                "The parameter 'redirect_uri' is missing.",
            ),
            Self::RedirectUnregistered => facts(
                "redirect_unregistered",
                "invalid_request",
                50011,
                "The 'redirect_uri' is not one of those registered for the application, character by character.",
            ),
            Self::TooLong => facts(
                "parameter_too_long",
                "invalid_request",
                90015,
                "A parameter is longer than this server carries.",
            ),
            Self::ResponseTypeMissing => facts(
                "response_type_missing",
                "invalid_request",
                900_144,
                "The parameter 'response_type' is missing.",
            ),
            Self::ResponseTypeUnsupported => facts(
                "response_type_unsupported",
                "unsupported_response_type",
                700_051,
                "Only 'response_type=code' is supported.",
            ),
            Self::ResponseModeUnsupported => facts(
                "response_mode_unsupported",
                "invalid_request",
                900_147,
                "The 'response_mode' is none of query, fragment and form_post.",
            ),
            Self::RequestObject => facts(
                "request_object",
                "request_not_supported",
                900_141,
                "Request objects are not supported.",
            ),
            Self::RequestUri => facts(
                "request_uri",
                "request_uri_not_supported",
                900_141,
                "A 'request_uri' is only supported if it comes from the pushed_authorization_request_endpoint.",
            ),
            Self::PushedInvalid => facts(
                "pushed_invalid",
                "invalid_request_uri",
                90023,
                "The 'request_uri' is not one of this server for this application, or it is too old.",
            ),
            Self::Registration => facts(
                "registration",
                "registration_not_supported",
                900_141,
                "The parameter 'registration' is not supported.",
            ),
            Self::PkceMissing => facts(
                "pkce_missing",
                "invalid_request",
                9_002_325,
                "Proof Key for Code Exchange is required for this application.",
            ),
            Self::PkcePlain => facts(
                "pkce_plain",
                "invalid_request",
                9_002_326,
                "The only accepted 'code_challenge_method' is S256.",
            ),
            Self::PkceMalformed => facts(
                "pkce_malformed",
                "invalid_request",
                501_491,
                "The 'code_challenge' is not the base64url of a SHA-256 value.",
            ),
            Self::ScopeMissing => facts(
                "scope_missing",
                "invalid_scope",
                900_144,
                "The parameter 'scope' names nothing that can be given.",
            ),
            Self::ProofKeyMalformed => facts(
                "proof_key_malformed",
                "invalid_request",
                90023,
                "The 'dpop_jkt' is not a JWK thumbprint (SHA-256, base64url without padding).",
            ),
            Self::ProofByAnotherKey => facts(
                "proof_by_another_key",
                "invalid_dpop_proof",
                90023,
                "The DPoP proof is by another key than the one 'dpop_jkt' names.",
            ),
            Self::PromptMalformed => facts(
                "prompt_malformed",
                "invalid_request",
                90023,
                "The 'prompt' is unknown, or 'none' is combined with another value.",
            ),
            Self::MaxAgeMalformed => facts(
                "max_age_malformed",
                "invalid_request",
                90023,
                "The 'max_age' is not a number of seconds.",
            ),
            Self::ClaimsMalformed => facts(
                "claims_malformed",
                "invalid_request",
                90023,
                "The 'claims' parameter is not a JSON object.",
            ),
            Self::HintMalformed => facts(
                "hint_malformed",
                "invalid_request",
                90023,
                "The 'id_token_hint' is not an ID token of this issuer for this application.",
            ),
            Self::LoginRequired => facts(
                "login_required",
                "login_required",
                50058,
                "There is no session that answers this request, and 'prompt=none' forbids to ask.",
            ),
            Self::InteractionRequired => facts(
                "interaction_required",
                "interaction_required",
                50076,
                "A policy asks for a further step of this sign-in, and 'prompt=none' forbids to ask.",
            ),
            Self::AccountDisabled => facts(
                "account_disabled",
                "access_denied",
                50057,
                "The user account is disabled.",
            ),
            Self::Cancelled => facts(
                "cancelled",
                "access_denied",
                65004,
                "The user left the sign-in.",
            ),
            Self::ConsentRequired => facts(
                "consent_required",
                "consent_required",
                65001,
                "Nobody agreed to what the application asks for, and 'prompt=none' forbids to ask.",
            ),
            Self::ConsentDeclined => facts(
                "consent_declined",
                "access_denied",
                65004,
                "The user did not agree to what the application asks for.",
            ),
            Self::ConsentOfAdministrator => facts(
                "consent_of_administrator",
                "access_denied",
                90094,
                "An administrator has to agree to what the application asks for.",
            ),
        }
    }
}

/// Why a token request is refused. One variant per rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenRefusal {
    UnknownTenant,
    NotAForm,
    RepeatedParameter,
    GrantTypeMissing,
    GrantTypeUnsupported,
    ClientMissing,
    ClientUnknown,
    ClientDisabled,
    TwoAuthentications,
    SecretMissing,
    SecretWrong,
    SecretForPublicClient,
    AssertionTypeUnknown,
    AssertionInvalid,
    AssertionOfAnotherClient,
    AssertionForAnotherAudience,
    AssertionOutOfTime,
    AssertionReplayed,
    CodeMissing,
    CodeUnknown,
    CodeExpired,
    CodeSpent,
    CodeOfAnotherClient,
    RedirectMismatch,
    VerifierMissing,
    VerifierWrong,
    VerifierUnexpected,
    RefreshMissing,
    RefreshUnknown,
    RefreshExpired,
    RefreshReused,
    RefreshOfAnotherClient,
    GrantRevoked,
    ProofsOutdated,
    SessionEnded,
    AccountDisabled,
    Proof(ProofRefusal),
    ProofMissing,
    ProofByAnotherKey,
    ScopeBeyondGrant,
    ScopeMissing,
    AppOnlyForPublicClient,
    DeviceCodeMissing,
    DeviceCodeNotAllowed,
    DeviceCodeUnknown,
    DeviceCodeExpired,
    DeviceDeclined,
    DeviceScopeMissing,
    AuthorizationPending,
    SlowDown,
    TokenMissing,
    TokenOfAnotherClient,
    TokenCannotBeRevoked,
    IntrospectionForPublicClient,
    Unavailable,
}

impl TokenRefusal {
    /// What the outside reads.
    pub fn facts(self) -> Facts {
        match self {
            Self::UnknownTenant => facts(
                "unknown_tenant",
                "invalid_request",
                90002,
                "This tenant does not exist here.",
            ),
            Self::NotAForm => facts(
                "not_a_form",
                "invalid_request",
                900_144,
                "The body is not application/x-www-form-urlencoded.",
            ),
            Self::RepeatedParameter => facts(
                "repeated_parameter",
                "invalid_request",
                900_143,
                "A parameter was sent more than once.",
            ),
            Self::GrantTypeMissing => facts(
                "grant_type_missing",
                "invalid_request",
                900_144,
                "The parameter 'grant_type' is missing.",
            ),
            Self::GrantTypeUnsupported => facts(
                "grant_type_unsupported",
                "unsupported_grant_type",
                70003,
                "This 'grant_type' is not supported.",
            ),
            Self::ClientMissing => facts(
                "client_missing",
                "invalid_request",
                900_144,
                "The parameter 'client_id' is missing.",
            ),
            Self::ClientUnknown => facts(
                "client_unknown",
                "unauthorized_client",
                700_016,
                "No application with this 'client_id' is registered in this tenant.",
            ),
            Self::ClientDisabled => facts(
                "client_disabled",
                "unauthorized_client",
                7_000_112,
                "The application is disabled.",
            ),
            Self::TwoAuthentications => facts(
                "two_authentications",
                "invalid_request",
                7_000_221,
                "The client authenticated in the header and in the body; one is enough.",
            ),
            Self::SecretMissing => facts(
                "secret_missing",
                "invalid_client",
                7_000_218,
                "The application has a secret and did not send it.",
            ),
            Self::SecretWrong => facts(
                "secret_wrong",
                "invalid_client",
                7_000_215,
                "Invalid client secret provided.",
            ),
            Self::SecretForPublicClient => facts(
                "secret_for_public_client",
                "invalid_client",
                700_025,
                "The application is public, so no secret may be sent.",
            ),
            Self::CodeMissing => facts(
                "code_missing",
                "invalid_request",
                900_144,
                "The parameter 'code' is missing.",
            ),
            Self::CodeUnknown => facts(
                "code_unknown",
                "invalid_grant",
                70000,
                "The authorization code is not one of this server.",
            ),
            Self::CodeExpired => facts(
                "code_expired",
                "invalid_grant",
                70008,
                "The authorization code is too old.",
            ),
            Self::CodeSpent => facts(
                "code_spent",
                "invalid_grant",
                54005,
                "The authorization code was already redeemed; what it gave is revoked.",
            ),
            Self::CodeOfAnotherClient => facts(
                "code_of_another_client",
                "invalid_grant",
                70000,
                "The authorization code was issued to another application.",
            ),
            Self::RedirectMismatch => facts(
                "redirect_mismatch",
                "invalid_grant",
                500_112,
                "The 'redirect_uri' is not the one of the authorization request.",
            ),
            Self::VerifierMissing => facts(
                "verifier_missing",
                "invalid_grant",
                50148,
                "The 'code_verifier' is missing.",
            ),
            Self::VerifierWrong => facts(
                "verifier_wrong",
                "invalid_grant",
                501_481,
                "The 'code_verifier' does not match the 'code_challenge' of the authorization request.",
            ),
            Self::VerifierUnexpected => facts(
                "verifier_unexpected",
                "invalid_grant",
                501_481,
                "A 'code_verifier' was sent for an authorization request without 'code_challenge'.",
            ),
            Self::RefreshMissing => facts(
                "refresh_missing",
                "invalid_request",
                900_144,
                "The parameter 'refresh_token' is missing.",
            ),
            Self::RefreshUnknown => facts(
                "refresh_unknown",
                "invalid_grant",
                70000,
                "The refresh token is not one of this server.",
            ),
            Self::RefreshExpired => facts(
                "refresh_expired",
                "invalid_grant",
                700_082,
                "The refresh token has expired.",
            ),
            Self::RefreshReused => facts(
                "refresh_reused",
                "invalid_grant",
                70000,
                "The refresh token was already exchanged; its whole family is revoked.",
            ),
            Self::RefreshOfAnotherClient => facts(
                "refresh_of_another_client",
                "invalid_grant",
                70000,
                "The refresh token was issued to another application.",
            ),
            Self::GrantRevoked => facts(
                "grant_revoked",
                "invalid_grant",
                50173,
                "The grant has been revoked; the user has to sign in again.",
            ),
            Self::ProofsOutdated => facts(
                "proofs_outdated",
                "invalid_grant",
                50076,
                "Another system raised an alarm about this user; they have to show two factors again.",
            ),
            Self::SessionEnded => facts(
                "session_ended",
                "invalid_grant",
                50133,
                "The session behind the grant has ended; the user has to sign in again.",
            ),
            Self::AccountDisabled => facts(
                "account_disabled",
                "invalid_grant",
                50057,
                "The user account is disabled.",
            ),
            Self::Proof(refusal) => facts(
                refusal.code(),
                "invalid_dpop_proof",
                90023,
                refusal.sentence(),
            ),
            Self::ProofMissing => facts(
                "proof_missing",
                "invalid_dpop_proof",
                90023,
                "A DPoP proof is needed: the application, the code or the refresh token is bound to a key.",
            ),
            Self::ProofByAnotherKey => facts(
                "proof_by_another_key",
                "invalid_dpop_proof",
                90023,
                "The DPoP proof is by another key than the one the code or the refresh token is bound to.",
            ),
            Self::ScopeBeyondGrant => facts(
                "scope_beyond_grant",
                "invalid_scope",
                70011,
                "The 'scope' asks for more than was granted.",
            ),
            Self::ScopeMissing => facts(
                "scope_missing",
                "invalid_scope",
                1_002_012,
                "An app-only request asks for exactly one scope that ends in '/.default'.",
            ),
            Self::AppOnlyForPublicClient => facts(
                "app_only_for_public_client",
                "unauthorized_client",
                700_025,
                "A public application cannot act on its own.",
            ),
            Self::AssertionTypeUnknown => facts(
                "assertion_type_unknown",
                "invalid_client",
                700_211,
                "The 'client_assertion_type' is not that of a JWT.",
            ),
            Self::AssertionInvalid => facts(
                "assertion_invalid",
                "invalid_client",
                700_027,
                "The client assertion is not signed by a key of the application, or lacks a claim.",
            ),
            Self::AssertionOfAnotherClient => facts(
                "assertion_of_another_client",
                "invalid_client",
                700_021,
                "Issuer and subject of the client assertion are not the application.",
            ),
            Self::AssertionForAnotherAudience => facts(
                "assertion_for_another_audience",
                "invalid_client",
                700_023,
                "The audience of the client assertion is neither the issuer nor the token endpoint.",
            ),
            Self::AssertionOutOfTime => facts(
                "assertion_out_of_time",
                "invalid_client",
                700_024,
                "The client assertion is too old, too new, or good for more than an hour.",
            ),
            Self::AssertionReplayed => facts(
                "assertion_replayed",
                "invalid_client",
                700_024,
                "The client assertion was used before.",
            ),
            Self::DeviceCodeMissing => facts(
                "device_code_missing",
                "invalid_request",
                900_144,
                "The parameter 'device_code' is missing.",
            ),
            Self::DeviceCodeNotAllowed => facts(
                "device_code_not_allowed",
                "unauthorized_client",
                70001,
                "The application may not use the device code flow; an administrator can allow it.",
            ),
            Self::DeviceCodeUnknown => facts(
                "device_code_unknown",
                "invalid_grant",
                70018,
                "No device waits with this code.",
            ),
            Self::DeviceCodeExpired => facts(
                "device_code_expired",
                "expired_token",
                70019,
                "Nobody signed in in time.",
            ),
            Self::DeviceDeclined => facts(
                "device_declined",
                "access_denied",
                65004,
                "The person said no.",
            ),
            Self::DeviceScopeMissing => facts(
                "scope_missing",
                "invalid_scope",
                900_144,
                "The parameter 'scope' names nothing that can be given.",
            ),
            Self::AuthorizationPending => facts(
                "authorization_pending",
                "authorization_pending",
                70016,
                "Nobody has signed in yet.",
            ),
            Self::SlowDown => facts(
                "slow_down",
                "slow_down",
                70016,
                "The device asks too often; it has to wait five seconds longer from now on.",
            ),
            Self::TokenMissing => facts(
                "token_missing",
                "invalid_request",
                900_144,
                "The parameter 'token' is missing.",
            ),
            Self::TokenOfAnotherClient => facts(
                "token_of_another_client",
                "invalid_grant",
                70000,
                "The token was issued to another application.",
            ),
            Self::TokenCannotBeRevoked => facts(
                "token_cannot_be_revoked",
                "unsupported_token_type",
                70000,
                "An app-only access token cannot be revoked; it ends by itself within minutes.",
            ),
            Self::IntrospectionForPublicClient => facts(
                "introspection_for_public_client",
                "unauthorized_client",
                700_025,
                "Only an application that authenticates may ask about tokens.",
            ),
            Self::Unavailable => facts(
                "unavailable",
                "temporarily_unavailable",
                90033,
                "The server cannot answer now.",
            ),
        }
    }

    /// HTTP status: 401 where the client failed to authenticate (RFC 6749 section 5.2), 503 for our own trouble, else 400.
    pub fn status(self) -> u16 {
        match self {
            Self::SecretMissing
            | Self::SecretWrong
            | Self::SecretForPublicClient
            | Self::AssertionTypeUnknown
            | Self::AssertionInvalid
            | Self::AssertionOfAnotherClient
            | Self::AssertionForAnotherAudience
            | Self::AssertionOutOfTime
            | Self::AssertionReplayed => 401,
            Self::Unavailable => 503,
            _ => 400,
        }
    }
}

use policy::model::{
    Acr, Application, ApplicationId, ClientKind, RedirectKind, Sha256, TenantId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

use super::parameters::Parameters;
use super::refusal::AuthorizeRefusal;
use super::{pkce, redirect, scopes};
use crate::jose;

/// Longest `state`, in bytes. The longest that a client library is known to send is about 1 kB.
const LONGEST_STATE: usize = 4096;
const LONGEST_NONCE: usize = 1024;
const LONGEST_CLAIMS: usize = 4096;
/// The parameter that names the key which has to be proved at redemption (RFC 9449 section 10).
pub const PROOF_KEY: &str = "dpop_jkt";

/// How the answer travels to the client (OAuth 2.0 Multiple Response Types, Form Post Response Mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

/// Where the answer of an authorization request goes. Holding one means that the address is registered for the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnTo {
    /// The registered address, as it was sent.
    pub redirect_uri: String,
    /// How the answer travels.
    pub mode: ResponseMode,
    /// The client's own value, given back unread.
    pub state: Option<String>,
}

/// Whether a person may or must be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Prompt {
    /// Ask if there is no session that fits.
    IfNeeded,
    /// Never ask.
    Never,
    /// Always ask for a fresh sign-in.
    Login,
    /// Let the person choose an account.
    SelectAccount,
}

/// A device that waits for the answer (RFC 8628).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForDevice {
    /// SHA-256 of what it asks with.
    pub code: [u8; 32],
    /// Until when it waits.
    pub expires: Timestamp,
}

/// An authorization request whose every parameter has been checked. It travels sealed through the sign-in pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizeRequest {
    pub tenant: TenantId,
    pub application: ApplicationId,
    pub to: ReturnTo,
    /// What will be granted without asking.
    pub scopes: Vec<String>,
    /// What will be granted besides if the person agrees or has agreed. One of the two is not empty.
    #[serde(default)]
    pub wanted: Vec<String>,
    /// The person is asked even where nothing new is wanted (`prompt=consent`).
    #[serde(default)]
    pub ask_again: bool,
    pub nonce: Option<String>,
    /// The S256 challenge; only confidential clients may go without.
    pub code_challenge: Option<String>,
    /// The JWK thumbprint of the key that has to be proved at redemption.
    #[serde(default)]
    pub proof_key: Option<Sha256>,
    pub prompt: Prompt,
    /// Oldest acceptable sign-in, in seconds before now.
    pub max_age: Option<i64>,
    /// Who will probably sign in. A hint for the form, never a proof.
    pub login_hint: Option<String>,
    /// The user an `id_token_hint` named; a session of somebody else does not answer the request.
    pub hinted_user: Option<UserId>,
    /// What waits at the redirect address.
    pub redirect_kind: RedirectKind,
    /// Authentication contexts that the client asks for (`acrs` in `claims`).
    #[serde(default)]
    pub contexts: Vec<String>,
    /// The authentication context class that the client asks for: the first one of `acr_values` that is known here.
    #[serde(default)]
    pub acr: Option<Acr>,
    /// Whether the answer carries `client_info`.
    pub client_info: bool,
    /// The device that waits for the answer, where it is none that goes to an address.
    #[serde(default)]
    pub device: Option<ForDevice>,
    /// When the request arrived: `prompt=login` is met only by a sign-in after this.
    pub asked: Timestamp,
}

/// A refused request: shown on a page of ours as long as no registered address is known, afterwards told to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    OnPage(AuthorizeRefusal),
    ToClient(ReturnTo, AuthorizeRefusal),
}

impl AuthorizeRequest {
    /// Checks everything but the client's existence (`application` is the one that `client_id` names) and the
    /// `id_token_hint` (a signature, checked by the caller).
    ///
    /// The order matters: nothing is ever sent to an address before it is known to be registered, which is what makes an
    /// open redirector impossible.
    pub fn check(
        parameters: &Parameters,
        application: &Application,
        origin: &str,
        now: Timestamp,
    ) -> Result<Self, Refused> {
        let to = return_to(parameters, application).map_err(Refused::OnPage)?;
        match Self::check_rest(parameters, application, origin, now, &to) {
            Ok(request) => Ok(request),
            Err(refusal) => Err(Refused::ToClient(to, refusal)),
        }
    }

    fn check_rest(
        parameters: &Parameters,
        application: &Application,
        origin: &str,
        now: Timestamp,
        to: &ReturnTo,
    ) -> Result<Self, AuthorizeRefusal> {
        check_shape(parameters)?;
        let contexts = contexts(parameters)?;
        let kind = redirect::registered(application, &to.redirect_uri)
            .ok_or(AuthorizeRefusal::RedirectUnregistered)?
            .kind;
        let scopes = scopes::granted(parameters.words("scope"), origin, application, &[]);
        let wanted = scopes::to_ask_for(parameters.words("scope"), origin, application);
        if scopes.is_empty() && wanted.is_empty() {
            return Err(AuthorizeRefusal::ScopeMissing);
        }
        Ok(Self {
            tenant: application.tenant,
            application: application.id,
            to: to.clone(),
            scopes,
            wanted,
            ask_again: parameters.words("prompt").any(|word| word == "consent"),
            nonce: bounded(parameters, "nonce", LONGEST_NONCE)?,
            code_challenge: challenge(parameters, application.kind)?,
            proof_key: proof_key(parameters)?,
            prompt: prompt(parameters)?,
            max_age: max_age(parameters)?,
            login_hint: parameters
                .get("login_hint")
                .filter(|hint| hint.len() <= 320)
                .map(str::to_owned),
            hinted_user: None,
            redirect_kind: kind,
            contexts,
            acr: parameters.words("acr_values").find_map(Acr::from_name),
            client_info: parameters.get("client_info") == Some("1"),
            device: None,
            asked: now,
        })
    }

    /// True if a sign-in at `authenticated` of `user` answers this request without asking anybody.
    pub fn is_answered_by(&self, user: UserId, authenticated: Timestamp, now: Timestamp) -> bool {
        let fresh = match self.prompt {
            Prompt::IfNeeded | Prompt::Never => true,
            Prompt::Login | Prompt::SelectAccount => authenticated >= self.asked,
        };
        // A sign-in made for this very request is as young as a sign-in can be, also for `max_age=0`.
        let young = self.max_age.is_none_or(|seconds| {
            authenticated >= self.asked || now.since(authenticated).as_seconds() <= seconds
        });
        fresh && young && self.hinted_user.is_none_or(|hinted| hinted == user)
    }
}

fn return_to(
    parameters: &Parameters,
    application: &Application,
) -> Result<ReturnTo, AuthorizeRefusal> {
    if matches!(
        parameters.repeated(),
        Some("client_id" | "redirect_uri" | "state" | "response_mode")
    ) {
        return Err(AuthorizeRefusal::RepeatedParameter);
    }
    if !application.enabled {
        return Err(AuthorizeRefusal::ClientDisabled);
    }
    let asked = parameters
        .get("redirect_uri")
        .ok_or(AuthorizeRefusal::RedirectMissing)?;
    redirect::registered(application, asked).ok_or(AuthorizeRefusal::RedirectUnregistered)?;
    let mode = match parameters.get("response_mode") {
        Some("fragment") => ResponseMode::Fragment,
        Some("form_post") => ResponseMode::FormPost,
        _ => ResponseMode::Query,
    };
    Ok(ReturnTo {
        redirect_uri: asked.to_owned(),
        mode,
        state: bounded(parameters, "state", LONGEST_STATE)?,
    })
}

fn check_shape(parameters: &Parameters) -> Result<(), AuthorizeRefusal> {
    if parameters.repeated().is_some() {
        return Err(AuthorizeRefusal::RepeatedParameter);
    }
    for (name, refusal) in [
        ("request", AuthorizeRefusal::RequestObject),
        ("request_uri", AuthorizeRefusal::RequestUri),
        ("registration", AuthorizeRefusal::Registration),
    ] {
        if parameters.get(name).is_some() {
            return Err(refusal);
        }
    }
    match parameters.get("response_type") {
        None => return Err(AuthorizeRefusal::ResponseTypeMissing),
        Some("code") => {}
        Some(_) => return Err(AuthorizeRefusal::ResponseTypeUnsupported),
    }
    if !matches!(
        parameters.get("response_mode"),
        None | Some("query" | "fragment" | "form_post")
    ) {
        return Err(AuthorizeRefusal::ResponseModeUnsupported);
    }
    Ok(())
}

/// The `acrs` of the `claims` parameter, as the Microsoft identity platform spells it: under `id_token` or
/// `access_token`, with `value` or `values`. Other claims are ignored, as clients expect. An authentication context that
/// is none (`c1` to `c99`) is no mistake of the person, but silence would be taken for consent.
fn contexts(parameters: &Parameters) -> Result<Vec<String>, AuthorizeRefusal> {
    let Some(claims) = bounded(parameters, "claims", LONGEST_CLAIMS)? else {
        return Ok(Vec::new());
    };
    let claims: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&claims).map_err(|_| AuthorizeRefusal::ClaimsMalformed)?;
    let asked = ["id_token", "access_token"]
        .into_iter()
        .filter_map(|part| claims.get(part)?.get("acrs"));
    let mut contexts = Vec::new();
    for acrs in asked {
        let values = acrs.get("values").and_then(serde_json::Value::as_array);
        for value in acrs
            .get("value")
            .into_iter()
            .chain(values.into_iter().flatten())
        {
            let name = value.as_str().filter(|name| is_context(name));
            contexts.push(name.ok_or(AuthorizeRefusal::ClaimsMalformed)?.to_owned());
        }
    }
    contexts.sort_unstable();
    contexts.dedup();
    Ok(contexts)
}

/// `c1` to `c99`.
fn is_context(name: &str) -> bool {
    let number = name.strip_prefix('c').unwrap_or_default();
    let digits = number.bytes().all(|digit| digit.is_ascii_digit());
    digits && (1..=2).contains(&number.len()) && !number.starts_with('0')
}

fn challenge(
    parameters: &Parameters,
    kind: ClientKind,
) -> Result<Option<String>, AuthorizeRefusal> {
    let method = parameters.get("code_challenge_method");
    match (parameters.get("code_challenge"), method) {
        (None, None) if kind == ClientKind::Confidential => Ok(None),
        (None, _) => Err(AuthorizeRefusal::PkceMissing),
        (Some(challenge), Some("S256")) if pkce::is_challenge(challenge) => {
            Ok(Some(challenge.to_owned()))
        }
        (Some(_), Some("S256")) => Err(AuthorizeRefusal::PkceMalformed),
        // No method means `plain` (RFC 7636 section 4.3), which protects nothing from whoever reads the request.
        (Some(_), _) => Err(AuthorizeRefusal::PkcePlain),
    }
}

fn proof_key(parameters: &Parameters) -> Result<Option<Sha256>, AuthorizeRefusal> {
    let Some(named) = parameters.get(PROOF_KEY) else {
        return Ok(None);
    };
    let bytes = jose::decode(named).and_then(|bytes| bytes.try_into().ok());
    let bytes = bytes.ok_or(AuthorizeRefusal::ProofKeyMalformed)?;
    Ok(Some(Sha256::from_bytes(bytes)))
}

fn prompt(parameters: &Parameters) -> Result<Prompt, AuthorizeRefusal> {
    let words: Vec<&str> = parameters.words("prompt").collect();
    match words.as_slice() {
        [] | ["consent" | "create"] => Ok(Prompt::IfNeeded),
        ["none"] => Ok(Prompt::Never),
        many if many.contains(&"none") => Err(AuthorizeRefusal::PromptMalformed),
        many if many.contains(&"login") => Ok(Prompt::Login),
        many if many.contains(&"select_account") => Ok(Prompt::SelectAccount),
        _ => Err(AuthorizeRefusal::PromptMalformed),
    }
}

fn max_age(parameters: &Parameters) -> Result<Option<i64>, AuthorizeRefusal> {
    let Some(text) = parameters.get("max_age") else {
        return Ok(None);
    };
    match text.parse::<u32>() {
        Ok(seconds) => Ok(Some(i64::from(seconds))),
        Err(_) => Err(AuthorizeRefusal::MaxAgeMalformed),
    }
}

fn bounded(
    parameters: &Parameters,
    name: &str,
    longest: usize,
) -> Result<Option<String>, AuthorizeRefusal> {
    match parameters.get(name) {
        Some(value) if value.len() > longest => Err(AuthorizeRefusal::TooLong),
        other => Ok(other.map(str::to_owned)),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;
    use policy::model::{ClientSettings, RedirectKind, RedirectUri};

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn application(kind: ClientKind) -> Application {
        Application {
            tenant: TenantId::from_bytes([1; 16]),
            id: ApplicationId::from_bytes([2; 16]),
            display_name: "App".into(),
            kind,
            secrets: Vec::new(),
            redirect_uris: vec![RedirectUri {
                uri: "https://app.example/back".into(),
                kind: RedirectKind::Web,
            }],
            logout_uris: Vec::new(),
            app_permissions: Vec::new(),
            id_token_algorithm: None,
            settings: ClientSettings::default(),
            enabled: true,
            created: Timestamp::from_seconds(0),
        }
    }

    fn check_as(kind: ClientKind, extra: &str) -> Result<AuthorizeRequest, Refused> {
        let text = format!(
            "response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fback&scope=openid&{extra}"
        );
        let now = Timestamp::from_seconds(1_000);
        AuthorizeRequest::check(
            &Parameters::parse(text.as_bytes()),
            &application(kind),
            "https://op.example",
            now,
        )
    }

    fn check(extra: &str) -> Result<AuthorizeRequest, Refused> {
        check_as(
            ClientKind::Public,
            &format!("code_challenge={CHALLENGE}&code_challenge_method=S256&{extra}"),
        )
    }

    fn told(result: Result<AuthorizeRequest, Refused>) -> AuthorizeRefusal {
        match result.unwrap_err() {
            Refused::ToClient(_, refusal) => refusal,
            Refused::OnPage(refusal) => unreachable!("on a page: {refusal:?}"),
        }
    }

    #[test]
    fn a_plain_request_is_read() {
        let request = check(
            "state=s&nonce=n&client_info=1&unknown=ignored&claims=%7B%22id_token%22%3A%7B%7D%7D",
        )
        .unwrap();
        assert_eq!(request.to.state.as_deref(), Some("s"));
        assert_eq!(request.nonce.as_deref(), Some("n"));
        assert!(request.client_info);
        assert_eq!(request.code_challenge.as_deref(), Some(CHALLENGE));
    }

    #[test]
    fn authentication_contexts_are_read_from_claims() {
        let read = |claims: &str| {
            let encoded: String = url::form_urlencoded::byte_serialize(claims.as_bytes()).collect();
            check(&format!("claims={encoded}")).unwrap().contexts
        };
        let both = r#"{"id_token":{"acrs":{"essential":true,"value":"c25"}},"access_token":{"acrs":{"values":["c1","c25"]}}}"#;
        assert_eq!(read(both), ["c1", "c25"]);
        assert_eq!(read(r#"{"userinfo":{"email":null}}"#), Vec::<String>::new());
    }

    #[test]
    fn the_first_known_class_of_acr_values_counts() {
        let read = |extra: &str| check(extra).unwrap().acr;
        assert_eq!(read(""), None);
        assert_eq!(
            read("acr_values=urn%3Aother+phrh+phr"),
            Some(Acr::HardwareProtected)
        );
        assert_eq!(read("acr_values=urn%3Aother"), None);
    }

    #[test]
    fn a_public_client_without_pkce_is_refused() {
        assert_eq!(
            told(check_as(ClientKind::Public, "")),
            AuthorizeRefusal::PkceMissing
        );
        assert!(
            check_as(ClientKind::Confidential, "")
                .unwrap()
                .code_challenge
                .is_none()
        );
    }

    #[test]
    fn pkce_cannot_be_weakened() {
        for kind in [ClientKind::Public, ClientKind::Confidential] {
            for plain in [
                "",
                "&code_challenge_method=plain",
                "&code_challenge_method=s256",
            ] {
                let extra = format!("code_challenge={CHALLENGE}{plain}");
                assert_eq!(
                    told(check_as(kind, &extra)),
                    AuthorizeRefusal::PkcePlain,
                    "{plain}"
                );
            }
            let short = "code_challenge=abc&code_challenge_method=S256";
            assert_eq!(told(check_as(kind, short)), AuthorizeRefusal::PkceMalformed);
            assert_eq!(
                told(check_as(kind, "code_challenge_method=S256")),
                AuthorizeRefusal::PkceMissing
            );
        }
    }

    #[test]
    fn nothing_is_sent_to_an_unregistered_address() {
        let parameters =
            Parameters::parse(b"response_type=token&redirect_uri=https%3A%2F%2Fevil.example%2F");
        let result = AuthorizeRequest::check(
            &parameters,
            &application(ClientKind::Public),
            "https://op.example",
            Timestamp::from_seconds(0),
        );
        assert_eq!(
            result,
            Err(Refused::OnPage(AuthorizeRefusal::RedirectUnregistered))
        );
    }

    #[test]
    fn a_repeated_address_is_refused_on_a_page() {
        let result = check("redirect_uri=https%3A%2F%2Fevil.example%2F");
        assert_eq!(
            result,
            Err(Refused::OnPage(AuthorizeRefusal::RepeatedParameter))
        );
    }

    #[test]
    fn a_disabled_application_gets_nothing() {
        let mut off = application(ClientKind::Public);
        off.enabled = false;
        let parameters = Parameters::parse(b"redirect_uri=https%3A%2F%2Fapp.example%2Fback");
        let result = AuthorizeRequest::check(
            &parameters,
            &off,
            "https://op.example",
            Timestamp::from_seconds(0),
        );
        assert_eq!(
            result,
            Err(Refused::OnPage(AuthorizeRefusal::ClientDisabled))
        );
    }

    #[test]
    fn each_rule_has_its_refusal() {
        for (extra, refusal) in [
            ("request=abc", AuthorizeRefusal::RequestObject),
            ("request_uri=https%3A%2F%2Fa", AuthorizeRefusal::RequestUri),
            ("registration=%7B%7D", AuthorizeRefusal::Registration),
            (
                "response_mode=web_message",
                AuthorizeRefusal::ResponseModeUnsupported,
            ),
            ("prompt=none+login", AuthorizeRefusal::PromptMalformed),
            ("prompt=sometimes", AuthorizeRefusal::PromptMalformed),
            ("max_age=-1", AuthorizeRefusal::MaxAgeMalformed),
            ("claims=%5B%5D", AuthorizeRefusal::ClaimsMalformed),
            (
                "claims=%7B%22id_token%22%3A%7B%22acrs%22%3A%7B%22value%22%3A%22c0%22%7D%7D%7D",
                AuthorizeRefusal::ClaimsMalformed,
            ),
            ("nonce=a&nonce=b", AuthorizeRefusal::RepeatedParameter),
        ] {
            assert_eq!(told(check(extra)), refusal, "{extra}");
        }
        let long = format!("nonce={}", "n".repeat(LONGEST_NONCE + 1));
        assert_eq!(told(check(&long)), AuthorizeRefusal::TooLong);
    }

    #[test]
    fn only_the_code_flow_exists() {
        for (kind, refusal) in [
            ("", AuthorizeRefusal::ResponseTypeMissing),
            (
                "response_type=token",
                AuthorizeRefusal::ResponseTypeUnsupported,
            ),
            (
                "response_type=id_token",
                AuthorizeRefusal::ResponseTypeUnsupported,
            ),
            (
                "response_type=code+id_token",
                AuthorizeRefusal::ResponseTypeUnsupported,
            ),
        ] {
            let text = format!("redirect_uri=https%3A%2F%2Fapp.example%2Fback&scope=openid&{kind}");
            let result = AuthorizeRequest::check(
                &Parameters::parse(text.as_bytes()),
                &application(ClientKind::Confidential),
                "https://op.example",
                Timestamp::from_seconds(0),
            );
            assert_eq!(told(result), refusal, "{kind}");
        }
    }

    #[test]
    fn prompt_login_needs_a_sign_in_after_the_request() {
        let user = UserId::from_bytes([3; 16]);
        let request = check("prompt=login").unwrap();
        let now = Timestamp::from_seconds(1_010);
        assert!(!request.is_answered_by(user, Timestamp::from_seconds(999), now));
        assert!(request.is_answered_by(user, Timestamp::from_seconds(1_005), now));
    }

    #[test]
    fn max_age_bounds_the_age_of_the_sign_in() {
        let user = UserId::from_bytes([3; 16]);
        let request = check("max_age=60").unwrap();
        let now = Timestamp::from_seconds(1_000);
        assert!(request.is_answered_by(user, Timestamp::from_seconds(940), now));
        assert!(!request.is_answered_by(user, Timestamp::from_seconds(939), now));
        let strict = check("max_age=0").unwrap();
        assert!(strict.is_answered_by(
            user,
            Timestamp::from_seconds(1_001),
            Timestamp::from_seconds(1_030)
        ));
    }

    #[test]
    fn a_hinted_user_is_the_only_answer() {
        let mut request = check("").unwrap();
        request.hinted_user = Some(UserId::from_bytes([4; 16]));
        let now = Timestamp::from_seconds(1_000);
        assert!(!request.is_answered_by(UserId::from_bytes([3; 16]), now, now));
        assert!(request.is_answered_by(UserId::from_bytes([4; 16]), now, now));
    }
}

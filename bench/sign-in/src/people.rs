//! Filling the tenant: users with one software passkey each, made through the pages an administrator and a user see.

use anyhow::Context as _;
use aws_lc_rs::hmac;
use serde_json::Value;
use url::Url;

use crate::server::Server;
use crate::tour::{Answer, Browser, Kind, Panel, Person, SoftwareAuthenticator, browser};

/// The application of the world file that codes are issued to.
#[derive(Clone, Debug)]
pub struct Application {
    pub tenant: String,
    pub client_id: String,
    pub client_secret: String,
    pub redirect_uri: String,
}

/// A user in front of the application's sign-in page.
pub struct User {
    pub browser: Browser,
    pub key: SoftwareAuthenticator,
    pub page: Url,
    pub panel: Panel,
}

impl Application {
    /// Reads the world file of `demo`.
    pub fn from_world(world: &Value) -> anyhow::Result<Self> {
        let text = |pointer: &str| {
            let value = world.pointer(pointer).and_then(Value::as_str);
            value
                .map(str::to_owned)
                .with_context(|| format!("the world has no {pointer}"))
        };
        Ok(Self {
            tenant: text("/tenantId")?,
            client_id: text("/webClient/clientId")?,
            client_secret: text("/webClient/clientSecret")?,
            redirect_uri: text("/webClient/redirectUris/0")?,
        })
    }

    /// The authorization request; the PKCE verifier is [`VERIFIER`].
    pub fn authorize(&self, origin: &Url) -> anyhow::Result<Url> {
        let mut url = origin.join(&format!("/{}/oauth2/v2.0/authorize", self.tenant))?;
        url.query_pairs_mut().extend_pairs([
            ("client_id", self.client_id.as_str()),
            ("response_type", "code"),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("scope", "openid profile offline_access"),
            ("state", "load"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        Ok(url)
    }
}

/// PKCE: the example of RFC 7636, appendix B. What it protects is not at stake here, what it costs is.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The administrator of the demo, signed in with password and one-time code.
pub async fn administrator(server: &Server, world: &Value) -> anyhow::Result<Person> {
    let users = world
        .get("users")
        .and_then(Value::as_array)
        .context("the world has no users")?;
    let is_administrator = |user: &&Value| {
        let roles = user.get("roles").and_then(Value::as_array);
        roles.is_some_and(|roles| roles.iter().any(|role| role == "Global Administrator"))
    };
    let found = users
        .iter()
        .find(is_administrator)
        .context("the world has no administrator")?;
    let text = |member: &str| {
        found
            .get(member)
            .and_then(Value::as_str)
            .with_context(|| format!("no {member}"))
    };
    let mut person = Person::new(server.client()?, server.origin.clone());
    let start = person.open("/admin/users").await?;
    let asked = person
        .fill(
            &start,
            "/signin/identifier",
            &[("username", text("userPrincipalName")?)],
        )
        .await?;
    let asked = person
        .fill(
            &asked,
            "/signin/password",
            &[("password", text("password")?)],
        )
        .await?;
    let code = one_time_code(text("totpSecret")?)?;
    let interrupt = person
        .fill(&asked, "/signin/totp", &[("code", &code)])
        .await?;
    // An administrator's session begins only when there is a passkey.
    register(&mut person, interrupt).await?;
    Ok(person)
}

/// The code of this half minute (RFC 6238 with SHA-1, six digits).
fn one_time_code(secret: &str) -> anyhow::Result<String> {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)?
        .as_secs();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &base32(secret)?);
    let tag = hmac::sign(&key, &(now / 30).to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().context("an empty tag")? & 0x0f);
    let four = tag.get(offset..offset + 4).context("a short tag")?;
    let number = four
        .iter()
        .fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte))
        & 0x7fff_ffff;
    Ok(format!("{:06}", number % 1_000_000))
}

fn base32(text: &str) -> anyhow::Result<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text
        .bytes()
        .filter(|letter| *letter != b' ' && *letter != b'=')
    {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            .iter()
            .position(|known| *known == letter.to_ascii_uppercase());
        held = (held << 5) | u32::try_from(value.context("the secret is not base32")?)?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff)?);
        }
    }
    Ok(bytes)
}

/// Makes a user with a passkey and brings them to the application's sign-in page.
pub async fn make_user(
    server: &Server,
    administrator: &mut Person,
    application: &Application,
    domain: &str,
    number: usize,
) -> anyhow::Result<User> {
    let name = format!("load{number}@{domain}");
    let form = administrator.open("/admin/users/new").await?;
    let fields = [
        ("display_name", name.as_str()),
        ("user_principal_name", name.as_str()),
    ];
    let created = administrator
        .fill(&form, "/admin/users/new", &fields)
        .await?;
    let form = administrator.follow(&created, "/pass").await?;
    let shown = administrator
        .fill(&form, "/pass", &[("minutes", "60")])
        .await?;
    let pass = shown
        .page()
        .text_of("secret")
        .context("the pass is not shown")?
        .to_owned();

    let mut person = Person::new(server.client()?, server.origin.clone());
    let key = enrol(&mut person, "/security-info", &name, &pass).await?;
    let mut browser = Browser::new(server.client()?);
    let page = browser
        .open(&application.authorize(&server.origin)?)
        .await?;
    let panel = page.panel("data-passkey-signin")?;
    Ok(User {
        browser,
        key,
        page: page.url,
        panel,
    })
}

async fn enrol(
    person: &mut Person,
    start: &str,
    name: &str,
    pass: &str,
) -> anyhow::Result<SoftwareAuthenticator> {
    let start = person.open(start).await?;
    let page = person.sign_in_with_pass(&start, name, pass).await?;
    register(person, page).await
}

/// Makes a passkey in the interrupt that a sign-in led to, or on the page for adding one.
async fn register(person: &mut Person, page: Answer) -> anyhow::Result<SoftwareAuthenticator> {
    let offered = page.panel("data-passkey-register").is_ok();
    let page = if offered {
        page
    } else {
        person.open("/security-info/passkeys/add").await?
    };
    let mut key = SoftwareAuthenticator::new(Kind::device_bound());
    let made = person.make_passkey(&page, &mut key).await?;
    person.go_on(&made).await?;
    Ok(key)
}

impl User {
    /// The options of one sign-in.
    pub async fn options(&self) -> anyhow::Result<Value> {
        self.browser
            .clone()
            .fetch_options(&self.page, &self.panel)
            .await
    }

    /// Signs on the client's side; costs the server nothing.
    pub fn sign(&mut self, options: &Value) -> anyhow::Result<Value> {
        Ok(self.key.sign_in(options, &browser::origin(&self.page))?)
    }

    /// Sends the answer and returns the issued code. Every time from a browser that is not signed in.
    pub async fn answer(&self, credential: &Value) -> anyhow::Result<String> {
        let answer = self
            .browser
            .clone()
            .send_credential(&self.page, &self.panel, credential)
            .await?
            .json()?;
        let next = answer
            .get("next")
            .and_then(Value::as_str)
            .context("the answer leads nowhere")?;
        let code = Url::parse(next)?
            .query_pairs()
            .find(|(name, _)| name == "code")
            .map(|(_, code)| code.into_owned());
        code.context("no code was issued")
    }
}

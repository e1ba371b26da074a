//! Mail: one SMTP server, one letter at a time.

use std::time::{Duration, SystemTime};

use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use policy::model::Timestamp;

use super::{Failure, Letter};
use crate::config::{MailConfig, MailTls};
use crate::pages::Language;

/// One command of the conversation.
const COMMAND: Duration = Duration::from_secs(15);
/// The whole of it.
const WHOLE: Duration = Duration::from_secs(45);

/// The SMTP server that takes our letters.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    language: Language,
}

impl Mailer {
    /// Prepares for `config`; connects to nothing.
    pub fn new(config: &MailConfig) -> anyhow::Result<Self> {
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            .port(config.port)
            .timeout(Some(COMMAND))
            .tls(tls(config)?);
        if let Some((user, password)) = &config.login {
            builder =
                builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        Ok(Self {
            transport: builder.build(),
            from: config.from.clone(),
            language: config.language,
        })
    }

    /// The language for people whose own is not known.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Sends a letter to `recipient`. `id` makes the Message-ID, so that a letter that is sent twice is seen to be one.
    pub async fn send(
        &self,
        id: &str,
        recipient: &str,
        letter: Letter,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let message = message(&self.from, id, recipient, letter, now)?;
        match tokio::time::timeout(WHOLE, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Failure::passing(cause(&error))),
            Err(_) => Err(Failure::passing("the mail server did not answer in time")),
        }
    }

    /// Connects, greets, protects the connection and signs in, as for a letter, and sends none.
    pub async fn test(&self) -> Result<(), Failure> {
        match tokio::time::timeout(WHOLE, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(Failure::passing("the mail server closed the connection")),
            Ok(Err(error)) => Err(Failure::passing(cause(&error))),
            Err(_) => Err(Failure::passing("the mail server did not answer in time")),
        }
    }
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mailer({})", self.from)
    }
}

fn tls(config: &MailConfig) -> anyhow::Result<Tls> {
    if config.tls == MailTls::None {
        return Ok(Tls::None);
    }
    let mut parameters = TlsParameters::builder(config.host.clone());
    if let Some(ca) = &config.ca {
        parameters = parameters.add_root_certificate(Certificate::from_pem(ca)?);
    }
    let parameters = parameters.build_rustls()?;
    Ok(match config.tls {
        MailTls::Implicit => Tls::Wrapper(parameters),
        // Never opportunistic: whoever sits between would only have to hide the word.
        MailTls::Starttls | MailTls::None => Tls::Required(parameters),
    })
}

fn message(
    from: &Mailbox,
    id: &str,
    recipient: &str,
    letter: Letter,
    now: Timestamp,
) -> Result<Message, Failure> {
    let address: Address = recipient
        .parse()
        .map_err(|_| Failure::hopeless("the address of the user is no mail address"))?;
    let since_epoch = Duration::from_secs(u64::try_from(now.as_seconds()).unwrap_or(0));
    Message::builder()
        .from(from.clone())
        // The address alone: a name would be a field that its owner writes.
        .to(Mailbox::new(None, address))
        .subject(one_line(&letter.subject))
        .date(SystemTime::UNIX_EPOCH + since_epoch)
        .message_id(Some(format!("<{id}@{}>", from.email.domain())))
        .header(AutoSubmitted)
        .multipart(MultiPart::alternative_plain_html(letter.text, letter.html))
        .map_err(|error| Failure::hopeless(format!("the letter cannot be written: {error}")))
}

/// RFC 3834: no out-of-office answers to a machine.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// A header is one line. The library encodes what is not plain; this keeps the encoded text from decoding to two lines.
fn one_line(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ")
}

/// What the server or the network said; an SMTP answer may quote the recipient, and that is for administrators.
fn cause(error: &lettre::transport::smtp::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let said = inner.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_796_126_400);

    fn formatted(recipient: &str, subject: &str) -> Result<String, Failure> {
        let letter = Letter {
            subject: subject.to_owned(),
            text: "text".to_owned(),
            html: "<p>text</p>".to_owned(),
        };
        let from = "Sign-in <no-reply@example.com>".parse().unwrap();
        message(&from, "id", recipient, letter, NOW)
            .map(|message| String::from_utf8(message.formatted()).unwrap())
    }

    fn header<'t>(letter: &'t str, name: &str) -> Vec<&'t str> {
        let (head, _) = letter.split_once("\r\n\r\n").unwrap();
        head.lines().filter(|line| line.starts_with(name)).collect()
    }

    #[test]
    fn a_letter_says_what_it_is() {
        let letter = formatted("ada@example.org", "Ein Passkey für Sie").unwrap();
        assert_eq!(header(&letter, "To:"), ["To: ada@example.org"]);
        assert_eq!(
            header(&letter, "Message-ID:"),
            ["Message-ID: <id@example.com>"]
        );
        assert_eq!(
            header(&letter, "Auto-Submitted:"),
            ["Auto-Submitted: auto-generated"]
        );
        assert_eq!(
            header(&letter, "Date:"),
            ["Date: Tue, 01 Dec 2026 12:00:00 +0000"]
        );
        assert!(letter.contains("multipart/alternative"));
        assert!(letter.contains("text/plain") && letter.contains("text/html"));
    }

    #[test]
    fn nothing_in_a_subject_becomes_a_header() {
        for evil in [
            "x\r\nBcc: eve@evil.example",
            "x\nBcc: eve@evil.example",
            "ü\r\nBcc: eve@evil.example\r\n\r\nbody",
            "x\r\n\r\n<h1>hello</h1>",
        ] {
            let letter = formatted("ada@example.org", evil).unwrap();
            assert_eq!(header(&letter, "Bcc:"), Vec::<&str>::new(), "{letter}");
            assert_eq!(header(&letter, "Subject:").len(), 1, "{letter}");
            let (head, _) = letter.split_once("\r\n\r\n").unwrap();
            assert!(
                head.contains("Content-Type: multipart/alternative"),
                "{letter}"
            );
        }
    }

    #[test]
    fn an_address_is_one_address_or_none() {
        for evil in [
            "",
            "ada",
            "ada@example.org, eve@evil.example",
            "ada@example.org\r\nBcc: eve@evil.example",
            "Ada <ada@example.org>",
        ] {
            let refused = formatted(evil, "x").unwrap_err();
            assert!(refused.hopeless, "{evil}");
        }
    }
}

//! A small SMTP server: takes letters, refuses when told to, speaks STARTTLS when given a certificate, asks for a name and
//! password when given one.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A letter as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Of the envelope.
    pub from: String,
    /// Of the envelope.
    pub to: Vec<String>,
    /// Headers and body, as sent.
    pub raw: String,
    /// Whether the connection was encrypted.
    pub encrypted: bool,
    /// Who had signed in.
    pub login: Option<String>,
}

/// The server; it ends with the test.
#[derive(Clone)]
pub struct Smtp {
    /// Where it listens.
    pub address: SocketAddr,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    letters: Mutex<Vec<Arrived>>,
    refusals: Mutex<VecDeque<&'static str>>,
    tls: Option<TlsAcceptor>,
    login: Option<(String, String)>,
}

impl Smtp {
    /// Takes everything, in clear.
    pub async fn start() -> Self {
        Self::with(None, None).await
    }

    /// With STARTTLS and a login.
    pub async fn with(tls: Option<TlsAcceptor>, login: Option<(&str, &str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner {
            tls,
            login: login.map(|(name, password)| (name.to_owned(), password.to_owned())),
            ..Inner::default()
        });
        let server = Self { address, inner };
        let inner = Arc::clone(&server.inner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let inner = Arc::clone(&inner);
                tokio::spawn(async move { inner.begin(stream).await });
            }
        });
        server
    }

    /// Answers the next letter with this line instead of taking it.
    pub fn refuse_next(&self, line: &'static str) {
        self.inner.refusals.lock().unwrap().push_back(line);
    }

    /// The letters so far.
    pub fn letters(&self) -> Vec<Arrived> {
        self.inner.letters.lock().unwrap().clone()
    }
}

impl Arrived {
    /// The value of a header, unfolded.
    pub fn header(&self, name: &str) -> String {
        let (head, _) = self.raw.split_once("\r\n\r\n").unwrap();
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let line = unfolded
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_default().to_owned()
    }

    /// The part of this type, decoded.
    pub fn part(&self, kind: &str) -> String {
        let start = self.raw.find(&format!("Content-Type: {kind}")).unwrap();
        let (head, body) = self.raw[start..].split_once("\r\n\r\n").unwrap();
        let body = body.split("\r\n--").next().unwrap();
        if head.contains("quoted-printable") {
            unquote(body)
        } else if head.contains("base64") {
            let bytes = STANDARD.decode(body.replace("\r\n", "")).unwrap();
            String::from_utf8(bytes).unwrap()
        } else {
            body.to_owned()
        }
    }

    /// The link that the plain part holds.
    pub fn link(&self) -> Option<String> {
        let text = self.part("text/plain");
        let link = text
            .split_whitespace()
            .find(|word| word.contains("/signin/not-me?token="));
        link.map(str::to_owned)
    }
}

fn unquote(body: &str) -> String {
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_str();
    while let Some((before, after)) = rest.split_once('=') {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(&after[..2], 16).unwrap());
        rest = &after[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap()
}

impl Inner {
    async fn begin(self: Arc<Self>, mut stream: TcpStream) -> Option<()> {
        stream.write_all(b"220 test\r\n").await.ok()?;
        let mut stream = BufReader::new(stream);
        if self.talk(&mut stream, false).await? {
            let tls = self.tls.as_ref()?.accept(stream.into_inner()).await.ok()?;
            self.talk(&mut BufReader::new(tls), true).await?;
        }
        Some(())
    }

    /// `true` when the client wants to go on encrypted.
    async fn talk<S>(&self, stream: &mut BufReader<S>, encrypted: bool) -> Option<bool>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (mut from, mut to, mut login) = (String::new(), Vec::new(), None);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            let word = line.split(' ').next().unwrap().to_ascii_uppercase();
            let said = match word.as_str() {
                "EHLO" => self.greeting(encrypted),
                "STARTTLS" => {
                    stream.write_all(b"220 go on\r\n").await.ok()?;
                    return Some(true);
                }
                "AUTH" => match self.sign_in(line) {
                    Some(name) => {
                        login = Some(name);
                        "235 welcome\r\n".to_owned()
                    }
                    None => "535 no\r\n".to_owned(),
                },
                "MAIL" if self.login.is_some() && login.is_none() => {
                    "530 who are you\r\n".to_owned()
                }
                "MAIL" => {
                    from = address(line);
                    "250 ok\r\n".to_owned()
                }
                "RCPT" => {
                    to.push(address(line));
                    "250 ok\r\n".to_owned()
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await.ok()?;
                    let raw = read_data(stream).await?;
                    let refusal = self.refusals.lock().unwrap().pop_front();
                    if refusal.is_none() {
                        self.letters.lock().unwrap().push(Arrived {
                            from: from.clone(),
                            to: std::mem::take(&mut to),
                            raw,
                            encrypted,
                            login: login.clone(),
                        });
                    }
                    to.clear();
                    format!("{}\r\n", refusal.unwrap_or("250 taken"))
                }
                "QUIT" => {
                    stream.write_all(b"221 bye\r\n").await.ok()?;
                    return None;
                }
                _ => "250 ok\r\n".to_owned(),
            };
            stream.write_all(said.as_bytes()).await.ok()?;
        }
    }

    fn greeting(&self, encrypted: bool) -> String {
        let mut lines = vec!["250-test"];
        if self.tls.is_some() && !encrypted {
            lines.push("250-STARTTLS");
        }
        if self.login.is_some() {
            lines.push("250-AUTH PLAIN");
        }
        lines.push("250 8BITMIME");
        lines.join("\r\n") + "\r\n"
    }

    fn sign_in(&self, line: &str) -> Option<String> {
        let (name, password) = self.login.as_ref()?;
        let given = STANDARD.decode(line.rsplit(' ').next()?).ok()?;
        (given == format!("\0{name}\0{password}").into_bytes()).then(|| name.clone())
    }
}

async fn read_data<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut raw = String::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        if line == ".\r\n" {
            return Some(raw);
        }
        raw.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

fn address(line: &str) -> String {
    let start = line.find('<').unwrap() + 1;
    line[start..line.find('>').unwrap()].to_owned()
}

//! What a demonstration prints: where it is, who can come in, and a browser line that works as it stands.

use std::fmt;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::pem::parse_x509_pem;

use super::Demonstration;
use super::directory::Account;
use crate::flow::{pass_code, totp};

/// The text, ready to print.
#[derive(Debug)]
pub struct Announcement<'d> {
    demonstration: &'d Demonstration,
    /// Where the printed browser line keeps its profile: under our own data, so that it goes with it.
    profile: PathBuf,
    /// SHA-256 of the certificate's public key, base64: what makes a fresh browser profile accept it.
    key_hash: String,
    /// A browser that runs as root needs a flag more.
    as_root: bool,
}

impl<'d> Announcement<'d> {
    pub fn new(demonstration: &'d Demonstration) -> anyhow::Result<Self> {
        let data = std::path::absolute(&demonstration.server.app.config.data)?;
        Ok(Self {
            demonstration,
            profile: data.join("browser"),
            key_hash: key_hash(demonstration.server.certificate_file())?,
            as_root: std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0),
        })
    }
}

impl fmt::Display for Announcement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let app = &self.demonstration.server.app;
        let origin = app.config.origin();
        let application = &self.demonstration.application;
        let ca = self.demonstration.ca.display();
        writeln!(f, "Keyward demonstration\n")?;
        writeln!(f, "  application      {application}")?;
        writeln!(f, "  security info    {origin}/security-info")?;
        writeln!(f, "  administration   {origin}/admin\n")?;
        writeln!(f, "Open a browser that trusts this run and nothing else:\n")?;
        writeln!(f, "  {}\n", self.browser())?;
        writeln!(
            f,
            "What to try: press \"Sign in with Keyward\", enter as Ada with password and code, and make a passkey when asked."
        )?;
        writeln!(
            f,
            "Sign out and come back with the passkey alone. As the administrator, revoke it, and try again.\n"
        )?;
        writeln!(f, "People (secrets of this run):\n")?;
        for account in &self.demonstration.directory.people {
            account.print(f)?;
        }
        writeln!(
            f,
            "\nWithout a second device, `oathtool --totp -b SECRET` prints a one-time code.\n"
        )?;
        writeln!(
            f,
            "To use your own browser, let it trust the authority of this run (limited to localhost, 90 days, its key is gone):"
        )?;
        writeln!(f, "  {ca}")?;
        writeln!(
            f,
            "  Linux    certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n keyward-demo -i {ca}"
        )?;
        writeln!(
            f,
            "  macOS    security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db {ca}"
        )?;
        writeln!(f, "  Windows  certutil -user -addstore Root {ca}\n")?;
        writeln!(f, "Ctrl-C ends it.")
    }
}

impl Announcement<'_> {
    fn browser(&self) -> String {
        let sandbox = if self.as_root { " --no-sandbox" } else { "" };
        format!(
            "chromium --user-data-dir={} --ignore-certificate-errors-spki-list={} --no-first-run{sandbox} {}",
            quoted(&self.profile),
            self.key_hash,
            self.demonstration.application
        )
    }
}

impl Account {
    fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roles: Vec<&str> = self.roles.iter().map(|role| role.display_name()).collect();
        let roles = if roles.is_empty() {
            String::new()
        } else {
            format!(" ({})", roles.join(", "))
        };
        writeln!(
            f,
            "  {}{roles}: {}",
            self.user.user_principal_name, self.purpose
        )?;
        if let Some(password) = &self.password {
            write!(f, "      password {}", password.expose())?;
        }
        if let Some(secret) = &self.totp {
            write!(
                f,
                "   one-time codes from {}",
                totp::base32(secret.expose())
            )?;
        }
        if let Some(code) = &self.pass {
            write!(f, "      pass {}", pass_code::grouped(code).expose())?;
        }
        writeln!(f)
    }
}

/// Base64 of SHA-256 over the subject public key info of the first certificate in `file`.
fn key_hash(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let (_, pem) = parse_x509_pem(&text)
        .map_err(|_| anyhow::anyhow!("{} holds no certificate", file.display()))?;
    let certificate = pem.parse_x509().context("the certificate cannot be read")?;
    Ok(STANDARD.encode(digest(&SHA256, certificate.public_key().raw)))
}

/// The path as one word of a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+=:@".contains(letter);
    if text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_one_word() {
        assert_eq!(quoted(Path::new("/tmp/a-b_c")), "/tmp/a-b_c");
        assert_eq!(quoted(Path::new("/tmp/it's here")), r"'/tmp/it'\''s here'");
    }
}

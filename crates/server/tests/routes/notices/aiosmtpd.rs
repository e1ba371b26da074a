//! One letter through a mail server that others wrote: PyPI aiosmtpd.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use policy::model::PassUse;

use super::{MAIL, NAME, deliver, reachable, to};
use crate::world::TestApp;

const PACKAGE: &str = "aiosmtpd==1.4.6";

/// Ends the server with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The folder that Python finds the package in.
fn installed() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("aiosmtpd-1.4.6");
    if folder.join("aiosmtpd").is_dir() {
        return folder;
    }
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--target",
    ]);
    let done = pip.arg(&folder).arg(PACKAGE).status();
    assert!(
        done.is_ok_and(|status| status.success()),
        "this test needs python3 with pip (Debian: apt-get install python3-pip) and {PACKAGE} from PyPI"
    );
    folder
}

async fn start(maildir: &Path) -> (Running, std::net::SocketAddr) {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let child = Command::new("python3")
        .env("PYTHONPATH", installed())
        .args(["-m", "aiosmtpd", "-n", "-l", &address.to_string()])
        .args(["-c", "aiosmtpd.handlers.Mailbox"])
        .arg(maildir)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let running = Running(child);
    for _ in 0..200 {
        if tokio::net::TcpStream::connect(address).await.is_ok() {
            return (running, address);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("aiosmtpd does not answer at {address}");
}

#[tokio::test]
async fn a_letter_arrives_in_a_mailbox() {
    let maildir = std::env::temp_dir().join(format!("keyward-maildir-{}", std::process::id()));
    let (_running, address) = start(&maildir).await;
    let world = TestApp::with(|settings| settings.mail = to(address)).await;
    let user = reachable(&world, NAME, MAIL).await;
    let pass = world.pass(&user, PassUse::Many).await;
    world.browser().sign_in_with_pass(NAME, &pass).await;
    assert_eq!(deliver(&world).await.delivered, 1);
    let letters: Vec<_> = std::fs::read_dir(maildir.join("new")).unwrap().collect();
    assert_eq!(letters.len(), 1);
    let letter = std::fs::read_to_string(letters[0].as_ref().unwrap().path()).unwrap();
    assert!(letter.contains("X-RcptTo: ada@example.org"), "{letter}");
    assert!(
        letter.contains("A Temporary Access Pass was used"),
        "{letter}"
    );
    let _ = std::fs::remove_dir_all(&maildir);
}

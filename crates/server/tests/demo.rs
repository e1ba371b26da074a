//! `keyward demo` as a program: what it refuses, what it writes, and that nothing is left of it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed setup is a failed test"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("keyward-demo-test-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A demonstration that is stopped with SIGTERM when the test ends.
struct Running(Child);

impl Running {
    fn start(arguments: &[&str]) -> Self {
        Self(demo(arguments).stdout(Stdio::piped()).spawn().unwrap())
    }

    /// The facts, once they are written.
    #[expect(
        clippy::disallowed_methods,
        reason = "a test thread of its own waits for another process"
    )]
    fn world(&mut self, file: &Path) -> Value {
        for _ in 0..600 {
            if let Some(world) = fs::read(file)
                .ok()
                .and_then(|text| serde_json::from_slice(&text).ok())
            {
                return world;
            }
            assert!(
                self.0.try_wait().unwrap().is_none(),
                "the demonstration ended"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("no world file within a minute")
    }

    /// Ends it as a service manager would, and gives what it had printed.
    fn stop(mut self) -> String {
        let told = Command::new("kill")
            .args(["-TERM", &self.0.id().to_string()])
            .status()
            .unwrap();
        assert!(told.success());
        let mut printed = String::new();
        std::io::Read::read_to_string(&mut self.0.stdout.take().unwrap(), &mut printed).unwrap();
        assert!(self.0.wait().unwrap().success());
        printed
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

fn demo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyward"));
    command.arg("demo").args(arguments).stderr(Stdio::null());
    if !arguments.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command
}

fn refusal(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = demo(arguments).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(status.code(), Some(1));
    String::from_utf8(stderr).unwrap()
}

#[test]
fn the_world_file_holds_what_scripts_count_on_and_nothing_stays() {
    let folder = Folder::new("world");
    let file = folder.file("world.json");
    let mut running = Running::start(&["--world", file.to_str().unwrap()]);
    let world = running.world(&file);
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    for name in ["origin", "ca", "tenantId", "tenantDomain", "rpId"] {
        assert!(world[name].is_string(), "{name}");
    }
    for (object, name) in [
        ("graph", "base"),
        ("graph", "tokenEndpoint"),
        ("graph", "clientId"),
        ("graph", "clientSecret"),
        ("publicClient", "clientId"),
        ("webClient", "clientId"),
        ("webClient", "clientSecret"),
        ("sampleApp", "url"),
    ] {
        assert!(world[object][name].is_string(), "{object}.{name}");
    }
    let users = world["users"].as_array().unwrap();
    let role = |wanted: &str| {
        users.iter().any(|user| {
            user["roles"]
                .as_array()
                .unwrap()
                .iter()
                .any(|role| role == wanted)
        })
    };
    assert!(role("Global Administrator") && role("Authentication Administrator"));
    let with = |test: &dyn Fn(&Value) -> bool| users.iter().any(test);
    assert!(with(
        &|user| user["password"].is_string() && user["totpSecret"].is_string()
    ));
    assert!(with(
        &|user| user["temporaryAccessPass"].is_string() && user.get("password").is_none()
    ));
    assert!(with(&|user| user["userType"] == "guest"));
    assert!(with(&|user| user["accountEnabled"] == false));
    let data = Path::new(world["ca"].as_str().unwrap())
        .ancestors()
        .nth(2)
        .unwrap()
        .to_owned();
    assert!(data.exists());
    let printed = running.stop();
    assert!(
        printed.contains("chromium --user-data-dir=")
            && printed.contains("--ignore-certificate-errors-spki-list=")
    );
    assert!(!data.exists(), "{} is still there", data.display());
}

#[test]
fn a_world_file_is_never_written_over() {
    let folder = Folder::new("again");
    let file = folder.file("world.json");
    fs::write(&file, "mine").unwrap();
    let told = refusal(&["--world", file.to_str().unwrap()]);
    assert!(told.contains("exists already"), "{told}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn nobody_else_is_let_in() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let told = refusal(&["--listen", address]);
        assert!(told.contains("this machine only"), "{told}");
    }
    let told = refusal(&[
        "--public-url",
        "https://id.app.example",
        "--cert",
        "x",
        "--key",
        "x",
    ]);
    assert!(told.contains("this machine only"), "{told}");
}

#[test]
fn data_of_somebody_is_left_alone() {
    let folder = Folder::new("data");
    let data = folder.file("data");
    let world = folder.file("world.json");
    let arguments = [
        "--data",
        data.to_str().unwrap(),
        "--world",
        world.to_str().unwrap(),
    ];
    let mut running = Running::start(&arguments);
    running.world(&world);
    running.stop();
    assert!(data.exists(), "a folder that was named is kept");
    let told = refusal(&["--data", data.to_str().unwrap()]);
    assert!(told.contains("empty store"), "{told}");
}

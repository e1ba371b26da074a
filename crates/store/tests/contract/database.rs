//! A PostgreSQL server of this test's own: made in a temporary folder, reachable only through a socket
//! in it, stopped and removed when the test process ends, however it ends.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_postgres::NoTls;

const BINARIES: &str = "/usr/lib/postgresql/15/bin";

/// No power cut is played here (that is `rigs/sqlite-faults`), so the server need not wait for the disk.
/// Makes the cluster, runs the server, waits until this process closes its end of the pipe (or dies,
/// which closes it too), stops the server (at once: nothing of it is kept) by the pid it was given, and removes the folder.
const KEEPER: &str = r#"
set -eu
cd "$1"
"$2/initdb" -A trust -U postgres --no-sync -E UTF8 --locale=C -D "$1/data" >"$1/log" 2>&1 ||
    { cat "$1/log"; exit 1; }
"$2/postgres" -D "$1/data" -k "$1" -c listen_addresses= -c max_connections=200 -c fsync=off >>"$1/log" 2>&1 &
server=$!
tries=0
until "$2/pg_isready" -q -h "$1" || [ $tries -ge 300 ]; do tries=$((tries + 1)); sleep 0.05; done
"$2/pg_isready" -q -h "$1" && echo ready || cat "$1/log"
cat >/dev/null
kill -QUIT $server
wait $server || true
rm -rf "$1"
"#;

struct Server {
    socket: PathBuf,
    /// Holds the other end of the pipe for as long as this process lives.
    _keeper: Child,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static SCHEMAS: AtomicU64 = AtomicU64::new(0);

/// The address of a new, empty schema: for the store as good as a database, and much quicker made.
pub async fn new_postgres() -> String {
    let server = tokio::task::spawn_blocking(|| SERVER.get_or_init(start))
        .await
        .unwrap();
    let name = format!("contract_{}", SCHEMAS.fetch_add(1, Ordering::Relaxed));
    let (client, connection) = tokio_postgres::connect(&address(&server.socket, "public"), NoTls)
        .await
        .unwrap();
    let driver = tokio::spawn(connection);
    client
        .batch_execute(&format!("CREATE SCHEMA {name}"))
        .await
        .unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
    address(&server.socket, &name)
}

/// A new empty folder of this test's own.
pub fn new_folder() -> PathBuf {
    static FOLDERS: AtomicU64 = AtomicU64::new(0);
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let folder =
        std::env::temp_dir().join(format!("keyward-store-{}-{number}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn address(socket: &Path, schema: &str) -> String {
    format!(
        "postgres:///postgres?user=postgres&host={}&options=-csearch_path%3D{schema}",
        socket.display()
    )
}

fn start() -> Server {
    assert!(
        Path::new(BINARIES).join("initdb").exists(),
        "the contract suite needs PostgreSQL 15 in {BINARIES} (Debian: apt-get install postgresql-15)"
    );
    let folder = new_folder();
    let mut keeper = Command::new("sh");
    keeper
        .args(["-c", KEEPER, "keeper"])
        .arg(&folder)
        .arg(BINARIES);
    keeper.stdin(Stdio::piped()).stdout(Stdio::piped());
    // PostgreSQL refuses to run as root.
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        let (uid, gid) = account("postgres");
        chown(&folder, Some(uid), Some(gid)).unwrap();
        keeper.uid(uid).gid(gid);
    }
    let mut keeper = keeper.spawn().unwrap();
    let mut lines = BufReader::new(keeper.stdout.take().unwrap());
    let mut first = String::new();
    lines.read_line(&mut first).unwrap();
    assert_eq!(first.trim(), "ready", "PostgreSQL did not start");
    Server {
        socket: folder,
        _keeper: keeper,
    }
}

/// User and group number of an account.
fn account(name: &str) -> (u32, u32) {
    let accounts = fs::read_to_string("/etc/passwd").unwrap();
    let line = accounts
        .lines()
        .find(|line| line.split(':').next() == Some(name))
        .expect("running as root, the contract suite needs an account called postgres");
    let mut numbers = line.split(':').skip(2).map(|field| field.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

//! What the store acknowledged survives a power cut, and the check that says so is able to fail.
#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use policy::model::{Tenant, TenantId, Timestamp};
use rig_sqlite_faults::{Loss, NAME, cut, register};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{DatabaseUrl, Durability, Kek, Options, Store, StoreError, settings, tenants};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const TENANT: TenantId = TenantId::from_bytes([1; 16]);
const WRITERS: u64 = 8;
const CUTS: u64 = 10;

/// Runs writers, cuts the power again and again, and counts acknowledged writes that are missing in
/// what the disk held.
async fn missing_after_cuts(durability: Durability) -> usize {
    register().unwrap();
    let folder = new_folder();
    let store = open(&folder, durability).await;
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            tokio::spawn(keep_writing(
                store.clone(),
                acknowledged.clone(),
                stop.clone(),
            ))
        })
        .collect();
    let mut missing = 0;
    for number in 0..CUTS {
        tokio::time::sleep(Duration::from_millis(15)).await;
        // First what was acknowledged, then the cut: whatever is in the list was said before it.
        let promised = acknowledged.lock().unwrap().clone();
        let after = new_folder();
        let loss = if number % 2 == 0 {
            Loss::All
        } else {
            Loss::Some(number)
        };
        cut(&folder, &after, loss).unwrap();
        missing += missing_in(&after, promised).await;
        fs::remove_dir_all(after).unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    let written = acknowledged.lock().unwrap().len();
    assert!(
        written > 100,
        "only {written} writes: this run proves little"
    );
    fs::remove_dir_all(folder).unwrap();
    missing
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_power_cut() {
    assert_eq!(missing_after_cuts(Durability::Full).await, 0);
}

/// The same run without durability has to lose something, or the test above would be worth nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_durability_acknowledged_writes_are_lost() {
    assert!(missing_after_cuts(Durability::Off).await > 0);
}

async fn keep_writing(store: Store, acknowledged: Arc<Mutex<Vec<u64>>>, stop: Arc<AtomicBool>) {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    while !stop.load(Ordering::Relaxed) {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = number.to_string();
        let written: Result<(), StoreError> = store
            .write(move |tx| {
                Box::pin(async move { settings::put(tx, TENANT, &name, "{}", NOW).await })
            })
            .await;
        written.unwrap();
        acknowledged.lock().unwrap().push(number);
    }
}

/// Opens what the disk held with SQLite's own file system, as a restarted server would.
async fn missing_in(folder: &Path, promised: Vec<u64>) -> usize {
    let count = promised.len();
    let Ok(store) = Store::open(&DatabaseUrl::sqlite(folder.join("keyward.db")), kek()).await
    else {
        return count;
    };
    let counted: Result<usize, StoreError> = store
        .read(move |tx| {
            Box::pin(async move {
                let mut missing = 0;
                for number in promised {
                    let found = settings::get(tx, TENANT, &number.to_string()).await?;
                    missing += usize::from(found.is_none());
                }
                Ok(missing)
            })
        })
        .await;
    counted.unwrap_or(count)
}

async fn open(folder: &Path, durability: Durability) -> Store {
    let mut options = Options::new(DatabaseUrl::sqlite(folder.join("keyward.db")));
    options.sqlite_vfs = Some(NAME.to_owned());
    options.sqlite_durability = durability;
    let store = Store::open_with(&options, kek()).await.unwrap();
    let tenant = Tenant {
        id: TENANT,
        display_name: String::new(),
        domains: Vec::new(),
        created: NOW,
    };
    let made: Result<_, StoreError> = store
        .write(move |tx| Box::pin(async move { tenants::create(tx, &tenant).await }))
        .await;
    made.unwrap();
    store
}

fn kek() -> Kek {
    Kek::from_bytes([3; 32]).unwrap()
}

fn new_folder() -> PathBuf {
    static FOLDERS: AtomicU64 = AtomicU64::new(0);
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let name = format!("keyward-power-cut-{}-{number}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

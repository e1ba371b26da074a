//! The rig's own manners.
#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use std::process::Command;

/// It deletes and kills, so it must not touch data that somebody else made.
#[test]
fn a_folder_that_exists_is_left_alone() {
    let answer = Command::new(env!("CARGO_BIN_EXE_rig-kill"))
        .args([
            "--keyward",
            "/nonexistent",
            "--data",
            env!("CARGO_MANIFEST_DIR"),
        ])
        .output()
        .unwrap();
    assert!(!answer.status.success());
    assert!(String::from_utf8_lossy(&answer.stderr).contains("exists"));
}

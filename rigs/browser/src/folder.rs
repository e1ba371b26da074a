//! Folders of the rig: temporary ones, and cargo's target folder.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, ensure};

/// A new folder that disappears with this value.
#[derive(Debug)]
pub struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Makes `keyward-NAME-…` in the system's temporary folder.
    ///
    /// # Errors
    /// When the folder cannot be made, for example because it exists.
    pub fn new(name: &str) -> Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("keyward-{name}-{}-{number}", std::process::id()));
        std::fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    /// The last process of a browser may still write for a moment, and what it writes keeps the folder.
    #[expect(
        clippy::disallowed_methods,
        reason = "a drop cannot await, and this is a moment at the end of a test"
    )]
    fn drop(&mut self) {
        for _ in 0..40 {
            std::fs::remove_dir_all(&self.0).ok();
            std::thread::sleep(std::time::Duration::from_millis(5));
            if !self.0.exists() {
                return;
            }
        }
    }
}

/// Cargo's target folder, found from where this program lies.
///
/// # Errors
/// When the program does not know its own place.
pub fn target() -> Result<PathBuf> {
    Ok(profile()?
        .parent()
        .context("a profile lies in the target folder")?
        .to_path_buf())
}

/// A program of this workspace, built in the same profile as this one.
///
/// # Errors
/// When it has not been built.
pub fn built(name: &str) -> Result<PathBuf> {
    let path = profile()?.join(name);
    ensure!(
        path.is_file(),
        "{} is missing: run `cargo build` first (or `cargo xtask test`)",
        path.display()
    );
    Ok(path)
}

/// `target/debug`: programs lie in it, tests in its folder `deps`.
fn profile() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = program.parent().context("a program lies in a folder")?;
    let folder = if folder.ends_with("deps") {
        folder.parent()
    } else {
        Some(folder)
    };
    Ok(folder.context("deps lies in a profile")?.to_path_buf())
}

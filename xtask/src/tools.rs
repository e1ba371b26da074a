//! What a new machine lacks: looked for first, installed only when missing, and named exactly when that is impossible.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::shell::{self, run};

/// Debian packages by a file that proves them.
const DEBIAN: &[(&str, &str)] = &[
    ("chromium", "/usr/bin/chromium"),
    ("dbus-daemon", "/usr/bin/dbus-daemon"),
    ("imagemagick", "/usr/bin/import"),
    ("libjna-java", "/usr/share/java/jna.jar"),
    ("libnss3-tools", "/usr/bin/certutil"),
    ("openjdk-17-jre-headless", "/usr/bin/java"),
    (
        "fonts-dejavu-core",
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    ),
    ("postgresql-15", "/usr/lib/postgresql/15/bin/postgres"),
    ("xvfb", "/usr/bin/Xvfb"),
    ("zbar-tools", "/usr/bin/zbarimg"),
];

/// Makes sure of the system's packages; an error lists each that is missing.
pub fn system() -> Result<()> {
    let missing: Vec<&str> = DEBIAN
        .iter()
        .filter(|(_, proof)| !Path::new(proof).exists())
        .map(|(name, _)| *name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("installing {}", missing.join(" "));
    let updated = run("apt-get")
        .args(["update", "-qq"])
        .quiet()
        .finish()
        .is_ok_and(|done| done.success);
    let install = run("apt-get")
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(&missing)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .quiet()
        .finish();
    let still: Vec<&str> = DEBIAN
        .iter()
        .filter(|(_, proof)| !Path::new(proof).exists())
        .map(|(name, _)| *name)
        .collect();
    if still.is_empty() {
        return Ok(());
    }
    let said = install.map_or_else(|error| error.to_string(), |done| done.tail(5));
    bail!(
        "missing and not installable here (apt-get update {}): {}\n{said}",
        if updated { "worked" } else { "failed" },
        still.join(", ")
    )
}

/// The accessibility checker as one script, fetched once with npm into the target folder.
pub fn axe() -> Result<PathBuf> {
    const NAME: &str = "axe-core-4.14.1";
    let folder = shell::target().join("tools/axe");
    let script = folder.join("package/axe.min.js");
    if script.is_file() {
        return Ok(script);
    }
    std::fs::create_dir_all(&folder)?;
    run("npm")
        .args(["pack", "axe-core@4.14.1", "--silent"])
        .folder(&folder)
        .within(120)
        .quiet()
        .must()?;
    run("tar")
        .args(["xzf", &format!("{NAME}.tgz")])
        .folder(&folder)
        .quiet()
        .must()?;
    if !script.is_file() {
        bail!("the npm package {NAME} holds no axe.min.js");
    }
    Ok(script)
}

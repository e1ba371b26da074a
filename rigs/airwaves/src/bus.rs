//! A D-Bus bus of one's own, in a folder of one's own. It ends with the value.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::process::{Child, Command};

const CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    DENIED
  </policy>
</busconfig>
"#;

/// A running bus.
#[derive(Debug)]
pub struct Bus {
    /// For `DBUS_SYSTEM_BUS_ADDRESS`.
    pub address: String,
    _daemon: Child,
}

impl Bus {
    /// Starts a daemon whose socket and configuration lie in `folder`.
    pub async fn start(folder: &Path) -> Result<Self> {
        Self::with_policy(folder, "").await
    }

    /// The same, and its policy lets nobody call an interface of `org.bluez`; with none, nothing of `org.bluez` at all. That is
    /// how a system keeps programs from Bluetooth.
    pub async fn start_denying(folder: &Path, interface: Option<&str>) -> Result<Self> {
        let only = interface.map(|name| format!(r#" send_interface="{name}""#));
        let only = only.unwrap_or_default();
        let rule = format!(r#"<deny send_destination="org.bluez"{only} send_type="method_call"/>"#);
        Self::with_policy(folder, &rule).await
    }

    async fn with_policy(folder: &Path, rule: &str) -> Result<Self> {
        let socket = folder.join("bus");
        let config = folder.join("bus.conf");
        std::fs::create_dir_all(folder)?;
        std::fs::write(
            &config,
            CONFIG
                .replace("SOCKET", &socket.display().to_string())
                .replace("DENIED", rule),
        )?;
        let daemon = Command::new("dbus-daemon")
            .arg("--nofork")
            .arg(format!("--config-file={}", config.display()))
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("dbus-daemon cannot be started")?;
        for _ in 0..200 {
            if socket.exists() {
                return Ok(Self {
                    address: format!("unix:path={}", socket.display()),
                    _daemon: daemon,
                });
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("dbus-daemon made no socket in four seconds")
    }
}

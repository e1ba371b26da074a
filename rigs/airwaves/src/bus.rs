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
        let socket = folder.join("bus");
        let config = folder.join("bus.conf");
        std::fs::create_dir_all(folder)?;
        std::fs::write(
            &config,
            CONFIG.replace("SOCKET", &socket.display().to_string()),
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

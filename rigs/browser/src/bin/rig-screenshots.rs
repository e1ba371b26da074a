//! Writes the picture of the README: `rig-screenshots FILE`. `cargo xtask screenshots` calls it.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use rig_browser::House;

#[tokio::main]
async fn main() -> Result<()> {
    let file = std::env::args_os()
        .nth(1)
        .map(PathBuf::from)
        .context("usage: rig-screenshots FILE")?;
    let house = House::open().await?;
    let page = house.browser.page().await?;
    page.size(1280, 800).await?;
    house.begin_in_application(&page).await?;
    page.wait_for("#username").await?;
    page.screenshot(&file).await?;
    house.browser.close().await
}

//! `airwaves FOLDER`: a bus with a stand-in for BlueZ on it, for other programs to use. Prints the bus' address, then every
//! line it understood on its standard input: `power N on|off`, `deny N on|off`,
//! `faults NAME=VALUE …`, `made`, `calls`. Ends with its input.

use std::path::PathBuf;
use std::time::Duration;

use airwaves::air::Faults;
use airwaves::bus::Bus;
use airwaves::{Options, World};
use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncBufReadExt as _, BufReader};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder: PathBuf = arguments
        .next()
        .context("usage: airwaves FOLDER [ADAPTERS]")?
        .into();
    let adapters = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let bus = Bus::start(&folder).await?;
    let options = Options {
        adapters,
        ..Options::default()
    };
    let world = airwaves::start(&bus.address, options).await?;
    println!("{}", bus.address);
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        match obey(&world, &line).await {
            Ok(answer) => println!("{answer}"),
            Err(error) => println!("error: {error:#}"),
        }
    }
    Ok(())
}

async fn obey(world: &World, line: &str) -> Result<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["power", adapter, state] => {
            world.set_powered(adapter.parse()?, *state == "on").await?;
            Ok(line.to_owned())
        }
        ["faults", rest @ ..] => {
            world.set_faults(faults(rest)?);
            Ok(line.to_owned())
        }
        ["deny", adapter, state] => {
            world.set_denied(adapter.parse()?, *state == "on");
            Ok(line.to_owned())
        }
        ["calls"] => Ok(format!("{:?}", world.calls())),
        ["made"] => Ok(format!("{:?}", world.made())),
        _ => bail!("not understood: {line}"),
    }
}

fn faults(words: &[&str]) -> Result<Faults> {
    let mut faults = Faults::default();
    for word in words {
        let (name, value) = word.split_once('=').unwrap_or((word, "1"));
        match name {
            "drop" => faults.drop = value.parse()?,
            "delay" => faults.delay = Duration::from_millis(value.parse()?),
            "duplicate" => faults.duplicate = true,
            "corrupt" => faults.corrupt = value.parse()?,
            "replay" => faults.replay = true,
            "longer" => faults.longer = value.parse()?,
            _ => bail!("no such fault: {name}"),
        }
    }
    Ok(faults)
}

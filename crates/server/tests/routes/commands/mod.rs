//! `keyward admin …` as an operator runs it: the real binary, beside a server that is running.

mod import_csv;
mod import_entra;

use std::process::{Command, Output};

use serde_json::Value;

use crate::world::TestApp;

/// Runs `keyward admin` with a file of this text.
fn admin(world: &TestApp, command: &str, text: &str, flags: &[&str]) -> Output {
    let file = world.app.config.data.join("import");
    std::fs::write(&file, text).unwrap();
    admin_with(world, command, file.to_str().unwrap(), flags)
}

/// Runs `keyward admin` with what is there.
fn admin_with(world: &TestApp, command: &str, path: &str, flags: &[&str]) -> Output {
    let mut keyward = Command::new(env!("CARGO_BIN_EXE_keyward"));
    keyward.args(["admin", command, path]).args(flags);
    keyward.arg("--data").arg(&world.app.config.data);
    keyward.output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

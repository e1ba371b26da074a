//! The tour: the whole story of a passkey, played against a real server by software authenticators.

pub mod attestation_authority;
pub mod browser;
pub mod client;
pub mod governance;
pub mod journal;
pub mod key_store;
pub mod page;
pub mod person;
pub mod stage;
pub mod story;
#[cfg(test)]
mod verification_tests;

pub use attestation_authority::AttestationAuthority;
pub use browser::Browser;
pub use client::{ClientError, SoftwareAuthenticator};
pub use journal::Journal;
pub use key_store::{Attestation, KeyStore, Kind};

use std::process::ExitCode;

/// Plays the tour. Everything it starts is gone afterwards.
///
/// # Errors
/// If the stage cannot be built; a step that comes out otherwise is printed and ends in exit code 1.
pub async fn run() -> anyhow::Result<ExitCode> {
    let mut journal = Journal::default();
    let told = "A fresh server starts over HTTPS and makes a pass for its first administrator";
    let stage = journal.step(told, Box::pin(stage::Stage::build())).await?;
    let mut played = Box::pin(stage.scene.play(&mut journal)).await;
    if played.is_ok() {
        played = stage.verify(&mut journal).await;
    }
    stage.strike().await;
    match played {
        Ok(()) => {
            println!("The tour is over: {} steps, all as told.", journal.steps());
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            eprintln!("keyward: the tour stopped: {error:#}");
            Ok(ExitCode::FAILURE)
        }
    }
}

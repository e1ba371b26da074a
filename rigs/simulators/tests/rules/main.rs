//! The rules of the passkey app, R1 to R24, on a simulated Android device, iPhone and desktop, with the relying party's
//! own verifier at the other end. `docs/authenticator.md` says which test stands for which rule.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed setup is a failed test"
)]

mod accounts;
mod app;
mod hardware;
mod invalidation;
mod reach;
mod system;
mod verification;

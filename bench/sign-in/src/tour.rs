//! The people and passkeys of `keyward tour`, from the same files: the load goes the way the tour goes.

#![expect(dead_code, reason = "the load needs only part of what the tour needs")]

#[path = "../../../crates/server/src/cli/tour/attestation_authority.rs"]
pub mod attestation_authority;
#[path = "../../../crates/server/src/cli/tour/browser.rs"]
pub mod browser;
#[path = "../../../crates/server/src/cli/tour/client.rs"]
pub mod client;
#[path = "../../../crates/server/src/cli/tour/key_store.rs"]
pub mod key_store;
#[path = "../../../crates/server/src/cli/tour/page.rs"]
pub mod page;
#[path = "../../../crates/server/src/cli/tour/person.rs"]
pub mod person;

pub use browser::{Answer, Browser};
pub use client::SoftwareAuthenticator;
pub use key_store::Kind;
pub use page::Panel;
pub use person::Person;

//! A real Chromium, driven over the Chrome DevTools Protocol, and the real `keyward demo` beside it.
//!
//! Test-only. The tests act as a person would: they press and type on what is visible, and what they find out they read from the page,
//! from the authenticator, or from what the program printed. They never reach into the server. Two things of the world outside are
//! stand-ins, because nobody can have the real ones here: the metadata that FIDO would sign ([`Model`]) and authenticators with a
//! certificate chain ([`SoftwareKey`]).
//!
//! ```text
//!  tests/*.rs -> Demo (the binary, its printed lines)      Chromium -> Page -> VirtualAuthenticator
//!                                                              \________ cdp (one WebSocket) _____/
//! ```

mod authenticator;
mod cdp;
mod chromium;
mod demo;
mod folder;
mod house;
mod model;
mod page;
mod software_key;
mod steps;

pub use authenticator::{Credential, Kind, VirtualAuthenticator};
pub use cdp::Event;
pub use chromium::Chromium;
pub use demo::{Demo, World};
pub use folder::{TemporaryFolder, built, target};
pub use house::House;
pub use model::Model;
pub use page::{Page, Violation};
pub use software_key::SoftwareKey;
pub use steps::{Account, Refused};

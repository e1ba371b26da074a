//! A stand-in for BlueZ on a bus of one's own: whatever one program advertises through it, the others hear.
//!
//! Browsers and phones' stand-ins know Bluetooth on Linux only as the D-Bus service `org.bluez`. This offers as much of it as
//! hybrid transport needs, so that a test needs neither a radio nor a kernel module, and lets the test decide what goes wrong
//! on the air. It is not BlueZ: what a real controller does, only a real one shows.
//!
//! ```text
//!   authenticator ── RegisterAdvertisement ──► hci0  ─┐
//!                                                     ├─ air (faults) ──► InterfacesAdded, PropertiesChanged ──► browser
//!   anybody else ─── RegisterAdvertisement ──► hci1  ─┘
//! ```

pub mod air;
mod bluez;
pub mod bus;
mod device;

pub use bluez::{Call, Made, Options, World, start};

//! `/signin`.

mod access;
mod availability;
mod cross_device;
mod first_factor;
mod keep;
mod nudge;
mod pages;
mod passkey;
mod profiles;
mod register;
mod secrets;
mod sessions;
mod upgrade;

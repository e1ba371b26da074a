//! `/signin`.

mod access;
mod keep;
mod pages;
mod passkey;
mod profiles;
mod register;
mod secrets;
mod sessions;
mod upgrade;

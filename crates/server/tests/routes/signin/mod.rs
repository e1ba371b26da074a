//! `/signin`.

mod access;
mod keep;
mod pages;
mod passkey;
mod register;
mod secrets;
mod sessions;

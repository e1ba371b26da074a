//! `/signin`.

mod pages;
mod passkey;

//! `/signin`.

mod passkey;

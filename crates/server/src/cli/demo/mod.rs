//! `keyward demo`: a filled tenant and an application that signs people in through it.

pub mod sample_app;

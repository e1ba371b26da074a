//! The Microsoft Graph surface.

pub mod odata;

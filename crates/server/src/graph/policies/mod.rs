//! Policy objects, in Graph's shapes.
//!
//! A document here can say more than Graph's object. A change by Graph keeps what Graph cannot say, and refuses what this server
//! cannot do: a condition that were left out would change what a policy means.

mod access;
mod access_read;
mod access_view;
mod configurations;
mod contexts;
mod deleted;
pub(super) mod evaluate;
pub(super) mod fido2;
pub mod foreign;
mod locations;
mod method_policy;
mod passes;
pub(crate) mod shared;
mod strengths;
pub(super) mod targets;

use super::table::Route;

/// Every operation on policy objects.
pub const ROUTES: &[&[Route]] = &[
    method_policy::ROUTES,
    configurations::ROUTES,
    strengths::ROUTES,
    access::ROUTES,
    deleted::ROUTES,
    locations::ROUTES,
    contexts::ROUTES,
    evaluate::ROUTES,
];

//! `keyward/…`: what Microsoft Graph has no address for, in its style. In beta only: Graph's v1.0 is Microsoft's.

mod campaigns;
mod catalogue;
mod evidence;
mod explain;
mod impact;

use super::table::Route;

/// Every operation beyond Microsoft's.
pub const ROUTES: &[&[Route]] = &[
    explain::ROUTES,
    impact::ROUTES,
    evidence::ROUTES,
    campaigns::ROUTES,
    catalogue::ROUTES,
];

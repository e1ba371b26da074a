//! `keyward/…`: what Microsoft Graph has no address for, in its style. In beta only: Graph's v1.0 is Microsoft's.

mod approvals;
mod availability;
mod campaigns;
mod catalogue;
mod evidence;
mod explain;
mod feedback;
mod impact;
mod lifecycle;

pub use lifecycle::view as needy_view;

use policy::roles::Task;
use policy::scopes::Operation;

use super::Request;
use super::policies::shared::reader;
use super::table::Route;

/// Every operation beyond Microsoft's.
pub const ROUTES: &[&[Route]] = &[
    explain::ROUTES,
    impact::ROUTES,
    evidence::ROUTES,
    campaigns::ROUTES,
    catalogue::ROUTES,
    lifecycle::ROUTES,
    approvals::ROUTES,
    availability::ROUTES,
    feedback::ROUTES,
];

/// Whether whoever asks may be told people's names.
pub fn sees_people(request: &Request) -> bool {
    let governor = reader(request, Operation::ReadUsers);
    governor.is_ok_and(|governor| governor.may(Task::ReadUsers).is_ok())
}

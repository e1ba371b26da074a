//! `reports/authenticationMethods`: who has registered what, and how people sign in.

mod events;
mod registrations;
mod summaries;

pub use registrations::view;

use policy::scopes::Operation;

use super::table::{Route, Verb};
use crate::graph_handler;

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        "reports/authenticationMethods/userRegistrationDetails",
        Operation::ReadRegistrations,
        "List who has registered what",
        graph_handler!(registrations::list),
    ),
    Route::new(
        Verb::Get,
        "reports/authenticationMethods/userRegistrationDetails/{user}",
        Operation::ReadRegistrations,
        "Get what a user has registered",
        graph_handler!(registrations::get),
    ),
    Route::new(
        Verb::Get,
        "reports/authenticationMethods/usersRegisteredByMethod",
        Operation::ReadReports,
        "Count users by method",
        graph_handler!(summaries::by_method),
    ),
    Route::new(
        Verb::Get,
        "reports/authenticationMethods/usersRegisteredByFeature",
        Operation::ReadReports,
        "Count users by what they could do",
        graph_handler!(summaries::by_feature),
    ),
    Route::new(
        Verb::Get,
        "reports/authenticationMethods/userMfaSignInSummary",
        Operation::ReadReports,
        "Count sign-ins by day",
        graph_handler!(summaries::sign_ins),
    )
    .beta(),
    Route::new(
        Verb::Get,
        "reports/authenticationMethods/userEventsSummary",
        Operation::ReadRegistrations,
        "List registrations of methods",
        graph_handler!(events::list),
    )
    .beta(),
];

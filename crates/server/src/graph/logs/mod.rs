//! `auditLogs`: who signed in, and who changed what.

mod audit_view;
mod audits;
pub mod search;
mod sign_in_view;
mod sign_ins;

pub use sign_in_view::Sight;

use policy::scopes::Operation;

use super::table::{Route, Verb};
use crate::graph_handler;

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        "auditLogs/signIns",
        Operation::ReadSignIns,
        "List sign-ins",
        graph_handler!(sign_ins::list),
    ),
    Route::new(
        Verb::Get,
        "auditLogs/signIns/{record}",
        Operation::ReadSignIns,
        "Get a sign-in",
        graph_handler!(sign_ins::get),
    ),
    Route::new(
        Verb::Get,
        "auditLogs/directoryAudits",
        Operation::ReadAudit,
        "List audit records",
        graph_handler!(audits::list),
    ),
    Route::new(
        Verb::Get,
        "auditLogs/directoryAudits/{record}",
        Operation::ReadAudit,
        "Get an audit record",
        graph_handler!(audits::get),
    ),
];

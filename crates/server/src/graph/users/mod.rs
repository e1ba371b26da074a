//! `users` and `me`.

mod create;
mod get;
mod list;
mod update;
pub mod view;

use axum::http::StatusCode;
use policy::scopes::Operation;

use super::table::{Route, Verb};
use crate::graph_handler;

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        "users",
        Operation::ReadUsers,
        "List users",
        graph_handler!(list::list),
    ),
    Route::new(
        Verb::Post,
        "users",
        Operation::CreateUsers,
        "Create a user",
        graph_handler!(create::create),
    )
    .gives(StatusCode::CREATED),
    Route::new(
        Verb::Get,
        "users/{user}",
        Operation::ReadUsers,
        "Get a user",
        graph_handler!(get::get),
    )
    .own(Operation::ReadSelf),
    Route::new(
        Verb::Patch,
        "users/{user}",
        Operation::UpdateUser,
        "Update a user",
        graph_handler!(update::update),
    )
    .gives(StatusCode::NO_CONTENT),
    Route::new(
        Verb::Delete,
        "users/{user}",
        Operation::DeleteUser,
        "Delete a user",
        graph_handler!(update::delete),
    ),
    Route::new(
        Verb::Post,
        "users/{user}/revokeSignInSessions",
        Operation::RevokeSessions,
        "Revoke sign-in sessions",
        graph_handler!(update::revoke),
    )
    .own(Operation::RevokeOwnSessions),
    Route::new(
        Verb::Get,
        "users/{user}/memberOf",
        Operation::ReadUsers,
        "List groups and roles of a user",
        graph_handler!(list::member_of),
    )
    .own(Operation::ReadSelf),
    Route::new(
        Verb::Get,
        "users/{user}/memberOf/microsoft.graph.group",
        Operation::ReadUsers,
        "List groups of a user",
        graph_handler!(list::groups_of),
    )
    .own(Operation::ReadSelf),
    Route::new(
        Verb::Get,
        "users/{user}/memberOf/microsoft.graph.directoryRole",
        Operation::ReadUsers,
        "List roles of a user",
        graph_handler!(list::roles_of),
    )
    .own(Operation::ReadSelf),
    Route::new(
        Verb::Get,
        "users/{user}/transitiveMemberOf",
        Operation::ReadUsers,
        "List groups and roles of a user of all levels",
        graph_handler!(list::member_of),
    )
    .own(Operation::ReadSelf),
    Route::new(
        Verb::Get,
        "users/{user}/transitiveMemberOf/microsoft.graph.group",
        Operation::ReadUsers,
        "List groups of a user of all levels",
        graph_handler!(list::groups_of),
    )
    .own(Operation::ReadSelf),
    Route::new(
        Verb::Get,
        "users/{user}/transitiveMemberOf/microsoft.graph.directoryRole",
        Operation::ReadUsers,
        "List roles of a user of all levels",
        graph_handler!(list::roles_of),
    )
    .own(Operation::ReadSelf),
];

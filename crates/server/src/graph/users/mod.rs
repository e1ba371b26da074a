//! `users` and `me`.

mod get;
pub mod view;

use policy::scopes::Operation;

use super::table::{Route, Verb};
use crate::graph_handler;

pub const ROUTES: &[Route] = &[Route::new(
    Verb::Get,
    "users/{user}",
    Operation::ReadUsers,
    "Get a user",
    graph_handler!(get::get),
)
.own(Operation::ReadSelf)];

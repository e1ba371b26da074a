//! `/admin`: users and logs, for those who hold a role.

mod access;
mod campaigns;
mod impact;
mod logs;
mod own_roots;
mod policies;
mod policy_pages;
mod questions;
mod reports;
mod users;

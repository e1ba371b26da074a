//! `/admin`: users and logs, for those who hold a role.

mod access;
mod logs;
mod policies;
mod users;

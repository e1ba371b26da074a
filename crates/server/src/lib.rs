//! The process: routes, flows, surfaces and commands.

pub mod admin;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod evidence;
pub mod flow;
pub mod graph;
pub mod housekeeping;
pub mod jose;
pub mod limits;
pub mod models;
pub mod notify;
pub mod oidc;
pub mod operations;
pub mod pages;
pub mod routes;
pub mod seal;
pub mod security_info;
pub mod signals;
pub mod signin;
pub mod snapshots;
pub mod start;
pub mod tls;
pub mod web;
pub mod workers;

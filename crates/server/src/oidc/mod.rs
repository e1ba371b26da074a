//! OpenID Connect: the endpoints applications talk to.
mod parameters;
mod pkce;
mod redirect;
pub mod refusal;
pub mod request;
mod scopes;

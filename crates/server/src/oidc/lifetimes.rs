//! How long what applications get lives.

use policy::model::Span;

/// An access token: the longest that a resource server which never asks back can be wrong about a revocation.
pub const ACCESS_TOKEN: Span = Span::minutes(10);
/// An ID token: it is looked at once.
pub const ID_TOKEN: Span = Span::minutes(10);
/// Refresh tokens of servers and installed programs.
pub const REFRESH_TOKEN: Span = Span::days(90);
/// Refresh tokens of pages, which any injected script can read.
pub const REFRESH_TOKEN_SPA: Span = Span::hours(24);
/// How long an exchanged refresh token still gives the same successor.
pub const REFRESH_GRACE: Span = Span::seconds(30);

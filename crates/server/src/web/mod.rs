//! What every surface shares: extractors that cannot be forgotten, problem pages, cookies and headers.
//!
//! A handler takes what it needs as arguments. Whoever takes a posted body takes [`CheckedForm`] or [`CheckedJson`] and
//! has thereby checked origin and CSRF token; whoever takes [`CurrentSession`] has thereby read the session row.

pub mod browser;
pub mod caller;
pub mod cookies;
pub mod csrf;
pub mod extract;
pub mod frame;
pub mod guard;
pub mod headers;
pub mod problem;
pub mod session;

pub use browser::Browser;
pub use csrf::{CheckedForm, CheckedJson, CsrfToken};
pub use extract::{Path, Query};
pub use headers::{FormTarget, FrameSources};
pub use policy::model::CorrelationId;
pub use problem::{Problem, ProblemView, Signal};
pub use session::{AdminSession, CurrentAttempt, CurrentSession, MaybeAttempt, RegisteringSession};

pub use crate::flow::Caller;

//! What a person reads: the frame around every page, the message catalogue and the static files.
//!
//! Refuses to do: decide anything. A page is filled by a handler from what a flow returned; texts live in
//! `templates/messages/*.ftl`, markup in `templates/**.html`, and neither is written in code.
//!
//! ```text
//! handler ──► view struct (askama template) ──► render() ──► HTML, never cached
//!                 └── Frame { text: Text (en, de), assets, … }
//! ```

pub mod assets;
mod consent;
mod device;
mod disowned;
pub mod form;
mod frame;
mod funnel;
mod messages;
mod problem;
mod refusal;
mod rows;
mod trails;
mod when;

pub use consent::{ConsentRow, scope_words};
pub use device::device_label;
pub use disowned::DisownedView;
pub use frame::{Account, Frame, Place, download, render, render_with};
pub use funnel::Funnel;
pub use messages::{Language, Text};
pub use problem::{problem_message, problem_page, wants_fresh_sign_in};
pub use refusal::RefusalView;
pub use rows::{AuditRow, NoticeRow, PassRow, PasskeyRow, SessionRow, SignInRow, UserRow, named};
pub use trails::Trail;
pub use when::When;

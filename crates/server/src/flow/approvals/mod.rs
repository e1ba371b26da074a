//! Dual control: privileged changes that wait for a second person.
//!
//! ```text
//!   govern::change, roles::assign, administer::issue_pass …
//!        │ clear: the setting asks for a second person
//!        ▼
//!   a request is kept, nothing is changed ──▶ approve: judged anew, carried out by the same flow,
//!                                        │    settled and recorded in the same transaction
//!                                        ├──▶ deny, with a reason
//!                                        └──▶ withdraw, by whoever asked
//! ```
//! What a flow writes takes a [`Clearance`], which holds the proof that [`policy::approvals`] makes.

mod clearance;
mod read;
mod refusal;
mod setting;
mod settle;

pub use clearance::{Clearance, Wanted, clear};
pub use read::{Shown, list, one};
pub use refusal::{ApprovalRefusal, HeldBack};
pub use setting::{Setting, setting};
pub(super) use setting::{lacks_people, pass_instead};
pub use settle::{Done, approve, deny, withdraw};

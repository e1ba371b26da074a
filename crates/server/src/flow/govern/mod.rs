//! Governance: who changes policies, how, and what the change would do.
//!
//! Every surface (pages, interfaces, command line) changes a policy through [`change`], so that none of them can forget the
//! role, the validation, the version or the record. Reading for pages is in [`read`].

mod change;
mod governor;
mod preview;
mod record;
mod refusal;

pub mod ask;
pub mod campaigns;
pub mod groups;
pub mod impact;
pub mod read;
pub mod reports;
pub mod teams;

pub use change::{Change, Changed, Edit, change};
pub use governor::Governor;
pub use policy::roles::writing;
pub use preview::{Preview, preview};
pub use refusal::GovernRefusal;

pub(super) use change::change_allowed;
pub(super) use record::bare;
pub use record::modified;

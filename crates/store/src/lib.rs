//! SQLite and PostgreSQL behind one concrete [`Store`].
//!
//! What this room refuses to do: it decides nothing, verifies nothing, reads no clock and draws no
//! randomness. SQL is written here and nowhere else, one text for both databases.
//!
//! ```text
//!   store.read(|tx| …)   ─▶ SQLite: a read-only connection      PostgreSQL: a pooled connection
//!   store.write(|tx| …)  ─▶ SQLite: the one writer thread,      PostgreSQL: a transaction
//!                           many jobs, one durable commit
//!   sign_ins::commit     ─▶ SQLite: a job of the writer         PostgreSQL: one statement
//! ```
//!
//! # Recipe
//! A topic is one file with plain `async fn`s that take `&mut Tx` first and typed values after it.
//! A job is a closure that returns a boxed future:
//!
//! ```no_run
//! # async fn example(store: store::Store, tenant: policy::model::TenantId) -> Result<(), store::StoreError> {
//! let found = store
//!     .read(move |tx| Box::pin(async move {
//!         store::users::find_by_name(tx, tenant, "ada@example.org").await
//!     }))
//!     .await?;
//! # let _ = found; Ok(()) }
//! ```
//!
//! A job must await nothing but its `Tx` (on SQLite it is polled once); it must not do cryptography
//! or ask policy, because everybody else's commit waits for it. Whatever can be lost by a race is a
//! typed outcome (`enum … { Done, … }`), never an SQL error.
//!
//! # What was acknowledged is on disk
//! `write` answers only after the commit that contains the job was flushed (`synchronous=FULL` on
//! SQLite, `synchronous_commit` as the operator left it on PostgreSQL, `on` by default).

mod dialect;
mod error;
mod guarded;
mod kek;
mod migrate;
mod open;
mod postgres;
mod row;
mod sqlite;
mod tx;

pub mod applications;
pub mod approvals;
pub mod attempts;
pub mod audit;
pub mod bootstrap;
pub mod campaigns;
pub mod challenges;
pub mod consents;
pub mod device_codes;
pub mod disclaimers;
pub mod evidence;
pub mod feedback;
pub mod grants;
pub mod groups;
pub mod keys;
pub mod labels;
pub mod leases;
pub mod lifecycle;
pub mod log_cursors;
pub mod log_search;
pub mod logouts;
pub mod metadata;
pub mod outbox;
pub mod passes;
pub mod passkeys;
pub mod passwords;
pub mod policies;
pub mod provisioned;
pub mod reports;
pub mod residents;
pub mod retention;
pub mod roles;
pub mod sessions;
pub mod settings;
pub mod sightings;
pub mod sign_ins;
pub mod signals;
pub mod tenants;
pub mod totp;
pub mod users;
pub mod versions;

pub use error::StoreError;
pub use kek::Kek;
pub use open::{DatabaseUrl, Durability, Options, Page, Store};
pub use tx::{JobFuture, Tx, hash_token};

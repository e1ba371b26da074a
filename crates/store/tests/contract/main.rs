//! The contract of the store: every test here runs on SQLite and on PostgreSQL.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed setup is a failed test"
)]

mod consents;
mod database;
mod world;

mod approvals;
mod campaigns;
mod device_codes;
mod durability;
mod evidence;
mod evidence_tree;
mod factors;
mod feedback;
mod grants;
mod keys;
mod lifecycle;
mod log_cursors;
mod log_search;
mod logouts;
mod outbox;
mod passkeys;
mod people;
mod policies;
mod provisioned;
mod records;
mod reports;
mod residents;
mod sessions;
mod sightings;
mod sign_ins;
mod signals;
mod transactions;

/// Defines each test twice: once per database.
macro_rules! contract {
    ($($(#[$doc:meta])* async fn $name:ident($world:ident: $ty:ty) $body:block)+) => {$(
        mod $name {
            use super::*;

            $(#[$doc])*
            async fn check($world: $ty) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                check($crate::world::World::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                check($crate::world::World::postgres().await).await;
            }
        }
    )+};
}
pub(crate) use contract;

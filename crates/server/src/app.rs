//! The application state: everything a request may use, behind one `Arc`.

use std::ops::Deref;
use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use policy::model::{Tenant, TenantId};
use store::Store;

use crate::cable::Desk;
use crate::clock::{Clock, Random};
use crate::config::Config;
use crate::flow::throttle::UnknownNames;
use crate::limits::Limits;
use crate::models::Models;
use crate::notify::Notifier;
use crate::oidc::keyring::Keyring;
use crate::seal::Sealer;
use crate::signals::Outbound;
use crate::snapshots::Snapshots;
use crate::workers::Workers;

/// Shared by all requests. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState(Arc<App>);

/// What is inside.
pub struct App {
    /// The checked configuration.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The only clock.
    pub clock: Clock,
    /// The only randomness.
    pub random: Random,
    /// Seals and tags.
    pub seal: Sealer,
    /// The tenants of this deployment.
    pub tenants: Tenants,
    /// Signing keys and the documents that publish them.
    pub keyring: Keyring,
    /// Threads for password hashes.
    pub workers: Workers,
    /// Flood control.
    pub limits: Limits,
    /// The compiled policies of each tenant.
    pub snapshots: Snapshots,
    /// What is known of authenticator models.
    pub models: Models,
    /// Wrong answers for names that nobody has.
    pub unknown: UnknownNames,
    /// The ways notices go out.
    pub notifier: Notifier,
    /// The way security events go out.
    pub signals: Outbound,
    /// The tunnel service of hybrid transport, where this deployment has one.
    pub relay: Option<Desk>,
    /// What `/metrics` shows; absent where nothing is recorded.
    pub metrics: Option<PrometheusHandle>,
}

impl AppState {
    /// Wraps a finished application.
    pub fn new(app: App) -> Self {
        Self(Arc::new(app))
    }
}

impl Deref for AppState {
    type Target = App;

    fn deref(&self) -> &App {
        &self.0
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// The tenants as read at the start, the first one being the default.
#[derive(Clone, Debug)]
pub struct Tenants {
    first: Arc<Tenant>,
    others: Arc<[Arc<Tenant>]>,
}

impl Tenants {
    /// A deployment with these tenants.
    pub fn new(first: Tenant, others: Vec<Tenant>) -> Self {
        Self {
            first: Arc::new(first),
            others: others.into_iter().map(Arc::new).collect(),
        }
    }

    /// Where a sign-in goes that names no tenant.
    pub fn default(&self) -> &Arc<Tenant> {
        &self.first
    }

    /// The tenant with this id.
    pub fn by_id(&self, id: TenantId) -> Option<&Arc<Tenant>> {
        self.all().find(|tenant| tenant.id == id)
    }

    /// The tenant with this id (any case) or verified domain.
    pub fn by_name(&self, name: &str) -> Option<&Arc<Tenant>> {
        if let Ok(id) = name.parse() {
            return self.by_id(id);
        }
        self.all().find(|tenant| {
            tenant
                .domains
                .iter()
                .any(|domain| domain.eq_ignore_ascii_case(name))
        })
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Tenant>> {
        std::iter::once(&self.first).chain(self.others.iter())
    }
}

//! Conditional access to burden the sign-ins with.

use std::path::Path;

use policy::model::{
    AccessGrant, AccessPolicy, AccessPolicyId, AccessState, AccessTarget, Assignment, Conditions,
    PolicyDocument, SessionControls, TenantId, Timestamp,
};
use policy::strength::PHISHING_RESISTANT;
use store::policies::Expected;
use store::{DatabaseUrl, Kek, Store};

/// Writes `number` enabled policies into the database of a running server: each is for everybody and every application and asks
/// for a phishing-resistant method, so that each applies to every sign-in and none can be passed over.
pub async fn add(data: &Path, tenant: &str, number: u16) -> anyhow::Result<()> {
    let url = DatabaseUrl::Sqlite(data.join("keyward.db"));
    let store = Store::open(&url, Kek::load(&data.join("key"))?).await?;
    let tenant: TenantId = tenant.parse()?;
    let now = Timestamp::from_seconds(0);
    for number in 0..number {
        let document = PolicyDocument::Access(Box::new(policy(number, now)));
        store
            .write(move |tx| {
                Box::pin(async move {
                    store::policies::put(tx, tenant, &document, Expected::Anything, now).await
                })
            })
            .await?;
    }
    Ok(())
}

fn policy(number: u16, now: Timestamp) -> AccessPolicy {
    let mut id = [0; 16];
    id[..2].copy_from_slice(&number.to_be_bytes());
    AccessPolicy {
        id: AccessPolicyId::from_bytes(id),
        name: format!("Load {number}"),
        description: String::new(),
        state: AccessState::Enabled,
        created: now,
        modified: now,
        conditions: Conditions {
            users: Assignment::everyone(),
            target: AccessTarget::Applications {
                all: true,
                include: Vec::new(),
                exclude: Vec::new(),
                admin_portals: false,
            },
            ..Conditions::default()
        },
        grant: AccessGrant::Strength(PHISHING_RESISTANT),
        session: SessionControls::default(),
    }
}

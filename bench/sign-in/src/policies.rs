//! Conditional access to burden the sign-ins with.

use std::path::Path;

use policy::model::{
    AccessGrant, AccessPolicy, AccessPolicyId, AccessState, AccessTarget, Assignment, Conditions,
    PolicyDocument, Scope, SessionControls, TenantId, Timestamp,
};
use policy::strength::PHISHING_RESISTANT;
use store::policies::Expected;
use store::{DatabaseUrl, Kek, Store};

/// One policy of so many applies to the people of the measurement.
const APPLIES: u16 = 10;

/// Writes `number` enabled policies into the database of a running server: each is for every application and asks for a
/// phishing-resistant method, one in ten of everybody and the others of holders of directory roles. None can be passed over, and
/// those that apply stand in the record of each sign-in.
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
            users: Assignment {
                include: match number % APPLIES {
                    0 => Scope::everyone(),
                    _ => Scope::role_holders(),
                },
                exclude: Scope::default(),
            },
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

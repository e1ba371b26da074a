//! The policies of a demonstration, made through the flow that administrators use.

use anyhow::anyhow;
use policy::model::{
    AccessGrant, AccessPolicy, AccessPolicyId, AccessState, AccessTarget, Assignment,
    AuthenticationContext, Conditions, CorrelationId, IpRange, LocationId, NamedLocation,
    PolicyDocument, Scope, SessionControls, Timestamp,
};
use policy::strength::PHISHING_RESISTANT;
use store::policies::Expected;

use crate::app::AppState;
use crate::flow::Caller;
use crate::flow::govern::{Change, Edit, Governor, change};

/// The context that applications may ask for before something that matters.
const CONTEXT: &str = "c1";

/// A context with its policy, a place, and a policy that only reports.
pub async fn make(app: &AppState) -> anyhow::Result<()> {
    let governor = Governor::operator(app.tenants.default().id, "demo");
    let caller = Caller::of_operator(CorrelationId::new(app.clock.now(), app.random.bytes()));
    for document in documents(app)? {
        let edit = Edit {
            change: Change::put(document),
            expected: Expected::Absent,
        };
        change(app, &caller, &governor, edit)
            .await
            .map_err(|refusal| anyhow!("a policy of the demonstration was refused: {refusal:?}"))?;
    }
    Ok(())
}

fn documents(app: &AppState) -> anyhow::Result<[PolicyDocument; 4]> {
    let now = app.clock.now();
    let range = IpRange::try_from("192.0.2.0/24".to_owned()).map_err(|wrong| anyhow!(wrong))?;
    let sensitive = AccessTarget::Contexts(vec![CONTEXT.to_owned()]);
    let portals = AccessTarget::Applications {
        all: false,
        include: Vec::new(),
        exclude: Vec::new(),
        admin_portals: true,
    };
    Ok([
        PolicyDocument::Context(AuthenticationContext {
            id: CONTEXT.to_owned(),
            name: "Sensitive actions".to_owned(),
            description: "What an application asks for before something that matters".to_owned(),
            available: true,
        }),
        PolicyDocument::Location(NamedLocation {
            id: LocationId::new(now, app.random.bytes()),
            name: "Office".to_owned(),
            trusted: true,
            created: now,
            modified: now,
            ranges: vec![range],
        }),
        access(
            app,
            now,
            "Passkey for sensitive actions",
            AccessState::Enabled,
            Assignment::everyone(),
            sensitive,
        ),
        access(
            app,
            now,
            "Passkey for administrators",
            AccessState::ReportOnly,
            role_holders(),
            portals,
        ),
    ])
}

fn role_holders() -> Assignment {
    Assignment {
        include: Scope::role_holders(),
        exclude: Scope::default(),
    }
}

fn access(
    app: &AppState,
    now: Timestamp,
    name: &str,
    state: AccessState,
    users: Assignment,
    target: AccessTarget,
) -> PolicyDocument {
    PolicyDocument::Access(Box::new(AccessPolicy {
        id: AccessPolicyId::new(now, app.random.bytes()),
        name: name.to_owned(),
        description: String::new(),
        state,
        created: now,
        modified: now,
        conditions: Conditions {
            users,
            target,
            ..Conditions::default()
        },
        grant: AccessGrant::Strength(PHISHING_RESISTANT),
        session: SessionControls::default(),
    }))
}

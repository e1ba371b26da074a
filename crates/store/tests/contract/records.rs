//! The two logs.

use crate::contract;
use crate::world::*;
use policy::model::*;
use store::audit::{self, Filter};
use store::{Page, sign_ins};
use uuid::Uuid;

pub fn record(world: &World, user: UserId, at: Timestamp) -> AuditRecord {
    AuditRecord {
        tenant: world.tenant,
        id: RecordId::new(at, seed()),
        at,
        activity: "Add Passkey (device-bound)".to_owned(),
        category: Category::UserManagement,
        service: "Device Registration Service".to_owned(),
        result: AuditResult::Success,
        reason: String::new(),
        initiated_by: Actor::User {
            id: user,
            display_name: "Ada".to_owned(),
            user_principal_name: "ada@example.org".to_owned(),
            ip_address: "192.0.2.1".to_owned(),
        },
        targets: vec![Target {
            id: user.to_string(),
            kind: "User".to_owned(),
            display_name: Some("Ada".to_owned()),
            user_principal_name: Some("ada@example.org".to_owned()),
            modified_properties: vec![ModifiedProperty {
                display_name: "DisplayName".to_owned(),
                old_value: None,
                new_value: Some("\"Key\"".to_owned()),
            }],
        }],
        details: vec![
            ("userAgent".to_owned(), "Browser/1".to_owned()),
            ("AAGuid".to_owned(), "…".to_owned()),
        ],
        user: Some(user),
        credential_id: Some(vec![1, 2]),
        aaguid: Some(Uuid::from_u128(5)),
        passkey_type: Some(PasskeyType::DeviceBound),
        correlation: CorrelationId::new(at, seed()),
        salts: Some(AuditSalts {
            actor: salt(),
            subject: salt(),
        }),
    }
}

/// A record as it comes back: its salts are nobody's business.
fn as_read(mut record: AuditRecord) -> AuditRecord {
    record.salts = None;
    record
}

contract! {
    async fn an_audit_record_comes_back_as_written(world: World) {
        let user = world.user("ada").await;
        let written = record(&world, user.id, NOW);
        let (row, tenant) = (written.clone(), world.tenant);
        let found = world.write(move |tx| Box::pin(async move {
            audit::record(tx, &row).await?;
            audit::find(tx, tenant, row.id).await
        })).await;
        assert_eq!(found, Some(as_read(written)));
    }

    async fn records_are_listed_newest_first_and_filtered(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let mut written = Vec::new();
        for number in 0..6 {
            let user = if number % 2 == 0 { ada.id } else { bob.id };
            written.push(record(&world, user, NOW.plus(Span::seconds(number))));
        }
        let (rows, tenant) = (written.clone(), world.tenant);
        let wanted = written[3].correlation;
        let (first, rest, of_ada, correlated) = world.write(move |tx| Box::pin(async move {
            for row in &rows {
                audit::record(tx, row).await?;
            }
            let first = audit::list(tx, tenant, Filter::All, Page::first(4)).await?;
            let page = Page::after(first[3].id, 4);
            Ok((
                first,
                audit::list(tx, tenant, Filter::All, page).await?,
                audit::list(tx, tenant, Filter::User(ada.id), Page::first(9)).await?,
                audit::list(tx, tenant, Filter::Correlation(wanted), Page::first(9)).await?,
            ))
        })).await;
        let mut written: Vec<_> = written.into_iter().map(as_read).collect();
        assert_eq!(correlated, [written[3].clone()]);
        assert_eq!(of_ada.len(), 3);
        written.reverse();
        assert_eq!([first, rest].concat(), written);
    }

    async fn a_failed_sign_in_is_found_by_its_correlation(world: World) {
        let user = world.user("ada").await;
        let mut failed = made_up_record(&user, None);
        failed.error_code = 50126;
        failed.failure_code = "bad_signature".to_owned();
        failed.backed_up = None;
        failed.passkey_type = None;
        let (row, tenant) = (failed.clone(), world.tenant);
        let found = world.write(move |tx| Box::pin(async move {
            sign_ins::record(tx, &row).await?;
            sign_ins::list(tx, tenant, Filter::Correlation(row.correlation), Page::first(2)).await
        })).await;
        failed.salt = None;
        assert_eq!(found, [failed]);
    }
}

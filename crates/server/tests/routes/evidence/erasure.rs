//! A person is erased, and everything goes on being proved.

use keyward::cli::log::export;
use keyward::flow::erase::{self, Erased};
use policy::model::{Actor, User};
use store::evidence::Log;

use super::independent::{check, exported, ids};
use super::{Chronicle, codes};

async fn erase(log: &Chronicle, user: &User) -> Erased {
    let app = &log.world.app;
    let person = (user.tenant, user.id);
    erase::erase_person(&app.store, app.clock.now(), &app.random, person)
        .await
        .unwrap()
}

/// Every byte of the database that could still tell of her.
fn traces(log: &Chronicle, of: &str) -> i64 {
    let database = log.database();
    let count = |sql: &str| -> i64 { database.query_row(sql, [of], |row| row.get(0)).unwrap() };
    count(
        "SELECT count(*) FROM audit WHERE instr(initiated_by || targets || details || user_agent
            || actor || target_ids || reason, ?1) > 0",
    ) + count(
        "SELECT count(*) FROM sign_ins WHERE instr(user_principal_name || user_display_name
            || failure_reason || steps || ip_address || user_agent || decision, ?1) > 0",
    )
}

#[tokio::test]
async fn an_erased_person_is_gone_and_every_proof_still_holds() {
    let mut log = Chronicle::begin().await;
    log.sign_ins(230).await;
    log.audits(3).await;
    log.publish().await;
    let (before, saved) = (exported(&log).await, log.saved());
    assert!(traces(&log, "ada@localhost") > 230 && traces(&log, "192.0.2.7") > 0);
    // Records that are not in the tree yet are erased like the others.
    log.sign_ins(1).await;
    let ada = log.user.clone();
    let erased = erase(&log, &ada).await;
    assert_eq!((erased.audit, erased.sign_ins), (3, 231));
    for trace in ["ada@localhost", "192.0.2.7", "Browser/7", "Ada's key"] {
        assert_eq!(traces(&log, trace), 0, "{trace}");
    }
    log.publish().await;
    let report = log.verify_with(saved).await;
    assert_eq!(codes(&report), [""; 0]);
    let erased: u64 = report.logs.iter().map(|one| one.erased).sum();
    assert_eq!(erased, 234);
    // The leaves are those of before, as somebody else computes them, and what is open is still there.
    let after = exported(&log).await;
    check(&after).unwrap();
    assert_eq!(
        ids(&after, Log::SignIns)[..230],
        ids(&before, Log::SignIns)[..]
    );
    assert!(after.contains("bad_signature"));
    // A second time there is nothing left but the record of the first.
    let again = erase(&log, &ada).await;
    assert_eq!((again.audit, again.sign_ins), (1, 0));
}

#[tokio::test]
async fn who_did_it_stays_when_the_one_it_was_done_to_is_erased() {
    let mut log = Chronicle::begin().await;
    let admin = log.world.user("admin-of-ada@localhost").await;
    let mut row = log.audit_rows(1).remove(0);
    row.initiated_by = Actor::User {
        id: admin.id,
        display_name: "Admin".to_owned(),
        user_principal_name: admin.user_principal_name.clone(),
        ip_address: "192.0.2.99".to_owned(),
    };
    let id = row.id;
    log.world
        .write(move |tx| Box::pin(async move { store::audit::record(tx, &row).await }))
        .await;
    let (tenant, ada) = (log.tenant(), log.user.clone());
    let read = async |log: &Chronicle| {
        let found = log
            .world
            .write(move |tx| Box::pin(async move { store::audit::find(tx, tenant, id).await }));
        found.await.unwrap()
    };
    assert_eq!(erase(&log, &ada).await.audit, 1);
    let record = read(&log).await;
    let by_admin = |actor: &Actor| matches!(actor, Actor::User { user_principal_name, .. } if user_principal_name == "admin-of-ada@localhost");
    assert!(by_admin(&record.initiated_by));
    assert_eq!(record.targets[0].user_principal_name, None);
    assert_eq!(record.targets[0].id, ada.id.to_string());
    assert_eq!(
        record.details,
        [("userAgent".to_owned(), "Browser/7 of Ada".to_owned())]
    );
    assert_eq!(erase(&log, &admin).await.audit, 1);
    let record = read(&log).await;
    assert!(!by_admin(&record.initiated_by) && record.details.is_empty());
    assert_eq!(record.initiated_by.user(), Some(&admin.id));
    log.fold().await;
    assert_eq!(codes(&log.verify().await), [""; 0]);
}

#[tokio::test]
async fn an_erasure_without_its_record_is_found() {
    let mut log = Chronicle::begin().await;
    log.sign_ins(2).await;
    log.audits(1).await;
    log.fold().await;
    let (tenant, ada) = (log.tenant(), log.user.id);
    let first = log.world.sign_ins().await[0].id;
    log.world
        .write(move |tx| {
            Box::pin(
                async move { store::evidence::erase(tx, tenant, Log::SignIns, first, ada).await },
            )
        })
        .await;
    assert_eq!(codes(&log.verify().await), ["erasure_unexplained"]);
    let user = log.user.clone();
    erase(&log, &user).await;
    assert_eq!(codes(&log.verify().await), [""; 0]);
}

#[tokio::test]
async fn values_that_come_back_after_an_erasure_are_found() {
    for (table, column) in [
        ("sign_ins", "ip_address"),
        ("sign_ins", "steps"),
        ("audit", "initiated_by"),
        ("audit", "targets"),
        ("audit", "details"),
        ("audit", "user_agent"),
    ] {
        let mut log = Chronicle::begin().await;
        log.sign_ins(1).await;
        log.audits(1).await;
        let user = log.user.clone();
        erase(&log, &user).await;
        log.fold().await;
        let sql = format!(
            "UPDATE {table} SET {column} = '[\"x\"]' WHERE user_id IS NOT NULL
                AND rowid_of_erased = 1"
        );
        let commitment = if table == "audit" {
            "actor_commitment"
        } else {
            "commitment"
        };
        let sql = sql.replace("rowid_of_erased = 1", &format!("{commitment} IS NOT NULL"));
        log.database().execute(&sql, []).unwrap();
        let found = codes(&log.verify().await);
        assert_eq!(found, ["erasure_incomplete"], "{table}.{column}");
    }
}

#[tokio::test]
async fn a_person_gets_what_the_logs_say_about_them() {
    let mut log = Chronicle::begin().await;
    log.sign_ins(2).await;
    log.audits(1).await;
    log.fold().await;
    let (store, tenant) = (&log.world.app.store, log.tenant());
    let told = export::of_person(store, tenant, log.user.id).await.unwrap();
    assert_eq!(told["signIns"].as_array().unwrap().len(), 2);
    assert_eq!(told["signIns"][0]["ipAddress"], "192.0.2.7");
    assert_eq!(
        told["signIns"][0]["createdDateTime"],
        "2026-12-01T12:00:00Z"
    );
    let audits = told["directoryAudits"].as_array().unwrap();
    assert_eq!(audits.len(), 1);
    assert_eq!(
        audits[0]["initiatedBy"]["userPrincipalName"],
        "ada@localhost"
    );
    let nobody = log.world.user("bob@localhost").await;
    let told = export::of_person(store, tenant, nobody.id).await.unwrap();
    assert_eq!(told["signIns"], serde_json::json!([]));
}

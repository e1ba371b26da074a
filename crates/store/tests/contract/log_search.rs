//! The logs are looked through by what records have in common, and no question reads a log from end to end.

use crate::contract;
use crate::records::record;
use crate::world::*;
use policy::model::*;
use store::DatabaseUrl;
use store::log_search::{self, AuditsBy, SignInsBy, Stretch};

const PAGE: Stretch = Stretch {
    from: None,
    to: None,
    after: None,
    oldest_first: false,
    limit: 50,
};

fn at(second: i64) -> Timestamp {
    NOW.plus(Span::seconds(second))
}

/// A sign-in of `user` at some second.
fn sign_in(user: &User, second: i64, application: ApplicationId, code: i64) -> SignInRecord {
    SignInRecord {
        id: RecordId::new(at(second), seed()),
        at: at(second),
        application: Some(application),
        error_code: code,
        correlation: CorrelationId::new(at(second), seed()),
        ..made_up_record(user, None)
    }
}

async fn write(world: &World, records: &[SignInRecord]) {
    let records = records.to_vec();
    world
        .write(move |tx| {
            Box::pin(async move {
                for record in &records {
                    store::sign_ins::record(tx, record).await?;
                }
                Ok(())
            })
        })
        .await;
}

async fn found(world: &World, by: SignInsBy, stretch: Stretch) -> Vec<RecordId> {
    let tenant = world.tenant;
    let read = world.read(move |tx| {
        Box::pin(async move { log_search::sign_ins(tx, tenant, &by, stretch).await })
    });
    read.await.iter().map(|record| record.id).collect()
}

async fn found_audits(world: &World, by: AuditsBy, stretch: Stretch) -> Vec<RecordId> {
    let tenant = world.tenant;
    let read = world.read(move |tx| {
        Box::pin(async move { log_search::audits(tx, tenant, &by, stretch).await })
    });
    read.await.iter().map(|record| record.id).collect()
}

/// That the plan is a range of this index, in its order: nothing is read from end to end, and nothing is sorted.
fn is_range(world: &World, plan: &[String], index: &str) {
    let text = plan.join("\n").replace("Scan Backward using", "Scan using");
    let wrong = ["SCAN", "TEMP B-TREE", "Seq Scan", "Sort", "Bitmap"];
    assert!(!wrong.iter().any(|word| text.contains(word)), "{text}");
    let taken = |index: &str| match (&world.url, index) {
        (DatabaseUrl::Sqlite(_), "sign_ins_pkey" | "audit_pkey") => {
            text.contains("USING PRIMARY KEY (")
        }
        (DatabaseUrl::Sqlite(_), _) => text.contains(&format!("USING INDEX {index} (")),
        (DatabaseUrl::Postgres(_), _) => text.contains(&format!("Scan using {index} ")),
    };
    // What most of the newest have in common is found as quickly by the key, and PostgreSQL knows what most have in common.
    let postgres = matches!(world.url, DatabaseUrl::Postgres(_));
    let common = postgres && index == "sign_ins_error" && taken("sign_ins_pkey");
    let common = common && text.contains("Filter: (error_code = '0'::bigint)");
    assert!(taken(index) || common, "{index} is not in\n{text}");
}

contract! {
    async fn sign_ins_are_found_by_what_they_have_in_common(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("Bob").await);
        let apps = [ApplicationId::new(NOW, seed()), ApplicationId::new(NOW, seed())];
        let all = vec![
            sign_in(&ada, 0, apps[0], 0),
            sign_in(&bob, 1, apps[0], 50126),
            sign_in(&ada, 2, apps[1], 50126),
            sign_in(&bob, 3, apps[1], 53003),
        ];
        write(&world, &all).await;
        let ids = |numbers: &[usize]| numbers.iter().map(|at| all[*at].id).collect::<Vec<_>>();
        let cases = [
            (SignInsBy::Any, ids(&[3, 2, 1, 0])),
            (SignInsBy::Id(all[2].id), ids(&[2])),
            (SignInsBy::Correlation(all[1].correlation), ids(&[1])),
            (SignInsBy::User(ada.id), ids(&[2, 0])),
            (SignInsBy::Name("BOB@Example.org".to_owned()), ids(&[3, 1])),
            (SignInsBy::Application(apps[1]), ids(&[3, 2])),
            (SignInsBy::ErrorCode(50126), ids(&[2, 1])),
            (SignInsBy::ErrorCode(0), ids(&[0])),
            (SignInsBy::Failed, ids(&[3, 2, 1])),
            (SignInsBy::User(UserId::from_bytes([1; 16])), ids(&[])),
        ];
        for (by, expected) in cases {
            assert_eq!(found(&world, by.clone(), PAGE).await, expected, "{by:?}");
            let mut turned = expected;
            turned.reverse();
            let oldest_first = Stretch { oldest_first: true, ..PAGE };
            assert_eq!(found(&world, by.clone(), oldest_first).await, turned, "{by:?}");
        }
        let elsewhere = TenantId::from_bytes([9; 16]);
        let none = world.read(move |tx| Box::pin(async move {
            log_search::sign_ins(tx, elsewhere, &SignInsBy::Any, PAGE).await
        })).await;
        assert_eq!(none, []);
    }

    async fn a_stretch_of_time_and_a_page_end_where_they_say(world: World) {
        let ada = world.user("ada").await;
        let application = ApplicationId::new(NOW, seed());
        let all: Vec<_> = (0..6).map(|second| sign_in(&ada, second, application, 0)).collect();
        write(&world, &all).await;
        let ids = |numbers: &[usize]| numbers.iter().map(|at| all[*at].id).collect::<Vec<_>>();
        let by = || SignInsBy::User(ada.id);
        let from = Stretch { from: Some(at(4)), ..PAGE };
        assert_eq!(found(&world, by(), from).await, ids(&[5, 4]));
        let later = Stretch { from: Some(Timestamp::from_micros(at(4).as_micros() + 1_000)), ..PAGE };
        assert_eq!(found(&world, by(), later).await, ids(&[5]));
        let to = Stretch { to: Some(at(1)), ..PAGE };
        assert_eq!(found(&world, by(), to).await, ids(&[1, 0]));
        let between = Stretch { from: Some(at(2)), to: Some(at(3)), ..PAGE };
        assert_eq!(found(&world, SignInsBy::Any, between).await, ids(&[3, 2]));
        let ends = Stretch { from: Some(Timestamp::from_micros(i64::MIN)), to: Some(Timestamp::from_micros(i64::MAX)), ..PAGE };
        assert_eq!(found(&world, SignInsBy::Any, ends).await.len(), 6);
        let page = Stretch { limit: 2, ..PAGE };
        assert_eq!(found(&world, by(), page).await, ids(&[5, 4]));
        let next = Stretch { after: Some(all[4].id), ..page };
        assert_eq!(found(&world, by(), next).await, ids(&[3, 2]));
        let turned = Stretch { after: Some(all[4].id), oldest_first: true, ..page };
        assert_eq!(found(&world, by(), turned).await, ids(&[5]));
    }

    async fn audit_records_are_found_by_what_they_have_in_common(world: World) {
        let (ada, bob) = (world.user("ada").await.id, world.user("bob").await.id);
        let made = |second, activity: &str| AuditRecord {
            activity: activity.to_owned(),
            ..record(&world, ada, at(second))
        };
        let mut all = vec![made(0, "Add user"), made(1, "Update user"), made(2, "Add user"), made(3, "Delete group")];
        all[1].user = Some(bob);
        all[2].initiated_by = Actor::Service { name: "bootstrap".to_owned() };
        all[2].service = "Core Directory".to_owned();
        all[3].category = Category::GroupManagement;
        all[3].user = None;
        let rows = all.clone();
        world.write(move |tx| Box::pin(async move {
            for row in &rows {
                store::audit::record(tx, row).await?;
            }
            Ok(())
        })).await;
        let ids = |numbers: &[usize]| numbers.iter().map(|at| all[*at].id).collect::<Vec<_>>();
        for (by, expected) in [
            (AuditsBy::Any, ids(&[3, 2, 1, 0])),
            (AuditsBy::Id(all[0].id), ids(&[0])),
            (AuditsBy::Correlation(all[3].correlation), ids(&[3])),
            (AuditsBy::About(ada), ids(&[2, 0])),
            (AuditsBy::Actor(ada), ids(&[3, 1, 0])),
            (AuditsBy::Activity("add USER".to_owned()), ids(&[2, 0])),
            (AuditsBy::Category(Category::GroupManagement), ids(&[3])),
            (AuditsBy::Service("core directory".to_owned()), ids(&[2])),
        ] {
            assert_eq!(found_audits(&world, by.clone(), PAGE).await, expected, "{by:?}");
        }
        let between = Stretch { from: Some(at(1)), to: Some(at(2)), ..PAGE };
        assert_eq!(found_audits(&world, AuditsBy::Any, between).await, ids(&[2, 1]));
        let tenant = world.tenant;
        let known = world.read(move |tx| Box::pin(async move {
            let bob = log_search::is_about(tx, tenant, bob).await?;
            Ok((bob, log_search::is_about(tx, tenant, UserId::from_bytes([1; 16])).await?))
        })).await;
        assert_eq!(known, (true, false));
    }

    async fn no_question_to_the_sign_in_log_reads_it_from_end_to_end(world: World) {
        let mut people = Vec::new();
        for number in 0..20 {
            people.push(world.user(&format!("user{number}")).await);
        }
        let apps: Vec<_> = (0..5).map(|_| ApplicationId::new(NOW, seed())).collect();
        let codes = [50126, 53003, 50076];
        let all: Vec<_> = (0..1500_usize).map(|number| {
            let code = if number % 10 == 0 { codes[number / 10 % 3] } else { 0 };
            let second = i64::try_from(number).unwrap();
            sign_in(&people[number % 20], second, apps[number % 5], code)
        }).collect();
        write(&world, &all).await;
        let stretches = [
            PAGE,
            Stretch { oldest_first: true, ..PAGE },
            Stretch { from: Some(at(700)), to: Some(at(900)), ..PAGE },
            Stretch { after: Some(all[800].id), ..PAGE },
        ];
        // Without knowing anything of what is in the table, and with it.
        for known in [false, true] {
            if known {
                world.raw("ANALYZE sign_ins; ANALYZE audit;").await;
            }
            let questions = [
                (SignInsBy::Any, "sign_ins_pkey"),
                (SignInsBy::Correlation(all[7].correlation), "sign_ins_attempt"),
                (SignInsBy::User(people[3].id), "sign_ins_user"),
                (SignInsBy::Name("user3@example.org".to_owned()), "sign_ins_name"),
                (SignInsBy::Application(apps[2]), "sign_ins_application"),
                (SignInsBy::ErrorCode(53003), "sign_ins_error"),
                (SignInsBy::ErrorCode(0), "sign_ins_error"),
                (SignInsBy::Failed, "sign_ins_failed"),
            ];
            // PostgreSQL guesses that an unknown table is tiny, and reads those whole.
            if !known && matches!(world.url, DatabaseUrl::Postgres(_)) {
                continue;
            }
            for (by, index) in questions {
                for stretch in stretches {
                    let (by, tenant) = (by.clone(), world.tenant);
                    let plan = world.read(move |tx| Box::pin(async move {
                        log_search::plan_sign_ins(tx, tenant, &by, stretch).await
                    })).await;
                    is_range(&world, &plan, index);
                }
            }
        }
    }

    async fn no_question_to_the_audit_log_reads_it_from_end_to_end(world: World) {
        let mut people = Vec::new();
        for number in 0..20 {
            people.push(world.user(&format!("user{number}")).await.id);
        }
        let activities = ["Add user", "Update user", "Delete user", "Add group"];
        let all: Vec<_> = (0..1000_usize).map(|number| AuditRecord {
            activity: activities[number % 4].to_owned(),
            service: format!("Service {}", number % 3),
            category: Category::ALL[number % 5],
            ..record(&world, people[number % 20], at(i64::try_from(number).unwrap()))
        }).collect();
        let rows = all.clone();
        world.write(move |tx| Box::pin(async move {
            for row in &rows {
                store::audit::record(tx, row).await?;
            }
            Ok(())
        })).await;
        world.raw("ANALYZE sign_ins; ANALYZE audit;").await;
        for (by, index) in [
            (AuditsBy::Any, "audit_pkey"),
            (AuditsBy::Correlation(all[7].correlation), "audit_attempt"),
            (AuditsBy::About(people[3]), "audit_user"),
            (AuditsBy::Actor(people[3]), "audit_actor"),
            (AuditsBy::Activity("Add user".to_owned()), "audit_activity"),
            (AuditsBy::Category(Category::UserManagement), "audit_category"),
            (AuditsBy::Service("Service 1".to_owned()), "audit_service"),
        ] {
            for stretch in [PAGE, Stretch { from: Some(at(300)), to: Some(at(500)), ..PAGE }] {
                let (by, tenant) = (by.clone(), world.tenant);
                let plan = world.read(move |tx| Box::pin(async move {
                    log_search::plan_audits(tx, tenant, &by, stretch).await
                })).await;
                is_range(&world, &plan, index);
            }
        }
    }
}

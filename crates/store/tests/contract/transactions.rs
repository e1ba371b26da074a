//! What a job may rely on.

use crate::contract;
use crate::world::*;
use store::{StoreError, settings, versions};

contract! {
    async fn a_failing_job_rolls_back_alone(world: World) {
        let tenant = world.tenant;
        let mut tasks = Vec::new();
        for number in 0..40 {
            let store = world.store.clone();
            tasks.push(tokio::spawn(async move {
                let result: Result<(), StoreError> = store.write(move |tx| Box::pin(async move {
                    settings::put(tx, tenant, &format!("s{number}"), "{}", NOW).await?;
                    if number % 4 == 0 { Err(StoreError::Damaged("a test")) } else { Ok(()) }
                })).await;
                assert_eq!(result.is_ok(), number % 4 != 0);
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let kept = world.read(move |tx| Box::pin(async move {
            let mut kept = Vec::new();
            for number in 0..40 {
                if settings::get(tx, tenant, &format!("s{number}")).await?.is_some() {
                    kept.push(number);
                }
            }
            Ok((kept, versions::of(tx, tenant).await?.unwrap().policy))
        })).await;
        let expected: Vec<_> = (0..40).filter(|number| number % 4 != 0).collect();
        assert_eq!(kept, (expected, 31), "each kept job counted once");
    }

    async fn a_job_with_a_broken_statement_spoils_no_other(world: World) {
        let user = world.user("ada").await;
        let mut tasks = Vec::new();
        for number in 0..10 {
            let (store, user, fresh) =
                (world.store.clone(), user.clone(), world.made_up_user(&format!("n{number}")));
            tasks.push(tokio::spawn(async move {
                // The same id twice is an error of the database, not an outcome.
                let row = if number == 5 { user } else { fresh };
                let result = store.write(move |tx| Box::pin(async move {
                    store::users::create(tx, &row).await
                })).await;
                assert_eq!(result.is_ok(), number != 5, "{result:?}");
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let tenant = world.tenant;
        let count = world.read(move |tx| Box::pin(async move {
            store::users::count(tx, tenant).await
        })).await;
        assert_eq!(count, 10);
    }

    async fn a_panicking_job_spoils_no_other(world: World) {
        let (tenant, store) = (world.tenant, world.store.clone());
        let panicked = tokio::spawn(async move {
            let job = store.write(move |tx| Box::pin(async move {
                settings::put(tx, tenant, "panic", "{}", NOW).await?;
                panic!("a job of this test panics on purpose");
                #[expect(unreachable_code, reason = "gives the job its type")]
                Ok::<(), StoreError>(())
            }));
            job.await
        });
        assert!(!matches!(panicked.await, Ok(Ok(()))));
        let (kept, lost) = world.write(move |tx| Box::pin(async move {
            settings::put(tx, tenant, "after", "{}", NOW).await?;
            Ok((settings::get(tx, tenant, "after").await?, settings::get(tx, tenant, "panic").await?))
        })).await;
        assert_eq!((kept.is_some(), lost.is_some()), (true, false));
    }

    async fn a_read_cannot_write(world: World) {
        let tenant = world.tenant;
        let result = world.store.read(move |tx| Box::pin(async move {
            settings::put(tx, tenant, "x", "{}", NOW).await
        })).await;
        assert!(matches!(result, Err(StoreError::ReadOnly)), "{result:?}");
    }

    async fn a_job_given_up_leaves_no_open_transaction(world: World) {
        let tenant = world.tenant;
        for _ in 0..40 {
            let store = world.store.clone();
            let job = tokio::spawn(async move {
                store.write(move |tx| Box::pin(async move {
                    settings::put(tx, tenant, "given-up", "{}", NOW).await
                })).await
            });
            tokio::task::yield_now().await;
            job.abort();
            let _ = job.await;
        }
        world.write(move |tx| Box::pin(async move {
            settings::put(tx, tenant, "after", "{}", NOW).await
        })).await;
        let reads = world.read(move |tx| Box::pin(async move {
            settings::get(tx, tenant, "after").await
        })).await;
        assert!(reads.is_some());
    }
}

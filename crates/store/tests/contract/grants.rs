//! Codes and refresh tokens.

use crate::contract;
use crate::world::*;
use policy::model::*;
use store::grants::{self, Issued, Redeemed, Rotated, Rotation};
use store::{Page, Store, applications, sessions};

fn times(now: Timestamp) -> Rotation {
    Rotation {
        now,
        grace: Span::seconds(30),
        expires: LATER,
        access_expires: now.plus(Span::minutes(10)),
    }
}

async fn rotate(store: &Store, tenant: TenantId, token: [u8; 32], now: Timestamp) -> Rotated {
    let job = store.write(move |tx| {
        Box::pin(async move { grants::rotate(tx, tenant, &token, times(now)).await })
    });
    job.await.unwrap()
}

fn successor(rotated: Rotated) -> [u8; 32] {
    match rotated {
        Rotated::Done { successor, .. } => successor.expose().try_into().unwrap(),
        other => panic!("no successor: {other:?}"),
    }
}

async fn end_of(world: &World, id: GrantId) -> Option<GrantEnd> {
    let tenant = world.tenant;
    let grant = world
        .read(move |tx| Box::pin(async move { grants::find(tx, tenant, id).await }))
        .await;
    grant.unwrap().ended.map(|(_, end)| end)
}

contract! {
    async fn an_application_comes_back_as_written(world: World) {
        let mut application = world.application().await;
        application.kind = ClientKind::Public;
        application.secrets.clear();
        let (row, tenant) = (application.clone(), world.tenant);
        let found = world.write(move |tx| Box::pin(async move {
            applications::put(tx, &row).await?;
            let listed = applications::list(tx, tenant, Page::first(5)).await?;
            assert_eq!(listed.len(), 1);
            let found = applications::find(tx, tenant, row.id).await?;
            assert!(applications::delete(tx, tenant, row.id).await?);
            assert_eq!(applications::find(tx, tenant, row.id).await?, None);
            Ok(found)
        })).await;
        assert_eq!(found, Some(application));
    }

    async fn a_code_is_redeemed_by_one_of_many_and_the_others_end_the_grant(world: World) {
        let user = world.user("ada").await;
        let session = world.session(&user, None).await;
        let code = world.code(&session, &world.application().await).await;
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let (grant, refresh, _) = made_up_grant(&code);
            let (store, hash) = (world.store.clone(), code.code);
            tasks.push(tokio::spawn(async move {
                let job = store.write(move |tx| Box::pin(async move {
                    grants::redeem(tx, &hash, &grant, Some(&refresh), NOW).await
                }));
                job.await.unwrap()
            }));
        }
        let mut outcomes = Vec::new();
        for task in tasks {
            outcomes.push(task.await.unwrap());
        }
        let count = |wanted| outcomes.iter().filter(|one| **one == wanted).count();
        assert_eq!((count(Redeemed::Done), count(Redeemed::Replayed)), (1, 7));
        assert_eq!(end_of(&world, code.grant).await, Some(GrantEnd::CodeReplayed));
    }

    async fn a_replayed_code_ends_the_refresh_tokens_it_gave(world: World) {
        let user = world.user("ada").await;
        let session = world.session(&user, None).await;
        let code = world.code(&session, &world.application().await).await;
        let (grant, refresh) = world.redeem(&code).await;
        let (again, token, _) = made_up_grant(&code);
        let replayed = world.write(move |tx| Box::pin(async move {
            grants::redeem(tx, &code.code, &again, Some(&token), NOW).await
        })).await;
        assert_eq!(replayed, Redeemed::Replayed);
        let rotated = rotate(&world.store, world.tenant, refresh, NOW).await;
        assert!(matches!(rotated, Rotated::Ended(GrantEnd::CodeReplayed)), "{rotated:?}");
        assert_eq!(end_of(&world, grant.id).await, Some(GrantEnd::CodeReplayed));
    }

    async fn an_old_or_unknown_code_gives_nothing(world: World) {
        let user = world.user("ada").await;
        let session = world.session(&user, None).await;
        let code = world.code(&session, &world.application().await).await;
        let (grant, refresh, _) = made_up_grant(&code);
        let tenant = world.tenant;
        world.write(move |tx| Box::pin(async move {
            let after = code.expires;
            let expired = grants::redeem(tx, &code.code, &grant, Some(&refresh), after).await?;
            assert_eq!(expired, Redeemed::Expired);
            let unknown = grants::redeem(tx, &hash(), &grant, Some(&refresh), NOW).await?;
            assert_eq!(unknown, Redeemed::Unknown);
            assert_eq!(grants::find(tx, tenant, grant.id).await?, None);
            Ok(())
        })).await;
    }

    async fn an_ended_session_gets_no_code(world: World) {
        let user = world.user("ada").await;
        let session = world.session(&user, None).await;
        let code = made_up_code(&session, &world.application().await);
        let (tenant, id) = (world.tenant, user.id);
        let issued = world.write(move |tx| Box::pin(async move {
            sessions::end(tx, tenant, id, session.id, EndReason::SignedOut, NOW).await?;
            let issued = grants::issue_code(tx, &code).await?;
            assert_eq!(grants::find_code(tx, tenant, &code.code).await?, None);
            Ok(issued)
        })).await;
        assert_eq!(issued, Issued::SessionEnded);
    }

    async fn refreshing_gives_the_next_token(world: World) {
        let user = world.user("ada").await;
        let session = world.session(&user, None).await;
        let code = world.code(&session, &world.application().await).await;
        let (grant, first) = world.redeem(&code).await;
        let tenant = world.tenant;
        let second = successor(rotate(&world.store, tenant, first, NOW).await);
        let later = NOW.plus(Span::hours(1));
        let third = successor(rotate(&world.store, tenant, second, later).await);
        assert!(first != second && second != third);
        let stored = world.read(move |tx| Box::pin(async move {
            grants::find_by_refresh(tx, tenant, &store::hash_token(&third)).await
        })).await.unwrap();
        assert_eq!(stored.id, grant.id);
        assert_eq!(stored.access_expires, later.plus(Span::minutes(10)));
        let unknown = rotate(&world.store, tenant, token(), NOW).await;
        assert!(matches!(unknown, Rotated::Unknown));
    }

    async fn within_the_grace_the_same_token_gives_the_same_successor(world: World) {
        let user = world.user("ada").await;
        let session = world.session(&user, None).await;
        let code = world.code(&session, &world.application().await).await;
        let (grant, first) = world.redeem(&code).await;
        let tenant = world.tenant;
        let mut tasks = Vec::new();
        for number in 0..6 {
            let store = world.store.clone();
            let now = NOW.plus(Span::seconds(number * 5));
            tasks.push(tokio::spawn(async move { rotate(&store, tenant, first, now).await }));
        }
        let mut successors = Vec::new();
        for task in tasks {
            successors.push(successor(task.await.unwrap()));
        }
        successors.dedup();
        assert_eq!(successors.len(), 1);
        let rotated = rotate(&world.store, tenant, successors[0], NOW).await;
        assert!(matches!(rotated, Rotated::Done { .. }));
        assert_eq!(end_of(&world, grant.id).await, None);
    }

    async fn after_the_grace_the_old_token_ends_the_family(world: World) {
        let user = world.user("ada").await;
        let session = world.session(&user, None).await;
        let code = world.code(&session, &world.application().await).await;
        let (grant, first) = world.redeem(&code).await;
        let tenant = world.tenant;
        let second = successor(rotate(&world.store, tenant, first, NOW).await);
        let late = NOW.plus(Span::seconds(31));
        let replayed = rotate(&world.store, tenant, first, late).await;
        assert!(matches!(replayed, Rotated::Replayed { grant: id } if id == grant.id));
        assert_eq!(end_of(&world, grant.id).await, Some(GrantEnd::RefreshReplayed));
        let dead = rotate(&world.store, tenant, second, late).await;
        assert!(matches!(dead, Rotated::Ended(GrantEnd::RefreshReplayed)), "{dead:?}");
    }

    async fn an_expired_refresh_token_is_refused(world: World) {
        let user = world.user("ada").await;
        let session = world.session(&user, None).await;
        let code = world.code(&session, &world.application().await).await;
        let (_, first) = world.redeem(&code).await;
        let expired = rotate(&world.store, world.tenant, first, LATER).await;
        assert!(matches!(expired, Rotated::Expired), "{expired:?}");
    }

    async fn a_grant_of_a_revoked_user_is_not_refreshed(world: World) {
        let user = world.user("ada").await;
        let session = world.session(&user, None).await;
        let code = world.code(&session, &world.application().await).await;
        let (grant, first) = world.redeem(&code).await;
        let (tenant, id) = (world.tenant, user.id);
        world.write(move |tx| Box::pin(async move {
            assert_eq!(grants::of_user(tx, tenant, id, NOW).await?, [grant]);
            sessions::end_of_user(tx, tenant, id, EndReason::UserDisabled, NOW).await?;
            assert!(grants::of_user(tx, tenant, id, NOW).await?.is_empty());
            Ok(())
        })).await;
        let rotated = rotate(&world.store, tenant, first, NOW).await;
        let ended = GrantEnd::With(EndReason::UserDisabled);
        assert!(matches!(rotated, Rotated::Ended(end) if end == ended), "{rotated:?}");
    }

    /// However a redemption and a revocation interleave: afterwards the grant is not alive.
    async fn no_grant_survives_a_revocation_that_ran_beside_its_redemption(world: World) {
        let user = world.user("ada").await;
        let application = world.application().await;
        let tenant = world.tenant;
        for _ in 0..8 {
            let session = world.session(&user, None).await;
            let code = world.code(&session, &application).await;
            let (grant, refresh, _) = made_up_grant(&code);
            let (id, hash) = (grant.id, code.code);
            let (one, two) = (world.store.clone(), world.store.clone());
            let redeeming = tokio::spawn(async move {
                let job = one.write(move |tx| Box::pin(async move {
                    grants::redeem(tx, &hash, &grant, Some(&refresh), NOW).await
                }));
                job.await.unwrap()
            });
            let revoking = tokio::spawn(async move {
                let job = two.write(move |tx| Box::pin(async move {
                    let reason = EndReason::SignedOut;
                    sessions::end(tx, tenant, session.user, session.id, reason, NOW).await
                }));
                job.await.unwrap()
            });
            let (redeemed, _) = (redeeming.await.unwrap(), revoking.await.unwrap());
            let found = world.read(move |tx| Box::pin(async move {
                grants::find(tx, tenant, id).await
            })).await;
            match redeemed {
                Redeemed::Done => assert!(found.unwrap().ended.is_some()),
                other => assert_eq!((other, found), (Redeemed::Ended, None)),
            }
        }
    }
}

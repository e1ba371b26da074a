//! Notices on their way, and the links in them.

use crate::contract;
use crate::world::*;
use policy::model::*;
use policy::notices::LINK_REMEMBERED;
use store::disclaimers;
use store::outbox::{self, Announcement, Channel, Copy, Delivery, Disclaimer, Standing};
use store::sign_ins::{self, Committed};
use store::{Store, StoreError, retention};

const LEASE: Span = Span::minutes(2);

fn announcement(user: &User, copies: u8) -> Announcement {
    let copy = |number| Copy {
        id: DeliveryId::new(NOW, seed()),
        channel: if number == 0 {
            Channel::Webhook
        } else {
            Channel::Mail
        },
        recipient: if number == 0 {
            String::new()
        } else {
            "ada@example.org".to_owned()
        },
        user: user.id,
        sealed_token: (number > 0).then(|| vec![number]),
    };
    Announcement {
        notice: Notice {
            tenant: user.tenant,
            id: NoticeId::new(NOW, seed()),
            kind: NoticeKind::PasswordChanged,
            at: NOW,
            user: NoticePerson::of(user),
            actor: NoticeActor::Oneself,
            subject: None,
            place: None,
            language: None,
            correlation: CorrelationId::new(NOW, seed()),
        },
        copies: (0..copies).map(copy).collect(),
        disclaimer: Some(Disclaimer {
            token: hash(),
            expires: NOW.plus(Span::days(7)),
        }),
    }
}

async fn announce(world: &World, announcement: &Announcement) {
    let announcement = announcement.clone();
    world
        .write(move |tx| Box::pin(async move { outbox::announce(tx, &announcement).await }))
        .await;
}

async fn claim(store: &Store, now: Timestamp, limit: u32) -> Vec<Delivery> {
    let claimed: Result<_, StoreError> = store
        .write(move |tx| {
            Box::pin(async move { outbox::claim(tx, now, now.plus(LEASE), limit).await })
        })
        .await;
    claimed.unwrap()
}

async fn standing(world: &World) -> Standing {
    world.read(|tx| Box::pin(outbox::standing(tx))).await
}

async fn is_due(world: &World, now: Timestamp) -> bool {
    world
        .read(move |tx| Box::pin(outbox::is_due(tx, now)))
        .await
}

contract! {
    async fn a_copy_is_claimed_delivered_and_gone(world: World) {
        let user = world.user("ada").await;
        let announced = announcement(&user, 2);
        announce(&world, &announced).await;
        assert!(is_due(&world, NOW).await);
        let claimed = claim(&world.store, NOW, 9).await;
        assert_eq!(claimed.len(), 2);
        assert!(claimed.iter().all(|delivery| delivery.notice == announced.notice));
        assert!(claimed.iter().all(|delivery| (delivery.attempts, delivery.epoch) == (1, 1)));
        assert!(!is_due(&world, NOW).await, "what is leased is not due");
        for delivery in claimed {
            let gone = world.write(move |tx| Box::pin(async move {
                outbox::delivered(tx, &delivery).await
            })).await;
            assert!(gone);
        }
        assert_eq!(standing(&world).await, Standing::default());
    }

    async fn of_many_claimers_at_once_each_copy_has_one(world: World) {
        let user = world.user("ada").await;
        for _ in 0..12 {
            announce(&world, &announcement(&user, 1)).await;
        }
        let other = world.another_node().await;
        let mut tasks = Vec::new();
        for number in 0..8 {
            let store = if number % 2 == 0 { world.store.clone() } else { other.clone() };
            tasks.push(tokio::spawn(async move { claim(&store, NOW, 5).await }));
        }
        let mut ids = Vec::new();
        for task in tasks {
            ids.extend(task.await.unwrap().into_iter().map(|delivery| delivery.id));
        }
        // A claimer on PostgreSQL may come away with less than it asked for, because another was there first.
        ids.extend(claim(&world.store, NOW, 99).await.into_iter().map(|delivery| delivery.id));
        let claimed = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((claimed, ids.len()), (12, 12), "each once");
    }

    async fn whoever_lost_the_lease_changes_nothing(world: World) {
        let user = world.user("ada").await;
        announce(&world, &announcement(&user, 1)).await;
        let lost = claim(&world.store, NOW, 9).await.remove(0);
        let later = NOW.plus(LEASE);
        assert!(claim(&world.store, later.minus(Span::seconds(1)), 9).await.is_empty());
        let held = claim(&world.store, later, 9).await.remove(0);
        assert_eq!((held.epoch, held.attempts), (2, 2));
        let (one, two, three) = (lost.clone(), lost.clone(), lost);
        let changed = world.write(move |tx| Box::pin(async move {
            Ok((
                outbox::delivered(tx, &one).await?,
                outbox::postpone(tx, &two, NOW, "late").await?,
                outbox::give_up(tx, &three, NOW, LATER, "late").await?,
            ))
        })).await;
        assert_eq!(changed, (false, false, false));
        assert_eq!(standing(&world).await, Standing { waiting: 1, failing: 0, given_up: 0 });
        assert!(world.write(move |tx| Box::pin(async move {
            outbox::delivered(tx, &held).await
        })).await);
    }

    async fn a_failed_copy_waits_and_is_seen(world: World) {
        let user = world.user("ada").await;
        announce(&world, &announcement(&user, 2)).await;
        let mut claimed = claim(&world.store, NOW, 9).await;
        let (failed, hopeless) = (claimed.remove(0), claimed.remove(0));
        let (id, due) = (failed.id, NOW.plus(Span::minutes(5)));
        let (given_up, kept) = (hopeless.id, NOW.plus(Span::days(7)));
        world.write(move |tx| Box::pin(async move {
            outbox::postpone(tx, &failed, due, "refused").await?;
            outbox::give_up(tx, &hopeless, NOW, kept, "no such address").await
        })).await;
        assert_eq!(standing(&world).await, Standing { waiting: 1, failing: 1, given_up: 1 });
        let tenant = world.tenant;
        let troubled = world.read(move |tx| Box::pin(outbox::troubled(tx, tenant, 9))).await;
        let seen: Vec<_> = troubled.iter().map(|one| (one.id, one.problem.as_str(), one.given_up)).collect();
        assert!(seen.contains(&(id, "refused", None)));
        assert!(seen.contains(&(given_up, "no such address", Some(NOW))));
        assert!(troubled.iter().all(|one| one.given_up.is_none() || one.sealed_token.is_none()));
        assert!(claim(&world.store, NOW.plus(Span::minutes(4)), 9).await.is_empty());
        assert_eq!(claim(&world.store, due, 9).await.len(), 1);
        world.write(move |tx| Box::pin(retention::purge(tx, kept.plus(Span::seconds(1)), NOW, 9))).await;
        assert_eq!(standing(&world).await.given_up, 0);
    }

    async fn a_sign_in_announces_if_and_only_if_it_was_written(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let announced = announcement(&user, 2);
        let token = announced.disclaimer.as_ref().unwrap().token;
        let mut stale = passkey_sign_in_under(7, &user, &passkey, nonce());
        stale.announcements = vec![announced.clone()];
        assert_eq!(sign_ins::commit(&world.store, stale).await.unwrap(), Committed::Stale);
        assert_eq!(standing(&world).await, Standing::default());
        let mut sign_in = passkey_sign_in(&user, &passkey, nonce());
        sign_in.announcements = vec![announced.clone()];
        assert_eq!(sign_ins::commit(&world.store, sign_in).await.unwrap(), Committed::Done);
        assert_eq!(standing(&world).await.waiting, 2);
        let tenant = world.tenant;
        let found = world.read(move |tx| Box::pin(async move {
            disclaimers::find(tx, tenant, &token).await
        })).await.unwrap();
        assert_eq!((found.notice, found.used), (announced.notice, None));
    }

    async fn a_link_is_used_once_and_in_time(world: World) {
        let user = world.user("ada").await;
        let (tenant, day) = (world.tenant, Span::days(1));
        let announced = announcement(&user, 0);
        let old = announcement(&user, 0);
        announce(&world, &announced).await;
        announce(&world, &old).await;
        let (token, old) = (announced.disclaimer.unwrap().token, old.disclaimer.unwrap());
        let mut tasks = Vec::new();
        for _ in 0..6 {
            let store = world.store.clone();
            tasks.push(tokio::spawn(async move {
                let spent: Result<bool, StoreError> = store.write(move |tx| Box::pin(async move {
                    disclaimers::spend(tx, tenant, &token, NOW.plus(day)).await
                })).await;
                spent.unwrap()
            }));
        }
        let mut spent = 0;
        for task in tasks {
            spent += usize::from(task.await.unwrap());
        }
        assert_eq!(spent, 1);
        let gone = old.expires.plus(LINK_REMEMBERED).plus(Span::seconds(1));
        let (late, found, unknown, used, forgotten) = world.write(move |tx| Box::pin(async move {
            let late = disclaimers::spend(tx, tenant, &old.token, old.expires).await?;
            let found = disclaimers::find(tx, tenant, &old.token).await?;
            let unknown = disclaimers::find(tx, tenant, &hash()).await?;
            let used = disclaimers::find(tx, tenant, &token).await?;
            retention::purge(tx, gone, NOW, 9).await?;
            Ok((late, found, unknown, used, disclaimers::find(tx, tenant, &old.token).await?))
        })).await;
        assert!(!late && found.unwrap().used.is_none());
        assert_eq!(used.unwrap().used, Some(NOW.plus(day)));
        assert_eq!((unknown, forgotten), (None, None));
    }
}

//! Streams of security events: written with the change, numbered without gaps, told in order.

use crate::contract;
use crate::world::*;
use policy::model::*;
use policy::signals::ACKNOWLEDGED_KEPT;
use store::outbox::{self, Announcement};
use store::signals::{self, Changed, Secret, Settled, Verified};
use store::{Page, StoreError, retention};

async fn stream(world: &World, endpoint: Option<&str>) -> Stream {
    let application = world.application().await;
    let stream = Stream {
        tenant: world.tenant,
        id: StreamId::new(NOW, seed()),
        application: application.id,
        endpoint: endpoint.map(str::to_owned),
        requested: SignalKind::OFFERED
            .iter()
            .map(|kind| kind.uri().to_owned())
            .collect(),
        format: SubjectFormat::Opaque,
        description: None,
        status: StreamStatus::Enabled,
        reason: String::new(),
        created: NOW,
    };
    let row = stream.clone();
    let made = world
        .write(move |tx| {
            let secret = SecretBytes::new(b"Bearer secret".to_vec());
            Box::pin(async move { signals::create(tx, &row, Some(&secret), 1).await })
        })
        .await;
    assert_eq!(made, Changed::Done);
    stream
}

async fn revoke(world: &World, user: &User) {
    let (tenant, user) = (world.tenant, user.id);
    world
        .write(move |tx| {
            Box::pin(async move {
                let reason = EndReason::SessionsRevoked;
                store::sessions::end_of_user(tx, tenant, user, reason, NOW).await
            })
        })
        .await;
}

async fn waiting(world: &World, stream: &Stream) -> Vec<QueuedSignal> {
    let (tenant, id) = (stream.tenant, stream.id);
    world
        .read(move |tx| Box::pin(signals::waiting(tx, tenant, id, 100)))
        .await
}

async fn set_status(world: &World, stream: &Stream, status: StreamStatus) {
    let (tenant, id) = (stream.tenant, stream.id);
    let done = world
        .write(move |tx| Box::pin(signals::set_status(tx, tenant, id, status, "")))
        .await;
    assert!(done);
}

fn announcement(user: &User, kind: NoticeKind, passkey: &Passkey) -> Announcement {
    Announcement {
        notice: Notice {
            tenant: user.tenant,
            id: NoticeId::new(NOW, seed()),
            kind,
            at: NOW,
            user: NoticePerson::of(user),
            actor: NoticeActor::Oneself,
            subject: Some(NoticeSubject::passkey(passkey)),
            place: None,
            language: None,
            correlation: CorrelationId::new(NOW, seed()),
        },
        copies: Vec::new(),
        disclaimer: None,
    }
}

contract! {
    async fn an_event_is_written_with_its_change_or_not_at_all(world: World) {
        let (user, stream) = (world.user("ada").await, stream(&world, None).await);
        let (tenant, id) = (world.tenant, user.id);
        let failed: Result<(), StoreError> = world.store.write(move |tx| Box::pin(async move {
            let reason = EndReason::SessionsRevoked;
            store::sessions::end_of_user(tx, tenant, id, reason, NOW).await?;
            Err(StoreError::Closed)
        })).await;
        assert!(failed.is_err());
        assert!(waiting(&world, &stream).await.is_empty(), "no change, no event");
        let mut signalled = world.store.signalled();
        revoke(&world, &user).await;
        assert!(signalled.has_changed().unwrap(), "whoever delivers is woken");
        signalled.mark_unchanged();
        let events = waiting(&world, &stream).await;
        assert_eq!(events.len(), 1);
        assert_eq!((events[0].number, events[0].user), (1, Some(user.id)));
        assert_eq!(events[0].signal, Signal::SessionRevoked {
            session: None,
            reason: EndReason::SessionsRevoked,
        });
    }

    async fn a_session_is_named_and_a_replaced_one_is_not_told(world: World) {
        let (user, stream) = (world.user("ada").await, stream(&world, None).await);
        let (kept, gone) = (world.session(&user, None).await, world.session(&user, None).await);
        let (tenant, id, one, other) = (world.tenant, user.id, gone.id, kept.id);
        world.write(move |tx| Box::pin(async move {
            store::sessions::end(tx, tenant, id, one, EndReason::SignedOut, NOW).await?;
            store::sessions::end(tx, tenant, id, other, EndReason::Replaced, NOW).await
        })).await;
        let events = waiting(&world, &stream).await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].signal, Signal::SessionRevoked {
            session: Some(gone.id),
            reason: EndReason::SignedOut,
        });
    }

    async fn what_an_owner_is_told_others_are_told_with_the_same_records(world: World) {
        let (user, stream) = (world.user("ada").await, stream(&world, None).await);
        let passkey = world.passkey(&user).await;
        let told = announcement(&user, NoticeKind::PasskeyDeleted, &passkey);
        let correlation = told.notice.correlation;
        let (tenant, id) = (world.tenant, user.id);
        world.write(move |tx| Box::pin(async move {
            // In either order: before the records are known, and after.
            store::sessions::end_of_user(tx, tenant, id, EndReason::SessionsRevoked, NOW).await?;
            outbox::announce(tx, &told).await?;
            store::sessions::end_of_user(tx, tenant, id, EndReason::SessionsRevoked, NOW).await
        })).await;
        let events = waiting(&world, &stream).await;
        assert_eq!(events.iter().map(|event| event.number).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(events.iter().all(|event| event.correlation == Some(correlation)));
        assert_eq!(events[1].signal.kind(), SignalKind::CredentialChange);
        let receipt = world.read(move |tx| Box::pin(
            signals::of_correlation(tx, tenant, correlation, 10)
        )).await;
        assert_eq!(receipt.len(), 3);
        assert!(receipt.iter().all(|line| line.application == stream.application && line.at.is_none()));
    }

    async fn numbers_have_no_gaps_however_many_write_at_once(world: World) {
        let stream = stream(&world, None).await;
        let mut tasks = Vec::new();
        for number in 0..12 {
            let user = world.user(&format!("user{number}")).await;
            let (store, tenant) = (world.store.clone(), world.tenant);
            tasks.push(tokio::spawn(async move {
                let reason = EndReason::SessionsRevoked;
                let ended: Result<_, StoreError> = store.write(move |tx| Box::pin(async move {
                    store::sessions::end_of_user(tx, tenant, user.id, reason, NOW).await
                })).await;
                ended.unwrap();
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let numbers: Vec<i64> = waiting(&world, &stream).await.iter().map(|event| event.number).collect();
        assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
    }

    async fn a_stream_belongs_to_its_receiver(world: World) {
        let (stream, other) = (stream(&world, None).await, world.application().await);
        let (tenant, id, application) = (world.tenant, stream.id, stream.application);
        let mine = world.read(move |tx| Box::pin(signals::find(tx, tenant, application, id))).await;
        assert_eq!(mine, Some(stream.clone()));
        let theirs = world.read(move |tx| Box::pin(signals::find(tx, tenant, other.id, id))).await;
        assert_eq!(theirs, None);
        let foreign = Stream { application: other.id, ..stream.clone() };
        let changed = world.write(move |tx| Box::pin(async move {
            signals::update(tx, &foreign, &Secret::Keep).await
        })).await;
        assert!(!changed);
        let gone = world.write(move |tx| Box::pin(signals::delete(tx, tenant, other.id, id))).await;
        assert!(!gone);
        let row = Stream { id: StreamId::new(NOW, seed()), ..stream };
        let second = world.write(move |tx| Box::pin(async move {
            signals::create(tx, &row, None, 1).await
        })).await;
        assert_eq!(second, Changed::TooMany);
    }

    async fn a_secret_is_kept_wrapped_and_comes_back(world: World) {
        let stream = stream(&world, Some("https://receiver.example/")).await;
        let (tenant, id) = (world.tenant, stream.id);
        let read = world.read(move |tx| Box::pin(signals::authorization(tx, tenant, id))).await;
        assert_eq!(read.unwrap().expose(), b"Bearer secret");
    }

    async fn one_at_a_time_pushes_a_stream(world: World) {
        let (user, stream) = (world.user("ada").await, stream(&world, Some("https://r.example/")).await);
        let (which, lease) = ((world.tenant, stream.id), NOW.plus(Span::seconds(8)));
        let due = |now| world.read(move |tx| Box::pin(signals::due(tx, now, 9)));
        let claim = |now: Timestamp| world.write(move |tx| Box::pin(async move {
            signals::claim(tx, which, now, now.plus(Span::seconds(8))).await
        }));
        assert!(due(NOW).await.is_empty(), "nothing waits");
        revoke(&world, &user).await;
        assert_eq!(due(NOW).await, [which]);
        let first = claim(NOW).await.unwrap();
        assert!(claim(NOW).await.is_none() && due(NOW).await.is_empty());
        // Whoever holds it is gone; another takes it over, and the first changes nothing any more.
        let second = claim(lease).await.unwrap();
        let lost = world.write(move |tx| Box::pin(async move {
            signals::release(tx, &first, NOW).await
        })).await;
        assert_eq!(lost, Settled::Lost);
        let again = lease.plus(Span::minutes(1));
        let kept = world.write(move |tx| Box::pin(async move {
            signals::postpone(tx, &second, lease, again, "answered 503").await
        })).await;
        assert_eq!(kept, Settled::Done);
        assert!(claim(lease.plus(Span::seconds(59))).await.is_none());
        let third = claim(again).await.unwrap();
        assert_eq!((third.attempts, third.failing_since), (1, Some(lease)));
        world.write(move |tx| Box::pin(async move {
            signals::acknowledge(tx, which, &[1], again).await?;
            signals::release(tx, &third, Timestamp::from_micros(0)).await
        })).await;
        assert!(due(LATER).await.is_empty());
        let health = world.read(move |tx| Box::pin(signals::health(tx, which.0, Page::first(9)))).await;
        assert_eq!((health[0].last, health[0].waiting, health[0].failing_since), (1, 0, None));
    }

    async fn paused_keeps_and_disabled_drops(world: World) {
        let (user, stream) = (world.user("ada").await, stream(&world, Some("https://r.example/")).await);
        set_status(&world, &stream, StreamStatus::Paused).await;
        revoke(&world, &user).await;
        assert!(waiting(&world, &stream).await.is_empty(), "held back");
        let due = world.read(move |tx| Box::pin(signals::due(tx, NOW, 9))).await;
        assert!(due.is_empty());
        set_status(&world, &stream, StreamStatus::Enabled).await;
        assert_eq!(waiting(&world, &stream).await.len(), 1);
        set_status(&world, &stream, StreamStatus::Disabled).await;
        revoke(&world, &user).await;
        set_status(&world, &stream, StreamStatus::Enabled).await;
        assert!(waiting(&world, &stream).await.is_empty(), "dropped");
        revoke(&world, &user).await;
        assert_eq!(waiting(&world, &stream).await[0].number, 2, "numbers go on");
    }

    async fn who_is_left_out_is_not_told_of(world: World) {
        let stream = stream(&world, None).await;
        let (ada, eve) = (world.user("ada").await, world.user("eve").await);
        let (tenant, id, user) = (world.tenant, stream.id, ada.id);
        world.write(move |tx| Box::pin(signals::exclude(tx, tenant, id, user))).await;
        revoke(&world, &ada).await;
        revoke(&world, &eve).await;
        let told: Vec<_> = waiting(&world, &stream).await.iter().map(|event| event.user).collect();
        assert_eq!(told, [Some(eve.id)]);
        world.write(move |tx| Box::pin(signals::include(tx, tenant, id, user))).await;
        world.write(move |tx| Box::pin(store::users::delete(tx, tenant, user, NOW))).await;
        let last = waiting(&world, &stream).await.pop().unwrap();
        assert_eq!((last.user, last.signal), (Some(ada.id), Signal::AccountPurged));
    }

    async fn what_was_settled_does_not_come_again(world: World) {
        let (user, stream) = (world.user("ada").await, stream(&world, None).await);
        let which = (world.tenant, stream.id);
        for _ in 0..3 {
            revoke(&world, &user).await;
        }
        world.write(move |tx| Box::pin(async move {
            assert_eq!(signals::acknowledge(tx, which, &[2, 9], NOW).await?, 1);
            assert_eq!(signals::acknowledge(tx, which, &[2], NOW).await?, 0);
            signals::refuse(tx, which, 1, NOW, "invalid_request").await
        })).await;
        let rest: Vec<_> = waiting(&world, &stream).await.iter().map(|event| event.number).collect();
        assert_eq!(rest, [3]);
        let old = NOW.plus(ACKNOWLEDGED_KEPT).plus(Span::seconds(1));
        world.write(move |tx| Box::pin(async move { retention::purge(tx, old, old, 99).await })).await;
        let rest: Vec<_> = waiting(&world, &stream).await.iter().map(|event| event.number).collect();
        assert_eq!(rest, [3], "what waits is not forgotten");
    }

    async fn a_stream_that_nobody_reads_is_disabled(world: World) {
        let (user, stream) = (world.user("ada").await, stream(&world, None).await);
        let full = signals::WAITING;
        world.raw(&format!("UPDATE signal_streams SET waiting = {full}, last = {full}")).await;
        revoke(&world, &user).await;
        let (tenant, id, application) = (world.tenant, stream.id, stream.application);
        let found = world.read(move |tx| Box::pin(signals::find(tx, tenant, application, id))).await;
        let found = found.unwrap();
        assert_eq!(found.status, StreamStatus::Disabled);
        assert!(!found.reason.is_empty());
    }

    async fn tests_are_rare(world: World) {
        let stream = stream(&world, None).await;
        let (tenant, id) = (world.tenant, stream.id);
        let ask = |now: Timestamp| world.write(move |tx| Box::pin(async move {
            signals::take_verification(tx, tenant, id, now, now.minus(Span::seconds(5))).await
        }));
        assert_eq!(ask(NOW).await, Verified::Done);
        assert_eq!(ask(NOW.plus(Span::seconds(4))).await, Verified::TooSoon);
        assert_eq!(ask(NOW.plus(Span::seconds(5))).await, Verified::Done);
    }
}

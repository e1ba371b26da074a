//! Passwords, one-time codes, passes, attempts and wrong answers.

use crate::contract;
use crate::world::*;
use policy::model::*;
use policy::sign_in::Evidence;
use store::attempts::{self, Begun};
use store::{passes, passwords, totp};

pub fn pass_for(user: &User, usable: PassUse) -> TemporaryAccessPass {
    TemporaryAccessPass {
        tenant: user.tenant,
        id: PassId::new(NOW, seed()),
        user: user.id,
        starts: NOW,
        lifetime: Span::minutes(60),
        usable,
        used: None,
        created: NOW,
        ends_with_registration: false,
    }
}

contract! {
    async fn a_password_is_set_replaced_and_removed(world: World) {
        let user = world.user("ada").await;
        let (tenant, id) = (world.tenant, user.id);
        let phc = |text: &str| PasswordHash::new(text.to_owned());
        world.write(move |tx| Box::pin(async move {
            assert!(passwords::find(tx, tenant, id).await?.is_none());
            for (text, must_change) in [("$argon2id$one", true), ("$argon2id$two", false)] {
                let password = Password { user: id, hash: phc(text), must_change, changed: NOW };
                passwords::set(tx, tenant, &password).await?;
            }
            let stored = passwords::find(tx, tenant, id).await?.unwrap();
            assert_eq!((stored.hash.expose(), stored.must_change), ("$argon2id$two", false));
            let newer = phc("$argon2id$two-stronger");
            assert!(!passwords::rehash(tx, tenant, id, &phc("$argon2id$one"), &newer).await?);
            assert!(passwords::rehash(tx, tenant, id, &phc("$argon2id$two"), &newer).await?);
            assert!(passwords::remove(tx, tenant, id).await?);
            assert!(passwords::find(tx, tenant, id).await?.is_none());
            Ok(())
        })).await;
        assert_eq!(world.reload(&user).await.version, user.version + 3);
    }

    async fn a_time_step_is_accepted_once_and_never_an_older_one(world: World) {
        let user = world.user("ada").await;
        let (tenant, id) = (world.tenant, user.id);
        world.write(move |tx| Box::pin(async move {
            let secret = SecretBytes::new(vec![9; 20]);
            let totp = Totp { user: id, secret, last_step: 100, enrolled: NOW };
            totp::enrol(tx, tenant, &totp).await?;
            assert!(!totp::use_step(tx, tenant, id, 100).await?, "the step that confirmed it");
            assert!(totp::use_step(tx, tenant, id, 102).await?);
            assert!(!totp::use_step(tx, tenant, id, 102).await?, "a replay");
            assert!(!totp::use_step(tx, tenant, id, 101).await?, "an older one");
            assert!(totp::exists(tx, tenant, id).await?);
            assert!(totp::remove(tx, tenant, id).await?);
            assert!(!totp::exists(tx, tenant, id).await?);
            Ok(())
        })).await;
    }

    async fn a_new_pass_replaces_the_old_one(world: World) {
        let user = world.user("ada").await;
        let (first, second) = (pass_for(&user, PassUse::Many), pass_for(&user, PassUse::Once));
        let (tenant, id) = (world.tenant, user.id);
        world.write(move |tx| Box::pin(async move {
            assert!(passes::check(tx, tenant, id, "first").await?.is_none());
            passes::issue(tx, &first, "first").await?;
            assert!(passes::check(tx, tenant, id, "first").await?.unwrap().matches);
            assert!(!passes::check(tx, tenant, id, "First").await?.unwrap().matches);
            passes::issue(tx, &second, "second").await?;
            assert!(!passes::check(tx, tenant, id, "first").await?.unwrap().matches);
            let now = passes::check(tx, tenant, id, "second").await?.unwrap();
            assert_eq!((now.matches, now.pass.id, now.pass.usable), (true, second.id, PassUse::Once));
            assert!(!passes::consume(tx, tenant, id, first.id, NOW).await?, "the old one is gone");
            assert_eq!(passes::delete(tx, tenant, id).await?, Some(second.id));
            assert!(passes::find(tx, tenant, id).await?.is_none());
            Ok(())
        })).await;
    }

    async fn a_one_time_pass_is_consumed_by_one_of_many(world: World) {
        let user = world.user("ada").await;
        let pass = pass_for(&user, PassUse::Once);
        let (tenant, user_id, id) = (world.tenant, user.id, pass.id);
        world.write(move |tx| Box::pin(async move { passes::issue(tx, &pass, "x").await })).await;
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let store = world.store.clone();
            tasks.push(tokio::spawn(async move {
                let job = store.write(move |tx| Box::pin(async move {
                    passes::consume(tx, tenant, user_id, id, NOW).await
                }));
                job.await.unwrap()
            }));
        }
        let mut consumed = 0;
        for task in tasks {
            consumed += usize::from(task.await.unwrap());
        }
        assert_eq!(consumed, 1);
    }

    async fn a_pass_for_many_uses_stays_usable(world: World) {
        let user = world.user("ada").await;
        let pass = pass_for(&user, PassUse::Many);
        let (tenant, user_id, id) = (world.tenant, user.id, pass.id);
        world.write(move |tx| Box::pin(async move {
            passes::issue(tx, &pass, "x").await?;
            assert!(passes::consume(tx, tenant, user_id, id, NOW).await?);
            assert!(passes::consume(tx, tenant, user_id, id, NOW).await?);
            assert_eq!(passes::end_with_registration(tx, tenant, user_id).await?, None);
            Ok(())
        })).await;
    }

    async fn the_pass_of_the_first_start_dies_with_the_registration(world: World) {
        let user = world.user("ada").await;
        let mut pass = pass_for(&user, PassUse::Many);
        pass.ends_with_registration = true;
        let (tenant, user_id, id) = (world.tenant, user.id, pass.id);
        world.write(move |tx| Box::pin(async move {
            passes::issue(tx, &pass, "x").await?;
            assert_eq!(passes::end_with_registration(tx, tenant, user_id).await?, Some(id));
            assert!(passes::find(tx, tenant, user_id).await?.is_none());
            Ok(())
        })).await;
    }

    async fn an_attempt_uses_up_what_it_rests_on(world: World) {
        let user = world.user("ada").await;
        let pass = pass_for(&user, PassUse::Once);
        let evidence = Evidence::Pass { pass: pass.id };
        let attempt = |pass: PassId| SignInAttempt {
            tenant: user.tenant,
            token: hash(),
            user: user.id,
            proofs: vec![Proof::pass(PassUse::Once, NOW)],
            pass: Some(pass),
            user_version: user.version,
            keep_signed_in: true,
            prompt: Some(Prompt {
                campaign: Campaign::DEFAULT,
                snoozes_left: Some(2),
                session: Some(SessionId::from_bytes([3; 16])),
            }),
            correlation: CorrelationId::new(NOW, seed()),
            created: NOW,
            expires: LATER,
        };
        let (first, second) = (attempt(pass.id), attempt(pass.id));
        let tenant = world.tenant;
        world.write(move |tx| Box::pin(async move {
            passes::issue(tx, &pass, "x").await?;
            assert_eq!(attempts::begin(tx, &first, &evidence).await?, Begun::Done);
            assert_eq!(attempts::begin(tx, &second, &evidence).await?, Begun::Spent);
            assert_eq!(attempts::find(tx, tenant, &second.token, NOW).await?, None);
            assert_eq!(attempts::find(tx, tenant, &first.token, NOW).await?, Some(first.clone()));
            assert!(attempts::finish(tx, tenant, &first.token).await?);
            assert!(!attempts::finish(tx, tenant, &first.token).await?);
            Ok(())
        })).await;
    }

    async fn wrong_answers_are_counted_per_source_and_window(world: World) {
        let user = world.user("ada").await;
        let (tenant, id, method) = (world.tenant, user.id, Method::Password);
        world.write(move |tx| Box::pin(async move {
            let window = NOW.minus(Span::minutes(10));
            for count in 1..=3 {
                let state =
                    attempts::count_failure(tx, tenant, id, method, "home", NOW, window).await?;
                assert_eq!(state.count, count);
            }
            attempts::count_failure(tx, tenant, id, method, "away", NOW, window).await?;
            assert_eq!(attempts::failures(tx, tenant, id, method, "away").await?.count, 1);
            let everywhere =
                attempts::failures_from_everywhere(tx, tenant, id, method, window).await?;
            assert_eq!(everywhere, 4);
            let later = NOW.plus(Span::minutes(20));
            let window = later.minus(Span::minutes(10));
            let state =
                attempts::count_failure(tx, tenant, id, method, "home", later, window).await?;
            assert_eq!((state.count, state.since), (1, Some(later)), "a new window");
            attempts::clear_failures(tx, tenant, id, "home").await?;
            let state = attempts::failures(tx, tenant, id, method, "home").await?;
            assert_eq!(state, Failures::default());
            assert_eq!(attempts::failures(tx, tenant, id, method, "away").await?.count, 1);
            Ok(())
        })).await;
    }
}

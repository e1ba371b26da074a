//! Sessions and what revocation ends.

use crate::contract;
use crate::world::*;
use policy::model::*;
use store::sessions::{self, Ended};
use store::{Page, Store, grants, passkeys};

async fn is_alive(store: &Store, session: &Session) -> bool {
    let (tenant, token) = (session.tenant, session.token);
    let loaded = store
        .read(move |tx| Box::pin(async move { sessions::load(tx, tenant, &token).await }))
        .await
        .unwrap()
        .unwrap();
    policy::sign_in::check_session(&loaded.session, &loaded.user, NOW).is_ok()
}

async fn grant_is_alive(world: &World, id: GrantId) -> bool {
    let tenant = world.tenant;
    let grant = world
        .read(move |tx| Box::pin(async move { grants::find(tx, tenant, id).await }))
        .await;
    grant.unwrap().ended.is_none()
}

fn names(ended: &Ended) -> (Vec<SessionId>, Vec<GrantId>, u64) {
    let grants = ended.grants.iter().map(|grant| grant.id).collect();
    (ended.sessions.clone(), grants, ended.codes)
}

contract! {
    async fn a_session_comes_back_with_its_user(world: World) {
        let user = world.user("ada").await;
        let session = world.session(&user, None).await;
        let (tenant, token) = (world.tenant, session.token);
        let (loaded, unknown) = world.read(move |tx| Box::pin(async move {
            Ok((
                sessions::load(tx, tenant, &token).await?.unwrap(),
                sessions::load(tx, tenant, &hash()).await?,
            ))
        })).await;
        assert_eq!((loaded.session, loaded.user, unknown), (session, user, None));
    }

    async fn a_session_is_touched_at_most_once_a_minute(world: World) {
        let user = world.user("ada").await;
        let session = world.session(&user, None).await;
        let (tenant, token) = (world.tenant, session.token);
        world.write(move |tx| Box::pin(async move {
            let minute = Span::minutes(1);
            let soon = NOW.plus(Span::seconds(30));
            assert!(!sessions::touch(tx, tenant, &token, soon, soon.minus(minute)).await?);
            let later = NOW.plus(Span::seconds(90));
            assert!(sessions::touch(tx, tenant, &token, later, later.minus(minute)).await?);
            let loaded = sessions::load(tx, tenant, &token).await?.unwrap();
            assert_eq!(loaded.session.last_seen, later);
            Ok(())
        })).await;
    }

    /// Whichever of them is revoked: everything that it helped to open ends.
    async fn a_session_of_two_passkeys_ends_with_either(world: World) {
        let user = world.user("ada").await;
        let first = world.passkey(&user).await;
        let second = world.passkey(&user).await;
        let stranger = world.passkey(&user).await;
        for revoked in [&first, &second] {
            let mut session = made_up_session(&user, Some(&second));
            session.proofs.insert(0, Proof::passkey(&first, NOW));
            let (row, tenant, id) = (session.clone(), world.tenant, user.id);
            let (other, gone) = (stranger.id, revoked.id);
            let ended = world.write(move |tx| Box::pin(async move {
                sessions::create(tx, &row).await?;
                let reason = EndReason::PasskeyRevoked;
                let none = sessions::end_of_passkey(tx, tenant, id, other, reason, LATER).await?;
                assert_eq!(none.sessions, []);
                sessions::end_of_passkey(tx, tenant, id, gone, reason, LATER).await
            })).await;
            assert_eq!(ended.sessions, [session.id]);
        }
    }

    async fn sessions_are_listed_newest_first_without_the_dead(world: World) {
        let user = world.user("ada").await;
        let mut living = Vec::new();
        for _ in 0..4 {
            living.push(world.session(&user, None).await.id);
        }
        let ended = world.session(&user, None).await;
        let (tenant, id) = (world.tenant, user.id);
        let (first, rest) = world.write(move |tx| Box::pin(async move {
            sessions::end(tx, tenant, id, ended.id, EndReason::SignedOut, NOW).await?;
            let first = sessions::of_user(tx, tenant, id, NOW, Page::first(3)).await?;
            let page = Page::after(first[2].id, 3);
            Ok((first, sessions::of_user(tx, tenant, id, NOW, page).await?))
        })).await;
        let seen: Vec<_> = first.iter().chain(&rest).map(|session| session.id).collect();
        living.reverse();
        assert_eq!(seen, living);
    }

    /// Show 4 of the mission: an administrator revokes a passkey, and exactly what it opened ends.
    async fn revoking_a_passkey_ends_exactly_what_it_opened(world: World) {
        let user = world.user("ada").await;
        let (lost, kept) = (world.passkey(&user).await, world.passkey(&user).await);
        let (by_lost, by_kept) =
            (world.sign_in(&user, &lost).await, world.sign_in(&user, &kept).await);
        let application = world.application().await;
        let (lost_grant, _) = world.redeem(&world.code(&by_lost, &application).await).await;
        let (kept_grant, _) = world.redeem(&world.code(&by_kept, &application).await).await;
        let waiting = world.code(&by_lost, &application).await;
        let (tenant, id, key) = (world.tenant, user.id, lost.id);
        let ended = world.write(move |tx| Box::pin(async move {
            assert!(passkeys::delete(tx, tenant, id, key).await?);
            sessions::end_of_passkey(tx, tenant, id, key, EndReason::PasskeyRevoked, NOW).await
        })).await;
        assert_eq!(names(&ended), (vec![by_lost.id], vec![lost_grant.id], 1));
        assert_eq!(ended.grants[0].access_expires, lost_grant.access_expires);
        let node = world.another_node().await;
        assert!(!is_alive(&node, &by_lost).await, "on every node");
        assert!(is_alive(&node, &by_kept).await);
        assert!(!grant_is_alive(&world, lost_grant.id).await);
        assert!(grant_is_alive(&world, kept_grant.id).await);
        let (grant, refresh, _) = made_up_grant(&waiting);
        let redeemed = world.write(move |tx| Box::pin(async move {
            grants::redeem(tx, &waiting.code, &grant, Some(&refresh), NOW).await
        })).await;
        assert_eq!(redeemed, grants::Redeemed::Ended);
    }

    async fn signing_out_ends_one_session_and_what_it_gave(world: World) {
        let user = world.user("ada").await;
        let application = world.application().await;
        let (here, there) = (world.session(&user, None).await, world.session(&user, None).await);
        let (grant, _) = world.redeem(&world.code(&here, &application).await).await;
        let (tenant, id, session) = (world.tenant, user.id, here.id);
        let (before, ended) = world.write(move |tx| Box::pin(async move {
            let before = grants::of_session(tx, tenant, id, session).await?;
            let ended = sessions::end(tx, tenant, id, session, EndReason::SignedOut, NOW).await?;
            Ok((before, ended))
        })).await;
        assert_eq!(before, std::slice::from_ref(&grant));
        assert_eq!(names(&ended), (vec![here.id], vec![grant.id], 0));
        assert!(!is_alive(&world.store, &here).await);
        assert!(is_alive(&world.store, &there).await);
    }

    async fn a_new_password_ends_all_other_sessions(world: World) {
        let user = world.user("ada").await;
        let application = world.application().await;
        let (here, there) = (world.session(&user, None).await, world.session(&user, None).await);
        let (kept, _) = world.redeem(&world.code(&here, &application).await).await;
        let (lost, _) = world.redeem(&world.code(&there, &application).await).await;
        let (tenant, id, session) = (world.tenant, user.id, here.id);
        let ended = world.write(move |tx| Box::pin(async move {
            let reason = EndReason::PasswordChanged;
            sessions::end_others(tx, tenant, id, session, reason, NOW).await
        })).await;
        assert_eq!(names(&ended), (vec![there.id], vec![lost.id], 0));
        assert!(is_alive(&world.store, &here).await);
        assert!(grant_is_alive(&world, kept.id).await);
        assert!(!grant_is_alive(&world, lost.id).await);
    }

    /// A request that read its session before the revocation must not write after it.
    async fn a_session_is_held_only_while_it_and_its_user_are_unchanged(world: World) {
        let user = world.user("ada").await;
        let (ended, alive) = (world.session(&user, None).await, world.session(&user, None).await);
        let (tenant, id) = (world.tenant, user.id);
        world.write(move |tx| Box::pin(async move {
            assert!(sessions::hold(tx, &ended, 1).await?);
            sessions::end(tx, tenant, id, ended.id, EndReason::SignedOut, NOW).await?;
            assert!(!sessions::hold(tx, &ended, 1).await?, "ended");
            assert!(sessions::hold(tx, &alive, 1).await?);
            store::users::bump(tx, tenant, id).await?;
            assert!(!sessions::hold(tx, &alive, 1).await?, "the user changed");
            assert!(sessions::hold(tx, &alive, 2).await?);
            store::users::set_enabled(tx, tenant, id, false).await?;
            assert!(!sessions::hold(tx, &alive, 3).await?, "disabled");
            Ok(())
        })).await;
    }

    async fn nobody_ends_a_session_of_somebody_else(world: World) {
        let (ada, eve) = (world.user("ada").await, world.user("eve").await);
        let session = world.session(&ada, None).await;
        let (tenant, id) = (world.tenant, session.id);
        let ended = world.write(move |tx| Box::pin(async move {
            sessions::end(tx, tenant, eve.id, id, EndReason::SignedOut, NOW).await
        })).await;
        assert_eq!(ended, Ended::default());
        assert!(is_alive(&world.store, &session).await);
    }

    async fn ending_all_of_a_user_also_moves_valid_from(world: World) {
        let user = world.user("ada").await;
        let bob = world.user("bob").await;
        let (mine, theirs) = (world.session(&user, None).await, world.session(&bob, None).await);
        let (tenant, id, at) = (world.tenant, user.id, NOW.plus(Span::seconds(1)));
        let ended = world.write(move |tx| Box::pin(async move {
            sessions::end_of_user(tx, tenant, id, EndReason::SessionsRevoked, at).await
        })).await;
        assert_eq!(ended.sessions, [mine.id]);
        assert!(!is_alive(&world.store, &mine).await);
        assert!(is_alive(&world.store, &theirs).await);
        let now = world.reload(&user).await;
        assert_eq!((now.sessions_valid_from, now.version), (at, user.version + 1));
    }

    async fn what_is_open_is_known(world: World) {
        let (user, bob) = (world.user("ada").await, world.user("bob").await);
        world.session(&bob, None).await;
        let (tenant, id) = (world.tenant, user.id);
        let open = async |at: Timestamp| {
            world.read(move |tx| Box::pin(async move { sessions::any_open(tx, tenant, id, at).await })).await
        };
        assert!(!open(NOW).await);
        let session = world.session(&user, None).await;
        assert!(open(NOW).await);
        assert!(!open(session.expires).await);
        world.write(move |tx| Box::pin(async move {
            sessions::end(tx, tenant, id, session.id, EndReason::SignedOut, NOW).await
        })).await;
        assert!(!open(NOW).await);
    }

    async fn ending_a_pass_ends_what_it_opened(world: World) {
        let user = world.user("ada").await;
        let pass = PassId::new(NOW, seed());
        let mut by_pass = made_up_session(&user, None);
        by_pass.pass = Some(pass);
        let (row, tenant, id) = (by_pass.clone(), world.tenant, user.id);
        let other = world.session(&user, None).await;
        let ended = world.write(move |tx| Box::pin(async move {
            sessions::create(tx, &row).await?;
            sessions::end_of_pass(tx, tenant, id, pass, EndReason::PassEnded, NOW).await
        })).await;
        assert_eq!(ended.sessions, [by_pass.id]);
        assert!(is_alive(&world.store, &other).await);
    }
}

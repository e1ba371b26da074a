//! The one conditional write of a sign-in.

use crate::contract;
use crate::world::*;
use policy::model::*;
use policy::sign_in::{Evidence, NewSession};
use store::audit::Filter;
use store::sightings::Observed;
use store::sign_ins::{self, Committed, SignIn, Spend};
use store::versions::{self, Counter};
use store::{Page, attempts, grants, groups, passes, passkeys, roles, sessions, totp, users};

/// Nothing of a sign-in that did not happen may be there.
async fn assert_nothing_written(world: &World, session: &Session) {
    let (tenant, token, user) = (world.tenant, session.token, session.user);
    let (found, records) = world
        .read(move |tx| {
            Box::pin(async move {
                let found = sessions::load(tx, tenant, &token).await?;
                let records =
                    sign_ins::list(tx, tenant, Filter::User(user), Page::first(9)).await?;
                Ok((found, records.len()))
            })
        })
        .await;
    assert_eq!((found, records), (None, 0));
}

async fn commit(world: &World, sign_in: SignIn) -> Committed {
    sign_ins::commit(&world.store, sign_in).await.unwrap()
}

async fn attempt_of(world: &World, user: &User) -> SignInAttempt {
    let attempt = SignInAttempt {
        tenant: user.tenant,
        token: hash(),
        user: user.id,
        proofs: vec![Proof::password(NOW)],
        pass: None,
        user_version: user.version,
        keep_signed_in: false,
        prompt: None,
        correlation: CorrelationId::new(NOW, seed()),
        created: NOW,
        expires: LATER,
    };
    let row = attempt.clone();
    let begun = world.write(move |tx| {
        Box::pin(async move { attempts::begin(tx, &row, &Evidence::Earlier).await })
    });
    assert_eq!(begun.await, attempts::Begun::Done);
    attempt
}

fn sign_in_with(user: &User, evidence: Evidence, spend: Spend, pass: Option<PassId>) -> SignIn {
    let mut session = made_up_session(user, None);
    session.pass = pass;
    let record = made_up_record(user, Some(&session));
    let session = NewSession::made_up(session, evidence, user.version, 1);
    SignIn {
        session,
        spend,
        replaces: None,
        code: None,
        record,
        observed: Observed::default(),
        announcements: Vec::new(),
    }
}

/// How many passkeys count, by both statements that say so.
async fn counted(world: &World, user: &User) -> (i64, i64) {
    let (tenant, id) = (world.tenant, user.id);
    world
        .read(move |tx| {
            Box::pin(async move {
                let candidate = sign_ins::candidate(tx, tenant, "ada@example.org").await?;
                let count = passkeys::count_of_user(tx, tenant, id).await?;
                Ok((count, candidate.unwrap().passkeys))
            })
        })
        .await
}

contract! {
    async fn one_read_gives_everything_the_decision_needs(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let tenant = world.tenant;
        let credential_id = passkey.credential_id.clone();
        let here = place("Firefox", "192.0.2.1");
        let (loaded, unknown, candidate) = world.read(move |tx| Box::pin(async move {
            Ok((
                sign_ins::load(tx, tenant, &credential_id, &here).await?,
                sign_ins::load(tx, tenant, b"unknown", &here).await?,
                sign_ins::candidate(tx, tenant, "ADA@example.org").await?,
            ))
        })).await;
        let loaded = loaded.unwrap();
        assert_eq!((loaded.user, loaded.passkey.id), (user.clone(), passkey.id));
        assert_eq!(loaded.versions, Versions { policy: 1, revocation: 1, keys: 1 });
        assert_eq!((loaded.seen, unknown), (Seen::default(), None));
        let candidate = candidate.unwrap();
        assert_eq!(candidate.user, user);
        assert_eq!((candidate.password, candidate.totp, candidate.pass), (false, false, false));
    }

    async fn one_read_gives_roles_and_groups_too(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let tenant = world.tenant;
        let group = |name: &str| Group {
            tenant,
            id: GroupId::new(NOW, seed()),
            display_name: name.to_owned(),
            description: String::new(),
            role_assignable: false,
            created: NOW,
        };
        let mut made = [group("one"), group("two")];
        made.sort_by_key(|group| group.id);
        let ids = made.each_ref().map(|group| group.id);
        let (loaded, candidate) = world.write(move |tx| Box::pin(async move {
            for group in &made {
                groups::create(tx, group).await?;
                let at = Membership { group: group.id, user: user.id };
                groups::add_member(tx, tenant, at).await?;
            }
            roles::assign(tx, tenant, user.id, Role::GlobalReader, NOW).await?;
            roles::assign(tx, tenant, user.id, Role::GuestInviter, NOW).await?;
            Ok((
                sign_ins::load(tx, tenant, &passkey.credential_id, &place("Firefox", "192.0.2.1")).await?.unwrap(),
                sign_ins::candidate(tx, tenant, "ada@example.org").await?.unwrap(),
            ))
        })).await;
        for (mut roles, mut groups) in
            [(loaded.roles, loaded.groups), (candidate.roles, candidate.groups)]
        {
            roles.sort_unstable();
            groups.sort_unstable();
            assert_eq!(roles, [Role::GlobalReader, Role::GuestInviter]);
            assert_eq!(groups, ids);
        }
    }

    async fn a_changed_membership_or_role_is_noticed_by_the_write(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let (tenant, id) = (world.tenant, user.id);
        let group = Group {
            tenant,
            id: GroupId::new(NOW, seed()),
            display_name: "one".to_owned(),
            description: String::new(),
            role_assignable: false,
            created: NOW,
        };
        let at = Membership { group: group.id, user: id };
        let row = group.clone();
        world.write(move |tx| Box::pin(async move {
            groups::create(tx, &row).await?;
            groups::add_member(tx, tenant, at).await.map(drop)
        })).await;
        for change in 0..5 {
            let before = world.reload(&user).await;
            let versions = world.read(move |tx| Box::pin(async move {
                versions::of(tx, tenant).await
            })).await;
            let policy = versions.unwrap().policy;
            let sign_in = passkey_sign_in_under(policy, &before, &passkey, nonce());
            world.write(move |tx| Box::pin(async move {
                match change {
                    0 => groups::remove_member(tx, tenant, at).await,
                    1 => groups::add_member(tx, tenant, at).await,
                    2 => groups::delete(tx, tenant, at.group).await,
                    3 => roles::assign(tx, tenant, id, Role::GlobalReader, NOW).await,
                    _ => roles::unassign(tx, tenant, id, Role::GlobalReader).await,
                }.map(|changed| assert!(changed))
            })).await;
            assert_eq!(commit(&world, sign_in).await, Committed::Stale, "change {change}");
        }
    }

    async fn a_passkey_counts_from_its_first_use_on_while_it_is_enabled(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        assert!(!passkey.user_verified);
        assert_eq!(counted(&world, &user).await, (0, 0));
        let sign_in = passkey_sign_in(&user, &passkey, nonce());
        assert_eq!(commit(&world, sign_in).await, Committed::Done);
        assert_eq!(counted(&world, &user).await, (1, 1));
        let (tenant, user_id) = (world.tenant, user.id);
        world.write(move |tx| Box::pin(async move {
            passkeys::set_enabled(tx, tenant, user_id, passkey.id, false).await.map(drop)
        })).await;
        assert_eq!(counted(&world, &user).await, (0, 0));
    }

    async fn a_sign_in_writes_session_counter_record_and_code(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let application = world.application().await;
        let old = world.session(&user, Some(&passkey)).await;
        // Registering the application raised the policy version to 2.
        let mut sign_in = passkey_sign_in_under(2, &user, &passkey, nonce());
        let session = sign_in.session.session().clone();
        let code = made_up_code(&session, &application);
        sign_in.code = Some(code.clone());
        sign_in.replaces = Some(old.id);
        let mut record = sign_in.record.clone();
        record.salt = None;
        assert_eq!(commit(&world, sign_in).await, Committed::Done);
        let (tenant, credential_id) = (world.tenant, passkey.credential_id.clone());
        let token = session.token;
        let (loaded, key, codes, replaced, records) = world.read(move |tx| Box::pin(async move {
            Ok((
                sessions::load(tx, tenant, &token).await?.unwrap(),
                passkeys::find_by_credential(tx, tenant, &credential_id).await?.unwrap(),
                grants::find_code(tx, tenant, &code.code).await? == Some(code),
                sessions::load(tx, tenant, &old.token).await?.unwrap().session.ended,
                sign_ins::list(tx, tenant, Filter::All, Page::first(9)).await?,
            ))
        })).await;
        assert_eq!((loaded.session, loaded.user), (session, user));
        assert_eq!((key.sign_count, key.last_used), (6, Some(NOW)));
        assert!(key.backed_up && key.user_verified && codes);
        assert_eq!(replaced, Some((NOW, EndReason::Replaced)));
        assert_eq!(records, [record]);
    }

    async fn a_challenge_is_spent_once(world: World) {
        let user = world.user("ada").await;
        let mut passkey = world.passkey(&user).await;
        let nonce = nonce();
        assert_eq!(commit(&world, passkey_sign_in(&user, &passkey, nonce)).await, Committed::Done);
        passkey.sign_count += 1;
        let again = passkey_sign_in(&user, &passkey, nonce);
        let token = again.session.session().token;
        assert_eq!(commit(&world, again).await, Committed::Spent);
        let (tenant, id) = (world.tenant, passkey.id);
        let (found, key) = world.read(move |tx| Box::pin(async move {
            let key = passkeys::find(tx, tenant, user.id, id).await?.unwrap();
            Ok((sessions::load(tx, tenant, &token).await?, key))
        })).await;
        assert_eq!((found, key.sign_count), (None, 6), "a spent challenge changes nothing");
    }

    async fn of_many_answers_to_one_challenge_at_once_one_wins(world: World) {
        let user = world.user("ada").await;
        let mut passkey = world.passkey(&user).await;
        passkey.sign_count = 0;
        let (tenant, nonce) = (world.tenant, nonce());
        let mut tasks = Vec::new();
        for _ in 0..16 {
            // Each with its own passkey, so that only the nonce can decide.
            let passkey = world.passkey(&user).await;
            let sign_in = passkey_sign_in(&user, &passkey, nonce);
            let store = world.store.clone();
            tasks.push(tokio::spawn(async move { sign_ins::commit(&store, sign_in).await }));
        }
        let mut outcomes = Vec::new();
        for task in tasks {
            outcomes.push(task.await.unwrap().unwrap());
        }
        let done = outcomes.iter().filter(|one| **one == Committed::Done).count();
        let spent = outcomes.iter().filter(|one| **one == Committed::Spent).count();
        assert_eq!((done, spent), (1, 15));
        let sessions = world.read(move |tx| Box::pin(async move {
            sessions::of_user(tx, tenant, user.id, NOW, Page::first(99)).await
        })).await;
        assert_eq!(sessions.len(), 1);
    }

    async fn a_counter_moves_once_when_two_sign_ins_read_the_same_one(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let sign_in = passkey_sign_in(&user, &passkey, nonce());
            let store = world.store.clone();
            tasks.push(tokio::spawn(async move { sign_ins::commit(&store, sign_in).await }));
        }
        let mut done = 0;
        for task in tasks {
            match task.await.unwrap().unwrap() {
                Committed::Done => done += 1,
                other => assert_eq!(other, Committed::Stale),
            }
        }
        assert_eq!(done, 1);
    }

    async fn whatever_changed_since_the_decision_makes_it_stale(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let (tenant, id) = (world.tenant, passkey.id);

        let mut other_counter = passkey.clone();
        other_counter.sign_count = 4;
        let mut other_version = user.clone();
        other_version.version = 7;
        for (user, passkey) in [(&user, &other_counter), (&other_version, &passkey)] {
            let sign_in = passkey_sign_in(user, passkey, nonce());
            let session = sign_in.session.session().clone();
            assert_eq!(commit(&world, sign_in).await, Committed::Stale);
            assert_nothing_written(&world, &session).await;
        }

        let user_id = user.id;
        world.write(move |tx| Box::pin(async move {
            passkeys::set_enabled(tx, tenant, user_id, id, false).await
        })).await;
        let user = world.reload(&user).await;
        let sign_in = passkey_sign_in(&user, &passkey, nonce());
        assert_eq!(commit(&world, sign_in).await, Committed::Stale, "disabled passkey");
        world.write(move |tx| Box::pin(async move {
            passkeys::set_enabled(tx, tenant, user_id, id, true).await?;
            versions::bump(tx, tenant, Counter::Policy).await
        })).await;
        let user = world.reload(&user).await;
        let sign_in = passkey_sign_in(&user, &passkey, nonce());
        assert_eq!(commit(&world, sign_in).await, Committed::Stale, "newer policy");
    }

    async fn a_stale_sign_in_has_not_spent_its_challenge(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let nonce = nonce();
        let mut wrong = passkey.clone();
        wrong.sign_count = 4;
        assert_eq!(commit(&world, passkey_sign_in(&user, &wrong, nonce)).await, Committed::Stale);
        assert_eq!(commit(&world, passkey_sign_in(&user, &passkey, nonce)).await, Committed::Done);
    }

    async fn a_disabled_user_does_not_get_in(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let (tenant, id) = (world.tenant, user.id);
        world.write(move |tx| Box::pin(async move {
            users::set_enabled(tx, tenant, id, false).await
        })).await;
        let user = world.reload(&user).await;
        let sign_in = passkey_sign_in(&user, &passkey, nonce());
        assert_eq!(commit(&world, sign_in).await, Committed::Stale);
    }

    /// However sign-ins and the revocation interleave: afterwards no session of the key is alive.
    async fn no_sign_in_survives_a_revocation_that_ran_beside_it(world: World) {
        let user = world.user("ada").await;
        let mut keys = Vec::new();
        for _ in 0..12 {
            keys.push(world.passkey(&user).await);
        }
        let tenant = world.tenant;
        for key in keys {
            let user = world.reload(&user).await;
            let sign_in = passkey_sign_in(&user, &key, nonce());
            let token = sign_in.session.session().token;
            let (store, other) = (world.store.clone(), world.store.clone());
            let signing = tokio::spawn(async move { sign_ins::commit(&store, sign_in).await });
            let revoking = tokio::spawn(async move {
                let job = other.write(move |tx| Box::pin(async move {
                    let reason = EndReason::PasskeyRevoked;
                    passkeys::delete(tx, tenant, key.user, key.id).await?;
                    sessions::end_of_passkey(tx, tenant, key.user, key.id, reason, NOW).await
                }));
                job.await
            });
            let signed = signing.await.unwrap().unwrap();
            let ended = revoking.await.unwrap().unwrap();
            let found = world.read(move |tx| Box::pin(async move {
                sessions::load(tx, tenant, &token).await
            })).await;
            match signed {
                Committed::Done => {
                    assert!(found.unwrap().session.ended.is_some(), "the receipt: {ended:?}");
                    assert_eq!(ended.sessions.len(), 1);
                }
                other => assert_eq!((other, found), (Committed::Stale, None)),
            }
        }
    }

    async fn an_attempt_opens_one_session(world: World) {
        let user = world.user("ada").await;
        let attempt = attempt_of(&world, &user).await;
        let (tenant, token) = (world.tenant, attempt.token);
        let found = world.read(move |tx| Box::pin(async move {
            Ok((
                attempts::find(tx, tenant, &token, NOW).await?,
                attempts::find(tx, tenant, &token, LATER).await?,
            ))
        })).await;
        assert_eq!(found, (Some(attempt), None));
        let sign_in =
            || sign_in_with(&user, Evidence::Earlier, Spend::Attempt(token), None);
        assert_eq!(commit(&world, sign_in()).await, Committed::Done);
        assert_eq!(commit(&world, sign_in()).await, Committed::Spent);
    }

    async fn a_one_time_code_works_once_even_in_two_attempts(world: World) {
        let user = world.user("ada").await;
        let (tenant, id) = (world.tenant, user.id);
        world.write(move |tx| Box::pin(async move {
            let secret = SecretBytes::new(b"12345678901234567890".to_vec());
            let totp = Totp { user: id, secret, last_step: 100, enrolled: NOW };
            totp::enrol(tx, tenant, &totp).await
        })).await;
        let user = world.reload(&user).await;
        let evidence = Evidence::Totp { step: 101 };
        let mut tasks = Vec::new();
        for _ in 0..6 {
            let attempt = attempt_of(&world, &user).await;
            let sign_in = sign_in_with(&user, evidence, Spend::Attempt(attempt.token), None);
            let store = world.store.clone();
            tasks.push(tokio::spawn(async move { sign_ins::commit(&store, sign_in).await }));
        }
        let mut done = 0;
        for task in tasks {
            done += usize::from(task.await.unwrap().unwrap() == Committed::Done);
        }
        assert_eq!(done, 1);
        let stored = world.read(move |tx| Box::pin(async move {
            totp::find(tx, tenant, id).await
        })).await.unwrap();
        assert_eq!(stored.last_step, 101);
        assert_eq!(stored.secret.expose(), b"12345678901234567890");
    }

    async fn a_one_time_pass_opens_one_session(world: World) {
        let user = world.user("ada").await;
        let pass = crate::factors::pass_for(&user, PassUse::Once);
        let row = pass.clone();
        world.write(move |tx| Box::pin(async move { passes::issue(tx, &row, "code").await })).await;
        let user = world.reload(&user).await;
        let mut tasks = Vec::new();
        for _ in 0..6 {
            let evidence = Evidence::Pass { pass: pass.id };
            let sign_in = sign_in_with(&user, evidence, Spend::Pass, Some(pass.id));
            let store = world.store.clone();
            tasks.push(tokio::spawn(async move { sign_ins::commit(&store, sign_in).await }));
        }
        let mut done = 0;
        for task in tasks {
            done += usize::from(task.await.unwrap().unwrap() == Committed::Done);
        }
        assert_eq!(done, 1);
    }
}

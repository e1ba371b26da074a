//! What becomes of registered passkeys.

use crate::contract;
use crate::world::*;
use policy::model::*;
use policy::sign_in::PasskeyUse;
use store::sign_ins::{self, Committed};
use store::{Page, lifecycle, passkeys, users};

fn bad(measure: Measure) -> Compromise {
    Compromise {
        since: NOW,
        reason: CompromiseReason::ModelCompromised,
        measure,
    }
}

async fn mark(world: &World, read: &Passkey, compromise: Option<Compromise>) -> bool {
    let read = read.clone();
    world
        .write(move |tx| {
            Box::pin(async move { lifecycle::set_compromise(tx, &read, compromise).await })
        })
        .await
}

async fn stored(world: &World, passkey: &Passkey) -> Passkey {
    let (tenant, user, id) = (passkey.tenant, passkey.user, passkey.id);
    let found = world
        .read(move |tx| Box::pin(async move { passkeys::find(tx, tenant, user, id).await }))
        .await;
    found.unwrap()
}

contract! {
    async fn bad_news_is_written_over_what_was_read_only(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        assert!(mark(&world, &passkey, Some(bad(Measure::PassFirst))).await);
        assert!(!mark(&world, &passkey, Some(bad(Measure::Report))).await, "read before the mark");
        let marked = stored(&world, &passkey).await;
        assert_eq!(marked.compromise, Some(bad(Measure::PassFirst)));
        for measure in Measure::ALL {
            let before = stored(&world, &passkey).await;
            assert!(mark(&world, &before, Some(bad(*measure))).await);
            assert_eq!(stored(&world, &passkey).await.measure(), Some(*measure));
        }
        let last = stored(&world, &passkey).await;
        assert!(mark(&world, &last, None).await);
        assert_eq!(stored(&world, &passkey).await.compromise, None);
    }

    async fn a_sign_in_under_way_notices_the_quarantine(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let sign_in = passkey_sign_in(&user, &passkey, nonce());
        assert!(mark(&world, &passkey, Some(bad(Measure::Quarantine))).await);
        let committed = sign_ins::commit(&world.store, sign_in).await.unwrap();
        assert_eq!(committed, Committed::Stale);
    }

    async fn a_passkey_in_quarantine_is_none_to_sign_in_with(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let (tenant, id) = (world.tenant, user.id);
        // Only a passkey that was used with user verification counts at all.
        let used = PasskeyUse {
            passkey: passkey.id,
            count_before: passkey.sign_count,
            count: passkey.sign_count + 1,
            backed_up: false,
            user_verified: true,
            suspected_clone: false,
        };
        assert!(world.write(move |tx| Box::pin(async move {
            passkeys::note_use(tx, tenant, id, &used, NOW).await
        })).await);
        let passkey = stored(&world, &passkey).await;
        let count = async |world: &World| world.read(move |tx| Box::pin(async move {
            let candidate = sign_ins::candidate(tx, tenant, "ada@example.org").await?.unwrap();
            Ok((passkeys::count_of_user(tx, tenant, id).await?, candidate.passkeys))
        })).await;
        assert_eq!(count(&world).await, (1, 1));
        assert!(mark(&world, &passkey, Some(bad(Measure::Quarantine))).await);
        assert_eq!(count(&world).await, (0, 0));
        let held = stored(&world, &passkey).await;
        assert!(mark(&world, &held, Some(bad(Measure::StepUp))).await);
        assert_eq!(count(&world).await, (1, 1));
    }

    async fn an_attestation_is_rewritten_over_what_was_read_only(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let read = passkey.clone();
        let written = world.write(move |tx| Box::pin(async move {
            let level = AttestationLevel::NotAttested;
            let first = lifecycle::set_attestation(tx, &read, level, None).await?;
            Ok((first, lifecycle::set_attestation(tx, &read, level, None).await?))
        })).await;
        assert_eq!(written, (true, false));
        let lost = stored(&world, &passkey).await;
        assert_eq!(lost.attestation_level, AttestationLevel::NotAttested);
        assert_eq!(lost.attestation_root, None);
        assert!(world.reload(&user).await.version > user.version);
    }

    async fn an_owner_is_warned_once_of_an_end(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let read = passkey.clone();
        let warned = world.write(move |tx| Box::pin(async move {
            let mut warned = Vec::new();
            for end in [NOW, NOW, LATER, NOW] {
                warned.push(lifecycle::set_warned(tx, &read, end).await?);
            }
            Ok(warned)
        })).await;
        assert_eq!(warned, [true, false, true, false]);
        assert_eq!(stored(&world, &passkey).await.warned, Some(LATER));
    }

    async fn an_owner_is_told_once_that_an_end_has_come(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let read = passkey.clone();
        let told = world.write(move |tx| Box::pin(async move {
            let mut told = Vec::new();
            for end in [NOW, NOW, LATER, NOW] {
                told.push(lifecycle::set_ended(tx, &read, end).await?);
            }
            Ok(told)
        })).await;
        assert_eq!(told, [true, false, true, false]);
        let held = stored(&world, &passkey).await;
        assert_eq!((held.ended, held.warned), (Some(LATER), None));
    }

    async fn owners_are_listed_page_by_page(world: World) {
        let mut owners = Vec::new();
        for name in ["ada", "bob", "eve"] {
            let user = world.user(name).await;
            let passkey = world.passkey(&user).await;
            world.passkey(&user).await;
            if name != "bob" {
                assert!(mark(&world, &passkey, Some(bad(Measure::Report))).await);
            }
            owners.push(user.id);
        }
        world.user("without").await;
        owners.sort_unstable();
        let tenant = world.tenant;
        let (first, rest, compromised) = world.read(move |tx| Box::pin(async move {
            let first = lifecycle::owners(tx, tenant, Page::first(2)).await?;
            let rest = lifecycle::owners(tx, tenant, Page::after(first[1], 2)).await?;
            let page = Page::first(9);
            Ok((first, rest, lifecycle::owners_of_compromised(tx, tenant, page).await?))
        })).await;
        assert_eq!([first, rest].concat(), owners);
        assert_eq!(compromised.len(), 2);
    }

    async fn a_review_rests_on_the_version_of_the_person(world: World) {
        let user = world.user("ada").await;
        let (tenant, id, read) = (world.tenant, user.id, user.clone());
        let held = world.write(move |tx| Box::pin(async move {
            let before = users::hold_version(tx, &read).await?;
            // A disabled person's passkeys are looked after as well.
            users::set_enabled(tx, tenant, id, false).await?;
            let after = users::hold_version(tx, &read).await?;
            let now = users::find(tx, tenant, id).await?.unwrap();
            Ok((before, after, users::hold_version(tx, &now).await?))
        })).await;
        assert_eq!(held, (true, false, true));
    }
}

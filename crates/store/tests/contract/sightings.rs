//! Where passkeys were used, and when their backup state changed.

use crate::contract;
use crate::world::*;
use policy::model::*;
use store::sightings::{self, Observed};
use store::sign_ins::{self, Committed};
use store::{passkeys, retention};

fn sighting(passkey: &Passkey, place: Place, at: Timestamp) -> NewSighting {
    NewSighting {
        tenant: passkey.tenant,
        user: passkey.user,
        passkey: passkey.id,
        place,
        transport: Some("usb".to_owned()),
        language: Some("de".to_owned()),
        at,
    }
}

fn of_sighting(sighting: NewSighting) -> Observed {
    Observed {
        sighting: Some(sighting),
        backup: None,
    }
}

async fn record(world: &World, observed: Observed) {
    world
        .write(move |tx| Box::pin(async move { sightings::record(tx, &observed).await }))
        .await;
}

async fn seen(world: &World, passkey: &Passkey, here: Place) -> Seen {
    let (tenant, id) = (passkey.tenant, passkey.credential_id.clone());
    let loaded =
        world.read(move |tx| Box::pin(async move { sign_ins::load(tx, tenant, &id, &here).await }));
    loaded.await.unwrap().seen
}

async fn known(world: &World, user: &User) -> Vec<(PasskeyId, Sighting)> {
    let (tenant, user) = (user.tenant, user.id);
    world
        .read(move |tx| Box::pin(async move { sightings::of_user(tx, tenant, user).await }))
        .await
}

contract! {
    /// The statement of the database says what the pure function says.
    async fn a_place_is_compared_as_policy_compares_it(world: World) {
        let user = world.user("ada").await;
        let (passkey, other) = (world.passkey(&user).await, world.passkey(&user).await);
        let mut all = Vec::new();
        for (at, browser, address) in [
            (1, "Firefox", "192.0.2.1"),
            (5, "Firefox", "198.51.100.1"),
            (3, "Chrome", "192.0.2.200"),
        ] {
            let (place, at) = (place(browser, address), NOW.plus(Span::seconds(at)));
            record(&world, of_sighting(sighting(&passkey, place, at))).await;
            all.push((place, at));
        }
        record(&world, of_sighting(sighting(&other, place("Safari", "203.0.113.1"), LATER))).await;
        for here in [
            place("Firefox", "192.0.2.9"),
            place("Chrome", "198.51.100.9"),
            place("Chrome", "203.0.113.9"),
            place("Safari", "203.0.113.9"),
        ] {
            let expected = Seen::among(all.iter().map(|(place, at)| (place, *at)), &here);
            assert_eq!(seen(&world, &passkey, here).await, expected, "{here:?}");
        }
    }

    async fn what_was_used_on_a_device_is_what_needed_no_other(world: World) {
        let user = world.user("ada").await;
        let (inside, phone) = (world.passkey(&user).await, world.passkey(&user).await);
        let with = |attachment| Place {
            attachment: Some(attachment),
            ..place("Firefox", "192.0.2.1")
        };
        let platform = with(ceremony::Attachment::Platform);
        record(&world, of_sighting(sighting(&inside, platform, NOW))).await;
        let across = with(ceremony::Attachment::CrossPlatform);
        record(&world, of_sighting(sighting(&phone, across, NOW))).await;
        let used = async |here: Place| {
            let (tenant, user) = (user.tenant, user.id);
            world
                .read(move |tx| {
                    Box::pin(async move { sightings::used_on(tx, tenant, user, &here).await })
                })
                .await
        };
        assert_eq!(used(place("Firefox", "203.0.113.1")).await, [inside.id], "in any network");
        assert_eq!(used(place("Chrome", "192.0.2.1")).await, []);
    }

    async fn a_place_is_one_row_that_grows_older(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let here = place("Firefox", "192.0.2.1");
        for at in [NOW, NOW.plus(Span::days(1)), NOW.plus(Span::days(2))] {
            record(&world, of_sighting(sighting(&passkey, here, at))).await;
        }
        let expected = Sighting {
            place: here,
            transport: Some("usb".to_owned()),
            first_seen: NOW,
            last_seen: NOW.plus(Span::days(2)),
            days: 3,
        };
        assert_eq!(known(&world, &user).await, [(passkey.id, expected)]);
    }

    async fn a_sign_in_writes_where_it_was_and_the_new_backup_state(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let here = place("Firefox", "192.0.2.1");
        let change = BackupChange {
            tenant: user.tenant,
            user: user.id,
            passkey: passkey.id,
            at: NOW,
            backed_up: true,
        };
        let observed = Observed {
            sighting: Some(sighting(&passkey, here, NOW)),
            backup: Some(change),
        };
        let mut stale = passkey_sign_in_under(7, &user, &passkey, nonce());
        stale.observed = observed.clone();
        let stale = sign_ins::commit(&world.store, stale).await.unwrap();
        assert_eq!((stale, known(&world, &user).await), (Committed::Stale, Vec::new()));
        let mut sign_in = passkey_sign_in(&user, &passkey, nonce());
        sign_in.observed = observed;
        let done = sign_ins::commit(&world.store, sign_in).await.unwrap();
        assert_eq!(done, Committed::Done);
        assert_eq!(seen(&world, &passkey, here).await.here, Some(NOW));
        let (tenant, id) = (user.tenant, user.id);
        let backups = world.read(move |tx| Box::pin(async move {
            sightings::backups_of_user(tx, tenant, id).await
        })).await;
        assert_eq!(backups, [change]);
    }

    async fn the_language_is_the_most_usual_one(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        for day in 0..3 {
            let place = place("Firefox", "192.0.2.1");
            let at = NOW.plus(Span::days(day));
            record(&world, of_sighting(sighting(&passkey, place, at))).await;
        }
        let mut thief = sighting(&passkey, place("Chrome", "203.0.113.1"), LATER);
        thief.language = Some("en".to_owned());
        record(&world, of_sighting(thief)).await;
        let (tenant, id) = (user.tenant, user.id);
        let language = world.read(move |tx| Box::pin(async move {
            sightings::language_of(tx, tenant, id).await
        })).await;
        assert_eq!(language.as_deref(), Some("de"));
    }

    async fn what_was_seen_goes_with_the_passkey_and_with_time(world: World) {
        let user = world.user("ada").await;
        let (gone, old) = (world.passkey(&user).await, world.passkey(&user).await);
        let here = place("Firefox", "192.0.2.1");
        let kept = NOW.plus(policy::lifetimes::SIGHTING_KEPT);
        record(&world, of_sighting(sighting(&gone, here, NOW))).await;
        record(&world, of_sighting(sighting(&old, here, NOW))).await;
        record(&world, of_sighting(sighting(&old, place("Chrome", "192.0.2.1"), kept))).await;
        let (tenant, id) = (user.tenant, user.id);
        world.write(move |tx| Box::pin(async move {
            passkeys::delete(tx, tenant, id, gone.id).await?;
            retention::purge(tx, kept.plus(Span::seconds(1)), NOW, 99).await
        })).await;
        let left = known(&world, &user).await;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].1.last_seen, kept);
    }
}

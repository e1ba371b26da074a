//! Passkeys.

use crate::contract;
use crate::world::*;
use policy::activation::Activated;
use policy::model::{ApplicationId, Provenance, Registrar};
use policy::register::NewPasskey;
use policy::sign_in::PasskeyUse;
use store::passkeys::{self, Activation, Inserted};
use store::versions::{self, Counter};
use store::{Page, users};

contract! {
    async fn a_passkey_comes_back_as_written(world: World) {
        let user = world.user("ada").await;
        let mut written = world.passkey(&user).await;
        let (tenant, id, user_id) = (world.tenant, written.id, user.id);
        let credential_id = written.credential_id.clone();
        let (by_id, by_credential, attestation, all) = world.read(move |tx| Box::pin(async move {
            Ok((
                passkeys::find(tx, tenant, user_id, id).await?,
                passkeys::find_by_credential(tx, tenant, &credential_id).await?,
                passkeys::attestation(tx, tenant, user_id, id).await?,
                passkeys::of_user(tx, tenant, user_id).await?,
            ))
        })).await;
        let attestation = attestation.unwrap();
        assert_eq!(attestation.attestation_object, written.attestation_object);
        assert_eq!(attestation.client_data, written.client_data);
        written.attestation_object.clear();
        written.client_data.clear();
        assert_eq!(by_id.as_ref(), Some(&written));
        assert_eq!(by_credential, by_id);
        assert_eq!(all, [written]);
    }

    async fn a_passkey_remembers_whose_hand_added_it_and_old_rows_are_told_apart(world: World) {
        let user = world.user("ada").await;
        let mut passkey = made_up_passkey(&user, b"by an application");
        passkey.provenance = Provenance::Provisioned;
        passkey.registrar = Registrar::Application {
            id: ApplicationId::from_bytes([7; 16]),
            display_name: "Desk".to_owned(),
        };
        let (tenant, id, owner) = (world.tenant, passkey.id, user.id);
        let written = passkey.registrar.clone();
        let new = NewPasskey::made_up(passkey, user.version, 1);
        let read = world.write(move |tx| Box::pin(async move {
            assert_eq!(passkeys::insert(tx, &new).await?, Inserted::Done);
            passkeys::find(tx, tenant, owner, id).await
        })).await;
        assert_eq!(read.unwrap().registrar, written);
        world.raw("UPDATE passkeys SET registrar = NULL").await;
        let old = world.read(move |tx| Box::pin(async move {
            passkeys::find(tx, tenant, owner, id).await
        })).await;
        assert_eq!(old.unwrap().registrar, Registrar::Unknown);
    }

    async fn a_waiting_passkey_works_once_it_is_activated_and_only_as_it_was_seen(world: World) {
        let user = world.user("ada").await;
        let mut passkey = made_up_passkey(&user, b"waits");
        (passkey.enabled, passkey.waiting) = (false, true);
        let used = PasskeyUse {
            passkey: passkey.id,
            count_before: passkey.sign_count,
            count: passkey.sign_count + 1,
            backed_up: false,
            user_verified: true,
            suspected_clone: false,
        };
        let (tenant, owner, id) = (world.tenant, user.id, passkey.id);
        let version = user.version;
        let new = NewPasskey::made_up(passkey, version, 1);
        let activated = world.write(move |tx| Box::pin(async move {
            assert_eq!(passkeys::insert(tx, &new).await?, Inserted::Done);
            let waits = passkeys::find(tx, tenant, owner, id).await?.unwrap();
            assert!(waits.waiting && !waits.enabled);
            for stale in [
                Activated::made_up(used, version + 1, 1),
                Activated::made_up(used, version, 2),
                Activated::made_up(PasskeyUse { count_before: 99, ..used }, version, 1),
            ] {
                let done = passkeys::activate(tx, tenant, owner, &stale, LATER).await?;
                assert_eq!(done, Activation::Stale);
            }
            let right = Activated::made_up(used, version, 1);
            let done = passkeys::activate(tx, tenant, owner, &right, LATER).await?;
            assert_eq!(done, Activation::Done);
            let again = passkeys::activate(tx, tenant, owner, &right, LATER).await?;
            assert_eq!(again, Activation::Stale);
            passkeys::find(tx, tenant, owner, id).await
        })).await.unwrap();
        assert!(activated.enabled && !activated.waiting && activated.user_verified);
        assert_eq!(activated.last_used, Some(LATER));
        assert_eq!(activated.sign_count, used.count);
    }

    async fn a_credential_id_is_unique_in_the_tenant_and_the_loser_leaves_nothing(world: World) {
        let (ada, eve) = (world.user("ada").await, world.user("eve").await);
        let passkey = world.passkey(&ada).await;
        let copy = made_up_passkey(&eve, &passkey.credential_id);
        let new = NewPasskey::made_up(copy, eve.version, 1);
        let (tenant, eve) = (world.tenant, eve.id);
        let (inserted, left) = world.write(move |tx| Box::pin(async move {
            let inserted = passkeys::insert(tx, &new).await?;
            Ok((inserted, passkeys::of_user(tx, tenant, eve).await?))
        })).await;
        assert_eq!(inserted, Inserted::CredentialIdTaken);
        assert!(left.is_empty());
    }

    async fn two_registrations_of_one_credential_at_once_make_one_passkey(world: World) {
        let user = world.user("ada").await;
        let credential_id = token();
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let passkey = made_up_passkey(&user, &credential_id);
            let new = NewPasskey::made_up(passkey, user.version, 1);
            let store = world.store.clone();
            tasks.push(tokio::spawn(async move {
                let insert = store.write(move |tx| Box::pin(async move {
                    passkeys::insert(tx, &new).await
                }));
                insert.await.unwrap()
            }));
        }
        let mut done = 0;
        for task in tasks {
            done += usize::from(task.await.unwrap() == Inserted::Done);
        }
        assert_eq!(done, 1);
    }

    async fn a_passkey_for_a_user_who_changed_meanwhile_is_stale(world: World) {
        let user = world.user("ada").await;
        let stale = NewPasskey::made_up(made_up_passkey(&user, b"one"), user.version - 1, 1);
        let disabled = NewPasskey::made_up(made_up_passkey(&user, b"two"), user.version + 1, 1);
        let (tenant, id) = (world.tenant, user.id);
        world.write(move |tx| Box::pin(async move {
            assert_eq!(passkeys::insert(tx, &stale).await?, Inserted::Stale);
            users::set_enabled(tx, tenant, id, false).await?;
            assert_eq!(passkeys::insert(tx, &disabled).await?, Inserted::Stale);
            assert_eq!(passkeys::count_of_user(tx, tenant, id).await?, 0);
            Ok(())
        })).await;
    }

    async fn a_passkey_admitted_by_older_policies_is_stale(world: World) {
        let user = world.user("ada").await;
        let new = NewPasskey::made_up(made_up_passkey(&user, b"one"), user.version, 1);
        let tenant = world.tenant;
        world.write(move |tx| Box::pin(async move {
            versions::bump(tx, tenant, Counter::Policy).await?;
            assert_eq!(passkeys::insert(tx, &new).await?, Inserted::Stale);
            assert_eq!(passkeys::count_of_user(tx, tenant, user.id).await?, 0);
            Ok(())
        })).await;
    }

    /// Who holds a stolen key must not be able to register another one while it is being revoked.
    async fn a_registration_begun_before_a_revocation_is_stale(world: World) {
        let user = world.user("ada").await;
        let stolen = world.passkey(&user).await;
        let tenant = world.tenant;
        for change in ["delete", "disable"] {
            let seen = world.reload(&user).await;
            let new = NewPasskey::made_up(made_up_passkey(&user, &token()), seen.version, 1);
            let (user, key) = (user.id, stolen.id);
            let inserted = world.write(move |tx| Box::pin(async move {
                if change == "delete" {
                    passkeys::delete(tx, tenant, user, key).await?;
                } else {
                    passkeys::set_enabled(tx, tenant, user, key, false).await?;
                }
                passkeys::insert(tx, &new).await
            })).await;
            assert_eq!(inserted, Inserted::Stale, "{change}");
        }
    }

    async fn a_passkey_is_renamed_disabled_and_deleted_only_by_its_owner(world: World) {
        let (ada, eve) = (world.user("ada").await, world.user("eve").await);
        let passkey = world.passkey(&ada).await;
        let (tenant, id) = (world.tenant, passkey.id);
        world.write(move |tx| Box::pin(async move {
            assert!(!passkeys::rename(tx, tenant, eve.id, id, "Mine").await?);
            assert!(!passkeys::set_enabled(tx, tenant, eve.id, id, false).await?);
            assert!(!passkeys::delete(tx, tenant, eve.id, id).await?);
            assert!(passkeys::rename(tx, tenant, ada.id, id, "Blue key").await?);
            assert!(passkeys::set_enabled(tx, tenant, ada.id, id, false).await?);
            assert!(passkeys::suspect_clone(tx, tenant, ada.id, id, NOW).await?);
            let now = passkeys::find(tx, tenant, ada.id, id).await?.unwrap();
            assert_eq!((now.display_name.as_str(), now.enabled), ("Blue key", false));
            assert_eq!(now.suspected_clone, Some(NOW));
            assert_eq!(passkeys::count_of_user(tx, tenant, ada.id).await?, 0);
            assert!(passkeys::delete(tx, tenant, ada.id, id).await?);
            assert_eq!(passkeys::find(tx, tenant, ada.id, id).await?, None);
            assert_eq!(passkeys::attestation(tx, tenant, ada.id, id).await?, None);
            Ok(())
        })).await;
    }

    async fn a_deleted_credential_id_can_be_registered_again(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let again = NewPasskey::made_up(
            made_up_passkey(&user, &passkey.credential_id),
            user.version + 1,
            1,
        );
        let tenant = world.tenant;
        let inserted = world.write(move |tx| Box::pin(async move {
            passkeys::delete(tx, tenant, user.id, passkey.id).await?;
            passkeys::insert(tx, &again).await
        })).await;
        assert_eq!(inserted, Inserted::Done);
    }

    async fn the_inventory_is_listed_page_by_page(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let mut ids = Vec::new();
        for user in [&ada, &ada, &bob, &bob, &bob] {
            ids.push(world.passkey(user).await.id);
        }
        let tenant = world.tenant;
        let seen = world.read(move |tx| Box::pin(async move {
            let mut seen = Vec::new();
            let mut page = Page::first(2);
            loop {
                let part = passkeys::list(tx, tenant, page).await?;
                let Some(last) = part.last() else { break Ok(seen) };
                page = Page::after((last.user, last.id), 2);
                seen.extend(part.into_iter().map(|passkey| passkey.id));
            }
        })).await;
        assert_eq!(seen, ids);
    }
}

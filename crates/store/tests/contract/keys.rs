//! Wrapped keys, metadata, spent challenges and forgetting.

use crate::contract;
use crate::world::*;
use policy::model::*;
use store::metadata::{self, Replaced};
use store::{Kek, Store, StoreError, challenges, keys, retention};

fn signing_key(tenant: TenantId, state: KeyState) -> SigningKey {
    SigningKey {
        tenant,
        id: KeyId::new(NOW, seed()),
        algorithm: "ES256".to_owned(),
        state,
        public_jwk: "{}".to_owned(),
        private: SecretBytes::new(b"private key".to_vec()),
        created: NOW,
        activated: None,
        retired: None,
    }
}

fn seal_key(secret: u8) -> SealKey {
    SealKey {
        id: KeyId::new(NOW, seed()),
        purpose: "challenge".to_owned(),
        secret: SecretBytes::new(vec![secret; 32]),
        created: NOW,
        expires: LATER,
    }
}

contract! {
    async fn a_private_key_is_wrapped_and_comes_back(world: World) {
        let key = signing_key(world.tenant, KeyState::Active);
        let tenant = world.tenant;
        let stored = world.write(move |tx| Box::pin(async move {
            keys::add_signing(tx, &key).await?;
            keys::signing(tx, tenant).await
        })).await;
        assert_eq!(stored.len(), 1);
        assert_eq!(stored[0].private.expose(), b"private key");
        assert!(!format!("{stored:?}").contains("112, 114"), "not shown in Debug");
    }

    async fn with_another_key_file_the_database_does_not_open(world: World) {
        let other = Kek::from_bytes([1; 32]).unwrap();
        let opened = Store::open(&world.url, other).await;
        assert!(matches!(opened, Err(StoreError::WrongKey)), "{opened:?}");
    }

    async fn a_rotation_activates_once(world: World) {
        let (old, new) =
            (signing_key(world.tenant, KeyState::Active), signing_key(world.tenant, KeyState::Next));
        let (tenant, old_id, new_id) = (world.tenant, old.id, new.id);
        let stored = world.write(move |tx| Box::pin(async move {
            keys::add_signing(tx, &old).await?;
            keys::add_signing(tx, &new).await?;
            assert!(keys::activate(tx, tenant, new_id, LATER).await?);
            assert!(!keys::activate(tx, tenant, new_id, LATER).await?);
            keys::signing(tx, tenant).await
        })).await;
        let state = |id| stored.iter().find(|key| key.id == id).map(|key| key.state);
        assert_eq!(state(old_id), Some(KeyState::Retired));
        assert_eq!(state(new_id), Some(KeyState::Active));
        let left = world.write(move |tx| Box::pin(async move {
            assert_eq!(keys::forget_retired(tx, tenant, LATER).await?, 0);
            let after = LATER.plus(Span::seconds(1));
            assert_eq!(keys::forget_retired(tx, tenant, after).await?, 1);
            keys::signing(tx, tenant).await
        })).await;
        assert_eq!(left.len(), 1);
    }

    async fn of_many_nodes_one_makes_the_sealing_key(world: World) {
        let mut tasks = Vec::new();
        for number in 0..6 {
            let node = world.another_node().await;
            tasks.push(tokio::spawn(async move {
                let key = seal_key(number);
                let job = node.write(move |tx| Box::pin(async move {
                    keys::add_sealing(tx, &key, NOW).await
                }));
                job.await.unwrap()
            }));
        }
        let mut made = 0;
        for task in tasks {
            made += usize::from(task.await.unwrap());
        }
        assert_eq!(made, 1);
        let stored = world.read(|tx| Box::pin(async move { keys::sealing(tx).await })).await;
        assert_eq!(stored.len(), 1);
        assert_eq!(stored[0].secret.expose().len(), 32);
    }

    async fn metadata_never_goes_back(world: World) {
        let blob = |number| MetadataBlob {
            number,
            next_update: LATER,
            fetched: NOW,
            jwt: vec![u8::try_from(number).unwrap()],
        };
        world.write(move |tx| Box::pin(async move {
            assert_eq!(metadata::find(tx).await?, None);
            assert_eq!(metadata::number(tx).await?, None);
            assert_eq!(metadata::replace(tx, &blob(9)).await?, Replaced::Done);
            assert_eq!(metadata::replace(tx, &blob(9)).await?, Replaced::NotNewer);
            assert_eq!(metadata::replace(tx, &blob(8)).await?, Replaced::NotNewer);
            assert_eq!(metadata::replace(tx, &blob(10)).await?, Replaced::Done);
            assert_eq!(metadata::find(tx).await?, Some(blob(10)));
            assert_eq!(metadata::number(tx).await?, Some(10));
            Ok(())
        })).await;
    }

    async fn a_nonce_is_spent_once_in_each_tenant(world: World) {
        let (tenant, other, nonce) = (world.tenant, TenantId::new(NOW, seed()), nonce());
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let store = world.store.clone();
            tasks.push(tokio::spawn(async move {
                let job = store.write(move |tx| Box::pin(async move {
                    challenges::spend(tx, tenant, &nonce, LATER).await
                }));
                job.await.unwrap()
            }));
        }
        let mut spent = 0;
        for task in tasks {
            spent += usize::from(task.await.unwrap());
        }
        assert_eq!(spent, 1);
        let elsewhere = world.write(move |tx| Box::pin(async move {
            challenges::spend(tx, other, &nonce, LATER).await
        })).await;
        assert!(elsewhere);
    }

    async fn what_is_over_is_forgotten_in_small_parts(world: World) {
        let user = world.user("ada").await;
        let session = world.session(&user, None).await;
        let code = world.code(&session, &world.application().await).await;
        let (grant, _) = world.redeem(&code).await;
        let tenant = world.tenant;
        let (early, first, second, third) = world.write(move |tx| Box::pin(async move {
            for number in 0..5u8 {
                challenges::spend(tx, tenant, &[number; 16], NOW).await?;
            }
            let early = retention::purge(tx, NOW, NOW, 3).await?;
            let after = LATER.plus(Span::seconds(1));
            let first = retention::purge(tx, after, NOW, 3).await?;
            let second = retention::purge(tx, after, NOW, 3).await?;
            assert!(store::sessions::load(tx, tenant, &session.token).await?.is_none());
            assert!(store::grants::find(tx, tenant, grant.id).await?.is_none());
            assert!(store::grants::find_code(tx, tenant, &code.code).await?.is_none());
            Ok((early, first, second, retention::purge(tx, after, NOW, 3).await?))
        })).await;
        assert_eq!(early, 0, "a spent challenge is kept until it would have expired");
        assert_eq!((first, second, third), (6, 2, 0));
    }
}

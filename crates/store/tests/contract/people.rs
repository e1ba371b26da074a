//! Tenants, users, groups, roles, the first start, settings and versions.

use crate::contract;
use crate::world::*;
use policy::model::*;
use store::versions::Counter;
use store::{Page, bootstrap, groups, roles, settings, tenants, users, versions};

contract! {
    async fn a_tenant_is_found_by_id_and_domain(world: World) {
        let id = world.tenant;
        let found = world.read(move |tx| Box::pin(async move {
            Ok((
                tenants::find(tx, id).await?,
                tenants::find_by_domain(tx, "EXAMPLE.org").await?,
                tenants::find_by_domain(tx, "example.net").await?,
                tenants::list(tx).await?.len(),
            ))
        })).await;
        assert_eq!(found.0.as_ref().map(|tenant| tenant.id), Some(id));
        assert_eq!((found.1, found.2, found.3), (found.0, None, 1));
    }

    async fn a_domain_belongs_to_one_tenant_and_the_loser_leaves_nothing(world: World) {
        let second = Tenant {
            id: TenantId::new(NOW, seed()),
            display_name: "Second".to_owned(),
            domains: vec!["second.example".to_owned(), "Example.ORG".to_owned()],
            created: NOW,
        };
        let id = second.id;
        let made = world.write(move |tx| Box::pin(async move {
            tenants::create(tx, &second).await
        })).await;
        assert_eq!(made, tenants::Created::DomainTaken);
        let left = world.read(move |tx| Box::pin(async move {
            Ok((
                tenants::find(tx, id).await?,
                tenants::find_by_domain(tx, "second.example").await?,
                versions::of(tx, id).await?,
            ))
        })).await;
        assert_eq!(left, (None, None, None));
    }

    async fn a_user_comes_back_as_written_by_every_way(world: World) {
        let user = world.user("Ada").await;
        let passkey = world.passkey(&user).await;
        let (tenant, id, handle) = (world.tenant, user.id, user.handle);
        let found = world.read(move |tx| Box::pin(async move {
            Ok([
                users::find(tx, tenant, id).await?,
                users::find_by_name(tx, tenant, " aDA@Example.org ").await?,
                users::find_by_handle(tx, tenant, &handle).await?,
                users::find_by_credential(tx, tenant, &passkey.credential_id).await?,
            ])
        })).await;
        for found in found {
            assert_eq!(found.as_ref(), Some(&user));
        }
    }

    async fn an_alarm_moves_forwards_only(world: World) {
        let user = world.user("ada").await;
        let (tenant, id) = (world.tenant, user.id);
        let doubt = async |since: Timestamp| {
            world.write(move |tx| Box::pin(async move { users::doubt_proofs(tx, tenant, id, since).await })).await
        };
        assert_eq!(user.proofs_valid_from, None);
        assert!(doubt(NOW).await);
        assert!(!doubt(NOW.minus(Span::seconds(1))).await);
        let now = world.reload(&user).await;
        assert_eq!((now.proofs_valid_from, now.version), (Some(NOW), user.version + 1));
        let later = NOW.plus(Span::seconds(1));
        assert!(doubt(later).await);
        assert_eq!(world.reload(&user).await.proofs_valid_from, Some(later));
    }

    async fn two_factors_can_be_asked_of_one_person(world: World) {
        let user = world.user("ada").await;
        let other = world.user("bob").await;
        let (tenant, id) = (world.tenant, user.id);
        for mfa in PerUserMfa::ALL {
            let set = world.write(move |tx| Box::pin(async move { users::set_mfa(tx, tenant, id, mfa).await })).await;
            assert!(set);
            assert_eq!(world.reload(&user).await.mfa, mfa);
        }
        // A running sign-in notices.
        assert_eq!(world.reload(&user).await.version, user.version + 3);
        assert_eq!(world.reload(&other).await.mfa, PerUserMfa::Disabled);
        let nobody = UserId::from_bytes([9; 16]);
        let set = world.write(move |tx| Box::pin(async move {
            users::set_mfa(tx, tenant, nobody, PerUserMfa::Enforced).await
        })).await;
        assert!(!set);
    }

    async fn a_name_is_unique_without_regard_to_case_and_the_loser_leaves_nothing(world: World) {
        world.user("ada").await;
        let second = world.made_up_user("ADA");
        let (tenant, id) = (world.tenant, second.id);
        let made = world.write(move |tx| Box::pin(async move {
            users::create(tx, &second).await
        })).await;
        assert_eq!(made, users::Named::NameTaken);
        let left = world.read(move |tx| Box::pin(async move {
            users::find(tx, tenant, id).await
        })).await;
        assert_eq!(left, None);
    }

    async fn the_same_name_in_two_tenants_is_two_people(world: World) {
        let ada = world.user("ada").await;
        let other = Tenant {
            id: TenantId::new(NOW, seed()),
            display_name: "Other".to_owned(),
            domains: vec![],
            created: NOW,
        };
        let mut twin = world.made_up_user("ada");
        twin.tenant = other.id;
        let (first, second) = (world.tenant, other.id);
        let found = world.write(move |tx| Box::pin(async move {
            tenants::create(tx, &other).await?;
            assert_eq!(users::create(tx, &twin).await?, users::Named::Done);
            Ok((
                users::find_by_name(tx, first, "ada@example.org").await?.map(|user| user.id),
                users::find_by_name(tx, second, "ada@example.org").await?.map(|user| user.id),
                users::find(tx, second, ada.id).await?,
            ))
        })).await;
        assert_eq!(found.0, Some(ada.id));
        assert!(found.1.is_some_and(|id| id != ada.id));
        assert_eq!(found.2, None, "an id of another tenant finds nothing");
    }

    async fn users_are_listed_page_by_page(world: World) {
        let mut ids = Vec::new();
        for number in 0..7 {
            ids.push(world.user(&format!("user{number}")).await.id);
        }
        let tenant = world.tenant;
        let mut seen = Vec::new();
        let mut page = Page::first(3);
        loop {
            let part = world.read(move |tx| Box::pin(async move {
                users::list(tx, tenant, "", page).await
            })).await;
            let Some(last) = part.last() else { break };
            assert!(part.len() <= 3);
            page = Page::after(last.id, 3);
            seen.extend(part.into_iter().map(|user| user.id));
        }
        assert_eq!(seen, ids);
        let named = world.read(move |tx| Box::pin(async move {
            Ok((
                users::list(tx, tenant, "USER3", Page::first(9)).await?.len(),
                users::list(tx, tenant, "%", Page::first(9)).await?.len(),
                users::count(tx, tenant).await?,
            ))
        })).await;
        assert_eq!(named, (1, 0, 7));
    }

    async fn disabling_raises_the_versions(world: World) {
        let user = world.user("ada").await;
        let (tenant, id) = (world.tenant, user.id);
        let (before, changed, after) = world.write(move |tx| Box::pin(async move {
            let before = versions::of(tx, tenant).await?.unwrap();
            let changed = users::set_enabled(tx, tenant, id, false).await?;
            Ok((before, changed, versions::of(tx, tenant).await?.unwrap()))
        })).await;
        assert!(changed);
        assert_eq!(after.revocation, before.revocation + 1);
        let now = world.reload(&user).await;
        assert!(!now.enabled);
        assert_eq!(now.version, user.version + 1);
    }

    async fn deleting_a_user_takes_everything_of_theirs_but_not_the_logs(world: World) {
        let user = world.user("ada").await;
        let passkey = world.passkey(&user).await;
        let session = world.sign_in(&user, &passkey).await;
        let (tenant, id) = (world.tenant, user.id);
        let left = world.write(move |tx| Box::pin(async move {
            assert!(users::delete(tx, tenant, id, NOW).await?);
            Ok((
                users::find_by_name(tx, tenant, "ada@example.org").await?,
                store::passkeys::find_by_credential(tx, tenant, &passkey.credential_id).await?,
                store::sessions::load(tx, tenant, &session.token).await?,
                store::sign_ins::list(tx, tenant, store::audit::Filter::User(id), Page::first(9))
                    .await?
                    .len(),
            ))
        })).await;
        assert_eq!(left, (None, None, None, 1));
    }

    async fn groups_have_members(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let group = Group {
            tenant: world.tenant,
            id: GroupId::new(NOW, seed()),
            display_name: "Pilots".to_owned(),
            description: String::new(),
            role_assignable: true,
            created: NOW,
        };
        let tenant = world.tenant;
        world.write(move |tx| Box::pin(async move {
            groups::create(tx, &group).await?;
            for user in [ada.id, bob.id] {
                let at = Membership { group: group.id, user };
                assert!(groups::add_member(tx, tenant, at).await?);
                assert!(!groups::add_member(tx, tenant, at).await?, "twice is once");
            }
            let members = groups::members(tx, tenant, group.id, Page::after(ada.id, 5)).await?;
            assert_eq!(members.iter().map(|user| user.id).collect::<Vec<_>>(), [bob.id]);
            assert_eq!(groups::of_user(tx, tenant, ada.id).await?, std::slice::from_ref(&group));
            for prefix in ["", "pil"] {
                let listed = groups::list(tx, tenant, prefix, Page::first(5)).await?;
                assert_eq!(listed, std::slice::from_ref(&group));
            }
            assert!(groups::list(tx, tenant, "lots", Page::first(5)).await?.is_empty());
            assert!(groups::set_names(tx, tenant, group.id, "First", "in the rollout").await?);
            let renamed = groups::find(tx, tenant, group.id).await?;
            assert_eq!(renamed.map(|one| one.display_name).as_deref(), Some("First"));
            let at = Membership { group: group.id, user: ada.id };
            assert!(groups::remove_member(tx, tenant, at).await?);
            let read = groups::find(tx, tenant, group.id).await?.unwrap();
            assert!(groups::hold(tx, &read).await?);
            for other in [
                Group { display_name: "other".to_owned(), ..read.clone() },
                Group { description: "other".to_owned(), ..read.clone() },
            ] {
                assert!(!groups::hold(tx, &other).await?, "it is not as it was read");
            }
            assert!(groups::of_user(tx, tenant, ada.id).await?.is_empty());
            let before = versions::of(tx, tenant).await?.unwrap_or_default().policy;
            assert!(groups::delete(tx, tenant, group.id).await?);
            assert_eq!(groups::find(tx, tenant, group.id).await?, None);
            let after = versions::of(tx, tenant).await?.unwrap_or_default().policy;
            assert_eq!(after, before + 1, "a policy that would name it is judged anew");
            Ok(())
        })).await;
    }

    async fn roles_are_given_and_taken(world: World) {
        let user = world.user("ada").await;
        let (tenant, id) = (world.tenant, user.id);
        world.write(move |tx| Box::pin(async move {
            assert!(roles::assign(tx, tenant, id, Role::GlobalAdministrator, NOW).await?);
            assert!(!roles::assign(tx, tenant, id, Role::GlobalAdministrator, NOW).await?);
            assert_eq!(roles::of_user(tx, tenant, id).await?, [Role::GlobalAdministrator]);
            assert_eq!(roles::holders(tx, tenant, Role::GlobalAdministrator).await?, [id]);
            let first = Page::first(5);
            let members = roles::members(tx, tenant, Role::GlobalAdministrator, first).await?;
            assert_eq!(members.iter().map(|user| user.id).collect::<Vec<_>>(), [id]);
            let behind = Page { after: Some(id), limit: 5 };
            assert!(roles::members(tx, tenant, Role::GlobalAdministrator, behind).await?.is_empty());
            assert!(roles::assign(tx, tenant, id, Role::GlobalReader, NOW).await?);
            let held = |rows: Vec<(User, Role)>| rows.into_iter().map(|(user, role)| (user.id, role)).collect::<Vec<_>>();
            let both = roles::assignments(tx, tenant, None, 5).await?;
            assert_eq!(held(both), [(id, Role::GlobalAdministrator), (id, Role::GlobalReader)]);
            let first = Some((id, Role::GlobalAdministrator));
            let rest = roles::assignments(tx, tenant, first, 5).await?;
            assert_eq!(held(rest), [(id, Role::GlobalReader)]);
            assert_eq!(roles::assignments(tx, tenant, None, 1).await?.len(), 1);
            assert!(roles::unassign(tx, tenant, id, Role::GlobalReader).await?);
            assert!(roles::unassign(tx, tenant, id, Role::GlobalAdministrator).await?);
            assert!(roles::of_user(tx, tenant, id).await?.is_empty());
            Ok(())
        })).await;
    }

    async fn the_first_start_has_one_winner(world: World) {
        let nodes = [world.another_node().await, world.another_node().await];
        let administrator = UserId::new(NOW, seed());
        let mut claims = Vec::new();
        for _ in 0..4 {
            for node in &nodes {
                let (node, tenant) = (node.clone(), world.tenant);
                claims.push(tokio::spawn(async move {
                    let row = Bootstrap { tenant, administrator, at: NOW };
                    let claim = node.write(move |tx| Box::pin(async move {
                        bootstrap::claim(tx, &row).await
                    }));
                    claim.await.unwrap()
                }));
            }
        }
        let mut winners = 0;
        for claim in claims {
            winners += usize::from(claim.await.unwrap());
        }
        assert_eq!(winners, 1);
        let found = world.read(|tx| Box::pin(async move { bootstrap::find(tx).await })).await;
        assert_eq!(found.map(|row| row.administrator), Some(administrator));
    }

    async fn a_setting_raises_the_policy_version(world: World) {
        let tenant = world.tenant;
        world.write(move |tx| Box::pin(async move {
            assert_eq!(settings::get(tx, tenant, "passkeys").await?, None);
            settings::put(tx, tenant, "passkeys", "{}", NOW).await?;
            settings::put(tx, tenant, "passkeys", r#"{"a":1}"#, NOW).await?;
            let stored = settings::get(tx, tenant, "passkeys").await?;
            assert_eq!(stored.as_deref(), Some(r#"{"a":1}"#));
            versions::bump(tx, tenant, Counter::Keys).await?;
            let versions = Versions { policy: 3, revocation: 1, keys: 2 };
            assert_eq!(versions::of(tx, tenant).await?, Some(versions));
            assert_eq!(versions::all(tx).await?, [(tenant, versions)]);
            Ok(())
        })).await;
    }
}

//! Everybody with all that decides how they come in.

use crate::contract;
use crate::world::*;
use policy::impact::Resident;
use policy::model::*;
use store::{Page, groups, residents, roles};

contract! {
    async fn everybody_is_found_with_what_they_have(world: World) {
        let ada = world.user("ada").await;
        let bob = world.user("bob").await;
        let first = world.passkey(&ada).await;
        let second = world.passkey(&ada).await;
        world.passkey(&bob).await;
        let tenant = world.tenant;
        let group = Group {
            tenant,
            id: GroupId::new(NOW, seed()),
            display_name: "Staff".to_owned(),
            description: String::new(),
            role_assignable: false,
            created: NOW,
        };
        let (staff, member) = (group.id, ada.id);
        world.write(move |tx| Box::pin(async move {
            groups::create(tx, &group).await?;
            groups::add_member(tx, tenant, Membership { group: group.id, user: member }).await?;
            roles::assign(tx, tenant, member, Role::GlobalReader, NOW).await.map(drop)
        })).await;
        let (all, portion, one, nobody) = world.read(move |tx| Box::pin(async move {
            let all = residents::list(tx, tenant, Page::first(10)).await?;
            let portion = residents::list(tx, tenant, Page::first(1)).await?;
            let after = Page { after: portion.first().map(|one| one.user.id), limit: 10 };
            let rest = residents::list(tx, tenant, after).await?;
            assert_eq!(portion.len() + rest.len(), all.len());
            let one = residents::find(tx, tenant, member).await?;
            let nobody = residents::find(tx, tenant, UserId::from_bytes([0xee; 16])).await?;
            Ok((all, portion, one, nobody))
        })).await;
        assert_eq!(portion.len(), 1);
        assert!(nobody.is_none());
        let found = |id: UserId| all.iter().find(|one| one.user.id == id).unwrap();
        for resident in [found(ada.id), &one.unwrap()] {
            let Resident { user, roles, groups, passkeys, modes } = resident;
            assert_eq!((user.id, &roles[..], &groups[..]), (ada.id, &[Role::GlobalReader][..], &[staff][..]));
            let ids: Vec<_> = passkeys.iter().map(|one| one.id).collect();
            assert_eq!(ids, [first.id, second.id]);
            assert_eq!(modes, &[]);
        }
        assert_eq!(found(bob.id).passkeys.len(), 1);
        assert!(found(bob.id).roles.is_empty() && found(bob.id).groups.is_empty());
    }
}

//! Everybody with all that decides how they come in.

use crate::contract;
use crate::world::*;
use policy::impact::Resident;
use policy::model::*;
use store::{Page, groups, passes, residents, roles};

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
            let all = residents::list(tx, tenant, Page::first(10), NOW).await?;
            let portion = residents::list(tx, tenant, Page::first(1), NOW).await?;
            let after = Page { after: portion.first().map(|one| one.user.id), limit: 10 };
            let rest = residents::list(tx, tenant, after, NOW).await?;
            assert_eq!(portion.len() + rest.len(), all.len());
            let one = residents::find(tx, tenant, member, NOW).await?;
            let nobody = residents::find(tx, tenant, UserId::from_bytes([0xee; 16]), NOW).await?;
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

    /// A preview that took an old pass for a way in would let the last administrator lock themselves out.
    async fn only_a_pass_that_can_be_used_now_is_a_way_in(world: World) {
        let ada = world.user("ada").await;
        let (tenant, id) = (world.tenant, ada.id);
        let pass = |usable, used| TemporaryAccessPass {
            tenant,
            id: PassId::new(NOW, seed()),
            user: id,
            starts: NOW,
            lifetime: Span::minutes(60),
            usable,
            used,
            created: NOW,
            ends_with_registration: false,
        };
        let (once, many) = (Mode::TemporaryAccessPassOneTime, Mode::TemporaryAccessPassMultiUse);
        let (early, last, over) = (NOW.minus(Span::seconds(1)), NOW.plus(Span::seconds(3_599)), NOW.plus(Span::minutes(60)));
        let table = [
            (pass(PassUse::Many, None), NOW, vec![many]),
            (pass(PassUse::Once, None), last, vec![once]),
            (pass(PassUse::Many, None), early, vec![]),
            (pass(PassUse::Many, None), over, vec![]),
            (pass(PassUse::Once, Some(NOW)), NOW, vec![]),
            (pass(PassUse::Many, Some(NOW)), NOW, vec![many]),
        ];
        for (pass, at, modes) in table {
            let row = pass.clone();
            world.write(move |tx| Box::pin(async move { passes::issue(tx, &row, "code").await })).await;
            let found = world.read(move |tx| Box::pin(async move {
                let one = residents::find(tx, tenant, id, at).await?;
                let all = residents::list(tx, tenant, Page::first(10), at).await?;
                Ok([one.unwrap().modes, all[0].modes.clone()])
            })).await;
            assert_eq!(found, [modes.clone(), modes], "{pass:?} at {at:?}");
        }
    }
}

//! Changes that wait for a second person.

use policy::lifetimes::APPROVAL_KEPT;
use policy::model::{
    Approval, ApprovalId, Outcome, PassWish, PolicyKind, Proposal, Role, Settlement, Span,
    Timestamp, User,
};
use store::Page;
use store::approvals::{self, Kept, Which};

use crate::contract;
use crate::world::{NOW, World, seed};

fn request(by: &User, proposal: Proposal) -> Approval {
    Approval {
        tenant: by.tenant,
        id: ApprovalId::new(NOW, seed()),
        requester: by.id,
        proposal,
        before: None,
        basis: 3,
        created: NOW,
        expires: NOW.plus(Span::hours(24)),
        settled: None,
    }
}

fn settled(by: &User, outcome: Outcome, at: Timestamp) -> Settlement {
    Settlement {
        outcome,
        by: by.id,
        at,
        reason: "because".to_owned(),
    }
}

async fn keep(world: &World, approval: &Approval, most: u32) -> Kept {
    let row = approval.clone();
    let kept =
        world.write(move |tx| Box::pin(async move { approvals::keep(tx, &row, most).await }));
    kept.await
}

async fn find(world: &World, approval: &Approval) -> Option<Approval> {
    let (tenant, id) = (approval.tenant, approval.id);
    world
        .read(move |tx| Box::pin(async move { approvals::find(tx, tenant, id).await }))
        .await
}

async fn settle(world: &World, approval: &Approval, how: &Settlement) -> bool {
    let (tenant, id, how) = (approval.tenant, approval.id, how.clone());
    world
        .write(move |tx| Box::pin(async move { approvals::settle(tx, tenant, id, &how).await }))
        .await
}

async fn list(
    world: &World,
    which: Which,
    after: Option<ApprovalId>,
    limit: u32,
) -> Vec<ApprovalId> {
    let (tenant, page) = (world.tenant, Page { after, limit });
    let found = world
        .read(move |tx| Box::pin(async move { approvals::list(tx, tenant, which, page).await }));
    found.await.iter().map(|one| one.id).collect()
}

contract! {
    async fn a_request_is_kept_as_it_was_asked(world: World) {
        let ada = world.user("ada").await;
        let proposals = [
            Proposal::RemovePolicy(PolicyKind::Access, "some-id".to_owned()),
            Proposal::AssignRole(ada.id, Role::GlobalAdministrator),
            Proposal::IssuePass(ada.id, PassWish::default()),
        ];
        for proposal in proposals {
            let one = Approval {
                before: Some(r#"{"name":"what it was"}"#.to_owned()),
                ..request(&ada, proposal)
            };
            assert_eq!(keep(&world, &one, 50).await, Kept::Done);
            assert_eq!(find(&world, &one).await, Some(one));
        }
    }

    async fn a_request_is_settled_once_and_in_time(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let one = request(&ada, Proposal::ResetPassword(ada.id));
        keep(&world, &one, 50).await;
        let late = settled(&bob, Outcome::Approved, one.expires);
        assert!(!settle(&world, &one, &late).await);
        let first = settled(&bob, Outcome::Denied, NOW);
        assert!(settle(&world, &one, &first).await);
        let second = settled(&ada, Outcome::Approved, NOW);
        assert!(!settle(&world, &one, &second).await);
        assert_eq!(find(&world, &one).await.unwrap().settled, Some(first));
    }

    async fn one_person_has_so_many_open_requests(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let wish = |by: &User| request(by, Proposal::ResetPassword(by.id));
        let first = wish(&ada);
        assert_eq!(keep(&world, &first, 2).await, Kept::Done);
        assert_eq!(keep(&world, &wish(&ada), 2).await, Kept::Done);
        let third = wish(&ada);
        assert_eq!(keep(&world, &third, 2).await, Kept::TooMany);
        assert_eq!(find(&world, &third).await, None);
        assert_eq!(keep(&world, &wish(&bob), 2).await, Kept::Done);
        settle(&world, &first, &settled(&ada, Outcome::Withdrawn, NOW)).await;
        assert_eq!(keep(&world, &third, 2).await, Kept::Done);
        let late = Approval { created: first.expires, ..wish(&ada) };
        assert_eq!(keep(&world, &late, 2).await, Kept::Done);
    }

    async fn requests_are_listed_newest_first(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let mut ids = Vec::new();
        for by in [&ada, &bob, &ada] {
            let one = request(by, Proposal::ResetPassword(by.id));
            keep(&world, &one, 50).await;
            ids.insert(0, one.id);
        }
        assert_eq!(list(&world, Which::All, None, 2).await, ids[..2]);
        assert_eq!(list(&world, Which::All, Some(ids[1]), 2).await, ids[2..]);
        let (tenant, user) = (ada.tenant, ada.id);
        let own = world.read(move |tx| {
            Box::pin(async move { approvals::of_user(tx, tenant, user, 9).await })
        });
        let own: Vec<_> = own.await.iter().map(|one| one.id).collect();
        assert_eq!(own, [ids[0], ids[2]]);
        let middle = request(&bob, Proposal::ResetPassword(bob.id));
        let middle = Approval { id: ids[1], ..middle };
        settle(&world, &middle, &settled(&ada, Outcome::Denied, NOW)).await;
        let open = Which::Open(NOW);
        assert_eq!(list(&world, open, None, 9).await, [ids[0], ids[2]]);
        let late = Which::Open(NOW.plus(Span::hours(24)));
        assert!(list(&world, late, None, 9).await.is_empty());
        assert_eq!(list(&world, Which::All, None, 9).await, ids);
    }

    async fn a_request_goes_with_who_asked_and_long_after_its_end(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let (of_ada, of_bob) = (
            request(&ada, Proposal::ResetPassword(bob.id)),
            request(&bob, Proposal::ResetPassword(ada.id)),
        );
        keep(&world, &of_ada, 50).await;
        keep(&world, &of_bob, 50).await;
        let (tenant, id) = (ada.tenant, ada.id);
        world
            .write(move |tx| Box::pin(async move { store::users::delete(tx, tenant, id, NOW).await }))
            .await;
        assert_eq!(find(&world, &of_ada).await, None);
        let end = of_bob.expires.plus(APPROVAL_KEPT);
        for (now, stays) in [(end, true), (end.plus(Span::seconds(1)), false)] {
            world
                .write(move |tx| {
                    Box::pin(async move { store::retention::purge(tx, now, NOW, 100).await })
                })
                .await;
            assert_eq!(find(&world, &of_bob).await.is_some(), stays);
        }
    }
}

//! Campaigns: snoozes that outlive everything, and counters.

use crate::contract;
use crate::world::*;
use policy::campaign::{Count, Event, Outcome, Provider, Snoozes, day};
use policy::client::Client;
use policy::model::*;
use store::campaigns::{self, Answer};

const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36";

fn at(hours: i64) -> Timestamp {
    NOW.plus(Span::hours(hours))
}

async fn show(world: &World, user: &User, to: TokenHash, now: Timestamp) {
    let (tenant, user) = (user.tenant, user.id);
    world
        .write(move |tx| Box::pin(async move { campaigns::show(tx, tenant, user, &to, now).await }))
        .await;
}

async fn answer(world: &World, user: &User, to: TokenHash, answer: Answer, now: Timestamp) -> u32 {
    let (tenant, user) = (user.tenant, user.id);
    world
        .write(move |tx| {
            Box::pin(async move { campaigns::answer(tx, tenant, user, &to, answer, now).await })
        })
        .await
}

async fn snoozes(world: &World, user: &User) -> Snoozes {
    let (tenant, user) = (user.tenant, user.id);
    world
        .read(move |tx| Box::pin(async move { campaigns::snoozes(tx, tenant, user).await }))
        .await
}

async fn count(world: &World, event: Event, now: Timestamp) {
    let tenant = world.tenant;
    world
        .write(move |tx| Box::pin(async move { campaigns::count(tx, tenant, &event, now).await }))
        .await;
}

async fn funnel(world: &World, campaign: CampaignId, from: i64) -> Vec<Count> {
    let tenant = world.tenant;
    world
        .read(move |tx| {
            Box::pin(async move { campaigns::funnel(tx, tenant, campaign, from).await })
        })
        .await
}

contract! {
    async fn whoever_never_saw_a_prompt_has_put_off_nothing(world: World) {
        let ada = world.user("ada").await;
        assert_eq!(snoozes(&world, &ada).await, Snoozes::default());
    }

    async fn a_skip_counts_once_and_puts_off(world: World) {
        let ada = world.user("ada").await;
        let to = hash();
        show(&world, &ada, to, at(0)).await;
        assert_eq!(snoozes(&world, &ada).await.shown, Some(at(0)));
        assert_eq!(answer(&world, &ada, to, Answer::Snoozed, at(1)).await, 1);
        let once = Snoozes { count: 1, last: Some(at(1)), ..Snoozes::default() };
        assert_eq!(snoozes(&world, &ada).await, once);
        assert_eq!(answer(&world, &ada, to, Answer::Snoozed, at(1)).await, 1);
    }

    async fn a_skip_after_an_error_puts_off_and_does_not_count(world: World) {
        let ada = world.user("ada").await;
        let to = hash();
        show(&world, &ada, to, at(0)).await;
        assert_eq!(answer(&world, &ada, to, Answer::ErrorSkipped, at(1)).await, 0);
        let skipped = Snoozes { last: Some(at(1)), ..Snoozes::default() };
        assert_eq!(snoozes(&world, &ada).await, skipped);
    }

    async fn an_accepted_prompt_puts_off_nothing(world: World) {
        let ada = world.user("ada").await;
        let to = hash();
        show(&world, &ada, to, at(0)).await;
        assert_eq!(answer(&world, &ada, to, Answer::Accepted, at(1)).await, 0);
        assert_eq!(snoozes(&world, &ada).await, Snoozes::default());
    }

    async fn a_closed_browser_is_a_snooze_when_the_next_prompt_is_shown(world: World) {
        let ada = world.user("ada").await;
        let (closed, open) = (hash(), hash());
        show(&world, &ada, closed, at(0)).await;
        let waiting = snoozes(&world, &ada).await;
        show(&world, &ada, open, at(30)).await;
        let stored = snoozes(&world, &ada).await;
        let settled = waiting.settled();
        assert_eq!((stored.count, stored.last), (settled.count, settled.last));
        assert_eq!(stored.shown, Some(at(30)));
        // The first window comes back: what it says about its prompt was counted already.
        assert_eq!(answer(&world, &ada, closed, Answer::Snoozed, at(31)).await, 1);
        assert_eq!(snoozes(&world, &ada).await.shown, Some(at(30)));
        assert_eq!(answer(&world, &ada, open, Answer::Snoozed, at(32)).await, 2);
    }

    async fn simultaneous_skips_of_one_prompt_count_once(world: World) {
        let ada = world.user("ada").await;
        let to = hash();
        show(&world, &ada, to, at(0)).await;
        let (tenant, user) = (ada.tenant, ada.id);
        let mut skips = Vec::new();
        for _ in 0..8 {
            let store = world.store.clone();
            skips.push(tokio::spawn(async move {
                let skip = store.write(move |tx| Box::pin(async move {
                    campaigns::answer(tx, tenant, user, &to, Answer::Snoozed, at(1)).await
                }));
                skip.await.unwrap()
            }));
        }
        for skip in skips {
            assert_eq!(skip.await.unwrap(), 1);
        }
    }

    async fn the_count_outlives_methods_and_dies_with_the_account(world: World) {
        let ada = world.user("ada").await;
        let to = hash();
        show(&world, &ada, to, at(0)).await;
        answer(&world, &ada, to, Answer::Snoozed, at(1)).await;
        let passkey = world.passkey(&ada).await;
        let (tenant, user) = (ada.tenant, ada.id);
        world.write(move |tx| Box::pin(async move {
            store::passkeys::delete(tx, tenant, user, passkey.id).await
        })).await;
        assert_eq!(snoozes(&world, &ada).await.count, 1);
        world.write(move |tx| Box::pin(async move {
            store::users::delete(tx, tenant, user, NOW).await
        })).await;
        assert_eq!(snoozes(&world, &ada).await, Snoozes::default());
    }

    async fn an_administrator_sets_one_person_back_or_everybody(world: World) {
        let people = [world.user("ada").await, world.user("ben").await, world.user("cy").await];
        for user in &people {
            let to = hash();
            show(&world, user, to, at(0)).await;
            answer(&world, user, to, Answer::Snoozed, at(1)).await;
        }
        let (tenant, ada) = (world.tenant, people[0].id);
        let put_off = || world.store.read(move |tx| Box::pin(async move {
            campaigns::put_off(tx, tenant).await
        }));
        assert_eq!(put_off().await.unwrap(), [(1, 3)]);
        let reset = |user| world.store.write(move |tx| Box::pin(async move {
            campaigns::reset(tx, tenant, user).await
        }));
        assert_eq!(reset(Some(ada)).await.unwrap(), 1);
        assert_eq!(put_off().await.unwrap(), [(1, 2)]);
        assert_eq!(snoozes(&world, &people[0]).await, Snoozes::default());
        assert_eq!(reset(None).await.unwrap(), 2);
        assert_eq!(put_off().await.unwrap(), []);
    }

    async fn a_silent_offer_is_remembered_beside_the_rest(world: World) {
        let ada = world.user("ada").await;
        let (tenant, user) = (ada.tenant, ada.id);
        let to = hash();
        show(&world, &ada, to, at(0)).await;
        answer(&world, &ada, to, Answer::Snoozed, at(1)).await;
        world.write(move |tx| Box::pin(async move {
            campaigns::offer_silently(tx, tenant, user, Campaign::DEFAULT, at(2)).await
        })).await;
        let expected = Snoozes { count: 1, last: Some(at(1)), shown: None, silent: Some(at(2)) };
        assert_eq!(snoozes(&world, &ada).await, expected);
        for campaign in [Some(Campaign::DEFAULT), None] {
            let made = world.write(move |tx| Box::pin(async move {
                campaigns::made_silently(tx, tenant, user).await
            }));
            assert_eq!(made.await, campaign);
        }
        assert_eq!(snoozes(&world, &ada).await, expected);
    }

    async fn what_happened_is_counted_by_day_and_kind(world: World) {
        let client = Client::of(CHROME);
        let shown = Event::new(Campaign::DEFAULT, client, Outcome::Shown);
        let accepted = Event {
            provider: Some(Provider::WindowsHello),
            ..Event::new(Campaign::DEFAULT, client, Outcome::Accepted)
        };
        let failed = Event { why: "aaguid_not_allowed", ..Event::new(Campaign::DEFAULT, client, Outcome::Failed) };
        let elsewhere = Event::new(CampaignId::from_bytes([8; 16]), client, Outcome::Shown);
        for event in [shown, shown, accepted, failed, elsewhere] {
            count(&world, event, at(0)).await;
        }
        count(&world, shown, at(24)).await;
        let today = day(NOW);
        let rows = funnel(&world, Campaign::DEFAULT, today).await;
        let found: Vec<_> = rows
            .iter()
            .map(|row| (row.day - today, row.outcome, row.provider, row.why.as_str(), row.count))
            .collect();
        assert_eq!(found, [
            (0, Outcome::Failed, None, "aaguid_not_allowed", 1),
            (0, Outcome::Shown, None, "", 2),
            (0, Outcome::Accepted, Some(Provider::WindowsHello), "", 1),
            (1, Outcome::Shown, None, "", 1),
        ]);
        assert!(rows.iter().all(|row| row.browser == Browser::Chrome && row.system == System::Windows));
        assert_eq!(funnel(&world, Campaign::DEFAULT, today + 1).await.len(), 1);
    }

    async fn counters_survive_a_race(world: World) {
        let shown = Event::new(Campaign::DEFAULT, Client::of(CHROME), Outcome::Shown);
        let tenant = world.tenant;
        let mut counts = Vec::new();
        for _ in 0..20 {
            let store = world.store.clone();
            counts.push(tokio::spawn(async move {
                let count = store.write(move |tx| Box::pin(async move {
                    campaigns::count(tx, tenant, &shown, NOW).await
                }));
                count.await.unwrap();
            }));
        }
        for one in counts {
            one.await.unwrap();
        }
        let rows = funnel(&world, Campaign::DEFAULT, 0).await;
        assert_eq!(rows.iter().map(|row| row.count).collect::<Vec<_>>(), [20]);
    }

    async fn old_counters_are_forgotten(world: World) {
        let shown = Event::new(Campaign::DEFAULT, Client::of(CHROME), Outcome::Shown);
        count(&world, shown, NOW).await;
        let purge = |days| {
            let now = NOW.plus(Span::days(days));
            world.store.write(move |tx| Box::pin(async move {
                store::retention::purge(tx, now, now, 10).await
            }))
        };
        purge(399).await.unwrap();
        assert_eq!(funnel(&world, Campaign::DEFAULT, 0).await.len(), 1);
        purge(401).await.unwrap();
        assert_eq!(funnel(&world, Campaign::DEFAULT, 0).await.len(), 0);
    }
}

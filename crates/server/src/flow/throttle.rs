//! How long a guesser waits, without anybody else being locked out.
//!
//! Wrong passwords, codes and passes are counted per (account, method, network). After five in an hour the network waits
//! thirty seconds, then twice as long each time, at most a quarter of an hour. When an account is guessed at from many
//! networks (fifty wrong answers in an hour), each network has one try before it waits instead of five. A network that has
//! not been wrong itself is never made to wait, so nobody can lock a user out from elsewhere; passkeys are never counted;
//! break-glass accounts are never throttled. Names that do not exist are counted too (in memory), so waiting tells nothing.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

use policy::model::{Failures, Method, Span, TenantId, Timestamp, User};
use store::StoreError;

use crate::app::AppState;
use crate::limits::failure_network;

/// Wrong answers are remembered for this long.
pub const WINDOW: Span = Span::hours(1);
const FREE: i64 = 5;
const FREE_UNDER_ATTACK: i64 = 1;
const ATTACK: i64 = 50;
const FIRST_WAIT: i64 = 30;
const LONGEST_WAIT: i64 = 15 * 60;
/// Names that do not exist, remembered at a time.
const UNKNOWN_NAMES: usize = 20_000;

/// Seconds to wait before the next answer counts; `None` if it may be given now.
pub fn wait(own: Failures, everywhere: i64, now: Timestamp) -> Option<i64> {
    let last = own.last.filter(|last| now.since(*last) < WINDOW)?;
    let over = own.count - free(everywhere);
    if over < 0 {
        return None;
    }
    let doublings = u32::try_from(over.min(10)).unwrap_or(10);
    let span = (FIRST_WAIT << doublings).min(LONGEST_WAIT);
    let left = span - now.since(last).as_seconds();
    (left > 0).then_some(left)
}

/// Whom an answer is about.
#[derive(Clone, Copy, Debug)]
pub enum Whom<'a> {
    /// An account.
    Known(&'a User),
    /// A name that nobody has.
    Unknown(TenantId, &'a str),
}

/// Counts an answer before it is looked at, or says how many seconds to wait. A right answer is taken off the count again
/// by [`forgive`], a wrong one stays: so answers that arrive together cannot all slip in before the first is counted.
pub async fn admit(
    app: &AppState,
    whom: Whom<'_>,
    method: Method,
    ip: IpAddr,
) -> Result<Option<i64>, StoreError> {
    let now = app.clock.now();
    let (before, everywhere, after) = match whom {
        Whom::Known(user) if user.break_glass => return Ok(None),
        Whom::Known(user) => {
            let (before, everywhere) = read(app, user, method, ip).await?;
            if let Some(seconds) = wait(before, everywhere, now) {
                return Ok(Some(seconds));
            }
            (before, everywhere, count(app, user, method, ip).await?)
        }
        Whom::Unknown(tenant, name) => {
            let before = app.unknown.read(tenant, name, method, ip);
            if let Some(seconds) = wait(before, 0, now) {
                return Ok(Some(seconds));
            }
            (before, 0, app.unknown.count(tenant, name, method, ip, now))
        }
    };
    Ok(overtaken(before, everywhere, after, now))
}

/// Takes a right answer about a name that nobody has off the count again.
pub fn forgive_unknown(app: &AppState, whom: Whom<'_>, method: Method, ip: IpAddr) {
    if let Whom::Unknown(tenant, name) = whom {
        app.unknown.forgive(tenant, name, method, ip);
    }
}

/// A finished proof clears the count of this network, and only of this network.
pub async fn forgive(app: &AppState, user: &User, ip: IpAddr) -> Result<(), StoreError> {
    let (tenant, id, source) = (user.tenant, user.id, failure_network(ip));
    app.store
        .write(move |tx| {
            Box::pin(async move { store::attempts::clear_failures(tx, tenant, id, &source).await })
        })
        .await
}

/// Beyond the free answers only the one that was counted right after `before` was read goes on.
fn overtaken(before: Failures, everywhere: i64, after: Failures, now: Timestamp) -> Option<i64> {
    if after.count <= free(everywhere) || after.count == before.count + 1 {
        return None;
    }
    wait(after, everywhere, now)
}

async fn read(
    app: &AppState,
    user: &User,
    method: Method,
    ip: IpAddr,
) -> Result<(Failures, i64), StoreError> {
    let (tenant, id, source) = (user.tenant, user.id, failure_network(ip));
    let since = app.clock.now().minus(WINDOW);
    app.store
        .read_point(move |tx| {
            Box::pin(async move {
                let own = store::attempts::failures(tx, tenant, id, method, &source).await?;
                let all = store::attempts::failures_from_everywhere(tx, tenant, id, method, since);
                Ok((own, all.await?))
            })
        })
        .await
}

async fn count(
    app: &AppState,
    user: &User,
    method: Method,
    ip: IpAddr,
) -> Result<Failures, StoreError> {
    let (tenant, id, source) = (user.tenant, user.id, failure_network(ip));
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let start = now.minus(WINDOW);
                store::attempts::count_failure(tx, tenant, id, method, &source, now, start).await
            })
        })
        .await
}

const fn free(everywhere: i64) -> i64 {
    if everywhere >= ATTACK {
        FREE_UNDER_ATTACK
    } else {
        FREE
    }
}

/// Wrong answers for names that do not exist.
#[derive(Debug, Default)]
pub struct UnknownNames(Mutex<HashMap<(TenantId, String, Method, String), Failures>>);

impl UnknownNames {
    fn read(&self, tenant: TenantId, name: &str, method: Method, ip: IpAddr) -> Failures {
        let held = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        held.get(&(tenant, name.to_lowercase(), method, failure_network(ip)))
            .copied()
            .unwrap_or_default()
    }

    fn forgive(&self, tenant: TenantId, name: &str, method: Method, ip: IpAddr) {
        let mut held = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let key = (tenant, name.to_lowercase(), method, failure_network(ip));
        if let Some(failures) = held.get_mut(&key) {
            failures.count = (failures.count - 1).max(0);
        }
    }

    fn count(
        &self,
        tenant: TenantId,
        name: &str,
        method: Method,
        ip: IpAddr,
        now: Timestamp,
    ) -> Failures {
        let mut held = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if held.len() >= UNKNOWN_NAMES {
            held.retain(|_, failures| failures.last.is_some_and(|last| now.since(last) < WINDOW));
        }
        if held.len() >= UNKNOWN_NAMES {
            held.clear();
        }
        let failures = held
            .entry((tenant, name.to_lowercase(), method, failure_network(ip)))
            .or_default();
        let fresh = failures
            .since
            .is_none_or(|since| now.since(since) >= WINDOW);
        *failures = Failures {
            count: if fresh { 1 } else { failures.count + 1 },
            since: if fresh { Some(now) } else { failures.since },
            last: Some(now),
        };
        *failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(count: i64, last: i64) -> Failures {
        let last = Some(Timestamp::from_seconds(last));
        Failures {
            count,
            since: last,
            last,
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn four_wrong_answers_are_free_and_the_fifth_costs_half_a_minute() {
        assert_eq!(wait(wrong(4, 100), 4, at(100)), None);
        assert_eq!(wait(wrong(5, 100), 5, at(100)), Some(30));
        assert_eq!(wait(wrong(5, 100), 5, at(130)), None);
    }

    #[test]
    fn the_wait_doubles_up_to_a_quarter_of_an_hour() {
        assert_eq!(wait(wrong(6, 100), 6, at(100)), Some(60));
        assert_eq!(wait(wrong(9, 100), 9, at(100)), Some(480));
        assert_eq!(wait(wrong(1000, 100), 1000, at(100)), Some(900));
    }

    #[test]
    fn under_attack_a_network_that_was_never_wrong_still_gets_in() {
        assert_eq!(wait(Failures::default(), 100_000, at(100)), None);
        assert_eq!(wait(wrong(1, 100), 100_000, at(100)), Some(30));
    }

    #[test]
    fn of_answers_that_arrive_together_only_the_free_ones_and_the_first_of_the_rest_go_on() {
        let fresh = Failures::default();
        assert_eq!(overtaken(fresh, 0, wrong(5, 100), at(100)), None);
        assert!(overtaken(fresh, 0, wrong(6, 100), at(100)).is_some());
        let waited = wrong(5, 100);
        assert_eq!(overtaken(waited, 5, wrong(6, 140), at(140)), None);
        assert!(overtaken(waited, 5, wrong(7, 140), at(140)).is_some());
    }

    #[test]
    fn an_hour_later_all_is_forgotten() {
        assert_eq!(wait(wrong(1000, 100), 1000, at(3_700)), None);
    }
}

//! How often each of many occurs, without looking at all of them.

use std::collections::BTreeMap;

/// Counts of what occurs at least once.
pub(super) struct Tally<A>(BTreeMap<A, usize>);

impl<A: Ord + Clone> Tally<A> {
    pub(super) const fn new() -> Self {
        Self(BTreeMap::new())
    }

    pub(super) fn of(&self, one: &A) -> usize {
        self.0.get(one).copied().unwrap_or_default()
    }

    pub(super) fn add(&mut self, one: &A) {
        *self.0.entry(one.clone()).or_default() += 1;
    }

    pub(super) fn take(&mut self, one: &A) {
        if let Some(count) = self.0.get_mut(one) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(one);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_takes_no_room() {
        let mut tally = Tally::new();
        for one in [1, 1, 2] {
            tally.add(&one);
        }
        assert_eq!((tally.of(&1), tally.of(&2), tally.of(&3)), (2, 1, 0));
        for one in [1, 1, 2, 3] {
            tally.take(&one);
        }
        assert!(tally.0.is_empty());
    }
}

//! Sets of places in this kiosk's chains, kept as runs: what a damage takes, or a search brings back, is seldom alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::journal::Part;
use crate::seal::envelope::Epoch;

/// Places by the first of each run; runs neither touch nor overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places(BTreeMap<(Epoch, u64), u64>);

impl FromIterator<Part> for Places {
    fn from_iter<Parts: IntoIterator<Item = Part>>(parts: Parts) -> Self {
        let mut places = Self::default();
        parts.into_iter().for_each(|part| places.add(part));
        places
    }
}

impl Places {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn contains(&self, epoch: Epoch, sequence: u64) -> bool {
        let before = self.0.range(..=(epoch, sequence)).next_back();
        before.is_some_and(|((of, _), last)| *of == epoch && *last >= sequence)
    }

    pub fn parts(&self) -> impl Iterator<Item = Part> {
        self.0.iter().map(|((epoch, first), last)| Part { epoch: *epoch, first: *first, last: *last })
    }

    /// The runs that these places share with a part, cut to it. A part that ends before it begins shares nothing.
    pub fn within(&self, part: Part) -> impl Iterator<Item = Part> {
        let runs = self.0.range((part.epoch, 0)..=(part.epoch, part.last));
        let runs = runs.filter(move |(_, last)| **last >= part.first && part.first <= part.last);
        runs.map(move |((epoch, first), last)| Part {
            epoch: *epoch,
            first: (*first).max(part.first),
            last: (*last).min(part.last),
        })
    }

    pub fn add(&mut self, part: Part) {
        let Part { epoch, mut first, mut last } = part;
        // Those that touch it become one run with it.
        let near = Part { epoch, first: first.saturating_sub(1), last: last.saturating_add(1) };
        let touching: Vec<(u64, u64)> = self.runs_over(near);
        for (begins, ends) in touching {
            self.0.remove(&(epoch, begins));
            (first, last) = (first.min(begins), last.max(ends));
        }
        self.0.insert((epoch, first), last);
    }

    pub fn remove(&mut self, part: Part) {
        for (begins, ends) in self.runs_over(part) {
            self.0.remove(&(part.epoch, begins));
            if begins < part.first {
                self.0.insert((part.epoch, begins), part.first - 1);
            }
            if ends > part.last {
                self.0.insert((part.epoch, part.last + 1), ends);
            }
        }
    }

    /// The whole runs that share a place with a part: where each begins and ends.
    fn runs_over(&self, part: Part) -> Vec<(u64, u64)> {
        let runs = self.0.range((part.epoch, 0)..=(part.epoch, part.last));
        runs.filter(|(_, last)| **last >= part.first).map(|((_, first), last)| (*first, *last)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn part(epoch: u8, first: u64, last: u64) -> Part {
        Part { epoch: Epoch([epoch; 16]), first, last }
    }

    proptest! {
        /// The same as a plain set of places.
        #[test]
        fn runs_hold_what_a_set_holds(
            changes in prop::collection::vec((any::<bool>(), 1..3_u8, 0..20_u64, 0..6_u64), 0..30)
        ) {
            let (mut places, mut set) = (Places::default(), BTreeSet::new());
            for (adds, epoch, first, more) in changes {
                let run = part(epoch, first, first + more);
                for sequence in first..=first + more {
                    if adds { set.insert((epoch, sequence)); } else { set.remove(&(epoch, sequence)); }
                }
                if adds { places.add(run) } else { places.remove(run) }
            }
            for epoch in 1..3 {
                for sequence in 0..30 {
                    prop_assert_eq!(places.contains(Epoch([epoch; 16]), sequence), set.contains(&(epoch, sequence)));
                }
                let within: u64 = places.within(part(epoch, 3, 12)).map(|run| run.last - run.first + 1).sum();
                prop_assert_eq!(within, set.range((epoch, 3)..=(epoch, 12)).count() as u64);
            }
            prop_assert!(places.within(part(1, 13, 12)).next().is_none());
            prop_assert_eq!(places.is_empty(), set.is_empty());
        }
    }
}

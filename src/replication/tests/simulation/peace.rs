//! How a story ends: nothing disturbs any more, and everything comes right by itself.

use crate::domain::calendar::riyadh_day;
use crate::domain::tracking_number::TrackingNumber;
use crate::ledger::Lost;

use super::kiosk::BATCH_MINIMUM;
use super::world::{Oracle, World};

/// Rounds of sending in peace; after that the kiosk is stuck.
const ROUNDS_MAX: usize = 12;

impl World<'_> {
    /// All faults end: then everything must be well by itself.
    pub fn end(mut self) {
        self.tell("peace");
        self.line.set_trouble(0);
        self.take_faults_away();
        if let Some(disk) = self.kiosk.disk() {
            disk.disarm();
        }
        self.come_to_rest();
        self.runtime.block_on(self.line.deliver_late());
        for _ in 0..2 {
            self.back_up();
            self.come_to_rest();
        }
        for _ in 0..4 {
            self.tidy();
            self.see_to_kiosk();
        }
        self.come_to_rest();
        self.verify();
    }

    fn come_to_rest(&mut self) {
        for _ in 0..ROUNDS_MAX {
            self.see_to_kiosk();
            let is_well = self.round();
            let left = self.kiosk.ask(|keeper| {
                let today = riyadh_day(keeper.now().at);
                let ratings = keeper.ratings().has_to_send(BATCH_MINIMUM, today);
                keeper.ledger().unacknowledged_count().ok().map(|left| (left, ratings))
            });
            let has_heard = self.kiosk.running().is_some_and(|running| running.side.report.borrow().all_heard);
            if is_well && left == Some(Some((0, false))) && has_heard {
                return;
            }
        }
        panic!("the kiosk is stuck");
    }

    fn verify(&mut self) {
        let at_office = self.runtime.block_on(self.office.numbers(self.template));
        let (counts, trail) = self.runtime.block_on(self.office.check());
        assert!(at_office.is_sorted_by(|one, next| one < next), "a request is there twice: {at_office:?}");
        let may_lose = self.oracle.kiosk_returned || self.oracle.office_went_far_back;
        let mut missing: Vec<_> =
            self.oracle.given.iter().filter(|number| at_office.binary_search(number).is_err()).collect();
        self.are_told(&missing);
        missing.retain(|number| !self.oracle.may_be_lost.contains(number));
        assert!(missing.is_empty(), "not at the office: {missing:?}");
        let found = (counts.damaged, counts.forged, counts.passed_over, trail.as_str());
        assert_eq!(found, (0, 0, 0, "intact"), "damaged, forged, passed over, trail");
        if !may_lose {
            assert_eq!((counts.forks, counts.gaps), (0, 0), "forks, gaps");
            let named = self.oracle.destroyed.len() as u64 + self.oracle.named_unpromised;
            assert!(counts.lost <= named, "lost");
            assert_eq!(self.kiosk.segments().len(), 1, "segments can leave");
        }
        let ratings_may_be_lost = may_lose || self.oracle.office_returned && self.oracle.clocks_jumped;
        let waiting = self.oracle.ratings.saturating_sub(counts.ratings);
        if !ratings_may_be_lost {
            assert!(waiting < BATCH_MINIMUM as u64, "{} of {} ratings", counts.ratings, self.oracle.ratings);
        }
        assert!(counts.ratings <= self.oracle.ratings_tried || self.oracle.kiosk_returned, "a rating counts twice");
        assert!(self.stop_in_order());
        self.check_is_clean();
        self.see_to_kiosk();
        self.kiosk.stop();
        self.runtime.block_on(self.office.close());
    }

    /// Of what was destroyed and never arrived, somebody was told.
    fn are_told(&self, missing: &[&TrackingNumber]) {
        let Oracle { destroyed, told, .. } = &self.oracle;
        let epochs = destroyed.keys().map(|(epoch, _)| *epoch).collect();
        let named = self.runtime.block_on(self.office.losses(self.template, epochs));
        for (place, number) in destroyed {
            if number.as_ref().is_none_or(|number| !missing.contains(&number)) {
                continue;
            }
            let covers = |lost: &Lost| {
                lost.epoch == place.0 && lost.first <= place.1 && lost.last.is_none_or(|last| place.1 <= last)
            };
            assert!(named.contains(place) || told.iter().any(covers), "{number:?} is lost, and nobody was told");
        }
    }
}

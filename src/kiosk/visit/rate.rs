//! Rating a service: a right of the beneficiary (P13), after the delivery, once for a receipt.

use std::collections::BTreeSet;

use super::{Effect, Event, RateError, RateScreen, Screen, Station, Visit, toggle};
use crate::domain::rating::{GENERAL_SERVICE, Rating};
use crate::ledger::keeper::LookUp;

impl Visit {
    pub(super) fn on_rate(&mut self, event: Event) -> Vec<Effect> {
        let Screen::Rate(screen) = &mut self.screen else { return Vec::new() };
        match screen {
            RateScreen::Scan { .. } => match event {
                Event::LookedUp(found) => *screen = after_look_up(found),
                Event::WithoutReceipt => *screen = RateScreen::Faces { receipt: None },
                Event::Back => self.forget_answers(),
                _ => {}
            },
            RateScreen::Faces { receipt } => match event {
                Event::ChooseFace(face) => {
                    let receipt = receipt.take();
                    *screen = RateScreen::Reasons { receipt, face, reasons: BTreeSet::new(), waiting: false };
                }
                Event::Back if self.station == Station::Reception => {
                    *screen = RateScreen::Scan { error: None, waiting: false };
                }
                _ => {}
            },
            RateScreen::Reasons { receipt, face, reasons, waiting } => match event {
                Event::Choose(id) if self.catalogue.reasons_for(*face).any(|reason| *reason.id.get_ref() == id) => {
                    toggle(reasons, id);
                }
                Event::Next if !*waiting => {
                    *waiting = true;
                    let service = receipt.as_ref().map_or(GENERAL_SERVICE, |status| &status.service).to_owned();
                    let rating = Rating { face: *face, reasons: reasons.iter().cloned().collect() };
                    let receipt = receipt.as_ref().map(|status| status.tracking_number);
                    return vec![Effect::KeepRating { service, rating, receipt }];
                }
                Event::Kept => *screen = RateScreen::Thanks,
                Event::Back if !*waiting => *screen = RateScreen::Faces { receipt: receipt.take() },
                _ => {}
            },
            RateScreen::Thanks => {}
        }
        Vec::new()
    }
}

fn after_look_up(found: LookUp) -> RateScreen {
    let error = match found {
        LookUp::Found { status, rated: false, .. } if status.standing.delivered_on.is_some() => {
            return RateScreen::Faces { receipt: Some(status) };
        }
        LookUp::Found { rated: true, .. } => RateError::AlreadyRated,
        LookUp::Found { .. } => RateError::NotDelivered,
        LookUp::Unknown => RateError::Unknown,
    };
    RateScreen::Scan { error: Some(error), waiting: false }
}

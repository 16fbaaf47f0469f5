//! Following a request up: by the scanned receipt everything, by the typed number only its stage and missing documents.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::{
    Effect, Event, FollowUp, FollowUpError, Printing, RateScreen, Screen, TRIES_MAX, Visit, input::type_key, toggle,
};
use crate::domain::digits::{digit_value, to_western};
use crate::domain::scan::Scan;
use crate::ledger::keeper::LookUp;
use crate::receipt::slip::SlipAbout;

/// How many digits a tracking number has.
const NUMBER_DIGITS: usize = 12;

impl FollowUp {
    pub(super) fn ask() -> Self {
        Self::Ask { typed: Zeroizing::new(String::with_capacity(NUMBER_DIGITS)), error: None, waiting: false }
    }
}

impl Visit {
    pub(super) fn on_follow_up(&mut self, event: Event) -> Vec<Effect> {
        let Screen::FollowUp(follow_up) = &mut self.screen else { return Vec::new() };
        match follow_up {
            FollowUp::Ask { .. } => self.on_ask(event),
            FollowUp::Result { status, proved, slip } => {
                match event {
                    Event::PrintSlip if slip.is_none() => {
                        *slip = Some(Printing::Underway);
                        let about = SlipAbout::Status { proved: *proved };
                        return vec![Effect::PrintSlip { about, status: status.clone() }];
                    }
                    Event::Printed(outcome) if *slip == Some(Printing::Underway) => *slip = Some(outcome),
                    Event::BringDocuments if *proved && !status.standing.missing_documents().is_empty() => {
                        *follow_up =
                            FollowUp::Documents { status: status.clone(), chosen: BTreeSet::new(), waiting: false };
                    }
                    Event::Back => *follow_up = FollowUp::ask(),
                    _ => {}
                }
                Vec::new()
            }
            FollowUp::Documents { status, chosen, waiting } => match event {
                Event::Choose(id) if status.standing.missing_documents().contains(&id) => {
                    toggle(chosen, id);
                    Vec::new()
                }
                Event::Next if !*waiting && !chosen.is_empty() => {
                    *waiting = true;
                    let documents = chosen.iter().cloned().collect();
                    vec![Effect::BringDocuments { tracking_number: status.tracking_number, documents }]
                }
                Event::Kept => {
                    let about = SlipAbout::DocumentsBrought(chosen.iter().cloned().collect());
                    let status = status.clone();
                    *follow_up = FollowUp::Thanks { status: status.clone(), slip: Printing::Underway };
                    vec![Effect::PrintSlip { about, status }]
                }
                Event::Back if !*waiting => {
                    *follow_up = FollowUp::Result { status: status.clone(), proved: true, slip: None };
                    Vec::new()
                }
                _ => Vec::new(),
            },
            FollowUp::Thanks { slip, .. } => {
                if let Event::Printed(outcome) = event {
                    *slip = outcome;
                }
                Vec::new()
            }
        }
    }

    fn on_ask(&mut self, event: Event) -> Vec<Effect> {
        let Screen::FollowUp(FollowUp::Ask { typed, error, waiting }) = &mut self.screen else { return Vec::new() };
        match event {
            Event::LookedUp(found) => self.on_looked_up(found),
            Event::TryLater(seconds) => {
                (*error, *waiting) = (Some(FollowUpError::Wait { seconds }), false);
            }
            Event::Key(key) if !*waiting => {
                type_key(typed, &to_western(&key), NUMBER_DIGITS, |character| digit_value(character).is_some());
                // A wrong digit is caught at the last one.
                let whole = typed.chars().count() == NUMBER_DIGITS;
                *error = Scan::parse(typed).err().filter(|_| whole).map(FollowUpError::Scan);
            }
            Event::Back => self.forget_answers(),
            Event::Next if !*waiting => match Scan::parse(typed) {
                Ok(scan) => return self.look_up(scan),
                Err(wrong) => *error = Some(FollowUpError::Scan(wrong)),
            },
            _ => {}
        }
        Vec::new()
    }

    /// Asks the store, unless this visit has tried too many numbers that nobody bears.
    pub(super) fn look_up(&mut self, scan: Scan) -> Vec<Effect> {
        let Screen::FollowUp(FollowUp::Ask { error, waiting, .. }) = &mut self.screen else { return Vec::new() };
        if self.wrong_tries >= TRIES_MAX {
            *error = Some(FollowUpError::TooManyTries);
            return Vec::new();
        }
        (*error, *waiting) = (None, true);
        vec![Effect::LookUp(scan)]
    }

    fn on_looked_up(&mut self, found: LookUp) {
        let follow_up = match found {
            LookUp::Found { status, proved: true, rated: false } if status.standing.delivered_on.is_some() => {
                self.screen = Screen::Rate(RateScreen::Faces { receipt: Some(status) });
                return;
            }
            LookUp::Found { status, proved, .. } => FollowUp::Result { status, proved, slip: None },
            LookUp::Unknown => {
                self.wrong_tries += 1;
                // What was typed stays: it is to be compared with the receipt.
                let typed = match &mut self.screen {
                    Screen::FollowUp(FollowUp::Ask { typed, .. }) => std::mem::take(typed),
                    _ => Zeroizing::default(),
                };
                FollowUp::Ask { typed, error: Some(FollowUpError::Unknown), waiting: false }
            }
        };
        self.screen = Screen::FollowUp(follow_up);
    }
}

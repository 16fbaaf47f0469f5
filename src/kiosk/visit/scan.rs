//! A scan counts on every screen: the scanner types wherever the visitor is.

use super::{Effect, Event, FollowUp, FollowUpError, Leaving, Printing, RateError, RateScreen, Screen, Station, Visit};
use crate::domain::scan::{Scan, ScanError};

impl Visit {
    pub(super) fn on_scanned(&mut self, text: &str) -> Vec<Effect> {
        match Scan::parse(text) {
            Ok(scan) => self.on_receipt(scan),
            Err(error) => {
                self.refuse_scan(error);
                Vec::new()
            }
        }
    }

    fn on_receipt(&mut self, scan: Scan) -> Vec<Effect> {
        self.scan_refused = None;
        let would_lose_answers = self.would_lose_answers();
        match &mut self.screen {
            // Something is on its way that must not be lost: the scan can be repeated, it can't.
            Screen::CommitteeNotice { busy: true, .. }
            | Screen::Receipt { printing: Printing::Underway, .. }
            | Screen::FollowUp(FollowUp::Ask { waiting: true, .. } | FollowUp::Documents { waiting: true, .. })
            | Screen::Rate(RateScreen::Scan { waiting: true, .. } | RateScreen::Reasons { waiting: true, .. })
            | Screen::Revoked
            | Screen::OutOfService => Vec::new(),
            Screen::Suggestion(screen) if screen.waiting => Vec::new(),
            Screen::Rate(RateScreen::Scan { error, .. }) if scan.code.is_none() => {
                *error = Some(RateError::CodeMissing);
                Vec::new()
            }
            Screen::Rate(RateScreen::Scan { waiting, .. }) => {
                *waiting = true;
                vec![Effect::LookUp(scan)]
            }
            Screen::FollowUp(FollowUp::Ask { .. }) => self.look_up(scan),
            // Somebody else's receipt, while the face of the one before hasn't been sent.
            Screen::Rate(RateScreen::Reasons { .. }) => {
                let mut effects = self.on_rate(Event::Next);
                effects.extend(self.begin_with(scan));
                effects
            }
            _ if would_lose_answers => {
                self.leaving = Some(Leaving::FollowUp(scan));
                Vec::new()
            }
            _ => self.begin_with(scan),
        }
    }

    /// What a receipt leads to where nothing is lost: at a stand to its rating, elsewhere to its request.
    fn begin_with(&mut self, scan: Scan) -> Vec<Effect> {
        if self.station == Station::Reception {
            return self.follow_up_instead(scan);
        }
        self.forget_answers();
        let error = scan.code.is_none().then_some(RateError::CodeMissing);
        self.screen = Screen::Rate(RateScreen::Scan { error, waiting: error.is_none() });
        if error.is_none() { vec![Effect::LookUp(scan)] } else { Vec::new() }
    }

    /// Leaves what is on the screen for the request whose receipt was scanned; it's the same person, with the same
    /// language and letters.
    pub(super) fn follow_up_instead(&mut self, scan: Scan) -> Vec<Effect> {
        self.forget_answers();
        self.screen = Screen::FollowUp(FollowUp::ask());
        self.look_up(scan)
    }

    /// Says beside the field, or over the screen, that this was no receipt of ours.
    fn refuse_scan(&mut self, wrong: ScanError) {
        match &mut self.screen {
            Screen::Home { error } => *error = Some(wrong),
            Screen::FollowUp(FollowUp::Ask { error, waiting: false, .. }) => *error = Some(FollowUpError::Scan(wrong)),
            Screen::Rate(RateScreen::Scan { error, waiting: false }) => *error = Some(RateError::Scan(wrong)),
            Screen::CommitteeNotice { busy: true, .. } | Screen::Revoked | Screen::OutOfService => {}
            _ => self.scan_refused = Some(wrong),
        }
    }
}

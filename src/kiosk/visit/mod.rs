//! A visit: one person's time at the kiosk, as a pure state machine. No screen, no clock, no disk.
//!
//! The screens, the scripted visits and the property tests all drive this one machine: an [`Event`] goes in, the
//! [`Screen`] changes, and [`Effect`]s come out for the kiosk to carry out. Answers live only here; leaving,
//! finishing or idling wipes them.

mod event;
mod follow_up;
mod information;
mod input;
mod rate;
mod register;
mod scan;
mod screen;
mod suggestion;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use zeroize::Zeroize;

use crate::domain::answers::Answers;
use crate::domain::calendar::Today;
use crate::domain::catalogue::{Catalogue, Question};
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::request::Beneficiary;
use crate::domain::scan::ScanError;
use crate::ledger::keeper::LedgerHealth;

pub use event::{CLEAR, DELETE, Effect, Event, Printing};
pub use input::{DateColumn, DateInput, Input};
pub use screen::{
    Appearance, FollowUp, FollowUpError, Information, Leaving, QuestionScreen, RateError, RateScreen, Screen, Station,
    SuggestionKind, SuggestionScreen, TextSize,
};
pub use suggestion::SUGGESTION_CHARACTERS_MAX;

/// How often a visit may ask for an unknown number.
pub const TRIES_MAX: u32 = 5;

/// One person's time at the kiosk.
pub struct Visit {
    /// Counts the visits at this kiosk: an answer that comes late must not reach the next visitor
    number: u64,
    catalogue: Arc<Catalogue>,
    /// A later one, for the next visit
    next_catalogue: Option<Arc<Catalogue>>,
    beneficiary: Beneficiary,
    station: Station,
    language: Language,
    appearance: Appearance,
    screen: Screen,
    /// The visitor is asked whether to leave and lose the answers
    leaving: Option<Leaving>,
    /// What was scanned on a screen that has no place of its own to say so is no receipt of ours
    scan_refused: Option<ScanError>,
    answers: Answers,
    /// What was typed, also where it's no answer yet, so that going back and forth loses nothing
    inputs: BTreeMap<String, Input>,
    documents: BTreeMap<String, DocumentAnswer>,
    /// Questions that may be passed over, and were
    skipped: BTreeSet<String>,
    strokes: Vec<Vec<(f32, f32)>>,
    /// The answers have been shown for checking; going on returns there
    checked: bool,
    /// One answer is being changed from that list; going back returns there, too
    changing: bool,
    wrong_tries: u32,
    health: LedgerHealth,
}

impl Visit {
    pub fn new(station: Station, catalogue: Arc<Catalogue>, beneficiary: Beneficiary) -> Self {
        Self {
            number: 0,
            catalogue,
            next_catalogue: None,
            beneficiary,
            station,
            language: Language::Arabic,
            appearance: Appearance::default(),
            screen: station.first_screen(),
            leaving: None,
            scan_refused: None,
            answers: Answers::default(),
            inputs: BTreeMap::new(),
            documents: BTreeMap::new(),
            skipped: BTreeSet::new(),
            strokes: Vec::new(),
            checked: false,
            changing: false,
            wrong_tries: 0,
            health: LedgerHealth::Well,
        }
    }

    /// Changes with every wipe.
    pub fn number(&self) -> u64 {
        self.number
    }

    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// A catalogue that the office has sent: whoever is here goes on with the one before.
    pub fn take_catalogue(&mut self, catalogue: Arc<Catalogue>) {
        if self.is_untouched() {
            self.catalogue = catalogue;
        } else {
            self.next_catalogue = Some(catalogue);
        }
    }

    pub fn station(&self) -> Station {
        self.station
    }

    pub fn language(&self) -> Language {
        self.language
    }

    pub fn appearance(&self) -> Appearance {
        self.appearance
    }

    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// Where the visitor is about to go, while asked whether to lose the answers.
    pub fn leaving(&self) -> Option<&Leaving> {
        self.leaving.as_ref()
    }

    /// What lies over the screen after a foreign scan.
    pub fn scan_refused(&self) -> Option<ScanError> {
        self.scan_refused
    }

    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    pub fn documents(&self) -> &BTreeMap<String, DocumentAnswer> {
        &self.documents
    }

    pub fn strokes(&self) -> &[Vec<(f32, f32)>] {
        &self.strokes
    }

    /// The question on the screen.
    pub fn question(&self) -> Option<&Question> {
        match &self.screen {
            Screen::Question(screen) => self.catalogue.question(&screen.question),
            _ => None,
        }
    }

    /// Whether a new request can be promised anything.
    pub fn health(&self) -> LedgerHealth {
        self.health
    }

    /// True when nobody is using the kiosk and nothing needs to be wiped.
    pub fn is_resting(&self) -> bool {
        (self.screen == self.station.first_screen() || matches!(self.screen, Screen::OutOfService | Screen::Revoked))
            && self.answers.is_empty()
            && self.inputs.is_empty()
    }

    /// True when, beyond [`Self::is_resting`], language and letters are those that the next visitor finds.
    pub fn is_untouched(&self) -> bool {
        self.is_resting()
            && self.scan_refused.is_none()
            && self.language == Language::Arabic
            && self.appearance == Appearance::default()
    }

    /// Takes an event on a day in Riyadh. Events that make no sense on the screen are passed over.
    pub fn handle(&mut self, event: Event, today: impl Into<Today>) -> Vec<Effect> {
        let today = today.into();
        if self.screen == Screen::OutOfService {
            return Vec::new();
        }
        match event {
            Event::Health(health) => self.on_health(health),
            Event::ChangeTextSize => self.appearance.text_size = self.appearance.text_size.next(),
            Event::ToggleContrast => self.appearance.high_contrast = !self.appearance.high_contrast,
            Event::StoreFailed => {
                self.forget_answers();
                self.screen = Screen::OutOfService;
            }
            Event::Idle if self.screen == Screen::Revoked => self.wipe(),
            _ if self.screen == Screen::Revoked => {}
            Event::NotKept => {
                self.forget_answers();
                self.screen = Screen::NotKept;
            }
            event if self.leaving.is_some() && !event.is_an_answer() => return self.on_leaving(&event),
            // Whoever touched a face and walked on has rated all the same.
            Event::Idle if self.has_rated() => return self.on_rate(Event::Next),
            Event::Home if self.would_lose_answers() => self.leaving = Some(Leaving::Home),
            Event::Home if !self.is_busy() => self.forget_answers(),
            Event::Leave | Event::Idle | Event::Finish if !self.is_busy() => self.wipe(),
            Event::ChooseLanguage(language) if self.screen.offers_languages() => self.language = language,
            Event::ScanRefusalSeen => self.scan_refused = None,
            Event::Scanned(text) => return self.on_scanned(&text),
            event => return self.on_screen(event, today),
        }
        Vec::new()
    }

    /// A revoked kiosk serves nobody; only a receipt that is under way, or is being read, stays until its end. One that the
    /// office doesn't know takes no request, also not one that was begun before.
    fn on_health(&mut self, health: LedgerHealth) {
        let was_revoked = std::mem::replace(&mut self.health, health) == LedgerHealth::Revoked;
        let is_revoked = health == LedgerHealth::Revoked;
        let has_receipt = self.is_committing() || matches!(self.screen, Screen::Receipt { .. });
        if is_revoked != was_revoked && !has_receipt && health != LedgerHealth::Failed {
            self.forget_answers();
        }
        if health == LedgerHealth::NotKnown && !has_receipt && self.is_registering() {
            self.forget_answers();
            self.screen = Screen::NoNewRequests;
        }
    }

    fn on_screen(&mut self, event: Event, today: Today) -> Vec<Effect> {
        match &self.screen {
            Screen::Home { .. } => self.on_home(event),
            Screen::EarlierRequest
            | Screen::PrivacyNotice { .. }
            | Screen::Question(_)
            | Screen::Documents
            | Screen::CheckAnswers
            | Screen::Declaration
            | Screen::CommitteeNotice { .. }
            | Screen::Receipt { .. } => self.on_register(event, today),
            Screen::FollowUp(_) => self.on_follow_up(event),
            Screen::Rate(_) => self.on_rate(event),
            Screen::Information(_) => self.on_information(event),
            Screen::Suggestion(_) => self.on_suggestion(event),
            Screen::NoNewRequests | Screen::NotKept | Screen::Revoked | Screen::OutOfService => Vec::new(),
        }
    }

    fn on_home(&mut self, event: Event) -> Vec<Effect> {
        self.screen = match event {
            Event::NewRequest => self.first_page(),
            Event::FollowUp => Screen::FollowUp(FollowUp::ask()),
            Event::Rate => Screen::Rate(RateScreen::Scan { error: None, waiting: false }),
            Event::Information => Screen::Information(Information::Services),
            Event::Suggest => Screen::Suggestion(SuggestionScreen::empty()),
            _ => return Vec::new(),
        };
        Vec::new()
    }

    fn on_leaving(&mut self, event: &Event) -> Vec<Effect> {
        match (event, self.leaving.take()) {
            (Event::Leave, Some(Leaving::FollowUp(scan))) => return self.follow_up_instead(scan),
            (Event::Leave | Event::Idle | Event::Finish, _) => self.wipe(),
            (Event::Stay, _) => {}
            (_, leaving) => self.leaving = leaving,
        }
        Vec::new()
    }

    /// Where a registration begins, or why it can't.
    fn first_page(&self) -> Screen {
        match self.health {
            LedgerHealth::Well => Screen::EarlierRequest,
            LedgerHealth::Revoked => Screen::Revoked,
            LedgerHealth::NotKnown | LedgerHealth::NoRoom | LedgerHealth::Failed => Screen::NoNewRequests,
        }
    }

    /// Between "register" and the store's answer nothing may take the visit away: its receipt would be lost.
    pub fn is_committing(&self) -> bool {
        matches!(self.screen, Screen::CommitteeNotice { busy: true, .. })
    }

    /// True while something is under way that would be lost with the visit: a commit, or a receipt's printing.
    pub fn is_busy(&self) -> bool {
        self.is_committing() || matches!(self.screen, Screen::Receipt { printing: Printing::Underway, .. })
    }

    /// A face was touched, and not yet sent.
    fn has_rated(&self) -> bool {
        matches!(self.screen, Screen::Rate(RateScreen::Reasons { waiting: false, .. }))
    }

    /// At a rating stand whoever has touched a face makes room for the next one soon.
    pub fn is_giving_way(&self) -> bool {
        self.station == Station::Rating && self.has_rated()
    }

    fn is_registering(&self) -> bool {
        matches!(
            self.screen,
            Screen::EarlierRequest
                | Screen::PrivacyNotice { .. }
                | Screen::Question(_)
                | Screen::Documents
                | Screen::CheckAnswers
                | Screen::Declaration
                | Screen::CommitteeNotice { .. }
        )
    }

    fn would_lose_answers(&self) -> bool {
        let registering = matches!(
            self.screen,
            Screen::Question(_)
                | Screen::Documents
                | Screen::CheckAnswers
                | Screen::Declaration
                | Screen::CommitteeNotice { busy: false, .. }
        );
        let before = matches!(self.screen, Screen::EarlierRequest | Screen::PrivacyNotice { .. });
        let writing = matches!(&self.screen, Screen::Suggestion(screen) if !screen.text.is_empty() && !screen.waiting);
        let answered = !self.answers.is_empty();
        writing || before && answered || registering && (answered || !self.inputs.is_empty())
    }

    /// Forgets everything about this person; the next one begins anew, in Arabic.
    fn wipe(&mut self) {
        for input in self.inputs.values_mut() {
            input.wipe();
        }
        if let Screen::Question(screen) = &mut self.screen {
            screen.input.wipe();
        }
        self.clear_signature();
        // Answers and typed texts overwrite their memory when they are dropped here.
        let (number, health) = (self.number + 1, self.health);
        let catalogue = self.next_catalogue.take().unwrap_or_else(|| self.catalogue.clone());
        let fresh = Self::new(self.station, catalogue, self.beneficiary);
        *self = Self { number, health, ..fresh };
        if health == LedgerHealth::Revoked {
            self.screen = Screen::Revoked;
        }
    }

    /// A signature stands under what was signed: with any change it has to be given again (P15).
    fn clear_signature(&mut self) {
        for (x, y) in self.strokes.iter_mut().flatten() {
            x.zeroize();
            y.zeroize();
        }
        self.strokes.clear();
    }

    /// To the first page: forgets everything but how this person, who still stands here, wants to be spoken to.
    fn forget_answers(&mut self) {
        let (language, appearance, wrong_tries) = (self.language, self.appearance, self.wrong_tries);
        self.wipe();
        (self.language, self.appearance, self.wrong_tries) = (language, appearance, wrong_tries);
    }
}

impl Station {
    fn first_screen(self) -> Screen {
        match self {
            Self::Reception => Screen::Home { error: None },
            Self::Rating => Screen::Rate(RateScreen::Faces { receipt: None }),
        }
    }
}

impl Screen {
    /// Where the language can be chosen: before anything has been said in one.
    pub fn offers_languages(&self) -> bool {
        matches!(self, Self::Home { .. } | Self::Rate(RateScreen::Faces { receipt: None }))
    }
}

/// Chooses a tile, or lets it go.
fn toggle(chosen: &mut BTreeSet<String>, id: String) {
    if !chosen.remove(&id) {
        chosen.insert(id);
    }
}

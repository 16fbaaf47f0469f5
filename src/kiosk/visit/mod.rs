//! A visit: one person's time at the kiosk, as a pure state machine. No screen, no clock, no disk.
//!
//! The screens, the scripted visits and the tests all drive this one machine: an [`Event`] goes in, the
//! [`Screen`] changes, and [`Effect`]s come out for the kiosk to carry out. Answers live only here; leaving,
//! finishing or idling wipes them.

mod follow_up;
mod input;
mod rate;
mod register;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;

use crate::domain::answers::{AnswerError, Answers};
use crate::domain::catalogue::{Catalogue, Question, SERVICE_QUESTION};
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::rating::{Face, Rating};
use crate::domain::request::Beneficiary;
use crate::domain::scan::{Scan, ScanError};
use crate::domain::stage::RequestStatus;
use crate::domain::tracking_number::TrackingNumber;
use crate::ledger::keeper::{LedgerHealth, LookUp, Registered, Registration};
use crate::seal::envelope::KioskTime;

pub use input::{CalendarKind, DateColumn, DateInput, Input};
pub use register::DOCUMENTS;

/// What a finger, a scanner or the kiosk itself does to a visit.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    ChooseLanguage(Language),
    NewRequest,
    FollowUp,
    Rate,
    Information,
    Suggest,
    ReadMore,
    ReadLess,
    Next,
    Back,
    /// To the home screen; asks first when answers would be lost
    Home,
    Stay,
    Leave,
    /// Nobody touched the screen for too long
    Idle,
    Finish,

    /// A character of an on-screen keyboard; [`DELETE`] and [`CLEAR`] are two of them
    Key(String),
    /// A whole answer at once, in the form that [`Question::parse`] reads
    Enter(String),
    Choose(String),
    Count(i32),
    StepDate(DateColumn, i32),
    ChooseCalendar(CalendarKind),
    Skip,
    SetDocument(String, DocumentAnswer),
    ChangeAnswer(String),
    StrokeBegan(f32, f32),
    StrokeMoved(f32, f32),
    ClearSignature,

    Scanned(String),
    BringDocuments,
    ChooseFace(Face),
    WithoutReceipt,
    ChooseSuggestionKind(SuggestionKind),
    ShowInformation(Information),

    /// The answer to [`Effect::AskTime`]
    Time(KioskTime),
    /// The registration is durable
    Registered(Registered),
    LookedUp(LookUp),
    /// A rating, a suggestion or brought documents are durable
    Kept,
    /// The store took nothing: the kiosk is out of service
    StoreFailed,
    /// This alone can't be kept, and nothing was recorded; the store is well
    NotKept,
    /// Whether a new request can be promised anything
    Health(LedgerHealth),
    /// The printer's last word on this visit's receipt
    Printed(Printing),
}

/// Takes the last character away.
pub const DELETE: &str = "\u{8}";
/// Takes all characters away.
pub const CLEAR: &str = "\u{7f}";

/// What the kiosk has to carry out.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// What time it is, and whether it counts, before a date is promised
    AskTime,
    Register(Box<Registration>),
    /// Only after [`Event::Registered`]: no receipt without its record
    Print(Registered),
    LookUp(Scan),
    BringDocuments {
        tracking_number: TrackingNumber,
        documents: Vec<String>,
    },
    KeepRating {
        service: String,
        rating: Rating,
        receipt: Option<TrackingNumber>,
    },
    KeepSuggestion(String),
}

/// How far the paper has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Printing {
    /// This kiosk prints no receipts, or not now
    Off,
    Underway,
    /// The printer said that it is done
    Confirmed,
    /// The bytes were sent, and the printer said nothing
    Unknown,
    Failed,
}

/// What the visitor sees.
#[derive(Clone, Debug, PartialEq)]
pub enum Screen {
    Home {
        error: Option<ScanError>,
    },
    PrivacyNotice {
        expanded: bool,
    },
    Question(QuestionScreen),
    Documents,
    CheckAnswers,
    Declaration,
    /// The kiosk's time comes in a moment; without a trusted one no date is promised
    CommitteeNotice {
        busy: bool,
        time: Option<KioskTime>,
    },
    Receipt {
        registered: Registered,
        printing: Printing,
    },
    FollowUp(FollowUp),
    Rate(RateScreen),
    Information(Information),
    Suggestion(SuggestionScreen),
    /// The disk has no room for a new request, and that is said before the first question
    NoNewRequests,
    /// What was entered couldn't be kept; nothing was recorded
    NotKept,
    OutOfService,
}

#[derive(Clone, Debug, PartialEq)]
pub struct QuestionScreen {
    pub question: String,
    pub input: Input,
    pub error: Option<AnswerError>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum FollowUp {
    Ask {
        typed: String,
        error: Option<FollowUpError>,
        waiting: bool,
    },
    /// With `proved` the receipt was scanned, and the decision may be shown
    Result {
        status: RequestStatus,
        proved: bool,
    },
    Documents {
        status: RequestStatus,
        chosen: BTreeSet<String>,
        waiting: bool,
    },
    Thanks {
        status: RequestStatus,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowUpError {
    Scan(ScanError),
    Unknown,
    /// The tries of this visit are used up
    TooManyTries,
}

#[derive(Clone, Debug, PartialEq)]
pub enum RateScreen {
    Scan { error: Option<RateError>, waiting: bool },
    Faces { receipt: Option<RequestStatus> },
    Reasons { receipt: Option<RequestStatus>, face: Face, reasons: BTreeSet<String>, waiting: bool },
    Thanks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateError {
    Scan(ScanError),
    Unknown,
    /// A service is rated when it has been delivered
    NotDelivered,
    AlreadyRated,
    /// The number alone doesn't rate: the receipt is scanned
    CodeMissing,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Information {
    Services,
    Questions,
    Service(String),
    /// The place of a common question in the catalogue
    CommonQuestion(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuggestionKind {
    Suggestion,
    Complaint,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SuggestionScreen {
    pub kind: SuggestionKind,
    pub text: String,
    pub waiting: bool,
    pub sent: bool,
}

/// How often a visit may ask for an unknown number.
pub const TRIES_MAX: u32 = 5;
/// The most characters of a suggestion.
pub const SUGGESTION_CHARACTERS_MAX: usize = 500;

/// One person's time at the kiosk.
pub struct Visit {
    /// Counts the visits at this kiosk: an answer that comes late must not reach the next visitor
    number: u64,
    catalogue: Arc<Catalogue>,
    beneficiary: Beneficiary,
    language: Language,
    screen: Screen,
    leave_asked: bool,
    answers: Answers,
    /// What was typed, also where it's no answer yet, so that going back and forth loses nothing
    inputs: BTreeMap<String, Input>,
    documents: BTreeMap<String, DocumentAnswer>,
    strokes: Vec<Vec<(f32, f32)>>,
    /// The answers have been shown for checking; a change returns there
    checked: bool,
    wrong_tries: u32,
    health: LedgerHealth,
}

impl Visit {
    pub fn new(catalogue: Arc<Catalogue>, beneficiary: Beneficiary) -> Self {
        Self {
            number: 0,
            catalogue,
            beneficiary,
            language: Language::Arabic,
            screen: Screen::Home { error: None },
            leave_asked: false,
            answers: Answers::default(),
            inputs: BTreeMap::new(),
            documents: BTreeMap::new(),
            strokes: Vec::new(),
            checked: false,
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

    pub fn language(&self) -> Language {
        self.language
    }

    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// The visitor is asked whether to leave and lose the answers.
    pub fn leave_asked(&self) -> bool {
        self.leave_asked
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
        matches!(self.screen, Screen::Home { error: None } | Screen::OutOfService)
            && self.answers.is_empty()
            && self.inputs.is_empty()
    }

    /// Takes an event on a day in Riyadh. Events that make no sense on the screen are passed over.
    pub fn handle(&mut self, event: Event, today: NaiveDate) -> Vec<Effect> {
        if self.screen == Screen::OutOfService {
            return Vec::new();
        }
        if let Event::Health(health) = event {
            self.health = health;
            return Vec::new();
        }
        if self.leave_asked {
            match event {
                Event::Stay => self.leave_asked = false,
                Event::Leave | Event::Idle => self.wipe(),
                _ => {}
            }
            return Vec::new();
        }
        match event {
            Event::StoreFailed => {
                self.wipe();
                self.screen = Screen::OutOfService;
            }
            Event::NotKept => {
                self.wipe();
                self.screen = Screen::NotKept;
            }
            Event::Home if self.would_lose_answers() => self.leave_asked = true,
            Event::Home | Event::Leave | Event::Idle | Event::Finish if !self.is_committing() => self.wipe(),
            Event::ChooseLanguage(language) if matches!(self.screen, Screen::Home { .. }) => self.language = language,
            event => return self.on_screen(event, today),
        }
        Vec::new()
    }

    fn on_screen(&mut self, event: Event, today: NaiveDate) -> Vec<Effect> {
        match &self.screen {
            Screen::Home { .. } => self.on_home(event),
            Screen::PrivacyNotice { .. }
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
            Screen::NoNewRequests | Screen::NotKept | Screen::OutOfService => Vec::new(),
        }
    }

    fn on_home(&mut self, event: Event) -> Vec<Effect> {
        self.screen = match event {
            Event::NewRequest => self.first_page(),
            Event::FollowUp => Screen::FollowUp(FollowUp::ask()),
            Event::Rate => Screen::Rate(RateScreen::Scan { error: None, waiting: false }),
            Event::Information => Screen::Information(Information::Services),
            Event::Suggest => Screen::Suggestion(SuggestionScreen::empty()),
            Event::Scanned(text) => match Scan::parse(&text) {
                Ok(scan) => {
                    self.screen = Screen::FollowUp(FollowUp::Ask { typed: String::new(), error: None, waiting: true });
                    return vec![Effect::LookUp(scan)];
                }
                Err(error) => Screen::Home { error: Some(error) },
            },
            _ => return Vec::new(),
        };
        Vec::new()
    }

    /// Where a registration begins, or why it can't.
    fn first_page(&self) -> Screen {
        match self.health {
            LedgerHealth::Well => Screen::PrivacyNotice { expanded: false },
            LedgerHealth::NoRoom | LedgerHealth::Failed => Screen::NoNewRequests,
        }
    }

    fn on_information(&mut self, event: Event) -> Vec<Effect> {
        let Screen::Information(information) = &mut self.screen else { return Vec::new() };
        match (event, &information) {
            (Event::ShowInformation(shown), _) => *information = shown,
            (Event::Back, Information::Service(_)) => *information = Information::Services,
            (Event::Back, Information::CommonQuestion(_)) => *information = Information::Questions,
            (Event::Back, _) => self.wipe(),
            (Event::Next, Information::Service(id)) => {
                // The service that was just read about stands chosen when its question comes.
                self.inputs.insert(SERVICE_QUESTION.to_owned(), Input::Choice([id.clone()].into()));
                self.screen = self.first_page();
            }
            _ => {}
        }
        Vec::new()
    }

    fn on_suggestion(&mut self, event: Event) -> Vec<Effect> {
        let Screen::Suggestion(screen) = &mut self.screen else { return Vec::new() };
        match event {
            Event::Key(key) if !screen.waiting && !screen.sent => {
                input::type_key(&mut screen.text, &key, SUGGESTION_CHARACTERS_MAX, |_| true);
            }
            Event::Enter(text) if !screen.waiting => {
                screen.text = text.chars().take(SUGGESTION_CHARACTERS_MAX).collect();
            }
            Event::ChooseSuggestionKind(kind) => screen.kind = kind,
            Event::Next if !screen.waiting && !screen.text.trim().is_empty() => {
                screen.waiting = true;
                let mark = match screen.kind {
                    SuggestionKind::Suggestion => "suggestion",
                    SuggestionKind::Complaint => "complaint",
                };
                return vec![Effect::KeepSuggestion(format!("{mark}: {}", screen.text.trim()))];
            }
            Event::Kept => {
                screen.text.clear();
                (screen.sent, screen.waiting) = (true, false);
            }
            Event::Back if !screen.waiting => self.wipe(),
            _ => {}
        }
        Vec::new()
    }

    /// Between "register" and the store's answer nothing may take the visit away: its receipt would be lost.
    fn is_committing(&self) -> bool {
        matches!(self.screen, Screen::CommitteeNotice { busy: true, .. })
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
        let writing = matches!(&self.screen, Screen::Suggestion(screen) if !screen.text.is_empty());
        writing || registering && !(self.answers.is_empty() && self.inputs.is_empty())
    }

    /// Forgets everything about this person; the next one begins at home, in Arabic.
    fn wipe(&mut self) {
        for input in self.inputs.values_mut() {
            input.wipe();
        }
        if let Screen::Question(screen) = &mut self.screen {
            screen.input.wipe();
        }
        let number = self.number + 1;
        let health = self.health;
        *self = Self { number, health, ..Self::new(self.catalogue.clone(), self.beneficiary) };
    }
}

/// Chooses a tile, or lets it go.
fn toggle(chosen: &mut BTreeSet<String>, id: String) {
    if !chosen.remove(&id) {
        chosen.insert(id);
    }
}

impl SuggestionScreen {
    fn empty() -> Self {
        Self { kind: SuggestionKind::Suggestion, text: String::new(), waiting: false, sent: false }
    }
}

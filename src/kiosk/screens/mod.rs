//! The screens: a visit shown in Slint, and the touches brought to it. One adapter a screen, of the same name on both
//! sides; no rule lives here.

mod check_answers;
mod committee_notice;
mod declaration;
mod documents;
mod follow_up;
mod home;
pub(crate) mod maintenance;
pub(crate) mod out_of_service;
mod privacy_notice;
mod question;
mod rate;
mod receipt;
mod services_and_questions;
pub(crate) mod starting;
mod suggestion;
mod texts;

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use istiqbal_ui::{App, Navigation, Screen as ScreenName, Theme, Words as WordsGlobal, shown};
use slint::{ComponentHandle, SharedString};

use super::attendant::{Answer, Attendant};
use super::idle::{IdleClock, Idleness};
use super::scanner::ScannerKeys;
use super::visit::{Event, Printing, RateScreen, Screen, Visit};
use crate::domain::calendar::riyadh_day;
use crate::domain::clock::SharedClock;
use crate::domain::language::Language;
use crate::language::Words;
use crate::ledger::OpeningReport;
use crate::ledger::keeper::LedgerHealth;
use crate::receipt::printer::PrinterState;
use crate::replication::kiosk::Progress;
use maintenance::{LedgerState, Maintenance, Surroundings};

/// Brings an event from a screen to the visit.
pub(crate) type Touch = Rc<dyn Fn(Event)>;

/// What the other threads tell the screens.
#[derive(Clone, Debug)]
pub enum News {
    Visit(Answer),
    Printer(PrinterState),
    Office(Progress),
    Ledger(LedgerHealth),
    LedgerState(LedgerState),
}

/// How long a finished page stays before it makes room for the next visitor.
const FINISHED_STAYS: Duration = Duration::from_secs(20);
/// A second strike of the same tile or button within this time isn't meant.
const SAME_STRIKE: Duration = Duration::from_millis(500);
/// After so long without a visitor the ledger may use the quiet, and so often at most.
const QUIET_AFTER: Duration = Duration::from_secs(600);
/// So many failures in a row, and visitors are told that news may be old.
const FAILURES_BEFORE_NOTICE: u32 = 3;

/// What the screens need from their surroundings.
pub struct Settings {
    pub clock: SharedClock,
    /// The monotonic clock; tests let it run faster
    pub now: fn() -> Instant,
    pub px_per_mm: f32,
    pub idle: Duration,
    pub idle_warning: Duration,
    /// Where the staff's PIN is
    pub data: PathBuf,
    /// What was done when the store was opened
    pub report: OpeningReport,
}

/// The lobby's one window, with the visit it shows.
pub struct Lobby {
    app: App,
    settings: Settings,
    attendant: Attendant,
    news: mpsc::Receiver<News>,
    state: RefCell<State>,
}

struct State {
    visit: Visit,
    idle: IdleClock,
    scanner: ScannerKeys,
    printer: PrinterState,
    office: Progress,
    shown_language: Option<Language>,
    last_strike: Option<(Event, Instant)>,
    /// Since when a page has been shown that nobody needs any longer
    finished_at: Option<Instant>,
    maintenance: Maintenance,
    tidied_at: Instant,
}

impl Lobby {
    /// Connects a window, a visit and the attendant; `news` receives what other threads post.
    pub fn new(
        app: App,
        visit: Visit,
        attendant: Attendant,
        news: mpsc::Receiver<News>,
        settings: Settings,
    ) -> Rc<Self> {
        let now = (settings.now)();
        let idle = IdleClock::new(settings.idle, settings.idle_warning, now);
        let state = State {
            visit,
            idle,
            scanner: ScannerKeys::default(),
            printer: PrinterState::Unknown,
            office: Progress::default(),
            shown_language: None,
            last_strike: None,
            finished_at: None,
            maintenance: Maintenance::default(),
            tidied_at: now,
        };
        app.global::<Theme>().set_px_per_mm(settings.px_per_mm);
        app.global::<Navigation>().set_help_visible(true);
        let lobby = Rc::new(Self { app, settings, attendant, news, state: RefCell::new(state) });
        lobby.connect();
        lobby.show();
        lobby
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    /// What the visit shows now, for the demo and the tests.
    pub fn screen(&self) -> Screen {
        self.state.borrow().visit.screen().clone()
    }

    fn connect(self: &Rc<Self>) {
        let touch: Touch = {
            let lobby = Rc::downgrade(self);
            Rc::new(move |event| {
                if let Some(lobby) = lobby.upgrade() {
                    lobby.touch(event);
                }
            })
        };
        let navigation = self.app.global::<Navigation>();
        navigation.on_next(sends(&touch, Event::Next));
        navigation.on_back(sends(&touch, Event::Back));
        navigation.on_home(sends(&touch, Event::Home));
        navigation.on_stay(sends(&touch, Event::Stay));
        navigation.on_leave(sends(&touch, Event::Leave));
        self.connect_navigation();
        home::connect(&self.app, &touch);
        privacy_notice::connect(&self.app, &touch);
        question::connect(&self.app, &touch);
        documents::connect(&self.app, &touch);
        check_answers::connect(&self.app, &touch);
        declaration::connect(&self.app, &touch);
        receipt::connect(&self.app, &touch);
        follow_up::connect(&self.app, &touch);
        rate::connect(&self.app, &touch);
        services_and_questions::connect(&self.app, &touch);
        suggestion::connect(&self.app, &touch);
        self.connect_maintenance();
    }

    /// Makes callbacks of work on this lobby.
    fn with(self: &Rc<Self>) -> impl Fn(fn(&Self)) -> Box<dyn Fn()> {
        let lobby = Rc::downgrade(self);
        move |work| {
            let lobby = lobby.clone();
            Box::new(move || {
                if let Some(lobby) = lobby.upgrade() {
                    work(&lobby);
                }
            })
        }
    }

    fn connect_navigation(self: &Rc<Self>) {
        let navigation = self.app.global::<Navigation>();
        let with = self.with();
        navigation.on_touched(with(Self::note_touch));
        navigation.on_more_time(with(Self::note_touch));
        navigation.on_call_staff(with(|lobby| {
            lobby.note_touch();
            lobby.app.global::<Navigation>().set_staff_called(true);
        }));
        navigation.on_staff_called_closed(with(|lobby| lobby.app.global::<Navigation>().set_staff_called(false)));
        let lobby = Rc::downgrade(self);
        navigation.on_key_typed(move |key| {
            if let Some(lobby) = lobby.upgrade() {
                lobby.scanner_key(&key);
            }
        });
    }

    fn note_touch(&self) {
        self.state.borrow_mut().idle.touch((self.settings.now)());
        self.app.global::<Navigation>().set_idle_warning(false);
    }

    fn scanner_key(&self, key: &SharedString) {
        let scanned = self.state.borrow_mut().scanner.key(key, (self.settings.now)());
        let staff_are_here = self.state.borrow().maintenance.is_open();
        if let Some(text) = scanned.filter(|_| !staff_are_here) {
            self.note_touch();
            self.handle(Event::Scanned(text));
        }
    }

    /// A finger did something on a screen.
    fn touch(&self, event: Event) {
        self.note_touch();
        if self.state.borrow().maintenance.is_open() {
            return match event {
                Event::Next => self.unlock(),
                Event::Home | Event::Back => self.maintain(Maintenance::close),
                _ => {}
            };
        }
        let now = (self.settings.now)();
        let typing = matches!(
            event,
            Event::Key(_) | Event::Count(_) | Event::StepDate(..) | Event::StrokeBegan(..) | Event::StrokeMoved(..)
        );
        if !typing {
            let mut state = self.state.borrow_mut();
            let again = matches!(&state.last_strike, Some((last, at)) if *last == event && now.duration_since(*at) < SAME_STRIKE);
            state.last_strike = Some((event.clone(), now));
            if again {
                return;
            }
        }
        self.handle(event);
    }

    /// Gives an event to the visit, carries out what it asks for, and shows it.
    pub fn handle(&self, event: Event) {
        let today = riyadh_day(self.settings.clock.now());
        let (effects, number, language) = {
            let mut state = self.state.borrow_mut();
            let effects = state.visit.handle(event, today);
            (effects, state.visit.number(), state.visit.language())
        };
        for effect in effects {
            self.attendant.carry_out(effect, number, language);
        }
        self.show();
    }

    /// Takes up what other threads have posted.
    pub fn take_news(&self) {
        while let Ok(news) = self.news.try_recv() {
            self.take(news);
        }
    }

    /// Waits for the next news, for windows without an event loop; false when none came in time.
    pub fn wait_for_news(&self, limit: Duration) -> bool {
        match self.news.recv_timeout(limit) {
            Ok(news) => {
                self.take(news);
                true
            }
            Err(_) => false,
        }
    }

    fn take(&self, news: News) {
        match news {
            News::Visit(Answer { visit, event }) => {
                // A failed store concerns whoever stands here now, too.
                if visit == self.state.borrow().visit.number() || event == Event::StoreFailed {
                    self.handle(event);
                }
            }
            News::Printer(printer) => {
                self.state.borrow_mut().printer = printer;
                self.show();
            }
            News::Office(office) => {
                self.state.borrow_mut().office = office;
                self.show();
            }
            News::Ledger(health) => self.handle(Event::Health(health)),
            News::LedgerState(ledger) => {
                self.state.borrow_mut().maintenance.take(ledger);
                self.show();
            }
        }
    }

    /// Once in a while: the idle clock, and pages that have served their time.
    pub fn tick(&self) {
        let now = (self.settings.now)();
        self.use_the_quiet(now);
        let (idleness, finished, resting, busy) = {
            let state = self.state.borrow();
            let finished = state.finished_at.map(|at| now.saturating_duration_since(at));
            let busy = matches!(
                state.visit.screen(),
                Screen::CommitteeNotice { busy: true, .. } | Screen::Receipt { printing: Printing::Underway, .. }
            );
            (
                state.idle.idleness(now),
                finished,
                state.visit.is_resting() && state.visit.language() == Language::Arabic,
                busy,
            )
        };
        if let Some(passed) = finished {
            match FINISHED_STAYS.checked_sub(passed) {
                Some(left) if !left.is_zero() => {
                    receipt::show_seconds_left(&self.app, self.words(), Some(left.as_secs().max(1)))
                }
                _ => self.handle(Event::Finish),
            }
            return;
        }
        let navigation = self.app.global::<Navigation>();
        match idleness {
            Idleness::Warning { seconds_left } if !resting && !busy => {
                let text = self.words().format("idle-text", &[("seconds", seconds_left.into())]);
                navigation.set_idle_text(shown(text));
                navigation.set_idle_warning(true);
            }
            Idleness::Over if self.state.borrow().maintenance.is_open() => self.maintain(Maintenance::close),
            Idleness::Over if !resting && !busy => {
                navigation.set_idle_warning(false);
                navigation.set_staff_called(false);
                self.handle(Event::Idle);
            }
            _ => {}
        }
    }

    /// While nobody is here: a ledger that has failed ends the service, and one that is well is tidied.
    fn use_the_quiet(&self, now: Instant) {
        let (health, is_resting, is_quiet) = {
            let state = self.state.borrow();
            let is_quiet = state.idle.since_touch(now) >= QUIET_AFTER
                && now.saturating_duration_since(state.tidied_at) >= QUIET_AFTER;
            (state.visit.health(), state.visit.is_resting(), is_quiet)
        };
        if is_resting && health == LedgerHealth::Failed {
            self.handle(Event::StoreFailed);
        } else if is_resting && is_quiet {
            self.state.borrow_mut().tidied_at = now;
            self.attendant.tidy();
        }
    }

    fn words(&self) -> &'static Words {
        Words::of(self.state.borrow().visit.language())
    }

    fn show(&self) {
        self.show_language();
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let visit = &state.visit;
        let words = Words::of(visit.language());
        let app = &self.app;
        if state.maintenance.is_open() {
            state.finished_at = None;
            let Settings { report, .. } = &self.settings;
            let around = Surroundings { printer: state.printer, office: state.office, report };
            return state.maintenance.show(app, words, &around);
        }
        let catalogue = visit.catalogue();
        let name = match visit.screen() {
            Screen::Home { error } => {
                forget(app);
                let reachable = state.office.failures < FAILURES_BEFORE_NOTICE;
                let known = home::Known {
                    printer: state.printer,
                    takes_requests: visit.health() == LedgerHealth::Well,
                    reachable,
                };
                home::show(app, words, *error, known);
                ScreenName::Home
            }
            Screen::PrivacyNotice { expanded } => {
                privacy_notice::show(app, words, catalogue, *expanded);
                ScreenName::PrivacyNotice
            }
            Screen::Question(screen) => question::show(app, words, visit, screen).unwrap_or(ScreenName::OutOfService),
            Screen::Documents => {
                documents::show(app, words, visit);
                ScreenName::Documents
            }
            Screen::CheckAnswers => {
                check_answers::show(app, words, visit);
                ScreenName::CheckAnswers
            }
            Screen::Declaration => {
                declaration::show(app, words, visit);
                ScreenName::Declaration
            }
            Screen::CommitteeNotice { busy, time } => {
                committee_notice::show(app, words, *busy, *time);
                ScreenName::CommitteeNotice
            }
            Screen::Receipt { registered, printing } => {
                receipt::show(app, words, visit, registered, *printing);
                ScreenName::Receipt
            }
            Screen::FollowUp(screen) => {
                follow_up::show(app, words, catalogue, screen);
                ScreenName::FollowUp
            }
            Screen::Rate(screen) => {
                rate::show(app, words, catalogue, screen);
                ScreenName::Rate
            }
            Screen::Information(information) => {
                services_and_questions::show(app, words, catalogue, information);
                ScreenName::ServicesAndQuestions
            }
            Screen::Suggestion(screen) => {
                suggestion::show(app, words, screen);
                ScreenName::Suggestion
            }
            Screen::NoNewRequests => {
                out_of_service::show(app, words, catalogue, "no-new-requests-what");
                ScreenName::OutOfService
            }
            Screen::NotKept => {
                out_of_service::show(app, words, catalogue, "not-kept-what");
                ScreenName::OutOfService
            }
            Screen::OutOfService => {
                out_of_service::show(app, words, catalogue, "out-of-service-what");
                ScreenName::OutOfService
            }
        };
        let navigation = app.global::<Navigation>();
        navigation.set_association(shown(catalogue.association.name.in_language(words.language())));
        navigation.set_leave_asked(visit.leave_asked());
        navigation.set_home_visible(*visit.screen() != Screen::OutOfService);
        navigation.set_screen(name);
        if is_finished(visit.screen()) {
            state.finished_at.get_or_insert_with(self.settings.now);
        } else {
            state.finished_at = None;
            receipt::show_seconds_left(app, words, None);
        }
    }

    /// Switches every text on the screen: setting the handler again lets Slint ask for all of them anew.
    fn show_language(&self) {
        let language = self.state.borrow().visit.language();
        if self.state.borrow_mut().shown_language.replace(language) == Some(language) {
            return;
        }
        show_words(&self.app, language);
    }
}

/// Switches every text on a window.
pub(crate) fn show_words(app: &App, language: Language) {
    let global = app.global::<WordsGlobal>();
    let words = Words::of(language);
    global.set_language(language.code().into());
    global.set_rtl(language.is_right_to_left());
    global.set_eastern_digits(language == Language::Arabic);
    global.on_t(move |key| shown(words.get(&key)));
}

/// Wipes what the screens' properties still hold of the visitor before.
fn forget(app: &App) {
    question::forget(app);
    check_answers::forget(app);
    declaration::forget(app);
    receipt::forget(app);
    follow_up::forget(app);
    suggestion::forget(app);
}

/// Pages that stay for a while and then make room: the receipt after printing, and thanks.
fn is_finished(screen: &Screen) -> bool {
    match screen {
        Screen::Receipt { printing, .. } => *printing != Printing::Underway,
        Screen::FollowUp(follow_up) => matches!(follow_up, super::visit::FollowUp::Thanks { .. }),
        Screen::Rate(rate) => *rate == RateScreen::Thanks,
        Screen::Suggestion(suggestion) => suggestion.sent,
        Screen::NoNewRequests | Screen::NotKept => true,
        _ => false,
    }
}

fn sends(touch: &Touch, event: Event) -> impl FnMut() + 'static {
    let touch = touch.clone();
    move || touch(event.clone())
}

fn sends_key(touch: &Touch) -> impl FnMut(SharedString) + 'static {
    let touch = touch.clone();
    move |key| touch(Event::Key(key.into()))
}

fn sends_choice(touch: &Touch) -> impl FnMut(SharedString) + 'static {
    let touch = touch.clone();
    move |id| touch(Event::Choose(id.into()))
}

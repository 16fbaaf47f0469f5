//! The lobby's one window: it brings touches, keys, scans and the other threads' news to the visit, and shows what the
//! visit has become.

mod call;
mod settings;
mod staff;
mod time;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use istiqbal_ui::{App, Navigation};
use slint::{ComponentHandle, SharedString};

use self::call::CallOfVisit;
use super::attendant::{Answer, Attendant};
use super::idle::IdleClock;
use super::scanner::ScannerKeys;
use super::screens::maintenance::{Maintenance, StaffNews, Surroundings};
use super::screens::{self, Around, Touch, receipt, sends};
use super::visit::{Event, Screen, Visit};
use crate::domain::calendar::riyadh_day;
use crate::domain::catalogue::Catalogue;
use crate::domain::language::Language;
use crate::domain::printer::PrinterState;
use crate::language::Words;
use crate::ledger::keeper::LedgerHealth;
use crate::replication::kiosk::Progress;

pub use settings::{Settings, fit};

/// What the other threads tell the screens.
#[derive(Clone, Debug)]
pub enum News {
    Visit(Answer),
    Printer(PrinterState),
    Office(Progress),
    Ledger(LedgerHealth),
    Staff(StaffNews),
    /// The office has sent a catalogue
    Catalogue(Arc<Catalogue>),
}

/// A second strike of the same tile or button within this time isn't meant.
const SAME_STRIKE: Duration = Duration::from_millis(500);
/// So many failures in a row, and visitors are told that news may be old.
const FAILURES_BEFORE_NOTICE: u32 = 3;

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
    call: CallOfVisit,
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
        let state = State {
            visit,
            idle: IdleClock::new(settings.idle, settings.idle_warning, now),
            scanner: ScannerKeys::default(),
            printer: if attendant.printing.press.is_some() { PrinterState::Unknown } else { PrinterState::Off },
            office: Progress::default(),
            call: CallOfVisit::new(&attendant.caller),
            shown_language: None,
            last_strike: None,
            finished_at: None,
            maintenance: Maintenance::default(),
            tidied_at: now,
        };
        settings.fit(&app);
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

    /// Changes with every visitor.
    pub fn visit_number(&self) -> u64 {
        self.state.borrow().visit.number()
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
        screens::connect(&self.app, &touch);
        self.connect_navigation(&touch);
        self.connect_maintenance();
    }

    /// Makes callbacks of work on this lobby.
    pub(super) fn with(self: &Rc<Self>) -> impl Fn(fn(&Self)) -> Box<dyn Fn()> {
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

    fn connect_navigation(self: &Rc<Self>, touch: &Touch) {
        let navigation = self.app.global::<Navigation>();
        navigation.on_next(sends(touch, Event::Next));
        navigation.on_back(sends(touch, Event::Back));
        navigation.on_home(sends(touch, Event::Home));
        navigation.on_stay(sends(touch, Event::Stay));
        navigation.on_leave(sends(touch, Event::Leave));
        navigation.on_scan_refusal_seen(sends(touch, Event::ScanRefusalSeen));
        navigation.on_change_text_size(sends(touch, Event::ChangeTextSize));
        navigation.on_toggle_contrast(sends(touch, Event::ToggleContrast));
        let with = self.with();
        navigation.on_touched(with(Self::note_touch));
        navigation.on_more_time(with(Self::note_touch));
        navigation.on_finish_now(sends(touch, Event::Idle));
        navigation.on_call_staff(with(Self::call_staff));
        navigation.on_call_closed(with(Self::close_call));
        let lobby = Rc::downgrade(self);
        navigation.on_key_typed(move |key| {
            if let Some(lobby) = lobby.upgrade() {
                lobby.scanner_key(&key);
            }
        });
    }

    pub(super) fn note_touch(&self) {
        {
            let mut state = self.state.borrow_mut();
            let now = (self.settings.now)();
            state.idle.touch(now);
            // Whoever still looks at a finished page gets its whole time again.
            state.finished_at = state.finished_at.map(|_| now);
        }
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
                Event::Next if !self.is_struck_twice(&Event::Next) => self.go_on_maintaining(),
                Event::Home => self.maintain(Maintenance::close),
                Event::Back => self.maintain(Maintenance::back),
                Event::ChangeTextSize | Event::ToggleContrast => self.handle(event),
                _ => {}
            };
        }
        if is_typing(&event) || !self.is_struck_twice(&event) {
            self.handle(event);
        }
    }

    fn is_struck_twice(&self, event: &Event) -> bool {
        let now = (self.settings.now)();
        let last = self.state.borrow_mut().last_strike.replace((event.clone(), now));
        last.is_some_and(|(last, at)| last == *event && now.saturating_duration_since(at) < SAME_STRIKE)
    }

    /// Gives an event to the visit, carries out what it asks for, and shows it.
    pub fn handle(&self, event: Event) {
        let today = self.attendant.ledger.today(riyadh_day(self.settings.clock.now()));
        let is_gone = matches!(event, Event::Idle | Event::Finish | Event::Leave);
        let (effects, before, number, language) = {
            let mut state = self.state.borrow_mut();
            let before = state.visit.number();
            let effects = state.visit.handle(event, today);
            (effects, before, state.visit.number(), state.visit.language())
        };
        if number != before {
            self.begin_anew(is_gone);
        }
        self.attendant.printing.catalogue.set(self.state.borrow().visit.catalogue());
        for effect in effects {
            self.attendant.carry_out(effect, number, language);
        }
        self.show();
    }

    /// Nothing of the visit before stays. Only when the visitor has gone is a call for staff taken back: whoever goes home,
    /// or scans a receipt, still waits for a colleague.
    fn begin_anew(&self, is_gone: bool) {
        screens::forget(&self.app);
        self.app.global::<Navigation>().set_idle_warning(false);
        {
            let mut state = self.state.borrow_mut();
            state.scanner = ScannerKeys::default();
            // The last strike may be a choice of that visit.
            state.last_strike = None;
        }
        if is_gone {
            self.end_call();
        }
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
                if visit == self.visit_number() || event == Event::StoreFailed {
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
            News::Catalogue(catalogue) => {
                self.state.borrow_mut().visit.take_catalogue(catalogue);
                self.show();
            }
            News::Staff(news) => {
                self.state.borrow_mut().maintenance.take(news);
                self.show();
            }
        }
    }

    fn words(&self) -> &'static Words {
        Words::of(self.state.borrow().visit.language())
    }

    fn show(&self) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let (app, visit) = (&self.app, &state.visit);
        if state.shown_language.replace(visit.language()) != Some(visit.language()) {
            screens::show_words(app, visit.language());
        }
        screens::show_appearance(app, visit.appearance());
        if state.maintenance.is_open() {
            state.finished_at = None;
            let around = Surroundings { printer: state.printer, office: state.office, report: &self.settings.report };
            return state.maintenance.show(app, Words::of(visit.language()), &around);
        }
        let office_is_reachable = state.office.failures < FAILURES_BEFORE_NOTICE;
        let today = self.attendant.ledger.today(riyadh_day(self.settings.clock.now())).day;
        let public_address = self.settings.public_address.clone();
        screens::show(app, visit, &Around { printer: state.printer, office_is_reachable, public_address, today });
        if time::is_finished(visit.screen()) {
            state.finished_at.get_or_insert_with(self.settings.now);
        } else {
            state.finished_at = None;
            receipt::show_seconds_left(app, Words::of(visit.language()), None);
        }
    }
}

/// Strikes that may follow each other as fast as fingers can.
fn is_typing(event: &Event) -> bool {
    matches!(
        event,
        Event::Key(_) | Event::Count(_) | Event::StepDate(..) | Event::StrokeBegan(..) | Event::StrokeMoved(..)
    )
}

//! The real screens without a display: found by their accessible ids, touched as fingers do, in both directions.

mod boxes;
mod easel;
mod gallery;
mod geometry;
mod pictures;

use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use i_slint_backend_testing::{ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions};
use istiqbal::domain::catalogue::Catalogue;
use istiqbal::domain::clock::SystemClock;
use istiqbal::kiosk::config::KioskConfig;
use istiqbal::kiosk::pin::Pin;
use istiqbal::kiosk::running::{Parts, Running};
use istiqbal::kiosk::lobby::{Lobby, Settings};
use istiqbal::kiosk::visit::{Event, FollowUp, Printing, Screen, Visit};
use istiqbal::ledger::keeper::LedgerHealth;
use istiqbal::receipt::qr::receipt_digits;
use istiqbal_ui::{App, HomeAdapter, MaintenanceAdapter, Navigation, Question};
use slint::platform::{PointerEventButton, WindowEvent};
use slint::{ComponentHandle, LogicalPosition, Model, PhysicalSize, Rgba8Pixel, SharedPixelBuffer};

use crate::support::{OfficeProcess, Workplace, registration, zbar};

const WAIT: Duration = Duration::from_secs(30);

thread_local! {
    /// How far this test's visitor is ahead of the real clock.
    static AHEAD_MS: AtomicU64 = const { AtomicU64::new(0) };
}

fn now() -> Instant {
    Instant::now() + Duration::from_millis(AHEAD_MS.with(|ahead| ahead.load(Ordering::Relaxed)))
}

fn pass(time: Duration) {
    AHEAD_MS.with(|ahead| ahead.fetch_add(time.as_millis() as u64, Ordering::Relaxed));
}

/// A visitor before a kiosk with a real store, a real office and a drawn printer.
struct Visitor {
    lobby: Rc<Lobby>,
    touches: usize,
    running: Running,
    workplace: Workplace,
    _office: OfficeProcess,
}

impl Visitor {
    fn new() -> Self {
        Self::after(|_| {})
    }

    /// At a kiosk whose store something has happened to.
    fn after(happened: impl FnOnce(&Workplace)) -> Self {
        let backend = TestingBackend::new(TestingBackendOptions {
            mock_time: true,
            renderer_name: Some("software".into()),
            ..Default::default()
        });
        slint::platform::set_platform(Box::new(backend)).unwrap();
        let (workplace, office) = Workplace::open();
        happened(&workplace);
        let config = KioskConfig::read(&workplace.path("kiosk.toml")).unwrap();
        let catalogue = Arc::new(Catalogue::read(&config.catalogue).unwrap());
        let (news, received) = mpsc::channel();
        let clock = SystemClock::shared();
        let parts = Parts { printer: true, replication: true };
        let running = Running::start(&config, catalogue.clone(), clock.clone(), parts, news, || {}, &|_| {}).unwrap();
        let until = Instant::now() + WAIT;
        while running.progress.borrow().last_acknowledged_at.is_none() {
            assert!(Instant::now() < until, "the office doesn't answer");
            std::thread::yield_now();
        }
        let app = App::new().unwrap();
        app.window().set_size(PhysicalSize::new(1080, 1920));
        app.show().unwrap();
        let settings = Settings { now, ..Settings::of(&config, clock, 4.03, running.report.clone()) };
        let visit = Visit::new(config.station, catalogue, config.beneficiaries);
        let lobby = Lobby::new(app, visit, running.attendant.clone(), received, settings);
        Self { lobby, touches: 0, running, workplace, _office: office }
    }

    fn find(&self, id: &str) -> Option<ElementHandle> {
        let id = id.to_owned();
        let matches = move |element: &ElementHandle| element.accessible_id().is_some_and(|found| found == id.as_str());
        ElementQuery::from_root(self.lobby.app()).match_descendants().match_predicate(matches).find_first()
    }

    fn element(&self, id: &str) -> ElementHandle {
        self.find(id).unwrap_or_else(|| panic!("no `{id}` on {:?}", self.lobby.screen()))
    }

    /// Touches an element; where a list has pages, turns to the one that shows it.
    fn touch(&mut self, id: &str) {
        while self.find(id).is_none() && self.find("page-next").is_some() {
            self.touches += 1;
            self.element("page-next").mock_single_click(PointerEventButton::Left);
        }
        pass(Duration::from_secs(1));
        self.touches += 1;
        self.element(id).mock_single_click(PointerEventButton::Left);
        self.lobby.take_news();
    }

    /// Strikes keys; these are typing, not touches.
    fn type_keys(&mut self, text: &str) {
        for key in text.chars() {
            let id = if key == ' ' { "key-space".to_owned() } else { format!("key-{key}") };
            self.element(&id).mock_single_click(PointerEventButton::Left);
        }
    }

    /// Forward, page by page.
    fn forward(&mut self) {
        while self.find("next").is_none() {
            self.touch("page-next");
        }
        self.touch("next");
    }

    fn at(&self, question: &str) {
        match self.lobby.screen() {
            Screen::Question(screen) => assert_eq!(screen.question, question),
            other => panic!("not at `{question}`: {other:?}"),
        }
    }

    fn wait(&self, what: &str, is_there: impl Fn(&Screen) -> bool) {
        let until = Instant::now() + WAIT;
        while !is_there(&self.lobby.screen()) {
            assert!(Instant::now() < until, "{what}: {:?}", self.lobby.screen());
            self.lobby.wait_for_news(Duration::from_millis(100));
        }
    }

    fn error(&self) -> String {
        self.lobby.app().global::<Question>().get_error().to_string()
    }

    /// A finger draws a stroke over the pad.
    fn sign(&mut self) {
        let pad = self.element("signature-pad");
        let (corner, size) = (pad.absolute_position(), pad.size());
        let at = |x: f32, y: f32| LogicalPosition::new(corner.x + x * size.width, corner.y + y * size.height);
        let window = self.lobby.app().window();
        let button = PointerEventButton::Left;
        window.dispatch_event(WindowEvent::PointerPressed { position: at(0.2, 0.6), button });
        for step in 1..20 {
            let x = 0.2 + 0.03 * step as f32;
            window.dispatch_event(WindowEvent::PointerMoved { position: at(x, if step % 2 == 0 { 0.3 } else { 0.7 }) });
        }
        window.dispatch_event(WindowEvent::PointerReleased { position: at(0.8, 0.5), button });
        self.touches += 1;
    }

    /// The scanner types into the window, whatever is on it.
    fn scan(&self, text: &str) {
        for key in text.chars().chain(['\n']) {
            let window = self.lobby.app().window();
            window.dispatch_event(WindowEvent::KeyPressed { text: key.into() });
            window.dispatch_event(WindowEvent::KeyReleased { text: key.into() });
        }
    }

    fn register(&mut self) -> String {
        self.touch("home-new-request");
        self.touch("choice-new-request");
        self.forward();
        self.at("for");
        self.touch("choice-self");
        self.forward();
        self.at("national_id");
        self.type_keys("1000000000");
        assert!(!self.error().is_empty(), "a wrong digit is caught at the last one");
        self.forward();
        self.at("national_id");
        self.element("key-delete").mock_single_click(PointerEventButton::Left);
        self.type_keys("8");
        assert_eq!(self.error(), "");
        self.forward();
        self.at("name");
        self.type_keys("نورة سعد");
        self.forward();
        self.at("birth_date");
        self.touch("calendar-gregorian");
        self.touch("year-down");
        self.touch("calendar-hijri");
        self.forward();
        self.at("mobile");
        self.type_keys("0500000000");
        self.forward();
        self.at("category");
        self.touch("choice-widow");
        self.forward();
        self.at("household");
        for _ in 0..3 {
            self.touch("count-up");
        }
        self.forward();
        self.at("service");
        self.touch("choice-food_basket");
        self.forward();
        assert_eq!(self.lobby.screen(), Screen::Documents);
        self.touch("document-id_card-with-me");
        self.touch("document-family_record-later");
        self.forward();
        assert_eq!(self.lobby.screen(), Screen::CheckAnswers);
        self.touch("change-household");
        self.touch("count-up");
        self.forward();
        assert_eq!(self.lobby.screen(), Screen::CheckAnswers);
        self.forward();
        assert_eq!(self.lobby.screen(), Screen::Declaration);
        self.sign();
        self.forward();
        self.wait("the committee's date", |screen| matches!(screen, Screen::CommitteeNotice { time: Some(_), .. }));
        self.forward();
        self.wait("the receipt", |screen| matches!(screen, Screen::Receipt { printing: Printing::Confirmed, .. }));
        let Screen::Receipt { registered, .. } = self.lobby.screen() else { unreachable!() };
        receipt_digits(registered.tracking_number, &registered.code)
    }

    fn picture(&self, name: &str) {
        save(&self.lobby.app().window().take_snapshot().unwrap(), name);
    }

    fn end(self) {
        drop(self.lobby);
        self.running.stop();
    }
}

/// Saves a screen at its own size when a person wants to look: `ISTIQBAL_PICTURES=FOLDER`.
fn save(drawn: &SharedPixelBuffer<Rgba8Pixel>, name: &str) {
    let Some(folder) = std::env::var_os("ISTIQBAL_PICTURES") else { return };
    let file = std::fs::File::create(Path::new(&folder).join(format!("{name}.png"))).unwrap();
    let mut encoder = png::Encoder::new(file, drawn.width(), drawn.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.write_header().unwrap().write_image_data(drawn.as_bytes()).unwrap();
}

#[test]
fn a_registration_by_touch_in_arabic_ends_on_paper() {
    let mut visitor = Visitor::new();
    let digits = visitor.register();
    assert!(visitor.touches <= 40, "{} touches", visitor.touches);
    let drawn = visitor.workplace.printer.drawn();
    assert_eq!(zbar(&drawn[0]), [digits.as_str()]);
    visitor.touch("finish");
    assert!(matches!(visitor.lobby.screen(), Screen::Home { .. }));

    visitor.scan(&digits);
    visitor.wait("the follow-up", |screen| matches!(screen, Screen::FollowUp(FollowUp::Result { proved: true, .. })));
    visitor.touch("bring-documents");
    visitor.touch("choice-family_record");
    visitor.forward();
    visitor.wait("thanks", |screen| matches!(screen, Screen::FollowUp(FollowUp::Thanks { .. })));
    visitor.touch("finish");
    visitor.scan("WIFI:S:guest;T:nopass;;");
    assert!(!visitor.lobby.app().global::<HomeAdapter>().get_notice().is_empty(), "a foreign scan is answered");
    visitor.end();
}

#[test]
fn english_mirrors_arabic() {
    let mut visitor = Visitor::new();
    let sides = |visitor: &Visitor| {
        let x = |id| visitor.element(id).absolute_position().x;
        (x("next"), x("back"))
    };
    visitor.touch("home-new-request");
    visitor.touch("choice-new-request");
    let (next, back) = sides(&visitor);
    assert!(next < back, "in Arabic the way on is on the left");
    let arabic = visitor.element("next").accessible_label();
    visitor.touch("back");
    visitor.touch("language-en");
    visitor.touch("home-new-request");
    visitor.touch("choice-new-request");
    let (next, back) = sides(&visitor);
    assert!(next > back, "in English it is on the right");
    assert_ne!(visitor.element("next").accessible_label(), arabic);
    assert!(!visitor.lobby.app().global::<istiqbal_ui::Words>().get_rtl());
    visitor.end();
}

#[test]
fn an_idle_visit_is_warned_of_and_then_forgotten() {
    let mut visitor = Visitor::new();
    visitor.touch("home-new-request");
    visitor.touch("choice-new-request");
    visitor.forward();
    visitor.touch("choice-self");
    visitor.forward();
    visitor.type_keys("10000");
    pass(Duration::from_secs(61));
    visitor.lobby.tick();
    let navigation = || visitor.lobby.app().global::<Navigation>();
    assert!(navigation().get_idle_warning());
    visitor.element("more-time").mock_single_click(PointerEventButton::Left);
    assert!(!navigation().get_idle_warning());
    visitor.at("national_id");
    pass(Duration::from_secs(91));
    visitor.lobby.tick();
    assert!(matches!(visitor.lobby.screen(), Screen::Home { .. }));
    visitor.touch("home-new-request");
    visitor.touch("choice-new-request");
    visitor.forward();
    visitor.touch("choice-self");
    visitor.forward();
    assert_eq!(visitor.lobby.app().global::<istiqbal_ui::NumberQuestionAdapter>().get_display(), "");
    visitor.end();
}

#[test]
fn without_room_new_requests_are_refused_before_the_first_question() {
    let mut visitor = Visitor::new();
    // What the ledger says at its start.
    visitor.lobby.take_news();
    visitor.lobby.handle(Event::Health(LedgerHealth::NoRoom));
    assert!(!visitor.lobby.app().global::<HomeAdapter>().get_notice().is_empty(), "it is said at home already");
    visitor.touch("home-new-request");
    assert_eq!(visitor.lobby.screen(), Screen::NoNewRequests);
    visitor.picture("no-new-requests");
    visitor.touch("home");
    visitor.touch("home-services");
    visitor.touch("home");
    visitor.touch("language-en");
    visitor.picture("home-no-new-requests-en");
    visitor.touch("home-new-request");
    visitor.picture("no-new-requests-en");
    visitor.touch("home");
    visitor.lobby.handle(Event::Health(LedgerHealth::Well));
    visitor.touch("home-new-request");
    visitor.touch("choice-new-request");
    assert!(matches!(visitor.lobby.screen(), Screen::PrivacyNotice { .. }));
    visitor.end();
}

/// A store that fails while nobody is here ends the service; a visitor who is here finishes first.
#[test]
fn a_failed_store_ends_the_service_when_the_visitor_has_gone() {
    let mut visitor = Visitor::new();
    visitor.touch("home-services");
    visitor.lobby.take_news();
    visitor.lobby.handle(Event::Health(LedgerHealth::Failed));
    visitor.lobby.tick();
    assert!(matches!(visitor.lobby.screen(), Screen::Information(_)));
    visitor.touch("home");
    visitor.lobby.tick();
    assert_eq!(visitor.lobby.screen(), Screen::OutOfService);
    assert!(visitor.find("home").is_none(), "there is nothing to go back to");
    visitor.picture("out-of-service");
    visitor.end();
}

#[test]
fn staff_open_the_maintenance_screen_by_their_pin() {
    let mut visitor = Visitor::after(|workplace| {
        workplace.visit(&["--no-print", "--offline"], &registration("نورة القحطاني"));
        let segment = workplace.path("kiosk/journal/00000001.segment");
        std::fs::OpenOptions::new().append(true).open(segment).unwrap().write_all(b"torn").unwrap();
        std::fs::write(workplace.path("kiosk/opening"), "").unwrap();
    });
    let adapter = |visitor: &Visitor| visitor.lobby.app().global::<MaintenanceAdapter>().get_error();
    visitor.lobby.app().global::<HomeAdapter>().invoke_staff_corner();
    visitor.type_keys("4821");
    visitor.touch("next");
    assert!(adapter(&visitor).contains("kiosk pin"), "no PIN is set: {}", adapter(&visitor));
    Pin::set(&visitor.workplace.path("kiosk"), "4821").unwrap();
    visitor.element("key-clear").mock_single_click(PointerEventButton::Left);
    visitor.type_keys("4822");
    visitor.touch("next");
    assert!(!adapter(&visitor).is_empty());
    visitor.picture("maintenance-locked");
    visitor.type_keys("4821");
    visitor.touch("next");
    let unlocked = |visitor: &Visitor| visitor.lobby.app().global::<MaintenanceAdapter>().get_unlocked();
    assert!(unlocked(&visitor));
    let until = Instant::now() + WAIT;
    while visitor.lobby.app().global::<MaintenanceAdapter>().get_rows().row_count() < 7 {
        assert!(Instant::now() < until, "the ledger says nothing");
        visitor.lobby.wait_for_news(Duration::from_millis(100));
    }
    let report = visitor.lobby.app().global::<MaintenanceAdapter>().get_report();
    assert!(report.contains("segment 1") && report.contains("made anew from the journal"), "{report}");
    visitor.picture("maintenance");
    // A scan on this screen is no visitor's.
    visitor.scan("00010000000000000000000000000000");
    assert!(unlocked(&visitor));
    visitor.touch("close");
    visitor.touch("language-en");
    visitor.lobby.app().global::<HomeAdapter>().invoke_staff_corner();
    visitor.type_keys("4821");
    visitor.touch("next");
    assert!(unlocked(&visitor));
    visitor.picture("maintenance-en");
    // Nobody touches it any more: it closes by itself.
    pass(Duration::from_secs(91));
    visitor.lobby.tick();
    assert!(visitor.find("home-new-request").is_some());
    visitor.end();
}

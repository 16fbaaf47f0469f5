//! A visitor before a kiosk with a real store, a real office and a drawn printer: the screens are touched as fingers do.

use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use i_slint_backend_testing::{ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions};
use istiqbal::domain::catalogue::Catalogue;
use istiqbal::domain::clock::SystemClock;
use istiqbal::domain::public_address::receipt_text;
use istiqbal::kiosk::config::KioskConfig;
use istiqbal::kiosk::lobby::{Lobby, Settings};
use istiqbal::kiosk::running::{Parts, Running};
use istiqbal::kiosk::visit::{Printing, Screen, Visit};
use istiqbal_ui::{App, Question};
use slint::platform::{PointerEventButton, WindowEvent};
use slint::{ComponentHandle, LogicalPosition, PhysicalSize};

use super::save;
use crate::support::{OfficeProcess, Workplace};

pub const WAIT: Duration = Duration::from_secs(30);

thread_local! {
    /// How far this test's visitor is ahead of the real clock.
    static AHEAD_MS: AtomicU64 = const { AtomicU64::new(0) };
}

fn now() -> Instant {
    Instant::now() + Duration::from_millis(AHEAD_MS.with(|ahead| ahead.load(Ordering::Relaxed)))
}

/// Lets time pass for this test's visitor.
pub fn pass(time: Duration) {
    AHEAD_MS.with(|ahead| ahead.fetch_add(time.as_millis() as u64, Ordering::Relaxed));
}

/// A visitor before a kiosk with a real store, a real office and a drawn printer.
pub struct Visitor {
    pub lobby: Rc<Lobby>,
    pub touches: usize,
    pub running: Running,
    pub workplace: Workplace,
    pub office: OfficeProcess,
}

impl Visitor {
    pub fn new() -> Self {
        Self::after(|_| {})
    }

    /// At a kiosk whose store something has happened to.
    pub fn after(happened: impl FnOnce(&Workplace)) -> Self {
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
        Self { lobby, touches: 0, running, workplace, office }
    }

    pub fn find(&self, id: &str) -> Option<ElementHandle> {
        let id = id.to_owned();
        let matches = move |element: &ElementHandle| element.accessible_id().is_some_and(|found| found == id.as_str());
        ElementQuery::from_root(self.lobby.app()).match_descendants().match_predicate(matches).find_first()
    }

    pub fn element(&self, id: &str) -> ElementHandle {
        self.find(id).unwrap_or_else(|| panic!("no `{id}` on {:?}", self.lobby.screen()))
    }

    /// Touches an element; where a list has pages, turns to the one that shows it.
    pub fn touch(&mut self, id: &str) {
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
    pub fn type_keys(&mut self, text: &str) {
        for key in text.chars() {
            let id = if key == ' ' { "key-space".to_owned() } else { format!("key-{key}") };
            self.element(&id).mock_single_click(PointerEventButton::Left);
        }
    }

    /// Forward, page by page.
    pub fn forward(&mut self) {
        while self.find("next").is_none() {
            self.touch("page-next");
        }
        self.touch("next");
    }

    pub fn at(&self, question: &str) {
        match self.lobby.screen() {
            Screen::Question(screen) => assert_eq!(screen.question, question),
            other => panic!("not at `{question}`: {other:?}"),
        }
    }

    pub fn wait(&self, what: &str, is_there: impl Fn(&Screen) -> bool) {
        let until = Instant::now() + WAIT;
        while !is_there(&self.lobby.screen()) {
            assert!(Instant::now() < until, "{what}: {:?}", self.lobby.screen());
            self.lobby.wait_for_news(Duration::from_millis(100));
        }
    }

    pub fn error(&self) -> String {
        self.lobby.app().global::<Question>().get_error().to_string()
    }

    /// A finger draws a stroke over the pad.
    pub fn sign(&mut self) {
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
    pub fn scan(&self, text: &str) {
        for key in text.chars().chain(['\n']) {
            let window = self.lobby.app().window();
            window.dispatch_event(WindowEvent::KeyPressed { text: key.into() });
            window.dispatch_event(WindowEvent::KeyReleased { text: key.into() });
        }
    }

    /// From home to the confirmed receipt; its digits.
    pub fn register(&mut self) -> String {
        self.fill_in();
        self.wait("the receipt", |screen| matches!(screen, Screen::Receipt { printing: Printing::Confirmed, .. }));
        let Screen::Receipt { registered, .. } = self.lobby.screen() else { unreachable!() };
        receipt_text(None, registered.tracking_number, &registered.code)
    }

    /// From home to the question for the national id.
    pub fn begin(&mut self) {
        self.touch("home-new-request");
        self.touch("choice-new-request");
        self.forward();
        self.at("for");
        self.touch("choice-self");
        self.forward();
        self.at("national_id");
    }

    /// From home to the last touch of a registration.
    pub fn fill_in(&mut self) {
        self.begin();
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
    }

    pub fn picture(&self, name: &str) {
        save(&self.lobby.app().window().take_snapshot().unwrap(), name);
    }

    pub fn end(self) {
        drop(self.lobby);
        self.running.stop();
    }
}

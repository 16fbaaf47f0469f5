//! From a touch to the finished frame, drawn into memory: only what has changed is drawn anew, as in a window.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use istiqbal::domain::catalogue::Catalogue;
use istiqbal::domain::language::Language;
use istiqbal::domain::printer::PrinterState;
use istiqbal::domain::request::Beneficiary;
use istiqbal::kiosk::config::Script;
use istiqbal::kiosk::lobby::fit;
use istiqbal::kiosk::screens::{self, Around, Touch};
use istiqbal::kiosk::visit::{Event, Screen, Station, Visit};
use istiqbal_ui::{App, Navigation};
use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
use slint::platform::{Platform, PlatformError, PointerEventButton, WindowAdapter, WindowEvent};
use slint::{ComponentHandle, LogicalPosition, PhysicalSize, Rgb8Pixel};

use super::Spread;

const WIDTH: u32 = 1080;
const HEIGHT: u32 = 1920;
const PX_PER_MM: f32 = 4.03;
/// Screens are changed, and keys struck, so many times.
const ROUNDS: usize = 60;
const SCREEN_CHANGE_MS: Spread = Spread { median: 6.0, p99: 12.0 };
const KEY_PRESS_MS: f64 = 1.0;

struct Memory(Rc<MinimalSoftwareWindow>, Instant);

impl Platform for Memory {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.0.clone())
    }

    fn duration_since_start(&self) -> Duration {
        self.1.elapsed()
    }
}

struct Stage {
    window: Rc<MinimalSoftwareWindow>,
    pixels: Vec<Rgb8Pixel>,
    visit: Rc<RefCell<Visit>>,
    _app: App,
}

pub fn run() {
    let mut stage = Stage::new();
    stage.begin();
    let changes = stage.change_screens();
    println!(
        "touch to finished frame, screen change: median {:.2} ms (limit {}), p99 {:.2} ms (limit {}), of {}",
        changes.median,
        SCREEN_CHANGE_MS.median,
        changes.p99,
        SCREEN_CHANGE_MS.p99,
        2 * 7 * ROUNDS
    );
    let keys = stage.strike_keys();
    println!(
        "touch to finished frame, a key:         median {:.2} ms (limit {KEY_PRESS_MS}), p99 {:.2} ms",
        keys.median, keys.p99
    );
    println!("frames in ten idle seconds:             {}", stage.idle_frames());
}

impl Stage {
    fn new() -> Self {
        let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
        slint::platform::set_platform(Box::new(Memory(window.clone(), Instant::now()))).expect("the first platform");
        let app = App::new().expect("the screens");
        app.show().expect("a window in memory");
        window.set_size(PhysicalSize::new(WIDTH, HEIGHT));
        fit(&app, PX_PER_MM, 60.0, &[Script::Arabic, Script::Latin]);
        let catalogue = Arc::new(Catalogue::read(Path::new("config/catalog.toml")).expect("the shipped catalogue"));
        let visit = Rc::new(RefCell::new(Visit::new(Station::Reception, catalogue, Beneficiary::External)));
        screens::show_words(&app, Language::Arabic);
        let touch: Touch = {
            let (app, visit) = (app.as_weak(), visit.clone());
            Rc::new(move |event| {
                visit.borrow_mut().handle(event, today());
                let around = Around {
                    printer: PrinterState::Ready,
                    office_is_reachable: true,
                    public_address: None,
                    today: today(),
                };
                screens::show(&app.upgrade().expect("the screens"), &visit.borrow(), &around);
            })
        };
        screens::connect(&app, &touch);
        let navigation = app.global::<Navigation>();
        let (next, back) = (touch.clone(), touch.clone());
        navigation.on_next(move || next(Event::Next));
        navigation.on_back(move || back(Event::Back));
        touch(Event::NewRequest);
        Self { window, pixels: vec![Rgb8Pixel::default(); (WIDTH * HEIGHT) as usize], visit, _app: app }
    }

    /// To the first question, with all answers given.
    fn begin(&mut self) {
        let mut visit = self.visit.borrow_mut();
        for event in [Event::WithoutReceipt, Event::Next] {
            visit.handle(event, today());
        }
        for answer in
            ["self", "1000000008", "نورة بنت سعد القحطاني", "1399-07-04 H", "0551234567", "widow", "4", "rent"]
        {
            visit.handle(Event::Enter(answer.into()), today());
            visit.handle(Event::Next, today());
        }
        drop(visit);
        // The screens before are drawn once: pictures are read from their files then.
        for _ in 0..8 {
            self.touch(self.back());
        }
        assert!(self.is_at("for"), "{:?}", self.visit.borrow().screen());
    }

    fn change_screens(&mut self) -> Spread {
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            for place in [self.next(), self.back()] {
                for _ in 0..7 {
                    times.push(self.touch(place));
                }
            }
            assert!(self.is_at("for"), "a touch went beside its button");
        }
        Spread::of(times)
    }

    fn strike_keys(&mut self) -> Spread {
        self.touch(self.next());
        assert!(self.is_at("national_id"));
        // The key 5, in the middle of the pad.
        let key = LogicalPosition::new(WIDTH as f32 / 2.0, HEIGHT as f32 - 105.0 * PX_PER_MM);
        let delete = LogicalPosition::new(WIDTH as f32 / 2.0 + 47.0 * PX_PER_MM, HEIGHT as f32 - 43.0 * PX_PER_MM);
        let before = self.visit.borrow().screen().clone();
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            self.touch(delete);
            times.push(self.touch(key));
            times.push(self.touch(delete));
        }
        self.touch(key);
        assert_ne!(*self.visit.borrow().screen(), before, "the key wasn't struck");
        Spread::of(times)
    }

    fn idle_frames(&mut self) -> usize {
        let started = Instant::now();
        let mut frames = 0;
        while started.elapsed() < Duration::from_secs(10) {
            slint::platform::update_timers_and_animations();
            frames += usize::from(self.draw());
            std::thread::sleep(Duration::from_millis(16));
        }
        frames
    }

    /// A finger goes down, its frame is drawn, it comes up: what then takes until the next frame is drawn, in ms.
    fn touch(&mut self, position: LogicalPosition) -> f64 {
        let button = PointerEventButton::Left;
        self.window.dispatch_event(WindowEvent::PointerPressed { position, button });
        self.draw();
        let started = Instant::now();
        self.window.dispatch_event(WindowEvent::PointerReleased { position, button });
        slint::platform::update_timers_and_animations();
        self.draw();
        milliseconds(started)
    }

    fn draw(&mut self) -> bool {
        let pixels = &mut self.pixels;
        self.window.draw_if_needed(|renderer| {
            renderer.render(pixels, WIDTH as usize);
        })
    }

    fn next(&self) -> LogicalPosition {
        LogicalPosition::new(60.0 * PX_PER_MM, HEIGHT as f32 - 13.0 * PX_PER_MM)
    }

    fn back(&self) -> LogicalPosition {
        LogicalPosition::new(WIDTH as f32 - 40.0 * PX_PER_MM, HEIGHT as f32 - 13.0 * PX_PER_MM)
    }

    fn is_at(&self, question: &str) -> bool {
        matches!(self.visit.borrow().screen(), Screen::Question(screen) if screen.question == question)
    }
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 25).expect("a day")
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

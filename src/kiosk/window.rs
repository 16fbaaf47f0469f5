//! The kiosk in a window or on the whole screen: Slint's event loop on the main thread.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use istiqbal_ui::{App, Navigation, Theme, shown};
use slint::winit_030::winit::dpi::PhysicalSize;
use slint::winit_030::winit::event::WindowEvent;
use slint::winit_030::winit::window::Window as WinitWindow;
use slint::winit_030::{EventResult, WinitWindowAccessor};
use slint::{CloseRequestResponse, ComponentHandle, LogicalSize, Timer, TimerMode};

use super::catalogue;
use super::config::KioskConfig;
use super::joining::Joining;
use super::lobby::{Lobby, News, Settings};
use super::running::{Parts, Running, StartError};
use super::screens::{self, out_of_service, show_words, starting};
use super::visit::{Screen, Visit};
use crate::domain::catalogue::Catalogue;
use crate::domain::clock::SharedClock;
use crate::domain::language::Language;
use crate::language::Words;
use crate::ledger::OpeningProgress;

/// How often the idle clock is looked at.
const TICK: Duration = Duration::from_millis(500);
/// When opening the store takes longer, a line says how far it has come.
const SLOW: Duration = Duration::from_secs(1);
/// So long the out-of-service screen stands before the program ends, to be started again by its supervisor.
const OUT_OF_SERVICE_STAYS: Duration = Duration::from_secs(15);
const MM_PER_INCH: f32 = 25.4;
/// A window for trying has half the dots of a 21.5-inch portrait screen.
const WINDOW: LogicalSize = LogicalSize { width: 540.0, height: 960.0 };

#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(
        "no window can be opened: {0}. Is there a display (DISPLAY or WAYLAND_DISPLAY)? Without one, try: istiqbal demo --headless"
    )]
    Platform(#[from] slint::PlatformError),
    #[error(
        "the store has failed and the kiosk is out of service; nothing was promised that isn't stored. Look at the log and the disk, then start it again"
    )]
    OutOfService,
    #[error("the store can't be opened on a thread of its own: {0}")]
    Thread(std::io::Error),
}

thread_local! {
    /// The running program, for the closures that other threads send to this one.
    static PROGRAM: RefCell<Weak<Program>> = const { RefCell::new(Weak::new()) };
}

/// True when there is a display to open a window on.
pub fn has_display() -> bool {
    ["WAYLAND_DISPLAY", "DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Runs the kiosk until its window is closed or the process is told to end.
pub fn run(config: &KioskConfig, clock: SharedClock) -> Result<(), WindowError> {
    let catalogue = catalogue::newest(config).map_err(StartError::from)?;
    let program = Rc::new(Program::begin(App::new()?, config.clone(), catalogue, clock)?);
    PROGRAM.set(Rc::downgrade(&program));
    if config.fullscreen {
        program.app.window().set_fullscreen(true);
        let asked_at = Cell::new(None);
        program.app.window().on_winit_window_event(move |window, event| {
            if matches!(event, WindowEvent::Resized(_) | WindowEvent::RedrawRequested) {
                window.with_winit_window(|window| fill_monitor(window, &asked_at));
            }
            EventResult::Propagate
        });
        // A visitor's gesture or shortcut must not close a kiosk; staff end it by its supervisor.
        program.app.window().on_close_requested(|| CloseRequestResponse::KeepWindowShown);
    } else {
        program.app.window().set_size(WINDOW);
    }
    let timer = Timer::default();
    timer.start(TimerMode::Repeated, TICK, || with_program(Program::tick));
    quit_on_signals();
    program.app.run()?;
    program.end()
}

/// Without a window manager, as on a bare X server, nobody else gives a full-screen window its size. It is asked for once
/// at each size: a compositor that has decided on another one knows better.
fn fill_monitor(window: &WinitWindow, asked_at: &Cell<Option<PhysicalSize<u32>>>) {
    let size = window.inner_size();
    if let Some(monitor) = window.current_monitor()
        && size != monitor.size()
        && asked_at.replace(Some(size)) != Some(size)
    {
        let _ = window.request_inner_size(monitor.size());
    }
}

/// The kiosk's one window, from the opening of the store to the end of the service.
struct Program {
    app: App,
    config: KioskConfig,
    catalogue: Arc<Catalogue>,
    clock: SharedClock,
    stage: RefCell<Stage>,
}

enum Stage {
    /// The store is being opened on a thread of its own
    Opening {
        since: Instant,
        words: mpsc::Receiver<OpeningWord>,
        progress: Option<OpeningProgress>,
    },
    InService {
        lobby: Rc<Lobby>,
        running: Box<Running>,
        failed_at: Option<Instant>,
    },
    /// The kiosk was never enrolled: it waits for an invite's scan
    Joining(Joining),
    /// The store couldn't be opened; the screen says so for a while, then the program ends
    NotOpened {
        since: Instant,
        error: WindowError,
    },
    Ended,
}

/// What the opening thread says.
enum OpeningWord {
    Progress(OpeningProgress),
    Done(Box<Result<Opened, StartError>>),
}

struct Opened {
    running: Running,
    news: mpsc::Receiver<News>,
}

impl Program {
    fn begin(
        app: App,
        config: KioskConfig,
        catalogue: Arc<Catalogue>,
        clock: SharedClock,
    ) -> Result<Self, WindowError> {
        let program = Self { app, config, catalogue, clock, stage: RefCell::new(Stage::Ended) };
        program.app.global::<Navigation>().set_help_visible(false);
        program.open_store()?;
        Ok(program)
    }

    /// Opens the store on a thread of its own, and shows that it is being opened.
    fn open_store(&self) -> Result<(), WindowError> {
        let (say, words) = mpsc::channel();
        let (config, catalogue, clock) = (self.config.clone(), self.catalogue.clone(), self.clock.clone());
        let opening = move || {
            let progress = |progress| say_word(&say, OpeningWord::Progress(progress));
            let opened = open(&config, catalogue, clock, &progress);
            say_word(&say, OpeningWord::Done(Box::new(opened)));
        };
        std::thread::Builder::new().name("opening".into()).spawn(opening).map_err(WindowError::Thread)?;
        self.stage.replace(Stage::Opening { since: Instant::now(), words, progress: None });
        self.show_starting(None, false);
        Ok(())
    }

    /// Waits for an invite's scan.
    fn begin_joining(&self) {
        let joining = Joining::new(self.config.data.clone(), self.config.name.clone());
        screens::joining::show(&self.app, joining.state());
        self.stage.replace(Stage::Joining(joining));
        self.app.global::<Navigation>().on_key_typed(|key| {
            with_program(|program| {
                if let Stage::Joining(joining) = &mut *program.stage.borrow_mut() {
                    joining.key(&key, || {
                        let _ = slint::invoke_from_event_loop(|| with_program(Program::go_on_joining));
                    });
                    screens::joining::show(&program.app, joining.state());
                }
            });
        });
    }

    /// Shows how the invite fared, or begins the service.
    fn go_on_joining(&self) {
        {
            let mut stage = self.stage.borrow_mut();
            let Stage::Joining(joining) = &mut *stage else { return };
            if !joining.has_joined() {
                return screens::joining::show(&self.app, joining.state());
            }
        }
        if let Err(error) = self.open_store() {
            self.show_not_opened(error);
        }
    }

    fn show_starting(&self, progress: Option<OpeningProgress>, slow: bool) {
        let words = Words::of(Language::Arabic);
        show_words(&self.app, Language::Arabic);
        let name = self.catalogue.association.name.in_language(words.language());
        self.app.global::<Navigation>().set_association(shown(name));
        starting::show(&self.app, words, progress, slow);
    }

    /// Takes what the opening thread has said.
    fn listen(&self) {
        let done = {
            let mut stage = self.stage.borrow_mut();
            let Stage::Opening { words, progress, .. } = &mut *stage else { return };
            loop {
                match words.try_recv() {
                    Ok(OpeningWord::Progress(now)) => *progress = Some(now),
                    Ok(OpeningWord::Done(done)) => break *done,
                    Err(mpsc::TryRecvError::Empty) => return,
                    // It has panicked; the next start finds what it left.
                    Err(mpsc::TryRecvError::Disconnected) => break Err(StartError::BrokenOff),
                }
            }
        };
        match done {
            Ok(opened) => self.serve(opened),
            Err(StartError::Enrolment(error)) if error.is_fresh() => {
                tracing::warn!("{error}");
                self.begin_joining();
            }
            Err(error) => {
                tracing::error!("{error}");
                self.show_not_opened(error.into());
            }
        }
    }

    fn serve(&self, opened: Opened) {
        let Opened { running, news } = opened;
        let settings = Settings::of(&self.config, self.clock.clone(), self.px_per_mm(), running.report.clone());
        let visit = Visit::new(self.config.station, self.catalogue.clone(), self.config.beneficiaries);
        let lobby = Lobby::new(self.app.clone_strong(), visit, running.attendant.clone(), news, settings);
        self.stage.replace(Stage::InService { lobby: lobby.clone(), running: Box::new(running), failed_at: None });
        lobby.take_news();
    }

    fn show_not_opened(&self, error: WindowError) {
        let words = Words::of(Language::Arabic);
        let what = match &error {
            WindowError::Start(error) if error.asks_for_a_copy() => "out-of-service-files",
            _ => "out-of-service-what",
        };
        let screen = out_of_service::show(&self.app, words, &self.catalogue, what);
        self.app.global::<Navigation>().set_screen(screen);
        self.stage.replace(Stage::NotOpened { since: Instant::now(), error });
    }

    fn px_per_mm(&self) -> f32 {
        let size = self.app.window().size().to_logical(self.app.window().scale_factor());
        px_per_mm(self.config.screen_inches, size.width, size.height)
    }

    fn lobby(&self) -> Option<Rc<Lobby>> {
        match &*self.stage.borrow() {
            Stage::InService { lobby, .. } => Some(lobby.clone()),
            _ => None,
        }
    }

    fn tick(&self) {
        self.listen();
        self.app.global::<Theme>().set_px_per_mm(self.px_per_mm());
        if let Some(lobby) = self.lobby() {
            lobby.tick();
            self.note_failure(lobby.screen() == Screen::OutOfService);
        }
        let (slow, progress, over) = match &*self.stage.borrow() {
            Stage::Opening { since, progress, .. } => (since.elapsed() >= SLOW, *progress, false),
            Stage::InService { failed_at: Some(since), .. } | Stage::NotOpened { since, .. } => {
                (false, None, since.elapsed() >= OUT_OF_SERVICE_STAYS)
            }
            Stage::InService { .. } | Stage::Joining(_) | Stage::Ended => (false, None, false),
        };
        if slow {
            self.show_starting(progress, true);
        }
        if over {
            // An event loop that runs this timer can be told to end.
            let _ = slint::quit_event_loop();
        }
    }

    fn note_failure(&self, failed: bool) {
        if let Stage::InService { failed_at, .. } = &mut *self.stage.borrow_mut()
            && failed
        {
            failed_at.get_or_insert_with(Instant::now);
        }
    }

    /// Closes the store in order, and says how the service ended.
    fn end(&self) -> Result<(), WindowError> {
        match self.stage.replace(Stage::Ended) {
            Stage::InService { lobby, running, failed_at } => {
                drop(lobby);
                running.stop();
                if failed_at.is_some() { Err(WindowError::OutOfService) } else { Ok(()) }
            }
            Stage::NotOpened { error, .. } => Err(error),
            // The journal needs no closing, whatever the opening thread is doing.
            Stage::Opening { .. } | Stage::Joining(_) | Stage::Ended => Ok(()),
        }
    }
}

/// Opens the store and starts the threads.
fn open(
    config: &KioskConfig,
    catalogue: Arc<Catalogue>,
    clock: SharedClock,
    progress: &dyn Fn(OpeningProgress),
) -> Result<Opened, StartError> {
    let (sender, news) = mpsc::channel();
    let parts = Parts { printer: true, replication: true };
    let wake = || {
        // Fails only when the event loop has ended, and then nobody looks at news.
        let _ = slint::invoke_from_event_loop(|| {
            with_program(|program| {
                if let Some(lobby) = program.lobby() {
                    lobby.take_news();
                }
            });
        });
    };
    let running = Running::start(config, catalogue, clock, parts, sender.clone(), wake, progress)?;
    forward_progress(&running, sender, wake);
    Ok(Opened { running, news })
}

fn say_word(say: &mpsc::Sender<OpeningWord>, word: OpeningWord) {
    // When the window was closed meanwhile, nobody listens.
    let _ = say.send(word);
    let _ = slint::invoke_from_event_loop(|| with_program(Program::listen));
}

fn with_program(work: impl FnOnce(&Program)) {
    let program = PROGRAM.with_borrow(Weak::upgrade);
    if let Some(program) = program {
        work(&program);
    }
}

/// Dots a millimetre of a screen whose diagonal and size are known.
pub fn px_per_mm(inches: f32, width: f32, height: f32) -> f32 {
    (width.hypot(height) / (inches * MM_PER_INCH)).max(0.5)
}

/// Brings replication's progress to the screens; the thread ends with replication.
fn forward_progress(running: &Running, news: mpsc::Sender<News>, wake: impl Fn() + Send + 'static) {
    let mut progress = running.progress.clone();
    spawn_waiting("progress", async move {
        while progress.changed().await.is_ok() {
            let now = *progress.borrow_and_update();
            if news.send(News::Office(now)).is_err() {
                return;
            }
            wake();
        }
    });
}

/// Ends the event loop on SIGINT and SIGTERM, so that the store is closed in order.
fn quit_on_signals() {
    spawn_waiting("signals", async {
        crate::signals::wait_for_end().await;
        let _ = slint::quit_event_loop();
    });
}

/// A thread that only waits for something.
fn spawn_waiting(name: &str, waiting: impl Future<Output = ()> + Send + 'static) {
    let spawned =
        std::thread::Builder::new().name(name.into()).spawn(
            move || match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime.block_on(waiting),
                Err(error) => tracing::error!("a waiting thread: {error}"),
            },
        );
    if let Err(error) = spawned {
        tracing::error!("the thread {name}: {error}");
    }
}

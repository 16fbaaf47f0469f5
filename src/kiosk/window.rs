//! The kiosk in a window or on the whole screen: Slint's event loop on the main thread.

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use istiqbal_ui::App;
use slint::{ComponentHandle, LogicalSize, Timer, TimerMode};

use super::config::KioskConfig;
use super::running::{Parts, Running, StartError};
use super::screens::{Lobby, News, Settings};
use super::visit::{Screen, Visit};
use crate::domain::catalogue::Catalogue;
use crate::domain::clock::SharedClock;

/// How often the idle clock is looked at.
const TICK: Duration = Duration::from_millis(500);
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
}

thread_local! {
    /// The window's lobby, for the closures that other threads send to this one.
    static LOBBY: RefCell<Weak<Lobby>> = const { RefCell::new(Weak::new()) };
}

/// True when there is a display to open a window on.
pub fn has_display() -> bool {
    ["WAYLAND_DISPLAY", "DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Runs the kiosk until its window is closed or the process is told to end.
pub fn run(config: &KioskConfig, clock: SharedClock) -> Result<(), WindowError> {
    let catalogue = Arc::new(Catalogue::read(&config.catalogue).map_err(StartError::from)?);
    let app = App::new()?;
    let (news, received) = mpsc::channel();
    let parts = Parts { printer: true, replication: true };
    let wake = || {
        // Fails only when the event loop has ended, and then nobody looks at news.
        let _ = slint::invoke_from_event_loop(|| with_lobby(Lobby::take_news));
    };
    let running = Running::start(config, catalogue.clone(), clock.clone(), parts, news.clone(), wake)?;
    forward_progress(&running, news, wake);
    let settings = Settings {
        clock,
        now: Instant::now,
        px_per_mm: px_per_mm(config.screen_inches, WINDOW.width, WINDOW.height),
        idle: config.idle(),
        idle_warning: config.idle_warning(),
    };
    let visit = Visit::new(catalogue, config.beneficiaries);
    let lobby = Lobby::new(app, visit, running.attendant.clone(), received, settings);
    LOBBY.set(Rc::downgrade(&lobby));
    let outcome = show(&lobby, config);
    drop(lobby);
    running.stop();
    outcome
}

fn show(lobby: &Rc<Lobby>, config: &KioskConfig) -> Result<(), WindowError> {
    let window = lobby.app().window();
    if config.fullscreen {
        window.set_fullscreen(true);
    } else {
        window.set_size(WINDOW);
    }
    let inches = config.screen_inches;
    let failed_at = Rc::new(RefCell::new(None::<Instant>));
    let timer = Timer::default();
    timer.start(TimerMode::Repeated, TICK, {
        let failed_at = failed_at.clone();
        move || {
            with_lobby(|lobby| {
                let size = lobby.app().window().size().to_logical(lobby.app().window().scale_factor());
                lobby.set_px_per_mm(px_per_mm(inches, size.width, size.height));
                lobby.tick();
                if lobby.screen() == Screen::OutOfService {
                    let since = *failed_at.borrow_mut().get_or_insert_with(Instant::now);
                    if since.elapsed() >= OUT_OF_SERVICE_STAYS {
                        // An event loop that runs this timer can be told to end.
                        let _ = slint::quit_event_loop();
                    }
                }
            });
        }
    });
    quit_on_signals();
    lobby.app().run()?;
    if failed_at.borrow().is_some() { Err(WindowError::OutOfService) } else { Ok(()) }
}

fn with_lobby(work: impl FnOnce(&Lobby)) {
    let lobby = LOBBY.with_borrow(Weak::upgrade);
    if let Some(lobby) = lobby {
        work(&lobby);
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

//! The printer's thread: it draws what is to be printed, prints it, and looks after the printer in between.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::bitmap::Bitmap;
use super::content::{Receipt, paper_copy_content};
use super::escpos::raster;
use super::logo::Logo;
use super::picture::{PaperWidth, ReceiptDrawer};
use super::printer::{Address, Broken, Connection};
use super::slip::Slip;
use crate::domain::printer::PrinterState;
use crate::domain::printout::Outcome;
use crate::seal::paper_copy;

/// How often what the printer says by itself is heard.
const LISTEN_EVERY: Duration = Duration::from_secs(1);
/// How often it is asked, while nothing is printed.
const ASK_EVERY: Duration = Duration::from_secs(10);
/// How often a printer that isn't there is looked for.
const LOOK_EVERY: Duration = Duration::from_secs(4);
/// A receipt waits for the office's word no longer than this, when all of it but the paper copy is on its way.
pub const ACKNOWLEDGEMENT_WAIT: Duration = Duration::from_secs(2);

/// Gives the envelope of a receipt's request when the office hasn't acknowledged it within a time.
pub type PaperCopySource = Box<dyn FnOnce(Duration) -> Option<Vec<u8>> + Send>;

/// What can be printed.
pub enum Paper {
    Receipt {
        receipt: Receipt,
        /// `None` for a copy: its request has long arrived, or the original bears the paper copy
        paper_copy: Option<PaperCopySource>,
    },
    Slip(Slip),
    /// The test pattern
    Test,
}

struct Job {
    paper: Box<Paper>,
    done: Box<dyn FnOnce(Outcome) + Send>,
}

/// Where and on what this kiosk prints.
#[derive(Clone, Debug)]
pub struct PressSettings {
    pub address: Address,
    pub width: PaperWidth,
    pub logo: Option<Logo>,
}

/// Asks the printer's thread; cheap to clone. The thread ends when the last handle is dropped.
#[derive(Clone)]
pub struct Press {
    jobs: mpsc::Sender<Job>,
}

impl Press {
    /// Starts the thread. `on_state` is called on it, first at once and then whenever the printer's state changes.
    pub fn start(
        settings: PressSettings,
        on_state: impl Fn(PrinterState) + Send + 'static,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (jobs, asked) = mpsc::channel();
        let thread = std::thread::Builder::new().name("printer".into()).spawn(move || {
            serve(&mut Station::new(settings), &asked, on_state);
        })?;
        Ok((Self { jobs }, thread))
    }

    /// Prints; `done` is called on the printer's thread, also when nothing could be printed.
    pub fn print(&self, paper: Paper, done: impl FnOnce(Outcome) + Send + 'static) {
        let job = Job { paper: Box::new(paper), done: Box::new(done) };
        if let Err(mpsc::SendError(job)) = self.jobs.send(job) {
            (job.done)(Outcome::Failed);
        }
    }
}

fn serve(station: &mut Station, jobs: &mpsc::Receiver<Job>, on_state: impl Fn(PrinterState)) {
    let mut last = None;
    loop {
        let state = station.watch();
        if last.replace(state) != Some(state) {
            on_state(state);
        }
        match jobs.recv_timeout(LISTEN_EVERY) {
            Ok(Job { paper, done }) => done(station.print(*paper)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Prints one paper, for a program that does nothing else; `None` as with [`Connection::open`].
pub fn print_once(settings: PressSettings, paper: Paper) -> Outcome {
    Station::new(settings).print(paper)
}

/// The printer with its line, as its thread has it.
struct Station {
    settings: PressSettings,
    /// Made when the first paper comes
    drawer: Option<ReceiptDrawer>,
    connection: Option<Connection>,
    /// The picture of the last paper broke off, and the printer may still wait for its rest
    is_torn: bool,
    state: PrinterState,
    asked_at: Option<Instant>,
    looked_at: Option<Instant>,
}

impl Station {
    fn new(settings: PressSettings) -> Self {
        Self {
            settings,
            drawer: None,
            connection: None,
            is_torn: false,
            state: PrinterState::Unknown,
            asked_at: None,
            looked_at: None,
        }
    }

    /// Hears how the printer is, connects where it isn't, and cleans up after a torn paper once it can print.
    fn watch(&mut self) -> PrinterState {
        let is_due = |at: Option<Instant>, every| at.is_none_or(|at| at.elapsed() >= every);
        let heard = match &self.connection {
            Some(connection) if is_due(self.asked_at, ASK_EVERY) => {
                self.asked_at = Some(Instant::now());
                connection.ask()
            }
            Some(connection) => connection.listen(),
            None if is_due(self.looked_at, LOOK_EVERY) => return self.connect(),
            None => return self.state,
        };
        match heard {
            Ok(state) => {
                self.state = state;
                self.clean_if_torn();
                self.state
            }
            Err(error) => {
                tracing::warn!("the printer at {}: {error}", self.settings.address);
                self.connection = None;
                self.connect()
            }
        }
    }

    fn connect(&mut self) -> PrinterState {
        self.looked_at = Some(Instant::now());
        self.state = match Connection::open(&self.settings.address) {
            Ok(None) => PrinterState::Off,
            Ok(Some(connection)) => {
                self.asked_at = Some(Instant::now());
                let state = connection.ask().unwrap_or(PrinterState::Unreachable);
                self.connection = Some(connection).filter(|_| state != PrinterState::Unreachable);
                state
            }
            Err(error) => {
                tracing::debug!("the printer at {}: {error}", self.settings.address);
                PrinterState::Unreachable
            }
        };
        self.clean_if_torn();
        self.state
    }

    /// The torn piece comes out as soon as the printer can print, before whoever put it right, not before the next visitor.
    fn clean_if_torn(&mut self) {
        let Some(connection) = self.connection.as_ref().filter(|_| self.is_torn && self.state.may_print()) else {
            return;
        };
        match connection.clean() {
            Ok(()) => self.is_torn = false,
            Err(error) => tracing::warn!("cleaning the printer: {error}"),
        }
    }

    fn print(&mut self, paper: Paper) -> Outcome {
        let Some(picture) = self.draw(&paper) else { return Outcome::Failed };
        let first = raster(&picture);
        if self.connection.is_none() {
            self.connect();
        }
        self.clean_if_torn();
        let mut begun = self.try_send(&first);
        let is_stale = self.connection.as_ref().is_some_and(Connection::has_failed);
        if begun.as_ref().is_err_and(|broken| !broken.began) && is_stale {
            // The line may be an old one, from before the printer was switched off and on.
            self.connection = None;
            self.connect();
            begun = self.try_send(&first);
        }
        let outcome = begun.and_then(|()| self.finish(paper));
        let outcome = outcome.unwrap_or_else(|broken| {
            tracing::warn!("printing on {}: {broken}", self.settings.address);
            self.is_torn |= broken.began;
            Outcome::Failed
        });
        if let Some(connection) = &self.connection {
            self.is_torn |= connection.has_failed();
            // A plain file may be taken away or rotated between two receipts.
            if connection.has_failed() || !connection.answers() {
                self.connection = None;
                self.state = PrinterState::Unreachable;
                self.looked_at = None;
            }
        }
        outcome
    }

    fn try_send(&mut self, first: &[u8]) -> Result<(), Broken> {
        let connection = self.connection.as_ref().ok_or_else(|| Broken::before("the printer can't be reached"))?;
        connection.begin()?;
        connection.send(first)
    }

    /// The last part, decided now, then the cut and the printer's word.
    fn finish(&mut self, paper: Paper) -> Result<Outcome, Broken> {
        let last = match paper {
            Paper::Receipt { receipt, paper_copy: Some(source) } => {
                source(ACKNOWLEDGEMENT_WAIT).and_then(|envelope| self.last_part(&receipt, &envelope))
            }
            _ => None,
        };
        let connection = self.connection.as_ref().ok_or_else(|| Broken::before("the printer has gone"))?;
        if let Some(picture) = last {
            connection.send(&raster(&picture))?;
        }
        connection.finish()
    }

    fn last_part(&mut self, receipt: &Receipt, envelope: &[u8]) -> Option<Bitmap> {
        let width = self.settings.width.dots();
        let digits = paper_copy::to_digits(envelope);
        let with_copy = digits.and_then(|digits| paper_copy_content(Some(&digits), width, receipt.language).ok());
        let content = match with_copy {
            Some(content) => content,
            None => paper_copy_content(None, width, receipt.language).ok()?,
        };
        Some(self.drawer()?.draw(content))
    }

    fn draw(&mut self, paper: &Paper) -> Option<Bitmap> {
        let content = match paper {
            Paper::Test => return Some(test_pattern(self.settings.width)),
            Paper::Slip(slip) => slip.content(),
            Paper::Receipt { receipt, .. } => {
                receipt.content(self.settings.width.dots()).inspect_err(|error| tracing::error!("{error}")).ok()?
            }
        };
        Some(self.drawer()?.draw(content))
    }

    fn drawer(&mut self) -> Option<&ReceiptDrawer> {
        if self.drawer.is_none() {
            let made = ReceiptDrawer::new(self.settings.width, self.settings.logo.as_ref());
            self.drawer = made.inspect_err(|error| tracing::error!("{error}")).ok();
        }
        self.drawer.as_ref()
    }
}

/// What a test prints: a ruler of 8-dot squares, and a black bar.
pub fn test_pattern(width: PaperWidth) -> Bitmap {
    let bytes = width.dots() as usize / 8;
    let mut pattern = Bitmap::new(bytes * 8);
    let squares: [Vec<u8>; 2] =
        [0, 1].map(|odd| (0..bytes).map(|place| if place % 2 == odd { 0xff } else { 0 }).collect());
    for row in 0..64 {
        pattern.push_row(&squares[row / 8 % 2]);
    }
    pattern.push_white(40);
    for _ in 0..40 {
        pattern.push_row(&vec![0xff; bytes]);
    }
    pattern
}

//! The printer's thread: it draws receipts and prints them, and looks after the printer in between.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::bitmap::Bitmap;
use super::content::Receipt;
use super::picture::{PaperWidth, ReceiptDrawer};
use super::printer::{self, Address};
use crate::domain::printer::PrinterState;
use crate::domain::printout::Outcome;

/// How often the printer is asked for its state while nothing is printed.
const STATE_EVERY: Duration = Duration::from_secs(10);

enum Job {
    Print { receipt: Box<Receipt>, done: Box<dyn FnOnce(Outcome) + Send> },
    Test,
}

/// Asks the printer's thread; cheap to clone. The thread ends when the last handle is dropped.
#[derive(Clone)]
pub struct Press {
    jobs: mpsc::Sender<Job>,
}

impl Press {
    /// Starts the thread. `on_state` is called on it, first at once and then whenever the printer's state changes.
    pub fn start(
        address: Address,
        width: PaperWidth,
        on_state: impl Fn(PrinterState) + Send + 'static,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (jobs, asked) = mpsc::channel();
        let thread = std::thread::Builder::new().name("printer".into()).spawn(move || {
            serve(&address, width, &asked, on_state);
        })?;
        Ok((Self { jobs }, thread))
    }

    /// Prints a receipt; `done` is called on the printer's thread, also when nothing could be printed.
    pub fn print(&self, receipt: Receipt, done: impl FnOnce(Outcome) + Send + 'static) {
        let job = Job::Print { receipt: Box::new(receipt), done: Box::new(done) };
        if let Err(mpsc::SendError(Job::Print { done, .. })) = self.jobs.send(job) {
            done(Outcome::Failed);
        }
    }

    /// Prints the test pattern.
    pub fn test(&self) {
        // When the thread has ended, there is nothing to test.
        let _ = self.jobs.send(Job::Test);
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

fn serve(address: &Address, width: PaperWidth, jobs: &mpsc::Receiver<Job>, on_state: impl Fn(PrinterState)) {
    let mut drawer = None;
    let mut last = None;
    loop {
        let state = printer::state(address);
        if last.replace(state) != Some(state) {
            on_state(state);
        }
        match jobs.recv_timeout(STATE_EVERY) {
            Ok(Job::Print { receipt, done }) => {
                let outcome = match draw(&mut drawer, width, &receipt) {
                    Some(picture) => printer::print(address, &picture),
                    None => Outcome::Failed,
                };
                done(outcome);
            }
            Ok(Job::Test) => {
                let outcome = printer::print(address, &test_pattern(width));
                tracing::info!("test pattern: {outcome:?}");
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Draws with this thread's drawer, made when the first receipt comes.
fn draw(drawer: &mut Option<ReceiptDrawer>, width: PaperWidth, receipt: &Receipt) -> Option<Bitmap> {
    if drawer.is_none() {
        *drawer = ReceiptDrawer::new(width).inspect_err(|error| tracing::error!("{error}")).ok();
    }
    let content = receipt.content().inspect_err(|error| tracing::error!("{error}")).ok()?;
    Some(drawer.as_ref()?.draw(content))
}

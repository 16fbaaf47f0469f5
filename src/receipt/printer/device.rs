//! The device as the `escpos` crate wants it: bytes out, bytes in, with one deadline for all of a receipt. While it sends it
//! listens: a printer that says it can't go on is believed at once.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use ::escpos::driver::Driver;
use ::escpos::errors::{PrinterError, Result};

use super::answers::Answers;
use super::condition::Hearing;
use super::line::Line;
use crate::domain::printer::PrinterState;

/// How long a line is waited for before the printer is listened to again.
const LISTEN_EVERY: Duration = Duration::from_millis(50);
/// A printer that takes no byte for so long has stalled.
const STALL: Duration = Duration::from_secs(8);
/// Sent at once at most, so that a printer's word is heard in between.
const PORTION: usize = 2048;

/// An open printer. Clones are the same device.
#[derive(Clone)]
pub struct Device(Rc<Inner>);

struct Inner {
    line: Box<dyn Line>,
    deadline: Cell<Instant>,
    answers: RefCell<Answers>,
    hearing: RefCell<Hearing>,
    /// Bytes that the line has taken
    sent: Cell<usize>,
    /// The line itself has failed: only a new one helps
    has_failed: Cell<bool>,
}

impl Device {
    pub fn new(line: Box<dyn Line>, deadline: Instant) -> Self {
        Self(Rc::new(Inner {
            line,
            deadline: Cell::new(deadline),
            answers: RefCell::default(),
            hearing: RefCell::default(),
            sent: Cell::new(0),
            has_failed: Cell::new(false),
        }))
    }

    pub fn answers(&self) -> bool {
        self.0.line.answers()
    }

    pub fn pace(&self) -> Option<u32> {
        self.0.line.pace()
    }

    pub fn deadline(&self) -> Instant {
        self.0.deadline.get()
    }

    pub fn set_deadline(&self, deadline: Instant) {
        self.0.deadline.set(deadline);
    }

    /// Bytes that the line has taken since they were last forgotten.
    pub fn sent(&self) -> usize {
        self.0.sent.get()
    }

    pub fn forget_sent(&self) {
        self.0.sent.set(0);
    }

    /// True when the line itself has failed, not only the printer.
    pub fn has_failed(&self) -> bool {
        self.0.has_failed.get()
    }

    /// This line leads nowhere any more.
    pub fn fail(&self) {
        self.0.has_failed.set(true);
    }

    /// Looks at what was heard, or notes what is being asked.
    pub fn hearing<T>(&self, look: impl FnOnce(&mut Hearing) -> T) -> T {
        look(&mut self.0.hearing.borrow_mut())
    }

    pub fn state(&self) -> PrinterState {
        self.hearing(|hearing| hearing.condition.state())
    }

    /// Takes up everything that comes within the time, and whatever follows at once. True when something came.
    pub fn listen(&self, wait: Duration) -> io::Result<bool> {
        let mut buffer = [0; 256];
        let mut wait = wait;
        let mut heard = false;
        // A printer that talks without end is listened to again later.
        for _ in 0..16 {
            let count = self.line(|line| line.receive(&mut buffer, wait))?;
            if count == 0 {
                break;
            }
            heard = true;
            wait = Duration::ZERO;
            let (mut answers, mut hearing) = (self.0.answers.borrow_mut(), self.0.hearing.borrow_mut());
            for byte in &buffer[..count] {
                if let Some(answer) = answers.take(*byte) {
                    hearing.hear(answer);
                }
            }
            hearing.noise += answers.take_noise();
        }
        Ok(heard)
    }

    /// Listens until something is so, or a deadline has come.
    pub fn listen_until(&self, deadline: Instant, mut is_so: impl FnMut(&Hearing) -> bool) -> io::Result<bool> {
        loop {
            if self.hearing(|hearing| is_so(hearing)) {
                return Ok(true);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            self.listen(left.min(LISTEN_EVERY))?;
        }
    }

    /// After the last byte.
    pub fn finish(&self) -> io::Result<()> {
        self.0.line.finish()
    }

    fn line<T>(&self, work: impl FnOnce(&dyn Line) -> io::Result<T>) -> io::Result<T> {
        work(&*self.0.line).inspect_err(|_| self.0.has_failed.set(true))
    }

    /// Sends what a printer in trouble understands, too: questions, and what puts it right.
    pub fn say(&self, bytes: &[u8]) -> io::Result<()> {
        self.send_all(bytes, |_| true)
    }

    /// Sends everything, as long as the printer's state allows it.
    fn send_all(&self, bytes: &[u8], allows: impl Fn(PrinterState) -> bool) -> io::Result<()> {
        let mut rest = bytes;
        let mut moved_at = Instant::now();
        while !rest.is_empty() {
            let sent = self.line(|line| line.send(&rest[..rest.len().min(PORTION)], LISTEN_EVERY))?;
            rest = &rest[sent..];
            self.0.sent.set(self.0.sent.get() + sent);
            if self.answers() {
                self.listen(Duration::ZERO)?;
                let state = self.state();
                if !allows(state) {
                    return Err(io::Error::other(format!("the printer says: {state:?}")));
                }
            }
            let now = Instant::now();
            if sent > 0 {
                moved_at = now;
            }
            if now >= self.deadline() || now - moved_at >= STALL {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the printer takes no more bytes"));
            }
        }
        Ok(())
    }
}

impl Driver for Device {
    fn name(&self) -> String {
        "istiqbal".into()
    }

    fn write(&self, data: &[u8]) -> Result<()> {
        Ok(self.send_all(data, PrinterState::may_print)?)
    }

    fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        let left = self.deadline().saturating_duration_since(Instant::now());
        match self.0.line.receive(buffer, left) {
            Ok(0) => Err(PrinterError::Io("the printer says nothing".into())),
            other => Ok(other?),
        }
    }

    fn flush(&self) -> Result<()> {
        Ok(())
    }
}

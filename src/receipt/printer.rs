//! The printer: a device behind the `escpos` crate, with one deadline a receipt, and what can be known of its state.
//!
//! - [`address`]: where it is, as the configuration says it. - `line`: bytes out and in, over TCP, USB, a serial port, a file.
//! - [`answers`] and `condition`: what it says, and how it is by that. - `device`: what the `escpos` crate writes to.
//! - [`Connection`] asks, prints, waits for the word "printed", and cleans up after a picture that broke off.

pub mod address;
pub mod answers;
mod condition;
mod device;
mod line;
pub mod usb;

use std::io;
use std::time::{Duration, Instant};

use ::escpos::printer::Printer;
use ::escpos::utils::Protocol;

use self::condition::{Condition, Hearing, QUESTIONS};
use self::device::Device;
use super::escpos::{AUTOMATIC_STATUS, INITIALISE, NULS_AFTER_ABORT, PARTIAL_CUT, SENSORS_REQUEST, completion_request};
use crate::domain::printer::PrinterState;
use crate::domain::printout::Outcome;

pub use self::address::Address;

/// Every setting anew, and then the automatic status, which that has switched off.
const BEGINNING: [u8; 5] = {
    let ([a, b], [c, d, e]) = (INITIALISE, AUTOMATIC_STATUS);
    [a, b, c, d, e]
};
/// The longest a receipt may take, asking and confirming included; a slow line gets its own time on top.
const RECEIPT_DEADLINE: Duration = Duration::from_secs(20);
/// How long connecting may take.
const CONNECT_WAIT: Duration = Duration::from_secs(2);
/// How long a printer may think about the questions on its state.
const STATE_WAIT: Duration = Duration::from_millis(700);
/// How long the answer "printed" is waited for after the last byte.
const CONFIRMATION_WAIT: Duration = Duration::from_secs(8);
/// A printer that answers what comes behind "printed?", and not that, doesn't know the question.
const LATE_CONFIRMATION_WAIT: Duration = Duration::from_millis(300);

/// A printer that can be reached.
pub struct Connection {
    device: Device,
}

impl Connection {
    /// Connects, and asks to be told of every change. `None` for [`Address::Off`].
    pub fn open(address: &Address) -> io::Result<Option<Self>> {
        let Some(line) = line::open(address, CONNECT_WAIT)? else { return Ok(None) };
        let device = Device::new(line, Instant::now() + CONNECT_WAIT);
        if device.answers() {
            device.say(&AUTOMATIC_STATUS)?;
        }
        Ok(Some(Self { device }))
    }

    /// Takes up what the printer has said by itself; the state by all that is known.
    pub fn listen(&self) -> io::Result<PrinterState> {
        self.device.listen(Duration::ZERO)?;
        Ok(self.state())
    }

    /// Asks the real-time questions (`DLE EOT` 1 to 4), which a printer answers even in the middle of a picture.
    pub fn ask(&self) -> io::Result<PrinterState> {
        if !self.device.answers() {
            return Ok(PrinterState::Unknown);
        }
        self.device.listen(Duration::ZERO)?;
        self.device.hearing(Hearing::ask);
        let deadline = Instant::now() + STATE_WAIT;
        self.device.set_deadline(deadline);
        let questions: Vec<u8> = QUESTIONS.into_iter().flat_map(|question| [0x10, 0x04, question]).collect();
        self.device.say(&questions)?;
        let all = self.device.listen_until(deadline, Hearing::all_answered)?;
        self.device.hearing(|hearing| {
            if all {
                hearing.answers_questions = true;
            } else if hearing.answers_questions && !hearing.has_spoken_since_asked {
                // It used to answer: it is switched off, or its cable is out, and the line doesn't know yet.
                self.device.fail();
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the printer has fallen silent"));
            }
            if hearing.noise > 0 {
                // What noise seemed to say counts for nothing.
                hearing.condition = Condition::default();
            }
            Ok(())
        })?;
        Ok(self.state())
    }

    fn state(&self) -> PrinterState {
        let is_known = |hearing: &mut Hearing| hearing.has_spoken && hearing.noise == 0;
        match self.device.state() {
            // Silence, or noise, says nothing of paper.
            PrinterState::Ready if !self.device.hearing(is_known) => PrinterState::Unknown,
            state => state,
        }
    }

    /// The maker and the model, as far as the printer names them (`GS I` 66 and 67).
    pub fn names(&self) -> Vec<String> {
        let asked = self.device.say(&[0x1d, b'I', 66, 0x1d, b'I', 67]);
        let heard = self.device.listen_until(Instant::now() + STATE_WAIT, |hearing| hearing.names.len() >= 2);
        if asked.is_err() || heard.is_err() {
            return Vec::new();
        }
        self.device.hearing(|hearing| std::mem::take(&mut hearing.names))
    }

    /// True when the line has ended, or the printer no longer does what it used to: only connecting anew helps.
    pub fn has_failed(&self) -> bool {
        self.device.has_failed()
    }

    /// False for a plain file.
    pub fn answers(&self) -> bool {
        self.device.answers()
    }

    /// Begins a paper: its deadline runs from now. Nothing is sent to a printer that can't print.
    pub fn begin(&self) -> Result<(), Broken> {
        let started = Instant::now();
        let state = self.ask().map_err(|error| Broken::before(error.to_string()))?;
        if !state.may_print() {
            return Err(Broken::before(format!("the printer says: {state:?}")));
        }
        self.device.set_deadline(started + RECEIPT_DEADLINE);
        self.device.forget_sent();
        self.send(&BEGINNING)
    }

    /// Sends the next bytes of a paper; on a slow line the deadline moves by the time they take there.
    pub fn send(&self, bytes: &[u8]) -> Result<(), Broken> {
        if let Some(pace) = self.device.pace() {
            let time = Duration::from_secs_f64(bytes.len() as f64 / f64::from(pace.max(1)));
            self.device.set_deadline(self.device.deadline() + time);
        }
        let mut printer = Printer::new(self.device.clone(), Protocol::default(), None);
        let sent = printer.custom(bytes).and_then(|printer| printer.print());
        sent.map(drop).map_err(|error| self.broken(error.to_string()))
    }

    /// Cuts the paper, and waits until the printer says that everything is printed. A line that ends meanwhile leaves that
    /// open, and perhaps half a picture in the printer.
    pub fn finish(&self) -> Result<Outcome, Broken> {
        if !self.device.answers() {
            self.send(&PARTIAL_CUT)?;
            self.device.finish().map_err(|error| self.broken(error.to_string()))?;
            return Ok(Outcome::Unknown);
        }
        self.device.hearing(|hearing| {
            (hearing.printed, hearing.sensors_answered, hearing.noise) = (None, false, 0);
        });
        let id = completion_id();
        // The picture is on its way: from here on trouble is weighed with what is known of the end.
        let last = [&PARTIAL_CUT[..], &completion_request(id), &SENSORS_REQUEST].concat();
        self.device.say(&last).map_err(|error| self.broken(error.to_string()))?;
        self.confirmation(id).unwrap_or_else(|error| {
            // All was sent: whether it was printed, a line that has ended can't say.
            tracing::warn!("waiting for the printer's word: {error}");
            Ok(Outcome::Unknown)
        })
    }

    fn confirmation(&self, id: [u8; 4]) -> io::Result<Result<Outcome, Broken>> {
        let device = &self.device;
        let deadline = (Instant::now() + CONFIRMATION_WAIT).min(device.deadline());
        let is_printed = |hearing: &Hearing| hearing.printed == Some(id);
        let may_print = |hearing: &Hearing| hearing.condition.state().may_print();
        device
            .listen_until(deadline, |hearing| is_printed(hearing) || hearing.sensors_answered || !may_print(hearing))?;
        if device.hearing(|hearing| may_print(hearing) && hearing.sensors_answered) {
            let late = deadline.min(Instant::now() + LATE_CONFIRMATION_WAIT);
            device.listen_until(late, |hearing| is_printed(hearing) || !may_print(hearing))?;
        }
        if device.hearing(|hearing| is_printed(hearing)) {
            return Ok(Ok(Outcome::Confirmed));
        }
        match device.state() {
            // The paper is printed, and hangs in the cutter.
            PrinterState::CutterError => Ok(Ok(Outcome::Unknown)),
            state if !state.may_print() => Ok(Err(self.broken(format!("the printer says: {state:?}")))),
            _ => self.confirmation_by_state().map(Ok),
        }
    }

    /// For printers without `GS ( H`: they answered `GS r` in its turn behind the receipt, and still have paper.
    fn confirmation_by_state(&self) -> io::Result<Outcome> {
        if !self.device.hearing(|hearing| hearing.sensors_answered && hearing.noise == 0) {
            return Ok(Outcome::Unknown);
        }
        let state = self.ask()?;
        let all_answered = self.device.hearing(|hearing| hearing.all_answered());
        Ok(match state {
            PrinterState::Ready | PrinterState::PaperLow if all_answered => Outcome::Confirmed,
            _ => Outcome::Unknown,
        })
    }

    fn broken(&self, error: String) -> Broken {
        Broken { error, began: self.device.sent() > BEGINNING.len() }
    }

    /// Frees the printer from what is left of a picture that broke off: whatever the picture still waits for becomes
    /// white, settings begin anew, and the torn piece is cut off. To be called when the printer can print again.
    pub fn clean(&self) -> io::Result<()> {
        if !self.device.answers() {
            return Ok(());
        }
        self.device.set_deadline(Instant::now() + RECEIPT_DEADLINE);
        let bytes = [&[0; NULS_AFTER_ABORT][..], &BEGINNING, &PARTIAL_CUT].concat();
        self.device.say(&bytes)
    }
}

/// Why a paper didn't come out whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Broken {
    error: String,
    /// A part of it is in the printer
    pub began: bool,
}

impl Broken {
    /// Nothing has been sent.
    pub fn before(error: impl Into<String>) -> Self {
        Self { error: error.into(), began: false }
    }
}

/// Four printable characters (`GS ( H` takes 32 to 126), different for each receipt. None looks like another answer's
/// byte: bit 4 of `A` to `O` is 0.
fn completion_id() -> [u8; 4] {
    crate::seal::keys::random::<4>().map(|byte| b'A' + byte % 15)
}

//! The printer: a device behind the `escpos` crate, with one deadline a receipt, and what can be known of its state.

mod device;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use ::escpos::driver::Driver;
use ::escpos::errors::PrinterError;
use ::escpos::printer::Printer;
use ::escpos::utils::Protocol;
use serde::Deserialize;

use self::device::Device;
use super::bitmap::Bitmap;
use super::escpos::{INITIALISE, PARTIAL_CUT, completion_answer, completion_request, raster};
use crate::domain::printer::PrinterState;
use crate::domain::printout::Outcome;

/// Where the printer is, as `config/kiosk.toml` says it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Address {
    /// `tcp://host:port`, usually port 9100
    Tcp(String),
    /// `file:///dev/usb/lp0`, or any other path
    File(PathBuf),
    /// No printer: number and QR code stay on the screen
    Off,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no printer: write tcp://host:port, file:///dev/usb/lp0 or off")]
pub struct AddressError(String);

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        let port_of = |address: &str| address.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        match (text.strip_prefix("tcp://"), text.strip_prefix("file://")) {
            (Some(address), _) if port_of(address).is_some() => Ok(Self::Tcp(address.to_owned())),
            (_, Some(path)) if path.starts_with('/') => Ok(Self::File(path.into())),
            _ if text == "off" => Ok(Self::Off),
            _ => Err(AddressError(text)),
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(address) => write!(formatter, "tcp://{address}"),
            Self::File(path) => write!(formatter, "file://{}", path.display()),
            Self::Off => formatter.write_str("off"),
        }
    }
}

/// The longest a receipt may take, connecting and confirming included.
const RECEIPT_DEADLINE: Duration = Duration::from_secs(20);
/// How long a printer may think about a question on its state.
const STATE_DEADLINE: Duration = Duration::from_millis(700);
/// How long the answer "printed" is waited for after the last byte.
const CONFIRMATION_WAIT: Duration = Duration::from_secs(8);

/// Prints a picture and cuts it off. Connects anew for each receipt: a printer that was switched off in between, or
/// holds half a picture of an aborted one, is none the worse.
pub fn print(address: &Address, picture: &Bitmap) -> Outcome {
    match try_print(address, picture) {
        Ok(outcome) => outcome,
        Err(error) => {
            tracing::warn!("printing on {address}: {error}");
            Outcome::Failed
        }
    }
}

fn try_print(address: &Address, picture: &Bitmap) -> Result<Outcome, PrinterError> {
    let deadline = Instant::now() + RECEIPT_DEADLINE;
    let Some(device) = Device::connect(address, deadline)? else { return Ok(Outcome::Failed) };
    let state = ask_state(&device)?;
    if !state.may_print() {
        tracing::warn!("printing on {address}: {state:?}");
        return Ok(Outcome::Failed);
    }
    let id = completion_id();
    let mut printer = Printer::new(device.clone(), Protocol::default(), None);
    printer.custom(&INITIALISE)?.custom(&raster(picture))?.custom(&PARTIAL_CUT)?;
    if device.answers() {
        printer.custom(&completion_request(id))?;
    }
    printer.print()?;
    device.finish()?;
    if !device.answers() {
        return Ok(Outcome::Unknown);
    }
    device.set_deadline(deadline.min(Instant::now() + CONFIRMATION_WAIT));
    Ok(if hears(&device, &completion_answer(id)) { Outcome::Confirmed } else { Outcome::Unknown })
}

/// Asks a printer how it is.
pub fn state(address: &Address) -> PrinterState {
    match Device::connect(address, Instant::now() + 2 * STATE_DEADLINE) {
        Ok(None) => PrinterState::Off,
        Ok(Some(device)) => ask_state(&device).unwrap_or(PrinterState::Unreachable),
        Err(_) => PrinterState::Unreachable,
    }
}

/// `DLE EOT` 1 (printer), 2 (why offline) and 4 (paper), each answered with one byte `0xx1xx10`.
fn ask_state(device: &Device) -> Result<PrinterState, PrinterError> {
    if !device.answers() {
        return Ok(PrinterState::Unknown);
    }
    let mut answers = [0; 3];
    for (answer, question) in answers.iter_mut().zip([1, 2, 4]) {
        device.write(&[0x10, 0x04, question])?;
        match read_status(device) {
            Some(byte) => *answer = byte,
            None => return Ok(PrinterState::Unknown),
        }
    }
    let [printer, offline, paper] = answers;
    Ok(if paper & 0x60 != 0 {
        PrinterState::PaperOut
    } else if offline & 0x04 != 0 {
        PrinterState::CoverOpen
    } else if printer & 0x08 != 0 {
        PrinterState::Offline
    } else {
        PrinterState::Ready
    })
}

fn read_status(device: &Device) -> Option<u8> {
    let before = device.deadline();
    device.set_deadline(before.min(Instant::now() + STATE_DEADLINE));
    let mut byte = [0];
    let status = loop {
        match device.read(&mut byte) {
            // Other bytes are automatic status messages: not the answer to this question.
            Ok(1) if byte[0] & 0x93 == 0x12 => break Some(byte[0]),
            Ok(1) => {}
            _ => break None,
        }
    };
    device.set_deadline(before);
    status
}

/// Reads until the expected bytes came, or the deadline.
fn hears(device: &Device, expected: &[u8]) -> bool {
    let mut heard = Vec::new();
    let mut byte = [0];
    while let Ok(1) = device.read(&mut byte) {
        heard.push(byte[0]);
        if heard.ends_with(expected) {
            return true;
        }
    }
    false
}

/// Four printable characters (`GS ( H` takes 32 to 126), different for each receipt.
fn completion_id() -> [u8; 4] {
    crate::seal::keys::random::<4>().map(|byte| b'A' + byte % 26)
}

//! Printers as they really behave: every fault ends a receipt in time and honestly, and the next receipt is clean.

mod faults;
mod foreign;

use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use istiqbal::domain::catalogue::Catalogue;
use istiqbal::domain::code::Code;
use istiqbal::domain::language::Language;
use istiqbal::domain::printer::PrinterState;
use istiqbal::domain::printout::Outcome;
use istiqbal::domain::tracking_number::TrackingNumber;
use istiqbal::ledger::keeper::Registered;
use istiqbal::receipt::content::Receipt;
use istiqbal::receipt::picture::PaperWidth;
use istiqbal::receipt::press::{Paper, Press, PressSettings};
use istiqbal::receipt::printer::Address;
use istiqbal::seal::envelope::KioskTime;

/// Longer than any print may take.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// A press and the states that it tells.
pub struct Bench {
    press: Option<Press>,
    states: mpsc::Receiver<PrinterState>,
    thread: Option<JoinHandle<()>>,
}

impl Bench {
    pub fn at(address: &str) -> Self {
        let (tell, states) = mpsc::channel();
        let address = Address::try_from(address.to_owned()).unwrap();
        let settings = PressSettings { address, width: PaperWidth::Mm80, logo: None };
        let on_state = move |state| {
            // The test may have ended.
            let _ = tell.send(state);
        };
        let (press, thread) = Press::start(settings, on_state).unwrap();
        Self { press: Some(press), states, thread: Some(thread) }
    }

    /// Waits for a state; the ones before it are passed over.
    pub fn wait_for(&self, wanted: PrinterState) {
        let mut heard = Vec::new();
        while heard.last() != Some(&wanted) {
            let state = self.states.recv_timeout(PATIENCE);
            heard.push(state.unwrap_or_else(|_| panic!("{wanted:?} wasn't heard, but {heard:?}")));
        }
    }

    pub fn begin(&self) -> mpsc::Receiver<Outcome> {
        let (tell, told) = mpsc::channel();
        let paper = Paper::Receipt { receipt: receipt(), paper_copy: None };
        self.press.as_ref().unwrap().print(paper, move |outcome| tell.send(outcome).unwrap());
        told
    }

    pub fn print(&self) -> Outcome {
        self.begin().recv_timeout(PATIENCE).expect("the print has an end")
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        drop(self.press.take());
        let ended = self.thread.take().unwrap().join();
        assert!(std::thread::panicking() || ended.is_ok(), "the printer's thread has failed");
    }
}

pub fn receipt() -> Receipt {
    let text = include_str!("../../config/catalog.toml");
    Receipt {
        registered: Registered {
            tracking_number: TrackingNumber::new(17.try_into().unwrap(), 4_803_956),
            code: Code::from_number(31_415_926_535_897_932_384),
            time: KioskTime { at: "2026-11-23T08:00:00Z".parse().unwrap(), trusted: true },
            service: "rent".into(),
            missing_documents: vec!["id_card".into(), "rent_contract".into()],
            place: None,
        },
        language: Language::Arabic,
        catalogue: Arc::new(Catalogue::parse(Path::new("catalog.toml"), text).unwrap()),
        public_address: None,
        is_copy: false,
    }
}

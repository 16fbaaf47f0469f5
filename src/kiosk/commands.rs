//! The kiosk's commands beside `run`: enroll, visit, check, print-test.

use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;

use super::attendant::{Answer, Attendant};
use super::catalogue;
use super::config::KioskConfig;
use super::enrolment::{Enrolment, EnrolmentError};
use super::running::{Parts, Running, StartError};
use super::script::{Player, ScriptError, kind_of};
use super::visit::{Station, Visit};
use crate::domain::calendar::riyadh_day;
use crate::domain::clock::SharedClock;
use crate::domain::printer::PrinterState;
use crate::domain::printout::Outcome;
use crate::ledger::check::{self, Summary};
use crate::ledger::export::{self, Exported};
use crate::ledger::keeper::Keeper;
use crate::ledger::{LedgerError, Standing};
use crate::receipt::press::{Paper, PressSettings, print_once};
use crate::receipt::printer::{Connection, usb};
use crate::replication::invite::Invite;
use crate::replication::kiosk::Progress;
use crate::seal::envelope::KioskTime;

/// How long scripted visits wait for the office's first word, by which the kiosk's clock counts.
const FIRST_WORD_WAIT: Duration = Duration::from_secs(5);
/// So many failures after the last visit, and a script no longer waits for the office.
const FAILURES_MAX: u32 = 6;
/// Maximum number of rounds without an acknowledgement that a script waits for an office that answers.
const STUCK_MAX: u32 = 3;

#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error("the store has failed: nothing more can be promised. See the log, check the disk, and start again")]
    OutOfService,
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Enrolment(#[from] EnrolmentError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error(
        "the office has not acknowledged everything; the records stay safe in the kiosk. Start the office, then run any visit again, or add --offline"
    )]
    NotAcknowledged,
    #[error(
        "the office answers and doesn't acknowledge this kiosk's records: it refuses them, as said above, or something before them is missing there. They stay safe in the kiosk. See the office's log, and update the office if it is of an earlier version; then run `istiqbal kiosk check`, and any visit again"
    )]
    Stuck,
}

/// Enrols this kiosk at the office that made the invite.
pub fn enroll(config: &KioskConfig, invite: &Invite, name: String) -> Result<Enrolment, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(Enrolment::by_invite(&config.data, invite, name))?)
}

/// How scripted visits are played.
#[derive(Clone, Copy, Debug)]
pub struct VisitOptions {
    pub offline: bool,
    pub print: bool,
}

#[derive(Serialize)]
struct Failed {
    visit: serde_json::Value,
    error: String,
}

/// Replays the visits of a script, a JSON object a line, and answers each with a line once it is durable. Gives true
/// when every visit went well.
pub fn visit(
    config: &KioskConfig,
    clock: SharedClock,
    options: VisitOptions,
    script: impl BufRead,
    mut answers: impl Write,
) -> Result<bool, CommandError> {
    let catalogue = catalogue::newest(config).map_err(StartError::from)?;
    let parts = Parts { printer: options.print, replication: !options.offline };
    let (news, received) = mpsc::channel();
    let running = Running::start(config, catalogue.clone(), clock.clone(), parts, news, || {}, &|_| {})?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let mut progress = running.progress.clone();
    if !options.offline {
        runtime.block_on(wait_for(&mut progress, FIRST_WORD_WAIT, |progress| {
            let is_heard = progress.last_acknowledged_at.is_some() && progress.all_heard;
            is_heard || progress.failures > 0 || progress.standing != Standing::Known
        }));
    }
    let (posting, posted) = mpsc::channel();
    let attendant = with_post(&running.attendant, posting);
    drop(received);
    let visit = Visit::new(Station::Reception, catalogue, config.beneficiaries);
    let mut player = Player::new(visit, attendant, posted, clock);
    let mut all_well = true;
    for line in script.lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = match player.play(&line) {
            Ok(done) => serde_json::to_string(&done),
            Err(error) => {
                all_well = false;
                serde_json::to_string(&Failed { visit: kind_of(&line), error: error.to_string() })
            }
        };
        writeln!(answers, "{}", answer.map_err(ScriptError::from).map_err(std::io::Error::other)?)?;
        answers.flush()?;
        if !player.is_in_service() {
            drop(player);
            running.stop();
            return Err(CommandError::OutOfService);
        }
    }
    drop(player);
    let sent = if options.offline { Ok(()) } else { runtime.block_on(wait_until_sent(&running, config.batch_minimum)) };
    running.stop();
    sent.map(|()| all_well)
}

/// The same attendant, whose answers go to a player.
fn with_post(attendant: &Attendant, posting: mpsc::Sender<Answer>) -> Attendant {
    let post = Arc::new(move |answer| {
        // The player may have ended with an error before its last answer came.
        let _ = posting.send(answer);
    });
    Attendant { post, ..attendant.clone() }
}

/// Waits until the office holds everything; an error when it stays out of reach, or doesn't acknowledge.
async fn wait_until_sent(running: &Running, batch_minimum: usize) -> Result<(), CommandError> {
    let mut progress = running.progress.clone();
    loop {
        let left = running.attendant.ledger.ask(|keeper| keeper.ledger().unacknowledged_count()).await;
        if matches!(left, Ok(Ok(0))) && !waits_with_ratings(running, batch_minimum).await {
            return Ok(());
        }
        let Progress { failures, standing, stuck, .. } = *progress.borrow();
        if failures >= FAILURES_MAX || standing == Standing::NotKnown {
            return Err(CommandError::NotAcknowledged);
        }
        if stuck >= STUCK_MAX {
            return Err(CommandError::Stuck);
        }
        if let Some(waker) = &running.attendant.waker {
            waker.notify_one();
        }
        let _ = tokio::time::timeout(Duration::from_millis(200), progress.changed()).await;
    }
}

/// True while a batch of ratings is on its way, or may leave; those that wait for company don't count.
async fn waits_with_ratings(running: &Running, minimum: usize) -> bool {
    let waits = move |keeper: &mut Keeper| {
        let today = riyadh_day(keeper.now().at);
        keeper.ratings().has_to_send(minimum, today)
    };
    running.attendant.ledger.ask(waits).await.unwrap_or(false)
}

async fn wait_for(progress: &mut watch::Receiver<Progress>, limit: Duration, done: impl FnMut(&Progress) -> bool) {
    // In time or not: the visits go on either way.
    let _ = tokio::time::timeout(limit, progress.wait_for(done)).await;
}

/// Looks into the store without changing it.
pub fn check(config: &KioskConfig, list: bool) -> Result<Summary, CommandError> {
    let enrolment = Enrolment::read(&config.data)?;
    Ok(check::check(&config.data, &enrolment.identity, list, config.store_patience())?)
}

/// Repairs what is damaged in the store, keeps the damaged originals, and looks again.
pub fn repair(config: &KioskConfig, clock: &SharedClock, list: bool) -> Result<Summary, CommandError> {
    let enrolment = Enrolment::read(&config.data)?;
    let now = KioskTime { at: clock.now(), trusted: false };
    Ok(check::repair(&config.data, &enrolment.identity, now, list, config.store_patience())?)
}

/// Copies the store, without the keys, into a folder that doesn't exist yet.
pub fn export(config: &KioskConfig, to: &Path) -> Result<Exported, CommandError> {
    let enrolment = match Enrolment::read(&config.data) {
        Err(error) if error.is_without_owner() => {
            tracing::warn!("{error}. What is copied is looked through when the copy is opened");
            None
        }
        other => Some(other?),
    };
    let owner = enrolment.as_ref().map(|enrolment| &enrolment.identity);
    Ok(export::export(&config.data, to, owner, config.store_patience())?)
}

/// What a test of the printer found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrinterTest {
    pub state: PrinterState,
    /// Maker and model, as far as the printer says them
    pub names: Vec<String>,
    pub outcome: Outcome,
}

/// Asks the printer how it is and what it is, and prints a pattern: a ruler of 8-dot squares, and a black bar.
pub fn print_test(config: &KioskConfig) -> Result<PrinterTest, CommandError> {
    let settings = PressSettings {
        address: config.printer.clone(),
        width: config.paper,
        logo: config.logo().map_err(StartError::from)?,
    };
    let (state, names) = match Connection::open(&config.printer) {
        Ok(None) => (PrinterState::Off, Vec::new()),
        Ok(Some(connection)) => {
            let state = connection.ask().unwrap_or(PrinterState::Unreachable);
            (state, if connection.answers() { connection.names() } else { Vec::new() })
        }
        Err(error) => {
            tracing::warn!("{}: {error}", config.printer);
            (PrinterState::Unreachable, Vec::new())
        }
    };
    let outcome = if state.may_print() { print_once(settings, Paper::Test) } else { Outcome::Failed };
    Ok(PrinterTest { state, names, outcome })
}

/// The printers that can be found by looking: on the USB, and devices that may be one. Each as it is written in the
/// configuration, with its name.
pub fn found_printers() -> Vec<(String, String)> {
    let on_usb = usb::found().unwrap_or_else(|error| {
        // A machine without any USB has no such folder.
        tracing::debug!("looking for USB printers: {error}");
        Vec::new()
    });
    let on_usb = on_usb.into_iter().map(|found| (found.address.to_string(), found.name));
    let devices = |folder: &'static str, prefix: &'static str| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(move |name| name.starts_with(prefix)).map(move |name| format!("{folder}/{name}"))
    };
    let kernel = devices("/dev/usb", "lp").map(|path| (format!("file://{path}"), String::new()));
    let serial = ["ttyUSB", "ttyACM"].into_iter().flat_map(|prefix| devices("/dev", prefix));
    let serial = serial.map(|path| (format!("serial://{path}"), "perhaps".to_owned()));
    on_usb.chain(kernel).chain(serial).collect()
}

//! Joining an office by scanning its invite, at a kiosk that was never enrolled.

use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Instant;

use super::enrolment::{Enrolment, EnrolmentError};
use super::scanner::ScannerKeys;
use super::screens::joining::JoiningState;
use crate::replication::invite::Invite;
use crate::replication::kiosk::KioskSideError;

/// Gathers a scan, and enrols by it on a thread of its own.
pub struct Joining {
    data: PathBuf,
    name: String,
    scanner: ScannerKeys,
    state: JoiningState,
    outcome: Option<mpsc::Receiver<Result<(), EnrolmentError>>>,
}

impl Joining {
    /// `name` is what the office will call this kiosk.
    pub fn new(data: PathBuf, name: String) -> Self {
        Self { data, name, scanner: ScannerKeys::default(), state: JoiningState::Waiting, outcome: None }
    }

    pub fn state(&self) -> &JoiningState {
        &self.state
    }

    /// Takes a key of the scanner. `done` is called, on another thread, when joining has come to its end.
    pub fn key(&mut self, key: &str, done: impl FnOnce() + Send + 'static) {
        let Some(text) = self.scanner.key(key, Instant::now()) else { return };
        if self.outcome.is_some() {
            return;
        }
        let Ok(invite) = text.parse::<Invite>() else {
            self.state = JoiningState::NoInvite;
            return;
        };
        let (say, outcome) = mpsc::channel();
        let (data, name) = (self.data.clone(), self.name.clone());
        let work = move || {
            // Whoever waits may have closed the window.
            let _ = say.send(join(&data, &invite, name));
            done();
        };
        self.state = match std::thread::Builder::new().name("joining".into()).spawn(work) {
            Ok(_) => {
                self.outcome = Some(outcome);
                JoiningState::Busy
            }
            Err(error) => failed(&EnrolmentError::Io { path: self.data.clone(), source: error }),
        };
    }

    /// True when the kiosk has joined.
    pub fn has_joined(&mut self) -> bool {
        let Some(outcome) = &self.outcome else { return false };
        let error = match outcome.try_recv() {
            Ok(Ok(())) => return true,
            Ok(Err(error)) => failed(&error),
            Err(mpsc::TryRecvError::Empty) => return false,
            // It has panicked; the log says why.
            Err(mpsc::TryRecvError::Disconnected) => JoiningState::Failed,
        };
        self.outcome = None;
        self.state = error;
        false
    }
}

fn join(data: &std::path::Path, invite: &Invite, name: String) -> Result<(), EnrolmentError> {
    let io = |source| EnrolmentError::Io { path: data.to_owned(), source };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(io)?;
    let enrolment = runtime.block_on(Enrolment::by_invite(data, invite, name))?;
    tracing::info!(kiosk = %enrolment.identity.kiosk(), office = %enrolment.office.address, "this kiosk has joined");
    Ok(())
}

fn failed(error: &EnrolmentError) -> JoiningState {
    tracing::error!("joining: {error}");
    match error {
        EnrolmentError::Replication(KioskSideError::Unreachable { address, .. }) => {
            JoiningState::Unreachable { address: address.clone() }
        }
        EnrolmentError::Replication(KioskSideError::Refused { .. }) => JoiningState::Refused,
        _ => JoiningState::Failed,
    }
}

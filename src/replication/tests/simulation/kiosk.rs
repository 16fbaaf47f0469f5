//! The kiosk's machine: the real ledger, its thread and its side of the replication, above a disk that may do anything.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::line::{KiosksEnd, Line};
use super::office::{BEGINNING, Template, folder_in_memory};
use crate::domain::chance::Chance;
use crate::domain::clock::{SetClock, SharedClock};
use crate::domain::printer::PrinterState;
use crate::domain::record::Listing;
use crate::domain::tracking_number::TrackingNumber;
use crate::ledger::check::{self, Summary};
use crate::ledger::disk;
use crate::ledger::disk::simulated::{Disk, Mounted};
use crate::ledger::handle::{LedgerHandle, Opening};
use crate::ledger::journal::small::set_segment_bytes;
use crate::ledger::keeper::{Keeper, KeeperError};
use crate::ledger::{Identity, LedgerError, OpeningReport, envelopes_in, mark_new};
use crate::replication::calls::Calls;
use crate::replication::client::OfficeClient;
use crate::replication::kiosk::{Keeping, Membership, Progress, Side};
use crate::seal::envelope::Epoch;
use crate::seal::keys::{ProvingKey, seeded};

/// Ends a story that hangs.
const PATIENCE: Duration = Duration::from_secs(600);
/// Least number of ratings that leave together.
pub const BATCH_MINIMUM: usize = 2;
const DISK_BYTES: u64 = 1024 * 1024 * 1024;

/// Files by their paths in a folder.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Envelopes by their places, with the number of the request that they register.
pub type Places = BTreeMap<(Epoch, u64), Option<TrackingNumber>>;

/// Where the kiosk's files are.
enum Ground {
    Simulated(Mounted),
    /// For the real sled
    Real(tempfile::TempDir),
}

pub struct KioskMachine {
    running: Option<Running>,
    pub folder: PathBuf,
    identity: Identity,
    membership: Membership,
    office: ProvingKey,
    pub clock: Arc<SetClock>,
    line: Rc<Line>,
    chance: Chance,
    segment_bytes: u64,
    // Behind all that uses it.
    ground: Ground,
}

pub struct Running {
    pub ledger: LedgerHandle,
    pub side: Side<KiosksEnd>,
    thread: JoinHandle<()>,
}

impl KioskMachine {
    pub fn new(template: &Template, line: &Rc<Line>, mut chance: Chance, is_real: bool) -> Self {
        let segment_bytes = [32, 48, 96][chance.below(3) as usize] * 1024;
        set_segment_bytes(segment_bytes);
        let ground = match is_real {
            true => Ground::Real(folder_in_memory()),
            false => Ground::Simulated(Mounted::new(chance.draw(), DISK_BYTES)),
        };
        let root = match &ground {
            Ground::Real(folder) => folder.path().to_owned(),
            Ground::Simulated(mounted) => mounted.root(),
        };
        let folder = root.join("kiosk");
        mark_new(&folder).unwrap();
        let (enrolled, membership) = (template.enrolled, template.membership.clone());
        let identity = Identity::new(membership.keys.clone(), enrolled.kiosk, enrolled.epoch, enrolled.sealing_key);
        Self {
            running: None,
            folder,
            identity: identity.proved(),
            membership,
            office: enrolled.proving_key,
            clock: SetClock::at(BEGINNING.parse().unwrap()),
            line: line.clone(),
            chance,
            segment_bytes,
            ground,
        }
    }

    pub fn disk(&self) -> Option<&Disk> {
        match &self.ground {
            Ground::Simulated(mounted) => Some(mounted.disk()),
            Ground::Real(_) => None,
        }
    }

    pub fn is_down(&self) -> bool {
        self.disk().is_some_and(Disk::has_ended)
    }

    pub fn start(&mut self) -> Result<OpeningReport, KeeperError> {
        let clock: SharedClock = self.clock.clone();
        let (folder, identity) = (self.folder.clone(), self.identity.clone());
        let opening = Opening { folder, identity, clock, patience: PATIENCE };
        let (ledger, report, thread) = LedgerHandle::start(opening, &|_| {}, |_| {})?;
        let (chance, bytes) = (Chance::of(self.chance.draw()), self.segment_bytes);
        ledger.wait(move |_| {
            seeded::set(Some(chance));
            set_segment_bytes(bytes);
        })?;
        let keeping = Keeping { on_catalogue: Box::new(|_| Ok(())), on_enrolment: Box::new(|_| Ok(())) };
        let side = Side {
            client: OfficeClient::carried_by(KiosksEnd(self.line.clone())),
            office: self.office,
            ledger: ledger.clone(),
            batch_minimum: BATCH_MINIMUM,
            wake: Arc::new(Notify::new()),
            report: watch::channel(Progress::default()).0,
            calls: Calls::new(),
            printer: watch::channel(PrinterState::Off).1,
            membership: RefCell::new(self.membership.clone()),
            keeping: RefCell::new(keeping),
            told_witness: Cell::new(None),
            has_asked: Cell::new(false),
        };
        self.running = Some(Running { ledger, side, thread });
        Ok(report)
    }

    pub fn running(&self) -> Option<&Running> {
        self.running.as_ref()
    }

    /// Ends the program, orderly as far as the disk lets it.
    pub fn stop(&mut self) {
        if let Some(Running { ledger, side, thread }) = self.running.take() {
            drop((ledger, side));
            thread.join().expect("the ledger's thread never panics");
        }
    }

    pub fn is_in_service(&self) -> bool {
        self.ask(|keeper| keeper.ledger().is_in_service()).unwrap_or(false)
    }

    pub fn ask<T: Send + 'static>(&self, work: impl FnOnce(&mut Keeper) -> T + Send + 'static) -> Option<T> {
        self.running.as_ref()?.ledger.wait(work).ok()
    }

    /// Stages records and waits until they are durable, or can't be.
    pub fn commit<T: Send + 'static>(
        &self,
        stage: impl FnOnce(&mut Keeper) -> Result<T, KeeperError> + Send + 'static,
    ) -> Option<T> {
        let (tell, told) = mpsc::channel();
        let done = move |done: Result<T, KeeperError>| drop(tell.send(done.ok()));
        self.running.as_ref()?.ledger.commit(stage, done);
        told.recv_timeout(PATIENCE).expect("whoever commits is answered")
    }

    pub fn check(&self) -> Result<Summary, LedgerError> {
        check::check(&self.folder, &self.identity, true, PATIENCE)
    }

    /// Changes a file behind the program's back.
    pub fn edit(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        match self.disk() {
            Some(disk) => disk.damage(path, change),
            None => {
                let Ok(mut bytes) = disk::read(path) else { return };
                change(&mut bytes);
                disk::write(path, &bytes).unwrap();
            }
        }
    }

    /// Gives the files in a folder of the kiosk, and below it; nothing where there is no folder.
    pub fn copy_of(&self, folder: &Path) -> Files {
        let mut files = Files::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(inside) = folders.pop() {
            for path in disk::read_folder(&inside).unwrap_or_default() {
                if disk::is_folder(&path) {
                    folders.push(path);
                } else if let Ok(bytes) = disk::read(&path) {
                    files.insert(path.strip_prefix(folder).unwrap().to_owned(), bytes);
                }
            }
        }
        files
    }

    /// The places of all envelopes that any file of the kiosk still holds, and the numbers of the requests among them.
    pub fn places(&self) -> Places {
        self.places_in("")
    }

    /// The same of a folder.
    pub fn places_in(&self, folder: &str) -> Places {
        let verifier = self.membership.keys.proving_key().verifier().unwrap();
        let mut places = Places::new();
        for bytes in self.copy_of(&self.folder.join(folder)).values() {
            let own = envelopes_in(bytes).map(|(_, envelope)| envelope);
            for envelope in own.filter(|envelope| envelope.verify_by(&verifier).is_ok()) {
                let number = match envelope.listing() {
                    Ok(Listing::Request { tracking_number, .. }) => Some(tracking_number),
                    _ => None,
                };
                places.insert((envelope.header.epoch, envelope.header.sequence), number);
            }
        }
        places
    }

    pub fn put_back(&self, folder: &Path, files: &Files) {
        if let Some(disk) = self.disk() {
            return disk.put_back(folder, files);
        }
        disk::remove_folder(folder).unwrap();
        for (below, bytes) in files {
            let path = folder.join(below);
            disk::make_folders(path.parent().unwrap()).unwrap();
            disk::write(&path, bytes).unwrap();
        }
    }

    /// Everything that waits is flushed, as time does.
    pub fn settle(&self) {
        if let Some(disk) = self.disk() {
            disk.settle();
        }
    }

    pub fn segments(&self) -> Vec<PathBuf> {
        let mut files = self.files_in("journal");
        files.retain(|path| path.extension().is_some_and(|end| end == "segment"));
        files
    }

    pub fn files_in(&self, folder: &str) -> Vec<PathBuf> {
        let inside = disk::read_folder(&self.folder.join(folder)).unwrap_or_default();
        inside.into_iter().filter(|path| disk::is_file(path)).collect()
    }
}

impl Drop for KioskMachine {
    fn drop(&mut self) {
        self.stop();
    }
}

//! A kiosk's store in a folder, with copies of that folder of earlier.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::copy_folder;
use crate::domain::answers::{Answer, Answers};
use crate::domain::clock::{SetClock, SharedClock};
use crate::domain::declaration::Versions;
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::record::Listing;
use crate::domain::request::Beneficiary;
use crate::domain::signature::Signature;
use crate::domain::stage::RequestStatus;
use crate::domain::tracking_number::TrackingNumber;
use crate::ledger::journal::{read_segment, segment_numbers, segment_path};
use crate::ledger::keeper::{Keeper, Registration};
use crate::ledger::{Identity, export, mark_new};
use crate::replication::wire::{Acknowledgement, Changes, Enrolled};
use crate::seal::envelope::Envelope;
use crate::seal::keys::KioskKeys;

const PATIENCE: Duration = Duration::from_secs(60);

/// How a copy becomes the kiosk's store again.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// Its files are put back; nobody tells the program
    Files,
    /// `kiosk export`: a new epoch begins, and what the office has said is gone
    Export,
}

pub struct KioskSide {
    root: tempfile::TempDir,
    folder: PathBuf,
    identity: Identity,
    pub clock: Arc<SetClock>,
    keeper: Option<Keeper>,
    copies: usize,
    restored: usize,
}

impl KioskSide {
    pub fn new(keys: KioskKeys, enrolled: &Enrolled) -> Self {
        let Enrolled { kiosk, epoch: first_epoch, sealing_key, .. } = *enrolled;
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("kiosk");
        mark_new(&folder).unwrap();
        let clock = SetClock::at("2026-11-23T08:00:00Z".parse().unwrap());
        let identity = Identity::new(keys, kiosk, first_epoch, sealing_key);
        let mut kiosk = Self { root, folder, identity, clock, keeper: None, copies: 0, restored: 0 };
        kiosk.open();
        kiosk
    }

    pub fn keeper(&mut self) -> &mut Keeper {
        self.keeper.as_mut().unwrap()
    }

    fn open(&mut self) {
        let clock: SharedClock = self.clock.clone();
        let keeper = Keeper::open(&self.folder, self.identity.clone(), clock, PATIENCE, &|_| {}).unwrap();
        assert_eq!(keeper.report().lost, []);
        self.keeper = Some(keeper);
    }

    fn close(&mut self) {
        self.keeper.take().unwrap().close().unwrap();
    }

    /// Signed, and durable only after [`Self::sync`].
    pub fn stage_registration(&mut self) {
        let mut answers = Answers::default();
        answers.set("service", Answer::Choice("food_basket".into()));
        let registration = Registration {
            language: Language::Arabic,
            beneficiary: Beneficiary::External,
            versions: Versions { catalogue: 1, declaration: 1, privacy_notice: 1, policy: 1 },
            answers,
            documents: [("id_card", DocumentAnswer::WithMe), ("family_record", DocumentAnswer::Later)]
                .map(|(id, said)| (id.to_owned(), said))
                .into(),
            signature: Signature::from_fractions(&[vec![(0.1, 0.5), (0.4, 0.2)]]).unwrap(),
        };
        self.keeper().register(registration).unwrap();
    }

    /// The holder of one of the receipts brings a document.
    pub fn bring_document(&mut self, which: usize) {
        let numbers = self.numbers();
        if !numbers.is_empty() {
            self.keeper().bring_documents(numbers[which % numbers.len()], vec!["family_record".into()]).unwrap();
            self.sync();
        }
    }

    pub fn sync(&mut self) {
        self.keeper().ledger().sync().unwrap();
        self.keeper().ledger().apply().unwrap();
    }

    /// Durable, and not in the store behind the journal.
    pub fn sync_only(&mut self) {
        self.keeper().ledger().sync().unwrap();
    }

    pub fn crash(&mut self) {
        self.keeper = None;
        self.open();
    }

    pub fn restart(&mut self) {
        self.close();
        self.open();
    }

    pub fn lose_store(&mut self) {
        self.keeper = None;
        fs::remove_dir_all(self.folder.join("sled")).unwrap();
        self.open();
    }

    pub fn copy(&mut self) {
        self.close();
        copy_folder(&self.folder, &self.copy_path(self.copies));
        self.copies += 1;
        self.open();
    }

    pub fn restore(&mut self, which: usize, way: Way) {
        self.keeper = None;
        self.restored += 1;
        self.folder = self.root.path().join(format!("restored-{}", self.restored));
        match way {
            Way::Files => copy_folder(&self.copy_path(which), &self.folder),
            Way::Export => {
                let exported =
                    export::export(&self.copy_path(which), &self.folder, Some(&self.identity), PATIENCE).unwrap();
                assert_eq!(exported.lost, Vec::<String>::new());
            }
        }
        self.open();
    }

    fn copy_path(&self, which: usize) -> PathBuf {
        self.root.path().join(format!("copy-{which}"))
    }

    /// Everything in the journal, in order.
    pub fn envelopes(&self) -> Vec<Envelope> {
        read_journal(&self.folder.join("journal"))
    }

    fn numbers(&self) -> Vec<TrackingNumber> {
        let number = |envelope: &Envelope| match envelope.listing() {
            Ok(Listing::Request { tracking_number, .. }) => Some(tracking_number),
            _ => None,
        };
        self.envelopes().iter().filter_map(number).collect()
    }

    pub fn unacknowledged(&mut self, behind: usize, limit: usize) -> Vec<Vec<u8>> {
        self.keeper().ledger().unacknowledged_behind(behind, limit).unwrap()
    }

    pub fn unacknowledged_count(&mut self) -> usize {
        self.keeper().ledger().unacknowledged_count().unwrap() as usize
    }

    /// True when something was settled by new records.
    pub fn acknowledge(&mut self, acknowledgement: &Acknowledgement, sent: &[Vec<u8>]) -> bool {
        self.keeper().acknowledge(acknowledgement, sent).unwrap()
    }

    pub fn take_changes(&mut self, changes: &Changes) {
        self.keeper().ledger().take_changes(changes).unwrap();
    }

    pub fn status(&mut self, number: TrackingNumber) -> Option<RequestStatus> {
        self.keeper().ledger().status(number).unwrap()
    }
}

fn read_journal(folder: &Path) -> Vec<Envelope> {
    let read = |number| read_segment(&segment_path(folder, number), number).unwrap().envelopes;
    segment_numbers(folder).unwrap().into_iter().flat_map(read).collect()
}

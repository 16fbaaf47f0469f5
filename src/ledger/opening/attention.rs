//! How far the opening of a ledger has come, for the one who waits and for the watchdog.

use crate::ledger::watchdog::{Watchdog, WatchedWork};

/// How far opening has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpeningProgress {
    pub work: OpeningWork,
    pub done: usize,
    pub total: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpeningWork {
    OpeningStore,
    ReadingJournal,
    MendingJournal,
    MakingStore,
}

/// Tells the watchdog and whoever waits that work goes on.
pub struct Attention<'a> {
    pub watchdog: &'a Watchdog,
    pub progress: &'a dyn Fn(OpeningProgress),
}

impl Attention<'_> {
    pub fn read(&self, done: usize, total: usize) {
        self.tell("reading the journal", false, OpeningWork::ReadingJournal, done, total);
    }

    pub fn mend(&self, done: usize, total: usize) {
        self.tell("mending the journal", false, OpeningWork::MendingJournal, done, total);
    }

    pub fn make_store(&self, done: usize, total: usize) {
        self.tell("making the store", true, OpeningWork::MakingStore, done, total);
    }

    /// A copy of the store's files is made before they are opened.
    pub fn copy_store(&self, done: usize, total: usize) {
        self.tell("copying the store", true, OpeningWork::OpeningStore, done, total);
    }

    pub fn open_store(&self) {
        self.tell("opening the store", true, OpeningWork::OpeningStore, 0, 1);
    }

    fn tell(&self, name: &'static str, uses_sled: bool, work: OpeningWork, done: usize, total: usize) {
        self.watchdog.watch(WatchedWork { name, uses_sled });
        (self.progress)(OpeningProgress { work, done, total });
    }
}

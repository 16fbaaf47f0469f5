//! Where the parts of a ledger are.

use std::path::{Path, PathBuf};

/// The folder's files.
pub struct Files {
    pub folder: PathBuf,
    pub journal: PathBuf,
    pub sled: PathBuf,
    pub gone: PathBuf,
    /// The last envelope that was known to be durable, outside both copies
    pub count: PathBuf,
    /// What an opening has repaired and not yet told the office
    pub account: PathBuf,
    /// Stands from the enrolment to the first opening
    pub new: PathBuf,
    /// Stands while the store is being opened, and after it failed or hung: the next start doesn't open it again
    pub note: PathBuf,
}

impl Files {
    pub fn of(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            journal: folder.join("journal"),
            sled: folder.join("sled"),
            gone: folder.join("gone"),
            count: folder.join("count"),
            account: folder.join("account"),
            new: folder.join("new"),
            note: folder.join("opening"),
        }
    }

    pub fn fresh_journal(&self) -> PathBuf {
        self.journal.with_extension("fresh")
    }
}

//! The account of what an opening repairs: kept in a file until an envelope that tells the office of it is durable.
//!
//! A crash in between must not lose it: that a journal was cut can't be seen afterwards, and going on in its epoch could
//! contradict what the office already holds.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::lost::Lost;
use crate::domain::record::LostRange;
use crate::ledger::value_file::{self, Found};
use crate::ledger::{LedgerError, durable};

/// The most that a record says of what was done; the log has the rest.
const REASON_CHARACTERS_MAX: usize = 1000;

/// What was done while opening: logged, shown in maintenance, and told to the office.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpeningReport {
    /// Repairs, as sentences in English for the people who look after the kiosk; empty when all was well
    pub repairs: Vec<String>,
    /// Envelopes that neither copy holds any more
    pub lost: Vec<Lost>,
    /// Envelopes that the store had not yet written when the kiosk stopped: no damage, the journal had them
    pub put_again: u64,
}

/// What has been done and not yet told.
pub struct Account {
    path: PathBuf,
    content: Content,
}

#[derive(Default, Serialize, Deserialize)]
struct Content {
    repairs: Vec<String>,
    /// The journal was cut or mended: what follows belongs to a new epoch
    begins_epoch: bool,
    /// Losses in both copies, to be named to the office
    lost: Vec<LostRange>,
}

/// The content as an earlier version wrote it.
#[derive(Deserialize)]
struct ContentBefore {
    repairs: Vec<String>,
    begins_epoch: bool,
}

impl From<ContentBefore> for Content {
    fn from(before: ContentBefore) -> Self {
        let ContentBefore { repairs, begins_epoch } = before;
        Self { repairs, begins_epoch, lost: Vec::new() }
    }
}

impl Account {
    /// Goes on with what an opening that was broken off had done.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let found = value_file::read_grown::<Content, ContentBefore>(path).map_err(LedgerError::at(path))?;
        let content = match found {
            Found::Missing => Content::default(),
            Found::Sound(content) => content,
            Found::Damaged => Content {
                repairs: vec!["an opening was broken off, and its account is damaged".into()],
                begins_epoch: true,
                lost: Vec::new(),
            },
        };
        Ok(Self { path: path.to_owned(), content })
    }

    /// Notes a repair before it is done; durable when this returns.
    pub fn note(&mut self, repair: impl Into<String>) -> Result<(), LedgerError> {
        self.note_all([repair.into()], false)
    }

    /// Notes repairs before they are done, and whether a new epoch must begin because of them.
    pub fn note_all(
        &mut self,
        repairs: impl IntoIterator<Item = String>,
        begins_epoch: bool,
    ) -> Result<(), LedgerError> {
        let before = self.content.repairs.len();
        for repair in repairs {
            // An opening that was broken off may have noted it already.
            if !self.content.repairs.contains(&repair) {
                self.content.repairs.push(repair);
            }
        }
        for repair in &self.content.repairs[before..] {
            tracing::warn!("the ledger: {repair}");
        }
        self.content.begins_epoch |= begins_epoch;
        value_file::replace(&self.path, &self.content).map_err(LedgerError::at(&self.path))
    }

    /// Notes losses, in words and as what the office is to be told; what follows belongs to a new epoch.
    pub fn note_lost(&mut self, lost: &[Lost]) -> Result<(), LedgerError> {
        if lost.is_empty() {
            return Ok(());
        }
        let ranges = lost.iter().filter_map(Lost::range);
        self.content.lost.extend(ranges);
        self.content.lost.sort();
        self.content.lost.dedup();
        self.note_all(lost.iter().map(Lost::to_string), true)
    }

    pub fn lost(&self) -> &[LostRange] {
        &self.content.lost
    }

    pub fn begins_epoch(&self) -> bool {
        self.content.begins_epoch
    }

    /// What a record says of it; `None` when there is nothing to say.
    pub fn reason(&self) -> Option<String> {
        let all = self.content.repairs.join("; ");
        (!all.is_empty()).then(|| all.chars().take(REASON_CHARACTERS_MAX).collect())
    }

    /// Ends it, once the office will hear of it.
    pub fn told(self) -> Result<Vec<String>, LedgerError> {
        durable::remove_folder_if_it_is_one(&self.path).map_err(LedgerError::at(&self.path))?;
        durable::remove_if_there(&self.path).map_err(LedgerError::at(&self.path))?;
        Ok(self.content.repairs)
    }
}

//! `kiosk check`: what a ledger holds and what is damaged, found without changing anything; and its repair.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::count::Count;
use super::disk;
use super::files::Files;
use super::gone::Gone;
use super::journal::Part;
use super::opening::damaged::Damaged;
use super::opening::lost::Lost;
use super::opening::own::{FOREIGN_IN_STORE, Owner};
use super::opening::parts::{begins_in_the_middle, search, tell_of};
use super::opening::survey::{Survey, survey};
use super::opening::{self, Attention, OpeningOptions, Search, lacks_the_applied, lock};
use super::ratings::Ratings;
use super::store::{Applied, Standing, Store, StoreError};
use super::store_copy::StoreCopy;
use super::verification::difference;
use super::watchdog::Watchdog;
use super::{Identity, LedgerError, durable};
use crate::domain::record::Listing;
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};
use crate::seal::envelope::{Envelope, Epoch, KioskTime};
use crate::seal::keys::hex;

/// What `kiosk check` prints as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Requests in the journal or the store, and those that have left because the office and its backup hold them
    pub requests: usize,
    /// Envelopes in the journal that the office has acknowledged
    pub acknowledged: u64,
    /// Envelopes in the journal
    pub envelopes: u64,
    /// Requests that have left
    pub retired: usize,
    /// What is damaged, in sentences; empty when all is well
    pub damaged: Vec<String>,
    /// What was repaired just now, in sentences
    pub repaired: Vec<String>,
    /// The office's last word on this kiosk, where it ends the kiosk's service
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<&'static str>,
    /// Damaged originals that are kept, and may be removed when nobody needs them
    pub kept: Vec<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_numbers: Option<Vec<TrackingNumber>>,
    /// The heads of the office's trail as the kiosk heard them, by day: `istiqbal office check --trail-head` looks for one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trail_heads: Option<BTreeMap<String, String>>,
}

/// Reads both copies of a ledger that no other program has open. sled changes its files when it opens them, so a copy
/// of them is looked at.
pub fn check(folder: &Path, identity: &Identity, list: bool, patience: Duration) -> Result<Summary, LedgerError> {
    if !disk::is_folder(folder) {
        return Ok(Summary::default());
    }
    let _lock = lock(folder)?;
    let files = Files::of(folder);
    let watchdog = Watchdog::start(&StoreCopy::note(&files), patience).map_err(LedgerError::at(folder))?;
    let attention = Attention { watchdog: &watchdog, progress: &|_| {} };
    let copy = StoreCopy::of(&files, folder, &|| attention.copy_store(0, 1))?;
    attention.open_store();
    let mut damaged = Vec::new();
    if let Ok(note) = disk::read(&files.note) {
        let note = String::from_utf8_lossy(&note);
        damaged.push(format!("the store will be made anew at the next start: {}", note.trim()));
    }
    damaged.extend(copy.strange.iter().map(|path| format!("{} is no file of a store", path.display())));
    let folders = [&files.journal, &files.sled];
    let no_folders = folders.into_iter().filter(|path| durable::is_no_folder(path));
    damaged.extend(no_folders.map(|path| format!("{} is no folder", path.display())));
    let store = copy.open().unwrap_or_else(|error| {
        damaged.push(format!("the store can't be opened: {error}"));
        None
    });
    let is_folder = disk::is_folder(&files.journal);
    let gone = match Gone::read(&files.gone)? {
        Some(gone) if gone.is_missing() && is_folder && begins_in_the_middle(&files.journal)? => {
            damaged.push("the list of what has left the journal is missing".into());
            Gone::unknown(&files.gone, BTreeSet::new())
        }
        Some(gone) => gone,
        None => {
            damaged.push("the list of what has left the journal is damaged".into());
            Gone::unknown(&files.gone, BTreeSet::new())
        }
    };
    if Ratings::is_damaged(folder).map_err(LedgerError::at(folder))? {
        damaged.push("the file of ratings is damaged".into());
    }
    let owner = Owner::of(identity)?;
    let owners = store.as_ref().map(|store| owner.look_at(store)).unwrap_or_default();
    if owners.has_foreign() {
        damaged.push(FOREIGN_IN_STORE.into());
    }
    let mut comparison = Comparison::new(store.as_ref(), identity.kiosk());
    let applied = comparison.applied;
    let count = Count::open(&files.count)?;
    let found = if is_folder {
        survey(&files.journal, applied, &gone, Some(&owner), &attention, |segment, envelope| {
            comparison.compare(segment, envelope);
        })?
    } else {
        Survey::default()
    };
    owner.refuse_foreign(folder, found.last.is_some(), &found.foreign, &owners)?;
    comparison.end(&found, &gone);
    let Comparison { damaged: differences, mut numbers, .. } = comparison;
    damaged.extend(found.faults.iter().chain(&found.tail).cloned());
    damaged.extend(differences);
    damaged.extend(what_is_missing(&files, &found, &count, &gone, store.as_ref()));
    let mut salvage = search(&files, &[], &found, &owner, &gone, &attention)?;
    let in_store = |(epoch, sequence): (Epoch, u64)| {
        let has = |store: &Store| Ok(store.header(&epoch, sequence)?.is_some());
        store.as_ref().is_some_and(|store| Store::guarded(|| has(store)).unwrap_or(false))
    };
    salvage.retain(|place| !in_store(place));
    let repair = "`istiqbal kiosk check --repair` brings them back";
    damaged.extend(tell_of(&salvage, folder).into_iter().map(|told| format!("{told}: {repair}")));
    damaged.extend(salvage.tell_of_forks(folder, &gone));
    let acknowledged = store.as_ref().map_or(Ok(0), |store| acknowledged(store, &found, &gone));
    let acknowledged = acknowledged.unwrap_or_else(|error| {
        damaged.push(format!("the store: {error}"));
        0
    });
    numbers.extend(gone.numbers());
    let heads = store.as_ref().filter(|_| list).and_then(|store| store.witnessed().ok());
    let heads = heads.map(|heads| heads.into_iter().map(|(day, head)| (day, hex(&head))).collect());
    Ok(Summary {
        requests: numbers.len(),
        acknowledged,
        envelopes: found.envelopes(),
        retired: gone.numbers().len(),
        damaged,
        repaired: Vec::new(),
        standing: store.as_ref().and_then(standing),
        kept: Damaged::of(folder).originals(),
        tracking_numbers: list.then(|| numbers.into_iter().collect()),
        trail_heads: heads,
    })
}

/// Repairs what can be repaired, keeping the damaged originals, and checks again. Nothing is touched when all is well.
pub fn repair(
    folder: &Path,
    identity: &Identity,
    now: KioskTime,
    list: bool,
    patience: Duration,
) -> Result<Summary, LedgerError> {
    let before = check(folder, identity, list, patience)?;
    if before.damaged.is_empty() {
        return Ok(before);
    }
    let options = OpeningOptions { now, patience, progress: &|_| {} };
    let open = || -> Result<Vec<String>, LedgerError> {
        let (ledger, report) = opening::open(folder, identity.clone(), &options, Search::Always)?;
        ledger.close()?;
        Ok(report.repairs)
    };
    // First with the store: it may hold what the journal has lost.
    let mut repaired = open()?;
    if !check(folder, identity, list, patience)?.damaged.is_empty() {
        // Opening looks only where it must. What is damaged deeper in the store can only be made anew with all of it, now
        // that the journal has everything.
        let note = Files::of(folder).note;
        durable::replace_file(&note, b"kiosk check found damage in the store").map_err(LedgerError::at(&note))?;
        repaired.extend(open()?);
    }
    if Ratings::is_damaged(folder).map_err(LedgerError::at(folder))? {
        let kept = Damaged::of(folder).take(&folder.join("ratings"))?;
        repaired.push(format!("the file of ratings was damaged; it is kept as {kept}"));
    }
    Ok(Summary { repaired, ..check(folder, identity, list, patience)? })
}

const REVOKED: &str = "revoked by the office: it serves nobody, and sends what it holds";
const NOT_KNOWN: &str = "not known to the office: it takes no new requests. There, on the page of the kiosks or by `istiqbal office invite --again`, a person lets it in again";

impl Summary {
    /// False when somebody must see to this kiosk.
    pub fn is_well(&self) -> bool {
        self.damaged.is_empty() && self.standing != Some(NOT_KNOWN)
    }
}

fn standing(store: &Store) -> Option<&'static str> {
    match Store::guarded(|| store.standing()) {
        Ok(Standing::Revoked) => Some(REVOKED),
        Ok(Standing::NotKnown) => Some(NOT_KNOWN),
        // Other faults of the store stand among the damages.
        Ok(Standing::Known) | Err(_) => None,
    }
}

/// What isn't here although it was durable.
fn what_is_missing(files: &Files, found: &Survey, count: &Count, gone: &Gone, store: Option<&Store>) -> Vec<String> {
    let missing = count.missing_ends(found, gone);
    let in_store = |missing: &&Lost| {
        let has = |store: &Store| Ok(store.header(&missing.epoch, missing.last.unwrap_or(missing.first))?.is_some());
        store.is_some_and(|store| Store::guarded(|| has(store)).unwrap_or(false))
    };
    if !missing.is_empty() {
        // Envelopes that the store still has are told as lacking in the journal.
        return missing.iter().filter(|missing| !in_store(missing)).map(Lost::to_string).collect();
    }
    let is_empty = found.last.is_none() && !disk::exists(&files.new);
    let runs = store.map_or(0, |store| Store::guarded(|| store.runs()).map_or(0, |runs| runs.len()));
    let nothing = "neither the journal nor the store of this kiosk holds anything";
    Vec::from_iter((is_empty && runs == 0).then(|| nothing.to_owned()))
}

/// How many envelopes the office holds by its word; what was found again counts only once a backup holds it, too.
fn acknowledged(store: &Store, found: &Survey, gone: &Gone) -> Result<u64, StoreError> {
    let parts = found.spans.iter().flat_map(|span| &span.parts);
    let count = |part: Part| part.last - part.first + 1;
    let held = |part: &Part| {
        let Some(held) = store.acknowledged(&part.epoch)?.filter(|held| held.through >= part.first) else {
            return Ok(0);
        };
        let part = Part { last: part.last.min(held.through), ..*part };
        Ok(count(part) - gone.found_again().within(part).map(count).sum::<u64>())
    };
    parts.map(held).sum()
}

/// Holds every envelope of the journal against the store.
struct Comparison<'a> {
    store: Option<&'a Store>,
    kiosk: KioskNumber,
    applied: Option<Applied>,
    /// The store was written at least up to the envelope before this one
    applied_seen: bool,
    damaged: Vec<String>,
    numbers: BTreeSet<TrackingNumber>,
}

impl<'a> Comparison<'a> {
    fn new(store: Option<&'a Store>, kiosk: KioskNumber) -> Self {
        let mut damaged = Vec::new();
        let applied = store.and_then(|store| {
            let applied = Store::guarded(|| store.applied());
            applied.unwrap_or_else(|error| {
                damaged.push(format!("the store: {error}"));
                None
            })
        });
        Self { store, kiosk, applied, applied_seen: applied.is_none(), damaged, numbers: BTreeSet::new() }
    }

    fn compare(&mut self, segment: u64, envelope: &Envelope) {
        let header = &envelope.header;
        let place = format!("segment {segment}, {:?} {}", header.epoch, header.sequence);
        let number = match envelope.listing() {
            Ok(Listing::Request { tracking_number, .. }) => Some(tracking_number),
            Ok(_) => None,
            Err(_) => {
                self.damaged.push(format!("{place}: the listing can't be read"));
                None
            }
        };
        self.numbers.extend(number);
        if let Some(store) = self.store
            && !self.applied_seen
        {
            match Store::guarded(|| difference(store, envelope, number)) {
                Ok(None) => {}
                Ok(Some(difference)) => self.damaged.push(format!("{place}: {difference}")),
                Err(error) => self.damaged.push(format!("{place}: the store: {error}")),
            }
        }
        self.applied_seen |= self.applied.is_some_and(|applied| applied.head == header.hash());
    }

    /// What the store has and the journal doesn't.
    fn end(&mut self, found: &Survey, gone: &Gone) {
        let Some(store) = self.store else { return };
        // The store takes for left whatever the office and its backup hold.
        let applied = lacks_the_applied(found, self.applied, store, gone);
        let here = Store::guarded(|| {
            for run in store.runs()? {
                let parts = found.spans.iter().flat_map(|span| &span.parts).filter(|part| part.epoch == run.epoch);
                let is_here = parts.map(|part| part.last).max().is_some_and(|last| run.last <= last);
                if !is_here && !store.is_retiring(&run.epoch, run.last)? {
                    self.damaged.push(format!("the journal lacks {:?} {}, which the store has", run.epoch, run.last));
                }
            }
            for number in store.request_numbers(Some(self.kiosk)) {
                self.numbers.insert(number?);
            }
            Ok(())
        });
        if let Err(error) = here {
            self.damaged.push(format!("the store: {error}"));
        }
        self.damaged.extend(applied.filter(|lacking| !self.damaged.contains(lacking)));
    }
}

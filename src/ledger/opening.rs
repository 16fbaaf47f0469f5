//! Opening a ledger: what a crash, a power cut or a damaged file left is put in order before anything is promised.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::journal::{self, Journal, Segment, SegmentEnd};
use super::store::{Applied, Store, StoreError};
use super::{Identity, Ledger, LedgerError};
use crate::domain::record::{Opening, Record};
use crate::seal::envelope::{Envelope, Epoch, HeaderHash, KioskTime, Place};

/// The most that an opening record says of what was done; the log has the rest.
const REASON_CHARACTERS_MAX: usize = 1000;

/// What was done while opening: logged, and told to the office with the epoch that begins after a cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpeningReport {
    /// Sentences in English, for the people who repair the kiosk
    pub done: Vec<String>,
    /// Envelopes that neither the journal nor the store holds any more
    pub lost: Vec<(Epoch, u64)>,
}

/// The folder's files.
pub(super) struct Files {
    pub journal: PathBuf,
    pub sled: PathBuf,
    marker: PathBuf,
}

impl Files {
    pub fn of(folder: &Path) -> Self {
        Self { journal: folder.join("journal"), sled: folder.join("sled"), marker: folder.join("opening") }
    }
}

pub fn open(folder: &Path, identity: Identity, now: KioskTime) -> Result<(Ledger, OpeningReport), LedgerError> {
    let mut report = OpeningReport::default();
    let files = Files::of(folder);
    make_folder(folder)?;
    let lock = lock(folder)?;
    make_folder(&files.journal)?;
    let segments = journal::read_segments(&files.journal)?;
    let mut store = open_store(&files, &mut report)?;
    let past = gather(&segments, &store, &mut report)?;
    if let Err(LedgerError::Store(StoreError::Differs(..))) = rebuild_index(&store, &past.envelopes, &mut report) {
        // The journal is the truth: a store that says otherwise makes room for one made from it.
        drop(store);
        set_aside(&files, &mut report)?;
        store = Store::open(&files.sled)?;
    }
    rebuild_index(&store, &past.envelopes, &mut report)?;
    let journal = rewrite_last_segments(&files.journal, &segments, &past)?;

    let mut ledger = Ledger {
        folder: folder.to_owned(),
        next: past.next(&identity),
        epochs: past.epochs(&identity),
        identity,
        journal,
        store,
        failed: false,
        _lock: lock,
    };
    remove_if_there(&files.marker)?;
    if past.envelopes.is_empty() {
        ledger.begin_epoch("the kiosk was enrolled", now)?;
    } else if past.torn {
        ledger.next = Place { epoch: Epoch::random(), sequence: 0, ..ledger.next };
        ledger.epochs.push(ledger.next.epoch);
        ledger.begin_epoch(&report.done.join("; "), now)?;
    }
    // Only now: a crash before this finds the old segments, and the new one that repeats them.
    for number in &past.rewritten {
        journal::remove_segment(&files.journal, *number)?;
    }
    for sentence in &report.done {
        tracing::warn!("opening the ledger: {sentence}");
    }
    Ok((ledger, report))
}

impl Ledger {
    /// The first envelope of an epoch tells the office the receipt key and why the epoch began.
    fn begin_epoch(&mut self, reason: &str, now: KioskTime) -> Result<(), LedgerError> {
        let reason = reason.chars().take(REASON_CHARACTERS_MAX).collect();
        let receipt_key = self.identity.keys.receipt_key().clone();
        self.commit(&[Record::Opening(Opening { receipt_key, reason })], now)?;
        Ok(())
    }
}

/// All that the journal holds, with the gaps filled from the store.
struct Past {
    envelopes: Vec<Envelope>,
    /// From here on the envelopes stand in the last segments, which are rewritten
    last_from: usize,
    /// The numbers of those segments: usually one
    rewritten: Vec<u64>,
    /// Something other than zeros stood behind a last frame
    torn: bool,
}

impl Past {
    fn next(&self, identity: &Identity) -> Place {
        match self.envelopes.last() {
            Some(envelope) => envelope.header.next(),
            None => {
                Place { kiosk: identity.kiosk, epoch: identity.first_epoch, sequence: 0, previous: HeaderHash::NONE }
            }
        }
    }

    fn epochs(&self, identity: &Identity) -> Vec<Epoch> {
        let mut epochs: Vec<Epoch> = self.envelopes.iter().map(|envelope| envelope.header.epoch).collect();
        epochs.dedup();
        if epochs.is_empty() {
            epochs.push(identity.first_epoch);
        }
        epochs
    }
}

/// Follows the chain through the segments. Where a frame is damaged, the store's copy takes its place. A crash while
/// segments were rewritten leaves one that repeats those before it, or an empty one: they count as one.
fn gather(segments: &[Segment], store: &Store, report: &mut OpeningReport) -> Result<Past, LedgerError> {
    let mut past = Past { envelopes: Vec::new(), last_from: 0, rewritten: Vec::new(), torn: false };
    let mut known = BTreeSet::new();
    for (place, segment) in segments.iter().enumerate() {
        let repeats = segment.envelopes.first().is_none_or(|first| known.contains(&first.header.hash().0));
        if !repeats && past.envelopes.len() > past.last_from {
            past.rewritten.clear();
            past.last_from = past.envelopes.len();
        }
        past.rewritten.push(segment.number);
        for envelope in segment.envelopes.iter().filter(|envelope| !known.contains(&envelope.header.hash().0)) {
            fill_gap(&mut past, Some(envelope), store, report)?;
            past.envelopes.push(envelope.clone());
        }
        if let SegmentEnd::Torn { at } = segment.end {
            report.done.push(format!("segment {} was damaged or cut off at byte {at}", segment.number));
            past.torn = true;
        }
        if past.torn && place + 1 == segments.len() {
            fill_gap(&mut past, None, store, report)?;
        }
        known.extend(past.envelopes.iter().skip(past.last_from).map(|envelope| envelope.header.hash().0));
    }
    Ok(past)
}

/// Takes from the store what follows the last envelope, up to the next one that the journal holds.
fn fill_gap(
    past: &mut Past,
    until: Option<&Envelope>,
    store: &Store,
    report: &mut OpeningReport,
) -> Result<(), LedgerError> {
    let Some(mut last) = past.envelopes.last().map(|envelope| envelope.header.clone()) else { return Ok(()) };
    while until.is_none_or(|until| until.header.previous != last.hash()) {
        let Ok(Some(envelope)) = store.envelope(&last.epoch, last.sequence + 1) else { break };
        if envelope.header.previous != last.hash() {
            break;
        }
        report.done.push(format!("{:?} {} was taken from the store", last.epoch, envelope.header.sequence));
        last = envelope.header.clone();
        past.envelopes.push(envelope);
    }
    let Some(until) = until else { return Ok(()) };
    if until.header.epoch == last.epoch {
        for sequence in last.sequence + 1..until.header.sequence {
            report.done.push(format!("{:?} {sequence} is lost in both copies", last.epoch));
            report.lost.push((last.epoch, sequence));
        }
    }
    Ok(())
}

/// Applies to the store what it lacks: everything after the envelope it was computed through, or everything.
fn rebuild_index(store: &Store, envelopes: &[Envelope], report: &mut OpeningReport) -> Result<(), LedgerError> {
    let is_applied = |envelope: &Envelope, applied: &Applied| {
        let header = &envelope.header;
        header.epoch == applied.epoch && header.sequence == applied.sequence && header.hash() == applied.head
    };
    let applied = store.applied()?;
    let known = applied.and_then(|applied| envelopes.iter().rposition(|envelope| is_applied(envelope, &applied)));
    let missing = &envelopes[known.map_or(0, |place| place + 1)..];
    if !missing.is_empty() {
        report.done.push(format!("{} envelopes were put into the store again", missing.len()));
    }
    missing.iter().try_for_each(|envelope| store.apply(envelope))?;
    Ok(())
}

/// After a crash, what a page cache shows of the last segment proves nothing: its frames go into a new segment, synced,
/// before anything is served; only then the old one goes.
fn rewrite_last_segments(folder: &Path, segments: &[Segment], past: &Past) -> Result<Journal, LedgerError> {
    let Some(last) = segments.last() else { return Ok(Journal::create(folder, 1)?) };
    let mut journal = Journal::create(folder, last.number + 1)?;
    // In portions, so that a full segment and what was found beside it go into two.
    for portion in past.envelopes[past.last_from..].chunks(64) {
        journal.append(portion)?;
    }
    Ok(journal)
}

/// Opens sled. When the last start did not get through this, sled hung or crashed in it: its folder is set aside
/// unopened, and the store is made anew from the journal.
fn open_store(files: &Files, report: &mut OpeningReport) -> Result<Store, LedgerError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| LedgerError::Io { path, source }
    };
    if files.marker.exists() && files.sled.exists() {
        set_aside(files, report)?;
    }
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&files.marker)
        .and_then(|marker| marker.sync_all())
        .map_err(failed(&files.marker))?;
    remove_generating(&files.sled).map_err(failed(&files.sled))?;
    match Store::open(&files.sled) {
        Ok(store) => Ok(store),
        Err(error) => {
            report.done.push(format!("the store could not be opened ({error})"));
            set_aside(files, report)?;
            Ok(Store::open(&files.sled)?)
        }
    }
}

fn set_aside(files: &Files, report: &mut OpeningReport) -> Result<(), LedgerError> {
    let aside = (1..).map(|n| files.sled.with_extension(format!("aside-{n}"))).find(|path| !path.exists());
    // There is always a number that no folder bears yet.
    let Some(aside) = aside else { return Ok(()) };
    fs::rename(&files.sled, &aside).map_err(|source| LedgerError::Io { path: files.sled.clone(), source })?;
    report.done.push(format!("the store was set aside as {} and made anew from the journal", aside.display()));
    Ok(())
}

/// sled, interrupted while opening, can leave such a file, and then never opens again.
fn remove_generating(folder: &Path) -> io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "generating") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn make_folder(folder: &Path) -> Result<(), LedgerError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|source| LedgerError::Io { path: folder.to_owned(), source })
}

fn remove_if_there(path: &Path) -> Result<(), LedgerError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(LedgerError::Io { path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

/// One program a folder, for as long as the lock is held.
pub(super) fn lock(folder: &Path) -> Result<File, LedgerError> {
    let path = folder.join("lock");
    let failed = |source| LedgerError::Io { path: path.clone(), source };
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LedgerError::InUse(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

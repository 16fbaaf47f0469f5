//! Opening a ledger: what a crash, a power cut or a damaged file left is put in order before anything is promised.
//!
//! `survey` looks through the journal, `mending` fills what it lost from the store, and `damaged` keeps the originals.

mod attention;
pub mod damaged;
pub mod mending;
pub mod survey;

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use super::files::Files;
use super::gone::Gone;
use super::journal::{self, Journal, Span, segment_path};
use super::store::{self, APPLY_AT_ONCE, Applied, Store, StoreError};
use super::watchdog::Watchdog;
use super::{Identity, Ledger, LedgerError, durable};
use crate::domain::record::{Opening, Record};
use crate::seal::envelope::{Epoch, HeaderHash, KioskTime, Place};
use damaged::Damaged;
use mending::{Lost, mend};
use survey::{Survey, survey};

pub use attention::{Attention, OpeningProgress, OpeningWork};

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

/// How a ledger is opened.
pub struct OpeningOptions<'a> {
    pub now: KioskTime,
    /// So long may one piece of work take before the watchdog ends the process
    pub patience: Duration,
    /// Hears how far it has come
    pub progress: &'a dyn Fn(OpeningProgress),
}

pub fn open(
    folder: &Path,
    identity: Identity,
    options: &OpeningOptions<'_>,
) -> Result<(Ledger, OpeningReport), LedgerError> {
    let files = Files::of(folder);
    let mut report = OpeningReport::default();
    durable::make_folder(folder).map_err(LedgerError::at(folder))?;
    let was_used = folder.join("lock").exists();
    let lock = lock(folder)?;
    let watchdog = Watchdog::start(&files.note, options.patience).map_err(LedgerError::at(folder))?;
    let attention = Attention { watchdog: &watchdog, progress: options.progress };
    finish_what_was_broken_off(&files)?;
    let mut store = open_store(&files, &attention, &mut report)?;
    let mut gone = open_gone(&files, &store, &mut report)?;

    let mut found = look(&files, &store, &gone, &attention)?;
    let was_mended = !found.faults.is_empty();
    if was_mended {
        report.repairs.append(&mut found.faults);
        report.repairs.extend(found.tail.take());
        let mended = mend(&files, &store, &gone, &attention)?;
        if mended.from_store > 0 {
            report.repairs.push(format!("{} envelopes were taken from the store", mended.from_store));
        }
        if let Some(original) = mended.original {
            report.repairs.push(format!("the damaged journal is kept as {original}"));
        }
        report.repairs.extend(mended.lost.iter().map(Lost::to_string));
        report.lost = mended.lost;
        gone.note_breaks(mended.breaks)?;
        if mended.store_is_damaged {
            drop(store);
            set_store_aside(&files, &mut report)?;
            store = Store::open(&files.sled)?;
        }
        found = look(&files, &store, &gone, &attention)?;
    }
    if let Some(first) = found.first.as_ref().filter(|_| was_mended || !gone.is_known()) {
        gone.accept_beginning(first)?;
    }
    let had_tail = found.tail.take();
    let journal = rewrite_last_segment(&files, &found, had_tail, &mut report)?;
    let begins_epoch = was_mended || journal.cut_tail;
    let is_empty = found.last.is_none();
    bring_up(&files, &mut store, &found, &attention, &mut report)?;

    let mut ledger = Ledger {
        next: next_place(&found, &identity),
        epochs: if found.epochs.is_empty() { vec![identity.first_epoch] } else { found.epochs },
        last_trusted_at: found.last_trusted_at,
        spans: if found.spans.is_empty() { vec![Span::empty(journal.journal.number())] } else { found.spans },
        journal: journal.journal,
        staged: Vec::new(),
        unapplied: Vec::new(),
        failed: false,
        files,
        identity,
        store: Some(store),
        gone,
        watchdog,
        _lock: lock,
    };
    if is_empty && was_used {
        report
            .repairs
            .push("the folder had been used before, and neither the journal nor the store holds anything".into());
    }
    let account = report.repairs.join("; ");
    if is_empty && !was_used {
        ledger.begin_epoch("the kiosk was enrolled", options.now)?;
    } else if is_empty || begins_epoch {
        ledger.next = Place { epoch: Epoch::random(), sequence: 0, ..ledger.next };
        ledger.epochs.push(ledger.next.epoch);
        ledger.begin_epoch(&account, options.now)?;
    } else if !report.repairs.is_empty() {
        ledger.commit(&[Record::Repair { report: shortened(&account) }], options.now)?;
    }
    for sentence in &report.repairs {
        tracing::warn!("opening the ledger: {sentence}");
    }
    if report.put_again > 0 {
        tracing::info!("opening the ledger: {} envelopes were put into the store again", report.put_again);
    }
    ledger.watchdog.rest();
    Ok((ledger, report))
}

impl Ledger {
    /// The first envelope of an epoch tells the office the receipt key and why the epoch began.
    fn begin_epoch(&mut self, reason: &str, now: KioskTime) -> Result<(), LedgerError> {
        let receipt_key = self.identity.keys.receipt_key().clone();
        self.commit(&[Record::Opening(Opening { receipt_key, reason: shortened(reason) })], now)?;
        Ok(())
    }
}

fn shortened(reason: &str) -> String {
    reason.chars().take(REASON_CHARACTERS_MAX).collect()
}

fn next_place(found: &Survey, identity: &Identity) -> Place {
    match &found.last {
        Some(last) => last.next(),
        None => Place { kiosk: identity.kiosk, epoch: identity.first_epoch, sequence: 0, previous: HeaderHash::NONE },
    }
}

/// A crash while folders changed their names, or while a segment was made, leaves something to end or to remove.
fn finish_what_was_broken_off(files: &Files) -> Result<(), LedgerError> {
    let (journal, fresh) = (&files.journal, files.fresh_journal());
    let ended = if !journal.exists() && fresh.exists() {
        // It was whole and durable before the damaged one was taken away.
        durable::rename(&fresh, journal)
    } else {
        durable::remove_folder_if_there(&fresh).and_then(|()| durable::make_folder(journal))
    };
    ended.and_then(|()| journal::remove_unfinished(journal)).map_err(LedgerError::at(journal))?;
    store::finish_swap(&files.sled).map_err(LedgerError::at(&files.sled))
}

/// Looks through the journal, and at whether the store knows of more than it.
fn look(files: &Files, store: &Store, gone: &Gone, attention: &Attention<'_>) -> Result<Survey, LedgerError> {
    let applied = Store::guarded(|| store.applied()).unwrap_or_default();
    let mut found = survey(&files.journal, applied.as_ref(), gone, attention, |_, _| {})?;
    if let Some(Applied { epoch, sequence, head }) = applied
        && found.applied_in.is_none()
        && !gone.ends_with(head)
    {
        // After a mended journal this says so again only when the store itself is at odds with it.
        let has = Store::guarded(|| store.header(&epoch, sequence)).ok().flatten();
        if has.is_some_and(|header| header.hash() == head) {
            found.faults.push(format!("the journal lacks {epoch:?} {sequence}, which the store has"));
        }
    }
    Ok(found)
}

/// The journal to go on with.
struct Rewritten {
    journal: Journal,
    /// Something other than zeros stood behind the last frame
    cut_tail: bool,
}

/// After a crash, what a page cache shows of the last segment proves nothing: its frames go into a new file, synced,
/// before anything is served; only then the old one goes.
fn rewrite_last_segment(
    files: &Files,
    found: &Survey,
    tail: Option<String>,
    report: &mut OpeningReport,
) -> Result<Rewritten, LedgerError> {
    let cut_tail = tail.is_some();
    let number = found.spans.last().map_or(1, |span| span.number);
    if let Some(tail) = tail {
        let original = Damaged::of(&files.folder).keep(&segment_path(&files.journal, number))?;
        report.repairs.push(format!("{tail}; the original is kept as {original}"));
    }
    Ok(Rewritten { journal: Journal::begin(&files.journal, number, &found.last_frames)?, cut_tail })
}

/// Puts into the store what the journal has beyond it. A store that is damaged, or at odds with the journal, is set
/// aside and made anew: the journal is the truth.
fn bring_up(
    files: &Files,
    store: &mut Store,
    found: &Survey,
    attention: &Attention<'_>,
    report: &mut OpeningReport,
) -> Result<(), LedgerError> {
    let brought_up = Store::guarded(|| {
        let count = put_missing(files, store, found, attention)?;
        sweep(store, found).map(|()| count)
    });
    match brought_up {
        Ok(count) => {
            report.put_again = count;
            Ok(())
        }
        Err(StoreError::Io { path, source }) => Err(LedgerError::Io { path, source }),
        Err(error) => {
            report.repairs.push(format!("the store was damaged ({error})"));
            set_store_aside(files, report)?;
            *store = Store::open(&files.sled)?;
            put_missing(files, store, found, attention)?;
            Ok(())
        }
    }
}

fn put_missing(files: &Files, store: &Store, found: &Survey, attention: &Attention<'_>) -> Result<u64, StoreError> {
    let mut known_head = store.applied()?.filter(|_| found.applied_in.is_some()).map(|applied| applied.head);
    let first = found.applied_in.unwrap_or(0);
    let spans: Vec<&Span> = found.spans.iter().filter(|span| span.number >= first).collect();
    let mut count = 0;
    for (place, span) in spans.iter().enumerate() {
        attention.make_store(place, spans.len());
        let path = segment_path(&files.journal, span.number);
        let content = journal::read_segment(&path, span.number).map_err(|source| StoreError::Io { path, source })?;
        let mut envelopes = content.envelopes.as_slice();
        if let Some(head) = known_head.take() {
            let known = envelopes.iter().position(|envelope| envelope.header.hash() == head);
            envelopes = &envelopes[known.map_or(0, |known| known + 1)..];
        }
        for portion in envelopes.chunks(APPLY_AT_ONCE) {
            store.apply(portion)?;
        }
        count += envelopes.len() as u64;
    }
    Ok(count)
}

/// Takes from the store what has left the journal: a power cut may have undone that in the store alone.
fn sweep(store: &Store, found: &Survey) -> Result<(), StoreError> {
    let Some(first) = found.first.as_ref().filter(|_| found.faults.is_empty()) else { return Ok(()) };
    for run in store.runs()? {
        if run.epoch == first.epoch && run.first < first.sequence {
            store.remove_envelopes(&run.epoch, first.sequence - 1)?;
        } else if !found.epochs.contains(&run.epoch) {
            store.remove_envelopes(&run.epoch, u64::MAX)?;
        }
    }
    Ok(())
}

/// Opens sled. When the last start did not get through this, sled hung or crashed in it; and when the store failed
/// later, a note says so: its folder is set aside unopened, and the store is made anew from the journal.
fn open_store(files: &Files, attention: &Attention<'_>, report: &mut OpeningReport) -> Result<Store, LedgerError> {
    attention.open_store();
    if files.note.exists() && files.sled.exists() {
        let note = std::fs::read_to_string(&files.note).unwrap_or_default();
        let why =
            if note.trim().is_empty() { "the last start broke off while it opened the store" } else { note.trim() };
        report.repairs.push(why.to_owned());
        set_store_aside(files, report)?;
    }
    durable::replace_file(&files.note, b"").map_err(LedgerError::at(&files.note))?;
    remove_generating(&files.sled).map_err(LedgerError::at(&files.sled))?;
    let store = match Store::open(&files.sled) {
        Ok(store) => store,
        Err(error) => {
            report.repairs.push(format!("the store could not be opened ({error})"));
            set_store_aside(files, report)?;
            Store::open(&files.sled)?
        }
    };
    durable::remove_if_there(&files.note).map_err(LedgerError::at(&files.note))?;
    Ok(store)
}

fn set_store_aside(files: &Files, report: &mut OpeningReport) -> Result<(), LedgerError> {
    let kept = Damaged::of(&files.folder).take(&files.sled)?;
    report.repairs.push(format!("the store is kept as {kept} and was made anew from the journal"));
    Ok(())
}

fn open_gone(files: &Files, store: &Store, report: &mut OpeningReport) -> Result<Gone, LedgerError> {
    if let Some(gone) = Gone::read(&files.gone)? {
        return Ok(gone);
    }
    let kept = Damaged::of(&files.folder).take(&files.gone)?;
    report.repairs.push(format!("the list of what has left the journal was damaged; it is kept as {kept}"));
    let numbers = store.request_numbers().filter_map(Result::ok).collect();
    Ok(Gone::unknown(&files.gone, numbers))
}

/// sled, interrupted while opening, can leave such a file, and then never opens again.
fn remove_generating(folder: &Path) -> std::io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "generating") {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// One program a folder, for as long as the lock is held.
pub(super) fn lock(folder: &Path) -> Result<File, LedgerError> {
    let path = folder.join("lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(LedgerError::at(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LedgerError::InUse(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(LedgerError::Io { path, source }),
    }
}

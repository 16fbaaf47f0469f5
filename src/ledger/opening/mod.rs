//! Opening a ledger: what a crash, a power cut or a damaged file left is put in order before anything is promised.
//!
//! `survey` looks through the journal, `mending` fills what it lost from the store, and `damaged` keeps the originals.

pub mod account;
mod attention;
pub mod damaged;
pub mod mending;
pub mod own;
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
use account::Account;
use damaged::Damaged;
use mending::{Lost, take_place, write_fresh};
use own::{FOREIGN_IN_STORE, Owner};
use survey::{Survey, survey};

pub use account::OpeningReport;
pub use attention::{Attention, OpeningProgress, OpeningWork};

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
    durable::make_folder(folder).map_err(LedgerError::at(folder))?;
    let is_marked_new = files.new.exists();
    let lock = lock(folder)?;
    let watchdog = Watchdog::start(&files.note, options.patience).map_err(LedgerError::at(folder))?;
    let attention = Attention { watchdog: &watchdog, progress: options.progress };
    finish_what_was_broken_off(&files)?;
    let mut account = Account::open(&files.account)?;
    let mut store = open_store(&files, &attention, &mut account)?;
    let mut gone = open_gone(&files, &store, &mut account)?;

    let owner = Owner::of(&identity)?;
    let owners = owner.look_at(&store);
    let mut found = look(&files, &store, &gone, &owner, &attention)?;
    owner.refuse_foreign(folder, found.last.is_some(), &found.foreign, &owners)?;
    if owners.is_foreign() {
        account.note(FOREIGN_IN_STORE)?;
        set_store_aside(&files, &mut account)?;
        store = Store::open(&files.sled)?;
        found = look(&files, &store, &gone, &owner, &attention)?;
    } else if owners.has_foreign() {
        found.faults.push(FOREIGN_IN_STORE.to_owned());
    }
    let mut lost = Vec::new();
    let was_mended = !found.faults.is_empty();
    if was_mended {
        lost = mend_journal(&files, &mut store, &mut gone, &owner, found, &attention, &mut account)?;
        found = look(&files, &store, &gone, &owner, &attention)?;
    }
    if let Some(first) = found.first.as_ref().filter(|_| was_mended || !gone.is_known()) {
        gone.accept_beginning(first)?;
    }
    let journal = rewrite_last_segment(&files, &mut found, &mut account)?;
    let put_again = bring_up(&files, &mut store, &gone, &found, &attention, &mut account)?;
    let is_new = found.last.is_none() && is_marked_new;
    if found.last.is_none() && !is_marked_new {
        let nothing = "neither the journal nor the store of this kiosk holds anything";
        account.note_all([nothing.to_owned()], true)?;
    }

    let mut ledger = Ledger {
        next: next_place(&found, &identity),
        epochs: if found.epochs.is_empty() { vec![identity.first_epoch()] } else { found.epochs },
        last_trusted_at: found.last_trusted_at,
        heard_whole: None,
        spans: if found.spans.is_empty() { vec![Span::empty(journal.number())] } else { found.spans },
        journal,
        staged: Vec::new(),
        unapplied: Vec::new(),
        failed: false,
        files,
        identity,
        owner,
        store: Some(store),
        gone,
        watchdog,
        _lock: lock,
    };
    if is_new {
        ledger.begin_epoch("the kiosk was enrolled".into(), options.now)?;
    } else if account.begins_epoch() {
        ledger.next = Place { epoch: Epoch::random(), sequence: 0, ..ledger.next };
        ledger.epochs.push(ledger.next.epoch);
        ledger.begin_epoch(account.reason().unwrap_or_default(), options.now)?;
    } else if let Some(report) = account.reason() {
        ledger.commit(&[Record::Repair { report }], options.now)?;
    }
    durable::remove_if_there(&ledger.files.new).map_err(LedgerError::at(folder))?;
    if put_again > 0 {
        tracing::info!("opening the ledger: {put_again} envelopes were put into the store again");
    }
    ledger.watchdog.rest();
    Ok((ledger, OpeningReport { repairs: account.told()?, lost, put_again }))
}

impl Ledger {
    /// The first envelope of an epoch tells the office the receipt key and why the epoch began.
    fn begin_epoch(&mut self, reason: String, now: KioskTime) -> Result<(), LedgerError> {
        let receipt_key = self.identity.keys().receipt_key().clone();
        self.commit(&[Record::Opening(Opening { receipt_key, reason })], now)?;
        Ok(())
    }
}

fn next_place(found: &Survey, identity: &Identity) -> Place {
    match &found.last {
        Some(last) => last.next(),
        None => {
            let (kiosk, epoch) = (identity.kiosk(), identity.first_epoch());
            Place { kiosk, epoch, sequence: 0, previous: HeaderHash::NONE }
        }
    }
}

/// Puts what journal and store hold together into the journal's place; gives what neither holds.
fn mend_journal(
    files: &Files,
    store: &mut Store,
    gone: &mut Gone,
    owner: &Owner,
    found: Survey,
    attention: &Attention<'_>,
    account: &mut Account,
) -> Result<Vec<Lost>, LedgerError> {
    let mended = write_fresh(files, store, gone, Some(owner), attention)?;
    let from_store =
        (mended.from_store > 0).then(|| format!("{} envelopes were taken from the store", mended.from_store));
    let lost = mended.lost.iter().map(Lost::to_string);
    account.note_all(found.faults.into_iter().chain(found.tail).chain(from_store).chain(lost), true)?;
    gone.note_breaks(mended.breaks)?;
    let original = take_place(files)?;
    account.note(format!("the damaged journal is kept as {original}"))?;
    if mended.store_is_damaged {
        set_store_aside(files, account)?;
        *store = Store::open(&files.sled)?;
    }
    Ok(mended.lost)
}

/// A crash while folders changed their names, or while a segment was made, leaves something to end or to remove.
pub fn finish_what_was_broken_off(files: &Files) -> Result<(), LedgerError> {
    let (journal, fresh) = (&files.journal, files.fresh_journal());
    let ended = if !journal.exists() && fresh.exists() {
        // It was whole and durable before the damaged one was taken away.
        durable::rename(&fresh, journal)
    } else {
        durable::remove_folder_if_there(&fresh).and_then(|()| durable::make_folder(journal))
    };
    ended.and_then(|()| journal::remove_unfinished(journal)).map_err(LedgerError::at(journal))?;
    journal::remove_unfinished(&files.folder).map_err(LedgerError::at(&files.folder))?;
    store::finish_swap(&files.sled).map_err(LedgerError::at(&files.sled))
}

/// Looks through the journal, and at whether the store knows of more than it.
fn look(
    files: &Files,
    store: &Store,
    gone: &Gone,
    owner: &Owner,
    attention: &Attention<'_>,
) -> Result<Survey, LedgerError> {
    let applied = Store::guarded(|| store.applied()).unwrap_or_default();
    let mut found = survey(&files.journal, applied.as_ref(), gone, owner, attention, |_, _| {})?;
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
    if let Some(first) = found.first.as_ref().filter(|first| !gone.is_known() && first.previous != HeaderHash::NONE) {
        let before = first.sequence.checked_sub(1);
        let has = before.and_then(|before| Store::guarded(|| store.header(&first.epoch, before)).ok().flatten());
        if has.is_some_and(|header| header.hash() == first.previous) {
            found.faults.push(format!("the store has what stood before {:?} {}", first.epoch, first.sequence));
        }
    }
    Ok(found)
}

/// After a crash, what a page cache shows of the last segment proves nothing: its frames go into a new file, synced,
/// before anything is served; only then the old one goes.
fn rewrite_last_segment(files: &Files, found: &mut Survey, account: &mut Account) -> Result<Journal, LedgerError> {
    let number = found.spans.last().map_or(1, |span| span.number);
    if let Some(tail) = found.tail.take() {
        let original = Damaged::of(&files.folder).keep(&segment_path(&files.journal, number))?;
        account.note_all([format!("{tail}; the original is kept as {original}")], true)?;
    }
    Ok(Journal::begin(&files.journal, number, &found.last_frames)?)
}

/// Puts into the store what the journal has beyond it. A store that is damaged, or at odds with the journal, is set
/// aside and made anew: the journal is the truth.
fn bring_up(
    files: &Files,
    store: &mut Store,
    gone: &Gone,
    found: &Survey,
    attention: &Attention<'_>,
    account: &mut Account,
) -> Result<u64, LedgerError> {
    let brought_up = Store::guarded(|| {
        let count = put_missing(files, store, found, attention)?;
        sweep(store, gone, found).map(|()| count)
    });
    match brought_up {
        Ok(count) => Ok(count),
        Err(StoreError::Io { path, source }) => Err(LedgerError::Io { path, source }),
        Err(error) => {
            account.note(format!("the store was damaged ({error})"))?;
            set_store_aside(files, account)?;
            *store = Store::open(&files.sled)?;
            Ok(put_missing(files, store, found, attention)?)
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

/// Takes from the store what has left the journal: a power cut may have undone that in the store alone. Only what is
/// known to have left goes, and nothing that still stands in the journal.
fn sweep(store: &Store, gone: &Gone, found: &Survey) -> Result<(), StoreError> {
    if !gone.is_known() || !found.faults.is_empty() {
        return Ok(());
    }
    let first_in_journal = |epoch| {
        let parts = found.spans.iter().flat_map(|span| &span.parts);
        parts.filter(|part| part.epoch == epoch).map(|part| part.first).min()
    };
    for run in store.runs()? {
        let left = match (gone.through(), first_in_journal(run.epoch)) {
            (Some(through), Some(first)) if through.epoch == run.epoch => {
                first.checked_sub(1).map(|before| before.min(through.sequence))
            }
            (_, None) if store.is_retiring(&run.epoch, run.last)? => Some(run.last),
            _ => None,
        };
        if let Some(through) = left.filter(|through| *through >= run.first) {
            store.remove_envelopes(&run.epoch, through)?;
        }
    }
    Ok(())
}

/// Opens sled. When the last start did not get through this, sled hung or crashed in it; and when the store failed
/// later, a note says so: its folder is set aside unopened, and the store is made anew from the journal.
fn open_store(files: &Files, attention: &Attention<'_>, account: &mut Account) -> Result<Store, LedgerError> {
    attention.open_store();
    if files.note.exists() && files.sled.exists() {
        let note = std::fs::read_to_string(&files.note).unwrap_or_default();
        let why =
            if note.trim().is_empty() { "the last start broke off while it opened the store" } else { note.trim() };
        account.note(why)?;
        set_store_aside(files, account)?;
    }
    durable::replace_file(&files.note, b"").map_err(LedgerError::at(&files.note))?;
    remove_generating(&files.sled).map_err(LedgerError::at(&files.sled))?;
    let store = match Store::open(&files.sled) {
        Ok(store) => store,
        // A disk that is full or fails is no damage of the store.
        Err(error @ StoreError::Sled(sled::Error::Io(_))) => return Err(error.into()),
        Err(error) => {
            account.note(format!("the store could not be opened ({error})"))?;
            set_store_aside(files, account)?;
            Store::open(&files.sled)?
        }
    };
    durable::remove_if_there(&files.note).map_err(LedgerError::at(&files.note))?;
    Ok(store)
}

fn set_store_aside(files: &Files, account: &mut Account) -> Result<(), LedgerError> {
    let kept = Damaged::of(&files.folder).take(&files.sled)?;
    account.note(format!("the store is kept as {kept} and was made anew from the journal"))
}

fn open_gone(files: &Files, store: &Store, account: &mut Account) -> Result<Gone, LedgerError> {
    if let Some(gone) = Gone::read(&files.gone)? {
        return Ok(gone);
    }
    // It stays where it is until another replaces it: without any, the journal would seem to lack its beginning.
    let kept = Damaged::of(&files.folder).keep(&files.gone)?;
    account.note(format!("the list of what has left the journal was damaged; it is kept as {kept}"))?;
    let numbers = Store::guarded(|| Ok(store.request_numbers().filter_map(Result::ok).collect())).unwrap_or_default();
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

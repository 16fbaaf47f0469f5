//! Opening a ledger: what a crash, a power cut or a damaged file left is put in order before anything is promised.
//!
//! `survey` looks through the journal, `mending` fills what it lost from other `copies`: the store, and what `salvage`
//! finds in what was set aside; `replacing` puts the result into its place. `damaged` keeps the originals, `parts` opens store and `gone`, `tail` cuts the end.

pub mod account;
mod attention;
pub mod copies;
pub mod damaged;
pub mod lost;
pub mod mending;
pub mod own;
pub mod parts;
mod replacing;
pub mod salvage;
pub mod survey;
mod tail;

use std::path::Path;
use std::time::Duration;

use super::count::Count;
use super::disk::{self, File, TryLockError};
use super::files::Files;
use super::gone::Gone;
use super::journal::{self, Span, segment_path};
use super::places::Places;
use super::store::{self, APPLY_AT_ONCE, Applied, Store, StoreError};
use super::verification::Verification;
use super::watchdog::Watchdog;
use super::{Identity, Ledger, LedgerError, durable};
use crate::domain::record::{Opening, Record};
use crate::seal::envelope::{Epoch, HeaderHash, KioskTime, Place};
use account::Account;
use damaged::Damaged;
use own::{FOREIGN_IN_STORE, Owner};
use salvage::Salvage;
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

/// When folders that were set aside are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// All of them, when something is not as it should be
    WhereNeeded,
    /// All of them
    Always,
}

pub fn open(
    folder: &Path,
    identity: Identity,
    options: &OpeningOptions<'_>,
    search: Search,
) -> Result<(Ledger, OpeningReport), LedgerError> {
    let files = Files::of(folder);
    durable::make_folder(folder).map_err(LedgerError::at(folder))?;
    let is_marked_new = disk::exists(&files.new);
    let lock = lock(folder)?;
    let watchdog = Watchdog::start(&files.note, options.patience).map_err(LedgerError::at(folder))?;
    let attention = Attention { watchdog: &watchdog, progress: options.progress };
    let mut account = Account::open(&files.account)?;
    finish_what_was_broken_off(&files, &mut account)?;
    let count = Count::open(&files.count)?;
    let mut spare = parts::spare_store(&files, &count, &attention)?;
    let (mut store, was_set_aside) = parts::open_store(&files, &attention, &mut account)?;
    let mut gone = parts::open_gone(&files, &store, identity.kiosk(), &mut account)?;

    let owner = Owner::of(&identity)?;
    let owners = owner.look_at(&store);
    let mut found = look(&files, &store, &gone, &owner, &attention)?;
    owner.refuse_foreign(folder, found.last.is_some(), &found.foreign, &owners)?;
    if owners.is_foreign() {
        account.note(FOREIGN_IN_STORE)?;
        parts::set_store_aside(&files, &mut account)?;
        store = Store::open(&files.sled)?;
        found = look(&files, &store, &gone, &owner, &attention)?;
    } else if owners.has_foreign() {
        found.faults.push(FOREIGN_IN_STORE.to_owned());
    }
    if let Some(torn) = &found.torn {
        let torn_off = tail::never_promised(&files, torn, &found, &owner, &store, &count)?;
        if !torn_off.is_empty() {
            gone.note_dropped(torn_off)?;
            found = look(&files, &store, &gone, &owner, &attention)?;
        }
    }
    let is_searched = search == Search::Always
        || was_set_aside
        || spare.is_some()
        || !gone.was_searched()
        || found.has_trouble()
        || found.last.is_none() && !is_marked_new
        || !count.missing_ends(&found, &gone).is_empty();
    let mut salvage = Salvage::default();
    if is_searched {
        salvage = parts::search(&files, spare.as_slice(), &found, &owner, &gone, &attention)?;
        found.faults.extend(parts::tell_of(&salvage, folder));
    }
    let mut lost = Vec::new();
    let was_mended = !found.faults.is_empty();
    if was_mended {
        lost = replacing::mend_journal(
            &files,
            (&mut store, &mut salvage, &mut spare),
            (&mut gone, &count),
            &owner,
            found,
            &attention,
            &mut account,
        )?;
        found = look(&files, &store, &gone, &owner, &attention)?;
        if !salvage.is_empty() {
            // The found envelopes stand in the middle, and the store has gone on behind them.
            found.applied_in = None;
        }
    }
    if let Some(folder) = spare.take_if(|spare| salvage.needed().any(|path| path.starts_with(&spare))) {
        let kept = Damaged::of(&files.folder).take(&folder)?;
        salvage.moved(&folder, &files.folder.join(kept));
    }
    let missing = count.missing_ends(&found, &gone);
    account.note_lost(&missing)?;
    lost.extend(missing);
    for told in salvage.tell_of_forks(folder, &gone) {
        account.note(told)?;
    }
    let was_known = gone.is_known();
    if !was_known || gone.is_missing() && count.is_there() {
        // With the list it is lost what the office may have acknowledged past: all of it goes out once more.
        gone.note_found_again(found.spans.iter().flat_map(|span| span.parts.iter().copied()))?;
    }
    if was_mended || !was_known {
        gone.accept_beginning(found.first.as_ref())?;
    }
    gone.note_breaks(found.half_known.iter().copied())?;
    gone.make()?;
    if is_searched {
        gone.note_searched(salvage.has_read_all(), salvage.forks())?;
    }
    let journal = tail::rewrite_last_segment(&files, &mut found, &mut account)?;
    let sweeps = was_known && found.faults.is_empty();
    let put_again = bring_up(&files, &mut store, (&mut gone, sweeps), &found, &attention, &mut account)?;
    let is_new = found.last.is_none() && is_marked_new;
    if found.last.is_none() && !is_marked_new {
        let nothing = "neither the journal nor the store of this kiosk holds anything";
        account.note_all([nothing.to_owned()], true)?;
    }

    let is_known_key = found.sealing_keys.is_empty() || found.sealing_keys.contains(&identity.sealing_key().id());
    let mut ledger = Ledger {
        has_sound_sealing_key: identity.is_proved() || is_known_key,
        next: next_place(&found, &identity),
        epochs: if found.epochs.is_empty() { vec![identity.first_epoch()] } else { found.epochs },
        last_trusted_at: found.last_trusted_at,
        heard_whole: None,
        taken_again: Places::default(),
        safe_again: Places::default(),
        taken_by: None,
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
        count,
        verification: Verification::default(),
        watchdog,
        _lock: lock,
    };
    if is_new {
        ledger.begin_epoch("the kiosk was enrolled".into(), options.now)?;
    } else if account.begins_epoch() {
        ledger.begin_another_epoch(account.reason().unwrap_or_default(), options.now)?;
    } else if let Some(report) = account.reason() {
        ledger.commit(&[Record::Repair { report }], options.now)?;
    }
    ledger.name_losses(account.lost(), options.now)?;
    if found.applied_in.is_none() || put_again > 0 {
        // A store that has kept nothing yet couldn't tell a write that a power cut tears from damage.
        ledger.apply()?;
        ledger.ask_store(|store| store.flush_durably())?;
    }
    ledger.count.note_ends(found.ends, ledger.next.epoch);
    ledger.note_count();
    durable::remove_if_there(&ledger.files.new).map_err(LedgerError::at(folder))?;
    if put_again > 0 {
        tracing::info!("opening the ledger: {put_again} envelopes were put into the store again");
    }
    if is_searched {
        Damaged::of(folder).thin_out(salvage.needed())?;
    }
    if let Some(spare) = spare {
        durable::remove_folder_if_there(&spare).map_err(LedgerError::at(&spare))?;
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

    /// The same for an epoch that follows another.
    pub(super) fn begin_another_epoch(&mut self, reason: String, now: KioskTime) -> Result<(), LedgerError> {
        self.count.end_epoch(&self.next);
        self.next = Place { epoch: Epoch::random(), sequence: 0, ..self.next };
        self.epochs.push(self.next.epoch);
        self.begin_epoch(reason, now)
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

/// A crash while folders changed their names, or while a segment was made, leaves something to end or to remove. Something
/// else in a folder's place is set aside.
pub fn finish_what_was_broken_off(files: &Files, account: &mut Account) -> Result<(), LedgerError> {
    for folder in [&files.journal, &files.sled] {
        if durable::is_no_folder(folder) {
            let kept = Damaged::of(&files.folder).take(folder)?;
            account.note(format!("{} was no folder; it is kept as {kept}", folder.display()))?;
        }
    }
    let (journal, fresh) = (&files.journal, files.fresh_journal());
    let ended = if !disk::exists(journal) && disk::exists(&fresh) {
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
    let mut found = survey(&files.journal, applied, gone, Some(owner), attention, |_, _| {})?;
    found.faults.extend(lacks_the_applied(&found, applied, store, gone));
    if !gone.is_known() {
        found.faults.extend(Store::guarded(|| stood_before(store, &found)).unwrap_or_default());
    }
    Ok(found)
}

/// Says which runs the store has and the journal lacks, where nobody knows what has left; but those that may have.
fn stood_before(store: &Store, found: &Survey) -> Result<Vec<String>, StoreError> {
    let mut told = Vec::new();
    for run in store.runs()? {
        let is_here = found.first_sequence(run.epoch).is_some_and(|first| first <= run.first);
        if !is_here && !store.is_retiring(&run.epoch, run.first)? {
            told.push(format!("the store has {:?} {}, which the journal lacks", run.epoch, run.first));
        }
    }
    Ok(told)
}

/// Says where the journal lacks the envelope through which the store was computed.
pub fn lacks_the_applied(found: &Survey, applied: Option<Applied>, store: &Store, gone: &Gone) -> Option<String> {
    let Applied { epoch, sequence, head } = applied.filter(|applied| !gone.ends_with(applied.head))?;
    // After a mended journal this says so again only when the store itself is at odds with it.
    let has = Store::guarded(|| store.header(&epoch, sequence)).ok().flatten();
    let is_lacking = found.applied_in.is_none() && has.is_some_and(|header| header.hash() == head);
    is_lacking.then(|| format!("the journal lacks {epoch:?} {sequence}, which the store has"))
}

/// Puts into the store what the journal has beyond it. A store that is damaged, or at odds with the journal, is set
/// aside and made anew: the journal is the truth.
fn bring_up(
    files: &Files,
    store: &mut Store,
    (gone, sweeps): (&mut Gone, bool),
    found: &Survey,
    attention: &Attention<'_>,
    account: &mut Account,
) -> Result<u64, LedgerError> {
    let brought_up = Store::guarded(|| {
        let count = put_missing(files, store, found, attention)?;
        if sweeps {
            sweep(store, gone, found)?;
        }
        Ok(count)
    });
    match brought_up {
        Ok(count) => Ok(count),
        Err(StoreError::Io { path, source }) => Err(LedgerError::Io { path, source }),
        Err(error) => {
            account.note(format!("the store was damaged ({error})"))?;
            parts::set_store_aside(files, account)?;
            // It was set aside behind the search.
            gone.note_searched(false, [])?;
            *store = Store::open(&files.sled)?;
            Ok(put_missing(files, store, found, attention)?)
        }
    }
}

fn put_missing(files: &Files, store: &Store, found: &Survey, attention: &Attention<'_>) -> Result<u64, StoreError> {
    let mut known_head = store.applied()?.filter(|_| found.applied_in.is_some()).map(|applied| applied.head);
    // A store that was just made anew has nothing of the segments before, either.
    let first = found.applied_in.filter(|_| known_head.is_some()).unwrap_or(0);
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
            store.remove_envelopes(&run.epoch, run.first, through)?;
        }
    }
    Ok(())
}

/// One program a folder, for as long as the lock is held.
pub(super) fn lock(folder: &Path) -> Result<File, LedgerError> {
    let path = folder.join("lock");
    File::lock(&path).map_err(|error| match error {
        TryLockError::WouldBlock => LedgerError::InUse(folder.to_owned()),
        TryLockError::Error(source) => LedgerError::Io { path, source },
    })
}

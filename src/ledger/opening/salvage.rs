//! Salvage: envelopes in whatever was set aside, found by their bytes.
//!
//! Neither sled nor the journal's frames are asked: an envelope proves itself, by its content's hash and the kiosk's
//! signature. So what a damaged store can no longer give is found all the same, and nothing here can hang or crash with
//! it. It costs one reading of the files, and memory for one line an envelope.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use super::Attention;
use super::own::Owner;
use crate::ledger::disk::{self, File, Kind};
use crate::ledger::gone::Gone;
use crate::ledger::{LedgerError, journal};
use crate::seal::envelope::{ENVELOPE_BYTES_MAX, Envelope, Epoch, Header, HeaderHash};

/// How each envelope begins: `IQ`, version, 0.
const BEGINNING: [u8; 4] = [b'I', b'Q', 1, 0];
/// Header and signature stand before the two parts, each with its length of two bytes.
const PARTS_AT: usize = 175;
const PIECE_BYTES: usize = 1024 * 1024;
/// Maximum number of envelopes that are kept in mind: some 200 MB of journal.
const FOUND_MAX: usize = 200_000;
/// Depth of the folders that are looked through: `damaged/sled-1/blobs`.
const DEPTH_MAX: usize = 4;

/// Where an envelope was found.
struct Found {
    file: usize,
    at: u64,
    length: usize,
    epoch: Epoch,
    sequence: u64,
}

/// Envelopes that were found outside journal and store.
#[derive(Default)]
pub struct Salvage {
    files: Vec<PathBuf>,
    found: HashMap<HeaderHash, Found>,
    places: BTreeMap<(Epoch, u64), Vec<HeaderHash>>,
}

impl Salvage {
    /// Looks through files and folders for envelopes that this kiosk has signed. What has left the journal in order, or was
    /// never promised, is passed over.
    pub fn search(
        roots: &[PathBuf],
        owner: &Owner,
        gone: &Gone,
        attention: &Attention<'_>,
    ) -> Result<Self, LedgerError> {
        let mut salvage = Self::default();
        let mut files = Vec::new();
        roots.iter().for_each(|root| list(root, DEPTH_MAX, &mut files));
        let total = files.len();
        for (place, path) in files.into_iter().enumerate() {
            attention.mend(place, total);
            // A disk that fails in places may fail here too: what can be read counts.
            if let Err(error) = salvage.search_file(&path, owner, gone, attention) {
                tracing::warn!("{}: {error}", path.display());
            }
        }
        Ok(salvage)
    }

    fn search_file(&mut self, path: &Path, owner: &Owner, gone: &Gone, attention: &Attention<'_>) -> io::Result<()> {
        let file = File::open(path)?;
        let number = self.files.len();
        self.files.push(path.to_owned());
        let (mut bytes, mut before) = (Vec::new(), 0_u64);
        loop {
            let from = before + bytes.len() as u64;
            let read = file.read_some(&mut bytes, from, PIECE_BYTES)?;
            for (at, envelope) in envelopes_in(&bytes) {
                self.take(number, before + at as u64, &envelope, owner, gone);
            }
            if read == 0 || self.found.len() >= FOUND_MAX {
                return Ok(());
            }
            attention.mend(0, 1);
            // The last of them may go on behind what was read.
            let keep = bytes.len().min(ENVELOPE_BYTES_MAX);
            before += (bytes.len() - keep) as u64;
            bytes.drain(..bytes.len() - keep);
        }
    }

    fn take(&mut self, file: usize, at: u64, envelope: &Envelope, owner: &Owner, gone: &Gone) {
        let Header { epoch, sequence, .. } = envelope.header;
        let hash = envelope.header.hash();
        let is_unwanted = gone.has_left(epoch, sequence) || gone.was_dropped(hash);
        if is_unwanted || self.found.contains_key(&hash) || !owner.owns(envelope) {
            return;
        }
        self.found.insert(hash, Found { file, at, length: envelope.len(), epoch, sequence });
        self.places.entry((epoch, sequence)).or_default().push(hash);
    }

    /// Leaves only what the journal lacks.
    pub fn forget_those_in(&mut self, journal: &Path, attention: &Attention<'_>) -> Result<(), LedgerError> {
        if self.found.is_empty() {
            return Ok(());
        }
        let numbers = journal::segment_numbers(journal).map_err(LedgerError::at(journal))?;
        let mut taken = HashSet::new();
        for (place, number) in numbers.iter().enumerate() {
            attention.read(place, numbers.len());
            let path = journal::segment_path(journal, *number);
            let content = journal::read_segment(&path, *number).map_err(LedgerError::at(&path))?;
            taken.extend(content.envelopes.iter().map(|envelope| (envelope.header.epoch, envelope.header.sequence)));
        }
        // Another envelope at the same place is a fork, which neither copy can hold beside the first.
        self.retain(|place| !taken.contains(&place));
        Ok(())
    }

    pub fn retain(&mut self, is_wanted: impl Fn((Epoch, u64)) -> bool) {
        self.places.retain(|place, _| is_wanted(*place));
        self.found.retain(|_, found| is_wanted((found.epoch, found.sequence)));
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The places of all that was found, in order.
    pub fn places(&self) -> impl DoubleEndedIterator<Item = (Epoch, u64)> {
        self.places.keys().copied()
    }

    pub fn first_sequence(&self, epoch: Epoch, from: u64) -> Option<u64> {
        self.places.range((epoch, from)..=(epoch, u64::MAX)).next().map(|((_, sequence), _)| *sequence)
    }

    pub fn last_sequence(&self, epoch: Epoch, until: u64) -> Option<u64> {
        self.places.range((epoch, 0)..=(epoch, until)).next_back().map(|((_, sequence), _)| *sequence)
    }

    /// The envelopes at a place; more than one where the kiosk's store was once copied.
    pub fn at(&self, epoch: Epoch, sequence: u64) -> impl Iterator<Item = Envelope> {
        let hashes = self.places.get(&(epoch, sequence)).into_iter().flatten();
        hashes.filter_map(|hash| self.with_hash(*hash))
    }

    pub fn with_hash(&self, hash: HeaderHash) -> Option<Envelope> {
        let found = self.found.get(&hash)?;
        let mut bytes = vec![0; found.length];
        File::open(self.files.get(found.file)?).and_then(|file| file.read_exact_at(&mut bytes, found.at)).ok()?;
        // It was proved when it was found; a disk may give something else now.
        Envelope::decode(&bytes).ok().filter(|envelope| envelope.header.hash() == hash)
    }

    /// The files in which something was found, each with how many places it filled first.
    pub fn sources(&self) -> BTreeMap<&Path, usize> {
        let mut sources = BTreeMap::new();
        for hashes in self.places.values() {
            let path = hashes.first().and_then(|hash| self.files.get(self.found.get(hash)?.file));
            *sources.entry(path.map_or(Path::new(""), PathBuf::as_path)).or_insert(0) += 1;
        }
        sources
    }
}

/// Every sound envelope in these bytes, with where it begins. Nothing says yet who signed it.
pub fn envelopes_in(bytes: &[u8]) -> impl Iterator<Item = (usize, Envelope)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            at += bytes.get(at..)?.iter().position(|byte| *byte == BEGINNING[0])?;
            if let Some(envelope) = envelope_at(&bytes[at..]) {
                let begins = at;
                at += envelope.len();
                return Some((begins, envelope));
            }
            at += 1;
        }
    })
}

fn envelope_at(bytes: &[u8]) -> Option<Envelope> {
    if !bytes.starts_with(&BEGINNING) {
        return None;
    }
    let mut end = PARTS_AT;
    for _part in 0..2 {
        let length = u16::from_be_bytes(*bytes.get(end..)?.first_chunk()?);
        end += 2 + usize::from(length);
    }
    Envelope::decode(bytes.get(..end)?).ok()
}

/// Regular files only: a pipe would be waited for, and a link leads elsewhere.
fn list(path: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    match disk::kind(path) {
        Ok(Kind::File { .. }) => files.push(path.to_owned()),
        Ok(Kind::Folder) if depth > 0 => {
            let inside = disk::read_folder(path).unwrap_or_default();
            inside.iter().for_each(|path| list(path, depth - 1, files));
        }
        _ => {}
    }
}

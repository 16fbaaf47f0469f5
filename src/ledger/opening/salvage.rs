//! Salvage: envelopes in whatever was set aside, found by their bytes.
//!
//! Neither sled nor the journal's frames are asked: an envelope proves itself, by its content's hash and the kiosk's
//! signature. So what a damaged store can no longer give is found all the same, and nothing here can hang or crash with
//! it. It costs one reading of the files, and memory for one line an envelope.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
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
    /// Envelopes at whose places the journal holds others: neither copy can hold them beside those
    forks: HashMap<HeaderHash, Found>,
    /// Files and folders of which not everything could be read
    unread: BTreeSet<PathBuf>,
}

/// Whose envelopes are wanted, and which the journal has.
struct Wanted<'a> {
    owner: &'a Owner,
    gone: &'a Gone,
    in_journal: HashSet<HeaderHash>,
    taken: HashSet<(Epoch, u64)>,
}

impl<'a> Wanted<'a> {
    fn beside(
        journal: &Path,
        owner: &'a Owner,
        gone: &'a Gone,
        attention: &Attention<'_>,
    ) -> Result<Self, LedgerError> {
        let mut wanted = Self { owner, gone, in_journal: HashSet::new(), taken: HashSet::new() };
        if !disk::is_folder(journal) {
            return Ok(wanted);
        }
        let numbers = journal::segment_numbers(journal).map_err(LedgerError::at(journal))?;
        for (place, number) in numbers.iter().enumerate() {
            attention.read(place, numbers.len());
            let path = journal::segment_path(journal, *number);
            let content = journal::read_segment(&path, *number).map_err(LedgerError::at(&path))?;
            // What isn't the kiosk's own takes nobody's place: it doesn't stay in the journal.
            for header in content.envelopes.iter().filter(|one| owner.owns(one)).map(|one| &one.header) {
                wanted.taken.insert((header.epoch, header.sequence));
                wanted.in_journal.insert(header.hash());
            }
        }
        Ok(wanted)
    }
}

impl Salvage {
    /// Looks through files and folders for envelopes that this kiosk has signed and its journal lacks. What has left the
    /// journal in order, or was never promised, is passed over.
    pub fn search(
        roots: &[PathBuf],
        journal: &Path,
        owner: &Owner,
        gone: &Gone,
        attention: &Attention<'_>,
    ) -> Result<Self, LedgerError> {
        let mut salvage = Self::default();
        let mut files = Vec::new();
        roots.iter().for_each(|root| list(root, DEPTH_MAX, &mut files, &mut salvage.unread));
        if files.is_empty() {
            return Ok(salvage);
        }
        let wanted = Wanted::beside(journal, owner, gone, attention)?;
        let total = files.len();
        for (place, path) in files.into_iter().enumerate() {
            attention.mend(place, total);
            // A disk that fails in places may fail here too: what can be read counts.
            if let Err(error) = salvage.search_file(&path, &wanted, attention) {
                tracing::warn!("{}: {error}", path.display());
                salvage.unread.insert(path);
            }
        }
        Ok(salvage)
    }

    fn search_file(&mut self, path: &Path, wanted: &Wanted<'_>, attention: &Attention<'_>) -> io::Result<()> {
        let file = File::open(path)?;
        let Kind::File { bytes: length } = disk::kind(path)? else { return Ok(()) };
        let number = self.files.len();
        self.files.push(path.to_owned());
        let (mut bytes, mut before) = (Vec::new(), 0_u64);
        loop {
            let from = before + bytes.len() as u64;
            let read = match file.read_some(&mut bytes, from, PIECE_BYTES) {
                Ok(read) => read,
                Err(error) => {
                    tracing::warn!("{}: {error}; reading it piece by piece", path.display());
                    self.unread.insert(path.to_owned());
                    let left = usize::try_from(length.saturating_sub(from)).unwrap_or(usize::MAX);
                    let piece = journal::read_in_pieces(&file, from, left.min(PIECE_BYTES));
                    bytes.extend_from_slice(&piece);
                    piece.len()
                }
            };
            for (at, envelope) in envelopes_in(&bytes) {
                self.take(number, before + at as u64, &envelope, wanted);
            }
            if self.found.len() >= FOUND_MAX {
                self.unread.insert(path.to_owned());
                return Ok(());
            }
            if read == 0 {
                return Ok(());
            }
            attention.mend(0, 1);
            // The last of them may go on behind what was read.
            let keep = bytes.len().min(ENVELOPE_BYTES_MAX);
            before += (bytes.len() - keep) as u64;
            bytes.drain(..bytes.len() - keep);
        }
    }

    fn take(&mut self, file: usize, at: u64, envelope: &Envelope, wanted: &Wanted<'_>) {
        let Header { epoch, sequence, .. } = envelope.header;
        let hash = envelope.header.hash();
        let Wanted { owner, gone, in_journal, taken } = wanted;
        let is_unwanted = in_journal.contains(&hash) || gone.has_left(epoch, sequence) || gone.was_dropped(hash);
        if is_unwanted || self.found.contains_key(&hash) || self.forks.contains_key(&hash) || !owner.owns(envelope) {
            return;
        }
        let found = Found { file, at, length: envelope.len(), epoch, sequence };
        if taken.contains(&(epoch, sequence)) {
            self.forks.insert(hash, found);
            return;
        }
        self.found.insert(hash, found);
        self.places.entry((epoch, sequence)).or_default().push(hash);
    }

    pub fn retain(&mut self, is_wanted: impl Fn((Epoch, u64)) -> bool) {
        self.places.retain(|place, _| is_wanted(*place));
        self.found.retain(|_, found| is_wanted((found.epoch, found.sequence)));
    }

    pub fn has(&self, hash: HeaderHash) -> bool {
        self.found.contains_key(&hash)
    }

    /// Envelopes that were found first in files of this folder.
    pub fn found_in(&self, folder: &Path) -> impl Iterator<Item = (Epoch, u64, HeaderHash)> {
        let is_inside = move |found: &Found| self.files.get(found.file).is_some_and(|path| path.starts_with(folder));
        let found = self.found.iter().filter(move |(_, found)| is_inside(found));
        found.map(|(hash, found)| (found.epoch, found.sequence, *hash))
    }

    /// Takes what was found and the journal still lacks for forks: others stand at its places.
    pub fn note_left_out(&mut self, is_here: impl Fn(HeaderHash) -> bool) {
        let (here, left_out): (HashMap<_, _>, HashMap<_, _>) =
            std::mem::take(&mut self.found).into_iter().partition(|(hash, _)| is_here(*hash));
        self.found = here;
        self.forks.extend(left_out);
    }

    /// A file or folder that was read bears another name now.
    pub fn moved(&mut self, from: &Path, to: &Path) {
        let renamed = |path: &Path| path.strip_prefix(from).map_or(path.to_owned(), |rest| to.join(rest));
        self.files.iter_mut().for_each(|path| *path = renamed(path));
        self.unread = self.unread.iter().map(|path| renamed(path)).collect();
    }

    /// False when a disk that fails, or too much of it, kept something from being read.
    pub fn has_read_all(&self) -> bool {
        self.unread.is_empty()
    }

    /// The files that nothing may remove: not everything in them was read, or they alone hold something.
    pub fn needed(&self) -> impl Iterator<Item = &Path> {
        let of_forks = self.forks.values().filter_map(|found| self.files.get(found.file));
        self.unread.iter().chain(of_forks).map(PathBuf::as_path)
    }

    pub fn forks(&self) -> impl Iterator<Item = HeaderHash> {
        self.forks.keys().copied()
    }

    /// Says where envelopes stand at whose places the journal holds others, a sentence a file; but those that were told.
    pub fn tell_of_forks(&self, folder: &Path, gone: &Gone) -> Vec<String> {
        let mut by_file: BTreeMap<usize, Vec<(Epoch, u64)>> = BTreeMap::new();
        for (_, found) in self.forks.iter().filter(|(hash, _)| !gone.knows_fork(**hash)) {
            by_file.entry(found.file).or_default().push((found.epoch, found.sequence));
        }
        let tell = |(file, mut places): (usize, Vec<(Epoch, u64)>)| {
            places.sort();
            let path = self.files.get(file).map_or(Path::new(""), PathBuf::as_path);
            let name = path.strip_prefix(folder).unwrap_or(path).display();
            let (epoch, first) = places[0];
            let count = places.len();
            format!(
                "{name} holds {count} records at whose places the journal holds others, from {epoch:?} {first} on: the office has not got them, keep that file"
            )
        };
        by_file.into_iter().map(tell).collect()
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
fn list(path: &Path, depth: usize, files: &mut Vec<PathBuf>, unread: &mut BTreeSet<PathBuf>) {
    match disk::kind(path) {
        Ok(Kind::File { .. }) => files.push(path.to_owned()),
        Ok(Kind::Folder) if depth > 0 => match disk::read_folder(path) {
            Ok(inside) => inside.iter().for_each(|path| list(path, depth - 1, files, unread)),
            Err(error) => {
                tracing::warn!("{}: {error}", path.display());
                unread.insert(path.to_owned());
            }
        },
        _ => {}
    }
}

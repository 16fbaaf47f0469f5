//! The trees as a map over a simulated disk: what sled does to its files, in its simplest form. Each batch is a frame at
//! the end of one file, some time after it was written here; an opening takes the frames that are sound, and cuts off the
//! rest.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::{Path, PathBuf};

use super::StoreError;
use super::trees::{Batch, Entries, Entry, Keys, Tree, Trees};
use crate::ledger::disk::{self, File};
use crate::ledger::durable;

const MAGIC: &[u8] = b"trees 1\n";
/// Batches that wait in memory at most; sled's flusher comes once a second.
const WAITING_MAX: usize = 3;

type Map = BTreeMap<(Tree, Vec<u8>), Vec<u8>>;

pub struct MapTrees {
    folder: PathBuf,
    map: RefCell<Map>,
    log: RefCell<Log>,
}

struct Log {
    file: File,
    end: u64,
    /// Of all frames up to here: one that was left behind an end doesn't belong to a new one
    sum: u32,
    waiting: Vec<Vec<u8>>,
}

impl MapTrees {
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Io { path: folder.to_owned(), source };
        durable::make_folder(folder).map_err(failed)?;
        let path = folder.join("db");
        let is_there = disk::exists(&path);
        let file = if is_there { File::open(&path) } else { File::create(&path) }.map_err(failed)?;
        let mut bytes = if is_there { disk::read(&path).map_err(failed)? } else { Vec::new() };
        if bytes.len() < MAGIC.len() || bytes.iter().all(|byte| *byte == 0) {
            // A power cut left nothing of it.
            file.write_all_at(MAGIC, 0).map_err(failed)?;
            bytes = MAGIC.to_vec();
        }
        if !bytes.starts_with(MAGIC) {
            // sled panics, or says so.
            return Err(StoreError::Panicked);
        }
        let mut map = Map::new();
        let (mut end, mut sum) = (MAGIC.len(), 0);
        while let Some((frame, length)) = read_frame(&bytes[end..], &mut sum) {
            end += length;
            frame.into_iter().for_each(|(tree, key, change)| apply(&mut map, Tree::ALL[tree], key, change));
        }
        let log = Log { file, end: end as u64, sum, waiting: Vec::new() };
        Ok(Self { folder: folder.to_owned(), map: RefCell::new(map), log: RefCell::new(log) })
    }
}

type Frame = Vec<(usize, Vec<u8>, Option<Vec<u8>>)>;

fn read_frame(bytes: &[u8], before: &mut u32) -> Option<(Frame, usize)> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    let sum = u32::from_be_bytes(*sum);
    let length = u32::from_be_bytes(*length) as usize;
    let text = rest.get(..length).filter(|text| crc32c::crc32c_append(*before, text) == sum)?;
    let frame: Frame = postcard::from_bytes(text).ok()?;
    *before = sum;
    frame.iter().all(|(tree, ..)| *tree < Tree::ALL.len()).then_some((frame, 8 + length))
}

fn apply(map: &mut Map, tree: Tree, key: Vec<u8>, change: Option<Vec<u8>>) {
    match change {
        Some(value) => map.insert((tree, key), value),
        None => map.remove(&(tree, key)),
    };
}

impl Trees for MapTrees {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.map.borrow().get(&(tree, key.to_vec())).cloned())
    }

    fn range(&self, tree: Tree, keys: Keys) -> Entries<'_> {
        Box::new(Range { map: &self.map, tree, keys })
    }

    fn write(&self, batch: Batch) -> Result<(), StoreError> {
        let frame: Frame = batch.into_changes().map(|(tree, key, change)| (tree as usize, key, change)).collect();
        let text = postcard::to_allocvec(&frame)?;
        let mut map = self.map.borrow_mut();
        frame.into_iter().for_each(|(tree, key, change)| apply(&mut map, Tree::ALL[tree], key, change));
        let is_much = {
            let mut log = self.log.borrow_mut();
            log.sum = crc32c::crc32c_append(log.sum, &text);
            let (length, sum) = ((text.len() as u32).to_be_bytes(), log.sum.to_be_bytes());
            log.waiting.push([&length[..], &sum, &text].concat());
            log.waiting.len() > WAITING_MAX
        };
        if is_much { self.flush() } else { Ok(()) }
    }

    fn flush(&self) -> Result<(), StoreError> {
        let mut log = self.log.borrow_mut();
        let frames = std::mem::take(&mut log.waiting).concat();
        if !frames.is_empty() {
            let written = log.file.write_all_at(&frames, log.end);
            written.map_err(|source| StoreError::Io { path: self.folder.clone(), source })?;
            log.end += frames.len() as u64;
        }
        Ok(())
    }
}

impl Drop for MapTrees {
    fn drop(&mut self) {
        // As sled does; a program that was killed doesn't come to it.
        let _ = self.flush();
    }
}

/// Walks through a map that may change meanwhile.
struct Range<'a> {
    map: &'a RefCell<Map>,
    tree: Tree,
    keys: Keys,
}

impl Range<'_> {
    fn entry(&self, from_behind: bool) -> Option<Entry> {
        let bound = |key: &Bound<Vec<u8>>| key.as_ref().map(|key| (self.tree, key.clone()));
        let from = match bound(&self.keys.0) {
            Bound::Unbounded => Bound::Included((self.tree, Vec::new())),
            other => other,
        };
        let until = bound(&self.keys.1);
        if let (Bound::Included(from) | Bound::Excluded(from), Bound::Included(until) | Bound::Excluded(until)) =
            (&from, &until)
            && from >= until
            && !(from == until && matches!((&self.keys.0, &self.keys.1), (Bound::Included(_), Bound::Included(_))))
        {
            return None;
        }
        let map = self.map.borrow();
        let mut inside = map.range((from, until)).filter(|((tree, _), _)| *tree == self.tree);
        let found = if from_behind { inside.next_back() } else { inside.next() };
        found.map(|((_, key), value)| (key.clone(), value.clone()))
    }
}

impl Iterator for Range<'_> {
    type Item = Result<Entry, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let found = self.entry(false)?;
        self.keys.0 = Bound::Excluded(found.0.clone());
        Some(Ok(found))
    }
}

impl DoubleEndedIterator for Range<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let found = self.entry(true)?;
        self.keys.1 = Bound::Excluded(found.0.clone());
        Some(Ok(found))
    }
}

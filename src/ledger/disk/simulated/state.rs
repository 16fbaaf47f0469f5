//! Holds what is durable on the simulated disk, and what isn't yet.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::{End, Faults};
use crate::domain::chance::Chance;

const SECTOR_BYTES: usize = 512;
/// `EIO` and `ENOSPC` of Linux
const EIO: i32 = 5;
const ENOSPC: i32 = 28;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    Folder,
    File(u64),
}

/// A change of names.
#[derive(Clone, Debug)]
pub enum Change {
    Put(PathBuf, Node),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
}

impl Change {
    fn paths(&self) -> [&Path; 2] {
        match self {
            Self::Put(path, _) | Self::Remove(path) => [path, path],
            Self::Rename(from, to) => [from, to],
        }
    }
}

/// A file's content.
#[derive(Clone, Default)]
pub struct Content {
    /// As programs read it
    pub now: Vec<u8>,
    /// As a power cut leaves it, where nothing waits
    pub flushed: Vec<u8>,
    /// Sectors that are written and wait to be flushed
    pub waiting: BTreeSet<usize>,
    /// Sectors that the disk doesn't give any more, until they are written anew
    pub bad: BTreeSet<usize>,
    /// A sync has failed: what it hasn't flushed stands in memory only, and counts as clean there
    is_stale: bool,
}

impl Content {
    /// Fails where some of these bytes stand in a bad sector.
    pub fn check(&self, from: usize, until: usize) -> io::Result<()> {
        let sectors = from / SECTOR_BYTES..until.min(self.now.len()).div_ceil(SECTOR_BYTES);
        let is_bad = !sectors.is_empty() && self.bad.range(sectors).next().is_some();
        if is_bad { Err(io::Error::from_raw_os_error(EIO)) } else { Ok(()) }
    }

    /// Makes sectors bad.
    pub fn spoil(&mut self, from: usize, until: usize) {
        self.bad.extend(from / SECTOR_BYTES..until.div_ceil(SECTOR_BYTES));
    }

    /// Brings these sectors to the disk; the others that wait never get there. `is_longer` says whether the length does.
    fn flush(&mut self, mut is_chosen: impl FnMut() -> bool, is_longer: bool) {
        let length = if is_longer { self.now.len() } else { self.flushed.len().min(self.now.len()) };
        set_length(&mut self.flushed, length);
        for sector in std::mem::take(&mut self.waiting) {
            let from = (sector * SECTOR_BYTES).min(length);
            let until = (from + SECTOR_BYTES).min(length);
            if is_chosen() {
                self.flushed[from..until].copy_from_slice(&self.now[from..until]);
            }
        }
    }
}

pub struct State {
    pub chance: Chance,
    /// As programs see them
    pub names: BTreeMap<PathBuf, Node>,
    /// As a power cut leaves them, where nothing waits
    flushed_names: BTreeMap<PathBuf, Node>,
    /// Changes of names that wait to be flushed, in order
    waiting: Vec<Change>,
    pub files: BTreeMap<u64, Content>,
    next_file: u64,
    pub locked: BTreeSet<u64>,
    pub capacity: u64,
    /// Taken by something else
    pub filled: u64,
    pub faults: Faults,
    pub calls: u64,
    pub ends_at: Option<(u64, End)>,
    pub ended: Option<End>,
    pub starts: u64,
}

impl State {
    pub fn new(root: &Path, seed: u64, capacity: u64) -> Self {
        let names: BTreeMap<_, _> = root.ancestors().map(|path| (path.to_owned(), Node::Folder)).collect();
        Self {
            chance: Chance::of(seed),
            flushed_names: names.clone(),
            names,
            waiting: Vec::new(),
            files: BTreeMap::new(),
            next_file: 0,
            locked: BTreeSet::new(),
            capacity,
            filled: 0,
            faults: Faults::default(),
            calls: 0,
            ends_at: None,
            ended: None,
            starts: 0,
        }
    }

    /// Counts a call; it fails when everything has ended, or ends right now.
    pub fn call(&mut self) -> io::Result<()> {
        self.calls += 1;
        if let Some((_, end)) = self.ends_at.filter(|(at, _)| self.calls >= *at) {
            self.ended.get_or_insert(end);
        }
        if self.ended.is_some() { Err(io::Error::from_raw_os_error(EIO)) } else { Ok(()) }
    }

    pub fn node(&self, path: &Path) -> io::Result<Node> {
        self.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub fn file(&self, path: &Path) -> io::Result<u64> {
        match self.node(path)? {
            Node::File(number) => Ok(number),
            Node::Folder => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    /// A name may be put here: there is a folder for it, and the disk takes it.
    pub fn may_name(&mut self, path: &Path) -> io::Result<()> {
        if path.parent().is_none_or(|parent| self.names.get(parent) != Some(&Node::Folder)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.fail_by_chance(self.faults.name)
    }

    fn fail_by_chance(&mut self, one_in: u64) -> io::Result<()> {
        if one_in > 0 && self.chance.one_in(one_in) { Err(io::Error::from_raw_os_error(EIO)) } else { Ok(()) }
    }

    pub fn new_file(&mut self, bytes: Vec<u8>) -> u64 {
        self.next_file += 1;
        let waiting = (0..bytes.len().div_ceil(SECTOR_BYTES)).collect();
        self.files.insert(self.next_file, Content { now: bytes, waiting, ..Content::default() });
        self.next_file
    }

    /// Empties a file, as opening it to be written anew does.
    pub fn empty(&mut self, file: u64) {
        if let Some(content) = self.files.get_mut(&file) {
            *content = Content::default();
        }
    }

    /// The system may have taken the pages of a file for something else meanwhile: what stands in memory only is gone.
    pub fn evict_by_chance(&mut self, file: u64) {
        if let Some(content) =
            self.files.get_mut(&file).filter(|content| content.is_stale && content.waiting.is_empty())
            && self.chance.one_in(2)
        {
            let length = content.now.len();
            content.now = content.flushed.clone();
            set_length(&mut content.now, length);
            content.is_stale = false;
        }
    }

    pub fn change(&mut self, change: Change) {
        apply(&mut self.names, &change);
        self.waiting.push(change);
    }

    pub fn used(&self) -> u64 {
        let numbers: BTreeSet<u64> = self.names.values().filter_map(|node| file_of(*node)).collect();
        numbers.iter().map(|number| self.files[number].now.len() as u64).sum()
    }

    /// Writes, or as much as an end, a fault or a full disk lets through.
    pub fn write(&mut self, file: u64, bytes: &[u8], at: usize) -> io::Result<()> {
        if self.ended.is_some() {
            return self.call();
        }
        let mut outcome = self.call().and_then(|()| self.fail_by_chance(self.faults.write));
        let mut length = bytes.len();
        if outcome.is_err() {
            length = self.chance.below(length as u64 + 1) as usize;
        }
        let before = self.files[&file].now.len();
        let more = (at + length).saturating_sub(before) as u64;
        let free = self.capacity.saturating_sub(self.used() + self.filled);
        if more > free {
            length = (before + free as usize).saturating_sub(at).min(length);
            outcome = outcome.and(Err(io::Error::from_raw_os_error(ENOSPC)));
        }
        if let Some(content) = self.files.get_mut(&file).filter(|_| length > 0) {
            let longer = content.now.len().max(at + length);
            set_length(&mut content.now, longer);
            content.now[at..at + length].copy_from_slice(&bytes[..length]);
            let sectors = at.min(before) / SECTOR_BYTES..(at + length).div_ceil(SECTOR_BYTES);
            content.bad.retain(|sector| !sectors.contains(sector));
            content.waiting.extend(sectors);
        }
        outcome
    }

    pub fn sync(&mut self, file: u64) -> io::Result<()> {
        if self.ended.is_some() {
            return self.call();
        }
        // Where the power goes meanwhile, chance says what it has flushed when the machine starts again.
        self.call()?;
        let outcome = self.fail_by_chance(self.faults.sync);
        let (chance, is_well) = (&mut self.chance, outcome.is_ok());
        if let Some(content) = self.files.get_mut(&file) {
            let is_longer = is_well || chance.one_in(2);
            content.flush(|| is_well || chance.one_in(2), is_longer);
            content.is_stale |= !is_well;
        }
        outcome
    }

    /// Flushes all changes of the names in a folder up to now.
    pub fn sync_names(&mut self, folder: &Path) -> io::Result<()> {
        self.call()?;
        let outcome = self.fail_by_chance(self.faults.sync);
        // A file system's journal that fails can't be written to any more; the program sees the error, and stops.
        if outcome.is_ok() {
            self.flush_names_of(folder);
        }
        outcome
    }

    /// Changes in other folders go on waiting, but for those before a flushed one that has the same name, or has moved it.
    fn flush_names_of(&mut self, folder: &Path) {
        let mut bound: Vec<PathBuf> = Vec::new();
        let (mut flushed, mut waiting) = (Vec::new(), Vec::new());
        for change in std::mem::take(&mut self.waiting).into_iter().rev() {
            let is_bound = |path: &Path| bound.iter().any(|name| path.starts_with(name));
            if change.paths().into_iter().any(|path| path.parent() == Some(folder) || is_bound(path)) {
                bound.extend(change.paths().map(Path::to_owned));
                flushed.push(change);
            } else {
                waiting.push(change);
            }
        }
        flushed.iter().rev().for_each(|change| apply(&mut self.flushed_names, change));
        self.waiting = waiting.into_iter().rev().collect();
    }

    fn flush_names(&mut self, count: usize) {
        for change in self.waiting.drain(..count.min(self.waiting.len())) {
            apply(&mut self.flushed_names, &change);
        }
    }

    pub fn settle(&mut self) {
        self.waiting.clear();
        self.flushed_names = self.names.clone();
        self.files.values_mut().for_each(|content| content.flush(|| true, true));
    }

    pub fn start(&mut self) {
        if self.ended.take() == Some(End::Power) {
            self.lose();
        }
        self.ends_at = None;
        self.starts += 1;
        self.locked.clear();
        let named: BTreeSet<u64> = self.names.values().filter_map(|node| file_of(*node)).collect();
        let flushed = self.flushed_names.values().filter_map(|node| file_of(*node));
        let waiting = self.waiting.iter().filter_map(|change| match change {
            Change::Put(_, node) => file_of(*node),
            _ => None,
        });
        let kept: BTreeSet<u64> = named.into_iter().chain(flushed).chain(waiting).collect();
        self.files.retain(|number, _| kept.contains(number));
    }

    /// Keeps of the disk what survives a power cut.
    fn lose(&mut self) {
        let kept = self.chance.below(self.waiting.len() as u64 + 1) as usize;
        self.flush_names(kept);
        self.waiting.clear();
        // Names in a folder that has no name itself can't be reached.
        let folders = self.flushed_names.clone();
        let is_reached =
            |path: &PathBuf| path.ancestors().skip(1).all(|above| folders.get(above) == Some(&Node::Folder));
        self.flushed_names.retain(|path, _| is_reached(path));
        self.names = self.flushed_names.clone();
        // Some cuts come when nearly all was flushed already, some before.
        let (chance, of_four) = (&mut self.chance, [0, 1, 2, 2, 3, 4]);
        for content in self.files.values_mut() {
            let share = of_four[chance.below(6) as usize];
            let is_longer = share > 0 && !chance.one_in(4);
            content.flush(|| chance.below(4) < share, is_longer);
            content.now = content.flushed.clone();
        }
    }
}

/// As `resize` does, which takes a byte at a time where it isn't optimised.
fn set_length(bytes: &mut Vec<u8>, length: usize) {
    match length.checked_sub(bytes.len()) {
        Some(more) => bytes.extend_from_slice(&vec![0; more]),
        None => bytes.truncate(length),
    }
}

fn file_of(node: Node) -> Option<u64> {
    match node {
        Node::File(number) => Some(number),
        Node::Folder => None,
    }
}

fn apply(names: &mut BTreeMap<PathBuf, Node>, change: &Change) {
    match change {
        Change::Put(path, node) => drop(names.insert(path.clone(), *node)),
        Change::Remove(path) => drop(names.remove(path)),
        Change::Rename(from, to) => {
            let moved: Vec<_> = names.keys().filter(|path| path.starts_with(from)).cloned().collect();
            for path in moved {
                let below = path.strip_prefix(from).unwrap_or(Path::new(""));
                let target = if below.as_os_str().is_empty() { to.clone() } else { to.join(below) };
                if let Some(node) = names.remove(&path) {
                    names.insert(target, node);
                }
            }
        }
    }
}

//! A disk in memory on which everything that a disk may do happens by a seed.
//!
//! - **Content** is written in sectors of 512 bytes. At a power cut each sector that no sync has flushed stays or goes.
//! - **Names** that no sync of a folder has made durable stay in their order up to some point, as a file system's journal
//!   keeps them.
//! - **A sync that fails** has flushed what chance says, and the rest is never flushed, as Linux has it: it can be read until
//!   the machine goes down, or until the system takes its pages for something else and reads the old bytes.
//! - **Bad sectors** can't be read until they are written anew.
//! - **After a power cut or a kill** every call fails until [`Disk::start`]; no file stays open.

mod state;
mod tests;

use std::collections::BTreeMap;
use std::fs::TryLockError;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Kind, Room};
use state::{Change, Node, State};

/// Whatever lies below this and a number is on a simulated disk.
const ROOT: &str = "/simulated";

static DISKS: Mutex<BTreeMap<u64, Disk>> = Mutex::new(BTreeMap::new());
static NEXT: AtomicU64 = AtomicU64::new(1);

/// How everything ends at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The machine loses its power
    Power,
    /// The program is killed: what it wrote is the system's, flushed or not
    Kill,
}

/// How often calls fail: one in so many; 0 for never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// A write stops in the middle
    pub write: u64,
    pub sync: u64,
    /// A change of names is refused
    pub name: u64,
}

/// A simulated disk; all clones are the same one.
#[derive(Clone)]
pub struct Disk(Arc<Mutex<State>>);

/// A disk as long as it can be reached by its paths.
pub struct Mounted {
    number: u64,
    disk: Disk,
}

impl Mounted {
    pub fn new(seed: u64, capacity: u64) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let root = Path::new(ROOT).join(number.to_string());
        let disk = Disk(Arc::new(Mutex::new(State::new(&root, seed, capacity))));
        lock(&DISKS).insert(number, disk.clone());
        Self { number, disk }
    }

    pub fn root(&self) -> PathBuf {
        Path::new(ROOT).join(self.number.to_string())
    }

    pub fn disk(&self) -> &Disk {
        &self.disk
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        lock(&DISKS).remove(&self.number);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Disk {
    /// Gives the disk of a path, where it is a simulated one.
    pub fn at(path: &Path) -> Option<Self> {
        let below = path.strip_prefix(ROOT).ok()?;
        let number = below.iter().next()?.to_str()?.parse().ok()?;
        // A program that outlives its disk must not come to the real one.
        Some(lock(&DISKS).get(&number).cloned().unwrap_or_else(Self::gone))
    }

    fn gone() -> Self {
        let mut state = State::new(Path::new(ROOT), 0, 0);
        state.ended = Some(End::Kill);
        Self(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }

    /// Ends everything now, or at the call with this number from now.
    pub fn end_at(&self, end: End, call: u64) {
        let mut state = self.state();
        if call == 0 {
            state.ended = Some(end);
        } else {
            state.ends_at = Some((state.calls + call, end));
        }
    }

    /// Takes back an end that is still to come.
    pub fn disarm(&self) {
        self.state().ends_at = None;
    }

    pub fn has_ended(&self) -> bool {
        self.state().ended.is_some()
    }

    /// Starts the machine or the program again: what the end has cost shows now.
    pub fn start(&self) {
        self.state().start();
    }

    /// True when calls failed before.
    pub fn set_faults(&self, faults: Faults) -> bool {
        std::mem::replace(&mut self.state().faults, faults) != Faults::default()
    }

    /// Leaves so many bytes free, or takes the rest away again. True when it was filled before.
    pub fn leave_free(&self, bytes: Option<u64>) -> bool {
        let mut state = self.state();
        let used = state.used();
        let filled = bytes.map_or(0, |bytes| state.capacity.saturating_sub(used + bytes));
        std::mem::replace(&mut state.filled, filled) > 0
    }

    /// Flushes all that waits, as time does.
    pub fn settle(&self) {
        self.state().settle();
    }

    /// Changes what is on the disk under a file's name, behind everybody's back.
    pub fn damage(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        if let Some(file) = state.file(path).ok().and_then(|number| state.files.get_mut(&number)) {
            change(&mut file.now);
            file.flushed = file.now.clone();
            file.waiting.clear();
        }
    }

    /// Makes the sectors of some bytes of a file unreadable, as a disk does that wears out.
    pub fn spoil(&self, path: &Path, bytes: Range<usize>) {
        let mut state = self.state();
        if let Some(file) = state.file(path).ok().and_then(|number| state.files.get_mut(&number)) {
            file.spoil(bytes.start, bytes.end);
        }
    }

    /// Gives the files in a folder and below it, by their paths from there.
    pub fn copy_of(&self, folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        let state = self.state();
        let inside = state.names.iter().filter_map(|(path, node)| match node {
            Node::File(number) => Some((path.strip_prefix(folder).ok()?.to_owned(), state.files[number].now.clone())),
            Node::Folder => None,
        });
        inside.collect()
    }

    /// Puts files in a folder's place, durable.
    pub fn put_back(&self, folder: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) {
        let mut state = self.state();
        state.settle();
        state.names.retain(|path, _| !path.starts_with(folder));
        for (below, bytes) in files {
            let path = folder.join(below);
            for parent in path.ancestors().skip(1).take_while(|parent| parent.starts_with(folder)) {
                state.names.insert(parent.to_owned(), Node::Folder);
            }
            let number = state.new_file(bytes.clone());
            state.names.insert(path, Node::File(number));
        }
        state.settle();
    }

    pub(super) fn open(&self, path: &Path) -> io::Result<Handle> {
        let mut state = self.state();
        state.call()?;
        let number = state.file(path)?;
        state.evict_by_chance(number);
        Ok(self.handle(&state, number, None))
    }

    pub(super) fn create(&self, path: &Path, is_new: bool) -> io::Result<Handle> {
        let mut state = self.state();
        state.call()?;
        state.may_name(path)?;
        match state.file(path) {
            Ok(_) if is_new => Err(io::ErrorKind::AlreadyExists.into()),
            // The file of before is emptied at once; a power cut doesn't bring it back.
            Ok(number) => {
                state.empty(number);
                Ok(self.handle(&state, number, None))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let number = state.new_file(Vec::new());
                state.change(Change::Put(path.to_owned(), Node::File(number)));
                Ok(self.handle(&state, number, None))
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn lock(&self, path: &Path) -> Result<Handle, TryLockError> {
        let mut state = self.state();
        state.call().map_err(TryLockError::Error)?;
        let number = match state.file(path) {
            Ok(number) => number,
            Err(_) => {
                state.may_name(path).map_err(TryLockError::Error)?;
                let number = state.new_file(Vec::new());
                state.change(Change::Put(path.to_owned(), Node::File(number)));
                number
            }
        };
        if state.locked.insert(number) {
            Ok(self.handle(&state, number, Some(number)))
        } else {
            Err(TryLockError::WouldBlock)
        }
    }

    fn handle(&self, state: &State, file: u64, locks: Option<u64>) -> Handle {
        Handle { disk: self.clone(), file, start: state.starts, locks }
    }

    pub(super) fn kind(&self, path: &Path) -> io::Result<Kind> {
        let mut state = self.state();
        state.call()?;
        Ok(match state.node(path)? {
            Node::Folder => Kind::Folder,
            Node::File(number) => Kind::File { bytes: state.files[&number].now.len() as u64 },
        })
    }

    pub(super) fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut state = self.state();
        state.call()?;
        let number = state.file(path)?;
        let content = &state.files[&number];
        content.check(0, content.now.len())?;
        Ok(content.now.clone())
    }

    pub(super) fn read_folder(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut state = self.state();
        state.call()?;
        match state.node(folder)? {
            Node::Folder => Ok(state.names.keys().filter(|path| path.parent() == Some(folder)).cloned().collect()),
            Node::File(_) => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    pub(super) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.call()?;
        let node = state.node(from)?;
        state.may_name(to)?;
        match (node, state.names.get(to)) {
            (Node::File(_), Some(Node::Folder)) => return Err(io::ErrorKind::IsADirectory.into()),
            (Node::Folder, Some(Node::File(_))) => return Err(io::ErrorKind::NotADirectory.into()),
            (Node::Folder, Some(Node::Folder)) if state.names.keys().any(|path| path.parent() == Some(to)) => {
                return Err(io::ErrorKind::DirectoryNotEmpty.into());
            }
            _ => {}
        }
        state.change(Change::Rename(from.to_owned(), to.to_owned()));
        Ok(())
    }

    pub(super) fn hard_link(&self, original: &Path, link: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.call()?;
        let number = state.file(original)?;
        state.may_name(link)?;
        if state.names.contains_key(link) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.change(Change::Put(link.to_owned(), Node::File(number)));
        Ok(())
    }

    pub(super) fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.call()?;
        state.file(path)?;
        state.may_name(path)?;
        state.change(Change::Remove(path.to_owned()));
        Ok(())
    }

    /// Removes what is inside one by one, as programs do: a power cut may come in between.
    pub(super) fn remove_folder(&self, path: &Path) -> io::Result<()> {
        let inside: Vec<PathBuf> = {
            let mut state = self.state();
            state.call()?;
            if let Node::File(_) = state.node(path)? {
                return Err(io::ErrorKind::NotADirectory.into());
            }
            state.names.keys().filter(|name| name.starts_with(path)).rev().cloned().collect()
        };
        for path in inside {
            let mut state = self.state();
            state.call()?;
            state.may_name(&path)?;
            state.change(Change::Remove(path));
        }
        Ok(())
    }

    pub(super) fn make_folders(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.call()?;
        let missing: Vec<_> = path.ancestors().take_while(|above| !state.names.contains_key(*above)).collect();
        for folder in missing.into_iter().rev() {
            state.may_name(folder)?;
            state.change(Change::Put(folder.to_owned(), Node::Folder));
        }
        if state.node(path)? == Node::Folder { Ok(()) } else { Err(io::ErrorKind::AlreadyExists.into()) }
    }

    pub(super) fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.node(folder)?;
        state.sync_names(folder)
    }

    pub(super) fn room(&self) -> io::Result<Room> {
        let mut state = self.state();
        state.call()?;
        let taken = state.used() + state.filled;
        Ok(Room { free_bytes: state.capacity.saturating_sub(taken), is_read_only: false })
    }
}

/// An open file of a simulated disk. It is dead after the next end of everything.
pub struct Handle {
    disk: Disk,
    file: u64,
    start: u64,
    locks: Option<u64>,
}

impl Handle {
    fn state(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.disk.state();
        if state.starts == self.start { Ok(state) } else { Err(io::Error::other("the file was open before the end")) }
    }

    pub fn read_at(&self, bytes: &mut [u8], at: u64) -> io::Result<usize> {
        let mut state = self.state()?;
        state.call()?;
        state.files[&self.file].check(at as usize, at as usize + bytes.len())?;
        let rest = state.files[&self.file].now.get(at as usize..).unwrap_or_default();
        let read = rest.len().min(bytes.len());
        bytes[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }

    pub fn read_exact_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        if self.read_at(bytes, at)? == bytes.len() { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    pub fn write_all_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.state()?.write(self.file, bytes, at as usize)
    }

    pub fn sync_data(&self) -> io::Result<()> {
        self.state()?.sync(self.file)
    }

    pub fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let (Some(number), Ok(mut state)) = (self.locks, self.state()) {
            state.locked.remove(&number);
        }
    }
}

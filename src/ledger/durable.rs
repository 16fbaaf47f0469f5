//! Files and folders that are on the disk, and not only in the page cache, when these functions return.

use std::io;
use std::path::{Path, PathBuf};

use super::disk::{self, File, Kind};
use crate::seal::keys::{hex, random};

/// So many bytes of a file are copied before whoever waits is told.
const COPIED_AT_ONCE: usize = 1024 * 1024;

/// Replaces a small file whole: after a power cut it is the old one or the new one. Readable by its owner only.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = unfinished(path);
    let file = File::create_new(&unfinished)?;
    let replaced = file.write_all_at(bytes, 0).and_then(|()| file.sync_all()).and_then(|()| rename(&unfinished, path));
    if replaced.is_err() {
        // The error is what counts; the next opening removes what is left.
        let _ = disk::remove_file(&unfinished);
    }
    replaced
}

/// A name beside a file for what will take its place. Each writer has its own: two at once never write into one file.
fn unfinished(path: &Path) -> PathBuf {
    path.with_extension(format!("{}.unfinished", hex(&random::<4>())))
}

/// Gives a file or folder another name in the same or another folder.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    disk::rename(from, to)?;
    sync_parent(from)?;
    sync_parent(to)
}

pub fn remove_file(path: &Path) -> io::Result<()> {
    disk::remove_file(path)?;
    sync_parent(path)
}

/// Removes a file or does nothing when there is none.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Removes a folder with all it holds, or does nothing when there is none.
pub fn remove_folder_if_there(path: &Path) -> io::Result<()> {
    match disk::remove_folder(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_parent(path),
    }
}

/// True of a file, a pipe or a link to nothing where a folder belongs.
pub fn is_no_folder(path: &Path) -> bool {
    disk::kind(path).is_ok() && !disk::is_folder(path)
}

/// Removes a folder that stands where a file belongs.
pub fn remove_folder_if_it_is_one(path: &Path) -> io::Result<()> {
    if matches!(disk::kind(path), Ok(Kind::Folder)) { remove_folder_if_there(path) } else { Ok(()) }
}

/// Makes a folder, and those above it, for its owner only.
pub fn make_folder(path: &Path) -> io::Result<()> {
    if disk::is_folder(path) {
        return Ok(());
    }
    disk::make_folders(path)?;
    sync_parent(path)
}

/// Makes the content of every file directly in a folder durable, and then their names.
pub fn sync_files(folder: &Path) -> io::Result<()> {
    for path in disk::read_folder(folder)? {
        if let Kind::File { .. } = disk::kind(&path)? {
            File::open(&path)?.sync_all()?;
        }
    }
    disk::sync_folder(folder)
}

/// Copies the regular files of a folder, and those of its folders; other things are left out. Durable when it returns, but
/// for the folder's own name. `tell` is called for each piece.
pub fn copy_files(from: &Path, to: &Path, tell: &dyn Fn()) -> io::Result<()> {
    make_folder(to)?;
    for path in disk::read_folder(from)? {
        let target = to.join(path.file_name().unwrap_or_default());
        match disk::kind(&path)? {
            Kind::Folder => copy_files(&path, &target, tell)?,
            Kind::File { .. } => copy_file(&path, &target, tell)?,
            Kind::Other => {}
        }
    }
    disk::sync_folder(to)
}

/// The same for one file.
pub fn copy_file(from: &Path, to: &Path, tell: &dyn Fn()) -> io::Result<()> {
    let (original, copy) = (File::open(from)?, File::create(to)?);
    let mut at = 0;
    loop {
        tell();
        let mut piece = Vec::new();
        let read = original.read_some(&mut piece, at, COPIED_AT_ONCE)?;
        if read == 0 {
            return copy.sync_all();
        }
        copy.write_all_at(&piece, at)?;
        at += read as u64;
    }
}

/// The bytes that the files of a folder take, those of its folders included.
pub fn folder_bytes(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for path in disk::read_folder(folder)? {
        match disk::kind(&path) {
            Ok(Kind::Folder) => bytes += folder_bytes(&path)?,
            Ok(Kind::File { bytes: more }) => bytes += more,
            // A store that is open makes and removes files of its own.
            Ok(Kind::Other) | Err(_) => {}
        }
    }
    Ok(bytes)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => disk::sync_folder(parent),
        _ => disk::sync_folder(Path::new(".")),
    }
}

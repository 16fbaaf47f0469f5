//! Files and folders that are on the disk, and not only in the page cache, when these functions return.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::seal::keys::{hex, random};

/// Replaces a small file whole: after a power cut it is the old one or the new one. Readable by its owner only.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = unfinished(path);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    let replaced = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| rename(&unfinished, path));
    if replaced.is_err() {
        // The error is what counts; the next opening removes what is left.
        let _ = fs::remove_file(&unfinished);
    }
    replaced
}

/// A name beside a file for what will take its place. Each writer has its own: two at once never write into one file.
fn unfinished(path: &Path) -> PathBuf {
    path.with_extension(format!("{}.unfinished", hex(&random::<4>())))
}

/// Gives a file or folder another name in the same or another folder.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_parent(from)?;
    sync_parent(to)
}

pub fn remove_file(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
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
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_parent(path),
    }
}

/// True of a file, a pipe or a link to nothing where a folder belongs.
pub fn is_no_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok() && !path.is_dir()
}

/// Removes a folder that stands where a file belongs.
pub fn remove_folder_if_it_is_one(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok_and(|kind| kind.is_dir()) { remove_folder_if_there(path) } else { Ok(()) }
}

/// Makes a folder, and those above it, for its owner only.
pub fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    sync_parent(path)
}

/// Makes names that were added to a folder, or removed from it, durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes the content of every file directly in a folder durable, and then their names.
pub fn sync_files(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    sync_folder(folder)
}

/// Copies the regular files of a folder, and those of its folders; other things are left out.
pub fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    make_folder(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy_files(&entry.path(), &target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// The bytes that the files of a folder take, those of its folders included.
pub fn folder_bytes(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() { folder_bytes(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => sync_folder(Path::new(".")),
    }
}

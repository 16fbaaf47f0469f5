//! Small files that are read and replaced whole: the SHA-256 of the rest (32 bytes), then a value as postcard.

use std::io;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::disk::{self, Kind};
use super::durable;
use crate::seal::keys::sha256;

/// What is found of such a file.
pub enum Found<T> {
    Missing,
    Damaged,
    Sound(T),
}

/// Reads a value that has grown at its end since `Before` was written, or one as it was before.
pub fn read_grown<T: DeserializeOwned, Before: DeserializeOwned + Into<T>>(path: &Path) -> io::Result<Found<T>> {
    let before = |text: &[u8]| postcard::from_bytes::<Before>(text).map(Into::into);
    read_by(path, |text| postcard::from_bytes(text).or_else(|_| before(text)).ok())
}

/// The same for a value that knows how earlier versions wrote it. What the disk doesn't give is damaged: nothing here is
/// worth that a kiosk never opens again.
pub fn read_by<T>(path: &Path, decode: impl FnOnce(&[u8]) -> Option<T>) -> io::Result<Found<T>> {
    match disk::kind(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing),
        // In its place, reading it would fail or wait for ever.
        Ok(Kind::Folder | Kind::Other) => return Ok(Found::Damaged),
        _ => {}
    }
    let bytes = match disk::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing),
        Err(error) => {
            tracing::error!("{}: {error}", path.display());
            return Ok(Found::Damaged);
        }
        Ok(bytes) => bytes,
    };
    let sound = bytes.split_first_chunk::<32>().filter(|(sum, text)| sha256(&[text]) == **sum);
    Ok(sound.and_then(|(_, text)| decode(text)).map_or(Found::Damaged, Found::Sound))
}

/// Durable when it returns; after a power cut the file is the old one or the new one.
pub fn replace(path: &Path, value: &impl Serialize) -> io::Result<()> {
    // A file can't take the place of a folder.
    durable::remove_folder_if_it_is_one(path)?;
    let text = postcard::to_allocvec(value).map_err(io::Error::other)?;
    durable::replace_file(path, &[&sha256(&[&text])[..], &text].concat())
}

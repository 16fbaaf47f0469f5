//! Small files that are read and replaced whole: the SHA-256 of the rest (32 bytes), then a value as postcard.

use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::durable;
use crate::seal::keys::sha256;

/// What is found of such a file.
pub enum Found<T> {
    Missing,
    Damaged,
    Sound(T),
}

pub fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Found<T>> {
    read_by(path, |text| postcard::from_bytes(text).ok())
}

/// The same for a value that knows how earlier versions wrote it.
pub fn read_by<T>(path: &Path, decode: impl FnOnce(&[u8]) -> Option<T>) -> io::Result<Found<T>> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing),
        other => other?,
    };
    let sound = bytes.split_first_chunk::<32>().filter(|(sum, text)| sha256(&[text]) == **sum);
    Ok(sound.and_then(|(_, text)| decode(text)).map_or(Found::Damaged, Found::Sound))
}

/// Durable when it returns; after a power cut the file is the old one or the new one.
pub fn replace(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let text = postcard::to_allocvec(value).map_err(io::Error::other)?;
    durable::replace_file(path, &[&sha256(&[&text])[..], &text].concat())
}

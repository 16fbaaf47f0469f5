//! Whether the backups that lie in their folder are what was made: a backup that is gone or damaged is found while another can
//! still be made.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{BackupError, files, on_disk};
use crate::office::check::NOT_VERIFIED;
use crate::office::database::{Connection, DatabaseError, copies, trail};
use crate::seal::keys::hex;

/// A backup as it was made, by its entry in the trail.
struct Made {
    bytes: u64,
    /// An earlier version noted none
    sha256: Option<String>,
}

/// The backups that were made, by the entries of the trail.
pub struct MadeBackups {
    newest: Option<String>,
    by_name: BTreeMap<String, Made>,
}

/// Reads which backups were made.
pub async fn made(connection: &mut Connection) -> Result<MadeBackups, DatabaseError> {
    let newest = copies::state(connection).await?.made.map(|(_, name)| name);
    let entries = trail::subjects_of(connection, "backup made").await?;
    let by_name = entries.into_iter().filter_map(|(_, details)| read_entry(&details)).collect();
    Ok(MadeBackups { newest, by_name })
}

impl MadeBackups {
    /// Gives the number of the newest; 0 where there is none, or it has no number.
    pub fn newest_number(&self) -> u64 {
        self.newest.as_ref().and_then(|name| files::number_of(Path::new(name))).unwrap_or(0)
    }

    /// True of the name of a backup that this office has made.
    pub fn has(&self, name: &OsStr) -> bool {
        name.to_str().is_some_and(|name| self.by_name.contains_key(name))
    }

    /// Says what is wrong with the newest backups, so many of them, which are read to their ends; `None` when they are as they
    /// were made. Of those that the trail doesn't know, as of another office, nothing can be said.
    pub async fn find_damaged(self, folder: &Path, count: usize) -> Result<Option<String>, BackupError> {
        let Self { newest: Some(newest), by_name } = self else { return Ok(None) };
        let folder = folder.to_owned();
        on_disk(move || {
            if !folder.exists() {
                return Ok(Some(format!("{NOT_VERIFIED}there is no folder {}", folder.display())));
            }
            let all = files::all_in(&folder)?;
            let is_here = |name: &str| all.iter().any(|(_, path)| path.file_name().is_some_and(|found| found == name));
            if !is_here(&newest) {
                return Ok(Some(format!("{newest}, the newest, isn't in {} any more", folder.display())));
            }
            for (_, path) in all.iter().rev().take(count) {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if by_name.get(name.as_ref()).is_some_and(|made| !is_as_made(path, made)) {
                    return Ok(Some(format!("{} isn't as it was made", path.display())));
                }
            }
            Ok(None)
        })
        .await
    }
}

/// True when the newest backup isn't where it was made any more. A folder that can't be looked into says nothing.
pub async fn newest_is_gone(state: &copies::BackupState, folder: &Path) -> bool {
    let Some((_, name)) = &state.made else { return false };
    let path = folder.join(name);
    let look = move || Ok(path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound));
    on_disk(look).await.unwrap_or(false)
}

/// Gives the hash of a file, in hexadecimal digits.
pub fn hash_of(path: &Path) -> io::Result<String> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let mut portion = vec![0; 64 * 1024];
    loop {
        match file.read(&mut portion)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&portion[..read]),
        }
    }
}

fn read_entry(details: &Value) -> Option<(String, Made)> {
    let sha256 = details["sha256"].as_str().map(str::to_owned);
    Some((details["file"].as_str()?.to_owned(), Made { bytes: details["bytes"].as_u64()?, sha256 }))
}

fn is_as_made(path: &Path, made: &Made) -> bool {
    let has_length = path.metadata().is_ok_and(|found| found.len() == made.bytes);
    has_length && made.sha256.as_ref().is_none_or(|sha256| hash_of(path).is_ok_and(|found| found == *sha256))
}

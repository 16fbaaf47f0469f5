//! The folder of damaged originals: whatever is mended is kept there as it was found, for the one who repairs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::ledger::disk::{self, Kind};
use crate::ledger::{LedgerError, durable};

const FOLDER: &str = "damaged";
/// So many of each kind are kept, the first and the newest: a sled folder may be large.
const KEPT_OF_A_KIND: usize = 3;

/// The folder `damaged` of a ledger.
pub struct Damaged {
    folder: PathBuf,
}

impl Damaged {
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.join(FOLDER) }
    }

    /// Moves a file or folder here, and gives its new name, such as `damaged/sled-1`.
    pub fn take(&self, path: &Path) -> Result<String, LedgerError> {
        let place = self.place_for(path)?;
        durable::rename(path, &place).map_err(LedgerError::at(path))?;
        Ok(name(&place))
    }

    /// Keeps a file here that is about to be replaced by another, and gives its name here.
    pub fn keep(&self, path: &Path) -> Result<String, LedgerError> {
        if !matches!(disk::kind(path), Ok(Kind::File { .. })) {
            return self.take(path);
        }
        let place = self.place_for(path)?;
        let linked = disk::hard_link(path, &place).and_then(|()| disk::sync_folder(&self.folder));
        linked.map_err(LedgerError::at(path))?;
        Ok(name(&place))
    }

    /// The originals that are here.
    pub fn originals(&self) -> Vec<PathBuf> {
        disk::read_folder(&self.folder).unwrap_or_default()
    }

    /// Removes the surplus of each kind, but what holds a file that is needed. Only after everything here has been read: an
    /// original may hold what nothing else does.
    pub fn thin_out<'a>(&self, needed: impl Iterator<Item = &'a Path>) -> Result<(), LedgerError> {
        let needed: Vec<&Path> = needed.collect();
        let mut kinds: BTreeMap<String, Vec<(u32, PathBuf)>> = BTreeMap::new();
        for original in self.originals() {
            if let Some((name, count)) = split(&original) {
                kinds.entry(kind_of(&name)).or_default().push((count, original));
            }
        }
        for mut originals in kinds.into_values() {
            originals.sort();
            let surplus = originals.len().saturating_sub(KEPT_OF_A_KIND);
            // The first is what there was before anything was tried.
            for (_, original) in originals.iter().skip(1).take(surplus) {
                if needed.iter().any(|path| path.starts_with(original)) {
                    continue;
                }
                let gone =
                    if disk::is_folder(original) { disk::remove_folder(original) } else { disk::remove_file(original) };
                gone.map_err(LedgerError::at(original))?;
            }
        }
        Ok(())
    }

    /// A name with a count that no other original bears.
    fn place_for(&self, path: &Path) -> Result<PathBuf, LedgerError> {
        if disk::kind(&self.folder).is_ok_and(|kind| kind != Kind::Folder) {
            disk::remove_file(&self.folder).map_err(LedgerError::at(&self.folder))?;
        }
        durable::make_folder(&self.folder).map_err(LedgerError::at(&self.folder))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let kind = kind_of(&name);
        let counts = self.originals().into_iter().filter_map(|original| split(&original));
        let last = counts.filter(|(other, _)| kind_of(other) == kind).map(|(_, count)| count).max();
        let next = last.map_or(1, |last| last.saturating_add(1));
        Ok(self.folder.join(format!("{name}-{next}")))
    }
}

fn name(place: &Path) -> String {
    format!("{FOLDER}/{}", place.file_name().unwrap_or_default().to_string_lossy())
}

/// `00000003.segment` is a segment.
fn kind_of(name: &str) -> String {
    name.rsplit('.').next().unwrap_or_default().to_owned()
}

/// `00000003.segment-2` is `00000003.segment`, kept second.
fn split(original: &Path) -> Option<(String, u32)> {
    let (name, count) = original.file_name()?.to_str()?.rsplit_once('-')?;
    Some((name.to_owned(), count.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_first_the_newest_and_the_needed_originals_of_a_kind_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let damaged = Damaged::of(folder.path());
        for round in 1..=5 {
            let path = folder.path().join(format!("0000000{round}.segment"));
            fs::write(&path, [round]).unwrap();
            damaged.take(&path).unwrap();
        }
        let needed = damaged.folder.join("00000002.segment-2");
        damaged.thin_out([needed.as_path()].into_iter()).unwrap();
        fs::create_dir(folder.path().join("sled")).unwrap();
        damaged.take(&folder.path().join("sled")).unwrap();
        let names: Vec<_> =
            damaged.originals().iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
        assert_eq!(
            names,
            ["00000001.segment-1", "00000002.segment-2", "00000004.segment-4", "00000005.segment-5", "sled-1"]
        );
    }
}

//! The seed files in an office's folder: `office.seed`, from which all its keys come, and `sealing-0002.seed`,
//! `sealing-0003.seed`, …, of which each gives one more sealing key. None is ever removed: what was sealed to a key can
//! be opened by its own seed only.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::keys::OfficeKeys;
use super::seed::{Seed, SeedError};

/// The most sealing keys of an office: ratings name no key, so that each may be tried.
pub const SEALING_KEYS_MAX: u16 = 100;
/// How the first seed is made.
pub const FRESH: &str = "istiqbal office init";

/// All seeds of an office.
pub struct OfficeSeeds {
    pub first: Seed,
    /// In the order they were made
    pub later: Vec<Seed>,
}

/// What the file of a sealing key is called; they are counted from 1.
pub fn file_name(number: u16) -> String {
    if number == 1 { "office.seed".into() } else { format!("sealing-{number:04}.seed") }
}

/// Which of the seed files are there; none where there is no folder.
///
/// # Errors
/// When a file looks like one of them but bears no name of theirs: a key must not be left out for its name.
pub fn present(folder: &Path) -> Result<BTreeSet<u16>, SeedError> {
    let failed = |source| SeedError::Io { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        other => other.map_err(failed)?,
    };
    let mut numbers = BTreeSet::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        let name = name.to_string_lossy();
        let number = (1..=SEALING_KEYS_MAX).find(|number| file_name(*number) == name);
        if number.is_none() && name.starts_with("sealing-") && name.ends_with(".seed") {
            return Err(SeedError::Name { path: folder.join(&*name) });
        }
        numbers.extend(number);
    }
    Ok(numbers)
}

impl OfficeSeeds {
    /// Reads them all.
    ///
    /// # Errors
    /// When one is missing before the last, is damaged, or can be read by others: the message says what to do.
    pub fn read(folder: &Path) -> Result<Self, SeedError> {
        let present = present(folder)?;
        let read = |number| match Seed::read(&folder.join(file_name(number)), FRESH) {
            Err(SeedError::Missing { path, .. }) if !present.is_empty() => Err(SeedError::Gap { path }),
            other => other,
        };
        let last = present.last().copied().unwrap_or(1);
        Ok(Self { first: read(1)?, later: (2..=last).map(read).collect::<Result<_, _>>()? })
    }

    /// Each with the name of its file.
    pub fn named(&self) -> impl Iterator<Item = (String, &Seed)> {
        std::iter::once(&self.first).chain(&self.later).zip(1..).map(|(seed, number)| (file_name(number), seed))
    }

    /// Makes one more seed and its file, durable before this returns, and gives the file's name.
    pub fn add(&mut self, folder: &Path) -> Result<String, SeedError> {
        let number = u16::try_from(self.later.len() + 2).unwrap_or(u16::MAX);
        if number > SEALING_KEYS_MAX {
            return Err(SeedError::TooMany { max: SEALING_KEYS_MAX });
        }
        let name = file_name(number);
        self.later.push(Seed::create(&folder.join(&name))?);
        Ok(name)
    }

    /// Writes the files that the folder lacks and gives their names; equal ones are left.
    ///
    /// # Errors
    /// When one that is there differs, nothing is written. When the disk fails halfway, some are: the same again goes on.
    pub fn restore(&self, folder: &Path) -> Result<Vec<String>, SeedError> {
        let mut lacking = Vec::new();
        for (name, seed) in self.named() {
            let path = folder.join(&name);
            match Seed::read(&path, FRESH) {
                Ok(there) if there.secret() == seed.secret() => {}
                Err(SeedError::Missing { .. }) => lacking.push((name, seed)),
                Ok(_) | Err(SeedError::Damaged { .. }) => return Err(SeedError::Differs { path }),
                Err(error) => return Err(error),
            }
        }
        // The newest first: broken off, this leaves a gap, which is noticed, and never an older key as the newest.
        for (name, seed) in lacking.iter().rev() {
            seed.store(&folder.join(name))?;
        }
        Ok(lacking.into_iter().map(|(name, _)| name).collect())
    }

    pub fn keys(&self) -> OfficeKeys {
        OfficeKeys::from_seeds(&self.first, &self.later)
    }
}

impl OfficeKeys {
    /// Reads the keys of the office with this folder, as [`OfficeSeeds::read`] does.
    pub fn read(folder: &Path) -> Result<Self, SeedError> {
        Ok(OfficeSeeds::read(folder)?.keys())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_added_and_a_gap_or_a_foreign_name_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |number| folder.path().join(file_name(number));
        assert!(matches!(OfficeKeys::read(folder.path()), Err(SeedError::Missing { .. })));
        assert!(matches!(OfficeKeys::read(&folder.path().join("nowhere")), Err(SeedError::Missing { .. })));
        Seed::create(&path(1)).unwrap();
        let mut seeds = OfficeSeeds::read(folder.path()).unwrap();
        assert_eq!(seeds.add(folder.path()).unwrap(), "sealing-0002.seed");
        assert_eq!(seeds.add(folder.path()).unwrap(), "sealing-0003.seed");
        let keys = OfficeKeys::read(folder.path()).unwrap();
        assert_eq!(keys.sealing_key(), seeds.keys().sealing_key());
        assert_eq!(keys.sealing_keys().count(), 3);
        for number in [1, 2] {
            let aside = folder.path().join("aside");
            fs::rename(path(number), &aside).unwrap();
            let error = OfficeKeys::read(folder.path()).err().unwrap();
            assert!(matches!(&error, SeedError::Gap { path: gap } if *gap == path(number)), "{error}");
            fs::rename(&aside, path(number)).unwrap();
        }
        for name in ["sealing-2.seed", "sealing-0001.seed", "sealing-0101.seed", "sealing-copy.seed"] {
            let foreign = folder.path().join(name);
            fs::copy(path(2), &foreign).unwrap();
            assert!(matches!(OfficeKeys::read(folder.path()), Err(SeedError::Name { .. })), "{name}");
            fs::remove_file(&foreign).unwrap();
        }
        fs::write(path(2), "damaged").unwrap();
        assert!(matches!(OfficeKeys::read(folder.path()), Err(SeedError::Damaged { .. })));
    }

    #[test]
    fn a_hundred_keys_are_enough() {
        let folder = tempfile::tempdir().unwrap();
        let later = (2..=100).map(Seed::fixed).collect();
        let mut seeds = OfficeSeeds { first: Seed::fixed(1), later };
        assert_eq!(seeds.named().last().unwrap().0, "sealing-0100.seed");
        assert!(matches!(seeds.add(folder.path()), Err(SeedError::TooMany { max: 100 })));
    }
}

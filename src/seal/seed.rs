//! A secret file: a kiosk has one, an office one and another for each rotation of its sealing key.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::keys::{hex, random};

/// 32 secret random bytes, from which all keys of a kiosk or an office are derived (HKDF-SHA256, RFC 5869).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

/// How a seed file begins, so that a foreign file is not taken for one.
const MAGIC: &[u8; 16] = b"istiqbal seed 1\n";

#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    #[error("{}: there is no key file. Restore it from its copy; only if there never was one, enrol anew ({fresh})", path.display())]
    Missing { path: PathBuf, fresh: &'static str },
    #[error("{}: others can read this key file (mode {mode:o}). Run: chmod 600 {}", path.display(), path.display())]
    ReadableByOthers { path: PathBuf, mode: u32 },
    #[error("{}: this is no key file of Istiqbal, or it is damaged. Restore it from its copy", path.display())]
    Damaged { path: PathBuf },
    #[error("{}: there is already a key file; it is never replaced", path.display())]
    Exists { path: PathBuf },
    #[error(
        "{}: this key file is missing, though others of the office are there. Restore it from its copy, or by `istiqbal office keys import`", path.display()
    )]
    Gap { path: PathBuf },
    #[error("{}: no sealing key is called so. Give it the name it had, or move it out of this folder", path.display())]
    Name { path: PathBuf },
    #[error(
        "{}: this key file holds another key than the export, or is damaged; nothing was written. If the export is the right one, move the file away (never delete it) and import again", path.display()
    )]
    Differs { path: PathBuf },
    #[error("an office has at most {max} sealing keys: go on with the newest")]
    TooMany { max: u16 },
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl Seed {
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        super::keys::fill_random(&mut bytes);
        Self(bytes)
    }

    #[cfg(test)]
    pub fn fixed(byte: u8) -> Self {
        Self([byte; 32])
    }

    /// The seed with these bytes, which were read from a copy.
    pub fn from_secret(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// The bytes themselves, for a copy that is encrypted at once.
    pub fn secret(&self) -> &[u8; 32] {
        &self.0
    }

    /// Makes a new seed and its file, readable by its owner only, durable before this returns.
    pub fn create(path: &Path) -> Result<Self, SeedError> {
        let seed = Self::random();
        seed.store(path)?;
        Ok(seed)
    }

    /// Makes the seed's file, as [`Self::create`] does; one that is there is never replaced.
    pub fn store(&self, path: &Path) -> Result<(), SeedError> {
        let failed = |source| SeedError::Io { path: path.to_owned(), source };
        // Whole before it bears the name: a power cut leaves a key or none, never half of one. Of two that make a seed at
        // once, neither gives the other's bytes its name.
        let unfinished = path.with_extension(format!("{}.unfinished", hex(&random::<4>())));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished).map_err(failed)?;
        file.write_all(MAGIC).and_then(|()| file.write_all(&self.0)).and_then(|()| file.sync_all()).map_err(failed)?;
        // Unlike a renaming, a link never replaces what is there.
        match fs::hard_link(&unfinished, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_file(&unfinished).map_err(failed)?;
                return Err(SeedError::Exists { path: path.to_owned() });
            }
            other => other.map_err(failed)?,
        }
        fs::remove_file(&unfinished).map_err(failed)?;
        if let Some(folder) = path.parent() {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        }
        Ok(())
    }

    /// Reads the seed; `fresh` is the command by which a missing one would be made.
    pub fn read(path: &Path, fresh: &'static str) -> Result<Self, SeedError> {
        let failed = |source| SeedError::Io { path: path.to_owned(), source };
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(SeedError::Missing { path: path.to_owned(), fresh });
            }
            other => other.map_err(failed)?,
        };
        let mode = fs::Metadata::permissions(&file.metadata().map_err(failed)?).mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(SeedError::ReadableByOthers { path: path.to_owned(), mode });
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(64));
        (&file).take(64).read_to_end(&mut bytes).map_err(failed)?;
        let secret: Option<[u8; 32]> = bytes.strip_prefix(MAGIC).and_then(|rest| rest.try_into().ok());
        secret.map(Self).ok_or_else(|| SeedError::Damaged { path: path.to_owned() })
    }

    /// The key for one purpose; other labels give unrelated keys.
    pub fn derive(&self, label: &str) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(b"istiqbal"), &self.0)
            .expand(label.as_bytes(), &mut *key)
            .expect("32 bytes are within what HKDF-SHA256 gives");
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_made_once_and_kept_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kiosk.seed");
        assert!(matches!(Seed::read(&path, "x"), Err(SeedError::Missing { .. })));
        let seed = Seed::create(&path).unwrap();
        assert_eq!(Seed::read(&path, "x").unwrap().derive("a"), seed.derive("a"));
        assert_ne!(seed.derive("a"), seed.derive("b"));
        assert!(matches!(Seed::create(&path), Err(SeedError::Exists { .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Seed::read(&path, "x"), Err(SeedError::ReadableByOthers { mode: 0o640, .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, b"istiqbal seed 1\nshort").unwrap();
        assert!(matches!(Seed::read(&path, "x"), Err(SeedError::Damaged { .. })));
    }
}

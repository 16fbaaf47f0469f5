//! The export: all seeds of an office in one file that is encrypted with age (<https://age-encryption.org/v1>), to a public
//! key or by a passphrase. The program `age` opens it, too.
//!
//! Encrypted is text of ASCII: the line `istiqbal office keys 1`, then a line for each seed, in the order they were made: the
//! name of its file, a space, its 32 bytes as 64 lowercase hexadecimal digits. Each line ends with a line feed, and nothing
//! follows the last. The names are not free: the first is `office.seed`, the others `sealing-0002.seed` and so on without a
//! gap, so that no export can write anything but these files.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use age::stream::{StreamReader, StreamWriter};
use age::{DecryptError, Decryptor, Encryptor, Identity, IdentityFile, scrypt, x25519};
use zeroize::Zeroizing;

use crate::office::folder::sync_folder_of;
use crate::seal::office_seeds::{OfficeSeeds, SEALING_KEYS_MAX, file_name};
use crate::seal::seed::Seed;

/// The shortest passphrase of an export: whoever finds the file can try as many as they like.
pub const PASSPHRASE_CHARACTERS_MIN: usize = 12;

/// How the text begins, so that a later format is recognised.
const VERSION_LINE: &str = "istiqbal office keys 1";
/// The largest export or identity file that is read. A hundred seeds take less than 10 KiB.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// 2¹⁸ rounds of scrypt, as the program `age` has them: a second and 256 MiB.
const WORK_FACTOR: u8 = 18;
/// The most that is done for an export: 1 GiB. A hostile file asks for more.
const WORK_FACTOR_MAX: u8 = 20;

/// How an export or a backup is locked.
pub enum Lock {
    /// At least one; each opens it alone
    Recipients(Vec<x25519::Recipient>),
    Passphrase(SecretString),
}

/// What opens an export or a backup.
pub enum Opener {
    Identities(Vec<Box<dyn Identity + Send + Sync>>),
    Passphrase(SecretString),
}

#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("this is no public key of age: it begins with `age1`, and `age-keygen` shows it")]
    Recipient,
    #[error("a passphrase for the keys has at least {PASSPHRASE_CHARACTERS_MIN} characters: take several random words")]
    Passphrase,
    #[error(
        "{}: this is no plain identity file of age, with a line that begins with `AGE-SECRET-KEY-1`. One with a passphrase of its own is decrypted first, by `age --decrypt`", path.display()
    )]
    Identity { path: PathBuf },
    #[error("{}: an export never replaces a file: choose another name", path.display())]
    Exists { path: PathBuf },
    #[error("{}: this is too large for an export or an identity: choose the right file", path.display())]
    TooLarge { path: PathBuf },
    #[error("{}: {cause}", path.display())]
    Io { path: PathBuf, cause: io::Error },
    #[error("this can't be encrypted: {0}")]
    Encrypting(String),
    #[error("this file was made for an identity of age: give its file by --identity")]
    WantsIdentity,
    #[error("this file was made with a passphrase: give it by --passphrase-stdin")]
    WantsPassphrase,
    #[error(
        "this passphrase or identity doesn't open the file: use the one it was made for, or another copy of the file"
    )]
    Closed,
    #[error("opening this file would take more than 1 GiB of memory: Istiqbal has not made it so. Use another copy")]
    Work,
    #[error("this is not a file of age, or it was damaged, cut off or changed: use another copy of it")]
    Damaged,
    #[error("this file is of a newer program: update Istiqbal")]
    Version,
    #[error(
        "line {line} of the export is not as Istiqbal writes it: use an export that `istiqbal office keys export` made"
    )]
    Line { line: usize },
}

impl Lock {
    /// The public key for which somebody keeps the identity file.
    pub fn recipient(text: &str) -> Result<Self, ExportError> {
        text.trim().parse().map(|recipient| Self::Recipients(vec![recipient])).map_err(|_| ExportError::Recipient)
    }

    /// Encrypts what is written into `output`. The writer must be finished: what isn't can't be opened.
    pub(in crate::office) fn encrypting<W: io::Write>(&self, output: W) -> Result<StreamWriter<W>, ExportError> {
        let failed = |error: &dyn std::fmt::Display| ExportError::Encrypting(error.to_string());
        let encryptor = match self {
            Self::Recipients(recipients) => {
                Encryptor::with_recipients(recipients.iter().map(|recipient| recipient as &dyn age::Recipient))
            }
            Self::Passphrase(passphrase) => {
                let mut recipient = scrypt::Recipient::new(passphrase.clone());
                recipient.set_work_factor(WORK_FACTOR);
                Encryptor::with_recipients(std::iter::once(&recipient as _))
            }
        };
        encryptor.map_err(|error| failed(&error))?.wrap_output(output).map_err(|error| failed(&error))
    }

    pub fn passphrase(text: String) -> Result<Self, ExportError> {
        let is_long = text.chars().count() >= PASSPHRASE_CHARACTERS_MIN;
        let passphrase = SecretString::from(text);
        if is_long { Ok(Self::Passphrase(passphrase)) } else { Err(ExportError::Passphrase) }
    }
}

impl Opener {
    /// Reads an identity file as `age-keygen` makes it.
    pub fn identity_file(path: &Path) -> Result<Self, ExportError> {
        let no_identity = || ExportError::Identity { path: path.to_owned() };
        let bytes = Zeroizing::new(read(path)?);
        let file = IdentityFile::from_buffer(bytes.as_slice()).map_err(|_| no_identity())?;
        let identities = file.into_identities().map_err(|_| no_identity())?;
        if identities.is_empty() { Err(no_identity()) } else { Ok(Self::Identities(identities)) }
    }

    pub fn passphrase(text: String) -> Self {
        Self::Passphrase(SecretString::from(text))
    }

    /// Decrypts what is read from `input`. An error while reading means that it was damaged or cut off.
    pub(in crate::office) fn decrypting<R: io::BufRead>(&self, input: R) -> Result<StreamReader<R>, ExportError> {
        let decryptor = Decryptor::new_buffered(input).map_err(|_| ExportError::Damaged)?;
        let by_passphrase = decryptor.is_scrypt();
        let opened = match self {
            Self::Identities(_) if by_passphrase => return Err(ExportError::WantsPassphrase),
            Self::Passphrase(_) if !by_passphrase => return Err(ExportError::WantsIdentity),
            Self::Identities(identities) => {
                decryptor.decrypt(identities.iter().map(|identity| &**identity as &dyn Identity))
            }
            Self::Passphrase(passphrase) => {
                let mut identity = scrypt::Identity::new(passphrase.clone());
                identity.set_max_work_factor(WORK_FACTOR_MAX);
                decryptor.decrypt(std::iter::once(&identity as &dyn Identity))
            }
        };
        opened.map_err(|error| match error {
            DecryptError::NoMatchingKeys | DecryptError::KeyDecryptionFailed | DecryptError::DecryptionFailed => {
                ExportError::Closed
            }
            DecryptError::ExcessiveWork { .. } => ExportError::Work,
            _ => ExportError::Damaged,
        })
    }
}

/// The bytes of an export.
pub(super) fn encrypt(seeds: &OfficeSeeds, lock: &Lock) -> Result<Vec<u8>, ExportError> {
    let failed = |error: io::Error| ExportError::Encrypting(error.to_string());
    let mut bytes = Vec::new();
    let mut writer = lock.encrypting(&mut bytes)?;
    writer.write_all(to_text(seeds).as_bytes()).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

/// Writes an export into a file that isn't there yet, readable by its owner only, durable before this returns.
pub(super) fn write(path: &Path, export: &[u8]) -> Result<(), ExportError> {
    let failed = |cause| ExportError::Io { path: path.to_owned(), cause };
    // Under its own name from the start: a memory stick's file system may have no links. Half an export doesn't open.
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(ExportError::Exists { path: path.to_owned() });
        }
        other => other.map_err(failed)?,
    };
    if let Err(error) = file.write_all(export).and_then(|()| file.sync_all()) {
        // The first error is what counts.
        let _ = fs::remove_file(path);
        return Err(failed(error));
    }
    sync_folder_of(path).map_err(failed)
}

/// Reads an export.
pub(super) fn decrypt(path: &Path, opener: &Opener) -> Result<OfficeSeeds, ExportError> {
    let bytes = read(path)?;
    let mut reader = opener.decrypting(bytes.as_slice())?;
    // The text is shorter than the file, whose size is limited; with this room it never moves and leaves a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(bytes.len()));
    reader.read_to_string(&mut text).map_err(|_| ExportError::Damaged)?;
    from_text(&text)
}

fn read(path: &Path) -> Result<Vec<u8>, ExportError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes));
    read.map_err(|cause| ExportError::Io { path: path.to_owned(), cause })?;
    if bytes.len() as u64 > FILE_BYTES_MAX { Err(ExportError::TooLarge { path: path.to_owned() }) } else { Ok(bytes) }
}

fn to_text(seeds: &OfficeSeeds) -> Zeroizing<String> {
    // A line has at most 17 letters of a name, a space, 64 digits and its end.
    let mut text = Zeroizing::new(String::with_capacity(100 * (seeds.later.len() + 2)));
    text.push_str(VERSION_LINE);
    text.push('\n');
    for (name, seed) in seeds.named() {
        text.push_str(&name);
        text.push(' ');
        for byte in seed.secret() {
            // Writing into a text can't fail.
            let _ = write!(text, "{byte:02x}");
        }
        text.push('\n');
    }
    text
}

fn from_text(text: &str) -> Result<OfficeSeeds, ExportError> {
    let wrong = |line| ExportError::Line { line };
    let lines = text.strip_suffix('\n').ok_or_else(|| wrong(text.lines().count()))?;
    let mut lines = lines.split('\n');
    match lines.next() {
        Some(VERSION_LINE) => {}
        Some(line) if line.starts_with("istiqbal office keys ") => return Err(ExportError::Version),
        _ => return Err(wrong(1)),
    }
    let first = lines.next().and_then(|line| seed_of(line, 1)).ok_or_else(|| wrong(2))?;
    let mut later = Vec::new();
    for (line, number) in lines.zip(2..) {
        let seed = if number <= SEALING_KEYS_MAX { seed_of(line, number) } else { None };
        later.push(seed.ok_or_else(|| wrong(usize::from(number) + 1))?);
    }
    Ok(OfficeSeeds { first, later })
}

/// The seed of a line that is exactly as [`to_text`] writes it.
fn seed_of(line: &str, number: u16) -> Option<Seed> {
    let digits = line.strip_prefix(&file_name(number))?.strip_prefix(' ')?.as_bytes();
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    if digits.len() != 64 {
        return None;
    }
    let mut secret = Zeroizing::new([0; 32]);
    for (byte, pair) in secret.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    Some(Seed::from_secret(*secret))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seeds() -> OfficeSeeds {
        OfficeSeeds { first: Seed::fixed(0xa1), later: vec![Seed::fixed(2), Seed::fixed(3)] }
    }

    /// The text of `docs/operations.md`: whoever has only the program `age` makes the files by hand.
    #[test]
    fn the_text_is_as_it_is_described() {
        let text = to_text(&seeds());
        let digits = |pair: &str| pair.repeat(32);
        let described = format!(
            "istiqbal office keys 1\noffice.seed {}\nsealing-0002.seed {}\nsealing-0003.seed {}\n",
            digits("a1"),
            digits("02"),
            digits("03")
        );
        assert_eq!(*text, described);
        let read = from_text(&text).unwrap();
        assert_eq!(*to_text(&read), *text);
    }

    #[test]
    fn only_the_names_of_seeds_in_their_order_are_read() {
        let text = to_text(&seeds());
        for (from, to, line) in [
            ("office.seed", "../office.seed", 2),
            ("office.seed", "/etc/office.seed", 2),
            ("office.seed", "./office.seed", 2),
            ("sealing-0002.seed", "../sealing-0002.seed", 3),
            ("sealing-0002.seed", "sealing-0002.seed/../../x", 3),
            ("sealing-0002.seed", "sealing-2.seed", 3),
            ("sealing-0002.seed", "sealing-0001.seed", 3),
            ("sealing-0002.seed", "sealing-0003.seed", 3),
            ("sealing-0003.seed", "sealing-0004.seed", 4),
            ("sealing-0003.seed", "office.seed", 4),
            ("sealing-0003.seed", "sealing-0003.seed\0", 4),
            (" 0303", "  303", 4),
            ("0303", "0g03", 4),
            ("a1a1", "A1A1", 2),
            ("istiqbal", "Istiqbal", 1),
        ] {
            let changed = text.replacen(from, to, 1);
            let error = from_text(&changed).err().expect(to);
            assert!(matches!(error, ExportError::Line { line: found } if found == line), "{to}: {error}");
        }
        for text in ["", "\n", "istiqbal office keys 1\n", &text[..text.len() - 1], &format!("{}\n", *text)] {
            assert!(matches!(from_text(text), Err(ExportError::Line { .. })), "{text:?}");
        }
        assert!(matches!(from_text(&text.replace("keys 1", "keys 2")), Err(ExportError::Version)));
        let many = OfficeSeeds { first: Seed::fixed(1), later: (0..100).map(Seed::fixed).collect() };
        assert!(matches!(from_text(&to_text(&many)), Err(ExportError::Line { line: 102 })));
    }

    #[test]
    fn what_locks_is_looked_at() {
        assert!(matches!(Lock::recipient("age1nobody"), Err(ExportError::Recipient)));
        assert!(matches!(Lock::passphrase("eleven char".into()), Err(ExportError::Passphrase)));
        assert!(Lock::passphrase("twelve chars".into()).is_ok());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity");
        for text in ["", "# only a comment\n", "AGE-SECRET-KEY-1NO\n"] {
            fs::write(&path, text).unwrap();
            assert!(matches!(Opener::identity_file(&path), Err(ExportError::Identity { .. })), "{text:?}");
        }
        fs::write(&path, vec![b'#'; 70_000]).unwrap();
        assert!(matches!(Opener::identity_file(&path), Err(ExportError::TooLarge { .. })));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(istiqbal office keys 1\n)?(office.seed )?[0-9a-f\n ./é]{0,200}") {
            let _ = from_text(&text);
        }
    }
}

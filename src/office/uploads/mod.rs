//! Scans of documents, as they are uploaded and kept.
//!
//! - A file is what its **content** is: its name and the type that the browser says are never asked.
//! - A **picture** (JPEG, PNG) is decoded whole and encoded anew: what else was in the file, such as the place where a
//!   photograph was taken, or a page of HTML, is gone. A **PDF** is written anew too, when nothing in it acts by itself.
//! - What is kept is **sealed** to the office's sealing key, in parts; whoever has the database without the key files reads
//!   nothing of it, not even the names of the files.

pub mod budget;
mod jpeg;
mod pdf;
mod picture;
mod sealed;

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use budget::Budget;

pub use sealed::{Sealed, open_bytes, open_name, seal};

/// So many uploads are received at once, each held in memory up to [`UploadLimits::form_bytes_max`].
const RECEIVED_AT_ONCE: usize = 4;
/// Maximum number of files in checking, each within [`budget::STEPS_MAX`] and [`picture::MEMORY_MAX`]: a slow one doesn't
/// keep the others waiting, and the machine has cores and memory left.
const CHECKED_AT_ONCE: usize = 2;

/// What an upload may be at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadLimits {
    /// Bytes of a file
    pub bytes_max: usize,
    /// Files of a request, all its documents together
    pub files_max: u32,
    /// How long a form with files may be under way
    pub time_max: Duration,
}

impl Default for UploadLimits {
    fn default() -> Self {
        Self { bytes_max: 10 * 1024 * 1024, files_max: 20, time_max: Duration::from_secs(120) }
    }
}

impl UploadLimits {
    /// The most bytes of a form: three of the largest files, or more smaller ones, and what stands around them.
    pub fn form_bytes_max(&self) -> usize {
        self.bytes_max.saturating_mul(3).saturating_add(64 * 1024)
    }
}

/// The limits, and the places of those who upload.
pub struct Uploads {
    pub limits: UploadLimits,
    pub receiving: Semaphore,
    checking: Arc<Semaphore>,
}

/// A check didn't come to its end: it panicked, or the office is stopping.
#[derive(Debug, thiserror::Error)]
#[error("the check of a file was broken off: {0}")]
pub struct BrokenOff(String);

impl Uploads {
    pub fn new(limits: UploadLimits) -> Self {
        let checking = Arc::new(Semaphore::new(CHECKED_AT_ONCE));
        Self { limits, receiving: Semaphore::new(RECEIVED_AT_ONCE), checking }
    }

    /// Does the work for one file on a thread that may take its time, in its turn among all files. The place is free again
    /// when the work ends, also when nobody waits for it any more.
    pub async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, BrokenOff> {
        let place = Arc::clone(&self.checking).acquire_owned().await.map_err(|error| BrokenOff(error.to_string()))?;
        let with_place = move || {
            let _place = place;
            work()
        };
        tokio::task::spawn_blocking(with_place).await.map_err(|error| BrokenOff(error.to_string()))
    }
}

/// What a file was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Pdf,
    Jpeg,
    Png,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpeg",
            Self::Png => "png",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pdf, Self::Jpeg, Self::Png].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Why a file isn't kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("the file is empty")]
    Empty,
    #[error("the file is larger than allowed")]
    TooLarge,
    #[error("only PDF, JPEG and PNG are kept, and this is none of them")]
    Unknown,
    #[error("a picture as iPhones take it: Settings, Camera, Formats, Most Compatible")]
    Heic,
    #[error("only PDF, JPEG and PNG are kept: save the picture as JPEG")]
    OtherPicture,
    #[error("the picture is damaged or cut off")]
    Picture,
    #[error("the picture has more points than can be looked at")]
    TooManyPixels,
    #[error("the PDF is damaged or cut off")]
    Pdf,
    #[error("the PDF holds something that acts by itself: a script, a program to be started, another file")]
    ActivePdf,
    #[error("another file is attached to the PDF: print it to a new PDF, and upload the attached file by itself")]
    AttachedPdf,
    #[error("the PDF opens with a password only: open it, and print it to a new PDF")]
    PasswordPdf,
    #[error("the PDF is packed so that it can't be looked through: print it to a new PDF")]
    LockedPdf,
}

/// A file that may be kept.
#[derive(Debug)]
pub struct Checked {
    pub kind: Kind,
    pub bytes: Vec<u8>,
}

/// Finds out what a file is, and makes of it what is kept. Takes up to some seconds of a core: see [`Uploads::in_turn`].
pub fn check(bytes: Vec<u8>, limits: UploadLimits) -> Result<Checked, FileError> {
    check_within(bytes, limits, &Budget::default())
}

/// The same within a budget, which then says how much work it was.
pub fn check_within(bytes: Vec<u8>, limits: UploadLimits, budget: &Budget) -> Result<Checked, FileError> {
    // Encoded anew a file may have grown, but not without end.
    let kept_max = limits.bytes_max.saturating_mul(3);
    if bytes.is_empty() {
        return Err(FileError::Empty);
    }
    if bytes.len() > limits.bytes_max {
        return Err(FileError::TooLarge);
    }
    let checked = if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        Checked { kind: Kind::Jpeg, bytes: decoded(picture::jpeg, &bytes, budget)? }
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Checked { kind: Kind::Png, bytes: decoded(picture::png, &bytes, budget)? }
    } else if pdf::is_pdf(&bytes) {
        Checked { kind: Kind::Pdf, bytes: pdf::rewritten(&bytes, kept_max, budget)? }
    } else {
        return Err(other_kind(&bytes));
    };
    if checked.bytes.len() > kept_max { Err(FileError::TooLarge) } else { Ok(checked) }
}

/// Decodes a picture. The decoders are other people's: a panic of theirs refuses the file and nothing else.
fn decoded(
    decode: fn(&[u8], &Budget) -> Result<Vec<u8>, FileError>,
    bytes: &[u8],
    budget: &Budget,
) -> Result<Vec<u8>, FileError> {
    panic::catch_unwind(AssertUnwindSafe(|| decode(bytes, budget))).unwrap_or(Err(FileError::Picture))
}

/// Gives the words that help with a file of another kind.
fn other_kind(bytes: &[u8]) -> FileError {
    match bytes {
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.get(..4) {
            Some(b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1") => FileError::Heic,
            Some(b"avif" | b"avis") => FileError::OtherPicture,
            _ => FileError::Unknown,
        },
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..]
        | [b'I', b'I', 42, 0, ..]
        | [b'M', b'M', 0, 42, ..]
        | [b'G', b'I', b'F', b'8', ..]
        | [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => FileError::OtherPicture,
        _ => FileError::Unknown,
    }
}

/// The name a file came with, as it can be shown: without folders, controls, and marks that turn the direction of text.
pub fn shown_name(given: &str) -> String {
    const CHARACTERS_MAX: usize = 100;
    let turns = |c: char| matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{061C}');
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control() && !turns(*c)).take(CHARACTERS_MAX).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_without_what_deceives() {
        assert_eq!(shown_name("C:\\scans\\id\u{202E}gpj.exe"), "idgpj.exe");
        assert_eq!(shown_name("../../etc/passwd\r\nX: y"), "passwdX: y");
        assert_eq!(shown_name("هوية نورة.pdf"), "هوية نورة.pdf");
        assert_eq!(shown_name(&"x".repeat(1000)).len(), 100);
    }

    #[tokio::test]
    async fn a_slow_file_keeps_no_other_waiting_and_none_exceeds_the_places() {
        let uploads = Arc::new(Uploads::new(UploadLimits::default()));
        let slow = || {
            let (go_on, wait) = std::sync::mpsc::channel::<()>();
            let (begun, has_begun) = tokio::sync::oneshot::channel();
            let uploads = Arc::clone(&uploads);
            let work = move || {
                begun.send(()).unwrap();
                wait.recv().unwrap_err();
            };
            (go_on, has_begun, tokio::spawn(async move { uploads.in_turn(work).await }))
        };
        let (first_goes_on, first_has_begun, first) = slow();
        first_has_begun.await.unwrap();
        for quick in 0..10 {
            assert_eq!(uploads.in_turn(move || quick).await.unwrap(), quick, "beside a slow one");
        }
        let (second_goes_on, second_has_begun, second) = slow();
        second_has_begun.await.unwrap();
        // The sender went away: the work goes on, and its place isn't given to another.
        second.abort();
        assert!(second.await.unwrap_err().is_cancelled());
        assert_eq!(uploads.checking.available_permits(), 0);
        drop((first_goes_on, second_goes_on));
        first.await.unwrap().unwrap();
        let all = uploads.checking.acquire_many(CHECKED_AT_ONCE as u32).await.unwrap();
        drop(all);
    }

    #[test]
    fn a_panic_of_a_decoder_refuses_its_file_only() {
        let panics: fn(&[u8], &Budget) -> Result<Vec<u8>, FileError> = |_, _| panic!("a fault of its own");
        assert_eq!(decoded(panics, b"", &Budget::default()), Err(FileError::Picture));
    }

    #[test]
    fn what_is_no_scan_is_refused_by_its_content() {
        let limits = UploadLimits { bytes_max: 1000, ..UploadLimits::default() };
        let refused = |bytes: &[u8]| check(bytes.to_vec(), limits).unwrap_err();
        assert_eq!(refused(b""), FileError::Empty);
        assert_eq!(refused(&[0xFF; 1001]), FileError::TooLarge);
        for text in
            ["<html>", "<svg xmlns='http://www.w3.org/2000/svg'/>", "PK\u{3}\u{4}", "MZ", "\0\0\0\u{18}ftypmp42"]
        {
            assert_eq!(refused(text.as_bytes()), FileError::Unknown, "{text}");
        }
        assert_eq!(refused(include_bytes!("samples/iphone.heic")), FileError::Heic);
        for text in ["GIF89a", "II*\0", "MM\0*", "BM\u{1}\0\0\0\0\0\0\0", "\0\0\0\u{18}ftypavif"] {
            assert_eq!(refused(text.as_bytes()), FileError::OtherPicture, "{text}");
        }
        assert_eq!(refused(include_bytes!("samples/red.webp")), FileError::OtherPicture);
        assert_eq!(refused(b"\xFF\xD8\xFF<html>"), FileError::Picture);
        assert_eq!(refused(b"\x89PNG\r\n\x1a\n<html>"), FileError::Picture);
        assert_eq!(refused(b"%PDF-1.7\n<html>"), FileError::Pdf);
    }
}

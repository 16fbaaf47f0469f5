//! Scans of documents, as they are uploaded and kept.
//!
//! - A file is what its **content** is: its name and the type that the browser says are never asked.
//! - A **picture** (JPEG, PNG) is decoded whole and encoded anew: what else was in the file, such as the place where a
//!   photograph was taken, or a page of HTML, is gone. A **PDF** stays as it came, when nothing in it acts by itself.
//! - What is kept is **sealed** to the office's sealing key, in parts; whoever has the database without the key files reads
//!   nothing of it, not even the names of the files.

mod pdf;
mod picture;
mod sealed;

use std::time::Duration;

use tokio::sync::Semaphore;

pub use sealed::{Sealed, open_bytes, open_name, seal};

/// So many uploads are received at once, each held in memory up to [`UploadLimits::form_bytes_max`].
const RECEIVED_AT_ONCE: usize = 4;

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
    /// A decoded picture takes up to [`picture::MEMORY_MAX`]: one at a time
    pub checking: Semaphore,
}

impl Uploads {
    pub fn new(limits: UploadLimits) -> Self {
        Self { limits, receiving: Semaphore::new(RECEIVED_AT_ONCE), checking: Semaphore::new(1) }
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
    #[error("the picture is damaged or cut off")]
    Picture,
    #[error("the picture has more points than can be looked at")]
    TooManyPixels,
    #[error("the PDF is damaged or cut off")]
    Pdf,
    #[error("the PDF holds something that acts by itself: a script, a program to be started, another file")]
    ActivePdf,
    #[error("the PDF is locked, or packed so that it can't be looked through")]
    LockedPdf,
}

/// A file that may be kept.
#[derive(Debug)]
pub struct Checked {
    pub kind: Kind,
    pub bytes: Vec<u8>,
}

/// Finds out what a file is, and makes of it what is kept. Takes up to a second of a core, so that it has a thread of its
/// own to run on.
pub fn check(bytes: Vec<u8>, limits: UploadLimits) -> Result<Checked, FileError> {
    if bytes.is_empty() {
        return Err(FileError::Empty);
    }
    if bytes.len() > limits.bytes_max {
        return Err(FileError::TooLarge);
    }
    let checked = if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        Checked { kind: Kind::Jpeg, bytes: picture::jpeg(&bytes)? }
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Checked { kind: Kind::Png, bytes: picture::png(&bytes)? }
    } else if bytes.starts_with(b"%PDF-") {
        pdf::check(&bytes)?;
        Checked { kind: Kind::Pdf, bytes }
    } else {
        return Err(FileError::Unknown);
    };
    // Encoded anew a picture may have grown, but not without end.
    if checked.bytes.len() > limits.bytes_max.saturating_mul(3) { Err(FileError::TooLarge) } else { Ok(checked) }
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

    #[test]
    fn what_is_no_scan_is_refused_by_its_content() {
        let limits = UploadLimits { bytes_max: 1000, ..UploadLimits::default() };
        let refused = |bytes: &[u8]| check(bytes.to_vec(), limits).unwrap_err();
        assert_eq!(refused(b""), FileError::Empty);
        assert_eq!(refused(&[0xFF; 1001]), FileError::TooLarge);
        for text in ["<html>", "<svg xmlns='http://www.w3.org/2000/svg'/>", "GIF89a", "PK\u{3}\u{4}", " %PDF-1.4"] {
            assert_eq!(refused(text.as_bytes()), FileError::Unknown, "{text}");
        }
        assert_eq!(refused(b"\xFF\xD8\xFF<html>"), FileError::Picture);
        assert_eq!(refused(b"\x89PNG\r\n\x1a\n<html>"), FileError::Picture);
        assert_eq!(refused(b"%PDF-1.7\n<html>"), FileError::Pdf);
    }
}

//! PDF files (ISO 32000): read by a strict reader, and written anew with what it understood.
//!
//! A PDF is never kept as it came: [`document`] finds the objects, [`rules`] refuses the file if any of them acts by itself,
//! and [`writing`] writes those that the pages lead to, in the plainest form: no object packed or encrypted, one table, nothing
//! before, between or behind. So nothing depends on how another reader would have read the file: scripts that this one doesn't
//! find aren't in what is kept. The page that shows a PDF is sandboxed besides.
//!
//! Pictures, fonts and drawings are copied as they are: a fault of a reader's own in these can still be met.

mod document;
mod encryption;
mod heads;
mod rules;
mod syntax;
#[cfg(test)]
pub(crate) mod tests;
mod writing;

use std::collections::HashSet;

use document::Document;
use syntax::{Value, is_space};

use super::FileError;
use super::budget::{Budget, Exhausted};

/// Maximum length of what stands before the header: portals send a line or a mark of byte order.
const LEAD_BYTES_MAX: usize = 1024;

impl From<Exhausted> for FileError {
    fn from(_: Exhausted) -> Self {
        Self::LockedPdf
    }
}

/// Whether a PDF begins near the beginning of the file.
pub fn is_pdf(bytes: &[u8]) -> bool {
    header(bytes).is_some()
}

/// Writes a PDF anew, in at most `bytes_max` bytes.
pub fn rewritten(bytes: &[u8], bytes_max: usize, budget: &Budget) -> Result<Vec<u8>, FileError> {
    let bytes = header(bytes).map(|place| &bytes[place..]).ok_or(FileError::Pdf)?;
    if !has_end(bytes, budget)? {
        return Err(FileError::Pdf);
    }
    let kept = writing::written(&inspected(bytes, budget)?, bytes_max)?;
    // The new file is read once more: decrypted or numbered anew, data may hold bytes that look like an object.
    if inspected(&kept, budget)?.is_nested { Err(FileError::LockedPdf) } else { Ok(kept) }
}

/// The document, if it has pages and nothing in it acts by itself.
fn inspected<'a>(bytes: &'a [u8], budget: &'a Budget) -> Result<Document<'a>, FileError> {
    let document = Document::read(bytes, budget)?;
    document.all.iter().try_for_each(|place| rules::inspect(&document, place))?;
    if pages(&document)? == 0 { Err(FileError::Pdf) } else { Ok(document) }
}

fn header(bytes: &[u8]) -> Option<usize> {
    let is_header = |window: &[u8]| matches!(window, [b'%', b'P', b'D', b'F', b'-', b'1' | b'2', b'.', b'0'..=b'9']);
    bytes[..bytes.len().min(LEAD_BYTES_MAX)].windows(8).position(is_header)
}

/// Whether the file has the end of a PDF (7.5.5): one that was cut off has none, or one whose first half ends with a place
/// of zero. Anything may stand behind it; that isn't kept.
fn has_end(bytes: &[u8], budget: &Budget) -> Result<bool, FileError> {
    budget.spend(bytes.len())?;
    let last = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).rposition(|window| window == word);
    let Some(end) = last(bytes, b"%%EOF") else { return Ok(false) };
    let Some(start) = last(&bytes[..end], b"startxref") else { return Ok(false) };
    let number = bytes[start + 9..end].iter().copied().skip_while(|byte| is_space(*byte));
    let number: String = number.take_while(u8::is_ascii_digit).map(char::from).collect();
    Ok(number.parse().is_ok_and(|place: usize| place > 0 && place < bytes.len()))
}

/// The number of pages (7.7.3), all of which must be there.
fn pages(document: &Document) -> Result<usize, FileError> {
    let catalogue = document.object(document.root)?;
    let root = catalogue.as_dictionary().and_then(|catalogue| catalogue.get(b"Pages")).cloned();
    let (mut waiting, mut seen, mut count) = (Vec::from_iter(root), HashSet::new(), 0);
    while let Some(node) = waiting.pop() {
        if let Value::Reference(number) = node
            && !seen.insert(number)
        {
            return Err(FileError::Pdf);
        }
        let node = document.resolved(&node)?;
        let node = node.as_dictionary().ok_or(FileError::Pdf)?;
        let kind = document.resolved(node.get(b"Type").unwrap_or(&Value::Null))?;
        if kind.as_name().is_some_and(|kind| rules::KINDS_LEFT_OUT.contains(&kind)) {
            return Err(FileError::Pdf);
        }
        match node.get(b"Kids") {
            Some(kids) => waiting.extend(document.resolved(kids)?.as_list().ok_or(FileError::Pdf)?.iter().cloned()),
            None => count += 1,
        }
    }
    Ok(count)
}

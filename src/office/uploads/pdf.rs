//! PDF files (ISO 32000): whole by their own account, and nothing in them acts by itself.
//!
//! This is a sieve, not a proof: names are looked for everywhere in the file and in what is packed in it by Flate, as every
//! reader packs the parts of a document. What is packed otherwise is refused where it could hide such parts. The page that
//! shows a PDF is sandboxed besides.

use std::io::Read;

use flate2::bufread::ZlibDecoder;

use super::FileError;

/// What begins to act when the document is opened or touched, or brings other files along.
const ACTIVE: [&[u8]; 13] = [
    b"JavaScript",
    b"Launch",
    b"EmbeddedFile",
    b"EmbeddedFiles",
    b"RichMedia",
    b"Rendition",
    b"SubmitForm",
    b"ImportData",
    b"GoToE",
    b"GoToR",
    b"Movie",
    b"Sound",
    b"XFA",
];
/// Other ways to pack: a file whose parts are packed together ([`PARTS`]) may use them for pictures, but then it can't be
/// told what they hold.
const OTHER_FILTERS: [&[u8]; 8] =
    [b"ASCIIHexDecode", b"AHx", b"ASCII85Decode", b"A85", b"LZWDecode", b"LZW", b"RunLengthDecode", b"Crypt"];
const PARTS: &[u8] = b"ObjStm";
const ENCRYPTED: &[u8] = b"Encrypt";

/// No more is unpacked of a file: a page of A4 at 600 dpi has 105 million bytes.
const UNPACKED_BYTES_MAX: usize = 512 * 1024 * 1024;
/// The longest name that is looked for, with each letter written as `#4A`, and what stands around it.
const NAME_BYTES_MAX: usize = 64;
/// How much before a stream its dictionary is looked for.
const DICTIONARY_BYTES_MAX: usize = 4096;
/// How much stands behind the last cross-reference table at most.
const END_BYTES_MAX: usize = 2048;

pub fn check(bytes: &[u8]) -> Result<(), FileError> {
    if !has_header(bytes) || !has_end(bytes) {
        return Err(FileError::Pdf);
    }
    let mut found = Found::default();
    found.look_through(bytes, true)?;
    unpack(bytes, &mut found, UNPACKED_BYTES_MAX)?;
    if found.parts && found.other_filters { Err(FileError::LockedPdf) } else { Ok(()) }
}

fn has_header(bytes: &[u8]) -> bool {
    matches!(bytes, [b'%', b'P', b'D', b'F', b'-', b'1' | b'2', b'.', b'0'..=b'9', ..])
}

/// Whether the file ends as it should (7.5.5), and its last cross-reference stands where the end says.
fn has_end(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(END_BYTES_MAX)..];
    let Some(end) = last(tail, b"%%EOF") else { return false };
    if !tail[end + 5..].iter().all(|byte| is_space(*byte)) {
        return false;
    }
    let Some(start) = last(&tail[..end], b"startxref") else { return false };
    let number = tail[start + 9..end].trim_ascii();
    let place: Option<usize> = std::str::from_utf8(number).ok().and_then(|number| number.parse().ok());
    let Some(table) = place.and_then(|place| bytes.get(place..)) else { return false };
    let table = table.trim_ascii_start();
    let digits = table.iter().take_while(|byte| byte.is_ascii_digit()).count();
    // A table, or an object that holds it.
    table.starts_with(b"xref") || (digits > 0 && table.get(digits) == Some(&b' '))
}

fn last(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).rposition(|window| window == word)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

/// What was found in a file besides what refuses it at once.
#[derive(Default)]
struct Found {
    parts: bool,
    other_filters: bool,
}

impl Found {
    /// Looks at each name in a piece of the file. Unless it is the last piece, what begins near its end is left to the
    /// next, which begins with it.
    fn look_through(&mut self, piece: &[u8], is_last: bool) -> Result<(), FileError> {
        let through = if is_last { piece.len() } else { piece.len().saturating_sub(NAME_BYTES_MAX) };
        for (place, _) in piece[..through].iter().enumerate().filter(|(_, byte)| **byte == b'/') {
            let rest = &piece[place + 1..];
            let name = name(&rest[..rest.len().min(NAME_BYTES_MAX)]);
            if ACTIVE.contains(&name.as_slice()) {
                return Err(FileError::ActivePdf);
            }
            if name == ENCRYPTED {
                return Err(FileError::LockedPdf);
            }
            self.parts |= name == PARTS;
            self.other_filters |= OTHER_FILTERS.contains(&name.as_slice());
        }
        Ok(())
    }
}

/// A name (7.3.5) without its slash: `J#61vaScript` is `JavaScript`.
fn name(bytes: &[u8]) -> Vec<u8> {
    let mut name = Vec::new();
    let mut rest = bytes;
    while let [byte, after @ ..] = rest {
        if is_space(*byte) || b"()<>[]{}/%".contains(byte) {
            break;
        }
        let escaped = match (byte, after) {
            (b'#', [high, low, ..]) => hex_digit(*high).zip(hex_digit(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        name.push(escaped.unwrap_or(*byte));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    name
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Looks through each stream that is packed by Flate, wherever one begins; together no more than so many bytes.
fn unpack(bytes: &[u8], found: &mut Found, unpacked_max: usize) -> Result<(), FileError> {
    const WORD: &[u8] = b"stream";
    let mut unpacked = 0;
    // Streams don't overlap: a file that unpacks its bytes over and over only costs time.
    let mut packed_left = bytes.len().saturating_mul(2);
    for place in (0..bytes.len().saturating_sub(WORD.len())).filter(|place| bytes[*place..].starts_with(WORD)) {
        if bytes[..place].ends_with(b"end") {
            continue;
        }
        let after = &bytes[place + WORD.len()..];
        let data = after.strip_prefix(b"\r").unwrap_or(after);
        let data = data.strip_prefix(b"\n").unwrap_or(data);
        if !begins_as_zlib(data) {
            continue;
        }
        if is_parts_with_predictor(&bytes[place.saturating_sub(DICTIONARY_BYTES_MAX)..place]) {
            return Err(FileError::LockedPdf);
        }
        let mut decoder = ZlibDecoder::new(data);
        let mut piece = Vec::with_capacity(2 * 64 * 1024);
        loop {
            let kept = piece.len().min(NAME_BYTES_MAX);
            piece.drain(..piece.len() - kept);
            // What can't be unpacked any further, no reader can.
            let more = decoder.by_ref().take(64 * 1024).read_to_end(&mut piece).unwrap_or(0);
            found.look_through(&piece, more == 0)?;
            unpacked += more;
            if unpacked > unpacked_max {
                return Err(FileError::LockedPdf);
            }
            if more == 0 {
                break;
            }
        }
        let packed = usize::try_from(decoder.total_in()).unwrap_or(usize::MAX);
        packed_left = packed_left.checked_sub(packed).ok_or(FileError::LockedPdf)?;
    }
    Ok(())
}

/// The two bytes with which zlib begins (RFC 1950).
fn begins_as_zlib(data: &[u8]) -> bool {
    matches!(data, [method, flags, ..] if method & 0x0F == 8 && u16::from_be_bytes([*method, *flags]) % 31 == 0)
}

/// A predictor changes each byte by the one before: names in packed parts wouldn't be recognised.
fn is_parts_with_predictor(before: &[u8]) -> bool {
    let dictionary = last(before, b"endobj").map_or(before, |end| &before[end..]);
    let names = || {
        let slashes = dictionary.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        slashes.map(|(place, _)| name(&dictionary[place + 1..]))
    };
    names().any(|name| name == PARTS) && names().any(|name| name == b"Predictor")
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    /// A PDF of these objects, the first of which is the catalogue.
    pub(crate) fn pdf(objects: &[&[u8]]) -> Vec<u8> {
        let mut file = b"%PDF-1.7\n".to_vec();
        let mut places = Vec::new();
        for (object, number) in objects.iter().zip(1..) {
            places.push(file.len());
            file.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
            file.extend_from_slice(object);
            file.extend_from_slice(b"\nendobj\n");
        }
        let table = file.len();
        file.extend_from_slice(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes());
        for place in places {
            file.extend_from_slice(format!("{place:010} 00000 n \n").as_bytes());
        }
        let end = format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1);
        file.extend_from_slice(end.as_bytes());
        file
    }

    pub(crate) fn harmless() -> Vec<u8> {
        pdf(&[
            b"<< /Type /Catalog /Pages 2 0 R /OpenAction [3 0 R /Fit] >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] >>",
        ])
    }

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
        let head = format!("<< {dictionary} /Length {} >>\nstream\r\n", data.len());
        [head.as_bytes(), data, b"\nendstream"].concat()
    }

    #[test]
    fn a_scan_passes_and_half_of_it_does_not() {
        let whole = harmless();
        assert_eq!(check(&whole), Ok(()));
        for length in 0..whole.len() - 6 {
            assert_eq!(check(&whole[..length]), Err(FileError::Pdf), "{length} bytes");
        }
        assert_eq!(check(&[&whole, b"<html>".as_slice()].concat()), Err(FileError::Pdf));
        let moved = String::from_utf8(whole).unwrap().replace("startxref\n", "startxref\n9");
        assert_eq!(check(moved.as_bytes()), Err(FileError::Pdf));
    }

    #[test]
    fn what_acts_by_itself_is_found_however_its_name_is_written() {
        for action in [
            "/OpenAction << /S /JavaScript /JS (app.alert(1)) >>",
            "/OpenAction << /S /J#61vaScript /JS (app.alert(1)) >>",
            "/OpenAction<</S/#4A#61#76#61#53#63#72#69#70#74/JS(app.alert(1))>>",
            "/OpenAction << /S /Launch /F (calc.exe) >>",
            "/Names << /EmbeddedFiles << >> >>",
            "/AcroForm << /XFA 4 0 R >>",
        ] {
            let file = pdf(&[format!("<< /Type /Catalog {action} >>").as_bytes()]);
            assert_eq!(check(&file), Err(FileError::ActivePdf), "{action}");
        }
        let locked = String::from_utf8(harmless()).unwrap().replace("/Root", "/Encrypt 9 0 R /Root");
        assert_eq!(check(locked.as_bytes()), Err(FileError::LockedPdf));
    }

    #[test]
    fn what_acts_is_found_in_packed_parts_too() {
        let script = b"4 0 << /S /JavaScript /JS (app.alert(1)) >>";
        let file = |dictionary: &str, data: &[u8]| pdf(&[b"<< /Type /Catalog >>", &stream(dictionary, data)]);
        let parts = "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode";
        assert_eq!(check(&file(parts, &packed(b"4 0 << /Type /Page >>"))), Ok(()));
        assert_eq!(check(&file(parts, &packed(script))), Err(FileError::ActivePdf));
        // On either side of where one piece ends and the next begins.
        for filling in [65_530, 65_536 - 64, 65_536 - 70] {
            let long = [vec![b' '; filling].as_slice(), script].concat();
            assert_eq!(check(&file(parts, &packed(&long))), Err(FileError::ActivePdf), "{filling}");
        }
        // Packed so that it can't be looked through.
        let hex = "/Type /ObjStm /N 1 /First 4 /Filter /ASCIIHexDecode";
        assert_eq!(check(&file(hex, b"3420>")), Err(FileError::LockedPdf));
        let predicted = "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /DecodeParms << /Predictor 12 >>";
        assert_eq!(check(&file(predicted, &packed(b"4 0"))), Err(FileError::LockedPdf));
        assert_eq!(
            check(&file("/Type /XRef /Filter /FlateDecode /DecodeParms << /Predictor 12 >>", &packed(b"4 0"))),
            Ok(())
        );
    }

    #[test]
    fn a_file_that_unpacks_without_end_is_refused() {
        let bomb = stream("/Filter /FlateDecode", &packed(&vec![0; 1024 * 1024]));
        let file = pdf(&[b"<< >>", &bomb, &bomb, &bomb]);
        assert_eq!(unpack(&file, &mut Found::default(), 4 * 1024 * 1024), Ok(()));
        assert_eq!(unpack(&file, &mut Found::default(), 2 * 1024 * 1024), Err(FileError::LockedPdf));
        // One stream that is read again from each of its own bytes on.
        let word = packed(b"stream").repeat(3);
        let again = [b"stream\n".as_slice(), &word].concat().repeat(50);
        assert!(unpack(&again, &mut Found::default(), 1024).is_ok());
    }
}

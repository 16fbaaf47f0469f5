//! Honest files are kept, hostile ones refused.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use proptest::prelude::*;

use super::*;
use crate::office::uploads::budget::STEPS_MAX;

const BYTES_MAX: usize = 30 * 1024 * 1024;
const SCRIPT: &str = "<< /S /JavaScript /JS (app.alert(1)) >>";

macro_rules! samples {
    ($($name:literal),*) => { [$(($name, include_bytes!(concat!("../samples/", $name)).as_slice())),*] };
}

fn check(bytes: &[u8]) -> Result<Vec<u8>, FileError> {
    rewritten(bytes, BYTES_MAX, &Budget::default())
}

/// A PDF of these objects, the first of which is the catalogue.
fn pdf(objects: &[&[u8]]) -> Vec<u8> {
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

/// One page, with more entries in the catalogue and on the page, and more objects from number 5 on.
fn with(catalogue: &str, page: &str, more: &[&[u8]]) -> Vec<u8> {
    let catalogue = format!("<< /Type /Catalog /Pages 2 0 R {catalogue} >>");
    let page = format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R {page} >>");
    let first: [&[u8]; 4] = [
        catalogue.as_bytes(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page.as_bytes(),
        b"<< /Length 12 >>\nstream\n(a drawing)\n\nendstream",
    ];
    pdf(&[&first, more].concat())
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

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

/// Content of an object stream that defines the script as object 9.
fn script_part() -> Vec<u8> {
    format!("9 0 {SCRIPT}").into_bytes()
}

#[test]
fn files_of_portals_and_scanners_are_kept() {
    for (name, bytes) in samples![
        "plain.pdf",
        "leading_newline.pdf",
        "acroform.pdf",
        "uri_link.pdf",
        "zatca_pdfa3.pdf",
        "owner_only_rc4_40.pdf",
        "owner_only_rc4_128.pdf",
        "owner_only_aes128.pdf",
        "owner_only_aes256_r5.pdf",
        "owner_only_aes256.pdf",
        "owner_only_aes256_packed.pdf"
    ] {
        let kept = check(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(check(&kept).unwrap(), kept, "{name}: what is kept would be kept as it is");
        assert!(!holds(&kept, "/Encrypt") && !holds(&kept, "/EF"), "{name}");
        assert_eq!(holds(&kept, "(https://www.absher.sa)"), name == "uri_link.pdf");
        assert_eq!(holds(&kept, "/AcroForm"), name == "acroform.pdf");
        if name.starts_with("owner_only") && name != "owner_only_aes256.pdf" {
            assert!(holds(&kept, "kept outline"), "{name}: its texts are readable");
            // A drawing in 37 bytes, packed by Flate: it was decrypted rightly.
            let start = kept.windows(8).position(|window| window == b"\nstream\n").unwrap() + 8;
            let mut drawing = String::new();
            std::io::Read::read_to_string(&mut flate2::read::ZlibDecoder::new(&kept[start..]), &mut drawing).unwrap();
            assert_eq!(drawing, "0.2 0.4 0.8 rg 50 50 100 100 re f", "{name}");
        }
    }
    let plain = check(include_bytes!("../samples/plain.pdf")).unwrap();
    let trailing = [include_bytes!("../samples/plain.pdf").as_slice(), &[0; 80_508]].concat();
    assert_eq!(check(&trailing).unwrap(), plain, "nothing is kept of what stands behind");
    let leading = [b"\xEF\xBB\xBF\r\n <html>".as_slice(), include_bytes!("../samples/plain.pdf")].concat();
    assert_eq!(check(&leading).unwrap(), plain, "nor before");
}

#[test]
fn what_a_page_shows_is_kept_and_what_else_lay_in_the_file_is_not() {
    let font = stream("/Subtype /Type1C", b"\0\x01\x02 a font \xFF");
    let given = with(
        "/Metadata 6 0 R /Lang (ar) /Outlines 7 0 R /OpenAction [3 0 R /Fit] /Names << /Dests 8 0 R /Pages 8 0 R >>",
        "/Resources << /Font << /F#411 5 0 R >> >> /Rotate 90 /Annots [<< /Subtype /Link /A << /S /GoTo /D (x) >> >>]",
        &[
            &font,
            &stream("/Type /Metadata /Subtype /XML", b"<x:xmpmeta>Noura's computer</x:xmpmeta>"),
            b"<< /First 9 0 R /Title (\\050one\\051 \\\\ two) /Odd [null true -7 3.25 <0AFf> ] >>",
            b"<< /Names [(x) [3 0 R /Fit]] >>",
            b"<< /Parent 7 0 R >>",
            b"(nobody leads here)",
        ],
    );
    let kept = check(&given).unwrap();
    for word in [
        "a font",
        "(a drawing)",
        "/Rotate 90",
        "/FA1 ",
        "/Lang (ar)",
        "(\\(one\\) \\\\ two)",
        "[null true -7 3.25 (\n\u{0}",
    ] {
        let word = word.trim_end_matches('\u{0}');
        assert!(holds(&kept, word), "{word}: {}", String::from_utf8_lossy(&kept));
    }
    for word in ["nobody leads here", "Noura", "OpenAction", "/Metadata"] {
        assert!(!holds(&kept, word), "{word}");
    }
    assert_eq!(check(&kept).unwrap(), kept);
}

#[test]
fn half_a_file_is_refused() {
    let whole = with("", "", &[]);
    assert!(check(&whole).is_ok());
    for length in 0..whole.len() - 6 {
        assert_eq!(check(&whole[..length]), Err(FileError::Pdf), "{length} bytes");
    }
    let kids = |kids: &str| {
        let pages = format!("<< /Type /Pages /Kids {kids} >>");
        check(&pdf(&[b"<< /Type /Catalog /Pages 2 0 R >>", pages.as_bytes(), b"<< /Type /Page >>"]))
    };
    assert!(kids("[3 0 R]").is_ok());
    let invoice = stream("/Type /EmbeddedFile", b"<Invoice/>");
    let no_page = pdf(&[b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Kids [3 0 R] >>", &invoice]);
    assert_eq!(check(&no_page), Err(FileError::Pdf), "what is left out is no page");
    for missing in ["[3 0 R 4 0 R]", "[]", "[2 0 R]", "[3 0 R 3 0 R]", "(none)"] {
        assert_eq!(kids(missing), Err(FileError::Pdf), "{missing}");
    }
}

#[test]
fn what_acts_is_refused_wherever_it_stands_and_however_it_is_written() {
    let annotation = |entries: &str| with("", &format!("/Annots [<< {entries} >>]"), &[]);
    let catalogue = |entries: &str| with(entries, "", &[]);
    let script = SCRIPT.as_bytes();
    let escaped = "/OpenAction<</S/#4A#61#76#61#53#63#72#69#70#74/#4a#53(x)>>";
    let files: &[(&str, Vec<u8>)] = &[
        ("when the file is opened", catalogue(&format!("/OpenAction {SCRIPT}"))),
        ("with an escaped name", catalogue(escaped)),
        ("by a reference", with("/OpenAction 5 0 R", "", &[script])),
        ("with its kind by a reference", with("/OpenAction << /S 5 0 R >>", "", &[b"/JavaScript"])),
        ("by a reference to a reference", with("/OpenAction 5 0 R", "", &[b"6 0 R", script])),
        ("when a page is opened", with("", &format!("/AA << /O {SCRIPT} >>"), &[])),
        ("after a harmless one", catalogue("/OpenAction << /S /GoTo /D [3 0 R] /Next << /S /Launch >> >>")),
        ("after another, in a list", catalogue(&format!("/OpenAction << /S /GoTo /Next [<< /S /GoTo >> {SCRIPT}] >>"))),
        ("among the names", catalogue("/Names << /JavaScript << /Names [] >> >>")),
        ("of a key that comes twice", catalogue(&format!("/OpenAction {SCRIPT} /OpenAction [3 0 R /Fit]"))),
        ("of a kind that comes twice", catalogue("/OpenAction << /S /JavaScript /S /GoTo /D [3 0 R] >>")),
        (
            "in a field",
            with("/AcroForm << /Fields [5 0 R] >>", "", &[format!("<< /AA << /K {SCRIPT} >> >>").as_bytes()]),
        ),
        ("in an outline", with("/Outlines 5 0 R", "", &[b"<< /First << /A << /S /Launch /F (a.exe) >> >> >>"])),
        ("a program by a link", annotation("/Subtype /Link /A << /S /Launch /F (calc.exe) >>")),
        ("an unknown action", annotation("/Subtype /Link /A << /S /Teleport >>")),
        ("an action without a kind's name", annotation("/Subtype /Link /A << /S (JavaScript) >>")),
        ("a form that sends", annotation("/Subtype /Widget /A << /S /SubmitForm /F (http://x.example) >>")),
        ("another file", annotation("/Subtype /Link /A << /S /GoToR /F (b.pdf) >>")),
        ("a command of the menu", annotation("/Subtype /Link /A << /S /Named /N /SaveAs >>")),
        ("a file's address", annotation("/Subtype /Link /A << /S /URI /URI (file:///c:/windows) >>")),
        ("a script's address", annotation("/Subtype /Link /A << /S /URI /URI ( JavaScript:alert\\(1\\)) >>")),
        ("a script's address elsewhere", annotation("/Subtype /Link /PA << /S /URI /URI (javascript:x) >>")),
        ("an address when the file is opened", catalogue("/OpenAction << /S /URI /URI (https://x.example) >>")),
        ("an address when the page is", with("", "/AA << /O << /S /URI /URI (https://x.example) >> >>", &[])),
        ("a drawing in space", annotation("/Subtype /3D /3DD << /Subtype /U3D >>")),
        ("a script of a drawing", with("", "", &[b"<< /OnInstantiate 6 0 R >>"])),
        ("a film", annotation("/Subtype /Movie /Movie << /F (a.avi) >>")),
        ("a sound", annotation("/Subtype /Sound")),
        ("a screen", annotation("/Subtype /Screen")),
        ("a player", annotation("/Subtype /RichMedia")),
        ("an annotation nobody knows", annotation("/Subtype /Hologram")),
        ("by a reference to annotations", with("", "/Annots 5 0 R", &[b"[6 0 R]", b"<< /Subtype /FileAttachment >>"])),
        ("a program of PostScript", with("", "", &[&stream("/Type /XObject /Subtype /PS", b"quit")])),
        ("a form of its own language", catalogue("/AcroForm << /Fields [] /XFA 5 0 R >>")),
        ("data in another file", with("", "", &[&stream("/F (other.bin)", b"")])),
        ("without anything that leads to it", with("", "", &[script])),
        ("in an object stream", with("", "", &[&stream("/Type /ObjStm /N 1 /First 4", &script_part())])),
        (
            "packed",
            with(
                "/OpenAction 9 0 R",
                "",
                &[&stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", &packed(&script_part()))],
            ),
        ),
        (
            "packed in what doesn't say what it is",
            with("/OpenAction 9 0 R", "", &[&stream("/N 1 /First 4 /Filter [/FlateDecode]", &packed(&script_part()))]),
        ),
        ("in an object that stands in a drawing", with("", "", &[&stream("", b"9 0 obj << /S /Launch >> endobj")])),
        ("with a comment in its head", with("", "", &[&stream("", b"9 % one\n0 %\n obj << /S /Launch >>")])),
        ("encrypted", include_bytes!("../samples/owner_only_script.pdf").to_vec()),
    ];
    for (what, file) in files {
        assert_eq!(check(file), Err(FileError::ActivePdf), "{what}");
    }
    let nested = with("", "", &[&stream("", b"9 0 obj (harmless) endobj")]);
    assert!(check(&nested).is_ok(), "nothing leads to it");
    let nested = with("", "/X 5 0 R", &[&stream("", b"9 0 obj (harmless) endobj")]);
    assert_eq!(check(&nested), Err(FileError::LockedPdf), "an object in the data of another");
    // Before, behind and between: in versions that another takes the place of, and where no table leads to.
    let object = format!("5 0 obj {SCRIPT} endobj\n");
    let plain = with("", "", &[b"(harmless)"]);
    let behind = [plain.as_slice(), object.as_bytes()].concat();
    assert_eq!(check(&behind), Err(FileError::ActivePdf), "behind the end");
    let appended = [plain.as_slice(), object.as_bytes(), b"startxref\n9\n%%EOF\n"].concat();
    assert_eq!(check(&appended), Err(FileError::ActivePdf), "in a later version");
    let earlier = [with("", "", &[script]).as_slice(), b"5 0 obj (harmless) endobj\nstartxref\n9\n%%EOF\n"].concat();
    assert_eq!(check(&earlier), Err(FileError::ActivePdf), "in an earlier version");
}

#[test]
fn object_streams_that_cannot_be_looked_through_are_refused() {
    let script = script_part();
    let twice = packed(&packed(&script));
    let once = packed(&script);
    let parts = |entries: &str, data: &[u8], more: &[u8]| {
        check(&with("/OpenAction 9 0 R", "", &[&stream(&format!("/Type /ObjStm /N 1 /First 4 {entries}"), data), more]))
    };
    let long = format!("/Filter /FlateDecode /X ({}) /DecodeParms << /Predictor 12 >>", "y".repeat(5000));
    for (entries, data, more) in [
        ("/Filter [/FlateDecode /FlateDecode]", twice.as_slice(), b"".as_slice()),
        ("/Filter /FlateDecode /DecodeParms 6 0 R", &once, b"<< /Predictor 12 /Columns 9 >>"),
        (&long, &once, b""),
        ("/Filter 6 0 R", &once, b"[/FlateDecode /ASCIIHexDecode]"),
        ("/Filter [6 0 R]", &once, b"/FlateDecode"),
        ("/Filter /ASCIIHexDecode", b"3420>", b""),
        ("/Filter /LZWDecode", &once, b""),
        ("/Filter /RunLengthDecode", &once, b""),
        ("/Filter /CCITTFaxDecode", &once, b""),
        ("/Filter /JBIG2Decode", &once, b""),
        ("/Filter /DCTDecode", &once, b""),
        ("/Filter /Crypt", &once, b""),
        ("/Filter /Nothing", &once, b""),
        ("/Filter /FlateDecode", b"no such thing", b""),
        ("/Filter /FlateDecode", &once[..once.len() - 6], b""),
        ("/F (parts.bin)", &script, b""),
    ] {
        assert_eq!(parts(entries, data, more), Err(FileError::LockedPdf), "{entries:.60}");
    }
    // Readers pass over the spaces behind `stream`.
    let file = with("/OpenAction 9 0 R", "", &[&stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", &once)]);
    let place = file.windows(8).rposition(|window| window == b"stream\r\n").unwrap() + 6;
    let spaced = [&file[..place], b" ".as_slice(), &file[place..]].concat();
    assert_eq!(check(&spaced), Err(FileError::ActivePdf));
    // One whose length lies.
    let lying = [&file[..place - 30], &file[place - 30..]].concat();
    let lying = String::from_utf8_lossy(&lying).replace("/Length ", "/Length 9");
    assert!(check(lying.as_bytes()).is_err());
}

#[test]
fn an_invoice_in_xml_is_left_out_and_other_attachments_refuse_the_file() {
    let file = |name: &str, entries: &str, content: &[u8]| {
        let names = "/Names << /EmbeddedFiles << /Names [(a) 5 0 R] >> >>";
        let specification = format!("<< /Type /Filespec /F ({name}) /EF << /F 6 0 R >> >>");
        check(&with(names, "", &[specification.as_bytes(), &stream(entries, content)]))
    };
    let invoice = b"\xEF\xBB\xBF<?xml version=\"1.0\"?><Invoice>noura</Invoice>";
    let kept = file("invoice.xml", "/Type /EmbeddedFile", invoice).unwrap();
    assert!(!holds(&kept, "noura") && !holds(&kept, "Filespec"));
    assert!(file("invoice.XML", "/Filter /FlateDecode", &packed(invoice)).is_ok());
    for (name, entries, content) in [
        ("setup.exe", "", b"MZ\x90\0".as_slice()),
        ("setup.exe", "", invoice),
        ("invoice.xml", "", b"MZ\x90\0"),
        ("invoice.xml", "/Type /EmbeddedFile", b"<html><script>alert(1)</script></html>"),
        ("invoice.xml", "", b"<svg onload='alert(1)'/>"),
        ("invoice.xml", "/Filter [/ASCIIHexDecode /FlateDecode]", b"00>"),
        ("letter.pdf", "", b"%PDF-1.4"),
    ] {
        assert_eq!(file(name, entries, content), Err(FileError::AttachedPdf), "{name} {content:?}");
    }
    // One to which nothing leads.
    assert_eq!(check(&with("", "", &[&stream("/Type /EmbeddedFile", b"MZ")])), Err(FileError::AttachedPdf));
}

#[test]
fn a_file_that_asks_for_a_password_is_refused_as_that() {
    assert_eq!(check(include_bytes!("../samples/user_pw.pdf")), Err(FileError::PasswordPdf));
    let encrypted = |encrypt: &str| {
        let file = String::from_utf8(with("", "", &[])).unwrap();
        check(file.replace("/Root", &format!("/Encrypt << {encrypt} >> /Root")).as_bytes())
    };
    assert_eq!(encrypted("/Filter /Adobe.PubSec /V 4"), Err(FileError::PasswordPdf), "to a certificate");
    for odd in ["/Filter /Standard", "/Filter /Standard /V 2 /R 3 /O (x)", "/Filter /Standard /V 9 /R 9"] {
        assert_eq!(encrypted(odd), Err(FileError::LockedPdf), "{odd}");
    }
}

#[test]
fn a_signature_and_references_to_other_files_are_left_out() {
    let kept = check(&with(
        "/AcroForm << /SigFlags 3 /Fields [5 0 R] >>",
        "/Resources << /XObject << /X 7 0 R >> >>",
        &[
            b"<< /FT /Sig /V 6 0 R /T (signed) >>",
            b"<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> >>",
            &stream("/Subtype /Form /Ref << /F (other.pdf) >>", b"q Q"),
        ],
    ))
    .unwrap();
    assert!(holds(&kept, "(signed)") && holds(&kept, "q Q"));
    assert!(!holds(&kept, "ByteRange") && !holds(&kept, "SigFlags") && !holds(&kept, "other.pdf"));
}

/// Files that once took seconds, or would.
fn floods(bytes: usize) -> Vec<(&'static str, Vec<u8>)> {
    let repeated = |piece: &[u8]| piece.repeat(bytes / piece.len());
    let bomb = packed(&vec![b' '; 64 * bytes]);
    let object = |content: &[u8]| [b"9 0 obj".as_slice(), content, b" endobj "].concat();
    let parts = |entries: &str| object(&stream(&format!("/First 0 /Filter /FlateDecode {entries}"), &bomb));
    let references = [object(&[b"[", repeated(b"1 ").as_slice(), b"]"].concat()), repeated(b" 8 0 obj<</A 9 0 R>>")];
    vec![
        ("streams that begin everywhere", repeated(&[&b"/".repeat(40), b"stream\x78\x9c".as_slice()].concat())),
        ("heads of objects", repeated(b"1 0 obj")),
        ("objects without end", repeated(b"9 0 obj<</A(")),
        ("streams without end", repeated(b"9 0 obj<</Length 9 0 R>>stream\n")),
        ("texts without end", repeated(b"9 0 obj<a")),
        ("deep lists", [b"9 0 obj".as_slice(), &repeated(b"[")].concat()),
        ("many values", object(&[b"[", repeated(b"0 ").as_slice(), b"]"].concat())),
        ("numbers and comments", repeated(b"1 %\n")),
        ("trailers", repeated(b"trailer<<")),
        ("a part that unpacks without end", parts("/N 0").repeat(4)),
        ("a part of very many objects", parts("/N 99999999")),
        ("references to something large", references.concat()),
    ]
}

#[test]
fn the_work_for_a_file_is_bounded() {
    let around = with("", "", &[]);
    let end = around.windows(4).position(|window| window == b"xref").unwrap();
    for (what, flood) in floods(100_000) {
        let file = [&around[..end], &flood, &around[end..]].concat();
        let budget = Budget::of(2_000_000);
        let result = rewritten(&file, BYTES_MAX, &budget);
        assert!(budget.spent() <= 2_000_000, "{what}");
        if let Ok(kept) = result {
            assert_eq!(kept, check(&around).unwrap(), "{what}: nothing of it is kept");
        }
    }
    // The file that took ten seconds: a few steps a byte, and nothing is unpacked.
    let (_, flood) = floods(1_000_000).swap_remove(0);
    let budget = Budget::default();
    let kept = rewritten(&[&around[..end], &flood, &around[end..]].concat(), BYTES_MAX, &budget).unwrap();
    assert_eq!(kept, check(&around).unwrap());
    assert!(budget.spent() < 8_000_000, "{}", budget.spent());
    // An honest scan of ten megabytes is far from the limit.
    let page = stream("/Subtype /Image /Filter /DCTDecode", &vec![0xAB; 10_000_000]);
    let budget = Budget::default();
    assert!(rewritten(&with("", "/X 5 0 R", &[&page]), BYTES_MAX, &budget).is_ok());
    assert!(budget.spent() < STEPS_MAX / 2, "{}", budget.spent());
}

/// Pieces of which files are made that come close to being PDFs.
const PIECES: [&str; 24] = [
    "1 0 obj",
    " endobj ",
    "<<",
    ">>",
    "[",
    "]",
    "(",
    ")",
    "/Type",
    "/Catalog",
    "/Pages 2 0 R",
    "/Kids [3 0 R]",
    " 3 0 R ",
    "stream\n",
    "endstream",
    "trailer << /Root 1 0 R >>",
    "startxref 9 %%EOF",
    "/ObjStm",
    "/First 1 /N 1",
    "/Length 5",
    "2 0 obj",
    "3 0 obj",
    "/Encrypt << /Filter /Standard /V 5 /R 6 >>",
    "<41",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_without_panic_and_what_is_kept_stays(
        which in 0..6_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40),
        place in any::<prop::sample::Index>(),
    ) {
        let samples = samples![
            "plain.pdf", "acroform.pdf", "zatca_pdfa3.pdf", "owner_only_aes256.pdf", "owner_only_rc4_40.pdf",
            "owner_only_aes256_packed.pdf"
        ];
        let mut bytes = samples[which].1.to_vec();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let place = place.index(bytes.len());
        bytes.splice(place..place, pieces.concat().into_bytes());
        let budget = Budget::default();
        let result = rewritten(&bytes, BYTES_MAX, &budget);
        prop_assert!(budget.spent() <= STEPS_MAX);
        if let Ok(kept) = result {
            prop_assert_eq!(check(&kept), Ok(kept));
        }
    }
}

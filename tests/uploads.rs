//! Kept files look as the files that came, to readers that nobody here wrote: PDFium, which also stands in
//! browsers, and Pillow.

use std::path::{Path, PathBuf};
use std::process::Command;

use istiqbal::office::uploads::{UploadLimits, check};

/// Says of each pair of files whether both look alike: to the last point for pages, nearly so for pictures encoded anew.
const COMPARED: &str = "
import sys, pypdfium2
from PIL import Image, ImageChops

def pages(path):
    return [page.render(scale=1).to_pil().convert('RGB') for page in pypdfium2.PdfDocument(path)]

for given, kept in zip(sys.argv[1::2], sys.argv[2::2]):
    if given.endswith('.pdf'):
        first, second, most = pages(given), pages(kept), 0
    else:
        first, second, most = [Image.open(given).convert('RGB')], [Image.open(kept).convert('RGB')], 12
    alike = len(first) == len(second) and all(
        one.size == other.size and max(high for _, high in ImageChops.difference(one, other).getextrema()) <= most
        for one, other in zip(first, second)
    )
    print('alike' if alike else 'other', len(first), sum(one.getcolors(1) is None for one in first))
";

#[test]
fn what_is_kept_looks_as_what_came() {
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python/readers/bin/python");
    let folder = tempfile::tempdir().unwrap();
    let samples = std::fs::read_dir("src/office/uploads/samples").unwrap().map(|entry| entry.unwrap().path());
    let mut pairs: Vec<[PathBuf; 2]> = Vec::new();
    for given in samples {
        if let Ok(kept) = check(std::fs::read(&given).unwrap(), UploadLimits::default()) {
            let path = folder.path().join(given.file_name().unwrap());
            std::fs::write(&path, kept.bytes).unwrap();
            pairs.push([given, path]);
        }
    }
    assert!(pairs.len() >= 15, "{}", pairs.len());
    let Ok(output) = Command::new(python).args(["-c", COMPARED]).args(pairs.as_flattened()).output() else {
        return crate::support::disk::skip("pypdfium2 isn't installed: see tests/python.sh");
    };
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), pairs.len());
    for (line, [given, _]) in lines.iter().zip(&pairs) {
        assert!(line.starts_with("alike "), "{}: {line}", given.display());
    }
    let not_empty = lines.iter().filter(|line| !line.ends_with(" 0")).count();
    assert!(not_empty >= 8, "of most, something is seen: {said}");
}

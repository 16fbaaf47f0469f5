//! Three readers of QR codes that nobody here wrote: zbar, zxing-cpp (from PyPI, see tests/python.sh), rqrr.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::damage::Grey;

const ZXING: &str = "
import sys, zxingcpp
from PIL import Image
for line in sys.stdin:
    path = line.strip()
    texts = [code.text for code in zxingcpp.read_barcodes(Image.open(path))]
    print(path, *texts, sep='\\t', flush=True)
";

/// How many of the pictures a reader has read right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Read {
    pub right: usize,
    pub of: usize,
}

impl Read {
    pub fn share(self) -> f64 {
        self.right as f64 / self.of.max(1) as f64
    }
}

/// What each reader makes of pictures that all say the same; `None` where a reader isn't installed.
pub struct Reading {
    pub zbar: Option<Read>,
    pub zxing: Option<Read>,
    pub rqrr: Read,
}

impl Reading {
    /// `python` is the interpreter that has zxing-cpp.
    pub fn of(pictures: &[Grey], expected: &str, python: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder for pictures");
        let paths: Vec<PathBuf> = (0..pictures.len()).map(|place| folder.path().join(format!("{place}.png"))).collect();
        pictures.iter().zip(&paths).for_each(|(picture, path)| picture.save(path));
        let count = |texts: HashMap<PathBuf, Vec<String>>| {
            let is_right =
                |path: &&PathBuf| texts.get(*path).is_some_and(|texts| texts.iter().any(|text| text == expected));
            Read { right: paths.iter().filter(is_right).count(), of: paths.len() }
        };
        let read = pictures.iter().filter(|picture| rqrr(picture).iter().any(|text| text == expected));
        let rqrr = Read { right: read.count(), of: pictures.len() };
        Self { zbar: zbar(&paths).map(count), zxing: zxing(&paths, python).map(count), rqrr }
    }
}

fn zbar(paths: &[PathBuf]) -> Option<HashMap<PathBuf, Vec<String>>> {
    let mut texts = HashMap::new();
    // A command line has no room for all of them at once.
    for some in paths.chunks(200) {
        let output = Command::new("zbarimg").args(["--quiet", "--xml"]).args(some).output().ok()?;
        let xml = String::from_utf8_lossy(&output.stdout).into_owned();
        for source in xml.split("<source href='").skip(1) {
            let Some((path, rest)) = source.split_once('\'') else { continue };
            let data = rest.split("<data><![CDATA[").skip(1).filter_map(|data| data.split_once("]]>"));
            texts.insert(PathBuf::from(path), data.map(|(text, _)| text.to_owned()).collect());
        }
    }
    Some(texts)
}

fn zxing(paths: &[PathBuf], python: &Path) -> Option<HashMap<PathBuf, Vec<String>>> {
    let mut command = Command::new(python);
    command.args(["-c", ZXING]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let mut list = child.stdin.take()?;
    let names: String = paths.iter().map(|path| format!("{}\n", path.display())).collect();
    let writing = std::thread::spawn(move || list.write_all(names.as_bytes()));
    let output = child.wait_with_output().ok()?;
    writing.join().ok()?.ok()?;
    let lines = String::from_utf8(output.stdout).ok()?;
    let read = |line: &str| {
        let mut parts = line.split('\t').map(str::to_owned);
        Some((PathBuf::from(parts.next()?), parts.collect()))
    };
    output.status.success().then(|| lines.lines().filter_map(read).collect())
}

fn rqrr(picture: &Grey) -> Vec<String> {
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(picture.width, picture.height, |x, y| picture.dot(x, y));
    prepared.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}

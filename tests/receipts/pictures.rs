//! A stored picture of every paper, in both languages and widths, with the longest texts: whatever changes is seen, looked at
//! by a person, and stored anew by `make pictures`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use istiqbal::domain::catalogue::Catalogue;
use istiqbal::domain::documents::DocumentState;
use istiqbal::domain::language::Language;
use istiqbal::domain::stage::{Committee, RequestStatus, Standing};
use istiqbal::receipt::bitmap::Bitmap;
use istiqbal::receipt::content::paper_copy_content;
use istiqbal::receipt::escpos::raster;
use istiqbal::receipt::logo::Logo;
use istiqbal::receipt::picture::{PaperWidth, ReceiptDrawer};
use istiqbal::receipt::slip::{Slip, SlipAbout};
use istiqbal::seal::envelope::KioskTime;
use istiqbal::seal::paper_copy::{PAPER_COPY_BYTES_MAX, to_digits};
use istiqbal_ui::ReceiptContent;

use super::{RECEIPT_BYTES_MAX, receipt};

/// Two letters' edges may differ from one machine to the other.
const DIFFERENT_DOTS_MAX: usize = 60;
const MARGIN: usize = 24;

fn longest(label: impl Fn(&str) -> String, ids: Vec<String>) -> Vec<String> {
    let mut ids = ids;
    ids.sort_by_key(|id| std::cmp::Reverse(label(id).chars().count()));
    ids
}

fn papers(width: PaperWidth, language: Language) -> Vec<(&'static str, ReceiptContent)> {
    let dots = width.dots();
    let usual = receipt(language, &["family_record"], true);
    let catalogue: Arc<Catalogue> = usual.catalogue.clone();
    let document = |id: &str| catalogue.document_label(id, language).to_owned();
    let service = |id: &str| catalogue.service_label(id, language).to_owned();
    let documents = longest(document, catalogue.documents.iter().map(|each| each.id.get_ref().clone()).collect());
    let services = longest(service, catalogue.services.iter().map(|each| each.id.get_ref().clone()).collect());
    let mut long = receipt(language, &[], true);
    long.registered.service = services[0].clone();
    long.registered.missing_documents = documents[..7].to_vec();
    long.is_copy = true;
    let status = {
        let missing = documents[..5].iter().map(|id| (id.clone(), DocumentState::Missing)).collect();
        let mut standing = Standing::received("2026-11-01".parse().unwrap(), missing);
        standing.committee = Committee::Accepted { on: "2026-11-20".parse().unwrap() };
        RequestStatus { tracking_number: usual.registered.tracking_number, service: services[0].clone(), standing }
    };
    let time = KioskTime { at: "2026-11-23T08:00:00Z".parse().unwrap(), trusted: true };
    let slip = |about| Slip { about, status: status.clone(), language, catalogue: catalogue.clone(), time };
    let copy = (0..PAPER_COPY_BYTES_MAX).map(|place| (place * 37 % 251) as u8).collect::<Vec<_>>();
    let digits = to_digits(&copy).filter(|_| width == PaperWidth::Mm80);
    vec![
        ("receipt", usual.content(dots).unwrap()),
        ("receipt-longest-copy", long.content(dots).unwrap()),
        ("receipt-without-date", receipt(language, &[], false).content(dots).unwrap()),
        ("last-part", paper_copy_content(digits.as_deref(), dots, language).unwrap()),
        ("status-slip", slip(SlipAbout::Status { proved: true }).content()),
        ("status-slip-by-number", slip(SlipAbout::Status { proved: false }).content()),
        ("documents-slip", slip(SlipAbout::DocumentsBrought(documents[..3].to_vec())).content()),
    ]
}

fn papers_with_logo(width: PaperWidth, language: Language) -> Vec<(&'static str, ReceiptContent)> {
    vec![("receipt-with-logo", receipt(language, &["family_record"], true).content(width.dots()).unwrap())]
}

fn read(path: &Path) -> Option<Bitmap> {
    let mut reader = png::Decoder::new(std::io::BufReader::new(fs::File::open(path).ok()?)).read_info().ok()?;
    let mut bytes = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut bytes).ok()?;
    let mut bitmap = Bitmap::new(info.width as usize);
    for row in bytes[..info.buffer_size()].chunks_exact(info.width as usize / 8) {
        bitmap.push_row(&row.iter().map(|byte| !byte).collect::<Vec<_>>());
    }
    Some(bitmap.trimmed())
}

/// As it is stored: with the margin that a PNG of it has.
fn stored_form(drawn: &Bitmap, folder: &Path) -> (PathBuf, Bitmap) {
    let path = folder.join("drawn.png");
    drawn.save_png(&path, MARGIN).unwrap();
    let form = read(&path).unwrap();
    (path, form)
}

fn different_dots(one: &Bitmap, other: &Bitmap) -> usize {
    if (one.width(), one.height()) != (other.width(), other.height()) {
        return usize::MAX;
    }
    let rows = (0..one.height()).map(|row| one.row(row).iter().zip(other.row(row)));
    rows.flatten().map(|(a, b)| (a ^ b).count_ones() as usize).sum()
}

#[test]
fn every_paper_looks_as_it_did() {
    let renewing = std::env::var_os("ISTIQBAL_RENEW_PICTURES").is_some();
    let tests = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/receipts"));
    let stored = tests.join("pictures");
    let drawn_to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures/receipts");
    fs::create_dir_all(&drawn_to).unwrap();
    let mut different = Vec::new();
    for (width, with_logo) in
        [PaperWidth::Mm80, PaperWidth::Mm58].into_iter().flat_map(|width| [(width, false), (width, true)])
    {
        // A thread for each: a drawer is its thread's only window.
        let draw = move || {
            let logo = with_logo.then(|| Logo::read(&tests.join("logo.png")).unwrap());
            let drawer = ReceiptDrawer::new(width, logo.as_ref()).unwrap();
            let papers = if with_logo { papers_with_logo } else { papers };
            let each =
                |language| papers(width, language).into_iter().map(move |(name, content)| (name, language, content));
            let all = Language::ALL.into_iter().flat_map(each);
            all.map(|(name, language, content)| (name, language, drawer.draw(content))).collect::<Vec<_>>()
        };
        let folder = tempfile::tempdir().unwrap();
        for (name, language, drawn) in std::thread::spawn(draw).join().unwrap() {
            let file = format!("{}-{}-{name}.png", width.dots(), language.code());
            let bytes = raster(&drawn).len();
            // A paper copy comes on top; nobody else has anything longer than this.
            assert!(name == "last-part" || bytes <= RECEIPT_BYTES_MAX, "{file}: {bytes} bytes");
            let (path, form) = stored_form(&drawn, folder.path());
            let dots = read(&stored.join(&file)).map_or(usize::MAX, |stored| different_dots(&stored, &form));
            if dots <= DIFFERENT_DOTS_MAX {
                continue;
            }
            let to = if renewing { &stored } else { &drawn_to };
            fs::create_dir_all(to).unwrap();
            fs::copy(path, to.join(&file)).unwrap();
            if !renewing {
                different.push(format!("{file}: {dots} dots"));
            }
        }
    }
    let folder = drawn_to.display();
    assert!(
        different.is_empty(),
        "these papers look different now (see {folder}); look at each, then `make pictures`: {different:?}"
    );
}

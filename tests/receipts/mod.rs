//! The receipt's bytes, read back by a raster decoder and by zbar; a stored picture of every paper.

mod pictures;

use std::path::Path;
use std::sync::Arc;

use istiqbal::domain::catalogue::Catalogue;
use istiqbal::domain::code::Code;
use istiqbal::domain::language::Language;
use istiqbal::domain::public_address::{HOST_CHARACTERS_MAX, PublicAddress, receipt_text};
use istiqbal::domain::tracking_number::TrackingNumber;
use istiqbal::ledger::keeper::Registered;
use istiqbal::receipt::content::Receipt;
use istiqbal::receipt::escpos::{INITIALISE, PARTIAL_CUT, raster};
use istiqbal::receipt::paper::Paper;
use istiqbal::receipt::picture::{PaperWidth, ReceiptDrawer};
use istiqbal::seal::envelope::KioskTime;
use istiqbal_ui::ReceiptContent;
use slint::Model;

use crate::support::zbar;

/// At 80 mm, without a paper copy: half a second of USB, two of a line with 115,200 bits a second.
const RECEIPT_BYTES_MAX: usize = 24_000;

fn receipt(language: Language, missing: &[&str], trusted: bool) -> Receipt {
    let text = include_str!("../../config/catalog.toml");
    Receipt {
        registered: Registered {
            tracking_number: TrackingNumber::new(17.try_into().unwrap(), 4_803_956),
            code: Code::from_number(31_415_926_535_897_932_384),
            time: KioskTime { at: "2026-11-23T08:00:00Z".parse().unwrap(), trusted },
            service: "rent".into(),
            missing_documents: missing.iter().map(|id| (*id).to_owned()).collect(),
            place: None,
        },
        language,
        catalogue: Arc::new(Catalogue::parse(Path::new("catalog.toml"), text).unwrap()),
        public_address: None,
        is_copy: false,
    }
}

/// Draws on a thread of its own, as the printer's thread does; at most 24 kB leave for the printer.
fn print(width: PaperWidth, receipts: Vec<Receipt>) -> Vec<istiqbal::receipt::bitmap::Bitmap> {
    let draw = move || {
        let drawer = ReceiptDrawer::new(width, None).unwrap();
        let mut paper = Paper::new(width.dots() as usize);
        let mut printed = Vec::new();
        for receipt in receipts {
            let picture = drawer.draw(receipt.content(width.dots()).unwrap());
            let bytes = [&INITIALISE[..], &raster(&picture), &PARTIAL_CUT[..]].concat();
            assert!(bytes.len() <= RECEIPT_BYTES_MAX, "{} bytes", bytes.len());
            let sheets = paper.feed(&bytes).unwrap();
            assert_eq!(sheets.len(), 1);
            assert!(sheets[0].trimmed() == picture, "the paper shows what was drawn");
            printed.extend(sheets);
        }
        printed
    };
    std::thread::spawn(draw).join().unwrap()
}

#[test]
fn the_qr_code_on_the_paper_is_read_by_a_foreign_decoder() {
    let folder = tempfile::tempdir().unwrap();
    for width in [PaperWidth::Mm80, PaperWidth::Mm58] {
        let all =
            ["id_card", "family_record", "rent_contract", "social_security_statement", "citizen_account_statement"];
        let receipts: Vec<Receipt> = Language::ALL
            .into_iter()
            .flat_map(|language| [receipt(language, &[], true), receipt(language, &all, false)])
            .collect();
        let expected = receipt_text(None, receipts[0].registered.tracking_number, &receipts[0].registered.code);
        for (place, sheet) in print(width, receipts).iter().enumerate() {
            let path = folder.path().join(format!("{width:?}-{place}.png"));
            sheet.save_png(&path, 24).unwrap();
            assert_eq!(zbar(&path), [expected.as_str()], "{width:?} {place}");
        }
    }
}

/// The longest host there may be, on the narrowest paper.
#[test]
fn a_code_behind_the_office_s_address_is_read_too() {
    let address: PublicAddress = "https://status.charity-of-khamis-mushait.example".parse().unwrap();
    assert_eq!(address.host().len(), HOST_CHARACTERS_MAX);
    let folder = tempfile::tempdir().unwrap();
    for width in [PaperWidth::Mm80, PaperWidth::Mm58] {
        let receipt = Receipt { public_address: Some(address.clone()), ..receipt(Language::Arabic, &[], true) };
        let expected = receipt.code();
        assert!(expected.starts_with("HTTPS://STATUS."));
        let path = folder.path().join(format!("{width:?}.png"));
        print(width, vec![receipt])[0].save_png(&path, 24).unwrap();
        assert_eq!(zbar(&path), [expected.as_str()], "{width:?}");
    }
}

#[test]
fn a_longer_list_makes_a_longer_paper_and_nothing_stays_of_the_last_one() {
    let short = || receipt(Language::Arabic, &[], true);
    let long = receipt(Language::Arabic, &["id_card", "family_record", "rent_contract"], true);
    let sheets = print(PaperWidth::Mm80, vec![short(), long, short()]);
    assert!(sheets[1].height() > sheets[0].height() + 60);
    assert!(sheets[0] == sheets[2]);
}

#[test]
fn a_clock_that_is_not_trusted_prints_no_date() {
    let content = receipt(Language::English, &[], false).content(576).unwrap();
    let sentences = |content: &ReceiptContent| content.paragraphs.iter().map(|line| line.text).collect::<Vec<_>>();
    for text in sentences(&content).iter().chain([&content.dated]) {
        assert!(!text.contains("2026") && !text.contains("1448"), "{text}");
    }
    let trusted = receipt(Language::English, &[], true).content(576).unwrap();
    let plain = |text: &str| {
        let marks = |c: &char| !('\u{2066}'..='\u{2069}').contains(c);
        text.chars().filter(marks).collect::<String>().replace('\u{a0}', " ")
    };
    let not_before = plain(&sentences(&trusted)[1]);
    assert!(
        not_before.contains("27 Jumada al-Akhira 1448 H") && not_before.contains("7 December 2026"),
        "{not_before}"
    );
    assert!(plain(&trusted.dated).contains("23 November 2026"), "{}", trusted.dated);
}

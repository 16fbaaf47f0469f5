//! Paper at the office: what was printed, how printers are, paper copies of requests, and a lost receipt printed again.

use chrono::TimeDelta;
use qrcode::{Color, EcLevel, QrCode};

use super::support::*;
use crate::domain::digits::to_eastern;
use crate::domain::language::Language;
use crate::domain::printer::PrinterState;
use crate::domain::printout::{Outcome, Print, Printout};
use crate::domain::record::Record;
use crate::domain::request::Request;
use crate::office::commands;
use crate::office::people::Role;
use crate::replication::wire::*;
use crate::seal::keys::{KioskKeys, OfficeKeys};
use crate::seal::paper_copy;
use crate::seal::seed::Seed;

async fn office_with_kiosk() -> (TestOffice, TestKiosk) {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    (office, kiosk)
}

/// The page of a kiosk's request, by its number.
async fn page_of(browser: &Browser, request: &Request) -> Answer {
    let mut browser = browser.clone();
    let path = format!("/requests/{}", request.id);
    blocking(move || browser.get(&path)).await
}

async fn scan(browser: &Browser, digits: &str) -> Answer {
    post_scan(browser, &[("scan", digits.to_owned())]).await
}

async fn post_scan(browser: &Browser, fields: &[(&'static str, String)]) -> Answer {
    let (mut browser, fields) = (browser.clone(), fields.to_vec());
    blocking(move || {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post_from("/", "/", &fields)
    })
    .await
}

async fn home(browser: &Browser) -> String {
    let mut browser = browser.clone();
    blocking(move || browser.get("/").text()).await
}

fn heartbeat(printer: PrinterState, unprinted: u32) -> Heartbeat {
    Heartbeat {
        printer,
        unprinted,
        unsent: 3,
        free_bytes: Some(21_400_000_000),
        kiosk_time: at("2026-11-01T08:00:00Z"),
        clock_is_trusted: true,
        version: "0.1.0".into(),
    }
}

pub(super) async fn revoke(office: &TestOffice, kiosk: &TestKiosk) {
    let mut manager = office.browser(Role::Manager).await;
    let path = format!("/kiosks/{}/revocation", kiosk.enrolled.kiosk.get());
    assert_eq!(blocking(move || manager.post_from("/kiosks", &path, &[]).status).await, 303);
}

async fn beat(kiosk: &TestKiosk, heartbeat: &Heartbeat) -> u16 {
    let body = postcard::to_allocvec(heartbeat).unwrap();
    post_raw(&kiosk.keys, &kiosk.invite, "POST", HEARTBEAT_PATH, body).await.status
}

#[tokio::test]
async fn every_print_stands_on_its_request_s_page_whenever_it_arrives() {
    let (office, mut kiosk) = office_with_kiosk().await;
    let request = kiosk.request(1_234_567);
    let print = |printout, outcome| {
        Record::Printed(Print {
            tracking_number: request.tracking_number,
            printout,
            language: Language::Arabic,
            outcome,
        })
    };
    let sealed = kiosk.seal(&Record::Request(request.clone()));
    let failed = kiosk.seal(&print(Printout::Receipt, Outcome::Failed));
    let copy = kiosk.seal(&print(Printout::Copy, Outcome::Confirmed));
    // The last one comes before its request, and again.
    kiosk.send(std::slice::from_ref(&copy)).await.unwrap();
    kiosk.send(&[sealed, failed, copy]).await.unwrap();
    let browser = office.browser(Role::Auditor).await;
    let page = page_of(&browser, &request).await.text();
    for part in ["لم يُطبع", "نسخة من الإيصال", "طُبع"] {
        assert!(page.contains(part), "{part}");
    }
    assert_eq!(page.matches("نسخة من الإيصال").count(), 1);
    assert!(!page.contains("/receipt\""), "an auditor prints nothing");
    assert_eq!(office.check().await.trail, "intact");
}

#[tokio::test]
async fn staff_are_told_of_a_printer_that_needs_their_hands_as_long_as_it_does() {
    let (office, kiosk) = office_with_kiosk().await;
    let browser = office.browser(Role::Reception).await;
    assert_eq!(beat(&kiosk, &heartbeat(PrinterState::PaperOut, 2)).await, 200);
    let page = home(&browser).await;
    let alert = "بهو الاستقبال – الكشك ٠٠٠١ – الطابعة: نفد الورق";
    assert!(page.contains(alert) && page.contains("إيصالان لم يُطبعا"), "{page}");
    let mut kiosks = browser.clone();
    let page = blocking(move || kiosks.get("/kiosks").text()).await;
    for part in ["نفد الورق", "0.1.0", "٢١٤٠٠"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    // Put right, or no longer heard: no alert.
    assert_eq!(beat(&kiosk, &heartbeat(PrinterState::Ready, 0)).await, 200);
    assert!(!home(&browser).await.contains("نفد الورق"));
    assert_eq!(beat(&kiosk, &heartbeat(PrinterState::CutterError, 2)).await, 200);
    assert!(home(&browser).await.contains("القاطعة عالقة"));
    office.clock.advance(TimeDelta::minutes(6));
    let page = home(&browser).await;
    assert!(!page.contains("القاطعة عالقة") && page.contains("إيصالان لم يُطبعا"), "receipts wait however long: {page}");

    let long = Heartbeat { version: "1".repeat(VERSION_BYTES_MAX + 1), ..heartbeat(PrinterState::Ready, 0) };
    let foreign = Heartbeat { version: "<b>".into(), ..heartbeat(PrinterState::Ready, 0) };
    assert_eq!((beat(&kiosk, &long).await, beat(&kiosk, &foreign).await), (400, 200));
    let stranger = TestKiosk { keys: KioskKeys::from_seed(&Seed::fixed(9)), ..kiosk.clone() };
    assert_eq!(beat(&stranger, &heartbeat(PrinterState::Ready, 0)).await, 403);
    assert_eq!(beat(&kiosk, &heartbeat(PrinterState::PaperOut, 1)).await, 200);
    revoke(&office, &kiosk).await;
    assert_eq!(beat(&kiosk, &heartbeat(PrinterState::PaperOut, 1)).await, 410);
    let page = home(&browser).await;
    assert!(!page.contains("نفد الورق") && !page.contains("لم يُطبع"), "a revoked kiosk alerts nobody: {page}");
}

#[tokio::test]
async fn a_paper_copy_restores_its_request_once_by_whichever_way_it_comes() {
    let (office, mut kiosk) = office_with_kiosk().await;
    let browser = office.browser(Role::Reception).await;
    let [lost, sent] = [1, 2].map(|random| kiosk.request(random));
    let lost_envelope = kiosk.seal(&Record::Request(lost.clone()));
    let sent_envelope = kiosk.seal(&Record::Request(sent.clone()));
    let digits = paper_copy::to_digits(&lost_envelope).expect("a usual request fits on paper");
    // Typed by a scanner under any layout, twice.
    for text in [digits.clone(), to_eastern(&digits)] {
        let answer = scan(&browser, &text).await;
        let location = format!("/requests/{}", lost.id);
        assert_eq!((answer.status, answer.header("location")), (303, Some(location.as_str())), "{}", answer.text());
    }
    assert!(page_of(&browser, &lost).await.text().contains("نورة بنت سعد القحطاني"));
    assert_eq!(office.check().await.requests, 1);
    // The kiosk wasn't dead after all, and its copies come on paper, too: nothing is doubled, and the chain holds.
    let acknowledgement = kiosk.send(&[lost_envelope, sent_envelope.clone()]).await.unwrap();
    assert_eq!(acknowledgement.held[0].sequence, 2);
    let answer = scan(&browser, &paper_copy::to_digits(&sent_envelope).unwrap()).await;
    assert_eq!(answer.status, 303);
    let summary = office.check().await;
    assert_eq!((summary.requests, summary.forks, summary.gaps), (2, 0, 0));
    assert_eq!(summary.trail, "intact");
}

#[tokio::test]
async fn what_is_not_the_kiosk_s_own_copy_is_refused_in_words() {
    let (office, mut kiosk) = office_with_kiosk().await;
    let browser = office.browser(Role::Reception).await;
    let envelope = kiosk.seal(&Record::Request(kiosk.request(1)));
    let digits = paper_copy::to_digits(&envelope).unwrap();
    let mut changed = envelope.clone();
    // Within the signature: the content is whole, and nobody has signed it.
    changed[120] ^= 1;
    let mut other_content = envelope.clone();
    *other_content.last_mut().unwrap() ^= 1;
    let suggestion = kiosk.seal(&Record::Suggestion { text: "no request".into() });
    let of_stranger = {
        let mut stranger = kiosk.clone();
        stranger.next.kiosk = 77.try_into().unwrap();
        stranger.seal(&Record::Request(kiosk.request(2)))
    };
    let long_of_other_office = {
        let mut stranger = kiosk.clone();
        stranger.next.kiosk = 78.try_into().unwrap();
        stranger.enrolled.sealing_key = OfficeKeys::from_seed(&Seed::fixed(78)).sealing_key();
        stranger.seal(&Record::Suggestion { text: "too long for a whole copy ".repeat(13) })
    };
    assert!(long_of_other_office.len() > paper_copy::PAPER_COPY_BYTES_MAX, "compact");
    for (digits, words) in [
        (digits[..digits.len() - 17].to_owned(), "لم يصل الرمز كاملًا"),
        (paper_copy::to_digits(&changed).unwrap(), "ليس ما وقّعه الكشك"),
        (paper_copy::to_digits(&other_content).unwrap(), "ليس ما وقّعه الكشك"),
        (paper_copy::to_digits(&suggestion).unwrap(), "لا طلب في هذا الرمز"),
        (paper_copy::to_digits(&of_stranger).unwrap(), "كشك لا يعرفه هذا المكتب"),
        (paper_copy::to_digits(&long_of_other_office).unwrap(), "كشك لا يعرفه هذا المكتب"),
    ] {
        let answer = scan(&browser, &digits).await;
        assert!(answer.status == 422 && answer.text().contains(words), "{words}: {} {}", answer.status, answer.text());
    }
    // Who only looks on adds no request, not even with a true copy.
    let auditor = office.browser(Role::Auditor).await;
    assert_eq!(scan(&auditor, &digits).await.status, 403);
    assert_eq!(office.check().await.requests, 0);
}

#[tokio::test]
async fn a_copy_ahead_of_a_gap_acknowledges_nothing_that_is_missing() {
    let (office, mut kiosk) = office_with_kiosk().await;
    let browser = office.browser(Role::Reception).await;
    let [missing, copied] =
        [1, 2].map(|random| Record::Request(kiosk.request(random))).map(|record| kiosk.seal(&record));
    assert_eq!(scan(&browser, &paper_copy::to_digits(&copied).unwrap()).await.status, 303);
    assert_eq!(kiosk.send(&[]).await.unwrap().held[0].sequence, 0);
    assert_eq!(kiosk.send(&[missing]).await.unwrap().held.last().unwrap().sequence, 2);
    let summary = office.check().await;
    assert_eq!((summary.requests, summary.forks, summary.gaps), (2, 0, 0));
}

#[tokio::test]
async fn a_revoked_kiosk_s_copy_is_admitted_only_by_somebody_who_may() {
    let (office, mut kiosk) = office_with_kiosk().await;
    let request = kiosk.request(1);
    let digits = paper_copy::to_digits(&kiosk.seal(&Record::Request(request.clone()))).unwrap();
    let manager = office.browser(Role::Manager).await;
    revoke(&office, &kiosk).await;
    let reception = office.browser(Role::Reception).await;
    let admitting = [("scan", digits.clone()), ("admit", "yes".to_owned())];
    for answer in [scan(&reception, &digits).await, post_scan(&reception, &admitting).await] {
        assert!(answer.status == 422 && answer.text().contains("المدير"), "{}", answer.text());
    }
    let asked = scan(&manager, &digits).await;
    for part in ["قبول الطلب", "موقوف منذ", "١ نوفمبر ٢٠٢٦"] {
        assert!(asked.status == 409 && asked.text().contains(part), "{part}: {}", asked.text());
    }
    assert_eq!(office.check().await.requests, 0);
    assert_eq!(post_scan(&manager, &admitting).await.status, 303);
    assert_eq!(office.check().await.requests, 1);
    // Its own code stays off: the copy that the desk prints has none.
    let mut printing = manager.clone();
    let (page, path) = (format!("/requests/{}", request.id), format!("/requests/{}/receipt", request.id));
    let copy = blocking(move || printing.post_from(&page, &path, &[])).await.text();
    assert!(!copy.contains("<svg") && copy.contains("role=\"alert\""), "{copy}");
}

#[tokio::test]
async fn a_command_restores_copies_too() {
    let (office, mut kiosk) = office_with_kiosk().await;
    let digits = paper_copy::to_digits(&kiosk.seal(&Record::Request(kiosk.request(1)))).unwrap();
    let clock: crate::domain::clock::SharedClock = office.clock.clone();
    let lines = format!("{digits}\n\n{digits}\n{}\nnonsense\n", &digits[..400]);
    let mut answers = Vec::new();
    let all = commands::import_paper(&office.config, clock, lines.as_bytes(), false, &mut answers).await.unwrap();
    let answers: Vec<serde_json::Value> =
        String::from_utf8(answers).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!all && answers.len() == 4, "{answers:?}");
    assert_eq!((&answers[0]["imported"], &answers[1]["imported"]), (&true.into(), &false.into()));
    assert!(answers[2]["error"].as_str().unwrap().contains("scan it once more"));
    assert!(answers[3]["error"].is_string());
}

#[tokio::test]
async fn a_lost_receipt_is_printed_again_at_the_desk_as_a_copy() {
    let (office, kiosk) = office_with_kiosk().await;
    let request = kiosk.request(1_234_567);
    kiosk.send(&[kiosk.clone().seal(&Record::Request(request.clone()))]).await.unwrap();
    let (number, code) = kiosk.receipt(request.tracking_number);
    let (page, path) = (format!("/requests/{}", request.id), format!("/requests/{}/receipt", request.id));
    let mut browser = office.browser(Role::Reception).await;
    let at_desk = browser.clone();
    let copy = blocking(move || browser.post_from(&page, &path, &[])).await;
    assert_eq!(copy.status, 200);
    let text = copy.text();
    for part in
        ["نسخة", &number.grouped(), &number.grouped_eastern(), "سجل الأسرة", "لا تقل عن أسبوعين", "١٥ نوفمبر ٢٠٢٦"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    // The code is the receipt's own: each dark module stands in its place, within a border of four.
    let expected = QrCode::with_error_correction_level(format!("{number}{}", code.as_str()), EcLevel::H).unwrap();
    let places = (0..expected.width()).flat_map(|y| (0..expected.width()).map(move |x| (x, y)));
    let dark = places.filter(|place| expected[*place] == Color::Dark);
    let path: String = dark.map(|(x, y)| format!("M{} {}h1v1h-1z", x + 4, y + 4)).collect();
    assert!(text.contains(&format!("d=\"{path}\"")), "{text}");
    assert!(page_of(&at_desk, &request).await.text().contains("نسخة من الإيصال"), "the print is a record");
    assert_eq!(office.check().await.trail, "intact");
    // Not by somebody who only looks on, and not without the form's token.
    let mut auditor = office.browser(Role::Auditor).await;
    let path = format!("/requests/{}/receipt", request.id);
    let refused = blocking(move || (auditor.post_from("/", &path, &[]).status, auditor.post(&path, &[]).status)).await;
    assert_eq!(refused, (403, 403));
}

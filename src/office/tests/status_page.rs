//! The status page on its own listener: what it shows to whoever holds a receipt, and what it tells nobody.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};

use chrono::TimeDelta;

use super::support::*;
use crate::domain::language::Language;
use crate::domain::record::Record;
use crate::domain::request::Request;
use crate::domain::stage::{Decision, Event};
use crate::office::database::status_page;
use crate::office::people::Role;

pub(super) async fn office() -> TestOffice {
    TestOffice::start_with(|config| {
        config.public_listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.public_address = "https://status.example.org".parse().ok();
    })
    .await
}

/// A request that has arrived, and the 32 digits of its receipt.
pub(super) async fn received(kiosk: &mut TestKiosk, random_part: u32, language: Language) -> (Request, String) {
    let request = Request { language, ..kiosk.request(random_part) };
    let envelope = kiosk.seal(&Record::Request(request.clone()));
    kiosk.send(&[envelope]).await.unwrap();
    let (number, code) = kiosk.receipt(request.tracking_number);
    (request, format!("{number}{}", code.as_str()))
}

/// Asks as a proxy does for a telephone at `from`.
async fn ask_from(office: &TestOffice, from: &str, method: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let address = office.server.public_address.unwrap();
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let body = body.join("&");
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: status.example.org\r\nconnection: close\r\nx-forwarded-for: {from}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        Answer::read(&mut stream)
    })
    .await
}

async fn get(office: &TestOffice, path: &str) -> Answer {
    ask_from(office, "198.51.100.1", "GET", path, &[]).await
}

/// Another code of the same form.
pub(super) fn with_wrong_code(receipt: &str) -> String {
    let last = if receipt.ends_with('7') { '8' } else { '7' };
    format!("{}{last}", &receipt[..31])
}

#[tokio::test]
async fn whoever_holds_the_receipt_sees_where_it_stands_and_no_name() {
    let office = office().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let (request, receipt) = received(&mut kiosk, 1_234_567, Language::Arabic).await;
    for path in [format!("/t/{receipt}"), format!("/T/{receipt}")] {
        let answer = get(&office, &path).await;
        assert_eq!(answer.status, 200);
        let page = answer.text();
        let parts = [
            "lang=\"ar\" dir=\"rtl\"",
            "متابعة طلبكم",
            "قيد الدراسة",
            "لا يأتي الرد قبل",
            "سجل الأسرة",
            "تفضلوا بإحضار المستندات الناقصة",
        ];
        for part in parts {
            assert!(page.contains(part), "{part}: {page}");
        }
        for secret in ["نورة", "بنت سعد", "القحطاني", "1000000008", "١٠٠٠٠٠٠٠٠٨", "500000000", "٥٠٠٠٠٠٠٠٠", "سلة"]
        {
            assert!(!page.contains(secret), "{secret}: {page}");
        }
        assert!(!page.contains("<script") && answer.header("set-cookie").is_none());
        for (name, value) in [
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-robots-tag", "noindex, nofollow, noarchive"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("script"));
    }
    // The decision, with the code; the switch of languages works without an address that holds the code.
    office.clock.advance(TimeDelta::days(14));
    office
        .server
        .take_step(request.tracking_number, &Event::Decided { decision: Decision::Refused, session: None })
        .await
        .unwrap();
    assert!(get(&office, &format!("/t/{receipt}")).await.text().contains("لم يُقبل طلبكم هذه المرة"));
    let (number, code) = receipt.split_at(12);
    let fields = [("number", number), ("code", code), ("language", "en")];
    let english = ask_from(&office, "198.51.100.1", "POST", "/", &fields).await.text();
    assert!(english.contains("lang=\"en\" dir=\"ltr\"") && english.contains("was not accepted this time"), "{english}");
    assert!(get(&office, &format!("/t/{receipt}?language=en")).await.text().contains("lang=\"en\""));
}

#[tokio::test]
async fn number_and_code_can_be_typed_in_any_digits() {
    let office = office().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let (_, receipt) = received(&mut kiosk, 1, Language::English).await;
    let (number, code) = receipt.split_at(12);
    let form = get(&office, "/").await.text();
    assert!(form.contains("<form method=\"post\" action=\"/\"") && form.contains("label for=\"code\""));
    let eastern = crate::domain::digits::to_eastern(number);
    let grouped = format!("{} {} {}", &code[..7], &code[7..14], &code[14..]);
    for number in [number, &eastern] {
        let fields = [("number", number), ("code", &grouped)];
        let page = ask_from(&office, "198.51.100.1", "POST", "/", &fields).await;
        assert_eq!(page.status, 200);
        assert!(
            page.text().contains("lang=\"en\"") && page.text().contains("Under study"),
            "the request's language first"
        );
    }
    let by_number = ask_from(&office, "198.51.100.1", "POST", "/", &[("number", number)]).await;
    assert_eq!(by_number.status, 404, "the number alone shows nothing");
    let empty = ask_from(&office, "198.51.100.1", "POST", "/", &[("language", "en")]).await;
    assert!(empty.status == 200 && empty.text().contains("Follow up your request"));
}

#[tokio::test]
async fn whatever_is_wrong_is_refused_alike() {
    let office = office().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let mut revoked = TestKiosk::enrol(&office, 2).await;
    let (_, receipt) = received(&mut kiosk, 1, Language::Arabic).await;
    let (_, gone) = received(&mut revoked, 2, Language::English).await;
    assert_eq!(get(&office, &format!("/t/{gone}")).await.status, 200);
    let mut browser = office.browser(Role::Manager).await;
    blocking(move || assert_eq!(browser.post_from("/kiosks", "/kiosks/2/revocation", &[]).status, 303)).await;
    let unknown = format!("{}{}", kiosk.request(9_999_999).tracking_number, &receipt[12..]);
    let bad_check_digit =
        format!("{}{}", receipt[..11].to_owned() + if &receipt[11..12] == "0" { "1" } else { "0" }, &receipt[12..]);
    let mut answers = Vec::new();
    for wrong in [with_wrong_code(&receipt), unknown, gone, bad_check_digit] {
        let answer = get(&office, &format!("/t/{wrong}")).await;
        let headers: Vec<String> =
            answer.headers.lines().filter(|line| !line.starts_with("date:")).map(str::to_owned).collect();
        answers.push((answer.status, headers, answer.body));
    }
    assert_eq!(answers[0].0, 404);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(get(&office, &format!("/t/{receipt}")).await.status, 200);
}

/// Guesses thirty times at once with a wrong code: those under way count, too. `from` is a line of the head.
pub(super) async fn guess(office: &TestOffice, receipt: &str, from: &str) -> Vec<u16> {
    let wrong = with_wrong_code(receipt);
    let mut set = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let address = office.server.public_address.unwrap();
        let head = format!("GET /t/{wrong} HTTP/1.1\r\nhost: s\r\nconnection: close\r\n{from}\r\n");
        set.spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            Answer::read(&mut stream).status
        });
    }
    set.join_all().await
}

#[tokio::test]
async fn an_address_may_only_try_so_often_and_never_shuts_out_the_receipt() {
    let office = office().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let (_, receipt) = received(&mut kiosk, 1, Language::Arabic).await;
    let statuses = guess(&office, &receipt, "x-forwarded-for: 203.0.113.9\r\n").await;
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 20);
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 10);
    let shut_out = ask_from(&office, "203.0.113.9", "GET", &format!("/t/{receipt}"), &[]).await;
    assert_eq!((shut_out.status, shut_out.header("retry-after")), (429, Some("600")));
    // Whoever holds the receipt elsewhere isn't touched by that, as often as he likes.
    for _ in 0..25 {
        assert_eq!(get(&office, &format!("/t/{receipt}")).await.status, 200);
    }
    office.clock.advance(TimeDelta::minutes(10));
    assert_eq!(ask_from(&office, "203.0.113.9", "GET", &format!("/t/{receipt}"), &[]).await.status, 200);
}

#[tokio::test]
async fn the_public_listener_knows_nothing_else() {
    let office = office().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let (request, receipt) = received(&mut kiosk, 1, Language::Arabic).await;
    let staff = [
        "/sign-in".to_owned(),
        "/requests".into(),
        format!("/requests/{}", request.id),
        "/notices".into(),
        "/kiosks".into(),
        "/calls/open".into(),
        "/static/style.css".into(),
        "/static/scan.js".into(),
        "/static/../office.toml".into(),
        "/replication/v1/changes".into(),
        format!("/t/{}", &receipt[..12]),
        format!("/t/{receipt}0"),
        format!("/t/{receipt}/"),
        "/t/%D9%A1".into(),
        "/robots.txt".into(),
    ];
    for path in staff {
        let answer = get(&office, &path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text().contains("form_token"), "{path}");
    }
    for file in ["common.css", "status.css", "plex-regular.ttf", "plex-semibold.ttf"] {
        assert_eq!(get(&office, &format!("/static/{file}")).await.status, 200);
    }
    let too_long = "1".repeat(5000);
    let answer = ask_from(&office, "198.51.100.1", "POST", "/", &[("number", &too_long)]).await;
    assert_eq!(answer.status, 404);
    // And the staff's listener has no status page: its pages ask for a sign-in.
    let mut browser = Browser::at(office.server.staff_address);
    let path = format!("/t/{receipt}");
    assert_eq!(
        blocking(move || browser.get(&path).header("location").map(str::to_owned)).await.as_deref(),
        Some("/sign-in")
    );
}

#[tokio::test]
async fn openings_are_counted_without_who() {
    let office = office().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let (_, receipt) = received(&mut kiosk, 1, Language::Arabic).await;
    let entries = || async {
        let mut reading = office.server.office().database.read().await.unwrap();
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM trail").fetch_one(&mut *reading).await.unwrap();
        count
    };
    let before = entries().await;
    for path in [format!("/t/{receipt}"), format!("/t/{receipt}"), format!("/t/{}", with_wrong_code(&receipt))] {
        get(&office, &path).await;
    }
    office.server.office().openings.write_down(office.server.office()).await;
    let mut reading = office.server.office().database.read().await.unwrap();
    let counted = status_page::since(&mut reading, "2026-11-01".parse().unwrap()).await.unwrap();
    assert_eq!(counted, status_page::Openings { shown: 2, refused: 1 });
    drop(reading);
    assert_eq!(entries().await, before, "no trail of anybody");
    let mut browser = office.browser(Role::Reception).await;
    let page = blocking(move || browser.get("/notices").text()).await;
    assert!(page.contains("فُتحت صفحة المتابعة على الجوالات ٢ مرة"), "{page}");
}

#[tokio::test]
async fn the_office_s_own_receipts_lead_to_the_page() {
    let office = office().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let (request, receipt) = received(&mut kiosk, 1, Language::Arabic).await;
    let mut browser = office.browser(Role::Reception).await;
    let page = blocking(move || {
        let page = format!("/requests/{}", request.id);
        browser.post_from(&page, &format!("{page}/receipt"), &[]).text()
    })
    .await;
    let level = qrcode::EcLevel::H;
    let code =
        qrcode::QrCode::with_error_correction_level(format!("HTTPS://STATUS.EXAMPLE.ORG/T/{receipt}"), level).unwrap();
    assert!(page.contains(&format!("viewBox=\"0 0 {0} {0}\"", code.width() + 8)), "{page}");
    let first_row: String = (0..code.width())
        .filter(|x| code[(*x, 0)] == qrcode::Color::Dark)
        .map(|x| format!("M{} 4h1v1h-1z", x + 4))
        .collect();
    assert!(page.contains(&first_row), "{page}");
}

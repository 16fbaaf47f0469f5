//! The main job with real processes: kiosk visit → office → decision → back at the kiosk → rating.

use std::fs;
use std::net::TcpListener;
use std::sync::Arc;

use chrono::Utc;
use istiqbal::demo::past::{self, PastReceipts};
use istiqbal::domain::calendar::riyadh_day;
use istiqbal::domain::catalogue::Catalogue;
use istiqbal::domain::digits::to_eastern;
use istiqbal::kiosk::config::KioskConfig;
use istiqbal::office::OfficeConfig;
use serde_json::Value;

use crate::support::browser::{Browser, Page};
use crate::support::{Workplace, program, registration, zbar};

/// The digits of a receipt's QR code, from the answer of a visit.
fn digits(answer: &Value) -> String {
    format!("{}{}", answer["tracking_number"].as_str().unwrap(), answer["code"].as_str().unwrap())
}

/// Opens a request on the scan page.
fn scan(browser: &mut Browser, text: &str) -> Page {
    let token = browser.get("/").field("form_token");
    browser.post("/", &[("form_token", token), ("scan", text.to_owned())])
}

/// What each form that counts once carries.
fn form(page: &Page) -> Vec<(&'static str, String)> {
    vec![("form_token", page.field("form_token")), ("form_id", page.field("form_id"))]
}

/// What a form says that accepts a request.
fn accepted(session: &Page) -> Vec<(&'static str, String)> {
    let words = [("decision", "accepted"), ("reason", "مستحق"), ("granted", "سلة كل شهر")];
    [form(session), words.map(|(name, value)| (name, value.to_owned())).to_vec()].concat()
}

/// Puts a request before the committee in a session of today with three members who are present; the answer is the
/// session's page.
fn before_the_committee(browser: &mut Browser, request: &Page) -> Page {
    let id = request.action("/documents").replace("/requests/", "").replace("/documents", "");
    let list = browser.get("/sessions");
    let today = riyadh_day(Utc::now()).to_string();
    let made = [form(&list), vec![("on", today), ("outside", "سارة\nمها\nهند".into())]].concat();
    let session = browser.post("/sessions", &made);
    assert_eq!(session.status, 200, "{}", session.text);
    let path = session.action("/members").replace("/members", "");
    let mut names: Vec<&str> =
        session.text.split("name=\"member-").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    names.dedup();
    assert_eq!(names.len(), 3);
    let names: Vec<String> = names.iter().map(|id| format!("member-{id}")).collect();
    let fields = form(&session).into_iter().chain([("version", session.field("version"))]);
    let present = names.iter().map(|name| (name.as_str(), "present".to_owned()));
    let fields: Vec<(&str, String)> = fields.chain(present).collect();
    let session = browser.post(&format!("{path}/members"), &fields);
    assert_eq!(session.status, 200, "{}", session.text);
    let fields = [form(&session), vec![("session", path.replace("/sessions/", ""))]].concat();
    let session = browser.post(&format!("/requests/{id}/session"), &fields);
    assert_eq!(session.status, 200, "{}", session.text);
    session
}

/// Requests of the past weeks at a workplace whose office isn't running.
fn make_the_past(workplace: &Workplace) -> PastReceipts {
    let office = OfficeConfig::read(&workplace.path("office.toml")).unwrap();
    let kiosk = KioskConfig::read(&workplace.path("kiosk.toml")).unwrap();
    let catalogue = Arc::new(Catalogue::read(&kiosk.catalogue).unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(past::make(&office, &kiosk, &catalogue, Utc::now())).unwrap()
}

#[test]
fn a_registration_reaches_paper_and_office() {
    let (workplace, office) = Workplace::open();
    let answers = workplace.visit(&[], &registration("نورة بنت سعد القحطاني"));
    let [answer] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(answer["printed"], "confirmed");
    let receipts = workplace.printer.drawn();
    assert_eq!(receipts.len(), 1);
    assert_eq!(zbar(&receipts[0]), [digits(answer)], "{}", receipts[0].display());

    let kiosk = workplace.check("kiosk");
    assert_eq!(
        (&kiosk["requests"], &kiosk["acknowledged"]),
        (&1.into(), &4.into()),
        "opening, signature, request, print: {kiosk}"
    );
    let at_office = workplace.check("office");
    assert_eq!((&at_office["requests"], &at_office["trail"]), (&1.into(), &"intact".into()), "{at_office}");

    // The request opens by the whole code in ٠-٩, by the number alone, and not by a wrong code.
    let mut browser = Browser::signed_in(&office.staff);
    for text in [to_eastern(&digits(answer)), answer["tracking_number"].as_str().unwrap().to_owned()] {
        let page = scan(&mut browser, &text);
        assert!(page.status == 200 && page.text.contains("نورة بنت سعد القحطاني"), "{text}: {}", page.text);
    }
    let mut wrong = digits(answer);
    let last = wrong.pop().unwrap();
    wrong.push(if last == '9' { '0' } else { '9' });
    assert!(!scan(&mut browser, &wrong).text.contains("القحطاني"));

    // No decision before 14 days have passed (P19), not even by a form that isn't offered.
    let page = scan(&mut browser, &digits(answer));
    let documents = page.action("/documents");
    let session = before_the_committee(&mut browser, &page);
    assert!(!session.has_action("/decision"));
    let request = documents.replace("/requests/", "").replace("/documents", "");
    let forced = session.action("/members").replace("/members", &format!("/cases/{request}/decision"));
    let forced = browser.post(&forced, &accepted(&session));
    assert_eq!(forced.status, 409, "{}", forced.text);

    // What is verified at the desk shows at the kiosk.
    let token = scan(&mut browser, &digits(answer)).field("form_token");
    let verified = [("form_token", token), ("document", "family_record".to_owned()), ("step", "verified".to_owned())];
    assert_eq!(browser.post(&documents, &verified).status, 200);
    let follow_up = serde_json::json!({ "visit": "follow_up", "scan": digits(answer) }).to_string();
    let status = &workplace.visit(&[], &follow_up)[0]["status"];
    assert_eq!(status["standing"]["documents"]["family_record"], "verified", "{status}");
    office.end();
}

#[test]
fn decision_delivery_and_rating_of_a_request_made_weeks_ago() {
    let (workplace, office) = Workplace::open();
    office.end();
    let past = make_the_past(&workplace);
    let office = workplace.start_office();
    let mut browser = Browser::signed_in(&office.staff);

    let page = scan(&mut browser, &past.to_be_decided);
    let session = before_the_committee(&mut browser, &page);
    let decided = browser.post(&session.action("/decision"), &accepted(&session));
    assert_eq!(decided.status, 200, "{}", decided.text);
    let page = scan(&mut browser, &past.to_be_decided);
    let follow_up = serde_json::json!({ "visit": "follow_up", "scan": past.to_be_decided }).to_string();
    let status = &workplace.visit(&[], &follow_up)[0]["status"];
    assert!(status["standing"]["committee"]["accepted"].is_object(), "{status}");
    let not_delivered = serde_json::json!({ "visit": "rate", "scan": past.to_be_decided, "face": 4 }).to_string();
    assert!(workplace.failing_visit(&not_delivered).contains("NotDelivered"));

    let handed_over = [&form(&page)[..], &[("part", "last".into()), ("note", "سلة".into())]].concat();
    let delivered = browser.post(&page.action("/delivery"), &handed_over);
    assert_eq!(delivered.status, 200, "{}", delivered.text);
    // A form sent twice counts once.
    assert_eq!(browser.post(&page.action("/delivery"), &handed_over).status, 200);
    let rate =
        serde_json::json!({ "visit": "rate", "scan": past.to_be_decided, "face": 4, "reasons": ["fast"] }).to_string();
    workplace.visit(&[], &rate);
    assert!(workplace.failing_visit(&rate).contains("AlreadyRated"));
    assert_eq!(workplace.check("office")["ratings"], 1);
    let ratings = browser.get("/ratings");
    assert!(ratings.status == 200 && ratings.text.contains("<table"), "{}", ratings.text);

    // A request without its documents is accepted, and not delivered (P21).
    let page = scan(&mut browser, &past.documents_missing);
    let session = before_the_committee(&mut browser, &page);
    assert_eq!(browser.post(&session.action("/decision"), &accepted(&session)).status, 200);
    let page = scan(&mut browser, &past.documents_missing);
    assert!(!page.has_action("/delivery"));
    let too_early = scan(&mut browser, &past.too_early);
    assert!(!before_the_committee(&mut browser, &too_early).has_action("/decision"));
    assert_eq!(workplace.check("office")["trail"], "intact");
    office.end();
}

#[test]
fn a_kiosk_works_without_its_office() {
    let (workplace, office) = Workplace::open();
    office.end();
    let script = [registration("نورة القحطاني"), registration("سعد القحطاني")].join("\n");
    let answers = workplace.visit(&["--offline"], &script);
    assert_eq!(answers.len(), 2);
    let brought =
        serde_json::json!({ "visit": "documents", "scan": digits(&answers[0]), "brought": ["family_record"] });
    workplace.visit(&["--offline", "--no-print"], &brought.to_string());
    assert_eq!(workplace.check("kiosk")["acknowledged"], 0);
    assert_eq!(workplace.printer.drawn().len(), 2);

    let unreachable = workplace.run(&["kiosk", "visit", "--script", "-"], "kiosk.toml", "");
    assert!(String::from_utf8_lossy(&unreachable.stderr).contains("has not acknowledged"));

    let office = workplace.start_office();
    workplace.visit(&[], "");
    let at_office = workplace.check("office");
    assert_eq!(
        (&at_office["requests"], &at_office["gaps"], &at_office["damaged"]),
        (&2.into(), &0.into(), &0.into()),
        "{at_office}"
    );
    let kiosk = workplace.check("kiosk");
    assert_eq!(kiosk["acknowledged"], kiosk["envelopes"]);
    office.end();
}

#[test]
fn bad_input_is_answered_with_a_sentence() {
    let (workplace, office) = Workplace::open();
    let change = |from: &str, to: &str| registration("نورة القحطاني").replace(from, to);
    for (script, part) in [
        (change("1000000008", "1000000000"), "national_id"),
        (change("٠٥٠٠٠٠٠٠٠٠", "0400000000"), "mobile"),
        (change("1399-07-04 H", "1499-07-04 H"), "birth_date"),
        (change("widow", "wizard"), "category"),
        (change("\"household\":4", "\"household\":0"), "household"),
        (change("[[[0.1,0.5],[0.4,0.2]]]", "[]"), "signature"),
        (change("family_record", "passport"), "passport"),
        ("{\"visit\":\"fly\"}".into(), "not a visit"),
        ("not json".into(), "not a visit"),
        ("{\"visit\":\"follow_up\",\"scan\":\"WIFI:S:guest;;\"}".into(), "scan"),
        ("{\"visit\":\"rate\",\"scan\":null,\"face\":9}".into(), "1 to 4"),
    ] {
        let error = workplace.failing_visit(&script);
        assert!(error.contains(part), "{script}: {error}");
    }
    assert_eq!(workplace.check("kiosk")["requests"], 0);

    // A printer that isn't there: the visit goes on, and says so.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    workplace.configure_kiosk(&format!("tcp://{nobody}"));
    assert_eq!(workplace.visit(&[], &registration("نورة القحطاني"))[0]["printed"], "failed");
    workplace.configure_kiosk(&format!("file://{}", workplace.path("paper.bin").display()));
    assert_eq!(workplace.visit(&[], &registration("نورة القحطاني"))[0]["printed"], "unknown");
    workplace.configure_kiosk("off");
    assert_eq!(workplace.visit(&[], &registration("نورة القحطاني"))[0]["printed"], "off");
    workplace.configure_kiosk("lpt1");
    let error = workplace.fail(&["kiosk", "check"], "kiosk.toml", "");
    assert!(error.contains("kiosk.toml, line 3, key `printer`"), "{error}");
    office.end();
}

#[test]
fn broken_configuration_names_file_line_and_key() {
    let workplace = Workplace::new();
    let error = workplace.fail(&["kiosk", "run"], "kiosk.toml", "");
    assert!(error.contains("isn't enrolled") || error.contains("display"), "{error}");
    assert!(workplace.fail(&["kiosk", "check"], "kiosk.toml", "").contains("kiosk enroll"));
    assert!(workplace.fail(&["kiosk", "enroll", "--invite", "x"], "kiosk.toml", "").contains("office invite"));
    assert!(workplace.fail(&["office", "serve"], "office.toml", "").contains("office init"));
    assert!(workplace.fail(&["office", "check"], "nowhere.toml", "").contains("nowhere.toml"));

    let catalogue =
        fs::read_to_string("config/catalog.toml").unwrap().replace("kind = \"mobile\"", "kind = \"telegram\"");
    fs::write(workplace.path("catalog.toml"), catalogue).unwrap();
    workplace.succeed(&["office", "init"], "office.toml", "");
    let error = workplace.fail(&["office", "serve"], "office.toml", "");
    assert!(error.contains("catalog.toml, line") && error.contains("`kind`") && error.contains("telegram"), "{error}");
}

#[test]
fn an_invite_enrols_one_kiosk_once() {
    let (workplace, office) = Workplace::open();
    let again = workplace.succeed(&["office", "invite", "--print"], "office.toml", "");
    let enroll = ["kiosk", "enroll", "--invite", again.trim()];
    assert!(workplace.fail(&enroll, "kiosk.toml", "").contains("already enrolled as number 0001"));
    let second = Workplace::new();
    assert!(second.succeed(&enroll, "kiosk.toml", "").contains("0002"));
    let third = Workplace::new();
    assert!(third.fail(&enroll, "kiosk.toml", "").contains("refused"));
    // A pinned key that isn't the office's: nothing is said to it.
    let foreign = again.trim().rsplit_once('/').map(|(head, code)| {
        let (head, pin) = head.rsplit_once('/').unwrap();
        format!("{head}/{}/{code}", "0".repeat(pin.len()))
    });
    assert!(
        third.fail(&["kiosk", "enroll", "--invite", &foreign.unwrap()], "kiosk.toml", "").contains("can't be reached")
    );
    office.end();
}

#[test]
fn the_demo_walks_through_the_real_screens_and_goes_on_with_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let output = program().args(["demo", "--headless", "--dir"]).arg(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("The office holds everything"), "{text}");
        text
    };
    let first = run();
    for screen in ["home-ar", "home-en", "declaration-ar", "receipt-en", "rate-thanks-ar"] {
        let line = first.lines().find(|line| line.contains(screen)).unwrap_or_else(|| panic!("no {screen} in {first}"));
        assert!(fs::metadata(line.trim()).unwrap().len() > 5_000, "{line}");
    }
    let receipts: Vec<_> = first.lines().filter(|line| line.contains("/receipt-")).map(str::trim).collect();
    let registered: Vec<_> = first.lines().map(str::trim).filter(|line| line.len() == 32).collect();
    let read: Vec<String> = receipts.iter().flat_map(|path| zbar(path.as_ref())).collect();
    assert!(registered.iter().all(|digits| read.iter().any(|text| text == digits)), "{registered:?} {read:?}");
    // The second run goes on with the same office, and prints more receipts beside the first ones.
    let second = run();
    assert!(second.contains("rate-refused-ar"), "{second}");
    assert!(!second.contains("Preparing"));
}

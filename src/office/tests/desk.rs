//! Registering at the desk and by telephone, as a browser sees it, and what the kiosks hear of it.

use std::collections::BTreeMap;

use super::support::*;
use crate::domain::digits::to_eastern;
use crate::domain::language::Language;
use crate::domain::printout::Printout;
use crate::domain::request::{Channel, RequestId};
use crate::domain::tracking_number::{KioskNumber, TrackingNumber, TrackingNumberError};
use crate::office::database::requests::StoredRequest;
use crate::office::database::{Database, prints, requests};
use crate::office::people::Role;
use crate::replication::wire::Change;
use crate::seal::keys::OfficeKeys;
use crate::seal::receipt_code::{code_hash, receipt_code};

/// What stands in a hidden field of a page.
pub fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{name}: {page}"));
    rest.split('"').next().unwrap().to_owned()
}

/// A person of the staff with a form before them.
#[derive(Clone)]
pub struct Desk {
    pub browser: Browser,
    pub fields: BTreeMap<String, String>,
}

impl Desk {
    pub fn begin(mut browser: Browser) -> Self {
        let page = browser.get("/register");
        assert_eq!(page.status, 200, "{}", page.text());
        let fields = [("form", hidden(&page.text(), "form"))];
        Self { browser, fields: fields.map(|(name, value)| (name.to_owned(), value)).into() }
    }

    /// A form with everything that a widow's request for a food basket needs but the declaration.
    pub fn filled(browser: Browser) -> Self {
        let mut desk = Self::begin(browser);
        for (name, value) in [
            ("channel", "desk"),
            ("language", "ar"),
            ("beneficiary", "external"),
            ("privacy", "told"),
            ("q-for", "self"),
            ("q-national_id", "١٠٠٠٠٠٠٠٠٨"),
            ("q-name", "نورة بنت سعد القحطاني"),
            ("q-birth_date", "4/7/1399"),
            ("q-mobile", "٠٥٠٠٠٠٠٠٠٠"),
            ("q-category", "widow"),
            ("q-household", "۴"),
            ("q-service", "food_basket"),
            ("d-id_card", "with_me"),
            ("d-family_record", "later"),
        ] {
            desk.set(name, value);
        }
        desk
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.fields.insert(name.to_owned(), value.to_owned());
    }

    /// Presses a button, and takes up the hidden fields of the page that comes back.
    pub fn press(&mut self, step: &str) -> Answer {
        self.post("/register", step)
    }

    /// The fields, as a button sends them.
    pub fn fields<'a>(fields: &'a BTreeMap<String, String>, step: &'a str) -> Vec<(&'a str, &'a str)> {
        let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        fields.chain([("step", step)]).collect()
    }

    pub fn post(&mut self, path: &str, step: &str) -> Answer {
        let answer = self.browser.post_from("/register", path, &Self::fields(&self.fields, step));
        let text = answer.text();
        for name in ["shown", "seen", "documents_shown"] {
            if text.contains(&format!("name=\"{name}\" value=\"")) {
                self.fields.insert(name.to_owned(), hidden(&text, name));
            }
        }
        answer
    }

    /// Through to the end; the id of the request.
    pub fn register(&mut self) -> RequestId {
        let answer = self.press("continue");
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.set("declared", "yes");
        let answer = self.press("register");
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.header("location").unwrap().rsplit('/').next().unwrap().parse().unwrap()
    }
}

pub async fn stored(office: &TestOffice, id: RequestId) -> StoredRequest {
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let found = requests::find(&mut database.read().await.unwrap(), id).await.unwrap();
    database.close().await;
    found.unwrap()
}

#[tokio::test]
async fn a_request_is_registered_at_the_desk_step_by_step_and_once() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let browser = office.browser(Role::Reception).await;
    let (mut desk, other_asked, early, unsigned) = blocking(move || {
        let mut desk = Desk::begin(browser);
        assert!(!desk.browser.get("/register").text().contains("q-applicant_name"));
        desk.set("q-for", "other");
        let other = desk.press("continue");
        let mut desk = Desk::filled(desk.browser);
        let early = desk.press("register");
        let unsigned = desk.press("register");
        (desk, other, early, unsigned)
    })
    .await;
    assert_eq!(other_asked.status, 200, "what is newly asked is no mistake yet");
    assert!(other_asked.text().contains("name=\"q-applicant_name\""));
    assert_eq!((early.status, unsigned.status), (422, 422));
    assert!(unsigned.text().contains("تأكيد التوقيع عليه هنا") && unsigned.text().contains("مسؤولية مباشرة"));
    // Nothing typed is lost; digits in any style; both calendars.
    let text = unsigned.text();
    for part in ["value=\"نورة بنت سعد القحطاني\"", "value=\"١٠٠٠٠٠٠٠٠٨\"", "٤ رجب ١٣٩٩", "٣٠ مايو ١٩٧٩"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(office.check().await.requests, 0, "nothing is stored before the end");

    let (mut desk, id) = blocking(move || {
        desk.set("declared", "yes");
        let first = desk.press("register");
        assert_eq!(first.status, 303, "{}", first.text());
        let again = desk.press("register");
        assert_eq!(again.header("location"), first.header("location"), "sent twice");
        let id: RequestId = first.header("location").unwrap().rsplit('/').next().unwrap().parse().unwrap();
        (desk, id)
    })
    .await;
    assert_eq!(office.check().await.requests, 1);
    let request = stored(&office, id).await;
    let number = request.tracking_number;
    assert_eq!((number.kiosk(), request.kiosk), (KioskNumber::DESK, KioskNumber::DESK));
    assert_eq!((request.channel.as_str(), request.received_on.to_string().as_str()), ("desk", "2026-11-01"));
    assert!(number.to_string().starts_with("0000"));

    // The same form with other answers is told so, and changes nothing.
    let changed = blocking(move || {
        desk.set("q-household", "5");
        let renewed = desk.press("register");
        assert_eq!(renewed.status, 422, "another declaration");
        assert!(renewed.text().contains("تغيّر شيء منذ عُرض الإقرار"));
        desk.press("register").status
    })
    .await;
    assert_eq!((changed, office.check().await.requests), (409, 1));

    // Kiosks hear of it like of any other, and would know its receipt.
    let keys = OfficeKeys::read(&office.config.data).unwrap();
    let code = receipt_code(keys.receipt_key(), number);
    let changes = kiosk.changes(None).await.changes;
    let [Change::Request { status, code_hash: hash }] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!((status.tracking_number, *hash), (number, code_hash(&code)));
    assert_eq!(status.standing.missing_documents(), ["family_record"]);

    let mut manager = office.browser(Role::Manager).await;
    blocking(move || {
        let mut scan = |text: String| manager.post_from("/", "/", &[("scan", &text)]);
        let answer = scan(to_eastern(&format!("{number}{}", code.as_str())));
        let place = format!("/requests/{id}");
        assert_eq!((answer.status, answer.header("location")), (303, Some(place.as_str())));
        let (_, foreign) = kiosk.receipt(number);
        assert_eq!(scan(format!("{number}{}", foreign.as_str())).status, 422, "another's code");
        assert_eq!(scan(format!("{number}{}", "0".repeat(20))).status, 422);
        let page = manager.get(&place).text();
        for part in ["مكتب الاستقبال", "وُقّع عليه بخط اليد", "<bdi>reception</bdi>"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(!page.contains("الكشك ٠٠٠٠") && !page.contains("رقم الكشك"), "the desk is no kiosk");
        assert!(!manager.get("/kiosks").text().contains("٠٠٠٠"));
        assert_eq!(manager.post_from("/kiosks", "/kiosks/0/revocation", &[]).status, 303);
        assert_eq!(manager.get("/kiosks/0/waiting").status, 404);
        let again = manager.post_from("/", "/", &[("scan", &format!("{number}{}", code.as_str()))]);
        assert_eq!(again.status, 303, "the desk can't be revoked");
    })
    .await;
    let summary = office.check().await;
    assert_eq!((summary.kiosks, summary.trail.as_str()), (1, "intact"));
}

#[tokio::test]
async fn the_desk_s_numbers_are_checked_like_others_and_never_given_twice() {
    let office = TestOffice::start().await;
    let browser = office.browser(Role::Researcher).await;
    let ids =
        blocking(move || (0..3).map(|_| Desk::filled(browser.clone()).register()).collect::<Vec<RequestId>>()).await;
    let mut numbers = Vec::new();
    for id in ids {
        numbers.push(stored(&office, id).await.tracking_number);
    }
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 3);
    for number in numbers {
        let digits = number.to_string();
        assert_eq!(TrackingNumber::parse(&digits), Ok(number));
        let mut wrong = digits.into_bytes();
        wrong[7] = b'0' + (wrong[7] - b'0' + 1) % 10;
        let wrong = String::from_utf8(wrong).unwrap();
        assert_eq!(TrackingNumber::parse(&wrong), Err(TrackingNumberError::CheckDigit));
    }
}

#[tokio::test]
async fn the_desk_s_receipt_is_printed_once_and_then_as_a_copy() {
    let office = TestOffice::start().await;
    let browser = office.browser(Role::Reception).await;
    let (id, done, first, second) = blocking(move || {
        let mut desk = Desk::filled(browser);
        let id = desk.register();
        let (place, receipt) = (format!("/register/{id}"), format!("/requests/{id}/receipt"));
        let done = desk.browser.get(&place);
        let first = desk.browser.post_from(&place, &receipt, &[]);
        (id, done, first, desk.browser.post_from(&place, &receipt, &[]))
    })
    .await;
    let number = stored(&office, id).await.tracking_number;
    assert!(done.text().contains(&number.grouped()) && done.text().contains("١٥ نوفمبر ٢٠٢٦"), "{}", done.text());
    assert!(done.text().contains("سجل الأسرة"), "what is still to be brought");
    let copy = "class=\"middle copy\"";
    assert!(!first.text().contains(copy) && first.text().contains("class=\"qr\""), "{}", first.text());
    assert!(second.text().contains(copy));
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let printed = prints::of_number(&mut database.read().await.unwrap(), number).await.unwrap();
    let printed: Vec<Printout> = printed.iter().map(|one| one.print.printout).collect();
    assert!(printed.contains(&Printout::Receipt) && printed.contains(&Printout::Copy) && printed.len() == 2);
}

#[tokio::test]
async fn by_telephone_the_declaration_is_read_out() {
    let office = TestOffice::start().await;
    let browser = office.browser(Role::Reception).await;
    let (id, page, receipt) = blocking(move || {
        let mut desk = Desk::filled(browser);
        desk.set("channel", "phone");
        desk.set("language", "en");
        let asked = desk.press("continue").text();
        assert!(!asked.contains("/register/declaration") && asked.contains("قُرئت الإجابات والإقرار"), "{asked}");
        assert!(asked.contains("I am directly responsible"), "in the beneficiary's language");
        let id = desk.register();
        let page = desk.browser.get(&format!("/requests/{id}")).text();
        let place = format!("/requests/{id}");
        let receipt = desk.browser.post_from(&place, &format!("{place}/receipt"), &[]).text();
        (id, page, receipt)
    })
    .await;
    let request = stored(&office, id).await;
    assert_eq!((request.channel.as_str(), request.language), (Channel::Phone.as_str(), Language::English));
    assert!(page.contains("قُرئ الإقرار بالهاتف") && page.contains("الهاتف"));
    assert!(receipt.contains("declared by telephone") && receipt.contains("dir=\"ltr\""));
}

#[tokio::test]
async fn the_declaration_is_printed_with_the_answers_before_anything_is_stored() {
    let office = TestOffice::start().await;
    let browser = office.browser(Role::Reception).await;
    let (unfinished, sheet) = blocking(move || {
        let mut desk = Desk::filled(browser);
        let unfinished = desk.post("/register/declaration", "").status;
        desk.set("language", "en");
        desk.press("continue");
        (unfinished, desk.post("/register/declaration", ""))
    })
    .await;
    assert_eq!(unfinished, 200, "the form again: its declaration hasn't been shown");
    let text = sheet.text();
    for part in [
        "نورة بنت سعد القحطاني",
        "١٠٠٠٠٠٠٠٠٨",
        "٤ رجب ١٣٩٩",
        "وأتحمّل مسؤولية مباشرة",
        "I am directly responsible",
        "إصدار الإقرار ١",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(office.check().await.requests, 0);
}

#[tokio::test]
async fn a_wrong_answer_is_named_beside_its_field_and_kept() {
    let office = TestOffice::start().await;
    let browser = office.browser(Role::Reception).await;
    blocking(move || {
        for (name, value, sentence) in [
            ("q-national_id", "1000000000", "تفضلوا بمقارنة الرقم بالبطاقة"),
            ("q-name", "<script>alert(1)</script>", "تفضلوا بكتابة الاسم كما هو في الهوية"),
            ("q-birth_date", "31/2/1990", "يرجى كتابة اليوم والشهر والسنة"),
            ("q-birth_date", "2090-01-01", "هذا التاريخ لم يأتِ بعد"),
            ("q-mobile", "12", "أوله"),
            ("q-household", "500", "عدد صحيح بين ١ و٢٠"),
            ("q-household", "many", "عدد صحيح بين ١ و٢٠"),
            ("q-category", "nonsense", "تفضلوا باختيار إجابة واحدة"),
            ("q-service", "nonsense", "تفضلوا باختيار إجابة واحدة"),
            ("d-id_card", "nonsense", "يرجى اختيار «حاضر» أو «فيما بعد»"),
        ] {
            let mut desk = Desk::filled(browser.clone());
            desk.set(name, value);
            let answer = desk.press("register");
            let text = answer.text();
            assert_eq!(answer.status, 422, "{name}={value}");
            assert!(text.contains(sentence), "{name}={value}: {text}");
            assert!(text.contains(&format!("href=\"#{name}\"")) && !text.contains("<script>alert"), "{text}");
            assert!(text.contains("value=\"نورة بنت سعد القحطاني\"") || name == "q-name", "the others are kept");
        }
        // Fields that no question has, and answers to questions that aren't asked, are nothing.
        let mut desk = Desk::filled(browser.clone());
        for (name, value) in
            [("q-no_such", "x"), ("q-applicant_name", "سعد القحطاني"), ("d-prison_letter", "with_me"), ("q-for-x", "1")]
        {
            desk.set(name, value);
        }
        let id = desk.register();
        let page = desk.browser.get(&format!("/requests/{id}")).text();
        assert!(!page.contains("سعد القحطاني</bdi>") || !page.contains("ما اسمكم الكريم؟"), "{page}");
        assert!(!page.contains("<span class=\"label\">خطاب من السجن"), "not among its documents");
        // No form of ours.
        let mut desk = Desk::filled(browser.clone());
        desk.set("form", "../../etc");
        assert_eq!(desk.press("continue").status, 403);
        let mut desk = Desk::filled(browser.clone());
        desk.set("q-name", &"x".repeat(70_000));
        assert_eq!(desk.press("continue").status, 403, "longer than any form");
    })
    .await;
}

#[tokio::test]
async fn the_same_number_is_taken_over_by_one_button() {
    let office = TestOffice::start().await;
    let browser = office.browser(Role::Reception).await;
    let page = blocking(move || {
        let mut desk = Desk::begin(browser);
        desk.set("q-for", "other");
        desk.set("q-applicant_mobile", "0512345678");
        assert!(desk.press("continue").text().contains("value=\"same-mobile\""));
        desk.press("same-mobile").text()
    })
    .await;
    assert_eq!(page.matches("value=\"0512345678\"").count(), 2, "{page}");
}

#[tokio::test]
async fn only_those_who_register_see_the_form() {
    let office = TestOffice::start().await;
    for (role, status) in [
        (Role::Reception, 200),
        (Role::Researcher, 200),
        (Role::Manager, 200),
        (Role::Administrator, 200),
        (Role::Committee, 403),
        (Role::Auditor, 403),
    ] {
        let mut browser = office.browser(role).await;
        let (seen, linked, forged, sheet) = blocking(move || {
            let seen = browser.get("/register").status;
            let linked = browser.get("/").text().contains("href=\"/register\"");
            let fields = [("form", "00000000000000000000000000000000"), ("step", "register")];
            let forged = browser.post_from("/", "/register", &fields).status;
            let sheet = browser.post_from("/", "/register/declaration", &fields).status;
            (seen, linked, forged, sheet)
        })
        .await;
        assert_eq!((seen, linked), (status, status == 200), "{role}");
        let refused = if status == 200 { (422, 200) } else { (403, 403) };
        assert_eq!((forged, sheet), refused, "{role}");
    }
    assert_eq!(office.check().await.requests, 0);
}

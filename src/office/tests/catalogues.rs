//! The catalogue's page: checked, shown with what it changes, published once, in force at once.

use super::desk::{Desk, hidden};
use super::support::*;
use crate::domain::catalogue::Catalogue;
use crate::domain::clock::SharedClock;
use crate::office::Server;
use crate::office::catalogue::with_version;
use crate::office::people::Role;
use crate::replication::wire::Change;

const FILE: &str = include_str!("../../../config/catalog.toml");

/// Questions of the kinds that the shipped form doesn't use.
const OTHER_KINDS: &str = r#"
[[question]]
id = "note"
kind = "text"
label = { ar = "ملاحظة", en = "Note" }
max = 40

[[question]]
id = "story"
kind = "text"
optional = true
label = { ar = "وصف الحال", en = "Story" }
max = 300

[[question]]
id = "income"
kind = "amount"
label = { ar = "الدخل", en = "Income" }

[[question]]
id = "account"
kind = "iban"
label = { ar = "الحساب", en = "Account" }

[[question]]
id = "works"
kind = "yes_no"
label = { ar = "عمل", en = "Work" }

[[question]]
id = "employer"
kind = "text"
label = { ar = "جهة العمل", en = "Employer" }
when = [{ question = "works", is = ["yes"] }]

[[question]]
id = "house"
kind = "multiple_choice"
label = { ar = "المسكن", en = "House" }
choices = [{ id = "owned", label = { ar = "ملك", en = "Owned" } }, { id = "rented", label = { ar = "إيجار", en = "Rented" } }]

[[question]]
id = "id_expiry"
kind = "date"
future = true
label = { ar = "انتهاء الهوية", en = "ID expiry" }
"#;

fn of_version(version: u32) -> String {
    with_version(FILE, version)
}

fn send(browser: &mut Browser, text: &str, step: &str, base: &str, seen: &str) -> Answer {
    let fields = [("text", text), ("step", step), ("base", base), ("seen", seen)];
    browser.post_from("/catalogue/edit", "/catalogue/edit", &fields)
}

/// Checks and publishes; the answer to the latter.
fn publish(browser: &mut Browser, text: &str) -> Answer {
    let base = hidden(&browser.get("/catalogue/edit").text(), "base");
    let preview = send(browser, text, "check", &base, "");
    assert_eq!(preview.status, 200, "{}", preview.text());
    let seen = hidden(&preview.text(), "seen");
    send(browser, text, "publish", &base, &seen)
}

async fn sent_to_kiosks(kiosk: &TestKiosk) -> String {
    let changes = kiosk.all_changes(None).await.changes;
    let text = changes.into_iter().find_map(|change| match change {
        Change::Catalogue { text } => Some(text),
        _ => None,
    });
    text.unwrap()
}

#[tokio::test]
async fn a_published_catalogue_is_in_force_at_once_here_and_goes_out_to_kiosks() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let mut manager = office.browser(Role::Manager).await;
    let new = format!("{}{OTHER_KINDS}", of_version(3)).replace("ما الخدمة المطلوبة؟", "أي خدمة تطلبون؟");
    let text = new.clone();
    let register = blocking(move || {
        let shown = manager.get("/catalogue").text();
        assert!(shown.contains("السلة الغذائية") && shown.contains("الإصدار ٢"), "{shown}");
        let edit = manager.get("/catalogue/edit").text();
        assert!(edit.contains("version = 3"), "the next version is proposed");
        // Browsers send two characters at each line's end.
        let lines = text.replace('\n', "\r\n");
        let preview = send(&mut manager, &lines, "check", "2", "").text();
        assert!(
            preview.contains("يُضاف: سؤال") && preview.contains(">income<") && preview.contains("يتغير: سؤال"),
            "{preview}"
        );
        assert_eq!(publish(&mut manager, &lines).header("location"), Some("/catalogue"));
        let page = manager.get("/catalogue").text();
        assert!(page.contains("الإصدار ٣") && page.contains("أي خدمة تطلبون؟") && page.contains("<bdi>manager</bdi>"));
        manager.get("/register").text()
    })
    .await;
    assert!(register.contains("أي خدمة تطلبون؟") && register.contains("q-income"));
    assert_eq!(sent_to_kiosks(&kiosk).await, new);
    assert_eq!(office.check().await.trail, "intact");
}

#[tokio::test]
async fn every_kind_of_question_is_asked_by_form() {
    let office = TestOffice::start().await;
    let mut manager = office.browser(Role::Manager).await;
    let page = blocking(move || {
        assert_eq!(publish(&mut manager, &format!("{}{OTHER_KINDS}", of_version(3))).status, 303);
        let mut desk = Desk::filled(manager);
        for (name, value) in [
            ("q-note", "<b>قرب المسجد</b>"),
            ("q-income", "٢٥٠٠"),
            ("q-account", "SA03 8000 0000 6080 1016 7519"),
            ("q-works", "yes"),
            ("q-house-rented", "yes"),
            ("q-house-nonsense", "yes"),
            ("q-id_expiry", "1455/01/01"),
        ] {
            desk.set(name, value);
        }
        let conditional = desk.press("continue");
        assert!(conditional.text().contains("name=\"q-employer\""), "{}", conditional.text());
        assert!(!conditional.text().contains("<b>قرب"));
        assert_eq!(desk.press("register").status, 422, "the employer is missing");
        desk.set("q-employer", &"ش".repeat(201));
        assert!(desk.press("register").text().contains("٢٠٠"), "too long");
        desk.set("q-employer", "شركة");
        let id = desk.register();
        desk.browser.get(&format!("/requests/{id}")).text()
    })
    .await;
    for part in [
        "&#60;b&#62;قرب المسجد",
        "٢٥٠٠ ريال",
        "SA0380000000608010167519",
        "<bdi>إيجار</bdi>",
        "شركة",
        "<bdi>نعم</bdi>",
        "١٤٥٥",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[tokio::test]
async fn a_catalogue_with_mistakes_is_never_published() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let mut manager = office.browser(Role::Manager).await;
    blocking(move || {
        let good = of_version(3);
        for (text, parts) in [
            (
                good.replacen("kind = \"name\"", "kind = \"nome\"", 1),
                vec!["kind", "<mark>kind = &#34;nome&#34;</mark>", "unknown variant"],
            ),
            (good.replacen("id = \"id_card\"", "id = \"Id Card\"", 1), vec!["the id of a document has 1 to 32"]),
            (format!("{good}\n[[service]\n"), vec!["<mark>[[service]</mark>"]),
            (
                good.replacen("documents = [\"id_card\"", "documents = [\"no_such\"", 1),
                vec!["there is no document `no_such`"],
            ),
            (of_version(2), vec!["الإصدار ٢ من قبل", "<mark>version = 2"]),
            (String::new(), vec!["missing field `version`"]),
            (format!("{good}# {}", "x".repeat(232_000)), vec!["أطول مما تقبله الأكشاك"]),
        ] {
            let answer = send(&mut manager, &text, "check", "2", "");
            let shown = answer.text();
            assert_eq!(answer.status, 422, "{parts:?}");
            for part in parts {
                assert!(shown.contains(part), "{part}: {}", &shown[..shown.len().min(6000)]);
            }
            assert!(!shown.contains("value=\"publish\""), "no button");
            assert_ne!(send(&mut manager, &text, "publish", "2", "").status, 303);
        }
        // Only what was shown with its changes is published.
        let seen = hidden(&send(&mut manager, &good, "check", "2", "").text(), "seen");
        let other = good.replace("ما الخدمة المطلوبة؟", "أي خدمة؟");
        assert_eq!(send(&mut manager, &other, "publish", "2", &seen).status, 200);
    })
    .await;
    assert_eq!(sent_to_kiosks(&kiosk).await, FILE);
}

#[tokio::test]
async fn the_later_of_two_managers_is_told() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let mut first = office.browser(Role::Manager).await;
    let mut second = office.browser(Role::Administrator).await;
    let ours = of_version(3).replace("ما الخدمة المطلوبة؟", "أي خدمة تطلبون؟");
    let text = ours.clone();
    blocking(move || {
        let theirs = of_version(3).replace("كم عدد أفراد الأسرة", "ما عدد أفراد الأسرة");
        let seen = hidden(&send(&mut second, &theirs, "check", "2", "").text(), "seen");
        let ours_seen = hidden(&send(&mut first, &text, "check", "2", "").text(), "seen");
        assert_eq!(send(&mut first, &text, "publish", "2", &ours_seen).status, 303);
        assert_eq!(send(&mut first, &text, "publish", "2", &ours_seen).status, 303, "the same form twice");
        for step in ["publish", "check"] {
            let late = send(&mut second, &theirs, step, "2", &seen);
            let shown = late.text();
            assert_eq!(late.status, 409, "{step}");
            assert!(shown.contains("الإصدار ٣") && shown.contains("ما عدد أفراد الأسرة"), "the text is kept");
            assert!(shown.contains("version = 4") && hidden(&shown, "base") == "3");
            assert!(shown.contains("يتغير: سؤال"), "what it would change of the other's");
        }
        assert_eq!(publish(&mut second, &with_version(&theirs, 4)).status, 303);
    })
    .await;
    assert_ne!(sent_to_kiosks(&kiosk).await, ours);
    assert_eq!(office.check().await.trail, "intact");
}

#[tokio::test]
async fn whoever_takes_away_what_requests_have_is_warned() {
    let office = TestOffice::start().await;
    let browser = office.browser(Role::Manager).await;
    let shown = blocking(move || {
        let mut desk = Desk::filled(browser);
        desk.register();
        let mut manager = desk.browser;
        let text = of_version(3)
            .replace("id = \"food_basket\"", "id = \"groceries\"")
            .replace("لمن هذا الطلب؟", "من صاحب الطلب؟")
            .replace("وأتحمّل مسؤولية مباشرة", "وأتحمّل المسؤولية المباشرة");
        send(&mut manager, &text, "check", "2", "").text()
    })
    .await;
    assert!(shown.contains("يُزال: خدمة") && shown.contains("عليه طلب واحد"), "{shown}");
    assert!(shown.contains("لم يزد رقم إصداره"), "the declaration has another text and the same version");
}

#[tokio::test]
async fn earlier_versions_are_read_and_begun_with_and_a_file_can_be_sent() {
    let office = TestOffice::start().await;
    let mut manager = office.browser(Role::Manager).await;
    blocking(move || {
        let new = of_version(3).replace("ما الخدمة المطلوبة؟", "أي خدمة تطلبون؟");
        assert_eq!(publish(&mut manager, &new).status, 303);
        let earlier = manager.get("/catalogue/versions/2").text();
        assert!(earlier.contains("ما الخدمة المطلوبة؟") && earlier.contains("/catalogue/edit?from=2"));
        let begun = manager.get("/catalogue/edit?from=2").text();
        assert!(begun.contains("ما الخدمة المطلوبة؟") && begun.contains("version = 4"));
        let file = manager.get("/catalogue/versions/3/file");
        assert!(file.header("content-disposition").unwrap().contains("catalog-3.toml"));
        assert_eq!(file.body, new.as_bytes());
        for path in ["/catalogue/versions/9", "/catalogue/versions/9/file", "/catalogue/edit?from=9"] {
            assert_eq!(manager.get(path).status, 404, "{path}");
        }
        let sent = manager.post_files_from(
            "/catalogue",
            "/catalogue/upload",
            &[("file", "c.toml", with_version(&new, 4).as_bytes())],
        );
        assert_eq!(sent.status, 200, "{}", sent.text());
        assert!(sent.text().contains("لا يتغير شيء سوى رقم الإصدار") && sent.text().contains("value=\"publish\""));
        let sent = manager.post_files_from("/catalogue", "/catalogue/upload", &[("file", "c", b"\xff\xfe")]);
        assert_eq!(sent.status, 422, "no text");
    })
    .await;
}

#[tokio::test]
async fn after_a_restart_the_newest_counts() {
    let office = TestOffice::start().await;
    let mut manager = office.browser(Role::Manager).await;
    let new = of_version(3).replace("ما الخدمة المطلوبة؟", "أي خدمة تطلبون؟");
    blocking(move || assert_eq!(publish(&mut manager, &new).status, 303)).await;
    let TestOffice { config, clock, server, _folder } = office;
    server.shutdown().await;
    let shared: SharedClock = clock.clone();
    let file = Catalogue::read(&config.catalogue).unwrap();
    assert_eq!(file.version, 2);
    let server = Server::start(&config, file, shared).await.unwrap();
    let office = TestOffice { config, clock, server, _folder };
    let mut manager = office.browser(Role::Manager).await;
    let page = blocking(move || manager.get("/catalogue").text()).await;
    assert!(page.contains("الإصدار ٣") && page.contains("أي خدمة تطلبون؟"), "{page}");
}

#[tokio::test]
async fn only_those_who_edit_the_catalogue_may() {
    let office = TestOffice::start().await;
    for role in [Role::Reception, Role::Researcher, Role::Committee, Role::Auditor] {
        let mut browser = office.browser(role).await;
        blocking(move || {
            for path in ["/catalogue", "/catalogue/edit", "/catalogue/versions/2", "/catalogue/versions/2/file"] {
                assert_eq!(browser.get(path).status, 403, "{role} {path}");
            }
            assert!(!browser.get("/").text().contains("href=\"/catalogue\""), "{role}");
            let fields = [("text", FILE), ("step", "check"), ("base", "2"), ("seen", "")];
            assert_eq!(browser.post_from("/", "/catalogue/edit", &fields).status, 403, "{role}");
            assert_eq!(
                browser.post_files_from("/", "/catalogue/upload", &[("file", "c", FILE.as_bytes())]).status,
                403,
                "{role}"
            );
        })
        .await;
    }
    let mut manager = office.browser(Role::Manager).await;
    let forged = blocking(move || {
        let fields = [("text", FILE), ("step", "check"), ("base", "2"), ("form_token", "00")];
        manager.post("/catalogue/edit", &fields).status
    })
    .await;
    assert_eq!(forged, 403);
}

//! A revoked kiosk, with real processes: it is told, serves nobody, and brings what it still holds before the staff.

use crate::support::browser::Browser;
use crate::support::{Workplace, registration};

#[test]
fn a_revoked_kiosk_sends_what_it_holds_and_serves_nobody() {
    let (workplace, office) = Workplace::open();
    let offline = ["--offline", "--no-print"];
    let answers = workplace.visit(&offline, &registration("نورة القحطاني"));
    let number = answers[0]["tracking_number"].as_str().unwrap().to_owned();

    let mut browser = Browser::signed_in(&office.staff);
    let token = browser.get("/kiosks").field("form_token");
    browser.post("/kiosks/1/revocation", &[("form_token", token)]);
    let visit = registration("سعد الشهري");
    assert!(workplace.failing_visit(&visit).contains("revoked this kiosk"));
    // It was told once: without a network, too, it serves nobody after a restart.
    office.end();
    let error = workplace.run(&["kiosk", "visit", "--offline", "--no-print", "--script", "-"], "kiosk.toml", &visit);
    assert!(String::from_utf8_lossy(&error.stdout).contains("revoked this kiosk"), "{error:?}");

    let kiosk = workplace.check("kiosk");
    assert_eq!(
        (&kiosk["requests"], &kiosk["acknowledged"]),
        (&1.into(), &3.into()),
        "opening, signature, request: {kiosk}"
    );
    assert_eq!(workplace.check("office")["requests"], 0);
    let office = workplace.start_office();
    let mut browser = Browser::signed_in(&office.staff);
    let page = browser.get("/kiosks/1/waiting");
    assert!(page.text.contains("نورة القحطاني"), "{}", page.text);
    let fields = [("form_token", page.field("form_token")), ("envelope", "all".into()), ("verdict", "admit".into())];
    browser.post("/kiosks/1/waiting", &fields);
    let at_office = workplace.check("office");
    assert_eq!((&at_office["requests"], &at_office["trail"]), (&1.into(), &"intact".into()), "{at_office}");
    let token = browser.get("/").field("form_token");
    let page = browser.post("/", &[("form_token", token), ("scan", number)]);
    assert!(page.text.contains("نورة القحطاني"), "{}", page.text);
    office.end();
}

//! Every kind of answer of the staff pages and of the status page bears the headers that browsers obey (`docs/asvs.md`, 3.2 to 3.5).

use super::support::*;
use crate::domain::record::Record;
use crate::office::people::Role;

const FIXED: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

fn bears_them(what: &str, status: u16, answer: &Answer) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text());
    for (name, value) in FIXED {
        assert_eq!(answer.header(name), Some(value), "{what}: {name}");
    }
    let policy = answer.header("content-security-policy").unwrap_or_default();
    for part in ["default-src 'none'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{what}: {policy}");
    let kept = answer.header("cache-control").unwrap_or_default();
    assert!(kept.contains("no-store") != what.contains("/static/"), "{what}: {kept}");
}

#[tokio::test]
async fn every_kind_of_answer_bears_the_security_headers() {
    let office = TestOffice::start_with(|config| config.public_listen = Some("127.0.0.1:0".parse().unwrap())).await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = kiosk.request(1_234_567);
    let sealed = kiosk.seal(&Record::Request(request.clone()));
    kiosk.send(&[sealed]).await.unwrap();
    let mut staff = office.browser(Role::Administrator).await;
    let mut public = Browser::at(office.server.public_address.unwrap());
    blocking(move || {
        let mut nobody = Browser::at(staff.address);
        bears_them("a way to sign in", 303, &nobody.get("/requests"));
        bears_them("a page for everybody", 200, &nobody.get("/sign-in"));
        bears_them("a script's question", 401, &nobody.get("/calls/open"));
        bears_them("/static/ file", 200, &nobody.get("/static/style.css"));
        bears_them("a form without its token", 403, &nobody.post("/sign-in", &[]));
        for (path, status) in [
            ("/", 200),
            ("/requests", 200),
            ("/requests?list=all", 200),
            ("/requests/export/csv?list=all", 200),
            ("/requests/export/xlsx?list=all", 200),
            ("/people", 200),
            ("/nothing/here", 404),
            ("/requests/00", 404),
            ("/static-nothing", 404),
        ] {
            bears_them(path, status, &staff.get(path));
        }
        bears_them("one request", 200, &staff.get(&format!("/requests/{}", request.id)));
        bears_them("a refused form", 422, &staff.post_from("/", "/", &[("scan", "1")]));
        bears_them("a form that is too large", 403, &staff.post("/language", &[("language", &"x".repeat(70_000))]));
        bears_them("a method that no route has", 405, &staff.post("/ratings", &[]));
        for (path, status) in [("/", 200), ("/static/status.css", 200), ("/nothing/here", 404), ("/t/1", 404)] {
            let answer = public.get(path);
            bears_them(path, if path.starts_with("/t/") { answer.status } else { status }, &answer);
        }
        bears_them(
            "a refused receipt",
            public.post("/", &[("number", "1")]).status,
            &public.post("/", &[("number", "1")]),
        );
    })
    .await;
}

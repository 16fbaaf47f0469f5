//! Every route and every role: who may, and who may not. A route that stands in no row fails the test, and so does a row
//! without its route.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::support::*;
use crate::domain::language::Language;
use crate::domain::record::Record;
use crate::language::Words;
use crate::office::people::{Permission, Role};

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// Also nobody signed in
    Anyone,
    /// Whoever is signed in
    Staff,
    /// Whoever is signed in; called by a page's script, which is told 401 instead of being sent to sign in
    Script,
    /// Whoever's role has the permission
    Holder(Permission),
}

use Permission::*;
use Who::{Anyone, Holder, Script, Staff};

/// Method, path as it stands in the router, and who may. **A new route gets its row here.**
const ROUTES: &[(&str, &str, Who)] = &[
    ("GET", "/", Staff),
    ("POST", "/", Staff),
    ("GET", "/sign-in", Anyone),
    ("POST", "/sign-in", Anyone),
    ("GET", "/sign-in/code", Anyone),
    ("POST", "/sign-in/code", Anyone),
    ("GET", "/sign-in/password", Anyone),
    ("POST", "/sign-in/password", Anyone),
    ("GET", "/sign-in/second-factor", Anyone),
    ("POST", "/sign-in/second-factor", Anyone),
    ("POST", "/sign-out", Anyone),
    ("GET", "/account", Staff),
    ("POST", "/account/password", Staff),
    ("GET", "/account/second-factor", Staff),
    ("POST", "/account/second-factor", Staff),
    ("POST", "/account/second-factor/confirmation", Staff),
    ("POST", "/account/sign-out", Staff),
    ("GET", "/people", Holder(ManagePeople)),
    ("POST", "/people", Holder(ManagePeople)),
    ("POST", "/people/{person}/role", Holder(ManagePeople)),
    ("POST", "/people/{person}/full-name", Holder(ManagePeople)),
    ("POST", "/people/{person}/disabling", Holder(ManagePeople)),
    ("POST", "/people/{person}/enabling", Holder(ManagePeople)),
    ("POST", "/people/{person}/password", Holder(ManagePeople)),
    ("POST", "/people/{person}/second-factor", Holder(ManagePeople)),
    ("POST", "/people/{person}/sign-out", Holder(ManagePeople)),
    ("POST", "/language", Anyone),
    ("GET", "/register", Holder(Register)),
    ("POST", "/register", Holder(Register)),
    ("POST", "/register/declaration", Holder(Register)),
    ("GET", "/register/{id}", Holder(Register)),
    ("GET", "/requests/{id}/corrections/{question}", Holder(Correct)),
    ("POST", "/requests/{id}/corrections/{question}", Holder(Correct)),
    ("GET", "/catalogue", Holder(EditCatalogue)),
    ("GET", "/catalogue/edit", Holder(EditCatalogue)),
    ("POST", "/catalogue/edit", Holder(EditCatalogue)),
    ("POST", "/catalogue/upload", Holder(EditCatalogue)),
    ("GET", "/catalogue/versions/{version}", Holder(EditCatalogue)),
    ("GET", "/catalogue/versions/{version}/file", Holder(EditCatalogue)),
    ("GET", "/requests", Staff),
    ("GET", "/requests/export/{kind}", Holder(Export)),
    ("POST", "/requests/bulk", Holder(BulkSteps)),
    ("POST", "/requests/bulk/done", Holder(BulkSteps)),
    ("POST", "/requests/bulk/session", Holder(HoldSessions)),
    ("GET", "/persons/doubles", Staff),
    ("GET", "/persons/{id}", Staff),
    ("GET", "/persons/{id}/beside/{other}", Staff),
    ("POST", "/persons/{id}/merge", Holder(MergePersons)),
    ("POST", "/persons/{id}/apart", Holder(MergePersons)),
    ("POST", "/persons/{id}/undo", Holder(MergePersons)),
    ("GET", "/requests/{id}", Staff),
    ("POST", "/requests/{id}/documents", Holder(VerifyDocuments)),
    ("POST", "/requests/{id}/session", Holder(HoldSessions)),
    ("POST", "/requests/{id}/objection", Holder(RecordObjection)),
    ("POST", "/requests/{id}/ending", Holder(EndRequest)),
    ("POST", "/requests/{id}/delivery", Holder(Deliver)),
    ("POST", "/requests/{id}/ready", Holder(Deliver)),
    ("GET", "/notices", Holder(CallPeople)),
    ("POST", "/notices/{request}/call", Holder(CallPeople)),
    ("POST", "/requests/{id}/notes", Holder(WriteNotes)),
    ("POST", "/requests/{id}/notes/{note}/withdrawal", Holder(WriteNotes)),
    ("POST", "/requests/{id}/uploads", Holder(VerifyDocuments)),
    ("GET", "/requests/{id}/uploads/{upload}", Staff),
    ("POST", "/requests/{id}/uploads/{upload}/removal", Holder(VerifyDocuments)),
    ("POST", "/requests/{id}/receipt", Holder(VerifyDocuments)),
    ("GET", "/sessions", Staff),
    ("POST", "/sessions", Holder(HoldSessions)),
    ("GET", "/sessions/{session}", Staff),
    ("POST", "/sessions/{session}/day", Holder(HoldSessions)),
    ("POST", "/sessions/{session}/members", Holder(HoldSessions)),
    ("POST", "/sessions/{session}/seal", Holder(HoldSessions)),
    ("GET", "/sessions/{session}/minutes", Staff),
    ("GET", "/sessions/{session}/cases", Holder(HoldSessions)),
    ("POST", "/sessions/{session}/cases", Holder(HoldSessions)),
    ("POST", "/sessions/{session}/cases/{request}/members", Holder(HoldSessions)),
    ("POST", "/sessions/{session}/cases/{request}/decision", Holder(Decide)),
    ("POST", "/sessions/{session}/cases/{request}/off", Holder(HoldSessions)),
    ("GET", "/ratings", Staff),
    ("GET", "/suggestions", Staff),
    ("POST", "/suggestions/{id}/erasure", Holder(AnswerPrivacyAsks)),
    ("GET", "/calls", Staff),
    ("GET", "/calls/open", Script),
    ("POST", "/calls/{id}/coming", Staff),
    ("GET", "/kiosks", Staff),
    ("POST", "/kiosks/{number}/revocation", Holder(ManageKiosks)),
    ("GET", "/kiosks/{number}/waiting", Staff),
    ("POST", "/kiosks/{number}/waiting", Holder(ManageKiosks)),
    ("GET", "/privacy", Holder(AnswerPrivacyAsks)),
    ("POST", "/privacy", Holder(AnswerPrivacyAsks)),
    ("GET", "/privacy/asks/{id}", Holder(AnswerPrivacyAsks)),
    ("POST", "/privacy/asks/{id}/identity", Holder(AnswerPrivacyAsks)),
    ("POST", "/privacy/asks/{id}/answer", Holder(AnswerPrivacyAsks)),
    ("POST", "/privacy/asks/{id}/erasure", Holder(AnswerPrivacyAsks)),
    ("GET", "/privacy/retention", Holder(AnswerPrivacyAsks)),
    ("POST", "/privacy/retention/{id}", Holder(AnswerPrivacyAsks)),
    ("GET", "/persons/{id}/data", Holder(AnswerPrivacyAsks)),
    ("GET", "/persons/{id}/data.json", Holder(AnswerPrivacyAsks)),
    ("GET", "/clock", Holder(ConfirmDay)),
    ("POST", "/clock/confirmation", Holder(ConfirmDay)),
    ("POST", "/clock/void", Holder(DeclareVoid)),
    ("GET", "/trail", Holder(ReadTrail)),
    ("POST", "/trail/verification", Holder(ReadTrail)),
    ("GET", "/findings", Holder(ManagePeople)),
    ("POST", "/findings/{id}", Holder(ManagePeople)),
    ("POST", "/invites", Holder(ManageKiosks)),
    ("POST", "/knocks/{id}/admission", Holder(ManageKiosks)),
    ("GET", "/static/{file}", Anyone),
];

/// Those whose form carries files (`multipart/form-data`).
const WITH_FILES: &[&str] = &["/requests/{id}/uploads", "/catalogue/upload"];

/// What the test puts into a path; `request` is one that is there.
fn filled(path: &str, request: &str) -> String {
    let id = if path.starts_with("/requests/") { request } else { "00000000000000000000000000000000" };
    let mut filled = String::new();
    for part in path.split_inclusive('/') {
        let name = part.trim_end_matches('/');
        let value = match name {
            "{file}" => "style.css",
            "{number}" => "1",
            "{kind}" => "csv",
            name if name.starts_with('{') => id,
            name => name,
        };
        filled.push_str(value);
        filled.push_str(&part[name.len()..]);
    }
    filled
}

/// Method and path of each `.route("…", get(…).post(…))` below a folder.
fn routes_in(folder: &Path, found: &mut BTreeSet<(&'static str, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            routes_in(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for call in text.split(".route(").skip(1) {
            // Up to the parenthesis that ends the call.
            let mut depth = 1;
            let end = call.find(|c| {
                depth += match c {
                    '(' => 1,
                    ')' => -1,
                    _ => 0,
                };
                depth == 0
            });
            let call = &call[..end.unwrap()];
            let route = call.split('"').nth(1).unwrap_or_else(|| panic!("{}: {call}", path.display()));
            let methods: Vec<&'static str> =
                [("get(", "GET"), ("post(", "POST"), ("put(", "PUT"), ("delete(", "DELETE")]
                    .into_iter()
                    .filter(|(word, _)| {
                        let mut before = call.match_indices(word).map(|(at, _)| call[..at].chars().next_back());
                        before.any(|before| before.is_none_or(|c| !c.is_alphanumeric() && c != '_'))
                    })
                    .map(|(_, method)| method)
                    .collect();
            assert!(!methods.is_empty(), "{}: {call}", path.display());
            found.extend(methods.into_iter().map(|method| (method, route.to_owned())));
        }
    }
}

#[test]
fn every_route_has_its_row() {
    let mut in_sources = BTreeSet::new();
    routes_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/office/http"), &mut in_sources);
    let in_table: BTreeSet<_> = ROUTES.iter().map(|(method, path, _)| (*method, (*path).to_owned())).collect();
    assert_eq!(in_table.len(), ROUTES.len(), "a route stands in the table twice");
    let missing: Vec<_> = in_sources.difference(&in_table).collect();
    let gone: Vec<_> = in_table.difference(&in_sources).collect();
    assert!(missing.is_empty() && gone.is_empty(), "without a row: {missing:?}; without a route: {gone:?}");
}

fn call(browser: &mut Browser, method: &str, path: &str, place: &str) -> Answer {
    match method {
        "GET" => browser.get(place),
        _ if WITH_FILES.contains(&path) => browser.post_files_from("/", place, &[]),
        _ => browser.post_from("/", place, &[]),
    }
}

/// Posts without the token, and with one of another session, change nothing: they are refused before anything is looked at.
#[tokio::test]
async fn no_route_takes_a_form_without_its_token() {
    const BOUNDARY: &str = "a-boundary";
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = kiosk.request(1_234_567);
    let envelope = kiosk.seal(&Record::Request(request.clone()));
    kiosk.send(&[envelope]).await.unwrap();
    let id = request.id.to_string();
    let refusal = Words::of(Language::Arabic).get("office-refused-stale-form");
    let entries = async || {
        let mut reading = office.server.office().database.read().await.unwrap();
        sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM trail").fetch_one(&mut *reading).await.unwrap()
    };
    for role in Role::ALL {
        let mut browser = office.browser(role).await;
        let other = office.browser(role).await;
        let (id, refusal) = (id.clone(), refusal.clone());
        let before = entries().await;
        blocking(move || {
            let mut other = other;
            let page = other.get("/").text();
            let foreign = page.split_once("name=\"form_token\" value=\"").unwrap().1.split('"').next().unwrap();
            for (method, path, who) in ROUTES {
                let may = if let Holder(permission) = who { role.may(*permission) } else { true };
                if *method != "POST" || !may {
                    continue;
                }
                let place = filled(path, &id);
                for token in [None, Some(""), Some(foreign)] {
                    let answer = if WITH_FILES.contains(path) {
                        let part = token.map(|token| {
                            format!(
                                "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"form_token\"\r\n\r\n{token}\r\n"
                            )
                        });
                        let body = format!("{}--{BOUNDARY}--\r\n", part.unwrap_or_default());
                        browser.post_body(&place, &format!("multipart/form-data; boundary={BOUNDARY}"), body.as_bytes())
                    } else {
                        let fields: Vec<(&str, &str)> = token.map(|token| ("form_token", token)).into_iter().collect();
                        browser.post(&place, &fields)
                    };
                    let is_refused = answer.status == 403 && answer.text().contains(&refusal);
                    assert!(is_refused, "{role} {path} {token:?}: {} {}", answer.status, answer.text());
                }
            }
        })
        .await;
        assert_eq!(entries().await, before, "{role}: something was done");
    }
}

#[tokio::test]
async fn each_role_is_let_in_where_the_table_says_so_and_nowhere_else() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = kiosk.request(1_234_567);
    let envelope = kiosk.seal(&Record::Request(request.clone()));
    kiosk.send(&[envelope]).await.unwrap();
    let id = request.id.to_string();
    let refusal = Words::of(Language::Arabic).get("office-refused-role");
    for role in Role::ALL {
        let mut browser = office.browser(role).await;
        let (id, refusal) = (id.clone(), refusal.clone());
        blocking(move || {
            for (method, path, who) in ROUTES {
                let place = filled(path, &id);
                let answer = call(&mut browser, method, path, &place);
                let (status, text) = (answer.status, answer.text());
                let refused = text.contains(&refusal);
                let may = match who {
                    Holder(permission) => role.may(*permission),
                    _ => true,
                };
                assert!(status < 500 && status != 405, "{role} {method} {path}: {status}");
                if may {
                    let sent_away = status == 303 && answer.header("location") == Some("/sign-in");
                    assert!(!refused, "{role} {method} {path} was refused: {status}");
                    if *who != Anyone {
                        assert!(status != 401, "{role} {method} {path} was refused: {status}");
                        assert!(!sent_away || path.ends_with("/sign-out"), "{role} {method} {path} was sent away");
                    }
                } else {
                    assert!(status == 403 && refused, "{role} {method} {path} was let in: {status}");
                }
                // Some forms end the session.
                if browser.get("/suggestions").status == 303 {
                    browser = Browser::at(browser.address).signed_in(role.as_str(), PASSWORD);
                }
            }
        })
        .await;
    }
    let address = office.server.staff_address;
    blocking(move || {
        for (method, path, who) in ROUTES {
            let place = filled(path, &id);
            let mut nobody = Browser::at(address);
            let answer = match *method {
                "GET" => nobody.get(&place),
                _ => nobody.post(&place, &[]),
            };
            let sent_to_sign_in = answer.status == 303 && answer.header("location") == Some("/sign-in");
            match who {
                // Half-way pages send whoever isn't there back to the beginning.
                Anyone => assert!(answer.status < 500, "{method} {path}: {}", answer.status),
                Script => assert_eq!(answer.status, 401, "{method} {path}"),
                Staff | Holder(_) => assert!(sent_to_sign_in, "{method} {path} was open to nobody: {}", answer.status),
            }
        }
    })
    .await;
    assert_eq!(office.check().await.trail, "intact");
}

//! People and their requests, work lists, searches, files of lists, and one step for many requests.

use chrono::TimeDelta;

use super::support::*;
use crate::domain::answers::Answer as Given;
use crate::domain::catalogue::Catalogue;
use crate::domain::digits::to_eastern;
use crate::domain::name::PersonName;
use crate::domain::national_id::NationalId;
use crate::domain::record::Record;
use crate::domain::request::{Request, RequestId};
use crate::domain::tracking_number::TrackingNumber;
use crate::office::database::Database;
use crate::office::database::trail::Actor;
use crate::office::database::{committee_cases, committee_sessions, notes, persons};
use crate::office::people::Role;

/// The id with these digits in it whose check digit is right.
fn national_id(number: u32) -> String {
    let mut ids = (0..10).map(|check| format!("1{number:08}{check}"));
    ids.find(|id| NationalId::parse(id).is_ok()).unwrap()
}

/// A request of somebody, with answers as they were typed.
fn request_of(kiosk: &TestKiosk, random_part: u32, answers: &[(&str, &str)]) -> Request {
    let mut request = kiosk.request(random_part);
    let catalogue = Catalogue::read(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/config/catalog.toml")));
    let catalogue = catalogue.unwrap();
    let today = "2026-11-01".parse().unwrap();
    for (question, raw) in answers {
        request.answers.set(question, catalogue.question(question).unwrap().parse(&catalogue, raw, today).unwrap());
    }
    request
}

async fn send(kiosk: &mut TestKiosk, requests: &[Request]) {
    for requests in requests.chunks(50) {
        let sealed: Vec<Vec<u8>> =
            requests.iter().map(|request| kiosk.seal(&Record::Request(request.clone()))).collect();
        kiosk.send(&sealed).await.unwrap();
    }
}

/// The requests that a page links to, in its order.
fn listed(text: &str) -> Vec<String> {
    let links = text.split("<th scope=\"row\"><a href=\"/requests/").skip(1);
    links.map(|rest| rest[..32].to_owned()).collect()
}

fn person_of(text: &str) -> String {
    let mut ids = text.split("href=\"/persons/").skip(1).filter_map(|rest| rest.split('"').next());
    ids.find(|id| id.len() == 32).unwrap().to_owned()
}

/// The ids of the first two whom a page offers to see side by side.
fn beside(text: &str) -> (String, String) {
    let (one, other) = text.split_once("/beside/").unwrap();
    (one.rsplit('/').next().unwrap().to_owned(), other[..32].to_owned())
}

async fn search(browser: &Browser, text: &str) -> Vec<String> {
    let mut browser = browser.clone();
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let page = blocking(move || browser.get(&format!("/requests?q={encoded}"))).await;
    assert_eq!(page.status, 200);
    listed(&page.text())
}

/// Every entry of the trail, as it stands in the database.
async fn trail_text(office: &TestOffice) -> String {
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let mut reading = database.read().await.unwrap();
    let entries: Vec<(String, String, String)> =
        sqlx::query_as("SELECT action, subject, details FROM trail ORDER BY number")
            .fetch_all(&mut *reading)
            .await
            .unwrap();
    drop(reading);
    database.close().await;
    entries.into_iter().map(|(action, subject, details)| format!("{action}|{subject}|{details}\n")).collect()
}

#[tokio::test]
async fn a_person_has_all_requests_of_one_national_id() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let (nora, saad) = (national_id(1), national_id(2));
    let of =
        |random: u32, id: &str, service: &str| request_of(&kiosk, random, &[("national_id", id), ("service", service)]);
    let requests =
        [of(1, &nora, "food_basket"), of(2, &nora, "rent"), of(3, &nora, "food_basket"), of(4, &saad, "rent")];
    send(&mut kiosk, &requests).await;
    let mut browser = office.browser(Role::Reception).await;
    let ids = requests.clone().map(|request| request.id.to_string());
    let person = blocking(move || {
        let page = browser.get(&format!("/requests/{}", ids[0])).text();
        assert!(page.contains("طلبان آخران لهذا المستفيد"), "{page}");
        let same = page.split_once("للخدمة نفسها").unwrap().1.split("</ul>").next().unwrap().to_owned();
        assert!(same.contains(&ids[2]) && !same.contains(&ids[1]) && !same.contains(&ids[3]));
        assert!(!browser.get(&format!("/requests/{}", ids[1])).text().contains("للخدمة نفسها"));
        assert!(browser.get(&format!("/requests/{}", ids[3])).text().contains("لا طلبات أخرى"));
        let person = person_of(&page);
        let file = browser.get(&format!("/persons/{person}"));
        let mut found = listed(&file.text());
        found.sort();
        let mut hers = ids[..3].to_vec();
        hers.sort();
        assert_eq!(found, hers);
        assert_eq!(browser.get("/persons/00").status, 404);
        person
    })
    .await;
    assert!(trail_text(&office).await.contains(&format!("person opened|{person}|")));
}

/// Two requests of somebody whose id was typed in two ways, and of a third person with another name.
async fn doubles(office: &TestOffice) -> [Request; 3] {
    let mut kiosk = TestKiosk::enrol(office, 1).await;
    let of = |random, id: u32, name, birth| {
        request_of(&kiosk, random, &[("national_id", &national_id(id)), ("name", name), ("birth_date", birth)])
    };
    let requests = [
        of(1, 11_000_000, "نورة بنت عبد الله القحطاني", "1980-05-04"),
        of(2, 22_000_000, "نوره عبدالله القحطانى", "1980-05-04"),
        of(3, 33_000_000, "نورة سعد العسيري", "1980-05-04"),
    ];
    send(&mut kiosk, &requests[..1]).await;
    send(&mut kiosk, &requests[1..]).await;
    requests
}

#[tokio::test]
async fn doubles_are_merged_by_a_person_and_taken_apart_again() {
    let office = TestOffice::start().await;
    let requests = doubles(&office).await;
    let ids = requests.map(|request| request.id.to_string());
    let mut reception = office.browser(Role::Reception).await;
    let mut researcher = office.browser(Role::Researcher).await;
    let mut auditor = office.browser(Role::Auditor).await;
    blocking(move || {
        let list = researcher.get("/persons/doubles").text();
        assert_eq!(list.matches("/beside/").count(), 1, "{list}");
        let (one, other) = &beside(&list);
        let beside = format!("/persons/{one}/beside/{other}");
        let page = researcher.get(&beside).text();
        assert!(page.contains(&ids[0]) && page.contains(&ids[1]) && !page.contains(&ids[2]));
        let merge = format!("/persons/{one}/merge");
        for browser in [&mut reception, &mut auditor] {
            assert!(!browser.get(&beside).text().contains("/merge"));
            assert_eq!(browser.post_from("/", &merge, &[("other", other)]).status, 403);
        }
        let before = [one, other].map(|id| listed(&researcher.get(&format!("/persons/{id}")).text()));
        assert_eq!(researcher.post_from("/", &merge, &[("other", one)]).status, 409, "with itself");
        assert_eq!(researcher.post_from("/", &merge, &[("other", "00")]).status, 404);
        for _ in 0..2 {
            assert_eq!(researcher.post_from(&beside, &merge, &[("other", other)]).status, 303);
        }
        let file = researcher.get(&format!("/persons/{one}")).text();
        assert_eq!(listed(&file).len(), 2);
        let moved = researcher.get(&format!("/persons/{other}"));
        assert_eq!(moved.header("location"), Some(format!("/persons/{one}").as_str()));
        assert!(!researcher.get("/persons/doubles").text().contains("/beside/"), "settled");
        let back = format!("/persons/{other}/merge");
        assert_eq!(researcher.post_from("/", &back, &[("other", one)]).status, 409, "not in a circle");
        let undo = format!("/persons/{one}/undo");
        assert_eq!(reception.post_from("/", &undo, &[("part", other)]).status, 403);
        for _ in 0..2 {
            assert_eq!(researcher.post_from("/", &undo, &[("part", other)]).status, 303);
        }
        let after = [one, other].map(|id| listed(&researcher.get(&format!("/persons/{id}")).text()));
        assert_eq!(after, before);
        assert!(researcher.get("/persons/doubles").text().contains("/beside/"), "proposed again");
        assert_eq!(reception.post_from("/", &format!("/persons/{one}/apart"), &[("other", other)]).status, 403);
        let apart = format!("/persons/{one}/apart");
        assert_eq!(researcher.post_from(&beside, &apart, &[("other", other)]).status, 303);
        assert!(!researcher.get("/persons/doubles").text().contains("/beside/"));
    })
    .await;
    let trail = trail_text(&office).await;
    for action in ["persons merged|", "merge taken back|", "persons told apart|"] {
        assert_eq!(trail.matches(action).count(), 1, "{action}");
    }
    assert!(!trail.contains("نور") && office.check().await.trail == "intact");
}

#[tokio::test]
async fn what_comes_later_goes_to_the_merged_file_and_back_to_its_own() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let of = |random, id: u32| request_of(&kiosk, random, &[("national_id", &national_id(id))]);
    let requests = [of(1, 1), of(2, 2), of(3, 3), of(4, 3), of(5, 1)];
    let database = Database::open(&office.config.database_path()).await.unwrap();
    send(&mut kiosk, &requests[..3]).await;
    let person = async |request: &Request| {
        persons::of_request(&mut database.read().await.unwrap(), request.id).await.unwrap().unwrap()
    };
    let [one, two, three] = [person(&requests[0]).await, person(&requests[1]).await, person(&requests[2]).await];
    let mut writing = database.write().await.unwrap();
    let now = at("2026-11-02T08:00:00Z");
    assert!(persons::doubles::merge(&mut writing, &two, &three, now).await.unwrap());
    let two = persons::by_number(&mut writing, two.number).await.unwrap().unwrap();
    assert!(persons::doubles::merge(&mut writing, &one, &two, now).await.unwrap());
    writing.commit().await.unwrap();
    send(&mut kiosk, &requests[3..]).await;
    for request in &requests {
        assert_eq!(person(request).await.number, one.number);
    }
    let mut writing = database.write().await.unwrap();
    let two = persons::by_number(&mut writing, two.number).await.unwrap().unwrap();
    assert!(persons::doubles::undo(&mut writing, &two).await.unwrap());
    writing.commit().await.unwrap();
    for (request, number) in requests.iter().zip([one.number, two.number, two.number, two.number, one.number]) {
        assert_eq!(person(request).await.number, number, "the file in it stays in it");
    }
    let mut writing = database.write().await.unwrap();
    let three = persons::by_number(&mut writing, three.number).await.unwrap().unwrap();
    assert!(persons::doubles::undo(&mut writing, &three).await.unwrap());
    writing.commit().await.unwrap();
    assert_eq!(person(&requests[3]).await.number, three.number);
    assert_eq!(person(&requests[1]).await.number, two.number);
    database.close().await;
}

#[tokio::test]
async fn a_lost_receipt_is_found_by_person_however_it_is_typed() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let (nora, saad) = (national_id(84_523_671), national_id(55_512_345));
    let requests = [
        request_of(
            &kiosk,
            7_654_321,
            &[("national_id", &nora), ("name", "نورة بنت عبد الرحمن الأحمري"), ("mobile", "0512345678")],
        ),
        request_of(&kiosk, 1_111_111, &[("national_id", &saad), ("name", "سعد عائض"), ("mobile", "0598765432")]),
    ];
    send(&mut kiosk, &requests).await;
    let browser = office.browser(Role::Reception).await;
    let number = requests[0].tracking_number;
    let (first, second) = (requests[0].id.to_string(), requests[1].id.to_string());
    for found in [
        "نورة",
        "نوره الاحمري",
        "عبدالرحمن",
        "عبد الرحمن",
        "الأحمرى نُورَة",
        "احمري",
        "نور عبد",
        &number.to_string(),
        &number.grouped(),
        &number.grouped_eastern(),
        &number.to_string()[4..],
        &number.to_string()[8..],
        &to_eastern(&number.to_string()[..9]),
        &nora,
        &to_eastern(&nora[..6]),
        "0512345678",
        "٠٥١٢٣٤",
        "+966 51 234 5678",
        "512345678",
        "نورة 0512",
    ] {
        let found_ids = search(&browser, found).await;
        assert!(found_ids.contains(&first), "{found}: {found_ids:?}");
    }
    assert_eq!(search(&browser, "سعد عايض").await, std::slice::from_ref(&second));
    for nothing in [
        "نورة سعد",
        "نورة 9876",
        "خالد",
        "' OR '1'='1",
        "%",
        "_____",
        "x%' --",
        "00000000",
        "ا",
        "12",
        "\u{202e}",
        "*",
        "\"نورة",
        "نورة' UNION SELECT",
    ] {
        let ids = search(&browser, nothing).await;
        assert!(ids.is_empty() || nothing == "\"نورة", "{nothing}: {ids:?}");
    }
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let mut writing = database.write().await.unwrap();
    let (note, now) = (notes::NoteId::random(), at("2026-11-02T08:00:00Z"));
    notes::add(&mut writing, requests[1].id, note, &Actor::Command, "زيارة منزلية يوم الثلاثاء", now).await.unwrap();
    writing.commit().await.unwrap();
    assert_eq!(search(&browser, "منزليه").await, [second]);
    let mut writing = database.write().await.unwrap();
    assert!(notes::withdraw(&mut writing, requests[1].id, note, &Actor::Command, now).await.unwrap());
    writing.commit().await.unwrap();
    database.close().await;
    assert!(search(&browser, "منزليه").await.is_empty() && !search(&browser, "سعد").await.is_empty());
    let trail = trail_text(&office).await;
    assert!(trail.contains("list searched|requests|") && trail.contains("\"searched\":{\"numbers\":1,\"words\":1}"));
    for secret in ["نور", "0512", "51234", &nora[..6], "احمري"] {
        assert!(!trail.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn what_nothing_says_any_more_finds_nobody() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let id = national_id(7);
    let of = |random, name: &str| request_of(&kiosk, random, &[("national_id", &id), ("name", name)]);
    let requests = [of(1, "هند الشهري"), of(2, "هند الدوسري")];
    send(&mut kiosk, &requests).await;
    let browser = office.browser(Role::Reception).await;
    assert_eq!(search(&browser, "شهري").await.len(), 2, "the person is found by each name");
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let set = async |request: &Request, answers: &str| {
        let mut writing = database.write().await.unwrap();
        sqlx::query("UPDATE request SET answers = $2 WHERE id = $1")
            .bind(request.id.to_string())
            .bind(answers)
            .execute(&mut *writing)
            .await
            .unwrap();
        persons::refresh(&mut writing, request.id).await.unwrap();
        writing.commit().await.unwrap();
    };
    set(&requests[0], "{}").await;
    assert_eq!(search(&browser, "شهري").await, Vec::<String>::new());
    assert_eq!(search(&browser, "دوسري").await.len(), 2);
    // Corrected: it was somebody else's id.
    let mut corrected = requests[1].answers.clone();
    corrected.set("national_id", Given::NationalId(NationalId::parse(&national_id(8)).unwrap()));
    corrected.set("name", Given::Name(PersonName::parse("هدى الدوسري").unwrap()));
    set(&requests[1], &serde_json::to_string(&corrected).unwrap()).await;
    assert_eq!(search(&browser, "هدى").await, [requests[1].id.to_string()]);
    for gone in ["هند", id.as_str()] {
        assert_eq!(search(&browser, gone).await, Vec::<String>::new(), "{gone}");
    }
    let rest: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM beneficiary WHERE national_id = $1 OR name_words LIKE '%هند%'")
            .bind(&id)
            .fetch_one(&mut *database.read().await.unwrap())
            .await
            .unwrap();
    assert_eq!(rest, 0);
    database.close().await;
}

#[tokio::test]
async fn filters_narrow_together_and_lists_sort_both_ways() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let names = ["بدر سالم", "أحمد سالم", "جابر سالم", "ابراهيم سالم"];
    let services = ["rent", "rent", "clothes", "rent"];
    let mut requests = Vec::new();
    for (place, (name, service)) in names.into_iter().zip(services).enumerate() {
        let category = if place == 1 { "widow" } else { "elderly" };
        requests.push(request_of(
            &kiosk,
            100 + place as u32,
            &[
                ("national_id", &national_id(place as u32)),
                ("name", name),
                ("service", service),
                ("category", category),
            ],
        ));
    }
    send(&mut kiosk, &requests[..2]).await;
    office.clock.advance(TimeDelta::days(3));
    send(&mut kiosk, &requests[2..]).await;
    let mut browser = office.browser(Role::Auditor).await;
    blocking(move || {
        let ids: Vec<String> = requests.iter().map(|request| request.id.to_string()).collect();
        let mut get = |query: &str| {
            let page = browser.get(&format!("/requests?{query}"));
            assert_eq!(page.status, 200, "{query}");
            let mut places: Vec<usize> =
                listed(&page.text()).iter().map(|id| ids.iter().position(|other| other == id).unwrap()).collect();
            if !query.contains("sort") {
                places.sort();
            }
            places
        };
        assert_eq!(get("service=rent"), [0, 1, 3]);
        assert_eq!(get("service=rent&category=elderly"), [0, 3]);
        assert_eq!(get("service=rent&category=elderly&from=2026-11-02"), [3]);
        assert_eq!(get("service=rent&to=2026-11-01&list=new"), [0, 1]);
        assert_eq!(get("kiosk=1&channel=kiosk&beneficiary=external&stage=under_study"), [0, 1, 2, 3]);
        assert_eq!(get("kiosk=2"), Vec::<usize>::new());
        assert_eq!(get("service=rent'%20OR%20'1'='1"), Vec::<usize>::new());
        assert_eq!(get("list=delivered"), Vec::<usize>::new());
        assert_eq!(get("q=%D8%B3%D8%A7%D9%84%D9%85&service=clothes"), [2]);
        assert_eq!(get("sort=name&way=up"), [3, 1, 0, 2], "by the folded name");
        assert_eq!(get("sort=name&way=down"), [2, 0, 1, 3]);
        assert_eq!(get("sort=service&way=up")[0], 2);
        assert_eq!(get("sort=received&way=up&q=%D8%A7%D8%AD%D9%85%D8%AF"), [1]);
        let up = get("sort=number&way=up");
        let mut down = get("sort=number&way=down");
        down.reverse();
        assert_eq!(up, down);
        for list in ["ready", "forks", "objections", "not_reached", "incomplete", "nonsense"] {
            for sort in ["number", "name", "service", "received", "stage", "nonsense"] {
                get(&format!("list={list}&sort={sort}&way=down&after={}", "0".repeat(32)));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn pages_show_each_row_once_while_rows_are_added() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let mut next = 0;
    let mut some = |kiosk: &TestKiosk, count: u32| -> Vec<Request> {
        (0..count)
            .map(|_| {
                next += 1;
                let name = ["سالم علي", "بدر علي", "تركي علي"][next as usize % 3];
                request_of(kiosk, next * 7919, &[("national_id", &national_id(next)), ("name", name)])
            })
            .collect()
    };
    let there = some(&kiosk, 60);
    send(&mut kiosk, &there).await;
    let mut wanted: Vec<String> = there.iter().map(|request| request.id.to_string()).collect();
    wanted.sort();
    let browser = office.browser(Role::Auditor).await;
    for sort in ["received", "number", "name", "service", "stage"] {
        for way in ["up", "down"] {
            let mut browser = browser.clone();
            let mut address = Some(format!("/requests?sort={sort}&way={way}"));
            let mut seen = Vec::new();
            let mut pages: Vec<Vec<String>> = Vec::new();
            let mut last = String::new();
            while let Some(path) = address {
                let text = blocking({
                    let mut browser = browser.clone();
                    move || browser.get(&path).text()
                })
                .await;
                pages.push(listed(&text));
                seen.extend(listed(&text));
                last = text.clone();
                address = link_of(&text, "الصفحة التالية");
                // Behind the last page nothing comes any more, so that the way back is known.
                if address.is_some() {
                    let more = some(&kiosk, 2);
                    send(&mut kiosk, &more).await;
                }
            }
            let unique: std::collections::BTreeSet<&String> = seen.iter().collect();
            assert_eq!(unique.len(), seen.len(), "{sort} {way}: nothing twice");
            assert!(wanted.iter().all(|id| unique.contains(id)), "{sort} {way}: nothing left out");
            // And the whole way back.
            let back = link_of(&last, "الصفحة السابقة").unwrap();
            let text = blocking(move || browser.get(&back).text()).await;
            let before = &pages[pages.len() - 2];
            assert!(before.iter().all(|id| !pages[pages.len() - 1].contains(id)));
            assert_eq!(listed(&text).len(), 25);
            assert_eq!(listed(&text).last(), before.last(), "{sort} {way}");
        }
    }
}

fn link_of(text: &str, label: &str) -> Option<String> {
    let end = text.find(&format!("\">{label}</a>"))?;
    text[..end].rsplit_once("href=\"").map(|(_, address)| address.replace("&#38;", "&"))
}

#[tokio::test]
async fn a_list_goes_away_as_a_file_of_plain_cells() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let mut requests: Vec<Request> = (0..603)
        .map(|number| {
            let id = national_id(number);
            request_of(&kiosk, number, &[("national_id", &id), ("name", "نورة القحطاني"), ("service", "rent")])
        })
        .collect();
    // What a visitor may type as a name, and a spreadsheet would carry out.
    requests[7].answers.set("name", Given::Name(PersonName::parse("-نورة القحطاني").unwrap()));
    requests.push(request_of(&kiosk, 9999, &[("national_id", &national_id(5)), ("service", "clothes")]));
    send(&mut kiosk, &requests).await;
    let mut manager = office.browser(Role::Manager).await;
    let mut reception = office.browser(Role::Reception).await;
    let numbers: std::collections::BTreeSet<String> =
        requests[..603].iter().map(|request| request.tracking_number.to_string()).collect();
    blocking(move || {
        assert_eq!(reception.get("/requests/export/csv?list=all").status, 403);
        assert!(!reception.get("/requests").text().contains("/requests/export/"));
        assert_eq!(manager.get("/requests/export/pdf").status, 404);
        let answer = manager.get("/requests/export/csv?service=rent&sort=number&way=up");
        assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
        assert!(answer.header("content-disposition").unwrap().starts_with("attachment; filename=\"istiqbal-all-"));
        let body = unchunked(&answer);
        assert!(body.starts_with("\u{FEFF}".as_bytes()), "so that Excel shows Arabic");
        let mut csv = csv::Reader::from_reader(&body[3..]);
        assert_eq!(&csv.headers().unwrap()[0], "رقم التتبع");
        let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
        let found: std::collections::BTreeSet<String> = rows.iter().map(|row| row[0].to_owned()).collect();
        assert_eq!((rows.len(), found), (603, numbers), "each once");
        assert!(rows.iter().all(|row| row[2].len() == 10 && &row[3] == "0500000000" && &row[8] == "2026-11-01"));
        assert_eq!(rows.iter().filter(|row| &row[1] == "'-نورة القحطاني").count(), 1);
        let begins = |cell: &str| cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        assert!(rows.iter().all(|row| row.iter().all(|cell| !begins(cell))));
        assert_eq!(manager.post_from("/", "/language", &[("language", "en"), ("back", "/")]).status, 303);
        let english = unchunked(&manager.get("/requests/export/csv?service=clothes"));
        assert!(String::from_utf8(english).unwrap().contains("\"Tracking number\""));
        let sheet = manager.get("/requests/export/xlsx?service=rent");
        let sheet = unchunked(&sheet);
        assert!(sheet.starts_with(b"PK\x03\x04") && sheet.len() > 20_000, "{}", sheet.len());
    })
    .await;
    let trail = trail_text(&office).await;
    let exported: Vec<&str> = trail.lines().filter(|line| line.starts_with("list exported|requests|")).collect();
    assert_eq!(exported.len(), 3);
    assert!(exported[0].contains("\"count\":603") && exported[0].contains("\"service\":\"rent\""));
}

/// The body of an answer that came in chunks.
fn unchunked(answer: &super::support::Answer) -> Vec<u8> {
    assert_eq!((answer.status, answer.header("transfer-encoding")), (200, Some("chunked")));
    let (mut body, mut rest) = (Vec::new(), answer.body.as_slice());
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n").expect("a chunk has a length");
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&rest[line + 2..line + 2 + length]);
        rest = &rest[line + 2 + length + 2..];
    }
}

#[tokio::test]
async fn several_requests_are_closed_in_one_go_and_once() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let requests: Vec<Request> =
        (0..3).map(|number| request_of(&kiosk, number, &[("national_id", &national_id(number))])).collect();
    send(&mut kiosk, &requests).await;
    let mut researcher = office.browser(Role::Researcher).await;
    let mut others = Vec::new();
    for role in [Role::Reception, Role::Committee, Role::Auditor] {
        others.push(office.browser(role).await);
    }
    let ids: Vec<String> = requests.iter().map(|request| format!("chosen-{}", request.id)).collect();
    blocking(move || {
        let chosen: Vec<(&str, &str)> = ids[..2].iter().map(|id| (id.as_str(), "yes")).collect();
        for browser in &mut others {
            assert!(!browser.get("/requests").text().contains("value=\"close\""));
            for path in ["/requests/bulk", "/requests/bulk/done"] {
                assert_eq!(browser.post_from("/", path, &chosen).status, 403);
            }
        }
        assert!(researcher.get("/requests").text().contains("type=\"checkbox\""));
        assert_eq!(researcher.post_from("/requests", "/requests/bulk", &[]).status, 422, "none chosen");
        let nobody = format!("chosen-{}", RequestId([7; 16]));
        let with_strangers = [chosen.as_slice(), &[(&nobody, "yes"), ("chosen-x", "yes"), ("back", "//evil")]].concat();
        let page = researcher.post_from("/requests", "/requests/bulk", &with_strangers).text();
        assert_eq!(page.matches("سيُغلق الطلب").count(), 2);
        assert!(!page.contains("evil") && !page.contains(&nobody));
        let done = |browser: &mut Browser, note: &str| {
            browser.post_from("/requests", "/requests/bulk/done", &[chosen.as_slice(), &[("note", note)]].concat())
        };
        assert_eq!(done(&mut researcher, " ").status, 422, "without a reason");
        assert_eq!(done(&mut researcher, "انقضت المدة").text().matches("أُغلق الطلب").count(), 2);
        assert_eq!(done(&mut researcher, "انقضت المدة").text().matches("كان منتهياً من قبل").count(), 2);
        let page = researcher.post_from("/requests", "/requests/bulk", &chosen).text();
        assert!(!page.contains("سيُغلق الطلب") && !page.contains("<textarea"), "nothing is left to close");
        assert_eq!(listed(&researcher.get("/requests?stage=closed").text()).len(), 2);
    })
    .await;
    let trail = trail_text(&office).await;
    assert_eq!(trail.matches("request closed|").count(), 2);
    assert_eq!(trail.matches("\"page\":\"chosen\"").count(), 5, "each look at names is an entry: {trail}");
    assert!(!trail.contains("انقضت"));
}

#[tokio::test]
async fn several_requests_are_put_before_the_next_session_and_once() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let requests: Vec<Request> =
        (0..3).map(|number| request_of(&kiosk, number, &[("national_id", &national_id(number))])).collect();
    send(&mut kiosk, &requests).await;
    let mut manager = office.browser(Role::Manager).await;
    let mut researcher = office.browser(Role::Researcher).await;
    let ids: Vec<String> = requests.iter().map(|request| format!("chosen-{}", request.id)).collect();
    let chosen: Vec<(String, &str)> = ids[..2].iter().map(|id| (id.clone(), "yes")).collect();
    let look = move |browser: &mut Browser| {
        let mut fields: Vec<(&str, &str)> = chosen.iter().map(|(id, yes)| (id.as_str(), *yes)).collect();
        fields.push(("step", "session"));
        browser.post_from("/requests", "/requests/bulk", &fields)
    };
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let mut manager = blocking({
        let look = look.clone();
        move || {
            assert_eq!(look(&mut researcher).status, 403);
            assert_eq!(look(&mut manager).status, 409, "there is no session");
            manager
        }
    })
    .await;
    let mut writing = database.write().await.unwrap();
    let past = committee_sessions::add(&mut writing, "2026-10-01".parse().unwrap(), 1).await.unwrap();
    let later = committee_sessions::add(&mut writing, "2026-12-01".parse().unwrap(), 1).await.unwrap();
    let next = committee_sessions::add(&mut writing, "2026-11-20".parse().unwrap(), 1).await.unwrap();
    writing.commit().await.unwrap();
    let session = next.id.clone();
    blocking(move || {
        let page = look(&mut manager).text();
        assert_eq!(page.matches("سيُعرض الطلب").count(), 2, "{page}");
        let value = |name: &str| {
            let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
            rest.split('"').next().unwrap().to_owned()
        };
        let (form_id, session_id) = (value("form_id"), value("session"));
        assert_eq!(session_id, session);
        let put = [(ids[0].as_str(), "yes"), (ids[1].as_str(), "yes"), ("form_id", &form_id), ("session", &session_id)];
        for _ in 0..2 {
            assert_eq!(manager.post_from("/requests", "/requests/bulk/session", &put).status, 303);
        }
        let again = look(&mut manager).text();
        assert_eq!(again.matches("معروض في هذه الجلسة من قبل").count(), 2);
    })
    .await;
    let mut reading = database.read().await.unwrap();
    for (session, cases) in [(past, 0), (later, 0), (next, 2)] {
        assert_eq!(committee_cases::counts(&mut reading, &session.id).await.unwrap().0, cases);
    }
    drop(reading);
    database.close().await;
    assert_eq!(trail_text(&office).await.matches("cases added|").count(), 1);
}

#[tokio::test]
async fn two_that_bear_one_number_are_listed_to_be_checked() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let of = |random, id| request_of(&kiosk, random, &[("national_id", &national_id(id))]);
    let requests = [of(5, 1), of(6, 2), of(5, 3)];
    let forked = [of(7, 4), of(8, 5)];
    assert_eq!(requests[0].tracking_number, TrackingNumber::new(kiosk.enrolled.kiosk, 5));
    send(&mut kiosk, &requests).await;
    // A copy of the kiosk's store goes on from the same place.
    let mut copy = kiosk.clone();
    send(&mut kiosk, &forked[..1]).await;
    send(&mut copy, &forked[1..]).await;
    let mut browser = office.browser(Role::Manager).await;
    blocking(move || {
        let page = browser.get("/requests?list=forks").text();
        let mut found = listed(&page);
        found.sort();
        let mut wanted: Vec<String> =
            [&requests[0], &requests[2], &forked[0], &forked[1]].map(|request| request.id.to_string()).into();
        wanted.sort();
        assert_eq!(found, wanted);
        let home = browser.get("/").text();
        assert!(home.contains("list=forks") && home.contains("role=\"search\""));
    })
    .await;
}

#[tokio::test]
async fn pages_of_people_and_lists_speak_both_languages() {
    let office = TestOffice::start().await;
    let requests = doubles(&office).await;
    let mut browser = office.browser(Role::Administrator).await;
    blocking(move || {
        let page = browser.get(&format!("/requests/{}", requests[0].id)).text();
        let person = person_of(&page);
        let (one, other) = beside(&browser.get("/persons/doubles").text());
        let mut pages: Vec<String> = vec![format!("/persons/{person}"), format!("/persons/{one}/beside/{other}")];
        pages.extend(
            ["/persons/doubles", "/persons/doubles?before=x", "/requests?q=x", "/requests?q=%D9%86%D9%88%D8%B1"]
                .map(str::to_owned),
        );
        for list in [
            "all",
            "new",
            "ready",
            "forks",
            "objections",
            "not_reached",
            "incomplete",
            "replies_owed",
            "accepted",
            "refused",
            "delivered",
            "under_study",
        ] {
            pages.push(format!("/requests?list={list}"));
        }
        for (language, direction) in [("en", "ltr"), ("ar", "rtl")] {
            browser.post_from("/", "/language", &[("language", language), ("back", "/")]);
            for path in &pages {
                let page = browser.get(path);
                assert_eq!(page.status, 200, "{path}");
                let text = page.text();
                assert!(text.contains(&format!("lang=\"{language}\" dir=\"{direction}\"")), "{path}");
                let mut shown = text.split('>').filter_map(|part| part.split('<').next());
                assert!(shown.all(|words| !words.contains("office-")), "{path}: a message is missing");
            }
        }
    })
    .await;
}

//! A large office: work lists, searches and exports over a million requests of four hundred thousand people, asked of the
//! real server over HTTP. `ISTIQBAL_REQUESTS` makes another number of requests.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{Days, TimeDelta, Utc};
use istiqbal::domain::answers::Answers;
use istiqbal::domain::calendar::riyadh_day;
use istiqbal::domain::catalogue::Catalogue;
use istiqbal::domain::clock::SystemClock;
use istiqbal::domain::declaration::Versions;
use istiqbal::domain::documents::DocumentAnswer;
use istiqbal::domain::language::Language;
use istiqbal::domain::request::{Beneficiary, Channel, Request, RequestId};
use istiqbal::domain::tracking_number::{KioskNumber, TrackingNumber};
use istiqbal::office::commands::{self, GivenPassword};
use istiqbal::office::database::Database;
use istiqbal::office::database::requests::{self, Arrived, Counted};
use istiqbal::office::people::Role;

use crate::client::Client;
use crate::crowd::{self, Chance};
use crate::support::{BenchOffice, Kiosk, runtime};

const REQUESTS: u64 = 1_000_000;
const KIOSKS: usize = 8;
const YEARS: u64 = 3;
/// So many requests are written in one transaction, by so many statements.
const A_TRANSACTION: u64 = 20_000;
const A_STATEMENT: u64 = 500;

const SCAN_LIMIT: Duration = Duration::from_millis(20);
const LIST_LIMIT: Duration = Duration::from_millis(100);
const EXPORT_ROWS: usize = 100_000;
const EXPORT_LIMIT_BYTES: u64 = 100 * 1024 * 1024;
const SAMPLES: usize = 200;
const PASSWORD: &str = "a password for the bench";

pub fn run(folder: &Path) {
    let count = std::env::var("ISTIQBAL_REQUESTS").ok().and_then(|count| count.parse().ok()).unwrap_or(REQUESTS);
    let runtime = runtime();
    let office = runtime.block_on(BenchOffice::start(&folder.join("lists")));
    let begun = Instant::now();
    let numbers = runtime.block_on(fill(&office, count));
    println!(
        "a large office: {count} requests of {} people, made in {:.0} s, a file of {} MiB (p99 of {SAMPLES})",
        people(count),
        begun.elapsed().as_secs_f64(),
        std::fs::metadata(office.config.database_path()).map_or(0, |file| file.len() >> 20),
    );
    let clock = SystemClock::shared();
    runtime
        .block_on(commands::add_user(&office.config, &clock, "bench", Role::Researcher, GivenPassword::own(PASSWORD)))
        .expect("somebody of the staff");
    let client = Client::signed_in(office.server.staff_address, "bench", PASSWORD);
    measure(client, &numbers);
    runtime.block_on(office.server.shutdown());
}

/// Makes what is searched.
type LookedFor = fn(&mut Chance, &[TrackingNumber]) -> String;

fn people(requests: u64) -> u64 {
    (requests * 2 / 5).max(1)
}

/// Fills the office through the program's own functions, and answers with some tracking numbers.
async fn fill(office: &BenchOffice, count: u64) -> Vec<TrackingNumber> {
    let mut kiosks = Vec::new();
    for _ in 0..KIOSKS {
        kiosks.push(Kiosk::enrol(office).await.enrolled.kiosk);
    }
    let catalogue = office.catalogue();
    let database = Database::open(&office.config.database_path()).await.expect("the database");
    let mut chance = Chance::seeded(7);
    let now = Utc::now();
    let mut numbers = Vec::new();
    let mut made = 0;
    while made < count {
        let mut writing = database.write().await.expect("the writer");
        let end = (made + A_TRANSACTION).min(count);
        while made < end {
            let some = A_STATEMENT.min(end - made);
            let requests: Vec<(Request, Counted)> = (0..some)
                .map(|place| {
                    // The oldest come first, as they did.
                    let minutes = (count - made - place) * YEARS * 365 * 24 * 60 / count;
                    let at = now - TimeDelta::minutes(minutes as i64);
                    let kiosk = kiosks[chance.below(KIOSKS as u64) as usize];
                    let request = request(&catalogue, kiosk, people(count), &mut chance);
                    (request, Counted { at, day: riyadh_day(at) })
                })
                .collect();
            let arrived: Vec<Arrived<'_>> = requests
                .iter()
                .map(|(request, counted)| Arrived {
                    request,
                    kiosk: request.tracking_number.kiosk(),
                    counted: *counted,
                })
                .collect();
            requests::add_all(&mut writing, &requests::prepare(&arrived).expect("they are well formed"), now)
                .await
                .expect("they are stored");
            numbers.extend(requests.first().map(|(request, _)| request.tracking_number));
            made += some;
        }
        writing.commit().await.expect("they are durable");
    }
    decide(&database).await;
    database.close().await;
    numbers
}

/// What the committee and the desk did since, as events and as the columns that are computed from them: of those older
/// than two months nearly all are decided, and most of what was accepted and complete is delivered. Some object to a
/// refusal, and some aren't reached.
async fn decide(database: &Database) {
    let today = riyadh_day(Utc::now());
    let old = today.checked_sub_days(Days::new(60)).expect("a day").to_string();
    let mut writing = database.write().await.expect("the writer");
    for (of, event, stage) in [
        ("id < 'f8' AND id >= 'c0'", r#"{"kind":"decided","decision":"refused"}"#, "refused"),
        ("id < 'c0'", r#"{"kind":"decided","decision":"accepted"}"#, "accepted"),
        ("id < 'b0' AND documents_complete = 1", r#"{"kind":"delivered"}"#, "delivered"),
    ] {
        for statement in [
            format!(
                "INSERT INTO request_event (request, event, at, on_day, actor)
                 SELECT id, $1, registered_at + 1728000000, received_on, 'command' FROM request
                 WHERE received_on < $2 AND {of}"
            ),
            format!("UPDATE request SET stage = '{stage}' WHERE $1 = $1 AND received_on < $2 AND {of}"),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(statement))
                .bind(event)
                .bind(&old)
                .execute(&mut *writing)
                .await
                .expect("it is written");
        }
    }
    for statement in [
        "INSERT INTO request_event (request, event, at, on_day, actor)
         SELECT id, '{\"kind\":\"objected\"}', registered_at + 2592000000, received_on, 'command' FROM request
         WHERE received_on < $1 AND id >= 'f7' AND id < 'f8'",
        "UPDATE request SET stage = 'under_study', objected_on = received_on
         WHERE received_on < $1 AND id >= 'f7' AND id < 'f8'",
        "UPDATE notice SET state = 'unreached', why = 'attempts' WHERE request >= 'f6' AND request < 'f7' AND $1 = $1",
    ] {
        sqlx::query(statement).bind(&old).execute(&mut *writing).await.expect("it is written");
    }
    writing.commit().await.expect("it is durable");
}

fn request(catalogue: &Catalogue, kiosk: KioskNumber, people: u64, chance: &mut Chance) -> Request {
    let person = crowd::person(chance.below(people));
    let services: Vec<&str> = catalogue.services.iter().map(|service| service.id.get_ref().as_str()).collect();
    let categories: Vec<&str> = catalogue.categories.iter().map(|category| category.id.get_ref().as_str()).collect();
    let service = chance.of(&services).to_owned();
    let category = chance.of(&categories).to_owned();
    let given = [
        ("for", "self"),
        ("national_id", &person.national_id),
        ("name", &person.name),
        ("birth_date", &person.birth_date),
        ("mobile", &person.mobile),
        ("category", &category),
        ("household", "5"),
        ("service", &service),
    ];
    let today = "2026-11-01".parse().expect("a day");
    let mut answers = Answers::default();
    for (question, raw) in given {
        let asked = catalogue.question(question).expect("the catalogue asks this");
        answers.set(question, asked.parse(catalogue, raw, today).expect("it is an answer"));
    }
    // Without documents they count as complete.
    let documents = match chance.below(3) {
        0 => {
            [("id_card".to_owned(), DocumentAnswer::WithMe), ("family_record".to_owned(), DocumentAnswer::Later)].into()
        }
        _ => Default::default(),
    };
    Request {
        id: RequestId((u128::from(chance.next()) << 64 | u128::from(chance.next())).to_be_bytes()),
        tracking_number: TrackingNumber::new(kiosk, chance.below(10_000_000) as u32),
        language: Language::Arabic,
        channel: if chance.below(20) == 0 { Channel::Desk } else { Channel::Kiosk },
        beneficiary: if chance.below(50) == 0 { Beneficiary::Internal } else { Beneficiary::External },
        versions: Versions { catalogue: catalogue.version, declaration: 1, privacy_notice: 1, policy: 1 },
        answers,
        documents,
    }
}

fn measure(mut client: Client, numbers: &[TrackingNumber]) {
    let mut chance = Chance::seeded(11);
    let mut scans = Vec::new();
    for _ in 0..SAMPLES {
        let number = numbers[chance.below(numbers.len() as u64) as usize].to_string();
        let begun = Instant::now();
        let answer = client.scan(&number);
        match answer.location {
            Some(page) => _ = client.get(&page),
            // Two that bear one number: staff choose.
            None => continue,
        }
        scans.push(begun.elapsed());
    }
    say("scan to page, both answers", scans, SCAN_LIMIT);
    for list in [
        "new",
        "incomplete",
        "ready",
        "replies_owed",
        "objections",
        "not_reached",
        "under_study",
        "accepted",
        "refused",
        "delivered",
        "forks",
        "all",
    ] {
        let samples = client.times(SAMPLES / 4, |_| format!("/requests?list={list}"));
        say(&format!("list {list}"), samples, LIST_LIMIT);
    }
    for (name, query) in [
        ("all, by name", "list=all&sort=name&way=up"),
        ("accepted, by name", "list=accepted&sort=name&way=down"),
        ("under study, by service", "list=under_study&sort=service&way=up"),
        ("all, by number", "list=all&sort=number&way=up"),
        ("three filters", "list=all&service=rent&category=widow&channel=desk"),
        (
            "filters that fit little",
            "list=ready&service=ramadan_basket&category=in_debt&beneficiary=internal&sort=name",
        ),
        ("a month, by name", "list=all&from=2025-11-01&to=2025-11-30&sort=name"),
    ] {
        let samples = client.times(SAMPLES / 4, |_| format!("/requests?{query}"));
        say(name, samples, LIST_LIMIT);
    }
    let mut later = Some("/requests?list=all".to_owned());
    let mut pages = Vec::new();
    while let Some(path) = later.take().filter(|_| pages.len() < SAMPLES) {
        let begun = Instant::now();
        let answer = client.get(&path);
        pages.push(begun.elapsed());
        later = answer.later_page();
    }
    say(&format!("{} pages, one after the other", pages.len()), pages, LIST_LIMIT);
    let searches: [(&str, LookedFor); 5] = [
        ("search: a family's name", |chance, _| crowd::looked_for(chance)[2].to_owned()),
        ("search: first and family's name", |chance, _| {
            let [first, _, family] = crowd::looked_for(chance);
            format!("{first} {family}")
        }),
        ("search: a whole name", |chance, _| {
            let [first, father, family] = crowd::looked_for(chance);
            format!("{first} {father} {family}")
        }),
        ("search: the beginning of a number", |chance, numbers| {
            numbers[chance.below(numbers.len() as u64) as usize].to_string()[..9].to_owned()
        }),
        ("search: a national id", |chance, _| crowd::person(chance.below(1000)).national_id),
    ];
    for (name, text) in searches {
        let samples = client.times(SAMPLES, |_| format!("/requests?q={}", percent(&text(&mut chance, numbers))));
        say(name, samples, LIST_LIMIT);
    }
    for kind in ["csv", "xlsx"] {
        export(&mut client, kind);
    }
}

/// A list of about a hundred thousand rows as a file, with the most memory that the process took meanwhile.
fn export(client: &mut Client, kind: &str) {
    let before = resident();
    let is_over = Arc::new(AtomicBool::new(false));
    let watching = std::thread::spawn({
        let is_over = is_over.clone();
        move || {
            let mut most = 0;
            while !is_over.load(Ordering::Relaxed) {
                most = most.max(resident());
                std::thread::sleep(Duration::from_millis(5));
            }
            most
        }
    });
    let begun = Instant::now();
    let bytes = client.drain(&format!("/requests/export/{kind}?list=all&service=utility_bills"));
    let time = begun.elapsed();
    is_over.store(true, Ordering::Relaxed);
    let extra = watching.join().expect("it has watched").saturating_sub(before);
    println!(
        "export, {kind}, about {EXPORT_ROWS} rows: {} MiB in {:.1} s, {} MiB more memory: {:.2} × the limit of {} MiB",
        bytes >> 20,
        time.as_secs_f64(),
        extra >> 20,
        extra as f64 / EXPORT_LIMIT_BYTES as f64,
        EXPORT_LIMIT_BYTES >> 20
    );
}

/// Bytes of memory that this process holds.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn say(name: &str, mut times: Vec<Duration>, limit: Duration) {
    times.sort();
    let (median, p99) = (times[times.len() / 2], times[(times.len() * 99).div_ceil(100) - 1]);
    println!(
        "{name:<45} median {:>6.1} ms, p99 {:>6.1} ms: {:.2} × the limit of {} ms",
        median.as_secs_f64() * 1000.0,
        p99.as_secs_f64() * 1000.0,
        p99.as_secs_f64() / limit.as_secs_f64(),
        limit.as_millis()
    );
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

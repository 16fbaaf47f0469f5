//! A rating can't be linked to a person (P13), not even by somebody who holds the office's database and the kiosk's disk
//! together. Twelve receipts rate with the real program, in an order and with faces that this test knows; then everything
//! that both machines have kept is looked through for a trace of that order.
//!
//! - What is **seized** is the kiosk's folder, every byte of it.
//! - A **mark** is a face with its reasons. Each receipt gives another one, so that the test, and only the test, can tell
//!   whose rating a row is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use istiqbal::domain::calendar::riyadh_day;
use istiqbal::domain::catalogue::Catalogue;
use istiqbal::domain::clock::{SetClock, SharedClock};
use istiqbal::domain::rating::iso_week;
use istiqbal::domain::stage::{Decision, Event};
use istiqbal::domain::tracking_number::TrackingNumber;
use istiqbal::kiosk::commands::{self, VisitOptions};
use istiqbal::kiosk::config::KioskConfig;
use istiqbal::office::{OfficeConfig, Server};
use istiqbal::replication::wire::{RatingBatch, SealedRating};
use istiqbal::seal::keys::{hex, sha256};
use serde::Deserialize;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, Row};

use crate::at_rest::play_logged;
use crate::support::random::Random;
use crate::support::{Workplace, json_lines, registration};

const RECEIPTS: usize = 12;
/// `batch_minimum`, as the shipped configuration has it.
const MINIMUM: usize = 5;
/// So many rate before the first batch leaves, and the others one by one.
const TOGETHER: usize = RECEIPTS - MINIMUM;
const SERVICE: &str = "food_basket";

/// A face and its reasons, as they are stored.
type Mark = (i64, Vec<String>);

/// A receipt of a delivered request, and what its holder will say.
struct Holder {
    number: String,
    code: String,
    mark: Mark,
}

impl Holder {
    fn rating(&self) -> String {
        let (face, reasons) = &self.mark;
        let scan = format!("{}{}", self.number, self.code);
        json!({ "visit": "rate", "scan": scan, "face": face, "reasons": reasons }).to_string()
    }
}

#[test]
fn office_and_kiosk_together_dont_know_who_rated_how() {
    let mut random = Random::seeded();
    let (workplace, office) = Workplace::open();
    office.end();
    let kiosk = fs::read_to_string(workplace.path("kiosk.toml")).unwrap();
    let patient = kiosk.replace("batch_minimum = 1\n", &format!("batch_minimum = {MINIMUM}\n"));
    assert_ne!(kiosk, patient);
    fs::write(workplace.path("kiosk.toml"), patient).unwrap();
    let receipts = tokio::runtime::Runtime::new().unwrap().block_on(deliver_requests(&workplace));
    let marks = shuffled(marks(), &mut random);
    let holders = receipts.into_iter().zip(marks).map(|((number, code), mark)| Holder { number, code, mark });
    // In the order in which they will rate.
    let holders: Vec<Holder> = shuffled(holders.collect(), &mut random);
    let numbers: Vec<&str> = holders.iter().map(|holder| holder.number.as_str()).collect();
    let (together, one_by_one) = holders.split_at(TOGETHER);
    let first_week = iso_week(riyadh_day(Utc::now()));

    let office = workplace.start_office();
    workplace.visit(&["--no-print"], "");
    // What an opening does by itself happens here, so that the next one changes nothing more.
    workplace.visit(&["--no-print", "--offline"], "");
    wait_for_notices(&workplace);
    let seized_before = Seized::of(&workplace);
    let office_before = Tables::of(&workplace);
    let log_before = fs::read_to_string(workplace.path("office.log")).unwrap();

    // Offline: the file of ratings is all that changes at the kiosk.
    let script: Vec<String> = together.iter().map(Holder::rating).collect();
    let (all_well, answers) = play_logged(&workplace, &["--no-print", "--offline"], &script.join("\n"));
    assert!(all_well, "{answers:?}");
    let seized = Seized::of(&workplace);
    assert_eq!(seized.changed_since(&seized_before), Vec::<&PathBuf>::new(), "only the file of ratings may change");
    assert!(seized.store == seized_before.store, "a rating left something in the store");
    let ratings = seized.ratings.unwrap();
    assert_eq!((ratings.waiting.len(), ratings.outgoing.is_none()), (TOGETHER, true));
    ratings.are_in_no_order_of_time();
    assert_eq!(ratings.used, used_hashes(&numbers[..TOGETHER]));
    let weeks = [first_week.clone(), iso_week(riyadh_day(Utc::now()))];
    for (_, waiting) in &ratings.waiting {
        assert!(waiting.service == SERVICE && weeks.contains(&waiting.iso_week), "{waiting:?}");
        assert!(waiting.sealed.len() > 48, "sealed: the key that was made for it, the text, the tag");
    }
    assert_eq!(Tables::of(&workplace), office_before, "nothing has left");

    // They leave together; which was whose isn't said by their order.
    send_all(&workplace, TOGETHER);
    let first_batch = rows(&workplace);
    assert_eq!(marks_of(&first_batch), sorted(together.iter().map(|holder| holder.mark.clone())));
    is_in_no_order_of_time(&first_batch);

    // One after the other, each in a run of its own and with the office in reach: none leaves before its fifth.
    for (place, holder) in one_by_one.iter().enumerate() {
        assert_eq!(rows(&workplace), first_batch, "rating {place} left alone");
        let (all_well, answers) = play_logged(&workplace, &["--no-print"], &holder.rating());
        assert!(all_well, "{answers:?}");
        if place + 1 < MINIMUM {
            workplace.visit(&["--no-print"], "");
            Seized::of(&workplace).ratings.unwrap().are_in_no_order_of_time();
        }
    }
    send_all(&workplace, RECEIPTS);
    let all = rows(&workplace);
    let (earlier, second_batch) = all.split_at(TOGETHER);
    assert_eq!(earlier, first_batch);
    assert_eq!(marks_of(second_batch), sorted(one_by_one.iter().map(|holder| holder.mark.clone())));
    is_in_no_order_of_time(second_batch);
    // Ids that hid a time would be in the order in which they were given, or against it. Random ones are so in both
    // batches once in 7! · 5! / 2 = 302,400 runs.
    for backwards in [false, true] {
        let is_given_order = |batch: &[StoredRating], given: &[Holder]| {
            let place = |row: &StoredRating| given.iter().position(|holder| holder.mark == row.mark).unwrap();
            let mut places: Vec<usize> = batch.iter().map(place).collect();
            if backwards {
                places.reverse();
            }
            places.is_sorted()
        };
        let both = is_given_order(&first_batch, together) && is_given_order(second_batch, one_by_one);
        assert!(!both, "the ids are in the order in which the ratings were given");
    }

    // All that the office keeps of twelve ratings: these rows and their seals, the two batches, and that the kiosk was heard.
    let office_after = Tables::of(&workplace);
    office_after.differ_only_in(
        &office_before,
        &[
            ("rating", &["id", "service", "iso_week", "face", "reasons"]),
            ("rating_batch", &["id", "damaged"]),
            ("kiosk", &["last_seen_at"]),
            ("heartbeat", &["kiosk", "at", "heartbeat"]),
            // Rows' seals say nothing beside the rows; the count of commits and the clock's last look name no row.
            ("row_seal", &["table_name", "page", "seals"]),
            ("office", &["commits"]),
            ("clock_reference", &["seen_at"]),
        ],
    );
    assert_eq!(office_after.columns("rating"), ["id", "service", "iso_week", "face", "reasons"]);
    assert_eq!(office_after.columns("rating_batch"), ["id", "damaged"]);
    assert_eq!(office_after.0["rating_batch"].rows.len(), 2);
    let log = fs::read_to_string(workplace.path("office.log")).unwrap();
    // sqlx names a statement that takes longer than a second, with none of its values.
    let news = log[log_before.len()..].lines().filter(|line| line.contains("rating") && !line.contains("sqlx"));
    assert_eq!(news.collect::<Vec<_>>(), Vec::<&str>::new());

    // The two together. Within a batch, rows differ in their random ids and in what was said, and in nothing else …
    for batch in [first_batch.as_slice(), second_batch] {
        let alike: BTreeSet<_> = batch.iter().map(|row| (&row.service, &row.iso_week)).collect();
        assert!(alike.len() == 1 || first_week != iso_week(riyadh_day(Utc::now())), "{alike:?}");
        assert!(batch.iter().all(|row| row.service.as_deref() == Some(SERVICE)), "{batch:?}");
    }
    // … no id of a rating or a batch stands beside anything else, at either of them …
    let seized = Seized::of(&workplace);
    let batch_ids = office_after.0["rating_batch"].rows.iter().map(|row| row[0].to_lowercase());
    let batch_ids: Vec<String> = batch_ids.map(|quoted| quoted.trim_matches(['x', '\'']).to_owned()).collect();
    for id in all.iter().map(|row| hex(&row.id)).chain(batch_ids) {
        assert_eq!(id.len(), 32, "{id}");
        office_after.name_only_among_ratings(&id);
        assert_eq!(seized.files_with(&id), Vec::<PathBuf>::new(), "{id}");
    }
    // … the kiosk knows who has rated, in the order of hashes, and nothing of what they said …
    let ratings = seized.ratings.as_ref().unwrap();
    assert!(ratings.waiting.is_empty() && ratings.outgoing.is_none());
    // … of the batches that it keeps until a backup holds them, what the office has of them, sealed and of one length …
    ratings.are_in_no_order_of_time();
    let of_batch = |rows: &[StoredRating]| -> Vec<(Vec<u8>, String)> {
        rows.iter().map(|row| (row.id.clone(), row.iso_week.clone())).collect()
    };
    let kept = ratings.kept.iter().map(|(_, batch)| {
        assert_eq!(batch.service.as_deref(), Some(SERVICE));
        batch.ratings.iter().map(|rating| (rating.id.to_vec(), rating.iso_week.clone())).collect::<Vec<_>>()
    });
    assert_eq!(sorted(kept), sorted([first_batch.as_slice(), second_batch].into_iter().map(of_batch)));
    let lengths: BTreeSet<usize> =
        ratings.kept.iter().flat_map(|(_, batch)| &batch.ratings).map(|rating| rating.sealed.len()).collect();
    assert_eq!(lengths.len(), 1, "a length would tell reasons");
    let incarnation = &office_after.0["office"];
    let place = incarnation.columns.iter().position(|column| column == "incarnation").unwrap();
    let name = format!("X'{}'", hex(&ratings.sent_to.unwrap()).to_uppercase());
    assert_eq!(incarnation.rows[0][place], name, "one name for all of them, and no number or time");
    assert_eq!(ratings.used, used_hashes(&numbers));
    // … and its log, with everything it can say, names no receipt that rated and no reason.
    let log = fs::read_to_string(workplace.path("kiosk.log")).unwrap();
    let reasons = holders.iter().flat_map(|holder| &holder.mark.1).map(String::as_str);
    let codes = holders.iter().map(|holder| holder.code.as_str());
    for word in numbers.iter().copied().chain(codes).chain(reasons.filter(|reason| reason.len() > 5)) {
        assert!(!log.contains(word), "{word} stands in the log");
    }
    assert_eq!(
        seized.changed_since(&seized_before),
        Vec::<&PathBuf>::new(),
        "the journal is as it was, and all the rest"
    );
    assert_eq!(seized.store_keys(), seized_before.store_keys(), "a rating left something in the store");
    office.end();
}

/// Lets the office settle what it has to tell people: that has nothing to do with ratings, and writes rows beside them.
fn wait_for_notices(workplace: &Workplace) {
    let waiting = || -> i64 {
        ask(workplace, async |connection| {
            sqlx::query_scalar("SELECT COUNT(*) FROM notice WHERE state = 'waiting'").fetch_one(connection).await
        })
    };
    while waiting() > 0 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// Requests made a month ago, accepted and delivered since; the numbers and codes of their receipts.
async fn deliver_requests(workplace: &Workplace) -> Vec<(String, String)> {
    let office = OfficeConfig::read(&workplace.path("office.toml")).unwrap();
    let kiosk = KioskConfig::read(&workplace.path("kiosk.toml")).unwrap();
    let catalogue = Arc::new(Catalogue::read(&kiosk.catalogue).unwrap());
    let clock = SetClock::at(Utc::now() - TimeDelta::days(30));
    let server = Server::start(&office, catalogue, clock.clone() as SharedClock).await.unwrap();
    server.confirm_day("the clock is set on purpose").await.unwrap();
    let script = vec![registration("نورة القحطاني").replace("later", "with_me"); RECEIPTS].join("\n");
    let kiosk_clock = clock.clone();
    let registering = tokio::task::spawn_blocking(move || {
        let mut lines = Vec::new();
        let options = VisitOptions { offline: false, print: false };
        assert!(commands::visit(&kiosk, kiosk_clock, options, script.as_bytes(), &mut lines).unwrap());
        String::from_utf8(lines).unwrap()
    });
    let answers = json_lines(&registering.await.unwrap());
    let of = |answer: &serde_json::Value, key: &str| answer[key].as_str().unwrap().to_owned();
    let receipts: Vec<_> = answers.iter().map(|answer| (of(answer, "tracking_number"), of(answer, "code"))).collect();
    assert_eq!(receipts.len(), RECEIPTS);
    clock.advance(TimeDelta::days(20));
    for (number, _) in &receipts {
        let number = TrackingNumber::parse(number).unwrap();
        for document in ["id_card", "family_record"] {
            server.take_step(number, &Event::DocumentVerified { document: document.to_owned() }).await.unwrap();
        }
        server.take_step(number, &Event::Decided { decision: Decision::Accepted, session: None }).await.unwrap();
        server.take_step(number, &Event::Delivered).await.unwrap();
    }
    server.shutdown().await;
    receipts
}

/// Every face with every set of its reasons.
fn marks() -> Vec<Mark> {
    let mut marks = Vec::new();
    for (faces, reasons) in [([1, 2], ["hard_to_reach", "slow", "unclear"]), ([3, 4], ["clear", "fast", "respectful"])]
    {
        for face in faces {
            for chosen in 0..8_u8 {
                let reasons = reasons.iter().enumerate().filter(|(place, _)| (chosen >> *place) & 1 == 1);
                marks.push((face, reasons.map(|(_, reason)| (*reason).to_owned()).collect()));
            }
        }
    }
    marks
}

fn shuffled<T>(mut items: Vec<T>, random: &mut Random) -> Vec<T> {
    for place in (1..items.len()).rev() {
        items.swap(place, random.below(place as u64 + 1) as usize);
    }
    items
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort();
    items
}

/// Lets the kiosk run until the office has so many ratings, and the kiosk knows it.
fn send_all(workplace: &Workplace, expected: usize) {
    const RUNS_MAX: usize = 20;
    for _ in 0..RUNS_MAX {
        workplace.visit(&["--no-print"], "");
        let is_sending = Seized::of(workplace).ratings.is_some_and(|ratings| ratings.outgoing.is_some());
        if rows(workplace).len() == expected && !is_sending {
            return;
        }
    }
    panic!("{} of {expected} ratings have come in", rows(workplace).len());
}

/// As the kiosk remembers that a receipt has rated (`ledger/ratings.rs`).
fn used_hashes(numbers: &[&str]) -> Vec<[u8; 16]> {
    let hash = |number: &&str| *sha256(&[b"istiqbal rated 1", number.as_bytes()]).first_chunk::<16>().unwrap();
    sorted(numbers.iter().map(hash))
}

/// A rating as the office holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct StoredRating {
    id: Vec<u8>,
    service: Option<String>,
    iso_week: String,
    mark: Mark,
}

fn marks_of(rows: &[StoredRating]) -> Vec<Mark> {
    sorted(rows.iter().map(|row| row.mark.clone()))
}

/// The order in which a batch lies in the database is that of its ratings' random ids, so it says nothing of the order in
/// which they were given.
fn is_in_no_order_of_time(batch: &[StoredRating]) {
    assert!(batch.is_sorted_by(|one, next| one.id < next.id), "{batch:?}");
    assert!(batch.iter().all(|row| row.id.len() == 16), "{batch:?}");
}

/// The office's ratings in the order in which they lie in its file.
fn rows(workplace: &Workplace) -> Vec<StoredRating> {
    /// Id, service, week, face, reasons
    type RatingRow = (Vec<u8>, Option<String>, String, i64, String);
    let found: Vec<RatingRow> = ask(workplace, async |connection| {
        let statement = "SELECT id, service, iso_week, face, reasons FROM rating ORDER BY rowid";
        sqlx::query_as(statement).fetch_all(connection).await
    });
    let rating = |(id, service, iso_week, face, reasons): (_, _, _, _, String)| {
        let mark = (face, serde_json::from_str(&reasons).unwrap());
        StoredRating { id, service, iso_week, mark }
    };
    found.into_iter().map(rating).collect()
}

/// Asks the office's database, beside the office that runs.
fn ask<T>(workplace: &Workplace, question: impl AsyncFnOnce(&mut SqliteConnection) -> sqlx::Result<T>) -> T {
    let path = OfficeConfig::read(&workplace.path("office.toml")).unwrap().database_path();
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        let answer = question(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        answer
    })
}

/// Everything that the office's database holds, whatever tables it has, as SQLite quotes values.
#[derive(Debug, PartialEq, Eq)]
struct Tables(BTreeMap<String, Table>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Tables {
    fn of(workplace: &Workplace) -> Self {
        ask(workplace, async |connection| {
            // A table without numbers of its own keeps its rows in the order of its key, whenever they came.
            let names = "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name";
            let names: Vec<(String, bool)> = sqlx::query_as(names).fetch_all(&mut *connection).await?;
            let mut tables = BTreeMap::new();
            for (name, is_in_order_of_key) in names {
                let columns = format!("SELECT name FROM pragma_table_info('{name}') ORDER BY cid");
                let columns: Vec<String> =
                    sqlx::query_scalar(AssertSqlSafe(columns)).fetch_all(&mut *connection).await?;
                let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
                let order = if is_in_order_of_key { "" } else { "ORDER BY rowid" };
                let rows = format!("SELECT {} FROM \"{name}\" {order}", quoted.join(", "));
                let rows = sqlx::query(AssertSqlSafe(rows)).fetch_all(&mut *connection).await?;
                let values = |row: &sqlx::sqlite::SqliteRow| -> sqlx::Result<Vec<String>> {
                    (0..columns.len()).map(|place| row.try_get(place)).collect()
                };
                let rows = rows.iter().map(values).collect::<sqlx::Result<_>>()?;
                tables.insert(name, Table { columns, rows });
            }
            Ok(Self(tables))
        })
    }

    fn columns(&self, table: &str) -> &[String] {
        &self.0[table].columns
    }

    /// Asserts that nothing else has changed since: a new table or column that noted ratings would be found here.
    fn differ_only_in(&self, before: &Self, changing: &[(&str, &[&str])]) {
        let kept = |tables: &Self| -> BTreeMap<String, Table> {
            let without = |(name, table): (&String, &Table)| {
                let columns =
                    changing.iter().find(|(changed, _)| changed == name).map_or(&[][..], |(_, columns)| *columns);
                (name.clone(), table.without(columns))
            };
            tables.0.iter().map(without).collect()
        };
        assert_eq!(kept(self), kept(before));
    }

    /// Asserts that these hexadecimal digits stand in no table but those of the ratings.
    fn name_only_among_ratings(&self, digits: &str) {
        let others = self.0.iter().filter(|(name, _)| !["rating", "rating_batch"].contains(&name.as_str()));
        for (name, table) in others {
            let mut values = table.rows.iter().flatten();
            assert!(!values.any(|value| value.to_lowercase().contains(digits)), "{digits} stands in {name}");
        }
    }
}

impl Table {
    /// Without some columns; without all of them there are no rows, either.
    fn without(&self, columns: &[&str]) -> Self {
        let is_kept = |place: &usize| !columns.contains(&self.columns[*place].as_str());
        let kept: Vec<usize> = (0..self.columns.len()).filter(is_kept).collect();
        let row = |row: &Vec<String>| kept.iter().map(|place| row[*place].clone()).collect();
        let rows = if kept.is_empty() { Vec::new() } else { self.rows.iter().map(row).collect() };
        Self { columns: kept.iter().map(|place| self.columns[*place].clone()).collect(), rows }
    }
}

/// The kiosk's folder in the hands of somebody else. No program runs on it.
struct Seized {
    /// Each file but the ratings' and the store's, byte for byte
    files: BTreeMap<PathBuf, Vec<u8>>,
    ratings: Option<RatingsFile>,
    /// sled's trees, and what they hold
    store: BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, Vec<u8>>>,
    /// The store's files, byte for byte
    store_files: BTreeMap<PathBuf, Vec<u8>>,
}

/// `ledger/ratings.rs`, with lists where the program has maps and sets, so that the order in the file is seen.
#[derive(Debug, Deserialize)]
struct RatingsFile {
    waiting: Vec<([u8; 16], Waiting)>,
    used: Vec<[u8; 16]>,
    outgoing: Option<RatingBatch>,
    /// Batches that the office has, by their random ids
    kept: Vec<([u8; 16], KeptBatch)>,
    /// Name of the office's database that has them
    sent_to: Option<[u8; 16]>,
}

#[derive(Debug, Deserialize)]
struct KeptBatch {
    service: Option<String>,
    ratings: Vec<SealedRating>,
}

#[derive(Debug, Deserialize)]
struct Waiting {
    service: String,
    iso_week: String,
    sealed: Vec<u8>,
}

impl RatingsFile {
    /// Reads it to its last byte: there is no room for anything that this test doesn't know of.
    fn read(bytes: &[u8]) -> Self {
        let (sum, content) = bytes.split_first_chunk::<32>().unwrap();
        assert_eq!(*sum, sha256(&[content]));
        let (file, rest) = postcard::take_from_bytes::<Self>(content).unwrap();
        assert!(rest.is_empty(), "the file of ratings holds more than ratings");
        file
    }

    /// Ratings lie in the order of random ids, used receipts in that of their hashes.
    fn are_in_no_order_of_time(&self) {
        assert!(self.waiting.is_sorted_by(|one, next| one.0 < next.0), "{self:?}");
        assert!(self.used.is_sorted_by(|one, next| one < next), "{self:?}");
        assert!(self.kept.is_sorted_by(|one, next| one.0 < next.0), "{self:?}");
        for (_, batch) in &self.kept {
            assert!(batch.ratings.is_sorted_by(|one, next| one.id < next.id), "{batch:?}");
        }
    }
}

impl Seized {
    fn of(workplace: &Workplace) -> Self {
        let folder = workplace.path("kiosk");
        let mut files = BTreeMap::new();
        read_all(&folder, &folder, &mut files);
        let ratings = files.remove(Path::new("ratings")).map(|bytes| RatingsFile::read(&bytes));
        let (store_files, files): (BTreeMap<_, _>, BTreeMap<_, _>) =
            files.into_iter().partition(|(path, _)| path.starts_with("sled"));
        Self { files, ratings, store: read_store(&store_files), store_files }
    }

    /// The files, but for the ratings' and the store's, that have come, gone or changed.
    fn changed_since<'a>(&'a self, before: &'a Self) -> Vec<&'a PathBuf> {
        let names: BTreeSet<&PathBuf> = self.files.keys().chain(before.files.keys()).collect();
        names.into_iter().filter(|name| self.files.get(*name) != before.files.get(*name)).collect()
    }

    fn store_keys(&self) -> BTreeSet<(&[u8], &[u8])> {
        let trees = self.store.iter();
        trees.flat_map(|(name, tree)| tree.keys().map(move |key| (name.as_slice(), key.as_slice()))).collect()
    }

    /// The files that hold these hexadecimal digits, as bytes or as text; the file of ratings was read to its last byte.
    fn files_with(&self, digits: &str) -> Vec<PathBuf> {
        let bytes: Vec<u8> =
            (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
        let upper = digits.to_uppercase();
        let wanted = [bytes.as_slice(), digits.as_bytes(), upper.as_bytes()];
        let holds = |content: &[u8]| {
            let begins = |at: usize| wanted.iter().any(|wanted| content[at..].starts_with(wanted));
            // Looking at the first byte alone leaves little to compare.
            let is_first = |byte: u8| wanted.iter().any(|wanted| wanted[0] == byte);
            content.iter().enumerate().any(|(at, byte)| *byte != 0 && is_first(*byte) && begins(at))
        };
        let all = self.files.iter().chain(&self.store_files);
        all.filter(|(_, content)| holds(content)).map(|(path, _)| path.clone()).collect()
    }
}

fn read_all(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(root, &path, files);
        } else {
            files.insert(path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap());
        }
    }
}

/// Opens a copy of the store: sled writes where it is opened.
fn read_store(files: &BTreeMap<PathBuf, Vec<u8>>) -> BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, Vec<u8>>> {
    let copy = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = copy.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let db = sled::open(copy.path().join("sled")).unwrap();
    let tree = |name: sled::IVec| {
        let entries = db.open_tree(&name).unwrap();
        let entries = entries.iter().map(|entry| entry.map(|(key, value)| (key.to_vec(), value.to_vec())));
        (name.to_vec(), entries.collect::<Result<_, sled::Error>>().unwrap())
    };
    db.tree_names().into_iter().map(tree).collect()
}

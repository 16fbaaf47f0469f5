//! Random damage of an office's folder: each is harmless, healed, or named by `istiqbal office check`.
//!
//! `ISTIQBAL_DAMAGES=1000` for many, `ISTIQBAL_SEED=…` for the same once more.

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _, Decode, Row, Sqlite, TypeInfo, ValueRef};

use super::browser::furnished::Furnished;
use super::corrections::correct;
use super::damage_named::beside;
use super::desk::Desk;
use super::support::*;
use crate::domain::clock::SharedClock;
use crate::domain::request::RequestId;
use crate::office::commands;
use crate::office::database::notes::NoteId;
use crate::office::database::trail::Actor;
use crate::office::database::{findings, seals};
use crate::office::erasure::{self, Ground};
use crate::office::keys;
use crate::office::people::Role;
use crate::office::{OfficeConfig, verification};
use crate::seal::keys::{OfficeKeys, hex};

/// An office in which everything has happened.
pub async fn populated() -> Furnished {
    let furnished = Furnished::start().await;
    let office = &furnished.office;
    let clock: SharedClock = office.clock.clone();
    keys::rotate(&office.config, &clock).await.unwrap();
    let server = office.server.office();
    let erased: RequestId = furnished.requests["closed"].parse().unwrap();
    let writing = server.database.write().await.unwrap();
    let place = erasure::Place::of(server);
    let by = (clock.now(), &Actor::Command);
    erasure::erase(writing, place, &[erased], Ground::Retention, by).await.unwrap();
    // Behind it: an erasure empties the log of pages.
    let reception = office.browser(Role::Reception).await;
    blocking(move || Desk::filled(reception).register()).await;
    let mut browser = office.browser(Role::Researcher).await;
    let (noted, corrected) = (furnished.requests["accepted"].clone(), furnished.requests["brought"].clone());
    blocking(move || {
        let page = format!("/requests/{noted}");
        let note = [("id", NoteId::random().to_string()), ("text", "زرنا الأسرة".to_owned())];
        let note = note.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(browser.post_from(&page, &format!("{page}/notes"), &note).status, 303);
        let name = ("q-name", "نورة بنت سعيد القحطاني");
        assert_eq!(correct(&mut browser, &corrected, "name", name, "خطأ في الاسم").status, 303);
    })
    .await;
    furnished
}

/// Copies the files of an office's folder, as they lie there at this moment.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        // SQLite makes its files beside a database in use anew from the log of pages.
        if name.to_string_lossy().ends_with("-shm") {
            continue;
        }
        if path.is_dir() { copy(&path, &to.join(name)) } else { fs::copy(&path, to.join(name)).map(drop).unwrap() }
    }
}

/// All rows of all tables; `None` when they can't be read.
async fn content(database: &Path) -> Option<Vec<String>> {
    let options = SqliteConnectOptions::new().filename(database).create_if_missing(false);
    let mut connection = SqliteConnection::connect_with(&options).await.ok()?;
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.ok()?;
    let mut all = Vec::new();
    for table in tables {
        let select = format!("SELECT * FROM \"{table}\"");
        for row in sqlx::query(AssertSqlSafe(select)).fetch_all(&mut connection).await.ok()? {
            let value = |place: usize| {
                let value = row.try_get_raw(place).unwrap();
                let kind = value.type_info().name().to_owned();
                let text = match kind.as_str() {
                    _ if value.is_null() => String::new(),
                    "INTEGER" => <i64 as Decode<Sqlite>>::decode(value).unwrap().to_string(),
                    "REAL" => <f64 as Decode<Sqlite>>::decode(value).unwrap().to_string(),
                    _ => hex(<&[u8] as Decode<Sqlite>>::decode(value).unwrap()),
                };
                format!("{kind} {text}")
            };
            let values: Vec<String> = (0..row.len()).map(value).collect();
            all.push(format!("{table}: {}", values.join(", ")));
        }
    }
    connection.close().await.ok()?;
    all.sort();
    Some(all)
}

/// Numbers by a seed (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Damages a file, and says how.
fn damage(path: &Path, numbers: &mut Numbers) -> String {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let mut bytes = fs::read(path).unwrap();
    if bytes.is_empty() {
        return format!("{name} is empty anyway");
    }
    let at = numbers.below(bytes.len());
    match numbers.below(10) {
        0 => {
            fs::remove_file(path).unwrap();
            return format!("{name} removed");
        }
        1 => {
            bytes.truncate(at);
            fs::write(path, bytes).unwrap();
            return format!("{name} cut at {at}");
        }
        2 => {
            let end = bytes.len().min(at + 1 + numbers.below(4096));
            bytes[at..end].fill(0);
            fs::write(path, bytes).unwrap();
            return format!("{name} zeroed from {at} to {end}");
        }
        _ => {}
    }
    let bit = numbers.below(8);
    bytes[at] ^= 1 << bit;
    fs::write(path, bytes).unwrap();
    format!("bit {bit} of byte {at} of {name} flipped")
}

/// The files that are damaged; those of the database most often.
const FILES: [&str; 12] = [
    "office.sqlite",
    "office.sqlite",
    "office.sqlite",
    "office.sqlite",
    "office.sqlite",
    "office.sqlite-wal",
    "office.seed",
    "sealing-0002.seed",
    "erased.log",
    "office.sqlite.count",
    "kiosks.log",
    "desk.log",
];

/// True for an error that names the file, or says what to do.
fn is_told(text: &str, path: &Path) -> bool {
    let name = path.file_name().unwrap().to_str().unwrap();
    ["estore", "istiqbal ", "chmod", name].iter().any(|part| text.contains(part))
}

/// True when each line left in a log stood there before. The database holds those that it lacks.
fn are_lines_of(log: &Path, whole: &Path) -> bool {
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    let whole = read(whole);
    read(log).lines().all(|line| whole.lines().any(|known| known == line))
}

#[tokio::test]
async fn no_damage_is_silent() {
    let rounds: usize = std::env::var("ISTIQBAL_DAMAGES").ok().map_or(40, |text| text.parse().unwrap());
    let seed = std::env::var("ISTIQBAL_SEED").ok().map(|text| text.parse().unwrap());
    let seed = seed.unwrap_or_else(|| u64::from_le_bytes(crate::seal::keys::random()));
    println!("ISTIQBAL_SEED={seed}");
    let mut numbers = Numbers(seed);
    let furnished = populated().await;
    let config = furnished.office.config.clone();
    let places = tempfile::tempdir().unwrap();
    // As a killed office leaves it, with its log of pages, and as a closed one does.
    let killed = places.path().join("killed");
    copy(&config.data, &killed);
    let TestOffice { server, _folder, .. } = furnished.office;
    server.shutdown().await;
    let closed = places.path().join("closed");
    copy(&config.data, &closed);
    let mut whole: Vec<(PathBuf, Vec<String>)> = Vec::new();
    for folder in [&killed, &closed] {
        let looked = places.path().join("looked");
        copy(folder, &looked);
        let at = OfficeConfig { data: looked.clone(), ..config.clone() };
        let summary = commands::check(&at).await.unwrap();
        assert!(summary.is_sound(), "{summary:?}");
        whole.push((folder.clone(), content(&at.database_path()).await.unwrap()));
        fs::remove_dir_all(looked).unwrap();
    }
    for file in FILES {
        assert!(killed.join(file).exists(), "{file}");
    }
    assert!(fs::metadata(killed.join("office.sqlite-wal")).is_ok_and(|log| log.len() > 0));
    let keys = OfficeKeys::read(&killed).unwrap();
    let erasures = config.erased_log(&keys).read_own().unwrap();
    let (mut harmless, mut silent) = (0, Vec::new());
    for round in 0..rounds {
        let (folder, intact) = &whole[round % 2];
        let data = places.path().join("damaged");
        copy(folder, &data);
        let path = data.join(FILES[numbers.below(FILES.len())]);
        if !path.exists() {
            fs::remove_dir_all(&data).unwrap();
            continue;
        }
        let what = damage(&path, &mut numbers);
        let at = OfficeConfig { data: data.clone(), ..config.clone() };
        let found = commands::check(&at).await;
        let is_named = match &found {
            Ok(summary) => !summary.is_sound(),
            Err(error) => is_told(&error.to_string(), &path),
        };
        if !is_named {
            let key_files = |folder: &Path| {
                [1, 2].map(|number| fs::read(folder.join(crate::seal::office_seeds::file_name(number))).ok())
            };
            let logged = at.erased_log(&keys).read_own().ok();
            if content(&at.database_path()).await.as_ref() == Some(intact)
                && key_files(&data) == key_files(folder)
                && logged.as_ref() == Some(&erasures)
                && ["kiosks.log", "desk.log"].iter().all(|log| are_lines_of(&data.join(log), &folder.join(log)))
            {
                harmless += 1;
            } else {
                silent.push(format!("round {round}: {what}: {found:?}"));
            }
        }
        fs::remove_dir_all(&data).unwrap();
    }
    println!("{rounds} rounds, {harmless} harmless");
    assert!(silent.is_empty(), "ISTIQBAL_SEED={seed}\n{}", silent.join("\n"));
}

/// A row of each table is taken away beside the running office, whose verification misses each.
#[tokio::test]
async fn the_running_office_misses_a_row_of_any_table() {
    let furnished = populated().await;
    let served = furnished.office.server.office();
    let mut expected = Vec::new();
    let tables = seals::tables(&mut served.database.read().await.unwrap()).await.unwrap();
    // Each commit writes the office's own row, and each look at the clock that of its reference.
    for table in tables.into_iter().filter(|table| table != "office" && table != "clock_reference") {
        let first = AssertSqlSafe(format!("SELECT MIN(rowid) FROM \"{table}\""));
        let mut reading = served.database.read().await.unwrap();
        let first: Option<i64> = sqlx::query_scalar(first).fetch_one(&mut *reading).await.unwrap();
        drop(reading);
        if let Some(row) = first {
            beside(&furnished.office.config, &format!("DELETE FROM \"{table}\" WHERE rowid = {row}")).await;
            expected.push(format!("row {row} of {table} is gone"));
        }
    }
    assert!(expected.len() > 30, "{expected:?}");
    verification::verify(served).await.unwrap();
    let found = findings::open(&mut served.database.read().await.unwrap(), 1000).await.unwrap();
    let lacking: Vec<_> = expected.iter().filter(|text| !found.iter().any(|finding| finding.text == **text)).collect();
    assert!(lacking.is_empty(), "{lacking:?} of {found:?}");
}

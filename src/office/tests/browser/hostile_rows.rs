//! Every page over rows that this program never writes: times, numbers and texts of any kind, put in by SQL. No page breaks,
//! and no row takes a whole list away.

use std::path::Path;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sqlx::{AssertSqlSafe, Connection as _, Row, SqliteConnection};

use super::super::support::*;
use super::furnished::Furnished;
use super::places;
use crate::office::database::connect_options;
use crate::office::people::Role;

/// Rounds of values by chance, beside those in which all times are the same; `ISTIQBAL_ROUNDS=200` is the long run.
const ROUNDS: usize = 16;
/// Columns that are changed in a round.
const COLUMNS_A_ROUND: usize = 5;
/// Pages of lists: whatever one row holds, they show the rest.
const LISTS: [&str; 14] = [
    "/",
    "/requests",
    "/kiosks",
    "/people",
    "/suggestions",
    "/calls",
    "/notices",
    "/sessions",
    "/trail",
    "/privacy",
    "/privacy/retention",
    "/ratings",
    "/catalogue",
    "/clock",
];
/// Who is signed in, and what the office is: without them there is no page.
const KEPT: [&str; 8] = [
    "office",
    "schema_version",
    "session",
    "known_browser",
    "second_factor",
    "second_factor_offer",
    "recovery_code",
    "taken_form",
];
/// Milliseconds: the ends of what a number holds, of what chrono knows, and of what it can show in Riyadh.
const TIMES: [i64; 8] = [
    i64::MIN,
    i64::MAX,
    -1,
    0,
    8_210_266_876_799_000,
    -8_334_601_228_800_000,
    253_402_300_800_000,
    -62_135_596_800_001,
];
const TEXTS: [&str; 14] = [
    "",
    "\0",
    "\u{202e}\u{2066}نورة\u{2069}",
    "<script>alert(1)</script>",
    "{}",
    "[]",
    "null",
    "{\"name\":{\"name\":\"\u{feff}\"}}",
    "-1",
    "99999-99-99",
    "+262142-12-31",
    "-262143-01-01",
    "e\u{0301}\u{0301}\u{0301}\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "999999999999",
];

#[derive(Clone, Debug)]
struct Column {
    table: String,
    name: String,
    is_number: bool,
    is_time: bool,
}

/// A number, a text, or bytes.
#[derive(Clone, Debug)]
enum Value {
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

#[tokio::test]
async fn no_page_breaks_over_any_row() {
    let furnished = Furnished::start().await;
    let browser = furnished.office.browser(Role::Administrator).await;
    let mut pages = places::of(&furnished, Role::Administrator).await;
    pages.extend(LISTS.map(str::to_owned));
    let path = furnished.office.config.database_path();
    let copy = furnished.office.config.data.join("before.sqlite");
    let mut connection = open(&path).await;
    sqlx::query("VACUUM INTO $1").bind(copy.to_str()).execute(&mut connection).await.unwrap();
    sqlx::query("ATTACH $1 AS before").bind(copy.to_str()).execute(&mut connection).await.unwrap();
    let columns = columns(&mut connection).await;
    assert!(columns.len() > 100, "{}", columns.len());

    let seed: [u8; 32] = std::env::var("ISTIQBAL_SEED")
        .map_or_else(|_| crate::seal::keys::random(), |text| crate::seal::keys::sha256(&[text.as_bytes()]));
    println!("seed {}", crate::seal::keys::hex(&seed));
    let mut chance = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let times: Vec<Column> = columns.iter().filter(|column| column.is_time).cloned().collect();
    let same = TIMES.map(|time| times.iter().map(|column| (column.clone(), Value::Number(time))).collect::<Vec<_>>());
    let by_chance = std::env::var("ISTIQBAL_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let by_chance = (0..by_chance).map(|_| {
        let some = prop::sample::subsequence(columns.clone(), COLUMNS_A_ROUND);
        let some = some.new_tree(&mut chance).unwrap().current();
        some.into_iter().map(|column| (column.clone(), value(&column, &mut chance))).collect::<Vec<_>>()
    });
    let rounds: Vec<Vec<(Column, Value)>> = same.into_iter().chain(by_chance).collect();
    let mut broken = Vec::new();
    for (number, round) in rounds.into_iter().enumerate() {
        for (column, value) in &round {
            // Of a list, every other row stays as it is. Some values are refused by the table itself.
            set(&mut connection, column, value).await;
        }
        let (looked_at, mut looking) = (pages.clone(), browser.clone());
        let found = blocking(move || {
            let broken = |path: &String| {
                let answer = looking.get(path);
                let says_why = !LISTS.contains(&path.as_str()) && answer.text().contains("Damaged data");
                (answer.status >= 500 && !says_why).then(|| path.clone())
            };
            looked_at.iter().filter_map(broken).collect::<Vec<_>>()
        })
        .await;
        if !found.is_empty() {
            broken.push(format!("round {number}: {found:?} by {round:?}"));
        }
        for (column, _) in &round {
            restore(&mut connection, column).await;
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

async fn open(path: &Path) -> SqliteConnection {
    // Rows may contradict each other.
    SqliteConnection::connect_with(&connect_options(path).foreign_keys(false)).await.unwrap()
}

/// All columns but keys.
async fn columns(connection: &mut SqliteConnection) -> Vec<Column> {
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM main.sqlite_master WHERE type = 'table' ORDER BY name")
            .fetch_all(&mut *connection)
            .await
            .unwrap();
    let mut columns = Vec::new();
    for table in tables.iter().filter(|table| !KEPT.contains(&table.as_str()) && !table.starts_with("sqlite_")) {
        let about = sqlx::query("SELECT name, type, pk FROM pragma_table_info($1)").bind(table);
        for row in about.fetch_all(&mut *connection).await.unwrap() {
            let (name, kind, key): (String, String, i64) = (row.get(0), row.get(1), row.get(2));
            // By its role the person who looks may do all this; by its password it signs in.
            if key > 0 || (table == "person" && name != "full_name" && name != "last_seen_at") {
                continue;
            }
            let is_number = kind != "TEXT" && kind != "BLOB";
            let is_time = is_number && (name == "at" || name.ends_with("_at"));
            columns.push(Column { table: table.clone(), name, is_number, is_time });
        }
    }
    columns
}

fn value(column: &Column, chance: &mut TestRunner) -> Value {
    let text = prop_oneof![prop::sample::select(&TEXTS[..]).prop_map(str::to_owned), "\\PC{0,400}", any::<String>()];
    let number = prop_oneof![prop::sample::select(&TIMES[..]), any::<i64>(), any::<i32>().prop_map(i64::from)];
    let bytes = prop::collection::vec(any::<u8>(), 0..80);
    if column.is_number {
        Value::Number(number.new_tree(chance).unwrap().current())
    } else if is_blob(column) {
        Value::Bytes(bytes.new_tree(chance).unwrap().current())
    } else {
        Value::Text(text.new_tree(chance).unwrap().current())
    }
}

fn is_blob(column: &Column) -> bool {
    ["strokes", "bytes", "salt", "epoch", "previous", "hash", "seal", "sealed", "sealed_name", "sealing_key"]
        .contains(&column.name.as_str())
}

async fn set(connection: &mut SqliteConnection, Column { table, name, .. }: &Column, value: &Value) {
    // Tables without numbers of their own are few and small: all of their rows.
    let half = if has_row_numbers(connection, table).await { "WHERE rowid % 2 = 0" } else { "" };
    let update = format!("UPDATE OR IGNORE main.\"{table}\" SET \"{name}\" = $1 {half}");
    let update = sqlx::query(AssertSqlSafe(update));
    let update = match value {
        Value::Number(number) => update.bind(*number),
        Value::Text(text) => update.bind(text.clone()),
        Value::Bytes(bytes) => update.bind(bytes.clone()),
    };
    // A rule of the table refuses some.
    let _ = update.execute(connection).await;
}

async fn restore(connection: &mut SqliteConnection, Column { table, name, .. }: &Column) {
    if has_row_numbers(connection, table).await {
        let update = format!(
            "UPDATE main.\"{table}\" SET \"{name}\" = (SELECT \"{name}\" FROM before.\"{table}\" AS before
             WHERE before.rowid = \"{table}\".rowid) WHERE rowid IN (SELECT rowid FROM before.\"{table}\")"
        );
        sqlx::query(AssertSqlSafe(update)).execute(connection).await.unwrap();
        return;
    }
    for statement in [
        format!("DELETE FROM main.\"{table}\""),
        format!("INSERT INTO main.\"{table}\" SELECT * FROM before.\"{table}\""),
    ] {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *connection).await.unwrap();
    }
}

async fn has_row_numbers(connection: &mut SqliteConnection, table: &str) -> bool {
    let made: String = sqlx::query_scalar("SELECT sql FROM main.sqlite_master WHERE name = $1")
        .bind(table)
        .fetch_one(connection)
        .await
        .unwrap();
    !made.to_uppercase().contains("WITHOUT ROWID")
}

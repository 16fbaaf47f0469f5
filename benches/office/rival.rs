//! Bare SQLite: the rows that an office has written are written once more, table by table, by `INSERT … SELECT` from
//! the attached file: the same tables, indices and pragmas, a transaction a batch, no bound values, no cryptography.

use std::path::Path;
use std::time::{Duration, Instant};

use istiqbal::office::database::{Database, connect_options};
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection};

use crate::intake::{BATCHES, REGISTRATIONS_A_BATCH};

/// The tables of a registration, those that others refer to first, and how many rows each registration has there.
const TABLES: [(&str, usize); 7] =
    [("envelope", 2), ("beneficiary", 1), ("request", 1), ("signature", 1), ("change", 1), ("notice", 1), ("trail", 2)];

/// Writes what the office's file holds into another one. The openings, which came before the office's clock started,
/// are written before this one starts.
pub async fn write_again(office: &Path, folder: &Path) -> Duration {
    let (source, copy) = (office.join("office.sqlite"), folder.join("office.sqlite"));
    std::fs::create_dir_all(folder).expect("the folder can be made");
    Database::open_or_create(&copy).await.expect("a database").close().await;
    let mut sqlite = SqliteConnection::connect_with(&connect_options(&copy)).await.expect("the database opens");
    sqlx::query("ATTACH $1 AS source")
        .bind(source.to_str().expect("a plain path"))
        .execute(&mut sqlite)
        .await
        .expect("it is attached");
    run(&mut sqlite, "INSERT INTO kiosk SELECT * FROM source.kiosk", (0, 0)).await;
    let mut befores = Vec::new();
    for (table, rows) in TABLES {
        let last: i64 = number(&mut sqlite, &format!("SELECT MAX(rowid) FROM source.{table}")).await;
        let before = last - (BATCHES * REGISTRATIONS_A_BATCH * rows) as i64;
        run(&mut sqlite, &copying(table), (0, before)).await;
        befores.push(before);
    }
    let begun = Instant::now();
    for batch in 0..BATCHES {
        write_batch(&mut sqlite, batch, &befores).await;
    }
    let time = begun.elapsed();
    for table in TABLES.map(|(table, _)| table).into_iter().chain(["request_document", "beneficiary_word"]) {
        let of_both = (count(&mut sqlite, table).await, count(&mut sqlite, &format!("source.{table}")).await);
        assert_eq!(of_both.0, of_both.1, "{table}");
    }
    sqlite.close().await.expect("it closes");
    time
}

async fn write_batch(sqlite: &mut SqliteConnection, batch: usize, befores: &[i64]) {
    let range = |before: i64, rows: usize| {
        let size = (REGISTRATIONS_A_BATCH * rows) as i64;
        (before + batch as i64 * size, before + (batch as i64 + 1) * size)
    };
    run(sqlite, "BEGIN IMMEDIATE", (0, 0)).await;
    for ((table, rows), before) in TABLES.into_iter().zip(befores) {
        run(sqlite, &copying(table), range(*before, rows)).await;
        if table == "beneficiary" {
            run(sqlite, WORDS, range(*before, rows)).await;
        }
        if table == "request" {
            run(sqlite, DOCUMENTS, range(*before, rows)).await;
        }
        if table == "trail" {
            run(sqlite, OFFICE, range(*before, rows)).await;
        }
    }
    run(sqlite, "COMMIT", (0, 0)).await;
}

fn copying(table: &str) -> String {
    format!(
        "INSERT INTO main.{table} SELECT * FROM source.{table} WHERE rowid > $1 AND rowid <= $2 ORDER BY source.{table}.rowid"
    )
}

const DOCUMENTS: &str = "INSERT INTO main.request_document
    SELECT document.* FROM source.request JOIN source.request_document AS document ON document.request = request.id
    WHERE request.rowid > $1 AND request.rowid <= $2 ORDER BY request.rowid";

const WORDS: &str = "INSERT INTO main.beneficiary_word
    SELECT word.* FROM source.beneficiary_word AS word WHERE word.beneficiary > $1 AND word.beneficiary <= $2
    ORDER BY word.word, word.beneficiary";

/// The row in which the trail ends and changes are counted.
const OFFICE: &str = "UPDATE main.office SET trail_length = $2, last_change = last_change + $2 - $1,
    trail_head = (SELECT hash FROM source.trail WHERE number = $2)";

async fn run(sqlite: &mut SqliteConnection, statement: &str, (after, through): (i64, i64)) {
    let mut query = sqlx::query(AssertSqlSafe(statement.to_owned()));
    if statement.contains("$1") {
        query = query.bind(after).bind(through);
    }
    query.execute(sqlite).await.expect("it is written");
}

async fn count(sqlite: &mut SqliteConnection, table: &str) -> i64 {
    number(sqlite, &format!("SELECT COUNT(*) FROM {table}")).await
}

async fn number(sqlite: &mut SqliteConnection, select: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(select.to_owned())).fetch_one(sqlite).await.expect("it is read")
}

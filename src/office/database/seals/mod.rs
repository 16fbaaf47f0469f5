//! Seals of rows: an HMAC over all values of a row, by a key of the office's first seed, made in the transaction that writes the
//! row. By them a row is found that a disk, or a hand beside this program, has changed, added or taken away.
//!
//! - SQLite tells of each row that the writer's connection **touches** ([`Touched`]); when the transaction is committed these
//!   rows are read once more ([`texts`]) and sealed ([`write`]). No statement has to think of it, and no table can be forgotten.
//! - A row's words and documents stand in tables that SQLite doesn't tell of, and are sealed with their person's and request's row.
//! - Not sealed are the trail, whose entries are chained, and the bytes of envelopes, which their kiosks have signed.
//! - The tables' own definitions are sealed as one row more.
//!
//! Not found: a row that was changed, and that this program has written again before anybody verified it; an earlier state of a
//! row, put back together with its seal; and whoever has the office's seed can make any seal.
//!
//! Row numbers, JSON's functions and the hook are SQLite's. An office on another engine would seal by its triggers.

mod pages;
mod texts;
mod verifying;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sqlx::SqliteConnection;

use self::pages::Seal;
use self::texts::{Forms, RowText, Which};
pub use self::verifying::{ChangedRow, How, request_of, verify_all, verify_definitions, verify_page};
use super::{Connection, DatabaseError, Writing};
use crate::seal::seed::Seed;

/// Chained by hashes of their own.
const TRAIL: &str = "trail";
/// Where the tables are defined.
const DEFINITIONS: &str = "sqlite_master";
/// Number of rows that are sealed or verified at once: as texts they take some MiB together. A part of an upload takes 512 KiB.
fn rows_at_once(table: &str) -> usize {
    if table == "upload_part" { 8 } else { 512 }
}

/// The key of the seals.
#[derive(Clone)]
pub struct RowKey {
    mac: Hmac<Sha256>,
    forms: Forms,
}

impl RowKey {
    pub fn of(seed: &Seed) -> Self {
        let mac = Hmac::new_from_slice(&*seed.derive("office rows")).expect("HMAC takes a key of any length");
        Self { mac, forms: Forms::default() }
    }

    /// Gives the bytes by which the database recognises this key.
    pub fn check(&self) -> Vec<u8> {
        let mut mac = self.mac.clone();
        mac.update(b"istiqbal office key check 1");
        mac.finalize().into_bytes()[..16].to_vec()
    }

    /// Seals a row of a table; the text begins with the row's number.
    fn seal(&self, table: &str, text: &[u8]) -> Seal {
        let mut mac = self.mac.clone();
        mac.update(b"istiqbal row 2");
        for part in [table.as_bytes(), text] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let hash = mac.finalize().into_bytes();
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        Seal::new(u64::from_be_bytes(first)).unwrap_or(Seal::MIN)
    }
}

/// Rows that the present transaction has touched; also those that it touched in vain.
#[derive(Clone, Default)]
pub(super) struct Touched(Arc<Mutex<HashMap<String, Vec<i64>>>>);

impl Touched {
    /// Notes from now on what this connection touches.
    pub async fn watch(&self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let touched = self.clone();
        connection.lock_handle().await?.set_update_hook(move |update| {
            if update.table != TRAIL && update.database == "main" {
                touched.note(update.table, update.rowid);
            }
        });
        Ok(())
    }

    /// Notes a row of whose change SQLite doesn't tell.
    pub fn note(&self, table: &str, row: i64) {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match tables.get_mut(table) {
            Some(rows) => rows.push(row),
            None => {
                tables.insert(table.to_owned(), vec![row]);
            }
        }
    }

    pub fn take(&self) -> HashMap<String, Vec<i64>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// Seals what a transaction has touched; a row that is gone loses its seal. One that can't be read keeps the seal that it had, by
/// which it is found.
pub(super) async fn write(
    connection: &mut Connection,
    key: &RowKey,
    touched: HashMap<String, Vec<i64>>,
) -> Result<(), DatabaseError> {
    let mut seals = Vec::new();
    for (table, mut numbers) in touched {
        if table == DEFINITIONS {
            seals.push((table, 0, Some(definitions(connection, key).await?)));
            continue;
        }
        numbers.sort_unstable();
        numbers.dedup();
        for numbers in numbers.chunks(rows_at_once(&table)) {
            let mut rows = key.forms.read(connection, &table, Which::Numbers(numbers)).await?.into_iter().peekable();
            for number in numbers {
                match rows.next_if(|row| row.number == *number) {
                    Some(RowText { text: Some(text), .. }) => {
                        seals.push((table.clone(), *number, Some(key.seal(&table, &text))));
                    }
                    Some(RowText { text: None, .. }) => {}
                    None => seals.push((table.clone(), *number, None)),
                }
            }
        }
    }
    pages::keep(connection, seals).await
}

/// Seals all rows anew, of tables as they are now.
pub(super) async fn seal_all(connection: &mut Connection, key: &RowKey) -> Result<(), DatabaseError> {
    key.forms.forget();
    sqlx::query("DELETE FROM row_seal").execute(&mut *connection).await?;
    for table in tables(connection).await? {
        let mut from = Some(i64::MIN);
        while let Some(begin) = from {
            let (rows, next) = portion(connection, key, &table, begin).await?;
            let seal = |row: RowText| Some((table.clone(), row.number, Some(key.seal(&table, &row.text?))));
            pages::keep(connection, rows.into_iter().filter_map(seal).collect()).await?;
            from = next;
        }
    }
    let definitions = definitions(connection, key).await?;
    pages::keep(connection, vec![(DEFINITIONS.to_owned(), 0, Some(definitions))]).await
}

/// The tables whose rows are sealed.
pub async fn tables(connection: &mut Connection) -> Result<Vec<String>, DatabaseError> {
    Ok(sqlx::query_scalar(
        "SELECT name FROM pragma_table_list
         WHERE schema = 'main' AND type = 'table' AND wr = 0 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> $1
         ORDER BY name",
    )
    .bind(TRAIL)
    .fetch_all(connection)
    .await?)
}

/// Rows of a table from a number on, and the number from which it goes on; `None` at the end.
async fn portion(
    connection: &mut Connection,
    key: &RowKey,
    table: &str,
    from: i64,
) -> Result<(Vec<RowText>, Option<i64>), DatabaseError> {
    let at_once = rows_at_once(table);
    let rows = key.forms.read(connection, table, Which::From(from, at_once as i64)).await?;
    let next = rows.last().filter(|_| rows.len() == at_once).and_then(|last| last.number.checked_add(1));
    Ok((rows, next))
}

async fn definitions(connection: &mut Connection, key: &RowKey) -> Result<Seal, DatabaseError> {
    let text: Vec<u8> = sqlx::query_scalar(
        "SELECT CAST(json_group_array(json_array(type, name, tbl_name, sql) ORDER BY type, name) AS BLOB) FROM sqlite_master
         WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .fetch_one(connection)
    .await?;
    Ok(key.seal(DEFINITIONS, &text))
}

/// Lets a row count as it stands, also one that is gone: its seal is made anew, or removed.
pub(super) async fn seal_again(writing: &mut Writing, table: &str, number: i64) -> Result<(), DatabaseError> {
    if table == DEFINITIONS || tables(writing).await?.iter().any(|known| known == table) {
        writing.touched.note(table, number);
        return Ok(());
    }
    sqlx::query("DELETE FROM row_seal WHERE table_name = $1").bind(table).execute(&mut **writing).await?;
    Ok(())
}

/// Gives the bytes by which the database recognises its key: `None` as long as its rows aren't sealed.
pub async fn key_check(connection: &mut Connection) -> Result<Option<Vec<u8>>, DatabaseError> {
    Ok(sqlx::query_scalar("SELECT key_check FROM office").fetch_one(connection).await?)
}

/// Keeps by which the key is known; with `None` the rows don't count as sealed any more.
pub(super) async fn set_key_check(connection: &mut Connection, check: Option<Vec<u8>>) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE office SET key_check = $1").bind(check).execute(connection).await?;
    Ok(())
}

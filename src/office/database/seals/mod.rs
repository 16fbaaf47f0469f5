//! Seals of rows: an HMAC over all values of a row, by a key of the office's first seed, made in the transaction that writes the
//! row. By them a row is found that a disk, or a hand beside this program, has changed, added or taken away.
//!
//! - SQLite tells of each row that the writer's connection **touches** ([`Touched`]); when the transaction is committed these
//!   rows are read once more and sealed ([`write`]). No statement has to think of it, and no table can be forgotten.
//! - A row's words and documents stand in tables that SQLite doesn't tell of, and are sealed with their person's and request's row.
//! - Not sealed are the trail, whose entries are chained, and the bytes of envelopes, which their kiosks have signed.
//! - The tables' own definitions are sealed as one row more.
//!
//! Not found: a row that was changed, and that this program has written again before anybody verified it; and whoever has the
//! office's seed can make any seal.
//!
//! Row numbers, `json_each` and the hook are SQLite's. An office on another engine would seal by its triggers.

mod verifying;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sqlx::sqlite::{SqliteRow, SqliteValueRef};
use sqlx::{Decode, QueryBuilder, Row, Sqlite, SqliteConnection, TypeInfo, ValueRef};

pub use self::verifying::{ChangedRow, How, request_of, verify_all, verify_definitions, verify_page};
use super::{Connection, DatabaseError, Writing, rows};
use crate::seal::office_seeds::{self, FRESH};
use crate::seal::seed::{Seed, SeedError};

/// Chained by hashes of their own.
const TRAIL: &str = "trail";
/// Where the tables are defined.
const DEFINITIONS: &str = "sqlite_master";
/// Number of rows that are sealed or verified by one statement.
const PAGE: i64 = 200;

/// All columns but the bytes, which the kiosk has signed.
const OF_ENVELOPES: &str = "header_hash, kiosk, epoch, sequence, previous, rooted, damage, received_at, aside, request,
    tracking_number, erased_at, backed_up";
const OF_REQUESTS: &str = "sealed.*, (SELECT json_group_array(document || char(10) || said ORDER BY document)
    FROM request_document WHERE request_document.request = sealed.id)";
const OF_PERSONS: &str = "sealed.*, (SELECT json_group_array(word ORDER BY word)
    FROM beneficiary_word WHERE beneficiary_word.beneficiary = sealed.number)";

/// The key of the seals.
#[derive(Clone)]
pub struct RowKey(Hmac<Sha256>);

impl RowKey {
    pub fn of(seed: &Seed) -> Self {
        Self(Hmac::new_from_slice(&*seed.derive("office rows")).expect("HMAC takes a key of any length"))
    }

    /// The key from the seed beside a database; `None` where there is no seed.
    ///
    /// # Errors
    /// When there is a seed that can't be read.
    pub fn beside(database: &Path) -> Result<Option<Self>, SeedError> {
        match Seed::read(&database.with_file_name(office_seeds::file_name(1)), FRESH) {
            Ok(seed) => Ok(Some(Self::of(&seed))),
            Err(SeedError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gives the bytes by which the database recognises this key.
    pub fn check(&self) -> Vec<u8> {
        let mut mac = self.0.clone();
        mac.update(b"istiqbal office key check 1");
        mac.finalize().into_bytes()[..16].to_vec()
    }

    /// The number and the seal of a row whose first column is its number.
    fn seal(&self, table: &str, row: &SqliteRow) -> Result<(i64, i64), DatabaseError> {
        let mut mac = self.0.clone();
        feed(&mut mac, b"istiqbal row 1");
        feed(&mut mac, table.as_bytes());
        for place in 0..row.len() {
            let value = row.try_get_raw(place)?;
            let kind = if value.is_null() { Kind::Null } else { Kind::of(value.type_info().name()) };
            mac.update(&[kind as u8]);
            match kind {
                Kind::Null => {}
                Kind::Integer => feed(&mut mac, &decoded::<i64>(value)?.to_be_bytes()),
                Kind::Real => feed(&mut mac, &decoded::<f64>(value)?.to_be_bytes()),
                // A text that isn't UTF-8 any more, too.
                Kind::Text | Kind::Blob => feed(&mut mac, decoded::<&[u8]>(value)?),
            }
        }
        let hash = mac.finalize().into_bytes();
        let mut seal = [0; 8];
        seal.copy_from_slice(&hash[..8]);
        Ok((row.try_get(0)?, i64::from_be_bytes(seal)))
    }
}

/// SQLite's kinds of values.
#[derive(Clone, Copy)]
enum Kind {
    Null = 0,
    Integer = 1,
    Real = 2,
    Text = 3,
    Blob = 4,
}

impl Kind {
    fn of(name: &str) -> Self {
        match name {
            "INTEGER" => Self::Integer,
            "REAL" => Self::Real,
            "TEXT" => Self::Text,
            _ => Self::Blob,
        }
    }
}

fn decoded<'r, T: Decode<'r, Sqlite>>(value: SqliteValueRef<'r>) -> Result<T, DatabaseError> {
    T::decode(value).map_err(|error| rows::damaged(&error.to_string()))
}

/// Each part with its length in front.
fn feed(mac: &mut Hmac<Sha256>, part: &[u8]) {
    mac.update(&(part.len() as u64).to_be_bytes());
    mac.update(part);
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

/// Seals what a transaction has touched; a row that is gone loses its seal.
pub(super) async fn write(
    connection: &mut Connection,
    key: &RowKey,
    touched: HashMap<String, Vec<i64>>,
) -> Result<(), DatabaseError> {
    let mut sealed: Vec<(String, i64, i64)> = Vec::new();
    let mut gone: Vec<(String, i64)> = Vec::new();
    for (table, mut numbers) in touched {
        if table == DEFINITIONS {
            sealed.push((table, 0, definitions(connection, key).await?));
            continue;
        }
        numbers.sort_unstable();
        numbers.dedup();
        let mut select = select(&table);
        select
            .push(" WHERE sealed.rowid IN (SELECT value FROM json_each(")
            .push_bind(rows::to_json(&numbers)?)
            .push("))");
        let found = select.build().fetch_all(&mut *connection).await?;
        let mut seals = BTreeMap::new();
        for row in &found {
            let (number, seal) = key.seal(&table, row)?;
            seals.insert(number, seal);
        }
        for number in numbers {
            match seals.get(&number) {
                Some(seal) => sealed.push((table.clone(), number, *seal)),
                None => gone.push((table.clone(), number)),
            }
        }
    }
    keep(connection, sealed).await?;
    if !gone.is_empty() {
        sqlx::query(
            "DELETE FROM row_seal WHERE (table_name, row_number) IN (SELECT value ->> 0, value ->> 1 FROM json_each($1))",
        )
        .bind(rows::to_json(&gone)?)
        .execute(connection)
        .await?;
    }
    Ok(())
}

async fn keep(connection: &mut Connection, mut sealed: Vec<(String, i64, i64)>) -> Result<(), DatabaseError> {
    if sealed.is_empty() {
        return Ok(());
    }
    // In the order of the table.
    sealed.sort_unstable();
    sqlx::query(
        "INSERT INTO row_seal (table_name, row_number, seal)
         SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1) WHERE TRUE
         ON CONFLICT (table_name, row_number) DO UPDATE SET seal = excluded.seal",
    )
    .bind(rows::to_json(&sealed)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// The rows of a table as they are sealed: the number first.
fn select(table: &str) -> QueryBuilder<Sqlite> {
    let columns = match table {
        "envelope" => OF_ENVELOPES,
        "request" => OF_REQUESTS,
        "beneficiary" => OF_PERSONS,
        _ => "sealed.*",
    };
    let mut select = QueryBuilder::new("SELECT sealed.rowid, ");
    select.push(columns).push(" FROM ").push(quoted(table)).push(" AS sealed");
    select
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Seals all rows anew.
pub(super) async fn seal_all(connection: &mut Connection, key: &RowKey) -> Result<(), DatabaseError> {
    sqlx::query("DELETE FROM row_seal").execute(&mut *connection).await?;
    for table in tables(connection).await? {
        let mut after = i64::MIN;
        loop {
            let page = page(connection, key, &table, after).await?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            let sealed = page.into_iter().map(|(number, seal)| (table.clone(), number, seal)).collect();
            keep(connection, sealed).await?;
        }
    }
    let definitions = definitions(connection, key).await?;
    keep(connection, vec![(DEFINITIONS.to_owned(), 0, definitions)]).await
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

async fn page(
    connection: &mut Connection,
    key: &RowKey,
    table: &str,
    after: i64,
) -> Result<Vec<(i64, i64)>, DatabaseError> {
    let mut select = select(table);
    select.push(" WHERE sealed.rowid > ").push_bind(after).push(" ORDER BY sealed.rowid LIMIT ").push_bind(PAGE);
    let found = select.build().fetch_all(connection).await?;
    found.iter().map(|row| key.seal(table, row)).collect()
}

async fn definitions(connection: &mut Connection, key: &RowKey) -> Result<i64, DatabaseError> {
    let row = sqlx::query(
        "SELECT 0, json_group_array(json_array(type, name, tbl_name, sql) ORDER BY type, name) FROM sqlite_master
         WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .fetch_one(connection)
    .await?;
    Ok(key.seal(DEFINITIONS, &row)?.1)
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

//! The seals as they are stored: those of [`PAGE_ROWS`] neighbouring rows in one row of `row_seal`, so that a batch of envelopes,
//! whose rows stand side by side, is sealed by few of them.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU64;

use crate::office::database::{Connection, DatabaseError, rows};

/// Seal of one row. Zero stands for a row that isn't there.
pub type Seal = NonZeroU64;

/// Number of rows whose seals stand in one.
const PAGE_ROWS: i64 = 64;
const SEAL_BYTES: usize = size_of::<u64>();
const PAGE_BYTES: usize = PAGE_ROWS as usize * SEAL_BYTES;

/// Stores the seals of rows; `None` removes one.
pub async fn keep(connection: &mut Connection, seals: Vec<(String, i64, Option<Seal>)>) -> Result<(), DatabaseError> {
    if seals.is_empty() {
        return Ok(());
    }
    let mut pages = BTreeMap::<(String, i64), Vec<(usize, Option<Seal>)>>::new();
    for (table, number, seal) in seals {
        pages.entry((table, page_of(number))).or_default().push((place_of(number), seal));
    }
    let mut stored = stored(connection, &pages).await?;
    let mut written = Vec::new();
    let mut emptied = Vec::new();
    for ((table, page), changes) in pages {
        let mut bytes = stored.remove(&(table.clone(), page)).unwrap_or([0; PAGE_BYTES]);
        for (place, seal) in changes {
            let seal = seal.map_or(0, Seal::get);
            bytes[place * SEAL_BYTES..][..SEAL_BYTES].copy_from_slice(&seal.to_be_bytes());
        }
        if bytes == [0; PAGE_BYTES] {
            emptied.push((table, page));
        } else {
            written.push((table, page, bytes));
        }
    }
    rows::insert_all(
        connection,
        "INSERT INTO row_seal (table_name, page, seals)",
        &written,
        "ON CONFLICT (table_name, page) DO UPDATE SET seals = excluded.seals",
        |values, (table, page, bytes)| {
            values.push_bind(table.clone()).push_bind(*page).push_bind(bytes.to_vec());
        },
    )
    .await?;
    if !emptied.is_empty() {
        sqlx::query(
            "DELETE FROM row_seal WHERE (table_name, page) IN (SELECT value ->> 0, value ->> 1 FROM json_each($1))",
        )
        .bind(rows::to_json(&emptied)?)
        .execute(connection)
        .await?;
    }
    Ok(())
}

type Pages = HashMap<(String, i64), [u8; PAGE_BYTES]>;

async fn stored<T>(connection: &mut Connection, pages: &BTreeMap<(String, i64), T>) -> Result<Pages, DatabaseError> {
    let places: Vec<&(String, i64)> = pages.keys().collect();
    let found: Vec<(String, i64, Vec<u8>)> = sqlx::query_as(
        "SELECT table_name, page, CAST(seals AS BLOB) FROM row_seal
         WHERE (table_name, page) IN (SELECT value ->> 0, value ->> 1 FROM json_each($1))",
    )
    .bind(rows::to_json(&places)?)
    .fetch_all(connection)
    .await?;
    Ok(found.into_iter().map(|(table, page, seals)| ((table, page), whole(&seals))).collect())
}

/// The seals of a table's rows from one number through another.
pub async fn between(
    connection: &mut Connection,
    table: &str,
    (from, through): (i64, i64),
) -> Result<BTreeMap<i64, Seal>, DatabaseError> {
    let found: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "SELECT page, CAST(seals AS BLOB) FROM row_seal WHERE table_name = $1 AND page BETWEEN $2 AND $3",
    )
    .bind(table)
    .bind(page_of(from))
    .bind(page_of(through))
    .fetch_all(connection)
    .await?;
    let mut seals = BTreeMap::new();
    for (page, bytes) in found {
        for (place, seal) in (0..).zip(whole(&bytes).chunks_exact(SEAL_BYTES)) {
            // A page that this program never wrote may stand anywhere.
            let number = page.saturating_mul(PAGE_ROWS).saturating_add(place);
            let seal = seal.iter().fold(0, |seal, byte| seal << 8 | u64::from(*byte));
            if let (Some(seal), true) = (Seal::new(seal), (from..=through).contains(&number)) {
                seals.insert(number, seal);
            }
        }
    }
    Ok(seals)
}

/// Bytes that were shortened or lengthened seal other rows than those that are there, or none.
fn whole(bytes: &[u8]) -> [u8; PAGE_BYTES] {
    let mut whole = [0; PAGE_BYTES];
    let length = bytes.len().min(PAGE_BYTES);
    whole[..length].copy_from_slice(&bytes[..length]);
    whole
}

fn page_of(number: i64) -> i64 {
    number.div_euclid(PAGE_ROWS)
}

fn place_of(number: i64) -> usize {
    number.rem_euclid(PAGE_ROWS) as usize
}

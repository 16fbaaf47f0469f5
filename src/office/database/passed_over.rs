//! Messages of kiosks that are no envelope of theirs. Their bytes aren't kept: a hash says whether one was seen before.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;

use super::{Connection, DatabaseError, rows};
use crate::domain::tracking_number::KioskNumber;

/// Maximum number that is noted of one kiosk; whatever comes beyond is passed over without a note.
pub const NOTED_MAX: usize = 100;

/// Something that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// SHA-256 of its bytes
    pub hash: [u8; 32],
    /// In English
    pub cause: String,
}

/// Which of these would be news, as far as there is room for notes.
pub async fn news(
    connection: &mut Connection,
    kiosk: KioskNumber,
    found: &[PassedOver],
) -> Result<Vec<PassedOver>, DatabaseError> {
    let mut select = QueryBuilder::new("SELECT hash FROM passed_over WHERE kiosk = ");
    select.push_bind(i64::from(kiosk.get()));
    let hashes: Vec<Vec<u8>> = select.build_query_scalar().fetch_all(connection).await?;
    let mut known: HashSet<[u8; 32]> =
        hashes.into_iter().map(|hash| rows::bytes(hash, "a hash")).collect::<Result<_, _>>()?;
    let room = NOTED_MAX.saturating_sub(known.len());
    Ok(found.iter().filter(|one| known.insert(one.hash)).take(room).cloned().collect())
}

pub async fn add_all(
    connection: &mut Connection,
    kiosk: KioskNumber,
    news: &[PassedOver],
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    let insert = "INSERT INTO passed_over (kiosk, hash, at, cause)";
    rows::insert_all(connection, insert, news, "ON CONFLICT (kiosk, hash) DO NOTHING", |values, one| {
        values.push_bind(i64::from(kiosk.get())).push_bind(one.hash.to_vec());
        values.push_bind(rows::millis(now)).push_bind(&one.cause);
    })
    .await?;
    Ok(())
}

/// How many of each kiosk were noted after a moment.
pub async fn count_after(
    connection: &mut Connection,
    after: DateTime<Utc>,
) -> Result<BTreeMap<KioskNumber, u64>, DatabaseError> {
    let found: Vec<(i64, i64)> =
        sqlx::query_as("SELECT kiosk, COUNT(*) FROM passed_over WHERE at > $1 GROUP BY kiosk ORDER BY kiosk")
            .bind(rows::millis(after))
            .fetch_all(connection)
            .await?;
    found.into_iter().map(|(kiosk, count)| Ok((rows::kiosk_number(kiosk)?, count.unsigned_abs()))).collect()
}

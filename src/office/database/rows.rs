//! Values as the tables hold them, read back into the domain's types; and many rows in one statement.

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::DeserializeOwned;
use sqlx::query_builder::Separated;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};

use super::{Connection, DatabaseError};
use crate::domain::request::RequestId;
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};
use crate::office::noise;

/// So many rows stand in one statement: none has more than 30 values, and SQLite takes 32,766.
const ROWS_AT_ONCE: usize = 128;

/// So many values stand in one list; SQLite takes 32,766.
pub const VALUES_AT_ONCE: usize = 8192;

/// Adds `IN (…)` with these values; of none, nothing is in.
pub fn push_in<'a, T>(query: &mut QueryBuilder<Sqlite>, values: impl IntoIterator<Item = T>)
where
    T: sqlx::Encode<'a, Sqlite> + sqlx::Type<Sqlite> + 'a,
{
    query.push(" IN (");
    let mut list = query.separated(", ");
    for value in values {
        list.push_bind(value);
    }
    query.push(")");
}

/// The values of one row.
pub type Values<'a> = Separated<'a, Sqlite, &'static str>;

/// Inserts rows by few statements: the way to SQLite's thread and back takes longer than a row. `insert` is what stands
/// before `VALUES`, `end` what stands behind; what that returns is given back.
pub async fn insert_all<T>(
    connection: &mut Connection,
    insert: &'static str,
    rows: &[T],
    end: &'static str,
    bind: impl Fn(&mut Values<'_>, &T),
) -> Result<Vec<SqliteRow>, DatabaseError> {
    let mut returned = Vec::new();
    let mut portions = rows.chunks(ROWS_AT_ONCE).map(|rows| {
        let mut statement = QueryBuilder::<Sqlite>::new(insert);
        statement.push(" ").push_values(rows, |mut values, row| bind(&mut values, row)).push(" ").push(end);
        // Each number of rows is another statement: kept prepared, they would drive out those that come again. Only that of
        // a whole portion does.
        (statement, rows.len() == ROWS_AT_ONCE)
    });
    let mut next = portions.next();
    while let Some((mut statement, comes_again)) = next {
        let written = statement.build().persistent(comes_again).fetch_all(&mut *connection);
        // While SQLite's thread writes one portion, the next is put together.
        let (rows, following) = tokio::join!(biased; written, async { portions.next() });
        returned.extend(rows?);
        next = following;
    }
    Ok(returned)
}

/// A value that this program never wrote.
pub fn damaged(what: &str) -> DatabaseError {
    DatabaseError::Damaged(what.to_owned())
}

/// Those rows of a list that can be read. One that this program never wrote is named in the log and left out: it mustn't take
/// the others away. For lists that people look at; where something follows from all the rows, a damaged one is an error.
pub fn readable<Row, T>(
    rows: impl IntoIterator<Item = Row>,
    list: &'static str,
    read: impl FnMut(Row) -> Result<T, DatabaseError>,
) -> Vec<T> {
    let note = |error: DatabaseError| {
        if noise::DAMAGE.lets_through() {
            tracing::error!(%error, list, "a row was left out of its list");
        }
    };
    rows.into_iter().map(read).filter_map(|read| read.map_err(note).ok()).collect()
}

pub fn bytes<const N: usize>(value: Vec<u8>, what: &str) -> Result<[u8; N], DatabaseError> {
    value.try_into().map_err(|_| damaged(what))
}

pub fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// A stored time; one outside the years 1 to 9999 as the nearest within them, so that whatever is computed from it stays in
/// the calendar: earlier versions stored any time that a kiosk said.
pub fn time(millis: i64) -> Result<DateTime<Utc>, DatabaseError> {
    /// 0001-01-01 and 9999-12-31T23:59:59.999
    const YEARS: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;
    DateTime::from_timestamp_millis(millis.clamp(*YEARS.start(), *YEARS.end())).ok_or_else(|| damaged("a time"))
}

pub fn day(text: &str) -> Result<NaiveDate, DatabaseError> {
    text.parse().map_err(|_| damaged("a day"))
}

pub fn request_id(text: &str) -> Result<RequestId, DatabaseError> {
    text.parse().map_err(|_| damaged("a request id"))
}

pub fn tracking_number(text: &str) -> Result<TrackingNumber, DatabaseError> {
    TrackingNumber::parse(text).map_err(|_| damaged("a tracking number"))
}

pub fn kiosk_number(number: i64) -> Result<KioskNumber, DatabaseError> {
    u16::try_from(number).ok().and_then(|number| number.try_into().ok()).ok_or_else(|| damaged("a kiosk's number"))
}

pub fn json<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, DatabaseError> {
    serde_json::from_str(text).map_err(|_| damaged(what))
}

pub fn to_json<T: serde::Serialize>(value: &T) -> Result<String, DatabaseError> {
    serde_json::to_string(value).map_err(|error| DatabaseError::Damaged(error.to_string()))
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, TimeDelta};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever number stands in a column, it is a time that can be computed with.
        #[test]
        fn every_number_is_a_time(number: i64) {
            for stored in [number, i64::MIN, i64::MAX, number % 300_000_000_000_000] {
                let at = time(stored).unwrap();
                prop_assert!((1..=9999).contains(&at.year()), "{at}");
                prop_assert!(at + TimeDelta::days(36_500) > at - TimeDelta::days(36_500));
                if (1..=9999).contains(&DateTime::from_timestamp_millis(stored).map_or(0, |exact| exact.year())) {
                    prop_assert_eq!(millis(at), stored);
                }
            }
        }
    }
}

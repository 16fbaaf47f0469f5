//! What `istiqbal office check` counts.

use chrono::{DateTime, Utc};

use super::{Connection, DatabaseError, losses, rows};

/// How many rows of each kind, and what of the chains is missing or doubled.
#[derive(Default)]
pub struct Counts {
    pub requests: u64,
    pub ratings: u64,
    pub suggestions: u64,
    pub kiosks: u64,
    /// Envelopes whose record can't be read
    pub damaged: u64,
    /// Envelopes that their kiosk hasn't signed, and of which nothing was made
    pub forged: u64,
    /// Messages of kiosks that are no envelope of theirs
    pub passed_over: u64,
    /// Places of a chain with more than one envelope
    pub forks: u64,
    /// Envelopes that are missing before the last one of their epoch, and that no report of their kiosk names
    pub gaps: u64,
    /// Envelopes that are missing there, and that their kiosk names as lost for good
    pub lost: u64,
}

pub async fn counts(connection: &mut Connection) -> Result<Counts, DatabaseError> {
    let mut count = async |statement: &'static str| -> Result<u64, DatabaseError> {
        let count: i64 = sqlx::query_scalar(statement).fetch_one(&mut *connection).await?;
        Ok(count.unsigned_abs())
    };
    let mut counts = Counts {
        requests: count("SELECT COUNT(*) FROM request").await?,
        ratings: count("SELECT COUNT(*) FROM rating").await?,
        suggestions: count("SELECT COUNT(*) FROM suggestion").await?,
        kiosks: count("SELECT COUNT(*) FROM kiosk WHERE number > 0").await?,
        damaged: count("SELECT COUNT(*) FROM envelope WHERE damage IS NOT NULL").await?,
        forged: count("SELECT COUNT(*) FROM envelope WHERE aside = 'forged'").await?,
        passed_over: count("SELECT COUNT(*) FROM passed_over").await?,
        forks: count(
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM envelope GROUP BY kiosk, epoch, sequence HAVING COUNT(*) > 1) AS forked",
        )
        .await?,
        gaps: 0,
        lost: 0,
    };
    (counts.lost, counts.gaps) = losses::count_empty_places(connection).await?;
    Ok(counts)
}

/// The same with all indices and references between tables, which takes longer.
pub async fn integrity_of_all(connection: &mut Connection) -> Result<Option<String>, DatabaseError> {
    let answer: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut *connection).await?;
    if answer != "ok" {
        return Ok(Some(answer));
    }
    let broken: Vec<(String, Option<i64>)> =
        sqlx::query_as("SELECT \"table\", rowid FROM pragma_foreign_key_check LIMIT 1").fetch_all(connection).await?;
    Ok(broken.first().map(|(table, row)| match row {
        Some(row) => format!("row {row} of {table} refers to a row that isn't there"),
        None => format!("a row of {table} refers to a row that isn't there"),
    }))
}

/// SQLite's own look at its file; empty when all is well.
pub async fn integrity(connection: &mut Connection) -> Result<Option<String>, DatabaseError> {
    let answer: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(connection).await?;
    Ok((answer != "ok").then_some(answer))
}

/// When everything was last verified while the office served; long ago where it never was.
pub async fn verified_at(connection: &mut Connection) -> Result<DateTime<Utc>, DatabaseError> {
    rows::time(sqlx::query_scalar("SELECT verified_at FROM office").fetch_one(connection).await?)
}

pub async fn set_verified(connection: &mut Connection, at: DateTime<Utc>) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE office SET verified_at = $1").bind(rows::millis(at)).execute(connection).await?;
    Ok(())
}

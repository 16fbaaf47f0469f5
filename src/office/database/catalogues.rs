//! The catalogues that went out to the kiosks.

use chrono::{DateTime, Utc};

use super::{Connection, DatabaseError, changes, rows};

/// What came of publishing a catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    Now,
    /// This version went out before, as it is
    Before,
    /// This version went out before, and was another: whoever changed it forgot to make its version greater
    Differs,
    /// A later version went out before
    Older,
}

/// Gives a catalogue its place among the changes, where it is news.
pub async fn publish(
    connection: &mut Connection,
    version: u32,
    text: &str,
    now: DateTime<Utc>,
) -> Result<Published, DatabaseError> {
    let newest: Option<(i64, String)> =
        sqlx::query_as("SELECT version, text FROM catalogue ORDER BY version DESC LIMIT 1")
            .fetch_optional(&mut *connection)
            .await?;
    match newest {
        Some((newest, _)) if newest > i64::from(version) => return Ok(Published::Older),
        Some((newest, before)) if newest == i64::from(version) => {
            return Ok(if before == text { Published::Before } else { Published::Differs });
        }
        _ => {}
    }
    let change = changes::count_more(&mut *connection, 1).await?;
    sqlx::query("INSERT INTO catalogue (version, text, published_at, change) VALUES ($1, $2, $3, $4)")
        .bind(i64::from(version))
        .bind(text)
        .bind(rows::millis(now))
        .bind(change)
        .execute(connection)
        .await?;
    Ok(Published::Now)
}

/// The newest catalogue, if its change is after one and not after another.
pub async fn newest_between(
    connection: &mut Connection,
    after: i64,
    through: i64,
) -> Result<Option<String>, DatabaseError> {
    let newest: Option<(i64, String)> =
        sqlx::query_as("SELECT change, text FROM catalogue ORDER BY version DESC LIMIT 1")
            .fetch_optional(connection)
            .await?;
    Ok(newest.filter(|(change, _)| *change > after && *change <= through).map(|(_, text)| text))
}

/// The text of a catalogue that went out with this version.
pub async fn text_of(connection: &mut Connection, version: u32) -> Result<Option<String>, DatabaseError> {
    Ok(sqlx::query_scalar("SELECT text FROM catalogue WHERE version = $1")
        .bind(i64::from(version))
        .fetch_optional(connection)
        .await?)
}

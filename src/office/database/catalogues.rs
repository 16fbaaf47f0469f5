//! The catalogues that went out to the kiosks.

use chrono::{DateTime, Utc};

use super::trail::Actor;
use super::{Connection, DatabaseError, changes, rows};

/// A catalogue that went out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCatalogue {
    pub version: u32,
    pub text: String,
}

/// When a catalogue went out, and who published it, as [`Actor`] writes it; `None` before that was kept.
#[derive(Clone, Debug)]
pub struct Publication {
    pub version: u32,
    pub at: DateTime<Utc>,
    pub by: Option<String>,
}

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
    actor: &Actor,
) -> Result<Published, DatabaseError> {
    match newest(&mut *connection).await? {
        Some(newest) if newest.version > version => return Ok(Published::Older),
        Some(newest) if newest.version == version => {
            return Ok(if newest.text == text { Published::Before } else { Published::Differs });
        }
        _ => {}
    }
    let change = changes::count_more(&mut *connection, 1).await?;
    sqlx::query(
        "INSERT INTO catalogue (version, text, published_at, change, published_by) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(i64::from(version))
    .bind(text)
    .bind(rows::millis(now))
    .bind(change)
    .bind(actor.to_string())
    .execute(connection)
    .await?;
    Ok(Published::Now)
}

/// The newest catalogue that went out.
pub async fn newest(connection: &mut Connection) -> Result<Option<StoredCatalogue>, DatabaseError> {
    let found: Option<(i64, String)> =
        sqlx::query_as("SELECT version, text FROM catalogue ORDER BY version DESC LIMIT 1")
            .fetch_optional(connection)
            .await?;
    found.map(|(number, text)| Ok(StoredCatalogue { version: version_of(number)?, text })).transpose()
}

/// The text of a version that went out.
pub async fn text_of(connection: &mut Connection, version: u32) -> Result<Option<String>, DatabaseError> {
    let found = sqlx::query_scalar("SELECT text FROM catalogue WHERE version = $1");
    Ok(found.bind(i64::from(version)).fetch_optional(connection).await?)
}

/// All that went out, the newest first.
pub async fn publications(connection: &mut Connection) -> Result<Vec<Publication>, DatabaseError> {
    let found: Vec<(i64, i64, Option<String>)> =
        sqlx::query_as("SELECT version, published_at, published_by FROM catalogue ORDER BY version DESC")
            .fetch_all(connection)
            .await?;
    let publication = |(version, at, by)| Ok(Publication { version: version_of(version)?, at: rows::time(at)?, by });
    Ok(rows::readable(found, "catalogues", publication))
}

/// How many requests there are of a service.
pub async fn requests_of_service(connection: &mut Connection, id: &str) -> Result<u64, DatabaseError> {
    count(connection, "SELECT COUNT(*) FROM request WHERE service = $1", id).await
}

/// How many requests there are of a category.
pub async fn requests_of_category(connection: &mut Connection, id: &str) -> Result<u64, DatabaseError> {
    count(connection, "SELECT COUNT(*) FROM request WHERE category = $1", id).await
}

/// How many requests a document was asked for.
pub async fn requests_with_document(connection: &mut Connection, id: &str) -> Result<u64, DatabaseError> {
    count(connection, "SELECT COUNT(*) FROM request_document WHERE document = $1", id).await
}

/// How many requests answer a question.
pub async fn requests_with_answer(connection: &mut Connection, id: &str) -> Result<u64, DatabaseError> {
    // Ids have a-z, 0-9 and _; the latter matches any character here, which counts too many rather than too few.
    let pattern = format!("%\"{id}\":%");
    count(connection, "SELECT COUNT(*) FROM request WHERE answers LIKE $1", &pattern).await
}

async fn count(connection: &mut Connection, statement: &'static str, value: &str) -> Result<u64, DatabaseError> {
    let count: i64 = sqlx::query_scalar(statement).bind(value).fetch_one(connection).await?;
    Ok(count.unsigned_abs())
}

fn version_of(number: i64) -> Result<u32, DatabaseError> {
    u32::try_from(number).map_err(|_| rows::damaged("a catalogue's version"))
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

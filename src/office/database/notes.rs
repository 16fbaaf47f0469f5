//! What the staff note down about requests.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::trail::{Actor, salted_hash};
use super::{Connection, DatabaseError, Writing, persons, rows};
use crate::domain::request::RequestId;
use crate::seal::keys::{self, hex, unhex};

/// The identity of a note: 128 random bits, made with the form, so that a form sent twice counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteId(pub [u8; 16]);

impl NoteId {
    pub fn random() -> Self {
        Self(keys::random())
    }

    pub fn parse(text: &str) -> Option<Self> {
        unhex(text).map(Self)
    }
}

impl std::fmt::Display for NoteId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&hex(&self.0))
    }
}

/// A note that is shown.
#[derive(Clone, Debug)]
pub struct StoredNote {
    pub id: NoteId,
    pub at: DateTime<Utc>,
    /// As [`Actor`] writes it
    pub author: String,
    pub text: String,
}

/// Stores a note and gives the hash of its text, for the trail; `None` when the id is there already.
pub async fn add(
    writing: &mut Writing,
    request: RequestId,
    id: NoteId,
    author: &Actor,
    text: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>, DatabaseError> {
    let salt = keys::random::<16>();
    let stored = sqlx::query(
        "INSERT INTO request_note (id, request, at, author, text, salt) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(id.to_string())
    .bind(request.to_string())
    .bind(rows::millis(now))
    .bind(author.to_string())
    .bind(text)
    .bind(salt.to_vec())
    .execute(&mut **writing)
    .await?;
    if stored.rows_affected() == 0 {
        return Ok(None);
    }
    persons::add_note_words(writing, request, text).await?;
    Ok(Some(salted_hash(&salt, text)))
}

/// The notes that weren't withdrawn, the newest first.
pub async fn of_request(connection: &mut Connection, request: RequestId) -> Result<Vec<StoredNote>, DatabaseError> {
    let select = "SELECT id, at, author, text FROM request_note WHERE request = $1 AND withdrawn_at IS NULL
                  ORDER BY at DESC, id";
    let found = sqlx::query(select).bind(request.to_string()).fetch_all(connection).await?;
    found
        .iter()
        .map(|row| {
            Ok(StoredNote {
                id: NoteId::parse(row.try_get("id")?).ok_or_else(|| rows::damaged("a note's id"))?,
                at: rows::time(row.try_get("at")?)?,
                author: row.try_get("author")?,
                text: row.try_get("text")?,
            })
        })
        .collect()
}

/// Takes a note out of sight. True when it was this author's note of this request, and still in sight.
pub async fn withdraw(
    writing: &mut Writing,
    request: RequestId,
    id: NoteId,
    author: &Actor,
    now: DateTime<Utc>,
) -> Result<bool, DatabaseError> {
    let withdrawn = sqlx::query(
        "UPDATE request_note SET withdrawn_at = $4
         WHERE id = $1 AND request = $2 AND author = $3 AND withdrawn_at IS NULL",
    )
    .bind(id.to_string())
    .bind(request.to_string())
    .bind(author.to_string())
    .bind(rows::millis(now))
    .execute(&mut **writing)
    .await?;
    // A search finds it no more.
    persons::refresh(writing, request).await?;
    Ok(withdrawn.rows_affected() > 0)
}

/// Destroys all notes of a request, withdrawn ones too, with their salts.
pub async fn erase(writing: &mut Writing, request: RequestId) -> Result<(), DatabaseError> {
    sqlx::query("DELETE FROM request_note WHERE request = $1")
        .bind(request.to_string())
        .execute(&mut **writing)
        .await?;
    persons::refresh(writing, request).await
}

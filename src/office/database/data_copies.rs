//! What is needed for a copy of all of a person's data beside the request itself: the staff's notes, and the list of scans.

use chrono::{DateTime, Utc};

use super::{Connection, DatabaseError, rows};
use crate::domain::request::RequestId;

/// A note of the staff.
pub struct CopiedNote {
    pub at: DateTime<Utc>,
    /// As the trail writes an actor, or a person's id
    pub author: String,
    pub text: String,
    pub is_withdrawn: bool,
}

/// A scan that is kept with a request; its bytes are not in the copy, they are handed over by their own page.
pub struct CopiedUpload {
    pub at: DateTime<Utc>,
    pub document: String,
    pub kind: String,
    pub bytes: u64,
}

pub async fn notes(connection: &mut Connection, request: RequestId) -> Result<Vec<CopiedNote>, DatabaseError> {
    let found: Vec<(i64, String, String, Option<i64>)> =
        sqlx::query_as("SELECT at, author, text, withdrawn_at FROM request_note WHERE request = $1 ORDER BY at, id")
            .bind(request.to_string())
            .fetch_all(connection)
            .await?;
    let note = |(at, author, text, withdrawn_at): (i64, String, String, Option<i64>)| {
        Ok(CopiedNote { at: rows::time(at)?, author, text, is_withdrawn: withdrawn_at.is_some() })
    };
    found.into_iter().map(note).collect()
}

pub async fn uploads(connection: &mut Connection, request: RequestId) -> Result<Vec<CopiedUpload>, DatabaseError> {
    let found: Vec<(i64, String, String, i64)> =
        sqlx::query_as("SELECT added_at, document, kind, bytes FROM upload WHERE request = $1 ORDER BY added_at, id")
            .bind(request.to_string())
            .fetch_all(connection)
            .await?;
    let upload = |(at, document, kind, bytes): (i64, String, String, i64)| {
        Ok(CopiedUpload { at: rows::time(at)?, document, kind, bytes: bytes.unsigned_abs() })
    };
    found.into_iter().map(upload).collect()
}

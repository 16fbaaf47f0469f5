//! Scans of documents. Their bytes stand here sealed only ([`crate::office::uploads`]).

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::trail::Actor;
use super::{Connection, DatabaseError, Writing, rows};
use crate::domain::request::RequestId;
use crate::office::uploads::{Kind, Sealed};
use crate::seal::keys::{SealingKeyId, hex, unhex};

/// The identity of an upload: 128 random bits, 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadId(pub [u8; 16]);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an upload's id is 32 hexadecimal digits")]
pub struct NoUploadId;

impl fmt::Display for UploadId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex(&self.0))
    }
}

impl FromStr for UploadId {
    type Err = NoUploadId;

    fn from_str(text: &str) -> Result<Self, NoUploadId> {
        unhex(text).map(Self).ok_or(NoUploadId)
    }
}

/// An upload without its bytes.
#[derive(Clone, Debug)]
pub struct StoredUpload {
    pub id: UploadId,
    /// In the catalogue's id
    pub document: String,
    pub kind: Kind,
    /// How many bytes were kept, before they were sealed
    pub bytes: u64,
    pub sealing_key: SealingKeyId,
    pub sealed_name: Vec<u8>,
    pub salt: Vec<u8>,
    /// Salted, as it stands in the trail
    pub hash: String,
    pub added_at: DateTime<Utc>,
    /// As [`Actor`] writes it
    pub added_by: String,
}

/// An upload to store.
pub struct NewUpload<'a> {
    pub id: UploadId,
    pub request: RequestId,
    pub document: &'a str,
    pub kind: Kind,
    pub bytes: usize,
    pub sealed: &'a Sealed,
    pub salt: [u8; 16],
    pub hash: &'a str,
    pub at: DateTime<Utc>,
    pub by: &'a Actor,
}

pub async fn add(writing: &mut Writing, new: &NewUpload<'_>) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO upload (id, request, document, kind, bytes, parts, sealing_key, sealed_name, salt, hash, added_at,
         added_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(new.id.to_string())
    .bind(new.request.to_string())
    .bind(new.document)
    .bind(new.kind.as_str())
    .bind(new.bytes as i64)
    .bind(new.sealed.parts.len() as i64)
    .bind(new.sealed.key.0.to_vec())
    .bind(&new.sealed.name)
    .bind(new.salt.to_vec())
    .bind(new.hash)
    .bind(rows::millis(new.at))
    .bind(new.by.to_string())
    .execute(&mut **writing)
    .await?;
    for (number, part) in (0_i64..).zip(&new.sealed.parts) {
        sqlx::query("INSERT INTO upload_part (upload, number, sealed) VALUES ($1, $2, $3)")
            .bind(new.id.to_string())
            .bind(number)
            .bind(part)
            .execute(&mut **writing)
            .await?;
    }
    Ok(())
}

/// The uploads of a request, the oldest first.
pub async fn of_request(connection: &mut Connection, request: RequestId) -> Result<Vec<StoredUpload>, DatabaseError> {
    let found = sqlx::query("SELECT * FROM upload WHERE request = $1 ORDER BY added_at, id")
        .bind(request.to_string())
        .fetch_all(connection)
        .await?;
    found.iter().map(from_row).collect()
}

/// An upload of this request; another request's isn't found.
pub async fn find(
    connection: &mut Connection,
    request: RequestId,
    id: UploadId,
) -> Result<Option<StoredUpload>, DatabaseError> {
    let found = sqlx::query("SELECT * FROM upload WHERE id = $1 AND request = $2")
        .bind(id.to_string())
        .bind(request.to_string())
        .fetch_optional(connection)
        .await?;
    found.as_ref().map(from_row).transpose()
}

/// The sealed parts, in their order.
pub async fn parts(connection: &mut Connection, id: UploadId) -> Result<Vec<Vec<u8>>, DatabaseError> {
    Ok(sqlx::query_scalar("SELECT sealed FROM upload_part WHERE upload = $1 ORDER BY number")
        .bind(id.to_string())
        .fetch_all(connection)
        .await?)
}

/// Destroys an upload with its bytes.
pub async fn remove(writing: &mut Writing, id: UploadId) -> Result<(), DatabaseError> {
    for statement in ["DELETE FROM upload_part WHERE upload = $1", "DELETE FROM upload WHERE id = $1"] {
        sqlx::query(statement).bind(id.to_string()).execute(&mut **writing).await?;
    }
    Ok(())
}

/// Destroys all uploads of a request, with their bytes, names and salts.
pub async fn erase(writing: &mut Writing, request: RequestId) -> Result<(), DatabaseError> {
    for statement in [
        "DELETE FROM upload_part WHERE upload IN (SELECT id FROM upload WHERE request = $1)",
        "DELETE FROM upload WHERE request = $1",
    ] {
        sqlx::query(statement).bind(request.to_string()).execute(&mut **writing).await?;
    }
    Ok(())
}

fn from_row(row: &SqliteRow) -> Result<StoredUpload, DatabaseError> {
    Ok(StoredUpload {
        id: row.try_get::<&str, _>("id")?.parse().map_err(|_| rows::damaged("an upload's id"))?,
        document: row.try_get("document")?,
        kind: Kind::parse(row.try_get("kind")?).ok_or_else(|| rows::damaged("an upload's kind"))?,
        bytes: u64::try_from(row.try_get::<i64, _>("bytes")?).map_err(|_| rows::damaged("an upload's size"))?,
        sealing_key: SealingKeyId(rows::bytes(row.try_get("sealing_key")?, "the id of a sealing key")?),
        sealed_name: row.try_get("sealed_name")?,
        salt: row.try_get("salt")?,
        hash: row.try_get("hash")?,
        added_at: rows::time(row.try_get("added_at")?)?,
        added_by: row.try_get("added_by")?,
    })
}

//! Corrections of answers. The answer that stood before is kept beside the corrected one, each in its own column with a salt,
//! so that both can be erased and the trail stays whole.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::trail::{Actor, salted_hash};
use super::{Connection, DatabaseError, rows};
use crate::domain::answers::Answer;
use crate::domain::request::RequestId;
use crate::seal::keys;

/// One answer that was corrected.
#[derive(Clone, Debug)]
pub struct StoredCorrection {
    pub question: String,
    pub at: DateTime<Utc>,
    /// As [`Actor`] writes it
    pub actor: String,
    /// `None` where there was no answer, or it was erased
    pub was: Option<Answer>,
    pub becomes: Option<Answer>,
    pub reason: Option<String>,
}

/// A correction to record.
pub struct NewCorrection<'a> {
    /// Of the form; an answer that falls away with another has the same
    pub form: &'a str,
    pub request: RequestId,
    pub question: &'a str,
    pub was: Option<&'a Answer>,
    pub becomes: Option<&'a Answer>,
    pub reason: &'a str,
    pub actor: &'a Actor,
    pub at: DateTime<Utc>,
}

/// What the trail may hold of a correction: salted hashes.
pub struct Hashes {
    pub was: Option<String>,
    pub becomes: Option<String>,
    pub reason: String,
}

pub async fn add(connection: &mut Connection, new: &NewCorrection<'_>) -> Result<Hashes, DatabaseError> {
    let salt = keys::random::<16>();
    let was = new.was.map(rows::to_json).transpose()?;
    let becomes = new.becomes.map(rows::to_json).transpose()?;
    sqlx::query(
        "INSERT INTO correction (form, request, question, at, actor, was, becomes, reason, salt)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(new.form)
    .bind(new.request.to_string())
    .bind(new.question)
    .bind(rows::millis(new.at))
    .bind(new.actor.to_string())
    .bind(&was)
    .bind(&becomes)
    .bind(new.reason)
    .bind(salt.to_vec())
    .execute(connection)
    .await?;
    let hash = |text: &String| salted_hash(&salt, text);
    let reason = salted_hash(&salt, new.reason);
    Ok(Hashes { was: was.as_ref().map(hash), becomes: becomes.as_ref().map(hash), reason })
}

/// Whether a form was recorded before.
pub async fn is_known(connection: &mut Connection, form: &str) -> Result<bool, DatabaseError> {
    let count: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM correction WHERE form = $1").bind(form).fetch_one(connection).await?;
    Ok(count > 0)
}

/// The corrections of a request, the earliest first.
pub async fn of_request(
    connection: &mut Connection,
    request: RequestId,
) -> Result<Vec<StoredCorrection>, DatabaseError> {
    let found = sqlx::query(
        "SELECT question, at, actor, was, becomes, reason FROM correction WHERE request = $1 ORDER BY at, form, question",
    )
    .bind(request.to_string())
    .fetch_all(connection)
    .await?;
    let answer = |text: Option<String>| text.map(|text| rows::json(&text, "a corrected answer")).transpose();
    found
        .iter()
        .map(|row| {
            Ok(StoredCorrection {
                question: row.try_get("question")?,
                at: rows::time(row.try_get("at")?)?,
                actor: row.try_get("actor")?,
                was: answer(row.try_get("was")?)?,
                becomes: answer(row.try_get("becomes")?)?,
                reason: row.try_get("reason")?,
            })
        })
        .collect()
}

//! Forms that were taken: the same one sent twice counts once.

use chrono::{DateTime, TimeDelta, Utc};

use super::{DatabaseError, Writing, rows};
use crate::seal::keys::{hex, random};

/// No page is open for so long: its session ends before.
const REMEMBERED: TimeDelta = TimeDelta::days(2);

/// What a form carries in a hidden field: 128 random bits, of its own each time the page is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormId(String);

impl FormId {
    pub fn random() -> Self {
        Self(hex(&random::<16>()))
    }

    /// `None` for what no page of ours has written.
    pub fn parse(text: &str) -> Option<Self> {
        let is_ours = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_ours.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// True for a form that comes for the first time; it is remembered with what is written in the same transaction.
pub async fn take(writing: &mut Writing, form: &FormId, now: DateTime<Utc>) -> Result<bool, DatabaseError> {
    sqlx::query("DELETE FROM taken_form WHERE at < $1")
        .bind(rows::millis(now - REMEMBERED))
        .execute(&mut **writing)
        .await?;
    let taken = sqlx::query("INSERT INTO taken_form (id, at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
        .bind(&form.0)
        .bind(rows::millis(now))
        .execute(&mut **writing)
        .await?;
    Ok(taken.rows_affected() > 0)
}

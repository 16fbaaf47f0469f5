//! What the office's own desk adds to a request: its tracking number, and how it came about.

use chrono::{DateTime, Utc};

use super::{Connection, DatabaseError, rows};
use crate::domain::request::RequestId;
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};
use crate::seal::keys;

/// So many numbers are tried: even with nine of ten used up, not to find a free one is as likely as 10⁻²⁷⁴.
const TRIES: u32 = 6000;

/// How the applicant took responsibility for the answers (P15, P16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// The declaration was printed and signed by hand
    Paper,
    /// It was read out by telephone, and the applicant agreed
    ReadOut,
}

impl Declared {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::ReadOut => "read_out",
        }
    }
}

/// Who registered a request at the desk or by telephone, and what was seen of its declaration.
#[derive(Clone, Debug)]
pub struct DeskRegistration {
    /// As [`super::trail::Actor`] writes it
    pub actor: String,
    pub at: DateTime<Utc>,
    pub declared: Declared,
}

/// Takes a tracking number that was never given before; `None` when hardly any is left.
pub async fn take_number(connection: &mut Connection) -> Result<Option<TrackingNumber>, DatabaseError> {
    for _ in 0..TRIES {
        let number = TrackingNumber::new(KioskNumber::DESK, u32::from_be_bytes(keys::random()));
        let taken = sqlx::query(
            "INSERT INTO desk_number (tracking_number)
             SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM request WHERE tracking_number = $1)
             ON CONFLICT (tracking_number) DO NOTHING",
        )
        .bind(number.to_string())
        .execute(&mut *connection)
        .await?;
        if taken.rows_affected() > 0 {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

/// Notes a number that was given before this database was restored from an earlier backup.
pub async fn note_number(connection: &mut Connection, number: TrackingNumber) -> Result<(), DatabaseError> {
    sqlx::query("INSERT INTO desk_number (tracking_number) VALUES ($1) ON CONFLICT (tracking_number) DO NOTHING")
        .bind(number.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn note_registration(
    connection: &mut Connection,
    request: RequestId,
    actor: &str,
    now: DateTime<Utc>,
    declared: Declared,
) -> Result<(), DatabaseError> {
    sqlx::query("INSERT INTO desk_registration (request, actor, at, declaration) VALUES ($1, $2, $3, $4)")
        .bind(request.to_string())
        .bind(actor)
        .bind(rows::millis(now))
        .bind(declared.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// `None` for a request that came by a kiosk.
pub async fn registration(
    connection: &mut Connection,
    request: RequestId,
) -> Result<Option<DeskRegistration>, DatabaseError> {
    let found: Option<(String, i64, String)> =
        sqlx::query_as("SELECT actor, at, declaration FROM desk_registration WHERE request = $1")
            .bind(request.to_string())
            .fetch_optional(connection)
            .await?;
    let registration = |(actor, at, declaration): (String, i64, String)| {
        let declared = [Declared::Paper, Declared::ReadOut].into_iter().find(|way| way.as_str() == declaration);
        let declared = declared.ok_or_else(|| rows::damaged("how a request was declared"))?;
        Ok(DeskRegistration { actor, at: rows::time(at)?, declared })
    };
    found.map(registration).transpose()
}

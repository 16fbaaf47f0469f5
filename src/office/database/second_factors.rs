//! The secrets of the staff's one-time codes, encrypted, and the hashes of their recovery codes.

use chrono::{DateTime, Utc};

use super::{Connection, DatabaseError, rows};

/// Keeps a secret that is shown in one session, until a code confirms it. An earlier offer is replaced.
pub async fn offer(
    connection: &mut Connection,
    person: &str,
    session: [u8; 32],
    secret: &[u8],
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO second_factor_offer (person, session, secret, offered_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (person) DO UPDATE SET session = excluded.session, secret = excluded.secret,
         offered_at = excluded.offered_at",
    )
    .bind(person)
    .bind(session.to_vec())
    .bind(secret)
    .bind(rows::millis(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// The secret that was offered to a person in a session after a moment.
pub async fn offered(
    connection: &mut Connection,
    person: &str,
    session: [u8; 32],
    after: DateTime<Utc>,
) -> Result<Option<Vec<u8>>, DatabaseError> {
    Ok(sqlx::query_scalar(
        "SELECT secret FROM second_factor_offer WHERE person = $1 AND session = $2 AND offered_at > $3",
    )
    .bind(person)
    .bind(session.to_vec())
    .bind(rows::millis(after))
    .fetch_optional(connection)
    .await?)
}

/// How many wrong codes were typed for a person since the last right one.
pub async fn wrong_codes(connection: &mut Connection, person: &str) -> Result<u64, DatabaseError> {
    let count: Option<i64> = sqlx::query_scalar("SELECT wrong_codes FROM second_factor WHERE person = $1")
        .bind(person)
        .fetch_optional(connection)
        .await?;
    Ok(u64::try_from(count.unwrap_or(0)).unwrap_or(0))
}

pub async fn count_wrong_code(connection: &mut Connection, person: &str) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE second_factor SET wrong_codes = wrong_codes + 1 WHERE person = $1")
        .bind(person)
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn forget_wrong_codes(connection: &mut Connection, person: &str) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE second_factor SET wrong_codes = 0 WHERE person = $1").bind(person).execute(connection).await?;
    Ok(())
}

/// Makes an offered secret the person's second factor; `step` is that of the code which confirmed it, so that the same
/// code isn't taken again.
pub async fn confirm(
    connection: &mut Connection,
    person: &str,
    secret: &[u8],
    step: u64,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    sqlx::query("DELETE FROM second_factor_offer WHERE person = $1").bind(person).execute(&mut *connection).await?;
    sqlx::query(
        "INSERT INTO second_factor (person, secret, confirmed_at, last_step) VALUES ($1, $2, $3, $4)
         ON CONFLICT (person) DO UPDATE SET secret = excluded.secret, confirmed_at = excluded.confirmed_at,
         last_step = excluded.last_step, wrong_codes = 0",
    )
    .bind(person)
    .bind(secret)
    .bind(rows::millis(now))
    .bind(step_number(step))
    .execute(connection)
    .await?;
    Ok(())
}

/// A person's encrypted secret; `None` without a second factor.
pub async fn secret(connection: &mut Connection, person: &str) -> Result<Option<Vec<u8>>, DatabaseError> {
    Ok(sqlx::query_scalar("SELECT secret FROM second_factor WHERE person = $1")
        .bind(person)
        .fetch_optional(connection)
        .await?)
}

/// Uses the code of a time step up; false when it, or a later one, was used before.
pub async fn use_step(connection: &mut Connection, person: &str, step: u64) -> Result<bool, DatabaseError> {
    let done = sqlx::query("UPDATE second_factor SET last_step = $2 WHERE person = $1 AND last_step < $2")
        .bind(person)
        .bind(step_number(step))
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Takes a person's second factor away, with its recovery codes and what was offered; false when there was none.
pub async fn remove(connection: &mut Connection, person: &str) -> Result<bool, DatabaseError> {
    sqlx::query("DELETE FROM second_factor_offer WHERE person = $1").bind(person).execute(&mut *connection).await?;
    sqlx::query("DELETE FROM recovery_code WHERE person = $1").bind(person).execute(&mut *connection).await?;
    let done = sqlx::query("DELETE FROM second_factor WHERE person = $1").bind(person).execute(connection).await?;
    Ok(done.rows_affected() > 0)
}

/// Gives a person recovery codes in the place of all earlier ones.
pub async fn set_recovery_codes(
    connection: &mut Connection,
    person: &str,
    hashes: &[[u8; 32]],
) -> Result<(), DatabaseError> {
    sqlx::query("DELETE FROM recovery_code WHERE person = $1").bind(person).execute(&mut *connection).await?;
    rows::insert_all(connection, "INSERT INTO recovery_code (code_hash, person)", hashes, "", |values, hash| {
        values.push_bind(hash.to_vec()).push_bind(person.to_owned());
    })
    .await?;
    Ok(())
}

/// Uses a recovery code up; false when the person has no such code, or no longer.
pub async fn use_recovery_code(
    connection: &mut Connection,
    person: &str,
    hash: [u8; 32],
) -> Result<bool, DatabaseError> {
    let done = sqlx::query("DELETE FROM recovery_code WHERE person = $1 AND code_hash = $2")
        .bind(person)
        .bind(hash.to_vec())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// How many recovery codes a person has left.
pub async fn count_recovery_codes(connection: &mut Connection, person: &str) -> Result<u64, DatabaseError> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM recovery_code WHERE person = $1")
        .bind(person)
        .fetch_one(connection)
        .await?;
    Ok(count as u64)
}

/// Steps count half minutes since 1970: no date that chrono knows has more than 63 bits of them.
fn step_number(step: u64) -> i64 {
    i64::try_from(step).unwrap_or(i64::MAX)
}

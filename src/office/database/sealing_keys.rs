//! The sealing keys that this office has had: a key file that is missing, or holds another key, is noticed.

use super::{Connection, DatabaseError, rows};
use crate::seal::keys::SealingKeyId;

/// The keys by their numbers, which their files bear.
pub async fn all(connection: &mut Connection) -> Result<Vec<(u16, SealingKeyId)>, DatabaseError> {
    let found: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT number, id FROM sealing_key ORDER BY number").fetch_all(connection).await?;
    let key = |(number, id): (i64, Vec<u8>)| {
        let number = u16::try_from(number).map_err(|_| rows::damaged("a sealing key's number"))?;
        Ok((number, SealingKeyId(rows::bytes(id, "a sealing key's id")?)))
    };
    found.into_iter().map(key).collect()
}

/// Keeps a key under its number; another one takes the place of one whose file is lost for good.
pub async fn keep(connection: &mut Connection, number: u16, id: SealingKeyId) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO sealing_key (number, id) VALUES ($1, $2) ON CONFLICT (number) DO UPDATE SET id = excluded.id",
    )
    .bind(i64::from(number))
    .bind(id.0.to_vec())
    .execute(connection)
    .await?;
    Ok(())
}

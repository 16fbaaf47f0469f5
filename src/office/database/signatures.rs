//! The signatures under requests; one may arrive before its request.

use super::requests::StoredRequest;
use super::{Connection, DatabaseError, rows};
use crate::domain::request::RequestId;
use crate::domain::signature::Signature;
use crate::domain::tracking_number::KioskNumber;

/// Stores what kiosks sent; a kiosk's first signature under a request stays.
pub async fn add_all(
    connection: &mut Connection,
    signatures: &[(KioskNumber, RequestId, &Signature)],
) -> Result<(), DatabaseError> {
    let insert = "INSERT INTO signature (request, kiosk, strokes)";
    let known = "ON CONFLICT (request, kiosk) DO NOTHING";
    rows::insert_all(connection, insert, signatures, known, |values, (kiosk, request, signature)| {
        values.push_bind(request.to_string()).push_bind(i64::from(kiosk.get())).push_bind(signature.encode());
    })
    .await?;
    Ok(())
}

/// The signature that the request's own kiosk sent.
pub async fn find(connection: &mut Connection, request: &StoredRequest) -> Result<Option<Signature>, DatabaseError> {
    let strokes: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT strokes FROM signature WHERE request = $1 AND kiosk = $2")
            .bind(request.id.to_string())
            .bind(i64::from(request.kiosk.get()))
            .fetch_optional(connection)
            .await?;
    strokes.map(|strokes| Signature::decode(&strokes).map_err(|_| rows::damaged("a signature"))).transpose()
}

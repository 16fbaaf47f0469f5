//! Whether somebody holds a receipt: the one place where a code is compared. The staff's scan page and the public status
//! page ask here.

use super::database::requests::{self, StoredRequest};
use super::database::{Connection, DatabaseError, kiosks};
use crate::domain::code::Code;
use crate::domain::record::ReceiptKeyBytes;
use crate::domain::tracking_number::KioskNumber;
use crate::domain::tracking_number::TrackingNumber;
use crate::seal::receipt_code::{bound_code_hash, receipt_code};

/// The key by which a kiosk's receipts, or the desk's, are proved now; `None` when it was revoked, or was never heard.
pub async fn key_of(connection: &mut Connection, kiosk: KioskNumber) -> Result<Option<ReceiptKeyBytes>, DatabaseError> {
    kiosks::receipt_key(connection, kiosk).await
}

/// Of the requests that bear this number, those whose kiosk made the code.
pub async fn proved(
    connection: &mut Connection,
    number: TrackingNumber,
    code: &Code,
) -> Result<Vec<StoredRequest>, DatabaseError> {
    let bearing = requests::by_number(connection, number).await?;
    with_right_code(connection, bearing, code).await
}

/// The same of requests already found.
pub async fn with_right_code(
    connection: &mut Connection,
    bearing: Vec<StoredRequest>,
    code: &Code,
) -> Result<Vec<StoredRequest>, DatabaseError> {
    let mut right = Vec::new();
    for request in bearing {
        let Some(key) = key_of(connection, request.kiosk).await? else { continue };
        // Hashes are compared, so that the time taken says nothing about the code.
        let number = request.tracking_number;
        if bound_code_hash(number, &receipt_code(&key, number)) == bound_code_hash(number, code) {
            right.push(request);
        }
    }
    Ok(right)
}

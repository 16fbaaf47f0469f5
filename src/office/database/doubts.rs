//! Requests at which something isn't as honest kiosks leave it: staff look at them.

use sqlx::QueryBuilder;

use super::{DatabaseError, Writing, rows};
use crate::domain::tracking_number::TrackingNumber;
use crate::seal::envelope::Header;

/// Notes those that bear the number of another one, both of them.
pub(super) async fn note_shared_numbers(
    writing: &mut Writing,
    arrived: impl Iterator<Item = TrackingNumber>,
) -> Result<(), DatabaseError> {
    let numbers: Vec<String> = arrived.map(|number| number.to_string()).collect();
    for numbers in numbers.chunks(rows::VALUES_AT_ONCE) {
        let mut query = QueryBuilder::new("SELECT tracking_number FROM request WHERE tracking_number");
        rows::push_in(&mut query, numbers.iter().cloned());
        query.push(" GROUP BY tracking_number HAVING COUNT(*) > 1");
        let shared: Vec<String> = query.build_query_scalar().persistent(false).fetch_all(&mut **writing).await?;
        for number in shared {
            sqlx::query("UPDATE request SET doubt = COALESCE(doubt, 'number') WHERE tracking_number = $1")
                .bind(number)
                .execute(&mut **writing)
                .await?;
        }
    }
    Ok(())
}

/// Notes the requests whose envelopes stand at one place in their kiosk's chain, all of them.
pub async fn note_fork(writing: &mut Writing, header: &Header) -> Result<(), DatabaseError> {
    let sequence = i64::try_from(header.sequence).map_err(|_| rows::damaged("a sequence"))?;
    sqlx::query(
        "UPDATE request SET doubt = 'place' WHERE id IN (
             SELECT request FROM envelope WHERE kiosk = $1 AND epoch = $2 AND sequence = $3 AND request IS NOT NULL)",
    )
    .bind(i64::from(header.kiosk.get()))
    .bind(header.epoch.0.to_vec())
    .bind(sequence)
    .execute(&mut **writing)
    .await?;
    Ok(())
}

//! Requests at which something isn't as honest kiosks leave it: staff look at them.

use sqlx::QueryBuilder;

use super::{Connection, DatabaseError, Writing, rows};
use crate::domain::request::RequestId;
use crate::domain::tracking_number::TrackingNumber;

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

/// Notes a request whose envelope stands at another one's place in its kiosk's chain.
pub async fn note_fork(connection: &mut Connection, request: RequestId) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE request SET doubt = 'place' WHERE id = $1")
        .bind(request.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

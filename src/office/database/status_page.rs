//! How often the status page was opened, by day and without who: nothing here leads to a person or a request.

use chrono::NaiveDate;

use super::{Connection, DatabaseError};

/// How often the page showed a request, and how often it refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Openings {
    pub shown: u64,
    pub refused: u64,
}

/// Adds openings to those of a day.
pub async fn add(connection: &mut Connection, day: NaiveDate, openings: Openings) -> Result<(), DatabaseError> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    sqlx::query(
        "INSERT INTO status_page_count (day, shown, refused) VALUES ($1, $2, $3)
         ON CONFLICT (day) DO UPDATE SET shown = status_page_count.shown + excluded.shown,
                                         refused = status_page_count.refused + excluded.refused",
    )
    .bind(day.to_string())
    .bind(number(openings.shown))
    .bind(number(openings.refused))
    .execute(connection)
    .await?;
    Ok(())
}

/// The openings since a day.
pub async fn since(connection: &mut Connection, day: NaiveDate) -> Result<Openings, DatabaseError> {
    let (shown, refused): (i64, i64) = sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(shown), 0) AS BIGINT), CAST(COALESCE(SUM(refused), 0) AS BIGINT) FROM status_page_count WHERE day >= $1",
    )
    .bind(day.to_string())
    .fetch_one(connection)
    .await?;
    Ok(Openings { shown: shown.unsigned_abs(), refused: refused.unsigned_abs() })
}

//! Ratings, without anything that could lead to a person (P13).

use sqlx::Row;

use super::{Connection, DatabaseError, rows};
use crate::domain::rating::Rating;

/// How often each face was given for a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faces {
    /// From 1 (very unsatisfied) to 4 (very satisfied)
    pub counts: [u64; 4],
}

impl Faces {
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// Notes that a batch came in; false when it was here before.
pub async fn add_batch(connection: &mut Connection, id: [u8; 16], damaged: usize) -> Result<bool, DatabaseError> {
    let done = sqlx::query("INSERT INTO rating_batch (id, damaged) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
        .bind(id.to_vec())
        .bind(damaged as i64)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Stores one rating, once.
pub async fn add(
    connection: &mut Connection,
    id: [u8; 16],
    service: Option<&str>,
    iso_week: &str,
    rating: &Rating,
) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO rating (id, service, iso_week, face, reasons) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(id.to_vec())
    .bind(service)
    .bind(iso_week)
    .bind(i64::from(rating.face.get()))
    .bind(rows::to_json(&rating.reasons)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// The faces of each service; `None` for the ratings that came in as "all services".
pub async fn faces(connection: &mut Connection) -> Result<Vec<(Option<String>, Faces)>, DatabaseError> {
    let found = sqlx::query("SELECT service, face, COUNT(*) AS n FROM rating GROUP BY service, face ORDER BY service")
        .fetch_all(connection)
        .await?;
    let mut services: Vec<(Option<String>, Faces)> = Vec::new();
    for row in &found {
        let service: Option<String> = row.try_get("service")?;
        let face: i64 = row.try_get("face")?;
        let count: i64 = row.try_get("n")?;
        if services.last().is_none_or(|(last, _)| *last != service) {
            services.push((service, Faces::default()));
        }
        let place = usize::try_from(face - 1).map_err(|_| rows::damaged("a face"))?;
        let (_, faces) = services.last_mut().ok_or_else(|| rows::damaged("a rating"))?;
        *faces.counts.get_mut(place).ok_or_else(|| rows::damaged("a face"))? = count.unsigned_abs();
    }
    Ok(services)
}

/// How many requests of each service were delivered: each could have been rated.
pub async fn delivered(connection: &mut Connection) -> Result<Vec<(String, u64)>, DatabaseError> {
    let found: Vec<(String, i64)> = sqlx::query_as(
        "SELECT service, COUNT(*) FROM request WHERE stage = 'delivered' GROUP BY service ORDER BY service",
    )
    .fetch_all(connection)
    .await?;
    Ok(found.into_iter().map(|(service, count)| (service, count.unsigned_abs())).collect())
}

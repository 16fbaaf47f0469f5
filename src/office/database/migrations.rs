//! The tables, version by version; a migration once released is never changed.

use sqlx::SqlitePool;

use super::{DatabaseError, envelopes, persons};
use crate::seal::keys;

const MIGRATIONS: [&str; 16] = [
    include_str!("migrations/0001_office.sql"),
    include_str!("migrations/0002_kiosk_report.sql"),
    include_str!("migrations/0003_staff_call.sql"),
    include_str!("migrations/0004_paper.sql"),
    include_str!("migrations/0005_trust.sql"),
    include_str!("migrations/0006_people.sql"),
    include_str!("migrations/0007_committee.sql"),
    include_str!("migrations/0008_persons.sql"),
    include_str!("migrations/0009_work.sql"),
    include_str!("migrations/0010_privacy.sql"),
    include_str!("migrations/0011_notices.sql"),
    include_str!("migrations/0012_desk.sql"),
    include_str!("migrations/0013_full_names.sql"),
    include_str!("migrations/0014_arrivals.sql"),
    include_str!("migrations/0015_rights.sql"),
    include_str!("migrations/0016_suggestions.sql"),
];

/// The version that has persons: the requests that were here before get theirs.
const PERSONS: i64 = 8;
/// From this version on each envelope's row names its request and number.
const ENVELOPES_SAY_WHAT_THEY_ARE_ABOUT: i64 = 10;

/// Brings the tables up to date, in one transaction.
pub async fn run(pool: &SqlitePool) -> Result<(), DatabaseError> {
    let mut writing = pool.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)")
        .execute(&mut *writing)
        .await?;
    let found: i64 =
        sqlx::query_scalar("SELECT COALESCE(MAX(version), 0) FROM schema_version").fetch_one(&mut *writing).await?;
    let known = MIGRATIONS.len() as i64;
    if found > known {
        return Err(DatabaseError::Newer { found, known });
    }
    // A table that is built anew is away for a moment: what refers to it is checked when the transaction is committed.
    sqlx::query("PRAGMA defer_foreign_keys = ON").execute(&mut *writing).await?;
    for (version, statements) in (1..).zip(MIGRATIONS).skip(found as usize) {
        sqlx::raw_sql(statements).execute(&mut *writing).await?;
        if version == PERSONS {
            persons::bring_over(&mut writing).await?;
        }
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)").bind(version).execute(&mut *writing).await?;
    }
    if found < ENVELOPES_SAY_WHAT_THEY_ARE_ABOUT {
        envelopes::say_what_all_are_about(&mut writing).await?;
    }
    sqlx::query(
        "INSERT INTO office (only_row, incarnation, last_change, trail_length, trail_head) VALUES (1, $1, 0, 0, $2)
         ON CONFLICT (only_row) DO NOTHING",
    )
    .bind(keys::random::<16>().to_vec())
    .bind(vec![0; 32])
    .execute(&mut *writing)
    .await?;
    writing.commit().await?;
    Ok(())
}

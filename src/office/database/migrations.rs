//! The tables, version by version; a migration once released is never changed.

#[cfg(test)]
use sqlx::SqlitePool;

use super::{Connection, DatabaseError, envelopes, persons};
use crate::seal::keys;

const MIGRATIONS: [&str; 24] = [
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
    include_str!("migrations/0017_leaner.sql"),
    include_str!("migrations/0018_bounds.sql"),
    include_str!("migrations/0019_second_factor.sql"),
    include_str!("migrations/0020_kiosk_knock.sql"),
    include_str!("migrations/0021_losses.sql"),
    include_str!("migrations/0022_row_seals.sql"),
    include_str!("migrations/0023_clock_witnesses.sql"),
    include_str!("migrations/0024_seal_pages.sql"),
];

/// The version that this program writes
pub const KNOWN: i64 = MIGRATIONS.len() as i64;

/// The version that has persons: the requests that were here before get theirs.
const PERSONS: i64 = 8;
/// From this version on rows are sealed, and transactions counted.
pub const ROWS_ARE_SEALED: i64 = 22;
/// From this version on the seals have the form in which they are compared; those of versions 22 and 23 have another.
pub const SEALS_CAN_BE_COMPARED: i64 = 24;
/// From this version on the clock is measured by a reference.
const CLOCK_HAS_A_REFERENCE: i64 = 23;
/// From this version on each envelope's row names its request and number.
const ENVELOPES_SAY_WHAT_THEY_ARE_ABOUT: i64 = 10;

/// Gives the version of a database; 0 where it holds no office.
pub async fn version(connection: &mut Connection) -> Result<i64, DatabaseError> {
    let tables: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'schema_version'")
        .fetch_one(&mut *connection)
        .await?;
    if tables == 0 {
        return Ok(0);
    }
    Ok(sqlx::query_scalar("SELECT COALESCE(MAX(version), 0) FROM schema_version").fetch_one(connection).await?)
}

/// Makes the tables as an earlier version of this program had them.
#[cfg(test)]
pub async fn run_through(pool: &SqlitePool, version: usize) {
    let mut connection = pool.acquire().await.unwrap();
    sqlx::query("CREATE TABLE schema_version (version BIGINT PRIMARY KEY)").execute(&mut *connection).await.unwrap();
    for (version, statements) in (1_i64..).zip(&MIGRATIONS[..version]) {
        let mut transaction = sqlx::Connection::begin(&mut *connection).await.unwrap();
        sqlx::query("PRAGMA defer_foreign_keys = ON").execute(&mut *transaction).await.unwrap();
        sqlx::raw_sql(*statements).execute(&mut *transaction).await.unwrap();
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
            .bind(version)
            .execute(&mut *transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }
}

/// Brings tables of the version that was found up to date, within the caller's transaction.
pub async fn run(connection: &mut Connection, found: i64) -> Result<(), DatabaseError> {
    if found > KNOWN {
        return Err(DatabaseError::Newer { found, known: KNOWN });
    }
    sqlx::query("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)")
        .execute(&mut *connection)
        .await?;
    // A table that is built anew is away for a moment: what refers to it is checked when the transaction is committed.
    sqlx::query("PRAGMA defer_foreign_keys = ON").execute(&mut *connection).await?;
    for (version, statements) in (1..).zip(MIGRATIONS).skip(found as usize) {
        sqlx::raw_sql(statements).execute(&mut *connection).await?;
        if version == PERSONS {
            persons::bring_over(connection).await?;
        }
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)").bind(version).execute(&mut *connection).await?;
    }
    if found < ENVELOPES_SAY_WHAT_THEY_ARE_ABOUT {
        envelopes::say_what_all_are_about(connection).await?;
    }
    if found < CLOCK_HAS_A_REFERENCE {
        // Of the office until now only the trail tells, as long as nothing is added by a clock that nobody has looked at.
        sqlx::query(
            "INSERT INTO clock_reference (only_row, at, boot, uptime, seen_at)
             SELECT 1, at, '', 0, at FROM trail ORDER BY number DESC LIMIT 1",
        )
        .execute(&mut *connection)
        .await?;
    }
    sqlx::query(
        "INSERT INTO office (only_row, incarnation, last_change, trail_length, trail_head) VALUES (1, $1, 0, 0, $2)
         ON CONFLICT (only_row) DO NOTHING",
    )
    .bind(keys::random::<16>().to_vec())
    .bind(vec![0; 32])
    .execute(connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::database::connect_options;

    async fn update(pool: &SqlitePool) {
        let mut writing = pool.begin().await.unwrap();
        let found = version(&mut writing).await.unwrap();
        run(&mut writing, found).await.unwrap();
        writing.commit().await.unwrap();
    }

    /// The tables that version 17 builds anew, with all that stood in them.
    #[tokio::test]
    async fn what_stands_in_rebuilt_tables_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("office.sqlite");
        let pool = SqlitePool::connect_with(connect_options(&path)).await.unwrap();
        run_through(&pool, 16).await;
        let mut before = pool.acquire().await.unwrap();
        sqlx::raw_sql(
            "INSERT INTO kiosk (number, name, tls_pin, proving_key, first_epoch, enrolled_at, last_seen_at)
                 VALUES (1, '', x'', x'', x'', 0, 0);
             INSERT INTO beneficiary (number, id, name_words, first_word) VALUES (5, 'p', '', ''), (6, 'q', '', '');
             INSERT INTO beneficiary_word (word, beneficiary) VALUES ('نوره', 6), ('سعد', 5), ('نوره', 5);
             INSERT INTO request (id, tracking_number, kiosk, received_on, registered_at, arrived_at, service, channel,
                 beneficiary, language, catalogue_version, declaration_version, privacy_notice_version, policy_version,
                 answers, name_normalised, stage, documents_complete, arrival)
                 VALUES ('r', '000112345670', 1, '2026-11-01', 0, 0, 'rent', 'kiosk', 'external', 'ar', 1, 1, 1, 1, '{}', '',
                 'under_study', 0, 1);
             INSERT INTO request_document (request, document, said) VALUES ('r', 'id_card', '\"WithMe\"'), ('r', 'a', '\"Later\"');
             INSERT INTO change (number, request) VALUES (7, 'r');
             INSERT INTO trail (number, at, actor, action, subject, details, previous, hash)
                 VALUES (1, 2, 'a', 'b', 'c', '{}', x'00', x'01'), (2, 3, 'd', 'e', 'f', '{}', x'01', x'02');",
        )
        .execute(&mut *before)
        .await
        .unwrap();
        drop(before);
        let all = async || {
            let mut found = Vec::new();
            for select in [
                "SELECT beneficiary || ' ' || word FROM beneficiary_word ORDER BY beneficiary, word",
                "SELECT request || document || said FROM request_document ORDER BY document",
                "SELECT number || request FROM change",
                "SELECT number || at || actor || action || subject || details || hex(previous) || hex(hash) FROM trail
                 ORDER BY number",
            ] {
                found.extend(sqlx::query_scalar::<_, String>(select).fetch_all(&pool).await.unwrap());
            }
            found
        };
        let stood = all().await;
        assert_eq!(stood.len(), 8);
        update(&pool).await;
        assert_eq!(all().await, stood);
        let version: i64 =
            sqlx::query_scalar("SELECT MAX(version) FROM schema_version").fetch_one(&pool).await.unwrap();
        assert_eq!(version, KNOWN);
        let broken: Vec<String> =
            sqlx::query_scalar("SELECT \"table\" FROM pragma_foreign_key_check").fetch_all(&pool).await.unwrap();
        assert_eq!(broken, Vec::<String>::new());
        pool.close().await;
    }

    /// Version 18 computes counts, epochs in their order, and new numbers for all changes.
    #[tokio::test]
    async fn version_18_counts_what_came_and_tells_everything_once_more() {
        let folder = tempfile::tempdir().unwrap();
        let pool = SqlitePool::connect_with(connect_options(&folder.path().join("office.sqlite"))).await.unwrap();
        run_through(&pool, 17).await;
        let mut before = pool.acquire().await.unwrap();
        sqlx::raw_sql(
            "INSERT INTO office (only_row, incarnation, last_change, trail_length, trail_head) VALUES (1, x'01', 9, 0, x'00');
             INSERT INTO kiosk (number, name, tls_pin, proving_key, first_epoch, enrolled_at, last_seen_at, revoked_at)
                 VALUES (1, '', x'', x'', x'', 0, 0, 50), (2, '', x'', x'', x'', 0, 0, NULL);
             INSERT INTO envelope (header_hash, kiosk, epoch, sequence, previous, rooted, bytes, received_at)
                 VALUES (x'01', 1, x'0b', 0, x'', 1, x'', 49), (x'02', 1, x'0a', 0, x'', 1, x'', 50),
                        (x'03', 1, x'0a', 1, x'', 1, x'', 51), (x'04', 2, x'0c', 0, x'', 1, x'', 60);
             INSERT INTO request (id, tracking_number, kiosk, received_on, registered_at, arrived_at, service, channel,
                 beneficiary, language, catalogue_version, declaration_version, privacy_notice_version, policy_version,
                 answers, name_normalised, stage, documents_complete, arrival)
                 SELECT 'r' || value, '00011234567' || value, 1, '2026-11-01', 0, 0, 'rent', 'kiosk', 'external', 'ar', 1, 1,
                 1, 1, '{}', '', 'under_study', 0, value FROM json_each('[1, 2, 3]');
             INSERT INTO change (number, request) VALUES (2, 'r1'), (7, 'r2'), (9, 'r3');",
        )
        .execute(&mut *before)
        .await
        .unwrap();
        drop(before);
        update(&pool).await;
        let numbers: Vec<(i64, String)> =
            sqlx::query_as("SELECT number, request FROM change ORDER BY number").fetch_all(&pool).await.unwrap();
        assert_eq!(numbers, [(11, "r1".into()), (16, "r2".into()), (18, "r3".into())], "all behind the ninth");
        let last: i64 = sqlx::query_scalar("SELECT last_change FROM office").fetch_one(&pool).await.unwrap();
        assert_eq!(last, 18);
        let after: Vec<i64> =
            sqlx::query_scalar("SELECT after_revocation FROM kiosk ORDER BY number").fetch_all(&pool).await.unwrap();
        assert_eq!(after, [2, 0]);
        let epochs: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT kiosk, epoch FROM kiosk_epoch ORDER BY number").fetch_all(&pool).await.unwrap();
        assert_eq!(epochs, [(1, vec![0x0b]), (1, vec![0x0a]), (2, vec![0x0c])]);
        pool.close().await;
    }
}

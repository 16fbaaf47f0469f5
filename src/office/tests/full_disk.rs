//! A full disk stops the office only while it is full. Here the database may grow no further; `tests/office_disk.rs` has
//! real disks.

use super::support::*;
use crate::domain::record::Record;
use crate::office::database::{Database, DatabaseError};
use crate::office::people::Role;

/// From now on the writer's connection can add no page to the database.
async fn fill(database: &Database) {
    limit(database, "(SELECT page_count FROM pragma_page_count)").await;
}

/// There is room again, whether that connection is still there or not.
async fn make_room(database: &Database) {
    limit(database, "4294967294").await;
}

async fn limit(database: &Database, pages: &str) {
    let mut writing = database.write().await.unwrap();
    let pages: i64 =
        sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT {pages}"))).fetch_one(&mut *writing).await.unwrap();
    let limit = format!("PRAGMA max_page_count = {pages}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(limit)).execute(&mut *writing).await.unwrap();
}

/// A write after whose failure SQLite ends the transaction by itself: one row, which needs no journal of its own.
async fn fill_up(database: &Database) -> DatabaseError {
    let mut writing = database.write().await.unwrap();
    let large = sqlx::query("INSERT INTO large VALUES (zeroblob(40000000))").execute(&mut *writing).await;
    large.unwrap_err().into()
}

#[tokio::test]
async fn the_office_writes_again_after_a_write_that_found_no_room() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    office.person(Role::Manager).await;
    let database = &office.server.office().database;
    let mut writing = database.write().await.unwrap();
    sqlx::raw_sql("CREATE TABLE large (bytes BLOB)").execute(&mut *writing).await.unwrap();
    writing.commit().await.unwrap();
    for round in 0..3 {
        fill(database).await;
        let error = fill_up(database).await;
        assert!(matches!(error, DatabaseError::DiskFull), "{error:?}");
        assert!(error.to_string().contains("make room"), "{error}");
        // The broken transaction is gone, and others go on.
        make_room(database).await;
        database.write().await.unwrap().commit().await.unwrap();

        fill(database).await;
        let batch: Vec<_> = (0..60)
            .map(|number| kiosk.seal(&Record::Suggestion { text: format!("{round} {number} ").repeat(120) }))
            .collect();
        let refused = kiosk.send(&batch).await.unwrap_err();
        assert_eq!(refused.status, 503);
        assert!(refused.text().contains("its disk is full"), "{}", refused.text());
        make_room(database).await;
        let held = kiosk.send(&batch).await.unwrap().held[0];
        assert_eq!((held.sequence, held.head), (kiosk.next.sequence - 1, kiosk.next.previous));
        office.browser(Role::Manager).await;
    }
    // A table that isn't the office's would be found.
    let mut writing = database.write().await.unwrap();
    sqlx::raw_sql("DROP TABLE large").execute(&mut *writing).await.unwrap();
    writing.commit().await.unwrap();
    let summary = office.check().await;
    assert!(summary.is_sound() && summary.suggestions == 180, "{summary:?}");
}

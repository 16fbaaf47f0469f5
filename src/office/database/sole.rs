//! Whether somebody else has a database open, in this process or another.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteLockingMode};
use sqlx::{Connection as _, Executor as _};

use super::{DatabaseError, code_of, result_code};

/// Maximum time for which connections are waited for that are just being closed.
const CLOSING_TIME: Duration = Duration::from_secs(2);

/// Asks SQLite for the whole file, which it gives to nobody while another connection has it open, be that at rest.
pub async fn is_in_use(path: &Path) -> Result<bool, DatabaseError> {
    match take_whole(path).await {
        Ok(()) => Ok(false),
        Err(error) if code_of(&error) == Some(result_code::BUSY) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

async fn take_whole(path: &Path) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(CLOSING_TIME);
    let options = options.locking_mode(SqliteLockingMode::Exclusive);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let taken = connection.execute("BEGIN EXCLUSIVE; COMMIT").await;
    connection.close().await?;
    taken.map(drop)
}

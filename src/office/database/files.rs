//! The files of the database: for their owner only, and the copy that is kept of an earlier version.

use std::fs::{self, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::DatabaseError;

/// SQLite lays these beside the database: the log of pages, and where in the log which page is.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];
const PRIVATE: u32 = 0o600;
const OTHERS: u32 = 0o077;

/// Makes a database's file readable by its owner only, or takes others' rights to it away, and those to its companions. SQLite
/// gives companions that it makes the rights of the database.
///
/// Nothing that is there is opened: whoever closes a file lets go of all locks that this process has on it, SQLite's too.
pub fn keep_private(path: &Path) -> Result<(), DatabaseError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| DatabaseError::Files { path, source }
    };
    match OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(path)(error)),
        _ => {}
    }
    take_others_rights(path).map_err(failed(path))?;
    for end in COMPANIONS {
        let companion = with_end(path, end);
        take_others_rights(&companion).map_err(failed(&companion))?;
    }
    Ok(())
}

fn take_others_rights(path: &Path) -> io::Result<()> {
    let mode = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found?.permissions().mode(),
    };
    if mode & OTHERS == 0 {
        return Ok(());
    }
    match fs::set_permissions(path, Permissions::from_mode(PRIVATE)) {
        // The last connection that closes takes the companions away.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => {
            done?;
            tracing::warn!(path = %path.display(), mode = format!("{:03o}", mode & 0o777), "others could read this file: now its owner only can");
            Ok(())
        }
    }
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(end);
    name.into()
}

/// The log of pages of a database, which may not be there.
pub fn log(database: &Path) -> PathBuf {
    with_end(database, "-wal")
}

/// `office.before-0022.sqlite` beside `office.sqlite`: the database as it was before version 22.
pub fn earlier_version(database: &Path, before: i64) -> PathBuf {
    database.with_file_name(format!("{}{before:04}.sqlite", earlier_version_prefix(database)))
}

fn earlier_version_prefix(database: &Path) -> String {
    format!("{}.before-", database.file_stem().unwrap_or_default().to_string_lossy())
}

/// Removes the copies of earlier versions of a database, also unfinished ones.
pub fn remove_earlier_versions(database: &Path) -> Result<(), DatabaseError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| DatabaseError::Files { path, source }
    };
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let prefix = earlier_version_prefix(database);
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let is_one = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix));
        if is_one {
            fs::remove_file(&path).map_err(failed(&path))?;
        }
    }
    Ok(())
}

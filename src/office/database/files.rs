//! The files of the database: for their owner only; the copy that is kept of an earlier version, and logs that were found damaged.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{DatabaseError, count};

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

/// Behind the log's name: `office.sqlite-wal.kept-1`, …
const KEPT: &str = ".kept-";
/// Maximum number of logs that are kept: each may be as large as the largest piece of work.
const KEPT_MAX: u8 = 9;

/// Keeps a copy of the log of pages as it lies there, for whoever looks what happened. `None` where there is none, or enough are
/// kept already.
pub fn keep_log(database: &Path) -> Result<Option<PathBuf>, DatabaseError> {
    let log = log(database);
    if !fs::metadata(&log).is_ok_and(|found| found.len() > 0) {
        return Ok(None);
    }
    for number in 1..=KEPT_MAX {
        let kept = with_end(&log, &format!("{KEPT}{number}"));
        let failed = |source| DatabaseError::Files { path: kept.clone(), source };
        let mut copy = match OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&kept) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            opened => opened.map_err(failed)?,
        };
        let copied = File::open(&log).and_then(|mut from| io::copy(&mut from, &mut copy)).and_then(|_| copy.sync_all());
        if copied.is_err() {
            // A part of it would take a whole one's place, and nothing may be opened to write before there is one.
            remove(&kept);
        }
        copied.map_err(failed)?;
        return Ok(Some(kept));
    }
    Ok(None)
}

/// Removes the logs that were kept: they hold what was erased since. A failure is logged.
pub fn remove_kept_logs(database: &Path) {
    let log = log(database);
    for number in 1..=KEPT_MAX {
        remove(&with_end(&log, &format!("{KEPT}{number}")));
    }
}

/// Copies the count of a database, where there is one, to that of a copy which is made next: it never says more than the copy
/// holds.
pub fn copy_count(database: &Path, copy: &Path) -> Result<(), DatabaseError> {
    let path = count::path_of(copy);
    let failed = |source| DatabaseError::Files { path: path.clone(), source };
    let bytes = match fs::read(count::path_of(database)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        read => read.map_err(failed)?,
    };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&path).map_err(failed)?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(failed)
}

fn remove(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::error!(path = %path.display(), %error, "this file can't be removed, and would keep what is erased: remove it by hand");
        }
        _ => {}
    }
}

/// `office.before-0022.sqlite` beside `office.sqlite`: the database as it was before version 22.
pub fn earlier_version(database: &Path, before: i64) -> PathBuf {
    database.with_file_name(format!("{}{before:04}.sqlite", earlier_version_prefix(database)))
}

fn earlier_version_prefix(database: &Path) -> String {
    format!("{}.before-", database.file_stem().unwrap_or_default().to_string_lossy())
}

/// Removes the copies of earlier versions of a database with their counts, also unfinished ones; other files whose names begin
/// alike are somebody else's. A failure is logged.
pub fn remove_earlier_versions(database: &Path) {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let prefix = earlier_version_prefix(database);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            tracing::error!(path = %folder.display(), %error, "copies of earlier versions can't be looked for");
            return;
        }
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_str().and_then(|name| name.strip_prefix(&prefix)).is_some_and(is_rest_of_earlier_version) {
            remove(&entry.path());
        }
    }
}

/// True for what stands behind `office.before-` in the names that this program gives.
fn is_rest_of_earlier_version(rest: &str) -> bool {
    let Some((number, end)) = rest.split_once('.') else { return false };
    let is_number = number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number && matches!(end, "sqlite" | "sqlite.count" | "unfinished")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_copies_of_our_own_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("office.sqlite");
        let copy = earlier_version(&database, 23);
        assert!(copy.ends_with("office.before-0023.sqlite"));
        let ours = [copy.clone(), with_end(&copy, ".count"), copy.with_extension("unfinished")];
        let foreign =
            ["office.before-update.sqlite", "office.before-23.sqlite", "office.before-0023.sqlite.gz", "office.sqlite"];
        let foreign = foreign.map(|name| folder.path().join(name));
        for path in ours.iter().chain(&foreign) {
            fs::write(path, "x").unwrap();
        }
        remove_earlier_versions(&database);
        assert_eq!(ours.map(|path| path.exists()), [false; 3]);
        assert_eq!(foreign.map(|path| path.exists()), [true; 4]);
        // A folder of such a name stays, and keeps nobody from working.
        fs::create_dir(&copy).unwrap();
        remove_earlier_versions(&database);
        assert!(copy.exists());
    }
}

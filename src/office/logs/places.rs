//! Where a log lies: in the office's folder, and as a copy beside the backups.
//!
//! The office's own file is written first, while the caller holds the database's one writer: it and the database are what the
//! office promises by. The copy may lie on a mounted share, which may be away, full, slow, or open to others. So it is written
//! afterwards, outside any transaction, and nobody waits for it longer than [`PATIENCE`]; what it lacks then is made up for at
//! the next writing, the next backup and the next start.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::{LogError, Text, amend, append, lines, read, read_foreign};

/// Maximum time for which anybody waits for the copy beside the backups. The work itself goes on in the background.
const PATIENCE: Duration = Duration::from_secs(5);

/// The files of one log.
#[derive(Clone, Debug)]
pub struct Places {
    own: PathBuf,
    copy: Option<PathBuf>,
    /// Held by whoever works at the copy, which may be for as long as a share hangs
    turn: Arc<Mutex<()>>,
    /// Why the copy may lack lines
    trouble: Arc<std::sync::Mutex<Option<String>>>,
}

impl Places {
    /// The first folder is the office's own, the second the one beside the backups.
    pub fn in_folders<'a>(folders: impl IntoIterator<Item = &'a Path>, file_name: &str) -> Self {
        let mut files = folders.into_iter().map(|folder| folder.join(file_name));
        let own = files.next().unwrap_or_else(|| file_name.into());
        let copy = files.next().filter(|copy| *copy != own);
        Self { own, copy, turn: Arc::default(), trouble: Arc::default() }
    }

    /// Changes the office's own file. The caller holds the writer.
    pub fn change<T>(&self, work: impl FnOnce(&Path) -> io::Result<T>) -> Result<T, LogError> {
        work(&self.own).map_err(LogError::unwritten(&self.own))
    }

    /// Reads the office's own file.
    pub fn read_own(&self) -> Result<Text, LogError> {
        let text = read(&self.own).map_err(LogError::unread(&self.own))?;
        Ok(Text { path: self.own.clone(), text })
    }

    /// Reads all files, however long that takes.
    pub fn read_all(&self) -> Result<Vec<Text>, LogError> {
        let mut all = vec![self.read_own()?];
        if let Some(copy) = &self.copy {
            all.push(Text::foreign(copy)?);
        }
        Ok(all)
    }

    /// Appends to the office's own file those lines of another log that it lacks, such as the one beside a backup. They are
    /// verified when they are read: this needs no keys.
    pub fn take_over(&self, other: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<(), LogError> {
        let others = Text::foreign(other)?;
        self.change(|file| amend(file, "", |_| false, &lacking(&others.text, &read(file)?, is_wanted)))
    }

    /// Says why the copy beside the backups may lack lines; `None` while all is well.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Appends to the copy what the office's own file has just got; `is_wanted` as for [`Places::complete`].
    pub async fn copy(&self, text: String, is_wanted: impl Fn(&str) -> bool + Send + 'static) {
        if self.trouble().is_some() {
            return self.complete(is_wanted, |_| false).await;
        }
        self.noted(self.elsewhere(move |file| append(file, &text)).await);
    }

    /// Takes lines out of the copy.
    pub async fn take_out_of_copy(&self, is_out: impl Fn(&str) -> bool + Send + 'static) {
        self.noted(self.elsewhere(move |file| amend(file, &read_foreign(file)?, is_out, "")).await);
    }

    /// Takes lines out of the copy, and appends those of the office's own file that are wanted and that it lacks.
    pub async fn complete(
        &self,
        is_wanted: impl Fn(&str) -> bool + Send + 'static,
        is_out: impl Fn(&str) -> bool + Send + 'static,
    ) {
        let own = self.own.clone();
        let completed = self.elsewhere(move |file| {
            let known = read_foreign(file)?;
            amend(file, &known, is_out, &lacking(&read(&own)?, &known, is_wanted))
        });
        if self.noted(completed.await).is_some() {
            *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    /// Reads the copy. There is nothing to read where it isn't there, or can't be read.
    pub async fn read_copy(&self) -> Vec<Text> {
        let read = self.elsewhere(|file| read_foreign(file).map(|text| Text { path: file.to_owned(), text })).await;
        self.noted(read).into_iter().collect()
    }

    /// Notes why the copy may lack lines from now on.
    fn noted<T>(&self, done: io::Result<Option<T>>) -> Option<T> {
        let (error, file) = match (done, &self.copy) {
            (Err(error), Some(file)) => (error, file.display()),
            (done, _) => return done.ok().flatten(),
        };
        tracing::error!(
            "{file}: the copy of this log beside the backups can't be kept up ({error}). The office goes on with its own, and completes the copy with the next backup"
        );
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(format!("{file}: {error}"));
        None
    }

    /// Works at the copy, where there is one, on a thread of its own: one that hangs holds up neither the runtime nor its end.
    async fn elsewhere<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> io::Result<Option<T>> {
        let Some(file) = self.copy.clone() else { return Ok(None) };
        let working = async {
            let turn = self.take_turn().await?;
            let (done, outcome) = oneshot::channel();
            std::thread::Builder::new().name("log's copy".to_owned()).spawn(move || {
                let worked = work(&file);
                drop(turn);
                // Nobody may be waiting any more.
                let _ = done.send(worked);
            })?;
            outcome.await.map_err(io::Error::other)?.map(Some)
        };
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, "it doesn't answer");
        tokio::time::timeout(PATIENCE, working).await.map_err(late)?
    }

    /// Waits for those who work at the copy, but not for one that is known to hang.
    async fn take_turn(&self) -> io::Result<OwnedMutexGuard<()>> {
        match self.turn.clone().try_lock_owned() {
            Ok(turn) => Ok(turn),
            Err(_) if self.trouble().is_some() => Err(io::Error::new(io::ErrorKind::TimedOut, "it doesn't answer yet")),
            Err(_) => Ok(self.turn.clone().lock_owned().await),
        }
    }
}

/// Gives the lines of one text that another lacks.
fn lacking(text: &str, known: &str, is_wanted: impl Fn(&str) -> bool) -> String {
    let known: HashSet<&str> = lines(known).map(|(_, line)| line).collect();
    let lacking = lines(text).map(|(_, line)| line).filter(|line| !known.contains(line) && is_wanted(line));
    lacking.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::super::FOREIGN_BYTES_MAX;
    use super::*;

    fn all(_line: &str) -> bool {
        true
    }

    fn none(_line: &str) -> bool {
        false
    }

    /// Two folders, a log in them, and the path of its copy.
    fn placed() -> ([tempfile::TempDir; 2], Places, PathBuf) {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let places = Places::in_folders(folders.iter().map(tempfile::TempDir::path), "a.log");
        places.change(|file| append(file, "1 a\n2 b\n")).unwrap();
        let copy = folders[1].path().join("a.log");
        (folders, places, copy)
    }

    /// A pipe can't be opened to be read until somebody writes: so does a share hang.
    #[tokio::test]
    async fn a_copy_that_hangs_holds_nobody_up_for_long_and_is_completed_when_it_answers() {
        let (_folders, places, copy) = placed();
        mknodat(CWD, &copy, FileType::Fifo, Mode::RWXU, 0).unwrap();
        places.complete(all, none).await;
        assert!(places.trouble().unwrap().ends_with("it doesn't answer"), "{:?}", places.trouble());
        // From now on nobody waits at all, and the office's own log is free.
        places.change(|file| append(file, "3 c\n")).unwrap();
        places.copy("3 c\n".into(), all).await;
        places.take_out_of_copy(all).await;
        assert!(places.trouble().unwrap().ends_with("it doesn't answer yet"), "{:?}", places.trouble());
        assert!(places.read_copy().await.is_empty());
        drop(OpenOptions::new().read(true).write(true).open(&copy).unwrap());
        fs::remove_file(&copy).unwrap();
        while places.trouble().is_some() {
            places.copy(String::new(), all).await;
            tokio::task::yield_now().await;
        }
        assert_eq!(read(&copy).unwrap(), "1 a\n2 b\n3 c\n");
    }

    #[tokio::test]
    async fn a_copy_that_others_spoil_changes_nothing_else() {
        let (folders, places, copy) = placed();
        let target = folders[0].path().join("office.sqlite");
        fs::write(&target, "a database").unwrap();
        // A link to a file of the office
        std::os::unix::fs::symlink(&target, &copy).unwrap();
        places.copy("2 b\n".into(), all).await;
        places.complete(all, none).await;
        assert!(places.trouble().is_some());
        fs::remove_file(&copy).unwrap();
        // More than is ever read
        fs::File::create(&copy).unwrap().set_len(FOREIGN_BYTES_MAX + 1).unwrap();
        places.complete(all, none).await;
        assert!(places.trouble().unwrap().contains("more than 64 MiB"), "{:?}", places.trouble());
        assert!(places.take_over(&copy, all).is_err());
        fs::remove_file(&copy).unwrap();
        // Lines of theirs stay there, and those of ours come back.
        fs::write(&copy, "1 a\n1 x\n").unwrap();
        places.complete(|line| line != "1 x", |line| line == "1 a").await;
        assert_eq!((places.trouble(), read(&copy).unwrap().as_str()), (None, "1 x\n2 b\n"));
        assert_eq!(fs::read_to_string(&target).unwrap(), "a database");
        assert_eq!(read(&folders[0].path().join("a.log")).unwrap(), "1 a\n2 b\n");
    }
}

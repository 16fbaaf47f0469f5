//! Where a log lies: in the office's folder, and as a copy beside the backups.
//!
//! The office's own file is written first, while the caller holds the database's one writer: it and the database are what the
//! office promises by. The copy may lie on a mounted share, which may be away, full, slow, or open to others. So it is written
//! afterwards, outside any transaction, and nobody waits for it longer than [`PATIENCE`]; what it lacks then is made up for at
//! the next writing, the next backup and the next start.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tokio::time::{Instant, timeout_at};

use super::{
    FOREIGN_BYTES_MAX, LogError, Text, amend, append, beside, lines, read, read_at_most, read_foreign, read_wanted,
    write_anew,
};

/// Maximum time for which anybody waits for the copy beside the backups. The work itself goes on in the background.
const PATIENCE: Duration = Duration::from_secs(5);
/// End of the name of a copy that was set aside.
const TOO_LARGE: &str = ".too-large";

/// The files of one log.
#[derive(Clone, Debug)]
pub struct Places {
    own: PathBuf,
    copy: Option<PathBuf>,
    /// Held by whoever works at the copy, which may be for as long as a share hangs
    turn: Arc<Mutex<()>>,
    state: Arc<std::sync::Mutex<State>>,
}

/// State of the copy.
#[derive(Debug, Default)]
struct State {
    /// Why the copy may lack lines, or still have some
    trouble: Option<String>,
    /// Number of pieces of work that failed or were given up
    missed: u64,
    /// As many of them as a completion has made up for
    made_up: u64,
    /// Lines with one of these words are still to be taken out
    out: HashSet<String>,
}

/// What a piece of work does for the copy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Work {
    ReadsOrAppends,
    TakesOut,
    /// Takes out, and makes up for what was missed
    Completes,
}

impl State {
    fn is_whole(&self) -> bool {
        self.made_up == self.missed && self.out.is_empty()
    }

    /// Notes why the copy may lack lines from now on.
    fn trouble(&mut self, file: &Path, why: &str) {
        let file = file.display();
        tracing::error!(
            "{file}: the copy of this log beside the backups can't be kept up ({why}). The office goes on with its own, and completes the copy with the next backup"
        );
        self.trouble = Some(format!("{file}: {why}"));
    }

    fn miss(&mut self, file: &Path, why: &str) {
        self.missed += 1;
        self.trouble(file, why);
    }

    /// Notes work that was done, which began when so many were missed and these words were to be taken out.
    fn done(&mut self, work: Work, missed: u64, out: &HashSet<String>) {
        if work >= Work::TakesOut {
            self.out.retain(|word| !out.contains(word));
        }
        if work == Work::Completes {
            self.made_up = missed;
        }
        if self.is_whole() {
            self.trouble = None;
        }
    }
}

impl Places {
    /// The first folder is the office's own, the second the one beside the backups.
    pub fn in_folders<'a>(folders: impl IntoIterator<Item = &'a Path>, file_name: &str) -> Self {
        let mut files = folders.into_iter().map(|folder| folder.join(file_name));
        let own = files.next().unwrap_or_else(|| file_name.into());
        let copy = files.next().filter(|copy| *copy != own);
        Self { own, copy, turn: Arc::default(), state: Arc::default() }
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

    /// Reads the office's own file, and its copy as far as that can be read.
    pub async fn read_all(&self) -> Result<Vec<Text>, LogError> {
        let mut all = vec![self.read_own()?];
        all.extend(self.read_copy().await);
        Ok(all)
    }

    /// Reads for a restore the office's own file, and of the one beside the backup the lines that are wanted, however long that
    /// takes.
    pub fn read_to_restore(&self, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<Text>, LogError> {
        let mut all = vec![self.read_own()?];
        if let Some(copy) = &self.copy {
            all.push(Text { path: copy.clone(), text: self.read_other(copy, is_wanted)? });
        }
        Ok(all)
    }

    /// Appends to the office's own file those lines of another log that it lacks, such as the one beside a backup. They are
    /// verified when they are read: this needs no keys.
    pub fn take_over(&self, other: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<(), LogError> {
        let others = self.read_other(other, &is_wanted)?;
        self.change(|file| {
            let known = read(file)?;
            let more = lacking(&others, &known, is_wanted);
            // All of it or nothing: half a log would look like a whole one.
            if more.is_empty() { Ok(()) } else { write_anew(file, lines(&known).map(|(_, line)| line), &more) }
        })
    }

    /// Reads a log that others may have written. One that is too large or can't be read is no obstacle where the office's own
    /// is there; else it is read whatever its size.
    fn read_other(&self, other: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<String, LogError> {
        if fs::metadata(&self.own).map_or(0, |own| own.len()) == 0 {
            return read_wanted(other, is_wanted).map_err(LogError::unread(other));
        }
        Ok(read_foreign(other).unwrap_or_else(|error| {
            tracing::error!(
                "{}: this log can't be read ({error}), and the restore goes on with {} alone: what stands only in the other one is lacking in the restored office",
                other.display(),
                self.own.display()
            );
            String::new()
        }))
    }

    /// Says why the copy beside the backups may lack lines, or still have some; `None` while all is well.
    pub fn trouble(&self) -> Option<String> {
        self.state().trouble.clone()
    }

    /// Appends to the copy what the office's own file has just got; `is_wanted` as for [`Places::complete`].
    pub async fn copy(&self, text: String, is_wanted: impl Fn(&str) -> bool + Send + 'static) {
        if !self.state().is_whole() {
            return self.complete(is_wanted, HashSet::new()).await;
        }
        self.elsewhere(Work::ReadsOrAppends, move |file, _| {
            make_folder_of(file)?;
            append(file, &text)
        })
        .await;
    }

    /// Takes out of the copy the lines with one of these words. Where that can't be done now, the next completion does it.
    pub async fn take_out_of_copy(&self, out: impl IntoIterator<Item = String>) {
        self.remember(out);
        let own = self.own.clone();
        self.elsewhere(Work::TakesOut, move |file, out| {
            let text = read_at_most(file, bytes_max(&own))?;
            amend(file, &text, |line| has_word(line, out), "")
        })
        .await;
    }

    /// Takes out of the copy the lines with one of these words, and appends those of the office's own file that are wanted and
    /// that it lacks.
    pub async fn complete(
        &self,
        is_wanted: impl Fn(&str) -> bool + Send + 'static,
        out: impl IntoIterator<Item = String>,
    ) {
        self.remember(out);
        let own = self.own.clone();
        self.elsewhere(Work::Completes, move |file, out| {
            let known = read_or_set_aside(file, bytes_max(&own))?;
            let more = lacking(&read(&own)?, &known, |line| is_wanted(line) && !has_word(line, out));
            if !more.is_empty() {
                make_folder_of(file)?;
            }
            amend(file, &known, |line| has_word(line, out), &more)
        })
        .await;
    }

    /// Reads the copy. There is nothing to read where it isn't there, or can't be read, which is then its trouble.
    pub async fn read_copy(&self) -> Option<Text> {
        let bytes_max = bytes_max(&self.own);
        let read =
            move |file: &Path, _: &_| read_at_most(file, bytes_max).map(|text| Text { path: file.to_owned(), text });
        self.elsewhere(Work::ReadsOrAppends, read).await
    }

    fn remember(&self, out: impl IntoIterator<Item = String>) {
        if self.copy.is_some() {
            self.state().out.extend(out);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works at the copy, where there is one, on a thread of its own: one that hangs holds up neither the runtime nor its end.
    /// The thread notes what came of it, also where nobody waits any more.
    async fn elsewhere<T: Send + 'static>(
        &self,
        kind: Work,
        work: impl FnOnce(&Path, &HashSet<String>) -> io::Result<T> + Send + 'static,
    ) -> Option<T> {
        let file = self.copy.clone()?;
        let until = Instant::now() + PATIENCE;
        let turn = match self.take_turn(until).await {
            Ok(turn) => turn,
            Err(why) => {
                self.state().miss(&file, why);
                return None;
            }
        };
        let (telling, mut told) = oneshot::channel();
        let (missed, out) = {
            let state = self.state();
            (state.missed, state.out.clone())
        };
        let places = self.clone();
        let working = move || {
            let worked = work(&file, &out);
            let mut state = places.state();
            match &worked {
                Ok(_) => state.done(kind, missed, &out),
                Err(error) => state.miss(&file, &error.to_string()),
            }
            drop(turn);
            // Before the state is let go: whoever stops waiting asks under it whether this has ended.
            let _ = telling.send(worked.ok());
        };
        if let Err(error) = std::thread::Builder::new().name("log's copy".to_owned()).spawn(working) {
            self.state().miss(self.copy.as_deref()?, &error.to_string());
            return None;
        }
        if let Ok(Ok(done)) = timeout_at(until, &mut told).await {
            return done;
        }
        let mut state = self.state();
        told.try_recv().unwrap_or_else(|_| {
            state.trouble(self.copy.as_deref()?, "it doesn't answer");
            None
        })
    }

    /// Waits for those who work at the copy, but not for one that is known to hang.
    async fn take_turn(&self, until: Instant) -> Result<OwnedMutexGuard<()>, &'static str> {
        match self.turn.clone().try_lock_owned() {
            Ok(turn) => Ok(turn),
            Err(_) if self.trouble().is_some() => Err("it doesn't answer yet"),
            Err(_) => timeout_at(until, self.turn.clone().lock_owned()).await.map_err(|_| "it doesn't answer"),
        }
    }
}

/// Gives the lines of one text that another lacks.
fn lacking(text: &str, known: &str, is_wanted: impl Fn(&str) -> bool) -> String {
    let known: HashSet<&str> = lines(known).map(|(_, line)| line).collect();
    let lacking = lines(text).map(|(_, line)| line).filter(|line| !known.contains(line) && is_wanted(line));
    lacking.map(|line| format!("{line}\n")).collect()
}

fn has_word(line: &str, words: &HashSet<String>) -> bool {
    line.split(' ').any(|word| words.contains(word))
}

/// Maximum size of the copy: others may have written it, but it may be as large as the office's own file.
fn bytes_max(own: &Path) -> u64 {
    fs::metadata(own).map_or(0, |own| own.len()).saturating_mul(2).max(FOREIGN_BYTES_MAX)
}

/// Reads the copy; one that is too large is set aside, and a new one begins.
fn read_or_set_aside(file: &Path, bytes_max: u64) -> io::Result<String> {
    match read_at_most(file, bytes_max) {
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            let aside = beside(file, TOO_LARGE);
            fs::rename(file, &aside)?;
            tracing::error!(
                "{}: {error}. It was set aside as {}, and the copy is written anew from the office's own log. See docs/operations.md",
                file.display(),
                aside.display()
            );
            Ok(String::new())
        }
        read => read,
    }
}

/// Makes the folder of the copy where it isn't there yet.
fn make_folder_of(file: &Path) -> io::Result<()> {
    file.parent().map_or(Ok(()), fs::create_dir_all)
}

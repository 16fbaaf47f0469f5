//! The keys of a running office, which takes up a rotated one without a restart.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::office::Office;
use crate::seal::keys::{OfficeKeys, SealingKeyId};
use crate::seal::office_seeds;
use crate::seal::seed::SeedError;

/// How often the folder is looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(10);

/// The keys as they were last read.
pub struct HeldKeys {
    folder: PathBuf,
    keys: RwLock<Arc<OfficeKeys>>,
}

/// Why the keys in the folder are not taken up; those held go on.
#[derive(Debug, thiserror::Error)]
enum KeptError {
    #[error(transparent)]
    Seed(#[from] SeedError),
    #[error("a key file is gone that was there when the office was started, or is another: restore it from its copy")]
    Gone,
}

impl HeldKeys {
    pub fn read(folder: &Path) -> Result<Self, SeedError> {
        let keys = OfficeKeys::read(folder)?;
        Ok(Self { folder: folder.to_owned(), keys: RwLock::new(Arc::new(keys)) })
    }

    /// The keys at this moment: whoever needs them for more than one thing asks once.
    pub fn now(&self) -> Arc<OfficeKeys> {
        // Only whole keys are ever put there, so that a thread that panicked has left nothing half done.
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the files when others are there than those held, and gives the new current key's id.
    fn look_again(&self) -> Result<Option<SealingKeyId>, KeptError> {
        let held = self.now();
        let present = office_seeds::present(&self.folder)?;
        if (1..).take(held.sealing_keys().count()).eq(present) {
            return Ok(None);
        }
        let found = OfficeKeys::read(&self.folder)?;
        // A running office never forgets a key, nor becomes another office.
        if !found.include(&held) {
            return Err(KeptError::Gone);
        }
        let id = found.sealing_key().id();
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(found);
        Ok(Some(id))
    }
}

/// Takes up rotated keys until the office closes. A problem is logged, once until it changes, and ends nothing.
pub async fn keep_up(office: Arc<Office>) {
    let mut closing = office.closing.clone();
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last_problem = None;
    loop {
        tokio::select! {
            _ = closing.wait_for(|is_closing| *is_closing) => return,
            _ = ticks.tick() => {}
        }
        let problem = match office.keys.look_again() {
            Ok(None) => None,
            Ok(Some(id)) => {
                tracing::info!(%id, "a new sealing key was taken up; kiosks hear of it with their next heartbeat");
                None
            }
            Err(error) => Some(error.to_string()),
        };
        if problem.is_some() && problem != last_problem {
            tracing::error!(problem, "the office's key files are not as they should be; it goes on with those it has");
        }
        last_problem = problem;
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::seal::office_seeds::{OfficeSeeds, file_name};
    use crate::seal::seed::Seed;

    #[test]
    fn keys_are_taken_up_and_never_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = |number| folder.path().join(file_name(number));
        Seed::create(&path(1)).unwrap();
        let held = HeldKeys::read(folder.path()).unwrap();
        let add = || OfficeSeeds::read(folder.path()).unwrap().add(folder.path()).unwrap();
        let current = || held.now().sealing_key().id();
        let first = current();
        assert!(matches!(held.look_again(), Ok(None)));
        add();
        assert!(matches!(held.look_again(), Ok(Some(id)) if id == current() && id != first));
        let second = current();
        // The newest is gone, and comes back.
        fs::rename(path(2), folder.path().join("aside")).unwrap();
        assert!(matches!(held.look_again(), Err(KeptError::Gone)));
        assert_eq!(current(), second);
        fs::rename(folder.path().join("aside"), path(2)).unwrap();
        assert!(matches!(held.look_again(), Ok(None)));
        // Half a file now, the whole one later: it is read again.
        let whole = {
            add();
            fs::read(path(3)).unwrap()
        };
        fs::write(path(3), &whole[..20]).unwrap();
        assert!(matches!(held.look_again(), Err(KeptError::Seed(SeedError::Damaged { .. }))));
        assert_eq!(current(), second);
        fs::write(path(3), whole).unwrap();
        assert!(matches!(held.look_again(), Ok(Some(id)) if id == current() && id != second));
        // Another office's seed is not taken up with the next key.
        let third = current();
        fs::remove_file(path(1)).unwrap();
        Seed::create(&path(1)).unwrap();
        add();
        assert!(matches!(held.look_again(), Err(KeptError::Gone)));
        assert_eq!(current(), third);
    }
}

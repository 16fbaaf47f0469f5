//! Whatever file or folder this program makes is for its owner only, and is its user's.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::Mode;
use rustix::process::{geteuid, umask};

/// Takes the rights of group and others from all that this process and its children make from now on, whoever has started
/// it and how. Called once, before anything is made.
pub fn by_umask() {
    umask(Mode::RWXG | Mode::RWXO);
}

/// Refused, because the folder's user couldn't open what root makes there.
#[derive(Debug, thiserror::Error)]
#[error("{}: this folder belongs to another user, who couldn't open what root makes there. Run it as that user: sudo -u '#{owner}' istiqbal …", path.display())]
pub struct AsRoot {
    path: PathBuf,
    owner: u32,
}

/// Refuses to work as root in a folder of another user. One that isn't there yet is nobody's.
pub fn refuse_root(folder: &Path) -> Result<(), AsRoot> {
    let owner = folder.metadata().map_or(0, |about| about.uid());
    refuse(folder, owner, geteuid().as_raw())
}

fn refuse(folder: &Path, owner: u32, user: u32) -> Result<(), AsRoot> {
    if user == 0 && owner != 0 { Err(AsRoot { path: folder.to_owned(), owner }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_refused_in_another_user_s_folder() {
        let folder = Path::new("/var/lib/istiqbal");
        assert!(refuse(folder, 997, 0).unwrap_err().to_string().contains("sudo -u '#997'"));
        for (owner, user) in [(0, 0), (997, 997), (997, 1000)] {
            refuse(folder, owner, user).unwrap();
        }
        refuse_root(Path::new("/not/there")).unwrap();
    }
}

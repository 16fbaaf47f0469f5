//! Whatever file or folder this program makes is for its owner only.

use rustix::fs::Mode;
use rustix::process::umask;

/// Takes the rights of group and others from all that this process and its children make from now on, whoever has started
/// it and how. Called once, before anything is made.
pub fn by_umask() {
    umask(Mode::RWXG | Mode::RWXO);
}

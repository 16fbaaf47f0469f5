//! A file system of its own on a loop device: its power can be cut, it can be full, and it can only be read.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// ext4 in a file. Unmounted when dropped.
pub struct Disk {
    folder: TempDir,
    pub mount: PathBuf,
}

/// ext4 forced down without writing its own journal (`FS_IOC_SHUTDOWN`, flag 2): what was not synced is gone. perl is on
/// every Debian, and has ioctl.
const CUT: &str =
    r#"my $flag = pack("L", 2); open(my $fs, "<", $ARGV[0]) or die $!; ioctl($fs, 0x8004587d, $flag) or die $!;"#;

impl Disk {
    /// `None` where this may not be done, which is said; with `ISTIQBAL_SKIP_NOTHING` it is an error.
    pub fn of_megabytes(megabytes: u64) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mount = folder.path().join("mount");
        fs::create_dir(&mount).unwrap();
        let disk = Self { folder, mount };
        fs::File::create(disk.image()).unwrap().set_len(megabytes * 1024 * 1024).unwrap();
        let made = run("mkfs.ext4", &["-q", "-F", "-m", "0", disk.image().to_str().unwrap()]);
        match made.and_then(|()| disk.try_mount()) {
            Ok(()) => Some(disk),
            Err(error) => {
                skip(&format!("a file system of its own can't be mounted here (root is needed): {error}"));
                None
            }
        }
    }

    fn image(&self) -> PathBuf {
        self.folder.path().join("image")
    }

    fn try_mount(&self) -> Result<(), String> {
        run("mount", &["-o", "loop", self.image().to_str().unwrap(), self.mount.to_str().unwrap()])
    }

    /// The power goes; whoever has files open here gets errors from now on.
    pub fn cut_power(&self) {
        let any_file = self.mount.join("lost+found");
        run("perl", &["-e", CUT, any_file.to_str().unwrap()]).unwrap();
    }

    /// The machine starts again. Nobody may have files open.
    pub fn start_again(&self) {
        self.unmount().unwrap();
        self.try_mount().unwrap();
    }

    pub fn make_read_only(&self, read_only: bool) {
        let options = if read_only { "remount,ro" } else { "remount,rw" };
        run("mount", &["-o", options, self.mount.to_str().unwrap()]).unwrap();
    }

    /// Takes everything but so many bytes; given back by removing the file.
    pub fn fill(&self, but: u64) -> PathBuf {
        let status = rustix::fs::statvfs(&self.mount).unwrap();
        let free = status.f_bavail * status.f_frsize;
        let path = self.mount.join("filler");
        let bytes = free.saturating_sub(but).to_string();
        run("fallocate", &["-l", &bytes, path.to_str().unwrap()]).unwrap();
        path
    }

    fn unmount(&self) -> Result<(), String> {
        run("umount", &[self.mount.to_str().unwrap()])
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Err(error) = self.unmount() {
            // Lazily, so that the folder can be removed; the kernel ends it when the last file is closed.
            println!("{error}");
            let _ = run("umount", &["-l", self.mount.to_str().unwrap()]);
        }
    }
}

fn run(program: &str, words: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(words).output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program} {words:?}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

/// Says loudly that a test was left out; an error where nothing may be.
pub fn skip(why: &str) {
    assert!(std::env::var_os("ISTIQBAL_SKIP_NOTHING").is_none(), "nothing may be skipped here: {why}");
    println!("SKIPPED: {why}");
    eprintln!("SKIPPED: {why}");
}

/// True when a program is there; if not, that is said.
pub fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        skip(&format!("{program} isn't installed: make test installs it"));
    }
    there
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

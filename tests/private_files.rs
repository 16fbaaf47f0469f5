//! Files that the program makes are for their owner only, however it was started.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Workplace, registration};

/// Files and folders that somebody else than their owner may read, write or enter.
fn open_to_others(folder: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = Vec::new();
    let mode = fs::metadata(folder).unwrap().permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        found.push((folder.to_owned(), mode));
    }
    if folder.is_dir() {
        for entry in fs::read_dir(folder).unwrap() {
            found.extend(open_to_others(&entry.unwrap().path()));
        }
    }
    found
}

/// A wrapper that takes nothing from anybody.
const NO_UMASK: [&str; 4] = ["sh", "-c", "umask 0; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_istiqbal")];

fn run(workplace: &Workplace, words: &[&str], config: &str) -> String {
    let mut command = Command::new(NO_UMASK[0]);
    command.args(&NO_UMASK[1..]).args(words).arg("--config").arg(workplace.path(config));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn nothing_that_office_and_kiosk_make_is_open_to_others() {
    let workplace = Workplace::new();
    let identity = age::x25519::Identity::generate();
    let backup = format!("[backup]\nfolder = \"backups\"\nrecipients = [\"{}\"]\n", identity.to_public());
    let office_toml = workplace.path("office.toml");
    fs::write(&office_toml, fs::read_to_string(&office_toml).unwrap() + &backup).unwrap();
    run(&workplace, &["office", "init", "--administrator", "amal"], "office.toml");
    let office = workplace.start_office_by(&NO_UMASK[..3]);
    let invite = run(&workplace, &["office", "invite", "--print"], "office.toml");
    run(&workplace, &["kiosk", "enroll", "--invite", invite.trim()], "kiosk.toml");
    let script = workplace.path("script");
    fs::write(&script, registration("نورة القحطاني")).unwrap();
    run(&workplace, &["kiosk", "visit", "--no-print", "--script", script.to_str().unwrap()], "kiosk.toml");
    run(&workplace, &["office", "backup"], "office.toml");
    for folder in ["office", "kiosk", "backups"] {
        assert_eq!(open_to_others(&workplace.path(folder)), [], "{folder}");
    }
    // A second office is refused while the first serves.
    let error = workplace.fail(&["office", "serve"], "office.toml", "");
    assert!(error.contains("an office serves from this folder") && error.contains("systemctl stop"), "{error}");
    office.end();
}

//! The copy of a log on a share that hangs, fails, or is written by others.

use std::fs::OpenOptions;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::*;

const NOTHING: [String; 0] = [];

fn all(_line: &str) -> bool {
    true
}

/// Two folders, a log in them, and the path of its copy.
fn placed() -> ([tempfile::TempDir; 2], Places, PathBuf) {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let places = Places::in_folders(folders.iter().map(tempfile::TempDir::path), "a.log");
    places.change(|file| append(file, "1 a\n2 b\n")).unwrap();
    let copy = folders[1].path().join("a.log");
    (folders, places, copy)
}

/// Puts a pipe in the copy's place. It can't be opened to be read until somebody writes: so does a share hang.
fn hang(copy: &Path) {
    let _ = fs::remove_file(copy);
    mknodat(CWD, copy, FileType::Fifo, Mode::RWXU, 0).unwrap();
}

/// Lets something else lie there, then whoever waits for the pipe go on.
fn answer(copy: &Path, lay: impl FnOnce(&Path)) {
    let pipe = copy.with_extension("pipe");
    fs::rename(copy, &pipe).unwrap();
    lay(copy);
    drop(OpenOptions::new().read(true).write(true).open(&pipe).unwrap());
}

fn empty_file(copy: &Path) {
    fs::write(copy, "").unwrap();
}

/// Begins work that hangs; nobody waits for it in truth.
async fn given_up<T>(work: impl Future<Output = T>) -> T {
    tokio::time::pause();
    let done = work.await;
    tokio::time::resume();
    done
}

/// Waits, without any other work, for what goes on in the background.
async fn ended(places: &Places) {
    drop(places.turn.lock().await);
}

#[tokio::test]
async fn a_copy_that_hangs_holds_nobody_up_for_long_and_is_completed_when_it_answers() {
    let (_folders, places, copy) = placed();
    hang(&copy);
    given_up(places.complete(all, NOTHING)).await;
    assert!(places.trouble().unwrap().ends_with("it doesn't answer"), "{:?}", places.trouble());
    // From now on nobody waits at all, and the office's own log is free.
    places.change(|file| append(file, "3 c\n")).unwrap();
    places.copy("3 c\n".into(), all).await;
    places.take_out_of_copy(["a".to_owned()]).await;
    assert!(places.trouble().unwrap().ends_with("it doesn't answer yet"), "{:?}", places.trouble());
    assert!(places.read_copy().await.is_none());
    answer(&copy, empty_file);
    ended(&places).await;
    // What was given up meanwhile is missing, whatever that work has done.
    assert!(places.trouble().is_some());
    places.copy(String::new(), all).await;
    assert_eq!((places.trouble(), read(&copy).unwrap().as_str()), (None, "2 b\n3 c\n"));
}

#[tokio::test]
async fn work_that_succeeds_late_ends_the_trouble_by_itself() {
    let (_folders, places, copy) = placed();
    hang(&copy);
    given_up(places.complete(all, ["a".to_owned()])).await;
    assert!(places.trouble().unwrap().ends_with("it doesn't answer"), "{:?}", places.trouble());
    answer(&copy, empty_file);
    ended(&places).await;
    assert_eq!((places.trouble(), read(&copy).unwrap().as_str()), (None, "2 b\n"));
    // And one that fails late says why.
    hang(&copy);
    given_up(places.complete(all, NOTHING)).await;
    answer(&copy, |copy| fs::create_dir(copy).unwrap());
    ended(&places).await;
    let why = places.trouble().unwrap();
    assert!(!why.ends_with("it doesn't answer"), "{why}");
}

#[tokio::test]
async fn what_could_not_be_taken_out_is_taken_out_by_the_next_work_that_succeeds() {
    let (folders, places, copy) = placed();
    places.complete(all, NOTHING).await;
    places.change(|file| amend(file, "1 a\n2 b\n", |line| line == "1 a", "")).unwrap();
    let away = folders[1].path().join("away");
    fs::rename(&copy, &away).unwrap();
    fs::create_dir(&copy).unwrap();
    places.take_out_of_copy(["a".to_owned()]).await;
    assert!(places.trouble().is_some());
    fs::remove_dir(&copy).unwrap();
    fs::rename(&away, &copy).unwrap();
    // Reading succeeds, and takes nothing out.
    assert!(places.read_copy().await.is_some() && places.trouble().is_some());
    places.change(|file| append(file, "3 c\n")).unwrap();
    places.copy("3 c\n".into(), all).await;
    assert_eq!((places.trouble(), read(&copy).unwrap().as_str()), (None, "2 b\n3 c\n"));
}

#[tokio::test]
async fn a_copy_that_others_spoil_changes_nothing_else() {
    let (folders, places, copy) = placed();
    let target = folders[0].path().join("office.sqlite");
    fs::write(&target, "a database").unwrap();
    // A link to a file of the office
    std::os::unix::fs::symlink(&target, &copy).unwrap();
    places.copy("2 b\n".into(), all).await;
    places.complete(all, NOTHING).await;
    assert!(places.trouble().is_some());
    fs::remove_file(&copy).unwrap();
    // Lines of theirs stay there, and those of ours come back.
    fs::write(&copy, "1 a\n1 x\n").unwrap();
    places.complete(|line| line != "1 x", ["a".to_owned()]).await;
    assert_eq!((places.trouble(), read(&copy).unwrap().as_str()), (None, "1 x\n2 b\n"));
    assert_eq!(fs::read_to_string(&target).unwrap(), "a database");
    assert_eq!(read(&folders[0].path().join("a.log")).unwrap(), "1 a\n2 b\n");
}

#[tokio::test]
async fn a_copy_that_is_too_large_is_set_aside_and_written_anew() {
    let (folders, places, copy) = placed();
    let aside = folders[1].path().join("a.log.too-large");
    fs::write(&aside, "an earlier one").unwrap();
    fs::File::create(&copy).unwrap().set_len(FOREIGN_BYTES_MAX + 1).unwrap();
    assert!(places.read_copy().await.is_none());
    assert!(places.trouble().unwrap().contains("more than 64 MiB"), "{:?}", places.trouble());
    places.take_out_of_copy(["a".to_owned()]).await;
    assert!(places.trouble().is_some() && copy.metadata().unwrap().len() > FOREIGN_BYTES_MAX);
    places.complete(all, NOTHING).await;
    assert_eq!((places.trouble(), read(&copy).unwrap().as_str()), (None, "2 b\n"));
    assert_eq!(aside.metadata().unwrap().len(), FOREIGN_BYTES_MAX + 1);
    // An own log of that size may have a copy as large.
    let own = folders[0].path().join("a.log");
    OpenOptions::new().write(true).open(&own).unwrap().set_len(FOREIGN_BYTES_MAX).unwrap();
    assert_eq!(bytes_max(&own), 2 * FOREIGN_BYTES_MAX);
}

#[test]
fn a_restore_reads_a_log_of_any_size_where_it_is_the_only_one() {
    let (folders, places, copy) = placed();
    let own = folders[0].path().join("a.log");
    let mut large = fs::File::create(&copy).unwrap();
    large.set_len(FOREIGN_BYTES_MAX).unwrap();
    io::Seek::seek(&mut large, io::SeekFrom::End(0)).unwrap();
    io::Write::write_all(&mut large, b"\n7 g\n8 x\n9 i\n").unwrap();
    // The own one is there: nothing is taken over, and nothing refused.
    places.take_over(&copy, all).unwrap();
    assert_eq!(read(&own).unwrap(), "1 a\n2 b\n");
    assert_eq!(places.read_to_restore(all).unwrap()[1].text, "");
    fs::remove_file(&own).unwrap();
    places.take_over(&copy, |line| line != "8 x").unwrap();
    assert_eq!(read(&own).unwrap(), "7 g\n9 i\n");
    // One that can't be read is an obstacle only where it is the only one.
    fs::remove_file(&copy).unwrap();
    fs::create_dir(&copy).unwrap();
    places.take_over(&copy, all).unwrap();
    fs::remove_file(&own).unwrap();
    assert!(places.take_over(&copy, all).is_err());
    assert!(!own.exists());
}

use super::super::{self as disk, File};
use super::*;

const CAPACITY: u64 = 1024 * 1024;

fn names(folder: &Path) -> Vec<String> {
    let paths = disk::read_folder(folder).unwrap();
    paths.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

/// Over many seeds a cut keeps each subset of three sectors that no sync has flushed, and never touches a flushed one.
#[test]
fn a_power_cut_keeps_any_of_the_unflushed_sectors() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..400 {
        let mounted = Mounted::new(seed, CAPACITY);
        let path = mounted.root().join("file");
        let file = File::create(&path).unwrap();
        file.write_all_at(&[1; 2048], 0).unwrap();
        file.sync_all().unwrap();
        disk::sync_folder(&mounted.root()).unwrap();
        file.write_all_at(&[2; 1536], 0).unwrap();
        mounted.disk().end_at(End::Power, 0);
        mounted.disk().start();
        assert!(file.sync_all().is_err(), "no file stays open");
        let bytes = disk::read(&path).unwrap();
        assert_eq!((bytes.len(), bytes[2047]), (2048, 1));
        assert!(bytes.chunks(512).all(|sector| sector.iter().all(|byte| *byte == sector[0])), "whole sectors");
        seen.insert([bytes[0], bytes[512], bytes[1024]]);
    }
    assert_eq!(seen.len(), 8);
}

#[test]
fn names_that_no_folder_s_sync_has_flushed_are_kept_in_their_order() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..100 {
        let mounted = Mounted::new(seed, CAPACITY);
        let root = mounted.root();
        disk::write(&root.join("a"), b"a").unwrap();
        disk::sync_folder(&root).unwrap();
        disk::rename(&root.join("a"), &root.join("b")).unwrap();
        disk::write(&root.join("c"), b"c").unwrap();
        mounted.disk().end_at(End::Power, 0);
        mounted.disk().start();
        seen.insert(names(&root).join(" "));
    }
    assert_eq!(seen, ["a", "b", "b c"].map(str::to_owned).into());
}

#[test]
fn a_kill_loses_nothing_and_frees_the_lock() {
    let mounted = Mounted::new(1, CAPACITY);
    let path = mounted.root().join("lock");
    let lock = File::lock(&path).unwrap();
    assert!(File::lock(&path).is_err());
    disk::write(&mounted.root().join("a"), b"a").unwrap();
    mounted.disk().end_at(End::Kill, 1);
    assert!(disk::read(&mounted.root().join("a")).is_err());
    assert!(mounted.disk().has_ended());
    mounted.disk().start();
    assert_eq!(disk::read(&mounted.root().join("a")).unwrap(), b"a");
    let again = File::lock(&path).unwrap();
    drop(lock);
    assert!(File::lock(&path).is_err(), "a lock of before says nothing");
    drop(again);
    assert!(File::lock(&path).is_ok());
}

/// Linux tells of a failed sync once; what was not flushed then never is.
#[test]
fn what_a_failed_sync_has_not_flushed_is_lost_though_it_can_be_read() {
    let mut lost = 0;
    for seed in 0..50 {
        let mounted = Mounted::new(seed, CAPACITY);
        let path = mounted.root().join("file");
        let file = File::create(&path).unwrap();
        disk::sync_folder(&mounted.root()).unwrap();
        file.write_all_at(&[1; 512], 0).unwrap();
        mounted.disk().set_faults(Faults { sync: 1, ..Faults::default() });
        assert!(file.sync_all().is_err());
        mounted.disk().set_faults(Faults::default());
        assert_eq!(disk::read(&path).unwrap(), [1; 512]);
        file.sync_all().unwrap();
        mounted.disk().end_at(End::Power, 0);
        mounted.disk().start();
        lost += u32::from(disk::read(&path).unwrap() != [1; 512]);
    }
    assert!((10..50).contains(&lost), "{lost}");
}

#[test]
fn a_full_disk_takes_what_fits_and_takes_more_once_there_is_room() {
    let mounted = Mounted::new(1, CAPACITY);
    let file = File::create(&mounted.root().join("file")).unwrap();
    mounted.disk().leave_free(Some(1000));
    let full = file.write_all_at(&[1; 2000], 0).unwrap_err();
    assert_eq!(full.kind(), io::ErrorKind::StorageFull);
    assert_eq!(disk::room(&mounted.root()).unwrap().free_bytes, 0);
    mounted.disk().leave_free(None);
    file.write_all_at(&[1; 2000], 0).unwrap();
    assert_eq!(disk::room(&mounted.root()).unwrap().free_bytes, CAPACITY - 2000);
}

#[test]
fn a_folder_moves_with_all_it_holds_and_can_be_put_back() {
    let mounted = Mounted::new(1, CAPACITY);
    let (root, old, new) = (mounted.root(), mounted.root().join("old"), mounted.root().join("new"));
    disk::make_folders(&old.join("inside")).unwrap();
    disk::write(&old.join("inside/file"), b"1").unwrap();
    let copy = mounted.disk().copy_of(&old);
    disk::rename(&old, &new).unwrap();
    assert_eq!(names(&root), ["new"]);
    assert_eq!(disk::read(&new.join("inside/file")).unwrap(), b"1");
    disk::remove_folder(&new).unwrap();
    mounted.disk().put_back(&old, &copy);
    assert_eq!(disk::read(&old.join("inside/file")).unwrap(), b"1");
    assert!(!disk::exists(&new));
}

#[test]
fn a_bad_sector_can_t_be_read_until_it_is_written() {
    let mounted = Mounted::new(1, CAPACITY);
    let path = mounted.root().join("file");
    disk::write(&path, &[1; 2000]).unwrap();
    mounted.disk().spoil(&path, 600..601);
    let file = File::open(&path).unwrap();
    assert!(disk::read(&path).is_err());
    let mut bytes = [0; 512];
    assert!(file.read_exact_at(&mut bytes, 100).is_err());
    file.read_exact_at(&mut bytes, 0).unwrap();
    file.read_exact_at(&mut bytes, 1024).unwrap();
    file.write_all_at(&[2; 512], 512).unwrap();
    assert_eq!(disk::read(&path).unwrap()[600], 2);
}

/// After a failed sync a file that is opened again shows what was written, or what stood there before.
#[test]
fn what_a_failed_sync_has_not_flushed_may_be_forgotten_before_the_machine_goes_down() {
    let mut forgotten = 0;
    for seed in 0..50 {
        let mounted = Mounted::new(seed, CAPACITY);
        let path = mounted.root().join("file");
        let file = File::create(&path).unwrap();
        file.write_all_at(&[1; 512], 0).unwrap();
        file.sync_all().unwrap();
        file.write_all_at(&[2; 512], 0).unwrap();
        mounted.disk().set_faults(Faults { sync: 1, ..Faults::default() });
        assert!(file.sync_all().is_err());
        mounted.disk().set_faults(Faults::default());
        let mut bytes = [0; 512];
        File::open(&path).unwrap().read_exact_at(&mut bytes, 0).unwrap();
        assert!(bytes == [1; 512] || bytes == [2; 512]);
        forgotten += u32::from(bytes == [1; 512]);
    }
    assert!((3..30).contains(&forgotten), "{forgotten}");
}

#[test]
fn a_file_that_is_made_anew_is_emptied_at_once() {
    let mounted = Mounted::new(1, CAPACITY);
    let path = mounted.root().join("file");
    disk::write(&path, &[1; 2000]).unwrap();
    mounted.disk().settle();
    drop(File::create(&path).unwrap());
    mounted.disk().end_at(End::Power, 0);
    mounted.disk().start();
    assert_eq!(disk::read(&path).unwrap(), b"");
}

#[test]
fn a_folder_s_sync_flushes_its_own_names_only() {
    let (mut kept, mut lost) = (0, 0);
    for seed in 0..50 {
        let mounted = Mounted::new(seed, CAPACITY);
        let (root, inside) = (mounted.root(), mounted.root().join("inside"));
        disk::make_folders(&inside).unwrap();
        mounted.disk().settle();
        disk::write(&inside.join("deep"), b"").unwrap();
        disk::write(&root.join("a"), b"").unwrap();
        disk::rename(&root.join("a"), &root.join("b")).unwrap();
        disk::sync_folder(&root).unwrap();
        mounted.disk().end_at(End::Power, 0);
        mounted.disk().start();
        assert!(disk::exists(&root.join("b")) && !disk::exists(&root.join("a")));
        if disk::exists(&inside.join("deep")) { kept += 1 } else { lost += 1 }
    }
    assert!(kept > 5 && lost > 5, "{kept} {lost}");
}

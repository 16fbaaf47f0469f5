//! The office's keys: rotated while it runs, exported, lost, and restored.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use age::secrecy::ExposeSecret;

use super::support::*;
use crate::domain::clock::SharedClock;
use crate::domain::printer::PrinterState;
use crate::domain::rating::{Face, Rating};
use crate::domain::record::Record;
use crate::office::commands::{self, CommandError, Initialised};
use crate::office::keys::{self, ExportError, ListedKey, Lock, Opener};
use crate::office::{OfficeConfig, Server, ServerError};
use crate::replication::wire::*;
use crate::seal::keys::{SealingKey, random};
use crate::seal::seed::SeedError;
use crate::seal::{paper_copy, sealing};

const PASSPHRASE: &str = "correct horse battery staple";

async fn rotate(office: &TestOffice) -> ListedKey {
    let clock: SharedClock = office.clock.clone();
    keys::rotate(&office.config, &clock).await.unwrap()
}

async fn told_key(kiosk: &TestKiosk) -> SealingKey {
    let heartbeat = Heartbeat {
        printer: PrinterState::Ready,
        unprinted: 0,
        unsent: 0,
        free_bytes: None,
        kiosk_time: at("2026-11-01T08:00:00Z"),
        clock_is_trusted: true,
        version: "0.1.0".into(),
    };
    let answer: HeartbeatAnswer =
        ask(&kiosk.keys, &kiosk.invite, "POST", HEARTBEAT_PATH, &heartbeat).await.expect("the office answers");
    answer.sealing_key
}

/// Waits until the running office tells another key than this one.
async fn told_another_key(kiosk: &TestKiosk, than: SealingKey) -> SealingKey {
    let deadline = Instant::now() + 3 * keys::LOOK_EVERY;
    loop {
        let key = told_key(kiosk).await;
        if key != than {
            return key;
        }
        assert!(Instant::now() < deadline, "the office doesn't take up its new key");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn suggestion(text: &str) -> Record {
    Record::Suggestion { text: text.into() }
}

fn rating(key: &SealingKey) -> SealedRating {
    let (id, iso_week) = (random(), "2026-W44".to_owned());
    let text = SealedRating::encode(&Rating { face: Face::try_from(4).unwrap(), reasons: vec![] }).unwrap();
    let sealed = sealing::seal(key, &SealedRating::associated(&id, &iso_week), &text).unwrap();
    SealedRating { id, iso_week, sealed }
}

#[tokio::test]
async fn a_running_office_takes_up_a_rotated_key_and_opens_what_was_sealed_to_the_old_one() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let old = kiosk.enrolled.sealing_key;
    assert_eq!(told_key(&kiosk).await, old);
    let under_way = [suggestion("sealed before"), Record::Request(kiosk.request(1))].map(|record| kiosk.seal(&record));
    let long = Record::Suggestion { text: "too long for a whole copy ".repeat(13) };

    let made = rotate(&office).await;
    assert_eq!((made.file.as_str(), made.is_current), ("sealing-0002.seed", true));
    let new = told_another_key(&kiosk, old).await;
    assert_eq!(new.id(), made.id);
    let after_rotation = kiosk.seal(&suggestion("sealed to the old key after the rotation"));
    kiosk.enrolled.sealing_key = new;
    let to_the_new = kiosk.seal(&suggestion("sealed to the new key"));
    kiosk.send(&[under_way.as_slice(), &[after_rotation, to_the_new]].concat()).await.unwrap();
    let summary = office.check().await;
    assert_eq!((summary.suggestions, summary.requests, summary.damaged), (3, 1, 0));

    // Ratings name no key, and a compact paper copy names it in its header.
    let batch = RatingBatch { id: random(), service: None, ratings: vec![rating(&old), rating(&new)] };
    let body = postcard::to_allocvec(&batch).unwrap();
    assert_eq!(post_raw(&kiosk.keys, &kiosk.invite, "POST", RATINGS_PATH, body).await.status, 204);
    assert_eq!(office.check().await.ratings, 2);
    let keys_now = crate::seal::keys::OfficeKeys::read(&office.config.data).unwrap();
    for key in [old, new] {
        kiosk.enrolled.sealing_key = key;
        let sealed = kiosk.seal(&long);
        assert!(sealed.len() > paper_copy::PAPER_COPY_BYTES_MAX, "compact");
        let copy = paper_copy::parse(&paper_copy::to_digits(&sealed).unwrap()).unwrap();
        assert_eq!(copy.restore(&keys_now).unwrap().encode(), sealed);
    }

    // Who enrols now hears of the new key at once; the trail says who rotated, and nothing of the key but its id.
    assert_eq!(TestKiosk::enrol(&office, 2).await.enrolled.sealing_key, new);
    let shown = keys::list(&office.config).unwrap();
    let lines: Vec<_> = shown.iter().map(ToString::to_string).collect();
    assert_eq!(lines, [format!("{} office.seed", old.id()), format!("{} sealing-0002.seed current", new.id())]);
    assert!(office.check().await.is_sound());
}

/// A damaged key beside a running office is no reason to end.
#[tokio::test]
async fn a_running_office_goes_on_beside_a_damaged_or_lost_key_file() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let second = office.config.data.join("sealing-0002.seed");
    fs::write(&second, "damaged").unwrap();
    fs::remove_file(office.config.seed_path()).unwrap();
    tokio::time::sleep(keys::LOOK_EVERY + Duration::from_secs(1)).await;
    assert_eq!(told_key(&kiosk).await, kiosk.enrolled.sealing_key);
    let envelope = kiosk.seal(&suggestion("still opened"));
    kiosk.send(&[envelope]).await.unwrap();
    let summary = office.check().await;
    assert_eq!((summary.suggestions, summary.damaged), (1, 0));
}

/// What a drill needs: where the export lies, and what locks and opens it.
struct Drill {
    folder: tempfile::TempDir,
    lock: Lock,
    opener: Opener,
}

impl Drill {
    fn by_passphrase() -> Self {
        let lock = Lock::passphrase(PASSPHRASE.into()).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), lock, opener: Opener::passphrase(PASSPHRASE.into()) }
    }

    fn by_recipient() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = age::x25519::Identity::generate();
        let path = folder.path().join("identity.txt");
        fs::write(&path, format!("# as age-keygen writes it\n{}\n", identity.to_string().expose_secret())).unwrap();
        let lock = Lock::recipient(&identity.to_public().to_string()).unwrap();
        Self { folder, lock, opener: Opener::identity_file(&path).unwrap() }
    }

    fn export_path(&self) -> PathBuf {
        self.folder.path().join("keys.age")
    }
}

/// All key files of the office, with their bytes.
fn key_files(config: &OfficeConfig) -> Vec<(PathBuf, Vec<u8>)> {
    let paths = fs::read_dir(&config.data).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "seed"))
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

/// An office with two rotations behind it, whose kiosk still holds an envelope for each of its three keys.
async fn office_with_mail_under_way() -> (TestOffice, TestKiosk, Vec<Vec<u8>>) {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let mut under_way = vec![kiosk.seal(&suggestion("first key"))];
    for text in ["second key", "third key"] {
        rotate(&office).await;
        kiosk.enrolled.sealing_key = crate::seal::keys::OfficeKeys::read(&office.config.data).unwrap().sealing_key();
        under_way.push(kiosk.seal(&suggestion(text)));
    }
    (office, kiosk, under_way)
}

async fn drill(drill: Drill) {
    let (office, mut kiosk, under_way) = office_with_mail_under_way().await;
    let exported = keys::export(&office.config, &drill.export_path(), &drill.lock).unwrap();
    assert_eq!(exported, ["office.seed", "sealing-0002.seed", "sealing-0003.seed"]);
    assert_eq!(fs::metadata(drill.export_path()).unwrap().permissions().mode() & 0o777, 0o600);
    let again = keys::export(&office.config, &drill.export_path(), &drill.lock);
    assert!(matches!(again, Err(CommandError::Export(ExportError::Exists { .. }))));

    // The office's machine has lost its keys; the database is there.
    let files = key_files(&office.config);
    let TestOffice { config, clock, server, _folder } = office;
    server.shutdown().await;
    for (path, _) in &files {
        fs::remove_file(path).unwrap();
    }
    assert!(matches!(commands::init(&config).await, Err(CommandError::KeyGone { .. })));
    let imported = keys::import(&config, &drill.export_path(), &drill.opener).unwrap();
    assert_eq!((imported.made.len(), imported.keys.len()), (3, 3));
    assert_eq!(key_files(&config), files);
    assert_eq!(fs::metadata(config.seed_path()).unwrap().permissions().mode() & 0o777, 0o600);
    // Once more changes nothing.
    assert_eq!(keys::import(&config, &drill.export_path(), &drill.opener).unwrap().made, [""; 0]);

    let server = serve(&config, &clock).await.unwrap();
    kiosk.invite.address = server.replication_address.to_string();
    kiosk.send(&under_way).await.unwrap();
    let summary = commands::check(&config).await.unwrap();
    assert!(summary.is_sound());
    assert_eq!((summary.suggestions, summary.damaged), (3, 0));
    server.shutdown().await;

    // The same export sets up an empty folder, before `office init`.
    let elsewhere = OfficeConfig { data: drill.folder.path().join("new/office"), ..config.clone() };
    keys::import(&elsewhere, &drill.export_path(), &drill.opener).unwrap();
    assert_eq!(commands::init(&elsewhere).await.unwrap(), Initialised::Made);
    assert_eq!(keys::list(&elsewhere).unwrap(), keys::list(&config).unwrap());
    assert_eq!(fs::metadata(&elsewhere.data).unwrap().permissions().mode() & 0o777, 0o700);
}

async fn serve(
    config: &OfficeConfig,
    clock: &std::sync::Arc<crate::domain::clock::SetClock>,
) -> Result<Server, ServerError> {
    let catalogue = crate::domain::catalogue::Catalogue::read(&config.catalogue).unwrap();
    let shared: SharedClock = clock.clone();
    Server::start(config, catalogue, shared).await
}

#[tokio::test]
async fn keys_are_restored_from_an_export_by_passphrase() {
    drill(Drill::by_passphrase()).await;
}

#[tokio::test]
async fn keys_are_restored_from_an_export_to_a_recipient() {
    drill(Drill::by_recipient()).await;
}

#[tokio::test]
async fn an_office_whose_newest_key_is_gone_doesnt_go_back_to_an_earlier_one() {
    let (TestOffice { config, clock, server, _folder }, _, _) = office_with_mail_under_way().await;
    server.shutdown().await;
    let newest = config.data.join("sealing-0003.seed");
    let aside = config.data.join("aside");
    fs::rename(&newest, &aside).unwrap();
    let error = serve(&config, &clock).await.err().unwrap();
    assert!(matches!(error, ServerError::SealingKeyGone { .. }), "{error}");
    // A gap is named.
    fs::rename(&aside, &newest).unwrap();
    fs::rename(config.data.join("sealing-0002.seed"), &aside).unwrap();
    let error = serve(&config, &clock).await.err().unwrap();
    assert!(matches!(error, ServerError::Seed(SeedError::Gap { .. })), "{error}");
    fs::rename(&aside, config.data.join("sealing-0002.seed")).unwrap();
    serve(&config, &clock).await.unwrap().shutdown().await;
    // Lost for ever: another rotation goes on without it.
    fs::remove_file(&newest).unwrap();
    let shared: SharedClock = clock.clone();
    assert_eq!(keys::rotate(&config, &shared).await.unwrap().file, "sealing-0003.seed");
    serve(&config, &clock).await.unwrap().shutdown().await;
}

/// Imports into an empty folder, which must be left as it is.
fn refused(office: &TestOffice, from: &Path, opener: &Opener) -> ExportError {
    let config = OfficeConfig { data: from.parent().unwrap().join("office"), ..office.config.clone() };
    let error = keys::import(&config, from, opener).expect_err("the export is refused");
    assert!(!config.data.exists(), "{error}");
    let CommandError::Export(error) = error else { panic!("{error}") };
    error
}

#[tokio::test]
async fn a_changed_export_and_a_wrong_key_are_refused_and_nothing_is_written() {
    let (office, _, _) = office_with_mail_under_way().await;
    let drill = Drill::by_recipient();
    keys::export(&office.config, &drill.export_path(), &drill.lock).unwrap();
    let bytes = fs::read(drill.export_path()).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.starts_with("age-encryption.org/v1\n") && !text.contains("office.seed"));
    let changed = drill.folder.path().join("changed.age");
    for place in 0..bytes.len() {
        let mut other = bytes.clone();
        other[place] ^= 1;
        fs::write(&changed, other).unwrap();
        let error = refused(&office, &changed, &drill.opener);
        assert!(matches!(error, ExportError::Damaged | ExportError::Closed | ExportError::WantsPassphrase), "{error}");
        fs::write(&changed, &bytes[..place]).unwrap();
        refused(&office, &changed, &drill.opener);
    }
    fs::write(&changed, [bytes.as_slice(), b"x"].concat()).unwrap();
    refused(&office, &changed, &drill.opener);
    fs::write(&changed, vec![b'a'; 100_000]).unwrap();
    assert!(matches!(refused(&office, &changed, &drill.opener), ExportError::TooLarge { .. }));

    let other = Drill::by_recipient();
    assert!(matches!(refused(&office, &drill.export_path(), &other.opener), ExportError::Closed));
    let passphrase = Opener::passphrase(PASSPHRASE.into());
    assert!(matches!(refused(&office, &drill.export_path(), &passphrase), ExportError::WantsIdentity));
    let by_passphrase = Drill::by_passphrase();
    keys::export(&office.config, &by_passphrase.export_path(), &by_passphrase.lock).unwrap();
    let wrong = Opener::passphrase("correct horse battery stable".into());
    assert!(matches!(refused(&office, &by_passphrase.export_path(), &wrong), ExportError::Closed));
    assert!(matches!(refused(&office, &by_passphrase.export_path(), &drill.opener), ExportError::WantsPassphrase));
    // A file that asks for 2⁴⁰ rounds would hold up whoever opens it for ever.
    let text = fs::read(by_passphrase.export_path()).unwrap();
    let place = text.windows(4).position(|four| four == b" 18\n").expect("the header says the rounds");
    let hostile = [&text[..place], b" 40\n", &text[place + 4..]].concat();
    fs::write(&changed, hostile).unwrap();
    assert!(matches!(refused(&office, &changed, &passphrase), ExportError::Work));
}

#[tokio::test]
async fn an_export_that_names_other_files_writes_nothing() {
    let (office, _, _) = office_with_mail_under_way().await;
    let drill = Drill::by_recipient();
    let Lock::Recipients(recipients) = &drill.lock else { unreachable!() };
    let path = drill.export_path();
    let digits = "11".repeat(32);
    for name in ["../outside.seed", "/tmp/outside.seed", "sealing-0002.seed/../../outside.seed", "journal", "", "."] {
        let text = format!("istiqbal office keys 1\noffice.seed {digits}\n{name} {digits}\n");
        fs::write(&path, age::encrypt(&recipients[0], text.as_bytes()).unwrap()).unwrap();
        assert!(matches!(refused(&office, &path, &drill.opener), ExportError::Line { line: 3 }), "{name}");
    }
    let text = format!("istiqbal office keys 2\noffice.seed {digits}\n");
    fs::write(&path, age::encrypt(&recipients[0], text.as_bytes()).unwrap()).unwrap();
    assert!(matches!(refused(&office, &path, &drill.opener), ExportError::Version));
    fs::write(&path, age::encrypt(&recipients[0], b"\xff\xfe not a text").unwrap()).unwrap();
    assert!(matches!(refused(&office, &path, &drill.opener), ExportError::Damaged));
}

#[tokio::test]
async fn an_import_never_replaces_a_key() {
    let (office, _, _) = office_with_mail_under_way().await;
    let drill = Drill::by_recipient();
    keys::export(&office.config, &drill.export_path(), &drill.lock).unwrap();
    let third = office.config.data.join("sealing-0003.seed");
    let first = office.config.seed_path();
    let whole = fs::read(&third).unwrap();
    fs::remove_file(&first).unwrap();
    let mut other = whole.clone();
    other[40] ^= 1;
    for there in [other.as_slice(), b"damaged"] {
        fs::write(&third, there).unwrap();
        let refused = keys::import(&office.config, &drill.export_path(), &drill.opener);
        assert!(matches!(refused, Err(CommandError::Seed(SeedError::Differs { .. }))));
        assert!(!first.exists() && fs::read(&third).unwrap() == there);
    }
    fs::write(&third, &whole).unwrap();
    let imported = keys::import(&office.config, &drill.export_path(), &drill.opener).unwrap();
    assert_eq!(imported.made, ["office.seed"]);
}

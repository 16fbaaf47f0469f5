//! A loss in both copies holds nothing up; and an envelope that any copy still holds is found.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use istiqbal::domain::calendar::riyadh_day;
use istiqbal::domain::rating::{Face, Rating};
use istiqbal::kiosk::enrolment::Enrolment;
use istiqbal::ledger::ratings::Ratings;
use serde_json::{Value, json};
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use crate::support::random::{Random, rounds};
use crate::support::{Workplace, registration, stored};

fn last_segment(workplace: &Workplace) -> PathBuf {
    let entries = fs::read_dir(workplace.path("kiosk/journal")).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|end| end == "segment")).max().unwrap()
}

/// Zeros in the place of the last frame but one.
fn wipe_last_frame_but_one(segment: &Path) {
    let bytes = fs::read(segment).unwrap();
    let (mut at, mut frames) = (20_usize, Vec::new());
    loop {
        let length = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        if length == 0 {
            break;
        }
        frames.push((at, 8 + length));
        at += 8 + length;
    }
    let (at, length) = frames[frames.len() - 2];
    fs::OpenOptions::new().write(true).open(segment).unwrap().write_all_at(&vec![0; length], at as u64).unwrap();
}

/// F4: one record is lost for good. The office acknowledges all behind it, and the visit ends.
#[test]
fn one_lost_record_holds_nothing_up() {
    let (workplace, office) = Workplace::open();
    let names = ["نورة القحطاني", "سعد القحطاني", "هند الحربي"].map(registration);
    workplace.visit(&["--no-print"], &names[0]);
    workplace.visit(&["--no-print", "--offline"], &names[1..].join("\n"));
    // A registration is signature and request: the last signature goes.
    wipe_last_frame_but_one(&last_segment(&workplace));
    fs::remove_dir_all(workplace.path("kiosk/sled")).unwrap();
    workplace.visit(&["--no-print"], &registration("ريم العتيبي"));

    let at_kiosk = workplace.check("kiosk");
    assert_eq!(at_kiosk["acknowledged"], at_kiosk["envelopes"], "{at_kiosk}");
    assert_eq!(at_kiosk["damaged"], json!([]));
    let at_office = workplace.check("office");
    assert_eq!((&at_office["requests"], &at_office["gaps"], &at_office["lost"]), (&4.into(), &0.into(), &1.into()));
    office.end();
}

/// An office that takes the kiosk's records and doesn't go on behind the loss, like one of an earlier version: the visit ends
/// and says so, and ratings arrive all the same.
#[test]
fn an_office_that_doesn_t_acknowledge_ends_the_visit_and_gets_the_ratings() {
    let (workplace, office) = Workplace::open();
    workplace.visit(&["--no-print"], &registration("نورة القحطاني"));
    workplace.visit(&["--no-print", "--offline"], &registration("سعد القحطاني"));
    wipe_last_frame_but_one(&last_segment(&workplace));
    fs::remove_dir_all(workplace.path("kiosk/sled")).unwrap();
    ask_office(&workplace, "CREATE TRIGGER deaf BEFORE INSERT ON loss BEGIN SELECT RAISE(IGNORE); END");
    let enrolment = Enrolment::read(&workplace.path("kiosk")).unwrap();
    let rating = Rating { face: Face::try_from(4).unwrap(), reasons: vec!["fast".into()] };
    let mut ratings = Ratings::open(&workplace.path("kiosk")).unwrap();
    let today = riyadh_day(chrono::Utc::now());
    ratings.add(enrolment.identity.sealing_key(), "food_basket", &rating, None, today).unwrap();

    let error = workplace.fail(&["kiosk", "visit", "--script", "-", "--no-print"], "kiosk.toml", "");
    assert!(error.contains("doesn't acknowledge"), "{error}");
    let output = workplace.run(&["office", "check"], "office.toml", "");
    let at_office: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&at_office["ratings"], &at_office["gaps"]), (&1.into(), &1.into()), "{at_office}");
    assert_eq!(output.status.code(), Some(1), "a gap that nobody has named");

    // It is updated, and hears the record once more.
    ask_office(&workplace, "DROP TRIGGER deaf");
    ask_office(&workplace, "DELETE FROM envelope WHERE epoch <> (SELECT first_epoch FROM kiosk WHERE number = 1)");
    workplace.visit(&["--no-print"], "");
    let at_kiosk = workplace.check("kiosk");
    assert_eq!(at_kiosk["acknowledged"], at_kiosk["envelopes"], "{at_kiosk}");
    office.end();
}

fn ask_office(workplace: &Workplace, statement: &'static str) {
    let path = workplace.path("office/office.sqlite");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut connection = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path)).await.unwrap();
        sqlx::query(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

/// F5: a segment is gone, and a start is killed while it opens sled, or has been before.
#[test]
fn a_start_broken_off_costs_nothing_that_sled_holds() {
    let mut random = Random::seeded();
    for round in 0..rounds("ISTIQBAL_OPENING_KILLS", 6) {
        let (workplace, office) = Workplace::open();
        let line = registration("نورة القحطاني") + "\n";
        let answers = workplace.visit(&["--no-print", "--offline"], &line.repeat(30));
        let answered: BTreeSet<_> =
            answers.iter().map(|answer| answer["tracking_number"].as_str().unwrap().to_owned()).collect();
        fs::remove_file(last_segment(&workplace)).unwrap();
        if round % 2 == 0 {
            fs::write(workplace.path("kiosk/opening"), b"").unwrap();
        } else {
            let playing = workplace.play(&[]);
            std::thread::sleep(random.instant(0..60));
            playing.kill();
        }
        workplace.visit(&["--no-print"], "");
        let (kept, damaged) = stored(&workplace);
        assert!(answered.is_subset(&kept), "round {round}: {:?} are lost", answered.difference(&kept));
        assert_eq!(damaged, Vec::<Value>::new());
        let at_office = workplace.check("office");
        assert_eq!((&at_office["gaps"], &at_office["lost"]), (&0.into(), &0.into()), "{at_office}");
        office.end();
    }
}

/// F14: the store is put back as it was yesterday. The office knows better: no record stands at a place that is taken.
#[test]
fn an_old_copy_of_the_folder_forks_nothing() {
    let (workplace, office) = Workplace::open();
    workplace.visit(&["--no-print"], &registration("نورة القحطاني"));
    let copy = |from: &Path, to: &Path| {
        let copied = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
        assert!(copied.success());
    };
    let (kiosk, yesterday) = (workplace.path("kiosk"), workplace.path("yesterday"));
    copy(&kiosk, &yesterday);
    workplace.visit(&["--no-print"], &registration("سعد القحطاني"));
    fs::remove_dir_all(&kiosk).unwrap();
    copy(&yesterday, &kiosk);
    // It hears of it before anybody comes.
    workplace.visit(&["--no-print"], "");
    workplace.visit(&["--no-print"], &registration("هند الحربي"));
    let at_office = workplace.check("office");
    assert_eq!((&at_office["requests"], &at_office["forks"]), (&3.into(), &0.into()), "{at_office}");
    office.end();
}

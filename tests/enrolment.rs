//! A kiosk's identity, with real processes: files that don't belong together are named before anybody
//! gets a receipt; an office that no longer knows a kiosk lets it in again, and nothing is lost.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use istiqbal::kiosk::enrolment::Enrolment;

use crate::support::browser::Browser;
use crate::support::{PASSWORD, USER, Workplace, json_lines, program, registration, stored};

const OFFLINE: [&str; 2] = ["--offline", "--no-print"];
const VISIT_OFFLINE: [&str; 6] = ["kiosk", "visit", "--offline", "--no-print", "--script", "-"];
const PASSPHRASE: &str = "correct horse battery staple";

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < until, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn numbers(answers: &[serde_json::Value]) -> Vec<String> {
    answers.iter().map(|answer| answer["tracking_number"].as_str().unwrap().to_owned()).collect()
}

/// Changes one digit of a value in a file of `key = "…"` lines.
fn change_digit(path: &Path, key: &str) {
    let text = fs::read_to_string(path).unwrap();
    let at = text.find(&format!("{key} = ")).unwrap() + key.len() + 5;
    let other = if &text[at..=at] == "0" { "1" } else { "0" };
    fs::write(path, format!("{}{other}{}", &text[..at], &text[at + 1..])).unwrap();
}

/// As an office of an earlier version left it.
fn without_signature(text: &str) -> String {
    let later = ["kiosk_proving_key", "kiosk_pin", "office_signature"];
    let lines = text.lines().filter(|line| !later.iter().any(|key| line.starts_with(key)));
    lines.map(|line| format!("{line}\n")).collect()
}

/// A kiosk that replicates and waits for visits.
fn attend(workplace: &Workplace, log: &str) -> Child {
    let log = fs::File::create(workplace.path(log)).unwrap();
    let mut kiosk = program();
    kiosk.args(["kiosk", "visit", "--no-print", "--script", "-", "--config"]).arg(workplace.path("kiosk.toml"));
    kiosk.env("ISTIQBAL_LOG", "istiqbal=info").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
    kiosk.spawn().unwrap()
}

#[test]
fn nothing_begins_by_a_wrong_key_or_a_changed_file() {
    let (workplace, office) = Workplace::open();
    let given = numbers(&workplace.visit(&["--no-print"], &registration("نورة القحطاني")));
    let (enrolment, seed) = (workplace.path("kiosk/enrolment.toml"), workplace.path("kiosk/kiosk.seed"));
    let [text, key] = [&enrolment, &seed].map(|path| fs::read(path).unwrap());
    let visit = registration("سعد الشهري");
    let refused = |file: &str| {
        let to = workplace.path("export");
        let export = ["kiosk", "export", "--to", to.to_str().unwrap()];
        for words in [VISIT_OFFLINE.as_slice(), &["kiosk", "check"], &["kiosk", "check", "--repair"], &export] {
            let error = workplace.fail(words, "kiosk.toml", &visit);
            assert!(error.contains(file) && error.contains("Restore it from its copy"), "{words:?}: {error}");
        }
    };
    for name in ["sealing_key", "first_epoch", "office_pin", "office_proving_key", "office_signature", "kiosk_pin"] {
        change_digit(&enrolment, name);
        refused("enrolment.toml");
        fs::write(&enrolment, &text).unwrap();
    }
    let number = String::from_utf8(text.clone()).unwrap().replace("kiosk = 1\n", "kiosk = 99\n");
    fs::write(&enrolment, number).unwrap();
    refused("enrolment.toml");
    fs::write(&enrolment, &text).unwrap();
    let mut flipped = key.clone();
    flipped[20] ^= 4;
    fs::write(&seed, &flipped).unwrap();
    refused("kiosk.seed");
    // Also where nothing of the enrolment is signed: the records are.
    fs::write(&enrolment, without_signature(&String::from_utf8_lossy(&text))).unwrap();
    for words in [VISIT_OFFLINE.as_slice(), &["kiosk", "check"]] {
        let error = workplace.fail(words, "kiosk.toml", &visit);
        assert!(error.contains("kiosk.seed isn't the key by which the records here were signed"), "{error}");
    }
    fs::write(&seed, &key).unwrap();
    let given = [given, numbers(&workplace.visit(&["--no-print"], &visit))].concat();
    assert_eq!(workplace.check("office")["requests"], given.len());
    assert_eq!(stored(&workplace).0.len(), given.len());
    office.end();
}

/// The file of an earlier version opens, and is signed at the first contact; one that contradicts the office gives no receipt.
#[test]
fn an_earlier_enrolment_gets_its_signature_or_is_contradicted() {
    let (workplace, office) = Workplace::open();
    let path = workplace.path("kiosk/enrolment.toml");
    let signed = fs::read_to_string(&path).unwrap();
    let earlier = without_signature(&signed);
    fs::write(&path, &earlier).unwrap();
    workplace.visit(&OFFLINE, &registration("نورة القحطاني"));
    assert_eq!(fs::read_to_string(&path).unwrap(), earlier);
    let mut kiosk = attend(&workplace, "kiosk.log");
    wait_until("the signature", || fs::read_to_string(&path).unwrap() == signed);
    drop(kiosk.stdin.take());
    assert!(kiosk.wait().unwrap().success());

    // Before its first record, an earlier file with another number: only the office can tell.
    fs::rename(workplace.path("kiosk"), workplace.path("aside")).unwrap();
    let invite = workplace.succeed(&["office", "invite", "--print"], "office.toml", "");
    workplace.succeed(&["kiosk", "enroll", "--invite", invite.trim()], "kiosk.toml", "");
    let right = fs::read_to_string(&path).unwrap();
    fs::write(&path, without_signature(&right).replace("kiosk = 2\n", "kiosk = 99\n")).unwrap();
    let mut kiosk = attend(&workplace, "kiosk.log");
    let log = workplace.path("kiosk.log");
    wait_until("the contradiction", || {
        fs::read_to_string(&log).unwrap().contains("knows this kiosk otherwise than enrolment.toml says (`kiosk`)")
    });
    writeln!(kiosk.stdin.take().unwrap(), "{}", registration("سعد الشهري")).unwrap();
    let output = kiosk.wait_with_output().unwrap();
    let answer = &json_lines(&String::from_utf8(output.stdout).unwrap())[0];
    assert!(answer["error"].as_str().unwrap().contains("knows it otherwise"), "{answer}");
    // Its store has begun by the wrong number: with the right file it is refused, and says what to do.
    fs::write(&path, &right).unwrap();
    let error = workplace.fail(&VISIT_OFFLINE, "kiosk.toml", &registration("سعد الشهري"));
    assert!(error.contains("the records here are of kiosk 0099, and enrolment.toml is of kiosk 0002"), "{error}");
    office.end();
}

/// Two programs in one fresh folder, as a service that starts while somebody types the command.
#[test]
fn of_two_that_enrol_at_once_one_does_and_the_files_belong_together() {
    let workplace = Workplace::new();
    workplace.succeed(&["office", "init"], "office.toml", "");
    let office = workplace.start_office();
    for round in 0..40 {
        let folder = workplace.path(&format!("kiosk-{round}"));
        workplace.configure_kiosk_at(&folder, "off", 60);
        let invites = [0, 1].map(|_| workplace.succeed(&["office", "invite", "--print"], "office.toml", ""));
        let enrolling = invites.map(|invite| {
            let mut command = program();
            command.args(["kiosk", "enroll", "--invite", invite.trim(), "--config"]).arg(workplace.path("kiosk.toml"));
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        });
        let ended = enrolling.map(|child| child.wait_with_output().unwrap());
        let joined = ended.iter().filter(|output| output.status.success()).count();
        let errors: Vec<_> = ended.iter().map(|output| String::from_utf8_lossy(&output.stderr)).collect();
        assert_eq!(joined, 1, "round {round}: {errors:?}");
        let refused = errors.iter().find(|error| !error.is_empty()).unwrap();
        assert!(
            refused.contains("another program is enrolling") || refused.contains("already enrolled as number"),
            "round {round}: {refused}"
        );
        let enrolment = Enrolment::read(&folder).unwrap();
        assert!(enrolment.signature.is_some(), "round {round}");
        let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().contains("unfinished")), "{left:?}");
    }
    workplace.visit(&["--no-print"], &registration("نورة القحطاني"));
    office.end();
}

/// Takes the office's database away and puts the backup in its place.
fn restore(workplace: &Workplace, backup: &Path) {
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(workplace.path(&format!("office/office.sqlite{end}")));
    }
    let from = ["office", "restore", "--from", backup.to_str().unwrap(), "--passphrase-stdin"];
    let said = workplace.succeed(&from, "office.toml", PASSPHRASE);
    assert!(said.contains("reset-password"), "no password of the backup counts alone: {said}");
    let given = ["office", "users", "reset-password", USER, "--password-stdin", "--own-password"];
    workplace.succeed(&given, "office.toml", PASSWORD);
}

#[test]
fn a_kiosk_that_is_younger_than_the_backup_joins_again_with_all_it_holds() {
    let (workplace, office) = Workplace::open();
    workplace.succeed(&["office", "backup", "--passphrase-stdin"], "office.toml", PASSPHRASE);
    let backup = fs::read_dir(workplace.path("office/backups")).unwrap().map(|entry| entry.unwrap().path());
    let backup = backup.into_iter().find(|path| path.extension().is_some_and(|end| end == "age")).unwrap();
    workplace.configure_kiosk_at(&workplace.path("second"), "off", 60);
    let enroll = |invite: &str| ["kiosk", "enroll", "--invite", invite].map(str::to_owned);
    let invite = || workplace.succeed(&["office", "invite", "--print"], "office.toml", "").trim().to_owned();
    let enroll_again = enroll(&invite());
    let enroll_again: Vec<&str> = enroll_again.iter().map(String::as_str).collect();
    let said = workplace.succeed(&enroll_again, "kiosk.toml", "");
    assert!(said.contains("Enrolled as kiosk 0002"), "{said}");
    let script: Vec<String> =
        ["نورة القحطاني", "سعد الشهري", "منى عسيري", "علي الزهراني", "هدى الحربي"].map(registration).into();
    let mut given = workplace.visit(&["--no-print"], &script.join("\n"));
    given.extend(workplace.visit(&OFFLINE, &script[..3].join("\n")));
    office.end();
    restore(&workplace, &backup);
    let office = workplace.start_office();
    // It hasn't heard of it yet.
    given.extend(workplace.visit(&OFFLINE, &registration("مها الدوسري")));

    let refused = workplace.failing_visit(&registration("نايف المطيري"));
    assert!(refused.contains("doesn't know this kiosk") && refused.contains("invite --again"), "{refused}");
    let refused = workplace.run(&VISIT_OFFLINE, "kiosk.toml", &registration("نايف المطيري"));
    assert!(String::from_utf8_lossy(&refused.stdout).contains("doesn't know this kiosk"), "it remembers: {refused:?}");
    let check = workplace.run(&["kiosk", "check"], "kiosk.toml", "");
    let summary: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    assert!(!check.status.success() && summary["standing"].as_str().unwrap().contains("not known"), "{summary}");
    assert_eq!(summary["requests"], given.len());
    let error = workplace.fail(&enroll_again, "kiosk.toml", "");
    assert!(error.contains("already enrolled as number 0002") && error.contains("invite --again 2"), "{error}");
    let mut browser = Browser::signed_in(&office.staff);
    assert!(browser.get("/kiosks").text.contains("هذا المكتب هو الذي أعطاه هذا الرقم"));
    // Somebody else gets another number.
    workplace.configure_kiosk_at(&workplace.path("third"), "off", 60);
    let third = enroll(&invite());
    let third: Vec<&str> = third.iter().map(String::as_str).collect();
    assert!(workplace.succeed(&third, "kiosk.toml", "").contains("Enrolled as kiosk 0003"));
    workplace.configure_kiosk_at(&workplace.path("second"), "off", 60);

    let said = workplace.succeed(&["office", "invite", "--again", "2"], "office.toml", "");
    assert!(said.contains("0002"), "{said}");
    given.extend(workplace.visit(&["--no-print"], &registration("نايف المطيري")));
    let at_office = workplace.check("office");
    assert_eq!(
        (&at_office["requests"], &at_office["gaps"], &at_office["forks"], &at_office["kiosks_log"]),
        (&given.len().into(), &0.into(), &0.into(), &"intact".into()),
        "{at_office}"
    );
    assert_eq!(workplace.check("kiosk")["standing"], serde_json::Value::Null);
    // Each receipt is known by its code.
    for receipt in &given {
        let token = browser.get("/").field("form_token");
        let scan = format!("{}{}", receipt["tracking_number"].as_str().unwrap(), receipt["code"].as_str().unwrap());
        let page = browser.post("/", &[("form_token", token), ("scan", scan)]);
        assert!(page.text.contains("food_basket") || page.text.contains("سلة"), "{}", page.text);
    }
    office.end();
}

/// Another kiosk's `sled` beside this one's journal.
#[test]
fn another_kiosk_s_store_sends_nothing_and_loses_nothing() {
    let (workplace, office) = Workplace::open();
    let mut given = numbers(&workplace.visit(&OFFLINE, &registration("نورة القحطاني")));
    workplace.configure_kiosk_at(&workplace.path("second"), "off", 60);
    let invite = workplace.succeed(&["office", "invite", "--print"], "office.toml", "");
    workplace.succeed(&["kiosk", "enroll", "--invite", invite.trim()], "kiosk.toml", "");
    let others = numbers(&workplace.visit(&OFFLINE, &registration("سعد الشهري")));
    fs::remove_dir_all(workplace.path("kiosk/sled")).unwrap();
    let copied =
        Command::new("cp").arg("-r").arg(workplace.path("second/sled")).arg(workplace.path("kiosk/sled")).status();
    assert!(copied.unwrap().success());
    workplace.configure_kiosk("off");
    assert!(stored(&workplace).1.iter().any(|what| what.as_str().unwrap().contains("hasn't signed")));
    given.extend(numbers(&workplace.visit(&["--no-print"], &registration("منى عسيري"))));
    assert_eq!(workplace.check("office")["requests"], given.len());
    assert_eq!(stored(&workplace), (given.into_iter().collect(), vec![]));
    workplace.configure_kiosk_at(&workplace.path("second"), "off", 60);
    workplace.visit(&["--no-print"], &registration("علي الزهراني"));
    assert_eq!(workplace.check("office")["requests"], 4, "{others:?} came from their own kiosk");
    office.end();
}

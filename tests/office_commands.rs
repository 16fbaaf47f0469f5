//! The office's commands as somebody types them: its staff, and a backup that becomes an office again.

use crate::support::{USER, Workplace, registration};

#[test]
fn the_staff_are_looked_after_by_command() {
    let workplace = Workplace::new();
    let office = |words: &[&str], input: &str| workplace.succeed(&[&["office"], words].concat(), "office.toml", input);
    let made = office(&["init", "--administrator", "amal"], "");
    let password = made.trim().rsplit(' ').next().unwrap();
    assert!(made.contains("Added amal as administrator") && password.len() >= 15, "{made}");
    office(&["user", "huda", "--role", "reception", "--password-stdin"], "seven boats near a lake\n");
    let line_of = |name: &str| {
        let list = office(&["users", "list"], "");
        list.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {list}")).to_owned()
    };
    assert_eq!(line_of("huda"), "huda: reception, no second factor, never signed in, password not yet changed");
    assert!(line_of("amal").ends_with("password not yet changed"));

    let another = office(&["users", "reset-password", "huda"], "");
    assert!(another.contains("signed out everywhere") && line_of("huda").ends_with("password not yet changed"));
    office(&["users", "reset-password", "huda", "--password-stdin"], "nine boats near a lake");
    assert!(line_of("huda").ends_with("password not yet changed"), "whoever typed it knows it");
    office(&["users", "reset-password", "huda", "--password-stdin", "--own-password"], "ten boats near a lake");
    assert!(!line_of("huda").contains("not yet changed"));
    office(&["users", "disable", "huda"], "");
    assert!(line_of("huda").ends_with("disabled"));
    office(&["users", "enable", "huda"], "");
    assert!(!line_of("huda").contains("disabled"));
    office(&["users", "set-role", "huda", "auditor"], "");
    assert!(line_of("huda").starts_with("huda: auditor"));
    office(&["users", "set-full-name", "huda", "هدى بنت سعد"], "");
    assert!(line_of("huda").starts_with("huda: هدى بنت سعد, auditor"));
    office(&["users", "set-full-name", "huda", ""], "");
    assert!(line_of("huda").starts_with("huda: auditor"));
    office(&["users", "reset-second-factor", "huda"], "");
    office(&["users", "sign-out", "huda"], "");

    let refused = |words: &[&str], input: &str| workplace.fail(&[&["office"], words].concat(), "office.toml", input);
    for (words, input, said) in [
        (["users", "disable", "nobody"].as_slice(), "", "there is no such user"),
        (&["users", "set-role", "huda", "boss"], "", "boss"),
        (&["users", "disable", "amal"], "", "administrator"),
        (&["user", "huda", "--role", "reception"], "", "huda"),
        (
            &["user", "saad", "--role", "reception", "--password-stdin"],
            "michelle19851985",
            "first that anybody would try",
        ),
        (&["user", "saad", "--role", "reception", "--password-stdin"], "short", "at least 15 characters"),
    ] {
        let error = refused(words, input);
        assert!(error.contains(said), "{words:?}: {error}");
    }
    assert_eq!(workplace.check("office")["trail"], "intact");
}

#[test]
fn a_backup_becomes_an_office_again() {
    let (workplace, office) = Workplace::open();
    workplace.visit(&["--no-print"], &registration("نورة القحطاني"));
    let words = "a passphrase for a drill";
    let made = workplace.succeed(&["office", "backup", "--passphrase-stdin"], "office.toml", words);
    let backup = made.strip_prefix("Made ").and_then(|made| made.split(',').next()).unwrap();
    let keys = workplace.path("keys.age");
    let keys = keys.to_str().unwrap();
    workplace.succeed(&["office", "keys", "export", "--out", keys, "--passphrase-stdin"], "office.toml", words);
    let restore = ["office", "restore", "--from", backup, "--passphrase-stdin"];
    let error = workplace.fail(&restore, "office.toml", words);
    assert!(error.contains("a restore never replaces one"), "{error}");
    let before = workplace.check("office");
    office.end();

    // The backup lies in the office's folder, where nobody has named another.
    let backup_elsewhere = workplace.path("backup.age");
    std::fs::rename(backup, &backup_elsewhere).unwrap();
    std::fs::rename(workplace.path("office"), workplace.path("lost")).unwrap();
    let restore = ["office", "restore", "--from", backup_elsewhere.to_str().unwrap(), "--passphrase-stdin"];
    let error = workplace.fail(&restore, "office.toml", "another passphrase");
    assert!(error.contains("backup.age"), "{error}");
    let said = workplace.succeed(&restore, "office.toml", words);
    assert!(said.contains("The office's keys aren't there") && said.contains("office keys import"), "{said}");
    let error = workplace.fail(&["office", "serve"], "office.toml", "");
    assert!(error.contains("office.seed"), "{error}");
    workplace.succeed(&["office", "keys", "import", "--from", keys, "--passphrase-stdin"], "office.toml", words);
    let after = workplace.check("office");
    for what in ["requests", "envelopes", "trail", "forks", "gaps"] {
        assert_eq!(after[what], before[what], "{what}");
    }
    let office = workplace.start_office();
    let answers = workplace.visit(&["--no-print"], &registration("سعد الشهري"));
    assert!(answers[0]["tracking_number"].is_string(), "{answers:?}");
    assert_eq!(workplace.check("office")["requests"], 2);
    assert!(workplace.succeed(&["office", "users", "list"], "office.toml", "").contains(USER));
    office.end();
}

//! A catalogue goes from the office's file to the kiosk, with real processes.

use std::fs;

use serde_json::Value;

use crate::support::{Workplace, registration};

const QUESTION: &str = r#"
[[question]]
id = "own_home"
kind = "yes_no"
label = { ar = "أتملكون المسكن؟", en = "Do you own your home?" }

"#;

fn sent(workplace: &Workplace) -> Option<String> {
    fs::read_to_string(workplace.path("kiosk/catalogue.toml")).ok()
}

#[test]
fn a_later_catalogue_reaches_the_kiosk_and_only_a_later_one() {
    let (workplace, office) = Workplace::open();
    office.end();
    let text = fs::read_to_string(workplace.path("catalog.toml")).unwrap();
    let config = fs::read_to_string(workplace.path("office.toml")).unwrap();
    fs::write(workplace.path("office.toml"), config.replace("\"catalog.toml\"", "\"office-catalog.toml\"")).unwrap();
    let change = |text: &str| fs::write(workplace.path("office-catalog.toml"), text).unwrap();
    let visit = |script: &str| {
        let office = workplace.start_office();
        let answers = workplace.run(&["kiosk", "visit", "--no-print", "--script", "-"], "kiosk.toml", script);
        office.end();
        let answer = String::from_utf8(answers.stdout).unwrap();
        serde_json::from_str::<Value>(answer.trim()).unwrap_or_else(|_| panic!("{:?}", answers.stderr))
    };

    let version = |number: u32| text.replace("\nversion = 2\n", &format!("\nversion = {number}\n"));
    let (before, after) =
        version(3).split_once("\n[[common_question]]").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let later = format!("{before}\n{QUESTION}[[common_question]]{after}");
    change(&text);
    assert!(visit(&registration("نورة القحطاني"))["tracking_number"].is_string());
    assert_eq!(sent(&workplace), None, "the kiosk has this version itself");
    // Whoever is here goes on with the catalogue before; the next one is asked more.
    change(&later);
    assert!(visit(&registration("سعد الشهري"))["tracking_number"].is_string());
    assert_eq!(sent(&workplace).as_deref(), Some(later.as_str()));
    let refused = visit(&registration("سعد الشهري"));
    assert!(refused["error"].as_str().unwrap().contains("own_home"), "{refused}");
    let mut more: Value = serde_json::from_str(&registration("سعد الشهري")).unwrap();
    more["answers"]["own_home"] = true.into();
    assert!(visit(&more.to_string())["tracking_number"].is_string());

    // A version that went out stays as it was, whatever stands in the file; an older one, or nonsense, goes nowhere.
    for (content, log) in [
        (later.replace("own_home", "own_house"), "with other content"),
        (text.clone(), "a later version than 2 went out"),
    ] {
        change(&content);
        assert!(visit(&more.to_string())["tracking_number"].is_string());
        assert_eq!(sent(&workplace).as_deref(), Some(later.as_str()));
        assert!(fs::read_to_string(workplace.path("office.log")).unwrap().contains(log), "{log}");
    }
    assert_eq!(workplace.check("office")["requests"], 5);

    // What the office sent is damaged: the kiosk serves by its own file, and says so.
    fs::write(workplace.path("kiosk/catalogue.toml"), &later[..1000]).unwrap();
    let output = workplace.run(
        &["kiosk", "visit", "--no-print", "--offline", "--script", "-"],
        "kiosk.toml",
        &registration("منى عسيري"),
    );
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(log.contains("catalogue.toml"), "{log}");
}

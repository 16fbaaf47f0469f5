//! The table of `docs/asvs.md` names tests: they are there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const TABLE: &str = include_str!("../../../docs/asvs.md");

/// A row's number, state, and what it says.
fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    TABLE.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        match cells.as_slice() {
            ["", number, state, says, ""] if number.starts_with(|c: char| c.is_ascii_digit()) => {
                Some((*number, *state, *says))
            }
            _ => None,
        }
    })
}

/// Gives the words between backticks that could be a function's name.
fn names(says: &str) -> impl Iterator<Item = &str> {
    let is_name = |text: &&str| text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_');
    says.split('`').skip(1).step_by(2).filter(is_name)
}

/// The name of each function that is marked as a test in a folder's sources.
fn tests_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests_in(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut is_test = false;
            for line in text.lines().map(str::trim_start) {
                if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                    is_test = true;
                } else if let Some((_, name)) = line.split_once("fn ").filter(|_| is_test) {
                    found.insert(name.split(['(', '<']).next().unwrap().to_owned());
                    is_test = false;
                }
            }
        }
    }
}

#[test]
fn every_claim_names_a_test_that_is_there() {
    let mut tests = BTreeSet::new();
    for folder in ["src", "tests", "ui"] {
        tests_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut tests);
    }
    assert!(
        tests.contains("every_claim_names_a_test_that_is_there") && rows().count() > 100,
        "or nothing is looked at"
    );
    assert!(!tests.contains("by_the_clock"), "what tests only use is none, also beside proptest!");
    for (number, state, says) in rows() {
        // Sentences of our tests are longer than names of anything else.
        let gone: Vec<&str> =
            names(says).filter(|name| name.matches('_').count() >= 3 && !tests.contains(*name)).collect();
        assert_eq!(gone, Vec::<&str>::new(), "{number} names tests that aren't there");
        let is_shown = names(says).any(|name| tests.contains(name));
        assert!(state != "met" || is_shown, "{number} is met, and names no test: {says}");
        assert!(["met", "met by construction", "in part", "not met", "n/a"].contains(&state), "{number}: {state}");
    }
}

//! Every word that the sources write into the trail has a label on its page.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::language::Language;
use crate::language::Words;
use crate::office::http::trail::action_label;

/// Functions that hand their word on to `trail::append`, each with the place of the word among what it is given.
const WRITERS: [(&str, usize); 4] =
    [("trail::append(", 3), ("source.trail(", 1), ("self.note(&mut ", 1), ("self.end(open, ", 0)];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.file_name().unwrap().to_str().unwrap() {
            "tests" | "tests.rs" => {}
            _ if path.is_dir() => sources(&path, found),
            name if name.ends_with(".rs") => found.push(path),
            _ => {}
        }
    }
}

/// Splits the arguments of a call, whose beginning is cut off, at their commas.
fn arguments(text: &str) -> Vec<&str> {
    let (mut depth, mut in_text, mut begin, mut found) = (0, false, 0, Vec::new());
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => in_text = !in_text,
            _ if in_text => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => {
                found.push(text[begin..at].trim());
                return found;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(text[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    panic!("a call that doesn't end: {text}");
}

/// Texts of a piece of code that could be a word of the trail: none is the name of a detail.
fn texts(code: &str) -> impl Iterator<Item = &str> {
    let mut rest = code.split('"').skip(1);
    std::iter::from_fn(move || Some((rest.next()?, rest.next()?)))
        .filter(|(text, behind)| text.contains(' ') && !behind.starts_with(':'))
        .map(|(text, _)| text)
}

/// The words that one file writes.
fn words_of(source: &str, all: &[String]) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for (writer, place) in WRITERS {
        for (at, _) in source.match_indices(writer) {
            let given = arguments(&source[at + writer.len()..])[place];
            let name = given.rsplit("::").next().unwrap();
            if let Some(text) = given.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                words.insert(text.to_owned());
            } else if name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_') {
                let defined = format!("const {name}: &str = \"");
                let defined: Vec<_> = all.iter().filter_map(|source| source.split_once(&defined)).collect();
                assert!(!defined.is_empty(), "{name}");
                words.extend(defined.iter().map(|(_, text)| text.split('"').next().unwrap().to_owned()));
            } else if given.starts_with("action(") {
                let body = source.split_once("fn action(").unwrap().1.split("\n}").next().unwrap();
                words.extend(texts(body).map(str::to_owned));
            } else {
                assert_eq!(given, "action", "a word that this test can't find");
                // Chosen before, or handed on by one of the writers above.
                let chosen = ["let action = ", "let (action, "].map(|begin| source[..at].rfind(begin));
                if let Some(begin) = chosen.into_iter().flatten().max() {
                    words.extend(texts(&source[begin..at]).map(str::to_owned));
                }
            }
        }
    }
    words
}

#[test]
fn every_word_of_the_trail_has_a_label() {
    let mut paths = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/office"), &mut paths);
    let all: Vec<String> = paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let words: BTreeSet<String> = all.iter().flat_map(|source| words_of(source, &all)).collect();
    for known in ["rows sealed", "database restored", "role changed", "session made", "losses named", "request closed"]
    {
        assert!(words.contains(known), "this test finds no word {known:?} any more: {words:?}");
    }
    for language in [Language::Arabic, Language::English] {
        let labels = Words::of(language);
        let lacking: Vec<_> = words.iter().filter(|word| action_label(labels, word).is_none()).collect();
        assert!(lacking.is_empty(), "{lacking:?}");
    }
}

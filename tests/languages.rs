//! Every text in every language: parsable, present, used, with the same variables and the plural forms of its language.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};
use fluent_syntax::parser::parse;
use istiqbal::domain::digits::to_western;
use istiqbal::domain::language::Language;
use istiqbal::domain::tracking_number::TrackingNumber;
use istiqbal::language::{files, isolate_ltr};

/// What a message needs to be right.
#[derive(Default, Debug)]
struct Message {
    variables: BTreeSet<String>,
    /// The plural forms of each choice by number
    plurals: Vec<BTreeSet<String>>,
}

/// The messages of a language; a file that can't be parsed fails.
fn messages(language: Language) -> BTreeMap<String, Message> {
    let mut messages = BTreeMap::new();
    for (file, text) in files(language) {
        let resource = parse(text).unwrap_or_else(|(_, errors)| panic!("{} {file}: {errors:?}", language.code()));
        for entry in resource.body {
            match entry {
                Entry::Message(message) => {
                    let mut found = Message::default();
                    note_pattern(&message.value.expect("a message has a text"), &mut found);
                    let twice = messages.insert(message.id.name.to_owned(), found);
                    assert!(twice.is_none(), "{} {file}: `{}` stands twice", language.code(), message.id.name);
                }
                Entry::Junk { content } => panic!("{} {file}: {content}", language.code()),
                _ => {}
            }
        }
    }
    messages
}

fn note_pattern(pattern: &Pattern<&str>, found: &mut Message) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            note_expression(expression, found);
        }
    }
}

fn note_expression(expression: &Expression<&str>, found: &mut Message) {
    match expression {
        Expression::Inline(inline) => note_inline(inline, found),
        Expression::Select { selector, variants } => {
            note_inline(selector, found);
            let keys = variants.iter().map(|variant| match &variant.key {
                VariantKey::Identifier { name } => (*name).to_owned(),
                VariantKey::NumberLiteral { value } => (*value).to_owned(),
            });
            found.plurals.push(keys.collect());
            variants.iter().for_each(|variant| note_pattern(&variant.value, found));
        }
    }
}

fn note_inline(inline: &InlineExpression<&str>, found: &mut Message) {
    match inline {
        InlineExpression::VariableReference { id } => drop(found.variables.insert(id.name.to_owned())),
        InlineExpression::Placeable { expression } => note_expression(expression, found),
        InlineExpression::FunctionReference { arguments, .. } => {
            arguments.positional.iter().for_each(|argument| note_inline(argument, found));
        }
        _ => {}
    }
}

/// The text of all files below a folder that end so.
fn sources(folder: &str, ending: &str) -> String {
    fn gather(folder: &Path, ending: &str, text: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                gather(&path, ending, text);
            } else if path.to_string_lossy().ends_with(ending) {
                text.push_str(&fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut text = String::new();
    gather(Path::new(folder), ending, &mut text);
    text
}

fn all_sources() -> String {
    ["globals", "screens", "widgets"].map(|folder| sources(&format!("ui/kiosk/{folder}"), ".slint")).concat()
        + &fs::read_to_string("ui/kiosk/app.slint").unwrap()
        + &sources("src", ".rs")
        + &sources("ui/office/templates", ".html")
}

#[test]
fn both_languages_say_the_same_things() {
    let [arabic, english] = Language::ALL.map(messages);
    let keys = |messages: &BTreeMap<String, Message>| messages.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&arabic), keys(&english));
    for (key, message) in &arabic {
        // A sentence for one or two may leave the number out; beyond that, both name the same things.
        assert_eq!(message.variables, english[key].variables, "{key}");
    }
}

#[test]
fn plural_forms_are_those_of_the_language() {
    let forms = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    for (key, message) in messages(Language::Arabic) {
        for plurals in message.plurals.iter().filter(|plurals| plurals.contains("one") || plurals.contains("few")) {
            assert!(plurals.is_superset(&forms(&["one", "two", "few", "many", "other"])), "{key}: {plurals:?}");
        }
    }
    for (key, message) in messages(Language::English) {
        for plurals in message.plurals.iter().filter(|plurals| plurals.contains("one")) {
            assert!(plurals.is_superset(&forms(&["one", "other"])), "{key}: {plurals:?}");
        }
    }
}

#[test]
fn every_message_is_used() {
    let sources = all_sources();
    // Built from a number: `month-hijri-7`.
    let is_month = |key: &str| key.starts_with("month-");
    let unused: Vec<_> = messages(Language::Arabic)
        .into_keys()
        .filter(|key| !is_month(key) && !sources.contains(&format!("\"{key}\"")))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn every_used_message_is_there() {
    let known: BTreeSet<String> = messages(Language::Arabic).into_keys().collect();
    let everything = all_sources();
    let mut missing = BTreeSet::new();
    for opening in ["Words.t(\"", "words.get(\"", "words.format(\"", "frame.t(\"", ".t(\""] {
        for rest in everything.split(opening).skip(1) {
            let key = rest.split('"').next().unwrap();
            if !known.contains(key) {
                missing.insert(key.to_owned());
            }
        }
    }
    // Literals elsewhere that can only be keys, such as those chosen by a `match`.
    let elsewhere = ["kiosk", "office", "receipt"].map(|folder| sources(&format!("src/{folder}"), ".rs")).concat();
    for literal in elsewhere.split('"').filter(|text| text.len() < 60) {
        let family = [
            "maintenance-",
            "starting-",
            "no-new-",
            "out-of-",
            "not-kept",
            "call-",
            "declaration-",
            "services-",
            "error-",
            "stage-",
            "next-",
            "home-",
            "office-",
            "receipt-",
            "check-",
            "date-",
            "follow-up-",
            "rate-",
        ];
        let is_key = family.iter().any(|family| literal.starts_with(family))
            && !literal.ends_with('-')
            && literal.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if is_key && !known.contains(literal) {
            missing.insert(literal.to_owned());
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

/// The letters of a line from left to right, as a reader sees them.
fn seen(text: &str) -> String {
    let info = unicode_bidi::BidiInfo::new(text, None);
    let paragraph = &info.paragraphs[0];
    info.reorder_line(paragraph, paragraph.range.clone()).into_owned()
}

/// A number is one number: its groups stand from left to right in every language, in both styles of digits.
#[test]
fn grouped_numbers_are_seen_from_left_to_right() {
    let number = TrackingNumber::new(17.try_into().unwrap(), 4_839_205);
    let digits = |text: &str| to_western(&text.chars().filter(|letter| letter.is_numeric()).collect::<String>());
    for grouped in [number.grouped(), number.grouped_eastern()] {
        for around in ["", "رقم التتبع "] {
            let line = format!("{around}{}", isolate_ltr(&grouped));
            assert_eq!(digits(&seen(&line)), number.to_string(), "{line}");
        }
    }
    // What this guards against: common spaces between the groups turn their order round.
    let spaced = isolate_ltr(&number.grouped_eastern().replace('\u{A0}', " "));
    assert_ne!(digits(&seen(&spaced)), number.to_string());
}

//! The catalogue that is shipped, and what is said when a clerk's hand slips.

use std::path::Path;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::domain::answers::{Answer, AnswerError};
use crate::domain::calendar::DateError;
use crate::domain::rating::Face;

const SHIPPED: &str = include_str!("../../../config/catalog.toml");

/// Questions of the kinds that the shipped form doesn't use.
const OTHER_KINDS: &str = r#"
[[question]]
id = "note"
kind = "text"
label = { ar = "ملاحظة", en = "Note" }
max = 40

[[question]]
id = "income"
kind = "amount"
label = { ar = "الدخل", en = "Income" }

[[question]]
id = "account"
kind = "iban"
label = { ar = "الحساب", en = "Account" }

[[question]]
id = "works"
kind = "yes_no"
label = { ar = "عمل", en = "Work" }

[[question]]
id = "house"
kind = "multiple_choice"
label = { ar = "المسكن", en = "House" }
choices = [{ id = "owned", label = { ar = "ملك", en = "Owned" } }, { id = "rented", label = { ar = "إيجار", en = "Rented" } }]
"#;

fn parse(text: &str) -> Result<Catalogue, ConfigError> {
    Catalogue::parse(Path::new("catalog.toml"), text)
}

fn shipped() -> Catalogue {
    parse(SHIPPED).unwrap_or_else(|error| panic!("{error}"))
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()
}

fn answers(catalogue: &Catalogue, given: &[(&str, &str)]) -> Answers {
    let mut answers = Answers::default();
    for (id, raw) in given {
        let question = catalogue.question(id).unwrap_or_else(|| panic!("no question {id}"));
        let answer = question.parse(catalogue, raw, today()).unwrap_or_else(|error| panic!("{id}: {error}"));
        answers.set(id, answer);
    }
    answers
}

fn asked<'a>(catalogue: &'a Catalogue, answers: &'a Answers) -> Vec<&'a str> {
    catalogue.questions_for(answers).map(Question::id).collect()
}

fn needed<'a>(catalogue: &'a Catalogue, answers: &Answers) -> Vec<&'a str> {
    catalogue.documents_for(answers).into_iter().map(|document| document.id.get_ref().as_str()).collect()
}

const OF_BENEFICIARY: [&str; 7] = ["national_id", "name", "birth_date", "mobile", "category", "household", "service"];

/// The visit that the design gives as its example.
const EXAMPLE: [(&str, &str); 8] = [
    ("for", "self"),
    ("national_id", "1000000008"),
    ("name", "نورة بنت سعد القحطاني"),
    ("birth_date", "1399-07-04 H"),
    ("mobile", "٠٥٠٠٠٠٠٠٠٠"),
    ("category", "widow"),
    ("household", "4"),
    ("service", "food_basket"),
];

#[test]
fn the_example_visit_is_asked_eight_questions_and_two_documents() {
    let catalogue = shipped();
    assert_eq!((catalogue.version, catalogue.policy.version), (2, 1));
    let answers = answers(&catalogue, &EXAMPLE);
    assert_eq!(asked(&catalogue, &answers), [&["for"], OF_BENEFICIARY.as_slice()].concat());
    assert_eq!(needed(&catalogue, &answers), ["id_card", "family_record"]);
    let born = NaiveDate::from_ymd_opt(1979, 5, 30).unwrap();
    assert_eq!(answers.get("birth_date"), Some(&Answer::Date(born)));
    assert_eq!(answers.get("household"), Some(&Answer::Count(4)));
}

#[test]
fn before_the_service_is_chosen_no_document_is_asked_for() {
    let catalogue = shipped();
    assert!(needed(&catalogue, &Answers::default()).is_empty());
}

#[test]
fn whoever_comes_for_another_is_asked_for_their_own_name_and_mobile() {
    let catalogue = shipped();
    let answers = answers(&catalogue, &[("for", "other")]);
    let first = ["for", "applicant_name", "applicant_mobile"];
    assert_eq!(asked(&catalogue, &answers), [first.as_slice(), &OF_BENEFICIARY].concat());
}

#[test]
fn documents_follow_the_category() {
    let catalogue = shipped();
    let of = |category, service| {
        let answers = answers(&catalogue, &[("category", category), ("service", service)]);
        needed(&catalogue, &answers).join(" ")
    };
    assert_eq!(of("divorced", "food_basket"), "id_card family_record divorce_deed");
    assert_eq!(of("prisoner_family", "food_basket"), "id_card family_record prison_letter");
    assert_eq!(of("widow", "medicine"), "id_card medical_report");
    assert_eq!(of("widow", "rent"), "id_card family_record rent_contract social_security_statement death_certificate");
    assert_eq!(of("in_debt", "rent"), "id_card family_record rent_contract citizen_account_statement debt_deed");
}

#[test]
fn nobody_needs_more_than_five_documents_and_none_is_listed_in_vain() {
    let catalogue = shipped();
    let mut used = std::collections::BTreeSet::new();
    for category in &catalogue.categories {
        for service in &catalogue.services {
            let given = [("category", category.id.get_ref().as_str()), ("service", service.id.get_ref())];
            let needed: Vec<String> =
                needed(&catalogue, &answers(&catalogue, &given)).into_iter().map(str::to_owned).collect();
            assert!((1..=5).contains(&needed.len()), "{given:?}: {needed:?}");
            used.extend(needed);
        }
    }
    assert_eq!(used.len(), catalogue.documents.len(), "a document that nobody is ever asked for: {used:?}");
}

#[test]
fn conditions_name_choices_that_exist() {
    let catalogue = shipped();
    let of_questions = catalogue.questions.iter().flat_map(|question| &question.when);
    let of_documents = catalogue.documents.iter().flat_map(|document| &document.when);
    for condition in of_questions.chain(of_documents) {
        let question = catalogue.question(condition.question.get_ref()).unwrap();
        let choices: Vec<&str> = question.choices(&catalogue).iter().map(|choice| choice.id).collect();
        for id in &condition.is {
            assert!(choices.contains(&id.as_str()), "`{}` has no choice `{id}`", question.id());
        }
    }
}

#[test]
fn labels_fit_their_tiles() {
    let catalogue = shipped();
    let services = catalogue.services.iter().map(|service| &service.label);
    let documents = catalogue.documents.iter().map(|document| &document.label);
    let choices = catalogue.categories.iter();
    let reasons = catalogue.rating_reasons.iter().map(|reason| &reason.label);
    let of_questions = catalogue.questions.iter().flat_map(|question| &question.choices);
    let labels =
        services.chain(documents).chain(choices.chain(of_questions).map(|choice| &choice.label)).chain(reasons);
    for label in labels.flat_map(Text::each) {
        assert!(label.chars().count() <= 22, "too long for a tile: {label}");
    }
}

#[test]
fn every_picture_is_there() {
    let catalogue = shipped();
    let services = catalogue.services.iter().map(|service| service.icon.as_str());
    let documents = catalogue.documents.iter().filter_map(|document| document.icon.as_deref());
    let of_questions = catalogue.questions.iter().flat_map(|question| &question.choices);
    let choices = catalogue.categories.iter().chain(of_questions).filter_map(|choice| choice.icon.as_deref());
    for icon in services.chain(documents).chain(choices) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("ui/kiosk/icons/{icon}.svg"));
        assert!(file.is_file(), "there is no picture {}", file.display());
    }
}

#[test]
fn the_screen_writes_the_numbers_of_arabic_texts() {
    let arabic =
        SHIPPED.lines().flat_map(|line| line.split("ar = \"").skip(1).filter_map(|rest| rest.split('"').next()));
    for text in arabic {
        assert!(!text.contains(|c| crate::domain::digits::digit_value(c).is_some()), "{text}");
    }
}

#[test]
fn changing_an_earlier_answer_drops_what_is_no_longer_asked() {
    let catalogue = shipped();
    let mut answers = answers(&catalogue, &EXAMPLE);
    answers.set("for", Answer::Choice("other".into()));
    for (id, raw) in [("applicant_name", "سعد محمد"), ("applicant_mobile", "0511111111")] {
        answers.set(id, catalogue.question(id).unwrap().parse(&catalogue, raw, today()).unwrap());
    }
    let all = answers.clone();
    answers.keep_only_asked(&catalogue);
    assert_eq!(answers, all, "all of them are asked");

    answers.set("for", Answer::Choice("self".into()));
    answers.keep_only_asked(&catalogue);
    assert_eq!(answers.get("applicant_name"), None);
    assert_eq!(answers.get("applicant_mobile"), None);
    assert_eq!(answers.iter().count(), EXAMPLE.len(), "nothing else is lost");
}

#[test]
fn a_dropped_answer_takes_along_those_that_hang_on_it() {
    let chain = SHIPPED.to_owned()
        + r#"
[[question]]
id = "works"
kind = "yes_no"
label = { ar = "عمل", en = "Work" }
when = [{ question = "for", is = ["self"] }]

[[question]]
id = "income"
kind = "amount"
label = { ar = "الدخل", en = "Income" }
when = [{ question = "works", is = ["yes"] }]
"#;
    let catalogue = parse(&chain).unwrap();
    let mut answers = answers(&catalogue, &[("for", "self"), ("works", "yes"), ("income", "٣٠٠٠")]);
    assert_eq!(answers.get("income"), Some(&Answer::Amount(3000)));
    answers.set("for", Answer::Choice("other".into()));
    answers.keep_only_asked(&catalogue);
    assert_eq!(answers.iter().map(|(id, _)| id).collect::<Vec<_>>(), ["for"]);
}

#[test]
fn an_answer_outside_the_limits_is_not_taken() {
    let catalogue = shipped();
    let refused = |id: &str, raw| catalogue.question(id).unwrap().parse(&catalogue, raw, today()).unwrap_err();
    assert_eq!(refused("household", "0"), AnswerError::OutOfRange { min: 1, max: 20 });
    assert_eq!(refused("household", "٢١"), AnswerError::OutOfRange { min: 1, max: 20 });
    assert_eq!(refused("household", "four"), AnswerError::NotANumber);
    assert_eq!(refused("service", "gold"), AnswerError::NoSuchChoice { id: "gold".into() });
    assert_eq!(refused("name", "  "), AnswerError::Missing);
    assert_eq!(refused("birth_date", "2026-11-25"), AnswerError::Date(DateError::Future));
    assert_eq!(refused("birth_date", "1899-12-31"), AnswerError::Date(DateError::TooEarly));
}

/// The shipped file with its first `old` replaced by `new`, which must not pass; and the line on which `new` begins.
#[track_caller]
fn broken(old: &str, new: &str) -> (ConfigError, usize) {
    let place = SHIPPED.find(old).unwrap_or_else(|| panic!("the shipped catalogue has no {old:?}"));
    let text = [&SHIPPED[..place], new, &SHIPPED[place + old.len()..]].concat();
    let error = parse(&text).err().unwrap_or_else(|| panic!("{new:?} was taken"));
    (error, SHIPPED[..place].matches('\n').count() + 1)
}

/// The error names this file, the line of the change, this key, and a cause that has these words.
#[track_caller]
fn assert_says((error, line): (ConfigError, usize), key: &str, words: &str) {
    assert_eq!(error.file, Path::new("catalog.toml"));
    assert_eq!(error.line, Some(line), "{error}");
    assert_eq!(error.key.as_deref(), Some(key), "{error}");
    assert!(error.cause.contains(words), "{error}");
}

#[test]
fn an_unknown_document_is_reported() {
    let list = r#"documents = ["id_card", "medical_report"]"#;
    let error = broken(list, r#"documents = ["id_card", "passport"]"#);
    assert_says(error, "documents", "no document `passport`");
}

#[test]
fn a_condition_on_no_earlier_question_is_reported() {
    let when = r#"when = [{ question = "for", is = ["other"] }]"#;
    let unknown = r#"when = [{ question = "nothing", is = ["other"] }]"#;
    assert_says(broken(when, unknown), "when", "`nothing`, which is no earlier question");
    let later = r#"when = [{ question = "service", is = ["rent"] }]"#;
    assert_says(broken(when, later), "when", "`service`, which is no earlier question");
    let of_document = r#"when = [{ question = "category", is = ["divorced"] }]"#;
    assert_says(broken(of_document, unknown), "when", "`nothing`, which is no earlier question");
}

#[test]
fn an_id_that_stands_twice_is_reported() {
    for (second, first) in [
        ("rent", "food_basket"),
        ("widow", "orphan"),
        ("family_record", "id_card"),
        ("applicant_name", "for"),
        ("respectful", "fast"),
        ("other", "self"),
    ] {
        let error = broken(&format!("id = \"{second}\""), &format!("id = \"{first}\""));
        assert_says(error, "id", &format!("with the id `{first}`"));
    }
}

#[test]
fn an_id_of_foreign_letters_is_reported() {
    assert_says(broken(r#"id = "rent""#, r#"id = "الإيجار""#), "id", "1 to 32 of a-z, 0-9 and _");
    assert_says(broken(r#"id = "rent""#, r#"id = """#), "id", "1 to 32 of a-z, 0-9 and _");
}

#[test]
fn a_form_without_the_service_question_is_reported() {
    // What isn't there has no line of its own.
    let (error, _) = broken("[[question]]\nid = \"service\"", "[[question]]\nid = \"help_wanted\"");
    assert_eq!(error.key, None, "{error}");
    assert!(error.cause.contains("no question `service`"), "{error}");
}

#[test]
fn a_service_question_that_may_be_passed_over_is_reported() {
    let question = "id = \"service\"\nkind";
    let error = broken(question, "id = \"service\"\noptional = true\nkind");
    assert_says(error, "id", "always asked and not optional");
}

#[test]
fn an_unknown_key_is_reported() {
    assert_says(broken("version = 1\n", "colour = \"green\"\nversion = 1\n"), "colour", "unknown field");
    let label = r#"label = { ar = "الكسوة", en = "Clothing" }"#;
    let french = r#"label = { ar = "الكسوة", en = "Clothing", fr = "Habits" }"#;
    assert_says(broken(label, french), "label", "unknown field");
}

#[test]
fn a_missing_language_is_reported() {
    let error = broken(r#"label = { ar = "الكسوة", en = "Clothing" }"#, r#"label = { ar = "الكسوة" }"#);
    assert_says(error, "label", "missing field `en`");
}

#[test]
fn an_empty_text_is_reported() {
    let (error, _) = broken(r#"en = "Clothing""#, r#"en = " ""#);
    assert!(error.cause.contains("الكسوة"), "{error}");
}

#[test]
fn a_wrong_kind_is_reported() {
    assert_says(broken("kind = \"mobile\"", "kind = \"telephone\""), "kind", "unknown variant `telephone`");
    assert_says(broken("max = 20", "max = \"twenty\""), "max", "invalid type");
    assert_says(broken("version = 1", "version = -1"), "version", "invalid value");
}

#[test]
fn limits_and_choices_that_contradict_the_kind_are_reported() {
    let household = "id = \"household\"\nkind = \"count\"";
    let chooses = broken(household, "id = \"household\"\nkind = \"single_choice\"");
    assert_says(chooses, "id", "needs `choices` or `choices_from`");
    let category = "id = \"category\"\nkind = \"single_choice\"";
    let counts = broken(category, "id = \"category\"\nkind = \"count\"");
    assert_says(counts, "id", "only single_choice and multiple_choice have choices");
    let (error, line) = broken("min = 1\nmax = 20", "min = 21\nmax = 20");
    assert_eq!(error.key.as_deref(), Some("id"), "{error}");
    assert!(error.line.is_some_and(|of_id| of_id < line && line - of_id < 6), "{error}");
    assert!(error.cause.contains("`min` is greater than `max`"), "{error}");
}

#[test]
fn every_kind_has_a_question() {
    parse(&(SHIPPED.to_owned() + OTHER_KINDS)).unwrap();
    let long = OTHER_KINDS.replace("max = 40", "max = 501");
    let error = parse(&(SHIPPED.to_owned() + &long)).unwrap_err();
    assert_eq!(error.line, Some(SHIPPED.lines().count() + 3), "{error}");
    assert!(error.cause.contains("at most 500 characters"), "{error}");
}

/// Any text, and texts of the letters that the parsers look for, which come much nearer to an answer.
fn raw_answer() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9٠-٩۰-۹/HhهSAsa ,+.\\-]{0,30}",
        "[12][0-9]{3}[-/][0-9]{1,2}[-/][0-9]{1,2} ?[Hه]?",
        "[1-2٠-٩]{10}",
        "(\\+966|0|٠)?5[0-9]{7,9}",
    ]
}

proptest! {
    #[test]
    fn no_text_breaks_a_question(raw in raw_answer()) {
        let catalogue = parse(&(SHIPPED.to_owned() + OTHER_KINDS)).unwrap();
        for question in &catalogue.questions {
            // Whether it is taken doesn't matter here.
            let _ = question.parse(&catalogue, &raw, today());
        }
    }

    #[test]
    fn what_was_taken_can_be_typed_again(raw in raw_answer()) {
        let catalogue = shipped();
        for question in &catalogue.questions {
            if let Ok(answer) = question.parse(&catalogue, &raw, today()) {
                prop_assert_eq!(question.parse(&catalogue, &answer.raw(), today()), Ok(answer));
            }
        }
    }

    #[test]
    fn no_cut_breaks_the_reader(cut in 0..SHIPPED.len()) {
        // Half a file may be one by chance; that it says something about the rest is all that's asked.
        let _ = parse(&String::from_utf8_lossy(&SHIPPED.as_bytes()[..cut]));
    }
}

#[test]
fn what_only_some_kinds_can_have_is_refused_of_others() {
    let same = "same_as = \"applicant_mobile\"";
    let other_kind = broken(same, "same_as = \"applicant_name\"");
    assert_says(other_kind, "same_as", "an earlier question of the same kind");
    let unknown = broken(same, "same_as = \"nothing\"");
    assert_says(unknown, "same_as", "an earlier question of the same kind");
    let date = "kind = \"date\"\nday_unknown = true";
    let (error, _) = broken(date, "kind = \"name\"\nday_unknown = true");
    assert!(error.cause.contains("only a date has `day_unknown`"), "{error}");
}

#[test]
fn each_face_has_its_reasons() {
    let catalogue = shipped();
    for face in Face::ALL {
        assert!(catalogue.reasons_for(face).count() >= 3, "{face:?}");
    }
    let error = parse(&SHIPPED.replace("for = \"unhappy\"", "for = \"happy\"")).unwrap_err();
    assert!(error.cause.contains("no rating_reason for unhappy faces"), "{error}");
}

#[test]
fn whoever_asks_for_himself_is_asked_for_his_own_name() {
    let catalogue = shipped();
    let label = |whom| {
        let answers = answers(&catalogue, &[("for", whom)]);
        catalogue.question("name").unwrap().wording(&answers).0.in_language(Language::English).to_owned()
    };
    assert_eq!(label("self"), "What is your name?");
    assert_eq!(label("other"), "What is the beneficiary’s name?");
    let of_self = r#"variants = [{ when = [{ question = "for", is = ["self"] }]"#;
    let (error, _) = broken(of_self, "variants = [{ when = []");
    assert!(error.cause.contains("a variant needs `when`"), "{error}");
}

#[test]
fn limits_that_nobody_could_keep_are_reported() {
    let cause = |old, new| broken(old, new).0.cause;
    assert!(cause("min = 1\nmax = 20", "min = 31").contains("`min` is greater than `max`, which is 30"));
    assert!(cause("id = \"household\"", "id = \"documents\"").contains("give the question another id"));
    let date = "kind = \"date\"\nday_unknown = true";
    assert!(cause(date, "kind = \"date\"\nmin = 2500").contains("1900 to 2170"));
    assert!(cause(date, "kind = \"text\"\nmax = 0").contains("at least 1"));
    assert!(cause(date, "kind = \"amount\"\nmin = 100000000\nmax = 200000000").contains("8 digits"));
    assert!(cause(date, "kind = \"name\"\nfuture = true").contains("only a date has `future`"));
}

const NOTICE: &str = r#"
[[notices]]
id = "closed_thursday"
from = "2026-11-26"
until = "1448-06-16 H"
text = { ar = "المكتب مغلق يوم الخميس.", en = "The office is closed on Thursday." }
"#;

#[test]
fn a_notice_stands_from_its_first_day_through_its_last() {
    assert_eq!(shipped().notices_on(today()).count(), 0);
    let catalogue = parse(&format!("{SHIPPED}{NOTICE}")).unwrap();
    let on = |day: &str| {
        catalogue.notices_on(day.parse().unwrap()).map(|notice| notice.id.get_ref().as_str()).collect::<Vec<_>>()
    };
    assert_eq!(catalogue.notices[0].until.0, "2026-11-26".parse().unwrap());
    assert_eq!((on("2026-11-25"), on("2026-11-26"), on("2026-11-27")), (vec![], vec!["closed_thursday"], vec![]));
}

#[test]
fn a_wrong_notice_is_named_with_its_line() {
    for (right, wrong, cause) in [
        ("2026-11-26", "2026-11-31", "this day is not in the calendar"),
        ("2026-11-26", "tomorrow", "write the date as"),
        ("from = \"2026-11-26\"", "from = \"2026-12-26\"", "lies after `until`"),
        ("The office is closed", &"The office is closed ".repeat(9), "at most 160 characters"),
        ("id = \"closed_thursday\"", "id = \"Closed\"", "the id of a notice"),
    ] {
        let error = parse(&format!("{SHIPPED}{}", NOTICE.replace(right, wrong))).unwrap_err();
        assert!(error.cause.contains(cause) && error.line.is_some(), "{error}");
    }
    let empty = NOTICE.replace("The office is closed on Thursday.", " ");
    assert!(parse(&format!("{SHIPPED}{empty}")).unwrap_err().cause.contains("empty in one language"));
}

#[test]
fn a_new_catalogue_says_what_it_changes() {
    use super::difference::{Change, Part, difference};
    let before = shipped();
    assert_eq!(difference(&before, &parse(&format!("# a remark more\n{SHIPPED}")).unwrap()), []);
    let text = SHIPPED
        .replace("Which service are you asking for?", "Which service do you need?")
        .replace("I am directly responsible", "I alone am responsible")
        .replace("id = \"hard_to_reach\"", "id = \"unreachable\"");
    let found = difference(&before, &parse(&format!("{text}{NOTICE}")).unwrap());
    let found: Vec<_> = found.iter().map(|one| (one.part, one.change, one.id.as_str())).collect();
    assert_eq!(
        found,
        [
            (Part::Declaration, Change::WithoutVersion, ""),
            (Part::Question, Change::Changed, "service"),
            (Part::RatingReason, Change::Added, "unreachable"),
            (Part::RatingReason, Change::Removed, "hard_to_reach"),
            (Part::Notice, Change::Added, "closed_thursday"),
        ]
    );
    let mut moved = shipped();
    moved.services.swap(0, 1);
    let found = difference(&before, &moved);
    assert!(matches!(found.as_slice(), [one] if one.change == Change::Moved && one.part == Part::Service), "{found:?}");
}

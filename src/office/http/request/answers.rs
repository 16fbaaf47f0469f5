//! What was answered, under the labels of the catalogue, and what was corrected since it was signed.

use super::Found;
use super::history::actor;
use crate::domain::answers::Answer;
use crate::domain::catalogue::{Catalogue, Question};
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::office::database::corrections::StoredCorrection;

/// An answer as the page shows it.
pub struct AnswerRow {
    pub label: String,
    pub value: String,
    /// The question's id, where this person may correct its answer
    pub correct: Option<String>,
    /// What was signed, or stood before, and why it was corrected; the earliest first
    pub corrections: Vec<String>,
}

/// Who it is, and everything else, each in the catalogue's order; what the catalogue no longer asks comes last. A question
/// without an answer stands there where it had one, or where one may be given. The words are those that were answered (P22);
/// corrections keep to the catalogue of `today`.
pub fn answers(today: &Catalogue, words: &Words, found: &Found, may_correct: bool) -> (Vec<AnswerRow>, Vec<AnswerRow>) {
    let (mut person, mut others) = (Vec::new(), Vec::new());
    let given = &found.request.answers;
    let catalogue = found.labels.catalogue();
    let asked: Vec<&str> = today.questions_for(given).map(Question::id).collect();
    let corrected = found.corrections.iter().map(|correction| correction.question.as_str());
    let mut no_longer: Vec<&str> = given.iter().map(|(id, _)| id).chain(corrected).collect();
    no_longer.retain(|id| catalogue.question(id).is_none());
    no_longer.sort_unstable();
    no_longer.dedup();
    let newly = asked.iter().copied().filter(|id| catalogue.question(id).is_none() && given.get(id).is_none());
    let newly: Vec<&str> = newly.filter(|id| !no_longer.contains(id)).collect();
    for id in catalogue.questions.iter().map(Question::id).chain(newly).chain(no_longer) {
        let question = catalogue.question(id).or_else(|| today.question(id));
        let correct = (may_correct && asked.contains(&id)).then(|| id.to_owned());
        let of_this: Vec<&StoredCorrection> =
            found.corrections.iter().filter(|correction| correction.question == id).collect();
        let answer = given.get(id);
        if answer.is_none() && of_this.is_empty() && correct.is_none() {
            continue;
        }
        let label = question.map_or(id, |question| question.label.in_language(words.language()));
        let row = AnswerRow {
            label: label.to_owned(),
            value: value(catalogue, question, words, answer),
            correct,
            corrections: of_this.iter().map(|one| corrected_line(catalogue, question, words, one, found)).collect(),
        };
        let is_person = |answer: &Answer| matches!(answer, Answer::Name(_) | Answer::NationalId(_) | Answer::Mobile(_));
        let known = answer.or_else(|| of_this.iter().find_map(|correction| correction.was.as_ref()));
        if known.is_some_and(is_person) { person.push(row) } else { others.push(row) }
    }
    (person, others)
}

fn value(catalogue: &Catalogue, question: Option<&Question>, words: &Words, answer: Option<&Answer>) -> String {
    let shown = answer.map(|answer| shown(catalogue, question, words, answer));
    shown.unwrap_or_else(|| words.get("office-correction-no-answer"))
}

fn corrected_line(
    catalogue: &Catalogue,
    question: Option<&Question>,
    words: &Words,
    correction: &StoredCorrection,
    found: &Found,
) -> String {
    words.format(
        "office-corrected",
        &[
            ("time", dates::time(words, correction.at).into()),
            ("who", actor(words, &correction.actor, &found.names).into()),
            ("was", value(catalogue, question, words, correction.was.as_ref()).into()),
            ("reason", correction.reason.as_deref().unwrap_or_default().into()),
        ],
    )
}

/// An answer in words.
pub fn shown(catalogue: &Catalogue, question: Option<&Question>, words: &Words, answer: &Answer) -> String {
    let number = |text: &str| isolate_ltr(&digits(words.language(), text));
    let label = |id: &str| {
        let choices = question.map(|question| question.choices(catalogue)).unwrap_or_default();
        let choice = choices.iter().find(|choice| choice.id == id);
        choice.map_or_else(|| id.to_owned(), |choice| choice.label.in_language(words.language()).to_owned())
    };
    match answer {
        Answer::Name(name) => name.as_str().to_owned(),
        Answer::Text(text) => text.clone(),
        Answer::NationalId(_) | Answer::Mobile(_) => number(&answer.raw()),
        Answer::Iban(iban) => isolate_ltr(iban.as_str()),
        Answer::Date(day) => dates::both(words, *day),
        Answer::Month(month) => dates::month(words, *month),
        Answer::Choice(id) => label(id),
        Answer::Choices(ids) => {
            ids.iter().map(|id| label(id)).collect::<Vec<_>>().join(&words.get("office-list-separator"))
        }
        Answer::Count(count) => number(&count.to_string()),
        Answer::Amount(amount) => words.format("office-amount", &[("amount", (*amount).into())]),
        Answer::YesNo(true) => words.get("office-yes"),
        Answer::YesNo(false) => words.get("office-no"),
    }
}

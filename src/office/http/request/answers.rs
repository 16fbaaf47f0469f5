//! What was answered, under the labels of the catalogue.

use super::Fact;
use crate::domain::answers::Answer;
use crate::domain::catalogue::{Catalogue, Question};
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::office::database::requests::StoredRequest;

/// Who it is, and everything else, each in the catalogue's order; what the catalogue no longer asks comes last.
pub fn answers(catalogue: &Catalogue, words: &Words, request: &StoredRequest) -> (Vec<Fact>, Vec<Fact>) {
    let (mut person, mut others) = (Vec::new(), Vec::new());
    let asked = catalogue.questions.iter().map(Question::id);
    let no_longer = request.answers.iter().map(|(id, _)| id).filter(|id| catalogue.question(id).is_none());
    for id in asked.chain(no_longer) {
        let Some(answer) = request.answers.get(id) else { continue };
        let question = catalogue.question(id);
        let label = question.map_or(id, |question| question.label.in_language(words.language()));
        let fact = Fact { label: label.to_owned(), value: shown(catalogue, question, words, answer) };
        match answer {
            Answer::Name(_) | Answer::NationalId(_) | Answer::Mobile(_) => person.push(fact),
            _ => others.push(fact),
        }
    }
    (person, others)
}

fn shown(catalogue: &Catalogue, question: Option<&Question>, words: &Words, answer: &Answer) -> String {
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

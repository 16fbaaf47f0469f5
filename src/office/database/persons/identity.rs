//! Whom the answers of a request name.

use std::collections::BTreeSet;

use crate::domain::answers::{Answer, Answers};
use crate::domain::arabic;
use crate::domain::catalogue::{BIRTH_DATE_QUESTION, NATIONAL_ID_QUESTION};
use crate::office::database::requests::beneficiary_name;

/// Who a request is for, and all words by which people look for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// `None` where the form asks for none
    pub national_id: Option<String>,
    /// The folded words of the beneficiary's name
    pub name_words: String,
    /// As it was answered: a day, or a month where nobody knows the day
    pub birth_date: Option<String>,
    /// Of all names, national ids and mobiles in the answers: the applicant's, too, may be on a lost receipt's search
    pub words: BTreeSet<String>,
}

impl Identity {
    pub fn of(answers: &Answers) -> Self {
        let is_id = |answer: &Answer| matches!(answer, Answer::NationalId(_));
        let asked = answers.get(NATIONAL_ID_QUESTION).filter(|answer| is_id(answer));
        let national_id = asked.or_else(|| answers.iter().map(|(_, answer)| answer).find(|answer| is_id(answer)));
        let birth_date = answers
            .get(BIRTH_DATE_QUESTION)
            .filter(|answer| matches!(answer, Answer::Date(_) | Answer::Month(_)))
            .map(Answer::raw);
        let mut words = BTreeSet::new();
        for (_, answer) in answers.iter() {
            match answer {
                Answer::Name(name) => words.extend(arabic::words(name.as_str())),
                Answer::NationalId(id) => _ = words.insert(id.as_str().to_owned()),
                Answer::Mobile(mobile) => _ = words.insert(mobile_word(&mobile.national()).to_owned()),
                _ => {}
            }
        }
        Self {
            national_id: national_id.map(Answer::raw),
            name_words: arabic::name_key(beneficiary_name(answers)),
            birth_date,
            words,
        }
    }

    /// True when nothing says who it is: everything personal was erased.
    pub fn is_empty(&self) -> bool {
        self.national_id.is_none() && self.words.is_empty()
    }

    pub fn first_word(&self) -> &str {
        self.name_words.split(' ').next().unwrap_or_default()
    }
}

/// A mobile number as it is compared: without what countries and habits put in front of it.
pub fn mobile_word(digits: &str) -> &str {
    let without = ["00966", "966", "0"].into_iter().find_map(|front| digits.strip_prefix(front));
    without.filter(|rest| rest.starts_with('5')).unwrap_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mobile_however_it_is_typed() {
        for digits in ["0512345678", "966512345678", "00966512345678", "512345678"] {
            assert_eq!(mobile_word(digits), "512345678");
        }
        assert_eq!(mobile_word("0112345"), "0112345");
    }
}

//! Searches: words of names by their beginning, and digits of tracking numbers, national ids and mobiles.
//!
//! No engine's own full-text search: a table of folded words serves SQLite and PostgreSQL alike. Words so common that they
//! name more than [`PERSONS_MAX`] people aren't collected: the list is walked in its own order instead, and each row asked.

use std::collections::BTreeSet;

use sqlx::{QueryBuilder, Sqlite};

use super::persons::mobile_word;
use super::{Connection, DatabaseError, rows};
use crate::domain::arabic;

/// The most people that one search collects.
pub const PERSONS_MAX: usize = 1000;
/// The most requests that one number collects.
const REQUESTS_MAX: usize = 2000;
/// The least digits of a number: fewer stand in nearly every number.
pub const DIGITS_MIN: usize = 4;
/// The least letters of a word.
const LETTERS_MIN: usize = 2;
const WORDS_MAX: usize = 8;
/// A word is counted so far, to begin with the rarest.
const COUNTED_MAX: i64 = 50_000;
/// A scan of a receipt: tracking number and code. The number is its first 12 digits.
const SCAN_DIGITS: usize = 32;
const TRACKING_DIGITS: usize = 12;

/// What somebody looks for, folded; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    words: Vec<String>,
    numbers: Vec<String>,
}

impl Search {
    /// `None` when nothing in the text can be looked for: no word of two letters, no number of four digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (mut words, mut numbers): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        let mut was_number = false;
        for word in arabic::words(text) {
            let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
            match numbers.last_mut() {
                // A number is typed in groups, as it stands on the receipt.
                Some(number) if is_number && was_number => number.push_str(&word),
                _ if is_number => numbers.push(word),
                _ if word.chars().count() >= LETTERS_MIN && words.len() < WORDS_MAX => words.push(word),
                _ => {}
            }
            was_number = is_number;
        }
        numbers.retain(|number| number.len() >= DIGITS_MIN);
        for number in numbers.iter_mut().filter(|number| number.len() == SCAN_DIGITS) {
            number.truncate(TRACKING_DIGITS);
        }
        (!words.is_empty() || !numbers.is_empty()).then_some(Self { words, numbers })
    }

    /// How many words and numbers it has: what the trail may know of it.
    pub fn kinds(&self) -> (usize, usize) {
        (self.words.len(), self.numbers.len())
    }

    /// Adds the conditions that each word sets for a row of `request`.
    pub(super) fn push_words(&self, query: &mut QueryBuilder<Sqlite>) {
        for word in &self.words {
            query.push(" AND EXISTS (SELECT 1 FROM beneficiary_word WHERE beneficiary = request.registered_as AND ");
            push_beginning(query, "word", word);
            query.push(")");
        }
    }
}

/// Where the requests are that a search finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Among the requests registered as these people
    Persons(Vec<i64>),
    /// Among these requests, by id
    Requests(Vec<String>),
    /// Anywhere: the words are too common
    Anywhere,
}

/// Collects where to look.
pub async fn scope(connection: &mut Connection, search: &Search) -> Result<Scope, DatabaseError> {
    let mut requests: Option<BTreeSet<String>> = None;
    for number in &search.numbers {
        let found = with_number(connection, number).await?;
        requests = Some(match requests {
            None => found,
            Some(before) => before.intersection(&found).cloned().collect(),
        });
    }
    match requests {
        Some(requests) => Ok(Scope::Requests(requests.into_iter().collect())),
        None => with_words(connection, &search.words).await,
    }
}

/// The requests whose number, person or mobile has these digits at its beginning, or a group of the number does.
async fn with_number(connection: &mut Connection, number: &str) -> Result<BTreeSet<String>, DatabaseError> {
    let mut found = BTreeSet::new();
    for (column, digits) in [("tracking_number", 12), ("substr(tracking_number, 9)", 4)] {
        if number.len() <= digits {
            let mut query = QueryBuilder::new("SELECT id FROM request WHERE ");
            push_beginning(&mut query, column, number);
            query.push(" LIMIT ").push_bind(REQUESTS_MAX as i64);
            found.extend(query.build_query_scalar::<String>().fetch_all(&mut *connection).await?);
        }
    }
    if number.len() <= 8 {
        // The middle group stands behind the four digits of a kiosk: for each of them it is a range of the same index.
        let of_each_kiosk = "SELECT request.id FROM kiosk JOIN request
             ON tracking_number >= substr(CAST(10000 + kiosk.number AS TEXT), 2) || $1
             AND tracking_number < substr(CAST(10000 + kiosk.number AS TEXT), 2) || $2 LIMIT $3";
        let in_the_middle: Vec<String> = sqlx::query_scalar(of_each_kiosk)
            .bind(number)
            .bind(format!("{number}{}", char::MAX))
            .bind(REQUESTS_MAX as i64)
            .fetch_all(&mut *connection)
            .await?;
        found.extend(in_the_middle);
    }
    let mut query = QueryBuilder::new(
        "SELECT id FROM request WHERE registered_as IN (SELECT beneficiary FROM beneficiary_word WHERE ",
    );
    push_beginning(&mut query, "word", number);
    let mobile = mobile_word(number);
    if mobile != number {
        query.push(" OR ");
        push_beginning(&mut query, "word", mobile);
    }
    query.push(") LIMIT ").push_bind(REQUESTS_MAX as i64);
    found.extend(query.build_query_scalar::<String>().fetch_all(connection).await?);
    Ok(found)
}

/// The people who have all the words, each at the beginning of one of theirs.
async fn with_words(connection: &mut Connection, words: &[String]) -> Result<Scope, DatabaseError> {
    let mut counted: Vec<(i64, &String)> = Vec::with_capacity(words.len());
    for word in words {
        let mut query = QueryBuilder::new("SELECT COUNT(*) FROM (SELECT 1 FROM beneficiary_word WHERE ");
        push_beginning(&mut query, "word", word);
        query.push(" LIMIT ").push_bind(COUNTED_MAX).push(") AS counted");
        counted.push((query.build_query_scalar().fetch_one(&mut *connection).await?, word));
    }
    // The rarest is read; of the others the rarer is asked for first, because most fail there.
    counted.sort_by_key(|(count, _)| *count);
    let Some(((_, rarest), others)) = counted.split_first() else { return Ok(Scope::Anywhere) };
    let mut query = QueryBuilder::new("SELECT DISTINCT beneficiary FROM beneficiary_word AS rarest WHERE ");
    push_beginning(&mut query, "word", rarest);
    for (_, word) in others {
        query.push(
            " AND EXISTS (SELECT 1 FROM beneficiary_word AS also WHERE also.beneficiary = rarest.beneficiary AND ",
        );
        push_beginning(&mut query, "also.word", word);
        query.push(")");
    }
    query.push(" LIMIT ").push_bind(PERSONS_MAX as i64 + 1);
    let persons: Vec<i64> = query.build_query_scalar().fetch_all(connection).await?;
    Ok(if persons.len() > PERSONS_MAX { Scope::Anywhere } else { Scope::Persons(persons) })
}

/// `column` begins with `beginning`, as a range that an index serves.
fn push_beginning(query: &mut QueryBuilder<Sqlite>, column: &str, beginning: &str) {
    query.push("(").push(column).push(" >= ").push_bind(beginning.to_owned());
    query.push(" AND ").push(column).push(" < ").push_bind(format!("{beginning}{}", char::MAX)).push(")");
}

/// Adds what a scope sets for a row of `request`.
pub(super) fn push_scope(query: &mut QueryBuilder<Sqlite>, scope: &Scope) {
    match scope {
        Scope::Persons(persons) => {
            query.push(" AND registered_as");
            rows::push_in(query, persons.iter().copied());
        }
        Scope::Requests(requests) => {
            query.push(" AND id");
            rows::push_in(query, requests.iter().cloned());
        }
        Scope::Anywhere => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Vec<String>, Vec<String>) {
        let search = Search::parse(text).unwrap();
        (search.words, search.numbers)
    }

    #[test]
    fn words_and_numbers_of_all_styles() {
        assert_eq!(parsed("نورة القحطاني ٤٧١٢ ٨٠٣٩"), (vec!["نوره".into(), "قحطاني".into()], vec!["47128039".into()]));
        assert_eq!(parsed("4712-8039-5614").1, ["471280395614"]);
        assert_eq!(parsed(&"7".repeat(32)).1, ["7".repeat(12)]);
        assert_eq!(parsed("+966 50 000 0000").1, ["966500000000"]);
        assert_eq!(parsed("5614 نورة 0500").1, ["5614", "0500"]);
        for nothing in ["", "  ", "ا", "123", "بن", "'; --"] {
            assert_eq!(Search::parse(nothing), None, "{nothing}");
        }
        assert_eq!(parsed("x' OR '1'='1").0, ["or"], "what isn't a word is nothing");
    }
}

//! Two files that may be of one person: proposed by what the answers say, decided by a person, and taken back when that
//! was wrong. A merge moves no data: it says to whom requests belong, and what they are registered as stays.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, Row};

use super::{Identity, PersonNumber, StoredPerson, by_number};
use crate::domain::national_id::NationalId;
use crate::office::database::{Connection, DatabaseError, rows};

/// So many words two names share at least, when one of them was shortened.
const WORDS_SHARED_MIN: usize = 2;

/// Why two files may be of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The same name, or a part of it, and the same day of birth
    Name,
    /// One slip of a finger makes one national id of the other, and the first name or the day of birth is the same
    NationalId,
}

impl Why {
    fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::NationalId => "national_id",
        }
    }

    fn parse(text: &str) -> Result<Self, DatabaseError> {
        match text {
            "name" => Ok(Self::Name),
            "national_id" => Ok(Self::NationalId),
            _ => Err(rows::damaged("why two persons may be one")),
        }
    }
}

/// Two who may be one.
pub struct Pair {
    pub one: StoredPerson,
    pub other: StoredPerson,
    pub why: Why,
}

/// What the answers say of somebody who is known already.
struct Said {
    number: i64,
    national_id: Option<String>,
    name_words: String,
}

/// What two identities of the same day of birth and the same first name say.
fn why(one: (&str, Option<&str>), other: (&str, Option<&str>)) -> Option<Why> {
    let ids = (one.1.and_then(|id| NationalId::parse(id).ok()), other.1.and_then(|id| NationalId::parse(id).ok()));
    if let (Some(id), Some(other_id)) = &ids
        && id.is_a_slip_from(other_id)
    {
        return Some(Why::NationalId);
    }
    let (words, others): (BTreeSet<&str>, BTreeSet<&str>) = (one.0.split(' ').collect(), other.0.split(' ').collect());
    let is_part = words.is_subset(&others) || others.is_subset(&words);
    let shared = words.intersection(&others).filter(|word| !word.is_empty()).count();
    (is_part && shared >= WORDS_SHARED_MIN).then_some(Why::Name)
}

/// Notes who of the new persons may be somebody whom the office knows already: one look at those of the same day of birth
/// and first name.
pub(super) async fn propose(
    connection: &mut Connection,
    new: &[(PersonNumber, &Identity)],
) -> Result<(), DatabaseError> {
    let born: Vec<(PersonNumber, &Identity, &str)> = new
        .iter()
        .filter(|(_, identity)| !identity.name_words.is_empty())
        .filter_map(|(number, identity)| Some((*number, *identity, identity.birth_date.as_deref()?)))
        .collect();
    let mut pairs: BTreeMap<(i64, i64), Why> = BTreeMap::new();
    for born in born.chunks(rows::VALUES_AT_ONCE / 2) {
        let mut query = QueryBuilder::new("WITH born (birth_date, first_word) AS (VALUES ");
        let mut values = query.separated(", ");
        for (_, identity, birth_date) in born {
            values.push("(").push_bind_unseparated((*birth_date).to_owned()).push_unseparated(", ");
            values.push_bind_unseparated(identity.first_word().to_owned()).push_unseparated(")");
        }
        query.push(
            ") SELECT known.number, known.national_id, known.name_words, known.first_word, known.birth_date
             FROM born JOIN beneficiary AS known
             ON known.birth_date = born.birth_date AND known.first_word = born.first_word",
        );
        let mut found: BTreeMap<(String, String), Vec<Said>> = BTreeMap::new();
        for row in query.build().persistent(false).fetch_all(&mut *connection).await? {
            let same: (String, String) = (row.try_get("birth_date")?, row.try_get("first_word")?);
            let person = Said {
                number: row.try_get("number")?,
                national_id: row.try_get("national_id")?,
                name_words: row.try_get("name_words")?,
            };
            found.entry(same).or_default().push(person);
        }
        for (number, identity, birth_date) in born {
            let same = ((*birth_date).to_owned(), identity.first_word().to_owned());
            for other in found.get(&same).into_iter().flatten() {
                let said = (identity.name_words.as_str(), identity.national_id.as_deref());
                if other.number != number.0
                    && let Some(why) = why(said, (&other.name_words, other.national_id.as_deref()))
                {
                    pairs.insert((number.0.min(other.number), number.0.max(other.number)), why);
                }
            }
        }
    }
    let pairs: Vec<((i64, i64), Why)> = pairs.into_iter().collect();
    let insert = "INSERT INTO possible_double (one, other, why)";
    rows::insert_all(
        connection,
        insert,
        &pairs,
        "ON CONFLICT (one, other) DO NOTHING",
        |values, ((one, other), why)| {
            values.push_bind(*one).push_bind(*other).push_bind(why.as_str());
        },
    )
    .await?;
    Ok(())
}

/// Looks for those whose national id one slip makes of this person's, whatever their day of birth; the first name must be
/// the same. What is found stands in the list from then on.
pub async fn look_for_mistyped(connection: &mut Connection, person: &StoredPerson) -> Result<(), DatabaseError> {
    let Some(id) = person.national_id.as_deref().and_then(|id| NationalId::parse(id).ok()) else { return Ok(()) };
    let mut query = QueryBuilder::new("SELECT number, name_words FROM beneficiary WHERE national_id");
    rows::push_in(&mut query, id.mistyped().into_iter().map(String::from));
    let first = |words: &str| words.split(' ').next().unwrap_or_default().to_owned();
    let mut pairs = Vec::new();
    for row in query.build().fetch_all(&mut *connection).await? {
        let (other, words): (i64, String) = (row.try_get("number")?, row.try_get("name_words")?);
        if !words.is_empty() && first(&words) == first(&person.name_words) {
            pairs.push((person.number.0.min(other), person.number.0.max(other)));
        }
    }
    let insert = "INSERT INTO possible_double (one, other, why)";
    rows::insert_all(connection, insert, &pairs, "ON CONFLICT (one, other) DO NOTHING", |values, (one, other)| {
        values.push_bind(*one).push_bind(*other).push_bind(Why::NationalId.as_str());
    })
    .await?;
    Ok(())
}

/// Pairs that nobody has looked at, the newest first, after the pair of a page's end; files that are merged already are
/// left out.
pub async fn open(
    connection: &mut Connection,
    before: Option<(i64, i64)>,
    limit: u32,
) -> Result<(Vec<Pair>, Option<(i64, i64)>), DatabaseError> {
    let (one, other) = before.unwrap_or((i64::MAX, i64::MAX));
    let found: Vec<(i64, i64, String)> = sqlx::query_as(
        "SELECT one, other, why FROM possible_double WHERE settled IS NULL AND (one, other) < ($1, $2)
         ORDER BY one DESC, other DESC LIMIT $3",
    )
    .bind(one)
    .bind(other)
    .bind(i64::from(limit))
    .fetch_all(&mut *connection)
    .await?;
    let next = found.last().filter(|_| found.len() == limit as usize).map(|(one, other, _)| (*one, *other));
    Ok((pairs(connection, found).await?, next))
}

/// Pairs that nobody has looked at, of one person or of those whose files were merged into it.
pub async fn of_person(connection: &mut Connection, person: PersonNumber) -> Result<Vec<Pair>, DatabaseError> {
    const MOST: i64 = 20;
    let found: Vec<(i64, i64, String)> = sqlx::query_as(
        "SELECT one, other, why FROM possible_double WHERE settled IS NULL
         AND (one IN (SELECT number FROM beneficiary WHERE number = $1 OR belongs_to = $1)
              OR other IN (SELECT number FROM beneficiary WHERE number = $1 OR belongs_to = $1))
         ORDER BY one, other LIMIT $2",
    )
    .bind(person.0)
    .bind(MOST)
    .fetch_all(&mut *connection)
    .await?;
    pairs(connection, found).await
}

/// The files in which the two stand today.
async fn pairs(connection: &mut Connection, found: Vec<(i64, i64, String)>) -> Result<Vec<Pair>, DatabaseError> {
    let mut pairs: Vec<Pair> = Vec::new();
    for (one, other, why) in found {
        let (Some(one), Some(other)) = (file_of(connection, one).await?, file_of(connection, other).await?) else {
            continue;
        };
        let is_listed = |pair: &Pair| (pair.one.number, pair.other.number) == (one.number, other.number);
        if one.number != other.number && !pairs.iter().any(is_listed) {
            pairs.push(Pair { one, other, why: Why::parse(&why)? });
        }
    }
    Ok(pairs)
}

async fn file_of(connection: &mut Connection, number: i64) -> Result<Option<StoredPerson>, DatabaseError> {
    match by_number(connection, PersonNumber(number)).await? {
        Some(person) if person.belongs_to != person.number => by_number(connection, person.belongs_to).await,
        found => Ok(found),
    }
}

/// Puts `gone`'s file into `kept`'s. False when that is done already or can't be: both must be files of their own.
pub async fn merge(
    connection: &mut Connection,
    kept: &StoredPerson,
    gone: &StoredPerson,
    now: DateTime<Utc>,
) -> Result<bool, DatabaseError> {
    let is_own = |person: &StoredPerson| person.merged_into.is_none();
    if kept.number == gone.number || !is_own(kept) || !is_own(gone) {
        return Ok(false);
    }
    sqlx::query("UPDATE beneficiary SET merged_into = $2, merged_at = $3 WHERE number = $1")
        .bind(gone.number.0)
        .bind(kept.number.0)
        .bind(rows::millis(now))
        .execute(&mut *connection)
        .await?;
    for statement in [
        "UPDATE beneficiary SET belongs_to = $2 WHERE number = $1 OR belongs_to = $1",
        "UPDATE request SET belongs_to = $2 WHERE belongs_to = $1",
    ] {
        sqlx::query(statement).bind(gone.number.0).bind(kept.number.0).execute(&mut *connection).await?;
    }
    settle(connection, kept.number, gone.number, (None, Some("merged"))).await?;
    Ok(true)
}

/// Takes a merge back: `gone` is a file of its own again, with all that was in it before, and with what has come since
/// under its own national id. False when it isn't merged.
pub async fn undo(connection: &mut Connection, gone: &StoredPerson) -> Result<bool, DatabaseError> {
    let Some(kept) = gone.merged_into else { return Ok(false) };
    sqlx::query("UPDATE beneficiary SET merged_into = NULL, merged_at = NULL WHERE number = $1")
        .bind(gone.number.0)
        .execute(&mut *connection)
        .await?;
    let inside: Vec<i64> = sqlx::query_scalar(
        "WITH RECURSIVE inside (number) AS (
             SELECT number FROM beneficiary WHERE number = $1
             UNION SELECT below.number FROM beneficiary AS below JOIN inside ON below.merged_into = inside.number)
         SELECT number FROM inside",
    )
    .bind(gone.number.0)
    .fetch_all(&mut *connection)
    .await?;
    for inside in inside.chunks(rows::VALUES_AT_ONCE) {
        let mut update = QueryBuilder::new("UPDATE request SET belongs_to = ");
        update.push_bind(gone.number.0).push(" WHERE registered_as");
        rows::push_in(&mut update, inside.iter().copied());
        update.build().execute(&mut *connection).await?;
        let mut update = QueryBuilder::new("UPDATE beneficiary SET belongs_to = ");
        update.push_bind(gone.number.0).push(" WHERE number");
        rows::push_in(&mut update, inside.iter().copied());
        update.build().execute(&mut *connection).await?;
    }
    sqlx::query("UPDATE beneficiary SET belongs_to = NULL WHERE number = $1")
        .bind(gone.number.0)
        .execute(&mut *connection)
        .await?;
    settle(connection, kept, gone.number, (Some("merged"), None)).await?;
    Ok(true)
}

/// Notes that these are two people, so that nobody is asked again. False when that is known.
pub async fn tell_apart(
    connection: &mut Connection,
    one: PersonNumber,
    other: PersonNumber,
) -> Result<bool, DatabaseError> {
    settle(connection, one, other, (None, Some("distinct"))).await
}

/// Says what became of the pairs between two files that stand `from` so far, whichever of the merged persons was meant.
async fn settle(
    connection: &mut Connection,
    one: PersonNumber,
    other: PersonNumber,
    (from, to): (Option<&str>, Option<&str>),
) -> Result<bool, DatabaseError> {
    let done = sqlx::query(
        "UPDATE possible_double SET settled = $3 WHERE (one, other) IN (
             SELECT pair.one, pair.other FROM possible_double AS pair
             JOIN beneficiary AS first ON first.number = pair.one
             JOIN beneficiary AS second ON second.number = pair.other
             WHERE (pair.one = $1 OR pair.other = $1 OR pair.one = $2 OR pair.other = $2)
             AND COALESCE(first.merged_into, first.number) IN ($1, $2)
             AND COALESCE(second.merged_into, second.number) IN ($1, $2))
         AND COALESCE(settled, '') = $4",
    )
    .bind(one.0)
    .bind(other.0)
    .bind(to)
    .bind(from.unwrap_or_default())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_be_one() {
        let said = |words, id| (words, Some(id));
        let far = (0..10).map(|check| format!("155512345{check}")).find(|id| NationalId::parse(id).is_ok()).unwrap();
        let far = far.as_str();
        assert_eq!(why(said("نوره سعد قحطاني", "1000000008"), said("نوره سعد قحطاني", far)), Some(Why::Name));
        assert_eq!(why(said("نوره قحطاني", "1000000008"), said("نوره سعد قحطاني", far)), Some(Why::Name));
        assert_eq!(why(said("نوره قحطاني", "1000000008"), said("نوره سعد عسيري", far)), None);
        assert_eq!(why(("نوره", None), ("نوره سعد", None)), None);
        let typed = NationalId::parse("1000000008").unwrap().mistyped();
        let typed = typed.first().unwrap();
        assert_eq!(why(said("نوره قحطاني", "1000000008"), said("نوره عسيري", typed.as_str())), Some(Why::NationalId));
    }
}

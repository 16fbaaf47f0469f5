//! People for whom support is asked: one has many requests, and is found by the national id.
//!
//! - A request is **registered as** the person whom its answers name; that changes only when an answer is corrected.
//! - It **belongs to** the person whose file staff see it in: the same, unless staff have merged two files.
//! - The **words** of a person are what searches find: names, national ids, mobiles and words of notes, each folded
//!   ([`crate::domain::arabic`]). They go when nothing any more says them ([`refresh`]).

pub mod doubles;
mod identity;
mod refreshing;

use std::collections::{BTreeSet, HashMap};

use sqlx::{QueryBuilder, Row, Sqlite};

pub use identity::{Identity, mobile_word};
pub(super) use refreshing::bring_over;
pub use refreshing::{add_note_words, refresh};

use super::requests::{StoredRequest, from_row};
use super::{Connection, DatabaseError, rows};
use crate::domain::request::RequestId;
use crate::seal::keys::{hex, random};

/// A person's place in the database; what pages and the trail show is the random id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonNumber(pub(super) i64);

/// To whom a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belonging {
    pub registered_as: PersonNumber,
    pub belongs_to: PersonNumber,
}

/// A person as the office holds one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPerson {
    pub number: PersonNumber,
    /// Random, 32 hexadecimal digits
    pub id: String,
    pub national_id: Option<String>,
    /// The name's folded words: to compare, not to show
    pub name_words: String,
    pub birth_date: Option<String>,
    pub merged_into: Option<PersonNumber>,
    /// Where the merges end
    pub belongs_to: PersonNumber,
}

const COLUMNS: &str =
    "SELECT number, id, national_id, name_words, birth_date, merged_into, belongs_to FROM beneficiary";

/// Finds the person of each identity, or makes one, by few statements however many they are.
pub(super) async fn of_all(
    connection: &mut Connection,
    identities: &[&Identity],
) -> Result<Vec<Belonging>, DatabaseError> {
    // Of two with one national id within a batch, the first makes the person; whoever has none is a person of his own.
    let mut firsts: HashMap<&str, usize> = HashMap::new();
    let mut new: Vec<(usize, String, &Identity)> = Vec::new();
    for (place, identity) in identities.iter().enumerate() {
        if let Some(national_id) = &identity.national_id {
            if firsts.contains_key(national_id.as_str()) {
                continue;
            }
            firsts.insert(national_id, place);
        }
        new.push((place, hex(&random::<16>()), identity));
    }
    let insert = "INSERT INTO beneficiary (id, national_id, name_words, first_word, birth_date)";
    let known = "ON CONFLICT (national_id) DO NOTHING RETURNING id, number";
    let made = rows::insert_all(connection, insert, &new, known, |values, (_, id, identity)| {
        values.push_bind(id).push_bind(identity.national_id.as_deref());
        values.push_bind(&identity.name_words).push_bind(identity.first_word());
        values.push_bind(identity.birth_date.as_deref());
    })
    .await?;
    let mut made_numbers: HashMap<String, i64> = HashMap::new();
    for row in &made {
        made_numbers.insert(row.try_get("id")?, row.try_get("number")?);
    }
    let known: Vec<&str> = new
        .iter()
        .filter(|(_, id, _)| !made_numbers.contains_key(id))
        .filter_map(|(.., identity)| identity.national_id.as_deref())
        .collect();
    let mut by_national_id = by_national_ids(connection, &known).await?;
    let mut belongings: Vec<Option<Belonging>> = vec![None; identities.len()];
    let mut news = Vec::new();
    for (place, id, identity) in &new {
        if let Some(number) = made_numbers.get(id) {
            let number = PersonNumber(*number);
            let belonging = Belonging { registered_as: number, belongs_to: number };
            belongings[*place] = Some(belonging);
            news.push((number, *identity));
            if let Some(national_id) = &identity.national_id {
                by_national_id.insert(national_id.clone(), belonging);
            }
        }
    }
    let mut all = Vec::with_capacity(identities.len());
    for (identity, made) in identities.iter().zip(belongings) {
        let known = || identity.national_id.as_ref().and_then(|id| by_national_id.get(id)).copied();
        all.push(made.or_else(known).ok_or_else(|| rows::damaged("a person"))?);
    }
    let is_new = |number: PersonNumber| news.iter().any(|(new, _)| *new == number);
    let known = all.iter().map(|one| one.registered_as).filter(|person| !is_new(*person)).collect::<BTreeSet<_>>();
    if !known.is_empty() {
        touch(connection, &known).await?;
    }
    add_words(connection, all.iter().map(|one| one.registered_as).zip(identities.iter().copied())).await?;
    doubles::propose(connection, &news).await?;
    Ok(all)
}

/// The persons who have these national ids.
async fn by_national_ids(
    connection: &mut Connection,
    national_ids: &[&str],
) -> Result<HashMap<String, Belonging>, DatabaseError> {
    let mut found = HashMap::new();
    for ids in national_ids.chunks(rows::VALUES_AT_ONCE) {
        let mut query = QueryBuilder::new("SELECT national_id, number, belongs_to FROM beneficiary WHERE national_id");
        rows::push_in(&mut query, ids.iter().map(|id| (*id).to_owned()));
        for row in query.build().persistent(false).fetch_all(&mut *connection).await? {
            let number: i64 = row.try_get("number")?;
            let belongs_to: Option<i64> = row.try_get("belongs_to")?;
            let belonging = Belonging {
                registered_as: PersonNumber(number),
                belongs_to: PersonNumber(belongs_to.unwrap_or(number)),
            };
            found.insert(row.try_get("national_id")?, belonging);
        }
    }
    Ok(found)
}

/// Writes the rows of persons whose words change once more: the words are sealed with them.
async fn touch(connection: &mut Connection, persons: &BTreeSet<PersonNumber>) -> Result<(), DatabaseError> {
    let numbers: Vec<i64> = persons.iter().map(|person| person.0).collect();
    sqlx::query("UPDATE beneficiary SET merged_at = merged_at WHERE number IN (SELECT value FROM json_each($1))")
        .bind(rows::to_json(&numbers)?)
        .execute(connection)
        .await?;
    Ok(())
}

/// Adds what a person is found by.
async fn add_words<'a>(
    connection: &mut Connection,
    identities: impl Iterator<Item = (PersonNumber, &'a Identity)>,
) -> Result<(), DatabaseError> {
    // In the order of the index: neighbours stand on one page.
    let mut words = BTreeSet::new();
    for (person, identity) in identities {
        words.extend(identity.words.iter().map(|word| (word.as_str(), person.0)));
    }
    let words: Vec<(&str, i64)> = words.into_iter().collect();
    let insert = "INSERT INTO beneficiary_word (word, beneficiary)";
    rows::insert_all(
        connection,
        insert,
        &words,
        "ON CONFLICT (beneficiary, word) DO NOTHING",
        |values, (word, person)| {
            values.push_bind(*word).push_bind(*person);
        },
    )
    .await?;
    Ok(())
}

/// The person of an address.
pub async fn find(connection: &mut Connection, id: &str) -> Result<Option<StoredPerson>, DatabaseError> {
    let mut query = QueryBuilder::new(COLUMNS);
    query.push(" WHERE id = ").push_bind(id);
    one(connection, query).await
}

pub async fn by_number(
    connection: &mut Connection,
    number: PersonNumber,
) -> Result<Option<StoredPerson>, DatabaseError> {
    let mut query = QueryBuilder::new(COLUMNS);
    query.push(" WHERE number = ").push_bind(number.0);
    one(connection, query).await
}

/// The person to whom a request belongs; `None` once everything personal in it was erased.
pub async fn of_request(
    connection: &mut Connection,
    request: RequestId,
) -> Result<Option<StoredPerson>, DatabaseError> {
    let mut query = QueryBuilder::new(COLUMNS);
    query.push(" WHERE number = (SELECT belongs_to FROM request WHERE id = ").push_bind(request.to_string()).push(")");
    one(connection, query).await
}

/// Those whose file was merged into this person's, directly or through another.
pub async fn merged_into(
    connection: &mut Connection,
    person: PersonNumber,
) -> Result<Vec<StoredPerson>, DatabaseError> {
    let mut query = QueryBuilder::new(COLUMNS);
    query.push(" WHERE belongs_to = ").push_bind(person.0).push(" ORDER BY number");
    query.build().fetch_all(connection).await?.iter().map(person_of).collect()
}

/// A request of a person, as the person's page shows it.
pub struct PersonsRequest {
    pub request: StoredRequest,
    /// The word of [`super::requests::stage`]
    pub stage: String,
    pub registered_as: PersonNumber,
}

/// The requests that belong to a person, newest first; at most `limit`.
pub async fn requests(
    connection: &mut Connection,
    person: PersonNumber,
    limit: u32,
) -> Result<Vec<PersonsRequest>, DatabaseError> {
    let found = sqlx::query("SELECT * FROM request WHERE belongs_to = $1 ORDER BY received_on DESC, id DESC LIMIT $2")
        .bind(person.0)
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await?;
    let of_row = |row| {
        let row: &sqlx::sqlite::SqliteRow = row;
        Ok(PersonsRequest {
            request: from_row(row)?,
            stage: row.try_get("stage")?,
            registered_as: PersonNumber(row.try_get("registered_as")?),
        })
    };
    found.iter().map(of_row).collect()
}

async fn one(
    connection: &mut Connection,
    mut query: QueryBuilder<Sqlite>,
) -> Result<Option<StoredPerson>, DatabaseError> {
    query.build().fetch_optional(connection).await?.as_ref().map(person_of).transpose()
}

fn person_of(row: &sqlx::sqlite::SqliteRow) -> Result<StoredPerson, DatabaseError> {
    let number: i64 = row.try_get("number")?;
    Ok(StoredPerson {
        number: PersonNumber(number),
        id: row.try_get("id")?,
        national_id: row.try_get("national_id")?,
        name_words: row.try_get("name_words")?,
        birth_date: row.try_get("birth_date")?,
        merged_into: row.try_get::<Option<i64>, _>("merged_into")?.map(PersonNumber),
        belongs_to: PersonNumber(row.try_get::<Option<i64>, _>("belongs_to")?.unwrap_or(number)),
    })
}

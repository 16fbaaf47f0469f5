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
/// Maximum number of rows that are looked at for a new person in each of three parts.
const LOOKED_AT_EACH: usize = 20;
/// Maximum number of pairs that are proposed for a new person: once, on the day on which it is first heard of.
const PROPOSED_MAX: usize = 5;
/// Maximum number of open pairs in which somebody may stand and still be proposed for another.
const OPEN_MAX: usize = 20;

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
/// and first name, however many they are. In a large group these are the newest of the same name and the next in the order of
/// names; those whose national id is a slip away are then found by it. How many rows were looked at.
pub(super) async fn propose(
    connection: &mut Connection,
    new: &[(PersonNumber, &Identity)],
) -> Result<usize, DatabaseError> {
    let born: Vec<Born<'_>> = new
        .iter()
        .filter(|(_, identity)| !identity.name_words.is_empty())
        .filter_map(|(number, identity)| Some((*number, *identity, identity.birth_date.as_deref()?)))
        .collect();
    let mut looked_at = 0;
    let mut found: Vec<Candidate> = Vec::new();
    for born in born.chunks(rows::VALUES_AT_ONCE / 4) {
        let mut groups = of_same_birth(connection, born, &ALL).await?;
        looked_at += groups.values().map(Vec::len).sum::<usize>();
        let is_large =
            |(number, ..): &&Born<'_>| groups.get(&number.0).is_some_and(|group| group.len() >= LOOKED_AT_EACH);
        let large: Vec<Born<'_>> = born.iter().filter(is_large).copied().collect();
        if !large.is_empty() {
            groups.extend(of_same_birth(connection, &large, &NEAREST).await?);
        }
        for (number, identity, _) in &large {
            let group = groups.entry(number.0).or_default();
            group.extend(of_mistyped_ids(connection, *number, identity).await?);
            looked_at += group.len();
        }
        for (number, identity, _) in born {
            let group = groups.get(&number.0).map_or(&[][..], Vec::as_slice);
            found.extend(group.iter().filter_map(|other| Candidate::of(*number, identity, other)));
        }
    }
    // The most telling first; of these the newest.
    found.sort_by_key(|one| (one.rank, std::cmp::Reverse(one.known), one.new));
    found.dedup_by_key(|one| (one.rank, one.known, one.new));
    let known: BTreeSet<i64> = found.iter().map(|one| one.known).collect();
    let mut open = count_open(connection, &known).await?;
    looked_at += known.len();
    let mut proposed: BTreeMap<i64, usize> = BTreeMap::new();
    let mut pairs: BTreeMap<(i64, i64), Why> = BTreeMap::new();
    for Candidate { new, known, why, .. } in found {
        let (of_new, of_known) = (proposed.entry(new).or_default(), open.entry(known).or_default());
        if *of_new < PROPOSED_MAX && *of_known < OPEN_MAX && !pairs.contains_key(&(known, new)) {
            (*of_new, *of_known) = (*of_new + 1, *of_known + 1);
            pairs.insert((known.min(new), known.max(new)), why);
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
    Ok(looked_at)
}

/// A new person, what it is like, and its day of birth.
type Born<'a> = (PersonNumber, &'a Identity, &'a str);

/// The parts of a group that are looked at: each is read from the index in its order, and ends after [`LOOKED_AT_EACH`] rows.
const ALL: [&str; 1] = [""];
const NEAREST: [&str; 3] = [
    "AND same.name_words = born.name_words ORDER BY same.number DESC",
    "AND same.name_words > born.name_words ORDER BY same.name_words",
    "AND same.name_words < born.name_words ORDER BY same.name_words DESC",
];

/// A pair that could be proposed.
struct Candidate {
    new: i64,
    known: i64,
    why: Why,
    /// 0 for a slip in the national id, 1 for the same name, 2 for a part of it
    rank: u8,
}

impl Candidate {
    fn of(new: PersonNumber, identity: &Identity, other: &Said) -> Option<Self> {
        let said = (identity.name_words.as_str(), identity.national_id.as_deref());
        let why = why(said, (&other.name_words, other.national_id.as_deref()))?;
        let rank = match why {
            Why::NationalId => 0,
            Why::Name if identity.name_words == other.name_words => 1,
            Why::Name => 2,
        };
        Some(Self { new: new.0, known: other.number, why, rank })
    }
}

/// Of each new person those before it of the same day of birth and first name, as many as the parts say.
async fn of_same_birth(
    connection: &mut Connection,
    born: &[Born<'_>],
    parts: &[&str],
) -> Result<BTreeMap<i64, Vec<Said>>, DatabaseError> {
    let mut query = QueryBuilder::new("WITH born (number, birth_date, first_word, name_words) AS (VALUES ");
    let mut values = query.separated(", ");
    for (number, identity, birth_date) in born {
        values.push("(").push_bind_unseparated(number.0).push_unseparated(", ");
        values.push_bind_unseparated((*birth_date).to_owned()).push_unseparated(", ");
        values.push_bind_unseparated(identity.first_word().to_owned()).push_unseparated(", ");
        values.push_bind_unseparated(identity.name_words.clone()).push_unseparated(")");
    }
    query.push(") ");
    for (place, part) in parts.iter().enumerate() {
        query.push(if place == 0 { "" } else { " UNION ALL " });
        query.push(
            "SELECT born.number AS new, known.number, known.national_id, known.name_words
             FROM born CROSS JOIN beneficiary AS known WHERE known.number IN (
                 SELECT same.number FROM beneficiary AS same
                 WHERE same.birth_date = born.birth_date AND same.first_word = born.first_word
                 AND same.number < born.number ",
        );
        query.push(*part).push(format!(" LIMIT {LOOKED_AT_EACH})"));
    }
    let mut found: BTreeMap<i64, Vec<Said>> = BTreeMap::new();
    for row in query.build().persistent(false).fetch_all(&mut *connection).await? {
        found.entry(row.try_get("new")?).or_default().push(said_of(&row)?);
    }
    Ok(found)
}

/// Those of the same day of birth and first name whose national id one slip makes of this one's.
async fn of_mistyped_ids(
    connection: &mut Connection,
    new: PersonNumber,
    identity: &Identity,
) -> Result<Vec<Said>, DatabaseError> {
    let Some(id) = identity.national_id.as_deref().and_then(|id| NationalId::parse(id).ok()) else {
        return Ok(Vec::new());
    };
    // With the day hidden, the index of the group isn't taken: there may be thousands in it.
    let select = "SELECT number, national_id, name_words FROM beneficiary WHERE birth_date || '' = ";
    let mut query = QueryBuilder::new(select);
    query.push_bind(identity.birth_date.clone());
    query.push(" AND first_word || '' = ").push_bind(identity.first_word().to_owned());
    query.push(" AND number < ").push_bind(new.0).push(" AND national_id");
    rows::push_in(&mut query, id.mistyped().into_iter().map(String::from));
    query.build().persistent(false).fetch_all(&mut *connection).await?.iter().map(said_of).collect()
}

fn said_of(row: &sqlx::sqlite::SqliteRow) -> Result<Said, DatabaseError> {
    Ok(Said {
        number: row.try_get("number")?,
        national_id: row.try_get("national_id")?,
        name_words: row.try_get("name_words")?,
    })
}

/// In how many open pairs each of these stands; counted to [`OPEN_MAX`].
async fn count_open(
    connection: &mut Connection,
    persons: &BTreeSet<i64>,
) -> Result<BTreeMap<i64, usize>, DatabaseError> {
    let mut counts = BTreeMap::new();
    let persons: Vec<i64> = persons.iter().copied().collect();
    for persons in persons.chunks(rows::VALUES_AT_ONCE) {
        let mut query = QueryBuilder::new(format!(
            "SELECT number,
             (SELECT COUNT(*) FROM (SELECT 1 FROM possible_double WHERE one = number AND settled IS NULL LIMIT {OPEN_MAX}))
             + (SELECT COUNT(*) FROM (SELECT 1 FROM possible_double WHERE other = number AND settled IS NULL LIMIT {OPEN_MAX}))
             AS pairs FROM beneficiary WHERE number"
        ));
        rows::push_in(&mut query, persons.iter().copied());
        for row in query.build().persistent(false).fetch_all(&mut *connection).await? {
            let pairs: i64 = row.try_get("pairs")?;
            counts.insert(row.try_get("number")?, usize::try_from(pairs).unwrap_or(0));
        }
    }
    Ok(counts)
}

/// True when others share a person's day of birth and first name who weren't proposed, because there are so many; `shown` is
/// the number of pairs on the person's page.
pub async fn has_more(connection: &mut Connection, person: &StoredPerson, shown: usize) -> Result<bool, DatabaseError> {
    let (Some(birth_date), Some(first)) = (&person.birth_date, person.name_words.split(' ').next()) else {
        return Ok(false);
    };
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM (SELECT 1 FROM beneficiary WHERE birth_date = $1 AND first_word = $2 LIMIT $3)",
    )
    .bind(birth_date)
    .bind(first)
    .bind(LOOKED_AT_EACH as i64 + 1)
    .fetch_one(connection)
    .await?;
    let others = usize::try_from(count).unwrap_or(0).saturating_sub(1);
    Ok(!first.is_empty() && (others >= LOOKED_AT_EACH || shown >= PROPOSED_MAX && others > shown))
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

    use crate::office::database::Database;
    use crate::office::database::persons::{Belonging, of_all};

    fn identity(name: &str, national_id: Option<&str>) -> Identity {
        Identity {
            national_id: national_id.map(str::to_owned),
            name_words: name.to_owned(),
            birth_date: Some("1979-05-31".into()),
            words: [name.to_owned()].into(),
        }
    }

    /// Few names and one day of birth, as a hostile kiosk or a careless one sends them: the work for each registration stays
    /// the same, however many came before.
    #[tokio::test]
    async fn work_and_proposals_are_bounded_for_each_person() {
        const PEOPLE: usize = 400;
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open_or_create(&folder.path().join("office.sqlite")).await.unwrap();
        let mut writing = database.write().await.unwrap();
        let names = ["نوره سعد", "نوره سعد قحطاني", "نوره سعد قحطاني عسيري"];
        let people: Vec<Identity> = (0..PEOPLE).map(|place| identity(names[place % 3], None)).collect();
        let mut most = 0;
        // One by one, and many at once.
        for together in people.chunks(1).take(PEOPLE / 2).chain(people[PEOPLE / 2..].chunks(50)) {
            let known: Vec<&Identity> = together.iter().collect();
            let belongings: Vec<Belonging> = of_all(&mut writing, &known).await.unwrap();
            let new: Vec<(PersonNumber, &Identity)> =
                belongings.iter().map(|one| one.registered_as).zip(known.iter().copied()).collect();
            // Asked again, it looks at as much, and proposes nothing anew.
            let looked_at = propose(&mut writing, &new).await.unwrap();
            most = most.max(looked_at.div_ceil(together.len()));
        }
        // The group's beginning, the three parts of those nearest, and how many pairs each of these stands in.
        let each = (1 + 2 * NEAREST.len()) * LOOKED_AT_EACH;
        assert!(most <= each, "{most} rows for one person");
        let pairs: Vec<(i64, i64)> =
            sqlx::query_as("SELECT one, other FROM possible_double").fetch_all(&mut *writing).await.unwrap();
        assert!(pairs.len() > PEOPLE && pairs.len() <= 2 * PROPOSED_MAX * PEOPLE, "{}", pairs.len());
        let mut of_each: BTreeMap<i64, usize> = BTreeMap::new();
        for (one, other) in pairs {
            *of_each.entry(one).or_default() += 1;
            *of_each.entry(other).or_default() += 1;
        }
        let largest = of_each.values().max().copied().unwrap();
        assert!(largest <= OPEN_MAX + 2 * PROPOSED_MAX, "{largest} pairs of one person");

        // One slip in the national id is found among them all, and comes first.
        let id = NationalId::parse("1000000008").unwrap();
        let slip = id.mistyped().first().unwrap().clone();
        let [first, second] = [identity(names[0], Some(id.as_str())), identity(names[2], Some(slip.as_str()))];
        let of_first = of_all(&mut writing, &[&first]).await.unwrap()[0].registered_as;
        let others: Vec<Identity> = (0..60).map(|place| identity(names[place % 3], None)).collect();
        of_all(&mut writing, &others.iter().collect::<Vec<_>>()).await.unwrap();
        let of_second = of_all(&mut writing, &[&second]).await.unwrap()[0].registered_as;
        let why: String = sqlx::query_scalar("SELECT why FROM possible_double WHERE one = $1 AND other = $2")
            .bind(of_first.0)
            .bind(of_second.0)
            .fetch_one(&mut *writing)
            .await
            .unwrap();
        assert_eq!(why, "national_id");
        let person = by_number(&mut writing, of_second).await.unwrap().unwrap();
        assert!(has_more(&mut writing, &person, 5).await.unwrap());
        let alone = of_all(&mut writing, &[&identity("ساره", None)]).await.unwrap()[0].registered_as;
        let alone = by_number(&mut writing, alone).await.unwrap().unwrap();
        assert!(!has_more(&mut writing, &alone, 0).await.unwrap());
    }

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

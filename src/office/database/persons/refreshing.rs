//! What is known of a person follows the answers: when one is corrected or erased, and when an older office's rows are
//! brought over.

use sqlx::Row;

use super::{Identity, PersonNumber, add_words, of_all, touch};
use crate::domain::answers::Answers;
use crate::domain::arabic;
use crate::domain::request::RequestId;
use crate::office::database::{Connection, DatabaseError, rows};

/// So many rows are brought over at once.
const PAGE: i64 = 1000;

/// Computes anew to whom a request belongs and by which words it is found, after its answers were changed or emptied, or a note was withdrawn or erased.
/// What nothing says any more is destroyed: the words, the national id, the name and the birth date.
pub async fn refresh(connection: &mut Connection, request: RequestId) -> Result<(), DatabaseError> {
    let row: Option<(String, Option<i64>)> = sqlx::query_as("SELECT answers, registered_as FROM request WHERE id = $1")
        .bind(request.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let Some((answers, before)) = row else { return Ok(()) };
    let identity = Identity::of(&answers_of(&answers)?);
    let known = match before {
        Some(before) => {
            sqlx::query_scalar("SELECT national_id FROM beneficiary WHERE number = $1")
                .bind(before)
                .fetch_one(&mut *connection)
                .await?
        }
        None => None::<String>,
    };
    let is_another = identity.national_id.is_some() && identity.national_id != known;
    if (before.is_none() || is_another) && !identity.is_empty() {
        let belongings = of_all(connection, &[&identity]).await?;
        for belonging in belongings {
            sqlx::query("UPDATE request SET registered_as = $2, belongs_to = $3 WHERE id = $1")
                .bind(request.to_string())
                .bind(belonging.registered_as.0)
                .bind(belonging.belongs_to.0)
                .execute(&mut *connection)
                .await?;
        }
    }
    sqlx::query("UPDATE request SET name_normalised = $2 WHERE id = $1")
        .bind(request.to_string())
        .bind(&identity.name_words)
        .execute(&mut *connection)
        .await?;
    let after: Option<i64> = sqlx::query_scalar("SELECT registered_as FROM request WHERE id = $1")
        .bind(request.to_string())
        .fetch_one(&mut *connection)
        .await?;
    for person in [before, after.filter(|after| Some(*after) != before)].into_iter().flatten() {
        rebuild(connection, PersonNumber(person)).await?;
    }
    Ok(())
}

/// Makes the words of a note find the person of its request.
pub async fn add_note_words(connection: &mut Connection, request: RequestId, note: &str) -> Result<(), DatabaseError> {
    let person: Option<Option<i64>> = sqlx::query_scalar("SELECT registered_as FROM request WHERE id = $1")
        .bind(request.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(person) = person.flatten() else { return Ok(()) };
    let said = Identity { words: arabic::words(note).into_iter().collect(), ..Identity::default() };
    touch(connection, &[PersonNumber(person)].into()).await?;
    add_words(connection, [(PersonNumber(person), &said)].into_iter()).await
}

/// Writes what the requests registered as a person say of it, and nothing else.
async fn rebuild(connection: &mut Connection, person: PersonNumber) -> Result<(), DatabaseError> {
    let answers: Vec<String> =
        sqlx::query_scalar("SELECT answers FROM request WHERE registered_as = $1 ORDER BY received_on DESC, id DESC")
            .bind(person.0)
            .fetch_all(&mut *connection)
            .await?;
    let known: Option<String> = sqlx::query_scalar("SELECT national_id FROM beneficiary WHERE number = $1")
        .bind(person.0)
        .fetch_one(&mut *connection)
        .await?;
    let mut whole = Identity::default();
    for answers in answers {
        let identity = Identity::of(&answers_of(&answers)?);
        // It stays as long as one says it; another id is another person.
        whole.national_id = whole.national_id.or(identity.national_id.filter(|id| Some(id) == known.as_ref()));
        // The newest that says it.
        whole.birth_date = whole.birth_date.or(identity.birth_date);
        if whole.name_words.is_empty() {
            whole.name_words = identity.name_words;
        }
        whole.words.extend(identity.words);
    }
    let notes: Vec<String> = sqlx::query_scalar(
        "SELECT request_note.text FROM request JOIN request_note ON request_note.request = request.id
         WHERE request.registered_as = $1 AND request_note.withdrawn_at IS NULL",
    )
    .bind(person.0)
    .fetch_all(&mut *connection)
    .await?;
    whole.words.extend(notes.iter().flat_map(|note| arabic::words(note)));
    sqlx::query("DELETE FROM beneficiary_word WHERE beneficiary = $1").bind(person.0).execute(&mut *connection).await?;
    add_words(connection, [(person, &whole)].into_iter()).await?;
    sqlx::query(
        "UPDATE beneficiary SET national_id = $2, name_words = $3, first_word = $4, birth_date = $5 WHERE number = $1",
    )
    .bind(person.0)
    .bind(&whole.national_id)
    .bind(&whole.name_words)
    .bind(whole.first_word())
    .bind(&whole.birth_date)
    .execute(&mut *connection)
    .await?;
    if whole.is_empty() {
        sqlx::query("DELETE FROM possible_double WHERE one = $1 OR other = $1")
            .bind(person.0)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Gives the requests of an office from before there were persons each its person and its words; once, by the migration.
pub(in crate::office::database) async fn bring_over(connection: &mut Connection) -> Result<(), DatabaseError> {
    let mut after = String::new();
    loop {
        let found = sqlx::query("SELECT id, answers FROM request WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(&after)
            .bind(PAGE)
            .fetch_all(&mut *connection)
            .await?;
        let Some(last) = found.last() else { break };
        after = last.try_get("id")?;
        let mut ids: Vec<String> = Vec::with_capacity(found.len());
        let mut identities = Vec::with_capacity(found.len());
        for row in &found {
            ids.push(row.try_get("id")?);
            identities.push(Identity::of(&answers_of(row.try_get("answers")?)?));
        }
        let belongings = of_all(connection, &identities.iter().collect::<Vec<_>>()).await?;
        for ((id, identity), belonging) in ids.iter().zip(&identities).zip(belongings) {
            sqlx::query("UPDATE request SET registered_as = $2, belongs_to = $3, name_normalised = $4 WHERE id = $1")
                .bind(id)
                .bind(belonging.registered_as.0)
                .bind(belonging.belongs_to.0)
                .bind(&identity.name_words)
                .execute(&mut *connection)
                .await?;
        }
    }
    sqlx::query(
        "UPDATE request SET doubt = 'number' WHERE tracking_number IN
         (SELECT tracking_number FROM request GROUP BY tracking_number HAVING COUNT(*) > 1)",
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn answers_of(text: &str) -> Result<Answers, DatabaseError> {
    rows::json(text, "the answers of a request")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::database::Database;

    /// An office from before there were persons: its requests get theirs, and those that share a number are noted.
    #[tokio::test]
    async fn requests_of_an_older_office_are_brought_over() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open_or_create(&folder.path().join("office.sqlite")).await.unwrap();
        let mut writing = database.write().await.unwrap();
        sqlx::raw_sql(
            "INSERT INTO kiosk (number, name, tls_pin, proving_key, first_epoch, enrolled_at, last_seen_at)
             VALUES (1, '', x'', x'', x'', 0, 0)",
        )
        .execute(&mut *writing)
        .await
        .unwrap();
        let rows: [(u8, &str, &str, &str); 3] = [
            (1, "000112345670", "1000000008", "نورة القحطاني"),
            (2, "000112345671", "1000000008", "نوره قحطاني"),
            (3, "000112345670", "2000000006", "سعد العسيري"),
        ];
        for (id, number, national_id, name) in rows {
            let answers = format!(r#"{{"national_id":{{"NationalId":"{national_id}"}},"name":{{"Name":"{name}"}}}}"#);
            sqlx::query(
                "INSERT INTO request (id, tracking_number, kiosk, received_on, registered_at, arrived_at, service,
                 channel, beneficiary, language, catalogue_version, declaration_version, privacy_notice_version,
                 policy_version, answers, name_normalised, stage, documents_complete, arrival)
                 VALUES ($1, $2, 1, '2026-11-01', 0, 0, 'rent', 'kiosk', 'external', 'ar', 1, 1, 1, 1, $3, '',
                 'under_study', 0, $4)",
            )
            .bind(format!("{id:032x}"))
            .bind(number)
            .bind(answers)
            .bind(id)
            .execute(&mut *writing)
            .await
            .unwrap();
        }
        bring_over(&mut writing).await.unwrap();
        type Row = (Option<i64>, Option<i64>, String, Option<String>);
        let found: Vec<Row> =
            sqlx::query_as("SELECT registered_as, belongs_to, name_normalised, doubt FROM request ORDER BY id")
                .fetch_all(&mut *writing)
                .await
                .unwrap();
        assert!(found[0].0.is_some() && found[0].0 == found[1].0 && found[0].0 != found[2].0);
        assert!(found.iter().all(|(registered, belongs, ..)| registered == belongs));
        assert_eq!((found[0].2.as_str(), found[1].2.as_str()), ("نوره قحطاني", "نوره قحطاني"));
        let doubts: Vec<bool> = found.iter().map(|(.., doubt)| doubt.as_deref() == Some("number")).collect();
        assert_eq!(doubts, [true, false, true]);
        let words: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM beneficiary_word").fetch_one(&mut *writing).await.unwrap();
        assert_eq!(words, 6);
    }
}

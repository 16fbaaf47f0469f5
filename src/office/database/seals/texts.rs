//! Rows as texts, as they are sealed: a JSON array of the row's number and of all its values. SQLite puts many together into
//! one text: the way from its thread takes longer than a row.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::{QueryBuilder, Sqlite};

use crate::office::database::{Connection, DatabaseError, rows};

/// Stands between two rows: JSON writes it otherwise.
const BETWEEN: u8 = 0x1e;

/// All columns but the bytes, which the kiosk has signed.
const LEFT_OUT: (&str, &str) = ("envelope", "bytes");
/// Values from tables of which SQLite doesn't tell, by the table of the rows that they belong to.
const BESIDE: [(&str, &str); 2] = [
    (
        "request",
        "(SELECT group_concat(quote(document) || quote(said), char(10) ORDER BY document)
         FROM request_document WHERE request_document.request = sealed.id)",
    ),
    (
        "beneficiary",
        "(SELECT group_concat(quote(word), char(10) ORDER BY word)
         FROM beneficiary_word WHERE beneficiary_word.beneficiary = sealed.number)",
    ),
];

/// A row as it is sealed.
pub struct RowText {
    pub number: i64,
    /// `None` where a value is of a kind that this program never writes there
    pub text: Option<Vec<u8>>,
}

/// Which rows are meant.
#[derive(Clone, Copy)]
pub enum Which<'a> {
    /// In their order, each once
    Numbers(&'a [i64]),
    /// From a number on, at most so many
    From(i64, i64),
}

impl Which<'_> {
    fn push(self, select: &mut QueryBuilder<Sqlite>) -> Result<(), DatabaseError> {
        match self {
            // As a batch adds them: no list needs to be read and looked up.
            Self::Numbers(numbers @ &[first, .., last]) if last.abs_diff(first) + 1 == numbers.len() as u64 => {
                select.push(" WHERE sealed.rowid BETWEEN ").push_bind(first).push(" AND ").push_bind(last)
            }
            Self::Numbers(numbers) => {
                let numbers = rows::to_json(&numbers)?;
                select.push(" WHERE sealed.rowid IN (SELECT value FROM json_each(").push_bind(numbers).push("))")
            }
            Self::From(number, limit) => select
                .push(" WHERE sealed.rowid >= ")
                .push_bind(number)
                .push(" ORDER BY sealed.rowid LIMIT ")
                .push_bind(limit),
        };
        Ok(())
    }
}

/// How the rows of each table become texts, as its definition says.
#[derive(Clone, Default)]
pub struct Forms(Arc<Mutex<HashMap<String, Arc<str>>>>);

impl Forms {
    /// Reads rows in the order of their numbers.
    pub async fn read(
        &self,
        connection: &mut Connection,
        table: &str,
        which: Which<'_>,
    ) -> Result<Vec<RowText>, DatabaseError> {
        let form = self.of(connection, table).await?;
        match together(connection, table, &form, which).await {
            // A text among them that has become bytes, which JSON can't write: each row is read by itself.
            Err(DatabaseError::Sqlx(sqlx::Error::Database(_))) => one_by_one(connection, table, &form, which).await,
            read => read,
        }
    }

    /// The tables' definitions have changed.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    async fn of(&self, connection: &mut Connection, table: &str) -> Result<Arc<str>, DatabaseError> {
        if let Some(form) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(table) {
            return Ok(form.clone());
        }
        let columns: Vec<(String, String)> =
            sqlx::query_as("SELECT name, type FROM pragma_table_info($1) ORDER BY cid")
                .bind(table)
                .fetch_all(connection)
                .await?;
        let mut values = vec!["sealed.rowid".to_owned()];
        for (name, kind) in columns {
            if (table, name.as_str()) != LEFT_OUT {
                let column = format!("sealed.{}", quoted(&name));
                values.push(if kind == "BLOB" { format!("quote({column})") } else { column });
            }
        }
        values.extend(BESIDE.iter().filter(|(of, _)| *of == table).map(|(_, beside)| (*beside).to_owned()));
        let form: Arc<str> = format!("json_array({})", values.join(", ")).into();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(table.to_owned(), form.clone());
        Ok(form)
    }
}

async fn together(
    connection: &mut Connection,
    table: &str,
    form: &str,
    which: Which<'_>,
) -> Result<Vec<RowText>, DatabaseError> {
    let mut select = QueryBuilder::<Sqlite>::new("SELECT CAST(group_concat(text, char(30)) AS BLOB) FROM (SELECT ");
    select.push(form).push(" AS text FROM ").push(quoted(table)).push(" AS sealed");
    which.push(&mut select)?;
    select.push(")");
    let texts: Option<Vec<u8>> = select.build_query_scalar().fetch_one(connection).await?;
    let mut found = Vec::new();
    for text in texts.iter().flat_map(|texts| texts.split(|byte| *byte == BETWEEN)) {
        let number = number_of(text).ok_or_else(|| rows::damaged("a row's number"))?;
        found.push(RowText { number, text: Some(text.to_vec()) });
    }
    found.sort_unstable_by_key(|row| row.number);
    Ok(found)
}

/// The number with which a row's text begins.
fn number_of(text: &[u8]) -> Option<i64> {
    let text = text.strip_prefix(b"[")?;
    let digits = text.split(|byte| matches!(byte, b',' | b']')).next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

async fn one_by_one(
    connection: &mut Connection,
    table: &str,
    form: &str,
    which: Which<'_>,
) -> Result<Vec<RowText>, DatabaseError> {
    let mut select = QueryBuilder::<Sqlite>::new("SELECT sealed.rowid FROM ");
    select.push(quoted(table)).push(" AS sealed");
    which.push(&mut select)?;
    let mut numbers: Vec<i64> = select.build_query_scalar().fetch_all(&mut *connection).await?;
    numbers.sort_unstable();
    let mut found = Vec::new();
    for number in numbers {
        match together(connection, table, form, Which::Numbers(&[number])).await {
            Ok(row) => found.extend(row),
            Err(DatabaseError::Sqlx(sqlx::Error::Database(_))) => found.push(RowText { number, text: None }),
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

//! Compares rows with their seals.

use std::fmt;

use sqlx::{QueryBuilder, Sqlite};

use super::texts::{RowText, quoted};
use super::{DEFINITIONS, RowKey, definitions, pages, portion, tables};
use crate::domain::request::RequestId;
use crate::office::database::{Connection, DatabaseError};

/// How a row isn't as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    Changed,
    /// There is its seal alone
    Gone,
    /// It was added beside this program, or its seal is gone
    NotSealed,
}

/// A row that isn't as it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangedRow {
    pub table: String,
    pub number: i64,
    pub how: How,
}

impl fmt::Display for ChangedRow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.how {
            How::Changed => "isn't as it was written",
            How::Gone => "is gone",
            How::NotSealed => "wasn't written by this office, or has lost its seal",
        };
        write!(formatter, "row {} of {} {how}", self.number, self.table)
    }
}

/// Verifies a portion of a table's rows from a number on. Gives those that aren't as they were written, and the number from which
/// it goes on; `None` at the end.
pub async fn verify_page(
    connection: &mut Connection,
    key: &RowKey,
    table: &str,
    from: i64,
) -> Result<(Vec<ChangedRow>, Option<i64>), DatabaseError> {
    let (present, next) = portion(connection, key, table, from).await?;
    let through = next.map_or(i64::MAX, |next| next - 1);
    let mut seals = pages::between(connection, table, (from, through)).await?;
    let changed = |number, how| ChangedRow { table: table.to_owned(), number, how };
    let mut found = Vec::new();
    for RowText { number, text } in present {
        match seals.remove(&number) {
            Some(kept) if text.is_some_and(|text| key.seal(table, &text) == kept) => {}
            Some(_) => found.push(changed(number, How::Changed)),
            None => found.push(changed(number, How::NotSealed)),
        }
    }
    found.extend(seals.into_keys().map(|number| changed(number, How::Gone)));
    Ok((found, next))
}

/// Verifies what no table's rows show: the definitions, and seals of tables that aren't there.
pub async fn verify_definitions(connection: &mut Connection, key: &RowKey) -> Result<Vec<ChangedRow>, DatabaseError> {
    let mut known = tables(connection).await?;
    known.push(DEFINITIONS.to_owned());
    let mut of_seals: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT table_name FROM row_seal").fetch_all(&mut *connection).await?;
    of_seals.retain(|table| !known.contains(table));
    let mut found: Vec<ChangedRow> =
        of_seals.into_iter().map(|table| ChangedRow { table, number: 0, how: How::Gone }).collect();
    let kept = pages::between(connection, DEFINITIONS, (i64::MIN, i64::MAX)).await?;
    if kept != [(0, definitions(connection, key).await?)].into() {
        found.push(ChangedRow { table: DEFINITIONS.to_owned(), number: 0, how: How::Changed });
    }
    Ok(found)
}

/// Verifies everything that is sealed.
pub async fn verify_all(connection: &mut Connection, key: &RowKey) -> Result<Vec<ChangedRow>, DatabaseError> {
    let mut found = verify_definitions(connection, key).await?;
    for table in tables(connection).await? {
        let mut from = Some(i64::MIN);
        while let Some(begin) = from {
            let (changed, next) = verify_page(connection, key, &table, begin).await?;
            found.extend(changed);
            from = next;
        }
    }
    Ok(found)
}

/// The request that a row belongs to, where it belongs to one.
pub async fn request_of(connection: &mut Connection, row: &ChangedRow) -> Result<Option<RequestId>, DatabaseError> {
    let column = if row.table == "request" { "id" } else { "request" };
    let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
        .bind(&row.table)
        .fetch_all(&mut *connection)
        .await?;
    if !columns.iter().any(|name| name == column) {
        return Ok(None);
    }
    let mut select = QueryBuilder::<Sqlite>::new("SELECT CAST(");
    select.push(column).push(" AS TEXT) FROM ").push(quoted(&row.table)).push(" WHERE rowid = ").push_bind(row.number);
    let request: Option<Option<String>> = select.build_query_scalar().fetch_optional(connection).await?;
    Ok(request.flatten().and_then(|request| request.parse().ok()))
}

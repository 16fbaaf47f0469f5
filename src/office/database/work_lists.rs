//! Work lists: which requests wait for which step, filtered, sorted, searched, and read page by page.
//!
//! A page begins behind the last row of the page before, not after a number of rows: nothing is shown twice or left out
//! while requests arrive, and the thousandth page comes as fast as the first.
//!
//! One statement never serves all orders at a million rows, so each is written for the index that fits: a column that
//! the index must not be chosen by is hidden from it (`stage || ''`).

mod filter;

use chrono::NaiveDate;
use sqlx::{QueryBuilder, Row, Sqlite};

use filter::ARRIVAL;
pub use filter::{Filter, Sort, WorkList};

use super::requests::{StoredRequest, from_row};
use super::search::{self, Scope, Search};
use super::{Connection, DatabaseError, rows};
use crate::domain::request::RequestId;

/// Counts go so far; beyond, a list says "more than".
pub const COUNT_MAX: u64 = 10_000;

/// A request in a list.
pub struct Listed {
    pub request: StoredRequest,
    /// The word of [`super::requests::stage`]
    pub stage: String,
    pub documents_complete: bool,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    #[default]
    Top,
    /// Behind this request
    After(RequestId),
    /// The page that ends before this request
    Before(RequestId),
}

/// What is asked of the lists.
pub struct Asked {
    pub filter: Filter,
    /// The last day of receipt whose fourteen days have passed (P19)
    pub ripe: NaiveDate,
    pub sort: Sort,
    pub descending: bool,
    /// With where [`search::scope`] found that it is to be looked for
    pub search: Option<(Search, Scope)>,
}

/// How many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    Exactly(u64),
    /// More than [`COUNT_MAX`]
    Many,
    /// The words of the search are too common to count what they find
    Unknown,
}

/// How a statement is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// An index has rows in the right order and serves the filter, too
    FilteredInOrder,
    /// An index has rows in the right order, and each is asked whether it fits
    InOrder,
    /// Few fit: they are found first, then sorted
    FoundFirst,
    /// The search has found the few already
    OfSearch,
}

impl Asked {
    /// The column by which rows are sorted, before those that make the order whole.
    fn sort(&self) -> Sort {
        match self.sort {
            // All of them have the same.
            Sort::Stage if self.filter.has_one_stage() => Sort::Received,
            Sort::Service if self.filter.service.is_some() => Sort::Received,
            sort => sort,
        }
    }

    fn reading(&self, count: Count) -> Reading {
        match (&self.search, self.sort(), count) {
            (Some((_, Scope::Persons(_) | Scope::Requests(_))), ..) => Reading::OfSearch,
            (_, Sort::Received, _) => Reading::FilteredInOrder,
            (_, _, Count::Exactly(_)) => Reading::FoundFirst,
            _ => Reading::InOrder,
        }
    }

    /// `FROM … WHERE …`
    fn push_conditions(&self, query: &mut QueryBuilder<Sqlite>, reading: Reading) {
        let is_hidden = matches!(reading, Reading::InOrder | Reading::OfSearch);
        query.push(" FROM request WHERE 1 = 1");
        self.filter.push(query, self.ripe, is_hidden);
        if let Some((search, scope)) = &self.search {
            search::push_scope(query, scope);
            if *scope == Scope::Anywhere || matches!(scope, Scope::Requests(_)) {
                search.push_words(query);
            }
        }
    }
}

/// How many rows there are, counted no further than [`COUNT_MAX`].
pub async fn count(connection: &mut Connection, asked: &Asked) -> Result<Count, DatabaseError> {
    if matches!(&asked.search, Some((_, Scope::Anywhere))) {
        return Ok(Count::Unknown);
    }
    let reading = if asked.search.is_some() { Reading::OfSearch } else { Reading::FilteredInOrder };
    let mut query = QueryBuilder::new("SELECT COUNT(*) FROM (SELECT 1");
    asked.push_conditions(&mut query, reading);
    query.push(" LIMIT ").push_bind(COUNT_MAX as i64 + 1).push(") AS counted");
    let count: i64 = query.build_query_scalar().fetch_one(connection).await?;
    let count = count.unsigned_abs();
    Ok(if count > COUNT_MAX { Count::Many } else { Count::Exactly(count) })
}

/// All rows, however many: for what is taken away as a file.
pub async fn count_all(connection: &mut Connection, asked: &Asked) -> Result<u64, DatabaseError> {
    let reading = if asked.search.is_some() { Reading::OfSearch } else { Reading::FilteredInOrder };
    let mut query = QueryBuilder::new("SELECT COUNT(*)");
    asked.push_conditions(&mut query, reading);
    let count: i64 = query.build_query_scalar().fetch_one(connection).await?;
    Ok(count.unsigned_abs())
}

/// A page, and whether there is more before and behind it. `count` says how the rows are found best.
pub struct Page {
    pub rows: Vec<Listed>,
    pub has_earlier: bool,
    pub has_later: bool,
}

pub async fn page(
    connection: &mut Connection,
    asked: &Asked,
    count: Count,
    start: Start,
    limit: u32,
) -> Result<Page, DatabaseError> {
    let mut query = QueryBuilder::new("SELECT *");
    let (is_backward, has_start) = push_page(connection, &mut query, asked, count, start).await?;
    // One more shows whether there is more.
    query.push(" LIMIT ").push_bind(i64::from(limit) + 1);
    let found = query.build().fetch_all(connection).await?;
    let has_more = found.len() > limit as usize;
    let listed = |row| {
        let row: &sqlx::sqlite::SqliteRow = row;
        let documents_complete = row.try_get::<i64, _>("documents_complete")? != 0;
        Ok::<_, DatabaseError>(Listed { request: from_row(row)?, stage: row.try_get("stage")?, documents_complete })
    };
    let mut rows = rows::readable(found.iter().take(limit as usize), "requests", listed);
    if is_backward {
        rows.reverse();
        return Ok(Page { rows, has_earlier: has_more, has_later: true });
    }
    Ok(Page { rows, has_earlier: has_start, has_later: has_more })
}

/// The statement's end from `FROM` on, without its limit. Says whether rows are read backward, and whether they begin
/// behind a row.
async fn push_page(
    connection: &mut Connection,
    query: &mut QueryBuilder<Sqlite>,
    asked: &Asked,
    count: Count,
    start: Start,
) -> Result<(bool, bool), DatabaseError> {
    let reading = asked.reading(count);
    let sort = asked.sort();
    asked.push_conditions(query, reading);
    let hides_order = matches!(reading, Reading::FoundFirst | Reading::OfSearch);
    let columns: Vec<String> = sort
        .columns()
        .iter()
        .map(|column| match *column {
            column if !hides_order => column.to_owned(),
            ARRIVAL => format!("{ARRIVAL} + 0"),
            column => format!("{column} || ''"),
        })
        .collect();
    let (request, is_backward) = match start {
        Start::Top => (None, false),
        Start::After(request) => (Some(request), false),
        Start::Before(request) => (Some(request), true),
    };
    let place = match request {
        Some(request) => place_of(connection, sort, request).await?,
        None => None,
    };
    let descends = asked.descending != is_backward;
    if let Some(place) = &place {
        query.push(" AND (").push(columns.join(", ")).push(if descends { ") < (" } else { ") > (" });
        let mut values = query.separated(", ");
        for value in place {
            match value {
                Place::Text(text) => values.push_bind(text.clone()),
                Place::Number(number) => values.push_bind(*number),
            };
        }
        query.push(")");
    }
    let way = if descends { " DESC" } else { "" };
    let order: Vec<String> = columns.iter().map(|column| format!("{column}{way}")).collect();
    query.push(" ORDER BY ").push(order.join(", "));
    Ok((is_backward, place.is_some()))
}

/// What stands in a column of the order.
enum Place {
    Text(String),
    Number(i64),
}

/// What stands in the columns of the order for a request; `None` when there is no such request.
async fn place_of(
    connection: &mut Connection,
    sort: Sort,
    request: RequestId,
) -> Result<Option<Vec<Place>>, DatabaseError> {
    let mut query = QueryBuilder::new("SELECT ");
    query.push(sort.columns().join(", ")).push(" FROM request WHERE id = ").push_bind(request.to_string());
    let Some(row) = query.build().fetch_optional(connection).await? else { return Ok(None) };
    let value = |column: &&'static str| match *column {
        ARRIVAL => row.try_get(ARRIVAL).map(Place::Number),
        column => row.try_get(column).map(Place::Text),
    };
    Ok(Some(sort.columns().iter().map(value).collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tracking_number::KioskNumber;
    use crate::office::database::Database;

    /// How the database reads a page.
    async fn plan(connection: &mut Connection, asked: &Asked, count: Count, start: Start) -> String {
        let mut query = QueryBuilder::new("EXPLAIN QUERY PLAN SELECT *");
        push_page(connection, &mut query, asked, count, start).await.unwrap();
        query.push(" LIMIT 26");
        let steps = query.build().fetch_all(connection).await.unwrap();
        steps.iter().map(|step| step.try_get::<String, _>("detail").unwrap() + "\n").collect()
    }

    /// A page that sorts a list whole, or looks at rows in no order, is slow at a million rows.
    #[tokio::test]
    async fn each_list_is_read_in_the_order_of_an_index() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open_or_create(&folder.path().join("office.sqlite")).await.unwrap();
        let mut reading = database.read().await.unwrap();
        // Those whom no notice has reached are few: they are found first, then sorted.
        for list in WorkList::ALL.into_iter().filter(|list| *list != WorkList::NotReached) {
            for sort in Sort::ALL {
                for descending in [false, true] {
                    let filter = Filter { list, ..Filter::default() };
                    let ripe = "2026-11-01".parse().unwrap();
                    let asked = Asked { filter, ripe, sort, descending, search: None };
                    let plan = plan(&mut reading, &asked, Count::Many, Start::Top).await;
                    assert!(
                        plan.contains("INDEX request_") && !plan.contains("TEMP B-TREE"),
                        "{list:?} {sort:?}: {plan}"
                    );
                }
            }
        }
    }

    #[tokio::test]
    async fn filters_and_searches_use_an_index() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open_or_create(&folder.path().join("office.sqlite")).await.unwrap();
        let mut reading = database.read().await.unwrap();
        let ripe = "2026-11-01".parse().unwrap();
        let kiosk = KioskNumber::try_from(17).ok();
        let filter = Filter { list: WorkList::Accepted, service: Some("rent".into()), kiosk, ..Filter::default() };
        let asked = Asked { filter, ripe, sort: Sort::Received, descending: true, search: None };
        let filtered = plan(&mut reading, &asked, Count::Many, Start::Top).await;
        assert!(filtered.contains("INDEX request_") && !filtered.contains("TEMP B-TREE"), "{filtered}");
        let search = Search::parse("نورة").unwrap();
        let asked = Asked { search: Some((search.clone(), Scope::Persons(vec![1, 2]))), ..asked };
        let searched = plan(&mut reading, &asked, Count::Exactly(2), Start::Top).await;
        assert!(searched.contains("INDEX request_by_registered"), "{searched}");
        let asked = Asked { search: Some((search, Scope::Anywhere)), ..asked };
        let walked = plan(&mut reading, &asked, Count::Unknown, Start::Top).await;
        assert!(walked.contains("PRIMARY KEY (beneficiary=? AND word") && !walked.contains("TEMP B-TREE"), "{walked}");
    }
}

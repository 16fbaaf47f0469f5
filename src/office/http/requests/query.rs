//! What the address of a list says: filter, order, search, and where its page begins.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use crate::domain::digits::to_western;
use crate::domain::request::RequestId;
use crate::domain::tracking_number::KioskNumber;
use crate::office::database::search::{self, Search};
use crate::office::database::work_lists::{Asked, Filter, Sort, Start, WorkList};
use crate::office::database::{Connection, DatabaseError};

/// The most characters of a search.
pub const SEARCH_CHARACTERS_MAX: usize = 200;

/// A list as its address asks for it. Whatever an address says is read as one: what can't be meant is passed over.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    pub filter: Filter,
    pub sort: Sort,
    pub descending: bool,
    /// As it was typed
    pub text: String,
    pub start: Start,
}

impl ListQuery {
    pub fn parse(fields: &BTreeMap<String, String>) -> Self {
        let field = |name: &str| fields.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        let word = |name: &str| field(name).filter(|text| text.len() <= 64).map(str::to_owned);
        let day = |name: &str| field(name).and_then(|text| to_western(text).parse::<NaiveDate>().ok());
        let request = |name: &str| field(name).and_then(|text| text.parse::<RequestId>().ok());
        let kiosk =
            |text: &str| to_western(text).parse().ok().and_then(|number: u16| KioskNumber::try_from(number).ok());
        let filter = Filter {
            list: field("list").and_then(WorkList::parse).unwrap_or_default(),
            service: word("service"),
            category: word("category"),
            channel: word("channel"),
            beneficiary: word("beneficiary"),
            stage: word("stage"),
            kiosk: field("kiosk").and_then(kiosk),
            from: day("from"),
            to: day("to"),
        };
        let sort = field("sort").and_then(Sort::parse);
        let descends = sort.is_none_or(|sort| sort == Sort::Received) && filter.list.descends();
        Self {
            sort: sort.unwrap_or_default(),
            descending: field("way").map_or(descends, |way| way == "down"),
            text: field("q").unwrap_or_default().chars().take(SEARCH_CHARACTERS_MAX).collect(),
            start: match (request("after"), request("before")) {
                (Some(id), _) => Start::After(id),
                (None, Some(id)) => Start::Before(id),
                (None, None) => Start::Top,
            },
            filter,
        }
    }

    /// True when the list is narrowed by anything but its name.
    pub fn is_filtered(&self) -> bool {
        self.filter != Filter { list: self.filter.list, ..Filter::default() } || !self.text.is_empty()
    }

    /// The search in the text; `None` when there is none, or nothing in it to look for.
    pub fn search(&self) -> Option<Search> {
        Search::parse(&self.text)
    }

    /// True for a text with nothing in it to look for: it finds nothing, not everything.
    pub fn is_search_short(&self) -> bool {
        !self.text.is_empty() && self.search().is_none()
    }

    /// Asks the database; looks up first where the search leads.
    pub async fn asked(&self, connection: &mut Connection, ripe: NaiveDate) -> Result<Asked, DatabaseError> {
        let search = match self.search() {
            Some(search) => {
                let scope = search::scope(connection, &search).await?;
                Some((search, scope))
            }
            None => None,
        };
        Ok(Asked { filter: self.filter.clone(), ripe, sort: self.sort, descending: self.descending, search })
    }

    /// The address of this list at `path`.
    pub fn address(&self, path: &str) -> String {
        let mut parts = Vec::new();
        let mut add = |name: &str, value: &str| parts.push(format!("{name}={}", encoded(value)));
        for (name, value) in self.fields() {
            add(name, &value);
        }
        match self.start {
            Start::Top => {}
            Start::After(id) => add("after", &id.to_string()),
            Start::Before(id) => add("before", &id.to_string()),
        }
        format!("{path}?{}", parts.join("&"))
    }

    /// Its fields without the place of the page: what a form beside the list carries along.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let filter = &self.filter;
        let mut fields = vec![("list", filter.list.as_str().to_owned())];
        let texts = [
            ("service", filter.service.clone()),
            ("category", filter.category.clone()),
            ("channel", filter.channel.clone()),
            ("beneficiary", filter.beneficiary.clone()),
            ("stage", filter.stage.clone()),
            ("kiosk", filter.kiosk.map(|kiosk| kiosk.to_string())),
            ("from", filter.from.map(|day| day.to_string())),
            ("to", filter.to.map(|day| day.to_string())),
            ("q", Some(self.text.clone()).filter(|text| !text.is_empty())),
        ];
        fields.extend(texts.into_iter().filter_map(|(name, value)| Some((name, value?))));
        fields.push(("sort", self.sort.as_str().to_owned()));
        fields.push(("way", if self.descending { "down" } else { "up" }.to_owned()));
        fields
    }

    /// The same list sorted by a column; by the one it is sorted by, the other way.
    pub fn sorted_by(&self, sort: Sort) -> Self {
        let descending = self.sort == sort && !self.descending;
        Self { sort, descending, start: Start::Top, ..self.clone() }
    }

    /// What the trail may know: the filter, but of a search only how many words and numbers it had.
    pub fn for_trail(&self) -> Map<String, Value> {
        let mut details = Map::new();
        for (name, value) in self.fields() {
            if name != "q" {
                details.insert(name.to_owned(), json!(value));
            }
        }
        if let Some(search) = self.search() {
            let (words, numbers) = search.kinds();
            details.insert("searched".to_owned(), json!({ "words": words, "numbers": numbers }));
        }
        details
    }
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(fields: &[(&str, &str)]) -> ListQuery {
        ListQuery::parse(&fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn an_address_says_the_whole_list() {
        let asked = query(&[
            ("list", "incomplete"),
            ("service", "rent"),
            ("kiosk", "٠٠١٧"),
            ("from", "2026-11-01"),
            ("q", "نورة & سعد=1234"),
            ("sort", "name"),
            ("way", "down"),
        ]);
        assert!(asked.descending && asked.is_filtered());
        let address = asked.address("/requests");
        assert!(address.is_ascii() && address.contains("kiosk=0017") && !address.contains("نورة"), "{address}");
        assert_eq!(address.matches('&').count(), 6, "{address}");
        assert!(!asked.sorted_by(Sort::Name).descending);
        assert!(asked.for_trail().values().all(|value| !value.to_string().contains("نورة")));
        assert_eq!(asked.for_trail()["searched"], json!({ "words": 2, "numbers": 1 }));
    }

    #[test]
    fn nonsense_is_passed_over() {
        let asked = query(&[("list", "'; DROP"), ("kiosk", "99999"), ("from", "x"), ("after", "zz"), ("sort", "id")]);
        assert_eq!((asked.filter, asked.sort, asked.start), (Filter::default(), Sort::Received, Start::Top));
        assert!(!query(&[]).is_filtered());
        assert!(query(&[]).descending && !query(&[("list", "new")]).descending);
    }
}

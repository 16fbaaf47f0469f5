//! The lists by name, and what can be filtered and sorted in each.

use chrono::NaiveDate;
use sqlx::{QueryBuilder, Sqlite};

use crate::domain::tracking_number::KioskNumber;

/// A list of requests that wait for the same thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WorkList {
    #[default]
    All,
    /// Under study, too early to decide
    New,
    /// Under study
    UnderStudy,
    /// Documents are missing or not verified
    Incomplete,
    /// Under study, the fourteen days have passed, and all documents are verified
    Ready,
    /// The fourteen days have passed and no decision is recorded (P18)
    RepliesOwed,
    /// Accepted, not delivered
    Accepted,
    Refused,
    /// Refused once, objected to, and under study a second time (P23)
    Objections,
    Delivered,
    /// A notice reached nobody, and nobody has told them since (P5)
    NotReached,
    /// Another envelope stands at their place in a kiosk's chain, or another request bears their number
    Forks,
}

impl WorkList {
    /// In the order of the page.
    pub const ALL: [Self; 12] = [
        Self::New,
        Self::Incomplete,
        Self::Ready,
        Self::RepliesOwed,
        Self::Objections,
        Self::UnderStudy,
        Self::Accepted,
        Self::Refused,
        Self::Delivered,
        Self::NotReached,
        Self::Forks,
        Self::All,
    ];

    /// As it stands in the page's address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::New => "new",
            Self::UnderStudy => "under_study",
            Self::Incomplete => "incomplete",
            Self::Ready => "ready",
            Self::RepliesOwed => "replies_owed",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Objections => "objections",
            Self::Delivered => "delivered",
            Self::NotReached => "not_reached",
            Self::Forks => "forks",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == text)
    }

    /// What waits is shown with the longest waiting first, what is over with the newest.
    pub fn descends(self) -> bool {
        matches!(self, Self::All | Self::Refused | Self::Delivered)
    }
}

/// The column of the order in which requests came, a number: what comes is written at the end of each index.
pub(super) const ARRIVAL: &str = "arrival";

/// What the rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Received,
    Number,
    Name,
    Service,
    Stage,
}

impl Sort {
    pub const ALL: [Self; 5] = [Self::Number, Self::Name, Self::Service, Self::Received, Self::Stage];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Number => "number",
            Self::Name => "name",
            Self::Service => "service",
            Self::Stage => "stage",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == text)
    }

    /// The columns that make a whole order, each with an index; all but the arrival are texts.
    pub(super) fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Received => &["received_on", ARRIVAL],
            Self::Number => &["tracking_number", "id"],
            Self::Name => &["name_normalised", "id"],
            Self::Service => &["service", "received_on", ARRIVAL],
            Self::Stage => &["stage", "received_on", ARRIVAL],
        }
    }
}

/// Which requests are asked for; what is `None` isn't filtered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub list: WorkList,
    pub service: Option<String>,
    pub category: Option<String>,
    pub channel: Option<String>,
    pub beneficiary: Option<String>,
    pub stage: Option<String>,
    pub kiosk: Option<KioskNumber>,
    /// First and last day of receipt, both counted in
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

impl Filter {
    /// True when all rows have the same stage.
    pub(super) fn has_one_stage(&self) -> bool {
        !matches!(self.list, WorkList::All | WorkList::Incomplete | WorkList::NotReached | WorkList::Forks)
            || self.stage.is_some()
    }

    /// Adds a condition for each. Hidden, no index but that of the order or of the search is chosen by them.
    pub(super) fn push(&self, query: &mut QueryBuilder<Sqlite>, ripe: NaiveDate, is_hidden: bool) {
        let text = |column: &str| if is_hidden { format!("{column} || ''") } else { column.to_owned() };
        let number = |column: &str| if is_hidden { format!("{column} + 0") } else { column.to_owned() };
        let (stage, documents) = (text("stage"), number("documents_complete"));
        let received_on = text("received_on");
        match self.list {
            WorkList::All => {}
            WorkList::New => {
                query.push(format!(" AND {stage} = 'under_study' AND {received_on} > ")).push_bind(ripe.to_string());
            }
            WorkList::UnderStudy => {
                query.push(format!(" AND {stage} = 'under_study'"));
            }
            WorkList::Incomplete => {
                query.push(format!(" AND {documents} = 0 AND stage || '' IN ('under_study', 'accepted')"));
            }
            WorkList::Ready => {
                query.push(format!(" AND {documents} = 1 AND stage || '' = 'under_study' AND {received_on} <= "));
                query.push_bind(ripe.to_string());
            }
            WorkList::RepliesOwed => {
                query.push(format!(" AND {stage} = 'under_study' AND {received_on} <= ")).push_bind(ripe.to_string());
            }
            WorkList::Accepted => {
                query.push(format!(" AND {stage} = 'accepted'"));
            }
            WorkList::Refused => {
                query.push(format!(" AND {stage} = 'refused'"));
            }
            WorkList::Objections => {
                let objected = if is_hidden { "objected_on || '' <> ''" } else { "objected_on IS NOT NULL" };
                query.push(format!(" AND {objected} AND stage || '' = 'under_study'"));
            }
            WorkList::Delivered => {
                query.push(format!(" AND {stage} = 'delivered'"));
            }
            WorkList::NotReached => {
                query.push(" AND id IN (SELECT request FROM notice WHERE state = 'unreached')");
            }
            WorkList::Forks => {
                query.push(if is_hidden { " AND doubt || '' <> ''" } else { " AND doubt IS NOT NULL" });
            }
        }
        for (column, wanted) in [
            ("service", &self.service),
            ("category", &self.category),
            ("channel", &self.channel),
            ("beneficiary", &self.beneficiary),
            ("stage", &self.stage),
        ] {
            if let Some(wanted) = wanted {
                query.push(format!(" AND {} = ", text(column))).push_bind(wanted.clone());
            }
        }
        if let Some(kiosk) = self.kiosk {
            query.push(format!(" AND {} = ", number("kiosk"))).push_bind(i64::from(kiosk.get()));
        }
        for (days, wanted) in [(">=", self.from), ("<=", self.to)] {
            if let Some(day) = wanted {
                query.push(format!(" AND {received_on} {days} ")).push_bind(day.to_string());
            }
        }
    }
}

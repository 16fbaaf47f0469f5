//! Satisfaction, honestly: the whole distribution, how many rated of how many, an interval, small cells withheld.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::frame::{Failure, Frame, show};
use super::session::Staff;
use crate::domain::rating::GENERAL_SERVICE;
use crate::language::{Words, digits, isolate_ltr};
use crate::office::Office;
use crate::office::database::ratings::{self, Faces};
use crate::office::satisfaction::{Cell, wilson, withhold};

/// One face: how many, and how wide its bar is (0 to 100).
pub struct FaceBar {
    pub label: String,
    pub count: String,
    pub percent: u64,
    pub class: &'static str,
}

/// The figures of one service, or why they aren't shown.
pub struct Figures {
    pub label: String,
    pub withheld: bool,
    /// Nobody has rated yet
    pub empty: bool,
    pub rated: String,
    pub interval: String,
    pub faces: Vec<FaceBar>,
}

#[derive(Template)]
#[template(path = "ratings.html")]
struct RatingsPage {
    frame: Frame,
    minimum: String,
    total: Figures,
    services: Vec<Figures>,
}

pub async fn page(State(office): State<Arc<Office>>, staff: Staff) -> Result<Response, Failure> {
    let frame = Frame::new(&staff.visitor, "ratings");
    let words = frame.words;
    let mut reading = office.database.read().await?;
    let faces = ratings::faces(&mut reading).await?;
    let delivered = ratings::delivered(&mut reading).await?;
    drop(reading);
    let mut cells = cells(&faces, &delivered);
    let total = total(&cells);
    let may_show_total = withhold(&mut cells, u64::from(office.rating_minimum));
    let label = |cell: &Cell| match &cell.service {
        Some(id) if id == GENERAL_SERVICE => words.get("office-ratings-general"),
        Some(id) => office.catalogue.now().service_label(id, words.language()).to_owned(),
        None => words.get("office-ratings-unassigned"),
    };
    let page = RatingsPage {
        minimum: words.format("office-ratings-withheld-note", &[("minimum", office.rating_minimum.into())]),
        total: figures(words, words.get("office-ratings-total"), &Cell { withheld: !may_show_total, ..total }),
        services: cells.iter().map(|cell| figures(words, label(cell), cell)).collect(),
        frame,
    };
    Ok(show(&page)?.into_response())
}

/// A cell for each service that was delivered or rated.
fn cells(faces: &[(Option<String>, Faces)], delivered: &[(String, u64)]) -> Vec<Cell> {
    let rated = faces.iter().filter_map(|(service, _)| service.as_deref());
    let services: BTreeSet<&str> = rated.chain(delivered.iter().map(|(service, _)| service.as_str())).collect();
    let faces_of = |wanted: Option<&str>| {
        let found = faces.iter().find(|(service, _)| service.as_deref() == wanted);
        found.map(|(_, faces)| faces.clone()).unwrap_or_default()
    };
    let of_service = |service: &str| Cell {
        service: Some(service.to_owned()),
        faces: faces_of(Some(service)),
        delivered: Some(delivered.iter().find(|(id, _)| id == service).map_or(0, |(_, count)| *count)),
        withheld: false,
    };
    let mut cells: Vec<Cell> = services.into_iter().map(of_service).collect();
    let unassigned = faces_of(None);
    if unassigned.total() > 0 {
        cells.push(Cell { service: None, faces: unassigned, delivered: None, withheld: false });
    }
    cells
}

fn total(cells: &[Cell]) -> Cell {
    let mut faces = Faces::default();
    for cell in cells {
        for (sum, count) in faces.counts.iter_mut().zip(cell.faces.counts) {
            *sum += count;
        }
    }
    let delivered = cells.iter().filter_map(|cell| cell.delivered).sum();
    Cell { service: None, faces, delivered: Some(delivered), withheld: false }
}

fn figures(words: &Words, label: String, cell: &Cell) -> Figures {
    let number = |value: u64| digits(words.language(), &value.to_string());
    let total = cell.faces.total();
    let satisfied = cell.faces.counts[2] + cell.faces.counts[3];
    let percent = |share: f64| words.format("office-percent", &[("percent", ((share * 100.0).round() as i64).into())]);
    let interval = wilson(satisfied, total).map_or_else(String::new, |(low, high)| {
        let share = percent(satisfied as f64 / total as f64);
        let values = [("share", share.into()), ("low", percent(low).into()), ("high", percent(high).into())];
        words.format("office-ratings-interval", &values)
    });
    let rated = match cell.delivered {
        Some(delivered) => {
            let values =
                [("rated", isolate_ltr(&number(total)).into()), ("delivered", isolate_ltr(&number(delivered)).into())];
            words.format("office-ratings-rated-of", &values)
        }
        None => words.format("office-ratings-rated", &[("rated", isolate_ltr(&number(total)).into())]),
    };
    let faces = ["office-face-4", "office-face-3", "office-face-2", "office-face-1"]
        .into_iter()
        .zip(["face-4", "face-3", "face-2", "face-1"])
        .zip(cell.faces.counts.iter().rev())
        .map(|((key, class), count)| FaceBar {
            label: words.get(key),
            count: number(*count),
            percent: (count * 100).checked_div(total).unwrap_or(0),
            class,
        })
        .collect();
    let empty = total == 0;
    Figures { label, withheld: cell.withheld && !empty, empty, rated, interval, faces }
}

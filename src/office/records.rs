//! What the office makes of the records in envelopes: rows, changes, entries of the trail.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::database::kiosks::{self, Report};
use super::database::prints::{self, StoredPrint};
use super::database::requests::{self, Arrived, Counted, NewEvent};
use super::database::signatures;
use super::database::suggestions::{self, Suggestion};
use super::database::trail::{self, Actor};
use super::database::waiting_documents::{self, WaitingDocument};
use super::database::{DatabaseError, Writing, changes, clock, envelopes};
use super::day::Arrivals;
use crate::domain::calendar::riyadh_day;
use crate::domain::documents::DocumentState;
use crate::domain::record::{LostRange, Record};
use crate::domain::request::{Request, RequestId};
use crate::domain::stage::Event;
use crate::domain::tracking_number::TrackingNumber;
use crate::seal::envelope::{Header, KioskTime};
use crate::seal::keys::hex;

/// Makes of one kiosk's records what they are for, in their order.
pub(super) async fn take_up(
    writing: &mut Writing,
    records: &[(&Header, &Record)],
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    // Of all records only brought documents ask for what came before them: what stands between them is written together.
    for together in records.chunk_by(|(_, record), _| !matches!(record, Record::DocumentsBrought { .. })) {
        let sources = together.iter().map(|(header, _)| Source { header, counted: counted(header.time, now), now });
        let sourced: Vec<(Source, &Record)> = sources.zip(together.iter().map(|(_, record)| *record)).collect();
        let mut stored = Stored::by(writing, &sourced, now).await?;
        for (source, record) in &sourced {
            store(writing, source, record, &mut stored).await?;
        }
    }
    Ok(())
}

/// From where and when a record comes.
struct Source<'a> {
    header: &'a Header,
    counted: Counted,
    now: DateTime<Utc>,
}

impl Source<'_> {
    fn actor(&self) -> Actor {
        Actor::Kiosk(self.header.kiosk)
    }

    /// What the kiosk says of its store, for the page of the kiosks.
    async fn report(&self, writing: &mut Writing, text: &str) -> Result<(), DatabaseError> {
        let report = Report { at: self.counted.at, text: text.to_owned() };
        kiosks::note_report(writing, self.header.hash(), self.header.kiosk, &report).await.map(drop)
    }

    async fn trail(
        &self,
        writing: &mut Writing,
        action: &str,
        subject: &str,
        details: serde_json::Value,
    ) -> Result<(), DatabaseError> {
        trail::append(writing, self.now, &self.actor(), action, subject, details).await
    }
}

/// The kiosk's own time where it counts ([`KioskTime::counts`]), else the arrival.
fn counted(time: KioskTime, now: DateTime<Utc>) -> Counted {
    let at = if time.counts(now) { time.at } else { now };
    Counted { at, day: riyadh_day(at) }
}

/// What was stored of several records by few statements.
struct Stored {
    /// The requests that weren't here; each counts once
    news: BTreeSet<RequestId>,
    /// What had waited for them
    waiting: HashMap<TrackingNumber, Vec<WaitingDocument>>,
}

impl Stored {
    /// Stores requests, signatures and prints: nearly all that kiosks send.
    async fn by(
        writing: &mut Writing,
        sourced: &[(Source<'_>, &Record)],
        now: DateTime<Utc>,
    ) -> Result<Self, DatabaseError> {
        let (mut arrived, mut signed, mut printed) = (Vec::new(), Vec::new(), Vec::new());
        let mut in_doubt = BTreeSet::new();
        let has_requests = sourced.iter().any(|(_, record)| matches!(record, Record::Request(_)));
        let arrivals = if has_requests { Some(Arrivals::at(writing, now).await?) } else { None };
        for (source, record) in sourced {
            let (kiosk, counted) = (source.header.kiosk, source.counted);
            match record {
                Record::Request(request) => {
                    let own = source.header.time.counts(now).then_some(counted.at);
                    let day = arrivals.as_ref().map(|arrivals| arrivals.from_kiosk(source.header, own));
                    let (day, is_in_doubt) = day.unwrap_or((counted.day, false));
                    if is_in_doubt {
                        in_doubt.insert(request.id);
                    }
                    arrived.push(Arrived { request, kiosk, counted: Counted { day, ..counted } });
                }
                Record::Signature { request, signature } => signed.push((kiosk, *request, signature)),
                Record::Printed(print) => {
                    let stored = StoredPrint { at: counted.at, kiosk: Some(kiosk), print: *print };
                    printed.push((source.header.hash().0, stored));
                }
                _ => {}
            }
        }
        // While SQLite's thread writes signatures, the requests' rows are put together.
        let prepared = async { requests::prepare(&arrived) };
        let (signatures, prepared) = tokio::join!(biased; signatures::add_all(writing, &signed), prepared);
        signatures?;
        prints::add_all(writing, &printed).await?;
        let news = requests::add_all(writing, &prepared?, now).await?;
        clock::put_in_doubt(writing, in_doubt.intersection(&news)).await?;
        let new_ones = arrived.iter().filter(|one| news.contains(&one.request.id));
        let numbers: Vec<TrackingNumber> = new_ones.map(|one| one.request.tracking_number).collect();
        Ok(Self { news, waiting: waiting_documents::take(writing, &numbers).await? })
    }
}

/// Does the rest of what a record is for, where [`Stored::by`] has done its part.
async fn store(
    writing: &mut Writing,
    source: &Source<'_>,
    record: &Record,
    stored: &mut Stored,
) -> Result<(), DatabaseError> {
    let kiosk = source.header.kiosk;
    let hash = source.header.hash().0;
    match record {
        Record::Opening(opening) => {
            if kiosks::set_receipt_key(writing, kiosk, &opening.receipt_key).await? {
                for request in requests::of_kiosk(writing, kiosk).await? {
                    changes::add(writing, request);
                }
            }
            source.report(writing, &opening.reason).await?;
            source.trail(writing, "epoch opened", &hex(&source.header.epoch.0), json!({})).await
        }
        Record::Request(request) => received(writing, source, request, stored).await,
        Record::Signature { request, .. } => {
            source.trail(writing, "signature received", &request.to_string(), json!({})).await
        }
        Record::DocumentsBrought { tracking_number, documents } => {
            documents_brought(writing, source, *tracking_number, documents).await
        }
        Record::Repair { report } => {
            source.report(writing, report).await?;
            source.trail(writing, "kiosk repaired", &hex(&hash), json!({})).await
        }
        Record::Losses(ranges) => {
            envelopes::note_losses(writing, kiosk, ranges).await?;
            source.report(writing, &lost_in_words(ranges)).await?;
            source.trail(writing, "losses named", &hex(&hash), json!({ "ranges": ranges.len() })).await
        }
        Record::Printed(print) => {
            let details = json!({ "printout": print.printout, "outcome": print.outcome });
            source.trail(writing, "printed", &hex(&hash), details).await
        }
        Record::Suggestion { text } => {
            let suggestion = Suggestion { at: source.counted.at, kiosk, text: text.clone() };
            suggestions::add(writing, hash, &suggestion).await?;
            source.trail(writing, "suggestion received", &hex(&hash), json!({})).await
        }
    }
}

/// For the page of the kiosks.
fn lost_in_words(ranges: &[LostRange]) -> String {
    let word = |range: &LostRange| format!("epoch {} {} to {}", hex(&range.epoch[..4]), range.first, range.last);
    let words: Vec<String> = ranges.iter().map(word).collect();
    format!("the kiosk's store no longer holds these records: {}", words.join("; "))
}

async fn received(
    writing: &mut Writing,
    source: &Source<'_>,
    request: &Request,
    stored: &mut Stored,
) -> Result<(), DatabaseError> {
    if !stored.news.remove(&request.id) {
        return source.trail(writing, "request received again", &request.id.to_string(), json!({})).await;
    }
    source.trail(writing, "request received", &request.id.to_string(), json!({})).await?;
    for waiting in stored.waiting.remove(&request.tracking_number).unwrap_or_default() {
        bring(writing, source.now, request.id, &waiting).await?;
    }
    Ok(())
}

async fn documents_brought(
    writing: &mut Writing,
    source: &Source<'_>,
    number: TrackingNumber,
    documents: &[String],
) -> Result<(), DatabaseError> {
    let known = requests::by_number(writing, number).await?;
    for document in documents {
        let waiting =
            WaitingDocument { document: document.clone(), counted: source.counted, kiosk: source.header.kiosk };
        for request in &known {
            bring(writing, source.now, request.id, &waiting).await?;
        }
        if known.is_empty() {
            waiting_documents::add(writing, source.header.hash().0, number, &waiting).await?;
        }
    }
    Ok(())
}

/// Records that a document was brought, where that is news and still allowed.
async fn bring(
    writing: &mut Writing,
    now: DateTime<Utc>,
    request: RequestId,
    waiting: &WaitingDocument,
) -> Result<(), DatabaseError> {
    let Some(standing) = requests::standing(writing, request).await? else { return Ok(()) };
    let event = Event::DocumentBrought { document: waiting.document.clone() };
    let is_news = standing.documents.get(&waiting.document) == Some(&DocumentState::Missing);
    if !is_news || standing.allows(&event, waiting.counted.day).is_err() {
        return Ok(());
    }
    let actor = Actor::Kiosk(waiting.kiosk);
    let new = NewEvent { event: &event, counted: waiting.counted, actor: &actor, reason: None };
    requests::add_event(writing, request, new).await?;
    let details = json!({ "document": waiting.document });
    trail::append(writing, now, &actor, "document brought", &request.to_string(), details).await
}

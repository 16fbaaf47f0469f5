//! What the demo brings along: requests made weeks ago, so that decision, delivery and rating can be tried at once.
//! Real visits, a real office, only the clock is set back.

use std::sync::{Arc, mpsc};

use chrono::{DateTime, TimeDelta, Utc};

use super::DemoError;
use crate::domain::catalogue::Catalogue;
use crate::domain::clock::{SetClock, SharedClock};
use crate::domain::scan::Scan;
use crate::domain::stage::{Decision, Event};
use crate::domain::tracking_number::TrackingNumber;
use crate::kiosk::commands::{self as kiosk_commands, VisitOptions};
use crate::kiosk::config::KioskConfig;
use crate::office::{OfficeConfig, Server};

/// A request of the past, and how far it has come.
struct PastRequest {
    made_days_ago: i64,
    script: &'static str,
    progress: PastProgress,
}

enum PastProgress {
    /// Everything is still to be done
    Registered,
    DocumentsVerified(&'static [&'static str]),
    /// Accepted and delivered this many days ago
    Delivered {
        documents: &'static [&'static str],
        days_ago: i64,
    },
}

/// Why the clock is where it is.
pub(super) const WHY: &str = "طلبات سابقة أُعدّت للعرض التجريبي";

/// A stroke that looks like a signature.
const SIGNATURE: &str =
    "[[[0.15,0.6],[0.25,0.3],[0.3,0.7],[0.4,0.35],[0.5,0.65],[0.62,0.4],[0.7,0.6],[0.85,0.5]],[[0.4,0.8],[0.7,0.78]]]";

const PAST: [PastRequest; 4] = [
    PastRequest {
        made_days_ago: 30,
        script: r#"{"visit":"register","language":"ar","answers":{"national_id":"1000000008","name":"نورة بنت سعد الشهراني","birth_date":"1399-07-04 H","mobile":"0500000001","category":"widow","household":4,"service":"food_basket"},"documents":{"id_card":"with_me","family_record":"with_me"},"signature":SIGNATURE}"#,
        progress: PastProgress::Delivered { documents: &["id_card", "family_record"], days_ago: 2 },
    },
    PastRequest {
        made_days_ago: 21,
        script: r#"{"visit":"register","language":"ar","answers":{"national_id":"1012345672","name":"عبدالله بن محمد القحطاني","birth_date":"1381-02-19 H","mobile":"0500000002","category":"elderly","household":2,"service":"winter_support"},"documents":{"id_card":"with_me","family_record":"with_me"},"signature":SIGNATURE}"#,
        progress: PastProgress::DocumentsVerified(&["id_card", "family_record"]),
    },
    PastRequest {
        made_days_ago: 16,
        script: r#"{"visit":"register","language":"en","answers":{"national_id":"2000000006","name":"Amina Yusuf Ali","birth_date":"1988-03-02","mobile":"0500000003","category":"poor_family","household":6,"service":"clothes"},"documents":{"id_card":"with_me","family_record":"later"},"signature":SIGNATURE}"#,
        progress: PastProgress::Registered,
    },
    PastRequest {
        made_days_ago: 3,
        script: r#"{"visit":"register","language":"ar","answers":{"national_id":"1000000115","name":"سارة بنت علي عسيري","birth_date":"1410-11-27 H","mobile":"0500000004","category":"divorced","household":3,"service":"ramadan_basket"},"documents":{"id_card":"with_me","family_record":"later"},"signature":SIGNATURE}"#,
        progress: PastProgress::Registered,
    },
];

/// The receipts of the past by what can be tried with them: the digits of their QR codes.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct PastReceipts {
    pub delivered: String,
    pub to_be_decided: String,
    pub documents_missing: String,
    pub too_early: String,
}

/// Makes the past at an office and a kiosk that nothing has happened to yet. The kiosk must be enrolled at `server`.
pub async fn make(
    office: &OfficeConfig,
    kiosk: &KioskConfig,
    catalogue: &Arc<Catalogue>,
    now: DateTime<Utc>,
) -> Result<PastReceipts, DemoError> {
    let mut receipts = Vec::new();
    for past in PAST {
        let clock = SetClock::at(now - TimeDelta::days(past.made_days_ago));
        let server = Server::start(office, catalogue.clone(), clock.clone() as SharedClock).await?;
        // The demo sets the clock on purpose.
        server.confirm_day(WHY).await?;
        let (number, digits) = register(kiosk.clone(), clock.clone(), past.script).await?;
        receipts.push(digits);
        let (documents, delivered_days_ago): (&[&str], _) = match past.progress {
            PastProgress::Registered => (&[], None),
            PastProgress::DocumentsVerified(documents) => (documents, None),
            PastProgress::Delivered { documents, days_ago } => (documents, Some(days_ago)),
        };
        clock.advance(TimeDelta::hours(1));
        for document in documents {
            server.take_step(number, &Event::DocumentVerified { document: (*document).to_owned() }).await?;
        }
        if let Some(days_ago) = delivered_days_ago {
            clock.advance(TimeDelta::days(past.made_days_ago - days_ago - 1));
            server.take_step(number, &Event::Decided { decision: Decision::Accepted, session: None }).await?;
            clock.advance(TimeDelta::hours(20));
            server.take_step(number, &Event::Delivered).await?;
        }
        server.shutdown().await;
    }
    let [delivered, to_be_decided, documents_missing, too_early] =
        receipts.try_into().map_err(|_| DemoError::Past("there are four requests of the past".into()))?;
    Ok(PastReceipts { delivered, to_be_decided, documents_missing, too_early })
}

/// A scripted visit on a thread of its own: it waits, and the office must be able to answer meanwhile. Gives the number
/// and the digits of the receipt's QR code.
async fn register(
    kiosk: KioskConfig,
    clock: Arc<SetClock>,
    script: &'static str,
) -> Result<(TrackingNumber, String), DemoError> {
    let (done, answer) = mpsc::channel();
    tokio::task::spawn_blocking(move || {
        let script = script.replace("SIGNATURE", SIGNATURE);
        let mut lines = Vec::new();
        let options = VisitOptions { offline: false, print: true };
        let outcome = kiosk_commands::visit(&kiosk, clock, options, script.as_bytes(), &mut lines);
        let _ = done.send(outcome.map(|_| lines));
    })
    .await
    .map_err(|error| DemoError::Past(error.to_string()))?;
    let lines = answer.recv().map_err(|error| DemoError::Past(error.to_string()))??;
    let line: serde_json::Value = serde_json::from_slice(&lines).map_err(|error| DemoError::Past(error.to_string()))?;
    let digits = [&line["tracking_number"], &line["code"]].map(|value| value.as_str().unwrap_or_default()).concat();
    let scan = Scan::parse(&digits).map_err(|_| DemoError::Past(line.to_string()))?;
    Ok((scan.tracking_number, digits))
}

//! An office after some weeks of work: requests in every stage, long and strange names, kiosks that need hands.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::super::committee::{Held, submit};
use super::super::support::*;
use crate::domain::clock::Clock;
use crate::domain::language::Language;
use crate::domain::printer::PrinterState;
use crate::domain::rating::{Face, Rating};
use crate::domain::record::Record;
use crate::domain::stage::{ClosingReason, Decision, Event};
use crate::domain::tracking_number::TrackingNumber;
use crate::office::database::kiosks;
use crate::office::people::Role;
use crate::replication::wire::*;
use crate::seal::keys::{hex, random};
use crate::seal::sealing;

pub struct Furnished {
    pub office: TestOffice,
    pub kiosk: TestKiosk,
    /// The ids of requests by their stage
    pub requests: BTreeMap<&'static str, String>,
    pub numbers: BTreeMap<&'static str, TrackingNumber>,
    /// The pages of what people asked for: a copy, and a deletion
    pub asks: Vec<String>,
}

/// 80 letters without a place to break, as long as a name may be.
const LONG_NAME: &str = "عبدالرحمنعبدالعزيزعبداللهعبدالمحسنعبدالإلهعبدالسلامعبدالوهابعبدالكريم القحطانيون";
const NAMES: [&str; 4] = [
    "نورة بنت سعد القحطاني",
    LONG_NAME,
    "Anna-Maria O’Neil van der Westhuizen-Featherstonehaugh",
    "محمد-أمين بن عبدالله آل 'جابر'",
];

const STAGES: [&str; 8] = ["received", "brought", "accepted", "ready", "delivered", "refused", "withdrawn", "closed"];

impl Furnished {
    pub async fn start() -> Self {
        let office = TestOffice::start().await;
        let mut kiosk = TestKiosk::enrol(&office, 1).await;
        let (mut requests, mut numbers) = (BTreeMap::new(), BTreeMap::new());
        for (index, stage) in STAGES.into_iter().enumerate() {
            let id = add(&office, &mut kiosk, index as u32 + 10, NAMES[index % NAMES.len()]).await;
            numbers.insert(stage, TrackingNumber::new(kiosk.enrolled.kiosk, index as u32 + 10));
            requests.insert(stage, id);
        }
        office.clock.advance(TimeDelta::days(16));
        let decided = |decision| Event::Decided { decision, session: None };
        let verified = ["id_card", "family_record"].map(|id| Event::DocumentVerified { document: id.into() });
        let [card, record] = &verified;
        let steps: [(&str, &[Event]); 7] = [
            ("brought", &[Event::DocumentBrought { document: "family_record".into() }]),
            ("accepted", &[decided(Decision::Accepted)]),
            ("ready", &[card.clone(), record.clone(), decided(Decision::Accepted)]),
            ("delivered", &[card.clone(), record.clone(), decided(Decision::Accepted), Event::Delivered]),
            ("refused", &[decided(Decision::Refused)]),
            ("withdrawn", &[Event::Withdrawn]),
            ("closed", &[Event::Closed { why: ClosingReason::Double, other: None }]),
        ];
        for (stage, events) in steps {
            for event in events {
                office.server.take_step(numbers[stage], event).await.unwrap();
            }
        }
        office.clock.advance(TimeDelta::hours(5));
        for random_part in 100..130 {
            let id = add(&office, &mut kiosk, random_part, NAMES[random_part as usize % NAMES.len()]).await;
            requests.insert("new", id);
            numbers.insert("new", TrackingNumber::new(kiosk.enrolled.kiosk, random_part));
        }
        for text in ["شكراً لكم جميعاً", "<script>alert('x')</script> <b>أسرعوا</b>", &"كلام طويل ".repeat(60)]
        {
            let envelope = kiosk.seal(&Record::Suggestion { text: text.into() });
            kiosk.send(&[envelope]).await.unwrap();
        }
        let mut furnished = Self { office, kiosk, requests, numbers, asks: Vec::new() };
        furnished.rate().await;
        furnished.revoke_another().await;
        furnished.beat().await;
        furnished.meet().await;
        furnished.ask().await;
        let call =
            CallForStaff { id: [7; 16], place: CallPlace::Registration, language: Language::English, ended: false };
        let _: CallAnswer =
            ask(&furnished.kiosk.keys, &furnished.kiosk.invite, "POST", CALL_PATH, &call).await.unwrap();
        furnished
    }

    /// The committee meets, with one case and members from outside.
    async fn meet(&self) {
        let browser = self.office.browser(Role::Manager).await;
        self.office.person(Role::Committee).await;
        let id = self.requests["received"].clone();
        blocking(move || {
            let mut held = Held::make(browser, "2026-11-17", 2);
            let field = format!("request-{id}");
            let cases = format!("{}/cases", held.path);
            assert_eq!(submit(&mut held.browser, &cases, &cases, &[(&field, "1")]).status, 303);
        })
        .await;
    }

    /// Somebody asks for a copy of what is known of them, and to be forgotten.
    async fn ask(&mut self) {
        let mut browser = self.office.browser(Role::Manager).await;
        let number = self.numbers["received"].to_string();
        self.asks = blocking(move || {
            let mut ask = |kind, identity| {
                let fields = [
                    ("kind", kind),
                    ("channel", "desk"),
                    ("number", number.as_str()),
                    ("received_on", "2026-11-16"),
                    ("identity", identity),
                ];
                let answer = submit(&mut browser, "/privacy", "/privacy", &fields);
                assert_eq!(answer.status, 303);
                answer.header("location").unwrap().to_owned()
            };
            vec![ask("copy", ""), ask("deletion", "yes")]
        })
        .await;
    }

    /// Enough ratings that the figures are shown.
    async fn rate(&self) {
        let sealed = |face: u8| {
            let (id, iso_week) = (random(), "2026-W46".to_owned());
            let rating = Rating { face: Face::try_from(face).unwrap(), reasons: vec![] };
            let text = SealedRating::encode(&rating).unwrap();
            let associated = SealedRating::associated(&id, &iso_week);
            SealedRating {
                sealed: sealing::seal(&self.kiosk.enrolled.sealing_key, &associated, &text).unwrap(),
                id,
                iso_week,
            }
        };
        let ratings: Vec<_> = [4, 4, 4, 3, 3, 2, 1, 4, 4, 3].map(sealed).into();
        let batch = RatingBatch { id: random(), service: Some("food_basket".into()), ratings };
        let body = postcard::to_allocvec(&batch).unwrap();
        assert_eq!(post_raw(&self.kiosk.keys, &self.kiosk.invite, "POST", RATINGS_PATH, body).await.status, 204);
    }

    /// A second kiosk that was revoked, and still sent something.
    async fn revoke_another(&self) {
        let mut other = TestKiosk::enrol(&self.office, 2).await;
        let mut writing = self.office.server.office().database.write().await.unwrap();
        assert!(kiosks::revoke(&mut writing, other.enrolled.kiosk, self.office.clock.now()).await.unwrap());
        writing.commit().await.unwrap();
        let request = Record::Request(other.request(1));
        for record in [request, Record::Suggestion { text: "<i>انتظار</i>".into() }] {
            let envelope = other.seal(&record);
            other.send(&[envelope]).await.unwrap();
        }
    }

    /// The kiosk says that its printer needs hands.
    async fn beat(&self) {
        let heartbeat = Heartbeat {
            printer: PrinterState::PaperOut,
            unprinted: 2,
            unsent: 3,
            free_bytes: Some(5_000_000_000),
            kiosk_time: self.office.clock.now(),
            clock_is_trusted: true,
            version: "0.1.0".into(),
        };
        let body = postcard::to_allocvec(&heartbeat).unwrap();
        let answer = post_raw(&self.kiosk.keys, &self.kiosk.invite, "POST", HEARTBEAT_PATH, body).await;
        assert_eq!(answer.status, 200);
    }
}

async fn add(office: &TestOffice, kiosk: &mut TestKiosk, random_part: u32, name: &str) -> String {
    let mut request = kiosk.request(random_part);
    let catalogue = office.server.office().catalogue.now();
    let today = crate::domain::calendar::riyadh_day(office.clock.now());
    let answer = catalogue.question("name").unwrap().parse(&catalogue, name, today).unwrap();
    request.answers.set("name", answer);
    let envelopes = [Record::Request(request.clone()), signature(request.id)].map(|record| kiosk.seal(&record));
    kiosk.send(&envelopes).await.unwrap();
    hex(&request.id.0)
}

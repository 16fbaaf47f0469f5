//! What every measurement needs: a real registration, a ledger, and figures.

use std::path::Path;
use std::time::Duration;

use chrono::Utc;
use istiqbal::domain::answers::{Answer, Answers};
use istiqbal::domain::declaration::Versions;
use istiqbal::domain::documents::DocumentAnswer;
use istiqbal::domain::language::Language;
use istiqbal::domain::record::Record;
use istiqbal::domain::request::{Beneficiary, Channel, Request, RequestId};
use istiqbal::domain::signature::Signature;
use istiqbal::ledger::{Identity, Ledger, OpeningOptions, OpeningReport};
use istiqbal::seal::envelope::{Epoch, KioskTime};
use istiqbal::seal::keys::{KioskKeys, OfficeKeys, random};
use istiqbal::seal::seed::Seed;

pub const PATIENCE: Duration = Duration::from_secs(600);

pub fn identity() -> Identity {
    identity_of(&Seed::random())
}

pub fn identity_of(seed: &Seed) -> Identity {
    let kiosk = 1.try_into().expect("1 is a kiosk's number");
    let sealing_key = OfficeKeys::from_seed(&Seed::random()).sealing_key();
    Identity::new(KioskKeys::from_seed(seed), kiosk, Epoch::random(), sealing_key)
}

pub fn now() -> KioskTime {
    KioskTime { at: Utc::now(), trusted: true }
}

pub fn open(folder: &Path, identity: &Identity) -> (Ledger, OpeningReport) {
    if !folder.exists() {
        istiqbal::ledger::mark_new(folder).expect("a folder");
    }
    let options = OpeningOptions { now: now(), patience: PATIENCE, progress: &|_| {} };
    Ledger::open(folder, identity.clone(), &options).expect("the ledger opens")
}

/// What one visitor leaves: a signature of three strokes and the request, as the shipped catalogue asks for it.
pub fn registration(ledger: &mut Ledger) -> [Record; 2] {
    let mut answers = Answers::default();
    for (question, answer) in [
        ("national_id", Answer::Text("1000000008".into())),
        ("name", Answer::Text("نورة بنت سعد بن عبدالله القحطاني".into())),
        ("birth_date", Answer::Text("1399-07-04 H".into())),
        ("mobile", Answer::Text("+966500000000".into())),
        ("category", Answer::Choice("widow".into())),
        ("household", Answer::Text("4".into())),
        ("service", Answer::Choice("food_basket".into())),
    ] {
        answers.set(question, answer);
    }
    let id = RequestId(random());
    let stroke = |from: f32| (0..60).map(|step| (from + step as f32 / 250.0, 0.3 + (step % 9) as f32 / 30.0)).collect();
    let strokes: Vec<Vec<(f32, f32)>> = [0.1, 0.35, 0.6].map(stroke).into();
    let signature = Signature::from_fractions(&strokes).expect("it is a signature");
    let request = Request {
        id,
        tracking_number: ledger.new_tracking_number().expect("there is a number"),
        language: Language::Arabic,
        channel: Channel::Kiosk,
        beneficiary: Beneficiary::External,
        versions: Versions { catalogue: 1, declaration: 1, privacy_notice: 1, policy: 1 },
        answers,
        documents: [
            ("id_card".to_owned(), DocumentAnswer::WithMe),
            ("family_record".to_owned(), DocumentAnswer::Later),
        ]
        .into(),
    };
    [Record::Signature { request: id, signature }, Record::Request(request)]
}

/// Measured times.
#[derive(Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub fn median(&self) -> Duration {
        self.percentile(50)
    }

    pub fn p99(&self) -> Duration {
        self.percentile(99)
    }

    fn percentile(&self, percent: usize) -> Duration {
        let mut times = self.0.clone();
        times.sort();
        times[(times.len() * percent / 100).min(times.len() - 1)]
    }
}

pub fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

/// `within` or `OVER`.
pub fn verdict(value: f64, limit: f64) -> &'static str {
    if value <= limit { "within" } else { "OVER" }
}

pub fn micros(time: Duration) -> String {
    format!("{:>7.0} µs", time.as_secs_f64() * 1e6)
}

//! Visitors who answer what the shipped catalogue asks; each another name, id and signature.

use istiqbal::domain::answers::Answers;
use istiqbal::domain::catalogue::Catalogue;
use istiqbal::domain::declaration::Versions;
use istiqbal::domain::documents::DocumentAnswer;
use istiqbal::domain::language::Language;
use istiqbal::domain::record::Record;
use istiqbal::domain::request::{Beneficiary, Channel, Request, RequestId};
use istiqbal::domain::signature::Signature;
use istiqbal::domain::tracking_number::{KioskNumber, TrackingNumber};
use istiqbal::seal::keys::random;

use crate::crowd;

pub struct Visitors {
    catalogue: Catalogue,
    come: usize,
}

impl Visitors {
    pub fn new(catalogue: Catalogue) -> Self {
        Self { catalogue, come: 0 }
    }

    /// What the next visitor leaves: a signature and the request.
    pub fn registration(&mut self, kiosk: KioskNumber) -> [Record; 2] {
        self.come += 1;
        let id = RequestId(random());
        let request = self.request(id, kiosk);
        [Record::Signature { request: id, signature: signature(self.come) }, Record::Request(request)]
    }

    fn request(&self, id: RequestId, kiosk: KioskNumber) -> Request {
        let come = self.come;
        let person = crowd::person(come as u64);
        let category = self.catalogue.categories[come % self.catalogue.categories.len()].id.get_ref();
        let service = &self.catalogue.services[come % self.catalogue.services.len()];
        let given = [
            ("for", "self"),
            ("national_id", &person.national_id),
            ("name", &person.name),
            ("birth_date", &person.birth_date),
            ("mobile", &person.mobile),
            ("category", category),
            ("household", &(1 + come % 12).to_string()),
            ("service", service.id.get_ref()),
        ];
        let today = "2026-11-01".parse().expect("a day");
        let mut answers = Answers::default();
        for (question, raw) in given {
            let asked = self.catalogue.question(question).expect("the catalogue asks this");
            answers.set(question, asked.parse(&self.catalogue, raw, today).expect("it is an answer"));
        }
        let asked_for = |id: &&String| {
            let document = self.catalogue.document(id).expect("the catalogue knows the document");
            document.when.iter().all(|condition| condition.is.contains(category))
        };
        let documents = service.documents.iter().map(|id| id.get_ref()).filter(asked_for).enumerate();
        let said = |place: usize| {
            if (come + place).is_multiple_of(3) { DocumentAnswer::Later } else { DocumentAnswer::WithMe }
        };
        Request {
            id,
            tracking_number: TrackingNumber::new(kiosk, u32::from_be_bytes(random()) % 10_000_000),
            language: if come.is_multiple_of(10) { Language::English } else { Language::Arabic },
            channel: Channel::Kiosk,
            beneficiary: Beneficiary::External,
            versions: Versions { catalogue: self.catalogue.version, declaration: 1, privacy_notice: 1, policy: 1 },
            answers,
            documents: documents.map(|(place, id)| (id.clone(), said(place))).collect(),
        }
    }
}

/// Three strokes, each another one for each visitor.
fn signature(number: usize) -> Signature {
    let lean = (number % 50) as f32 / 500.0;
    let stroke = |from: f32| {
        let point = |step: usize| (from + step as f32 / 250.0, 0.4 + lean + 0.3 * (step as f32 / 7.0 + lean).sin());
        (0..60).map(point).collect()
    };
    let strokes: Vec<Vec<(f32, f32)>> = [0.1, 0.35, 0.6].map(stroke).into();
    Signature::from_fractions(&strokes).expect("it is a signature")
}

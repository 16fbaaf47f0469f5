//! Scripted visits: one JSON object a line, replayed through the same visit machine, store, printer and replication as
//! the screens (`istiqbal kiosk visit --script`).

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::attendant::{Answer, Attendant};
use super::visit::{Event, FollowUp, Printing, RateScreen, Screen, SuggestionKind, Visit};
use crate::domain::answers::AnswerError;
use crate::domain::calendar::{Today, riyadh_day};
use crate::domain::catalogue::SERVICE_QUESTION;
use crate::domain::clock::SharedClock;
use crate::domain::code::Code;
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::rating::Face;
use crate::domain::stage::RequestStatus;
use crate::domain::tracking_number::TrackingNumber;
use crate::ledger::Standing;

/// A line of a script.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "visit", rename_all = "snake_case", deny_unknown_fields)]
pub enum ScriptedVisit {
    Register {
        #[serde(default = "arabic")]
        language: Language,
        #[serde(rename = "for", default)]
        for_whom: Option<String>,
        answers: BTreeMap<String, serde_json::Value>,
        #[serde(default)]
        documents: BTreeMap<String, DocumentAnswer>,
        #[serde(default)]
        signature: Vec<Vec<(f32, f32)>>,
    },
    FollowUp {
        scan: String,
    },
    Documents {
        scan: String,
        brought: Vec<String>,
    },
    Rate {
        #[serde(default)]
        scan: Option<String>,
        face: u8,
        #[serde(default)]
        reasons: Vec<String>,
    },
    Suggest {
        text: String,
    },
}

fn arabic() -> Language {
    Language::Arabic
}

/// What is printed for a visit, after its commit is durable.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "visit", rename_all = "snake_case")]
pub enum Done {
    Register {
        tracking_number: TrackingNumber,
        code: Code,
        /// From the signature's confirmation to the durable commit, in microseconds
        committed_us: u128,
        printed: &'static str,
    },
    FollowUp {
        status: RequestStatus,
    },
    Documents {
        tracking_number: TrackingNumber,
        committed_us: u128,
    },
    Rate {
        committed_us: u128,
    },
    Suggest {
        committed_us: u128,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    #[error("not a visit: {0}")]
    Form(#[from] serde_json::Error),
    #[error("`{question}`: {error}")]
    Answer { question: String, error: AnswerError },
    #[error("`{question}` is asked, and the script has no answer for it")]
    NoAnswer { question: String },
    #[error("`{0}` is no question of the catalogue that is asked here")]
    NotAsked(String),
    #[error("`{0}` is no document of this request, or it needs with_me or later")]
    Document(String),
    #[error("the declaration needs a signature: [[[0.1,0.5],[0.4,0.2]]]")]
    NoSignature,
    #[error("the scan was refused: {0}")]
    Scan(String),
    #[error("a face is a number from 1 to 4")]
    Face,
    #[error("a suggestion needs some text")]
    NoText,
    #[error("the record can't be kept: it is too large, or the ratings can't be written. See the log")]
    NotKept,
    #[error("the store failed: nothing was promised. See the log, check the disk, and start again")]
    StoreFailed,
    #[error("the office has revoked this kiosk: it serves nobody any more")]
    Revoked,
    #[error(
        "the office doesn't know this kiosk, or knows it otherwise: it takes no new requests, and keeps what it holds. At the office a person lets it in again on the page of the kiosks, or by `istiqbal office invite --again`; see the log"
    )]
    NotKnown,
}

/// The kind of a line, also when the rest of it is wrong, for the error that answers it.
pub fn kind_of(line: &str) -> serde_json::Value {
    let value: Option<serde_json::Value> = serde_json::from_str(line).ok();
    value.and_then(|value| value.get("visit").cloned()).unwrap_or_default()
}

/// Replays visits, one after the other.
pub struct Player {
    visit: Visit,
    attendant: Attendant,
    answers: mpsc::Receiver<Answer>,
    clock: SharedClock,
}

impl Player {
    /// `answers` receives what the attendant posts.
    pub fn new(visit: Visit, attendant: Attendant, answers: mpsc::Receiver<Answer>, clock: SharedClock) -> Self {
        Self { visit, attendant, answers, clock }
    }

    /// False when the store has failed, and nothing can be promised any more.
    pub fn is_in_service(&self) -> bool {
        self.attendant.ledger.wait(|keeper| keeper.ledger().is_in_service()).unwrap_or(false)
    }

    /// Plays one line to its durable end. The visit is left behind wiped, whatever happens.
    pub fn play(&mut self, line: &str) -> Result<Done, ScriptError> {
        let visit = serde_json::from_str(line)?;
        if matches!(self.attendant.ledger.wait(|keeper| keeper.standing()), Ok(Standing::Revoked)) {
            return Err(ScriptError::Revoked);
        }
        let done = match visit {
            ScriptedVisit::Register { language, for_whom, answers, documents, signature } => {
                let mut answers: BTreeMap<String, String> =
                    answers.into_iter().map(|(id, value)| (id, raw(&value))).collect();
                answers.extend(for_whom.map(|whom| ("for".to_owned(), whom)));
                self.register(language, &answers, &documents, &signature)
            }
            ScriptedVisit::FollowUp { scan } => self.look_up(&scan).map(|(status, _)| Done::FollowUp { status }),
            ScriptedVisit::Documents { scan, brought } => self.bring_documents(&scan, brought),
            ScriptedVisit::Rate { scan, face, reasons } => self.rate(scan.as_deref(), face, reasons),
            ScriptedVisit::Suggest { text } => self.suggest(text),
        };
        self.send(Event::Idle);
        self.send(Event::Leave);
        done
    }

    fn register(
        &mut self,
        language: Language,
        answers: &BTreeMap<String, String>,
        documents: &BTreeMap<String, DocumentAnswer>,
        signature: &[Vec<(f32, f32)>],
    ) -> Result<Done, ScriptError> {
        if matches!(self.attendant.ledger.wait(|keeper| keeper.is_known()), Ok(false)) {
            return Err(ScriptError::NotKnown);
        }
        self.check_room()?;
        self.send(Event::ChooseLanguage(language));
        self.send(Event::NewRequest);
        self.send(Event::WithoutReceipt);
        self.send(Event::Next);
        let mut used = Vec::new();
        while let Screen::Question(screen) = self.visit.screen() {
            let question = screen.question.clone();
            let answer = answers.get(&question).or((question == "for").then_some(&SELF));
            match answer {
                Some(answer) => self.send(Event::Enter(answer.clone())),
                None => self.send(Event::Skip),
            }
            if answer.is_some() {
                self.send(Event::Next);
            }
            match self.visit.screen() {
                Screen::Question(screen) if screen.question == question => {
                    return Err(match screen.error.clone() {
                        Some(error) if answer.is_some() => ScriptError::Answer { question, error },
                        _ => ScriptError::NoAnswer { question },
                    });
                }
                _ => used.push(question),
            }
        }
        if let Some(extra) = answers.keys().find(|id| !used.contains(id)) {
            return Err(ScriptError::NotAsked(extra.clone()));
        }
        self.answer_documents(documents)?;
        self.send(Event::Next);
        for stroke in signature {
            for (place, (x, y)) in stroke.iter().enumerate() {
                self.send(if place == 0 { Event::StrokeBegan(*x, *y) } else { Event::StrokeMoved(*x, *y) });
            }
        }
        self.send(Event::Next);
        if !matches!(self.visit.screen(), Screen::CommitteeNotice { .. }) {
            return Err(ScriptError::NoSignature);
        }
        self.wait_for_event()?;
        let started = Instant::now();
        self.send(Event::Next);
        self.wait_for_event()?;
        let committed_us = started.elapsed().as_micros();
        while matches!(self.visit.screen(), Screen::Receipt { printing: Printing::Underway, .. }) {
            self.wait_for_event()?;
        }
        match self.visit.screen() {
            Screen::Receipt { registered, printing, .. } => Ok(Done::Register {
                tracking_number: registered.tracking_number,
                code: registered.code.clone(),
                committed_us,
                printed: match printing {
                    Printing::Off | Printing::Underway => "off",
                    Printing::Confirmed => "confirmed",
                    Printing::Unknown => "unknown",
                    Printing::Failed => "failed",
                },
            }),
            _ => Err(ScriptError::StoreFailed),
        }
    }

    fn answer_documents(&mut self, documents: &BTreeMap<String, DocumentAnswer>) -> Result<(), ScriptError> {
        for (id, answer) in documents {
            self.send(Event::SetDocument(id.clone(), *answer));
            if !self.visit.documents().contains_key(id) {
                return Err(ScriptError::Document(id.clone()));
            }
        }
        if matches!(self.visit.screen(), Screen::Documents) {
            self.send(Event::Next);
        }
        if !self.visit.documents_answered() {
            let asked = self.visit.catalogue().documents_for(self.visit.answers());
            let open = asked.iter().find(|document| !documents.contains_key(document.id.get_ref()));
            let name = open.map_or(SERVICE_QUESTION, |document| document.id.get_ref());
            return Err(ScriptError::Document(name.to_owned()));
        }
        Ok(())
    }

    /// Scans at home, and leaves the visit where that leads.
    fn look_up(&mut self, scan: &str) -> Result<(RequestStatus, bool), ScriptError> {
        self.send(Event::Scanned(scan.to_owned()));
        if let Screen::Home { error } = self.visit.screen() {
            let reason = error.map_or_else(|| "nothing was scanned".to_owned(), |error| error.to_string());
            return Err(ScriptError::Scan(reason));
        }
        self.wait_for_event()?;
        match self.visit.screen() {
            Screen::FollowUp(FollowUp::Result { status, proved, .. }) => Ok((status.clone(), *proved)),
            Screen::Rate(RateScreen::Faces { receipt: Some(status) }) => Ok((status.clone(), true)),
            _ => Err(ScriptError::Scan("no request with this number and code is known here".into())),
        }
    }

    fn bring_documents(&mut self, scan: &str, brought: Vec<String>) -> Result<Done, ScriptError> {
        let (status, _) = self.look_up(scan)?;
        self.send(Event::BringDocuments);
        for id in brought {
            let missing = status.standing.missing_documents().contains(&id);
            if !missing || !matches!(self.visit.screen(), Screen::FollowUp(FollowUp::Documents { .. })) {
                return Err(ScriptError::Document(id));
            }
            self.send(Event::Choose(id));
        }
        let committed_us = self.commit()?;
        Ok(Done::Documents { tracking_number: status.tracking_number, committed_us })
    }

    fn rate(&mut self, scan: Option<&str>, face: u8, reasons: Vec<String>) -> Result<Done, ScriptError> {
        let face = Face::try_from(face).map_err(|_| ScriptError::Face)?;
        self.send(Event::Rate);
        match scan {
            Some(scan) => {
                self.send(Event::Scanned(scan.to_owned()));
                if matches!(self.visit.screen(), Screen::Rate(RateScreen::Scan { waiting: true, .. })) {
                    self.wait_for_event()?;
                }
            }
            None => self.send(Event::WithoutReceipt),
        }
        if let Screen::Rate(RateScreen::Scan { error, .. }) = self.visit.screen() {
            return Err(ScriptError::Scan(format!("{error:?}")));
        }
        self.send(Event::ChooseFace(face));
        for reason in reasons {
            self.send(Event::Choose(reason));
        }
        Ok(Done::Rate { committed_us: self.commit()? })
    }

    fn suggest(&mut self, text: String) -> Result<Done, ScriptError> {
        if text.trim().is_empty() {
            return Err(ScriptError::NoText);
        }
        self.send(Event::Suggest);
        self.send(Event::ChooseSuggestionKind(SuggestionKind::Suggestion));
        self.send(Event::Enter(text));
        Ok(Done::Suggest { committed_us: self.commit()? })
    }

    /// "Next", and the durable commit it leads to.
    fn commit(&mut self) -> Result<u128, ScriptError> {
        let started = Instant::now();
        self.send(Event::Next);
        self.wait_for_event()?;
        Ok(started.elapsed().as_micros())
    }

    fn check_room(&self) -> Result<(), ScriptError> {
        let room = self.attendant.ledger.wait(|keeper| keeper.ledger().check_room());
        room.and_then(|room| room).map_err(|error| {
            tracing::error!("{error}");
            ScriptError::StoreFailed
        })
    }

    fn today(&self) -> Today {
        self.attendant.ledger.today(riyadh_day(self.clock.now()))
    }

    fn send(&mut self, event: Event) {
        let today = self.today();
        for effect in self.visit.handle(event, today) {
            self.attendant.carry_out(effect, self.visit.number(), self.visit.language());
        }
    }

    fn wait_for_event(&mut self) -> Result<(), ScriptError> {
        let number = self.visit.number();
        let event = loop {
            let answer = self.answers.recv().map_err(|_| ScriptError::StoreFailed)?;
            if answer.visit == number {
                break answer.event;
            }
        };
        let failed = match event {
            Event::StoreFailed => Err(ScriptError::StoreFailed),
            Event::NotKept => Err(ScriptError::NotKept),
            _ => Ok(()),
        };
        self.send(event);
        failed
    }
}

/// Whom a request is for, when the script doesn't say.
static SELF: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| "self".to_owned());

/// A JSON value as it would be typed: lists with commas, true as yes.
fn raw(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Bool(true) => "yes".into(),
        serde_json::Value::Bool(false) => "no".into(),
        serde_json::Value::Array(values) => values.iter().map(raw).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

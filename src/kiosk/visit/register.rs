//! Registering: privacy notice → questions → documents → check → declaration, signature → committee notice → receipt.

use super::{Effect, Event, FollowUp, Input, Leaving, Printing, QuestionScreen, Screen, Visit};
use crate::domain::answers::{Answer, AnswerError};
use crate::domain::calendar::Today;
use crate::domain::catalogue::{DOCUMENTS, Question};
use crate::domain::signature::Signature;
use crate::ledger::keeper::Registration;

impl Visit {
    pub(super) fn on_register(&mut self, event: Event, today: Today) -> Vec<Effect> {
        match &mut self.screen {
            Screen::EarlierRequest => match event {
                Event::FollowUp => self.screen = Screen::FollowUp(FollowUp::ask()),
                Event::WithoutReceipt => self.screen = Screen::PrivacyNotice { expanded: false },
                Event::Back if self.would_lose_answers() => self.leaving = Some(Leaving::Home),
                Event::Back => self.forget_answers(),
                _ => {}
            },
            Screen::PrivacyNotice { expanded } => match event {
                Event::ReadMore => *expanded = true,
                Event::ReadLess => *expanded = false,
                Event::Back => self.screen = Screen::EarlierRequest,
                Event::Next => self.show_first_question(today),
                _ => {}
            },
            Screen::Question(_) => self.on_question(event, today),
            Screen::Documents => match event {
                Event::SetDocument(id, answer) if self.asks_document(&id) => {
                    let before = self.documents.insert(id, answer);
                    if before != Some(answer) {
                        self.clear_signature();
                    }
                }
                Event::Next if self.documents_answered() => self.show_check(),
                Event::Back if self.changing && self.is_complete() => self.show_check(),
                Event::Back => self.show_last_question(today),
                _ => {}
            },
            Screen::CheckAnswers => match event {
                Event::ChangeAnswer(id) if id == DOCUMENTS => {
                    self.changing = true;
                    self.screen = Screen::Documents;
                }
                Event::ChangeAnswer(id) if self.is_asked(&id) => {
                    self.changing = true;
                    self.show_question(&id, today);
                }
                Event::Next if self.is_complete() => self.screen = Screen::Declaration,
                Event::Back if self.catalogue.documents_for(&self.answers).is_empty() => self.show_last_question(today),
                Event::Back => self.screen = Screen::Documents,
                _ => {}
            },
            Screen::Declaration => match event {
                Event::StrokeBegan(x, y) => self.strokes.push(vec![(x, y)]),
                Event::StrokeMoved(x, y) => {
                    if let Some(stroke) = self.strokes.last_mut() {
                        stroke.push((x, y));
                    }
                }
                Event::ClearSignature => self.clear_signature(),
                Event::Next if self.signature().is_some() => {
                    self.screen = Screen::CommitteeNotice { busy: false, time: None };
                    return vec![Effect::AskTime];
                }
                Event::Back => self.show_check(),
                _ => {}
            },
            Screen::CommitteeNotice { busy, time } => match event {
                Event::Time(now) => *time = Some(now),
                Event::Next if !*busy => return self.register(),
                Event::Back if !*busy => self.screen = Screen::Declaration,
                Event::Registered(registered) if *busy => {
                    let printing = Printing::Underway;
                    self.screen = Screen::Receipt { registered: registered.clone(), printing, paper_shown: false };
                    return vec![Effect::Print(registered)];
                }
                _ => {}
            },
            Screen::Receipt { printing, paper_shown, .. } => match event {
                Event::Printed(outcome) => *printing = outcome,
                Event::ShowPaper(shown) => *paper_shown = shown,
                _ => {}
            },
            _ => {}
        }
        Vec::new()
    }

    fn on_question(&mut self, event: Event, today: Today) {
        let catalogue = self.catalogue.clone();
        let Some(question) = self.question().and_then(|question| catalogue.question(question.id())) else { return };
        let same = self.same_answer(question).map(|answer| Input::of_answer(question, answer, today.day));
        let Screen::Question(screen) = &mut self.screen else { return };
        match event {
            Event::Key(key) => screen.input.key(question, &key),
            Event::Enter(raw) => screen.input.enter(&raw),
            Event::Choose(id) => screen.input.choose(question, &id),
            Event::Count(by) => screen.input.count(question, by),
            Event::StepDate(column, by) => {
                if let Input::Date(date) = &mut screen.input {
                    date.step(column, by);
                }
            }
            Event::ChooseCalendar(calendar) => {
                if let Input::Date(date) = &mut screen.input {
                    *date = date.in_calendar(calendar);
                }
            }
            Event::ToggleDayUnknown if question.day_unknown => {
                if let Input::Date(date) = &mut screen.input {
                    date.toggle_day_unknown();
                }
            }
            Event::TakeSame => match same {
                Some(same) => screen.input = same,
                None => return,
            },
            Event::Next => return self.answer(question, today),
            Event::Skip if question.optional => return self.skip(question, today),
            Event::Back => return self.back_from(question, today),
            _ => return,
        }
        screen.error = screen.input.early_error(question, &catalogue, today.latest);
    }

    /// The earlier answer that this question may take over by one touch.
    pub fn same_answer(&self, question: &Question) -> Option<&Answer> {
        question.same_as.as_ref().and_then(|earlier| self.answers.get(earlier.get_ref()))
    }

    fn answer(&mut self, question: &Question, today: Today) {
        let Screen::Question(screen) = &mut self.screen else { return };
        match screen.input.answer(question, &self.catalogue, today.latest) {
            Ok(answer) => {
                self.inputs.insert(question.id().to_owned(), screen.input.clone());
                if self.answers.get(question.id()) != Some(&answer) {
                    self.clear_signature();
                }
                self.answers.set(question.id(), answer);
                self.after(question, today);
            }
            Err(AnswerError::Missing) if question.optional => self.skip(question, today),
            Err(error) => screen.error = Some(error),
        }
    }

    fn skip(&mut self, question: &Question, today: Today) {
        if self.answers.get(question.id()).is_some() {
            self.clear_signature();
        }
        self.answers.remove(question.id());
        self.inputs.remove(question.id());
        self.skipped.insert(question.id().to_owned());
        self.after(question, today);
    }

    /// On to the next question; after a change from the list, to the first question that now lacks an answer, or back.
    fn after(&mut self, question: &Question, today: Today) {
        let catalogue = self.catalogue.clone();
        self.answers.keep_only_asked(&catalogue);
        self.documents
            .retain(|id, _| catalogue.documents_for(&self.answers).iter().any(|document| document.id.get_ref() == id));
        let asked: Vec<&Question> = catalogue.questions_for(&self.answers).collect();
        let next = if self.checked {
            // Also one that may be passed over, if nobody has been asked it yet.
            let open = |asked: &&&Question| {
                self.answers.get(asked.id()).is_none() && !(asked.optional && self.skipped.contains(asked.id()))
            };
            asked.iter().find(open).copied()
        } else {
            let here = asked.iter().position(|asked| asked.id() == question.id());
            here.and_then(|here| asked.get(here + 1)).copied()
        };
        let next = next.map(|next| next.id().to_owned());
        match next {
            Some(next) => self.show_question(&next, today),
            None if self.checked && self.documents_answered() => self.show_check(),
            None if catalogue.documents_for(&self.answers).is_empty() => self.show_check(),
            None => self.screen = Screen::Documents,
        }
    }

    fn back_from(&mut self, question: &Question, today: Today) {
        self.keep_input();
        let asked: Vec<String> = self.asked();
        let here = asked.iter().position(|id| id == question.id()).unwrap_or(0);
        match here.checked_sub(1) {
            _ if self.changing && self.is_complete() => self.show_check(),
            Some(before) => self.show_question(&asked[before].clone(), today),
            None => self.screen = Screen::PrivacyNotice { expanded: false },
        }
    }

    /// What stands in the field stays there for when the visitor comes back to it.
    fn keep_input(&mut self) {
        if let Screen::Question(screen) = &self.screen {
            self.inputs.insert(screen.question.clone(), screen.input.clone());
        }
    }

    fn show_first_question(&mut self, today: Today) {
        // The catalogue's rules see to it that there is a question that is always asked.
        if let Some(first) = self.asked().first().cloned() {
            self.show_question(&first, today);
        }
    }

    fn show_last_question(&mut self, today: Today) {
        if let Some(last) = self.asked().last().cloned() {
            self.show_question(&last, today);
        }
    }

    fn show_question(&mut self, id: &str, today: Today) {
        let Some(question) = self.catalogue.question(id) else { return };
        let input = match (self.inputs.get(id), self.answers.get(id)) {
            (Some(input), _) => input.clone(),
            (None, Some(answer)) => Input::of_answer(question, answer, today.day),
            (None, None) => Input::empty(question, today.day),
        };
        let error = input.early_error(question, &self.catalogue, today.latest);
        self.screen = Screen::Question(QuestionScreen { question: id.to_owned(), input, error });
    }

    fn show_check(&mut self) {
        (self.checked, self.changing) = (true, false);
        self.screen = Screen::CheckAnswers;
    }

    fn asked(&self) -> Vec<String> {
        self.catalogue.questions_for(&self.answers).map(|question| question.id().to_owned()).collect()
    }

    fn is_asked(&self, id: &str) -> bool {
        self.catalogue.questions_for(&self.answers).any(|question| question.id() == id)
    }

    fn asks_document(&self, id: &str) -> bool {
        self.catalogue.documents_for(&self.answers).iter().any(|document| document.id.get_ref() == id)
    }

    /// Every document has been said to be here or to come later.
    pub fn documents_answered(&self) -> bool {
        self.catalogue.documents_answered(&self.answers, &self.documents)
    }

    /// Every question that needs an answer has one.
    fn is_complete(&self) -> bool {
        self.catalogue.is_complete(&self.answers, &self.documents)
    }

    /// The place of the question on the screen among those asked, and their number.
    pub fn progress(&self) -> (usize, usize) {
        let asked = self.asked();
        let here = match &self.screen {
            Screen::Question(screen) => asked.iter().position(|id| *id == screen.question).unwrap_or(0),
            _ => asked.len(),
        };
        (here + 1, asked.len())
    }

    pub fn signature(&self) -> Option<Signature> {
        Signature::from_fractions(&self.strokes).ok()
    }

    fn register(&mut self) -> Vec<Effect> {
        let Some(signature) = self.signature() else { return Vec::new() };
        if !self.is_complete() {
            return Vec::new();
        }
        if let Screen::CommitteeNotice { busy, .. } = &mut self.screen {
            *busy = true;
        }
        vec![Effect::Register(Box::new(Registration {
            language: self.language,
            beneficiary: self.beneficiary,
            versions: self.catalogue.versions(),
            answers: self.answers.clone(),
            documents: self.documents.clone(),
            signature,
        }))]
    }
}

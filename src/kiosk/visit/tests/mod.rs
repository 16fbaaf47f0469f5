mod any_visit;
mod memory;
mod receipts;
mod service;

use std::path::Path;

use proptest::prelude::*;

use chrono::NaiveDate;

use super::*;
use crate::domain::answers::AnswerError;
use crate::domain::calendar::{Calendar, DateError, Today};
use crate::domain::catalogue::DOCUMENTS;
use crate::domain::documents::DocumentState;
use crate::domain::national_id::NationalIdError;
use crate::domain::rating::Face;
use crate::domain::stage::{RequestStatus, Standing};
use crate::domain::tracking_number::TrackingNumber;
use crate::ledger::keeper::{LookUp, Registered};
use crate::seal::envelope::KioskTime;

fn catalogue() -> Arc<Catalogue> {
    let text = include_str!("../../../../config/catalog.toml");
    Arc::new(Catalogue::parse(Path::new("catalog.toml"), text).unwrap())
}

fn today() -> NaiveDate {
    "2026-11-23".parse().unwrap()
}

fn visit() -> Visit {
    Visit::new(Station::Reception, catalogue(), Beneficiary::External)
}

impl Visit {
    fn with(mut self, events: impl IntoIterator<Item = Event>) -> Self {
        for event in events {
            self.handle(event, today());
        }
        self
    }

    fn answer_all(self) -> Self {
        let answers =
            ["self", "1000000008", "نورة بنت سعد القحطاني", "1399-07-04 H", "٠٥٠٠٠٠٠٠٠٠", "widow", "4", "food_basket"];
        let begun = self.with([Event::NewRequest, Event::WithoutReceipt, Event::Next]);
        begun.with(answers.iter().flat_map(|answer| [Event::Enter((*answer).to_owned()), Event::Next]))
    }

    fn answer_documents(self) -> Self {
        self.with([
            Event::SetDocument("id_card".into(), DocumentAnswer::WithMe),
            Event::SetDocument("family_record".into(), DocumentAnswer::Later),
            Event::Next,
        ])
    }

    fn at(&self, question: &str) -> bool {
        matches!(&self.screen, Screen::Question(screen) if screen.question == question)
    }

    fn error(&self) -> Option<&AnswerError> {
        match &self.screen {
            Screen::Question(screen) => screen.error.as_ref(),
            _ => None,
        }
    }
}

fn status() -> RequestStatus {
    let documents = [("family_record".to_owned(), DocumentState::Missing)].into();
    RequestStatus {
        tracking_number: number(),
        service: "rent".into(),
        standing: Standing::received(today(), documents),
    }
}

fn number() -> TrackingNumber {
    TrackingNumber::new(1.try_into().unwrap(), 1)
}

fn registered() -> Registered {
    Registered {
        tracking_number: number(),
        code: crate::domain::code::Code::from_number(1),
        time: KioskTime { at: "2026-11-23T08:00:00Z".parse().unwrap(), trusted: true },
        service: "food_basket".into(),
        missing_documents: vec![],
        place: None,
    }
}

#[test]
fn a_registration_ends_in_a_commit_and_only_then_in_a_receipt() {
    let mut visit = visit().answer_all();
    assert_eq!(visit.screen, Screen::Documents);
    visit = visit.answer_documents();
    assert_eq!(visit.screen, Screen::CheckAnswers);
    visit = visit.with([Event::Next, Event::Next]);
    assert_eq!(visit.screen, Screen::Declaration, "without a signature there is no way on");
    visit = visit.with([Event::StrokeBegan(0.1, 0.5), Event::StrokeMoved(0.5, 0.4)]);
    assert_eq!(visit.handle(Event::Next, today()), [Effect::AskTime]);
    let effects = visit.handle(Event::Next, today());
    let [Effect::Register(registration)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(registration.answers.choice("service"), Some("food_basket"));
    assert_eq!(registration.documents["family_record"], DocumentAnswer::Later);
    assert!(visit.handle(Event::Next, today()).is_empty(), "a second touch registers nothing");
    assert!(visit.handle(Event::Idle, today()).is_empty());
    assert!(
        matches!(visit.screen, Screen::CommitteeNotice { busy: true, .. }),
        "nothing takes an unfinished commit away"
    );

    let registered = registered();
    assert_eq!(visit.handle(Event::Registered(registered.clone()), today()), [Effect::Print(registered)]);
    visit = visit.with([Event::Printed(Printing::Confirmed), Event::Finish]);
    assert!(visit.is_resting());
}

#[test]
fn a_wrong_digit_is_caught_while_typing() {
    let keys = |text: &str| text.chars().map(|key| Event::Key(key.to_string())).collect::<Vec<_>>();
    let start = || {
        visit().with([Event::NewRequest, Event::WithoutReceipt, Event::Next, Event::Choose("self".into()), Event::Next])
    };
    assert_eq!(start().with(keys("3")).error(), Some(&NationalIdError::FirstDigit.into()));
    assert_eq!(start().with(keys("100000000")).error(), None);
    let wrong = start().with(keys("1000000000"));
    assert_eq!(wrong.error(), Some(&NationalIdError::CheckDigit.into()));
    let corrected = wrong.with([Event::Key(DELETE.into()), Event::Key("٨".into())]);
    assert_eq!(corrected.error(), None);
    assert!(corrected.with([Event::Next]).at("name"));
}

#[test]
fn going_back_and_forth_keeps_what_was_typed() {
    let start =
        visit().with([Event::NewRequest, Event::WithoutReceipt, Event::Next, Event::Enter("self".into()), Event::Next]);
    let half = start.with([Event::Enter("10000".into()), Event::Back]);
    assert!(half.at("for"));
    let back = half.with([Event::Next]);
    assert!(
        matches!(&back.screen, Screen::Question(QuestionScreen { input: Input::Number(typed), .. }) if typed.as_str() == "10000")
    );
}

#[test]
fn a_changed_answer_returns_to_the_list_through_what_it_now_asks() {
    let visit = visit().answer_all().answer_documents();
    let visit = visit.with([Event::ChangeAnswer("household".into()), Event::Enter("5".into()), Event::Next]);
    assert_eq!(visit.screen, Screen::CheckAnswers);
    // For somebody else: the applicant's own name and mobile are asked now.
    let visit = visit.with([Event::ChangeAnswer("for".into()), Event::Enter("other".into()), Event::Next]);
    assert!(visit.at("applicant_name"));
    let visit =
        visit.with([Event::Enter("سعد القحطاني".into()), Event::Next, Event::Enter("0500000001".into()), Event::Next]);
    assert_eq!(visit.screen, Screen::CheckAnswers);
    // Another service needs other documents.
    let visit = visit.with([Event::ChangeAnswer("service".into()), Event::Enter("medicine".into()), Event::Next]);
    assert_eq!(visit.screen, Screen::Documents);
    assert_eq!(visit.documents().len(), 1, "the document that is still asked keeps its answer");
}

/// From the list one answer is changed and the list comes back; but whoever goes back from the list goes all the way.
#[test]
fn back_leads_home_from_the_list_too() {
    let listed = || visit().answer_all().answer_documents();
    let changed = listed().with([Event::ChangeAnswer("name".into()), Event::Back]);
    assert_eq!(changed.screen, Screen::CheckAnswers);
    let documents = listed().with([Event::ChangeAnswer(DOCUMENTS.into()), Event::Back]);
    assert_eq!(documents.screen, Screen::CheckAnswers);
    // Documents, eight questions, the privacy notice, the question for a receipt, home.
    let asked = listed().with(std::iter::repeat_n(Event::Back, 12));
    assert_eq!(asked.leaving, Some(Leaving::Home));
    assert!(asked.with([Event::Leave]).is_resting());
    let forward = listed().with([Event::Back, Event::Back, Event::Back, Event::Next]);
    assert_eq!(forward.screen, Screen::CheckAnswers, "nothing is asked twice");
}

#[test]
fn a_date_is_turned_in_both_calendars() {
    let mut date = DateInput::of("2024-01-16".parse().unwrap(), Calendar::Hijri);
    assert_eq!((date.year, date.month, date.day), (1445, 7, 4));
    date.step(DateColumn::Month, 1);
    date.step(DateColumn::Day, -4);
    assert_eq!(date.day, date.days_in_month(), "days go round");
    assert_eq!(date.in_calendar(Calendar::Gregorian).day(), date.day());
    date.step(DateColumn::Year, 10_000);
    assert_eq!(date.year, *date.years().end());
    let mut future = DateInput::of("2029-01-01".parse().unwrap(), Calendar::Gregorian);
    future.step(DateColumn::Year, 1);
    let catalogue = catalogue();
    let question = catalogue.question("birth_date").unwrap();
    let refused = Input::Date(future).answer(question, &catalogue, today());
    assert_eq!(refused, Err(AnswerError::Date(DateError::Future)));
}

/// F9: a clock that isn't trusted refuses nobody's birth date; one that is catches a slip of the year.
#[test]
fn only_a_day_that_can_t_have_come_is_refused() {
    let at_date = || {
        let mut visit = visit().answer_all();
        visit.handle(Event::Home, today());
        visit.handle(Event::Leave, today());
        let answers = ["self", "1000000008", "نورة بنت سعد القحطاني"];
        let begun = visit.with([Event::NewRequest, Event::WithoutReceipt, Event::Next]);
        begun.with(answers.iter().flat_map(|answer| [Event::Enter((*answer).to_owned()), Event::Next]))
    };
    let born = || Event::Enter("2027-03-01".into());
    let mut trusted = at_date().with([born()]);
    trusted.handle(Event::Next, today());
    assert_eq!(trusted.error(), Some(&AnswerError::Date(DateError::Future)));
    let fallen_back = Today { day: "2026-11-01".parse().unwrap(), latest: "2046-11-01".parse().unwrap() };
    let mut visit = at_date().with([born()]);
    visit.handle(Event::Next, fallen_back);
    assert!(visit.at("mobile"));
}

/// Nobody's birth date is taken unasked: the wheels have to be turned, or their day given up.
#[test]
fn a_date_that_nobody_turned_is_no_answer() {
    let at_date = || {
        let mut visit = visit().answer_all();
        visit.handle(Event::Home, today());
        visit.handle(Event::Leave, today());
        let answers = ["self", "1000000008", "نورة بنت سعد القحطاني"];
        let begun = visit.with([Event::NewRequest, Event::WithoutReceipt, Event::Next]);
        begun.with(answers.iter().flat_map(|answer| [Event::Enter((*answer).to_owned()), Event::Next]))
    };
    let untouched = at_date().with([Event::Next]);
    assert_eq!(untouched.error(), Some(&AnswerError::Missing));
    let turned = at_date().with([Event::StepDate(DateColumn::Year, -1), Event::Next]);
    assert!(turned.at("mobile"));
    let unknown = at_date().with([
        Event::ChooseCalendar(Calendar::Gregorian),
        Event::StepDate(DateColumn::Month, 1),
        Event::ToggleDayUnknown,
        Event::StepDate(DateColumn::Day, 3),
        Event::Next,
    ]);
    let Some(crate::domain::answers::Answer::Month(month)) = unknown.answers.get("birth_date") else {
        panic!("{:?}", unknown.answers)
    };
    assert_eq!((month.calendar, month.month), (Calendar::Gregorian, 12));
    let back = unknown.with([Event::Back, Event::ToggleDayUnknown, Event::Next]);
    assert!(matches!(back.answers.get("birth_date"), Some(crate::domain::answers::Answer::Date(_))));
}

#[test]
fn whoever_came_for_another_may_be_the_one_who_is_told() {
    let answers = ["other", "سعد القحطاني", "0500000001", "1000000008", "نورة القحطاني", "1399-07 H"];
    let begun = visit().with([Event::NewRequest, Event::WithoutReceipt, Event::Next]);
    let at_mobile = begun.with(answers.iter().flat_map(|answer| [Event::Enter((*answer).to_owned()), Event::Next]));
    assert!(at_mobile.at("mobile"));
    let taken = at_mobile.with([Event::TakeSame, Event::Next]);
    assert!(taken.at("category"));
    assert_eq!(taken.answers.get("mobile"), taken.answers.get("applicant_mobile"));
    let for_self = visit().answer_all().with([Event::Back, Event::ChangeAnswer("mobile".into())]);
    assert!(for_self.same_answer(for_self.catalogue.question("mobile").unwrap()).is_none());
}

#[test]
fn everyone_is_asked_for_an_earlier_receipt() {
    let asked = visit().with([Event::NewRequest]);
    assert_eq!(asked.screen, Screen::EarlierRequest);
    let follows = visit().with([Event::NewRequest, Event::FollowUp]);
    assert!(matches!(follows.screen, Screen::FollowUp(FollowUp::Ask { .. })));
    assert!(visit().with([Event::NewRequest, Event::Back]).is_resting());
    let service = Event::ShowInformation(Information::Service("rent".into()));
    let wanted = visit().with([Event::Information, service, Event::Next, Event::WithoutReceipt, Event::Next]);
    assert!(matches!(wanted.inputs.get("service"), Some(Input::Choice(chosen)) if chosen.contains("rent")));
}

/// What was signed can't be changed under the signature (P15).
#[test]
fn a_change_takes_the_signature_away() {
    let signed = || {
        let declaring = visit().answer_all().answer_documents().with([Event::Next]);
        declaring.with([Event::StrokeBegan(0.1, 0.5), Event::StrokeMoved(0.5, 0.4), Event::Next, Event::Back])
    };
    assert!(signed().signature().is_some());
    let listed = || signed().with([Event::Back]);
    let same = [Event::ChangeAnswer("household".into()), Event::Next];
    assert!(listed().with(same).signature().is_some(), "nothing has changed");
    let changed = [Event::ChangeAnswer("household".into()), Event::Count(1), Event::Next];
    assert!(listed().with(changed).signature().is_none());
    let document = Event::SetDocument("family_record".into(), DocumentAnswer::WithMe);
    assert!(listed().with([Event::ChangeAnswer(DOCUMENTS.into()), document]).signature().is_none());
}

#[test]
fn answers_of_the_store_arrive_while_the_visitor_is_asked_whether_to_leave() {
    let declaring = visit().answer_all().answer_documents().with([Event::Next]);
    let mut asked = declaring.with([Event::StrokeBegan(0.1, 0.5), Event::Next, Event::Home]);
    assert!(asked.leaving.is_some());
    let time = KioskTime { at: "2026-11-23T08:00:00Z".parse().unwrap(), trusted: true };
    asked.handle(Event::Time(time), today());
    asked.handle(Event::Stay, today());
    assert!(matches!(asked.screen, Screen::CommitteeNotice { time: Some(_), .. }));

    let mut sending = visit().with([Event::Suggest, Event::Enter("شكرًا".into())]);
    assert_eq!(sending.handle(Event::Next, today()).len(), 1);
    sending.handle(Event::Home, today());
    assert!(sending.is_resting(), "what is on its way to the store isn't lost by leaving");
}

#[test]
fn going_back_before_the_first_question_asks_before_answers_are_lost() {
    let back = visit().answer_all().with(std::iter::repeat_n(Event::Back, 9));
    assert_eq!(back.screen, Screen::PrivacyNotice { expanded: false });
    assert!(back.with([Event::Home]).leaving.is_some());
    let further = visit().answer_all().with(std::iter::repeat_n(Event::Back, 11));
    assert!(further.leaving.is_some() && !further.answers.is_empty());
}

#[test]
fn nothing_takes_the_number_away_while_its_receipt_is_printed() {
    let signed = [Event::Next, Event::StrokeBegan(0.1, 0.5), Event::Next, Event::Next];
    let mut printing = visit().answer_all().answer_documents().with(signed).with([Event::Registered(registered())]);
    for event in [Event::Home, Event::Idle, Event::Finish, Event::Leave, Event::Scanned(number().to_string())] {
        printing.handle(event, today());
        assert!(matches!(printing.screen, Screen::Receipt { .. }));
    }
    assert!(printing.with([Event::Printed(Printing::Failed), Event::Finish]).is_resting());
}

#[test]
fn letters_and_colours_are_the_visitor_s_until_the_next_one() {
    let changed = visit().with([Event::ChangeTextSize, Event::ChangeTextSize, Event::ToggleContrast, Event::FollowUp]);
    assert_eq!(changed.appearance(), Appearance { text_size: TextSize::Largest, high_contrast: true });
    let home = changed.with([Event::Home]);
    assert_eq!(home.appearance().text_size, TextSize::Largest, "it's the same person");
    assert_eq!(home.with([Event::Idle]).appearance(), Appearance::default());
    assert_eq!(visit().with(std::iter::repeat_n(Event::ChangeTextSize, 3)).appearance(), Appearance::default());
}

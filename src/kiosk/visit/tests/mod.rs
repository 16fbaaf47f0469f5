mod memory;

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::domain::answers::AnswerError;
use crate::domain::calendar::{Calendar, DateError};
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
fn a_failed_store_prints_nothing() {
    let visit = visit().answer_all().answer_documents();
    let mut visit = visit.with([Event::Next, Event::StrokeBegan(0.1, 0.5), Event::Next, Event::Next]);
    assert!(visit.handle(Event::StoreFailed, today()).is_empty());
    assert_eq!(visit.screen, Screen::OutOfService);
    assert!(visit.answers.is_empty());
}

#[test]
fn a_revoked_kiosk_serves_nobody_and_finishes_what_was_promised() {
    let revoked = || Event::Health(LedgerHealth::Revoked);
    let asked = visit().answer_all().answer_documents();
    let mut cut = asked.with([Event::ChooseLanguage(Language::English), revoked()]);
    assert_eq!(cut.screen, Screen::Revoked);
    assert!(cut.answers.is_empty() && cut.inputs.is_empty());
    for event in [Event::NewRequest, Event::FollowUp, Event::Rate, Event::Home, Event::Scanned("1".into())] {
        assert!(cut.handle(event, today()).is_empty());
        assert_eq!(cut.screen, Screen::Revoked);
    }
    cut.handle(Event::Idle, today());
    assert!(cut.is_untouched() && cut.screen == Screen::Revoked, "the next one reads Arabic");
    // An office that was restored to the time before takes it back.
    cut.handle(Event::Health(LedgerHealth::Well), today());
    assert_eq!(cut.screen, Screen::Home { error: None });

    let visit = visit().answer_all().answer_documents();
    let mut visit = visit.with([Event::Next, Event::StrokeBegan(0.1, 0.5), Event::Next, Event::Next]);
    visit.handle(revoked(), today());
    assert!(visit.is_committing());
    visit = visit.with([Event::Registered(registered()), Event::Printed(Printing::Confirmed)]);
    assert!(matches!(visit.screen, Screen::Receipt { .. }), "its receipt is printed and read");
    visit.handle(Event::Finish, today());
    assert_eq!(visit.screen, Screen::Revoked);
}

#[test]
fn a_later_catalogue_waits_for_the_next_visit() {
    let later = Arc::new(Catalogue { version: 99, ..Catalogue::clone(&catalogue()) });
    let mut resting = visit();
    resting.take_catalogue(later.clone());
    assert_eq!(resting.catalogue().version, 99);

    let mut visit = visit().answer_all();
    visit.take_catalogue(later);
    assert_ne!(visit.catalogue().version, 99, "whoever is here answers what was asked");
    visit.handle(Event::Idle, today());
    assert_eq!(visit.catalogue().version, 99);
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

#[test]
fn by_the_number_alone_documents_are_not_brought() {
    let asking = visit().with([Event::FollowUp, Event::Enter("x".into())]);
    let found = |proved| Event::LookedUp(LookUp::Found { status: status(), proved, rated: false });
    let typed = asking.with([found(false), Event::BringDocuments]);
    assert!(matches!(typed.screen, Screen::FollowUp(FollowUp::Result { proved: false, .. })));
    let scanned = visit().with([Event::FollowUp, found(true), Event::BringDocuments]);
    assert!(matches!(scanned.screen, Screen::FollowUp(FollowUp::Documents { .. })));
}

/// What can't be kept ends this visit, not the service.
#[test]
fn what_cant_be_kept_is_said_and_the_kiosk_goes_on() {
    let signed = visit().answer_all().answer_documents().with([
        Event::Next,
        Event::StrokeBegan(0.1, 0.5),
        Event::StrokeMoved(0.4, 0.2),
        Event::Next,
        Event::Next,
    ]);
    assert!(matches!(signed.screen, Screen::CommitteeNotice { busy: true, .. }));
    let ended = signed.with([Event::NotKept]);
    assert_eq!(ended.screen, Screen::NotKept);
    assert!(ended.answers.is_empty() && ended.strokes.is_empty());
    assert!(matches!(ended.with([Event::Home]).screen, Screen::Home { .. }));
}

#[test]
fn tries_are_limited() {
    let mut visit = visit().with([Event::FollowUp]);
    for _ in 0..TRIES_MAX {
        let effects = visit.handle(Event::Scanned(number().to_string()), today());
        assert_eq!(effects.len(), 1);
        visit.handle(Event::LookedUp(LookUp::Unknown), today());
    }
    assert!(visit.handle(Event::Scanned(number().to_string()), today()).is_empty());
    assert!(matches!(visit.screen, Screen::FollowUp(FollowUp::Ask { error: Some(FollowUpError::TooManyTries), .. })));
}

#[test]
fn only_a_delivered_service_is_rated_and_once() {
    let looked_up = |delivered: bool, rated| {
        let mut status = status();
        status.standing.delivered_on = delivered.then(today);
        Event::LookedUp(LookUp::Found { status, proved: true, rated })
    };
    let refused = |visit: Visit| match visit.screen {
        Screen::Rate(RateScreen::Scan { error, .. }) => error,
        _ => None,
    };
    let start = || visit().with([Event::Rate]);
    assert_eq!(refused(start().with([looked_up(false, false)])), Some(RateError::NotDelivered));
    assert_eq!(refused(start().with([looked_up(true, true)])), Some(RateError::AlreadyRated));
    let mut rating =
        start().with([looked_up(true, false), Event::ChooseFace(Face::ALL[3]), Event::Choose("fast".into())]);
    let effects = rating.handle(Event::Next, today());
    assert!(
        matches!(&effects[..], [Effect::KeepRating { service, rating, receipt: Some(_) }] if service == "rent" && rating.reasons == ["fast"])
    );
    assert!(rating.handle(Event::Next, today()).is_empty());
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

#[test]
fn a_receipt_counts_on_every_screen() {
    let digits = format!("{}00000000000000000000", number());
    let scanned = || Event::Scanned(digits.clone());
    let looks_up = |mut visit: Visit| {
        let effects = visit.handle(scanned(), today());
        assert!(matches!(effects.as_slice(), [Effect::LookUp(_)]), "{:?}: {effects:?}", visit.screen);
    };
    looks_up(visit());
    looks_up(visit().with([Event::NewRequest]));
    looks_up(visit().with([Event::Information]));
    looks_up(visit().with([Event::Suggest]));
    looks_up(visit().with([Event::Rate]));
    looks_up(visit().with([Event::Rate, Event::WithoutReceipt]));
    let found = Event::LookedUp(LookUp::Found { status: status(), proved: true, rated: false });
    looks_up(visit().with([Event::FollowUp, found]));

    // In the middle of a request the visitor is asked first, and keeps the language either way.
    let english = Event::ChooseLanguage(Language::English);
    let answering = visit().with([english]).answer_all();
    let mut asked = answering.with([scanned()]);
    assert!(matches!(asked.leaving, Some(Leaving::FollowUp(_))));
    asked.handle(Event::Stay, today());
    assert!(asked.leaving.is_none() && asked.screen == Screen::Documents);
    asked.handle(scanned(), today());
    let effects = asked.handle(Event::Leave, today());
    assert!(matches!(effects.as_slice(), [Effect::LookUp(_)]));
    assert!(asked.answers.is_empty() && asked.language == Language::English);

    let foreign = visit().answer_all().with([Event::Scanned("WIFI:S:guest;;".into())]);
    assert!(foreign.scan_refused.is_some() && foreign.screen == Screen::Documents);
    assert!(foreign.with([Event::ScanRefusalSeen]).scan_refused.is_none());
}

#[test]
fn a_scan_takes_no_commit_away() {
    let signed = [Event::Next, Event::StrokeBegan(0.1, 0.5), Event::Next, Event::Next];
    let mut busy = visit().answer_all().answer_documents().with(signed);
    assert!(busy.is_committing());
    assert!(busy.handle(Event::Scanned(number().to_string()), today()).is_empty());
    assert!(busy.is_committing() && busy.leaving.is_none());
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
fn at_a_stand_a_receipt_leads_to_its_rating_only() {
    let digits = format!("{}00000000000000000000", number());
    let stand = || Visit::new(Station::Rating, catalogue(), Beneficiary::External);
    let found = Event::LookedUp(LookUp::Found { status: status(), proved: true, rated: false });
    let refused = stand().with([Event::Scanned(digits.clone()), found]);
    assert!(matches!(refused.screen, Screen::Rate(RateScreen::Scan { error: Some(RateError::NotDelivered), .. })));
    assert!(refused.with([Event::Back]).is_untouched());
    // The face of whoever stood here before is kept.
    let mut touched = stand().with([Event::ChooseFace(Face::ALL[0])]);
    let effects = touched.handle(Event::Scanned(digits), today());
    assert!(matches!(effects.as_slice(), [Effect::KeepRating { .. }, Effect::LookUp(_)]), "{effects:?}");
}

#[test]
fn a_number_that_must_wait_stays_typed() {
    let typed = number().to_string();
    let keys = typed.chars().map(|key| Event::Key(key.to_string()));
    let asked = visit().with([Event::FollowUp]).with(keys).with([Event::Next, Event::TryLater(20)]);
    let Screen::FollowUp(FollowUp::Ask { typed: left, error, waiting }) = asked.screen() else { panic!() };
    assert_eq!((left.as_str(), *waiting), (typed.as_str(), false));
    assert_eq!(*error, Some(FollowUpError::Wait { seconds: 20 }));
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

#[test]
fn a_rating_stand_shows_the_faces_and_keeps_what_was_touched() {
    let stand = || Visit::new(Station::Rating, catalogue(), Beneficiary::External);
    assert!(stand().is_untouched());
    assert_eq!(stand().with([Event::Back, Event::NewRequest, Event::Next]).screen, stand().screen);
    let english = stand().with([Event::ChooseLanguage(Language::English)]);
    assert!(!english.is_untouched());
    let mut touched = english.with([Event::ChooseFace(Face::ALL[0]), Event::Choose("slow".into())]);
    // Whoever walks on has rated all the same.
    let effects = touched.handle(Event::Idle, today());
    let [Effect::KeepRating { rating, receipt: None, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((rating.face, rating.reasons.as_slice()), (Face::ALL[0], ["slow".to_owned()].as_slice()));
    assert!(touched.with([Event::Kept, Event::Finish]).is_untouched());
    let mut receipt = stand();
    let scan = format!("{}00000000000000000000", number());
    assert!(matches!(receipt.handle(Event::Scanned(scan), today()).as_slice(), [Effect::LookUp(_)]));
}

#[test]
fn the_reasons_are_those_of_the_face() {
    let reasons = |face, id: &str| {
        let rated =
            visit().with([Event::Rate, Event::WithoutReceipt, Event::ChooseFace(face), Event::Choose(id.into())]);
        match rated.screen {
            Screen::Rate(RateScreen::Reasons { reasons, .. }) => reasons.len(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(reasons(Face::ALL[3], "fast"), 1);
    assert_eq!(reasons(Face::ALL[3], "slow"), 0);
    assert_eq!(reasons(Face::ALL[1], "slow"), 1);
    assert_eq!(reasons(Face::ALL[1], "fast"), 0);
}

fn any_event() -> impl Strategy<Value = Event> {
    let ids = prop::sample::select(vec![
        "self",
        "other",
        "widow",
        "rent",
        "food_basket",
        "id_card",
        "family_record",
        "fast",
        "x",
    ]);
    let raws = prop::sample::select(vec![
        "self",
        "1000000008",
        "نورة سعد",
        "1399-07-04 H",
        "0500000000",
        "widow",
        "4",
        "food_basket",
        "rent",
        "",
        "\u{0}",
    ]);
    let questions = prop::sample::select(vec!["for", "name", "service", "household", "documents", "x"]);
    prop_oneof![
        10 => Just(Event::Next),
        3 => Just(Event::NewRequest),
        2 => prop::sample::select(vec![
            Event::Back, Event::Home, Event::Stay, Event::FollowUp, Event::Rate, Event::Information, Event::Suggest,
            Event::Skip, Event::ReadMore, Event::BringDocuments, Event::Leave, Event::ScanRefusalSeen,
            Event::TakeSame, Event::ToggleDayUnknown, Event::ChangeTextSize, Event::ToggleContrast,
            Event::TryLater(9), Event::StoreFailed, Event::NotKept, Event::WithoutReceipt, Event::ClearSignature, Event::Kept,
            Event::ChooseLanguage(Language::English), Event::ChooseCalendar(Calendar::Gregorian),
            Event::LookedUp(LookUp::Unknown), Event::Printed(Printing::Failed), Event::ChooseFace(Face::ALL[0]),
        ]),
        6 => raws.prop_map(|raw| Event::Enter(raw.to_owned())),
        2 => ids.clone().prop_map(|id| Event::Choose(id.to_owned())),
        3 => ids.prop_map(|id| Event::SetDocument(id.to_owned(), DocumentAnswer::Later)),
        1 => questions.prop_map(|id| Event::ChangeAnswer(id.to_owned())),
        3 => Just(Event::WithoutReceipt),
        1 => ".{0,40}".prop_map(Event::Scanned),
        1 => Just(Event::Scanned(format!("{}00000000000000000000", number()))),
        1 => ".{0,3}".prop_map(Event::Key),
        2 => (any::<f32>(), any::<f32>()).prop_map(|(x, y)| Event::StrokeBegan(x, y)),
        1 => any::<i32>().prop_map(Event::Count),
        1 => any::<i32>().prop_map(|by| Event::StepDate(DateColumn::Year, by)),
        1 => any::<bool>().prop_map(|proved| Event::LookedUp(LookUp::Found { status: status(), proved, rated: false })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    /// Whatever is touched, typed and scanned: no panic, no commit without answers and signature, and a way home that
    /// forgets everything.
    #[test]
    fn any_visit_is_safe(events in prop::collection::vec(any_event(), 0..120)) {
        let mut visit = visit();
        for event in events {
            let signed = visit.signature().is_some();
            for effect in visit.handle(event, today()) {
                if let Effect::Register(registration) = effect {
                    prop_assert!(signed);
                    for question in visit.catalogue.questions_for(&registration.answers) {
                        prop_assert!(question.optional || registration.answers.get(question.id()).is_some());
                    }
                    for document in visit.catalogue.documents_for(&registration.answers) {
                        prop_assert!(registration.documents.contains_key(document.id.get_ref()));
                    }
                }
            }
        }
        if visit.screen == Screen::OutOfService {
            prop_assert!(visit.answers.is_empty() && visit.inputs.is_empty() && visit.strokes.is_empty());
            return Ok(());
        }
        visit.handle(Event::Printed(Printing::Failed), today());
        if visit.is_committing() {
            visit.handle(Event::StoreFailed, today());
            prop_assert!(visit.answers.is_empty());
            return Ok(());
        }
        // "Back" always leads home; only what is finished has no way back.
        for _ in 0..60 {
            visit.handle(Event::Kept, today());
            visit.handle(Event::LookedUp(LookUp::Unknown), today());
            visit.handle(Event::Back, today());
            if visit.leaving == Some(Leaving::Home) && visit.screen == Screen::EarlierRequest {
                visit.handle(Event::Leave, today());
            }
            visit.handle(Event::Stay, today());
        }
        let is_finished = matches!(
            visit.screen,
            Screen::Receipt { .. }
                | Screen::FollowUp(FollowUp::Thanks { .. })
                | Screen::Rate(RateScreen::Thanks)
                | Screen::Suggestion(SuggestionScreen { sent: true, .. })
                | Screen::NoNewRequests
                | Screen::NotKept
        );
        if is_finished {
            visit.handle(Event::Finish, today());
        }
        prop_assert!(matches!(visit.screen, Screen::Home { .. }), "{:?}", visit.screen);
        visit.handle(Event::Idle, today());
        prop_assert!(visit.is_resting());
        prop_assert!(visit.answers.is_empty() && visit.strokes.is_empty() && visit.documents.is_empty());
    }
}

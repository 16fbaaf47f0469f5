//! Any sequence of events.

use super::*;

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

//! What a receipt, or its number, leads to.

use super::*;

#[test]
fn by_the_number_alone_documents_are_not_brought() {
    let asking = visit().with([Event::FollowUp, Event::Enter("x".into())]);
    let found = |proved| Event::LookedUp(LookUp::Found { status: status(), proved, rated: false });
    let typed = asking.with([found(false), Event::BringDocuments]);
    assert!(matches!(typed.screen, Screen::FollowUp(FollowUp::Result { proved: false, .. })));
    let scanned = visit().with([Event::FollowUp, found(true), Event::BringDocuments]);
    assert!(matches!(scanned.screen, Screen::FollowUp(FollowUp::Documents { .. })));
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

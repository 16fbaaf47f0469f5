//! What ends or changes the service under a visit.

use super::*;

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
    cut.handle(Event::ToggleContrast, today());
    assert!(cut.appearance().high_contrast, "what stands there can be made easier to read");
    cut.handle(Event::Idle, today());
    assert!(cut.is_untouched() && cut.screen == Screen::Revoked, "the next one reads Arabic");
    let mut broken = visit().with([revoked(), Event::StoreFailed]);
    assert_eq!(broken.handle(Event::Idle, today()).len(), 0);
    assert_eq!(broken.screen, Screen::OutOfService, "it ends and is started again, and sends what it holds");
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

/// It may be another office's database, to which its requests would never come.
#[test]
fn a_kiosk_that_the_office_doesn_t_know_takes_no_request_and_serves_the_rest() {
    let not_known = || Event::Health(LedgerHealth::NotKnown);
    let asked = visit().answer_all().answer_documents();
    let cut = asked.with([not_known()]);
    assert_eq!(cut.screen, Screen::NoNewRequests);
    assert!(cut.answers.is_empty() && cut.inputs.is_empty());
    let fresh = visit().with([not_known(), Event::NewRequest]);
    assert_eq!(fresh.screen, Screen::NoNewRequests);
    for (event, screen) in [
        (Event::FollowUp, Screen::FollowUp(FollowUp::ask())),
        (Event::Rate, Screen::Rate(RateScreen::Scan { error: None, waiting: false })),
        (Event::Information, Screen::Information(Information::Services)),
    ] {
        assert_eq!(visit().with([not_known(), event]).screen, screen);
    }
    // A request that was promised is still printed and read.
    let visit = self::visit().answer_all().answer_documents();
    let mut visit = visit.with([Event::Next, Event::StrokeBegan(0.1, 0.5), Event::Next, Event::Next]);
    visit.handle(not_known(), today());
    assert!(visit.is_committing());
    visit = visit.with([Event::Registered(registered()), Event::Printed(Printing::Confirmed)]);
    assert!(matches!(visit.screen, Screen::Receipt { .. }));
    visit.handle(Event::Finish, today());
    // Let in again, it goes on by itself.
    let visit = visit.with([Event::Health(LedgerHealth::Well), Event::NewRequest]);
    assert_eq!(visit.screen, Screen::EarlierRequest);
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

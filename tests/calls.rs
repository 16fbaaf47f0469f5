//! "Call staff" with a real office: from the kiosk's side to a page of the staff, and back.

use std::time::{Duration, Instant};

use istiqbal::domain::clock::SystemClock;
use istiqbal::domain::language::Language;
use istiqbal::domain::printer::PrinterState;
use istiqbal::kiosk::config::KioskConfig;
use istiqbal::kiosk::enrolment::Enrolment;
use istiqbal::ledger::handle::{LedgerHandle, Opening};
use istiqbal::replication::calls::{Calling, StaffCaller};
use istiqbal::replication::kiosk::{Keeping, Membership, Replicator};
use istiqbal::replication::wire::CallPlace;

use crate::support::Workplace;
use crate::support::browser::{Browser, Page};

/// A visitor doesn't wait longer for a word.
const PATIENCE: Duration = Duration::from_secs(5);

/// Waits until the call stands so, looking at a page meanwhile where there is one.
fn until(caller: &StaffCaller, wanted: Calling, mut look: impl FnMut()) {
    let watched = caller.watch();
    let begun = Instant::now();
    while *watched.borrow() != wanted {
        let now = *watched.borrow();
        assert!(begun.elapsed() < PATIENCE, "{now:?} instead of {wanted:?}");
        look();
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// What a page in view hears.
fn banner(browser: &mut Browser) -> Page {
    let page = browser.get("/calls/open?visible=true");
    assert_eq!(page.status, 200, "{}", page.text);
    page
}

#[test]
fn a_call_reaches_staff_within_seconds_or_says_that_it_doesnt() {
    let (workplace, office) = Workplace::open();
    let config = KioskConfig::read(&workplace.path("kiosk.toml")).unwrap();
    let enrolment = Enrolment::read(&config.data).unwrap();
    let opening = Opening {
        folder: config.data.clone(),
        identity: enrolment.identity.clone(),
        clock: SystemClock::shared(),
        patience: Duration::from_secs(60),
    };
    let (ledger, _, ledger_thread) = LedgerHandle::start(opening, &|_| {}, |_| {}).unwrap();
    let printer = tokio::sync::watch::channel(PrinterState::Off).1;
    let membership = Membership {
        keys: enrolment.identity.keys().clone(),
        terms: enrolment.terms,
        signature: enrolment.signature,
        name: config.name.clone(),
    };
    let keeping = Keeping { on_catalogue: Box::new(|_| Ok(())), on_enrolment: Box::new(|_| Ok(())) };
    let replicator = Replicator::start(&enrolment.office, membership, ledger.clone(), 1, printer, keeping).unwrap();
    let caller = replicator.caller();

    // Nobody has a page open: the visitor is told so, and as soon as somebody has, that they know.
    caller.call(CallPlace::Registration, Language::English);
    assert_eq!(*caller.watch().borrow(), Calling::Asking);
    until(&caller, Calling::Nobody, || {});
    let mut browser = Browser::signed_in(&office.staff);
    until(&caller, Calling::Shown, || assert!(banner(&mut browser).has_action("/coming")));
    let page = banner(&mut browser);
    let answered = browser.post(&page.action("/coming"), &[("form_token", page.field("form_token"))]);
    assert!(answered.status == 200 && !answered.text.contains("<button>سأحضر الآن"), "{}", answered.text);
    until(&caller, Calling::Coming, || {});
    caller.end();
    assert_eq!(*caller.watch().borrow(), Calling::Idle);
    let begun = Instant::now();
    while banner(&mut browser).text.contains("<li") {
        assert!(begun.elapsed() < PATIENCE, "the call is still there");
        std::thread::sleep(Duration::from_millis(100));
    }

    // Without an office nobody can be called; when it is back, the call comes through before any backoff is over.
    office.end();
    caller.call(CallPlace::Home, Language::Arabic);
    until(&caller, Calling::Nobody, || {});
    std::thread::sleep(PATIENCE);
    let office = workplace.start_office();
    let mut browser = Browser::signed_in(&office.staff);
    until(&caller, Calling::Shown, || drop(banner(&mut browser)));

    replicator.stop();
    drop(ledger);
    ledger_thread.join().unwrap();
    office.end();
}

//! Walks through the real screens: what a visitor and a member of staff do, from the first touch to the last.

use std::io::Write;
use std::time::{Duration, Instant};

use istiqbal::kiosk::pin::Pin;
use istiqbal::kiosk::visit::{Event, FollowUp, FollowUpError, Printing, RateScreen, Screen};
use istiqbal::ledger::keeper::LedgerHealth;
use istiqbal_ui::{Call, HomeAdapter, MaintenanceAdapter, Navigation, TextQuestionAdapter, Theme};
use slint::platform::{Key, PointerEventButton, WindowEvent};
use slint::{ComponentHandle, Model, SharedString};

use super::visitor::{Visitor, WAIT, pass};
use crate::support::browser::Browser;
use crate::support::{registration, zbar};

#[test]
fn a_registration_by_touch_in_arabic_ends_on_paper() {
    let mut visitor = Visitor::new();
    let digits = visitor.register();
    assert!(visitor.touches <= 40, "{} touches", visitor.touches);
    let drawn = visitor.workplace.printer.drawn();
    assert_eq!(zbar(&drawn[0]), [digits.as_str()]);
    visitor.touch("finish");
    assert!(matches!(visitor.lobby.screen(), Screen::Home { .. }));

    visitor.scan(&digits);
    visitor.wait("the follow-up", |screen| matches!(screen, Screen::FollowUp(FollowUp::Result { proved: true, .. })));
    visitor.touch("bring-documents");
    visitor.touch("choice-family_record");
    visitor.forward();
    visitor.wait("thanks", |screen| matches!(screen, Screen::FollowUp(FollowUp::Thanks { .. })));
    visitor.touch("finish");
    visitor.scan("WIFI:S:guest;T:nopass;;");
    assert!(!visitor.lobby.app().global::<HomeAdapter>().get_notice().is_empty(), "a foreign scan is answered");
    visitor.end();
}

#[test]
fn english_mirrors_arabic() {
    let mut visitor = Visitor::new();
    let sides = |visitor: &Visitor| {
        let x = |id| visitor.element(id).absolute_position().x;
        (x("next"), x("back"))
    };
    visitor.touch("home-new-request");
    visitor.touch("choice-new-request");
    let (next, back) = sides(&visitor);
    assert!(next < back, "in Arabic the way on is on the left");
    let arabic = visitor.element("next").accessible_label();
    visitor.touch("home");
    visitor.touch("language-en");
    visitor.touch("home-new-request");
    visitor.touch("choice-new-request");
    let (next, back) = sides(&visitor);
    assert!(next > back, "in English it is on the right");
    assert_ne!(visitor.element("next").accessible_label(), arabic);
    assert!(!visitor.lobby.app().global::<istiqbal_ui::Words>().get_rtl());
    visitor.end();
}

#[test]
fn an_idle_visit_is_warned_of_and_then_forgotten() {
    let mut visitor = Visitor::new();
    visitor.begin();
    visitor.type_keys("10000");
    pass(Duration::from_secs(61));
    visitor.lobby.tick();
    let navigation = || visitor.lobby.app().global::<Navigation>();
    assert!(navigation().get_idle_warning());
    visitor.element("more-time").mock_single_click(PointerEventButton::Left);
    assert!(!navigation().get_idle_warning());
    visitor.at("national_id");
    pass(Duration::from_secs(91));
    visitor.lobby.tick();
    assert!(matches!(visitor.lobby.screen(), Screen::Home { .. }));
    visitor.begin();
    assert_eq!(visitor.lobby.app().global::<istiqbal_ui::NumberQuestionAdapter>().get_display(), "");
    visitor.end();
}

#[test]
fn without_room_new_requests_are_refused_before_the_first_question() {
    let mut visitor = Visitor::new();
    // What the ledger says at its start.
    visitor.lobby.take_news();
    visitor.lobby.handle(Event::Health(LedgerHealth::NoRoom));
    assert!(!visitor.lobby.app().global::<HomeAdapter>().get_notice().is_empty(), "it is said at home already");
    visitor.touch("home-new-request");
    assert_eq!(visitor.lobby.screen(), Screen::NoNewRequests);
    visitor.picture("no-new-requests");
    visitor.touch("home");
    visitor.touch("home-services");
    visitor.touch("home");
    visitor.touch("language-en");
    visitor.picture("home-no-new-requests-en");
    visitor.touch("home-new-request");
    visitor.picture("no-new-requests-en");
    visitor.touch("home");
    visitor.lobby.handle(Event::Health(LedgerHealth::Well));
    visitor.touch("home-new-request");
    visitor.touch("choice-new-request");
    assert!(matches!(visitor.lobby.screen(), Screen::PrivacyNotice { .. }));
    visitor.end();
}

/// A store that fails while nobody is here ends the service; a visitor who is here finishes first.
#[test]
fn a_failed_store_ends_the_service_when_the_visitor_has_gone() {
    let mut visitor = Visitor::new();
    visitor.touch("home-services");
    visitor.lobby.take_news();
    visitor.lobby.handle(Event::Health(LedgerHealth::Failed));
    visitor.lobby.tick();
    assert!(matches!(visitor.lobby.screen(), Screen::Information(_)));
    visitor.touch("home");
    visitor.lobby.tick();
    assert_eq!(visitor.lobby.screen(), Screen::OutOfService);
    assert!(visitor.find("home").is_none(), "there is nothing to go back to");
    visitor.picture("out-of-service");
    visitor.end();
}

#[test]
fn staff_open_the_maintenance_screen_by_their_pin() {
    let mut visitor = Visitor::after(|workplace| {
        workplace.visit(&["--no-print", "--offline"], &registration("نورة القحطاني"));
        let segment = workplace.path("kiosk/journal/00000001.segment");
        std::fs::OpenOptions::new().append(true).open(segment).unwrap().write_all(b"torn").unwrap();
        std::fs::write(workplace.path("kiosk/opening"), "").unwrap();
    });
    let adapter = |visitor: &Visitor| visitor.lobby.app().global::<MaintenanceAdapter>().get_error();
    visitor.lobby.app().global::<HomeAdapter>().invoke_staff_corner();
    visitor.type_keys("4821");
    visitor.touch("next");
    assert!(adapter(&visitor).contains("kiosk pin"), "no PIN is set: {}", adapter(&visitor));
    Pin::set(&visitor.workplace.path("kiosk"), "4821").unwrap();
    visitor.element("key-clear").mock_single_click(PointerEventButton::Left);
    visitor.type_keys("4822");
    visitor.touch("next");
    assert!(!adapter(&visitor).is_empty());
    visitor.picture("maintenance-locked");
    visitor.type_keys("4821");
    visitor.touch("next");
    let unlocked = |visitor: &Visitor| visitor.lobby.app().global::<MaintenanceAdapter>().get_unlocked();
    assert!(unlocked(&visitor));
    let until = Instant::now() + WAIT;
    while visitor.lobby.app().global::<MaintenanceAdapter>().get_rows().row_count() < 7 {
        assert!(Instant::now() < until, "the ledger says nothing");
        visitor.lobby.wait_for_news(Duration::from_millis(100));
    }
    let report = visitor.lobby.app().global::<MaintenanceAdapter>().get_report();
    assert!(report.contains("segment 1") && report.contains("made anew from the journal"), "{report}");
    visitor.picture("maintenance");
    // A scan on this screen is no visitor's.
    visitor.scan("00010000000000000000000000000000");
    assert!(unlocked(&visitor));
    visitor.touch("close");
    visitor.touch("language-en");
    visitor.lobby.app().global::<HomeAdapter>().invoke_staff_corner();
    visitor.type_keys("4821");
    visitor.touch("next");
    assert!(unlocked(&visitor));
    visitor.picture("maintenance-en");
    // Nobody touches it any more: it closes by itself.
    pass(Duration::from_secs(91));
    visitor.lobby.tick();
    assert!(visitor.find("home-new-request").is_some());
    visitor.end();
}

/// A second person's paper, a code from elsewhere, and a receipt in the middle of an answer.
#[test]
fn a_scan_counts_wherever_the_visitor_is() {
    let mut visitor = Visitor::new();
    let digits = visitor.register();
    visitor.touch("finish");
    visitor.touch("home-services");
    visitor.scan(&digits);
    visitor.wait("the follow-up", |screen| matches!(screen, Screen::FollowUp(FollowUp::Result { proved: true, .. })));
    visitor.touch("home");

    visitor.touch("language-en");
    visitor.begin();
    visitor.type_keys("10000");
    visitor.scan("https://example.org/menu");
    visitor.touch("scan-refusal-close");
    visitor.at("national_id");
    visitor.scan(&digits);
    let navigation = || visitor.lobby.app().global::<Navigation>();
    assert!(navigation().get_leave_asked() && navigation().get_leave_for_receipt());
    visitor.picture("leave-for-receipt");
    visitor.touch("stay");
    visitor.at("national_id");
    pass(Duration::from_secs(1));
    visitor.scan(&digits);
    visitor.touch("leave");
    visitor.wait("the follow-up", |screen| matches!(screen, Screen::FollowUp(FollowUp::Result { proved: true, .. })));
    assert!(!visitor.lobby.app().global::<istiqbal_ui::Words>().get_rtl(), "it's the same person, in English");
    visitor.end();
}

/// Layouts change digits and letters, fingers are slow, and a torn scan is none.
#[test]
fn a_scanner_is_told_from_fingers_under_any_layout() {
    let mut visitor = Visitor::new();
    let digits = visitor.register();
    visitor.touch("finish");
    let follows = |visitor: &mut Visitor, text: &str| {
        visitor.scan(text);
        visitor.wait(text, |screen| matches!(screen, Screen::FollowUp(FollowUp::Result { .. })));
        visitor.touch("home");
    };
    let styled = |zero: char| {
        digits.chars().map(move |digit| char::from_u32(zero as u32 + digit.to_digit(10).unwrap()).unwrap())
    };
    let arabic: String = styled('٠').collect();
    let persian: String = styled('۰').collect();
    follows(&mut visitor, &digits);
    follows(&mut visitor, &arabic);
    follows(&mut visitor, &persian);
    // The address before the digits, as an Arabic layout writes it.
    follows(&mut visitor, &format!("اففحس:ـــ{arabic}"));

    let slowly = |visitor: &Visitor, text: &str| {
        for key in text.chars().chain(['\n']) {
            pass(Duration::from_millis(260));
            let window = visitor.lobby.app().window();
            window.dispatch_event(WindowEvent::KeyPressed { text: key.into() });
            window.dispatch_event(WindowEvent::KeyReleased { text: key.into() });
        }
    };
    slowly(&visitor, &digits);
    assert!(matches!(visitor.lobby.screen(), Screen::Home { error: None }), "fingers aren't a scanner");
    visitor.end();
}

/// No key and no shortcut leads out of the program or into a field.
#[test]
fn keys_lead_nowhere() {
    let mut visitor = Visitor::new();
    visitor.begin();
    visitor.type_keys("1000000008");
    visitor.forward();
    visitor.at("name");
    let keys = [
        Key::Control,
        Key::Alt,
        Key::Meta,
        Key::Tab,
        Key::Backtab,
        Key::Escape,
        Key::Return,
        Key::Delete,
        Key::Backspace,
        Key::Home,
        Key::F4,
        Key::F11,
        Key::Menu,
        Key::Shift,
        Key::UpArrow,
    ];
    let before = visitor.lobby.screen();
    for modifier in [Key::Control, Key::Alt, Key::Meta] {
        let press = |text: SharedString| {
            let window = visitor.lobby.app().window();
            window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
            window.dispatch_event(WindowEvent::KeyReleased { text });
        };
        visitor.lobby.app().window().dispatch_event(WindowEvent::KeyPressed { text: modifier.into() });
        keys.iter().for_each(|key| press((*key).into()));
        ["v", "c", "x", "a", "z", "q", "w", "ر", " "].into_iter().for_each(|letter| press(letter.into()));
        visitor.lobby.app().window().dispatch_event(WindowEvent::KeyReleased { text: modifier.into() });
    }
    assert_eq!(visitor.lobby.screen(), before);
    assert_eq!(visitor.lobby.app().global::<TextQuestionAdapter>().get_text(), "");
    visitor.end();
}

#[test]
fn wrong_numbers_slow_the_next_one_down_across_visits() {
    let mut visitor = Visitor::new();
    let mut waits = 0;
    for number in ["000100000010", "000100000028", "000100000036", "000100000044", "000100000052", "000100000069"] {
        let number = istiqbal::domain::tracking_number::TrackingNumber::parse(number)
            .map_or_else(|_| damm(&number[..11]), |number| number.to_string());
        visitor.touch("home-follow-up");
        visitor.type_keys(&number);
        visitor.touch("next");
        visitor.wait("an answer", |screen| {
            matches!(screen, Screen::FollowUp(FollowUp::Ask { waiting: false, error: Some(_), .. }))
        });
        let Screen::FollowUp(FollowUp::Ask { error, .. }) = visitor.lobby.screen() else { unreachable!() };
        waits += usize::from(matches!(error, Some(FollowUpError::Wait { .. })));
        visitor.touch("home");
    }
    assert!(waits >= 2, "{waits} tries had to wait");
    visitor.end();
}

/// The number whose last digit is right.
fn damm(eleven: &str) -> String {
    let fits = |last: &u8| istiqbal::domain::tracking_number::TrackingNumber::parse(&format!("{eleven}{last}")).is_ok();
    format!("{eleven}{}", (0..10).find(fits).unwrap())
}

/// The call reaches an open page of the office, staff say that they come, and both are said on the screen.
#[test]
fn staff_are_called_from_any_screen() {
    let mut visitor = Visitor::new();
    let told = |visitor: &Visitor, wanted: Call| {
        let until = Instant::now() + WAIT;
        while visitor.lobby.app().global::<Navigation>().get_call() != wanted {
            assert!(Instant::now() < until, "{:?}", visitor.lobby.app().global::<Navigation>().get_call());
            visitor.lobby.tick();
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    visitor.touch("home-new-request");
    visitor.touch("call-staff");
    told(&visitor, Call::Nobody);
    visitor.touch("call-close");
    visitor.touch("choice-new-request");

    let mut staff = Browser::signed_in(&visitor.office.staff);
    staff.get("/calls/open?visible=true");
    visitor.touch("call-staff");
    told(&visitor, Call::Shown);
    let open = staff.get("/calls/open?visible=true");
    visitor.touch("call-close");
    // Whoever waits for a colleague isn't hurried.
    pass(Duration::from_secs(100));
    visitor.lobby.tick();
    assert!(!visitor.lobby.app().global::<Navigation>().get_idle_warning());
    staff.post(&open.action("/coming"), &[("form_token", open.field("form_token"))]);
    told(&visitor, Call::Coming);
    visitor.touch("home");
    assert_eq!(visitor.lobby.app().global::<Navigation>().get_call(), Call::Coming, "it's the same person");
    visitor.lobby.handle(Event::Idle);
    assert_eq!(visitor.lobby.app().global::<Navigation>().get_call(), Call::None, "the next one has called nobody");
    visitor.end();
}

#[test]
fn letters_and_colours_change_by_one_touch_each() {
    let mut visitor = Visitor::new();
    visitor.touch("home-new-request");
    let theme = || visitor.lobby.app().global::<Theme>();
    let usual = theme().get_text();
    visitor.element("text-size").mock_single_click(PointerEventButton::Left);
    let large = theme().get_text();
    pass(Duration::from_secs(1));
    visitor.element("text-size").mock_single_click(PointerEventButton::Left);
    let largest = theme().get_text();
    assert!(usual < large && large < largest);
    visitor.element("contrast").mock_single_click(PointerEventButton::Left);
    assert!(theme().get_high_contrast());
    visitor.touch("home");
    assert!(visitor.lobby.app().global::<Theme>().get_high_contrast(), "it's the same person");
    pass(Duration::from_secs(91));
    visitor.lobby.tick();
    assert!(!visitor.lobby.app().global::<Theme>().get_high_contrast());
    assert_eq!(visitor.lobby.app().global::<Theme>().get_text(), usual);
    visitor.end();
}

#[test]
fn a_stand_at_the_exit_takes_ratings_and_nothing_else() {
    let mut visitor = Visitor::after(|workplace| {
        let path = workplace.path("kiosk.toml");
        let text = std::fs::read_to_string(&path).unwrap() + "station = \"rating\"\n";
        std::fs::write(path, text).unwrap();
    });
    let at_faces =
        |visitor: &Visitor| matches!(visitor.lobby.screen(), Screen::Rate(RateScreen::Faces { receipt: None }));
    assert!(at_faces(&visitor));
    visitor.touch("language-en");
    visitor.touch("face-4");
    visitor.touch("choice-fast");
    // The visitor walks on: the rating is kept, and the faces come back.
    pass(Duration::from_secs(16));
    visitor.lobby.tick();
    visitor.wait("thanks", |screen| matches!(screen, Screen::Rate(RateScreen::Thanks)));
    visitor.lobby.tick();
    pass(Duration::from_secs(21));
    visitor.lobby.tick();
    assert!(at_faces(&visitor));
    assert!(visitor.lobby.app().global::<istiqbal_ui::Words>().get_rtl());
    visitor.scan("WIFI:S:guest;;");
    visitor.touch("scan-refusal-close");
    assert!(at_faces(&visitor));
    let until = Instant::now() + WAIT;
    while visitor.workplace.check("office")["ratings"] != 1 {
        assert!(Instant::now() < until, "the rating doesn't arrive");
        std::thread::sleep(Duration::from_millis(100));
    }
    visitor.end();
}

/// The end of a wait for staff takes nothing away at once: the visitor's time begins anew.
#[test]
fn after_waiting_for_staff_there_is_time() {
    let mut visitor = Visitor::new();
    visitor.begin();
    visitor.type_keys("10000");
    let mut staff = Browser::signed_in(&visitor.office.staff);
    staff.get("/calls/open?visible=true");
    visitor.touch("call-staff");
    let call = || visitor.lobby.app().global::<Navigation>().get_call();
    let until = Instant::now() + WAIT;
    while call() != Call::Shown {
        assert!(Instant::now() < until);
        visitor.lobby.tick();
        std::thread::sleep(Duration::from_millis(20));
    }
    pass(Duration::from_secs(200));
    visitor.lobby.tick();
    // The page is closed: nobody can see the call any more.
    while call() != Call::Nobody {
        assert!(Instant::now() < until, "{:?}", call());
        visitor.lobby.tick();
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(visitor.lobby.app().global::<Navigation>().get_call_open(), "whoever was promised somebody is told");
    visitor.lobby.tick();
    visitor.at("national_id");
    pass(Duration::from_secs(61));
    visitor.lobby.tick();
    assert!(visitor.lobby.app().global::<Navigation>().get_idle_warning());
    visitor.at("national_id");
    visitor.end();
}

/// Where the screen is the only receipt, it stays; and a finished page isn't taken from under a finger.
#[test]
fn a_number_that_was_not_printed_stays_on_the_screen() {
    let mut visitor = Visitor::after(|workplace| workplace.configure_kiosk("tcp://127.0.0.1:9"));
    visitor.fill_in();
    visitor.wait("the receipt", |screen| matches!(screen, Screen::Receipt { printing: Printing::Failed, .. }));
    let stays = |visitor: &Visitor| matches!(visitor.lobby.screen(), Screen::Receipt { .. });
    pass(Duration::from_secs(30));
    visitor.lobby.tick();
    assert!(stays(&visitor));
    pass(Duration::from_secs(31));
    visitor.lobby.tick();
    assert!(stays(&visitor) && visitor.lobby.app().global::<Navigation>().get_idle_warning());
    visitor.element("more-time").mock_single_click(PointerEventButton::Left);
    visitor.touch("finish");
    assert!(matches!(visitor.lobby.screen(), Screen::Home { .. }));
    visitor.end();
}

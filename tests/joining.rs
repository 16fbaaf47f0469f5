//! A kiosk joins its office by the scan of an invite, keys and all.

use std::time::{Duration, Instant};

use istiqbal::domain::digits::to_eastern;
use istiqbal::kiosk::joining::Joining;
use istiqbal::kiosk::screens::joining::JoiningState;
use istiqbal::replication::invite::Invite;

use crate::support::{Workplace, registration};

/// Types a scan, and waits for its outcome.
fn scan(joining: &mut Joining, text: &str) -> bool {
    let (say, done) = std::sync::mpsc::channel::<()>();
    for key in text.chars().chain(['\n']) {
        let say = say.clone();
        joining.key(&key.to_string(), move || say.send(()).unwrap());
    }
    if *joining.state() == JoiningState::Busy {
        done.recv_timeout(Duration::from_secs(60)).unwrap();
        // The outcome is there before it is announced.
        return joining.has_joined();
    }
    false
}

#[test]
fn an_invite_s_scan_makes_a_kiosk_of_a_fresh_folder() {
    let workplace = Workplace::new();
    workplace.succeed(&["office", "init"], "office.toml", "");
    let text = workplace.succeed(&["office", "invite", "--print"], "office.toml", "");
    let invite: Invite = text.trim().parse().unwrap();
    let mut joining = Joining::new(workplace.path("kiosk"), "بهو الاستقبال".into());
    for wrong in ["00000000000000", "471280395614", &invite.to_digits()[1..]] {
        assert!(!scan(&mut joining, wrong));
        assert_eq!(*joining.state(), JoiningState::NoInvite, "{wrong}");
    }
    // The office isn't there yet.
    let started = Instant::now();
    assert!(!scan(&mut joining, &invite.to_digits()));
    let unreachable = JoiningState::Unreachable { address: invite.address.clone() };
    assert_eq!(*joining.state(), unreachable, "after {:?}", started.elapsed());

    let office = workplace.start_office();
    let scanned = to_eastern(&invite.to_digits());
    assert!(scan(&mut joining, &scanned), "{:?}", joining.state());
    let answers = workplace.visit(&["--no-print"], &registration("نورة القحطاني"));
    assert!(answers[0]["tracking_number"].as_str().unwrap().starts_with("0001"), "{answers:?}");
    assert_eq!(workplace.check("office")["requests"], 1);

    // Used once, it lets no other kiosk in; wiped, this one gets a new number.
    let mut other = Joining::new(workplace.path("other"), "kiosk".into());
    assert!(!scan(&mut other, &scanned));
    assert_eq!(*other.state(), JoiningState::Refused);
    std::fs::rename(workplace.path("kiosk"), workplace.path("wiped")).unwrap();
    let text = workplace.succeed(&["office", "invite", "--print"], "office.toml", "");
    let mut again = Joining::new(workplace.path("kiosk"), "بهو الاستقبال".into());
    assert!(scan(&mut again, &text.trim().parse::<Invite>().unwrap().to_digits()));
    let answers = workplace.visit(&["--no-print"], &registration("سعد الشهري"));
    assert!(answers[0]["tracking_number"].as_str().unwrap().starts_with("0002"), "{answers:?}");
    office.end();
}

//! Suggestions and complaints may name people: they are erased at somebody's ask, and when their time is over.

use chrono::TimeDelta;

use super::backups::start_again;
use super::erasure::found_in_files;
use super::support::*;
use crate::domain::clock::{Clock, SharedClock};
use crate::domain::record::Record;
use crate::office::keys::{Lock, Opener};
use crate::office::people::Role;
use crate::office::{backup, commands, retention};
use crate::seal::keys::{OfficeKeys, hex, unhex};

const TEXT: &str = "الموظفة فلانة أحسنت إلى أمي";

/// An office with two suggestions, their envelopes, and the id of the first.
async fn office_with_suggestions() -> (TestOffice, TestKiosk, [Vec<u8>; 2], String) {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let mut id = String::new();
    let mut sealed = Vec::new();
    for text in [TEXT, "وسعوا المواقف"] {
        sealed.push(kiosk.seal(&Record::Suggestion { text: text.into() }));
        if id.is_empty() {
            id = hex(&kiosk.next.previous.0);
        }
    }
    kiosk.send(&sealed).await.unwrap();
    (office, kiosk, sealed.try_into().unwrap(), id)
}

async fn erase(office: &TestOffice, id: &str) {
    let mut manager = office.browser(Role::Manager).await;
    let path = format!("/suggestions/{id}/erasure");
    blocking(move || {
        let page = "/suggestions";
        assert!(manager.get(page).text().contains(&path));
        assert_eq!(manager.post_from(page, &path, &[]).status, 422, "nobody confirmed it");
        for _ in 0..2 {
            assert_eq!(manager.post_from(page, &path, &[("confirmed", "yes")]).status, 303, "sent twice it is one");
        }
        let other = format!("/suggestions/{}/erasure", "00".repeat(32));
        assert_eq!(manager.post_from(page, &other, &[("confirmed", "yes")]).status, 303);
        assert_eq!(manager.post_from(page, "/suggestions/x/erasure", &[("confirmed", "yes")]).status, 404);
        assert!(!manager.get(page).text().contains(TEXT));
    })
    .await;
}

#[tokio::test]
async fn one_is_erased_at_somebody_s_ask_and_the_chain_still_proves_itself() {
    let (office, mut kiosk, sealed, id) = office_with_suggestions().await;
    assert!(!found_in_files(&office, TEXT).is_empty(), "it stands there before");
    let mut reception = office.browser(Role::Reception).await;
    let path = format!("/suggestions/{id}/erasure");
    blocking(move || {
        let page = reception.get("/suggestions").text();
        assert!(page.contains(TEXT) && !page.contains("/erasure"));
        assert_eq!(reception.post_from("/", &path, &[("confirmed", "yes")]).status, 403);
    })
    .await;
    erase(&office, &id).await;
    assert_eq!(found_in_files(&office, TEXT), Vec::<String>::new());
    let summary = office.check().await;
    assert!(summary.is_sound() && summary.suggestions == 1 && summary.gaps == 0, "{summary:?}");
    // The same envelope again changes nothing; the chain goes on.
    kiosk.send(&sealed).await.unwrap();
    let next = kiosk.seal(&Record::Suggestion { text: "شكراً".into() });
    assert_eq!(kiosk.send(&[next]).await.unwrap().held[0].head, kiosk.next.previous);
    assert_eq!(found_in_files(&office, TEXT), Vec::<String>::new());
    let summary = office.check().await;
    assert!(summary.is_sound() && summary.suggestions == 2, "{summary:?}");
}

/// An older backup may hold it, or may lack it: then its kiosk sends it again.
#[tokio::test]
async fn a_restore_doesn_t_bring_it_back() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let shared: SharedClock = office.clock.clone();
    let words = "correct horse battery staple";
    let lock = || Some(Lock::passphrase(words.into()).unwrap());
    let before = commands::back_up(&office.config, &shared, lock()).await.unwrap();
    office.clock.advance(TimeDelta::hours(1));
    let sealed = kiosk.seal(&Record::Suggestion { text: TEXT.into() });
    let id = hex(&kiosk.next.previous.0);
    kiosk.send(std::slice::from_ref(&sealed)).await.unwrap();
    let after = commands::back_up(&office.config, &shared, lock()).await.unwrap();
    erase(&office, &id).await;
    let TestOffice { config, server, clock, _folder } = office;
    server.shutdown().await;
    for (backup, erased_again) in [(after, 1), (before, 1)] {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", config.database_path().display()));
        }
        let opener = Opener::passphrase(words.into());
        let restored = backup::restore(&config, &backup.path, opener, clock.now()).await.unwrap();
        assert_eq!(restored.erased_again, erased_again);
        let server = start_again(&config, shared.clone()).await;
        kiosk.invite.address = server.replication_address.to_string();
        kiosk.send(std::slice::from_ref(&sealed)).await.unwrap();
        let office =
            TestOffice { config: config.clone(), server, clock: clock.clone(), _folder: tempfile::tempdir().unwrap() };
        assert_eq!(found_in_files(&office, TEXT), Vec::<String>::new());
        let summary = office.check().await;
        assert!(summary.is_sound() && summary.suggestions == 0 && summary.gaps == 0, "{summary:?}");
        office.server.shutdown().await;
    }
    let logged = config.erased_log(&OfficeKeys::read(&config.data).unwrap()).read_own().unwrap();
    assert_eq!((logged.erasures.len(), logged.damaged.len()), (1, 0));
    assert_eq!(logged.erasures[0].what.subject(), id);
    assert!(unhex::<32>(&id).is_some());
}

#[tokio::test]
async fn what_is_old_is_announced_and_erased_and_a_clock_that_jumps_erases_nothing() {
    let (office, mut kiosk, _, _) = office_with_suggestions().await;
    let running = office.server.office().clone();
    let done = async || retention::carry_out(&running).await.map(|done| (done.announced, done.erased)).unwrap();
    assert_eq!(done().await, (0, 0));
    let years = TimeDelta::days(20 * 365);
    office.clock.advance(years);
    assert_eq!(done().await, (2, 0), "told, and nothing more");
    office.clock.advance(-years);
    assert_eq!(done().await, (0, 0));
    // Left on 2026-11-01: two years are over on 2028-11-01.
    office.clock.advance(at("2028-10-30T08:00:00Z") - office.clock.now());
    let young = kiosk.seal(&Record::Suggestion { text: "جديد".into() });
    kiosk.send(&[young]).await.unwrap();
    assert_eq!(done().await, (2, 0), "what was told on a day that is still to come is told anew");
    let mut manager = office.browser(Role::Manager).await;
    blocking(move || {
        let page = manager.get("/suggestions").text();
        assert_eq!(page.matches("يُحذف في").count(), 2, "{page}");
    })
    .await;
    office.clock.advance(TimeDelta::days(29));
    assert_eq!(done().await, (0, 0));
    office.clock.advance(TimeDelta::days(1));
    assert_eq!(done().await, (0, 2));
    assert_eq!(found_in_files(&office, TEXT), Vec::<String>::new());
    let summary = office.check().await;
    assert!(summary.is_sound() && summary.suggestions == 1, "{summary:?}");
}

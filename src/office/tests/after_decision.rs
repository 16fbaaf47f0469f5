//! What follows a decision, and how a request ends: deliveries in parts, withdrawals, closing; and that a page offers
//! exactly what the server takes.

use chrono::TimeDelta;

use super::committee::{Held, forge, hidden, office_with_requests, submit};
use super::support::*;
use crate::domain::request::Request;
use crate::domain::stage::{Decision, Event};
use crate::office::people::Role;
use crate::replication::wire::Change;
use crate::seal::keys::random;

/// What a page says where the number of steps is counted.
fn count(page: &str, words: &str) -> usize {
    page.matches(&format!("<strong>{words}</strong>")).count()
}

fn verify(browser: &mut Browser, page: &str) {
    for document in ["id_card", "family_record"] {
        let fields = [("document", document), ("step", "verified")];
        assert_eq!(browser.post_from(page, &format!("{page}/documents"), &fields).status, 303);
    }
}

async fn accept(office: &TestOffice, request: &Request) {
    let accepted = Event::Decided { decision: Decision::Accepted, session: None };
    office.server.take_step(request.tracking_number, &accepted).await.unwrap();
}

#[tokio::test]
async fn what_was_accepted_and_is_whole_is_handed_over_in_parts() {
    let (office, kiosk, requests) = office_with_requests(1).await;
    let request = requests[0].clone();
    office.clock.advance(TimeDelta::days(20));
    let page = format!("/requests/{}", request.id);
    let delivery = format!("{page}/delivery");
    let mut manager = office.browser(Role::Manager).await;
    let part = [("part", "part"), ("note", "سلة كانون")];
    {
        let (mut manager, page, delivery) = (manager.clone(), page.clone(), delivery.clone());
        blocking(move || {
            assert_eq!(forge(&mut manager, &delivery, &part).status, 409, "not accepted");
            assert!(hidden(&manager.get(&page).text(), &delivery).is_none());
        })
        .await;
    }
    accept(&office, &request).await;
    blocking(move || {
        assert_eq!(forge(&mut manager, &delivery, &part).status, 409, "documents incomplete");
        verify(&mut manager, &page);
        assert_eq!(submit(&mut manager, &page, &delivery, &[("part", "part")]).status, 422, "it says what");
        let fields = hidden(&manager.get(&page).text(), &delivery).unwrap();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let form = [fields.as_slice(), &part].concat();
        assert_eq!(manager.post(&delivery, &form).status, 303);
        assert_eq!(manager.post(&delivery, &form).status, 303);
        let text = manager.get(&page).text();
        assert_eq!((count(&text, "الجزء ١"), count(&text, "الجزء ٢")), (1, 0), "sent twice, handed over once");
        assert_eq!(forge(&mut manager, &delivery, &[("part", "part"), ("note", "سلة شباط")]).status, 303);
        let second = [("part", "last"), ("note", "سلة آذار")];
        assert_eq!(submit(&mut manager, &page, &delivery, &second).status, 303);
        let other = forge(&mut manager, &delivery, &[("part", "last"), ("note", "سلة نيسان")]);
        assert_eq!(other.status, 409, "somebody else's last part isn't lost silently");
        assert!(other.text().contains("سلة نيسان"));
        let text = manager.get(&page).text();
        for note in ["سلة كانون", "سلة شباط", "سلة آذار"] {
            assert!(text.contains(note));
        }
        assert!(hidden(&text, &delivery).is_none() && hidden(&text, &format!("{page}/ending")).is_none());
    })
    .await;
    let changes = kiosk.changes(None).await.changes;
    let [Change::Request { status, .. }] = changes.as_slice() else { panic!("{changes:?}") };
    assert!(status.standing.delivered_on.is_some());
    assert!(office.check().await.is_sound());
}

#[tokio::test]
async fn a_request_ends_with_a_reason_and_a_confirmation() {
    let (office, _, requests) = office_with_requests(4).await;
    office.clock.advance(TimeDelta::days(3));
    let mut browser = office.browser(Role::Reception).await;
    blocking(move || {
        let pages: Vec<String> = requests.iter().map(|request| format!("/requests/{}", request.id)).collect();
        let numbers: Vec<String> = requests.iter().map(|request| request.tracking_number.to_string()).collect();
        let sure = ("confirmed", "yes");
        let ending = |page: &str| format!("{page}/ending");
        let mut end = |page: &str, fields: &[(&str, &str)]| submit(&mut browser, page, &ending(page), fields);
        let withdrawn = ("why", "withdrawn");
        assert_eq!(end(&pages[0], &[withdrawn, sure]).status, 422, "a reason");
        assert_eq!(end(&pages[0], &[withdrawn, ("note", "استغنى")]).status, 422, "a confirmation");
        assert_eq!(end(&pages[0], &[("why", "else"), ("note", "x"), sure]).status, 403);
        assert_eq!(end(&pages[0], &[withdrawn, ("note", "استغنى"), sure]).status, 303);
        let double = [("why", "double"), ("note", "طلب واحد مرتين"), sure];
        for wrong in ["", "1", "000000000000", numbers[1].as_str()] {
            let answer = end(&pages[1], &[&double[..], &[("number", wrong)]].concat());
            assert_eq!(answer.status, 422, "{wrong}");
            assert!(answer.text().contains("طلب واحد مرتين"), "what was typed isn't lost");
        }
        let ended = end(&pages[1], &[&double[..], &[("number", numbers[0].as_str())]].concat());
        assert_eq!(ended.status, 409, "the other has ended itself");
        let doubled = end(&pages[1], &[&double[..], &[("number", numbers[2].as_str())]].concat());
        assert_eq!(doubled.status, 303, "{}", doubled.text());
        let back = end(&pages[2], &[&double[..], &[("number", numbers[1].as_str())]].concat());
        assert_eq!(back.status, 409, "one of the two goes on");
        assert_eq!(end(&pages[3], &[("why", "expired"), ("note", "لم يُرد"), sure]).status, 303);
        let text = browser.get(&pages[1]).text();
        assert!(text.contains(&pages[2]) && text.contains("طلب واحد مرتين"));
        assert!(hidden(&text, &ending(&pages[1])).is_none());
        let again = forge(&mut browser, &ending(&pages[1]), &[withdrawn, ("note", "x"), sure]);
        assert!(again.status == 409 && again.text().contains("انتهى هذا الطلب"));
        for page in [&pages[0], &pages[1], &pages[3]] {
            assert!(!browser.get(page).text().contains("/delivery\""));
        }
    })
    .await;
    assert!(office.check().await.is_sound());
}

/// Small and good enough: what follows is a walk, not a secret (Steele and others, SplitMix64).
struct Walk(u64);

impl Walk {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

/// Tries steps at random, each by a form made by hand: it is taken exactly when the page offers its form. Nothing is ever
/// handed over that isn't accepted.
#[tokio::test]
async fn a_page_offers_exactly_what_the_server_takes() {
    let seed = u64::from_be_bytes(random());
    eprintln!("seed {seed}");
    let (office, _, requests) = office_with_requests(1).await;
    let request = requests[0].clone();
    let mut walk = Walk(seed);
    let mut open: Option<Held> = None;
    let page = format!("/requests/{}", request.id);
    let mut signed_in = office.browser(Role::Administrator).await;
    for step in 0..80 {
        if step % 8 == 7 {
            // After so long one signs in anew.
            office.clock.advance(TimeDelta::hours(36 + walk.below(72) as i64));
            signed_in = office.browser(Role::Administrator).await;
        }
        let mut user = signed_in.clone();
        let choice = walk.below(11);
        let (mut held, page, request, verified) = (open.take(), page.clone(), request.clone(), walk.below(3) > 0);
        let today = {
            use crate::domain::clock::Clock;
            crate::domain::calendar::riyadh_day(office.clock.now()).to_string()
        };
        open = blocking(move || {
            if let Some(held) = &mut held {
                held.browser = user.clone();
            }
            let text = user.get(&page).text();
            let (action, fields): (String, Vec<(&str, &str)>) = match (choice, &held) {
                (0 | 1, _) => {
                    let document = if choice == 0 { "id_card" } else { "family_record" };
                    let word = if verified { "verified" } else { "returned" };
                    let fields = [("document", document), ("step", word), ("note", "x")];
                    let ended = ["tag delivered\"", "tag withdrawn\"", "tag closed\""];
                    let ended = ended.iter().any(|tag| text.contains(tag));
                    let offered = text.contains(&format!("action=\"{page}/documents\""));
                    assert!(!(ended && offered), "{seed} {step}");
                    let status = user.post_from(&page, &format!("{page}/documents"), &fields).status;
                    // What a document is already changes nothing, and is no mistake.
                    assert!(status == 409 || status == 303, "{seed} {step}: {status}");
                    return held;
                }
                (2, _) => (format!("{page}/objection"), vec![("note", "x")]),
                (3, _) => (format!("{page}/delivery"), vec![("part", "part"), ("note", "x")]),
                (4, _) => (format!("{page}/delivery"), vec![("part", "last"), ("note", "x")]),
                (5, _) if step > 60 => {
                    let fields = vec![("why", "expired"), ("note", "x"), ("confirmed", "yes")];
                    (format!("{page}/ending"), fields)
                }
                (6, None) | (7, None) => return Some(Held::make(user, &today, 3)),
                (6, Some(session)) => {
                    let id = &session.path["/sessions/".len()..];
                    let offered = text.contains(&format!("<option value=\"{id}\""));
                    let stands = text.contains(&format!("معروض في: <a href=\"{}#case", session.path));
                    let fields = [("session", id), ("because", "x")];
                    let status = forge(&mut user, &format!("{page}/session"), &fields).status;
                    assert!(status == if offered || stands { 303 } else { 409 }, "{seed} {step}: {status}");
                    return held;
                }
                (7, Some(session)) => {
                    let sealed = submit(&mut user, &session.path, &format!("{}/seal", session.path), &[]).status;
                    assert_eq!(sealed, 303);
                    return None;
                }
                (_, Some(session)) => {
                    let action = format!("{}/cases/{}/decision", session.path, request.id);
                    let word = if verified { "accepted" } else { "refused" };
                    let offered = hidden(&user.get(&session.path).text(), &action).is_some();
                    let answer = forge(&mut user, &action, &[("decision", word), ("reason", "x"), ("granted", "x")]);
                    assert_eq!(answer.status == 303, offered, "{seed} {step}: {}", answer.text());
                    return held;
                }
                _ => return held,
            };
            let offered = hidden(&text, &action).is_some();
            let answer = forge(&mut user, &action, &fields);
            assert_eq!(answer.status == 303, offered, "{seed} {step} {action}: {}", answer.text());
            held
        })
        .await;
        let mut reading = office.server.office().database.read().await.unwrap();
        let standing = crate::office::database::requests::standing(&mut reading, request.id).await.unwrap().unwrap();
        let handed_over = standing.delivered_on.is_some() || !standing.parts_delivered_on.is_empty();
        let accepted = matches!(standing.committee, crate::domain::stage::Committee::Accepted { .. });
        assert!(!handed_over || accepted, "{seed} {step}: {standing:?}");
        if let Some(on) = standing.committee.decided_on() {
            assert!(on >= standing.not_before(), "{seed} {step}");
        }
    }
    assert!(office.check().await.is_sound(), "{seed}");
}

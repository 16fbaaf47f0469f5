//! A caller with an office of the test's own making, at a quicker pace.

use std::cell::{Cell, RefCell};

use super::*;

const QUICK: Pace = Pace {
    again_after: Duration::from_millis(5),
    believed_for: Duration::from_millis(400),
    lasts: Duration::from_millis(1200),
};

/// What the office answers, and what it was sent.
#[derive(Default)]
struct Fake {
    /// `None`: it can't be reached
    state: Cell<Option<CallState>>,
    sent: RefCell<Vec<CallForStaff>>,
}

impl Fake {
    async fn post(&self, call: CallForStaff) -> Result<CallState, KioskSideError> {
        let Some(state) = self.state.get() else { return Err(KioskSideError::Answer) };
        self.sent.borrow_mut().push(call);
        Ok(state)
    }

    /// For each post that was heard, whether it took the call away.
    fn ends(&self) -> Vec<bool> {
        self.sent.borrow().iter().map(|call| call.ended).collect()
    }

    /// Waits until the call has been taken away, and a little longer.
    async fn until_taken_away(&self) {
        for _ in 0..400 {
            sleep(QUICK.again_after).await;
            if self.ends().last() == Some(&true) {
                return sleep(QUICK.again_after * 6).await;
            }
        }
        panic!("never taken away: {:?}", self.ends());
    }
}

/// Runs the loop beside a test's story.
async fn play(office: &Fake, story: impl AsyncFnOnce(StaffCaller, watch::Receiver<Calling>)) {
    let calls = Calls { pace: QUICK, ..Calls::new() };
    let caller = calls.caller();
    let watched = caller.watch();
    tokio::select! {
        () = calls.keep_asking(async |call| office.post(call).await) => unreachable!("it never ends"),
        () = story(caller, watched) => {}
    }
}

/// Waits until the call stands so.
async fn until(watched: &mut watch::Receiver<Calling>, wanted: Calling) {
    let reached = tokio::time::timeout(Duration::from_secs(2), watched.wait_for(|calling| *calling == wanted)).await;
    reached.unwrap_or_else(|_| panic!("never {wanted:?}")).unwrap();
}

fn arabic(caller: &StaffCaller, place: CallPlace) {
    caller.call(place, Language::Arabic);
}

#[tokio::test]
async fn a_call_is_told_as_it_stands_and_taken_away_at_its_end() {
    let office = Fake::default();
    office.state.set(Some(CallState::Unwatched));
    play(&office, async |caller, mut watched| {
        assert_eq!(*watched.borrow(), Calling::Idle);
        arabic(&caller, CallPlace::Registration);
        assert_eq!(*watched.borrow(), Calling::Asking, "at once");
        until(&mut watched, Calling::Nobody).await;
        office.state.set(Some(CallState::Shown));
        until(&mut watched, Calling::Shown).await;
        office.state.set(Some(CallState::Coming));
        until(&mut watched, Calling::Coming).await;
        caller.end();
        assert_eq!(*watched.borrow(), Calling::Idle, "at once");
        office.until_taken_away().await;
    })
    .await;
    let sent = office.sent.borrow();
    assert!(sent.iter().all(|call| call.id == sent[0].id && call.language == Language::Arabic));
    let ends = office.ends();
    let (last, before) = ends.split_last().unwrap();
    assert!(*last && before.iter().all(|ended| !ended), "taken away once, and never posted again: {ends:?}");
}

#[tokio::test]
async fn an_office_out_of_reach_is_nobody_until_it_is_back() {
    let office = Fake::default();
    play(&office, async |caller, mut watched| {
        arabic(&caller, CallPlace::Home);
        until(&mut watched, Calling::Nobody).await;
        office.state.set(Some(CallState::Shown));
        until(&mut watched, Calling::Shown).await;
        // One lost try changes nothing, long silence does.
        office.state.set(None);
        sleep(QUICK.believed_for / 10).await;
        assert_eq!(*watched.borrow(), Calling::Shown);
        until(&mut watched, Calling::Nobody).await;
        office.state.set(Some(CallState::Coming));
        until(&mut watched, Calling::Coming).await;
        // Whoever has set out is still coming.
        office.state.set(None);
        sleep(QUICK.believed_for * 3 / 2).await;
        assert_eq!(*watched.borrow(), Calling::Coming);
    })
    .await;
}

#[tokio::test]
async fn nothing_lingers_of_a_call_that_ended_offline() {
    let office = Fake::default();
    play(&office, async |caller, mut watched| {
        arabic(&caller, CallPlace::Home);
        until(&mut watched, Calling::Nobody).await;
        caller.end();
        assert_eq!(*watched.borrow(), Calling::Idle);
        office.state.set(Some(CallState::Shown));
        office.until_taken_away().await;
        assert_eq!(*watched.borrow(), Calling::Idle);
    })
    .await;
    // The office may have taken the call in without being heard: it is told once that the call is over.
    assert_eq!(office.ends(), [true]);
}

#[tokio::test]
async fn a_call_is_over_by_itself() {
    let office = Fake::default();
    office.state.set(Some(CallState::Shown));
    play(&office, async |caller, mut watched| {
        arabic(&caller, CallPlace::Home);
        until(&mut watched, Calling::Shown).await;
        // "I'm coming" gives the call its whole time again.
        sleep(QUICK.lasts / 2).await;
        office.state.set(Some(CallState::Coming));
        until(&mut watched, Calling::Coming).await;
        sleep(QUICK.lasts * 2 / 3).await;
        assert_eq!(*watched.borrow(), Calling::Coming);
        until(&mut watched, Calling::Idle).await;
        office.until_taken_away().await;
    })
    .await;
}

#[tokio::test]
async fn a_new_call_takes_the_place_of_the_one_before() {
    let office = Fake::default();
    office.state.set(Some(CallState::Coming));
    play(&office, async |caller, mut watched| {
        arabic(&caller, CallPlace::Rating);
        until(&mut watched, Calling::Coming).await;
        office.state.set(Some(CallState::Unwatched));
        arabic(&caller, CallPlace::FollowUp);
        assert_eq!(*watched.borrow(), Calling::Asking, "nobody is coming for this one");
        until(&mut watched, Calling::Nobody).await;
    })
    .await;
    let ids: std::collections::BTreeSet<_> = office.sent.borrow().iter().map(|call| call.id).collect();
    assert_eq!(ids.len(), 2);
}

#[tokio::test]
async fn an_answer_that_comes_after_the_end_says_nothing() {
    let calls = Calls { pace: QUICK, ..Calls::new() };
    let caller = calls.caller();
    arabic(&caller, CallPlace::Home);
    // The visitor leaves while the answer is on its way.
    let post = async |_| {
        caller.end();
        Ok(CallState::Coming)
    };
    let played = tokio::time::timeout(QUICK.again_after * 6, calls.keep_asking(post)).await;
    assert!(played.is_err(), "it never ends");
    assert_eq!(*caller.watch().borrow(), Calling::Idle);
}

#[test]
fn without_replication_nobody_is_called() {
    let caller = StaffCaller::offline();
    let watched = caller.watch();
    arabic(&caller, CallPlace::Home);
    assert_eq!(*watched.borrow(), Calling::Nobody);
    caller.end();
    assert_eq!(*watched.borrow(), Calling::Idle);
}

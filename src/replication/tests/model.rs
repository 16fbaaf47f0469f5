//! The real store of a kiosk and the real database of an office, with everything between them that can go wrong: batches
//! that are lost, doubled and late, answers that nobody hears, crashes, stores and databases of earlier, clocks that jump.
//!
//! The model counts the requests in the kiosk's store; [`Truth`] knows each envelope and whether it has arrived.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::test_runner::Config;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use tokio::runtime::Runtime;

use super::kiosk_side::{KioskSide, Way};
use super::office_side::OfficeSide;
use super::truth::{self, Truth};
use crate::replication::wire::Acknowledgement;
use crate::seal::envelope::Envelope;
use crate::seal::keys::KioskKeys;
use crate::seal::seed::Seed;

/// Small, so that a few visits are several of them.
const BATCH: usize = 4;
/// So often the kiosk begins anew to send, where it would back off in between; after that it hangs.
const TRIES: usize = 3;

/// What the kiosk's store must hold, and what copies there are.
#[derive(Clone, Debug, Default)]
pub struct Model {
    requests: usize,
    kiosk_copies: Vec<usize>,
    office_copies: usize,
    /// From here on places may be doubled, and what only the replaced store held may be missing
    was_restored: bool,
}

#[derive(Clone, Copy, Debug)]
pub enum Fate {
    /// The office takes it in, and the kiosk hears the answer
    Answered,
    /// The office takes it in, and the answer is lost
    Unanswered,
    /// It doesn't arrive, or only much later
    Late,
}

#[derive(Clone, Debug)]
pub enum Step {
    Register {
        requests: usize,
    },
    /// The power goes right before the sync, or right after it
    RegisterAndCrash {
        is_synced: bool,
    },
    Bring {
        which: usize,
    },
    Crash,
    Restart,
    /// The store behind the journal is gone, and with it all that the office has said
    LoseStore,
    /// One batch, behind others that were passed over
    Send {
        behind: usize,
        fate: Fate,
    },
    /// One of the batches that were ever sent arrives now, once more or for the first time
    ArriveLate {
        which: usize,
    },
    SendAll,
    /// The office names all that it holds
    Ask {
        is_heard: bool,
    },
    Hear {
        page: usize,
        is_heard: bool,
    },
    Verify {
        which: usize,
    },
    CopyKiosk,
    RestoreKiosk {
        which: usize,
        way: Way,
    },
    CopyOffice,
    RestoreOffice {
        which: usize,
    },
    TurnClocks {
        kiosk_hours: i64,
        office_hours: i64,
    },
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(model: &Self) -> BoxedStrategy<Step> {
        let fate = prop_oneof![2 => Just(Fate::Answered), 1 => Just(Fate::Unanswered), 2 => Just(Fate::Late)];
        let hours = || -2000..2000_i64;
        let always = prop_oneof![
            8 => (1..4_usize).prop_map(|requests| Step::Register { requests }),
            2 => any::<bool>().prop_map(|is_synced| Step::RegisterAndCrash { is_synced }),
            2 => any::<usize>().prop_map(|which| Step::Bring { which }),
            1 => Just(Step::Crash),
            1 => Just(Step::Restart),
            1 => Just(Step::LoseStore),
            8 => (0..4_usize, fate).prop_map(|(behind, fate)| Step::Send { behind, fate }),
            4 => any::<usize>().prop_map(|which| Step::ArriveLate { which }),
            3 => Just(Step::SendAll),
            3 => any::<bool>().prop_map(|is_heard| Step::Ask { is_heard }),
            3 => (1..4_usize, any::<bool>()).prop_map(|(page, is_heard)| Step::Hear { page, is_heard }),
            2 => any::<usize>().prop_map(|which| Step::Verify { which }),
            2 => Just(Step::CopyKiosk),
            2 => Just(Step::CopyOffice),
            2 => (hours(), hours())
                .prop_map(|(kiosk_hours, office_hours)| Step::TurnClocks { kiosk_hours, office_hours }),
        ];
        let mut steps = vec![(42, always.boxed())];
        if !model.kiosk_copies.is_empty() {
            let way = prop_oneof![Just(Way::Files), Just(Way::Export)];
            let restore = (0..model.kiosk_copies.len(), way);
            steps.push((3, restore.prop_map(|(which, way)| Step::RestoreKiosk { which, way }).boxed()));
        }
        if model.office_copies > 0 {
            let restore = 0..model.office_copies;
            steps.push((3, restore.prop_map(|which| Step::RestoreOffice { which }).boxed()));
        }
        prop::strategy::Union::new_weighted(steps).boxed()
    }

    fn preconditions(model: &Self, step: &Step) -> bool {
        // Where steps before were left out to find the shortest story.
        match step {
            Step::RestoreKiosk { which, .. } => *which < model.kiosk_copies.len(),
            Step::RestoreOffice { which } => *which < model.office_copies,
            _ => true,
        }
    }

    fn apply(mut model: Self, step: &Step) -> Self {
        match step {
            Step::Register { requests } => model.requests += requests,
            Step::RegisterAndCrash { is_synced } => model.requests += usize::from(*is_synced),
            Step::CopyKiosk => model.kiosk_copies.push(model.requests),
            Step::RestoreKiosk { which, .. } => {
                model.requests = model.kiosk_copies[*which];
                model.was_restored = true;
            }
            Step::CopyOffice => model.office_copies += 1,
            _ => {}
        }
        model
    }
}

/// Both sides, and the truth about them.
pub struct World {
    runtime: Runtime,
    kiosk: KioskSide,
    office: OfficeSide,
    truth: Truth,
    /// All batches that were ever sent
    sent: Vec<Vec<Vec<u8>>>,
}

impl World {
    /// The office takes in a batch; what it says of it is true.
    fn arrive(&mut self, batch: &[Vec<u8>]) -> Acknowledgement {
        self.truth.arrive(batch);
        let acknowledgement = self.runtime.block_on(self.office.take_in(batch));
        for held in &acknowledgement.held {
            assert!(self.truth.bears_out(held), "{held:?}");
        }
        acknowledgement
    }

    fn send(&mut self, behind: usize, fate: Fate) {
        let batch = self.kiosk.unacknowledged(behind, BATCH);
        self.sent.push(batch.clone());
        if let Fate::Late = fate {
            return;
        }
        let acknowledgement = self.arrive(&batch);
        if let Fate::Answered = fate {
            self.acknowledge(&acknowledgement, &batch);
        }
    }

    /// The kiosk hears the office's word; it may write records because of it.
    fn acknowledge(&mut self, acknowledgement: &Acknowledgement, sent: &[Vec<u8>]) -> bool {
        let settled = self.kiosk.acknowledge(acknowledgement, sent);
        self.truth.write(&self.kiosk.envelopes());
        settled
    }

    /// What the kiosk's side does (`Side::send_all`), over a line without trouble; false where it says that it is stuck.
    fn send_once(&mut self) -> bool {
        let mut passed_over = 0;
        for _ in 0..1000 {
            let batch = self.kiosk.unacknowledged(passed_over, BATCH);
            let acknowledgement = self.arrive(&batch);
            let before = self.kiosk.unacknowledged_count();
            let settled = self.acknowledge(&acknowledgement, &batch);
            let left = self.kiosk.unacknowledged_count();
            match (batch.len(), left, passed_over) {
                (0, 1.., _) if settled || passed_over == 0 => {}
                (0, 1.., _) => return false,
                (0, 0, _) => return true,
                (sent, ..) => passed_over = (passed_over + sent).saturating_sub(before.saturating_sub(left)),
            }
        }
        panic!("it sends for ever");
    }

    fn send_all(&mut self) {
        assert!((0..TRIES).any(|_| self.send_once()), "the kiosk is stuck");
        for envelope in self.kiosk.envelopes() {
            assert!(self.truth.holds(&envelope), "acknowledged, and not there: {:?}", envelope.header);
        }
    }

    /// Asks for what has changed; true when there is more.
    fn hear(&mut self, page: usize, is_heard: bool) -> bool {
        let cursor = self.kiosk.keeper().ledger().cursor().unwrap();
        let changes = self.runtime.block_on(self.office.changes(cursor, page));
        if is_heard {
            self.kiosk.take_changes(&changes);
        }
        changes.more
    }

    fn check(&mut self, model: &Model) {
        let envelopes = self.kiosk.envelopes();
        self.truth.write(&envelopes);
        let kept = envelopes.iter().filter_map(truth::request).count();
        assert_eq!(kept, model.requests, "the kiosk's store holds what was promised");

        let unacknowledged = self.kiosk.unacknowledged(0, usize::MAX);
        assert_eq!(unacknowledged.len(), self.kiosk.unacknowledged_count());
        let acknowledged = |envelope: &&Envelope| !unacknowledged.contains(&envelope.encode());
        for envelope in envelopes.iter().filter(acknowledged) {
            assert!(self.truth.ever_held(envelope), "acknowledged, and never held: {:?}", envelope.header);
        }

        let at_office: BTreeSet<_> = self.runtime.block_on(self.office.requests()).into_keys().collect();
        assert_eq!(at_office, self.truth.requests(), "each request that has arrived is there once");
        let (counts, trail) = self.runtime.block_on(self.office.check());
        let found = (counts.requests, counts.forks, counts.gaps, counts.damaged, trail.as_str());
        let expected = (at_office.len() as u64, self.truth.forks(), self.truth.gaps(), 0, "intact");
        assert_eq!(found, expected, "requests, forks, gaps, damaged, trail");
    }
}

impl StateMachineTest for World {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(model: &Model) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let keys = KioskKeys::from_seed(&Seed::fixed(1));
        let office = runtime.block_on(OfficeSide::enrolling(&keys));
        let kiosk = KioskSide::new(keys, &office.enrolled);
        let mut world = Self { runtime, kiosk, office, truth: Truth::default(), sent: Vec::new() };
        world.check(model);
        world
    }

    fn apply(mut world: Self, model: &Model, step: Step) -> Self {
        match step {
            Step::Register { requests } => {
                (0..requests).for_each(|_| world.kiosk.stage_registration());
                world.kiosk.sync();
            }
            Step::RegisterAndCrash { is_synced } => {
                world.kiosk.stage_registration();
                if is_synced {
                    world.kiosk.sync_only();
                }
                world.kiosk.crash();
            }
            Step::Bring { which } => world.kiosk.bring_document(which),
            Step::Crash => world.kiosk.crash(),
            Step::Restart => world.kiosk.restart(),
            Step::LoseStore => world.kiosk.lose_store(),
            Step::Send { behind, fate } => world.send(behind, fate),
            Step::ArriveLate { which } if !world.sent.is_empty() => {
                let batch = world.sent[which % world.sent.len()].clone();
                world.arrive(&batch);
            }
            Step::ArriveLate { .. } => {}
            Step::SendAll => world.send_all(),
            Step::Ask { is_heard } => {
                let acknowledgement = world.arrive(&[]);
                if is_heard {
                    world.acknowledge(&acknowledgement, &[]);
                }
            }
            Step::Hear { page, is_heard } => drop(world.hear(page, is_heard)),
            Step::Verify { which } => world.runtime.block_on(world.office.verify_document(which, "id_card")),
            Step::CopyKiosk => world.kiosk.copy(),
            Step::RestoreKiosk { which, way } => world.kiosk.restore(which, way),
            Step::CopyOffice => {
                world.runtime.block_on(world.office.copy());
                world.truth.copy_office();
            }
            Step::RestoreOffice { which } => {
                world.runtime.block_on(world.office.restore(which));
                world.truth.restore_office(which);
            }
            Step::TurnClocks { kiosk_hours, office_hours } => {
                world.kiosk.clock.advance(TimeDelta::hours(kiosk_hours));
                world.office.clock.advance(TimeDelta::hours(office_hours));
            }
        }
        world.check(model);
        world
    }

    /// When nothing disturbs them any more, both sides are one.
    fn teardown(mut world: Self, model: Model) {
        world.send_all();
        while world.hear(3, true) {}
        world.check(&model);
        assert_eq!(world.kiosk.unacknowledged_count(), 0);
        if !model.was_restored {
            assert_eq!((world.truth.forks(), world.truth.gaps()), (0, 0));
        }
        for (id, status) in world.runtime.block_on(world.office.requests()) {
            assert_eq!(world.kiosk.status(status.tracking_number), Some(status), "{id}");
        }
    }
}

/// Stories of the short run; `ISTIQBAL_MODEL_CASES=2000` is the long one.
fn cases() -> u32 {
    std::env::var("ISTIQBAL_MODEL_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(40)
}

prop_state_machine! {
    #![proptest_config(Config { cases: cases(), max_shrink_iters: 300, ..Config::default() })]

    #[test]
    fn a_kiosk_and_its_office_do_what_their_model_does(sequential 1..24 => World);
}

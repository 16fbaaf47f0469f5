//! Stories that random steps seldom tell.

use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};

use super::kiosk_side::Way;
use super::model::{Model, Step, World};

fn tell(steps: &[Step]) {
    let mut model = Model::default();
    let mut world = World::init_test(&model);
    for step in steps {
        model = <Model as ReferenceStateMachine>::apply(model, step);
        world = <World as StateMachineTest>::apply(world, &model, step.clone());
    }
    World::teardown(world, model);
}

/// The office holds all that the copy holds, and more on its chain: it names a head that the kiosk can't know.
#[test]
fn a_kiosk_of_yesterday_hears_that_the_office_holds_it() {
    for way in [Way::Files, Way::Export] {
        tell(&[
            Step::Register { requests: 2 },
            Step::CopyKiosk,
            Step::Register { requests: 2 },
            Step::SendAll,
            Step::RestoreKiosk { which: 0, way },
        ]);
    }
}

/// The office's copy ends in what the kiosk wrote before it was restored: a foreign head, at which the office must
/// not be believed to hold what it once acknowledged.
#[test]
fn an_office_and_a_kiosk_of_yesterday_lose_nothing_of_today() {
    for requests in [1, 2, 3] {
        tell(&[
            Step::CopyKiosk,
            Step::Register { requests: 2 },
            Step::SendAll,
            Step::CopyOffice,
            Step::RestoreKiosk { which: 0, way: Way::Files },
            Step::Register { requests },
            Step::SendAll,
            Step::RestoreOffice { which: 0 },
            Step::SendAll,
        ]);
    }
}

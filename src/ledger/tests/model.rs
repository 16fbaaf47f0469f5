//! A model of the ledger against the real one: commits, groups, crashes, restarts, acknowledgements of an office that is
//! restored now and then, backups, retention, and stores that are lost.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::Config;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use super::*;

/// What must be true, as numbers of envelopes in the order in which they were written.
#[derive(Clone, Debug, Default)]
struct Model {
    written: usize,
    /// The office's word, as the kiosk last heard and still knows it
    acknowledged: usize,
    backed_up: usize,
    /// Everything before this may have left: both once held it
    may_have_left: usize,
}

#[derive(Clone, Debug)]
enum Step {
    /// Requests, each with a sync of its own
    Commit {
        requests: usize,
    },
    /// So many large records with one sync
    CommitTogether {
        records: usize,
    },
    /// Staged and never synced, as when the power goes before
    StageAndCrash {
        records: usize,
    },
    /// Durable and not in the store, as when the power goes right behind the sync
    SyncAndCrash {
        records: usize,
    },
    Restart,
    /// The share that the office holds now, perhaps less than before, and that its backup holds
    Acknowledge {
        share: f64,
        backed_up: f64,
    },
    Tidy,
    FreshStore,
    LoseStore,
    TearTail,
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        // The opening of the first epoch.
        Just(Self { written: 1, ..Self::default() }).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Step> {
        prop_oneof![
            4 => (1..4_usize).prop_map(|requests| Step::Commit { requests }),
            6 => (1..90_usize).prop_map(|records| Step::CommitTogether { records }),
            2 => (1..4_usize).prop_map(|records| Step::StageAndCrash { records }),
            2 => (1..9_usize).prop_map(|records| Step::SyncAndCrash { records }),
            2 => Just(Step::Restart),
            6 => (0.0..=1.0, 0.0..=1.0).prop_map(|(share, backed_up)| Step::Acknowledge { share, backed_up }),
            4 => Just(Step::Tidy),
            1 => Just(Step::FreshStore),
            1 => Just(Step::LoseStore),
            1 => Just(Step::TearTail),
        ]
        .boxed()
    }

    fn apply(mut model: Self, step: &Step) -> Self {
        match step {
            Step::Commit { requests: count }
            | Step::CommitTogether { records: count }
            | Step::SyncAndCrash { records: count } => model.written += count,
            Step::Acknowledge { share, backed_up } => {
                model.acknowledged = part(model.written, *share);
                model.backed_up = part(model.acknowledged, *backed_up);
                model.may_have_left = model.may_have_left.max(model.backed_up);
            }
            // The office tells it again.
            Step::LoseStore => (model.acknowledged, model.backed_up) = (0, 0),
            // A new epoch begins.
            Step::TearTail => model.written += 1,
            Step::StageAndCrash { .. } | Step::Restart | Step::Tidy | Step::FreshStore => {}
        }
        model
    }
}

fn part(of: usize, share: f64) -> usize {
    ((of as f64) * share).round() as usize
}

/// The real ledger, and what was written to it.
struct Real {
    folder: tempfile::TempDir,
    ledger: Option<Ledger>,
    written: Vec<Header>,
    numbers: BTreeSet<TrackingNumber>,
}

impl Real {
    fn ledger(&mut self) -> &mut Ledger {
        self.ledger.as_mut().unwrap()
    }

    fn stage(&mut self, records: usize) -> Vec<Header> {
        let ledger = self.ledger();
        let staged =
            (0..records).flat_map(|_| ledger.stage(&[Record::Suggestion { text: "x".repeat(5000) }], now()).unwrap());
        staged.collect()
    }

    /// Opens again, and notes the envelope that an opening may write.
    fn open(&mut self, expected: usize) {
        let (ledger, report) = open(self.folder.path());
        assert_eq!(report.lost, []);
        let told = ledger.next.previous;
        if self.written.last().is_none_or(|last| last.hash() != told) {
            let last = envelopes(self.folder.path()).pop().unwrap().header;
            assert_eq!(last.hash(), told);
            self.written.push(last);
        }
        assert_eq!(self.written.len(), expected, "{report:?}");
        self.ledger = Some(ledger);
    }

    /// The office's word, which it gives for each epoch.
    fn acknowledge(&mut self, held: usize, backed_up: usize) {
        let mut words: Vec<Held> = Vec::new();
        for (place, header) in self.written.iter().enumerate() {
            let last =
                Held { epoch: header.epoch, sequence: header.sequence, head: header.hash(), backed_up_through: None };
            let known = words.iter_mut().find(|word| word.epoch == header.epoch);
            if place < held {
                match known {
                    Some(word) => *word = Held { backed_up_through: word.backed_up_through, ..last },
                    None => words.push(last),
                }
            }
            if let Some(word) = words.iter_mut().find(|word| word.epoch == header.epoch).filter(|_| place < backed_up) {
                word.backed_up_through = Some(header.sequence);
            }
        }
        self.ledger().acknowledge(&words, true).unwrap();
    }
}

impl StateMachineTest for Real {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(model: &Model) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut real = Self { folder, ledger: None, written: Vec::new(), numbers: BTreeSet::new() };
        real.open(model.written);
        real
    }

    fn apply(mut real: Self, model: &Model, step: Step) -> Self {
        match step {
            Step::Commit { requests } => {
                for _ in 0..requests {
                    let request = request(real.ledger());
                    assert!(real.numbers.insert(request.tracking_number), "a number was given twice");
                    let headers = real.ledger().commit(&[Record::Request(request)], now()).unwrap();
                    real.written.extend(headers);
                }
            }
            Step::CommitTogether { records } => {
                let headers = real.stage(records);
                real.ledger().sync().unwrap();
                real.ledger().apply().unwrap();
                real.written.extend(headers);
            }
            Step::StageAndCrash { records } => {
                real.stage(records);
                real.ledger = None;
                real.open(model.written);
            }
            Step::SyncAndCrash { records } => {
                let headers = real.stage(records);
                real.ledger().sync().unwrap();
                real.written.extend(headers);
                real.ledger = None;
                real.open(model.written);
            }
            Step::Restart => {
                real.ledger.take().unwrap().close().unwrap();
                real.open(model.written);
            }
            Step::Acknowledge { .. } => real.acknowledge(model.acknowledged, model.backed_up),
            Step::Tidy => drop(real.ledger().tidy().unwrap()),
            Step::FreshStore => real.ledger().take_fresh_store().unwrap(),
            Step::LoseStore => {
                real.ledger = None;
                fs::remove_dir_all(real.folder.path().join("sled")).unwrap();
                real.open(model.written);
            }
            Step::TearTail => {
                real.ledger = None;
                let path = last_segment(real.folder.path());
                overwrite(&path, end_of(&path), b"torn by a power cut");
                real.open(model.written);
            }
        }
        real
    }

    fn check_invariants(real: &Self, model: &Model) {
        let hashes =
            |envelopes: &[Envelope]| envelopes.iter().map(|envelope| envelope.header.hash()).collect::<Vec<_>>();
        let kept = hashes(&envelopes(real.folder.path()));
        let written: Vec<_> = real.written.iter().map(Header::hash).collect();
        let left = written.len() - kept.len();
        assert_eq!(kept, written[left..], "the journal is the end of all that was written, in order");
        assert!(left <= model.may_have_left, "{left} have left, and only {} may", model.may_have_left);
    }

    fn teardown(mut real: Self, model: Model) {
        let kept = envelopes(real.folder.path()).len();
        let left = real.written.len() - kept;
        let unacknowledged = real.ledger().unacknowledged(usize::MAX).unwrap();
        let unacknowledged: Vec<_> =
            unacknowledged.iter().map(|bytes| Envelope::decode(bytes).unwrap().header.hash()).collect();
        let expected: Vec<_> = real.written[model.acknowledged.max(left)..].iter().map(Header::hash).collect();
        assert_eq!(unacknowledged, expected, "just what the office lacks is sent, in order");
        assert_eq!(real.ledger().unacknowledged_count().unwrap(), expected.len() as u64);
        for number in real.numbers.clone() {
            assert!(real.ledger().was_given(number).unwrap());
        }
        real.ledger.take().unwrap().close().unwrap();
        assert_eq!(summary(real.folder.path()).damaged, Vec::<String>::new());
    }
}

prop_state_machine! {
    #![proptest_config(Config { cases: 24, ..Config::default() })]

    #[test]
    fn the_ledger_does_what_its_model_does(sequential 1..40 => Real);
}

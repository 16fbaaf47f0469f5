//! The rule by which witnesses agree on the day: pure, without database and clock.
//!
//! - The **machine's clock** is right as long as nobody contradicts it.
//! - The **trail** is a lower bound: the clock isn't more than 24 hours behind its newest entry.
//! - The **machine's own count** since its start shows a **step**: the clock has jumped by more than 24 hours. Across a
//!   start of the machine, when nothing counted, 7 days may have passed; more is a step, unless kiosks agree with the
//!   clock.
//! - Each **kiosk** that was heard within 24 hours says how far its clock is from the office's. The machine and the
//!   kiosks within 24 hours of it win where they are more than the others; a kiosk that is then alone is an
//!   **outlier**: it is named, and not obeyed.
//!
//! While a doubt is left, nothing is decided or destroyed by days. Without one, today is the earliest, and an arrival
//! counts at the latest of the times that agree.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::domain::calendar::riyadh_day;
use crate::domain::clock::Uptime;
use crate::domain::tracking_number::KioskNumber;
use crate::seal::envelope::KioskTime;

/// Maximum distance of two times that agree.
pub const AGREE_WITHIN: TimeDelta = TimeDelta::hours(24);
/// Maximum time that passes unnoticed while the machine is off: a weekend, a short holiday.
pub const UNWATCHED_MAX: TimeDelta = TimeDelta::days(7);
/// Maximum age of what a kiosk said of its clock.
pub const HEARD_WITHIN: TimeDelta = TimeDelta::hours(24);

/// A kiosk's clock, as the kiosk told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KioskClock {
    pub kiosk: KioskNumber,
    /// Its time
    pub said: DateTime<Utc>,
    /// How far it was ahead of the office's clock when it said so
    pub ahead: TimeDelta,
    pub heard_at: DateTime<Utc>,
}

impl KioskClock {
    pub fn new(kiosk: KioskNumber, said: DateTime<Utc>, heard_at: DateTime<Utc>) -> Self {
        Self { kiosk, said, ahead: said - heard_at, heard_at }
    }
}

/// How a kiosk's clock stands to the office's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// Within 24 hours of it
    Agrees,
    Contradicts,
    /// As far off as when somebody confirmed the day
    KnownWrong,
    /// It shows a time in which there was no such program, as after its battery has died
    Impossible,
}

/// A jump of the office's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The number of the trail's last entry before it
    pub after_entry: i64,
    /// The earliest time that the clock should have shown
    pub expected: DateTime<Utc>,
    pub shown: DateTime<Utc>,
    /// The machine was started anew in between, and more time may have passed
    pub across_boots: bool,
}

impl Step {
    pub fn by(&self) -> TimeDelta {
        self.shown - self.expected
    }

    pub fn is_forward(&self) -> bool {
        self.shown > self.expected
    }
}

/// Steps that undo each other: the clock is back where it would be without them.
pub fn undo_each_other(steps: &[Step]) -> bool {
    let by = steps.iter().fold(TimeDelta::zero(), |sum, step| sum.checked_add(&step.by()).unwrap_or(TimeDelta::MAX));
    let unwatched = steps.iter().any(|step| step.across_boots);
    steps.len() > 1 && (-AGREE_WITHIN..=if unwatched { UNWATCHED_MAX } else { AGREE_WITHIN }).contains(&by)
}

/// The clock's time when it was last found in step. It isn't moved on while the machine runs, so that many small
/// jumps add up to one that is noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub at: DateTime<Utc>,
    pub uptime: Option<Uptime>,
    /// When the office last looked
    pub seen: DateTime<Utc>,
}

impl Reference {
    pub fn new(at: DateTime<Utc>, uptime: Option<Uptime>) -> Self {
        Self { at, uptime, seen: at }
    }

    pub fn is_of_boot(&self, uptime: Option<&Uptime>) -> bool {
        matches!((&self.uptime, uptime), (Some(one), Some(other)) if one.boot == other.boot)
    }

    /// The step that a clock has made which shows `now`.
    pub fn step(&self, now: DateTime<Utc>, uptime: Option<&Uptime>, after_entry: i64) -> Option<Step> {
        let counted = match (&self.uptime, uptime) {
            (Some(before), Some(after)) if before.boot == after.boot => {
                after.milliseconds.checked_sub(before.milliseconds).and_then(TimeDelta::try_milliseconds)
            }
            _ => None,
        };
        let expected = counted.and_then(|passed| self.at.checked_add_signed(passed));
        let (expected, at_most, across_boots) = match expected {
            Some(expected) => (expected, AGREE_WITHIN, false),
            None => (self.seen, UNWATCHED_MAX, true),
        };
        let by = now - expected;
        (!(-AGREE_WITHIN..=at_most).contains(&by)).then_some(Step { after_entry, expected, shown: now, across_boots })
    }
}

/// All that is known of the time.
#[derive(Clone, Debug)]
pub struct Evidence {
    pub machine: DateTime<Utc>,
    /// Before this moment the program didn't exist
    pub earliest: DateTime<Utc>,
    /// The newest entry that isn't void
    pub trail: Option<DateTime<Utc>>,
    pub kiosks: Vec<KioskClock>,
    /// Kiosks whose clocks were found wrong, and how far they were ahead
    pub known_wrong: Vec<(KioskNumber, TimeDelta)>,
    /// Jumps that nobody has settled
    pub steps: Vec<Step>,
}

/// Why the day isn't certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The machine's clock shows a time before the program was built
    BeforeProgram,
    /// It is behind the trail's newest entry
    BehindTrail {
        entry: DateTime<Utc>,
    },
    Jumped(Step),
    /// At least as many kiosks contradict the machine's clock as agree with it and itself
    Kiosks,
}

/// Conclusions from the evidence.
#[derive(Clone, Debug)]
pub struct Reckoning {
    pub machine: DateTime<Utc>,
    /// The earliest and the latest of the times that agree
    pub earliest: DateTime<Utc>,
    pub latest: DateTime<Utc>,
    pub kiosks: Vec<(KioskClock, Says)>,
    pub doubts: Vec<Doubt>,
    /// It may be later than the latest
    pub arrivals_in_doubt: bool,
}

impl Reckoning {
    pub fn is_certain(&self) -> bool {
        self.doubts.is_empty()
    }

    /// Today for whatever needs days to have passed.
    pub fn today(&self) -> NaiveDate {
        riyadh_day(self.earliest)
    }

    /// The day on which something counts that arrives now.
    pub fn arrival_day(&self) -> NaiveDate {
        riyadh_day(self.latest)
    }

    /// Kiosks whose clocks aren't obeyed.
    pub fn outliers(&self) -> impl Iterator<Item = &KioskClock> {
        self.kiosks.iter().filter(|(_, says)| *says != Says::Agrees).map(|(clock, _)| clock)
    }

    /// The jump forward that is in doubt, if one is.
    pub fn jumped_forward(&self) -> bool {
        self.doubts.iter().any(|doubt| matches!(doubt, Doubt::Jumped(step) if step.is_forward()))
    }
}

impl Evidence {
    /// Adds the time of a record: its kiosk's clock has shown it, and may show a later one by now.
    pub fn hear_record(&mut self, kiosk: KioskNumber, at: DateTime<Utc>) {
        let heard = KioskClock::new(kiosk, at, self.machine);
        if !KioskTime::is_possible(at) || heard.ahead <= AGREE_WITHIN {
            return;
        }
        match self.kiosks.iter_mut().find(|known| known.kiosk == kiosk) {
            Some(known) if known.ahead >= heard.ahead => {}
            Some(known) => *known = heard,
            None => self.kiosks.push(heard),
        }
    }

    fn says(&self, clock: &KioskClock) -> Says {
        let is_known = |(kiosk, ahead): &(KioskNumber, TimeDelta)| {
            *kiosk == clock.kiosk && clock.ahead.checked_sub(ahead).is_some_and(|by| by.abs() <= AGREE_WITHIN)
        };
        if clock.said < self.earliest || !KioskTime::is_possible(clock.said) {
            Says::Impossible
        } else if clock.ahead.abs() <= AGREE_WITHIN {
            Says::Agrees
        } else if self.known_wrong.iter().any(is_known) {
            Says::KnownWrong
        } else {
            Says::Contradicts
        }
    }

    pub fn reckon(&self) -> Reckoning {
        let kiosks: Vec<(KioskClock, Says)> = self.kiosks.iter().map(|clock| (*clock, self.says(clock))).collect();
        let that_say = |wanted: Says| kiosks.iter().filter(move |(_, says)| *says == wanted).map(|(clock, _)| clock);
        let agreeing = that_say(Says::Agrees).count();
        let contradicting = that_say(Says::Contradicts).count();
        let ahead = that_say(Says::Contradicts).filter(|clock| clock.ahead > TimeDelta::zero()).count();
        let mut doubts = Vec::new();
        if self.machine < self.earliest {
            doubts.push(Doubt::BeforeProgram);
        }
        let behind = self.trail.map(|entry| (entry, entry - self.machine));
        if let Some((entry, by)) = behind
            && by > AGREE_WITHIN
        {
            doubts.push(Doubt::BehindTrail { entry });
        }
        // After a long closure the kiosks say that time has really passed.
        let is_vouched_for = |step: &Step| step.across_boots && step.is_forward() && agreeing > 0 && contradicting == 0;
        doubts.extend(self.steps.iter().filter(|step| !is_vouched_for(step)).map(|step| Doubt::Jumped(*step)));
        let arrivals_in_doubt = !doubts.is_empty() || ahead > agreeing;
        if contradicting > agreeing {
            doubts.push(Doubt::Kiosks);
        }
        let mut agreed = vec![self.machine];
        agreed.extend(that_say(Says::Agrees).filter_map(|clock| self.machine.checked_add_signed(clock.ahead)));
        let earliest = agreed.iter().min().copied().unwrap_or(self.machine);
        agreed.extend(behind.filter(|(_, by)| *by <= AGREE_WITHIN).map(|(entry, _)| entry));
        let latest = agreed.iter().max().copied().unwrap_or(self.machine);
        Reckoning { machine: self.machine, earliest, latest, kiosks, doubts, arrivals_in_doubt }
    }
}

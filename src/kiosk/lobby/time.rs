//! What time does in the lobby: the idle clock, pages that have served their time, and the quiet between visitors.

use std::time::{Duration, Instant};

use istiqbal_ui::{Navigation, shown};
use slint::ComponentHandle;

use super::Lobby;
use crate::kiosk::idle::Idleness;
use crate::kiosk::screens::maintenance::Maintenance;
use crate::kiosk::screens::receipt;
use crate::kiosk::visit::{Event, FollowUp, Printing, RateScreen, Screen, Station};
use crate::ledger::keeper::LedgerHealth;

/// How long a finished page stays before it makes room for the next visitor; at a rating stand the faces come back sooner.
const FINISHED_STAYS: Duration = Duration::from_secs(20);
const THANKS_STAY_AT_STAND: Duration = Duration::from_secs(5);
/// At a rating stand the reasons give way to the next visitor when nobody has touched them for so long.
const REASONS_STAY: Duration = Duration::from_secs(15);
/// After so long without a visitor the ledger may use the quiet, and so often at most.
const QUIET_AFTER: Duration = Duration::from_secs(600);

/// What the clock finds.
struct Moment {
    idleness: Idleness,
    quiet: Duration,
    /// Something of a visitor is on the screen
    in_use: bool,
    /// Something is under way, or a colleague is: nobody is hurried
    waits: bool,
    gives_way: bool,
    staff_are_here: bool,
    finished: Option<Duration>,
    stays: Duration,
}

impl Lobby {
    /// Once in a while: the idle clock, and pages that have served their time.
    pub fn tick(&self) {
        let now = (self.settings.now)();
        self.use_the_quiet(now);
        self.hear_of_call();
        let moment = self.moment(now);
        if moment.waits {
            return self.hold_the_clock(now);
        }
        match moment.finished {
            Some(passed) => self.count_down(moment.stays.checked_sub(passed)),
            None => self.watch_the_idle_clock(&moment),
        }
    }

    fn moment(&self, now: Instant) -> Moment {
        let state = self.state.borrow();
        let visit = &state.visit;
        let is_out_of_service = *visit.screen() == Screen::OutOfService;
        Moment {
            idleness: state.idle.idleness(now),
            quiet: state.idle.since_touch(now),
            in_use: (!visit.is_untouched() || state.call.is_open()) && !is_out_of_service,
            waits: visit.is_busy() || state.call.is_awaited(),
            gives_way: visit.is_giving_way(),
            staff_are_here: state.maintenance.is_open(),
            finished: state.finished_at.map(|at| now.saturating_duration_since(at)),
            stays: if visit.station() == Station::Rating { THANKS_STAY_AT_STAND } else { FINISHED_STAYS },
        }
    }

    /// The time begins anew when what was waited for has come.
    fn hold_the_clock(&self, now: Instant) {
        {
            let mut state = self.state.borrow_mut();
            state.idle.touch(now);
            state.finished_at = state.finished_at.map(|_| now);
        }
        self.app.global::<Navigation>().set_idle_warning(false);
    }

    fn count_down(&self, left: Option<Duration>) {
        match left {
            Some(left) if !left.is_zero() => {
                receipt::show_seconds_left(&self.app, self.words(), Some(left.as_secs().max(1)));
            }
            _ => self.handle(Event::Finish),
        }
    }

    fn watch_the_idle_clock(&self, moment: &Moment) {
        match moment.idleness {
            _ if moment.gives_way && moment.quiet >= REASONS_STAY => self.handle(Event::Idle),
            Idleness::Warning { seconds_left } if moment.in_use => {
                let navigation = self.app.global::<Navigation>();
                let text = self.words().format("idle-text", &[("seconds", seconds_left.into())]);
                navigation.set_idle_text(shown(text));
                navigation.set_idle_warning(true);
            }
            Idleness::Over if moment.staff_are_here => self.maintain(Maintenance::close),
            Idleness::Over if moment.in_use => self.handle(Event::Idle),
            _ => {}
        }
    }

    /// While nobody is here: a ledger that has failed ends the service, and one that is well is tidied.
    fn use_the_quiet(&self, now: Instant) {
        let (health, is_resting, is_quiet) = {
            let state = self.state.borrow();
            let is_quiet = state.idle.since_touch(now) >= QUIET_AFTER
                && now.saturating_duration_since(state.tidied_at) >= QUIET_AFTER;
            (state.visit.health(), state.visit.is_resting(), is_quiet)
        };
        if is_resting && health == LedgerHealth::Failed {
            self.handle(Event::StoreFailed);
        } else if is_resting && is_quiet {
            self.state.borrow_mut().tidied_at = now;
            self.attendant.tidy();
        }
    }
}

/// Pages that stay for a while and then make room: the receipt once it's printed, and thanks. Where the number on the
/// screen is the only receipt, it stays until the visitor has finished, or has gone.
pub fn is_finished(screen: &Screen) -> bool {
    match screen {
        Screen::Receipt { printing, .. } => *printing == Printing::Confirmed,
        Screen::FollowUp(follow_up) => matches!(follow_up, FollowUp::Thanks { .. }),
        Screen::Rate(rate) => *rate == RateScreen::Thanks,
        Screen::Suggestion(suggestion) => suggestion.sent,
        _ => false,
    }
}

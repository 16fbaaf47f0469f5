//! Whatever is touched, typed, scanned and waited for on the real screens: nothing panics, nothing is registered without
//! declaration and signature, nobody sees what was typed by somebody before, and "back" always leads home.
//!
//! `ISTIQBAL_SEED=N` repeats a run, `ISTIQBAL_VISIT_STEPS=N` makes it longer.

use std::collections::BTreeSet;
use std::time::Duration;

use istiqbal::domain::public_address::receipt_text;
use istiqbal::kiosk::visit::{Event, Input, Printing, Screen};
use istiqbal_ui::DeclarationAdapter;
use slint::platform::{PointerEventButton, WindowEvent};
use slint::{ComponentHandle, LogicalPosition};

use super::boxes::{Boxes, Target};
use super::visitor::{Visitor, pass};
use crate::support::random::{Random, rounds};

/// So many of the last letters, or digits, of what somebody typed come again by chance hardly ever.
const MARK_LETTERS: usize = 6;
const MARK_DIGITS: usize = 8;

struct Passerby {
    visitor: Visitor,
    random: Random,
    visit: u64,
    /// What the one who stands here has typed
    own: BTreeSet<String>,
    /// What others have typed before
    foreign: BTreeSet<String>,
    receipts: Vec<String>,
    registered: usize,
}

impl Passerby {
    fn new(random: Random) -> Self {
        let visitor = Visitor::new();
        let visit = visitor.lobby.visit_number();
        let (own, foreign) = (BTreeSet::new(), BTreeSet::new());
        Self { visitor, random, visit, own, foreign, receipts: Vec::new(), registered: 0 }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.random.below(limit as u64) as usize
    }

    fn step(&mut self) {
        match self.below(40) {
            0..=6 => self.touch_something(),
            7..=33 => self.go_on(),
            34 => self.draw(),
            35 => self.scan(),
            36 => self.wait(),
            37 => self.strike_keys(),
            38 => self.touch("next"),
            _ => self.touch("page-next"),
        }
        self.visitor.lobby.wait_for_news(Duration::from_millis(5));
        self.visitor.lobby.take_news();
        self.look();
    }

    fn targets(&self) -> Vec<Target> {
        let mut targets = Boxes::of(self.visitor.lobby.app()).targets;
        // Staff, and the end of the program, are tried elsewhere.
        targets.retain(|target| target.enabled && !["staff-corner", "restart"].contains(&target.id.as_str()));
        targets
    }

    fn touch_something(&mut self) {
        let targets = self.targets();
        if !targets.is_empty() {
            let place = self.below(targets.len());
            self.press(&targets[place]);
        }
    }

    fn touch(&mut self, id: &str) {
        if let Some(target) = self.targets().into_iter().find(|target| target.id == id) {
            self.press(&target);
        }
    }

    fn press(&mut self, target: &Target) {
        pass(Duration::from_millis(600));
        let place = &target.place;
        self.finger(&[(place.x + place.width / 2.0, place.y + place.height / 2.0)]);
    }

    /// A finger goes down, along, and up.
    fn finger(&self, places: &[(f32, f32)]) {
        let window = self.visitor.lobby.app().window();
        let button = PointerEventButton::Left;
        let at = |(x, y): (f32, f32)| LogicalPosition::new(x, y);
        window.dispatch_event(WindowEvent::PointerPressed { position: at(places[0]), button });
        for place in &places[1..] {
            window.dispatch_event(WindowEvent::PointerMoved { position: at(*place) });
        }
        window.dispatch_event(WindowEvent::PointerReleased { position: at(places[places.len() - 1]), button });
        window.dispatch_event(WindowEvent::PointerExited);
    }

    fn draw(&mut self) {
        let places: Vec<_> = (0..8).map(|_| (self.below(1080) as f32, self.below(1920) as f32)).collect();
        self.finger(&places);
        if let Some(pad) = self.visitor.find("signature-pad") {
            let (corner, size) = (pad.absolute_position(), pad.size());
            let part = |whole: f32, of: usize| whole * (0.1 + 0.1 * of as f32);
            let places: Vec<_> = (0..8)
                .map(|step| {
                    (corner.x + part(size.width, step), corner.y + part(size.height, self.random.below(8) as usize))
                })
                .collect();
            self.finger(&places);
        }
    }

    /// Does what the screen asks for, as most people do.
    fn go_on(&mut self) {
        match self.visitor.lobby.screen() {
            Screen::Home { .. } => self.touch("home-new-request"),
            Screen::EarlierRequest => self.touch("choice-new-request"),
            Screen::Question(screen) => {
                let answer = self.answer(&screen.question, &screen.input);
                self.visitor.lobby.handle(Event::Enter(answer));
                self.touch("next");
            }
            Screen::Documents => {
                for target in self.targets().into_iter().filter(|target| target.id.ends_with("-later")) {
                    self.press(&target);
                }
                self.touch("page-next");
                self.touch("next");
            }
            Screen::Declaration => {
                self.draw();
                self.touch("next");
            }
            Screen::Receipt { .. } => self.touch("finish"),
            _ => self.touch("next"),
        }
    }

    /// A right answer; names and numbers are nobody else's.
    fn answer(&mut self, question: &str, input: &Input) -> String {
        let letters: String =
            (0..8).map(|_| char::from_u32('ا' as u32 + self.random.below(8) as u32 * 2).unwrap_or('ب')).collect();
        let answer = match question {
            "for" => ["self", "other"][self.below(2)].to_owned(),
            "national_id" => self.national_id(),
            "mobile" | "applicant_mobile" => format!("05{:08}", self.random.below(100_000_000)),
            "birth_date" => "1979-05-30".to_owned(),
            "category" => "widow".to_owned(),
            "household" => "4".to_owned(),
            "service" => "food_basket".to_owned(),
            _ => format!("سعد {letters}"),
        };
        if !matches!(input, Input::Choice(_) | Input::Count(_) | Input::Date(_)) {
            self.note(&answer);
        }
        answer
    }

    fn national_id(&mut self) -> String {
        let nine = format!("1{:08}", self.random.below(100_000_000));
        let fits = |last: &u64| istiqbal::domain::national_id::NationalId::parse(&format!("{nine}{last}")).is_ok();
        let last = (0..10).find(fits).unwrap();
        format!("{nine}{last}")
    }

    /// The end of what was typed is a mark: it's nobody else's, and the screens show it in one piece.
    fn note(&mut self, text: &str) {
        let letters: Vec<char> = text.chars().collect();
        let length = if letters[0].is_ascii_digit() { MARK_DIGITS } else { MARK_LETTERS };
        self.own.insert(letters[letters.len() - length..].iter().collect());
    }

    fn scan(&mut self) {
        let known = self.receipts.clone();
        let text = match self.below(4) {
            0 => "WIFI:S:guest;T:nopass;;".to_owned(),
            1 => (0..32).map(|_| char::from(b'0' + self.random.below(10) as u8)).collect(),
            _ if known.is_empty() => "0001".to_owned(),
            _ => known[self.below(known.len())].clone(),
        };
        self.visitor.scan(&text);
    }

    fn wait(&mut self) {
        pass(Duration::from_secs(self.random.below(130)));
        self.visitor.lobby.tick();
    }

    fn strike_keys(&mut self) {
        for _ in 0..5 {
            let keys: Vec<_> = self.targets().into_iter().filter(|target| target.id.starts_with("key-")).collect();
            if !keys.is_empty() {
                let place = self.below(keys.len());
                self.press(&keys[place]);
            }
        }
    }

    /// What is seen now, after whatever happened.
    fn look(&mut self) {
        let visit = self.visitor.lobby.visit_number();
        if visit != self.visit {
            self.visit = visit;
            self.foreign.append(&mut self.own);
            // Rows of a list are let go when the next frame is drawn: that frame is what is seen.
            self.visitor.lobby.app().window().take_snapshot().unwrap();
        }
        let screen = self.visitor.lobby.screen();
        let commands = self.visitor.lobby.app().global::<DeclarationAdapter>().get_commands();
        if let Screen::Receipt { registered, .. } = &screen {
            assert!(!commands.is_empty(), "registered without a signature");
            let digits = receipt_text(None, registered.tracking_number, &registered.code);
            if !self.receipts.contains(&digits) {
                self.receipts.push(digits);
                self.registered += 1;
            }
        }
        let digits = |text: &str| istiqbal::domain::digits::to_western(&text.replace(' ', ""));
        for text in Boxes::of(self.visitor.lobby.app()).texts {
            let seen = digits(&text.text);
            let foreign = self.foreign.iter().find(|mark| seen.contains(&digits(mark)));
            assert!(foreign.is_none(), "{screen:?} shows {foreign:?} of a former visitor: {}", text.text);
        }
    }

    /// "Back", and whatever closes what lies over the screen, leads home.
    fn go_home(&mut self) {
        for _ in 0..80 {
            self.visitor.lobby.wait_for_news(Duration::from_millis(20));
            if matches!(self.visitor.lobby.screen(), Screen::Home { .. }) {
                return;
            }
            let ways = [
                "more-time",
                "call-close",
                "paper-close",
                "scan-refusal-close",
                "leave",
                "page-back",
                "back",
                "finish",
                "home",
                "close",
            ];
            let targets = self.targets();
            let way = ways.iter().find_map(|way| targets.iter().find(|target| target.id == *way));
            let screen = self.visitor.lobby.screen();
            if let Some(way) = way.cloned() {
                self.press(&way);
                self.look();
            } else {
                // Nothing takes a receipt away while it's being printed.
                let is_printed = matches!(screen, Screen::Receipt { printing: Printing::Underway, .. });
                assert!(is_printed, "no way home from {screen:?}");
            }
        }
        panic!("{:?} doesn't lead home", self.visitor.lobby.screen());
    }
}

#[test]
fn any_visit_to_the_real_screens_is_safe() {
    let random = Random::seeded();
    let steps = rounds("ISTIQBAL_VISIT_STEPS", 500);
    let mut passerby = Passerby::new(random);
    for step in 0..steps {
        passerby.step();
        if step % 100 == 99 {
            passerby.go_home();
        }
    }
    assert!(passerby.registered > 0, "nobody registered anything: the walk is too timid");
    passerby.visitor.end();
}

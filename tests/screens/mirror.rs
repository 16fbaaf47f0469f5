//! Right-to-left is the mirror of left-to-right: the same words on the same screen, only the direction changed.

use istiqbal::domain::language::Language;
use istiqbal_ui::Words;
use slint::ComponentHandle;

use super::boxes::Boxes;
use super::easel::{Easel, FORMATS, USUAL};
use super::gallery::STATES;

/// Rounding to whole dots, and letters that lie a little to one side.
const DOTS: f32 = 3.0;

/// What keeps its order in every direction: keys as on a telephone or keyboard, numbers, and codes.
fn keeps_its_place(id: &str) -> bool {
    id.starts_with("key-")
}

fn check(format: usize) {
    let easel = Easel::new(FORMATS[format], Language::English);
    let width = easel.format.width as f32;
    let mut faults = Vec::new();
    for state in STATES {
        easel.show(state, USUAL);
        let ltr = Boxes::of(&easel.app);
        easel.app.global::<Words>().set_rtl(true);
        slint::platform::update_timers_and_animations();
        easel.draw();
        let rtl = Boxes::of(&easel.app);
        let mut fault = |text: String| faults.push(format!("{} ({}): {text}", state.name, easel.format.name));
        for target in ltr.targets.iter().filter(|target| !keeps_its_place(&target.id)) {
            let Some(other) = rtl.targets.iter().find(|other| other.id == target.id) else {
                fault(format!("`{}` is there in one direction only", target.id));
                continue;
            };
            let mirrored = target.place.mirrored(width);
            if (mirrored.x - other.place.x).abs() > DOTS || (mirrored.y - other.place.y).abs() > DOTS {
                fault(format!("`{}` isn't mirrored: {:?} and {:?}", target.id, target.place, other.place));
            }
        }
        for text in &ltr.texts {
            // An IBAN's country stands before its digits in every language.
            let is_number = text.text == "SA" || text.text.chars().all(|letter| !letter.is_alphabetic());
            if is_number || text.owner.is_some() {
                continue;
            }
            let mirrored = text.ink.mirrored(width);
            let is_there = rtl.texts.iter().any(|other| {
                other.text == text.text
                    && (mirrored.x - other.ink.x).abs() <= DOTS
                    && (mirrored.y - other.ink.y).abs() <= DOTS
            });
            if !is_there {
                let others: Vec<_> = rtl.texts.iter().filter(|other| other.text == text.text).map(|t| t.ink).collect();
                fault(format!("isn't mirrored ({:?}, {others:?}): {}", text.ink, text.text));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn right_to_left_mirrors_left_to_right_in_portrait() {
    check(0);
}

#[test]
fn right_to_left_mirrors_left_to_right_in_landscape() {
    check(1);
}

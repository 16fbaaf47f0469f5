//! Millimetres, letters, contrast, overlap and clipping, of every element on every screen (`ux.md`, numbers).

use istiqbal::domain::language::Language;
use istiqbal::kiosk::visit::{Appearance, TextSize};
use slint::{Color, Rgba8Pixel, SharedPixelBuffer};

use super::boxes::{Boxes, Rect, Target, Text};
use super::easel::{Easel, FORMATS, Format, USUAL};
use super::gallery::{STATES, State};

/// Nothing that is touched is smaller, …
const TARGET_LEAST_MM: f32 = 15.0;
/// … and tiles and buttons, touched standing at a large screen, not smaller than this.
const TARGET_MM: f32 = 20.0;
const APART_MM: f32 = 3.0;
/// Nothing is written smaller: the height of a capital or an alef.
const LETTER_LEAST_MM: f32 = 4.8;
/// The heading, and whatever is largest on a screen, is seen under at least this angle.
const LETTER_DEGREES: f32 = 0.7;
const CAPITAL: f32 = 0.698;
const ALEF: f32 = 0.74;
const CONTRAST_LEAST: f64 = 4.5;
/// Rounding to whole dots.
const DOT: f32 = 1.5;

fn check_all(format: Format, language: Language, appearance: Appearance) {
    let easel = Easel::new(format, language);
    let only = std::env::var("ISTIQBAL_ONLY").ok();
    let mut faults = Vec::new();
    for state in STATES.iter().filter(|state| only.as_deref().is_none_or(|only| state.name.starts_with(only))) {
        easel.show(state, appearance);
        let screen = Screen { easel: &easel, state, boxes: Boxes::of(&easel.app), picture: easel.draw() };
        screen.check(&mut faults);
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

struct Screen<'a> {
    easel: &'a Easel,
    state: &'a State,
    boxes: Boxes,
    picture: SharedPixelBuffer<Rgba8Pixel>,
}

impl Screen<'_> {
    fn check(&self, faults: &mut Vec<String>) {
        let mut found = Vec::new();
        self.targets(&mut found);
        self.letters(&mut found);
        self.clipping(&mut found);
        self.overlaps(&mut found);
        self.contrast(&mut found);
        let Format { name, .. } = self.easel.format;
        let code = self.easel.language.code();
        faults.extend(found.into_iter().map(|fault| format!("{} ({name} {code}): {fault}", self.state.name)));
    }

    fn mm(&self, dots: f32) -> f32 {
        dots / self.easel.format.px_per_mm
    }

    fn targets(&self, faults: &mut Vec<String>) {
        let least = |target: &Target| {
            let is_key = target.id.starts_with("key-") || target.id.contains("-up") || target.id.contains("-down");
            if is_key || self.easel.format.name == "small" { TARGET_LEAST_MM } else { TARGET_MM }
        };
        let targets = &self.boxes.targets;
        for (i, target) in targets.iter().enumerate() {
            let side = self.mm(target.place.width.min(target.place.height) + DOT);
            if side < least(target) {
                faults.push(format!("`{}` is {side:.1} mm small", target.id));
            }
            if !self.is_inside(&target.place) {
                faults.push(format!("`{}` reaches out of the screen: {:?}", target.id, target.place));
            }
            for other in &targets[i + 1..] {
                let apart = self.mm(target.place.gap(&other.place) + DOT);
                if target.owner != other.owner && apart < APART_MM {
                    faults.push(format!("`{}` and `{}` are {apart:.1} mm apart", target.id, other.id));
                }
            }
            if target.label.is_empty() {
                faults.push(format!("`{}` says nothing to who can't see", target.id));
            }
        }
    }

    fn letters(&self, faults: &mut Vec<String>) {
        let height = |text: &Text| {
            let is_arabic = text.text.chars().any(|letter| ('\u{600}'..='\u{6FF}').contains(&letter));
            self.mm(text.size) * if is_arabic { ALEF } else { CAPITAL }
        };
        for text in &self.boxes.texts {
            if height(text) < LETTER_LEAST_MM {
                faults.push(format!("letters of {:.1} mm: {}", height(text), text.text));
            }
        }
        let largest = self.boxes.texts.iter().map(height).fold(0.0, f32::max);
        let distance_mm = self.easel.format.viewing_distance_cm * 10.0;
        let wanted = 2.0 * distance_mm * (LETTER_DEGREES / 2.0).to_radians().tan();
        if largest + 0.05 < wanted {
            faults.push(format!("nothing is written larger than {largest:.1} mm, of {wanted:.1}"));
        }
    }

    fn clipping(&self, faults: &mut Vec<String>) {
        for text in &self.boxes.texts {
            // A line is higher than its letters by this.
            let slack = text.size * 0.4;
            if !text.is_a_part && text.wanted_height > text.place.height + slack {
                let more = text.wanted_height - text.place.height;
                faults.push(format!("{more:.0} dots too high for its place: {}", text.text));
            }
            if !text.wraps && text.wanted_width > text.place.width + DOT {
                let more = text.wanted_width - text.place.width;
                faults.push(format!("{more:.0} dots too wide for its place: {}", text.text));
            }
            if !self.is_inside(&text.ink) {
                faults.push(format!("written out of the screen at {:?}: {}", text.ink, text.text));
            }
        }
    }

    fn overlaps(&self, faults: &mut Vec<String>) {
        let deep = 2.0;
        for (i, text) in self.boxes.texts.iter().enumerate() {
            for other in &self.boxes.texts[i + 1..] {
                if text.ink.overlap(&other.ink) > deep {
                    faults.push(format!("written over each other: {} / {}", text.text, other.text));
                }
            }
            let others = self.boxes.targets.iter().filter(|target| target.owner != text.owner);
            // The staff's corner isn't seen.
            for target in others.filter(|target| target.id != "staff-corner") {
                if text.ink.overlap(&target.place) > deep {
                    faults.push(format!("`{}` lies over: {}", target.id, text.text));
                }
            }
        }
    }

    fn contrast(&self, faults: &mut Vec<String>) {
        for text in &self.boxes.texts {
            let disabled = self.boxes.targets.iter().any(|target| target.owner == text.owner && !target.enabled);
            if disabled || text.color.alpha() == 0 {
                continue;
            }
            let ground = self.ground(&text.ink);
            let contrast = contrast(text.color, ground);
            if contrast < CONTRAST_LEAST {
                faults.push(format!("contrast {contrast:.1} of {:?} on {ground:?}: {}", text.color, text.text));
            }
        }
    }

    /// The colour that most dots around the letters have.
    fn ground(&self, ink: &Rect) -> Color {
        let mut counts = std::collections::HashMap::new();
        let (width, height) = (self.picture.width() as i32, self.picture.height() as i32);
        let pixels = self.picture.as_slice();
        for y in ((ink.y as i32).max(0)..(ink.bottom() as i32).min(height)).step_by(2) {
            for x in ((ink.x as i32 - 4).max(0)..(ink.right() as i32 + 4).min(width)).step_by(2) {
                let pixel = pixels[(y * width + x) as usize];
                *counts.entry((pixel.r, pixel.g, pixel.b)).or_insert(0_u32) += 1;
            }
        }
        let (r, g, b) = counts.into_iter().max_by_key(|(_, count)| *count).map_or((0, 0, 0), |(color, _)| color);
        Color::from_rgb_u8(r, g, b)
    }

    fn is_inside(&self, place: &Rect) -> bool {
        let Format { width, height, .. } = self.easel.format;
        place.x >= -DOT
            && place.y >= -DOT
            && place.right() <= width as f32 + DOT
            && place.bottom() <= height as f32 + DOT
    }
}

/// WCAG 2.2, contrast ratio.
fn contrast(one: Color, other: Color) -> f64 {
    let luminance = |color: Color| {
        let part = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(color.red()) + 0.7152 * part(color.green()) + 0.0722 * part(color.blue())
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

macro_rules! geometry {
    ($($name:ident: $format:literal $language:ident;)*) => { $(
        #[test]
        fn $name() {
            check_all(FORMATS[$format], Language::$language, USUAL);
        }
    )* };
}

geometry! {
    every_screen_is_right_in_portrait_and_arabic: 0 Arabic;
    every_screen_is_right_in_portrait_and_english: 0 English;
    every_screen_is_right_in_landscape_and_arabic: 1 Arabic;
    every_screen_is_right_in_landscape_and_english: 1 English;
    every_screen_is_right_on_a_small_screen_and_in_arabic: 2 Arabic;
    every_screen_is_right_on_a_small_screen_and_in_english: 2 English;
}

fn with_letters(format: usize, language: Language, text_size: TextSize) {
    check_all(FORMATS[format], language, Appearance { text_size, high_contrast: true });
}

#[test]
fn large_letters_fit_every_screen() {
    with_letters(0, Language::Arabic, TextSize::Large);
}

#[test]
fn the_largest_letters_fit_every_screen_in_arabic() {
    with_letters(0, Language::Arabic, TextSize::Largest);
}

#[test]
fn the_largest_letters_fit_every_screen_in_english() {
    with_letters(0, Language::English, TextSize::Largest);
}

#[test]
fn the_largest_letters_fit_a_landscape_screen() {
    with_letters(1, Language::Arabic, TextSize::Largest);
}

#[test]
fn the_largest_letters_fit_a_small_screen() {
    with_letters(2, Language::English, TextSize::Largest);
}

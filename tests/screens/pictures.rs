//! A stored picture of every screen: whatever changes is seen, looked at by a person, and stored anew by one command.
//!
//! `make pictures` renews them. A picture is drawn at the screen's own size and stored at a third of it, in few colours:
//! enough to see every letter, and small enough to keep.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use istiqbal::domain::language::Language;
use istiqbal::kiosk::visit::{Appearance, TextSize};
use slint::{Rgba8Pixel, SharedPixelBuffer};

use super::easel::{Easel, FORMATS, Format, USUAL};
use super::gallery::STATES;

/// A dot differs when one of its colours does by more than this, of 255; less is antialiasing.
const SAME_COLOUR: u8 = 40;
/// So many dots may differ: two letters' edges.
const DIFFERENT_DOTS_MAX: usize = 40;
/// Each colour is stored in this many steps.
const STEP: u8 = 16;
/// So many dots of the screen, each way, are one of the stored picture.
const SCALE: u32 = 3;
/// With these states the largest letters and the clear colours are shown.
const IN_CLEAR_COLOURS: [&str; 8] = [
    "home",
    "question-national-id-wrong",
    "question-name-typed",
    "question-service",
    "check-answers",
    "declaration-signed",
    "receipt-printed",
    "follow-up-missing",
];

/// A small picture: three bytes a dot.
struct Picture {
    width: u32,
    height: u32,
    dots: Vec<u8>,
}

impl Picture {
    /// The mean of each square of dots, in coarse steps.
    fn of(drawn: &SharedPixelBuffer<Rgba8Pixel>) -> Self {
        let (width, height) = (drawn.width() / SCALE, drawn.height() / SCALE);
        let source = drawn.as_slice();
        let mut dots = Vec::with_capacity((width * height * 3) as usize);
        for y in 0..height {
            for x in 0..width {
                let mut sums = [0_u32; 3];
                for row in 0..SCALE {
                    let from = ((y * SCALE + row) * drawn.width() + x * SCALE) as usize;
                    for dot in &source[from..from + SCALE as usize] {
                        sums[0] += u32::from(dot.r);
                        sums[1] += u32::from(dot.g);
                        sums[2] += u32::from(dot.b);
                    }
                }
                dots.extend(sums.map(|sum| (sum / (SCALE * SCALE)) as u8 / STEP * STEP + STEP / 2));
            }
        }
        Self { width, height, dots }
    }

    fn read(path: &Path) -> Option<Self> {
        let mut decoder = png::Decoder::new(BufReader::new(File::open(path).ok()?));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().ok()?;
        let mut dots = vec![0; reader.output_buffer_size()?];
        let info = reader.next_frame(&mut dots).ok()?;
        dots.truncate(info.buffer_size());
        Some(Self { width: info.width, height: info.height, dots })
    }

    fn write(&self, path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut encoder = png::Encoder::new(BufWriter::new(File::create(path).unwrap()), self.width, self.height);
        encoder.set_compression(png::Compression::High);
        match self.indexed() {
            Some((palette, indices)) => {
                encoder.set_color(png::ColorType::Indexed);
                encoder.set_palette(palette);
                encoder.set_filter(png::Filter::NoFilter);
                encoder.write_header().unwrap().write_image_data(&indices).unwrap();
            }
            None => {
                encoder.set_color(png::ColorType::Rgb);
                encoder.write_header().unwrap().write_image_data(&self.dots).unwrap();
            }
        }
    }

    /// A palette and its indices, where 256 colours are enough.
    fn indexed(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let mut places: HashMap<[u8; 3], u8> = HashMap::new();
        let mut palette = Vec::new();
        let mut indices = Vec::with_capacity(self.dots.len() / 3);
        for dot in self.dots.chunks_exact(3) {
            let color = [dot[0], dot[1], dot[2]];
            let next = places.len();
            let place = *places.entry(color).or_insert(u8::try_from(next).ok()?);
            if usize::from(place) == next {
                palette.extend(color);
            }
            indices.push(place);
        }
        Some((palette, indices))
    }

    fn different_dots(&self, other: &Self) -> usize {
        if (self.width, self.height) != (other.width, other.height) {
            return usize::MAX;
        }
        let differs = |(one, two): &(&[u8], &[u8])| one.iter().zip(*two).any(|(a, b)| a.abs_diff(*b) > SAME_COLOUR);
        self.dots.chunks_exact(3).zip(other.dots.chunks_exact(3)).filter(differs).count()
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens/pictures")
}

/// Compares all states of a format and language with what is stored, or stores them.
fn compare(format: Format, language: Language, appearance: Appearance, folder_name: &str, states: &[&str]) {
    let renewing = std::env::var_os("ISTIQBAL_RENEW_PICTURES").is_some();
    let easel = Easel::new(format, language);
    let folder = folder().join(folder_name).join(language.code());
    let mut different = Vec::new();
    for state in STATES.iter().filter(|state| states.is_empty() || states.contains(&state.name)) {
        easel.show(state, appearance);
        let whole = easel.draw();
        super::save(&whole, &format!("{folder_name}-{}-{}", language.code(), state.name));
        let drawn = Picture::of(&whole);
        let path = folder.join(format!("{}.png", state.name));
        let stored = Picture::read(&path);
        let dots = stored.map_or(usize::MAX, |stored| stored.different_dots(&drawn));
        if dots <= DIFFERENT_DOTS_MAX {
            continue;
        }
        if renewing {
            drawn.write(&path);
        } else {
            drawn.write(
                &Path::new(env!("CARGO_TARGET_TMPDIR"))
                    .join("pictures")
                    .join(folder_name)
                    .join(language.code())
                    .join(format!("{}.png", state.name)),
            );
            different.push(format!("{} ({folder_name} {}): {dots} dots", state.name, language.code()));
        }
    }
    assert!(
        different.is_empty(),
        "these screens look different now (see {}/pictures); look at each, and if it's right run `make pictures`:\n{}",
        env!("CARGO_TARGET_TMPDIR"),
        different.join("\n")
    );
}

macro_rules! pictures {
    ($($name:ident: $format:literal $language:ident;)*) => { $(
        #[test]
        fn $name() {
            let format = FORMATS[$format];
            compare(format, Language::$language, USUAL, format.name, &[]);
        }
    )* };
}

pictures! {
    portrait_screens_in_arabic_look_as_they_did: 0 Arabic;
    portrait_screens_in_english_look_as_they_did: 0 English;
    landscape_screens_in_arabic_look_as_they_did: 1 Arabic;
    landscape_screens_in_english_look_as_they_did: 1 English;
    small_screens_in_arabic_look_as_they_did: 2 Arabic;
    small_screens_in_english_look_as_they_did: 2 English;
}

#[test]
fn large_letters_in_clear_colours_look_as_they_did() {
    let appearance = Appearance { text_size: TextSize::Largest, high_contrast: true };
    compare(FORMATS[0], Language::Arabic, appearance, "largest-letters", &IN_CLEAR_COLOURS);
}

#[test]
fn no_picture_is_left_over() {
    let known = |name: &str| STATES.iter().any(|state| format!("{}.png", state.name) == name);
    let mut left = Vec::new();
    for format in fs::read_dir(folder()).unwrap() {
        for language in fs::read_dir(format.unwrap().path()).unwrap() {
            for picture in fs::read_dir(language.unwrap().path()).unwrap() {
                let picture = picture.unwrap();
                if !known(&picture.file_name().to_string_lossy()) {
                    left.push(picture.path());
                }
            }
        }
    }
    assert!(left.is_empty(), "no state has these pictures any more: {left:?}");
}

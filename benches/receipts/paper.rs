//! The share of codes that is read after each kind of damage, by three foreign decoders.

use std::path::PathBuf;

use istiqbal::receipt::qr;
use istiqbal::seal::paper_copy::{PAPER_COPY_BYTES_MAX, to_digits};

use crate::damage::{Damage, Grey};
use crate::decoders::{Read, Reading};
use crate::random::Random;

const DIGITS: &str = "00174803956031415926535897932384";
/// Each kind of damage that has chance in it is done so often.
const SAMPLES: usize = 60;
const PAPER_DOTS: u32 = 576;

pub fn run() {
    println!("codes on damaged paper of 80 mm: share read (the receipt's code stands there twice)");
    println!("{:34} {:>8} {:>10} {:>8}", "", "zbar", "zxing-cpp", "rqrr");
    let copy: Vec<u8> = (0..PAPER_COPY_BYTES_MAX).map(|place| (place * 37 % 251) as u8).collect();
    let copy = to_digits(&copy).expect("the largest copy");
    let receipt = Grey::of(&qr::paper_picture(DIGITS, PAPER_DOTS).expect("a code"));
    let paper_copy = Grey::of(&qr::paper_copy_picture(&copy, PAPER_DOTS).expect("a code"));
    for (name, clean, digits) in [("receipt", &receipt, DIGITS), ("paper copy", &paper_copy, copy.as_str())] {
        table(name, clean, digits);
    }
}

fn table(name: &str, clean: &Grey, digits: &str) {
    let python = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("python/decoders/bin/python");
    let mut random = Random::of(20_261_126);
    let row = |damage: &str, pictures: Vec<Grey>| {
        let Reading { zbar, zxing, rqrr } = Reading::of(&pictures, digits, &python);
        let share = |read: Option<Read>| read.map_or("-".to_owned(), |read| format!("{:.1} %", 100.0 * read.share()));
        println!("{:34} {:>8} {:>10} {:>8}", format!("{name}, {damage}"), share(zbar), share(zxing), share(Some(rqrr)));
    };
    row("clean", vec![clean.clone()]);
    for dots in 1..=3 {
        // At each place that it can have.
        let places = 0..clean.width - dots;
        let dead = places.map(|at| clean.damaged(Damage::DeadSegment { at, dots }, &mut Random::of(1)));
        row(&format!("{dots} dead dots, everywhere"), dead.collect());
    }
    let mut often = |damage: Damage| (0..SAMPLES).map(|_| clean.damaged(damage, &mut random)).collect::<Vec<_>>();
    let rows = [
        ("faint, 15 % of dots missing", often(Damage::Faint(15))),
        ("faint, 30 % of dots missing", often(Damage::Faint(30))),
        ("crumpled a little", often(Damage::Crumple(1.5))),
        ("crumpled", often(Damage::Crumple(3.0))),
        ("blurred by 3 dots", vec![clean.damaged(Damage::Blur(3), &mut Random::of(1))]),
        ("blurred by 7 dots", vec![clean.damaged(Damage::Blur(7), &mut Random::of(1))]),
        ("skewed by 20°", vec![clean.damaged(Damage::Skew(20.0), &mut Random::of(1))]),
        ("skewed by -20°", vec![clean.damaged(Damage::Skew(-20.0), &mut Random::of(1))]),
    ];
    for (damage, pictures) in rows {
        row(damage, pictures);
    }
}

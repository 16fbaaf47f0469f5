//! The receipt's QR codes under a print head with a dead segment, at every place that it can have: read by three foreign
//! decoders. `make bench` shows the other kinds of damage, and the paper copy.

use std::path::Path;

use istiqbal::receipt::picture::PaperWidth;
use istiqbal::receipt::qr;

use crate::damage::{Damage, Grey};
use crate::decoders::{Read, Reading};
use crate::random::Random;

/// Of a hundred codes with one dead segment, so many are read at least.
const SHARE_MIN: f64 = 0.99;
const DIGITS: &str = "00174803956031415926535897932384";

#[test]
fn a_dead_segment_of_the_print_head_leaves_the_receipt_readable() {
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python/decoders/bin/python");
    // Nothing is random in this damage.
    let mut random = Random::of(1);
    for (dots, width) in [1, 2, 3].into_iter().flat_map(|dots| [(dots, PaperWidth::Mm80), (dots, PaperWidth::Mm58)]) {
        let clean = Grey::of(&qr::paper_picture(DIGITS, width.dots()).unwrap());
        let pictures: Vec<Grey> = (0..clean.width - dots)
            // The figures take every place.
            .step_by(2)
            .map(|at| clean.damaged(Damage::DeadSegment { at, dots }, &mut random))
            .collect();
        let Reading { zbar, zxing, rqrr } = Reading::of(&pictures, DIGITS, &python);
        let enough = |reader: &str, read: Read| {
            println!("{dots} dead dots, {width:?}: {reader} reads {} of {}", read.right, read.of);
            assert!(
                read.share() >= SHARE_MIN,
                "{dots} dead dots, {width:?}: {reader} reads {} of {}",
                read.right,
                read.of
            );
        };
        enough("rqrr", rqrr);
        enough("zbar", zbar.expect("zbarimg is there: `make test` installs zbar-tools"));
        match zxing {
            Some(read) => enough("zxing-cpp", read),
            None => crate::support::disk::skip("zxing-cpp isn't installed: see tests/python.sh"),
        }
    }
}

//! The signature drawn under the declaration (P15).

use serde::{Deserialize, Serialize};

/// The pad's width in steps, and its height: each side on its own scale, whatever the pad's shape. A coordinate fits in
/// 10 bits.
pub const PAD_STEPS: u16 = 1000;

/// The most points a signature keeps: their differences fit in [`ENCODED_BYTES_MAX`].
pub const POINTS_MAX: usize = 1800;

/// The most bytes that the encoded strokes may take.
pub const ENCODED_BYTES_MAX: usize = 4096;

/// A signature or a mark: strokes of points on a pad of [`PAD_STEPS`] × [`PAD_STEPS`]. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    strokes: Vec<Vec<(u16, u16)>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("nothing was drawn: sign, or draw a mark, in the field")]
    Empty,
    #[error("the stored drawing is damaged")]
    Damaged,
}

impl Signature {
    /// Strokes as the finger drew them, in fractions (0 to 1) of the pad's width and height. Points beyond the edge
    /// are drawn to it, those that say nothing new are left out, and a very long drawing is thinned.
    pub fn from_fractions(strokes: &[Vec<(f32, f32)>]) -> Result<Self, SignatureError> {
        let to_step = |fraction: f32| {
            if fraction.is_finite() { (fraction.clamp(0.0, 1.0) * f32::from(PAD_STEPS)).round() as u16 } else { 0 }
        };
        let points: usize = strokes.iter().map(Vec::len).sum();
        let keep_each = points.div_ceil(POINTS_MAX).max(1);
        let strokes: Vec<Vec<(u16, u16)>> = strokes
            .iter()
            .take(POINTS_MAX)
            .map(|stroke| {
                let mut steps: Vec<_> =
                    stroke.iter().step_by(keep_each).map(|&(x, y)| (to_step(x), to_step(y))).collect();
                steps.dedup();
                steps
            })
            .filter(|stroke| !stroke.is_empty())
            .collect();
        let mut signature = Self { strokes };
        while signature.encode().len() > ENCODED_BYTES_MAX {
            signature.thin();
        }
        if signature.strokes.is_empty() { Err(SignatureError::Empty) } else { Ok(signature) }
    }

    pub fn strokes(&self) -> &[Vec<(u16, u16)>] {
        &self.strokes
    }

    /// Halves the points of each stroke; strokes of one point (dots) lose every second stroke instead.
    fn thin(&mut self) {
        let only_dots = self.strokes.iter().all(|stroke| stroke.len() == 1);
        let mut place = 0;
        self.strokes.retain(|_| {
            place += 1;
            !only_dots || place % 2 == 1
        });
        for stroke in &mut self.strokes {
            let mut place = 0;
            stroke.retain(|_| {
                place += 1;
                place % 2 == 1
            });
        }
    }

    /// An SVG path in a view box of [`PAD_STEPS`] × [`PAD_STEPS`]; a dot becomes a short line.
    pub fn svg_path(&self) -> String {
        svg_path(&self.strokes)
    }

    /// The strokes as zigzag varints of small differences, at most [`ENCODED_BYTES_MAX`] bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let (mut last_x, mut last_y) = (0i32, 0i32);
        for stroke in &self.strokes {
            push_varint(&mut bytes, stroke.len() as u32);
            for &(x, y) in stroke {
                let (x, y) = (i32::from(x), i32::from(y));
                push_varint(&mut bytes, zigzag(x - last_x));
                push_varint(&mut bytes, zigzag(y - last_y));
                (last_x, last_y) = (x, y);
            }
        }
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, SignatureError> {
        if bytes.len() > ENCODED_BYTES_MAX {
            return Err(SignatureError::Damaged);
        }
        let mut rest = bytes;
        let mut strokes = Vec::new();
        let (mut x, mut y) = (0i32, 0i32);
        while !rest.is_empty() {
            let count = take_varint(&mut rest)?;
            let mut stroke = Vec::new();
            for _ in 0..count {
                x = x.saturating_add(unzigzag(take_varint(&mut rest)?));
                y = y.saturating_add(unzigzag(take_varint(&mut rest)?));
                let on_pad = |step: i32| u16::try_from(step).ok().filter(|step| *step <= PAD_STEPS);
                stroke.push((on_pad(x).ok_or(SignatureError::Damaged)?, on_pad(y).ok_or(SignatureError::Damaged)?));
            }
            if stroke.is_empty() {
                return Err(SignatureError::Damaged);
            }
            strokes.push(stroke);
        }
        if strokes.is_empty() { Err(SignatureError::Damaged) } else { Ok(Self { strokes }) }
    }
}

impl Serialize for Signature {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.encode().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::decode(&Vec::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Strokes in pad steps as an SVG path.
pub fn svg_path(strokes: &[Vec<(u16, u16)>]) -> String {
    use std::fmt::Write;
    let mut path = String::new();
    for stroke in strokes {
        for (place, (x, y)) in stroke.iter().enumerate() {
            // Writing to a String can't fail.
            let _ = write!(path, "{}{x} {y} ", if place == 0 { 'M' } else { 'L' });
        }
        if let [(x, y)] = stroke[..] {
            let _ = write!(path, "L{} {y} ", x + 1);
        }
    }
    path
}

fn zigzag(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

fn unzigzag(value: u32) -> i32 {
    (value >> 1) as i32 ^ -((value & 1) as i32)
}

fn push_varint(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn take_varint(rest: &mut &[u8]) -> Result<u32, SignatureError> {
    let mut value = 0u32;
    for shift in [0, 7, 14] {
        let (&byte, tail) = rest.split_first().ok_or(SignatureError::Damaged)?;
        *rest = tail;
        value |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(SignatureError::Damaged)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_drawn_is_read_back(strokes in prop::collection::vec(prop::collection::vec((-0.5f32..1.5, -0.5f32..1.5), 0..300), 0..20)) {
            match Signature::from_fractions(&strokes) {
                Ok(signature) => {
                    let bytes = signature.encode();
                    prop_assert!(bytes.len() <= ENCODED_BYTES_MAX);
                    prop_assert_eq!(Signature::decode(&bytes), Ok(signature));
                }
                Err(error) => {
                    prop_assert_eq!(error, SignatureError::Empty);
                    prop_assert!(strokes.iter().all(Vec::is_empty));
                }
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(signature) = Signature::decode(&bytes) {
                prop_assert_eq!(Signature::decode(&signature.encode()), Ok(signature));
            }
        }
    }

    #[test]
    fn a_mark_is_a_signature() {
        let dot = Signature::from_fractions(&[vec![(0.5, 0.5)]]).unwrap();
        assert_eq!(dot.svg_path(), "M500 500 L501 500 ");
        assert!(Signature::from_fractions(&vec![vec![(0.1, 0.1)]; 5000]).is_ok());
        assert_eq!(Signature::from_fractions(&[vec![]]), Err(SignatureError::Empty));
        assert!(Signature::from_fractions(&[vec![(f32::NAN, f32::INFINITY)]]).is_ok());
    }
}

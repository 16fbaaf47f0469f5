//! What a printer says, read from its bytes. They come in any portions, and between them whatever a printer or a line puts
//! there: what fits no answer is passed over.
//!
//! The kinds are told apart by fixed bits (ESC/POS, "status"): a real-time answer is `0xx1xx10`, an automatic status begins
//! with `0xx1xx00` and goes on with three bytes `0xx0xxxx`, the sensors' answer to `GS r` is one byte `0xx0xxxx` alone.

/// Longer names are cut.
const NAME_BYTES_MAX: usize = 80;

/// One whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To `DLE EOT n`: which of the questions, only their order tells
    RealTime(u8),
    /// Sent unasked whenever something changes, after `GS a`
    Automatic([u8; 4]),
    /// To `GS r 1`, in its turn behind everything sent before
    Sensors(u8),
    /// To `GS ( H`, function 48: everything before it is printed
    Printed([u8; 4]),
    /// To `GS I n`: maker, model, and so on
    Name(String),
}

/// Gathers answers byte by byte.
#[derive(Debug, Default)]
pub struct Answers {
    gathered: Gathered,
    /// Bytes that fitted nowhere
    noise: u32,
}

#[derive(Debug, Default)]
enum Gathered {
    #[default]
    Nothing,
    Automatic(Vec<u8>),
    /// Behind 0x37
    Printed(Vec<u8>),
    /// Behind 0x5F
    Name(Vec<u8>),
}

const XON: u8 = 0x11;
const XOFF: u8 = 0x13;
const PRINTED: [u8; 2] = [0x37, 0x22];
const NAME: u8 = 0x5f;

impl Answers {
    /// Takes the next byte; gives the answer that it ends.
    pub fn take(&mut self, byte: u8) -> Option<Answer> {
        match std::mem::take(&mut self.gathered) {
            Gathered::Name(mut name) => {
                if byte == 0 {
                    return Some(Answer::Name(readable(&name)));
                }
                // A name that never ends isn't one.
                if name.len() < NAME_BYTES_MAX {
                    name.push(byte);
                    self.gathered = Gathered::Name(name);
                }
                None
            }
            Gathered::Printed(mut bytes) => {
                // An answer to another question may come in between; our ids have no byte of that kind.
                if is_real_time(byte) {
                    self.gathered = Gathered::Printed(bytes);
                    return Some(Answer::RealTime(byte));
                }
                bytes.push(byte);
                match bytes.as_slice() {
                    [second, ..] if *second != PRINTED[1] => self.begin(byte),
                    [_, id @ .., 0] if id.len() == 4 => id.try_into().ok().map(Answer::Printed),
                    _ if bytes.len() < 6 => {
                        self.gathered = Gathered::Printed(bytes);
                        None
                    }
                    _ => None,
                }
            }
            Gathered::Automatic(mut bytes) if is_plain(byte) => {
                bytes.push(byte);
                match bytes.as_slice().try_into() {
                    Ok(whole) => Some(Answer::Automatic(whole)),
                    Err(_) => {
                        self.gathered = Gathered::Automatic(bytes);
                        None
                    }
                }
            }
            Gathered::Automatic(bytes) if is_real_time(byte) => {
                self.gathered = Gathered::Automatic(bytes);
                Some(Answer::RealTime(byte))
            }
            Gathered::Automatic(_) | Gathered::Nothing => self.begin(byte),
        }
    }

    fn begin(&mut self, byte: u8) -> Option<Answer> {
        match byte {
            NAME => self.gathered = Gathered::Name(Vec::new()),
            byte if byte == PRINTED[0] => self.gathered = Gathered::Printed(Vec::new()),
            byte if is_real_time(byte) => return Some(Answer::RealTime(byte)),
            byte if byte & 0x93 == 0x10 => self.gathered = Gathered::Automatic(vec![byte]),
            byte if is_plain(byte) => return Some(Answer::Sensors(byte)),
            XON | XOFF => {}
            _ => self.noise = self.noise.saturating_add(1),
        }
        None
    }

    /// How many bytes were no answer since this was last asked.
    pub fn take_noise(&mut self) -> u32 {
        std::mem::take(&mut self.noise)
    }
}

fn is_real_time(byte: u8) -> bool {
    byte & 0x93 == 0x12
}

fn is_plain(byte: u8) -> bool {
    byte & 0x90 == 0
}

fn readable(name: &[u8]) -> String {
    let readable = name.iter().filter(|byte| byte.is_ascii_graphic() || **byte == b' ');
    readable.map(|byte| *byte as char).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Vec<Answer> {
        let mut answers = Answers::default();
        bytes.iter().filter_map(|byte| answers.take(*byte)).collect()
    }

    #[test]
    fn each_kind_is_told_from_the_others() {
        let automatic = [0x14, 0x00, 0x0c, 0x0f];
        let printed = [0x37, 0x22, b'A', b'B', b'C', b'D', 0];
        assert_eq!(read(&[0x12]), [Answer::RealTime(0x12)]);
        assert_eq!(read(&automatic), [Answer::Automatic(automatic)]);
        assert_eq!(read(&printed), [Answer::Printed(*b"ABCD")]);
        assert_eq!(read(&[0x0c]), [Answer::Sensors(0x0c)]);
        assert_eq!(read(b"_EPSON\0_TM-T20III\0"), [Answer::Name("EPSON".into()), Answer::Name("TM-T20III".into())]);
    }

    #[test]
    fn answers_may_come_between_each_other_s_bytes() {
        assert_eq!(
            read(&[0x37, 0x22, b'A', 0x1a, b'B', b'C', b'D', 0, 0x10, 0x12, 0, 0, 0]),
            [
                Answer::RealTime(0x1a),
                Answer::Printed(*b"ABCD"),
                Answer::RealTime(0x12),
                Answer::Automatic([0x10, 0, 0, 0])
            ]
        );
    }

    #[test]
    fn flow_control_and_noise_are_passed_over() {
        assert_eq!(read(&[0x11, 0x13, 0xff, 0x80, 0x12]), [Answer::RealTime(0x12)]);
        assert_eq!(read(&[0x37, 0x12, 0x37, 0x37, 0x12]), [Answer::RealTime(0x12), Answer::RealTime(0x12)]);
        let endless: Vec<u8> = std::iter::once(0x5f).chain(std::iter::repeat_n(b'x', 10_000)).collect();
        assert!(read(&endless).iter().all(|answer| *answer != Answer::Name(String::new())));
    }

    proptest! {
        /// Whatever came before, a real-time question is answered again soon: nothing is gathered for ever.
        #[test]
        fn it_always_comes_back_to_its_senses(noise in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut answers = Answers::default();
            for byte in noise {
                answers.take(byte);
            }
            let heard = (0..=NAME_BYTES_MAX + 8).any(|_| answers.take(0x16) == Some(Answer::RealTime(0x16)));
            prop_assert!(heard);
        }
    }
}

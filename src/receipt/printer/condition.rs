//! What is known of a printer's condition, from whatever it has said last.

use std::collections::VecDeque;

use super::answers::Answer;
use crate::domain::printer::PrinterState;

/// The real-time questions `DLE EOT n`, in the order in which they are asked.
pub const QUESTIONS: [u8; 4] = [1, 2, 3, 4];

/// A printer's condition, bit by bit as ESC/POS names them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    offline: bool,
    cover_open: bool,
    paper_low: bool,
    paper_out: bool,
    cutter_error: bool,
    error: bool,
}

impl Condition {
    pub fn state(&self) -> PrinterState {
        if self.cover_open {
            PrinterState::CoverOpen
        } else if self.paper_out {
            PrinterState::PaperOut
        } else if self.cutter_error {
            PrinterState::CutterError
        } else if self.offline || self.error {
            PrinterState::Offline
        } else if self.paper_low {
            PrinterState::PaperLow
        } else {
            PrinterState::Ready
        }
    }

    /// Bytes 1 to 4 of the automatic status.
    fn hear_automatic(&mut self, [printer, error, paper, _]: [u8; 4]) {
        self.offline = printer & 0x08 != 0;
        self.cover_open = printer & 0x20 != 0;
        self.cutter_error = error & 0x08 != 0;
        self.error = error & 0x64 != 0;
        self.hear_sensors(paper);
    }

    /// The paper sensors, as `GS r 1` and the automatic status give them.
    fn hear_sensors(&mut self, paper: u8) {
        self.paper_low = paper & 0x03 != 0;
        self.paper_out = paper & 0x0c != 0;
    }

    fn hear_real_time(&mut self, question: u8, byte: u8) {
        match question {
            1 => self.offline = byte & 0x08 != 0,
            2 => self.cover_open = byte & 0x04 != 0,
            3 => {
                self.cutter_error = byte & 0x08 != 0;
                self.error = byte & 0x60 != 0;
            }
            _ => {
                self.paper_low = byte & 0x0c != 0;
                self.paper_out = byte & 0x60 != 0;
            }
        }
    }
}

/// Hears a printer, and keeps what it has said.
#[derive(Debug, Default)]
pub struct Hearing {
    pub condition: Condition,
    /// Real-time questions that have not been answered
    asked: VecDeque<u8>,
    /// The last id that came back: everything before it is printed
    pub printed: Option<[u8; 4]>,
    /// The sensors have answered since they were last asked
    pub sensors_answered: bool,
    /// It has said anything at all: its silence means something
    pub has_spoken: bool,
    pub has_spoken_since_asked: bool,
    /// It has answered all real-time questions once: it can
    pub answers_questions: bool,
    pub names: Vec<String>,
    /// Bytes that were no answer, since somebody last set this to 0
    pub noise: u32,
}

impl Hearing {
    /// Notes that all real-time questions are being asked anew.
    pub fn ask(&mut self) {
        self.asked = QUESTIONS.into();
        self.has_spoken_since_asked = false;
        self.noise = 0;
    }

    /// True when every real-time question has its answer.
    pub fn all_answered(&self) -> bool {
        self.asked.is_empty()
    }

    pub fn hear(&mut self, answer: Answer) {
        (self.has_spoken, self.has_spoken_since_asked) = (true, true);
        match answer {
            Answer::RealTime(byte) => {
                if let Some(question) = self.asked.pop_front() {
                    self.condition.hear_real_time(question, byte);
                }
            }
            Answer::Automatic(bytes) => self.condition.hear_automatic(bytes),
            Answer::Sensors(byte) => {
                self.condition.hear_sensors(byte);
                self.sensors_answered = true;
            }
            Answer::Printed(id) => self.printed = Some(id),
            Answer::Name(name) => self.names.push(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(answers: &[Answer]) -> PrinterState {
        let mut hearing = Hearing::default();
        hearing.ask();
        answers.iter().for_each(|answer| hearing.hear(answer.clone()));
        hearing.condition.state()
    }

    #[test]
    fn the_automatic_status_names_each_trouble() {
        for (bytes, state) in [
            ([0x10, 0, 0, 0], PrinterState::Ready),
            ([0x10, 0, 0x03, 0], PrinterState::PaperLow),
            ([0x18, 0, 0x0f, 0], PrinterState::PaperOut),
            ([0x38, 0, 0, 0], PrinterState::CoverOpen),
            ([0x18, 0x08, 0, 0], PrinterState::CutterError),
            ([0x18, 0x20, 0, 0], PrinterState::Offline),
            ([0x18, 0, 0, 0], PrinterState::Offline),
        ] {
            assert_eq!(after(&[Answer::Automatic(bytes)]), state, "{bytes:02x?}");
        }
    }

    #[test]
    fn the_real_time_answers_belong_to_their_questions() {
        for (bytes, state) in [
            ([0x12, 0x12, 0x12, 0x12], PrinterState::Ready),
            ([0x12, 0x12, 0x12, 0x1e], PrinterState::PaperLow),
            ([0x1a, 0x32, 0x12, 0x72], PrinterState::PaperOut),
            ([0x1a, 0x16, 0x12, 0x12], PrinterState::CoverOpen),
            ([0x1a, 0x52, 0x1a, 0x12], PrinterState::CutterError),
            ([0x1a, 0x52, 0x32, 0x12], PrinterState::Offline),
        ] {
            assert_eq!(after(&bytes.map(Answer::RealTime)), state, "{bytes:02x?}");
        }
    }

    #[test]
    fn what_is_said_later_counts() {
        let trouble = Answer::Automatic([0x18, 0, 0x0c, 0]);
        assert_eq!(after(&[trouble, Answer::Sensors(0), Answer::Automatic([0x10, 0, 0, 0])]), PrinterState::Ready);
    }
}

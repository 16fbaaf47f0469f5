//! How a receipt printer is, as far as anybody can know: the kiosk asks it, the office is told.

use serde::{Deserialize, Serialize};

/// What is known of a printer. The order of the variants is part of the replication's format: add at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PrinterState {
    /// This kiosk has none: number and QR code stay on the screen
    Off,
    Ready,
    /// It prints, and its roll is nearly used up. A printer without that sensor never says so
    PaperLow,
    PaperOut,
    CoverOpen,
    /// The cutter is stuck, usually by a scrap of paper
    CutterError,
    /// It answers, and says that it can't print
    Offline,
    /// It isn't there: unplugged, switched off, or its network is
    Unreachable,
    /// It is there and doesn't answer: it may print all the same
    Unknown,
}

impl PrinterState {
    /// True when a receipt is worth trying.
    pub fn may_print(self) -> bool {
        matches!(self, Self::Ready | Self::PaperLow | Self::Unknown)
    }

    /// True when somebody of the staff has to do something about it.
    pub fn needs_hands(self) -> bool {
        !matches!(self, Self::Off | Self::Ready | Self::Unknown)
    }
}

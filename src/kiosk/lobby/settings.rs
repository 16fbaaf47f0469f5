//! What the lobby's window needs to know of its surroundings.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use istiqbal_ui::{App, Keyboards, Script as ShownScript, Theme};
use slint::{ComponentHandle, ModelRc, VecModel};

use crate::domain::clock::SharedClock;
use crate::domain::public_address::PublicAddress;
use crate::kiosk::config::{KioskConfig, Script};
use crate::ledger::OpeningReport;

/// The height of a capital, and of an alef set a tenth larger, in parts of the letter size: IBM Plex Sans Arabic's.
const CAPITAL_HEIGHT: f32 = 0.698;
/// Letters are seen under at least this angle.
const LETTER_DEGREES: f32 = 0.7;

/// What the lobby's window needs to know of its surroundings.
pub struct Settings {
    pub clock: SharedClock,
    /// The monotonic clock; tests let it run faster
    pub now: fn() -> Instant,
    pub px_per_mm: f32,
    pub viewing_distance_cm: f32,
    pub keyboards: Vec<Script>,
    pub idle: Duration,
    pub idle_warning: Duration,
    /// Stands in the receipts' QR codes
    pub public_address: Option<PublicAddress>,
    /// Where the staff's PIN is
    pub data: PathBuf,
    /// What was done when the store was opened
    pub report: OpeningReport,
}

impl Settings {
    /// From the kiosk's file, for a window of so many dots a millimetre.
    pub fn of(config: &KioskConfig, clock: SharedClock, px_per_mm: f32, report: OpeningReport) -> Self {
        Self {
            clock,
            now: Instant::now,
            px_per_mm,
            viewing_distance_cm: config.viewing_distance_cm,
            keyboards: config.keyboards.clone(),
            idle: config.idle(),
            idle_warning: config.idle_warning(),
            public_address: config.public_address.clone(),
            data: config.data.clone(),
            report,
        }
    }

    /// Sets the sizes of a window, and what its keyboards write.
    pub fn fit(&self, app: &App) {
        fit(app, self.px_per_mm, self.viewing_distance_cm, &self.keyboards);
    }
}

/// Sets a window's sizes for its density and for the distance of its visitors' eyes, and what its keyboards write.
pub fn fit(app: &App, px_per_mm: f32, viewing_distance_cm: f32, keyboards: &[Script]) {
    let theme = app.global::<Theme>();
    theme.set_px_per_mm(px_per_mm);
    theme.set_em_mm(letter_size_mm(viewing_distance_cm));
    let scripts: Vec<ShownScript> = keyboards
        .iter()
        .map(|script| match script {
            Script::Arabic => ShownScript::Arabic,
            Script::Latin => ShownScript::Latin,
            Script::Urdu => ShownScript::Urdu,
        })
        .collect();
    app.global::<Keyboards>().set_scripts(ModelRc::new(VecModel::from(scripts)));
}

/// The letter size whose capitals are seen under [`LETTER_DEGREES`].
fn letter_size_mm(distance_cm: f32) -> f32 {
    let capital_mm = 2.0 * 10.0 * distance_cm * (LETTER_DEGREES / 2.0).to_radians().tan();
    capital_mm / CAPITAL_HEIGHT
}

#[cfg(test)]
mod tests {
    use super::letter_size_mm;

    #[test]
    fn at_arms_length_a_capital_is_seven_millimetres_high() {
        assert!((letter_size_mm(60.0) - 10.5).abs() < 0.01);
    }
}

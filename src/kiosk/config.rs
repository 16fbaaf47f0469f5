//! `config/kiosk.toml`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::visit::Station;
use crate::config::{self, ConfigError};
use crate::domain::public_address::PublicAddress;
use crate::domain::request::Beneficiary;
use crate::receipt::logo::{Logo, LogoError};
use crate::receipt::picture::PaperWidth;
use crate::receipt::printer::Address;
use crate::replication::wire::BATCH_RATINGS_MAX;

/// The kiosk's configuration; its keys are explained in `config/kiosk.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KioskConfig {
    pub data: PathBuf,
    /// What the office calls this kiosk, once it has joined
    #[serde(default = "kiosk")]
    pub name: String,
    pub catalogue: PathBuf,
    pub printer: Address,
    pub paper: PaperWidth,
    logo: Option<PathBuf>,
    pub screen_inches: f32,
    pub fullscreen: bool,
    pub beneficiaries: Beneficiary,
    #[serde(default = "reception")]
    pub station: Station,
    #[serde(default = "arabic_and_latin")]
    pub keyboards: Vec<Script>,
    #[serde(default = "arms_length")]
    pub viewing_distance_cm: f32,
    pub batch_minimum: usize,
    pub public_address: Option<PublicAddress>,
    idle_seconds: u64,
    idle_warning_seconds: u64,
    store_patience_seconds: u64,
}

/// What an on-screen keyboard writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Script {
    Arabic,
    Latin,
    Urdu,
}

fn kiosk() -> String {
    "kiosk".into()
}

fn reception() -> Station {
    Station::Reception
}

fn arabic_and_latin() -> Vec<Script> {
    vec![Script::Arabic, Script::Latin]
}

fn arms_length() -> f32 {
    60.0
}

impl KioskConfig {
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = config::read_text(path)?;
        let mut kiosk: Self = config::parse(path, &text)?;
        let refuse = |key: &str, cause: &str| {
            Err(config::error_at(path, &text, text.find(&format!("\n{key} =")).map(|at| at + 1), cause))
        };
        if !(5.0..=100.0).contains(&kiosk.screen_inches) {
            return refuse("screen_inches", "a screen's diagonal is between 5 and 100 inches");
        }
        if kiosk.idle_warning_seconds < 20 {
            return refuse("idle_warning_seconds", "the warning stays for at least 20 seconds");
        }
        if kiosk.idle_seconds < 20 {
            return refuse("idle_seconds", "visitors get at least 20 seconds before they are asked");
        }
        if kiosk.keyboards.is_empty() {
            return refuse("keyboards", "names have to be typed: give at least one of arabic, latin and urdu");
        }
        if !(35.0..=100.0).contains(&kiosk.viewing_distance_cm) {
            return refuse("viewing_distance_cm", "eyes are between 35 and 100 cm from a touch screen");
        }
        if !(1..=BATCH_RATINGS_MAX).contains(&kiosk.batch_minimum) {
            return refuse("batch_minimum", "a number between 1 and 500");
        }
        if !(2..=3600).contains(&kiosk.store_patience_seconds) {
            return refuse("store_patience_seconds", "the store gets between 2 and 3600 seconds");
        }
        let base = path.parent().unwrap_or(Path::new("."));
        kiosk.data = base.join(&kiosk.data);
        kiosk.catalogue = base.join(&kiosk.catalogue);
        kiosk.logo = kiosk.logo.map(|logo| base.join(logo));
        Ok(kiosk)
    }

    /// The association's logo for its papers.
    pub fn logo(&self) -> Result<Option<Logo>, LogoError> {
        self.logo.as_deref().map(Logo::read).transpose()
    }

    /// How long nobody may touch the screen before the warning.
    pub fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_seconds)
    }

    /// How long the store may hang before the process ends, to be started again.
    pub fn store_patience(&self) -> Duration {
        Duration::from_secs(self.store_patience_seconds)
    }

    /// How long the warning stays before everything is wiped.
    pub fn idle_warning(&self) -> Duration {
        Duration::from_secs(self.idle_warning_seconds)
    }
}

//! A window that is only drawn, never touched: it shows any state of a visit, at any size.

use i_slint_backend_testing::{TestingBackend, TestingBackendOptions};
use istiqbal::domain::language::Language;
use istiqbal::kiosk::config::Script;
use istiqbal::kiosk::lobby::fit;
use istiqbal::kiosk::screens;
use istiqbal::kiosk::visit::{Appearance, TextSize};
use istiqbal_ui::App;
use slint::{ComponentHandle, PhysicalSize, Rgba8Pixel, SharedPixelBuffer};

use super::gallery::{Sight, State};

/// A screen as it hangs in a lobby.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    pub name: &'static str,
    pub width: u32,
    pub height: u32,
    pub px_per_mm: f32,
    pub viewing_distance_cm: f32,
}

/// Portrait 21.5 inches first, the same lying, and a small one at which people stand nearer.
pub const FORMATS: [Format; 3] = [
    Format { name: "portrait", width: 1080, height: 1920, px_per_mm: 4.03, viewing_distance_cm: 60.0 },
    Format { name: "landscape", width: 1920, height: 1080, px_per_mm: 4.03, viewing_distance_cm: 60.0 },
    Format { name: "small", width: 1280, height: 800, px_per_mm: 3.81, viewing_distance_cm: 50.0 },
];

pub const USUAL: Appearance = Appearance { text_size: TextSize::Usual, high_contrast: false };

/// The window, and what it shows.
pub struct Easel {
    pub app: App,
    pub format: Format,
    pub language: Language,
}

impl Easel {
    pub fn new(format: Format, language: Language) -> Self {
        let backend = TestingBackend::new(TestingBackendOptions {
            mock_time: true,
            renderer_name: Some("software".into()),
            ..Default::default()
        });
        slint::platform::set_platform(Box::new(backend)).unwrap();
        let app = App::new().unwrap();
        app.window().set_size(PhysicalSize::new(format.width, format.height));
        app.show().unwrap();
        fit(&app, format.px_per_mm, format.viewing_distance_cm, &[Script::Arabic, Script::Latin]);
        Self { app, format, language }
    }

    /// Shows a state as the lobby would, after the screen before it has been forgotten.
    pub fn show(&self, state: &State, appearance: Appearance) {
        let app = &self.app;
        super::gallery::clear(app);
        screens::show_words(app, self.language);
        screens::show_appearance(app, appearance);
        match (state.make)(self.language) {
            Sight::Visit(visit, around) => screens::show(app, &visit, &around),
            Sight::Staff(show) => show(app, self.language),
        }
        if let Some(then) = state.then {
            then(app, self.language);
        }
        // Bindings that depend on what was laid out settle with the second look.
        slint::platform::update_timers_and_animations();
        self.draw();
    }

    pub fn draw(&self) -> SharedPixelBuffer<Rgba8Pixel> {
        self.app.window().take_snapshot().unwrap()
    }
}

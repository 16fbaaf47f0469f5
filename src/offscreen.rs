//! Slint drawn into memory: a platform whose windows have no screen, one for each thread that asks for it.
//!
//! The printer's thread draws receipts on it, and the headless demo its screens.

use std::rc::Rc;
use std::time::{Duration, Instant};

use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
use slint::platform::{Platform, PlatformError, WindowAdapter, set_platform};
use slint::{PhysicalSize, Rgb8Pixel, SharedPixelBuffer};

/// The one window of this thread's platform.
pub struct Offscreen {
    window: Rc<MinimalSoftwareWindow>,
}

#[derive(Debug, thiserror::Error)]
#[error("nothing can be drawn: this thread already has another Slint platform ({0})")]
pub struct OffscreenError(slint::platform::SetPlatformError);

struct OffscreenPlatform {
    window: Rc<MinimalSoftwareWindow>,
    started: Instant,
}

impl Platform for OffscreenPlatform {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.window.clone())
    }

    fn duration_since_start(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Offscreen {
    /// Makes this thread's platform. The component that is made next on this thread shows in its window.
    pub fn for_this_thread() -> Result<Self, OffscreenError> {
        let window = MinimalSoftwareWindow::new(RepaintBufferType::NewBuffer);
        let platform = OffscreenPlatform { window: window.clone(), started: Instant::now() };
        set_platform(Box::new(platform)).map_err(OffscreenError)?;
        Ok(Self { window })
    }

    /// Draws the window at a size in dots. Layouts that need a second pass get it.
    pub fn draw(&self, width: u32, height: u32) -> SharedPixelBuffer<Rgb8Pixel> {
        self.window.set_size(PhysicalSize::new(width, height));
        let mut picture = SharedPixelBuffer::new(width, height);
        for _ in 0..2 {
            slint::platform::update_timers_and_animations();
            self.window.request_redraw();
            self.window.draw_if_needed(|renderer| {
                renderer.render(picture.make_mut_slice(), width as usize);
            });
        }
        picture
    }
}

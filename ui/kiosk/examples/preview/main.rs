//! Draws every screen and the receipt to PNG files, in each language and screen size, to be looked at.
//!
//! `cargo run -p istiqbal-ui --example preview -- FOLDER [SCREEN|all] [WIDTH]`

mod sample;

use std::{fs, path::Path, rc::Rc};

use fluent::{FluentArgs, FluentBundle, FluentResource};
use istiqbal_ui::*;
use slint::{
    ComponentHandle, Global, Image, LogicalPosition, PhysicalSize, PlatformError, Rgb8Pixel, SharedPixelBuffer,
    SharedString,
    platform::{
        Platform, PointerEventButton, WindowAdapter, WindowEvent,
        software_renderer::{MinimalSoftwareWindow, RepaintBufferType},
    },
};

const SIZES: [(u32, u32, f32); 3] = [(1080, 1920, 4.03), (1920, 1080, 4.03), (1280, 800, 3.81)];

type Bundle = FluentBundle<FluentResource>;

struct Headless(Rc<MinimalSoftwareWindow>);

impl Platform for Headless {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.0.clone())
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = args.next().unwrap_or_else(|| "/tmp/ui-preview".into());
    let only = args.next().filter(|name| name != "all");
    let only_width: Option<u32> = args.next().map(|width| width.parse().expect("a width in pixels"));
    fs::create_dir_all(&folder).expect("the folder can be made");
    let window = MinimalSoftwareWindow::new(RepaintBufferType::NewBuffer);
    slint::platform::set_platform(Box::new(Headless(window.clone()))).expect("the first platform");

    let app = App::new().expect("the screens can be built");
    app.show().expect("a window without a display");
    for (language, rtl) in [("ar", true), ("en", false)] {
        let bundle = Rc::new(bundle(language));
        speak(&app, &bundle, language, rtl);
        for (width, height, px_per_mm) in SIZES {
            if only_width.is_some_and(|only| only != width) {
                continue;
            }
            window.set_size(PhysicalSize::new(width, height));
            Theme::get(&app).set_px_per_mm(px_per_mm);
            for (name, fill) in sample::SCREENS {
                if only.as_ref().is_some_and(|only| !name.starts_with(only.as_str())) {
                    continue;
                }
                let file = format!("{folder}/{name}-{language}-{width}.png");
                // From home, so that every screen and keyboard starts afresh.
                sample::clear(&app);
                draw(&window, width, height, Path::new(&file));
                fill(&app, &bundle, rtl);
                slint::platform::update_timers_and_animations();
                for touched in name.split('+').skip(1) {
                    draw(&window, width, height, Path::new(&file));
                    touch(&window, place(touched, width as f32, height as f32, px_per_mm, rtl));
                }
                draw(&window, width, height, Path::new(&file));
            }
        }
    }
    app.hide().expect("hiding");
    drop(app);
    if only.as_ref().is_none_or(|only| only == "paper") {
        for (language, rtl) in [("ar", true), ("en", false)] {
            for dots in [576, 384] {
                paper(&window, &bundle(language), language, rtl, dots, &folder);
            }
        }
    }
}

/// Where the middle of a key or button is that a picture's name touches.
fn place(name: &str, width: f32, height: f32, px_per_mm: f32, rtl: bool) -> LogicalPosition {
    let (wide, high) = (width / px_per_mm, height / px_per_mm);
    let unit = ((wide - 16.0 - 30.0) / 11.0).min(26.0);
    let keys = (wide - 11.0 * unit - 30.0) / 2.0;
    let side = unit * 1.5 + 4.5;
    let (x, y) = match name {
        "page-next" => (if rtl { 30.0 } else { wide - 30.0 }, high - 12.0),
        "key-digits" => (keys + side * 0.5, high - 38.0),
        "key-language" => (keys + side * 1.5, high - 38.0),
        "key-shift" => (keys + side * 2.5, high - 38.0),
        _ => unreachable!("{name} is nowhere"),
    };
    LogicalPosition::new(x * px_per_mm, y * px_per_mm)
}

fn touch(window: &Rc<MinimalSoftwareWindow>, position: LogicalPosition) {
    let button = PointerEventButton::Left;
    window.dispatch_event(WindowEvent::PointerMoved { position });
    window.dispatch_event(WindowEvent::PointerPressed { position, button });
    window.dispatch_event(WindowEvent::PointerReleased { position, button });
    window.dispatch_event(WindowEvent::PointerExited);
    slint::platform::update_timers_and_animations();
}

/// The receipt as the printer's thread makes it: ask for the height, then draw at it.
fn paper(window: &Rc<MinimalSoftwareWindow>, bundle: &Bundle, language: &str, rtl: bool, dots: u32, folder: &str) {
    let receipt = ReceiptWindow::new().expect("the receipt can be built");
    receipt.show().expect("a window without a display");
    receipt.set_width_dots(dots as i32);
    receipt.set_content(sample::receipt(bundle, rtl));
    // Lines that come and go with the content exist only once they've been drawn: draw, ask, size, draw.
    window.set_size(PhysicalSize::new(dots, 100));
    let file = format!("{folder}/paper-{language}-{dots}.png");
    draw(window, dots, 100, Path::new(&file));
    let height = receipt.get_wanted_height().ceil() as u32;
    window.set_size(PhysicalSize::new(dots, height));
    draw(window, dots, height, Path::new(&file));
}

fn bundle(language: &str) -> Bundle {
    let locale: unic_langid::LanguageIdentifier = language.parse().expect("a language code");
    let mut bundle = FluentBundle::new(vec![locale]);
    bundle.set_use_isolating(false);
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../locales");
    for file in ["kiosk", "receipt"] {
        let text = fs::read_to_string(format!("{root}/{language}/{file}.ftl")).expect("the texts");
        let resource = FluentResource::try_new(text).unwrap_or_else(|(_, errors)| panic!("{file}: {errors:?}"));
        bundle.add_resource(resource).unwrap_or_else(|errors| panic!("{file}: {errors:?}"));
    }
    bundle
}

/// The text of a message; `⟦id⟧` where there's none, so that it's seen.
pub fn say(bundle: &Bundle, id: &str, args: &[(&str, &str)]) -> SharedString {
    let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else {
        return format!("⟦{id}⟧").into();
    };
    let mut values = FluentArgs::new();
    for (name, value) in args {
        match value.parse::<i64>() {
            Ok(number) => values.set(*name, number),
            Err(_) => values.set(*name, *value),
        }
    }
    breakable(&bundle.format_pattern(pattern, Some(&values), &mut Vec::new())).into()
}

fn speak(app: &App, bundle: &Rc<Bundle>, language: &str, rtl: bool) {
    let words = Words::get(app);
    words.set_rtl(rtl);
    words.set_language(language.into());
    words.set_eastern_digits(rtl);
    let bundle = bundle.clone();
    words.on_t(move |id| say(&bundle, &id, &[]));
}

fn draw(window: &Rc<MinimalSoftwareWindow>, width: u32, height: u32, file: &Path) {
    let mut pixels = SharedPixelBuffer::<Rgb8Pixel>::new(width, height);
    window.request_redraw();
    window.draw_if_needed(|renderer| {
        renderer.render(pixels.make_mut_slice(), width as usize);
    });
    let mut encoder = png::Encoder::new(fs::File::create(file).expect("the file can be made"), width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(pixels.as_bytes()).expect("pixels");
}

/// A QR code, `side` pixels a module.
pub fn qr(text: &str, side: u32) -> Image {
    let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::H).expect("a code");
    let modules = code.width() as u32;
    let quiet = 4;
    let width = (modules + 2 * quiet) * side;
    let mut pixels = SharedPixelBuffer::<Rgb8Pixel>::new(width, width);
    let colors = code.to_colors();
    for (i, pixel) in pixels.make_mut_slice().iter_mut().enumerate() {
        let (x, y) = (i as u32 % width / side, i as u32 / width / side);
        let inside = (quiet..modules + quiet).contains(&x) && (quiet..modules + quiet).contains(&y);
        let dark = inside && colors[((y - quiet) * modules + x - quiet) as usize] == qrcode::Color::Dark;
        let shade = if dark { 0 } else { 255 };
        *pixel = Rgb8Pixel { r: shade, g: shade, b: shade };
    }
    Image::from_rgb8(pixels)
}

//! The declaration (P15, P16), and the signature drawn under it.

use istiqbal_ui::{App, DeclarationAdapter, shown};
use slint::ComponentHandle;

use super::{Touch, texts};
use crate::domain::signature::{PAD_STEPS, Signature};
use crate::kiosk::visit::{Event, Visit};
use crate::language::Words;

/// The pad on the screen is wider than high: its view box is 1000 × 400.
const PAD_HEIGHT_STEPS: u32 = 400;

pub fn connect(app: &App, touch: &Touch) {
    let adapter = app.global::<DeclarationAdapter>();
    adapter.on_stroke_began({
        let touch = touch.clone();
        move |x, y| touch(Event::StrokeBegan(x, y))
    });
    adapter.on_stroke_moved({
        let touch = touch.clone();
        move |x, y| touch(Event::StrokeMoved(x, y))
    });
    adapter.on_clear(super::sends(touch, Event::ClearSignature));
}

pub fn show(app: &App, words: &Words, visit: &Visit) {
    let adapter = app.global::<DeclarationAdapter>();
    let declaration = &visit.catalogue().declaration;
    adapter.set_text(shown(declaration.text.in_language(words.language()).trim()));
    adapter.set_responsibility(shown(declaration.responsibility.in_language(words.language()).trim()));
    adapter.set_parties(shown(texts::parties(words, visit.answers())));
    let signature = visit.signature();
    adapter.set_can_clear(signature.is_some());
    adapter.set_can_send(signature.is_some());
    adapter.set_commands(signature.as_ref().map(path).unwrap_or_default().into());
}

/// The strokes in the pad's own view box.
fn path(signature: &Signature) -> String {
    let to_pad = |y: u16| (u32::from(y) * PAD_HEIGHT_STEPS / u32::from(PAD_STEPS)) as u16;
    let strokes: Vec<Vec<(u16, u16)>> =
        signature.strokes().iter().map(|stroke| stroke.iter().map(|(x, y)| (*x, to_pad(*y))).collect()).collect();
    crate::domain::signature::svg_path(&strokes)
}

/// Nothing of a former visitor stays behind in the properties.
pub fn forget(app: &App) {
    let adapter = app.global::<DeclarationAdapter>();
    adapter.set_commands("".into());
    adapter.set_parties("".into());
}

//! The documents: with me or later, and where to get each one (P20: missing ones don't stop a registration).

use istiqbal_ui::{App, DocumentRow, DocumentState, DocumentsAdapter, shown};
use slint::{ComponentHandle, ModelRc, VecModel};

use super::Touch;
use crate::domain::documents::DocumentAnswer;
use crate::kiosk::visit::{Event, Visit};
use crate::language::Words;

pub fn connect(app: &App, touch: &Touch) {
    let touch = touch.clone();
    app.global::<DocumentsAdapter>().on_choose(move |id, state| {
        let answer = match state {
            DocumentState::WithMe => DocumentAnswer::WithMe,
            DocumentState::Later => DocumentAnswer::Later,
            DocumentState::Unset => return,
        };
        touch(Event::SetDocument(id.into(), answer));
    });
}

pub fn show(app: &App, words: &Words, visit: &Visit) {
    let adapter = app.global::<DocumentsAdapter>();
    let asked = visit.catalogue().documents_for(visit.answers());
    let rows: Vec<DocumentRow> = asked
        .into_iter()
        .map(|document| DocumentRow {
            id: document.id.get_ref().into(),
            label: shown(document.label.in_language(words.language())),
            place: shown(document.from.in_language(words.language())),
            icon: document.icon.as_deref().unwrap_or("document").into(),
            state: match visit.documents().get(document.id.get_ref()) {
                Some(DocumentAnswer::WithMe) => DocumentState::WithMe,
                Some(DocumentAnswer::Later) => DocumentState::Later,
                None => DocumentState::Unset,
            },
        })
        .collect();
    adapter.set_documents(ModelRc::new(VecModel::from(rows)));
    adapter.set_next_enabled(visit.documents_answered());
}

/// Nothing of a former visitor stays behind in the properties.
pub fn forget(app: &App) {
    app.global::<DocumentsAdapter>().set_documents(ModelRc::default());
}
